/*
 * What an aggregation has on disk: pieces (a partition of a set's groups with its side rows) are split until one fits
 * into a task's share of memory, then read into groups. Side rows are sorted by group, order keys and distinct
 * arguments, on disk where they are many, so that equal ones stand side by side.
 *
 * A piece is one task's; the file is the sink's. Rows that other tasks' groups left in memory are the caller's.
 */
#include "engine/execute/aggregate.h"

#include <stdlib.h>

void agg_work_free(struct agg_reader *r, struct agg_work *w)
{
	struct spill_file *f = r->g->sink->file;

	spill_run_clear(f, &w->groups);
	for (uint32_t i = 0; i < w->set->nsides; i++)
		spill_run_clear(f, &w->sides[i]);
	free(w->sides);
	free(w);
}

static struct agg_work *new_work(struct agg_reader *r, const struct agg_set *set, uint32_t level, uint64_t path)
{
	struct agg_work *w = calloc(1, sizeof *w);

	ASSERT(w);
	w->sides = calloc(set->nsides + 1, sizeof *w->sides);
	ASSERT(w->sides);
	w->set = set;
	w->level = level;
	w->path = path;
	w->next = r->works;
	r->works = w;
	return w;
}

static struct spill_run take_run(struct spill_run *from)
{
	struct spill_run run = *from;

	*from = (struct spill_run){0};
	return run;
}

void agg_work_add(struct agg_reader *r, struct agg_set *set, uint32_t partition)
{
	struct agg_work *w = new_work(r, set, 0, partition);

	w->groups = take_run(&set->parts.runs[partition]);
	for (uint32_t i = 0; i < set->nsides; i++)
		w->sides[i] = take_run(&set->sides[i].parts.runs[partition]);
}

void agg_works_free(struct agg_reader *r)
{
	while (r->works) {
		struct agg_work *w = r->works;
		r->works = w->next;
		agg_work_free(r, w);
	}
}

bool agg_work_has(const struct agg_work *w, uint64_t hash)
{
	return ((hash >> (40 - 5 * w->level)) & ((UINT64_C(1) << (5 * (w->level + 1))) - 1)) == w->path;
}

static const struct rowlayout *group_layout(const struct agg_reader *r, const struct agg_set *set)
{
	return r->g->input ? r->g->input : set->layout;
}

/* Replaces the first piece by its parts. */
static bool split_first(struct agg_reader *r)
{
	struct spill_file *f = r->g->sink->file;
	struct agg_work *w = r->works, *parts[SPILL_PARTS];
	const struct agg_set *set = w->set;
	struct spill_parts *out = calloc(1, sizeof *out);
	struct err *e = &r->t->err;
	bool ok;

	ASSERT(out);
	r->works = w->next;
	for (uint32_t p = SPILL_PARTS; p-- > 0;)
		parts[p] = new_work(r, set, w->level + 1, w->path << 5 | p);
	ok = spill_split(f, &w->groups, group_layout(r, set), 0, w->level + 1, out, e);
	for (uint32_t p = 0; p < SPILL_PARTS; p++)
		parts[p]->groups = take_run(&out->runs[p]);
	for (uint32_t i = 0; ok && i < set->nsides; i++) {
		ok = spill_split(f, &w->sides[i], set->sides[i].layout, SIDE_HASH, w->level + 1, out, e);
		for (uint32_t p = 0; p < SPILL_PARTS; p++)
			parts[p]->sides[i] = take_run(&out->runs[p]);
	}
	free(out);
	agg_work_free(r, w);
	return ok;
}

bool agg_work_prepare(struct agg_reader *r)
{
	while (r->works->groups.bytes > execution_share(r->g->x) && r->works->level + 1 < SPILL_LEVELS)
		if (!split_first(r) || !cancel_check(r->g->x->env.cancel, &r->t->err))
			return false;
	return true;
}

/* ---- groups ---- */

static bool load_states(struct agg_reader *r, const struct agg_set *set, uint32_t n)
{
	struct vec *keys = calloc(set->nkeys + 1, sizeof *keys);
	struct agg_feed *f = &r->feed;
	struct err *e = &r->t->err;
	bool ok = true;

	ASSERT(keys);
	for (uint32_t k = 0; ok && k < set->nkeys; k++)
		ok = rowstore_gather(r->own, k, r->from, n, &keys[k], task_data(r->t), e);
	for (uint32_t i = 0; i < n; i++)
		r->hashes[i] = group_row(r->from[i])->hash;
	ok = ok && group_table_find(r->table, keys, r->hashes, NULL, n, f->rows, e);
	for (uint32_t c = 0; ok && c < r->g->ncalls; c++) {
		const struct agg_call *a = &r->g->calls[c];
		if (a->deferred)
			continue;
		agg_states(a, f->rows, n, f->states);
		agg_states(a, r->from, n, r->from_states);
		ok = a->ops->combine(&r->calls[c], f->states, r->from_states, n);
	}
	for (uint32_t k = 0; k < set->nkeys; k++)
		vec_release(&keys[k]);
	free(keys);
	return ok;
}

static bool load_input(struct agg_reader *r, struct rowstore *lender, const struct agg_set *set, uint32_t n)
{
	struct aggregate *g = r->g;
	struct vec *cols = calloc(g->nout + 1, sizeof *cols), *keys = calloc(set->nkeys + 1, sizeof *keys);
	struct agg_feed *f = &r->feed;
	struct err *e = &r->t->err;
	bool ok = true;

	ASSERT(cols && keys);
	for (uint32_t c = 0; ok && c < g->nout; c++)
		ok = rowstore_gather(lender, c, r->from, n, &cols[c], task_data(r->t), e);
	for (uint32_t k = 0; k < set->nkeys; k++)
		keys[k] = cols[set->groups[k]]; /* lent */
	for (uint32_t i = 0; i < n; i++)
		r->hashes[i] = group_row(r->from[i])->hash;
	f->out = cols;
	ok = ok && group_table_find(r->table, keys, r->hashes, NULL, n, f->rows, e);
	for (uint32_t c = 0; ok && c < g->ncalls; c++)
		if (!g->calls[c].deferred)
			ok = agg_update(r->t, &g->calls[c], f, &r->calls[c], n, false);
	f->out = NULL;
	for (uint32_t c = 0; c < g->nout; c++)
		vec_release(&cols[c]);
	free(cols);
	free(keys);
	return ok;
}

bool agg_work_load(struct agg_reader *r, struct agg_work *w)
{
	const struct rowlayout *layout = group_layout(r, w->set);
	struct rowstore *lender = rowstore_new(task_data(r->t), layout); /* only a layout to gather with */
	struct spill_reader reader;
	uint8_t *base;
	uint32_t n;
	bool ok = true;

	spill_reader_open(&reader, r->g->sink->file, &w->groups, layout);
	while (ok && (ok = spill_read(&reader, &base, &n, &r->t->err)) && n) {
		for (uint32_t at = 0; ok && at < n; at += BATCH_ROWS) {
			uint32_t k = n - at < BATCH_ROWS ? n - at : BATCH_ROWS;
			for (uint32_t i = 0; i < k; i++)
				r->from[i] = base + (size_t)(at + i) * layout->width;
			ok = r->g->input ? load_input(r, lender, w->set, k) : load_states(r, w->set, k);
		}
		ok = ok && cancel_check(r->g->x->env.cancel, &r->t->err);
	}
	spill_reader_close(&reader);
	rowstore_free(lender);
	return ok;
}

/* ---- deferred aggregates ---- */

static bool sort_rows(struct agg_reader *r, struct sorter *s, uint8_t *const *rows, uint32_t n)
{
	uint8_t *copies[BATCH_ROWS];

	return rowstore_append_rows(s->store, rows, n, copies, &r->t->err) && sorter_add(s, copies, n, &r->t->err) &&
		   ((!op_pressed(r->g->sink, sorter_bytes(s)) && sorter_bytes(s) <= execution_share(r->g->x)) ||
			sorter_spill(s, &r->t->err)); /* the states that grow from these rows need room too */
}

bool agg_side_sort(struct agg_reader *r, struct agg_side *side, uint8_t *const *rows, uint64_t n,
				   const struct spill_run *runs, uint32_t nruns, struct sorter *out)
{
	bool ok = true;

	sorter_init(out, r->g->sink, &side->spilled_order);
	for (uint64_t at = 0; ok && at < n; at += BATCH_ROWS)
		ok = sort_rows(r, out, rows + at, n - at < BATCH_ROWS ? (uint32_t)(n - at) : BATCH_ROWS);
	for (uint32_t i = 0; ok && i < nruns; i++) {
		struct spill_reader reader;
		uint8_t *base;
		uint32_t k;

		spill_reader_open(&reader, r->g->sink->file, &runs[i], side->layout);
		while (ok && (ok = spill_read(&reader, &base, &k, &r->t->err)) && k) {
			for (uint32_t at = 0; ok && at < k; at += BATCH_ROWS) {
				uint32_t m = k - at < BATCH_ROWS ? k - at : BATCH_ROWS;
				for (uint32_t j = 0; j < m; j++)
					r->from[j] = base + (size_t)(at + j) * side->layout->width;
				ok = sort_rows(r, out, r->from, m);
			}
			ok = ok && cancel_check(r->g->x->env.cancel, &r->t->err);
		}
		spill_reader_close(&reader);
	}
	return ok && sorter_finish(out, &r->t->err);
}
