/*
 * JSON text (RFC 8259, strict): checking json input and bringing jsonb into PostgreSQL's printed form.
 * Nesting beyond JSON_DEPTH is 54001, so hostile input can't exhaust the stack.
 */
#ifndef HOPLUU_TYPES_JSON_H
#define HOPLUU_TYPES_JSON_H

#include "engine/base/str.h"

#define JSON_DEPTH 6000

/* 22P02 with a detail when s is not one JSON value. */
MUST_CHECK bool json_validate(struct str s, struct err *e);
/* Appends s as jsonb prints it: keys by length, then bytes, the last of equal keys kept; numbers as
 * numeric prints them; ", " and ": ". 22P02, and 22P05 for \u0000 and broken surrogates. scratch
 * takes the value's tree; what is put there may be freed afterwards. */
MUST_CHECK bool jsonb_normalise(struct mem *scratch, struct str s, struct strbuf *out, struct err *e);

/* Appends s as a JSON string, quoted and escaped as PostgreSQL does. */
void json_print_string(struct str s, struct strbuf *out);

#endif
