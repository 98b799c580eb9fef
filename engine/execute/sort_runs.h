/*
 * External sorting. A sorter collects rows of one layout, one task's; when told so it sorts what it holds and writes
 * it to its operator's file as a run. A merge reads any number of runs, in memory and on disk, in order; when there
 * are more on disk than it has memory to read at once, it first merges some into longer ones. Stable over the runs of
 * one sorter.
 */
#ifndef HOPLUU_EXECUTE_SORT_RUNS_H
#define HOPLUU_EXECUTE_SORT_RUNS_H

#include "engine/execute/op.h"
#include "engine/execute/sort_rows.h"

struct sort_run {
	struct sort_run *next;
	struct sort_entry *entries; /* in memory; NULL = on disk */
	uint64_t count;
	size_t reserved;
	struct spill_run file;
};
void sort_runs_free(struct op *op, struct sort_run **runs);

struct sorter {
	struct op *op;              /* whose memory and file (op_can_spill) */
	const struct row_order *order;
	struct rowstore *store;     /* the rows not on disk */
	struct sort_entry *entries;
	uint64_t count, capacity;   /* capacity: at least twice the count, the second half is scratch */
	struct sort_run *runs;      /* in order */
};
void sorter_init(struct sorter *s, struct op *op, const struct row_order *order);
void sorter_clear(struct sorter *s);
size_t sorter_bytes(const struct sorter *s);
/* Rows of s->store. */
MUST_CHECK bool sorter_add(struct sorter *s, uint8_t *const *rows, uint32_t n, struct err *e);
/* Sorts the entries in place. */
void sorter_sort(struct sorter *s);
/* What is in memory becomes a run on disk, the store empty. */
MUST_CHECK bool sorter_spill(struct sorter *s, struct err *e);
/* The rest becomes a run, on disk when others are there. The store stays the sorter's. */
MUST_CHECK bool sorter_finish(struct sorter *s, struct err *e);

struct merge_cursor;
struct merge {
	struct op *op;
	const struct row_order *order;
	struct sort_run **runs;
	uint32_t ncursors;
	struct merge_cursor *cursors;
	uint32_t nheap, *heap;      /* cursors, the least row's first */
	bool on_disk;
	struct rowstore *store;     /* rows of the last answer, when some runs are on disk */
	uint8_t *pending[BATCH_ROWS];
};
/* The runs stay the caller's (merge_close leaves them empty on disk); `runs` may become fewer. */
MUST_CHECK bool merge_open(struct merge *m, struct op *op, const struct row_order *order, struct sort_run **runs,
						   struct err *e);
void merge_close(struct merge *m);
/* Up to max (BATCH_ROWS) next rows, valid until the next call; 0 = the end. They are in merge_store(m), or for NULL
 * where the sorters had them. */
MUST_CHECK bool merge_next(struct merge *m, uint8_t **rows, uint32_t max, uint32_t *n, struct err *e);
static inline struct rowstore *merge_store(const struct merge *m) { return m->on_disk ? m->store : NULL; }

#endif
