/*
 * FETCH FIRST n ROWS WITH TIES: the rows of a plain limit and those after them whose order keys equal the last
 * one's. The input is sorted, so its pipeline has one task and all state is local.
 */
#include "engine/execute/lower.h"
#include "engine/kernel/compare.h"

struct ties {
	const struct rel *node;
	uint32_t nkeys;
	struct program *bounds, *keys;
};
struct ties_local {
	struct evaluator *keys;
	struct vec *vecs, *last;     /* keys of the batch; of the last row within the limit, as constants */
	bool known, reached;
	int64_t offset, end, seen;
};

static bool ties_open_local(struct task *t, void *global, void **local)
{
	const struct ties *g = global;
	struct ties_local *l = mem_new_object(t->mem, struct ties_local);

	*local = l;
	l->vecs = mem_new_array(t->mem, struct vec, g->nkeys + 1);
	l->last = mem_new_array(t->mem, struct vec, g->nkeys + 1);
	return evaluator_open(t, g->keys, &l->keys);
}

static void ties_close_local(void *global, void *local)
{
	const struct ties *g = global;
	struct ties_local *l = local;

	for (uint32_t i = 0; i < g->nkeys; i++) {
		vec_release(&l->vecs[i]);
		vec_release(&l->last[i]);
	}
	evaluator_close(l->keys);
}

static bool is_tie(const struct ties *g, const struct ties_local *l, uint32_t row)
{
	for (uint32_t k = 0; k < g->nkeys; k++) {
		struct view a = vec_view(&l->vecs[k]), b = vec_view(&l->last[k]);
		size_t size = phys_size(type_phys(l->vecs[k].type));
		bool null = view_is_null(&a, row);

		if (null != view_is_null(&b, 0))
			return false;
		if (!null && !kernel_equal_value(l->vecs[k].type, (const char *)a.data + size * view_index(&a, row), b.data))
			return false;
	}
	return true;
}

/* The first row at or after `at` that is no tie. */
static uint32_t end_of_ties(const struct ties *g, const struct ties_local *l, uint32_t at, uint32_t rows)
{
	while (at < rows && is_tie(g, l, at))
		at++;
	return at;
}

static enum flow ties_push(struct task *t, void *global, void *local, struct batch *in, struct batch *out)
{
	const struct ties *g = global;
	struct ties_local *l = local;
	uint32_t sel[BATCH_ROWS], n = 0;
	int64_t from, to, first = l->seen;

	if (!l->known && !limit_bounds(t, g->node, g->bounds, &l->offset, &l->end))
		return FLOW_FAIL;
	l->known = true;
	if (l->end <= l->offset)
		return FLOW_DONE;
	l->seen += in->rows;
	from = first < l->offset ? l->offset - first : 0;
	to = l->end - first < in->rows ? l->end - first : in->rows;
	if (l->seen >= l->end) { /* the last row is in this batch or behind us */
		if (!evaluator_run(l->keys, in->cols, in->rows, l->vecs))
			return FLOW_FAIL;
		for (uint32_t k = 0; k < g->nkeys && !l->reached; k++)
			vec_pick(&l->last[k], &l->vecs[k], (uint32_t)to - 1);
		to = end_of_ties(g, l, l->reached ? 0 : (uint32_t)to, in->rows);
		l->reached = true;
	}
	for (int64_t i = from; i < to; i++)
		sel[n++] = (uint32_t)i;
	if (n && !batch_slice(out, in, n == in->rows ? NULL : sel, n, task_data(t), &t->err))
		return FLOW_FAIL;
	return l->reached && to < in->rows ? FLOW_DONE : FLOW_NEED_INPUT;
}

static const struct transform_ops transform_limit_ties = {
	.name = "limit with ties",
	.push = ties_push,
	.life = {ties_open_local, ties_close_local, NULL},
};

bool transform_limit_ties_new(struct lowering *l, const struct rel *r, struct op **out, struct err *e)
{
	struct mem *m = l->x->mem;
	const struct rel *in = r->in[0];
	struct ties *g = mem_new_object(m, struct ties);
	struct expr **keys = mem_new_array(m, struct expr *, r->limit.nkeys + 1);

	g->node = r;
	g->nkeys = r->limit.nkeys;
	for (uint32_t k = 0; k < g->nkeys; k++)
		keys[k] = r->limit.keys[k].expr;
	*out = op_new_transform(l->x, &transform_limit_ties, r, in->ncols);
	(*out)->global = g;
	return limit_compile(l, *out, r, &g->bounds, e) &&
		   program_compile(l, *out, in->cols, in->ncols, keys, g->nkeys, &g->keys, e);
}
