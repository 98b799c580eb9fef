/* Output of a sort: one task merges the sorted runs and gathers the rows' columns. */
#include "engine/execute/sort.h"

struct merge_local {
	int64_t given;
	bool opened;
	struct merge merge;
	uint8_t *rows[BATCH_ROWS];
};

static bool merge_open_local(struct task *t, void *global, void **local)
{
	(void)global;
	*local = mem_new_object(t->mem, struct merge_local);
	return true;
}

static void merge_close_local(void *global, void *local)
{
	(void)global;
	merge_close(&((struct merge_local *)local)->merge);
}

static enum flow sorted_next(struct task *t, void *global, void *local, struct batch *out)
{
	struct sort *s = global;
	struct merge_local *l = local;
	uint32_t max = t->x->batch_rows, n;
	struct rowstore *store;

	if (s->limit >= 0 && s->limit - l->given < max)
		max = (uint32_t)(s->limit - l->given);
	if (!l->opened && !merge_open(&l->merge, s->sink, &s->order, &s->runs, &t->err))
		return FLOW_FAIL;
	l->opened = true;
	if (!merge_next(&l->merge, l->rows, max, &n, &t->err))
		return FLOW_FAIL;
	if (!n)
		return FLOW_DONE;
	store = merge_store(&l->merge) ? merge_store(&l->merge) : s->store;
	l->given += n;
	for (uint32_t c = 0; c < out->ncols; c++) {
		if (!rowstore_gather(store, s->out[c], l->rows, n, &out->cols[c], task_data(t), &t->err))
			return FLOW_FAIL;
		out->cols[c].type = s->node->cols[c].type;
	}
	out->rows = n;
	return FLOW_MORE;
}

static void close_sorted(void *global) { sort_clear(global); }

static const struct source_ops source_sort = {
	.name = "sorted rows",
	.next = sorted_next,
	.life = {merge_open_local, merge_close_local, close_sorted},
};

struct op *source_sort_new(struct sort *s)
{
	struct op *op = op_new_source(s->x, &source_sort, s->node, s->node->ncols);

	op->global = s;
	op_depend(op, s->sink);
	return op;
}
