/*
 * generate_series over integers, numeric and timestamps: made piece by piece, so a series may be of any length.
 */
#include "engine/function/rows.h"
#include "engine/function/tables.h"
#include "engine/types/datetime.h"
#include "engine/types/decimal.h"

static bool zero_step(struct fncall *c)
{
	return err_set(c->err, ERR_INVALID_PARAMETER_VALUE, "step size cannot equal zero");
}

static const void *argument(const struct view *args, uint32_t a, uint32_t row, size_t size)
{
	return (const char *)args[a].data + size * view_index(&args[a], row);
}

/* ---- integers ---- */

struct int_series {
	int64_t next, stop, step;
	bool done;
};

static bool int_start(struct fncall *c, struct int_series *s)
{
	if (s->step == 0)
		return zero_step(c);
	s->done = s->step > 0 ? s->next > s->stop : s->next < s->stop;
	return true;
}

static bool int4_start(struct fncall *c, const struct view *args, uint32_t row, void *state)
{
	struct int_series *s = state;

	s->next = *(const int32_t *)argument(args, 0, row, 4);
	s->stop = *(const int32_t *)argument(args, 1, row, 4);
	s->step = c->nargs > 2 ? *(const int32_t *)argument(args, 2, row, 4) : 1;
	return int_start(c, s);
}

static bool int8_start(struct fncall *c, const struct view *args, uint32_t row, void *state)
{
	struct int_series *s = state;

	s->next = *(const int64_t *)argument(args, 0, row, 8);
	s->stop = *(const int64_t *)argument(args, 1, row, 8);
	s->step = c->nargs > 2 ? *(const int64_t *)argument(args, 2, row, 8) : 1;
	return int_start(c, s);
}

/* How many of at most max values are left; at least one, since the series is not done. */
static uint32_t int_count(const struct int_series *s, uint32_t max)
{
	uint64_t distance = s->step > 0 ? (uint64_t)s->stop - (uint64_t)s->next : (uint64_t)s->next - (uint64_t)s->stop;
	uint64_t step = s->step > 0 ? (uint64_t)s->step : 0 - (uint64_t)s->step;
	uint64_t n = distance / step;

	return n < max ? (uint32_t)n + 1 : max;
}

static uint32_t int_begin(struct int_series *s, uint32_t max)
{
	return s->done || !max ? 0 : int_count(s, max);
}

static void int_end(struct int_series *s, uint32_t n)
{
	int64_t last;

	if (!n)
		return;
	last = s->next + (int64_t)(n - 1) * s->step;
	s->done = __builtin_add_overflow(last, s->step, &s->next) || (s->step > 0 ? s->next > s->stop : s->next < s->stop);
}

static bool int4_next(struct fncall *c, void *state, struct vec *out, uint32_t at, uint32_t max, uint32_t *made)
{
	struct int_series *s = state;
	int32_t *data = (int32_t *)out->data + at;

	(void)c;
	*made = int_begin(s, max);
	for (uint32_t i = 0; i < *made; i++)
		data[i] = (int32_t)(s->next + (int64_t)i * s->step);
	int_end(s, *made);
	return true;
}

static bool int8_next(struct fncall *c, void *state, struct vec *out, uint32_t at, uint32_t max, uint32_t *made)
{
	struct int_series *s = state;
	int64_t *data = (int64_t *)out->data + at;

	(void)c;
	*made = int_begin(s, max);
	for (uint32_t i = 0; i < *made; i++)
		data[i] = (int64_t)((uint64_t)s->next + i * (uint64_t)s->step);
	int_end(s, *made);
	return true;
}

/* ---- numeric ---- */

struct num_series {
	struct num next, stop, step;
	bool done;
};

static bool is_finite(struct fncall *c, const struct num *n, const char *what)
{
	if (n->kind == NUM_FINITE)
		return true;
	return err_set(c->err, ERR_INVALID_PARAMETER_VALUE, "%s cannot be %s", what, n->kind == NUM_NAN ? "NaN" : "infinity");
}

static void num_check(struct num_series *s)
{
	int order = num_compare(&s->next, &s->stop);

	s->done = s->step.coef > 0 ? order > 0 : order < 0;
}

static bool num_start(struct fncall *c, const struct view *args, uint32_t row, void *state)
{
	struct num_series *s = state;

	s->next = *(const struct num *)argument(args, 0, row, sizeof(struct num));
	s->stop = *(const struct num *)argument(args, 1, row, sizeof(struct num));
	s->step = c->nargs > 2 ? *(const struct num *)argument(args, 2, row, sizeof(struct num)) : num_from_i64(1);
	if (!is_finite(c, &s->next, "start value") || !is_finite(c, &s->stop, "stop value") || !is_finite(c, &s->step, "step size"))
		return false;
	if (s->step.coef == 0)
		return zero_step(c);
	num_check(s);
	return true;
}

static bool num_next(struct fncall *c, void *state, struct vec *out, uint32_t at, uint32_t max, uint32_t *made)
{
	struct num_series *s = state;
	struct num *data = (struct num *)out->data + at, sum;

	for (*made = 0; *made < max && !s->done; ++*made) {
		data[*made] = s->next;
		if (!num_add(&s->next, &s->step, &sum, c->err))
			return false;
		s->next = sum;
		num_check(s);
	}
	return true;
}

/* ---- timestamps ---- */

struct time_series {
	int64_t next, stop;
	struct interval step;
	int sign;
};

static bool time_start(struct fncall *c, const struct view *args, uint32_t row, void *state)
{
	static const struct interval none;
	struct time_series *s = state;

	s->next = *(const int64_t *)argument(args, 0, row, 8);
	s->stop = *(const int64_t *)argument(args, 1, row, 8);
	s->step = *(const struct interval *)argument(args, 2, row, sizeof(struct interval));
	s->sign = interval_compare(&s->step, &none);
	return s->sign != 0 || zero_step(c);
}

static bool time_next(struct fncall *c, void *state, struct vec *out, uint32_t at, uint32_t max, uint32_t *made)
{
	struct time_series *s = state;
	int64_t *data = (int64_t *)out->data + at, sum;
	bool zoned = c->result.id == TYPE_TIMESTAMPTZ;

	for (*made = 0; *made < max && (s->sign > 0 ? s->next <= s->stop : s->next >= s->stop); ++*made) {
		data[*made] = s->next;
		if (zoned ? !timestamptz_add_interval(s->next, &s->step, c->text->timezone, &sum, c->err)
				  : !timestamp_add_interval(s->next, &s->step, &sum, c->err))
			return false;
		s->next = sum;
	}
	return true;
}

static const struct table_ops int4_series = {.state_size = sizeof(struct int_series), .start = int4_start, .next = int4_next};
static const struct table_ops int8_series = {.state_size = sizeof(struct int_series), .start = int8_start, .next = int8_next};
static const struct table_ops num_series = {.state_size = sizeof(struct num_series), .start = num_start, .next = num_next};
static const struct table_ops time_series = {.state_size = sizeof(struct time_series), .start = time_start, .next = time_next};

#define HELP "the values from the first to the second, by a step"
const struct func functions_table_series[] = {
	TABLE_FN("generate_series", INT4, int4_series, FAIL, HELP, T(INT4), T(INT4), T(INT4)),
	TABLE_FN("generate_series", INT4, int4_series, FAIL, HELP, T(INT4), T(INT4)),
	TABLE_FN("generate_series", INT8, int8_series, FAIL, HELP, T(INT8), T(INT8), T(INT8)),
	TABLE_FN("generate_series", INT8, int8_series, FAIL, HELP, T(INT8), T(INT8)),
	TABLE_FN("generate_series", NUMERIC, num_series, FAIL, HELP, T(NUMERIC), T(NUMERIC), T(NUMERIC)),
	TABLE_FN("generate_series", NUMERIC, num_series, FAIL, HELP, T(NUMERIC), T(NUMERIC)),
	TABLE_FN("generate_series", TIMESTAMP, time_series, FAIL, HELP, T(TIMESTAMP), T(TIMESTAMP), T(INTERVAL)),
	TABLE_FN("generate_series", TIMESTAMPTZ, time_series, FAIL, HELP, T(TIMESTAMPTZ), T(TIMESTAMPTZ), T(INTERVAL)),
	FN_END,
};
