/*
 * WITHIN GROUP: ordered-set aggregates become aggregates whose last argument is what is ordered by, with that order;
 * hypothetical-set aggregates become counts of the rows that stand before the hypothetical one:
 *
 *   rank(h) WITHIN GROUP (ORDER BY x)   =  count(*) FILTER (x before h) + 1
 *
 * and likewise dense_rank (of one key: distinct values), percent_rank and cume_dist.
 */
#include "engine/bind/bind_int.h"

struct within {
	struct binder *b;
	struct scope *s;
	const struct ast_func_call *f;
	const char *name;
	int pos;
	struct sort_key *keys;
	uint32_t nkeys;
	struct expr **direct;
	uint32_t ndirect;
	struct expr *filter;
};

static struct expr *test_null(struct within *w, struct expr *x, bool is_null)
{
	struct expr *e = expr_new(w->b->m, EXPR_IS_NULL, type_make(TYPE_BOOL), 1, w->pos);

	e->args[0] = x;
	return is_null ? e : expr_not(w->b, e);
}

static struct expr *either(struct within *w, struct expr *x, struct expr *y)
{
	struct expr *e = expr_new(w->b->m, EXPR_OR, type_make(TYPE_BOOL), 2, w->pos);

	e->args[0] = x;
	e->args[1] = y;
	return e;
}

static struct expr *both(struct within *w, struct expr *x, struct expr *y)
{
	struct expr *list[2] = {x, y};

	return x && y ? expr_and(w->b->m, list, 2) : x ? x : y;
}

static struct expr *same(struct within *w, uint32_t k)
{
	struct expr *e = expr_new(w->b->m, EXPR_DISTINCT, type_make(TYPE_BOOL), 2, w->pos);

	e->args[0] = w->keys[k].expr;
	e->args[1] = w->direct[k];
	return expr_not(w->b, e);
}

/* Whether the row stands before the hypothetical one by its keys from k on (or equal to it, when asked for). */
static bool before(struct within *w, uint32_t k, bool or_equal, struct expr **out)
{
	struct expr *x = w->keys[k].expr, *h = w->direct[k], *less, *rest;
	bool first = w->keys[k].nulls_first;

	if (!call_operator(w->b, w->keys[k].descending ? ">" : "<", x, h, w->pos, &less))
		return false;
	*out = either(w, less, both(w, test_null(w, x, first), test_null(w, h, !first)));
	if (k + 1 == w->nkeys) {
		if (or_equal)
			*out = either(w, *out, same(w, k));
		return true;
	}
	if (!before(w, k + 1, or_equal, &rest))
		return false;
	*out = either(w, *out, both(w, same(w, k), rest));
	return true;
}

/* count(*), or count(DISTINCT x), of the rows with that condition. */
static bool count(struct within *w, struct expr *x, struct expr *condition, struct expr **out)
{
	struct expr **args = mem_new_array(w->b->m, struct expr *, 1), *agg;
	struct resolved r;

	args[0] = x;
	if (resolve_call(w->b, "count", FUNC_AGGREGATE, args, x ? 1 : 0, &r) != RESOLVED)
		return false;
	agg = expr_new(w->b->m, EXPR_AGG, r.type, r.nargs, w->pos);
	agg->agg.fn = r.fn;
	agg->args = r.args;
	agg->agg.star = !x;
	agg->agg.distinct = x != NULL;
	agg->agg.filter = both(w, w->filter, condition);
	*out = agg;
	return place_aggregate(w->b, agg);
}

static bool add(struct within *w, struct expr *x, int64_t n, struct expr **out)
{
	return call_operator(w->b, "+", x, expr_const(w->b->m, value_int8(n), w->pos), w->pos, out);
}

static bool ratio(struct within *w, struct expr *x, struct expr *y, struct expr **out)
{
	return coerce(w->b, x, type_make(TYPE_FLOAT8), COERCE_EXPLICIT, w->pos, &x) &&
		   coerce(w->b, y, type_make(TYPE_FLOAT8), COERCE_EXPLICIT, w->pos, &y) && call_operator(w->b, "/", x, y, w->pos, out);
}

static bool dense_rank(struct within *w, struct expr *condition, struct expr **out)
{
	struct expr *values, *nulls, *extra;

	if (w->nkeys > 1)
		return not_supported(w->b, w->pos, "dense_rank of several keys WITHIN GROUP");
	if (!count(w, w->keys[0].expr, condition, &values) || !add(w, values, 1, out))
		return false;
	if (!w->keys[0].nulls_first)
		return true;
	/* a NULL before the row is one value more */
	extra = expr_new(w->b->m, EXPR_LEAST, type_make(TYPE_INT8), 2, w->pos);
	if (!count(w, NULL, both(w, condition, test_null(w, w->keys[0].expr, true)), &nulls))
		return false;
	extra->args[0] = nulls;
	extra->args[1] = expr_const(w->b->m, value_int8(1), w->pos);
	return call_operator(w->b, "+", *out, extra, w->pos, out);
}

static bool hypothetical(struct within *w, struct expr **out)
{
	struct expr *condition, *rank, *all, *share, *none;

	if (w->ndirect != w->nkeys)
		return no_function(w->b, w->name, w->direct, w->ndirect, w->pos);
	for (uint32_t k = 0; k < w->nkeys; k++) {
		struct expr *items[2] = {w->keys[k].expr, w->direct[k]};
		struct type common;
		if (!unify(w->b, items, 2, "WITHIN GROUP", true, &common))
			return false;
		w->keys[k].expr = items[0];
		w->direct[k] = items[1];
	}
	if (!before(w, 0, strcmp(w->name, "cume_dist") == 0, &condition))
		return false;
	if (strcmp(w->name, "dense_rank") == 0)
		return dense_rank(w, condition, out);
	if (!count(w, NULL, condition, &rank))
		return false;
	if (strcmp(w->name, "rank") == 0)
		return add(w, rank, 1, out);
	if (!count(w, NULL, NULL, &all))
		return false;
	if (strcmp(w->name, "cume_dist") == 0)
		return add(w, rank, 1, &rank) && add(w, all, 1, &all) && ratio(w, rank, all, out);
	if (!ratio(w, rank, all, &share) || !call_operator(w->b, "=", all, expr_const(w->b->m, value_int8(0), w->pos), w->pos, &none))
		return false;
	*out = expr_new(w->b->m, EXPR_CASE, type_make(TYPE_FLOAT8), 3, w->pos);
	(*out)->args[0] = none;
	(*out)->args[1] = expr_const(w->b->m, value_float8(0), w->pos);
	(*out)->args[2] = share;
	return true;
}

static bool ordered(struct within *w, struct expr **out)
{
	struct binder *b = w->b;
	uint32_t n = w->ndirect + w->nkeys;
	struct expr **args = mem_new_array(b->m, struct expr *, n), *agg;
	struct resolved r;

	memcpy(args, w->direct, w->ndirect * sizeof *args);
	for (uint32_t k = 0; k < w->nkeys; k++)
		args[w->ndirect + k] = w->keys[k].expr;
	switch (resolve_call(b, w->name, FUNC_AGGREGATE, args, n, &r)) {
	case RESOLVED:
		break;
	case RESOLVE_NONE:
	case RESOLVE_MANY:
		return no_function(b, w->name, args, n, w->pos);
	case RESOLVE_FAILED:
		return false;
	}
	if (!(r.fn->flags & FUNC_ORDERED_SET))
		return err_at(b->e, w->pos, ERR_WRONG_OBJECT_TYPE, "%s is not an ordered-set aggregate, so it cannot have WITHIN GROUP",
					  w->name);
	w->keys[0].expr = r.args[r.nargs - 1];
	agg = expr_new(b->m, EXPR_AGG, r.type, r.nargs, w->pos);
	agg->agg.fn = r.fn;
	agg->args = r.args;
	agg->agg.filter = w->filter;
	agg->agg.order = w->keys;
	agg->agg.norder = 1;
	*out = agg;
	return place_aggregate(b, agg);
}

static bool is_hypothetical(const char *name)
{
	return strcmp(name, "rank") == 0 || strcmp(name, "dense_rank") == 0 || strcmp(name, "percent_rank") == 0 ||
		   strcmp(name, "cume_dist") == 0;
}

static bool bind_parts(struct within *w)
{
	const struct ast_list *order = &w->f->order_by;
	enum clause saved = w->s->clause;
	bool ok = true;

	w->ndirect = w->f->args.count;
	w->direct = mem_new_array(w->b->m, struct expr *, w->ndirect + 1);
	w->nkeys = order->count;
	w->keys = mem_new_array(w->b->m, struct sort_key, w->nkeys + 1);
	w->s->clause = CLAUSE_FILTER;
	if (w->f->filter)
		ok = bind_condition(w->b, w->s, w->f->filter, "FILTER", &w->filter);
	w->s->clause = CLAUSE_AGGREGATE;
	for (uint32_t i = 0; ok && i < w->ndirect; i++)
		ok = bind_expr(w->b, w->s, w->f->args.items[i], &w->direct[i]);
	for (uint32_t i = 0; ok && i < w->nkeys; i++) {
		const struct ast_sort *sort = AST_AS(SORT, sort, order->items[i]);
		ok = bind_expr(w->b, w->s, sort->value, &w->keys[i].expr) && sort_direction(w->b, sort, &w->keys[i]);
	}
	w->s->clause = saved;
	return ok;
}

bool bind_within_group(struct binder *b, struct scope *s, const struct ast_func_call *f, const char *name, struct expr **out)
{
	struct within w = {.b = b, .s = s, .f = f, .name = name, .pos = at(b, &f->base)};
	struct aggregate_frame frame = {.outer = b->aggregates, .scope = s};
	size_t count_rows;
	bool ok;

	func_find(name, FUNC_AGGREGATE, &count_rows);
	if (f->over)
		return not_supported(b, w.pos, "OVER for an ordered-set aggregate");
	if (f->distinct)
		return err_at(b->e, w.pos, ERR_SYNTAX_ERROR, "cannot use DISTINCT with WITHIN GROUP");
	b->aggregates = &frame;
	ok = bind_parts(&w);
	if (ok && is_hypothetical(name))
		ok = hypothetical(&w, out);
	else if (ok)
		ok = count_rows ? ordered(&w, out) : no_function(b, name, w.direct, w.ndirect, w.pos);
	b->aggregates = frame.outer;
	return ok;
}
