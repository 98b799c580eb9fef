/*
 * Units of a window stage on disk: the rows of a hash partition are sorted there, then read in segments that fit into
 * memory. A segment ends where a partition does. When a partition is more than the task's share, and all calls look
 * only at a bounded number of rows around each (or have frames that grow from the partition's start, whose states go
 * on), it is cut where no peers stand on both sides: the next segment begins with as many rows of before as the calls
 * look back to.
 */
#include "engine/execute/window_int.h"

#include <stdlib.h>

#define SEGMENT_ROWS 16384     /* a segment has at least so many rows, when memory allows */
#define STREAM_REACH 1000000   /* calls that look further than that need the whole partition */

struct window_segments {
	struct sorter sorter;
	struct merge merge;
	bool ended;                /* the merge */
	bool inside;               /* l->stop is inside of a partition */
	uint8_t *rows[BATCH_ROWS], *copies[BATCH_ROWS];
};

/* ---- planning ---- */

static bool constant_offset(const struct expr *e, int64_t *out)
{
	if (!e || e->kind != EXPR_CONST || e->value.is_null)
		return false;
	if (e->type.id == TYPE_INT8)
		*out = e->value.i64;
	else if (e->type.id == TYPE_INT4 || e->type.id == TYPE_INT2)
		*out = e->value.i32;
	else
		return false;
	return *out >= -STREAM_REACH && *out <= STREAM_REACH;
}

static void reach(struct window *w, int64_t rows) /* negative: back */
{
	if (rows < 0 && -rows > w->history)
		w->history = (uint32_t)-rows;
	if (rows > 0 && rows > w->ahead)
		w->ahead = (uint32_t)rows;
}

/* Cuts only where these keys change. */
static bool want_peers(struct window *w, uint32_t peers)
{
	if (!w->peers[peers].nkeys)
		return false;
	if (w->cut < 0 || w->peers[peers].nkeys < w->peers[w->cut].nkeys)
		w->cut = (int)peers;
	return true;
}

static bool bound_streams(struct window *w, const struct window_frame *f, enum frame_bound bound, const struct expr *offset)
{
	int64_t rows;

	switch (bound) {
	case BOUND_CURRENT:
		return true;
	case BOUND_PRECEDING:
	case BOUND_FOLLOWING:
		if (f->spec->mode != FRAME_ROWS || !constant_offset(offset, &rows))
			return false;
		reach(w, bound == BOUND_PRECEDING ? -rows - 1 : rows + 1);
		return true;
	case BOUND_UNBOUNDED_PRECEDING:
	case BOUND_UNBOUNDED_FOLLOWING:
		return false;
	}
	UNREACHABLE();
}

static bool frame_streams(struct window *w, const struct window_call *c)
{
	const struct window_frame *f = &w->frames[c->frame];
	bool grows = c->kind == WINDOW_AGGREGATE || c->kind == WINDOW_REPEAT || c->kind == WINDOW_LAST_VALUE;

	if (f->spec->exclude != EXCLUDE_NONE || (f->spec->mode != FRAME_ROWS && !want_peers(w, c->peers)))
		return false;
	if (f->spec->start == BOUND_UNBOUNDED_PRECEDING ? !grows : !bound_streams(w, f, f->spec->start, f->start.expr))
		return false;
	return bound_streams(w, f, f->spec->end, f->end.expr);
}

static bool call_streams(struct window *w, const struct window_call *c)
{
	int64_t rows = 1;

	switch (c->kind) {
	case WINDOW_ROW_NUMBER:
		return true;
	case WINDOW_RANK:
	case WINDOW_DENSE_RANK:
		return want_peers(w, c->peers);
	case WINDOW_LAG:
	case WINDOW_LEAD:
		if (c->nargs > 1 && !constant_offset(c->expr->args[1], &rows))
			return false;
		reach(w, c->kind == WINDOW_LAG ? -rows : rows);
		return true;
	case WINDOW_PERCENT_RANK:
	case WINDOW_CUME_DIST:
	case WINDOW_NTILE:
		return false;
	case WINDOW_FIRST_VALUE:
	case WINDOW_LAST_VALUE:
	case WINDOW_NTH_VALUE:
	case WINDOW_AGGREGATE:
	case WINDOW_BEST:
	case WINDOW_REPEAT:
		return frame_streams(w, c);
	}
	UNREACHABLE();
}

void window_plan_stream(struct window *w)
{
	w->cut = -1;
	w->stream = true;
	for (uint32_t i = 0; i < w->ncalls; i++)
		w->stream &= call_streams(w, &w->calls[i]);
}

/* ---- sorting ---- */

bool window_segments_open(struct window_local *l, uint32_t unit)
{
	struct window *w = l->w;
	struct window_segments *g = calloc(1, sizeof *g);
	struct err *e = &l->t->err;
	struct spill_reader reader;
	uint8_t *base;
	uint32_t n;
	bool ok = true;

	ASSERT(g);
	l->segments = g;
	sorter_init(&g->sorter, w->sink, &w->order);
	spill_reader_open(&reader, w->sink->file, &w->parts.runs[unit], w->layout);
	while (ok && (ok = spill_read(&reader, &base, &n, e)) && n) {
		for (uint32_t at = 0; ok && at < n; at += BATCH_ROWS) {
			uint32_t k = n - at < BATCH_ROWS ? n - at : BATCH_ROWS;
			for (uint32_t i = 0; i < k; i++)
				g->rows[i] = base + (size_t)(at + i) * w->layout->width;
			ok = rowstore_append_rows(g->sorter.store, g->rows, k, g->copies, e) &&
				 sorter_add(&g->sorter, g->copies, k, e);
		}
		if (ok && (op_pressed(w->sink, sorter_bytes(&g->sorter)) || sorter_bytes(&g->sorter) > execution_share(w->x)))
			ok = sorter_spill(&g->sorter, e);
		ok = ok && cancel_check(w->x->env.cancel, e);
	}
	spill_reader_close(&reader);
	spill_run_clear(w->sink->file, &w->parts.runs[unit]);
	return ok && sorter_finish(&g->sorter, e) && merge_open(&g->merge, w->sink, &w->order, &g->sorter.runs, e);
}

void window_segments_close(struct window_local *l)
{
	if (!l->segments)
		return;
	merge_close(&l->segments->merge);
	sorter_clear(&l->segments->sorter);
	free(l->segments);
	l->segments = NULL;
}

/* ---- segments ---- */

static bool differ(const struct row_order *o, uint8_t *a, uint8_t *b)
{
	struct sort_entry x = {0, a}, y = {0, b};

	return o->nkeys && sort_compare(o, &x, &y) != 0;
}

/* Copies rows behind those of the segment that is made. */
static bool add_rows(struct window_local *l, struct rowstore *store, struct window_array *rows, uint32_t *nrows,
					 uint8_t *const *from, uint32_t n)
{
	while (n) {
		uint32_t k = n < BATCH_ROWS ? n : BATCH_ROWS;

		if (*nrows >= UINT32_MAX - 2 * BATCH_ROWS)
			return err_set(&l->t->err, ERR_PROGRAM_LIMIT, "too many rows for a window function");
		if (!window_array_want(l, rows, (*nrows + k) * sizeof(uint8_t *)) ||
			!rowstore_append_rows(store, from, k, (uint8_t **)rows->data + *nrows, &l->t->err))
			return false;
		*nrows += k;
		from += k;
		n -= k;
	}
	return true;
}

/* Where the segment of rows [a, n) may end inside of the partition; 0 = nowhere. */
static uint32_t find_cut(const struct window *w, uint8_t **rows, uint32_t a, uint32_t n)
{
	uint32_t b = n > w->ahead + 1 ? n - w->ahead - 1 : 0;

	for (; b > a; b--)
		if (w->cut < 0 || differ(&w->peers[w->cut], rows[b - 1], rows[b]))
			return b;
	return 0;
}

/* Reads on until the segment is large enough; sets l->stop and inside. */
static bool fill(struct window_local *l, struct rowstore *store, struct window_array *rows, uint32_t a, uint32_t *nrows)
{
	const struct window *w = l->w;
	struct window_segments *g = l->segments;
	struct row_order partition = {w->layout, w->npartition, w->order.keys};
	uint32_t max = w->x->verify_spill ? 2 : BATCH_ROWS, seen = a + 1, boundary = 0, n;

	for (;;) {
		bool full = rowstore_bytes(store) + *nrows * sizeof(uint8_t *) > execution_share(w->x) / 2;

		for (; seen < *nrows; seen++) {
			uint8_t **all = rows->data;
			if (differ(&partition, all[seen - 1], all[seen]))
				boundary = seen;
		}
		full |= w->x->verify_spill && *nrows > a + 4;
		if (boundary && (full || *nrows >= SEGMENT_ROWS)) {
			l->stop = boundary;
			g->inside = false;
			return true;
		}
		if (full && w->stream && (l->stop = find_cut(w, rows->data, a, *nrows)) != 0) {
			g->inside = true;
			return true;
		}
		if (!g->ended && !merge_next(&g->merge, g->rows, max, &n, &l->t->err))
			return false;
		g->ended |= !n;
		if (g->ended) {
			l->stop = *nrows;
			g->inside = false;
			return true;
		}
		if (!add_rows(l, store, rows, nrows, g->rows, n) || !cancel_check(w->x->env.cancel, &l->t->err))
			return false;
	}
}

/* What the next segment goes on from, when it begins inside of a partition. */
static void note_place(struct window_local *l)
{
	l->before += l->stop - l->fresh;
	for (uint32_t k = 0; k < l->w->npeers; k++) {
		struct peer_state *p = &l->peers[k];
		uint32_t groups = 0;

		for (uint32_t i = p->fresh; i < p->count && peer_starts(p)[i] < l->stop; i++)
			groups++;
		p->before += groups;
	}
}

static bool resume(struct window_local *l)
{
	if (!window_partition_enter(l, 0, true))
		return false;
	l->fresh = l->at;
	for (uint32_t k = 0; k < l->w->npeers; k++) {
		struct peer_state *p = &l->peers[k];

		p->fresh = 0;
		while (p->fresh < p->count && peer_starts(p)[p->fresh] < l->at)
			p->fresh++;
	}
	return true;
}

bool window_segments_next(struct window_local *l, bool *some)
{
	const struct window *w = l->w;
	struct window_segments *g = l->segments;
	bool inside = l->active && g->inside;
	struct rowstore *store = rowstore_new(w->x->env.mem, w->layout);
	struct window_array rows = {NULL, 0};
	uint32_t from = l->stop, nrows = 0, a;
	bool ok;

	if (inside) {
		note_place(l);
		from = l->stop - l->lo > w->history ? l->stop - w->history : l->lo;
	}
	a = l->stop - from;
	ok = (!l->active || add_rows(l, store, &rows, &nrows, window_rows(l) + from, l->nrows - from)) &&
		 fill(l, store, &rows, a, &nrows);
	for (uint32_t c = 0; c < w->ncalls; c++) {
		if (!window_call_aggregates(&w->calls[c]))
			continue;
		if (inside)
			window_aggregate_carry(l, &l->calls[c], from);
		else
			window_aggregate_close(l, &l->calls[c]);
	}
	window_array_free(l, &l->rows);
	rowstore_free(l->own);
	l->rows = rows;
	l->own = store;
	l->active = true;
	l->nrows = nrows;
	l->at = a;
	l->lo = l->hi = 0;
	*some = ok && nrows > a;
	if (!*some)
		return ok;
	return window_rows_open(l) && (!inside || resume(l));
}
