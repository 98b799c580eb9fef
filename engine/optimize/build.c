/*
 * Small builders and tests that several passes share.
 */
#include "engine/optimize/optimize_int.h"

struct rel *make_filter(struct optimizer *o, struct rel *in, struct expr **list, uint32_t n)
{
	struct rel *r;

	if (!n)
		return in;
	r = rel_new(o->m, REL_FILTER, 1);
	r->in[0] = in;
	r->cols = in->cols;
	r->ncols = in->ncols;
	r->filter.predicate = expr_and(o->m, list, n);
	return r;
}

struct rel *make_empty(struct optimizer *o, const struct rel *like)
{
	struct rel *r = rel_new(o->m, REL_EMPTY, 0);

	r->cols = like->cols;
	r->ncols = like->ncols;
	return r;
}

struct rel *make_limit(struct optimizer *o, struct rel *in, int64_t count)
{
	struct rel *r = rel_new(o->m, REL_LIMIT, 1);

	r->in[0] = in;
	r->cols = in->cols;
	r->ncols = in->ncols;
	r->limit.limit = expr_const(o->m, value_int8(count), -1);
	return r;
}

bool is_const_bool(const struct expr *e, bool *value)
{
	if (e->kind != EXPR_CONST || e->value.is_null || e->type.id != TYPE_BOOL)
		return false;
	*value = e->value.b;
	return true;
}

bool is_constant_null(const struct expr *e)
{
	return e->kind == EXPR_CONST && e->value.is_null;
}

bool is_guard_node(const struct rel *r)
{
	const struct rel *in;

	if (r->is_barrier)
		return true;
	if (r->kind != REL_FILTER && r->kind != REL_PROJECT)
		return false;
	in = r->in[0];
	if (r->kind == REL_PROJECT && in->kind == REL_FILTER)
		in = in->in[0];
	if (in->kind != REL_SCAN)
		return false;
	if (r->kind == REL_FILTER)
		return in->scan.guard->row_condition && !in->scan.predicate;
	return in->scan.guard->masks || (in->scan.guard->readable && in->scan.guard->row_condition);
}

struct substitution {
	const struct rel *r;
	struct expr *const *exprs;
};

static struct expr *substitute_step(struct expr *e, void *arg)
{
	struct substitution *s = arg;

	if (e->kind != EXPR_COLUMN)
		return e;
	for (uint32_t i = 0; i < s->r->ncols; i++)
		if (s->r->cols[i].id == e->column)
			return s->exprs[i];
	return e;
}

struct expr *substitute(struct optimizer *o, struct expr *e, const struct rel *r, struct expr *const *exprs)
{
	struct substitution s = {r, exprs};

	return expr_rewrite(o->m, e, substitute_step, &s);
}
