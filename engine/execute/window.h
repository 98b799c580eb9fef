/*
 * What the faces of one window stage share. A stage computes all calls whose windows one sort serves: the
 * same partitions, and orders that are prefixes of the longest one. Tasks of the input keep the rows (input
 * columns, then keys, arguments and frame offsets that are no plain columns) with the hash of the partition
 * key; a unit is some hash partitions, sorted and put out by one task of the source, so that nothing there
 * needs a lock. Calls with windows of another sort are further stages, one behind the other.
 *
 * When memory is short all rows go to disk by hash partition; a unit is then sorted there and read in segments, whole
 * partitions or, where all calls allow it, parts of one partition (window_sorted.c).
 */
#ifndef HOPLUU_EXECUTE_WINDOW_H
#define HOPLUU_EXECUTE_WINDOW_H

#include "engine/execute/lower.h"
#include "engine/execute/sort_runs.h"

#define WINDOW_PARTITIONS 32
#define WINDOW_SMALL 16384 /* rows (of all tasks) that are one unit */
#define WINDOW_HASH 8      /* offset of the partition key's hash in a row */
#define WINDOW_HEADER 16   /* of a row: its hash partition, a uint32_t; the hash */

enum window_fn {
	WINDOW_ROW_NUMBER, WINDOW_RANK, WINDOW_DENSE_RANK, WINDOW_PERCENT_RANK, WINDOW_CUME_DIST, WINDOW_NTILE,
	WINDOW_LAG, WINDOW_LEAD, WINDOW_FIRST_VALUE, WINDOW_LAST_VALUE, WINDOW_NTH_VALUE,
	WINDOW_AGGREGATE, /* states are plain bytes: copied and combined */
	WINDOW_BEST,      /* min, max of values with memory of their own: the best row is the state */
	WINDOW_REPEAT,    /* states that own memory (string_agg): fed anew for each frame */
};

/* A bound with an offset. */
struct window_offset {
	const struct expr *expr; /* NULL = none */
	int column;              /* stored column; -1: expr is a constant */
};
struct window_frame {
	const struct window_spec *spec;
	uint32_t peers;          /* index */
	uint32_t key;            /* stored column of the order key (RANGE with offsets) */
	bool descending;
	struct window_offset start, end;
};
struct window_call {
	enum window_fn kind;
	const struct expr *expr;
	const struct agg_ops *ops;
	uint32_t nargs;
	uint32_t *args;          /* stored columns */
	struct type *arg_types;
	struct value *const_args;
	uint32_t frame, peers;   /* indexes */
	bool strict, highest;    /* highest: max (WINDOW_BEST) */
};
/* Rows of one task by hash partition. */
struct window_list {
	struct window_list *next;
	uint8_t **rows;
	uint64_t offsets[WINDOW_PARTITIONS + 1];
	size_t reserved;
};
struct window {
	struct execution *x;
	const struct rel *node;
	struct op *sink;
	struct program *program;
	uint32_t nin, nstored, nout;
	const struct column *cols;      /* of the output: the input's, then the calls' */
	const struct rowlayout *layout;
	uint32_t npartition;            /* first keys of order */
	struct row_order order;         /* partition keys, order keys */
	uint32_t npeers;
	struct row_order *peers;        /* what makes rows of a partition peers: the first order keys */
	uint32_t nframes;
	struct window_frame *frames;
	uint32_t ncalls;
	struct window_call *calls;
	pthread_mutex_t lock;           /* guards store and lists until finish; then they are only read */
	struct rowstore *store;
	struct window_list *lists;
	uint32_t nunits, next_unit;     /* next_unit: atomic */
	bool spilled;                   /* guarded by lock until finish, as the parts */
	struct spill_parts parts;
	/* whether a partition may be read in parts: with so many rows before and behind the ones put out, cut where the
	 * first keys of peers[cut] change (-1: anywhere) */
	bool stream;
	uint32_t history, ahead;
	int cut;
};

/* window_sorted.c: sets stream and what belongs to it. */
void window_plan_stream(struct window *w);
void window_clear(struct window *w);
struct op *sink_window_new(struct window *w);
struct op *source_window_new(struct window *w, bool last);

#endif
