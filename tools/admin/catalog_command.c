/*
 * hopluu catalog init|list|check|dump|apply: init makes a catalog with the agencies and one empty schema per database of the
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
#include "tools/admin/catalog_apply.h"
#include "tools/admin/catalog_dump.h"
#include "tools/cli/options.h"

struct arguments {
	const char *action, *directory, *file;
	bool dry_run;
};

static const struct option_row rows[] = {
	{"catalog", 0, OPTION_TEXT, "DIR", "the catalog's directory (default $HOPLUU_CATALOG or ./hopluu-catalog)"},
	{"dry-run", 0, OPTION_FLAG, NULL, "apply: show the differences and change nothing"},
};
static const char usage[] = "usage: hopluu catalog init|list|check|dump|apply FILE [OPTIONS]\n\n"
							"  init    make a catalog with the agencies and a schema per national database\n"
							"  list    servers and schemas\n"
							"  check   verify the file and try every server\n"
							"  dump    the definitions as SQL, without passwords\n"
							"  apply   bring the catalog to the state that a file of definitions describes (- is standard input)\n";

static bool take(void *arg, const struct option_row *row, const char *value)
{
	struct arguments *a = arg;

	if (row && strcmp(row->name, "dry-run") == 0) {
		a->dry_run = true;
		return true;
	}
	if (row) {
		a->directory = value;
		return true;
	}
	if (a->action && strcmp(a->action, "apply") == 0 && !a->file) {
		a->file = value;
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

static bool read_all(const char *name, struct strbuf *out)
{
	FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
	char part[8192];
	size_t n;
	bool ok;

	if (!f)
		return false;
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		strbuf_add(out, part, n);
	ok = !ferror(f);
	if (f != stdin)
		fclose(f);
	return ok;
}

static int apply(struct engine *g, const struct arguments *a)
{
	struct strbuf text;
	struct err e;
	bool ok;

	if (!a->file) {
		fprintf(stderr, "hopluu catalog apply: a FILE is needed\n");
		return 2;
	}
	strbuf_init(&text, 0);
	if (!read_all(a->file, &text)) {
		perror(a->file);
		strbuf_release(&text);
		return 2;
	}
	err_clear(&e);
	ok = catalog_apply(g, strbuf_str(&text), a->dry_run, &e);
	strbuf_release(&text);
	return ok ? 0 : report(&e);
}

int catalog_main(int argc, char **argv)
{
	static const char *const actions[] = {"init", "list", "check", "dump", "apply"};
	struct arguments a = {.directory = getenv("HOPLUU_CATALOG") ? getenv("HOPLUU_CATALOG") : "hopluu-catalog"};
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
		fprintf(stderr, "hopluu catalog: %s%s%s; actions are init, list, check, dump, apply\n", a.action ? "there is no action '" : "an action is needed",
				a.action ? a.action : "", a.action ? "'" : "");
		return 2;
	}
	err_clear(&e);
	g = engine_open(a.directory, 0, &e);
	if (!g)
		return report(&e), 2;
	s = catalog_snapshot_get(engine_catalog(g));
	status = action == 0 ? init(g) : action == 1 ? list(s) : action == 2 ? check(g, s) : action == 3 ? !catalog_dump(s, stdout) : apply(g, &a);
	catalog_snapshot_unref(s);
	engine_close(g);
	return status;
}
