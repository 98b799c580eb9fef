/*
 * `bench fetch SOURCE…`: lineitem through a connector into batches, against a bare loop over the same API that throws
 * the bytes away. SOURCE is postgresql:CONNINFO, mariadb:CONNINFO, sqlite:FILE, odbc-sqlite:FILE,
 * odbc-postgresql:CONNINFO or odbc-mariadb:CONNINFO; the table is tpch.lineitem, or lineitem.
 *
 * Each run is a process of its own, so that its peak memory is its own; the two sides take turns, RUNS times each, and
 * the medians count. The time runs from sending the statement to the last row. `best`
 * is the ratio of the fastest runs. BENCH_SIDE=ours or bare runs that side once.
 */
#include "tools/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "connectors/connector.h"
#include "engine/base/clock.h"
#include "tools/bench/fetch.h"
#include "tools/bench/tpch.h"

#define RUNS 3 /* BENCH_RUNS: more */
#define MAX_RUNS 15

const struct fetch_source fetch_sources[] = {
	{.prefix = "postgresql:", .connector = "postgresql", .goal = 0.9, .bare = bare_postgresql},
	{.prefix = "mariadb:", .connector = "mariadb", .goal = 0.9, .bare = bare_mariadb},
	{.prefix = "sqlite:", .connector = "sqlite", .goal = 0.75, .bare = bare_sqlite},
	{.prefix = "odbc-sqlite:", .connector = "odbc", .goal = 0.75, .bare = bare_odbc, .driver = "SQLite3",
	 .odbc_keywords = "StepAPI=1;NoTXN=1;BigInt=1", .odbc_rows = 1},
	{.prefix = "odbc-postgresql:", .connector = "odbc", .goal = 0.75, .bare = bare_odbc, .driver = "PostgreSQL Unicode",
	 .odbc_keywords = "UseDeclareFetch=1;Fetch=4000;UseServerSidePrepare=1", .odbc_rows = 1000, .odbc_wide = true},
	{.prefix = "odbc-mariadb:", .connector = "odbc", .goal = 0.75, .bare = bare_odbc, .driver = "MariaDB Unicode",
	 .odbc_keywords = "FORWARDONLY=1;NO_CACHE=1;STREAMRS=1;CHARSET=utf8mb4", .odbc_rows = 1},
};

struct measure {
	int64_t rows, us;
	double cpu;   /* seconds of this process */
	long peak_kb;
};

static int64_t started_us;
void fetch_clock_start(void) { started_us = clock_monotonic_us(); }

static bool is_file(const struct fetch_source *s) { return strstr(s->prefix, "sqlite") != NULL; }

const char *fetch_query(const struct fetch_source *s)
{
	static char sql[1024];
	const struct tpch_schema *t = &tpch_schemas[TPCH_LINEITEM];
	size_t n = (size_t)snprintf(sql, sizeof sql, "SELECT ");

	for (uint32_t i = 0; i < t->ncols; i++)
		n += (size_t)snprintf(sql + n, sizeof sql - n, "%s%s", i ? ", " : "", t->cols[i].name);
	snprintf(sql + n, sizeof sql - n, " FROM %slineitem", is_file(s) ? "" : "tpch.");
	return sql;
}

/* ---- our side ---- */

static struct options server_options(const struct fetch_source *s, const char *target, struct mem *m)
{
	struct option *list = mem_new_array(m, struct option, 8);
	const char *database = *bench_setting(target, "dbname") ? "dbname" : "database";
	size_t n = 0;

	if (s->driver)
		list[n++] = (struct option){"driver", s->driver};
	if (is_file(s)) {
		list[n++] = (struct option){s->driver ? "database" : "path", target};
		return (struct options){list, n};
	}
	list[n++] = (struct option){s->driver ? "server" : "host", mem_strdup(m, bench_setting(target, "host"))};
	list[n++] = (struct option){"port", mem_strdup(m, bench_setting(target, "port"))};
	list[n++] = (struct option){s->driver ? "database" : database, mem_strdup(m, bench_setting(target, database))};
	return (struct options){list, n};
}

static struct options user_options(const char *target, struct mem *m)
{
	struct option *list = mem_new_array(m, struct option, 2);

	list[0] = (struct option){"user", mem_strdup(m, bench_setting(target, "user"))};
	list[1] = (struct option){"password", mem_strdup(m, bench_setting(target, "password"))};
	return (struct options){list, *list[0].value ? 2 : 0};
}

static NORETURN void fail(const char *what, const struct err *e)
{
	bench_die("%s: %s (%s %s)", what, e->message, e->detail, errcode_sqlstate(e->code));
}

static struct source_table *find_lineitem(const struct connector *k, struct conn *c, struct mem *m, bool file)
{
	static const char *const only[] = {"lineitem"};
	struct source_table **tables;
	size_t count;
	struct err e;

	err_clear(&e);
	if (!k->describe(c, m, file ? NULL : "tpch", only, 1, &tables, &count, &e))
		fail("describe", &e);
	if (count != 1 || tables[0]->ncols != tpch_schemas[TPCH_LINEITEM].ncols)
		bench_die("there is no lineitem");
	return tables[0];
}

static int64_t through_connector(const struct fetch_source *s, const char *target)
{
	struct mem *m = mem_new(NULL, MEM_QUERY, "bench", 0), *stream_mem = mem_new(m, MEM_FETCH, "stream", 0);
	const struct connector *k = connector_find(s->connector);
	struct options server = server_options(s, target, m), user = user_options(target, m);
	struct stream_request q = {.server = "src", .table = "lineitem", .sql = fetch_query(s), .batch_rows = BATCH_ROWS,
							   .rows_hint = -1};
	struct stream_column *cols;
	struct source_table *t;
	struct stream *stream;
	struct conn *c;
	struct batch b;
	struct err e;
	int64_t rows = 0;

	err_clear(&e);
	if (!k)
		bench_die("there is no connector %s", s->connector);
	if (!k->connect(m, "src", &server, &user, &c, &e))
		fail("connect", &e);
	t = find_lineitem(k, c, m, is_file(s));
	q.ncols = t->ncols;
	q.cols = cols = mem_new_array(m, struct stream_column, t->ncols);
	for (uint32_t i = 0; i < t->ncols; i++)
		cols[i] = (struct stream_column){.name = t->cols[i].name, .type = t->cols[i].type, .not_null = t->cols[i].not_null,
										 .is_key = t->cols[i].key_position > 0};
	batch_init(&b, q.ncols, m);
	fetch_clock_start();
	if (!k->open(c, stream_mem, &q, &stream, &e))
		fail("open", &e);
	for (;;) {
		if (!k->next(stream, &b, &e))
			fail("next", &e);
		if (b.rows == 0)
			break;
		rows += b.rows;
		batch_release(&b);
	}
	k->close_stream(stream);
	k->close(c);
	mem_free(m);
	return rows;
}

/* ---- measuring ---- */

static struct measure run_one(const struct fetch_source *s, const char *target, bool bare)
{
	struct measure out = {0};
	struct rusage use;
	int ends[2], status;
	pid_t child;

	fflush(NULL);
	if (pipe(ends) != 0 || (child = fork()) < 0)
		bench_die("cannot start a process");
	if (child == 0) {
		out.rows = bare ? s->bare(s, target) : through_connector(s, target);
		out.us = clock_monotonic_us() - started_us;
		_exit(write(ends[1], &out, sizeof out) == sizeof out ? 0 : 1);
	}
	close(ends[1]);
	if (read(ends[0], &out, sizeof out) != sizeof out)
		out.rows = -1;
	close(ends[0]);
	wait4(child, &status, 0, &use);
	out.cpu = (double)use.ru_utime.tv_sec + (double)use.ru_utime.tv_usec / 1e6 + (double)use.ru_stime.tv_sec
			  + (double)use.ru_stime.tv_usec / 1e6;
	out.peak_kb = use.ru_maxrss;
	return out;
}

static int by_time(const void *a, const void *b)
{
	const struct measure *x = a, *y = b;

	return (x->us > y->us) - (x->us < y->us);
}

static bool measure_source(const struct fetch_source *s, const char *target)
{
	struct measure ours[MAX_RUNS], bare[MAX_RUNS];
	int runs = getenv("BENCH_RUNS") ? atoi(getenv("BENCH_RUNS")) : RUNS;
	const char *side = getenv("BENCH_SIDE");
	char name[32];
	double a, b;

	if (side) { /* for a profiler */
		ours[0] = run_one(s, target, strcmp(side, "bare") == 0);
		printf("%s %s: %lld rows in %.3f s, cpu %.3f s\n", s->prefix, side, (long long)ours[0].rows, (double)ours[0].us / 1e6,
			   ours[0].cpu);
		return true;
	}
	runs = runs < 1 ? 1 : runs > MAX_RUNS ? MAX_RUNS : runs;
	for (int i = 0; i < runs; i++) {
		bare[i] = run_one(s, target, true);
		ours[i] = run_one(s, target, false);
		if (ours[i].rows < 0 || bare[i].rows < 0 || ours[i].rows != bare[i].rows) {
			printf("%-16s failed (%lld rows against %lld)\n", s->prefix, (long long)ours[i].rows, (long long)bare[i].rows);
			return false;
		}
	}
	qsort(ours, (size_t)runs, sizeof ours[0], by_time);
	qsort(bare, (size_t)runs, sizeof bare[0], by_time);
	a = (double)ours[runs / 2].rows / (double)ours[runs / 2].us;
	b = (double)bare[runs / 2].rows / (double)bare[runs / 2].us;
	snprintf(name, sizeof name, "%.*s", (int)strlen(s->prefix) - 1, s->prefix);
	printf("%-16s %9lld %10.0f %10.0f %6.2f %5.2f %-4s %6.2f %7.2f %7.2f %7ld %7ld\n", name, (long long)ours[0].rows, a * 1e3,
		   b * 1e3, a / b, s->goal, a / b >= s->goal ? "met" : "NOT", (double)bare[0].us / (double)ours[0].us,
		   ours[runs / 2].cpu, bare[runs / 2].cpu, ours[runs / 2].peak_kb / 1024, bare[runs / 2].peak_kb / 1024);
	return true;
}

int fetch_main(int argc, char **argv)
{
	bool ok = true;

	printf("%-16s %9s %10s %10s %6s %5s %-4s %6s %7s %7s %7s %7s\n", "source", "rows", "ours k/s", "bare k/s", "ratio", "goal", "",
		   "best", "cpu s", "bare s", "peak MB", "bare MB");
	for (int i = 1; i < argc; i++) {
		const struct fetch_source *s = fetch_sources;

		while (s < fetch_sources + ARRAY_LEN(fetch_sources) && strncmp(argv[i], s->prefix, strlen(s->prefix)) != 0)
			s++;
		if (s == fetch_sources + ARRAY_LEN(fetch_sources))
			bench_die("unknown source %s", argv[i]);
		ok = measure_source(s, argv[i] + strlen(s->prefix)) && ok;
	}
	return ok ? 0 : 1;
}
