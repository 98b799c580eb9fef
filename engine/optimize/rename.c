/*
 * Projections that only rename or leave out columns go away: what is above reads the columns by their old
 * ids. So the joins of a view or a subquery in FROM come beside those of the query, and join order sees them
 * all. Not where columns count by position: at a root, in a set operation, in a CTE's definition. Guards'
 * masks are no renames and stay.
 */
#include "engine/optimize/optimize_int.h"

struct renames {
	struct optimizer *o;
	uint32_t *map; /* by id; 0 = itself */
};

static bool only_renames(const struct rel *r)
{
	if (r->kind != REL_PROJECT || is_guard_node(r))
		return false;
	for (uint32_t i = 0; i < r->ncols; i++)
		if (r->project.exprs[i]->kind != EXPR_COLUMN)
			return false;
	return true;
}

static bool passes_positions(const struct rel *r)
{
	return r->kind == REL_FILTER || r->kind == REL_SORT || r->kind == REL_LIMIT || r->kind == REL_SINGLE ||
		   r->kind == REL_JOIN || r->kind == REL_WINDOW || r->kind == REL_TABLE_FN || r->kind == REL_CTE;
}

static struct rel *drop(struct renames *w, struct rel *r, bool positional)
{
	struct rel *c;

	if (!positional && only_renames(r)) {
		for (uint32_t i = 0; i < r->ncols; i++)
			w->map[r->cols[i].id] = r->project.exprs[i]->column;
		return drop(w, r->in[0], false);
	}
	if (!r->nin)
		return r;
	c = rel_copy_node(w->o->m, r);
	for (uint32_t i = 0; i < c->nin; i++) {
		bool counts = r->kind == REL_SETOP || (r->kind == REL_CTE && i == 1) || (positional && passes_positions(r));
		c->in[i] = drop(w, r->in[i], counts);
	}
	return c;
}

static struct expr *rename_step(struct expr *e, void *arg)
{
	struct renames *w = arg;
	uint32_t id = e->column;

	if (e->kind != EXPR_COLUMN || !w->map[id])
		return e;
	while (w->map[id])
		id = w->map[id];
	return expr_column(w->o->m, id, e->type, e->pos);
}

static void rename_slot(struct expr **e, void *arg)
{
	struct renames *w = arg;

	*e = expr_rewrite(w->o->m, *e, rename_step, w);
}

static struct rel *rename_rel(struct renames *w, struct rel *r)
{
	struct rel *c = rel_copy_node(w->o->m, r);

	for (uint32_t i = 0; i < c->nin; i++)
		c->in[i] = rename_rel(w, c->in[i]);
	rel_each_expr(c, rename_slot, w);
	refresh_cols(w->o->m, c);
	return c;
}

static struct rel *rename_root(struct optimizer *o, struct rel *r, bool is_main)
{
	struct renames w = {o, mem_new_array(o->m, uint32_t, o->p->next_id + 1)};

	(void)is_main;
	return rename_rel(&w, drop(&w, r, true));
}

bool pass_drop_renames(struct optimizer *o)
{
	each_root(o, rename_root);
	o->p->root = refresh_tree(o, o->p->root);
	return true;
}
