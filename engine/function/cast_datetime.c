/*
 * Casts among dates, times, timestamps and intervals, and the coercion to a declared precision. What
 * crosses between local time and UTC uses the session's zone and is therefore only stable. Casts of an
 * infinite timestamp to a time of day give NULL, as in PostgreSQL.
 */
#include "engine/function/cast_int.h"
#include "engine/function/datetime_range.h"
#include "engine/function/rowwise.h"
#include "engine/function/tables.h"

static const char *session_zone(const struct rowcall *c)
{
	return c->fn->text ? c->fn->text->timezone : text_context_default.timezone;
}

static bool zone_is_utc(const char *zone)
{
	return strcmp(zone, "UTC") == 0;
}

static bool local_to_utc(struct rowcall *c, int64_t local, int64_t *out)
{
	const char *zone = session_zone(c);

	if (!timestamp_is_finite(local) || zone_is_utc(zone)) {
		*out = local;
		return true;
	}
	if (!zone_to_utc(zone, local, out, c->fn->err))
		return false;
	if (!timestamp_in_range(*out))
		return err_set(c->fn->err, ERR_DATETIME_OVERFLOW, "timestamp out of range");
	return true;
}

static bool utc_to_local(struct rowcall *c, int64_t utc, int64_t *out, int *offset)
{
	const char *zone = session_zone(c);

	*out = utc;
	*offset = 0;
	if (!timestamp_is_finite(utc) || zone_is_utc(zone))
		return true;
	if (!zone_offset_utc(zone, utc, offset, c->fn->err))
		return false;
	*out = utc + *offset * USEC_PER_SEC;
	return true;
}

static bool digits_wanted(int32_t mod)
{
	return mod >= 0 && mod < 6;
}

/* timestamp(n), timestamptz(n) in the result type. */
static bool put_timestamp(struct rowcall *c, int64_t t, int64_t *out)
{
	int32_t mod = c->fn->result.mod;

	*out = digits_wanted(mod) && timestamp_is_finite(t) ? timestamp_round(t, mod) : t;
	if (timestamp_is_finite(*out) && !timestamp_in_range(*out))
		return err_set(c->fn->err, ERR_DATETIME_OVERFLOW, "timestamp out of range");
	return true;
}

/* Microseconds to n fraction digits, half away from zero. */
static int64_t round_usec(int64_t usec, int32_t mod)
{
	static const int64_t units[] = {1000000, 100000, 10000, 1000, 100, 10};
	int64_t unit;

	if (!digits_wanted(mod))
		return usec;
	unit = units[mod];
	return (usec + (usec < 0 ? -unit / 2 : unit / 2)) / unit * unit;
}

/* ---- date ---- */

static bool date_timestamp_row(struct rowcall *c, int32_t d, int64_t *out)
{
	return date_to_timestamp(d, out, c->fn->err);
}
#define NAME date_as_timestamp
#define ROW date_timestamp_row
#define ARG1 i32
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool date_timestamptz_row(struct rowcall *c, int32_t d, int64_t *out)
{
	int64_t t = 0;
	return date_to_timestamp(d, &t, c->fn->err) && local_to_utc(c, t, out);
}
#define NAME date_as_timestamptz
#define ROW date_timestamptz_row
#define ARG1 i32
#define RESULT i64
#include "engine/function/rowwise.inc"

/* ---- timestamps ---- */

static bool timestamp_date_row(struct rowcall *c, int64_t t, int32_t *out)
{
	(void)c;
	*out = timestamp_to_date(t);
	return true;
}
#define NAME timestamp_as_date
#define ROW timestamp_date_row
#define ARG1 i64
#define RESULT i32
#include "engine/function/rowwise.inc"

static bool timestamp_time_row(struct rowcall *c, int64_t t, int64_t *out)
{
	if (!timestamp_is_finite(t))
		return row_null(c);
	*out = round_usec(timestamp_to_time(t), c->fn->result.mod);
	return true;
}
#define NAME timestamp_as_time
#define ROW timestamp_time_row
#define ARG1 i64
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool timestamp_rounded_row(struct rowcall *c, int64_t t, int64_t *out)
{
	return put_timestamp(c, t, out);
}
#define NAME timestamp_rounded
#define ROW timestamp_rounded_row
#define ARG1 i64
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool timestamp_timestamptz_row(struct rowcall *c, int64_t t, int64_t *out)
{
	return local_to_utc(c, t, &t) && put_timestamp(c, t, out);
}
#define NAME timestamp_as_timestamptz
#define ROW timestamp_timestamptz_row
#define ARG1 i64
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool timestamptz_timestamp_row(struct rowcall *c, int64_t t, int64_t *out)
{
	int offset;
	return utc_to_local(c, t, &t, &offset) && put_timestamp(c, t, out);
}
#define NAME timestamptz_as_timestamp
#define ROW timestamptz_timestamp_row
#define ARG1 i64
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool timestamptz_date_row(struct rowcall *c, int64_t t, int32_t *out)
{
	int offset;
	if (!utc_to_local(c, t, &t, &offset))
		return false;
	*out = timestamp_to_date(t);
	return true;
}
#define NAME timestamptz_as_date
#define ROW timestamptz_date_row
#define ARG1 i64
#define RESULT i32
#include "engine/function/rowwise.inc"

static bool timestamptz_time_row(struct rowcall *c, int64_t t, int64_t *out)
{
	int offset;
	return utc_to_local(c, t, &t, &offset) && timestamp_time_row(c, t, out);
}
#define NAME timestamptz_as_time
#define ROW timestamptz_time_row
#define ARG1 i64
#define RESULT i64
#include "engine/function/rowwise.inc"

/* timetz: usec = local time, days = seconds west of UTC. */
static bool timestamptz_timetz_row(struct rowcall *c, int64_t t, struct interval *out)
{
	int offset;

	if (!timestamp_is_finite(t))
		return row_null(c);
	if (!utc_to_local(c, t, &t, &offset))
		return false;
	*out = (struct interval){.usec = round_usec(timestamp_to_time(t), c->fn->result.mod), .days = -offset};
	return true;
}
#define NAME timestamptz_as_timetz
#define ROW timestamptz_timetz_row
#define ARG1 i64
#define RESULT interval
#include "engine/function/rowwise.inc"

/* ---- times of day ---- */

static bool time_rounded_row(struct rowcall *c, int64_t t, int64_t *out)
{
	*out = round_usec(t, c->fn->result.mod);
	return true;
}
#define NAME time_rounded
#define ROW time_rounded_row
#define ARG1 i64
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool time_interval_row(struct rowcall *c, int64_t t, struct interval *out)
{
	(void)c;
	*out = (struct interval){.usec = t};
	return true;
}
#define NAME time_as_interval
#define ROW time_interval_row
#define ARG1 i64
#define RESULT interval
#include "engine/function/rowwise.inc"

/* In the zone as it stands at the statement's now. */
static bool time_timetz_row(struct rowcall *c, int64_t t, struct interval *out)
{
	int64_t now = c->fn->text ? c->fn->text->now : text_context_default.now;
	int offset;

	if (!utc_to_local(c, now, &now, &offset))
		return false;
	*out = (struct interval){.usec = round_usec(t, c->fn->result.mod), .days = -offset};
	return true;
}
#define NAME time_as_timetz
#define ROW time_timetz_row
#define ARG1 i64
#define RESULT interval
#include "engine/function/rowwise.inc"

static bool timetz_time_row(struct rowcall *c, const struct interval *t, int64_t *out)
{
	*out = round_usec(t->usec, c->fn->result.mod);
	return true;
}
#define NAME timetz_as_time
#define ROW timetz_time_row
#define ARG1 interval
#define RESULT i64
#include "engine/function/rowwise.inc"

static bool timetz_rounded_row(struct rowcall *c, const struct interval *t, struct interval *out)
{
	*out = *t;
	out->usec = round_usec(t->usec, c->fn->result.mod);
	return true;
}
#define NAME timetz_rounded
#define ROW timetz_rounded_row
#define ARG1 interval
#define RESULT interval
#include "engine/function/rowwise.inc"

/* ---- intervals ---- */

static bool interval_time_row(struct rowcall *c, const struct interval *i, int64_t *out)
{
	*out = round_usec(timestamp_to_time(i->usec), c->fn->result.mod);
	return true;
}
#define NAME interval_as_time
#define ROW interval_time_row
#define ARG1 interval
#define RESULT i64
#include "engine/function/rowwise.inc"

/* Bits of an interval's typmod (PostgreSQL's INTERVAL_MASK). */
enum interval_field {
	FIELD_MONTH = 1 << 1,
	FIELD_YEAR = 1 << 2,
	FIELD_DAY = 1 << 3,
	FIELD_HOUR = 1 << 10,
	FIELD_MINUTE = 1 << 11,
	FIELD_SECOND = 1 << 12,
	FIELD_ALL = 0x7fff
};

/* interval day, interval hour to minute …: what is finer than the last field is dropped. */
static bool interval_fields_row(struct rowcall *c, const struct interval *i, struct interval *out)
{
	int32_t mod = c->fn->result.mod, fields = (mod >> 16) & 0x7fff, digits = mod & 0xffff;

	*out = *i;
	if (mod < 0)
		return true;
	if (fields != FIELD_ALL && !(fields & FIELD_SECOND)) {
		if (fields & FIELD_MINUTE)
			out->usec -= out->usec % (60 * USEC_PER_SEC);
		else if (fields & FIELD_HOUR)
			out->usec -= out->usec % (3600 * USEC_PER_SEC);
		else
			out->usec = 0;
		if (!(fields & (FIELD_DAY | FIELD_HOUR | FIELD_MINUTE)))
			out->days = 0;
		if (fields == FIELD_YEAR)
			out->months -= out->months % 12;
	}
	out->usec = round_usec(out->usec, digits);
	return true;
}
#define NAME interval_fields
#define ROW interval_fields_row
#define ARG1 interval
#define RESULT interval
#include "engine/function/rowwise.inc"

/* ---- the table ---- */

#define ROW_OF(a, b, impl, flag_bits, when, rule)                                                  \
	{.name = "", .kind = FUNC_CAST, .nargs = 1, .args = {T(a)}, .result = T(b), .fn = impl,        \
	 .flags = (flag_bits), .volatility = when, .infer = rule, .help = "convert"}

static const struct func same_bytes =
	ROW_OF(TIMESTAMP, TIMESTAMP, NULL, CAST_IMPLICIT | FUNC_BINARY | FUNC_LEAK_PROOF, FUNC_IMMUTABLE, NULL);

/* No digits to keep to: nothing to do. */
static struct type infer_digits(const struct func *f, struct type *types, uint32_t n, const struct func **pick)
{
	if (n < 2)
		return f->result;
	if (types[1].mod < 0)
		*pick = &same_bytes;
	return types[1];
}

#define FAILS FUNC_CAN_FAIL
#define NULLS FUNC_NOT_STRICT /* can answer NULL */
const struct func functions_cast_datetime[] = {
	ROW_OF(DATE, TIMESTAMP, date_as_timestamp, CAST_IMPLICIT | FAILS, FUNC_IMMUTABLE, NULL),
	ROW_OF(DATE, TIMESTAMPTZ, date_as_timestamptz, CAST_IMPLICIT | FAILS, FUNC_STABLE, NULL),
	ROW_OF(TIMESTAMP, DATE, timestamp_as_date, FUNC_ASSIGNMENT | FUNC_LEAK_PROOF, FUNC_IMMUTABLE, NULL),
	ROW_OF(TIMESTAMP, TIME, timestamp_as_time, FUNC_ASSIGNMENT | NULLS, FUNC_IMMUTABLE, NULL),
	ROW_OF(TIMESTAMP, TIMESTAMP, timestamp_rounded, CAST_IMPLICIT | FAILS, FUNC_IMMUTABLE, infer_digits),
	ROW_OF(TIMESTAMP, TIMESTAMPTZ, timestamp_as_timestamptz, CAST_IMPLICIT | FAILS, FUNC_STABLE, NULL),
	ROW_OF(TIMESTAMPTZ, DATE, timestamptz_as_date, FUNC_ASSIGNMENT | FAILS, FUNC_STABLE, NULL),
	ROW_OF(TIMESTAMPTZ, TIME, timestamptz_as_time, FUNC_ASSIGNMENT | FAILS | NULLS, FUNC_STABLE, NULL),
	ROW_OF(TIMESTAMPTZ, TIMESTAMP, timestamptz_as_timestamp, FUNC_ASSIGNMENT | FAILS, FUNC_STABLE, NULL),
	ROW_OF(TIMESTAMPTZ, TIMESTAMPTZ, timestamp_rounded, CAST_IMPLICIT | FAILS, FUNC_IMMUTABLE, infer_digits),
	ROW_OF(TIMESTAMPTZ, TIMETZ, timestamptz_as_timetz, FUNC_ASSIGNMENT | FAILS | NULLS, FUNC_STABLE, NULL),
	ROW_OF(TIME, TIME, time_rounded, CAST_IMPLICIT | FUNC_LEAK_PROOF, FUNC_IMMUTABLE, infer_digits),
	ROW_OF(TIME, INTERVAL, time_as_interval, CAST_IMPLICIT | FUNC_LEAK_PROOF, FUNC_IMMUTABLE, NULL),
	ROW_OF(TIME, TIMETZ, time_as_timetz, CAST_IMPLICIT | FAILS, FUNC_STABLE, NULL),
	ROW_OF(TIMETZ, TIME, timetz_as_time, FUNC_ASSIGNMENT | FUNC_LEAK_PROOF, FUNC_IMMUTABLE, NULL),
	ROW_OF(TIMETZ, TIMETZ, timetz_rounded, CAST_IMPLICIT | FUNC_LEAK_PROOF, FUNC_IMMUTABLE, infer_digits),
	ROW_OF(INTERVAL, TIME, interval_as_time, FUNC_ASSIGNMENT | FUNC_LEAK_PROOF, FUNC_IMMUTABLE, NULL),
	ROW_OF(INTERVAL, INTERVAL, interval_fields, CAST_IMPLICIT | FUNC_LEAK_PROOF, FUNC_IMMUTABLE, infer_digits),
	{.name = NULL},
};
