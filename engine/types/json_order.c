/*
 * The order of jsonb values, their equality and their hash: what sorting, grouping, joining and the operators go by.
 *
 * The order is PostgreSQL's: Object > Array > Boolean > Number > String > Null at the top, containers first by their
 * number of members (a bare scalar counts as an array of one, and is less than every real array of that size, but an
 * empty array is the least of all), strings by bytes, keys in their stored order: shorter first. Numbers are equal
 * whatever their scale, so the hash leaves zeros at the end of a fraction out.
 *
 * Values stand in jsonb's printed form, made once where they arise; an empty text (under a NULL) reads as one too.
 */
#include "engine/types/json_order.h"
#include "engine/base/hash.h"
#include "engine/types/json_scan.h"

static size_t members(struct str v)
{
	struct json_member m;
	size_t n = 0;

	for (size_t at = 0; json_next(v, &at, &m);)
		n++;
	return n;
}

static struct str digits_of(struct str s, bool fraction)
{
	const char *point = memchr(s.data, '.', s.len);
	size_t whole = point ? (size_t)(point - s.data) : s.len;

	if (!fraction)
		return str_make(s.data, whole);
	return point ? str_make(point + 1, s.len - whole - 1) : str_make("", 0);
}

int json_number_compare(struct str a, struct str b)
{
	bool minus = a.len && a.data[0] == '-', other = b.len && b.data[0] == '-';
	struct str x, y;
	size_t n;
	int c;

	if (minus != other)
		return minus ? -1 : 1;
	a.data += minus, a.len -= minus;
	b.data += minus, b.len -= minus;
	x = digits_of(a, false);
	y = digits_of(b, false);
	c = x.len != y.len ? (x.len < y.len ? -1 : 1) : str_compare(x, y);
	if (c == 0) {
		x = digits_of(a, true);
		y = digits_of(b, true);
		n = x.len > y.len ? x.len : y.len;
		for (size_t i = 0; c == 0 && i < n; i++)
			c = (i < x.len ? x.data[i] : '0') - (i < y.len ? y.data[i] : '0');
	}
	c = (c > 0) - (c < 0);
	return minus ? -c : c;
}

/* Strings by what they say. */
static int string_compare(struct str a, struct str b)
{
	struct strbuf x, y;
	int c;

	if (!memchr(a.data, '\\', a.len) && !memchr(b.data, '\\', b.len))
		return str_compare(str_make(a.data + 1, a.len - 2), str_make(b.data + 1, b.len - 2));
	strbuf_init(&x, 0);
	strbuf_init(&y, 0);
	/* jsonb holds nothing that can't be unescaped */
	c = json_unescape(a, &x, NULL) && json_unescape(b, &y, NULL) ? str_compare(strbuf_str(&x), strbuf_str(&y)) : str_compare(a, b);
	strbuf_release(&x);
	strbuf_release(&y);
	return c;
}

static int rank(enum json_kind k)
{
	switch (k) {
	case JSON_NULL: return 0;
	case JSON_STRING: return 1;
	case JSON_NUMBER: return 2;
	case JSON_BOOLEAN: return 3;
	case JSON_ARRAY: return 4;
	case JSON_OBJECT: return 5;
	}
	UNREACHABLE();
}

static int compare_scalars(struct str a, struct str b, enum json_kind kind)
{
	switch (kind) {
	case JSON_NULL:
		return 0;
	case JSON_STRING:
		return string_compare(a, b);
	case JSON_NUMBER:
		return json_number_compare(a, b);
	case JSON_BOOLEAN:
		return (a.data[0] == 't') - (b.data[0] == 't');
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	UNREACHABLE();
}

static int compare_inner(struct str a, struct str b)
{
	enum json_kind x = json_kind(a), y = json_kind(b);
	struct json_member m, o;
	size_t n, k;
	int c = 0;

	if (x != y)
		return rank(x) < rank(y) ? -1 : 1;
	if (x < JSON_ARRAY)
		return compare_scalars(a, b, x);
	n = members(a);
	k = members(b);
	if (n != k)
		return n < k ? -1 : 1;
	for (size_t at = 0, to = 0; c == 0 && json_next(a, &at, &m) && json_next(b, &to, &o);) {
		if (x == JSON_OBJECT)
			c = string_compare(m.key, o.key);
		if (c == 0)
			c = compare_inner(m.value, o.value);
	}
	return c;
}

int jsonb_compare(struct str a, struct str b)
{
	enum json_kind x, y;

	a = json_trim(a);
	b = json_trim(b);
	x = json_kind(a);
	y = json_kind(b);
	if (x < JSON_ARRAY && y < JSON_ARRAY)
		return compare_inner(a, b);
	if (x == JSON_OBJECT || y == JSON_OBJECT)
		return x == y ? compare_inner(a, b) : x == JSON_OBJECT ? 1 : -1;
	if (x == y)
		return compare_inner(a, b);
	/* a scalar is kept as an array of one; an empty array is less than it, a longer one more */
	if (x == JSON_ARRAY)
		return members(a) == 0 ? -1 : 1;
	return members(b) == 0 ? 1 : -1;
}

/* ---- hash ---- */

static uint64_t hash_scalar(struct str v)
{
	struct str fraction;
	size_t zeros = 0;

	if (json_kind(v) == JSON_NUMBER) {
		fraction = digits_of(v, true);
		while (zeros < fraction.len && fraction.data[fraction.len - 1 - zeros] == '0')
			zeros++;
		if (fraction.len)
			v.len -= zeros + (zeros == fraction.len);
		if (v.len == 2 && memcmp(v.data, "-0", 2) == 0)
			v = STR("0");
	}
	return hash_bytes(v.data, v.len, 0);
}

uint64_t jsonb_hash(struct str v)
{
	enum json_kind kind;
	struct json_member m;
	uint64_t hash;

	v = json_trim(v);
	if (!v.len)
		return 0;
	kind = json_kind(v);
	if (kind < JSON_ARRAY)
		return hash_scalar(v);
	hash = kind == JSON_ARRAY ? 3 : 4;
	for (size_t at = 0; json_next(v, &at, &m);) {
		if (kind == JSON_OBJECT)
			hash = hash_combine(hash, hash_bytes(m.key.data, m.key.len, 0));
		hash = hash_combine(hash, jsonb_hash(m.value));
	}
	return hash;
}
