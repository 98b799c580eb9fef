/*
 * Lowering: the tree of a placed plan becomes pipelines. Works from the top down: a chain is what stands
 * above the node at hand, transforms up to a sink; a node that passes batches on puts its transform under
 * the chain, a node that must see all rows first ends a chain with its sink and starts another pipeline.
 */
#ifndef HOPLUU_EXECUTE_LOWER_H
#define HOPLUU_EXECUTE_LOWER_H

#include "engine/execute/faces.h"

struct chain {
	struct op *op;
	const struct chain *up; /* NULL: op is the sink */
};

struct cte_state {
	uint32_t number;
	const struct rel *definition;
	uint32_t uses;
	struct op *sink;        /* materialised batches; NULL until the first use */
};

struct wanted_filter;
struct lowering {
	struct execution *x;
	struct err *err;
	size_t nctes, ctes_cap;
	struct cte_state *ctes;
	int depth;
	size_t nwanted, wanted_cap;
	struct wanted_filter *wanted; /* by joins above the node at hand: runtime_filter.h */
};

/* Makes the pipelines that bring r's rows (columns as in r->cols) into the chain. */
MUST_CHECK bool lower_rel(struct lowering *l, const struct rel *r, const struct chain *up);
/* A pipeline from that source. */
void lower_source(struct lowering *l, struct op *source, bool ordered, const struct chain *up);
/* Whether the order of r's rows means something. */
bool rel_is_ordered(const struct lowering *l, const struct rel *r);
/* The init plan of a subquery expression, made at first sight; op waits for it. */
MUST_CHECK bool lower_init_plan(struct lowering *l, struct op *op, const struct expr *e, uint32_t *index, struct err *err);
/* Puts a column map under the chain when the lists differ: cols `have` come, `want` is expected. storage:
 * the new link, of the caller. */
MUST_CHECK bool lower_map(struct lowering *l, const struct rel *have, const struct rel *want, const struct chain **up,
						  struct chain *storage);
int column_index(const struct column *cols, uint32_t ncols, uint32_t id); /* -1 = none */

/* lower_join.c, lower_aggregate.c, lower_sort.c, lower_setop.c, lower_window.c */
MUST_CHECK bool lower_join(struct lowering *l, const struct rel *r, const struct chain *up);
MUST_CHECK bool lower_aggregate(struct lowering *l, const struct rel *r, const struct chain *up);
/* The same for a node made up for another one (`node`: whose statistics; produces: its rows). */
MUST_CHECK bool lower_grouping(struct lowering *l, const struct rel *r, const struct rel *node, bool produces,
							   const struct chain *up);
MUST_CHECK bool lower_sort(struct lowering *l, const struct rel *r, const struct chain *up);
MUST_CHECK bool lower_window(struct lowering *l, const struct rel *r, const struct chain *up);
MUST_CHECK bool lower_setop(struct lowering *l, const struct rel *r, const struct chain *up);

#endif
