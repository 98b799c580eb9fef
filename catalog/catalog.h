/*
 * The durable catalog: one SQLite file (WAL, foreign keys on, integrity-checked at open) in a directory, or
 * in memory. Changes are grouped: catalog_begin, edits, catalog_commit, which commits the file and then
 * publishes the next snapshot; catalog_rollback drops them. One writer at a time per process (a lock) and
 * across processes (SQLite's); another process's commit is noticed by data_version and reloaded at the next
 * catalog_snapshot_get. A crash leaves the old or the new state.
 * Errors: 58030/53100 for I/O and a full disk, XX001 for a damaged file (with what to do), 42P07, 42710, …
 */
#ifndef HOPLUU_CATALOG_CATALOG_H
#define HOPLUU_CATALOG_CATALOG_H

#include "catalog/snapshot.h"

struct catalog;

/* directory: made when absent (0700); NULL = in memory. */
MUST_CHECK struct catalog *catalog_open(const char *directory, struct err *e);
void catalog_close(struct catalog *c);
/* Counted; give back with catalog_snapshot_unref. */
const struct catalog_snapshot *catalog_snapshot_get(struct catalog *c);

struct catalog_edit; /* a change under way */
MUST_CHECK struct catalog_edit *catalog_begin(struct catalog *c, struct err *e);
MUST_CHECK bool catalog_commit(struct catalog_edit *x, struct err *e); /* x is gone either way */
void catalog_rollback(struct catalog_edit *x);                         /* NULL is fine */

/* Edits. Definitions are the snapshot's structs (ids, versions ignored); names are checked, existence too
 * (42710/42P06/42P07 duplicate, 42704/3F000/42P01 missing). Options whose names are secret (password, …)
 * are sealed on the way in. `cascade` = also what depends, else 2BP01 naming it. */
MUST_CHECK bool catalog_put_agency(struct catalog_edit *x, const struct catalog_agency *a, struct err *e);
/* Agencies, purposes, elements: put makes one or changes the one of that name; rename and drop want it to exist (42704).
 * An agency or purpose that is in use isn't dropped (2BP01); a dropped element leaves its columns unclassified. */
enum catalog_term { TERM_AGENCY, TERM_PURPOSE, TERM_ELEMENT };
MUST_CHECK bool catalog_put_purpose(struct catalog_edit *x, const struct catalog_purpose *p, struct err *e);
MUST_CHECK bool catalog_put_element(struct catalog_edit *x, const struct catalog_element *el, struct err *e);
MUST_CHECK bool catalog_rename_term(struct catalog_edit *x, enum catalog_term what, const char *name, const char *new_name,
									struct err *e);
MUST_CHECK bool catalog_drop_term(struct catalog_edit *x, enum catalog_term what, const char *name, struct err *e);
/* element NULL takes it away. 42703 without such a column. */
MUST_CHECK bool catalog_set_element(struct catalog_edit *x, const char *schema, const char *table, const char *column,
									const char *element, struct err *e);
/* a's grants are not looked at; salt NULL = a new random one. */
MUST_CHECK bool catalog_create_agreement(struct catalog_edit *x, const struct catalog_agreement *a, struct err *e);
MUST_CHECK bool catalog_alter_agreement(struct catalog_edit *x, const char *name, const struct catalog_agreement *a,
										struct err *e);
MUST_CHECK bool catalog_drop_agreement(struct catalog_edit *x, const char *name, struct err *e);
/* By g->schema, table under the agreement of that name; columns that the same agreement, condition and limits granted
 * already are replaced. */
MUST_CHECK bool catalog_add_grant(struct catalog_edit *x, const char *agreement, const struct catalog_grant *g,
								  struct err *e);
/* The columns (none = all) leave all grants on the table under the agreement; *dropped = how many column grants went. */
MUST_CHECK bool catalog_drop_grants(struct catalog_edit *x, const char *agreement, const char *schema, const char *table,
									const char *const *columns, size_t ncols, size_t *dropped, struct err *e);
/* Log-ins: 42710 when there is one of that name, 42704 when there is none. */
MUST_CHECK bool catalog_create_user(struct catalog_edit *x, const struct catalog_user *u, struct err *e);
MUST_CHECK bool catalog_alter_user(struct catalog_edit *x, const char *name, const struct catalog_user *u, struct err *e);
MUST_CHECK bool catalog_drop_user(struct catalog_edit *x, const char *name, struct err *e);
MUST_CHECK bool catalog_create_server(struct catalog_edit *x, const struct catalog_server *s, struct err *e);
MUST_CHECK bool catalog_alter_server(struct catalog_edit *x, const char *name, const struct catalog_server *s, struct err *e);
MUST_CHECK bool catalog_drop_server(struct catalog_edit *x, const char *name, bool cascade, struct err *e);
MUST_CHECK bool catalog_put_mapping(struct catalog_edit *x, const char *server, const char *user,
									const struct options *options, bool replace, struct err *e);
MUST_CHECK bool catalog_drop_mapping(struct catalog_edit *x, const char *server, const char *user, struct err *e);
MUST_CHECK bool catalog_create_schema(struct catalog_edit *x, const char *name, const char *server, struct err *e);
MUST_CHECK bool catalog_alter_schema(struct catalog_edit *x, const char *name, const char *new_name, struct err *e);
MUST_CHECK bool catalog_drop_schema(struct catalog_edit *x, const char *name, bool cascade, struct err *e);
/* Foreign tables and views; t->server by name through server->name; replace: views only. */
MUST_CHECK bool catalog_create_table(struct catalog_edit *x, const struct catalog_table *t, bool replace, struct err *e);
/* The whole new definition of a table (ALTER, statistics by ANALYZE). */
MUST_CHECK bool catalog_alter_table(struct catalog_edit *x, const char *schema, const char *name,
									const struct catalog_table *t, struct err *e);
MUST_CHECK bool catalog_drop_table(struct catalog_edit *x, const char *schema, const char *name, bool cascade, struct err *e);
/* kind: "server", "schema", "table" (name = schema.table as two parts), "column". comment NULL removes. */
MUST_CHECK bool catalog_comment(struct catalog_edit *x, const char *kind, const char *schema, const char *name,
								const char *column, const char *comment, struct err *e);
/* The state with the edits so far, for statements that make several (uncounted, valid until the next edit). */
const struct catalog_snapshot *catalog_edit_view(struct catalog_edit *x, struct err *e);

/* A mapping's options with secrets opened, into m; wiped when m is freed. */
MUST_CHECK bool catalog_open_secrets(struct catalog *c, const struct catalog_mapping *mapping, struct mem *m,
									 struct options *out, struct err *e);
bool catalog_option_is_secret(const char *name);

#endif
