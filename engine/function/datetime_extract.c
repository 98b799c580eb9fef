/*
 * extract (numeric) and date_part (double precision) for date, timestamp, timestamptz, time, timetz
 * and interval.
 *
 * A part is computed once as exact integers (struct part) and then given the scale that
 * PostgreSQL's extract has, or turned into a double the way its date_part does.
 */
#include "engine/function/datetime_fields.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"
#include "engine/types/decimal.h"

#include <math.h>

enum part_kind {
	PART_NULL,        /* a field that an infinite value does not have */
	PART_UNSUPPORTED,
	PART_INTEGER,     /* v */
	PART_MILLISECONDS,/* v microseconds, shown as milliseconds */
	PART_SECONDS,     /* v microseconds, shown as seconds */
	PART_EPOCH,       /* same, divided as one number */
	PART_JULIAN,      /* day v and us of that day */
	PART_POSITIVE_INFINITY, PART_NEGATIVE_INFINITY,
};
struct part {
	enum part_kind kind;
	int128 v;
	int64_t us;
	double approximate; /* PART_EPOCH of an interval: what date_part answers, else 0 */
};
/* The part f of row i of argument 1. */
typedef bool part_fn(struct fncall *c, const struct view *arg, uint32_t i, enum datetime_field f, struct part *p);

static struct part whole(int64_t v) { return (struct part){.kind = PART_INTEGER, .v = v}; }
static struct part unsupported(void) { return (struct part){.kind = PART_UNSUPPORTED}; }

static int64_t decade_of(int y) { return y >= 0 ? y / 10 : -((8 - (y - 1)) / 10); }
static int64_t century_of(int y) { return y > 0 ? (y + 99) / 100 : -((99 - (y - 1)) / 100); }
static int64_t millennium_of(int y) { return y > 0 ? (y + 999) / 1000 : -((999 - (y - 1)) / 1000); }

/* Fields of a day; y is astronomical, there is no year 0 in the results. */
static struct part date_field(int32_t days, int y, int month, int day, enum datetime_field f)
{
	int iso_year, week;

	switch ((int)f) {
	case FIELD_DAY: return whole(day);
	case FIELD_MONTH: return whole(month);
	case FIELD_QUARTER: return whole((month - 1) / 3 + 1);
	case FIELD_YEAR: return whole(y > 0 ? y : y - 1);
	case FIELD_DECADE: return whole(decade_of(y));
	case FIELD_CENTURY: return whole(century_of(y));
	case FIELD_MILLENNIUM: return whole(millennium_of(y));
	case FIELD_WEEK: return date_iso_week(days, &iso_year, &week), whole(week);
	case FIELD_ISOYEAR: return date_iso_week(days, &iso_year, &week), whole(iso_year > 0 ? iso_year : iso_year - 1);
	case FIELD_DOW: return whole(date_isodow(days) % 7);
	case FIELD_ISODOW: return whole(date_isodow(days));
	case FIELD_DOY: return whole(days - date_from_civil(y, 1, 1) + 1);
	case FIELD_JULIAN: return whole(date_julian(days));
	}
	return unsupported();
}

/* Fields of a time of day or of the time part of an interval. */
static struct part time_field(int64_t us, enum datetime_field f)
{
	switch ((int)f) {
	case FIELD_HOUR: return whole(us / (3600 * USEC_PER_SEC));
	case FIELD_MINUTE: return whole(us / (60 * USEC_PER_SEC) % 60);
	case FIELD_SECOND: return (struct part){.kind = PART_SECONDS, .v = us % (60 * USEC_PER_SEC)};
	case FIELD_MILLISECONDS: return (struct part){.kind = PART_MILLISECONDS, .v = us % (60 * USEC_PER_SEC)};
	case FIELD_MICROSECONDS: return whole(us % (60 * USEC_PER_SEC));
	}
	return unsupported();
}

static struct part zone_field(int seconds_east, enum datetime_field f)
{
	switch ((int)f) {
	case FIELD_TIMEZONE: return whole(seconds_east);
	case FIELD_TIMEZONE_HOUR: return whole(seconds_east / 3600);
	case FIELD_TIMEZONE_MINUTE: return whole(seconds_east / 60 % 60);
	}
	return unsupported();
}

static struct part infinite_field(bool negative, enum datetime_field f)
{
	switch ((int)f) {
	case FIELD_YEAR: case FIELD_DECADE: case FIELD_CENTURY: case FIELD_MILLENNIUM:
	case FIELD_ISOYEAR: case FIELD_JULIAN: case FIELD_EPOCH:
		return (struct part){.kind = negative ? PART_NEGATIVE_INFINITY : PART_POSITIVE_INFINITY};
	case FIELD_UNKNOWN: case FIELD_SPECIAL:
		return unsupported();
	}
	return (struct part){.kind = PART_NULL};
}

static bool is_date_field(enum datetime_field f)
{
	return date_field(0, 2000, 1, 1, f).kind != PART_UNSUPPORTED || f == FIELD_EPOCH;
}

static bool date_part_of(struct fncall *c, const struct view *arg, uint32_t i, enum datetime_field f, struct part *p)
{
	int32_t days = ((const int32_t *)arg->data)[view_index(arg, i)];
	int y, month, day;

	(void)c;
	if (days == DATE_INFINITY || days == DATE_NEG_INFINITY) {
		*p = is_date_field(f) ? infinite_field(days < 0, f) : unsupported();
		return true;
	}
	if (f == FIELD_EPOCH) {
		*p = whole(((int64_t)days + EPOCH_SHIFT_DAYS) * 86400);
		return true;
	}
	date_to_civil(days, &y, &month, &day);
	*p = date_field(days, y, month, day, f);
	return true;
}

/* Shared by timestamp and timestamptz: local wall time, and the instant for the epoch. */
static struct part stamp_field(int64_t local, int64_t instant, enum datetime_field f)
{
	int64_t us = local % USEC_PER_DAY;
	int32_t days = (int32_t)(local / USEC_PER_DAY);
	int y, month, day;

	if (us < 0) {
		us += USEC_PER_DAY;
		days--;
	}
	if (f == FIELD_EPOCH)
		return (struct part){.kind = PART_EPOCH, .v = (int128)instant + EPOCH_SHIFT_DAYS * USEC_PER_DAY};
	if (f == FIELD_JULIAN)
		return (struct part){.kind = PART_JULIAN, .v = date_julian(days), .us = us};
	if (time_field(us, f).kind != PART_UNSUPPORTED)
		return time_field(us, f);
	date_to_civil(days, &y, &month, &day);
	return date_field(days, y, month, day, f);
}

static bool timestamp_part_of(struct fncall *c, const struct view *arg, uint32_t i, enum datetime_field f, struct part *p)
{
	int64_t t = ((const int64_t *)arg->data)[view_index(arg, i)];

	(void)c;
	if (t == TIMESTAMP_INFINITY || t == TIMESTAMP_NEG_INFINITY)
		*p = infinite_field(t < 0, f);
	else
		*p = stamp_field(t, t, f);
	return true;
}

static bool timestamptz_part_of(struct fncall *c, const struct view *arg, uint32_t i, enum datetime_field f, struct part *p)
{
	int64_t t = ((const int64_t *)arg->data)[view_index(arg, i)];
	int east;

	if (t == TIMESTAMP_INFINITY || t == TIMESTAMP_NEG_INFINITY) {
		*p = infinite_field(t < 0, f);
		return true;
	}
	if (!zone_offset_utc(c->text->timezone, t, &east, c->err))
		return false;
	*p = zone_field(east, f);
	if (p->kind == PART_UNSUPPORTED)
		*p = stamp_field(t + east * USEC_PER_SEC, t, f);
	return true;
}

static bool time_part_of(struct fncall *c, const struct view *arg, uint32_t i, enum datetime_field f, struct part *p)
{
	int64_t t = ((const int64_t *)arg->data)[view_index(arg, i)];

	(void)c;
	*p = f == FIELD_EPOCH ? (struct part){.kind = PART_EPOCH, .v = t} : time_field(t, f);
	return true;
}

static bool timetz_part_of(struct fncall *c, const struct view *arg, uint32_t i, enum datetime_field f, struct part *p)
{
	const struct interval *t = (const struct interval *)arg->data + view_index(arg, i);

	(void)c;
	*p = f == FIELD_EPOCH ? (struct part){.kind = PART_EPOCH, .v = t->usec + t->days * USEC_PER_SEC} : zone_field(-t->days, f);
	if (p->kind == PART_UNSUPPORTED)
		*p = time_field(t->usec, f);
	return true;
}

static struct part interval_field(const struct interval *t, enum datetime_field f)
{
	int years = t->months / 12, months = t->months % 12;

	switch ((int)f) {
	case FIELD_DAY: return whole(t->days);
	case FIELD_MONTH: return whole(months);
	case FIELD_QUARTER: return whole(months / 3 + 1);
	case FIELD_YEAR: return whole(years);
	case FIELD_DECADE: return whole(years / 10);
	case FIELD_CENTURY: return whole(years / 100);
	case FIELD_MILLENNIUM: return whole(years / 1000);
	}
	return time_field(t->usec, f);
}

static bool interval_part_of(struct fncall *c, const struct view *arg, uint32_t i, enum datetime_field f, struct part *p)
{
	const struct interval *t = (const struct interval *)arg->data + view_index(arg, i);
	int128 us;

	(void)c;
	if (f != FIELD_EPOCH) {
		*p = interval_field(t, f);
		return true;
	}
	/* A year is 365.25 days: counted in quarters of a day. */
	us = ((int128)1461 * (t->months / 12) + 120 * (t->months % 12) + (int128)4 * t->days) * (USEC_PER_DAY / 4) + t->usec;
	*p = (struct part){.kind = PART_EPOCH, .v = us};
	p->approximate = (double)t->usec / 1000000.0;
	p->approximate += 365.25 * 86400 * (t->months / 12);
	p->approximate += 30.0 * 86400 * (t->months % 12);
	p->approximate += 86400.0 * t->days;
	return true;
}

/* ---- the two results ---- */

static bool part_to_num(struct fncall *c, const struct part *p, struct num *o)
{
	struct num day, us, per_day, fraction;

	switch (p->kind) {
	case PART_INTEGER:
		*o = num_from_i64((int64_t)p->v);
		return true;
	case PART_MILLISECONDS:
		*o = num_from_scaled(p->v, 3);
		return true;
	case PART_SECONDS:
	case PART_EPOCH:
		*o = num_from_scaled(p->v, 6);
		return true;
	case PART_JULIAN:
		day = num_from_i64((int64_t)p->v);
		us = num_from_i64(p->us);
		per_day = num_from_i64(USEC_PER_DAY);
		return num_div(&us, &per_day, &fraction, c->err) && num_add(&day, &fraction, o, c->err);
	case PART_POSITIVE_INFINITY:
		*o = (struct num){.kind = NUM_INFINITY};
		return true;
	case PART_NEGATIVE_INFINITY:
		*o = (struct num){.kind = NUM_NEG_INFINITY};
		return true;
	case PART_NULL:
	case PART_UNSUPPORTED:
		break;
	}
	UNREACHABLE();
}

static double part_to_double(const struct part *p)
{
	switch (p->kind) {
	case PART_INTEGER:
		return (double)p->v;
	case PART_MILLISECONDS:
		return (double)(p->v / USEC_PER_SEC) * 1000.0 + (double)(p->v % USEC_PER_SEC) / 1000.0;
	case PART_SECONDS:
		return (double)(p->v / USEC_PER_SEC) + (double)(p->v % USEC_PER_SEC) / 1000000.0;
	case PART_EPOCH:
		return p->approximate != 0 ? p->approximate : (double)p->v / 1000000.0;
	case PART_JULIAN: {
		int64_t seconds = p->us / USEC_PER_SEC;
		return (double)p->v + ((double)seconds + (double)(p->us % USEC_PER_SEC) / 1000000.0) / 86400.0;
	}
	case PART_POSITIVE_INFINITY:
		return INFINITY;
	case PART_NEGATIVE_INFINITY:
		return -INFINITY;
	case PART_NULL:
	case PART_UNSUPPORTED:
		break;
	}
	UNREACHABLE();
}

/* `type` is named in errors. date_part on a date works as on a timestamp at midnight. */
TEMPLATE bool part_loop(struct fncall *c, const struct view *args, uint32_t n, struct vec *out, part_fn *fn,
						enum type_id type, bool to_num)
{
	struct row r = {.call = c, .args = args, .out = out};
	enum datetime_field f = FIELD_UNKNOWN;
	struct part p;

	for (r.i = 0; r.i < n; r.i++) {
		if (row_any_null(&r)) {
			if (!rows_mark_null(&r, n))
				return false;
			continue;
		}
		if (!args[0].is_const || f == FIELD_UNKNOWN)
			f = datetime_field_find(row_str(&r, 0));
		if (!fn(c, &args[1], r.i, f, &p))
			return false;
		if (p.kind == PART_UNSUPPORTED && f == FIELD_SPECIAL && (type == TYPE_TIME || type == TYPE_TIMETZ || type == TYPE_INTERVAL))
			f = FIELD_UNKNOWN; /* words like now are known beside dates only */
		if (p.kind == PART_UNSUPPORTED)
			return datetime_field_refuse(row_str(&r, 0), f, type, c->err);
		if (p.kind == PART_NULL) {
			if (!rows_mark_null(&r, n))
				return false;
		} else if (!to_num) {
			((double *)out->data)[r.i] = part_to_double(&p);
		} else if (!part_to_num(c, &p, row_out_num(&r))) {
			return false;
		}
	}
	return true;
}

/* date_part(text, date) is date_part of the timestamp at midnight. */
static bool midnight_part_of(struct fncall *c, const struct view *arg, uint32_t i, enum datetime_field f, struct part *p)
{
	int32_t days = ((const int32_t *)arg->data)[view_index(arg, i)];

	(void)c;
	if (days == DATE_INFINITY || days == DATE_NEG_INFINITY)
		*p = infinite_field(days < 0, f);
	else
		*p = stamp_field(days * USEC_PER_DAY, days * USEC_PER_DAY, f);
	return true;
}

#define PART(name, fn, type, to_num)                                                               \
	static bool name(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)      \
	{                                                                                             \
		return part_loop(c, args, n, out, fn, type, to_num);                                      \
	}
PART(extract_date, date_part_of, TYPE_DATE, true)
PART(extract_timestamp, timestamp_part_of, TYPE_TIMESTAMP, true)
PART(extract_timestamptz, timestamptz_part_of, TYPE_TIMESTAMPTZ, true)
PART(extract_time, time_part_of, TYPE_TIME, true)
PART(extract_timetz, timetz_part_of, TYPE_TIMETZ, true)
PART(extract_interval, interval_part_of, TYPE_INTERVAL, true)
PART(part_date, midnight_part_of, TYPE_TIMESTAMP, false)
PART(part_timestamp, timestamp_part_of, TYPE_TIMESTAMP, false)
PART(part_timestamptz, timestamptz_part_of, TYPE_TIMESTAMPTZ, false)
PART(part_time, time_part_of, TYPE_TIME, false)
PART(part_timetz, timetz_part_of, TYPE_TIMETZ, false)
PART(part_interval, interval_part_of, TYPE_INTERVAL, false)

#define EXTRACT(type, fn, vol) FNV("extract", NUMERIC, fn, SOME_NULL | FAIL, vol, "a field of the value, as numeric: extract(year from …)", T(TEXT), T(type))
#define DATE_PART(type, fn, vol) FNV("date_part", FLOAT8, fn, SOME_NULL | FAIL, vol, "a field of the value, as double precision", T(TEXT), T(type))

const struct func functions_datetime_extract[] = {
	EXTRACT(DATE, extract_date, IMMUTABLE),
	EXTRACT(TIMESTAMP, extract_timestamp, IMMUTABLE),
	EXTRACT(TIMESTAMPTZ, extract_timestamptz, STABLE),
	EXTRACT(TIME, extract_time, IMMUTABLE),
	EXTRACT(TIMETZ, extract_timetz, IMMUTABLE),
	EXTRACT(INTERVAL, extract_interval, IMMUTABLE),
	DATE_PART(DATE, part_date, IMMUTABLE),
	DATE_PART(TIMESTAMP, part_timestamp, IMMUTABLE),
	DATE_PART(TIMESTAMPTZ, part_timestamptz, STABLE),
	DATE_PART(TIME, part_time, IMMUTABLE),
	DATE_PART(TIMETZ, part_timetz, IMMUTABLE),
	DATE_PART(INTERVAL, part_interval, IMMUTABLE),
	FN_END,
};
