/*
 * Row conditions, masks and hidden columns, with guards made by hand: this program has its own authorize_*
 * functions in place of engine/authorize/guard.c, so that binder and optimizer meet guards which agreements
 * will make later.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/plan_of.h"

static bool readable[8];
static const char *masks[8];
static bool hide_columns, use_masks;
static const char *row_condition;

bool authorize_table(const struct catalog_snapshot *snapshot, const struct principal *who, const char *schema,
					 const char *name, const char *search_path, int pos, struct mem *m, const struct guard **out,
					 struct err *e)
{
	struct guard *g = mem_new_object(m, struct guard);

	(void)who, (void)schema, (void)search_path;
	g->table = catalog_find_table(snapshot, "tpch", name);
	if (!g->table)
		return err_at(e, pos, ERR_UNDEFINED_TABLE, "relation \"%s\" does not exist", name);
	if (strcmp(name, "customer") == 0) {
		g->readable = hide_columns ? readable : NULL;
		g->masks = use_masks ? masks : NULL;
		g->row_condition = row_condition;
	}
	*out = g;
	return true;
}
bool authorize_sees_table(const struct principal *who, const struct catalog_table *t)
{
	(void)who;
	return t != NULL;
}
bool authorize_sees_column(const struct principal *who, const struct catalog_table *t, uint32_t column)
{
	(void)who, (void)t, (void)column;
	return true;
}
bool authorize_sees_schema(const struct principal *who, const struct catalog_schema *s)
{
	(void)who;
	return s != NULL;
}
bool authorize_sees_server(const struct principal *who, const struct catalog_server *s)
{
	(void)who;
	return s != NULL;
}
bool authorize_command(const struct principal *who, enum command_class what, const char *tag, struct err *e)
{
	(void)who, (void)what, (void)tag, (void)e;
	return true;
}

static int open_guard(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(readable); i++) {
		readable[i] = true;
		masks[i] = NULL;
	}
	hide_columns = use_masks = false;
	row_condition = NULL;
	return 0;
}

static void hidden_columns_do_not_exist(void **state)
{
	(void)state;
	hide_columns = true;
	readable[4] = false; /* c_phone */
	assert_string_equal(bound("SELECT c_phone FROM customer"), "42703 at 8: column \"c_phone\" does not exist");
	assert_string_equal(plan_error.hint, "");
	assert_null(strstr(columns_of("SELECT * FROM customer"), "c_phone"));
	assert_null(strstr(bound("SELECT * FROM customer"), "c_phone"));
}

static void row_conditions_come_first(void **state)
{
	(void)state;
	row_condition = "c_nationkey = 3";
	assert_string_equal(optimized("SELECT c_custkey FROM customer"),
						"Project customer.c_custkey\n"
						"  Scan tpch.customer (c_custkey, c_nationkey) where (customer.c_nationkey = 3)\n");
	/* leak-proof: may join the guard's condition; can fail: stays above the scan */
	assert_string_equal(optimized("SELECT c_custkey FROM customer WHERE c_custkey > 5 AND 1 / (c_custkey - 7) > 0"),
						"Project customer.c_custkey\n"
						"  Filter ((1 / (customer.c_custkey - 7)) > 0)\n"
						"    Scan tpch.customer (c_custkey, c_nationkey) where ((customer.c_nationkey = 3) AND "
						"(customer.c_custkey > 5))\n");
	/* nor by way of a join, a view or a subquery */
	assert_non_null(strstr(optimized("SELECT 1 FROM nation JOIN customer ON n_nationkey = c_nationkey AND 1 / c_custkey = 1"),
						   "Filter ((1 / customer.c_custkey) = 1)\n"));
	assert_non_null(strstr(optimized("SELECT 1 FROM (SELECT c_custkey k FROM customer) x WHERE 1 / k = 1"),
						   "Filter ((1 / customer.c_custkey) = 1)\n"));
}

static void conditions_may_read_what_the_user_may_not(void **state)
{
	(void)state;
	hide_columns = true;
	readable[3] = false; /* c_nationkey */
	row_condition = "c_nationkey = 3";
	assert_string_equal(optimized("SELECT c_custkey FROM customer"),
						"Project c_custkey\n"
						"  Project customer.c_custkey\n"
						"    Scan tpch.customer (c_custkey, c_nationkey) where (customer.c_nationkey = 3)\n");
	assert_string_equal(bound("SELECT c_nationkey FROM customer"), "42703 at 8: column \"c_nationkey\" does not exist");
}

static void masks_hide_values(void **state)
{
	(void)state;
	use_masks = true;
	masks[4] = "left(c_phone, 2) || '***'";
	assert_string_equal(columns_of("SELECT c_phone FROM customer"), "c_phone text");
	/* a condition on the masked column sees the mask, and stays above it */
	assert_non_null(strstr(optimized("SELECT c_custkey FROM customer WHERE c_phone = '12***'"),
						   "Filter (c_phone = '12***')\n"
						   "    Project customer.c_custkey, (left(customer.c_phone::text, 2) || '***')"));
	/* one on another column goes to the scan */
	assert_non_null(strstr(optimized("SELECT c_phone FROM customer WHERE c_custkey = 5"),
						   "Scan tpch.customer (c_custkey, c_phone) where (customer.c_custkey = 5)"));
}

static void masks_over_conditions(void **state)
{
	const char *text;

	(void)state;
	use_masks = true;
	masks[1] = "'somebody'";
	row_condition = "c_acctbal > 0";
	text = optimized("SELECT c_name, c_custkey FROM customer WHERE c_name = 'x' AND c_custkey = 1 AND 1 / c_custkey = 1");
	assert_non_null(strstr(text, "Scan tpch.customer (c_custkey, c_acctbal) where ((customer.c_acctbal > 0.00) AND "
								 "(customer.c_custkey = 1))"));
	assert_non_null(strstr(text, "'somebody'"));
}

static void damaged_rules_tell_nothing(void **state)
{
	(void)state;
	row_condition = "secret_column = 1";
	assert_string_equal(bound("SELECT c_custkey FROM customer"),
						"XX000 at 0: the access rules of this table are damaged (42703)");
}

/* The proof lists every table read, also inside subqueries. */
static void proof_lists_all(void **state)
{
	struct settings s = plan_settings();
	struct plan *p;

	(void)state;
	p = plan_bind("SELECT 1 FROM customer, nation WHERE EXISTS (SELECT 1 FROM orders WHERE o_custkey = c_custkey)", &s);
	assert_non_null(p);
	assert_int_equal(p->nguards, 3);
	for (uint32_t i = 0; i < p->nguards; i++)
		assert_int_equal(p->guards[i]->number, i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(hidden_columns_do_not_exist, open_guard),
		cmocka_unit_test_setup(row_conditions_come_first, open_guard),
		cmocka_unit_test_setup(conditions_may_read_what_the_user_may_not, open_guard),
		cmocka_unit_test_setup(masks_hide_values, open_guard),
		cmocka_unit_test_setup(masks_over_conditions, open_guard),
		cmocka_unit_test_setup(damaged_rules_tell_nothing, open_guard),
		cmocka_unit_test_setup(proof_lists_all, open_guard),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	mem_free(plan_mem);
	return failed;
}
