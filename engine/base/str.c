/* Text slices and the growing text buffer; see str.h. A failed malloc aborts, as in mem.c. */
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/log.h"
#include "engine/base/str.h"

#define STRBUF_MAX ((size_t)1 << 30)

bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

int str_compare(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n ? memcmp(a.data, b.data, n) : 0;
	return c ? c : (a.len > b.len) - (a.len < b.len);
}

static inline unsigned char lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

bool str_eq_nocase(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower((unsigned char)a.data[i]) != lower((unsigned char)b.data[i]))
			return false;
	return true;
}

bool cstr_eq_nocase(const char *a, const char *b)
{
	while (*a && lower((unsigned char)*a) == lower((unsigned char)*b))
		a++, b++;
	return *a == *b;
}

void strbuf_init(struct strbuf *b, size_t max)
{
	memset(b, 0, sizeof *b);
	b->max = max ? max : STRBUF_MAX;
}

void strbuf_release(struct strbuf *b)
{
	size_t max = b->max;
	free(b->data);
	strbuf_init(b, max);
}

void strbuf_reset(struct strbuf *b)
{
	b->len = 0;
	b->overflow = false;
	if (b->data)
		b->data[0] = '\0';
}

/* Room for `more` bytes and the NUL; false when that would pass max. */
static bool make_room(struct strbuf *b, size_t more)
{
	size_t cap;
	char *p;

	if (b->overflow || more > b->max - b->len) {
		b->overflow = true;
		return false;
	}
	if (b->len + more + 1 <= b->cap)
		return true;
	cap = b->cap ? b->cap * 2 : 64;
	if (cap < b->len + more + 1)
		cap = b->len + more + 1;
	p = realloc(b->data, cap);
	if (!p) {
		log_message(LOG_ERROR, "out of memory growing a text to %zu bytes", cap);
		abort();
	}
	b->data = p;
	b->cap = cap;
	return true;
}

void strbuf_add(struct strbuf *b, const char *data, size_t len)
{
	if (!make_room(b, len))
		return;
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void strbuf_adds(struct strbuf *b, const char *cstring)
{
	strbuf_add(b, cstring, strlen(cstring));
}

void strbuf_addc(struct strbuf *b, char c)
{
	strbuf_add(b, &c, 1);
}

void strbuf_vaddf(struct strbuf *b, const char *fmt, va_list ap)
{
	char small[256];
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(small, sizeof small, fmt, ap);
	if (n >= 0 && (size_t)n < sizeof small) {
		strbuf_add(b, small, (size_t)n);
	} else if (n >= 0 && make_room(b, (size_t)n)) {
		vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void strbuf_addf(struct strbuf *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	strbuf_vaddf(b, fmt, ap);
	va_end(ap);
}

#define DISTANCE_MAX 64 /* words longer than this are never near */

static int min2(int a, int b)
{
	return a < b ? a : b;
}

int str_distance(const char *a, const char *b, int max)
{
	int rows[3][DISTANCE_MAX + 1];
	int *before = rows[0], *last = rows[1], *row = rows[2], *t;
	size_t la = strlen(a), lb = strlen(b);

	if (la > DISTANCE_MAX || lb > DISTANCE_MAX)
		return max + 1;
	for (int j = 0; j <= (int)lb; j++)
		before[j] = last[j] = j;
	for (int i = 1; i <= (int)la; i++) {
		unsigned char x = lower((unsigned char)a[i - 1]);
		row[0] = i;
		for (int j = 1; j <= (int)lb; j++) {
			unsigned char y = lower((unsigned char)b[j - 1]);
			row[j] = min2(min2(row[j - 1], last[j]) + 1, last[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == lower((unsigned char)b[j - 2])
				&& y == lower((unsigned char)a[i - 2]))
				row[j] = min2(row[j], before[j - 2] + 1);
		}
		t = before;
		before = last;
		last = row;
		row = t;
	}
	return last[lb] > max ? max + 1 : last[lb];
}
