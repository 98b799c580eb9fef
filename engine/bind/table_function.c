/*
 * Set-returning functions: in FROM (plain, ROWS FROM, WITH ORDINALITY, several arguments of unnest) and in
 * SELECT lists, GROUP BY and ORDER BY. A call stands in an expression as EXPR_CALL of a FUNC_TABLE until the
 * input of its SELECT is complete; then the calls go into REL_TABLE_FN nodes above that input, innermost first,
 * those of one depth side by side, and columns take their places (PostgreSQL's ProjectSet).
 */
#include "engine/bind/bind_int.h"

static bool is_table_call(const struct expr *e)
{
	return e->kind == EXPR_CALL && e->fn->kind == FUNC_TABLE;
}

static enum walk table_call_step(const struct expr *e, void *arg)
{
	if (is_table_call(e))
		*(bool *)arg = true;
	return WALK_ON;
}

static bool has_table_call(const struct expr *e)
{
	bool has = false;

	expr_walk(e, table_call_step, &has);
	return has;
}

/* ---- calls in expressions ---- */

static bool table_call_allowed(struct binder *b, struct scope *s, const struct ast *node)
{
	int pos = at(b, node);

	switch (s->clause) {
	case CLAUSE_TARGET:
	case CLAUSE_GROUP_BY:
	case CLAUSE_ORDER_BY:
	case CLAUSE_DISTINCT_ON:
		s->has_table_calls = true;
		return true;
	case CLAUSE_FROM:
		if (s->top_call == node)
			return true;
		return err_at(b->e, pos, ERR_FEATURE_NOT_SUPPORTED, "set-returning functions must appear at top level of FROM");
	case CLAUSE_AGGREGATE:
		err_at(b->e, pos, ERR_FEATURE_NOT_SUPPORTED, "aggregate function calls cannot contain set-returning function calls");
		return err_hint(b->e, "You might be able to move the set-returning function into a LATERAL FROM item.");
	case CLAUSE_ON:
	case CLAUSE_WHERE:
	case CLAUSE_HAVING:
	case CLAUSE_LIMIT:
	case CLAUSE_VALUES:
	case CLAUSE_WINDOW:
	case CLAUSE_FILTER:
	case CLAUSE_SCALAR:
		return err_at(b->e, pos, ERR_FEATURE_NOT_SUPPORTED, "set-returning functions are not allowed in %s",
					  clause_name(s->clause));
	}
	UNREACHABLE();
}

bool bind_table_call(struct binder *b, struct scope *s, const struct ast *node, const char *name, struct expr **args,
					 uint32_t n, struct expr **out)
{
	int pos = at(b, node);
	struct resolved r;

	switch (resolve_call(b, name, FUNC_TABLE, args, n, &r)) {
	case RESOLVED:
		break;
	case RESOLVE_NONE:
		return no_function(b, name, args, n, pos);
	case RESOLVE_MANY:
		err_at(b->e, pos, ERR_AMBIGUOUS_FUNCTION, "function %s(%s) is not unique", name, type_list(b, args, n));
		return err_hint(b->e, "Could not choose a best candidate function. You might need to add explicit type casts.");
	case RESOLVE_FAILED:
		return false;
	}
	if (!table_call_allowed(b, s, node))
		return false;
	if (s->clause != CLAUSE_FROM && func_table_width(r.fn) > 1)
		return not_supported(b, pos, "a set-returning function of several columns outside FROM");
	*out = expr_call(b->m, r.fn, r.type, r.args, r.nargs, pos);
	return true;
}

/* ---- the node ---- */

/* names: per call, what its only column is called where the function does not say. */
static struct rel *new_table_fn(struct binder *b, struct rel *in, struct expr **calls, const char *const *names, uint32_t n,
								bool ordinality)
{
	struct rel *r = rel_new(b->m, REL_TABLE_FN, 1);
	uint32_t at_col = in->ncols;

	r->in[0] = in;
	r->table_fn.ncalls = n;
	r->table_fn.calls = mem_dup(b->m, calls, n * sizeof *calls);
	r->table_fn.widths = mem_new_array(b->m, uint32_t, n);
	r->table_fn.ordinality = ordinality;
	for (uint32_t i = 0; i < n; i++)
		r->table_fn.widths[i] = is_table_call(calls[i]) ? func_table_width(calls[i]->fn) : 1;
	r->ncols = in->ncols + rel_table_columns(r);
	r->cols = mem_new_array(b->m, struct column, r->ncols + 1);
	if (in->ncols)
		memcpy(r->cols, in->cols, in->ncols * sizeof *r->cols);
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < r->table_fn.widths[i]; k++) {
			const struct table_ops *t = is_table_call(calls[i]) ? calls[i]->fn->table : NULL;
			struct column *c = &r->cols[at_col++];
			*c = (struct column){.id = plan_new_id(b->p), .name = names[i], .type = calls[i]->type};
			if (t && t->ncols)
				c->name = t->cols[k].name;
			if (t && t->ncols > 1)
				c->type = t->cols[k].type;
		}
	if (ordinality)
		r->cols[at_col] = (struct column){.id = plan_new_id(b->p), .name = "ordinality", .type = type_make(TYPE_INT8),
										  .not_null = true};
	return r;
}

/* ---- FROM ---- */

struct from_calls {
	struct expr **calls;
	const char **names;
	size_t n, cap, names_cap;
};

static void add_call(struct binder *b, struct from_calls *f, struct expr *call, const char *name)
{
	size_t n = f->n;

	MEM_PUSH(b->m, f->names, n, f->names_cap, name);
	MEM_PUSH(b->m, f->calls, f->n, f->cap, call);
}

/* unnest(a, b) is unnest(a) beside unnest(b). */
static bool add_unnests(struct binder *b, struct scope *s, const struct ast_func_call *f, struct from_calls *out)
{
	for (uint32_t i = 0; i < f->args.count; i++) {
		struct expr **arg = mem_new_array(b->m, struct expr *, 1), *call;
		if (!bind_expr(b, s, f->args.items[i], arg))
			return false;
		if (!bind_table_call(b, s, &f->base, "unnest", arg, 1, &call))
			return false;
		add_call(b, out, call, "unnest");
	}
	return true;
}

static bool add_item(struct binder *b, struct scope *s, const struct ast *node, struct from_calls *out)
{
	const struct ast_func_item *item = AST_AS(FUNC_ITEM, func_item, node);
	const char *name = figure_name(item->call);
	struct expr *call;

	if (item->columns.count)
		return not_supported(b, at(b, node), "a column definition list");
	s->top_call = item->call;
	if (item->call->kind == AST_FUNC_CALL) {
		const struct ast_func_call *f = AST_AS(FUNC_CALL, func_call, item->call);
		if (strcmp(f->names.items[f->names.count - 1], "unnest") == 0 && f->args.count > 1 && !f->variadic)
			return add_unnests(b, s, f, out);
	}
	if (!bind_expr(b, s, item->call, &call) || !coerce_unknown(b, &call))
		return false;
	add_call(b, out, call, name);
	return true;
}

bool bind_table_functions(struct binder *b, struct scope *s, const struct ast_func_ref *f, struct rel **rel,
						  struct ns_item **shown)
{
	const struct ast_alias *alias = f->alias ? AST_AS(ALIAS, alias, f->alias) : NULL;
	struct from_calls calls = {0};
	struct rel *in = single_row(b);
	const char *name;

	if (f->columns.count)
		return not_supported(b, at(b, &f->base), "a column definition list");
	for (uint32_t i = 0; i < f->functions.count; i++)
		if (!add_item(b, s, f->functions.items[i], &calls))
			return false;
	name = calls.names[0];
	/* a single function's only column is called like the item */
	if (calls.n == 1 && alias && alias->name)
		calls.names[0] = alias->name;
	for (size_t i = 0; i < calls.n; i++)
		if (!unnest(b, &in, &calls.calls[i]))
			return false;
	*rel = new_table_fn(b, in, calls.calls, calls.names, (uint32_t)calls.n, f->ordinality);
	*shown = ns_item_new(b, alias && alias->name ? alias->name : name, *rel, NULL);
	(*shown)->cols += in->ncols;
	(*shown)->ncols -= in->ncols;
	return true;
}

/* Whether r, which borrows of the left side of a join, is set-returning calls over nothing else, below
 * conditions; outer: and may stay without rows. */
static bool is_plain_call(const struct rel *r, bool outer)
{
	if (r->kind == REL_FILTER && !outer)
		return is_plain_call(r->in[0], outer);
	if (r->kind != REL_TABLE_FN)
		return false;
	return r->in[0]->kind == REL_VALUES && r->in[0]->ncols == 0 && r->in[0]->values.nrows == 1;
}

static struct rel *graft(struct binder *b, const struct rel *r, struct rel *left)
{
	struct rel *c;
	uint32_t own;

	if (r->kind == REL_FILTER)
		return new_filter(b, graft(b, r->in[0], left), r->filter.predicate);
	c = rel_copy_node(b->m, r);
	own = r->ncols;
	c->in[0] = left;
	c->ncols = left->ncols + own;
	c->cols = mem_new_array(b->m, struct column, c->ncols + 1);
	if (left->ncols)
		memcpy(c->cols, left->cols, left->ncols * sizeof *c->cols);
	memcpy(c->cols + left->ncols, r->cols, own * sizeof *c->cols);
	return c;
}

bool table_fn_join(struct binder *b, enum join_kind kind, struct rel *left, struct rel *right, struct expr *condition,
				   struct rel **out)
{
	bool outer = kind == JOIN_LEFT;
	struct idset ids = {0, NULL}, borrowed = {0, NULL};

	if (outer && condition && !(condition->kind == EXPR_CONST && !condition->value.is_null && condition->value.b))
		return false;
	if ((kind != JOIN_INNER && !outer) || !is_plain_call(right, outer))
		return false;
	/* what is borrowed from further out comes another way */
	rel_out_ids(left, &ids, b->m);
	rel_free_columns(right, &borrowed, b->m);
	*out = graft(b, right, left);
	if (outer) {
		(*out)->table_fn.outer = true;
		for (uint32_t i = left->ncols; i < (*out)->ncols; i++)
			(*out)->cols[i].not_null = false;
		return true;
	}
	if (condition)
		*out = new_filter(b, *out, condition);
	return true;
}

/* ---- SELECT lists ---- */

struct collector {
	struct binder *b;
	struct expr **calls;
	const char **names;
	uint32_t *ids;       /* columns that take the calls' places */
	size_t n, cap, names_cap;
	const char *refuse;  /* inside CASE and COALESCE */
	bool failed;
};

/* Calls without calls in their arguments. */
static enum walk collect_step(const struct expr *e, void *arg)
{
	struct collector *c = arg;
	bool nested = false;
	size_t n = c->n;

	if ((e->kind == EXPR_CASE || e->kind == EXPR_COALESCE || e->kind == EXPR_WINDOW) && has_table_call(e)) {
		c->failed = true;
		if (e->kind == EXPR_WINDOW)
			err_at(c->b->e, e->pos, ERR_FEATURE_NOT_SUPPORTED,
				   "window function calls cannot contain set-returning function calls");
		else
			err_at(c->b->e, e->pos, ERR_FEATURE_NOT_SUPPORTED, "set-returning functions are not allowed in %s",
				   e->kind == EXPR_CASE ? "CASE" : "COALESCE");
		return WALK_STOP;
	}
	if (!is_table_call(e))
		return WALK_ON;
	for (uint32_t i = 0; i < e->nargs; i++)
		nested |= has_table_call(e->args[i]);
	if (nested)
		return WALK_ON;
	for (size_t i = 0; i < c->n; i++)
		if (c->calls[i] == e || (e->fn->volatility != FUNC_VOLATILE && expr_equal(c->calls[i], e)))
			return WALK_SKIP;
	MEM_PUSH(c->b->m, c->names, n, c->names_cap, e->fn->name);
	MEM_PUSH(c->b->m, c->calls, c->n, c->cap, (struct expr *)e);
	return WALK_SKIP;
}

static struct expr *place_step(struct expr *e, void *arg)
{
	struct collector *c = arg;

	if (!is_table_call(e))
		return NULL;
	for (size_t i = 0; i < c->n; i++)
		if (c->calls[i] == e || (e->fn->volatility != FUNC_VOLATILE && expr_equal(c->calls[i], e)))
			return expr_column(c->b->m, c->ids[i], e->type, e->pos);
	return NULL;
}

/* One round; *more: something was found. */
static bool expand_round(struct binder *b, struct rel **rel, struct expr ***roots, size_t nroots, struct expr ***others,
						 size_t nothers, bool *more)
{
	struct collector c = {.b = b};
	struct expr **calls;

	for (size_t i = 0; i < nroots && !c.failed; i++)
		expr_walk(*roots[i], collect_step, &c);
	*more = c.n > 0;
	if (c.failed || !c.n)
		return !c.failed;
	calls = mem_dup(b->m, c.calls, c.n * sizeof *calls);
	for (size_t i = 0; i < c.n; i++)
		if (!unnest(b, rel, &calls[i]))
			return false;
	*rel = new_table_fn(b, *rel, calls, c.names, (uint32_t)c.n, false);
	c.ids = mem_new_array(b->m, uint32_t, c.n);
	for (size_t i = 0; i < c.n; i++)
		c.ids[i] = (*rel)->cols[(*rel)->ncols - c.n + i].id;
	for (size_t i = 0; i < nroots; i++)
		*roots[i] = expr_replace(b, *roots[i], place_step, &c);
	for (size_t i = 0; i < nothers; i++)
		if (*others[i])
			*others[i] = expr_replace(b, *others[i], place_step, &c);
	return true;
}

static bool expand(struct binder *b, struct rel **rel, struct expr ***roots, size_t nroots, struct expr ***others,
				   size_t nothers)
{
	bool more = true;

	while (more)
		if (!expand_round(b, rel, roots, nroots, others, nothers, &more))
			return false;
	return true;
}

bool expand_groups(struct binder *b, struct select_state *q)
{
	struct expr ***groups = mem_new_array(b->m, struct expr **, q->ngroups + 1);
	struct expr ***others = mem_new_array(b->m, struct expr **, q->targets.count + 1);
	size_t n = 0;

	for (size_t i = 0; i < q->ngroups; i++)
		groups[i] = &q->group_exprs[i];
	for (size_t i = 0; i < q->targets.count; i++)
		others[n++] = &q->targets.items[i].value;
	others[n++] = &q->having;
	return expand(b, &q->rel, groups, q->ngroups, others, n);
}

bool expand_targets(struct binder *b, struct select_state *q)
{
	struct expr ***roots = mem_new_array(b->m, struct expr **, q->targets.count + 1);

	for (size_t i = 0; i < q->targets.count; i++)
		roots[i] = &q->targets.items[i].value;
	return expand(b, &q->rel, roots, q->targets.count, NULL, 0);
}

bool refuse_table_calls(struct binder *b, struct select_state *q)
{
	struct collector c = {.b = b};

	for (size_t i = 0; i < q->targets.count && !c.failed; i++)
		expr_walk(q->targets.items[i].value, collect_step, &c);
	return !c.failed;
}
