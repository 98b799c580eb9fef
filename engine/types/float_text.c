/*
 * Text of float8 and float4 as PostgreSQL reads and prints it. The shortest form is found by printing
 * 15, 16, 17 digits (6 … 9 for float4) until one reads back as the same number; numbers below the
 * normal range start at one digit, since there fewer digits can be enough. At powers of two, where the
 * gap below is half the gap above, the digits rounded up are tried too. Relies on LC_NUMERIC
 * being "C", which nobody in the process changes.
 */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/types/value.h"

static bool reads_back(const char *text, double d, bool real)
{
	return real ? (double)strtof(text, NULL) == d : strtod(text, NULL) == d;
}

/*
 * Whether the decimal text is exactly half way between d and a neighbour. Reading would round it to d
 * when d is even, but PostgreSQL's printer takes only what is strictly nearer. Such numbers have few
 * digits, which confines them to a range of magnitudes.
 */
static bool is_midpoint(const char *text, double d, bool real)
{
	char exact[80];
	size_t n = (size_t)(strchr(text, 'e') - text);

	if (d < (real ? 0x1p21 : 0x1p51) || d > (real ? 1e20 : 1e41))
		return false;
	for (int side = 0; side < 2; side++) {
		double to = side ? INFINITY : 0;
		long double other = real ? (long double)nextafterf((float)d, (float)to) : (long double)nextafter(d, to);
		size_t i;
		snprintf(exact, sizeof exact, "%.60Le", (d + other) / 2);
		for (i = n; exact[i] == '0' || exact[i] == '.'; i++)
			;
		if (memcmp(exact, text, n) == 0 && strcmp(exact + i, text + n) == 0)
			return true;
	}
	return false;
}

/* The next number up with as many digits: "1.29e-05" to "1.30e-05". */
static void increment(char *text)
{
	for (char *p = strchr(text, 'e') - 1; p >= text; p--) {
		if (*p == '.')
			continue;
		if (++*p <= '9')
			return;
		*p = '0';
	}
	text[0] = '9'; /* 9.99… stays below the next power of ten: no candidate */
}

/* d > 0, finite, as "d.ddde±xx" with the fewest digits. */
static void shortest(double d, bool real, char *text, size_t size)
{
	int from = real ? 6 : 15, to = real ? 9 : 17, exponent;
	bool uneven = frexp(d, &exponent) == 0.5; /* the neighbour below is nearer than the one above */

	if (d < (real ? (double)FLT_MIN : DBL_MIN))
		from = 1;
	for (int digits = from; digits <= to; digits++) {
		snprintf(text, size, "%.*e", digits - 1, d);
		if (reads_back(text, d, real) && !is_midpoint(text, d, real))
			return;
		if (!uneven)
			continue;
		increment(text);
		if (reads_back(text, d, real) && !is_midpoint(text, d, real))
			return;
	}
	snprintf(text, size, "%.*e", to - 1, d);
}

void float_print(double d, bool real, int extra_float_digits, struct strbuf *out)
{
	char text[64], digits[24];
	int n = 0, exponent;

	if (isnan(d)) {
		strbuf_adds(out, "NaN");
		return;
	}
	if (isinf(d)) {
		strbuf_adds(out, d > 0 ? "Infinity" : "-Infinity");
		return;
	}
	if (extra_float_digits <= 0) {
		int precision = (real ? FLT_DIG : DBL_DIG) + extra_float_digits;
		strbuf_addf(out, "%.*g", precision < 1 ? 1 : precision, d);
		return;
	}
	if (signbit(d))
		strbuf_addc(out, '-');
	d = fabs(d);
	if (d < (real ? 1e6 : 1e15) && d == (double)(int64_t)d) {
		strbuf_addf(out, "%lld", (long long)d);
		return;
	}
	shortest(d, real, text, sizeof text);
	for (const char *p = text; *p != 'e'; p++)
		if (*p != '.')
			digits[n++] = *p;
	exponent = atoi(strchr(text, 'e') + 1);
	while (n > 1 && digits[n - 1] == '0')
		n--;
	if (exponent < -4 || exponent >= (real ? 6 : 15)) {
		strbuf_add(out, digits, 1);
		if (n > 1) {
			strbuf_addc(out, '.');
			strbuf_add(out, digits + 1, (size_t)n - 1);
		}
		strbuf_addf(out, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
	} else if (exponent < 0) {
		strbuf_add(out, "0.0000", (size_t)(1 - exponent));
		strbuf_add(out, digits, (size_t)n);
	} else {
		for (int i = 0; i < n || i <= exponent; i++) {
			if (i == exponent + 1)
				strbuf_addc(out, '.');
			strbuf_addc(out, i < n ? digits[i] : '0');
		}
	}
}

static bool bad_syntax(struct str s, bool real, struct err *e)
{
	return err_set(e, ERR_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type %s: \"%.*s\"",
				   real ? "real" : "double precision", (int)(s.len < 512 ? s.len : 512), s.data);
}

bool float_parse(struct str s, bool real, double *out, struct err *e)
{
	char small[128], *text = small, *end;
	size_t i = 0;
	double d;
	bool ok;

	while (i < s.len && (s.data[i] == ' ' || (s.data[i] >= '\t' && s.data[i] <= '\r')))
		i++;
	while (s.len > i && (s.data[s.len - 1] == ' ' || (s.data[s.len - 1] >= '\t' && s.data[s.len - 1] <= '\r')))
		s.len--;
	if (i == s.len || memchr(s.data + i, '(', s.len - i) || memchr(s.data + i, '\0', s.len - i))
		return bad_syntax(s, real, e);
	if (s.len - i >= sizeof small && !(text = malloc(s.len - i + 1)))
		return err_set(e, ERR_OUT_OF_MEMORY, "out of memory reading a number of %zu bytes", s.len);
	memcpy(text, s.data + i, s.len - i);
	text[s.len - i] = '\0';
	errno = 0;
	d = real ? (double)strtof(text, &end) : strtod(text, &end);
	ok = *end == '\0' && end != text;
	if (text != small)
		free(text);
	if (!ok)
		return bad_syntax(s, real, e);
	/* a number below the normal range is ERANGE too, but kept */
	if (errno == ERANGE && (d == 0 || isinf(d)))
		return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "\"%.*s\" is out of range for type %s",
					   (int)(s.len - i < 512 ? s.len - i : 512), s.data + i,
					   real ? "real" : "double precision");
	*out = d;
	return true;
}
