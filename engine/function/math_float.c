/*
 * Functions on double precision (and abs on real): rounding, powers, logarithms, trigonometry in
 * radians and degrees, width_bucket, random.
 *
 * Overflow to infinity and underflow to zero of finite arguments are errors (22003), as in PostgreSQL;
 * the degree functions are exact at the angles where they can be.
 */
#include "engine/base/clock.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>

#define RADIANS_PER_DEGREE 0.0174532925199432957692

static bool overflow(struct row *r) { return row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "value out of range: overflow"); }
static bool underflow(struct row *r) { return row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "value out of range: underflow"); }
static bool bad_input(struct row *r) { return row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "input is out of range"); }

/* ---- rounding: plain loops over the view ---- */

TEMPLATE bool map_f64(const struct view *v, uint32_t n, struct vec *out, double (*fn)(double))
{
	const double *in = v->data;
	double *o = out->data;

	for (uint32_t i = 0; i < n; i++)
		o[i] = fn(in[view_index(v, i)]);
	return true;
}
static double sign_f64(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }

static bool abs_fn(struct fncall *c, const struct view *a, uint32_t n, struct vec *out) { return (void)c, map_f64(a, n, out, fabs); }
static bool ceil_fn(struct fncall *c, const struct view *a, uint32_t n, struct vec *out) { return (void)c, map_f64(a, n, out, ceil); }
static bool floor_fn(struct fncall *c, const struct view *a, uint32_t n, struct vec *out) { return (void)c, map_f64(a, n, out, floor); }
static bool round_fn(struct fncall *c, const struct view *a, uint32_t n, struct vec *out) { return (void)c, map_f64(a, n, out, rint); }
static bool trunc_fn(struct fncall *c, const struct view *a, uint32_t n, struct vec *out) { return (void)c, map_f64(a, n, out, trunc); }
static bool sign_fn(struct fncall *c, const struct view *a, uint32_t n, struct vec *out) { return (void)c, map_f64(a, n, out, sign_f64); }

/* ---- powers, logarithms ---- */

static bool sqrt_row(struct row *r)
{
	double x = row_f64(r, 0);

	if (x < 0)
		return row_error(r, ERR_INVALID_ARGUMENT_FOR_POWER, "cannot take square root of a negative number");
	return row_set_f64(r, sqrt(x));
}
ROWS(sqrt_fn, sqrt_row, ROWS_PLAIN)

static bool cbrt_row(struct row *r) { return row_set_f64(r, cbrt(row_f64(r, 0))); }
ROWS(cbrt_fn, cbrt_row, ROWS_PLAIN)

/* One argument at least is infinite. */
static double power_infinite(double x, double y)
{
	double size = fabs(x);
	bool odd;

	if (isinf(y)) {
		if (size == 1)
			return 1;
		return (y > 0) == (size > 1) ? INFINITY : 0;
	}
	if (y == 0)
		return 1;
	if (x > 0)
		return y > 0 ? x : 0;
	odd = y / 2 != floor(y / 2);
	if (y > 0)
		return odd ? x : -x;
	return odd ? -0.0 : 0.0;
}

static bool power_row(struct row *r)
{
	double x = row_f64(r, 0), y = row_f64(r, 1), z;

	if (isnan(x))
		return row_set_f64(r, y == 0 ? 1 : (double)NAN);
	if (isnan(y))
		return row_set_f64(r, x == 1 ? 1 : (double)NAN);
	if (x == 0 && y < 0)
		return row_error(r, ERR_INVALID_ARGUMENT_FOR_POWER, "zero raised to a negative power is undefined");
	if (x < 0 && floor(y) != y)
		return row_error(r, ERR_INVALID_ARGUMENT_FOR_POWER,
						 "a negative number raised to a non-integer power yields a complex result");
	if (isinf(x) || isinf(y))
		return row_set_f64(r, power_infinite(x, y));
	z = pow(x, y);
	if (isinf(z))
		return overflow(r);
	if (z == 0 && x != 0)
		return underflow(r);
	return row_set_f64(r, z);
}
ROWS(power_fn, power_row, ROWS_PLAIN)

static bool exp_row(struct row *r)
{
	double x = row_f64(r, 0), z = exp(x);

	if (isnan(x) || isinf(x))
		return row_set_f64(r, z);
	return isinf(z) ? overflow(r) : z == 0 ? underflow(r) : row_set_f64(r, z);
}
ROWS(exp_fn, exp_row, ROWS_PLAIN)

TEMPLATE bool logarithm(struct row *r, double (*fn)(double))
{
	double x = row_f64(r, 0);

	if (x == 0)
		return row_error(r, ERR_INVALID_ARGUMENT_FOR_LOG, "cannot take logarithm of zero");
	if (x < 0)
		return row_error(r, ERR_INVALID_ARGUMENT_FOR_LOG, "cannot take logarithm of a negative number");
	return row_set_f64(r, fn(x));
}
static bool ln_row(struct row *r) { return logarithm(r, log); }
static bool log10_row(struct row *r) { return logarithm(r, log10); }
ROWS(ln_fn, ln_row, ROWS_PLAIN)
ROWS(log10_fn, log10_row, ROWS_PLAIN)

/* ---- trigonometry ---- */

TEMPLATE bool finite_only(struct row *r, double (*fn)(double))
{
	double x = row_f64(r, 0);

	return isinf(x) ? bad_input(r) : row_set_f64(r, fn(x));
}
static double cot(double x) { return 1.0 / tan(x); }
static bool sin_row(struct row *r) { return finite_only(r, sin); }
static bool cos_row(struct row *r) { return finite_only(r, cos); }
static bool tan_row(struct row *r) { return finite_only(r, tan); }
static bool cot_row(struct row *r) { return finite_only(r, cot); }
ROWS(sin_fn, sin_row, ROWS_PLAIN)
ROWS(cos_fn, cos_row, ROWS_PLAIN)
ROWS(tan_fn, tan_row, ROWS_PLAIN)
ROWS(cot_fn, cot_row, ROWS_PLAIN)

TEMPLATE bool unit_only(struct row *r, double (*fn)(double))
{
	double x = row_f64(r, 0);

	return x < -1 || x > 1 ? bad_input(r) : row_set_f64(r, fn(x));
}
static bool asin_row(struct row *r) { return unit_only(r, asin); }
static bool acos_row(struct row *r) { return unit_only(r, acos); }
static bool atanh_row(struct row *r) { return unit_only(r, atanh); }
ROWS(asin_fn, asin_row, ROWS_PLAIN)
ROWS(acos_fn, acos_row, ROWS_PLAIN)
ROWS(atanh_fn, atanh_row, ROWS_PLAIN)

static bool acosh_row(struct row *r)
{
	double x = row_f64(r, 0);

	return x < 1 ? bad_input(r) : row_set_f64(r, acosh(x));
}
ROWS(acosh_fn, acosh_row, ROWS_PLAIN)

static bool atan_fn(struct fncall *c, const struct view *a, uint32_t n, struct vec *out) { return (void)c, map_f64(a, n, out, atan); }
static bool sinh_fn(struct fncall *c, const struct view *a, uint32_t n, struct vec *out) { return (void)c, map_f64(a, n, out, sinh); }
static bool cosh_fn(struct fncall *c, const struct view *a, uint32_t n, struct vec *out) { return (void)c, map_f64(a, n, out, cosh); }
static bool tanh_fn(struct fncall *c, const struct view *a, uint32_t n, struct vec *out) { return (void)c, map_f64(a, n, out, tanh); }
static bool asinh_fn(struct fncall *c, const struct view *a, uint32_t n, struct vec *out) { return (void)c, map_f64(a, n, out, asinh); }

static bool atan2_row(struct row *r) { return row_set_f64(r, atan2(row_f64(r, 0), row_f64(r, 1))); }
ROWS(atan2_fn, atan2_row, ROWS_PLAIN)

static bool degrees_row(struct row *r)
{
	double x = row_f64(r, 0), z = x / RADIANS_PER_DEGREE;

	return isinf(z) && !isinf(x) ? overflow(r) : row_set_f64(r, z);
}
ROWS(degrees_fn, degrees_row, ROWS_PLAIN)

static bool radians_row(struct row *r)
{
	double x = row_f64(r, 0), z = x * RADIANS_PER_DEGREE;

	return z == 0 && x != 0 ? underflow(r) : row_set_f64(r, z);
}
ROWS(radians_fn, radians_row, ROWS_PLAIN)

/* Degrees: each value is a ratio to the library's value at an angle whose result is known, so that the
 * known ones come out exact: sin 30 = 1/2, cos 60 = 1/2, tan 45 = 1. volatile keeps the compiler from
 * folding with another library's rounding. */
static volatile double v_30 = 30, v_60 = 60, v_half = 0.5, v_one = 1, v_45 = 45;

static double sind_30(double x) { return sin(x * RADIANS_PER_DEGREE) / sin(v_30 * RADIANS_PER_DEGREE) / 2; }
static double cosd_60(double x)
{
	return 1 - (1 - cos(x * RADIANS_PER_DEGREE)) / (1 - cos(v_60 * RADIANS_PER_DEGREE)) / 2;
}
static double sind_90(double x) { return x <= 30 ? sind_30(x) : cosd_60(90 - x); }
static double cosd_90(double x) { return x <= 60 ? cosd_60(x) : sind_30(90 - x); }

/* |x| folded into 0..90 degrees; tells whether the sign, and the half turn, must flip the result. */
static double fold_degrees(double x, bool *negative, bool *beyond_180, bool *beyond_90)
{
	x = fmod(x, 360);
	*negative = x < 0;
	x = fabs(x);
	if ((*beyond_180 = x > 180))
		x = 360 - x;
	if ((*beyond_90 = x > 90))
		x = 180 - x;
	return x;
}

static double sind(double x)
{
	bool neg, half, quarter;
	double q = sind_90(fold_degrees(x, &neg, &half, &quarter));
	return neg != half ? -q : q;
}
static double cosd(double x)
{
	bool neg, half, quarter;
	double q = cosd_90(fold_degrees(x, &neg, &half, &quarter));
	return quarter ? -q : q;
}
static double tand(double x)
{
	bool neg, half, quarter;
	double q = fold_degrees(x, &neg, &half, &quarter);
	double t = sind_90(q) / cosd_90(q) / (sind_90(v_45) / cosd_90(v_45));
	t = (neg ^ half ^ quarter) ? -t : t;
	return t == 0 ? 0 : t;
}
static double cotd(double x)
{
	bool neg, half, quarter;
	double q = fold_degrees(x, &neg, &half, &quarter);
	double t = cosd_90(q) / sind_90(q) / (cosd_90(v_45) / sind_90(v_45));
	t = (neg ^ half ^ quarter) ? -t : t;
	return t == 0 ? 0 : t;
}
static double asind_q(double x)
{
	return x <= 0.5 ? asin(x) / asin(v_half) * 30 : 90 - acos(x) / acos(v_half) * 60;
}
static double acosd_q(double x)
{
	return x <= 0.5 ? 90 - asin(x) / asin(v_half) * 30 : acos(x) / acos(v_half) * 60;
}
static double asind(double x) { return isnan(x) ? x : x >= 0 ? asind_q(x) : -asind_q(-x); }
static double acosd(double x) { return isnan(x) ? x : x >= 0 ? acosd_q(x) : 90 + asind_q(-x); }

static bool sind_row(struct row *r) { return finite_only(r, sind); }
static bool cosd_row(struct row *r) { return finite_only(r, cosd); }
static bool tand_row(struct row *r) { return finite_only(r, tand); }
static bool cotd_row(struct row *r) { return finite_only(r, cotd); }
static bool asind_row(struct row *r) { return unit_only(r, asind); }
static bool acosd_row(struct row *r) { return unit_only(r, acosd); }
static bool atand_row(struct row *r) { return row_set_f64(r, atan(row_f64(r, 0)) / atan(v_one) * 45); }
static bool atan2d_row(struct row *r)
{
	return row_set_f64(r, atan2(row_f64(r, 0), row_f64(r, 1)) / atan(v_one) * 45);
}
ROWS(sind_fn, sind_row, ROWS_PLAIN)
ROWS(cosd_fn, cosd_row, ROWS_PLAIN)
ROWS(tand_fn, tand_row, ROWS_PLAIN)
ROWS(cotd_fn, cotd_row, ROWS_PLAIN)
ROWS(asind_fn, asind_row, ROWS_PLAIN)
ROWS(acosd_fn, acosd_row, ROWS_PLAIN)
ROWS(atand_fn, atand_row, ROWS_PLAIN)
ROWS(atan2d_fn, atan2d_row, ROWS_PLAIN)

static bool pi_row(struct row *r) { return row_set_f64(r, M_PI); }
ROWS(pi_fn, pi_row, ROWS_PLAIN)

/* ---- width_bucket ---- */

static bool bucket_set(struct row *r, int64_t bucket)
{
	return bucket > INT32_MAX ? row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "integer out of range")
							  : row_set_i32(r, (int32_t)bucket);
}

static bool width_bucket_row(struct row *r)
{
	double x = row_f64(r, 0), low = row_f64(r, 1), high = row_f64(r, 2), part;
	int32_t count = row_i32(r, 3);

	if (count <= 0)
		return row_error(r, ERR_INVALID_ARGUMENT_FOR_WIDTH_BUCKET, "count must be greater than zero");
	if (isnan(x) || isnan(low) || isnan(high))
		return row_error(r, ERR_INVALID_ARGUMENT_FOR_WIDTH_BUCKET, "operand, lower bound, and upper bound cannot be NaN");
	if (isinf(low) || isinf(high))
		return row_error(r, ERR_INVALID_ARGUMENT_FOR_WIDTH_BUCKET, "lower and upper bounds must be finite");
	if (low == high)
		return row_error(r, ERR_INVALID_ARGUMENT_FOR_WIDTH_BUCKET, "lower bound cannot equal upper bound");
	if (low < high ? x < low : x > low)
		return row_set_i32(r, 0);
	if (low < high ? x >= high : x <= high)
		return bucket_set(r, (int64_t)count + 1);
	part = low < high ? count * (x - low) / (high - low) : count * (low - x) / (low - high);
	/* Where the span overflows PostgreSQL 15 answers nonsense: halved, it does not. */
	if (isnan(part) || isinf(part) || isinf(high - low))
		part = count * ((x / 2 - low / 2) / (high / 2 - low / 2));
	return bucket_set(r, (int64_t)part + 1); /* count + 1 is possible by rounding, there too */
}
ROWS(width_bucket_fn, width_bucket_row, ROWS_PLAIN)

/* ---- random: PostgreSQL 15's generator (xoroshiro128**), so that a seed gives its numbers ---- */

static struct {
	pthread_mutex_t lock;
	bool seeded;
	uint64_t s0, s1; /* guarded by lock, as seeded is; one sequence for the process */
} prng = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint64_t splitmix(uint64_t *state)
{
	uint64_t v = (*state += UINT64_C(0x9e3779b97f4a7c15));

	v = (v ^ (v >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	v = (v ^ (v >> 27)) * UINT64_C(0x94d049bb133111eb);
	return v ^ (v >> 31);
}
static uint64_t rotate(uint64_t x, int bits) { return x << bits | x >> (64 - bits); }
static void prng_seed(uint64_t seed)
{
	prng.s0 = splitmix(&seed);
	prng.s1 = splitmix(&seed);
	prng.seeded = true;
}
static uint64_t prng_next(void)
{
	uint64_t s0 = prng.s0, sx = prng.s1 ^ s0, v = rotate(s0 * 5, 7) * 9;

	prng.s0 = rotate(s0, 24) ^ sx ^ (sx << 16);
	prng.s1 = rotate(sx, 37);
	return v;
}

static bool random_fn(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	double *o = out->data;

	(void)c;
	(void)args;
	pthread_mutex_lock(&prng.lock);
	if (!prng.seeded)
		prng_seed((uint64_t)clock_wall_us() ^ (uint64_t)(uintptr_t)&prng);
	for (uint32_t i = 0; i < n; i++)
		o[i] = ldexp((double)(prng_next() >> 12), -52);
	pthread_mutex_unlock(&prng.lock);
	return true;
}

static bool setseed_row(struct row *r)
{
	double seed = row_f64(r, 0);

	if (isnan(seed) || seed < -1 || seed > 1)
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "setseed parameter %g is out of allowed range [-1,1]", seed);
	pthread_mutex_lock(&prng.lock);
	prng_seed((uint64_t)(int64_t)((double)((UINT64_C(1) << 52) - 1) * seed));
	pthread_mutex_unlock(&prng.lock);
	return row_text(r, "", 0);
}
ROWS(setseed_fn, setseed_row, ROWS_PLAIN)

#define F1(name, fn, flags, help) FN(name, FLOAT8, fn, flags, help, T(FLOAT8))
#define F2(name, fn, flags, help) FN(name, FLOAT8, fn, flags, help, T(FLOAT8), T(FLOAT8))

const struct func functions_math_float[] = {
	F1("abs", abs_fn, SURE, "absolute value"),
	FN("abs", FLOAT4, abs_fn, SURE, "absolute value", T(FLOAT4)),
	F1("ceil", ceil_fn, SURE, "nearest integer that is not less"),
	F1("ceiling", ceil_fn, SURE, "nearest integer that is not less"),
	F1("floor", floor_fn, SURE, "nearest integer that is not greater"),
	F1("round", round_fn, SURE, "nearest integer, ties to even"),
	F1("trunc", trunc_fn, SURE, "integer part"),
	F1("sign", sign_fn, SURE, "-1, 0 or 1"),
	F1("sqrt", sqrt_fn, FAIL, "square root"),
	F1("cbrt", cbrt_fn, SURE, "cube root"),
	F2("power", power_fn, FAIL, "first argument to the power of the second"),
	F2("pow", power_fn, FAIL, "first argument to the power of the second"),
	F1("exp", exp_fn, FAIL, "e to the power"),
	F1("ln", ln_fn, FAIL, "natural logarithm"),
	F1("log", log10_fn, FAIL, "logarithm to base 10"),
	F1("log10", log10_fn, FAIL, "logarithm to base 10"),
	F1("sin", sin_fn, FAIL, "sine, radians"),
	F1("cos", cos_fn, FAIL, "cosine, radians"),
	F1("tan", tan_fn, FAIL, "tangent, radians"),
	F1("cot", cot_fn, FAIL, "cotangent, radians"),
	F1("asin", asin_fn, FAIL, "inverse sine, radians"),
	F1("acos", acos_fn, FAIL, "inverse cosine, radians"),
	F1("atan", atan_fn, SURE, "inverse tangent, radians"),
	F2("atan2", atan2_fn, SURE, "inverse tangent of y/x, radians"),
	F1("sinh", sinh_fn, SURE, "hyperbolic sine"),
	F1("cosh", cosh_fn, SURE, "hyperbolic cosine"),
	F1("tanh", tanh_fn, SURE, "hyperbolic tangent"),
	F1("asinh", asinh_fn, SURE, "inverse hyperbolic sine"),
	F1("acosh", acosh_fn, FAIL, "inverse hyperbolic cosine"),
	F1("atanh", atanh_fn, FAIL, "inverse hyperbolic tangent"),
	F1("sind", sind_fn, FAIL, "sine, degrees"),
	F1("cosd", cosd_fn, FAIL, "cosine, degrees"),
	F1("tand", tand_fn, FAIL, "tangent, degrees"),
	F1("cotd", cotd_fn, FAIL, "cotangent, degrees"),
	F1("asind", asind_fn, FAIL, "inverse sine, degrees"),
	F1("acosd", acosd_fn, FAIL, "inverse cosine, degrees"),
	F1("atand", atand_fn, SURE, "inverse tangent, degrees"),
	F2("atan2d", atan2d_fn, SURE, "inverse tangent of y/x, degrees"),
	F1("degrees", degrees_fn, FAIL, "radians to degrees"),
	F1("radians", radians_fn, FAIL, "degrees to radians"),
	FN0("pi", FLOAT8, pi_fn, SURE, IMMUTABLE, "the number pi"),
	FN("width_bucket", INT4, width_bucket_fn, FAIL, "number of the equal-width bucket that the first argument falls into", T(FLOAT8), T(FLOAT8), T(FLOAT8), T(INT4)),
	FN0("random", FLOAT8, random_fn, SURE, VOLATILE, "random number, at least 0 and less than 1"),
	FNV("setseed", VOID, setseed_fn, FAIL, VOLATILE, "seeds random() with a number from -1 to 1", T(FLOAT8)),
	FN_END,
};
