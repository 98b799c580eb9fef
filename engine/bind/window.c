/*
 * OVER: window definitions, frames, and REL_WINDOW; also "the first n rows of each partition" for
 * DISTINCT ON and correlated LIMIT.
 */
#include "engine/bind/bind_int.h"

static bool window_allowed(struct binder *b, const struct scope *s, int pos)
{
	if (s->clause == CLAUSE_TARGET || s->clause == CLAUSE_ORDER_BY || s->clause == CLAUSE_DISTINCT_ON)
		return true;
	if (s->clause == CLAUSE_WINDOW)
		return err_at(b->e, pos, ERR_WINDOWING_ERROR, "window functions are not allowed in window definitions");
	if (s->clause == CLAUSE_AGGREGATE)
		return err_at(b->e, pos, ERR_GROUPING_ERROR, "aggregate function calls cannot contain window function calls");
	return err_at(b->e, pos, ERR_WINDOWING_ERROR, "window functions are not allowed in %s", clause_name(s->clause));
}

static bool window_names_differ(struct binder *b, const struct scope *s)
{
	for (uint32_t i = 1; s->windows && i < s->windows->count; i++) {
		const struct ast_window *w = AST_AS(WINDOW, window, s->windows->items[i]);
		for (uint32_t k = 0; k < i; k++)
			if (strcmp(AST_AS(WINDOW, window, s->windows->items[k])->name, w->name) == 0)
				return err_at(b->e, at(b, &w->base), ERR_WINDOWING_ERROR, "window \"%s\" is already defined", w->name);
	}
	return true;
}

static const struct ast_window *find_window(const struct scope *s, const char *name)
{
	for (uint32_t i = 0; s->windows && i < s->windows->count; i++) {
		const struct ast_window *w = AST_AS(WINDOW, window, s->windows->items[i]);
		if (w->name && strcmp(w->name, name) == 0)
			return w;
	}
	return NULL;
}

static enum walk variable_step(const struct expr *e, void *arg)
{
	if (e->kind == EXPR_COLUMN)
		*(bool *)arg = true;
	return WALK_ON;
}

static const char *mode_name(const struct window_spec *w)
{
	return w->mode == FRAME_ROWS ? "ROWS" : w->mode == FRAME_GROUPS ? "GROUPS" : "RANGE";
}

/* The type of a RANGE offset for that order key; VOID = there is none. */
static struct type offset_type(struct type key)
{
	if (key.array)
		return type_make(TYPE_VOID);
	switch (key.id) {
	case TYPE_INT2:
	case TYPE_INT4:
	case TYPE_INT8:
		return type_make(TYPE_INT8);
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
		return type_make(TYPE_FLOAT8);
	case TYPE_NUMERIC:
		return type_make(TYPE_NUMERIC);
	case TYPE_DATE:
	case TYPE_TIME:
	case TYPE_TIMETZ:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
	case TYPE_INTERVAL:
		return type_make(TYPE_INTERVAL);
	}
	return type_make(TYPE_VOID);
}

static bool range_offset(struct binder *b, const struct ast *node, const struct window_spec *w, struct expr **out)
{
	struct type key, to;

	if (w->norder != 1)
		return err_at(b->e, at(b, node), ERR_WINDOWING_ERROR,
					  "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column");
	key = w->order[0].expr->type;
	to = offset_type(key);
	if (to.id == TYPE_VOID)
		return err_at(b->e, at(b, node), ERR_FEATURE_NOT_SUPPORTED,
					  "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s", type_name(key, b->m));
	if ((*out)->type.id != TYPE_UNKNOWN && !can_coerce_implicit((*out)->type, to))
		return err_at(b->e, at(b, node), ERR_FEATURE_NOT_SUPPORTED,
					  "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s and offset type %s",
					  type_name(key, b->m), type_name((*out)->type, b->m));
	return coerce(b, *out, to, COERCE_IMPLICIT, at(b, node), out);
}

static bool frame_offset(struct binder *b, struct scope *s, const struct ast *node, const struct window_spec *w,
						 struct expr **out)
{
	bool variable = false;

	if (!node)
		return true;
	if (!bind_expr(b, s, node, out))
		return false;
	(void)expr_walk(*out, variable_step, &variable);
	if (variable)
		return err_at(b->e, at(b, node), ERR_INVALID_COLUMN_REFERENCE, "argument of %s must not contain variables",
					  mode_name(w));
	if (w->mode == FRAME_RANGE)
		return range_offset(b, node, w, out);
	if ((*out)->type.id != TYPE_UNKNOWN && !can_coerce_implicit((*out)->type, type_make(TYPE_INT8)))
		return err_at(b->e, at(b, node), ERR_DATATYPE_MISMATCH, "argument of %s must be type bigint, not type %s",
					  mode_name(w), type_name((*out)->type, b->m));
	return coerce(b, *out, type_make(TYPE_INT8), COERCE_IMPLICIT, at(b, node), out);
}

static enum frame_bound bound_of(enum ast_frame_bound k, enum frame_bound otherwise)
{
	switch (k) {
	case AST_BOUND_NONE:
		return otherwise;
	case AST_BOUND_UNBOUNDED_PRECEDING:
		return BOUND_UNBOUNDED_PRECEDING;
	case AST_BOUND_PRECEDING:
		return BOUND_PRECEDING;
	case AST_BOUND_CURRENT_ROW:
		return BOUND_CURRENT;
	case AST_BOUND_FOLLOWING:
		return BOUND_FOLLOWING;
	case AST_BOUND_UNBOUNDED_FOLLOWING:
		return BOUND_UNBOUNDED_FOLLOWING;
	}
	UNREACHABLE();
}

static bool bind_frame(struct binder *b, struct scope *s, const struct ast_window *n, struct window_spec *w)
{
	w->mode = n->mode == AST_FRAME_ROWS ? FRAME_ROWS : n->mode == AST_FRAME_GROUPS ? FRAME_GROUPS : FRAME_RANGE;
	w->start = bound_of(n->start, BOUND_UNBOUNDED_PRECEDING);
	w->end = bound_of(n->end, BOUND_CURRENT);
	w->exclude = n->exclude == AST_EXCLUDE_CURRENT_ROW ? EXCLUDE_CURRENT
				 : n->exclude == AST_EXCLUDE_GROUP		? EXCLUDE_GROUP
				 : n->exclude == AST_EXCLUDE_TIES		? EXCLUDE_TIES
														: EXCLUDE_NONE;
	if (w->mode == FRAME_GROUPS && !w->norder)
		return err_at(b->e, at(b, &n->base), ERR_WINDOWING_ERROR, "GROUPS mode requires an ORDER BY clause");
	if (w->start == BOUND_UNBOUNDED_FOLLOWING)
		return err_at(b->e, at(b, &n->base), ERR_WINDOWING_ERROR, "frame start cannot be UNBOUNDED FOLLOWING");
	if (w->end == BOUND_UNBOUNDED_PRECEDING)
		return err_at(b->e, at(b, &n->base), ERR_WINDOWING_ERROR, "frame end cannot be UNBOUNDED PRECEDING");
	if (w->start > w->end)
		return err_at(b->e, at(b, &n->base), ERR_WINDOWING_ERROR, "frame starting from %s cannot end before it",
					  w->start == BOUND_CURRENT ? "current row" : "following row");
	return frame_offset(b, s, n->start_offset, w, &w->start_offset) &&
		   frame_offset(b, s, n->end_offset, w, &w->end_offset);
}

static bool bind_window(struct binder *b, struct scope *s, const struct ast_window *n, int depth, struct window_spec *w)
{
	bool changed;
	const struct ast_window *base = NULL;

	memset(w, 0, sizeof *w);
	if (n->base_name) {
		base = find_window(s, n->base_name);
		if (!base || base == n || depth > 50)
			return err_at(b->e, at(b, &n->base), ERR_UNDEFINED_OBJECT, "window \"%s\" does not exist", n->base_name);
		if (!bind_window(b, s, base, depth + 1, w))
			return false;
		if (n->bare)
			return true;
		if (n->partition_by.count)
			return err_at(b->e, at(b, &n->base), ERR_WINDOWING_ERROR,
						  "cannot override PARTITION BY clause of window \"%s\"", n->base_name);
		if (n->order_by.count && w->norder)
			return err_at(b->e, at(b, &n->base), ERR_WINDOWING_ERROR,
						  "cannot override ORDER BY clause of window \"%s\"", n->base_name);
		if (base->mode != AST_FRAME_DEFAULT)
			return err_at(b->e, at(b, &n->base), ERR_WINDOWING_ERROR,
						  "cannot copy window \"%s\" because it has a frame clause", n->base_name);
	}
	if (n->partition_by.count) {
		w->npartition = n->partition_by.count;
		w->partition = mem_new_array(b->m, struct expr *, w->npartition);
		for (uint32_t i = 0; i < w->npartition; i++)
			if (!bind_expr(b, s, n->partition_by.items[i], &w->partition[i]) || !coerce_unknown(b, &w->partition[i]) ||
				!collate_equality(b, &w->partition[i], &changed))
				return false;
	}
	if (n->order_by.count) {
		w->norder = n->order_by.count;
		w->order = mem_new_array(b->m, struct sort_key, w->norder);
		for (uint32_t i = 0; i < w->norder; i++) {
			const struct ast_sort *k = AST_AS(SORT, sort, n->order_by.items[i]);
			if (!bind_expr(b, s, k->value, &w->order[i].expr) || !coerce_unknown(b, &w->order[i].expr) ||
				!sort_direction(b, k, &w->order[i]) || !collate_order(b, &w->order[i].expr))
				return false;
		}
	}
	return bind_frame(b, s, n, w);
}

static enum walk window_step(const struct expr *e, void *arg)
{
	if (e->kind == EXPR_WINDOW)
		*(bool *)arg = true;
	return WALK_ON;
}

bool bind_over(struct binder *b, struct scope *s, const struct ast *over, const struct func *fn, struct expr **args,
			   uint32_t nargs, struct type type, int pos, struct expr **out)
{
	struct expr *e = expr_new(b->m, EXPR_WINDOW, type, nargs, pos);
	enum clause saved = s->clause;
	bool nested = false, ok;

	if (!window_allowed(b, s, pos) || !window_names_differ(b, s))
		return false;
	for (uint32_t i = 0; i < nargs; i++)
		expr_walk(args[i], window_step, &nested);
	if (nested)
		return err_at(b->e, pos, ERR_WINDOWING_ERROR, "window function calls cannot be nested");
	e->args = args;
	e->window.fn = fn;
	e->window.spec = mem_new_object(b->m, struct window_spec);
	s->clause = CLAUSE_WINDOW;
	ok = bind_window(b, s, AST_AS(WINDOW, window, over), 0, e->window.spec);
	s->clause = saved;
	s->has_windows = true;
	return ok && collate_extreme(b, e, out);
}

/* ---- REL_WINDOW ---- */

static struct rel *window_rel(struct binder *b, struct rel *in, struct expr **calls, const uint32_t *ids, uint32_t n)
{
	struct rel *r = rel_new(b->m, REL_WINDOW, 1);

	r->in[0] = in;
	r->window.calls = calls;
	r->window.ncalls = n;
	r->ncols = in->ncols + n;
	r->cols = mem_new_array(b->m, struct column, r->ncols + 1);
	if (in->ncols)
		memcpy(r->cols, in->cols, in->ncols * sizeof *in->cols);
	for (uint32_t i = 0; i < n; i++)
		r->cols[in->ncols + i] =
			(struct column){.id = ids[i], .name = calls[i]->window.fn->name, .type = calls[i]->type};
	return r;
}

struct windower {
	struct binder *b;
	struct expr **calls;
	uint32_t *ids;
	size_t n, cap, nids, ids_cap;
};

static struct expr *window_column(struct expr *e, void *arg)
{
	struct windower *w = arg;
	size_t i = 0;

	if (e->kind == EXPR_SUBQUERY) { /* a window call is its own SELECT's; those below have their REL_WINDOW already */
		struct expr *c = mem_dup(w->b->m, e, sizeof *e);
		c->args = mem_new_array(w->b->m, struct expr *, e->nargs + 1);
		for (; i < e->nargs; i++)
			c->args[i] = expr_replace(w->b, e->args[i], window_column, w);
		return c;
	}
	if (e->kind != EXPR_WINDOW)
		return NULL;
	while (i < w->n && !expr_equal(w->calls[i], e))
		i++;
	if (i == w->n) {
		MEM_PUSH(w->b->m, w->calls, w->n, w->cap, e);
		MEM_PUSH(w->b->m, w->ids, w->nids, w->ids_cap, plan_new_id(w->b->p));
	}
	return expr_column(w->b->m, w->ids[i], e->type, e->pos);
}

bool apply_windows(struct binder *b, struct select_state *q)
{
	struct windower w = {.b = b};

	for (size_t i = 0; i < q->targets.count; i++)
		q->targets.items[i].value = expr_replace(b, q->targets.items[i].value, window_column, &w);
	if (!w.n)
		return true;
	for (size_t i = 0; i < w.n; i++)
		if (!unnest(b, &q->rel, &w.calls[i]))
			return false;
	q->rel = window_rel(b, q->rel, w.calls, w.ids, (uint32_t)w.n);
	return true;
}

static struct expr *ranking_call(struct binder *b, const char *name, struct expr **partition, uint32_t npartition,
								 struct sort_key *order, uint32_t norder)
{
	struct expr *call;
	struct resolved fn;

	if (resolve_call(b, name, FUNC_WINDOW, NULL, 0, &fn) != RESOLVED)
		return NULL;
	call = expr_new(b->m, EXPR_WINDOW, fn.type, 0, -1);
	call->window.fn = fn.fn;
	call->window.spec = mem_new_object(b->m, struct window_spec);
	*call->window.spec = (struct window_spec){.npartition = npartition, .partition = partition, .norder = norder,
		.order = order, .start = BOUND_UNBOUNDED_PRECEDING, .end = BOUND_CURRENT};
	return call;
}

bool limit_partitions(struct binder *b, struct rel **rel, struct expr **partition, uint32_t npartition,
					  struct sort_key *order, uint32_t norder, struct expr *skip, struct expr *take, bool ties)
{
	struct expr *calls[2] = {ranking_call(b, "row_number", partition, npartition, order, norder),
		ranking_call(b, "rank", partition, npartition, order, norder)};
	struct expr *number, *last, *condition[2], *c;
	uint32_t ids[2] = {plan_new_id(b->p), plan_new_id(b->p)}, n = 0;

	if (!calls[0] || !calls[1])
		return not_supported(b, -1, "DISTINCT ON or LIMIT inside a correlated subquery");
	*rel = window_rel(b, *rel, mem_dup(b->m, calls, sizeof calls), mem_dup(b->m, ids, sizeof ids), ties ? 2 : 1);
	number = expr_column(b->m, ids[0], calls[0]->type, -1);
	last = ties ? expr_column(b->m, ids[1], calls[1]->type, -1) : number;
	/* number > skip, last - skip <= take; a NULL is no bound */
	if (skip && !call_operator(b, ">", number, skip, -1, &condition[n++]))
		return false;
	if (take && skip) {
		c = expr_new(b->m, EXPR_COALESCE, type_make(TYPE_INT8), 2, -1);
		c->args[0] = skip;
		c->args[1] = expr_const(b->m, value_int8(0), -1);
		if (!call_operator(b, "-", last, c, -1, &last))
			return false;
	}
	if (take && !call_operator(b, "<=", last, take, -1, &condition[n++]))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if ((i == 0 && skip ? skip : take)->kind == EXPR_CONST)
			continue;
		c = expr_new(b->m, EXPR_COALESCE, type_make(TYPE_BOOL), 2, -1);
		c->args[0] = condition[i];
		c->args[1] = expr_bool(b->m, true);
		condition[i] = c;
	}
	*rel = new_filter(b, *rel, expr_and(b->m, condition, n));
	return true;
}
