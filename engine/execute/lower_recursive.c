/*
 * Lowering a recursion. The terms themselves are lowered round by round, by source_recursive.c; here is prepared what
 * they share: common table expressions of the plan around them are materialised, and so is every part of the
 * recursive term that does not depend on the working table, so that no source is asked twice.
 */
#include "engine/execute/recursive.h"
#include "engine/execute/source_recursive.h"

const struct outer_rows *outer_rows_find(const struct execution *x, uint32_t number)
{
	for (const struct outer_rows *o = x->env.outer; o; o = o->up)
		if (o->number == number)
			return o;
	return NULL;
}

/* ---- which numbers a tree makes and reads ---- */

struct numbers {
	struct mem *m;
	uint32_t *made, *read;
	size_t nmade, nread, made_cap, read_cap;
	bool is_volatile, costs;
};

static enum walk gather_rel(const struct rel *r, void *arg);

static enum walk gather_expr(const struct expr *e, void *arg)
{
	struct numbers *n = arg;

	if (e->kind == EXPR_SUBQUERY)
		(void)rel_walk(e->sub.rel, gather_rel, arg);
	return n->is_volatile ? WALK_STOP : WALK_ON;
}

static void gather_slot(struct expr **e, void *arg)
{
	struct numbers *n = arg;

	if (!*e)
		return;
	n->is_volatile |= expr_volatility(*e) == FUNC_VOLATILE;
	(void)expr_walk(*e, gather_expr, arg);
}

static enum walk gather_rel(const struct rel *r, void *arg)
{
	struct numbers *n = arg;

	if (r->kind == REL_CTE)
		MEM_PUSH(n->m, n->made, n->nmade, n->made_cap, r->cte.number);
	if (r->kind == REL_SETOP && r->setop.recursion)
		MEM_PUSH(n->m, n->made, n->nmade, n->made_cap, r->setop.recursion);
	if (r->kind == REL_CTE_SCAN)
		MEM_PUSH(n->m, n->read, n->nread, n->read_cap, r->cte.number);
	n->costs |= r->kind == REL_REMOTE || r->kind == REL_SCAN || r->kind == REL_VIRTUAL || r->kind == REL_TABLE_FN;
	rel_each_expr((struct rel *)r, gather_slot, arg); /* only reads */
	return WALK_ON;
}

static bool among(const uint32_t *list, size_t n, uint32_t number)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == number)
			return true;
	return false;
}

/* ---- parts that stay the same ---- */

struct extraction {
	struct lowering *l;
	struct recursion *g;
	struct numbers whole;   /* of the recursive term: what it makes changes from round to round */
	bool ok;
};

static void add_outer(struct extraction *x, uint32_t number, const struct rel *definition, struct op *sink)
{
	struct outer_rows *o = mem_new_object(x->l->x->mem, struct outer_rows);

	*o = (struct outer_rows){.number = number, .definition = definition, .sink = sink, .up = x->g->outer};
	x->g->outer = o;
	op_depend(x->g->op, sink);
}

static bool is_invariant(struct extraction *x, const struct rel *r)
{
	struct numbers n = {.m = x->l->x->mem};
	struct idset borrowed = {0, NULL};

	(void)rel_walk(r, gather_rel, &n);
	if (n.is_volatile || !n.costs)
		return false;
	for (size_t i = 0; i < n.nread; i++)
		if (!among(n.made, n.nmade, n.read[i]) &&
			(n.read[i] == x->g->node->setop.recursion || among(x->whole.made, x->whole.nmade, n.read[i])))
			return false;
	rel_free_columns(r, &borrowed, x->l->x->mem);
	return idset_is_empty(&borrowed);
}

static struct rel *extract(struct extraction *x, struct rel *r);

static struct expr *extract_expr(struct expr *e, void *arg)
{
	struct extraction *x = arg;
	struct expr *c;

	if (e->kind != EXPR_SUBQUERY)
		return e;
	c = mem_dup(x->l->x->mem, e, sizeof *e);
	c->sub.rel = extract(x, e->sub.rel);
	return c;
}

static void extract_slot(struct expr **e, void *arg)
{
	struct extraction *x = arg;

	if (*e)
		*e = expr_rewrite(x->l->x->mem, *e, extract_expr, x);
}

/* The tree with its largest unchanging parts as scans of rows that are made once. */
static struct rel *extract(struct extraction *x, struct rel *r)
{
	static uint32_t last = 1u << 30; /* atomic; numbers of plans stay far below */
	struct mem *m = x->l->x->mem;
	struct rel *c;

	if (!x->ok)
		return r;
	if (is_invariant(x, r)) {
		struct chain end = {sink_batches_new(x->l->x, r), NULL};

		x->ok = lower_rel(x->l, r, &end);
		c = rel_new(m, REL_CTE_SCAN, 0);
		c->cte.number = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
		c->cte.name = "unchanging part";
		c->cols = r->cols;
		c->ncols = r->ncols;
		c->est = r->est;
		add_outer(x, c->cte.number, r, end.op);
		return c;
	}
	c = rel_copy_node(m, r);
	for (uint32_t i = 0; i < c->nin; i++)
		c->in[i] = extract(x, r->in[i]);
	rel_each_expr(c, extract_slot, x);
	return c;
}

/* Queries of the plan around that the terms read. */
static bool share_outer(struct extraction *x)
{
	struct numbers n = {.m = x->l->x->mem};

	(void)rel_walk(x->g->node, gather_rel, &n);
	for (size_t i = 0; i < n.nread; i++) {
		struct op *sink;
		const struct rel *definition;

		if (among(n.made, n.nmade, n.read[i]) || outer_rows_find(x->l->x, n.read[i]) || among(n.read, i, n.read[i]))
			continue;
		if (!cte_sink(x->l, n.read[i], &sink, &definition))
			return false;
		add_outer(x, n.read[i], definition, sink);
	}
	return true;
}

bool lower_recursive(struct lowering *l, const struct rel *r, const struct chain *up)
{
	struct recursion *g = source_recursive_new(l->x, r);
	struct extraction x = {.l = l, .g = g, .whole = {.m = l->x->mem}, .ok = true};

	g->outer = l->x->env.outer;
	if (!share_outer(&x))
		return false;
	(void)rel_walk(r->in[1], gather_rel, &x.whole);
	g->terms[0] = r->in[0];
	g->terms[1] = extract(&x, r->in[1]);
	if (!x.ok)
		return false;
	lower_source(l, g->op, true, up);
	return true;
}
