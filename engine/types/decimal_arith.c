/*
 * Exact arithmetic of struct num: + - * / %, rounding. Result scales are numeric.c's; the common case
 * runs in 128 bits, the rest in up to 320 bits (wide_int.h). A result that needs more than 38 digits
 * is 22003; only trailing zeros may be dropped to make it fit.
 */
#include "engine/types/wide_int.h"

#define LIMBS 5 /* 320 bits: a 38-digit coefficient times 10^38, twice over */

static struct num special(enum num_kind kind)
{
	struct num n = num_from_scaled(0, 0);
	n.kind = (uint8_t)kind;
	return n;
}

static bool give(enum num_kind kind, struct num *out)
{
	*out = special(kind);
	return true;
}

static bool both_finite(const struct num *a, const struct num *b)
{
	return a->kind == NUM_FINITE && b->kind == NUM_FINITE;
}

static bool is_infinite(const struct num *n)
{
	return n->kind == NUM_INFINITY || n->kind == NUM_NEG_INFINITY;
}

static enum num_kind infinity(bool negative)
{
	return negative ? NUM_NEG_INFINITY : NUM_INFINITY;
}

static bool by_zero(struct err *e)
{
	return err_set(e, ERR_DIVISION_BY_ZERO, "division by zero");
}

/* a + b with different scales or a carry beyond 38 digits, in wide integers. */
static bool add_wide(const struct num *a, const struct num *b, struct num *out, struct err *e)
{
	uint64_t x[LIMBS], y[LIMBS];
	int scale = a->scale > b->scale ? a->scale : b->scale;
	bool na = a->coef < 0, nb = b->coef < 0;

	wide_set(x, LIMBS, num_abs(a->coef));
	wide_set(y, LIMBS, num_abs(b->coef));
	if (!wide_mul_pow10(x, LIMBS, scale - a->scale) || !wide_mul_pow10(y, LIMBS, scale - b->scale))
		return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "numeric value out of range");
	if (na == nb) {
		wide_add(x, y, LIMBS);
		return num_finish(na, x, LIMBS, scale, out, e);
	}
	if (wide_cmp(x, y, LIMBS) >= 0) {
		wide_sub(x, y, LIMBS);
		return num_finish(na, x, LIMBS, scale, out, e);
	}
	wide_sub(y, x, LIMBS);
	return num_finish(nb, y, LIMBS, scale, out, e);
}

bool num_add(const struct num *a, const struct num *b, struct num *out, struct err *e)
{
	int128 x = a->coef, y = b->coef, sum;
	int scale = a->scale > b->scale ? a->scale : b->scale;

	if (!both_finite(a, b)) {
		if (a->kind == NUM_NAN || b->kind == NUM_NAN
			|| (is_infinite(a) && is_infinite(b) && a->kind != b->kind))
			return give(NUM_NAN, out);
		*out = is_infinite(a) ? *a : *b;
		return true;
	}
	if (decimal_mul_pow10(x, scale - a->scale, &x) && decimal_mul_pow10(y, scale - b->scale, &y)) {
		sum = x + y; /* below 2 * 10^38: no overflow */
		if (num_abs(sum) < (uint128)decimal_pow10[DECIMAL_DIGITS]) {
			*out = num_from_scaled(sum, scale);
			return true;
		}
	}
	return add_wide(a, b, out, e);
}

bool num_sub(const struct num *a, const struct num *b, struct num *out, struct err *e)
{
	struct num neg = *b;

	neg.coef = -neg.coef;
	if (b->kind == NUM_INFINITY)
		neg.kind = NUM_NEG_INFINITY;
	else if (b->kind == NUM_NEG_INFINITY)
		neg.kind = NUM_INFINITY;
	return num_add(a, &neg, out, e);
}

bool num_mul(const struct num *a, const struct num *b, struct num *out, struct err *e)
{
	uint64_t x[2], y[2], product[4];
	int128 p;
	int scale = a->scale + b->scale;

	if (!both_finite(a, b)) {
		if (a->kind == NUM_NAN || b->kind == NUM_NAN || num_sign(a) == 0 || num_sign(b) == 0)
			return give(NUM_NAN, out);
		return give(infinity((num_sign(a) < 0) != (num_sign(b) < 0)), out);
	}
	if (scale <= DECIMAL_DIGITS && !__builtin_mul_overflow(a->coef, b->coef, &p)
		&& num_abs(p) < (uint128)decimal_pow10[DECIMAL_DIGITS]) {
		*out = num_from_scaled(p, scale);
		return true;
	}
	wide_set(x, 2, num_abs(a->coef));
	wide_set(y, 2, num_abs(b->coef));
	wide_mul(product, x, 2, y, 2);
	return num_finish((a->coef < 0) != (b->coef < 0), product, 4, scale, out, e);
}

/* numeric.c's select_div_scale: at least 16 significant digits, in whole base-10000 digits. */
static int division_scale(const struct num *a, const struct num *b)
{
	int first_a, first_b, weight, scale;

	weight = num_weight(a, &first_a) - num_weight(b, &first_b);
	if (first_a <= first_b)
		weight--;
	scale = 16 - weight * 4;
	scale = scale > a->scale ? scale : a->scale;
	scale = scale > b->scale ? scale : b->scale;
	return scale > 0 ? scale : 0;
}

bool num_div_scaled(const struct num *a, const struct num *b, int scale, struct num *out, struct err *e)
{
	uint64_t x[LIMBS], y[LIMBS], rest[LIMBS], twice[LIMBS], one[LIMBS] = {1};
	bool negative = (a->coef < 0) != (b->coef < 0);
	int shift = scale + b->scale - a->scale; /* quotient = a * 10^shift / b */
	int128 n;

	if (shift >= 0 && scale <= DECIMAL_DIGITS && decimal_mul_pow10(a->coef, shift, &n)) {
		uint128 u = num_abs(n), v = num_abs(b->coef), q = u / v, r = u - q * v;
		q += r >= v - r;
		if (q < (uint128)decimal_pow10[DECIMAL_DIGITS]) {
			*out = num_from_scaled(negative ? -(int128)q : (int128)q, scale);
			return true;
		}
	}
	wide_set(x, LIMBS, num_abs(a->coef));
	wide_set(y, LIMBS, num_abs(b->coef));
	if (!wide_mul_pow10(x, LIMBS, shift > 0 ? shift : 0) || !wide_mul_pow10(y, LIMBS, shift < 0 ? -shift : 0))
		return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "numeric value needs more than %d digits", DECIMAL_DIGITS);
	wide_divmod(x, rest, x, LIMBS, y, LIMBS);
	memcpy(twice, rest, sizeof twice);
	if (wide_add(twice, rest, LIMBS) || wide_cmp(twice, y, LIMBS) >= 0)
		wide_add(x, one, LIMBS);
	return num_finish(negative, x, LIMBS, scale, out, e);
}

bool num_div(const struct num *a, const struct num *b, struct num *out, struct err *e)
{
	if (!both_finite(a, b)) {
		if (a->kind == NUM_NAN || b->kind == NUM_NAN || (is_infinite(a) && is_infinite(b)))
			return give(NUM_NAN, out);
		if (is_infinite(a))
			return num_sign(b) == 0 ? by_zero(e)
									: give(infinity((num_sign(a) < 0) != (num_sign(b) < 0)), out);
		*out = num_from_scaled(0, 0);
		return true;
	}
	if (b->coef == 0)
		return by_zero(e);
	return num_div_scaled(a, b, division_scale(a, b), out, e);
}

bool num_mod(const struct num *a, const struct num *b, struct num *out, struct err *e)
{
	uint64_t x[LIMBS], y[LIMBS], rest[LIMBS];
	int scale = a->scale > b->scale ? a->scale : b->scale;
	int128 u, v;

	if (!both_finite(a, b)) {
		if (a->kind == NUM_NAN || b->kind == NUM_NAN)
			return give(NUM_NAN, out);
		if (is_infinite(a))
			return num_sign(b) == 0 ? by_zero(e) : give(NUM_NAN, out);
		*out = *a;
		return true;
	}
	if (b->coef == 0)
		return by_zero(e);
	if (decimal_mul_pow10(a->coef, scale - a->scale, &u) && decimal_mul_pow10(b->coef, scale - b->scale, &v)) {
		*out = num_from_scaled(u % v, scale);
		return true;
	}
	wide_set(x, LIMBS, num_abs(a->coef));
	wide_set(y, LIMBS, num_abs(b->coef));
	if (!wide_mul_pow10(x, LIMBS, scale - a->scale) || !wide_mul_pow10(y, LIMBS, scale - b->scale))
		return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "numeric value out of range");
	wide_divmod(x, rest, x, LIMBS, y, LIMBS);
	return num_finish(a->coef < 0, rest, LIMBS, scale, out, e);
}

bool num_round(const struct num *a, int scale, bool truncate, struct num *out, struct err *e)
{
	int drop = a->scale - scale;
	int128 c = a->coef;

	if (a->kind != NUM_FINITE) {
		*out = *a;
		return true;
	}
	if (drop <= 0) { /* more digits asked for than there are: PostgreSQL shows zeros */
		uint64_t x[LIMBS];
		wide_set(x, LIMBS, num_abs(c));
		/* numeric has 1000 more places at most; zeros beyond our 38 digits aren't shown */
		if (-drop > DECIMAL_DIGITS) {
			drop = -DECIMAL_DIGITS;
			scale = a->scale + DECIMAL_DIGITS;
		}
		if (!wide_mul_pow10(x, LIMBS, -drop))
			return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "numeric value out of range");
		return num_finish(c < 0, x, LIMBS, scale, out, e);
	}
	if (drop > DECIMAL_DIGITS)
		c = 0;
	else
		c = truncate ? c / decimal_pow10[drop] : decimal_div_pow10(c, drop);
	if (scale < 0) { /* round(1250, -2): zeros before the point */
		if (!decimal_mul_pow10(c, -scale, &c))
			return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "numeric value needs more than %d digits",
						   DECIMAL_DIGITS);
		scale = 0;
	}
	if (num_abs(c) >= (uint128)decimal_pow10[DECIMAL_DIGITS])
		return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "numeric value needs more than %d digits", DECIMAL_DIGITS);
	*out = num_from_scaled(c, scale);
	return true;
}

/* To an integer, away from zero when `up` agrees with the sign and something is cut off. */
static void to_integer(const struct num *a, bool up, struct num *out)
{
	int128 p, q;

	if (a->kind != NUM_FINITE) {
		*out = *a;
		return;
	}
	p = decimal_pow10[a->scale];
	q = a->coef / p;
	if (a->coef % p != 0 && (a->coef > 0) == up)
		q += up ? 1 : -1;
	*out = num_from_scaled(q, 0);
}

bool num_ceil(const struct num *a, struct num *out, struct err *e)
{
	(void)e;
	to_integer(a, true, out);
	return true;
}

bool num_floor(const struct num *a, struct num *out, struct err *e)
{
	(void)e;
	to_integer(a, false, out);
	return true;
}
