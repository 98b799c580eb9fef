/*
 * Subqueries become joins. What borrows nothing and yields one value (scalar, EXISTS) stays in its
 * expression and is evaluated once; EXISTS and IN that are whole conjuncts become semi and anti joins, others
 * mark joins; a correlated scalar becomes a left or single join. The dependence of the right side on the left
 * is removed in decorrelate.c.
 */
#include "engine/bind/bind_int.h"

struct unnester {
	struct binder *b;
	struct rel **rel;  /* NULL target: joins are impossible here */
	bool failed;
};

static bool is_borrowing(struct binder *b, const struct rel *r)
{
	struct idset ids = {0, NULL};

	rel_free_columns(r, &ids, b->m);
	return !idset_is_empty(&ids);
}

/* EXISTS does not care for order, columns, duplicates or a limit of at least one. */
static struct rel *strip_exists(struct rel *r)
{
	for (;;) {
		bool constant_limit = r->kind == REL_LIMIT && !r->limit.offset && r->limit.limit &&
							  r->limit.limit->kind == EXPR_CONST && !r->limit.limit->value.is_null &&
							  r->limit.limit->value.i64 > 0;
		if (r->kind == REL_PROJECT || r->kind == REL_SORT || constant_limit ||
			(r->kind == REL_AGGREGATE && r->agg.ngroups > 0 && r->agg.nsets == 0))
			r = r->in[0];
		else
			return r;
	}
}

struct test_values {
	struct binder *b;
	const struct expr *e;
	const struct rel *rel;
};

static struct expr *test_step(struct expr *x, void *arg)
{
	const struct test_values *v = arg;
	uint32_t base = v->e->sub.base, n = v->e->nargs;

	if (x->kind != EXPR_COLUMN || x->column < base || x->column >= base + 2 * n)
		return NULL;
	return x->column < base + n ? v->e->args[x->column - base] : column_of(v->b, &v->rel->cols[x->column - base - n]);
}

/* args op columns, as a conjunction; or the test with the values in it. */
static struct expr *quantified_condition(struct binder *b, const struct expr *e, const struct rel *rel)
{
	struct test_values values = {b, e, rel};
	struct expr **list = mem_new_array(b->m, struct expr *, e->nargs);

	if (e->sub.test)
		return expr_replace(b, e->sub.test, test_step, &values);

	for (uint32_t i = 0; i < e->nargs; i++) {
		struct expr *pair[2] = {e->args[i], column_of(b, &rel->cols[i])};
		list[i] = expr_call(b->m, e->sub.ops[i], type_make(TYPE_BOOL), pair, 2, e->pos);
	}
	return expr_and(b->m, list, e->nargs);
}

static const struct column *last_column(const struct rel *r)
{
	return &r->cols[r->ncols - 1];
}

static bool no_nulls(const struct rel *left, const struct rel *right, const struct expr *e)
{
	for (uint32_t i = 0; i < e->nargs; i++) {
		bool sure = e->args[i]->kind == EXPR_CONST && !e->args[i]->value.is_null;
		for (uint32_t c = 0; c < left->ncols && e->args[i]->kind == EXPR_COLUMN; c++)
			sure |= left->cols[c].id == e->args[i]->column && left->cols[c].not_null;
		if (!sure || !right->cols[i].not_null)
			return false;
	}
	return true;
}

static bool mark_subquery(struct unnester *u, struct expr *e, struct expr **out)
{
	struct binder *b = u->b;
	struct rel *sub = e->sub.kind == SUB_EXISTS ? strip_exists(e->sub.rel) : e->sub.rel;
	bool any = e->sub.kind == SUB_ANY;
	struct expr *condition = any ? quantified_condition(b, e, sub) : NULL;

	if (!*u->rel)
		return not_supported(b, e->pos, "a subquery of this kind here");
	if (!dependent_join(b, JOIN_MARK, *u->rel, sub, condition, any && !no_nulls(*u->rel, sub, e), e->pos, u->rel))
		return false;
	*out = column_of(b, last_column(*u->rel));
	return true;
}

/* BETWEEN, CASE x WHEN and others repeat an expression: each place joins a copy. */
static void take_copy(struct binder *b, struct expr *e)
{
	const struct rel *r = e->sub.rel;

	for (size_t i = 0; i < b->nplaced; i++)
		if (b->placed[i] == r) {
			e->sub.rel = copy_with_fresh_ids(b, r);
			return;
		}
	MEM_PUSH(b->m, b->placed, b->nplaced, b->placed_cap, r);
}

static bool place_subquery(struct unnester *u, struct expr *e, struct expr **out)
{
	struct binder *b = u->b;

	if (e->sub.kind == SUB_ANY || is_borrowing(b, e->sub.rel))
		take_copy(b, e);
	for (uint32_t i = 0; i < e->nargs; i++)
		if (!unnest(b, u->rel, &e->args[i]))
			return false;
	switch (e->sub.kind) {
	case SUB_SCALAR:
		*out = e;
		if (!is_borrowing(b, e->sub.rel))
			return true;
		if (!*u->rel)
			return not_supported(b, e->pos, "a correlated subquery here");
		return scalar_join(b, u->rel, e, out);
	case SUB_EXISTS:
		*out = e;
		if (!is_borrowing(b, e->sub.rel))
			return true;
		return mark_subquery(u, e, out);
	case SUB_ANY:
		return mark_subquery(u, e, out);
	case SUB_ALL:
		break;
	}
	UNREACHABLE();
}

static struct expr *unnest_step(struct expr *e, void *arg)
{
	struct unnester *u = arg;
	struct expr *c, *out;

	if (u->failed || e->kind == EXPR_AGG) /* an outer query's aggregate: its insides are joined there */
		return e;
	if (e->kind != EXPR_SUBQUERY)
		return NULL;
	c = mem_dup(u->b->m, e, sizeof *e);
	if (e->nargs)
		c->args = mem_dup(u->b->m, e->args, e->nargs * sizeof *e->args);
	if (!place_subquery(u, c, &out)) {
		u->failed = true;
		return e;
	}
	return out;
}

bool unnest(struct binder *b, struct rel **rel, struct expr **e)
{
	struct unnester u = {b, rel, false};

	*e = expr_replace(b, *e, unnest_step, &u);
	return !u.failed;
}

bool unnest_aggregate(struct binder *b, struct rel **rel, struct expr **agg)
{
	struct expr *c = mem_dup(b->m, *agg, sizeof *c);
	bool ok = true;

	c->args = mem_new_array(b->m, struct expr *, c->nargs + 1);
	for (uint32_t i = 0; ok && i < c->nargs; i++) {
		c->args[i] = (*agg)->args[i];
		ok = unnest(b, rel, &c->args[i]);
	}
	c->agg.order = mem_new_array(b->m, struct sort_key, c->agg.norder + 1);
	for (uint32_t i = 0; ok && i < c->agg.norder; i++) {
		c->agg.order[i] = (*agg)->agg.order[i];
		ok = unnest(b, rel, &c->agg.order[i].expr);
	}
	ok = ok && (!c->agg.filter || unnest(b, rel, &c->agg.filter));
	*agg = c;
	return ok;
}

/* ---- whole conjuncts ---- */

static enum walk subquery_step(const struct expr *e, void *arg)
{
	if (e->kind == EXPR_SUBQUERY)
		*(bool *)arg = true;
	return WALK_ON;
}

static bool has_subquery(const struct expr *e)
{
	bool has = false;

	expr_walk(e, subquery_step, &has);
	return has;
}

/* x NOT IN (q): the row goes when the comparison is true or unknown for some row of q. */
static struct expr *not_false(struct binder *b, struct expr *condition)
{
	struct expr *truth = expr_new(b->m, EXPR_IS_TRUE, type_make(TYPE_BOOL), 1, condition->pos);

	truth->args[0] = expr_not(b, condition);
	return expr_not(b, truth);
}

static bool anti_in(struct binder *b, struct rel **rel, struct expr *e)
{
	struct expr *condition = quantified_condition(b, e, e->sub.rel);
	bool null_aware = !no_nulls(*rel, e->sub.rel, e);

	if (null_aware && (e->nargs > 1 || is_borrowing(b, e->sub.rel))) {
		condition = not_false(b, condition);
		null_aware = false;
	}
	return dependent_join(b, JOIN_ANTI, *rel, e->sub.rel, condition, null_aware, e->pos, rel);
}

static bool filter_conjunct(struct binder *b, struct rel **rel, struct expr *e)
{
	bool negated = e->kind == EXPR_NOT;
	struct expr *sub = negated ? e->args[0] : e;

	if (sub->kind == EXPR_SUBQUERY && (sub->sub.kind == SUB_ANY || (sub->sub.kind == SUB_EXISTS && is_borrowing(b, sub->sub.rel)))) {
		sub = mem_dup(b->m, sub, sizeof *sub);
		take_copy(b, sub);
	}
	if (sub->kind == EXPR_SUBQUERY && sub->sub.kind == SUB_EXISTS && is_borrowing(b, sub->sub.rel))
		return dependent_join(b, negated ? JOIN_ANTI : JOIN_SEMI, *rel, strip_exists(sub->sub.rel), NULL, false, e->pos,
							  rel);
	if (sub->kind == EXPR_SUBQUERY && sub->sub.kind == SUB_ANY) {
		for (uint32_t i = 0; i < sub->nargs; i++)
			if (!unnest(b, rel, &sub->args[i]))
				return false;
		if (negated)
			return anti_in(b, rel, sub);
		return dependent_join(b, JOIN_SEMI, *rel, sub->sub.rel, quantified_condition(b, sub, sub->sub.rel), false, e->pos,
							  rel);
	}
	if (!unnest(b, rel, &e))
		return false;
	*rel = new_filter(b, *rel, e);
	return true;
}

bool filter_rel(struct binder *b, struct rel **rel, struct expr *condition)
{
	struct expr **list, **plain;
	uint32_t n = expr_conjuncts(b->m, condition, &list), nplain = 0;

	plain = mem_new_array(b->m, struct expr *, n + 1);
	for (uint32_t i = 0; i < n; i++)
		if (!has_subquery(list[i]))
			plain[nplain++] = list[i];
	*rel = new_filter(b, *rel, expr_and(b->m, plain, nplain));
	for (uint32_t i = 0; i < n; i++)
		if (has_subquery(list[i]) && !filter_conjunct(b, rel, list[i]))
			return false;
	return true;
}
