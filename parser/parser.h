/*
 * SQL text to syntax trees. Pure: no lookups, no settings, no I/O, no global state; any thread.
 *
 * Differences to PostgreSQL 15, on purpose: identifiers over 63 bytes are refused (42622) and not cut;
 * xml syntax and TREAT answer 0A000; DESCRIBE t, DESC t and SHOW SERVERS | TABLES | MEMORY are ours and
 * take no word away from names.
 */
#ifndef HOPLUU_PARSER_PARSER_H
#define HOPLUU_PARSER_PARSER_H

#include "parser/ast.h"

#define PARSE_MAX_TEXT ((size_t)64 << 20) /* bytes of one text */
#define PARSE_MAX_NAME 63                 /* bytes of one identifier */
#define PARSE_MAX_PARAM 65535             /* $1 … */

struct parse_statement {
	struct ast *node;
	size_t offset, len; /* in the text, without the `;`, without blanks and comments around it */
	int params;         /* highest $n in it; 0 = none */
};

struct parse_result {
	struct parse_statement *statements; /* in m's memory; empty statements are left out */
	uint32_t count;
};

/* Parses all statements of text. The tree and its texts live in m; text need not outlive the call.
 * False with 42601 (syntax), 42622 (long name), 54001 (too deep, too long), 22021 (not UTF-8, or a
 * zero byte), 22025/22P02/… (bad escapes), 0A000 (known but not supported) and e->position; out then
 * holds the statements before the bad one. */
MUST_CHECK bool parse_sql(struct mem *m, struct str text, struct parse_result *out, struct err *e);
/* One expression alone (a column default, a row condition), as after SELECT. */
MUST_CHECK bool parse_expression(struct mem *m, struct str text, struct ast **out, struct err *e);
/* One type name alone: "numeric(10,2)", "timestamp with time zone", "int[]". */
MUST_CHECK bool parse_type_name(struct mem *m, struct str text, struct ast **out, struct err *e);

/* ---- keywords ---- (PostgreSQL 15's classes) */
enum keyword_class {
	KEYWORD_NON_RESERVED,   /* any name */
	KEYWORD_COL_NAME,       /* a column or table name, not a function or type name */
	KEYWORD_TYPE_FUNC_NAME, /* a function or type name, not a column or table name */
	KEYWORD_RESERVED,       /* only a label after AS */
};
struct keyword {
	const char *word; /* lower case */
	int token;        /* of parser/grammar.h */
	enum keyword_class class;
	bool bare_label; /* can be a column label without AS */
};
extern const struct keyword keywords[]; /* sorted by word */
extern const size_t keyword_count;
/* Any case; NULL when the word is none. */
const struct keyword *keyword_find(const char *word, size_t len);

/* ---- completion ---- */
struct next_words {
	const struct keyword **items; /* keywords that can come next, in the order of the table; in m's memory */
	uint32_t count;
	bool name; /* a name can come next (then words that are mere names there are not listed) */
};
/* What can follow the text before the cursor (without the word being typed). Nothing when the text
 * before is wrong already or ends inside a string or comment. */
void parse_next_words(struct mem *m, struct str text, struct next_words *out);

/* ---- splitting, for shells ---- */
struct split_part {
	size_t offset, len; /* without the `;` */
	bool terminated;    /* ended by `;` */
};
enum split_end {
	SPLIT_COMPLETE,  /* nothing, blanks or comments after the last `;` */
	SPLIT_STATEMENT, /* an unfinished statement */
	SPLIT_PARENS,    /* … inside ( or [ */
	SPLIT_STRING,    /* … inside '…' */
	SPLIT_NAME,      /* … inside "…" */
	SPLIT_DOLLAR,    /* … inside $$…$$ */
	SPLIT_COMMENT,   /* … inside a block comment */
};
/* Finds the next statement at or after *offset; false when only blanks and comments are left.
 * Never fails: works on text that does not parse. Advances *offset past the `;`. A `;` inside quotes,
 * comments or parentheses does not split. */
bool split_next(struct str text, size_t *offset, struct split_part *out);
/* How the text ends: a shell runs it when SPLIT_COMPLETE, else asks for more (the prompt may show where). */
enum split_end split_end(struct str text);

/* ---- quoting ---- */
/* True when the name must be written in quotes to mean itself anywhere a column or table name may stand. */
bool ident_needs_quotes(struct str name);
/* Appends the name as SQL spells it: plain when that is enough, else "with ""quotes""". */
void ident_quote(struct strbuf *out, struct str name);
/* Appends 'text'; E'…' when it holds a backslash, so that it means the same under any setting. */
void literal_quote(struct strbuf *out, struct str text);

#endif
