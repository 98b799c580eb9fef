/*
 * LIKE. A pattern is compiled to the pieces between its % signs. The first piece must stand at the
 * beginning of the text, the last at its end, each other one is looked for leftmost after the one
 * before: no backtracking is needed, so a match takes at most |text| x |pattern| steps.
 *
 * Matching works on bytes of valid UTF-8; only _ steps over whole characters. Case-insensitive matching
 * folds ASCII letters, which is lower() under the C collation. No state besides the compiled pattern.
 */
#define _GNU_SOURCE /* memmem */
#include "engine/function/like.h"

#include "engine/base/utf8.h"

enum { TOKEN_ANY = 256, TOKEN_TRAP = 257 }; /* besides bytes 0 … 255 */

struct piece {
	const uint16_t *tokens;
	const char *literal; /* its bytes when there is no _ in it (and no trap), else NULL */
	uint32_t count;
	uint32_t chars;      /* characters matched */
};

struct like {
	struct piece *pieces;
	uint32_t count;   /* one more than runs of % */
	bool nocase;
};

static inline unsigned char folded(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

/* Ends the piece that began at `from`. */
static void piece_close(struct like *like, struct mem *m, const uint16_t *tokens, uint32_t from, uint32_t to)
{
	struct piece *p = &like->pieces[like->count++];
	bool literal = true;
	char *bytes;

	p->tokens = tokens + from;
	p->count = to - from;
	p->chars = 0;
	for (uint32_t i = from; i < to; i++) {
		literal = literal && tokens[i] < 256;
		p->chars += tokens[i] >= 256 || (tokens[i] & 0xc0) != 0x80;
	}
	p->literal = NULL;
	if (!literal || like->nocase)
		return;
	bytes = mem_alloc(m, p->count + 1);
	for (uint32_t i = 0; i < p->count; i++)
		bytes[i] = (char)p->tokens[i];
	p->literal = bytes;
}

struct like *like_compile(struct mem *m, struct str pattern, bool nocase)
{
	struct like *like = mem_new_object(m, struct like);
	uint16_t *tokens = mem_new_array(m, uint16_t, pattern.len + 1);
	uint32_t n = 0, from = 0, percents = 0;

	for (size_t i = 0; i < pattern.len; i++)
		percents += pattern.data[i] == '%';
	like->pieces = mem_new_array(m, struct piece, percents + 1);
	like->nocase = nocase;
	for (size_t i = 0; i < pattern.len; i++) {
		unsigned char c = (unsigned char)pattern.data[i];
		if (c == '%') {
			if (like->count == 0 || n > from)
				piece_close(like, m, tokens, from, n);
			from = n;
		} else if (c == '_') {
			tokens[n++] = TOKEN_ANY;
		} else if (c == '\\' && ++i == pattern.len) {
			tokens[n++] = TOKEN_TRAP;
		} else {
			c = (unsigned char)pattern.data[i];
			tokens[n++] = nocase ? folded(c) : c;
		}
	}
	piece_close(like, m, tokens, from, n);
	return like;
}

/* Bytes of s matched by the piece at its beginning, or -1; *trap when the escape at the end was reached. */
static ptrdiff_t match_here(const struct like *like, const struct piece *p, struct str s, bool *trap)
{
	size_t at = 0;

	if (p->literal)
		return s.len >= p->count && memcmp(s.data, p->literal, p->count) == 0 ? (ptrdiff_t)p->count : -1;
	for (uint32_t i = 0; i < p->count; i++) {
		if (at >= s.len)
			return -1;
		if (p->tokens[i] == TOKEN_ANY) {
			at += utf8_size((unsigned char)s.data[at]);
		} else if (p->tokens[i] == TOKEN_TRAP) {
			*trap = true;
			return -1;
		} else {
			unsigned char c = (unsigned char)s.data[at++];
			if ((like->nocase ? folded(c) : c) != p->tokens[i])
				return -1;
		}
	}
	return at <= s.len ? (ptrdiff_t)at : -1;
}

/* Leftmost place at or after the beginning of s; sets *len to the bytes matched there. -1 = nowhere. */
static ptrdiff_t find_piece(const struct like *like, const struct piece *p, struct str s, size_t *len, bool *trap)
{
	if (p->literal) {
		const char *found = memmem(s.data, s.len, p->literal, p->count);
		*len = p->count;
		return found ? found - s.data : -1;
	}
	for (size_t at = 0; at < s.len && !*trap; at += utf8_size((unsigned char)s.data[at])) {
		ptrdiff_t n = match_here(like, p, str_make(s.data + at, s.len - at), trap);
		if (n >= 0) {
			*len = (size_t)n;
			return (ptrdiff_t)at;
		}
	}
	return -1;
}

/* The piece against the last p->chars characters of s. */
static bool match_end(const struct like *like, const struct piece *p, struct str s, bool *trap)
{
	size_t at = s.len;
	ptrdiff_t n;

	if (p->literal)
		return s.len >= p->count && memcmp(s.data + s.len - p->count, p->literal, p->count) == 0;
	for (uint32_t i = 0; i < p->chars; i++) {
		if (at == 0)
			return false;
		do
			at--;
		while (at > 0 && ((unsigned char)s.data[at] & 0xc0) == 0x80);
	}
	n = match_here(like, p, str_make(s.data + at, s.len - at), trap);
	return n >= 0 && at + (size_t)n == s.len;
}

static bool matches_pieces(const struct like *like, struct str s, bool *trap)
{
	ptrdiff_t n = match_here(like, &like->pieces[0], s, trap);
	size_t len;

	if (n < 0)
		return false;
	if (like->count == 1)
		return (size_t)n == s.len;
	s = str_make(s.data + n, s.len - (size_t)n);
	for (uint32_t i = 1; i + 1 < like->count; i++) {
		n = find_piece(like, &like->pieces[i], s, &len, trap);
		if (n < 0)
			return false;
		s = str_make(s.data + n + len, s.len - (size_t)n - len);
	}
	return match_end(like, &like->pieces[like->count - 1], s, trap);
}

bool like_match(const struct like *like, struct str s, bool *matches, struct err *e)
{
	bool trap = false;

	*matches = matches_pieces(like, s, &trap);
	if (trap)
		return err_set(e, ERR_INVALID_ESCAPE_SEQUENCE, "LIKE pattern must not end with escape character");
	return true;
}
