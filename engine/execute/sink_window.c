/*
 * The input side of a window stage: rows with keys and arguments in a store of the task's, then lists by
 * hash partition. See window.h; sorting and computing are source_window.c's.
 */
#include "engine/execute/group_table.h"
#include "engine/execute/window.h"

#include <stdlib.h>

struct collect_local {
	struct evaluator *ev;
	struct vec *cols, *keys;
	struct rowstore *store;
	uint8_t *rows[BATCH_ROWS];
	uint64_t hashes[BATCH_ROWS];
};

static bool collect_open_local(struct task *t, void *global, void **local)
{
	const struct window *w = global;
	struct collect_local *l = mem_new_object(t->mem, struct collect_local);

	*local = l;
	l->cols = mem_new_array(t->mem, struct vec, w->nstored + 1);
	l->keys = mem_new_array(t->mem, struct vec, w->npartition + 1);
	l->store = rowstore_new(task_data(t), w->layout);
	return evaluator_open(t, w->program, &l->ev);
}

static void collect_close_local(void *global, void *local)
{
	const struct window *w = global;
	struct collect_local *l = local;

	for (uint32_t i = 0; i < w->nstored; i++)
		vec_release(&l->cols[i]);
	evaluator_close(l->ev);
	rowstore_free(l->store);
}

static uint32_t *row_partition(uint8_t *row) { return (uint32_t *)(void *)row; }

static enum flow collect_consume(struct task *t, void *global, void *local, struct batch *in)
{
	const struct window *w = global;
	struct collect_local *l = local;

	if (!evaluator_run(l->ev, in->cols, in->rows, l->cols) ||
		!rowstore_append(l->store, l->cols, NULL, in->rows, l->rows, &t->err))
		return FLOW_FAIL;
	if (!w->npartition)
		return FLOW_MORE;
	for (uint32_t k = 0; k < w->npartition; k++)
		l->keys[k] = l->cols[w->order.keys[k].column]; /* lent */
	hash_columns(l->keys, w->npartition, in->rows, l->hashes);
	for (uint32_t i = 0; i < in->rows; i++)
		*row_partition(l->rows[i]) = (l->hashes[i] >> 40) & (WINDOW_PARTITIONS - 1);
	return FLOW_MORE;
}

static bool make_list(struct task *t, const struct rowstore *store, struct window_list **out)
{
	struct window_list *list = calloc(1, sizeof *list);
	size_t bytes = rowstore_rows(store) * sizeof *list->rows;
	uint64_t at[WINDOW_PARTITIONS];
	struct rowcursor cursor = {0, 0};
	uint8_t *rows[256];
	uint32_t k;

	ASSERT(list);
	if (!mem_reserve(task_data(t), bytes, &t->err)) {
		free(list);
		return false;
	}
	list->reserved = bytes;
	list->rows = malloc(bytes + 1);
	ASSERT(list->rows);
	while ((k = rowstore_scan(store, &cursor, rows, ARRAY_LEN(rows))) != 0)
		for (uint32_t i = 0; i < k; i++)
			list->offsets[*row_partition(rows[i]) + 1]++;
	for (uint32_t p = 0; p < WINDOW_PARTITIONS; p++) {
		list->offsets[p + 1] += list->offsets[p];
		at[p] = list->offsets[p];
	}
	cursor = (struct rowcursor){0, 0};
	while ((k = rowstore_scan(store, &cursor, rows, ARRAY_LEN(rows))) != 0)
		for (uint32_t i = 0; i < k; i++)
			list->rows[at[*row_partition(rows[i])]++] = rows[i];
	*out = list;
	return true;
}

static enum flow collect_combine(struct task *t, void *global, void *local)
{
	struct window *w = global;
	struct collect_local *l = local;
	struct window_list *list;

	if (!rowstore_rows(l->store))
		return FLOW_DONE;
	if (!make_list(t, l->store, &list))
		return FLOW_FAIL;
	pthread_mutex_lock(&w->lock);
	op_memory(w->sink, (int64_t)(rowstore_bytes(l->store) + list->reserved));
	if (w->store)
		rowstore_absorb(w->store, l->store);
	else
		w->store = l->store;
	l->store = NULL;
	list->next = w->lists;
	w->lists = list;
	pthread_mutex_unlock(&w->lock);
	return FLOW_DONE;
}

static enum flow collect_finish(struct task *t, void *global)
{
	struct window *w = global;
	uint64_t rows = w->store ? rowstore_rows(w->store) : 0;

	(void)t;
	w->nunits = !rows ? 0 : !w->npartition || rows <= WINDOW_SMALL ? 1 : WINDOW_PARTITIONS;
	return FLOW_DONE;
}

static void collect_close(void *global)
{
	struct window *w = global;

	while (w->lists) {
		struct window_list *next = w->lists->next;
		mem_release(w->x->env.mem, w->lists->reserved);
		free(w->lists->rows);
		free(w->lists);
		w->lists = next;
	}
	rowstore_free(w->store);
	pthread_mutex_destroy(&w->lock);
}

static const struct sink_ops sink_window = {
	.name = "window",
	.consume = collect_consume,
	.combine = collect_combine,
	.finish = collect_finish,
	.life = {collect_open_local, collect_close_local, collect_close},
};

struct op *sink_window_new(struct window *w)
{
	w->sink = op_new_sink(w->x, &sink_window, w->node);
	w->sink->global = w;
	pthread_mutex_init(&w->lock, NULL);
	return w->sink;
}
