/*
 * PostgreSQL by libpq: connecting, the session's settings, the probe, errors. Streams stand in pg_stream.c.
 *
 * The session is made the same everywhere and verified by reading it back: read-only, REPEATABLE READ, UTC, UTF-8,
 * ISO dates, no search path but pg_catalog. Passwords go to libpq as parameters of their own and nowhere else.
 * Cancelling sets a flag and an eventfd; the connection's own thread sees it, wherever it waits, and tells
 * the server, so that it can't hit a later query.
 */
#include "connectors/postgresql/pg_int.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine/base/clock.h"

#define CHECK_AFTER_US 30000000 /* an idle connection older than this is asked, not only looked at */

static const char *const server_options[] = {
	"host", "hostaddr", "port", "dbname", "database", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl",
	"ssl_min_protocol_version", "gssencmode", "channel_binding", "target_session_attrs", "keepalives", "keepalives_idle",
	"keepalives_interval", "keepalives_count", "tcp_user_timeout", "connect_timeout", "user", "password",
	"max_connections", "idle_timeout", "fetch", "encoding", "nfc", "bad_value", NULL};
static const char *const user_options[] = {"user", "password", NULL};
static const char *const table_options[] = {"schema_name", "table_name", "encoding", "nfc", "bad_value", NULL};

/* ---- errors ---- */

static enum errcode translate(const char *state)
{
	static const struct { const char *state; enum errcode code; } rows[] = {
		{"42P01", ERR_FDW_TABLE_NOT_FOUND},	 {"3F000", ERR_FDW_TABLE_NOT_FOUND}, {"42703", ERR_FDW_COLUMN_NOT_FOUND},
		{"57014", ERR_QUERY_CANCELED},		 {"42501", ERR_INSUFFICIENT_PRIVILEGE}, {"53300", ERR_TOO_MANY_CONNECTIONS},
		{"28P01", ERR_INVALID_PASSWORD},	 {"28000", ERR_INVALID_AUTHORIZATION}, {"3D000", ERR_CANNOT_CONNECT},
		{"42883", ERR_FDW_INVALID_DATA_TYPE}, {"42804", ERR_FDW_INVALID_DATA_TYPE}, {"42846", ERR_FDW_INVALID_DATA_TYPE},
		{"53200", ERR_INSUFFICIENT_RESOURCES}, {"53100", ERR_INSUFFICIENT_RESOURCES}, {"54000", ERR_PROGRAM_LIMIT},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].state, state) == 0)
			return rows[i].code;
	if (strncmp(state, "08", 2) == 0 || strncmp(state, "57P", 3) == 0)
		return ERR_CONNECTION_FAILURE;
	if (strncmp(state, "22", 2) == 0) { /* what the data did: 22012 and its like keep their meaning */
		enum errcode code = errcode_from_sqlstate(state);
		return code == ERR_INTERNAL ? ERR_DATA_EXCEPTION : code;
	}
	return ERR_FDW_CANNOT_EXECUTE;
}

/* libpq's text without its final newline and "ERROR:" prefix. */
static void clean_text(const char *text, char *out, size_t size)
{
	size_t len;

	if (strncmp(text, "ERROR:  ", 8) == 0)
		text += 8;
	snprintf(out, size, "%s", text);
	len = strlen(out);
	while (len && (out[len - 1] == '\n' || out[len - 1] == ' '))
		out[--len] = '\0';
}

static void say(struct pg_conn *c, enum errcode code, const char *table, const char *remote, struct err *e)
{
	const char *server = c->base.server;

	switch ((int)code) {
	case ERR_FDW_TABLE_NOT_FOUND:
		err_set(e, code, "table \"%s\" at server \"%s\" no longer exists", table && *table ? table : "?", server);
		err_hint(e, "Import it again.");
		break;
	case ERR_FDW_COLUMN_NOT_FOUND:
	case ERR_FDW_INVALID_DATA_TYPE:
		err_set(e, code, "a column of table \"%s\" at server \"%s\" was dropped or changed since it was imported",
				table && *table ? table : "?", server);
		err_hint(e, "Import it again.");
		break;
	case ERR_CONNECTION_FAILURE:
		err_set(e, code, "the connection to server \"%s\" was lost", server);
		break;
	case ERR_QUERY_CANCELED:
		err_set(e, code, "the query at server \"%s\" was canceled", server);
		break;
	case ERR_FDW_CANNOT_EXECUTE:
		err_set(e, code, "server \"%s\" refused the query", server);
		break;
	default: /* the remaining codes speak for themselves */
		err_set(e, code, "%s (at server \"%s\")", remote, server);
	}
}

bool pg_error(struct pg_conn *c, const PGresult *r, const char *table, struct err *e)
{
	const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
	const char *primary = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	char text[900];
	enum errcode code;

	clean_text(primary ? primary : r && *PQresultErrorMessage(r) ? PQresultErrorMessage(r) : PQerrorMessage(c->pg), text,
			   sizeof text);
	code = state ? translate(state) : ERR_CONNECTION_FAILURE;
	if (!state || PQstatus(c->pg) == CONNECTION_BAD)
		c->base.broken = true;
	say(c, code, table, text, e);
	if (*text)
		err_detail(e, "PostgreSQL: %s", text);
	err_source(e, c->base.server);
	if (state)
		snprintf(e->vendor_state, sizeof e->vendor_state, "%s", state);
	return false;
}

/* ---- waiting and small queries ---- */

enum pg_wait pg_wait(struct pg_conn *c, int64_t limit_us, bool heed_cancel)
{
	struct pollfd fds[2] = {{.fd = PQsocket(c->pg), .events = POLLIN}, {.fd = c->wake_fd, .events = POLLIN}};
	int64_t until = limit_us < 0 ? 0 : clock_monotonic_us() + limit_us;
	int ms, n;

	for (;;) {
		ms = -1;
		if (limit_us >= 0) {
			int64_t left = until - clock_monotonic_us();
			ms = left <= 0 ? 0 : (int)((left + 999) / 1000);
		}
		n = poll(fds, heed_cancel ? 2 : 1, ms);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			return PG_LATE;
		if (heed_cancel && __atomic_load_n(&c->cancelled, __ATOMIC_ACQUIRE))
			return PG_CANCELLED;
		if (fds[0].revents || n < 0)
			return PG_INPUT;
	}
}

PGresult *pg_query(struct pg_conn *c, const char *sql, int nparams, const char *const *params, struct err *e)
{
	PGresult *r = nparams ? PQexecParams(c->pg, sql, nparams, NULL, params, NULL, NULL, 0) : PQexec(c->pg, sql);
	ExecStatusType st = PQresultStatus(r);

	if (st == PGRES_TUPLES_OK || st == PGRES_COMMAND_OK)
		return r;
	pg_error(c, r, "", e);
	PQclear(r);
	return NULL;
}

/* ---- connecting ---- */

static const struct setting {
	const char *name, *value;
} session[] = {
	{"TimeZone", "UTC"},
	{"DateStyle", "ISO, YMD"},
	{"IntervalStyle", "postgres"},
	{"extra_float_digits", "1"},
	{"standard_conforming_strings", "on"},
	{"bytea_output", "hex"},
	{"search_path", "pg_catalog"},
	{"client_encoding", "UTF8"},
	{"lc_monetary", "C"},
	{"statement_timeout", "0"},
	{"default_transaction_isolation", "repeatable read"},
	{"default_transaction_read_only", "on"}, /* last: from here on nothing can be changed */
};

static bool make_session(struct pg_conn *c, struct err *e)
{
	struct strbuf b;
	PGresult *r;
	bool ok = true;

	strbuf_init(&b, 0);
	for (size_t i = 0; i < ARRAY_LEN(session); i++)
		strbuf_addf(&b, "SET %s = '%s';", session[i].name, session[i].value);
	r = pg_query(c, strbuf_cstr(&b), 0, NULL, e);
	PQclear(r);
	if (r) {
		strbuf_reset(&b);
		for (size_t i = 0; i < ARRAY_LEN(session); i++)
			strbuf_addf(&b, "%scurrent_setting('%s')", i ? ", " : "SELECT ", session[i].name);
		r = pg_query(c, strbuf_cstr(&b), 0, NULL, e);
	}
	strbuf_release(&b);
	if (!r)
		return false;
	for (size_t i = 0; ok && i < ARRAY_LEN(session); i++)
		if (strcmp(PQgetvalue(r, 0, (int)i), session[i].value) != 0)
			ok = err_set(e, ERR_CANNOT_CONNECT, "the session at server \"%s\" can't be made deterministic: %s is \"%s\"",
						 c->base.server, session[i].name, PQgetvalue(r, 0, (int)i));
	PQclear(r);
	return ok;
}

static void ignore_notice(void *arg, const PGresult *r)
{
	(void)arg;
	(void)r;
}

/* Options that are libpq's own by the same name. */
static const char *const passed_on[] = {
	"host", "hostaddr", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "ssl_min_protocol_version",
	"gssencmode", "channel_binding", "target_session_attrs", "keepalives", "keepalives_idle", "keepalives_interval",
	"keepalives_count", "tcp_user_timeout"};

static PGconn *connect_libpq(const struct options *server, const struct options *user)
{
	const char *names[40], *values[40];
	const char *db = options_get(server, "dbname"), *u = options_get(user, "user"), *pw = options_get(user, "password");
	const char *timeout = options_get(server, "connect_timeout");
	size_t n = 0;

#define ADD(name, value) (names[n] = (name), values[n++] = (value))
	for (size_t i = 0; i < ARRAY_LEN(passed_on); i++)
		if (options_get(server, passed_on[i]))
			ADD(passed_on[i], options_get(server, passed_on[i]));
	ADD("dbname", db ? db : options_get(server, "database"));
	ADD("user", u ? u : options_get(server, "user"));
	ADD("password", pw ? pw : options_get(server, "password"));
	ADD("passfile", "/dev/null"); /* what is not in the mapping is not there */
	ADD("connect_timeout", timeout ? timeout : "10");
	ADD("client_encoding", "UTF8");
	ADD("application_name", "hopluu");
#undef ADD
	names[n] = values[n] = NULL;
	return PQconnectdbParams(names, values, 0);
}

static bool connect_failed(struct pg_conn *c, struct err *e)
{
	char text[900];
	bool password = PQconnectionNeedsPassword(c->pg) || PQconnectionUsedPassword(c->pg);

	clean_text(PQerrorMessage(c->pg), text, sizeof text);
	if (PQconnectionNeedsPassword(c->pg) || (password && strstr(text, "authentication failed")))
		err_set(e, ERR_INVALID_PASSWORD, "server \"%s\" did not accept the user name and password", c->base.server);
	else if (strstr(text, "too many clients") || strstr(text, "remaining connection slots"))
		err_set(e, ERR_TOO_MANY_CONNECTIONS, "server \"%s\" takes no more connections", c->base.server);
	else
		err_set(e, ERR_CANNOT_CONNECT, "cannot connect to server \"%s\"", c->base.server);
	err_detail(e, "PostgreSQL: %s", text);
	return err_source(e, c->base.server);
}

static bool pg_connect(struct mem *m, const char *server_name, const struct options *server, const struct options *user,
					   struct conn **out, struct err *e)
{
	struct pg_conn *c = mem_new_object(m, struct pg_conn);
	const char *fetch = options_get(server, "fetch"), *enc;

	c->base.connector = &connector_postgresql;
	snprintf(c->base.server, sizeof c->base.server, "%s", server_name);
	c->fetch = fetch && strcmp(fetch, "copy") == 0 ? PG_FETCH_COPY : fetch && strcmp(fetch, "rows") == 0 ? PG_FETCH_ROWS
																										  : PG_FETCH_AUTO;
	c->pg = connect_libpq(server, user);
	if (PQstatus(c->pg) != CONNECTION_OK) {
		connect_failed(c, e);
		PQfinish(c->pg);
		return false;
	}
	PQsetNoticeReceiver(c->pg, ignore_notice, NULL);
	if (!make_session(c, e)) {
		PQfinish(c->pg);
		return false;
	}
	enc = PQparameterStatus(c->pg, "server_encoding");
	/* what a declared legacy encoding has to be undone from; SQL_ASCII sends bytes as they are */
	c->transport = enc && strcmp(enc, "SQL_ASCII") != 0 ? TRANSPORT_LATIN1 : TRANSPORT_BYTES;
	c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->used_us = clock_monotonic_us();
	*out = (struct conn *)c;
	return true;
}

static void pg_close(struct conn *conn)
{
	struct pg_conn *c = (struct pg_conn *)conn;

	PQfinish(c->pg);
	close(c->wake_fd);
}

static bool pg_check(struct conn *conn, struct err *e)
{
	struct pg_conn *c = (struct pg_conn *)conn;
	PGresult *r;

	if (PQstatus(c->pg) != CONNECTION_OK || PQtransactionStatus(c->pg) != PQTRANS_IDLE)
		return err_set(e, ERR_CONNECTION_FAILURE, "the connection to server \"%s\" was lost", c->base.server);
	/* input when none is due: the server may be saying goodbye */
	if (pg_wait(c, 0, false) != PG_INPUT && clock_monotonic_us() - c->used_us < CHECK_AFTER_US)
		return true;
	r = pg_query(c, "SELECT 1", 0, NULL, e);
	PQclear(r);
	return r != NULL;
}

/* ---- probe ---- */

static bool pg_probe(struct conn *conn, struct source_facts *f, struct err *e)
{
	struct pg_conn *c = (struct pg_conn *)conn;
	PGresult *r;

	memset(f, 0, sizeof *f);
	/* daticulocale and datlocprovider came with 15 */
	r = pg_query(c,
				 "SELECT current_setting('server_version'), current_setting('server_version_num'),"
				 " current_setting('server_encoding'), coalesce(to_jsonb(d)->>'daticulocale', d.datcollate),"
				 " NOT ('a'::text = 'A'::text OR 'a'::text = 'a '::text OR 'a'::text = 'á'),"
				 " 'B'::text < 'a' AND 'Z'::text < 'á' AND 'a b'::text < 'aa'"
				 "  AND coalesce(to_jsonb(d)->>'datlocprovider', 'c') = 'c'"
				 "  AND d.datcollate IN ('C', 'POSIX', 'C.UTF-8', 'C.utf8')"
				 "  AND current_setting('server_encoding') = 'UTF8',"
				 " 'a'::text = 'a '::text,"
				 " NOT ('a'::text LIKE 'A' OR 'á'::text LIKE 'a'),"
				 " current_setting('max_identifier_length'),"
				 " (SELECT boot_val FROM pg_settings WHERE name = 'TimeZone'),"
				 " (SELECT reset_val FROM pg_settings WHERE name = 'TimeZone') "
				 "FROM pg_database d WHERE d.datname = current_database()",
				 0, NULL, e);
	if (!r)
		return false;
	snprintf(f->product, sizeof f->product, "PostgreSQL");
	snprintf(f->version, sizeof f->version, "%s", PQgetvalue(r, 0, 0));
	f->version_number = atoi(PQgetvalue(r, 0, 1));
	snprintf(f->dialect, sizeof f->dialect, "postgresql");
	snprintf(f->encoding, sizeof f->encoding, "%s", PQgetvalue(r, 0, 2));
	snprintf(f->collation, sizeof f->collation, "%s", PQgetvalue(r, 0, 3));
	f->text_equal_exact = *PQgetvalue(r, 0, 4) == 't';
	f->text_order_exact = *PQgetvalue(r, 0, 5) == 't';
	f->pads_spaces = *PQgetvalue(r, 0, 6) == 't';
	f->like_exact = *PQgetvalue(r, 0, 7) == 't';
	f->max_identifier = atoi(PQgetvalue(r, 0, 8));
	snprintf(f->timezone, sizeof f->timezone, "%s", PQgetvalue(r, 0, 10));
	PQclear(r);
	f->null_order_syntax = true;
	f->strict_mode = true;
	f->max_statement_bytes = 1 << 29;
	f->max_parameters = 65535;
	f->max_in_list = 100000;
	return true;
}

const struct connector connector_postgresql = {
	.name = "postgresql",
	.help = "PostgreSQL 10 or later (options host, port, dbname, sslmode …; user mapping: user, password)",
	.server_options = server_options,
	.user_options = user_options,
	.table_options = table_options,
	.default_max_connections = 8,
	.connect = pg_connect,
	.close = pg_close,
	.check = pg_check,
	.probe = pg_probe,
	.describe = pg_describe,
	.statistics = pg_statistics,
	.open = pg_open,
	.next = pg_next,
	.progress = pg_progress,
	.close_stream = pg_close_stream,
	.cancel = pg_cancel,
	.splits = pg_splits,
};
