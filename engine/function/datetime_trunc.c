/*
 * date_trunc, date_bin, age, justify_*, isfinite, OVERLAPS: arithmetic on whole values.
 */
#include "engine/function/datetime_fields.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"

static bool is_infinite(int64_t t) { return t == TIMESTAMP_INFINITY || t == TIMESTAMP_NEG_INFINITY; }

/* ---- date_trunc ---- */

/* Fields that only extract knows are no units here. */
static bool refuse(struct row *r, enum datetime_field f, enum type_id type)
{
	bool unit = f != FIELD_SPECIAL && f < FIELD_DOW;

	return datetime_field_refuse(row_str(r, 0), unit ? f : FIELD_UNKNOWN, type, r->call->err);
}

/* Years are truncated on our count of them: 1 … 100 is the first century, 100 BC … 1 BC the last before. */
static int trunc_year(int y, enum datetime_field f)
{
	switch ((int)f) {
	case FIELD_DECADE: return y > 0 ? y / 10 * 10 : -((8 - (y - 1)) / 10) * 10;
	case FIELD_CENTURY: return y > 0 ? (y + 99) / 100 * 100 - 99 : -((99 - (y - 1)) / 100) * 100 + 1;
	case FIELD_MILLENNIUM: return y > 0 ? (y + 999) / 1000 * 1000 - 999 : -((999 - (y - 1)) / 1000) * 1000 + 1;
	}
	return y;
}

/* Truncates wall time; false for a unit that date_trunc does not know. *whole_days tells that the result is
 * a midnight, so that a zone's offset must be found anew. */
static bool trunc_wall(int64_t t, enum datetime_field f, int64_t *out, bool *whole_days)
{
	int64_t us = t % USEC_PER_DAY, unit = 0;
	int32_t days = (int32_t)((t - us) / USEC_PER_DAY);
	int y, month, day;

	if (us < 0) {
		us += USEC_PER_DAY;
		days--;
	}
	*whole_days = false;
	switch ((int)f) {
	case FIELD_MICROSECONDS: unit = 1; break;
	case FIELD_MILLISECONDS: unit = 1000; break;
	case FIELD_SECOND: unit = USEC_PER_SEC; break;
	case FIELD_MINUTE: unit = 60 * USEC_PER_SEC; break;
	case FIELD_HOUR: unit = 3600 * USEC_PER_SEC; break;
	}
	if (unit) {
		*out = t - us % unit;
		return true;
	}
	*whole_days = true;
	date_to_civil(days, &y, &month, &day);
	switch ((int)f) {
	case FIELD_DAY:
		break;
	case FIELD_WEEK:
		days -= date_isodow(days) - 1;
		break;
	case FIELD_MONTH:
		days = date_from_civil(y, month, 1);
		break;
	case FIELD_QUARTER:
		days = date_from_civil(y, (month - 1) / 3 * 3 + 1, 1);
		break;
	case FIELD_YEAR: case FIELD_DECADE: case FIELD_CENTURY: case FIELD_MILLENNIUM:
		days = date_from_civil(trunc_year(y, f), 1, 1);
		break;
	default: /* the other units */
		return false;
	}
	*out = days * USEC_PER_DAY;
	return true;
}

static bool trunc_timestamp_row(struct row *r)
{
	int64_t t = row_i64(r, 1), out;
	enum datetime_field f = datetime_field_find(row_str(r, 0));
	bool days;

	if (is_infinite(t))
		return row_set_i64(r, t);
	if (!trunc_wall(t, f, &out, &days))
		return refuse(r, f, TYPE_TIMESTAMP);
	if (out < -INT64_C(211813488000000000)) /* 4714-11-24 BC */
		return row_error(r, ERR_DATETIME_OVERFLOW, "timestamp out of range");
	return row_set_i64(r, out);
}
ROWS(trunc_timestamp_fn, trunc_timestamp_row, ROWS_PLAIN)

static bool trunc_zone(struct row *r, const char *zone)
{
	int64_t t = row_i64(r, 1), local;
	enum datetime_field f = datetime_field_find(row_str(r, 0));
	bool days;
	int east;

	if (is_infinite(t))
		return row_set_i64(r, t);
	if (!zone_offset_utc(zone, t, &east, r->call->err))
		return false;
	if (!trunc_wall(t + east * USEC_PER_SEC, f, &local, &days))
		return refuse(r, f, TYPE_TIMESTAMPTZ);
	if (!days)
		return row_set_i64(r, local - east * USEC_PER_SEC);
	if (!zone_to_utc(zone, local, &local, r->call->err))
		return false;
	return row_set_i64(r, local);
}
static bool trunc_timestamptz_row(struct row *r) { return trunc_zone(r, r->call->text->timezone); }
ROWS(trunc_timestamptz_fn, trunc_timestamptz_row, ROWS_PLAIN)

static bool trunc_in_zone_row(struct row *r)
{
	struct str s = row_str(r, 2);
	char zone[64];

	if (is_infinite(row_i64(r, 1)))
		return row_set_i64(r, row_i64(r, 1));
	if (s.len >= sizeof zone)
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "time zone \"%.*s\" not recognized", 100, s.data);
	memcpy(zone, s.data, s.len);
	zone[s.len] = 0;
	return trunc_zone(r, zone);
}
ROWS(trunc_in_zone_fn, trunc_in_zone_row, ROWS_PLAIN)

static bool trunc_interval_row(struct row *r)
{
	struct interval i = *row_interval(r, 1);
	enum datetime_field f = datetime_field_find(row_str(r, 0));
	int64_t unit = 0;
	int months = 0;

	switch ((int)f) {
	case FIELD_MILLENNIUM: months = 12000; break;
	case FIELD_CENTURY: months = 1200; break;
	case FIELD_DECADE: months = 120; break;
	case FIELD_YEAR: months = 12; break;
	case FIELD_QUARTER: months = 3; break;
	case FIELD_MONTH: months = 1; break;
	case FIELD_DAY: unit = INT64_MAX; break;
	case FIELD_HOUR: unit = 3600 * USEC_PER_SEC; break;
	case FIELD_MINUTE: unit = 60 * USEC_PER_SEC; break;
	case FIELD_SECOND: unit = USEC_PER_SEC; break;
	case FIELD_MILLISECONDS: unit = 1000; break;
	case FIELD_MICROSECONDS: unit = 1; break;
	default: /* weeks and the rest */
		refuse(r, f, TYPE_INTERVAL);
		return f == FIELD_WEEK ? err_detail(r->call->err, "Months usually have fractional weeks.") : false;
	}
	if (months) {
		i.months -= i.months % months;
		i.days = 0;
		i.usec = 0;
	} else {
		i.usec = unit == INT64_MAX ? 0 : i.usec - i.usec % unit;
	}
	return row_set_interval(r, i);
}
ROWS(trunc_interval_fn, trunc_interval_row, ROWS_PLAIN)

/* ---- date_bin ---- */

static bool date_bin_row(struct row *r)
{
	const struct interval *stride = row_interval(r, 0);
	int64_t t = row_i64(r, 1), origin = row_i64(r, 2), step, diff, into;

	if (is_infinite(t))
		return row_set_i64(r, t);
	if (is_infinite(origin))
		return row_error(r, ERR_DATETIME_OVERFLOW, "origin out of range");
	if (stride->months)
		return row_error(r, ERR_FEATURE_NOT_SUPPORTED, "timestamps cannot be binned into intervals containing months or years");
	if (__builtin_mul_overflow((int64_t)stride->days, USEC_PER_DAY, &step) ||
		__builtin_add_overflow(step, stride->usec, &step))
		return row_error(r, ERR_DATETIME_OVERFLOW, "interval out of range");
	if (step <= 0)
		return row_error(r, ERR_DATETIME_OVERFLOW, "stride must be greater than zero");
	if (__builtin_sub_overflow(t, origin, &diff))
		return row_error(r, ERR_DATETIME_OVERFLOW, "interval out of range");
	into = diff % step;
	if (__builtin_sub_overflow(t, into < 0 ? into + step : into, &t))
		return row_error(r, ERR_DATETIME_OVERFLOW, "timestamp out of range");
	return row_set_i64(r, t);
}
ROWS(date_bin_fn, date_bin_row, ROWS_PLAIN)

/* ---- age ---- */

static bool age_row(struct row *r) { return row_set_interval(r, timestamp_age(row_i64(r, 0), row_i64(r, 1))); }
ROWS(age_fn, age_row, ROWS_PLAIN)

static bool wall_time(struct row *r, int64_t t, int64_t *local)
{
	int east;

	if (is_infinite(t)) {
		*local = t;
		return true;
	}
	if (!zone_offset_utc(r->call->text->timezone, t, &east, r->call->err))
		return false;
	*local = t + east * USEC_PER_SEC;
	return true;
}

static bool age_tz_row(struct row *r)
{
	int64_t a, b;

	return wall_time(r, row_i64(r, 0), &a) && wall_time(r, row_i64(r, 1), &b) && row_set_interval(r, timestamp_age(a, b));
}
ROWS(age_tz_fn, age_tz_row, ROWS_PLAIN)

/* Since today's midnight, local. */
TEMPLATE bool age_today(struct row *r, bool tz)
{
	int64_t now, t = row_i64(r, 0);

	if (!wall_time(r, r->call->text->now, &now) || (tz && !wall_time(r, t, &t)))
		return false;
	now -= (now % USEC_PER_DAY + USEC_PER_DAY) % USEC_PER_DAY;
	return row_set_interval(r, timestamp_age(now, t));
}
static bool age_today_row(struct row *r) { return age_today(r, false); }
static bool age_today_tz_row(struct row *r) { return age_today(r, true); }
ROWS(age_today_fn, age_today_row, ROWS_PLAIN)
ROWS(age_today_tz_fn, age_today_tz_row, ROWS_PLAIN)

/* ---- intervals ---- */

static bool out_of_range(struct row *r) { return row_error(r, ERR_DATETIME_OVERFLOW, "interval out of range"); }

/* Full months of 30 days out of the days. */
static bool days_to_months(struct interval *i)
{
	int32_t months = i->days / 30;

	i->days -= months * 30;
	return !__builtin_add_overflow(i->months, months, &i->months);
}

static bool justify_days_row(struct row *r)
{
	struct interval i = *row_interval(r, 0);

	if (!days_to_months(&i))
		return out_of_range(r);
	if (i.months > 0 && i.days < 0) {
		i.days += 30;
		i.months--;
	} else if (i.months < 0 && i.days > 0) {
		i.days -= 30;
		i.months++;
	}
	return row_set_interval(r, i);
}
ROWS(justify_days_fn, justify_days_row, ROWS_PLAIN)

static bool hours_to_days(struct interval *i)
{
	int64_t days = i->usec / USEC_PER_DAY;

	i->usec -= days * USEC_PER_DAY;
	return !__builtin_add_overflow(i->days, (int32_t)days, &i->days);
}

static bool justify_hours_row(struct row *r)
{
	struct interval i = *row_interval(r, 0);

	if (!hours_to_days(&i))
		return out_of_range(r);
	if (i.days > 0 && i.usec < 0) {
		i.usec += USEC_PER_DAY;
		i.days--;
	} else if (i.days < 0 && i.usec > 0) {
		i.usec -= USEC_PER_DAY;
		i.days++;
	}
	return row_set_interval(r, i);
}
ROWS(justify_hours_fn, justify_hours_row, ROWS_PLAIN)

static bool justify_interval_row(struct row *r)
{
	struct interval i = *row_interval(r, 0);

	/* Days first where adding the hours could overflow them. */
	if (((i.days > 0 && i.usec > 0) || (i.days < 0 && i.usec < 0)) && !days_to_months(&i))
		return out_of_range(r);
	if (!hours_to_days(&i) || !days_to_months(&i))
		return out_of_range(r);
	if (i.months > 0 && (i.days < 0 || (i.days == 0 && i.usec < 0))) {
		i.days += 30;
		i.months--;
	} else if (i.months < 0 && (i.days > 0 || (i.days == 0 && i.usec > 0))) {
		i.days -= 30;
		i.months++;
	}
	if (i.days > 0 && i.usec < 0) {
		i.usec += USEC_PER_DAY;
		i.days--;
	} else if (i.days < 0 && i.usec > 0) {
		i.usec -= USEC_PER_DAY;
		i.days++;
	}
	return row_set_interval(r, i);
}
ROWS(justify_interval_fn, justify_interval_row, ROWS_PLAIN)

static bool finite_date_row(struct row *r)
{
	return row_set_bool(r, row_i32(r, 0) != DATE_INFINITY && row_i32(r, 0) != DATE_NEG_INFINITY);
}
static bool finite_timestamp_row(struct row *r) { return row_set_bool(r, !is_infinite(row_i64(r, 0))); }
static bool finite_interval_row(struct row *r) { return row_set_bool(r, true); }
ROWS(finite_date_fn, finite_date_row, ROWS_PLAIN)
ROWS(finite_timestamp_fn, finite_timestamp_row, ROWS_PLAIN)
ROWS(finite_interval_fn, finite_interval_row, ROWS_PLAIN)

/* ---- OVERLAPS ---- */

struct end {
	bool null;
	int128 at;
};

/* A timetz as one ordered number: its instant first, then its zone. */
static int128 timetz_key(const struct interval *t)
{
	return ((int128)(t->usec + t->days * USEC_PER_SEC) << 32) + t->days;
}

/* Argument a as a point; the second of a pair may be an interval to add to `start`. */
static bool overlap_end(struct row *r, unsigned a, const struct end *start, struct end *out)
{
	const struct fncall *c = r->call;
	uint8_t type = c->fn->args[a].id, base = c->fn->args[0].id;
	int64_t t;

	out->null = row_is_null(r, a) || (type == TYPE_INTERVAL && start->null);
	out->at = 0;
	if (out->null)
		return true;
	if (type == TYPE_TIMETZ) {
		out->at = timetz_key(row_interval(r, a));
		return true;
	}
	if (type != TYPE_INTERVAL) {
		out->at = row_i64(r, a);
		return true;
	}
	t = (int64_t)start->at;
	if (base == TYPE_TIME)
		t = ((t + row_interval(r, a)->usec % USEC_PER_DAY) % USEC_PER_DAY + USEC_PER_DAY) % USEC_PER_DAY;
	else if (!(base == TYPE_TIMESTAMP ? timestamp_add_interval(t, row_interval(r, a), &t, c->err)
									  : timestamptz_add_interval(t, row_interval(r, a), c->text->timezone, &t, c->err)))
		return false;
	out->at = t;
	return true;
}

/* Puts the earlier point (or the known one) first. */
static void order_ends(struct end *a, struct end *b)
{
	struct end t = *a;

	if (a->null || (!b->null && a->at > b->at)) {
		*a = *b;
		*b = t;
	}
}

/* SQL's rule on half-open periods, a lone point counting as one; NULL where an unknown end matters. */
static bool overlaps_row(struct row *r)
{
	struct end s1, e1, s2, e2;

	if (!overlap_end(r, 0, NULL, &s1) || !overlap_end(r, 1, &s1, &e1) || !overlap_end(r, 2, NULL, &s2) ||
		!overlap_end(r, 3, &s2, &e2))
		return false;
	order_ends(&s1, &e1);
	order_ends(&s2, &e2);
	if (s1.null || s2.null)
		return row_set_null(r);
	if (s1.at == s2.at)
		return e1.null || e2.null ? row_set_null(r) : row_set_bool(r, true);
	if (s1.at < s2.at) {
		struct end t = s1;
		s1 = s2;
		s2 = t;
		t = e1;
		e1 = e2;
		e2 = t;
	}
	/* s1 > s2: they overlap when s1 comes before the other's end. */
	if (e2.null)
		return row_set_null(r);
	if (s1.at < e2.at)
		return row_set_bool(r, true);
	return e1.null ? row_set_null(r) : row_set_bool(r, false);
}
ROWS(overlaps_fn, overlaps_row, ROWS_NULL_OUT)

#define OVERLAPS(vol, a, b) \
	FNV("overlaps", BOOL, overlaps_fn, FUNC_NOT_STRICT | FAIL, vol, "whether two periods, each given by two ends or start and length, overlap", T(a), T(a), T(a), T(a)), \
	FNV("overlaps", BOOL, overlaps_fn, FUNC_NOT_STRICT | FAIL, vol, "whether two periods overlap", T(a), T(b), T(a), T(b)), \
	FNV("overlaps", BOOL, overlaps_fn, FUNC_NOT_STRICT | FAIL, vol, "whether two periods overlap", T(a), T(b), T(a), T(a)), \
	FNV("overlaps", BOOL, overlaps_fn, FUNC_NOT_STRICT | FAIL, vol, "whether two periods overlap", T(a), T(a), T(a), T(b))

const struct func functions_datetime_trunc[] = {
	FN("date_trunc", TIMESTAMP, trunc_timestamp_fn, FAIL, "cut to a unit: date_trunc('month', …)", T(TEXT), T(TIMESTAMP)),
	FNV("date_trunc", TIMESTAMPTZ, trunc_timestamptz_fn, FAIL, STABLE, "cut to a unit in the session's time zone", T(TEXT), T(TIMESTAMPTZ)),
	FNV("date_trunc", TIMESTAMPTZ, trunc_in_zone_fn, FAIL, STABLE, "cut to a unit in a time zone", T(TEXT), T(TIMESTAMPTZ), T(TEXT)),
	FN("date_trunc", INTERVAL, trunc_interval_fn, FAIL, "cut to a unit", T(TEXT), T(INTERVAL)),
	FN("date_bin", TIMESTAMP, date_bin_fn, FAIL, "start of the bin of that length, counted from an origin", T(INTERVAL), T(TIMESTAMP), T(TIMESTAMP)),
	FN("date_bin", TIMESTAMPTZ, date_bin_fn, FAIL, "start of the bin of that length, counted from an origin", T(INTERVAL), T(TIMESTAMPTZ), T(TIMESTAMPTZ)),
	FN("age", INTERVAL, age_fn, SURE, "difference in years, months, days and time", T(TIMESTAMP), T(TIMESTAMP)),
	FNV("age", INTERVAL, age_tz_fn, FAIL, STABLE, "difference in years, months, days and time, on local time", T(TIMESTAMPTZ), T(TIMESTAMPTZ)),
	FNV("age", INTERVAL, age_today_fn, FAIL, STABLE, "difference to today's midnight", T(TIMESTAMP)),
	FNV("age", INTERVAL, age_today_tz_fn, FAIL, STABLE, "difference to today's midnight", T(TIMESTAMPTZ)),
	FN("justify_days", INTERVAL, justify_days_fn, FAIL, "turns 30 days into a month", T(INTERVAL)),
	FN("justify_hours", INTERVAL, justify_hours_fn, FAIL, "turns 24 hours into a day", T(INTERVAL)),
	FN("justify_interval", INTERVAL, justify_interval_fn, FAIL, "turns 24 hours into a day and 30 days into a month", T(INTERVAL)),
	FN("isfinite", BOOL, finite_date_fn, SURE, "neither infinity nor -infinity", T(DATE)),
	FN("isfinite", BOOL, finite_timestamp_fn, SURE, "neither infinity nor -infinity", T(TIMESTAMP)),
	FN("isfinite", BOOL, finite_timestamp_fn, SURE, "neither infinity nor -infinity", T(TIMESTAMPTZ)),
	FN("isfinite", BOOL, finite_interval_fn, SURE, "true", T(INTERVAL)),
	OVERLAPS(IMMUTABLE, TIMESTAMP, INTERVAL),
	OVERLAPS(STABLE, TIMESTAMPTZ, INTERVAL),
	OVERLAPS(IMMUTABLE, TIME, INTERVAL),
	FN("overlaps", BOOL, overlaps_fn, FUNC_NOT_STRICT | FAIL, "whether two periods overlap", T(TIMETZ), T(TIMETZ), T(TIMETZ), T(TIMETZ)),
	FN_END,
};
