/*
 * Variance of decimals: (N * sum(x^2) - sum(x)^2) / (N * (N - 1)), computed in wide integers so that
 * nothing is lost before the one division; then the square root where the deviation is wanted. The
 * quotient's scale follows numeric.c's rule for divisions (source: PostgreSQL 15's numeric.c, described
 * in our own words). No state besides struct variance, which is the caller's.
 */
#include "engine/types/variance.h"
#include "engine/types/wide_int.h"

#define LIMBS 12 /* 768 bits: room for the quotient's digits before the square root */

static bool too_large(struct err *e)
{
	return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "numeric value out of range: variance needs more digits");
}

/* Moves the sums to a larger scale. */
static bool rescale(struct variance *v, int scale, struct err *e)
{
	int d = scale - v->scale;

	if (d <= 0)
		return true;
	if (!decimal_mul_pow10(v->sum, d, &v->sum) || !wide_mul_pow10(v->squares, 4, 2 * d))
		return too_large(e);
	v->scale = scale;
	return true;
}

bool variance_add(struct variance *v, int128 coef, int scale, struct err *e)
{
	uint64_t x[2], square[4];
	uint128 size;

	if (scale > v->scale && !rescale(v, scale, e))
		return false;
	if (scale < v->scale && !decimal_mul_pow10(coef, v->scale - scale, &coef))
		return too_large(e);
	size = num_abs(coef);
	v->count++;
	if (__builtin_add_overflow(v->sum, coef, &v->sum))
		return too_large(e);
	if (size <= UINT64_MAX) {
		uint128 low = size * size;
		wide_set(square, 4, low);
	} else {
		wide_set(x, 2, size);
		wide_mul(square, x, 2, x, 2);
	}
	return wide_add(v->squares, square, 4) ? too_large(e) : true;
}

bool variance_combine(struct variance *into, const struct variance *from, struct err *e)
{
	struct variance other = *from;

	if (!rescale(into, other.scale, e) || !rescale(&other, into->scale, e))
		return false;
	into->count += other.count;
	if (__builtin_add_overflow(into->sum, other.sum, &into->sum) || wide_add(into->squares, other.squares, 4))
		return too_large(e);
	return true;
}

/* Decimal digits of x, most significant first, into text; returns how many (0 for 0). */
static int digits_of(const uint64_t *x, char *text, int room)
{
	uint64_t rest[LIMBS], ten[2] = {10, 0}, digit[2];
	int n = 0;

	memcpy(rest, x, sizeof rest);
	while (wide_len(rest, LIMBS) > 0 && n < room) {
		wide_divmod(rest, digit, rest, LIMBS, ten, 1);
		text[n++] = (char)digit[0];
	}
	for (int i = 0; i < n / 2; i++) {
		char c = text[i];
		text[i] = text[n - 1 - i];
		text[n - 1 - i] = c;
	}
	return n;
}

/* Weight of the first base-10000 digit of x / 10^scale, and that digit. */
static int weight_of(const uint64_t *x, int scale, int *first)
{
	char text[256];
	int n = digits_of(x, text, sizeof text);
	int exponent = n - 1 - scale;
	int weight = exponent >= 0 ? exponent / 4 : -((3 - exponent) / 4);

	*first = 0;
	for (int i = 0; i <= exponent - 4 * weight; i++)
		*first = *first * 10 + (i < n ? text[i] : 0);
	return weight;
}

/* At least 16 significant digits, counted in base-10000 digits; never less than the dividend's scale. */
static int quotient_scale(const uint64_t *a, int a_scale, const uint64_t *b)
{
	int first_a, first_b;
	int weight = weight_of(a, a_scale, &first_a) - weight_of(b, 0, &first_b);
	int scale;

	if (first_a <= first_b)
		weight--;
	scale = 16 - weight * 4;
	return scale > a_scale ? scale : a_scale;
}

/* x = the integer next to its square root. Newton's steps from above. */
static void square_root(uint64_t *x)
{
	uint64_t r[LIMBS], next[LIMBS], rest[LIMBS], product[2 * LIMBS], one[LIMBS] = {1};
	int len = wide_len(x, LIMBS);

	if (len == 0)
		return;
	memset(r, 0, sizeof r);
	r[(len + 1) / 2] = 1; /* 2^(64 * half the limbs): more than the root */
	for (;;) {
		wide_divmod(next, rest, x, LIMBS, r, wide_len(r, LIMBS));
		wide_add(next, r, LIMBS);
		for (int i = 0; i < LIMBS; i++)
			next[i] = next[i] >> 1 | (i + 1 < LIMBS ? next[i + 1] << 63 : 0);
		if (wide_cmp(next, r, LIMBS) >= 0)
			break;
		memcpy(r, next, sizeof r);
	}
	wide_mul(product, r, LIMBS, r, LIMBS);
	wide_sub(x, product, LIMBS);
	if (wide_cmp(x, r, LIMBS) > 0)
		wide_add(r, one, LIMBS);
	memcpy(x, r, sizeof r);
}

/* The dividend N * squares - sum^2 into x; false when it is zero. */
static bool dividend_of(const struct variance *v, uint64_t *x)
{
	uint64_t count[2], sum[2], product[LIMBS] = {0};

	memset(x, 0, LIMBS * sizeof *x);
	wide_set(count, 2, v->count);
	wide_set(sum, 2, num_abs(v->sum));
	wide_mul(x, v->squares, 4, count, 2);
	wide_mul(product, sum, 2, sum, 2);
	if (wide_cmp(x, product, LIMBS) <= 0)
		return false;
	wide_sub(x, product, LIMBS);
	return true;
}

bool variance_finish(const struct variance *v, bool sample, bool root, struct num *out, struct err *e)
{
	uint64_t x[LIMBS], y[LIMBS], rest[LIMBS], twice[LIMBS], one[LIMBS] = {1};
	int scale;

	if (!dividend_of(v, x)) {
		*out = num_from_i64(0);
		return true;
	}
	wide_set(y, LIMBS, (uint128)v->count * (sample ? v->count - 1 : v->count));
	scale = quotient_scale(x, 2 * v->scale, y);
	if (!wide_mul_pow10(x, LIMBS, scale - 2 * v->scale))
		return too_large(e);
	memset(rest, 0, sizeof rest);
	wide_divmod(x, rest, x, LIMBS, y, wide_len(y, LIMBS));
	memcpy(twice, rest, sizeof twice);
	wide_add(twice, rest, LIMBS);
	if (wide_cmp(twice, y, LIMBS) >= 0)
		wide_add(x, one, LIMBS);
	if (root) {
		if (!wide_mul_pow10(x, LIMBS, scale))
			return too_large(e);
		square_root(x);
	}
	return num_finish(false, x, LIMBS, scale, out, e);
}
