/*
 * `bench federation SETUP.sql PEER-CONNINFO [QUERY…]`: TPC-H queries over a federation, in this engine and in PostgreSQL
 * with foreign data wrappers over the same servers (except where the output says otherwise). SETUP makes servers,
 * mappings and foreign tables in schema tpch of an empty catalog; the peer's database has its own, also in tpch.
 *
 * Each query runs once on each side, and the answers are compared row for row as text; then the sides take turns, RUNS
 * times each, and the medians count. The time runs from the statement's text to its last row in this process.
 * BENCH_EXPLAIN=1 prints our plans.
 */
#include "tools/bench/bench.h"

#include <libpq-fe.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/session/session.h"
#include "tools/bench/queries.h"

#define RUNS 3
#define MAX_ROWS 100000

struct answer {
	struct mem *mem;
	const char **rows;
	size_t count, cap;
	int64_t us, moved_rows, moved_bytes; /* moved: from the sources; ours only */
	bool failed;
};

static struct session *session;
static PGconn *peer;

/* ---- ours ---- */

static bool take_batch(struct answer *a, const struct batch *b)
{
	struct strbuf line;

	strbuf_init(&line, 0);
	for (uint32_t i = 0; i < b->rows; i++) {
		strbuf_reset(&line);
		for (uint32_t c = 0; c < b->ncols; c++) {
			struct value v = vec_get(&b->cols[c], i);

			strbuf_adds(&line, c ? "|" : "");
			if (v.is_null)
				strbuf_addc(&line, '~');
			else
				value_print(&v, session_text_context(session), &line);
		}
		MEM_PUSH(a->mem, a->rows, a->count, a->cap, mem_strndup(a->mem, strbuf_cstr(&line), line.len));
	}
	strbuf_release(&line);
	return a->count < MAX_ROWS;
}

static void complain(const char *what, const struct err *e)
{
	fprintf(stderr, "%s: %s %s %s %s\n", what, errcode_sqlstate(e->code), e->message, e->detail, e->hint);
}

static void run_ours(const char *sql, struct answer *a)
{
	struct source_progress moved[16];
	struct run *r = NULL;
	struct batch b = {0};
	struct err e;
	uint32_t count;
	size_t n;
	int64_t start = clock_monotonic_us();

	err_clear(&e);
	a->failed = !session_start(session, str_of(sql), 0, NULL, 0, &count, &r, &e);
	while (!a->failed) {
		a->failed = !run_next(r, &b, &e);
		if (a->failed || b.rows == 0)
			break;
		a->failed = !take_batch(a, &b);
		batch_release(&b);
	}
	a->us = clock_monotonic_us() - start;
	if (r) {
		n = run_progress(r, moved, ARRAY_LEN(moved));
		for (size_t i = 0; i < n && i < ARRAY_LEN(moved); i++) {
			a->moved_rows += moved[i].rows;
			a->moved_bytes += moved[i].bytes;
		}
		run_finish(r);
	}
	if (a->failed)
		complain("hopluu", &e);
}

static void explain(const char *sql)
{
	struct answer a = {.mem = mem_new(NULL, MEM_OTHER, "plan", 0)};

	run_ours(mem_printf(a.mem, "EXPLAIN ANALYZE %s", sql), &a);
	for (size_t i = 0; i < a.count; i++)
		printf("    %s\n", a.rows[i]);
	mem_free(a.mem);
}

/* ---- the peer ---- */

static void run_peer(const char *sql, struct answer *a)
{
	struct strbuf line;
	int64_t start = clock_monotonic_us();
	PGresult *r = PQexec(peer, sql);

	a->failed = PQresultStatus(r) != PGRES_TUPLES_OK;
	if (a->failed)
		fprintf(stderr, "PostgreSQL: %s", PQerrorMessage(peer));
	strbuf_init(&line, 0);
	for (int i = 0; i < PQntuples(r); i++) {
		strbuf_reset(&line);
		for (int c = 0; c < PQnfields(r); c++) {
			strbuf_adds(&line, c ? "|" : "");
			strbuf_adds(&line, PQgetisnull(r, i, c) ? "~" : PQgetvalue(r, i, c));
		}
		MEM_PUSH(a->mem, a->rows, a->count, a->cap, mem_strndup(a->mem, strbuf_cstr(&line), line.len));
	}
	strbuf_release(&line);
	PQclear(r);
	a->us = clock_monotonic_us() - start;
}

/* ---- comparing and measuring ---- */

static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }
static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static bool equal(const struct answer *a, const struct answer *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; same && i < a->count; i++)
		same = strcmp(a->rows[i], b->rows[i]) == 0;
	return same;
}

static const char *compare(struct answer *ours, struct answer *theirs)
{
	if (ours->failed || theirs->failed)
		return "FAILED";
	if (equal(ours, theirs))
		return "same";
	if (ours->count == theirs->count) {
		qsort(ours->rows, ours->count, sizeof *ours->rows, by_text);
		qsort(theirs->rows, theirs->count, sizeof *theirs->rows, by_text);
		if (equal(ours, theirs))
			return "same, ties in other order";
	}
	for (size_t i = 0; i < 3; i++)
		printf("    ours %s\n    peer %s\n", i < ours->count ? ours->rows[i] : "-", i < theirs->count ? theirs->rows[i] : "-");
	return "DIFFERENT";
}

static int64_t timed(void (*run)(const char *sql, struct answer *a), const char *sql)
{
	struct answer a = {.mem = mem_new(NULL, MEM_OTHER, "answer", 0)};

	run(sql, &a);
	mem_free(a.mem);
	return a.us;
}

/* Adds the logarithm of peer's time / ours; false when the answers differ. */
static bool bench_one(const struct bench_query *q, double *log_sum)
{
	struct answer ours = {.mem = mem_new(NULL, MEM_OTHER, "ours", 0)}, theirs = {.mem = mem_new(NULL, MEM_OTHER, "peer", 0)};
	int64_t a[RUNS], b[RUNS];
	const char *verdict;
	bool ok;

	run_ours(q->sql, &ours);
	run_peer(q->sql, &theirs);
	verdict = compare(&ours, &theirs);
	ok = strncmp(verdict, "same", 4) == 0;
	if (ok) {
		for (int i = 0; i < RUNS; i++) {
			a[i] = timed(run_ours, q->sql);
			b[i] = timed(run_peer, q->sql);
		}
		qsort(a, RUNS, sizeof a[0], by_time);
		qsort(b, RUNS, sizeof b[0], by_time);
		*log_sum += log((double)b[RUNS / 2] / (double)a[RUNS / 2]);
		printf("%-4s %-20s %5zu %9.3f %9.3f %7.2f %10lld %8.1f  %s\n", q->name, q->sources, ours.count,
			   (double)a[RUNS / 2] / 1e6, (double)b[RUNS / 2] / 1e6, (double)b[RUNS / 2] / (double)a[RUNS / 2],
			   (long long)ours.moved_rows, (double)ours.moved_bytes / 1e6, verdict);
	} else {
		printf("%-4s %-20s %s (%zu rows against %zu)\n", q->name, q->sources, verdict, ours.count, theirs.count);
	}
	fflush(stdout);
	if (getenv("BENCH_EXPLAIN"))
		explain(q->sql);
	mem_free(ours.mem);
	mem_free(theirs.mem);
	return ok;
}

/* ---- setting up ---- */

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, 1 << 16);

	if (!f || !text || fread(text, 1, (1 << 16) - 1, f) == 0)
		bench_die("cannot read %s", path);
	fclose(f);
	return text;
}

static struct engine *open_ours(const char *setup)
{
	struct principal who = {.user = "bench", .agency = "", .purpose = "", .is_administrator = true};
	struct receiver nobody = {0};
	struct engine *g;
	struct err e;
	char *text = read_file(setup);

	err_clear(&e);
	g = engine_open(NULL, 0, &e);
	session = g ? session_open(g, &who, &e) : NULL;
	if (!session || !session_run(session, str_of(text), &nobody, &e)
		|| !setting_set(session_settings(session), "search_path", "tpch", &e)) {
		complain(setup, &e);
		exit(1);
	}
	free(text);
	return g;
}

static void open_peer(const char *conninfo)
{
	PGresult *r;

	peer = PQconnectdb(conninfo);
	r = PQexec(peer, "SET search_path = tpch; SET TimeZone = 'UTC'; SET jit = off");
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		bench_die("PostgreSQL: %s", PQerrorMessage(peer));
	PQclear(r);
}

static bool wanted(const char *name, int argc, char **argv)
{
	bool yes = argc <= 3;

	for (int i = 3; i < argc; i++)
		yes = yes || strcmp(argv[i], name) == 0;
	return yes;
}

int federation_main(int argc, char **argv)
{
	struct engine *g;
	double log_sum = 0;
	int n = 0, good = 0;

	if (argc < 3)
		bench_die("usage: bench federation SETUP.sql PEER-CONNINFO [QUERY…]");
	g = open_ours(argv[1]);
	open_peer(argv[2]);
	printf("%-4s %-20s %5s %9s %9s %7s %10s %8s  %s\n", "", "sources", "rows", "ours s", "peer s", "peer/us", "moved rows",
		   "moved MB", "answers");
	for (const struct bench_query *q = bench_queries; q->name; q++)
		if (wanted(q->name, argc, argv)) {
			n++;
			good += bench_one(q, &log_sum);
		}
	if (good)
		printf("%-4s %-20s %5s %9s %9s %7.2f  (geometric mean of %d; above 1: we are faster)\n", "", "", "", "", "",
			   exp(log_sum / good), good);
	PQfinish(peer);
	session_close(session);
	engine_close(g);
	return good == n ? 0 : 1;
}
