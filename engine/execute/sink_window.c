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
	struct spill_parts parts;
	bool spilled;
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
	spill_parts_clear(w->sink->file, &l->parts);
}

static bool write_store(struct task *t, const struct window *w, struct spill_parts *parts, struct rowstore **store)
{
	if (!spill_store_parts(w->sink->file, parts, w->layout, WINDOW_HASH, 0, *store, &t->err))
		return false;
	rowstore_free(*store);
	*store = rowstore_new(task_data(t), w->layout);
	return true;
}

static uint32_t *row_partition(uint8_t *row) { return (uint32_t *)(void *)row; }

static bool collect_rows(struct task *t, const struct window *w, struct collect_local *l, const struct batch *in)
{

	if (!evaluator_run(l->ev, in->cols, in->rows, l->cols) ||
		!rowstore_append(l->store, l->cols, NULL, in->rows, l->rows, &t->err))
		return false;
	if (!w->npartition)
		return true;
	for (uint32_t k = 0; k < w->npartition; k++)
		l->keys[k] = l->cols[w->order.keys[k].column]; /* lent */
	hash_columns(l->keys, w->npartition, in->rows, l->hashes);
	for (uint32_t i = 0; i < in->rows; i++) {
		*row_partition(l->rows[i]) = spill_partition(l->hashes[i], 0);
		memcpy(l->rows[i] + WINDOW_HASH, &l->hashes[i], sizeof l->hashes[i]);
	}
	return true;
}

static enum flow collect_consume(struct task *t, void *global, void *local, struct batch *in)
{
	const struct window *w = global;
	struct collect_local *l = local;

	if (!collect_rows(t, w, l, in))
		return FLOW_FAIL;
	if (!op_pressed(w->sink, rowstore_bytes(l->store)))
		return FLOW_MORE;
	l->spilled = true;
	return write_store(t, w, &l->parts, &l->store) ? FLOW_MORE : FLOW_FAIL;
}
_Static_assert(WINDOW_PARTITIONS == SPILL_PARTS, "units are the partitions on disk");

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

static bool hand_over(struct task *t, struct window *w, struct collect_local *l)
{
	bool ok = write_store(t, w, &l->parts, &l->store);

	pthread_mutex_lock(&w->lock);
	w->spilled = true;
	ok = ok && spill_parts_join(w->sink->file, &w->parts, &l->parts, &t->err);
	pthread_mutex_unlock(&w->lock);
	return ok;
}

static void free_lists(struct window *w)
{
	while (w->lists) {
		struct window_list *next = w->lists->next;
		mem_release(w->x->env.mem, w->lists->reserved);
		free(w->lists->rows);
		free(w->lists);
		w->lists = next;
	}
}

static enum flow collect_combine(struct task *t, void *global, void *local)
{
	struct window *w = global;
	struct collect_local *l = local;
	struct window_list *list;

	if (l->spilled)
		return hand_over(t, w, l) ? FLOW_DONE : FLOW_FAIL;
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

	if (w->spilled) {
		if (w->store && !write_store(t, w, &w->parts, &w->store))
			return FLOW_FAIL;
		free_lists(w);
		w->nunits = w->npartition ? WINDOW_PARTITIONS : 1;
		return FLOW_DONE;
	}
	w->nunits = !rows ? 0 : !w->npartition || rows <= WINDOW_SMALL ? 1 : WINDOW_PARTITIONS;
	return FLOW_DONE;
}

void window_clear(struct window *w)
{
	free_lists(w);
	rowstore_free(w->store);
	w->store = NULL;
	spill_parts_clear(w->sink->file, &w->parts);
}

static void collect_close(void *global)
{
	struct window *w = global;

	window_clear(w);
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
	op_can_spill(w->sink);
	pthread_mutex_init(&w->lock, NULL);
	return w->sink;
}
