/*
 * REL_VIRTUAL: a table that the engine makes. Its fill function runs once, on the first call, into a list of
 * batches (only the columns asked for), which are then handed out. One task.
 */
#include "engine/execute/lower.h"

struct virtual_scan {
	const struct rel *node;
};
struct filled {
	struct batch batch;
	struct filled *next;
};
struct virtual_local {
	struct virtual_sink sink; /* first: fill gives it back to us */
	struct task *task;
	const struct rel *node;
	struct mem *mem;          /* scratch of fill */
	bool done;
	struct filled *first, **tail, *last, *current;
};

static bool add_row(struct virtual_sink *s, const struct value *values, struct err *e)
{
	struct virtual_local *v = (struct virtual_local *)s;
	struct task *t = v->task;
	const struct rel *r = v->node;
	struct batch *b;

	if (!v->last || v->last->batch.rows == t->x->batch_rows) {
		struct filled *f = mem_new_object(t->mem, struct filled);

		batch_init(&f->batch, r->ncols, t->mem);
		*v->tail = v->last = f;
		v->tail = &f->next;
		for (uint32_t c = 0; c < r->ncols; c++)
			if (!vec_init_flat(&f->batch.cols[c], r->cols[c].type, t->x->batch_rows, task_data(t), e))
				return false;
	}
	b = &v->last->batch;
	for (uint32_t c = 0; c < r->ncols; c++)
		if (!vec_put(&b->cols[c], b->rows, &values[r->virtual_scan.columns[c]], task_data(t), e))
			return false;
	b->rows++;
	return true;
}

static bool virtual_open_local(struct task *t, void *global, void **local)
{
	struct virtual_local *v = mem_new_object(t->mem, struct virtual_local);

	v->sink.row = add_row;
	v->task = t;
	v->node = ((struct virtual_scan *)global)->node;
	v->tail = &v->first;
	*local = v;
	return true;
}

static void virtual_close_local(void *global, void *local)
{
	(void)global;
	for (struct filled *f = ((struct virtual_local *)local)->first; f; f = f->next)
		batch_release(&f->batch);
}

static bool fill(struct task *t, struct virtual_local *v)
{
	struct virtual_context context = *t->x->env.virtual_context;
	bool ok;

	context.mem = mem_new(t->mem, MEM_EXECUTE, "virtual table", 0); /* others may be filled at the same time */
	ok = v->node->virtual_scan.table->fill(&context, &v->sink, &t->err);
	mem_free(context.mem);
	v->done = true;
	v->current = v->first;
	return ok && mem_check(t->mem, &t->err);
}

static enum flow virtual_next(struct task *t, void *global, void *local, struct batch *out)
{
	struct virtual_local *v = local;

	(void)global;
	if (!v->done && !fill(t, v))
		return FLOW_FAIL;
	if (!v->current)
		return FLOW_DONE;
	for (uint32_t c = 0; c < out->ncols; c++)
		vec_share(&out->cols[c], &v->current->batch.cols[c]);
	out->rows = v->current->batch.rows;
	v->current = v->current->next;
	return FLOW_MORE;
}

static const struct source_ops source_virtual = {
	.name = "virtual table",
	.next = virtual_next,
	.life = {virtual_open_local, virtual_close_local, NULL},
};

bool source_virtual_new(struct lowering *l, const struct rel *r, struct op **out, struct err *e)
{
	struct virtual_scan *g = mem_new_object(l->x->mem, struct virtual_scan);

	if (!l->x->env.virtual_context)
		return err_set(e, ERR_INTERNAL, "no catalog for table \"%s\"", r->virtual_scan.table->name);
	g->node = r;
	*out = op_new_source(l->x, &source_virtual, r, r->ncols);
	(*out)->global = g;
	return true;
}
