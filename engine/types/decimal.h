/*
 * Exact decimals: scaled int64/int128 and the general struct num with a scale per value, as
 * PostgreSQL's numeric up to 38 digits (source: PostgreSQL 15 manual 8.1.2 and numeric.c's rules for
 * result scales, in our own words). What does not fit in 38 digits is ERR_NUMERIC_OUT_OF_RANGE.
 */
#ifndef HOPLUU_TYPES_DECIMAL_H
#define HOPLUU_TYPES_DECIMAL_H

#include "engine/types/type.h"

#define DECIMAL_DIGITS 38
extern const int128 decimal_pow10[DECIMAL_DIGITS + 1];
static inline int128 decimal_limit(int precision) { return decimal_pow10[precision]; } /* |x| < it */

int decimal_digits(int128 x); /* number of decimal digits of |x|; 0 for 0 */
/* x / 10^n rounded half away from zero (n >= 0). */
int128 decimal_div_pow10(int128 x, int n);
/* x * 10^n; false on overflow past 38 digits. */
MUST_CHECK bool decimal_mul_pow10(int128 x, int n, int128 *out);

struct num num_from_i64(int64_t x);
struct num num_from_scaled(int128 coef, int scale);
/* Shortest-text conversion as PostgreSQL's float8→numeric (15 digits) and float4→numeric (6). */
MUST_CHECK bool num_from_double(double d, int digits, struct num *out, struct err *e);
double num_to_double(const struct num *n);
MUST_CHECK bool num_to_i64(const struct num *n, int64_t *out, struct err *e); /* rounds half away */
/* To a scaled integer of that precision and scale, rounding half away; 22003 when too large or not finite. */
MUST_CHECK bool num_to_scaled(const struct num *n, int precision, int scale, int128 *out, struct err *e);
int num_compare(const struct num *a, const struct num *b); /* -inf < finite < inf < NaN; 1.0 == 1.00 */
uint64_t num_hash(const struct num *n);                    /* equal values hash alike, whatever their scale */
int num_sign(const struct num *n);

/* Result scales as PostgreSQL: add/sub max(sa,sb), mul sa+sb, div by select_div_scale, mod max. */
MUST_CHECK bool num_add(const struct num *a, const struct num *b, struct num *out, struct err *e);
MUST_CHECK bool num_sub(const struct num *a, const struct num *b, struct num *out, struct err *e);
MUST_CHECK bool num_mul(const struct num *a, const struct num *b, struct num *out, struct err *e);
MUST_CHECK bool num_div(const struct num *a, const struct num *b, struct num *out, struct err *e);
MUST_CHECK bool num_mod(const struct num *a, const struct num *b, struct num *out, struct err *e);
MUST_CHECK bool num_round(const struct num *a, int scale, bool truncate, struct num *out, struct err *e);
MUST_CHECK bool num_ceil(const struct num *a, struct num *out, struct err *e);
MUST_CHECK bool num_floor(const struct num *a, struct num *out, struct err *e);
MUST_CHECK bool num_sqrt(const struct num *a, struct num *out, struct err *e);
MUST_CHECK bool num_power(const struct num *a, const struct num *b, struct num *out, struct err *e);
MUST_CHECK bool num_exp(const struct num *a, struct num *out, struct err *e);
MUST_CHECK bool num_ln(const struct num *a, struct num *out, struct err *e);
MUST_CHECK bool num_log(const struct num *base, const struct num *a, struct num *out, struct err *e);

MUST_CHECK bool num_parse(struct str s, struct num *out, struct err *e); /* 22P02, 22003 */
/* Text straight to a scaled integer, rounding half away: also from texts with more than 38 digits. */
MUST_CHECK bool num_parse_scaled(struct str s, int precision, int scale, int128 *out, struct err *e);
void num_print(const struct num *n, struct strbuf *out);
void decimal_print(int128 coef, int scale, struct strbuf *out);

#endif
