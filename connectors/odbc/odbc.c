/*
 * Anything with an ODBC driver, by unixODBC: connecting, sessions, the probe, errors. Streams stand in odbc_stream.c,
 * what differs between drivers in odbc_quirks.c.
 *
 * Only wide functions are called: text then means the same in every locale. Passwords stand in the connection
 * string, which is wiped after use. Cancelling is SQLCancel on the running statement; `lock` keeps the statement from
 * being freed meanwhile.
 */
#include "connectors/odbc/odbc_int.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/clock.h"

static const char *const server_options[] = {
	"dsn", "driver", "server", "port", "database", "user", "password", "odbc_options", "connect_timeout", "quirks",
	"max_connections", "idle_timeout", "encoding", "nfc", "bad_value", NULL};
static const char *const user_options[] = {"user", "password", NULL};
static const char *const table_options[] = {"schema_name", "table_name", "encoding", "nfc", "bad_value", NULL};

/* ---- errors ---- */

static enum errcode translate_state(const char *state)
{
	static const struct { const char *state; enum errcode code; } rows[] = {
		{"42S02", ERR_FDW_TABLE_NOT_FOUND}, {"42P01", ERR_FDW_TABLE_NOT_FOUND}, {"42S22", ERR_FDW_COLUMN_NOT_FOUND},
		{"42703", ERR_FDW_COLUMN_NOT_FOUND}, {"HY008", ERR_QUERY_CANCELED}, {"57014", ERR_QUERY_CANCELED},
		{"70100", ERR_QUERY_CANCELED}, {"HYT00", ERR_QUERY_CANCELED}, {"28000", ERR_INVALID_PASSWORD},
		{"28P01", ERR_INVALID_PASSWORD}, {"42501", ERR_INSUFFICIENT_PRIVILEGE}, {"42000", ERR_FDW_CANNOT_EXECUTE},
		{"42883", ERR_FDW_INVALID_DATA_TYPE}, {"42804", ERR_FDW_INVALID_DATA_TYPE}, {"53300", ERR_TOO_MANY_CONNECTIONS},
		{"HY014", ERR_INSUFFICIENT_RESOURCES}, {"HY001", ERR_INSUFFICIENT_RESOURCES}, {"07006", ERR_FDW_INVALID_DATA_TYPE},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].state, state) == 0)
			return rows[i].code;
	if (strncmp(state, "08", 2) == 0 || strncmp(state, "57P", 3) == 0)
		return ERR_CONNECTION_FAILURE;
	if (strncmp(state, "22", 2) == 0) {
		enum errcode code = errcode_from_sqlstate(state);
		return code == ERR_INTERNAL ? ERR_DATA_EXCEPTION : code;
	}
	return ERR_FDW_CANNOT_EXECUTE;
}

/* Drivers that put everything under one state say more in their text. */
static enum errcode translate_text(const char *text)
{
	static const struct { const char *words; enum errcode code; } rows[] = {
		{"no such table", ERR_FDW_TABLE_NOT_FOUND}, {"no such column", ERR_FDW_COLUMN_NOT_FOUND},
		{"interrupt", ERR_QUERY_CANCELED}, {"canceling statement", ERR_QUERY_CANCELED}, {"locked", ERR_OBJECT_IN_USE},
		{"authentication failed", ERR_INVALID_PASSWORD}, {"Access denied", ERR_INVALID_PASSWORD},
		{"gone away", ERR_CONNECTION_FAILURE}, {"Lost connection", ERR_CONNECTION_FAILURE},
		{"Connection was killed", ERR_CONNECTION_FAILURE}, {"no connection to the server", ERR_CONNECTION_FAILURE},
		{"terminating connection", ERR_CONNECTION_FAILURE}, {"server closed the connection", ERR_CONNECTION_FAILURE},
		{"Broken pipe", ERR_CONNECTION_FAILURE}, {"Error while reading from the socket", ERR_CONNECTION_FAILURE},
		{"does not exist", ERR_FDW_TABLE_NOT_FOUND}, {"unable to open database", ERR_CANNOT_CONNECT},
		{"not a database", ERR_DATA_CORRUPTED}, {"malformed", ERR_DATA_CORRUPTED},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strstr(text, rows[i].words))
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
	case ERR_FDW_INVALID_DATA_TYPE:
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

struct diagnostic {
	char state[8], text[900];
	int native;
};

static void read_diagnostic(SQLSMALLINT kind, SQLHANDLE handle, struct diagnostic *d)
{
	SQLWCHAR state[8] = {0}, text[600] = {0};
	SQLINTEGER native = 0;
	SQLSMALLINT len = 0;
	struct strbuf b;

	memset(d, 0, sizeof *d);
	if (!handle || !odbc_ok(SQLGetDiagRecW(kind, handle, 1, state, &native, text, ARRAY_LEN(text), &len)))
		return;
	for (int i = 0; i < 5; i++)
		d->state[i] = (char)state[i];
	if (len < 0 || len >= (SQLSMALLINT)ARRAY_LEN(text))
		len = ARRAY_LEN(text) - 1;
	strbuf_init(&b, 0);
	(void)!odbc_narrow(text, (size_t)len, &b);
	snprintf(d->text, sizeof d->text, "%s", strbuf_cstr(&b));
	strbuf_release(&b);
	d->native = (int)native;
}

bool odbc_error(struct odbc_conn *c, SQLSMALLINT kind, SQLHANDLE handle, const char *table, struct err *e)
{
	struct diagnostic d;
	enum errcode code, by_text;
	SQLINTEGER dead = SQL_CD_FALSE;

	read_diagnostic(kind, handle, &d);
	code = translate_state(d.state);
	by_text = translate_text(d.text);
	if (code == ERR_FDW_CANNOT_EXECUTE || (code == ERR_CONNECTION_FAILURE && by_text == ERR_INVALID_PASSWORD))
		code = by_text;
	if (__atomic_load_n(&c->cancelled, __ATOMIC_RELAXED))
		code = ERR_QUERY_CANCELED;
	if (code == ERR_CONNECTION_FAILURE || code == ERR_QUERY_CANCELED || !*d.state
		|| (odbc_ok(SQLGetConnectAttrW(c->dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL)) && dead == SQL_CD_TRUE))
		c->base.broken = true;
	if (c->base.broken && code == ERR_FDW_CANNOT_EXECUTE)
		code = ERR_CONNECTION_FAILURE;
	if (code == ERR_CONNECTION_FAILURE && kind == SQL_HANDLE_DBC)
		code = ERR_CANNOT_CONNECT;
	say(c->base.server, code, table, d.text, e);
	if (*d.text)
		err_detail(e, "ODBC: %s", d.text);
	err_source(e, c->base.server);
	e->vendor_code = d.native;
	snprintf(e->vendor_state, sizeof e->vendor_state, "%.5s", d.state);
	return false;
}

/* ---- small statements ---- */

static bool run(struct odbc_conn *c, SQLHSTMT *stmt, const char *sql, struct err *e)
{
	struct mem *m;
	size_t units;
	SQLWCHAR *wide;
	SQLRETURN rc;

	if (!odbc_ok(SQLAllocHandle(SQL_HANDLE_STMT, c->dbc, stmt)))
		return odbc_error(c, SQL_HANDLE_DBC, c->dbc, "", e);
	m = mem_new(NULL, MEM_CONNECTION, "odbc", 0);
	wide = odbc_wide(m, sql, strlen(sql), &units);
	rc = SQLExecDirectW(*stmt, wide, (SQLINTEGER)units);
	mem_free(m);
	if (odbc_ok(rc) || rc == SQL_NO_DATA)
		return true;
	odbc_error(c, SQL_HANDLE_STMT, *stmt, "", e);
	SQLFreeHandle(SQL_HANDLE_STMT, *stmt);
	return false;
}

bool odbc_exec(struct odbc_conn *c, const char *sql, struct err *e)
{
	SQLHSTMT stmt;

	if (!run(c, &stmt, sql, e))
		return false;
	SQLFreeHandle(SQL_HANDLE_STMT, stmt);
	return true;
}

const char *odbc_query_text(struct odbc_conn *c, struct mem *m, const char *sql, struct err *e)
{
	SQLHSTMT stmt;
	SQLWCHAR text[2000];
	SQLLEN len = 0;
	struct strbuf b;
	const char *out = "";

	if (!run(c, &stmt, sql, e))
		return NULL;
	if (odbc_ok(SQLFetch(stmt)) && odbc_ok(SQLGetData(stmt, 1, SQL_C_WCHAR, text, sizeof text, &len)) && len >= 0) {
		size_t units = (size_t)len / sizeof *text;
		strbuf_init(&b, 0);
		(void)!odbc_narrow(text, units < ARRAY_LEN(text) ? units : ARRAY_LEN(text) - 1, &b);
		out = mem_strndup(m, strbuf_cstr(&b), b.len);
		strbuf_release(&b);
	}
	SQLFreeHandle(SQL_HANDLE_STMT, stmt);
	return out;
}

/* ---- connecting ---- */

/* KEY=value; in braces when the value needs them. */
static void add_keyword(struct strbuf *b, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	strbuf_addf(b, "%s=", key);
	if (strcmp(key, "DRIVER") != 0 && !strpbrk(value, "[]{}(),;?*=!@ ")) {
		strbuf_adds(b, value);
	} else {
		strbuf_addc(b, '{');
		for (; *value; value++) {
			if (*value == '}')
				strbuf_addc(b, '}');
			strbuf_addc(b, *value);
		}
		strbuf_addc(b, '}');
	}
	strbuf_addc(b, ';');
}

static void connection_string(struct strbuf *b, const struct odbc_quirk *quirk, const struct options *server,
							  const struct options *user)
{
	const char *u = options_get(user, "user"), *pw = options_get(user, "password");

	if (options_get(server, "dsn"))
		add_keyword(b, "DSN", options_get(server, "dsn"));
	else
		add_keyword(b, "DRIVER", options_get(server, "driver"));
	if (strcmp(quirk->dialect, "sqlite") != 0) {
		add_keyword(b, "SERVER", options_get(server, "server"));
		add_keyword(b, "PORT", options_get(server, "port"));
		add_keyword(b, "UID", u ? u : options_get(server, "user"));
		add_keyword(b, "PWD", pw ? pw : options_get(server, "password"));
	}
	add_keyword(b, "DATABASE", options_get(server, "database"));
	strbuf_adds(b, quirk->connect_extra);
	if (options_get(server, "odbc_options"))
		strbuf_adds(b, options_get(server, "odbc_options"));
}

static bool connect_driver(struct odbc_conn *c, struct mem *m, const struct options *server, const struct options *user,
						   struct err *e)
{
	struct strbuf b;
	SQLWCHAR *wide, out[1024];
	SQLSMALLINT out_len;
	size_t units;
	SQLRETURN rc;

	if (!odbc_ok(SQLAllocHandle(SQL_HANDLE_DBC, c->env, &c->dbc)))
		return err_set(e, ERR_CANNOT_CONNECT, "unixODBC gives no connection for server \"%s\"", c->base.server);
	SQLSetConnectAttrW(c->dbc, SQL_ATTR_LOGIN_TIMEOUT,
					   (SQLPOINTER)(uintptr_t)options_get_int(server, "connect_timeout", 10), SQL_IS_UINTEGER);
	strbuf_init(&b, 0);
	connection_string(&b, c->quirk, server, user);
	wide = odbc_wide(m, strbuf_cstr(&b), b.len, &units);
	if (units > INT16_MAX) {
		strbuf_release(&b);
		SQLFreeHandle(SQL_HANDLE_DBC, c->dbc);
		return err_set(e, ERR_FDW_INVALID_OPTION, "the options of server \"%s\" are too long", c->base.server);
	}
	rc = SQLDriverConnectW(c->dbc, NULL, wide, (SQLSMALLINT)units, out, ARRAY_LEN(out), &out_len, SQL_DRIVER_NOPROMPT);
	explicit_bzero(wide, units * sizeof *wide);
	explicit_bzero(b.data, b.len);
	explicit_bzero(out, sizeof out);
	strbuf_release(&b);
	if (odbc_ok(rc))
		return true;
	odbc_error(c, SQL_HANDLE_DBC, c->dbc, "", e);
	if (e->code == ERR_FDW_CANNOT_EXECUTE) {
		e->code = ERR_CANNOT_CONNECT;
		snprintf(e->message, sizeof e->message, "cannot connect to server \"%s\"", c->base.server);
	}
	SQLFreeHandle(SQL_HANDLE_DBC, c->dbc);
	return false;
}

static void info_text(struct odbc_conn *c, SQLUSMALLINT what, char *out, size_t size)
{
	SQLWCHAR text[256] = {0};
	SQLSMALLINT len = 0;
	struct strbuf b;

	*out = '\0';
	if (!odbc_ok(SQLGetInfoW(c->dbc, what, text, sizeof text, &len)) || len < 0)
		return;
	strbuf_init(&b, 0);
	len = (SQLSMALLINT)((size_t)len / sizeof *text);
	(void)!odbc_narrow(text, (size_t)(len < 255 ? len : 255), &b);
	snprintf(out, size, "%s", strbuf_cstr(&b));
	strbuf_release(&b);
}

static int64_t info_number(struct odbc_conn *c, SQLUSMALLINT what)
{
	SQLUINTEGER n = 0;

	return odbc_ok(SQLGetInfoW(c->dbc, what, &n, sizeof n, NULL)) ? (int64_t)n : 0;
}

static bool make_session(struct odbc_conn *c, struct mem *m, struct err *e)
{
	const char *verified;

	SQLSetConnectAttrW(c->dbc, SQL_ATTR_ACCESS_MODE, (SQLPOINTER)(uintptr_t)SQL_MODE_READ_ONLY, SQL_IS_UINTEGER);
	for (const char *const *s = c->quirk->session; s && *s; s++)
		if (!odbc_exec(c, *s, e))
			return false;
	if (!c->quirk->verify)
		return true;
	verified = odbc_query_text(c, m, c->quirk->verify, e);
	if (!verified)
		return false;
	return strcmp(verified, "1") == 0
		   || err_set(e, ERR_CANNOT_CONNECT, "the session at server \"%s\" can't be made deterministic", c->base.server);
}

static bool connect_with_quirks(struct odbc_conn *c, struct mem *m, const struct options *server,
								const struct options *user, struct err *e)
{
	const char *named = options_get(server, "quirks");
	const struct odbc_quirk *actual;
	char driver[256];

	c->quirk = odbc_quirk_find(named ? named : options_get(server, "driver"));
	if (!connect_driver(c, m, server, user, e))
		return false;
	info_text(c, SQL_DRIVER_NAME, driver, sizeof driver);
	actual = odbc_quirk_find(named ? named : driver);
	if (actual == c->quirk)
		return true;
	/* a data source name has told nothing: connect again, the driver's way */
	SQLDisconnect(c->dbc);
	SQLFreeHandle(SQL_HANDLE_DBC, c->dbc);
	c->quirk = actual;
	return connect_driver(c, m, server, user, e);
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

/* What killing will need. */
static bool remember_session(struct odbc_conn *c, struct mem *m, const struct options *server, const struct options *user,
							 struct err *e)
{
	if (!c->quirk->kill)
		return true;
	c->session_id = odbc_query_text(c, m, c->quirk->session_id, e);
	c->server = copy_options(m, server);
	c->user = copy_options(m, user);
	return c->session_id != NULL;
}

bool odbc_kill(struct odbc_conn *c)
{
	struct odbc_conn other = {.env = c->env, .quirk = c->quirk};
	struct mem *m;
	struct err e;
	bool ok;

	if (!c->quirk->kill)
		return false;
	m = mem_new(NULL, MEM_CONNECTION, "kill", 0);
	err_clear(&e);
	memcpy(other.base.server, c->base.server, sizeof other.base.server); /* the rest belongs to its own thread */
	ok = connect_driver(&other, m, &c->server, &c->user, &e);
	if (ok) {
		ok = odbc_exec(&other, mem_printf(m, "%s%s", c->quirk->kill, c->session_id), &e);
		SQLDisconnect(other.dbc);
		SQLFreeHandle(SQL_HANDLE_DBC, other.dbc);
	}
	mem_free(m);
	return ok;
}

static bool odbc_connect(struct mem *m, const char *server_name, const struct options *server, const struct options *user,
						 struct conn **out, struct err *e)
{
	struct odbc_conn *c = mem_new_object(m, struct odbc_conn);
	char quote[8];

	c->base.connector = &connector_odbc;
	snprintf(c->base.server, sizeof c->base.server, "%s", server_name);
	if (!options_get(server, "dsn") && !options_get(server, "driver"))
		return err_set(e, ERR_FDW_INVALID_OPTION, "server \"%s\" needs the option \"dsn\" or \"driver\"", server_name);
	if (!odbc_ok(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &c->env)))
		return err_set(e, ERR_CANNOT_CONNECT, "unixODBC does not start");
	SQLSetEnvAttr(c->env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)(uintptr_t)SQL_OV_ODBC3, 0);
	if (!connect_with_quirks(c, m, server, user, e)) {
		SQLFreeHandle(SQL_HANDLE_ENV, c->env);
		return false;
	}
	pthread_mutex_init(&c->lock, NULL);
	if (c->quirk->cancel_frees && !odbc_ok(SQLAllocHandle(SQL_HANDLE_STMT, c->dbc, &c->idle)))
		c->idle = NULL;
	if (!make_session(c, m, e) || !remember_session(c, m, server, user, e)) {
		c->base.connector->close((struct conn *)c);
		return false;
	}
	info_text(c, SQL_IDENTIFIER_QUOTE_CHAR, quote, sizeof quote);
	c->quote = *quote && *quote != ' ' ? *quote : '"';
	c->getdata_in_block = !c->quirk->no_getdata_in_block && (info_number(c, SQL_GETDATA_EXTENSIONS) & SQL_GD_BLOCK)
						  && (info_number(c, SQL_GETDATA_EXTENSIONS) & SQL_GD_BOUND);
	*out = (struct conn *)c;
	return true;
}

static void odbc_close(struct conn *conn)
{
	struct odbc_conn *c = (struct odbc_conn *)conn;

	if (c->idle)
		SQLFreeHandle(SQL_HANDLE_STMT, c->idle);
	SQLDisconnect(c->dbc);
	SQLFreeHandle(SQL_HANDLE_DBC, c->dbc);
	SQLFreeHandle(SQL_HANDLE_ENV, c->env);
	pthread_mutex_destroy(&c->lock);
	wipe_secrets(&c->server);
	wipe_secrets(&c->user);
}

static bool odbc_check(struct conn *conn, struct err *e)
{
	struct odbc_conn *c = (struct odbc_conn *)conn;

	__atomic_store_n(&c->cancelled, false, __ATOMIC_RELAXED);
	return odbc_exec(c, c->quirk->verify ? c->quirk->verify : "SELECT 1", e);
}

void odbc_cancel(struct conn *conn)
{
	struct odbc_conn *c = (struct odbc_conn *)conn;

	__atomic_store_n(&c->cancelled, true, __ATOMIC_RELAXED);
	pthread_mutex_lock(&c->lock);
	if (c->running && !odbc_kill(c))
		SQLCancel(c->idle ? c->idle : c->running);
	pthread_mutex_unlock(&c->lock);
}

/* ---- probe ---- */

/* Whether a condition on literals holds there; false too when it can't be asked. */
static bool holds(struct odbc_conn *c, struct mem *m, const char *condition)
{
	struct err ignored;
	const char *v;

	err_clear(&ignored);
	v = odbc_query_text(c, m, mem_printf(m, "SELECT CASE WHEN %s THEN '1' ELSE '0' END", condition), &ignored);
	return v && *v == '1';
}

static const char *dialect_of(const char *product, const struct odbc_quirk *quirk)
{
	static const struct { const char *product, *dialect; } rows[] = {
		{"PostgreSQL", "postgresql"}, {"MariaDB", "mariadb"}, {"MySQL", "mariadb"},
		{"SQLite", "sqlite"}, {"Microsoft SQL Server", "mssql"}, {"Oracle", "oracle"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strstr(product, rows[i].product))
			return rows[i].dialect;
	return quirk->dialect;
}

static bool odbc_probe(struct conn *conn, struct source_facts *f, struct err *e)
{
	struct odbc_conn *c = (struct odbc_conn *)conn;
	struct mem *m = mem_new(NULL, MEM_CONNECTION, "probe", 0);
	int major = 0, minor = 0;
	bool maria;

	(void)e;
	memset(f, 0, sizeof *f);
	info_text(c, SQL_DBMS_NAME, f->product, sizeof f->product);
	info_text(c, SQL_DBMS_VER, f->version, sizeof f->version);
	if (sscanf(f->version, "%d.%d", &major, &minor) == 2)
		f->version_number = major * 10000 + minor * 100;
	snprintf(f->dialect, sizeof f->dialect, "%s", dialect_of(f->product, c->quirk));
	maria = strcmp(f->dialect, "mariadb") == 0;
	/* literals have the session's collation there, columns the database's */
	f->text_equal_exact = !maria && !holds(c, m, "'a' = 'A'") && !holds(c, m, "'a' = 'a '") && !holds(c, m, "'a' = '\xc3\xa1'")
						  && holds(c, m, "'a' = 'a'");
	f->text_order_exact = f->text_equal_exact && holds(c, m, "'B' < 'a'") && holds(c, m, "'Z' < '\xc3\xa1'")
						  && holds(c, m, "'a b' < 'aa'");
	f->pads_spaces = maria || holds(c, m, "'a' = 'a '");
	f->like_exact = !maria && holds(c, m, "'a' LIKE 'a'") && !holds(c, m, "'a' LIKE 'A'") && !holds(c, m, "'\xc3\xa1' LIKE 'a'");
	f->null_order_syntax = strcmp(f->dialect, "postgresql") == 0 || strcmp(f->dialect, "sqlite") == 0
						   || strcmp(f->dialect, "oracle") == 0;
	f->zero_dates = maria;
	f->cuts_doubles = c->quirk->values_as_text;
	f->empty_is_null = holds(c, m, "'' IS NULL");
	if (strcmp(f->dialect, "postgresql") == 0) {
		const char *v = odbc_query_text(c, m, "SELECT current_setting('server_encoding')", e);
		snprintf(f->encoding, sizeof f->encoding, "%s", v ? v : "");
	}
	f->max_parameters = strtoll(c->quirk->max_params, NULL, 10);
	f->max_in_list = f->max_parameters;
	f->max_statement_bytes = info_number(c, SQL_MAX_STATEMENT_LEN);
	f->max_identifier = 0;
	mem_free(m);
	return true;
}

const struct connector connector_odbc = {
	.name = "odbc",
	.help = "Any database with an ODBC driver (options dsn, or driver, server, port, database)",
	.server_options = server_options,
	.user_options = user_options,
	.table_options = table_options,
	.user_optional = true,
	.default_max_connections = 4,
	.connect = odbc_connect,
	.close = odbc_close,
	.check = odbc_check,
	.probe = odbc_probe,
	.describe = odbc_describe,
	.statistics = odbc_statistics,
	.open = odbc_open,
	.next = odbc_next,
	.progress = odbc_progress,
	.close_stream = odbc_close_stream,
	.cancel = odbc_cancel,
};
