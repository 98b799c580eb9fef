/*
 * Text forms to values. See text_decode.h. Everything strict: what a source sends where a date should be
 * is a date in ISO order or it is bad; 'now', 'tomorrow' or 1/2/2003 are never guessed at.
 */
#define _GNU_SOURCE /* strtod_l: the process's locale must not matter */
#include "connectors/text_decode.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "engine/types/datetime.h"
#include "engine/types/decimal.h"

static inline bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }

enum decoded integer_decode(const char *s, size_t len, int64_t *out)
{
	size_t i = 0;
	bool negative = false;
	uint64_t n = 0, limit;

	if (i < len && (s[i] == '-' || s[i] == '+'))
		negative = s[i++] == '-';
	if (i == len || len - i > 20)
		return i == len ? DECODE_SYNTAX : DECODE_RANGE;
	limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
	for (; i < len; i++) {
		if (!is_digit(s[i]))
			return DECODE_SYNTAX;
		if (__builtin_mul_overflow(n, (uint64_t)10, &n) || __builtin_add_overflow(n, (uint64_t)(s[i] - '0'), &n))
			return DECODE_RANGE;
	}
	if (n > limit)
		return DECODE_RANGE;
	*out = negative ? (int64_t)(0 - n) : (int64_t)n;
	return DECODED;
}

/* With an exponent or longer than usual: by the general numeric. */
static enum decoded decimal_decode_slow(const char *s, size_t len, int precision, int scale, int128 *coef)
{
	struct num n, back;
	struct err e;

	err_clear(&e);
	if (!num_parse(str_make(s, len), &n, &e))
		return e.code == ERR_NUMERIC_OUT_OF_RANGE ? DECODE_RANGE : DECODE_SYNTAX;
	if (!num_to_scaled(&n, precision, scale, coef, &e))
		return DECODE_RANGE;
	back = num_from_scaled(*coef, scale);
	return num_compare(&n, &back) == 0 ? DECODED : DECODE_RANGE;
}

enum decoded decimal_decode(const char *s, size_t len, int precision, int scale, int128 *coef)
{
	size_t i = 0, digits = 0;
	int fraction = -1;
	bool negative = false;
	uint64_t n = 0;

	if (i < len && (s[i] == '-' || s[i] == '+'))
		negative = s[i++] == '-';
	if (len - i > 18)
		return decimal_decode_slow(s, len, precision, scale, coef);
	for (; i < len; i++) {
		if (is_digit(s[i])) {
			n = n * 10 + (uint64_t)(s[i] - '0');
			digits++;
			if (fraction >= 0)
				fraction++;
		} else if (s[i] == '.' && fraction < 0) {
			fraction = 0;
		} else {
			return decimal_decode_slow(s, len, precision, scale, coef);
		}
	}
	if (digits == 0)
		return DECODE_SYNTAX;
	if (fraction < 0)
		fraction = 0;
	for (; fraction > scale; fraction--) {
		if (n % 10)
			return DECODE_RANGE;
		n /= 10;
	}
	*coef = (int128)n;
	if (n && scale - fraction > 20)
		return decimal_decode_slow(s, len, precision, scale, coef);
	if (n && (*coef *= decimal_pow10[scale - fraction]) >= decimal_limit(precision))
		return DECODE_RANGE;
	if (negative)
		*coef = -*coef;
	return DECODED;
}

static locale_t c_locale;
static void make_c_locale(void) { c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

enum decoded double_decode(const char *s, size_t len, double *out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	char text[512], *end;

	if (len == 0 || len >= sizeof text)
		return DECODE_SYNTAX;
	pthread_once(&once, make_c_locale);
	memcpy(text, s, len);
	text[len] = '\0';
	if (text[0] == ' ' || strpbrk(text, "xXpP()"))
		return DECODE_SYNTAX;
	errno = 0;
	*out = strtod_l(text, &end, c_locale);
	if (*end || end == text)
		return DECODE_SYNTAX;
	if (errno == ERANGE && (*out == 0 || isinf(*out)))
		return DECODE_RANGE;
	return DECODED;
}

/* ---- dates and times ---- */

/* Two digits at s; -1 when they are not. */
static inline int two(const char *s)
{
	return is_digit(s[0]) && is_digit(s[1]) ? (s[0] - '0') * 10 + (s[1] - '0') : -1;
}

/* A form that only the general parser knows but that can mean one thing alone: a year of four or more
 * digits first, or infinity. */
static bool may_be_unusual_date(const char *s, size_t len)
{
	size_t i = 0;

	if (len > 0 && (s[0] == 'i' || s[0] == '-'))
		return str_eq(str_make(s, len), STR("infinity")) || str_eq(str_make(s, len), STR("-infinity"));
	while (i < len && is_digit(s[i]))
		i++;
	return i >= 4 && i < len && s[i] == '-';
}

static enum decoded failed_date(const struct err *e)
{
	return e->code == ERR_DATETIME_OVERFLOW ? DECODE_RANGE : DECODE_DATE;
}

/* YYYY-MM-DD at the start of s; true when it stands there, is it valid or not. */
static bool iso_date(const char *s, size_t len, int *y, int *m, int *d)
{
	int a, b;

	if (len < 10 || s[4] != '-' || s[7] != '-')
		return false;
	a = two(s);
	b = two(s + 2);
	*m = two(s + 5);
	*d = two(s + 8);
	*y = a * 100 + b;
	return a >= 0 && b >= 0 && *m >= 0 && *d >= 0;
}

static enum decoded checked_date(int y, int m, int d, int32_t *out)
{
	if (m == 0 || d == 0)
		return DECODE_ZERO_DATE;
	if (y == 0 || !date_is_valid(y, m, d))
		return DECODE_DATE;
	*out = date_from_civil(y, m, d);
	return DECODED;
}

enum decoded date_decode(const char *s, size_t len, int32_t *out)
{
	int y, m, d;
	struct err e;

	if (iso_date(s, len, &y, &m, &d)) {
		/* a midnight behind the date is none of its value: what SQLite's and ODBC's dates may carry */
		if (len == 10 || (len == 19 && (s[10] == ' ' || s[10] == 'T') && memcmp(s + 11, "00:00:00", 8) == 0))
			return checked_date(y, m, d, out);
	}
	if (!may_be_unusual_date(s, len))
		return DECODE_DATE;
	err_clear(&e);
	return date_parse(str_make(s, len), &text_context_default, out, &e) ? DECODED : failed_date(&e);
}

/* [-]H…:MM[:SS[.f…]] at s; *used gets what was read. Fractions are rounded to microseconds. */
static bool clock_time(const char *s, size_t len, int64_t *us, size_t *used)
{
	size_t i = 0, hour_digits = 0;
	int64_t hours = 0, seconds = 0, fraction = 0;
	int minutes;

	while (i < len && is_digit(s[i]) && hour_digits < 4) {
		hours = hours * 10 + (s[i++] - '0');
		hour_digits++;
	}
	if (hour_digits < 1 || len - i < 3 || s[i] != ':' || (minutes = two(s + i + 1)) < 0 || minutes > 59)
		return false;
	i += 3;
	if (len - i >= 3 && s[i] == ':') {
		if ((seconds = two(s + i + 1)) < 0 || seconds > 60)
			return false;
		i += 3;
		if (i < len && s[i] == '.') {
			int digits = 0;
			for (i++; i < len && is_digit(s[i]); i++, digits++)
				if (digits < 6)
					fraction = fraction * 10 + (s[i] - '0');
				else if (digits == 6 && s[i] >= '5')
					fraction++;
			for (; digits < 6; digits++)
				fraction *= 10;
		}
	}
	*us = ((hours * 60 + minutes) * 60 + seconds) * USEC_PER_SEC + fraction;
	*used = i;
	return true;
}

enum decoded time_decode(const char *s, size_t len, int64_t *out)
{
	size_t used;

	if (!clock_time(s, len, out, &used) || used != len)
		return DECODE_DATE;
	return *out <= USEC_PER_DAY ? DECODED : DECODE_RANGE;
}

/* [Z] or [+-]HH[:MM[:SS]]; seconds east. */
static bool zone_suffix(const char *s, size_t len, int64_t *seconds)
{
	int h, m = 0, sec = 0;

	while (len && *s == ' ')
		s++, len--;
	*seconds = 0;
	if (len == 0 || (len == 1 && (*s == 'Z' || *s == 'z')) || (len == 3 && memcmp(s, "UTC", 3) == 0))
		return true;
	if (*s != '+' && *s != '-')
		return false;
	if (len < 3 || (h = two(s + 1)) < 0)
		return false;
	if (len == 5)
		m = two(s + 3);
	else if (len >= 6 && s[3] == ':')
		m = two(s + 4);
	if (len == 9 && s[6] == ':')
		sec = two(s + 7);
	else if (len != 3 && len != 5 && len != 6)
		return false;
	if (m < 0 || sec < 0 || h > 15 || m > 59 || sec > 59)
		return false;
	*seconds = (h * 60 + m) * 60 + sec;
	if (*s == '-')
		*seconds = -*seconds;
	return true;
}

static enum decoded unusual_timestamp(const char *s, size_t len, bool with_zone, int64_t *out)
{
	struct err e;

	if (!may_be_unusual_date(s, len))
		return DECODE_DATE;
	err_clear(&e);
	if (with_zone)
		return timestamptz_parse(str_make(s, len), -1, &text_context_default, out, &e) ? DECODED : failed_date(&e);
	return timestamp_parse(str_make(s, len), -1, &text_context_default, out, &e) ? DECODED : failed_date(&e);
}

enum decoded timestamp_decode(const char *s, size_t len, bool with_zone, int64_t *out)
{
	int y, m, d;
	int32_t date;
	int64_t us = 0, zone = 0;
	size_t used = 0;
	enum decoded r;

	if (!iso_date(s, len, &y, &m, &d))
		return unusual_timestamp(s, len, with_zone, out);
	if (len > 10) {
		if ((s[10] != ' ' && s[10] != 'T') || !clock_time(s + 11, len - 11, &us, &used) || us > USEC_PER_DAY)
			return unusual_timestamp(s, len, with_zone, out);
		used += 11;
		if (used < len && (!with_zone || !zone_suffix(s + used, len - used, &zone)))
			return unusual_timestamp(s, len, with_zone, out);
	}
	r = checked_date(y, m, d, &date);
	if (r == DECODED)
		*out = date * USEC_PER_DAY + us - zone * USEC_PER_SEC;
	return r;
}

static enum decoded bool_decode(const char *s, size_t len, void *slot)
{
	static const struct { const char *word; uint8_t value; } words[] = {
		{"t", 1}, {"f", 0}, {"1", 1}, {"0", 0}, {"true", 1}, {"false", 0}, {"yes", 1},
		{"no", 0}, {"y", 1}, {"n", 0}, {"on", 1}, {"off", 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq_nocase(str_make(s, len), str_of(words[i].word))) {
			*(uint8_t *)slot = words[i].value;
			return DECODED;
		}
	return DECODE_SYNTAX;
}

static enum decoded small_integer(const char *s, size_t len, int64_t min, int64_t max, int64_t *v)
{
	enum decoded r = integer_decode(s, len, v);
	return r != DECODED ? r : *v < min || *v > max ? DECODE_RANGE : DECODED;
}

static enum decoded numeric_decode(struct type t, const char *s, size_t len, void *slot)
{
	struct err e;
	int128 coef;
	enum decoded r;

	if (!t.precision) {
		err_clear(&e);
		if (num_parse(str_make(s, len), slot, &e))
			return DECODED;
		return e.code == ERR_NUMERIC_OUT_OF_RANGE ? DECODE_RANGE : DECODE_SYNTAX;
	}
	r = decimal_decode(s, len, t.precision, t.scale, &coef);
	if (r != DECODED)
		return r;
	if (t.precision <= 18)
		*(int64_t *)slot = (int64_t)coef;
	else
		*(int128 *)slot = coef;
	return DECODED;
}

static enum decoded float_decode(struct type t, const char *s, size_t len, double *slot)
{
	enum decoded r = double_decode(s, len, slot);

	if (r == DECODED && t.id == TYPE_FLOAT4) {
		float f = (float)*slot;
		if (isinf(f) && !isinf(*slot))
			return DECODE_RANGE;
		*slot = f;
	}
	return r;
}

/* The input function of engine/types, for what has no fast path. */
static enum decoded parsed(struct type t, const char *s, size_t len, void *slot, struct mem *scratch)
{
	struct value v;
	struct err e;

	err_clear(&e);
	if (!value_parse(scratch, t, str_make(s, len), &text_context_default, &v, &e))
		return e.code == ERR_NUMERIC_OUT_OF_RANGE || e.code == ERR_DATETIME_OVERFLOW ? DECODE_RANGE
			   : e.code == ERR_INVALID_DATETIME_FORMAT								   ? DECODE_DATE
																					   : DECODE_SYNTAX;
	value_store(&v, slot);
	return DECODED;
}

enum decoded text_decode(struct type t, const char *s, size_t len, void *slot, struct mem *scratch)
{
	int64_t n;
	enum decoded r;

	switch ((enum type_id)t.id) {
	case TYPE_BOOL:
		return bool_decode(s, len, slot);
	case TYPE_INT2:
	case TYPE_INT4:
		r = t.id == TYPE_INT2 ? small_integer(s, len, INT16_MIN, INT16_MAX, &n)
							  : small_integer(s, len, INT32_MIN, INT32_MAX, &n);
		if (r == DECODED)
			*(int32_t *)slot = (int32_t)n;
		return r;
	case TYPE_INT8:
		return integer_decode(s, len, slot);
	case TYPE_OID:
		return small_integer(s, len, 0, UINT32_MAX, slot);
	case TYPE_NUMERIC:
		return numeric_decode(t, s, len, slot);
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
		return float_decode(t, s, len, slot);
	case TYPE_DATE:
		return date_decode(s, len, slot);
	case TYPE_TIME:
		return time_decode(s, len, slot);
	case TYPE_TIMESTAMP:
		return timestamp_decode(s, len, false, slot);
	case TYPE_TIMESTAMPTZ:
		return timestamp_decode(s, len, true, slot);
	case TYPE_TIMETZ:
	case TYPE_INTERVAL:
	case TYPE_UUID:
		return parsed(t, s, len, slot, scratch);
	case TYPE_UNKNOWN:
	case TYPE_TEXT:
	case TYPE_VARCHAR:
	case TYPE_BPCHAR:
	case TYPE_NAME:
	case TYPE_BYTEA:
	case TYPE_JSON:
	case TYPE_JSONB:
	case TYPE_JSONPATH:
	case TYPE_RECORD:
	case TYPE_VOID:
	case TYPE_COUNT:
		break;
	}
	UNREACHABLE();
}
