/*
 * Sorters and merges, see sort_runs.h. A merge keeps a heap of cursors; a disk run's cursor holds one block. Rows of
 * disk runs are copied to a store of the merge before their block is replaced.
 */
#include "engine/execute/sort_runs.h"

#include <stdlib.h>

#define FAN_MIN 4

struct merge_cursor {
	struct sort_run *run;
	struct sort_entry now;
	uint64_t at;                /* of the entries, or of the block's rows */
	struct spill_reader reader;
	uint8_t *block;
	uint32_t nblock;
};

void sort_runs_free(struct op *op, struct sort_run **runs)
{
	while (*runs) {
		struct sort_run *r = *runs;
		*runs = r->next;
		if (op->file)
			spill_run_clear(op->file, &r->file);
		mem_release(op->x->env.mem, r->reserved);
		free(r->entries);
		free(r);
	}
}

/* ---- sorters ---- */

void sorter_init(struct sorter *s, struct op *op, const struct row_order *order)
{
	*s = (struct sorter){.op = op, .order = order, .store = rowstore_new(op->x->env.mem, order->layout)};
}

static void free_entries(struct sorter *s)
{
	free(s->entries);
	mem_release(s->op->x->env.mem, s->capacity * sizeof *s->entries);
	s->entries = NULL;
	s->count = s->capacity = 0;
}

void sorter_clear(struct sorter *s)
{
	if (!s->op)
		return;
	free_entries(s);
	rowstore_free(s->store);
	s->store = NULL;
	sort_runs_free(s->op, &s->runs);
}

size_t sorter_bytes(const struct sorter *s) { return rowstore_bytes(s->store) + s->capacity * sizeof *s->entries; }

static bool want_entries(struct sorter *s, uint64_t capacity, struct err *e)
{
	struct sort_entry *grown;

	if (capacity <= s->capacity)
		return true;
	if (capacity < s->capacity + s->capacity / 2)
		capacity = s->capacity + s->capacity / 2;
	if (!mem_reserve(s->op->x->env.mem, (capacity - s->capacity) * sizeof *grown, e))
		return false;
	grown = realloc(s->entries, capacity * sizeof *grown);
	ASSERT(grown);
	s->entries = grown;
	s->capacity = capacity;
	return true;
}

bool sorter_add(struct sorter *s, uint8_t *const *rows, uint32_t n, struct err *e)
{
	if (!want_entries(s, 2 * (s->count + n), e))
		return false;
	for (uint32_t i = 0; i < n; i++)
		s->entries[s->count++] = (struct sort_entry){sort_prefix(s->order, rows[i]), rows[i]};
	return true;
}

void sorter_sort(struct sorter *s)
{
	if (s->count > 1 && s->order->nkeys)
		sort_entries(s->order, s->entries, s->entries + s->count, s->count);
}

static struct sort_run *add_run(struct sort_run **runs)
{
	struct sort_run *r = calloc(1, sizeof *r);

	ASSERT(r);
	while (*runs)
		runs = &(*runs)->next;
	*runs = r;
	return r;
}

bool sorter_spill(struct sorter *s, struct err *e)
{
	struct sort_run *r;
	uint8_t *rows[BATCH_ROWS];

	if (!s->count)
		return true;
	sorter_sort(s);
	r = add_run(&s->runs);
	for (uint64_t at = 0; at < s->count; at += BATCH_ROWS) {
		uint32_t n = s->count - at < BATCH_ROWS ? (uint32_t)(s->count - at) : BATCH_ROWS;

		for (uint32_t i = 0; i < n; i++)
			rows[i] = s->entries[at + i].row;
		if (!spill_write(s->op->file, &r->file, s->order->layout, rows, n, e))
			return false;
	}
	free_entries(s);
	rowstore_free(s->store);
	s->store = rowstore_new(s->op->x->env.mem, s->order->layout);
	return true;
}

bool sorter_finish(struct sorter *s, struct err *e)
{
	struct sort_run *r;

	if (s->runs)
		return sorter_spill(s, e);
	if (!s->count)
		return true;
	sorter_sort(s);
	r = add_run(&s->runs);
	r->entries = s->entries;
	r->count = s->count;
	r->reserved = s->capacity * sizeof *s->entries;
	s->entries = NULL;
	s->count = s->capacity = 0;
	return true;
}

/* ---- merging ---- */

static bool less(const struct merge *m, uint32_t a, uint32_t b)
{
	int c = sort_compare(m->order, &m->cursors[a].now, &m->cursors[b].now);

	return c ? c < 0 : a < b;
}

static void sift(struct merge *m, uint32_t at)
{
	uint32_t x = m->heap[at];

	for (;;) {
		uint32_t child = 2 * at + 1;
		if (child >= m->nheap)
			break;
		if (child + 1 < m->nheap && less(m, m->heap[child + 1], m->heap[child]))
			child++;
		if (!less(m, m->heap[child], x))
			break;
		m->heap[at] = m->heap[child];
		at = child;
	}
	m->heap[at] = x;
}

/* The cursor's next row; *some: whether there is one. */
static bool advance(const struct merge *m, struct merge_cursor *c, bool *some, struct err *e)
{
	*some = true;
	if (c->run->entries) {
		*some = c->at < c->run->count;
		if (*some)
			c->now = c->run->entries[c->at++];
		return true;
	}
	if (c->at == c->nblock) {
		c->at = 0;
		if (!spill_read(&c->reader, &c->block, &c->nblock, e))
			return false;
		if (!c->nblock) {
			*some = false;
			spill_reader_close(&c->reader);
			spill_run_clear(m->op->file, &c->run->file);
			return true;
		}
	}
	c->now.row = c->block + c->at++ * m->order->layout->width;
	c->now.prefix = sort_prefix(m->order, c->now.row);
	return true;
}

/* Whether the cursor's next step replaces the block that rows at hand are in. */
static bool is_last_of_block(const struct merge_cursor *c) { return !c->run->entries && c->at == c->nblock; }

static bool start(struct merge *m, struct sort_run *first, uint32_t n, struct err *e)
{
	m->cursors = calloc(n + 1, sizeof *m->cursors);
	m->heap = calloc(n + 1, sizeof *m->heap);
	ASSERT(m->cursors && m->heap);
	m->ncursors = n;
	for (uint32_t i = 0; i < n; i++, first = first->next) {
		struct merge_cursor *c = &m->cursors[i];
		bool some;

		c->run = first;
		if (!first->entries) {
			m->on_disk = true;
			spill_reader_open(&c->reader, m->op->file, &first->file, m->order->layout);
		}
		if (!advance(m, c, &some, e))
			return false;
		if (some)
			m->heap[m->nheap++] = i;
	}
	for (uint32_t i = m->nheap / 2; i-- > 0;)
		sift(m, i);
	return true;
}

void merge_close(struct merge *m)
{
	for (uint32_t i = 0; i < m->ncursors; i++)
		if (m->cursors[i].reader.file)
			spill_reader_close(&m->cursors[i].reader);
	free(m->cursors);
	free(m->heap);
	rowstore_free(m->store);
	m->cursors = NULL;
	m->heap = NULL;
	m->store = NULL;
	m->ncursors = m->nheap = 0;
}

/* Copies what is pending behind rows[0..*n). */
static bool flush(struct merge *m, uint32_t *npending, uint8_t **rows, uint32_t *n, struct err *e)
{
	if (*npending && !rowstore_append_rows(m->store, m->pending, *npending, rows + *n, e))
		return false;
	*n += *npending;
	*npending = 0;
	return true;
}

bool merge_next(struct merge *m, uint8_t **rows, uint32_t max, uint32_t *n, struct err *e)
{
	uint32_t npending = 0;

	*n = 0;
	if (m->on_disk) {
		rowstore_free(m->store);
		m->store = rowstore_new(m->op->x->env.mem, m->order->layout);
	}
	while (m->nheap && *n + npending < max) {
		struct merge_cursor *c = &m->cursors[m->heap[0]];
		bool some;

		if (m->on_disk)
			m->pending[npending++] = c->now.row;
		else
			rows[(*n)++] = c->now.row;
		if ((is_last_of_block(c) && !flush(m, &npending, rows, n, e)) || !advance(m, c, &some, e))
			return false;
		if (!some)
			m->heap[0] = m->heap[--m->nheap];
		if (m->nheap)
			sift(m, 0);
	}
	return flush(m, &npending, rows, n, e);
}

/* The first n runs, which are on disk, become one. */
static bool merge_some(struct op *op, const struct row_order *order, struct sort_run **runs, uint32_t n, struct err *e)
{
	struct sort_run *into = calloc(1, sizeof *into), *end = *runs;
	struct merge *m = calloc(1, sizeof *m);
	uint8_t *rows[BATCH_ROWS];
	uint32_t k = 1;
	bool ok;

	ASSERT(into && m);
	*m = (struct merge){.op = op, .order = order};
	ok = start(m, *runs, n, e);
	while (ok && k) {
		ok = merge_next(m, rows, BATCH_ROWS, &k, e) && (!k || spill_write(op->file, &into->file, order->layout, rows, k, e));
		ok = ok && cancel_check(op->x->env.cancel, e);
	}
	merge_close(m);
	free(m);
	for (uint32_t i = 1; i < n; i++)
		end = end->next;
	into->next = end->next;
	end->next = NULL;
	sort_runs_free(op, runs);
	*runs = into;
	return ok;
}

/* Runs in memory go behind those on disk; returns how many are there. */
static uint32_t disk_first(struct sort_run **runs)
{
	struct sort_run *memory = NULL, **end = &memory, **disk = runs;
	uint32_t n = 0;

	while (*disk) {
		struct sort_run *r = *disk;
		if (!r->entries) {
			n++;
			disk = &r->next;
			continue;
		}
		*disk = r->next;
		r->next = NULL;
		*end = r;
		end = &r->next;
	}
	*disk = memory;
	return n;
}

bool merge_open(struct merge *m, struct op *op, const struct row_order *order, struct sort_run **runs, struct err *e)
{
	uint32_t ndisk = disk_first(runs), n = 0;
	struct sort_run **at = runs;

	*m = (struct merge){.op = op, .order = order, .runs = runs};
	for (uint32_t left = ndisk; ndisk > FAN_MIN;) {
		uint32_t fan = (uint32_t)(execution_share(op->x) / (2 * spill_file_block(op->file)));

		if (fan < FAN_MIN)
			fan = FAN_MIN;
		if (ndisk <= fan)
			break;
		if (left < 2) { /* another pass */
			at = runs;
			left = ndisk;
		}
		if (fan > left)
			fan = left;
		if (!merge_some(op, order, at, fan, e))
			return false;
		at = &(*at)->next;
		left -= fan;
		ndisk -= fan - 1;
	}
	for (const struct sort_run *r = *runs; r; r = r->next)
		n++;
	return start(m, *runs, n, e);
}
