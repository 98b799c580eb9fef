/*
 * Sorting of rows of a row store by column values, NULLs where the key says; stable. Each row is an entry
 * with the first 8 bytes of its first key in an order-preserving form, so that most comparisons touch no
 * row.
 */
#ifndef HOPLUU_EXECUTE_SORT_ROWS_H
#define HOPLUU_EXECUTE_SORT_ROWS_H

#include "engine/base/cancel.h"
#include "engine/vector/rowstore.h"

struct row_key {
	uint32_t column;  /* of the layout */
	bool descending, nulls_first;
};
struct sort_entry {
	uint64_t prefix;
	uint8_t *row;
};
struct row_order {
	const struct rowlayout *layout;
	uint32_t nkeys;
	const struct row_key *keys;
};
uint64_t sort_prefix(const struct row_order *o, const uint8_t *row);
/* <0, 0, >0 */
int sort_compare(const struct row_order *o, const struct sort_entry *a, const struct sort_entry *b);
/* entries (prefixes set) in place; scratch: as many. */
void sort_entries(const struct row_order *o, struct sort_entry *entries, struct sort_entry *scratch, uint64_t n);

#endif
