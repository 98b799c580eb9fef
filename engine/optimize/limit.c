/*
 * LIMIT moves down: into a sort (top-N), below projections, into the arms of UNION ALL and the row-keeping
 * side of left joins. The limit itself stays where it was, since it alone knows the offset.
 */
#include "engine/optimize/optimize_int.h"

/* limit + offset when both are known; -1 = not. */
static int64_t wanted_rows(const struct rel *r)
{
	int64_t n;

	if (!r->limit.limit || r->limit.with_ties || r->limit.limit->kind != EXPR_CONST || r->limit.limit->value.is_null)
		return -1;
	n = r->limit.limit->value.i64;
	if (n < 0)
		return -1;
	if (!r->limit.offset)
		return n;
	if (r->limit.offset->kind != EXPR_CONST || r->limit.offset->value.is_null || r->limit.offset->value.i64 < 0 ||
		__builtin_add_overflow(n, r->limit.offset->value.i64, &n))
		return -1;
	return n;
}

/* r, of which only the first n rows will be looked at. */
static struct rel *limited(struct optimizer *o, struct rel *r, int64_t n)
{
	struct rel *c;
	int64_t inner;

	switch (r->kind) {
	case REL_SORT:
		if (r->sort.limit >= 0 && r->sort.limit <= n)
			return r;
		c = rel_copy_node(o->m, r);
		c->sort.limit = n;
		return c;
	case REL_PROJECT:
		c = rel_copy_node(o->m, r);
		c->in[0] = limited(o, r->in[0], n);
		return c;
	case REL_SETOP:
		if (r->setop.kind != SETOP_UNION_ALL || r->setop.recursion)
			return r;
		c = rel_copy_node(o->m, r);
		for (uint32_t i = 0; i < r->nin; i++)
			c->in[i] = limited(o, r->in[i], n);
		return c;
	case REL_JOIN:
		if (r->join.kind != JOIN_LEFT && r->join.kind != JOIN_SINGLE && r->join.kind != JOIN_MARK)
			return r;
		c = rel_copy_node(o->m, r);
		c->in[0] = limited(o, r->in[0], n);
		return c;
	case REL_LIMIT:
		inner = wanted_rows(r);
		return inner >= 0 && inner <= n ? r : make_limit(o, r, n);
	case REL_SCAN:
	case REL_FILTER:
	case REL_VIRTUAL:
	case REL_CTE_SCAN:
	case REL_AGGREGATE:
		return make_limit(o, r, n);
	case REL_VALUES:
	case REL_WINDOW:
	case REL_CTE:
	case REL_TABLE_FN:
	case REL_SINGLE:
	case REL_REMOTE:
	case REL_EMPTY:
		return r;
	}
	UNREACHABLE();
}

/* A projection over a limit: as good as a limit over the projection. */
static bool is_limited(const struct rel *r)
{
	while (r->kind == REL_PROJECT)
		r = r->in[0];
	return r->kind == REL_LIMIT;
}

static struct rel *limit_rel(struct rel *r, void *arg)
{
	struct optimizer *o = arg;
	int64_t n;
	struct rel *c;

	if (r->kind != REL_LIMIT)
		return r;
	n = wanted_rows(r);
	if (n == 0)
		return make_empty(o, r);
	/* directly over a plain input it is where it should be */
	if (n < 0 || (r->in[0]->kind != REL_SORT && r->in[0]->kind != REL_PROJECT && r->in[0]->kind != REL_SETOP &&
				  r->in[0]->kind != REL_JOIN))
		return r;
	c = rel_copy_node(o->m, r);
	c->in[0] = limited(o, r->in[0], n);
	return !r->limit.offset && is_limited(c->in[0]) ? c->in[0] : c;
}

bool pass_push_limits(struct optimizer *o)
{
	o->p->root = refresh_tree(o, rel_rewrite(o->m, o->p->root, limit_rel, o));
	return true;
}
