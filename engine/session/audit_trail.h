/* From statements to records of the audit log. Not for other rooms but engine/server's log-ins. */
#ifndef HOPLUU_SESSION_AUDIT_TRAIL_H
#define HOPLUU_SESSION_AUDIT_TRAIL_H

#include "catalog/audit.h"
#include "engine/authorize/guard.h"
#include "engine/plan/rel.h"
#include "parser/ast.h"

/* One statement's trail: a record before anything is read or changed by it, one with its outcome. */
struct audit_trail {
	struct audit *log;         /* NULL: a catalog in memory, nothing is kept */
	const struct principal *who;
	const char *client, *application;
	struct str text;
	enum ast_kind kind;
	uint64_t number;           /* of the record; 0 = not written yet */
	int64_t started;           /* us */
	enum errcode failure;      /* of the outcome; 0 = none */
};

/* Writes the statement's record, with what the plan reads (may be NULL), before its sources are contacted; again = for each
 * further plan of the statement. false: it could not be written, and the statement must not go on. */
MUST_CHECK bool audit_trail_admit(struct audit_trail *t, const struct plan *p, struct err *e);
/* The outcome, or the record of a statement that never came to its first. Failing here is logged, not returned. */
void audit_trail_end(struct audit_trail *t, int64_t rows);
/* Does the statement have its record before it runs (definitions), or with its plan (queries)? */
bool audit_trail_is_planned(enum ast_kind kind);

#endif
