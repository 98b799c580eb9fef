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

/* The path to the table's own schema, in quotes. */
static const char *own_path(struct binder *b, const struct catalog_table *t)
{
	struct strbuf s;
	const char *path;

	strbuf_init(&s, 300);
	strbuf_addc(&s, '"');
	for (const char *p = t->schema; *p; p++)
		strbuf_addf(&s, *p == '"' ? "\"\"" : "%c", *p);
	strbuf_addc(&s, '"');
	path = mem_strdup(b->m, strbuf_cstr(&s));
	strbuf_release(&s);
	return path;
}

/* What an agency wrote (a row condition, a mask, a view that reads for others) reads the agency's tables and nothing
 * else; session values stay the reader's. */
static struct bind_context *as_owner(struct binder *b, const struct catalog_table *t)
{
	const struct principal *who = b->c->principal;
	struct principal *owner = mem_new_object(b->m, struct principal);
	struct bind_context *c = mem_dup(b->m, b->c, sizeof *c);

	*owner = *who;
	owner->reader = who->reader ? who->reader : who;
	owner->agency = catalog_table_agency(t);
	owner->is_owner = true;
	owner->is_administrator = false;
	owner->is_operator = false;
	c->principal = owner;
	c->nparams = 0;
	return c;
}

/* Binds over the table's columns in the scope of its own; subqueries are joined onto *rel. */
static bool bind_rule(struct binder *b, const char *text, const struct column *cols, uint32_t ncols, struct rel **rel,
					  struct expr **out)
{
	struct scope *s = mem_new_object(b->m, struct scope);
	struct ns_item *item = mem_new_object(b->m, struct ns_item);
	struct ast *node;

	s->clause = CLAUSE_WHERE;
	*item = (struct ns_item){.name = cols[0].table->name, .schema = cols[0].table->schema, .ncols = ncols, .rel_visible = true,
		.cols_visible = true, .table = cols[0].table, .cols = mem_new_array(b->m, struct ns_column, ncols)};
	for (uint32_t i = 0; i < ncols; i++)
		item->cols[i] = (struct ns_column){cols[i].name, column_of(b, &cols[i]), &cols[i]};
	MEM_PUSH(b->m, s->ns.items, s->ns.count, s->ns.cap, item);
	scope_own(b, s, item);
	return parse_expression(b->m, str_of(text), &node, b->e) && bind_expr(b, s, node, out) && unnest(b, rel, out);
}

/* An expression of the guard: written by the agency, so it sees every column of the table. *rel grows columns when it has
 * subqueries. */
static bool guard_expression(struct binder *b, const struct guard *g, const char *text, const struct column *cols,
							 uint32_t ncols, struct rel **rel, struct expr **out)
{
	struct binder saved = *b;
	struct err inner;
	bool ok;

	err_clear(&inner);
	b->e = &inner;
	b->c = as_owner(b, g->table);
	b->search_path = own_path(b, g->table);
	b->view_depth++;
	b->nparams = 0;
	b->params_grow = false;
	b->aggregates = NULL;
	ok = b->view_depth < BIND_MAX_VIEW_DEPTH && bind_rule(b, text, cols, ncols, rel, out);
	b->e = saved.e;
	b->c = saved.c;
	b->search_path = saved.search_path;
	b->view_depth = saved.view_depth;
	b->nparams = saved.nparams;
	b->params_grow = saved.params_grow;
	b->aggregates = saved.aggregates;
	if (ok)
		return true;
	if (b->c->shows_rules && err_is_set(&inner))
		return err_copy(b->e, &inner);
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

/* A mask's text may be longer than the column's: the length limit falls. */
static struct type masked_type(struct type t)
{
	return type_is_text(t) && !t.array ? type_make(TYPE_TEXT) : t;
}

static bool guard_mask(struct binder *b, const struct guard *g, uint32_t k, const struct rel *scan, struct rel **in,
					   struct expr **out)
{
	struct type type = masked_type(g->table->columns[k].type);
	struct expr *mask;

	if (!guard_expression(b, g, g->masks[k], scan->cols, scan->ncols, in, &mask) ||
		!coerce(b, mask, type, COERCE_ASSIGNMENT, -1, &mask))
		return false;
	*out = expr_rewrite(b->m, mask, no_position, b->m);
	return type_same((*out)->type, type) || type.id != TYPE_NUMERIC || coerce_form(b, *out, type, out);
}

static bool guard_masks(struct binder *b, const struct guard *g, const struct rel *scan, struct rel *in, const bool *shown,
						struct rel **out)
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
		if (g->masks && g->masks[k] && !guard_mask(b, g, k, scan, &in, &exprs[n]))
			return false;
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
	struct rel *scan, *r, *plain;
	size_t count = b->p->nguards;

	registered->number = b->p->nguards;
	MEM_PUSH(b->m, b->p->guards, count, b->guards_cap, registered);
	b->p->nguards = (uint32_t)count;
	if (g->max_rows >= 0 && g->ngrants && (b->p->max_rows < 0 || g->max_rows < b->p->max_rows))
		b->p->max_rows = g->max_rows;
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
		if (!guard_expression(b, g, g->row_condition, scan->cols, scan->ncols, &r, &condition) ||
			!coerce(b, condition, type_make(TYPE_BOOL), COERCE_IMPLICIT, -1, &condition))
			return false;
		plain = r == scan ? NULL : r;
		r = new_filter(b, r, expr_rewrite(b->m, condition, no_position, b->m));
		hidden |= plain != NULL; /* a subquery's columns are no columns of the table */
	} else {
		plain = NULL;
	}
	if (!masked && !(hidden && g->row_condition) && !g->minimum) {
		*out = r;
		return true;
	}
	struct rel *before = r;
	if (!guard_masks(b, g, scan, r, g->readable, out))
		return false;
	(*out)->is_barrier = plain || (*out)->in[0] != before || g->minimum;
	return true;
}

bool bind_guard(const struct bind_context *c, const struct guard *g, struct mem *m, struct err *e)
{
	struct binder b;
	struct rel *r;

	plan_begin(&b, c, m, e);
	return guarded_scan(&b, g, g->table->name, &r);
}

/* May an error inside the view, which names what it reads, be told? */
static bool tells_inside(const struct principal *who, const struct catalog_table *t)
{
	return who->is_operator || who->is_administrator || t->schema == NULL || strncmp(t->schema, "pg_temp", 7) == 0 ||
		   (*who->agency && strcmp(catalog_table_agency(t), who->agency) == 0);
}

static bool bind_view(struct binder *b, const struct catalog_table *t, int pos, struct rel **out)
{
	const char *saved_path = b->search_path;
	const struct bind_context *saved_context = b->c;
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
	if (t->view_definer)
		b->c = as_owner(b, t);
	ok = parse_sql(b->m, str_of(t->view_sql), &parsed, &inner);
	if (ok && (parsed.count != 1 || parsed.statements[0].node->kind != AST_QUERY))
		ok = err_set(&inner, ERR_INVALID_OBJECT_DEFINITION, "the view's text is not a query");
	ok = ok && bind_query_node(b, parsed.statements[0].node, NULL, NULL, false, &q);
	b->search_path = saved_path;
	b->c = saved_context;
	b->view_depth--;
	b->e = saved;
	if (!ok && !tells_inside(b->c->principal, t))
		return err_at(b->e, pos, ERR_INSUFFICIENT_PRIVILEGE, "permission denied for view \"%s.%s\"", t->schema, t->name);
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
