/*
 * Filter: keeps the rows for which the predicate is true, as a selection over the input's vectors. Small
 * remainders of large batches are copied out, so that a few rows don't hold a batch's buffers and what
 * follows works on dense vectors. Global state is read-only.
 */
#include "engine/execute/lower.h"

#define COMPACT_BELOW 16 /* one row in so many */

struct filter {
	struct program *program;
};
struct filter_local {
	struct evaluator *ev;
	uint32_t sel[BATCH_ROWS];
};

static bool filter_open_local(struct task *t, void *global, void **local)
{
	struct filter_local *l = mem_new_object(t->mem, struct filter_local);

	*local = l;
	return evaluator_open(t, ((struct filter *)global)->program, &l->ev);
}

static void filter_close_local(void *global, void *local)
{
	(void)global;
	evaluator_close(((struct filter_local *)local)->ev);
}

static bool compact(struct task *t, struct batch *b)
{
	for (uint32_t c = 0; c < b->ncols; c++) {
		struct vec flat;
		if (b->cols[c].kind != VEC_DICT)
			continue;
		if (!vec_flatten(&flat, &b->cols[c], b->rows, task_data(t), &t->err))
			return false;
		vec_release(&b->cols[c]);
		b->cols[c] = flat;
	}
	return true;
}

static enum flow filter_push(struct task *t, void *global, void *local, struct batch *in, struct batch *out)
{
	struct filter_local *l = local;
	uint32_t n;

	(void)global;
	if (!evaluator_select(l->ev, in->cols, in->rows, l->sel, &n))
		return FLOW_FAIL;
	if (n == 0)
		return FLOW_NEED_INPUT;
	if (!batch_slice(out, in, n == in->rows ? NULL : l->sel, n, task_data(t), &t->err))
		return FLOW_FAIL;
	if (n < in->rows / COMPACT_BELOW && !compact(t, out))
		return FLOW_FAIL;
	return FLOW_NEED_INPUT;
}

static const struct transform_ops transform_filter = {
	.name = "filter",
	.push = filter_push,
	.life = {filter_open_local, filter_close_local, NULL},
};

bool transform_filter_new(struct lowering *l, const struct rel *node, const struct rel *in, struct expr *predicate,
						  struct op **out, struct err *e)
{
	struct filter *g = mem_new_object(l->x->mem, struct filter);

	*out = op_new_transform(l->x, &transform_filter, node, in->ncols);
	(*out)->global = g;
	return program_compile_filter(l, *out, in->cols, in->ncols, predicate, &g->program, e);
}
