/*
 * Texts in pieces, one after the other: by a separator, by the matches of a regular expression. Used by the functions
 * that make arrays (array_text.c) and those that make rows (table_text.c).
 */
#ifndef HOPLUU_FUNCTION_TEXT_SPLIT_H
#define HOPLUU_FUNCTION_TEXT_SPLIT_H

#include "engine/function/regex_compile.h"

struct splitter {
	struct str rest, separator;
	bool has_separator, done;
};
/* separator NULL: every character; an empty one cuts nothing; an empty text has no pieces. */
void splitter_open(struct splitter *s, struct str text, const struct str *separator);
bool splitter_next(struct splitter *s, struct str *out);

/* All matches; s and re are set by the user. */
struct regex_walk {
	struct regex *re;
	struct str s;
	size_t at;
	bool ended;
	struct regex_span match;
};
MUST_CHECK bool regex_walk_next(struct regex_walk *w, bool *found, struct err *e);

/* What stands between the matches. */
struct regex_split {
	struct regex_walk walk;
	size_t from;
	bool done;
};
MUST_CHECK bool regex_split_next(struct regex_split *p, bool *found, struct str *out, struct err *e);

/* The groups of a match (or the whole where there are none) as a text[]. */
MUST_CHECK bool regex_match_array(struct regex *re, struct str s, const struct regex_span *spans, struct strbuf *out,
								  struct err *e);

#endif
