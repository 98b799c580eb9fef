/*
 * FROM: tables, subqueries, joins with ON, USING and NATURAL, LATERAL. Each item yields a relation and the
 * names under which the rest of the query sees its columns.
 */
#include "engine/bind/bind_int.h"

static bool bind_item(struct binder *b, struct scope *s, const struct ast *node, struct ns_list *left, struct rel **rel,
					  struct ns_list *out);

static bool push_item(struct binder *b, struct ns_list *list, struct ns_item *item, int pos)
{
	for (size_t i = 0; i < list->count; i++)
		if (item->name && list->items[i]->name && list->items[i]->rel_visible &&
			strcmp(item->name, list->items[i]->name) == 0 &&
			(!item->schema || !list->items[i]->schema || strcmp(item->schema, list->items[i]->schema) == 0))
			return err_at(b->e, pos, ERR_DUPLICATE_ALIAS, "table name \"%s\" specified more than once", item->name);
	MEM_PUSH(b->m, list->items, list->count, list->cap, item);
	return true;
}

/* AS name (column, …) */
static bool rename_item(struct binder *b, struct ns_item *item, const struct ast *alias_node)
{
	const struct ast_alias *alias;

	if (!alias_node)
		return true;
	alias = AST_AS(ALIAS, alias, alias_node);
	if (alias->name) {
		item->name = alias->name;
		item->schema = NULL;
	}
	if (alias->columns.count > item->ncols)
		return err_at(b->e, at(b, alias_node), ERR_INVALID_COLUMN_REFERENCE,
					  "table \"%s\" has %u columns available but %u columns specified", item->name ? item->name : "",
					  item->ncols, alias->columns.count);
	for (uint32_t i = 0; i < alias->columns.count; i++)
		item->cols[i].name = alias->columns.items[i];
	return true;
}

static const char *alias_of(const struct ast *alias, const char *otherwise)
{
	if (alias && AST_AS(ALIAS, alias, alias)->name)
		return AST_AS(ALIAS, alias, alias)->name;
	return otherwise;
}

/* ---- tables and CTEs ---- */

static struct cte_entry *find_cte(const struct scope *s, const char *name)
{
	for (struct cte_entry *c = s->ctes; c; c = c->next)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static bool bind_table_ref(struct binder *b, struct scope *s, const struct ast *node, struct rel **rel,
						   struct ns_list *out)
{
	const struct ast_table_ref *t = AST_AS(TABLE_REF, table_ref, node);
	uint32_t n = t->names.count;
	const char *name = t->names.items[n - 1], *schema = n > 1 ? t->names.items[n - 2] : NULL;
	const char *alias = alias_of(t->alias, name);
	struct cte_entry *cte = schema ? NULL : find_cte(s, name);
	const struct catalog_table *table = NULL;
	const char *found_schema = NULL;
	struct ns_item *item;

	if (n > 2 && strcmp(t->names.items[n - 3], "hopluu") != 0)
		return err_at(b->e, at(b, node), ERR_FEATURE_NOT_SUPPORTED,
					  "cross-database references are not implemented: \"%s.%s.%s\"", t->names.items[n - 3], schema, name);
	if (cte) {
		if (!cte_use(b, cte, rel))
			return false;
		s->reads_working |= cte->working;
		item = ns_item_new(b, alias, *rel, cte->names);
		item->ncols = cte->ncols;
	} else {
		if (!bind_table(b, schema, name, alias, at(b, node), rel, &table, &found_schema))
			return false;
		item = ns_item_new(b, alias, *rel, NULL);
		item->table = table;
		item->schema = t->alias ? NULL : found_schema;
	}
	if (t->sample && !bind_sample(b, s, t->sample, table != NULL, rel))
		return false;
	return rename_item(b, item, t->alias) && push_item(b, out, item, at(b, node));
}

/* ---- subqueries ---- */

/* The scope which a LATERAL item sees: what stands left of it, then the outer queries. */
static struct scope *lateral_scope(struct binder *b, struct scope *s, const struct ns_list *left)
{
	struct scope *l = mem_new_object(b->m, struct scope);

	l->parent = s->parent;
	l->ctes = s->ctes;
	l->clause = CLAUSE_FROM;
	l->is_lateral = true;
	for (size_t i = 0; left && i < left->count; i++)
		MEM_PUSH(b->m, l->ns.items, l->ns.count, l->ns.cap, left->items[i]);
	return l;
}

static bool bind_subquery_ref(struct binder *b, struct scope *s, const struct ast *node, struct ns_list *left,
							  struct rel **rel, struct ns_list *out)
{
	const struct ast_subquery_ref *r = AST_AS(SUBQUERY_REF, subquery_ref, node);
	struct scope *parent = r->lateral ? lateral_scope(b, s, left) : s->parent;
	struct ns_item *item;
	struct query q;

	if (!bind_query_node(b, r->query, parent, s->ctes, false, &q))
		return false;
	*rel = q.rel;
	item = ns_item_new(b, alias_of(r->alias, NULL), q.rel, NULL);
	item->ncols = q.ncols;
	for (uint32_t i = 0; i < q.ncols; i++)
		item->cols[i].name = q.names[i];
	return rename_item(b, item, r->alias) && push_item(b, out, item, at(b, node));
}

static bool bind_func_ref(struct binder *b, struct scope *s, const struct ast *node, struct ns_list *left,
						  struct rel **rel, struct ns_list *out)
{
	const struct ast_func_ref *f = AST_AS(FUNC_REF, func_ref, node);
	struct ns_item *shown;

	return bind_table_functions(b, lateral_scope(b, s, left), f, rel, &shown) && rename_item(b, shown, f->alias) &&
		   push_item(b, out, shown, at(b, node));
}

/* ---- joins ---- */

static enum join_kind join_kind_of(enum ast_join_kind k)
{
	switch (k) {
	case AST_JOIN_INNER:
	case AST_JOIN_CROSS:
		return JOIN_INNER;
	case AST_JOIN_LEFT:
		return JOIN_LEFT;
	case AST_JOIN_RIGHT:
		return JOIN_RIGHT;
	case AST_JOIN_FULL:
		return JOIN_FULL;
	}
	UNREACHABLE();
}

/* All columns that a side offers to plain names, in order. */
static void visible_columns(struct binder *b, const struct ns_list *list, struct ns_column **cols, size_t *n)
{
	size_t cap = 0;

	*cols = NULL;
	*n = 0;
	for (size_t i = 0; i < list->count; i++)
		for (uint32_t k = 0; list->items[i]->cols_visible && k < list->items[i]->ncols; k++)
			MEM_PUSH(b->m, *cols, *n, cap, list->items[i]->cols[k]);
}

static bool find_using(struct binder *b, const struct ns_column *cols, size_t n, const char *name, const char *side,
					   int pos, struct ns_column **out)
{
	struct ns_column *found = NULL;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(cols[i].name, name) != 0)
			continue;
		if (found)
			return err_at(b->e, pos, ERR_AMBIGUOUS_COLUMN, "common column name \"%s\" appears more than once in %s table",
						  name, side);
		found = (struct ns_column *)&cols[i];
	}
	if (!found)
		return err_at(b->e, pos, ERR_UNDEFINED_COLUMN, "column \"%s\" specified in USING clause does not exist in %s table",
					  name, side);
	*out = found;
	return true;
}

static void natural_names(struct binder *b, const struct ns_column *l, size_t nl, const struct ns_column *r, size_t nr,
						  struct ast_names *out)
{
	out->items = mem_new_array(b->m, const char *, nl + 1);
	out->count = 0;
	for (size_t i = 0; i < nl; i++)
		for (size_t k = 0; k < nr; k++)
			if (strcmp(l[i].name, r[k].name) == 0) {
				out->items[out->count++] = l[i].name;
				break;
			}
}

struct merge {
	struct ns_column *left, *right; /* of both sides */
	size_t nleft, nright;
	struct ns_column *merged;
	size_t nmerged;
	struct expr *condition;
};

static bool is_merged(const struct merge *g, const struct ns_column *c)
{
	for (size_t i = 0; i < g->nmerged; i++)
		if (strcmp(g->merged[i].name, c->name) == 0)
			return true;
	return false;
}

/* USING: the equality, and the one column which stands for both. */
static bool merge_column(struct binder *b, enum join_kind kind, const char *name, int pos, struct merge *g,
						 struct expr **equality)
{
	struct ns_column *l, *r, *m = &g->merged[g->nmerged];
	struct expr *pair[2], *c;
	struct type type;

	if (!find_using(b, g->left, g->nleft, name, "left", pos, &l) ||
		!find_using(b, g->right, g->nright, name, "right", pos, &r) ||
		!call_operator(b, "=", l->value, r->value, pos, equality))
		return false;
	pair[0] = l->value;
	pair[1] = r->value;
	if (!unify(b, pair, 2, "JOIN/USING", false, &type))
		return false;
	m->name = name;
	if (kind == JOIN_FULL) {
		c = expr_new(b->m, EXPR_COALESCE, type, 2, -1);
		c->args[0] = pair[0];
		c->args[1] = pair[1];
		m->value = c;
	} else {
		m->value = kind == JOIN_RIGHT ? pair[1] : pair[0];
		m->source = kind == JOIN_RIGHT ? r->source : l->source;
	}
	return true;
}

static bool merge_columns(struct binder *b, const struct ast_join *j, enum join_kind kind, const struct ns_list *left,
						  const struct ns_list *right, struct merge *g)
{
	struct ast_names names = j->using;
	struct expr **list;

	visible_columns(b, left, &g->left, &g->nleft);
	visible_columns(b, right, &g->right, &g->nright);
	if (j->natural)
		natural_names(b, g->left, g->nleft, g->right, g->nright, &names);
	g->merged = mem_new_array(b->m, struct ns_column, names.count + 1);
	list = mem_new_array(b->m, struct expr *, names.count + 1);
	for (uint32_t i = 0; i < names.count; i++) {
		if (is_merged(g, &(struct ns_column){.name = names.items[i]}))
			return err_at(b->e, at(b, &j->base), ERR_DUPLICATE_COLUMN, "column name \"%s\" appears more than once in USING clause",
						  names.items[i]);
		if (!merge_column(b, kind, names.items[i], at(b, &j->base), g, &list[i]))
			return false;
		g->nmerged++;
	}
	g->condition = expr_and(b->m, list, names.count);
	return true;
}

/* The join as one item: merged columns first, then the rest of both sides. */
static struct ns_item *join_item(struct binder *b, const struct merge *g)
{
	struct ns_item *item = mem_new_object(b->m, struct ns_item);

	item->cols = mem_new_array(b->m, struct ns_column, g->nleft + g->nright + 1);
	item->cols_visible = true;
	for (size_t i = 0; i < g->nmerged; i++)
		item->cols[item->ncols++] = g->merged[i];
	for (size_t i = 0; i < g->nleft; i++)
		if (!is_merged(g, &g->left[i]))
			item->cols[item->ncols++] = g->left[i];
	for (size_t i = 0; i < g->nright; i++)
		if (!is_merged(g, &g->right[i]))
			item->cols[item->ncols++] = g->right[i];
	return item;
}

/* Subqueries in ON: those of an inner join are filters above it, others go to the side that they look at. */
static bool place_condition(struct binder *b, enum join_kind kind, struct rel *left, struct rel *right,
							struct expr *condition, int pos, struct rel **out);

static bool bind_on(struct binder *b, struct scope *s, const struct ast *on, const struct ns_list *sides,
					struct expr **out)
{
	struct scope t = {.parent = s->parent, .ns = *sides, .ctes = s->ctes, .clause = CLAUSE_ON};

	return bind_condition(b, &t, on, "JOIN/ON", out);
}

static bool join_namespace(struct binder *b, const struct ast_join *j, const struct merge *g, struct ns_list *sides,
						   struct ns_list *out)
{
	struct ns_item *item;

	if (!j->natural && !j->using.count && !j->alias) {
		for (size_t i = 0; i < sides->count; i++)
			if (!push_item(b, out, sides->items[i], at(b, &j->base)))
				return false;
		return true;
	}
	item = join_item(b, g);
	if (j->alias) { /* hides what is inside */
		item->rel_visible = true;
		if (!rename_item(b, item, j->alias))
			return false;
	} else {
		for (size_t i = 0; i < sides->count; i++) {
			sides->items[i]->cols_visible = false;
			if (!push_item(b, out, sides->items[i], at(b, &j->base)))
				return false;
		}
		if (j->using_alias) {
			struct ns_item *merged = mem_new_object(b->m, struct ns_item);
			*merged = (struct ns_item){.name = j->using_alias, .ncols = (uint32_t)g->nmerged, .cols = g->merged,
									   .rel_visible = true};
			if (!push_item(b, out, merged, at(b, &j->base)))
				return false;
		}
	}
	return push_item(b, out, item, at(b, &j->base));
}

static bool bind_join(struct binder *b, struct scope *s, const struct ast *node, struct ns_list *left_of,
					  struct rel **rel, struct ns_list *out)
{
	const struct ast_join *j = AST_AS(JOIN, join, node);
	enum join_kind kind = join_kind_of(j->type);
	struct ns_list left = {0}, right = {0}, seen = {0}, sides = {0};
	struct rel *l, *r;
	struct merge g = {0};

	if (!bind_item(b, s, j->left, left_of, &l, &left))
		return false;
	/* LATERAL on the right sees what stands left of the join, and its left side */
	for (size_t i = 0; left_of && i < left_of->count; i++)
		MEM_PUSH(b->m, seen.items, seen.count, seen.cap, left_of->items[i]);
	for (size_t i = 0; i < left.count; i++)
		MEM_PUSH(b->m, seen.items, seen.count, seen.cap, left.items[i]);
	if (!bind_item(b, s, j->right, &seen, &r, &right))
		return false;
	for (size_t i = 0; i < left.count; i++)
		if (!push_item(b, &sides, left.items[i], at(b, node)))
			return false;
	for (size_t i = 0; i < right.count; i++)
		if (!push_item(b, &sides, right.items[i], at(b, node)))
			return false;
	if (j->natural || j->using.count || j->alias)
		if (!merge_columns(b, j, kind, &left, &right, &g))
			return false;
	if (j->on && !bind_on(b, s, j->on, &sides, &g.condition))
		return false;
	if (!place_condition(b, kind, l, r, g.condition, at(b, node), rel))
		return false;
	return join_namespace(b, j, &g, &sides, out);
}

/* ---- conditions with subqueries ---- */

static enum walk subquery_step(const struct expr *e, void *arg)
{
	if (e->kind == EXPR_SUBQUERY)
		*(bool *)arg = true;
	return WALK_ON;
}

static bool has_subquery(const struct expr *e)
{
	bool has = false;

	if (e)
		expr_walk(e, subquery_step, &has);
	return has;
}

/* Whether e reads nothing of r (of outer queries it may). */
static bool avoids(struct binder *b, const struct rel *r, const struct expr *e)
{
	struct idset made = {0, NULL}, used = {0, NULL};

	rel_out_ids(r, &made, b->m);
	expr_columns(e, &used, b->m);
	return !idset_meets(&made, &used);
}

/* FULL JOIN whose condition has a subquery over both sides: the left join, and the right rows that no left row goes with. */
static bool full_join_apart(struct binder *b, struct rel *left, struct rel *right, struct expr *condition, int pos,
							struct rel **out)
{
	struct rel *whole = new_join(b, JOIN_INNER, left, right, condition), *arms[2], *r = rel_new(b->m, REL_SETOP, 2);
	uint32_t nl = left->ncols, n = nl + right->ncols;

	for (uint32_t i = 0; i < 2; i++) {
		struct expr **exprs = mem_new_array(b->m, struct expr *, n + 1);
		struct rel *c = copy_with_fresh_ids(b, whole), *l = c->in[0], *joined = l;
		if (i == 0 ? !place_condition(b, JOIN_LEFT, l, c->in[1], c->join.condition, pos, &joined)
				   : !filter_rel(b, &joined, c->join.condition) ||
						 !dependent_join(b, JOIN_ANTI, c->in[1], joined, NULL, false, pos, &joined))
			return false;
		for (uint32_t k = 0; k < n; k++)
			exprs[k] = k >= nl ? column_of(b, &c->in[1]->cols[k - nl])
							   : i == 0 ? column_of(b, &l->cols[k]) : expr_const(b->m, value_null(l->cols[k].type), -1);
		arms[i] = new_project(b, joined, exprs, NULL, n);
	}
	memcpy(r->in, arms, sizeof arms);
	r->setop.kind = SETOP_UNION_ALL;
	r->ncols = n;
	r->cols = mem_new_array(b->m, struct column, n + 1);
	for (uint32_t k = 0; k < n; k++) {
		r->cols[k] = k < nl ? left->cols[k] : right->cols[k - nl];
		r->cols[k].not_null = false;
	}
	*out = r;
	return true;
}

static bool place_condition(struct binder *b, enum join_kind kind, struct rel *left, struct rel *right,
							struct expr *condition, int pos, struct rel **out)
{
	struct expr **list, **keep;
	uint32_t n, nkeep = 0;

	if (!has_subquery(condition))
		return dependent_join(b, kind, left, right, condition, false, pos, out);
	if (kind == JOIN_INNER)
		return dependent_join(b, kind, left, right, NULL, false, pos, out) && filter_rel(b, out, condition);
	n = expr_conjuncts(b->m, condition, &list);
	for (uint32_t i = 0; kind == JOIN_FULL && i < n; i++)
		if (has_subquery(list[i]) && !avoids(b, left, list[i]) && !avoids(b, right, list[i]))
			return full_join_apart(b, left, right, condition, pos, out);
	keep = mem_new_array(b->m, struct expr *, n);
	for (uint32_t i = 0; i < n; i++) {
		if (has_subquery(list[i])) {
			if (avoids(b, right, list[i])) {
				if (kind == JOIN_RIGHT ? !filter_rel(b, &left, list[i]) : !unnest(b, &left, &list[i]))
					return false;
				if (kind == JOIN_RIGHT)
					continue;
			} else if (kind == JOIN_LEFT || kind == JOIN_RIGHT) {
				/* the optional side filtered, maybe per row of the other one */
				if (!filter_rel(b, kind == JOIN_LEFT ? &right : &left, list[i]))
					return false;
				continue;
			} else if (!unnest(b, &right, &list[i])) {
				return false;
			}
		}
		keep[nkeep++] = list[i];
	}
	if (kind == JOIN_RIGHT)
		return dependent_join(b, JOIN_LEFT, right, left, expr_and(b->m, keep, nkeep), false, pos, out);
	return dependent_join(b, kind, left, right, expr_and(b->m, keep, nkeep), false, pos, out);
}

static bool bind_item(struct binder *b, struct scope *s, const struct ast *node, struct ns_list *left, struct rel **rel,
					  struct ns_list *out)
{
	if (node->kind == AST_TABLE_REF)
		return bind_table_ref(b, s, node, rel, out);
	if (node->kind == AST_SUBQUERY_REF)
		return bind_subquery_ref(b, s, node, left, rel, out);
	if (node->kind == AST_FUNC_REF)
		return bind_func_ref(b, s, node, left, rel, out);
	if (node->kind == AST_JOIN)
		return bind_join(b, s, node, left, rel, out);
	return err_at(b->e, at(b, node), ERR_FEATURE_NOT_SUPPORTED, "%s is not supported in FROM", ast_kind_name(node->kind));
}

bool bind_from(struct binder *b, struct scope *s, const struct ast_list *from, struct rel **rel)
{
	*rel = NULL;
	for (uint32_t i = 0; i < from->count; i++) {
		struct ns_list item = {0};
		struct rel *r;
		if (!bind_item(b, s, from->items[i], &s->ns, &r, &item))
			return false;
		for (size_t k = 0; k < item.count; k++) {
			if (!push_item(b, &s->ns, item.items[k], at(b, from->items[i])))
				return false;
			scope_own(b, s, item.items[k]);
		}
		if (!*rel)
			*rel = r;
		else if (!dependent_join(b, JOIN_INNER, *rel, r, NULL, false, at(b, from->items[i]), rel))
			return false;
	}
	return true;
}
