/*
 * IS tests, CURRENT_DATE and its kin, and the answer to constructs that the engine can't run yet.
 */
#include "engine/bind/bind_int.h"

static struct expr *test(struct binder *b, enum expr_kind kind, struct expr *x)
{
	struct expr *e = expr_new(b->m, kind, type_make(TYPE_BOOL), 1, x->pos);

	e->args[0] = x;
	return e;
}

/* A row IS NULL when all its items are; IS NOT NULL when none is (not the opposite). */
static bool is_null_row(struct binder *b, struct scope *s, const struct ast_is *is, struct expr **out)
{
	struct expr **items, **list;
	uint32_t n;

	if (!bind_row_items(b, s, is->arg, &items, &n))
		return false;
	list = mem_new_array(b->m, struct expr *, n + 1);
	for (uint32_t i = 0; i < n; i++) {
		if (!coerce_unknown(b, &items[i]))
			return false;
		list[i] = test(b, EXPR_IS_NULL, items[i]);
		if (is->negated)
			list[i] = expr_not(b, list[i]);
	}
	*out = n ? expr_and(b->m, list, n) : expr_bool(b->m, true);
	return true;
}

static bool bind_is(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	const struct ast_is *is = AST_AS(IS, is, node);
	struct expr *x;

	switch (is->type) {
	case AST_IS_NULL:
		if (is->arg->kind == AST_ROW)
			return is_null_row(b, s, is, out);
		if (!bind_expr(b, s, is->arg, &x) || !coerce_unknown(b, &x))
			return false;
		*out = test(b, EXPR_IS_NULL, x);
		break;
	case AST_IS_TRUE:
		if (!bind_condition(b, s, is->arg, is->negated ? "IS NOT TRUE" : "IS TRUE", &x))
			return false;
		*out = test(b, EXPR_IS_TRUE, x);
		break;
	case AST_IS_FALSE:
		if (!bind_condition(b, s, is->arg, is->negated ? "IS NOT FALSE" : "IS FALSE", &x))
			return false;
		*out = test(b, EXPR_IS_TRUE, expr_not(b, x));
		break;
	case AST_IS_UNKNOWN:
		if (!bind_condition(b, s, is->arg, is->negated ? "IS NOT UNKNOWN" : "IS UNKNOWN", &x))
			return false;
		*out = test(b, EXPR_IS_NULL, x);
		break;
	case AST_IS_DOCUMENT:
		return not_supported(b, at(b, node), "IS DOCUMENT");
	}
	if (is->negated)
		*out = expr_not(b, *out);
	return true;
}

static bool bind_is_normalized(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	const struct ast_is_normalized *n = AST_AS(IS_NORMALIZED, is_normalized, node);
	struct expr *args[2];

	if (!bind_expr(b, s, n->arg, &args[0]))
		return false;
	args[1] = expr_const(b->m, value_text(b->m, str_of(n->form ? n->form : "NFC")), at(b, node));
	if (!call_function(b, "is_normalized", args, 2, at(b, node), out))
		return false;
	if (n->negated)
		*out = expr_not(b, *out);
	return true;
}

/* now() as another type, cut to a precision when one was said. */
static bool now_as(struct binder *b, enum type_id id, int64_t precision, int pos, struct expr **out)
{
	struct type to = type_make(id);
	struct expr *now;

	if (precision >= 0)
		to.mod = precision > 6 ? 6 : (int32_t)precision;
	return call_function(b, "now", NULL, 0, pos, &now) && coerce(b, now, to, COERCE_EXPLICIT, pos, out);
}

static bool name_value(struct binder *b, const char *text, int pos, struct expr **out)
{
	struct value v = value_text(b->m, str_of(text ? text : ""));

	v.type = type_make(TYPE_NAME);
	*out = expr_const(b->m, v, pos);
	return true;
}

bool bind_current_schema(struct binder *b, int pos, struct expr **out)
{
	const char *path = b->search_path, *end;

	while (*path == ' ' || *path == ',')
		path++;
	end = path + strcspn(path, ", ");
	return name_value(b, mem_strndup(b->m, path, (size_t)(end - path)), pos, out);
}

static bool bind_sql_value(struct binder *b, const struct ast *node, struct expr **out)
{
	const struct ast_sql_value *v = AST_AS(SQL_VALUE, sql_value, node);
	int pos = at(b, node);

	switch (v->type) {
	case AST_VALUE_CURRENT_DATE:
		return now_as(b, TYPE_DATE, -1, pos, out);
	case AST_VALUE_CURRENT_TIME:
		return now_as(b, TYPE_TIMETZ, v->precision, pos, out);
	case AST_VALUE_CURRENT_TIMESTAMP:
		return now_as(b, TYPE_TIMESTAMPTZ, v->precision, pos, out);
	case AST_VALUE_LOCALTIME:
		return now_as(b, TYPE_TIME, v->precision, pos, out);
	case AST_VALUE_LOCALTIMESTAMP:
		return now_as(b, TYPE_TIMESTAMP, v->precision, pos, out);
	case AST_VALUE_CURRENT_USER:
	case AST_VALUE_SESSION_USER:
	case AST_VALUE_USER:
	case AST_VALUE_CURRENT_ROLE:
		return name_value(b, b->c->principal ? b->c->principal->user : "", pos, out); /* also in what an agency wrote: who reads */
	case AST_VALUE_CURRENT_CATALOG:
		return name_value(b, "hopluu", pos, out);
	case AST_VALUE_CURRENT_SCHEMA:
		return bind_current_schema(b, pos, out);
	}
	UNREACHABLE();
}

/* (t).c of a FROM item t is its column. */
static bool bind_row_field(struct binder *b, struct scope *s, const struct ast_field *f, struct expr **out)
{
	const struct ast_column_ref *t = AST_AS(COLUMN_REF, column_ref, f->arg);
	struct ast_column_ref ref = *t;

	if (t->star || t->names.count != 1)
		return not_supported(b, at(b, &f->base), "a field of a row value");
	ref.names.items = mem_new_array(b->m, const char *, 2);
	ref.names.items[0] = t->names.items[0];
	ref.names.items[1] = f->name;
	ref.names.count = 2;
	return bind_column_ref(b, s, &ref.base, out);
}

bool bind_special(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	if (node->kind == AST_IS)
		return bind_is(b, s, node, out);
	if (node->kind == AST_IS_NORMALIZED)
		return bind_is_normalized(b, s, node, out);
	if (node->kind == AST_SQL_VALUE)
		return bind_sql_value(b, node, out);
	if (node->kind == AST_ROW) {
		struct expr **items;
		uint32_t n;
		return bind_row_items(b, s, node, &items, &n) && bind_row_value(b, items, n, at(b, node), out);
	}
	if (node->kind == AST_ARRAY)
		return bind_array(b, s, node, out);
	if (node->kind == AST_SUBSCRIPT)
		return bind_subscript(b, s, node, out);
	if (node->kind == AST_FIELD && AST_AS(FIELD, field, node)->name &&
		AST_AS(FIELD, field, node)->arg->kind == AST_COLUMN_REF)
		return bind_row_field(b, s, AST_AS(FIELD, field, node), out);
	if (node->kind == AST_FIELD)
		return not_supported(b, at(b, node), "a field of a row value");
	if (node->kind == AST_QUERY)
		return not_supported(b, at(b, node), "a query here");
	return err_at(b->e, at(b, node), ERR_FEATURE_NOT_SUPPORTED, "%s is not supported here", ast_kind_name(node->kind));
}
