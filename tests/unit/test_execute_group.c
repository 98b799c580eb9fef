/* Aggregation, sorting and set operations: groups of one task and of several, DISTINCT, FILTER, ORDER BY inside
 * aggregates, grouping sets; sorts with NULLs, top-N; UNION, INTERSECT, EXCEPT. */
#include "tests/unit/execute_plans.h"

static struct expr *agg(const char *name, struct type result, uint32_t n, ...)
{
	size_t count;
	const struct func *const *list = func_find(name, FUNC_AGGREGATE, &count);
	struct expr *e = expr_new(M, EXPR_AGG, result, n, -1);
	va_list ap;

	va_start(ap, n);
	for (uint32_t i = 0; i < n; i++)
		e->args[i] = va_arg(ap, struct expr *);
	va_end(ap);
	for (size_t i = 0; i < count; i++)
		if (list[i]->nargs == n && (n == 0 || strcmp(name, "count") == 0 || list[i]->args[0].id == e->args[0]->type.id))
			e->agg.fn = list[i];
	if (!e->agg.fn && strcmp(name, "count") == 0)
		e->agg.fn = list[0];
	e->agg.star = strcmp(name, "count") == 0 && n == 0;
	assert_non_null(e->agg.fn);
	return e;
}

static struct rel *aggregate(struct rel *in, uint32_t ngroups, uint32_t naggs, ...)
{
	struct rel *r = rel_new(M, REL_AGGREGATE, 1);
	va_list ap;

	r->in[0] = in;
	r->agg.ngroups = ngroups;
	r->agg.naggs = naggs;
	r->agg.groups = mem_new_array(M, struct expr *, ngroups + 1);
	r->agg.aggs = mem_new_array(M, struct expr *, naggs + 1);
	set_cols(r, ngroups + naggs + 1);
	va_start(ap, naggs);
	for (uint32_t i = 0; i < ngroups + naggs; i++) {
		struct expr *e = va_arg(ap, struct expr *);
		if (i < ngroups)
			r->agg.groups[i] = e;
		else
			r->agg.aggs[i - ngroups] = e;
		add_col(r, i, e->type);
	}
	va_end(ap);
	r->ncols--;
	return r;
}

static void plain_groups(void **state)
{
	struct rel *v = table("tii", "a 1 10|b 2 -|a 3 30|- 4 40|b - 50|- 6 60|a-long-group-key-text 7 -"), *r;
	struct rel *none = filter(v, expr_bool(M, false));
	struct expr *e;
	(void)state;

	r = aggregate(v, 1, 3, col(v, 0), agg("count", INT8, 0), agg("sum", INT8, 1, col(v, 1)), agg("max", INT4, 1, col(v, 2)));
	CHECK(r, "a 2 4 30|b 2 2 50|- 2 10 60|a-long-group-key-text 1 7 -|");
	CHECK(aggregate(v, 0, 2, agg("count", INT8, 0), agg("sum", INT8, 1, col(v, 2))), "7 190|");
	CHECK(aggregate(none, 0, 2, agg("count", INT8, 0), agg("sum", INT8, 1, col(v, 2))), "0 -|");
	CHECK(aggregate(none, 1, 1, col(v, 0), agg("count", INT8, 0)), "");
	CHECK(aggregate(v, 2, 0, col(v, 0), op2(">", col(v, 1), num4(2))), "a f|a t|b f|b -|- t|a-long-group-key-text t|");
	e = agg("count", INT8, 0);
	e->agg.filter = op2(">", col(v, 1), num4(2));
	CHECK(aggregate(v, 1, 2, col(v, 0), e, agg("min", TEXT, 1, col(v, 0))), "a 1 a|b 0 b|- 2 -|a-long-group-key-text 1 a-long-group-key-text|");
	/* what the filter keeps out is not computed */
	e = agg("sum", INT8, 1, op2("/", num4(100), op2("-", col(v, 1), num4(3))));
	e->agg.filter = op2("<>", col(v, 1), num4(3));
	CHECK(aggregate(v, 0, 1, e), "8|");
}

static void distinct_and_order(void **state)
{
	struct rel *v = table("iit", "1 5 c|1 5 a|2 7 x|1 6 b|2 7 x|2 - -|1 5 a"), *r;
	struct expr *count = agg("count", INT8, 1, col(v, 1)), *sum = agg("sum", INT8, 1, col(v, 1));
	struct expr *list = agg("string_agg", TEXT, 2, col(v, 2), str("+")), *set = agg("string_agg", TEXT, 2, col(v, 2), str("+"));
	(void)state;

	count->agg.distinct = sum->agg.distinct = set->agg.distinct = true;
	list->agg.norder = 1;
	list->agg.order = mem_new_array(M, struct sort_key, 1);
	list->agg.order[0] = (struct sort_key){col(v, 2), true, true};
	r = aggregate(v, 1, 5, col(v, 0), count, sum, list, set, agg("count", INT8, 0));
	CHECK(r, "1 2 11 c+b+a+a a+b+c 4|2 1 7 x+x x 3|");
	CHECK(aggregate(v, 0, 5, count, sum, list, set, agg("count", INT8, 1, col(v, 2))), "3 18 x+x+c+b+a+a a+b+c+x 6|");
}

static void many_groups(void **state)
{
	struct rel *v = series(30000, 20011), *r;
	struct expr *sum = agg("sum", INT8, 1, col(v, 1)), *once = agg("count", INT8, 1, op2("%", col(v, 1), num4(5)));
	(void)state;

	once->agg.distinct = true;
	r = aggregate(v, 1, 3, col(v, 0), agg("count", INT8, 0), sum, once);
	r = filter(r, list_expr(EXPR_IN, BOOL, 4, col(r, 0), num4(7), num4(9988), num4(20010)));
	CHECK(r, "7 2 20025 2|9988 2 39987 2|20010 1 20010 1|");
	r = aggregate(v, 1, 1, col(v, 0), agg("count", INT8, 0));
	CHECK(aggregate(r, 0, 2, agg("count", INT8, 0), agg("max", INT8, 1, col(r, 1))), "20011 2|");
}

static void grouping_sets(void **state)
{
	struct rel *v = table("iti", "1 a 1|1 b 2|2 a 3"), *r;
	(void)state;

	r = aggregate(v, 2, 1, col(v, 0), col(v, 1), agg("sum", INT8, 1, col(v, 2)));
	r->agg.nsets = 3;
	r->agg.sets = mem_new_array(M, struct idset, 3);
	idset_add(&r->agg.sets[0], 0, M);
	idset_add(&r->agg.sets[0], 1, M);
	idset_add(&r->agg.sets[1], 0, M);
	r->agg.has_grouping = true;
	add_col(r, r->ncols++, INT4);
	CHECK(r, "1 a 1 0|1 b 2 0|2 a 3 0|1 - 3 2|2 - 3 2|- - 6 3|");
}

static struct rel *sort(struct rel *in, int64_t max, uint32_t n, ...)
{
	struct rel *r = over(REL_SORT, in);
	va_list ap;

	r->sort.limit = max;
	r->sort.nkeys = n;
	r->sort.keys = mem_new_array(M, struct sort_key, n + 1);
	va_start(ap, n);
	for (uint32_t i = 0; i < n; i++) {
		r->sort.keys[i].expr = va_arg(ap, struct expr *);
		r->sort.keys[i].descending = va_arg(ap, int);
		r->sort.keys[i].nulls_first = va_arg(ap, int);
	}
	va_end(ap);
	return r;
}

static void sorts(void **state)
{
	struct rel *v = table("it", "3 c|1 a|- n|2 a-longer-text-b|2 a-longer-text-a|-5 -"), *big = series(20000, 777), *r;
	(void)state;

	CHECK_ORDER(sort(v, -1, 1, col(v, 1), 0, 0), "1 a|2 a-longer-text-a|2 a-longer-text-b|3 c|- n|-5 -|");
	CHECK_ORDER(sort(v, -1, 2, col(v, 0), 1, 1, col(v, 1), 0, 0), "- n|3 c|2 a-longer-text-a|2 a-longer-text-b|1 a|-5 -|");
	CHECK_ORDER(sort(v, -1, 2, col(v, 0), 0, 1, col(v, 1), 1, 0), "- n|-5 -|1 a|2 a-longer-text-b|2 a-longer-text-a|3 c|");
	CHECK_ORDER(sort(v, 2, 1, op2("*", col(v, 0), num4(-1)), 0, 0), "3 c|2 a-longer-text-b|");
	r = sort(big, 4, 2, col(big, 0), 1, 1, col(big, 1), 0, 0);
	CHECK_ORDER(r, "776 776|776 1553|776 2330|776 3107|");
	r = limit(sort(big, -1, 2, col(big, 0), 0, 0, col(big, 1), 1, 0), 2, 27);
	CHECK_ORDER(r, "1 18649|1 17872|");
	CHECK_ORDER(sort(values(0, 1, NULL), -1, 0), "");
}

static struct rel *setop(enum setop_kind kind, struct rel *a, struct rel *b)
{
	struct rel *r = rel_new(M, REL_SETOP, 2);

	r->in[0] = a;
	r->in[1] = b;
	r->setop.kind = kind;
	set_cols(r, a->ncols);
	for (uint32_t i = 0; i < a->ncols; i++)
		add_col(r, i, a->cols[i].type);
	return r;
}

static void set_operations(void **state)
{
	struct rel *a = table("it", "1 a|1 a|2 b|- -|- -|3 c|1 a"), *b = table("it", "1 a|2 b|2 b|- -|9 z|1 a"), *r;
	(void)state;

	CHECK(setop(SETOP_UNION_ALL, a, b), "1 a|1 a|2 b|- -|- -|3 c|1 a|1 a|2 b|2 b|- -|9 z|1 a|");
	CHECK(setop(SETOP_UNION, a, b), "1 a|2 b|- -|3 c|9 z|");
	CHECK(setop(SETOP_INTERSECT, a, b), "1 a|2 b|- -|");
	CHECK(setop(SETOP_INTERSECT_ALL, a, b), "1 a|1 a|2 b|- -|");
	CHECK(setop(SETOP_EXCEPT, a, b), "3 c|");
	CHECK(setop(SETOP_EXCEPT_ALL, a, b), "1 a|- -|3 c|");
	r = setop(SETOP_UNION_ALL, a, b);
	CHECK(project(filter(r, op2(">", col(r, 0), num4(2))), 1, op2("+", col(r, 0), num4(1))), "4|10|");
	CHECK(aggregate(limit(r, 5, 0), 0, 1, agg("count", INT8, 0)), "5|");
}

static void memory_limits(void **state)
{
	struct rel *v = series(60000, 60000), *r;
	(void)state;

	/* what can wait on disk does; the state of one group can't */
	r = sort(v, -1, 1, col(v, 0), 1, 0);
	memory_limit = 8 << 20;
	CHECK(aggregate(r, 0, 1, agg("count", INT8, 0)), "60000|");
	memory_limit = 1 << 20;
	CHECK(aggregate(v, 0, 1, agg("string_agg", TEXT, 2, expr_const(M, value_text(M, STR("some text of more than twelve bytes")), -1), str(","))), "53200");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define UNIT(f) cmocka_unit_test_setup_teardown(f, plans_setup, plans_teardown)
		UNIT(plain_groups), UNIT(distinct_and_order), UNIT(many_groups), UNIT(grouping_sets), UNIT(sorts),
		UNIT(set_operations), UNIT(memory_limits),
	};
	return cmocka_run_group_tests(tests, NULL, plans_end);
}
