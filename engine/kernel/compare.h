/*
 * Comparison, hashing and moving of values by physical type: what joins, groupings and sorts are made
 * of. One loop per physical type; order and equality are PostgreSQL's (NaN = NaN and largest; 1.0 = 1.00;
 * texts by bytes; intervals by 30-day months).
 */
#ifndef HOPLUU_KERNEL_COMPARE_H
#define HOPLUU_KERNEL_COMPARE_H

#include "engine/vector/vec.h"

enum compare_op { CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE };

/* sel_out gets the rows i in sel_in (NULL = 0..n) for which a OP b is true (not NULL); returns the count.
 * Both have the same type. */
uint32_t kernel_select(enum compare_op op, struct type t, const struct view *a, const struct view *b,
					   const uint32_t *sel_in, uint32_t n, uint32_t *sel_out);
/* out[i] = 0/1 for n rows; NULLs are the caller's matter. */
void kernel_compare(enum compare_op op, struct type t, const struct view *a, const struct view *b, uint32_t n,
					uint8_t *out);
/* hash[i] = hash of row i, combined with what is in hash[i] when combine is set. NULL hashes to a
 * constant. Equal values of one type hash alike. */
void kernel_hash(struct type t, const struct view *v, uint32_t n, bool combine, uint64_t *hash);
/* One value against another of the same type, both not NULL: <0, 0, >0. */
int kernel_compare_value(struct type t, const void *a, const void *b);
bool kernel_equal_value(struct type t, const void *a, const void *b);

#endif
