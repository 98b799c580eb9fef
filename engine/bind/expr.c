/*
 * Expressions: the dispatch over syntax nodes, and the plain ones: columns, parameters, operators, AND and
 * OR, casts. Forms with a shape of their own (CASE, IN, rows …) are in forms.c, IS and the standard's
 * special words in special.c.
 */
#include "engine/bind/bind_int.h"

bool not_supported(struct binder *b, int pos, const char *what)
{
	return err_at(b->e, pos, ERR_FEATURE_NOT_SUPPORTED, "%s is not supported yet", what);
}

struct expr *column_of(struct binder *b, const struct column *c)
{
	return expr_column(b->m, c->id, c->type, -1);
}

static bool bind_param(struct binder *b, const struct ast *node, struct expr **out)
{
	int64_t number = AST_AS(PARAM, param, node)->number;
	struct expr *e;

	if (number < 1 || number > 65535 || b->view_depth)
		return err_at(b->e, at(b, node), ERR_UNDEFINED_PARAMETER, "there is no parameter $%lld", (long long)number);
	if (number > b->nparams) {
		struct type *grown = mem_new_array(b->m, struct type, number);
		for (int64_t i = 0; i < number; i++)
			grown[i] = i < b->nparams ? b->params[i] : type_make(TYPE_UNKNOWN);
		b->params = grown;
		b->nparams = (uint32_t)number;
	}
	e = expr_new(b->m, EXPR_PARAM, b->params[number - 1], 0, at(b, node));
	e->param = (uint32_t)number;
	*out = e;
	return true;
}

/* e as a boolean, else 42804. */
static bool to_boolean(struct binder *b, struct expr *e, const char *what, struct expr **out)
{
	if (e->type.id == TYPE_UNKNOWN || e->type.id == TYPE_BOOL)
		return coerce(b, e, type_make(TYPE_BOOL), COERCE_IMPLICIT, e->pos, out);
	return err_at(b->e, e->pos, ERR_DATATYPE_MISMATCH, "argument of %s must be type boolean, not type %s", what,
				  type_name(e->type, b->m));
}

bool bind_condition(struct binder *b, struct scope *s, const struct ast *node, const char *what, struct expr **out)
{
	struct expr *e;

	return bind_expr(b, s, node, &e) && to_boolean(b, e, what, out);
}

static bool bind_bool(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	const struct ast_bool *n = AST_AS(BOOL, bool, node);
	bool and = n->op == AST_BOOL_AND;
	struct expr *e = expr_new(b->m, and ? EXPR_AND : EXPR_OR, type_make(TYPE_BOOL), n->args.count, at(b, node));

	for (uint32_t i = 0; i < n->args.count; i++)
		if (!bind_condition(b, s, n->args.items[i], and ? "AND" : "OR", &e->args[i]))
			return false;
	*out = and ? expr_and(b->m, e->args, e->nargs) : e;
	return true;
}

struct expr *expr_not(struct binder *b, struct expr *x)
{
	struct expr *e = expr_new(b->m, EXPR_NOT, type_make(TYPE_BOOL), 1, x->pos);

	e->args[0] = x;
	return e;
}

static bool bind_not(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	struct expr *x;

	if (!bind_condition(b, s, AST_AS(NOT, not, node)->arg, "NOT", &x))
		return false;
	*out = expr_not(b, x);
	return true;
}

static bool is_number_literal(const struct ast *n)
{
	enum ast_literal_kind k;

	if (n->kind != AST_LITERAL)
		return false;
	k = AST_AS(LITERAL, literal, n)->type;
	return k == AST_LITERAL_INTEGER || k == AST_LITERAL_NUMERIC;
}

static bool is_row(const struct ast *n)
{
	return n->kind == AST_ROW;
}

static bool bind_operator(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	const struct ast_operator *o = AST_AS(OPERATOR, operator, node);
	struct expr *left = NULL, *right, **l, **r;
	uint32_t nl, nr;

	if (o->schema.count && strcmp(o->schema.items[o->schema.count - 1], "pg_catalog") != 0)
		return err_at(b->e, at(b, node), ERR_UNDEFINED_FUNCTION, "operator does not exist: %s.%s",
					  o->schema.items[o->schema.count - 1], o->op);
	if (!o->left && strcmp(o->op, "-") == 0 && is_number_literal(o->right))
		return bind_literal(b, o->right, true, out);
	if (!o->left && strcmp(o->op, "+") == 0 && is_number_literal(o->right))
		return bind_literal(b, o->right, false, out);
	if (o->left && (is_row(o->left) || is_row(o->right)) &&
		(is_row(o->left) == is_row(o->right) || o->left->kind == AST_SUBLINK || o->right->kind == AST_SUBLINK)) {
		if (is_row(o->left) != is_row(o->right))
			return is_row(o->left)
				? bind_row_sublink(b, s, o->left, AST_AS(SUBLINK, sublink, o->right), o->op, at(b, node), out)
				: err_at(b->e, at(b, o->left), ERR_SYNTAX_ERROR, "subquery must return only one column");
		if (!bind_row_items(b, s, o->left, &l, &nl) || !bind_row_items(b, s, o->right, &r, &nr))
			return false;
		if (nl != nr)
			return err_at(b->e, at(b, node), ERR_SYNTAX_ERROR, "unequal number of entries in row expressions");
		return bind_row_comparison(b, o->op, l, r, nl, at(b, node), out);
	}
	if (o->left && is_row(o->left) != is_row(o->right)) {
		if (!bind_expr(b, s, is_row(o->left) ? o->right : o->left, &right))
			return false;
		return err_at(b->e, at(b, node), ERR_UNDEFINED_FUNCTION, "operator does not exist: record %s %s", o->op,
					  type_name(right->type, b->m));
	}
	if (o->left && !bind_expr(b, s, o->left, &left))
		return false;
	return bind_expr(b, s, o->right, &right) && call_operator(b, o->op, left, right, at(b, node), out);
}

static bool bind_cast(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	const struct ast_cast *c = AST_AS(CAST, cast, node);
	struct type to;
	struct expr *e;
	struct err inner;

	err_clear(&inner);
	if (!bind_type(c->type, &to, &inner)) {
		if (b->view_depth)
			inner.position = 0;
		return err_copy(b->e, &inner);
	}
	if (to.array && c->arg->kind == AST_ARRAY)
		return bind_array_cast(b, s, c->arg, to, out);
	return bind_expr(b, s, c->arg, &e) && coerce(b, e, to, COERCE_EXPLICIT, at(b, node), out);
}

bool bind_expr(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	if (!mem_check(b->m, b->e))
		return false;
	if (node->kind == AST_COLUMN_REF) {
		if (!bind_column_ref(b, s, node, out))
			return false;
		*out = mem_dup(b->m, *out, sizeof **out);
		(*out)->pos = at(b, node);
		return true;
	}
	if (node->kind == AST_LITERAL)
		return bind_literal(b, node, false, out);
	if (node->kind == AST_PARAM)
		return bind_param(b, node, out);
	if (node->kind == AST_OPERATOR)
		return bind_operator(b, s, node, out);
	if (node->kind == AST_BOOL)
		return bind_bool(b, s, node, out);
	if (node->kind == AST_NOT)
		return bind_not(b, s, node, out);
	if (node->kind == AST_CAST)
		return bind_cast(b, s, node, out);
	if (node->kind == AST_FUNC_CALL)
		return bind_call(b, s, node, out);
	if (node->kind == AST_SUBLINK)
		return bind_sublink(b, s, node, out);
	if (node->kind == AST_COLLATE)
		return bind_collate(b, s, node, out);
	if (node->kind == AST_GROUPING_CALL)
		return bind_grouping_call(b, s, node, out);
	return bind_form(b, s, node, out);
}
