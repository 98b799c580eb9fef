/*
 * One SELECT: the order of its clauses, targets, ORDER BY over output names and expressions, DISTINCT. The
 * steps are listed in bind_int.h; grouping and windows have files of their own.
 */
#include "engine/bind/bind_int.h"

/* ---- targets ---- */

static bool bind_targets(struct binder *b, struct select_state *q, bool keep_unknown)
{
	struct scope *s = q->scope;

	s->clause = CLAUSE_TARGET;
	for (uint32_t i = 0; i < q->node->targets.count; i++) {
		const struct ast_target *t = AST_AS(TARGET, target, q->node->targets.items[i]);
		struct target x = {.node = t->value, .is_plain_name = true};
		if (t->value->kind == AST_COLUMN_REF && AST_AS(COLUMN_REF, column_ref, t->value)->star) {
			if (!scope_expand_star(b, s, AST_AS(COLUMN_REF, column_ref, t->value), &q->targets))
				return false;
			continue;
		}
		if (t->value->kind == AST_LITERAL && AST_AS(LITERAL, literal, t->value)->type == AST_LITERAL_DEFAULT)
			return err_at(b->e, at(b, t->value), ERR_SYNTAX_ERROR, "DEFAULT is not allowed in this context");
		if (!bind_expr(b, s, t->value, &x.value) || (!keep_unknown && !coerce_unknown(b, &x.value)))
			return false;
		x.name = t->alias ? t->alias : figure_name(t->value);
		MEM_PUSH(b->m, q->targets.items, q->targets.count, q->targets.cap, x);
	}
	q->nvisible = (uint32_t)q->targets.count;
	if (q->nvisible > BIND_MAX_COLUMNS)
		return err_at(b->e, at(b, &q->node->base), ERR_TOO_MANY_COLUMNS, "target lists can have at most %d entries",
					  BIND_MAX_COLUMNS);
	return true;
}

static bool ordinal_literal(struct binder *b, const struct ast *node, enum clause clause, uint32_t visible,
							int64_t *out)
{
	const struct ast_literal *l = AST_AS(LITERAL, literal, node);
	int64_t n = 0;

	if (l->type != AST_LITERAL_INTEGER)
		return err_at(b->e, at(b, node), ERR_SYNTAX_ERROR, "non-integer constant in %s", clause_name(clause));
	for (size_t i = 0; i < l->value.len && n < 100000; i++)
		n = n * 10 + (l->value.data[i] - '0');
	if (n < 1 || n > visible)
		return err_at(b->e, at(b, node), ERR_INVALID_COLUMN_REFERENCE, "%s position %lld is not in select list",
					  clause_name(clause), (long long)n);
	*out = n - 1;
	return true;
}

/* -1 is a constant to PostgreSQL's grammar already. */
static bool is_negative_integer(const struct ast *node)
{
	const struct ast_operator *o = node->kind == AST_OPERATOR ? AST_AS(OPERATOR, operator, node) : NULL;

	return o && !o->left && strcmp(o->op, "-") == 0 && o->right->kind == AST_LITERAL &&
		   AST_AS(LITERAL, literal, o->right)->type == AST_LITERAL_INTEGER;
}

static const char *plain_name(const struct ast *node)
{
	const struct ast_column_ref *c;

	if (node->kind != AST_COLUMN_REF)
		return NULL;
	c = AST_AS(COLUMN_REF, column_ref, node);
	return c->star || c->names.count != 1 ? NULL : c->names.items[0];
}

bool find_target(struct binder *b, struct select_state *q, const struct ast *node, enum clause clause, int64_t *out)
{
	const char *name = plain_name(node);

	*out = -1;
	if (is_negative_integer(node))
		return err_at(b->e, at(b, node), ERR_INVALID_COLUMN_REFERENCE, "%s position is not in select list", clause_name(clause));
	if (node->kind == AST_LITERAL)
		return ordinal_literal(b, node, clause, q->nvisible, out);
	if (!name || (clause == CLAUSE_GROUP_BY && scope_own_column(q->scope, name)))
		return true;
	for (uint32_t i = 0; i < q->nvisible; i++) {
		if (strcmp(q->targets.items[i].name, name) != 0)
			continue;
		if (*out >= 0 && !expr_equal(q->targets.items[*out].value, q->targets.items[i].value))
			return err_at(b->e, at(b, node), ERR_AMBIGUOUS_COLUMN, "%s \"%s\" is ambiguous", clause_name(clause), name);
		if (*out < 0)
			*out = i;
	}
	return true;
}

/* The index of the target for an ORDER BY or DISTINCT ON item; new ones are added behind the visible. */
static bool target_for(struct binder *b, struct select_state *q, const struct ast *node, enum clause clause,
					   uint32_t *out)
{
	struct target t = {.name = "?sort?", .node = node};
	int64_t found;

	if (!find_target(b, q, node, clause, &found))
		return false;
	if (found >= 0) {
		*out = (uint32_t)found;
		return coerce_unknown(b, &q->targets.items[found].value);
	}
	q->scope->clause = clause;
	if (!bind_expr(b, q->scope, node, &t.value) || !coerce_unknown(b, &t.value))
		return false;
	for (size_t i = 0; i < q->targets.count; i++)
		if (expr_equal(q->targets.items[i].value, t.value)) {
			*out = (uint32_t)i;
			return true;
		}
	*out = (uint32_t)q->targets.count;
	MEM_PUSH(b->m, q->targets.items, q->targets.count, q->targets.cap, t);
	return true;
}

/* ---- ORDER BY, DISTINCT ON ---- */

bool sort_direction(struct binder *b, const struct ast_sort *s, struct sort_key *key)
{
	switch (s->direction) {
	case AST_SORT_DEFAULT:
	case AST_SORT_ASC:
		key->descending = false;
		break;
	case AST_SORT_DESC:
		key->descending = true;
		break;
	case AST_SORT_USING:
		if (strcmp(s->using_op, "=") != 0 && strcmp(s->using_op, "<=") != 0 && strcmp(s->using_op, ">=") != 0 &&
			strcmp(s->using_op, "<>") != 0 && strcmp(s->using_op, "<") != 0 && strcmp(s->using_op, ">") != 0)
			return err_at(b->e, at(b, &s->base), ERR_UNDEFINED_FUNCTION, "operator does not exist: %s", s->using_op);
		if (strcmp(s->using_op, "<") != 0 && strcmp(s->using_op, ">") != 0)
			return err_at(b->e, at(b, &s->base), ERR_WRONG_OBJECT_TYPE, "operator %s is not a valid ordering operator",
						  s->using_op);
		key->descending = s->using_op[0] == '>';
		break;
	}
	switch (s->nulls) {
	case AST_NULLS_DEFAULT:
		key->nulls_first = key->descending;
		break;
	case AST_NULLS_FIRST:
		key->nulls_first = true;
		break;
	case AST_NULLS_LAST:
		key->nulls_first = false;
		break;
	}
	return true;
}

static bool is_sortable(struct type t)
{
	return t.id != TYPE_JSON && t.id != TYPE_VOID;
}

static bool bind_order_by(struct binder *b, struct select_state *q, const struct ast_list *order_by)
{
	if (!order_by || !order_by->count)
		return true;
	q->order = mem_new_array(b->m, struct sort_key, order_by->count);
	q->order_target = mem_new_array(b->m, uint32_t, order_by->count);
	for (uint32_t i = 0; i < order_by->count; i++) {
		const struct ast_sort *s = AST_AS(SORT, sort, order_by->items[i]);
		uint32_t t;
		if (!target_for(b, q, s->value, CLAUSE_ORDER_BY, &t) || !sort_direction(b, s, &q->order[q->norder]))
			return false;
		if (!is_sortable(q->targets.items[t].value->type)) {
			err_at(b->e, at(b, s->value), ERR_UNDEFINED_FUNCTION, "could not identify an ordering operator for type %s",
				   type_name(q->targets.items[t].value->type, b->m));
			return err_hint(b->e, "Use an explicit ordering operator or modify the query.");
		}
		for (uint32_t k = 0; k < q->norder; k++)
			if (q->order_target[k] == t)
				t = UINT32_MAX; /* sorted by it already */
		if (t != UINT32_MAX)
			q->order_target[q->norder++] = t;
	}
	return true;
}

static bool bind_distinct(struct binder *b, struct select_state *q)
{
	const struct ast_list *on = &q->node->distinct_on;

	if (q->node->distinct && !on->count) {
		for (uint32_t i = 0; i < q->norder; i++)
			if (q->order_target[i] >= q->nvisible)
				return err_at(b->e, at(b, q->targets.items[q->order_target[i]].node), ERR_INVALID_COLUMN_REFERENCE,
							  "for SELECT DISTINCT, ORDER BY expressions must appear in select list");
		for (uint32_t i = 0; i < q->nvisible; i++)
			if (!is_sortable(q->targets.items[i].value->type))
				return err_at(b->e, at(b, q->targets.items[i].node), ERR_UNDEFINED_FUNCTION,
							  "could not identify an equality operator for type %s",
							  type_name(q->targets.items[i].value->type, b->m));
		return true;
	}
	q->distinct_on = mem_new_array(b->m, uint32_t, on->count + 1);
	for (uint32_t i = 0; i < on->count; i++)
		if (!target_for(b, q, on->items[i], CLAUSE_DISTINCT_ON, &q->distinct_on[q->ndistinct_on++]))
			return false;
	for (uint32_t i = 0; i < q->norder && i < q->ndistinct_on; i++) {
		bool listed = false;
		for (uint32_t k = 0; k < q->ndistinct_on; k++)
			listed |= q->distinct_on[k] == q->order_target[i];
		if (!listed)
			return err_at(b->e, at(b, on->items[0]), ERR_INVALID_COLUMN_REFERENCE,
						  "SELECT DISTINCT ON expressions must match initial ORDER BY expressions");
	}
	return true;
}

/* ---- the plan above the input ---- */

static bool project(struct binder *b, struct select_state *q)
{
	uint32_t n = (uint32_t)q->targets.count;
	struct expr **exprs = mem_new_array(b->m, struct expr *, n + 1);
	const char **names = mem_new_array(b->m, const char *, n + 1);

	for (uint32_t i = 0; i < n; i++) {
		if (!unnest(b, &q->rel, &q->targets.items[i].value))
			return false;
		exprs[i] = q->targets.items[i].value;
		names[i] = q->targets.items[i].name;
	}
	q->rel = new_project(b, q->rel, exprs, names, n);
	return true;
}

/* Where a collation holds different texts equal, one of each group's texts stands for it. */
static bool distinct_texts(struct binder *b, struct rel *r, const struct rel *in, uint32_t n, struct rel **out)
{
	struct expr **values = mem_new_array(b->m, struct expr *, n + 1);

	r->agg.aggs = mem_new_array(b->m, struct expr *, n + 1);
	for (uint32_t i = 0; i < n; i++) {
		struct expr *agg = NULL, *text = column_of(b, &in->cols[i]);
		values[i] = column_of(b, &r->cols[i]);
		if (expr_equal(r->agg.groups[i], text))
			continue;
		r->cols[i].type = r->agg.groups[i]->type;
		r->cols[i].table = NULL;
		if (!collated_representative(b, text, &agg, NULL, NULL))
			return false;
		r->agg.aggs[r->agg.naggs++] = agg;
		r->cols[r->ncols++] = (struct column){.id = plan_new_id(b->p), .name = in->cols[i].name, .type = agg->type};
		if (!collated_representative(b, text, NULL, &values[i], column_of(b, &r->cols[r->ncols - 1])))
			return false;
	}
	*out = new_project(b, r, values, NULL, n);
	for (uint32_t i = 0; i < n; i++)
		(*out)->cols[i].name = in->cols[i].name;
	return true;
}

/* DISTINCT over the first n columns; ids are new. */
static bool new_distinct(struct binder *b, struct rel *in, uint32_t n, struct rel **out)
{
	struct rel *r = rel_new(b->m, REL_AGGREGATE, 1);
	bool any = false, changed;

	r->in[0] = in;
	r->agg.ngroups = r->ncols = n;
	r->agg.groups = mem_new_array(b->m, struct expr *, n + 1);
	r->cols = mem_new_array(b->m, struct column, 2 * n + 1);
	for (uint32_t i = 0; i < n; i++) {
		r->agg.groups[i] = column_of(b, &in->cols[i]);
		r->cols[i] = in->cols[i];
		r->cols[i].id = plan_new_id(b->p);
		if (!collate_equality(b, &r->agg.groups[i], &changed))
			return false;
		any |= changed;
	}
	*out = r;
	return !any || distinct_texts(b, r, in, n, out);
}

static bool order_keys(struct binder *b, const struct select_state *q, struct sort_key **out)
{
	struct sort_key *keys = mem_new_array(b->m, struct sort_key, q->norder + 1);

	for (uint32_t i = 0; i < q->norder; i++) {
		keys[i] = q->order[i];
		keys[i].expr = column_of(b, &q->rel->cols[q->order_target[i]]);
		if (!collate_order(b, &keys[i].expr))
			return false;
	}
	*out = keys;
	return true;
}

struct rel *new_sort(struct binder *b, struct rel *in, struct sort_key *keys, uint32_t n)
{
	struct rel *r = rel_new(b->m, REL_SORT, 1);

	r->in[0] = in;
	r->ncols = in->ncols;
	r->cols = in->cols;
	r->sort.keys = keys;
	r->sort.nkeys = n;
	return r;
}

/* The first row of each group of equal ON values, in the query's order. */
static bool distinct_on(struct binder *b, struct select_state *q)
{
	struct expr **partition = mem_new_array(b->m, struct expr *, q->ndistinct_on);
	struct sort_key *keys;
	bool changed;

	for (uint32_t i = 0; i < q->ndistinct_on; i++) {
		partition[i] = column_of(b, &q->rel->cols[q->distinct_on[i]]);
		if (!collate_equality(b, &partition[i], &changed))
			return false;
	}
	return order_keys(b, q, &keys) && limit_partitions(b, &q->rel, partition, q->ndistinct_on, keys, q->norder, NULL,
													   expr_const(b->m, value_int8(1), -1), false);
}

static bool finish(struct binder *b, struct select_state *q)
{
	struct sort_key *keys;
	bool ok = true;
	uint32_t i;

	if (!project(b, q))
		return false;
	if (q->node->distinct && !q->node->distinct_on.count)
		ok = new_distinct(b, q->rel, q->nvisible, &q->rel);
	else if (q->ndistinct_on)
		ok = distinct_on(b, q);
	for (i = 0; i < q->norder; i++) /* constants don't order */
		if (q->targets.items[q->order_target[i]].value->kind != EXPR_CONST)
			break;
	if (i == q->norder || !ok || !order_keys(b, q, &keys))
		return ok && i == q->norder;
	q->rel = new_sort(b, q->rel, keys, q->norder);
	return true;
}

static bool bind_clauses(struct binder *b, struct select_state *q, const struct ast_list *order_by, bool keep_unknown)
{
	const struct ast_select *sel = q->node;
	struct scope *s = q->scope;
	struct expr *where;

	s->clause = CLAUSE_FROM;
	if (!bind_from(b, s, &sel->from, &q->rel))
		return false;
	if (!q->rel)
		q->rel = single_row(b);
	if (sel->where) {
		s->clause = CLAUSE_WHERE;
		if (!bind_condition(b, s, sel->where, "WHERE", &where) || !filter_rel(b, &q->rel, where))
			return false;
	}
	if (!bind_targets(b, q, keep_unknown))
		return false;
	s->clause = CLAUSE_HAVING;
	if (sel->having && !bind_condition(b, s, sel->having, "HAVING", &q->having))
		return false;
	if (!bind_order_by(b, q, order_by) || !bind_group_by(b, q))
		return false;
	return !sel->distinct || bind_distinct(b, q);
}

bool bind_select(struct binder *b, const struct ast_select *sel, struct scope *parent, struct cte_entry *ctes,
				 const struct ast_list *order_by, bool keep_unknown, struct query *out)
{
	struct scope *s = mem_new_object(b->m, struct scope);
	struct select_state q = {.node = sel, .scope = s};

	s->parent = parent;
	s->ctes = ctes;
	s->windows = &sel->windows;
	if (sel->into && sel->into != b->c->into)
		return err_at(b->e, at(b, sel->into), ERR_SYNTAX_ERROR, "SELECT ... INTO is not allowed here");
	if (!bind_clauses(b, &q, order_by, keep_unknown))
		return false;
	if (s->has_table_calls && (!refuse_table_calls(b, &q) || !expand_groups(b, &q)))
		return false;
	if (s->has_aggregates && s->reads_working)
		return err_set(b->e, ERR_INVALID_RECURSION, "aggregate functions are not allowed in a recursive query's recursive term");
	if ((sel->group_by.count || s->has_aggregates || sel->having) && !apply_grouping(b, &q))
		return false;
	if (s->has_windows && !apply_windows(b, &q))
		return false;
	if (s->has_table_calls && !expand_targets(b, &q))
		return false;
	if (!finish(b, &q))
		return false;
	out->rel = q.rel;
	out->ncols = q.nvisible;
	out->names = mem_new_array(b->m, const char *, q.nvisible + 1);
	for (uint32_t i = 0; i < q.nvisible; i++)
		out->names[i] = q.targets.items[i].name;
	return true;
}
