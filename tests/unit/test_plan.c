/* Sets of ids, expressions, relational nodes and plan_verify. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/plan_of.h"

static struct mem *m;

static int open_mem(void **state)
{
	(void)state;
	m = mem_new(NULL, MEM_PLAN, "test", 0);
	return 0;
}
static int close_mem(void **state)
{
	(void)state;
	mem_free(m);
	return 0;
}

static void sets(void **state)
{
	struct idset a = {0, NULL}, b = {0, NULL};

	(void)state;
	assert_true(idset_is_empty(&a));
	assert_true(idset_covers(&a, &b));
	idset_add(&a, 3, m);
	idset_add(&a, 300, m);
	assert_true(idset_has(&a, 3) && idset_has(&a, 300));
	assert_false(idset_has(&a, 4) || idset_has(&a, 100000));
	assert_true(idset_covers(&a, &b));
	assert_false(idset_meets(&a, &b));
	idset_add(&b, 300, m);
	assert_true(idset_covers(&a, &b) && idset_meets(&a, &b));
	assert_false(idset_covers(&b, &a));
	idset_add_all(&b, &a, m);
	assert_true(idset_covers(&b, &a));
}

static struct expr *column(uint32_t id)
{
	return expr_column(m, id, type_make(TYPE_INT4), -1);
}
static struct expr *is_null(struct expr *x)
{
	struct expr *e = expr_new(m, EXPR_IS_NULL, type_make(TYPE_BOOL), 1, -1);

	e->args[0] = x;
	return e;
}

static void conjunctions(void **state)
{
	struct expr *list[3] = {is_null(column(1)), is_null(column(2)), is_null(column(3))}, *two, *all, **split;

	(void)state;
	assert_null(expr_and(m, list, 0));
	assert_ptr_equal(expr_and(m, list, 1), list[0]);
	two = expr_and(m, list, 2);
	all = expr_and(m, (struct expr *[]){two, list[2]}, 2);
	assert_int_equal(all->nargs, 3); /* flattened */
	assert_int_equal(expr_conjuncts(m, all, &split), 3);
	assert_ptr_equal(split[2], list[2]);
	assert_int_equal(expr_conjuncts(m, NULL, &split), 0);
}

static void equality_and_copies(void **state)
{
	struct expr *a = is_null(column(1)), *b = expr_copy(m, a), *c = is_null(column(2));

	(void)state;
	assert_true(expr_equal(a, b));
	assert_ptr_not_equal(a->args[0], b->args[0]);
	assert_false(expr_equal(a, c));
	assert_false(expr_equal(expr_const(m, value_int4(1), -1), expr_const(m, value_int4(2), -1)));
	assert_false(expr_equal(expr_const(m, value_int4(1), -1), expr_const(m, value_int8(1), -1)));
	assert_true(expr_is_constant(expr_const(m, value_int4(1), -1)));
	assert_false(expr_is_constant(a));
}

static struct expr *to_nine(struct expr *e, void *arg)
{
	(void)arg;
	return e->kind == EXPR_COLUMN && e->column == 1 ? column(9) : e;
}

static void rewriting_shares_what_is_unchanged(void **state)
{
	struct expr *list[2] = {is_null(column(1)), is_null(column(2))}, *both = expr_and(m, list, 2), *done;
	struct idset ids = {0, NULL};

	(void)state;
	done = expr_rewrite(m, both, to_nine, NULL);
	assert_ptr_not_equal(done, both);
	assert_ptr_equal(done->args[1], both->args[1]);
	assert_int_equal(both->args[0]->args[0]->column, 1); /* the old one stays */
	expr_columns(done, &ids, m);
	assert_true(idset_has(&ids, 9) && idset_has(&ids, 2) && !idset_has(&ids, 1));
	assert_ptr_equal(expr_rewrite(m, list[1], to_nine, NULL), list[1]);
}

static bool verified(struct plan *p, const char *says)
{
	struct err e;

	err_clear(&e);
	if (plan_verify(p, &e))
		return says == NULL;
	assert_int_equal(e.code, ERR_INTERNAL);
	if (!says || !strstr(e.message, says))
		print_message("%s\n", e.message);
	return says && strstr(e.message, says);
}

/* Each break of a rule is found: a good plan, changed in one place. */
static void verify_finds_what_a_pass_breaks(void **state)
{
	struct settings s = plan_settings();
	struct plan *p;
	struct rel *project, *filter, *scan;

	(void)state;
	p = plan_bind("SELECT r_name FROM region WHERE r_regionkey > 1", &s);
	assert_non_null(p);
	project = p->root;
	filter = project->in[0];
	scan = filter->in[0];
	assert_true(verified(p, NULL));

	project->project.exprs[0] = expr_column(p->mem, 4000, type_make(TYPE_BPCHAR), -1);
	assert_true(verified(p, "uses a column that no input makes"));
	project->project.exprs[0] = expr_column(p->mem, scan->cols[0].id, type_make(TYPE_TEXT), -1);
	assert_true(verified(p, "another type"));
	project->project.exprs[0] = expr_column(p->mem, scan->cols[1].id, scan->cols[1].type, -1);
	assert_true(verified(p, NULL));

	project->cols[0].id = scan->cols[0].id;
	assert_true(verified(p, "another node has made"));
	project->cols[0].id = p->next_id + 5;
	assert_true(verified(p, "never given out"));
	project->cols[0].id = p->next_id - 1;

	filter->ncols--;
	assert_true(verified(p, "wrong number of columns"));
	filter->ncols++;
	filter->filter.predicate = expr_const(p->mem, value_int4(1), -1);
	assert_true(verified(p, "not boolean"));
	filter->filter.predicate = expr_bool(p->mem, true);
	assert_true(verified(p, NULL));

	scan->scan.columns[0] = 77;
	assert_true(verified(p, "table does not have"));
	scan->scan.columns[0] = 0;
	p->nguards = 0;
	assert_true(verified(p, "outside the access proof"));
}

static enum walk count_rels(const struct rel *r, void *arg)
{
	(void)r;
	++*(int *)arg;
	return WALK_ON;
}

static void walks_enter_subqueries(void **state)
{
	struct settings s = plan_settings();
	struct plan *p = plan_bind("SELECT 1 FROM region WHERE r_regionkey = (SELECT max(n_nationkey) FROM nation)", &s);
	int n = 0;

	(void)state;
	assert_non_null(p);
	rel_walk(p->root, count_rels, &n);
	assert_int_equal(n, 6); /* project, filter, scan; project, aggregate, scan */
}

static void borrowed_columns(void **state)
{
	struct settings s = plan_settings();
	struct plan *p = plan_bind("SELECT r_name FROM region WHERE r_regionkey > 1", &s);
	struct idset ids = {0, NULL};

	(void)state;
	rel_free_columns(p->root, &ids, p->mem);
	assert_true(idset_is_empty(&ids));
	p->root->in[0]->filter.predicate = is_null(expr_column(p->mem, 500, type_make(TYPE_INT4), -1));
	rel_free_columns(p->root, &ids, p->mem);
	assert_true(idset_has(&ids, 500));
}

static void deep_copies(void **state)
{
	struct settings s = plan_settings();
	struct plan *p = plan_bind("SELECT r_name, count(*) FROM region GROUP BY 1 ORDER BY 2 LIMIT 3", &s);
	struct rel *c = rel_copy(p->mem, p->root);
	const char *before = plan_text(p);

	(void)state;
	p->root->limit.limit->value.i64 = 99;
	p->root->in[0]->sort.keys[0].descending = true;
	p->root = c;
	assert_string_equal(before, plan_text(p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sets, open_mem, close_mem),
		cmocka_unit_test_setup_teardown(conjunctions, open_mem, close_mem),
		cmocka_unit_test_setup_teardown(equality_and_copies, open_mem, close_mem),
		cmocka_unit_test_setup_teardown(rewriting_shares_what_is_unchanged, open_mem, close_mem),
		cmocka_unit_test_setup_teardown(verify_finds_what_a_pass_breaks, open_mem, close_mem),
		cmocka_unit_test_setup_teardown(walks_enter_subqueries, open_mem, close_mem),
		cmocka_unit_test_setup_teardown(borrowed_columns, open_mem, close_mem),
		cmocka_unit_test_setup_teardown(deep_copies, open_mem, close_mem),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	mem_free(plan_mem);
	return failed;
}
