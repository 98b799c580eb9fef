/*
 * Relational nodes: what binding makes, the optimizer improves and placement cuts into remote fragments
 * and local operators. A node's output is `cols`: ids unique in the statement. Nodes that pass columns
 * through (filter, sort, limit, join) keep the ids of their inputs; project, aggregate, set operations,
 * values, scans make new ones. Read-only after the passes; execution state lives elsewhere.
 */
#ifndef HOPLUU_PLAN_REL_H
#define HOPLUU_PLAN_REL_H

#include "engine/plan/expr.h"

struct guard;        /* engine/authorize/guard.h */
struct catalog_table;/* catalog/snapshot.h */
struct catalog_server;

enum rel_kind {
	REL_SCAN,       /* a foreign or temporary table behind its guard; after placement only temporary ones */
	REL_VIRTUAL,    /* a table made by the engine (information_schema, hopluu.databases) */
	REL_VALUES,     /* rows of expressions; no columns and one row: SELECT without FROM */
	REL_FILTER,     /* in[0], predicate */
	REL_PROJECT,    /* in[0], exprs → cols */
	REL_JOIN,       /* in[0], in[1], join */
	REL_AGGREGATE,  /* in[0], agg */
	REL_WINDOW,     /* in[0], window: cols = in[0]'s + one per call */
	REL_SORT,       /* in[0], sort (limit > 0: top-N) */
	REL_LIMIT,      /* in[0], limit */
	REL_SETOP,      /* in[0..n), setop; all inputs have the same types by position */
	REL_CTE,        /* in[0] = the query that uses it, in[1] = the definition: evaluated once, see cte */
	REL_CTE_SCAN,   /* reads the cte of that number */
	REL_TABLE_FN,   /* in[0], each row as often as its set-returning calls give rows, see table_fn */
	REL_SINGLE,     /* in[0], at most one row: 21000 on a second; a row of NULLs when empty (scalar subquery) */
	REL_REMOTE,     /* made by placement: a fragment that a source computes */
	REL_EMPTY,      /* no rows (predicate proved false) */
};

enum join_kind {
	JOIN_INNER, JOIN_LEFT, JOIN_RIGHT, JOIN_FULL,
	JOIN_SEMI,  /* left rows that match; cols = left's */
	JOIN_ANTI,  /* left rows without match */
	JOIN_MARK,  /* left rows + a boolean column (cols[last]): three-valued "IN" */
	JOIN_SINGLE,/* left outer; 21000 when a left row has two matches (scalar subquery) */
};

enum setop_kind { SETOP_UNION, SETOP_UNION_ALL, SETOP_INTERSECT, SETOP_INTERSECT_ALL, SETOP_EXCEPT, SETOP_EXCEPT_ALL };

struct column {
	uint32_t id;
	const char *name;
	struct type type;
	bool not_null;   /* proved; false = unknown */
	/* where a plain base column comes from, for the protocol's RowDescription; NULL = computed */
	const struct catalog_table *table;
	uint32_t table_column; /* index in the table */
};

/* Estimates; rows < 0 = unknown. */
struct estimate {
	double rows, width;
};

struct rel {
	enum rel_kind kind;
	uint32_t nin;
	struct rel **in;
	uint32_t ncols;
	struct column *cols;
	struct estimate est;
	bool is_barrier;   /* a guard's end: no condition from above passes it, no pass merges it */
	union {
		struct {
			const struct guard *guard;         /* what may be read and how; never NULL */
			const struct catalog_table *table; /* = guard's */
			const char *alias;
			uint32_t *columns;                 /* per output col: index in table->columns */
			struct expr *predicate;            /* pushed into the scan by the optimizer, over cols; or NULL */
		} scan;
		struct {
			const struct virtual_table *table; /* engine/plan/virtual.h */
			const char *alias;
			uint32_t *columns;
		} virtual_scan;
		struct {
			uint32_t nrows;
			struct expr ***rows;               /* [nrows][ncols] */
		} values;
		struct {
			struct expr *predicate;
		} filter;
		struct {
			struct expr **exprs;               /* ncols */
		} project;
		struct {
			enum join_kind kind;
			struct expr *condition;            /* over both inputs; NULL = cross */
			bool build_left;                   /* hash join: build on in[0]; set by the optimizer */
			bool null_aware;                   /* ANTI/MARK from NOT IN: NULLs make unknown */
		} join;
		struct {
			uint32_t ngroups;
			struct expr **groups;              /* cols[0..ngroups) */
			uint32_t naggs;
			struct expr **aggs;                /* EXPR_AGG: cols[ngroups..) ; after them, with sets, one
			                                      int4 column grouping bitmap per node (has_grouping):
			                                      bit i is set when group i is not in the row's set */
			uint32_t nsets;                    /* grouping sets; 0 = one plain set of all groups */
			struct idset *sets;                /* indexes of groups in each */
			bool has_grouping;
		} agg;
		struct {
			uint32_t ncalls;
			struct expr **calls;               /* EXPR_WINDOW */
		} window;
		struct {
			uint32_t nkeys;
			struct sort_key *keys;
			int64_t limit;                     /* -1 = all; else keep this many (incl. any offset) */
		} sort;
		struct {
			struct expr *limit, *offset;       /* NULL = none; uncorrelated int8 expressions */
			bool with_ties;
			struct sort_key *keys;             /* with_ties: the order below */
			uint32_t nkeys;
		} limit;
		struct {
			enum setop_kind kind;
			uint32_t recursion;                /* not 0: in[0] is the non-recursive, in[1] the recursive term of WITH
			                                      RECURSIVE; REL_CTE_SCANs of this number in in[1] read the rows of
			                                      the round before. No row passes from outside into the arms. */
			const char *name;                  /* of the recursive query */
		} setop;
		struct {
			uint32_t number;
			const char *name;
			bool recursive;
		} cte;                                 /* REL_CTE and REL_CTE_SCAN (then name, number) */
		struct {
			/* cols = in[0]'s + those of each call + ordinality. The calls of a row go on side by side; a
			 * shorter one is filled up with NULLs. A call of a function that is no FUNC_TABLE (any
			 * expression) gives one row. */
			uint32_t ncalls;
			struct expr **calls;
			uint32_t *widths;                  /* columns of each call */
			bool ordinality;                   /* a last column int8: 1, 2, … for each row of in[0] */
			bool outer;                        /* a row without rows stays, with NULLs (LEFT JOIN LATERAL) */
		} table_fn;
		struct remote_fragment *remote;        /* engine/place/remote.h */
	};
};

struct window_spec {
	uint32_t npartition;
	struct expr **partition;
	uint32_t norder;
	struct sort_key *order;
	enum { FRAME_RANGE, FRAME_ROWS, FRAME_GROUPS } mode;
	enum frame_bound { BOUND_UNBOUNDED_PRECEDING, BOUND_PRECEDING, BOUND_CURRENT, BOUND_FOLLOWING, BOUND_UNBOUNDED_FOLLOWING } start, end;
	struct expr *start_offset, *end_offset;
	enum { EXCLUDE_NONE, EXCLUDE_CURRENT, EXCLUDE_GROUP, EXCLUDE_TIES } exclude;
};

/* A bound statement: the plan and what the client will be told. */
struct plan {
	struct mem *mem;          /* statement arena: the plan lives in it */
	struct rel *root;
	uint32_t ncols;           /* visible result columns: the first ncols of root->cols */
	const char **names;
	uint32_t nparams;
	struct type *param_types;
	uint32_t next_id;         /* next free column id */
	uint32_t next_cte;
	/* every guard that binding took, in order of appearance: the access proof */
	uint32_t nguards;
	const struct guard **guards;
	int64_t max_rows;     /* that an agreement lets out in one result; -1 = any number */
	const char *sql;          /* the statement's text (copied), for error positions */
};

/* Columns that a REL_TABLE_FN makes itself: the last ones. */
static inline uint32_t rel_table_columns(const struct rel *r)
{
	uint32_t n = r->table_fn.ordinality;

	for (uint32_t i = 0; i < r->table_fn.ncalls; i++)
		n += r->table_fn.widths[i];
	return n;
}
struct rel *rel_new(struct mem *m, enum rel_kind kind, uint32_t nin);
/* A fresh column id. */
uint32_t plan_new_id(struct plan *p);
/* Child first rewrite of the tree; fn returns the node or its replacement. Walk and rewrite go into the
 * relations of EXPR_SUBQUERY as well. */
struct rel *rel_rewrite(struct mem *m, struct rel *r, struct rel *(*fn)(struct rel *r, void *arg), void *arg);
enum walk rel_walk(const struct rel *r, enum walk (*fn)(const struct rel *r, void *arg), void *arg); /* pre-order */
/* Calls fn for the address of each expression held directly by r (predicates, groups, keys …). */
void rel_each_expr(struct rel *r, void (*fn)(struct expr **e, void *arg), void *arg);
void rel_out_ids(const struct rel *r, struct idset *out, struct mem *m);
/* Ids that expressions inside r use and no node inside r makes: what a correlated subquery borrows. */
void rel_free_columns(const struct rel *r, struct idset *out, struct mem *m);
/* One node with arrays of its own (cols, in, expression slots); inputs and expressions are shared. */
struct rel *rel_copy_node(struct mem *m, const struct rel *r);
/* Deep copy of nodes and expression slots (ids unchanged). */
struct rel *rel_copy(struct mem *m, const struct rel *r);
/* All invariants: every referenced id comes from an input, types agree, ids unique, join and agg column
 * lists right, every scan has a guard that the plan's access proof lists, no column outside it.
 * XX000 explains what a pass broke. */
MUST_CHECK bool plan_verify(const struct plan *p, struct err *e);
const char *rel_kind_name(enum rel_kind kind);
const char *join_kind_name(enum join_kind kind);
/* Indented tree, one line a node, as EXPLAIN (…) prints a stage. */
void plan_print(const struct plan *p, const struct rel *r, struct strbuf *out);
const char *plan_column_name(const struct plan *p, uint32_t id); /* "alias.name" best effort */

#endif
