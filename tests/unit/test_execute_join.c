/* Joins of every kind against a nested loop written out here: keys with NULLs and duplicates, conditions
 * besides equality, none at all, either side built. */
#include "tests/unit/execute_plans.h"

#define ROWS 60
struct row {
	int k, v; /* -1 = NULL */
};
static struct row left_rows[ROWS], right_rows[ROWS];
static int nleft, nright;
static unsigned seed;

static int dice(int n)
{
	seed = seed * 1103515245u + 12345u;
	return (int)((seed >> 16) % (unsigned)n);
}
static struct rel *make_side(struct row *rows, int n, int spread)
{
	struct expr **cells = mem_new_array(M, struct expr *, 2 * ROWS);

	for (int i = 0; i < n; i++) {
		rows[i].k = dice(10) == 0 ? -1 : dice(spread);
		rows[i].v = i;
		cells[2 * i] = rows[i].k < 0 ? null_of(INT4) : num4(rows[i].k);
		cells[2 * i + 1] = num4(rows[i].v);
	}
	return values((uint32_t)n, 2, cells);
}

enum condition { ON_KEY, ON_KEY_AND_LESS, ON_LESS, ON_NOTHING, ON_NULL_SAFE, CONDITIONS };

/* 1 true, 0 false, -1 unknown */
static int holds(enum condition c, struct row a, struct row b)
{
	int equal = a.k < 0 || b.k < 0 ? -1 : a.k == b.k;
	int less = a.v % 7 < b.v % 7;

	switch (c) {
	case ON_KEY:
		return equal;
	case ON_KEY_AND_LESS:
		return !less ? 0 : equal;
	case ON_LESS:
		return less;
	case ON_NOTHING:
		return 1;
	case ON_NULL_SAFE:
		return a.k == b.k;
	case CONDITIONS:
		break;
	}
	return 0;
}
static struct expr *condition_of(enum condition c, struct rel *l, struct rel *r)
{
	struct expr *equal = op2("=", col(l, 0), col(r, 0));
	struct expr *less = op2("<", op2("%", col(l, 1), num4(7)), op2("%", col(r, 1), num4(7)));

	switch (c) {
	case ON_KEY:
		return equal;
	case ON_KEY_AND_LESS:
		return list_expr(EXPR_AND, BOOL, 2, equal, less);
	case ON_LESS:
		return less;
	case ON_NOTHING:
	case CONDITIONS:
		return NULL;
	case ON_NULL_SAFE:
		return list_expr(EXPR_NOT, BOOL, 1, list_expr(EXPR_DISTINCT, BOOL, 2, col(l, 0), col(r, 0)));
	}
	return NULL;
}

static void add_value(struct strbuf *b, int v, const char *end)
{
	if (v < 0)
		strbuf_adds(b, "-");
	else
		strbuf_addf(b, "%d", v);
	strbuf_adds(b, end);
}
static void add_row(struct strbuf *b, const struct row *l, const struct row *r, const char *mark)
{
	if (l) {
		add_value(b, l->k, " ");
		add_value(b, l->v, mark ? "" : " ");
	} else {
		strbuf_adds(b, "- - ");
	}
	if (mark) {
		strbuf_addf(b, "%s|", mark);
	} else if (r) {
		add_value(b, r->k, " ");
		add_value(b, r->v, "|");
	} else {
		strbuf_adds(b, "- -|");
	}
}

/* What SQL says; false: error 21000. */
static bool reference(enum join_kind kind, enum condition c, bool null_aware, struct strbuf *out)
{
	bool right_matched[ROWS] = {false};

	for (int i = 0; i < nleft; i++) {
		int matches = 0, unknown = 0;
		for (int j = 0; j < nright; j++) {
			int h = holds(c, left_rows[i], right_rows[j]);
			unknown += h < 0;
			if (h != 1)
				continue;
			matches++;
			right_matched[j] = true;
			if (kind <= JOIN_FULL || kind == JOIN_SINGLE)
				add_row(out, &left_rows[i], &right_rows[j], NULL);
		}
		if (kind == JOIN_SINGLE && matches > 1)
			return false;
		if (!matches && (kind == JOIN_LEFT || kind == JOIN_FULL || kind == JOIN_SINGLE))
			add_row(out, &left_rows[i], NULL, NULL);
		if ((kind == JOIN_SEMI && matches) || (kind == JOIN_ANTI && !matches && !(null_aware && unknown)))
			add_row(out, &left_rows[i], NULL, "");
		if (kind == JOIN_MARK)
			add_row(out, &left_rows[i], NULL, matches ? " t" : null_aware && unknown ? " -" : " f");
	}
	for (int j = 0; j < nright; j++)
		if (!right_matched[j] && (kind == JOIN_RIGHT || kind == JOIN_FULL))
			add_row(out, NULL, &right_rows[j], NULL);
	return true;
}

static struct rel *join(struct rel *l, struct rel *r, enum join_kind kind, struct expr *condition)
{
	struct rel *j = rel_new(M, REL_JOIN, 2);
	bool left_only = kind == JOIN_SEMI || kind == JOIN_ANTI || kind == JOIN_MARK;

	j->in[0] = l;
	j->in[1] = r;
	j->join.kind = kind;
	j->join.condition = condition;
	set_cols(j, l->ncols + (left_only ? kind == JOIN_MARK : r->ncols));
	memcpy(j->cols, l->cols, l->ncols * sizeof *l->cols);
	if (kind == JOIN_MARK)
		add_col(j, l->ncols, BOOL);
	else if (!left_only)
		memcpy(j->cols + l->ncols, r->cols, r->ncols * sizeof *r->cols);
	return j;
}

static void compare(struct rel *l, struct rel *r, enum join_kind kind, enum condition c)
{
	for (int variant = 0; variant < 3; variant++) {
		struct rel *j = join(l, r, kind, condition_of(c, l, r));
		struct strbuf want;
		bool fine;

		j->join.build_left = variant == 1;
		j->join.null_aware = variant == 2;
		if (variant == 2 && kind != JOIN_ANTI && kind != JOIN_MARK)
			continue;
		strbuf_init(&want, 0);
		fine = reference(kind, c, j->join.null_aware, &want);
		check(j, false, fine ? strbuf_str(&want).data : "21000", 10000 + variant * 1000 + (int)kind * 100 + (int)c);
		strbuf_release(&want);
	}
}

static void every_kind(struct rel *l, struct rel *r)
{
	for (int kind = JOIN_INNER; kind <= JOIN_SINGLE; kind++)
		for (int c = 0; c < CONDITIONS; c++)
			compare(l, r, (enum join_kind)kind, (enum condition)c);
}

static void small_joins(void **state)
{
	(void)state;
	static const int sizes[][3] = {{12, 9, 6}, {5, 0, 3}, {0, 5, 3}, {ROWS, 7, 40}, {1, 1, 1}, {20, 25, 300}};
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct rel *l, *r;
		seed = (unsigned)i * 77 + 1;
		nleft = sizes[i][0];
		nright = sizes[i][1];
		l = make_side(left_rows, nleft, sizes[i][2]);
		r = make_side(right_rows, nright, sizes[i][2]);
		every_kind(l, r);
	}
}

static void long_chains(void **state)
{
	struct rel *l = series(3000, 3), *r = series(1000, 1), *j;
	(void)state;

	/* every left row with k = 0 meets 1,000 rows: 1,000,000 pairs, counted through a filter */
	j = join(l, r, JOIN_INNER, op2("=", col(l, 0), col(r, 0)));
	j = filter(j, op2("=", op2("+", col(l, 1), col(r, 1)), num4(3)));
	CHECK(j, "0 0 0 3|0 3 0 0|");
}

static void text_keys_and_expressions(void **state)
{
	struct rel *l = table("it", "1 hợp|2 lưu|3 a-text-longer-than-twelve-bytes|4 -");
	struct rel *r = table("ti", "lưu 20|a-text-longer-than-twelve-bytes 30|a-text-longer-than-twelve-bytez 31|- 40");
	struct rel *j = join(l, r, JOIN_FULL, op2("=", col(l, 1), col(r, 0)));
	(void)state;

	CHECK(j, "1 hợp - -|2 lưu lưu 20|3 a-text-longer-than-twelve-bytes a-text-longer-than-twelve-bytes 30|"
			 "4 - - -|- - a-text-longer-than-twelve-bytez 31|- - - 40|");
	j = join(l, r, JOIN_INNER, op2("=", op2("*", col(l, 0), num4(10)), col(r, 1)));
	CHECK(project(j, 2, col(l, 0), col(r, 1)), "2 20|3 30|4 40|");
	j = join(l, r, JOIN_INNER, list_expr(EXPR_AND, BOOL, 2, op2("=", op2("*", col(l, 0), num4(10)), col(r, 1)), op2("=", col(l, 1), col(r, 0))));
	CHECK(limit(project(j, 1, col(l, 0)), 5, 0), "2|3|");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define UNIT(f) cmocka_unit_test_setup_teardown(f, plans_setup, plans_teardown)
		UNIT(small_joins), UNIT(long_chains), UNIT(text_keys_and_expressions),
	};
	return cmocka_run_group_tests(tests, NULL, plans_end);
}
