/*
 * The row store: rows of fixed width in chunks that never move, long texts in one heap.
 *
 * Leaves what is in the user's header bytes to the user (hash tables, groups, sorts) and comparing to
 * rowmatch.c. One task fills a store; when it is full of rows it is only read, by any thread.
 * Invariants: chunks are charged to the store's mem, grow from 16 KiB to 1 MiB, and hold whole rows;
 * a NULL's slot is zero; rows of a failed append are taken back.
 */
#include "engine/vector/rowstore.h"
#include "engine/vector/vec_int.h"

#include <stdlib.h>

#define CHUNK_FIRST ((size_t)16 * 1024)
#define CHUNK_MAX ((size_t)1024 * 1024)

struct row_chunk {
	struct mem *mem; /* charged for it: an absorbed chunk stays with the node it came from */
	uint8_t *data;
	size_t size;
	uint32_t rows, capacity;
};

struct rowstore {
	struct mem *mem;
	const struct rowlayout *layout;
	struct row_chunk *chunks;
	size_t nchunks, capchunks;
	size_t next_size;  /* bytes of the next chunk */
	uint64_t rows;
	size_t bytes;      /* reserved for chunks */
	struct heap *heap;
};

static uint32_t phys_align(enum phys p)
{
	switch (p) {
	case PHYS_BOOL:
		return 1;
	case PHYS_I32:
		return 4;
	case PHYS_I64:
	case PHYS_F64:
	case PHYS_INTERVAL:
	case PHYS_STR:
		return 8;
	case PHYS_I128:
	case PHYS_NUM:
		return 16;
	case PHYS_COUNT:
		break;
	}
	UNREACHABLE();
}

struct rowlayout *rowlayout_new(struct mem *m, uint32_t header, const struct type *types, uint32_t ncols)
{
	struct rowlayout *l = mem_new_object(m, struct rowlayout);
	uint32_t at;

	l->ncols = ncols;
	l->types = ncols ? mem_dup(m, types, ncols * sizeof *types) : NULL;
	l->header = header;
	l->nulls_at = header;
	l->offsets = mem_new_array(m, uint32_t, ncols ? ncols : 1);
	at = header + (ncols + 7) / 8;
	/* small alignments first: they fill the gap behind the NULL bytes */
	for (uint32_t align = 1; align <= 16; align *= 2)
		for (uint32_t i = 0; i < ncols; i++) {
			enum phys p = type_phys(types[i]);
			if (phys_align(p) != align)
				continue;
			at = (at + align - 1) & ~(align - 1);
			l->offsets[i] = at;
			at += (uint32_t)phys_size(p);
		}
	l->width = (at + 15) & ~15u;
	if (l->width == 0)
		l->width = 16;
	return l;
}

struct rowstore *rowstore_new(struct mem *m, const struct rowlayout *layout)
{
	struct rowstore *rs = calloc(1, sizeof *rs);
	ASSERT(rs);
	rs->mem = m;
	rs->layout = layout;
	rs->next_size = CHUNK_FIRST;
	rs->heap = heap_new(m);
	return rs;
}

void rowstore_free(struct rowstore *rs)
{
	if (!rs)
		return;
	for (size_t i = 0; i < rs->nchunks; i++) {
		free(rs->chunks[i].data);
		mem_release(rs->chunks[i].mem, rs->chunks[i].size);
	}
	free(rs->chunks);
	heap_unref(rs->heap);
	free(rs);
}

uint64_t rowstore_rows(const struct rowstore *rs)
{
	return rs->rows;
}

size_t rowstore_bytes(const struct rowstore *rs)
{
	return rs->bytes + heap_bytes(rs->heap);
}

static void chunks_grow(struct rowstore *rs, size_t want)
{
	if (want <= rs->capchunks)
		return;
	rs->capchunks = rs->capchunks * 2 > want ? rs->capchunks * 2 : want;
	rs->chunks = realloc(rs->chunks, rs->capchunks * sizeof *rs->chunks);
	ASSERT(rs->chunks);
}

static bool add_chunk(struct rowstore *rs, struct err *e)
{
	size_t width = rs->layout->width;
	size_t size = rs->next_size < width * 4 ? width * 4 : rs->next_size;
	struct row_chunk c = {.mem = rs->mem, .size = (size + 63) & ~(size_t)63};

	if (!mem_reserve(rs->mem, c.size, e))
		return false;
	c.data = aligned_alloc(64, c.size);
	ASSERT(c.data);
	c.capacity = (uint32_t)(c.size / width);
	chunks_grow(rs, rs->nchunks + 1);
	rs->chunks[rs->nchunks++] = c;
	rs->bytes += c.size;
	if (rs->next_size < CHUNK_MAX)
		rs->next_size *= 2;
	return true;
}

/* Zeroed rows at rows[0..n). */
static bool take_rows(struct rowstore *rs, uint32_t n, uint8_t **rows, struct err *e)
{
	size_t width = rs->layout->width;
	uint32_t done = 0;

	while (done < n) {
		struct row_chunk *c = rs->nchunks ? &rs->chunks[rs->nchunks - 1] : NULL;
		uint32_t take;
		uint8_t *at;
		if (!c || c->rows == c->capacity) {
			if (!add_chunk(rs, e))
				return false;
			continue;
		}
		take = c->capacity - c->rows < n - done ? c->capacity - c->rows : n - done;
		at = c->data + c->rows * width;
		memset(at, 0, take * width);
		for (uint32_t i = 0; i < take; i++)
			rows[done + i] = at + i * width;
		c->rows += take;
		done += take;
	}
	return true;
}

static bool put_texts(struct rowstore *rs, uint32_t offset, const struct view *v, const uint32_t *sel, uint32_t n,
					  uint8_t **rows, struct err *e)
{
	const struct text *x = v->data;

	for (uint32_t i = 0; i < n; i++) {
		const struct text *t = &x[view_index(v, sel ? sel[i] : i)];
		struct text copy = *t;
		if (t->len > TEXT_INLINE && !heap_add(rs->heap, text_data(t), t->len, &copy, e))
			return false;
		memcpy(rows[i] + offset, &copy, sizeof copy);
	}
	return true;
}

static bool put_column(struct rowstore *rs, uint32_t col, const struct vec *vec, const uint32_t *sel, uint32_t n,
					   uint8_t **rows, struct err *e)
{
	const struct rowlayout *l = rs->layout;
	enum phys p = type_phys(l->types[col]);
	uint32_t offset = l->offsets[col];
	struct view v = vec_view(vec);
	const unsigned char *data = v.data;

	ASSERT(type_phys(vec->type) == p);
	if (v.valid) {
		uint8_t bit = (uint8_t)(1u << (col & 7));
		uint32_t byte = l->nulls_at + (col >> 3);
		for (uint32_t i = 0; i < n; i++)
			if (view_is_null(&v, sel ? sel[i] : i))
				rows[i][byte] |= bit; /* over a slot that is zero, as in the vector */
	}
	if (p == PHYS_STR)
		return put_texts(rs, offset, &v, sel, n, rows, e);
#define PUT_EACH(bytes)                                                                            \
	for (uint32_t i = 0; i < n; i++)                                                               \
		memcpy(rows[i] + offset, data + (size_t)view_index(&v, sel ? sel[i] : i) * (bytes), (bytes))
	EACH_VALUE_SIZE(phys_size(p), PUT_EACH)
#undef PUT_EACH
	return true;
}

/* Gives back the rows after the first `rows` of the store, whose last chunk was `nchunks` - 1. */
static void take_back(struct rowstore *rs, size_t nchunks, uint32_t last_rows)
{
	for (size_t i = nchunks; i < rs->nchunks; i++)
		rs->chunks[i].rows = 0;
	if (nchunks)
		rs->chunks[nchunks - 1].rows = last_rows;
	while (rs->nchunks > nchunks) {
		struct row_chunk *c = &rs->chunks[--rs->nchunks];
		free(c->data);
		mem_release(c->mem, c->size);
		rs->bytes -= c->size;
	}
}

bool rowstore_append(struct rowstore *rs, const struct vec *cols, const uint32_t *sel, uint32_t n, uint8_t **rows,
					 struct err *e)
{
	size_t nchunks = rs->nchunks;
	uint32_t last_rows = nchunks ? rs->chunks[nchunks - 1].rows : 0;
	bool ok = take_rows(rs, n, rows, e);

	for (uint32_t i = 0; ok && i < rs->layout->ncols; i++)
		ok = put_column(rs, i, &cols[i], sel, n, rows, e);
	if (!ok) {
		take_back(rs, nchunks, last_rows);
		return false;
	}
	rs->rows += n;
	return true;
}

static bool copy_texts(struct rowstore *rs, uint32_t offset, uint32_t n, uint8_t **rows, struct err *e)
{
	for (uint32_t i = 0; i < n; i++) {
		struct text *t = (struct text *)(void *)(rows[i] + offset), copy;
		if (t->len > TEXT_INLINE) {
			if (!heap_add(rs->heap, text_data(t), t->len, &copy, e))
				return false;
			*t = copy;
		}
	}
	return true;
}

bool rowstore_append_rows(struct rowstore *rs, uint8_t *const *from, uint32_t n, uint8_t **rows, struct err *e)
{
	const struct rowlayout *l = rs->layout;
	size_t nchunks = rs->nchunks;
	uint32_t last_rows = nchunks ? rs->chunks[nchunks - 1].rows : 0;
	bool ok = take_rows(rs, n, rows, e);

	for (uint32_t i = 0; ok && i < n; i++)
		memcpy(rows[i], from[i], l->width);
	for (uint32_t c = 0; ok && c < l->ncols; c++)
		if (type_phys(l->types[c]) == PHYS_STR)
			ok = copy_texts(rs, l->offsets[c], n, rows, e);
	if (!ok) {
		take_back(rs, nchunks, last_rows);
		return false;
	}
	rs->rows += n;
	return true;
}

void rowstore_adopt(struct rowstore *rs, const struct rowstore *other) { heap_adopt(rs->heap, other->heap); }

void rowstore_absorb(struct rowstore *rs, struct rowstore *other)
{
	ASSERT(rs->layout->width == other->layout->width);
	chunks_grow(rs, rs->nchunks + other->nchunks);
	if (other->nchunks)
		memcpy(rs->chunks + rs->nchunks, other->chunks, other->nchunks * sizeof *other->chunks);
	rs->nchunks += other->nchunks;
	rs->rows += other->rows;
	rs->bytes += other->bytes;
	heap_adopt(rs->heap, other->heap);
	other->nchunks = 0;
	other->bytes = 0;
	rowstore_free(other);
}

uint32_t rowstore_scan(const struct rowstore *rs, struct rowcursor *cursor, uint8_t **rows, uint32_t max)
{
	size_t width = rs->layout->width;
	uint32_t n = 0;

	while (n < max && cursor->chunk < rs->nchunks) {
		const struct row_chunk *c = &rs->chunks[cursor->chunk];
		while (n < max && cursor->row < c->rows)
			rows[n++] = c->data + cursor->row++ * width;
		if (cursor->row == c->rows) {
			cursor->chunk++;
			cursor->row = 0;
		}
	}
	return n;
}

static bool gather_nulls(const struct rowlayout *l, uint32_t col, uint8_t *const *rows, uint32_t n, struct vec *out,
						 struct mem *m, struct err *e)
{
	for (uint32_t i = 0; i < n; i++) {
		if (rows[i] && !row_is_null(l, rows[i], col))
			continue;
		if (!out->valid && !vec_want_nulls(out, n, m, e))
			return false;
		vec_set_null(out, i);
	}
	return true;
}

bool rowstore_gather(struct rowstore *rs, uint32_t col, uint8_t *const *rows, uint32_t n, struct vec *out,
					 struct mem *m, struct err *e)
{
	const struct rowlayout *l = rs->layout;
	uint32_t offset = l->offsets[col];
	enum phys p = type_phys(l->types[col]);
	unsigned char *to;

	if (!vec_init_flat(out, l->types[col], n, m, e))
		return false;
	to = out->data;
	if (p == PHYS_STR) {
		heap_unref(out->heap);
		out->heap = heap_ref(rs->heap);
	}
#define GATHER_EACH(bytes)                                                                         \
	for (uint32_t i = 0; i < n; i++)                                                               \
		if (rows[i])                                                                               \
			memcpy(to + (size_t)i * (bytes), rows[i] + offset, (bytes))
	EACH_VALUE_SIZE(phys_size(p), GATHER_EACH)
#undef GATHER_EACH
	if (!gather_nulls(l, col, rows, n, out, m, e)) {
		vec_release(out);
		return false;
	}
	return true;
}
