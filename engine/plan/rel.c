/*
 * Relational nodes: making, walking, rewriting, copying. Walks go into the relations of subqueries that
 * still stand in expressions too, so that a pass over a plan misses no scan.
 */
#include "engine/plan/rel.h"

struct rel *rel_new(struct mem *m, enum rel_kind kind, uint32_t nin)
{
	struct rel *r = mem_new_object(m, struct rel);

	r->kind = kind;
	r->nin = nin;
	if (nin)
		r->in = mem_new_array(m, struct rel *, nin);
	r->est.rows = r->est.width = -1;
	if (kind == REL_SORT)
		r->sort.limit = -1;
	return r;
}

uint32_t plan_new_id(struct plan *p)
{
	return p->next_id++;
}

static void each_key(struct sort_key *keys, uint32_t n, void (*fn)(struct expr **e, void *arg), void *arg)
{
	for (uint32_t i = 0; i < n; i++)
		fn(&keys[i].expr, arg);
}

static void each_optional(struct expr **e, void (*fn)(struct expr **e, void *arg), void *arg)
{
	if (*e)
		fn(e, arg);
}

static void each_of(struct expr **list, uint32_t n, void (*fn)(struct expr **e, void *arg), void *arg)
{
	for (uint32_t i = 0; i < n; i++)
		fn(&list[i], arg);
}

void rel_each_expr(struct rel *r, void (*fn)(struct expr **e, void *arg), void *arg)
{
	switch (r->kind) {
	case REL_SCAN:
		each_optional(&r->scan.predicate, fn, arg);
		return;
	case REL_VALUES:
		for (uint32_t i = 0; i < r->values.nrows; i++)
			each_of(r->values.rows[i], r->ncols, fn, arg);
		return;
	case REL_FILTER:
		each_optional(&r->filter.predicate, fn, arg);
		return;
	case REL_PROJECT:
		each_of(r->project.exprs, r->ncols, fn, arg);
		return;
	case REL_JOIN:
		each_optional(&r->join.condition, fn, arg);
		return;
	case REL_AGGREGATE:
		each_of(r->agg.groups, r->agg.ngroups, fn, arg);
		each_of(r->agg.aggs, r->agg.naggs, fn, arg);
		return;
	case REL_WINDOW:
		each_of(r->window.calls, r->window.ncalls, fn, arg);
		return;
	case REL_SORT:
		each_key(r->sort.keys, r->sort.nkeys, fn, arg);
		return;
	case REL_LIMIT:
		each_optional(&r->limit.limit, fn, arg);
		each_optional(&r->limit.offset, fn, arg);
		each_key(r->limit.keys, r->limit.nkeys, fn, arg);
		return;
	case REL_TABLE_FN:
		each_of(r->table_fn.calls, r->table_fn.ncalls, fn, arg);
		return;
	case REL_VIRTUAL:
	case REL_SETOP:
	case REL_CTE:
	case REL_CTE_SCAN:
	case REL_SINGLE:
	case REL_REMOTE:
	case REL_EMPTY:
		return;
	}
	UNREACHABLE();
}

/* ---- walking ---- */

struct rel_walker {
	enum walk (*fn)(const struct rel *r, void *arg);
	void *arg;
	bool stopped;
};

static enum walk subquery_step(const struct expr *e, void *arg)
{
	struct rel_walker *w = arg;

	if (e->kind == EXPR_SUBQUERY && rel_walk(e->sub.rel, w->fn, w->arg) == WALK_STOP)
		w->stopped = true;
	return w->stopped ? WALK_STOP : WALK_ON;
}

static void walk_slot(struct expr **e, void *arg)
{
	struct rel_walker *w = arg;

	if (!w->stopped)
		expr_walk(*e, subquery_step, w);
}

enum walk rel_walk(const struct rel *r, enum walk (*fn)(const struct rel *r, void *arg), void *arg)
{
	struct rel_walker w = {fn, arg, false};
	enum walk answer = fn(r, arg);

	if (answer == WALK_STOP)
		return WALK_STOP;
	if (answer == WALK_SKIP)
		return WALK_ON;
	/* rel_each_expr hands out addresses, but walk_slot only reads */
	rel_each_expr((struct rel *)r, walk_slot, &w);
	if (w.stopped)
		return WALK_STOP;
	for (uint32_t i = 0; i < r->nin; i++)
		if (rel_walk(r->in[i], fn, arg) == WALK_STOP)
			return WALK_STOP;
	return WALK_ON;
}

/* ---- rewriting ---- */

struct rel_rewriter {
	struct mem *m;
	struct rel *(*fn)(struct rel *r, void *arg);
	void *arg;
	bool has_subquery;
};

static enum walk find_subquery(const struct expr *e, void *arg)
{
	struct rel_rewriter *w = arg;

	if (e->kind == EXPR_SUBQUERY)
		w->has_subquery = true;
	return w->has_subquery ? WALK_STOP : WALK_ON;
}

static void find_subquery_slot(struct expr **e, void *arg)
{
	expr_walk(*e, find_subquery, arg);
}

static struct expr *rewrite_subquery(struct expr *e, void *arg)
{
	struct rel_rewriter *w = arg;
	struct rel *r;
	struct expr *c;

	if (e->kind != EXPR_SUBQUERY)
		return e;
	r = rel_rewrite(w->m, e->sub.rel, w->fn, w->arg);
	if (r == e->sub.rel)
		return e;
	c = mem_dup(w->m, e, sizeof *e);
	c->sub.rel = r;
	return c;
}

static void rewrite_subquery_slot(struct expr **e, void *arg)
{
	struct rel_rewriter *w = arg;

	*e = expr_rewrite(w->m, *e, rewrite_subquery, w);
}

struct rel *rel_rewrite(struct mem *m, struct rel *r, struct rel *(*fn)(struct rel *r, void *arg), void *arg)
{
	struct rel_rewriter w = {m, fn, arg, false};
	struct rel *node = r;

	for (uint32_t i = 0; i < r->nin; i++) {
		struct rel *x = rel_rewrite(m, r->in[i], fn, arg);
		if (x == r->in[i])
			continue;
		if (node == r) {
			node = mem_dup(m, r, sizeof *r);
			node->in = mem_dup(m, r->in, r->nin * sizeof *r->in);
		}
		node->in[i] = x;
	}
	rel_each_expr(node, find_subquery_slot, &w);
	if (w.has_subquery) {
		node = rel_copy_node(m, node);
		rel_each_expr(node, rewrite_subquery_slot, &w);
	}
	return fn(node, arg);
}

/* ---- copying ---- */

static struct expr **dup_list(struct mem *m, struct expr **list, uint32_t n)
{
	return n ? mem_dup(m, list, n * sizeof *list) : NULL;
}

static struct sort_key *dup_keys(struct mem *m, struct sort_key *keys, uint32_t n)
{
	return n ? mem_dup(m, keys, n * sizeof *keys) : NULL;
}

/* Own arrays for the expressions, so that they can be changed. */
static void dup_payload(struct mem *m, struct rel *c)
{
	switch (c->kind) {
	case REL_VALUES:
		if (!c->values.nrows)
			return;
		c->values.rows = mem_dup(m, c->values.rows, c->values.nrows * sizeof *c->values.rows);
		for (uint32_t i = 0; i < c->values.nrows; i++)
			c->values.rows[i] = dup_list(m, c->values.rows[i], c->ncols);
		return;
	case REL_PROJECT:
		c->project.exprs = dup_list(m, c->project.exprs, c->ncols);
		return;
	case REL_AGGREGATE:
		c->agg.groups = dup_list(m, c->agg.groups, c->agg.ngroups);
		c->agg.aggs = dup_list(m, c->agg.aggs, c->agg.naggs);
		return;
	case REL_WINDOW:
		c->window.calls = dup_list(m, c->window.calls, c->window.ncalls);
		return;
	case REL_SORT:
		c->sort.keys = dup_keys(m, c->sort.keys, c->sort.nkeys);
		return;
	case REL_TABLE_FN:
		c->table_fn.calls = dup_list(m, c->table_fn.calls, c->table_fn.ncalls);
		return;
	case REL_LIMIT:
		c->limit.keys = dup_keys(m, c->limit.keys, c->limit.nkeys);
		return;
	case REL_SCAN:
	case REL_VIRTUAL:
	case REL_FILTER:
	case REL_JOIN:
	case REL_SETOP:
	case REL_CTE:
	case REL_CTE_SCAN:
	case REL_SINGLE:
	case REL_REMOTE:
	case REL_EMPTY:
		return;
	}
	UNREACHABLE();
}

struct rel *rel_copy_node(struct mem *m, const struct rel *r)
{
	struct rel *c = mem_dup(m, r, sizeof *r);

	if (r->nin)
		c->in = mem_dup(m, r->in, r->nin * sizeof *r->in);
	if (r->ncols)
		c->cols = mem_dup(m, r->cols, r->ncols * sizeof *r->cols);
	dup_payload(m, c);
	return c;
}

static void copy_slot(struct expr **e, void *arg)
{
	*e = expr_copy(arg, *e);
}

struct rel *rel_copy(struct mem *m, const struct rel *r)
{
	struct rel *c = rel_copy_node(m, r);

	rel_each_expr(c, copy_slot, m);
	for (uint32_t i = 0; i < c->nin; i++)
		c->in[i] = rel_copy(m, c->in[i]);
	return c;
}

/* ---- columns ---- */

void rel_out_ids(const struct rel *r, struct idset *out, struct mem *m)
{
	for (uint32_t i = 0; i < r->ncols; i++)
		idset_add(out, r->cols[i].id, m);
}

struct free_walk {
	struct idset used, made;
	struct mem *m;
};

static enum walk free_expr_step(const struct expr *e, void *arg)
{
	struct free_walk *w = arg;

	if (e->kind == EXPR_COLUMN)
		idset_add(&w->used, e->column, w->m);
	return WALK_ON;
}

static void free_slot(struct expr **e, void *arg)
{
	expr_walk(*e, free_expr_step, arg);
}

static enum walk free_rel_step(const struct rel *r, void *arg)
{
	struct free_walk *w = arg;

	rel_out_ids(r, &w->made, w->m);
	rel_each_expr((struct rel *)r, free_slot, w);
	return WALK_ON;
}

void rel_free_columns(const struct rel *r, struct idset *out, struct mem *m)
{
	struct free_walk w = {{0, NULL}, {0, NULL}, m};

	rel_walk(r, free_rel_step, &w); /* goes into subqueries as well */
	for (uint32_t i = 0; i < w.used.nwords; i++) {
		uint64_t left = w.used.words[i] & ~(i < w.made.nwords ? w.made.words[i] : 0);
		for (; left; left &= left - 1)
			idset_add(out, i * 64 + (uint32_t)__builtin_ctzll(left), m);
	}
}
