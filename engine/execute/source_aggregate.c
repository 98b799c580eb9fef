/*
 * The output side of aggregation: takes a unit (a grouping set, some partitions), merges the groups that the
 * tasks made, feeds deferred aggregates, and puts out the groups. A unit is one task's, so no locks.
 */
#include "engine/execute/aggregate.h"

#include <stdlib.h>

struct unit_local {
	struct fncall *calls;
	const struct agg_unit *unit;   /* being put out; NULL = none */
	uint8_t **groups;
	uint64_t ngroups, at, reserved;
	struct group_table table;
	uint8_t *into[BATCH_ROWS], *from[BATCH_ROWS], *rows[BATCH_ROWS];
	void *states[BATCH_ROWS], *from_states[BATCH_ROWS];
	uint64_t hashes[BATCH_ROWS];
};

static bool unit_open_local(struct task *t, void *global, void **local)
{
	struct unit_local *l = mem_new_object(t->mem, struct unit_local);

	l->calls = agg_fncalls(global, t);
	*local = l;
	return true;
}

static void leave_unit(struct aggregate *g, struct unit_local *l)
{
	group_table_clear(&l->table);
	free(l->groups);
	mem_release(g->x->env.mem, l->reserved);
	l->groups = NULL;
	l->reserved = 0;
	l->unit = NULL;
}

static void unit_close_local(void *global, void *local) { leave_unit(global, local); }

static uint64_t list_rows(const struct part_list *list, const struct agg_unit *u)
{
	uint64_t n = 0;

	for (; list; list = list->next)
		n += list->offsets[u->to] - list->offsets[u->from];
	return n;
}

static void *reserve(struct task *t, uint64_t bytes)
{
	void *p;

	if (!mem_reserve(task_data(t), bytes, &t->err))
		return NULL;
	p = malloc(bytes + 8);
	ASSERT(p);
	return p;
}

/* states of from[0..n) into those of into[0..n) */
static bool combine_rows(const struct aggregate *g, struct unit_local *l, uint32_t n)
{
	for (uint32_t c = 0; c < g->ncalls; c++) {
		if (g->calls[c].deferred)
			continue;
		agg_states(&g->calls[c], l->into, n, l->states);
		agg_states(&g->calls[c], l->from, n, l->from_states);
		if (!g->calls[c].ops->combine(&l->calls[c], l->states, l->from_states, n))
			return false;
	}
	for (uint32_t i = 0; i < n; i++)
		group_row(l->from[i])->dead = 1;
	return true;
}

static bool merge_rows(struct task *t, const struct aggregate *g, struct unit_local *l, uint8_t *const *rows, uint32_t n)
{
	struct agg_set *set = l->unit->set;
	uint32_t twice = 0;

	if (set->nkeys) {
		if (!group_table_merge(&l->table, set->store, rows, n, l->rows, &t->err))
			return false;
	} else {
		for (uint32_t i = 0; i < n; i++)
			l->rows[i] = l->ngroups ? l->groups[0] : rows[0];
	}
	for (uint32_t i = 0; i < n; i++) {
		l->into[twice] = l->rows[i];
		l->from[twice] = rows[i];
		if (l->rows[i] == rows[i])
			l->groups[l->ngroups++] = rows[i];
		else
			twice++;
	}
	return !twice || combine_rows(g, l, twice);
}

static bool merge_unit(struct task *t, const struct aggregate *g, struct unit_local *l)
{
	const struct agg_unit *u = l->unit;

	for (const struct part_list *list = u->set->lists; list; list = list->next) {
		uint64_t at = list->offsets[u->from], end = list->offsets[u->to];

		while (at < end) {
			uint32_t n = end - at < BATCH_ROWS ? (uint32_t)(end - at) : BATCH_ROWS;
			if (u->direct) {
				memcpy(l->groups + l->ngroups, list->rows + at, n * sizeof *l->groups);
				l->ngroups += n;
			} else if (!merge_rows(t, g, l, list->rows + at, n)) {
				return false;
			}
			at += n;
		}
	}
	return true;
}

/* ---- deferred aggregates ---- */

/* The side's rows of the unit, distinct ones once; *out is malloc'ed, *reserved bytes. */
static bool collect_side(struct task *t, const struct agg_unit *u, struct agg_side *side, uint8_t ***out, uint64_t *count,
						 uint64_t *reserved)
{
	uint64_t n = list_rows(side->lists, u), kept = 0;
	uint8_t **rows = reserve(t, n * sizeof *rows), **into;
	struct group_table table;
	bool ok = true;

	*out = rows;
	*reserved = rows ? n * sizeof *rows : 0;
	if (!rows)
		return false;
	for (const struct part_list *list = side->lists; list; list = list->next) {
		uint64_t k = list->offsets[u->to] - list->offsets[u->from];
		memcpy(rows + kept, list->rows + list->offsets[u->from], k * sizeof *rows);
		kept += k;
	}
	*count = kept;
	if (!side->call->distinct || !side->lists || !side->lists->next || side->nkeys == 0)
		return true;
	group_table_init(&table, task_data(t), side->layout, side->nkeys, NULL);
	into = reserve(t, n * sizeof *into);
	ok = into != NULL;
	for (uint64_t at = 0; ok && at < n; at += BATCH_ROWS) {
		uint32_t k = n - at < BATCH_ROWS ? (uint32_t)(n - at) : BATCH_ROWS;
		ok = group_table_merge(&table, side->store, rows + at, k, into + at, &t->err);
	}
	kept = 0;
	for (uint64_t i = 0; ok && i < n; i++) {
		bool first = into[i] == rows[i];
		rows[kept] = rows[i];
		kept += first;
	}
	*count = kept;
	group_table_clear(&table);
	if (into)
		mem_release(task_data(t), n * sizeof *into);
	free(into);
	return ok;
}

static bool sort_side(struct task *t, const struct agg_side *side, uint8_t **rows, uint64_t n)
{
	struct sort_entry *entries;

	if (!side->order.nkeys || n < 2)
		return true;
	entries = reserve(t, 2 * n * sizeof *entries);
	if (!entries)
		return false;
	for (uint64_t i = 0; i < n; i++)
		entries[i] = (struct sort_entry){sort_prefix(&side->order, rows[i]), rows[i]};
	sort_entries(&side->order, entries, entries + n, n);
	for (uint64_t i = 0; i < n; i++)
		rows[i] = entries[i].row;
	free(entries);
	mem_release(task_data(t), 2 * n * sizeof *entries);
	return true;
}

/* l->rows = the groups of these side rows */
static bool find_groups(struct task *t, struct unit_local *l, struct agg_side *side, uint8_t *const *rows, uint32_t n)
{
	uint32_t nkeys = l->unit->set->nkeys;
	struct vec *keys;
	bool ok = true;

	if (!nkeys) {
		for (uint32_t i = 0; i < n; i++)
			l->rows[i] = l->groups[0];
		return true;
	}
	keys = calloc(nkeys, sizeof *keys);
	ASSERT(keys);
	for (uint32_t k = 0; ok && k < nkeys; k++)
		ok = rowstore_gather(side->store, k, rows, n, &keys[k], task_data(t), &t->err);
	if (ok) {
		hash_columns(keys, nkeys, n, l->hashes);
		ok = group_table_find(&l->table, keys, l->hashes, NULL, n, l->rows, &t->err); /* all are there */
	}
	for (uint32_t k = 0; k < nkeys; k++)
		vec_release(&keys[k]);
	free(keys);
	return ok;
}

static bool feed_rows(struct task *t, struct unit_local *l, struct agg_side *side, struct fncall *call,
					  uint8_t *const *rows, uint32_t n)
{
	const struct agg_call *a = side->call;
	uint32_t nkeys = l->unit->set->nkeys;
	struct vec args[FUNC_MAX_ARGS];
	struct view views[FUNC_MAX_ARGS];
	bool ok = find_groups(t, l, side, rows, n);

	memset(args, 0, sizeof args);
	for (uint32_t i = 0; ok && i < a->nargs; i++) {
		ok = rowstore_gather(side->store, nkeys + i, rows, n, &args[i], task_data(t), &t->err);
		views[i] = vec_view(&args[i]);
	}
	if (ok) {
		agg_states(a, l->rows, n, l->states);
		ok = a->ops->update(call, views, n, l->states);
	}
	for (uint32_t i = 0; i < a->nargs; i++)
		vec_release(&args[i]);
	return ok;
}

static bool feed_side(struct task *t, const struct aggregate *g, struct unit_local *l, struct agg_side *side)
{
	struct fncall *call = &l->calls[side->call - g->calls];
	uint8_t **rows;
	uint64_t n, reserved;
	bool ok = collect_side(t, l->unit, side, &rows, &n, &reserved) && sort_side(t, side, rows, n);

	for (uint64_t at = 0; ok && at < n; at += BATCH_ROWS)
		ok = feed_rows(t, l, side, call, rows + at, n - at < BATCH_ROWS ? (uint32_t)(n - at) : BATCH_ROWS);
	free(rows);
	mem_release(task_data(t), reserved);
	return ok;
}

static bool enter_unit(struct task *t, struct aggregate *g, struct unit_local *l, const struct agg_unit *u)
{
	uint64_t n = list_rows(u->set->lists, u);

	l->unit = u;
	l->ngroups = l->at = 0;
	l->groups = reserve(t, n * sizeof *l->groups);
	if (!l->groups)
		return false;
	l->reserved = n * sizeof *l->groups;
	group_table_init(&l->table, task_data(t), u->set->layout, u->set->nkeys, NULL);
	if (!merge_unit(t, g, l))
		return false;
	for (uint32_t i = 0; i < u->set->nsides; i++)
		if (l->ngroups && !feed_side(t, g, l, &u->set->sides[i]))
			return false;
	return true;
}

/* ---- output ---- */

static bool put_groups(struct task *t, struct aggregate *g, struct agg_set *set, uint8_t *const *rows, uint32_t n,
					   struct batch *out)
{
	const struct rel *r = g->node;

	for (uint32_t i = 0; i < r->agg.ngroups; i++) {
		struct value null = value_null(r->cols[i].type);
		if (!vec_init_const(&out->cols[i], &null, task_data(t), &t->err))
			return false;
	}
	for (uint32_t k = 0; k < set->nkeys; k++) {
		struct vec *v = &out->cols[set->groups[k]];
		struct type type = v->type;
		vec_release(v);
		if (!rowstore_gather(set->store, k, rows, n, v, task_data(t), &t->err))
			return false;
		v->type = type;
	}
	if (r->agg.has_grouping) {
		struct value bitmap = value_int4(set->bitmap);
		return vec_init_const(&out->cols[r->agg.ngroups + r->agg.naggs], &bitmap, task_data(t), &t->err);
	}
	return true;
}

static bool put_aggregates(struct task *t, struct aggregate *g, struct unit_local *l, uint8_t *const *rows, uint32_t n,
						   struct batch *out)
{
	for (uint32_t c = 0; c < g->ncalls; c++) {
		struct vec *v = &out->cols[g->node->agg.ngroups + c];

		if (!vec_init_flat(v, g->node->cols[g->node->agg.ngroups + c].type, n, task_data(t), &t->err))
			return false;
		agg_states(&g->calls[c], rows, n, l->states);
		if (!g->calls[c].ops->finish(&l->calls[c], l->states, n, v))
			return false;
	}
	return true;
}

static enum flow unit_next(struct task *t, void *global, void *local, struct batch *out)
{
	struct aggregate *g = global;
	struct unit_local *l = local;
	uint32_t n;

	while (!l->unit || l->at == l->ngroups) {
		uint32_t i;

		leave_unit(g, l);
		i = __atomic_fetch_add(&g->next_unit, 1, __ATOMIC_RELAXED);
		if (i >= g->nunits)
			return FLOW_DONE;
		if (!cancel_check(t->x->env.cancel, &t->err) || !enter_unit(t, g, l, &g->units[i]))
			return FLOW_FAIL;
	}
	n = l->ngroups - l->at < t->x->batch_rows ? (uint32_t)(l->ngroups - l->at) : t->x->batch_rows;
	if (!put_groups(t, g, l->unit->set, l->groups + l->at, n, out) ||
		!put_aggregates(t, g, l, l->groups + l->at, n, out))
		return FLOW_FAIL;
	agg_drop_rows(g, l->calls, memcpy(l->rows, l->groups + l->at, n * sizeof *l->rows), n);
	l->at += n;
	out->rows = n;
	return FLOW_MORE;
}

static uint32_t unit_parallel(void *global) { return ((struct aggregate *)global)->nunits; }

static const struct source_ops source_aggregate = {
	.name = "groups",
	.next = unit_next,
	.parallel = unit_parallel,
	.life = {unit_open_local, unit_close_local, NULL},
};

struct op *source_aggregate_new(struct aggregate *g)
{
	struct op *op = op_new_source(g->x, &source_aggregate, g->node, g->node->ncols);

	op->global = g;
	op_depend(op, g->sink);
	return op;
}
