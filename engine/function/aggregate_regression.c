/*
 * Aggregates of two floating point variables, (Y, X) in SQL's order: corr, covar_pop, covar_samp, regr_*.
 * Youngs and Cramer's updating formulas and the joining of partial results are in PostgreSQL's order of
 * operations, so that results agree to the last digit. Rows where either is NULL do not count.
 */
#include "engine/function/tables.h"

#include <math.h>

struct regression {
	double n, sx, sxx, sy, syy, sxy;
};

static bool overflow(struct err *e)
{
	return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "value out of range: overflow");
}

static bool regression_add(struct regression *r, double y, double x, struct err *e)
{
	double before = r->n, sx_before = r->sx, sy_before = r->sy, dx, dy, scale;

	r->n += 1;
	r->sx += x;
	r->sy += y;
	if (before > 0) {
		dx = x * r->n - r->sx;
		dy = y * r->n - r->sy;
		scale = 1.0 / (r->n * before);
		r->sxx += dx * dx * scale;
		r->syy += dy * dy * scale;
		r->sxy += dx * dy * scale;
		if (isinf(r->sx) || isinf(r->sxx) || isinf(r->sy) || isinf(r->syy) || isinf(r->sxy)) {
			bool x_finite = !isinf(sx_before) && !isinf(x), y_finite = !isinf(sy_before) && !isinf(y);
			if (((isinf(r->sx) || isinf(r->sxx)) && x_finite) || ((isinf(r->sy) || isinf(r->syy)) && y_finite) ||
				(isinf(r->sxy) && x_finite && y_finite))
				return overflow(e);
			if (isinf(r->sxx))
				r->sxx = NAN;
			if (isinf(r->syy))
				r->syy = NAN;
			if (isinf(r->sxy))
				r->sxy = NAN;
		}
	} else {
		if (isnan(x) || isinf(x))
			r->sxx = r->sxy = NAN;
		if (isnan(y) || isinf(y))
			r->syy = r->sxy = NAN;
	}
	return true;
}

static bool regression_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups)
{
	const double *y = args[0].data, *x = args[1].data;

	for (uint32_t i = 0; i < n; i++)
		if (!regression_add(groups[i], y[view_index(&args[0], i)], x[view_index(&args[1], i)], c->err))
			return false;
	return true;
}

/* A sum that became infinite although its parts were not. */
static bool went_over(double sum, double a, double b)
{
	return isinf(sum) && !isinf(a) && !isinf(b);
}

static bool regression_join(struct regression *a, const struct regression *b, struct err *e)
{
	struct regression r;
	double dx, dy;

	if (b->n == 0)
		return true;
	if (a->n == 0) {
		*a = *b;
		return true;
	}
	r.n = a->n + b->n;
	r.sx = a->sx + b->sx;
	r.sy = a->sy + b->sy;
	dx = a->sx / a->n - b->sx / b->n;
	dy = a->sy / a->n - b->sy / b->n;
	r.sxx = a->sxx + b->sxx + a->n * b->n * dx * dx / r.n;
	r.syy = a->syy + b->syy + a->n * b->n * dy * dy / r.n;
	r.sxy = a->sxy + b->sxy + a->n * b->n * dx * dy / r.n;
	if (went_over(r.sx, a->sx, b->sx) || went_over(r.sy, a->sy, b->sy) || went_over(r.sxx, a->sxx, b->sxx) ||
		went_over(r.syy, a->syy, b->syy) || went_over(r.sxy, a->sxy, b->sxy))
		return overflow(e);
	*a = r;
	return true;
}

static bool regression_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (!regression_join(into[i], from[i], c->err))
			return false;
	return true;
}

/* Each result: false = NULL. */
typedef bool regression_fn(const struct regression *r, double *out);

static bool regr_sxx(const struct regression *r, double *out)
{
	*out = r->sxx;
	return r->n >= 1;
}

static bool regr_syy(const struct regression *r, double *out)
{
	*out = r->syy;
	return r->n >= 1;
}

static bool regr_sxy(const struct regression *r, double *out)
{
	*out = r->sxy;
	return r->n >= 1;
}

static bool regr_avgx(const struct regression *r, double *out)
{
	*out = r->sx / r->n;
	return r->n >= 1;
}

static bool regr_avgy(const struct regression *r, double *out)
{
	*out = r->sy / r->n;
	return r->n >= 1;
}

static bool covar_pop(const struct regression *r, double *out)
{
	*out = r->sxy / r->n;
	return r->n >= 1;
}

static bool covar_samp(const struct regression *r, double *out)
{
	*out = r->sxy / (r->n - 1);
	return r->n >= 2;
}

static bool corr(const struct regression *r, double *out)
{
	*out = r->sxy / sqrt(r->sxx * r->syy);
	return r->n >= 1 && r->sxx != 0 && r->syy != 0;
}

static bool regr_r2(const struct regression *r, double *out)
{
	if (r->n < 1 || r->sxx == 0)
		return false;
	*out = r->syy == 0 ? 1 : (r->sxy * r->sxy) / (r->sxx * r->syy);
	return true;
}

static bool regr_slope(const struct regression *r, double *out)
{
	*out = r->sxy / r->sxx;
	return r->n >= 1 && r->sxx != 0;
}

static bool regr_intercept(const struct regression *r, double *out)
{
	*out = (r->sy - r->sx * r->sxy / r->sxx) / r->n;
	return r->n >= 1 && r->sxx != 0;
}

static bool finish_with(struct fncall *c, void *const *states, uint32_t n, struct vec *out, regression_fn *fn)
{
	for (uint32_t i = 0; i < n; i++) {
		if (fn(states[i], (double *)out->data + i))
			continue;
		if (!vec_want_nulls(out, n, c->mem, c->err))
			return false;
		vec_set_null(out, i);
	}
	return true;
}

/* Only counts: values cannot overflow it. */
static bool regr_count_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups)
{
	(void)c;
	(void)args;
	for (uint32_t i = 0; i < n; i++)
		++*(int64_t *)groups[i];
	return true;
}

static bool regr_count_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	(void)c;
	for (uint32_t i = 0; i < n; i++)
		*(int64_t *)into[i] += *(const int64_t *)from[i];
	return true;
}

static bool regr_count_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	(void)c;
	for (uint32_t i = 0; i < n; i++)
		((int64_t *)out->data)[i] = *(const int64_t *)states[i];
	return true;
}

static const struct agg_ops regr_count_ops = {sizeof(int64_t), regr_count_update, NULL, regr_count_combine,
											  regr_count_finish, NULL};

#define FINISH(fn)                                                                                 \
	static bool fn##_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)    \
	{                                                                                              \
		return finish_with(c, states, n, out, fn);                                                 \
	}                                                                                              \
	static const struct agg_ops fn##_ops = {                                                       \
		sizeof(struct regression), regression_update, NULL, regression_combine, fn##_finish, NULL}
FINISH(regr_sxx);
FINISH(regr_syy);
FINISH(regr_sxy);
FINISH(regr_avgx);
FINISH(regr_avgy);
FINISH(regr_r2);
FINISH(regr_slope);
FINISH(regr_intercept);
FINISH(covar_pop);
FINISH(covar_samp);
FINISH(corr);

#define REGRESSION(fn, type, text)                                                                 \
	{.name = #fn, .kind = FUNC_AGGREGATE, .nargs = 2, .args = {T(FLOAT8), T(FLOAT8)},              \
	 .result = T(type), .agg = &fn##_ops, .flags = FUNC_CAN_FAIL, .help = text}

const struct func functions_aggregate_regression[] = {
	REGRESSION(corr, FLOAT8, "correlation coefficient"),
	REGRESSION(covar_pop, FLOAT8, "population covariance"),
	REGRESSION(covar_samp, FLOAT8, "sample covariance"),
	REGRESSION(regr_avgx, FLOAT8, "average of the independent variable"),
	REGRESSION(regr_avgy, FLOAT8, "average of the dependent variable"),
	REGRESSION(regr_count, INT8, "number of rows where both are not NULL"),
	REGRESSION(regr_intercept, FLOAT8, "intercept of the least-squares line"),
	REGRESSION(regr_r2, FLOAT8, "square of the correlation coefficient"),
	REGRESSION(regr_slope, FLOAT8, "slope of the least-squares line"),
	REGRESSION(regr_sxx, FLOAT8, "sum of squares of the independent variable"),
	REGRESSION(regr_sxy, FLOAT8, "sum of products"),
	REGRESSION(regr_syy, FLOAT8, "sum of squares of the dependent variable"),
	{.name = NULL},
};
