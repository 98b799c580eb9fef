/*
 * The lexer in two levels, both pure and linear in the text:
 *  - pieces: cuts any text, also a broken or unfinished one, into blanks, comments, words, strings …
 *    For splitting, highlighting and completion; never fails, allocates nothing;
 *  - tokens: pieces with keywords recognised and values decoded, with errors.
 */
#ifndef HOPLUU_PARSER_LEXER_H
#define HOPLUU_PARSER_LEXER_H

#include "parser/parser.h"

enum piece_kind {
	PIECE_END,
	PIECE_BLANK,
	PIECE_LINE_COMMENT,
	PIECE_BLOCK_COMMENT,  /* nested ones included */
	PIECE_WORD,           /* keyword or plain name */
	PIECE_QUOTED_NAME,    /* "…" */
	PIECE_UNICODE_NAME,   /* U&"…" */
	PIECE_STRING,         /* '…', also with N in front; continued over newlines */
	PIECE_ESCAPE_STRING,  /* E'…' */
	PIECE_UNICODE_STRING, /* U&'…' */
	PIECE_BIT_STRING,     /* B'…' */
	PIECE_HEX_STRING,     /* X'…' */
	PIECE_DOLLAR_STRING,  /* $tag$…$tag$ */
	PIECE_INTEGER,
	PIECE_NUMERIC,        /* with point or exponent */
	PIECE_PARAM,          /* $1 */
	PIECE_OPERATOR,       /* operator symbols, also :: := => .. */
	PIECE_PUNCTUATION,    /* ( ) [ ] , ; . : */
	PIECE_JUNK_NUMBER,    /* 12ab, 1e+, $1x */
	PIECE_BAD,            /* a byte that starts nothing: { } \ … */
};
struct piece {
	enum piece_kind kind;
	size_t start, end; /* byte offsets */
	bool open;         /* a comment, string or quoted name that the text ends in */
};
/* The piece at offset pos (at the end: PIECE_END). Consecutive pieces cover the text without gaps. */
struct piece piece_at(struct str text, size_t pos);

/* A token's value. text is NUL-terminated: a name as folded or unquoted, a keyword in lower case, a
 * decoded string, a number as written, an operator. */
struct token {
	const char *text;
	uint32_t len;
	int pos; /* byte offset in the text */
};
struct lexer {
	struct str text;
	size_t pos;
	struct mem *m; /* gets the values */
};
struct lexed {
	int type; /* of parser/grammar.h; 0 at the end */
	struct token value;
	int end;                       /* offset after it */
	const struct keyword *keyword; /* NULL when it is none (quoted names never are) */
};
void lexer_init(struct lexer *l, struct mem *m, struct str text, size_t pos);
/* Next token; at the end type 0. False with an error: unterminated things, bad escapes, long names. */
MUST_CHECK bool lexer_next(struct lexer *l, struct lexed *out, struct err *e);

#endif
