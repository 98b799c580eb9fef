/*
 * The shell: command line, the prompt loop, scripts, and the running of statements with their reports. Results go to
 * stdout (or a file, or a pager on a terminal), everything else to stderr.
 */
#include "tools/shell/shell.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "parser/diagnose.h"
#include "parser/lexer.h"
#include "parser/parser.h"
#include "tools/cli/options.h"
#include "tools/shell/shell_int.h"

#define MAX_INCLUDES 20
#define MAX_SCRIPT ((size_t)1 << 30)

/* The text without what stands behind a word like PASSWORD: errors show pieces of statements. Offsets stay as they are. */
static char *without_passwords(struct str text)
{
	char *out = malloc(text.len + 1);
	bool armed = false;
	struct piece p;

	if (!out)
		abort();
	memcpy(out, text.data, text.len);
	out[text.len] = '\0';
	for (size_t at = 0; (p = piece_at(text, at)).kind != PIECE_END; at = p.end) {
		bool is_string = p.kind == PIECE_STRING || p.kind == PIECE_ESCAPE_STRING || p.kind == PIECE_DOLLAR_STRING;

		if (is_string && armed)
			memset(out + p.start, '*', p.end - p.start);
		if (p.kind != PIECE_BLANK) {
			size_t quote = p.kind == PIECE_QUOTED_NAME;

			armed = (quote || p.kind == PIECE_WORD) && p.end - p.start >= 4 + 2 * quote &&
					strncasecmp(text.data + p.start + quote, "pass", 4) == 0; /* misspelled too */
		}
	}
	return out;
}

void shell_report(const struct shell *s, const struct err *e, struct str text)
{
	struct strbuf caret;

	if (s->script)
		fprintf(stderr, "%s:%d: ", s->script, s->line);
	fprintf(stderr, "ERROR %s: %s\n", errcode_sqlstate(e->code), e->message);
	strbuf_init(&caret, 4000);
	if (e->position > 0 && text.len) {
		char *shown = without_passwords(text);

		err_render_caret(&caret, str_make(shown, text.len), e, 100);
		free(shown);
	}
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

/* A pager for results that are larger than the screen: $PAGER, or less where there is one; only on a terminal. */
static FILE *open_pager(const struct shell *s, const struct formatter *f, const struct batch *b)
{
	const char *pager = getenv("PAGER");
	struct winsize size;

	if (!s->interactive || s->own_out || (pager && !*pager))
		return NULL;
	if (ioctl(1, TIOCGWINSZ, &size) != 0 || size.ws_row == 0)
		return NULL;
	/* a wide table takes several lines a row */
	if (size.ws_col && format_lines(f, b) * (1 + format_columns(f) / size.ws_col) < size.ws_row)
		return NULL;
	setenv("LESSCHARSET", "utf-8", 0);
	fflush(stdout);
	return popen(pager ? pager : "if command -v less >/dev/null; then exec less -FRSX; else exec cat; fi", "w");
}

static void print_warnings(struct run *r)
{
	const char *const *lines;
	size_t n = run_warnings(r, &lines);

	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "%s\n", lines[i]);
}

static bool write_failed(struct err *e)
{
	return err_set(e, errno == ENOSPC ? ERR_DISK_FULL : ERR_IO_ERROR, "could not write the result: %s", strerror(errno));
}

/* Before the formatter's first write: to a pager or not, and no more progress lines. */
static FILE *before_writing(struct shell *s, struct formatter *f, const struct batch *b)
{
	FILE *pager = open_pager(s, f, b);

	interrupt_quiet();
	if (pager)
		format_redirect(f, pager);
	return pager;
}

static bool print_rows(struct shell *s, struct run *r, struct err *e, int64_t *rows)
{
	const struct result_column *cols;
	uint32_t ncols = run_columns(r, &cols);
	struct formatter *f = format_begin(s->out, s->format, s->header, s->null_text, cols, ncols, session_text_context(s->session));
	struct batch b = {0};
	FILE *pager = NULL;
	bool ok = true, writing = true, begun = false;

	while (writing && (ok = run_next(r, &b, e)) && b.rows > 0) {
		if (!begun && format_writes(f, &b)) {
			pager = before_writing(s, f, &b);
			begun = true;
		}
		writing = format_rows(f, &b);
		batch_release(&b);
	}
	if (!ok && !begun) {
		/* an error before anything was shown: half of the rows would only confuse */
		format_drop(f);
	} else {
		if (!begun)
			pager = before_writing(s, f, NULL);
		if (!format_end(f, ok && writing, rows))
			writing = false;
	}
	/* a pager that was left early ends the statement, and that is no error */
	if (ok && !writing && !pager) {
		s->out_closed = errno == EPIPE;
		ok = write_failed(e);
	}
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
	s->interrupted = false;
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
		/* a reader that has seen enough (head) needs no message */
		if (!s->out_closed)
			shell_report(s, &e, text);
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
		if (!ok && (s->stop_on_error || s->interrupted))
			break;
	}
	return ok;
}

bool shell_run_buffer(struct shell *s, bool force)
{
	struct strbuf taken;
	bool ok;

	if (s->buffer.len == 0 || (!force && split_end(strbuf_str(&s->buffer)) != SPLIT_COMPLETE))
		return true;
	/* a file that the statement includes has the buffer for itself */
	taken = s->buffer;
	strbuf_init(&s->buffer, MAX_SCRIPT);
	ok = shell_run(s, strbuf_str(&taken));
	strbuf_release(&s->last);
	s->last = taken;
	s->runs++;
	return ok;
}

/* ---- scripts and the prompt: lines are gathered until a statement is complete ---- */

/* A backslash command: at the start of a line which isn't inside a string, a quoted name or a comment. */
static bool is_command(const struct shell *s, const char *text)
{
	enum split_end at;

	if (*text != '\\')
		return false;
	at = s->buffer.len ? split_end(strbuf_str(&s->buffer)) : SPLIT_COMPLETE;
	return at == SPLIT_COMPLETE || at == SPLIT_STATEMENT || at == SPLIT_PARENS;
}

static bool take_line(struct shell *s, const char *line)
{
	const char *text = line + strspn(line, " \t");

	if (is_command(s, text))
		return shell_command(s, text);
	if (s->buffer.len == 0 && (strcmp(text, "quit") == 0 || strcmp(text, "exit") == 0) && s->interactive) {
		s->quit = true;
		return true;
	}
	if (s->buffer.len == 0 && !*text)
		return true;
	strbuf_adds(&s->buffer, line);
	strbuf_addc(&s->buffer, '\n');
	if (s->buffer.overflow) {
		fprintf(stderr, "ERROR 54000: the statement is longer than 1 GiB\n");
		strbuf_reset(&s->buffer);
		return false;
	}
	/* cheap look before the lexer runs over the whole text */
	return strchr(line, ';') ? shell_run_buffer(s, false) : true;
}

static bool may_go_on(const struct shell *s, bool ok)
{
	return !s->quit && (ok || (!s->stop_on_error && !s->interrupted));
}

static bool run_lines(struct shell *s, FILE *f)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	bool ok = true;

	for (int number = 1; may_go_on(s, ok) && (n = getline(&line, &cap, f)) >= 0; number++) {
		size_t skip = number == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

		if (s->buffer.len == 0)
			s->line = number;
		while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			line[--n] = '\0';
		if (strlen(line) != (size_t)n) {
			fprintf(stderr, "%s:%d: ERROR 22021: a zero byte\n", s->script, number);
			ok = false;
			break;
		}
		if (!take_line(s, line + skip))
			ok = false;
	}
	free(line);
	if (ferror(f)) {
		fprintf(stderr, "could not read \"%s\": %s\n", s->script, strerror(errno));
		ok = false;
	}
	if (may_go_on(s, ok))
		ok = shell_run_buffer(s, true) && ok;
	return ok;
}

/* The lines of a script; what is being typed around it stays as it is. */
static bool run_stream(struct shell *s, FILE *f, const char *name)
{
	struct strbuf typed = s->buffer;
	const char *script = s->script;
	int line = s->line;
	bool ok;

	strbuf_init(&s->buffer, MAX_SCRIPT);
	s->script = name;
	ok = run_lines(s, f);
	if (!ok)
		s->failed = true;
	strbuf_release(&s->buffer);
	s->buffer = typed;
	s->script = script;
	s->line = line;
	return ok;
}

bool shell_run_file(struct shell *s, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "r");
	bool ok;

	if (!f) {
		fprintf(stderr, "could not open \"%s\": %s\n", path, strerror(errno));
		s->failed = true;
		return false;
	}
	if (++s->depth > MAX_INCLUDES) {
		fprintf(stderr, "%s:%d: \\i is nested deeper than %d files\n", s->script, s->line, MAX_INCLUDES);
		s->failed = true;
		ok = false;
	} else {
		ok = run_stream(s, f, is_stdin ? "<stdin>" : path);
	}
	s->depth--;
	if (!is_stdin)
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

static void greet(struct shell *s)
{
	const struct catalog_snapshot *snapshot = catalog_snapshot_get(engine_catalog(s->engine));

	if (!s->quiet)
		printf("hopluu: %zu schemas, %zu servers. \\? for help, \\q to leave.\n", snapshot->nschemas, snapshot->nservers);
	catalog_snapshot_unref(snapshot);
}

static void prompt_loop(struct shell *s)
{
	struct line_editor *l = line_open(s);

	greet(s);
	while (l && !s->quit) {
		bool interrupted;
		const char *line = line_read(l, prompt_for(s), &interrupted);
		unsigned runs = s->runs;

		if (interrupted) {
			strbuf_reset(&s->buffer);
			putchar('\n');
			continue;
		}
		if (!line) {
			putchar('\n');
			break;
		}
		take_line(s, line);
		if (s->runs != runs)
			line_remember(l, strbuf_str(&s->last));
		else if (line[strspn(line, " \t")] == '\\')
			line_remember(l, str_of(line));
	}
	line_close(l);
}

/* ---- command line ---- */

enum work_kind { WORK_COMMAND, WORK_FILE };
struct work {
	enum work_kind kind;
	const char *text;
};
struct arguments {
	struct shell *shell;
	const char *catalog, *output, *user, *as;
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
	{"as", 0, OPTION_TEXT, "USER", "with the rights of this user of the catalog, not the operator's"},
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

static bool take_threads(struct arguments *a, const char *value)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (!*value || *end || *value == '-' || n > 256) {
		fprintf(stderr, "hopluu shell: --threads takes a number from 0 to 256, not '%s'\n", value);
		return false;
	}
	a->threads = (unsigned)n;
	return true;
}

static bool take_work(struct arguments *a, enum work_kind kind, const char *value)
{
	if (a->nwork == ARRAY_LEN(a->work)) {
		fprintf(stderr, "hopluu shell: more than %zu of -c and -f\n", ARRAY_LEN(a->work));
		return false;
	}
	a->work[a->nwork++] = (struct work){kind, value};
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
	else if (strcmp(row->name, "command") == 0)
		return take_work(a, WORK_COMMAND, value);
	else if (strcmp(row->name, "file") == 0)
		return take_work(a, WORK_FILE, value);
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
	else if (strcmp(row->name, "as") == 0)
		a->as = value;
	else if (strcmp(row->name, "threads") == 0)
		return take_threads(a, value);
	return true;
}

static bool open_session(struct shell *s, const struct arguments *a)
{
	const char *directory = a->catalog ? a->catalog : getenv("HOPLUU_CATALOG") ? getenv("HOPLUU_CATALOG") : "hopluu-catalog";
	const char *user = a->user ? a->user : getenv("USER") ? getenv("USER") : "hopluu";
	struct principal who = {.user = user, .agency = "", .purpose = "", .is_administrator = true, .is_operator = true};
	struct err e;

	if (a->as)
		who = (struct principal){.user = a->as, .agency = "", .purpose = "", .is_listed = true};
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
		shell_report(s, &e, str_make("", 0));
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
		if (s->interrupted)
			break;
	}
	if (a->nwork == 0 && s->interactive)
		prompt_loop(s);
	else if (a->nwork == 0)
		run_stream(s, stdin, "<stdin>");
}

/* The line editor drops what the locale doesn't know; in the C locale of a bare system that's every accent. */
static void want_utf8(void)
{
	if (!setlocale(LC_CTYPE, "") || MB_CUR_MAX == 1)
		(void)setlocale(LC_CTYPE, "C.UTF-8");
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
	strbuf_init(&s.last, MAX_SCRIPT);
	rc = options_parse(argc, argv, rows, ARRAY_LEN(rows), "usage: hopluu shell [OPTIONS]\n", take_option, a);
	if (rc == 0 && (!a->output || shell_set_output(&s, a->output))) {
		s.interactive = a->nwork == 0 && isatty(0) && isatty(1);
		if (s.interactive) {
			s.stop_on_error = false;
			want_utf8();
		}
		interrupt_setup();
		interrupt_ends_process(!s.interactive);
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
	strbuf_release(&s.last);
	free(a);
	return status;
}
