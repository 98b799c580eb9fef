/*
 * Array values: how PostgreSQL's arrays stand in a text slot. Bytes, no alignment:
 *   element type id, dimensions (0: the empty array), 1 when there are NULLs, 0; sizes and lower bounds, int32 each;
 *   with NULLs one bit per element (set = NULL); then the elements row by row: fixed-size slots (zero under a NULL), or
 *   for texts the end of each as uint32 and their bytes.
 * Numeric elements are general numerics, char(n) ones lack their padding (the array's type keeps the length). What
 * stands in a slot was made here: readers trust it. An empty slot (under a NULL) reads as an empty array.
 */
#ifndef HOPLUU_TYPES_ARRAY_H
#define HOPLUU_TYPES_ARRAY_H

#include "engine/types/value.h"

#define ARRAY_DIMS 6
#define ARRAY_MAX_ITEMS 134217727 /* PostgreSQL's MaxArraySize */

struct array {
	struct type elem;
	int ndim;
	int32_t dims[ARRAY_DIMS], lower[ARRAY_DIMS];
	uint32_t n;            /* elements */
	const uint8_t *nulls;  /* NULL = none */
	const char *slots;     /* or the ends of texts … */
	const char *bytes;     /* … whose bytes are here */
	uint32_t size;         /* of a slot; 0 = texts */
};

static inline struct type type_elem(struct type t) { return (struct type){t.id, 0, 0, 0, t.mod}; }
static inline struct type type_array(struct type t) { return (struct type){t.id, 1, 0, 0, t.mod}; }

/* Views into the bytes. */
void array_open(struct str s, struct array *a);
bool array_is_null(const struct array *a, uint32_t i);
struct value array_get(const struct array *a, uint32_t i); /* text borrowed from the array */
/* Order of PostgreSQL's btree: elements, then their number, dimensions, bounds; NULLs last. */
int array_compare(struct str a, struct str b);
bool array_same_shape(const struct array *a, const struct array *b);

/* Making one: elements row by row, then the shape. */
struct array_builder {
	struct type elem;
	uint32_t n, size;
	bool has_nulls;
	struct strbuf slots, bytes, nulls;
};
void array_builder_init(struct array_builder *b, struct type elem);
void array_builder_reset(struct array_builder *b);
void array_builder_release(struct array_builder *b);
void array_builder_add(struct array_builder *b, const struct value *v); /* of the element's id; numerics of any form */
void array_builder_null(struct array_builder *b);
/* Elements from … from + n of a. */
void array_builder_copy(struct array_builder *b, const struct array *a, uint32_t from, uint32_t n);
/* Appends the value; ndim 0 or no elements: the empty array. 54000 when it is too large. */
MUST_CHECK bool array_builder_finish(const struct array_builder *b, int ndim, const int32_t *dims, const int32_t *lower,
									 struct strbuf *out, struct err *e);
/* One dimension from 1. */
MUST_CHECK bool array_builder_list(const struct array_builder *b, struct strbuf *out, struct err *e);

/* Input and output functions; t is the array's type. Errors 22P02, 2202E, 54000 and those of the elements. */
MUST_CHECK bool array_parse(struct mem *m, struct type t, struct str s, const struct text_context *tc, struct value *out,
							struct err *e);
void array_print(struct type t, struct str s, const struct text_context *tc, struct strbuf *out);

#endif
