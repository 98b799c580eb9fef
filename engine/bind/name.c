/*
 * What a result column is called when the query does not say: PostgreSQL's FigureColname. A name has a
 * strength: 2 for a column or function, 1 for a type or "case", which a better one inside replaces.
 */
#include "engine/bind/bind_int.h"

static int figure(const struct ast *n, const char **name);

static const char *sql_value_name(enum ast_sql_value_kind kind)
{
	switch (kind) {
	case AST_VALUE_CURRENT_DATE:
		return "current_date";
	case AST_VALUE_CURRENT_TIME:
		return "current_time";
	case AST_VALUE_CURRENT_TIMESTAMP:
		return "current_timestamp";
	case AST_VALUE_LOCALTIME:
		return "localtime";
	case AST_VALUE_LOCALTIMESTAMP:
		return "localtimestamp";
	case AST_VALUE_CURRENT_USER:
		return "current_user";
	case AST_VALUE_SESSION_USER:
		return "session_user";
	case AST_VALUE_USER:
		return "user";
	case AST_VALUE_CURRENT_ROLE:
		return "current_role";
	case AST_VALUE_CURRENT_CATALOG:
		return "current_catalog";
	case AST_VALUE_CURRENT_SCHEMA:
		return "current_schema";
	}
	UNREACHABLE();
}

static int named(const char *what, const char **name)
{
	*name = what;
	return 2;
}

static int figure_subquery(const struct ast_sublink *s, const char **name)
{
	const struct ast *body;
	const struct ast_target *t;

	if (s->type == AST_SUBLINK_EXISTS)
		return named("exists", name);
	if (s->type == AST_SUBLINK_ARRAY)
		return named("array", name);
	if (s->type != AST_SUBLINK_SCALAR)
		return 0;
	body = AST_AS(QUERY, query, s->query)->body;
	if (body->kind == AST_VALUES)
		return named("column1", name);
	if (body->kind != AST_SELECT || !AST_AS(SELECT, select, body)->targets.count)
		return 0;
	t = AST_AS(TARGET, target, AST_AS(SELECT, select, body)->targets.items[0]);
	if (t->alias)
		return named(t->alias, name);
	return figure(t->value, name) ? 2 : 0;
}

static int figure_cast(const struct ast_cast *c, const char **name)
{
	const struct ast_type_name *t = AST_AS(TYPE_NAME, type_name, c->type);
	int strength = figure(c->arg, name);

	if (strength > 1 || !t->names.count)
		return strength;
	*name = t->names.items[t->names.count - 1];
	return 1;
}

static int figure_case(const struct ast_case *c, const char **name)
{
	int strength = c->otherwise ? figure(c->otherwise, name) : 0;

	if (strength > 1)
		return strength;
	*name = "case";
	return 1;
}

static int figure_literal(const struct ast_literal *l, const char **name)
{
	if (l->type != AST_LITERAL_TRUE && l->type != AST_LITERAL_FALSE)
		return 0;
	*name = "bool";
	return 1;
}

static int figure(const struct ast *n, const char **name)
{
	if (n->kind == AST_COLUMN_REF) {
		const struct ast_column_ref *c = AST_AS(COLUMN_REF, column_ref, n);
		return c->star || !c->names.count ? 0 : named(c->names.items[c->names.count - 1], name);
	}
	if (n->kind == AST_FUNC_CALL) {
		const struct ast_func_call *f = AST_AS(FUNC_CALL, func_call, n);
		return named(f->names.items[f->names.count - 1], name);
	}
	if (n->kind == AST_FIELD)
		return AST_AS(FIELD, field, n)->name ? named(AST_AS(FIELD, field, n)->name, name) : 0;
	if (n->kind == AST_SUBSCRIPT)
		return figure(AST_AS(SUBSCRIPT, subscript, n)->arg, name);
	if (n->kind == AST_COLLATE)
		return figure(AST_AS(COLLATE, collate, n)->arg, name);
	if (n->kind == AST_CAST)
		return figure_cast(AST_AS(CAST, cast, n), name);
	if (n->kind == AST_CASE)
		return figure_case(AST_AS(CASE, case, n), name);
	if (n->kind == AST_SUBLINK)
		return figure_subquery(AST_AS(SUBLINK, sublink, n), name);
	if (n->kind == AST_LITERAL)
		return figure_literal(AST_AS(LITERAL, literal, n), name);
	if (n->kind == AST_SQL_VALUE)
		return named(sql_value_name(AST_AS(SQL_VALUE, sql_value, n)->type), name);
	if (n->kind == AST_MIN_MAX)
		return named(AST_AS(MIN_MAX, min_max, n)->greatest ? "greatest" : "least", name);
	if (n->kind == AST_COALESCE)
		return named("coalesce", name);
	if (n->kind == AST_NULLIF)
		return named("nullif", name);
	if (n->kind == AST_ARRAY)
		return named("array", name);
	if (n->kind == AST_ROW)
		return named("row", name);
	if (n->kind == AST_GROUPING_CALL)
		return named("grouping", name);
	if (n->kind == AST_IS_NORMALIZED)
		return named("is_normalized", name);
	return 0;
}

const char *figure_name(const struct ast *node)
{
	const char *name = NULL;

	return figure(node, &name) ? name : "?column?";
}

const char *clause_name(enum clause c)
{
	switch (c) {
	case CLAUSE_TARGET:
		return "SELECT";
	case CLAUSE_FROM:
		return "functions in FROM";
	case CLAUSE_ON:
		return "JOIN conditions";
	case CLAUSE_WHERE:
		return "WHERE";
	case CLAUSE_GROUP_BY:
		return "GROUP BY";
	case CLAUSE_HAVING:
		return "HAVING";
	case CLAUSE_ORDER_BY:
		return "ORDER BY";
	case CLAUSE_DISTINCT_ON:
		return "DISTINCT ON";
	case CLAUSE_LIMIT:
		return "LIMIT";
	case CLAUSE_VALUES:
		return "VALUES";
	case CLAUSE_WINDOW:
		return "window definitions";
	case CLAUSE_AGGREGATE:
		return "aggregate functions";
	case CLAUSE_FILTER:
		return "FILTER";
	case CLAUSE_SCALAR:
		return "a condition or mask";
	}
	UNREACHABLE();
}
