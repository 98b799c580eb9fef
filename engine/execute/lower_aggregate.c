/*
 * Lowering of aggregation: one program for group keys, arguments, filters and order keys; layouts of the
 * groups' rows per grouping set; which aggregates are deferred.
 */
#include "engine/execute/aggregate.h"
#include "engine/execute/runtime_filter.h"

struct agg_plan {
	struct lowering *l;
	const struct rel *r;
	struct aggregate *g;
	size_t nexprs, exprs_cap;
	struct expr **exprs;
	uint32_t header;
	bool serial, keep_input;
};

static uint32_t add_expr(struct agg_plan *p, struct expr *e)
{
	MEM_PUSH(p->l->x->mem, p->exprs, p->nexprs, p->exprs_cap, e);
	return (uint32_t)p->nexprs - 1;
}

/* An argument that can fail is computed only for rows which the filter lets through. */
static struct expr *filtered_arg(struct mem *m, struct expr *arg, struct expr *filter)
{
	struct expr *e;

	if (!filter || !expr_can_fail(arg))
		return arg;
	e = expr_new(m, EXPR_CASE, arg->type, 3, arg->pos);
	e->args[0] = filter;
	e->args[1] = arg;
	e->args[2] = expr_const(m, value_null(arg->type), -1);
	return e;
}

static bool add_call(struct agg_plan *p, struct agg_call *a, struct expr *e)
{
	struct mem *m = p->l->x->mem;
	const struct func *fn = e->agg.fn;

	if (!fn->agg)
		return err_at(p->l->err, e->pos, ERR_FEATURE_NOT_SUPPORTED, "aggregate %s is not supported yet", fn->name);
	*a = (struct agg_call){.expr = e, .ops = fn->agg, .filter = -1, .nargs = e->agg.star ? 0 : e->nargs};
	a->strict = !(fn->flags & FUNC_NOT_STRICT);
	a->distinct = e->agg.distinct && !(fn->flags & FUNC_IGNORES_DISTINCT);
	a->norder = e->agg.norder;
	a->deferred = a->distinct || (a->norder && (fn->flags & FUNC_ORDER_MATTERS));
	if (!a->deferred)
		a->norder = 0;
	p->serial |= !a->deferred && (fn->flags & FUNC_ORDER_MATTERS);
	p->g->drops |= fn->agg->drop != NULL;
	p->keep_input |= fn->agg->drop && !a->deferred; /* a deferred one's state is empty until the output */
	a->arg_types = mem_new_array(m, struct type, a->nargs + 1);
	a->const_args = mem_new_array(m, struct value, a->nargs + 1);
	a->first_arg = (uint32_t)p->nexprs;
	for (uint32_t i = 0; i < a->nargs; i++) {
		a->arg_types[i] = e->args[i]->type;
		a->const_args[i] = e->args[i]->kind == EXPR_CONST ? e->args[i]->value : value_null(type_make(TYPE_VOID));
		(void)add_expr(p, filtered_arg(m, e->args[i], e->agg.filter));
	}
	if (e->agg.filter)
		a->filter = (int)add_expr(p, e->agg.filter);
	a->first_order = (uint32_t)p->nexprs;
	for (uint32_t i = 0; i < a->norder; i++)
		(void)add_expr(p, e->agg.order[i].expr);
	a->offset = p->header;
	p->header = (p->header + (uint32_t)fn->agg->state_size + 15) & ~15u;
	return true;
}

/* The side store of a deferred aggregate. */
static void add_side(struct agg_plan *p, const struct agg_set *set, const struct agg_call *a, struct agg_side *side)
{
	struct mem *m = p->l->x->mem;
	uint32_t ncols = set->nkeys + a->nargs + a->norder;
	struct type *types = mem_new_array(m, struct type, ncols + 1);
	struct row_key *keys = mem_new_array(m, struct row_key, a->nargs + a->norder + 1);
	struct row_key *all = mem_new_array(m, struct row_key, ncols + a->nargs + 1);
	uint32_t n = 0, nall = 0;

	for (uint32_t k = 0; k < set->nkeys; k++)
		types[k] = p->r->agg.groups[set->groups[k]]->type;
	for (uint32_t i = 0; i < a->nargs; i++)
		types[set->nkeys + i] = a->arg_types[i];
	for (uint32_t i = 0; i < a->norder; i++) {
		const struct sort_key *k = &a->expr->agg.order[i];
		types[set->nkeys + a->nargs + i] = k->expr->type;
		keys[n++] = (struct row_key){set->nkeys + a->nargs + i, k->descending, k->nulls_first};
	}
	/* distinct values arrive sorted, as PostgreSQL's do */
	if (a->distinct && (a->expr->agg.fn->flags & FUNC_ORDER_MATTERS))
		for (uint32_t i = 0; i < a->nargs; i++)
			keys[n++] = (struct row_key){set->nkeys + i, false, false};
	side->call = a;
	for (uint32_t k = 0; k < set->nkeys; k++)
		all[nall++] = (struct row_key){k, false, false};
	for (uint32_t i = 0; i < n; i++)
		all[nall++] = keys[i];
	for (uint32_t i = 0; a->distinct && i < a->nargs; i++)
		all[nall++] = (struct row_key){set->nkeys + i, false, false};
	side->layout = rowlayout_new(m, SIDE_HEADER, types, ncols);
	side->nkeys = set->nkeys + a->nargs;
	side->order = (struct row_order){side->layout, n, keys};
	side->spilled_order = (struct row_order){side->layout, nall, all};
}

static void add_set(struct agg_plan *p, struct agg_set *set, const struct idset *members)
{
	struct mem *m = p->l->x->mem;
	const struct rel *r = p->r;
	struct type *types = mem_new_array(m, struct type, r->agg.ngroups + 1);

	set->groups = mem_new_array(m, uint32_t, r->agg.ngroups + 1);
	for (uint32_t i = 0; i < r->agg.ngroups; i++) {
		if (members && !idset_has(members, i)) {
			set->bitmap |= (int32_t)(UINT32_C(1) << i);
			continue;
		}
		types[set->nkeys] = r->agg.groups[i]->type;
		set->groups[set->nkeys++] = i;
	}
	set->layout = rowlayout_new(m, p->header, types, set->nkeys);
	set->sides = mem_new_array(m, struct agg_side, p->g->ncalls + 1);
	for (uint32_t c = 0; c < p->g->ncalls; c++)
		if (p->g->calls[c].deferred)
			add_side(p, set, &p->g->calls[c], &set->sides[set->nsides++]);
}

static const struct rowlayout *input_layout(const struct agg_plan *p)
{
	struct mem *m = p->l->x->mem;
	struct type *types = mem_new_array(m, struct type, p->nexprs + 1);

	for (size_t i = 0; i < p->nexprs; i++)
		types[i] = p->exprs[i]->type;
	return rowlayout_new(m, GROUP_HEADER, types, (uint32_t)p->nexprs);
}

/* What joins above want of a group may be wanted of the rows. */
static void pass_filters(struct lowering *l, const struct rel *r)
{
	for (uint32_t i = 0; i < r->agg.ngroups && !r->agg.nsets; i++)
		if (r->agg.groups[i]->kind == EXPR_COLUMN)
			wanted_also(l, r->cols[i].id, r->agg.groups[i]->column);
}

static bool plan_aggregate(struct agg_plan *p)
{
	struct mem *m = p->l->x->mem;
	struct aggregate *g = p->g;
	const struct rel *r = p->r;

	p->header = GROUP_HEADER;
	for (uint32_t i = 0; i < r->agg.ngroups; i++)
		(void)add_expr(p, r->agg.groups[i]);
	g->ncalls = r->agg.naggs;
	g->calls = mem_new_array(m, struct agg_call, g->ncalls + 1);
	for (uint32_t i = 0; i < g->ncalls; i++)
		if (!add_call(p, &g->calls[i], r->agg.aggs[i]))
			return false;
	g->nsets = r->agg.nsets ? r->agg.nsets : 1;
	g->sets = mem_new_array(m, struct agg_set, g->nsets);
	for (uint32_t s = 0; s < g->nsets; s++)
		add_set(p, &g->sets[s], r->agg.nsets ? &r->agg.sets[s] : NULL);
	g->nout = (uint32_t)p->nexprs;
	if (p->keep_input)
		g->input = input_layout(p);
	(void)sink_aggregate_new(g);
	g->sink->serial = p->serial;
	return program_compile(p->l, g->sink, r->in[0]->cols, r->in[0]->ncols, p->exprs, g->nout, &g->program, p->l->err);
}

bool lower_grouping(struct lowering *l, const struct rel *r, const struct rel *node, bool produces, const struct chain *up)
{
	struct aggregate *g = mem_new_object(l->x->mem, struct aggregate);
	struct agg_plan p = {.l = l, .r = r, .g = g};
	struct chain end;
	struct op *source;

	g->x = l->x;
	g->node = r;
	if (!plan_aggregate(&p))
		return false;
	end = (struct chain){g->sink, NULL};
	pass_filters(l, r);
	if (!lower_rel(l, r->in[0], &end))
		return false;
	source = source_aggregate_new(g);
	g->sink->node = source->node = node;
	source->produces = produces;
	lower_source(l, source, false, up);
	return true;
}

bool lower_aggregate(struct lowering *l, const struct rel *r, const struct chain *up)
{
	return lower_grouping(l, r, r, true, up);
}
