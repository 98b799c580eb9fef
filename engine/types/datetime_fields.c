/*
 * Splitting date, time and interval texts into fields, reading the numbers in them, reporting what is
 * wrong. The classes of fields are those that PostgreSQL's manual describes in appendix B.1; what they
 * mean is decided in datetime_parse.c and interval.c.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "engine/types/datetime_int.h"

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_punct(char c)
{
	return c > ' ' && c < 0x7f && !is_digit(c) && !is_alpha(c);
}

/* Words that a digit or a plus may follow without making the field a date ("jan1", "t10:00"). */
static bool is_core_word(const char *word, size_t len)
{
	static const char *const words[] = {
#define WORD(text, kind, value) text,
#include "engine/types/datetime_words.def"
#undef WORD
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0)
			return true;
	return false;
}

struct splitter {
	const char *p, *end;
	char *to, *limit;
	bool full;
};

static char peek(const struct splitter *s)
{
	return s->p < s->end ? *s->p : '\0';
}

static void take(struct splitter *s)
{
	char c = *s->p++;
	if (s->to == s->limit) {
		s->full = true;
		return;
	}
	*s->to++ = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static void take_digits(struct splitter *s)
{
	while (is_digit(peek(s)))
		take(s);
}

/* A field that starts with a digit. */
static enum field_kind split_number(struct splitter *s)
{
	enum field_kind kind;
	char delimiter;

	take_digits(s);
	if (peek(s) == ':') {
		while (is_digit(peek(s)) || peek(s) == ':' || peek(s) == '.')
			take(s);
		return FIELD_TIME;
	}
	delimiter = peek(s);
	if (delimiter != '-' && delimiter != '/' && delimiter != '.')
		return FIELD_NUMBER;
	take(s);
	if (!is_digit(peek(s))) {
		while (is_digit(peek(s)) || is_alpha(peek(s)) || (peek(s) && peek(s) == delimiter))
			take(s);
		return FIELD_DATE;
	}
	kind = delimiter == '.' ? FIELD_NUMBER : FIELD_DATE;
	take_digits(s);
	if (peek(s) == delimiter) {
		kind = FIELD_DATE;
		while (is_digit(peek(s)) || peek(s) == delimiter)
			take(s);
	}
	return kind;
}

/* A field that starts with a letter: a word, a date with a month's name, or a zone's name. */
static enum field_kind split_word(struct splitter *s)
{
	const char *start = s->to;
	char next;

	while (is_alpha(peek(s)))
		take(s);
	next = peek(s);
	if (next != '-' && next != '/' && next != '.'
		&& !((next == '+' || is_digit(next)) && !is_core_word(start, (size_t)(s->to - start))))
		return FIELD_STRING;
	while ((next = peek(s)) == '+' || next == '-' || next == '/' || next == '_' || next == '.' || next == ':'
		   || is_alpha(next) || is_digit(next))
		take(s);
	return FIELD_DATE;
}

/* A field that starts with a sign; false when nothing sensible follows. */
static bool split_signed(struct splitter *s, enum field_kind *kind)
{
	char c;

	take(s);
	while (is_space(peek(s)))
		s->p++;
	if (is_digit(peek(s))) {
		*kind = FIELD_TZ;
		while (is_digit(c = peek(s)) || c == ':' || c == '.' || c == '-')
			take(s);
		return true;
	}
	*kind = FIELD_SPECIAL;
	if (!is_alpha(peek(s)))
		return false;
	while (is_alpha(peek(s)))
		take(s);
	return true;
}

enum read_result fields_split(struct str in, struct fields *out)
{
	struct splitter s = {in.data, in.data + in.len, out->buffer, out->buffer + sizeof out->buffer - 1, false};

	out->n = 0;
	while (s.p < s.end) {
		char c = *s.p;
		enum field_kind kind;
		if (is_space(c)) {
			s.p++;
			continue;
		}
		if (is_punct(c) && c != '+' && c != '-' && c != '.') {
			s.p++; /* other punctuation only separates */
			continue;
		}
		if (out->n == FIELDS_MAX)
			return READ_BAD;
		out->text[out->n] = s.to;
		if (is_digit(c)) {
			kind = split_number(&s);
		} else if (c == '.') {
			take(&s);
			take_digits(&s);
			kind = FIELD_NUMBER;
		} else if (is_alpha(c)) {
			kind = split_word(&s);
		} else if (c == '+' || c == '-') {
			if (!split_signed(&s, &kind))
				return READ_BAD;
		} else {
			return READ_BAD;
		}
		if (s.full || s.to == s.limit)
			return READ_BAD;
		*s.to++ = '\0';
		out->kind[out->n++] = kind;
	}
	return READ_OK;
}

bool read_int64(const char *p, const char **end, int64_t *out)
{
	char *stop;

	errno = 0;
	*out = strtoll(p, &stop, 10);
	*end = stop;
	return errno != ERANGE;
}

bool read_int(const char *p, const char **end, int *out)
{
	int64_t x;

	if (!read_int64(p, end, &x) || x > INT32_MAX || x < INT32_MIN)
		return false;
	*out = (int)x;
	return true;
}

/* ".25" to microseconds. */
static bool read_fraction(const char *p, int *usec)
{
	char *end;
	double f;

	*usec = 0;
	if (p[1] == '\0')
		return true;
	for (const char *q = p + 1; *q; q++)
		if (!is_digit(*q))
			return false;
	f = strtod(p, &end);
	*usec = (int)rint(f * 1000000);
	return *end == '\0';
}

enum read_result read_clock(const char *p, bool mm_ss, int64_t *hours, int *minutes, int *seconds, int *usec)
{
	*seconds = *usec = 0;
	if (!read_int64(p, &p, hours))
		return READ_OVERFLOW;
	if (*p != ':')
		return READ_BAD;
	if (!read_int(p + 1, &p, minutes))
		return READ_OVERFLOW;
	if (*p == '.' || (*p == '\0' && mm_ss)) { /* mm:ss.fff */
		if (*p == '.' && !read_fraction(p, usec))
			return READ_BAD;
		if (*hours > INT32_MAX || *hours < INT32_MIN)
			return READ_OVERFLOW;
		*seconds = *minutes;
		*minutes = (int)*hours;
		*hours = 0;
	} else if (*p == ':') {
		if (!read_int(p + 1, &p, seconds))
			return READ_OVERFLOW;
		if (*p == '.' && !read_fraction(p, usec))
			return READ_BAD;
		if (*p != '\0' && *p != '.')
			return READ_BAD;
	} else if (*p != '\0') {
		return READ_BAD;
	}
	if (*hours < 0 || *minutes < 0 || *minutes > 59 || *seconds < 0 || *seconds > 60)
		return READ_OVERFLOW;
	return READ_OK;
}

bool read_report(enum read_result r, struct str s, const char *type, const char *zone, struct err *e)
{
	int n = (int)(s.len < 512 ? s.len : 512);

	switch (r) {
	case READ_OK:
		return true;
	case READ_BAD:
		return err_set(e, ERR_INVALID_DATETIME_FORMAT, "invalid input syntax for type %s: \"%.*s\"", type, n,
					   s.data);
	case READ_OVERFLOW:
		return err_set(e, ERR_DATETIME_OVERFLOW, "date/time field value out of range: \"%.*s\"", n, s.data);
	case READ_FIELD_ORDER:
		err_set(e, ERR_DATETIME_OVERFLOW, "date/time field value out of range: \"%.*s\"", n, s.data);
		return err_hint(e, "Perhaps you need a different \"datestyle\" setting.");
	case READ_INTERVAL_OVERFLOW:
		return err_set(e, ERR_INTERVAL_OVERFLOW, "interval field value out of range: \"%.*s\"", n, s.data);
	case READ_ZONE_OVERFLOW:
		return err_set(e, ERR_INVALID_TIME_ZONE, "time zone displacement out of range: \"%.*s\"", n, s.data);
	case READ_ZONE_UNKNOWN:
		return err_set(e, ERR_INVALID_PARAMETER_VALUE, "time zone \"%s\" not recognized", zone);
	}
	UNREACHABLE();
}
