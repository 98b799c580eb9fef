/*
 * PostgreSQL's advanced regular expressions (ARE) on PCRE2.
 *
 * The pattern is parsed by ARE's rules and written anew for PCRE2 (ASCII character classes and case,
 * as in PostgreSQL's C collation). Where Perl's first match can differ from POSIX's longest (or the
 * shortest, when the expression prefers that), the end of the match is found by PCRE2's DFA matcher, and
 * the groups by a match that is made to end there. What PCRE2 cannot do (look-behind of no fixed length,
 * the flags b and e) is 0A000. Groups follow Perl's rule within the match found, not POSIX's.
 *
 * A struct regex is for one thread at a time.
 */
#ifndef HOPLUU_FUNCTION_REGEX_COMPILE_H
#define HOPLUU_FUNCTION_REGEX_COMPILE_H

#include "engine/function/func.h"

struct regex;

struct regex_flags {
	bool icase, expanded, literal;
	bool dot_stops;    /* . and [^…] do not match a newline */
	bool line_anchors; /* ^ and $ match at newlines too */
	bool global;       /* the letter g: for the functions that take it */
	bool basic;        /* b or e: not supported */
};
/* Letters as in regexp_replace's last argument; 22023 for an unknown one. */
MUST_CHECK bool regex_flags_parse(struct str letters, struct regex_flags *out, struct err *e);

/* Freed with regex_free; NULL with 2201B or 0A000. */
struct regex *regex_new(struct str pattern, struct regex_flags flags, struct err *e);
void regex_free(struct regex *re);
unsigned regex_groups(const struct regex *re);

struct regex_span {
	size_t from, to; /* byte offsets; from = SIZE_MAX: the group took no part */
};
#define REGEX_NONE SIZE_MAX
/* Room for all spans, owned by re. */
struct regex_span *regex_spans(struct regex *re);
/* First match that starts at byte `start` or later. spans (of regex_groups + 1) may be NULL when only
 * *found matters. 54000 when the match takes too many steps. */
MUST_CHECK bool regex_find(struct regex *re, struct str s, size_t start, bool *found, struct regex_span *spans,
						   struct err *e);

/* The compiled pattern for this call site: kept in c->state with the few used last. */
struct regex *regex_cached(struct fncall *c, struct str pattern, struct regex_flags flags);

/* ---- between regex_translate.c and regex_compile.c ---- */
struct regex_translation {
	struct strbuf text;  /* PCRE2's pattern */
	unsigned groups;
	bool shortest;       /* the whole prefers the shortest match */
	bool plain;          /* Perl's first match is the right one */
	bool backrefs;
};
/* t->text must be initialised. */
MUST_CHECK bool regex_translate(struct str pattern, struct regex_flags flags, struct regex_translation *t, struct err *e);

#endif
