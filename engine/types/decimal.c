/*
 * Decimals: powers of ten, conversions, comparison, hashing, text. Arithmetic stands in
 * decimal_arith.c, roots and logarithms in decimal_math.c.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/hash.h"
#include "engine/types/wide_int.h"

#define E19 ((int128)10000000000000000000u)
#define P(n) ((int128)1000000000u * n)
const int128 decimal_pow10[DECIMAL_DIGITS + 1] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000u,
	P(10), P(100), P(1000), P(10000), P(100000), P(1000000), P(10000000), P(100000000),
	P(1000000000), E19, E19 * 10, E19 * 100, E19 * 1000, E19 * 10000, E19 * 100000, E19 * 1000000,
	E19 * 10000000, E19 * 100000000, E19 * 1000000000, E19 * P(10), E19 * P(100), E19 * P(1000),
	E19 * P(10000), E19 * P(100000), E19 * P(1000000), E19 * P(10000000), E19 * P(100000000),
	E19 * P(1000000000), E19 * (E19),
};
#undef P

int decimal_digits(int128 x)
{
	uint128 a = num_abs(x);
	int bits, guess;

	if (a == 0)
		return 0;
	bits = a >> 64 ? 128 - __builtin_clzll((uint64_t)(a >> 64)) : 64 - __builtin_clzll((uint64_t)a);
	guess = bits * 1233 >> 12; /* log10(2) */
	if (guess > DECIMAL_DIGITS)
		return guess;
	return guess + (a >= (uint128)decimal_pow10[guess]);
}

int128 decimal_div_pow10(int128 x, int n)
{
	uint128 a = num_abs(x), p, q;

	if (n <= 0)
		return x;
	if (n > DECIMAL_DIGITS)
		return 0; /* below a half: 2^127 has 39 digits and starts with 1 */
	p = (uint128)decimal_pow10[n];
	if (a >> 64 == 0 && n <= 18) {
		uint64_t a64 = (uint64_t)a, p64 = (uint64_t)p;
		q = a64 / p64 + (a64 % p64 >= p64 / 2);
	} else {
		q = a / p;
		q += a - q * p >= p / 2;
	}
	return x < 0 ? -(int128)q : (int128)q;
}

bool decimal_mul_pow10(int128 x, int n, int128 *out)
{
	int128 r;

	if (x == 0) {
		*out = 0;
		return true;
	}
	if (n > DECIMAL_DIGITS || __builtin_mul_overflow(x, decimal_pow10[n], &r)
		|| num_abs(r) >= (uint128)decimal_pow10[DECIMAL_DIGITS])
		return false;
	*out = r;
	return true;
}

struct num num_from_i64(int64_t x)
{
	return num_from_scaled(x, 0);
}

struct num num_from_scaled(int128 coef, int scale)
{
	struct num n;
	memset(&n, 0, sizeof n);
	n.coef = coef;
	n.scale = (int16_t)scale;
	n.kind = NUM_FINITE;
	return n;
}

static struct num special(enum num_kind kind)
{
	struct num n = num_from_scaled(0, 0);
	n.kind = (uint8_t)kind;
	return n;
}

int num_sign(const struct num *n)
{
	switch ((enum num_kind)n->kind) {
	case NUM_FINITE:
		return (n->coef > 0) - (n->coef < 0);
	case NUM_NAN:
	case NUM_INFINITY:
		return 1;
	case NUM_NEG_INFINITY:
		return -1;
	}
	UNREACHABLE();
}

static bool too_wide(struct err *e)
{
	return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "numeric value needs more than %d digits", DECIMAL_DIGITS);
}

bool num_finish(bool negative, uint64_t *x, int n, int scale, struct num *out, struct err *e)
{
	uint64_t q[WIDE_MAX];
	int128 coef;

	for (;;) {
		static const uint64_t ten[2] = {10, 0};
		uint64_t rest[2];
		bool fits = wide_len(x, n) <= 2 && wide_low(x) < (uint128)decimal_pow10[DECIMAL_DIGITS];
		if (fits && scale <= DECIMAL_DIGITS)
			break;
		if (scale <= 0)
			return too_wide(e);
		if (wide_len(x, n) == 0) {
			scale = DECIMAL_DIGITS;
			break;
		}
		wide_divmod(q, rest, x, n, ten, 2);
		if (rest[0])
			return too_wide(e);
		memcpy(x, q, (size_t)n * sizeof *x);
		scale--;
	}
	coef = (int128)wide_low(x);
	*out = num_from_scaled(negative ? -coef : coef, scale);
	return true;
}

/* ---- conversions ---- */

bool num_from_double(double d, int digits, struct num *out, struct err *e)
{
	char text[64];
	int n;

	if (isnan(d) || isinf(d)) {
		*out = special(isnan(d) ? NUM_NAN : d > 0 ? NUM_INFINITY : NUM_NEG_INFINITY);
		return true;
	}
	n = snprintf(text, sizeof text, "%.*g", digits, d);
	return num_parse(str_make(text, (size_t)n), out, e);
}

double num_to_double(const struct num *n)
{
	char text[64];
	struct strbuf b = {.data = text, .cap = sizeof text, .max = sizeof text - 1};
	uint128 a = num_abs(n->coef);

	switch ((enum num_kind)n->kind) {
	case NUM_FINITE:
		break;
	case NUM_NAN:
		return NAN;
	case NUM_INFINITY:
		return INFINITY;
	case NUM_NEG_INFINITY:
		return -INFINITY;
	}
	/* both exact as doubles, so the one division rounds correctly */
	if (a <= (uint128)1 << 53 && n->scale <= 22) {
		static const double pow10[] = {1e0,	 1e1,  1e2,	 1e3,  1e4,	 1e5,  1e6,	 1e7,
									   1e8,	 1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
									   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
		return (double)(int64_t)n->coef / pow10[n->scale];
	}
	decimal_print(n->coef, n->scale, &b); /* at most 41 bytes: stays in `text` */
	return strtod(text, NULL);
}

bool num_to_i64(const struct num *n, int64_t *out, struct err *e)
{
	int128 x;

	if (n->kind == NUM_NAN)
		return err_set(e, ERR_FEATURE_NOT_SUPPORTED, "cannot convert NaN to bigint");
	if (n->kind != NUM_FINITE)
		return err_set(e, ERR_FEATURE_NOT_SUPPORTED, "cannot convert infinity to bigint");
	x = decimal_div_pow10(n->coef, n->scale);
	if (x < INT64_MIN || x > INT64_MAX)
		return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "bigint out of range");
	*out = (int64_t)x;
	return true;
}

static bool field_overflow(int precision, int scale, bool infinite, struct err *e)
{
	err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "numeric field overflow");
	if (infinite)
		return err_detail(e, "A field with precision %d, scale %d cannot hold an infinite value.",
						  precision, scale);
	return err_detail(e, "A field with precision %d, scale %d must round to an absolute value less than %s%d.",
					  precision, scale, precision == scale ? "" : "10^",
					  precision == scale ? 1 : precision - scale);
}

bool num_to_scaled(const struct num *n, int precision, int scale, int128 *out, struct err *e)
{
	int128 x;

	if (n->kind == NUM_NAN)
		return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "numeric(%d,%d) cannot hold NaN here", precision,
					   scale);
	if (n->kind != NUM_FINITE)
		return field_overflow(precision, scale, true, e);
	if (n->scale >= scale)
		x = decimal_div_pow10(n->coef, n->scale - scale);
	else if (!decimal_mul_pow10(n->coef, scale - n->scale, &x))
		return field_overflow(precision, scale, false, e);
	if (num_abs(x) >= (uint128)decimal_limit(precision))
		return field_overflow(precision, scale, false, e);
	*out = x;
	return true;
}

/* ---- comparison ---- */

static int kind_rank(const struct num *n)
{
	switch ((enum num_kind)n->kind) {
	case NUM_NEG_INFINITY:
		return 0;
	case NUM_FINITE:
		return 1;
	case NUM_INFINITY:
		return 2;
	case NUM_NAN:
		return 3;
	}
	UNREACHABLE();
}

int num_compare(const struct num *a, const struct num *b)
{
	int ra = kind_rank(a), rb = kind_rank(b);
	int128 x = a->coef, y = b->coef;

	if (ra != rb || ra != 1)
		return (ra > rb) - (ra < rb);
	if ((x < 0) != (y < 0))
		return x < 0 ? -1 : 1;
	/* what no longer fits when scaled up is larger in magnitude than anything that does */
	if (a->scale < b->scale && !decimal_mul_pow10(x, b->scale - a->scale, &x))
		return x < 0 ? -1 : 1;
	if (b->scale < a->scale && !decimal_mul_pow10(y, a->scale - b->scale, &y))
		return y < 0 ? 1 : -1;
	return (x > y) - (x < y);
}

uint64_t num_hash(const struct num *n)
{
	int128 c = n->coef;
	int scale = n->scale;

	if (n->kind != NUM_FINITE)
		return hash_u64(UINT64_C(0x9ae16a3b2f90404f) + n->kind);
	if (c == 0)
		scale = 0;
	while (scale >= 8 && c % 100000000 == 0) {
		c /= 100000000;
		scale -= 8;
	}
	while (scale > 0 && c % 10 == 0) {
		c /= 10;
		scale--;
	}
	return hash_combine(hash_combine((uint64_t)c, (uint64_t)(c >> 64)), (uint64_t)scale);
}

int num_weight(const struct num *a, int *first_digit)
{
	int digits = decimal_digits(a->coef), group, weight;
	uint128 c = num_abs(a->coef);

	*first_digit = 0;
	if (digits == 0)
		return 0;
	/* position of the first decimal digit: 0 = units; floor to the group of four it lies in */
	weight = digits - 1 - a->scale;
	weight = weight >= 0 ? weight / 4 : -((-weight + 3) / 4);
	group = weight * 4 + a->scale; /* decimal digits of the coefficient behind that group */
	*first_digit = group >= 0 ? (int)(c / (uint128)decimal_pow10[group])
							  : (int)(c * (uint128)decimal_pow10[-group]);
	return weight;
}

/* ---- text ---- */

/* What stands in a number's text: (coef + a fraction 0.d… whose first digit is `next`) * 10^-scale. */
struct scanned {
	bool negative;
	enum num_kind kind;
	uint128 coef; /* the first 38 significant digits */
	int64_t scale;
	int next;	  /* first digit that did not fit, */
	bool inexact; /* and whether any digit from there on is not 0 */
};

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool take_word(const char **p, const char *end, const char *word)
{
	size_t n = strlen(word);
	if ((size_t)(end - *p) < n || !str_eq_nocase(str_make(*p, n), str_make(word, n)))
		return false;
	*p += n;
	return true;
}

/* Digits with at most one point; false when there is none at the start. */
static bool scan_digits(const char **at, const char *end, struct scanned *out)
{
	const char *p = *at;
	bool point = false, any = false;
	int used = 0;

	if (p < end && *p == '.') {
		point = true;
		p++;
	}
	if (p == end || !is_digit(*p))
		return false;
	for (; p < end; p++) {
		if (*p == '.' && !point) {
			point = true;
			continue;
		}
		if (!is_digit(*p))
			break;
		any = any || *p != '0';
		if (used < DECIMAL_DIGITS) {
			out->coef = out->coef * 10 + (unsigned)(*p - '0');
			used += any;
			out->scale += point;
		} else {
			if (out->next < 0)
				out->next = *p - '0';
			out->inexact = out->inexact || *p != '0';
			out->scale -= !point;
		}
	}
	*at = p;
	return true;
}

static bool scan_exponent(const char **at, const char *end, int64_t *exponent)
{
	const char *p = *at;
	bool negative = false;
	int64_t x = 0;

	if (p < end && (*p == '+' || *p == '-'))
		negative = *p++ == '-';
	if (p == end || !is_digit(*p))
		return false;
	for (; p < end && is_digit(*p); p++)
		if (x < INT32_MAX)
			x = x * 10 + (*p - '0');
	*exponent = negative ? -x : x;
	*at = p;
	return true;
}

static bool bad_syntax(struct str s, struct err *e)
{
	return err_set(e, ERR_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type numeric: \"%.*s\"",
				   (int)(s.len < 512 ? s.len : 512), s.data);
}

static bool scan(struct str s, struct scanned *out, struct err *e)
{
	const char *p = s.data, *end = s.data + s.len;
	int64_t exponent = 0;

	memset(out, 0, sizeof *out);
	out->next = -1;
	out->kind = NUM_FINITE;
	while (p < end && is_space(*p))
		p++;
	if (take_word(&p, end, "NaN")) {
		out->kind = NUM_NAN;
	} else if (take_word(&p, end, "Infinity") || take_word(&p, end, "+Infinity")
			   || take_word(&p, end, "inf") || take_word(&p, end, "+inf")) {
		out->kind = NUM_INFINITY;
	} else if (take_word(&p, end, "-Infinity") || take_word(&p, end, "-inf")) {
		out->kind = NUM_NEG_INFINITY;
	} else {
		if (p < end && (*p == '+' || *p == '-'))
			out->negative = *p++ == '-';
		if (!scan_digits(&p, end, out))
			return bad_syntax(s, e);
		if (p < end && (*p == 'e' || *p == 'E')) {
			p++;
			if (!scan_exponent(&p, end, &exponent))
				return bad_syntax(s, e);
			if (exponent >= INT32_MAX / 2 || exponent <= -(INT32_MAX / 2))
				return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "value overflows numeric format");
			out->scale -= exponent;
		}
	}
	while (p < end && is_space(*p))
		p++;
	return p == end || bad_syntax(s, e);
}

bool num_parse(struct str s, struct num *out, struct err *e)
{
	struct scanned in;
	uint64_t x[2];
	int128 coef;

	if (!scan(s, &in, e))
		return false;
	if (in.kind != NUM_FINITE) {
		*out = special(in.kind);
		return true;
	}
	if (in.coef == 0) {
		*out = num_from_scaled(0, in.scale < 0 ? 0 : in.scale > DECIMAL_DIGITS ? DECIMAL_DIGITS : (int)in.scale);
		return true;
	}
	if (in.inexact || in.scale < -DECIMAL_DIGITS || in.scale > 2 * DECIMAL_DIGITS)
		return too_wide(e);
	coef = in.negative ? -(int128)in.coef : (int128)in.coef;
	if (in.scale < 0) {
		if (!decimal_mul_pow10(coef, (int)-in.scale, &coef))
			return too_wide(e);
		in.scale = 0;
	}
	wide_set(x, 2, num_abs(coef));
	return num_finish(in.negative, x, 2, (int)in.scale, out, e);
}

bool num_parse_scaled(struct str s, int precision, int scale, int128 *out, struct err *e)
{
	struct scanned in;
	struct num n;
	int128 x;

	if (!scan(s, &in, e))
		return false;
	if (in.kind != NUM_FINITE || in.coef == 0) {
		n = in.kind == NUM_FINITE ? num_from_scaled(0, 0) : special(in.kind);
		return num_to_scaled(&n, precision, scale, out, e);
	}
	x = in.negative ? -(int128)in.coef : (int128)in.coef;
	if (in.scale > scale) /* digits beyond the 38 can't change a half-away decision made within them */
		x = in.scale - scale > DECIMAL_DIGITS ? 0 : decimal_div_pow10(x, (int)(in.scale - scale));
	else if (in.scale == scale)
		x += in.next >= 5 ? (in.negative ? -1 : 1) : 0;
	else if (in.inexact || scale - in.scale > DECIMAL_DIGITS
			 || !decimal_mul_pow10(x, (int)(scale - in.scale), &x))
		return field_overflow(precision, scale, false, e);
	if (num_abs(x) >= (uint128)decimal_limit(precision))
		return field_overflow(precision, scale, false, e);
	*out = x;
	return true;
}

void decimal_print(int128 coef, int scale, struct strbuf *out)
{
	char text[48], *p = text + sizeof text;
	uint128 a = num_abs(coef);
	uint64_t low;
	int digits = 0;

	do { /* 64-bit divisions in chunks of 18 digits */
		low = (uint64_t)(a % 1000000000000000000u);
		a /= 1000000000000000000u;
		for (int i = 0; i < 18 && (a || low || digits <= scale); i++) {
			*--p = (char)('0' + low % 10);
			low /= 10;
			if (++digits == scale)
				*--p = '.';
		}
	} while (a || digits <= scale);
	if (coef < 0)
		*--p = '-';
	strbuf_add(out, p, (size_t)(text + sizeof text - p));
}

void num_print(const struct num *n, struct strbuf *out)
{
	switch ((enum num_kind)n->kind) {
	case NUM_FINITE:
		decimal_print(n->coef, n->scale, out);
		return;
	case NUM_NAN:
		strbuf_adds(out, "NaN");
		return;
	case NUM_INFINITY:
		strbuf_adds(out, "Infinity");
		return;
	case NUM_NEG_INFINITY:
		strbuf_adds(out, "-Infinity");
		return;
	}
	UNREACHABLE();
}
