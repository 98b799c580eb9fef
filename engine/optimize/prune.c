/*
 * Column pruning, top-down: a scan reads only what somebody above uses, projections and aggregates compute
 * only what is used. The definitions of shared CTEs keep all columns, since their scans go by position; so
 * do set operations other than UNION ALL, whose rows are compared.
 */
#include "engine/optimize/optimize_int.h"

static struct rel *prune(struct optimizer *o, struct rel *r, const struct idset *needed);

static void needs_slot(struct expr **e, void *arg)
{
	struct {
		struct idset *out;
		struct mem *m;
	} *w = arg;

	expr_columns(*e, w->out, w->m);
}

/* What r's expressions read, on top of what is needed above. */
static struct idset needs_of(struct optimizer *o, struct rel *r, const struct idset *needed)
{
	struct idset all = {0, NULL};
	struct {
		struct idset *out;
		struct mem *m;
	} w = {&all, o->m};

	if (needed)
		idset_add_all(&all, needed, o->m);
	rel_each_expr(r, needs_slot, &w);
	return all;
}

static struct idset all_of(struct optimizer *o, const struct rel *r)
{
	struct idset all = {0, NULL};

	rel_out_ids(r, &all, o->m);
	return all;
}

/* Which columns stay; at least one, the narrowest, so that rows can be counted. */
static uint32_t keep_columns(const struct rel *r, const struct idset *needed, uint32_t *keep)
{
	uint32_t n = 0, narrow = 0;

	for (uint32_t i = 0; i < r->ncols; i++) {
		if (idset_has(needed, r->cols[i].id))
			keep[n++] = i;
		if (phys_size(type_phys(r->cols[i].type)) < phys_size(type_phys(r->cols[narrow].type)))
			narrow = i;
	}
	if (n == 0 && r->ncols)
		keep[n++] = narrow;
	return n;
}

static void take_columns(struct optimizer *o, struct rel *c, const uint32_t *keep, uint32_t n)
{
	struct column *cols = mem_new_array(o->m, struct column, n + 1);

	for (uint32_t i = 0; i < n; i++)
		cols[i] = c->cols[keep[i]];
	c->cols = cols;
	c->ncols = n;
}

static uint32_t *take_indexes(struct optimizer *o, const uint32_t *list, const uint32_t *keep, uint32_t n)
{
	uint32_t *out = mem_new_array(o->m, uint32_t, n + 1);

	for (uint32_t i = 0; i < n; i++)
		out[i] = list[keep[i]];
	return out;
}

static struct expr **take_exprs(struct optimizer *o, struct expr **list, const uint32_t *keep, uint32_t n)
{
	struct expr **out = mem_new_array(o->m, struct expr *, n + 1);

	for (uint32_t i = 0; i < n; i++)
		out[i] = list[keep[i]];
	return out;
}

static struct rel *prune_leaf(struct optimizer *o, struct rel *r, const struct idset *needed)
{
	struct idset all = needs_of(o, r, needed);
	uint32_t *keep = mem_new_array(o->m, uint32_t, r->ncols + 1), n = keep_columns(r, &all, keep);
	struct rel *c = rel_copy_node(o->m, r);

	if (n == r->ncols)
		return c;
	if (r->kind == REL_SCAN)
		c->scan.columns = take_indexes(o, r->scan.columns, keep, n);
	else if (r->kind == REL_VIRTUAL)
		c->virtual_scan.columns = take_indexes(o, r->virtual_scan.columns, keep, n);
	else if (r->kind == REL_VALUES)
		for (uint32_t i = 0; i < r->values.nrows; i++)
			c->values.rows[i] = take_exprs(o, r->values.rows[i], keep, n);
	take_columns(o, c, keep, n);
	return c;
}

static struct rel *prune_project(struct optimizer *o, struct rel *r, const struct idset *needed)
{
	uint32_t *keep = mem_new_array(o->m, uint32_t, r->ncols + 1), n = keep_columns(r, needed, keep);
	struct rel *c = rel_copy_node(o->m, r);
	struct idset below;

	c->project.exprs = take_exprs(o, r->project.exprs, keep, n);
	take_columns(o, c, keep, n);
	below = needs_of(o, c, NULL);
	c->in[0] = prune(o, c->in[0], &below);
	return c;
}

static struct rel *prune_aggregate(struct optimizer *o, struct rel *r, const struct idset *needed)
{
	struct rel *c = rel_copy_node(o->m, r);
	uint32_t *keep = mem_new_array(o->m, uint32_t, r->ncols + 1), n = r->agg.ngroups, g = r->agg.ngroups;
	struct idset below;

	for (uint32_t i = 0; i < g; i++)
		keep[i] = i;
	c->agg.naggs = 0;
	for (uint32_t i = 0; i < r->agg.naggs; i++)
		if (idset_has(needed, r->cols[g + i].id) || (n == 0 && i + 1 == r->agg.naggs && !r->agg.has_grouping)) {
			c->agg.aggs[c->agg.naggs++] = r->agg.aggs[i];
			keep[n++] = g + i;
		}
	if (r->agg.has_grouping)
		keep[n++] = r->ncols - 1;
	take_columns(o, c, keep, n);
	below = needs_of(o, c, NULL);
	c->in[0] = prune(o, c->in[0], &below);
	return c;
}

static struct rel *prune_window(struct optimizer *o, struct rel *r, const struct idset *needed)
{
	struct rel *c = rel_copy_node(o->m, r);
	uint32_t first = r->ncols - r->window.ncalls, n = 0;
	struct idset below = {0, NULL};

	for (uint32_t i = 0; i < r->window.ncalls; i++)
		if (idset_has(needed, r->cols[first + i].id)) {
			c->window.calls[n] = r->window.calls[i];
			c->cols[first + n++] = r->cols[first + i];
		}
	c->window.ncalls = n;
	c->ncols = first + n;
	below = needs_of(o, c, needed);
	c->in[0] = prune(o, c->in[0], &below);
	if (!n)
		return c->in[0];
	refresh_cols(o->m, c);
	return c;
}

static struct rel *prune_setop(struct optimizer *o, struct rel *r, const struct idset *needed)
{
	struct rel *c = rel_copy_node(o->m, r);
	uint32_t *keep = mem_new_array(o->m, uint32_t, r->ncols + 1), n = r->ncols;
	bool some = r->setop.kind == SETOP_UNION_ALL && !r->setop.recursion;

	for (uint32_t i = 0; i < r->ncols; i++)
		keep[i] = i;
	/* columns go by position, so every arm must lose exactly the same ones: only projections can promise that */
	for (uint32_t k = 0; k < r->nin; k++)
		some &= r->in[k]->kind == REL_PROJECT;
	if (some)
		n = keep_columns(r, needed, keep);
	for (uint32_t k = 0; k < r->nin; k++) {
		struct idset below = {0, NULL};
		struct rel *in = r->in[k];
		if (some) {
			in = rel_copy_node(o->m, in);
			in->project.exprs = take_exprs(o, in->project.exprs, keep, n);
			take_columns(o, in, keep, n);
		}
		below = all_of(o, in);
		c->in[k] = prune(o, in, &below);
	}
	take_columns(o, c, keep, n);
	return c;
}

static struct rel *prune(struct optimizer *o, struct rel *r, const struct idset *needed)
{
	struct idset below;
	struct rel *c;

	switch (r->kind) {
	case REL_SCAN:
	case REL_VIRTUAL:
	case REL_VALUES:
		return prune_leaf(o, r, needed);
	case REL_PROJECT:
		return prune_project(o, r, needed);
	case REL_AGGREGATE:
		return prune_aggregate(o, r, needed);
	case REL_WINDOW:
		return prune_window(o, r, needed);
	case REL_SETOP:
		return prune_setop(o, r, needed);
	case REL_FILTER:
	case REL_SORT:
	case REL_LIMIT:
	case REL_SINGLE:
	case REL_JOIN:
	case REL_TABLE_FN:
		c = rel_copy_node(o->m, r);
		below = needs_of(o, c, needed);
		for (uint32_t i = 0; i < c->nin; i++)
			c->in[i] = prune(o, c->in[i], &below);
		refresh_cols(o->m, c);
		return c;
	case REL_CTE:
		c = rel_copy_node(o->m, r);
		c->in[0] = prune(o, c->in[0], needed);
		below = all_of(o, c->in[1]);
		c->in[1] = prune(o, c->in[1], &below);
		refresh_cols(o->m, c);
		return c;
	case REL_CTE_SCAN:
	case REL_REMOTE:
	case REL_EMPTY:
		return r;
	}
	UNREACHABLE();
}

static struct rel *prune_root(struct optimizer *o, struct rel *r, bool is_main)
{
	struct idset needed = {0, NULL};
	uint32_t n = is_main ? o->p->ncols : r->ncols;

	for (uint32_t i = 0; i < n; i++)
		idset_add(&needed, r->cols[i].id, o->m);
	return prune(o, r, &needed);
}

bool pass_prune_columns(struct optimizer *o)
{
	each_root(o, prune_root);
	o->p->root = refresh_tree(o, o->p->root);
	return true;
}
