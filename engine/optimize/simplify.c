/*
 * Shape: projections over projections become one, nodes over an empty input become empty, sorts whose
 * order nobody sees go away. Bottom-up, one node at a time.
 */
#include "engine/optimize/optimize_int.h"

/* ---- projections ---- */

struct uses {
	const struct rel *r;
	uint32_t *count; /* per output column of r */
};

static enum walk count_step(const struct expr *e, void *arg)
{
	struct uses *u = arg;

	if (e->kind == EXPR_COLUMN)
		for (uint32_t i = 0; i < u->r->ncols; i++)
			u->count[i] += u->r->cols[i].id == e->column;
	return WALK_ON;
}

static bool is_simple(const struct expr *e)
{
	return e->kind == EXPR_COLUMN || e->kind == EXPR_CONST || e->kind == EXPR_PARAM;
}

/* The inner one's expressions may move up: nothing would be computed twice or change by being moved. */
static bool can_merge(struct optimizer *o, const struct rel *outer, const struct rel *inner)
{
	struct uses u = {inner, mem_new_array(o->m, uint32_t, inner->ncols + 1)};

	for (uint32_t i = 0; i < outer->ncols; i++)
		expr_walk(outer->project.exprs[i], count_step, &u);
	for (uint32_t i = 0; i < inner->ncols; i++) {
		const struct expr *x = inner->project.exprs[i];
		if (is_simple(x))
			continue;
		if (u.count[i] > 1 || expr_volatility(x) == FUNC_VOLATILE || expr_has_subquery(x))
			return false;
	}
	return true;
}

static struct rel *merge_project(struct optimizer *o, struct rel *r)
{
	struct rel *inner = r->in[0], *c;

	if (inner->kind != REL_PROJECT || is_guard_node(inner) || !can_merge(o, r, inner))
		return r;
	c = rel_copy_node(o->m, r);
	c->in[0] = inner->in[0];
	for (uint32_t i = 0; i < c->ncols; i++)
		c->project.exprs[i] = substitute(o, c->project.exprs[i], inner, inner->project.exprs);
	return c;
}

/* ---- empty inputs ---- */

static struct rel *drop_empty_join(struct optimizer *o, struct rel *r)
{
	bool left = r->in[0]->kind == REL_EMPTY, right = r->in[1]->kind == REL_EMPTY;

	switch (r->join.kind) {
	case JOIN_INNER:
		return left || right ? make_empty(o, r) : r;
	case JOIN_SEMI:
		return left || right ? make_empty(o, r) : r;
	case JOIN_LEFT:
	case JOIN_SINGLE:
	case JOIN_MARK:
		return left ? make_empty(o, r) : r;
	case JOIN_ANTI:
		return left ? make_empty(o, r) : right ? r->in[0] : r;
	case JOIN_RIGHT:
		return right ? make_empty(o, r) : r;
	case JOIN_FULL:
		return left && right ? make_empty(o, r) : r;
	}
	UNREACHABLE();
}

static struct rel *drop_empty_arms(struct optimizer *o, struct rel *r)
{
	struct rel *c;
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->nin; i++)
		n += r->in[i]->kind != REL_EMPTY;
	if (n == 0)
		return make_empty(o, r);
	if ((r->setop.kind != SETOP_UNION && r->setop.kind != SETOP_UNION_ALL) || n == r->nin || n < 2)
		return r;
	c = rel_copy_node(o->m, r);
	c->nin = 0;
	for (uint32_t i = 0; i < r->nin; i++)
		if (r->in[i]->kind != REL_EMPTY)
			c->in[c->nin++] = r->in[i];
	return c;
}

static struct rel *drop_empty(struct optimizer *o, struct rel *r)
{
	switch (r->kind) {
	case REL_FILTER:
	case REL_PROJECT:
	case REL_SORT:
	case REL_LIMIT:
	case REL_WINDOW:
	case REL_TABLE_FN:
		return r->in[0]->kind == REL_EMPTY ? make_empty(o, r) : r;
	case REL_AGGREGATE:
		/* with an empty grouping set there is a row even so */
		return r->in[0]->kind == REL_EMPTY && r->agg.ngroups && !r->agg.nsets ? make_empty(o, r) : r;
	case REL_JOIN:
		return drop_empty_join(o, r);
	case REL_SETOP:
		return drop_empty_arms(o, r);
	case REL_SCAN:
	case REL_VIRTUAL:
	case REL_VALUES:
	case REL_CTE:
	case REL_CTE_SCAN:
	case REL_SINGLE:
	case REL_REMOTE:
	case REL_EMPTY:
		return r;
	}
	UNREACHABLE();
}

/* ---- sorts ---- */

/* Without the sort at its top (below projections and filters), when there is one. */
static struct rel *unsorted(struct optimizer *o, struct rel *r)
{
	struct rel *below, *c;

	if (r->kind == REL_SORT && r->sort.limit < 0)
		return unsorted(o, r->in[0]);
	if ((r->kind != REL_PROJECT && r->kind != REL_FILTER) || is_guard_node(r))
		return r;
	below = unsorted(o, r->in[0]);
	if (below == r->in[0])
		return r;
	c = rel_copy_node(o->m, r);
	c->in[0] = below;
	return c;
}

static bool order_matters(const struct rel *r)
{
	for (uint32_t i = 0; i < r->agg.naggs; i++)
		if ((r->agg.aggs[i]->agg.fn->flags & FUNC_ORDER_MATTERS) && !r->agg.aggs[i]->agg.norder)
			return true;
	return false;
}

static struct rel *drop_sorts(struct optimizer *o, struct rel *r)
{
	struct rel *c = r;
	bool all = r->kind == REL_JOIN || (r->kind == REL_SETOP && r->setop.kind != SETOP_UNION_ALL) ||
			   (r->kind == REL_SORT) || (r->kind == REL_AGGREGATE && !order_matters(r));

	if (!all)
		return r;
	for (uint32_t i = 0; i < r->nin; i++) {
		struct rel *x = unsorted(o, r->in[i]);
		if (x == r->in[i])
			continue;
		if (c == r)
			c = rel_copy_node(o->m, r);
		c->in[i] = x;
	}
	return c;
}

static struct rel *simplify(struct rel *r, void *arg)
{
	struct optimizer *o = arg;

	r = drop_empty(o, r);
	r = drop_sorts(o, r);
	return r->kind == REL_PROJECT ? merge_project(o, r) : r;
}

bool pass_simplify_plan(struct optimizer *o)
{
	o->p->root = refresh_tree(o, rel_rewrite(o->m, o->p->root, simplify, o));
	return true;
}
