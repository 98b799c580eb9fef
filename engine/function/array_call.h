/*
 * A scalar function over the elements of an array: casts between array types, x op ANY (array).
 */
#ifndef HOPLUU_FUNCTION_ARRAY_CALL_H
#define HOPLUU_FUNCTION_ARRAY_CALL_H

#include "engine/types/array.h"
#include "engine/function/func.h"

/* x op ANY (array), x op ALL (array): args are x and an array of op's second type. One per op, kept for ever. */
const struct func *func_quantified(const struct func *op, bool all);
/* The cast between array types, from an array to text or back; NULL when there is none. */
const struct func *func_array_cast(struct type from, struct type to);

/* The elements rows[0..n) of a, none of them NULL, as a flat vector of type t (their own, maybe with a mod). */
MUST_CHECK bool array_elements(const struct array *a, struct type t, const uint32_t *rows, uint32_t n, struct mem *m,
							   struct vec *out, struct err *e);

#endif
