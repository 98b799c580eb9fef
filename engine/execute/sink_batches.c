/*
 * Batches kept until all are there: what several scans of one CTE share (sink_batches with
 * source_batches), the one row of a scalar subquery in FROM (sink_single), and the value of an uncorrelated
 * subquery in an expression (sink_scalar).
 *
 * The list is guarded by `lock` while it grows; after finish it is read-only, readers take batches by an
 * atomic counter of their source. When memory is short, the batches that come from then on go to disk, one or a few
 * blocks each; readers take these after those in memory.
 */
#include "engine/execute/faces.h"

struct kept {
	struct batch batch;
	struct kept *next;
};
struct batches {
	pthread_mutex_t lock;
	struct mem *mem;        /* arena of the list, guarded by lock */
	const struct rel *node;
	struct kept *first, **tail;
	uint64_t rows;
	uint32_t count;
	struct kept **list;     /* after finish */
	bool single;
	struct op *op;
	const struct rowlayout *layout;
	bool spilled;           /* guarded by lock until finish, as the rest */
	size_t bytes;           /* of the list's batches */
	struct spill_run run;
};

/* With the lock held, so that batches stand in the order in which they came. */
static bool write_batch(struct task *t, struct batches *g, const struct batch *in)
{
	struct rowstore *rows = rowstore_new(task_data(t), g->layout);
	uint8_t *at[BATCH_ROWS];
	bool ok = rowstore_append(rows, in->cols, NULL, in->rows, at, &t->err) &&
			  spill_write(g->op->file, &g->run, g->layout, at, in->rows, &t->err);

	rowstore_free(rows);
	return ok;
}

static enum flow batches_consume(struct task *t, void *global, void *local, struct batch *in)
{
	struct batches *g = global;
	struct kept *k;

	(void)local;
	pthread_mutex_lock(&g->lock);
	g->rows += in->rows;
	if (g->single && g->rows > 1) {
		pthread_mutex_unlock(&g->lock);
		(void)err_set(&t->err, ERR_CARDINALITY_VIOLATION, "more than one row returned by a subquery used as an expression");
		return FLOW_FAIL;
	}
	g->spilled = g->spilled || (!g->single && op_pressed(g->op, g->bytes));
	if (g->spilled) {
		bool ok = write_batch(t, g, in);
		pthread_mutex_unlock(&g->lock);
		return ok ? FLOW_MORE : FLOW_FAIL;
	}
	k = mem_new_object(g->mem, struct kept);
	batch_init(&k->batch, in->ncols, g->mem);
	k->batch.rows = in->rows;
	for (uint32_t c = 0; c < in->ncols; c++)
		vec_share(&k->batch.cols[c], &in->cols[c]);
	*g->tail = k;
	g->tail = &k->next;
	g->count++;
	g->bytes += batch_bytes(in);
	op_memory(g->op, (int64_t)batch_bytes(in));
	pthread_mutex_unlock(&g->lock);
	return FLOW_MORE;
}

static bool add_null_row(struct task *t, struct batches *g)
{
	struct kept *k = mem_new_object(g->mem, struct kept);

	batch_init(&k->batch, g->node->ncols, g->mem);
	for (uint32_t c = 0; c < g->node->ncols; c++) {
		struct value null = value_null(g->node->cols[c].type);
		if (!vec_init_const(&k->batch.cols[c], &null, task_data(t), &t->err))
			return false;
	}
	k->batch.rows = 1;
	*g->tail = k;
	g->tail = &k->next;
	g->count++;
	return true;
}

static enum flow batches_finish(struct task *t, void *global)
{
	struct batches *g = global;
	uint32_t i = 0;

	if (g->single && g->rows == 0 && !add_null_row(t, g))
		return FLOW_FAIL;
	g->list = mem_new_array(g->mem, struct kept *, g->count + 1);
	for (struct kept *k = g->first; k; k = k->next)
		g->list[i++] = k;
	return FLOW_DONE;
}

static void batches_close(void *global)
{
	struct batches *g = global;

	for (struct kept *k = g->first; k; k = k->next)
		batch_release(&k->batch);
	spill_run_clear(g->op->file, &g->run);
	pthread_mutex_destroy(&g->lock);
}

static const struct sink_ops sink_batches = {
	.name = "materialize",
	.consume = batches_consume,
	.finish = batches_finish,
	.life = {NULL, NULL, batches_close},
};

struct op *sink_batches_new(struct execution *x, const struct rel *node)
{
	struct batches *g = mem_new_object(x->mem, struct batches);
	struct type *types = mem_new_array(x->mem, struct type, node->ncols + 1);

	for (uint32_t c = 0; c < node->ncols; c++)
		types[c] = node->cols[c].type;
	g->layout = rowlayout_new(x->mem, 0, types, node->ncols);
	pthread_mutex_init(&g->lock, NULL);
	g->mem = mem_new(x->mem, MEM_EXECUTE, "materialized batches", 0);
	g->node = node;
	g->tail = &g->first;
	g->op = op_new_sink(x, &sink_batches, node);
	g->op->global = g;
	op_can_spill(g->op);
	return g->op;
}

struct op *sink_single_new(struct execution *x, const struct rel *node)
{
	struct op *op = sink_batches_new(x, node);

	((struct batches *)op->global)->single = true;
	return op;
}

/* ---- reading them ---- */

struct batches_source {
	const struct batches *from;
	uint32_t next; /* atomic */
};

static bool read_open_local(struct task *t, void *global, void **local)
{
	const struct batches *g = ((struct batches_source *)global)->from;
	struct spill_reader *r = mem_new_object(t->mem, struct spill_reader);

	spill_reader_open(r, g->op->file, &g->run, g->layout);
	*local = r;
	return true;
}

static void read_close_local(void *global, void *local)
{
	(void)global;
	spill_reader_close(local);
}

static enum flow read_block(struct task *t, const struct batches *g, struct spill_reader *r, uint64_t i, struct batch *out)
{
	struct rowstore *store = rowstore_new(task_data(t), g->layout); /* the vectors' texts live in its heap */
	uint8_t *base, *rows[BATCH_ROWS], *copies[BATCH_ROWS];
	uint32_t n;
	bool ok;

	r->at = i;
	ok = spill_read(r, &base, &n, &t->err);
	for (uint32_t k = 0; ok && k < n; k++)
		rows[k] = base + (size_t)k * g->layout->width;
	ok = ok && rowstore_append_rows(store, rows, n, copies, &t->err);
	for (uint32_t c = 0; ok && c < out->ncols; c++)
		ok = rowstore_gather(store, c, copies, n, &out->cols[c], task_data(t), &t->err);
	rowstore_free(store);
	out->rows = n;
	return ok ? FLOW_MORE : FLOW_FAIL;
}

static enum flow read_next(struct task *t, void *global, void *local, struct batch *out)
{
	struct batches_source *g = global;
	uint32_t i = __atomic_fetch_add(&g->next, 1, __ATOMIC_RELAXED);
	const struct batch *b;

	if (i >= g->from->count + g->from->run.nblocks)
		return FLOW_DONE;
	if (i >= g->from->count)
		return read_block(t, g->from, local, i - g->from->count, out);
	b = &g->from->list[i]->batch;
	for (uint32_t c = 0; c < out->ncols; c++)
		vec_share(&out->cols[c], &b->cols[c]);
	out->rows = b->rows;
	return FLOW_MORE;
}

static uint32_t read_parallel(void *global)
{
	const struct batches *g = ((struct batches_source *)global)->from;

	return g->count + (uint32_t)g->run.nblocks;
}

static const struct source_ops source_batches = {
	.name = "batches",
	.next = read_next,
	.parallel = read_parallel,
	.life = {read_open_local, read_close_local, NULL},
};

struct op *source_batches_new(struct execution *x, struct op *sink, const struct rel *node, bool produces)
{
	struct op *op = op_new_source(x, &source_batches, node, node->ncols);
	struct batches_source *g = mem_new_object(x->mem, struct batches_source);

	g->from = sink->global;
	op->global = g;
	op->produces = produces;
	op_depend(op, sink);
	return op;
}

/* ---- the value of an init plan ---- */

struct scalar {
	pthread_mutex_t lock;
	struct init_plan *init;
	bool seen;
};

static enum flow scalar_consume(struct task *t, void *global, void *local, struct batch *in)
{
	struct scalar *g = global;
	struct init_plan *init = g->init;
	bool exists = init->expr->sub.kind == SUB_EXISTS, many;

	(void)local;
	pthread_mutex_lock(&g->lock);
	many = !exists && (g->seen || in->rows > 1);
	if (!g->seen && !many) {
		struct value v = exists ? value_bool(true) : vec_get(&in->cols[0], 0);
		init->value = value_copy(init->mem, &v);
		g->seen = true;
	}
	pthread_mutex_unlock(&g->lock);
	if (many) {
		(void)err_at(&t->err, init->expr->pos, ERR_CARDINALITY_VIOLATION,
					 "more than one row returned by a subquery used as an expression");
		return FLOW_FAIL;
	}
	return exists ? FLOW_DONE : FLOW_MORE;
}

static void scalar_close(void *global) { pthread_mutex_destroy(&((struct scalar *)global)->lock); }

static const struct sink_ops sink_scalar = {
	.name = "subquery value",
	.consume = scalar_consume,
	.life = {NULL, NULL, scalar_close},
};

struct op *sink_scalar_new(struct execution *x, struct init_plan *init)
{
	struct op *op = op_new_sink(x, &sink_scalar, NULL);
	struct scalar *g = mem_new_object(x->mem, struct scalar);

	if (init->expr->sub.kind == SUB_EXISTS)
		init->value = value_bool(false);
	pthread_mutex_init(&g->lock, NULL);
	g->init = init;
	op->global = g;
	return op;
}
