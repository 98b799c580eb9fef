/*
 * Random queries against the oracle: seeded, over the fixture's tables spread over several sources, pushdown off and full.
 * The grammar makes typed expressions, so nearly every query is valid; weights lean to NULLs, duplicates and boundary
 * values. What differs from PostgreSQL is shrunk (parts are dropped while it still differs) and printed.
 *
 *   random --setup FILE --foreign FILE --sources a,b --oracle CONNINFO [--count N] [--seed S]
 *
 * Errors: both must fail or both succeed; which of several errors comes first is not PostgreSQL's promise, so an error
 * on one side of a query that can fail in data-dependent ways counts only when the other side is not an error at all.
 */
#include <stdio.h>
#include <stdlib.h>

#include "engine/session/session.h"
#include "tests/runner/slt.h"

/* ---- random numbers: SplitMix64 ---- */
static uint64_t state;
static uint64_t rnd(void)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}
static int below(int n)
{
	return (int)(rnd() % (uint64_t)n);
}
static bool chance(int percent)
{
	return below(100) < percent;
}

/* ---- the schema ---- */
enum kind { INT, BIGINT, NUMERIC, FLOAT, TEXT, DATE, TIMESTAMP, BOOL, KINDS };
struct col {
	const char *name;
	enum kind kind;
};
struct tab {
	const char *name;
	struct col cols[8];
	int ncols;
};
static const struct tab tables[] = {
	{"nums", {{"id", INT}, {"s", INT}, {"i", INT}, {"b", BIGINT}, {"n", NUMERIC}, {"m", NUMERIC}, {"f", FLOAT}}, 7},
	{"texts", {{"id", INT}, {"t", TEXT}, {"u", TEXT}}, 3},
	{"dates", {{"id", INT}, {"d", DATE}, {"ts", TIMESTAMP}}, 3},
	{"dept", {{"id", INT}, {"name", TEXT}, {"city", TEXT}}, 3},
	{"emp", {{"id", INT}, {"name", TEXT}, {"dept_id", INT}, {"boss", INT}, {"salary", NUMERIC}, {"hired", DATE}, {"grade", INT}}, 7},
	{"kv", {{"k", INT}, {"v", TEXT}}, 2},
	{"hollow", {{"id", INT}, {"t", TEXT}, {"n", NUMERIC}}, 3},
};

/* ---- a query as parts, so that it can be shrunk ---- */
#define MAX_PARTS 12
struct from_item {
	const struct tab *table;
	char alias[8];
	int source;           /* index of the source */
	char join[400];       /* "JOIN … ON" condition text; "" for the first */
	const char *join_word;
};
struct query {
	struct from_item from[4];
	int nfrom;
	char *targets[MAX_PARTS];
	int ntargets;
	char *where[MAX_PARTS];
	int nwhere;
	char *group[4];
	int ngroup;
	char *having;
	bool distinct, aggregate;
	bool limit;           /* ORDER BY all targets, LIMIT */
	const char *setop;
	struct query *right;
};
static struct mem *arena;

static const char *const int_values[] = {"0", "1", "-1", "2", "7", "100", "42", "2147483647", "NULL", "3"};
static const char *const numeric_values[] = {"0.00", "1.5", "-1.50", "2.25", "100.10", "0.01", "NULL", "1000", "9999999999.99"};
static const char *const text_values[] = {"'a'", "'A'", "'a '", "''", "'abc'", "'Hà Nội'", "'zebra'", "'x'", "NULL", "'Nguyễn Văn An'", "'á'", "'B'"};
static const char *const date_values[] = {"date '2000-01-01'", "date '2024-02-29'", "date '1999-12-31'", "date '2020-06-15'", "NULL", "date '2026-11-23'"};
static const char *const timestamp_values[] = {"timestamp '2000-01-01 00:00:00'", "timestamp '2021-05-05 12:00:00'", "timestamp '2024-02-29 12:34:56.789'", "NULL"};
static const char *const float_values[] = {"0::float8", "1.5::float8", "-1.5::float8", "2.5::float8", "1e10::float8", "NULL::float8"};

#define PICK(a) ((a)[below((int)ARRAY_LEN(a))])
static const char *const type_names[] = {"integer", "bigint", "numeric", "float8", "text", "date", "timestamp", "boolean"};

static const char *literal(enum kind k)
{
	const char *v = "NULL";

	switch (k) {
	case INT:
	case BIGINT:
		v = PICK(int_values);
		break;
	case NUMERIC:
		v = PICK(numeric_values);
		break;
	case FLOAT:
		v = PICK(float_values);
		break;
	case TEXT:
		v = PICK(text_values);
		break;
	case DATE:
		v = PICK(date_values);
		break;
	case TIMESTAMP:
		v = PICK(timestamp_values);
		break;
	case BOOL:
		v = chance(45) ? "true" : chance(80) ? "false" : "NULL";
		break;
	case KINDS:
		break;
	}
	return strcmp(v, "NULL") == 0 ? mem_printf(arena, "NULL::%s", type_names[k]) : v[0] == '-' ? mem_printf(arena, "(%s)", v) : v;
}

static const char *column(const struct query *q, enum kind k)
{
	for (int tries = 0; tries < 20; tries++) {
		const struct from_item *f = &q->from[below(q->nfrom)];
		const struct col *c = &f->table->cols[below(f->table->ncols)];

		if (c->kind == k)
			return mem_printf(arena, "%s.%s", f->alias, c->name);
	}
	return literal(k);
}

static const char *expr(const struct query *q, enum kind k, int depth);
static enum kind comparable(void)
{
	static const enum kind kinds[] = {INT, INT, BIGINT, NUMERIC, TEXT, TEXT, DATE, TIMESTAMP, FLOAT};

	return PICK(kinds);
}

static const char *boolean(const struct query *q, int depth)
{
	static const char *const ops[] = {"=", "=", "<>", "<", "<=", ">", ">="};
	enum kind k = comparable();

	switch (depth > 0 ? below(13) : below(4)) {
	case 0:
	case 1:
		return mem_printf(arena, "%s %s %s", column(q, k), PICK(ops), expr(q, k, depth - 1));
	case 2:
		return mem_printf(arena, "%s IS %sNULL", column(q, k), chance(50) ? "NOT " : "");
	case 3:
		return mem_printf(arena, "%s %sIN (%s, %s, %s)", column(q, k), chance(25) ? "NOT " : "", literal(k), literal(k), literal(k));
	case 4:
		return mem_printf(arena, "(%s AND %s)", boolean(q, depth - 1), boolean(q, depth - 1));
	case 5:
		return mem_printf(arena, "(%s OR %s)", boolean(q, depth - 1), boolean(q, depth - 1));
	case 6:
		return mem_printf(arena, "NOT (%s)", boolean(q, depth - 1));
	case 7:
		return mem_printf(arena, "%s BETWEEN %s AND %s", expr(q, k, depth - 1), literal(k), literal(k));
	case 8:
		return mem_printf(arena, "%s IS %sDISTINCT FROM %s", expr(q, k, depth - 1), chance(50) ? "NOT " : "", expr(q, k, depth - 1));
	case 9:
		return mem_printf(arena, "%s %s '%s'", column(q, TEXT), chance(70) ? "LIKE" : chance(50) ? "ILIKE" : "NOT LIKE",
						  chance(30) ? "a%" : chance(30) ? "%a%" : chance(50) ? "_" : "%ễ%");
	case 10:
		return mem_printf(arena, "(%s) IS %s", boolean(q, depth - 1), chance(50) ? "TRUE" : chance(50) ? "NOT FALSE" : "UNKNOWN");
	case 11:
		return mem_printf(arena, "%sEXISTS (SELECT 1 FROM $S%d.kv z WHERE z.k = %s%s)", chance(30) ? "NOT " : "", below(8), column(q, INT),
						  chance(40) ? " AND z.v = 'x'" : "");
	default:
		return mem_printf(arena, "%s %sIN (SELECT %s FROM $S%d.%s)", column(q, INT), chance(30) ? "NOT " : "", chance(50) ? "k" : "id", below(8),
						  chance(50) ? "kv WHERE k IS NOT NULL" : "dept") /* a bad pairing of column and table is an error on both sides */;
	}
}

static const char *expr(const struct query *q, enum kind k, int depth)
{
	int what = depth > 0 ? below(10) : 0;

	if (k == BOOL)
		return boolean(q, depth);
	if (what < 4)
		return chance(75) ? column(q, k) : literal(k);
	if (what == 4)
		return mem_printf(arena, "CASE WHEN %s THEN %s ELSE %s END", boolean(q, depth - 1), expr(q, k, depth - 1), expr(q, k, depth - 1));
	if (what == 5)
		return mem_printf(arena, "coalesce(%s, %s)", expr(q, k, depth - 1), expr(q, k, depth - 1));
	if (what == 6)
		return mem_printf(arena, chance(50) ? "greatest(%s, %s)" : "nullif(%s, %s)", expr(q, k, depth - 1), expr(q, k, depth - 1));
	switch (k) {
	case INT:
		return chance(40)	? mem_printf(arena, "(%s %s %s)", expr(q, INT, depth - 1), chance(50) ? "+" : "-", literal(INT))
			   : chance(40) ? mem_printf(arena, "length(%s)", expr(q, TEXT, depth - 1))
			   : chance(50) ? mem_printf(arena, "(%s %% 7)", expr(q, INT, depth - 1))
							: mem_printf(arena, "extract(year from %s)::integer", expr(q, DATE, depth - 1));
	case BIGINT:
		return mem_printf(arena, chance(50) ? "(%s::bigint * 3)" : "%s::bigint", expr(q, INT, depth - 1));
	case NUMERIC:
		return chance(50)	? mem_printf(arena, "(%s %s %s)", expr(q, NUMERIC, depth - 1), chance(50) ? "+" : "-", expr(q, NUMERIC, depth - 1))
			   : chance(40) ? mem_printf(arena, "round(%s, 1)", expr(q, NUMERIC, depth - 1))
			   : chance(50) ? mem_printf(arena, "(%s * 2)", expr(q, NUMERIC, depth - 1))
							: mem_printf(arena, "(%s / 3)", expr(q, NUMERIC, depth - 1));
	case FLOAT:
		return mem_printf(arena, chance(50) ? "(%s * 2)" : "abs(%s)", expr(q, FLOAT, depth - 1));
	case TEXT:
		return chance(30)	? mem_printf(arena, "(%s || %s)", expr(q, TEXT, depth - 1), expr(q, TEXT, depth - 1))
			   : chance(30) ? mem_printf(arena, "upper(%s)", expr(q, TEXT, depth - 1))
			   : chance(40) ? mem_printf(arena, "substring(%s from 1 for 2)", expr(q, TEXT, depth - 1))
							: mem_printf(arena, "replace(%s, 'a', '')", expr(q, TEXT, depth - 1));
	case DATE:
		return mem_printf(arena, "(%s + %d)", expr(q, DATE, depth - 1), below(400) - 200);
	case TIMESTAMP:
		return mem_printf(arena, chance(50) ? "date_trunc('month', %s)" : "(%s + interval '1 day')", expr(q, TIMESTAMP, depth - 1));
	case BOOL:
	case KINDS:
		break;
	}
	return literal(k);
}

static void pick_from(struct query *q)
{
	q->nfrom = chance(45) ? 1 : chance(70) ? 2 : 3;
	for (int i = 0; i < q->nfrom; i++) {
		struct from_item *f = &q->from[i];
		static const char *const words[] = {"JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"};
		int n = q->nfrom;

		f->table = &tables[below((int)ARRAY_LEN(tables))];
		snprintf(f->alias, sizeof f->alias, "a%d", i);
		f->source = i && chance(50) ? q->from[0].source : below(8);
		if (i == 0)
			continue;
		f->join_word = PICK(words);
		/* the condition sees what stands to its left and itself */
		q->nfrom = i + 1;
		if (chance(80)) {
			enum kind k = chance(70) ? INT : TEXT;
			const char *left, *right;

			q->nfrom = i;
			left = column(q, k);
			q->nfrom = i + 1;
			right = mem_printf(arena, "%s.%s", f->alias, "?");
			for (int c = 0; c < f->table->ncols; c++)
				if (f->table->cols[c].kind == k && (strchr(right, '?') || chance(40)))
					right = mem_printf(arena, "%s.%s", f->alias, f->table->cols[c].name);
			if (strchr(right, '?'))
				right = literal(k);
			snprintf(f->join, sizeof f->join, "%s = %s", left, right);
		} else if (strcmp(f->join_word, "FULL JOIN") == 0) {
			f->join_word = "JOIN";
			snprintf(f->join, sizeof f->join, "%s", boolean(q, 0));
		} else {
			snprintf(f->join, sizeof f->join, "%s", boolean(q, 0));
		}
		q->nfrom = n;
	}
}

static const char *aggregate(const struct query *q)
{
	switch (below(9)) {
	case 0:
		return "count(*)";
	case 1:
		return mem_printf(arena, "count(%s%s)", chance(40) ? "DISTINCT " : "", expr(q, comparable(), 1));
	case 2:
		return mem_printf(arena, "sum(%s%s)", chance(20) ? "DISTINCT " : "", column(q, INT));
	case 3:
		return mem_printf(arena, "sum(%s)", expr(q, NUMERIC, 1));
	case 4:
		return mem_printf(arena, "avg(%s)", column(q, chance(50) ? INT : NUMERIC));
	case 5:
		return mem_printf(arena, "min(%s)", expr(q, comparable(), 1));
	case 6:
		return mem_printf(arena, "max(%s)", expr(q, comparable(), 1));
	case 7:
		return mem_printf(arena, "bool_or(%s)", boolean(q, 1));
	default:
		return mem_printf(arena, "count(*) FILTER (WHERE %s)", boolean(q, 1));
	}
}

static struct query *make_query(int depth)
{
	struct query *q = mem_new_object(arena, struct query);

	pick_from(q);
	q->aggregate = chance(35);
	if (q->aggregate) {
		q->ngroup = below(3);
		for (int i = 0; i < q->ngroup; i++)
			q->targets[q->ntargets++] = q->group[i] = (char *)expr(q, comparable(), chance(70) ? 0 : 1);
		for (int n = 1 + below(3); n > 0; n--)
			q->targets[q->ntargets++] = (char *)aggregate(q);
		if (q->ngroup && chance(25))
			q->having = mem_printf(arena, "%s > %d", "count(*)", below(3));
	} else {
		for (int n = 1 + below(4); n > 0; n--)
			q->targets[q->ntargets++] = (char *)expr(q, (enum kind)below(KINDS), 2);
		q->distinct = chance(15);
	}
	for (int n = below(3); n > 0; n--)
		q->where[q->nwhere++] = (char *)boolean(q, 2);
	q->limit = chance(25);
	if (depth > 0 && chance(8) && !q->limit) {
		static const char *const ops[] = {"UNION", "UNION ALL", "INTERSECT", "EXCEPT", "EXCEPT ALL"};

		q->right = make_query(0);
		q->right->limit = false;
		q->setop = PICK(ops);
		/* the same shape on both sides */
		q->ntargets = q->right->ntargets = 1;
		q->aggregate = q->right->aggregate = q->distinct = q->right->distinct = false;
		q->ngroup = q->right->ngroup = 0;
		q->having = q->right->having = NULL;
		q->targets[0] = (char *)expr(q, INT, 1);
		q->right->targets[0] = (char *)expr(q->right, INT, 1);
	}
	return q;
}

/* ---- text ---- */
static const char *sources[16];
static int nsources;

static void add_sql(const struct query *q, struct strbuf *b)
{
	strbuf_adds(b, q->distinct ? "SELECT DISTINCT " : "SELECT ");
	for (int i = 0; i < q->ntargets; i++)
		strbuf_addf(b, "%s%s AS c%d", i ? ", " : "", q->targets[i], i + 1);
	for (int i = 0; i < q->nfrom; i++)
		strbuf_addf(b, " %s $S%d.%s %s%s%s", i ? q->from[i].join_word : "FROM", q->from[i].source, q->from[i].table->name,
					q->from[i].alias, i ? " ON " : "", i ? q->from[i].join : "");
	for (int i = 0; i < q->nwhere; i++)
		strbuf_addf(b, " %s %s", i ? "AND" : "WHERE", q->where[i]);
	for (int i = 0; i < q->ngroup; i++)
		strbuf_addf(b, "%s%d", i ? ", " : " GROUP BY ", i + 1);
	if (q->having)
		strbuf_addf(b, " HAVING %s", q->having);
	if (q->setop) {
		strbuf_addf(b, " %s ", q->setop);
		add_sql(q->right, b);
	}
	if (q->limit) {
		strbuf_adds(b, " ORDER BY ");
		for (int i = 0; i < q->ntargets; i++)
			strbuf_addf(b, "%s%d", i ? ", " : "", i + 1);
		strbuf_adds(b, " LIMIT 5");
	}
}

/* $Sn. → the source's schema (ours) or nothing (the oracle). */
static const char *render(const struct query *q, bool oracle)
{
	struct strbuf raw, out;
	const char *text;

	strbuf_init(&raw, 0);
	strbuf_init(&out, 0);
	add_sql(q, &raw);
	for (const char *p = strbuf_cstr(&raw); *p; p++)
		if (p[0] == '$' && p[1] == 'S') {
			int n = p[2] - '0';

			if (!oracle)
				strbuf_addf(&out, "%s.", sources[n % nsources]);
			p += 3;
		} else {
			strbuf_addc(&out, *p);
		}
	text = mem_strndup(arena, strbuf_cstr(&out), out.len);
	strbuf_release(&raw);
	strbuf_release(&out);
	return text;
}

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
		!setting_set(session_settings(s), "statement_timeout", "20s", &e))
		abort();
	sink.text = session_text_context(s);
	if (!session_run(s, str_of(sql), &r, &e)) {
		out->failed = true;
		snprintf(out->sqlstate, sizeof out->sqlstate, "%s", errcode_sqlstate(e.code));
		snprintf(out->message, sizeof out->message, "%s | %s", e.message, e.detail);
	}
	session_close(s);
}

/* NULL when both agree (or both fail); else what is wrong. */
static long both_failed;
static bool trace;
static const char *differs(const struct query *q, bool print)
{
	static const char *const pushdowns[] = {"full", "off"}, *const batches[] = {"2048", "3"};
	struct mem *m = mem_new(NULL, MEM_OTHER, "rows", 0);
	struct rows want = {.mem = m};
	const char *problem = NULL;

	oracle_run(oracle, render(q, true), false, &want);
	rows_sort(&want);
	both_failed += want.failed && !print;
	if (trace) {
		printf("-- %s %s\n%s;\n", want.sqlstate, want.message, render(q, false));
		fflush(stdout);
	}
	for (int p = 0; p < 2 && !problem; p++) {
		struct rows got = {.mem = m};

		run_ours(render(q, false), pushdowns[p], batches[p], &got);
		rows_sort(&got);
		/* PostgreSQL has no FULL JOIN on other conditions than equality; we do */
		if (want.failed && strcmp(want.sqlstate, "0A000") == 0)
			break;
		if (got.failed != want.failed)
			problem = got.failed ? "failed here only" : "failed at PostgreSQL only";
		else if (got.failed && strcmp(got.sqlstate, want.sqlstate) != 0 && strncmp(got.sqlstate, "22", 2) != 0)
			problem = "failed with another class of error";
		else if (!got.failed && got.count != want.count)
			problem = "another number of rows";
		for (size_t i = 0; !problem && !got.failed && i < got.count; i++)
			if (strcmp(got.list[i], want.list[i]) != 0)
				problem = "other values";
		if (problem && print) {
			printf("FAILED pushdown=%s: %s\n  %s\n", pushdowns[p], problem, render(q, false));
			printf("  PostgreSQL: %zu rows %s %s\n  here: %zu rows %s %s\n", want.count, want.sqlstate, want.message, got.count,
				   got.sqlstate, got.message);
			for (size_t i = 0, shown = 0; i < want.count && i < got.count && shown < 3; i++)
				if (strcmp(got.list[i], want.list[i]) != 0) {
					printf("    want %s\n    got  %s\n", want.list[i], got.list[i]);
					shown++;
				}
		}
	}
	mem_free(m);
	return problem;
}

static void drop(char **list, int *n, int at)
{
	memmove(list + at, list + at + 1, (size_t)(*n - at - 1) * sizeof *list);
	(*n)--;
}

/* Tries every single removal until none keeps the difference. */
static struct query *shrink(const struct query *q)
{
	struct query *best = mem_dup(arena, q, sizeof *q);
	bool again = true;

	while (again) {
		again = false;
		for (int what = 0; what < 40 && !again; what++) {
			struct query *t = mem_dup(arena, best, sizeof *best);
			bool changed = true;

			if (what < 10 && what < t->nwhere)
				drop(t->where, &t->nwhere, what);
			else if (what >= 10 && what < 20 && t->ntargets > 1 && what - 10 < t->ntargets && what - 10 >= t->ngroup)
				drop(t->targets, &t->ntargets, what - 10);
			else if (what == 20 && t->having)
				t->having = NULL;
			else if (what == 21 && t->distinct)
				t->distinct = false;
			else if (what == 22 && t->limit)
				t->limit = false;
			else if (what == 23 && t->setop)
				t->setop = NULL;
			else if (what == 24 && t->nfrom > 1)
				t->nfrom--;
			else if (what == 25 && t->ngroup && t->ntargets > t->ngroup) {
				drop(t->targets, &t->ntargets, 0);
				drop(t->group, &t->ngroup, 0);
			} else
				changed = false;
			if (changed && differs(t, false)) {
				best = t;
				again = true;
			}
		}
	}
	return best;
}

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	struct strbuf b;
	int c;

	strbuf_init(&b, 0);
	while (f && (c = getc(f)) != EOF)
		strbuf_addc(&b, (char)c);
	if (f)
		fclose(f);
	return mem_strndup(arena, strbuf_cstr(&b), b.len);
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
	long count = 1000, passed = 0, failed = 0;
	uint64_t seed = 20251123;
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
		else if (strcmp(argv[i], "--seed") == 0)
			seed = strtoull(argv[i + 1], NULL, 10);
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
		struct query *q;

		arena = mem_new(outer, MEM_OTHER, "query", 0);
		state = seed * 1000003 + (uint64_t)n;
		q = make_query(1);
		if (differs(q, false)) {
			failed++;
			if (failed <= 60) {
				printf("query %ld of seed %llu:\n", n, (unsigned long long)seed);
				differs(shrink(q), true);
			}
		} else {
			passed++;
		}
		mem_free(arena);
		arena = outer;
	}
	engine_close(engine);
	oracle_close(oracle);
	mem_free(arena);
	printf("%ld of the queries fail at PostgreSQL too\n%ld passed, %ld failed\n", both_failed, passed, failed);
	return failed ? 1 : 0;
}
