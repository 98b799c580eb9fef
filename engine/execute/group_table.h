/*
 * Groups by key: an open-addressing directory of 64-bit words (16 bits of the hash, 48 of a row's address)
 * over rows of a row store. Rows are [hash][flags][user's header][key and other columns]; the first nkeys
 * columns are the key, NULLs equal. Used by one task; its rows may later be merged into another table.
 */
#ifndef HOPLUU_EXECUTE_GROUP_TABLE_H
#define HOPLUU_EXECUTE_GROUP_TABLE_H

#include "engine/execute/op.h"
#include "engine/kernel/compare.h"
#include "engine/vector/rowstore.h"

struct group_row {
	uint64_t hash;       /* of the key */
	uint32_t partition;  /* user's: groups that are merged together */
	uint32_t dead;       /* user's: its states are no more */
};
#define GROUP_HEADER 16
static inline struct group_row *group_row(uint8_t *row) { return (struct group_row *)(void *)row; }

struct group_table {
	struct mem *mem;                /* data */
	const struct rowlayout *layout; /* header >= GROUP_HEADER */
	uint32_t nkeys;
	struct rowstore *store;         /* own rows; NULL in a table that only merges */
	uint64_t *directory;
	uint64_t size, count;
};
void group_table_init(struct group_table *g, struct mem *data, const struct rowlayout *layout, uint32_t nkeys,
					  struct rowstore *store);
void group_table_clear(struct group_table *g); /* gives the directory back, not the store */
/* rows[i] = the group of row sel[i] (NULL: i), made when new from all columns `cols` of the layout. hashes are
 * by position in the batch (hashes[sel[i]]). */
MUST_CHECK bool group_table_find(struct group_table *g, const struct vec *cols, const uint64_t *hashes,
								 const uint32_t *sel, uint32_t n, uint8_t **rows, struct err *e);
/* into[i] = the row of this table with rows[i]'s key: rows[i] itself when it is the first. All have the
 * layout; `store` is any store of it. */
MUST_CHECK bool group_table_merge(struct group_table *g, struct rowstore *store, uint8_t *const *rows, uint32_t n,
								  uint8_t **into, struct err *e);
/* Combined hash of the first nkeys columns. */
void hash_columns(const struct vec *cols, uint32_t nkeys, uint32_t n, uint64_t *hashes);

#endif
