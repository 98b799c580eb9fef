/* What the placement files share. Not for other rooms. */
#ifndef HOPLUU_PLACE_PLACE_INT_H
#define HOPLUU_PLACE_PLACE_INT_H

#include "connectors/deparse.h"
#include "engine/authorize/guard.h"
#include "engine/place/place.h"

struct notes {
	struct remote_note *list;
	size_t count, cap;
};
struct guards {
	const struct guard **list;
	size_t count, cap;
};

/* The result of placing a subtree: either done (rel), or still open: a block that a parent may extend. */
struct placed {
	struct rel *rel;                /* set when local; else NULL and block is set */
	const struct block *block;
	const struct catalog_server *server;
	const char *table;              /* of a single scan, else "" */
	bool plain_scan;                /* filter and projection only */
	bool restricted;                /* behind a guard's condition: only what is leak-proof may join it, since a source tests
	                                 * conditions in any order */
	struct expr **left;             /* conjuncts to be applied here, above the fragment */
	size_t nleft, left_cap;
	struct column *cols;            /* of the open subtree's output */
	uint32_t ncols;
	struct rel *subtree;            /* logical, for estimates and EXPLAIN */
	struct notes notes;
	struct guards guards;
	struct rel *pending;            /* the block includes this node (a projection, UNION ALL), which nothing above needed so
	                                 * far: by itself it is done here as well */
	struct placed *before;          /* its inputs */
	uint32_t nbefore;
};

struct placer {
	struct plan *plan;
	const struct settings *settings;
	enum pushdown pushdown;
	uint32_t aliases;
	struct err *err;
	struct { struct rel *rel; struct placed *from; } *remotes; /* fragments without their text yet */
	size_t nremotes, remotes_cap;
};

/* place_scan.c: a guarded scan as an open block without conditions. */
MUST_CHECK bool place_scan(struct placer *p, struct rel *scan, struct placed *out);
/* Decoding of a column as its options (then the table's, then the server's) say. */
struct stream_column place_stream_column(const struct catalog_table *t, const struct catalog_column *c);

/* place_average.c: an aggregation with averages as one of their sums and counts, and what makes the averages of it.
 * False = nothing to gain. */
struct averages {
	struct rel *parts;              /* REL_AGGREGATE with ids of its own, without input */
	struct rel *project;            /* over it, with the cols of the original */
};
bool place_split_averages(struct placer *p, struct rel *r, struct averages *out);

/* place_columns.c: drops columns that no one needs from the fragments and writes their statements. */
MUST_CHECK bool place_columns(struct placer *p);

#endif
