/*
 * Walking and rewriting expressions: arguments, aggregate filters and orders, window specifications; not
 * the relations of subqueries, except that expr_columns sees what those borrow from outside.
 * Depth is bounded by the syntax tree's, so recursion is safe.
 */
#include "engine/plan/rel.h"

static enum walk walk_keys(const struct sort_key *keys, uint32_t n, enum walk (*fn)(const struct expr *, void *),
						   void *arg)
{
	for (uint32_t i = 0; i < n; i++)
		if (expr_walk(keys[i].expr, fn, arg) == WALK_STOP)
			return WALK_STOP;
	return WALK_ON;
}

static enum walk walk_spec(const struct window_spec *w, enum walk (*fn)(const struct expr *, void *), void *arg)
{
	for (uint32_t i = 0; i < w->npartition; i++)
		if (expr_walk(w->partition[i], fn, arg) == WALK_STOP)
			return WALK_STOP;
	if (walk_keys(w->order, w->norder, fn, arg) == WALK_STOP)
		return WALK_STOP;
	if (w->start_offset && expr_walk(w->start_offset, fn, arg) == WALK_STOP)
		return WALK_STOP;
	return w->end_offset ? expr_walk(w->end_offset, fn, arg) : WALK_ON;
}

enum walk expr_walk(const struct expr *e, enum walk (*fn)(const struct expr *e, void *arg), void *arg)
{
	enum walk w = fn(e, arg);

	if (w == WALK_STOP)
		return w;
	if (w == WALK_SKIP)
		return WALK_ON;
	for (uint32_t i = 0; i < e->nargs; i++)
		if (expr_walk(e->args[i], fn, arg) == WALK_STOP)
			return WALK_STOP;
	if (e->kind == EXPR_AGG) {
		if (e->agg.filter && expr_walk(e->agg.filter, fn, arg) == WALK_STOP)
			return WALK_STOP;
		return walk_keys(e->agg.order, e->agg.norder, fn, arg);
	}
	if (e->kind == EXPR_WINDOW)
		return walk_spec(e->window.spec, fn, arg);
	return WALK_ON;
}

struct rewrite {
	struct mem *m;
	struct expr *(*fn)(struct expr *e, void *arg);
	void *arg;
};

static struct expr *rewrite(const struct rewrite *r, struct expr *e);

/* The list with each item rewritten: itself when nothing changed. */
static struct expr **rewrite_list(const struct rewrite *r, struct expr **list, uint32_t n)
{
	struct expr **out = list;

	for (uint32_t i = 0; i < n; i++) {
		struct expr *x = rewrite(r, list[i]);
		if (x == list[i])
			continue;
		if (out == list)
			out = mem_dup(r->m, list, n * sizeof *list);
		out[i] = x;
	}
	return out;
}

static struct sort_key *rewrite_keys(const struct rewrite *r, struct sort_key *keys, uint32_t n)
{
	struct sort_key *out = keys;

	for (uint32_t i = 0; i < n; i++) {
		struct expr *x = rewrite(r, keys[i].expr);
		if (x == keys[i].expr)
			continue;
		if (out == keys)
			out = mem_dup(r->m, keys, n * sizeof *keys);
		out[i].expr = x;
	}
	return out;
}

static struct window_spec *rewrite_spec(const struct rewrite *r, struct window_spec *w)
{
	struct window_spec c = *w;

	c.partition = rewrite_list(r, w->partition, w->npartition);
	c.order = rewrite_keys(r, w->order, w->norder);
	c.start_offset = w->start_offset ? rewrite(r, w->start_offset) : NULL;
	c.end_offset = w->end_offset ? rewrite(r, w->end_offset) : NULL;
	if (c.partition == w->partition && c.order == w->order && c.start_offset == w->start_offset &&
		c.end_offset == w->end_offset)
		return w;
	return mem_dup(r->m, &c, sizeof c);
}

static struct expr *rewrite(const struct rewrite *r, struct expr *e)
{
	struct expr c = *e;
	bool changed;

	c.args = rewrite_list(r, e->args, e->nargs);
	changed = c.args != e->args;
	if (e->kind == EXPR_AGG) {
		c.agg.filter = e->agg.filter ? rewrite(r, e->agg.filter) : NULL;
		c.agg.order = rewrite_keys(r, e->agg.order, e->agg.norder);
		changed |= c.agg.filter != e->agg.filter || c.agg.order != e->agg.order;
	} else if (e->kind == EXPR_WINDOW) {
		c.window.spec = rewrite_spec(r, e->window.spec);
		changed |= c.window.spec != e->window.spec;
	}
	return r->fn(changed ? mem_dup(r->m, &c, sizeof c) : e, r->arg);
}

struct expr *expr_rewrite(struct mem *m, struct expr *e, struct expr *(*fn)(struct expr *e, void *arg), void *arg)
{
	struct rewrite r = {m, fn, arg};

	return e ? rewrite(&r, e) : NULL;
}

struct columns_walk {
	struct idset *out;
	struct mem *m;
};

static enum walk columns_step(const struct expr *e, void *arg)
{
	struct columns_walk *w = arg;

	if (e->kind == EXPR_COLUMN)
		idset_add(w->out, e->column, w->m);
	else if (e->kind == EXPR_SUBQUERY)
		rel_free_columns(e->sub.rel, w->out, w->m);
	return WALK_ON;
}

void expr_columns(const struct expr *e, struct idset *out, struct mem *m)
{
	struct columns_walk w = {out, m};

	if (e)
		expr_walk(e, columns_step, &w);
}
