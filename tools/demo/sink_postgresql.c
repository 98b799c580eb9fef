/*
 * Rows into a schema of a PostgreSQL server, by COPY in text format, in one transaction: either the
 * whole schema is there afterwards or nothing of it.
 */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "tools/demo/sink.h"

#define COPY_CHUNK 65536

struct postgresql_sink {
	struct sink base;
	PGconn *conn;
	const struct demo_table *table;
	struct strbuf out;
};

static bool pg_failed(struct postgresql_sink *s, struct err *e, const char *doing)
{
	const char *text = PQerrorMessage(s->conn);
	return err_set(e, ERR_FDW_ERROR, "PostgreSQL, %s: %.*s", doing, (int)strcspn(text, "\n"), text);
}

static bool pg_run(struct postgresql_sink *s, const char *sql, ExecStatusType wanted, struct err *e)
{
	PGresult *r = PQexec(s->conn, sql);
	bool ok = PQresultStatus(r) == wanted;
	PQclear(r);
	return ok || pg_failed(s, e, "loading the demo");
}

static bool pg_comment(struct postgresql_sink *s, const char *what, const char *text, struct err *e)
{
	struct strbuf sql;
	char *literal = PQescapeLiteral(s->conn, text, strlen(text));
	strbuf_init(&sql, 0);
	strbuf_addf(&sql, "COMMENT ON %s IS %s", what, literal ? literal : "NULL");
	bool ok = pg_run(s, strbuf_cstr(&sql), PGRES_COMMAND_OK, e);
	PQfreemem(literal);
	strbuf_release(&sql);
	return ok;
}

static bool pg_begin(struct sink *base, const struct demo_table *t, struct err *e)
{
	struct postgresql_sink *s = (struct postgresql_sink *)base;
	char what[300];
	s->table = t;
	strbuf_reset(&s->out);
	ddl_create_table(&s->out, DDL_POSTGRESQL, t);
	if (!pg_run(s, strbuf_cstr(&s->out), PGRES_COMMAND_OK, e))
		return false;
	snprintf(what, sizeof(what), "TABLE \"%s\".\"%s\"", t->database, t->name);
	bool ok = pg_comment(s, what, t->title_vi, e);
	for (size_t i = 0; ok && i < t->ncols; i++) {
		snprintf(what, sizeof(what), "COLUMN \"%s\".\"%s\".\"%s\"", t->database, t->name, t->columns[i].name);
		ok = pg_comment(s, what, t->columns[i].comment_vi, e);
	}
	strbuf_reset(&s->out);
	strbuf_addf(&s->out, "COPY \"%s\".\"%s\" FROM STDIN", t->database, t->name);
	ok = ok && pg_run(s, strbuf_cstr(&s->out), PGRES_COPY_IN, e);
	strbuf_reset(&s->out);
	return ok;
}

static bool pg_flush(struct postgresql_sink *s, struct err *e)
{
	bool ok = s->out.len == 0 || PQputCopyData(s->conn, s->out.data, (int)s->out.len) == 1;
	strbuf_reset(&s->out);
	return ok || pg_failed(s, e, "COPY");
}

static bool pg_row(struct sink *base, const struct cell *cells, size_t n, struct err *e)
{
	struct postgresql_sink *s = (struct postgresql_sink *)base;
	for (size_t i = 0; i < n; i++) {
		if (i)
			strbuf_addc(&s->out, '\t');
		switch (cells[i].kind) {
		case CELL_NULL:
			strbuf_add(&s->out, "\\N", 2);
			break;
		case CELL_INT:
			strbuf_addf(&s->out, "%lld", (long long)cells[i].number);
			break;
		case CELL_BOOL:
			strbuf_addc(&s->out, cells[i].number ? 't' : 'f');
			break;
		case CELL_TEXT: case CELL_DECIMAL: case CELL_DATE: case CELL_TIMESTAMP:
			/* the demo makes no control characters; a backslash must still be one */
			for (const char *p = cells[i].text; *p; p++) {
				if (*p == '\\')
					strbuf_addc(&s->out, '\\');
				strbuf_addc(&s->out, *p);
			}
			break;
		}
	}
	strbuf_addc(&s->out, '\n');
	return s->out.len < COPY_CHUNK || pg_flush(s, e);
}

static bool pg_end(struct sink *base, struct err *e)
{
	struct postgresql_sink *s = (struct postgresql_sink *)base;
	if (!pg_flush(s, e))
		return false;
	if (PQputCopyEnd(s->conn, NULL) != 1)
		return pg_failed(s, e, "COPY");
	bool ok = true;
	for (PGresult *r; (r = PQgetResult(s->conn)); PQclear(r))
		if (PQresultStatus(r) != PGRES_COMMAND_OK)
			ok = pg_failed(s, e, s->table->name);
	for (size_t i = 0; ok && i < s->table->ncols; i++) {
		strbuf_reset(&s->out);
		if (ddl_create_index(&s->out, DDL_POSTGRESQL, s->table, i))
			ok = pg_run(s, strbuf_cstr(&s->out), PGRES_COMMAND_OK, e);
	}
	strbuf_reset(&s->out);
	strbuf_addf(&s->out, "ANALYZE \"%s\".\"%s\"", s->table->database, s->table->name);
	ok = ok && pg_run(s, strbuf_cstr(&s->out), PGRES_COMMAND_OK, e);
	strbuf_reset(&s->out);
	return ok;
}

static bool pg_finish(struct sink *base, struct err *e)
{
	return pg_run((struct postgresql_sink *)base, "COMMIT", PGRES_COMMAND_OK, e);
}

static void pg_close(struct sink *base)
{
	struct postgresql_sink *s = (struct postgresql_sink *)base;
	PQfinish(s->conn);
	strbuf_release(&s->out);
	free(s);
}

static const struct sink_ops postgresql_ops = {pg_begin, pg_row, pg_end, pg_finish, pg_close};

static bool pg_prepare(struct postgresql_sink *s, const char *schema, bool replace, struct err *e)
{
	if (PQstatus(s->conn) != CONNECTION_OK)
		return pg_failed(s, e, "connecting");
	PQsetClientEncoding(s->conn, "UTF8");
	if (!pg_run(s, "SET client_min_messages = warning", PGRES_COMMAND_OK, e) || !pg_run(s, "BEGIN", PGRES_COMMAND_OK, e))
		return false;
	if (replace) {
		strbuf_addf(&s->out, "DROP SCHEMA IF EXISTS \"%s\" CASCADE", schema);
		if (!pg_run(s, strbuf_cstr(&s->out), PGRES_COMMAND_OK, e))
			return false;
		strbuf_reset(&s->out);
	}
	strbuf_addf(&s->out, "CREATE SCHEMA \"%s\"", schema);
	if (!pg_run(s, strbuf_cstr(&s->out), PGRES_COMMAND_OK, e))
		return err_hint(e, "--force replaces what is there.");
	return true;
}

struct sink *sink_postgresql_open(const char *url, const char *schema, bool replace, struct err *e)
{
	struct postgresql_sink *s = calloc(1, sizeof(*s));
	if (!s) {
		err_set(e, ERR_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	s->base.ops = &postgresql_ops;
	strbuf_init(&s->out, 0);
	s->conn = PQconnectdb(url);
	if (pg_prepare(s, schema, replace, e))
		return &s->base;
	pg_close(&s->base);
	return NULL;
}
