/*
 * The input side of aggregation: groups and states of one task, then partition lists and the common stores.
 * See aggregate.h. Merging and output are source_aggregate.c's.
 */
#include "engine/execute/aggregate.h"

#include <stdlib.h>

struct set_local {
	struct group_table table;
	bool frozen;                   /* no new groups: rows go to `input` */
	struct rowstore *input;
	struct spill_parts parts, *side_parts;
	bool spilled, *side_spilled;
	struct vec *keys;              /* lent by the program's output */
	struct group_table *sides;
	struct vec **side_cols;        /* lent */
};
struct agg_local {
	struct evaluator *ev;
	struct fncall *calls;
	struct set_local *sets;
	struct agg_feed feed;
	struct group_codes codes;
	uint64_t hashes[BATCH_ROWS], side_hashes[BATCH_ROWS];
	uint8_t *side_rows[BATCH_ROWS];
};

struct fncall *agg_fncalls(const struct aggregate *g, struct task *t)
{
	struct fncall *calls = mem_new_array(t->mem, struct fncall, g->ncalls + 1);

	for (uint32_t i = 0; i < g->ncalls; i++) {
		const struct agg_call *a = &g->calls[i];
		calls[i] = (struct fncall){.fn = a->expr->agg.fn, .nargs = a->nargs, .arg_types = a->arg_types,
								   .result = a->expr->type, .mem = task_data(t), .scratch = t->mem,
								   .text = t->x->env.text, .const_args = a->const_args, .err = &t->err};
	}
	return calls;
}

void agg_drop_rows(const struct aggregate *g, struct fncall *calls, uint8_t **rows, uint32_t n)
{
	void *states[BATCH_ROWS];
	uint32_t live = 0;

	if (!g->drops)
		return;
	for (uint32_t i = 0; i < n; i++) {
		struct group_row *r = group_row(rows[i]);
		rows[live] = rows[i];
		live += !r->dead;
		r->dead = 1;
	}
	for (uint32_t c = 0; c < g->ncalls; c++)
		if (g->calls[c].ops->drop) {
			agg_states(&g->calls[c], rows, live, states);
			g->calls[c].ops->drop(&calls[c], states, live);
		}
}

void agg_drop_store(const struct aggregate *g, struct fncall *calls, struct rowstore *store)
{
	struct rowcursor cursor = {0, 0};
	uint8_t *rows[BATCH_ROWS];
	uint32_t n;

	while (g->drops && store && (n = rowstore_scan(store, &cursor, rows, BATCH_ROWS)) != 0)
		agg_drop_rows(g, calls, rows, n);
}

static bool agg_open_local(struct task *t, void *global, void **local)
{
	const struct aggregate *g = global;
	struct agg_local *l = mem_new_object(t->mem, struct agg_local);

	*local = l;
	l->feed.out = mem_new_array(t->mem, struct vec, g->nout + 1);
	l->calls = agg_fncalls(g, t);
	l->sets = mem_new_array(t->mem, struct set_local, g->nsets);
	for (uint32_t s = 0; s < g->nsets; s++) {
		const struct agg_set *set = &g->sets[s];
		struct set_local *sl = &l->sets[s];

		sl->keys = mem_new_array(t->mem, struct vec, set->nkeys + 1);
		group_table_init(&sl->table, task_data(t), set->layout, set->nkeys, rowstore_new(task_data(t), set->layout));
		sl->sides = mem_new_array(t->mem, struct group_table, set->nsides + 1);
		sl->side_cols = mem_new_array(t->mem, struct vec *, set->nsides + 1);
		sl->side_parts = mem_new_array(t->mem, struct spill_parts, set->nsides + 1);
		sl->side_spilled = mem_new_array(t->mem, bool, set->nsides + 1);
		for (uint32_t i = 0; i < set->nsides; i++) {
			const struct rowlayout *layout = set->sides[i].layout;
			group_table_init(&sl->sides[i], task_data(t), layout, set->sides[i].nkeys,
							 rowstore_new(task_data(t), layout));
			sl->side_cols[i] = mem_new_array(t->mem, struct vec, layout->ncols + 1);
		}
	}
	return evaluator_open(t, g->program, &l->ev);
}

static void agg_close_local(void *global, void *local)
{
	const struct aggregate *g = global;
	struct agg_local *l = local;

	for (uint32_t i = 0; i < g->nout; i++)
		vec_release(&l->feed.out[i]);
	evaluator_close(l->ev);
	for (uint32_t s = 0; s < g->nsets; s++) {
		struct set_local *sl = &l->sets[s];

		agg_drop_store(g, l->calls, sl->table.store);
		group_table_clear(&sl->table);
		rowstore_free(sl->table.store);
		rowstore_free(sl->input);
		spill_parts_clear(g->sink->file, &sl->parts);
		for (uint32_t i = 0; i < g->sets[s].nsides; i++) {
			spill_parts_clear(g->sink->file, &sl->side_parts[i]);
			group_table_clear(&sl->sides[i]);
			rowstore_free(sl->sides[i].store);
		}
	}
}

/* Rows that the aggregate sees: the filter is true and, for strict ones, no argument is NULL. NULL sel: all. */
static const uint32_t *wanted_rows(const struct agg_call *a, struct agg_feed *l, uint32_t *n)
{
	struct view views[FUNC_MAX_ARGS + 1];
	uint32_t nviews = 0, kept = 0, rows = *n;
	const uint8_t *pass = NULL;

	if (a->filter >= 0) {
		views[nviews++] = vec_view(&l->out[a->filter]);
		pass = views[0].data;
	}
	for (uint32_t i = 0; i < a->nargs && a->strict; i++)
		if (l->out[a->first_arg + i].valid)
			views[nviews++] = vec_view(&l->out[a->first_arg + i]);
	if (!nviews)
		return NULL;
	for (uint32_t r = 0; r < rows; r++) {
		bool ok = !pass || pass[view_index(&views[0], r)];
		for (uint32_t v = 0; v < nviews && ok; v++)
			ok = !view_is_null(&views[v], r);
		l->sel[kept] = r;
		kept += ok;
	}
	*n = kept;
	return kept == rows ? NULL : l->sel;
}

/* Group by group, each with its rows of the batch. */
static bool update_runs(const struct agg_call *a, const struct agg_feed *l, struct fncall *call, const struct view *views)
{
	const struct group_codes *g = l->codes;
	uint32_t composed[FUNC_MAX_ARGS][BATCH_ROWS], n = g->start[g->count];
	const uint32_t *rows[FUNC_MAX_ARGS];
	struct view part[FUNC_MAX_ARGS];

	for (uint32_t i = 0; i < a->nargs; i++) {
		rows[i] = g->rows;
		if (!views[i].sel)
			continue;
		for (uint32_t r = 0; r < n; r++)
			composed[i][r] = views[i].sel[g->rows[r]];
		rows[i] = composed[i];
	}
	for (uint32_t k = 0; k < g->count; k++) {
		for (uint32_t i = 0; i < a->nargs; i++) {
			part[i] = views[i];
			if (!views[i].is_const)
				part[i].sel = rows[i] + g->start[k];
		}
		if (!a->ops->update_one(call, part, g->start[k + 1] - g->start[k], l->rows[g->first[k]] + a->offset))
			return false;
	}
	return true;
}

bool agg_update(struct task *t, const struct agg_call *a, struct agg_feed *l, struct fncall *call, uint32_t n,
				bool one_group)
{
	uint32_t m = n;
	const uint32_t *sel = wanted_rows(a, l, &m);
	struct vec sliced[FUNC_MAX_ARGS];
	struct view views[FUNC_MAX_ARGS];
	uint32_t done = 0;
	bool ok = true;

	if (!m)
		return true;
	for (; ok && done < a->nargs; done++) {
		const struct vec *v = &l->out[a->first_arg + done];
		if (sel)
			ok = vec_slice(&sliced[done], v, sel, m, task_data(t), &t->err);
		else
			vec_share(&sliced[done], v);
		if (!ok)
			break;
		views[done] = vec_view(&sliced[done]);
		if (a->strict)
			views[done].valid = NULL;
	}
	if (ok && l->codes && !sel && a->ops->update_one) {
		ok = update_runs(a, l, call, views);
	} else if (ok && one_group && a->ops->update_one) {
		ok = a->ops->update_one(call, views, m, l->rows[0] + a->offset);
	} else if (ok) {
		for (uint32_t i = 0; i < m; i++)
			l->states[i] = l->rows[sel ? sel[i] : i] + a->offset;
		ok = a->ops->update(call, views, m, l->states);
	}
	for (uint32_t i = 0; i < done; i++)
		vec_release(&sliced[i]);
	return ok;
}

/* Keeps the rows of a deferred aggregate for later. */
static bool defer_rows(struct task *t, struct agg_local *l, const struct agg_set *set, struct set_local *sl, uint32_t i,
					   uint32_t n)
{
	const struct agg_side *side = &set->sides[i];
	const struct agg_call *a = side->call;
	struct vec *cols = sl->side_cols[i];
	uint32_t m = n;
	const uint32_t *sel = wanted_rows(a, &l->feed, &m);
	bool ok;

	if (!m)
		return true;
	memcpy(cols, sl->keys, set->nkeys * sizeof *cols);
	memcpy(cols + set->nkeys, l->feed.out + a->first_arg, a->nargs * sizeof *cols);
	memcpy(cols + set->nkeys + a->nargs, l->feed.out + a->first_order, a->norder * sizeof *cols);
	if (a->distinct) {
		memcpy(l->side_hashes, l->hashes, n * sizeof *l->hashes);
		for (uint32_t k = 0; k < a->nargs; k++) {
			struct view v = vec_view(&cols[set->nkeys + k]);
			kernel_hash(cols[set->nkeys + k].type, &v, n, true, l->side_hashes);
		}
		ok = group_table_find(&sl->sides[i], cols, l->side_hashes, sel, m, l->side_rows, &t->err);
	} else {
		ok = rowstore_append(sl->sides[i].store, cols, sel, m, l->side_rows, &t->err);
	}
	for (uint32_t r = 0; ok && r < m; r++) {
		uint64_t hash = l->hashes[sel ? sel[r] : r];
		group_row(l->side_rows[r])->partition = agg_partition(hash);
		memcpy(l->side_rows[r] + SIDE_HASH, &hash, sizeof hash);
	}
	return ok;
}

/* ---- memory is short ---- */

static size_t set_bytes(const struct agg_set *set, const struct set_local *sl)
{
	size_t bytes = sl->input ? rowstore_bytes(sl->input) : 0;

	if (!sl->frozen && set->nkeys)
		bytes += rowstore_bytes(sl->table.store) + sl->table.size * sizeof(uint64_t);
	for (uint32_t i = 0; i < set->nsides; i++)
		bytes += rowstore_bytes(sl->sides[i].store) + sl->sides[i].size * sizeof(uint64_t);
	return bytes;
}

static size_t held_bytes(const struct aggregate *g, const struct agg_local *l)
{
	size_t bytes = 0;

	for (uint32_t s = 0; s < g->nsets; s++)
		bytes += set_bytes(&g->sets[s], &l->sets[s]);
	return bytes;
}

/* Writes the store's rows to their partitions and makes a new one. */
static bool write_store(struct task *t, struct aggregate *g, struct spill_parts *parts, struct rowstore **store,
						const struct rowlayout *layout, uint32_t hash_at)
{
	if (!spill_store_parts(g->sink->file, parts, layout, hash_at, 0, *store, &t->err))
		return false;
	rowstore_free(*store);
	*store = rowstore_new(task_data(t), layout);
	return true;
}

static bool spill_set(struct task *t, struct aggregate *g, struct agg_set *set, struct set_local *sl)
{
	for (uint32_t i = 0; i < set->nsides; i++) {
		if (!rowstore_rows(sl->sides[i].store))
			continue;
		group_table_clear(&sl->sides[i]);
		sl->side_spilled[i] = true;
		if (!write_store(t, g, &sl->side_parts[i], &sl->sides[i].store, set->sides[i].layout, SIDE_HASH))
			return false;
	}
	if (!set->nkeys || !rowstore_rows(sl->table.store)) /* one group stays in memory */
		return true;
	sl->spilled = true;
	if (!g->input) {
		group_table_clear(&sl->table);
		return write_store(t, g, &sl->parts, &sl->table.store, set->layout, 0);
	}
	if (!sl->frozen) {
		group_table_clear(&sl->table);
		sl->frozen = true;
		sl->input = rowstore_new(task_data(t), g->input);
	}
	return write_store(t, g, &sl->parts, &sl->input, g->input, 0);
}

static bool spill_local(struct task *t, struct aggregate *g, struct agg_local *l)
{
	for (uint32_t s = 0; s < g->nsets; s++)
		if (!spill_set(t, g, &g->sets[s], &l->sets[s]))
			return false;
	return true;
}

/* ---- the input ---- */

static bool keep_input(struct task *t, struct agg_local *l, struct set_local *sl, uint32_t n)
{
	if (!rowstore_append(sl->input, l->feed.out, NULL, n, l->feed.rows, &t->err))
		return false;
	for (uint32_t i = 0; i < n; i++)
		group_row(l->feed.rows[i])->hash = l->hashes[i];
	return true;
}

/* The group of one row of each key is that of all of them. */
static bool find_by_codes(struct task *t, struct agg_local *l, struct set_local *sl, uint32_t n)
{
	const struct group_codes *g = &l->codes;
	uint8_t *rows[GROUP_CODES_MOST];

	if (!group_table_find(&sl->table, sl->keys, l->hashes, g->first, g->count, rows, &t->err))
		return false;
	for (uint32_t i = 0; i < n; i++)
		l->feed.rows[i] = rows[g->code[i]];
	return true;
}

static bool group_rows(struct task *t, const struct aggregate *g, struct agg_local *l, uint32_t s, uint32_t n)
{
	const struct agg_set *set = &g->sets[s];
	struct set_local *sl = &l->sets[s];

	l->feed.codes = NULL;
	if (sl->frozen)
		return keep_input(t, l, sl, n);
	if (l->codes.count ? !find_by_codes(t, l, sl, n)
					   : !group_table_find(&sl->table, sl->keys, l->hashes, NULL, n, l->feed.rows, &t->err))
		return false;
	l->feed.codes = l->codes.count && l->codes.runs ? &l->codes : NULL;
	for (uint32_t c = 0; c < g->ncalls; c++)
		if (!g->calls[c].deferred && !agg_update(t, &g->calls[c], &l->feed, &l->calls[c], n, set->nkeys == 0))
			return false;
	return true;
}

/* Hashes of n rows by those of the rows that stand for them. */
static bool hash_by_codes(struct task *t, struct agg_local *l, const struct vec *keys, uint32_t nkeys, uint32_t n)
{
	const struct group_codes *g = &l->codes;
	uint64_t hashes[GROUP_CODES_MOST];

	for (uint32_t k = 0; k < nkeys; k++) {
		struct vec v;
		struct view view;
		if (!vec_slice(&v, &keys[k], g->first, g->count, task_data(t), &t->err))
			return false;
		view = vec_view(&v);
		kernel_hash(keys[k].type, &view, g->count, k > 0, hashes);
		vec_release(&v);
	}
	for (uint32_t i = 0; i < n; i++)
		l->hashes[i] = hashes[g->code[i]];
	return true;
}

static enum flow agg_consume(struct task *t, void *global, void *local, struct batch *in)
{
	struct aggregate *g = global;
	struct agg_local *l = local;

	if (!evaluator_run(l->ev, in->cols, in->rows, l->feed.out))
		return FLOW_FAIL;
	for (uint32_t s = 0; s < g->nsets; s++) {
		const struct agg_set *set = &g->sets[s];
		struct set_local *sl = &l->sets[s];

		for (uint32_t k = 0; k < set->nkeys; k++)
			sl->keys[k] = l->feed.out[set->groups[k]];
		group_codes_find(&l->codes, sl->keys, set->nkeys, in->rows);
		if (!l->codes.count)
			hash_columns(sl->keys, set->nkeys, in->rows, l->hashes);
		else if (!hash_by_codes(t, l, sl->keys, set->nkeys, in->rows))
			return FLOW_FAIL;
		if (!group_rows(t, g, l, s, in->rows))
			return FLOW_FAIL;
		for (uint32_t i = 0; i < set->nsides; i++)
			if (!defer_rows(t, l, set, sl, i, in->rows))
				return FLOW_FAIL;
	}
	return !op_pressed(g->sink, held_bytes(g, l)) || spill_local(t, g, l) ? FLOW_MORE : FLOW_FAIL;
}

/* ---- combining ---- */

/* The store's rows by partition (of the group's hash, or as noted in the row). */
static bool make_list(struct task *t, struct rowstore *store, bool by_hash, struct part_list **out)
{
	uint64_t n = rowstore_rows(store), at[AGG_PARTITIONS];
	struct part_list *list = calloc(1, sizeof *list);
	struct rowcursor cursor = {0, 0};
	uint8_t *rows[1024];
	uint32_t k;

	ASSERT(list);
	*out = list;
	if (!mem_reserve(task_data(t), n * sizeof *list->rows, &t->err))
		return false;
	list->reserved = n * sizeof *list->rows;
	list->rows = malloc(list->reserved + 8);
	ASSERT(list->rows);
	while ((k = rowstore_scan(store, &cursor, rows, ARRAY_LEN(rows))) != 0)
		for (uint32_t i = 0; i < k; i++) {
			struct group_row *r = group_row(rows[i]);
			if (by_hash)
				r->partition = agg_partition(r->hash);
			list->offsets[r->partition + 1]++;
		}
	for (uint32_t p = 0; p < AGG_PARTITIONS; p++) {
		list->offsets[p + 1] += list->offsets[p];
		at[p] = list->offsets[p];
	}
	cursor = (struct rowcursor){0, 0};
	while ((k = rowstore_scan(store, &cursor, rows, ARRAY_LEN(rows))) != 0)
		for (uint32_t i = 0; i < k; i++)
			list->rows[at[group_row(rows[i])->partition]++] = rows[i];
	return true;
}

/* Moves the store to the common one and links the list. */
static void hand_over(struct aggregate *g, struct rowstore **common, struct part_list **lists, struct rowstore **store,
					  struct part_list *list)
{
	pthread_mutex_lock(&g->lock);
	op_memory(g->sink, (int64_t)(rowstore_bytes(*store) + list->reserved));
	if (*common)
		rowstore_absorb(*common, *store);
	else
		*common = *store;
	*store = NULL;
	list->next = *lists;
	*lists = list;
	pthread_mutex_unlock(&g->lock);
}

static void list_free(struct execution *x, struct part_list *list)
{
	mem_release(x->env.mem, list->reserved);
	free(list->rows);
	free(list);
}

/* The task's runs become the common ones; what such a task still has in memory goes to disk too. */
static bool hand_over_runs(struct task *t, struct aggregate *g, struct agg_set *set, struct set_local *sl)
{
	bool ok = true, any = sl->spilled;

	for (uint32_t i = 0; i < set->nsides; i++)
		any |= sl->side_spilled[i];
	if (!any)
		return true;
	if (!spill_set(t, g, set, sl))
		return false;
	pthread_mutex_lock(&g->lock);
	set->spilled |= sl->spilled;
	ok = spill_parts_join(g->sink->file, &set->parts, &sl->parts, &t->err);
	for (uint32_t i = 0; ok && i < set->nsides; i++) {
		set->sides[i].spilled |= sl->side_spilled[i];
		ok = spill_parts_join(g->sink->file, &set->sides[i].parts, &sl->side_parts[i], &t->err);
	}
	pthread_mutex_unlock(&g->lock);
	return ok;
}

void agg_lists_free(struct execution *x, struct part_list **lists)
{
	while (*lists) {
		struct part_list *next = (*lists)->next;
		list_free(x, *lists);
		*lists = next;
	}
}

static enum flow agg_combine(struct task *t, void *global, void *local)
{
	struct aggregate *g = global;
	struct agg_local *l = local;
	struct part_list *list;

	for (uint32_t s = 0; s < g->nsets; s++) {
		struct set_local *sl = &l->sets[s];
		struct agg_set *set = &g->sets[s];

		if (!hand_over_runs(t, g, set, sl))
			return FLOW_FAIL;
		group_table_clear(&sl->table);
		if (!make_list(t, sl->table.store, true, &list)) {
			list_free(t->x, list);
			return FLOW_FAIL;
		}
		hand_over(g, &set->store, &set->lists, &sl->table.store, list);
		for (uint32_t i = 0; i < set->nsides; i++) {
			group_table_clear(&sl->sides[i]);
			if (!make_list(t, sl->sides[i].store, false, &list)) {
				list_free(t->x, list);
				return FLOW_FAIL;
			}
			hand_over(g, &set->sides[i].store, &set->sides[i].lists, &sl->sides[i].store, list);
		}
	}
	return FLOW_DONE;
}

/* The group of everything is there even without rows. */
static bool add_empty_group(struct task *t, struct aggregate *g, struct agg_set *set)
{
	struct part_list *list;
	uint8_t *row;

	if (!set->store)
		set->store = rowstore_new(task_data(t), set->layout);
	if (rowstore_rows(set->store))
		return true;
	if (!rowstore_append(set->store, NULL, NULL, 1, &row, &t->err))
		return false;
	if (!make_list(t, set->store, true, &list)) {
		list_free(g->x, list);
		return false;
	}
	list->next = set->lists;
	set->lists = list;
	return true;
}

/* Other tasks' groups in memory join those on disk, where they can. */
static bool flush_set(struct task *t, struct aggregate *g, struct agg_set *set)
{
	if (set->spilled && !g->input && rowstore_rows(set->store)) {
		if (!write_store(t, g, &set->parts, &set->store, set->layout, 0))
			return false;
		agg_lists_free(g->x, &set->lists);
	}
	for (uint32_t i = 0; i < set->nsides; i++) {
		struct agg_side *side = &set->sides[i];

		if (!side->spilled || !side->store || !rowstore_rows(side->store))
			continue;
		if (!write_store(t, g, &side->parts, &side->store, side->layout, SIDE_HASH))
			return false;
		agg_lists_free(g->x, &side->lists);
	}
	return true;
}

static enum flow agg_finish(struct task *t, void *global)
{
	struct aggregate *g = global;
	uint32_t max = g->nsets * AGG_PARTITIONS;

	g->units = mem_new_array(mem_new(g->x->mem, MEM_EXECUTE, "aggregate units", 0), struct agg_unit, max);
	for (uint32_t s = 0; s < g->nsets; s++) {
		struct agg_set *set = &g->sets[s];
		uint32_t step, with_rows = 0;
		bool direct;

		if (set->nkeys == 0 && !add_empty_group(t, g, set))
			return FLOW_FAIL;
		if (!set->store)
			continue;
		if (!flush_set(t, g, set))
			return FLOW_FAIL;
		set->rows = rowstore_rows(set->store);
		for (const struct part_list *list = set->lists; list; list = list->next)
			with_rows += list->offsets[AGG_PARTITIONS] != 0;
		direct = with_rows <= 1 && !set->nsides && !set->spilled;
		step = !set->spilled && (set->nkeys == 0 || set->rows <= AGG_SMALL) ? AGG_PARTITIONS : 1;
		for (uint32_t p = 0; p < AGG_PARTITIONS; p += step)
			g->units[g->nunits++] = (struct agg_unit){set, p, p + step, direct};
	}
	return FLOW_DONE;
}

void agg_clear(struct aggregate *g)
{
	struct mem *m = mem_new(g->x->mem, MEM_EXECUTE, "aggregate", 0);

	for (uint32_t s = 0; s < g->nsets; s++) {
		struct agg_set *set = &g->sets[s];
		struct task t = {.x = g->x, .mem = m};

		if (g->drops && set->store)
			agg_drop_store(g, agg_fncalls(g, &t), set->store);
		rowstore_free(set->store);
		set->store = NULL;
		agg_lists_free(g->x, &set->lists);
		spill_parts_clear(g->sink->file, &set->parts);
		for (uint32_t i = 0; i < set->nsides; i++) {
			rowstore_free(set->sides[i].store);
			set->sides[i].store = NULL;
			agg_lists_free(g->x, &set->sides[i].lists);
			spill_parts_clear(g->sink->file, &set->sides[i].parts);
		}
	}
	mem_free(m);
}

static void agg_close(void *global)
{
	struct aggregate *g = global;

	agg_clear(g);
	pthread_mutex_destroy(&g->lock);
}

static const struct sink_ops sink_aggregate = {
	.name = "aggregate",
	.consume = agg_consume,
	.combine = agg_combine,
	.finish = agg_finish,
	.life = {agg_open_local, agg_close_local, agg_close},
};

struct op *sink_aggregate_new(struct aggregate *g)
{
	g->sink = op_new_sink(g->x, &sink_aggregate, g->node);
	g->sink->global = g;
	op_can_spill(g->sink);
	pthread_mutex_init(&g->lock, NULL);
	return g->sink;
}
