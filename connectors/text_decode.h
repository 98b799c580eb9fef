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

#endif
