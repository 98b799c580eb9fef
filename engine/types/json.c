/*
 * A strict recursive JSON reader with a depth limit. For json it only checks; for jsonb it builds a
 * tree of nodes in scratch memory (strings unescaped, numbers expanded), which is then printed.
 * Input is valid UTF-8 already. Recursive frames are kept small: JSON_DEPTH of them must fit in a
 * thread's stack.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/base/utf8.h"
#include "engine/types/json.h"

#define NUMBER_DIGITS 131072 /* before the point, as numeric allows; 16383 behind it */

enum node_kind { NODE_LITERAL, NODE_STRING, NODE_ARRAY, NODE_OBJECT };

struct node {
	enum node_kind kind;
	uint32_t order;	   /* of a member in its object: later ones win */
	struct str key;	   /* of a member */
	struct str text;   /* literals ready to print, strings unescaped */
	struct node *first, *next;
	size_t count;
};

struct reader {
	const char *p, *end, *start;
	struct mem *m; /* NULL: only check */
	struct err *err;
	int depth;
};

static bool is_word(char c)
{
	unsigned char l = (unsigned char)c | 0x20;
	return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '_' || l >= 0x80;
}

static bool bad(struct reader *r, const char *expected)
{
	const char *end = r->p;

	err_set(r->err, ERR_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type json");
	if (r->p >= r->end)
		return err_detail(r->err, "The input string ended unexpectedly.");
	while (end < r->end && end - r->p < 60 && is_word(*end))
		end++;
	if (end == r->p)
		end++;
	while (end < r->end && ((unsigned char)*end & 0xc0) == 0x80)
		end++;
	return err_detail(r->err, "Expected %s, but found \"%.*s\" at byte %zu.", expected, (int)(end - r->p),
					  r->p, (size_t)(r->p - r->start) + 1);
}

static void skip_space(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

static int hex4(const char *p, const char *end)
{
	int x = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)p[i];
		if (c >= '0' && c <= '9')
			x = x * 16 + (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			x = x * 16 + ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return x;
}

static bool bad_unicode(struct reader *r, const char *why)
{
	err_set(r->err, ERR_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type json");
	return err_detail(r->err, "%s", why);
}

/* After "\u": the character goes to *to; checks only when to is NULL. */
static bool read_unicode(struct reader *r, char **to)
{
	int c = hex4(r->p, r->end), low;

	if (c < 0)
		return bad_unicode(r, "\"\\u\" must be followed by four hexadecimal digits.");
	r->p += 4;
	if (!r->m)
		return true; /* json keeps escapes as they are */
	if (c == 0) {
		err_set(r->err, ERR_UNTRANSLATABLE_CHARACTER, "unsupported Unicode escape sequence");
		return err_detail(r->err, "\\u0000 cannot be converted to text.");
	}
	if (c >= 0xdc00 && c < 0xe000)
		return bad_unicode(r, "Unicode low surrogate must follow a high surrogate.");
	if (c >= 0xd800 && c < 0xdc00) {
		if (r->end - r->p < 6 || r->p[0] != '\\' || r->p[1] != 'u')
			return bad_unicode(r, "Unicode low surrogate must follow a high surrogate.");
		low = hex4(r->p + 2, r->end);
		if (low < 0xdc00 || low >= 0xe000)
			return bad_unicode(r, "Unicode low surrogate must follow a high surrogate.");
		r->p += 6;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	*to += utf8_encode((uint32_t)c, *to);
	return true;
}

/* At the opening quote. The unescaped text is never longer than the source. */
static bool read_string(struct reader *r, struct str *out)
{
	const char *start = ++r->p;
	char *text = NULL, *to = NULL;

	while (r->p < r->end && *r->p != '"' && *r->p != '\\' && (unsigned char)*r->p >= 0x20)
		r->p++;
	if (r->p < r->end && *r->p == '"') { /* the usual case: nothing to unescape */
		*out = str_make(start, (size_t)(r->p++ - start));
		return true;
	}
	if (r->m) {
		const char *q = r->p; /* room up to the closing quote */
		while (q < r->end && *q != '"')
			q += *q == '\\' && r->end - q > 1 ? 2 : 1;
		text = to = mem_alloc(r->m, (size_t)(q - start) + 1);
		memcpy(to, start, (size_t)(r->p - start));
		to += r->p - start;
	}
	while (r->p < r->end && *r->p != '"') {
		static const char from[] = "\"\\/bfnrt", unescaped[] = "\"\\/\b\f\n\r\t";
		const char *at;
		if ((unsigned char)*r->p < 0x20) {
			err_set(r->err, ERR_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type json");
			return err_detail(r->err, "Character with value 0x%02x must be escaped.", (unsigned char)*r->p);
		}
		if (*r->p != '\\') {
			if (to)
				*to++ = *r->p;
			r->p++;
			continue;
		}
		if (++r->p == r->end)
			break;
		if (*r->p == 'u') {
			r->p++;
			if (!read_unicode(r, &to))
				return false;
			continue;
		}
		at = memchr(from, *r->p, sizeof from - 1);
		if (!at)
			return bad_unicode(r, "Escape sequence is invalid.");
		if (to)
			*to++ = unescaped[at - from];
		r->p++;
	}
	if (r->p >= r->end)
		return bad(r, "\"");
	r->p++;
	*out = to ? str_make(text, (size_t)(to - text)) : str_make(start, (size_t)(r->p - 1 - start));
	return true;
}

/* A checked JSON number as numeric prints it: no exponent, one sign, at least one digit before the
 * point, the fraction's zeros kept. */
static bool expand_number(struct reader *r, const char *p, const char *end, struct str *out)
{
	bool negative = *p == '-';
	const char *whole = p + negative, *frac, *frac_end, *q;
	long exponent = 0, whole_len, frac_len, scale, before, i;
	bool zero = true;
	char *text, *to;

	for (q = whole; q < end && *q >= '0' && *q <= '9'; q++)
		;
	whole_len = q - whole;
	frac = frac_end = q;
	if (q < end && *q == '.') {
		frac = q + 1;
		for (q = frac; q < end && *q >= '0' && *q <= '9'; q++)
			;
		frac_end = q;
	}
	frac_len = frac_end - frac;
	if (q < end) {
		bool minus = q[1] == '-';
		for (q += 1 + (q[1] == '-' || q[1] == '+'); q < end; q++)
			if (exponent < 1000000)
				exponent = exponent * 10 + (*q - '0');
		exponent = minus ? -exponent : exponent;
	}
	for (q = whole; q < frac_end; q++)
		zero = zero && (*q == '0' || *q == '.');
	scale = frac_len - exponent > 0 ? frac_len - exponent : 0;
	before = zero ? 1 : whole_len + exponent; /* digits before the point, leading zeros included */
	if (before > NUMBER_DIGITS || scale > 16383)
		return err_set(r->err, ERR_NUMERIC_OUT_OF_RANGE, "value overflows numeric format");
	text = to = mem_alloc(r->m, (size_t)((before > 0 ? before : 1) + scale + 3));
	if (!mem_check(r->m, r->err)) /* a few bytes of source can become 128 kB */
		return false;
	if (negative && !zero)
		*to++ = '-';
	/* digit i of the number (0 = first of `whole`) stands before the point when i < before */
	i = 0;
	if (!zero)
		while (i < before - 1 && (i < whole_len ? whole[i] : i - whole_len < frac_len ? frac[i - whole_len] : '1') == '0')
			i++;
	if (before <= 0 || zero)
		*to++ = '0';
	for (; !zero && i < before; i++)
		*to++ = i < whole_len ? whole[i] : i - whole_len < frac_len ? frac[i - whole_len] : '0';
	if (scale > 0) {
		*to++ = '.';
		for (long k = 0; k < scale; k++) {
			i = before + k;
			if (zero || i < 0)
				*to++ = '0';
			else
				*to++ = i < whole_len ? whole[i] : i - whole_len < frac_len ? frac[i - whole_len] : '0';
		}
	}
	*out = str_make(text, (size_t)(to - text));
	return true;
}

static bool take_digits(struct reader *r)
{
	const char *start = r->p;
	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return r->p > start;
}

static bool read_number(struct reader *r, struct str *out)
{
	const char *start = r->p;

	if (*r->p == '-')
		r->p++;
	if (r->p < r->end && *r->p == '0')
		r->p++;
	else if (!take_digits(r))
		return bad(r, "a digit");
	if (r->p < r->end && *r->p == '.') {
		r->p++;
		if (!take_digits(r))
			return bad(r, "a digit");
	}
	if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
		r->p++;
		if (r->p < r->end && (*r->p == '+' || *r->p == '-'))
			r->p++;
		if (!take_digits(r))
			return bad(r, "a digit");
	}
	if (r->p < r->end && is_word(*r->p))
		return bad(r, "end of number");
	return !r->m || expand_number(r, start, r->p, out);
}

static bool read_value(struct reader *r, struct node *out);

static bool read_word(struct reader *r, struct node *out)
{
	static const char *const words[] = {"true", "false", "null"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i]);
		const char *after = r->p + n;
		if ((size_t)(r->end - r->p) < n || memcmp(r->p, words[i], n) != 0)
			continue;
		if (after < r->end && is_word(*after))
			break;
		out->text = str_make(r->p, n);
		r->p = after;
		return true;
	}
	return bad(r, "JSON value");
}

/* The members behind an opening bracket up to and with `close`. */
static bool read_members(struct reader *r, struct node *out, char close)
{
	struct node **link = &out->first, check = {0}, *item;

	r->p++;
	skip_space(r);
	if (r->p < r->end && *r->p == close) {
		r->p++;
		return true;
	}
	for (;;) {
		item = r->m ? mem_new_object(r->m, struct node) : &check;
		if (close == '}') {
			skip_space(r);
			if (r->p >= r->end || *r->p != '"')
				return bad(r, "string");
			if (!read_string(r, &item->key))
				return false;
			skip_space(r);
			if (r->p >= r->end || *r->p != ':')
				return bad(r, "\":\"");
			r->p++;
		}
		if (!read_value(r, item))
			return false;
		item->order = (uint32_t)out->count++;
		if (r->m) {
			*link = item;
			link = &item->next;
		}
		skip_space(r);
		if (r->p < r->end && *r->p == close) {
			r->p++;
			return true;
		}
		if (r->p >= r->end || *r->p != ',')
			return bad(r, close == '}' ? "\",\" or \"}\"" : "\",\" or \"]\"");
		r->p++;
	}
}

static bool read_value(struct reader *r, struct node *out)
{
	bool ok;

	out->kind = NODE_LITERAL;
	skip_space(r);
	if (r->p >= r->end)
		return bad(r, "JSON value");
	switch (*r->p) {
	case '"':
		out->kind = NODE_STRING;
		return read_string(r, &out->text);
	case '{':
	case '[':
		if (r->depth == JSON_DEPTH) {
			err_set(r->err, ERR_STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
			return err_detail(r->err, "JSON is nested deeper than %d levels.", JSON_DEPTH);
		}
		r->depth++;
		out->kind = *r->p == '{' ? NODE_OBJECT : NODE_ARRAY;
		ok = read_members(r, out, *r->p == '{' ? '}' : ']');
		r->depth--;
		return ok;
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		return read_number(r, &out->text);
	default:
		return read_word(r, out);
	}
}

static bool read_document(struct reader *r, struct node *out)
{
	if (!read_value(r, out))
		return false;
	skip_space(r);
	return r->p == r->end || bad(r, "end of input");
}

bool json_validate(struct str s, struct err *e)
{
	struct reader r = {s.data, s.data + s.len, s.data, NULL, e, 0};
	struct node top = {0};

	return read_document(&r, &top);
}

/* ---- printing ---- */

void json_print_string(struct str s, struct strbuf *out)
{
	size_t done = 0;

	strbuf_addc(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];
		static const char special[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
		const char *at;
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		strbuf_add(out, s.data + done, i - done);
		done = i + 1;
		at = memchr(special, c, sizeof special - 1);
		if (at) {
			strbuf_addc(out, '\\');
			strbuf_addc(out, letters[at - special]);
		} else {
			strbuf_addf(out, "\\u%04x", c);
		}
	}
	strbuf_add(out, s.data + done, s.len - done);
	strbuf_addc(out, '"');
}

static int by_key(const void *x, const void *y)
{
	const struct node *a = *(struct node *const *)x, *b = *(struct node *const *)y;
	int c;

	if (a->key.len != b->key.len)
		return a->key.len < b->key.len ? -1 : 1;
	c = str_compare(a->key, b->key);
	return c ? c : (a->order > b->order) - (a->order < b->order);
}

static void print_node(struct mem *m, const struct node *n, struct strbuf *out);

static void print_object(struct mem *m, const struct node *n, struct strbuf *out)
{
	struct node **members = mem_new_array(m, struct node *, n->count);
	size_t i = 0;
	bool any = false;

	for (struct node *x = n->first; x; x = x->next)
		members[i++] = x;
	if (n->count)
		qsort(members, n->count, sizeof *members, by_key);
	strbuf_addc(out, '{');
	for (i = 0; i < n->count; i++) {
		if (i + 1 < n->count && str_eq(members[i]->key, members[i + 1]->key))
			continue; /* a later one of that key follows */
		if (any)
			strbuf_adds(out, ", ");
		any = true;
		json_print_string(members[i]->key, out);
		strbuf_adds(out, ": ");
		print_node(m, members[i], out);
	}
	strbuf_addc(out, '}');
}

static void print_node(struct mem *m, const struct node *n, struct strbuf *out)
{
	switch (n->kind) {
	case NODE_LITERAL:
		strbuf_add(out, n->text.data, n->text.len);
		return;
	case NODE_STRING:
		json_print_string(n->text, out);
		return;
	case NODE_ARRAY:
		strbuf_addc(out, '[');
		for (const struct node *x = n->first; x; x = x->next) {
			print_node(m, x, out);
			if (x->next)
				strbuf_adds(out, ", ");
		}
		strbuf_addc(out, ']');
		return;
	case NODE_OBJECT:
		print_object(m, n, out);
		return;
	}
	UNREACHABLE();
}

bool jsonb_normalise(struct mem *scratch, struct str s, struct strbuf *out, struct err *e)
{
	struct reader r = {s.data, s.data + s.len, s.data, scratch, e, 0};
	struct node *top = mem_new_object(scratch, struct node);

	if (!read_document(&r, top))
		return false;
	print_node(scratch, top, out);
	if (out->overflow)
		return err_set(e, ERR_PROGRAM_LIMIT, "jsonb value is too large");
	return mem_check(scratch, e);
}
