/* Chunks and regions, between the reading and the writing half of column stores. */
#ifndef HOPLUU_VECTOR_COLSTORE_INT_H
#define HOPLUU_VECTOR_COLSTORE_INT_H

#include <pthread.h>

#include "engine/vector/colstore.h"

/* A piece of a space. Contents undefined. */
struct region {
	char *at;
	size_t size;
	size_t offset; /* in the file, when mapped */
	bool mapped;
};
MUST_CHECK bool region_new(struct colspace *s, size_t size, struct region *out, struct err *e);
void region_free(struct colspace *s, struct region *r); /* and zeroes it */

struct chunk_column {
	enum vec_kind kind;
	void *data;           /* flat: a value a row; dict: the dictionary; const: one value */
	uint64_t *valid;      /* bits of data's values; NULL = no NULLs */
	uint32_t *codes;      /* dict */
	uint32_t nvalues;     /* in data */
	struct buf values;    /* dict: data as a counted buffer that knows its size; never counts down to nothing */
	struct colrange range;
	double text_bytes;
	size_t nregions;
	struct region *regions; /* malloc'ed list */
};

struct chunk {
	int refs; /* atomic */
	struct colspace *space;
	uint32_t rows, ncols;
	struct chunk_column cols[];
};
struct chunk *chunk_new(struct colspace *s, uint32_t ncols);
void chunk_unref(struct chunk *c);
void chunk_column_keep(struct chunk_column *c, struct region *r); /* takes it over */
/* A vector of rows from … from+n. */
MUST_CHECK bool chunk_read(const struct chunk *c, struct type t, uint32_t column, uint32_t from, uint32_t n,
						   struct vec *out, struct mem *m, struct err *e);
size_t chunk_bytes(const struct chunk *c);

/* Sums up a column over chunks. */
struct colsummary {
	struct colrange range;
	double text_bytes;
	uint8_t sketch[SKETCH_BYTES]; /* HyperLogLog registers */
};
void colrange_add(struct colrange *to, const struct colrange *from);
void sketch_merge(uint8_t *to, const uint8_t *from);
void sketch_add(uint8_t *sketch, const uint64_t *hash, uint32_t n);
double sketch_count(const uint8_t *sketch);

struct colstore {
	int refs; /* atomic */
	struct colspace *space;
	uint32_t ncols, nchunks;
	struct type *types;
	uint64_t rows;
	struct chunk **chunks;
	struct colsummary *summaries;
};
/* Without chunks, sketches and sums; colstore_sum_up fills rows and all but the sketches in from the chunks. */
struct colstore *colstore_new(struct colspace *s, const struct type *types, uint32_t ncols, uint32_t nchunks);
void colstore_sum_up(struct colstore *s);

#endif
