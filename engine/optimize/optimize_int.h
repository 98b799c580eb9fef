/* Inside the optimizer: what a pass gets, and what passes share. */
#ifndef HOPLUU_OPTIMIZE_OPTIMIZE_INT_H
#define HOPLUU_OPTIMIZE_OPTIMIZE_INT_H

#include "catalog/snapshot.h"
#include "engine/authorize/guard.h"
#include "engine/optimize/optimize.h"

struct optimizer {
	struct plan *p;
	struct mem *m;
	const struct settings *settings;
	const struct text_context *text;
	struct err *e;
};

MUST_CHECK bool pass_fold_constants(struct optimizer *o);
MUST_CHECK bool pass_simplify_plan(struct optimizer *o);
MUST_CHECK bool pass_drop_renames(struct optimizer *o);
MUST_CHECK bool pass_push_predicates(struct optimizer *o);
MUST_CHECK bool pass_join_order(struct optimizer *o);
MUST_CHECK bool pass_prune_columns(struct optimizer *o);
MUST_CHECK bool pass_push_limits(struct optimizer *o);

/* Applies fn to the plan's root and to the root of each subquery that stands in an expression. */
void each_root(struct optimizer *o, struct rel *(*fn)(struct optimizer *o, struct rel *r, bool is_main));
/* cols of nodes that pass their inputs' columns on, made anew after the inputs changed. */
void refresh_cols(struct mem *m, struct rel *r);
struct rel *refresh_tree(struct optimizer *o, struct rel *r);

/* build.c */
struct rel *make_filter(struct optimizer *o, struct rel *in, struct expr **list, uint32_t n);
struct rel *make_empty(struct optimizer *o, const struct rel *like);
struct rel *make_limit(struct optimizer *o, struct rel *in, int64_t count);
bool is_const_bool(const struct expr *e, bool *value); /* not NULL */
bool is_constant_null(const struct expr *e);
/* The guard's own filter or masks, directly over its scan: nothing merges with or passes it unchecked. */
bool is_guard_node(const struct rel *r);
/* Replaces r's output columns in e by exprs[i]. */
struct expr *substitute(struct optimizer *o, struct expr *e, const struct rel *r, struct expr *const *exprs);
bool expr_has_subquery(const struct expr *e);

/* fold.c */
struct expr *fold_expr(struct optimizer *o, struct expr *e);
/* fold_eval.c: the value of an immutable call or cast of constants; NULL when it can't be computed or fails. */
struct expr *fold_evaluate(struct optimizer *o, struct expr *e);

/* estimate.c */
struct estimator {
	struct plan *p;
	struct mem *m;
	const struct column **columns; /* by id; the maker's */
	double *distinct;              /* by id; 0 = unknown */
};
void estimator_init(struct estimator *x, struct plan *p);
double estimate_selectivity(struct estimator *x, const struct expr *e, double rows);
double estimate_conjuncts(struct estimator *x, struct expr *const *list, uint32_t n, double rows);
double estimate_distinct(struct estimator *x, const struct expr *e, double rows);
double estimate_rows(struct estimator *x, struct rel *r); /* whole tree; fills est */
double estimate_width(const struct rel *r);

#endif
