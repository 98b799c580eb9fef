/* The state of one recursion, between lower_recursive.c and source_recursive.c. */
#ifndef HOPLUU_EXECUTE_SOURCE_RECURSIVE_H
#define HOPLUU_EXECUTE_SOURCE_RECURSIVE_H

#include "engine/execute/recursive.h"

/* Read-only once lowered, but for what belongs to the one task of the source. */
struct recursion {
	struct op *op;
	const struct rel *node;
	const struct rel *terms[2];      /* what is run: non-recursive, recursive */
	const struct outer_rows *outer;  /* what both may read */
	const struct rowlayout *layout;
	bool distinct;                   /* UNION */
	struct nested *nested;           /* executions of rounds, see source_recursive.c */
	struct recursion *next;          /* of the same execution */
};
struct recursion *source_recursive_new(struct execution *x, const struct rel *r);

#endif
