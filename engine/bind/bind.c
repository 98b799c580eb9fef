/*
 * The binder's doors: a statement's query, a scalar expression over given columns; and the QUERY node
 * with its WITH, ORDER BY, LIMIT around a body.
 *
 * One binder serves one statement; it keeps no state afterwards. All it makes lives in the plan's arena.
 */
#include "engine/bind/bind_int.h"

static bool bind_limit_value(struct binder *b, const struct ast *node, struct scope *parent, struct cte_entry *ctes,
							 const char *what, struct expr **out)
{
	struct scope s = {.parent = parent, .ctes = ctes, .clause = CLAUSE_LIMIT};
	struct rel *none = NULL;
	struct expr *e;

	if (!node)
		return true;
	if (node->kind == AST_COLUMN_REF && !parent)
		return err_at(b->e, at(b, node), ERR_INVALID_COLUMN_REFERENCE, "argument of %s must not contain variables", what);
	if (!bind_expr(b, &s, node, &e))
		return false;
	if (is_null_const(e))
		return true;
	if (e->kind == EXPR_CONST && (e->type.id == TYPE_INT2 || e->type.id == TYPE_INT4)) { /* stays a constant to look at */
		*out = expr_const(b->m, value_int8(e->value.i32), e->pos);
		return true;
	}
	if (!can_coerce_implicit(e->type, type_make(TYPE_INT8)) && !func_cast(e->type, type_make(TYPE_INT8)))
		return err_at(b->e, e->pos, ERR_DATATYPE_MISMATCH, "argument of %s must be type bigint, not type %s", what,
					  type_name(e->type, b->m));
	return coerce(b, e, type_make(TYPE_INT8), COERCE_ASSIGNMENT, e->pos, &e) && unnest(b, &none, &e) && (*out = e, true);
}

static bool bind_limit(struct binder *b, const struct ast_query *n, struct scope *parent, struct cte_entry *ctes,
					   struct query *q)
{
	struct rel *r;
	struct expr *limit = NULL, *offset = NULL;

	if (!n->limit && !n->offset)
		return true;
	if (!bind_limit_value(b, n->limit, parent, ctes, "LIMIT", &limit) ||
		!bind_limit_value(b, n->offset, parent, ctes, "OFFSET", &offset))
		return false;
	if (n->with_ties && q->rel->kind != REL_SORT)
		return err_at(b->e, at(b, n->limit), ERR_SYNTAX_ERROR, "WITH TIES cannot be specified without ORDER BY clause");
	if (!limit && !offset)
		return true;
	r = rel_new(b->m, REL_LIMIT, 1);
	r->in[0] = q->rel;
	r->ncols = q->rel->ncols;
	r->cols = q->rel->cols;
	r->limit.limit = limit;
	r->limit.offset = offset;
	r->limit.with_ties = n->with_ties;
	if (n->with_ties) {
		r->limit.keys = q->rel->sort.keys;
		r->limit.nkeys = q->rel->sort.nkeys;
	}
	q->rel = r;
	return true;
}

bool bind_query_node(struct binder *b, const struct ast *node, struct scope *parent, struct cte_entry *ctes,
					 bool keep_unknown, struct query *out)
{
	const struct ast_query *n;

	if (node->kind != AST_QUERY)
		return bind_body(b, node, parent, ctes, keep_unknown, out);
	n = AST_AS(QUERY, query, node);
	if (n->locking.count)
		return not_supported(b, at(b, n->locking.items[0]), "FOR UPDATE or FOR SHARE");
	if (!ctes && parent)
		ctes = parent->ctes;
	if (n->with && !bind_with(b, AST_AS(WITH, with, n->with), parent, node, &ctes))
		return false;
	if (n->body->kind == AST_SELECT) {
		if (!bind_select(b, AST_AS(SELECT, select, n->body), parent, ctes, &n->order_by,
						 keep_unknown && !n->order_by.count, out))
			return false;
	} else if (!bind_body(b, n->body, parent, ctes, keep_unknown, out) || !order_by_output(b, out, &n->order_by)) {
		return false;
	}
	return bind_limit(b, n, parent, ctes, out);
}

static bool check_params(struct binder *b)
{
	for (uint32_t i = 0; i < b->nparams; i++)
		if (b->params[i].id == TYPE_UNKNOWN)
			return err_set(b->e, ERR_INDETERMINATE_DATATYPE, "could not determine data type of parameter $%u", i + 1);
	return true;
}

static void init_params(struct binder *b)
{
	b->nparams = b->c->nparams;
	b->params = mem_new_array(b->m, struct type, b->nparams + 1);
	for (uint32_t i = 0; i < b->nparams; i++)
		b->params[i] = b->c->param_types ? b->c->param_types[i] : type_make(TYPE_UNKNOWN);
}

static enum walk borrowed_step(const struct rel *r, void *arg)
{
	(void)r;
	(void)arg;
	return WALK_SKIP;
}

void plan_begin(struct binder *b, const struct bind_context *c, struct mem *m, struct err *e)
{
	struct plan *p = mem_new_object(m, struct plan);

	*b = (struct binder){.c = c, .p = p, .m = m, .e = e};
	p->mem = m;
	p->next_id = 1;
	p->next_cte = 1;
	p->max_rows = -1;
	p->sql = mem_strdup(m, c->sql ? c->sql : "");
	b->search_path = c->settings ? c->settings->text[SET_search_path] : "public";
	init_params(b);
}

bool plan_end(struct binder *b, const struct query *q, struct plan **out)
{
	struct plan *p = b->p;
	struct idset borrowed = {0, NULL};

	p->root = wrap_shared(b, q->rel, 0);
	p->ncols = q->ncols;
	p->names = q->names;
	p->nparams = b->nparams;
	p->param_types = b->params;
	rel_walk(p->root, borrowed_step, NULL);
	rel_free_columns(p->root, &borrowed, b->m);
	if (!idset_is_empty(&borrowed))
		return err_set(b->e, ERR_FEATURE_NOT_SUPPORTED, "this form of correlated subquery is not supported yet");
	if (!check_params(b) || !bind_minimum(b, &p->root) || !mem_check(b->m, b->e))
		return false;
#ifndef NDEBUG
	if (!plan_verify(p, b->e))
		return false;
#endif
	*out = p;
	return true;
}

bool bind_query(const struct bind_context *c, const struct ast *query, struct mem *m, struct plan **out, struct err *e)
{
	struct binder b;
	struct query q;

	plan_begin(&b, c, m, e);
	return bind_query_node(&b, query, NULL, NULL, false, &q) && plan_end(&b, &q, out);
}

bool bind_scalar(const struct bind_context *c, const struct ast *expression, struct plan *p, const struct column *cols,
				 uint32_t ncols, struct expr **out, struct err *e)
{
	struct binder b = {.c = c, .p = p, .m = p->mem, .e = e};
	struct scope s = {.clause = CLAUSE_SCALAR};
	struct ns_item item = {.ncols = ncols, .rel_visible = true, .cols_visible = true};
	struct rel *none = NULL;

	b.search_path = c->settings ? c->settings->text[SET_search_path] : "public";
	init_params(&b);
	if (ncols) {
		item.name = cols[0].table ? cols[0].table->name : NULL;
		item.cols = mem_new_array(b.m, struct ns_column, ncols);
		for (uint32_t i = 0; i < ncols; i++)
			item.cols[i] = (struct ns_column){cols[i].name, column_of(&b, &cols[i]), &cols[i]};
		MEM_PUSH(b.m, s.ns.items, s.ns.count, s.ns.cap, &item);
	}
	if (!bind_expr(&b, &s, expression, out) || !unnest(&b, &none, out))
		return false;
	if (b.nshared)
		return err_set(e, ERR_FEATURE_NOT_SUPPORTED, "WITH is not supported here");
	return coerce_unknown(&b, out);
}
