/*
 * UTF-8 checks, counting and stepping; terminal widths by ICU's East Asian Width property. Pure
 * functions, safe from every thread.
 */
#include <string.h>
#include <unicode/uchar.h>

#include "engine/base/utf8.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)
#define LOW_ONES UINT64_C(0x0101010101010101)

static inline uint64_t load8(const char *p)
{
	uint64_t w;
	memcpy(&w, p, sizeof w);
	return w;
}

static inline bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* Bytes of the well-formed sequence at p (Unicode table 3-7), 0 when there is none. */
static inline size_t sequence(const unsigned char *p, size_t left)
{
	unsigned char c = p[0];

	if (c < 0x80)
		return c != 0;
	if (c < 0xc2 || c > 0xf4 || left < 2)
		return 0;
	if (c < 0xe0)
		return is_tail(p[1]) ? 2 : 0;
	if (left < 3 || !is_tail(p[1]) || !is_tail(p[2]))
		return 0;
	if (c < 0xf0) {
		if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f))
			return 0;
		return 3;
	}
	if (left < 4 || !is_tail(p[3]) || (c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f))
		return 0;
	return 4;
}

size_t utf8_valid_prefix(const char *data, size_t len)
{
	size_t i = 0;

	while (i < len) {
		size_t n;
		/* eight ASCII bytes without a NUL: no high bit, and no borrow out of a zero byte */
		while (len - i >= 8) {
			uint64_t w = load8(data + i);
			if ((w | (w - LOW_ONES)) & HIGH_BITS)
				break;
			i += 8;
		}
		if (i == len)
			break;
		do {
			n = sequence((const unsigned char *)data + i, len - i);
			if (n == 0)
				return i;
			i += n;
		} while (i < len && n > 1);
	}
	return len;
}

size_t utf8_length(const char *data, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++)
		n += !is_tail((unsigned char)data[i]);
	return n;
}

size_t utf8_offset(const char *data, size_t len, size_t n)
{
	size_t i = 0;
	while (n > 0 && i < len) {
		i += utf8_size((unsigned char)data[i]);
		n--;
	}
	return i < len ? i : len;
}

uint32_t utf8_decode(const char *data, unsigned *size)
{
	const unsigned char *p = (const unsigned char *)data;

	*size = utf8_size(p[0]);
	switch (*size) {
	case 1:
		return p[0];
	case 2:
		return (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
	case 3:
		return (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
	default: /* utf8_size gives 1 to 4 */
		return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12
			   | (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
	}
}

unsigned utf8_encode(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static unsigned char_width(uint32_t c)
{
	UChar32 u = (UChar32)c;

	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return 0;
	if (c < 0x300)
		return c != 0xad; /* the soft hyphen is not shown */
	switch (u_charType(u)) {
	case U_NON_SPACING_MARK:
	case U_ENCLOSING_MARK:
	case U_FORMAT_CHAR:
		return 0;
	default:
		break;
	}
	switch (u_getIntPropertyValue(u, UCHAR_EAST_ASIAN_WIDTH)) {
	case U_EA_WIDE:
	case U_EA_FULLWIDTH:
		return 2;
	default:
		return 1;
	}
}

size_t utf8_width(const char *data, size_t len)
{
	size_t width = 0, i = 0;

	while (i < len) {
		unsigned size;
		unsigned char c = (unsigned char)data[i];
		if (c >= 0x20 && c < 0x7f) {
			width++;
			i++;
			continue;
		}
		width += char_width(utf8_decode(data + i, &size));
		i += size;
	}
	return width;
}

bool utf8_is_ascii(const char *data, size_t len)
{
	size_t i = 0;
	uint64_t all = 0;

	for (; len - i >= 8; i += 8)
		all |= load8(data + i);
	for (; i < len; i++)
		all |= (unsigned char)data[i];
	return (all & HIGH_BITS) == 0;
}
