/* UTF-8 as Unicode chapter 3.9 defines it (shortest form, no surrogates, up to U+10FFFF) with
 * PostgreSQL's extra rule that text holds no U+0000. */
#ifndef HOPLUU_BASE_UTF8_H
#define HOPLUU_BASE_UTF8_H

#include "engine/base/compiler.h"

/* Offset of the first invalid byte, or len when all is valid. NUL bytes are invalid. */
size_t utf8_valid_prefix(const char *data, size_t len);
static inline bool utf8_is_valid(const char *data, size_t len) { return utf8_valid_prefix(data, len) == len; }
/* Number of code points in valid UTF-8. */
size_t utf8_length(const char *data, size_t len);
/* Bytes of the sequence that starts with this lead byte (valid UTF-8 assumed). */
static inline unsigned utf8_size(unsigned char lead)
{
	return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}
/* Byte offset of the n-th code point (0-based); len when the text is shorter. */
size_t utf8_offset(const char *data, size_t len, size_t n);
/* Decodes one code point of valid UTF-8; *size gets its byte count. */
uint32_t utf8_decode(const char *data, unsigned *size);
/* Writes c (<= 0x10ffff) to out[4], returns the byte count. */
unsigned utf8_encode(uint32_t c, char *out);
/* Terminal columns of a valid text: 0 for combining marks, 2 for wide characters (by ICU). */
size_t utf8_width(const char *data, size_t len);
bool utf8_is_ascii(const char *data, size_t len);

#endif
