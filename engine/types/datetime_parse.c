/*
 * Reading dates, times and timestamps: one decoder goes through the fields that fields_split found and
 * collects a broken-down time and a bit for each part seen; a part seen twice is an error. The rules
 * are those of PostgreSQL 15 (manual 8.5 and B.1), compared with it input by input.
 */
#include <math.h>
#include <stdlib.h>

#include "engine/types/datetime_int.h"

enum part {
	YEAR = 1 << 0,
	MONTH = 1 << 1,
	DAY = 1 << 2,
	HOUR = 1 << 3,
	MINUTE = 1 << 4,
	SECOND = 1 << 5,
	ZONE = 1 << 6,
	DST = 1 << 7,	 /* a bare "dst" */
	DAY_OF_YEAR = 1 << 8,
	WEEKDAY = 1 << 9,
	MERIDIEM = 1 << 10,
	ERA = 1 << 11,
	RESERVED = 1 << 12, /* epoch, infinity: other parts beside them are read and dropped */
	DATE_PARTS = YEAR | MONTH | DAY,
	TIME_PARTS = HOUR | MINUTE | SECOND,
};

/* Words. PREFIX_*: the number that follows is that part ("y2001m02d04", "j2451187", "t040506"). */
enum word_kind {
	WORD_MONTH,
	WORD_WEEKDAY,
	WORD_MERIDIEM, /* value 1: pm */
	WORD_ERA,	   /* value 1: bc */
	WORD_NOW,
	WORD_DAY, /* value: days from today */
	WORD_ZULU,
	WORD_EPOCH,
	WORD_INFINITY, /* value: 1, -1 */
	WORD_DST,
	WORD_IGNORED,
	WORD_ISO_TIME,
	WORD_PREFIX,
};
enum prefix { PREFIX_NONE, PREFIX_YEAR, PREFIX_MONTH, PREFIX_DAY, PREFIX_HOUR, PREFIX_MINUTE, PREFIX_SECOND, PREFIX_JULIAN, PREFIX_TIME, PREFIX_OTHER };

static const struct word {
	const char *text;
	enum word_kind kind;
	int value;
} words[] = {
#define WORD(text, kind, value) {text, WORD_##kind, value},
#include "engine/types/datetime_words.def"
#undef WORD
};

enum special { SPECIAL_NONE, SPECIAL_EPOCH, SPECIAL_INFINITY, SPECIAL_NEG_INFINITY };

struct decoder {
	const struct text_context *tc;
	struct fields f;
	bool time_only; /* reading time or timetz */
	unsigned seen;
	struct civil tm; /* usec up to 1000000, after rounding */
	int day_of_year;
	bool text_month, two_digits, julian, bc, has_meridiem, pm;
	enum prefix prefix; /* of the number that must follow */
	enum special special;
	bool named_zone, abbreviation; /* zone counts, else west */
	struct zone_ref zone;
	int west;				/* seconds, when ZONE is seen without a named zone */
	const char *unknown_zone; /* for the error */
};

static const struct word *find_word(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i].text, text) == 0)
			return &words[i];
	return NULL;
}

/* "+07", "-0330", "+07:30:15": seconds west. */
static enum read_result read_zone_offset(const char *p, int *west)
{
	bool negative = *p == '-';
	const char *start = p, *end;
	int hours, minutes = 0, seconds = 0;

	if (*p != '+' && *p != '-')
		return READ_BAD;
	if (!read_int(p + 1, &end, &hours))
		return READ_ZONE_OVERFLOW;
	if (*end == ':') {
		if (!read_int(end + 1, &end, &minutes))
			return READ_ZONE_OVERFLOW;
		if (*end == ':' && !read_int(end + 1, &end, &seconds))
			return READ_ZONE_OVERFLOW;
	} else if (*end == '\0' && strlen(start) > 3) {
		minutes = hours % 100;
		hours /= 100;
	}
	if (hours < 0 || hours > 15 || minutes < 0 || minutes >= 60 || seconds < 0 || seconds >= 60)
		return READ_ZONE_OVERFLOW;
	*west = hours * 3600 + minutes * 60 + seconds;
	if (!negative)
		*west = -*west;
	return *end == '\0' ? READ_OK : READ_BAD;
}

static int digits_value(const char *p, size_t n)
{
	int x = 0;
	while (n-- > 0)
		x = x * 10 + (*p++ - '0');
	return x;
}

/* yyyymmdd, yymmdd, hhmmss[.fff], hhmm run together. `seen` may pretend a date to force a time. */
static enum read_result read_run_together(struct decoder *d, const char *text, unsigned seen, unsigned *parts)
{
	const char *point = strchr(text, '.');
	size_t len = point ? (size_t)(point - text) : strlen(text);
	int usec = 0;

	for (size_t i = 0; i < len; i++)
		if (text[i] < '0' || text[i] > '9')
			return READ_BAD;
	if (point) {
		char *end;
		usec = (int)rint(strtod(point, &end) * 1000000);
	} else if ((seen & DATE_PARTS) != DATE_PARTS && len >= 6) {
		int64_t year;
		const char *end;
		*parts = DATE_PARTS;
		d->tm.day = digits_value(text + len - 2, 2);
		d->tm.month = digits_value(text + len - 4, 2);
		if (len - 4 > 9 || !read_int64(text, &end, &year))
			return READ_OVERFLOW;
		d->tm.year = digits_value(text, len - 4);
		d->two_digits = len - 4 == 2;
		return READ_OK;
	}
	if ((seen & TIME_PARTS) != TIME_PARTS && (len == 6 || len == 4)) {
		*parts = TIME_PARTS;
		d->tm.hour = digits_value(text, 2);
		d->tm.minute = digits_value(text + 2, 2);
		d->tm.second = len == 6 ? digits_value(text + 4, 2) : 0;
		d->tm.usec = usec;
		return READ_OK;
	}
	return READ_BAD;
}

/* Which part of a date a bare number is, from what was seen before and the date order. */
static enum read_result place_number(struct decoder *d, int value, size_t len, const char *text, unsigned seen,
									 bool text_month, unsigned *parts)
{
	switch (seen & DATE_PARTS) {
	case 0:
		if (len >= 3 || d->tc->date_order == ORDER_YMD)
			*parts = YEAR;
		else
			*parts = d->tc->date_order == ORDER_DMY ? DAY : MONTH;
		break;
	case YEAR:
	case DAY:
		*parts = MONTH;
		break;
	case MONTH:
		*parts = text_month && (len >= 3 || d->tc->date_order == ORDER_YMD) ? YEAR : DAY;
		break;
	case YEAR | MONTH:
		*parts = DAY;
		if (text_month && len >= 3 && d->two_digits) { /* what seemed the year was the day: 1 Jan 2020 */
			d->tm.day = d->tm.year;
			d->tm.year = value;
			d->two_digits = false;
			return READ_OK;
		}
		break;
	case MONTH | DAY:
		*parts = YEAR;
		break;
	case YEAR | MONTH | DAY:
		return read_run_together(d, text, seen, parts);
	default:
		return READ_BAD;
	}
	if (*parts == YEAR) {
		d->tm.year = value;
		d->two_digits = len <= 2;
	} else if (*parts == MONTH) {
		d->tm.month = value;
	} else {
		d->tm.day = value;
	}
	return READ_OK;
}

static enum read_result read_number(struct decoder *d, const char *text, unsigned seen, bool text_month,
									unsigned *parts)
{
	const char *end;
	int value;
	size_t len = strlen(text);

	*parts = 0;
	if (!read_int(text, &end, &value))
		return READ_OVERFLOW;
	if (end == text)
		return READ_BAD;
	if (*end == '.') {
		char *stop;
		double f;
		if (end - text > 2)
			return read_run_together(d, text, seen | DATE_PARTS, parts);
		f = strtod(end, &stop);
		if (*stop)
			return READ_BAD;
		d->tm.usec = (int)rint(f * 1000000);
	} else if (*end) {
		return READ_BAD;
	}
	if (len == 3 && (seen & DATE_PARTS) == YEAR && value >= 1 && value <= 366) {
		*parts = DAY_OF_YEAR | MONTH | DAY;
		d->day_of_year = value;
		return READ_OK;
	}
	return place_number(d, value, len, text, seen, text_month, parts);
}

/* A date with separators: the text month first, as it is unambiguous, then the numbers in order. */
static enum read_result read_date(struct decoder *d, char *text, unsigned *parts)
{
	char *piece[FIELDS_MAX], *p = text;
	int n = 0;
	unsigned seen = d->seen, part;
	bool text_month = false;
	enum read_result r;

	*parts = 0;
	while (*p && n < FIELDS_MAX) {
		bool digit;
		while (*p && !((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z')))
			p++;
		if (!*p)
			return READ_BAD; /* a separator at the end */
		piece[n++] = p;
		digit = *p <= '9';
		while (digit ? *p >= '0' && *p <= '9' : *p >= 'a' && *p <= 'z')
			p++;
		if (*p)
			*p++ = '\0';
	}
	for (int i = 0; i < n; i++) {
		const struct word *w;
		if (*piece[i] <= '9')
			continue;
		w = find_word(piece[i]);
		piece[i] = NULL;
		if (w && w->kind == WORD_IGNORED)
			continue;
		if (!w || w->kind != WORD_MONTH || (seen & MONTH))
			return READ_BAD;
		d->tm.month = w->value;
		text_month = true;
		seen |= MONTH;
		*parts |= MONTH;
	}
	for (int i = 0; i < n; i++) {
		if (!piece[i])
			continue;
		r = read_number(d, piece[i], seen, text_month, &part);
		if (r != READ_OK)
			return r;
		if (seen & part)
			return READ_BAD;
		seen |= part;
		*parts |= part;
	}
	return (seen & ~(unsigned)(DAY_OF_YEAR | ZONE)) == DATE_PARTS ? READ_OK : READ_BAD;
}

static enum read_result use_named_zone(struct decoder *d, const char *name, unsigned *parts, enum read_result failure)
{
	*parts = ZONE;
	d->named_zone = true;
	if (zone_find(str_of(name), &d->zone))
		return READ_OK;
	d->unknown_zone = name;
	return failure;
}

static void julian_day(struct decoder *d, int day)
{
	date_to_civil((int32_t)((int64_t)day - 2451545), &d->tm.year, &d->tm.month, &d->tm.day);
	d->julian = true;
}

static enum read_result on_date_field(struct decoder *d, int i, unsigned *parts)
{
	char *text = d->f.text[i], *dash;
	const char *end;
	int value;
	enum read_result r;

	if (d->prefix == PREFIX_JULIAN) { /* "j2451187-07": a zone behind it */
		d->prefix = PREFIX_NONE;
		if (!read_int(text, &end, &value) || value < 0)
			return READ_OVERFLOW;
		julian_day(d, value);
		*parts = DATE_PARTS | TIME_PARTS | ZONE;
		return read_zone_offset(end, &d->west);
	}
	if (d->time_only) {
		/* a date is taken only in front of a time */
		if (i == 0 && d->f.n >= 2 && (d->f.kind[d->f.n - 1] == FIELD_DATE || d->f.kind[1] == FIELD_TIME))
			return read_date(d, text, parts);
	} else if (d->prefix == PREFIX_NONE && (d->seen & (MONTH | DAY)) != (MONTH | DAY)) {
		return read_date(d, text, parts);
	}
	if ((*text < '0' || *text > '9') && d->prefix == PREFIX_NONE)
		return use_named_zone(d, text, parts, READ_ZONE_UNKNOWN);
	if (d->prefix != PREFIX_NONE && d->prefix != PREFIX_TIME)
		return READ_BAD;
	d->prefix = PREFIX_NONE;
	/* hhmmss-zz run together */
	dash = strchr(text, '-');
	if ((d->seen & TIME_PARTS) == TIME_PARTS || !dash)
		return READ_BAD;
	r = read_zone_offset(dash, &d->west);
	if (r != READ_OK)
		return r;
	*dash = '\0';
	r = read_run_together(d, text, d->time_only ? d->seen | DATE_PARTS : d->seen, parts);
	*parts |= ZONE;
	return r;
}

static int64_t time_of(const struct civil *t)
{
	return ((t->hour * INT64_C(60) + t->minute) * 60 + t->second) * USEC_PER_SEC + t->usec;
}

static bool time_overflows(const struct civil *t)
{
	/* an hour 24 and a second 60 are allowed, as long as the sum stays within the day */
	return t->hour < 0 || t->hour > 24 || t->minute < 0 || t->minute > 59 || t->second < 0 || t->second > 60
		   || time_of(t) > USEC_PER_DAY;
}

static enum read_result on_time_field(struct decoder *d, const char *text, unsigned *parts)
{
	int64_t hours;
	enum read_result r;

	if (d->prefix != PREFIX_NONE && d->prefix != PREFIX_TIME)
		return READ_BAD;
	d->prefix = PREFIX_NONE;
	r = read_clock(text, false, &hours, &d->tm.minute, &d->tm.second, &d->tm.usec);
	if (r != READ_OK)
		return r;
	d->tm.hour = hours > 24 ? 25 : (int)hours;
	*parts = TIME_PARTS;
	return time_overflows(&d->tm) ? READ_OVERFLOW : READ_OK;
}

/* The number behind a prefix letter. */
static enum read_result on_prefixed_number(struct decoder *d, const char *text, unsigned *parts)
{
	enum prefix prefix = d->prefix;
	const char *end;
	int value;

	d->prefix = PREFIX_NONE;
	if (prefix == PREFIX_TIME)
		return read_run_together(d, text, d->seen | DATE_PARTS, parts);
	if (!read_int(text, &end, &value))
		return READ_OVERFLOW;
	/* only a Julian day and seconds may have a fraction */
	if (*end && (*end != '.' || (prefix != PREFIX_JULIAN && prefix != PREFIX_SECOND)))
		return READ_BAD;
	switch (prefix) {
	case PREFIX_YEAR:
		d->tm.year = value;
		*parts = YEAR;
		return READ_OK;
	case PREFIX_MONTH: /* behind an hour, m means minutes */
		if ((d->seen & MONTH) && (d->seen & HOUR)) {
			d->tm.minute = value;
			*parts = MINUTE;
		} else {
			d->tm.month = value;
			*parts = MONTH;
		}
		return READ_OK;
	case PREFIX_DAY:
		d->tm.day = value;
		*parts = DAY;
		return READ_OK;
	case PREFIX_HOUR:
		d->tm.hour = value;
		*parts = HOUR;
		return READ_OK;
	case PREFIX_MINUTE:
		d->tm.minute = value;
		*parts = MINUTE;
		return READ_OK;
	case PREFIX_SECOND:
		d->tm.second = value;
		*parts = SECOND;
		if (*end == '.')
			d->tm.usec = (int)rint(strtod(end, NULL) * 1000000);
		return READ_OK;
	case PREFIX_JULIAN: {
		int64_t usec;
		if (value < 0)
			return READ_OVERFLOW;
		julian_day(d, value);
		*parts = DATE_PARTS;
		if (*end == '.') {
			usec = (int64_t)(strtod(end, NULL) * USEC_PER_DAY);
			d->tm.hour = (int)(usec / (3600 * USEC_PER_SEC));
			d->tm.minute = (int)(usec / (60 * USEC_PER_SEC) % 60);
			d->tm.second = (int)(usec / USEC_PER_SEC % 60);
			d->tm.usec = (int)(usec % USEC_PER_SEC);
			*parts |= TIME_PARTS;
		}
		return READ_OK;
	}
	case PREFIX_NONE:
	case PREFIX_TIME:
	case PREFIX_OTHER:
		break;
	}
	return READ_BAD;
}

static enum read_result on_number_field(struct decoder *d, int i, unsigned *parts)
{
	char *text = d->f.text[i];
	size_t len = strlen(text);
	const char *point = strchr(text, '.');

	if (d->prefix != PREFIX_NONE)
		return on_prefixed_number(d, text, parts);
	if (d->time_only) {
		unsigned seen = d->seen | DATE_PARTS;
		if (point) {
			if (i == 0 && d->f.n >= 2 && d->f.kind[d->f.n - 1] == FIELD_DATE)
				return read_date(d, text, parts);
			return point - text > 2 ? read_run_together(d, text, seen, parts) : READ_BAD;
		}
		return len > 4 ? read_run_together(d, text, seen, parts) : read_number(d, text, seen, false, parts);
	}
	if (point && !(d->seen & DATE_PARTS))
		return read_date(d, text, parts);
	if ((point && point - text > 2)
		|| (len >= 6 && (!(d->seen & DATE_PARTS) || !(d->seen & TIME_PARTS))))
		return read_run_together(d, text, d->seen, parts);
	return read_number(d, text, d->seen, d->text_month, parts);
}

static void set_now(struct decoder *d, int add_days, bool with_time)
{
	int64_t utc = d->tc->now, local;
	int east;
	struct err ignored;
	struct civil now;

	err_clear(&ignored);
	if (!zone_offset_utc(d->tc->timezone, utc, &east, &ignored))
		east = 0;
	local = utc + east * USEC_PER_SEC + add_days * USEC_PER_DAY;
	timestamp_to_civil(local, &now);
	if (with_time) {
		d->tm = now;
		d->west = -east;
	} else {
		d->tm.year = now.year;
		d->tm.month = now.month;
		d->tm.day = now.day;
	}
	d->julian = true; /* the year is no AD/BC number to be converted */
}

static enum read_result on_iso_time(struct decoder *d, int i)
{
	enum field_kind next;

	if (!d->time_only && (d->seen & DATE_PARTS) != DATE_PARTS)
		return READ_BAD;
	if (i + 1 >= d->f.n)
		return READ_BAD;
	next = d->f.kind[i + 1];
	if (next != FIELD_NUMBER && next != FIELD_TIME && next != FIELD_DATE)
		return READ_BAD;
	d->prefix = PREFIX_TIME;
	return READ_OK;
}

static enum read_result on_month(struct decoder *d, int month, unsigned *parts)
{
	*parts = MONTH;
	if ((d->seen & MONTH) && !d->text_month && !(d->seen & DAY) && d->tm.month >= 1 && d->tm.month <= 31) {
		d->tm.day = d->tm.month; /* what was taken for the month was the day */
		*parts = DAY;
	}
	d->text_month = true;
	d->tm.month = month;
	return READ_OK;
}

static enum read_result on_word_field(struct decoder *d, int i, unsigned *parts)
{
	const char *text = d->f.text[i];
	const struct word *w;

	*parts = 0;
	if (zone_find_abbreviation(str_of(text), &d->zone)) { /* before all other words */
		*parts = ZONE;
		d->named_zone = d->abbreviation = true;
		return READ_OK;
	}
	w = find_word(text);
	if (!w)
		return use_named_zone(d, text, parts, READ_BAD);
	switch (w->kind) {
	case WORD_IGNORED:
		return READ_OK;
	case WORD_MONTH:
		return d->time_only ? READ_BAD : on_month(d, w->value, parts);
	case WORD_WEEKDAY:
		*parts = WEEKDAY;
		return d->time_only ? READ_BAD : READ_OK;
	case WORD_MERIDIEM:
		*parts = MERIDIEM;
		d->has_meridiem = true;
		d->pm = w->value;
		return READ_OK;
	case WORD_ERA:
		*parts = ERA;
		d->bc = w->value;
		return READ_OK;
	case WORD_NOW:
		*parts = d->time_only ? TIME_PARTS : DATE_PARTS | TIME_PARTS | ZONE;
		set_now(d, 0, true);
		return READ_OK;
	case WORD_DAY:
		*parts = DATE_PARTS;
		if (d->time_only)
			return READ_BAD;
		set_now(d, w->value, false);
		return READ_OK;
	case WORD_ZULU:
		*parts = TIME_PARTS | ZONE;
		d->west = 0;
		return READ_OK;
	case WORD_EPOCH:
	case WORD_INFINITY:
		*parts = RESERVED;
		d->special = w->kind == WORD_EPOCH ? SPECIAL_EPOCH : w->value > 0 ? SPECIAL_INFINITY : SPECIAL_NEG_INFINITY;
		return d->time_only ? READ_BAD : READ_OK;
	case WORD_DST:
		*parts = DST;
		d->west -= 3600;
		return READ_OK;
	case WORD_ISO_TIME:
		return on_iso_time(d, i);
	case WORD_PREFIX:
		d->prefix = (enum prefix)w->value;
		return READ_OK;
	}
	UNREACHABLE();
}

static enum read_result on_field(struct decoder *d, int i, unsigned *parts)
{
	switch (d->f.kind[i]) {
	case FIELD_DATE:
		return on_date_field(d, i, parts);
	case FIELD_TIME:
		return on_time_field(d, d->f.text[i], parts);
	case FIELD_TZ:
		*parts = ZONE;
		return read_zone_offset(d->f.text[i], &d->west);
	case FIELD_NUMBER:
		return on_number_field(d, i, parts);
	case FIELD_STRING:
	case FIELD_SPECIAL:
		return on_word_field(d, i, parts);
	}
	UNREACHABLE();
}

static enum read_result check_date(struct decoder *d)
{
	if ((d->seen & YEAR) && !d->julian) {
		if (d->two_digits && !d->bc) {
			if (d->tm.year < 70)
				d->tm.year += 2000;
			else if (d->tm.year < 100)
				d->tm.year += 1900;
		} else if (d->tm.year <= 0) {
			return READ_OVERFLOW; /* there is no year zero */
		} else if (d->bc) {
			d->tm.year = 1 - d->tm.year;
		}
	}
	if (d->seen & DAY_OF_YEAR)
		date_to_civil(date_from_civil(d->tm.year, 1, 1) + d->day_of_year - 1, &d->tm.year, &d->tm.month, &d->tm.day);
	if ((d->seen & MONTH) && (d->tm.month < 1 || d->tm.month > 12))
		return READ_FIELD_ORDER;
	if ((d->seen & DAY) && (d->tm.day < 1 || d->tm.day > 31))
		return READ_FIELD_ORDER;
	if ((d->seen & DATE_PARTS) == DATE_PARTS && !date_is_valid(d->tm.year, d->tm.month, d->tm.day))
		return READ_OVERFLOW;
	return READ_OK;
}

static enum read_result decode(struct decoder *d, struct str s)
{
	enum read_result r = fields_split(s, &d->f);
	unsigned parts;

	for (int i = 0; r == READ_OK && i < d->f.n; i++) {
		parts = 0;
		r = on_field(d, i, &parts);
		if (r == READ_OK && (parts & d->seen))
			r = READ_BAD;
		d->seen |= parts;
	}
	if (r == READ_OK && (d->f.n == 0 || d->prefix != PREFIX_NONE))
		r = READ_BAD;
	if (r == READ_OK && d->special == SPECIAL_NONE)
		r = check_date(d);
	if (r != READ_OK)
		return r;
	if (d->has_meridiem) {
		if (d->tm.hour > 12)
			return READ_OVERFLOW;
		if (!d->pm && d->tm.hour == 12)
			d->tm.hour = 0;
		else if (d->pm && d->tm.hour != 12)
			d->tm.hour += 12;
	}
	if (d->time_only) {
		if (time_overflows(&d->tm))
			return READ_OVERFLOW;
		return (d->seen & TIME_PARTS) == TIME_PARTS ? READ_OK : READ_BAD;
	}
	/* in a timestamp a run-together time carries over, as in PostgreSQL: '2000-01-01 246000' */
	if (d->special != SPECIAL_NONE)
		return READ_OK;
	if ((d->seen & DATE_PARTS) != DATE_PARTS || ((d->seen & DST) && !(d->seen & ZONE)))
		return READ_BAD;
	return READ_OK;
}

static void decoder_init(struct decoder *d, const struct text_context *tc, bool time_only)
{
	memset(d, 0, sizeof *d);
	d->tc = tc;
	d->time_only = time_only;
	d->tm.year = 2000; /* only looked at when no date is given */
	d->tm.month = d->tm.day = 1;
	d->bc = false;
}

/* ---- the types ---- */

/* PostgreSQL's limits: Julian day 0 (4714-11-24 BC) for all, 5874898-06-03 for days, 294277 for us. */
static bool year_in_range(const struct civil *t)
{
	return (t->year > -4713 || (t->year == -4713 && t->month >= 11)) && t->year < 5874898 + 1;
}

bool date_parse(struct str s, const struct text_context *tc, int32_t *out, struct err *e)
{
	struct decoder d;
	enum read_result r;
	int64_t days;

	decoder_init(&d, tc, false);
	r = decode(&d, s);
	if (r != READ_OK)
		return read_report(r, s, "date", d.unknown_zone, e);
	switch (d.special) {
	case SPECIAL_NONE:
		break;
	case SPECIAL_EPOCH:
		*out = -EPOCH_SHIFT_DAYS;
		return true;
	case SPECIAL_INFINITY:
		*out = DATE_INFINITY;
		return true;
	case SPECIAL_NEG_INFINITY:
		*out = DATE_NEG_INFINITY;
		return true;
	}
	days = year_in_range(&d.tm) ? date_from_civil(d.tm.year, d.tm.month, d.tm.day) : INT64_MAX;
	if (days < -2451545 || days >= INT64_C(2147483494) - 2451545)
		return err_set(e, ERR_DATETIME_OVERFLOW, "date out of range: \"%.*s\"", (int)(s.len < 512 ? s.len : 512),
					   s.data);
	*out = (int32_t)days;
	return true;
}

/* Wall time as microseconds; false when it can't be a timestamp in any zone. */
static bool local_timestamp(const struct civil *t, int64_t *out)
{
	int64_t days;

	if (!year_in_range(t) || t->year > 294277)
		return false;
	days = date_from_civil(t->year, t->month, t->day);
	return !__builtin_mul_overflow(days, USEC_PER_DAY, out) && !__builtin_add_overflow(*out, time_of(t), out);
}

static bool finish_timestamp(int64_t t, int32_t mod, struct str s, int64_t *out, struct err *e)
{
	if (t < INT64_C(-211813488000000000) || t >= INT64_C(9223371331200000000))
		return err_set(e, ERR_DATETIME_OVERFLOW, "timestamp out of range: \"%.*s\"",
					   (int)(s.len < 512 ? s.len : 512), s.data);
	*out = mod < 0 ? t : timestamp_round(t, mod);
	return true;
}

static bool parse_stamp(struct str s, int32_t mod, const struct text_context *tc, bool with_zone, int64_t *out,
						struct err *e)
{
	struct decoder d;
	enum read_result r;
	int64_t t, utc;

	decoder_init(&d, tc, false);
	r = decode(&d, s);
	if (r != READ_OK)
		return read_report(r, s, with_zone ? "timestamp with time zone" : "timestamp", d.unknown_zone, e);
	switch (d.special) {
	case SPECIAL_NONE:
		break;
	case SPECIAL_EPOCH:
		*out = -EPOCH_SHIFT_DAYS * USEC_PER_DAY;
		return true;
	case SPECIAL_INFINITY:
		*out = TIMESTAMP_INFINITY;
		return true;
	case SPECIAL_NEG_INFINITY:
		*out = TIMESTAMP_NEG_INFINITY;
		return true;
	}
	if (!local_timestamp(&d.tm, &t))
		return finish_timestamp(INT64_MIN, mod, s, out, e);
	if (!with_zone)
		return finish_timestamp(t, mod, s, out, e);
	if (!(d.seen & ZONE)) {
		if (!zone_to_utc(tc->timezone, t, &utc, e))
			return false;
		t = utc;
	} else {
		/* "dst" in front of or behind a zone's abbreviation moved d.west by its hour */
		if (d.named_zone)
			d.west -= zone_offset_local(d.zone, t);
		if (__builtin_add_overflow(t, d.west * USEC_PER_SEC, &t))
			t = INT64_MIN;
	}
	return finish_timestamp(t, mod, s, out, e);
}

bool timestamp_parse(struct str s, int32_t mod, const struct text_context *tc, int64_t *out, struct err *e)
{
	return parse_stamp(s, mod, tc, false, out, e);
}

bool timestamptz_parse(struct str s, int32_t mod, const struct text_context *tc, int64_t *out, struct err *e)
{
	return parse_stamp(s, mod, tc, true, out, e);
}

/* A full zone name in a time without a date, when its offset depends on the date. */
static bool needs_date(const struct decoder *d)
{
	return d->named_zone && !d->abbreviation && d->zone.zone && (d->seen & DATE_PARTS) != DATE_PARTS;
}

bool time_parse(struct str s, int32_t mod, int64_t *out, struct err *e)
{
	struct decoder d;
	enum read_result r;

	decoder_init(&d, &text_context_default, true);
	r = decode(&d, s);
	/* a zone is read and dropped */
	if (r == READ_OK && needs_date(&d))
		r = READ_BAD;
	if (r != READ_OK)
		return read_report(r, s, "time", d.unknown_zone, e);
	*out = round_usec(time_of(&d.tm), mod);
	return true;
}

bool timetz_parse(struct str s, int32_t mod, const struct text_context *tc, struct interval *out, struct err *e)
{
	struct decoder d;
	enum read_result r;
	int64_t local;

	decoder_init(&d, tc, true);
	r = decode(&d, s);
	if (r == READ_OK && needs_date(&d))
		r = READ_BAD;
	if (r != READ_OK)
		return read_report(r, s, "time with time zone", d.unknown_zone, e);
	if (!(d.seen & ZONE) || d.named_zone) {
		struct civil day = d.tm;
		int64_t utc;
		if ((d.seen & DATE_PARTS) != DATE_PARTS) { /* the session zone's offset today */
			struct decoder today;
			decoder_init(&today, tc, false);
			set_now(&today, 0, false);
			day.year = today.tm.year;
			day.month = today.tm.month;
			day.day = today.tm.day;
		}
		if (!local_timestamp(&day, &local))
			return read_report(READ_OVERFLOW, s, "time with time zone", NULL, e);
		if (d.named_zone) {
			d.west -= zone_offset_local(d.zone, local);
		} else {
			if (!zone_to_utc(tc->timezone, local, &utc, e))
				return false;
			d.west = (int)((utc - local) / USEC_PER_SEC);
		}
	}
	*out = (struct interval){round_usec(time_of(&d.tm), mod), d.west, 0};
	return true;
}
