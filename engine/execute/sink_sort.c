/*
 * Sorting: tasks keep their rows in a store and sort pointers to them when their input has ended; the source merges
 * these runs. When memory is short a task writes what it holds to disk as a sorted run. With a small LIMIT a task
 * keeps only the best rows: whenever it holds twice as many as wanted it sorts, drops the rest, and from then on skips
 * rows whose first key is worse than the last kept.
 */
#include "engine/execute/sort.h"
#include "engine/kernel/compare.h"

#include <stdlib.h>

#define PRUNE_MIN 4096

struct sort_local {
	struct evaluator *ev;
	struct vec *cols;
	struct sorter sorter;
	struct vec bound;              /* constant: first key of the last row kept; type VOID = none yet */
	bool bounded;
	uint8_t *rows[BATCH_ROWS];
	uint32_t sel[BATCH_ROWS];
};

static bool sort_open_local(struct task *t, void *global, void **local)
{
	const struct sort *s = global;
	struct sort_local *l = mem_new_object(t->mem, struct sort_local);

	*local = l;
	l->cols = mem_new_array(t->mem, struct vec, s->nstored + 1);
	sorter_init(&l->sorter, s->sink, &s->order);
	return evaluator_open(t, s->program, &l->ev);
}

static void sort_close_local(void *global, void *local)
{
	const struct sort *s = global;
	struct sort_local *l = local;

	for (uint32_t i = 0; i < s->nstored; i++)
		vec_release(&l->cols[i]);
	vec_release(&l->bound);
	evaluator_close(l->ev);
	sorter_clear(&l->sorter);
}

/* A new store with only the rows of the first `keep` entries. */
static bool rebuild(struct task *t, const struct sort *s, struct sort_local *l, uint64_t keep)
{
	struct rowstore *store = rowstore_new(task_data(t), s->order.layout);
	struct vec *cols = mem_new_array(t->mem, struct vec, s->nstored + 1);
	bool ok = true;

	for (uint64_t at = 0; ok && at < keep; at += BATCH_ROWS) {
		uint32_t n = keep - at < BATCH_ROWS ? (uint32_t)(keep - at) : BATCH_ROWS;

		for (uint32_t i = 0; i < n; i++)
			l->rows[i] = l->sorter.entries[at + i].row;
		for (uint32_t c = 0; ok && c < s->nstored; c++)
			ok = rowstore_gather(l->sorter.store, c, l->rows, n, &cols[c], task_data(t), &t->err);
		ok = ok && rowstore_append(store, cols, NULL, n, l->rows, &t->err);
		for (uint32_t c = 0; c < s->nstored; c++)
			vec_release(&cols[c]);
		for (uint32_t i = 0; ok && i < n; i++)
			l->sorter.entries[at + i].row = l->rows[i];
	}
	if (!ok) {
		rowstore_free(store);
		return false;
	}
	rowstore_free(l->sorter.store);
	l->sorter.store = store;
	l->sorter.count = keep;
	return true;
}

static bool set_bound(struct task *t, const struct sort *s, struct sort_local *l)
{
	const struct row_key *k = &s->order.keys[0];
	uint8_t *row = l->sorter.entries[l->sorter.count - 1].row;

	vec_release(&l->bound);
	l->bounded = false;
	if (row_is_null(s->order.layout, row, k->column))
		return true;
	if (!rowstore_gather(l->sorter.store, k->column, &row, 1, &l->bound, task_data(t), &t->err))
		return false;
	l->bound.kind = VEC_CONST;
	l->bounded = true;
	return true;
}

static bool prune(struct task *t, const struct sort *s, struct sort_local *l)
{
	uint64_t keep = (uint64_t)s->limit;

	if (l->sorter.count < PRUNE_MIN || l->sorter.count < 2 * keep)
		return true;
	sorter_sort(&l->sorter);
	return rebuild(t, s, l, keep) && set_bound(t, s, l);
}

/* Rows that may still be among the first; NULL = all. */
static const uint32_t *promising(const struct sort *s, struct sort_local *l, uint32_t *n)
{
	const struct row_key *k = &s->order.keys[0];
	const struct vec *key = &l->cols[k->column];
	struct view a = vec_view(key), b;

	if (!l->bounded || key->valid)
		return NULL;
	b = vec_view(&l->bound);
	*n = kernel_select(k->descending ? CMP_GE : CMP_LE, key->type, &a, &b, NULL, *n, l->sel);
	return l->sel;
}

static bool keep_rows(struct task *t, struct sort_local *l, const uint32_t *sel, uint32_t n)
{
	return rowstore_append(l->sorter.store, l->cols, sel, n, l->rows, &t->err) &&
		   sorter_add(&l->sorter, l->rows, n, &t->err);
}

static enum flow sort_consume(struct task *t, void *global, void *local, struct batch *in)
{
	const struct sort *s = global;
	struct sort_local *l = local;
	uint32_t n = in->rows;
	const uint32_t *sel;

	if (!evaluator_run(l->ev, in->cols, n, l->cols))
		return FLOW_FAIL;
	sel = promising(s, l, &n);
	if (!n)
		return FLOW_MORE;
	if (!keep_rows(t, l, sel, n))
		return FLOW_FAIL;
	if (s->prune && !prune(t, s, l))
		return FLOW_FAIL;
	if (op_pressed(s->sink, sorter_bytes(&l->sorter)) && !sorter_spill(&l->sorter, &t->err))
		return FLOW_FAIL;
	return FLOW_MORE;
}

static enum flow sort_combine(struct task *t, void *global, void *local)
{
	struct sort *s = global;
	struct sort_local *l = local;
	struct sort_run **end;

	if (!sorter_finish(&l->sorter, &t->err))
		return FLOW_FAIL;
	pthread_mutex_lock(&s->lock);
	op_memory(s->sink, (int64_t)sorter_bytes(&l->sorter));
	if (s->store)
		rowstore_absorb(s->store, l->sorter.store);
	else
		s->store = l->sorter.store;
	l->sorter.store = NULL;
	for (end = &s->runs; *end; end = &(*end)->next)
		;
	*end = l->sorter.runs;
	l->sorter.runs = NULL;
	pthread_mutex_unlock(&s->lock);
	return FLOW_DONE;
}

void sort_clear(struct sort *s)
{
	sort_runs_free(s->sink, &s->runs);
	rowstore_free(s->store);
	s->store = NULL;
}

static void sort_close(void *global)
{
	struct sort *s = global;

	sort_clear(s);
	pthread_mutex_destroy(&s->lock);
}

static const struct sink_ops sink_sort = {
	.name = "sort",
	.consume = sort_consume,
	.combine = sort_combine,
	.life = {sort_open_local, sort_close_local, sort_close},
};

struct op *sink_sort_new(struct sort *s)
{
	s->sink = op_new_sink(s->x, &sink_sort, s->node);
	s->sink->global = s;
	op_can_spill(s->sink);
	pthread_mutex_init(&s->lock, NULL);
	return s->sink;
}
