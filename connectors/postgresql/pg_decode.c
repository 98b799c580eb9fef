/*
 * PostgreSQL's binary field formats into vector slots: one function per pair of remote type and physical type,
 * chosen once per column. Formats as its send functions write them (network byte order; numeric in base 10,000).
 *
 * Pairs of numbers that aren't the usual one go through the writer, which checks ranges. A pair that can't be is
 * no decoder: the column was retyped since it was imported.
 */
#include "connectors/postgresql/pg_int.h"

#include <stdlib.h>

#include "engine/types/decimal.h"

/* pg_type.oid of the types with a binary decoder that engine/types doesn't list. */
enum { OID_CHAR = 18, OID_XML = 142 };

#define SLOT(type) (((type *)c->data)[w->row])

static inline int16_t get16(const unsigned char *p) { uint16_t v; memcpy(&v, p, 2); return (int16_t)__builtin_bswap16(v); }
static inline int32_t get32(const unsigned char *p) { uint32_t v; memcpy(&v, p, 4); return (int32_t)__builtin_bswap32(v); }
static inline int64_t get64(const unsigned char *p) { uint64_t v; memcpy(&v, p, 8); return (int64_t)__builtin_bswap64(v); }

static bool malformed(struct batch_writer *w, struct writer_col *c)
{
	return err_set(w->e, ERR_PROTOCOL_VIOLATION, "server \"%s\" sent a field of unexpected length in column \"%s\"",
				   w->request->server, c->spec->name);
}
#define WANT_LEN(n)                                                                                \
	if (UNLIKELY(len != (n)))                                                                      \
		return malformed(w, c)

/* ---- the usual pairs ---- */

static bool bool_to_bool(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	WANT_LEN(1);
	SLOT(uint8_t) = *p != 0;
	return true;
}
static bool int2_to_i32(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	WANT_LEN(2);
	SLOT(int32_t) = get16(p);
	return true;
}
static bool int4_to_i32(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	WANT_LEN(4);
	SLOT(int32_t) = get32(p);
	return true;
}
static bool int4_to_i64(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	WANT_LEN(4);
	SLOT(int64_t) = get32(p);
	return true;
}
static bool int8_to_i64(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	WANT_LEN(8);
	SLOT(int64_t) = get64(p);
	return true;
}
static bool oid_to_i64(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	WANT_LEN(4);
	SLOT(int64_t) = (uint32_t)get32(p);
	return true;
}
static bool float4_to_f64(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	float f;
	int32_t bits;

	WANT_LEN(4);
	bits = get32(p);
	memcpy(&f, &bits, 4);
	SLOT(double) = (double)f;
	return true;
}
static bool float8_to_f64(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	WANT_LEN(8);
	SLOT(int64_t) = get64(p);
	return true;
}
static bool interval_to_interval(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	WANT_LEN(16);
	SLOT(struct interval) = (struct interval){.usec = get64(p), .days = get32(p + 8), .months = get32(p + 12)};
	return true;
}
static bool timetz_to_interval(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	WANT_LEN(12);
	SLOT(struct interval) = (struct interval){.usec = get64(p), .days = get32(p + 8), .months = 0};
	return true;
}
static bool uuid_to_i128(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	uint128 v;

	WANT_LEN(16);
	v = (uint128)(uint64_t)get64(p) << 64 | (uint64_t)get64(p + 8);
	SLOT(int128) = (int128)(v ^ (uint128)1 << 127);
	return true;
}
static bool text_to_str(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	return writer_text_quick(w, c, (const char *)p, (size_t)len);
}
/* char(n) comes padded, whatever we hold it as. */
static bool bpchar_to_str(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	while (len && p[len - 1] == ' ')
		len--;
	return text_to_str(w, c, p, len);
}
static bool bytea_to_str(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	return writer_bytes(w, c, p, (size_t)len);
}
static bool jsonb_to_str(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	if (len < 1 || p[0] != 1)
		return malformed(w, c);
	return writer_text(w, c, (const char *)p + 1, (size_t)len - 1);
}

/* ---- other pairs of numbers ---- */

static bool int_to_any(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	switch (len) {
	case 2:
		return writer_i64(w, c, get16(p));
	case 4:
		return writer_i64(w, c, get32(p));
	case 8:
		return writer_i64(w, c, get64(p));
	default:
		return malformed(w, c);
	}
}
static bool float_to_any(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	double d;
	float f;
	int64_t bits;
	int32_t bits4;

	if (len == 4) {
		bits4 = get32(p);
		memcpy(&f, &bits4, 4);
		return writer_f32(w, c, f);
	}
	WANT_LEN(8);
	bits = get64(p);
	memcpy(&d, &bits, 8);
	return writer_f64(w, c, d);
}
static bool bool_to_text(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	WANT_LEN(1);
	return *p ? writer_text(w, c, "true", 4) : writer_text(w, c, "false", 5);
}

/* ---- numeric ---- */

enum { NUMERIC_NEGATIVE = 0x4000, NUMERIC_NAN = 0xc000, NUMERIC_PLUS_INF = 0xd000, NUMERIC_MINUS_INF = 0xf000 };
static const uint32_t small_pow10[] = {1, 10, 100, 1000, 10000};

struct pg_numeric {
	int ndigits, weight, sign, dscale;
	const unsigned char *digits;
};

static inline bool numeric_read(const unsigned char *p, int32_t len, struct pg_numeric *n)
{
	uint64_t head;

	if (len < 8)
		return false;
	head = (uint64_t)get64(p);
	n->ndigits = (int16_t)(head >> 48);
	n->weight = (int16_t)(head >> 32);
	n->sign = (uint16_t)(head >> 16);
	n->dscale = (int16_t)head;
	n->digits = p + 8;
	return n->ndigits >= 0 && len == 8 + 2 * n->ndigits;
}

static inline bool is_special(const struct pg_numeric *n) { return (n->sign & 0x8000) != 0; }

/* The fraction's first group of four digits in units of `scale` ≤ 4 digits; -1 when digits would be lost. */
static inline int64_t first_fraction(uint32_t group, int scale)
{
	uint32_t cut, v;

	if (scale == 2) { /* money: a division by a constant */
		v = group / 100;
		return v * 100 == group ? (int64_t)v : -1;
	}
	cut = small_pow10[4 - scale];
	v = group / cut;
	return v * cut == group ? (int64_t)v : -1;
}

/* The same as numeric_small for up to three groups before the point, one behind it, and a scale ≤ 4. */
static inline bool numeric_short(const struct pg_numeric *n, int scale, int64_t *out)
{
	int64_t v = 0, fraction;
	int i = 0;

	for (int g = n->weight; g >= 0; g--)
		v = v * 10000 + (i < n->ndigits ? get16(n->digits + 2 * i++) : 0);
	fraction = i < n->ndigits ? first_fraction((uint16_t)get16(n->digits + 2 * i), scale) : 0;
	v = v * small_pow10[scale] + fraction;
	*out = n->sign == NUMERIC_NEGATIVE ? -v : v;
	return fraction >= 0;
}

/* The value as an integer of `scale` fraction digits, when 4 * (weight + 1) + scale <= 18; false when digits
 * would be lost. */
static inline bool numeric_small(const struct pg_numeric *n, int scale, int64_t *out)
{
	int64_t v = 0;
	int left = scale; /* fraction digits still to come */
	int i = 0;

	for (int g = n->weight; g >= 0; g--)
		v = v * 10000 + (i < n->ndigits ? get16(n->digits + 2 * i++) : 0);
	for (int g = n->weight + 1; g < 0 && left > 0; g++) { /* zeros between the point and the first digit */
		int take = left < 4 ? left : 4;
		v *= small_pow10[take];
		left -= take;
	}
	for (; i < n->ndigits && left >= 4; i++, left -= 4)
		v = v * 10000 + get16(n->digits + 2 * i);
	if (i < n->ndigits && left > 0) {
		uint32_t d = (uint32_t)get16(n->digits + 2 * i), cut = small_pow10[4 - left];
		if (d % cut)
			return false;
		v = v * small_pow10[left] + d / cut;
		left = 0;
		i++;
	}
	for (; i < n->ndigits; i++)
		if (get16(n->digits + 2 * i))
			return false;
	for (; left > 0; left -= left < 4 ? left : 4)
		v *= small_pow10[left < 4 ? left : 4];
	*out = n->sign == NUMERIC_NEGATIVE ? -v : v;
	return true;
}

/* The same for any size into 38 digits; false when it doesn't fit. */
static bool numeric_wide(const struct pg_numeric *n, int scale, int128 *out)
{
	int128 v = 0;
	int at = 4 * (n->weight + 1); /* value = 0.d1d2d3… * 10^at */
	int shift;

	for (int i = 0; i < n->ndigits; i++) {
		int d = get16(n->digits + 2 * i);
		/* digits behind the scale must be zeros */
		int below = scale + at - 4 * (i + 1);
		if (below < 0) {
			uint32_t cut = below <= -4 ? 10000 : small_pow10[-below];
			if ((uint32_t)d % cut)
				return false;
			if (below <= -4)
				continue;
			if (v >= decimal_pow10[34 - below])
				return false;
			v = v * small_pow10[4 + below] + d / (int)cut;
			continue;
		}
		if (v >= decimal_pow10[34])
			return false;
		v = v * 10000 + d;
	}
	shift = scale + at - 4 * n->ndigits;
	if (shift > 0 && v && !decimal_mul_pow10(v, shift > 38 ? 38 : shift, &v))
		return false;
	if (v >= decimal_pow10[38])
		return false;
	*out = n->sign == NUMERIC_NEGATIVE ? -v : v;
	return true;
}

static bool numeric_bad(struct batch_writer *w, struct writer_col *c, const struct pg_numeric *n)
{
	return writer_bad(w, c, ERR_NUMERIC_OUT_OF_RANGE, "%s out of range for type %s",
					  n->sign == NUMERIC_NAN ? "NaN" : is_special(n) ? "infinity" : "value",
					  type_name(c->spec->type, w->scratch));
}

static bool numeric_to_i64(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	struct pg_numeric n;
	int scale = c->spec->type.scale;
	int128 wide;

	if (UNLIKELY(!numeric_read(p, len, &n)))
		return malformed(w, c);
	w->nbytes += len;
	if (LIKELY(!is_special(&n) && 4 * (n.weight + 1) + scale <= 18)) {
		bool fits = LIKELY(scale <= 4 && n.weight >= -1 && n.weight < 3 && n.ndigits <= n.weight + 2)
						? numeric_short(&n, scale, &SLOT(int64_t))
						: numeric_small(&n, scale, &SLOT(int64_t));
		if (fits
			&& (c->spec->type.precision == 18
				|| llabs(SLOT(int64_t)) < (int64_t)decimal_pow10[c->spec->type.precision]))
			return true;
		return numeric_bad(w, c, &n);
	}
	if (is_special(&n) || !numeric_wide(&n, scale, &wide) || wide >= decimal_limit(c->spec->type.precision)
		|| wide <= -decimal_limit(c->spec->type.precision))
		return numeric_bad(w, c, &n);
	SLOT(int64_t) = (int64_t)wide;
	return true;
}

static bool numeric_to_i128(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	struct pg_numeric n;
	int128 v;

	if (UNLIKELY(!numeric_read(p, len, &n)))
		return malformed(w, c);
	w->nbytes += len;
	if (is_special(&n) || !numeric_wide(&n, c->spec->type.scale, &v) || v >= decimal_limit(c->spec->type.precision)
		|| v <= -decimal_limit(c->spec->type.precision))
		return numeric_bad(w, c, &n);
	SLOT(int128) = v;
	return true;
}

static bool numeric_to_num(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	struct pg_numeric n;
	struct num out;

	if (UNLIKELY(!numeric_read(p, len, &n)))
		return malformed(w, c);
	w->nbytes += len;
	memset(&out, 0, sizeof out);
	if (is_special(&n)) {
		out.kind = n.sign == NUMERIC_NAN ? NUM_NAN : n.sign == NUMERIC_PLUS_INF ? NUM_INFINITY : NUM_NEG_INFINITY;
	} else {
		if (n.dscale > 38 || !numeric_wide(&n, n.dscale, &out.coef))
			return numeric_bad(w, c, &n);
		out.scale = (int16_t)n.dscale;
	}
	SLOT(struct num) = out;
	return true;
}

/* sum(bigint) into a bigint, and the like. */
static bool numeric_to_any(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len)
{
	struct pg_numeric n;
	struct num x;
	struct strbuf b;
	bool ok;

	if (!numeric_read(p, len, &n))
		return malformed(w, c);
	memset(&x, 0, sizeof x);
	if (is_special(&n) || n.dscale > 38 || !numeric_wide(&n, n.dscale, &x.coef))
		return numeric_bad(w, c, &n);
	x.scale = (int16_t)n.dscale;
	strbuf_init(&b, 0);
	num_print(&x, &b);
	ok = writer_text(w, c, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return ok;
}

/* ---- choice ---- */

static pg_decoder integer_decoder(enum type_id from, struct type to)
{
	bool same_kind = to.id == TYPE_INT4 || to.id == TYPE_INT2;

	if (from == TYPE_INT2 && same_kind)
		return int2_to_i32;
	if (from == TYPE_INT4 && to.id == TYPE_INT4)
		return int4_to_i32;
	if (from == TYPE_INT4 && to.id == TYPE_INT8)
		return int4_to_i64;
	if (from == TYPE_INT8 && to.id == TYPE_INT8)
		return int8_to_i64;
	return type_is_number(to) ? int_to_any : NULL;
}

static pg_decoder numeric_decoder(struct type to)
{
	if (to.id != TYPE_NUMERIC)
		return type_is_number(to) ? numeric_to_any : NULL;
	switch (type_phys(to)) {
	case PHYS_I64:
		return numeric_to_i64;
	case PHYS_I128:
		return numeric_to_i128;
	case PHYS_BOOL:
	case PHYS_I32:
	case PHYS_F64:
	case PHYS_NUM:
	case PHYS_INTERVAL:
	case PHYS_STR:
	case PHYS_COUNT:
		return numeric_to_num;
	}
	UNREACHABLE();
}

static bool holds_text(struct type t)
{
	return type_is_text(t) || t.id == TYPE_JSON || t.id == TYPE_JSONB;
}

static pg_decoder known_decoder(enum type_id from, struct type to)
{
	switch (from) {
	case TYPE_BOOL:
		return to.id == TYPE_BOOL ? bool_to_bool : type_is_text(to) ? bool_to_text : NULL;
	case TYPE_INT2:
	case TYPE_INT4:
	case TYPE_INT8:
		return integer_decoder(from, to);
	case TYPE_OID:
		return to.id == TYPE_OID || to.id == TYPE_INT8 ? oid_to_i64 : NULL;
	case TYPE_NUMERIC:
		return numeric_decoder(to);
	case TYPE_FLOAT4:
		return to.id == TYPE_FLOAT4 || to.id == TYPE_FLOAT8 ? float4_to_f64 : type_is_number(to) ? float_to_any : NULL;
	case TYPE_FLOAT8:
		return to.id == TYPE_FLOAT8 ? float8_to_f64 : type_is_number(to) ? float_to_any : NULL;
	case TYPE_UNKNOWN:
	case TYPE_TEXT:
	case TYPE_VARCHAR:
	case TYPE_NAME:
	case TYPE_JSON:
		return holds_text(to) ? text_to_str : NULL;
	case TYPE_BPCHAR:
		return holds_text(to) ? bpchar_to_str : NULL;
	case TYPE_JSONB:
	case TYPE_JSONPATH:
		return holds_text(to) ? jsonb_to_str : NULL;
	case TYPE_BYTEA:
		return to.id == TYPE_BYTEA ? bytea_to_str : NULL;
	case TYPE_DATE:
		return to.id == TYPE_DATE ? int4_to_i32 : NULL;
	case TYPE_TIME:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
		return to.id == from ? int8_to_i64 : NULL;
	case TYPE_TIMETZ:
		return to.id == TYPE_TIMETZ ? timetz_to_interval : NULL;
	case TYPE_INTERVAL:
		return to.id == TYPE_INTERVAL ? interval_to_interval : NULL;
	case TYPE_UUID:
		return to.id == TYPE_UUID ? uuid_to_i128 : NULL;
	case TYPE_RECORD:
	case TYPE_VOID:
	case TYPE_COUNT:
		return NULL;
	}
	UNREACHABLE();
}

pg_decoder pg_decoder_find(uint32_t oid, struct type to, bool *as_text)
{
	struct type from;
	pg_decoder d;

	*as_text = false;
	if (oid == OID_CHAR || oid == OID_XML)
		return holds_text(to) ? text_to_str : NULL;
	if (type_find_oid(oid, &from) && !from.array) {
		d = known_decoder((enum type_id)from.id, to);
		if (d || !type_is_text(to))
			return d;
	}
	*as_text = type_is_text(to); /* enums, addresses, arrays …: each has a text form */
	return *as_text ? text_to_str : NULL;
}
