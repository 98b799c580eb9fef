/*
 * Record values (ROW(…), whole rows): the number of fields, then each field's type, nullness and value, so that a
 * record can be shown and compared wherever it comes by. Fields are read from the first to the last.
 */
#ifndef HOPLUU_TYPES_RECORD_H
#define HOPLUU_TYPES_RECORD_H

#include "engine/types/value.h"

struct record_reader {
	struct str s;
	size_t at;
	uint32_t n, i;
};
void record_open(struct str s, struct record_reader *r);
bool record_next(struct record_reader *r, struct value *out); /* text borrowed; false at the end */

void record_begin(struct strbuf *out, uint32_t n);
void record_add(struct strbuf *out, const struct value *v);
/* '(1,"a b",)' */
void record_print(struct str s, const struct text_context *tc, struct strbuf *out);
/* By fields, NULLs last and equal; of differing types by their ids. */
int record_compare(struct str a, struct str b);

#endif
