/*
 * UNION, INTERSECT, EXCEPT and VALUES: arms of equal width, one common type a column (manual 10.5).
 */
#include "engine/bind/bind_int.h"
#include "engine/types/collation.h"

/* ---- ORDER BY over output columns ---- */

static bool output_index(struct binder *b, const struct query *q, const struct ast *node, uint32_t *out)
{
	const struct ast_column_ref *c;

	if (node->kind == AST_LITERAL) {
		const struct ast_literal *l = AST_AS(LITERAL, literal, node);
		int64_t n = 0;
		if (l->type != AST_LITERAL_INTEGER)
			return err_at(b->e, at(b, node), ERR_SYNTAX_ERROR, "non-integer constant in ORDER BY");
		for (size_t i = 0; i < l->value.len && n < 100000; i++)
			n = n * 10 + (l->value.data[i] - '0');
		if (n < 1 || n > q->ncols)
			return err_at(b->e, at(b, node), ERR_INVALID_COLUMN_REFERENCE, "ORDER BY position %lld is not in select list",
						  (long long)n);
		*out = (uint32_t)n - 1;
		return true;
	}
	if (node->kind != AST_COLUMN_REF || AST_AS(COLUMN_REF, column_ref, node)->names.count != 1 ||
		AST_AS(COLUMN_REF, column_ref, node)->star) {
		err_at(b->e, at(b, node), ERR_FEATURE_NOT_SUPPORTED, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause");
		err_detail(b->e, "Only result column names can be used, not expressions or functions.");
		return err_hint(b->e, "Add the expression/function to every SELECT, or move the UNION into a FROM clause.");
	}
	c = AST_AS(COLUMN_REF, column_ref, node);
	for (uint32_t i = 0; i < q->ncols; i++)
		if (strcmp(q->names[i], c->names.items[0]) == 0) {
			*out = i;
			return true;
		}
	return err_at(b->e, at(b, node), ERR_UNDEFINED_COLUMN, "column \"%s\" does not exist", c->names.items[0]);
}

bool order_by_output(struct binder *b, struct query *q, const struct ast_list *order_by)
{
	struct sort_key *keys;

	if (!order_by->count)
		return true;
	keys = mem_new_array(b->m, struct sort_key, order_by->count);
	for (uint32_t i = 0; i < order_by->count; i++) {
		const struct ast_sort *s = AST_AS(SORT, sort, order_by->items[i]);
		uint32_t k = 0;
		if (!output_index(b, q, s->value, &k) || !sort_direction(b, s, &keys[i]))
			return false;
		keys[i].expr = column_of(b, &q->rel->cols[k]);
		if (!collate_order(b, &keys[i].expr))
			return false;
	}
	q->rel = new_sort(b, q->rel, keys, order_by->count);
	return true;
}

/* ---- set operations ---- */

/* A literal of unknown type in the arm's own projection takes the common type there. */
static bool settle_unknown(struct binder *b, struct query *arm, uint32_t c, struct type to)
{
	struct expr **slot = &arm->rel->project.exprs[c];

	if (!coerce(b, *slot, to, COERCE_IMPLICIT, (*slot)->pos, slot))
		return false;
	arm->rel->cols[c].type = (*slot)->type;
	return true;
}

static const char *setop_word(enum ast_set_op_kind op)
{
	switch (op) {
	case AST_SET_UNION:
		return "UNION";
	case AST_SET_INTERSECT:
		return "INTERSECT";
	case AST_SET_EXCEPT:
		return "EXCEPT";
	}
	UNREACHABLE();
}

/* Position of an arm's column in the text, for messages. */
static int arm_position(const struct binder *b, const struct query *arm, uint32_t c)
{
	(void)b;
	return arm->rel->kind == REL_PROJECT ? arm->rel->project.exprs[c]->pos : -1;
}

bool setop_column_type(struct binder *b, struct query *arms, uint32_t n, uint32_t c, const char *word,
					   struct type *type)
{
	struct type *types = mem_new_array(b->m, struct type, n);
	uint32_t culprit = 0;
	bool first = true;

	for (uint32_t i = 0; i < n; i++)
		types[i] = arms[i].rel->cols[c].type;
	if (!common_type(types, n, type, &culprit))
		return err_at(b->e, arm_position(b, &arms[culprit], c), ERR_DATATYPE_MISMATCH,
					  "%s types %s and %s cannot be matched", word, type_name(*type, b->m),
					  type_name(types[culprit], b->m));
	for (uint32_t i = 0; i < n; i++)
		if (types[i].id == TYPE_UNKNOWN && !settle_unknown(b, &arms[i], c, (struct type){type->id, type->array, 0, 0, -1}))
			return false;
	if (type->id != TYPE_NUMERIC || type->array)
		return true;
	for (uint32_t i = 0; i < n; i++) {
		struct expr *x = column_of(b, &arms[i].rel->cols[c]);
		int32_t mod = type->mod;
		if (arms[i].rel->kind == REL_PROJECT && is_null_const(arms[i].rel->project.exprs[c]))
			continue;
		if (!coerce(b, x, type_make(TYPE_NUMERIC), COERCE_IMPLICIT, -1, &x))
			return false;
		*type = first ? x->type : common_numeric(*type, x->type, false);
		type->mod = mod;
		first = false;
	}
	if (first)
		*type = type_make(TYPE_NUMERIC);
	return true;
}

/* The arm with exactly the columns and types that the operation wants. */
bool setop_conform(struct binder *b, struct query *arm, const struct type *types)
{
	struct expr **exprs = mem_new_array(b->m, struct expr *, arm->ncols + 1);
	bool same = arm->rel->ncols == arm->ncols;

	for (uint32_t c = 0; c < arm->ncols; c++) {
		struct expr *x = column_of(b, &arm->rel->cols[c]);
		exprs[c] = x;
		if (arm->rel->kind == REL_PROJECT && is_null_const(arm->rel->project.exprs[c])) {
			arm->rel->project.exprs[c] = expr_const(b->m, value_null(types[c]), -1);
			arm->rel->cols[c].type = types[c];
			exprs[c] = column_of(b, &arm->rel->cols[c]);
			continue;
		}
		if (!coerce(b, x, (struct type){types[c].id, types[c].array, 0, 0, -1}, COERCE_IMPLICIT, -1, &exprs[c]))
			return false;
		if (types[c].id == TYPE_NUMERIC && !types[c].array && !coerce_form(b, exprs[c], types[c], &exprs[c]))
			return false;
		same &= exprs[c] == x;
	}
	if (!same)
		arm->rel = new_project(b, arm->rel, exprs, arm->names, arm->ncols);
	return true;
}

static enum setop_kind setop_of(enum ast_set_op_kind op, bool all)
{
	switch (op) {
	case AST_SET_UNION:
		return all ? SETOP_UNION_ALL : SETOP_UNION;
	case AST_SET_INTERSECT:
		return all ? SETOP_INTERSECT_ALL : SETOP_INTERSECT;
	case AST_SET_EXCEPT:
		return all ? SETOP_EXCEPT_ALL : SETOP_EXCEPT;
	}
	UNREACHABLE();
}

static struct rel *setop_rel(struct binder *b, enum setop_kind kind, struct rel **in, uint32_t n, const char **names,
							 const struct type *types)
{
	struct rel *r = rel_new(b->m, REL_SETOP, n);
	bool any_side = kind == SETOP_UNION || kind == SETOP_UNION_ALL;

	memcpy(r->in, in, n * sizeof *in);
	r->setop.kind = kind;
	r->ncols = in[0]->ncols;
	r->cols = mem_new_array(b->m, struct column, r->ncols + 1);
	for (uint32_t c = 0; c < r->ncols; c++) {
		r->cols[c] = (struct column){.id = plan_new_id(b->p), .name = names[c], .type = types[c],
			.not_null = in[0]->cols[c].not_null};
		for (uint32_t i = 1; any_side && i < n; i++)
			r->cols[c].not_null &= in[i]->cols[c].not_null;
	}
	return r;
}

static bool bind_set_op(struct binder *b, const struct ast_set_op *n, struct scope *parent, struct cte_entry *ctes,
						struct query *out)
{
	uint32_t count = n->arms.count;
	struct query *arms = mem_new_array(b->m, struct query, count);
	struct rel **in = mem_new_array(b->m, struct rel *, count);
	enum setop_kind kind = setop_of(n->op, n->all);
	struct type *types;

	for (uint32_t i = 0; i < count; i++) {
		if (!bind_body(b, n->arms.items[i], parent, ctes, true, &arms[i]))
			return false;
		if (arms[i].ncols != arms[0].ncols)
			return err_at(b->e, at(b, n->arms.items[i]), ERR_SYNTAX_ERROR, "each %s query must have the same number of columns",
						  setop_word(n->op));
	}
	types = mem_new_array(b->m, struct type, arms[0].ncols + 1);
	for (uint32_t c = 0; c < arms[0].ncols; c++)
		if (!setop_column_type(b, arms, count, c, setop_word(n->op), &types[c]))
			return false;
	for (uint32_t i = 0; i < count; i++) {
		if (!setop_conform(b, &arms[i], types))
			return false;
		in[i] = arms[i].rel;
		for (uint32_t c = 0; c < arms[0].ncols && kind != SETOP_UNION_ALL; c++)
			if (!collation_is_deterministic(type_collation(types[c])))
				return not_supported(b, at(b, &n->base), "a set operation by a nondeterministic collation");
	}
	out->ncols = arms[0].ncols;
	out->names = arms[0].names;
	if (kind == SETOP_UNION || kind == SETOP_UNION_ALL) {
		out->rel = setop_rel(b, kind, in, count, out->names, types);
		return true;
	}
	out->rel = in[0];
	for (uint32_t i = 1; i < count; i++) {
		struct rel *pair[2] = {out->rel, in[i]};
		out->rel = setop_rel(b, kind, pair, 2, out->names, types);
	}
	return true;
}

/* ---- VALUES ---- */

/* Rows that borrow outer columns become one projection each, which can be computed beside the outer row. */
static struct rel *values_as_union(struct binder *b, const struct rel *v, struct rel **rows, const char **names)
{
	struct rel **in = mem_new_array(b->m, struct rel *, v->values.nrows);
	struct type *types = mem_new_array(b->m, struct type, v->ncols + 1);

	for (uint32_t c = 0; c < v->ncols; c++)
		types[c] = v->cols[c].type;
	for (uint32_t i = 0; i < v->values.nrows; i++)
		in[i] = new_project(b, rows[i], v->values.rows[i], names, v->ncols);
	return v->values.nrows == 1 ? in[0] : setop_rel(b, SETOP_UNION_ALL, in, v->values.nrows, names, types);
}

bool bind_values(struct binder *b, const struct ast_values *v, struct scope *parent, struct cte_entry *ctes,
				 bool keep_unknown, struct query *out)
{
	struct scope s = {.parent = parent, .ctes = ctes, .clause = CLAUSE_VALUES};
	uint32_t nrows = v->rows.count, n = AST_AS(ROW, row, v->rows.items[0])->items.count;
	struct rel *r = rel_new(b->m, REL_VALUES, 0), **rows = mem_new_array(b->m, struct rel *, nrows + 1);
	struct expr **column = mem_new_array(b->m, struct expr *, nrows);
	struct idset borrowed = {0, NULL};
	bool joined = false;

	(void)keep_unknown;
	r->values.nrows = nrows;
	r->values.rows = mem_new_array(b->m, struct expr **, nrows);
	r->ncols = n;
	r->cols = mem_new_array(b->m, struct column, n + 1);
	for (uint32_t i = 0; i < nrows; i++) {
		const struct ast_row *row = AST_AS(ROW, row, v->rows.items[i]);
		if (row->items.count != n)
			return err_at(b->e, at(b, &row->base), ERR_SYNTAX_ERROR, "VALUES lists must all be the same length");
		r->values.rows[i] = mem_new_array(b->m, struct expr *, n + 1);
		rows[i] = single_row(b);
		for (uint32_t c = 0; c < n; c++)
			if (!bind_expr(b, &s, row->items.items[c], &r->values.rows[i][c]) ||
				!unnest(b, &rows[i], &r->values.rows[i][c]))
				return false;
		joined |= rows[i]->kind != REL_VALUES;
	}
	out->names = mem_new_array(b->m, const char *, n + 1);
	for (uint32_t c = 0; c < n; c++) {
		struct type type;
		bool not_null = true;
		for (uint32_t i = 0; i < nrows; i++)
			column[i] = r->values.rows[i][c];
		if (!unify(b, column, nrows, "VALUES", false, &type))
			return false;
		for (uint32_t i = 0; i < nrows; i++) {
			r->values.rows[i][c] = column[i];
			not_null &= column[i]->kind == EXPR_CONST && !column[i]->value.is_null;
		}
		out->names[c] = mem_printf(b->m, "column%u", c + 1);
		r->cols[c] = (struct column){.id = plan_new_id(b->p), .name = out->names[c], .type = type, .not_null = not_null};
	}
	rel_free_columns(r, &borrowed, b->m);
	out->rel = idset_is_empty(&borrowed) && !joined ? r : values_as_union(b, r, rows, out->names);
	out->ncols = n;
	return true;
}

bool bind_body(struct binder *b, const struct ast *body, struct scope *parent, struct cte_entry *ctes,
			   bool keep_unknown, struct query *out)
{
	if (body->kind == AST_SELECT)
		return bind_select(b, AST_AS(SELECT, select, body), parent, ctes, NULL,
						   keep_unknown && !AST_AS(SELECT, select, body)->distinct, out);
	if (body->kind == AST_VALUES)
		return bind_values(b, AST_AS(VALUES, values, body), parent, ctes, keep_unknown, out);
	if (body->kind == AST_SET_OP)
		return bind_set_op(b, AST_AS(SET_OP, set_op, body), parent, ctes, out);
	return bind_query_node(b, body, parent, ctes, false, out);
}
