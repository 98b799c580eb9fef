/*
 * Joins whose right side borrows columns of the left ("dependent joins") made independent, by pulling
 * the borrowing conditions up: a filter inside the right side becomes part of the join's condition; below
 * an aggregate it must be an equality, whose inner half becomes a group key. A scalar aggregate is joined
 * from the left, so that an empty group still gives a row (count: 0).
 * Where that does not do, domain.c computes the right side for all distinct borrowed values at once.
 */
#include "engine/bind/bind_int.h"

struct puller {
	struct binder *b;
	const struct idset *outer; /* ids of the left side */
	struct expr **list;        /* conditions pulled so far, over the result's columns and outer's */
	size_t n, cap;
};

static bool borrows(struct binder *b, const struct rel *r, const struct idset *outer)
{
	struct idset ids = {0, NULL};

	rel_free_columns(r, &ids, b->m);
	return idset_meets(&ids, outer);
}

static bool uses(struct binder *b, const struct expr *e, const struct idset *outer)
{
	struct idset ids = {0, NULL};

	expr_columns(e, &ids, b->m);
	return idset_meets(&ids, outer);
}

static enum walk own_subquery_step(const struct expr *e, void *arg)
{
	if (e->kind == EXPR_SUBQUERY)
		*(bool *)arg = true;
	return WALK_ON;
}

/* Borrowing conjuncts go to the list, the rest comes back. */
static bool split(struct puller *p, struct expr *condition, struct expr **rest)
{
	struct expr **list, **keep;
	uint32_t n = expr_conjuncts(p->b->m, condition, &list), nkeep = 0;

	keep = mem_new_array(p->b->m, struct expr *, n + 1);
	for (uint32_t i = 0; i < n; i++) {
		bool has_subquery = false;
		if (!uses(p->b, list[i], p->outer)) {
			keep[nkeep++] = list[i];
			continue;
		}
		expr_walk(list[i], own_subquery_step, &has_subquery);
		if (has_subquery)
			return false;
		MEM_PUSH(p->b->m, p->list, p->n, p->cap, list[i]);
	}
	*rest = expr_and(p->b->m, keep, nkeep);
	return true;
}

struct rename {
	struct binder *b;
	uint32_t from, to;
};

static struct expr *rename_step(struct expr *e, void *arg)
{
	struct rename *r = arg;

	return e->kind == EXPR_COLUMN && e->column == r->from ? expr_column(r->b->m, r->to, e->type, e->pos) : NULL;
}

static void rename_pulled(struct puller *p, size_t from_item, uint32_t from, uint32_t to)
{
	struct rename r = {p->b, from, to};

	for (size_t i = from_item; i < p->n; i++)
		p->list[i] = expr_replace(p->b, p->list[i], rename_step, &r);
}

static bool pull(struct puller *p, struct rel *r, struct rel **out);

/* Columns that pulled conditions need pass through the projection. */
static bool pull_project(struct puller *p, struct rel *r, struct rel **out)
{
	struct binder *b = p->b;
	size_t first = p->n;
	struct idset needed = {0, NULL};
	struct expr **exprs;
	struct rel *in, *c;
	uint32_t n = r->ncols;

	for (uint32_t i = 0; i < r->ncols; i++)
		if (uses(b, r->project.exprs[i], p->outer))
			return false;
	if (!pull(p, r->in[0], &in))
		return false;
	for (size_t i = first; i < p->n; i++)
		expr_columns(p->list[i], &needed, b->m);
	c = rel_copy_node(b->m, r);
	c->in[0] = in;
	c->cols = mem_new_array(b->m, struct column, r->ncols + in->ncols + 1);
	memcpy(c->cols, r->cols, r->ncols * sizeof *r->cols);
	exprs = mem_new_array(b->m, struct expr *, r->ncols + in->ncols + 1);
	memcpy(exprs, r->project.exprs, r->ncols * sizeof *exprs);
	for (uint32_t i = 0; i < in->ncols; i++) {
		if (!idset_has(&needed, in->cols[i].id))
			continue;
		c->cols[n] = in->cols[i];
		c->cols[n].id = plan_new_id(b->p);
		exprs[n] = column_of(b, &in->cols[i]);
		rename_pulled(p, first, in->cols[i].id, c->cols[n].id);
		n++;
	}
	c->project.exprs = exprs;
	c->ncols = n;
	*out = c;
	return true;
}

/* inner = outer: which half is which. */
static bool is_key(struct puller *p, const struct expr *e, uint32_t *inner)
{
	for (uint32_t i = 0; i < 2; i++) {
		struct idset ids = {0, NULL};
		if (e->kind != EXPR_CALL || e->nargs != 2 || e->fn->kind != FUNC_OPERATOR || strcmp(e->fn->name, "=") != 0)
			return false;
		if (uses(p->b, e->args[i], p->outer))
			continue;
		expr_columns(e->args[1 - i], &ids, p->b->m);
		if (!idset_covers(p->outer, &ids))
			return false;
		*inner = i;
		return true;
	}
	return false;
}

/* The aggregate with the inner halves of the pulled equalities as further groups. */
static bool regroup(struct puller *p, size_t first, struct rel *r, struct rel *in, struct rel **out)
{
	struct binder *b = p->b;
	uint32_t extra = (uint32_t)(p->n - first), g = r->agg.ngroups, n = 0;
	struct rel *c = rel_copy_node(b->m, r);

	c->in[0] = in;
	c->agg.groups = mem_new_array(b->m, struct expr *, g + extra + 1);
	c->cols = mem_new_array(b->m, struct column, r->ncols + extra + 1);
	memcpy(c->cols, r->cols, g * sizeof *c->cols);
	if (g)
		memcpy(c->agg.groups, r->agg.groups, g * sizeof *c->agg.groups);
	for (size_t i = first; i < p->n; i++) {
		struct expr *e, *key;
		uint32_t inner, k;
		if (!is_key(p, p->list[i], &inner))
			return false;
		key = p->list[i]->args[inner];
		for (k = 0; k < n && !expr_equal(c->agg.groups[g + k], key); k++)
			;
		if (k == n) {
			c->agg.groups[g + n] = key;
			c->cols[g + n] = (struct column){.id = plan_new_id(b->p), .name = "key", .type = key->type};
			n++;
		}
		e = mem_dup(b->m, p->list[i], sizeof *e);
		e->args = mem_dup(b->m, e->args, 2 * sizeof *e->args);
		e->args[inner] = column_of(b, &c->cols[g + k]);
		p->list[i] = e;
	}
	memcpy(c->cols + g + n, r->cols + g, (r->ncols - g) * sizeof *c->cols);
	c->agg.ngroups = g + n;
	c->ncols = r->ncols + n;
	*out = c;
	return true;
}

static bool aggregate_uses(struct puller *p, const struct rel *r)
{
	for (uint32_t i = 0; i < r->agg.ngroups; i++)
		if (uses(p->b, r->agg.groups[i], p->outer))
			return true;
	for (uint32_t i = 0; i < r->agg.naggs; i++)
		if (uses(p->b, r->agg.aggs[i], p->outer))
			return true;
	return false;
}

static bool pull_aggregate(struct puller *p, struct rel *r, bool scalar, struct rel **out)
{
	size_t first = p->n;
	struct rel *in;

	if (r->agg.nsets || (r->agg.ngroups == 0) != scalar || aggregate_uses(p, r) || !pull(p, r->in[0], &in))
		return false;
	return regroup(p, first, r, in, out);
}

static struct rel *rejoin(struct binder *b, const struct rel *r, struct rel *left, struct rel *right,
						  struct expr *condition)
{
	struct rel *c = new_join(b, r->join.kind, left, right, condition);

	c->join.null_aware = r->join.null_aware;
	if (r->join.kind == JOIN_MARK)
		c->cols[c->ncols - 1] = r->cols[r->ncols - 1];
	return c;
}

static bool pull_join(struct puller *p, struct rel *r, struct rel **out)
{
	struct rel *left, *right = r->in[1];
	struct expr *condition = r->join.condition;

	switch (r->join.kind) {
	case JOIN_INNER:
		if (!pull(p, r->in[0], &left) || !pull(p, r->in[1], &right) || !split(p, condition, &condition))
			return false;
		break;
	case JOIN_LEFT:
	case JOIN_SEMI:
	case JOIN_ANTI:
	case JOIN_MARK:
	case JOIN_SINGLE:
		if (borrows(p->b, right, p->outer) || (condition && uses(p->b, condition, p->outer)) || !pull(p, r->in[0], &left))
			return false;
		break;
	case JOIN_RIGHT:
	case JOIN_FULL:
		return false;
	}
	*out = rejoin(p->b, r, left, right, condition);
	return true;
}

static bool pull(struct puller *p, struct rel *r, struct rel **out)
{
	struct expr *rest;

	if (!borrows(p->b, r, p->outer)) {
		*out = r;
		return true;
	}
	switch (r->kind) {
	case REL_FILTER:
		if (!split(p, r->filter.predicate, &rest) || !pull(p, r->in[0], out))
			return false;
		*out = new_filter(p->b, *out, rest);
		return true;
	case REL_PROJECT:
		return pull_project(p, r, out);
	case REL_AGGREGATE:
		return pull_aggregate(p, r, false, out);
	case REL_JOIN:
		return pull_join(p, r, out);
	case REL_SORT:
		return pull(p, r->in[0], out);
	case REL_SCAN:
	case REL_VIRTUAL:
	case REL_VALUES:
	case REL_WINDOW:
	case REL_LIMIT:
	case REL_SETOP:
	case REL_CTE:
	case REL_CTE_SCAN:
	case REL_TABLE_FN:
	case REL_SINGLE:
	case REL_REMOTE:
	case REL_EMPTY:
		return false;
	}
	UNREACHABLE();
}

static struct expr *conjunction(struct binder *b, struct expr *condition, struct expr **list, size_t n)
{
	struct expr **all = mem_new_array(b->m, struct expr *, n + 1);
	uint32_t k = 0;

	if (condition)
		all[k++] = condition;
	for (size_t i = 0; i < n; i++)
		all[k++] = list[i];
	return expr_and(b->m, all, k);
}

/* Under three-valued IN, an unknown borrowing condition means that the row isn't in the subquery. */
static void make_two_valued(struct binder *b, struct expr **list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct expr *e = expr_new(b->m, EXPR_IS_TRUE, type_make(TYPE_BOOL), 1, list[i]->pos);
		e->args[0] = list[i];
		list[i] = e;
	}
}

bool dependent_join(struct binder *b, enum join_kind kind, struct rel *left, struct rel *right, struct expr *condition,
					bool null_aware, int pos, struct rel **out)
{
	struct idset outer = {0, NULL};
	struct puller p = {.b = b, .outer = &outer};
	struct rel *r;

	rel_out_ids(left, &outer, b->m);
	if (!borrows(b, right, &outer)) {
		*out = new_join(b, kind, left, right, condition);
		(*out)->join.null_aware = null_aware;
		return true;
	}
	if (table_fn_join(b, kind, left, right, condition, out))
		return true;
	if (kind == JOIN_RIGHT || kind == JOIN_FULL)
		return err_at(b->e, pos, ERR_INVALID_COLUMN_REFERENCE,
					  "invalid reference to FROM-clause entry: the combining JOIN type must be INNER or LEFT for a "
					  "LATERAL reference");
	if (!pull(&p, right, &r))
		return domain_join(b, kind, left, right, condition, null_aware, pos, out);
	if (null_aware)
		make_two_valued(b, p.list, p.n);
	*out = new_join(b, kind, left, r, conjunction(b, condition, p.list, p.n));
	(*out)->join.null_aware = null_aware;
	return true;
}

/* ---- scalar subqueries ---- */

struct substitution {
	struct binder *b;
	const struct rel *from; /* replace its output columns … */
	struct expr **to;       /* … by these */
};

static struct expr *substitute_step(struct expr *e, void *arg)
{
	struct substitution *s = arg;

	if (e->kind != EXPR_COLUMN)
		return NULL;
	for (uint32_t i = 0; i < s->from->ncols; i++)
		if (s->from->cols[i].id == e->column)
			return s->to[i];
	return NULL;
}

/* What an aggregate gives for no rows, in place of the NULL of an unmatched left join. */
struct expr *empty_default(struct binder *b, const struct expr *agg, struct expr *column)
{
	struct expr *c;

	if (strcmp(agg->agg.fn->name, "count") != 0 && strcmp(agg->agg.fn->name, "regr_count") != 0)
		return column;
	c = expr_new(b->m, EXPR_COALESCE, column->type, 2, -1);
	c->args[0] = column;
	c->args[1] = expr_const(b->m, value_int8(0), -1);
	return c;
}

/* The usual shape: projections over an aggregate without groups. The projections are computed above the
 * join, where an unmatched row looks like the empty group. */
static bool aggregate_value(struct binder *b, struct rel **rel, struct expr *e, const struct idset *outer,
							struct expr **out)
{
	struct puller p = {.b = b, .outer = outer};
	struct rel *chain[16], *r = e->sub.rel, *agg;
	struct expr **values;
	uint32_t depth = 0;

	while (r->kind == REL_PROJECT && depth < ARRAY_LEN(chain)) {
		chain[depth++] = r;
		r = r->in[0];
	}
	if (r->kind != REL_AGGREGATE || r->agg.ngroups || !pull_aggregate(&p, r, true, &agg))
		return false;
	*rel = new_join(b, JOIN_LEFT, *rel, agg, conjunction(b, NULL, p.list, p.n));
	values = mem_new_array(b->m, struct expr *, r->ncols + 1);
	for (uint32_t i = 0; i < r->ncols; i++)
		values[i] = empty_default(b, r->agg.aggs[i], column_of(b, &r->cols[i]));
	while (depth-- > 0) {
		struct substitution s = {b, r, values};
		struct expr **next = mem_new_array(b->m, struct expr *, chain[depth]->ncols + 1);
		for (uint32_t i = 0; i < chain[depth]->ncols; i++)
			next[i] = expr_replace(b, chain[depth]->project.exprs[i], substitute_step, &s);
		values = next;
		r = chain[depth];
	}
	*out = values[0];
	return true;
}

bool scalar_join(struct binder *b, struct rel **rel, struct expr *e, struct expr **out)
{
	struct idset outer = {0, NULL};
	uint32_t before = (*rel)->ncols;

	rel_out_ids(*rel, &outer, b->m);
	if (borrows(b, e->sub.rel, &outer) && aggregate_value(b, rel, e, &outer, out))
		return true;
	if (!dependent_join(b, JOIN_SINGLE, *rel, e->sub.rel, NULL, false, e->pos, rel))
		return false;
	(void)before;
	*out = column_of(b, &e->sub.rel->cols[0]);
	return true;
}
