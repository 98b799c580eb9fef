/*
 * The shell: command line, the prompt loop, scripts, and the running of statements with their reports. Results go to
 * stdout (or a file, or a pager on a terminal), everything else to stderr.
 */
#include "tools/shell/shell.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "parser/diagnose.h"
#include "parser/parser.h"
#include "tools/cli/options.h"
#include "tools/shell/shell_int.h"

#define MAX_INCLUDES 20
#define MAX_SCRIPT ((size_t)1 << 30)

void shell_report(const struct err *e, struct str text)
{
	struct strbuf caret;

	fprintf(stderr, "ERROR %s: %s\n", errcode_sqlstate(e->code), e->message);
	strbuf_init(&caret, 4000);
	if (e->position > 0 && text.len)
		err_render_caret(&caret, text, e, 100);
	if (caret.len)
		fprintf(stderr, "%s%s", strbuf_cstr(&caret), caret.data[caret.len - 1] == '\n' ? "" : "\n");
	strbuf_release(&caret);
	if (*e->source)
		fprintf(stderr, "SERVER: %s\n", e->source);
	if (*e->detail)
		fprintf(stderr, "DETAIL: %s\n", e->detail);
	if (*e->hint)
		fprintf(stderr, "HINT: %s\n", e->hint);
	if (*e->context)
		fprintf(stderr, "CONTEXT: %s\n", e->context);
}

bool shell_set_format(struct shell *s, const char *name)
{
	if (format_find(name, &s->format))
		return true;
	fprintf(stderr, "there is no format '%s': %s\n", name, FORMAT_NAMES);
	return false;
}

bool shell_set_output(struct shell *s, const char *path)
{
	FILE *f = stdout;

	if (*path) {
		f = fopen(path, "w");
		if (!f) {
			fprintf(stderr, "could not open \"%s\": %s\n", path, strerror(errno));
			return false;
		}
	}
	if (s->own_out)
		fclose(s->out);
	s->out = f;
	s->own_out = f != stdout;
	return true;
}

/* A pager for results that are taller than the screen: less, or $PAGER; only on a terminal. */
static FILE *open_pager(const struct shell *s)
{
	const char *pager = getenv("PAGER");
	struct winsize size;

	if (!s->interactive || s->own_out || !isatty(1) || (pager && !*pager))
		return NULL;
	if (ioctl(1, TIOCGWINSZ, &size) != 0 || size.ws_row == 0)
		return NULL;
	return popen(pager ? pager : "less -FRSX", "w");
}

static void print_warnings(struct run *r)
{
	const char *const *lines;
	size_t n = run_warnings(r, &lines);

	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "%s\n", lines[i]);
}

/* The rows of one statement; small results of which all is known before go without the pager. */
static bool print_rows(struct shell *s, struct run *r, struct err *e, int64_t *rows)
{
	const struct result_column *cols;
	uint32_t ncols = run_columns(r, &cols);
	struct batch b = {0};
	FILE *pager = NULL, *out = s->out;
	struct formatter *f = NULL;
	bool ok = true, writing = true;

	for (;;) {
		ok = run_next(r, &b, e);
		if (!f) {
			if (ok && b.rows > 20 && s->interactive)
				pager = open_pager(s);
			out = pager ? pager : s->out;
			f = format_begin(out, s->format, s->header, s->null_text, cols, ncols, session_text_context(s->session));
		}
		if (!ok || b.rows == 0)
			break;
		writing = format_rows(f, &b);
		batch_release(&b);
		if (!writing)
			break;
	}
	if (!format_end(f, ok && writing, rows) && writing && !pager) {
		err_set(e, errno == ENOSPC ? ERR_DISK_FULL : ERR_IO_ERROR, "could not write the result: %s", strerror(errno));
		ok = false;
	}
	/* a pager that was left early ends the statement, and that is no error */
	if (!writing && !pager)
		ok = err_set(e, errno == ENOSPC ? ERR_DISK_FULL : ERR_IO_ERROR, "could not write the result: %s", strerror(errno));
	if (pager) {
		interrupt_unwatch();
		pclose(pager);
	}
	return ok;
}

static bool run_one(struct shell *s, struct str text)
{
	struct run *r = NULL;
	struct err e;
	uint32_t count;
	int64_t start = clock_monotonic_us(), rows = 0;
	const struct result_column *cols;
	bool ok;

	err_clear(&e);
	interrupt_watch(s, NULL);
	ok = session_start(s->session, text, 0, NULL, 0, &count, &r, &e);
	if (ok && r) {
		interrupt_watch(s, r);
		if (run_columns(r, &cols) > 0)
			ok = print_rows(s, r, &e, &rows);
		else if (!s->quiet && s->interactive)
			fprintf(s->out, "%s\n", run_tag(r));
	}
	interrupt_unwatch();
	if (r) {
		print_warnings(r);
		run_finish(r);
	}
	if (!ok) {
		fflush(s->out);
		shell_report(&e, text);
		s->failed = true;
	}
	if (s->timing)
		fprintf(stderr, "Time: %.3f ms\n", (double)(clock_monotonic_us() - start) / 1000);
	return ok;
}

bool shell_run(struct shell *s, struct str text)
{
	struct split_part part;
	size_t at = 0;
	bool ok = true;

	while (split_next(text, &at, &part)) {
		if (!run_one(s, str_make(text.data + part.offset, part.len)))
			ok = false;
		if (!ok && s->stop_on_error)
			break;
	}
	return ok;
}

/* ---- scripts and the prompt: lines are gathered until a statement is complete ---- */

/* One line of input; a backslash command counts only between statements. */
static bool take_line(struct shell *s, const char *line)
{
	const char *text = line + strspn(line, " \t");
	bool ok = true;

	if (s->buffer.len == 0 && *text == '\\')
		return shell_command(s, text);
	if (s->buffer.len == 0 && (strcmp(text, "quit") == 0 || strcmp(text, "exit") == 0) && s->interactive) {
		s->quit = true;
		return true;
	}
	strbuf_adds(&s->buffer, line);
	strbuf_addc(&s->buffer, '\n');
	/* cheap look before the lexer runs over the whole text */
	if (strchr(line, ';') && split_end(strbuf_str(&s->buffer)) == SPLIT_COMPLETE) {
		ok = shell_run(s, strbuf_str(&s->buffer));
		strbuf_reset(&s->buffer);
	}
	return ok;
}

static bool run_stream(struct shell *s, FILE *f)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	bool ok = true;

	strbuf_reset(&s->buffer);
	while (!s->quit && (ok || !s->stop_on_error) && (n = getline(&line, &cap, f)) >= 0) {
		if (n && line[n - 1] == '\n')
			line[--n] = '\0';
		if (strlen(line) != (size_t)n) {
			fprintf(stderr, "ERROR 22021: the script holds a zero byte\n");
			s->failed = true;
			ok = false;
			break;
		}
		if (!take_line(s, line)) {
			s->failed = true;
			ok = false;
		}
	}
	if (s->buffer.len && (ok || !s->stop_on_error)) {
		ok = shell_run(s, strbuf_str(&s->buffer)) && ok;
		strbuf_reset(&s->buffer);
	}
	free(line);
	return ok;
}

bool shell_run_file(struct shell *s, const char *path)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	bool ok;

	if (!f) {
		fprintf(stderr, "could not open \"%s\": %s\n", path, strerror(errno));
		s->failed = true;
		return false;
	}
	if (++s->depth > MAX_INCLUDES) {
		fprintf(stderr, "\\i is nested deeper than %d files\n", MAX_INCLUDES);
		ok = false;
	} else {
		ok = run_stream(s, f);
	}
	s->depth--;
	if (f != stdin)
		fclose(f);
	return ok;
}

static const char *prompt_for(const struct shell *s)
{
	if (s->buffer.len == 0)
		return "hopluu> ";
	switch (split_end(strbuf_str(&s->buffer))) {
	case SPLIT_COMPLETE:
	case SPLIT_STATEMENT:
		return "   ...> ";
	case SPLIT_PARENS:
		return "   (..> ";
	case SPLIT_STRING:
		return "   '..> ";
	case SPLIT_NAME:
		return "   \"..> ";
	case SPLIT_DOLLAR:
		return "   $..> ";
	case SPLIT_COMMENT:
		return "   *..> ";
	}
	UNREACHABLE();
}

static void prompt_loop(struct shell *s)
{
	struct line_editor *l = line_open(s);
	const struct catalog_snapshot *snapshot = catalog_snapshot_get(engine_catalog(s->engine));
	struct strbuf whole;

	printf("hopluu: %zu schemas, %zu servers. \\? for help, \\q to leave.\n", snapshot->nschemas, snapshot->nservers);
	catalog_snapshot_unref(snapshot);
	strbuf_init(&whole, 1 << 20);
	while (l && !s->quit) {
		bool interrupted;
		const char *line = line_read(l, prompt_for(s), &interrupted);

		if (interrupted) {
			strbuf_reset(&s->buffer);
			strbuf_reset(&whole);
			putchar('\n');
			continue;
		}
		if (!line) {
			putchar('\n');
			break;
		}
		if (!*line && s->buffer.len == 0)
			continue;
		strbuf_addf(&whole, "%s%s", whole.len ? "\n" : "", line);
		take_line(s, line);
		if (s->buffer.len == 0) {
			line_remember(l, strbuf_str(&whole));
			strbuf_reset(&whole);
		}
	}
	strbuf_release(&whole);
	line_close(l);
}

/* ---- command line ---- */

struct work {
	enum { WORK_COMMAND, WORK_FILE } kind;
	const char *text;
};
struct arguments {
	struct shell *shell;
	const char *catalog, *output, *user, *agency;
	struct work work[256];
	size_t nwork;
	const char *settings[64];
	size_t nsettings;
	unsigned threads;
	bool bad;
};

static const struct option_row rows[] = {
	{"catalog", 0, OPTION_TEXT, "DIR", "the catalog's directory (default $HOPLUU_CATALOG or ./hopluu-catalog)"},
	{"command", 'c', OPTION_LIST, "SQL", "run this and leave; may be given several times"},
	{"file", 'f', OPTION_LIST, "FILE", "run this script and leave; - is standard input"},
	{"format", 0, OPTION_TEXT, "NAME", FORMAT_NAMES},
	{"expanded", 'x', OPTION_FLAG, NULL, "the same as --format expanded"},
	{"output", 'o', OPTION_TEXT, "FILE", "results into this file"},
	{"set", 0, OPTION_LIST, "NAME=VALUE", "a setting, as by SET"},
	{"null", 0, OPTION_TEXT, "TEXT", "how NULL is shown in tables"},
	{"no-header", 0, OPTION_FLAG, NULL, "without column names and row count"},
	{"timing", 0, OPTION_FLAG, NULL, "print how long each statement took"},
	{"keep-going", 0, OPTION_FLAG, NULL, "scripts go on after an error"},
	{"quiet", 'q', OPTION_FLAG, NULL, "no greeting, no command tags"},
	{"user", 'U', OPTION_TEXT, "NAME", "who asks (default: the operating system's user)"},
	{"threads", 0, OPTION_TEXT, "N", "worker threads (default: one a core)"},
};

static bool take_setting(struct arguments *a, const char *value)
{
	if (!strchr(value, '=') || a->nsettings == ARRAY_LEN(a->settings)) {
		fprintf(stderr, "hopluu shell: --set takes NAME=VALUE\n");
		return false;
	}
	a->settings[a->nsettings++] = value;
	return true;
}

static bool take_option(void *arg, const struct option_row *row, const char *value)
{
	struct arguments *a = arg;
	struct shell *s = a->shell;

	if (!row) {
		fprintf(stderr, "hopluu shell: unexpected argument '%s' (a statement goes behind -c, a script behind -f)\n", value);
		return false;
	}
	if (strcmp(row->name, "catalog") == 0)
		a->catalog = value;
	else if ((strcmp(row->name, "command") == 0 || strcmp(row->name, "file") == 0) && a->nwork < ARRAY_LEN(a->work))
		a->work[a->nwork++] = (struct work){row->name[0] == 'c' ? WORK_COMMAND : WORK_FILE, value};
	else if (strcmp(row->name, "format") == 0)
		return shell_set_format(s, value);
	else if (strcmp(row->name, "expanded") == 0)
		s->format = FORMAT_EXPANDED;
	else if (strcmp(row->name, "output") == 0)
		a->output = value;
	else if (strcmp(row->name, "set") == 0)
		return take_setting(a, value);
	else if (strcmp(row->name, "null") == 0)
		snprintf(s->null_text, sizeof s->null_text, "%s", value);
	else if (strcmp(row->name, "no-header") == 0)
		s->header = false;
	else if (strcmp(row->name, "timing") == 0)
		s->timing = true;
	else if (strcmp(row->name, "keep-going") == 0)
		s->stop_on_error = false;
	else if (strcmp(row->name, "quiet") == 0)
		s->quiet = true;
	else if (strcmp(row->name, "user") == 0)
		a->user = value;
	else if (strcmp(row->name, "threads") == 0)
		a->threads = (unsigned)strtoul(value, NULL, 10);
	return true;
}

static bool open_session(struct shell *s, const struct arguments *a)
{
	const char *directory = a->catalog ? a->catalog : getenv("HOPLUU_CATALOG") ? getenv("HOPLUU_CATALOG") : "hopluu-catalog";
	const char *user = a->user ? a->user : getenv("USER") ? getenv("USER") : "hopluu";
	struct principal who = {.user = user, .agency = "", .purpose = "", .is_administrator = true};
	struct err e;

	err_clear(&e);
	s->engine = engine_open(directory, a->threads, &e);
	if (s->engine)
		s->session = session_open(s->engine, &who, &e);
	for (size_t i = 0; s->session && i < a->nsettings; i++) {
		char name[64];
		const char *eq = strchr(a->settings[i], '=');

		snprintf(name, sizeof name, "%.*s", (int)(eq - a->settings[i]), a->settings[i]);
		if (!setting_set(session_settings(s->session), name, eq + 1, &e))
			break;
	}
	if (err_is_set(&e) || !s->session) {
		shell_report(&e, str_make("", 0));
		return false;
	}
	return true;
}

static void work_off(struct shell *s, const struct arguments *a)
{
	for (size_t i = 0; i < a->nwork && !(s->failed && s->stop_on_error) && !s->quit; i++) {
		if (a->work[i].kind == WORK_FILE)
			shell_run_file(s, a->work[i].text);
		else if (a->work[i].text[0] == '\\')
			s->failed |= !shell_command(s, a->work[i].text);
		else
			shell_run(s, str_of(a->work[i].text));
	}
	if (a->nwork == 0 && s->interactive)
		prompt_loop(s);
	else if (a->nwork == 0)
		run_stream(s, stdin);
}

int shell_main(int argc, char **argv)
{
	struct shell s = {.out = stdout, .header = true, .stop_on_error = true, .format = FORMAT_TABLE};
	struct arguments *a = calloc(1, sizeof *a);
	int rc, status = 2;

	if (!a)
		abort();
	a->shell = &s;
	strbuf_init(&s.buffer, MAX_SCRIPT);
	rc = options_parse(argc, argv, rows, ARRAY_LEN(rows), "usage: hopluu shell [OPTIONS]\n", take_option, a);
	if (rc == 0 && (!a->output || shell_set_output(&s, a->output))) {
		s.interactive = a->nwork == 0 && isatty(0) && isatty(1);
		if (s.interactive)
			s.stop_on_error = false;
		interrupt_setup();
		if (open_session(&s, a)) {
			work_off(&s, a);
			/* an error at the prompt was seen and is no exit status */
			status = s.failed && !s.interactive ? 1 : 0;
		}
	} else if (rc == 1) {
		status = 0;
	}
	session_close(s.session);
	engine_close(s.engine);
	if (s.own_out && fclose(s.out) != 0) {
		fprintf(stderr, "could not write the output: %s\n", strerror(errno));
		status = 1;
	}
	strbuf_release(&s.buffer);
	free(a);
	return status;
}
