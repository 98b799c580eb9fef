/* Plans built by hand for the executor's unit tests, and their results as text. */
#ifndef HOPLUU_TESTS_EXECUTE_PLANS_H
#define HOPLUU_TESTS_EXECUTE_PLANS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "engine/execute/execute.h"

static struct mem *root_mem, *M; /* M: of the test at hand */
static struct plan plan;
static uint32_t next_id;

#define INT4 type_make(TYPE_INT4)
#define INT8 type_make(TYPE_INT8)
#define TEXT type_make(TYPE_TEXT)
#define BOOL type_make(TYPE_BOOL)

static inline const struct func *fn_of(const char *name, enum func_kind kind, struct type a, struct type b, uint32_t nargs)
{
	size_t n;
	const struct func *const *list = func_find(name, kind, &n);

	for (size_t i = 0; i < n; i++)
		if (list[i]->nargs == nargs && (nargs < 1 || list[i]->args[0].id == a.id) &&
			(nargs < 2 || list[i]->args[1].id == b.id))
			return list[i];
	fail_msg("no function %s", name);
	return NULL;
}
static inline struct expr *col(const struct rel *r, uint32_t i) { return expr_column(M, r->cols[i].id, r->cols[i].type, -1); }
static inline struct expr *num4(int32_t i) { return expr_const(M, value_int4(i), -1); }
static inline struct expr *num8(int64_t i) { return expr_const(M, value_int8(i), -1); }
static inline struct expr *str(const char *s) { return expr_const(M, value_text(M, str_of(s)), -1); }
static inline struct expr *null_of(struct type t) { return expr_const(M, value_null(t), -1); }
static inline struct expr *op2(const char *name, struct expr *a, struct expr *b)
{
	const struct func *f = fn_of(name, FUNC_OPERATOR, a->type, b->type, 2);
	struct expr **args = mem_new_array(M, struct expr *, 2);

	args[0] = a;
	args[1] = b;
	return expr_call(M, f, f->result, args, 2, -1);
}
static inline struct expr *list_expr(enum expr_kind kind, struct type t, uint32_t n, ...)
{
	struct expr *e = expr_new(M, kind, t, n, -1);
	va_list ap;

	va_start(ap, n);
	for (uint32_t i = 0; i < n; i++)
		e->args[i] = va_arg(ap, struct expr *);
	va_end(ap);
	return e;
}
static inline void set_cols(struct rel *r, uint32_t n)
{
	r->ncols = n;
	r->cols = mem_new_array(M, struct column, n + 1);
}
static inline void add_col(struct rel *r, uint32_t i, struct type t)
{
	r->cols[i] = (struct column){.id = next_id++, .name = "c", .type = t};
}
static inline struct rel *values(uint32_t nrows, uint32_t ncols, struct expr *const *cells)
{
	struct rel *r = rel_new(M, REL_VALUES, 0);

	set_cols(r, ncols);
	for (uint32_t c = 0; c < ncols; c++)
		add_col(r, c, nrows ? cells[c]->type : INT4);
	r->values.nrows = nrows;
	r->values.rows = mem_new_array(M, struct expr **, nrows + 1);
	for (uint32_t i = 0; i < nrows; i++) {
		r->values.rows[i] = mem_new_array(M, struct expr *, ncols + 1);
		for (uint32_t c = 0; c < ncols; c++)
			r->values.rows[i][c] = cells[i * ncols + c];
	}
	return r;
}
/* Rows given as text: "1 a|2 -|…": int4 where the type letter is i, int8 b, text t; - is NULL. */
static inline struct rel *table(const char *types, const char *text)
{
	uint32_t ncols = (uint32_t)strlen(types), n = 0;
	struct expr **cells = mem_new_array(M, struct expr *, 100000);
	char *copy = mem_strdup(M, text), *save;

	for (char *tok = strtok_r(copy, " |", &save); tok; tok = strtok_r(NULL, " |", &save), n++) {
		char t = types[n % ncols];
		bool null = strcmp(tok, "-") == 0;
		struct type type = t == 'i' ? INT4 : t == 'b' ? INT8 : TEXT;
		cells[n] = null ? null_of(type) : t == 'i' ? num4(atoi(tok)) : t == 'b' ? num8(atoll(tok)) : str(tok);
	}
	assert_int_equal(n % ncols, 0);
	return values(n / ncols, ncols, cells);
}
/* int4 rows: (i % mod) , i */
static inline struct rel *series(uint32_t n, uint32_t mod)
{
	struct expr **cells = mem_new_array(M, struct expr *, n * 2 + 1);

	for (uint32_t i = 0; i < n; i++) {
		cells[2 * i] = num4((int32_t)(i % mod));
		cells[2 * i + 1] = num4((int32_t)i);
	}
	return values(n, 2, cells);
}
static inline struct rel *over(enum rel_kind kind, struct rel *in) /* same columns */
{
	struct rel *r = rel_new(M, kind, 1);

	r->in[0] = in;
	set_cols(r, in->ncols);
	memcpy(r->cols, in->cols, in->ncols * sizeof *in->cols);
	return r;
}
static inline struct rel *filter(struct rel *in, struct expr *e)
{
	struct rel *r = over(REL_FILTER, in);
	r->filter.predicate = e;
	return r;
}
static inline struct rel *project(struct rel *in, uint32_t n, ...)
{
	struct rel *r = rel_new(M, REL_PROJECT, 1);
	va_list ap;

	r->in[0] = in;
	set_cols(r, n);
	r->project.exprs = mem_new_array(M, struct expr *, n + 1);
	va_start(ap, n);
	for (uint32_t i = 0; i < n; i++) {
		r->project.exprs[i] = va_arg(ap, struct expr *);
		add_col(r, i, r->project.exprs[i]->type);
	}
	va_end(ap);
	return r;
}
static inline struct rel *limit(struct rel *in, int64_t n, int64_t offset)
{
	struct rel *r = over(REL_LIMIT, in);

	r->limit.limit = n >= 0 ? num8(n) : NULL;
	r->limit.offset = offset ? num8(offset) : NULL;
	return r;
}

/* ---- running ---- */

static struct workers *pool_of[9];
struct config {
	int batch, threads, verify;
};
static struct config config;
static size_t memory_limit;
static void (*adjust)(struct settings *); /* NULL = the defaults */
static enum errcode last_error;

static inline void print_rows(const struct batch *b, struct strbuf *out)
{
	for (uint32_t i = 0; i < b->rows; i++) {
		for (uint32_t c = 0; c < b->ncols; c++) {
			struct value v = vec_get(&b->cols[c], i);
			if (c)
				strbuf_addc(out, ' ');
			if (v.is_null)
				strbuf_addc(out, '-');
			else
				value_print(&v, &text_context_default, out);
		}
		strbuf_addc(out, '|');
	}
}

static inline struct err *run_rel(struct rel *r, struct strbuf *out)
{
	static struct err e;
	struct settings settings;
	struct execution *x;
	struct batch b = {0};
	struct mem *m = mem_new(root_mem, MEM_QUERY, "query", memory_limit);
	struct cancel *cancel = cancel_new();
	struct execute_env env = {.mem = m, .cancel = cancel, .settings = &settings, .text = &text_context_default};

	err_clear(&e);
	settings_init(&settings);
	settings.number[SET_batch_size] = config.batch;
	settings.number[SET_threads] = config.threads;
	settings.number[SET_verify_vectors] = config.verify;
	if (adjust)
		adjust(&settings);
	if (!pool_of[config.threads])
		pool_of[config.threads] = workers_new(root_mem, (unsigned)config.threads);
	env.workers = pool_of[config.threads];
	plan = (struct plan){.mem = M, .root = r, .ncols = r->ncols, .next_id = next_id};
	if (execute_open(&plan, &env, &x, &e)) {
		while (execute_next(x, &b, &e) && b.rows)
			print_rows(&b, out);
		if (b.cols)
			batch_release(&b);
		execute_close(x);
	}
	cancel_free(cancel);
	{
		struct mem_stats s;
		mem_stats(m, &s);
		(void)s;
	}
	mem_free(m);
	last_error = e.code;
	return &e;
}

static int compare_rows(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Rows in the order of their text. */
static inline char *sorted_rows(const char *text)
{
	char *copy = mem_strdup(M, text), *out = mem_alloc(M, strlen(text) + 1), *save;
	char **rows = mem_new_array(M, char *, strlen(text) + 1);
	size_t n = 0;

	for (char *row = strtok_r(copy, "|", &save); row; row = strtok_r(NULL, "|", &save))
		rows[n++] = row;
	qsort(rows, n, sizeof *rows, compare_rows);
	for (size_t i = 0, at = 0; i < n; i++)
		at += (size_t)sprintf(out + at, "%s|", rows[i]);
	return out;
}

static const struct config configs[] = {
	{2048, 1, 0}, {2048, 4, 0}, {1, 1, 0}, {1, 4, 2}, {3, 1, 1}, {3, 4, 1}, {3, 1, 2}, {2048, 4, 1}, {2048, 1, 2}, {64, 4, 2},
};

static inline void check(struct rel *r, bool ordered, const char *expected, int line)
{
	for (size_t i = 0; i < ARRAY_LEN(configs); i++) {
		struct strbuf out;
		struct err *e;
		const char *got;

		config = configs[i];
		strbuf_init(&out, 0);
		e = run_rel(r, &out);
		got = err_is_set(e) ? errcode_sqlstate(e->code) : strbuf_str(&out).data;
		if (!ordered && !err_is_set(e)) {
			got = sorted_rows(got);
			expected = sorted_rows(expected);
		}
		if (strcmp(got, expected) != 0)
			fail_msg("line %d, batch %d threads %d verify %d:\n got %s%s%s\nwant %s", line, config.batch, config.threads,
					 config.verify, got, err_is_set(e) ? ": " : "", err_is_set(e) ? e->message : "", expected);
		strbuf_release(&out);
	}
}
#define CHECK(r, expected) check((r), false, (expected), __LINE__)
#define CHECK_ORDER(r, expected) check((r), true, (expected), __LINE__)

static inline int plans_setup(void **state)
{
	(void)state;
	if (!root_mem)
		root_mem = mem_new(NULL, MEM_PROCESS, "tests", 0);
	M = mem_new(root_mem, MEM_PLAN, "plan", 0);
	next_id = 1;
	memory_limit = 0;
	adjust = NULL;
	return 0;
}
static inline int plans_teardown(void **state)
{
	(void)state;
	mem_free(M);
	return 0;
}
static inline int plans_end(void **state)
{
	(void)state;
	for (int i = 0; i < 9; i++)
		workers_free(pool_of[i]);
	if (root_mem)
		mem_free(root_mem);
	return 0;
}

#endif
