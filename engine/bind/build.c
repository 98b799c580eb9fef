/*
 * Making relational nodes with their column lists right, copying trees under fresh ids, and replacing
 * expressions top-down through subqueries.
 */
#include "engine/bind/bind_int.h"

struct rel *single_row(struct binder *b)
{
	struct rel *r = rel_new(b->m, REL_VALUES, 0);

	r->values.nrows = 1;
	r->values.rows = mem_new_array(b->m, struct expr **, 1);
	return r;
}

struct rel *new_filter(struct binder *b, struct rel *in, struct expr *predicate)
{
	struct rel *r;

	if (!predicate)
		return in;
	r = rel_new(b->m, REL_FILTER, 1);
	r->in[0] = in;
	r->ncols = in->ncols;
	r->cols = in->cols;
	r->filter.predicate = predicate;
	return r;
}

struct rel *new_join(struct binder *b, enum join_kind kind, struct rel *left, struct rel *right, struct expr *condition)
{
	struct rel *r = rel_new(b->m, REL_JOIN, 2);
	bool both = kind != JOIN_SEMI && kind != JOIN_ANTI && kind != JOIN_MARK;
	bool left_nulls = kind == JOIN_RIGHT || kind == JOIN_FULL;
	bool right_nulls = kind == JOIN_LEFT || kind == JOIN_FULL || kind == JOIN_SINGLE;

	r->in[0] = left;
	r->in[1] = right;
	r->join.kind = kind;
	r->join.condition = condition;
	r->ncols = left->ncols + (both ? right->ncols : kind == JOIN_MARK ? 1 : 0);
	r->cols = mem_new_array(b->m, struct column, r->ncols ? r->ncols : 1);
	for (uint32_t i = 0; i < left->ncols; i++) {
		r->cols[i] = left->cols[i];
		r->cols[i].not_null &= !left_nulls;
	}
	for (uint32_t i = left->ncols; both && i < r->ncols; i++) {
		r->cols[i] = right->cols[i - left->ncols];
		r->cols[i].not_null &= !right_nulls;
	}
	if (kind == JOIN_MARK)
		r->cols[r->ncols - 1] = (struct column){.id = plan_new_id(b->p), .name = "mark", .type = type_make(TYPE_BOOL)};
	return r;
}

/* What in says about a plain column; NULL = computed. */
static const struct column *source_of(const struct rel *in, const struct expr *e)
{
	if (e->kind != EXPR_COLUMN)
		return NULL;
	for (uint32_t i = 0; i < in->ncols; i++)
		if (in->cols[i].id == e->column)
			return &in->cols[i];
	return NULL;
}

struct rel *new_project(struct binder *b, struct rel *in, struct expr **exprs, const char *const *names, uint32_t n)
{
	struct rel *r = rel_new(b->m, REL_PROJECT, 1);

	r->in[0] = in;
	r->ncols = n;
	r->cols = mem_new_array(b->m, struct column, n ? n : 1);
	r->project.exprs = n ? mem_dup(b->m, exprs, n * sizeof *exprs) : NULL;
	for (uint32_t i = 0; i < n; i++) {
		struct type type = collated_type(exprs[i]);
		const struct column *source;

		r->project.exprs[i] = collate_unmarked(exprs[i]);
		source = source_of(in, r->project.exprs[i]);
		if (source)
			r->cols[i] = *source;
		r->cols[i].id = plan_new_id(b->p);
		r->cols[i].type = type;
		if (names && names[i])
			r->cols[i].name = names[i];
		if (!r->cols[i].name)
			r->cols[i].name = "?column?";
		if (exprs[i]->kind == EXPR_CONST)
			r->cols[i].not_null = !exprs[i]->value.is_null;
	}
	return r;
}

/* ---- replacing ---- */

struct replacer {
	struct binder *b;
	struct expr *(*fn)(struct expr *e, void *arg);
	void *arg;
	bool changed;
};

static struct expr *replace(struct replacer *r, struct expr *e);

static struct expr **replace_list(struct replacer *r, struct expr **list, uint32_t n)
{
	struct expr **out = list;

	for (uint32_t i = 0; i < n; i++) {
		struct expr *x = replace(r, list[i]);
		if (x == list[i])
			continue;
		if (out == list)
			out = mem_dup(r->b->m, list, n * sizeof *list);
		out[i] = x;
	}
	return out;
}

static struct sort_key *replace_keys(struct replacer *r, struct sort_key *keys, uint32_t n)
{
	struct sort_key *out = keys;

	for (uint32_t i = 0; i < n; i++) {
		struct expr *x = replace(r, keys[i].expr);
		if (x == keys[i].expr)
			continue;
		if (out == keys)
			out = mem_dup(r->b->m, keys, n * sizeof *keys);
		out[i].expr = x;
	}
	return out;
}

static struct window_spec *replace_spec(struct replacer *r, struct window_spec *w)
{
	struct window_spec c = *w;

	c.partition = replace_list(r, w->partition, w->npartition);
	c.order = replace_keys(r, w->order, w->norder);
	if (w->start_offset)
		c.start_offset = replace(r, w->start_offset);
	if (w->end_offset)
		c.end_offset = replace(r, w->end_offset);
	if (c.partition == w->partition && c.order == w->order && c.start_offset == w->start_offset &&
		c.end_offset == w->end_offset)
		return w;
	return mem_dup(r->b->m, &c, sizeof c);
}

static struct expr *replace(struct replacer *r, struct expr *e)
{
	struct expr *x = r->fn(e, r->arg), c = *e;

	if (x)
		return x;
	c.args = replace_list(r, e->args, e->nargs);
	if (e->kind == EXPR_AGG) {
		c.agg.filter = e->agg.filter ? replace(r, e->agg.filter) : NULL;
		c.agg.order = replace_keys(r, e->agg.order, e->agg.norder);
		if (c.agg.filter != e->agg.filter || c.agg.order != e->agg.order)
			return mem_dup(r->b->m, &c, sizeof c);
	} else if (e->kind == EXPR_WINDOW) {
		c.window.spec = replace_spec(r, e->window.spec);
		if (c.window.spec != e->window.spec)
			return mem_dup(r->b->m, &c, sizeof c);
	} else if (e->kind == EXPR_SUBQUERY) {
		c.sub.rel = rel_replace(r->b, e->sub.rel, r->fn, r->arg);
		if (c.sub.rel != e->sub.rel)
			return mem_dup(r->b->m, &c, sizeof c);
	}
	return c.args == e->args ? e : mem_dup(r->b->m, &c, sizeof c);
}

struct expr *expr_replace(struct binder *b, struct expr *e, struct expr *(*fn)(struct expr *e, void *arg), void *arg)
{
	struct replacer r = {b, fn, arg, false};

	return e ? replace(&r, e) : NULL;
}

static void replace_slot(struct expr **e, void *arg)
{
	struct replacer *r = arg;
	struct expr *x = replace(r, *e);

	r->changed |= x != *e;
	*e = x;
}

struct rel *rel_replace(struct binder *b, struct rel *r, struct expr *(*fn)(struct expr *e, void *arg), void *arg)
{
	struct replacer w = {b, fn, arg, false};
	struct rel *c = rel_copy_node(b->m, r);

	rel_each_expr(c, replace_slot, &w);
	for (uint32_t i = 0; i < c->nin; i++) {
		c->in[i] = rel_replace(b, r->in[i], fn, arg);
		w.changed |= c->in[i] != r->in[i];
	}
	return w.changed ? c : r;
}

/* ---- fresh ids ---- */

struct renamer {
	struct binder *b;
	uint32_t *map; /* by old id; 0 = itself. Ids start at 1. */
	uint32_t n;
};

static struct expr *rename_column(struct expr *e, void *arg)
{
	struct renamer *r = arg;
	struct expr *c;

	if (e->kind != EXPR_COLUMN || e->column >= r->n || !r->map[e->column])
		return NULL;
	c = mem_dup(r->b->m, e, sizeof *e);
	c->column = r->map[e->column];
	return c;
}

static struct rel *rename_columns(struct renamer *r, struct rel *x);

static enum walk has_subquery_step(const struct expr *e, void *arg)
{
	if (e->kind == EXPR_SUBQUERY)
		*(bool *)arg = true;
	return WALK_ON;
}

static struct expr *rename_subquery(struct expr *e, void *arg)
{
	struct renamer *r = arg;
	struct expr *c;

	if (e->kind != EXPR_SUBQUERY)
		return e;
	c = mem_dup(r->b->m, e, sizeof *e);
	c->sub.rel = rename_columns(r, e->sub.rel);
	return c;
}

static void rename_slot(struct expr **e, void *arg)
{
	struct renamer *r = arg;
	bool has = false;

	expr_walk(*e, has_subquery_step, &has);
	if (has)
		*e = expr_rewrite(r->b->m, *e, rename_subquery, r);
	*e = expr_replace(r->b, *e, rename_column, r);
}

static struct rel *rename_columns(struct renamer *r, struct rel *x)
{
	struct rel *c = rel_copy_node(r->b->m, x);

	for (uint32_t i = 0; i < c->nin; i++)
		c->in[i] = rename_columns(r, c->in[i]);
	for (uint32_t i = 0; i < c->ncols; i++) {
		uint32_t old = c->cols[i].id;
		if (old < r->n && !r->map[old]) {
			r->map[old] = plan_new_id(r->b->p);
			*column_info(r->b, r->map[old]) = *column_info(r->b, old);
		}
		c->cols[i].id = old < r->n ? r->map[old] : old;
	}
	rel_each_expr(c, rename_slot, r);
	return c;
}

struct rel *copy_with_fresh_ids(struct binder *b, const struct rel *r)
{
	struct renamer w = {b, mem_new_array(b->m, uint32_t, b->p->next_id), b->p->next_id};

	return rename_columns(&w, (struct rel *)r);
}
