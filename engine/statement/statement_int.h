/* Handlers of the statements, as statements.def names them. Not for other rooms. */
#ifndef HOPLUU_STATEMENT_STATEMENT_INT_H
#define HOPLUU_STATEMENT_STATEMENT_INT_H

#include "engine/statement/statement.h"

#define STATEMENT(kind, tag, class, run)                                                            \
	MUST_CHECK bool run(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e);
#include "engine/statement/statements.def"
#undef STATEMENT

/* A server of the snapshot that this user may see: 42704 with the nearest name. */
const struct catalog_server *statement_server(struct statement_env *env, const char *name, int pos, struct err *e);
/* depend.c: the views that read any of these relations, or each other, beyond the targets themselves. */
const struct catalog_table **statement_readers(struct statement_env *env, const struct catalog_table *const *targets,
											   size_t ntargets, size_t *count);
/* 2BP01 when there are some. */
MUST_CHECK bool statement_check_readers(struct statement_env *env, const struct catalog_table *const *targets, size_t ntargets,
										int pos, struct err *e);
/* temp_table.c: DROP TABLE, which temporary tables alone can be named in. */
MUST_CHECK bool drop_temp_tables(struct statement_env *env, const struct ast_drop *a, struct statement_result *out,
								 struct err *e);
/* SELECT … INTO: into stands in the query's first SELECT. */
MUST_CHECK bool run_select_into(struct statement_env *env, const struct ast *query, const struct ast_into *into,
								struct statement_result *out, struct err *e);
/* Runs a plan into the columns of t; the rows are then in the sink. checked: lengths of texts are looked at. */
struct colsink;
MUST_CHECK bool statement_fill(struct statement_env *env, const struct plan *p, const struct catalog_table *t,
							   struct colsink *sink, bool checked, struct err *e);
/* Ends an edit: commits when ok, else rolls back. */
MUST_CHECK bool statement_end_edit(struct catalog_edit *x, bool ok, struct err *e);
/* A connection for definition work (describe, statistics), one at a time; cancelling the statement interrupts it. */
struct conn *statement_connect(struct statement_env *env, const struct catalog_server *server, struct err *e);
void statement_disconnect(struct statement_env *env, struct conn *c);

#endif
