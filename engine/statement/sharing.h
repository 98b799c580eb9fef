/* What the statements about agreements share. Not for other rooms. */
#ifndef HOPLUU_STATEMENT_SHARING_H
#define HOPLUU_STATEMENT_SHARING_H

#include "engine/statement/statement.h"

/* An agreement that this user may change: 42704, 42501. */
const struct catalog_agreement *sharing_agreement(struct statement_env *env, const char *name, const char *tag, int pos,
												  struct err *e);
/* The same for one to come. */
/* The change that a statement about agreements makes, inside an edit that the caller ends: for the statement itself and
 * for PREVIEW. node: CREATE_AGREEMENT, ALTER_AGREEMENT, GRANT, REVOKE. */
MUST_CHECK bool sharing_apply(struct statement_env *env, struct catalog_edit *x, const struct ast *node, struct err *e);
MUST_CHECK bool grant_apply(struct statement_env *env, struct catalog_edit *x, const struct ast *node, struct err *e);
MUST_CHECK bool revoke_apply(struct statement_env *env, struct catalog_edit *x, const struct ast *node, struct err *e);
/* Result columns, all text. */
void sharing_columns(struct statement_env *env, struct statement_result *out, uint32_t n, const char *const *names);

#endif
