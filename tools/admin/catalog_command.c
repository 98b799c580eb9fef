/*
 * hopluu catalog init|list|check|dump: init makes a catalog with the agencies and one empty schema per database of the
 * national list; list prints servers and schemas; check opens the file (which verifies it) and tries each server; dump
 * writes the definitions as SQL, without secrets.
 */
#include "tools/admin/catalog_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalog/vietnam/vietnam.h"
#include "engine/session/session.h"
#include "parser/parser.h"
#include "tools/cli/options.h"

struct arguments {
	const char *action, *directory;
};

static const struct option_row rows[] = {
	{"catalog", 0, OPTION_TEXT, "DIR", "the catalog's directory (default $HOPLUU_CATALOG or ./hopluu-catalog)"},
};
static const char usage[] = "usage: hopluu catalog init|list|check|dump [OPTIONS]\n\n"
							"  init    make a catalog with the agencies and a schema per national database\n"
							"  list    servers and schemas\n"
							"  check   verify the file and try every server\n"
							"  dump    the definitions as SQL, without passwords\n";

static bool take(void *arg, const struct option_row *row, const char *value)
{
	struct arguments *a = arg;

	if (row) {
		a->directory = value;
		return true;
	}
	if (a->action) {
		fprintf(stderr, "hopluu catalog: unexpected argument '%s'\n", value);
		return false;
	}
	a->action = value;
	return true;
}

static int report(const struct err *e)
{
	fprintf(stderr, "ERROR %s: %s\n", errcode_sqlstate(e->code), e->message);
	if (*e->detail)
		fprintf(stderr, "DETAIL: %s\n", e->detail);
	if (*e->hint)
		fprintf(stderr, "HINT: %s\n", e->hint);
	return 1;
}

/* Valid on that ISO date. */
static bool in_force(const char *from, const char *until, const char *today)
{
	return (!*from || strcmp(from, today) <= 0) && (!*until || strcmp(today, until) <= 0);
}

static int init(struct engine *g)
{
	const struct vietnam_agency *a;
	const struct vietnam_database *d;
	size_t na = vietnam_agencies(&a), nd = vietnam_databases(&d), made = 0;
	const struct catalog_snapshot *s = catalog_snapshot_get(engine_catalog(g));
	struct catalog_edit *x;
	struct err e;
	bool ok = true;
	char today[16];
	time_t now = time(NULL);
	struct tm tm;

	err_clear(&e);
	gmtime_r(&now, &tm);
	strftime(today, sizeof today, "%Y-%m-%d", &tm);
	x = catalog_begin(engine_catalog(g), &e);
	for (size_t i = 0; x && ok && i < na; i++) {
		struct catalog_agency agency = {.code = a[i].code, .name_vi = a[i].name_vi, .name_en = a[i].name_en};

		if (in_force(a[i].valid_from, a[i].valid_until, today))
			ok = catalog_put_agency(x, &agency, &e);
	}
	for (size_t i = 0; x && ok && i < nd; i++) {
		char comment[512];

		if (!in_force(d[i].valid_from, d[i].valid_until, today) || catalog_find_schema(s, d[i].code))
			continue;
		snprintf(comment, sizeof comment, "%s (%s)", d[i].name_vi, d[i].name_en);
		ok = catalog_create_schema(x, d[i].code, "", &e) && catalog_comment(x, "schema", NULL, d[i].code, NULL, comment, &e);
		made++;
	}
	catalog_snapshot_unref(s);
	if (x && ok)
		ok = catalog_commit(x, &e);
	else
		catalog_rollback(x);
	if (!x || !ok)
		return report(&e);
	printf("%zu schemas made\n", made);
	return 0;
}

static int list(const struct catalog_snapshot *s)
{
	printf("%zu servers\n", s->nservers);
	for (size_t i = 0; i < s->nservers; i++)
		printf("  %-32s %s\n", s->servers[i]->name, s->servers[i]->type);
	printf("%zu schemas\n", s->nschemas);
	for (size_t i = 0; i < s->nschemas; i++)
		printf("  %-32s %zu tables\n", s->schemas[i]->name, s->schemas[i]->ntables);
	return 0;
}

/* A query on one table of the server shows that it can be reached with the mapping. */
static bool try_server(struct session *session, const struct catalog_snapshot *s, const struct catalog_server *server)
{
	for (size_t i = 0; i < s->nschemas; i++)
		for (size_t k = 0; k < s->schemas[i]->ntables; k++) {
			const struct catalog_table *t = s->schemas[i]->tables[k];
			struct strbuf sql;
			struct receiver none = {0};
			struct err e;
			bool ok;

			if (t->server != server)
				continue;
			strbuf_init(&sql, 2000);
			strbuf_adds(&sql, "SELECT 1 FROM ");
			ident_quote(&sql, str_of(t->schema));
			strbuf_addc(&sql, '.');
			ident_quote(&sql, str_of(t->name));
			strbuf_adds(&sql, " LIMIT 1");
			err_clear(&e);
			ok = session_run(session, strbuf_str(&sql), &none, &e);
			strbuf_release(&sql);
			printf("  %-32s %s%s\n", server->name, ok ? "ok" : "FAILED: ", ok ? "" : e.message);
			return ok;
		}
	printf("  %-32s no tables\n", server->name);
	return true;
}

static int check(struct engine *g, const struct catalog_snapshot *s)
{
	struct principal who = {.user = getenv("USER") ? getenv("USER") : "hopluu", .agency = "", .purpose = "", .is_administrator = true, .is_operator = true};
	struct session *session;
	struct err e;
	int failed = 0;

	err_clear(&e);
	session = session_open(g, &who, &e);
	if (!session)
		return report(&e);
	printf("the catalog file is sound: %zu servers, %zu schemas\n", s->nservers, s->nschemas);
	for (size_t i = 0; i < s->nservers; i++)
		failed += !try_server(session, s, s->servers[i]);
	session_close(session);
	return failed ? 1 : 0;
}

static void put_options(struct strbuf *b, const struct options *o)
{
	if (o->count == 0)
		return;
	strbuf_adds(b, " OPTIONS (");
	for (size_t i = 0; i < o->count; i++) {
		strbuf_adds(b, i ? ", " : "");
		ident_quote(b, str_of(o->list[i].name));
		strbuf_addc(b, ' ');
		literal_quote(b, str_of(o->list[i].value));
	}
	strbuf_addc(b, ')');
}

static void put_comment(struct strbuf *b, const char *kind, const char *schema, const char *name, const char *column,
						const char *comment)
{
	if (!comment)
		return;
	strbuf_addf(b, "COMMENT ON %s ", kind);
	if (schema) {
		ident_quote(b, str_of(schema));
		strbuf_addc(b, '.');
	}
	ident_quote(b, str_of(name));
	if (column) {
		strbuf_addc(b, '.');
		ident_quote(b, str_of(column));
	}
	strbuf_adds(b, " IS ");
	literal_quote(b, str_of(comment));
	strbuf_adds(b, ";\n");
}

static void dump_server(struct strbuf *b, const struct catalog_server *s)
{
	strbuf_adds(b, "CREATE SERVER ");
	ident_quote(b, str_of(s->name));
	strbuf_adds(b, " TYPE ");
	literal_quote(b, str_of(s->type));
	put_options(b, &s->options);
	strbuf_adds(b, ";\n");
	put_comment(b, "SERVER", NULL, s->name, NULL, s->comment);
	for (size_t i = 0; i < s->nmappings; i++) {
		strbuf_adds(b, "CREATE USER MAPPING FOR ");
		if (*s->mappings[i].user)
			ident_quote(b, str_of(s->mappings[i].user));
		else
			strbuf_adds(b, "PUBLIC");
		strbuf_adds(b, " SERVER ");
		ident_quote(b, str_of(s->name));
		put_options(b, &s->mappings[i].options);
		strbuf_adds(b, s->mappings[i].sealed.count ? "; -- its secrets must be given again\n" : ";\n");
	}
}

static void dump_table(struct strbuf *b, const struct catalog_table *t, struct mem *m)
{
	struct options remote = t->options;

	strbuf_adds(b, t->kind == TABLE_VIEW ? "CREATE VIEW " : "CREATE FOREIGN TABLE ");
	ident_quote(b, str_of(t->schema));
	strbuf_addc(b, '.');
	ident_quote(b, str_of(t->name));
	if (t->kind == TABLE_VIEW) {
		strbuf_addf(b, " AS %s;\n", t->view_sql);
	} else {
		struct option *list = mem_new_array(m, struct option, remote.count + 2);

		strbuf_adds(b, " (");
		for (uint32_t i = 0; i < t->ncols; i++) {
			const struct catalog_column *c = &t->columns[i];
			struct option *own = mem_new_array(m, struct option, c->options.count + 1);
			struct options o = {own, c->options.count};

			strbuf_adds(b, i ? ", " : "");
			ident_quote(b, str_of(c->name));
			strbuf_addf(b, " %s", type_name(c->type, m));
			if (c->options.count)
				memcpy(own, c->options.list, c->options.count * sizeof *own);
			if (strcmp(c->name, c->remote_name) != 0 && !options_get(&c->options, "column_name"))
				own[o.count++] = (struct option){"column_name", c->remote_name};
			put_options(b, &o);
			strbuf_adds(b, c->not_null ? " NOT NULL" : "");
		}
		strbuf_adds(b, ") SERVER ");
		ident_quote(b, str_of(t->server->name));
		if (remote.count)
			memcpy(list, remote.list, remote.count * sizeof *list);
		remote.list = list;
		if (!options_get(&remote, "schema_name") && *t->remote_schema)
			list[remote.count++] = (struct option){"schema_name", t->remote_schema};
		if (!options_get(&remote, "table_name"))
			list[remote.count++] = (struct option){"table_name", t->remote_name};
		put_options(b, &remote);
		strbuf_adds(b, ";\n");
	}
	put_comment(b, t->kind == TABLE_VIEW ? "VIEW" : "FOREIGN TABLE", t->schema, t->name, NULL, t->comment);
	for (uint32_t i = 0; i < t->ncols; i++)
		put_comment(b, "COLUMN", t->schema, t->name, t->columns[i].name, t->columns[i].comment);
}

static int dump(const struct catalog_snapshot *s)
{
	struct strbuf b;
	struct mem *m = mem_new(NULL, MEM_OTHER, "dump", 0);

	strbuf_init(&b, 0);
	for (size_t i = 0; i < s->nservers; i++)
		dump_server(&b, s->servers[i]);
	for (size_t i = 0; i < s->nschemas; i++) {
		strbuf_adds(&b, "CREATE SCHEMA IF NOT EXISTS ");
		ident_quote(&b, str_of(s->schemas[i]->name));
		strbuf_adds(&b, ";\n");
		put_comment(&b, "SCHEMA", NULL, s->schemas[i]->name, NULL, s->schemas[i]->comment);
	}
	/* views last: they read tables of any schema */
	for (int views = 0; views < 2; views++)
		for (size_t i = 0; i < s->nschemas; i++)
			for (size_t k = 0; k < s->schemas[i]->ntables; k++)
				if ((s->schemas[i]->tables[k]->kind == TABLE_VIEW) == (views == 1))
					dump_table(&b, s->schemas[i]->tables[k], m);
	fwrite(strbuf_cstr(&b), 1, b.len, stdout);
	strbuf_release(&b);
	mem_free(m);
	return fflush(stdout) == 0 ? 0 : 1;
}

int catalog_main(int argc, char **argv)
{
	static const char *const actions[] = {"init", "list", "check", "dump"};
	struct arguments a = {NULL, getenv("HOPLUU_CATALOG") ? getenv("HOPLUU_CATALOG") : "hopluu-catalog"};
	int rc = options_parse(argc, argv, rows, ARRAY_LEN(rows), usage, take, &a), status;
	size_t action = 0;
	struct engine *g;
	const struct catalog_snapshot *s;
	struct err e;

	if (rc)
		return rc == 1 ? 0 : 2;
	while (a.action && action < ARRAY_LEN(actions) && strcmp(actions[action], a.action) != 0)
		action++;
	if (!a.action || action == ARRAY_LEN(actions)) {
		fprintf(stderr, "hopluu catalog: %s%s%s; actions are init, list, check, dump\n", a.action ? "there is no action '" : "an action is needed",
				a.action ? a.action : "", a.action ? "'" : "");
		return 2;
	}
	err_clear(&e);
	g = engine_open(a.directory, 0, &e);
	if (!g)
		return report(&e), 2;
	s = catalog_snapshot_get(engine_catalog(g));
	status = action == 0 ? init(g) : action == 1 ? list(s) : action == 2 ? check(g, s) : dump(s);
	catalog_snapshot_unref(s);
	engine_close(g);
	return status;
}
