/*
 * Unsigned integers of several 64-bit limbs, least significant first: what decimals need beyond 128
 * bits. Private to engine/types. Limb counts are small and the caller's; nothing allocates.
 */
#ifndef HOPLUU_TYPES_WIDE_INT_H
#define HOPLUU_TYPES_WIDE_INT_H

#include "engine/types/decimal.h"

#define WIDE_MAX 24 /* limbs that wide_divmod can take */

void wide_set(uint64_t *x, int n, uint128 value); /* n >= 2 */
int wide_len(const uint64_t *x, int n);           /* limbs without leading zeros */
int wide_cmp(const uint64_t *a, const uint64_t *b, int n);
uint64_t wide_add(uint64_t *a, const uint64_t *b, int n); /* a += b, returns the carry */
uint64_t wide_sub(uint64_t *a, const uint64_t *b, int n); /* a -= b, returns the borrow */
/* out[na + nb] = a * b; out is none of them. */
void wide_mul(uint64_t *out, const uint64_t *a, int na, const uint64_t *b, int nb);
/* q = u / v, r = u % v: q has nu limbs, r has nv; q may be u. v is not 0. */
void wide_divmod(uint64_t *q, uint64_t *r, const uint64_t *u, int nu, const uint64_t *v, int nv);
/* x *= 10^k within n limbs; false when it does not fit. */
MUST_CHECK bool wide_mul_pow10(uint64_t *x, int n, int k);
/* x / 10^k rounded half away. */
void wide_div_pow10(uint64_t *x, int n, int k);
static inline uint128 wide_low(const uint64_t *x)
{
	return (uint128)x[1] << 64 | x[0];
}

/* The result +-x / 10^scale as a num: trailing zeros go when there are more than 38 digits; 22003
 * when that is not enough. x (n limbs) is overwritten. */
MUST_CHECK bool num_finish(bool negative, uint64_t *x, int n, int scale, struct num *out, struct err *e);
/* a / b to that scale, rounded half away; both finite, b not 0. */
MUST_CHECK bool num_div_scaled(const struct num *a, const struct num *b, int scale, struct num *out, struct err *e);
/* Weight of a's first base-10000 digit (0 for zero) and that digit, as numeric.c's scale rules want. */
int num_weight(const struct num *a, int *first_digit);

static inline uint128 num_abs(int128 x)
{
	return x < 0 ? -(uint128)x : (uint128)x;
}

#endif
