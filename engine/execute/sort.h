/* What the faces of one sort share. */
#ifndef HOPLUU_EXECUTE_SORT_H
#define HOPLUU_EXECUTE_SORT_H

#include "engine/execute/lower.h"
#include "engine/execute/sort_rows.h"

/* One task's rows in order. */
struct sort_run {
	struct sort_run *next;
	struct sort_entry *entries;
	uint64_t count, at;
	size_t reserved;
};
struct sort {
	struct execution *x;
	const struct rel *node;
	struct op *sink;
	struct program *program;       /* columns of the input, then keys that are no plain columns */
	uint32_t nstored;
	const uint32_t *out;           /* per output column: stored column */
	struct row_order order;
	int64_t limit;                 /* -1 = all */
	bool prune;                    /* top-N: tasks throw away what can't be among the first */
	pthread_mutex_t lock;          /* guards store and runs until finish; the one source task reads them then */
	struct rowstore *store;
	struct sort_run *runs;
};

struct op *sink_sort_new(struct sort *s);
struct op *source_sort_new(struct sort *s);

#endif
