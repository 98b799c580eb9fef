/*
 * Rows at stable addresses: what hash join builds, aggregates and sorts keep. A row is
 * [fixed header bytes of the user][NULL bits][one slot per column], slots of phys_size, long texts
 * copied into the store's heap. Row addresses never move. Charged to the mem given, by chunks.
 * One store is filled by one task; stores are then concatenated (rowstore_absorb) and read by all.
 */
#ifndef HOPLUU_VECTOR_ROWSTORE_H
#define HOPLUU_VECTOR_ROWSTORE_H

#include "engine/vector/vec.h"

struct rowstore;

struct rowlayout {
	uint32_t ncols;
	const struct type *types;
	uint32_t header;        /* bytes at the start of each row for the user (hash, next pointer, states) */
	uint32_t nulls_at;      /* offset of the NULL bytes: bit set = NULL */
	uint32_t *offsets;      /* of each column's slot */
	uint32_t width;         /* bytes of a row, a multiple of 16 */
};
/* types are copied to m. */
struct rowlayout *rowlayout_new(struct mem *m, uint32_t header, const struct type *types, uint32_t ncols);

struct rowstore *rowstore_new(struct mem *m, const struct rowlayout *layout);
void rowstore_free(struct rowstore *rs);
uint64_t rowstore_rows(const struct rowstore *rs);
size_t rowstore_bytes(const struct rowstore *rs);
/* Appends rows sel[0..n) (NULL = 0..n) of the columns; rows[i] gets each row's address; header zeroed. */
MUST_CHECK bool rowstore_append(struct rowstore *rs, const struct vec *cols, const uint32_t *sel, uint32_t n,
								uint8_t **rows, struct err *e);
/* Copies whole rows of the same layout, headers included. */
MUST_CHECK bool rowstore_append_rows(struct rowstore *rs, uint8_t *const *from, uint32_t n, uint8_t **rows, struct err *e);
/* Keeps other's texts alive too: rows of both may then be gathered through rs. */
void rowstore_adopt(struct rowstore *rs, const struct rowstore *other);
/* Takes over all rows of other (same layout), which is freed. */
void rowstore_absorb(struct rowstore *rs, struct rowstore *other);
/* Iteration over all rows in insertion order of each absorbed store: fills up to max addresses, advances
 * *cursor (start with 0s); 0 = end. */
struct rowcursor { uint64_t chunk, row; };
uint32_t rowstore_scan(const struct rowstore *rs, struct rowcursor *cursor, uint8_t **rows, uint32_t max);
/* out (uninitialised vec) = column col of these rows; a NULL address gives NULL. Long texts are views
 * into the store, kept alive by its heap. */
MUST_CHECK bool rowstore_gather(struct rowstore *rs, uint32_t col, uint8_t *const *rows, uint32_t n,
								struct vec *out, struct mem *m, struct err *e);
static inline bool row_is_null(const struct rowlayout *l, const uint8_t *row, uint32_t col)
{
	return (row[l->nulls_at + (col >> 3)] >> (col & 7)) & 1;
}
static inline const void *row_slot(const struct rowlayout *l, const uint8_t *row, uint32_t col)
{
	return row + l->offsets[col];
}
/* eq[i] = whether row rows[i] equals row sel[i] (sel NULL = i) of the views in all n_keys first columns.
 * NULLs equal each other when nulls_equal, else never. */
void rowstore_match(const struct rowlayout *l, uint8_t *const *rows, const struct view *keys, uint32_t n_keys,
					const uint32_t *sel, uint32_t n, bool nulls_equal, uint8_t *eq);

#endif
