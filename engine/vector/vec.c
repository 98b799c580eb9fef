/*
 * Vectors: making, sharing, slicing, flattening, boxing. The contracts stand in vec.h.
 *
 * Leaves computing on values to engine/kernel and long texts to heap.c. A vec under construction has
 * one user; once shared its buffers are read-only, so only the counts need to be atomic.
 * Invariants kept by everything here: a NULL slot is all zero bytes, a dict's child is never a dict.
 */
#include "engine/vector/vec_int.h"

/* Of constants that are NULL: shared by all, never written. */
static uint64_t null_bits[1];
static _Alignas(16) unsigned char null_slot[64];

struct view vec_view(const struct vec *v)
{
	return (struct view){
		.data = v->data,
		.sel = v->kind == VEC_DICT ? v->sel : NULL,
		.valid = v->valid,
		.is_const = v->kind == VEC_CONST,
	};
}

bool vec_init_flat(struct vec *v, struct type t, uint32_t rows, struct mem *m, struct err *e)
{
	enum phys p = type_phys(t);

	memset(v, 0, sizeof *v);
	v->type = t;
	v->kind = VEC_FLAT;
	v->data_buf = buf_new(m, (rows ? rows : 1) * phys_size(p), e);
	if (!v->data_buf)
		return false;
	v->data = v->data_buf->data;
	if (p == PHYS_STR)
		v->heap = heap_new(m);
	return true;
}

bool vec_init_const(struct vec *v, const struct value *value, struct mem *m, struct err *e)
{
	if (value->is_null) {
		memset(v, 0, sizeof *v);
		v->type = value->type;
		v->kind = VEC_CONST;
		v->data = null_slot;
		v->valid = null_bits;
		return true;
	}
	if (!vec_init_flat(v, value->type, 1, m, e))
		return false;
	v->kind = VEC_CONST;
	if (type_phys(value->type) == PHYS_STR) {
		if (!heap_add(v->heap, text_data(&value->text), value->text.len, v->data, e)) {
			vec_release(v);
			return false;
		}
	} else {
		value_store(value, v->data);
	}
	return true;
}

void vec_share(struct vec *dst, const struct vec *src)
{
	*dst = *src;
	buf_ref(dst->data_buf);
	buf_ref(dst->valid_buf);
	buf_ref(dst->sel_buf);
	heap_ref(dst->heap);
}

void vec_release(struct vec *v)
{
	buf_unref(v->data_buf);
	buf_unref(v->valid_buf);
	buf_unref(v->sel_buf);
	heap_unref(v->heap);
	memset(v, 0, sizeof *v);
}

/* dst = src behind the selection buffer, whose reference goes to dst. */
static void share_behind(struct vec *dst, const struct vec *src, struct buf *sel)
{
	struct vec v = *src;

	v.kind = VEC_DICT;
	v.sel_buf = sel;
	v.sel = (uint32_t *)sel->data;
	buf_ref(v.data_buf);
	buf_ref(v.valid_buf);
	heap_ref(v.heap);
	*dst = v;
}

/* A new buffer with through[sel[i]]; through NULL = sel[i]. */
static struct buf *compose(const uint32_t *through, const uint32_t *sel, uint32_t n, struct mem *m, struct err *e)
{
	struct buf *b = buf_new(m, (n ? n : 1) * sizeof(uint32_t), e);
	uint32_t *out;

	if (!b)
		return NULL;
	out = (uint32_t *)b->data;
	if (through)
		for (uint32_t i = 0; i < n; i++)
			out[i] = through[sel[i]];
	else if (n)
		memcpy(out, sel, n * sizeof *sel);
	return b;
}

bool vec_slice(struct vec *dst, const struct vec *src, const uint32_t *sel, uint32_t n, struct mem *m, struct err *e)
{
	struct buf *b;

	if (src->kind == VEC_CONST || !sel) {
		vec_share(dst, src);
		return true;
	}
	b = compose(src->kind == VEC_DICT ? src->sel : NULL, sel, n, m, e);
	if (!b) {
		memset(dst, 0, sizeof *dst);
		return false;
	}
	share_behind(dst, src, b);
	return true;
}

bool vec_slice_shared(struct vec *dst, const struct vec *src, struct buf *sel, uint32_t n, struct mem *m,
					  struct err *e)
{
	if (src->kind == VEC_FLAT) {
		share_behind(dst, src, buf_ref(sel));
		return true;
	}
	return vec_slice(dst, src, (const uint32_t *)sel->data, n, m, e);
}

/* out[i] = data[view index of from + i], one loop per size. */
static void gather_values(void *out, const struct view *v, uint32_t from, uint32_t n, size_t size)
{
	unsigned char *to = out;
	const unsigned char *data = v->data;

	if (!v->is_const && !v->sel) {
		if (n)
			memcpy(to, data + from * size, n * size);
		return;
	}
#define COPY_EACH(bytes)                                                                           \
	for (uint32_t i = 0; i < n; i++)                                                               \
		memcpy(to + (size_t)i * (bytes), data + (size_t)view_index(v, from + i) * (bytes), (bytes))
	EACH_VALUE_SIZE(size, COPY_EACH)
#undef COPY_EACH
}

static uint32_t flat_capacity(const struct vec *v)
{
	return (uint32_t)(v->data_buf->size / phys_size(type_phys(v->type)));
}

bool vec_want_nulls(struct vec *v, uint32_t rows, struct mem *m, struct err *e)
{
	if (v->valid)
		return true;
	ASSERT(v->kind == VEC_FLAT);
	v->valid_buf = buf_new(m, (rows ? bitmap_words(rows) : 1) * sizeof(uint64_t), e);
	if (!v->valid_buf)
		return false;
	v->valid = (uint64_t *)v->valid_buf->data;
	memset(v->valid, 0xff, (rows ? bitmap_words(rows) : 1) * sizeof(uint64_t));
	return true;
}

void vec_set_null(struct vec *v, uint32_t i)
{
	size_t size = phys_size(type_phys(v->type));

	bit_clear(v->valid, i);
	memset((char *)v->data + i * size, 0, size);
}

bool vec_append(struct vec *dst, uint32_t at, const struct vec *src, uint32_t from, uint32_t n, struct mem *m,
				struct err *e)
{
	size_t size = phys_size(type_phys(dst->type));
	struct view v = vec_view(src);

	ASSERT(dst->kind == VEC_FLAT && type_phys(src->type) == type_phys(dst->type));
	if (v.valid && !vec_want_nulls(dst, flat_capacity(dst), m, e))
		return false;
	gather_values((char *)dst->data + at * size, &v, from, n, size);
	if (dst->valid)
		for (uint32_t i = 0; i < n; i++) {
			if (view_is_null(&v, from + i))
				bit_clear(dst->valid, at + i);
			else
				bit_set(dst->valid, at + i);
		}
	if (src->heap)
		heap_adopt(dst->heap, src->heap);
	return true;
}

bool vec_flatten(struct vec *dst, const struct vec *src, uint32_t rows, struct mem *m, struct err *e)
{
	if (src->kind == VEC_FLAT) {
		vec_share(dst, src);
		return true;
	}
	if (!vec_init_flat(dst, src->type, rows, m, e))
		return false;
	if (!vec_append(dst, 0, src, 0, rows, m, e)) {
		vec_release(dst);
		return false;
	}
	return true;
}

struct value vec_get(const struct vec *v, uint32_t i)
{
	struct view w = vec_view(v);

	if (view_is_null(&w, i))
		return value_null(v->type);
	return value_load(v->type, (const char *)v->data + view_index(&w, i) * phys_size(type_phys(v->type)));
}

bool vec_put(struct vec *v, uint32_t i, const struct value *value, struct mem *m, struct err *e)
{
	enum phys p = type_phys(v->type);
	void *slot = (char *)v->data + i * phys_size(p);

	if (value->is_null) {
		if (!vec_want_nulls(v, flat_capacity(v), m, e))
			return false;
		vec_set_null(v, i);
		return true;
	}
	ASSERT(type_phys(value->type) == p);
	if (v->valid)
		bit_set(v->valid, i);
	if (p == PHYS_STR)
		return heap_add(v->heap, text_data(&value->text), value->text.len, slot, e);
	value_store(value, slot);
	return true;
}

void batch_init(struct batch *b, uint32_t ncols, struct mem *m)
{
	b->rows = 0;
	b->ncols = ncols;
	b->cols = mem_new_array(m, struct vec, ncols ? ncols : 1);
}

void batch_release(struct batch *b)
{
	for (uint32_t i = 0; i < b->ncols; i++)
		vec_release(&b->cols[i]);
	b->rows = 0;
}

/* Columns that stand behind one selection already get one composed selection again. */
static bool slice_columns(struct batch *dst, const struct batch *src, struct buf *sel, uint32_t n, struct mem *m,
						  struct err *e)
{
	struct buf *through = NULL, *composed = NULL;

	for (uint32_t i = 0; i < src->ncols; i++) {
		const struct vec *v = &src->cols[i];
		if (v->kind == VEC_DICT && v->sel_buf && v->sel_buf == through) {
			share_behind(&dst->cols[i], v, buf_ref(composed));
			continue;
		}
		if (!vec_slice_shared(&dst->cols[i], v, sel, n, m, e))
			return false;
		if (v->kind == VEC_DICT) {
			through = v->sel_buf;
			composed = dst->cols[i].sel_buf;
		}
	}
	return true;
}

bool batch_slice(struct batch *dst, const struct batch *src, const uint32_t *sel, uint32_t n, struct mem *m,
				 struct err *e)
{
	struct buf *b;
	bool ok;

	ASSERT(dst->ncols == src->ncols);
	if (!sel) {
		for (uint32_t i = 0; i < src->ncols; i++)
			vec_share(&dst->cols[i], &src->cols[i]);
		dst->rows = n;
		return true;
	}
	b = compose(NULL, sel, n, m, e);
	if (!b)
		return false;
	ok = slice_columns(dst, src, b, n, m, e);
	buf_unref(b);
	if (!ok) {
		batch_release(dst);
		return false;
	}
	dst->rows = n;
	return true;
}

size_t batch_bytes(const struct batch *b)
{
	size_t bytes = 0;

	for (uint32_t i = 0; i < b->ncols; i++) {
		const struct vec *v = &b->cols[i];
		bytes += v->data_buf ? v->data_buf->size : 0;
		bytes += v->valid_buf ? v->valid_buf->size : 0;
		bytes += v->sel_buf ? v->sel_buf->size : 0;
		bytes += v->heap ? heap_bytes(v->heap) : 0;
	}
	return bytes;
}
