/*
 * Dates, times, timestamps, intervals: the proleptic Gregorian calendar of PostgreSQL, days and
 * microseconds counted from 2000-01-01 (manual, 8.5 and appendix B). Zones by ICU, cached.
 */
#ifndef HOPLUU_TYPES_DATETIME_H
#define HOPLUU_TYPES_DATETIME_H

#include "engine/types/value.h"

#define USEC_PER_SEC INT64_C(1000000)
#define USEC_PER_DAY INT64_C(86400000000)
#define DATE_INFINITY INT32_MAX
#define DATE_NEG_INFINITY INT32_MIN
#define TIMESTAMP_INFINITY INT64_MAX
#define TIMESTAMP_NEG_INFINITY INT64_MIN
/* Days from 1970-01-01 to 2000-01-01. */
#define EPOCH_SHIFT_DAYS 10957

struct civil { /* a broken-down timestamp */
	int year; /* astronomical: 0 = 1 BC */
	int month, day, hour, minute, second, usec;
};
int32_t date_from_civil(int year, int month, int day); /* no check */
void date_to_civil(int32_t days, int *year, int *month, int *day);
bool date_is_valid(int year, int month, int day);
void timestamp_to_civil(int64_t us, struct civil *out);
int64_t timestamp_from_civil(const struct civil *c);
/* Seconds east of UTC that the zone has at that UTC instant. 22023 for an unknown zone. Zones are names
 * in any case, POSIX specifications ("+07" is west!) and abbreviations, as in AT TIME ZONE. */
MUST_CHECK bool zone_offset_utc(const char *zone, int64_t utc_us, int *seconds, struct err *e);
/* Local wall time to UTC (gap and overlap as PostgreSQL: standard-time offset rules). */
MUST_CHECK bool zone_to_utc(const char *zone, int64_t local_us, int64_t *utc_us, struct err *e);
/* Names (any case) and POSIX specifications, not abbreviations: what SET TIME ZONE takes. */
MUST_CHECK bool zone_is_valid(const char *zone);
/* What SET TIME ZONE stores and SHOW prints for a value: "7" and "+07" become "<+07>-07" (hours east,
 * unlike in AT TIME ZONE '+07', which POSIX counts west), names the database's spelling. text_context
 * and the functions above want this form. False when unknown. */
MUST_CHECK bool zone_canonical(struct str value, struct strbuf *out);

MUST_CHECK bool date_parse(struct str s, const struct text_context *tc, int32_t *out, struct err *e);
MUST_CHECK bool time_parse(struct str s, int32_t mod, int64_t *out, struct err *e);
/* timetz: usec = local time, days = zone seconds west of UTC. */
MUST_CHECK bool timetz_parse(struct str s, int32_t mod, const struct text_context *tc, struct interval *out, struct err *e);
void timetz_print(const struct interval *t, struct strbuf *out);
MUST_CHECK bool timestamp_parse(struct str s, int32_t mod, const struct text_context *tc, int64_t *out, struct err *e);
MUST_CHECK bool timestamptz_parse(struct str s, int32_t mod, const struct text_context *tc, int64_t *out, struct err *e);
MUST_CHECK bool interval_parse(struct str s, int32_t mod, struct interval *out, struct err *e);
void date_print(int32_t d, struct strbuf *out);
void time_print(int64_t t, struct strbuf *out);
void timestamp_print(int64_t t, struct strbuf *out);
void timestamptz_print(int64_t t, const char *zone, struct strbuf *out);
void interval_print(const struct interval *i, struct strbuf *out); /* intervalstyle postgres */

int interval_compare(const struct interval *a, const struct interval *b); /* 30-day months, 24-hour days */
MUST_CHECK bool timestamp_add_interval(int64_t t, const struct interval *i, int64_t *out, struct err *e);
MUST_CHECK bool timestamptz_add_interval(int64_t t, const struct interval *i, const char *zone, int64_t *out, struct err *e);
MUST_CHECK bool interval_add(const struct interval *a, const struct interval *b, struct interval *out, struct err *e);
MUST_CHECK bool interval_neg(const struct interval *a, struct interval *out, struct err *e);
MUST_CHECK bool interval_mul(const struct interval *a, double f, struct interval *out, struct err *e);
MUST_CHECK bool interval_div(const struct interval *a, double f, struct interval *out, struct err *e); /* 22012 */
struct interval interval_justify_hours(struct interval i);
/* age(a, b) of two timestamps. */
struct interval timestamp_age(int64_t a, int64_t b);
int64_t timestamp_round(int64_t t, int digits); /* to that many fraction digits, half away */

#endif
