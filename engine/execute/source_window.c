/*
 * The output side of a window stage: takes a unit, sorts its rows, walks through its partitions and puts out
 * each row with the values of all calls. Rows are visited in order; the calls' own work is in window_*.c.
 */
#include "engine/execute/window_int.h"

#include <stdlib.h>

bool window_array_want(struct window_local *l, struct window_array *a, size_t bytes)
{
	void *grown;

	if (bytes <= a->size)
		return true;
	if (bytes < a->size + a->size / 2)
		bytes = a->size + a->size / 2;
	if (bytes < 256)
		bytes = 256;
	if (!mem_reserve(task_data(l->t), bytes - a->size, &l->t->err))
		return false;
	grown = realloc(a->data, bytes);
	ASSERT(grown);
	a->data = grown;
	a->size = bytes;
	return true;
}

void window_array_free(struct window_local *l, struct window_array *a)
{
	free(a->data);
	mem_release(l->w->x->env.mem, a->size);
	*a = (struct window_array){NULL, 0};
}

/* ---- units ---- */

static void open_call(struct window_local *l, struct call_state *s, const struct window_call *c)
{
	struct task *t = l->t;

	s->call = c;
	s->fncall = (struct fncall){.fn = c->expr->window.fn, .nargs = c->nargs, .arg_types = c->arg_types,
								.result = c->expr->type, .mem = task_data(t), .scratch = t->mem,
								.text = t->x->env.text, .const_args = c->const_args, .err = &t->err};
	s->size = c->kind == WINDOW_BEST ? 16 : c->ops ? ((uint32_t)c->ops->state_size + 15) & ~15u : 0;
	s->args = mem_new_array(t->mem, struct vec, c->nargs + 1);
	s->result = mem_alloc(t->mem, s->size + 16);
	s->copy = mem_alloc(t->mem, s->size + 16);
	s->slides[0].back = mem_alloc(t->mem, s->size + 16);
	s->slides[1].back = mem_alloc(t->mem, s->size + 16);
	if (c->kind == WINDOW_AGGREGATE)
		s->kept = mem_alloc(t->mem, (size_t)s->size * t->x->batch_rows + 16);
	else if (c->kind >= WINDOW_LAG)
		s->rows = mem_new_array(t->mem, uint8_t *, t->x->batch_rows);
	if (c->kind == WINDOW_LAG || c->kind == WINDOW_LEAD)
		s->defaulted = mem_new_array(t->mem, bool, t->x->batch_rows);
}

static bool window_open_local(struct task *t, void *global, void **local)
{
	struct window *w = global;
	struct window_local *l = mem_new_object(t->mem, struct window_local);

	l->t = t;
	l->w = w;
	l->peers = mem_new_array(t->mem, struct peer_state, w->npeers + 1);
	l->frames = mem_new_array(t->mem, struct frame_state, w->nframes + 1);
	l->calls = mem_new_array(t->mem, struct call_state, w->ncalls + 1);
	for (uint32_t i = 0; i < w->ncalls; i++)
		open_call(l, &l->calls[i], &w->calls[i]);
	*local = l;
	return true;
}

static void leave_unit(struct window_local *l)
{
	for (uint32_t i = 0; i < l->w->ncalls; i++)
		window_aggregate_close(l, &l->calls[i]);
	for (uint32_t i = 0; i < l->w->npeers; i++)
		window_array_free(l, &l->peers[i].starts);
	window_array_free(l, &l->rows);
	rowstore_free(l->own);
	l->own = NULL;
	l->nrows = l->at = l->stop = l->lo = l->hi = 0;
	l->active = false;
}

static void window_close_local(void *global, void *local)
{
	(void)global;
	window_segments_close(local);
	leave_unit(local);
}

static uint64_t unit_rows(const struct window *w, uint32_t from, uint32_t to)
{
	uint64_t n = 0;

	for (const struct window_list *list = w->lists; list; list = list->next)
		n += list->offsets[to] - list->offsets[from];
	return n;
}

static bool sort_unit(struct window_local *l, uint32_t from, uint32_t to, uint64_t n)
{
	const struct window *w = l->w;
	struct window_array space = {NULL, 0};
	struct sort_entry *entries;
	uint64_t at = 0;

	if (!window_array_want(l, &space, 2 * n * sizeof *entries))
		return false;
	entries = space.data;
	for (const struct window_list *list = w->lists; list; list = list->next)
		for (uint64_t i = list->offsets[from]; i < list->offsets[to]; i++)
			entries[at++] = (struct sort_entry){sort_prefix(&w->order, list->rows[i]), list->rows[i]};
	if (w->order.nkeys)
		sort_entries(&w->order, entries, entries + n, n);
	for (uint64_t i = 0; i < n; i++)
		window_rows(l)[i] = entries[i].row;
	window_array_free(l, &space);
	return true;
}

bool window_rows_open(struct window_local *l)
{
	const struct window *w = l->w;

	if (!window_frames_open(l))
		return false;
	for (uint32_t i = 0; i < w->ncalls; i++)
		if (window_call_aggregates(&w->calls[i]) && !window_aggregate_open(l, &l->calls[i]))
			return false;
	return true;
}

static bool enter_unit(struct window_local *l, uint32_t unit)
{
	const struct window *w = l->w;
	uint32_t from = w->nunits == 1 ? 0 : unit, to = w->nunits == 1 ? WINDOW_PARTITIONS : unit + 1;
	uint64_t n = unit_rows(w, from, to);

	l->active = true;
	if (n >= UINT32_MAX)
		return err_set(&l->t->err, ERR_PROGRAM_LIMIT, "too many rows for a window function");
	if (!n)
		return true;
	if (!window_array_want(l, &l->rows, n * sizeof(uint8_t *)) || !sort_unit(l, from, to, n))
		return false;
	l->nrows = l->stop = (uint32_t)n;
	return window_rows_open(l);
}

/* ---- partitions ---- */

static bool same(const struct row_order *o, uint8_t *a, uint8_t *b)
{
	struct sort_entry x = {0, a}, y = {0, b};

	return !o->nkeys || sort_compare(o, &x, &y) == 0;
}

static bool find_peers(struct window_local *l, uint32_t index)
{
	const struct row_order *o = &l->w->peers[index];
	struct peer_state *p = &l->peers[index];
	uint8_t **rows = window_rows(l);

	p->at = 0;
	p->count = 0;
	for (uint32_t i = l->lo; i < l->hi; i++) {
		if (i > l->lo && same(o, rows[i - 1], rows[i]))
			continue;
		if (!window_array_want(l, &p->starts, (p->count + 2) * sizeof(uint32_t)))
			return false;
		((uint32_t *)p->starts.data)[p->count++] = i;
		if (!o->nkeys)
			break;
	}
	((uint32_t *)p->starts.data)[p->count] = l->hi;
	return true;
}

bool window_partition_enter(struct window_local *l, uint32_t i, bool resumed)
{
	const struct window *w = l->w;
	struct row_order partition = {w->layout, w->npartition, w->order.keys};
	uint8_t **rows = window_rows(l);

	l->lo = i;
	l->hi = w->npartition ? i + 1 : l->nrows;
	while (l->hi < l->nrows && same(&partition, rows[i], rows[l->hi]))
		l->hi++;
	for (uint32_t k = 0; k < w->npeers; k++)
		if (!find_peers(l, k))
			return false;
	window_frames_enter(l);
	if (resumed)
		return true;
	l->fresh = l->lo;
	l->before = 0;
	for (uint32_t k = 0; k < w->npeers; k++) {
		l->peers[k].fresh = 0;
		l->peers[k].before = 0;
	}
	for (uint32_t c = 0; c < w->ncalls; c++) {
		l->calls[c].buckets = 0;
		if (window_call_aggregates(&w->calls[c]))
			window_aggregate_enter(l, &l->calls[c]);
	}
	return true;
}

/* ---- output ---- */

static bool compute_row(struct window_local *l, uint32_t i, uint32_t k, struct batch *out)
{
	const struct window *w = l->w;

	if (i == l->hi && !window_partition_enter(l, i, false))
		return false;
	for (uint32_t p = 0; p < w->npeers; p++)
		while (peer_starts(&l->peers[p])[l->peers[p].at + 1] <= i)
			l->peers[p].at++;
	if (!window_frames_move(l, i))
		return false;
	for (uint32_t c = 0; c < w->ncalls; c++) {
		struct call_state *s = &l->calls[c];
		struct vec *v = &out->cols[w->nin + c];
		if (!(window_call_aggregates(s->call) ? window_aggregate_row : window_value_row)(l, s, i, k, v))
			return false;
	}
	return true;
}

static bool put_batch(struct window_local *l, uint32_t n, struct batch *out)
{
	const struct window *w = l->w;
	struct task *t = l->t;

	for (uint32_t c = 0; c < w->nin; c++) {
		if (!rowstore_gather(window_store(l), c, window_rows(l) + l->at, n, &out->cols[c], task_data(t), &t->err))
			return false;
		out->cols[c].type = w->cols[c].type;
	}
	for (uint32_t c = 0; c < w->ncalls; c++) /* those that pick rows make their vectors at the end */
		if ((w->calls[c].kind < WINDOW_LAG || w->calls[c].kind == WINDOW_AGGREGATE || w->calls[c].kind == WINDOW_REPEAT) &&
			!vec_init_flat(&out->cols[w->nin + c], w->calls[c].expr->type, n, task_data(t), &t->err))
			return false;
	for (uint32_t k = 0; k < n; k++)
		if (!compute_row(l, l->at + k, k, out))
			return false;
	for (uint32_t c = 0; c < w->ncalls; c++) {
		struct call_state *s = &l->calls[c];
		struct vec *v = &out->cols[w->nin + c];
		if (!(window_call_aggregates(s->call) ? window_aggregate_finish : window_value_finish)(l, s, n, v))
			return false;
		v->type = w->cols[w->nin + c].type;
	}
	l->at += n;
	out->rows = n;
	return true;
}

static enum flow window_next(struct task *t, void *global, void *local, struct batch *out)
{
	struct window *w = global;
	struct window_local *l = local;
	uint32_t n;

	while (!l->active || l->at == l->stop) {
		uint32_t unit;
		bool some = false;

		if (!cancel_check(t->x->env.cancel, &t->err) || (l->segments && !window_segments_next(l, &some)))
			return FLOW_FAIL;
		if (some)
			break;
		window_segments_close(l);
		leave_unit(l);
		unit = __atomic_fetch_add(&w->next_unit, 1, __ATOMIC_RELAXED);
		if (unit >= w->nunits)
			return FLOW_DONE;
		if (w->spilled ? !window_segments_open(l, unit) : !enter_unit(l, unit))
			return FLOW_FAIL;
	}
	n = l->stop - l->at < t->x->batch_rows ? l->stop - l->at : t->x->batch_rows;
	return put_batch(l, n, out) ? FLOW_MORE : FLOW_FAIL;
}

static uint32_t window_parallel(void *global) { return ((struct window *)global)->nunits; }

static void windows_close(void *global) { window_clear(global); }

static const struct source_ops source_window = {
	.name = "windows",
	.next = window_next,
	.parallel = window_parallel,
	.life = {window_open_local, window_close_local, windows_close},
};

struct op *source_window_new(struct window *w, bool last)
{
	struct op *op = op_new_source(w->x, &source_window, w->node, w->nout);

	op->global = w;
	op->produces = last;
	op_depend(op, w->sink);
	return op;
}
