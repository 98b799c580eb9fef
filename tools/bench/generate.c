/*
 * `bench generate SCALE TABLE,TABLE… TARGET`: makes the tables and fills them. TARGET is
 *   postgresql:CONNINFO   tables in schema tpch, by COPY; keys and ANALYZE afterwards
 *   mariadb:CONNINFO      tables in the connection's database, by LOAD DATA LOCAL out of memory
 *   sqlite:FILE           by prepared inserts
 *   csv:                  on standard output, without header
 * Existing tables of these names are dropped.
 */
#include "tools/bench/bench.h"

#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/bench/tpch.h"

#define BUFFER (256 << 10)

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void column_list(const struct tpch_schema *s, char *out, size_t size)
{
	size_t n = 0;

	for (uint32_t i = 0; i < s->ncols; i++) {
		const struct tpch_column *c = &s->cols[i];

		n += (size_t)snprintf(out + n, size - n, "%s%s ", i ? ", " : "", c->name);
		switch (c->kind) {
		case TPCH_INTEGER: n += (size_t)snprintf(out + n, size - n, "integer"); break;
		case TPCH_MONEY: n += (size_t)snprintf(out + n, size - n, "decimal(15,2)"); break;
		case TPCH_DATE: n += (size_t)snprintf(out + n, size - n, "date"); break;
		case TPCH_CHAR: n += (size_t)snprintf(out + n, size - n, "char(%d)", c->size); break;
		case TPCH_VARCHAR: n += (size_t)snprintf(out + n, size - n, "varchar(%d)", c->size); break;
		}
		n += (size_t)snprintf(out + n, size - n, " not null");
	}
}

/* ---- PostgreSQL ---- */

static void pg_run(PGconn *pg, const char *sql, ExecStatusType want)
{
	PGresult *r = PQexec(pg, sql);

	if (PQresultStatus(r) != want)
		bench_die("PostgreSQL: %s: %s", sql, PQerrorMessage(pg));
	PQclear(r);
}

static void load_postgresql(void *connection, const struct tpch_schema *s, struct tpch_cursor *c, char *buf)
{
	PGconn *pg = connection;
	char sql[2048], cols[1500];
	PGresult *r;
	size_t n;

	column_list(s, cols, sizeof cols);
	pg_run(pg, "BEGIN", PGRES_COMMAND_OK);
	snprintf(sql, sizeof sql, "DROP TABLE IF EXISTS tpch.%s", s->name);
	pg_run(pg, sql, PGRES_COMMAND_OK);
	snprintf(sql, sizeof sql, "CREATE TABLE tpch.%s (%s)", s->name, cols);
	pg_run(pg, sql, PGRES_COMMAND_OK);
	snprintf(sql, sizeof sql, "COPY tpch.%s FROM STDIN WITH (FREEZE)", s->name);
	pg_run(pg, sql, PGRES_COPY_IN);
	while ((n = tpch_text(c, buf, BUFFER, '\t')) > 0)
		if (PQputCopyData(pg, buf, (int)n) != 1)
			bench_die("PostgreSQL: %s", PQerrorMessage(pg));
	if (PQputCopyEnd(pg, NULL) != 1)
		bench_die("PostgreSQL: %s", PQerrorMessage(pg));
	while ((r = PQgetResult(pg))) {
		if (PQresultStatus(r) != PGRES_COMMAND_OK)
			bench_die("PostgreSQL: %s", PQerrorMessage(pg));
		PQclear(r);
	}
	snprintf(sql, sizeof sql, "ALTER TABLE tpch.%s ADD PRIMARY KEY (%s)", s->name, s->primary_key);
	pg_run(pg, sql, PGRES_COMMAND_OK);
	pg_run(pg, "COMMIT", PGRES_COMMAND_OK);
	snprintf(sql, sizeof sql, "VACUUM ANALYZE tpch.%s", s->name);
	pg_run(pg, sql, PGRES_COMMAND_OK);
}

static void *open_postgresql(const char *target)
{
	PGconn *pg = PQconnectdb(target);

	if (PQstatus(pg) != CONNECTION_OK)
		bench_die("PostgreSQL: %s", PQerrorMessage(pg));
	pg_run(pg, "SET client_min_messages = warning", PGRES_COMMAND_OK);
	pg_run(pg, "CREATE SCHEMA IF NOT EXISTS tpch", PGRES_COMMAND_OK);
	pg_run(pg, "SET maintenance_work_mem = '256MB'", PGRES_COMMAND_OK);
	return pg;
}

static void close_postgresql(void *pg) { PQfinish(pg); }

/* ---- MariaDB ---- */

struct infile {
	struct tpch_cursor *cursor;
	char *buf;
	size_t at, end;
};

static int infile_init(void **ptr, const char *name, void *arg)
{
	(void)name;
	*ptr = arg;
	return 0;
}

static int infile_read(void *ptr, char *out, unsigned size)
{
	struct infile *f = ptr;
	size_t n;

	if (f->at == f->end) {
		f->at = 0;
		f->end = tpch_text(f->cursor, f->buf, BUFFER, '\t');
	}
	n = f->end - f->at < size ? f->end - f->at : size;
	memcpy(out, f->buf + f->at, n);
	f->at += n;
	return (int)n;
}

static void infile_end(void *ptr) { (void)ptr; }

static int infile_error(void *ptr, char *out, unsigned size)
{
	(void)ptr;
	snprintf(out, size, "generator");
	return 0;
}

static void my_run(MYSQL *my, const char *sql)
{
	MYSQL_RES *r;

	if (mysql_query(my, sql) != 0)
		bench_die("MariaDB: %s: %s", sql, mysql_error(my));
	r = mysql_store_result(my);
	if (r)
		mysql_free_result(r);
}

static void load_mariadb(void *connection, const struct tpch_schema *s, struct tpch_cursor *c, char *buf)
{
	MYSQL *my = connection;
	char sql[2048], cols[1500];
	struct infile f = {c, buf, 0, 0};

	column_list(s, cols, sizeof cols);
	snprintf(sql, sizeof sql, "DROP TABLE IF EXISTS %s", s->name);
	my_run(my, sql);
	snprintf(sql, sizeof sql, "CREATE TABLE %s (%s, PRIMARY KEY (%s)) ENGINE=InnoDB CHARACTER SET utf8mb4", s->name, cols,
			 s->primary_key);
	my_run(my, sql);
	mysql_set_local_infile_handler(my, infile_init, infile_read, infile_end, infile_error, &f);
	snprintf(sql, sizeof sql, "LOAD DATA LOCAL INFILE 'generator' INTO TABLE %s CHARACTER SET utf8mb4", s->name);
	my_run(my, sql);
	snprintf(sql, sizeof sql, "ANALYZE TABLE %s", s->name);
	my_run(my, sql);
}

static void *open_mariadb(const char *target)
{
	MYSQL *my = bench_mariadb(target);

	my_run(my, "SET unique_checks = 0");
	my_run(my, "SET foreign_key_checks = 0");
	return my;
}

static void close_mariadb(void *my) { mysql_close(my); }

/* ---- SQLite ---- */

static void lite_run(sqlite3 *db, const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		bench_die("SQLite: %s: %s", sql, why);
}

static void lite_insert(sqlite3 *db, sqlite3_stmt *stmt, const struct tpch_schema *s, const struct tpch_cell *v)
{
	char date[12];

	for (uint32_t i = 0; i < s->ncols; i++) {
		int at = (int)i + 1;

		switch (s->cols[i].kind) {
		case TPCH_INTEGER: sqlite3_bind_int64(stmt, at, v[i].number); break;
		case TPCH_MONEY: sqlite3_bind_double(stmt, at, (double)v[i].number / 100); break;
		case TPCH_DATE:
			tpch_print_date(date, (int32_t)v[i].number);
			sqlite3_bind_text(stmt, at, date, 10, SQLITE_TRANSIENT);
			break;
		case TPCH_CHAR:
		case TPCH_VARCHAR: sqlite3_bind_text(stmt, at, v[i].text, (int)v[i].len, SQLITE_STATIC); break;
		}
	}
	if (sqlite3_step(stmt) != SQLITE_DONE)
		bench_die("SQLite: %s", sqlite3_errmsg(db));
	sqlite3_reset(stmt);
}

static void load_sqlite(void *connection, const struct tpch_schema *s, struct tpch_cursor *c, char *buf)
{
	struct tpch_cell v[TPCH_MAX_COLUMNS];
	char sql[2048], cols[1500];
	sqlite3 *db = connection;
	sqlite3_stmt *stmt;

	(void)buf;
	column_list(s, cols, sizeof cols);
	snprintf(sql, sizeof sql, "BEGIN; DROP TABLE IF EXISTS %s; CREATE TABLE %s (%s, PRIMARY KEY (%s))", s->name, s->name,
			 cols, s->primary_key);
	lite_run(db, sql);
	snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (?%.*s)", s->name, (int)(s->ncols - 1) * 2,
			 ",?,?,?,?,?,?,?,?,?,?,?,?,?,?,?");
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		bench_die("SQLite: %s: %s", sql, sqlite3_errmsg(db));
	while (tpch_next(c, v))
		lite_insert(db, stmt, s, v);
	sqlite3_finalize(stmt);
	lite_run(db, "COMMIT; ANALYZE");
}

static void *open_sqlite(const char *target)
{
	sqlite3 *db;

	if (sqlite3_open(target, &db) != SQLITE_OK)
		bench_die("SQLite: %s: %s", target, sqlite3_errmsg(db));
	lite_run(db, "PRAGMA journal_mode = off; PRAGMA synchronous = off; PRAGMA cache_size = -65536");
	return db;
}

static void close_sqlite(void *db) { sqlite3_close(db); }

/* ---- CSV ---- */

static void *open_csv(const char *target)
{
	(void)target;
	return stdout;
}

static void load_csv(void *out, const struct tpch_schema *s, struct tpch_cursor *c, char *buf)
{
	size_t n;

	(void)s;
	while ((n = tpch_text(c, buf, BUFFER, ',')) > 0)
		if (fwrite(buf, 1, n, out) != n)
			bench_die("could not write");
}

static void close_csv(void *out) { fflush(out); }

static const struct target {
	const char *prefix;
	void *(*open)(const char *target);
	void (*load)(void *connection, const struct tpch_schema *s, struct tpch_cursor *c, char *buf);
	void (*close)(void *connection);
} targets[] = {
	{"postgresql:", open_postgresql, load_postgresql, close_postgresql},
	{"mariadb:", open_mariadb, load_mariadb, close_mariadb},
	{"sqlite:", open_sqlite, load_sqlite, close_sqlite},
	{"csv:", open_csv, load_csv, close_csv},
};

int generate_main(int argc, char **argv)
{
	const struct target *t = targets;
	struct tpch_cursor c;
	char *buf = malloc(BUFFER);
	void *connection;
	double scale = argc == 4 ? atof(argv[1]) : 0, start;

	if (scale <= 0 || !buf)
		bench_die("usage: bench generate SCALE TABLE,… TARGET");
	while (t < targets + ARRAY_LEN(targets) && strncmp(argv[3], t->prefix, strlen(t->prefix)) != 0)
		t++;
	if (t == targets + ARRAY_LEN(targets))
		bench_die("unknown target %s", argv[3]);
	connection = t->open(argv[3] + strlen(t->prefix));
	for (const char *p = argv[2]; *p;) {
		size_t len = strcspn(p, ",");
		enum tpch_table table = tpch_table_find(p, len);

		if (table == TPCH_TABLES)
			bench_die("unknown table %.*s", (int)len, p);
		start = now();
		tpch_open(&c, table, scale);
		t->load(connection, &tpch_schemas[table], &c, buf);
		fprintf(stderr, "  %-11s %-10s scale %g in %.1f s\n", t->prefix, tpch_schemas[table].name, scale, now() - start);
		p += len + (p[len] == ',');
	}
	t->close(connection);
	free(buf);
	return 0;
}
