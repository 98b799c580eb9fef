/* Walking in JSON text that is known to be valid (json and jsonb values are checked where they arise). */
#ifndef HOPLUU_TYPES_JSON_SCAN_H
#define HOPLUU_TYPES_JSON_SCAN_H

#include "engine/base/str.h"

enum json_kind { JSON_NULL, JSON_BOOLEAN, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };
enum json_kind json_kind(struct str value);

/* Without the white space around it. */
struct str json_trim(struct str value);

struct json_member {
	struct str key;   /* with its quotes, as written; empty in arrays */
	struct str value; /* trimmed */
};
/* Members of an array or object one after the other: *at = 0 at first. False at the end. */
bool json_next(struct str container, size_t *at, struct json_member *out);

/* A string's text (value has its quotes). 22P05 for \u0000 and broken surrogate pairs. */
MUST_CHECK bool json_unescape(struct str value, struct strbuf *out, struct err *e);
/* Appends s quoted as a JSON string, the way PostgreSQL escapes. */
void json_quote(struct str s, struct strbuf *out);
/* Whether a written string (with quotes) says `text`. */
bool json_string_is(struct str value, struct str text);

#endif
