/*
 * The parser of jsonpath: a scanner with one token ahead and recursive descent by precedence. Predicates and
 * expressions share one grammar; where only one of them may stand is checked when a node is made.
 *
 * Depth of nesting is bounded by DEPTH, so hostile text can't exhaust the stack.
 */
#include <stdlib.h>

#include "engine/base/utf8.h"
#include "engine/types/json.h"
#include "engine/types/jsonpath.h"

#define DEPTH 1000

enum token { T_END, T_NAME, T_STRING, T_NUMBER, T_VARIABLE, T_OP };

struct parser {
	const char *p, *end;
	struct mem *m;
	struct err *err;
	int depth;
	enum token token;
	bool quoted;        /* T_STRING, or a T_NAME written with escapes */
	bool integer;       /* T_NUMBER without point and exponent */
	struct str text;    /* of names, strings, numbers, variables */
	char op[3];         /* T_OP */
	int filters, subscripts; /* that surround the place: @ and last need them */
};

static bool bad(struct parser *p, const char *what)
{
	return err_set(p->err, ERR_SYNTAX_ERROR, "%s in jsonpath", what);
}

static bool syntax(struct parser *p)
{
	if (p->token == T_END)
		return bad(p, "syntax error at end of input");
	return err_set(p->err, ERR_SYNTAX_ERROR, "syntax error at or near \"%.*s\" in jsonpath",
				   p->token == T_OP ? 2 : (int)(p->text.len > 40 ? 40 : p->text.len), p->token == T_OP ? p->op : p->text.data);
}

/* ---- the scanner ---- */

static bool is_special(char c) { return memchr("?%$.[]{}()|&!=<>@#,*:-+/ \t\n\r\f\\\"", c, 32) != NULL; }

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hex_run(struct parser *p, int digits, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < digits; i++) {
		int d = p->p < p->end ? hex_digit(*p->p) : -1;
		if (d < 0)
			return bad(p, "invalid escape sequence");
		*out = *out * 16 + (uint32_t)d;
		p->p++;
	}
	return true;
}

static bool unicode_unit(struct parser *p, uint32_t *out)
{
	if (p->p < p->end && *p->p == '{') {
		int n = 0;
		*out = 0;
		for (p->p++; p->p < p->end && *p->p != '}' && n < 6; n++, p->p++) {
			int d = hex_digit(*p->p);
			if (d < 0)
				return bad(p, "invalid Unicode escape sequence");
			*out = *out * 16 + (uint32_t)d;
		}
		if (n == 0 || p->p >= p->end || *p->p != '}')
			return bad(p, "invalid Unicode escape sequence");
		p->p++;
		return true;
	}
	return hex_run(p, 4, out);
}

static bool lone_surrogate(struct parser *p)
{
	return err_set(p->err, ERR_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type jsonpath");
}

/* Behind "\u". */
static bool unicode_escape(struct parser *p, struct strbuf *out)
{
	uint32_t c, low;
	char bytes[4];

	if (!unicode_unit(p, &c))
		return false;
	if (c >= 0xd800 && c < 0xdc00) {
		if (p->end - p->p < 2 || p->p[0] != '\\' || p->p[1] != 'u')
			return lone_surrogate(p);
		p->p += 2;
		if (!unicode_unit(p, &low))
			return false;
		if (low < 0xdc00 || low >= 0xe000)
			return lone_surrogate(p);
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	} else if (c >= 0xdc00 && c < 0xe000) {
		return lone_surrogate(p);
	}
	if (c == 0)
		return err_set(p->err, ERR_UNTRANSLATABLE_CHARACTER, "unsupported Unicode escape sequence");
	if (c > 0x10ffff)
		return bad(p, "invalid Unicode escape sequence");
	strbuf_add(out, bytes, utf8_encode(c, bytes));
	return true;
}

/* Behind a backslash. */
static bool escape(struct parser *p, struct strbuf *out)
{
	static const char from[] = "bfnrtv", to[] = "\b\f\n\r\t\v";
	const char *at;
	uint32_t c;
	char bytes[4];

	if (p->p >= p->end)
		return bad(p, "unexpected end after backslash");
	if (*p->p == 'u') {
		p->p++;
		return unicode_escape(p, out);
	}
	if (*p->p == 'x') {
		p->p++;
		if (!hex_run(p, 2, &c))
			return false;
		if (c == 0)
			return err_set(p->err, ERR_UNTRANSLATABLE_CHARACTER, "unsupported Unicode escape sequence");
		strbuf_add(out, bytes, utf8_encode(c, bytes));
		return true;
	}
	at = memchr(from, *p->p, sizeof from - 1);
	strbuf_addc(out, at ? to[at - from] : *p->p);
	p->p++;
	return true;
}

static bool keep(struct parser *p, struct strbuf *b, bool ok)
{
	if (ok)
		p->text = str_make(mem_strndup(p->m, strbuf_cstr(b), b->len), b->len);
	strbuf_release(b);
	return ok;
}

static bool scan_string(struct parser *p)
{
	struct strbuf b;
	bool ok = true;

	strbuf_init(&b, 0);
	for (p->p++; ok && p->p < p->end && *p->p != '"';) {
		if (*p->p != '\\') {
			strbuf_addc(&b, *p->p++);
			continue;
		}
		p->p++;
		ok = escape(p, &b);
	}
	if (ok && p->p >= p->end)
		ok = bad(p, "unterminated quoted string");
	p->p++;
	return keep(p, &b, ok);
}

static bool scan_name(struct parser *p)
{
	struct strbuf b;
	bool ok = true;

	p->quoted = false;
	strbuf_init(&b, 0);
	while (ok && p->p < p->end && (*p->p == '\\' || !is_special(*p->p))) {
		if (*p->p != '\\') {
			strbuf_addc(&b, *p->p++);
			continue;
		}
		p->p++;
		p->quoted = true;
		ok = escape(p, &b);
	}
	return keep(p, &b, ok);
}

static void digits(struct parser *p)
{
	while (p->p < p->end && *p->p >= '0' && *p->p <= '9')
		p->p++;
}

static bool scan_number(struct parser *p)
{
	const char *start = p->p, *before;

	p->integer = true;
	digits(p);
	if (p->p - start > 1 && *start == '0')
		return bad(p, "trailing junk after numeric literal");
	if (p->p < p->end && *p->p == '.') {
		p->integer = false;
		p->p++;
		digits(p);
	}
	if (p->p < p->end && (*p->p == 'e' || *p->p == 'E')) {
		p->integer = false;
		p->p++;
		if (p->p < p->end && (*p->p == '+' || *p->p == '-'))
			p->p++;
		before = p->p;
		digits(p);
		if (p->p == before)
			return bad(p, "trailing junk after numeric literal");
	}
	if (p->p < p->end && !is_special(*p->p))
		return bad(p, "trailing junk after numeric literal");
	p->text = str_make(start, (size_t)(p->p - start));
	return true;
}

static bool skip_blanks(struct parser *p)
{
	for (;;) {
		while (p->p < p->end && memchr(" \t\n\r\f", *p->p, 5))
			p->p++;
		if (p->end - p->p < 2 || p->p[0] != '/' || p->p[1] != '*')
			return true;
		for (p->p += 2; p->end - p->p >= 2 && (p->p[0] != '*' || p->p[1] != '/'); p->p++)
			;
		if (p->end - p->p < 2)
			return bad(p, "unexpected end of comment");
		p->p += 2;
	}
}

static bool scan(struct parser *p)
{
	static const char *const doubles[] = {"&&", "||", "==", "!=", "<>", "<=", ">=", "**"};
	char c, next;

	if (!skip_blanks(p))
		return false;
	p->text = str_make(p->p, 0);
	if (p->p >= p->end) {
		p->token = T_END;
		return true;
	}
	c = *p->p;
	next = p->end - p->p > 1 ? p->p[1] : 0;
	if (c == '"') {
		p->token = T_STRING;
		return scan_string(p);
	}
	if ((c >= '0' && c <= '9') || (c == '.' && next >= '0' && next <= '9')) {
		p->token = T_NUMBER;
		return scan_number(p);
	}
	if (c == '$' && (next == '"' || (next && !is_special(next)))) {
		p->token = T_VARIABLE;
		p->p++;
		return next == '"' ? scan_string(p) : scan_name(p);
	}
	if (c == '\\' || !is_special(c)) {
		p->token = T_NAME;
		return scan_name(p);
	}
	p->token = T_OP;
	p->op[0] = c;
	p->op[1] = p->op[2] = 0;
	for (size_t i = 0; i < ARRAY_LEN(doubles); i++)
		if (c == doubles[i][0] && next == doubles[i][1])
			p->op[1] = next;
	p->p += p->op[1] ? 2 : 1;
	return true;
}

static bool is_op(const struct parser *p, const char *op) { return p->token == T_OP && strcmp(p->op, op) == 0; }

static bool is_word(const struct parser *p, const char *word)
{
	bool exact = strcmp(word, "true") == 0 || strcmp(word, "false") == 0 || strcmp(word, "null") == 0;

	return p->token == T_NAME && !p->quoted && (exact ? str_eq(p->text, str_of(word)) : str_eq_nocase(p->text, str_of(word)));
}

static bool expect_op(struct parser *p, const char *op)
{
	return is_op(p, op) ? scan(p) : syntax(p);
}

/* ---- the grammar ---- */

static struct jp_item *item_new(struct parser *p, enum jp_kind kind)
{
	struct jp_item *i = mem_new_object(p->m, struct jp_item);

	i->kind = kind;
	i->text = p->text;
	return i;
}

static bool read_or(struct parser *p, struct jp_item **out);

/* "(" was read: what is inside, up to and with ")". */
static bool read_inside(struct parser *p, struct jp_item **out)
{
	return read_or(p, out) && expect_op(p, ")");
}

static bool predicate(struct parser *p, const struct jp_item *i)
{
	return (jp_is_predicate(i->kind) && !i->next) || syntax(p);
}

static bool expression(struct parser *p, const struct jp_item *i)
{
	return !jp_is_predicate(i->kind) || i->next || syntax(p);
}

static bool read_level(struct parser *p, uint32_t *out)
{
	unsigned long v;

	if (is_word(p, "last")) {
		*out = JP_TO_LAST;
		return scan(p);
	}
	if (p->token != T_NUMBER || !p->integer || p->text.len > 9)
		return syntax(p);
	v = strtoul(mem_strndup(p->m, p->text.data, p->text.len), NULL, 10);
	*out = (uint32_t)v;
	return scan(p);
}

/* ".**" was read. */
static bool read_any(struct parser *p, struct jp_item **out)
{
	struct jp_item *i = item_new(p, JP_ANY);

	*out = i;
	i->last = JP_TO_LAST;
	if (!is_op(p, "{"))
		return true;
	if (!scan(p) || !read_level(p, &i->first))
		return false;
	i->last = i->first;
	if (is_word(p, "to") && !(scan(p) && read_level(p, &i->last)))
		return false;
	return expect_op(p, "}");
}

static bool read_subscripts(struct parser *p, struct jp_item **out)
{
	struct jp_item *i;
	size_t cap = 0;

	if (is_op(p, "*")) {
		*out = item_new(p, JP_ANY_ELEMENT);
		return scan(p) && expect_op(p, "]");
	}
	*out = i = item_new(p, JP_INDEX);
	p->subscripts++;
	for (;;) {
		struct jp_range *r;
		i->ranges = mem_grow(p->m, i->ranges, sizeof *i->ranges, i->nranges, &cap);
		r = &i->ranges[i->nranges++];
		*r = (struct jp_range){NULL, NULL};
		if (!read_or(p, &r->from) || !expression(p, r->from))
			return false;
		if (is_word(p, "to") && !(scan(p) && read_or(p, &r->to) && expression(p, r->to)))
			return false;
		if (!is_op(p, ","))
			break;
		if (!scan(p))
			return false;
	}
	p->subscripts--;
	return expect_op(p, "]");
}

static enum jp_kind method(struct str name)
{
	static const struct {
		const char *name;
		enum jp_kind kind;
	} methods[] = {{"type", JP_TYPE}, {"size", JP_SIZE}, {"abs", JP_ABS}, {"floor", JP_FLOOR}, {"ceiling", JP_CEILING},
				   {"double", JP_DOUBLE}, {"datetime", JP_DATETIME}, {"keyvalue", JP_KEYVALUE}};

	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (str_eq_nocase(name, str_of(methods[i].name)))
			return methods[i].kind;
	return JP_KEY;
}

/* A name after a point: a method when brackets follow. */
static bool read_member(struct parser *p, struct jp_item **out)
{
	enum jp_kind kind = p->token == T_NAME && !p->quoted ? method(p->text) : JP_KEY;

	if (p->token != T_NAME && p->token != T_STRING)
		return syntax(p);
	*out = item_new(p, JP_KEY);
	if (!scan(p))
		return false;
	if (kind == JP_KEY || !is_op(p, "("))
		return true;
	(*out)->kind = kind;
	if (!scan(p))
		return false;
	if (kind == JP_DATETIME && p->token == T_STRING) {
		(*out)->left = item_new(p, JP_STRING);
		if (!scan(p))
			return false;
	}
	return expect_op(p, ")");
}

static bool read_filter(struct parser *p, struct jp_item **out)
{
	*out = item_new(p, JP_FILTER);
	p->filters++;
	if (!expect_op(p, "(") || !read_inside(p, &(*out)->left))
		return false;
	p->filters--;
	return predicate(p, (*out)->left);
}

/* The accessors behind a primary, as a chain. */
static bool read_accessors(struct parser *p, struct jp_item *i)
{
	while (i->next)
		i = i->next;
	for (;;) {
		bool ok;
		if (is_op(p, ".")) {
			ok = scan(p);
			if (ok && is_op(p, "*")) {
				i->next = item_new(p, JP_ANY_KEY);
				ok = scan(p);
			} else if (ok && is_op(p, "**")) {
				ok = scan(p) && read_any(p, &i->next);
			} else {
				ok = ok && read_member(p, &i->next);
			}
		} else if (is_op(p, "[")) {
			ok = scan(p) && read_subscripts(p, &i->next);
		} else if (is_op(p, "?")) {
			ok = scan(p) && read_filter(p, &i->next);
		} else {
			return true;
		}
		if (!ok)
			return false;
		i = i->next;
	}
}

/* A parenthesised thing; "is unknown" may follow a predicate. */
static bool read_group(struct parser *p, struct jp_item **out)
{
	struct jp_item *i;

	if (!scan(p) || !read_inside(p, out))
		return false;
	if (!is_word(p, "is"))
		return true;
	if (!predicate(p, *out) || !scan(p) || !is_word(p, "unknown"))
		return syntax(p);
	i = item_new(p, JP_UNKNOWN);
	i->left = *out;
	*out = i;
	return scan(p);
}

static bool read_exists(struct parser *p, struct jp_item **out)
{
	*out = item_new(p, JP_EXISTS);
	return scan(p) && expect_op(p, "(") && read_inside(p, &(*out)->left) && expression(p, (*out)->left);
}

static bool read_primary(struct parser *p, struct jp_item **out)
{
	enum jp_kind kind;

	if (is_op(p, "("))
		return read_group(p, out);
	if (is_word(p, "exists"))
		return read_exists(p, out);
	if (p->token == T_STRING)
		kind = JP_STRING;
	else if (p->token == T_NUMBER)
		kind = JP_NUMBER;
	else if (p->token == T_VARIABLE)
		kind = JP_VARIABLE;
	else if (is_op(p, "$"))
		kind = JP_ROOT;
	else if (is_op(p, "@"))
		kind = JP_CURRENT;
	else if (is_word(p, "last"))
		kind = JP_LAST;
	else if (is_word(p, "true") || is_word(p, "false"))
		kind = JP_BOOL;
	else if (is_word(p, "null"))
		kind = JP_NULL;
	else
		return syntax(p);
	if (kind == JP_CURRENT && !p->filters)
		return bad(p, "@ is not allowed in root expressions");
	if (kind == JP_LAST && !p->subscripts)
		return bad(p, "LAST is allowed only in array subscripts");
	*out = item_new(p, kind);
	(*out)->flag = is_word(p, "true");
	return scan(p);
}

static bool read_accessed(struct parser *p, struct jp_item **out)
{
	if (!read_primary(p, out))
		return false;
	if ((is_op(p, ".") || is_op(p, "[") || is_op(p, "?")) && (*out)->kind == JP_NUMBER && (*out)->text.data[(*out)->text.len - 1] == '.')
		return syntax(p);
	return read_accessors(p, *out);
}

static bool read_unary(struct parser *p, struct jp_item **out)
{
	bool plus = is_op(p, "+"), minus = is_op(p, "-"), not = is_op(p, "!"), ok;

	if (!plus && !minus && !not)
		return read_accessed(p, out);
	if (p->depth == DEPTH)
		return err_set(p->err, ERR_STATEMENT_TOO_COMPLEX, "jsonpath is nested too deep");
	*out = item_new(p, plus ? JP_PLUS : minus ? JP_MINUS : JP_NOT);
	if (!scan(p))
		return false;
	if (not && !is_op(p, "(") && !is_word(p, "exists"))
		return syntax(p);
	p->depth++;
	ok = not ? read_primary(p, &(*out)->left) && predicate(p, (*out)->left) : read_unary(p, &(*out)->left) && expression(p, (*out)->left);
	p->depth--;
	if (ok && !not && (*out)->left->kind == JP_NUMBER && !(*out)->left->next) { /* a literal with a sign */
		struct str s = (*out)->left->text;
		bool negative = s.data[0] == '-';
		*out = (*out)->left;
		if (minus)
			(*out)->text = negative ? str_make(s.data + 1, s.len - 1) : str_of(mem_printf(p->m, "-%.*s", (int)s.len, s.data));
	}
	return ok;
}

struct level {
	const char *ops[7];
	enum jp_kind kinds[7];
};
static const struct level levels[] = {
	{{"||"}, {JP_OR}},
	{{"&&"}, {JP_AND}},
	{{"==", "!=", "<>", "<", ">", "<=", ">="}, {JP_EQ, JP_NE, JP_NE, JP_LT, JP_GT, JP_LE, JP_GE}},
	{{"+", "-"}, {JP_ADD, JP_SUB}},
	{{"*", "/", "%"}, {JP_MUL, JP_DIV, JP_MOD}},
};
enum { LEVEL_COMPARE = 2 };

static bool read_regex(struct parser *p, struct jp_item *i)
{
	if (!scan(p) || p->token != T_STRING)
		return syntax(p);
	i->text = p->text;
	if (!scan(p))
		return false;
	if (!is_word(p, "flag"))
		return true;
	if (!scan(p) || p->token != T_STRING)
		return syntax(p);
	i->flags = p->text;
	for (size_t k = 0; k < i->flags.len; k++) {
		if (!memchr("ismxq", i->flags.data[k], 5))
			return err_set(p->err, ERR_SYNTAX_ERROR, "unrecognized flag character in LIKE_REGEX predicate");
		if (i->flags.data[k] == 'x' && !memchr(i->flags.data, 'q', i->flags.len))
			return err_set(p->err, ERR_FEATURE_NOT_SUPPORTED, "XQuery \"x\" flag (expanded regular expressions) is not implemented");
	}
	return scan(p);
}

/* left "starts with" … or left "like_regex" …; *done says that there was one. */
static bool read_special(struct parser *p, struct jp_item **left, bool *done)
{
	struct jp_item *i;

	*done = is_word(p, "starts") || is_word(p, "like_regex");
	if (!*done)
		return true;
	if (!expression(p, *left))
		return false;
	i = item_new(p, is_word(p, "starts") ? JP_STARTS : JP_REGEX);
	i->left = *left;
	*left = i;
	if (i->kind == JP_REGEX)
		return read_regex(p, i);
	if (!scan(p) || !is_word(p, "with"))
		return syntax(p);
	if (!scan(p) || (p->token != T_STRING && p->token != T_VARIABLE))
		return syntax(p);
	i->right = item_new(p, p->token == T_STRING ? JP_STRING : JP_VARIABLE);
	return scan(p);
}

static bool read_level_of(struct parser *p, size_t level, struct jp_item **out)
{
	bool special = false;

	if (level == ARRAY_LEN(levels))
		return read_unary(p, out);
	if (!read_level_of(p, level + 1, out) || (level == LEVEL_COMPARE && !read_special(p, out, &special)))
		return false;
	for (;;) {
		struct jp_item *i;
		size_t k = 0;
		bool want_predicate = level < LEVEL_COMPARE;
		while (k < ARRAY_LEN(levels[level].ops) && levels[level].ops[k] && !is_op(p, levels[level].ops[k]))
			k++;
		if (special || k == ARRAY_LEN(levels[level].ops) || !levels[level].ops[k])
			return true;
		i = item_new(p, levels[level].kinds[k]);
		i->left = *out;
		if (!scan(p) || !read_level_of(p, level + 1, &i->right))
			return false;
		if (want_predicate ? !predicate(p, i->left) || !predicate(p, i->right) : !expression(p, i->left) || !expression(p, i->right))
			return false;
		*out = i;
		special = level == LEVEL_COMPARE; /* comparisons don't chain */
	}
}

static bool read_or(struct parser *p, struct jp_item **out)
{
	bool ok;

	if (p->depth == DEPTH)
		return err_set(p->err, ERR_STATEMENT_TOO_COMPLEX, "jsonpath is nested too deep");
	p->depth++;
	ok = read_level_of(p, 0, out);
	p->depth--;
	return ok;
}

bool jsonpath_parse(struct mem *m, struct str s, struct jsonpath *out, struct err *e)
{
	struct parser p = {.p = s.data, .end = s.data + s.len, .m = m, .err = e};

	out->lax = true;
	if (!scan(&p))
		return false;
	if (is_word(&p, "strict") || is_word(&p, "lax")) {
		out->lax = is_word(&p, "lax");
		if (!scan(&p))
			return false;
	}
	if (p.token == T_END)
		return err_set(e, ERR_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type jsonpath");
	if (!read_or(&p, &out->top))
		return false;
	return p.token == T_END ? mem_check(m, e) : syntax(&p);
}
