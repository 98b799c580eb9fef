/*
 * Cuts text into pieces by the lexical rules of PostgreSQL 15: where comments, strings, names,
 * numbers and operators begin and end. Decodes nothing and allocates nothing (lexer.c does); never
 * fails, so that highlighting and statement splitting work on unfinished text. Linear: each byte is
 * looked at a bounded number of times. Also here, because they only need pieces: statement
 * splitting.
 */
#define _GNU_SOURCE /* memmem */
#include "parser/lexer.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_word(char c)
{
	return is_word_start(c) || is_digit(c) || c == '$';
}

static bool is_symbol(char c)
{
	return c != '\0' && strchr("~!@#^&|`?+-*/%<>=", c) != NULL;
}

/* The byte at i, 0 past the end. */
static char at(struct str s, size_t i)
{
	return i < s.len ? s.data[i] : '\0';
}

static struct piece make(enum piece_kind kind, size_t start, size_t end, bool open)
{
	return (struct piece){kind, start, end, open};
}

static size_t line_end(struct str s, size_t i)
{
	while (i < s.len && s.data[i] != '\n' && s.data[i] != '\r')
		i++;
	return i;
}

static struct piece scan_block_comment(struct str s, size_t start)
{
	size_t depth = 1, i = start + 2;
	while (i < s.len) {
		if (s.data[i] == '*' && at(s, i + 1) == '/') {
			i += 2;
			if (--depth == 0)
				return make(PIECE_BLOCK_COMMENT, start, i, false);
		} else if (s.data[i] == '/' && at(s, i + 1) == '*') {
			depth++;
			i += 2;
		} else {
			i++;
		}
	}
	return make(PIECE_BLOCK_COMMENT, start, s.len, true);
}

/* After the closing quote of a string: the offset of the quote that continues it (SQL's rule: only
 * blanks and line comments between, and at least one newline), or 0. */
static size_t continuation(struct str s, size_t i)
{
	bool newline = false;
	for (;;) {
		char c = at(s, i);
		if (c == '\n' || c == '\r')
			newline = true;
		else if (c == '-' && at(s, i + 1) == '-')
			i = line_end(s, i) - 1;
		else if (!is_blank(c))
			return c == '\'' && newline ? i : 0;
		i++;
	}
}

/* quote: offset of the opening quote. Ends after the closing one. */
static struct piece scan_quoted(
	struct str s, enum piece_kind kind, size_t start, size_t quote, bool backslashes)
{
	char q = s.data[quote];
	size_t i = quote + 1;
	while (i < s.len) {
		if (backslashes && s.data[i] == '\\') {
			i += 2;
		} else if (s.data[i] != q) {
			i++;
		} else if (at(s, i + 1) == q) {
			i += 2;
		} else {
			size_t next = q == '\'' ? continuation(s, i + 1) : 0;
			if (next == 0)
				return make(kind, start, i + 1, false);
			i = next + 1;
		}
	}
	return make(kind, start, s.len, true);
}

/* $tag$…$tag$; a PIECE_BAD of one byte when there is no such opening. */
static struct piece scan_dollar(struct str s, size_t start)
{
	size_t i = start + 1;
	if (is_digit(at(s, i))) {
		while (is_digit(at(s, i)))
			i++;
		if (!is_word_start(at(s, i)))
			return make(PIECE_PARAM, start, i, false);
		while (is_word(at(s, i)))
			i++;
		return make(PIECE_JUNK_NUMBER, start, i, false);
	}
	if (is_word_start(at(s, i)))
		while (is_word_start(at(s, i)) || is_digit(at(s, i)))
			i++;
	if (at(s, i) != '$')
		return make(PIECE_BAD, start, start + 1, false);
	i++;
	const char *end = memmem(s.data + i, s.len - i, s.data + start, i - start);
	if (!end)
		return make(PIECE_DOLLAR_STRING, start, s.len, true);
	return make(PIECE_DOLLAR_STRING, start, (size_t)(end - s.data) + (i - start), false);
}

static struct piece scan_number(struct str s, size_t start)
{
	size_t i = start;
	enum piece_kind kind = PIECE_INTEGER;
	while (is_digit(at(s, i)))
		i++;
	/* 1..2 is 1, then the two points */
	if (at(s, i) == '.' && !(at(s, i + 1) == '.' && i > start)) {
		kind = PIECE_NUMERIC;
		i++;
		while (is_digit(at(s, i)))
			i++;
	}
	if (at(s, i) == 'e' || at(s, i) == 'E') {
		size_t sign = at(s, i + 1) == '+' || at(s, i + 1) == '-';
		if (is_digit(at(s, i + 1 + sign))) {
			kind = PIECE_NUMERIC;
			i += 1 + sign;
			while (is_digit(at(s, i)))
				i++;
		} else if (sign) {
			return make(PIECE_JUNK_NUMBER, start, i + 2, false);
		}
	}
	if (!is_word_start(at(s, i)))
		return make(kind, start, i, false);
	while (is_word(at(s, i)))
		i++;
	return make(PIECE_JUNK_NUMBER, start, i, false);
}

static struct piece scan_word(struct str s, size_t start)
{
	char c = (char)(s.data[start] | 0x20), next = at(s, start + 1);
	if (next == '\'' && c == 'e')
		return scan_quoted(s, PIECE_ESCAPE_STRING, start, start + 1, true);
	if (next == '\'' && c == 'b')
		return scan_quoted(s, PIECE_BIT_STRING, start, start + 1, false);
	if (next == '\'' && c == 'x')
		return scan_quoted(s, PIECE_HEX_STRING, start, start + 1, false);
	if (next == '\'' && c == 'n')
		return scan_quoted(s, PIECE_STRING, start, start + 1, false);
	if (next == '&' && c == 'u' && at(s, start + 2) == '\'')
		return scan_quoted(s, PIECE_UNICODE_STRING, start, start + 2, false);
	if (next == '&' && c == 'u' && at(s, start + 2) == '"')
		return scan_quoted(s, PIECE_UNICODE_NAME, start, start + 2, false);
	size_t i = start;
	while (is_word(at(s, i)))
		i++;
	return make(PIECE_WORD, start, i, false);
}

/* The longest run of symbols that does not reach into a comment. A run of several ends in + or -
 * only if it holds one of the symbols that no standard operator has. */
static struct piece scan_operator(struct str s, size_t start)
{
	size_t i = start;
	bool special = false;
	while (is_symbol(at(s, i))) {
		char next = at(s, i + 1);
		if (i > start && ((s.data[i] == '-' && next == '-') || (s.data[i] == '/' && next == '*')))
			break;
		special |= strchr("~!@#^&|`?%", s.data[i]) != NULL;
		i++;
	}
	if (!special)
		while (i - start > 1 && (s.data[i - 1] == '+' || s.data[i - 1] == '-'))
			i--;
	return make(PIECE_OPERATOR, start, i, false);
}

static struct piece scan_punctuation(struct str s, size_t start)
{
	char c = s.data[start], next = at(s, start + 1);
	if (c == ':' && (next == ':' || next == '='))
		return make(PIECE_OPERATOR, start, start + 2, false);
	if (c == '.' && next == '.')
		return make(PIECE_OPERATOR, start, start + 2, false);
	if (c == '.' && is_digit(next))
		return scan_number(s, start);
	if (strchr("()[],;.:", c) && c != '\0')
		return make(PIECE_PUNCTUATION, start, start + 1, false);
	return make(PIECE_BAD, start, start + 1, false);
}

struct piece piece_at(struct str s, size_t pos)
{
	if (pos >= s.len)
		return make(PIECE_END, s.len, s.len, false);
	char c = s.data[pos];
	if (is_blank(c)) {
		size_t i = pos;
		while (is_blank(at(s, i)))
			i++;
		return make(PIECE_BLANK, pos, i, false);
	}
	if (c == '-' && at(s, pos + 1) == '-')
		return make(PIECE_LINE_COMMENT, pos, line_end(s, pos), false);
	if (c == '/' && at(s, pos + 1) == '*')
		return scan_block_comment(s, pos);
	if (is_word_start(c))
		return scan_word(s, pos);
	if (is_digit(c))
		return scan_number(s, pos);
	if (c == '\'')
		return scan_quoted(s, PIECE_STRING, pos, pos, false);
	if (c == '"')
		return scan_quoted(s, PIECE_QUOTED_NAME, pos, pos, false);
	if (c == '$')
		return scan_dollar(s, pos);
	if (is_symbol(c))
		return scan_operator(s, pos);
	return scan_punctuation(s, pos);
}

/* ---- splitting ---- */

struct split_state {
	struct split_part part;
	enum split_end end;
	size_t next; /* where to go on */
};

static enum split_end end_inside(enum piece_kind kind)
{
	switch (kind) {
	case PIECE_BLOCK_COMMENT:
		return SPLIT_COMMENT;
	case PIECE_QUOTED_NAME:
	case PIECE_UNICODE_NAME:
		return SPLIT_NAME;
	case PIECE_DOLLAR_STRING:
		return SPLIT_DOLLAR;
	case PIECE_STRING:
	case PIECE_ESCAPE_STRING:
	case PIECE_UNICODE_STRING:
	case PIECE_BIT_STRING:
	case PIECE_HEX_STRING:
		return SPLIT_STRING;
	case PIECE_END:
	case PIECE_BLANK:
	case PIECE_LINE_COMMENT:
	case PIECE_WORD:
	case PIECE_INTEGER:
	case PIECE_NUMERIC:
	case PIECE_PARAM:
	case PIECE_OPERATOR:
	case PIECE_PUNCTUATION:
	case PIECE_JUNK_NUMBER:
	case PIECE_BAD:
		return SPLIT_STATEMENT;
	}
	UNREACHABLE();
}

/* Reads one statement. Empty ones (only blanks, comments and `;`) are passed over. */
static bool split_step(struct str text, size_t pos, struct split_state *s)
{
	size_t depth = 0;
	bool started = false;
	*s = (struct split_state){.end = SPLIT_COMPLETE};
	for (;;) {
		struct piece p = piece_at(text, pos);
		pos = p.end;
		s->next = pos;
		if (p.open)
			s->end = end_inside(p.kind);
		if (p.kind == PIECE_END) {
			if (started && s->end == SPLIT_COMPLETE)
				s->end = depth > 0 ? SPLIT_PARENS : SPLIT_STATEMENT;
			return started;
		}
		if (p.kind == PIECE_BLANK || p.kind == PIECE_LINE_COMMENT || p.kind == PIECE_BLOCK_COMMENT)
			continue;
		char c = text.data[p.start];
		if (p.kind == PIECE_PUNCTUATION && c == ';' && depth == 0) {
			s->part.terminated = started;
			if (started)
				return true;
			continue;
		}
		if (p.kind == PIECE_PUNCTUATION && (c == '(' || c == '['))
			depth++;
		if (p.kind == PIECE_PUNCTUATION && (c == ')' || c == ']') && depth > 0)
			depth--;
		if (!started)
			s->part.offset = p.start;
		started = true;
		s->part.len = p.end - s->part.offset;
	}
}

bool split_next(struct str text, size_t *offset, struct split_part *out)
{
	struct split_state s;
	bool found = split_step(text, *offset, &s);
	*offset = s.next;
	*out = s.part;
	return found;
}

enum split_end split_end(struct str text)
{
	size_t pos = 0;
	struct split_state s;
	do {
		split_step(text, pos, &s);
		pos = s.next;
	} while (pos < text.len);
	return s.end;
}
