/*
 * SQLite, natively: the embedded source. Connecting, probing, streams.
 *
 * Files are opened read-only, each connection is used by one thread. SQLite's values carry their own type, whatever
 * the column declares; the batch writer judges each. Cancelling sets a flag that the progress handler and the
 * busy handler read, so it can't be missed and wakes a wait for a lock.
 *
 * Session: query_only, LIKE made case-sensitive (it folds ASCII letters otherwise), no ATTACH, untrusted schema.
 */
#include "connectors/sqlite/sqlite_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "connectors/text_decode.h"
#include "engine/base/clock.h"
#include "engine/types/datetime.h"

#define PROGRESS_OPS 20000

struct stream {
	struct sqlite_conn *conn;
	sqlite3_stmt *stmt;
	struct batch_writer w;
	struct stream_progress progress;
	bool done;
};

static const char *const server_options[] = {"path",	   "database", "max_connections", "idle_timeout", "connect_timeout",
											 "unix_dates", "encoding", "nfc",			  "bad_value",	  NULL};
static const char *const user_options[] = {NULL};
static const char *const table_options[] = {"schema_name", "table_name", "encoding", "nfc", "bad_value", NULL};

bool sqlite_error(struct sqlite_conn *c, const char *table, int rc, struct err *e)
{
	const char *text = sqlite3_errmsg(c->db), *server = c->base.server;

	if (table && *table && strncmp(text, "no such table", 13) == 0) {
		err_set(e, ERR_FDW_TABLE_NOT_FOUND, "table \"%s\" at server \"%s\" no longer exists", table, server);
		err_hint(e, "Import it again.");
	} else if (table && strncmp(text, "no such column", 14) == 0) {
		err_set(e, ERR_FDW_COLUMN_NOT_FOUND, "a column of table \"%s\" at server \"%s\" no longer exists", table, server);
		err_hint(e, "Import it again.");
	} else {
		switch (rc & 0xff) {
		case SQLITE_INTERRUPT:
			err_set(e, ERR_QUERY_CANCELED, "the query at server \"%s\" was interrupted", server);
			break;
		case SQLITE_CORRUPT:
		case SQLITE_NOTADB:
			err_set(e, ERR_DATA_CORRUPTED, "the file of server \"%s\" is damaged or no SQLite database", server);
			break;
		case SQLITE_IOERR:
			err_set(e, ERR_IO_ERROR, "cannot read the file of server \"%s\"", server);
			break;
		case SQLITE_BUSY:
		case SQLITE_LOCKED:
			err_set(e, ERR_OBJECT_IN_USE, "the file of server \"%s\" is locked by another program", server);
			break;
		case SQLITE_NOMEM:
			err_set(e, ERR_OUT_OF_MEMORY, "SQLite is out of memory at server \"%s\"", server);
			break;
		case SQLITE_TOOBIG:
			err_set(e, ERR_PROGRAM_LIMIT, "a statement or value is too big for server \"%s\"", server);
			break;
		case SQLITE_CANTOPEN:
			err_set(e, ERR_CANNOT_CONNECT, "cannot open the file of server \"%s\"", server);
			break;
		default: /* SQLite's codes, an open set */
			err_set(e, ERR_FDW_CANNOT_EXECUTE, "server \"%s\" refused the query", server);
		}
	}
	err_detail(e, "SQLite: %s", text);
	err_source(e, server);
	e->vendor_code = rc;
	return false;
}

static bool is_interrupted(const struct sqlite_conn *c)
{
	return __atomic_load_n(&c->interrupted, __ATOMIC_RELAXED);
}

static int on_progress(void *arg) { return is_interrupted(arg); }

static int on_busy(void *arg, int tries)
{
	struct sqlite_conn *c = arg;
	int64_t now = clock_monotonic_us();
	struct timespec nap = {0, 5000000};

	if (tries == 0)
		c->busy_until_us = now + c->busy_us;
	if (is_interrupted(c) || now >= c->busy_until_us)
		return 0;
	nanosleep(&nap, NULL);
	return 1;
}

int64_t sqlite_get_int(struct sqlite_conn *c, const char *sql, int64_t otherwise)
{
	sqlite3_stmt *s;
	int64_t v = otherwise;

	if (sqlite3_prepare_v2(c->db, sql, -1, &s, NULL) != SQLITE_OK)
		return otherwise;
	if (sqlite3_step(s) == SQLITE_ROW)
		v = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return v;
}

static bool make_session(struct sqlite_conn *c, struct err *e)
{
	int rc;

	sqlite3_extended_result_codes(c->db, 1);
	sqlite3_progress_handler(c->db, PROGRESS_OPS, on_progress, c);
	sqlite3_busy_handler(c->db, on_busy, c);
	sqlite3_limit(c->db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	/* a quoted name that is no column must be an error, never a text */
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	rc = sqlite3_exec(c->db, "PRAGMA query_only = on; PRAGMA case_sensitive_like = on; PRAGMA temp_store = memory; "
							 "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return sqlite_error(c, NULL, rc, e);
	if (sqlite_get_int(c, "PRAGMA query_only", 0) != 1 || sqlite3_db_readonly(c->db, "main") != 1
		|| sqlite_get_int(c, "SELECT 'a' LIKE 'A'", 1) != 0)
		return err_set(e, ERR_CANNOT_CONNECT, "the session at server \"%s\" can't be made read-only", c->base.server);
	return true;
}

static bool sqlite_connect(struct mem *m, const char *server_name, const struct options *server,
						   const struct options *user, struct conn **out, struct err *e)
{
	struct sqlite_conn *c = mem_new_object(m, struct sqlite_conn);
	const char *path = options_get(server, "path");
	extern const struct connector connector_sqlite;
	int rc;

	(void)user;
	if (!path)
		path = options_get(server, "database");
	if (!path || !*path)
		return err_set(e, ERR_FDW_INVALID_OPTION, "server \"%s\" needs the option \"path\"", server_name);
	c->base.connector = &connector_sqlite;
	snprintf(c->base.server, sizeof c->base.server, "%s", server_name);
	c->busy_us = options_get_int(server, "connect_timeout", 10) * 1000000;
	c->unix_dates = options_get_bool(server, "unix_dates", false);
	rc = sqlite3_open_v2(path, &c->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK) {
		err_set(e, ERR_CANNOT_CONNECT, "cannot open the file \"%s\" of server \"%s\"", path, server_name);
		err_detail(e, "SQLite: %s", c->db ? sqlite3_errmsg(c->db) : "out of memory");
		err_source(e, server_name);
		sqlite3_close(c->db);
		return false;
	}
	if (!make_session(c, e)) {
		sqlite3_close(c->db);
		return false;
	}
	*out = (struct conn *)c;
	return true;
}

static void sqlite_close(struct conn *conn)
{
	sqlite3_close(((struct sqlite_conn *)conn)->db);
}

/* The file may have been replaced or removed since; SQLite itself goes on with the old one. */
static bool sqlite_check(struct conn *conn, struct err *e)
{
	struct sqlite_conn *c = (struct sqlite_conn *)conn;
	int moved = 0;

	__atomic_store_n(&c->interrupted, false, __ATOMIC_RELAXED);
	sqlite3_file_control(c->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
	if (moved)
		return err_set(e, ERR_CONNECTION_FAILURE, "the file of server \"%s\" has been replaced", c->base.server);
	return true;
}

static void get_text(struct sqlite_conn *c, const char *sql, char *out, size_t size)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(c->db, sql, -1, &s, NULL) != SQLITE_OK)
		return;
	if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_text(s, 0))
		snprintf(out, size, "%s", (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
}

static bool sqlite_probe(struct conn *conn, struct source_facts *f, struct err *e)
{
	struct sqlite_conn *c = (struct sqlite_conn *)conn;

	(void)e;
	memset(f, 0, sizeof *f);
	snprintf(f->product, sizeof f->product, "SQLite");
	snprintf(f->version, sizeof f->version, "%s", sqlite3_libversion());
	f->version_number = sqlite3_libversion_number();
	snprintf(f->dialect, sizeof f->dialect, "sqlite");
	get_text(c, "PRAGMA encoding", f->encoding, sizeof f->encoding);
	snprintf(f->collation, sizeof f->collation, "BINARY");
	f->text_equal_exact = sqlite_get_int(c, "SELECT ('a' = 'A') + ('a' = 'a ') + ('a' = '\xc3\xa1')", 1) == 0;
	/* a UTF-16 file compares code units, which is another order beyond U+FFFF */
	f->text_order_exact = strcmp(f->encoding, "UTF-8") == 0
						  && sqlite_get_int(c, "SELECT ('B' < 'a') AND ('Z' < '\xc3\xa1') AND ('\xef\xbf\xbd' < '\xf0\x9f\x98\x80')", 0) == 1;
	f->pads_spaces = sqlite_get_int(c, "SELECT 'a' = 'a '", 1) == 1;
	f->like_exact = sqlite_get_int(c, "SELECT ('a' LIKE 'A') + ('\xc3\xa1' LIKE 'a')", 1) == 0;
	f->null_order_syntax = sqlite_get_int(c, "SELECT 1 ORDER BY 1 NULLS LAST", 0) == 1;
	snprintf(f->timezone, sizeof f->timezone, "UTC");
	f->max_statement_bytes = sqlite3_limit(c->db, SQLITE_LIMIT_SQL_LENGTH, -1);
	f->max_parameters = sqlite3_limit(c->db, SQLITE_LIMIT_VARIABLE_NUMBER, -1);
	f->max_in_list = f->max_parameters;
	f->max_identifier = 0;
	return true;
}

/* ---- streams ---- */

/* A numeric as SQLite would keep it: integer, else REAL. */
static int bind_numeric(sqlite3_stmt *s, int at, const struct value *v)
{
	struct strbuf b;
	int rc;
	bool whole;
	double d;

	strbuf_init(&b, 0);
	value_print(v, &text_context_default, &b);
	whole = !memchr(strbuf_cstr(&b), '.', b.len);
	if (whole && b.len < 19)
		rc = sqlite3_bind_int64(s, at, strtoll(strbuf_cstr(&b), NULL, 10));
	else
		rc = double_decode(strbuf_cstr(&b), b.len, &d) == DECODED ? sqlite3_bind_double(s, at, d)
														   : sqlite3_bind_text(s, at, strbuf_cstr(&b), (int)b.len, SQLITE_TRANSIENT);
	strbuf_release(&b);
	return rc;
}

static int bind_printed(sqlite3_stmt *s, int at, const struct value *v)
{
	struct strbuf b;
	int rc;

	strbuf_init(&b, 0);
	value_print(v, &text_context_default, &b);
	rc = sqlite3_bind_text(s, at, strbuf_cstr(&b), (int)b.len, SQLITE_TRANSIENT);
	strbuf_release(&b);
	return rc;
}

static int bind(sqlite3_stmt *s, int at, const struct value *v)
{
	if (v->is_null)
		return sqlite3_bind_null(s, at);
	if (v->type.id == TYPE_NUMERIC)
		return bind_numeric(s, at, v);
	if (v->type.id == TYPE_BYTEA)
		return sqlite3_bind_blob(s, at, text_data(&v->text), (int)v->text.len, SQLITE_TRANSIENT);
	switch (type_phys(v->type)) {
	case PHYS_BOOL:
		return sqlite3_bind_int(s, at, v->b);
	case PHYS_I32:
		return v->type.id == TYPE_DATE ? bind_printed(s, at, v) : sqlite3_bind_int(s, at, v->i32);
	case PHYS_I64:
		return v->type.id == TYPE_INT8 || v->type.id == TYPE_OID ? sqlite3_bind_int64(s, at, v->i64)
																   : bind_printed(s, at, v);
	case PHYS_F64:
		return sqlite3_bind_double(s, at, v->f64);
	case PHYS_STR:
		return sqlite3_bind_text(s, at, text_data(&v->text), (int)v->text.len, SQLITE_TRANSIENT);
	case PHYS_I128:
	case PHYS_NUM:
	case PHYS_INTERVAL:
	case PHYS_COUNT:
		return bind_printed(s, at, v);
	}
	UNREACHABLE();
}

static bool sqlite_open_stream(struct conn *conn, struct mem *m, const struct stream_request *request,
							   struct stream **out, struct err *e)
{
	struct sqlite_conn *c = (struct sqlite_conn *)conn;
	struct stream *s = mem_new_object(m, struct stream);
	int rc;

	__atomic_store_n(&c->interrupted, false, __ATOMIC_RELAXED);
	s->conn = c;
	rc = sqlite3_prepare_v2(c->db, request->sql, -1, &s->stmt, NULL);
	if (rc != SQLITE_OK)
		return sqlite_error(c, request->table, rc, e);
	if (!s->stmt || (uint32_t)sqlite3_column_count(s->stmt) != request->ncols || !sqlite3_stmt_readonly(s->stmt)) {
		sqlite3_finalize(s->stmt);
		return err_set(e, ERR_INTERNAL, "the query for server \"%s\" does not give %u columns", c->base.server,
					   request->ncols);
	}
	for (uint32_t i = 0; i < request->nparams && rc == SQLITE_OK; i++)
		rc = bind(s->stmt, (int)i + 1, &request->params[i]);
	if (rc != SQLITE_OK) {
		sqlite_error(c, request->table, rc, e);
		sqlite3_finalize(s->stmt);
		return false;
	}
	writer_open(&s->w, request, m, &s->progress, TRANSPORT_BYTES, false);
	*out = s;
	return true;
}

/* An integer in a date or timestamp column, when the server says that these are seconds since 1970. */
static bool put_unix_time(struct batch_writer *w, struct writer_col *c, int64_t seconds)
{
	const int64_t shift = (int64_t)EPOCH_SHIFT_DAYS * 86400;

	if (seconds < -INT64_C(100000000000) || seconds > INT64_C(100000000000))
		return writer_bad(w, c, ERR_DATETIME_OVERFLOW, "seconds since 1970 out of range");
	if (c->spec->type.id == TYPE_DATE) {
		int64_t day = (seconds - shift) / 86400;
		((int32_t *)c->data)[w->row] = (int32_t)(day - ((seconds - shift) % 86400 < 0));
	} else {
		((int64_t *)c->data)[w->row] = (seconds - shift) * USEC_PER_SEC;
	}
	return true;
}

/* By sqlite3_value, which is read without the lock and the error check that each sqlite3_column_ call makes: allowed since
 * the connection is opened with NOMUTEX. */
static bool put_value(struct stream *s, uint32_t i)
{
	struct batch_writer *w = &s->w;
	struct writer_col *c = &w->cols[i];
	sqlite3_value *value = sqlite3_column_value(s->stmt, (int)i);
	const void *data;
	int64_t v;

	switch (sqlite3_value_type(value)) {
	case SQLITE_INTEGER:
		w->nbytes += 8;
		v = sqlite3_value_int64(value);
		if (c->spec->type.id == TYPE_INT4 && v == (int32_t)v) {
			((int32_t *)c->data)[w->row] = (int32_t)v;
			return true;
		}
		if (s->conn->unix_dates
			&& (c->spec->type.id == TYPE_DATE || c->spec->type.id == TYPE_TIMESTAMP || c->spec->type.id == TYPE_TIMESTAMPTZ))
			return put_unix_time(w, c, v);
		return writer_i64(w, c, v);
	case SQLITE_FLOAT:
		w->nbytes += 8;
		return writer_f64(w, c, sqlite3_value_double(value));
	case SQLITE_TEXT:
		data = sqlite3_value_text(value);
		if (c->is_bytes)
			return writer_bad(w, c, ERR_INVALID_TEXT_REPRESENTATION, "text where bytea is expected");
		return writer_text_quick(w, c, data ? data : "", (size_t)sqlite3_value_bytes(value));
	case SQLITE_BLOB:
		data = sqlite3_value_blob(value);
		if (!c->is_bytes)
			return writer_bad(w, c, ERR_INVALID_TEXT_REPRESENTATION, "a blob where %s is expected",
							  type_name(c->spec->type, w->scratch));
		return writer_bytes(w, c, data ? data : "", (size_t)sqlite3_value_bytes(value));
	case SQLITE_NULL:
		return writer_null(w, c);
	default: /* SQLite's, a closed set of five */
		UNREACHABLE();
	}
}

static bool sqlite_next(struct stream *s, struct batch *out, struct err *e)
{
	uint32_t limit = s->w.request->batch_rows, ncols = s->w.request->ncols;
	int rc;

	if (s->done) {
		out->rows = 0;
		return true;
	}
	if (!writer_begin(&s->w, out, e))
		return false;
	while (s->w.row < limit) {
		rc = sqlite3_step(s->stmt);
		if (rc != SQLITE_ROW) {
			s->done = true;
			if (rc == SQLITE_DONE && !is_interrupted(s->conn))
				break;
			writer_fail(&s->w);
			return sqlite_error(s->conn, s->w.request->table, rc == SQLITE_DONE ? SQLITE_INTERRUPT : rc, e);
		}
		for (uint32_t i = 0; i < ncols; i++)
			if (!put_value(s, i))
				return writer_fail(&s->w);
		s->w.row++;
	}
	writer_end(&s->w);
	return true;
}

static const struct stream_progress *sqlite_progress(const struct stream *s) { return &s->progress; }

static void sqlite_close_stream(struct stream *s)
{
	sqlite3_finalize(s->stmt);
	writer_close(&s->w);
}

static void sqlite_cancel(struct conn *conn)
{
	__atomic_store_n(&((struct sqlite_conn *)conn)->interrupted, true, __ATOMIC_RELAXED);
}

const struct connector connector_sqlite = {
	.name = "sqlite",
	.help = "A SQLite 3 file, opened read-only (option path)",
	.server_options = server_options,
	.user_options = user_options,
	.table_options = table_options,
	.file_based = true,
	.default_max_connections = 8,
	.connect = sqlite_connect,
	.close = sqlite_close,
	.check = sqlite_check,
	.probe = sqlite_probe,
	.describe = sqlite_describe,
	.statistics = sqlite_statistics,
	.open = sqlite_open_stream,
	.next = sqlite_next,
	.progress = sqlite_progress,
	.close_stream = sqlite_close_stream,
	.cancel = sqlite_cancel,
	.splits = sqlite_splits,
};
