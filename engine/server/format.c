/* Text and binary forms of values. Which columns are asked for in which form is portal.c's matter. */
#include "engine/server/format.h"

#include <string.h>

#include "engine/base/utf8.h"
#include "engine/types/datetime.h"
#include "engine/types/decimal.h"

uint32_t format_oid(struct type t)
{
	if (t.id == TYPE_UNKNOWN)
		return type_infos[TYPE_TEXT].oid;
	return t.array ? type_infos[t.id].array_oid : type_infos[t.id].oid;
}

int format_length(struct type t) { return t.array ? -1 : t.id == TYPE_UNKNOWN ? -1 : type_infos[t.id].typlen; }

/* ---- numeric ---- */

/* PostgreSQL's numeric_send: digits of base 10,000, weight of the first, sign, display scale. */
static void numeric_binary(struct wire_out *w, const struct num *n)
{
	int16_t digits[24];
	unsigned __int128 whole, part, x;
	int count = 0, weight = -1, scale = n->scale, lead = 0, npart, nwhole = 0;
	int16_t high[16];

	if (n->kind != NUM_FINITE) {
		wire_i16(w, 0);
		wire_i16(w, 0);
		wire_i16(w, n->kind == NUM_NAN ? 0xc000 : n->kind == NUM_INFINITY ? 0xd000 : 0xf000);
		wire_i16(w, 0);
		return;
	}
	x = n->coef < 0 ? (unsigned __int128)0 - (unsigned __int128)n->coef : (unsigned __int128)n->coef;
	whole = x / (unsigned __int128)decimal_pow10[scale];
	part = x % (unsigned __int128)decimal_pow10[scale];
	while (whole) {
		high[nwhole++] = (int16_t)(whole % 10000);
		whole /= 10000;
	}
	weight = nwhole - 1;
	while (nwhole)
		digits[count++] = high[--nwhole];
	npart = (scale + 3) / 4;
	for (int i = 0; i < npart; i++) { /* four digits at a time, the last padded with zeros */
		int left = scale - 4 * (i + 1);
		unsigned __int128 d = left >= 0 ? part / (unsigned __int128)decimal_pow10[left] : part * (unsigned __int128)decimal_pow10[-left];
		digits[count++] = (int16_t)(d % 10000);
	}
	while (count && digits[count - 1] == 0)
		count--;
	while (lead < count && digits[lead] == 0) {
		lead++;
		weight--;
	}
	if (lead == count)
		weight = 0;
	wire_i16(w, count - lead);
	wire_i16(w, weight);
	wire_i16(w, n->coef < 0 ? 0x4000 : 0);
	wire_i16(w, scale);
	for (int i = lead; i < count; i++)
		wire_i16(w, digits[i]);
}

static bool bad_binary(struct type t, struct err *e)
{
	return err_set(e, ERR_INVALID_BINARY_REPRESENTATION, "incorrect binary data for type %s", type_infos[t.id].name);
}

static bool numeric_from_binary(struct wire_in *in, struct num *out, struct err *e)
{
	int count = wire_take_i16(in), weight = wire_take_i16(in), sign = wire_take_i16(in) & 0xffff, scale = wire_take_i16(in);
	struct strbuf text;
	bool ok;

	memset(out, 0, sizeof *out);
	if (sign == 0xc000 || sign == 0xd000 || sign == 0xf000) {
		out->kind = sign == 0xc000 ? NUM_NAN : sign == 0xd000 ? NUM_INFINITY : NUM_NEG_INFINITY;
		return true;
	}
	if (in->bad || count < 0 || (sign != 0 && sign != 0x4000) || scale < 0 || scale > 16383 || weight > 4096 || weight < -4096)
		return bad_binary(type_make(TYPE_NUMERIC), e);
	strbuf_init(&text, 1 << 20);
	strbuf_adds(&text, sign ? "-0" : "0");
	for (int i = 0, at = weight; at >= 0; at--, i++)
		strbuf_addf(&text, "%04d", i < count ? wire_take_i16(in) : 0);
	strbuf_addc(&text, '.');
	for (int at = -1, i = weight + 1; at >= -(scale + 3) / 4; at--, i++)
		strbuf_addf(&text, "%04d", i >= 0 && i < count ? wire_take_i16(in) : 0);
	while (!in->bad && in->at != in->end && wire_take_i16(in) == 0)
		;
	{ /* the display scale says how many digits behind the point count */
		const char *point = memchr(text.data, '.', text.len);
		size_t keep = (size_t)(point - text.data) + 1 + (size_t)scale;
		if (keep < text.len)
			text.len = keep;
		if (scale == 0)
			text.len--;
	}
	ok = !in->bad ? num_parse(strbuf_str(&text), out, e) : bad_binary(type_make(TYPE_NUMERIC), e);
	strbuf_release(&text);
	return ok;
}

static struct num numeric_of(const struct value *v)
{
	if (!v->type.precision)
		return v->num;
	return num_from_scaled(v->type.precision <= 18 ? v->i64 : v->i128, v->type.scale);
}

/* ---- out ---- */

static void float_binary(struct wire_out *w, double d, bool real)
{
	uint64_t bits;
	uint32_t half;
	float f = (float)d;

	if (real) {
		memcpy(&half, &f, sizeof half);
		wire_i32(w, half);
	} else {
		memcpy(&bits, &d, sizeof bits);
		wire_i64(w, (int64_t)bits);
	}
}

static bool binary_of(struct wire_out *w, const struct value *v, const struct text_context *tc, struct err *e)
{
	struct num n;

	if (v->type.array)
		return err_set(e, ERR_FEATURE_NOT_SUPPORTED, "arrays are sent as text only so far");
	switch ((enum type_id)v->type.id) {
	case TYPE_BOOL:
		wire_byte(w, v->b);
		return true;
	case TYPE_INT2:
		wire_i16(w, v->i32);
		return true;
	case TYPE_INT4:
	case TYPE_DATE:
		wire_i32(w, v->i32);
		return true;
	case TYPE_OID:
		wire_i32(w, v->i64);
		return true;
	case TYPE_INT8:
	case TYPE_TIME:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
		wire_i64(w, v->i64);
		return true;
	case TYPE_TIMETZ:
		wire_i64(w, v->interval.usec);
		wire_i32(w, v->interval.days);
		return true;
	case TYPE_INTERVAL:
		wire_i64(w, v->interval.usec);
		wire_i32(w, v->interval.days);
		wire_i32(w, v->interval.months);
		return true;
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
		float_binary(w, v->f64, v->type.id == TYPE_FLOAT4);
		return true;
	case TYPE_NUMERIC:
		n = numeric_of(v);
		numeric_binary(w, &n);
		return true;
	case TYPE_UUID:
		wire_i64(w, (int64_t)(v->i128 >> 64) ^ INT64_MIN); /* kept with the top bit turned, so that it orders as a number */
		wire_i64(w, (int64_t)v->i128);
		return true;
	case TYPE_JSONB:
		wire_byte(w, 1);
		value_print(v, tc, &w->buf);
		return true;
	case TYPE_BYTEA:
		wire_bytes(w, text_data(&v->text), v->text.len);
		return true;
	case TYPE_UNKNOWN:
	case TYPE_TEXT:
	case TYPE_VARCHAR:
	case TYPE_BPCHAR:
	case TYPE_NAME:
	case TYPE_JSON:
	case TYPE_JSONPATH:
	case TYPE_VOID:
		value_print(v, tc, &w->buf);
		return true;
	case TYPE_RECORD:
		return err_set(e, ERR_FEATURE_NOT_SUPPORTED, "records are sent as text only so far");
	case TYPE_COUNT:
		break;
	}
	UNREACHABLE();
}

/* Whole numbers without a detour: the bulk of many results. */
static void int_text(struct wire_out *w, int64_t x)
{
	char digits[24];
	size_t at = sizeof digits;
	uint64_t u = x < 0 ? 0 - (uint64_t)x : (uint64_t)x;

	do {
		digits[--at] = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (x < 0)
		digits[--at] = '-';
	wire_i32(w, (int64_t)(sizeof digits - at));
	wire_bytes(w, digits + at, sizeof digits - at);
}

bool format_value(struct wire_out *w, const struct vec *v, uint32_t i, enum wire_format f, const struct text_context *tc,
				  struct err *e)
{
	struct view view = vec_view(v);
	struct value x;
	size_t at;

	if (view_is_null(&view, i)) {
		wire_i32(w, -1);
		return true;
	}
	x = vec_get(v, i);
	if (f == FORMAT_TEXT && !x.type.array) {
		if (x.type.id == TYPE_INT4 || x.type.id == TYPE_INT2) {
			int_text(w, x.i32);
			return true;
		}
		if (x.type.id == TYPE_INT8 || x.type.id == TYPE_OID) {
			int_text(w, x.i64);
			return true;
		}
		if (x.type.id == TYPE_TEXT || x.type.id == TYPE_VARCHAR) {
			wire_i32(w, x.text.len);
			wire_bytes(w, text_data(&x.text), x.text.len);
			return true;
		}
	}
	at = wire_length_begin(w);
	if (f == FORMAT_TEXT)
		value_print(&x, tc, &w->buf);
	else if (!binary_of(w, &x, tc, e))
		return false;
	wire_length_end(w, at);
	return true;
}

/* ---- in ---- */

static bool text_parameter(struct mem *m, struct type t, struct str bytes, const struct text_context *tc, struct value *out,
						   struct err *e)
{
	if (memchr(bytes.data, 0, bytes.len) || !utf8_is_valid(bytes.data, bytes.len))
		return err_set(e, ERR_CHARACTER_NOT_IN_REPERTOIRE, "a parameter is not valid UTF-8 text");
	return value_parse(m, t, bytes, tc, out, e);
}

static double take_float(struct wire_in *in, bool real)
{
	uint32_t half;
	uint64_t bits;
	float f;
	double d;

	if (real) {
		half = (uint32_t)wire_take_i32(in);
		memcpy(&f, &half, sizeof f);
		return (double)f;
	}
	bits = (uint64_t)(uint32_t)wire_take_i32(in) << 32;
	bits |= (uint32_t)wire_take_i32(in);
	memcpy(&d, &bits, sizeof d);
	return d;
}

static int64_t take_i64(struct wire_in *in)
{
	uint64_t high = (uint32_t)wire_take_i32(in);

	return (int64_t)(high << 32 | (uint32_t)wire_take_i32(in));
}

/* Types of fixed length. */
static bool fixed_from_binary(struct wire_in *in, struct type t, struct value *out, struct err *e)
{
	switch ((enum type_id)t.id) {
	case TYPE_BOOL:
		out->b = wire_take_byte(in) != 0;
		break;
	case TYPE_INT2:
		out->i32 = wire_take_i16(in);
		break;
	case TYPE_INT4:
	case TYPE_DATE:
		out->i32 = wire_take_i32(in);
		break;
	case TYPE_OID:
		out->i64 = (uint32_t)wire_take_i32(in);
		break;
	case TYPE_INT8:
	case TYPE_TIME:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
		out->i64 = take_i64(in);
		break;
	case TYPE_TIMETZ:
	case TYPE_INTERVAL:
		out->interval.usec = take_i64(in);
		out->interval.days = wire_take_i32(in);
		out->interval.months = t.id == TYPE_INTERVAL ? wire_take_i32(in) : 0;
		break;
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
		out->f64 = take_float(in, t.id == TYPE_FLOAT4);
		break;
	case TYPE_UUID:
		out->i128 = (int128)((unsigned __int128)(uint64_t)(take_i64(in) ^ INT64_MIN) << 64);
		out->i128 |= (uint64_t)take_i64(in);
		break;
	case TYPE_NUMERIC:
		if (!numeric_from_binary(in, &out->num, e))
			return false;
		break;
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
		return bad_binary(t, e);
	}
	return (!in->bad && in->at == in->end) || bad_binary(t, e);
}

bool format_parameter(struct mem *m, struct type t, struct str bytes, enum wire_format f, const struct text_context *tc,
					  struct value *out, struct err *e)
{
	struct wire_in in = wire_in_of(bytes.data, bytes.len);

	if (t.id == TYPE_UNKNOWN)
		t = type_make(TYPE_TEXT);
	if (f == FORMAT_TEXT)
		return text_parameter(m, t, bytes, tc, out, e);
	if (t.array)
		return err_set(e, ERR_FEATURE_NOT_SUPPORTED, "array parameters are taken as text only so far");
	*out = (struct value){.type = t};
	if (t.id == TYPE_BYTEA) {
		*out = value_text(m, bytes);
		out->type = t;
		return true;
	}
	if (t.id == TYPE_JSONB) {
		if (bytes.len == 0 || bytes.data[0] != 1)
			return bad_binary(t, e);
		return text_parameter(m, t, str_make(bytes.data + 1, bytes.len - 1), tc, out, e);
	}
	if (type_is_text(t) || t.id == TYPE_JSON)
		return text_parameter(m, t, bytes, tc, out, e);
	if (t.id == TYPE_NUMERIC)
		out->type = type_make(TYPE_NUMERIC);
	return fixed_from_binary(&in, t, out, e);
}
