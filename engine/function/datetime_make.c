/*
 * Making dates and times: make_*, to_timestamp(double precision), the current date and time, and
 * AT TIME ZONE (the functions timezone).
 *
 * "Now" is the start of the transaction (text_context.now) but for clock_timestamp.
 */
#include "engine/base/clock.h"
#include "engine/function/datetime_fields.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"

#include <math.h>
#include <stdio.h>

#define TIMESTAMP_MIN (-INT64_C(211813488000000000)) /* 4714-11-24 BC */
#define TIMESTAMP_END INT64_C(9223371331200000000)   /* 294277-01-01 */

static bool is_infinite(int64_t t) { return t == TIMESTAMP_INFINITY || t == TIMESTAMP_NEG_INFINITY; }

static bool stamp_set(struct row *r, int64_t t)
{
	return t < TIMESTAMP_MIN || t >= TIMESTAMP_END ? row_error(r, ERR_DATETIME_OVERFLOW, "timestamp out of range")
												   : row_set_i64(r, t);
}

/* ---- make ---- */

/* Negative years are BC. */
static bool make_date(struct row *r, int year, int month, int day, int32_t *out)
{
	int y = year < 0 ? year + 1 : year;

	if (year == 0 || year < -4714 || year > 5874897 || !date_is_valid(y, month, day))
		return row_error(r, ERR_DATETIME_OVERFLOW, "date field value out of range: %d-%02d-%02d", year, month, day);
	*out = date_from_civil(y, month, day);
	if (*out < -2451545)
		return row_error(r, ERR_DATETIME_OVERFLOW, "date out of range: %d-%02d-%02d", year, month, day);
	return true;
}

static bool make_time(struct row *r, int hour, int minute, double sec, int64_t *out)
{
	bool bad = isnan(sec) || hour < 0 || hour > 24 || minute < 0 || minute > 59 || sec < 0 || sec > 60;

	if (!bad) {
		*out = (hour * INT64_C(3600) + minute * 60) * USEC_PER_SEC + (int64_t)rint(sec * 1e6);
		bad = *out > USEC_PER_DAY;
	}
	return !bad || row_error(r, ERR_DATETIME_OVERFLOW, "time field value out of range: %d:%02d:%02g", hour, minute, sec);
}

static bool make_date_row(struct row *r)
{
	int32_t d;

	return make_date(r, row_i32(r, 0), row_i32(r, 1), row_i32(r, 2), &d) && row_set_i32(r, d);
}
ROWS(make_date_fn, make_date_row, ROWS_PLAIN)

static bool make_time_row(struct row *r)
{
	int64_t t;

	return make_time(r, row_i32(r, 0), row_i32(r, 1), row_f64(r, 2), &t) && row_set_i64(r, t);
}
ROWS(make_time_fn, make_time_row, ROWS_PLAIN)

static bool make_timestamp(struct row *r, int64_t *out)
{
	int32_t d;
	int64_t t;

	if (!make_date(r, row_i32(r, 0), row_i32(r, 1), row_i32(r, 2), &d) ||
		!make_time(r, row_i32(r, 3), row_i32(r, 4), row_f64(r, 5), &t))
		return false;
	if (d > 106751991 || d * USEC_PER_DAY + t >= TIMESTAMP_END)
		return row_error(r, ERR_DATETIME_OVERFLOW, "timestamp out of range");
	*out = d * USEC_PER_DAY + t;
	return true;
}

static bool make_timestamp_row(struct row *r)
{
	int64_t t;

	return make_timestamp(r, &t) && stamp_set(r, t);
}
ROWS(make_timestamp_fn, make_timestamp_row, ROWS_PLAIN)

static bool zone_name(struct row *r, unsigned a, char zone[64])
{
	struct str s = row_str(r, a);

	if (s.len >= 64)
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "time zone \"%.*s\" not recognized", 63, s.data);
	memcpy(zone, s.data, s.len);
	zone[s.len] = 0;
	return true;
}

/* make_timestamptz reads a numeric zone as ISO does: + is east; and wants a sign. */
static bool numeric_zone(struct row *r, const char *zone, int64_t *east_us)
{
	int hour = 0, minute = 0, second = 0, used = 0;
	const char *p = zone + 1;

	if (sscanf(p, "%d:%d:%d%n", &hour, &minute, &second, &used) != 3 || p[used])
		if (second = 0, sscanf(p, "%d:%d%n", &hour, &minute, &used) != 2 || p[used])
			if (minute = 0, sscanf(p, "%d%n", &hour, &used) != 1 || p[used])
				return row_error(r, ERR_INVALID_PARAMETER_VALUE, "invalid input syntax for type numeric time zone: \"%s\"", zone);
	if (strlen(p) == 4 && !strchr(p, ':')) { /* hhmm */
		minute = hour % 100;
		hour /= 100;
	}
	if (hour < 0 || hour > 15 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "numeric time zone \"%s\" out of range", zone);
	*east_us = (hour * INT64_C(3600) + minute * 60 + second) * USEC_PER_SEC * (*zone == '-' ? -1 : 1);
	return true;
}

static bool make_timestamptz_row(struct row *r)
{
	int64_t t, east;
	char zone[64];

	if (!make_timestamp(r, &t))
		return false;
	if (r->call->nargs < 7)
		return zone_to_utc(r->call->text->timezone, t, &t, r->call->err) && stamp_set(r, t);
	if (!zone_name(r, 6, zone))
		return false;
	if (zone[0] >= '0' && zone[0] <= '9') {
		row_error(r, ERR_INVALID_PARAMETER_VALUE, "invalid input syntax for type numeric time zone: \"%s\"", zone);
		return err_hint(r->call->err, "Numeric time zones must have \"-\" or \"+\" as first character.");
	}
	if (zone[0] == '+' || zone[0] == '-')
		return numeric_zone(r, zone, &east) && stamp_set(r, t - east);
	return zone_to_utc(zone, t, &t, r->call->err) && stamp_set(r, t);
}
ROWS(make_timestamptz_fn, make_timestamptz_row, ROWS_PLAIN)

/* Missing arguments are 0. Sums wrap silently, as PostgreSQL 15's do. */
static bool make_interval_row(struct row *r)
{
	int32_t v[6] = {0};
	double secs = 0;
	struct interval i;

	for (unsigned a = 0; a < r->call->nargs && a < 6; a++)
		v[a] = row_i32(r, a);
	if (r->call->nargs > 6)
		secs = row_f64(r, 6);
	if (isnan(secs) || isinf(secs))
		return row_error(r, ERR_DATETIME_OVERFLOW, "interval out of range");
	secs = rint(secs * 1e6);
	if (!(secs >= -9223372036854775808.0 && secs < 9223372036854775808.0))
		return row_error(r, ERR_DATETIME_OVERFLOW, "interval out of range");
	i.months = (int32_t)((uint32_t)v[0] * 12u + (uint32_t)v[1]);
	i.days = (int32_t)((uint32_t)v[2] * 7u + (uint32_t)v[3]);
	i.usec = (int64_t)((uint64_t)(v[4] * INT64_C(3600) * USEC_PER_SEC + v[5] * INT64_C(60) * USEC_PER_SEC) + (uint64_t)(int64_t)secs);
	return row_set_interval(r, i);
}
ROWS(make_interval_fn, make_interval_row, ROWS_PLAIN)

static bool to_timestamp_row(struct row *r)
{
	double s = row_f64(r, 0);

	if (isnan(s))
		return row_error(r, ERR_DATETIME_OVERFLOW, "timestamp cannot be NaN");
	if (isinf(s))
		return row_set_i64(r, s < 0 ? TIMESTAMP_NEG_INFINITY : TIMESTAMP_INFINITY);
	if (s < -210866803200.0 || s >= 9224318016000.0)
		return row_error(r, ERR_DATETIME_OVERFLOW, "timestamp out of range: \"%g\"", s);
	s = rint((s - EPOCH_SHIFT_DAYS * 86400.0) * 1e6);
	return stamp_set(r, (int64_t)s);
}
ROWS(to_timestamp_fn, to_timestamp_row, ROWS_PLAIN)

/* ---- now ---- */

static bool now_row(struct row *r) { return row_set_i64(r, r->call->text->now); }
ROWS(now_fn, now_row, ROWS_PLAIN)

static bool clock_row(struct row *r)
{
	return row_set_i64(r, clock_wall_us() - EPOCH_SHIFT_DAYS * USEC_PER_DAY);
}
ROWS(clock_fn, clock_row, ROWS_PLAIN)

/* Digits asked for as in current_timestamp(3); 6 without. */
static bool now_digits(struct row *r, int *digits)
{
	*digits = r->call->nargs ? row_i32(r, 0) : 6;
	if (*digits < 0)
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "precision must not be negative");
	*digits = *digits > 6 ? 6 : *digits;
	return true;
}

static bool now_rounded_row(struct row *r)
{
	int digits;

	return now_digits(r, &digits) && row_set_i64(r, timestamp_round(r->call->text->now, digits));
}
ROWS(now_rounded_fn, now_rounded_row, ROWS_PLAIN)

/* Wall time of the statement's now, and the zone's offset then. */
static bool now_local(struct row *r, int64_t *local, int *east)
{
	if (!zone_offset_utc(r->call->text->timezone, r->call->text->now, east, r->call->err))
		return false;
	*local = r->call->text->now + *east * USEC_PER_SEC;
	return true;
}
static int64_t time_of(int64_t t) { return (t % USEC_PER_DAY + USEC_PER_DAY) % USEC_PER_DAY; }

static bool current_date_row(struct row *r)
{
	int64_t t;
	int east;

	return now_local(r, &t, &east) && row_set_i32(r, (int32_t)((t - time_of(t)) / USEC_PER_DAY));
}
ROWS(current_date_fn, current_date_row, ROWS_PLAIN)

static bool localtimestamp_row(struct row *r)
{
	int64_t t;
	int east, digits;

	return now_digits(r, &digits) && now_local(r, &t, &east) && row_set_i64(r, timestamp_round(t, digits));
}
ROWS(localtimestamp_fn, localtimestamp_row, ROWS_PLAIN)

static bool localtime_row(struct row *r)
{
	int64_t t;
	int east, digits;

	return now_digits(r, &digits) && now_local(r, &t, &east) && row_set_i64(r, timestamp_round(time_of(t), digits));
}
ROWS(localtime_fn, localtime_row, ROWS_PLAIN)

static bool current_time_row(struct row *r)
{
	int64_t t;
	int east, digits;

	return now_digits(r, &digits) && now_local(r, &t, &east) &&
		   row_set_interval(r, (struct interval){timestamp_round(time_of(t), digits), -east, 0});
}
ROWS(current_time_fn, current_time_row, ROWS_PLAIN)

/* ---- AT TIME ZONE: a signed or bare number is a POSIX zone, where + is west ---- */

static bool to_zone_row(struct row *r)
{
	char name[64];
	int64_t t = row_i64(r, 1);
	int east;

	if (is_infinite(t))
		return row_set_i64(r, t);
	return zone_name(r, 0, name) && zone_offset_utc(name, t, &east, r->call->err) &&
		   stamp_set(r, t + east * USEC_PER_SEC);
}
ROWS(to_zone_fn, to_zone_row, ROWS_PLAIN)

static bool from_zone_row(struct row *r)
{
	char name[64];
	int64_t t = row_i64(r, 1);

	if (is_infinite(t))
		return row_set_i64(r, t);
	return zone_name(r, 0, name) && zone_to_utc(name, t, &t, r->call->err) && stamp_set(r, t);
}
ROWS(from_zone_fn, from_zone_row, ROWS_PLAIN)

static bool interval_zone(struct row *r, int64_t *east_us)
{
	const struct interval *i = row_interval(r, 0);
	struct strbuf text;

	if (i->months == 0 && i->days == 0) {
		*east_us = i->usec / USEC_PER_SEC * USEC_PER_SEC;
		return true;
	}
	strbuf_init(&text, 200);
	interval_print(i, &text);
	row_error(r, ERR_INVALID_PARAMETER_VALUE, "interval time zone \"%s\" must not include months or days", strbuf_cstr(&text));
	strbuf_release(&text);
	return false;
}

static bool to_interval_zone_row(struct row *r)
{
	int64_t t = row_i64(r, 1), east;

	return is_infinite(t) ? row_set_i64(r, t) : interval_zone(r, &east) && stamp_set(r, t + east);
}
ROWS(to_interval_zone_fn, to_interval_zone_row, ROWS_PLAIN)

static bool from_interval_zone_row(struct row *r)
{
	int64_t t = row_i64(r, 1), east;

	return is_infinite(t) ? row_set_i64(r, t) : interval_zone(r, &east) && stamp_set(r, t - east);
}
ROWS(from_interval_zone_fn, from_interval_zone_row, ROWS_PLAIN)

static bool timetz_in(struct row *r, int east)
{
	const struct interval *t = row_interval(r, 1);

	return row_set_interval(r, (struct interval){time_of(t->usec + (t->days + east) * USEC_PER_SEC), -east, 0});
}

/* The zone's offset now is the one that counts. */
static bool timetz_zone_row(struct row *r)
{
	char name[64];
	int east;

	return zone_name(r, 0, name) && zone_offset_utc(name, r->call->text->now, &east, r->call->err) &&
		   timetz_in(r, east);
}
ROWS(timetz_zone_fn, timetz_zone_row, ROWS_PLAIN)

static bool timetz_interval_row(struct row *r)
{
	int64_t east;

	return interval_zone(r, &east) && timetz_in(r, (int)(east / USEC_PER_SEC));
}
ROWS(timetz_interval_fn, timetz_interval_row, ROWS_PLAIN)

#define INTS(...) FN("make_interval", INTERVAL, make_interval_fn, FAIL, "interval from years, months, weeks, days, hours, minutes, seconds", __VA_ARGS__)

const struct func functions_datetime_make[] = {
	FN("make_date", DATE, make_date_fn, FAIL, "date from year, month, day; negative years are BC", T(INT4), T(INT4), T(INT4)),
	FN("make_time", TIME, make_time_fn, FAIL, "time from hour, minute, seconds", T(INT4), T(INT4), T(FLOAT8)),
	FN("make_timestamp", TIMESTAMP, make_timestamp_fn, FAIL, "timestamp from year, month, day, hour, minute, seconds", T(INT4), T(INT4), T(INT4), T(INT4), T(INT4), T(FLOAT8)),
	FNV("make_timestamptz", TIMESTAMPTZ, make_timestamptz_fn, FAIL, STABLE, "timestamp in the session's time zone from its fields", T(INT4), T(INT4), T(INT4), T(INT4), T(INT4), T(FLOAT8)),
	FNV("make_timestamptz", TIMESTAMPTZ, make_timestamptz_fn, FAIL, STABLE, "timestamp in a time zone from its fields", T(INT4), T(INT4), T(INT4), T(INT4), T(INT4), T(FLOAT8), T(TEXT)),
	FN0("make_interval", INTERVAL, make_interval_fn, SURE, IMMUTABLE, "the empty interval"),
	INTS(T(INT4)),
	INTS(T(INT4), T(INT4)),
	INTS(T(INT4), T(INT4), T(INT4)),
	INTS(T(INT4), T(INT4), T(INT4), T(INT4)),
	INTS(T(INT4), T(INT4), T(INT4), T(INT4), T(INT4)),
	INTS(T(INT4), T(INT4), T(INT4), T(INT4), T(INT4), T(INT4)),
	INTS(T(INT4), T(INT4), T(INT4), T(INT4), T(INT4), T(INT4), T(FLOAT8)),
	FN("to_timestamp", TIMESTAMPTZ, to_timestamp_fn, FAIL, "the instant that many seconds after 1970-01-01 00:00 UTC", T(FLOAT8)),
	FN0("now", TIMESTAMPTZ, now_fn, SURE, STABLE, "start of the transaction"),
	FN0("transaction_timestamp", TIMESTAMPTZ, now_fn, SURE, STABLE, "start of the transaction"),
	FN0("statement_timestamp", TIMESTAMPTZ, now_fn, SURE, STABLE, "start of the statement"),
	FN0("clock_timestamp", TIMESTAMPTZ, clock_fn, SURE, VOLATILE, "the time right now"),
	FN0("current_timestamp", TIMESTAMPTZ, now_fn, SURE, STABLE, "start of the transaction"),
	FNV("current_timestamp", TIMESTAMPTZ, now_rounded_fn, FAIL, STABLE, "start of the transaction, rounded to n digits", T(INT4)),
	FN0("current_date", DATE, current_date_fn, FAIL, STABLE, "today"),
	FN0("current_time", TIMETZ, current_time_fn, FAIL, STABLE, "time of day with its zone"),
	FNV("current_time", TIMETZ, current_time_fn, FAIL, STABLE, "time of day with its zone, rounded to n digits", T(INT4)),
	FN0("localtime", TIME, localtime_fn, FAIL, STABLE, "time of day"),
	FNV("localtime", TIME, localtime_fn, FAIL, STABLE, "time of day, rounded to n digits", T(INT4)),
	FN0("localtimestamp", TIMESTAMP, localtimestamp_fn, FAIL, STABLE, "date and time of day"),
	FNV("localtimestamp", TIMESTAMP, localtimestamp_fn, FAIL, STABLE, "date and time of day, rounded to n digits", T(INT4)),
	FN("timezone", TIMESTAMP, to_zone_fn, FAIL, "local time in a time zone: t AT TIME ZONE zone", T(TEXT), T(TIMESTAMPTZ)),
	FN("timezone", TIMESTAMPTZ, from_zone_fn, FAIL, "the instant of a local time in a time zone: t AT TIME ZONE zone", T(TEXT), T(TIMESTAMP)),
	FN("timezone", TIMESTAMP, to_interval_zone_fn, FAIL, "local time at an offset from UTC", T(INTERVAL), T(TIMESTAMPTZ)),
	FN("timezone", TIMESTAMPTZ, from_interval_zone_fn, FAIL, "the instant of a local time at an offset from UTC", T(INTERVAL), T(TIMESTAMP)),
	FNV("timezone", TIMETZ, timetz_zone_fn, FAIL, STABLE, "the same time in a time zone", T(TEXT), T(TIMETZ)),
	FN("timezone", TIMETZ, timetz_interval_fn, FAIL, "the same time at an offset from UTC", T(INTERVAL), T(TIMETZ)),
	FN_END,
};
