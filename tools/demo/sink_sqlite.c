/*
 * Rows into a SQLite file. While loading there is no journal and no sync: a load that is cut short is
 * started again from nothing. finish() leaves an ordinary file in journal mode DELETE with statistics.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/demo/sink.h"

struct sqlite_sink {
	struct sink base;
	sqlite3 *db;
	sqlite3_stmt *insert;
	const struct demo_table *table;
};

static bool sqlite_failed(struct sqlite_sink *s, struct err *e, const char *doing)
{
	return err_set(e, ERR_IO_ERROR, "cannot %s %s: %s", doing, sqlite3_db_filename(s->db, "main"), sqlite3_errmsg(s->db));
}

static bool run(struct sqlite_sink *s, const char *sql, struct err *e)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK || sqlite_failed(s, e, "write");
}

static bool sqlite_begin(struct sink *base, const struct demo_table *t, struct err *e)
{
	struct sqlite_sink *s = (struct sqlite_sink *)base;
	struct strbuf sql;
	strbuf_init(&sql, 0);
	ddl_create_table(&sql, DDL_SQLITE, t);
	bool ok = run(s, strbuf_cstr(&sql), e);
	strbuf_reset(&sql);
	strbuf_addf(&sql, "INSERT INTO \"%s\" VALUES (?", t->name);
	for (size_t i = 1; i < t->ncols; i++)
		strbuf_adds(&sql, ", ?");
	strbuf_addc(&sql, ')');
	if (ok && sqlite3_prepare_v2(s->db, strbuf_cstr(&sql), -1, &s->insert, NULL) != SQLITE_OK)
		ok = sqlite_failed(s, e, "write");
	strbuf_release(&sql);
	s->table = t;
	return ok;
}

static bool sqlite_row(struct sink *base, const struct cell *cells, size_t n, struct err *e)
{
	struct sqlite_sink *s = (struct sqlite_sink *)base;
	for (size_t i = 0; i < n; i++) {
		int at = (int)i + 1;
		switch (cells[i].kind) {
		case CELL_NULL:
			sqlite3_bind_null(s->insert, at);
			break;
		case CELL_INT: case CELL_BOOL:
			sqlite3_bind_int64(s->insert, at, cells[i].number);
			break;
		case CELL_TEXT: case CELL_DECIMAL: case CELL_DATE: case CELL_TIMESTAMP:
			/* a column's numeric affinity turns decimals into numbers */
			sqlite3_bind_text(s->insert, at, cells[i].text, (int)cells[i].len, SQLITE_STATIC);
			break;
		}
	}
	if (sqlite3_step(s->insert) != SQLITE_DONE) {
		sqlite_failed(s, e, "write");
		return err_context(e, "while filling %s.%s", s->table->database, s->table->name);
	}
	sqlite3_reset(s->insert);
	return true;
}

static bool sqlite_end(struct sink *base, struct err *e)
{
	struct sqlite_sink *s = (struct sqlite_sink *)base;
	struct strbuf sql;
	bool ok = true;
	sqlite3_finalize(s->insert);
	s->insert = NULL;
	strbuf_init(&sql, 0);
	for (size_t i = 0; ok && i < s->table->ncols; i++) {
		strbuf_reset(&sql);
		if (ddl_create_index(&sql, DDL_SQLITE, s->table, i))
			ok = run(s, strbuf_cstr(&sql), e);
	}
	strbuf_release(&sql);
	return ok;
}

static bool sqlite_finish(struct sink *base, struct err *e)
{
	struct sqlite_sink *s = (struct sqlite_sink *)base;
	return run(s, "ANALYZE; COMMIT; PRAGMA journal_mode = DELETE", e);
}

static void sqlite_sink_close(struct sink *base)
{
	struct sqlite_sink *s = (struct sqlite_sink *)base;
	sqlite3_finalize(s->insert);
	sqlite3_close(s->db);
	free(s);
}

static const struct sink_ops sqlite_ops = {sqlite_begin, sqlite_row, sqlite_end, sqlite_finish, sqlite_sink_close};

struct sink *sink_sqlite_open(const char *path, struct err *e)
{
	struct sqlite_sink *s = calloc(1, sizeof(*s));
	if (!s) {
		err_set(e, ERR_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	s->base.ops = &sqlite_ops;
	unlink(path);
	if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		err_set(e, ERR_IO_ERROR, "cannot create %s: %s", path, sqlite3_errmsg(s->db));
	else if (run(s, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -65536; PRAGMA analysis_limit = 2000; BEGIN", e))
		return &s->base;
	sqlite_sink_close(&s->base);
	return NULL;
}

/* ---- nothing ---- */

static bool null_begin(struct sink *s, const struct demo_table *t, struct err *e)
{
	(void)s, (void)t, (void)e;
	return true;
}
static bool null_row(struct sink *s, const struct cell *cells, size_t n, struct err *e)
{
	(void)s, (void)cells, (void)n, (void)e;
	return true;
}
static bool null_end(struct sink *s, struct err *e)
{
	(void)s, (void)e;
	return true;
}
static void null_close(struct sink *s) { (void)s; }

struct sink *sink_null_open(void)
{
	static const struct sink_ops ops = {null_begin, null_row, null_end, null_end, null_close};
	static struct sink nothing = {&ops};
	return &nothing;
}
