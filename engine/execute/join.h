/*
 * What the faces of one join share. The build side is kept as rows; with equality keys a directory of chains
 * leads from a hash to rows, without keys every build row is a candidate for every probe row (a nested
 * loop, block by block). The directory is an array of 64-bit words: the low 48 bits point to the first row
 * of the chain, the high 16 are a small filter of the hashes in it, so most misses touch no row.
 *
 * Life: build (parallel, rows per task) → finish (one: absorbs, sizes the directory) → insert (parallel,
 * compare-and-swap) → probe (parallel, read-only but for the matched bytes) → unmatched (build rows that the
 * join kind keeps).
 *
 * When memory is short while the build side comes in, all of it goes to disk by bits of the hash; the probe then only
 * writes its rows in the same way, and the last source joins partition by partition (source_join_rest.c). Without keys
 * there is one partition.
 */
#ifndef HOPLUU_EXECUTE_JOIN_H
#define HOPLUU_EXECUTE_JOIN_H

#include "engine/execute/lower.h"
#include "engine/execute/range_join.h"
#include "engine/kernel/compare.h"
#include "engine/vector/rowstore.h"

/* Header of a build row. */
struct join_row {
	uint8_t *next;     /* of the chain */
	uint64_t hash;
	uint8_t matched;   /* atomic; only with mark_build */
	uint8_t unlinked;  /* a NULL key: matches nothing */
};
#define JOIN_HASH 8         /* offset of the hash */
#define JOIN_HEADER 16      /* next, hash */
#define JOIN_HEADER_MARKS 18

enum probe_result {
	PROBE_PAIRS,   /* each match is a row; with keep_probe also rows without match */
	PROBE_SEMI,
	PROBE_ANTI,
	PROBE_MARK,
	PROBE_NOTHING, /* build rows come out later, by their marks */
};
/* Where an output column comes from. */
struct join_column {
	enum { FROM_PROBE, FROM_BUILD, FROM_MARK } from;
	uint32_t at;      /* column of the probe input, or stored column of the build */
	struct type type;
};

struct join {
	struct execution *x;
	const struct rel *node;
	enum probe_result result;
	bool keep_probe, mark_build, single, null_aware;
	bool build_emits_matched;    /* SEMI with the sides swapped: else the unmatched ones */
	uint32_t nkeys;
	bool nulls_equal;            /* keys compare with IS NOT DISTINCT FROM */
	struct program *build_program; /* → stored columns: keys first */
	struct program *probe_program; /* → keys */
	struct program *residual;    /* filter over probe columns and stored columns; NULL = none */
	struct program *truth;       /* instead of residual: the condition as a value (null_aware nested loop) */
	uint32_t nprobe, nstored;
	const bool *residual_needs;  /* per probe column, then per stored column */
	uint32_t ncols;
	const struct join_column *cols;
	struct rowlayout *layout;
	struct runtime_filter *filters; /* full when the rows are in the directory */
	struct op *build_op;
	/* build: guarded by lock; read-only after finish */
	pthread_mutex_t lock;
	struct rowstore *store;
	uint64_t seen;               /* rows of the build input, incl. those not stored */
	bool build_has_null;
	uint64_t *directory;         /* NULL: no keys or no rows */
	uint64_t mask;
	uint8_t **all;               /* without keys: every row */
	const struct range_plan *range; /* without keys: inequalities, NULL = none */
	struct range_index *ranges;  /* with range and rows */
	uint64_t nall;
	size_t reserved;             /* bytes of directory and all */
	struct rowcursor cursor;     /* insert, unmatched: guarded by lock */
	/* guarded by lock; `spilled` is read-only after finish */
	bool spilled;
	struct spill_parts build_parts, probe_parts;
	const struct rowlayout *probe_layout; /* all columns of the probe's input; header as a build row's */
	uint32_t next_part;          /* atomic */
	struct join *piece;          /* this join without its rows: what pieces start from */
};

static inline struct join_row *join_row(uint8_t *row) { return (struct join_row *)(void *)row; }
#define JOIN_POINTER ((UINT64_C(1) << 48) - 1)
static inline uint64_t join_tag(uint64_t hash) { return UINT64_C(1) << (48 + (hash >> 60)); }

struct op *sink_join_build_new(struct join *j);
struct op *source_join_insert_new(struct join *j);
struct op *sink_nothing_new(struct execution *x);
struct op *transform_join_probe_new(struct join *j);
struct op *source_join_rest_new(struct join *j);

/* sink_join_build.c: makes the directory (or the list of all rows) of j->store; the rows are inserted after that. */
MUST_CHECK bool join_index_new(struct task *t, struct join *j);
void join_insert(struct join *j, uint8_t **rows, uint32_t n);
/* Rows, directory, runs: all is given back. */
void join_clear(struct join *j);

/* transform_join_probe.c, for source_join_rest.c: the probe over one piece. */
MUST_CHECK bool probe_open(struct task *t, struct join *j, void **local);
void probe_close(struct join *j, void *local);
enum flow probe_batch(struct task *t, struct join *j, void *local, struct batch *in, struct batch *out);
/* The next batch's rows are also probed with other build rows, before or after: what is known of them stands here, one
 * byte a row. last: no more after this. NULL: they are not. */
void probe_carry(void *local, uint8_t *matched, uint8_t *unknown, bool last);

#endif
