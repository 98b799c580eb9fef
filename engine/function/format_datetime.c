/*
 * to_char of timestamp, timestamptz and interval. Names of days and months are English (lc_time C). TZ
 * writes UTC by name, others by offset as PostgreSQL does for zones without letters.
 */
#include "engine/function/datetime_fields.h"
#include "engine/function/format_pattern.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"

struct moment {
	bool interval;
	bool zoned;
	int64_t year; /* astronomical for timestamps */
	int month, day, yday, wday;
	int64_t hour;
	int minute, second, usec;
	int east;     /* seconds */
	int32_t days; /* since 2000-01-01 of year, month and day, also of an interval's */
};

static void put_name(struct strbuf *out, const struct format_node *n, const char *name, int width, int most)
{
	int len = 0;

	for (; name[len] && len < most; len++) {
		char ch = name[len];
		if (n->key->name_case == CASE_UPPER && ch >= 'a' && ch <= 'z')
			ch = (char)(ch - 32);
		else if (n->key->name_case == CASE_LOWER && ch >= 'A' && ch <= 'Z')
			ch = (char)(ch + 32);
		strbuf_addc(out, ch);
	}
	for (; len < width && !n->fm && !n->tm; len++)
		strbuf_addc(out, ' ');
}

/* With the sign counted into the width of negative ones, and the ordinal suffix when asked for. */
static bool put_number(struct row *r, const struct format_node *n, int64_t v, int width)
{
	size_t from = r->buf->len;
	const char *suffix;

	strbuf_addf(r->buf, "%0*lld", n->fm ? 0 : v < 0 ? width + 1 : width, (long long)v);
	if (!n->th && !n->TH)
		return true;
	suffix = ordinal_suffix(str_make(r->buf->data + from, r->buf->len - from), n->TH, r->call->err);
	if (suffix)
		strbuf_adds(r->buf, suffix);
	return suffix != NULL;
}

static bool put_fraction(struct row *r, const struct format_node *n, int usec, int digits)
{
	static const int unit[] = {100000, 10000, 1000, 100, 10, 1};
	struct format_node padded = *n;

	padded.fm = false;
	return put_number(r, &padded, usec / unit[digits - 1], digits);
}

static bool put_century(struct row *r, const struct format_node *n, const struct moment *m)
{
	int64_t c = m->interval ? m->year / 100 : m->year > 0 ? (m->year - 1) / 100 + 1 : m->year / 100 - 1;

	return put_number(r, n, c, c <= 99 && c >= -99 ? 2 : 0);
}

static int64_t shown_year(const struct moment *m, int64_t year)
{
	return m->interval || year > 0 ? year : -(year - 1);
}

/* The width follows the sign of the calendar year, also where the ISO year is written. */
static bool put_year(struct row *r, const struct format_node *n, const struct moment *m, int64_t v, int width)
{
	return put_number(r, n, v, width + (shown_year(m, m->year) < 0) - (v < 0));
}

static bool put_grouped_year(struct row *r, const struct format_node *n, const struct moment *m)
{
	int64_t y = shown_year(m, m->year);
	size_t from = r->buf->len;
	const char *suffix = "";

	strbuf_addf(r->buf, "%lld,%03lld", (long long)(y / 1000), (long long)(y - y / 1000 * 1000));
	if (n->th || n->TH)
		suffix = ordinal_suffix(str_make(r->buf->data + from, r->buf->len - from), n->TH, r->call->err);
	strbuf_adds(r->buf, suffix ? suffix : "");
	return suffix != NULL;
}

static void put_roman_month(struct strbuf *out, const struct format_node *n, const struct moment *m)
{
	static const char *const numerals[12] = {"XII", "XI", "X", "IX", "VIII", "VII", "VI", "V", "IV", "III", "II", "I"};
	int at;

	if (!m->month && !m->year)
		return;
	if (m->month == 0)
		at = m->year >= 0 ? 0 : 11;
	else
		at = m->month < 0 ? -(m->month + 1) : 12 - m->month;
	put_name(out, n, numerals[at], 4, 4);
}

static void put_offset(struct strbuf *out, const struct format_node *n, int east)
{
	int size = east < 0 ? -east : east;

	strbuf_addf(out, "%c%0*d", east < 0 ? '-' : '+', n->fm ? 0 : 2, size / 3600);
	if (size % 3600)
		strbuf_addf(out, ":%02d", size % 3600 / 60);
}

static void put_zone(struct row *r, const struct format_node *n, const struct moment *m)
{
	int size = m->east < 0 ? -m->east : m->east;

	if (!m->zoned)
		return;
	if (cstr_eq_nocase(r->call->text->timezone, "UTC")) {
		strbuf_adds(r->buf, n->key->name_case == CASE_LOWER ? "utc" : "UTC");
		return;
	}
	strbuf_addf(r->buf, "%c%02d", m->east < 0 ? '-' : '+', size / 3600);
	if (size % 3600)
		strbuf_addf(r->buf, "%02d", size % 3600 / 60);
}

/* Fields of the calendar that intervals do not have. */
static bool is_calendar_only(enum pattern_id id)
{
	switch ((int)id) {
	case P_TZ: case P_TZH: case P_TZM: case P_OF: case P_AD: case P_AD_DOTS: case P_MONTH: case P_MON: case P_DAY:
	case P_DY: case P_D: case P_ID:
		return true;
	}
	return false;
}

static bool put_time_field(struct row *r, const struct format_node *n, const struct moment *m)
{
	bool pm = m->hour % 24 >= 12;

	switch ((int)n->key->id) {
	case P_AM_DOTS: put_name(r->buf, n, pm ? "P.M." : "A.M.", 0, 4); return true;
	case P_AM: put_name(r->buf, n, pm ? "PM" : "AM", 0, 2); return true;
	case P_HH12: return put_number(r, n, m->hour % 12 == 0 ? 12 : m->hour % 12, m->hour < 0 && m->hour % 12 == 0 ? 3 : 2);
	case P_HH24: return put_number(r, n, m->hour, 2);
	case P_MI: return put_number(r, n, m->minute, 2);
	case P_SS: return put_number(r, n, m->second, 2);
	case P_FF1: case P_FF2: case P_FF3: case P_FF4: case P_FF5: case P_FF6:
		return put_fraction(r, n, m->usec, n->key->id - P_FF1 + 1);
	case P_MS: return put_fraction(r, n, m->usec, 3);
	case P_US: return put_fraction(r, n, m->usec, 6);
	case P_SSSS: return put_number(r, n, m->hour * 3600 + m->minute * 60 + m->second, 0);
	case P_TZ: put_zone(r, n, m); return true;
	case P_TZH:
		strbuf_addf(r->buf, "%c%02d", m->east < 0 ? '-' : '+', (m->east < 0 ? -m->east : m->east) / 3600);
		return true;
	case P_TZM: strbuf_addf(r->buf, "%02d", (m->east < 0 ? -m->east : m->east) % 3600 / 60); return true;
	case P_OF: put_offset(r->buf, n, m->east); return true;
	}
	return true;
}

static bool put_date_field(struct row *r, const struct format_node *n, const struct moment *m)
{
	int iso_year = 0, iso_week = 0;
	int64_t y;

	date_iso_week(m->days, &iso_year, &iso_week);
	y = shown_year(m, n->key->mode == MODE_ISO ? iso_year : m->year);
	switch ((int)n->key->id) {
	case P_AD_DOTS: put_name(r->buf, n, m->year <= 0 ? "B.C." : "A.D.", 0, 4); return true;
	case P_AD: put_name(r->buf, n, m->year <= 0 ? "BC" : "AD", 0, 2); return true;
	case P_CC: return put_century(r, n, m);
	case P_MONTH: put_name(r->buf, n, month_names[m->month - 1], 9, 9); return true;
	case P_MON: put_name(r->buf, n, month_names[m->month - 1], 0, 3); return true;
	case P_MM: return put_number(r, n, m->month, 2);
	case P_DAY: put_name(r->buf, n, day_names[m->wday], 9, 9); return true;
	case P_DY: put_name(r->buf, n, day_names[m->wday], 0, 3); return true;
	case P_DDD: return put_number(r, n, m->yday, 3);
	case P_IDDD: return put_number(r, n, m->days - date_iso_year_start(iso_year) + 1, 3);
	case P_DD: return put_number(r, n, m->day, 2);
	case P_D: return put_number(r, n, m->wday + 1, 0);
	case P_ID: return put_number(r, n, m->wday ? m->wday : 7, 0);
	case P_WW: return put_number(r, n, (m->yday - 1) / 7 + 1, 2);
	case P_IW: return put_number(r, n, iso_week, 2);
	case P_Q: return m->month ? put_number(r, n, (m->month - 1) / 3 + 1, 0) : true;
	case P_Y_YYY: return put_grouped_year(r, n, m);
	case P_YYYY: case P_IYYY: return put_year(r, n, m, y, 4);
	case P_YYY: case P_IYY: return put_year(r, n, m, y % 1000, 3);
	case P_YY: case P_IY: return put_year(r, n, m, y % 100, 2);
	case P_Y: case P_I: return put_number(r, n, y % 10, 1);
	case P_RM: put_roman_month(r->buf, n, m); return true;
	case P_W: return put_number(r, n, (m->day - 1) / 7 + 1, 0);
	case P_J: return put_number(r, n, date_julian(m->days), 0);
	}
	return put_time_field(r, n, m);
}

static bool put_moment(struct row *r, const struct moment *m)
{
	for (const struct format_node *n = format_nodes(r->call, row_str(r, 1), false); n->kind != NODE_END; n++) {
		if (n->kind != NODE_ACTION) {
			strbuf_adds(r->buf, n->ch);
			continue;
		}
		if (m->interval && is_calendar_only(n->key->id)) {
			row_error(r, ERR_INVALID_DATETIME_FORMAT, "invalid format specification for an interval value");
			return err_hint(r->call->err, "Intervals are not tied to specific calendar dates.");
		}
		if (!put_date_field(r, n, m))
			return false;
	}
	return true;
}

static bool timestamp_to_char(struct row *r, bool zoned)
{
	struct moment m = {.zoned = zoned};
	int64_t t = row_i64(r, 0);
	struct civil c;

	if (row_str(r, 1).len == 0 || t == TIMESTAMP_INFINITY || t == TIMESTAMP_NEG_INFINITY)
		return row_set_null(r);
	if (zoned && !zone_offset_utc(r->call->text->timezone, t, &m.east, r->call->err))
		return false;
	timestamp_to_civil(t + m.east * USEC_PER_SEC, &c);
	m.year = c.year;
	m.month = c.month;
	m.day = c.day;
	m.hour = c.hour;
	m.minute = c.minute;
	m.second = c.second;
	m.usec = c.usec;
	m.days = date_from_civil(c.year, c.month, c.day);
	m.yday = m.days - date_from_civil(c.year, 1, 1) + 1;
	m.wday = date_isodow(m.days) % 7;
	return put_moment(r, &m);
}
static bool timestamp_row(struct row *r) { return timestamp_to_char(r, false); }
static bool timestamptz_row(struct row *r) { return timestamp_to_char(r, true); }
ROWS(timestamp_fn, timestamp_row, ROWS_BUILD | ROWS_NULLABLE)
ROWS(timestamptz_fn, timestamptz_row, ROWS_BUILD | ROWS_NULLABLE)

/* The day that an interval's fields would name, by the arithmetic that PostgreSQL applies to them
 * although months go from -11 to 11 and days are not bounded. */
static int32_t interval_days(int y, int month, int day)
{
	int64_t m = month > 2 ? month + 1 : month + 13, years = month > 2 ? y + INT64_C(4800) : y + INT64_C(4799);

	return (int32_t)(years * 365 - 32167 + years / 4 - years / 100 + years / 400 + 7834 * m / 256 + day - 2451545);
}

static bool interval_row(struct row *r)
{
	const struct interval *i = row_interval(r, 0);
	struct moment m = {.interval = true};

	if (row_str(r, 1).len == 0)
		return row_set_null(r);
	m.year = i->months / 12;
	m.month = i->months % 12;
	m.day = i->days;
	m.yday = (int)((uint32_t)i->months * 30u + (uint32_t)i->days); /* the whole span, about */
	m.days = interval_days(i->months / 12, m.month, i->days);
	m.hour = i->usec / (3600 * USEC_PER_SEC);
	m.minute = (int)(i->usec / (60 * USEC_PER_SEC) % 60);
	m.second = (int)(i->usec / USEC_PER_SEC % 60);
	m.usec = (int)(i->usec % USEC_PER_SEC);
	return put_moment(r, &m);
}
ROWS(interval_fn, interval_row, ROWS_BUILD | ROWS_NULLABLE)

#define TO_CHAR(type, fn) FNV("to_char", TEXT, fn, SOME_NULL | FAIL, STABLE, "the value as text by a format pattern", T(type), T(TEXT))

const struct func functions_format_datetime[] = {
	TO_CHAR(TIMESTAMP, timestamp_fn),
	TO_CHAR(TIMESTAMPTZ, timestamptz_fn),
	TO_CHAR(INTERVAL, interval_fn),
	FN_END,
};
