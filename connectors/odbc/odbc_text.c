/*
 * UTF-8 and UTF-16 into each other: the wide functions of ODBC are the only ones whose text means the same in every
 * locale and driver manager. Pure functions.
 */
#include "connectors/odbc/odbc_int.h"

#include "engine/base/utf8.h"

SQLWCHAR *odbc_wide(struct mem *m, const char *s, size_t len, size_t *units)
{
	SQLWCHAR *out = mem_alloc(m, (len + 1) * sizeof *out), *o = out;
	const char *end = s + len;

	while (s < end) {
		unsigned size = 1;
		uint32_t c = (unsigned char)*s;
		if (c >= 0x80)
			c = utf8_decode(s, &size);
		s += size;
		if (c >= 0x10000) {
			*o++ = (SQLWCHAR)(0xd800 + ((c - 0x10000) >> 10));
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		*o++ = (SQLWCHAR)c;
	}
	*units = (size_t)(o - out);
	return out;
}

bool odbc_narrow(const SQLWCHAR *s, size_t units, struct strbuf *out)
{
	char piece[256];
	size_t n = 0;

	for (size_t i = 0; i < units; i++) {
		uint32_t c;
		if (n > sizeof piece - 4) {
			strbuf_add(out, piece, n);
			n = 0;
		}
		for (; i + 4 <= units && n <= sizeof piece - 8; i += 4) { /* four ASCII characters at once */
			uint64_t x;
			memcpy(&x, s + i, 8);
			if (x & UINT64_C(0xff80ff80ff80ff80))
				break;
			piece[n] = (char)x;
			piece[n + 1] = (char)(x >> 16);
			piece[n + 2] = (char)(x >> 32);
			piece[n + 3] = (char)(x >> 48);
			n += 4;
		}
		if (i == units)
			break;
		c = s[i];
		if (c < 0x80) {
			piece[n++] = (char)c;
			continue;
		}
		if (c >= 0xd800 && c < 0xe000) {
			if (c >= 0xdc00 || i + 1 == units || s[i + 1] < 0xdc00 || s[i + 1] > 0xdfff)
				return false;
			c = 0x10000 + ((c - 0xd800) << 10) + (s[++i] - 0xdc00u);
		}
		n += utf8_encode(c, piece + n);
	}
	strbuf_add(out, piece, n);
	return true;
}
