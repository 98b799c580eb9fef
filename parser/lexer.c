/*
 * Tokens from pieces: recognises keywords, folds and unquotes names, decodes strings, with errors
 * at their places. Knows nothing of the grammar but its token numbers; look-ahead tricks (NOT
 * before LIKE …) are parser.c's. Values live in the lexer's memory node.
 */
#include "parser/grammar.h"
#include "parser/lexer.h"
#include "engine/base/utf8.h"

/* A decoded value under construction: never longer than the piece it comes from (an escape is never
 * shorter than its UTF-8 form), so it is written into one allocation. */
struct decoded {
	char *data;
	size_t len;
	uint32_t high; /* first half of a surrogate pair, waiting */
};

void lexer_init(struct lexer *l, struct mem *m, struct str text, size_t pos)
{
	*l = (struct lexer){.text = text, .pos = pos, .m = m};
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void set_value(struct lexed *out, const char *text, size_t len)
{
	out->value.text = text;
	out->value.len = (uint32_t)len;
}

static bool unterminated(const struct piece *p, struct err *e)
{
	const char *what = "quoted string";
	switch (p->kind) {
	case PIECE_BLOCK_COMMENT:
		what = "/* comment";
		break;
	case PIECE_QUOTED_NAME:
	case PIECE_UNICODE_NAME:
		what = "quoted identifier";
		break;
	case PIECE_DOLLAR_STRING:
		what = "dollar-quoted string";
		break;
	case PIECE_BIT_STRING:
		what = "bit string literal";
		break;
	case PIECE_HEX_STRING:
		what = "hexadecimal string literal";
		break;
	case PIECE_STRING:
	case PIECE_ESCAPE_STRING:
	case PIECE_UNICODE_STRING:
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
		break;
	}
	return err_at(e, (int)p->start, ERR_SYNTAX_ERROR, "unterminated %s", what);
}

/* ---- names ---- */

static bool check_name(const struct lexed *t, struct err *e)
{
	if (t->value.len == 0)
		return err_at(e, t->value.pos, ERR_SYNTAX_ERROR, "zero-length quoted identifier");
	if (t->value.len > PARSE_MAX_NAME) {
		size_t shown = 60;
		while (shown > 0 && ((unsigned char)t->value.text[shown] & 0xc0) == 0x80)
			shown--;
		return err_at(e, t->value.pos, ERR_NAME_TOO_LONG,
			"identifier \"%.*s…\" is %u bytes long; at most %d are allowed", (int)shown,
			t->value.text, t->value.len, PARSE_MAX_NAME);
	}
	return true;
}

static bool lex_word(struct lexer *l, const struct piece *p, struct lexed *out, struct err *e)
{
	const char *s = l->text.data + p->start;
	size_t len = p->end - p->start;
	out->keyword = keyword_find(s, len);
	if (out->keyword) {
		out->type = out->keyword->token;
		set_value(out, out->keyword->word, len);
		return true;
	}
	char *folded = mem_strndup(l->m, s, len);
	for (size_t i = 0; i < len; i++)
		if (folded[i] >= 'A' && folded[i] <= 'Z')
			folded[i] = (char)(folded[i] + 32);
	out->type = TK_IDENT;
	set_value(out, folded, len);
	return check_name(out, e);
}

/* Copies s without its doubled quotes q. */
static size_t undouble(char *to, const char *s, size_t len, char q)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		to[n++] = s[i];
		if (s[i] == q)
			i++;
	}
	return n;
}

static bool lex_quoted_name(
	struct lexer *l, const struct piece *p, struct lexed *out, struct err *e)
{
	size_t len = p->end - p->start - 2;
	char *name = mem_alloc(l->m, len + 1);
	set_value(out, name, undouble(name, l->text.data + p->start + 1, len, '"'));
	out->type = TK_IDENT;
	return check_name(out, e);
}

/* ---- strings: a literal may be cut into segments over several lines ---- */

/* The next quoted segment in [*i, end): its inside. False after the last. */
static bool next_segment(
	struct str text, size_t *i, size_t end, bool backslashes, struct str *inside)
{
	while (*i < end && text.data[*i] != '\'') {
		/* between segments: blanks and comments, which may hold quotes */
		if (text.data[*i] == '-') {
			struct piece comment = piece_at(text, *i);
			*i = comment.end;
		} else {
			(*i)++;
		}
	}
	if (*i >= end)
		return false;
	size_t start = ++*i;
	while (*i < end) {
		if (backslashes && text.data[*i] == '\\')
			*i += 2;
		else if (text.data[*i] != '\'')
			(*i)++;
		else if (*i + 1 < end && text.data[*i + 1] == '\'')
			*i += 2;
		else
			break;
	}
	*inside = str_make(text.data + start, *i - start);
	(*i)++;
	return true;
}

static bool put_code_point(struct decoded *d, uint32_t c, int pos, enum errcode code, struct err *e)
{
	if (d->high) {
		if (c < 0xdc00 || c > 0xdfff)
			return err_at(e, pos, ERR_SYNTAX_ERROR, "invalid Unicode surrogate pair");
		c = 0x10000 + ((d->high - 0xd800) << 10) + (c - 0xdc00);
		d->high = 0;
	} else if (c >= 0xd800 && c <= 0xdbff) {
		d->high = c;
		return true;
	} else if (c >= 0xdc00 && c <= 0xdfff) {
		return err_at(e, pos, ERR_SYNTAX_ERROR, "invalid Unicode surrogate pair");
	}
	if (c == 0)
		return err_at(
			e, pos, ERR_CHARACTER_NOT_IN_REPERTOIRE, "text cannot hold the character U+0000");
	if (c > 0x10ffff)
		return err_at(e, pos, code, "invalid Unicode escape value");
	d->len += utf8_encode(c, d->data + d->len);
	return true;
}

static bool finish_surrogates(const struct decoded *d, int pos, struct err *e)
{
	return !d->high || err_at(e, pos, ERR_SYNTAX_ERROR, "invalid Unicode surrogate pair");
}

/* \ooo and \xhh: one byte. i stands after the backslash. */
static size_t put_byte_escape(struct decoded *d, struct str s, size_t i)
{
	unsigned value = 0;
	size_t n = 0;
	if (s.data[i] == 'x') {
		while (n < 2 && i + 1 + n < s.len && hex_digit(s.data[i + 1 + n]) >= 0)
			value = value * 16 + (unsigned)hex_digit(s.data[i + 1 + n++]);
		if (n == 0)
			value = 'x';
		n++;
	} else {
		while (n < 3 && i + n < s.len && s.data[i + n] >= '0' && s.data[i + n] <= '7')
			value = value * 8 + (unsigned)(s.data[i + n++] - '0');
	}
	d->data[d->len++] = (char)(value & 0xff);
	return i + n;
}

static bool put_unicode_escape(struct decoded *d, struct str s, size_t *i, int pos, struct err *e)
{
	size_t digits = s.data[*i] == 'u' ? 4 : 8;
	uint32_t c = 0;
	for (size_t n = 0; n < digits; n++) {
		int value = *i + 1 + n < s.len ? hex_digit(s.data[*i + 1 + n]) : -1;
		if (value < 0) {
			err_at(e, pos, ERR_INVALID_ESCAPE_SEQUENCE, "invalid Unicode escape");
			return err_hint(e, "Unicode escapes must be \\uXXXX or \\UXXXXXXXX.");
		}
		c = c << 4 | (uint32_t)value;
	}
	*i += 1 + digits;
	return put_code_point(d, c, pos, ERR_SYNTAX_ERROR, e);
}

static bool decode_escapes(struct lexer *l, struct str s, struct decoded *d, struct err *e)
{
	for (size_t i = 0; i < s.len;) {
		int pos = (int)(s.data + i - l->text.data);
		char c = s.data[i];
		if (c == '\\' && i + 1 < s.len && (s.data[i + 1] == 'u' || s.data[i + 1] == 'U')) {
			i++;
			if (!put_unicode_escape(d, s, &i, pos, e))
				return false;
			continue;
		}
		if (!finish_surrogates(d, pos, e))
			return false;
		if (c == '\'') {
			d->data[d->len++] = c;
			i += 2;
		} else if (c != '\\' || i + 1 >= s.len) {
			d->data[d->len++] = c;
			i++;
		} else {
			static const char plain[] = "bfnrtv", meant[] = "\b\f\n\r\t\v";
			c = s.data[++i];
			const char *known = strchr(plain, c);
			if (c == 'x' || (c >= '0' && c <= '7')) {
				i = put_byte_escape(d, s, i);
			} else {
				d->data[d->len++] = known && c ? meant[known - plain] : c;
				i++;
			}
		}
	}
	return true;
}

static bool lex_escape_string(
	struct lexer *l, const struct piece *p, struct lexed *out, struct err *e)
{
	struct decoded d = {.data = mem_alloc(l->m, p->end - p->start + 1)};
	size_t i = p->start + 1;
	struct str inside;
	while (next_segment(l->text, &i, p->end, true, &inside))
		if (!decode_escapes(l, inside, &d, e))
			return false;
	if (!finish_surrogates(&d, (int)p->start, e))
		return false;
	if (!utf8_is_valid(d.data, d.len)) {
		size_t bad = utf8_valid_prefix(d.data, d.len);
		return err_at(e, (int)p->start, ERR_CHARACTER_NOT_IN_REPERTOIRE,
			"escapes in the string make an invalid UTF-8 byte 0x%02x", (unsigned char)d.data[bad]);
	}
	out->type = TK_SCONST;
	set_value(out, d.data, d.len);
	return true;
}

static void lex_plain_string(struct lexer *l, const struct piece *p, struct lexed *out)
{
	char *data = mem_alloc(l->m, p->end - p->start + 1);
	size_t len = 0, i = p->start;
	struct str inside;
	while (next_segment(l->text, &i, p->end, false, &inside))
		len += undouble(data + len, inside.data, inside.len, '\'');
	set_value(out, data, len);
	out->type = TK_SCONST;
}

static void lex_dollar_string(struct lexer *l, const struct piece *p, struct lexed *out)
{
	const char *s = l->text.data + p->start;
	size_t tag = (size_t)((const char *)memchr(s + 1, '$', p->end - p->start - 1) - s) + 1;
	size_t len = p->end - p->start - 2 * tag;
	set_value(out, mem_strndup(l->m, s + tag, len), len);
	out->type = TK_SCONST;
}

/* B'…' and X'…': the digits; wrong ones are 22P02, as PostgreSQL says later. */
static bool lex_bit_string(struct lexer *l, const struct piece *p, struct lexed *out, struct err *e)
{
	bool hex = p->kind == PIECE_HEX_STRING;
	lex_plain_string(l, p, out);
	out->type = hex ? TK_XCONST : TK_BCONST;
	for (size_t i = 0; i < out->value.len; i++) {
		char c = out->value.text[i];
		if (hex ? hex_digit(c) < 0 : c != '0' && c != '1')
			return err_at(e, (int)p->start, ERR_INVALID_TEXT_REPRESENTATION,
				"\"%.*s\" is not a valid %s digit", (int)utf8_size((unsigned char)c),
				out->value.text + i, hex ? "hexadecimal" : "binary");
	}
	return true;
}

/* ---- U&'…' and U&"…" [UESCAPE 'c'] ---- */

static bool decode_unicode(
	struct lexer *l, struct str s, char escape, char quote, struct decoded *d, struct err *e)
{
	for (size_t i = 0; i < s.len;) {
		int pos = (int)(s.data + i - l->text.data);
		if (s.data[i] != escape || (i + 1 < s.len && s.data[i + 1] == escape)) {
			if (!finish_surrogates(d, pos, e))
				return false;
			d->data[d->len++] = s.data[i];
			i += s.data[i] == escape || s.data[i] == quote ? 2 : 1;
			continue;
		}
		size_t first = i + 1 < s.len && s.data[i + 1] == '+' ? 2 : 1, digits = first == 2 ? 6 : 4;
		uint32_t c = 0;
		for (size_t n = 0; n < digits; n++) {
			int value = i + first + n < s.len ? hex_digit(s.data[i + first + n]) : -1;
			if (value < 0) {
				err_at(e, pos, ERR_SYNTAX_ERROR, "invalid Unicode escape");
				return err_hint(e, "Unicode escapes must be \\XXXX or \\+XXXXXX.");
			}
			c = c << 4 | (uint32_t)value;
		}
		i += first + digits;
		if (!put_code_point(d, c, pos, ERR_SYNTAX_ERROR, e))
			return false;
	}
	return true;
}

/* Skips blanks and comments; the piece after them. */
static struct piece next_piece(struct str text, size_t pos)
{
	for (;;) {
		struct piece p = piece_at(text, pos);
		bool nothing = p.kind == PIECE_BLANK || p.kind == PIECE_LINE_COMMENT ||
					   (p.kind == PIECE_BLOCK_COMMENT && !p.open);
		if (!nothing)
			return p;
		pos = p.end;
	}
}

/* Reads an UESCAPE 'c' that may follow. */
static bool lex_uescape(struct lexer *l, char *escape, struct err *e)
{
	*escape = '\\';
	struct piece word = next_piece(l->text, l->pos);
	if (word.kind != PIECE_WORD ||
		!str_eq_nocase(str_make(l->text.data + word.start, word.end - word.start), STR("uescape")))
		return true;
	struct piece value = next_piece(l->text, word.end);
	if (value.kind != PIECE_STRING || value.open)
		return err_at(e, (int)value.start, ERR_SYNTAX_ERROR,
			"UESCAPE must be followed by a simple string literal");
	char c = l->text.data[value.start + 1];
	if (value.end - value.start != 3 || hex_digit(c) >= 0 || strchr("+'\" \t\n\r\f", c) ||
		(unsigned char)c >= 0x80)
		return err_at(e, (int)value.start, ERR_SYNTAX_ERROR, "invalid Unicode escape character");
	*escape = c;
	l->pos = value.end;
	return true;
}

static bool lex_unicode(struct lexer *l, const struct piece *p, struct lexed *out, struct err *e)
{
	char escape;
	bool name = p->kind == PIECE_UNICODE_NAME;
	if (!lex_uescape(l, &escape, e))
		return false;
	struct decoded d = {.data = mem_alloc(l->m, p->end - p->start + 1)};
	if (name) {
		struct str inside = str_make(l->text.data + p->start + 3, p->end - p->start - 4);
		if (!decode_unicode(l, inside, escape, '"', &d, e))
			return false;
	} else {
		size_t i = p->start + 2;
		struct str inside;
		while (next_segment(l->text, &i, p->end, false, &inside))
			if (!decode_unicode(l, inside, escape, '\'', &d, e))
				return false;
	}
	if (!finish_surrogates(&d, (int)p->start, e))
		return false;
	out->type = name ? TK_IDENT : TK_SCONST;
	set_value(out, d.data, d.len);
	return !name || check_name(out, e);
}

/* ---- symbols ---- */

static bool lex_operator(struct lexer *l, const struct piece *p, struct lexed *out, struct err *e)
{
	static const struct {
		const char *text;
		int type;
	} known[] = {{"+", TK_PLUS}, {"-", TK_MINUS}, {"*", TK_STAR}, {"/", TK_SLASH},
		{"%", TK_PERCENT}, {"^", TK_CARET}, {"<", TK_LT}, {">", TK_GT}, {"=", TK_EQ}, {"<=", TK_LE},
		{">=", TK_GE}, {"<>", TK_NE}, {"!=", TK_NE}, {"::", TK_TYPECAST}, {":=", TK_COLON_EQUALS},
		{"=>", TK_EQUALS_GREATER}, {"..", TK_DOT_DOT}};
	struct str text = str_make(l->text.data + p->start, p->end - p->start);
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (!str_eq(text, str_of(known[i].text)))
			continue;
		out->type = known[i].type;
		set_value(out, known[i].type == TK_NE ? "<>" : known[i].text, text.len);
		return true;
	}
	if (text.len > PARSE_MAX_NAME)
		return err_at(
			e, (int)p->start, ERR_NAME_TOO_LONG, "operator of %zu symbols is too long", text.len);
	out->type = TK_OP;
	set_value(out, mem_strndup(l->m, text.data, text.len), text.len);
	return true;
}

static bool lex_punctuation(const struct piece *p, char c, struct lexed *out)
{
	static const char symbols[] = "()[],.:";
	static const char *const texts[] = {"(", ")", "[", "]", ",", ".", ":"};
	static const int types[] = {TK_LP, TK_RP, TK_LB, TK_RB, TK_COMMA, TK_DOT, TK_COLON};
	_Static_assert(ARRAY_LEN(texts) == ARRAY_LEN(types) && sizeof(symbols) == ARRAY_LEN(types) + 1,
		"one each");
	(void)p;
	const char *at = strchr(symbols, c);
	if (at) {
		out->type = types[at - symbols];
		set_value(out, texts[at - symbols], 1);
	} else {
		out->type = TK_SEMICOLON;
		set_value(out, ";", 1);
	}
	return true;
}

static bool lex_bad(struct lexer *l, const struct piece *p, struct err *e)
{
	struct str text = str_make(l->text.data + p->start, p->end - p->start);
	if (p->kind == PIECE_JUNK_NUMBER)
		return err_at(e, (int)p->start, ERR_SYNTAX_ERROR, "trailing junk after %s: \"%.*s\"",
			text.data[0] == '$' ? "parameter" : "numeric literal",
			(int)(text.len > 40 ? 40 : text.len), text.data);
	unsigned char c = (unsigned char)text.data[0];
	if (c < 0x20 || c == 0x7f)
		return err_at(e, (int)p->start, ERR_SYNTAX_ERROR, "unexpected control character 0x%02x", c);
	return err_at(e, (int)p->start, ERR_SYNTAX_ERROR, "unexpected character \"%c\"", c);
}

static void lex_copy(
	struct lexer *l, const struct piece *p, size_t skip, int type, struct lexed *out)
{
	size_t len = p->end - p->start - skip;
	out->type = type;
	set_value(out, mem_strndup(l->m, l->text.data + p->start + skip, len), len);
}

static bool lex_piece(struct lexer *l, const struct piece *p, struct lexed *out, struct err *e)
{
	switch (p->kind) {
	case PIECE_WORD:
		return lex_word(l, p, out, e);
	case PIECE_QUOTED_NAME:
		return lex_quoted_name(l, p, out, e);
	case PIECE_STRING:
		lex_plain_string(l, p, out);
		return true;
	case PIECE_ESCAPE_STRING:
		return lex_escape_string(l, p, out, e);
	case PIECE_UNICODE_NAME:
	case PIECE_UNICODE_STRING:
		return lex_unicode(l, p, out, e);
	case PIECE_BIT_STRING:
	case PIECE_HEX_STRING:
		return lex_bit_string(l, p, out, e);
	case PIECE_DOLLAR_STRING:
		lex_dollar_string(l, p, out);
		return true;
	case PIECE_INTEGER:
		lex_copy(l, p, 0, TK_ICONST, out);
		return true;
	case PIECE_NUMERIC:
		lex_copy(l, p, 0, TK_FCONST, out);
		return true;
	case PIECE_PARAM:
		lex_copy(l, p, 1, TK_PARAM, out);
		return true;
	case PIECE_OPERATOR:
		return lex_operator(l, p, out, e);
	case PIECE_PUNCTUATION:
		return lex_punctuation(p, l->text.data[p->start], out);
	case PIECE_JUNK_NUMBER:
	case PIECE_BAD:
		return lex_bad(l, p, e);
	case PIECE_END:
	case PIECE_BLANK:
	case PIECE_LINE_COMMENT:
	case PIECE_BLOCK_COMMENT:
		break;
	}
	set_value(out, "", 0);
	return true;
}

bool lexer_next(struct lexer *l, struct lexed *out, struct err *e)
{
	struct piece p = next_piece(l->text, l->pos);
	*out = (struct lexed){.value = {.pos = (int)p.start}};
	if (p.open)
		return unterminated(&p, e);
	/* N'…' is the type name NCHAR before a string, as in PostgreSQL */
	bool national = p.kind == PIECE_STRING && l->text.data[p.start] != '\'';
	if (national) {
		p.kind = PIECE_WORD;
		p.end = p.start + 1;
	}
	l->pos = p.end;
	if (national) {
		out->keyword = keyword_find("nchar", 5);
		out->type = out->keyword->token;
		set_value(out, out->keyword->word, 5);
	} else if (!lex_piece(l, &p, out, e))
		return false;
	out->end = (int)l->pos;
	return true;
}
