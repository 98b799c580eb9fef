/*
 * What the faces of one aggregation share. Each task of the input groups into tables of its own (one per
 * grouping set); a group's row holds the states of all aggregates in its header. Combining sorts each
 * task's rows by partition of the key's hash; units (a grouping set, some partitions) are then merged and
 * put out by tasks of the source, each unit by one.
 *
 * Aggregates with DISTINCT or ORDER BY are deferred: their input rows (key, arguments, order keys; distinct
 * ones only once) wait in side stores, partitioned as the groups are, and are fed to the states, sorted,
 * when the unit is put out.
 *
 * When memory is short, a task writes its groups with their states (plain bytes) and its side rows to disk, by
 * partition. States that own memory can't be written: from then on the input's rows themselves are kept for the
 * output side, and written; the groups made so far stay. What was written is gone through partition by partition,
 * split by further bits of the hash where it is too much (aggregate_spill.c).
 */
#ifndef HOPLUU_EXECUTE_AGGREGATE_H
#define HOPLUU_EXECUTE_AGGREGATE_H

#include "engine/execute/group_codes.h"
#include "engine/execute/group_table.h"
#include "engine/execute/lower.h"
#include "engine/execute/sort_runs.h"

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
	struct row_order spilled_order; /* group's key, order keys, distinct arguments */
	struct rowstore *store;         /* of all tasks; guarded by the aggregation's lock until finish, as lists */
	struct part_list *lists;
	bool spilled;                   /* as the parts: guarded by the lock until finish */
	struct spill_parts parts;
};
#define SIDE_HASH 16                    /* a side row's header: the group's hash, behind the group_row */
#define SIDE_HEADER 24
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
	bool spilled;                   /* guarded by the lock until finish, as the parts */
	struct spill_parts parts;       /* rows of groups, or of the input (aggregate.input) */
};
struct agg_unit {
	struct agg_set *set;
	uint32_t from, to;              /* partitions; one when the set's groups were spilled */
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
	const struct rowlayout *input;  /* rows of the program's output: kept instead of states that can't be written; else NULL */
	uint32_t nsets;
	struct agg_set *sets;
	pthread_mutex_t lock;
	/* after finish */
	uint32_t nunits;
	struct agg_unit *units;
	uint32_t next_unit;             /* atomic */
};

/* One batch of the program's output on its way into groups. */
struct agg_feed {
	struct vec *out;
	uint8_t *rows[BATCH_ROWS];      /* each row's group */
	void *states[BATCH_ROWS];
	uint32_t sel[BATCH_ROWS];
	const struct group_codes *codes; /* rows by group, with runs; NULL = not known */
};
/* Feeds n rows to an aggregate that is not deferred. */
MUST_CHECK bool agg_update(struct task *t, const struct agg_call *a, struct agg_feed *f, struct fncall *call, uint32_t n,
						   bool one_group);
void agg_lists_free(struct execution *x, struct part_list **lists);
/* Gives everything back; once the groups are out, or at the end. */
void agg_clear(struct aggregate *g);

/* aggregate_spill.c: a piece of what a set has on disk. */
struct agg_work {
	struct agg_work *next;
	const struct agg_set *set;
	uint32_t level;
	uint64_t path;                  /* the bits of the hash that its groups share */
	struct spill_run groups, *sides;
};
/* What a task reads a piece with. */
struct agg_reader {
	struct aggregate *g;
	struct task *t;
	struct fncall *calls;
	struct agg_work *works;
	struct agg_feed feed;
	struct rowstore *own;           /* groups made from disk */
	struct group_table *table;
	uint8_t *from[BATCH_ROWS];
	void *from_states[BATCH_ROWS];
	uint64_t hashes[BATCH_ROWS];
};
/* All of a partition becomes a piece. */
void agg_work_add(struct agg_reader *r, struct agg_set *set, uint32_t partition);
void agg_work_free(struct agg_reader *r, struct agg_work *w);
void agg_works_free(struct agg_reader *r);
/* Splits the first piece as long as it is too large. */
MUST_CHECK bool agg_work_prepare(struct agg_reader *r);
/* Whether a group of that hash belongs to the piece. */
bool agg_work_has(const struct agg_work *w, uint64_t hash);
/* Groups of the piece into r->table and r->own. */
MUST_CHECK bool agg_work_load(struct agg_reader *r, struct agg_work *w);
/* A deferred aggregate's rows, from memory and runs, sorted into `out`. */
MUST_CHECK bool agg_side_sort(struct agg_reader *r, struct agg_side *side, uint8_t *const *rows, uint64_t n,
							  const struct spill_run *runs, uint32_t nruns, struct sorter *out);

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
