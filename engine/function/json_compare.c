/*
 * Comparison of jsonb and the casts from jsonb to numbers and boolean.
 *
 * The order is PostgreSQL's: Object > Array > Boolean > Number > String > Null at the top, containers first by their
 * number of members (a bare scalar counts as an array of one, and is less than every real array of that size, but an
 * empty array is the least of all), strings by bytes, keys in their stored order: shorter first.
 */
#include "engine/function/json_compare.h"
#include "engine/function/json_scan.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"
#include "engine/types/decimal.h"

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

#define COMPARE(name, test)                                                                        \
	static bool name##_row(struct row *r) { return row_set_bool(r, jsonb_compare(row_str(r, 0), row_str(r, 1)) test); } \
	ROWS(name##_fn, name##_row, ROWS_PLAIN)
COMPARE(eq, == 0)
COMPARE(ne, != 0)
COMPARE(lt, < 0)
COMPARE(le, <= 0)
COMPARE(gt, > 0)
COMPARE(ge, >= 0)
static bool cmp_row(struct row *r) { return row_set_i32(r, jsonb_compare(row_str(r, 0), row_str(r, 1))); }
ROWS(cmp_fn, cmp_row, ROWS_PLAIN)

/* ---- casts ---- */

static bool cast_row(struct row *r)
{
	static const char *const kinds[] = {"null", "boolean", "numeric", "string", "array", "object"};
	struct str v = json_trim(row_str(r, 0));
	enum json_kind kind = json_kind(v), want = r->call->result.id == TYPE_BOOL ? JSON_BOOLEAN : JSON_NUMBER;
	struct value number;
	struct num n;
	struct type t = r->call->result;

	if (kind != want)
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "cannot cast jsonb %s to type %s", kinds[kind], type_infos[t.id].name);
	if (want == JSON_BOOLEAN)
		return row_set_bool(r, v.data[0] == 't');
	if (t.id == TYPE_NUMERIC || t.id == TYPE_FLOAT4 || t.id == TYPE_FLOAT8) {
		if (!value_parse(r->call->scratch, t, v, &text_context_default, &number, r->call->err))
			return false;
		value_store(&number, (char *)r->out->data + r->i * phys_size(type_phys(t)));
		return true;
	}
	{
		int64_t x;
		if (!num_parse(v, &n, r->call->err) || !num_to_i64(&n, &x, r->call->err))
			return false;
		if (t.id == TYPE_INT8)
			return row_set_i64(r, x);
		if (x < (t.id == TYPE_INT2 ? INT16_MIN : INT32_MIN) || x > (t.id == TYPE_INT2 ? INT16_MAX : INT32_MAX))
			return row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "%s out of range", type_infos[t.id].name);
		return row_set_i32(r, (int32_t)x);
	}
}
ROWS(cast_fn, cast_row, ROWS_PLAIN)

#define OP(symbol, f, h)                                                                           \
	{.name = symbol, .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(JSONB), T(JSONB)}, .result = T(BOOL), .fn = f, .flags = 0, .help = h}
#define CAST(to)                                                                                   \
	{.name = "", .kind = FUNC_CAST, .nargs = 1, .args = {T(JSONB)}, .result = T(to), .fn = cast_fn, .flags = FUNC_CAN_FAIL, .help = "jsonb's value as an SQL value"}

const struct func functions_json_compare[] = {
	OP("=", eq_fn, "equal"),
	OP("<>", ne_fn, "not equal"),
	OP("<", lt_fn, "less than"),
	OP("<=", le_fn, "less than or equal"),
	OP(">", gt_fn, "greater than"),
	OP(">=", ge_fn, "greater than or equal"),
	FN("jsonb_cmp", INT4, cmp_fn, 0, "-1, 0 or 1 in the order of jsonb", T(JSONB), T(JSONB)),
	CAST(BOOL), CAST(INT2), CAST(INT4), CAST(INT8), CAST(NUMERIC), CAST(FLOAT4), CAST(FLOAT8),
	FN_END,
};
