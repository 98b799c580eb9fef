/*
 * Rows on disk: what sorts, aggregates, joins, windows and kept batches write when memory is short.
 *
 * A space is a query's: directory, limit and bytes in use. A file is one operator's: nameless (unlinked as it is
 * made), appended to by any of its tasks, given back when the operator ends, however it ends. A run is a list of
 * blocks of a file, with rows of one layout in the order in which they were written: a sorted run, or what belongs
 * to one partition. Rows keep their header bytes; long texts stand behind the rows of their block. Each block
 * carries a checksum; with much memory blocks are compressed.
 *
 * Threads: a file may be written by several tasks; a run and a reader belong to one task at a time.
 */
#ifndef HOPLUU_VECTOR_SPILL_H
#define HOPLUU_VECTOR_SPILL_H

#include "engine/vector/rowstore.h"

struct spill_space;
/* budget: bytes of memory that the query has; sizes of blocks follow from it. limit: bytes of files, negative = none.
 * directory is borrowed. Charged to m. */
struct spill_space *spill_space_new(struct mem *m, const char *directory, int64_t limit, size_t budget);
void spill_space_free(struct spill_space *s); /* after all its files; NULL is fine */
/* Bytes of a block before compression; what a reader needs. */
size_t spill_block_size(const struct spill_space *s);

struct spill_file;
struct spill_file *spill_file_new(struct spill_space *s); /* the file itself is made by the first write */
void spill_file_free(struct spill_file *f);               /* NULL is fine */
uint64_t spill_file_written(const struct spill_file *f);  /* bytes, all together */
size_t spill_file_block(const struct spill_file *f);      /* its space's block size */
struct mem *spill_file_mem(const struct spill_file *f);   /* what its buffers are charged to */

struct spill_block {
	uint64_t offset;         /* in the file */
	uint64_t checksum;       /* of the bytes there */
	uint32_t size, raw_size; /* equal: not compressed */
	uint32_t rows;
};
struct spill_run {
	struct spill_block *blocks;
	uint64_t nblocks, capacity;
	uint64_t rows, bytes;    /* bytes: not compressed */
};

/* Appends rows to the run. 53100 disk full, 53400 over the limit, 58030 other errors of the file. */
MUST_CHECK bool spill_write(struct spill_file *f, struct spill_run *run, const struct rowlayout *l, uint8_t *const *rows,
							uint32_t n, struct err *e);
/* The same for all rows of a store. */
MUST_CHECK bool spill_write_store(struct spill_file *f, struct spill_run *run, const struct rowlayout *l,
								  const struct rowstore *rs, struct err *e);
/* Appends from's blocks to into's; from becomes empty. Both are of file f. */
MUST_CHECK bool spill_run_join(struct spill_file *f, struct spill_run *into, struct spill_run *from, struct err *e);
/* Gives the list and the blocks' place in the file back. */
void spill_run_clear(struct spill_file *f, struct spill_run *run);

struct spill_reader {
	struct spill_file *file;
	const struct spill_run *run;
	const struct rowlayout *layout;
	uint64_t at;             /* next block */
	uint8_t *data, *packed;  /* buffers */
	size_t size, packed_size;
};
/* The run must stay as it is while it is read. */
void spill_reader_open(struct spill_reader *r, struct spill_file *f, const struct spill_run *run,
					   const struct rowlayout *l);
void spill_reader_close(struct spill_reader *r);
/* The next block: rows at *rows + i * width, valid until the next call; 0 rows = the end. */
MUST_CHECK bool spill_read(struct spill_reader *r, uint8_t **rows, uint32_t *n, struct err *e);

/* Partitions by hash, level by level: each level takes other bits, so what went together is split on the next one. */
#define SPILL_PARTS 32
#define SPILL_LEVELS 6
static inline uint32_t spill_partition(uint64_t hash, uint32_t level)
{
	return (uint32_t)(hash >> (40 - 5 * level)) & (SPILL_PARTS - 1);
}
struct spill_parts {
	struct spill_run runs[SPILL_PARTS];
};
/* rows of a layout whose header has the 64-bit hash at hash_at, each to its partition on that level. */
MUST_CHECK bool spill_write_parts(struct spill_file *f, struct spill_parts *p, const struct rowlayout *l, uint32_t hash_at,
								  uint32_t level, uint8_t *const *rows, uint32_t n, struct err *e);
MUST_CHECK bool spill_store_parts(struct spill_file *f, struct spill_parts *p, const struct rowlayout *l, uint32_t hash_at,
								  uint32_t level, const struct rowstore *rs, struct err *e);
MUST_CHECK bool spill_parts_join(struct spill_file *f, struct spill_parts *into, struct spill_parts *from, struct err *e);
void spill_parts_clear(struct spill_file *f, struct spill_parts *p);
/* Distributes a run's rows on that level; the run's place is given back as it is read. */
MUST_CHECK bool spill_split(struct spill_file *f, struct spill_run *run, const struct rowlayout *l, uint32_t hash_at,
							uint32_t level, struct spill_parts *out, struct err *e);

#endif
