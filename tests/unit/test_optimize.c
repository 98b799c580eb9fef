/* The optimizer's passes, by the plans that they leave. That answers stay the same is tested end to end with
 * passes off and on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "engine/base/cancel.h"
#include "tests/unit/plan_of.h"

struct fact {
	const char *sql, *says;
};

#define CHECK_FACTS(facts)                                                 \
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {                        \
		const char *got = optimized(facts[i].sql);                         \
		if (strcmp(got, facts[i].says) != 0)                               \
			fail_msg("%s\n got: %s\nwant: %s", facts[i].sql, got, facts[i].says); \
	}

static void constants(void **state)
{
	static const struct fact facts[] = {
		{"SELECT 1 + 2 * 3, upper('x'), 'a' || 'b', 10 / 0", "Project 7, 'X', 'ab', (10 / 0)\n  Values 1 row\n"},
		{"SELECT coalesce(null, 2, a), CASE WHEN false THEN 1 WHEN true THEN a ELSE 3 END, null + a, 1 IN (2, 1) FROM odd",
		 "Project 2, odd.a, NULL, t\n  Scan misc.odd (a)\n"},
		{"SELECT a FROM odd WHERE 1 = 1 AND a > 2 AND NOT (false)",
		 "Project odd.a\n  Scan misc.odd (a) where (odd.a > 2)\n"},
		{"SELECT a FROM odd WHERE a > 1 AND 1 = 2", "Empty\n"},
		{"SELECT a FROM odd WHERE null", "Empty\n"},
		{"SELECT count(*) FROM odd WHERE false", "Project count\n  Aggregate: count(*)\n    Empty\n"},
		{"SELECT a FROM odd WHERE dt < date '2020-01-31' + interval '1 day' AND s = 3 AND a = 7::bigint",
		 "Project odd.a\n  Scan misc.odd (a, s, dt) where ((odd.dt < '2020-02-01'::date) AND (odd.s = 3) AND (odd.a = 7))\n"},
		{"SELECT a FROM odd WHERE (a = 1 AND b = 2) OR (a = 1 AND b = 3)",
		 "Project odd.a\n  Scan misc.odd (a, b) where ((odd.a = 1) AND ((odd.b = 2) OR (odd.b = 3)))\n"},
		{"SELECT a FROM odd LIMIT 0", "Empty\n"},
	};
	(void)state;
	CHECK_FACTS(facts)
}

static void predicates(void **state)
{
	static const struct fact facts[] = {
		/* through projections, joins of each side, to the scans; equalities carry constants over */
		{"SELECT n_name FROM (SELECT n_name, n_nationkey + 1 AS k, n_regionkey r FROM nation) x, region WHERE r = r_regionkey "
		 "AND r = 3 AND k > 5",
		 "Project n_name\n"
		 "  Inner Join on (r = region.r_regionkey) (build left)\n"
		 "    Scan tpch.region (r_regionkey) where (region.r_regionkey = 3)\n"
		 "    Project nation.n_name, nation.n_regionkey\n"
		 "      Scan tpch.nation (n_nationkey, n_name, n_regionkey) where ((nation.n_regionkey = 3) AND "
		 "((nation.n_nationkey + 1) > 5))\n"},
		/* a join inside a subquery comes beside the outer one */
		{"SELECT c FROM (SELECT n_name AS c, r_name AS d, n_nationkey AS k FROM nation, region WHERE n_regionkey = r_regionkey) x, "
		 "supplier WHERE s_nationkey = k AND d = 'ASIA'",
		 "Project nation.n_name\n"
		 "  Inner Join on (supplier.s_nationkey = nation.n_nationkey)\n"
		 "    Scan tpch.supplier (s_nationkey)\n"
		 "    Inner Join on (nation.n_regionkey = region.r_regionkey) (build left)\n"
		 "      Scan tpch.region (r_regionkey, r_name) where (region.r_name = 'ASIA')\n"
		 "      Scan tpch.nation (n_nationkey, n_name, n_regionkey)\n"},
		/* grouped columns go below the aggregate, aggregates stay */
		{"SELECT * FROM (SELECT n_regionkey r, count(*) c FROM nation GROUP BY 1) x WHERE r = 2 AND c > 3",
		 "Project n_regionkey, count\n"
		 "  Filter (count > 3)\n"
		 "    Aggregate by nation.n_regionkey: count(*)\n"
		 "      Scan tpch.nation (n_regionkey) where (nation.n_regionkey = 2)\n"},
		/* into all arms */
		{"SELECT * FROM (SELECT n_nationkey k FROM nation UNION ALL SELECT r_regionkey FROM region) x WHERE k < 3",
		 "Project k\n"
		 "  Union All\n"
		 "    Project nation.n_nationkey\n"
		 "      Scan tpch.nation (n_nationkey) where (nation.n_nationkey < 3)\n"
		 "    Project region.r_regionkey\n"
		 "      Scan tpch.region (r_regionkey) where (region.r_regionkey < 3)\n"},
		/* not below a limit, nor a volatile one */
		{"SELECT * FROM (SELECT r_regionkey k FROM region LIMIT 3) x WHERE k < 3",
		 "Project region.r_regionkey\n"
		 "  Filter (region.r_regionkey < 3)\n"
		 "    Limit 3\n"
		 "      Scan tpch.region (r_regionkey)\n"},
		/* outer joins: a condition on the inner side makes them inner; IS NULL does not */
		{"SELECT r_name FROM region LEFT JOIN nation ON r_regionkey = n_regionkey WHERE n_name > 'B'",
		 "Project region.r_name\n"
		 "  Inner Join on (region.r_regionkey = nation.n_regionkey)\n"
		 "    Scan tpch.nation (n_name, n_regionkey) where (nation.n_name > 'B')\n"
		 "    Scan tpch.region (r_regionkey, r_name)\n"},
		{"SELECT r_name FROM region LEFT JOIN nation ON r_regionkey = n_regionkey AND r_name = 'x' AND n_name = 'y' WHERE n_name "
		 "IS NULL AND r_regionkey = 1",
		 "Project region.r_name\n"
		 "  Filter (nation.n_name IS NULL)\n"
		 "    Left Join on ((region.r_regionkey = nation.n_regionkey) AND (region.r_name = 'x'))\n"
		 "      Scan tpch.region (r_regionkey, r_name) where (region.r_regionkey = 1)\n"
		 "      Scan tpch.nation (n_name, n_regionkey) where ((nation.n_name = 'y') AND (nation.n_regionkey = 1))\n"},
		{"SELECT 1 FROM region FULL JOIN nation ON r_regionkey = n_regionkey WHERE r_name = 'x'",
		 "Project 1\n"
		 "  Left Join on (region.r_regionkey = nation.n_regionkey) (build left)\n"
		 "    Scan tpch.region (r_regionkey, r_name) where (region.r_name = 'x')\n"
		 "    Scan tpch.nation (n_regionkey)\n"},
	};
	(void)state;
	CHECK_FACTS(facts)
}

static void join_orders(void **state)
{
	static const struct fact facts[] = {
		/* written in the worst order */
		{"SELECT 1 FROM lineitem, region, supplier, nation WHERE n_regionkey = r_regionkey AND s_nationkey = n_nationkey AND "
		 "l_suppkey = s_suppkey AND r_name = 'ASIA'",
		 "Project 1\n"
		 "  Inner Join on (lineitem.l_suppkey = supplier.s_suppkey) (build left)\n"
		 "    Inner Join on (supplier.s_nationkey = nation.n_nationkey) (build left)\n"
		 "      Inner Join on (nation.n_regionkey = region.r_regionkey)\n"
		 "        Scan tpch.nation (n_nationkey, n_regionkey)\n"
		 "        Scan tpch.region (r_regionkey, r_name) where (region.r_name = 'ASIA')\n"
		 "      Scan tpch.supplier (s_suppkey, s_nationkey)\n"
		 "    Scan tpch.lineitem (l_suppkey)\n"},
	};
	char many[2048];
	const char *text;

	(void)state;
	CHECK_FACTS(facts)
	/* orders and lineitem are of one server: they come together before anything else */
	text = optimized("SELECT 1 FROM customer, lineitem, orders WHERE c_custkey = o_custkey AND o_orderkey = l_orderkey");
	assert_non_null(strstr(text, "    Inner Join on (orders.o_orderkey = lineitem.l_orderkey)"));
	assert_non_null(strstr(text, "  Inner Join on (customer.c_custkey = orders.o_custkey)"));
	/* more than ten: greedy; all relations and conditions are still there */
	snprintf(many, sizeof many, "SELECT 1 FROM nation n0");
	for (int i = 1; i < 14; i++)
		snprintf(many + strlen(many), sizeof many - strlen(many), ", nation n%d", i);
	snprintf(many + strlen(many), sizeof many - strlen(many), " WHERE true");
	for (int i = 1; i < 14; i++)
		snprintf(many + strlen(many), sizeof many - strlen(many), " AND n%d.n_nationkey = n%d.n_regionkey", i - 1, i);
	text = optimized(many);
	for (int i = 0; i < 14; i++)
		assert_non_null(strstr(text, mem_printf(plan_mem, "Scan tpch.nation AS n%d ", i)));
	assert_null(strstr(text, "Inner Join\n")); /* no cross product */
}

static void limits_and_sorts(void **state)
{
	static const struct fact facts[] = {
		{"SELECT r_name FROM region ORDER BY r_regionkey LIMIT 3 OFFSET 2",
		 "Limit 3 offset 2\n"
		 "  Sort ?sort? top 5\n"
		 "    Project region.r_name, region.r_regionkey\n"
		 "      Scan tpch.region (r_regionkey, r_name)\n"},
		{"SELECT r_name FROM region LIMIT 3", "Project region.r_name\n  Limit 3\n    Scan tpch.region (r_name)\n"},
		{"SELECT count(*) FROM (SELECT * FROM region ORDER BY r_name) x",
		 "Project count\n  Aggregate: count(*)\n    Scan tpch.region (r_regionkey)\n"},
		{"SELECT r_name FROM region LEFT JOIN nation ON r_regionkey = n_regionkey LIMIT 2",
		 "Limit 2\n"
		 "  Project region.r_name\n"
		 "    Left Join on (region.r_regionkey = nation.n_regionkey) (build left)\n"
		 "      Limit 2\n"
		 "        Scan tpch.region (r_regionkey, r_name)\n"
		 "      Scan tpch.nation (n_regionkey)\n"},
	};
	(void)state;
	CHECK_FACTS(facts)
}

static void columns(void **state)
{
	static const struct fact facts[] = {
		{"SELECT count(*) FROM lineitem", "Project count\n  Aggregate: count(*)\n    Scan tpch.lineitem (l_partkey)\n"},
		{"SELECT k FROM (SELECT n_nationkey k, upper(n_name), n_comment FROM nation) x ORDER BY 1",
		 "Sort k\n  Project nation.n_nationkey\n    Scan tpch.nation (n_nationkey)\n"},
		{"SELECT c FROM (SELECT n_regionkey, count(*) c, max(n_name) m FROM nation GROUP BY 1) x",
		 "Project count\n  Aggregate by nation.n_regionkey: count(*)\n    Scan tpch.nation (n_regionkey)\n"},
	};
	(void)state;
	CHECK_FACTS(facts)
}

static void switches(void **state)
{
	struct settings s = plan_settings();
	struct plan *p;
	struct cancel *cancel = cancel_new();
	const char *text;

	(void)state;
	text = optimized_with("SELECT r_name FROM region WHERE r_regionkey = 1 + 1", "fold_constants, fold_again,push_predicates");
	assert_string_equal(text, "Project region.r_name\n  Filter (region.r_regionkey = (1 + 1))\n    Scan tpch.region "
							  "(r_regionkey, r_name)\n");
	assert_true(optimize_pass_count() >= 6);
	assert_string_equal(optimize_pass_name(0), "fold_constants");
	p = plan_bind("SELECT 1", &s);
	cancel_raise(cancel, CANCEL_USER);
	assert_false(optimize_plan(p, &s, &text_context_default, cancel, NULL, &plan_error));
	assert_string_equal(errcode_sqlstate(plan_error.code), "57014");
	cancel_free(cancel);
}

static void estimates(void **state)
{
	struct settings s = plan_settings();
	struct plan *p = plan_bind("SELECT * FROM lineitem WHERE l_returnflag = 'R'", &s);

	(void)state;
	assert_true(optimize_plan(p, &s, &text_context_default, NULL, NULL, &plan_error));
	assert_true(p->root->est.rows > 1.9e6 && p->root->est.rows < 2.1e6); /* 6 million by 3 flags */
	p = plan_bind("SELECT l_linestatus, count(*) FROM lineitem GROUP BY 1", &s);
	assert_true(optimize_plan(p, &s, &text_context_default, NULL, NULL, &plan_error));
	assert_true(p->root->est.rows == 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constants), cmocka_unit_test(predicates), cmocka_unit_test(join_orders),
		cmocka_unit_test(limits_and_sorts), cmocka_unit_test(columns), cmocka_unit_test(switches),
		cmocka_unit_test(estimates),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	mem_free(plan_mem);
	return failed;
}
