/*
 * SQL values as JSON (to_json's rules): numbers and booleans bare, json as it is, dates in ISO 8601, everything else as
 * a quoted text of its output function.
 */
#ifndef HOPLUU_FUNCTION_JSON_VALUE_H
#define HOPLUU_FUNCTION_JSON_VALUE_H

#include "engine/function/func.h"

/* Appends v (NULL as null). Only arrays with elements of no JSON form can fail. */
MUST_CHECK bool json_put_value(const struct value *v, const struct text_context *tc, struct strbuf *out, struct err *e);
/* The same of an array or a row that is not NULL; lines: its own members on lines of their own. */
MUST_CHECK bool json_put_lines(const struct value *v, bool lines, const struct text_context *tc, struct strbuf *out, struct err *e);
/* Appends v as a key of an object, quoted. 22023 for NULL, json and arrays. */
MUST_CHECK bool json_put_key(const struct value *v, const struct text_context *tc, struct strbuf *out, struct err *e);
/* The argument's value in row i. */
struct value json_argument(const struct fncall *c, const struct view *args, uint32_t a, uint32_t i);
/* Valid JSON text to jsonb's form, appended. */
MUST_CHECK bool json_put_normal(struct fncall *c, struct str json, struct strbuf *out);
/* json_path_text.c: arguments 0, 1 of the row: a jsonb without what is at a path, appended. */
struct row;
MUST_CHECK bool json_delete_path(struct row *r);

#endif
