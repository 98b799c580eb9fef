/*
 * The SQL that tells the catalog about the demo's databases: each is a server and a schema of the same
 * name. Text only; catalog.c runs it. Pure functions of the options and descriptions.
 */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tools/demo/demo.h"
#include "tools/demo/sink.h"

static void add_literal(struct strbuf *out, const char *s)
{
	strbuf_addc(out, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			strbuf_addc(out, '\'');
		strbuf_addc(out, *s);
	}
	strbuf_addc(out, '\'');
}

/* ", name 'value'" unless the value is missing. */
static void add_option(struct strbuf *out, const char **before, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	strbuf_adds(out, *before);
	strbuf_addf(out, "%s ", name);
	add_literal(out, value);
	*before = ", ";
}

static void begin_server(struct strbuf *out, const struct demo_database *d, const char **before)
{
	strbuf_addf(out, "CREATE SERVER \"%s\" TYPE '%s' OPTIONS (", d->code, place_name(d->place));
	*before = "";
	add_option(out, before, "agency", d->agency);
}

static void add_mapping(struct strbuf *out, const struct demo_database *d, const char *user, const char *password)
{
	const char *before = " OPTIONS (";
	strbuf_addf(out, "CREATE USER MAPPING FOR PUBLIC SERVER \"%s\"", d->code);
	add_option(out, &before, "user", user);
	add_option(out, &before, "password", password);
	strbuf_adds(out, before[0] == ',' ? ");\n" : ";\n");
}

static bool add_postgresql(const struct demo_options *o, const struct demo_database *d, struct strbuf *out, struct err *e)
{
	char *why = NULL;
	PQconninfoOption *all = PQconninfoParse(o->postgresql, &why);
	const char *before, *user = NULL, *password = NULL;
	if (!all) {
		err_set(e, ERR_INVALID_PARAMETER_VALUE, "--postgresql is no connection URL");
		PQfreemem(why);
		return false;
	}
	begin_server(out, d, &before);
	for (const PQconninfoOption *p = all; p->keyword; p++) {
		if (strcmp(p->keyword, "user") == 0)
			user = p->val;
		else if (strcmp(p->keyword, "password") == 0)
			password = p->val;
		else if (strcmp(p->keyword, "host") == 0 || strcmp(p->keyword, "port") == 0 || strcmp(p->keyword, "dbname") == 0 || strcmp(p->keyword, "sslmode") == 0)
			add_option(out, &before, p->keyword, p->val);
	}
	strbuf_adds(out, ");\n");
	add_mapping(out, d, user ? user : getenv("PGUSER"), password ? password : getenv("PGPASSWORD"));
	PQconninfoFree(all);
	return true;
}

static bool add_mariadb(const struct demo_options *o, const struct demo_database *d, struct strbuf *out, struct err *e)
{
	struct url_parts u;
	const char *before;
	if (!url_parse(o->mariadb, &u, e))
		return false;
	begin_server(out, d, &before);
	if (*u.socket)
		add_option(out, &before, "socket", u.socket);
	else
		add_option(out, &before, "host", u.host);
	add_option(out, &before, "port", u.port);
	add_option(out, &before, "database", d->code);
	strbuf_adds(out, ");\n");
	add_mapping(out, d, u.user, u.password);
	return true;
}

/* A driver's name, or a connection string: "Driver=SQLite3;Timeout=100". Its Database is not taken from
 * it: the file is the one that was loaded. */
static void add_odbc(struct strbuf *out, const char **before, const char *given, struct mem *m)
{
	struct strbuf rest;
	if (!strchr(given, '=')) {
		add_option(out, before, "driver", given);
		return;
	}
	strbuf_init(&rest, 0);
	for (const char *p = given; *p; p += strcspn(p, ";"), p += *p == ';') {
		size_t len = strcspn(p, ";"), name = strcspn(p, "=;");
		const char *value = name < len ? mem_strndup(m, p + name + 1, len - name - 1) : "";
		if (name == 6 && strncasecmp(p, "driver", 6) == 0)
			add_option(out, before, "driver", value);
		else if (name == 3 && strncasecmp(p, "dsn", 3) == 0)
			add_option(out, before, "dsn", value);
		else if (len && !(name == 8 && strncasecmp(p, "database", 8) == 0))
			strbuf_addf(&rest, "%s%.*s", rest.len ? ";" : "", (int)len, p);
	}
	add_option(out, before, "odbc_options", strbuf_cstr(&rest));
	strbuf_release(&rest);
}

static void add_files(const struct demo_options *o, const struct demo_database *d, struct strbuf *out)
{
	struct mem *m = mem_new(NULL, MEM_OTHER, "path", 0);
	const char *before, *path = demo_file(o, d, m);
	/* absolute, so that the catalog works from any directory */
	char *absolute = realpath(path, NULL);
	begin_server(out, d, &before);
	if (d->place == PLACE_ODBC) {
		add_odbc(out, &before, o->odbc, m);
		add_option(out, &before, "database", absolute ? absolute : path);
	} else {
		add_option(out, &before, "path", absolute ? absolute : path);
	}
	strbuf_adds(out, ");\n");
	if (d->place == PLACE_ODBC) /* the driver asks nobody's name, the catalog does */
		add_mapping(out, d, NULL, NULL);
	free(absolute);
	mem_free(m);
}

bool demo_catalog_sql(const struct demo_options *o, const struct demo_database *d, struct strbuf *out, struct err *e)
{
	switch (d->place) {
	case PLACE_POSTGRESQL:
		if (!add_postgresql(o, d, out, e))
			return false;
		break;
	case PLACE_MARIADB:
		if (!add_mariadb(o, d, out, e))
			return false;
		break;
	case PLACE_SQLITE:
	case PLACE_ODBC:
		add_files(o, d, out);
		break;
	}
	return true;
}

void demo_import_sql(const struct demo_database *d, struct strbuf *out)
{
	bool file = d->place == PLACE_SQLITE || d->place == PLACE_ODBC;
	strbuf_addf(out, "IMPORT FOREIGN SCHEMA \"%s\"", file ? "main" : d->code);
	/* a driver may also list the file's own tables (sqlite_stat1) */
	for (size_t i = 0; d->place == PLACE_ODBC && i < d->ntables; i++)
		strbuf_addf(out, "%s\"%s\"%s", i ? ", " : " LIMIT TO (", d->tables[i].name, i + 1 < d->ntables ? "" : ")");
	strbuf_addf(out, " FROM SERVER \"%s\" INTO \"%s\";\n", d->code, d->code);
}

void demo_comment_sql(const struct demo_database *d, struct strbuf *out)
{
	struct strbuf text;
	strbuf_init(&text, 0);
	for (size_t i = 0; i < d->ntables; i++) {
		const struct demo_table *t = &d->tables[i];
		strbuf_addf(out, "COMMENT ON FOREIGN TABLE \"%s\".\"%s\" IS ", d->code, t->name);
		strbuf_reset(&text);
		strbuf_addf(&text, "%s (%s)", t->title_vi, t->title_en);
		add_literal(out, strbuf_cstr(&text));
		strbuf_adds(out, ";\n");
		for (size_t k = 0; k < t->ncols; k++) {
			strbuf_addf(out, "COMMENT ON COLUMN \"%s\".\"%s\".\"%s\" IS ", d->code, t->name, t->columns[k].name);
			strbuf_reset(&text);
			strbuf_addf(&text, "%s (%s)", t->columns[k].comment_vi, t->columns[k].comment_en);
			add_literal(out, strbuf_cstr(&text));
			strbuf_adds(out, ";\n");
		}
	}
	strbuf_release(&text);
}
