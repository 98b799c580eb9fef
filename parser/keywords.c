/*
 * The keyword table and what follows from it: quoting of names and of text. Pure.
 */
#include "parser/grammar.h"
#include "parser/lexer.h"

#define KEYWORD(word, token, class, bare) {word, TK_##token, KEYWORD_##class, bare},
const struct keyword keywords[] = {
#include "parser/keywords.def"
};
#undef KEYWORD
const size_t keyword_count = ARRAY_LEN(keywords);

#define LONGEST_KEYWORD 17

const struct keyword *keyword_find(const char *word, size_t len)
{
	char lower[LONGEST_KEYWORD + 1];
	if (len == 0 || len > LONGEST_KEYWORD)
		return NULL;
	for (size_t i = 0; i < len; i++)
		lower[i] = (char)(word[i] >= 'A' && word[i] <= 'Z' ? word[i] + 32 : word[i]);
	lower[len] = '\0';
	size_t low = 0, high = keyword_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(lower, keywords[middle].word);
		if (order == 0)
			return &keywords[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool ident_needs_quotes(struct str name)
{
	if (name.len == 0 || (name.data[0] >= '0' && name.data[0] <= '9') || name.data[0] == '$')
		return true;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
					 (unsigned char)c >= 0x80;
		if (!plain)
			return true;
	}
	const struct keyword *k = keyword_find(name.data, name.len);
	return k && k->class != KEYWORD_NON_RESERVED;
}

void ident_quote(struct strbuf *out, struct str name)
{
	if (!ident_needs_quotes(name)) {
		strbuf_add(out, name.data, name.len);
		return;
	}
	strbuf_addc(out, '"');
	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] == '"')
			strbuf_addc(out, '"');
		strbuf_addc(out, name.data[i]);
	}
	strbuf_addc(out, '"');
}

void literal_quote(struct strbuf *out, struct str text)
{
	bool backslash = text.len > 0 && memchr(text.data, '\\', text.len) != NULL;
	strbuf_adds(out, backslash ? "E'" : "'");
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '\'' || text.data[i] == '\\')
			strbuf_addc(out, text.data[i]);
		strbuf_addc(out, text.data[i]);
	}
	strbuf_addc(out, '\'');
}
