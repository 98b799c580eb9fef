/*
 * From a table's name to a relation, by way of authorize_table and nothing else: the guarded scan (masks
 * over row condition over scan), views (their text bound with the view's own search path, their tables
 * looked up for whoever asks), and the engine's own tables.
 */
#include "engine/bind/bind_int.h"
#include "engine/vector/colstore.h"
#include "parser/parser.h"

/* A temporary table is seen as it stands now, so what it shows is proof. */
static bool has_no_nulls(const struct catalog_table *t, uint32_t column)
{
	return t->kind == TABLE_TEMP && colstore_range(t->store, column)->nulls == 0;
}

static struct rel *scan_of(struct binder *b, const struct guard *g, const char *alias)
{
	const struct catalog_table *t = g->table;
	struct rel *r = rel_new(b->m, REL_SCAN, 0);

	r->scan.guard = g;
	r->scan.table = t;
	r->scan.alias = alias;
	r->scan.columns = mem_new_array(b->m, uint32_t, t->ncols + 1);
	r->cols = mem_new_array(b->m, struct column, t->ncols + 1);
	for (uint32_t i = 0; i < t->ncols; i++) {
		if (g->readable && !g->readable[i])
			continue;
		r->scan.columns[r->ncols] = i;
		r->cols[r->ncols++] = (struct column){.id = plan_new_id(b->p), .name = t->columns[i].name,
			.type = t->columns[i].type, .not_null = t->columns[i].not_null || has_no_nulls(t, i), .table = t, .table_column = i};
	}
	return r;
}

/* An expression of the guard: written by the agency, so it sees every column of the table. */
static bool guard_expression(struct binder *b, const char *text, const struct column *cols, uint32_t ncols,
							 struct expr **out)
{
	struct ast *node;
	struct err inner;

	err_clear(&inner);
	if (parse_expression(b->m, str_of(text), &node, &inner) &&
		bind_scalar(b->c, node, b->p, cols, ncols, out, &inner))
		return true;
	/* its text is not the user's to see */
	return err_set(b->e, ERR_INTERNAL, "the access rules of this table are damaged (%s)", errcode_sqlstate(inner.code));
}

/* Clears positions: they point into the guard's text. */
static struct expr *no_position(struct expr *e, void *arg)
{
	struct expr *c = mem_dup(arg, e, sizeof *e);

	c->pos = -1;
	return c;
}

static bool guard_masks(struct binder *b, const struct guard *g, const struct rel *scan, const struct column *all,
						struct rel *in, const bool *shown, struct rel **out)
{
	const struct catalog_table *t = g->table;
	struct expr **exprs = mem_new_array(b->m, struct expr *, t->ncols + 1);
	const char **names = mem_new_array(b->m, const char *, t->ncols + 1);
	uint32_t n = 0;

	for (uint32_t i = 0; i < scan->ncols; i++) {
		uint32_t k = scan->scan.columns[i];
		if (shown && !shown[k])
			continue;
		exprs[n] = column_of(b, &scan->cols[i]);
		names[n] = scan->cols[i].name;
		if (g->masks && g->masks[k]) {
			struct expr *mask;
			if (!guard_expression(b, g->masks[k], all, scan->ncols, &mask) ||
				!coerce(b, mask, t->columns[k].type, COERCE_ASSIGNMENT, -1, &mask))
				return false;
			exprs[n] = expr_rewrite(b->m, mask, no_position, b->m);
			if (!type_same(exprs[n]->type, t->columns[k].type) && t->columns[k].type.id == TYPE_NUMERIC &&
				!coerce_form(b, exprs[n], t->columns[k].type, &exprs[n]))
				return false;
		}
		n++;
	}
	*out = new_project(b, in, exprs, names, n);
	return true;
}

bool guarded_scan(struct binder *b, const struct guard *g, const char *alias, struct rel **out)
{
	struct guard whole = *g, *registered = mem_dup(b->m, g, sizeof *g);
	bool hidden = false, masked = false;
	struct expr *condition;
	struct rel *scan, *r;
	size_t count = b->p->nguards;

	registered->number = b->p->nguards;
	MEM_PUSH(b->m, b->p->guards, count, b->guards_cap, registered);
	b->p->nguards = (uint32_t)count;
	for (uint32_t i = 0; i < g->table->ncols; i++) {
		hidden |= g->readable && !g->readable[i];
		masked |= g->masks && g->masks[i] && (!g->readable || g->readable[i]);
	}
	/* conditions and masks may look at columns that the user may not: scan all, then show less */
	if (g->row_condition || masked)
		whole.readable = NULL;
	scan = r = scan_of(b, &whole, alias);
	scan->scan.guard = registered;
	if (g->row_condition) {
		if (!guard_expression(b, g->row_condition, scan->cols, scan->ncols, &condition) ||
			!coerce(b, condition, type_make(TYPE_BOOL), COERCE_IMPLICIT, -1, &condition))
			return false;
		r = new_filter(b, r, expr_rewrite(b->m, condition, no_position, b->m));
	}
	if (masked || (hidden && g->row_condition))
		return guard_masks(b, g, scan, scan->cols, r, g->readable, out);
	*out = r;
	return true;
}

static bool bind_view(struct binder *b, const struct catalog_table *t, int pos, struct rel **out)
{
	const char *saved_path = b->search_path;
	struct parse_result parsed;
	struct query q;
	struct err inner, *saved = b->e;
	struct expr **exprs;
	const char **names;
	bool ok;

	if (b->view_depth >= BIND_MAX_VIEW_DEPTH)
		return err_at(b->e, pos, ERR_INVALID_OBJECT_DEFINITION, "views are nested too deeply, or \"%s.%s\" uses itself",
					  t->schema, t->name);
	err_clear(&inner);
	b->e = &inner;
	b->view_depth++;
	b->search_path = t->view_search_path ? t->view_search_path : "";
	ok = parse_sql(b->m, str_of(t->view_sql), &parsed, &inner);
	if (ok && (parsed.count != 1 || parsed.statements[0].node->kind != AST_QUERY))
		ok = err_set(&inner, ERR_INVALID_OBJECT_DEFINITION, "the view's text is not a query");
	ok = ok && bind_query_node(b, parsed.statements[0].node, NULL, NULL, false, &q);
	b->search_path = saved_path;
	b->view_depth--;
	b->e = saved;
	if (!ok) {
		inner.position = pos >= 0 ? pos + 1 : 0;
		err_context(&inner, "while using the view %s.%s", t->schema, t->name);
		return err_copy(b->e, &inner);
	}
	/* the columns as declared; later columns of a changed table stay out */
	exprs = mem_new_array(b->m, struct expr *, t->ncols + 1);
	names = mem_new_array(b->m, const char *, t->ncols + 1);
	if (t->ncols > q.ncols)
		return err_at(b->e, pos, ERR_INVALID_OBJECT_DEFINITION, "the view %s.%s has lost columns: define it again",
					  t->schema, t->name);
	for (uint32_t i = 0; i < t->ncols; i++) {
		exprs[i] = column_of(b, &q.rel->cols[i]);
		names[i] = t->columns[i].name;
	}
	*out = new_project(b, q.rel, exprs, names, t->ncols);
	return true;
}

static bool bind_virtual(struct binder *b, const struct guard *g, const char *alias, struct rel **out)
{
	const struct virtual_table *t = g->virtual_table;
	struct rel *r = rel_new(b->m, REL_VIRTUAL, 0);

	r->virtual_scan.table = t;
	r->virtual_scan.alias = alias;
	r->virtual_scan.columns = mem_new_array(b->m, uint32_t, t->ncols + 1);
	r->ncols = t->ncols;
	r->cols = mem_new_array(b->m, struct column, t->ncols + 1);
	for (uint32_t i = 0; i < t->ncols; i++) {
		r->virtual_scan.columns[i] = i;
		r->cols[i] = (struct column){.id = plan_new_id(b->p), .name = t->cols[i].name, .type = t->cols[i].type};
	}
	*out = r;
	return true;
}

bool bind_table(struct binder *b, const char *schema, const char *name, const char *alias, int pos, struct rel **rel,
				const struct catalog_table **table, const char **found_schema)
{
	const struct guard *g;

	*table = NULL;
	if (!authorize_table(b->c->snapshot, b->c->principal, schema, name, b->search_path, pos, b->m, &g, b->e))
		return false;
	if (g->virtual_table) {
		*found_schema = g->virtual_table->schema;
		return bind_virtual(b, g, alias, rel);
	}
	*found_schema = g->table->schema;
	if (g->table->kind == TABLE_VIEW)
		return bind_view(b, g->table, pos, rel);
	*table = g->table;
	return guarded_scan(b, g, alias, rel);
}
