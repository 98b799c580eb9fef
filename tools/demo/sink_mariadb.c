/*
 * Rows into a database of a MariaDB (or MySQL) server, by INSERTs of about a megabyte. Definitions
 * commit there at once, so a load that fails leaves a part: --force replaces it.
 */
#include <mysql.h>
#include <stdlib.h>
#include <string.h>

#include "tools/demo/sink.h"

#define INSERT_CHUNK (900 * 1024)

struct mariadb_sink {
	struct sink base;
	MYSQL *conn;
	const struct demo_table *table;
	struct strbuf out;
	size_t prefix; /* length of "INSERT INTO … VALUES" */
};

static bool my_failed(struct mariadb_sink *s, struct err *e, const char *doing)
{
	return err_set(e, ERR_FDW_ERROR, "MariaDB, %s: %s", doing, mysql_error(s->conn));
}

static bool my_run(struct mariadb_sink *s, const char *sql, size_t len, struct err *e)
{
	if (mysql_real_query(s->conn, sql, len) != 0)
		return my_failed(s, e, s->table ? s->table->name : "loading the demo");
	for (;;) {
		MYSQL_RES *r = mysql_store_result(s->conn);
		if (r)
			mysql_free_result(r);
		if (mysql_next_result(s->conn) != 0)
			return true;
	}
}

static bool my_run_text(struct mariadb_sink *s, const char *sql, struct err *e)
{
	return my_run(s, sql, strlen(sql), e);
}

static bool my_begin(struct sink *base, const struct demo_table *t, struct err *e)
{
	struct mariadb_sink *s = (struct mariadb_sink *)base;
	s->table = t;
	strbuf_reset(&s->out);
	ddl_create_table(&s->out, DDL_MARIADB, t);
	if (!my_run(s, s->out.data, s->out.len, e))
		return false;
	strbuf_reset(&s->out);
	strbuf_addf(&s->out, "INSERT INTO `%s`.`%s` VALUES ", t->database, t->name);
	s->prefix = s->out.len;
	return true;
}

static bool my_flush(struct mariadb_sink *s, struct err *e)
{
	bool ok = s->out.len <= s->prefix || my_run(s, s->out.data, s->out.len, e);
	s->out.len = s->prefix; /* keep the beginning for the next one */
	s->out.data[s->out.len] = '\0';
	return ok;
}

static bool my_row(struct sink *base, const struct cell *cells, size_t n, struct err *e)
{
	struct mariadb_sink *s = (struct mariadb_sink *)base;
	char escaped[4096 * 2];
	strbuf_adds(&s->out, s->out.len > s->prefix ? ",(" : "(");
	for (size_t i = 0; i < n; i++) {
		if (i)
			strbuf_addc(&s->out, ',');
		switch (cells[i].kind) {
		case CELL_NULL:
			strbuf_adds(&s->out, "NULL");
			break;
		case CELL_INT: case CELL_BOOL:
			strbuf_addf(&s->out, "%lld", (long long)cells[i].number);
			break;
		case CELL_DECIMAL:
			strbuf_add(&s->out, cells[i].text, cells[i].len);
			break;
		case CELL_TEXT: case CELL_DATE: case CELL_TIMESTAMP:
			strbuf_addc(&s->out, '\'');
			strbuf_add(&s->out, escaped, mysql_real_escape_string(s->conn, escaped, cells[i].text, cells[i].len));
			strbuf_addc(&s->out, '\'');
			break;
		}
	}
	strbuf_addc(&s->out, ')');
	return s->out.len < INSERT_CHUNK || my_flush(s, e);
}

static bool my_end(struct sink *base, struct err *e)
{
	struct mariadb_sink *s = (struct mariadb_sink *)base;
	bool ok = my_flush(s, e) && my_run_text(s, "COMMIT", e);
	for (size_t i = 0; ok && i < s->table->ncols; i++) {
		strbuf_reset(&s->out);
		if (ddl_create_index(&s->out, DDL_MARIADB, s->table, i))
			ok = my_run(s, s->out.data, s->out.len, e);
	}
	strbuf_reset(&s->out);
	strbuf_addf(&s->out, "ANALYZE TABLE `%s`.`%s`", s->table->database, s->table->name);
	return ok && my_run(s, s->out.data, s->out.len, e);
}

static bool my_finish(struct sink *base, struct err *e)
{
	return my_run_text((struct mariadb_sink *)base, "COMMIT", e);
}

static void my_close(struct sink *base)
{
	struct mariadb_sink *s = (struct mariadb_sink *)base;
	mysql_close(s->conn);
	strbuf_release(&s->out);
	free(s);
}

static const struct sink_ops mariadb_ops = {my_begin, my_row, my_end, my_finish, my_close};

static bool my_prepare(struct mariadb_sink *s, const struct url_parts *u, const char *database, bool replace, struct err *e)
{
	mysql_options(s->conn, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (!mysql_real_connect(s->conn, *u->socket ? "localhost" : u->host, *u->user ? u->user : NULL, u->password, NULL,
							(unsigned)atoi(u->port), *u->socket ? u->socket : NULL, 0))
		return my_failed(s, e, "connecting");
	if (!my_run_text(s, "SET autocommit = 0, unique_checks = 0, foreign_key_checks = 0, sql_mode = 'TRADITIONAL'", e))
		return false;
	if (replace) {
		strbuf_addf(&s->out, "DROP DATABASE IF EXISTS `%s`", database);
		if (!my_run(s, s->out.data, s->out.len, e))
			return false;
		strbuf_reset(&s->out);
	}
	strbuf_addf(&s->out, "CREATE DATABASE `%s` CHARACTER SET utf8mb4 COLLATE utf8mb4_vietnamese_ci", database);
	if (!my_run(s, s->out.data, s->out.len, e))
		return err_hint(e, "--force replaces what is there.");
	return true;
}

struct sink *sink_mariadb_open(const char *url, const char *database, bool replace, struct err *e)
{
	struct url_parts u;
	if (!url_parse(url, &u, e))
		return NULL;
	struct mariadb_sink *s = calloc(1, sizeof(*s));
	if (!s || !(s->conn = mysql_init(NULL))) {
		free(s);
		err_set(e, ERR_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	s->base.ops = &mariadb_ops;
	strbuf_init(&s->out, 0);
	if (my_prepare(s, &u, database, replace, e))
		return &s->base;
	my_close(&s->base);
	return NULL;
}
