/*
 * Arithmetic operators of numeric. Where the operands are fixed forms (a scale for the whole column),
 * + - * % - + @ run on scaled integers; the result's form follows from theirs, with 38 digits as the
 * limit: what would need more is error 22003 at the row that does. / and ^, and anything with a general
 * operand, run on struct num, whose rules are PostgreSQL's (engine/types/decimal.h).
 */
#include "engine/function/numeric_form.h"
#include "engine/function/rowwise.h"
#include "engine/function/tables.h"
#include "engine/kernel/arith.h"
#include "engine/types/decimal.h"

static bool decimal_result(struct fncall *c, int64_t bad)
{
	return bad >= 0 || err_set(c->err, ERR_NUMERIC_OUT_OF_RANGE, "value overflows numeric format");
}

static bool decimal_mod_result(struct fncall *c, int64_t bad)
{
	return !bad || err_set(c->err, ERR_DIVISION_BY_ZERO, "division by zero");
}

#define BINARY(name, kernel, result)                                                               \
	static bool name(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)       \
	{                                                                                              \
		return result(c, kernel(&args[0], &args[1], n, out->data));                                \
	}
#define UNARY(name, kernel)                                                                        \
	static bool name(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)       \
	{                                                                                              \
		return decimal_result(c, kernel(&args[0], n, out->data));                                  \
	}
BINARY(add_i64, k_add_i64, decimal_result)
BINARY(add_i128, k_add_i128, decimal_result)
BINARY(sub_i64, k_sub_i64, decimal_result)
BINARY(sub_i128, k_sub_i128, decimal_result)
BINARY(mul_i64, k_mul_i64, decimal_result)
BINARY(mul_i64_i128, k_mul_i64_i128, decimal_result)
BINARY(mul_i128, k_mul_i128, decimal_result)
BINARY(mod_i64, k_mod_i64, decimal_mod_result)
BINARY(mod_i128, k_mod_i128, decimal_mod_result)
UNARY(neg_i64, k_neg_i64)
UNARY(neg_i128, k_neg_i128)
UNARY(abs_i64, k_abs_i64)
UNARY(abs_i128, k_abs_i128)

static bool add_row(struct rowcall *c, const struct num *a, const struct num *b, struct num *out)
{
	return num_add(a, b, out, c->fn->err);
}
#define NAME add_num
#define ROW add_row
#define ARG1 num
#define ARG2 num
#define RESULT num
#include "engine/function/rowwise.inc"

static bool sub_row(struct rowcall *c, const struct num *a, const struct num *b, struct num *out)
{
	return num_sub(a, b, out, c->fn->err);
}
#define NAME sub_num
#define ROW sub_row
#define ARG1 num
#define ARG2 num
#define RESULT num
#include "engine/function/rowwise.inc"

static bool mul_row(struct rowcall *c, const struct num *a, const struct num *b, struct num *out)
{
	return num_mul(a, b, out, c->fn->err);
}
#define NAME mul_num
#define ROW mul_row
#define ARG1 num
#define ARG2 num
#define RESULT num
#include "engine/function/rowwise.inc"

static bool div_row(struct rowcall *c, const struct num *a, const struct num *b, struct num *out)
{
	return num_div(a, b, out, c->fn->err);
}
#define NAME div_num
#define ROW div_row
#define ARG1 num
#define ARG2 num
#define RESULT num
#include "engine/function/rowwise.inc"

static bool mod_row(struct rowcall *c, const struct num *a, const struct num *b, struct num *out)
{
	return num_mod(a, b, out, c->fn->err);
}
#define NAME mod_num
#define ROW mod_row
#define ARG1 num
#define ARG2 num
#define RESULT num
#include "engine/function/rowwise.inc"

static bool power_row(struct rowcall *c, const struct num *a, const struct num *b, struct num *out)
{
	return num_power(a, b, out, c->fn->err);
}
#define NAME power_num
#define ROW power_row
#define ARG1 num
#define ARG2 num
#define RESULT num
#include "engine/function/rowwise.inc"

static struct num num_negated(const struct num *a)
{
	struct num r = *a;

	r.coef = -r.coef;
	if (a->kind == NUM_INFINITY)
		r.kind = NUM_NEG_INFINITY;
	else if (a->kind == NUM_NEG_INFINITY)
		r.kind = NUM_INFINITY;
	return r;
}

static bool neg_row(struct rowcall *c, const struct num *a, struct num *out)
{
	(void)c;
	*out = num_negated(a);
	return true;
}
#define NAME neg_num
#define ROW neg_row
#define ARG1 num
#define RESULT num
#include "engine/function/rowwise.inc"

static bool abs_row(struct rowcall *c, const struct num *a, struct num *out)
{
	(void)c;
	*out = num_sign(a) < 0 ? num_negated(a) : *a;
	return true;
}
#define NAME abs_num
#define ROW abs_row
#define ARG1 num
#define RESULT num
#include "engine/function/rowwise.inc"

/* Every form: the value itself. */
static bool plus_any(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	size_t size = phys_size(type_phys(c->result));

	for (uint32_t i = 0; i < n; i++)
		memcpy((char *)out->data + i * size, (const char *)args[0].data + view_index(&args[0], i) * size, size);
	return true;
}

#define NUMERIC2(symbol, impl, flag_bits, text)                                                    \
	{.name = symbol, .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(NUMERIC), T(NUMERIC)},          \
	 .result = T(NUMERIC), .fn = impl, .flags = (flag_bits), .help = text}
#define NUMERIC1(symbol, impl, flag_bits, text)                                                    \
	{.name = symbol, .kind = FUNC_OPERATOR, .nargs = 1, .args = {T(NUMERIC)},                      \
	 .result = T(NUMERIC), .fn = impl, .flags = (flag_bits), .help = text}

/* The forms of one operator on fixed operands; the general one is the row in the table. */
enum fixed_form { FORM_I64, FORM_I128, FORM_I128_FULL, FORM_MIXED, FORM_COUNT };
static const struct func add_forms[FORM_COUNT] = {
	[FORM_I64] = NUMERIC2("+", add_i64, FUNC_COMMUTATIVE, "add"),
	[FORM_I128] = NUMERIC2("+", add_i128, FUNC_COMMUTATIVE, "add"),
	[FORM_I128_FULL] = NUMERIC2("+", add_i128, FUNC_COMMUTATIVE | FUNC_CAN_FAIL, "add"),
};
static const struct func sub_forms[FORM_COUNT] = {
	[FORM_I64] = NUMERIC2("-", sub_i64, 0, "subtract"),
	[FORM_I128] = NUMERIC2("-", sub_i128, 0, "subtract"),
	[FORM_I128_FULL] = NUMERIC2("-", sub_i128, FUNC_CAN_FAIL, "subtract"),
};
static const struct func mul_forms[FORM_COUNT] = {
	[FORM_I64] = NUMERIC2("*", mul_i64, FUNC_COMMUTATIVE, "multiply"),
	[FORM_I128] = NUMERIC2("*", mul_i128, FUNC_COMMUTATIVE, "multiply"),
	[FORM_I128_FULL] = NUMERIC2("*", mul_i128, FUNC_COMMUTATIVE | FUNC_CAN_FAIL, "multiply"),
	[FORM_MIXED] = NUMERIC2("*", mul_i64_i128, FUNC_COMMUTATIVE, "multiply"),
};
static const struct func mod_forms[FORM_COUNT] = {
	[FORM_I64] = NUMERIC2("%", mod_i64, FUNC_CAN_FAIL, "remainder"),
	[FORM_I128] = NUMERIC2("%", mod_i128, FUNC_CAN_FAIL, "remainder"),
};
static const struct func neg_forms[FORM_COUNT] = {
	[FORM_I64] = NUMERIC1("-", neg_i64, 0, "negate"),
	[FORM_I128] = NUMERIC1("-", neg_i128, 0, "negate"),
};
static const struct func abs_forms[FORM_COUNT] = {
	[FORM_I64] = NUMERIC1("@", abs_i64, 0, "absolute value"),
	[FORM_I128] = NUMERIC1("@", abs_i128, 0, "absolute value"),
};

static struct type infer_sum(const struct func *forms, struct type *arg_types, const struct func **pick)
{
	struct type probe[2] = {arg_types[0], arg_types[1]};
	struct type aligned = numeric_align(probe, 0);
	int precision = aligned.precision + 1;

	if (!aligned.precision) {
		arg_types[0] = arg_types[1] = aligned;
		return aligned;
	}
	if (precision > DECIMAL_DIGITS)
		precision = DECIMAL_DIGITS;
	numeric_align(arg_types, precision);
	*pick = &forms[precision <= 18 ? FORM_I64 : aligned.precision < DECIMAL_DIGITS ? FORM_I128 : FORM_I128_FULL];
	return type_decimal(precision, aligned.scale);
}

static struct type infer_add(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick)
{
	(void)f;
	(void)nargs;
	return infer_sum(add_forms, arg_types, pick);
}

static struct type infer_sub(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick)
{
	(void)f;
	(void)nargs;
	return infer_sum(sub_forms, arg_types, pick);
}

/* The same value as a scaled 128-bit integer. */
static struct type widened(struct type t)
{
	return t.precision <= 18 ? type_decimal(19, t.scale) : t;
}

static struct type infer_mul(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick)
{
	struct type a = numeric_form(arg_types[0]), b = numeric_form(arg_types[1]);
	int precision = a.precision + b.precision, scale = a.scale + b.scale;
	enum fixed_form form;

	(void)f;
	(void)nargs;
	if (!a.precision || !b.precision || scale > DECIMAL_DIGITS) {
		arg_types[0] = arg_types[1] = type_make(TYPE_NUMERIC);
		return arg_types[0];
	}
	if (a.precision <= 18 && b.precision <= 18) {
		form = precision <= 18 ? FORM_I64 : FORM_MIXED;
	} else {
		form = precision <= DECIMAL_DIGITS ? FORM_I128 : FORM_I128_FULL;
		a = widened(a);
		b = widened(b);
	}
	arg_types[0] = a;
	arg_types[1] = b;
	*pick = &mul_forms[form];
	return type_decimal(precision > DECIMAL_DIGITS ? DECIMAL_DIGITS : precision, scale);
}

static struct type infer_mod(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick)
{
	struct type aligned = numeric_align(arg_types, 0);

	(void)f;
	(void)nargs;
	if (aligned.precision)
		*pick = &mod_forms[aligned.precision <= 18 ? FORM_I64 : FORM_I128];
	return aligned;
}

static struct type infer_unary(const struct func *forms, struct type *arg_types, const struct func **pick)
{
	arg_types[0] = numeric_form(arg_types[0]);
	if (arg_types[0].precision)
		*pick = &forms[arg_types[0].precision <= 18 ? FORM_I64 : FORM_I128];
	arg_types[0].mod = -1;
	return arg_types[0];
}

static struct type infer_neg(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick)
{
	(void)f;
	(void)nargs;
	return infer_unary(neg_forms, arg_types, pick);
}

static struct type infer_abs(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick)
{
	(void)f;
	(void)nargs;
	return infer_unary(abs_forms, arg_types, pick);
}

static struct type infer_plus(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick)
{
	(void)f;
	(void)nargs;
	(void)pick;
	arg_types[0] = numeric_form(arg_types[0]);
	arg_types[0].mod = -1;
	return arg_types[0];
}

#define WITH_INFER2(symbol, impl, flag_bits, rule, text)                                           \
	{.name = symbol, .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(NUMERIC), T(NUMERIC)},          \
	 .result = T(NUMERIC), .fn = impl, .flags = (flag_bits), .infer = rule, .help = text}
#define WITH_INFER1(symbol, impl, rule, text)                                                      \
	{.name = symbol, .kind = FUNC_OPERATOR, .nargs = 1, .args = {T(NUMERIC)},                      \
	 .result = T(NUMERIC), .fn = impl, .infer = rule, .help = text}

const struct func functions_operators_numeric[] = {
	WITH_INFER2("+", add_num, FUNC_CAN_FAIL | FUNC_COMMUTATIVE, infer_add, "add"),
	WITH_INFER2("-", sub_num, FUNC_CAN_FAIL, infer_sub, "subtract"),
	WITH_INFER2("*", mul_num, FUNC_CAN_FAIL | FUNC_COMMUTATIVE, infer_mul, "multiply"),
	WITH_INFER2("%", mod_num, FUNC_CAN_FAIL, infer_mod, "remainder"),
	NUMERIC2("/", div_num, FUNC_CAN_FAIL, "divide"),
	NUMERIC2("^", power_num, FUNC_CAN_FAIL, "raise to a power"),
	WITH_INFER1("-", neg_num, infer_neg, "negate"),
	WITH_INFER1("@", abs_num, infer_abs, "absolute value"),
	WITH_INFER1("+", plus_any, infer_plus, "the value itself"),
	{.name = NULL},
};
