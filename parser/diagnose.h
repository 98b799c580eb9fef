/* Error positions for people: line, column and the line with a caret. Pure. */
#ifndef HOPLUU_PARSER_DIAGNOSE_H
#define HOPLUU_PARSER_DIAGNOSE_H

#include "engine/base/str.h"

struct source_place {
	size_t line, column; /* from 1; column in characters */
	struct str text;     /* the line, borrowed from the text, without its end */
};
/* Where the byte offset is; an offset past the end is the end. */
struct source_place source_place(struct str text, size_t offset);
/* Appends "line L, column C", a newline, the line (shortened around the place with … when it is wider
 * than `width` columns; 0 = 100) and the caret line beneath it, aligned under wide and combining
 * characters; tabs become blanks. Nothing is appended when e has no position. */
void err_render_caret(struct strbuf *out, struct str text, const struct err *e, size_t width);

#endif
