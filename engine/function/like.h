/* LIKE patterns, compiled: see like.c. */
#ifndef HOPLUU_FUNCTION_LIKE_H
#define HOPLUU_FUNCTION_LIKE_H

#include "engine/base/str.h"

struct like;
/* A pattern with % _ and backslash escapes, in m's arena. nocase: ASCII letters match either case. */
struct like *like_compile(struct mem *m, struct str pattern, bool nocase);
/* 22025 when matching comes to an escape character at the pattern's end. */
MUST_CHECK bool like_match(const struct like *like, struct str s, bool *matches, struct err *e);

#endif
