/*
 * The index of a join by inequalities: sorting, ranks, the tree of extremes, and walking over it. See range_join.h.
 * Made by one task, then only read.
 */
#include "engine/execute/range_join.h"
#include "engine/execute/join.h"

#include <stdlib.h>

#define FAN 16

/* Whether the second bound wants ranks from a threshold on, not those below it. */
static bool wants_high(const struct range_plan *p) { return p->bound2.op == CMP_LT || p->bound2.op == CMP_LE; }

static uint64_t count_rows(struct join *j, uint8_t **out)
{
	const struct range_plan *p = j->range;
	struct rowcursor cursor = {0, 0};
	uint8_t *rows[1024];
	uint64_t n = 0;
	uint32_t k;

	while ((k = rowstore_scan(j->store, &cursor, rows, ARRAY_LEN(rows))) != 0)
		for (uint32_t i = 0; i < k; i++) {
			if (row_is_null(j->layout, rows[i], p->column) || (p->two && row_is_null(j->layout, rows[i], p->column2)))
				continue;
			if (out)
				out[n] = rows[i];
			n++;
		}
	return n;
}

static void sort_by(const struct join *j, uint32_t column, uint8_t **rows, struct sort_entry *entries, uint64_t n)
{
	struct row_key key = {column, false, false};
	struct row_order order = {j->layout, 1, &key};

	for (uint64_t i = 0; i < n; i++)
		entries[i] = (struct sort_entry){sort_prefix(&order, rows[i]), rows[i]};
	sort_entries(&order, entries, entries + n, n);
	for (uint64_t i = 0; i < n; i++)
		rows[i] = entries[i].row;
}

static uint64_t blocks_of(uint64_t n) { return (n + FAN - 1) / FAN; }

static void make_tree(const struct range_plan *p, struct range_index *x)
{
	const uint32_t *below = x->ranks;
	uint64_t n = x->n;
	bool high = wants_high(p);

	for (uint32_t level = 0; level < x->nlevels; level++) {
		uint32_t *to = x->extremes[level];
		for (uint64_t b = 0; b < blocks_of(n); b++) {
			uint32_t best = below[b * FAN];
			for (uint64_t i = b * FAN + 1; i < (b + 1) * FAN && i < n; i++)
				if (high ? below[i] > best : below[i] < best)
					best = below[i];
			to[b] = best;
		}
		below = to;
		n = blocks_of(n);
	}
}

static void *array(uint64_t n, size_t size)
{
	void *p = malloc(n * size + 16);

	ASSERT(p);
	return p;
}

bool range_index_new(struct task *t, struct join *j, struct range_index **out)
{
	const struct range_plan *p = j->range;
	uint64_t n = count_rows(j, NULL);
	size_t bytes = n * (8 + (p->two ? 8 + 4 + 1 : 0)), scratch = 2 * n * sizeof(struct sort_entry);
	struct range_index *x;
	struct sort_entry *entries;

	if (n >= UINT32_MAX)
		return err_set(&t->err, ERR_PROGRAM_LIMIT, "too many rows for a join by inequalities");
	if (!mem_reserve(task_data(t), bytes + scratch, &t->err))
		return false;
	x = calloc(1, sizeof *x);
	ASSERT(x);
	x->n = n;
	x->reserved = bytes;
	x->rows = array(n, sizeof *x->rows);
	entries = array(2 * n, sizeof *entries);
	(void)count_rows(j, x->rows);
	if (p->two) {
		x->rows2 = array(n, sizeof *x->rows2);
		x->ranks = array(n, sizeof *x->ranks);
		memcpy(x->rows2, x->rows, n * sizeof *x->rows);
		sort_by(j, p->column2, x->rows2, entries, n);
		for (uint64_t i = 0; i < n; i++) /* without keys the hash says nothing; it is 0 again below */
			join_row(x->rows2[i])->hash = i;
	}
	sort_by(j, p->column, x->rows, entries, n);
	if (p->two) {
		for (uint64_t i = 0; i < n; i++) {
			x->ranks[i] = (uint32_t)join_row(x->rows[i])->hash;
			join_row(x->rows[i])->hash = 0;
		}
		for (uint64_t k = blocks_of(n); x->nlevels < RANGE_LEVELS && k > 0; k = k > 1 ? blocks_of(k) : 0)
			x->extremes[x->nlevels++] = array(k, sizeof(uint32_t));
		make_tree(p, x);
	}
	free(entries);
	mem_release(task_data(t), scratch);
	*out = x;
	return true;
}

void range_index_free(struct join *j, struct range_index *x)
{
	if (!x)
		return;
	for (uint32_t i = 0; i < x->nlevels; i++)
		free(x->extremes[i]);
	free(x->rows);
	free(x->rows2);
	free(x->ranks);
	mem_release(j->x->env.mem, x->reserved);
	free(x);
}

/* ---- walking ---- */

static size_t slot_size(struct type t) { return phys_size(type_phys(t)); }

/* The first of rows whose value is not below v (or, after: above it). */
static uint64_t find(const struct join *j, uint8_t *const *rows, uint64_t n, uint32_t column, const void *v, bool after)
{
	struct type type = j->layout->types[column];
	uint64_t lo = 0;

	while (n) {
		uint64_t half = n / 2;
		int c = kernel_compare_value(type, row_slot(j->layout, rows[lo + half], column), v);
		if (c < 0 || (after && c == 0)) {
			lo += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return lo;
}

static const void *probe_value(const struct join *j, const struct view *key, uint32_t column, uint32_t row)
{
	return (const unsigned char *)key->data + (size_t)view_index(key, row) * slot_size(j->layout->types[column]);
}

void range_begin(const struct join *j, const struct view *keys, uint32_t row, struct range_walk *w)
{
	const struct range_plan *p = j->range;
	const struct range_index *x = j->ranges;

	*w = (struct range_walk){0, x ? x->n : 0, 0};
	for (uint32_t k = 0; k < p->nkeys; k++)
		if (view_is_null(&keys[k], row))
			w->end = 0;
	for (uint32_t b = 0; b < p->nbounds && w->at < w->end; b++) {
		enum compare_op op = p->bounds[b].op;
		const void *v = probe_value(j, &keys[p->bounds[b].key], p->column, row);
		/* v < rows from the first above it; v <= rows from the first not below it; the others end there */
		uint64_t at = find(j, x->rows, x->n, p->column, v, op == CMP_LT || op == CMP_GE);

		if (op == CMP_LT || op == CMP_LE)
			w->at = at > w->at ? at : w->at;
		else
			w->end = at < w->end ? at : w->end;
	}
	if (p->two && w->at < w->end) {
		enum compare_op op = p->bound2.op;
		const void *v = probe_value(j, &keys[p->bound2.key], p->column2, row);
		w->rank = (uint32_t)find(j, x->rows2, x->n, p->column2, v, op == CMP_LT || op == CMP_GE);
	}
}

static bool passes(bool high, uint32_t rank, uint32_t threshold) { return high ? rank >= threshold : rank < threshold; }

/* Steps over blocks without any row that passes; returns whether the row at hand is to be looked at. */
static bool skip(const struct range_index *x, struct range_walk *w, bool high)
{
	uint64_t size = 1, skipped = 0;

	for (uint32_t level = 0; level < x->nlevels; level++) {
		size *= FAN;
		if (w->at % size || passes(high, x->extremes[level][w->at / size], w->rank))
			break;
		skipped = size;
	}
	w->at += skipped;
	return skipped == 0;
}

uint32_t range_next(const struct join *j, struct range_walk *w, uint8_t **rows, uint32_t max)
{
	const struct range_index *x = j->ranges;
	bool high = wants_high(j->range);
	uint32_t n = 0;

	if (!j->range->two) {
		n = w->at >= w->end ? 0 : w->end - w->at < max ? (uint32_t)(w->end - w->at) : max;
		if (n)
			memcpy(rows, x->rows + w->at, n * sizeof *rows);
		w->at += n;
		return n;
	}
	while (n < max && w->at < w->end) {
		if (!skip(x, w, high))
			continue;
		rows[n] = x->rows[w->at];
		n += passes(high, x->ranks[w->at++], w->rank);
	}
	return n;
}
