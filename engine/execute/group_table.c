/*
 * Find-or-make of groups, a batch at a time: every open row walks the directory to an empty word or to one
 * with its salt; new rows are appended together, candidates compared together, what differs walks on.
 * Grows by doubling before it is three quarters full. See group_table.h.
 */
#include "engine/execute/group_table.h"

#include <stdlib.h>

#define POINTER ((UINT64_C(1) << 48) - 1)
#define SIZE_FIRST 4096

static uint64_t salt(uint64_t hash) { return hash & ~POINTER; }

void group_table_init(struct group_table *g, struct mem *data, const struct rowlayout *layout, uint32_t nkeys,
					  struct rowstore *store)
{
	*g = (struct group_table){.mem = data, .layout = layout, .nkeys = nkeys, .store = store};
}

void group_table_clear(struct group_table *g)
{
	free(g->directory);
	if (g->size)
		mem_release(g->mem, g->size * sizeof(uint64_t));
	g->directory = NULL;
	g->size = g->count = 0;
}

void hash_columns(const struct vec *cols, uint32_t nkeys, uint32_t n, uint64_t *hashes)
{
	if (!nkeys)
		memset(hashes, 0, n * sizeof *hashes);
	for (uint32_t k = 0; k < nkeys; k++) {
		struct view v = vec_view(&cols[k]);
		kernel_hash(cols[k].type, &v, n, k > 0, hashes);
	}
}

static bool grow(struct group_table *g, uint64_t want, struct err *e)
{
	uint64_t size = g->size ? g->size : SIZE_FIRST, *old = g->directory, *new;

	while (want > size / 4 * 3)
		size *= 2;
	if (size == g->size)
		return true;
	if (!mem_reserve(g->mem, size * sizeof *new, e))
		return false;
	new = calloc(size, sizeof *new);
	if (!new)
		abort();
	for (uint64_t i = 0; i < g->size; i++) {
		uint64_t at;
		if (!old[i])
			continue;
		at = group_row((uint8_t *)(uintptr_t)(old[i] & POINTER))->hash & (size - 1);
		while (new[at])
			at = (at + 1) & (size - 1);
		new[at] = old[i];
	}
	free(old);
	if (g->size)
		mem_release(g->mem, g->size * sizeof *old);
	g->directory = new;
	g->size = size;
	return true;
}

/* One batch on its way through the directory. */
struct walk_state {
	struct group_table *g;
	const uint64_t *hashes;      /* by position i of the n rows */
	struct view *keys;
	const uint32_t *sel;         /* row of the views for position i; NULL: i */
	uint32_t n;
	uint8_t **rows;              /* result */
	uint32_t npending, nnew, ncompare;
	uint32_t *pending, *new, *compare; /* positions */
	uint64_t *slots, *new_slots;
	uint8_t **compare_rows;
	uint32_t *compare_sel;
	uint8_t *equal;
};

/* Each pending row stops at an empty word (claimed: it becomes new) or at one with its salt. */
static void walk(struct walk_state *w)
{
	struct group_table *g = w->g;
	uint64_t mask = g->size - 1;

	w->nnew = w->ncompare = 0;
	for (uint32_t k = 0; k < w->npending; k++) {
		uint32_t i = w->pending[k];
		uint64_t at = w->slots[i], word;

		while ((word = g->directory[at]) != 0 && salt(word) != salt(w->hashes[i]))
			at = (at + 1) & mask;
		w->slots[i] = at;
		if (word) {
			w->compare[w->ncompare++] = i;
		} else {
			g->directory[at] = salt(w->hashes[i]) | 1; /* not a row's address; replaced below */
			w->new_slots[w->nnew] = at;
			w->new[w->nnew++] = i;
		}
	}
}

static void place_new(struct walk_state *w, uint8_t *const *rows)
{
	for (uint32_t k = 0; k < w->nnew; k++) {
		uint32_t i = w->new[k];
		w->rows[i] = rows[k];
		w->g->directory[w->new_slots[k]] = salt(w->hashes[i]) | (uint64_t)(uintptr_t)rows[k];
	}
	w->g->count += w->nnew;
}

static void compare_keys(struct walk_state *w)
{
	struct group_table *g = w->g;

	for (uint32_t k = 0; k < w->ncompare; k++) {
		uint32_t i = w->compare[k];
		w->compare_rows[k] = (uint8_t *)(uintptr_t)(g->directory[w->slots[i]] & POINTER);
		w->compare_sel[k] = w->sel ? w->sel[i] : i;
	}
	if (w->ncompare)
		rowstore_match(g->layout, w->compare_rows, w->keys, g->nkeys, w->compare_sel, w->ncompare, true, w->equal);
	w->npending = 0;
	for (uint32_t k = 0; k < w->ncompare; k++) {
		uint32_t i = w->compare[k];
		w->rows[i] = w->compare_rows[k];
		if (!w->equal[k]) {
			w->slots[i] = (w->slots[i] + 1) & (g->size - 1);
			w->pending[w->npending++] = i;
		}
	}
}

/* Without a key there is one group. */
static bool find_only(struct group_table *g, uint32_t n, uint8_t **rows, struct err *e)
{
	struct rowcursor cursor = {0, 0};
	uint8_t *row;

	if (!rowstore_scan(g->store, &cursor, &row, 1)) {
		if (!rowstore_append(g->store, NULL, NULL, 1, &row, e))
			return false;
		g->count = 1;
	}
	for (uint32_t i = 0; i < n; i++)
		rows[i] = row;
	return true;
}

struct walk_room {
	uint64_t hashes[BATCH_ROWS], slots[BATCH_ROWS], new_slots[BATCH_ROWS];
	uint32_t pending[BATCH_ROWS], new[BATCH_ROWS], compare[BATCH_ROWS], compare_sel[BATCH_ROWS], new_sel[BATCH_ROWS];
	uint8_t *compare_rows[BATCH_ROWS], *new_rows[BATCH_ROWS];
	uint8_t equal[BATCH_ROWS];
};

static struct walk_state begin(struct group_table *g, struct walk_room *room, const uint64_t *hashes, uint32_t n,
							   uint8_t **rows)
{
	struct walk_state w = {
		.g = g, .hashes = hashes, .n = n, .rows = rows, .npending = n, .pending = room->pending, .new = room->new,
		.compare = room->compare, .slots = room->slots, .new_slots = room->new_slots,
		.compare_rows = room->compare_rows, .compare_sel = room->compare_sel, .equal = room->equal};

	for (uint32_t i = 0; i < n; i++) {
		room->pending[i] = i;
		room->slots[i] = hashes[i] & (g->size - 1);
		__builtin_prefetch(&g->directory[room->slots[i]]);
	}
	return w;
}

bool group_table_find(struct group_table *g, const struct vec *cols, const uint64_t *hashes, const uint32_t *sel,
					  uint32_t n, uint8_t **rows, struct err *e)
{
	struct walk_room room;
	struct view views[64], *keys = views;
	struct walk_state w;
	bool ok = true;

	if (!g->nkeys)
		return find_only(g, n, rows, e);
	if (!grow(g, g->count + n, e))
		return false;
	if (g->nkeys > ARRAY_LEN(views)) {
		keys = malloc(g->nkeys * sizeof *keys);
		if (!keys)
			abort();
	}
	for (uint32_t k = 0; k < g->nkeys; k++)
		keys[k] = vec_view(&cols[k]);
	if (sel) {
		for (uint32_t i = 0; i < n; i++)
			room.hashes[i] = hashes[sel[i]];
		hashes = room.hashes;
	}
	w = begin(g, &room, hashes, n, rows);
	w.keys = keys;
	w.sel = sel;
	while (ok && w.npending) {
		walk(&w);
		for (uint32_t k = 0; k < w.nnew; k++)
			room.new_sel[k] = sel ? sel[w.new[k]] : w.new[k];
		ok = !w.nnew || rowstore_append(g->store, cols, room.new_sel, w.nnew, room.new_rows, e);
		if (!ok) /* the claims lead nowhere */
			for (uint32_t k = 0; k < w.nnew; k++)
				g->directory[w.new_slots[k]] = 0;
		if (!ok)
			break;
		for (uint32_t k = 0; k < w.nnew; k++)
			group_row(room.new_rows[k])->hash = hashes[w.new[k]];
		place_new(&w, room.new_rows);
		compare_keys(&w);
	}
	if (keys != views)
		free(keys);
	return ok;
}

static bool merge_block(struct group_table *g, struct rowstore *store, uint8_t *const *rows, uint32_t n, uint8_t **into,
						struct err *e)
{
	struct walk_room room;
	struct vec *cols = calloc(g->nkeys, sizeof *cols);
	struct view *keys = calloc(g->nkeys, sizeof *keys);
	struct walk_state w;
	bool ok = cols && keys;

	ASSERT(ok);
	for (uint32_t k = 0; ok && k < g->nkeys; k++) {
		ok = rowstore_gather(store, k, rows, n, &cols[k], g->mem, e);
		keys[k] = vec_view(&cols[k]);
	}
	for (uint32_t i = 0; i < n; i++)
		room.hashes[i] = group_row(rows[i])->hash;
	w = begin(g, &room, room.hashes, n, into);
	w.keys = keys;
	while (ok && w.npending) {
		walk(&w);
		for (uint32_t k = 0; k < w.nnew; k++)
			room.new_rows[k] = rows[w.new[k]];
		place_new(&w, room.new_rows);
		compare_keys(&w);
	}
	for (uint32_t k = 0; k < g->nkeys; k++)
		vec_release(&cols[k]);
	free(cols);
	free(keys);
	return ok;
}

bool group_table_merge(struct group_table *g, struct rowstore *store, uint8_t *const *rows, uint32_t n, uint8_t **into,
					   struct err *e)
{
	for (uint32_t at = 0; at < n; at += BATCH_ROWS) {
		uint32_t k = n - at < BATCH_ROWS ? n - at : BATCH_ROWS;
		if (!grow(g, g->count + k, e) || !merge_block(g, store, rows + at, k, into + at, e))
			return false;
	}
	return true;
}
