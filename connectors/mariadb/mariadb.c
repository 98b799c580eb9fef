/*
 * MariaDB and MySQL by Connector/C: connecting, the session's settings, the probe, errors, cancelling. Streams
 * stand in my_stream.c.
 *
 * The session: utf8mb4 with a binary collation for what has none of its own, UTC, read-only, REPEATABLE READ, and a
 * fixed sql_mode (backslash escapes in literals, as the dialect writes them; || concatenates). LOCAL INFILE is off: a
 * server must not be able to ask for our files.
 * Connector/C blocks, so cancelling is KILL QUERY from a second connection; a connection that was cancelled is not
 * used again, since a late KILL would hit its next query.
 */
#include "connectors/mariadb/my_int.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "engine/base/clock.h"

#define CHECK_AFTER_US 30000000
#define KILL_TIMEOUT_S 2

static const char *const server_options[] = {
	"host", "port", "socket", "database", "dbname", "user", "password", "connect_timeout", "read_timeout", "ssl", "ssl_ca",
	"ssl_cert", "ssl_key", "ssl_verify", "compress", "tinyint1", "time_as", "max_connections", "idle_timeout", "encoding", "nfc",
	"bad_value", NULL};
static const char *const user_options[] = {"user", "password", NULL};
static const char *const table_options[] = {"schema_name", "table_name", "encoding", "nfc", "bad_value", NULL};

#define SQL_MODE                                                                                   \
	"STRICT_ALL_TABLES,PIPES_AS_CONCAT,ONLY_FULL_GROUP_BY,NO_UNSIGNED_SUBTRACTION,NO_ENGINE_SUBSTITUTION"

/* ---- errors ---- */

static enum errcode translate(unsigned code)
{
	static const struct { unsigned vendor; enum errcode code; } rows[] = {
		{ER_NO_SUCH_TABLE, ERR_FDW_TABLE_NOT_FOUND}, {ER_BAD_DB_ERROR, ERR_FDW_SCHEMA_NOT_FOUND},
		{ER_VIEW_INVALID, ERR_FDW_TABLE_NOT_FOUND}, {ER_BAD_FIELD_ERROR, ERR_FDW_COLUMN_NOT_FOUND},
		{ER_QUERY_INTERRUPTED, ERR_QUERY_CANCELED}, {1969, ERR_QUERY_CANCELED}, {3024, ERR_QUERY_CANCELED},
		{ER_ACCESS_DENIED_ERROR, ERR_INVALID_PASSWORD}, {1698, ERR_INVALID_PASSWORD},
		{ER_DBACCESS_DENIED_ERROR, ERR_INSUFFICIENT_PRIVILEGE}, {ER_TABLEACCESS_DENIED_ERROR, ERR_INSUFFICIENT_PRIVILEGE},
		{ER_COLUMNACCESS_DENIED_ERROR, ERR_INSUFFICIENT_PRIVILEGE}, {ER_CON_COUNT_ERROR, ERR_TOO_MANY_CONNECTIONS},
		{ER_TOO_MANY_USER_CONNECTIONS, ERR_TOO_MANY_CONNECTIONS}, {ER_USER_LIMIT_REACHED, ERR_TOO_MANY_CONNECTIONS},
		{CR_CONNECTION_ERROR, ERR_CANNOT_CONNECT}, {CR_CONN_HOST_ERROR, ERR_CANNOT_CONNECT},
		{CR_UNKNOWN_HOST, ERR_CANNOT_CONNECT}, {ER_HOST_NOT_PRIVILEGED, ERR_CANNOT_CONNECT},
		{CR_SSL_CONNECTION_ERROR, ERR_CANNOT_CONNECT}, {CR_SERVER_GONE_ERROR, ERR_CONNECTION_FAILURE},
		{CR_SERVER_LOST, ERR_CONNECTION_FAILURE}, {2055, ERR_CONNECTION_FAILURE}, {ER_SERVER_SHUTDOWN, ERR_CONNECTION_FAILURE},
		{1927, ERR_CONNECTION_FAILURE}, {ER_DIVISION_BY_ZERO, ERR_DIVISION_BY_ZERO},
		{ER_DATA_OUT_OF_RANGE, ERR_NUMERIC_OUT_OF_RANGE}, {ER_TRUNCATED_WRONG_VALUE, ERR_INVALID_DATETIME_FORMAT},
		{ER_NET_PACKET_TOO_LARGE, ERR_PROGRAM_LIMIT}, {ER_OUT_OF_RESOURCES, ERR_INSUFFICIENT_RESOURCES},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].vendor == code)
			return rows[i].code;
	return ERR_FDW_CANNOT_EXECUTE;
}

static void say(const char *server, enum errcode code, const char *table, const char *remote, struct err *e)
{
	switch ((int)code) {
	case ERR_FDW_TABLE_NOT_FOUND:
		err_set(e, code, "table \"%s\" at server \"%s\" no longer exists", table && *table ? table : "?", server);
		err_hint(e, "Import it again.");
		break;
	case ERR_FDW_COLUMN_NOT_FOUND:
		err_set(e, code, "a column of table \"%s\" at server \"%s\" was dropped or changed since it was imported",
				table && *table ? table : "?", server);
		err_hint(e, "Import it again.");
		break;
	case ERR_CONNECTION_FAILURE:
		err_set(e, code, "the connection to server \"%s\" was lost", server);
		break;
	case ERR_CANNOT_CONNECT:
		err_set(e, code, "cannot connect to server \"%s\"", server);
		break;
	case ERR_INVALID_PASSWORD:
		err_set(e, code, "server \"%s\" did not accept the user name and password", server);
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

static bool raise_error(const char *server, unsigned vendor, const char *state, const char *text, const char *table,
						struct err *e)
{
	say(server, translate(vendor), table, text, e);
	if (*text)
		err_detail(e, "MariaDB: %s", text);
	err_source(e, server);
	e->vendor_code = (int)vendor;
	snprintf(e->vendor_state, sizeof e->vendor_state, "%s", state);
	return false;
}

bool my_error(struct my_conn *c, MYSQL_STMT *stmt, const char *table, struct err *e)
{
	unsigned vendor;

	if (stmt && mysql_stmt_errno(stmt) == 0)
		stmt = NULL;
	vendor = stmt ? mysql_stmt_errno(stmt) : mysql_errno(c->my);
	if (vendor == 0) /* a fetch that finds the socket closed says nothing more */
		vendor = CR_SERVER_LOST;
	if ((vendor >= CR_MIN_ERROR && vendor <= CR_MAX_ERROR) || translate(vendor) == ERR_CONNECTION_FAILURE)
		c->base.broken = true;
	if (__atomic_load_n(&c->cancelled, __ATOMIC_RELAXED)) {
		c->base.broken = true;
		vendor = ER_QUERY_INTERRUPTED;
	}
	return raise_error(c->base.server, vendor, stmt ? mysql_stmt_sqlstate(stmt) : mysql_sqlstate(c->my),
					   stmt ? mysql_stmt_error(stmt) : mysql_error(c->my), table, e);
}

/* ---- connecting ---- */

static void library_init(void) { mysql_server_init(0, NULL, NULL); }

static const char *either(const struct options *o, const char *a, const char *b)
{
	const char *v = options_get(o, a);
	return v ? v : options_get(o, b);
}

static void set_tls(MYSQL *my, const struct options *server)
{
	my_bool verify = options_get_bool(server, "ssl_verify", false), enforce = options_get_bool(server, "ssl", false);

	if (options_get(server, "ssl_ca"))
		mysql_optionsv(my, MYSQL_OPT_SSL_CA, options_get(server, "ssl_ca"));
	if (options_get(server, "ssl_cert"))
		mysql_optionsv(my, MYSQL_OPT_SSL_CERT, options_get(server, "ssl_cert"));
	if (options_get(server, "ssl_key"))
		mysql_optionsv(my, MYSQL_OPT_SSL_KEY, options_get(server, "ssl_key"));
	mysql_optionsv(my, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
	if (enforce)
		mysql_optionsv(my, MYSQL_OPT_SSL_ENFORCE, &enforce);
}

/* A connection without session settings; NULL with the reason in e. */
static MYSQL *connect_plain(const char *server_name, const struct options *server, const struct options *user,
							unsigned timeout, struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const char *u = options_get(user, "user"), *pw = options_get(user, "password");
	unsigned read_timeout = (unsigned)options_get_int(server, "read_timeout", 0), local_infile = 0;
	MYSQL *my;

	pthread_once(&once, library_init);
	my = mysql_init(NULL);
	ASSERT(my);
	mysql_optionsv(my, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_optionsv(my, MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
	mysql_optionsv(my, MYSQL_OPT_LOCAL_INFILE, &local_infile);
	if (read_timeout)
		mysql_optionsv(my, MYSQL_OPT_READ_TIMEOUT, &read_timeout);
	if (options_get_bool(server, "compress", false))
		mysql_optionsv(my, MYSQL_OPT_COMPRESS, NULL);
	set_tls(my, server);
	if (mysql_real_connect(my, options_get(server, "host"), u ? u : options_get(server, "user"),
						   pw ? pw : options_get(server, "password"), either(server, "database", "dbname"),
						   (unsigned)options_get_int(server, "port", 0), options_get(server, "socket"), 0))
		return my;
	raise_error(server_name, mysql_errno(my), mysql_sqlstate(my), mysql_error(my), NULL, e);
	mysql_close(my);
	return NULL;
}

MYSQL_RES *my_query(struct my_conn *c, const char *sql, struct err *e)
{
	MYSQL_RES *r;

	if (mysql_real_query(c->my, sql, strlen(sql)) != 0 || !(r = mysql_store_result(c->my))) {
		my_error(c, NULL, "", e);
		return NULL;
	}
	return r;
}

static bool run(struct my_conn *c, const char *sql, struct err *e)
{
	return mysql_real_query(c->my, sql, strlen(sql)) == 0 || my_error(c, NULL, "", e);
}

static bool make_session(struct my_conn *c, struct err *e)
{
	const char *common = "SET sql_mode = '" SQL_MODE "', time_zone = '+00:00', sql_auto_is_null = 0, sql_big_selects = 1,"
						 " group_concat_max_len = 4294967295, net_write_timeout = 86400, net_read_timeout = 86400"
						 /* MariaDB 10.11 keeps a correlated subquery's answers by the outer column's own collation, whatever
						  * collation the subquery compares by */
						 " /*M! , optimizer_switch = 'subquery_cache=off' */";
	const char *check = c->is_mariadb
							? "SELECT @@session.tx_read_only, @@session.tx_isolation, @@session.time_zone,"
							  " @@character_set_results, @@session.sql_mode"
							: "SELECT @@session.transaction_read_only, @@session.transaction_isolation,"
							  " @@session.time_zone, @@character_set_results, @@session.sql_mode";
	MYSQL_RES *r;
	MYSQL_ROW row;
	bool ok;

	if (!run(c, common, e)
		|| !run(c, c->is_mariadb ? "SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin" : "SET NAMES utf8mb4 COLLATE utf8mb4_bin", e)
		|| !run(c, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", e)
		|| !run(c, "SET SESSION TRANSACTION READ ONLY", e))
		return false;
	r = my_query(c, check, e);
	if (!r)
		return false;
	row = mysql_fetch_row(r);
	ok = row && row[0] && strcmp(row[0], "1") == 0 && strcmp(row[1], "REPEATABLE-READ") == 0 && strcmp(row[2], "+00:00") == 0
		 && strcmp(row[3], "utf8mb4") == 0 && !strstr(row[4], "NO_BACKSLASH_ESCAPES") && strstr(row[4], "PIPES_AS_CONCAT")
		 && !strstr(row[4], "ANSI_QUOTES") && !strstr(row[4], "PAD_CHAR_TO_FULL_LENGTH");
	mysql_free_result(r);
	return ok || err_set(e, ERR_CANNOT_CONNECT, "the session at server \"%s\" can't be made deterministic", c->base.server);
}

static struct options copy_options(struct mem *m, const struct options *o)
{
	struct option *list = mem_new_array(m, struct option, o->count + 1);

	for (size_t i = 0; i < o->count; i++)
		list[i] = (struct option){mem_strdup(m, o->list[i].name), mem_strdup(m, o->list[i].value)};
	return (struct options){list, o->count};
}

static void wipe_secrets(const struct options *o)
{
	for (size_t i = 0; i < o->count; i++)
		if (strstr(o->list[i].name, "password") && o->list[i].value)
			explicit_bzero((char *)(uintptr_t)o->list[i].value, strlen(o->list[i].value));
}

static bool my_connect(struct mem *m, const char *server_name, const struct options *server, const struct options *user,
					   struct conn **out, struct err *e)
{
	struct my_conn *c = mem_new_object(m, struct my_conn);
	const char *tiny = options_get(server, "tinyint1"), *time_as = options_get(server, "time_as");

	c->base.connector = &connector_mariadb;
	snprintf(c->base.server, sizeof c->base.server, "%s", server_name);
	c->tinyint1_is_boolean = tiny && strcmp(tiny, "boolean") == 0;
	c->time_is_interval = time_as && strcmp(time_as, "interval") == 0;
	c->my = connect_plain(server_name, server, user, (unsigned)options_get_int(server, "connect_timeout", 10), e);
	if (!c->my)
		return false;
	c->is_mariadb = strstr(mysql_get_server_info(c->my), "MariaDB") != NULL;
	c->thread_id = mysql_thread_id(c->my);
	c->used_us = clock_monotonic_us();
	if (!make_session(c, e)) {
		mysql_close(c->my);
		return false;
	}
	c->server = copy_options(m, server);
	c->user = copy_options(m, user);
	*out = (struct conn *)c;
	return true;
}

static void my_close(struct conn *conn)
{
	struct my_conn *c = (struct my_conn *)conn;

	mysql_close(c->my);
	wipe_secrets(&c->server);
	wipe_secrets(&c->user);
}

static bool my_check(struct conn *conn, struct err *e)
{
	struct my_conn *c = (struct my_conn *)conn;
	struct pollfd fd = {.fd = mysql_get_socket(c->my), .events = POLLIN};

	if (poll(&fd, 1, 0) != 0) /* input when none is due: the server says goodbye */
		return err_set(e, ERR_CONNECTION_FAILURE, "the connection to server \"%s\" was lost", c->base.server);
	if (clock_monotonic_us() - c->used_us < CHECK_AFTER_US)
		return true;
	return mysql_ping(c->my) == 0 || my_error(c, NULL, "", e);
}

void my_cancel(struct conn *conn)
{
	struct my_conn *c = (struct my_conn *)conn;
	struct err e;
	MYSQL *k;
	char sql[64];
	bool sent = false;

	__atomic_store_n(&c->cancelled, true, __ATOMIC_RELAXED);
	err_clear(&e);
	k = connect_plain(c->base.server, &c->server, &c->user, KILL_TIMEOUT_S, &e);
	if (k) {
		snprintf(sql, sizeof sql, "KILL QUERY %lu", c->thread_id);
		sent = mysql_query(k, sql) == 0;
		mysql_close(k);
	}
	if (!sent) /* the thread that reads wakes up all the same */
		shutdown(mysql_get_socket(c->my), SHUT_RDWR);
}

/* ---- probe ---- */

const char *my_literal(struct mem *m, const char *text)
{
	char *out = mem_alloc(m, strlen(text) * 2 + 3), *o = out;

	*o++ = '\'';
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			*o++ = *text;
		*o++ = *text;
	}
	*o = '\'';
	return out;
}

static bool is_one(const char *v) { return v && strcmp(v, "1") == 0; }

static bool probe_general(struct my_conn *c, struct source_facts *f, char *collation, size_t size, char *charset,
						  size_t charset_size, struct err *e)
{
	MYSQL_RES *r = my_query(c,
							"SELECT @@version, @@character_set_database, @@collation_database, @@global.sql_mode,"
							" @@global.time_zone, @@system_time_zone, @@max_allowed_packet,"
							" @@global.sql_mode LIKE '%STRICT%' AND @@global.sql_mode LIKE '%NO_ZERO_DATE%'"
							" AND @@global.sql_mode LIKE '%NO_ZERO_IN_DATE%'",
							e);
	MYSQL_ROW row;

	if (!r)
		return false;
	row = mysql_fetch_row(r);
	snprintf(f->product, sizeof f->product, "%s", c->is_mariadb ? "MariaDB" : "MySQL");
	snprintf(f->version, sizeof f->version, "%s", row[0]);
	f->version_number = (int)mysql_get_server_version(c->my);
	snprintf(charset, charset_size, "%s", row[1]);
	snprintf(collation, size, "%s", row[2]);
	snprintf(f->encoding, sizeof f->encoding, "%s", row[1]);
	snprintf(f->collation, sizeof f->collation, "%s", row[2]);
	snprintf(f->sql_mode, sizeof f->sql_mode, "%s", row[3]);
	snprintf(f->timezone, sizeof f->timezone, "%s", strcmp(row[4], "SYSTEM") == 0 ? row[5] : row[4]);
	f->max_statement_bytes = strtoll(row[6], NULL, 10);
	f->strict_mode = is_one(row[7]);
	mysql_free_result(r);
	return true;
}

static bool my_probe(struct conn *conn, struct source_facts *f, struct err *e)
{
	struct my_conn *c = (struct my_conn *)conn;
	char collation[64], charset[64], sql[4096];
	MYSQL_RES *r;
	MYSQL_ROW row;

	memset(f, 0, sizeof *f);
	if (!probe_general(c, f, collation, sizeof collation, charset, sizeof charset, e))
		return false;
#define IN_DB(text) "CONVERT(" text " USING %1$s) COLLATE %2$s"
	snprintf(sql, sizeof sql,
			 "SELECT NOT (" IN_DB("'a'") " = " IN_DB("'A'") " OR " IN_DB("'a'") " = " IN_DB("'a '") " OR " IN_DB("'a'") " = "
			 IN_DB("'\xc3\xa1'") "), " IN_DB("'B'") " < " IN_DB("'a'") " AND " IN_DB("'Z'") " < " IN_DB("'\xc3\xa1'") " AND "
			 IN_DB("'a'") " < " IN_DB("'a\t'") ", " IN_DB("'a'") " = " IN_DB("'a '") ", NOT (" IN_DB("'a'") " LIKE "
			 IN_DB("'A'") " OR " IN_DB("'\xc3\xa1'") " LIKE " IN_DB("'a'") ")",
			 charset, collation);
#undef IN_DB
	r = my_query(c, sql, e);
	if (!r)
		return false;
	row = mysql_fetch_row(r);
	snprintf(f->dialect, sizeof f->dialect, "mariadb");
	f->text_equal_exact = is_one(row[0]);
	f->text_order_exact = is_one(row[1]) && f->text_equal_exact && strncmp(charset, "utf8", 4) == 0;
	f->pads_spaces = is_one(row[2]);
	f->like_exact = is_one(row[3]);
	mysql_free_result(r);
	f->zero_dates = true; /* rows from before the mode was set may hold them */
	f->null_order_syntax = false;
	f->max_parameters = 65535;
	f->max_in_list = 100000;
	f->max_identifier = 64;
	return true;
}

const struct connector connector_mariadb = {
	.name = "mariadb",
	.help = "MariaDB or MySQL (options host, port, socket, database …; user mapping: user, password)",
	.server_options = server_options,
	.user_options = user_options,
	.table_options = table_options,
	.default_max_connections = 8,
	.connect = my_connect,
	.close = my_close,
	.check = my_check,
	.probe = my_probe,
	.describe = my_describe,
	.statistics = my_statistics,
	.open = my_open,
	.next = my_next,
	.progress = my_progress,
	.close_stream = my_close_stream,
	.cancel = my_cancel,
	.splits = my_splits,
};
