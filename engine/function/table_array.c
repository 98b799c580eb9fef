/*
 * unnest and generate_subscripts. The array is an argument, which stays until the set ends: the state keeps a view
 * of it, and texts are copied into the result.
 */
#include "engine/function/array_rows.h"
#include "engine/function/tables.h"

struct unnest {
	struct text text; /* the array: short ones stand inside */
	uint32_t next;
};

static bool unnest_start(struct fncall *c, const struct view *args, uint32_t row, void *state)
{
	struct unnest *u = state;

	(void)c;
	u->text = ((const struct text *)args[0].data)[view_index(&args[0], row)];
	return true;
}

static bool unnest_next(struct fncall *c, void *state, struct vec *out, uint32_t at, uint32_t max, uint32_t *made)
{
	struct unnest *u = state;
	struct array a;

	array_open(text_str(&u->text), &a);
	for (*made = 0; *made < max && u->next < a.n; ++*made, u->next++) {
		struct value v = array_get(&a, u->next);
		if (v.is_null) {
			if (!out->valid && !vec_want_nulls(out, at + max, c->mem, c->err))
				return false;
			vec_set_null(out, at + *made);
			continue;
		}
		v.type = out->type;
		if (!vec_put(out, at + *made, &v, c->mem, c->err))
			return false;
	}
	return true;
}

struct subscripts {
	int64_t next, last;
	int step;
};

static bool subscripts_start(struct fncall *c, const struct view *args, uint32_t row, void *state)
{
	struct subscripts *s = state;
	const struct text *t = &((const struct text *)args[0].data)[view_index(&args[0], row)];
	int32_t d = ((const int32_t *)args[1].data)[view_index(&args[1], row)];
	bool reverse = c->nargs > 2 && ((const uint8_t *)args[2].data)[view_index(&args[2], row)];
	struct array a;
	int64_t low, high;

	array_open(text_str(t), &a);
	s->step = 1;
	s->next = 1;
	s->last = 0;
	if (!a.n || d < 1 || d > a.ndim)
		return true;
	low = a.lower[d - 1];
	high = low + a.dims[d - 1] - 1;
	s->next = reverse ? high : low;
	s->last = reverse ? low : high;
	s->step = reverse ? -1 : 1;
	return true;
}

static bool subscripts_next(struct fncall *c, void *state, struct vec *out, uint32_t at, uint32_t max, uint32_t *made)
{
	struct subscripts *s = state;

	(void)c;
	for (*made = 0; *made < max && (s->last - s->next) * s->step >= 0; ++*made, s->next += s->step)
		((int32_t *)out->data)[at + *made] = (int32_t)s->next;
	return true;
}

static const struct table_ops unnest_ops = {.state_size = sizeof(struct unnest), .start = unnest_start, .next = unnest_next};
static const struct table_ops subscripts_ops = {.state_size = sizeof(struct subscripts), .start = subscripts_start,
												.next = subscripts_next};

const struct func functions_table_array[] = {
	{.name = "unnest", .kind = FUNC_TABLE, .nargs = 1, .args = {T_POLY(ANYARRAY)}, .result = T_POLY(ANYELEMENT),
	 .table = &unnest_ops, .help = "the elements of an array"},
	TABLE_FN("generate_subscripts", INT4, subscripts_ops, 0, "the subscripts of a dimension", T_POLY(ANYARRAY), T(INT4)),
	TABLE_FN("generate_subscripts", INT4, subscripts_ops, 0, "the subscripts of a dimension, backwards if so said",
			 T_POLY(ANYARRAY), T(INT4), T(BOOL)),
	FN_END,
};
