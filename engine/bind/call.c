/*
 * Calls of functions, operators and aggregates, and function-style casts. Overloads are chosen in
 * resolve.c; OVER is finished in window.c; where an aggregate may stand is decided here.
 */
#include "engine/bind/bind_int.h"

/* ---- operators ---- */

static bool no_operator(struct binder *b, const char *op, struct expr *left, struct expr *right, int pos)
{
	struct expr *args[2] = {left, right};

	if (left)
		err_at(b->e, pos, ERR_UNDEFINED_FUNCTION, "operator does not exist: %s %s %s", type_list(b, args, 1), op,
			   type_list(b, args + 1, 1));
	else
		err_at(b->e, pos, ERR_UNDEFINED_FUNCTION, "operator does not exist: %s %s", op, type_list(b, args + 1, 1));
	return err_hint(b->e, "No operator matches the given name and argument types. You might need to add explicit "
						  "type casts.");
}

/* text || anything else, by its output function. */
static bool concat_other(struct binder *b, struct expr **left, struct expr **right)
{
	bool text_left = !(*left)->type.array && type_infos[(*left)->type.id].category == 'S';
	bool text_right = !(*right)->type.array && type_infos[(*right)->type.id].category == 'S';
	struct expr **other = text_left ? right : left;

	if (text_left == text_right || (*other)->type.id == TYPE_UNKNOWN || (*other)->type.array ||
		!func_cast((*other)->type, type_make(TYPE_TEXT)))
		return false;
	return coerce(b, *other, type_make(TYPE_TEXT), COERCE_EXPLICIT, (*other)->pos, other);
}

bool call_operator(struct binder *b, const char *op, struct expr *left, struct expr *right, int pos, struct expr **out)
{
	struct expr *args[2];
	struct resolved r;
	uint32_t n = 0;

	if (left && strcmp(op, "||") == 0 && !concat_other(b, &left, &right) && err_is_set(b->e))
		return false;
	if (left)
		args[n++] = left;
	args[n++] = right;
	switch (resolve_call(b, op, FUNC_OPERATOR, args, n, &r)) {
	case RESOLVED:
		return collate_operator(b, expr_call(b->m, r.fn, r.type, r.args, r.nargs, pos), out);
	case RESOLVE_NONE:
		return no_operator(b, op, left, right, pos);
	case RESOLVE_MANY:
		if (left)
			err_at(b->e, pos, ERR_AMBIGUOUS_FUNCTION, "operator is not unique: %s %s %s", type_list(b, args, 1), op,
				   type_list(b, args + 1, 1));
		else
			err_at(b->e, pos, ERR_AMBIGUOUS_FUNCTION, "operator is not unique: %s %s", op, type_list(b, args, 1));
		return err_hint(b->e, "Could not choose a best candidate operator. You might need to add explicit type casts.");
	case RESOLVE_FAILED:
		return false;
	}
	UNREACHABLE();
}

/* ---- functions ---- */

bool no_function(struct binder *b, const char *name, struct expr **args, uint32_t n, int pos)
{
	const char *near = func_nearest(name);

	err_at(b->e, pos, ERR_UNDEFINED_FUNCTION, "function %s(%s) does not exist", name, type_list(b, args, n));
	if (near && strcmp(near, name) != 0)
		return err_hint(b->e, "Did you mean \"%s\"?", near);
	return err_hint(b->e, "No function matches the given name and argument types. You might need to add explicit "
						  "type casts.");
}

static bool ambiguous(struct binder *b, const char *name, struct expr **args, uint32_t n, int pos)
{
	err_at(b->e, pos, ERR_AMBIGUOUS_FUNCTION, "function %s(%s) is not unique", name, type_list(b, args, n));
	return err_hint(b->e, "Could not choose a best candidate function. You might need to add explicit type casts.");
}

/* A call that is written like a function but names a type. */
static bool function_cast(struct binder *b, const char *name, struct expr **args, uint32_t n, int pos,
						  struct expr **out, bool *is_cast)
{
	enum type_id id;

	*is_cast = n == 1 && type_find(name, &id) && (args[0]->type.id == TYPE_UNKNOWN || args[0]->type.id == id ||
												  func_cast(args[0]->type, type_make(id)));
	return *is_cast && coerce(b, args[0], type_make(id), COERCE_EXPLICIT, pos, out);
}

bool call_function(struct binder *b, const char *name, struct expr **args, uint32_t n, int pos, struct expr **out)
{
	struct resolved r;
	bool is_cast;
	enum resolution how = resolve_call(b, name, FUNC_SCALAR, args, n, &r);

	if (how == RESOLVED)
		return collate_function(b, expr_call(b->m, r.fn, r.type, r.args, r.nargs, pos), out);
	if (how == RESOLVE_FAILED)
		return false;
	if (function_cast(b, name, args, n, pos, out, &is_cast))
		return true;
	if (is_cast)
		return false;
	return how == RESOLVE_MANY ? ambiguous(b, name, args, n, pos) : no_function(b, name, args, n, pos);
}

/* ---- aggregates ---- */

/* Whether `outer` is s or encloses it. */
static bool encloses(const struct scope *outer, const struct scope *s)
{
	while (s && s != outer)
		s = s->parent;
	return s != NULL;
}

/* The inner one of two scopes on one way out; NULL counts as outermost. */
static struct scope *inner_of(struct scope *x, struct scope *y)
{
	return !x ? y : !y ? x : encloses(x, y) ? y : x;
}

void note_column_scope(struct binder *b, struct scope *s)
{
	for (struct aggregate_frame *f = b->aggregates; f; f = f->outer)
		if (encloses(s, f->scope))
			f->column = inner_of(f->column, s);
}

/* The scope whose rows the aggregate runs over: the innermost that its columns, or aggregates in its arguments, belong to;
 * subqueries in its arguments count, what they have of their own doesn't. */
static bool aggregate_scope(struct binder *b, const struct aggregate_frame *f, int pos, struct scope **out)
{
	*out = inner_of(f->column, f->aggregate);
	if (!*out)
		*out = f->scope;
	if (f->aggregate && *out == f->aggregate)
		return err_at(b->e, pos, ERR_GROUPING_ERROR, "aggregate function calls cannot be nested");
	return true;
}

static bool aggregate_allowed(struct binder *b, const struct scope *s, int pos)
{
	switch (s->clause) {
	case CLAUSE_TARGET:
	case CLAUSE_HAVING:
	case CLAUSE_ORDER_BY:
	case CLAUSE_DISTINCT_ON:
	case CLAUSE_WINDOW:
		return true;
	case CLAUSE_AGGREGATE:
		return err_at(b->e, pos, ERR_GROUPING_ERROR, "aggregate function calls cannot be nested");
	case CLAUSE_FROM:
	case CLAUSE_ON:
	case CLAUSE_WHERE:
	case CLAUSE_GROUP_BY:
	case CLAUSE_LIMIT:
	case CLAUSE_VALUES:
	case CLAUSE_FILTER:
	case CLAUSE_SCALAR:
		return err_at(b->e, pos, ERR_GROUPING_ERROR, "aggregate functions are not allowed in %s",
					  clause_name(s->clause));
	}
	UNREACHABLE();
}

static bool bind_agg_order(struct binder *b, struct scope *s, const struct ast_list *list, struct expr *agg)
{
	agg->agg.norder = list->count;
	agg->agg.order = mem_new_array(b->m, struct sort_key, list->count ? list->count : 1);
	for (uint32_t i = 0; i < list->count; i++) {
		const struct ast_sort *sort = AST_AS(SORT, sort, list->items[i]);
		bool listed = false, was_unknown;
		if (!bind_expr(b, s, sort->value, &agg->agg.order[i].expr))
			return false;
		was_unknown = agg->agg.order[i].expr->type.id == TYPE_UNKNOWN; /* a bare literal is no argument, even of the same text */
		if (!coerce_unknown(b, &agg->agg.order[i].expr) || !sort_direction(b, sort, &agg->agg.order[i]))
			return false;
		if (agg->agg.distinct) {
			for (uint32_t k = 0; k < agg->nargs && !was_unknown; k++) {
				struct expr *arg = agg->args[k];
				if (expr_equal(arg, agg->agg.order[i].expr)) {
					agg->agg.order[i].expr = arg; /* the same one: a subquery is evaluated once */
					listed = true;
				}
				while (!listed && arg->kind == EXPR_CAST && (!arg->fn || (arg->fn->flags & FUNC_IMPLICIT))) {
					arg = arg->args[0]; /* the argument as it was written */
					if (expr_equal(arg, agg->agg.order[i].expr)) {
						agg->agg.order[i].expr = agg->args[k];
						listed = true;
					}
				}
			}
			for (uint32_t k = 0; k < agg->nargs && !listed && !was_unknown; k++) {
				struct expr *cast = agg->agg.order[i].expr;
				/* a folded constant doesn't show how it was written */
				if (!can_coerce_implicit(cast->type, agg->args[k]->type))
					continue;
				if (!coerce(b, cast, agg->args[k]->type, COERCE_IMPLICIT, -1, &cast))
					return false;
				if (expr_equal(cast, agg->args[k])) {
					agg->agg.order[i].expr = agg->args[k];
					listed = true;
				}
			}
			if (!listed)
				return err_at(b->e, at(b, &sort->base), ERR_INVALID_COLUMN_REFERENCE,
							  "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list");
		}
		if (!collate_order(b, &agg->agg.order[i].expr))
			return false;
	}
	return true;
}

static bool bind_agg_arguments(struct binder *b, struct scope *s, const struct ast_func_call *f, struct expr *agg)
{
	enum clause saved = s->clause;
	bool ok = true;

	s->clause = CLAUSE_FILTER;
	if (f->filter)
		ok = bind_condition(b, s, f->filter, "FILTER", &agg->agg.filter);
	s->clause = CLAUSE_AGGREGATE;
	ok = ok && bind_agg_order(b, s, &f->order_by, agg);
	s->clause = saved;
	if (agg->agg.distinct && (agg->agg.fn->flags & FUNC_IGNORES_DISTINCT))
		agg->agg.distinct = false;
	if (!(agg->agg.fn->flags & FUNC_ORDER_MATTERS))
		agg->agg.norder = 0;
	return ok;
}

bool place_aggregate(struct binder *b, struct expr *agg)
{
	struct scope *owner;

	if (!aggregate_scope(b, b->aggregates, agg->pos, &owner) || !aggregate_allowed(b, owner, agg->pos))
		return false;
	owner->has_aggregates = true;
	agg->agg.owner = owner;
	for (struct aggregate_frame *o = b->aggregates->outer; o; o = o->outer)
		if (encloses(owner, o->scope))
			o->aggregate = inner_of(o->aggregate, owner);
	return true;
}

static bool bind_aggregate(struct binder *b, struct scope *s, const struct ast_func_call *f, const char *name,
						   struct expr **args, uint32_t n, struct expr **out)
{
	int pos = at(b, &f->base);
	struct resolved r;
	struct expr *agg;

	switch (resolve_call(b, name, FUNC_AGGREGATE, args, n, &r)) {
	case RESOLVED:
		break;
	case RESOLVE_NONE:
		return no_function(b, name, args, n, pos);
	case RESOLVE_MANY:
		return ambiguous(b, name, args, n, pos);
	case RESOLVE_FAILED:
		return false;
	}
	if (r.fn->flags & FUNC_ORDERED_SET)
		return err_at(b->e, pos, ERR_WRONG_OBJECT_TYPE, "WITHIN GROUP is required for ordered-set aggregate %s", name);
	if (f->over)
		return bind_over(b, s, f->over, r.fn, r.args, r.nargs, r.type, pos, out);
	agg = expr_new(b->m, EXPR_AGG, r.type, r.nargs, pos);
	agg->agg.fn = r.fn;
	agg->args = r.args;
	agg->agg.star = f->star;
	agg->agg.distinct = f->distinct;
	if (!bind_agg_arguments(b, s, f, agg))
		return false;
	return place_aggregate(b, agg) && collate_distinct(b, agg) && collate_extreme(b, agg, out);
}

/* An aggregate over a window with FILTER: what does not pass becomes NULL, which strict aggregates skip. */
static bool filter_argument(struct binder *b, struct scope *s, const struct ast_func_call *f, struct expr **args,
							uint32_t *n)
{
	struct expr *c, *condition;

	if (!bind_condition(b, s, f->filter, "FILTER", &condition))
		return false;
	if (f->star) {
		args[0] = expr_const(b->m, value_int4(1), -1);
		*n = 1;
	}
	for (uint32_t i = 0; i < *n; i++) {
		if (args[i]->kind == EXPR_CONST && i > 0)
			continue;
		if (!coerce_unknown(b, &args[i]))
			return false;
		c = expr_new(b->m, EXPR_CASE, args[i]->type, 3, args[i]->pos);
		c->args[0] = condition;
		c->args[1] = args[i];
		c->args[2] = expr_const(b->m, value_null(args[i]->type), -1);
		args[i] = c;
	}
	return true;
}

/* lag and lead with a default: value and default get their common type. */
static bool match_default(struct binder *b, const char *name, struct expr **args, uint32_t n, bool *matched)
{
	struct expr *items[2];
	struct type types[2], common;
	uint32_t culprit;

	*matched = true;
	if (n != 3 || (strcmp(name, "lag") != 0 && strcmp(name, "lead") != 0))
		return true;
	items[0] = args[0];
	items[1] = args[2];
	types[0] = args[0]->type;
	types[1] = args[2]->type;
	*matched = common_type(types, 2, &common, &culprit);
	if (!*matched)
		return true;
	if (!unify(b, items, 2, name, false, &common))
		return false;
	args[0] = items[0];
	args[2] = items[1];
	return true;
}

static bool bind_window_function(struct binder *b, struct scope *s, const struct ast_func_call *f, const char *name,
								 struct expr **args, uint32_t n, struct expr **out)
{
	int pos = at(b, &f->base);
	struct resolved r;
	bool matched;

	if (f->filter)
		return err_at(b->e, pos, ERR_FEATURE_NOT_SUPPORTED, "FILTER is not implemented for non-aggregate window functions");
	if (!match_default(b, name, args, n, &matched))
		return false;
	if (!matched)
		return no_function(b, name, args, n, pos);
	switch (resolve_call(b, name, FUNC_WINDOW, args, n, &r)) {
	case RESOLVED:
		return bind_over(b, s, f->over, r.fn, r.args, r.nargs, r.type, pos, out);
	case RESOLVE_NONE:
		return no_function(b, name, args, n, pos);
	case RESOLVE_MANY:
		return ambiguous(b, name, args, n, pos);
	case RESOLVE_FAILED:
		return false;
	}
	UNREACHABLE();
}

static bool plain_call_only(struct binder *b, const struct ast_func_call *f, const char *name)
{
	const char *what = f->star				? "(*)"
					   : f->distinct		? "DISTINCT"
					   : f->within_group	? "WITHIN GROUP"
					   : f->order_by.count	? "ORDER BY"
					   : f->filter			? "FILTER"
					   : f->over			? "OVER"
											: NULL;

	if (!what)
		return true;
	if (f->star)
		return err_at(b->e, at(b, &f->base), ERR_WRONG_OBJECT_TYPE,
					  "%s(*) specified, but %s is not an aggregate function", name, name);
	if (f->over)
		return err_at(b->e, at(b, &f->base), ERR_WRONG_OBJECT_TYPE,
					  "OVER specified, but %s is not a window function nor an aggregate function", name);
	return err_at(b->e, at(b, &f->base), ERR_WRONG_OBJECT_TYPE, "%s specified, but %s is not an aggregate function",
				  what, name);
}

static bool bind_arguments(struct binder *b, struct scope *s, const struct ast_func_call *f, bool aggregate,
						   struct expr ***args, uint32_t *n)
{
	enum clause saved = s->clause;
	const char **names = mem_new_array(b->m, const char *, f->args.count + 1);
	bool ok = true, named = false;

	*args = mem_new_array(b->m, struct expr *, f->args.count + 1);
	if (aggregate && !f->over && s->clause != CLAUSE_WHERE && s->clause != CLAUSE_ON)
		s->clause = CLAUSE_AGGREGATE;
	for (uint32_t i = 0; ok && i < f->args.count; i++) {
		const struct ast *arg = f->args.items[i];
		if (arg->kind == AST_NAMED_ARG) {
			names[i] = AST_AS(NAMED_ARG, named_arg, arg)->name;
			arg = AST_AS(NAMED_ARG, named_arg, arg)->value;
			named = true;
		} else if (named) {
			ok = err_at(b->e, at(b, arg), ERR_SYNTAX_ERROR, "positional argument cannot follow named argument");
		}
		ok = ok && bind_expr(b, s, arg, &(*args)[i]);
	}
	s->clause = saved;
	return ok && (!named || place_named_arguments(b, f->names.items[f->names.count - 1], names, args, n, at(b, &f->base)));
}

static bool bind_plain_aggregate(struct binder *b, struct scope *s, const struct ast_func_call *f, const char *name,
								 struct expr **out)
{
	struct aggregate_frame frame = {b->aggregates, s, NULL, NULL};
	struct expr **args;
	uint32_t n = f->args.count;
	bool ok;

	b->aggregates = &frame;
	ok = bind_arguments(b, s, f, true, &args, &n);
	if (ok && !f->star && n == 0)
		ok = strcmp(name, "count") == 0
				? err_at(b->e, at(b, &f->base), ERR_WRONG_OBJECT_TYPE, "count(*) must be used to call a parameterless aggregate function")
				: no_function(b, name, args, n, at(b, &f->base));
	if (ok && f->star && n == 0 && strcmp(name, "count") != 0)
		ok = no_function(b, name, args, n, at(b, &f->base));
	ok = ok && bind_aggregate(b, s, f, name, args, n, out);
	b->aggregates = frame.outer;
	return ok;
}

/* pg_typeof(x): known when bound. */
static bool type_of(struct binder *b, struct expr *x, int pos, struct expr **out)
{
	*out = expr_const(b->m, value_text(b->m, str_of(type_list(b, &x, 1))), pos);
	return true;
}

bool bind_call(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	const struct ast_func_call *f = AST_AS(FUNC_CALL, func_call, node);
	const char *name = f->names.items[f->names.count - 1];
	int pos = at(b, node);
	uint32_t n = f->args.count;
	struct expr **args;
	size_t aggregates, windows, tables;
	bool ok, known;

	func_find(name, FUNC_AGGREGATE, &aggregates);
	func_find(name, FUNC_WINDOW, &windows);
	func_find(name, FUNC_TABLE, &tables);
	if (f->names.count > 1 && strcmp(f->names.items[f->names.count - 2], "pg_catalog") != 0)
		return err_at(b->e, pos, ERR_UNDEFINED_FUNCTION, "function %s.%s does not exist",
					  f->names.items[f->names.count - 2], name);
	if (f->within_group)
		return bind_within_group(b, s, f, name, out);
	if (aggregates && !f->over)
		return bind_plain_aggregate(b, s, f, name, out);
	if (!bind_arguments(b, s, f, aggregates > 0, &args, &n))
		return false;
	if (f->variadic && !spread_array(b, &args, &n, pos))
		return false;
	if (aggregates) {
		if (f->over && f->distinct)
			return not_supported(b, pos, "DISTINCT for a window function");
		if (f->over && f->order_by.count)
			return not_supported(b, pos, "ORDER BY for a window function");
		if (f->over && f->filter && !filter_argument(b, s, f, args, &n))
			return false;
		if (f->star && n == 0 && strcmp(name, "count") != 0)
			return no_function(b, name, args, n, pos);
		return bind_aggregate(b, s, f, name, args, n, out);
	}
	if (windows) {
		if (!f->over)
			return err_at(b->e, pos, ERR_WRONG_OBJECT_TYPE, "window function %s requires an OVER clause", name);
		return bind_window_function(b, s, f, name, args, n, out);
	}
	if (tables)
		return plain_call_only(b, f, name) && bind_table_call(b, s, node, name, args, n, out);
	if (n == 1 && strcmp(name, "pg_typeof") == 0)
		ok = type_of(b, args[0], pos, out);
	else if (n == 1 && strcmp(name, "pg_collation_for") == 0)
		ok = bind_collation_for(b, args[0], pos, out);
	else
		ok = bind_session_function(b, name, args, n, pos, &known, out) && (known || call_function(b, name, args, n, pos, out));
	return ok && plain_call_only(b, f, name);
}
