/*
 * sum and avg. Integers and fixed numerics add up exactly in integers (sum(bigint) and numerics in 128
 * bits), general numerics as struct num, real in float steps, double precision in input order. avg of
 * exact types divides with numeric's rule for the scale; avg of floating point is in
 * aggregate_statistics.c, because PostgreSQL makes it from the same accumulator as the variances.
 */
#include "engine/function/datetime_range.h"
#include "engine/function/numeric_form.h"
#include "engine/function/tables.h"
#include "engine/types/decimal.h"

#include <math.h>

static bool null_result(struct fncall *c, struct vec *out, uint32_t i, uint32_t n)
{
	if (!vec_want_nulls(out, n, c->mem, c->err))
		return false;
	vec_set_null(out, i);
	return true;
}

/* ---- exact sums in integers ---- */

struct sum64 {
	int64_t sum;
	int64_t count;
};
struct sum128 {
	int128 sum;
	int64_t count;
};
struct sum192 { /* high * 2^128 + low */
	uint128 low;
	int64_t high;
	int64_t count;
};

#define ADD_64(s, x, c, bad)                                                                       \
	do {                                                                                           \
		int64_t before_ = (s)->sum, value_ = (x), after_;                                          \
		after_ = (int64_t)((uint64_t)before_ + (uint64_t)value_);                                  \
		(bad) |= (before_ ^ after_) & (value_ ^ after_);                                           \
		(s)->sum = after_;                                                                         \
		(s)->count++;                                                                              \
	} while (0)
#define ADD_128(s, x, c, bad)                                                                      \
	do {                                                                                           \
		(s)->sum += (x);                                                                           \
		(s)->count++;                                                                              \
	} while (0)
/* Up to 38 digits: added in 192 bits, so that what is out of range on the way does not matter, only the
 * sum does. */
#define ADD_DECIMAL(s, x, c, bad)                                                                  \
	do {                                                                                           \
		uint128 value_ = (uint128)(x), after_ = (s)->low + value_;                                 \
		(s)->high += ((x) < 0 ? -1 : 0) + (after_ < value_);                                       \
		(s)->low = after_;                                                                         \
		(s)->count++;                                                                              \
	} while (0)

#define NAME sum_i32
#define STATE struct sum64
#define IN int32_t
#define ADD ADD_64
#define OVERFLOW_TEXT "bigint out of range"
#include "engine/function/aggregate.inc"

/* 2^63 values of 63 bits fit 126 bits. */
#define NAME sum_i64
#define STATE struct sum128
#define IN int64_t
#define ADD ADD_128
#define OVERFLOW_TEXT ""
#include "engine/function/aggregate.inc"

#define NAME sum_i128
#define STATE struct sum192
#define IN int128
#define ADD ADD_DECIMAL
#define OVERFLOW_TEXT ""
#include "engine/function/aggregate.inc"

static bool sum64_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct sum64 *a = into[i];
		const struct sum64 *b = from[i];
		a->count += b->count;
		if (__builtin_add_overflow(a->sum, b->sum, &a->sum))
			return err_set(c->err, ERR_NUMERIC_OUT_OF_RANGE, "bigint out of range");
	}
	return true;
}

static bool sum128_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	(void)c;
	for (uint32_t i = 0; i < n; i++) {
		struct sum128 *a = into[i];
		const struct sum128 *b = from[i];
		a->sum += b->sum;
		a->count += b->count;
	}
	return true;
}

static bool sum192_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	(void)c;
	for (uint32_t i = 0; i < n; i++) {
		struct sum192 *a = into[i];
		const struct sum192 *b = from[i];
		a->low += b->low;
		a->high += b->high + (a->low < b->low);
		a->count += b->count;
	}
	return true;
}

/* The sum when it has no more than 38 digits. */
static bool sum192_get(struct fncall *c, const struct sum192 *s, int128 *out)
{
	int128 x = (int128)s->low;

	if (s->high != (x < 0 ? -1 : 0) || x >= decimal_pow10[DECIMAL_DIGITS] || x <= -decimal_pow10[DECIMAL_DIGITS])
		return err_set(c->err, ERR_NUMERIC_OUT_OF_RANGE, "value overflows numeric format");
	*out = x;
	return true;
}

static bool sum64_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct sum64 *s = states[i];
		((int64_t *)out->data)[i] = s->sum;
		if (!s->count && !null_result(c, out, i, n))
			return false;
	}
	return true;
}

static bool sum128_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct sum128 *s = states[i];
		((int128 *)out->data)[i] = s->sum;
		if (!s->count && !null_result(c, out, i, n))
			return false;
	}
	return true;
}

static bool sum192_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct sum192 *s = states[i];
		if (!sum192_get(c, s, (int128 *)out->data + i) || (!s->count && !null_result(c, out, i, n)))
			return false;
	}
	return true;
}

/* ---- averages of them: general numerics ---- */

static bool put_average(struct fncall *c, const struct num *sum, int64_t count, struct vec *out, uint32_t i)
{
	struct num divisor = num_from_i64(count);
	return num_div(sum, &divisor, (struct num *)out->data + i, c->err);
}

static bool avg64_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct sum64 *s = states[i];
		struct num sum = num_from_i64(s->sum);
		if (s->count ? !put_average(c, &sum, s->count, out, i) : !null_result(c, out, i, n))
			return false;
	}
	return true;
}

static bool avg128_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	struct type t = c->arg_types[0];
	int scale = t.id == TYPE_NUMERIC ? t.scale : 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct sum128 *s = states[i];
		struct num sum = num_from_scaled(s->sum, scale);
		if (s->count ? !put_average(c, &sum, s->count, out, i) : !null_result(c, out, i, n))
			return false;
	}
	return true;
}

static bool avg192_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct sum192 *s = states[i];
		int128 total = 0;
		struct num sum;
		if (!sum192_get(c, s, &total))
			return false;
		sum = num_from_scaled(total, c->arg_types[0].scale);
		if (s->count ? !put_average(c, &sum, s->count, out, i) : !null_result(c, out, i, n))
			return false;
	}
	return true;
}

/* ---- general numerics ---- */

struct sum_num {
	struct num sum;
	int64_t count;
};

#define ADD_NUM(s, x, c, bad)                                                                      \
	do {                                                                                           \
		(s)->count++;                                                                              \
		if (!num_add(&(s)->sum, &(x), &(s)->sum, (c)->err))                                        \
			(bad) = -1;                                                                            \
	} while (0)
#define NAME sum_num
#define STATE struct sum_num
#define IN struct num
#define ADD ADD_NUM
#define OVERFLOW_TEXT "value overflows numeric format"
#include "engine/function/aggregate.inc"

static bool sum_num_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct sum_num *a = into[i];
		const struct sum_num *b = from[i];
		a->count += b->count;
		if (!num_add(&a->sum, &b->sum, &a->sum, c->err))
			return false;
	}
	return true;
}

static bool sum_num_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct sum_num *s = states[i];
		((struct num *)out->data)[i] = s->sum;
		if (!s->count && !null_result(c, out, i, n))
			return false;
	}
	return true;
}

static bool avg_num_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct sum_num *s = states[i];
		if (s->count ? !put_average(c, &s->sum, s->count, out, i) : !null_result(c, out, i, n))
			return false;
	}
	return true;
}

/* ---- floating point ---- */

struct sum_float {
	double sum;
	bool seen;
};

/* The first value is the sum as it is, so that -0 stays. */
#define ADD_F64(s, x, c, bad)                                                                      \
	do {                                                                                           \
		double before_ = (s)->sum, after_ = (s)->seen ? before_ + (x) : (x);                       \
		(bad) |= isinf(after_) && !isinf(before_) && !isinf(x) ? INT64_MIN : 0;                    \
		(s)->sum = after_;                                                                         \
		(s)->seen = true;                                                                          \
	} while (0)
#define ADD_F32(s, x, c, bad)                                                                      \
	do {                                                                                           \
		float before_ = (float)(s)->sum, after_ = (s)->seen ? before_ + (float)(x) : (float)(x);   \
		(bad) |= isinf(after_) && !isinf(before_) && !isinf(x) ? INT64_MIN : 0;                    \
		(s)->sum = after_;                                                                         \
		(s)->seen = true;                                                                          \
	} while (0)

#define NAME sum_f64
#define STATE struct sum_float
#define IN double
#define ADD ADD_F64
#define OVERFLOW_TEXT "value out of range: overflow"
#include "engine/function/aggregate.inc"

#define NAME sum_f32
#define STATE struct sum_float
#define IN double
#define ADD ADD_F32
#define OVERFLOW_TEXT "value out of range: overflow"
#include "engine/function/aggregate.inc"

static bool sum_float_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	int64_t bad = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct sum_float *a = into[i];
		const struct sum_float *b = from[i];
		if (!b->seen)
			continue;
		if (c->result.id == TYPE_FLOAT4)
			ADD_F32(a, b->sum, c, bad);
		else
			ADD_F64(a, b->sum, c, bad);
	}
	return bad >= 0 || err_set(c->err, ERR_NUMERIC_OUT_OF_RANGE, "value out of range: overflow");
}

static bool sum_float_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct sum_float *s = states[i];
		((double *)out->data)[i] = s->sum;
		if (!s->seen && !null_result(c, out, i, n))
			return false;
	}
	return true;
}

/* ---- intervals ---- */

struct sum_interval {
	struct interval sum;
	int64_t count;
};

#define ADD_INTERVAL(s, x, c, bad)                                                                 \
	do {                                                                                           \
		(s)->count++;                                                                              \
		if (!interval_add(&(s)->sum, &(x), &(s)->sum, (c)->err))                                   \
			(bad) = -1;                                                                            \
	} while (0)
#define NAME sum_interval
#define STATE struct sum_interval
#define IN struct interval
#define ADD ADD_INTERVAL
#define OVERFLOW_TEXT "interval out of range"
#include "engine/function/aggregate.inc"

static bool sum_interval_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct sum_interval *a = into[i];
		const struct sum_interval *b = from[i];
		a->count += b->count;
		if (!interval_add(&a->sum, &b->sum, &a->sum, c->err))
			return false;
	}
	return true;
}

static bool sum_interval_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct sum_interval *s = states[i];
		((struct interval *)out->data)[i] = s->sum;
		if (!s->count && !null_result(c, out, i, n))
			return false;
	}
	return true;
}

static bool avg_interval_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct sum_interval *s = states[i];
		struct interval *o = (struct interval *)out->data + i;
		if (s->count ? !interval_divide(&s->sum, (double)s->count, o, c->err) : !null_result(c, out, i, n))
			return false;
	}
	return true;
}

/* ---- the table ---- */

#define OPS(var, state, prefix, combine_fn, finish_fn)                                             \
	static const struct agg_ops var = {                                                            \
		sizeof(struct state), prefix##_update, prefix##_update_one, combine_fn, finish_fn, NULL}
OPS(sum_i32_ops, sum64, sum_i32, sum64_combine, sum64_finish);
OPS(sum_i64_ops, sum128, sum_i64, sum128_combine, sum128_finish);
OPS(sum_i128_ops, sum192, sum_i128, sum192_combine, sum192_finish);
OPS(sum_num_ops, sum_num, sum_num, sum_num_combine, sum_num_finish);
OPS(sum_f32_ops, sum_float, sum_f32, sum_float_combine, sum_float_finish);
OPS(sum_f64_ops, sum_float, sum_f64, sum_float_combine, sum_float_finish);
OPS(sum_interval_ops, sum_interval, sum_interval, sum_interval_combine, sum_interval_finish);
OPS(avg_i32_ops, sum64, sum_i32, sum64_combine, avg64_finish);
OPS(avg_i64_ops, sum128, sum_i64, sum128_combine, avg128_finish);
OPS(avg_i128_ops, sum192, sum_i128, sum192_combine, avg192_finish);
OPS(avg_num_ops, sum_num, sum_num, sum_num_combine, avg_num_finish);
OPS(avg_interval_ops, sum_interval, sum_interval, sum_interval_combine, avg_interval_finish);

#define AGG(fname, a, r, ops, rule, text)                                                          \
	{.name = fname, .kind = FUNC_AGGREGATE, .nargs = 1, .args = {T(a)}, .result = T(r),            \
	 .agg = &ops, .flags = FUNC_CAN_FAIL, .infer = rule, .help = text}

static const struct func sum_forms[] = {
	AGG("sum", NUMERIC, NUMERIC, sum_i64_ops, NULL, "sum"),
	AGG("sum", NUMERIC, NUMERIC, sum_i128_ops, NULL, "sum"),
};
static const struct func avg_forms[] = {
	AGG("avg", NUMERIC, NUMERIC, avg_i64_ops, NULL, "average"),
	AGG("avg", NUMERIC, NUMERIC, avg_i128_ops, NULL, "average"),
};

static struct type infer_sum(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick)
{
	struct type t = arg_types[0] = numeric_form(arg_types[0]);

	(void)f;
	(void)nargs;
	if (!t.precision)
		return t;
	*pick = &sum_forms[t.precision > 18];
	return type_decimal(DECIMAL_DIGITS, t.scale);
}

static struct type infer_sum_int8(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick)
{
	(void)f;
	(void)arg_types;
	(void)nargs;
	(void)pick;
	return type_decimal(DECIMAL_DIGITS, 0);
}

static struct type infer_avg(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick)
{
	struct type t = arg_types[0] = numeric_form(arg_types[0]);

	(void)nargs;
	if (t.precision)
		*pick = &avg_forms[t.precision > 18];
	return f->result;
}

const struct func functions_aggregate_sum[] = {
	AGG("sum", INT2, INT8, sum_i32_ops, NULL, "sum"),
	AGG("sum", INT4, INT8, sum_i32_ops, NULL, "sum"),
	AGG("sum", INT8, NUMERIC, sum_i64_ops, infer_sum_int8, "sum"),
	AGG("sum", NUMERIC, NUMERIC, sum_num_ops, infer_sum, "sum"),
	AGG("sum", FLOAT4, FLOAT4, sum_f32_ops, NULL, "sum"),
	AGG("sum", FLOAT8, FLOAT8, sum_f64_ops, NULL, "sum"),
	AGG("sum", INTERVAL, INTERVAL, sum_interval_ops, NULL, "sum"),
	AGG("avg", INT2, NUMERIC, avg_i32_ops, NULL, "average"),
	AGG("avg", INT4, NUMERIC, avg_i32_ops, NULL, "average"),
	AGG("avg", INT8, NUMERIC, avg_i64_ops, NULL, "average"),
	AGG("avg", NUMERIC, NUMERIC, avg_num_ops, infer_avg, "average"),
	AGG("avg", INTERVAL, INTERVAL, avg_interval_ops, NULL, "average"),
	{.name = NULL},
};
