/* The binder: what names, types and shapes come out, what is refused and where, guards. Values are tested
 * end to end by the SQL files, against PostgreSQL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/plan_of.h"

struct fact {
	const char *sql, *says;
};

#define CHECK_FACTS(facts, what)                                           \
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {                        \
		const char *got = what(facts[i].sql);                              \
		if (strcmp(got, facts[i].says) != 0)                               \
			fail_msg("%s\n got: %s\nwant: %s", facts[i].sql, got, facts[i].says); \
	}

/* Names and types as PostgreSQL 15 gives them (recorded). */
static void names_and_types(void **state)
{
	static const struct fact facts[] = {
		{"SELECT 1, 'x', 1.5, true, null", "?column? integer, ?column? text, ?column? numeric, bool boolean, ?column? text"},
		{"SELECT 2147483647, 2147483648, -2147483648, 9223372036854775807, 9223372036854775808",
		 "?column? integer, ?column? bigint, ?column? integer, ?column? bigint, ?column? numeric"},
		{"SELECT a + b, s + a, a / 2, f * a, r + r, r + a, d + 1, n + 1 FROM odd",
		 "?column? bigint, ?column? integer, ?column? integer, ?column? double precision, ?column? real, "
		 "?column? double precision, ?column? numeric, ?column? numeric"},
		{"SELECT date '2020-01-01', a::text, 1::int8, CAST(t AS varchar(3)), '1'::numeric(5,2) FROM odd",
		 "date date, a text, int8 bigint, t character varying(3), numeric numeric(5,2)"},
		{"SELECT CASE WHEN ok THEN 1 ELSE 2.5 END, COALESCE(a, b), NULLIF(a, 1), GREATEST(a, 2.5) FROM odd",
		 "case numeric, coalesce bigint, nullif integer, greatest numeric"},
		{"SELECT CASE WHEN ok THEN 1 ELSE a END FROM odd", "a integer"},
		{"SELECT upper(t), count(*), sum(a), avg(a), max(v) FROM odd GROUP BY t",
		 "upper text, count bigint, sum bigint, avg numeric, max text"},
		{"SELECT EXISTS (SELECT 1), (SELECT a FROM odd LIMIT 1), (SELECT 1)", "exists boolean, a integer, ?column? integer"},
		{"SELECT current_date, current_timestamp, extract(year FROM dt), t LIKE 'x', a IN (1) FROM odd",
		 "current_date date, current_timestamp timestamp with time zone, extract numeric, ?column? boolean, ?column? boolean"},
		{"SELECT * FROM (VALUES (1, 'a'), (2.5, null)) v", "column1 numeric, column2 text"},
		{"SELECT 1 AS x UNION SELECT 2.5", "x numeric"},
		{"SELECT null UNION SELECT 1", "?column? integer"},
		{"SELECT * FROM region JOIN nation ON r_regionkey = n_regionkey WHERE false",
		 "r_regionkey integer, r_name character(25), r_comment character varying(152), n_nationkey integer, "
		 "n_name character(25), n_regionkey integer, n_comment character varying(152)"},
		{"SELECT * FROM odd x(k) JOIN odd y(k) USING (k, a) LIMIT 0",
		 "k integer, a integer, b bigint, s smallint, n numeric, d numeric(12,2), f double precision, r real, t text, "
		 "v character varying(10), c character(4), ok boolean, dt date, ts timestamp without time zone, "
		 "tz timestamp with time zone, iv interval, j json, b bigint, s smallint, n numeric, d numeric(12,2), "
		 "f double precision, r real, t text, v character varying(10), c character(4), ok boolean, dt date, "
		 "ts timestamp without time zone, tz timestamp with time zone, iv interval, j json"},
		{"SELECT pg_typeof(a), pg_typeof('x') FROM odd", "pg_typeof text, pg_typeof text"},
	};
	(void)state;
	CHECK_FACTS(facts, columns_of)
}

static void refusals(void **state)
{
	static const struct fact facts[] = {
		{"SELECT nope FROM region", "42703 at 8: column \"nope\" does not exist"},
		{"SELECT region.nope FROM region", "42703 at 8: column region.nope does not exist"},
		{"SELECT x.a FROM odd", "42P01 at 8: missing FROM-clause entry for table \"x\""},
		{"SELECT * FROM nothing", "42P01 at 15: relation \"nothing\" does not exist"},
		{"SELECT * FROM nowhere.t", "42P01 at 15: relation \"nowhere.t\" does not exist"},
		{"SELECT a FROM odd x, odd y", "42702 at 8: column reference \"a\" is ambiguous"},
		{"SELECT 1 FROM odd, odd", "42712 at 20: table name \"odd\" specified more than once"},
		{"SELECT foo(1, 'x')", "42883 at 8: function foo(integer, unknown) does not exist"},
		{"SELECT 1 + true", "42883 at 10: operator does not exist: integer + boolean"},
		{"SELECT - 'x'", "42725 at 8: operator is not unique: - unknown"},
		{"SELECT a FROM odd WHERE a", "42804 at 25: argument of WHERE must be type boolean, not type integer"},
		{"SELECT CASE WHEN ok THEN 1 ELSE t END FROM odd", "42804 at 26: CASE types text and integer cannot be matched"},
		{"SELECT 1 UNION SELECT true", "42804 at 23: UNION types integer and boolean cannot be matched"},
		{"SELECT 1, 2 UNION SELECT 1", "42601 at 19: each UNION query must have the same number of columns"},
		{"SELECT a FROM odd GROUP BY b",
		 "42803 at 8: column \"odd.a\" must appear in the GROUP BY clause or be used in an aggregate function"},
		{"SELECT max(a), (SELECT 1 FROM region WHERE r_regionkey = b) FROM odd",
		 "42803 at 58: subquery uses ungrouped column \"odd.b\" from outer query"},
		{"SELECT 1 FROM odd WHERE count(*) > 1", "42803 at 25: aggregate functions are not allowed in WHERE"},
		{"SELECT sum(sum(a)) FROM odd", "42803 at 12: aggregate function calls cannot be nested"},
		{"SELECT DISTINCT a FROM odd ORDER BY b",
		 "42P10 at 37: for SELECT DISTINCT, ORDER BY expressions must appear in select list"},
		{"SELECT a FROM odd ORDER BY 2", "42P10 at 28: ORDER BY position 2 is not in select list"},
		{"SELECT a AS x, b AS x FROM odd ORDER BY x", "42702 at 41: ORDER BY \"x\" is ambiguous"},
		{"SELECT (SELECT a, b FROM odd)", "42601 at 9: subquery must return only one column"},
		{"SELECT 'abc'::int", "22P02 at 8: invalid input syntax for type integer: \"abc\""},
		{"SELECT 1::date", "42846 at 9: cannot cast type integer to date"},
		{"SELECT 1::nothing", "42704 at 11: type \"nothing\" does not exist"},
		{"SELECT 1 WHERE $2 = 1", "42P18 at 0: could not determine data type of parameter $1"},
		{"SELECT okey FROM misc.broken", "42703 at 18: column \"nothing\" does not exist"},
		{"SELECT 1 FROM odd LIMIT a", "42P10 at 25: argument of LIMIT must not contain variables"},
		{"SELECT 1 FROM odd FOR UPDATE", "0A000 at 19: FOR UPDATE or FOR SHARE is not supported yet"},
	};
	(void)state;
	CHECK_FACTS(facts, bound)
}

static void hints(void **state)
{
	static const struct fact facts[] = {
		{"SELECT r_nam FROM region", "Did you mean the column \"region.r_name\"?"},
		{"SELECT * FROM regoin", "Did you mean \"tpch.region\"?"},
		{"SELECT * FROM tpc.region", "There is no schema \"tpc\". Did you mean \"tpch\"?"},
		{"SELECT region.r_name FROM region x", "Perhaps you meant to reference the table alias \"x\"."},
		{"SELECT uper('x')", "Did you mean \"upper\"?"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		bound(facts[i].sql);
		assert_string_equal(plan_error.hint, facts[i].says);
	}
}

static void shapes(void **state)
{
	static const struct fact facts[] = {
		/* USING: one column; FULL: of both sides */
		{"SELECT id FROM odd x FULL JOIN odd y USING (id)",
		 "Project COALESCE(x.id, y.id)\n"
		 "  Full Join on (x.id = y.id)\n"
		 "    Scan misc.odd AS x (id, a, b, s, n, d, f, r, t, v, c, ok, dt, ts, tz, iv, j)\n"
		 "    Scan misc.odd AS y (id, a, b, s, n, d, f, r, t, v, c, ok, dt, ts, tz, iv, j)\n"},
		/* a view */
		{"SELECT okey FROM big_orders WHERE total < 5",
		 "Project okey\n"
		 "  Filter (total < 5.00)\n"
		 "    Project o_orderkey, o_totalprice\n"
		 "      Project orders.o_orderkey, orders.o_totalprice\n"
		 "        Filter (orders.o_totalprice > 100000.00)\n"
		 "          Scan tpch.orders (o_orderkey, o_custkey, o_orderstatus, o_totalprice, o_orderdate, o_orderpriority, "
		 "o_clerk, o_shippriority, o_comment)\n"},
		/* EXISTS and IN: semi and anti joins; NOT IN over columns that may be NULL is null-aware */
		{"SELECT 1 FROM region WHERE EXISTS (SELECT * FROM nation WHERE n_regionkey = r_regionkey AND n_nationkey > 3)",
		 "Project 1\n"
		 "  Semi Join on (nation.n_regionkey = region.r_regionkey)\n"
		 "    Scan tpch.region (r_regionkey, r_name, r_comment)\n"
		 "    Filter (nation.n_nationkey > 3)\n"
		 "      Scan tpch.nation (n_nationkey, n_name, n_regionkey, n_comment)\n"},
		{"SELECT 1 FROM region WHERE r_regionkey NOT IN (SELECT n_regionkey FROM nation)",
		 "Project 1\n"
		 "  Anti Join on (region.r_regionkey = n_regionkey)\n"
		 "    Scan tpch.region (r_regionkey, r_name, r_comment)\n"
		 "    Project nation.n_regionkey\n"
		 "      Scan tpch.nation (n_nationkey, n_name, n_regionkey, n_comment)\n"},
		{"SELECT 1 FROM region WHERE r_regionkey NOT IN (SELECT a FROM odd)",
		 "Project 1\n"
		 "  Anti Join null-aware on (region.r_regionkey = a)\n"
		 "    Scan tpch.region (r_regionkey, r_name, r_comment)\n"
		 "    Project odd.a\n"
		 "      Scan misc.odd (id, a, b, s, n, d, f, r, t, v, c, ok, dt, ts, tz, iv, j)\n"},
		/* a correlated count: no match is 0 */
		{"SELECT (SELECT count(*) FROM nation WHERE n_regionkey = r_regionkey) FROM region",
		 "Project COALESCE(count, 0)\n"
		 "  Left Join on (key = region.r_regionkey)\n"
		 "    Scan tpch.region (r_regionkey, r_name, r_comment)\n"
		 "    Aggregate by nation.n_regionkey: count(*)\n"
		 "      Scan tpch.nation (n_nationkey, n_name, n_regionkey, n_comment)\n"},
		/* a primary key determines the other columns */
		{"SELECT n_nationkey, n_name FROM nation GROUP BY n_nationkey",
		 "Project n_nationkey, n_name\n"
		 "  Aggregate by nation.n_nationkey, nation.n_name\n"
		 "    Scan tpch.nation (n_nationkey, n_name, n_regionkey, n_comment)\n"},
		{"SELECT n_name, grouping(n_name), count(*) FROM nation GROUP BY ROLLUP (n_name)",
		 "Project n_name, CASE WHEN (grouping IN (0)) THEN 0 WHEN (grouping IN (1)) THEN 1 ELSE NULL END, count\n"
		 "  Aggregate by nation.n_name sets (1) (): count(*)\n"
		 "    Scan tpch.nation (n_nationkey, n_name, n_regionkey, n_comment)\n"},
		/* CTE: twice used, once evaluated */
		{"WITH w AS (SELECT r_regionkey k FROM region) SELECT 1 FROM w x, w y",
		 "CTE w\n"
		 "  Project 1\n"
		 "    Inner Join\n"
		 "      CTE Scan w\n"
		 "      CTE Scan w\n"
		 "  Project region.r_regionkey\n"
		 "    Scan tpch.region (r_regionkey, r_name, r_comment)\n"},
		{"WITH w AS (SELECT r_regionkey k FROM region) SELECT 1 FROM w",
		 "Project 1\n"
		 "  Project region.r_regionkey\n"
		 "    Scan tpch.region (r_regionkey, r_name, r_comment)\n"},
		{"SELECT a BETWEEN 1 AND 2, (a, b) < (1, 2), a NOT IN (1, 2), t LIKE 'x', a IS NOT TRUE FROM odd",
		 "42804 at 73: argument of IS NOT TRUE must be type boolean, not type integer"},
		{"SELECT a BETWEEN 1 AND 2, (a, a) < (1, 2), a NOT IN (1, 2), ok IS NOT TRUE FROM odd",
		 "Project ((odd.a >= 1) AND (odd.a <= 2)), ((odd.a < 1) OR ((odd.a = 1) AND (odd.a < 2))), "
		 "(NOT (odd.a IN (1, 2))), (NOT (odd.ok IS TRUE))\n"
		 "  Scan misc.odd (id, a, b, s, n, d, f, r, t, v, c, ok, dt, ts, tz, iv, j)\n"},
	};
	(void)state;
	CHECK_FACTS(facts, bound)
}

static void parameters_take_types(void **state)
{
	struct settings s = plan_settings();
	struct plan *p = plan_bind("SELECT $1 + 1, t = $2, $3::date FROM odd WHERE b > $4 AND a IN ($5, 3)", &s);

	(void)state;
	assert_non_null(p);
	assert_int_equal(p->nparams, 5);
	assert_int_equal(p->param_types[0].id, TYPE_INT4);
	assert_int_equal(p->param_types[1].id, TYPE_TEXT);
	assert_int_equal(p->param_types[2].id, TYPE_DATE);
	assert_int_equal(p->param_types[3].id, TYPE_INT8);
	assert_int_equal(p->param_types[4].id, TYPE_INT4);
}

/* Long lists take linear time, deep nesting no more stack than there is. */
static void large_queries(void **state)
{
	struct strbuf q;

	(void)state;
	strbuf_init(&q, 0);
	strbuf_adds(&q, "SELECT 1 FROM odd WHERE a IN (0");
	for (int i = 1; i < 100000; i++)
		strbuf_addf(&q, ",%d", i);
	strbuf_addc(&q, ')');
	assert_memory_equal(bound(strbuf_cstr(&q)), "Project 1\n", 10);
	strbuf_reset(&q);
	strbuf_adds(&q, "SELECT 1 FROM odd WHERE a = 0");
	for (int i = 1; i < 20000; i++)
		strbuf_addf(&q, " AND b <> %d", i);
	assert_memory_equal(bound(strbuf_cstr(&q)), "Project 1\n", 10);
	strbuf_reset(&q);
	strbuf_adds(&q, "SELECT ");
	for (int i = 1; i < 900; i++)
		strbuf_adds(&q, "(1 + ");
	strbuf_adds(&q, "1");
	for (int i = 1; i < 900; i++)
		strbuf_addc(&q, ')');
	assert_memory_equal(bound(strbuf_cstr(&q)), "Project (1 + ", 13);
	strbuf_release(&q);
}

static void commands(void **state)
{
	struct principal who = {.user = "u"};
	struct err e;

	(void)state;
	err_clear(&e);
	assert_true(authorize_command(&who, COMMAND_QUERY, "SELECT", &e));
	assert_false(authorize_command(&who, COMMAND_DEFINE, "CREATE SERVER", &e));
	assert_string_equal(errcode_sqlstate(e.code), "42501");
	who.is_administrator = true;
	err_clear(&e);
	assert_true(authorize_command(&who, COMMAND_DEFINE, "CREATE SERVER", &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_types), cmocka_unit_test(refusals), cmocka_unit_test(hints),
		cmocka_unit_test(shapes), cmocka_unit_test(parameters_take_types), cmocka_unit_test(large_queries),
		cmocka_unit_test(commands),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	mem_free(plan_mem);
	return failed;
}
