/*
 * Values from the text forms that sources send: strict ISO forms by hand-written fast paths, the rest
 * (intervals, unusual but unambiguous dates) by engine/types. No locale, no allocation but in scratch.
 */
#ifndef HOPLUU_CONNECTORS_TEXT_DECODE_H
#define HOPLUU_CONNECTORS_TEXT_DECODE_H

#include "engine/types/value.h"

enum decoded {
	DECODED,
	DECODE_SYNTAX, /* 22P02 */
	DECODE_RANGE,  /* 22003 */
	DECODE_DATE,   /* 22007: not a date or time */
	DECODE_ZERO_DATE,
};

/* Stores the value of text s as type t (any but the STR types) into slot. */
enum decoded text_decode(struct type t, const char *s, size_t len, void *slot, struct mem *scratch);

/* Decimal text to coef with exactly `scale` fraction digits, |coef| < 10^precision; digits that would be
 * lost are DECODE_RANGE. */
enum decoded decimal_decode(const char *s, size_t len, int precision, int scale, int128 *coef);
enum decoded integer_decode(const char *s, size_t len, int64_t *out);
enum decoded date_decode(const char *s, size_t len, int32_t *out);
enum decoded time_decode(const char *s, size_t len, int64_t *out);
enum decoded timestamp_decode(const char *s, size_t len, bool with_zone, int64_t *out);
enum decoded double_decode(const char *s, size_t len, double *out);

/* The usual forms, quickly; false = ask date_decode, decimal_decode. */
/* "YYYY-MM-DD" of 1901 … 2099 up to day 28, s[0..10). */
static inline bool date_quick(const char *s, int32_t *out)
{
	/* days before each month of a year that begins in March */
	static const int16_t before[] = {0, 306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275};
	const uint64_t form = UINT64_C(0x2d30302d30303030), over = UINT64_C(0x7f76767f76767676);
	uint64_t x;
	int year, month, day;

	memcpy(&x, s, 8);
	x ^= form; /* digits become 0 … 9, dashes 0: what is more gets a top bit */
	if (((x + over) | x) & UINT64_C(0x8080808080808080))
		return false;
	year = (int)((x & 0xff) * 1000 + (x >> 8 & 0xff) * 100 + (x >> 16 & 0xff) * 10 + (x >> 24 & 0xff));
	month = (int)((x >> 40 & 0xff) * 10 + (x >> 48 & 0xff));
	day = (s[8] - '0') * 10 + (s[9] - '0');
	if ((unsigned)(s[8] - '0') > 9 || (unsigned)(s[9] - '0') > 9 || day < 1 || day > 28 || month < 1 || month > 12 || year < 1901 ||
		year > 2099)
		return false;
	year -= 2000 + (month <= 2);
	*out = year * 365 + (year >> 2) + before[month] + day + 59;
	return true;
}
/* [-]digits[.digits] of at most 18 digits into units of 10^-scale; limit = 10^precision. */
static inline bool decimal_quick(const char *s, size_t len, int scale, int64_t limit, int64_t *out)
{
	const char *end = s + len;
	bool negative = len && *s == '-';
	int64_t v = 0;
	int left = scale;

	s += negative;
	if (end - s < 1 || end - s > 18 || *s == '.')
		return false;
	for (; s < end && *s != '.'; s++) {
		if ((unsigned)(*s - '0') > 9)
			return false;
		v = v * 10 + (*s - '0');
	}
	for (s += s < end; s < end; s++, left--) {
		if ((unsigned)(*s - '0') > 9 || left == 0)
			return false;
		v = v * 10 + (*s - '0');
	}
	for (; left > 0; left--)
		if (__builtin_mul_overflow(v, 10, &v))
			return false;
	*out = negative ? -v : v;
	return v < limit;
}

#endif
