/*
 * Predicate pushdown, top-down: conditions gathered above a node go below it where SQL allows, at last into
 * scans. On the way: outer joins whose null-extended rows a condition rejects become inner (strict.c), and
 * what equalities imply is added (equal.c).
 *
 * A guard's filter stays first: only leak-proof conditions may pass or join it, and none passes a mask
 * unless it reads unmasked columns only. Volatile conditions stay where they are written.
 */
#include "engine/optimize/push.h"

void conditions_add(struct optimizer *o, struct conditions *c, struct expr *e)
{
	struct expr **list;
	uint32_t n = expr_conjuncts(o->m, e, &list);

	for (uint32_t i = 0; i < n; i++) {
		bool known = false, value;
		if (is_const_bool(list[i], &value) && value)
			continue;
		for (size_t k = 0; k < c->n && c->n < 1000 && !known; k++)
			known = expr_equal(c->list[k], list[i]);
		if (!known || expr_volatility(list[i]) == FUNC_VOLATILE)
			MEM_PUSH(o->m, c->list, c->n, c->cap, list[i]);
	}
}

static bool is_movable(const struct expr *e)
{
	return expr_volatility(e) != FUNC_VOLATILE;
}

static bool reads_only(struct optimizer *o, const struct expr *e, const struct rel *r)
{
	struct idset made = {0, NULL}, used = {0, NULL};

	rel_out_ids(r, &made, o->m);
	expr_columns(e, &used, o->m);
	return idset_covers(&made, &used);
}

static struct rel *filtered(struct optimizer *o, struct rel *r, const struct conditions *c)
{
	return make_filter(o, r, c->list, (uint32_t)c->n);
}

static struct rel *push(struct optimizer *o, struct rel *r, struct conditions *c);

static struct rel *push_plain(struct optimizer *o, struct rel *r)
{
	struct conditions none = {0};

	return push(o, r, &none);
}

/* ---- leaves and guards ---- */

static struct rel *push_scan(struct optimizer *o, struct rel *r, const struct conditions *c)
{
	bool guarded = r->scan.guard->row_condition != NULL;
	struct conditions in = {0}, above = {0};
	struct rel *s;

	if (r->scan.predicate)
		conditions_add(o, &in, r->scan.predicate);
	for (size_t i = 0; i < c->n; i++) {
		bool stays = !is_movable(c->list[i]) || (guarded && !expr_is_leak_proof(c->list[i]));
		conditions_add(o, stays ? &above : &in, c->list[i]);
	}
	s = rel_copy_node(o->m, r);
	s->scan.predicate = expr_and(o->m, in.list, (uint32_t)in.n);
	return filtered(o, s, &above);
}

/* The guard's own filter: it goes into the scan before anything else does. */
static struct rel *push_guard_filter(struct optimizer *o, struct rel *r, struct conditions *c)
{
	struct rel *scan = rel_copy_node(o->m, r->in[0]);

	scan->scan.predicate = r->filter.predicate;
	return push_scan(o, scan, c);
}

/* ---- nodes of one input ---- */

static bool passes_mask(const struct rel *r, const struct expr *e, struct optimizer *o)
{
	struct idset used = {0, NULL};

	expr_columns(e, &used, o->m);
	for (uint32_t i = 0; i < r->ncols; i++)
		if (idset_has(&used, r->cols[i].id) && r->project.exprs[i]->kind != EXPR_COLUMN)
			return false;
	return true;
}

static bool reads_volatile(const struct rel *r, const struct expr *e, struct optimizer *o)
{
	struct idset used = {0, NULL};

	expr_columns(e, &used, o->m);
	for (uint32_t i = 0; i < r->ncols; i++)
		if (idset_has(&used, r->cols[i].id) &&
			(expr_volatility(r->project.exprs[i]) == FUNC_VOLATILE || expr_has_subquery(r->project.exprs[i])))
			return true;
	return false;
}

static struct rel *push_project(struct optimizer *o, struct rel *r, struct conditions *c)
{
	struct conditions below = {0}, above = {0};
	bool guard = is_guard_node(r);

	r = rel_copy_node(o->m, r);
	for (size_t i = 0; i < c->n; i++) {
		struct expr *e = c->list[i];
		if (r->is_barrier || !is_movable(e) || reads_volatile(r, e, o) || (guard && !passes_mask(r, e, o)))
			conditions_add(o, &above, e);
		else
			conditions_add(o, &below, fold_expr(o, substitute(o, e, r, r->project.exprs)));
	}
	r->in[0] = push(o, r->in[0], &below);
	return filtered(o, r, &above);
}

static bool in_all_sets(const struct rel *r, uint32_t group)
{
	for (uint32_t s = 0; s < r->agg.nsets; s++)
		if (!idset_has(&r->agg.sets[s], group))
			return false;
	return true;
}

/* Only columns that are groups in every row. */
static bool reads_groups(struct optimizer *o, const struct rel *r, const struct expr *e)
{
	struct idset used = {0, NULL}, groups = {0, NULL};

	expr_columns(e, &used, o->m);
	for (uint32_t i = 0; i < r->agg.ngroups; i++)
		if (in_all_sets(r, i))
			idset_add(&groups, r->cols[i].id, o->m);
	return !idset_is_empty(&used) && idset_covers(&groups, &used);
}

static struct rel *push_aggregate(struct optimizer *o, struct rel *r, struct conditions *c)
{
	struct conditions below = {0}, above = {0};
	struct rel groups;

	r = rel_copy_node(o->m, r);
	groups = *r;
	groups.ncols = r->agg.ngroups;
	for (size_t i = 0; i < c->n; i++) {
		if (!is_movable(c->list[i]) || !reads_groups(o, r, c->list[i]))
			conditions_add(o, &above, c->list[i]);
		else
			conditions_add(o, &below, substitute(o, c->list[i], &groups, r->agg.groups));
	}
	r->in[0] = push(o, r->in[0], &below);
	return filtered(o, r, &above);
}

/* Columns that every window call partitions by. */
static void partition_columns(struct optimizer *o, const struct rel *r, struct idset *out)
{
	for (uint32_t k = 0; k < r->in[0]->ncols; k++) {
		bool all = true;
		for (uint32_t i = 0; i < r->window.ncalls && all; i++) {
			const struct window_spec *w = r->window.calls[i]->window.spec;
			bool here = false;
			for (uint32_t p = 0; p < w->npartition; p++)
				here |= w->partition[p]->kind == EXPR_COLUMN && w->partition[p]->column == r->in[0]->cols[k].id;
			all = here;
		}
		if (all)
			idset_add(out, r->in[0]->cols[k].id, o->m);
	}
}

static struct rel *push_window(struct optimizer *o, struct rel *r, struct conditions *c)
{
	struct conditions below = {0}, above = {0};
	struct idset partition = {0, NULL};

	r = rel_copy_node(o->m, r);
	partition_columns(o, r, &partition);
	for (size_t i = 0; i < c->n; i++) {
		struct idset used = {0, NULL};
		expr_columns(c->list[i], &used, o->m);
		conditions_add(o, is_movable(c->list[i]) && !idset_is_empty(&used) && idset_covers(&partition, &used) ? &below : &above,
					   c->list[i]);
	}
	r->in[0] = push(o, r->in[0], &below);
	refresh_cols(o->m, r);
	return filtered(o, r, &above);
}

/* What looks at the input's columns alone goes below. */
static struct rel *push_table_fn(struct optimizer *o, struct rel *r, struct conditions *c)
{
	struct conditions below = {0}, above = {0};
	struct idset made = {0, NULL};

	r = rel_copy_node(o->m, r);
	for (uint32_t i = r->ncols - rel_table_columns(r); i < r->ncols; i++)
		idset_add(&made, r->cols[i].id, o->m);
	for (size_t i = 0; i < c->n; i++) {
		struct idset used = {0, NULL};
		expr_columns(c->list[i], &used, o->m);
		conditions_add(o, is_movable(c->list[i]) && !idset_meets(&made, &used) ? &below : &above, c->list[i]);
	}
	r->in[0] = push(o, r->in[0], &below);
	refresh_cols(o->m, r);
	return filtered(o, r, &above);
}

static struct rel *push_setop(struct optimizer *o, struct rel *r, struct conditions *c)
{
	struct conditions above = {0};

	r = rel_copy_node(o->m, r);
	for (uint32_t k = 0; k < r->nin; k++) {
		struct conditions below = {0};
		struct expr **cols = mem_new_array(o->m, struct expr *, r->ncols + 1);
		for (uint32_t i = 0; i < r->ncols; i++)
			cols[i] = expr_column(o->m, r->in[k]->cols[i].id, r->in[k]->cols[i].type, -1);
		for (size_t i = 0; i < c->n; i++)
			if (is_movable(c->list[i]) && !r->setop.recursion)
				conditions_add(o, &below, substitute(o, c->list[i], r, cols));
		r->in[k] = push(o, r->in[k], &below);
	}
	for (size_t i = 0; i < c->n; i++)
		if (!is_movable(c->list[i]) || r->setop.recursion)
			conditions_add(o, &above, c->list[i]);
	return filtered(o, r, &above);
}

/* Through a node that passes all of its input's columns on. */
static struct rel *push_through(struct optimizer *o, struct rel *r, struct conditions *c)
{
	struct conditions below = {0}, above = {0};

	r = rel_copy_node(o->m, r);
	for (size_t i = 0; i < c->n; i++)
		conditions_add(o, is_movable(c->list[i]) ? &below : &above, c->list[i]);
	r->in[0] = push(o, r->in[0], &below);
	for (uint32_t i = 1; i < r->nin; i++)
		r->in[i] = push_plain(o, r->in[i]);
	refresh_cols(o->m, r);
	return filtered(o, r, &above);
}

/* ---- joins ---- */

struct join_push {
	struct optimizer *o;
	struct rel *r;
	struct conditions left, right, on, above;
};

/* Sorts a condition that holds for pairs (of the ON, or from above an inner join). */
static void place_on(struct join_push *j, struct expr *e, bool to_left, bool to_right)
{
	bool movable = is_movable(e);

	if (movable && to_left && reads_only(j->o, e, j->r->in[0]))
		conditions_add(j->o, &j->left, e);
	else if (movable && to_right && reads_only(j->o, e, j->r->in[1]))
		conditions_add(j->o, &j->right, e);
	else
		conditions_add(j->o, &j->on, e);
}

static void split_join(struct join_push *j, const struct conditions *c)
{
	enum join_kind kind = j->r->join.kind;
	bool on_left = kind == JOIN_INNER || kind == JOIN_SEMI || kind == JOIN_RIGHT;
	bool on_right = kind != JOIN_RIGHT && kind != JOIN_FULL && !j->r->join.null_aware;
	bool above_left = kind != JOIN_RIGHT && kind != JOIN_FULL;
	bool above_right = kind == JOIN_RIGHT;
	struct expr **list;
	uint32_t n = expr_conjuncts(j->o->m, j->r->join.condition, &list);

	for (size_t i = 0; i < c->n; i++) {
		struct expr *e = c->list[i];
		if (kind == JOIN_INNER && is_movable(e))
			place_on(j, e, true, true);
		else if (is_movable(e) && above_left && reads_only(j->o, e, j->r->in[0]))
			conditions_add(j->o, &j->left, e);
		else if (is_movable(e) && above_right && reads_only(j->o, e, j->r->in[1]))
			conditions_add(j->o, &j->right, e);
		else
			conditions_add(j->o, &j->above, e);
	}
	for (uint32_t i = 0; i < n; i++)
		place_on(j, list[i], on_left, on_right);
}

/* Conditions of the one side, carried over the join's equalities to the other. */
static void imply_across(struct join_push *j)
{
	enum join_kind kind = j->r->join.kind;
	struct conditions all = {0};
	size_t known;

	if (kind == JOIN_FULL || j->r->join.null_aware)
		return;
	for (size_t i = 0; i < j->left.n; i++)
		conditions_add(j->o, &all, j->left.list[i]);
	for (size_t i = 0; i < j->right.n; i++)
		conditions_add(j->o, &all, j->right.list[i]);
	for (size_t i = 0; i < j->on.n; i++)
		conditions_add(j->o, &all, j->on.list[i]);
	known = all.n;
	imply_constants(j->o, &all);
	for (size_t i = known; i < all.n; i++) {
		/* narrowing the null-extended side changes nothing: those rows could not match */
		bool left = kind == JOIN_INNER || kind == JOIN_SEMI || kind == JOIN_RIGHT;
		bool right = kind != JOIN_RIGHT;
		if (left && reads_only(j->o, all.list[i], j->r->in[0]))
			conditions_add(j->o, &j->left, all.list[i]);
		else if (right && reads_only(j->o, all.list[i], j->r->in[1]))
			conditions_add(j->o, &j->right, all.list[i]);
	}
}

/* What an OR over both sides says of one: the OR of each arm's own conjuncts of that side, when every arm has
 * some. It is weaker than the OR, which stays. */
static void imply_from_or(struct join_push *j, struct expr *e, const struct rel *side, struct conditions *out)
{
	struct expr **arms, *implied;

	if (e->kind != EXPR_OR || e->nargs > 20 || !is_movable(e))
		return;
	arms = mem_new_array(j->o->m, struct expr *, e->nargs);
	for (uint32_t i = 0; i < e->nargs; i++) {
		struct expr **list, **keep;
		uint32_t n = expr_conjuncts(j->o->m, e->args[i], &list), nkeep = 0;
		keep = mem_new_array(j->o->m, struct expr *, n + 1);
		for (uint32_t k = 0; k < n; k++)
			if (reads_only(j->o, list[k], side) && !expr_is_constant(list[k]) && !expr_has_subquery(list[k]))
				keep[nkeep++] = list[k];
		if (!nkeep)
			return;
		arms[i] = expr_and(j->o->m, keep, nkeep);
	}
	implied = expr_new(j->o->m, EXPR_OR, e->type, e->nargs, -1);
	memcpy(implied->args, arms, e->nargs * sizeof *arms);
	conditions_add(j->o, out, implied);
}

static void imply_from_ors(struct join_push *j)
{
	enum join_kind kind = j->r->join.kind;

	if (kind == JOIN_FULL || j->r->join.null_aware)
		return;
	for (size_t i = 0; i < j->on.n; i++) {
		if (kind == JOIN_INNER || kind == JOIN_SEMI || kind == JOIN_RIGHT)
			imply_from_or(j, j->on.list[i], j->r->in[0], &j->left);
		if (kind != JOIN_RIGHT)
			imply_from_or(j, j->on.list[i], j->r->in[1], &j->right);
	}
}

static struct rel *push_join(struct optimizer *o, struct rel *r, struct conditions *c)
{
	struct join_push j = {.o = o, .r = rel_copy_node(o->m, r)};
	struct idset left = {0, NULL}, right = {0, NULL};

	r = j.r;
	rel_out_ids(r->in[0], &left, o->m);
	rel_out_ids(r->in[1], &right, o->m);
	r->join.kind = strengthen_join(o, r->join.kind, &left, &right, c);
	split_join(&j, c);
	imply_across(&j);
	imply_from_ors(&j);
	r->in[0] = push(o, r->in[0], &j.left);
	r->in[1] = push(o, r->in[1], &j.right);
	r->join.condition = expr_and(o->m, j.on.list, (uint32_t)j.on.n);
	refresh_cols(o->m, r);
	return filtered(o, r, &j.above);
}

static struct rel *push(struct optimizer *o, struct rel *r, struct conditions *c)
{
	switch (r->kind) {
	case REL_FILTER:
		if (is_guard_node(r))
			return push_guard_filter(o, r, c);
		conditions_add(o, c, r->filter.predicate);
		return push(o, r->in[0], c);
	case REL_SCAN:
		return push_scan(o, r, c);
	case REL_PROJECT:
		return push_project(o, r, c);
	case REL_AGGREGATE:
		return push_aggregate(o, r, c);
	case REL_WINDOW:
		return push_window(o, r, c);
	case REL_TABLE_FN:
		return push_table_fn(o, r, c);
	case REL_SETOP:
		return push_setop(o, r, c);
	case REL_JOIN:
		return push_join(o, r, c);
	case REL_CTE:
		return push_through(o, r, c);
	case REL_SORT:
		if (r->sort.limit < 0)
			return push_through(o, r, c);
		FALLTHROUGH;
	case REL_LIMIT:
	case REL_SINGLE:
		r = rel_copy_node(o->m, r);
		r->in[0] = push_plain(o, r->in[0]);
		refresh_cols(o->m, r);
		return filtered(o, r, c);
	case REL_VIRTUAL:
	case REL_VALUES:
	case REL_CTE_SCAN:
	case REL_REMOTE:
	case REL_EMPTY:
		return filtered(o, r, c);
	}
	UNREACHABLE();
}

static struct rel *push_root(struct optimizer *o, struct rel *r, bool is_main)
{
	(void)is_main;
	return push_plain(o, r);
}

bool pass_push_predicates(struct optimizer *o)
{
	each_root(o, push_root);
	o->p->root = refresh_tree(o, o->p->root);
	return true;
}
