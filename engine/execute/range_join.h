/*
 * Joins without equality keys but with inequalities between the sides. The build rows are sorted by one expression;
 * what one or two bounds on it leave of them is a range, found by binary search (a band join). A second expression
 * with one bound (the overlap of two intervals …) is looked up by its rank in a tree of extremes over that order, so
 * that only rows come out which pass both: a pair costs O(log n), a probe row without one too. Unlike IEJoin (Khayyat
 * et al., VLDB 2015), which needs both sides sorted and scans bits, it takes probe rows as they come, in parallel, and
 * serves every join kind and any further condition.
 */
#ifndef HOPLUU_EXECUTE_RANGE_JOIN_H
#define HOPLUU_EXECUTE_RANGE_JOIN_H

#include "engine/execute/sort_rows.h"
#include "engine/kernel/compare.h"

struct task;
struct join;

/* probe value OP build value */
struct range_bound {
	enum compare_op op;
	uint32_t key;               /* column of the probe program's output */
};
struct range_plan {
	uint32_t nkeys;             /* of the probe program */
	uint32_t column;            /* stored column that the rows are sorted by */
	uint32_t nbounds;           /* 1 or 2 on it */
	struct range_bound bounds[2];
	bool two;
	uint32_t column2;
	struct range_bound bound2;
};
#define RANGE_LEVELS 8
struct range_index {
	uint64_t n;
	uint8_t **rows;             /* by column; rows with a NULL there (or in column2) are left out */
	uint8_t **rows2;            /* by column2 */
	uint32_t *ranks;            /* of rows[i] in rows2 */
	uint32_t nlevels;
	uint32_t *extremes[RANGE_LEVELS]; /* of blocks of 16, 256 … ranks: the largest (or least) */
	size_t reserved;
};
/* Over all rows of j->store; false with 53200 leaves everything as it was. */
MUST_CHECK bool range_index_new(struct task *t, struct join *j, struct range_index **out);
void range_index_free(struct join *j, struct range_index *index);

/* The candidates of one probe row. */
struct range_walk {
	uint64_t at, end;
	uint32_t rank;
};
void range_begin(const struct join *j, const struct view *keys, uint32_t row, struct range_walk *w);
/* The next up to max ones; fewer = no more. */
uint32_t range_next(const struct join *j, struct range_walk *w, uint8_t **rows, uint32_t max);

#endif
