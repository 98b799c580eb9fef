/*
 * A session: one user's conversation with the engine. Holds the settings in force, the principal, prepared
 * statements, warnings. Statements run one at a time per session; session_cancel alone may come from any
 * thread. An engine is a process's shared part: catalog, workers, pools.
 *
 * Use: session_run with SQL text of one or several statements and a receiver; or session_start/_next/_finish
 * for one statement whose rows the caller pulls (shell with a pager, later the protocol's portals).
 */
#ifndef HOPLUU_SESSION_SESSION_H
#define HOPLUU_SESSION_SESSION_H

#include "catalog/catalog.h"
#include "engine/authorize/guard.h"
#include "engine/execute/execute.h"

struct engine;
/* directory of the catalog, NULL = in memory. threads 0 = one a core. */
MUST_CHECK struct engine *engine_open(const char *catalog_directory, unsigned threads, struct err *e);
void engine_close(struct engine *g);
struct catalog *engine_catalog(struct engine *g);
struct pool *engine_pool(struct engine *g);
struct audit; /* catalog/audit.h */
struct audit *engine_audit(struct engine *g); /* NULL of a catalog in memory */

struct session;
MUST_CHECK struct session *session_open(struct engine *g, const struct principal *who, struct err *e);
void session_close(struct session *s);
void session_set_client(struct session *s, const char *client); /* its address, for the audit; copied */
struct settings *session_settings(struct session *s);
struct engine *session_engine(struct session *s);
const struct principal *session_principal(const struct session *s);

/* A result column as clients see it. */
struct result_column {
	const char *name;
	struct type type;
	const struct catalog_table *table; /* plain base columns, else NULL */
	uint32_t table_column;
};
/* One statement under way. */
struct run;
/* Parses, binds, optimizes, places and starts statement `index` (0-based) of the text; *count gets how many
 * there are. Statements without rows are done when this returns (ncols 0). Borrowed things live until
 * run_finish. */
MUST_CHECK bool session_start(struct session *s, struct str sql, uint32_t index, const struct value *params,
							  uint32_t nparams, uint32_t *count, struct run **out, struct err *e);
uint32_t run_columns(const struct run *r, const struct result_column **cols);
/* rows 0 = end */
MUST_CHECK bool run_next(struct run *r, struct batch *out, struct err *e);
const char *run_tag(const struct run *r);     /* "SELECT 12", "CREATE SERVER" … */
size_t run_progress(struct run *r, struct source_progress *out, size_t max);
/* NOTICE/WARNING lines gathered so far: "WARNING 01H01: …". */
size_t run_warnings(struct run *r, const char *const **lines);
void run_finish(struct run *r);
/* Where the statement stands in the text: for error carets. */
struct str run_text(const struct run *r);

/* ---- prepared statements ----
 * One statement parsed and described once, run any number of times with values for its parameters. It is bound again at
 * each run: names and permissions are those of that moment. Counted: a new one belongs to its caller. */
struct prepared;
/* types: of $1 …, TYPE_UNKNOWN = to be inferred. 42601: more than one statement; 42P18: a type that nothing tells. */
MUST_CHECK bool session_prepare(struct session *s, struct str sql, const struct type *types, uint32_t ntypes,
								struct prepared **out, struct err *e);
struct prepared *prepared_ref(struct prepared *p);
void prepared_unref(struct prepared *p); /* NULL is fine; before session_close */
/* The session's named ones: the protocol's and, later, PREPARE's. Adding takes a reference; a name in use is replaced. */
struct prepared *session_named(const struct session *s, const char *name); /* NULL: none */
void session_add_named(struct session *s, const char *name, struct prepared *p);
/* False: there is none. NULL: all but the unnamed one. */
bool session_deallocate(struct session *s, const char *name);
bool prepared_is_empty(const struct prepared *p);
/* COMMIT, ROLLBACK …: may be bound and run in a failed transaction. */
bool prepared_ends_transaction(const struct prepared *p);
struct str prepared_text(const struct prepared *p);
uint32_t prepared_params(const struct prepared *p, const struct type **types);
/* Columns of its rows; 0 = it gives none. */
uint32_t prepared_columns(const struct prepared *p, const struct result_column **cols);
MUST_CHECK bool session_start_prepared(struct session *s, const struct prepared *p, const struct value *params,
									   struct run **out, struct err *e);

/* ---- transactions ----
 * Of reads only. At READ COMMITTED, the default, each statement sees what is committed when it starts, as without a
 * transaction; so BEGIN is state alone. Other isolation levels are refused (0A000). */
enum session_transaction { TRANSACTION_NONE, TRANSACTION_OPEN, TRANSACTION_FAILED };
enum session_transaction session_transaction(const struct session *s);
/* The protocol tells of an error outside of any statement (a bad message, a value that does not fit): as if one had failed. */
void session_fail_transaction(struct session *s);

/* Interrupts the running statement, if any. Any thread or signal-safe helper thread. */
void session_cancel(struct session *s);

/* Convenience: runs all statements; the receiver gets each row batch; stops at the first error. */
struct receiver {
	bool (*begin)(void *arg, const struct result_column *cols, uint32_t ncols, struct err *e);
	bool (*rows)(void *arg, const struct batch *b, struct err *e);
	bool (*end)(void *arg, const char *tag, struct err *e);
	void *arg;
};
MUST_CHECK bool session_run(struct session *s, struct str sql, const struct receiver *r, struct err *e);
const struct text_context *session_text_context(struct session *s);

#endif
