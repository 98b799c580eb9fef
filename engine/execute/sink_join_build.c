/*
 * The build side of a join: keeps the input's rows (keys first), then makes the directory. Tasks fill row
 * stores of their own; combine absorbs them under the join's lock; the insertion of rows into the directory
 * is a source of its own (no rows come out), so that several tasks share the work.
 */
#include "engine/execute/join.h"
#include "engine/execute/runtime_filter.h"

#include <stdlib.h>

struct build_local {
	struct evaluator *ev;
	struct vec *stored;
	struct rowstore *store;
	struct spill_parts parts;
	bool spilled;
	uint64_t seen;
	bool has_null;
	struct runtime_range *ranges; /* per key; NULL: no filters */
	uint64_t hashes[BATCH_ROWS];
	uint32_t linked[BATCH_ROWS], unlinked[BATCH_ROWS];
	uint8_t *rows[BATCH_ROWS];
};

static bool build_open_local(struct task *t, void *global, void **local)
{
	struct join *j = global;
	struct build_local *l = mem_new_object(t->mem, struct build_local);

	l->stored = mem_new_array(t->mem, struct vec, j->nstored + 1);
	l->store = rowstore_new(task_data(t), j->layout);
	l->ranges = j->filters ? mem_new_array(t->mem, struct runtime_range, j->nkeys) : NULL;
	*local = l;
	return evaluator_open(t, j->build_program, &l->ev);
}

static void build_close_local(void *global, void *local)
{
	struct join *j = global;
	struct build_local *l = local;

	for (uint32_t i = 0; i < j->nstored; i++)
		vec_release(&l->stored[i]);
	evaluator_close(l->ev);
	rowstore_free(l->store);
	spill_parts_clear(j->build_op->file, &l->parts);
}

static bool spill_rows(struct task *t, struct join *j, struct build_local *l)
{
	if (!rowstore_rows(l->store))
		return true;
	l->spilled = true;
	if (!spill_store_parts(j->build_op->file, &l->parts, j->layout, JOIN_HASH, 0, l->store, &t->err))
		return false;
	rowstore_free(l->store);
	l->store = rowstore_new(task_data(t), j->layout);
	return true;
}

/* Splits the rows by whether a key is NULL; returns the count of linked ones. */
static uint32_t split_nulls(struct join *j, struct build_local *l, uint32_t n, uint32_t *nunlinked)
{
	uint32_t linked = 0, unlinked = 0;
	bool any = false;

	for (uint32_t k = 0; k < j->nkeys && !j->nulls_equal; k++)
		any |= l->stored[k].valid != NULL;
	*nunlinked = 0;
	if (!any)
		return n;
	for (uint32_t i = 0; i < n; i++) {
		bool null = false;
		for (uint32_t k = 0; k < j->nkeys; k++) {
			struct view v = vec_view(&l->stored[k]);
			null |= view_is_null(&v, i);
		}
		l->linked[linked] = i;
		linked += !null;
		l->unlinked[unlinked] = i;
		unlinked += null;
	}
	*nunlinked = unlinked;
	return linked;
}

static bool build_batch(struct task *t, struct join *j, struct build_local *l, const struct batch *in)
{
	uint32_t n, nunlinked;
	const uint32_t *sel;

	if (!evaluator_run(l->ev, in->cols, in->rows, l->stored))
		return false;
	l->seen += in->rows;
	n = split_nulls(j, l, in->rows, &nunlinked);
	sel = nunlinked ? l->linked : NULL;
	l->has_null |= nunlinked > 0;
	for (uint32_t k = 0; k < j->nkeys; k++) {
		struct view v = vec_view(&l->stored[k]);
		kernel_hash(j->layout->types[k], &v, in->rows, k > 0, l->hashes);
	}
	for (uint32_t k = 0; k < j->nkeys && l->ranges; k++)
		runtime_range_add(&l->ranges[k], &l->stored[k], sel, n);
	if (n && !rowstore_append(l->store, l->stored, sel, n, l->rows, &t->err))
		return false;
	for (uint32_t i = 0; i < n && j->nkeys; i++)
		join_row(l->rows[i])->hash = l->hashes[sel ? sel[i] : i];
	if (!nunlinked || !j->mark_build)
		return true;
	if (!rowstore_append(l->store, l->stored, l->unlinked, nunlinked, l->rows, &t->err))
		return false;
	for (uint32_t i = 0; i < nunlinked; i++)
		join_row(l->rows[i])->unlinked = 1;
	return true;
}

static enum flow build_consume(struct task *t, void *global, void *local, struct batch *in)
{
	struct join *j = global;
	struct build_local *l = local;

	if (!build_batch(t, j, l, in))
		return FLOW_FAIL;
	return !op_pressed(j->build_op, rowstore_bytes(l->store)) || spill_rows(t, j, l) ? FLOW_MORE : FLOW_FAIL;
}

static enum flow build_combine(struct task *t, void *global, void *local)
{
	struct join *j = global;
	struct build_local *l = local;
	bool ok;

	if (l->spilled && !spill_rows(t, j, l))
		return FLOW_FAIL;
	pthread_mutex_lock(&j->lock);
	op_memory(j->build_op, (int64_t)rowstore_bytes(l->store));
	if (j->store)
		rowstore_absorb(j->store, l->store);
	else
		j->store = l->store;
	l->store = NULL;
	j->seen += l->seen;
	j->build_has_null |= l->has_null;
	for (struct runtime_filter *f = j->filters; f; f = f->next)
		runtime_range_merge(f, &l->ranges[f->key]);
	j->spilled |= l->spilled;
	ok = spill_parts_join(j->build_op->file, &j->build_parts, &l->parts, &t->err);
	pthread_mutex_unlock(&j->lock);
	return ok ? FLOW_DONE : FLOW_FAIL;
}

static bool reserve_array(struct task *t, struct join *j, uint64_t count, void **out)
{
	size_t bytes = (size_t)count * 8;

	if (!mem_reserve(task_data(t), bytes, &t->err))
		return false;
	*out = calloc(count, 8);
	if (!*out)
		abort();
	j->reserved += bytes;
	op_memory(j->build_op, (int64_t)bytes);
	return true;
}

bool join_index_new(struct task *t, struct join *j)
{
	uint64_t rows = rowstore_rows(j->store), size = 256;

	if (!rows)
		return true;
	if (j->range)
		return range_index_new(t, j, &j->ranges);
	if (!j->nkeys) {
		struct rowcursor cursor = {0, 0};
		void *all;
		if (!reserve_array(t, j, rows, &all))
			return false;
		j->all = all;
		j->nall = 0;
		for (uint32_t n; (n = rowstore_scan(j->store, &cursor, j->all + j->nall, 65536)) != 0;)
			j->nall += n;
		return true;
	}
	while (size < rows * 2)
		size *= 2;
	j->mask = size - 1;
	return reserve_array(t, j, size, (void **)&j->directory);
}

/* What is in memory joins what is on disk. */
static bool spill_common(struct task *t, struct join *j)
{
	j->spilled = true;
	if (!spill_store_parts(j->build_op->file, &j->build_parts, j->layout, JOIN_HASH, 0, j->store, &t->err))
		return false;
	rowstore_free(j->store);
	j->store = rowstore_new(task_data(t), j->layout);
	return true;
}

static enum flow build_finish(struct task *t, void *global)
{
	struct join *j = global;

	if (!j->store)
		j->store = rowstore_new(task_data(t), j->layout);
	if (j->spilled)
		return spill_common(t, j) ? FLOW_DONE : FLOW_FAIL;
	if (join_index_new(t, j)) {
		for (struct runtime_filter *f = j->filters; f; f = f->next)
			runtime_filter_start(f, task_data(t), rowstore_rows(j->store), j->nkeys == 1);
		return FLOW_DONE;
	}
	err_clear(&t->err); /* no room for the directory */
	return spill_common(t, j) ? FLOW_DONE : FLOW_FAIL;
}

void join_clear(struct join *j)
{
	rowstore_free(j->store);
	j->store = NULL;
	free(j->directory);
	free(j->all);
	range_index_free(j, j->ranges);
	j->ranges = NULL;
	j->directory = NULL;
	j->all = NULL;
	j->nall = 0;
	mem_release(j->x->env.mem, j->reserved);
	j->reserved = 0;
}

static void build_close(void *global)
{
	struct join *j = global;

	join_clear(j);
	for (struct runtime_filter *f = j->filters; f; f = f->next)
		runtime_filter_free(f, j->x->env.mem);
	spill_parts_clear(j->build_op->file, &j->build_parts);
	spill_parts_clear(j->build_op->file, &j->probe_parts);
	pthread_mutex_destroy(&j->lock);
}

static const struct sink_ops sink_join_build = {
	.name = "join build",
	.consume = build_consume,
	.combine = build_combine,
	.finish = build_finish,
	.life = {build_open_local, build_close_local, build_close},
};

struct op *sink_join_build_new(struct join *j)
{
	j->build_op = op_new_sink(j->x, &sink_join_build, j->node);
	j->build_op->global = j;
	op_can_spill(j->build_op);
	pthread_mutex_init(&j->lock, NULL);
	return j->build_op;
}

/* ---- insertion into the directory ---- */

void join_insert(struct join *j, uint8_t **rows, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		__builtin_prefetch(&j->directory[join_row(rows[i])->hash & j->mask], 1);
	for (uint32_t i = 0; i < n; i++) {
		struct join_row *r = join_row(rows[i]);
		uint64_t *slot = &j->directory[r->hash & j->mask];
		uint64_t old = __atomic_load_n(slot, __ATOMIC_RELAXED), new;

		if (j->mark_build && r->unlinked)
			continue;
		do {
			r->next = (uint8_t *)(uintptr_t)(old & JOIN_POINTER);
			new = (uint64_t)(uintptr_t)rows[i] | (old & ~JOIN_POINTER) | join_tag(r->hash);
		} while (!__atomic_compare_exchange_n(slot, &old, new, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
	}
}

/* The rows' list is used up: those with a NULL key leave it. */
static void fill_filters(struct join *j, uint8_t **rows, uint32_t n)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n && j->filters && j->mark_build; i++) {
		rows[kept] = rows[i];
		kept += !join_row(rows[i])->unlinked;
	}
	for (struct runtime_filter *f = j->filters; f; f = f->next)
		runtime_filter_add(f, j->layout, rows, j->mark_build ? kept : n);
}

static enum flow insert_next(struct task *t, void *global, void *local, struct batch *out)
{
	struct join *j = global;
	uint8_t *rows[BATCH_ROWS];
	uint32_t n;

	(void)local;
	(void)out;
	while (j->directory) {
		pthread_mutex_lock(&j->lock);
		n = rowstore_scan(j->store, &j->cursor, rows, BATCH_ROWS);
		pthread_mutex_unlock(&j->lock);
		if (!n)
			break;
		join_insert(j, rows, n);
		fill_filters(j, rows, n);
		if (!cancel_check(t->x->env.cancel, &t->err))
			return FLOW_FAIL;
	}
	return FLOW_DONE;
}

static uint32_t insert_parallel(void *global)
{
	return (uint32_t)(rowstore_rows(((struct join *)global)->store) / 32768) + 1;
}

static const struct source_ops source_join_insert = {
	.name = "join insert",
	.next = insert_next,
	.parallel = insert_parallel,
};

struct op *source_join_insert_new(struct join *j)
{
	struct op *op = op_new_source(j->x, &source_join_insert, j->node, 0);

	op->global = j;
	op->produces = false;
	op_depend(op, j->build_op);
	return op;
}

static enum flow nothing_consume(struct task *t, void *global, void *local, struct batch *in)
{
	(void)t;
	(void)global;
	(void)local;
	(void)in;
	return FLOW_MORE;
}

static const struct sink_ops sink_nothing = {.name = "nothing", .consume = nothing_consume};

struct op *sink_nothing_new(struct execution *x) { return op_new_sink(x, &sink_nothing, NULL); }
