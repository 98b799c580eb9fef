/*
 * Statements: one file per kind, one table (statements.def) that lists them. A statement gets what it may
 * use from the session in a struct statement_env and gives back a struct statement_result: a plan whose rows
 * the session streams, rows made here (SHOW, EXPLAIN …), or only a tag.
 */
#ifndef HOPLUU_STATEMENT_STATEMENT_H
#define HOPLUU_STATEMENT_STATEMENT_H

#include "catalog/catalog.h"
#include "engine/authorize/guard.h"
#include "engine/execute/execute.h"
#include "parser/parser.h"

struct temp_space; /* engine/statement/temp_space.h */

struct statement_env {
	struct catalog *catalog;
	const struct catalog_snapshot *snapshot; /* held for the statement */
	const struct principal *principal;
	struct settings *settings;               /* the session's: SET changes them */
	struct pool *pool;
	struct workers *workers;
	struct cancel *cancel;
	int connected;                         /* statement_connect's subscription to cancel */
	const struct text_context *text;
	struct mem *mem;                         /* the statement's arena */
	struct mem *session_mem;                 /* for what outlives the statement */
	struct str sql;                          /* the whole text; positions count in it */
	const struct value *params;
	uint32_t nparams;
	/* Notes for the client ("WARNING 01H01: …" is built from code and message). Any thread. */
	void (*warn)(void *arg, enum errcode code, const char *message);
	void *warn_arg;
	/* As execute_env's. */
	bool (*admit)(void *arg, const struct plan *p, struct err *e);
	void *admit_arg;
	struct temp_space *temp;                 /* the session's temporary tables */
	struct session_state *state;             /* prepared statements, transaction: session.c's; may be NULL */
};

struct statement_column {
	const char *name;
	struct type type;
};
struct statement_result {
	const char *tag;          /* "CREATE SERVER"; NULL: "SELECT n" by the rows sent */
	struct plan *plan;        /* rows come from executing it … */
	uint32_t ncols;           /* … or these rows stand here */
	const struct statement_column *cols;
	size_t nrows, cap;
	struct value **rows;
};

/* Runs one parsed statement up to where its rows can be fetched. */
MUST_CHECK bool statement_run(struct statement_env *env, const struct parse_statement *s, struct statement_result *out,
							  struct err *e);
/* "SELECT", "CREATE SERVER": the command tag of a node, for messages. */
const char *statement_tag(const struct ast *node);

/* ---- shared by the statement files ---- */
/* bind → optimize → place. */
struct optimize_trace;
MUST_CHECK bool statement_plan(struct statement_env *env, const struct ast *query, const struct optimize_trace *trace,
							   struct plan **out, struct err *e);
/* What binding asks of the session, with parameters; in env->mem. */
struct bind_context;
struct bind_context *statement_bind_context(struct statement_env *env);
/* optimize → place, of a bound plan. */
MUST_CHECK bool statement_improve(struct statement_env *env, struct plan *p, const struct optimize_trace *trace,
								  struct err *e);
/* The execution environment of this statement (profile off). */
void statement_execute_env(struct statement_env *env, struct execute_env *out);
/* A result row in env->mem; values as given. */
void statement_add_row(struct statement_env *env, struct statement_result *r, const struct value *values);
/* The same for text columns; NULL = SQL NULL. */
void statement_add_texts(struct statement_env *env, struct statement_result *r, const char *const *texts);
/* How to reach a server: connector, options with secrets opened, facts. arg is the env (as execute_env wants it).
 * 42704 without a mapping for this user or PUBLIC, unless the connector needs none. */
bool statement_target(void *env, const struct catalog_server *server, struct mem *m, struct pool_target *out,
					  struct err *e);
/* OPTIONS lists of the parser applied to existing options: ADD, SET, DROP (or plain = ADD), with SQLSTATEs as
 * PostgreSQL; known = names that the connector takes (NULL = any). Result in env->mem. */
MUST_CHECK bool statement_options(struct statement_env *env, const struct options *old, const struct ast_list *changes,
								  const char *const *known, const char *owner, struct options *out, struct err *e);
/* "a.b" or "b" (by search path's first schema) → two names; 42601 on more. */
MUST_CHECK bool statement_object_name(struct statement_env *env, const struct ast_names *names, const char **schema,
									  const char **name, struct err *e);
/* What the source says its table looks like, as a catalog table (columns, keys) in env->mem; unsupported columns are
 * left out with a warning. names folded as they are; remote names kept. */
MUST_CHECK bool statement_table_from_source(struct statement_env *env, const struct catalog_server *server,
											const struct source_table *source, const char *schema,
											struct catalog_table *out, struct err *e);

#endif
