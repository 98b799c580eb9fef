/*
 * Casts among numbers: integers, oid, real, double precision, numeric in its three forms, and boolean
 * with integer. Casts with texts are in cast_text.c.
 *
 * A cast row's infer has two uses (func.h): asked with one type it tells what the value becomes without a
 * declared precision (integer → numeric(10,0)); asked with source and target it picks the row for
 * exactly these: one that is known not to fail, or one that changes the type only.
 */
#include "engine/function/cast_int.h"
#include "engine/function/numeric_form.h"
#include "engine/function/rowwise.h"
#include "engine/function/tables.h"
#include "engine/kernel/convert.h"
#include "engine/types/decimal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* ---- integers and floating point: one kernel each ---- */

static bool integer_result(struct fncall *c, int64_t bad)
{
	if (bad >= 0)
		return true;
	return err_set(c->err, ERR_NUMERIC_OUT_OF_RANGE, "%s out of range",
				   c->result.id == TYPE_OID ? "OID" : type_infos[c->result.id].name);
}

static bool float_result(struct fncall *c, int64_t bad)
{
	if (bad < 0)
		return err_set(c->err, ERR_NUMERIC_OUT_OF_RANGE, "value out of range: overflow");
	if (bad & ARITH_UNDERFLOW)
		return err_set(c->err, ERR_NUMERIC_OUT_OF_RANGE, "value out of range: underflow");
	return true;
}

#define CONVERT(name, kernel, result)                                                              \
	static bool name(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)       \
	{                                                                                              \
		return result(c, kernel(&args[0], n, out->data));                                          \
	}
CONVERT(i32_to_i16, k_i32_to_i16, integer_result)
CONVERT(i64_to_i16, k_i64_to_i16, integer_result)
CONVERT(i64_to_i32, k_i64_to_i32, integer_result)
CONVERT(i32_to_i64, k_i32_to_i64, integer_result)
CONVERT(i32_to_oid, k_i32_to_oid, integer_result)
CONVERT(i64_to_oid, k_i64_to_oid, integer_result)
CONVERT(oid_to_i32, k_oid_to_i32, integer_result)
CONVERT(i32_to_bool, k_i32_to_bool, integer_result)
CONVERT(bool_to_i32, k_bool_to_i32, integer_result)
CONVERT(f64_to_i16, k_f64_to_i16, integer_result)
CONVERT(f64_to_i32, k_f64_to_i32, integer_result)
CONVERT(f64_to_i64, k_f64_to_i64, integer_result)
CONVERT(i32_to_f64, k_i32_to_f64, float_result)
CONVERT(i32_to_f32, k_i32_to_f32, float_result)
CONVERT(i64_to_f64, k_i64_to_f64, float_result)
CONVERT(i64_to_f32, k_i64_to_f32, float_result)
CONVERT(f64_to_f32, k_f64_to_f32, float_result)

/* ---- numeric, in any form, from and to anything ---- */

/* Value i of an integer or numeric argument as struct num. */
static struct num load_num(struct type t, const struct view *v, uint32_t i)
{
	uint32_t at = view_index(v, i);

	switch (type_phys(t)) {
	case PHYS_I32:
		return num_from_i64(((const int32_t *)v->data)[at]);
	case PHYS_I64:
		if (t.id == TYPE_NUMERIC)
			return num_from_scaled(((const int64_t *)v->data)[at], t.scale);
		return num_from_i64(((const int64_t *)v->data)[at]);
	case PHYS_I128:
		return num_from_scaled(((const int128 *)v->data)[at], t.scale);
	case PHYS_NUM:
		return ((const struct num *)v->data)[at];
	case PHYS_BOOL:
	case PHYS_F64:
	case PHYS_INTERVAL:
	case PHYS_STR:
	case PHYS_COUNT:
		break;
	}
	UNREACHABLE();
}

static bool field_overflow(struct err *e, int precision, int scale)
{
	err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "numeric field overflow");
	return err_detail(e, "A field with precision %d, scale %d must round to an absolute value less than %s%d.",
					  precision, scale, precision != scale ? "10^" : "", precision != scale ? precision - scale : 1);
}

/* What numeric(p,s) does where the result keeps the general form: p > 38, or a scale outside 0 … p. */
static bool round_to_mod(int32_t mod, struct num *x, struct err *e)
{
	int precision = typmod_precision(mod), scale = typmod_scale(mod);
	int whole;
	struct num r;

	if (x->kind == NUM_NAN)
		return true;
	if (x->kind != NUM_FINITE) {
		err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "numeric field overflow");
		return err_detail(e, "A field with precision %d, scale %d cannot hold an infinite value.", precision, scale);
	}
	if (!num_round(x, scale, false, &r, e))
		return false;
	whole = decimal_digits(r.coef) - r.scale;
	if (r.coef && whole > precision - scale)
		return field_overflow(e, precision, scale);
	*x = r;
	return true;
}

/* Stores x into row i of a numeric result. */
static bool store_num(struct fncall *c, struct num *x, struct vec *out, uint32_t i)
{
	int128 scaled;

	if (!c->result.precision) {
		if (c->result.mod >= 0 && !round_to_mod(c->result.mod, x, c->err))
			return false;
		((struct num *)out->data)[i] = *x;
		return true;
	}
	if (!num_to_scaled(x, c->result.precision, c->result.scale, &scaled, c->err))
		return false;
	if (c->result.precision <= 18)
		((int64_t *)out->data)[i] = (int64_t)scaled;
	else
		((int128 *)out->data)[i] = scaled;
	return true;
}

static bool to_numeric_slowly(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	for (uint32_t i = 0; i < n; i++) {
		struct num x = load_num(c->arg_types[0], &args[0], i);
		if (!store_num(c, &x, out, i))
			return false;
	}
	return true;
}

static scale_fn *scale_loop(enum phys from, enum phys to)
{
	if (from == PHYS_I32)
		return to == PHYS_I64 ? k_scale_i32_i64 : k_scale_i32_i128;
	if (from == PHYS_I64)
		return to == PHYS_I64 ? k_scale_i64_i64 : k_scale_i64_i128;
	return to == PHYS_I64 ? k_scale_i128_i64 : k_scale_i128_i128;
}

/* Whether every value of the fixed form a is one of b, once rounded. */
static bool form_fits(struct type a, struct type b)
{
	int d = b.scale - a.scale;
	return a.precision + d + (d < 0) <= b.precision;
}

/* Integers and numerics to any numeric form. */
static bool exact_to_numeric(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	struct type from = numeric_form(c->arg_types[0]), to = c->result;
	int128 limit;
	int64_t bad;

	if (!from.precision || !to.precision)
		return to_numeric_slowly(c, args, n, out);
	limit = form_fits(from, to) ? 0 : decimal_limit(to.precision);
	bad = scale_loop(type_phys(c->arg_types[0]), type_phys(to))(&args[0], n, out->data, to.scale - from.scale, limit);
	return bad >= 0 || field_overflow(c->err, to.precision, to.scale);
}

/* By the shortest text of 15 digits (real: 6), as PostgreSQL goes. */
static bool float_to_numeric(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	const double *x = args[0].data;
	int digits = c->arg_types[0].id == TYPE_FLOAT4 ? 6 : 15;
	/* far under the last digit wanted: 0, although its own digits may be out of reach */
	double nothing = c->result.precision ? 0.01 / (double)decimal_pow10[c->result.scale]
					 : c->result.mod >= 0 && typmod_scale(c->result.mod) <= 0 ? 0.01
																				: 0;

	for (uint32_t i = 0; i < n; i++) {
		double d = x[view_index(&args[0], i)];
		struct num r;
		if (fabs(d) < nothing)
			d = 0;
		if (!num_from_double(d, digits, &r, c->err) || !store_num(c, &r, out, i))
			return false;
	}
	return true;
}

/* coef / 10^scale rounded half away from zero. */
static bool num_to_integer(struct fncall *c, const struct num *x, int64_t least, int64_t most, int64_t *out)
{
	const char *name = type_infos[c->result.id].name;
	int128 q;

	if (x->kind == NUM_NAN)
		return err_set(c->err, ERR_FEATURE_NOT_SUPPORTED, "cannot convert NaN to %s", name);
	if (x->kind != NUM_FINITE)
		return err_set(c->err, ERR_FEATURE_NOT_SUPPORTED, "cannot convert infinity to %s", name);
	q = decimal_div_pow10(x->coef, x->scale);
	if (q < least || q > most)
		return err_set(c->err, ERR_NUMERIC_OUT_OF_RANGE, "%s out of range", name);
	*out = (int64_t)q;
	return true;
}

static bool numeric_to_integer(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	int64_t most = c->result.id == TYPE_INT2 ? INT16_MAX : c->result.id == TYPE_INT4 ? INT32_MAX : INT64_MAX;
	bool wide = type_phys(c->result) == PHYS_I64;

	for (uint32_t i = 0; i < n; i++) {
		struct num x = load_num(c->arg_types[0], &args[0], i);
		int64_t r = 0;
		if (!num_to_integer(c, &x, -most - 1, most, &r))
			return false;
		if (wide)
			((int64_t *)out->data)[i] = r;
		else
			((int32_t *)out->data)[i] = (int32_t)r;
	}
	return true;
}

/* Correctly rounded: up to 2^53 and 10^22 both operands of the division are exact. */
static double decimal_to_double(const struct num *x)
{
	static const double pow10[] = {1e0,	 1e1,  1e2,	 1e3,  1e4,	 1e5,  1e6,	 1e7,  1e8,	 1e9,  1e10, 1e11,
								   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	if (x->kind == NUM_FINITE && x->scale < (int)ARRAY_LEN(pow10) && x->coef < ((int128)1 << 53) &&
		x->coef > -((int128)1 << 53))
		return (double)(int64_t)x->coef / pow10[x->scale];
	return num_to_double(x);
}

static bool numeric_to_double(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	for (uint32_t i = 0; i < n; i++) {
		struct num x = load_num(c->arg_types[0], &args[0], i);
		((double *)out->data)[i] = decimal_to_double(&x);
	}
	return true;
}

/* Through its text, so that it is rounded once. */
static bool num_to_float(const struct num *x, double *out, struct err *e)
{
	double d = decimal_to_double(x);
	struct strbuf text;
	bool ok = true;

	if (!isfinite(d) || d == 0) {
		*out = d;
		return true;
	}
	strbuf_init(&text, 0);
	num_print(x, &text);
	errno = 0;
	*out = strtof(strbuf_cstr(&text), NULL);
	if (errno == ERANGE && (*out == 0 || isinf(*out)))
		ok = err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "\"%s\" is out of range for type real", strbuf_cstr(&text));
	strbuf_release(&text);
	return ok;
}

static bool numeric_to_float(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	for (uint32_t i = 0; i < n; i++) {
		struct num x = load_num(c->arg_types[0], &args[0], i);
		if (!num_to_float(&x, (double *)out->data + i, c->err))
			return false;
	}
	return true;
}

/* ---- the table ---- */

#define CAST_ROW(a, b, impl, flag_bits)                                                            \
	{.name = "", .kind = FUNC_CAST, .nargs = 1, .args = {T(a)}, .result = T(b), .fn = impl,        \
	 .flags = (flag_bits), .help = "convert"}
#define CAST_FORM(a, b, impl, flag_bits, rule)                                                     \
	{.name = "", .kind = FUNC_CAST, .nargs = 1, .args = {T(a)}, .result = T(b), .fn = impl,        \
	 .flags = (flag_bits), .infer = rule, .help = "convert"}

static struct type infer_to_numeric(const struct func *f, struct type *types, uint32_t n, const struct func **pick);

static const struct func safe_to_numeric =
	CAST_FORM(NUMERIC, NUMERIC, exact_to_numeric, CAST_IMPLICIT, infer_to_numeric);
static const struct func same_bytes =
	CAST_FORM(NUMERIC, NUMERIC, NULL, CAST_IMPLICIT | FUNC_BINARY | FUNC_LEAK_PROOF, infer_to_numeric);

/* To numeric: the natural form, and the row that suits the target. */
static struct type infer_to_numeric(const struct func *f, struct type *types, uint32_t n, const struct func **pick)
{
	struct type from = numeric_form(types[0]), to;

	(void)f;
	if (n < 2) {
		from.mod = -1;
		return from;
	}
	to = types[1];
	if (!to.precision) {
		if (to.mod < 0)
			*pick = types[0].id == TYPE_NUMERIC && !from.precision ? &same_bytes : from.precision ? &safe_to_numeric : *pick;
		return to;
	}
	if (!from.precision || !form_fits(from, to) || (to.mod >= 0 && types[0].mod == to.mod))
		return to; /* asked for numeric(p,s) from itself: the coercion itself is wanted */
	if (type_phys(types[0]) == type_phys(to) && from.scale == to.scale)
		*pick = &same_bytes;
	else
		*pick = &safe_to_numeric;
	return to;
}

/* From numeric in any form to another type. */
static struct type infer_from_numeric(const struct func *f, struct type *types, uint32_t n, const struct func **pick)
{
	(void)pick;
	return n < 2 ? f->result : types[1];
}

const struct func functions_cast_number[] = {
	CAST_ROW(INT2, INT4, NULL, CAST_IMPLICIT | FUNC_BINARY | FUNC_LEAK_PROOF),
	CAST_ROW(INT2, INT8, i32_to_i64, CAST_IMPLICIT | FUNC_LEAK_PROOF),
	CAST_ROW(INT2, FLOAT4, i32_to_f32, CAST_IMPLICIT | FUNC_LEAK_PROOF),
	CAST_ROW(INT2, FLOAT8, i32_to_f64, CAST_IMPLICIT | FUNC_LEAK_PROOF),
	CAST_ROW(INT2, OID, i32_to_oid, CAST_IMPLICIT | FUNC_LEAK_PROOF),
	CAST_FORM(INT2, NUMERIC, exact_to_numeric, CAST_IMPLICIT | FUNC_CAN_FAIL, infer_to_numeric),
	CAST_ROW(INT4, INT2, i32_to_i16, FUNC_ASSIGNMENT | FUNC_CAN_FAIL),
	CAST_ROW(INT4, INT8, i32_to_i64, CAST_IMPLICIT | FUNC_LEAK_PROOF),
	CAST_ROW(INT4, FLOAT4, i32_to_f32, CAST_IMPLICIT | FUNC_LEAK_PROOF),
	CAST_ROW(INT4, FLOAT8, i32_to_f64, CAST_IMPLICIT | FUNC_LEAK_PROOF),
	CAST_ROW(INT4, OID, i32_to_oid, CAST_IMPLICIT | FUNC_LEAK_PROOF),
	CAST_ROW(INT4, BOOL, i32_to_bool, FUNC_LEAK_PROOF),
	CAST_FORM(INT4, NUMERIC, exact_to_numeric, CAST_IMPLICIT | FUNC_CAN_FAIL, infer_to_numeric),
	CAST_ROW(BOOL, INT4, bool_to_i32, FUNC_LEAK_PROOF),
	CAST_ROW(INT8, INT2, i64_to_i16, FUNC_ASSIGNMENT | FUNC_CAN_FAIL),
	CAST_ROW(INT8, INT4, i64_to_i32, FUNC_ASSIGNMENT | FUNC_CAN_FAIL),
	CAST_ROW(INT8, FLOAT4, i64_to_f32, CAST_IMPLICIT | FUNC_LEAK_PROOF),
	CAST_ROW(INT8, FLOAT8, i64_to_f64, CAST_IMPLICIT | FUNC_LEAK_PROOF),
	CAST_ROW(INT8, OID, i64_to_oid, CAST_IMPLICIT | FUNC_CAN_FAIL),
	CAST_FORM(INT8, NUMERIC, exact_to_numeric, CAST_IMPLICIT | FUNC_CAN_FAIL, infer_to_numeric),
	CAST_ROW(OID, INT4, oid_to_i32, FUNC_ASSIGNMENT | FUNC_LEAK_PROOF),
	CAST_ROW(OID, INT8, NULL, FUNC_ASSIGNMENT | FUNC_BINARY | FUNC_LEAK_PROOF),
	CAST_ROW(FLOAT4, FLOAT8, NULL, CAST_IMPLICIT | FUNC_BINARY | FUNC_LEAK_PROOF),
	CAST_ROW(FLOAT4, INT2, f64_to_i16, FUNC_ASSIGNMENT | FUNC_CAN_FAIL),
	CAST_ROW(FLOAT4, INT4, f64_to_i32, FUNC_ASSIGNMENT | FUNC_CAN_FAIL),
	CAST_ROW(FLOAT4, INT8, f64_to_i64, FUNC_ASSIGNMENT | FUNC_CAN_FAIL),
	CAST_FORM(FLOAT4, NUMERIC, float_to_numeric, FUNC_ASSIGNMENT | FUNC_CAN_FAIL, infer_to_numeric),
	CAST_ROW(FLOAT8, FLOAT4, f64_to_f32, FUNC_ASSIGNMENT | FUNC_CAN_FAIL),
	CAST_ROW(FLOAT8, INT2, f64_to_i16, FUNC_ASSIGNMENT | FUNC_CAN_FAIL),
	CAST_ROW(FLOAT8, INT4, f64_to_i32, FUNC_ASSIGNMENT | FUNC_CAN_FAIL),
	CAST_ROW(FLOAT8, INT8, f64_to_i64, FUNC_ASSIGNMENT | FUNC_CAN_FAIL),
	CAST_FORM(FLOAT8, NUMERIC, float_to_numeric, FUNC_ASSIGNMENT | FUNC_CAN_FAIL, infer_to_numeric),
	CAST_FORM(NUMERIC, INT2, numeric_to_integer, FUNC_ASSIGNMENT | FUNC_CAN_FAIL, infer_from_numeric),
	CAST_FORM(NUMERIC, INT4, numeric_to_integer, FUNC_ASSIGNMENT | FUNC_CAN_FAIL, infer_from_numeric),
	CAST_FORM(NUMERIC, INT8, numeric_to_integer, FUNC_ASSIGNMENT | FUNC_CAN_FAIL, infer_from_numeric),
	CAST_FORM(NUMERIC, FLOAT4, numeric_to_float, CAST_IMPLICIT | FUNC_CAN_FAIL, infer_from_numeric),
	CAST_FORM(NUMERIC, FLOAT8, numeric_to_double, CAST_IMPLICIT, infer_from_numeric),
	CAST_FORM(NUMERIC, NUMERIC, exact_to_numeric, CAST_IMPLICIT | FUNC_CAN_FAIL, infer_to_numeric),
	{.name = NULL},
};
