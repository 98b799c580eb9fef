/* hopluu audit verify|show: is the log whole, and what stands in it. Neither opens the catalog: a copy of audit/ will do. */
#include "tools/admin/audit_command.h"

#include <stdlib.h>
#include <string.h>

#include "catalog/audit.h"
#include "tools/cli/options.h"

struct arguments {
	const char *action, *directory, *user, *agency, *table, *kind, *since, *until, *state;
	uint64_t shown;
};

static const struct option_row rows[] = {
	{"catalog", 0, OPTION_TEXT, "DIR", "the catalog's directory (default $HOPLUU_CATALOG or ./hopluu-catalog)"},
	{"user", 0, OPTION_TEXT, "NAME", "show: records of this user"},
	{"agency", 0, OPTION_TEXT, "CODE", "show: of users of this agency"},
	{"table", 0, OPTION_TEXT, "S.T", "show: statements that read this table"},
	{"kind", 0, OPTION_TEXT, "WORD", "show: statement, outcome, login, recovered or seal"},
	{"since", 0, OPTION_TEXT, "TIME", "show: from this time (UTC, 2026-11-24 12:00) on"},
	{"until", 0, OPTION_TEXT, "TIME", "show: before this time"},
	{"sqlstate", 0, OPTION_TEXT, "CODE", "show: with this SQLSTATE"},
};
static const char usage[] = "usage: hopluu audit verify|show [OPTIONS]\n\n"
							"  verify  find what was removed, changed, moved or cut off; exit status 1 when something was\n"
							"  show    records as JSON lines\n";

static bool take(void *arg, const struct option_row *row, const char *value)
{
	struct arguments *a = arg;
	const char **places[] = {&a->directory, &a->user, &a->agency, &a->table, &a->kind, &a->since, &a->until, &a->state};

	if (row) {
		*places[row - rows] = value;
		return true;
	}
	if (a->action) {
		fprintf(stderr, "hopluu audit: unexpected argument '%s'\n", value);
		return false;
	}
	a->action = value;
	return true;
}

/* ,"name":"value" in the record? Values are escaped there, so that no text can look like a member. */
static bool has_member(const char *line, const char *name, const char *value)
{
	struct strbuf b;
	bool found;

	if (!value)
		return true;
	strbuf_init(&b, 0);
	audit_text(&b, name, str_of(value));
	found = strstr(line, strbuf_cstr(&b)) != NULL;
	strbuf_release(&b);
	return found;
}

static bool show_line(void *arg, struct str line)
{
	struct arguments *a = arg;
	char *text = strndup(line.data, line.len);
	const char *at = text ? strstr(text, "\"at\":\"") : NULL;

	if (!text)
		return false;
	if (has_member(text, "user", a->user) && has_member(text, "agency", a->agency) && has_member(text, "table", a->table) &&
		has_member(text, "kind", a->kind) && has_member(text, "sqlstate", a->state) &&
		(!a->since || (at && strcmp(at + 6, a->since) >= 0)) && (!a->until || (at && strcmp(at + 6, a->until) < 0))) {
		puts(text);
		a->shown++;
	}
	free(text);
	return true;
}

int audit_main(int argc, char **argv)
{
	struct arguments a = {.directory = getenv("HOPLUU_CATALOG") ? getenv("HOPLUU_CATALOG") : "hopluu-catalog"};
	int rc = options_parse(argc, argv, rows, ARRAY_LEN(rows), usage, take, &a);
	uint64_t records;
	size_t faults;
	struct err e;

	if (rc)
		return rc == 1 ? 0 : 2;
	if (a.action && strcmp(a.action, "verify") == 0) {
		faults = audit_verify(a.directory, stdout, &records);
		printf("%llu records, %zu faults\n", (unsigned long long)records, faults);
		return faults != 0;
	}
	if (!a.action || strcmp(a.action, "show") != 0) {
		fprintf(stderr, "hopluu audit: an action is needed: verify or show\n");
		return 2;
	}
	err_clear(&e);
	if (audit_each(a.directory, show_line, &a, &e))
		return 0;
	fprintf(stderr, "ERROR %s: %s\n", errcode_sqlstate(e.code), e.message);
	return 1;
}
