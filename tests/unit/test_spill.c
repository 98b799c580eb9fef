/*
 * Spilling: the format of temporary files, their limits and faults, and plans that hold far more than the query may.
 */
#include "tests/unit/execute_plans.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/base/cancel.h"
#include "engine/base/hash.h"
#include "engine/vector/spill.h"

static int open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

/* ---- the format ---- */

static const struct type row_types[] = {{TYPE_INT4, 0, 0, 0, -1}, {TYPE_TEXT, 0, 0, 0, -1}, {TYPE_NUMERIC, 0, 0, 0, -1}};
#define COLS 3

static struct rowstore *make_rows(struct mem *m, const struct rowlayout *l, uint32_t n, uint8_t **rows)
{
	struct rowstore *rs = rowstore_new(m, l);
	struct err e = {0};

	for (uint32_t i = 0; i < n; i++) {
		struct vec cols[COLS];
		char text[4000];
		uint64_t hash = hash_u64(i);

		memset(text, 'a' + (int)(i % 26), sizeof text);
		for (uint32_t c = 0; c < COLS; c++)
			assert_true(vec_init_flat(&cols[c], row_types[c], 1, m, &e));
		*(int32_t *)cols[0].data = (int32_t)i;
		assert_true(heap_add(cols[1].heap, text, i % 7 == 0 ? 3900 : i % 40, cols[1].data, &e));
		if (i % 5 == 0) {
			assert_true(vec_want_nulls(&cols[1], 1, m, &e));
			vec_set_null(&cols[1], 0);
		}
		memset(cols[2].data, 0, phys_size(PHYS_NUM));
		assert_true(rowstore_append(rs, cols, NULL, 1, &rows[i], &e));
		memcpy(rows[i], &hash, sizeof hash);
		for (uint32_t c = 0; c < COLS; c++)
			vec_release(&cols[c]);
	}
	return rs;
}

static void same_row(const struct rowlayout *l, const uint8_t *row, uint32_t i)
{
	const struct text *t = row_slot(l, row, 1);
	uint32_t len = i % 7 == 0 ? 3900 : i % 40;
	uint64_t hash;

	memcpy(&hash, row, sizeof hash);
	assert_true(hash == hash_u64(i));
	assert_int_equal(*(const int32_t *)row_slot(l, row, 0), (int)i);
	assert_int_equal(row_is_null(l, row, 1), i % 5 == 0);
	if (i % 5 == 0)
		return;
	assert_int_equal(t->len, len);
	for (uint32_t k = 0; k < len; k++)
		assert_int_equal(text_data(t)[k], 'a' + (int)(i % 26));
}

static uint32_t read_all(struct spill_file *f, const struct spill_run *run, const struct rowlayout *l, bool *seen)
{
	struct spill_reader r;
	struct err e = {0};
	uint8_t *base;
	uint32_t n, all = 0;

	spill_reader_open(&r, f, run, l);
	while (spill_read(&r, &base, &n, &e) && n)
		for (uint32_t i = 0; i < n; i++) {
			const uint8_t *row = base + (size_t)i * l->width;
			uint32_t id = (uint32_t) * (const int32_t *)row_slot(l, row, 0);
			assert_false(seen[id]);
			seen[id] = true;
			same_row(l, row, id);
			all++;
		}
	assert_false(err_is_set(&e));
	spill_reader_close(&r);
	return all;
}

static void format(void **state)
{
	static const size_t budgets[] = {0, (size_t)1 << 30}; /* small blocks; compressed ones */
	enum { ROWS = 5000 };

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(budgets); k++) {
		struct mem *m = mem_new(root_mem, MEM_QUERY, "query", 0);
		struct spill_space *space = spill_space_new(m, "/tmp", -1, budgets[k]);
		struct spill_file *f = spill_file_new(space);
		const struct rowlayout *l = rowlayout_new(m, 16, row_types, COLS);
		uint8_t **rows = mem_new_array(m, uint8_t *, ROWS);
		bool *seen = mem_new_array(m, bool, ROWS);
		struct rowstore *rs = make_rows(m, l, ROWS, rows);
		struct spill_run run = {0};
		struct spill_parts parts = {0}, again = {0};
		struct err e = {0};
		uint32_t all = 0;

		assert_true(spill_write_store(f, &run, l, rs, &e));
		assert_int_equal(run.rows, ROWS);
		assert_int_equal(read_all(f, &run, l, seen), ROWS);
		if (k)
			assert_true(spill_file_written(f) < run.bytes / 4);
		/* by partition, and once more by the next bits */
		assert_true(spill_split(f, &run, l, 0, 0, &parts, &e));
		assert_int_equal(run.nblocks, 0);
		memset(seen, 0, ROWS);
		for (uint32_t p = 0; p < SPILL_PARTS; p++) {
			assert_true(parts.runs[p].rows > 0);
			assert_true(spill_split(f, &parts.runs[p], l, 0, 1, &again, &e));
		}
		for (uint32_t p = 0; p < SPILL_PARTS; p++)
			all += read_all(f, &again.runs[p], l, seen);
		assert_int_equal(all, ROWS);
		spill_parts_clear(f, &again);
		rowstore_free(rs);
		spill_file_free(f);
		spill_space_free(space);
		mem_free(m);
	}
}

static void faults(void **state)
{
	struct mem *m = mem_new(root_mem, MEM_QUERY, "query", 0);
	const struct rowlayout *l = rowlayout_new(m, 16, row_types, COLS);
	uint8_t *rows[2000];
	struct rowstore *rs = make_rows(m, l, 2000, rows);
	struct spill_run run = {0};
	struct rlimit before, small;
	struct spill_space *space;
	struct spill_file *f;
	struct err e = {0};
	int files = open_files();

	(void)state;
	/* too much */
	space = spill_space_new(m, "/tmp", 64 << 10, 0);
	f = spill_file_new(space);
	assert_false(spill_write_store(f, &run, l, rs, &e));
	assert_string_equal(errcode_sqlstate(e.code), "53400");
	assert_string_equal(e.message, "temporary file size exceeds temp_file_limit (64kB)");
	spill_run_clear(f, &run);
	err_clear(&e);
	assert_true(spill_write(f, &run, l, rows, 8, &e)); /* there is room again */
	spill_run_clear(f, &run);
	spill_file_free(f);
	spill_space_free(space);
	/* no such directory */
	space = spill_space_new(m, "/nowhere/at/all", -1, 0);
	f = spill_file_new(space);
	assert_false(spill_write_store(f, &run, l, rs, &e));
	assert_string_equal(errcode_sqlstate(e.code), "58030");
	assert_non_null(strstr(e.message, "/nowhere/at/all"));
	spill_file_free(f);
	spill_space_free(space);
	/* a disk that is full: here a limit of the size of files */
	err_clear(&e);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 100000;
	setrlimit(RLIMIT_FSIZE, &small);
	space = spill_space_new(m, "/tmp", -1, 0);
	f = spill_file_new(space);
	assert_false(spill_write_store(f, &run, l, rs, &e));
	setrlimit(RLIMIT_FSIZE, &before);
	assert_string_equal(errcode_sqlstate(e.code), "53100");
	assert_non_null(strstr(e.message, "/tmp"));
	spill_run_clear(f, &run);
	spill_file_free(f);
	spill_space_free(space);
	assert_int_equal(open_files(), files);
	rowstore_free(rs);
	mem_free(m);
}

/* ---- plans ---- */

static struct expr *agg(const char *name, struct expr *arg, bool distinct)
{
	struct expr *e = expr_new(M, EXPR_AGG, INT8, arg ? 1 : 0, -1);
	size_t n;
	const struct func *const *list = func_find(name, FUNC_AGGREGATE, &n);

	for (size_t i = 0; i < n; i++)
		if (list[i]->nargs == (arg ? 1 : 0) && (!arg || list[i]->args[0].id == arg->type.id || strcmp(name, "count") == 0))
			e->agg.fn = list[i];
	if (!e->agg.fn)
		e->agg.fn = list[0];
	if (arg)
		e->args[0] = arg;
	e->type = e->agg.fn->result;
	e->agg.star = !arg;
	e->agg.distinct = distinct;
	return e;
}

static struct rel *group(struct rel *in, struct expr *key, uint32_t n, struct expr *const *aggs)
{
	struct rel *r = rel_new(M, REL_AGGREGATE, 1);
	uint32_t ngroups = key ? 1 : 0;

	r->in[0] = in;
	r->agg.ngroups = ngroups;
	r->agg.naggs = n;
	r->agg.groups = mem_new_array(M, struct expr *, 2);
	r->agg.groups[0] = key;
	r->agg.aggs = mem_new_array(M, struct expr *, n);
	set_cols(r, ngroups + n);
	if (key)
		add_col(r, 0, key->type);
	for (uint32_t i = 0; i < n; i++) {
		r->agg.aggs[i] = aggs[i];
		add_col(r, ngroups + i, aggs[i]->type);
	}
	return r;
}

static struct rel *join(struct rel *l, struct rel *r, enum join_kind kind, struct expr *condition)
{
	struct rel *j = rel_new(M, REL_JOIN, 2);

	j->in[0] = l;
	j->in[1] = r;
	j->join.kind = kind;
	j->join.condition = condition;
	set_cols(j, l->ncols + r->ncols);
	memcpy(j->cols, l->cols, l->ncols * sizeof *l->cols);
	memcpy(j->cols + l->ncols, r->cols, r->ncols * sizeof *r->cols);
	return j;
}

/* int4 rows k, i: i counts from 0 to 1000 n, k = i * 7919 % mod. */
static struct rel *many(uint32_t n, int32_t mod)
{
	struct rel *a = series(1000, 1000), *b = series(n, n), *both = join(a, b, JOIN_INNER, NULL);
	struct rel *i = project(both, 1, op2("+", col(both, 0), op2("*", col(both, 2), num4(1000))));

	return project(i, 2, op2("%", op2("*", op2("%", col(i, 0), num4(200000)), num4(7919)), num4(mod)), col(i, 0));
}

static const char *run(struct rel *r)
{
	struct strbuf out;
	struct err *e;
	const char *text;

	strbuf_init(&out, 0);
	e = run_rel(r, &out);
	text = mem_strdup(M, err_is_set(e) ? errcode_sqlstate(e->code) : strbuf_str(&out).data);
	strbuf_release(&out);
	return text;
}

static bool tiny_files;
static void spilling(struct settings *s)
{
	s->number[SET_memory_limit] = 12 << 10;
	if (tiny_files)
		s->number[SET_temp_file_limit] = 512;
}

/* The same with all memory, with little, on one thread and on two; and what happens when the disk is too small. */
static void same_in_little(struct rel *r)
{
	const char *all;
	int files = open_files();

	config = (struct config){2048, 2, 0};
	adjust = NULL;
	memory_limit = 0;
	all = run(r);
	for (int threads = 1; threads <= 2; threads++) {
		config.threads = threads;
		memory_limit = (size_t)12 << 20;
		adjust = spilling;
		assert_string_equal(run(r), all);
		tiny_files = true;
		assert_string_equal(run(r), "53400");
		tiny_files = false;
	}
	assert_int_equal(open_files(), files);
}

static void large_groups(void **state)
{
	struct rel *t = many(1000, 199999), *g;
	struct expr *aggs[4];

	(void)state;
	aggs[0] = agg("count", NULL, false);
	aggs[1] = agg("sum", col(t, 1), false);
	aggs[2] = agg("max", col(t, 1), false);
	g = group(t, col(t, 1), 3, aggs); /* a million groups */
	aggs[0] = agg("count", NULL, false);
	aggs[1] = agg("max", col(g, 3), false);
	aggs[2] = agg("max", col(g, 0), false);
	same_in_little(group(g, NULL, 3, aggs));
	aggs[0] = agg("count", col(t, 1), true); /* a million distinct values of one group */
	same_in_little(group(t, NULL, 1, aggs));
}

static void large_joins(void **state)
{
	static const enum join_kind kinds[] = {JOIN_INNER, JOIN_FULL};

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		struct rel *a = many(600, 199999), *b = many(500, 99991);
		struct rel *j = join(a, b, kinds[k], op2("=", col(a, 1), col(b, 0)));
		struct expr *aggs[3] = {agg("count", NULL, false), agg("sum", col(j, 1), false), agg("sum", col(j, 3), false)};
		same_in_little(group(j, NULL, 3, aggs));
	}
}

static void large_sorts(void **state)
{
	struct rel *t = many(700, 199999), *s = over(REL_SORT, t), *p;

	(void)state;
	s->sort.limit = -1;
	s->sort.nkeys = 2;
	s->sort.keys = mem_new_array(M, struct sort_key, 2);
	s->sort.keys[0] = (struct sort_key){.expr = col(t, 0), .descending = true};
	s->sort.keys[1] = (struct sort_key){.expr = col(t, 1)};
	p = limit(s, 40, 650000);
	same_in_little(p);
}

/* ---- cancelling ---- */

static void *cancel_soon(void *arg)
{
	usleep(60000);
	cancel_raise(arg, CANCEL_USER);
	return NULL;
}

static void cancelled(void **state)
{
	struct rel *t = many(2000, 199999);
	struct expr *aggs[1] = {agg("count", col(t, 1), true)};
	struct rel *g = group(t, NULL, 1, aggs);
	int files = open_files();

	(void)state;
	for (int k = 0; k < 3; k++) {
		struct mem *m = mem_new(root_mem, MEM_QUERY, "query", (size_t)8 << 20);
		struct settings settings;
		struct cancel *cancel = cancel_new();
		struct execute_env env = {.mem = m, .cancel = cancel, .settings = &settings, .text = &text_context_default};
		struct execution *x;
		struct batch b = {0};
		struct err e = {0};
		struct mem_stats s;
		pthread_t canceller;

		settings_init(&settings);
		if (!pool_of[2])
			pool_of[2] = workers_new(root_mem, 2);
		env.workers = pool_of[2];
		plan = (struct plan){.mem = M, .root = g, .ncols = g->ncols, .next_id = next_id};
		assert_int_equal(pthread_create(&canceller, NULL, cancel_soon, cancel), 0);
		if (execute_open(&plan, &env, &x, &e)) {
			while (execute_next(x, &b, &e) && b.rows)
				;
			if (b.cols)
				batch_release(&b);
			execute_close(x);
		}
		pthread_join(canceller, NULL);
		assert_string_equal(errcode_sqlstate(e.code), "57014");
		mem_stats(m, &s);
		assert_int_equal(s.used, 0);
		cancel_free(cancel);
		mem_free(m);
	}
	assert_int_equal(open_files(), files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(format, plans_setup, plans_teardown),
		cmocka_unit_test_setup_teardown(faults, plans_setup, plans_teardown),
		cmocka_unit_test_setup_teardown(large_groups, plans_setup, plans_teardown),
		cmocka_unit_test_setup_teardown(large_joins, plans_setup, plans_teardown),
		cmocka_unit_test_setup_teardown(large_sorts, plans_setup, plans_teardown),
		cmocka_unit_test_setup_teardown(cancelled, plans_setup, plans_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, plans_end);
}
