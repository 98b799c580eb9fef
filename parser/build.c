/*
 * Builders of expression nodes for the grammar's actions, and the two rules that hold for every
 * node: depth is kept as nodes are made (so that later recursion is bounded), and the first error
 * stays while the actions go on. Queries and statements are in build_query.c. Looks nothing up.
 */
#include <stdio.h>
#include "parser/parser_int.h"

bool parse_error(struct parser *p, int pos, enum errcode code, const char *fmt, ...)
{
	char message[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	p->failed = true;
	return err_at(p->e, pos, code, "%s", message);
}

bool parse_unsupported(struct parser *p, int pos, const char *what)
{
	return parse_error(p, pos, ERR_FEATURE_NOT_SUPPORTED, "%s is not supported", what);
}

/* ---- nodes ---- */

static bool deepest(struct ast *child, void *arg)
{
	int *depth = arg;
	if (child->depth > *depth)
		*depth = child->depth;
	return true;
}

void node_changed(struct parser *p, struct ast *node)
{
	int depth = 0;
	ast_children(node, deepest, &depth);
	node->depth = depth + 1;
	if (node->depth > AST_MAX_DEPTH && !p->failed) {
		parse_error(p, node->pos, ERR_STATEMENT_TOO_COMPLEX, "statement is nested too deeply");
		err_detail(p->e, "More than %d constructs inside one another.", AST_MAX_DEPTH);
	}
}

struct ast *node_make(
	struct parser *p, enum ast_kind kind, size_t size, int pos, const void *fields)
{
	struct ast *node = mem_dup(p->m, fields, size);
	node->kind = kind;
	node->pos = pos;
	node_changed(p, node);
	return node;
}

/* Grows by doubling; the grammar appends one by one, lists may have 100,000s of items. */
void list_add(struct parser *p, struct ast_list *list, struct ast *item)
{
	size_t cap = list->cap;
	MEM_PUSH(p->m, list->items, list->count, cap, item);
	list->cap = (uint32_t)cap;
}

struct ast_list list_of(struct parser *p, struct ast *item)
{
	struct ast_list list = {0};
	list_add(p, &list, item);
	return list;
}

struct ast_list list_of2(struct parser *p, struct ast *a, struct ast *b)
{
	struct ast_list list = list_of(p, a);
	list_add(p, &list, b);
	return list;
}

struct ast_list list_of3(struct parser *p, struct ast *a, struct ast *b, struct ast *c)
{
	struct ast_list list = list_of2(p, a, b);
	list_add(p, &list, c);
	return list;
}

void names_add(struct parser *p, struct ast_names *names, const char *name)
{
	size_t cap = names->cap;
	MEM_PUSH(p->m, names->items, names->count, cap, name);
	names->cap = (uint32_t)cap;
}

struct ast_names names_of(struct parser *p, const char *name)
{
	struct ast_names names = {0};
	names_add(p, &names, name);
	return names;
}

struct ast_names names_builtin(struct parser *p, const char *name)
{
	struct ast_names names = names_of(p, "pg_catalog");
	names_add(p, &names, name);
	return names;
}

/* ---- values ---- */

struct ast *make_literal(struct parser *p, struct token t, enum ast_literal_kind kind)
{
	struct str value = str_make(t.text, t.len);
	if (kind == AST_LITERAL_NULL || kind == AST_LITERAL_TRUE || kind == AST_LITERAL_FALSE ||
		kind == AST_LITERAL_DEFAULT)
		value = (struct str){0};
	return NEW(LITERAL, literal, t.pos, .type = kind, .value = value);
}

struct ast *make_text(struct parser *p, int pos, const char *text)
{
	return NEW(LITERAL, literal, pos, .type = AST_LITERAL_STRING, .value = str_of(text));
}

struct ast *make_number(struct parser *p, int pos, const char *digits)
{
	return NEW(LITERAL, literal, pos, .type = AST_LITERAL_INTEGER, .value = str_of(digits));
}

int64_t integer_value(struct parser *p, struct token t)
{
	int64_t value = 0;
	for (uint32_t i = 0; i < t.len; i++) {
		value = value * 10 + (t.text[i] - '0');
		if (value > INT32_MAX) {
			parse_error(p, t.pos, ERR_SYNTAX_ERROR, "number %.*s is too large here",
				(int)(t.len > 40 ? 40 : t.len), t.text);
			return 0;
		}
	}
	return value;
}

struct ast *make_param(struct parser *p, struct token t)
{
	int64_t number = 0;
	for (uint32_t i = 0; i < t.len && number <= PARSE_MAX_PARAM; i++)
		number = number * 10 + (t.text[i] - '0');
	if (number < 1 || number > PARSE_MAX_PARAM) {
		parse_error(p, t.pos, ERR_UNDEFINED_PARAMETER,
			"there is no parameter $%.*s: numbers go from 1 to %d", (int)(t.len > 20 ? 20 : t.len),
			t.text, PARSE_MAX_PARAM);
		number = 1;
	}
	if (number > p->params)
		p->params = (int)number;
	return NEW(PARAM, param, t.pos, .number = number);
}

struct ast *make_sql_value(
	struct parser *p, struct token t, enum ast_sql_value_kind kind, struct token *precision)
{
	int64_t digits = precision ? integer_value(p, *precision) : -1;
	return NEW(SQL_VALUE, sql_value, t.pos, .type = kind, .precision = digits);
}

/* ---- operators ---- */

struct ast *make_operator(struct parser *p, struct token op, struct ast *left, struct ast *right)
{
	return NEW(OPERATOR, operator, op.pos, .op = op.text, .left = left, .right = right);
}

struct ast *fill_operator(struct parser *p, struct ast *op, struct ast *left, struct ast *right)
{
	struct ast_operator *o = (struct ast_operator *)op;
	o->left = left;
	o->right = right;
	node_changed(p, op);
	return op;
}

/* a AND b AND c … is one node however long, so that generated conditions don't nest. */
struct ast *make_bool(
	struct parser *p, enum ast_bool_op op, int pos, struct ast *left, struct ast *right)
{
	struct ast_bool *chain = (struct ast_bool *)left;
	if (left->kind != AST_BOOL || chain->op != op)
		return NEW(BOOL, bool, pos, .op = op, .args = list_of2(p, left, right));
	list_add(p, &chain->args, right);
	if (right->depth >= left->depth)
		left->depth = right->depth + 1;
	if (left->depth > AST_MAX_DEPTH && !p->failed)
		parse_error(p, pos, ERR_STATEMENT_TOO_COMPLEX, "statement is nested too deeply");
	return left;
}

struct ast *make_is(struct parser *p, int pos, enum ast_is_kind kind, bool negated, struct ast *arg)
{
	if (kind == AST_IS_DOCUMENT)
		parse_unsupported(p, pos, "IS DOCUMENT");
	return NEW(IS, is, pos, .type = kind, .negated = negated, .arg = arg);
}

struct ast *make_like(struct parser *p, int pos, enum ast_like_kind kind, bool negated,
	struct ast *arg, struct ast *pattern, struct ast *escape)
{
	return NEW(LIKE, like, pos, .type = kind, .negated = negated, .arg = arg, .pattern = pattern,
		.escape = escape);
}

struct ast *make_quantified(
	struct parser *p, struct ast *op, bool all, struct ast *left, struct ast *array)
{
	const struct ast_operator *o = (const struct ast_operator *)op;
	return NEW(QUANTIFIED, quantified, op->pos, .op = o->op, .schema = o->schema, .all = all,
		.left = left, .array = array);
}

struct ast *make_sublink_op(
	struct parser *p, struct ast *op, bool all, struct ast *left, struct ast *query)
{
	const struct ast_operator *o = (const struct ast_operator *)op;
	return NEW(SUBLINK, sublink, op->pos, .type = all ? AST_SUBLINK_ALL : AST_SUBLINK_ANY,
		.arg = left, .op = o->op, .schema = o->schema, .query = query);
}

struct ast *make_in(struct parser *p, int pos, bool negated, struct ast *arg, struct ast *set)
{
	if (set->kind == AST_ROW)
		return NEW(
			IN, in, pos, .negated = negated, .arg = arg, .items = ((struct ast_row *)set)->items);
	return NEW(SUBLINK, sublink, pos, .type = AST_SUBLINK_IN, .negated = negated, .arg = arg,
		.op = "=", .query = set);
}

struct ast *make_array(struct parser *p, int pos, struct ast_list items)
{
	return NEW(ARRAY, array, pos, .items = items);
}

/* ---- calls ---- */

struct ast *make_call(struct parser *p, int pos, struct ast_names names, struct ast_list args)
{
	return NEW(FUNC_CALL, func_call, pos, .names = names, .args = args);
}

struct ast *make_special(struct parser *p, int pos, const char *name, struct ast_list args)
{
	struct ast_names names = names_builtin(p, name);
	return NEW(FUNC_CALL, func_call, pos, .names = names, .syntax = AST_FUNC_SPECIAL, .args = args);
}

struct ast *make_overlaps(struct parser *p, int pos, struct ast *left, struct ast *right)
{
	const struct ast_list *l = &((const struct ast_row *)left)->items,
						  *r = &((const struct ast_row *)right)->items;
	if (l->count != 2 || r->count != 2) {
		parse_error(p, l->count != 2 ? left->pos : right->pos, ERR_SYNTAX_ERROR,
			"wrong number of values on the %s side of OVERLAPS: it takes two",
			l->count != 2 ? "left" : "right");
		return left;
	}
	struct ast_list args = list_of3(p, l->items[0], l->items[1], r->items[0]);
	list_add(p, &args, r->items[1]);
	return make_special(p, pos, "overlaps", args);
}

/* ---- names with things behind them ---- */

static bool is_star(const struct ast *item)
{
	return item->kind == AST_FIELD && !((const struct ast_field *)item)->name;
}

struct ast *apply_indirection(struct parser *p, struct ast *base, struct ast_list indirection)
{
	for (uint32_t i = 0; i < indirection.count; i++) {
		struct ast *item = indirection.items[i];
		if (is_star(item) && i + 1 < indirection.count)
			parse_error(
				p, item->pos, ERR_SYNTAX_ERROR, "improper use of \"*\": nothing can follow it");
		if (item->kind == AST_FIELD)
			((struct ast_field *)item)->arg = base;
		else
			((struct ast_subscript *)item)->arg = base;
		node_changed(p, item);
		base = item;
	}
	return base;
}

struct ast *make_column_ref(struct parser *p, struct token first, struct ast_list indirection)
{
	struct ast_names names = names_of(p, first.text);
	uint32_t used = 0;
	bool star = false;
	while (used < indirection.count && indirection.items[used]->kind == AST_FIELD && !star) {
		const struct ast_field *field = (const struct ast_field *)indirection.items[used];
		if (field->name)
			names_add(p, &names, field->name);
		else
			star = true;
		used++;
	}
	if (star && used < indirection.count)
		parse_error(p, indirection.items[used - 1]->pos, ERR_SYNTAX_ERROR,
			"improper use of \"*\": nothing can follow it");
	struct ast *column = NEW(COLUMN_REF, column_ref, first.pos, .names = names, .star = star);
	if (used == indirection.count)
		return column;
	struct ast_list rest = {indirection.items + used, indirection.count - used, 0};
	return apply_indirection(p, column, rest);
}

struct ast_names names_indirect(struct parser *p, struct token first, struct ast_list indirection)
{
	struct ast_names names = names_of(p, first.text);
	for (uint32_t i = 0; i < indirection.count; i++) {
		const struct ast *item = indirection.items[i];
		if (item->kind != AST_FIELD || is_star(item)) {
			parse_error(p, item->pos, ERR_SYNTAX_ERROR, "a name is expected here, not %s",
				item->kind == AST_FIELD ? "\"*\"" : "a subscript");
			break;
		}
		names_add(p, &names, ((const struct ast_field *)item)->name);
	}
	return names;
}

/* ---- types ---- */

struct ast *make_type(struct parser *p, int pos, const char *name, struct ast_list modifiers)
{
	struct ast_names names = names_of(p, name);
	return NEW(TYPE_NAME, type_name, pos, .names = names, .builtin = true, .modifiers = modifiers);
}

struct ast *make_float_type(struct parser *p, int pos, struct token bits)
{
	int64_t n = integer_value(p, bits);
	if (!p->failed && (n < 1 || n > 53))
		parse_error(p, bits.pos, ERR_INVALID_PARAMETER_VALUE,
			"precision of type float must be from 1 to 53 bits");
	return make_type(p, pos, n < 25 ? "float4" : "float8", (struct ast_list){0});
}

struct ast *make_character_type(
	struct parser *p, int pos, bool varying, struct ast_list length, bool constant)
{
	if (!varying && length.count == 0 && !constant)
		length = list_of(p, make_number(p, pos, "1"));
	return make_type(p, pos, varying ? "varchar" : "bpchar", length);
}

struct ast *make_interval_type(
	struct parser *p, int pos, enum ast_interval_fields fields, struct ast *precision)
{
	struct ast_list modifiers = {0};
	if (precision)
		modifiers = list_of(p, precision);
	struct ast *type = make_type(p, pos, "interval", modifiers);
	((struct ast_type_name *)type)->fields = fields;
	return type;
}

struct ast *make_typed_literal(struct parser *p, struct ast *type, struct token value)
{
	struct ast *text = make_literal(p, value, AST_LITERAL_STRING);
	return NEW(CAST, cast, type->pos, .arg = text, .type = type, .syntax = AST_CAST_PREFIX);
}

/* name '…' and name(modifiers) '…': the modifiers were read as arguments of a call. */
struct ast *make_generic_literal(struct parser *p, int pos, struct ast_names names,
	struct ast_list modifiers, struct ast_list order_by, struct token value)
{
	for (uint32_t i = 0; i < modifiers.count; i++)
		if (modifiers.items[i]->kind == AST_NAMED_ARG)
			parse_error(
				p, modifiers.items[i]->pos, ERR_SYNTAX_ERROR, "a type modifier cannot have a name");
	if (order_by.count > 0)
		parse_error(
			p, order_by.items[0]->pos, ERR_SYNTAX_ERROR, "a type modifier cannot have ORDER BY");
	struct ast *type = NEW(TYPE_NAME, type_name, pos, .names = names, .modifiers = modifiers);
	return make_typed_literal(p, type, value);
}
