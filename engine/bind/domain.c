/*
 * The general way to make a dependent join independent (after Neumann and Kemper, "Unnesting Arbitrary
 * Queries", 2015): the left side is evaluated once (a shared relation), D is the set of its distinct
 * borrowed values, and the right side is computed for all of D at once by pushing D down to where the
 * borrowed columns are used. Every relation on the way carries D's columns; the join compares them with the
 * left side's. Columns of the right side keep their ids.
 */
#include "engine/bind/bind_int.h"

struct domain {
	struct binder *b;
	uint32_t n;             /* borrowed columns */
	struct column *cols;    /* as the left side shows them */
	struct idset ids;
	uint32_t number;        /* the shared left side */
	const struct rel *left;
	int pos;
	uint32_t *extended;     /* numbers of the CTEs on the way whose definitions borrow: they have D's columns at their end */
	size_t nextended, extended_cap;
};

/* A pushed relation and where D's columns are in it. */
struct pushed {
	struct rel *rel;
	struct column *d;
};

static bool push(struct domain *x, struct rel *r, struct pushed *out);

static bool unsupported(struct domain *x)
{
	return not_supported(x->b, x->pos, "this form of correlated subquery");
}

static bool is_extended(const struct domain *x, uint32_t number)
{
	for (size_t i = 0; i < x->nextended; i++)
		if (x->extended[i] == number)
			return true;
	return false;
}

struct extended_walk {
	const struct domain *x;
	bool found;
};

static enum walk extended_step(const struct rel *r, void *arg)
{
	struct extended_walk *w = arg;

	w->found |= r->kind == REL_CTE_SCAN && is_extended(w->x, r->cte.number);
	return w->found ? WALK_STOP : WALK_ON;
}

/* Whether r depends on the row of D: by a column, or by a CTE that does. */
static bool has(struct domain *x, const struct rel *r)
{
	struct idset ids = {0, NULL};
	struct extended_walk w = {x, false};

	rel_free_columns(r, &ids, x->b->m);
	if (idset_meets(&ids, &x->ids))
		return true;
	if (x->nextended)
		rel_walk(r, extended_step, &w);
	return w.found;
}

struct swap {
	struct domain *x;
	const struct column *d;
};

static struct expr *swap_step(struct expr *e, void *arg)
{
	struct swap *s = arg;

	if (e->kind != EXPR_COLUMN)
		return NULL;
	for (uint32_t i = 0; i < s->x->n; i++)
		if (s->x->cols[i].id == e->column)
			return column_of(s->x->b, &s->d[i]);
	return NULL;
}

static struct expr *swapped(struct domain *x, struct expr *e, const struct column *d)
{
	struct swap s = {x, d};

	return expr_replace(x->b, e, swap_step, &s);
}

static void swap_slot(struct expr **e, void *arg)
{
	struct swap *s = arg;

	*e = expr_replace(s->x->b, *e, swap_step, s);
}

/* D itself, with ids of its own at each place. */
static struct pushed domain_rel(struct domain *x)
{
	struct rel *scan = new_cte_scan(x->b, x->number, "outer rows", x->left), *r = rel_new(x->b->m, REL_AGGREGATE, 1);

	r->in[0] = scan;
	r->ncols = r->agg.ngroups = x->n;
	r->agg.groups = mem_new_array(x->b->m, struct expr *, x->n);
	r->cols = mem_new_array(x->b->m, struct column, x->n);
	for (uint32_t i = 0; i < x->n; i++)
		for (uint32_t k = 0; k < x->left->ncols; k++)
			if (x->left->cols[k].id == x->cols[i].id) {
				r->agg.groups[i] = column_of(x->b, &scan->cols[k]);
				r->cols[i] = scan->cols[k];
				r->cols[i].id = plan_new_id(x->b->p);
			}
	return (struct pushed){r, r->cols};
}

static struct pushed cross(struct domain *x, struct rel *r)
{
	struct pushed d = domain_rel(x);

	d.rel = new_join(x->b, JOIN_INNER, d.rel, r, NULL);
	return d;
}

/* a and b are the same row of D. */
static struct expr *same_row(struct domain *x, const struct column *a, const struct column *b, struct expr *condition,
							 bool *ok)
{
	struct expr **list = mem_new_array(x->b->m, struct expr *, x->n + 1);
	uint32_t n = 0;

	for (uint32_t i = 0; i < x->n; i++) {
		struct expr *l = column_of(x->b, &a[i]), *r = column_of(x->b, &b[i]), *e;
		if (x->cols[i].not_null) {
			*ok &= call_operator(x->b, "=", l, r, -1, &list[n++]);
			continue;
		}
		e = expr_new(x->b->m, EXPR_DISTINCT, type_make(TYPE_BOOL), 2, -1);
		e->args[0] = l;
		e->args[1] = r;
		list[n++] = expr_not(x->b, e);
	}
	if (condition)
		list[n++] = condition;
	return expr_and(x->b->m, list, n);
}

/* r with the pushed input; expressions read D's columns there. */
static struct rel *over(struct domain *x, const struct rel *r, const struct pushed *in)
{
	struct rel *c = rel_copy_node(x->b->m, r);
	struct swap s = {x, in->d};

	c->in[0] = in->rel;
	rel_each_expr(c, swap_slot, &s);
	return c;
}

static bool push_project(struct domain *x, struct rel *r, struct pushed *out)
{
	struct pushed in;
	struct rel *c;

	if (!push(x, r->in[0], &in))
		return false;
	c = rel_copy_node(x->b->m, r);
	c->in[0] = in.rel;
	c->cols = mem_new_array(x->b->m, struct column, r->ncols + x->n);
	c->project.exprs = mem_new_array(x->b->m, struct expr *, r->ncols + x->n);
	for (uint32_t i = 0; i < r->ncols; i++) {
		c->cols[i] = r->cols[i];
		c->project.exprs[i] = swapped(x, r->project.exprs[i], in.d);
	}
	for (uint32_t i = 0; i < x->n; i++) {
		c->cols[r->ncols + i] = in.d[i];
		c->cols[r->ncols + i].id = plan_new_id(x->b->p);
		c->project.exprs[r->ncols + i] = column_of(x->b, &in.d[i]);
	}
	c->ncols = r->ncols + x->n;
	*out = (struct pushed){c, c->cols + r->ncols};
	return true;
}

/* With an empty grouping set there is a row for every row of D, also where the input has none. agg: cols are r's groups,
 * D, then the rest of r's. */
static bool fill_empty(struct domain *x, const struct rel *r, struct rel *agg, struct pushed *out)
{
	struct binder *b = x->b;
	struct pushed all = domain_rel(x);
	struct expr **exprs = mem_new_array(b->m, struct expr *, r->ncols + x->n);
	struct rel *join, *project;
	uint32_t g = r->agg.ngroups;
	bool ok = true;

	join = new_join(b, JOIN_LEFT, all.rel, agg, same_row(x, all.d, agg->cols + g, NULL, &ok));
	for (uint32_t i = 0; i < r->ncols; i++) {
		struct expr *e = column_of(b, &agg->cols[i < g ? i : i + x->n]), *c;
		exprs[i] = e;
		if (i >= g && i < g + r->agg.naggs)
			exprs[i] = empty_default(b, r->agg.aggs[i - g], e);
		if (i < g + r->agg.naggs)
			continue;
		c = expr_new(b->m, EXPR_COALESCE, e->type, 2, -1); /* the grouping bitmap of the empty set */
		c->args[0] = e;
		c->args[1] = expr_const(b->m, value_int4((int32_t)((1u << g) - 1)), -1);
		exprs[i] = c;
	}
	for (uint32_t i = 0; i < x->n; i++)
		exprs[r->ncols + i] = column_of(b, &all.d[i]);
	project = new_project(b, join, exprs, NULL, r->ncols + x->n);
	for (uint32_t i = 0; i < r->ncols; i++)
		project->cols[i] = r->cols[i];
	*out = (struct pushed){project, project->cols + r->ncols};
	return ok;
}

/* D's columns, groups `g` and on, are in every set. */
static struct idset *widen_sets(struct domain *x, const struct rel *r, uint32_t *nempty)
{
	struct idset *sets = mem_new_array(x->b->m, struct idset, r->agg.nsets + 1);

	for (uint32_t s = 0; s < r->agg.nsets; s++) {
		*nempty += idset_is_empty(&r->agg.sets[s]);
		idset_add_all(&sets[s], &r->agg.sets[s], x->b->m);
		for (uint32_t i = 0; i < x->n; i++)
			idset_add(&sets[s], r->agg.ngroups + i, x->b->m);
	}
	return sets;
}

static bool push_aggregate(struct domain *x, struct rel *r, struct pushed *out)
{
	struct binder *b = x->b;
	uint32_t n = x->n, g = r->agg.ngroups, nempty = 0;
	struct pushed in;
	struct rel *c;
	bool fill;

	if (!push(x, r->in[0], &in))
		return false;
	c = over(x, r, &in);
	if (r->agg.nsets)
		c->agg.sets = widen_sets(x, r, &nempty);
	if (nempty > 1)
		return unsupported(x);
	fill = g == 0 || nempty;
	c->ncols = r->ncols + n;
	c->cols = mem_new_array(b->m, struct column, c->ncols);
	c->agg.groups = mem_new_array(b->m, struct expr *, n + g);
	for (uint32_t i = 0; i < g; i++)
		c->agg.groups[i] = swapped(x, r->agg.groups[i], in.d);
	for (uint32_t i = 0; i < n; i++) {
		c->agg.groups[g + i] = column_of(b, &in.d[i]);
		c->cols[g + i] = in.d[i];
		c->cols[g + i].id = plan_new_id(b->p);
	}
	for (uint32_t i = 0; i < r->ncols; i++) {
		struct column *col = &c->cols[i < g ? i : i + n];
		*col = r->cols[i];
		if (fill) /* r's own ids are made above the join */
			col->id = plan_new_id(b->p);
	}
	c->agg.ngroups += n;
	*out = (struct pushed){c, c->cols + g};
	return !fill || fill_empty(x, r, c, out);
}

/* FULL: an unmatched row has its D on one side only. The join gets ids of its own, so that r's are made above it. */
static bool push_full_join(struct domain *x, struct rel *r, struct pushed *out)
{
	struct binder *b = x->b;
	struct pushed left, right;
	struct expr **exprs, *marker;
	struct rel *join, *project;
	uint32_t nl, at;
	bool ok = true;

	if (!push(x, r->in[0], &left) || !push(x, r->in[1], &right))
		return false;
	nl = left.rel->ncols;
	exprs = mem_new_array(b->m, struct expr *, r->ncols + nl + x->n + 1);
	marker = expr_bool(b->m, true);
	{
		struct rel *marked = new_project(b, single_row(b), &marker, NULL, 1);
		left.rel = new_join(b, JOIN_INNER, left.rel, marked, NULL);
	}
	join = new_join(b, JOIN_FULL, left.rel, right.rel,
					same_row(x, left.d, right.d, swapped(x, r->join.condition, left.d), &ok));
	{
		struct rel *fresh = copy_with_fresh_ids(b, join);
		for (uint32_t i = 0; i < r->ncols; i++) {
			for (at = 0; at < join->ncols && join->cols[at].id != r->cols[i].id; at++)
				;
			exprs[i] = column_of(b, &fresh->cols[at]);
		}
		for (uint32_t i = 0; i < x->n; i++) {
			struct expr *c = expr_new(b->m, EXPR_CASE, left.d[i].type, 3, -1);
			uint32_t from[2] = {0, 0};
			for (uint32_t k = 0; k < join->ncols; k++) {
				if (join->cols[k].id == left.d[i].id)
					from[0] = k;
				if (join->cols[k].id == right.d[i].id)
					from[1] = k;
			}
			c->args[0] = expr_new(b->m, EXPR_IS_NULL, type_make(TYPE_BOOL), 1, -1);
			c->args[0]->args[0] = column_of(b, &fresh->cols[nl]);
			c->args[1] = column_of(b, &fresh->cols[from[1]]);
			c->args[2] = column_of(b, &fresh->cols[from[0]]);
			exprs[r->ncols + i] = c;
		}
		project = new_project(b, fresh, exprs, NULL, r->ncols + x->n);
	}
	memcpy(project->cols, r->cols, r->ncols * sizeof *r->cols);
	*out = (struct pushed){project, project->cols + r->ncols};
	return ok;
}

static bool push_join(struct domain *x, struct rel *r, struct pushed *out)
{
	bool inner = r->join.kind == JOIN_INNER, ok = true;
	bool in_left = has(x, r->in[0]), in_right = has(x, r->in[1]);
	struct pushed left = {r->in[0], NULL}, right = {r->in[1], NULL};
	struct expr *condition;
	struct rel *c;

	if (r->join.kind == JOIN_FULL)
		return push_full_join(x, r, out);
	if (r->join.kind == JOIN_RIGHT)
		return push_join(x, new_join(x->b, JOIN_LEFT, r->in[1], r->in[0], r->join.condition), out);
	if (inner && in_right && !in_left) {
		if (!push(x, r->in[1], &right))
			return false;
		condition = swapped(x, r->join.condition, right.d);
	} else {
		if (in_left ? !push(x, r->in[0], &left) : (left = cross(x, r->in[0]), false))
			return false;
		if (in_right && !push(x, r->in[1], &right))
			return false;
		condition = swapped(x, r->join.condition, left.d);
		if (in_right)
			condition = same_row(x, left.d, right.d, condition, &ok);
	}
	c = new_join(x->b, r->join.kind, left.rel, right.rel, condition);
	c->join.null_aware = r->join.null_aware;
	if (r->join.kind == JOIN_MARK)
		c->cols[c->ncols - 1] = r->cols[r->ncols - 1];
	*out = (struct pushed){c, left.d ? left.d : right.d};
	return ok;
}

/* LIMIT becomes row_number() over D's columns. */
static bool push_limit(struct domain *x, struct rel *r, struct pushed *out)
{
	struct rel *in = r->in[0];
	struct sort_key *keys = NULL;
	struct expr **partition = mem_new_array(x->b->m, struct expr *, x->n);
	struct expr *take = r->limit.limit, *skip = r->limit.offset;
	uint32_t nkeys = 0;

	if (in->kind == REL_SORT) {
		nkeys = in->sort.nkeys;
		keys = mem_dup(x->b->m, in->sort.keys, nkeys * sizeof *keys);
		in = in->in[0];
	}
	if (!push(x, in, out))
		return false;
	for (uint32_t i = 0; i < nkeys; i++)
		keys[i].expr = swapped(x, keys[i].expr, out->d);
	for (uint32_t i = 0; i < x->n; i++)
		partition[i] = column_of(x->b, &out->d[i]);
	take = take ? swapped(x, take, out->d) : NULL;
	skip = skip && !(skip->kind == EXPR_CONST && skip->value.i64 == 0) ? swapped(x, skip, out->d) : NULL;
	return limit_partitions(x->b, &out->rel, partition, x->n, keys, nkeys, skip, take, r->limit.with_ties);
}

static bool push_setop(struct domain *x, struct rel *r, struct pushed *out)
{
	struct rel *c = rel_copy_node(x->b->m, r);

	if (r->setop.recursion)
		return unsupported(x);
	for (uint32_t i = 0; i < r->nin; i++) {
		struct expr **exprs = mem_new_array(x->b->m, struct expr *, r->ncols + x->n);
		struct pushed in;
		if (has(x, r->in[i])) {
			if (!push(x, r->in[i], &in))
				return false;
		} else {
			in = cross(x, r->in[i]);
		}
		for (uint32_t k = 0; k < r->ncols; k++)
			exprs[k] = column_of(x->b, &r->in[i]->cols[k]);
		for (uint32_t k = 0; k < x->n; k++)
			exprs[r->ncols + k] = column_of(x->b, &in.d[k]);
		c->in[i] = new_project(x->b, in.rel, exprs, NULL, r->ncols + x->n);
	}
	c->ncols = r->ncols + x->n;
	c->cols = mem_new_array(x->b->m, struct column, c->ncols);
	memcpy(c->cols, r->cols, r->ncols * sizeof *r->cols);
	for (uint32_t k = 0; k < x->n; k++) {
		c->cols[r->ncols + k] = c->in[0]->cols[r->ncols + k];
		c->cols[r->ncols + k].id = plan_new_id(x->b->p);
	}
	*out = (struct pushed){c, c->cols + r->ncols};
	return true;
}

static bool push_window(struct domain *x, struct rel *r, struct pushed *out)
{
	struct pushed in;
	struct rel *c;

	if (!push(x, r->in[0], &in))
		return false;
	c = over(x, r, &in);
	for (uint32_t i = 0; i < c->window.ncalls; i++) {
		struct expr *call = mem_dup(x->b->m, c->window.calls[i], sizeof *call);
		struct window_spec *w = mem_dup(x->b->m, call->window.spec, sizeof *w);
		struct expr **partition = mem_new_array(x->b->m, struct expr *, w->npartition + x->n);
		if (w->npartition)
			memcpy(partition, w->partition, w->npartition * sizeof *partition);
		for (uint32_t k = 0; k < x->n; k++)
			partition[w->npartition + k] = column_of(x->b, &in.d[k]);
		w->partition = partition;
		w->npartition += x->n;
		call->window.spec = w;
		c->window.calls[i] = call;
	}
	c->ncols = in.rel->ncols + r->window.ncalls;
	c->cols = mem_new_array(x->b->m, struct column, c->ncols);
	memcpy(c->cols, in.rel->cols, in.rel->ncols * sizeof *c->cols);
	memcpy(c->cols + in.rel->ncols, r->cols + (r->ncols - r->window.ncalls), r->window.ncalls * sizeof *c->cols);
	*out = (struct pushed){c, in.d};
	return true;
}

/* VALUES of several rows as a UNION ALL of each. */
static struct rel *rows_apart(struct domain *x, const struct rel *r)
{
	struct rel *c = rel_new(x->b->m, REL_SETOP, r->values.nrows);

	c->setop.kind = SETOP_UNION_ALL;
	c->ncols = r->ncols;
	c->cols = r->cols;
	for (uint32_t i = 0; i < r->values.nrows; i++) {
		struct rel *row = rel_new(x->b->m, REL_VALUES, 0);
		row->ncols = r->ncols;
		row->cols = mem_dup(x->b->m, r->cols, (r->ncols ? r->ncols : 1) * sizeof *r->cols);
		for (uint32_t k = 0; k < r->ncols; k++)
			row->cols[k].id = plan_new_id(x->b->p);
		row->values.nrows = 1;
		row->values.rows = mem_dup(x->b->m, &r->values.rows[i], sizeof *r->values.rows);
		c->in[i] = row;
	}
	return c;
}

/* One row of borrowed values: a projection of D. */
static bool push_values(struct domain *x, struct rel *r, struct pushed *out)
{
	struct pushed d = domain_rel(x);
	struct expr **exprs = mem_new_array(x->b->m, struct expr *, r->ncols + x->n);
	struct rel *c;

	if (r->values.nrows != 1)
		return push_setop(x, rows_apart(x, r), out);
	for (uint32_t i = 0; i < r->ncols; i++)
		exprs[i] = swapped(x, r->values.rows[0][i], d.d);
	for (uint32_t i = 0; i < x->n; i++)
		exprs[r->ncols + i] = column_of(x->b, &d.d[i]);
	c = new_project(x->b, d.rel, exprs, NULL, r->ncols + x->n);
	memcpy(c->cols, r->cols, r->ncols * sizeof *c->cols);
	*out = (struct pushed){c, c->cols + r->ncols};
	return true;
}

static bool push_filter(struct domain *x, struct rel *r, struct pushed *out)
{
	struct pushed in;

	if (!push(x, r->in[0], &in))
		return false;
	*out = (struct pushed){new_filter(x->b, in.rel, swapped(x, r->filter.predicate, in.d)), in.d};
	return true;
}

/* The function is called for each row of D's input. */
static bool push_table_fn(struct domain *x, struct rel *r, struct pushed *out)
{
	uint32_t own = rel_table_columns(r);
	struct pushed in;
	struct rel *c;

	if (!push(x, r->in[0], &in))
		return false;
	c = over(x, r, &in);
	c->ncols = in.rel->ncols + own;
	c->cols = mem_new_array(x->b->m, struct column, c->ncols);
	memcpy(c->cols, in.rel->cols, in.rel->ncols * sizeof *c->cols);
	memcpy(c->cols + in.rel->ncols, r->cols + (r->ncols - own), own * sizeof *c->cols);
	*out = (struct pushed){c, in.d};
	return true;
}

/* A definition that borrows is computed for all of D, and carries D's columns at its end. */
static bool push_cte(struct domain *x, struct rel *r, struct pushed *out)
{
	struct binder *b = x->b;
	struct rel *c = rel_copy_node(b->m, r), *def = r->in[1];
	struct pushed in;

	if (r->cte.recursive)
		return unsupported(x);
	if (has(x, def)) {
		struct expr **exprs = mem_new_array(b->m, struct expr *, def->ncols + x->n);
		if (!push(x, def, &in))
			return false;
		for (uint32_t i = 0; i < def->ncols; i++)
			exprs[i] = column_of(b, &def->cols[i]);
		for (uint32_t i = 0; i < x->n; i++)
			exprs[def->ncols + i] = column_of(b, &in.d[i]);
		c->in[1] = new_project(b, in.rel, exprs, NULL, def->ncols + x->n);
		MEM_PUSH(b->m, x->extended, x->nextended, x->extended_cap, r->cte.number);
	}
	if (!push(x, r->in[0], &in))
		return false;
	c->in[0] = in.rel;
	c->cols = in.rel->cols;
	c->ncols = in.rel->ncols;
	*out = (struct pushed){c, in.d};
	return true;
}

static bool push_cte_scan(struct domain *x, struct rel *r, struct pushed *out)
{
	struct rel *c = rel_copy_node(x->b->m, r);

	c->ncols = r->ncols + x->n;
	c->cols = mem_new_array(x->b->m, struct column, c->ncols);
	memcpy(c->cols, r->cols, r->ncols * sizeof *r->cols);
	for (uint32_t i = 0; i < x->n; i++) {
		c->cols[r->ncols + i] = x->cols[i];
		c->cols[r->ncols + i].id = plan_new_id(x->b->p);
	}
	*out = (struct pushed){c, c->cols + r->ncols};
	return true;
}

static bool push(struct domain *x, struct rel *r, struct pushed *out)
{
	if (!has(x, r)) {
		*out = cross(x, r);
		return true;
	}
	switch (r->kind) {
	case REL_FILTER:
		return push_filter(x, r, out);
	case REL_PROJECT:
		return push_project(x, r, out);
	case REL_JOIN:
		return push_join(x, r, out);
	case REL_AGGREGATE:
		return push_aggregate(x, r, out);
	case REL_WINDOW:
		return push_window(x, r, out);
	case REL_SORT:
		return push(x, r->in[0], out);
	case REL_LIMIT:
		return push_limit(x, r, out);
	case REL_SETOP:
		return push_setop(x, r, out);
	case REL_VALUES:
		return push_values(x, r, out);
	case REL_CTE:
		return push_cte(x, r, out);
	case REL_CTE_SCAN:
		return push_cte_scan(x, r, out);
	case REL_TABLE_FN:
		return push_table_fn(x, r, out);
	case REL_SCAN:
	case REL_VIRTUAL:
	case REL_SINGLE:
	case REL_REMOTE:
	case REL_EMPTY:
		return unsupported(x);
	}
	UNREACHABLE();
}

static struct rel *cte_over(struct binder *b, struct rel *in, uint32_t number, struct rel *definition)
{
	struct rel *r = rel_new(b->m, REL_CTE, 2);

	r->in[0] = in;
	r->in[1] = definition;
	r->cte.number = number;
	r->cte.name = "outer rows";
	r->ncols = in->ncols;
	r->cols = in->cols;
	return r;
}

bool domain_join(struct binder *b, enum join_kind kind, struct rel *left, struct rel *right, struct expr *condition,
				 bool null_aware, int pos, struct rel **out)
{
	struct domain x = {.b = b, .left = left, .pos = pos};
	struct idset borrowed = {0, NULL}, outer = {0, NULL};
	struct column *seen = mem_new_array(b->m, struct column, left->ncols + 1);
	struct pushed p;
	struct rel *scan, *definition;
	bool ok = true, is_local;

	rel_free_columns(left, &outer, b->m);
	is_local = !idset_is_empty(&outer);
	rel_free_columns(right, &borrowed, b->m);
	x.cols = mem_new_array(b->m, struct column, left->ncols + 1);
	for (uint32_t i = 0; i < left->ncols; i++)
		if (idset_has(&borrowed, left->cols[i].id)) {
			idset_add(&x.ids, left->cols[i].id, b->m);
			x.cols[x.n++] = left->cols[i];
		}
	definition = copy_with_fresh_ids(b, left);
	/* shared by the whole statement, or, when it borrows itself, right here */
	x.number = is_local ? b->p->next_cte++ : share_rel(b, definition, "outer rows");
	scan = new_cte_scan(b, x.number, "outer rows", definition);
	memcpy(scan->cols, left->cols, left->ncols * sizeof *left->cols); /* the left side's own ids live on */
	if (!push(&x, right, &p))
		return false;
	memcpy(seen, x.cols, x.n * sizeof *seen);
	*out = new_join(b, kind, scan, p.rel, same_row(&x, seen, p.d, condition, &ok));
	(*out)->join.null_aware = null_aware; /* same_row is never unknown, so the truth of the whole is the condition's */
	if (is_local)
		*out = cte_over(b, *out, x.number, definition);
	return ok;
}
