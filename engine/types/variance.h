/*
 * Exact variance and standard deviation from a count, a sum and a sum of squares of decimals: the result
 * has the digits that PostgreSQL's numeric gives.
 */
#ifndef HOPLUU_TYPES_VARIANCE_H
#define HOPLUU_TYPES_VARIANCE_H

#include "engine/types/decimal.h"

/* Of values x / 10^scale. All zero = nothing seen yet. */
struct variance {
	uint64_t count;
	int128 sum;
	uint64_t squares[4]; /* 256 bits, least significant first */
	int scale;
};
/* Adds coef / 10^scale; the sums move to the larger scale. 22003 when they would need more room. */
MUST_CHECK bool variance_add(struct variance *v, int128 coef, int scale, struct err *e);
/* into += from */
MUST_CHECK bool variance_combine(struct variance *into, const struct variance *from, struct err *e);
/* sample: over count - 1 (count > 1), else over count (count > 0). root: the standard deviation. */
MUST_CHECK bool variance_finish(const struct variance *v, bool sample, bool root, struct num *out, struct err *e);

#endif
