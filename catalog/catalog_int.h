/* Inside of the catalog room: the open store, and what its files share. Not for other rooms. */
#ifndef HOPLUU_CATALOG_CATALOG_INT_H
#define HOPLUU_CATALOG_CATALOG_INT_H

#include <pthread.h>
#include <sqlite3.h>

#include "catalog/catalog.h"
#include "catalog/secret.h"

struct catalog {
	struct mem *mem;
	sqlite3 *db;                 /* guarded by lock */
	char *directory;             /* NULL = in memory */
	struct secret_key key;
	pthread_mutex_t lock;        /* db, snapshot, and one edit at a time: held from begin to the end of an edit */
	struct catalog_snapshot *snapshot; /* the published one; guarded by publish */
	pthread_mutex_t publish;
	int64_t data_version;        /* SQLite's, when the snapshot was loaded */
};

struct catalog_edit {
	struct catalog *catalog;
	struct mem *mem;
	const struct catalog_snapshot *view; /* of the state inside the edit, made when asked for */
	struct err err;                      /* first failure: the edit can then only be rolled back */
};

/* store.c: SQLite's refusals as ours; what says what was being done. Returns false. */
bool store_error(struct catalog *c, struct err *e, const char *what);
/* A prepared statement, NULL with e set. */
sqlite3_stmt *store_prepare(struct catalog *c, const char *sql, struct err *e);
/* Steps a statement that returns no rows, finalises it. */
MUST_CHECK bool store_run(struct catalog *c, sqlite3_stmt *s, struct err *e);
MUST_CHECK bool store_exec(struct catalog *c, const char *sql, struct err *e);
void store_bind_text(sqlite3_stmt *s, int i, const char *text); /* NULL binds NULL */

/* load.c: the whole state as of now, through c->db. */
MUST_CHECK bool catalog_load(struct catalog *c, struct catalog_snapshot **out, struct err *e);

#endif
