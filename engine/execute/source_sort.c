/* Output of a sort: one task merges the sorted runs and gathers the rows' columns. */
#include "engine/execute/sort.h"

struct merge_local {
	int64_t given;
	uint8_t *rows[BATCH_ROWS];
};

static bool merge_open_local(struct task *t, void *global, void **local)
{
	(void)global;
	*local = mem_new_object(t->mem, struct merge_local);
	return true;
}

static struct sort_run *first_run(struct sort *s)
{
	struct sort_run *best = NULL;

	for (struct sort_run *r = s->runs; r; r = r->next)
		if (r->at < r->count &&
			(!best || sort_compare(&s->order, &r->entries[r->at], &best->entries[best->at]) < 0))
			best = r;
	return best;
}

static uint32_t take_rows(struct sort *s, uint8_t **rows, uint32_t max)
{
	uint32_t n = 0;

	if (s->runs && !s->runs->next) {
		struct sort_run *r = s->runs;
		while (n < max && r->at < r->count)
			rows[n++] = r->entries[r->at++].row;
		return n;
	}
	while (n < max) {
		struct sort_run *r = first_run(s);
		if (!r)
			break;
		rows[n++] = r->entries[r->at++].row;
	}
	return n;
}

static enum flow merge_next(struct task *t, void *global, void *local, struct batch *out)
{
	struct sort *s = global;
	struct merge_local *l = local;
	uint32_t max = t->x->batch_rows, n;

	if (s->limit >= 0 && s->limit - l->given < max)
		max = (uint32_t)(s->limit - l->given);
	n = take_rows(s, l->rows, max);
	if (!n)
		return FLOW_DONE;
	l->given += n;
	for (uint32_t c = 0; c < out->ncols; c++) {
		if (!rowstore_gather(s->store, s->out[c], l->rows, n, &out->cols[c], task_data(t), &t->err))
			return FLOW_FAIL;
		out->cols[c].type = s->node->cols[c].type;
	}
	out->rows = n;
	return FLOW_MORE;
}

static const struct source_ops source_sort = {
	.name = "sorted rows",
	.next = merge_next,
	.life = {merge_open_local, NULL, NULL},
};

struct op *source_sort_new(struct sort *s)
{
	struct op *op = op_new_source(s->x, &source_sort, s->node, s->node->ncols);

	op->global = s;
	op_depend(op, s->sink);
	return op;
}
