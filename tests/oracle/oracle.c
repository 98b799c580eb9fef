/*
 * The oracle's runner: each statement of the files on PostgreSQL 15 and on this engine over the same data, the tables spread
 * over all kinds of source, pushdown full and off. Compared are rows (their order where ORDER BY stands at the top), names
 * and types of the columns with their typmods, command tags, and the SQLSTATE of errors.
 *
 *   oracle --setup FILE --foreign FILE --fixed FILE --sources a,b --oracle CONNINFO [--prepare FILE] [--known FILE]
 *          [--jobs N] [--only TEXT] [--show N] [--slow MS] FILE…
 *
 * --foreign holds the tables as tests/runner/runner takes them; here they are made once per spread, in a schema spreadN, each
 * table at another source (table i of spread N at source i + N). --fixed are tables that stand at one source in all spreads.
 * A statement runs on the spread that its text's hash names, so that it stays there when others come or go.
 * --prepare is SQL for every session of both sides. --only runs the statements that contain TEXT or start at FILE:LINE.
 *
 * Worker processes take statements one by one from a counter in shared memory; one that crashes is replaced, its statement
 * counted as differing. Reports go to temporary files and are printed in the statements' order.
 *
 * Fails when a statement differs that is not in the list of known differences, and when one in the list no longer does.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/session/session.h"
#include "tests/oracle/corpus.h"
#include "tests/runner/slt.h"

#define MAX_SOURCES 16
#define MAX_JOBS 16

/* What a worker leaves about one statement. */
struct verdict {
	_Atomic int state; /* enum state */
	int worker;
	int reporter;               /* whose file of reports */
	int64_t report, report_len;
	int64_t here_us[2], oracle_us;
};
enum state { NOT_RUN, RUNNING, EQUAL, DIFFERS };
struct shared {
	_Atomic size_t next; /* unit */
	struct verdict verdicts[];
};

static struct corpus corpus;
static struct shared *shared;
static const char *sources[MAX_SOURCES];
static int nsources;
static const char *const pushdowns[2] = {"full", "off"};
static const char *setup_file, *foreign_file, *fixed_file, *conninfo, *prepare_text, *only;
static char reports_dir[] = "/tmp/hopluu-oracle.XXXXXX";
static FILE *reports; /* this process's: a file per worker, the last one is the parent's */

static NORETURN void die(const char *what, const struct err *e)
{
	fprintf(stderr, "oracle: %s: %s %s %s\n", what, errcode_sqlstate(e->code), e->message, e->detail);
	exit(2);
}

/* ---- this engine ---- */

static struct engine *engine;

struct sink {
	struct rows *rows;
	const struct text_context *text;
	uint32_t ncols;
};

static bool on_begin(void *arg, const struct result_column *cols, uint32_t ncols, struct err *e)
{
	struct sink *s = arg;
	struct strbuf b;

	(void)e;
	s->ncols = ncols;
	strbuf_init(&b, 0);
	for (uint32_t i = 0; i < ncols; i++)
		strbuf_addf(&b, "%s%s:%s", i ? "\t" : "", cols[i].name, type_name(cols[i].type, s->rows->mem));
	MEM_PUSH(s->rows->mem, s->rows->list, s->rows->count, s->rows->cap, mem_strndup(s->rows->mem, strbuf_cstr(&b), b.len));
	strbuf_release(&b);
	return true;
}

static bool on_rows(void *arg, const struct batch *batch, struct err *e)
{
	struct sink *s = arg;
	struct strbuf line, value;

	for (uint32_t k = 0; k < s->ncols; k++)
		if (!vec_verify(&batch->cols[k], batch->rows, e))
			return false;
	strbuf_init(&line, 0);
	strbuf_init(&value, 0);
	for (uint32_t i = 0; i < batch->rows; i++) {
		strbuf_reset(&line);
		for (uint32_t k = 0; k < s->ncols; k++) {
			struct value v = vec_get(&batch->cols[k], i);

			strbuf_reset(&value);
			if (!v.is_null)
				value_print(&v, s->text, &value);
			if (k)
				strbuf_addc(&line, '\t');
			value_escape(&line, strbuf_cstr(&value), value.len, v.is_null);
		}
		MEM_PUSH(s->rows->mem, s->rows->list, s->rows->count, s->rows->cap, mem_strndup(s->rows->mem, strbuf_cstr(&line), line.len));
	}
	strbuf_release(&line);
	strbuf_release(&value);
	return true;
}

static bool on_end(void *arg, const char *tag, struct err *e)
{
	struct sink *s = arg;

	(void)e;
	if (s->ncols == 0) {
		if (s->rows->count == 0)
			MEM_PUSH(s->rows->mem, s->rows->list, s->rows->count, s->rows->cap, "");
		MEM_PUSH(s->rows->mem, s->rows->list, s->rows->count, s->rows->cap, mem_strdup(s->rows->mem, tag));
	}
	return true;
}

static struct session *open_session(const char *search_path, const char *pushdown)
{
	struct principal who = {.user = "hopluu", .agency = "", .purpose = "", .is_administrator = true};
	struct receiver nobody = {0};
	struct session *s;
	struct err e;

	err_clear(&e);
	if (!(s = session_open(engine, &who, &e)))
		die("session", &e);
	if (!setting_set(session_settings(s), "search_path", search_path, &e) || !setting_set(session_settings(s), "pushdown", pushdown, &e) ||
		!setting_set(session_settings(s), "statement_timeout", "30s", &e))
		die("settings", &e);
	if (prepare_text && !session_run(s, str_of(prepare_text), &nobody, &e))
		die("--prepare", &e);
	return s;
}

static void run_here(struct session *s, const char *sql, struct rows *out)
{
	struct sink sink = {out, session_text_context(s), 0};
	struct receiver r = {on_begin, on_rows, on_end, &sink};
	struct err e;

	err_clear(&e);
	if (!session_run(s, str_of(sql), &r, &e)) {
		out->failed = true;
		out->count = 0;
		snprintf(out->sqlstate, sizeof out->sqlstate, "%s", errcode_sqlstate(e.code));
		snprintf(out->message, sizeof out->message, "%s | %s", e.message, e.detail);
	}
}

/* ${source}, ${spread} and the environment; `SERVER ${source}` is the next source in turn. */
static const char *fill_in(struct mem *m, const char *text, int spread)
{
	struct strbuf b;
	const char *out;
	int turn = spread < 0 ? 0 : spread;

	strbuf_init(&b, 0);
	while (*text) {
		if (text[0] == '$' && text[1] == '{') {
			size_t n = strcspn(text + 2, "}");
			char *name = mem_strndup(m, text + 2, n);
			bool server = b.len >= 7 && memcmp(b.data + b.len - 7, "SERVER ", 7) == 0;

			if (strcmp(name, "source") == 0 && server)
				strbuf_adds(&b, sources[turn++ % nsources]);
			else if (strcmp(name, "source") == 0)
				strbuf_addf(&b, "spread%d", spread);
			else
				strbuf_adds(&b, getenv(name) ? getenv(name) : "");
			text += n + 3;
		} else {
			strbuf_addc(&b, *text++);
		}
	}
	out = mem_strndup(m, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return out;
}

static void define(const char *path, int spread)
{
	struct receiver nobody = {0};
	struct session *s = open_session("public", "full");
	struct err e;

	err_clear(&e);
	if (path && !session_run(s, str_of(fill_in(corpus.mem, corpus_text(corpus.mem, path), spread)), &nobody, &e))
		die(path, &e);
	session_close(s);
}

static void open_engine(void)
{
	const char *prepare = prepare_text;
	struct err e;

	err_clear(&e);
	if (!(engine = engine_open(NULL, 2, &e)))
		die("engine", &e);
	prepare_text = NULL;
	define(setup_file, -1);
	for (int i = 0; i < nsources; i++)
		define(foreign_file, i);
	define(fixed_file, -1);
	prepare_text = prepare;
}

/* ---- comparing ---- */

static bool same_rows(const struct rows *a, const struct rows *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->list[i], b->list[i]) != 0)
			return false;
	return true;
}

/* All but the first line, which names the columns. */
static void sort_body(struct rows *r)
{
	struct rows body = {.list = r->list + 1, .count = r->count ? r->count - 1 : 0};

	rows_sort(&body);
}

static const char *problem_of(struct rows *want, struct rows *got, bool ordered)
{
	if (want->failed != got->failed)
		return got->failed ? "fails here only" : "fails at PostgreSQL only";
	if (want->failed)
		return strcmp(want->sqlstate, got->sqlstate) == 0 ? NULL : "another SQLSTATE";
	if (want->count == 0 || got->count == 0 || strcmp(want->list[0], got->list[0]) != 0)
		return "other columns";
	if (same_rows(want, got))
		return NULL;
	sort_body(want);
	sort_body(got);
	if (same_rows(want, got))
		return ordered ? "another order" : NULL;
	return want->count == got->count ? "other values" : "another number of rows";
}

static void print_side(const char *who, const struct rows *r)
{
	if (r->failed)
		fprintf(reports, "  %s: error %s %.*s\n", who, r->sqlstate, (int)strcspn(r->message, "\n"), r->message);
	else
		fprintf(reports, "  %s: %zu rows: %.300s\n", who, r->count ? r->count - 1 : 0, r->count ? r->list[0] : "");
}

static void report(const struct statement *s, int p, const char *problem, const struct rows *want, const struct rows *got)
{
	size_t a = 1, b = 1;

	fprintf(reports, "DIFFERS %s:%d #%s [pushdown %s, spread %d]%s: %s\n  %s;\n", s->file, s->line, s->hash, pushdowns[p],
			(int)(s->spread % (uint64_t)nsources), s->section, problem, s->sql);
	print_side("PostgreSQL", want);
	print_side("here", got);
	if (want->failed || got->failed)
		return;
	/* sorted by now: the first lines that only one side has */
	for (int shown = 0; (a < want->count || b < got->count) && shown < 6;) {
		int c = a >= want->count ? 1 : b >= got->count ? -1 : strcmp(want->list[a], got->list[b]);

		if (c < 0)
			fprintf(reports, "    - %.400s\n", want->list[a]);
		else if (c > 0)
			fprintf(reports, "    + %.400s\n", got->list[b]);
		shown += c != 0;
		a += c <= 0;
		b += c >= 0;
	}
}

/* ---- workers ---- */

static FILE *open_reports(int reporter, const char *mode)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof path, "%s/%d", reports_dir, reporter);
	if (!(f = fopen(path, mode))) {
		fprintf(stderr, "oracle: %s: %s\n", path, strerror(errno));
		exit(2);
	}
	return f;
}

struct worker {
	struct oracle *oracle;
	struct session *sessions[MAX_SOURCES][2]; /* by spread and pushdown; opened when first needed */
};

static struct session *worker_session(struct worker *w, uint64_t spread, int p)
{
	struct session **s = &w->sessions[spread % (uint64_t)nsources][p];
	char path[40];

	snprintf(path, sizeof path, "spread%d,public", (int)(spread % (uint64_t)nsources));
	if (!*s)
		*s = open_session(path, pushdowns[p]);
	return *s;
}

static void run_oracle(struct worker *w, const char *sql)
{
	struct mem *m = mem_new(NULL, MEM_OTHER, "rows", 0);
	struct rows rows = {.mem = m};

	oracle_run(w->oracle, sql, false, &rows);
	mem_free(m);
}

static void run_statement(struct worker *w, size_t n, int me, int first_p, int end_p)
{
	const struct statement *s = &corpus.list[n];
	struct verdict *v = &shared->verdicts[n];
	struct rows want = {.mods = true};
	const char *problem = NULL;
	int64_t start = clock_monotonic_us();
	struct mem *m;

	if (v->state == DIFFERS)
		return;
	m = want.mem = mem_new(NULL, MEM_OTHER, "rows", 0);
	v->worker = me;
	v->state = RUNNING;
	oracle_run(w->oracle, s->sql, true, &want);
	v->oracle_us = clock_monotonic_us() - start;
	for (int p = first_p; p < end_p && !problem; p++) {
		struct rows got = {.mem = m};

		start = clock_monotonic_us();
		run_here(worker_session(w, s->spread, p), s->sql, &got);
		v->here_us[p] = clock_monotonic_us() - start;
		problem = problem_of(&want, &got, s->ordered);
		if (problem) {
			v->reporter = me;
			v->report = ftell(reports);
			report(s, p, problem, &want, &got);
			fflush(reports);
			v->report_len = ftell(reports) - v->report;
		}
	}
	mem_free(m);
	v->state = problem ? DIFFERS : EQUAL;
}

/* A session's end: temporary things and settings are gone on both sides. */
static void reset(struct worker *w, uint64_t spread)
{
	run_oracle(w, "ROLLBACK");
	run_oracle(w, "DISCARD ALL");
	run_oracle(w, "SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET statement_timeout = '60s'");
	if (prepare_text)
		run_oracle(w, prepare_text);
	for (int p = 0; p < 2; p++) {
		struct session **s = &w->sessions[spread % (uint64_t)nsources][p];

		if (*s)
			session_close(*s);
		*s = NULL;
	}
}

static bool is_wanted(const struct unit *u)
{
	for (size_t i = 0; only && i < u->count; i++) {
		const struct statement *s = &corpus.list[u->first + i];
		char place[512];

		snprintf(place, sizeof place, "%s:%d", s->file, s->line);
		if (strstr(s->sql, only) || strcmp(place, only) == 0 || strcmp(s->hash, only) == 0)
			return true;
	}
	return !only;
}

static NORETURN void work(int me)
{
	struct worker w = {0};
	struct err e;
	size_t n;

	err_clear(&e);
	reports = open_reports(me, "a");
	fseek(reports, 0, SEEK_END);
	if (!(w.oracle = oracle_open(conninfo, &e)))
		die("PostgreSQL", &e);
	if (prepare_text)
		run_oracle(&w, prepare_text);
	open_engine();
	while ((n = shared->next++) < corpus.nunits) {
		const struct unit *u = &corpus.units[n];

		if (!is_wanted(u))
			continue;
		if (!u->session)
			run_statement(&w, u->first, me, 0, 2);
		/* one pushdown after the other: what the statements make is there for both */
		for (int p = 0; p < 2 && u->session; p++) {
			reset(&w, corpus.list[u->first].spread);
			for (size_t i = 0; i < u->count; i++)
				run_statement(&w, u->first + i, me, p, p + 1);
			reset(&w, corpus.list[u->first].spread);
		}
	}
	for (int i = 0; i < nsources; i++)
		for (int p = 0; p < 2; p++)
			if (w.sessions[i][p])
				session_close(w.sessions[i][p]);
	engine_close(engine);
	oracle_close(w.oracle);
	exit(0);
}

/* A worker ended otherwise than by exit: the statement that it was at differs, the rest of its session is not run. */
static void note_crash(int me, int status)
{
	for (size_t i = 0; i < corpus.count; i++) {
		struct verdict *v = &shared->verdicts[i];
		const struct statement *s = &corpus.list[i];

		if (v->state != RUNNING || v->worker != me)
			continue;
		v->reporter = MAX_JOBS;
		v->report = ftell(reports);
		fprintf(reports, "DIFFERS %s:%d #%s [spread %d]%s: crashed, %s %d\n  %s;\n", s->file, s->line, s->hash,
				(int)(s->spread % (uint64_t)nsources), s->section, WIFSIGNALED(status) ? "signal" : "status",
				WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), s->sql);
		fflush(reports);
		v->report_len = ftell(reports) - v->report;
		v->state = DIFFERS;
		return;
	}
	fprintf(stderr, "oracle: a worker ended with status %d outside of any statement\n", status);
	exit(2);
}

static void run_workers(int jobs)
{
	pid_t pids[MAX_JOBS];
	int running = 0, status, crashes = 0;

	fflush(NULL);
	for (int i = 0; i < jobs; i++, running++)
		if ((pids[i] = fork()) == 0)
			work(i);
	while (running > 0) {
		pid_t pid = wait(&status);
		int me = 0;

		while (me < jobs && pids[me] != pid)
			me++;
		if (me == jobs)
			continue;
		running--;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			continue;
		note_crash(me, status);
		if (++crashes < 200 && shared->next < corpus.nunits) {
			fflush(NULL);
			if ((pids[me] = fork()) == 0)
				work(me);
			running++;
		}
	}
}

/* ---- the end ---- */

static void print_report(const struct verdict *v)
{
	FILE *f = open_reports(v->reporter, "r");
	char buf[4096];

	fseek(f, v->report, SEEK_SET);
	for (int64_t left = v->report_len; left > 0;) {
		size_t n = fread(buf, 1, left < (int64_t)sizeof buf ? (size_t)left : sizeof buf, f);

		if (n == 0)
			break;
		fwrite(buf, 1, n, stdout);
		left -= (int64_t)n;
	}
	fclose(f);
}

static void remove_reports(void)
{
	char path[64];

	fclose(reports);
	for (int i = 0; i <= MAX_JOBS; i++) {
		snprintf(path, sizeof path, "%s/%d", reports_dir, i);
		unlink(path);
	}
	rmdir(reports_dir);
}

static int summary(const char *known_file, size_t show, int64_t slow_us)
{
	size_t equal = 0, differ = 0, known = 0, missing = 0, stale = 0;

	for (size_t i = 0; i < corpus.count; i++) {
		const struct verdict *v = &shared->verdicts[i];
		const struct statement *s = &corpus.list[i];
		int64_t here = v->here_us[0] > v->here_us[1] ? v->here_us[0] : v->here_us[1];

		equal += v->state == EQUAL;
		missing += v->state == NOT_RUN || v->state == RUNNING;
		if (v->state == DIFFERS && s->known >= 0) {
			known++;
			if (*corpus.known[s->known].text != '#')
				corpus.known[s->known].matched = SIZE_MAX; /* at least one that it covers does differ */
		} else if (v->state == DIFFERS && differ++ < show) {
			print_report(v);
		} else if (v->state == EQUAL && s->known >= 0 && *corpus.known[s->known].text == '#') {
			printf("STALE %s:%d: no longer differs: %s;\n", known_file, corpus.known[s->known].line, s->sql);
			stale++;
		}
		if (slow_us && (here > slow_us || v->oracle_us > slow_us))
			printf("SLOW %s:%d full %.1f ms, off %.1f ms, PostgreSQL %.1f ms\n", s->file, s->line, (double)v->here_us[0] / 1e3,
				   (double)v->here_us[1] / 1e3, (double)v->oracle_us / 1e3);
	}
	for (size_t k = 0; k < corpus.nknown && !only && missing == 0; k++) {
		const struct known *x = &corpus.known[k];

		if (x->matched == 0 || (*x->text != '#' && x->matched != SIZE_MAX)) {
			printf("STALE %s:%d: nothing that it covers differs: %s\n", known_file, x->line, x->text);
			stale++;
		}
	}
	if (missing && !only)
		printf("ERROR %zu statements were not reached\n", missing);
	printf("%zu statements: %zu equal, %zu known differences, %zu differ, %zu entries of the list are stale\n", corpus.count - (only ? missing : 0), equal, known,
		   differ, stale);
	differ += stale + (only ? 0 : missing);
	printf("%zu passed, %zu failed\n", equal + known, differ);
	return differ ? 1 : 0;
}

static void split_sources(const char *list)
{
	char *save = NULL;

	for (char *w = strtok_r(mem_strdup(corpus.mem, list), ",", &save); w && nsources < MAX_SOURCES; w = strtok_r(NULL, ",", &save))
		sources[nsources++] = w;
}

int main(int argc, char **argv)
{
	const char *known_file = NULL;
	size_t show = 100;
	int jobs = 2, status;
	int64_t slow_us = 0;

	corpus.mem = mem_new(NULL, MEM_OTHER, "corpus", 0);
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";

		if (strncmp(argv[i], "--", 2) != 0) {
			corpus_read(&corpus, argv[i]);
			continue;
		}
		if (strcmp(argv[i], "--setup") == 0)
			setup_file = value;
		else if (strcmp(argv[i], "--foreign") == 0)
			foreign_file = value;
		else if (strcmp(argv[i], "--fixed") == 0)
			fixed_file = value;
		else if (strcmp(argv[i], "--prepare") == 0)
			prepare_text = corpus_text(corpus.mem, value);
		else if (strcmp(argv[i], "--oracle") == 0)
			conninfo = value;
		else if (strcmp(argv[i], "--sources") == 0)
			split_sources(value);
		else if (strcmp(argv[i], "--known") == 0)
			corpus_read_known(&corpus, known_file = value);
		else if (strcmp(argv[i], "--only") == 0)
			only = value;
		else if (strcmp(argv[i], "--jobs") == 0)
			jobs = atoi(value);
		else if (strcmp(argv[i], "--show") == 0)
			show = strtoul(value, NULL, 10);
		else if (strcmp(argv[i], "--slow") == 0)
			slow_us = strtoll(value, NULL, 10) * 1000;
		else {
			fprintf(stderr, "oracle: what is %s?\n", argv[i]);
			return 2;
		}
		i++;
	}
	if (!conninfo || !nsources || jobs < 1 || jobs > MAX_JOBS) {
		fprintf(stderr, "oracle: --oracle and --sources are needed\n");
		return 2;
	}
	corpus_match_known(&corpus);
	shared = mmap(NULL, sizeof *shared + corpus.count * sizeof *shared->verdicts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || !mkdtemp(reports_dir)) {
		fprintf(stderr, "oracle: %s\n", strerror(errno));
		return 2;
	}
	reports = open_reports(MAX_JOBS, "w");
	run_workers(jobs);
	status = summary(known_file, show, slow_us);
	remove_reports();
	mem_free(corpus.mem);
	return status;
}
