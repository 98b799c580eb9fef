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

static bool bind_in_subquery(struct binder *b, struct scope *s, const struct ast_sublink *n, struct rel *rel,
							 struct expr **out)
{
	const char *op = n->type == AST_SUBLINK_IN || !n->op ? "=" : n->op, *opposite;
	bool row = n->arg->kind == AST_ROW && AST_AS(ROW, row, n->arg)->items.count > 1;
	bool negate = n->negated;

	if (n->type == AST_SUBLINK_ALL) {
		/* x op ALL (q) = NOT (x negated-op ANY (q)) */
		opposite = negated_operator(op);
		if (!opposite)
			return not_supported(b, at(b, &n->base), "this operator with ALL");
		op = opposite;
		negate = !negate;
	}
	if (row && strcmp(op, "=") != 0)
		return not_supported(b, at(b, &n->base), "a row compared with a subquery by this operator");
	if (!quantified(b, s, n, false, op, rel, out))
		return false;
	if (negate)
		*out = expr_not(b, *out);
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
	if (n->type == AST_SUBLINK_ARRAY)
		return not_supported(b, pos, "ARRAY (query)");
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
		break;
	}
	UNREACHABLE();
}
