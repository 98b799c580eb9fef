/*
 * Arithmetic of dates, times, timestamps and intervals. Rules, limits and messages are PostgreSQL's:
 * infinite dates stay infinite, what leaves the calendar is 22008. What an interval does to a timestamp
 * is engine/types/datetime.h's business.
 */
#include "engine/function/datetime_range.h"
#include "engine/function/rowwise.h"
#include "engine/function/tables.h"
#include "engine/kernel/arith.h"

#include <math.h>

static bool date_add_days(struct rowcall *c, int32_t date, int64_t days, int32_t *out)
{
	if (!date_is_finite(date)) {
		*out = date;
		return true;
	}
	if (!date_in_range(date + days))
		return err_set(c->fn->err, ERR_DATETIME_OVERFLOW, "date out of range");
	*out = (int32_t)(date + days);
	return true;
}

static bool date_plus_row(struct rowcall *c, int32_t date, int32_t days, int32_t *out)
{
	return date_add_days(c, date, days, out);
}
#define NAME date_plus_days
#define ROW date_plus_row
#define ARG1 i32
#define ARG2 i32
#define RESULT i32
#include "engine/function/rowwise.inc"

static bool days_plus_row(struct rowcall *c, int32_t days, int32_t date, int32_t *out)
{
	return date_add_days(c, date, days, out);
}
#define NAME days_plus_date
#define ROW days_plus_row
#define ARG1 i32
#define ARG2 i32
#define RESULT i32
#include "engine/function/rowwise.inc"

static bool date_minus_row(struct rowcall *c, int32_t date, int32_t days, int32_t *out)
{
	return date_add_days(c, date, -(int64_t)days, out);
}
#define NAME date_minus_days
#define ROW date_minus_row
#define ARG1 i32
#define ARG2 i32
#define RESULT i32
#include "engine/function/rowwise.inc"

static bool date_difference_row(struct rowcall *c, int32_t a, int32_t b, int32_t *out)
{
	if (!date_is_finite(a) || !date_is_finite(b))
		return err_set(c->fn->err, ERR_DATETIME_OVERFLOW, "cannot subtract infinite dates");
	*out = a - b;
	return true;
}
#define NAME date_difference
#define ROW date_difference_row
#define ARG1 i32
#define ARG2 i32
#define RESULT i32
#include "engine/function/rowwise.inc"

/* A date and a time of day. */
static bool join_date_time(struct rowcall *c, int32_t date, int64_t usec, int64_t *out)
{
	if (!date_to_timestamp(date, out, c->fn->err))
		return false;
	if (!timestamp_is_finite(*out))
		return true;
	*out += usec;
	if (!timestamp_in_range(*out))
		return err_set(c->fn->err, ERR_DATETIME_OVERFLOW, "timestamp out of range");
	return true;
}

static bool date_time_row(struct rowcall *c, int32_t date, int64_t time, int64_t *out)
{
	return join_date_time(c, date, time, out);
}
#define NAME date_plus_time
#define ROW date_time_row
#define ARG1 i32
#define ARG2 i64
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool time_date_row(struct rowcall *c, int64_t time, int32_t date, int64_t *out)
{
	return join_date_time(c, date, time, out);
}
#define NAME time_plus_date
#define ROW time_date_row
#define ARG1 i64
#define ARG2 i32
#define RESULT i64
#include "engine/function/rowwise.inc"

/* timetz: usec is the local time, days the zone in seconds west of UTC. */
static bool date_timetz_row(struct rowcall *c, int32_t date, const struct interval *time, int64_t *out)
{
	return join_date_time(c, date, time->usec + time->days * USEC_PER_SEC, out);
}
#define NAME date_plus_timetz
#define ROW date_timetz_row
#define ARG1 i32
#define ARG2 interval
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool timetz_date_row(struct rowcall *c, const struct interval *time, int32_t date, int64_t *out)
{
	return join_date_time(c, date, time->usec + time->days * USEC_PER_SEC, out);
}
#define NAME timetz_plus_date
#define ROW timetz_date_row
#define ARG1 interval
#define ARG2 i32
#define RESULT i64
#include "engine/function/rowwise.inc"

/* Without the error of interval_neg: PostgreSQL negates the fields as they are here. */
static struct interval negated(const struct interval *i)
{
	return (struct interval){
		.usec = (int64_t)(0 - (uint64_t)i->usec),
		.days = (int32_t)(0 - (uint32_t)i->days),
		.months = (int32_t)(0 - (uint32_t)i->months),
	};
}

static bool date_interval_row(struct rowcall *c, int32_t date, const struct interval *i, int64_t *out)
{
	int64_t t = 0;
	return date_to_timestamp(date, &t, c->fn->err) && timestamp_add_interval(t, i, out, c->fn->err);
}
#define NAME date_plus_interval
#define ROW date_interval_row
#define ARG1 i32
#define ARG2 interval
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool interval_date_row(struct rowcall *c, const struct interval *i, int32_t date, int64_t *out)
{
	return date_interval_row(c, date, i, out);
}
#define NAME interval_plus_date
#define ROW interval_date_row
#define ARG1 interval
#define ARG2 i32
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool date_less_interval_row(struct rowcall *c, int32_t date, const struct interval *i, int64_t *out)
{
	struct interval minus = negated(i);
	return date_interval_row(c, date, &minus, out);
}
#define NAME date_minus_interval
#define ROW date_less_interval_row
#define ARG1 i32
#define ARG2 interval
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool timestamp_interval_row(struct rowcall *c, int64_t t, const struct interval *i, int64_t *out)
{
	return timestamp_add_interval(t, i, out, c->fn->err);
}
#define NAME timestamp_plus_interval
#define ROW timestamp_interval_row
#define ARG1 i64
#define ARG2 interval
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool interval_timestamp_row(struct rowcall *c, const struct interval *i, int64_t t, int64_t *out)
{
	return timestamp_add_interval(t, i, out, c->fn->err);
}
#define NAME interval_plus_timestamp
#define ROW interval_timestamp_row
#define ARG1 interval
#define ARG2 i64
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool timestamp_less_interval_row(struct rowcall *c, int64_t t, const struct interval *i, int64_t *out)
{
	struct interval minus = negated(i);
	return timestamp_add_interval(t, &minus, out, c->fn->err);
}
#define NAME timestamp_minus_interval
#define ROW timestamp_less_interval_row
#define ARG1 i64
#define ARG2 interval
#define RESULT i64
#include "engine/function/rowwise.inc"

static const char *session_zone(const struct rowcall *c)
{
	return c->fn->text ? c->fn->text->timezone : text_context_default.timezone;
}

static bool timestamptz_interval_row(struct rowcall *c, int64_t t, const struct interval *i, int64_t *out)
{
	return timestamptz_add_interval(t, i, session_zone(c), out, c->fn->err);
}
#define NAME timestamptz_plus_interval
#define ROW timestamptz_interval_row
#define ARG1 i64
#define ARG2 interval
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool interval_timestamptz_row(struct rowcall *c, const struct interval *i, int64_t t, int64_t *out)
{
	return timestamptz_interval_row(c, t, i, out);
}
#define NAME interval_plus_timestamptz
#define ROW interval_timestamptz_row
#define ARG1 interval
#define ARG2 i64
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool timestamptz_less_interval_row(struct rowcall *c, int64_t t, const struct interval *i, int64_t *out)
{
	struct interval minus = negated(i);
	return timestamptz_interval_row(c, t, &minus, out);
}
#define NAME timestamptz_minus_interval
#define ROW timestamptz_less_interval_row
#define ARG1 i64
#define ARG2 interval
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool timestamp_difference_row(struct rowcall *c, int64_t a, int64_t b, struct interval *out)
{
	if (!timestamp_is_finite(a) || !timestamp_is_finite(b))
		return err_set(c->fn->err, ERR_DATETIME_OVERFLOW, "cannot subtract infinite timestamps");
	if (__builtin_sub_overflow(a, b, &out->usec))
		return err_set(c->fn->err, ERR_DATETIME_OVERFLOW, "interval out of range");
	*out = interval_justify_hours(*out);
	return true;
}
#define NAME timestamp_difference
#define ROW timestamp_difference_row
#define ARG1 i64
#define ARG2 i64
#define RESULT interval
#include "engine/function/rowwise.inc"

/* Times of day go round the clock: only the interval's hours count. */
static int64_t time_shifted(int64_t time, int64_t usec)
{
	int64_t r = (time + usec % USEC_PER_DAY) % USEC_PER_DAY;
	return r < 0 ? r + USEC_PER_DAY : r;
}

static bool time_interval_row(struct rowcall *c, int64_t time, const struct interval *i, int64_t *out)
{
	(void)c;
	*out = time_shifted(time, i->usec);
	return true;
}
#define NAME time_plus_interval
#define ROW time_interval_row
#define ARG1 i64
#define ARG2 interval
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool interval_time_row(struct rowcall *c, const struct interval *i, int64_t time, int64_t *out)
{
	return time_interval_row(c, time, i, out);
}
#define NAME interval_plus_time
#define ROW interval_time_row
#define ARG1 interval
#define ARG2 i64
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool time_less_interval_row(struct rowcall *c, int64_t time, const struct interval *i, int64_t *out)
{
	(void)c;
	*out = time_shifted(time, -(i->usec % USEC_PER_DAY));
	return true;
}
#define NAME time_minus_interval
#define ROW time_less_interval_row
#define ARG1 i64
#define ARG2 interval
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool time_difference_row(struct rowcall *c, int64_t a, int64_t b, struct interval *out)
{
	(void)c;
	*out = (struct interval){.usec = a - b};
	return true;
}
#define NAME time_difference
#define ROW time_difference_row
#define ARG1 i64
#define ARG2 i64
#define RESULT interval
#include "engine/function/rowwise.inc"

static bool timetz_interval_row(struct rowcall *c, const struct interval *time, const struct interval *i,
								struct interval *out)
{
	(void)c;
	*out = *time;
	out->usec = time_shifted(time->usec, i->usec);
	return true;
}
#define NAME timetz_plus_interval
#define ROW timetz_interval_row
#define ARG1 interval
#define ARG2 interval
#define RESULT interval
#include "engine/function/rowwise.inc"

static bool interval_timetz_row(struct rowcall *c, const struct interval *i, const struct interval *time,
								struct interval *out)
{
	return timetz_interval_row(c, time, i, out);
}
#define NAME interval_plus_timetz
#define ROW interval_timetz_row
#define ARG1 interval
#define ARG2 interval
#define RESULT interval
#include "engine/function/rowwise.inc"

static bool timetz_less_interval_row(struct rowcall *c, const struct interval *time, const struct interval *i,
									 struct interval *out)
{
	struct interval minus = {.usec = -(i->usec % USEC_PER_DAY)};
	return timetz_interval_row(c, time, &minus, out);
}
#define NAME timetz_minus_interval
#define ROW timetz_less_interval_row
#define ARG1 interval
#define ARG2 interval
#define RESULT interval
#include "engine/function/rowwise.inc"

static bool interval_plus_row(struct rowcall *c, const struct interval *a, const struct interval *b,
							  struct interval *out)
{
	return interval_add(a, b, out, c->fn->err);
}
#define NAME interval_plus_interval
#define ROW interval_plus_row
#define ARG1 interval
#define ARG2 interval
#define RESULT interval
#include "engine/function/rowwise.inc"

static bool interval_minus_row(struct rowcall *c, const struct interval *a, const struct interval *b,
							   struct interval *out)
{
	if (__builtin_sub_overflow(a->usec, b->usec, &out->usec) ||
		__builtin_sub_overflow(a->days, b->days, &out->days) ||
		__builtin_sub_overflow(a->months, b->months, &out->months))
		return err_set(c->fn->err, ERR_DATETIME_OVERFLOW, "interval out of range");
	return true;
}
#define NAME interval_minus_interval
#define ROW interval_minus_row
#define ARG1 interval
#define ARG2 interval
#define RESULT interval
#include "engine/function/rowwise.inc"

static bool interval_negate_row(struct rowcall *c, const struct interval *a, struct interval *out)
{
	return interval_neg(a, out, c->fn->err);
}
#define NAME interval_negate
#define ROW interval_negate_row
#define ARG1 interval
#define RESULT interval
#include "engine/function/rowwise.inc"

static bool interval_times_row(struct rowcall *c, const struct interval *i, double f, struct interval *out)
{
	return interval_mul(i, f, out, c->fn->err);
}
#define NAME interval_times
#define ROW interval_times_row
#define ARG1 interval
#define ARG2 f64
#define RESULT interval
#include "engine/function/rowwise.inc"

static bool times_interval_row(struct rowcall *c, double f, const struct interval *i, struct interval *out)
{
	return interval_mul(i, f, out, c->fn->err);
}
#define NAME times_interval
#define ROW times_interval_row
#define ARG1 f64
#define ARG2 interval
#define RESULT interval
#include "engine/function/rowwise.inc"

static bool interval_by_row(struct rowcall *c, const struct interval *i, double f, struct interval *out)
{
	return interval_divide(i, f, out, c->fn->err);
}
#define NAME interval_by
#define ROW interval_by_row
#define ARG1 interval
#define ARG2 f64
#define RESULT interval
#include "engine/function/rowwise.inc"

static double round_to_usec(double x)
{
	return rint(x * 1e6) / 1e6;
}

/* Fractions of months become days and fractions of days time, as in PostgreSQL's interval_div; the
 * intermediate results are rounded to microseconds, so that 1 month / 3 is a whole number of days. */
bool interval_divide(const struct interval *i, double f, struct interval *out, struct err *e)
{
	double months, days, month_days, seconds, usec;

	if (f == 0)
		return err_set(e, ERR_DIVISION_BY_ZERO, "division by zero");
	months = i->months / f;
	days = i->days / f;
	if (isnan(f) || fabs(months) >= 2147483648.0 || fabs(days) >= 2147483648.0)
		return err_set(e, ERR_DATETIME_OVERFLOW, "interval out of range");
	out->months = (int32_t)months;
	out->days = (int32_t)days;
	month_days = round_to_usec((months - out->months) * 30);
	seconds = round_to_usec((days - out->days + month_days - (int32_t)month_days) * 86400);
	if (fabs(seconds) >= 86400) {
		out->days += (int32_t)(seconds / 86400);
		seconds -= (double)((int64_t)(seconds / 86400) * 86400);
	}
	out->days += (int32_t)month_days;
	usec = rint((double)i->usec / f + seconds * 1e6);
	if (!(usec >= -9223372036854775808.0 && usec < 9223372036854775808.0))
		return err_set(e, ERR_DATETIME_OVERFLOW, "interval out of range");
	out->usec = (int64_t)usec;
	return true;
}

#define OP2(symbol, a, b, r, impl, text)                                                           \
	{.name = symbol, .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(a), T(b)}, .result = T(r),      \
	 .fn = impl, .flags = FUNC_CAN_FAIL, .help = text}
#define SAFE2(symbol, a, b, r, impl, text)                                                         \
	{.name = symbol, .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(a), T(b)}, .result = T(r),      \
	 .fn = impl, .flags = FUNC_LEAK_PROOF, .help = text}
/* Steps of days and months over daylight saving changes depend on the session's zone. */
#define ZONED(symbol, a, b, r, impl, text)                                                         \
	{.name = symbol, .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(a), T(b)}, .result = T(r),      \
	 .fn = impl, .flags = FUNC_CAN_FAIL, .volatility = FUNC_STABLE, .help = text}

const struct func functions_operators_datetime[] = {
	OP2("+", DATE, INT4, DATE, date_plus_days, "add days"),
	OP2("+", INT4, DATE, DATE, days_plus_date, "add days"),
	OP2("-", DATE, INT4, DATE, date_minus_days, "subtract days"),
	OP2("-", DATE, DATE, INT4, date_difference, "days between"),
	OP2("+", DATE, TIME, TIMESTAMP, date_plus_time, "timestamp of date and time"),
	OP2("+", TIME, DATE, TIMESTAMP, time_plus_date, "timestamp of time and date"),
	OP2("+", DATE, TIMETZ, TIMESTAMPTZ, date_plus_timetz, "timestamp of date and time with zone"),
	OP2("+", TIMETZ, DATE, TIMESTAMPTZ, timetz_plus_date, "timestamp of time with zone and date"),
	OP2("+", DATE, INTERVAL, TIMESTAMP, date_plus_interval, "add"),
	OP2("+", INTERVAL, DATE, TIMESTAMP, interval_plus_date, "add"),
	OP2("-", DATE, INTERVAL, TIMESTAMP, date_minus_interval, "subtract"),
	OP2("+", TIMESTAMP, INTERVAL, TIMESTAMP, timestamp_plus_interval, "add"),
	OP2("+", INTERVAL, TIMESTAMP, TIMESTAMP, interval_plus_timestamp, "add"),
	OP2("-", TIMESTAMP, INTERVAL, TIMESTAMP, timestamp_minus_interval, "subtract"),
	ZONED("+", TIMESTAMPTZ, INTERVAL, TIMESTAMPTZ, timestamptz_plus_interval, "add"),
	ZONED("+", INTERVAL, TIMESTAMPTZ, TIMESTAMPTZ, interval_plus_timestamptz, "add"),
	ZONED("-", TIMESTAMPTZ, INTERVAL, TIMESTAMPTZ, timestamptz_minus_interval, "subtract"),
	OP2("-", TIMESTAMP, TIMESTAMP, INTERVAL, timestamp_difference, "time between"),
	OP2("-", TIMESTAMPTZ, TIMESTAMPTZ, INTERVAL, timestamp_difference, "time between"),
	SAFE2("+", TIME, INTERVAL, TIME, time_plus_interval, "add, round the clock"),
	SAFE2("+", INTERVAL, TIME, TIME, interval_plus_time, "add, round the clock"),
	SAFE2("-", TIME, INTERVAL, TIME, time_minus_interval, "subtract, round the clock"),
	SAFE2("-", TIME, TIME, INTERVAL, time_difference, "time between"),
	SAFE2("+", TIMETZ, INTERVAL, TIMETZ, timetz_plus_interval, "add, round the clock"),
	SAFE2("+", INTERVAL, TIMETZ, TIMETZ, interval_plus_timetz, "add, round the clock"),
	SAFE2("-", TIMETZ, INTERVAL, TIMETZ, timetz_minus_interval, "subtract, round the clock"),
	OP2("+", INTERVAL, INTERVAL, INTERVAL, interval_plus_interval, "add"),
	OP2("-", INTERVAL, INTERVAL, INTERVAL, interval_minus_interval, "subtract"),
	{.name = "-", .kind = FUNC_OPERATOR, .nargs = 1, .args = {T(INTERVAL)}, .result = T(INTERVAL),
	 .fn = interval_negate, .flags = FUNC_CAN_FAIL, .help = "negate"},
	OP2("*", INTERVAL, FLOAT8, INTERVAL, interval_times, "multiply"),
	OP2("*", FLOAT8, INTERVAL, INTERVAL, times_interval, "multiply"),
	OP2("/", INTERVAL, FLOAT8, INTERVAL, interval_by, "divide"),
	{.name = NULL},
};
