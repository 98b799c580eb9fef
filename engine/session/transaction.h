/* Inside the session room: BEGIN … COMMIT as a state. */
#ifndef HOPLUU_SESSION_TRANSACTION_H
#define HOPLUU_SESSION_TRANSACTION_H

#include "engine/session/session.h"
#include "parser/ast.h"

#define TRANSACTION_MAX_SAVEPOINTS 1000

struct transaction {
	enum session_transaction state;
	struct mem *mem;        /* of this transaction; NULL outside */
	const char **savepoints;
	size_t nsavepoints, cap;
};

/* Before any statement: 25P02 in a failed transaction unless it ends it or goes back. */
MUST_CHECK bool transaction_admits(const struct transaction *t, const struct ast *node, struct err *e);
/* BEGIN, COMMIT, SAVEPOINT …: *tag is the command tag; warn gets "there is no transaction in progress" and its kin. */
MUST_CHECK bool transaction_run(struct transaction *t, struct mem *parent, const struct ast_transaction *node,
								const char **tag, void (*warn)(void *arg, enum errcode code, const char *message),
								void *warn_arg, struct err *e);
void transaction_fail(struct transaction *t);
void transaction_end(struct transaction *t);

#endif
