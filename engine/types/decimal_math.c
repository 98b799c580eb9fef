/*
 * Square root, exponential, logarithms and powers of struct num, with numeric.c's result scales.
 *
 * Square roots and integer powers are exact before the one rounding. The others are computed in
 * fixed point: unsigned 512-bit numbers of which the low FRAC limbs are the fraction (2^-256, 77
 * digits), far beyond the 38 digits that a result can show; the sign is kept apart. Before rounding
 * 2^-90 is added, so that results which are exact halves up to our error round away from zero.
 */
#include <math.h>
#include <pthread.h>

#include "engine/types/wide_int.h"

#define N 8		/* limbs of a fixed-point number */
#define FRAC 4	/* of which this many are fraction */
#define SIG 16	/* significant digits that numeric.c wants at least */

struct fix {
	uint64_t w[N];
};

static struct fix ln2, ln10; /* by constants_init, once */
static pthread_once_t constants_once = PTHREAD_ONCE_INIT;

static struct fix fix_int(uint64_t x)
{
	struct fix f = {{0}};
	f.w[FRAC] = x;
	return f;
}

static struct fix fix_mul(const struct fix *a, const struct fix *b)
{
	uint64_t product[2 * N];
	struct fix f;

	wide_mul(product, a->w, N, b->w, N);
	memcpy(f.w, product + FRAC, sizeof f.w);
	return f;
}

static struct fix fix_div(const struct fix *a, const struct fix *b)
{
	uint64_t u[N + FRAC] = {0}, rest[N];
	struct fix f;

	memcpy(u + FRAC, a->w, sizeof a->w);
	wide_divmod(u, rest, u, N + FRAC, b->w, N);
	memcpy(f.w, u, sizeof f.w);
	return f;
}

static struct fix fix_div_small(struct fix a, uint64_t d)
{
	uint64_t v[2] = {d, 0}, rest[2];
	wide_divmod(a.w, rest, a.w, N, v, 2);
	return a;
}

static bool fix_is_zero(const struct fix *a)
{
	return wide_len(a->w, N) == 0;
}

/* a * 2^k; bits that leave at the low end are lost, at the high end must be zero. */
static struct fix fix_shift(const struct fix *a, int k)
{
	struct fix f = {{0}};
	int limbs = (k < 0 ? -k : k) / 64, bits = (k < 0 ? -k : k) % 64;

	for (int i = 0; i < N; i++) {
		int from = k < 0 ? i + limbs : i - limbs;
		uint64_t here = from >= 0 && from < N ? a->w[from] : 0;
		if (!bits) {
			f.w[i] = here;
		} else if (k < 0) {
			uint64_t next = from + 1 >= 0 && from + 1 < N ? a->w[from + 1] : 0;
			f.w[i] = here >> bits | next << (64 - bits);
		} else {
			uint64_t next = from - 1 >= 0 && from - 1 < N ? a->w[from - 1] : 0;
			f.w[i] = here << bits | next >> (64 - bits);
		}
	}
	return f;
}

/* 2 * atanh(y) = ln((1 + y) / (1 - y)), for y well below 1. */
static struct fix ln_ratio(const struct fix *y)
{
	struct fix power = *y, square = fix_mul(y, y), sum = *y;

	for (unsigned i = 3; !fix_is_zero(&power); i += 2) {
		struct fix term;
		power = fix_mul(&power, &square);
		term = fix_div_small(power, i);
		wide_add(sum.w, term.w, N);
	}
	return fix_shift(&sum, 1);
}

static void constants_init(void)
{
	struct fix third = fix_div_small(fix_int(1), 3), ninth = fix_div_small(fix_int(1), 9), part;

	ln2 = ln_ratio(&third);
	part = ln_ratio(&ninth); /* ln(5/4) */
	ln10 = ln2;
	wide_add(ln10.w, ln2.w, N);
	wide_add(ln10.w, ln2.w, N);
	wide_add(ln10.w, part.w, N);
}

/* e^x for 0 <= x < 1: Taylor's series on x / 2^16, then squared 16 times. */
static struct fix exp_small(const struct fix *x)
{
	struct fix y = fix_shift(x, -16), term = fix_int(1), sum = fix_int(1);

	for (unsigned i = 1; !fix_is_zero(&term); i++) {
		term = fix_mul(&term, &y);
		term = fix_div_small(term, i);
		wide_add(sum.w, term.w, N);
	}
	for (int i = 0; i < 16; i++)
		sum = fix_mul(&sum, &sum);
	return sum;
}

/* e^(+-x) = *mantissa * 2^*exponent with a mantissa of [1, 2); false when x is beyond 2^16. */
static bool exp_fix(bool negative, const struct fix *x, struct fix *mantissa, int *exponent)
{
	struct fix k, rest = *x, part;
	int n;

	if (wide_len(x->w, N) > FRAC + 1 || x->w[FRAC] >> 16)
		return false;
	k = fix_div(x, &ln2);
	n = (int)k.w[FRAC];
	part = fix_mul(&ln2, &(struct fix){{0, 0, 0, 0, (uint64_t)n}});
	wide_sub(rest.w, part.w, N);
	if (negative && !fix_is_zero(&rest)) { /* e^-rest = e^(ln2 - rest) / 2 */
		part = ln2;
		wide_sub(part.w, rest.w, N);
		rest = part;
		n++;
	}
	*mantissa = exp_small(&rest);
	*exponent = negative ? -n : n;
	return true;
}

/* ln of x = coef / 10^scale > 0, with its sign. */
static struct fix ln_num(const struct num *x, bool *negative)
{
	uint128 c = num_abs(x->coef);
	struct fix m = {{0}}, y, up, down, part, sum = fix_int(0), minus, one = fix_int(1);
	int k = 0, top;

	pthread_once(&constants_once, constants_init);
	m.w[FRAC] = (uint64_t)c;
	m.w[FRAC + 1] = (uint64_t)(c >> 64);
	/* near 1 the scale must go in before the logarithm, not after it, to keep the digits */
	if (x->scale) {
		struct fix p = {{0}};
		p.w[FRAC] = (uint64_t)decimal_pow10[x->scale];
		p.w[FRAC + 1] = (uint64_t)(decimal_pow10[x->scale] >> 64);
		if (decimal_digits(x->coef) >= x->scale)
			m = fix_div(&m, &p); /* at least 0.1 */
		else
			k = 1; /* small: ln(coef) - scale * ln(10) */
	}
	minus = k ? fix_mul(&ln10, &(struct fix){{0, 0, 0, 0, (uint64_t)x->scale}}) : fix_int(0);
	/* m * 2^-k in [0.75, 1.5): the series' y = |m - 1| / (m + 1) is at most 1/5 */
	top = wide_len(m.w, N) - 1;
	k = (top - FRAC) * 64 + 63 - __builtin_clzll(m.w[top]);
	m = fix_shift(&m, -k);
	if (m.w[FRAC - 1] >> 63) {
		m = fix_shift(&m, -1);
		k++;
	}
	up = m;
	wide_add(up.w, one.w, N);
	down = m;
	*negative = wide_cmp(m.w, one.w, N) < 0;
	if (*negative) {
		down = one;
		wide_sub(down.w, m.w, N);
	} else {
		wide_sub(down.w, one.w, N);
	}
	y = fix_div(&down, &up);
	y = ln_ratio(&y);
	part = fix_mul(&ln2, &(struct fix){{0, 0, 0, 0, (uint64_t)(k < 0 ? -k : k)}});
	wide_add(k < 0 ? minus.w : sum.w, part.w, N);
	wide_add(*negative ? minus.w : sum.w, y.w, N);
	*negative = wide_cmp(sum.w, minus.w, N) < 0;
	if (*negative) {
		wide_sub(minus.w, sum.w, N);
		return minus;
	}
	wide_sub(sum.w, minus.w, N);
	return sum;
}

/* Rounds x * 2^exponent to that scale. */
static bool fix_finish(bool negative, const struct fix *x, int exponent, int scale, struct num *out,
					   struct err *e)
{
	uint64_t wide[2 * N] = {0}, nudge[2 * N] = {0};

	if (scale > DECIMAL_DIGITS || exponent > 130)
		return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "numeric value needs more than %d digits", DECIMAL_DIGITS);
	/* scale first, so that small results keep their bits: value * 10^scale < 2^260 or it is too wide */
	memcpy(wide, x->w, sizeof x->w);
	if (!wide_mul_pow10(wide, 2 * N, scale))
		return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "numeric value out of range");
	for (; exponent > 0; exponent--)
		wide_add(wide, wide, 2 * N);
	while (exponent < 0) {
		int step = exponent < -63 ? 63 : -exponent;
		for (int i = 0; i < 2 * N; i++)
			wide[i] = wide[i] >> step | (i + 1 < 2 * N ? wide[i + 1] << (64 - step) : 0);
		exponent += step;
	}
	nudge[FRAC - 1] = UINT64_C(1) << 63; /* a half … */
	nudge[FRAC - 2] = UINT64_C(1) << 38; /* … and 2^-90 */
	wide_add(wide, nudge, 2 * N);
	return num_finish(negative, wide + FRAC, 2 * N - FRAC, scale, out, e);
}

/* ---- scales ---- */

static int max_scale(int a, int b, int c)
{
	int m = a > b ? a : b;
	m = m > c ? m : c;
	return m > 0 ? m : 0;
}

/* About log10 of |ln(x)|, as numeric.c estimates it from the first one or two base-10000 digits. */
static int ln_weight(const struct num *x)
{
	int first, weight = num_weight(x, &first);
	struct num d, zero9 = num_from_scaled(9, 1), one1 = num_from_scaled(11, 1), one = num_from_i64(1);

	if (num_sign(x) <= 0)
		return 0;
	if (num_compare(x, &zero9) >= 0 && num_compare(x, &one1) <= 0) {
		if (!num_sub(x, &one, &d, NULL) || d.coef == 0)
			return 0;
		weight = num_weight(&d, &first);
		return weight * 4 + (int)log10(first);
	} else {
		/* the second digit: what is left behind the first, four decimal places on */
		int behind = weight * 4 + x->scale; /* decimal digits behind the first group */
		uint128 c = num_abs(x->coef), rest;
		int dweight = weight * 4;
		double digits = first;
		rest = behind > 0 ? c % (uint128)decimal_pow10[behind] : 0;
		if (rest) { /* more base-10000 digits follow */
			int second = behind >= 4 ? (int)(rest / (uint128)decimal_pow10[behind - 4])
									 : (int)(rest * (uint128)decimal_pow10[4 - behind]);
			digits = digits * 10000 + second;
			dweight -= 4;
		}
		return (int)log10(fabs(log(digits) + dweight * 2.302585092994046));
	}
}

/* ---- functions ---- */

static bool give(enum num_kind kind, struct num *out)
{
	*out = num_from_scaled(0, 0);
	out->kind = (uint8_t)kind;
	return true;
}

bool num_sqrt(const struct num *a, struct num *out, struct err *e)
{
	uint64_t rest[6], root[6] = {0}, bit[6], trial[6], one[6] = {1};
	int first, weight, scale;

	if (a->kind == NUM_NAN || a->kind == NUM_INFINITY)
		return give((enum num_kind)a->kind, out);
	if (num_sign(a) < 0)
		return err_set(e, ERR_INVALID_ARGUMENT_FOR_POWER, "cannot take square root of a negative number");
	weight = num_weight(a, &first);
	scale = max_scale(SIG - ((weight + 1) * 4 / 2 - 1), a->scale, 0);
	wide_set(rest, 6, (uint128)a->coef);
	if (2 * scale < a->scale || !wide_mul_pow10(rest, 6, 2 * scale - a->scale))
		return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "numeric value out of range");
	/* digit by digit in base 2: rest = x - root^2 throughout */
	memset(bit, 0, sizeof bit);
	for (int shift = 382; shift >= 0; shift -= 2) {
		memset(bit, 0, sizeof bit);
		bit[shift / 64] = UINT64_C(1) << shift % 64;
		memcpy(trial, root, sizeof trial);
		wide_add(trial, bit, 6);
		for (int i = 0; i < 6; i++)
			root[i] = root[i] >> 1 | (i < 5 ? root[i + 1] << 63 : 0);
		if (wide_cmp(rest, trial, 6) >= 0) {
			wide_sub(rest, trial, 6);
			wide_add(root, bit, 6);
		}
	}
	if (wide_cmp(rest, root, 6) > 0) /* beyond (root + 1/2)^2 */
		wide_add(root, one, 6);
	return num_finish(false, root, 6, scale, out, e);
}

/* e^(+-x) rounded to `scale`. */
static bool exp_to(bool negative, const struct fix *x, int scale, bool result_negative, struct num *out,
				   struct err *e)
{
	struct fix mantissa;
	int exponent;

	if (!exp_fix(negative, x, &mantissa, &exponent))
		return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "value overflows numeric format");
	return fix_finish(result_negative, &mantissa, exponent, scale, out, e);
}

/* |coef| / 10^scale as fixed point; false when it is 2^256 or more (it never is). */
static struct fix fix_from_num(const struct num *a)
{
	struct fix m = {{0}}, p = {{0}};
	uint128 c = num_abs(a->coef);

	m.w[FRAC] = (uint64_t)c;
	m.w[FRAC + 1] = (uint64_t)(c >> 64);
	p.w[FRAC] = (uint64_t)decimal_pow10[a->scale];
	p.w[FRAC + 1] = (uint64_t)(decimal_pow10[a->scale] >> 64);
	return fix_div(&m, &p);
}

bool num_exp(const struct num *a, struct num *out, struct err *e)
{
	struct fix x;
	double weight;

	if (a->kind == NUM_NEG_INFINITY) {
		*out = num_from_scaled(0, 0);
		return true;
	}
	if (a->kind != NUM_FINITE)
		return give((enum num_kind)a->kind, out);
	pthread_once(&constants_once, constants_init);
	weight = num_to_double(a) * 0.434294481903252;
	weight = weight > 2000 ? 2000 : weight < -2000 ? -2000 : weight;
	x = fix_from_num(a);
	return exp_to(a->coef < 0, &x, max_scale(SIG - (int)weight, a->scale, 0), false, out, e);
}

static bool bad_log(const struct num *a, struct err *e)
{
	return err_set(e, ERR_INVALID_ARGUMENT_FOR_LOG,
				   num_sign(a) < 0 ? "cannot take logarithm of a negative number"
								   : "cannot take logarithm of zero");
}

bool num_ln(const struct num *a, struct num *out, struct err *e)
{
	struct fix ln;
	bool negative;

	if (a->kind == NUM_NAN)
		return give(NUM_NAN, out);
	if (num_sign(a) <= 0)
		return bad_log(a, e);
	if (a->kind == NUM_INFINITY)
		return give(NUM_INFINITY, out);
	ln = ln_num(a, &negative);
	return fix_finish(negative, &ln, 0, max_scale(SIG - ln_weight(a), a->scale, 0), out, e);
}

bool num_log(const struct num *base, const struct num *a, struct num *out, struct err *e)
{
	struct fix ln_base, ln_a, q;
	bool neg_base, neg_a;
	int scale;

	if (base->kind == NUM_NAN || a->kind == NUM_NAN)
		return give(NUM_NAN, out);
	if (num_sign(base) < 0 || num_sign(a) < 0)
		return err_set(e, ERR_INVALID_ARGUMENT_FOR_LOG, "cannot take logarithm of a negative number");
	if (num_sign(base) == 0 || num_sign(a) == 0)
		return err_set(e, ERR_INVALID_ARGUMENT_FOR_LOG, "cannot take logarithm of zero");
	if (base->kind == NUM_INFINITY) {
		*out = num_from_scaled(0, 0);
		return a->kind == NUM_INFINITY ? give(NUM_NAN, out) : true;
	}
	if (a->kind == NUM_INFINITY)
		return give(NUM_INFINITY, out);
	ln_base = ln_num(base, &neg_base);
	ln_a = ln_num(a, &neg_a);
	if (fix_is_zero(&ln_base))
		return err_set(e, ERR_DIVISION_BY_ZERO, "division by zero");
	scale = max_scale(SIG - (ln_weight(a) - ln_weight(base)), base->scale, a->scale);
	q = fix_div(&ln_a, &ln_base);
	return fix_finish(neg_base != neg_a, &q, 0, scale, out, e);
}

/* base^|exponent| exactly, as long as it fits in WIDE_MAX limbs; *scale gets its scale. */
static bool exact_power(const struct num *base, uint64_t exponent, uint64_t *x, int *scale)
{
	uint128 c = num_abs(base->coef);
	uint64_t product[WIDE_MAX + 2], factor[2];
	int64_t s = base->scale;

	while (c && c % 10 == 0) { /* so that the power has no trailing zeros */
		c /= 10;
		s--;
	}
	wide_set(x, WIDE_MAX, 1);
	wide_set(factor, 2, c);
	if (c > 1 && exponent > 64 * WIDE_MAX)
		return false;
	for (uint64_t i = 0; c > 1 && i < exponent; i++) {
		wide_mul(product, x, WIDE_MAX, factor, 2);
		if (product[WIDE_MAX] || product[WIDE_MAX + 1])
			return false;
		memcpy(x, product, WIDE_MAX * sizeof *x);
	}
	if (s != 0 && (exponent > 1000 || s * (int64_t)exponent > 1000 || s * (int64_t)exponent < -1000))
		return false;
	*scale = s ? (int)(s * (int64_t)exponent) : 0;
	return true;
}

/* An integer power: numeric.c shows max(16, base's scale) places. */
static bool power_int(const struct num *base, int64_t exponent, struct num *out, struct err *e)
{
	uint64_t x[WIDE_MAX], q[WIDE_MAX], rest[WIDE_MAX], one[WIDE_MAX] = {1};
	uint64_t n = exponent < 0 ? -(uint64_t)exponent : (uint64_t)exponent;
	int scale = max_scale(SIG, base->scale, 0), have;
	bool negative = base->coef < 0 && (n & 1);

	if (base->coef == 0) { /* 0^0 is 1 */
		*out = exponent ? num_from_scaled(0, scale) : num_from_scaled(decimal_pow10[scale], scale);
		return true;
	}
	if (!exact_power(base, n, x, &have)) {
		struct fix ln, product;
		uint64_t wide[N + 1], factor = n;
		bool ln_negative;
		ln = ln_num(base, &ln_negative);
		wide_mul(wide, ln.w, N, &factor, 1);
		if (wide[N])
			return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "value overflows numeric format");
		memcpy(product.w, wide, sizeof product.w);
		/* what is far below the last place shown is zero there */
		if (ln_negative != (exponent < 0) && (wide_len(product.w, N) > FRAC + 1 || product.w[FRAC] > 1000)) {
			*out = num_from_scaled(0, scale);
			return true;
		}
		return exp_to(ln_negative != (exponent < 0), &product, scale, negative, out, e);
	}
	if (exponent >= 0) {
		if (have > scale)
			wide_div_pow10(x, WIDE_MAX, have - scale);
		else if (!wide_mul_pow10(x, WIDE_MAX, scale - have))
			return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "value overflows numeric format");
		return num_finish(negative, x, WIDE_MAX, scale, out, e);
	}
	/* 10^(scale + have) / x */
	wide_set(q, WIDE_MAX, 1);
	if (scale + have < 0) {
		*out = num_from_scaled(0, scale);
		return true;
	}
	if (!wide_mul_pow10(q, WIDE_MAX, scale + have))
		return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "value overflows numeric format");
	wide_divmod(q, rest, q, WIDE_MAX, x, WIDE_MAX);
	wide_add(rest, rest, WIDE_MAX);
	if (wide_cmp(rest, x, WIDE_MAX) >= 0)
		wide_add(q, one, WIDE_MAX);
	return num_finish(negative, q, WIDE_MAX, scale, out, e);
}

static bool is_integral(const struct num *n, bool *odd)
{
	int128 q = n->coef / decimal_pow10[n->scale];
	*odd = q & 1;
	return n->coef % decimal_pow10[n->scale] == 0;
}

/* Powers with NaN or infinity in them, by POSIX's pow() rules. */
static bool power_special(const struct num *a, const struct num *b, struct num *out, struct err *e)
{
	struct num one = num_from_i64(1), minus = num_from_i64(-1), abs = *a;
	bool odd = false, b_finite = b->kind == NUM_FINITE, beyond_one;

	*out = one;
	if ((b_finite && b->coef == 0) || (a->kind == NUM_FINITE && num_compare(a, &one) == 0))
		return true;
	if (a->kind == NUM_NAN || b->kind == NUM_NAN)
		return give(NUM_NAN, out);
	if (num_sign(a) == 0 && num_sign(b) < 0)
		return err_set(e, ERR_INVALID_ARGUMENT_FOR_POWER, "zero raised to a negative power is undefined");
	if (num_sign(a) < 0 && b_finite && !is_integral(b, &odd))
		return err_set(e, ERR_INVALID_ARGUMENT_FOR_POWER,
					   "a negative number raised to a non-integer power yields a complex result");
	*out = num_from_scaled(0, 0);
	if (num_sign(a) == 0)
		return true;
	if (!b_finite) {
		if (a->kind == NUM_FINITE && num_compare(a, &minus) == 0) {
			*out = one;
			return true;
		}
		abs.coef = abs.coef < 0 ? -abs.coef : abs.coef;
		beyond_one = a->kind != NUM_FINITE || num_compare(&abs, &one) > 0;
		return beyond_one == (num_sign(b) > 0) ? give(NUM_INFINITY, out) : true;
	}
	if (num_sign(b) < 0)
		return true;
	return give(a->kind == NUM_NEG_INFINITY && odd ? NUM_NEG_INFINITY : NUM_INFINITY, out);
}

bool num_power(const struct num *a, const struct num *b, struct num *out, struct err *e)
{
	struct fix ln, product;
	uint64_t wide[N + 2], factor[2], p[2], rest[2];
	bool odd, negative;
	double weight;

	if (a->kind != NUM_FINITE || b->kind != NUM_FINITE)
		return power_special(a, b, out, e);
	if (a->coef == 0 && b->coef < 0)
		return err_set(e, ERR_INVALID_ARGUMENT_FOR_POWER, "zero raised to a negative power is undefined");
	if (is_integral(b, &odd)) {
		int128 n = b->coef / decimal_pow10[b->scale];
		if (n >= INT32_MIN && n <= INT32_MAX)
			return power_int(a, (int64_t)n, out, e);
	} else if (a->coef < 0) {
		return err_set(e, ERR_INVALID_ARGUMENT_FOR_POWER,
					   "a negative number raised to a non-integer power yields a complex result");
	}
	if (a->coef == 0) {
		*out = num_from_scaled(0, SIG);
		return true;
	}
	ln = ln_num(a, &negative);
	wide_set(factor, 2, num_abs(b->coef));
	wide_set(p, 2, (uint128)decimal_pow10[b->scale]);
	wide_mul(wide, ln.w, N, factor, 2);
	wide_divmod(wide, rest, wide, N + 2, p, 2);
	if (wide[N] || wide[N + 1])
		return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "value overflows numeric format");
	memcpy(product.w, wide, sizeof product.w);
	negative = negative != (b->coef < 0);
	weight = wide_len(product.w, N) > FRAC + 1 || product.w[FRAC] > 10000
				 ? 10000
				 : (double)product.w[FRAC] + (double)product.w[FRAC - 1] * 0x1p-64;
	weight *= negative ? -0.434294481903252 : 0.434294481903252;
	return exp_to(negative, &product, max_scale(SIG - (int)weight, a->scale, b->scale),
				  a->coef < 0 && odd, out, e);
}
