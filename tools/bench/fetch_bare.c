/*
 * The bare loops: lineitem read with each API as fast as that API is meant to be used, every value looked at as far as
 * the API makes one, and thrown away. Nothing is checked, converted or kept.
 */
#include "tools/bench/bench.h"

#include <libpq-fe.h>
#include <sql.h>
#include <sqlext.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench/fetch.h"
#include "tools/bench/tpch.h"

static volatile int64_t sunk; /* keeps reads from being optimised away */

/* COPY in binary; the bytes of a message are never looked at. */
int64_t bare_postgresql(const struct fetch_source *s, const char *target)
{
	PGconn *pg = PQconnectdb(target);
	char sql[1024], *row;
	int64_t rows = 0;
	int n;
	PGresult *r;

	if (PQstatus(pg) != CONNECTION_OK)
		bench_die("PostgreSQL: %s", PQerrorMessage(pg));
	snprintf(sql, sizeof sql, "COPY (%s) TO STDOUT (FORMAT binary)", fetch_query(s));
	fetch_clock_start();
	r = PQexec(pg, sql);
	if (PQresultStatus(r) != PGRES_COPY_OUT)
		bench_die("PostgreSQL: %s", PQerrorMessage(pg));
	PQclear(r);
	while ((n = PQgetCopyData(pg, &row, 0)) > 0) {
		sunk += n;
		rows++;
		PQfreemem(row);
	}
	if (n != -1)
		bench_die("PostgreSQL: %s", PQerrorMessage(pg));
	PQfinish(pg);
	return rows - 1; /* the trailer */
}

/* Prepared, unbuffered, every column bound to a buffer of its own type. */
int64_t bare_mariadb(const struct fetch_source *s, const char *target)
{
	const struct tpch_schema *t = &tpch_schemas[TPCH_LINEITEM];
	MYSQL *my = bench_mariadb(target);
	MYSQL_STMT *stmt = mysql_stmt_init(my);
	MYSQL_BIND binds[TPCH_MAX_COLUMNS];
	union { int32_t i; MYSQL_TIME t; char text[256]; } slots[TPCH_MAX_COLUMNS];
	unsigned long lengths[TPCH_MAX_COLUMNS];
	my_bool nulls[TPCH_MAX_COLUMNS];
	int64_t rows = 0;
	int rc;

	memset(binds, 0, sizeof binds);
	for (uint32_t i = 0; i < t->ncols; i++) {
		binds[i].buffer = &slots[i];
		binds[i].buffer_length = sizeof slots[i];
		binds[i].length = &lengths[i];
		binds[i].is_null = &nulls[i];
		switch (t->cols[i].kind) {
		case TPCH_INTEGER: binds[i].buffer_type = MYSQL_TYPE_LONG; break;
		case TPCH_MONEY: binds[i].buffer_type = MYSQL_TYPE_NEWDECIMAL; break;
		case TPCH_DATE: binds[i].buffer_type = MYSQL_TYPE_DATE; break;
		case TPCH_CHAR:
		case TPCH_VARCHAR: binds[i].buffer_type = MYSQL_TYPE_STRING; break;
		}
	}
	fetch_clock_start();
	if (mysql_stmt_prepare(stmt, fetch_query(s), strlen(fetch_query(s))) != 0 || mysql_stmt_execute(stmt) != 0
		|| mysql_stmt_bind_result(stmt, binds) != 0)
		bench_die("MariaDB: %s", mysql_stmt_error(stmt));
	while ((rc = mysql_stmt_fetch(stmt)) == 0)
		rows++;
	if (rc != MYSQL_NO_DATA)
		bench_die("MariaDB: %s", mysql_stmt_error(stmt));
	mysql_stmt_close(stmt);
	mysql_close(my);
	return rows;
}

/* Every column read by the accessor of its storage class. */
int64_t bare_sqlite(const struct fetch_source *s, const char *target)
{
	const struct tpch_schema *t = &tpch_schemas[TPCH_LINEITEM];
	sqlite3 *db;
	sqlite3_stmt *stmt;
	int64_t rows = 0, sum = 0;
	int rc;

	if (sqlite3_open_v2(target, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		bench_die("SQLite: %s", sqlite3_errmsg(db));
	fetch_clock_start();
	if (sqlite3_prepare_v2(db, fetch_query(s), -1, &stmt, NULL) != SQLITE_OK)
		bench_die("SQLite: %s", sqlite3_errmsg(db));
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		for (int i = 0; i < (int)t->ncols; i++)
			switch (t->cols[i].kind) {
			case TPCH_INTEGER: sum += sqlite3_column_int64(stmt, i); break;
			case TPCH_MONEY: sum += (int64_t)sqlite3_column_double(stmt, i); break;
			case TPCH_DATE:
			case TPCH_CHAR:
			case TPCH_VARCHAR:
				sum += sqlite3_column_text(stmt, i)[0];
				sum += sqlite3_column_bytes(stmt, i);
				break;
			}
		rows++;
	}
	sunk = sum;
	if (rc != SQLITE_DONE)
		bench_die("SQLite: %s", sqlite3_errmsg(db));
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return rows;
}

/* ---- ODBC ---- */

static NORETURN void odbc_die(SQLSMALLINT kind, SQLHANDLE h)
{
	SQLCHAR state[8] = "", text[512] = "";

	SQLGetDiagRec(kind, h, 1, state, NULL, text, sizeof text, NULL);
	bench_die("ODBC: %s %s", (char *)state, (char *)text);
}

static SQLHDBC odbc_connect(const struct fetch_source *s, const char *target)
{
	SQLHENV env;
	SQLHDBC dbc;
	char text[1024];

	SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env);
	SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
	SQLAllocHandle(SQL_HANDLE_DBC, env, &dbc);
	if (*bench_setting(target, "host"))
		snprintf(text, sizeof text, "DRIVER={%s};SERVER=%s;PORT=%s;DATABASE=%s;UID=%s;PWD=%s;%s", s->driver,
				 bench_setting(target, "host"), bench_setting(target, "port"),
				 *bench_setting(target, "dbname") ? bench_setting(target, "dbname") : bench_setting(target, "database"),
				 bench_setting(target, "user"), bench_setting(target, "password"), s->odbc_keywords);
	else
		snprintf(text, sizeof text, "DRIVER={%s};DATABASE=%s;%s", s->driver, target, s->odbc_keywords);
	if (!SQL_SUCCEEDED(SQLDriverConnect(dbc, NULL, (SQLCHAR *)text, SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT)))
		odbc_die(SQL_HANDLE_DBC, dbc);
	return dbc;
}

/* Blocks of rows into bound column arrays. */
int64_t bare_odbc(const struct fetch_source *s, const char *target)
{
	const struct tpch_schema *t = &tpch_schemas[TPCH_LINEITEM];
	SQLHDBC dbc = odbc_connect(s, target);
	SQLHSTMT stmt;
	SQLULEN fetched = 0;
	SQLLEN *lengths[TPCH_MAX_COLUMNS];
	int64_t rows = 0;
	SQLRETURN rc;

	SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt);
	SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)SQL_CURSOR_FORWARD_ONLY, 0);
	SQLSetStmtAttr(stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)(uintptr_t)s->odbc_rows, 0);
	SQLSetStmtAttr(stmt, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0);
	for (uint32_t i = 0; i < t->ncols; i++) {
		bool is_text = t->cols[i].kind == TPCH_CHAR || t->cols[i].kind == TPCH_VARCHAR, wide = is_text && s->odbc_wide;
		size_t width = is_text ? (size_t)t->cols[i].size * (wide ? 2 : 4) + 2 : 24;

		lengths[i] = malloc(sizeof(SQLLEN) * s->odbc_rows);
		SQLBindCol(stmt, (SQLUSMALLINT)(i + 1),
				   t->cols[i].kind == TPCH_INTEGER ? SQL_C_SLONG : t->cols[i].kind == TPCH_DATE ? SQL_C_TYPE_DATE
																				   : wide ? SQL_C_WCHAR
																						  : SQL_C_CHAR,
				   malloc(width * s->odbc_rows), (SQLLEN)width, lengths[i]);
	}
	fetch_clock_start();
	if (!SQL_SUCCEEDED(SQLExecDirect(stmt, (SQLCHAR *)(uintptr_t)fetch_query(s), SQL_NTS)))
		odbc_die(SQL_HANDLE_STMT, stmt);
	while (SQL_SUCCEEDED(rc = SQLFetch(stmt)))
		rows += s->odbc_rows == 1 ? 1 : (int64_t)fetched;
	if (rc != SQL_NO_DATA)
		odbc_die(SQL_HANDLE_STMT, stmt);
	SQLFreeHandle(SQL_HANDLE_STMT, stmt);
	SQLDisconnect(dbc);
	return rows;
}
