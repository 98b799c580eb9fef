/*
 * Subqueries as values and conditions: bound to EXPR_SUBQUERY here, whether they borrow columns of the
 * outer query or not; unnest.c turns those into joins that can't stay.
 */
#include "engine/bind/bind_int.h"

/* The query's relation with its visible columns only. */
static struct rel *trimmed(struct binder *b, const struct query *q)
{
	struct expr **exprs;

	if (q->rel->ncols == q->ncols)
		return q->rel;
	exprs = mem_new_array(b->m, struct expr *, q->ncols + 1);
	for (uint32_t i = 0; i < q->ncols; i++)
		exprs[i] = column_of(b, &q->rel->cols[i]);
	return new_project(b, q->rel, exprs, q->names, q->ncols);
}

static struct expr *subquery_expr(struct binder *b, enum subquery_kind kind, struct rel *rel, struct type type,
								  uint32_t nargs, int pos)
{
	struct expr *e = expr_new(b->m, EXPR_SUBQUERY, type, nargs, pos);

	e->sub.kind = kind;
	e->sub.rel = rel;
	return e;
}

static const char *negated_operator(const char *op)
{
	static const char *const pairs[][2] = {{"=", "<>"}, {"<", ">="}, {">", "<="}, {"~~", "!~~"}, {"~~*", "!~~*"}};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		if (strcmp(op, pairs[i][0]) == 0)
			return pairs[i][1];
		if (strcmp(op, pairs[i][1]) == 0)
			return pairs[i][0];
	}
	return NULL;
}

/* left op (each column): arguments and columns made equal in type. Operators go to sub.ops; where the columns
 * need casts they get them in a projection above the query. */
static bool quantified(struct binder *b, struct scope *s, const struct ast_sublink *n, bool all, const char *op,
					   struct rel *rel, struct expr **out)
{
	int pos = at(b, &n->base);
	struct expr **left, **exprs, *e;
	uint32_t nl;
	bool casts = false;

	if (!bind_row_items(b, s, n->arg, &left, &nl))
		return false;
	if (nl < rel->ncols)
		return err_at(b->e, pos, ERR_SYNTAX_ERROR, "subquery has too many columns");
	if (nl > rel->ncols)
		return err_at(b->e, pos, ERR_SYNTAX_ERROR, "subquery has too few columns");
	e = subquery_expr(b, all ? SUB_ALL : SUB_ANY, rel, type_make(TYPE_BOOL), nl, pos);
	e->sub.ops = mem_new_array(b->m, const struct func *, nl);
	exprs = mem_new_array(b->m, struct expr *, nl);
	for (uint32_t i = 0; i < nl; i++) {
		struct expr *column = column_of(b, &rel->cols[i]), *call;
		if (!call_operator(b, op, left[i], column, pos, &call))
			return false;
		if (call->type.id != TYPE_BOOL)
			return err_at(b->e, pos, ERR_DATATYPE_MISMATCH, "operator ANY/ALL must yield boolean");
		e->args[i] = call->args[0];
		exprs[i] = call->args[1];
		e->sub.ops[i] = call->fn;
		casts |= exprs[i] != column;
	}
	if (casts)
		e->sub.rel = new_project(b, rel, exprs, NULL, nl);
	*out = e;
	return true;
}

/* Comparisons of rows, and operators whose negation has no name: a condition over stand-ins for both sides, as the left
 * side may still change (by grouping) and the right side may be copied. */
static bool quantified_test(struct binder *b, struct scope *s, const struct ast_sublink *n, bool all, const char *op,
							struct rel *rel, struct expr **out)
{
	int pos = at(b, &n->base);
	struct expr **left, **right, **standing, *e, *test;
	uint32_t nl;

	if (!bind_row_items(b, s, n->arg, &left, &nl))
		return false;
	if (nl != rel->ncols)
		return err_at(b->e, pos, ERR_SYNTAX_ERROR, "subquery has too %s columns", nl < rel->ncols ? "many" : "few");
	e = subquery_expr(b, SUB_ANY, rel, type_make(TYPE_BOOL), nl, pos);
	right = mem_new_array(b->m, struct expr *, nl + 1);
	standing = mem_new_array(b->m, struct expr *, nl + 1);
	e->sub.base = b->p->next_id;
	for (uint32_t i = 0; i < nl; i++) {
		if (left[i]->type.id == TYPE_UNKNOWN && !coerce(b, left[i], rel->cols[i].type, COERCE_IMPLICIT, pos, &left[i]))
			return false;
		e->args[i] = left[i];
		standing[i] = expr_column(b->m, plan_new_id(b->p), left[i]->type, pos);
	}
	for (uint32_t i = 0; i < nl; i++)
		right[i] = expr_column(b->m, plan_new_id(b->p), rel->cols[i].type, pos);
	if (nl == 1 ? !call_operator(b, op, standing[0], right[0], pos, &test)
				: !bind_row_comparison(b, op, standing, right, nl, pos, &test))
		return false;
	if (test->type.id != TYPE_BOOL)
		return err_at(b->e, pos, ERR_DATATYPE_MISMATCH, "operator ANY/ALL must yield boolean");
	/* x op ALL (q) = NOT (NOT (x op) ANY (q)) */
	e->sub.test = all ? expr_not(b, test) : test;
	*out = all ? expr_not(b, e) : e;
	return true;
}

static bool bind_in_subquery(struct binder *b, struct scope *s, const struct ast_sublink *n, struct rel *rel,
							 struct expr **out)
{
	const char *op = n->type == AST_SUBLINK_IN || !n->op ? "=" : n->op, *plain = op;
	bool row = n->arg->kind == AST_ROW && AST_AS(ROW, row, n->arg)->items.count > 1;
	bool all = n->type == AST_SUBLINK_ALL;

	if (all)
		plain = negated_operator(op);
	if (!plain || (row && strcmp(plain, "=") != 0)) {
		if (!quantified_test(b, s, n, all, op, rel, out))
			return false;
		if (n->negated)
			*out = expr_not(b, *out);
		return true;
	}
	if (!quantified(b, s, n, false, plain, rel, out))
		return false;
	if (n->negated != all)
		*out = expr_not(b, *out);
	return true;
}

static enum walk window_step(const struct expr *e, void *arg)
{
	*(bool *)arg |= e->kind == EXPR_WINDOW;
	return WALK_ON;
}

/* (a, b) op (SELECT x, y …): the comparison becomes the subquery's only column, so that no row gives NULL and two give 21000. */
bool bind_row_sublink(struct binder *b, struct scope *s, const struct ast *row, const struct ast_sublink *n, const char *op,
					  int pos, struct expr **out)
{
	struct expr **left, **columns, *test;
	uint32_t nl;
	struct query q;
	bool has_window = false;

	if (!bind_row_items(b, s, row, &left, &nl) || !bind_query_node(b, n->query, s, s->ctes, false, &q))
		return false;
	if (nl != q.ncols)
		return err_at(b->e, pos, ERR_SYNTAX_ERROR, "subquery has too %s columns", nl < q.ncols ? "many" : "few");
	columns = mem_new_array(b->m, struct expr *, nl + 1);
	for (uint32_t i = 0; i < nl; i++) {
		columns[i] = column_of(b, &q.rel->cols[i]);
		expr_walk(left[i], window_step, &has_window);
	}
	if (has_window)
		return not_supported(b, pos, "a window function in a row compared with a subquery");
	if (!bind_row_comparison(b, op, left, columns, nl, pos, &test))
		return false;
	q.rel = new_project(b, q.rel, &test, NULL, 1);
	*out = subquery_expr(b, SUB_SCALAR, q.rel, type_make(TYPE_BOOL), 0, pos);
	return true;
}

bool bind_sublink(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	const struct ast_sublink *n = AST_AS(SUBLINK, sublink, node);
	int pos = at(b, node);
	struct query q;
	struct rel *rel;

	if (s->clause == CLAUSE_SCALAR)
		return err_at(b->e, pos, ERR_FEATURE_NOT_SUPPORTED, "subqueries are not allowed here");
	if (!bind_query_node(b, n->query, s, s->ctes, false, &q))
		return false;
	rel = trimmed(b, &q);
	switch (n->type) {
	case AST_SUBLINK_SCALAR:
		if (rel->ncols != 1)
			return err_at(b->e, pos, ERR_SYNTAX_ERROR, "subquery must return only one column");
		*out = subquery_expr(b, SUB_SCALAR, rel, rel->cols[0].type, 0, pos);
		return true;
	case AST_SUBLINK_EXISTS:
		*out = subquery_expr(b, SUB_EXISTS, rel, type_make(TYPE_BOOL), 0, pos);
		if (n->negated)
			*out = expr_not(b, *out);
		return true;
	case AST_SUBLINK_IN:
	case AST_SUBLINK_ANY:
	case AST_SUBLINK_ALL:
		return bind_in_subquery(b, s, n, rel, out);
	case AST_SUBLINK_ARRAY:
		if (rel->ncols != 1)
			return err_at(b->e, pos, ERR_SYNTAX_ERROR, "subquery must return only one column");
		return array_of_query(b, rel, pos, out);
	}
	UNREACHABLE();
}
