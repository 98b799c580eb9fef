/* What predicate pushdown's files share: a list of conjuncts, implied constants, strictness. */
#ifndef HOPLUU_OPTIMIZE_PUSH_H
#define HOPLUU_OPTIMIZE_PUSH_H

#include "engine/optimize/optimize_int.h"

struct conditions {
	struct expr **list;
	size_t n, cap;
};
/* Adds e's conjuncts that are not there yet. */
void conditions_add(struct optimizer *o, struct conditions *c, struct expr *e);
/* Adds what follows from a = b and a condition of a alone with constants: the same of b. */
void imply_constants(struct optimizer *o, struct conditions *c);
/* The join's kind after the rows that the conditions above reject are gone. */
enum join_kind strengthen_join(struct optimizer *o, enum join_kind kind, const struct idset *left,
							   const struct idset *right, const struct conditions *above);
/* e is not true when all columns of that set are NULL. */
bool rejects_nulls(const struct expr *e, const struct idset *columns);

#endif
