/*
 * The durable store: opening, checking and upgrading the SQLite file, transactions, publication of
 * snapshots. What stands in the file is schema.sql.h's matter, how it is read load.c's, how it is
 * changed edit.c's. All use of the SQLite handle happens under catalog->lock.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "catalog/catalog_int.h"
#include "catalog/schema.sql.h"

bool store_error(struct catalog *c, struct err *e, const char *what)
{
	int rc = sqlite3_extended_errcode(c->db);
	const char *where = c->directory ? c->directory : "memory";

	switch (rc & 0xff) {
	case SQLITE_FULL:
		err_set(e, ERR_DISK_FULL, "no space left for the catalog in \"%s\" while %s", where, what);
		return err_hint(e, "Nothing was changed. Free space on that disk, then run the statement again.");
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		err_set(e, ERR_DATA_CORRUPTED, "the catalog file in \"%s\" is damaged (%s)", where, sqlite3_errmsg(c->db));
		return err_hint(e, "Restore catalog.db and catalog.key from a backup, or start with a new directory.");
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(e, ERR_OBJECT_IN_USE, "another process is changing the catalog in \"%s\"", where);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		return err_set(e, ERR_IO_ERROR, "can't write the catalog in \"%s\" while %s: %s", where, what,
					   sqlite3_errmsg(c->db));
	}
	return err_set(e, ERR_IO_ERROR, "catalog in \"%s\" failed while %s: %s", where, what, sqlite3_errmsg(c->db));
}

sqlite3_stmt *store_prepare(struct catalog *c, const char *sql, struct err *e)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(c->db, sql, -1, &s, NULL) != SQLITE_OK)
		store_error(c, e, "preparing a catalog statement");
	return s;
}

bool store_run(struct catalog *c, sqlite3_stmt *s, struct err *e)
{
	int rc;

	if (!s)
		return false;
	rc = sqlite3_step(s);
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		store_error(c, e, "changing it");
	sqlite3_finalize(s);
	return rc == SQLITE_DONE || rc == SQLITE_ROW;
}

bool store_exec(struct catalog *c, const char *sql, struct err *e)
{
	if (sqlite3_exec(c->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return store_error(c, e, "changing it");
	return true;
}

void store_bind_text(sqlite3_stmt *s, int i, const char *text)
{
	if (text)
		sqlite3_bind_text(s, i, text, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(s, i);
}

static int64_t pragma_int(struct catalog *c, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t v = -1;

	if (sqlite3_prepare_v2(c->db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		v = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return v;
}

/* A file that is not ours or is damaged is refused before anything is read from it. */
static bool check_file(struct catalog *c, struct err *e)
{
	sqlite3_stmt *s = store_prepare(c, "PRAGMA quick_check(1)", e);
	bool ok;

	if (!s)
		return false;
	if (sqlite3_step(s) != SQLITE_ROW) {
		store_error(c, e, "checking it");
		sqlite3_finalize(s);
		return false;
	}
	ok = strcmp((const char *)sqlite3_column_text(s, 0), "ok") == 0;
	if (!ok) {
		err_set(e, ERR_DATA_CORRUPTED, "the catalog file in \"%s\" is damaged", c->directory ? c->directory : "memory");
		err_detail(e, "%s", (const char *)sqlite3_column_text(s, 0));
		err_hint(e, "Restore catalog.db and catalog.key from a backup, or start with a new directory.");
	}
	sqlite3_finalize(s);
	return ok;
}

static bool upgrade(struct catalog *c, struct err *e)
{
	int64_t version = pragma_int(c, "PRAGMA user_version");
	int64_t application = pragma_int(c, "PRAGMA application_id");

	if (version == 0 && application == 0 && pragma_int(c, "SELECT count(*) FROM sqlite_schema") == 0)
		return store_exec(c, "BEGIN IMMEDIATE", e) && store_exec(c, catalog_schema_sql, e) && store_exec(c, "COMMIT", e);
	if (application != CATALOG_APPLICATION_ID) {
		return err_set(e, ERR_DATA_CORRUPTED, "\"%s/catalog.db\" is an SQLite file, but no catalog",
					   c->directory ? c->directory : "");
	}
	if (version == 1 || version == 2)
		return store_exec(c, "BEGIN IMMEDIATE", e) &&
			   store_exec(c, version == 1 ? catalog_upgrade_1_sql : catalog_upgrade_2_sql, e) && store_exec(c, "COMMIT", e);
	if (version != CATALOG_FORMAT) {
		err_set(e, ERR_FEATURE_NOT_SUPPORTED, "the catalog in \"%s\" has format %lld; this program reads format %d",
				c->directory, (long long)version, CATALOG_FORMAT);
		return err_hint(e, "Use the program version that made it, or a newer one.");
	}
	return true;
}

static bool open_file(struct catalog *c, struct err *e)
{
	char path[4096] = ":memory:";

	if (c->directory) {
		if (mkdir(c->directory, 0700) != 0 && errno != EEXIST)
			return err_set(e, ERR_IO_ERROR, "could not create catalog directory \"%s\": %s", c->directory,
						   strerror(errno));
		sqlite3_snprintf(sizeof path, path, "%s/catalog.db", c->directory);
	}
	if (!secret_key_load(c->directory, &c->key, e))
		return false;
	if (sqlite3_open_v2(path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) !=
		SQLITE_OK)
		return store_error(c, e, "opening it");
	sqlite3_extended_result_codes(c->db, 1);
	sqlite3_busy_timeout(c->db, 5000);
	if (!check_file(c, e) || !store_exec(c, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
											"PRAGMA trusted_schema=OFF", e))
		return false;
	if (c->directory)
		chmod(path, 0600);
	return upgrade(c, e);
}

struct catalog *catalog_open(const char *directory, struct err *e)
{
	struct catalog *c = calloc(1, sizeof *c);

	if (!c) {
		err_set(e, ERR_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	c->mem = mem_new(NULL, MEM_CATALOG, "catalog", 0);
	c->directory = mem_strdup(c->mem, directory);
	pthread_mutex_init(&c->lock, NULL);
	pthread_mutex_init(&c->publish, NULL);
	if (!open_file(c, e) || !catalog_load(c, &c->snapshot, e)) {
		catalog_close(c);
		return NULL;
	}
	c->data_version = pragma_int(c, "PRAGMA data_version");
	return c;
}

void catalog_close(struct catalog *c)
{
	if (!c)
		return;
	catalog_snapshot_unref(c->snapshot);
	sqlite3_close(c->db);
	explicit_bzero(&c->key, sizeof c->key);
	pthread_mutex_destroy(&c->lock);
	pthread_mutex_destroy(&c->publish);
	mem_free(c->mem);
	free(c);
}

static void publish(struct catalog *c, struct catalog_snapshot *next)
{
	struct catalog_snapshot *old;

	pthread_mutex_lock(&c->publish);
	old = c->snapshot;
	c->snapshot = next;
	pthread_mutex_unlock(&c->publish);
	catalog_snapshot_unref(old);
}

const struct catalog_snapshot *catalog_snapshot_get(struct catalog *c)
{
	const struct catalog_snapshot *s;

	/* Another process's commit shows in data_version. While an edit of ours is under way, the published
	 * snapshot is the answer; a reload that fails leaves it in place too. */
	if (c->directory && pthread_mutex_trylock(&c->lock) == 0) {
		int64_t now = pragma_int(c, "PRAGMA data_version");
		struct catalog_snapshot *next;

		if (now != c->data_version && catalog_load(c, &next, NULL)) {
			c->data_version = now;
			publish(c, next);
		}
		pthread_mutex_unlock(&c->lock);
	}
	pthread_mutex_lock(&c->publish);
	s = c->snapshot;
	catalog_snapshot_ref(s);
	pthread_mutex_unlock(&c->publish);
	return s;
}

struct catalog_edit *catalog_begin(struct catalog *c, struct err *e)
{
	struct mem *m;
	struct catalog_edit *x;

	pthread_mutex_lock(&c->lock);
	if (!store_exec(c, "BEGIN IMMEDIATE", e)) {
		pthread_mutex_unlock(&c->lock);
		return NULL;
	}
	m = mem_new(c->mem, MEM_CATALOG, "edit", 0);
	x = mem_new_object(m, struct catalog_edit);
	x->catalog = c;
	x->mem = m;
	return x;
}

static void end_edit(struct catalog_edit *x)
{
	struct catalog *c = x->catalog;

	catalog_snapshot_unref(x->view);
	mem_free(x->mem);
	pthread_mutex_unlock(&c->lock);
}

bool catalog_commit(struct catalog_edit *x, struct err *e)
{
	struct catalog *c = x->catalog;
	struct catalog_snapshot *next = NULL;
	bool ok;

	if (err_is_set(&x->err)) {
		err_copy(e, &x->err);
		catalog_rollback(x);
		return false;
	}
	/* Loaded before the commit: what can't be read back is not committed. */
	ok = store_exec(c, "UPDATE meta SET version = version + 1", e) && catalog_load(c, &next, e) &&
		 store_exec(c, "COMMIT", e);
	if (!ok) {
		catalog_snapshot_unref(next);
		sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
	} else {
		publish(c, next);
	}
	end_edit(x);
	return ok;
}

void catalog_rollback(struct catalog_edit *x)
{
	if (!x)
		return;
	sqlite3_exec(x->catalog->db, "ROLLBACK", NULL, NULL, NULL);
	end_edit(x);
}

const struct catalog_snapshot *catalog_edit_view(struct catalog_edit *x, struct err *e)
{
	struct catalog_snapshot *s;

	catalog_snapshot_unref(x->view);
	x->view = NULL;
	if (!catalog_load(x->catalog, &s, e))
		return NULL;
	x->view = s;
	return s;
}
