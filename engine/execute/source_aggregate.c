/*
 * The output side of aggregation: takes a unit (a grouping set, some partitions), merges the groups that the
 * tasks made, feeds deferred aggregates, and puts out the groups. A unit is one task's, so no locks. Groups that were
 * spilled are taken in pieces (aggregate_spill.c), a piece as a unit.
 */
#include "engine/execute/aggregate.h"

#include <stdlib.h>

struct unit_local {
	struct fncall *calls;
	const struct agg_unit *unit;   /* being put out; NULL = none */
	struct agg_work *work;         /* the piece of it; NULL: all of it, in memory */
	struct rowstore *store;        /* what the groups are gathered through */
	struct agg_reader reader;
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
	l->reader = (struct agg_reader){.g = global, .t = t, .calls = l->calls, .table = &l->table};
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
	l->ngroups = l->at = 0;
	if (l->reader.own) {
		agg_drop_store(g, l->calls, l->reader.own);
		rowstore_free(l->reader.own);
		l->reader.own = NULL;
	}
	if (l->work) {
		l->work->next = NULL;
		agg_work_free(&l->reader, l->work);
		l->work = NULL;
	}
}

static void unit_close_local(void *global, void *local)
{
	struct unit_local *l = local;

	leave_unit(global, l);
	agg_works_free(&l->reader);
}

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
static bool find_groups(struct task *t, struct unit_local *l, struct rowstore *from, uint8_t *const *rows, uint32_t n)
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
		ok = rowstore_gather(from, k, rows, n, &keys[k], task_data(t), &t->err);
	if (ok) {
		hash_columns(keys, nkeys, n, l->hashes);
		ok = group_table_find(&l->table, keys, l->hashes, NULL, n, l->rows, &t->err); /* all are there */
	}
	for (uint32_t k = 0; k < nkeys; k++)
		vec_release(&keys[k]);
	free(keys);
	return ok;
}

static bool feed_rows(struct task *t, struct unit_local *l, struct agg_side *side, struct rowstore *from,
					  uint8_t *const *rows, uint32_t n)
{
	const struct agg_call *a = side->call;
	uint32_t nkeys = l->unit->set->nkeys;
	struct vec args[FUNC_MAX_ARGS];
	struct view views[FUNC_MAX_ARGS];
	struct fncall *call = &l->calls[side->call - l->reader.g->calls];
	bool ok = find_groups(t, l, from, rows, n);

	memset(args, 0, sizeof args);
	for (uint32_t i = 0; ok && i < a->nargs; i++) {
		ok = rowstore_gather(from, nkeys + i, rows, n, &args[i], task_data(t), &t->err);
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

static bool feed_side(struct task *t, struct unit_local *l, struct agg_side *side)
{
	uint8_t **rows;
	uint64_t n, reserved;
	bool ok = collect_side(t, l->unit, side, &rows, &n, &reserved) && sort_side(t, side, rows, n);

	for (uint64_t at = 0; ok && at < n; at += BATCH_ROWS)
		ok = feed_rows(t, l, side, side->store, rows + at, n - at < BATCH_ROWS ? (uint32_t)(n - at) : BATCH_ROWS);
	free(rows);
	mem_release(task_data(t), reserved);
	return ok;
}

/* The side's rows in memory that belong to the piece, or to the whole unit. */
static bool side_in_memory(struct task *t, const struct unit_local *l, const struct agg_side *side, uint8_t ***out,
						   uint64_t *count, uint64_t *reserved)
{
	const struct agg_unit *u = l->unit;
	uint64_t n = list_rows(side->lists, u);
	uint8_t **rows = reserve(t, n * sizeof *rows);

	*out = rows;
	*count = 0;
	*reserved = rows ? n * sizeof *rows : 0;
	for (const struct part_list *list = side->lists; rows && list; list = list->next)
		for (uint64_t i = list->offsets[u->from]; i < list->offsets[u->to]; i++) {
			uint64_t hash;
			memcpy(&hash, list->rows[i] + SIDE_HASH, sizeof hash);
			if (!l->work || agg_work_has(l->work, hash))
				rows[(*count)++] = list->rows[i];
		}
	return rows != NULL;
}

/* Leaves the first of rows that are the same; `last`: the row before them, or NULL. */
static uint32_t distinct_rows(const struct agg_side *side, uint8_t **rows, uint32_t n, uint8_t *last)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct sort_entry a = {0, last}, b = {0, rows[i]};
		if (last && side->spilled_order.nkeys && sort_compare(&side->spilled_order, &a, &b) == 0)
			continue;
		last = rows[kept++] = rows[i];
	}
	return kept;
}

static bool feed_sorted(struct task *t, struct unit_local *l, struct agg_side *side, struct sorter *s, struct merge *m)
{
	struct rowstore *before = NULL; /* the last row fed */
	uint8_t **rows = l->from, *last = NULL;
	uint32_t n = 1, kept;
	bool ok = true;

	while (ok && (ok = merge_next(m, rows, BATCH_ROWS, &n, &t->err)) && n) {
		struct rowstore *from = merge_store(m) ? merge_store(m) : s->store;

		kept = side->call->distinct ? distinct_rows(side, rows, n, last) : n;
		ok = !kept || feed_rows(t, l, side, from, rows, kept);
		if (kept && ok) {
			rowstore_free(before);
			before = rowstore_new(task_data(t), side->layout);
			ok = rowstore_append_rows(before, &rows[kept - 1], 1, &last, &t->err);
		}
		ok = ok && cancel_check(t->x->env.cancel, &t->err);
	}
	rowstore_free(before);
	return ok;
}

/* A deferred aggregate whose rows, or whose groups, were spilled. */
static bool feed_spilled(struct task *t, const struct aggregate *g, struct unit_local *l, struct agg_side *side)
{
	const struct agg_unit *u = l->unit;
	const struct spill_run *runs = l->work ? &l->work->sides[side - u->set->sides] : &side->parts.runs[u->from];
	uint8_t **rows;
	uint64_t n, reserved;
	struct sorter s = {0};
	struct merge *m = calloc(1, sizeof *m);
	bool ok = side_in_memory(t, l, side, &rows, &n, &reserved);

	ASSERT(m);
	ok = ok && agg_side_sort(&l->reader, side, rows, n, runs, l->work ? 1 : u->to - u->from, &s) &&
		 merge_open(m, g->sink, &side->spilled_order, &s.runs, &t->err) && feed_sorted(t, l, side, &s, m);
	merge_close(m);
	free(m);
	sorter_clear(&s);
	free(rows);
	mem_release(task_data(t), reserved);
	return ok;
}

static bool feed_sides(struct task *t, struct aggregate *g, struct unit_local *l)
{
	struct agg_set *set = l->unit->set;

	for (uint32_t i = 0; i < set->nsides && l->ngroups; i++) {
		bool spilled = l->work || set->sides[i].spilled;
		if (!(spilled ? feed_spilled(t, g, l, &set->sides[i]) : feed_side(t, l, &set->sides[i])))
			return false;
	}
	return true;
}

/* A unit in memory. */
static bool enter_unit(struct task *t, struct aggregate *g, struct unit_local *l)
{
	const struct agg_unit *u = l->unit;
	uint64_t n = list_rows(u->set->lists, u);

	l->store = u->set->store;
	l->groups = reserve(t, n * sizeof *l->groups);
	if (!l->groups)
		return false;
	l->reserved = n * sizeof *l->groups;
	group_table_init(&l->table, task_data(t), u->set->layout, u->set->nkeys, NULL);
	return merge_unit(t, g, l) && feed_sides(t, g, l);
}

/* Groups in memory that belong to the piece (their states could not be written). */
static bool merge_kept(struct task *t, const struct aggregate *g, struct unit_local *l)
{
	const struct agg_unit *u = l->unit;
	uint8_t *rows[BATCH_ROWS];

	for (const struct part_list *list = u->set->lists; list; list = list->next)
		for (uint64_t at = list->offsets[u->from]; at < list->offsets[u->to];) {
			uint32_t n = 0;
			for (; at < list->offsets[u->to] && n < BATCH_ROWS; at++)
				if (agg_work_has(l->work, group_row(list->rows[at])->hash))
					rows[n++] = list->rows[at];
			if (n && !merge_rows(t, g, l, rows, n))
				return false;
		}
	return true;
}

/* Behind the groups from memory those made from disk. */
static bool list_own(struct task *t, struct unit_local *l)
{
	struct rowcursor cursor = {0, 0};
	uint64_t n = l->ngroups + rowstore_rows(l->reader.own);
	uint8_t **grown;

	if (!mem_reserve(task_data(t), n * sizeof *grown, &t->err))
		return false;
	grown = realloc(l->groups, n * sizeof *grown + 8);
	ASSERT(grown);
	mem_release(task_data(t), l->reserved);
	l->groups = grown;
	l->reserved = n * sizeof *grown;
	for (uint32_t k; (k = rowstore_scan(l->reader.own, &cursor, grown + l->ngroups, 65536)) != 0;)
		l->ngroups += k;
	return true;
}

/* The next piece of a unit on disk. */
static bool enter_work(struct task *t, struct aggregate *g, struct unit_local *l)
{
	struct agg_set *set = l->unit->set;
	uint64_t n = list_rows(set->lists, l->unit);

	if (!agg_work_prepare(&l->reader))
		return false;
	l->work = l->reader.works;
	l->reader.works = l->work->next;
	l->store = l->reader.own = rowstore_new(task_data(t), set->layout);
	rowstore_adopt(l->store, set->store);
	l->groups = reserve(t, n * sizeof *l->groups);
	if (!l->groups)
		return false;
	l->reserved = n * sizeof *l->groups;
	group_table_init(&l->table, task_data(t), set->layout, set->nkeys, l->store);
	return merge_kept(t, g, l) && agg_work_load(&l->reader, l->work) && list_own(t, l) && feed_sides(t, g, l);
}

static bool enter_next(struct task *t, struct aggregate *g, struct unit_local *l, bool *more)
{
	*more = true;
	leave_unit(g, l);
	if (!cancel_check(t->x->env.cancel, &t->err))
		return false;
	if (!l->reader.works) {
		uint32_t i = __atomic_fetch_add(&g->next_unit, 1, __ATOMIC_RELAXED);

		*more = i < g->nunits;
		if (!*more)
			return true;
		l->unit = &g->units[i];
		if (!l->unit->set->spilled)
			return enter_unit(t, g, l);
		agg_work_add(&l->reader, l->unit->set, l->unit->from);
	}
	return enter_work(t, g, l);
}

/* ---- output ---- */

static bool put_groups(struct task *t, struct aggregate *g, const struct agg_set *set, struct rowstore *store,
					   uint8_t *const *rows, uint32_t n, struct batch *out)
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
		if (!rowstore_gather(store, k, rows, n, v, task_data(t), &t->err))
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

	while (l->at == l->ngroups) {
		bool more;

		if (!enter_next(t, g, l, &more))
			return FLOW_FAIL;
		if (!more)
			return FLOW_DONE;
	}
	n = l->ngroups - l->at < t->x->batch_rows ? (uint32_t)(l->ngroups - l->at) : t->x->batch_rows;
	if (!put_groups(t, g, l->unit->set, l->store, l->groups + l->at, n, out) ||
		!put_aggregates(t, g, l, l->groups + l->at, n, out))
		return FLOW_FAIL;
	agg_drop_rows(g, l->calls, memcpy(l->rows, l->groups + l->at, n * sizeof *l->rows), n);
	l->at += n;
	out->rows = n;
	return FLOW_MORE;
}

static uint32_t unit_parallel(void *global) { return ((struct aggregate *)global)->nunits; }

static void close_groups(void *global) { agg_clear(global); }

static const struct source_ops source_aggregate = {
	.name = "groups",
	.next = unit_next,
	.parallel = unit_parallel,
	.life = {unit_open_local, unit_close_local, close_groups},
};

struct op *source_aggregate_new(struct aggregate *g)
{
	struct op *op = op_new_source(g->x, &source_aggregate, g->node, g->node->ncols);

	op->global = g;
	op_depend(op, g->sink);
	return op;
}
