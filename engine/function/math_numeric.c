/*
 * Functions on numeric. The general form (a scale per value) goes through types/decimal; abs, sign,
 * round, trunc, ceil and floor of a fixed numeric(p,s) stay in scaled integers: their infer picks a
 * loop and the fixed result type.
 */
#include "engine/function/rows.h"
#include "engine/function/tables.h"
#include "engine/types/decimal.h"

/* ---- fixed forms ---- */

static int128 fixed_get(const struct view *v, uint32_t i, enum phys p)
{
	uint32_t at = view_index(v, i);

	return p == PHYS_I64 ? ((const int64_t *)v->data)[at] : ((const int128 *)v->data)[at];
}

enum fixed_op { FIXED_ABS, FIXED_SIGN, FIXED_ROUND, FIXED_TRUNC, FIXED_CEIL, FIXED_FLOOR };

TEMPLATE int128 fixed_apply(enum fixed_op op, int128 x, int128 unit)
{
	int128 q, rest;

	if (op == FIXED_ABS)
		return x < 0 ? -x : x;
	if (op == FIXED_SIGN)
		return (x > 0) - (x < 0);
	q = x / unit;
	rest = x % unit;
	if (op == FIXED_ROUND)
		return q + (rest >= unit - rest && rest > 0) - (-rest >= unit + rest && rest < 0);
	if (op == FIXED_CEIL)
		return q + (rest > 0);
	if (op == FIXED_FLOOR)
		return q - (rest < 0);
	return q;
}

TEMPLATE bool fixed_loop(struct fncall *c, const struct view *v, uint32_t n, struct vec *out, enum fixed_op op)
{
	enum phys in = type_phys(c->arg_types[0]), to = type_phys(out->type);
	int128 unit = decimal_pow10[c->arg_types[0].scale];

	for (uint32_t i = 0; i < n; i++) {
		int128 z = fixed_apply(op, fixed_get(v, i, in), unit);
		if (to == PHYS_I64)
			((int64_t *)out->data)[i] = (int64_t)z;
		else
			((int128 *)out->data)[i] = z;
	}
	return true;
}
#define FIXED(name, op)                                                                            \
	static bool name(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)      \
	{                                                                                             \
		return fixed_loop(c, args, n, out, op);                                                   \
	}
FIXED(abs_fixed, FIXED_ABS)
FIXED(sign_fixed, FIXED_SIGN)
FIXED(round_fixed, FIXED_ROUND)
FIXED(trunc_fixed, FIXED_TRUNC)
FIXED(ceil_fixed, FIXED_CEIL)
FIXED(floor_fixed, FIXED_FLOOR)

#define FIXED_ROW(n, f) {.name = n, .kind = FUNC_SCALAR, .nargs = 1, .args = {T(NUMERIC)}, .result = T(NUMERIC), .fn = f, .flags = SURE, .help = "on numeric(p,s)"}
static const struct func fixed_funcs[] = {
	[FIXED_ABS] = FIXED_ROW("abs", abs_fixed),       [FIXED_SIGN] = FIXED_ROW("sign", sign_fixed),
	[FIXED_ROUND] = FIXED_ROW("round", round_fixed), [FIXED_TRUNC] = FIXED_ROW("trunc", trunc_fixed),
	[FIXED_CEIL] = FIXED_ROW("ceil", ceil_fixed),    [FIXED_FLOOR] = FIXED_ROW("floor", floor_fixed),
};

TEMPLATE struct type fixed_infer(const struct func *f, const struct type *arg, const struct func **pick, enum fixed_op op)
{
	int whole = arg->precision - arg->scale;

	*pick = f;
	if (!arg->precision)
		return type_make(TYPE_NUMERIC);
	*pick = &fixed_funcs[op];
	if (op == FIXED_ABS)
		return type_decimal(arg->precision, arg->scale);
	if (op == FIXED_SIGN)
		return type_decimal(1, 0);
	if (op != FIXED_TRUNC && arg->scale > 0)
		whole++;
	return type_decimal(whole < 1 ? 1 : whole, 0);
}
#define INFER(name, op)                                                                            \
	static struct type name(const struct func *f, struct type *arg, uint32_t nargs, const struct func **pick) \
	{                                                                                             \
		(void)nargs;                                                                              \
		return fixed_infer(f, arg, pick, op);                                                     \
	}
INFER(abs_infer, FIXED_ABS)
INFER(sign_infer, FIXED_SIGN)
INFER(round_infer, FIXED_ROUND)
INFER(trunc_infer, FIXED_TRUNC)
INFER(ceil_infer, FIXED_CEIL)
INFER(floor_infer, FIXED_FLOOR)

/* ---- general form ---- */

static bool abs_row(struct row *r)
{
	struct num *o = row_out_num(r);

	*o = *row_num(r, 0);
	if (o->kind == NUM_NEG_INFINITY)
		o->kind = NUM_INFINITY;
	if (o->coef < 0)
		o->coef = -o->coef;
	return true;
}
ROWS(abs_fn, abs_row, ROWS_PLAIN)

static bool sign_row(struct row *r)
{
	const struct num *x = row_num(r, 0);

	*row_out_num(r) = x->kind == NUM_NAN ? *x : num_from_i64(num_sign(x));
	return true;
}
ROWS(sign_fn, sign_row, ROWS_PLAIN)

TEMPLATE bool num1(struct row *r, bool (*fn)(const struct num *, struct num *, struct err *))
{
	return fn(row_num(r, 0), row_out_num(r), r->call->err);
}
TEMPLATE bool num2(struct row *r, bool (*fn)(const struct num *, const struct num *, struct num *, struct err *))
{
	return fn(row_num(r, 0), row_num(r, 1), row_out_num(r), r->call->err);
}
static bool ceil_row(struct row *r) { return num1(r, num_ceil); }
static bool floor_row(struct row *r) { return num1(r, num_floor); }
static bool sqrt_row(struct row *r) { return num1(r, num_sqrt); }
static bool exp_row(struct row *r) { return num1(r, num_exp); }
static bool ln_row(struct row *r) { return num1(r, num_ln); }
static bool power_row(struct row *r) { return num2(r, num_power); }
static bool log_row(struct row *r) { return num2(r, num_log); }
static bool mod_row(struct row *r) { return num2(r, num_mod); }
ROWS(ceil_fn, ceil_row, ROWS_PLAIN)
ROWS(floor_fn, floor_row, ROWS_PLAIN)
ROWS(sqrt_fn, sqrt_row, ROWS_PLAIN)
ROWS(exp_fn, exp_row, ROWS_PLAIN)
ROWS(ln_fn, ln_row, ROWS_PLAIN)
ROWS(power_fn, power_row, ROWS_PLAIN)
ROWS(log_fn, log_row, ROWS_PLAIN)
ROWS(mod_fn, mod_row, ROWS_PLAIN)

static bool log10_row(struct row *r)
{
	struct num ten = num_from_i64(10);

	return num_log(&ten, row_num(r, 0), row_out_num(r), r->call->err);
}
ROWS(log10_fn, log10_row, ROWS_PLAIN)

TEMPLATE bool round_to(struct row *r, bool truncate)
{
	int32_t scale = r->call->nargs > 1 ? row_i32(r, 1) : 0;

	scale = scale > 2000 ? 2000 : scale < -2000 ? -2000 : scale;
	return num_round(row_num(r, 0), scale, truncate, row_out_num(r), r->call->err);
}
static bool round_row(struct row *r) { return round_to(r, false); }
static bool trunc_row(struct row *r) { return round_to(r, true); }
ROWS(round_fn, round_row, ROWS_PLAIN)
ROWS(trunc_fn, trunc_row, ROWS_PLAIN)

static int trimmed_scale(const struct num *x)
{
	int scale = x->scale;
	int128 c = x->coef;

	if (c == 0)
		return 0;
	for (; scale > 0 && c % 10 == 0; scale--)
		c /= 10;
	return scale;
}

static bool scale_row(struct row *r)
{
	const struct num *x = row_num(r, 0);

	return x->kind != NUM_FINITE ? row_set_null(r) : row_set_i32(r, x->scale);
}
ROWS(scale_fn, scale_row, ROWS_NULLABLE)

static bool min_scale_row(struct row *r)
{
	const struct num *x = row_num(r, 0);

	return x->kind != NUM_FINITE ? row_set_null(r) : row_set_i32(r, trimmed_scale(x));
}
ROWS(min_scale_fn, min_scale_row, ROWS_NULLABLE)

static bool trim_scale_row(struct row *r)
{
	const struct num *x = row_num(r, 0);

	if (x->kind == NUM_FINITE)
		return num_round(x, trimmed_scale(x), true, row_out_num(r), r->call->err);
	*row_out_num(r) = *x;
	return true;
}
ROWS(trim_scale_fn, trim_scale_row, ROWS_PLAIN)

/* ---- whole-number division, gcd, lcm, width_bucket: 128-bit integers ---- */

static uint128 magnitude(int128 x) { return x < 0 ? -(uint128)x : (uint128)x; }

static bool too_large(struct row *r) { return row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "value overflows numeric format"); }

/* num * 10^shift / den, truncated; *out stays under 10^38 or false. Digit by digit: the product itself may
 * need more than 128 bits. */
static bool divide_shifted(uint128 num, int shift, uint128 den, uint128 *out)
{
	uint128 q = num / den, rest = num % den;

	for (; shift > 0; shift--) {
		uint128 step = rest, sum = 0;
		unsigned digit = 0;
		for (int i = 0; i < 10; i++) {
			sum += step;
			if (sum >= den) {
				sum -= den;
				digit++;
			}
		}
		if (q >= (uint128)decimal_pow10[37])
			return false;
		q = q * 10 + digit;
		rest = sum;
	}
	*out = q;
	return true;
}

static bool div_special(struct row *r, const struct num *a, const struct num *b)
{
	struct num *o = row_out_num(r);
	int sign = num_sign(a) * num_sign(b);

	*o = (struct num){0};
	if (a->kind == NUM_NAN || b->kind == NUM_NAN || (a->kind != NUM_FINITE && b->kind != NUM_FINITE))
		o->kind = NUM_NAN;
	else if (a->kind != NUM_FINITE)
		o->kind = sign < 0 ? NUM_NEG_INFINITY : NUM_INFINITY;
	return true;
}

static bool div_row(struct row *r)
{
	const struct num *a = row_num(r, 0), *b = row_num(r, 1);
	uint128 q;
	int shift = b->scale - a->scale;

	if (b->kind == NUM_FINITE && b->coef == 0 && a->kind != NUM_NAN)
		return row_error(r, ERR_DIVISION_BY_ZERO, "division by zero");
	if (a->kind != NUM_FINITE || b->kind != NUM_FINITE)
		return div_special(r, a, b);
	if (!divide_shifted(magnitude(a->coef), shift > 0 ? shift : 0, magnitude(b->coef), &q))
		return too_large(r);
	if (shift < 0)
		q /= (uint128)decimal_pow10[-shift];
	*row_out_num(r) = num_from_scaled((a->coef < 0) != (b->coef < 0) ? -(int128)q : (int128)q, 0);
	return true;
}
ROWS(div_fn, div_row, ROWS_PLAIN)

/* Both at the larger scale; false when one does not fit. */
static bool align(const struct num *a, const struct num *b, int128 *x, int128 *y, int *scale)
{
	*scale = a->scale > b->scale ? a->scale : b->scale;
	return decimal_mul_pow10(a->coef, *scale - a->scale, x) && decimal_mul_pow10(b->coef, *scale - b->scale, y);
}

TEMPLATE bool gcd_lcm(struct row *r, bool lcm)
{
	const struct num *a = row_num(r, 0), *b = row_num(r, 1);
	int128 x, y;
	uint128 g, h;
	int scale;

	if (a->kind != NUM_FINITE || b->kind != NUM_FINITE) {
		*row_out_num(r) = (struct num){.kind = NUM_NAN};
		return true;
	}
	if (!align(a, b, &x, &y, &scale))
		return too_large(r);
	for (g = magnitude(x), h = magnitude(y); h;) {
		uint128 t = g % h;
		g = h;
		h = t;
	}
	if (lcm && x && y) {
		uint128 part = magnitude(x) / g;
		if (part > ((uint128)decimal_pow10[38] - 1) / magnitude(y))
			return too_large(r);
		g = part * magnitude(y);
	} else if (lcm) {
		g = 0;
	}
	*row_out_num(r) = num_from_scaled((int128)g, scale);
	return true;
}
static bool gcd_row(struct row *r) { return gcd_lcm(r, false); }
static bool lcm_row(struct row *r) { return gcd_lcm(r, true); }
ROWS(gcd_fn, gcd_row, ROWS_PLAIN)
ROWS(lcm_fn, lcm_row, ROWS_PLAIN)

/* floor(count * part / whole) with part < whole < 2^127, bit by bit. */
static uint32_t scale_down(uint32_t count, uint128 part, uint128 whole)
{
	uint128 rest = 0;
	uint32_t q = 0;

	for (int bit = 31; bit >= 0; bit--) {
		q *= 2;
		rest *= 2;
		if (rest >= whole) {
			rest -= whole;
			q++;
		}
		if (count >> bit & 1)
			rest += part;
		if (rest >= whole) {
			rest -= whole;
			q++;
		}
	}
	return q;
}

static bool width_bucket_row(struct row *r)
{
	const struct num *x = row_num(r, 0), *low = row_num(r, 1), *high = row_num(r, 2);
	int32_t count = row_i32(r, 3);
	int order = num_compare(low, high);
	struct num part, whole;
	int128 p, w;
	int scale;

	if (count <= 0)
		return row_error(r, ERR_INVALID_ARGUMENT_FOR_WIDTH_BUCKET, "count must be greater than zero");
	if (x->kind == NUM_NAN || low->kind == NUM_NAN || high->kind == NUM_NAN)
		return row_error(r, ERR_INVALID_ARGUMENT_FOR_WIDTH_BUCKET, "operand, lower bound, and upper bound cannot be NaN");
	if (low->kind != NUM_FINITE || high->kind != NUM_FINITE)
		return row_error(r, ERR_INVALID_ARGUMENT_FOR_WIDTH_BUCKET, "lower and upper bounds must be finite");
	if (order == 0)
		return row_error(r, ERR_INVALID_ARGUMENT_FOR_WIDTH_BUCKET, "lower bound cannot equal upper bound");
	if (order < 0 ? num_compare(x, low) < 0 : num_compare(x, low) > 0)
		return row_set_i32(r, 0);
	if (order < 0 ? num_compare(x, high) >= 0 : num_compare(x, high) <= 0)
		return count == INT32_MAX ? row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "integer out of range")
								  : row_set_i32(r, count + 1);
	if (!num_sub(x, low, &part, r->call->err) || !num_sub(high, low, &whole, r->call->err))
		return false;
	if (!align(&part, &whole, &p, &w, &scale))
		return too_large(r);
	return row_set_i32(r, (int32_t)(scale_down((uint32_t)count, magnitude(p), magnitude(w)) + 1));
}
ROWS(width_bucket_fn, width_bucket_row, ROWS_PLAIN)

#define N1(name, fn, flags, help) FN(name, NUMERIC, fn, flags, help, T(NUMERIC))
#define N2(name, fn, flags, help) FN(name, NUMERIC, fn, flags, help, T(NUMERIC), T(NUMERIC))
#define N_FIXED(n, f, i, fl, h) {.name = n, .kind = FUNC_SCALAR, .nargs = 1, .args = {T(NUMERIC)}, .result = T(NUMERIC), .fn = f, .infer = i, .flags = fl, .help = h}

const struct func functions_math_numeric[] = {
	N_FIXED("abs", abs_fn, abs_infer, SURE, "absolute value"),
	N_FIXED("sign", sign_fn, sign_infer, SURE, "-1, 0 or 1"),
	N_FIXED("round", round_fn, round_infer, FAIL, "nearest integer, ties away from zero"),
	N_FIXED("trunc", trunc_fn, trunc_infer, FAIL, "integer part"),
	N_FIXED("ceil", ceil_fn, ceil_infer, FAIL, "nearest integer that is not less"),
	N_FIXED("ceiling", ceil_fn, ceil_infer, FAIL, "nearest integer that is not less"),
	N_FIXED("floor", floor_fn, floor_infer, FAIL, "nearest integer that is not greater"),
	FN("round", NUMERIC, round_fn, FAIL, "rounded to n digits behind the point, ties away from zero", T(NUMERIC), T(INT4)),
	FN("trunc", NUMERIC, trunc_fn, FAIL, "cut to n digits behind the point", T(NUMERIC), T(INT4)),
	N2("mod", mod_fn, FAIL, "remainder of the division"),
	N2("div", div_fn, FAIL, "integer part of the quotient"),
	N2("power", power_fn, FAIL, "first argument to the power of the second"),
	N2("pow", power_fn, FAIL, "first argument to the power of the second"),
	N1("sqrt", sqrt_fn, FAIL, "square root"),
	N1("exp", exp_fn, FAIL, "e to the power"),
	N1("ln", ln_fn, FAIL, "natural logarithm"),
	N1("log", log10_fn, FAIL, "logarithm to base 10"),
	N1("log10", log10_fn, FAIL, "logarithm to base 10"),
	N2("log", log_fn, FAIL, "logarithm of the second argument to the base of the first"),
	N2("gcd", gcd_fn, FAIL, "greatest common divisor"),
	N2("lcm", lcm_fn, FAIL, "least common multiple"),
	FN("scale", INT4, scale_fn, SOME_NULL | SURE, "digits shown behind the point; NULL for NaN and infinities", T(NUMERIC)),
	FN("min_scale", INT4, min_scale_fn, SOME_NULL | SURE, "digits behind the point without trailing zeros", T(NUMERIC)),
	N1("trim_scale", trim_scale_fn, FAIL, "without trailing zeros behind the point"),
	FN("width_bucket", INT4, width_bucket_fn, FAIL, "number of the equal-width bucket that the first argument falls into", T(NUMERIC), T(NUMERIC), T(NUMERIC), T(INT4)),
	FN_END,
};
