/*
 * Cuts the plan into pipelines: the walk, sources, filters, projections, limits, CTEs, init plans. Joins,
 * aggregates, sorts and set operations have their own lower_*.c. Runs once, in the opening thread, before
 * anything is started; all it makes lives in the execution's mem.
 */
#include "engine/execute/runtime_filter.h"
#include "engine/execute/recursive.h"
#include "engine/place/remote.h"

#define LOWER_DEPTH 2000

int column_index(const struct column *cols, uint32_t ncols, uint32_t id)
{
	for (uint32_t i = 0; i < ncols; i++)
		if (cols[i].id == id)
			return (int)i;
	return -1;
}

void lower_source(struct lowering *l, struct op *source, bool ordered, const struct chain *up)
{
	struct execution *x = l->x;
	struct pipeline *p = mem_new_object(x->mem, struct pipeline);
	uint32_t n = 0;

	for (const struct chain *c = up; c->up; c = c->up)
		n++;
	p->x = x;
	p->source = source;
	p->ordered = ordered;
	p->ntransforms = n;
	p->transforms = mem_new_array(x->mem, struct op *, n + 1);
	for (uint32_t i = 0; i < n; i++, up = up->up)
		p->transforms[i] = up->op;
	p->sink = up->op;
	p->sink->feeders++;
	MEM_PUSH(x->mem, x->pipelines, x->npipelines, x->pipelines_cap, p);
}

static struct cte_state *find_cte(const struct lowering *l, uint32_t number)
{
	for (size_t i = l->nctes; i-- > 0;)
		if (l->ctes[i].number == number)
			return &l->ctes[i];
	return NULL;
}

bool rel_is_ordered(const struct lowering *l, const struct rel *r)
{
	for (;;) {
		switch (r->kind) {
		case REL_SORT:
			return true;
		case REL_FILTER:
		case REL_PROJECT:
		case REL_LIMIT:
		case REL_CTE:
		case REL_TABLE_FN:
			r = r->in[0];
			break;
		case REL_REMOTE:
			if (!r->remote->subtree)
				return false;
			r = r->remote->subtree;
			break;
		case REL_CTE_SCAN: {
			const struct cte_state *c = find_cte(l, r->cte.number);
			if (!c)
				return false;
			r = c->definition;
			break;
		}
		case REL_SCAN:
		case REL_VIRTUAL:
		case REL_VALUES:
		case REL_JOIN:
		case REL_AGGREGATE:
		case REL_WINDOW:
		case REL_SETOP:
		case REL_SINGLE:
		case REL_EMPTY:
			return false;
		}
	}
}

bool lower_map(struct lowering *l, const struct rel *have, const struct rel *want, const struct chain **up,
			   struct chain *storage)
{
	uint32_t *from;
	bool same = have->ncols == want->ncols;

	for (uint32_t i = 0; same && i < want->ncols; i++)
		same = have->cols[i].id == want->cols[i].id;
	if (same)
		return true;
	from = mem_new_array(l->x->mem, uint32_t, want->ncols + 1);
	for (uint32_t i = 0; i < want->ncols; i++) {
		int at = column_index(have->cols, have->ncols, want->cols[i].id);
		if (at < 0)
			return err_set(l->err, ERR_INTERNAL, "column %u of %s is not in its input", (unsigned)want->cols[i].id,
						   rel_kind_name(want->kind));
		from[i] = (uint32_t)at;
	}
	*storage = (struct chain){transform_map_new(l->x, from, want->ncols), *up};
	*up = storage;
	return true;
}

static bool lower_filter(struct lowering *l, const struct rel *r, const struct chain *up)
{
	struct chain map, link = {NULL, NULL};

	if (!lower_map(l, r->in[0], r, &up, &map))
		return false;
	link.up = up;
	return transform_filter_new(l, r, r->in[0], r->filter.predicate, &link.op, l->err) &&
		   lower_rel(l, r->in[0], &link);
}

static bool lower_scan(struct lowering *l, const struct rel *r, const struct chain *up)
{
	struct chain link = {NULL, NULL}, filters[FILTER_LINKS];
	struct op *source;

	lower_runtime_filters(l, r, &up, filters);
	link.up = up;
	if (r->scan.table->kind != TABLE_TEMP)
		return err_set(l->err, ERR_INTERNAL, "plan was not placed: a scan is left");
	if (!source_store_new(l, r, &source, l->err))
		return false;
	if (r->scan.predicate) {
		source->produces = false;
		if (!transform_filter_new(l, r, r, r->scan.predicate, &link.op, l->err))
			return false;
		up = &link;
	}
	lower_source(l, source, false, up);
	return true;
}

static bool lower_project(struct lowering *l, const struct rel *r, const struct chain *up)
{
	struct chain link = {NULL, up};

	for (uint32_t i = 0; i < r->ncols; i++)
		if (r->project.exprs[i]->kind == EXPR_COLUMN)
			wanted_also(l, r->cols[i].id, r->project.exprs[i]->column);
	return transform_project_new(l, r, r->in[0], r->project.exprs, r->ncols, &link.op, l->err) &&
		   lower_rel(l, r->in[0], &link);
}

static bool lower_table_fn(struct lowering *l, const struct rel *r, const struct chain *up)
{
	struct chain link = {NULL, up};

	return transform_expand_new(l, r, &link.op, l->err) && lower_rel(l, r->in[0], &link);
}

static bool lower_limit(struct lowering *l, const struct rel *r, const struct chain *up)
{
	struct chain map, link = {NULL, NULL};

	if (r->limit.limit && r->limit.limit->kind == EXPR_CONST && !r->limit.limit->value.is_null &&
		r->limit.limit->value.i64 == 0) {
		lower_source(l, source_empty_new(l->x, r), true, up);
		return true;
	}
	if (!lower_map(l, r->in[0], r, &up, &map))
		return false;
	link.up = up;
	if (!(r->limit.with_ties ? transform_limit_ties_new : transform_limit_new)(l, r, &link.op, l->err))
		return false;
	return lower_rel(l, r->in[0], &link);
}

static bool lower_single(struct lowering *l, const struct rel *r, const struct chain *up)
{
	struct chain end = {sink_single_new(l->x, r), NULL}, map;
	const struct chain *below = &end;

	if (!lower_map(l, r->in[0], r, &below, &map) || !lower_rel(l, r->in[0], below))
		return false;
	lower_source(l, source_batches_new(l->x, end.op, r, true), true, up);
	return true;
}

/* ---- CTEs ---- */

struct cte_count {
	uint32_t number, uses;
};

static enum walk count_scan_rel(const struct rel *r, void *arg);

static enum walk count_scan_expr(const struct expr *e, void *arg)
{
	if (e->kind == EXPR_SUBQUERY)
		(void)rel_walk(e->sub.rel, count_scan_rel, arg);
	return WALK_ON;
}

static void count_scan_slot(struct expr **e, void *arg)
{
	if (*e)
		(void)expr_walk(*e, count_scan_expr, arg);
}

static enum walk count_scan_rel(const struct rel *r, void *arg)
{
	struct cte_count *c = arg;

	if (r->kind == REL_CTE_SCAN && r->cte.number == c->number)
		c->uses++;
	rel_each_expr((struct rel *)r, count_scan_slot, arg); /* only reads */
	return WALK_ON;
}

static bool lower_cte(struct lowering *l, const struct rel *r, const struct chain *up)
{
	struct cte_count count = {r->cte.number, 0};
	struct cte_state state = {.number = r->cte.number, .definition = r->in[1]};
	struct chain map;

	if (r->cte.recursive)
		return err_set(l->err, ERR_FEATURE_NOT_SUPPORTED, "WITH RECURSIVE is not supported yet");
	(void)rel_walk(r->in[0], count_scan_rel, &count);
	state.uses = count.uses;
	MEM_PUSH(l->x->mem, l->ctes, l->nctes, l->ctes_cap, state);
	return lower_map(l, r->in[0], r, &up, &map) && lower_rel(l, r->in[0], up);
}

bool cte_sink(struct lowering *l, uint32_t number, struct op **out, const struct rel **definition)
{
	struct cte_state *c = find_cte(l, number);

	if (!c)
		return err_set(l->err, ERR_INTERNAL, "common table expression %u has no definition", (unsigned)number);
	*definition = c->definition;
	if (!c->sink) {
		struct chain end = {sink_batches_new(l->x, *definition), NULL};
		c->sink = end.op;
		end.op->serial = rel_is_ordered(l, *definition);
		if (!lower_rel(l, *definition, &end)) /* may move l->ctes */
			return false;
		c = find_cte(l, number);
	}
	*out = c->sink;
	return true;
}

static bool lower_cte_scan(struct lowering *l, const struct rel *r, const struct chain *up)
{
	struct cte_state *c = find_cte(l, r->cte.number);
	const struct outer_rows *o = c ? NULL : outer_rows_find(l->x, r->cte.number);
	const struct rel *definition = c ? c->definition : o ? o->definition : NULL;
	struct op *source, *sink;

	if (!definition)
		return err_set(l->err, ERR_INTERNAL, "common table expression %s has no definition", r->cte.name);
	if (r->ncols > definition->ncols)
		return err_set(l->err, ERR_INTERNAL, "common table expression %s has too few columns", r->cte.name);
	if (o && o->work) {
		lower_source(l, source_work_new(l->x, r, o->work), false, up);
		return true;
	}
	if (c && c->uses == 1 && !c->sink) /* columns go by position, so the definition's batches are ours */
		return lower_rel(l, definition, up);
	if (o)
		sink = o->sink;
	else if (!cte_sink(l, r->cte.number, &sink, &definition))
		return false;
	source = source_batches_new(l->x, sink, r, true);
	lower_source(l, source, rel_is_ordered(l, definition), up);
	return true;
}

/* ---- uncorrelated subqueries in expressions ---- */

bool lower_init_plan(struct lowering *l, struct op *op, const struct expr *e, uint32_t *index, struct err *err)
{
	struct execution *x = l->x;
	struct init_plan *init;
	struct wanted_mark mark;
	struct chain end;
	bool ok;

	for (size_t i = 0; i < x->ninits; i++)
		if (x->inits[i]->expr->sub.rel == e->sub.rel && x->inits[i]->expr->sub.kind == e->sub.kind) {
			op_depend(op, x->inits[i]->sink);
			*index = (uint32_t)i;
			return true;
		}
	if (e->sub.kind != SUB_SCALAR && e->sub.kind != SUB_EXISTS)
		return err_at(err, e->pos, ERR_FEATURE_NOT_SUPPORTED, "ANY and ALL over a subquery are not supported here yet");
	init = mem_new_object(x->mem, struct init_plan);
	init->expr = e;
	init->mem = mem_new(x->mem, MEM_EXECUTE, "subquery value", 0);
	init->value = value_null(e->type);
	init->sink = sink_scalar_new(x, init);
	*index = (uint32_t)x->ninits;
	MEM_PUSH(x->mem, x->inits, x->ninits, x->inits_cap, init);
	op_depend(op, init->sink);
	end = (struct chain){init->sink, NULL};
	mark = wanted_hide(l);
	ok = lower_rel(l, e->sub.rel, &end);
	wanted_restore(l, mark);
	return ok;
}

static bool lower_kind(struct lowering *l, const struct rel *r, const struct chain *up)
{
	struct op *source;

	switch (r->kind) {
	case REL_VALUES:
		if (!source_values_new(l, r, &source, l->err))
			return false;
		lower_source(l, source, true, up);
		return true;
	case REL_EMPTY:
		lower_source(l, source_empty_new(l->x, r), true, up);
		return true;
	case REL_VIRTUAL:
		if (!source_virtual_new(l, r, &source, l->err))
			return false;
		lower_source(l, source, true, up);
		return true;
	case REL_REMOTE:
		if (!source_remote_new(l, r, &source, l->err))
			return false;
		lower_source(l, source, rel_is_ordered(l, r), up);
		return true;
	case REL_FILTER:
		return lower_filter(l, r, up);
	case REL_PROJECT:
		return lower_project(l, r, up);
	case REL_LIMIT:
		return lower_limit(l, r, up);
	case REL_SINGLE:
		return lower_single(l, r, up);
	case REL_CTE:
		return lower_cte(l, r, up);
	case REL_CTE_SCAN:
		return lower_cte_scan(l, r, up);
	case REL_JOIN:
		return lower_join(l, r, up);
	case REL_AGGREGATE:
		return lower_aggregate(l, r, up);
	case REL_SORT:
		return lower_sort(l, r, up);
	case REL_SETOP:
		return lower_setop(l, r, up);
	case REL_WINDOW:
		return lower_window(l, r, up);
	case REL_TABLE_FN:
		return lower_table_fn(l, r, up);
	case REL_SCAN:
		return lower_scan(l, r, up);
	}
	UNREACHABLE();
}

/* Whether leaving rows out below r leaves out those of r that have the same value in the column, and no others. */
static bool passes_filters(const struct rel *r)
{
	switch (r->kind) {
	case REL_SCAN:
	case REL_FILTER:
	case REL_PROJECT:
	case REL_JOIN:      /* looks closer itself, as the next one */
	case REL_AGGREGATE:
	case REL_TABLE_FN:
	case REL_CTE:
		return true;
	case REL_SORT:
		return r->sort.limit < 0;
	case REL_VIRTUAL:
	case REL_VALUES:
	case REL_WINDOW:
	case REL_LIMIT:
	case REL_SETOP:
	case REL_CTE_SCAN:
	case REL_SINGLE:
	case REL_REMOTE:
	case REL_EMPTY:
		return false;
	}
	UNREACHABLE();
}

bool lower_rel(struct lowering *l, const struct rel *r, const struct chain *up)
{
	struct wanted_mark mark = {NULL, 0, 0};
	bool ok;

	if (++l->depth > LOWER_DEPTH)
		return err_set(l->err, ERR_STATEMENT_TOO_COMPLEX, "query is nested too deeply");
	if (!passes_filters(r))
		mark = wanted_hide(l);
	ok = lower_kind(l, r, up);
	if (!passes_filters(r))
		wanted_restore(l, mark);
	l->depth--;
	return ok;
}
