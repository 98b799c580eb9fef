/*
 * GROUP BY, grouping sets, aggregates: from expressions with EXPR_AGG inside to REL_AGGREGATE and
 * expressions over its columns; what is neither grouped, aggregated nor determined by a grouped primary
 * key is 42803.
 */
#include "engine/bind/bind_int.h"

#define MAX_GROUPING_SETS 4096

/* Stands for GROUPING(…) between binding and grouping. */
static const struct func grouping_marker = {.name = "grouping", .kind = FUNC_SCALAR};

bool bind_grouping_call(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	const struct ast_grouping_call *g = AST_AS(GROUPING_CALL, grouping_call, node);
	struct expr *e = expr_new(b->m, EXPR_CALL, type_make(TYPE_INT4), g->args.count, at(b, node));

	if (s->clause != CLAUSE_TARGET && s->clause != CLAUSE_HAVING && s->clause != CLAUSE_ORDER_BY &&
		s->clause != CLAUSE_WINDOW)
		return err_at(b->e, at(b, node), ERR_GROUPING_ERROR, "grouping operations are not allowed in %s",
					  clause_name(s->clause));
	if (g->args.count > 31)
		return err_at(b->e, at(b, node), ERR_TOO_MANY_ARGUMENTS, "GROUPING must have fewer than 32 arguments");
	e->fn = &grouping_marker;
	for (uint32_t i = 0; i < g->args.count; i++)
		if (!bind_expr(b, s, g->args.items[i], &e->args[i]) || !coerce_unknown(b, &e->args[i]))
			return false;
	s->has_aggregates = true;
	*out = e;
	return true;
}

/* ---- GROUP BY ---- */

struct sets {
	struct idset *list;
	size_t count, cap;
};

static enum walk aggregate_step(const struct expr *e, void *arg)
{
	*(bool *)arg |= e->kind == EXPR_AGG;
	return WALK_ON;
}

static bool has_aggregate(const struct expr *e)
{
	bool has = false;

	expr_walk(e, aggregate_step, &has);
	return has;
}

static bool group_expr(struct binder *b, struct select_state *q, const struct ast *node, uint32_t *out)
{
	struct expr *e;
	int64_t target;

	if (!find_target(b, q, node, CLAUSE_GROUP_BY, &target))
		return false;
	if (target >= 0) {
		e = q->targets.items[target].value;
		if (has_aggregate(e))
			return err_at(b->e, e->pos, ERR_GROUPING_ERROR, "aggregate functions are not allowed in GROUP BY");
	} else {
		q->scope->clause = CLAUSE_GROUP_BY;
		if (!bind_expr(b, q->scope, node, &e) || !coerce_unknown(b, &e))
			return false;
	}
	for (size_t i = 0; i < q->ngroups; i++)
		if (q->group_exprs[i] == e || (e->kind != EXPR_CONST && expr_equal(q->group_exprs[i], e))) {
			*out = (uint32_t)i;
			return true;
		}
	if (e->type.id == TYPE_JSON)
		return err_at(b->e, at(b, node), ERR_UNDEFINED_FUNCTION, "could not identify an equality operator for type json");
	if (!type_same(e->type, collated_type(e)) || e->type.scale != collated_type(e).scale) {
		e = mem_dup(b->m, e, sizeof *e);
		e->type = collated_type(e);
	}
	*out = (uint32_t)q->ngroups;
	MEM_PUSH(b->m, q->group_exprs, q->ngroups, q->groups_cap, e);
	return true;
}

static bool add_set(struct binder *b, struct sets *sets, struct idset set, int pos)
{
	if (sets->count >= MAX_GROUPING_SETS)
		return err_at(b->e, pos, ERR_STATEMENT_TOO_COMPLEX, "too many grouping sets present (maximum %d)",
					  MAX_GROUPING_SETS);
	MEM_PUSH(b->m, sets->list, sets->count, sets->cap, set);
	return true;
}

/* An expression, or a row of them, as one set. */
static bool plain_set(struct binder *b, struct select_state *q, const struct ast *node, struct idset *set)
{
	uint32_t g;

	if (node->kind == AST_ROW && !AST_AS(ROW, row, node)->explicit) {
		const struct ast_row *row = AST_AS(ROW, row, node);
		for (uint32_t i = 0; i < row->items.count; i++)
			if (!plain_set(b, q, row->items.items[i], set))
				return false;
		return true;
	}
	if (!group_expr(b, q, node, &g))
		return false;
	idset_add(set, g, b->m);
	return true;
}

static struct idset union_of(struct binder *b, const struct idset *list, uint32_t mask, uint32_t n)
{
	struct idset u = {0, NULL};

	for (uint32_t i = 0; i < n; i++)
		if (mask >> i & 1)
			idset_add_all(&u, &list[i], b->m);
	return u;
}

static bool item_sets(struct binder *b, struct select_state *q, const struct ast *node, struct sets *out)
{
	const struct ast_grouping *g;
	struct idset *parts, one = {0, NULL};
	uint32_t n;
	int pos = at(b, node);

	if (node->kind != AST_GROUPING)
		return plain_set(b, q, node, &one) && add_set(b, out, one, pos);
	g = AST_AS(GROUPING, grouping, node);
	n = g->items.count;
	q->has_sets = true;
	if (g->type == AST_GROUPING_EMPTY)
		return add_set(b, out, one, pos);
	if (g->type == AST_GROUPING_SETS) {
		for (uint32_t i = 0; i < n; i++)
			if (!item_sets(b, q, g->items.items[i], out))
				return false;
		return true;
	}
	if (g->type == AST_GROUPING_CUBE && n > 12)
		return err_at(b->e, pos, ERR_TOO_MANY_COLUMNS, "CUBE is limited to 12 elements");
	if (n > 31)
		return err_at(b->e, pos, ERR_TOO_MANY_COLUMNS, "ROLLUP is limited to 31 elements");
	parts = mem_new_array(b->m, struct idset, n + 1);
	for (uint32_t i = 0; i < n; i++)
		if (!plain_set(b, q, g->items.items[i], &parts[i]))
			return false;
	if (g->type == AST_GROUPING_ROLLUP) {
		for (uint32_t i = n + 1; i-- > 0;)
			if (!add_set(b, out, union_of(b, parts, (uint32_t)((UINT64_C(1) << i) - 1), n), pos))
				return false;
		return true;
	}
	for (uint32_t mask = 1u << n; mask-- > 0;)
		if (!add_set(b, out, union_of(b, parts, mask, n), pos))
			return false;
	return true;
}

static bool cross_sets(struct binder *b, const struct sets *left, const struct sets *right, int pos, struct sets *out)
{
	struct sets product = {0};

	for (size_t i = 0; i < left->count; i++)
		for (size_t k = 0; k < right->count; k++) {
			struct idset u = {0, NULL};
			idset_add_all(&u, &left->list[i], b->m);
			idset_add_all(&u, &right->list[k], b->m);
			if (!add_set(b, &product, u, pos))
				return false;
		}
	*out = product;
	return true;
}

static bool same_set(const struct idset *a, const struct idset *b)
{
	return idset_covers(a, b) && idset_covers(b, a);
}

static void drop_duplicates(struct sets *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++) {
		bool seen = false;
		for (size_t k = 0; k < n; k++)
			seen |= same_set(&s->list[k], &s->list[i]);
		if (!seen)
			s->list[n++] = s->list[i];
	}
	s->count = n;
}

bool bind_group_by(struct binder *b, struct select_state *q)
{
	const struct ast_list *list = &q->node->group_by;
	struct sets all = {0};
	struct idset none = {0, NULL};

	if (!add_set(b, &all, none, -1))
		return false;
	for (uint32_t i = 0; i < list->count; i++) {
		struct sets one = {0};
		if (!item_sets(b, q, list->items[i], &one) || !cross_sets(b, &all, &one, at(b, list->items[i]), &all))
			return false;
	}
	if (q->node->group_distinct)
		drop_duplicates(&all);
	if (!q->has_sets)
		return true;
	if (q->ngroups > 31)
		return not_supported(b, at(b, &q->node->base), "a grouping set over more than 31 expressions");
	q->sets = all.list;
	q->nsets = all.count;
	/* one set of everything is a plain GROUP BY */
	if (q->nsets == 1) {
		uint32_t covered = 0;
		for (uint32_t i = 0; i < q->ngroups; i++)
			covered += idset_has(&q->sets[0], i);
		if (covered == q->ngroups)
			q->has_sets = false;
	}
	return true;
}

/* ---- putting REL_AGGREGATE in ---- */

struct grouper {
	struct binder *b;
	struct select_state *q;
	uint32_t *group_ids;      /* per group expression */
	struct expr **keys;       /* what is grouped by in place of a text whose collation holds others equal; else NULL */
	size_t nkeys;
	size_t ids_cap, nids;
	struct expr **aggs;
	uint32_t *agg_ids;
	size_t naggs, aggs_cap, agg_ids_n, agg_ids_cap;
	uint32_t bitmap_id;       /* 0 until GROUPING needs it */
	int in_subquery;
	bool failed;
};

static struct expr *group_column(struct grouper *g, size_t i, int pos)
{
	return expr_column(g->b->m, g->group_ids[i], g->q->group_exprs[i]->type, pos);
}

static struct expr *aggregate_column(struct grouper *g, struct expr *e)
{
	size_t i;

	for (i = 0; i < g->naggs; i++)
		if (expr_equal(g->aggs[i], e))
			break;
	if (i == g->naggs) {
		MEM_PUSH(g->b->m, g->aggs, g->naggs, g->aggs_cap, e);
		MEM_PUSH(g->b->m, g->agg_ids, g->agg_ids_n, g->agg_ids_cap, plan_new_id(g->b->p));
	}
	return expr_column(g->b->m, g->agg_ids[i], e->type, e->pos);
}

/* The value of group expression i: its column, or where a key is grouped by, one of the group's texts. */
static struct expr *group_value(struct grouper *g, size_t i, int pos)
{
	struct expr *column = group_column(g, i, pos), *agg, *value, *null;

	if (i >= g->nkeys || !g->keys[i])
		return column;
	column->type = g->keys[i]->type;
	if (!collated_representative(g->b, g->q->group_exprs[i], &agg, NULL, NULL) ||
		!collated_representative(g->b, g->q->group_exprs[i], NULL, &value, aggregate_column(g, agg))) {
		g->failed = true;
		return column;
	}
	null = expr_new(g->b->m, EXPR_IS_NULL, type_make(TYPE_BOOL), 1, -1);
	null->args[0] = column; /* as outside of its grouping sets */
	agg = expr_new(g->b->m, EXPR_CASE, value->type, 3, pos);
	agg->args[0] = null;
	agg->args[1] = expr_const(g->b->m, value_null(value->type), -1);
	agg->args[2] = value;
	return agg;
}

/* GROUPING(a, b) by cases of the node's bitmap. */
static struct expr *grouping_value(struct grouper *g, const struct expr *e)
{
	struct binder *b = g->b;
	uint32_t n = (uint32_t)g->q->nsets;
	uint32_t *which = mem_new_array(b->m, uint32_t, e->nargs + 1);
	struct expr *c;

	for (uint32_t i = 0; i < e->nargs; i++) {
		size_t k = 0;
		while (k < g->q->ngroups && !expr_equal(g->q->group_exprs[k], e->args[i]))
			k++;
		if (k == g->q->ngroups) {
			g->failed = true;
			err_at(b->e, e->args[i]->pos, ERR_GROUPING_ERROR,
				   "arguments to GROUPING must be grouping expressions of the associated query level");
			return (struct expr *)e;
		}
		which[i] = (uint32_t)k;
	}
	if (!g->q->has_sets)
		return expr_const(b->m, value_int4(0), e->pos);
	if (!g->bitmap_id)
		g->bitmap_id = plan_new_id(b->p);
	c = expr_new(b->m, EXPR_CASE, type_make(TYPE_INT4), 2 * n + 1, e->pos);
	for (uint32_t s = 0; s < n; s++) {
		struct expr *in = expr_new(b->m, EXPR_IN, type_make(TYPE_BOOL), 2, -1);
		int32_t bitmap = 0, value = 0;
		for (uint32_t k = 0; k < g->q->ngroups; k++)
			if (!idset_has(&g->q->sets[s], k))
				bitmap |= (int32_t)(1u << k);
		for (uint32_t i = 0; i < e->nargs; i++)
			value = value * 2 + !idset_has(&g->q->sets[s], which[i]);
		in->args[0] = expr_column(b->m, g->bitmap_id, type_make(TYPE_INT4), -1);
		in->args[1] = expr_const(b->m, value_int4(bitmap), -1);
		c->args[2 * s] = in;
		c->args[2 * s + 1] = expr_const(b->m, value_int4(value), -1);
	}
	c->args[2 * n] = expr_const(b->m, value_null(type_make(TYPE_INT4)), -1);
	return c;
}

static size_t find_group(const struct grouper *g, const struct expr *e)
{
	/* a constant is NULL outside of its grouping sets only where it is the very item that is grouped */
	for (size_t i = 0; i < g->q->ngroups; i++)
		if (e->kind == EXPR_CONST ? g->q->has_sets && g->q->group_exprs[i] == e : expr_equal(g->q->group_exprs[i], e))
			return i;
	return SIZE_MAX;
}

/* All of the table's primary key is grouped by, so each of its columns has one value in a group. */
static bool is_determined(struct grouper *g, const struct column_info *info)
{
	const struct catalog_table *t = info->item ? info->item->table : NULL;

	if (!t || g->q->has_sets || info->column.table != t)
		return false;
	for (uint32_t k = 0; k < t->nkeys; k++) {
		uint32_t hits = 0;
		if (t->keys[k].kind != KEY_PRIMARY)
			continue;
		for (uint32_t c = 0; c < t->keys[k].ncols; c++)
			for (size_t i = 0; i < g->q->ngroups; i++) {
				const struct expr *x = g->q->group_exprs[i];
				const struct column_info *other = x->kind == EXPR_COLUMN ? column_info(g->b, x->column) : NULL;
				if (other && other->item == info->item && other->column.table == t &&
					other->column.table_column == t->keys[k].cols[c]) {
					hits++;
					break;
				}
			}
		if (hits == t->keys[k].ncols)
			return true;
	}
	return false;
}

static struct expr *ungrouped(struct grouper *g, struct expr *e, const struct column_info *info)
{
	const char *item = info->item && info->item->name ? info->item->name : NULL;
	const char *name = item ? mem_printf(g->b->m, "%s.%s", item, info->name) : info->name;

	if (is_determined(g, info)) {
		MEM_PUSH(g->b->m, g->q->group_exprs, g->q->ngroups, g->q->groups_cap, e);
		MEM_PUSH(g->b->m, g->group_ids, g->nids, g->ids_cap, plan_new_id(g->b->p));
		return group_column(g, g->q->ngroups - 1, e->pos);
	}
	if (!g->failed && g->in_subquery)
		err_at(g->b->e, e->pos, ERR_GROUPING_ERROR, "subquery uses ungrouped column \"%s\" from outer query", name);
	else if (!g->failed)
		err_at(g->b->e, e->pos, ERR_GROUPING_ERROR,
			   "column \"%s\" must appear in the GROUP BY clause or be used in an aggregate function", name);
	g->failed = true;
	return e;
}

static struct expr *group_step(struct expr *e, void *arg)
{
	struct grouper *g = arg;
	size_t at_group;

	if (g->failed)
		return e;
	if (e->kind == EXPR_AGG)
		return e->agg.owner == g->q->scope ? aggregate_column(g, e) : NULL;
	if (e->kind == EXPR_CALL && e->fn == &grouping_marker)
		return grouping_value(g, e);
	at_group = find_group(g, e);
	if (at_group != SIZE_MAX)
		return group_value(g, at_group, e->pos);
	if (e->kind == EXPR_COLUMN) {
		const struct column_info *info = column_info(g->b, e->column);
		return info->owner == g->q->scope ? ungrouped(g, e, info) : e;
	}
	if (e->kind == EXPR_SUBQUERY) {
		struct expr *c = mem_dup(g->b->m, e, sizeof *e);
		if (e->nargs)
			c->args = mem_dup(g->b->m, e->args, e->nargs * sizeof *e->args);
		for (uint32_t i = 0; i < e->nargs; i++)
			c->args[i] = expr_replace(g->b, e->args[i], group_step, g);
		g->in_subquery++;
		c->sub.rel = rel_replace(g->b, e->sub.rel, group_step, g);
		g->in_subquery--;
		return c;
	}
	return NULL;
}

static struct rel *aggregate_rel(struct grouper *g)
{
	struct binder *b = g->b;
	struct select_state *q = g->q;
	struct rel *r = rel_new(b->m, REL_AGGREGATE, 1);
	uint32_t n = 0;

	r->in[0] = q->rel;
	r->agg.ngroups = (uint32_t)q->ngroups;
	r->agg.groups = mem_new_array(b->m, struct expr *, q->ngroups + 1);
	for (size_t i = 0; i < q->ngroups; i++)
		r->agg.groups[i] = i < g->nkeys && g->keys[i] ? g->keys[i] : collate_unmarked(q->group_exprs[i]);
	r->agg.naggs = (uint32_t)g->naggs;
	r->agg.aggs = g->aggs;
	r->agg.nsets = q->has_sets ? (uint32_t)q->nsets : 0;
	r->agg.sets = q->has_sets ? q->sets : NULL;
	r->agg.has_grouping = g->bitmap_id != 0;
	r->cols = mem_new_array(b->m, struct column, q->ngroups + g->naggs + 1);
	for (size_t i = 0; i < q->ngroups; i++) {
		const struct expr *x = i < g->nkeys && g->keys[i] ? g->keys[i] : q->group_exprs[i];
		struct column *c = &r->cols[n++];
		if (x->kind == EXPR_COLUMN)
			*c = column_info(b, x->column)->column;
		if (x->kind == EXPR_COLUMN && !c->name)
			c->name = column_info(b, x->column)->name;
		for (uint32_t k = 0; x->kind == EXPR_COLUMN && k < q->rel->ncols; k++)
			if (q->rel->cols[k].id == x->column)
				c->not_null = q->rel->cols[k].not_null && !q->has_sets;
		c->id = g->group_ids[i];
		c->type = x->type;
		if (!c->name)
			c->name = "group";
	}
	for (size_t i = 0; i < g->naggs; i++)
		r->cols[n++] = (struct column){.id = g->agg_ids[i], .name = g->aggs[i]->agg.fn->name, .type = g->aggs[i]->type,
			.not_null = strcmp(g->aggs[i]->agg.fn->name, "count") == 0};
	if (g->bitmap_id)
		r->cols[n++] = (struct column){.id = g->bitmap_id, .name = "grouping", .type = type_make(TYPE_INT4), .not_null = true};
	r->ncols = n;
	return r;
}

/* Subqueries inside group expressions and aggregates are joined below the aggregation. */
static bool unnest_below(struct binder *b, struct grouper *g)
{
	for (size_t i = 0; i < g->q->ngroups; i++)
		if (!unnest(b, &g->q->rel, i < g->nkeys && g->keys[i] ? &g->keys[i] : &g->q->group_exprs[i]))
			return false;
	for (size_t i = 0; i < g->naggs; i++)
		if (!unnest_aggregate(b, &g->q->rel, &g->aggs[i]))
			return false;
	return true;
}

bool apply_grouping(struct binder *b, struct select_state *q)
{
	struct grouper g = {.b = b, .q = q};

	g.keys = mem_new_array(b->m, struct expr *, q->ngroups + 1);
	g.nkeys = q->ngroups;
	for (size_t i = 0; i < q->ngroups; i++) {
		struct expr *key = q->group_exprs[i];
		bool changed;
		MEM_PUSH(b->m, g.group_ids, g.nids, g.ids_cap, plan_new_id(b->p));
		if (!collate_equality(b, &key, &changed))
			return false;
		g.keys[i] = changed ? key : NULL;
	}
	for (size_t i = 0; i < q->targets.count; i++)
		q->targets.items[i].value = expr_replace(b, q->targets.items[i].value, group_step, &g);
	if (q->having)
		q->having = expr_replace(b, q->having, group_step, &g);
	if (g.failed || !unnest_below(b, &g))
		return false;
	/* HAVING alone: one row, whatever the input */
	q->rel = q->ngroups || g.naggs || q->has_sets ? aggregate_rel(&g) : single_row(b);
	return !q->having || filter_rel(b, &q->rel, q->having);
}
