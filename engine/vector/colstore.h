/*
 * Column stores: the rows of session-local tables. A store is an immutable list of chunks of up to
 * CHUNK_ROWS rows; a chunk keeps each column as a plain array, as codes into a dictionary of its own (texts
 * with few distinct values) or as one constant, beside the number of its NULLs and its least and greatest value
 * (the zone map), by which scans leave chunks out. Reading makes vectors that point into the chunk: nothing is
 * copied, and nothing is counted, since whoever reads holds the store until all its vectors are gone.
 *
 * Writing: a sink takes builders (one a task), a builder takes batches and hands finished chunks over. Adding to
 * a store makes another one, which shares the old chunks; readers of the old one see nothing of it.
 *
 * A space is where the bytes of a session's stores live: memory up to a limit, beyond it parts of an unlinked
 * file that are mapped. Spaces, sinks, stores and chunks may be used by any thread; a builder by one.
 */
#ifndef HOPLUU_VECTOR_COLSTORE_H
#define HOPLUU_VECTOR_COLSTORE_H

#include "engine/vector/vec.h"

#define CHUNK_ROWS 65536u
#define SKETCH_BYTES 2048

/* ---- where bytes live ---- */
struct colspace;
/* limit in bytes of memory; directory of the file, copied. The space must be freed after all its stores. */
struct colspace *colspace_new(struct mem *m, size_t limit, const char *directory);
void colspace_free(struct colspace *s);
/* For what is allocated from now on. */
void colspace_configure(struct colspace *s, size_t limit, const char *directory);
size_t colspace_file_bytes(const struct colspace *s); /* now in the file */
size_t colspace_memory_bytes(const struct colspace *s);

/* ---- reading ---- */
/* What is known of a column in a chunk or in a store. */
struct colrange {
	uint64_t nulls;
	bool known;               /* least and greatest: some value is not NULL and the type has an order */
	struct value least, greatest; /* texts stand in the chunk */
};
struct colstore;
struct colstore *colstore_ref(struct colstore *s); /* NULL gives NULL */
void colstore_unref(struct colstore *s);           /* NULL is fine */
uint64_t colstore_rows(const struct colstore *s);
uint32_t colstore_columns(const struct colstore *s);
struct type colstore_type(const struct colstore *s, uint32_t column);
uint32_t colstore_chunks(const struct colstore *s);
uint32_t colstore_chunk_rows(const struct colstore *s, uint32_t chunk);
const struct colrange *colstore_chunk_range(const struct colstore *s, uint32_t chunk, uint32_t column);
const struct colrange *colstore_range(const struct colstore *s, uint32_t column);
double colstore_distinct(const struct colstore *s, uint32_t column); /* about; of values that are not NULL */
double colstore_width(const struct colstore *s, uint32_t column);    /* average bytes */
size_t colstore_bytes(const struct colstore *s);
/* out = rows from … from+n of a column of a chunk. m is used only when from is no multiple of 64 and there are NULLs. */
MUST_CHECK bool colstore_read(const struct colstore *s, uint32_t chunk, uint32_t column, uint32_t from, uint32_t n,
							  struct vec *out, struct mem *m, struct err *e);

/* ---- writing ---- */
struct colsink;
/* before: the store to add to; NULL = an empty one. types are copied. */
struct colsink *colsink_new(struct colspace *s, const struct type *types, uint32_t ncols, struct colstore *before);
void colsink_free(struct colsink *k);
uint64_t colsink_rows(const struct colsink *k); /* handed over so far, without those of before */
/* The store with all that was handed over; the caller's reference. Once, when all builders are gone. */
struct colstore *colsink_finish(struct colsink *k);

struct colbuilder;
struct colbuilder *colbuilder_new(struct colsink *k);
MUST_CHECK bool colbuilder_append(struct colbuilder *b, const struct batch *in, struct err *e);
/* Hands the last rows over. */
MUST_CHECK bool colbuilder_finish(struct colbuilder *b, struct err *e);
void colbuilder_free(struct colbuilder *b); /* also after a failure */

#endif
