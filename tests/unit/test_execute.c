/* The executor's lower half: pipelines, expression programs, filter, project, limit, CTEs, init plans; each
 * case with many batch sizes, threads and vector kinds. */
#include "tests/unit/execute_plans.h"

static void values_and_projection(void **state)
{
	struct rel *v = table("it", "1 a|2 b|- c|4 -");
	(void)state;

	CHECK_ORDER(v, "1 a|2 b|- c|4 -|");
	CHECK_ORDER(project(v, 2, op2("+", col(v, 0), num4(10)), op2("+", num4(1), num4(1))), "11 2|12 2|- 2|14 2|");
	CHECK(values(0, 1, NULL), "");
	CHECK(series(5, 2), "0 0|1 1|0 2|1 3|0 4|");
	/* one row without columns */
	v = values(1, 0, NULL);
	CHECK(project(v, 1, op2("+", num4(1), num4(1))), "2|");
	CHECK(project(v, 1, op2("/", num4(1), num4(0))), "22012");
}

static void filters(void **state)
{
	struct rel *v = table("it", "1 a|2 b|- c|4 -|5 e");
	struct rel *big = series(5000, 7);
	(void)state;

	CHECK_ORDER(filter(v, op2(">", col(v, 0), num4(1))), "2 b|4 -|5 e|");
	CHECK_ORDER(filter(v, list_expr(EXPR_AND, BOOL, 2, op2(">", col(v, 0), num4(1)), op2("=", col(v, 1), str("e")))), "5 e|");
	CHECK_ORDER(filter(v, list_expr(EXPR_OR, BOOL, 2, op2("=", col(v, 0), num4(1)), op2("=", col(v, 1), str("c")))), "1 a|- c|");
	CHECK_ORDER(filter(v, list_expr(EXPR_IS_NULL, BOOL, 1, col(v, 0))), "- c|");
	/* a conjunct that fails is not reached by rows that another one drops */
	CHECK_ORDER(filter(v, list_expr(EXPR_AND, BOOL, 2, op2("<>", col(v, 0), num4(2)),
							  op2(">", op2("/", num4(10), op2("-", col(v, 0), num4(2))), num4(3)))), "4 -|");
	CHECK(project(filter(big, op2("=", col(big, 1), num4(4321))), 1, op2("*", col(big, 1), num4(2))), "8642|");
	CHECK(filter(v, expr_bool(M, false)), "");
	CHECK_ORDER(filter(v, expr_bool(M, true)), "1 a|2 b|- c|4 -|5 e|");
}

static void branches(void **state)
{
	struct rel *v = table("ii", "1 0|2 2|- 3|4 -|0 5");
	struct expr *a = col(v, 0), *b = col(v, 1);
	(void)state;

	/* the untaken branch divides by zero */
	CHECK_ORDER(project(v, 1, list_expr(EXPR_CASE, INT4, 3, op2("=", b, num4(0)), num4(-1), op2("/", a, b))), "-1|1|-|-|0|");
	CHECK(project(v, 1, list_expr(EXPR_CASE, INT4, 3, op2("=", b, num4(3)), num4(-1), op2("/", a, b))), "22012");
	CHECK_ORDER(project(v, 1, list_expr(EXPR_CASE, INT4, 5, op2(">", a, num4(1)), b, op2("=", a, num4(1)), a, num4(9))),
				"1|2|9|-|9|");
	CHECK_ORDER(project(v, 1, list_expr(EXPR_COALESCE, INT4, 3, a, b, num4(7))), "1|2|3|4|0|");
	CHECK_ORDER(project(v, 1, list_expr(EXPR_COALESCE, INT4, 2, b, op2("/", num4(8), a))), "0|2|3|2|5|");
	CHECK_ORDER(project(v, 1, list_expr(EXPR_AND, BOOL, 2, op2(">", a, num4(0)), op2(">", b, num4(1)))), "f|t|-|-|f|");
	CHECK_ORDER(project(v, 1, list_expr(EXPR_OR, BOOL, 2, op2(">", a, num4(1)), op2(">", b, num4(4)))), "f|t|-|t|t|");
	CHECK_ORDER(project(v, 1, list_expr(EXPR_OR, BOOL, 2, op2("=", b, num4(0)), op2(">", op2("/", a, b), num4(0)))),
				"t|t|-|-|f|");
	CHECK_ORDER(project(v, 1, list_expr(EXPR_NOT, BOOL, 1, op2(">", a, num4(1)))), "t|f|-|f|t|");
	CHECK_ORDER(project(v, 1, list_expr(EXPR_IS_TRUE, BOOL, 1, op2(">", a, num4(1)))), "f|t|f|t|f|");
	CHECK_ORDER(project(v, 1, list_expr(EXPR_DISTINCT, BOOL, 2, a, b)), "t|f|t|t|t|");
	CHECK_ORDER(project(v, 1, list_expr(EXPR_GREATEST, INT4, 3, a, b, num4(2))), "2|2|3|4|5|");
	CHECK_ORDER(project(v, 1, list_expr(EXPR_LEAST, INT4, 2, a, b)), "0|2|3|4|0|");
	{
		struct expr *e = list_expr(EXPR_NULLIF, INT4, 2, a, b);
		e->fn = fn_of("=", FUNC_OPERATOR, INT4, INT4, 2);
		CHECK_ORDER(project(v, 1, e), "1|-|-|4|0|");
	}
}

static void in_lists(void **state)
{
	struct rel *v = table("itt", "1 a a|2 b x|- c c|4 - d");
	struct expr *a = col(v, 0), *t = col(v, 1);
	(void)state;

	CHECK_ORDER(project(v, 1, list_expr(EXPR_IN, BOOL, 3, a, num4(1), num4(4))), "t|f|-|t|");
	CHECK_ORDER(project(v, 1, list_expr(EXPR_IN, BOOL, 3, a, num4(1), null_of(INT4))), "t|-|-|-|");
	CHECK_ORDER(project(v, 1, list_expr(EXPR_IN, BOOL, 3, t, str("b"), str("a long text that is not there"))), "f|t|f|-|");
	CHECK_ORDER(project(v, 1, list_expr(EXPR_IN, BOOL, 3, t, col(v, 2), str("b"))), "t|t|t|-|");
	CHECK_ORDER(filter(v, list_expr(EXPR_IN, BOOL, 3, a, num4(2), num4(4))), "2 b x|4 - d|");
}

static void limits(void **state)
{
	struct rel *v = table("i", "1|2|3|4|5|6|7");
	(void)state;

	CHECK_ORDER(limit(v, 3, 0), "1|2|3|");
	CHECK_ORDER(limit(v, 3, 2), "3|4|5|");
	CHECK_ORDER(limit(v, -1, 5), "6|7|");
	CHECK_ORDER(limit(v, 0, 0), "");
	CHECK_ORDER(limit(v, 100, 7), "");
	CHECK_ORDER(limit(limit(v, 4, 1), 2, 1), "3|4|");
	{
		struct rel *r = limit(v, 1, 0);
		r->limit.limit = null_of(INT8);
		CHECK_ORDER(r, "1|2|3|4|5|6|7|");
		r->limit.limit = op2("-", num8(1), num8(2));
		CHECK_ORDER(r, "2201W");
	}
}

/* The input stands for sorted rows. */
static void ties(void **state)
{
	struct rel *v = table("it", "1 a|1 b|2 c|2 d|2 e|- f|- g"), *r;
	static const struct {
		int limit, offset;
		const char *rows;
	} cases[] = {{1, 0, "1 a|1 b|"}, {2, 0, "1 a|1 b|"}, {3, 0, "1 a|1 b|2 c|2 d|2 e|"}, {2, 2, "2 c|2 d|2 e|"},
				 {1, 5, "- f|- g|"}, {0, 0, ""}, {50, 6, "- g|"}, {1, 7, ""}};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		r = limit(v, cases[i].limit, cases[i].offset);
		r->limit.with_ties = true;
		r->limit.nkeys = 1;
		r->limit.keys = mem_new_array(M, struct sort_key, 1);
		r->limit.keys[0].expr = col(v, 0);
		CHECK_ORDER(r, cases[i].rows);
	}
}

static struct rel *cte_scan(struct rel *definition, uint32_t number)
{
	struct rel *r = rel_new(M, REL_CTE_SCAN, 0);

	set_cols(r, definition->ncols);
	for (uint32_t i = 0; i < definition->ncols; i++)
		add_col(r, i, definition->cols[i].type);
	r->cte.number = number;
	r->cte.name = "w";
	return r;
}

static struct expr *subquery(enum subquery_kind kind, struct rel *r)
{
	struct expr *e = expr_new(M, EXPR_SUBQUERY, kind == SUB_SCALAR ? r->cols[0].type : BOOL, 0, -1);

	e->sub.kind = kind;
	e->sub.rel = r;
	return e;
}

static void ctes_and_subqueries(void **state)
{
	struct rel *def = table("i", "1|2|3|4|5|6|7"), *scan, *cte, *sub;
	(void)state;

	scan = cte_scan(def, 1);
	sub = limit(cte_scan(def, 1), 1, 2);
	cte = rel_new(M, REL_CTE, 2);
	cte->cte.number = 1;
	cte->cte.name = "w";
	cte->in[1] = def;
	cte->in[0] = filter(scan, op2(">", col(scan, 0), subquery(SUB_SCALAR, sub)));
	set_cols(cte, 1);
	cte->cols[0] = cte->in[0]->cols[0];
	CHECK(cte, "4|5|6|7|");
	cte->in[0] = scan; /* one use: runs in place */
	cte->cols[0] = scan->cols[0];
	CHECK_ORDER(cte, "1|2|3|4|5|6|7|");
	CHECK(filter(def, subquery(SUB_EXISTS, table("i", "1|1|1"))), "1|2|3|4|5|6|7|");
	CHECK(filter(def, subquery(SUB_EXISTS, values(0, 1, NULL))), "");
	CHECK(filter(def, op2("=", col(def, 0), subquery(SUB_SCALAR, table("i", "1|1|1")))), "21000");
	CHECK(project(limit(def, 1, 0), 1, subquery(SUB_SCALAR, values(0, 1, NULL))), "-|");
}

static void singles(void **state)
{
	struct rel *one = table("ii", "7 8"), *none = filter(one, expr_bool(M, false)), *two = table("i", "1|1");
	(void)state;

	CHECK(over(REL_SINGLE, one), "7 8|");
	CHECK(over(REL_SINGLE, none), "- -|");
	CHECK(over(REL_SINGLE, two), "21000");
}

/* A slow reader, an early close, a failing query beside a good one. */
static void back_pressure_and_close(void **state)
{
	struct rel *v = series(20000, 10);
	struct settings settings;
	struct err e;
	(void)state;

	plan = (struct plan){.mem = M, .root = v, .ncols = 2};
	settings_init(&settings);
	settings.number[SET_batch_size] = 3;
	settings.number[SET_threads] = 2;
	pool_of[4] = pool_of[4] ? pool_of[4] : workers_new(root_mem, 4);
	for (int take = 0; take < 40; take += 13) {
		struct mem *m = mem_new(root_mem, MEM_QUERY, "query", 0);
		struct cancel *cancel = cancel_new();
		struct execute_env env = {.mem = m, .cancel = cancel, .settings = &settings, .text = &text_context_default,
								  .workers = pool_of[4]};
		struct execution *x, *y;
		struct cancel *cancel2 = cancel_new();
		struct execute_env env2 = env;
		struct batch b = {0};

		err_clear(&e);
		env2.cancel = cancel2;
		assert_true(execute_open(&plan, &env, &x, &e));
		assert_true(execute_open(&plan, &env2, &y, &e));
		for (int i = 0; i < take; i++)
			assert_true(execute_next(x, &b, &e) && b.rows == 3);
		if (b.cols)
			batch_release(&b);
		cancel_raise(cancel2, CANCEL_USER);
		b = (struct batch){0};
		while (execute_next(y, &b, &e) && b.rows)
			;
		assert_string_equal(errcode_sqlstate(e.code), "57014");
		if (b.cols)
			batch_release(&b);
		execute_close(x);
		execute_close(y);
		cancel_free(cancel);
		cancel_free(cancel2);
		mem_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define UNIT(f) cmocka_unit_test_setup_teardown(f, plans_setup, plans_teardown)
		UNIT(values_and_projection), UNIT(filters), UNIT(branches), UNIT(in_lists), UNIT(limits), UNIT(ties),
		UNIT(ctes_and_subqueries), UNIT(singles), UNIT(back_pressure_and_close),
	};
	return cmocka_run_group_tests(tests, NULL, plans_end);
}
