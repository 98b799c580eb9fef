/* Text slices, a growing text buffer, and small byte-level text operations. All text is UTF-8. */
#ifndef HOPLUU_BASE_STR_H
#define HOPLUU_BASE_STR_H

#include <stdarg.h>
#include <string.h>
#include "engine/base/mem.h"

/* A borrowed run of bytes; not NUL-terminated. */
struct str {
	const char *data;
	size_t len;
};
#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
static inline struct str str_make(const char *data, size_t len) { return (struct str){data, len}; }
static inline struct str str_of(const char *cstring) { return (struct str){cstring, strlen(cstring)}; }
bool str_eq(struct str a, struct str b);
/* memcmp order, a prefix before what it starts: the C collation. <0, 0, >0. */
int str_compare(struct str a, struct str b);
/* ASCII letters equal in either case. */
bool str_eq_nocase(struct str a, struct str b);
bool cstr_eq_nocase(const char *a, const char *b);

/* A growing, malloc'ed, NUL-terminated text. Appending never fails visibly: past `max` bytes it sets
 * the sticky `overflow` and drops the rest; test once at the end. */
struct strbuf {
	char *data;   /* always NUL-terminated once something was appended; NULL when empty */
	size_t len, cap, max;
	bool overflow;
};
void strbuf_init(struct strbuf *b, size_t max); /* max 0: 1 GiB */
void strbuf_release(struct strbuf *b);          /* frees; the buffer may be initialised again */
void strbuf_reset(struct strbuf *b);            /* empties, keeps the memory, clears overflow */
void strbuf_add(struct strbuf *b, const char *data, size_t len);
void strbuf_adds(struct strbuf *b, const char *cstring);
void strbuf_addc(struct strbuf *b, char c);
void strbuf_addf(struct strbuf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void strbuf_vaddf(struct strbuf *b, const char *fmt, va_list ap);
static inline struct str strbuf_str(const struct strbuf *b) { return str_make(b->data ? b->data : "", b->len); }
static inline const char *strbuf_cstr(const struct strbuf *b) { return b->data ? b->data : ""; }

/* Damerau-Levenshtein distance of short ASCII-caseless words, for "did you mean"; > max gives max+1. */
int str_distance(const char *a, const char *b, int max);

#endif
