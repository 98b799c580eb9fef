/*
 * WITH: each query is bound once, where it is defined. Used once and free of volatile functions it stands in
 * place of its name; used more often, MATERIALIZED or volatile it becomes REL_CTE at the plan's root, and its
 * uses REL_CTE_SCAN; NOT MATERIALIZED puts a copy with ids of its own into each place.
 */
#include "engine/bind/bind_int.h"

struct use_count {
	const char *name;
	uint32_t uses;
};

/* Uses of a name as a table anywhere below; a shadowing inner WITH may count too many, which only shares more. */
static bool count_step(struct ast *node, void *arg)
{
	struct use_count *u = arg;

	if (node->kind == AST_TABLE_REF) {
		const struct ast_table_ref *t = AST_AS(TABLE_REF, table_ref, node);
		if (t->names.count == 1 && strcmp(t->names.items[0], u->name) == 0)
			u->uses++;
	}
	return ast_children(node, count_step, arg);
}

uint32_t count_uses(const struct ast *query, const char *name)
{
	struct use_count u = {name, 0};

	ast_children(query, count_step, &u);
	return u.uses;
}

static enum walk volatile_expr(const struct expr *e, void *arg)
{
	if (expr_volatility(e) == FUNC_VOLATILE)
		*(bool *)arg = true;
	return WALK_SKIP;
}

static void volatile_slot(struct expr **e, void *arg)
{
	expr_walk(*e, volatile_expr, arg);
}

static enum walk volatile_rel(const struct rel *r, void *arg)
{
	rel_each_expr((struct rel *)r, volatile_slot, arg);
	return *(bool *)arg ? WALK_STOP : WALK_ON;
}

uint32_t share_rel(struct binder *b, struct rel *rel, const char *name)
{
	struct shared_cte c = {b->p->next_cte++, name, rel};

	MEM_PUSH(b->m, b->shared, b->nshared, b->shared_cap, c);
	return c.number;
}

struct rel *wrap_shared(struct binder *b, struct rel *root, size_t from)
{
	for (size_t i = b->nshared; i-- > from;) {
		struct rel *r = rel_new(b->m, REL_CTE, 2);
		r->in[0] = root;
		r->in[1] = b->shared[i].rel;
		r->cte.number = b->shared[i].number;
		r->cte.name = b->shared[i].name;
		r->ncols = root->ncols;
		r->cols = root->cols;
		root = r;
	}
	b->nshared = from < b->nshared ? from : b->nshared;
	return root;
}

struct rel *new_cte_scan(struct binder *b, uint32_t number, const char *name, const struct rel *def)
{
	struct rel *r = rel_new(b->m, REL_CTE_SCAN, 0);

	r->cte.number = number;
	r->cte.name = name;
	r->ncols = def->ncols;
	r->cols = mem_new_array(b->m, struct column, def->ncols + 1);
	for (uint32_t i = 0; i < def->ncols; i++) {
		r->cols[i] = def->cols[i];
		r->cols[i].id = plan_new_id(b->p);
	}
	return r;
}

bool cte_use(struct binder *b, struct cte_entry *c, struct rel **out)
{
	if (c->shared) {
		*out = new_cte_scan(b, c->number, c->name, c->rel);
		return true;
	}
	*out = c->used ? copy_with_fresh_ids(b, c->rel) : c->rel;
	c->used = true;
	return true;
}

static bool bind_cte(struct binder *b, const struct ast_with *with, const struct ast_cte *n, struct scope *parent,
					 const struct ast *query, struct cte_entry **ctes)
{
	struct cte_entry *c = mem_new_object(b->m, struct cte_entry);
	struct idset borrowed = {0, NULL};
	bool is_volatile = false, recursive;
	uint32_t uses = count_uses(query, n->name);
	struct query q;

	if (n->search || n->cycle)
		return not_supported(b, at(b, &n->base), "SEARCH or CYCLE");
	if (n->query->kind != AST_QUERY)
		return not_supported(b, at(b, &n->base), "data-modifying WITH");
	recursive = with->recursive && count_uses(n->query, n->name);
	if (recursive)
		uses -= count_uses(n->query, n->name);
	if (!(recursive ? bind_recursive(b, n, parent, *ctes, &q) : bind_query_node(b, n->query, parent, *ctes, false, &q)))
		return false;
	if (n->columns.count > q.ncols)
		return err_at(b->e, at(b, &n->base), ERR_INVALID_COLUMN_REFERENCE,
					  "WITH query \"%s\" has %u columns available but %u columns specified", n->name, q.ncols,
					  n->columns.count);
	c->name = n->name;
	c->ncols = q.ncols;
	c->names = mem_new_array(b->m, const char *, q.rel->ncols + 1);
	for (uint32_t i = 0; i < q.rel->ncols; i++)
		c->names[i] = i < n->columns.count ? n->columns.items[i] : i < q.ncols ? q.names[i] : "?hidden?";
	c->rel = q.rel;
	rel_walk(q.rel, volatile_rel, &is_volatile);
	rel_free_columns(q.rel, &borrowed, b->m);
	c->shared = n->materialized == AST_MATERIALIZED_ALWAYS || is_volatile ||
				(n->materialized == AST_MATERIALIZED_DEFAULT && uses > 1);
	if (recursive) /* used once it gives rows as they are asked for, so LIMIT ends it */
		c->shared = uses > 1;
	if (!idset_is_empty(&borrowed))
		c->shared = false; /* it changes with the outer row */
	if (c->shared)
		c->number = share_rel(b, c->rel, c->name);
	c->next = *ctes;
	*ctes = c;
	return true;
}

static bool check_names(struct binder *b, const struct ast_with *with)
{
	for (uint32_t i = 0; i < with->ctes.count; i++)
		for (uint32_t k = 0; k < i; k++) {
			const struct ast_cte *n = AST_AS(CTE, cte, with->ctes.items[i]);
			if (strcmp(AST_AS(CTE, cte, with->ctes.items[k])->name, n->name) == 0)
				return err_at(b->e, at(b, &n->base), ERR_DUPLICATE_ALIAS, "WITH query name \"%s\" specified more than once",
							  n->name);
		}
	return true;
}

bool bind_with(struct binder *b, const struct ast_with *with, struct scope *parent, const struct ast *query,
			   struct cte_entry **ctes)
{
	uint32_t *order = mem_new_array(b->m, uint32_t, with->ctes.count + 1);

	if (!check_names(b, with) || !order_with(b, with, order))
		return false;
	for (uint32_t i = 0; i < with->ctes.count; i++)
		if (!bind_cte(b, with, AST_AS(CTE, cte, with->ctes.items[order[i]]), parent, query, ctes))
			return false;
	return true;
}
