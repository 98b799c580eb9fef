/*
 * to_date and to_timestamp with a format pattern: reading dates and times as the pattern says.
 *
 * Phases: 1. the text is read field by field into struct fields, by PostgreSQL's rules for spaces,
 * separators and widths; 2. the fields become a date and a time, later ones winning over earlier where
 * they say the same thing (J, IW, DDD …); 3. ranges are checked.
 */
#include "engine/base/utf8.h"
#include "engine/function/datetime_fields.h"
#include "engine/function/format_pattern.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

struct fields {
	enum date_mode mode;
	int hh, pm, mi, ss, ssss, d, dd, ddd, mm, ms, us, year, bc, ww, w, cc, j, yysz, tzsign, tzh, tzm, ff;
	bool clock12;
};

struct reader {
	struct row *r;
	const char *s; /* NUL-terminated */
	struct fields f;
	bool fx;
	int extra_skip;
};

static bool is_space(char ch) { return ch == ' ' || (ch >= '\t' && ch <= '\r'); }
static bool is_digit(char ch) { return ch >= '0' && ch <= '9'; }
static bool is_separator(char ch)
{
	return ch > ' ' && ch < 0x7f && !is_digit(ch) && !((ch | 32) >= 'a' && (ch | 32) <= 'z');
}
static unsigned char_size(const char *s) { return *s ? utf8_size((unsigned char)*s) : 0; }

static bool bad_value(struct reader *rd, const struct format_node *n, const char *at, const char *why)
{
	row_error(rd->r, ERR_INVALID_DATETIME_FORMAT, "invalid value \"%.20s\" for \"%s\"", at, n->key->text);
	return err_detail(rd->r->call->err, "%s", why);
}

/* A field given twice must say the same. */
static bool set_int(struct reader *rd, const struct format_node *n, int *dest, int v)
{
	if (*dest != 0 && *dest != v) {
		row_error(rd->r, ERR_INVALID_DATETIME_FORMAT, "conflicting values for \"%s\" field in formatting string", n->key->text);
		return err_detail(rd->r->call->err, "This value contradicts a previous setting for the same field type.");
	}
	*dest = v;
	return true;
}

/* Whether what follows in the pattern ends a number by itself. */
static bool ends_number(const struct format_node *n)
{
	if (n->th || n->TH)
		return true;
	n++;
	if (n->kind == NODE_END)
		return true;
	if (n->kind == NODE_ACTION)
		return !n->key->digits;
	return !(n->ch[1] == 0 && is_digit(n->ch[0]));
}

/* Reads an integer of at most len characters; *used gets how many bytes it took, spaces included. */
static bool read_int_len(struct reader *rd, const struct format_node *n, int *dest, int len, int *used)
{
	const char *from = rd->s;
	char copy[16], *end;
	long v;

	while (is_space(*rd->s))
		rd->s++;
	errno = 0;
	if (n->fm || ends_number(n)) {
		v = strtol(from, &end, 10);
		rd->s = end;
	} else {
		size_t left = strlen(rd->s);
		if (left < (size_t)len) {
			row_error(rd->r, ERR_INVALID_DATETIME_FORMAT, "source string too short for \"%s\" formatting field", n->key->text);
			err_detail(rd->r->call->err, "Field requires %d characters, but only %zu remain.", len, left);
			return err_hint(rd->r->call->err, "If your source string is not fixed-width, try using the \"FM\" modifier.");
		}
		memcpy(copy, rd->s, (size_t)len);
		copy[len] = 0;
		v = strtol(copy, &end, 10);
		if (end > copy && end < copy + len)
			return bad_value(rd, n, copy, "The field requires more digits.");
		rd->s += end - copy;
	}
	if (rd->s == from)
		return bad_value(rd, n, rd->s, "Value must be an integer.");
	if (errno == ERANGE || v < INT_MIN || v > INT_MAX)
		return row_error(rd->r, ERR_DATETIME_OVERFLOW, "value for \"%s\" in source string is out of range", n->key->text);
	if (used)
		*used = (int)(rd->s - from);
	return !dest || set_int(rd, n, dest, (int)v);
}
static bool read_int(struct reader *rd, const struct format_node *n, int *dest)
{
	return read_int_len(rd, n, dest, n->key->len, NULL);
}

/* Index of the word in the list that the text starts with, in any case; `most` letters of each count. */
static bool read_word(struct reader *rd, const struct format_node *n, const char *const *words, int count, int most, int *out)
{
	for (int i = 0; i < count; i++) {
		int len = 0;
		while (len < most && words[i][len] && (rd->s[len] | 32) == (words[i][len] | 32))
			len++;
		if (len == most || !words[i][len]) {
			rd->s += len;
			*out = i;
			return true;
		}
	}
	return bad_value(rd, n, rd->s, "The given value did not match any of the allowed values for this field.");
}

static int year_2020(int y) { return y < 70 ? y + 2000 : y < 100 ? y + 1900 : y < 520 ? y + 2000 : y < 1000 ? y + 1000 : y; }

static bool read_partial_year(struct reader *rd, const struct format_node *n, int size)
{
	int used;

	if (!read_int_len(rd, n, &rd->f.year, n->key->len, &used))
		return false;
	if (used < 4)
		rd->f.year = year_2020(rd->f.year);
	rd->f.yysz = size;
	return true;
}

static bool read_grouped_year(struct reader *rd, const struct format_node *n)
{
	int thousands, years, used = 0;

	if (sscanf(rd->s, "%d,%03d%n", &thousands, &years, &used) < 2)
		return row_error(rd->r, ERR_INVALID_DATETIME_FORMAT, "invalid input string for \"Y,YYY\"");
	if (thousands > INT_MAX / 1000 - 1 || thousands < INT_MIN / 1000 + 1)
		return row_error(rd->r, ERR_DATETIME_OVERFLOW, "value for \"Y,YYY\" in source string is out of range");
	rd->s += used;
	rd->f.yysz = 4;
	return set_int(rd, n, &rd->f.year, years + thousands * 1000);
}

/* Digits of a second's fraction: "25" is a quarter, "025" is not. */
static bool read_fraction(struct reader *rd, const struct format_node *n, int *dest, int len, int full)
{
	int used;

	if (!read_int_len(rd, n, dest, len, &used))
		return false;
	for (; used < full; used++)
		*dest *= 10;
	return true;
}

static bool read_zone_hour(struct reader *rd, const struct format_node *n)
{
	if (*rd->s == '+' || *rd->s == '-' || *rd->s == ' ') {
		rd->f.tzsign = *rd->s == '-' ? -1 : 1;
		rd->s++;
	} else {
		/* a minus may have been taken for a separator */
		rd->f.tzsign = rd->extra_skip > 0 && rd->s[-1] == '-' ? -1 : 1;
	}
	return read_int_len(rd, n, &rd->f.tzh, 2, NULL);
}

static const char *const am_long[] = {"a.m.", "p.m."}, *const am_short[] = {"am", "pm"};
static const char *const ad_long[] = {"a.d.", "b.c."}, *const ad_short[] = {"ad", "bc"};
static const char *const roman[] = {"xii", "xi", "x", "ix", "viii", "vii", "vi", "v", "iv", "iii", "ii", "i"};

static bool read_name_field(struct reader *rd, const struct format_node *n)
{
	struct fields *f = &rd->f;
	int v;

	switch ((int)n->key->id) {
	case P_AM_DOTS: case P_AM:
		f->clock12 = true;
		return read_word(rd, n, n->key->id == P_AM ? am_short : am_long, 2, 9, &v) && set_int(rd, n, &f->pm, v);
	case P_AD_DOTS: case P_AD:
		return read_word(rd, n, n->key->id == P_AD ? ad_short : ad_long, 2, 9, &v) && set_int(rd, n, &f->bc, v);
	case P_MONTH: return read_word(rd, n, month_names, 12, 9, &v) && set_int(rd, n, &f->mm, v + 1);
	case P_MON: return read_word(rd, n, month_names, 12, 3, &v) && set_int(rd, n, &f->mm, v + 1);
	case P_RM: return read_word(rd, n, roman, 12, 9, &v) && set_int(rd, n, &f->mm, 12 - v);
	case P_DAY: case P_DY:
		if (!read_word(rd, n, day_names, 7, n->key->id == P_DAY ? 9 : 3, &v) || !set_int(rd, n, &f->d, v))
			return false;
		f->d++;
		return true;
	}
	row_error(rd->r, ERR_FEATURE_NOT_SUPPORTED, "formatting field \"%s\" is only supported in to_char", n->key->text);
	return false;
}

static bool read_field(struct reader *rd, const struct format_node *n)
{
	struct fields *f = &rd->f;

	switch ((int)n->key->id) {
	case P_FX: rd->fx = true; return true;
	case P_HH12: f->clock12 = true; return read_int_len(rd, n, &f->hh, 2, NULL);
	case P_HH24: return read_int_len(rd, n, &f->hh, 2, NULL);
	case P_MI: return read_int(rd, n, &f->mi);
	case P_SS: return read_int(rd, n, &f->ss);
	case P_MS: return read_fraction(rd, n, &f->ms, 3, 3);
	case P_FF1: case P_FF2: case P_FF3: case P_FF4: case P_FF5: case P_FF6:
		f->ff = n->key->id - P_FF1 + 1;
		return read_fraction(rd, n, &f->us, f->ff, 6);
	case P_US: return read_fraction(rd, n, &f->us, 6, 6);
	case P_SSSS: return read_int(rd, n, &f->ssss);
	case P_TZH: return read_zone_hour(rd, n);
	case P_TZM:
		f->tzsign = f->tzsign ? f->tzsign : 1;
		return read_int_len(rd, n, &f->tzm, 2, NULL);
	case P_MM: return read_int_len(rd, n, &f->mm, 2, NULL);
	case P_DDD: case P_IDDD: return read_int_len(rd, n, &f->ddd, 3, NULL);
	case P_DD: return read_int_len(rd, n, &f->dd, 2, NULL);
	case P_D: return read_int_len(rd, n, &f->d, 1, NULL);
	case P_ID:
		if (!read_int_len(rd, n, &f->d, 1, NULL))
			return false;
		f->d = f->d >= 7 ? 1 : f->d + 1; /* counted from Sunday = 1 */
		return true;
	case P_WW: case P_IW: return read_int(rd, n, &f->ww);
	case P_Q: return read_int(rd, n, NULL); /* says no date */
	case P_CC: return read_int(rd, n, &f->cc);
	case P_Y_YYY: return read_grouped_year(rd, n);
	case P_YYYY: case P_IYYY: f->yysz = 4; return read_int(rd, n, &f->year);
	case P_YYY: case P_IYY: return read_partial_year(rd, n, 3);
	case P_YY: case P_IY: return read_partial_year(rd, n, 2);
	case P_Y: case P_I: return read_partial_year(rd, n, 1);
	case P_W: return read_int(rd, n, &f->w);
	case P_J: return read_int(rd, n, &f->j);
	}
	return read_name_field(rd, n);
}

static bool read_action(struct reader *rd, const struct format_node *n)
{
	if (n->key->mode != MODE_NONE) {
		if (rd->f.mode != MODE_NONE && rd->f.mode != n->key->mode) {
			row_error(rd->r, ERR_INVALID_DATETIME_FORMAT, "invalid combination of date conventions");
			return err_hint(rd->r->call->err, "Do not mix Gregorian and ISO week date conventions in a formatting template.");
		}
		rd->f.mode = n->key->mode;
	}
	if (!read_field(rd, n))
		return false;
	if ((n->th || n->TH) && n->key->digits) {
		rd->s += char_size(rd->s);
		rd->s += char_size(rd->s);
	}
	if (!rd->fx)
		for (rd->extra_skip = 0; is_space(*rd->s); rd->extra_skip++)
			rd->s++;
	return true;
}

static bool read_all(struct reader *rd, const struct format_node *nodes)
{
	for (const struct format_node *n = nodes; n->kind != NODE_END && *rd->s; n++) {
		if (!rd->fx && (n->kind == NODE_ACTION || n == nodes))
			for (; is_space(*rd->s); rd->extra_skip++)
				rd->s++;
		switch (n->kind) {
		case NODE_SPACE:
		case NODE_SEPARATOR:
			if (rd->fx) {
				rd->s += char_size(rd->s);
			} else if (is_space(*rd->s) || is_separator(*rd->s)) {
				rd->s++;
			} else {
				rd->extra_skip--;
			}
			break;
		case NODE_CHAR:
			if (!rd->fx && rd->extra_skip > 0)
				rd->extra_skip--;
			else
				rd->s += char_size(rd->s);
			break;
		case NODE_ACTION:
			if (!read_action(rd, n))
				return false;
			break;
		case NODE_END:
			break;
		}
	}
	return true;
}

/* ---- phase 2 ---- */

struct reading {
	int year, month, day, hour, minute, second, usec;
	bool has_year, has_month, has_day;
};

static void whole_date(struct reading *t, int64_t julian)
{
	date_to_civil((int32_t)(julian - 2451545), &t->year, &t->month, &t->day);
	t->has_year = t->has_month = t->has_day = true;
}

static bool resolve_time(struct row *r, const struct fields *f, struct reading *t)
{
	if (f->ssss) {
		t->hour = f->ssss / 3600;
		t->minute = f->ssss % 3600 / 60;
		t->second = f->ssss % 60;
	}
	t->second = f->ss ? f->ss : t->second;
	t->minute = f->mi ? f->mi : t->minute;
	t->hour = f->hh ? f->hh : t->hour;
	t->usec = f->ms * 1000 + f->us;
	if (!f->clock12)
		return true;
	if (t->hour < 1 || t->hour > 12) {
		row_error(r, ERR_INVALID_DATETIME_FORMAT, "hour \"%d\" is invalid for the 12-hour clock", t->hour);
		return err_hint(r->call->err, "Use the 24-hour clock, or give an hour between 1 and 12.");
	}
	if (f->pm && t->hour < 12)
		t->hour += 12;
	else if (!f->pm && t->hour == 12)
		t->hour = 0;
	return true;
}

static void resolve_year(const struct fields *f, struct reading *t)
{
	int cc = f->bc ? -f->cc : f->cc;

	if (f->year && f->cc && f->yysz <= 2) {
		t->year = f->year % 100;
		if (t->year)
			t->year = cc >= 0 ? t->year + (cc - 1) * 100 : (cc + 1) * 100 - t->year + 1;
		else
			t->year = cc * 100 + (cc >= 0 ? 0 : 1);
	} else if (f->year) {
		t->year = f->bc ? -f->year : f->year;
		if (t->year < 0)
			t->year++;
	} else if (f->cc) {
		t->year = cc >= 0 ? (cc - 1) * 100 + 1 : cc * 100 + 1;
	}
	t->has_year = f->year || f->cc;
}

static bool resolve_day_of_year(struct row *r, const struct fields *f, int ddd, struct reading *t)
{
	int32_t first;
	int year, month, day;

	if (!t->year && !f->bc)
		return row_error(r, ERR_INVALID_DATETIME_FORMAT, "cannot calculate day of year without year information");
	if (f->mode == MODE_ISO) {
		whole_date(t, date_julian(date_iso_year_start(t->year)) - 1 + ddd);
		return true;
	}
	first = date_from_civil(t->year, 1, 1);
	date_to_civil(first + ddd - 1, &year, &month, &day);
	if (ddd < 1 || year != t->year) { /* months are counted on, days of the last month too */
		month = ddd < 1 ? 1 : 13;
		day = ddd < 1 ? ddd : ddd - (date_from_civil(t->year + 1, 1, 1) - first);
	}
	if (t->month <= 1)
		t->month = month;
	if (t->day <= 1)
		t->day = day;
	t->has_month = t->has_day = true;
	return true;
}

static bool resolve_date(struct row *r, const struct fields *f, struct reading *t)
{
	int ddd = f->ddd, dd = f->dd;

	resolve_year(f, t);
	if (f->j)
		whole_date(t, f->j);
	if (f->ww && f->mode == MODE_ISO) {
		int64_t monday = date_julian(date_iso_year_start(t->year)) + (int64_t)(f->ww - 1) * 7;
		whole_date(t, f->d ? monday + (f->d > 1 ? f->d - 2 : 6) : monday);
	} else if (f->ww) {
		ddd = (int)((unsigned)(f->ww - 1) * 7u + 1u);
	}
	if (f->w)
		dd = (int)((unsigned)(f->w - 1) * 7u + 1u);
	if (dd) {
		t->day = dd;
		t->has_day = true;
	}
	if (f->mm) {
		t->month = f->mm;
		t->has_month = true;
	}
	return !ddd || (t->month > 1 && t->day > 1) || resolve_day_of_year(r, f, ddd, t);
}

static bool out_of_range(struct row *r)
{
	struct str s = row_str(r, 0);

	return row_error(r, ERR_DATETIME_OVERFLOW, "date/time field value out of range: \"%.*s\"",
					 (int)(s.len < 200 ? s.len : 200), s.data);
}

static bool check_ranges(struct row *r, const struct fields *f, const struct reading *t)
{
	bool bad = (t->has_month && (t->month < 1 || t->month > 12)) || (t->has_day && (t->day < 1 || t->day > 31));

	bad |= t->has_year && t->has_month && t->has_day && !bad && !date_is_valid(t->year, t->month, t->day);
	bad |= t->hour < 0 || t->hour > 23 || t->minute < 0 || t->minute > 59 || t->second < 0 || t->second > 59 ||
		   t->usec < 0 || t->usec >= USEC_PER_SEC;
	bad |= f->tzsign && (f->tzh < 0 || f->tzh > 15 || f->tzm < 0 || f->tzm > 59);
	return !bad || out_of_range(r);
}

static bool read_by_format(struct row *r, struct fields *f, struct reading *t)
{
	struct str s = row_str(r, 0);
	struct reader rd = {.r = r};
	struct strbuf copy;
	bool ok;

	strbuf_init(&copy, 0);
	strbuf_add(&copy, s.data, s.len);
	rd.s = strbuf_cstr(&copy);
	ok = read_all(&rd, format_nodes(r->call, row_str(r, 1), false));
	strbuf_release(&copy);
	*f = rd.f;
	*t = (struct reading){.month = 1, .day = 1};
	return ok && resolve_time(r, f, t) && resolve_date(r, f, t) && check_ranges(r, f, t);
}

/* Years whose days fit: 4714 BC … 5874897. */
static bool valid_julian(const struct reading *t)
{
	return (t->year > -4713 || (t->year == -4713 && t->month >= 11)) &&
		   (t->year < 5874898 || (t->year == 5874898 && t->month < 6));
}

static bool to_date_row(struct row *r)
{
	struct fields f;
	struct reading t;
	int32_t d;

	if (!read_by_format(r, &f, &t))
		return false;
	d = valid_julian(&t) ? date_from_civil(t.year, t.month, t.day) : INT32_MIN;
	if (d < -2451545 || t.year > 5874897)
		return row_error(r, ERR_DATETIME_OVERFLOW, "date out of range: \"%.*s\"", (int)row_str(r, 0).len, row_str(r, 0).data);
	return row_set_i32(r, d);
}
ROWS(to_date_fn, to_date_row, ROWS_PLAIN)

static bool to_timestamp_row(struct row *r)
{
	struct fields f;
	struct reading t;
	int64_t us;

	if (!read_by_format(r, &f, &t))
		return false;
	if (t.year < -4713 || t.year > 294276)
		return row_error(r, ERR_DATETIME_OVERFLOW, "timestamp out of range");
	us = timestamp_from_civil(&(struct civil){t.year, t.month, t.day, t.hour, t.minute, t.second, t.usec});
	if (f.tzsign)
		us -= f.tzsign * (f.tzh * INT64_C(3600) + f.tzm * 60) * USEC_PER_SEC;
	else if (!zone_to_utc(r->call->text->timezone, us, &us, r->call->err))
		return false;
	if (us < -INT64_C(211813488000000000) || us >= INT64_C(9223371331200000000))
		return row_error(r, ERR_DATETIME_OVERFLOW, "timestamp out of range");
	return row_set_i64(r, f.ff ? timestamp_round(us, f.ff) : us);
}
ROWS(to_timestamp_fn, to_timestamp_row, ROWS_PLAIN)

const struct func functions_format_parse[] = {
	FNV("to_date", DATE, to_date_fn, FAIL, STABLE, "date read from a text by a format pattern", T(TEXT), T(TEXT)),
	FNV("to_timestamp", TIMESTAMPTZ, to_timestamp_fn, FAIL, STABLE, "timestamp read from a text by a format pattern", T(TEXT), T(TEXT)),
	FN_END,
};
