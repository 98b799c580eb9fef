/*
 * Runtime filters: filling them from build rows, carrying them down while pipelines are made, and the transform that
 * applies one over a scan. See runtime_filter.h.
 *
 * The transform watches what it does: when nearly every row passes, it stops looking. Its global state is the filter,
 * read-only by then.
 */
#include "engine/execute/runtime_filter.h"

#include <stdlib.h>

#include "engine/execute/join.h"

#define BITS_MOST (UINT64_C(1) << 28)  /* 32 MiB; wider ranges are not worth it */
#define BITS_A_ROW 512                 /* nor sparser ones … */
#define BITS_ALWAYS (UINT64_C(1) << 23) /* … unless they are small anyway */
#define WATCHED_ROWS 65536
#define DENSE_ROWS 16                  /* one row in so many left: copied out */

/* ---- carrying down ---- */

struct wanted_mark wanted_hide(struct lowering *l)
{
	struct wanted_mark mark = {l->wanted, l->nwanted, l->wanted_cap};

	l->wanted = NULL;
	l->nwanted = l->wanted_cap = 0;
	return mark;
}

void wanted_restore(struct lowering *l, struct wanted_mark mark)
{
	l->wanted = mark.list;
	l->nwanted = mark.n;
	l->wanted_cap = mark.cap;
}

void wanted_add(struct lowering *l, uint32_t column, struct runtime_filter *f)
{
	struct wanted_filter w = {column, f};

	for (size_t i = 0; i < l->nwanted; i++)
		if (l->wanted[i].column == column && l->wanted[i].filter == f)
			return;
	MEM_PUSH(l->x->mem, l->wanted, l->nwanted, l->wanted_cap, w);
}

void wanted_also(struct lowering *l, uint32_t column, uint32_t same)
{
	for (size_t i = 0, n = l->nwanted; i < n; i++)
		if (l->wanted[i].column == column)
			wanted_add(l, same, l->wanted[i].filter);
}

/* ---- filling ---- */

static bool is_counted(struct type t)
{
	enum phys p = type_phys(t);

	return p == PHYS_I32 || p == PHYS_I64;
}

void runtime_range_add(struct runtime_range *r, const struct vec *keys, const uint32_t *sel, uint32_t n)
{
	struct view v = vec_view(keys);
	int64_t least = r->any ? r->least : INT64_MAX, greatest = r->any ? r->greatest : INT64_MIN;

	if (!is_counted(keys->type) || !n)
		return;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = view_index(&v, sel ? sel[i] : i);
		int64_t x = type_phys(keys->type) == PHYS_I32 ? ((const int32_t *)v.data)[at] : ((const int64_t *)v.data)[at];
		least = x < least ? x : least;
		greatest = x > greatest ? x : greatest;
	}
	*r = (struct runtime_range){true, least, greatest};
}

void runtime_range_merge(struct runtime_filter *f, const struct runtime_range *r)
{
	if (!r->any)
		return;
	if (!f->any || r->least < f->least)
		f->least = r->least;
	if (!f->any || r->greatest > f->greatest)
		f->greatest = r->greatest;
	f->any = true;
}

/* NULL when there is no room: then there is no filter. */
static uint64_t *words_new(struct runtime_filter *f, struct mem *data, uint64_t words)
{
	uint64_t *out;
	struct err e;

	err_clear(&e);
	if (!mem_reserve(data, words * sizeof *out, &e))
		return NULL;
	f->reserved = words * sizeof *out;
	out = calloc(words, sizeof *out);
	ASSERT(out);
	return out;
}

void runtime_filter_start(struct runtime_filter *f, struct mem *data, uint64_t rows, bool single)
{
	uint64_t width = (uint64_t)f->greatest - (uint64_t)f->least, words = 64;

	f->empty = rows == 0;
	if (f->empty)
		return;
	if (f->any && width < BITS_MOST && (width < BITS_ALWAYS || width / BITS_A_ROW < rows)) {
		f->nbits = width + 1;
		f->bits = words_new(f, data, f->nbits / 64 + 1);
		return;
	}
	if (!single || rows > BITS_MOST / 16)
		return;
	while (words * 4 < rows)
		words *= 2;
	f->mask = words - 1;
	f->bloom = words_new(f, data, words);
}

static inline uint64_t bloom_bits(uint64_t hash)
{
	return UINT64_C(1) << (hash & 63) | UINT64_C(1) << (hash >> 6 & 63) | UINT64_C(1) << (hash >> 12 & 63);
}

static inline uint64_t bloom_word(const struct runtime_filter *f, uint64_t hash) { return (hash >> 24) & f->mask; }

void runtime_filter_add(struct runtime_filter *f, const struct rowlayout *layout, uint8_t *const *rows, uint32_t n)
{
	bool narrow = type_phys(f->type) == PHYS_I32;

	for (uint32_t i = 0; i < n && f->bloom; i++) {
		uint64_t hash = join_row(rows[i])->hash;
		__atomic_fetch_or(&f->bloom[bloom_word(f, hash)], bloom_bits(hash), __ATOMIC_RELAXED);
	}
	for (uint32_t i = 0; i < n && f->bits; i++) {
		const void *slot = row_slot(layout, rows[i], f->key);
		uint64_t at = (uint64_t)(narrow ? *(const int32_t *)slot : *(const int64_t *)slot) - (uint64_t)f->least;
		uint64_t bit = UINT64_C(1) << (at & 63);
		if (!(__atomic_load_n(&f->bits[at >> 6], __ATOMIC_RELAXED) & bit))
			__atomic_fetch_or(&f->bits[at >> 6], bit, __ATOMIC_RELAXED);
	}
}

void runtime_filter_free(struct runtime_filter *f, struct mem *data)
{
	free(f->bits);
	free(f->bloom);
	mem_release(data, f->reserved);
	f->bits = f->bloom = NULL;
	f->reserved = 0;
}

/* ---- applying ---- */

struct filtering {
	const struct runtime_filter *filter;
	uint32_t column;
};
struct filtering_local {
	uint64_t seen, passed;
	bool off;
	uint32_t sel[BATCH_ROWS];
	uint64_t hashes[BATCH_ROWS];
};

static bool filtering_open_local(struct task *t, void *global, void **local)
{
	(void)global;
	*local = mem_new_object(t->mem, struct filtering_local);
	return true;
}

#define TEST_BITS(T, INDEX)                                                                        \
	for (uint32_t i = 0; i < n; i++) {                                                             \
		uint64_t at = (uint64_t)(int64_t)((const T *)v->data)[INDEX] - least;                      \
		at = at < nbits ? at : nbits;                                                              \
		sel[kept] = i;                                                                             \
		kept += (f->bits[at >> 6] >> (at & 63)) & 1;                                               \
	}

static uint32_t test_bits(const struct runtime_filter *f, const struct view *v, uint32_t n, uint32_t *sel)
{
	uint64_t least = (uint64_t)f->least, nbits = f->nbits;
	bool narrow = type_phys(f->type) == PHYS_I32, flat = !v->sel && !v->is_const;
	uint32_t kept = 0;

	if (narrow && flat) {
		TEST_BITS(int32_t, i)
	} else if (narrow) {
		TEST_BITS(int32_t, view_index(v, i))
	} else if (flat) {
		TEST_BITS(int64_t, i)
	} else {
		TEST_BITS(int64_t, view_index(v, i))
	}
	return kept;
}

static uint32_t test_bloom(const struct runtime_filter *f, const struct view *v, uint32_t n, struct filtering_local *l)
{
	uint32_t kept = 0;

	kernel_hash(f->type, v, n, false, l->hashes);
	for (uint32_t i = 0; i < n; i++) {
		uint64_t bits = bloom_bits(l->hashes[i]);
		l->sel[kept] = i;
		kept += (f->bloom[bloom_word(f, l->hashes[i])] & bits) == bits;
	}
	return kept;
}

/* NULLs match nothing. */
static uint32_t drop_nulls(const struct view *v, uint32_t *sel, uint32_t n)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		sel[kept] = sel[i];
		kept += !view_is_null(v, sel[i]);
	}
	return kept;
}

static bool compact(struct task *t, struct batch *b)
{
	for (uint32_t c = 0; c < b->ncols; c++) {
		struct vec flat;
		if (b->cols[c].kind != VEC_DICT)
			continue;
		if (!vec_flatten(&flat, &b->cols[c], b->rows, task_data(t), &t->err))
			return false;
		vec_release(&b->cols[c]);
		b->cols[c] = flat;
	}
	return true;
}

static enum flow filtering_push(struct task *t, void *global, void *local, struct batch *in, struct batch *out)
{
	const struct filtering *g = global;
	const struct runtime_filter *f = g->filter;
	struct filtering_local *l = local;
	struct view v = vec_view(&in->cols[g->column]);
	uint32_t n = in->rows;

	if (f->empty)
		return FLOW_DONE;
	if (!l->off && (f->bits || f->bloom)) {
		n = f->bits ? test_bits(f, &v, n, l->sel) : test_bloom(f, &v, n, l);
		if (v.valid)
			n = drop_nulls(&v, l->sel, n);
		l->seen += in->rows;
		l->passed += n;
		l->off = l->seen >= WATCHED_ROWS && l->passed > l->seen / 8 * 7;
	}
	if (n == 0)
		return FLOW_NEED_INPUT;
	if (!batch_slice(out, in, n == in->rows ? NULL : l->sel, n, task_data(t), &t->err))
		return FLOW_FAIL;
	return n >= in->rows / DENSE_ROWS || compact(t, out) ? FLOW_NEED_INPUT : FLOW_FAIL;
}

static const struct transform_ops transform_runtime_filter = {
	.name = "runtime filter",
	.push = filtering_push,
	.life = {filtering_open_local, NULL, NULL},
};

void lower_runtime_filters(struct lowering *l, const struct rel *r, const struct chain **up, struct chain *storage)
{
	uint32_t n = 0;

	for (size_t i = 0; i < l->nwanted && n < FILTER_LINKS; i++) {
		int at = column_index(r->cols, r->ncols, l->wanted[i].column);
		struct filtering *g;
		struct op *op;
		if (at < 0 || !type_same(r->cols[at].type, l->wanted[i].filter->type))
			continue;
		g = mem_new_object(l->x->mem, struct filtering);
		g->filter = l->wanted[i].filter;
		g->column = (uint32_t)at;
		op = op_new_transform(l->x, &transform_runtime_filter, NULL, r->ncols);
		op->global = g;
		op_depend(op, l->wanted[i].filter->ready);
		storage[n] = (struct chain){op, *up};
		*up = &storage[n++];
	}
}
