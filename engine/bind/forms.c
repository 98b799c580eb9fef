/*
 * Expressions with a shape of their own: CASE, COALESCE and its kin, IN lists, BETWEEN, LIKE, ANY and ALL
 * over arrays, row comparisons.
 */
#include "engine/bind/bind_int.h"

static bool bind_list(struct binder *b, struct scope *s, const struct ast_list *list, struct expr **out)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (!bind_expr(b, s, list->items[i], &out[i]))
			return false;
	return true;
}

/* ---- rows ---- */

bool bind_row_items(struct binder *b, struct scope *s, const struct ast *node, struct expr ***items, uint32_t *n)
{
	const struct ast_row *row;

	if (node->kind != AST_ROW) {
		*n = 1;
		*items = mem_new_array(b->m, struct expr *, 1);
		return bind_expr(b, s, node, &(*items)[0]);
	}
	row = AST_AS(ROW, row, node);
	*n = row->items.count;
	*items = mem_new_array(b->m, struct expr *, *n + 1);
	return bind_list(b, s, &row->items, *items);
}

static struct expr *junction(struct binder *b, enum expr_kind kind, struct expr **list, uint32_t n, int pos)
{
	struct expr *e;

	if (n == 1)
		return list[0];
	e = expr_new(b->m, kind, type_make(TYPE_BOOL), n, pos);
	memcpy(e->args, list, n * sizeof *list);
	return e;
}

bool bind_row_comparison(struct binder *b, const char *op, struct expr **left, struct expr **right, uint32_t n,
						 int pos, struct expr **out)
{
	bool equal = strcmp(op, "=") == 0, unequal = strcmp(op, "<>") == 0;
	bool less = op[0] == '<' && !unequal, more = op[0] == '>';
	const char *strict = less ? "<" : ">";
	struct expr *rest = NULL;

	if (n == 0)
		return err_at(b->e, pos, ERR_FEATURE_NOT_SUPPORTED, "cannot compare rows of zero length");
	if (equal || unequal) {
		struct expr **list = mem_new_array(b->m, struct expr *, n);
		for (uint32_t i = 0; i < n; i++)
			if (!call_operator(b, op, left[i], right[i], pos, &list[i]))
				return false;
		*out = junction(b, equal ? EXPR_AND : EXPR_OR, list, n, pos);
		return true;
	}
	if ((!less && !more) || (op[1] && strcmp(op + 1, "=") != 0))
		return err_at(b->e, pos, ERR_FEATURE_NOT_SUPPORTED, "could not determine interpretation of row comparison "
															"operator %s", op);
	/* a < c OR (a = c AND (b op d)), from the last column back */
	for (uint32_t i = n; i-- > 0;) {
		struct expr *parts[2], *both[2];
		if (i + 1 == n) {
			if (!call_operator(b, op, left[i], right[i], pos, &rest))
				return false;
			continue;
		}
		if (!call_operator(b, strict, left[i], right[i], pos, &parts[0]) ||
			!call_operator(b, "=", left[i], right[i], pos, &both[0]))
			return false;
		both[1] = rest;
		parts[1] = expr_and(b->m, both, 2);
		rest = junction(b, EXPR_OR, parts, 2, pos);
	}
	*out = rest;
	return true;
}

/* ---- CASE and its kin ---- */

static bool bind_case(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	const struct ast_case *c = AST_AS(CASE, case, node);
	uint32_t n = c->whens.count;
	struct expr **results = mem_new_array(b->m, struct expr *, n + 1);
	struct expr *e = expr_new(b->m, EXPR_CASE, type_make(TYPE_UNKNOWN), 2 * n + 1, at(b, node)), *arg = NULL;

	if (c->arg && (!bind_expr(b, s, c->arg, &arg) || !coerce_unknown(b, &arg)))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		const struct ast_when *w = AST_AS(WHEN, when, c->whens.items[i]);
		struct expr *value;
		if (!arg) {
			if (!bind_condition(b, s, w->condition, "CASE/WHEN", &e->args[2 * i]))
				return false;
		} else if (!bind_expr(b, s, w->condition, &value) ||
				   !call_operator(b, "=", arg, value, at(b, w->condition), &e->args[2 * i])) {
			return false;
		}
		/* the ELSE comes first: PostgreSQL looks at its type first */
		if (!bind_expr(b, s, w->result, &results[i + 1]))
			return false;
	}
	if (c->otherwise) {
		if (!bind_expr(b, s, c->otherwise, &results[0]))
			return false;
	} else {
		results[0] = expr_const(b->m, value_null(type_make(TYPE_UNKNOWN)), at(b, node));
	}
	if (!unify(b, results, n + 1, "CASE", false, &e->type))
		return false;
	for (uint32_t i = 0; i < n; i++)
		e->args[2 * i + 1] = results[i + 1];
	e->args[2 * n] = results[0];
	*out = e;
	return true;
}

static bool bind_same_type(struct binder *b, struct scope *s, enum expr_kind kind, const struct ast_list *args,
						   const char *what, int pos, struct expr **out)
{
	struct expr *e = expr_new(b->m, kind, type_make(TYPE_UNKNOWN), args->count, pos);

	if (!bind_list(b, s, args, e->args) || !unify(b, e->args, e->nargs, what, false, &e->type))
		return false;
	*out = e;
	return kind == EXPR_COALESCE || collate_min_max(b, e, out);
}

/* Both operands as = wants them, of the very same type. */
static bool equal_operands(struct binder *b, struct expr **left, struct expr **right, int pos, const struct func **fn)
{
	struct expr *call, *pair[2];
	struct type type;

	if (!call_operator(b, "=", *left, *right, pos, &call))
		return false;
	pair[0] = call->args[0];
	pair[1] = call->args[1];
	if (!type_same(pair[0]->type, pair[1]->type)) {
		if (!unify(b, pair, 2, "=", true, &type) || !call_operator(b, "=", pair[0], pair[1], pos, &call))
			return false;
		pair[0] = call->args[0];
		pair[1] = call->args[1];
	}
	*left = pair[0];
	*right = pair[1];
	if (fn)
		*fn = call->fn;
	return true;
}

/* PostgreSQL compares these across types, so NULLIF keeps the left one's. */
static bool has_cross_operator(struct type a, struct type b)
{
	static const enum type_id families[][3] = {{TYPE_INT2, TYPE_INT4, TYPE_INT8},
		{TYPE_FLOAT4, TYPE_FLOAT8, TYPE_FLOAT8}, {TYPE_DATE, TYPE_TIMESTAMP, TYPE_TIMESTAMPTZ}};

	for (size_t f = 0; f < ARRAY_LEN(families); f++) {
		bool in_a = false, in_b = false;
		for (size_t i = 0; i < 3; i++) {
			in_a |= a.id == families[f][i];
			in_b |= b.id == families[f][i];
		}
		if (in_a && in_b)
			return true;
	}
	return false;
}

static bool bind_nullif(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	const struct ast_nullif *n = AST_AS(NULLIF, nullif, node);
	struct expr *left, *right, *e;
	const struct func *fn;
	struct type general = type_make(TYPE_NUMERIC);

	if (!bind_expr(b, s, n->left, &left) || !bind_expr(b, s, n->right, &right) ||
		!call_operator(b, "=", left, right, at(b, node), &e))
		return false;
	if ((left->type.id != right->type.id && has_cross_operator(left->type, right->type)) ||
		(type_is_text(left->type) && !type_is_text(e->args[0]->type))) { /* keys of a collation are compared */
		*out = expr_new(b->m, EXPR_CASE, left->type, 3, at(b, node));
		(*out)->args[0] = e;
		(*out)->args[1] = expr_const(b->m, value_null(left->type), -1);
		(*out)->args[2] = left;
		return true;
	}
	/* the value that comes out shows its own scale: compared in the general form where the common one adds digits */
	if (e->args[0]->type.id == TYPE_NUMERIC) {
		if (!coerce(b, left, general, COERCE_IMPLICIT, at(b, node), &left) ||
			!coerce(b, right, general, COERCE_IMPLICIT, at(b, node), &right))
			return false;
		if (left->type.scale != right->type.scale &&
			(!coerce_form(b, left, general, &left) || !coerce_form(b, right, general, &right)))
			return false;
	}
	if (!equal_operands(b, &left, &right, at(b, node), &fn))
		return false;
	e = expr_new(b->m, EXPR_NULLIF, left->type, 2, at(b, node));
	e->fn = fn;
	e->args[0] = left;
	e->args[1] = right;
	*out = e;
	return true;
}

static bool distinct_pair(struct binder *b, struct expr *left, struct expr *right, int pos, struct expr **out)
{
	struct expr *e;

	if (!equal_operands(b, &left, &right, pos, NULL))
		return false;
	e = expr_new(b->m, EXPR_DISTINCT, type_make(TYPE_BOOL), 2, pos);
	e->args[0] = left;
	e->args[1] = right;
	*out = e;
	return true;
}

static bool bind_is_distinct(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	const struct ast_is_distinct *n = AST_AS(IS_DISTINCT, is_distinct, node);
	struct expr **left, **right, **list;
	uint32_t nl, nr;

	if (!bind_row_items(b, s, n->left, &left, &nl) || !bind_row_items(b, s, n->right, &right, &nr))
		return false;
	if (nl != nr || nl == 0)
		return err_at(b->e, at(b, node), ERR_SYNTAX_ERROR, "unequal number of entries in row expressions");
	list = mem_new_array(b->m, struct expr *, nl);
	for (uint32_t i = 0; i < nl; i++)
		if (!distinct_pair(b, left[i], right[i], at(b, node), &list[i]))
			return false;
	*out = junction(b, EXPR_OR, list, nl, at(b, node));
	if (n->negated)
		*out = expr_not(b, *out);
	return true;
}

/* ---- IN, BETWEEN, LIKE ---- */

static bool in_rows(struct binder *b, struct scope *s, const struct ast_in *in, struct expr **out)
{
	struct expr **left, **right, **list = mem_new_array(b->m, struct expr *, in->items.count);
	int pos = at(b, &in->base);
	uint32_t nl, nr;

	if (!bind_row_items(b, s, in->arg, &left, &nl))
		return false;
	for (uint32_t i = 0; i < in->items.count; i++) {
		if (!bind_row_items(b, s, in->items.items[i], &right, &nr))
			return false;
		if (nl != nr)
			return err_at(b->e, at(b, in->items.items[i]), ERR_SYNTAX_ERROR,
						  "unequal number of entries in row expressions");
		if (!bind_row_comparison(b, "=", left, right, nl, pos, &list[i]))
			return false;
	}
	*out = junction(b, EXPR_OR, list, in->items.count, pos);
	return true;
}

/* items[0] IN items[1..n): one node when they have a common type, else a chain of =. */
static bool in_list(struct binder *b, struct expr **items, uint32_t n, int pos, struct expr **out)
{
	struct type *types = mem_new_array(b->m, struct type, n), type;
	struct expr *e, *probe, **list;
	uint32_t culprit;

	for (uint32_t i = 0; i < n; i++)
		types[i] = items[i]->type;
	if (n > 2 && common_type(types, n, &type, &culprit)) {
		e = expr_new(b->m, EXPR_IN, type_make(TYPE_BOOL), n, pos);
		memcpy(e->args, items, n * sizeof *items);
		if (!unify(b, e->args, n, "IN", true, &type))
			return false;
		/* there must be an = for the type */
		if (!call_operator(b, "=", e->args[0], e->args[1], pos, &probe))
			return false;
		*out = e;
		return collate_list(b, e->args, n, pos);
	}
	list = mem_new_array(b->m, struct expr *, n);
	for (uint32_t i = 1; i < n; i++)
		if (!call_operator(b, "=", items[0], items[i], pos, &list[i - 1]))
			return false;
	*out = junction(b, EXPR_OR, list, n - 1, pos);
	return true;
}

static bool bind_in(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	const struct ast_in *in = AST_AS(IN, in, node);
	struct expr **items = mem_new_array(b->m, struct expr *, in->items.count + 1);
	bool ok;

	if (in->arg->kind == AST_ROW)
		ok = in_rows(b, s, in, out);
	else
		ok = bind_expr(b, s, in->arg, &items[0]) && bind_list(b, s, &in->items, items + 1) &&
			 in_list(b, items, in->items.count + 1, at(b, node), out);
	if (ok && in->negated)
		*out = expr_not(b, *out);
	return ok;
}

static bool between(struct binder *b, struct expr *x, struct expr *low, struct expr *high, int pos, struct expr **out)
{
	struct expr *pair[2];

	if (!call_operator(b, ">=", x, low, pos, &pair[0]) || !call_operator(b, "<=", x, high, pos, &pair[1]))
		return false;
	*out = expr_and(b->m, pair, 2);
	return true;
}

static bool bind_between(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	const struct ast_between *n = AST_AS(BETWEEN, between, node);
	struct expr *x, *low, *high, *pair[2];
	int pos = at(b, node);

	if (!bind_expr(b, s, n->arg, &x) || !bind_expr(b, s, n->low, &low) || !bind_expr(b, s, n->high, &high) ||
		!between(b, x, low, high, pos, &pair[0]))
		return false;
	*out = pair[0];
	if (n->symmetric) {
		if (!between(b, x, high, low, pos, &pair[1]))
			return false;
		*out = junction(b, EXPR_OR, pair, 2, pos);
	}
	if (n->negated)
		*out = expr_not(b, *out);
	return true;
}

static bool bind_like(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	const struct ast_like *n = AST_AS(LIKE, like, node);
	const char *op = n->type == AST_LIKE_ILIKE	   ? (n->negated ? "!~~*" : "~~*")
					 : n->type == AST_LIKE_SIMILAR ? (n->negated ? "!~" : "~")
												   : (n->negated ? "!~~" : "~~");
	struct expr *x, *args[2];
	uint32_t nargs = 1;
	int pos = at(b, node);

	if (!bind_expr(b, s, n->arg, &x) || !bind_expr(b, s, n->pattern, &args[0]))
		return false;
	if (n->escape) {
		if (!bind_expr(b, s, n->escape, &args[1]))
			return false;
		nargs = 2;
	}
	if (n->type == AST_LIKE_SIMILAR) {
		if (!call_function(b, "similar_to_escape", args, nargs, pos, &args[0]))
			return false;
	} else if (nargs == 2 && !call_function(b, "like_escape", args, 2, pos, &args[0])) {
		return false;
	}
	return call_operator(b, op, x, args[0], pos, out);
}

/* ---- ANY and ALL over arrays ---- */

/* Whether node is ARRAY[…] of one dimension, maybe cast: its items are compared one by one. */
static bool is_written_out(const struct ast *node)
{
	const struct ast_array *a;

	if (node->kind == AST_CAST)
		node = AST_AS(CAST, cast, node)->arg;
	if (node->kind != AST_ARRAY)
		return false;
	a = AST_AS(ARRAY, array, node);
	for (uint32_t i = 0; i < a->items.count; i++)
		if (a->items.items[i]->kind == AST_ARRAY)
			return false;
	return a->items.count > 0;
}

static bool array_items(struct binder *b, struct scope *s, const struct ast *node, struct expr ***items, uint32_t *n)
{
	const struct ast_array *a;
	struct type to;

	if (node->kind == AST_CAST) {
		if (!bind_type(AST_AS(CAST, cast, node)->type, &to, b->e) ||
			!array_items(b, s, AST_AS(CAST, cast, node)->arg, items, n))
			return false;
		to.array = 0;
		for (uint32_t i = 0; i < *n; i++)
			if (!coerce(b, (*items)[i], to, COERCE_EXPLICIT, at(b, node), &(*items)[i]))
				return false;
		return true;
	}
	a = AST_AS(ARRAY, array, node);
	*n = a->items.count;
	*items = mem_new_array(b->m, struct expr *, *n + 1);
	return bind_list(b, s, &a->items, *items);
}

static bool bind_quantified(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	const struct ast_quantified *q = AST_AS(QUANTIFIED, quantified, node);
	struct expr *x, *array, **items, **list;
	int pos = at(b, node);
	uint32_t n;

	if (!bind_expr(b, s, q->left, &x))
		return false;
	if (is_written_out(q->array)) {
		struct type common;
		if (!array_items(b, s, q->array, &items, &n) || !unify(b, items, n, "ARRAY", false, &common))
			return false;
	} else {
		if (!bind_expr(b, s, q->array, &array))
			return false;
		if (array->kind == EXPR_CONST && array->type.id == TYPE_UNKNOWN) {
			struct type to = {x->type.id == TYPE_UNKNOWN ? TYPE_TEXT : x->type.id, 1, 0, 0, -1};
			if (x->type.array)
				return err_at(b->e, pos, ERR_UNDEFINED_FUNCTION, "could not find array type for data type %s",
							  type_name(x->type, b->m));
			if (!coerce(b, array, to, COERCE_IMPLICIT, pos, &array))
				return false;
		}
		if (array->kind != EXPR_CONST || !array->type.array || array->value.is_null || x->type.array)
			return quantified_array(b, q->op, q->all, x, array, pos, out);
		constant_items(b, array, &items, &n);
	}
	if (n == 0) {
		*out = expr_const(b->m, value_bool(q->all), pos);
		return true;
	}
	list = mem_new_array(b->m, struct expr *, n + 1);
	if ((strcmp(q->op, "=") == 0 && !q->all) || (strcmp(q->op, "<>") == 0 && q->all)) {
		list[0] = x;
		memcpy(list + 1, items, n * sizeof *items);
		if (!in_list(b, list, n + 1, pos, out))
			return false;
		if (q->all)
			*out = expr_not(b, *out);
		return true;
	}
	for (uint32_t i = 0; i < n; i++)
		if (!call_operator(b, q->op, x, items[i], pos, &list[i]))
			return false;
	if (list[0]->type.id != TYPE_BOOL || list[0]->type.array)
		return err_at(b->e, pos, ERR_WRONG_OBJECT_TYPE, "op ANY/ALL (array) requires operator to yield boolean");
	*out = junction(b, q->all ? EXPR_AND : EXPR_OR, list, n, pos);
	return true;
}

bool bind_form(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	if (node->kind == AST_CASE)
		return bind_case(b, s, node, out);
	if (node->kind == AST_COALESCE)
		return bind_same_type(b, s, EXPR_COALESCE, &AST_AS(COALESCE, coalesce, node)->args, "COALESCE", at(b, node),
							  out);
	if (node->kind == AST_MIN_MAX) {
		const struct ast_min_max *m = AST_AS(MIN_MAX, min_max, node);
		return bind_same_type(b, s, m->greatest ? EXPR_GREATEST : EXPR_LEAST, &m->args,
							  m->greatest ? "GREATEST" : "LEAST", at(b, node), out);
	}
	if (node->kind == AST_NULLIF)
		return bind_nullif(b, s, node, out);
	if (node->kind == AST_IS_DISTINCT)
		return bind_is_distinct(b, s, node, out);
	if (node->kind == AST_IN)
		return bind_in(b, s, node, out);
	if (node->kind == AST_BETWEEN)
		return bind_between(b, s, node, out);
	if (node->kind == AST_LIKE)
		return bind_like(b, s, node, out);
	if (node->kind == AST_QUANTIFIED)
		return bind_quantified(b, s, node, out);
	return bind_special(b, s, node, out);
}
