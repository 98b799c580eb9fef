/*
 * Vectors and batches: what all data is while it is inside the engine.
 *
 * A batch is up to 2,048 rows of typed vectors. A vector is
 *   VEC_FLAT   data[i], validity bit i
 *   VEC_CONST  data[0] for all rows, validity bit 0
 *   VEC_DICT   data[sel[i]], validity bit sel[i]: a selection over another vector's buffers
 * A NULL `valid` means that nothing is NULL. Under a NULL the slot still holds a harmless value of
 * its physical type (all bytes zero), so loops need not look before they compute.
 * Buffers are counted (struct buf) and never written once the batch has left its maker: sharing them
 * is how filter, projection and join avoid copies. Texts longer than 12 bytes point into buffers
 * that the vector's heap keeps alive.
 *
 * A vec is plain memory: vec_share makes another reference, vec_release gives one back.
 * Data-sized memory is charged to the mem given at creation: the query's node, which outlives all.
 */
#ifndef HOPLUU_VECTOR_VEC_H
#define HOPLUU_VECTOR_VEC_H

#include "engine/types/value.h"

#define BATCH_ROWS 2048

/* Where long texts live: a counted set of chunks and of other heaps that are kept alive. Appending is
 * for one thread, before the vector is shared. */
struct heap;
struct heap *heap_new(struct mem *m);
struct heap *heap_ref(struct heap *h); /* NULL gives NULL */
void heap_unref(struct heap *h);
/* Room for len bytes, stable until the heap goes; NULL with 53200. */
MUST_CHECK char *heap_alloc(struct heap *h, size_t len, struct err *e);
/* h keeps other (NULL is fine) alive too. */
void heap_adopt(struct heap *h, struct heap *other);
/* Copies data and makes the view. */
MUST_CHECK bool heap_add(struct heap *h, const char *data, size_t len, struct text *out, struct err *e);

enum vec_kind { VEC_FLAT, VEC_CONST, VEC_DICT };

struct vec {
	struct type type;
	enum vec_kind kind;
	void *data;          /* into data_buf (or static memory for some constants) */
	uint64_t *valid;     /* bitmap, 1 = not NULL; NULL = no NULLs; into valid_buf */
	uint32_t *sel;       /* VEC_DICT; into sel_buf */
	struct buf *data_buf, *valid_buf, *sel_buf; /* NULL = borrowed from longer-lived memory */
	struct heap *heap;   /* keeps long texts alive; NULL when there are none */
};

struct batch {
	uint32_t rows;
	uint32_t ncols;
	struct vec *cols; /* array of ncols, in memory of whoever made the batch */
};

/* How every loop reads a vector: value of row i is data[index], index = is_const ? 0 : sel ? sel[i] : i. */
struct view {
	const void *data;
	const uint32_t *sel;
	const uint64_t *valid;
	bool is_const;
};
static inline uint32_t view_index(const struct view *v, uint32_t i)
{
	return v->is_const ? 0 : v->sel ? v->sel[i] : i;
}
static inline bool bit_get(const uint64_t *bits, uint32_t i) { return (bits[i >> 6] >> (i & 63)) & 1; }
static inline void bit_set(uint64_t *bits, uint32_t i) { bits[i >> 6] |= UINT64_C(1) << (i & 63); }
static inline void bit_clear(uint64_t *bits, uint32_t i) { bits[i >> 6] &= ~(UINT64_C(1) << (i & 63)); }
static inline size_t bitmap_words(uint32_t rows) { return (rows + 63) / 64; }
static inline bool view_is_null(const struct view *v, uint32_t i)
{
	return v->valid && !bit_get(v->valid, view_index(v, i));
}
struct view vec_view(const struct vec *v);

/* A flat vector for `rows` rows: data undefined, no NULLs, for STR an empty heap. */
MUST_CHECK bool vec_init_flat(struct vec *v, struct type t, uint32_t rows, struct mem *m, struct err *e);
/* A constant; long text is copied. */
MUST_CHECK bool vec_init_const(struct vec *v, const struct value *value, struct mem *m, struct err *e);
/* dst = rows sel[0..n) of src, without copying values: a dict over src's buffers (selections compose; a
 * const stays const). sel is copied. */
MUST_CHECK bool vec_slice(struct vec *dst, const struct vec *src, const uint32_t *sel, uint32_t n, struct mem *m,
						  struct err *e);
/* The same with a selection buffer that several columns share (uint32_t's; counted). */
MUST_CHECK bool vec_slice_shared(struct vec *dst, const struct vec *src, struct buf *sel, uint32_t n, struct mem *m,
								 struct err *e);
void vec_share(struct vec *dst, const struct vec *src); /* another reference to the same buffers */
void vec_release(struct vec *v);                        /* and zeroes *v */
/* Rows as flat: copies values (not long texts: heaps are adopted) unless flat already. */
MUST_CHECK bool vec_flatten(struct vec *dst, const struct vec *src, uint32_t rows, struct mem *m, struct err *e);
/* Makes room for NULLs in a flat vector under construction (all valid at first). */
MUST_CHECK bool vec_want_nulls(struct vec *v, uint32_t rows, struct mem *m, struct err *e);
/* Marks row i NULL and zeroes its slot; vec_want_nulls first. */
void vec_set_null(struct vec *v, uint32_t i);
/* Copies rows src[from..from+n) to the flat dst at `at`; types are the same; heaps adopted. */
MUST_CHECK bool vec_append(struct vec *dst, uint32_t at, const struct vec *src, uint32_t from, uint32_t n,
						   struct mem *m, struct err *e);
/* Boxes row i; long text is borrowed from the vector. */
struct value vec_get(const struct vec *v, uint32_t i);
/* Stores into a flat vector under construction; long text is copied into its heap. */
MUST_CHECK bool vec_put(struct vec *v, uint32_t i, const struct value *value, struct mem *m, struct err *e);
/* Debug check of all invariants (bounds, zeroed NULL slots, UTF-8); false explains in e. */
MUST_CHECK bool vec_verify(const struct vec *v, uint32_t rows, struct err *e);

/* cols in m's arena, all zero. */
void batch_init(struct batch *b, uint32_t ncols, struct mem *m);
void batch_release(struct batch *b); /* releases the columns; ncols stays, rows = 0 */
/* dst (initialised, empty) = rows sel of src, sharing one selection buffer. */
MUST_CHECK bool batch_slice(struct batch *dst, const struct batch *src, const uint32_t *sel, uint32_t n,
							struct mem *m, struct err *e);
size_t batch_bytes(const struct batch *b); /* approximate memory held, for queue bounds */

#endif
