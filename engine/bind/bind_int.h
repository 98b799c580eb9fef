/*
 * Inside the binder: the state of one binding, scopes, and what its files offer each other.
 *
 * Order of work for one SELECT (select.c): FROM → WHERE → targets, GROUP BY, HAVING, ORDER BY bound over
 * the FROM scope, with EXPR_AGG and EXPR_WINDOW still standing inside them → grouping (group.c) replaces
 * aggregates and group expressions by columns → windows (window.c) → subqueries become joins
 * (unnest.c, decorrelate.c) → project, distinct, sort, limit.
 */
#ifndef HOPLUU_BIND_BIND_INT_H
#define HOPLUU_BIND_BIND_INT_H

#include "engine/bind/bind.h"

#define BIND_MAX_VIEW_DEPTH 32
#define BIND_MAX_COLUMNS 1664 /* as PostgreSQL's limit on target lists */

/* A column that a FROM item shows: a plain column, or for merged USING columns an expression. */
struct ns_column {
	const char *name;
	struct expr *value;
	const struct column *source; /* not_null, table, table_column; NULL = computed */
};
/* A FROM item as names see it (PostgreSQL's ParseNamespaceItem). */
struct ns_item {
	const char *name, *schema; /* name NULL: an unnamed join */
	uint32_t ncols;
	struct ns_column *cols;
	bool rel_visible;          /* may be written before a dot */
	bool cols_visible;         /* offers its columns to plain names */
	const struct catalog_table *table;
};
struct ns_list {
	struct ns_item **items;
	size_t count, cap;
};

/* One WITH query. */
struct cte_entry {
	struct cte_entry *next;    /* the one that was defined before */
	const char *name;
	struct rel *rel;           /* bound definition, ids of its own */
	uint32_t ncols;
	const char **names;
	bool shared;               /* evaluated once as REL_CTE `number`; else put in place */
	bool used;                 /* put in place already: next use takes a copy with fresh ids */
	uint32_t number;
	bool working;              /* the query under definition itself: scans of its working table */
};

/* What is being bound: for messages and for what is allowed there. */
enum clause {
	CLAUSE_TARGET, CLAUSE_FROM, CLAUSE_ON, CLAUSE_WHERE, CLAUSE_GROUP_BY, CLAUSE_HAVING, CLAUSE_ORDER_BY,
	CLAUSE_DISTINCT_ON, CLAUSE_LIMIT, CLAUSE_VALUES, CLAUSE_WINDOW, CLAUSE_AGGREGATE, CLAUSE_FILTER, CLAUSE_SCALAR,
};

struct scope {
	struct scope *parent;      /* of the outer query; NULL = none */
	struct ns_list ns;
	struct cte_entry *ctes;    /* visible WITH queries, newest first, those of the parents included */
	enum clause clause;
	const struct ast_list *windows; /* the SELECT's WINDOW clause */
	bool has_aggregates, has_windows, has_table_calls;
	bool reads_working;        /* FROM has a recursive query's own name */
	const struct ast *top_call; /* CLAUSE_FROM: the call that may return a set */
	bool is_lateral;           /* parent of a LATERAL item: its columns come from the same FROM */
};

/* Of each id that some scope shows. */
struct column_info {
	const struct scope *owner; /* the SELECT whose FROM makes it */
	const struct ns_item *item;
	const char *name;
	struct column column;
};

struct shared_cte {
	uint32_t number;
	const char *name;
	struct rel *rel;
};

/* An aggregate whose arguments are being bound, and the innermost scopes at or around it that they refer to. */
struct aggregate_frame {
	struct aggregate_frame *outer;
	struct scope *scope, *column, *aggregate;
};

struct binder {
	const struct bind_context *c;
	struct plan *p;
	struct mem *m;
	struct err *e;
	const char *search_path;
	int view_depth;
	struct type *params;       /* UNKNOWN = not known yet */
	uint32_t nparams;
	bool params_grow;          /* undeclared parameters may appear */
	struct column_info *infos; /* by id */
	size_t ninfos;
	struct shared_cte *shared;
	size_t nshared, shared_cap;
	const struct rel **placed; /* subqueries that are in the plan already: an expression written once may stand twice */
	size_t nplaced, placed_cap;
	size_t guards_cap;
	struct aggregate_frame *aggregates; /* innermost first */
};

/* ---- positions ---- */
/* -1 inside views: their positions mean nothing to the statement. */
static inline int at(const struct binder *b, const struct ast *node)
{
	return b->view_depth ? -1 : node->pos;
}

/* ---- named.c ---- */
bool no_function(struct binder *b, const char *name, struct expr **args, uint32_t n, int pos); /* call.c: 42883 */
/* names: per argument, NULL = by position. */
MUST_CHECK bool place_named_arguments(struct binder *b, const char *function, const char *const *names, struct expr ***args,
									  uint32_t *n, int pos);

void note_column_scope(struct binder *b, struct scope *s); /* call.c: a column of s was referred to */

/* ---- scope.c ---- */
struct column_info *column_info(struct binder *b, uint32_t id);
void scope_own(struct binder *b, const struct scope *s, struct ns_item *item);
MUST_CHECK bool bind_column_ref(struct binder *b, struct scope *s, const struct ast *node, struct expr **out);
/* Items that * or name.* stands for; appends to list. */
struct target {
	struct expr *value;
	const char *name;
	const struct column *source;
	const struct ast *node;
	bool is_plain_name;        /* for ORDER BY and GROUP BY by output name */
};
struct target_list {
	struct target *items;
	size_t count, cap;
};
MUST_CHECK bool scope_expand_star(struct binder *b, struct scope *s, const struct ast_column_ref *ref,
								  struct target_list *out);
struct ns_item *ns_item_new(struct binder *b, const char *name, const struct rel *rel, const char *const *names);
/* Quietly: a plain column of this scope alone (GROUP BY's preference); NULL when none or several. */
struct expr *scope_own_column(struct scope *s, const char *name);

/* ---- expressions ---- */
MUST_CHECK bool bind_expr(struct binder *b, struct scope *s, const struct ast *node, struct expr **out);
/* …as a boolean, for WHERE and such; what: "WHERE", "JOIN/ON", "CASE/WHEN" … */
MUST_CHECK bool bind_condition(struct binder *b, struct scope *s, const struct ast *node, const char *what,
							   struct expr **out);
struct expr *expr_not(struct binder *b, struct expr *x);
/* Result column names as PostgreSQL chooses them. */
const char *figure_name(const struct ast *node);
const char *clause_name(enum clause c);
/* expr_forms.c: CASE, IN, BETWEEN, IS …, rows */
MUST_CHECK bool bind_form(struct binder *b, struct scope *s, const struct ast *node, struct expr **out);
MUST_CHECK bool bind_special(struct binder *b, struct scope *s, const struct ast *node, struct expr **out);
MUST_CHECK bool bind_row_comparison(struct binder *b, const char *op, struct expr **left, struct expr **right,
									uint32_t n, int pos, struct expr **out);
/* special.c: CURRENT_SCHEMA, current_schema() */
MUST_CHECK bool bind_current_schema(struct binder *b, int pos, struct expr **out);
/* session_function.c: *known false = it is none of them. */
MUST_CHECK bool bind_session_function(struct binder *b, const char *name, struct expr **args, uint32_t n, int pos,
									  bool *known, struct expr **out);
/* subquery.c */
MUST_CHECK bool bind_row_sublink(struct binder *b, struct scope *s, const struct ast *row, const struct ast_sublink *n,
								 const char *op, int pos, struct expr **out);
/* The items of a row expression (or the thing itself as one). */
MUST_CHECK bool bind_row_items(struct binder *b, struct scope *s, const struct ast *node, struct expr ***items,
							   uint32_t *n);
/* call.c */
MUST_CHECK bool bind_call(struct binder *b, struct scope *s, const struct ast *node, struct expr **out);
/* within.c: a call with WITHIN GROUP. */
MUST_CHECK bool bind_within_group(struct binder *b, struct scope *s, const struct ast_func_call *f, const char *name,
								  struct expr **out);
/* Gives the aggregate, whose frame is the innermost, to the scope whose rows it runs over; 42803 where none may stand. */
MUST_CHECK bool place_aggregate(struct binder *b, struct expr *agg);
/* A plain function of this name over bound arguments. */
MUST_CHECK bool call_function(struct binder *b, const char *name, struct expr **args, uint32_t n, int pos,
							  struct expr **out);
MUST_CHECK bool call_operator(struct binder *b, const char *op, struct expr *left, struct expr *right, int pos,
							  struct expr **out);
/* subquery.c */
MUST_CHECK bool bind_sublink(struct binder *b, struct scope *s, const struct ast *node, struct expr **out);

/* type.c; negative: a minus sign stood before a number. */
MUST_CHECK bool bind_literal(struct binder *b, const struct ast *node, bool negative, struct expr **out);

/* ---- resolve.c ---- */
struct resolved {
	const struct func *fn;
	struct expr **args;  /* cast */
	uint32_t nargs;
	struct type type;
};
enum resolution { RESOLVED, RESOLVE_NONE, RESOLVE_MANY, RESOLVE_FAILED };
/* Chooses among the candidates by manual 10.2/10.3 and casts the arguments; FAILED has the error set. */
enum resolution resolve_call(struct binder *b, const char *name, enum func_kind kind, struct expr **args, uint32_t n,
							 struct resolved *out);
/* " (integer, text)" list for messages. */
const char *type_list(struct binder *b, struct expr *const *args, uint32_t n);
bool can_coerce_implicit(struct type from, struct type to);

/* ---- coerce.c ---- */
enum coercion { COERCE_IMPLICIT, COERCE_ASSIGNMENT, COERCE_EXPLICIT };
MUST_CHECK bool coerce(struct binder *b, struct expr *e, struct type to, enum coercion how, int pos, struct expr **out);
/* Unknown literals become text. */
MUST_CHECK bool coerce_unknown(struct binder *b, struct expr **e);
/* Common type by manual 10.5 and all items cast to it; what names the construct. compare: the values are
 * only compared, so numeric forms may be widened with zeros. */
MUST_CHECK bool unify(struct binder *b, struct expr **items, uint32_t n, const char *what, bool compare,
					  struct type *type);
/* The same for types alone (set operations): false when there is none. */
bool common_type(const struct type *types, uint32_t n, struct type *out, uint32_t *culprit);
struct type common_numeric(struct type a, struct type b, bool compare);
bool is_null_const(const struct expr *e);
/* A numeric expression in another form of numeric. */
MUST_CHECK bool coerce_form(struct binder *b, struct expr *e, struct type form, struct expr **out);
/* A numeric constant in its tightest fixed form. */
struct num;
struct expr *literal_numeric(struct binder *b, const struct num *n, int pos);

/* ---- queries ---- */
/* A bound query: rel's first ncols columns are its result. */
struct query {
	struct rel *rel;
	uint32_t ncols;
	const char **names;
};
/* parent: scope of the outer query or NULL. keep_unknown: literals of unknown type stay so. */
MUST_CHECK bool bind_query_node(struct binder *b, const struct ast *node, struct scope *parent,
								struct cte_entry *ctes, bool keep_unknown, struct query *out);
MUST_CHECK bool bind_select(struct binder *b, const struct ast_select *sel, struct scope *parent,
							struct cte_entry *ctes, const struct ast_list *order_by, bool keep_unknown,
							struct query *out);
/* setop.c */
MUST_CHECK bool bind_body(struct binder *b, const struct ast *body, struct scope *parent, struct cte_entry *ctes,
						  bool keep_unknown, struct query *out);
/* The common type of a column of the arms, whose unknown literals take it; an arm with exactly these types. */
MUST_CHECK bool setop_column_type(struct binder *b, struct query *arms, uint32_t n, uint32_t c, const char *word,
								  struct type *type);
MUST_CHECK bool setop_conform(struct binder *b, struct query *arm, const struct type *types);
MUST_CHECK bool bind_values(struct binder *b, const struct ast_values *v, struct scope *parent,
							struct cte_entry *ctes, bool keep_unknown, struct query *out);
/* ORDER BY over a query's own output only (set operations, VALUES). */
MUST_CHECK bool order_by_output(struct binder *b, struct query *q, const struct ast_list *order_by);
MUST_CHECK bool sort_direction(struct binder *b, const struct ast_sort *s, struct sort_key *key);
/* with.c */
MUST_CHECK bool bind_with(struct binder *b, const struct ast_with *with, struct scope *parent,
						  const struct ast *query, struct cte_entry **ctes);
MUST_CHECK bool cte_use(struct binder *b, struct cte_entry *c, struct rel **out);
/* Root under the shared queries from that number of them on, which are then done with. */
struct rel *wrap_shared(struct binder *b, struct rel *root, size_t from);
uint32_t count_uses(const struct ast *query, const char *name);
/* recursive.c: a WITH query that uses itself; in which order WITH queries can be bound. */
MUST_CHECK bool bind_recursive(struct binder *b, const struct ast_cte *n, struct scope *parent, struct cte_entry *ctes,
							   struct query *out);
MUST_CHECK bool order_with(struct binder *b, const struct ast_with *with, uint32_t *order);
uint32_t share_rel(struct binder *b, struct rel *rel, const char *name);
struct rel *new_cte_scan(struct binder *b, uint32_t number, const char *name, const struct rel *def);

/* ---- collate.c ---- */
MUST_CHECK bool bind_collate(struct binder *b, struct scope *s, const struct ast *node, struct expr **out);
MUST_CHECK bool bind_collation_for(struct binder *b, struct expr *x, int pos, struct expr **out);
/* e's type with the collation that e derives. */
struct type collated_type(const struct expr *e);
/* The expression without COLLATE around it. */
struct expr *collate_unmarked(struct expr *e);
/* A bound call of an operator or function: with its texts replaced where their collation matters. */
MUST_CHECK bool collate_operator(struct binder *b, struct expr *call, struct expr **out);
MUST_CHECK bool collate_function(struct binder *b, struct expr *call, struct expr **out);
/* An aggregate or window call (min and max are of keys that hold their text); DISTINCT of an aggregate; greatest, least. */
MUST_CHECK bool collate_extreme(struct binder *b, struct expr *agg, struct expr **out);
MUST_CHECK bool collate_distinct(struct binder *b, struct expr *agg);
MUST_CHECK bool collate_min_max(struct binder *b, struct expr *e, struct expr **out);
/* What to sort by for e; what to group, partition and match by (changed: not e itself, so its value must come from
 * elsewhere). */
MUST_CHECK bool collate_order(struct binder *b, struct expr **e);
MUST_CHECK bool collate_equality(struct binder *b, struct expr **e, bool *changed);
/* The values of an IN list, of one type: what to compare. */
MUST_CHECK bool collate_list(struct binder *b, struct expr **items, uint32_t n, int pos);
/* One of the texts that a group by e's nondeterministic collation holds: slot NULL gives the aggregate to be computed,
 * else the text out of that aggregate's column. */
MUST_CHECK bool collated_representative(struct binder *b, struct expr *e, struct expr **agg, struct expr **value,
										struct expr *slot);

/* bind.c: what surrounds every binding of a statement. plan_begin fills b and makes its plan in m. */
void plan_begin(struct binder *b, const struct bind_context *c, struct mem *m, struct err *e);
MUST_CHECK bool plan_end(struct binder *b, const struct query *q, struct plan **out);

/* ---- from.c, table.c ---- */
/* Binds FROM's comma list into s->ns; *rel NULL = no FROM. */
MUST_CHECK bool bind_from(struct binder *b, struct scope *s, const struct ast_list *from, struct rel **rel);
/* table.c: a table, view or virtual table as a guarded relation; names of its columns in cols. */
MUST_CHECK bool bind_table(struct binder *b, const char *schema, const char *name, const char *alias, int pos,
						   struct rel **rel, const struct catalog_table **table, const char **found_schema);
/* A guarded scan: masks over row condition over scan. */
MUST_CHECK bool guarded_scan(struct binder *b, const struct guard *g, const char *alias, struct rel **out);

/* ---- array.c ---- */
MUST_CHECK bool bind_array(struct binder *b, struct scope *s, const struct ast *node, struct expr **out);
/* ARRAY[…]::to: its elements are cast one by one. */
MUST_CHECK bool bind_array_cast(struct binder *b, struct scope *s, const struct ast *node, struct type to, struct expr **out);
/* Items of one type as an array, or arrays as one of a dimension more. */
MUST_CHECK bool array_of_items(struct binder *b, struct expr **items, uint32_t n, int pos, struct expr **out);
MUST_CHECK bool array_of_query(struct binder *b, struct rel *rel, int pos, struct expr **out);
MUST_CHECK bool bind_subscript(struct binder *b, struct scope *s, const struct ast *node, struct expr **out);
/* left op ANY/ALL (array) */
MUST_CHECK bool quantified_array(struct binder *b, const char *op, bool all, struct expr *left, struct expr *array, int pos,
								 struct expr **out);
/* f(…, VARIADIC array): the last argument becomes its elements, where they are known. */
MUST_CHECK bool spread_array(struct binder *b, struct expr ***args, uint32_t *n, int pos);
/* A constant array's elements as constants. */
void constant_items(struct binder *b, const struct expr *e, struct expr ***items, uint32_t *n);
MUST_CHECK bool bind_row_value(struct binder *b, struct expr **items, uint32_t n, int pos, struct expr **out);
/* coerce() where one side is an array. */
MUST_CHECK bool coerce_array(struct binder *b, struct expr *e, struct type to, enum coercion how, int pos, struct expr **out);
/* coerce.c: 42846; an undeclared parameter gets its type. */
bool cannot_cast(struct binder *b, const struct expr *e, struct type to, int pos);
MUST_CHECK bool coerce_param(struct binder *b, struct expr *e, struct type to, struct expr **out);

/* ---- table_function.c ---- */
/* A call of a set-returning function, where one may stand. */
MUST_CHECK bool bind_table_call(struct binder *b, struct scope *s, const struct ast *node, const char *name,
								struct expr **args, uint32_t n, struct expr **out);
/* The calls of a FROM item; s sees what stands left of it. */
MUST_CHECK bool bind_table_functions(struct binder *b, struct scope *s, const struct ast_func_ref *f, struct rel **rel,
									 struct ns_item **shown);
/* A join whose right side is calls over columns of the left one: no join at all. False: it is not that. */
bool table_fn_join(struct binder *b, enum join_kind kind, struct rel *left, struct rel *right, struct expr *condition,
				   struct rel **out);

/* sample.c: TABLESAMPLE over a table's scan; s: the FROM's scope. */
MUST_CHECK bool bind_sample(struct binder *b, struct scope *s, const struct ast *node, bool is_table, struct rel **rel);

/* ---- group.c, window.c ---- */
struct select_state {
	const struct ast_select *node;
	struct scope *scope;
	struct rel *rel;
	struct target_list targets;  /* the visible ones, then what only ORDER BY and DISTINCT ON need */
	uint32_t nvisible;
	struct expr *having;
	struct expr **group_exprs;   /* distinct */
	size_t ngroups, groups_cap;
	struct idset *sets;          /* grouping sets over them */
	size_t nsets, sets_cap;
	bool has_sets;
	uint32_t *distinct_on;       /* target indexes */
	uint32_t ndistinct_on;
	struct sort_key *order;      /* direction of each key … */
	uint32_t *order_target;      /* … and the index of the target that computes it */
	uint32_t norder;
};
/* table_function.c: calls in group expressions, then those left in targets, become rows of q->rel; a check
 * that none stands where it can't, for before windows are made. */
MUST_CHECK bool expand_groups(struct binder *b, struct select_state *q);
MUST_CHECK bool expand_targets(struct binder *b, struct select_state *q);
MUST_CHECK bool refuse_table_calls(struct binder *b, struct select_state *q);
MUST_CHECK bool bind_group_by(struct binder *b, struct select_state *q);
MUST_CHECK bool apply_grouping(struct binder *b, struct select_state *q);
MUST_CHECK bool bind_grouping_call(struct binder *b, struct scope *s, const struct ast *node, struct expr **out);
/* The target that a name or ordinal stands for in ORDER BY, DISTINCT ON or GROUP BY (SQL92 rules); out -1: none,
 * it is an expression. */
MUST_CHECK bool find_target(struct binder *b, struct select_state *q, const struct ast *node, enum clause clause,
							int64_t *out);
MUST_CHECK bool bind_over(struct binder *b, struct scope *s, const struct ast *over, const struct func *fn,
						  struct expr **args, uint32_t nargs, struct type type, int pos, struct expr **out);
MUST_CHECK bool apply_windows(struct binder *b, struct select_state *q);
/* Of each partition, in that order, rows skip+1 … skip+take (either may be NULL) and, with ties, the last one's peers. */
MUST_CHECK bool limit_partitions(struct binder *b, struct rel **rel, struct expr **partition, uint32_t npartition,
								 struct sort_key *order, uint32_t norder, struct expr *skip, struct expr *take, bool ties);
struct rel *new_sort(struct binder *b, struct rel *in, struct sort_key *keys, uint32_t n);

/* ---- unnest.c, decorrelate.c ---- */
/* Joins the subqueries of *e onto *rel where they can't stay and replaces them. */
MUST_CHECK bool unnest(struct binder *b, struct rel **rel, struct expr **e);
MUST_CHECK bool unnest_aggregate(struct binder *b, struct rel **rel, struct expr **agg);
/* *rel filtered by a condition: whole conjuncts EXISTS, IN become semi and anti joins. */
MUST_CHECK bool filter_rel(struct binder *b, struct rel **rel, struct expr *condition);
/* left JOIN right ON condition, where right may borrow columns of left. */
MUST_CHECK bool dependent_join(struct binder *b, enum join_kind kind, struct rel *left, struct rel *right,
							   struct expr *condition, bool null_aware, int pos, struct rel **out);
MUST_CHECK bool domain_join(struct binder *b, enum join_kind kind, struct rel *left, struct rel *right,
							struct expr *condition, bool null_aware, int pos, struct rel **out);
/* The value of a scalar subquery that borrows, joined onto *rel. */
MUST_CHECK bool scalar_join(struct binder *b, struct rel **rel, struct expr *subquery, struct expr **out);
/* An aggregate's column after a left join, with what it gives for no rows. */
struct expr *empty_default(struct binder *b, const struct expr *agg, struct expr *column);
struct rel *new_join(struct binder *b, enum join_kind kind, struct rel *left, struct rel *right, struct expr *condition);
struct rel *new_filter(struct binder *b, struct rel *in, struct expr *predicate);
/* A projection of exprs with fresh ids. */
struct rel *new_project(struct binder *b, struct rel *in, struct expr **exprs, const char *const *names, uint32_t n);
/* The same tree with fresh ids for all that it makes; map (by old id) may be NULL. */
struct rel *copy_with_fresh_ids(struct binder *b, const struct rel *r);
struct expr *column_of(struct binder *b, const struct column *c);
/* Top-down replacement in an expression and in the relations of its subqueries: fn returns the
 * replacement, or NULL to go on below. */
struct expr *expr_replace(struct binder *b, struct expr *e, struct expr *(*fn)(struct expr *e, void *arg), void *arg);
struct rel *rel_replace(struct binder *b, struct rel *r, struct expr *(*fn)(struct expr *e, void *arg), void *arg);
struct rel *single_row(struct binder *b); /* VALUES of one row without columns */

/* Shorthand for 0A000. */
bool not_supported(struct binder *b, int pos, const char *what);

/* ---- minimum.c ---- */
/* Rows of tables that may be read only in groups end in such groups: rewrites the plan, or 42501. */
MUST_CHECK bool bind_minimum(struct binder *b, struct rel **root);

#endif
