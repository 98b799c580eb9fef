/*
 * Random queries against the oracle: seeded, over the fixture's tables spread over several sources, pushdown off and full.
 * random_query.c makes them. What differs from PostgreSQL is shrunk (parts are dropped or replaced by smaller ones while it
 * still differs in the same way) and printed.
 *
 *   random --setup FILE --foreign FILE --sources a,b --oracle CONNINFO [--count N] [--seed S] [--trace on] [--show N] [--tolerate N]
 *
 * Errors: which of several errors comes first, and whether a row that fails is reached at all, is not PostgreSQL's promise.
 * So a data error (class 22) on one side only is counted apart, not as a difference. Numerics that are equal but have
 * different scales are one value to DISTINCT, GROUP BY, min, max and ORDER BY; which of them is shown is open, so the
 * text of a numeric is compared without its trailing zeros where such a thing is in the query.
 */
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/clock.h"
#include "engine/session/session.h"
#include "tests/runner/random.h"
#include "tests/runner/slt.h"

static struct mem *arena;
static const char *sources[16];
static int nsources;

/* ---- running ---- */
struct sink {
	struct rows *rows;
	const struct text_context *text;
};
static bool on_rows(void *arg, const struct batch *batch, struct err *e)
{
	struct sink *s = arg;
	struct strbuf line, value;

	(void)e;
	strbuf_init(&line, 0);
	strbuf_init(&value, 0);
	for (uint32_t i = 0; i < batch->rows; i++) {
		strbuf_reset(&line);
		for (uint32_t k = 0; k < batch->ncols; k++) {
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

static struct engine *engine;
static struct oracle *oracle;

static void run_ours(const char *sql, const char *pushdown, const char *batch, struct rows *out)
{
	struct principal who = {.user = "tester", .agency = "", .purpose = "", .is_administrator = true};
	struct err e;
	struct session *s;
	struct sink sink = {.rows = out};
	struct receiver r = {NULL, on_rows, NULL, &sink};

	err_clear(&e);
	s = session_open(engine, &who, &e);
	if (!setting_set(session_settings(s), "pushdown", pushdown, &e) || !setting_set(session_settings(s), "batch_size", batch, &e) ||
		!setting_set(session_settings(s), "statement_timeout", "5s", &e))
		abort();
	sink.text = session_text_context(s);
	if (!session_run(s, str_of(sql), &r, &e)) {
		out->failed = true;
		snprintf(out->sqlstate, sizeof out->sqlstate, "%s", errcode_sqlstate(e.code));
		snprintf(out->message, sizeof out->message, "%s | %s", e.message, e.detail);
	}
	session_close(s);
}

/* ---- comparing ---- */

static long both_failed, data_errors, too_slow;
static bool trace;

/* 1.50 → 1.5, 2.00 → 2, -0 → 0, in every value of the line. */
static const char *without_zeros(struct mem *m, const char *line)
{
	struct strbuf b;
	const char *out;

	strbuf_init(&b, 0);
	while (*line) {
		size_t n = strcspn(line, "\t"), len = n;
		bool number = n > 0 && strspn(line, "-0123456789.") >= n;
		if (number && memchr(line, '.', n)) {
			while (line[len - 1] == '0')
				len--;
			if (line[len - 1] == '.')
				len--;
		}
		if (number && len == 2 && line[0] == '-' && line[1] == '0')
			strbuf_addc(&b, '0');
		else
			strbuf_add(&b, line, len);
		line += n;
		if (*line)
			strbuf_addc(&b, *line++);
	}
	out = mem_strndup(m, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return out;
}

static bool shows_any_of_equals(const char *sql)
{
	static const char *const words[] = {"DISTINCT", "GROUP BY", "UNION", "INTERSECT", "EXCEPT", "min(", "max(", "ORDER BY"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strstr(sql, words[i]))
			return true;
	return false;
}

static bool same_rows(struct mem *m, const struct rows *a, const struct rows *b, bool loose)
{
	struct rows x = {.mem = m}, y = {.mem = m};

	for (size_t i = 0; i < a->count; i++) {
		MEM_PUSH(m, x.list, x.count, x.cap, loose ? without_zeros(m, a->list[i]) : a->list[i]);
		MEM_PUSH(m, y.list, y.count, y.cap, loose ? without_zeros(m, b->list[i]) : b->list[i]);
	}
	if (loose && !a->ordered) {
		rows_sort(&x);
		rows_sort(&y);
	}
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(x.list[i], y.list[i]) != 0)
			return false;
	return true;
}

static void print_difference(const char *problem, const char *sql, const char *pushdown, const struct rows *want, const struct rows *got)
{
	printf("FAILED pushdown=%s: %s\n  %s;\n", pushdown, problem, sql);
	printf("  PostgreSQL: %zu rows %s %s\n  here: %zu rows %s %s\n", want->count, want->sqlstate, want->message, got->count,
		   got->sqlstate, got->message);
	for (size_t i = 0, shown = 0; i < want->count && i < got->count && shown < 3; i++)
		if (strcmp(got->list[i], want->list[i]) != 0) {
			printf("    want %s\n    got  %s\n", want->list[i], got->list[i]);
			shown++;
		}
}

struct verdict {
	const char *problem; /* NULL: the same */
	char sqlstate[6];
};

static struct verdict judge(const struct rows *want, const struct rows *got, const char *sql)
{
	struct verdict v = {NULL, ""};
	bool data_error = strncmp(got->failed ? got->sqlstate : want->sqlstate, "22", 2) == 0;

	snprintf(v.sqlstate, sizeof v.sqlstate, "%s", got->sqlstate);
	if (strcmp(got->sqlstate, "57014") == 0)
		too_slow++;
	else if (got->failed != want->failed && data_error)
		data_errors++;
	else if (got->failed != want->failed)
		v.problem = got->failed ? "failed here only" : "failed at PostgreSQL only";
	else if (got->failed && strcmp(got->sqlstate, want->sqlstate) != 0 && strncmp(got->sqlstate, "22", 2) != 0)
		v.problem = "failed with another class of error";
	else if (!got->failed && got->count != want->count)
		v.problem = "another number of rows";
	else if (!got->failed && !same_rows(got->mem, want, got, false) &&
			 (!shows_any_of_equals(sql) || !same_rows(got->mem, want, got, true)))
		v.problem = "other values";
	return v;
}

static struct verdict run_both(const struct random_query *q, bool first, bool print)
{
	static const char *const pushdowns[] = {"full", "off"}, *const batches[] = {"2048", "3"};
	struct mem *m = mem_new(NULL, MEM_OTHER, "rows", 0);
	struct rows want = {.mem = m, .ordered = q->ordered};
	const char *sql = node_sql(m, q->root, sources, nsources);
	struct verdict v = {NULL, ""};

	oracle_run(oracle, node_sql(m, q->root, NULL, 0), false, &want);
	if (!q->ordered)
		rows_sort(&want);
	both_failed += want.failed && first;
	if (trace && first) {
		printf("-- %s %s\n%s;\n", want.sqlstate, want.message, sql);
		fflush(stdout);
	}
	/* a time limit there, or what PostgreSQL can't do and we can */
	for (int p = 0; p < 2 && !v.problem && strcmp(want.sqlstate, "0A000") != 0 && strcmp(want.sqlstate, "57014") != 0; p++) {
		struct rows got = {.mem = m, .ordered = q->ordered};

		run_ours(sql, pushdowns[p], batches[p], &got);
		if (!q->ordered)
			rows_sort(&got);
		v = judge(&want, &got, sql);
		if (v.problem && print)
			print_difference(v.problem, sql, pushdowns[p], &want, &got);
	}
	mem_free(m);
	return v;
}

/* ---- shrinking ---- */

struct nodes {
	struct node **list;
	size_t n, cap;
};

static void collect(struct nodes *x, struct node *n)
{
	if (n->gone)
		return;
	for (size_t i = 0; i < x->n; i++)
		if (x->list[i] == n)
			return;
	MEM_PUSH(arena, x->list, x->n, x->cap, n);
	for (size_t i = 0; i < n->nkids; i++)
		collect(x, n->kids[i]);
}

static bool still(const struct random_query *q, const struct verdict *v)
{
	struct verdict now = run_both(q, false, false);

	return now.problem && strcmp(now.problem, v->problem) == 0 && strcmp(now.sqlstate, v->sqlstate) == 0;
}

/* Makes n smaller in one way while the query still differs; false when no way does. */
static bool shrink_node(const struct random_query *q, const struct verdict *v, struct node *n, int *tries)
{
	struct node saved = *n;
	struct nodes below = {NULL, 0, 0};

	if (n->optional) {
		n->gone = true;
		(*tries)--;
		if (still(q, v))
			return true;
		n->gone = false;
	}
	if (n->kind == PART || !n->nkids)
		return false;
	collect(&below, n);
	for (size_t i = 1; i < below.n && i < 12 && *tries > 0; i++) {
		if (below.list[i]->kind != n->kind)
			continue;
		*n = *below.list[i];
		n->optional = saved.optional;
		(*tries)--;
		if (still(q, v))
			return true;
		*n = saved;
	}
	if (n->kind == QUERY)
		return false;
	*n = (struct node){.kind = n->kind, .text = mem_printf(arena, "NULL::%s", kind_types[n->kind]), .optional = saved.optional};
	(*tries)--;
	if (still(q, v))
		return true;
	*n = saved;
	return false;
}

static void shrink(const struct random_query *q, const struct verdict *v)
{
	int tries = 400;
	bool again = true;
	int64_t end = clock_monotonic_us() + 30 * INT64_C(1000000);

	while (again && tries > 0 && clock_monotonic_us() < end) {
		struct nodes all = {NULL, 0, 0};

		again = false;
		collect(&all, q->root);
		for (size_t i = 0; i < all.n && tries > 0 && clock_monotonic_us() < end; i++)
			again |= shrink_node(q, v, all.list[i], &tries);
	}
}

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	struct strbuf b;
	int c;
	char *text;

	strbuf_init(&b, 0);
	while (f && (c = getc(f)) != EOF)
		strbuf_addc(&b, (char)c);
	if (f)
		fclose(f);
	text = mem_strndup(arena, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return text;
}

static void setup(const char *path, const char *source)
{
	struct principal who = {.user = "tester", .agency = "", .purpose = "", .is_administrator = true};
	struct err e;
	struct session *s;
	struct receiver nobody = {0};
	struct strbuf b;

	strbuf_init(&b, 0);
	for (const char *p = read_file(path); *p; p++)
		if (p[0] == '$' && p[1] == '{') {
			size_t n = strcspn(p + 2, "}");
			char *name = mem_strndup(arena, p + 2, n);
			const char *v = strcmp(name, "source") == 0 ? source : getenv(name);

			strbuf_adds(&b, v ? v : "");
			p += n + 2;
		} else {
			strbuf_addc(&b, *p);
		}
	err_clear(&e);
	s = session_open(engine, &who, &e);
	if (!session_run(s, strbuf_str(&b), &nobody, &e)) {
		fprintf(stderr, "random: %s: %s %s\n", path, e.message, e.detail);
		exit(1);
	}
	session_close(s);
	strbuf_release(&b);
}

int main(int argc, char **argv)
{
	const char *setup_file = NULL, *foreign = NULL;
	long count = 1000, passed = 0, failed = 0, show = 40;
	uint64_t seed = 20251123;
	long tolerate = 0; /* so many differences are known (tests/README.md) and don't fail the run */
	struct err e;

	arena = mem_new(NULL, MEM_OTHER, "random", 0);
	err_clear(&e);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--setup") == 0)
			setup_file = argv[i + 1];
		else if (strcmp(argv[i], "--foreign") == 0)
			foreign = argv[i + 1];
		else if (strcmp(argv[i], "--count") == 0)
			count = atol(argv[i + 1]);
		else if (strcmp(argv[i], "--tolerate") == 0)
			tolerate = strtol(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--seed") == 0)
			seed = strtoull(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--show") == 0)
			show = atol(argv[i + 1]);
		else if (strcmp(argv[i], "--trace") == 0)
			trace = strcmp(argv[i + 1], "on") == 0;
		else if (strcmp(argv[i], "--oracle") == 0)
			oracle = oracle_open(argv[i + 1], &e);
		else if (strcmp(argv[i], "--sources") == 0) {
			char *save = NULL;

			for (char *w = strtok_r(mem_strdup(arena, argv[i + 1]), ",", &save); w && nsources < 16; w = strtok_r(NULL, ",", &save))
				sources[nsources++] = w;
		}
	}
	if (!oracle || !nsources || !(engine = engine_open(NULL, 4, &e))) {
		fprintf(stderr, "random: %s\n", err_is_set(&e) ? e.message : "--oracle and --sources are needed");
		return 2;
	}
	if (setup_file)
		setup(setup_file, "");
	for (int i = 0; foreign && i < nsources; i++)
		setup(foreign, sources[i]);
	for (long n = 0; n < count; n++) {
		struct mem *outer = arena;
		struct random_query q;
		struct verdict v;

		arena = mem_new(outer, MEM_OTHER, "query", 0);
		random_query_make(arena, seed * 1000003 + (uint64_t)n, &q);
		v = run_both(&q, true, false);
		if (v.problem && failed++ < show) {
			printf("query %ld of seed %llu: %s %s\n", n, (unsigned long long)seed, v.problem, v.sqlstate);
			shrink(&q, &v);
			(void)run_both(&q, false, true);
		}
		passed += !v.problem;
		mem_free(arena);
		arena = outer;
	}
	engine_close(engine);
	oracle_close(oracle);
	mem_free(arena);
	if (failed > 0 && failed <= tolerate) {
		printf("%ld differ, up to %ld are tolerated\n", failed, tolerate);
		failed = 0;
	}
	printf("%ld of the queries fail at PostgreSQL too, %ld runs had a data error on one side only, %ld runs were too slow\n%ld passed, %ld failed\n", both_failed, data_errors, too_slow, passed, failed);
	return failed ? 1 : 0;
}
