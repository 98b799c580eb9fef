/*
 * Averages where a source's AVG isn't ours (its scale, its rounding): sums and counts are, and PostgreSQL's avg of integers
 * and numerics is their quotient. Gives the aggregation of the parts and the projection that divides.
 */
#include <string.h>

#include "engine/place/place_int.h"

static bool is_exact_average(const struct expr *e)
{
	struct type t;

	if (strcmp(e->agg.fn->name, "avg") != 0 || e->nargs != 1 || e->agg.norder)
		return false;
	t = e->args[0]->type;
	return !t.array && (t.id == TYPE_INT2 || t.id == TYPE_INT4 || t.id == TYPE_INT8 || t.id == TYPE_NUMERIC);
}

/* The same aggregate call by another function; NULL when there is none that takes the argument as it stands. */
static struct expr *other_aggregate(struct mem *m, const struct expr *avg, const char *name)
{
	struct type arg = avg->args[0]->type, taken;
	size_t count;
	const struct func *const *list = func_find(name, FUNC_AGGREGATE, &count);

	for (size_t i = 0; i < count; i++) {
		const struct func *f = list[i], *pick = f;
		struct expr *e;
		struct type result = f->result;
		bool any = strcmp(name, "count") == 0;

		if (f->nargs != 1 || (!any && (f->args[0].id != arg.id || f->args[0].array)))
			continue;
		taken = arg;
		if (f->infer)
			result = f->infer(f, &taken, 1, &pick);
		else if (!any && arg.id == TYPE_NUMERIC)
			taken = type_make(TYPE_NUMERIC);
		if (!type_same(taken, arg))
			return NULL;
		e = expr_copy(m, avg);
		e->agg.fn = pick;
		e->type = result;
		return e;
	}
	return NULL;
}

static struct expr *as_numeric(struct mem *m, uint32_t id, struct type from)
{
	struct type to = type_make(TYPE_NUMERIC);
	struct expr *column = expr_column(m, id, from, -1), *cast;

	if (type_same(from, to))
		return column;
	cast = expr_new(m, EXPR_CAST, to, 1, -1);
	cast->args[0] = column;
	cast->fn = func_cast(from, to);
	return cast->fn ? cast : NULL;
}

static struct expr *quotient(struct mem *m, struct expr *a, struct expr *b)
{
	size_t count;
	const struct func *const *list = func_find("/", FUNC_OPERATOR, &count);

	for (size_t i = 0; i < count; i++)
		if (list[i]->nargs == 2 && list[i]->args[0].id == TYPE_NUMERIC && list[i]->args[1].id == TYPE_NUMERIC)
			return expr_call(m, list[i], type_make(TYPE_NUMERIC), (struct expr *[]){a, b}, 2, -1);
	return NULL;
}

static uint32_t add_part(struct placer *p, struct rel *parts, struct expr *e)
{
	uint32_t id = plan_new_id(p->plan);

	if (e->kind == EXPR_AGG)
		parts->agg.aggs[parts->agg.naggs++] = e;
	parts->cols[parts->ncols++] = (struct column){.id = id, .type = e->type};
	return id;
}

/* Column i of r over the parts. */
static struct expr *over_parts(struct placer *p, const struct rel *r, uint32_t i, struct rel *parts)
{
	struct mem *m = p->plan->mem;
	struct expr *e = i < r->agg.ngroups ? r->agg.groups[i] : r->agg.aggs[i - r->agg.ngroups], *sum, *count, *a, *b;

	if (e->kind != EXPR_AGG || i < r->agg.ngroups || !is_exact_average(e))
		return expr_column(m, add_part(p, parts, e), r->cols[i].type, -1);
	sum = other_aggregate(m, e, "sum");
	count = other_aggregate(m, e, "count");
	if (!sum || !count)
		return NULL;
	a = as_numeric(m, add_part(p, parts, sum), sum->type);
	b = as_numeric(m, add_part(p, parts, count), count->type);
	return a && b ? quotient(m, a, b) : NULL;
}

bool place_split_averages(struct placer *p, struct rel *r, struct averages *out)
{
	struct mem *m = p->plan->mem;
	struct rel *parts, *project;
	bool any = false;

	for (uint32_t i = 0; i < r->agg.naggs; i++)
		any |= is_exact_average(r->agg.aggs[i]);
	if (!any)
		return false;
	parts = rel_new(m, REL_AGGREGATE, 1);
	parts->agg.ngroups = r->agg.ngroups;
	parts->agg.groups = r->agg.groups;
	parts->agg.aggs = mem_new_array(m, struct expr *, 2 * r->agg.naggs);
	parts->cols = mem_new_array(m, struct column, r->agg.ngroups + 2 * r->agg.naggs);
	project = rel_new(m, REL_PROJECT, 1);
	project->cols = r->cols;
	project->ncols = r->ncols;
	project->est = r->est;
	project->project.exprs = mem_new_array(m, struct expr *, r->ncols);
	for (uint32_t i = 0; i < r->ncols; i++) {
		project->project.exprs[i] = over_parts(p, r, i, parts);
		if (!project->project.exprs[i] || !type_same(project->project.exprs[i]->type, r->cols[i].type))
			return false;
	}
	*out = (struct averages){parts, project};
	return true;
}
