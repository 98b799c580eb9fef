/*
 * to_char of numbers and to_number, by PostgreSQL's number patterns (manual, table 9.29).
 *
 * The pattern is first described as a whole (struct shape: digits before and behind the point, signs,
 * flags), then the number's text is laid over it from left to right. Locale C: the decimal point is
 * ".", groups are ",", the currency sign a space.
 */
#include "engine/base/utf8.h"
#include "engine/function/format_pattern.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"
#include "engine/types/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum sign_place { SIGN_NONE, SIGN_BEFORE, SIGN_BEHIND };

struct shape {
	int pre, post;          /* digit places before and behind the point */
	int multi;              /* digits behind V */
	int zero_start, zero_end;
	int pre_at_sign;        /* pre when S was seen */
	enum sign_place sign;   /* of S */
	bool decimal, fill, blank, zero, minus, plus, bracket, locale_sign, roman, shift, exponent;
};

static bool bad(struct row *r, const char *why) { return row_error(r, ERR_SYNTAX_ERROR, "%s", why); }

static bool shape_sign(struct row *r, struct shape *sh, enum pattern_id id)
{
	switch ((int)id) {
	case N_S:
		if (sh->locale_sign)
			return bad(r, "cannot use \"S\" twice");
		if (sh->plus || sh->minus || sh->bracket)
			return bad(r, "cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
		sh->sign = sh->decimal ? SIGN_BEHIND : SIGN_BEFORE;
		sh->pre_at_sign = sh->decimal ? sh->pre_at_sign : sh->pre;
		sh->locale_sign = true;
		return true;
	case N_MI: case N_PL: case N_SG:
		if (sh->locale_sign)
			return bad(r, "cannot use \"S\" and \"MI\"/\"PL\"/\"SG\" together");
		sh->minus |= id != N_PL;
		sh->plus |= id != N_MI;
		return true;
	case N_PR:
		if (sh->locale_sign || sh->plus || sh->minus)
			return bad(r, "cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
		sh->bracket = true;
	}
	return true;
}

static bool shape_digit(struct row *r, struct shape *sh, bool zero)
{
	if (sh->bracket)
		return bad(r, "digits must be ahead of \"PR\"");
	if (!zero && sh->shift) {
		sh->multi++;
		return true;
	}
	if (zero && !sh->zero && !sh->decimal) {
		sh->zero = true;
		sh->zero_start = sh->pre + 1;
	}
	if (sh->decimal)
		sh->post++;
	else
		sh->pre++;
	if (zero)
		sh->zero_end = sh->pre + sh->post;
	return true;
}

static bool shape_add(struct row *r, struct shape *sh, enum pattern_id id)
{
	if (sh->exponent && id != N_EEEE)
		return bad(r, "\"EEEE\" must be the last pattern used");
	switch ((int)id) {
	case N_9: case N_0:
		return shape_digit(r, sh, id == N_0);
	case N_B:
		sh->blank |= sh->pre == 0 && sh->post == 0 && !sh->zero;
		return true;
	case N_D: case N_POINT:
		if (sh->decimal)
			return bad(r, "multiple decimal points");
		if (sh->shift)
			return bad(r, "cannot use \"V\" and decimal point together");
		sh->decimal = true;
		return true;
	case N_FM:
		sh->fill = true;
		return true;
	case N_RN:
		sh->roman = true;
		return true;
	case N_V:
		if (sh->decimal)
			return bad(r, "cannot use \"V\" and decimal point together");
		sh->shift = true;
		return true;
	case N_EEEE:
		if (sh->exponent)
			return bad(r, "cannot use \"EEEE\" twice");
		if (sh->blank || sh->fill || sh->locale_sign || sh->bracket || sh->minus || sh->plus || sh->roman || sh->shift)
			return bad(r, "\"EEEE\" is incompatible with other formats");
		sh->exponent = true;
		return true;
	}
	return shape_sign(r, sh, id);
}

static bool shape_of(struct row *r, const struct format_node *nodes, struct shape *sh)
{
	*sh = (struct shape){0};
	for (const struct format_node *n = nodes; n->kind != NODE_END; n++)
		if (n->kind == NODE_ACTION && !shape_add(r, sh, n->key->id))
			return false;
	return true;
}

/* ---- number to text ---- */

struct writer {
	struct row *r;
	struct strbuf *out;
	struct shape sh;
	const char *number, *p;    /* the digits, and the next one */
	const char *last_relevant; /* with FM: behind it only zeros follow */
	char sign;                 /* '+', '-' or 0 */
	bool sign_written, digits_written;
	int pre_spaces, at, count;
	bool cut;                  /* places are left behind the last digit (NaN): nothing more is written */
	size_t cut_at;
};

static void writer_begin(struct writer *w)
{
	struct shape *sh = &w->sh;

	if (sh->zero_start)
		sh->zero_start--;
	if (sh->roman) {
		bool fill = sh->fill;
		*sh = (struct shape){.roman = true, .fill = fill};
		w->pre_spaces = 0;
		w->sign = 0;
	}
	if (sh->plus || sh->minus) {
		w->sign_written = !(sh->plus && !sh->minus);
	} else {
		if (w->sign != '-' && sh->fill)
			sh->bracket = false;
		w->sign_written = w->sign == '+' && sh->fill && !sh->locale_sign;
		if (sh->sign == SIGN_BEFORE && sh->pre == sh->pre_at_sign)
			sh->sign = SIGN_BEHIND;
	}
	w->count = sh->post + sh->pre - 1;
	if (sh->fill && sh->decimal) {
		const char *q = strchr(w->number, '.');
		w->last_relevant = q;
		for (; q && *q; q++)
			if (*q != '0')
				w->last_relevant = q;
		if (w->last_relevant && sh->zero_end > w->pre_spaces) {
			int last = (int)strlen(w->number) - 1, zero = sh->zero_end - w->pre_spaces;
			const char *keep = w->number + (zero < last ? zero : last);
			if (w->last_relevant < keep)
				w->last_relevant = keep;
		}
	}
	if (!w->sign_written && w->pre_spaces == 0)
		w->count++;
	w->p = w->number;
}

/* A lone 0 before the point is left out: 9.9 of 0.1 is " .1". */
static bool hides_zero(const struct writer *w)
{
	return !w->sh.zero && w->p == w->number && *w->number == '0' && w->sh.post != 0;
}
static bool at_point(const struct writer *w) { return w->last_relevant && *w->last_relevant == '.'; }

static void write_sign(struct writer *w)
{
	if (w->sh.locale_sign) {
		if (w->sh.sign == SIGN_BEFORE) {
			strbuf_addc(w->out, w->sign == '-' ? '-' : '+');
			w->sign_written = true;
		}
	} else if (w->sh.bracket) {
		strbuf_addc(w->out, w->sign == '+' ? ' ' : '<');
		w->sign_written = true;
	} else if (w->sign == '+') {
		if (!w->sh.fill)
			strbuf_addc(w->out, ' ');
		w->sign_written = true;
	} else if (w->sign == '-') {
		strbuf_addc(w->out, '-');
		w->sign_written = true;
	}
}

static void write_digit(struct writer *w, enum pattern_id id)
{
	if (*w->p == '.') {
		if (!at_point(w) || w->sh.fill)
			strbuf_addc(w->out, '.');
	} else if (w->last_relevant && w->p > w->last_relevant && id != N_0) {
		/* FM: a trailing zero */
	} else if (hides_zero(w)) {
		if (!w->sh.fill)
			strbuf_addc(w->out, ' ');
		else if (at_point(w))
			strbuf_addc(w->out, '0');
	} else {
		if (*w->p) {
			strbuf_addc(w->out, *w->p);
		} else if (!w->cut) {
			w->cut = true;
			w->cut_at = w->out->len;
		}
		w->digits_written = true;
	}
	if (*w->p)
		w->p++;
}

/* One place of the pattern: 9, 0, D or the point. */
static void write_place(struct writer *w, enum pattern_id id)
{
	int end;

	if (w->sh.roman)
		return;
	w->digits_written = false;
	if (!w->sign_written && (w->at >= w->pre_spaces || (w->sh.zero && w->sh.zero_start == w->at)) &&
		(!hides_zero(w) || at_point(w)))
		write_sign(w);
	if (w->at < w->pre_spaces && (w->sh.zero_start > w->at || !w->sh.zero)) {
		if (!w->sh.fill)
			strbuf_addc(w->out, ' ');
	} else if (w->sh.zero && w->at < w->pre_spaces) {
		strbuf_addc(w->out, '0');
		w->digits_written = true;
	} else {
		write_digit(w, id);
	}
	end = w->count + (w->pre_spaces ? 1 : 0) + (w->sh.decimal ? 1 : 0);
	if (w->last_relevant && w->last_relevant == w->p)
		end = w->at;
	if (w->at + 1 == end) {
		if (w->sign_written && w->sh.bracket)
			strbuf_addc(w->out, w->sign == '+' ? ' ' : '>');
		else if (w->sh.locale_sign && w->sh.sign == SIGN_BEHIND)
			strbuf_addc(w->out, w->sign == '-' ? '-' : '+');
	}
	w->at++;
}

static void write_roman(struct writer *w, bool upper)
{
	int len = (int)strlen(w->p);

	for (int i = len; i < 15 && !w->sh.fill; i++)
		strbuf_addc(w->out, ' ');
	for (const char *q = w->p; *q; q++)
		strbuf_addc(w->out, !upper && *q >= 'A' && *q <= 'Z' ? (char)(*q + 32) : *q);
}

static bool write_node(struct writer *w, const struct format_node *n)
{
	const char *suffix;

	switch ((int)n->key->id) {
	case N_9: case N_0: case N_POINT: case N_D:
		write_place(w, n->key->id);
		break;
	case N_COMMA: case N_G:
		if (w->digits_written)
			strbuf_addc(w->out, ',');
		else if (!w->sh.fill)
			strbuf_addc(w->out, ' ');
		break;
	case N_L:
		strbuf_addc(w->out, ' ');
		break;
	case N_RN:
		write_roman(w, n->key->text[0] == 'R');
		break;
	case N_TH:
		if (w->sh.roman || *w->number == '#' || w->sign == '-' || w->sh.decimal)
			break;
		if (!(suffix = ordinal_suffix(str_of(w->number), n->key->text[0] == 'T', w->r->call->err)))
			return false;
		strbuf_adds(w->out, suffix);
		break;
	case N_MI: case N_PL:
		if (w->sign == (n->key->id == N_MI ? '-' : '+'))
			strbuf_addc(w->out, w->sign);
		else if (!w->sh.fill)
			strbuf_addc(w->out, ' ');
		break;
	case N_SG:
		if (w->sign)
			strbuf_addc(w->out, w->sign);
		break;
	}
	return true;
}

static bool write_number(struct row *r, const struct format_node *nodes, const struct shape *sh, const char *number,
						 int pre_spaces, char sign)
{
	struct writer w = {.r = r, .out = r->buf, .sh = *sh, .number = number, .p = number, .sign = sign, .pre_spaces = pre_spaces};

	if (sh->exponent) { /* the rest of the pattern says nothing */
		strbuf_adds(r->buf, number);
		return true;
	}
	writer_begin(&w);
	for (const struct format_node *n = nodes; n->kind != NODE_END; n++) {
		if (n->kind != NODE_ACTION)
			strbuf_adds(r->buf, n->ch);
		else if (!write_node(&w, n))
			return false;
	}
	if (w.cut && !r->buf->overflow)
		r->buf->len = w.cut_at;
	return true;
}

/* ---- digits of each type ---- */

static void fill(struct strbuf *out, char ch, int n)
{
	while (n-- > 0)
		strbuf_addc(out, ch);
}

static void roman_digits(struct strbuf *out, int64_t v)
{
	static const struct { int value; const char *text; } parts[] = {
		{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"},
		{10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"},
	};

	if (v < 1 || v > 3999) {
		fill(out, '#', 15);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		for (; v >= parts[i].value; v -= parts[i].value)
			strbuf_adds(out, parts[i].text);
}

/* "######.##" with a blank for the sign: what does not fit, or is no number, with EEEE. */
static void exponent_overflow(struct strbuf *out, const struct shape *sh)
{
	strbuf_addc(out, ' ');
	fill(out, '#', sh->pre);
	strbuf_addc(out, '.');
	fill(out, '#', sh->post + 4);
}

/* d.ddde+XX of a finite numeric, rounded half away; the exponent is that of the number not rounded. */
static bool exponent_digits(struct row *r, struct num x, int digits, struct strbuf *out)
{
	int128 c = x.coef < 0 ? -x.coef : x.coef;
	int have = decimal_digits(c), exponent = c ? have - 1 - x.scale : 0, whole = 1;
	char text[64];
	size_t n = sizeof text;

	if (digits > DECIMAL_DIGITS - 1)
		return row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "more than %d digits", DECIMAL_DIGITS);
	if (have > digits + 1) {
		c = decimal_div_pow10(c, have - digits - 1);
		whole = decimal_digits(c) - digits; /* 99.995 is 10.00e+01, as there */
	} else if (c) {
		c *= decimal_pow10[digits + 1 - have];
	}
	strbuf_addc(out, x.coef < 0 ? '-' : ' ');
	for (int i = 0; i < digits + whole; i++, c /= 10) {
		text[--n] = (char)('0' + (int)(c % 10));
		if (i == digits - 1)
			text[--n] = '.';
	}
	strbuf_add(out, text + n, sizeof text - n);
	strbuf_addf(out, "e%c%02d", exponent < 0 ? '-' : '+', exponent < 0 ? -exponent : exponent);
	return true;
}

/* Digits (without sign) laid into the places: spaces before them, or # when they are too many. */
static bool place_digits(struct row *r, const struct format_node *nodes, const struct shape *sh, struct strbuf *digits, char sign)
{
	const char *point = strchr(strbuf_cstr(digits), '.');
	int before = point ? (int)(point - digits->data) : (int)digits->len, spaces = 0;

	if (before < sh->pre) {
		spaces = sh->pre - before;
	} else if (before > sh->pre) {
		strbuf_reset(digits);
		fill(digits, '#', sh->pre);
		strbuf_addc(digits, '.');
		fill(digits, '#', sh->post);
	}
	return write_number(r, nodes, sh, strbuf_cstr(digits), spaces, sign);
}

static bool fits(const struct num *v, uint8_t type)
{
	int64_t i;

	return num_to_i64(v, &i, NULL) && (type != TYPE_INT4 || (i >= INT32_MIN && i <= INT32_MAX));
}

static bool num_digits(struct row *r, const struct format_node *nodes, struct shape *sh, const struct num *x, bool integer,
					   struct strbuf *digits)
{
	struct num v = *x, rounded;

	if (sh->roman) {
		int64_t i = 0;
		if (!num_to_i64(&v, &i, r->call->err))
			return false;
		if (i > INT32_MAX || i < INT32_MIN)
			return row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "integer out of range");
		roman_digits(digits, i);
		return write_number(r, nodes, sh, strbuf_cstr(digits), 0, 0);
	}
	if (sh->exponent) {
		if (v.kind != NUM_FINITE)
			exponent_overflow(digits, sh);
		else if (!exponent_digits(r, v, sh->post, digits))
			return false;
		return write_number(r, nodes, sh, strbuf_cstr(digits), 0, 0);
	}
	if (sh->shift) {
		struct num power = num_from_i64(1);
		if (sh->multi >= DECIMAL_DIGITS || !decimal_mul_pow10(1, sh->multi, &power.coef))
			return row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "value overflows numeric format");
		if (!num_mul(x, &power, &v, r->call->err))
			return false;
		if (integer && !fits(&v, r->call->arg_types[0].id))
			return row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "%s out of range", type_infos[r->call->arg_types[0].id].name);
		sh->pre += sh->multi;
	}
	if (!num_round(&v, sh->post, false, &rounded, r->call->err))
		return false;
	num_print(&rounded, digits);
	if (digits->data[0] == '-') {
		memmove(digits->data, digits->data + 1, digits->len--);
		return place_digits(r, nodes, sh, digits, '-');
	}
	return place_digits(r, nodes, sh, digits, '+');
}

static bool float_digits(struct row *r, const struct format_node *nodes, struct shape *sh, double x, int most, struct strbuf *digits)
{
	int before;

	if (sh->roman) {
		roman_digits(digits, isfinite(x) && fabs(x) < 1e9 ? (int64_t)rint(x) : 0);
		return write_number(r, nodes, sh, strbuf_cstr(digits), 0, 0);
	}
	if (sh->exponent) {
		if (!isfinite(x))
			exponent_overflow(digits, sh);
		else
			strbuf_addf(digits, "%+.*e", sh->post, x);
		if (digits->data[0] == '+')
			digits->data[0] = ' ';
		return write_number(r, nodes, sh, strbuf_cstr(digits), 0, 0);
	}
	if (sh->shift) {
		x *= pow(10, sh->multi);
		sh->pre += sh->multi;
	}
	if (isfinite(x))
		strbuf_addf(digits, "%.0f", fabs(x));
	else
		strbuf_adds(digits, isnan(x) ? "NaN" : "Infinity");
	before = (int)digits->len;
	if (before >= most)
		sh->post = 0;
	else if (before + sh->post > most)
		sh->post = most - before;
	if (isfinite(x)) {
		strbuf_reset(digits);
		strbuf_addf(digits, "%.*f", sh->post, fabs(x));
	}
	return place_digits(r, nodes, sh, digits, signbit(x) && !isnan(x) ? '-' : '+');
}

/* The number of the row's first argument. */
TEMPLATE bool to_char(struct row *r, bool (*digits_of)(struct row *, const struct format_node *, struct shape *, struct strbuf *))
{
	const struct format_node *nodes;
	struct strbuf digits;
	struct shape sh;
	bool ok;

	if (row_str(r, 1).len == 0)
		return true;
	nodes = format_nodes(r->call, row_str(r, 1), true);
	if (!shape_of(r, nodes, &sh))
		return false;
	strbuf_init(&digits, 0);
	ok = digits_of(r, nodes, &sh, &digits);
	strbuf_release(&digits);
	return ok;
}
static bool digits_numeric(struct row *r, const struct format_node *n, struct shape *sh, struct strbuf *d)
{
	return num_digits(r, n, sh, row_num(r, 0), false, d);
}
static bool digits_int4(struct row *r, const struct format_node *n, struct shape *sh, struct strbuf *d)
{
	struct num x = num_from_i64(row_i32(r, 0));
	return num_digits(r, n, sh, &x, true, d);
}
static bool digits_int8(struct row *r, const struct format_node *n, struct shape *sh, struct strbuf *d)
{
	struct num x = num_from_i64(row_i64(r, 0));
	return num_digits(r, n, sh, &x, true, d);
}
static bool digits_float4(struct row *r, const struct format_node *n, struct shape *sh, struct strbuf *d)
{
	return float_digits(r, n, sh, row_f64(r, 0), 6, d);
}
static bool digits_float8(struct row *r, const struct format_node *n, struct shape *sh, struct strbuf *d)
{
	return float_digits(r, n, sh, row_f64(r, 0), 15, d);
}
static bool numeric_row(struct row *r) { return to_char(r, digits_numeric); }
static bool int4_row(struct row *r) { return to_char(r, digits_int4); }
static bool int8_row(struct row *r) { return to_char(r, digits_int8); }
static bool float4_row(struct row *r) { return to_char(r, digits_float4); }
static bool float8_row(struct row *r) { return to_char(r, digits_float8); }
ROWS(numeric_fn, numeric_row, ROWS_BUILD)
ROWS(int4_fn, int4_row, ROWS_BUILD)
ROWS(int8_fn, int8_row, ROWS_BUILD)
ROWS(float4_fn, float4_row, ROWS_BUILD)
ROWS(float8_fn, float8_row, ROWS_BUILD)

/* ---- text to number ---- */

struct taker {
	const char *p, *end;  /* NUL-terminated copy of the text */
	struct shape sh;
	struct strbuf digits; /* without the sign */
	char sign;            /* ' ' until one is read */
	int read_pre, read_post;
	bool read_point;
};

static bool is_digit(char ch) { return ch >= '0' && ch <= '9'; }

static void skip_other(struct taker *t, int n)
{
	for (; n > 0 && t->p < t->end && !strchr("0123456789.,+-", *t->p); n--)
		t->p += utf8_size((unsigned char)*t->p);
}

static void take_sign_before(struct taker *t)
{
	bool open = t->sh.bracket && *t->p == '<';

	if (*t->p == '-' || open)
		t->sign = '-';
	else if (*t->p == '+')
		t->sign = '+';
	else
		return;
	t->p++;
}

static void take_sign_behind(struct taker *t, bool is_read)
{
	if (t->sh.locale_sign && is_read && t->p + 1 < t->end && !is_digit(t->p[1])) {
		if (t->p[1] == '-' || t->p[1] == '+')
			t->sign = *++t->p;
	} else if (!is_read && !t->sh.locale_sign && (t->sh.plus || t->sh.minus)) {
		if (*t->p == '-' || *t->p == '+')
			t->sign = *t->p;
	}
}

/* One place; on return t->p stands on the last byte used, the caller steps on. */
static void take_place(struct taker *t, enum pattern_id id)
{
	bool is_read = false;

	if (*t->p == ' ')
		t->p++;
	if (t->p >= t->end)
		return;
	if (t->sign == ' ' && (id == N_0 || id == N_9) && t->read_pre + t->read_post == 0 &&
		(!t->sh.locale_sign || t->sh.sign == SIGN_BEFORE || *t->p == '-' || *t->p == '+' || *t->p == '<'))
		take_sign_before(t);
	if (t->p >= t->end)
		return;
	if (is_digit(*t->p)) {
		if (t->read_point && t->read_post == t->sh.post)
			return;
		strbuf_addc(&t->digits, *t->p);
		if (t->read_point)
			t->read_post++;
		else
			t->read_pre++;
		is_read = true;
	} else if (t->sh.decimal && !t->read_point && *t->p == '.') {
		strbuf_addc(&t->digits, '.');
		t->read_point = is_read = true;
	}
	if (t->sign == ' ' && t->read_pre + t->read_post > 0)
		take_sign_behind(t, is_read);
}

static void take_node(struct taker *t, const struct format_node *n)
{
	switch ((int)n->key->id) {
	case N_9: case N_0: case N_POINT: case N_D:
		take_place(t, n->key->id);
		break;
	case N_COMMA: case N_G:
		if (*t->p != ',')
			return;
		break;
	case N_L:
		skip_other(t, 1);
		return;
	case N_TH:
		skip_other(t, 2);
		return;
	case N_MI: case N_PL: case N_SG:
		if (*t->p == '-' && n->key->id != N_PL)
			t->sign = '-';
		else if (*t->p == '+' && n->key->id != N_MI)
			t->sign = n->key->id == N_PL ? '+' : t->sign;
		else {
			skip_other(t, 1);
			return;
		}
		break;
	default: /* the others read nothing */
		return;
	}
	if (t->p < t->end)
		t->p++;
}

static bool take_result(struct row *r, struct taker *t)
{
	struct strbuf text;
	struct num v, power = num_from_i64(1);
	int128 scaled;
	int scale = t->read_post, precision = t->sh.pre + t->sh.multi + scale;
	bool ok;

	strbuf_init(&text, 0);
	strbuf_addc(&text, t->sign);
	strbuf_add(&text, t->digits.data, t->digits.len);
	if (t->digits.len && t->digits.data[t->digits.len - 1] == '.')
		text.data[--text.len] = 0;
	ok = num_parse(strbuf_str(&text), &v, r->call->err);
	strbuf_release(&text);
	if (!ok)
		return false;
	if (precision < 1)
		precision = 1;
	if (!num_to_scaled(&v, precision > DECIMAL_DIGITS ? DECIMAL_DIGITS : precision, scale, &scaled, r->call->err))
		return false;
	*row_out_num(r) = num_from_scaled(scaled, scale);
	if (!t->sh.shift)
		return true;
	if (t->sh.multi >= DECIMAL_DIGITS)
		return row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "value overflows numeric format");
	/* 10^-multi has at least 16 digits behind the point in PostgreSQL */
	power.scale = (int16_t)(t->sh.multi > 16 ? t->sh.multi : 16);
	power.coef = decimal_pow10[power.scale - t->sh.multi];
	v = *row_out_num(r);
	return num_mul(&v, &power, row_out_num(r), r->call->err);
}

static bool to_number_row(struct row *r)
{
	struct str s = row_str(r, 0);
	struct taker t = {.sign = ' '};
	const struct format_node *nodes;
	struct strbuf copy;
	bool ok;

	if (row_str(r, 1).len == 0)
		return row_set_null(r);
	nodes = format_nodes(r->call, row_str(r, 1), true);
	if (!shape_of(r, nodes, &t.sh))
		return false;
	if (t.sh.exponent || t.sh.roman)
		return row_error(r, ERR_FEATURE_NOT_SUPPORTED, "\"%s\" not supported for input", t.sh.exponent ? "EEEE" : "RN");
	strbuf_init(&copy, 0);
	strbuf_init(&t.digits, 0);
	strbuf_add(&copy, s.data, s.len);
	t.p = strbuf_cstr(&copy);
	t.end = t.p + copy.len;
	for (const struct format_node *n = nodes; n->kind != NODE_END && t.p < t.end; n++) {
		if (n->kind == NODE_ACTION)
			take_node(&t, n);
		else
			t.p += utf8_size((unsigned char)*t.p);
	}
	ok = take_result(r, &t);
	strbuf_release(&copy);
	strbuf_release(&t.digits);
	return ok;
}
ROWS(to_number_fn, to_number_row, ROWS_NULLABLE)

#define TO_CHAR(type, fn) FNV("to_char", TEXT, fn, FAIL, STABLE, "the number as text by a format pattern", T(type), T(TEXT))

const struct func functions_format_number[] = {
	TO_CHAR(NUMERIC, numeric_fn),
	TO_CHAR(INT4, int4_fn),
	TO_CHAR(INT8, int8_fn),
	TO_CHAR(FLOAT4, float4_fn),
	TO_CHAR(FLOAT8, float8_fn),
	FNV("to_number", NUMERIC, to_number_fn, SOME_NULL | FAIL, STABLE, "numeric read from a text by a format pattern", T(TEXT), T(TEXT)),
	FN_END,
};
