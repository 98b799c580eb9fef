/*
 * PostgreSQL's input and output functions by type. Numbers with a point, dates and JSON have files of
 * their own (decimal.c, float_text.c, datetime*.c, json.c); here are the dispatch, integers, booleans,
 * text with length limits, bytea, uuid.
 */
#include <stdio.h>

#include "engine/base/utf8.h"
#include "engine/types/array.h"
#include "engine/types/datetime.h"
#include "engine/types/decimal.h"
#include "engine/types/json.h"
#include "engine/types/jsonpath.h"
#include "engine/types/record.h"
#include "engine/types/value.h"

const struct text_context text_context_default = {"UTC", 1, ORDER_YMD, 0};

static int shown(struct str s) /* how much of a bad text an error message repeats */
{
	return (int)(s.len < 512 ? s.len : 512);
}

static bool bad_syntax(const char *type, struct str s, struct err *e)
{
	return err_set(e, ERR_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type %s: \"%.*s\"", type,
				   shown(s), s.data);
}

static bool out_of_range(const char *type, struct str s, struct err *e)
{
	return err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "value \"%.*s\" is out of range for type %s", shown(s),
				   s.data, type);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct str trim(struct str s)
{
	while (s.len && is_space(s.data[0])) {
		s.data++;
		s.len--;
	}
	while (s.len && is_space(s.data[s.len - 1]))
		s.len--;
	return s;
}

static bool parse_int(struct str s, const char *type, int64_t min, int64_t max, int64_t *out, struct err *e)
{
	struct str t = trim(s);
	size_t i = 0;
	bool negative = false, over = false;
	int64_t x = 0; /* counts downwards, since the negative range is the larger */

	if (t.len && (t.data[0] == '-' || t.data[0] == '+')) {
		negative = t.data[0] == '-';
		i = 1;
	}
	if (i == t.len)
		return bad_syntax(type, s, e);
	for (; i < t.len; i++) {
		if (t.data[i] < '0' || t.data[i] > '9')
			return bad_syntax(type, s, e);
		over = over || __builtin_mul_overflow(x, (int64_t)10, &x)
			   || __builtin_sub_overflow(x, (int64_t)(t.data[i] - '0'), &x);
	}
	if (!negative && !over)
		over = __builtin_sub_overflow((int64_t)0, x, &x);
	if (over || x < min || x > max)
		return out_of_range(type, s, e);
	*out = x;
	return true;
}

/* oid: as strtoul reads it; a negative number stands for its 32-bit pattern. */
static bool parse_oid(struct str s, int64_t *out, struct err *e)
{
	if (!parse_int(s, "oid", INT32_MIN, UINT32_MAX, out, e))
		return false;
	*out = (int64_t)(uint32_t)*out;
	return true;
}

static bool parse_bool(struct str s, bool *out, struct err *e)
{
	static const struct {
		const char *word;
		size_t least;
		bool value;
	} words[] = {{"true", 1, true}, {"false", 1, false}, {"yes", 1, true}, {"no", 1, false},
				 {"on", 2, true},   {"off", 2, false},   {"1", 1, true},   {"0", 1, false}};
	struct str t = trim(s);

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (t.len >= words[i].least && t.len <= strlen(words[i].word)
			&& str_eq_nocase(t, str_make(words[i].word, t.len))) {
			*out = words[i].value;
			return true;
		}
	return bad_syntax("boolean", s, e);
}

/* Applies a length of varchar(n) or char(n): blanks may be cut, other characters not. */
static bool fit_length(struct type t, struct str *s, struct err *e)
{
	size_t end;

	if (t.mod >= 4) {
		end = s->len <= (size_t)t.mod - 4 ? s->len : utf8_offset(s->data, s->len, (size_t)t.mod - 4);
		for (size_t i = end; i < s->len; i++)
			if (s->data[i] != ' ')
				return err_set(e, ERR_STRING_TRUNCATION, "value too long for type %s(%d)",
							   type_infos[t.id].name, t.mod - 4);
		s->len = end;
	}
	if (t.id == TYPE_BPCHAR)
		while (s->len && s->data[s->len - 1] == ' ')
			s->len--;
	return true;
}

/* name: cut at 63 bytes, between characters. */
static struct str fit_name(struct str s)
{
	if (s.len > 63) {
		s.len = 63;
		while (s.len && ((unsigned char)s.data[s.len] & 0xc0) == 0x80)
			s.len--;
	}
	return s;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

static bool parse_bytea_hex(struct mem *m, struct str s, struct text *out, struct err *e)
{
	char *bytes = mem_alloc(m, s.len / 2 + 1);
	size_t n = 0;

	for (size_t i = 2; i < s.len;) {
		int high, low;
		if (is_space(s.data[i])) {
			i++;
			continue;
		}
		high = hex_digit(s.data[i]);
		if (high < 0)
			return err_set(e, ERR_INVALID_PARAMETER_VALUE, "invalid hexadecimal digit: \"%.*s\"",
						   (int)utf8_size((unsigned char)s.data[i]), s.data + i);
		if (++i == s.len)
			return err_set(e, ERR_INVALID_PARAMETER_VALUE, "invalid hexadecimal data: odd number of digits");
		low = hex_digit(s.data[i]);
		if (low < 0)
			return err_set(e, ERR_INVALID_PARAMETER_VALUE, "invalid hexadecimal digit: \"%.*s\"",
						   (int)utf8_size((unsigned char)s.data[i]), s.data + i);
		i++;
		bytes[n++] = (char)(high << 4 | low);
	}
	*out = text_make(bytes, n);
	return true;
}

static bool parse_bytea(struct mem *m, struct str s, struct text *out, struct err *e)
{
	char *bytes;
	size_t n = 0;

	if (s.len >= 2 && s.data[0] == '\\' && s.data[1] == 'x')
		return parse_bytea_hex(m, s, out, e);
	bytes = mem_alloc(m, s.len + 1);
	for (size_t i = 0; i < s.len; i++) {
		const char *p = s.data + i;
		if (*p != '\\') {
			bytes[n++] = *p;
		} else if (s.len - i >= 2 && p[1] == '\\') {
			bytes[n++] = '\\';
			i++;
		} else if (s.len - i >= 4 && p[1] >= '0' && p[1] <= '3' && p[2] >= '0' && p[2] <= '7' && p[3] >= '0'
				   && p[3] <= '7') {
			bytes[n++] = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
			i += 3;
		} else {
			return err_set(e, ERR_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type bytea");
		}
	}
	*out = text_make(bytes, n);
	return true;
}

static void print_bytea(struct str s, struct strbuf *out)
{
	static const char hex[] = "0123456789abcdef";

	strbuf_adds(out, "\\x");
	for (size_t i = 0; i < s.len; i++) {
		char pair[2] = {hex[(unsigned char)s.data[i] >> 4], hex[s.data[i] & 15]};
		strbuf_add(out, pair, 2);
	}
}

#define UUID_FLIP ((int128)((uint128)1 << 127))

/* 32 digits, a hyphen allowed behind each group of four, braces around all. */
static bool parse_uuid(struct str s, int128 *out, struct err *e)
{
	uint128 x = 0;
	struct str t = s;
	size_t i = 0;

	if (t.len >= 2 && t.data[0] == '{') {
		if (t.data[t.len - 1] != '}')
			return bad_syntax("uuid", s, e);
		t = str_make(t.data + 1, t.len - 2);
	}
	for (int digit = 0; digit < 32; digit++) {
		int d;
		if (digit > 0 && digit % 4 == 0 && i < t.len && t.data[i] == '-')
			i++;
		d = i < t.len ? hex_digit(t.data[i++]) : -1;
		if (d < 0)
			return bad_syntax("uuid", s, e);
		x = x << 4 | (unsigned)d;
	}
	if (i != t.len)
		return bad_syntax("uuid", s, e);
	*out = (int128)x ^ UUID_FLIP;
	return true;
}

static void print_uuid(int128 v, struct strbuf *out)
{
	uint128 x = (uint128)(v ^ UUID_FLIP);
	uint64_t high = (uint64_t)(x >> 64), low = (uint64_t)x;

	strbuf_addf(out, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(high >> 32), (unsigned)(high >> 16 & 0xffff),
				(unsigned)(high & 0xffff), (unsigned)(low >> 48),
				(unsigned long long)(low & 0xffffffffffff));
}

static bool parse_numeric(struct type t, struct str s, struct value *out, struct err *e)
{
	int128 x;
	int p = typmod_precision(t.mod), scale = typmod_scale(t.mod);

	if (t.precision) {
		if (!num_parse_scaled(s, t.precision, t.scale, &x, e))
			return false;
		if (type_phys(t) == PHYS_I64)
			out->i64 = (int64_t)x;
		else
			out->i128 = x;
		return true;
	}
	if (!num_parse(s, &out->num, e))
		return false;
	if (t.mod < 4 || out->num.kind == NUM_NAN)
		return true;
	/* a declared form that is no scaled integer: numeric(50,10), numeric(3,-2), numeric(2,5) */
	if (!num_round(&out->num, scale, false, &out->num, e))
		return false;
	if (out->num.kind != NUM_FINITE || decimal_digits(out->num.coef) - out->num.scale > p - scale) {
		err_set(e, ERR_NUMERIC_OUT_OF_RANGE, "numeric field overflow");
		return err_detail(e, "A field with precision %d, scale %d must round to an absolute value less than %s%d.",
						  p, scale, p == scale ? "" : "10^", p == scale ? 1 : p - scale);
	}
	return true;
}

static bool keep_text(struct mem *m, struct str s, struct value *out, struct err *e)
{
	if (s.len > INT32_MAX)
		return err_set(e, ERR_PROGRAM_LIMIT, "text of %zu bytes is too long", s.len);
	out->text = text_make(s.len > TEXT_INLINE ? mem_dup(m, s.data, s.len) : s.data, s.len);
	return true;
}

static bool parse_jsonb(struct mem *m, struct str s, struct value *out, struct err *e)
{
	struct mem *scratch = mem_new(m, MEM_EXPRESSION, "jsonb", 0);
	struct strbuf b;
	bool ok;

	strbuf_init(&b, 0);
	ok = jsonb_normalise(scratch, s, &b, e) && keep_text(m, strbuf_str(&b), out, e);
	strbuf_release(&b);
	mem_free(scratch);
	return ok;
}

static bool parse_jsonpath(struct mem *m, struct str s, struct value *out, struct err *e)
{
	struct strbuf b;
	struct jsonpath path;
	bool ok;

	strbuf_init(&b, 0);
	ok = jsonpath_parse(m, s, &path, e);
	if (ok)
		jsonpath_print(&path, &b);
	ok = ok && keep_text(m, strbuf_str(&b), out, e);
	strbuf_release(&b);
	return ok;
}

static bool parse_text_like(struct mem *m, struct type t, struct str s, struct value *out, struct err *e)
{
	switch ((enum type_id)t.id) {
	case TYPE_VARCHAR:
	case TYPE_BPCHAR:
		return fit_length(t, &s, e) && keep_text(m, s, out, e);
	case TYPE_NAME:
		return keep_text(m, fit_name(s), out, e);
	case TYPE_BYTEA:
		return parse_bytea(m, s, &out->text, e);
	case TYPE_JSON:
		return json_validate(s, e) && keep_text(m, s, out, e);
	case TYPE_JSONB:
		return parse_jsonb(m, s, out, e);
	case TYPE_JSONPATH:
		return parse_jsonpath(m, s, out, e);
	case TYPE_RECORD:
	case TYPE_VOID:
		return err_set(e, ERR_FEATURE_NOT_SUPPORTED, "cannot accept a value of type %s", type_infos[t.id].name);
	case TYPE_UNKNOWN:
	case TYPE_TEXT:
	case TYPE_BOOL:
	case TYPE_INT2:
	case TYPE_INT4:
	case TYPE_INT8:
	case TYPE_NUMERIC:
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
	case TYPE_DATE:
	case TYPE_TIME:
	case TYPE_TIMETZ:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
	case TYPE_INTERVAL:
	case TYPE_UUID:
	case TYPE_OID:
	case TYPE_COUNT:
		break; /* text as it stands; the others don't come here */
	}
	return keep_text(m, s, out, e);
}

static bool parse_integer(enum type_id id, struct str s, struct value *out, struct err *e)
{
	int64_t x;

	if (id == TYPE_INT8)
		return parse_int(s, "bigint", INT64_MIN, INT64_MAX, &out->i64, e);
	if (!(id == TYPE_INT2 ? parse_int(s, "smallint", INT16_MIN, INT16_MAX, &x, e)
						  : parse_int(s, "integer", INT32_MIN, INT32_MAX, &x, e)))
		return false;
	out->i32 = (int32_t)x;
	return true;
}

bool value_parse(struct mem *m, struct type t, struct str s, const struct text_context *tc,
				 struct value *out, struct err *e)
{
	*out = value_null(t);
	out->is_null = false;
	if (!tc)
		tc = &text_context_default;
	if (t.array)
		return array_parse(m, t, s, tc, out, e);
	switch ((enum type_id)t.id) {
	case TYPE_BOOL:
		return parse_bool(s, &out->b, e);
	case TYPE_INT2:
	case TYPE_INT4:
	case TYPE_INT8:
		return parse_integer((enum type_id)t.id, s, out, e);
	case TYPE_OID:
		return parse_oid(s, &out->i64, e);
	case TYPE_NUMERIC:
		return parse_numeric(t, s, out, e);
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
		return float_parse(s, t.id == TYPE_FLOAT4, &out->f64, e);
	case TYPE_DATE:
		return date_parse(s, tc, &out->i32, e);
	case TYPE_TIME:
		return time_parse(s, t.mod, &out->i64, e);
	case TYPE_TIMETZ:
		return timetz_parse(s, t.mod, tc, &out->interval, e);
	case TYPE_TIMESTAMP:
		return timestamp_parse(s, t.mod, tc, &out->i64, e);
	case TYPE_TIMESTAMPTZ:
		return timestamptz_parse(s, t.mod, tc, &out->i64, e);
	case TYPE_INTERVAL:
		return interval_parse(s, t.mod, &out->interval, e);
	case TYPE_UUID:
		return parse_uuid(s, &out->i128, e);
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
		return parse_text_like(m, t, s, out, e);
	case TYPE_COUNT:
		break;
	}
	UNREACHABLE();
}

static void print_padded(const struct value *v, struct strbuf *out)
{
	struct str s = text_str(&v->text);
	size_t have = utf8_length(s.data, s.len);

	strbuf_add(out, s.data, s.len);
	for (; v->type.mod >= 4 && have < (size_t)v->type.mod - 4; have++)
		strbuf_addc(out, ' ');
}

static void print_numeric(const struct value *v, struct strbuf *out)
{
	if (!v->type.precision)
		num_print(&v->num, out);
	else
		decimal_print(type_phys(v->type) == PHYS_I64 ? v->i64 : v->i128, v->type.scale, out);
}

static void print_text(const struct value *v, struct strbuf *out)
{
	struct str s = text_str(&v->text);
	strbuf_add(out, s.data, s.len);
}

void value_print(const struct value *v, const struct text_context *tc, struct strbuf *out)
{
	if (v->is_null)
		return;
	if (!tc)
		tc = &text_context_default;
	if (v->type.array) {
		array_print(v->type, text_str(&v->text), tc, out);
		return;
	}
	if (v->type.id == TYPE_RECORD) {
		record_print(text_str(&v->text), tc, out);
		return;
	}
	switch ((enum type_id)v->type.id) {
	case TYPE_BOOL:
		strbuf_addc(out, v->b ? 't' : 'f');
		return;
	case TYPE_INT2:
	case TYPE_INT4:
		strbuf_addf(out, "%d", v->i32);
		return;
	case TYPE_INT8:
	case TYPE_OID:
		strbuf_addf(out, "%lld", (long long)v->i64);
		return;
	case TYPE_NUMERIC:
		print_numeric(v, out);
		return;
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
		float_print(v->f64, v->type.id == TYPE_FLOAT4, tc->extra_float_digits, out);
		return;
	case TYPE_DATE:
		date_print(v->i32, out);
		return;
	case TYPE_TIME:
		time_print(v->i64, out);
		return;
	case TYPE_TIMETZ:
		timetz_print(&v->interval, out);
		return;
	case TYPE_TIMESTAMP:
		timestamp_print(v->i64, out);
		return;
	case TYPE_TIMESTAMPTZ:
		timestamptz_print(v->i64, tc->timezone, out);
		return;
	case TYPE_INTERVAL:
		interval_print(&v->interval, out);
		return;
	case TYPE_UUID:
		print_uuid(v->i128, out);
		return;
	case TYPE_BPCHAR:
		print_padded(v, out);
		return;
	case TYPE_BYTEA:
		print_bytea(text_str(&v->text), out);
		return;
	case TYPE_UNKNOWN:
	case TYPE_TEXT:
	case TYPE_VARCHAR:
	case TYPE_NAME:
	case TYPE_JSON:
	case TYPE_JSONB:
	case TYPE_JSONPATH:
	case TYPE_RECORD:
	case TYPE_VOID:
		print_text(v, out);
		return;
	case TYPE_COUNT:
		break;
	}
	UNREACHABLE();
}
