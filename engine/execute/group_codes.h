/*
 * Few groups in a batch: when the keys of a batch take few values that are small numbers already (codes of a
 * dictionary, integers near each other, booleans, constants), rows are numbered by them instead of being hashed, and only one row
 * of each number looks for its group. Rows of the same group can then be fed to an aggregate together.
 */
#ifndef HOPLUU_EXECUTE_GROUP_CODES_H
#define HOPLUU_EXECUTE_GROUP_CODES_H

#include "engine/vector/vec.h"

#define GROUP_CODES_MOST 256 /* different keys in a batch */

struct group_codes {
	uint32_t count;                     /* different keys; 0 = too many, or not such keys */
	uint32_t first[GROUP_CODES_MOST];   /* a row of each */
	uint8_t code[BATCH_ROWS];           /* of each row */
	/* with few enough: rows by key, in their order */
	bool runs;
	uint32_t start[GROUP_CODES_MOST + 1];
	uint32_t rows[BATCH_ROWS];
};
void group_codes_find(struct group_codes *g, const struct vec *keys, uint32_t nkeys, uint32_t n);

#endif
