/*
 * Variance and standard deviation in all their spellings, avg of floating point, and the aggregates of
 * two variables (corr, covar_*, regr_*).
 *
 * Floating point follows Youngs and Cramer's updating formulas in the order of PostgreSQL 12 and later,
 * including its way of joining two partial results, so that the last digit agrees. Integers and
 * numerics are exact (engine/types/variance.h).
 */
#include "engine/function/numeric_form.h"
#include "engine/function/tables.h"
#include "engine/types/variance.h"

#include <math.h>

static bool null_result(struct fncall *c, struct vec *out, uint32_t i, uint32_t n)
{
	if (!vec_want_nulls(out, n, c->mem, c->err))
		return false;
	vec_set_null(out, i);
	return true;
}

static bool overflow(struct err *e)
{
	return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "value out of range: overflow");
}

/* ---- one floating point variable ---- */

struct moments {
	double n, sx, sxx;
};

static inline bool moments_add(struct moments *m, double x, struct err *e)
{
	double before = m->n, sx_before = m->sx, d;

	m->n += 1;
	m->sx += x;
	if (before > 0) {
		d = x * m->n - m->sx;
		m->sxx += d * d / (m->n * before);
		if (isinf(m->sx) || isinf(m->sxx)) {
			if (!isinf(sx_before) && !isinf(x))
				return overflow(e);
			m->sxx = NAN;
		}
	} else if (isnan(x) || isinf(x)) {
		m->sxx = NAN;
	}
	return true;
}

static bool moments_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups)
{
	const double *x = args[0].data;

	for (uint32_t i = 0; i < n; i++)
		if (!moments_add(groups[i], x[view_index(&args[0], i)], c->err))
			return false;
	return true;
}

static bool moments_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct moments *a = into[i];
		const struct moments *b = from[i];
		struct moments r;
		double d;
		if (b->n == 0)
			continue;
		if (a->n == 0) {
			*a = *b;
			continue;
		}
		r.n = a->n + b->n;
		r.sx = a->sx + b->sx;
		d = a->sx / a->n - b->sx / b->n;
		r.sxx = a->sxx + b->sxx + a->n * b->n * d * d / r.n;
		if ((isinf(r.sx) && !isinf(a->sx) && !isinf(b->sx)) || (isinf(r.sxx) && !isinf(a->sxx) && !isinf(b->sxx)))
			return overflow(c->err);
		*a = r;
	}
	return true;
}

/* What is asked of the moments. */
enum statistic { STAT_AVG, STAT_VAR_POP, STAT_VAR_SAMP, STAT_STDDEV_POP, STAT_STDDEV_SAMP };

static bool moments_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out, enum statistic what)
{
	bool sample = what == STAT_VAR_SAMP || what == STAT_STDDEV_SAMP;
	bool root = what == STAT_STDDEV_POP || what == STAT_STDDEV_SAMP;

	for (uint32_t i = 0; i < n; i++) {
		const struct moments *m = states[i];
		double *o = (double *)out->data + i;
		if (m->n <= (sample ? 1 : 0)) {
			if (!null_result(c, out, i, n))
				return false;
			continue;
		}
		*o = what == STAT_AVG ? m->sx / m->n : m->sxx / (sample ? m->n - 1 : m->n);
		if (root)
			*o = sqrt(*o);
	}
	return true;
}

/* ---- integers and numerics ---- */

struct exact {
	struct variance v;
	int64_t specials; /* NaN and infinities seen: the result is NaN */
};

static bool exact_add(struct fncall *c, struct exact *s, const struct view *arg, uint32_t i)
{
	struct type t = c->arg_types[0];
	uint32_t at = view_index(arg, i);
	int scale = t.id == TYPE_NUMERIC ? t.scale : 0;

	switch (type_phys(t)) {
	case PHYS_I32:
		return variance_add(&s->v, ((const int32_t *)arg->data)[at], 0, c->err);
	case PHYS_I64:
		return variance_add(&s->v, ((const int64_t *)arg->data)[at], scale, c->err);
	case PHYS_I128:
		return variance_add(&s->v, ((const int128 *)arg->data)[at], scale, c->err);
	case PHYS_NUM: {
		const struct num *x = (const struct num *)arg->data + at;
		if (x->kind == NUM_FINITE)
			return variance_add(&s->v, x->coef, x->scale, c->err);
		s->specials++;
		return true;
	}
	case PHYS_BOOL:
	case PHYS_F64:
	case PHYS_INTERVAL:
	case PHYS_STR:
	case PHYS_COUNT:
		break;
	}
	UNREACHABLE();
}

static bool exact_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups)
{
	for (uint32_t i = 0; i < n; i++)
		if (!exact_add(c, groups[i], &args[0], i))
			return false;
	return true;
}

static bool exact_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct exact *a = into[i];
		const struct exact *b = from[i];
		a->specials += b->specials;
		if (!variance_combine(&a->v, &b->v, c->err))
			return false;
	}
	return true;
}

static bool exact_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out, enum statistic what)
{
	bool sample = what == STAT_VAR_SAMP || what == STAT_STDDEV_SAMP;
	bool root = what == STAT_STDDEV_POP || what == STAT_STDDEV_SAMP;

	for (uint32_t i = 0; i < n; i++) {
		const struct exact *s = states[i];
		struct num *o = (struct num *)out->data + i;
		if (s->v.count + (uint64_t)s->specials <= (sample ? 1 : 0)) {
			if (!null_result(c, out, i, n))
				return false;
		} else if (s->specials) {
			memset(o, 0, sizeof *o);
			o->kind = NUM_NAN;
		} else if (!variance_finish(&s->v, sample, root, o, c->err)) {
			return false;
		}
	}
	return true;
}

/* One finish per statistic and kind of argument. */
#define FINISH(prefix, suffix, what)                                                               \
	static bool prefix##_##suffix(struct fncall *c, void *const *states, uint32_t n, struct vec *out) \
	{                                                                                              \
		return prefix##_finish(c, states, n, out, what);                                           \
	}                                                                                              \
	static const struct agg_ops prefix##_##suffix##_ops = {                                        \
		sizeof(struct prefix), prefix##_update, NULL, prefix##_combine, prefix##_##suffix, NULL}
FINISH(moments, avg, STAT_AVG);
FINISH(moments, var_pop, STAT_VAR_POP);
FINISH(moments, var_samp, STAT_VAR_SAMP);
FINISH(moments, stddev_pop, STAT_STDDEV_POP);
FINISH(moments, stddev_samp, STAT_STDDEV_SAMP);
FINISH(exact, var_pop, STAT_VAR_POP);
FINISH(exact, var_samp, STAT_VAR_SAMP);
FINISH(exact, stddev_pop, STAT_STDDEV_POP);
FINISH(exact, stddev_samp, STAT_STDDEV_SAMP);

/* Reads its argument in any form; the result is the general numeric. */
static struct type infer_general(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick)
{
	(void)nargs;
	(void)pick;
	arg_types[0] = arg_types[0].id == TYPE_NUMERIC ? arg_types[0] : f->args[0];
	return f->result;
}

#define EXACT(fname, type, suffix, text)                                                           \
	{.name = fname, .kind = FUNC_AGGREGATE, .nargs = 1, .args = {T(type)}, .result = T(NUMERIC),   \
	 .agg = &exact_##suffix##_ops, .flags = FUNC_CAN_FAIL, .infer = infer_general, .help = text}
#define FLOAT(fname, type, suffix, text)                                                           \
	{.name = fname, .kind = FUNC_AGGREGATE, .nargs = 1, .args = {T(type)}, .result = T(FLOAT8),    \
	 .agg = &moments_##suffix##_ops, .flags = FUNC_CAN_FAIL, .help = text}
#define STATISTIC(fname, suffix, text)                                                             \
	EXACT(fname, INT2, suffix, text),                                                              \
	EXACT(fname, INT4, suffix, text),                                                              \
	EXACT(fname, INT8, suffix, text),                                                              \
	EXACT(fname, NUMERIC, suffix, text),                                                           \
	FLOAT(fname, FLOAT4, suffix, text),                                                            \
	FLOAT(fname, FLOAT8, suffix, text)

const struct func functions_aggregate_statistics[] = {
	FLOAT("avg", FLOAT4, avg, "average"),
	FLOAT("avg", FLOAT8, avg, "average"),
	STATISTIC("variance", var_samp, "sample variance"),
	STATISTIC("var_samp", var_samp, "sample variance"),
	STATISTIC("var_pop", var_pop, "population variance"),
	STATISTIC("stddev", stddev_samp, "sample standard deviation"),
	STATISTIC("stddev_samp", stddev_samp, "sample standard deviation"),
	STATISTIC("stddev_pop", stddev_pop, "population standard deviation"),
	{.name = NULL},
};
