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
/* Ends an edit: commits when ok, else rolls back. */
MUST_CHECK bool statement_end_edit(struct catalog_edit *x, bool ok, struct err *e);
/* A connection for definition work (describe, statistics), one at a time; cancelling the statement interrupts it. */
struct conn *statement_connect(struct statement_env *env, const struct catalog_server *server, struct err *e);
void statement_disconnect(struct statement_env *env, struct conn *c);

#endif
