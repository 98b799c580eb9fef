/* Backslash commands: listings through the engine's own SQL, settings of the shell, files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/function/func.h"
#include "parser/parser.h"
#include "tools/shell/shell_int.h"

static const char help_text[] =
	"  \\d [PATTERN]     schemas, or tables that match (schema.table, * and ? are wild)\n"
	"  \\d TABLE         columns, keys and source of one table\n"
	"  \\dn [PATTERN]    schemas          \\dt [PATTERN]   tables       \\dv [PATTERN]   views\n"
	"  \\des             servers          \\df [PATTERN]   functions\n"
	"  \\x               expanded output on and off\n"
	"  \\format NAME     " FORMAT_NAMES "\n"
	"  \\timing          times on and off\n"
	"  \\null TEXT       how NULL is shown\n"
	"  \\e               edit the statement being typed, or the last one, in $EDITOR\n"
	"  \\p               print the statement being typed       \\r        drop it\n"
	"  \\i FILE          run a file\n"
	"  \\o [FILE]        results into a file, or back to the screen\n"
	"  \\echo TEXT       print text                         \\q        leave\n"
	"EXPLAIN shows a statement's plan, SHOW ALL the settings, SET pushdown = off|filter|full what sources are asked.\n";

static bool run(struct shell *s, const char *sql)
{
	return shell_run(s, str_of(sql));
}

/* psql's wild cards to LIKE. */
static void add_like(struct strbuf *b, const char *column, const char *pattern, size_t len)
{
	struct strbuf like;

	strbuf_init(&like, 1000);
	for (size_t i = 0; i < len; i++) {
		char c = pattern[i];

		if (c == '*')
			strbuf_addc(&like, '%');
		else if (c == '?')
			strbuf_addc(&like, '_');
		else if (c == '_' || c == '%' || c == '\\')
			strbuf_addf(&like, "\\%c", c);
		else if (c != '"')
			strbuf_addc(&like, c);
	}
	strbuf_addf(b, " AND %s LIKE ", column);
	literal_quote(b, strbuf_str(&like));
	strbuf_release(&like);
}

static void add_pattern(struct strbuf *b, const char *schema_column, const char *name_column, const char *pattern)
{
	const char *dot = strchr(pattern, '.');

	if (!*pattern)
		return;
	if (dot) {
		add_like(b, schema_column, pattern, (size_t)(dot - pattern));
		if (dot[1])
			add_like(b, name_column, dot + 1, strlen(dot + 1));
	} else {
		add_like(b, name_column, pattern, strlen(pattern));
	}
}

static bool list_schemas(struct shell *s, const char *pattern)
{
	struct strbuf b;
	bool ok;

	strbuf_init(&b, 4000);
	strbuf_adds(&b, "SELECT schema_name AS schema, server, tables, comment FROM hopluu.schemas WHERE true");
	add_pattern(&b, "schema_name", "schema_name", pattern);
	strbuf_adds(&b, " ORDER BY 1");
	ok = run(s, strbuf_cstr(&b));
	strbuf_release(&b);
	return ok;
}

static bool list_tables(struct shell *s, const char *pattern, const char *kind)
{
	struct strbuf b;
	bool ok;

	strbuf_init(&b, 4000);
	strbuf_adds(&b, "SELECT table_schema AS schema, table_name AS name, kind, server, rows, comment FROM hopluu.tables WHERE true");
	if (kind)
		strbuf_addf(&b, " AND kind = '%s'", kind);
	add_pattern(&b, "table_schema", "table_name", pattern);
	strbuf_adds(&b, " ORDER BY 1, 2");
	ok = run(s, strbuf_cstr(&b));
	strbuf_release(&b);
	return ok;
}

static const char *const key_words[] = {"primary key", "unique", "foreign key", "index"};

static void describe_footer(struct shell *s, const struct catalog_table *t)
{
	if (t->comment)
		fprintf(s->out, "Comment: %s\n", t->comment);
	if (t->kind == TABLE_VIEW) {
		fprintf(s->out, "View definition: %s\n", t->view_sql);
		return;
	}
	fprintf(s->out, "Server: %s, remote table %s%s%s\n", t->server->name, t->remote_schema, *t->remote_schema ? "." : "",
			t->remote_name);
	if (t->rows >= 0)
		fprintf(s->out, "Rows: about %.0f\n", t->rows);
	for (uint32_t i = 0; i < t->nkeys; i++) {
		const struct catalog_key *k = &t->keys[i];

		fprintf(s->out, "%s%s (", i ? "      " : "Keys: ", key_words[k->kind]);
		for (uint32_t c = 0; c < k->ncols; c++)
			fprintf(s->out, "%s%s", c ? ", " : "", t->columns[k->cols[c]].name);
		fprintf(s->out, ")%s%s\n", k->ref_table ? " references " : "", k->ref_table ? k->ref_table : "");
	}
}

static bool describe(struct shell *s, const char *name)
{
	struct strbuf b;
	struct mem *m = mem_new(NULL, MEM_OTHER, "describe", 0);
	const struct catalog_snapshot *snapshot = catalog_snapshot_get(engine_catalog(s->engine));
	const struct guard *g;
	char *copy = mem_strdup(m, name), *dot = strchr(copy, '.');
	struct err e;
	bool ok;

	err_clear(&e);
	if (dot)
		*dot++ = '\0';
	ok = authorize_table(snapshot, session_principal(s->session), dot ? copy : NULL, dot ? dot : copy,
						 session_settings(s->session)->text[SET_search_path], -1, m, &g, &e);
	if (!ok) {
		shell_report(s, &e, str_make("", 0));
	} else {
		strbuf_init(&b, 4000);
		strbuf_adds(&b, "DESCRIBE ");
		if (dot) {
			ident_quote(&b, str_of(copy));
			strbuf_addc(&b, '.');
		}
		ident_quote(&b, str_of(dot ? dot : copy));
		ok = run(s, strbuf_cstr(&b));
		if (ok && g->table && s->format == FORMAT_TABLE)
			describe_footer(s, g->table);
		strbuf_release(&b);
	}
	catalog_snapshot_unref(snapshot);
	mem_free(m);
	return ok;
}

static bool list_functions(struct shell *s, const char *pattern)
{
	struct strbuf b;
	bool ok;

	strbuf_init(&b, 4000);
	strbuf_adds(&b, "SELECT name, arguments, result, kind, help FROM hopluu.functions WHERE true");
	add_pattern(&b, "name", "name", pattern);
	strbuf_adds(&b, " ORDER BY 1, 2");
	ok = run(s, strbuf_cstr(&b));
	strbuf_release(&b);
	return ok;
}

/* Writes the statement being typed, or else the last one, into a new private file. */
static bool make_file(const struct shell *s, char *path)
{
	const struct strbuf *text = s->buffer.len ? &s->buffer : &s->last;
	int fd = mkstemps(path, 4);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	bool ok = f && fwrite(strbuf_cstr(text), 1, text->len, f) == text->len;

	if (f && fclose(f) != 0)
		ok = false;
	else if (!f && fd >= 0)
		close(fd);
	if (!ok)
		fprintf(stderr, "could not write \"%s\": %s\n", path, strerror(errno));
	return ok;
}

static bool read_file(struct strbuf *into, const char *path)
{
	FILE *f = fopen(path, "r");
	char part[4096];
	size_t n;

	if (!f) {
		fprintf(stderr, "could not open \"%s\": %s\n", path, strerror(errno));
		return false;
	}
	strbuf_reset(into);
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		strbuf_add(into, part, n);
	fclose(f);
	return true;
}

static bool call_editor(const char *path)
{
	const char *editor = getenv("VISUAL") ? getenv("VISUAL") : getenv("EDITOR") ? getenv("EDITOR") : "vi";
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		/* the variable may hold arguments: the shell splits it */
		execl("/bin/sh", "sh", "-c", "exec $0 \"$1\"", editor, path, (char *)NULL);
		_exit(127);
	}
	if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	fprintf(stderr, "the editor \"%s\" failed; nothing was run (VISUAL or EDITOR names another)\n", editor);
	return false;
}

/* What the editor leaves is shown, and run when it ends with a semicolon; else it can be gone on with at the prompt. */
static bool edit(struct shell *s)
{
	const char *directory = getenv("TMPDIR") && *getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
	char path[1024];
	bool ok;

	snprintf(path, sizeof path, "%s/hopluu-edit-XXXXXX.sql", directory);
	if (!make_file(s, path))
		return false;
	ok = call_editor(path) && read_file(&s->buffer, path);
	unlink(path);
	if (!ok)
		return false;
	printf("%s%s", strbuf_cstr(&s->buffer), s->buffer.len && s->buffer.data[s->buffer.len - 1] != '\n' ? "\n" : "");
	fflush(stdout);
	return shell_run_buffer(s, false);
}

static bool unknown(const char *command)
{
	fprintf(stderr, "there is no command \\%s; \\? lists them\n", command);
	return false;
}

static void say(const struct shell *s, const char *what, bool on)
{
	if (s->interactive && !s->quiet)
		printf("%s is %s\n", what, on ? "on" : "off");
}

static bool on_or_off(const char *arg, bool other, bool *out)
{
	if (*arg && strcmp(arg, "on") != 0 && strcmp(arg, "off") != 0) {
		fprintf(stderr, "on or off, not '%s'\n", arg);
		return false;
	}
	*out = *arg ? strcmp(arg, "on") == 0 : other;
	return true;
}

static bool setting_command(struct shell *s, const char *command, const char *arg)
{
	bool on;

	if (strcmp(command, "timing") == 0) {
		if (!on_or_off(arg, !s->timing, &s->timing))
			return false;
		say(s, "timing", s->timing);
	} else if (strcmp(command, "x") == 0) {
		if (!on_or_off(arg, s->format != FORMAT_EXPANDED, &on))
			return false;
		s->format = on ? FORMAT_EXPANDED : FORMAT_TABLE;
		say(s, "expanded output", on);
	} else if (strcmp(command, "format") == 0) {
		return shell_set_format(s, arg);
	} else if (strcmp(command, "null") == 0) {
		snprintf(s->null_text, sizeof s->null_text, "%s", arg);
	} else if (strcmp(command, "echo") == 0) {
		fprintf(s->out, "%s\n", arg);
	} else if (strcmp(command, "r") == 0 || strcmp(command, "reset") == 0) {
		strbuf_reset(&s->buffer);
	} else if (strcmp(command, "p") == 0) {
		fputs(strbuf_cstr(s->buffer.len ? &s->buffer : &s->last), s->out);
	} else {
		return unknown(command);
	}
	return true;
}

bool shell_command(struct shell *s, const char *line)
{
	char command[32], arg[1024];
	size_t n = strcspn(line + 1, " \t;");
	const char *rest = line + 1 + n;
	size_t len;

	snprintf(command, sizeof command, "%.*s", (int)n, line + 1);
	rest += strspn(rest, " \t");
	len = strlen(rest);
	while (len && strchr(" \t\r;", rest[len - 1]))
		len--;
	snprintf(arg, sizeof arg, "%.*s", (int)len, rest);
	if (strcmp(command, "q") == 0) {
		s->quit = true;
		return true;
	}
	if (strcmp(command, "?") == 0 || strcmp(command, "h") == 0 || strcmp(command, "help") == 0) {
		fputs(help_text, s->out);
		return true;
	}
	if (strcmp(command, "d") == 0 || strcmp(command, "d+") == 0)
		return !*arg ? list_schemas(s, "") : strpbrk(arg, "*?") || arg[strlen(arg) - 1] == '.' ? list_tables(s, arg, NULL) : describe(s, arg);
	if (strcmp(command, "dn") == 0)
		return list_schemas(s, arg);
	if (strcmp(command, "dt") == 0 || strcmp(command, "det") == 0)
		return list_tables(s, arg, NULL);
	if (strcmp(command, "dv") == 0)
		return list_tables(s, arg, "view");
	if (strcmp(command, "des") == 0 || strcmp(command, "l") == 0)
		return run(s, "SHOW SERVERS");
	if (strcmp(command, "df") == 0)
		return list_functions(s, arg);
	if (strcmp(command, "e") == 0)
		return edit(s);
	if (strcmp(command, "i") == 0 && !*arg) {
		fprintf(stderr, "\\i needs the name of a file\n");
		return false;
	}
	if (strcmp(command, "i") == 0)
		return shell_run_file(s, arg);
	if (strcmp(command, "o") == 0)
		return shell_set_output(s, arg);
	return setting_command(s, command, arg);
}
