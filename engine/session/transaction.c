/*
 * Transactions as a session's state: which statements may come, savepoints, the failed state that only ROLLBACK ends. What
 * is read needs no state: see session.h.
 */
#include "engine/session/transaction.h"

#include <string.h>

static bool ends_or_goes_back(const struct ast *node)
{
	enum ast_transaction_kind k;

	if (node->kind != AST_TRANSACTION)
		return false;
	k = AST_AS(TRANSACTION, transaction, node)->type;
	return k == AST_TRANSACTION_COMMIT || k == AST_TRANSACTION_ROLLBACK || k == AST_TRANSACTION_ROLLBACK_TO;
}

bool transaction_admits(const struct transaction *t, const struct ast *node, struct err *e)
{
	if (t->state != TRANSACTION_FAILED || ends_or_goes_back(node))
		return true;
	return err_set(e, ERR_IN_FAILED_TRANSACTION, "current transaction is aborted, commands ignored until end of transaction block");
}

static bool modes_fit(const struct ast_list *modes, struct err *e)
{
	for (uint32_t i = 0; i < modes->count; i++) {
		const struct ast_option *o = AST_AS(OPTION, option, modes->items[i]);
		const char *value = o->value ? o->value : "";

		if (strcmp(o->name, "isolation level") == 0 && strcmp(value, "read committed") != 0 && strcmp(value, "read uncommitted") != 0)
			return err_at(e, o->base.pos, ERR_FEATURE_NOT_SUPPORTED, "isolation level %s is not supported yet: sources are read at READ COMMITTED",
						  value);
	}
	return true;
}

static bool begin(struct transaction *t, struct mem *parent)
{
	t->mem = mem_new(parent, MEM_SESSION, "transaction", 0);
	t->state = TRANSACTION_OPEN;
	t->savepoints = NULL;
	t->nsavepoints = t->cap = 0;
	return true;
}

void transaction_end(struct transaction *t)
{
	if (t->mem)
		mem_free(t->mem);
	memset(t, 0, sizeof *t);
}

void transaction_fail(struct transaction *t)
{
	if (t->state == TRANSACTION_OPEN)
		t->state = TRANSACTION_FAILED;
}

/* Index of the newest savepoint of that name; -1 with the error set. */
static int find_savepoint(const struct transaction *t, const char *name, struct err *e)
{
	for (size_t i = t->nsavepoints; i-- > 0;)
		if (strcmp(t->savepoints[i], name) == 0)
			return (int)i;
	err_set(e, ERR_UNDEFINED_SAVEPOINT, "savepoint \"%s\" does not exist", name);
	return -1;
}

static bool savepoint(struct transaction *t, const struct ast_transaction *node, struct err *e)
{
	int at;

	if (t->state == TRANSACTION_NONE)
		return err_set(e, ERR_NO_ACTIVE_TRANSACTION, "%s can only be used in transaction blocks",
					   node->type == AST_TRANSACTION_SAVEPOINT ? "SAVEPOINT"
					   : node->type == AST_TRANSACTION_RELEASE ? "RELEASE SAVEPOINT"
															   : "ROLLBACK TO SAVEPOINT");
	if (node->type == AST_TRANSACTION_SAVEPOINT) {
		const char *name = mem_strdup(t->mem, node->name);
		if (t->nsavepoints >= TRANSACTION_MAX_SAVEPOINTS)
			return err_set(e, ERR_PROGRAM_LIMIT, "a transaction has at most %d savepoints", TRANSACTION_MAX_SAVEPOINTS);
		MEM_PUSH(t->mem, t->savepoints, t->nsavepoints, t->cap, name);
		return true;
	}
	at = find_savepoint(t, node->name, e);
	if (at < 0)
		return false;
	t->nsavepoints = (size_t)at + (node->type == AST_TRANSACTION_ROLLBACK_TO);
	if (node->type == AST_TRANSACTION_ROLLBACK_TO)
		t->state = TRANSACTION_OPEN;
	return true;
}

bool transaction_run(struct transaction *t, struct mem *parent, const struct ast_transaction *node, const char **tag,
					 void (*warn)(void *arg, enum errcode code, const char *message), void *warn_arg, struct err *e)
{
	bool failed = t->state == TRANSACTION_FAILED;

	switch (node->type) {
	case AST_TRANSACTION_BEGIN:
	case AST_TRANSACTION_START:
		*tag = node->type == AST_TRANSACTION_BEGIN ? "BEGIN" : "START TRANSACTION";
		if (!modes_fit(&node->modes, e))
			return false;
		if (t->state != TRANSACTION_NONE)
			warn(warn_arg, ERR_ACTIVE_TRANSACTION, "there is already a transaction in progress");
		return t->state != TRANSACTION_NONE || begin(t, parent);
	case AST_TRANSACTION_COMMIT:
	case AST_TRANSACTION_ROLLBACK:
		*tag = node->type == AST_TRANSACTION_COMMIT && !failed ? "COMMIT" : "ROLLBACK";
		if (t->state == TRANSACTION_NONE)
			warn(warn_arg, ERR_NO_ACTIVE_TRANSACTION, "there is no transaction in progress");
		transaction_end(t);
		return !node->chain || begin(t, parent);
	case AST_TRANSACTION_SAVEPOINT:
		*tag = "SAVEPOINT";
		return savepoint(t, node, e);
	case AST_TRANSACTION_RELEASE:
		*tag = "RELEASE";
		return savepoint(t, node, e);
	case AST_TRANSACTION_ROLLBACK_TO:
		*tag = "ROLLBACK";
		return savepoint(t, node, e);
	case AST_TRANSACTION_PREPARE:
	case AST_TRANSACTION_COMMIT_PREPARED:
	case AST_TRANSACTION_ROLLBACK_PREPARED:
		return err_set(e, ERR_FEATURE_NOT_SUPPORTED, "prepared transactions are not supported: nothing is written");
	}
	UNREACHABLE();
}
