/* What the faces of one sort share. */
#ifndef HOPLUU_EXECUTE_SORT_H
#define HOPLUU_EXECUTE_SORT_H

#include "engine/execute/lower.h"
#include "engine/execute/sort_runs.h"

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
	struct rowstore *store;        /* of the runs in memory */
	struct sort_run *runs;
};

/* Gives rows and runs back: the output has ended, or the query. */
void sort_clear(struct sort *s);
struct op *sink_sort_new(struct sort *s);
struct op *source_sort_new(struct sort *s);

#endif
