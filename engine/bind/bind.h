/*
 * Binding: syntax tree → typed logical plan. Names are resolved through authorize alone; types, operators and
 * functions as PostgreSQL does (manual chapter 10). Subqueries become joins where they can (general unnesting
 * comes with issue 3's breadth); what can't run yet is 0A000 naming the construct.
 */
#ifndef HOPLUU_BIND_BIND_H
#define HOPLUU_BIND_BIND_H

#include "engine/authorize/guard.h"
#include "engine/base/settings.h"
#include "engine/plan/rel.h"
#include "parser/ast.h"

struct bind_context {
	const struct catalog_snapshot *snapshot;
	const struct principal *principal;
	const struct settings *settings;
	const struct text_context *text;    /* for constants read from text */
	uint32_t nparams;                   /* declared parameter types; UNKNOWN = to be inferred */
	const struct type *param_types;
	const char *sql;                    /* the whole text, for positions */
	const struct ast *into;             /* the INTO that the caller carries out; any other is an error */
	bool shows_rules;                   /* whoever binds may read row conditions and masks: errors in them are told */
};

/* query: the SELECT/VALUES/set-operation node. m becomes plan->mem. */
MUST_CHECK bool bind_query(const struct bind_context *c, const struct ast *query, struct mem *m,
						   struct plan **out, struct err *e);
/* A scalar expression over a table's columns (row conditions, masks, split conditions) or over nothing. */
MUST_CHECK bool bind_scalar(const struct bind_context *c, const struct ast *expression, struct plan *p,
							const struct column *cols, uint32_t ncols, struct expr **out, struct err *e);
/* INSERT: query's rows (NULL: one row of defaults) as rows of the table, its columns in order, cast as PostgreSQL's
 * assignment does. columns: names of the targets; none = the first ones. */
MUST_CHECK bool bind_insert(const struct bind_context *c, const struct catalog_table *t, const struct ast_names *columns,
							const struct ast *query, int pos, struct mem *m, struct plan **out, struct err *e);
/* A query over t's rows that gives its columns in other types (the same ids, numerics of another form). */
MUST_CHECK bool bind_retyped(const struct bind_context *c, const struct guard *g, const struct type *types,
							 struct mem *m, struct plan **out, struct err *e);
/* Row condition and masks of a guard, to see that they can be bound. */
MUST_CHECK bool bind_guard(const struct bind_context *c, const struct guard *g, struct mem *m, struct err *e);
/* DEFAULT's expression is bound and cast to the column's type, to see that it can be. */
MUST_CHECK bool bind_default(const struct bind_context *c, const char *sql, struct type type, struct mem *m, struct err *e);
/* A type written in SQL (CREATE FOREIGN TABLE's columns). */
MUST_CHECK bool bind_type(const struct ast *type_name, struct type *out, struct err *e);

#endif
