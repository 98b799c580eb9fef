/* What the files of the session room offer each other. */
#ifndef HOPLUU_SESSION_SESSION_INT_H
#define HOPLUU_SESSION_SESSION_INT_H

#include "engine/session/session.h"
#include "engine/statement/statement.h"

struct mem *session_mem(struct session *s);
struct named_prepared;
struct named_prepared **session_named_list(struct session *s);
/* A run that has not started: sql is borrowed until run_finish. */
struct run *session_run_new(struct session *s, struct str sql, const struct value *params, uint32_t nparams);
/* Starts it; on failure it is gone. */
MUST_CHECK bool session_run_start(struct run *r, const struct parse_statement *statement, struct err *e);
struct statement_env *session_run_env(struct run *r);

#endif
