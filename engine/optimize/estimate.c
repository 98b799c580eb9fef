/*
 * Estimates: rows, widths, distinct values, from the catalog's statistics where ANALYZE has made some,
 * else PostgreSQL's customary defaults. Used for join order, build sides, and EXPLAIN.
 */
#include "engine/optimize/optimize_int.h"

#include <math.h>

#define DEFAULT_ROWS 10000.0
#define DEFAULT_DISTINCT 200.0

/* ---- columns ---- */

static enum walk gather_step(const struct rel *r, void *arg)
{
	struct estimator *x = arg;

	for (uint32_t i = 0; i < r->ncols; i++)
		if (r->cols[i].id < x->p->next_id && !x->columns[r->cols[i].id])
			x->columns[r->cols[i].id] = &r->cols[i];
	return WALK_ON;
}

void estimator_init(struct estimator *x, struct plan *p)
{
	x->p = p;
	x->m = p->mem;
	x->columns = mem_new_array(p->mem, const struct column *, p->next_id + 1);
	x->distinct = mem_new_array(p->mem, double, p->next_id + 1);
	if (p->root)
		rel_walk(p->root, gather_step, x);
}

static const struct catalog_column *catalog_column(const struct estimator *x, uint32_t id)
{
	const struct column *c = id < x->p->next_id ? x->columns[id] : NULL;

	return c && c->table && c->table_column < c->table->ncols ? &c->table->columns[c->table_column] : NULL;
}

static double table_rows(const struct catalog_table *t)
{
	return t->rows < 0 ? DEFAULT_ROWS : t->rows < 1 ? 1 : t->rows;
}

/* A unique key of one column: as many values as rows. */
static bool is_key(const struct catalog_table *t, uint32_t column)
{
	for (uint32_t k = 0; k < t->nkeys; k++)
		if ((t->keys[k].kind == KEY_PRIMARY || t->keys[k].kind == KEY_UNIQUE) && t->keys[k].ncols == 1 &&
			t->keys[k].cols[0] == column)
			return true;
	return false;
}

double estimate_distinct(struct estimator *x, const struct expr *e, double rows)
{
	double d = DEFAULT_DISTINCT;

	if (e->kind == EXPR_CONST)
		return 1;
	if (e->kind == EXPR_CAST)
		return estimate_distinct(x, e->args[0], rows);
	if (e->kind == EXPR_COLUMN) {
		const struct catalog_column *c = catalog_column(x, e->column);
		const struct column *col = e->column < x->p->next_id ? x->columns[e->column] : NULL;
		if (c && c->has_statistics && c->distinct > 0)
			d = c->distinct;
		else if (c && c->has_statistics && c->distinct < 0)
			d = -c->distinct * table_rows(col->table);
		else if (c && is_key(col->table, col->table_column))
			d = table_rows(col->table);
		else if (c)
			d = table_rows(col->table) / 10;
	}
	if (e->type.id == TYPE_BOOL)
		d = 2;
	if (d > rows)
		d = rows;
	return d < 1 ? 1 : d;
}

/* ---- selectivity ---- */

static double as_double(const struct value *v)
{
	switch (type_phys(v->type)) {
	case PHYS_I32:
		return v->i32;
	case PHYS_I64:
		return v->type.id == TYPE_NUMERIC ? (double)v->i64 / pow(10, v->type.scale) : (double)v->i64;
	case PHYS_I128:
		return v->type.id == TYPE_NUMERIC ? (double)v->i128 / pow(10, v->type.scale) : (double)v->i128;
	case PHYS_F64:
		return v->f64;
	case PHYS_NUM:
		return (double)v->num.coef / pow(10, v->num.scale);
	case PHYS_BOOL:
	case PHYS_INTERVAL:
	case PHYS_STR:
	case PHYS_COUNT:
		return NAN;
	}
	return NAN;
}

/* Part of the column's values below the constant, by its least and greatest value; NAN: unknown. */
static double part_below(struct estimator *x, const struct expr *column, const struct value *v)
{
	const struct catalog_column *c = catalog_column(x, column->column);
	struct value low, high;
	double a, b, k;

	if (!c || !c->has_statistics || !c->min || !c->max ||
		!value_parse(x->m, c->type, str_of(c->min), &text_context_default, &low, NULL) ||
		!value_parse(x->m, c->type, str_of(c->max), &text_context_default, &high, NULL))
		return NAN;
	a = as_double(&low);
	b = as_double(&high);
	k = as_double(v);
	if (isnan(a) || isnan(b) || isnan(k) || c->type.id != v->type.id)
		return NAN;
	if (b <= a)
		return k >= b ? 1 : 0;
	k = (k - a) / (b - a);
	return k < 0 ? 0 : k > 1 ? 1 : k;
}

static double inequality(struct estimator *x, const struct expr *e)
{
	uint32_t i = e->args[0]->kind == EXPR_COLUMN ? 0 : 1;
	bool less = (e->fn->name[0] == '<') == (i == 0);
	double below;

	if (e->args[i]->kind != EXPR_COLUMN || e->args[1 - i]->kind != EXPR_CONST || e->args[1 - i]->value.is_null)
		return 1.0 / 3;
	below = part_below(x, e->args[i], &e->args[1 - i]->value);
	if (isnan(below))
		return 1.0 / 3;
	below = less ? below : 1 - below;
	return below < 0.0001 ? 0.0001 : below;
}

static double not_null_part(struct estimator *x, const struct expr *e)
{
	const struct catalog_column *c = e->kind == EXPR_COLUMN ? catalog_column(x, e->column) : NULL;

	return c && c->has_statistics ? 1 - c->null_fraction : 1;
}

static double call_selectivity(struct estimator *x, const struct expr *e, double rows)
{
	const char *n = e->fn->name;

	if (e->fn->kind != FUNC_OPERATOR || e->nargs != 2)
		return 1.0 / 3;
	if (strcmp(n, "=") == 0) {
		double a = estimate_distinct(x, e->args[0], rows), b = estimate_distinct(x, e->args[1], rows);
		return (a > b ? 1 / a : 1 / b) * not_null_part(x, e->args[0]);
	}
	if (strcmp(n, "<>") == 0)
		return 1 - 1 / estimate_distinct(x, e->args[0], rows);
	if (strcmp(n, "<") == 0 || strcmp(n, "<=") == 0 || strcmp(n, ">") == 0 || strcmp(n, ">=") == 0)
		return inequality(x, e);
	if (n[0] == '~')
		return 0.05;
	if (n[0] == '!')
		return 0.95;
	return 1.0 / 3;
}

/* Equalities between columns of two tables are seldom independent (the parts of one key): the most selective
 * counts in full, each further one by a root more. */
double estimate_conjuncts(struct estimator *x, struct expr *const *list, uint32_t n, double rows)
{
	double s = 1, keys[8];
	uint32_t nkeys = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct expr *e = list[i];
		double one = estimate_selectivity(x, e, rows);
		bool key = e->kind == EXPR_CALL && e->nargs == 2 && strcmp(e->fn->name, "=") == 0 &&
				   e->args[0]->kind != EXPR_CONST && e->args[1]->kind != EXPR_CONST;
		if (!key || nkeys == ARRAY_LEN(keys)) {
			s *= one;
			continue;
		}
		uint32_t at = nkeys++;
		for (; at > 0 && keys[at - 1] > one; at--)
			keys[at] = keys[at - 1];
		keys[at] = one;
	}
	for (uint32_t i = 0; i < nkeys; i++)
		s *= pow(keys[i], 1.0 / (1u << i));
	return s;
}

double estimate_selectivity(struct estimator *x, const struct expr *e, double rows)
{
	double s = 1;

	switch (e->kind) {
	case EXPR_CONST:
		return e->value.is_null || (e->type.id == TYPE_BOOL && !e->value.b) ? 0 : 1;
	case EXPR_AND:
		return estimate_conjuncts(x, e->args, e->nargs, rows);
	case EXPR_OR:
		for (uint32_t i = 0; i < e->nargs; i++)
			s *= 1 - estimate_selectivity(x, e->args[i], rows);
		return 1 - s;
	case EXPR_NOT:
		s = 1 - estimate_selectivity(x, e->args[0], rows);
		return s < 0.001 ? 0.001 : s;
	case EXPR_IS_TRUE:
		return estimate_selectivity(x, e->args[0], rows);
	case EXPR_IS_NULL:
		s = 1 - not_null_part(x, e->args[0]);
		return s > 0 ? s : 0.005;
	case EXPR_IN:
		s = (e->nargs - 1) / estimate_distinct(x, e->args[0], rows);
		return s > 0.9 ? 0.9 : s;
	case EXPR_CALL:
		return call_selectivity(x, e, rows);
	case EXPR_COLUMN:
		return 0.5;
	case EXPR_DISTINCT:
		return 0.9;
	case EXPR_PARAM:
	case EXPR_CAST:
	case EXPR_CASE:
	case EXPR_COALESCE:
	case EXPR_NULLIF:
	case EXPR_GREATEST:
	case EXPR_LEAST:
	case EXPR_AGG:
	case EXPR_WINDOW:
	case EXPR_SUBQUERY:
		return 1.0 / 3;
	}
	UNREACHABLE();
}

/* ---- nodes ---- */

double estimate_width(const struct rel *r)
{
	double width = 0;

	for (uint32_t i = 0; i < r->ncols; i++) {
		const struct column *c = &r->cols[i];
		bool plain = c->table && c->table_column < c->table->ncols;
		const struct catalog_column *k = plain ? &c->table->columns[c->table_column] : NULL;
		if (k && k->has_statistics && k->width > 0)
			width += k->width;
		else
			width += type_phys(c->type) == PHYS_STR ? 24 : (double)phys_size(type_phys(c->type));
	}
	return width;
}

static double group_rows(struct estimator *x, const struct rel *r, double in)
{
	double n = 1;

	for (uint32_t i = 0; i < r->agg.ngroups; i++)
		n *= estimate_distinct(x, r->agg.groups[i], in);
	if (r->agg.nsets)
		n *= r->agg.nsets > 1 ? 1.5 : 1;
	return n > in && r->agg.ngroups ? in : n;
}

static double join_rows(struct estimator *x, const struct rel *r, double left, double right)
{
	double larger = left > right ? left : right, all;

	all = left * right * (r->join.condition ? estimate_selectivity(x, r->join.condition, larger) : 1);
	if (all < 1)
		all = 1;
	switch (r->join.kind) {
	case JOIN_INNER:
		return all;
	case JOIN_LEFT:
		return all > left ? all : left;
	case JOIN_RIGHT:
		return all > right ? all : right;
	case JOIN_FULL:
		return all > left + right ? all : left + right;
	case JOIN_SEMI:
		return all < left ? all : left;
	case JOIN_ANTI:
		return all < left ? left - all + 1 : left * 0.1 + 1;
	case JOIN_MARK:
	case JOIN_SINGLE:
		return left;
	}
	UNREACHABLE();
}

static double constant_of(const struct expr *e, double otherwise)
{
	return e && e->kind == EXPR_CONST && !e->value.is_null && e->type.id == TYPE_INT8 ? (double)e->value.i64 : otherwise;
}

static double limit_rows(const struct rel *r, double in)
{
	double offset = constant_of(r->limit.offset, 0), limit = constant_of(r->limit.limit, r->limit.limit ? in / 10 : in);

	in = in > offset ? in - offset : 0;
	return limit < in ? limit : in;
}

static double node_rows(struct estimator *x, const struct rel *r, const double *in)
{
	double n = 0;

	switch (r->kind) {
	case REL_SCAN:
		n = table_rows(r->scan.table);
		return r->scan.predicate ? n * estimate_selectivity(x, r->scan.predicate, n) : n;
	case REL_VIRTUAL:
		return 200;
	case REL_VALUES:
		return r->values.nrows;
	case REL_FILTER:
		return in[0] * estimate_selectivity(x, r->filter.predicate, in[0]);
	case REL_PROJECT:
	case REL_WINDOW:
	case REL_CTE:
		return in[0];
	case REL_SORT:
		return r->sort.limit >= 0 && (double)r->sort.limit < in[0] ? (double)r->sort.limit : in[0];
	case REL_JOIN:
		return join_rows(x, r, in[0], in[1]);
	case REL_AGGREGATE:
		return group_rows(x, r, in[0]);
	case REL_LIMIT:
		return limit_rows(r, in[0]);
	case REL_SETOP:
		if (r->setop.kind == SETOP_UNION || r->setop.kind == SETOP_UNION_ALL) {
			for (uint32_t i = 0; i < r->nin; i++)
				n += in[i];
			return r->setop.kind == SETOP_UNION ? n * 0.9 : n;
		}
		return in[0] * 0.5;
	case REL_CTE_SCAN:
		return r->est.rows >= 0 ? r->est.rows : DEFAULT_ROWS;
	case REL_TABLE_FN:
		return r->in[0]->ncols == 0 ? 1000 : in[0] * 10;
	case REL_SINGLE:
		return 1;
	case REL_REMOTE:
		return r->est.rows >= 0 ? r->est.rows : DEFAULT_ROWS;
	case REL_EMPTY:
		return 0;
	}
	UNREACHABLE();
}

struct cte_rows {
	uint32_t number;
	double rows;
};

static enum walk set_cte_rows(const struct rel *r, void *arg)
{
	const struct cte_rows *c = arg;

	if (r->kind == REL_CTE_SCAN && r->cte.number == c->number)
		((struct rel *)r)->est.rows = c->rows;
	return WALK_ON;
}

double estimate_rows(struct estimator *x, struct rel *r)
{
	double *in = mem_new_array(x->m, double, r->nin + 1);

	if (r->kind == REL_CTE) { /* the definition first: its scans show its rows */
		struct cte_rows c = {r->cte.number, 0};
		in[1] = c.rows = estimate_rows(x, r->in[1]);
		rel_walk(r->in[0], set_cte_rows, &c);
		in[0] = estimate_rows(x, r->in[0]);
	} else {
		for (uint32_t i = 0; i < r->nin; i++)
			in[i] = estimate_rows(x, r->in[i]);
	}
	r->est.rows = node_rows(x, r, in);
	if (r->est.rows < 1 && r->kind != REL_EMPTY && r->kind != REL_VALUES && r->kind != REL_LIMIT)
		r->est.rows = 1;
	r->est.width = estimate_width(r);
	return r->est.rows;
}

void optimize_estimate(struct plan *p, struct rel *r)
{
	struct estimator x;

	estimator_init(&x, p);
	(void)estimate_rows(&x, r);
}
