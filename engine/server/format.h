/*
 * Values as the protocol carries them: text is PostgreSQL's output, binary its send functions (network byte order; numeric
 * in digits of base 10,000; dates from 2000-01-01).
 */
#ifndef HOPLUU_SERVER_FORMAT_H
#define HOPLUU_SERVER_FORMAT_H

#include "engine/server/codec.h"
#include "engine/vector/vec.h"

enum wire_format { FORMAT_TEXT = 0, FORMAT_BINARY = 1 };

/* Length and bytes of row i of a column (-1 for NULL). 0A000: the type has no binary form here. */
MUST_CHECK bool format_value(struct wire_out *w, const struct vec *v, uint32_t i, enum wire_format f,
							 const struct text_context *tc, struct err *e);
/* A parameter's bytes as a value of type t, in m. 22P02, 22P03 (bad binary), 22021. */
MUST_CHECK bool format_parameter(struct mem *m, struct type t, struct str bytes, enum wire_format f,
								 const struct text_context *tc, struct value *out, struct err *e);
/* For RowDescription. */
uint32_t format_oid(struct type t);
int format_length(struct type t);

#endif
