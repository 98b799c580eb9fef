/*
 * Runtime filters: what the build side of a hash join tells the scans below its probe side. When the join drops probe
 * rows without a match, a row whose key is no key of the build side need not leave its scan, and so does not pass
 * through the joins and groupings between. Lowering carries each filter from its join down to the scans that its column
 * comes from, and lets these wait for the build.
 *
 * A filter is made with the join, filled while build rows go into the directory, then only read. Keys of integer kinds
 * (dates, scaled decimals …) in a range that is not too wide become a bitmap, which is exact; a single key of another kind
 * becomes a Bloom filter of hashes. Where neither fits everything passes.
 */
#ifndef HOPLUU_EXECUTE_RUNTIME_FILTER_H
#define HOPLUU_EXECUTE_RUNTIME_FILTER_H

#include "engine/execute/lower.h"
#include "engine/vector/rowstore.h"

struct runtime_filter {
	struct runtime_filter *next;  /* of the join */
	uint32_t key;                 /* number of the join's key */
	struct type type;
	struct op *ready;             /* the sink that is finished when the filter is full */
	/* guarded by the join's lock while rows come */
	bool any;
	int64_t least, greatest;
	/* after the build; words are set by atomic OR */
	bool empty;                   /* no key at all: nothing passes */
	uint64_t *bits;               /* one a value from least on; the one behind them is never set */
	uint64_t nbits;
	uint64_t *bloom;
	uint64_t mask;
	size_t reserved;
};
/* Least and greatest key of one task's rows. */
struct runtime_range {
	bool any;
	int64_t least, greatest;
};

/* ---- lowering ---- */
/* A filter that some join wants of the column. */
struct wanted_filter {
	uint32_t column;
	struct runtime_filter *filter;
};
/* The list's state, to go back to. */
struct wanted_mark {
	struct wanted_filter *list;
	size_t n, cap;
};
struct wanted_mark wanted_hide(struct lowering *l); /* nothing is wanted from here on */
void wanted_restore(struct lowering *l, struct wanted_mark mark);
void wanted_add(struct lowering *l, uint32_t column, struct runtime_filter *f);
/* Adds what is wanted of a column for another that equals it or is computed as it. */
void wanted_also(struct lowering *l, uint32_t column, uint32_t same);
/* Puts transforms for what is wanted of r's columns under the chain; storage: room of the caller, FILTER_LINKS. */
#define FILTER_LINKS 4
void lower_runtime_filters(struct lowering *l, const struct rel *r, const struct chain **up, struct chain *storage);

/* ---- the build ---- */
void runtime_range_add(struct runtime_range *r, const struct vec *keys, const uint32_t *sel, uint32_t n);
void runtime_range_merge(struct runtime_filter *f, const struct runtime_range *r);
/* Room for the keys of that many rows; once, before any is added. single: the rows' hash is of this key alone. */
void runtime_filter_start(struct runtime_filter *f, struct mem *data, uint64_t rows, bool single);
/* Build rows without NULL keys; any thread. */
void runtime_filter_add(struct runtime_filter *f, const struct rowlayout *layout, uint8_t *const *rows, uint32_t n);
void runtime_filter_free(struct runtime_filter *f, struct mem *data);

#endif
