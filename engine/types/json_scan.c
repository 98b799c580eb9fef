/* See the header. No recursion: a value's end is found by counting brackets outside strings. */
#include "engine/types/json_scan.h"
#include "engine/base/utf8.h"

static bool is_space(char ch) { return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r'; }

struct str json_trim(struct str v)
{
	while (v.len && is_space(v.data[0])) {
		v.data++;
		v.len--;
	}
	while (v.len && is_space(v.data[v.len - 1]))
		v.len--;
	return v;
}

enum json_kind json_kind(struct str value)
{
	struct str v = json_trim(value);

	switch (v.len ? v.data[0] : 'n') {
	case '{': return JSON_OBJECT;
	case '[': return JSON_ARRAY;
	case '"': return JSON_STRING;
	case 't': case 'f': return JSON_BOOLEAN;
	case 'n': return JSON_NULL;
	}
	return JSON_NUMBER;
}

/* Behind the string that starts at `at`. */
static size_t string_end(struct str s, size_t at)
{
	for (at++; at < s.len && s.data[at] != '"'; at++)
		if (s.data[at] == '\\')
			at++;
	return at + 1;
}

/* The first `,` `:` or closing bracket of this level from `at` on. */
static size_t value_end(struct str s, size_t at)
{
	size_t depth = 0;

	while (at < s.len) {
		char ch = s.data[at];
		if (ch == '"') {
			at = string_end(s, at);
			continue;
		}
		if (ch == '[' || ch == '{')
			depth++;
		else if (depth == 0 && (ch == ',' || ch == ':' || ch == ']' || ch == '}'))
			return at;
		else if (ch == ']' || ch == '}')
			depth--;
		at++;
	}
	return s.len;
}

bool json_next(struct str s, size_t *at, struct json_member *out)
{
	bool object;
	size_t from, to;

	s = json_trim(s);
	if (s.len < 2)
		return false;
	object = s.data[0] == '{';
	from = *at ? *at : 1;
	to = value_end(s, from);
	out->key = str_make("", 0);
	if (object && to < s.len && s.data[to] == ':') {
		out->key = json_trim(str_make(s.data + from, to - from));
		from = to + 1;
		to = value_end(s, from);
	}
	out->value = json_trim(str_make(s.data + from, to - from));
	*at = to + 1;
	return out->value.len > 0;
}

static int hex4(const char *p)
{
	int v = 0;

	for (int i = 0; i < 4; i++)
		v = v * 16 + (p[i] <= '9' ? p[i] - '0' : (p[i] | 32) - 'a' + 10);
	return v;
}

/* \uXXXX at p; *used counts the bytes behind the backslash. */
static bool unescape_unicode(const char *p, const char *end, struct strbuf *out, int *used, struct err *e)
{
	uint32_t c = (uint32_t)hex4(p + 1);
	char bytes[4];

	*used = 5;
	if (c >= 0xd800 && c <= 0xdbff && end - p >= 11 && p[5] == '\\' && p[6] == 'u') {
		uint32_t low = (uint32_t)hex4(p + 7);
		if (low >= 0xdc00 && low <= 0xdfff) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			*used = 11;
		}
	}
	if (c == 0) {
		err_set(e, ERR_UNTRANSLATABLE_CHARACTER, "unsupported Unicode escape sequence");
		return err_detail(e, "\\u0000 cannot be converted to text.");
	}
	if (c >= 0xd800 && c <= 0xdfff) {
		err_set(e, ERR_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type json");
		return err_detail(e, "Unicode high and low surrogates must come in pairs.");
	}
	strbuf_add(out, bytes, utf8_encode(c, bytes));
	return true;
}

bool json_unescape(struct str v, struct strbuf *out, struct err *e)
{
	const char *p = v.data + 1, *end = v.data + v.len - 1;

	while (p < end) {
		const char *plain = p;
		int used = 1;
		while (p < end && *p != '\\')
			p++;
		strbuf_add(out, plain, (size_t)(p - plain));
		if (p >= end)
			break;
		switch (*++p) {
		case 'b': strbuf_addc(out, '\b'); break;
		case 'f': strbuf_addc(out, '\f'); break;
		case 'n': strbuf_addc(out, '\n'); break;
		case 'r': strbuf_addc(out, '\r'); break;
		case 't': strbuf_addc(out, '\t'); break;
		case 'u':
			if (!unescape_unicode(p, end, out, &used, e))
				return false;
			break;
		default: /* the quote, the slashes */
			strbuf_addc(out, *p);
		}
		p += used;
	}
	return true;
}

void json_quote(struct str s, struct strbuf *out)
{
	strbuf_addc(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		char ch = s.data[i];
		static const char from[] = "\b\f\n\r\t\"\\", to[] = "bfnrt\"\\";
		const char *at = ch ? strchr(from, ch) : NULL;
		if (at) {
			strbuf_addc(out, '\\');
			strbuf_addc(out, to[at - from]);
		} else if ((unsigned char)ch < ' ') {
			strbuf_addf(out, "\\u%04x", (unsigned char)ch);
		} else {
			strbuf_addc(out, ch);
		}
	}
	strbuf_addc(out, '"');
}

bool json_string_is(struct str v, struct str text)
{
	struct strbuf plain;
	bool same;

	if (!memchr(v.data, '\\', v.len))
		return v.len == text.len + 2 && memcmp(v.data + 1, text.data, text.len) == 0;
	strbuf_init(&plain, 0);
	same = json_unescape(v, &plain, NULL) && str_eq(strbuf_str(&plain), text);
	strbuf_release(&plain);
	return same;
}
