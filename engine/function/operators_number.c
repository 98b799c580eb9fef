/*
 * Arithmetic and bit operators of smallint, integer, bigint, real and double precision. The loops are
 * kernels; this file turns what they collected into PostgreSQL's errors and lists the operators.
 * numeric is in operators_numeric.c.
 */
#include "engine/function/rowwise.h"
#include "engine/function/tables.h"
#include "engine/kernel/arith.h"

#include <math.h>

static bool integer_result(struct fncall *c, int64_t bad)
{
	if (bad >= 0)
		return true;
	return err_set(c->err, ERR_NUMERIC_OUT_OF_RANGE, "%s out of range", type_infos[c->result.id].name);
}

static bool integer_div_result(struct fncall *c, int64_t bad)
{
	if (bad & ARITH_ZERO_DIVISOR)
		return err_set(c->err, ERR_DIVISION_BY_ZERO, "division by zero");
	return integer_result(c, bad);
}

static bool float_result(struct fncall *c, int64_t bad)
{
	if (bad & ARITH_ZERO_DIVISOR)
		return err_set(c->err, ERR_DIVISION_BY_ZERO, "division by zero");
	if (bad < 0)
		return err_set(c->err, ERR_NUMERIC_OUT_OF_RANGE, "value out of range: overflow");
	if (bad & ARITH_UNDERFLOW)
		return err_set(c->err, ERR_NUMERIC_OUT_OF_RANGE, "value out of range: underflow");
	return true;
}

/* For loops that cannot go wrong. */
static bool plain_result(struct fncall *c, int64_t bad)
{
	(void)c;
	(void)bad;
	return true;
}

#define BINARY(name, kernel, result)                                                               \
	static bool name(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)       \
	{                                                                                              \
		return result(c, kernel(&args[0], &args[1], n, out->data));                                \
	}
#define UNARY(name, kernel, result)                                                                \
	static bool name(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)       \
	{                                                                                              \
		return result(c, kernel(&args[0], n, out->data));                                          \
	}
BINARY(add_i16, k_add_i16, integer_result)
BINARY(add_i32, k_add_i32, integer_result)
BINARY(add_i64, k_add_i64, integer_result)
BINARY(add_f32, k_add_f32, float_result)
BINARY(add_f64, k_add_f64, float_result)
BINARY(sub_i16, k_sub_i16, integer_result)
BINARY(sub_i32, k_sub_i32, integer_result)
BINARY(sub_i64, k_sub_i64, integer_result)
BINARY(sub_f32, k_sub_f32, float_result)
BINARY(sub_f64, k_sub_f64, float_result)
BINARY(mul_i16, k_mul_i16, integer_result)
BINARY(mul_i32, k_mul_i32, integer_result)
BINARY(mul_i64, k_mul_i64, integer_result)
BINARY(mul_f32, k_mul_f32, float_result)
BINARY(mul_f64, k_mul_f64, float_result)
BINARY(div_i16, k_div_i16, integer_div_result)
BINARY(div_i32, k_div_i32, integer_div_result)
BINARY(div_i64, k_div_i64, integer_div_result)
BINARY(div_f32, k_div_f32, float_result)
BINARY(div_f64, k_div_f64, float_result)
BINARY(mod_i32, k_mod_i32, integer_div_result)
BINARY(mod_i64, k_mod_i64, integer_div_result)
BINARY(and_i32, k_and_i32, plain_result)
BINARY(and_i64, k_and_i64, plain_result)
BINARY(or_i32, k_or_i32, plain_result)
BINARY(or_i64, k_or_i64, plain_result)
BINARY(xor_i32, k_xor_i32, plain_result)
BINARY(xor_i64, k_xor_i64, plain_result)
BINARY(shl_i16, k_shl_i16, plain_result)
BINARY(shl_i32, k_shl_i32, plain_result)
BINARY(shl_i64, k_shl_i64, plain_result)
BINARY(shr_i32, k_shr_i32, plain_result)
BINARY(shr_i64, k_shr_i64, plain_result)
UNARY(neg_i16, k_neg_i16, integer_result)
UNARY(neg_i32, k_neg_i32, integer_result)
UNARY(neg_i64, k_neg_i64, integer_result)
UNARY(neg_f64, k_neg_f64, plain_result)
UNARY(abs_i16, k_abs_i16, integer_result)
UNARY(abs_i32, k_abs_i32, integer_result)
UNARY(abs_i64, k_abs_i64, integer_result)
UNARY(abs_f64, k_abs_f64, plain_result)
UNARY(not_i32, k_not_i32, plain_result)
UNARY(not_i64, k_not_i64, plain_result)

static bool plus_any(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	size_t size = phys_size(type_phys(c->result));

	for (uint32_t i = 0; i < n; i++)
		memcpy((char *)out->data + i * size, (const char *)args[0].data + view_index(&args[0], i) * size, size);
	return true;
}

/* The C library's pow, with SQL's errors for what has no real value. */
static bool power_row(struct rowcall *c, double x, double y, double *out)
{
	struct err *e = c->fn->err;

	if (isnan(x)) {
		*out = y == 0 ? 1 : x;
		return true;
	}
	if (isnan(y)) {
		*out = x == 1 ? 1 : y;
		return true;
	}
	if (x == 0 && y < 0)
		return err_set(e, ERR_INVALID_ARGUMENT_FOR_POWER, "zero raised to a negative power is undefined");
	if (x < 0 && floor(y) != y)
		return err_set(e, ERR_INVALID_ARGUMENT_FOR_POWER,
					   "a negative number raised to a non-integer power yields a complex result");
	*out = pow(x, y);
	if (isinf(x) || isinf(y))
		return true;
	if (isinf(*out))
		return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "value out of range: overflow");
	if (*out == 0 && x != 0)
		return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "value out of range: underflow");
	return true;
}
#define NAME power_f64
#define ROW power_row
#define ARG1 f64
#define ARG2 f64
#define RESULT f64
#include "engine/function/rowwise.inc"

static bool square_root_row(struct rowcall *c, double x, double *out)
{
	if (x < 0)
		return err_set(c->fn->err, ERR_INVALID_ARGUMENT_FOR_POWER, "cannot take square root of a negative number");
	*out = sqrt(x);
	return true;
}
#define NAME square_root
#define ROW square_root_row
#define ARG1 f64
#define RESULT f64
#include "engine/function/rowwise.inc"

static bool cube_root_row(struct rowcall *c, double x, double *out)
{
	(void)c;
	*out = cbrt(x);
	return true;
}
#define NAME cube_root
#define ROW cube_root_row
#define ARG1 f64
#define RESULT f64
#include "engine/function/rowwise.inc"

#define OP2(symbol, a, b, r, impl, flag_bits, text)                                                \
	{.name = symbol, .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(a), T(b)}, .result = T(r),      \
	 .fn = impl, .flags = (flag_bits), .help = text}
#define OP1(symbol, a, impl, flag_bits, text)                                                      \
	{.name = symbol, .kind = FUNC_OPERATOR, .nargs = 1, .args = {T(a)}, .result = T(a),            \
	 .fn = impl, .flags = (flag_bits), .help = text}
#define FAILS FUNC_CAN_FAIL
#define SWAPS (FUNC_CAN_FAIL | FUNC_COMMUTATIVE)
#define SAFE FUNC_LEAK_PROOF
#define SAFE_SWAPS (FUNC_LEAK_PROOF | FUNC_COMMUTATIVE)
/* smallint with integer and real with double precision stand in the same slots. */
#define INTEGER_MIXED(symbol, impl, flag_bits, text)                                               \
	OP2(symbol, INT2, INT4, INT4, impl, flag_bits, text),                                          \
	OP2(symbol, INT4, INT2, INT4, impl, flag_bits, text)
#define FLOATS(symbol, f32, f64, flag_bits, text)                                                  \
	OP2(symbol, FLOAT4, FLOAT4, FLOAT4, f32, flag_bits, text),                                     \
	OP2(symbol, FLOAT8, FLOAT8, FLOAT8, f64, flag_bits, text),                                     \
	OP2(symbol, FLOAT4, FLOAT8, FLOAT8, f64, flag_bits, text),                                     \
	OP2(symbol, FLOAT8, FLOAT4, FLOAT8, f64, flag_bits, text)

const struct func functions_operators_number[] = {
	OP2("+", INT2, INT2, INT2, add_i16, SWAPS, "add"),
	OP2("+", INT4, INT4, INT4, add_i32, SWAPS, "add"),
	OP2("+", INT8, INT8, INT8, add_i64, SWAPS, "add"),
	INTEGER_MIXED("+", add_i32, SWAPS, "add"),
	FLOATS("+", add_f32, add_f64, SWAPS, "add"),
	OP2("-", INT2, INT2, INT2, sub_i16, FAILS, "subtract"),
	OP2("-", INT4, INT4, INT4, sub_i32, FAILS, "subtract"),
	OP2("-", INT8, INT8, INT8, sub_i64, FAILS, "subtract"),
	INTEGER_MIXED("-", sub_i32, FAILS, "subtract"),
	FLOATS("-", sub_f32, sub_f64, FAILS, "subtract"),
	OP2("*", INT2, INT2, INT2, mul_i16, SWAPS, "multiply"),
	OP2("*", INT4, INT4, INT4, mul_i32, SWAPS, "multiply"),
	OP2("*", INT8, INT8, INT8, mul_i64, SWAPS, "multiply"),
	INTEGER_MIXED("*", mul_i32, SWAPS, "multiply"),
	FLOATS("*", mul_f32, mul_f64, SWAPS, "multiply"),
	OP2("/", INT2, INT2, INT2, div_i16, FAILS, "divide"),
	OP2("/", INT4, INT4, INT4, div_i32, FAILS, "divide"),
	OP2("/", INT8, INT8, INT8, div_i64, FAILS, "divide"),
	INTEGER_MIXED("/", div_i32, FAILS, "divide"),
	FLOATS("/", div_f32, div_f64, FAILS, "divide"),
	OP2("%", INT2, INT2, INT2, mod_i32, FAILS, "remainder"),
	OP2("%", INT4, INT4, INT4, mod_i32, FAILS, "remainder"),
	OP2("%", INT8, INT8, INT8, mod_i64, FAILS, "remainder"),
	OP2("^", FLOAT8, FLOAT8, FLOAT8, power_f64, FAILS, "raise to a power"),
	OP1("|/", FLOAT8, square_root, FAILS, "square root"),
	OP1("||/", FLOAT8, cube_root, 0, "cube root"),
	OP1("-", INT2, neg_i16, FAILS, "negate"),
	OP1("-", INT4, neg_i32, FAILS, "negate"),
	OP1("-", INT8, neg_i64, FAILS, "negate"),
	OP1("-", FLOAT4, neg_f64, SAFE, "negate"),
	OP1("-", FLOAT8, neg_f64, SAFE, "negate"),
	OP1("+", INT2, plus_any, SAFE, "the value itself"),
	OP1("+", INT4, plus_any, SAFE, "the value itself"),
	OP1("+", INT8, plus_any, SAFE, "the value itself"),
	OP1("+", FLOAT4, plus_any, SAFE, "the value itself"),
	OP1("+", FLOAT8, plus_any, SAFE, "the value itself"),
	OP1("@", INT2, abs_i16, FAILS, "absolute value"),
	OP1("@", INT4, abs_i32, FAILS, "absolute value"),
	OP1("@", INT8, abs_i64, FAILS, "absolute value"),
	OP1("@", FLOAT4, abs_f64, SAFE, "absolute value"),
	OP1("@", FLOAT8, abs_f64, SAFE, "absolute value"),
	OP2("&", INT2, INT2, INT2, and_i32, SAFE_SWAPS, "bitwise and"),
	OP2("&", INT4, INT4, INT4, and_i32, SAFE_SWAPS, "bitwise and"),
	OP2("&", INT8, INT8, INT8, and_i64, SAFE_SWAPS, "bitwise and"),
	OP2("|", INT2, INT2, INT2, or_i32, SAFE_SWAPS, "bitwise or"),
	OP2("|", INT4, INT4, INT4, or_i32, SAFE_SWAPS, "bitwise or"),
	OP2("|", INT8, INT8, INT8, or_i64, SAFE_SWAPS, "bitwise or"),
	OP2("#", INT2, INT2, INT2, xor_i32, SAFE_SWAPS, "bitwise exclusive or"),
	OP2("#", INT4, INT4, INT4, xor_i32, SAFE_SWAPS, "bitwise exclusive or"),
	OP2("#", INT8, INT8, INT8, xor_i64, SAFE_SWAPS, "bitwise exclusive or"),
	OP1("~", INT2, not_i32, SAFE, "bitwise not"),
	OP1("~", INT4, not_i32, SAFE, "bitwise not"),
	OP1("~", INT8, not_i64, SAFE, "bitwise not"),
	OP2("<<", INT2, INT4, INT2, shl_i16, SAFE, "bitwise shift left"),
	OP2("<<", INT4, INT4, INT4, shl_i32, SAFE, "bitwise shift left"),
	OP2("<<", INT8, INT4, INT8, shl_i64, SAFE, "bitwise shift left"),
	OP2(">>", INT2, INT4, INT2, shr_i32, SAFE, "bitwise shift right"),
	OP2(">>", INT4, INT4, INT4, shr_i32, SAFE, "bitwise shift right"),
	OP2(">>", INT8, INT4, INT8, shr_i64, SAFE, "bitwise shift right"),
	{.name = NULL},
};
