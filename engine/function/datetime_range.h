/* Limits and small steps of date arithmetic that operators and casts share; all as PostgreSQL's. */
#ifndef HOPLUU_FUNCTION_DATETIME_RANGE_H
#define HOPLUU_FUNCTION_DATETIME_RANGE_H

#include "engine/types/datetime.h"

/* 4713-11-24 BC and the first day after 5874897-12-31. */
#define DATE_MIN (-2451545)
#define DATE_END 2145031949
/* 4714-11-24 BC and the first microsecond after 294276-12-31. */
#define TIMESTAMP_MIN INT64_C(-211813488000000000)
#define TIMESTAMP_END INT64_C(9223371331200000000)

static inline bool date_is_finite(int32_t d) { return d != DATE_INFINITY && d != DATE_NEG_INFINITY; }
static inline bool timestamp_is_finite(int64_t t) { return t != TIMESTAMP_INFINITY && t != TIMESTAMP_NEG_INFINITY; }
static inline bool timestamp_in_range(int64_t t) { return t >= TIMESTAMP_MIN && t < TIMESTAMP_END; }
static inline bool date_in_range(int64_t d) { return d >= DATE_MIN && d < DATE_END; }

/* Midnight of the day; infinities stay infinite. */
MUST_CHECK static inline bool date_to_timestamp(int32_t d, int64_t *out, struct err *e)
{
	if (d == DATE_INFINITY) {
		*out = TIMESTAMP_INFINITY;
	} else if (d == DATE_NEG_INFINITY) {
		*out = TIMESTAMP_NEG_INFINITY;
	} else {
		if (d >= TIMESTAMP_END / USEC_PER_DAY)
			return err_set(e, ERR_DATETIME_OVERFLOW, "date out of range for timestamp");
		*out = (int64_t)d * USEC_PER_DAY;
	}
	return true;
}
/* The day that holds the instant; infinities stay infinite. */
static inline int32_t timestamp_to_date(int64_t t)
{
	if (t == TIMESTAMP_INFINITY)
		return DATE_INFINITY;
	if (t == TIMESTAMP_NEG_INFINITY)
		return DATE_NEG_INFINITY;
	return (int32_t)(t / USEC_PER_DAY - (t % USEC_PER_DAY < 0));
}
/* Time of day of the instant. */
static inline int64_t timestamp_to_time(int64_t t)
{
	int64_t r = t % USEC_PER_DAY;
	return r < 0 ? r + USEC_PER_DAY : r;
}

/* i / f; in operators_datetime.c. */
MUST_CHECK bool interval_divide(const struct interval *i, double f, struct interval *out, struct err *e);

#endif
