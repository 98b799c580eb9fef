/*
 * INSERT: the rows of a query or VALUES list become rows of the whole table. VALUES are cast item by item, so that
 * literals take the column's type and not a common one; DEFAULT and columns that aren't named get the column's
 * default or NULL. Casts are those of assignment (manual 10.4); what has none is 42804.
 */
#include "engine/bind/bind_int.h"
#include "parser/parser.h"

struct insert {
	struct binder *b;
	const struct catalog_table *t;
	uint32_t ntargets;
	uint32_t *targets;   /* column indexes */
	bool named;
	int pos;
};

static bool find_targets(struct insert *x, const struct ast_names *columns)
{
	const struct catalog_table *t = x->t;

	x->named = columns && columns->count;
	x->ntargets = x->named ? columns->count : t->ncols;
	x->targets = mem_new_array(x->b->m, uint32_t, x->ntargets + 1);
	for (uint32_t i = 0; i < x->ntargets; i++) {
		int at = x->named ? catalog_find_column(t, columns->items[i]) : (int)i;

		if (at < 0)
			return err_at(x->b->e, x->pos, ERR_UNDEFINED_COLUMN, "column \"%s\" of relation \"%s\" does not exist",
						  columns->items[i], t->name);
		for (uint32_t k = 0; k < i; k++)
			if (x->targets[k] == (uint32_t)at)
				return err_at(x->b->e, x->pos, ERR_DUPLICATE_COLUMN, "column \"%s\" specified more than once", columns->items[i]);
		x->targets[i] = (uint32_t)at;
	}
	return true;
}

/* How many expressions each row has: no more than targets, no fewer than those named. */
static bool check_count(const struct insert *x, uint32_t n, int pos)
{
	if (n > x->ntargets)
		return err_at(x->b->e, pos, ERR_SYNTAX_ERROR, "INSERT has more expressions than target columns");
	if (n < x->ntargets && x->named)
		return err_at(x->b->e, x->pos, ERR_SYNTAX_ERROR, "INSERT has more target columns than expressions");
	return true;
}

static bool to_column(struct binder *b, const struct catalog_column *c, struct expr *e, struct expr **out)
{
	struct err inner, *saved = b->e;
	struct type from = e->type, to = c->type;
	bool ok;

	err_clear(&inner);
	b->e = &inner;
	if (!to.array && (to.id == TYPE_VARCHAR || to.id == TYPE_BPCHAR))
		to.mod = -1; /* a cast would cut; what fills the table looks at the length */
	ok = coerce(b, e, to, COERCE_ASSIGNMENT, e->pos, out) &&
		 (c->type.id != TYPE_NUMERIC || c->type.array || type_same((*out)->type, c->type) ||
		  coerce_form(b, *out, c->type, out));
	b->e = saved;
	if (ok)
		return true;
	if (inner.code != ERR_CANNOT_COERCE)
		return err_copy(b->e, &inner);
	err_at(b->e, e->pos, ERR_DATATYPE_MISMATCH, "column \"%s\" is of type %s but expression is of type %s", c->name,
		   type_name(c->type, b->m), type_name(from, b->m));
	return err_hint(b->e, "You will need to rewrite or cast the expression.");
}

static struct expr *without_position(struct expr *e, void *arg)
{
	struct expr *c = mem_dup(arg, e, sizeof *e);

	c->pos = -1;
	return c;
}

static bool column_default(struct binder *b, const struct catalog_column *c, struct expr **out)
{
	struct scope s = {.clause = CLAUSE_VALUES};
	struct ast *node;
	struct expr *e;

	if (!c->default_sql) {
		*out = expr_const(b->m, value_null(c->type), -1);
		return true;
	}
	if (!parse_expression(b->m, str_of(c->default_sql), &node, b->e) || !bind_expr(b, &s, node, &e) ||
		!to_column(b, c, e, &e))
		return false;
	*out = expr_rewrite(b->m, e, without_position, b->m);
	return true;
}

static bool is_default(const struct ast *node)
{
	return node->kind == AST_LITERAL && AST_AS(LITERAL, literal, node)->type == AST_LITERAL_DEFAULT;
}

/* One row of VALUES over all columns of the table. */
static bool bind_row(struct insert *x, const struct ast_row *row, struct cte_entry *ctes, struct expr **out)
{
	struct scope s = {.ctes = ctes, .clause = CLAUSE_VALUES};
	struct rel *none;

	if (!check_count(x, row->items.count, row->items.count > x->ntargets ? at(x->b, row->items.items[x->ntargets]) : x->pos))
		return false;
	for (uint32_t i = 0; i < row->items.count; i++) {
		const struct catalog_column *c = &x->t->columns[x->targets[i]];
		struct expr *e;

		none = NULL;
		if (is_default(row->items.items[i])) {
			if (!column_default(x->b, c, &out[x->targets[i]]))
				return false;
			continue;
		}
		if (!bind_expr(x->b, &s, row->items.items[i], &e) || !unnest(x->b, &none, &e) ||
			!to_column(x->b, c, e, &out[x->targets[i]]))
			return false;
	}
	for (uint32_t i = 0; i < x->t->ncols; i++)
		if (!out[i] && !column_default(x->b, &x->t->columns[i], &out[i]))
			return false;
	return true;
}

static void name_columns(struct insert *x, struct query *q)
{
	q->ncols = x->t->ncols;
	q->names = mem_new_array(x->b->m, const char *, q->ncols + 1);
	for (uint32_t i = 0; i < q->ncols; i++)
		q->names[i] = x->t->columns[i].name;
}

static bool bind_rows(struct insert *x, const struct ast_list *rows, struct cte_entry *ctes, struct query *q)
{
	struct binder *b = x->b;
	struct rel *r = rel_new(b->m, REL_VALUES, 0);
	uint32_t n = rows ? rows->count : 1;

	r->values.nrows = n;
	r->values.rows = mem_new_array(b->m, struct expr **, n);
	r->ncols = x->t->ncols;
	r->cols = mem_new_array(b->m, struct column, r->ncols + 1);
	for (uint32_t i = 0; i < n; i++) {
		const struct ast_row *row = rows ? AST_AS(ROW, row, rows->items[i]) : NULL;
		const struct ast_row empty = {0};

		r->values.rows[i] = mem_new_array(b->m, struct expr *, r->ncols + 1);
		if (row && row->items.count != AST_AS(ROW, row, rows->items[0])->items.count)
			return err_at(b->e, at(b, &row->base), ERR_SYNTAX_ERROR, "VALUES lists must all be the same length");
		if (row ? !bind_row(x, row, ctes, r->values.rows[i])
				: (x->named = false, !bind_row(x, &empty, ctes, r->values.rows[i])))
			return false;
	}
	for (uint32_t c = 0; c < r->ncols; c++)
		r->cols[c] = (struct column){.id = plan_new_id(b->p), .name = x->t->columns[c].name, .type = x->t->columns[c].type};
	q->rel = r;
	name_columns(x, q);
	return true;
}

static bool bind_select_rows(struct insert *x, const struct ast *query, struct query *q)
{
	struct binder *b = x->b;
	struct expr **exprs = mem_new_array(b->m, struct expr *, x->t->ncols + 1);
	uint32_t n;

	if (!bind_query_node(b, query, NULL, NULL, true, q))
		return false;
	n = q->ncols;
	if (!check_count(x, n, x->pos))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		const struct catalog_column *c = &x->t->columns[x->targets[i]];
		if (!to_column(b, c, column_of(b, &q->rel->cols[i]), &exprs[x->targets[i]]))
			return false;
	}
	for (uint32_t i = 0; i < x->t->ncols; i++)
		if (!exprs[i] && !column_default(b, &x->t->columns[i], &exprs[i]))
			return false;
	name_columns(x, q);
	q->rel = new_project(b, q->rel, exprs, q->names, q->ncols);
	return true;
}

/* The VALUES list that the query is, without clauses of its own; NULL = something else. */
static const struct ast_values *plain_values(const struct ast *query)
{
	const struct ast_query *n = AST_AS(QUERY, query, query);

	if (n->body->kind != AST_VALUES || n->with || n->order_by.count || n->limit || n->offset || n->locking.count)
		return NULL;
	return AST_AS(VALUES, values, n->body);
}

bool bind_insert(const struct bind_context *c, const struct catalog_table *t, const struct ast_names *columns,
				 const struct ast *query, int pos, struct mem *m, struct plan **out, struct err *e)
{
	struct binder b;
	struct insert x = {.b = &b, .t = t, .pos = pos};
	const struct ast_values *values = query ? plain_values(query) : NULL;
	struct query q;

	plan_begin(&b, c, m, e);
	if (!find_targets(&x, columns))
		return false;
	if (!query || values ? !bind_rows(&x, values ? &values->rows : NULL, NULL, &q) : !bind_select_rows(&x, query, &q))
		return false;
	return plan_end(&b, &q, out);
}

bool bind_retyped(const struct bind_context *c, const struct guard *g, const struct type *types, struct mem *m,
				  struct plan **out, struct err *e)
{
	struct binder b;
	struct query q = {.ncols = g->table->ncols};
	struct expr **exprs = mem_new_array(m, struct expr *, q.ncols + 1);

	plan_begin(&b, c, m, e);
	if (!guarded_scan(&b, g, g->table->name, &q.rel))
		return false;
	q.names = mem_new_array(m, const char *, q.ncols + 1);
	for (uint32_t i = 0; i < q.ncols; i++) {
		exprs[i] = column_of(&b, &q.rel->cols[i]);
		q.names[i] = g->table->columns[i].name;
		if (types[i].id == TYPE_NUMERIC && !types[i].array && !coerce_form(&b, exprs[i], types[i], &exprs[i]))
			return false;
	}
	q.rel = new_project(&b, q.rel, exprs, q.names, q.ncols);
	return plan_end(&b, &q, out);
}

bool bind_default(const struct bind_context *c, const char *sql, struct type type, struct mem *m, struct err *e)
{
	struct catalog_column column = {.name = "", .type = type, .default_sql = sql};
	struct binder b;
	struct expr *x;

	plan_begin(&b, c, m, e);
	return column_default(&b, &column, &x);
}
