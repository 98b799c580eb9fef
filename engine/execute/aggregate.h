/*
 * What the faces of one aggregation share. Each task of the input groups into tables of its own (one per
 * grouping set); a group's row holds the states of all aggregates in its header. Combining sorts each
 * task's rows by partition of the key's hash; units (a grouping set, some partitions) are then merged and
 * put out by tasks of the source, each unit by one.
 *
 * Aggregates with DISTINCT or ORDER BY are deferred: their input rows (key, arguments, order keys; distinct
 * ones only once) wait in side stores, partitioned as the groups are, and are fed to the states, sorted,
 * when the unit is put out.
 */
#ifndef HOPLUU_EXECUTE_AGGREGATE_H
#define HOPLUU_EXECUTE_AGGREGATE_H

#include "engine/execute/group_table.h"
#include "engine/execute/lower.h"
#include "engine/execute/sort_rows.h"

#define AGG_PARTITIONS 32
#define AGG_SMALL 16384 /* groups (of all tasks) that are merged as one unit */

static inline uint32_t agg_partition(uint64_t hash) { return (hash >> 40) & (AGG_PARTITIONS - 1); }

struct agg_call {
	const struct expr *expr;
	const struct agg_ops *ops;
	uint32_t first_arg, nargs;      /* columns of the program's output */
	int filter;                     /* column of the program's output; -1 = none */
	uint32_t first_order, norder;   /* columns of the program's output */
	uint32_t offset;                /* of the state in a group's row */
	bool strict, distinct, deferred;
	struct type *arg_types;
	struct value *const_args;
};
/* Rows of one task, by partition. */
struct part_list {
	struct part_list *next;
	uint8_t **rows;
	uint64_t offsets[AGG_PARTITIONS + 1];
	size_t reserved;
};
/* A deferred aggregate of a set. */
struct agg_side {
	const struct agg_call *call;
	const struct rowlayout *layout; /* set's key, arguments, order keys */
	uint32_t nkeys;                 /* columns that make rows the same: key and arguments */
	struct row_order order;         /* nkeys 0: as they come */
	struct rowstore *store;         /* of all tasks; guarded by the aggregation's lock until finish, as lists */
	struct part_list *lists;
};
struct agg_set {
	uint32_t nkeys;
	uint32_t *groups;               /* of the node's, per key column */
	int32_t bitmap;                 /* bit i: group i is not in the set */
	const struct rowlayout *layout;
	uint32_t nsides;
	struct agg_side *sides;
	struct rowstore *store;
	struct part_list *lists;
	uint64_t rows;
};
struct agg_unit {
	struct agg_set *set;
	uint32_t from, to;              /* partitions */
	bool direct;                    /* rows of one task, nothing deferred: no merging */
};
struct aggregate {
	struct execution *x;
	const struct rel *node;
	struct op *sink;
	struct program *program;        /* groups, then per call arguments, filter, order keys */
	uint32_t nout;
	uint32_t ncalls;
	struct agg_call *calls;
	bool drops;                     /* some states own memory */
	uint32_t nsets;
	struct agg_set *sets;
	pthread_mutex_t lock;
	/* after finish */
	uint32_t nunits;
	struct agg_unit *units;
	uint32_t next_unit;             /* atomic */
};

/* One fncall per aggregate, in m. */
struct fncall *agg_fncalls(const struct aggregate *g, struct task *t);
/* Gives back what the states of these rows own, unless dead. */
void agg_drop_rows(const struct aggregate *g, struct fncall *calls, uint8_t **rows, uint32_t n);
void agg_drop_store(const struct aggregate *g, struct fncall *calls, struct rowstore *store);
/* states[i] = rows[i]'s of that call */
static inline void agg_states(const struct agg_call *c, uint8_t *const *rows, uint32_t n, void **states)
{
	for (uint32_t i = 0; i < n; i++)
		states[i] = rows[i] + c->offset;
}

struct op *sink_aggregate_new(struct aggregate *g);
struct op *source_aggregate_new(struct aggregate *g);

#endif
