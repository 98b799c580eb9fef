/*
 * Reading json and jsonb: the operators -> and ->>, *_extract_path, *_typeof, *_array_length, ?, @>, <@,
 * *_strip_nulls, jsonb_pretty.
 *
 * Both types stand as valid JSON text, jsonb in PostgreSQL's printed form, so a part of a value is a slice of
 * its text. Paths given as text[] (#>, jsonb_set …) and what makes rows are not here.
 */
#include "engine/types/json_scan.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"
#include "engine/types/decimal.h"
#include "engine/types/json.h"

/* ---- access ---- */

/* The last member with that key wins, as in PostgreSQL's json. */
static bool find_key(struct str object, struct str key, struct str *out)
{
	struct json_member m;
	bool found = false;

	if (json_kind(object) != JSON_OBJECT)
		return false;
	for (size_t at = 0; json_next(object, &at, &m);)
		if (json_string_is(m.key, key)) {
			*out = m.value;
			found = true;
		}
	return found;
}

static int64_t element_count(struct str array)
{
	struct json_member m;
	int64_t n = 0;

	for (size_t at = 0; json_next(array, &at, &m);)
		n++;
	return n;
}

static bool find_element(struct str array, int64_t index, struct str *out)
{
	struct json_member m;

	if (json_kind(array) != JSON_ARRAY)
		return false;
	if (index < 0)
		index += element_count(array);
	if (index < 0)
		return false;
	for (size_t at = 0; json_next(array, &at, &m); index--)
		if (index == 0) {
			*out = m.value;
			return true;
		}
	return false;
}

/* The part as json, or as text: strings without quotes, null as NULL. */
static bool give(struct row *r, bool found, struct str part, bool as_text)
{
	if (!found || (as_text && json_kind(part) == JSON_NULL))
		return row_set_null(r);
	if (as_text && json_kind(part) == JSON_STRING)
		return json_unescape(part, r->buf, r->call->err);
	strbuf_add(r->buf, part.data, part.len);
	return true;
}

TEMPLATE bool key_row(struct row *r, bool as_text)
{
	struct str part = {0};
	bool found = find_key(row_str(r, 0), row_str(r, 1), &part);

	return give(r, found, part, as_text);
}
TEMPLATE bool index_row(struct row *r, bool as_text)
{
	struct str part = {0}, v = row_str(r, 0);
	int32_t index = row_i32(r, 1);
	bool found = find_element(v, index, &part);

	/* jsonb keeps a bare scalar as an array of one, and shows it here. */
	if (r->call->arg_types[0].id == TYPE_JSONB && json_kind(v) < JSON_ARRAY && (index == 0 || index == -1)) {
		part = json_trim(v);
		found = true;
	}

	return give(r, found, part, as_text);
}
static bool key_json_row(struct row *r) { return key_row(r, false); }
static bool key_text_row(struct row *r) { return key_row(r, true); }
static bool index_json_row(struct row *r) { return index_row(r, false); }
static bool index_text_row(struct row *r) { return index_row(r, true); }
ROWS(key_json_fn, key_json_row, ROWS_BUILD | ROWS_NULLABLE)
ROWS(key_text_fn, key_text_row, ROWS_BUILD | ROWS_NULLABLE)
ROWS(index_json_fn, index_json_row, ROWS_BUILD | ROWS_NULLABLE)
ROWS(index_text_fn, index_text_row, ROWS_BUILD | ROWS_NULLABLE)

/* An integer written as strtoint reads it: whole text, in range. */
static bool path_index(struct str s, int64_t *out)
{
	struct value v;

	if (!value_parse(NULL, type_make(TYPE_INT4), s, &text_context_default, &v, NULL))
		return false;
	*out = v.i32;
	return true;
}

TEMPLATE bool path_row(struct row *r, bool as_text)
{
	struct str part = json_trim(row_str(r, 0));

	for (uint32_t a = 1; a < r->call->nargs; a++) {
		int64_t index;
		bool found = json_kind(part) == JSON_OBJECT ? find_key(part, row_str(r, a), &part)
												   : path_index(row_str(r, a), &index) && find_element(part, index, &part);
		if (!found)
			return row_set_null(r);
	}
	return give(r, true, part, as_text);
}
static bool path_json_row(struct row *r) { return path_row(r, false); }
static bool path_text_row(struct row *r) { return path_row(r, true); }
ROWS(path_json_fn, path_json_row, ROWS_BUILD | ROWS_NULLABLE)
ROWS(path_text_fn, path_text_row, ROWS_BUILD | ROWS_NULLABLE)

static bool typeof_row(struct row *r)
{
	static const char *const names[] = {"null", "boolean", "number", "string", "array", "object"};
	const char *name = names[json_kind(row_str(r, 0))];

	return row_text(r, name, strlen(name));
}
ROWS(typeof_fn, typeof_row, ROWS_PLAIN)

static bool array_length_row(struct row *r)
{
	struct str v = row_str(r, 0);
	enum json_kind kind = json_kind(v);

	if (kind != JSON_ARRAY)
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "cannot get array length of a %s",
						 kind == JSON_OBJECT ? "non-array" : "scalar");
	return row_set_i32(r, (int32_t)element_count(v));
}
ROWS(array_length_fn, array_length_row, ROWS_PLAIN)

/* ---- jsonb: ? and @> ---- */

static bool exists_row(struct row *r)
{
	struct str v = row_str(r, 0), key = row_str(r, 1);
	enum json_kind kind = json_kind(v);
	struct json_member m;

	if (kind == JSON_STRING)
		return row_set_bool(r, json_string_is(v, key));
	if (kind == JSON_OBJECT || kind == JSON_ARRAY)
		for (size_t at = 0; json_next(v, &at, &m);) {
			struct str s = kind == JSON_OBJECT ? m.key : m.value;
			if (json_kind(s) == JSON_STRING && json_string_is(s, key))
				return row_set_bool(r, true);
		}
	return row_set_bool(r, false);
}
ROWS(exists_fn, exists_row, ROWS_PLAIN)

static bool same_scalar(struct str a, struct str b)
{
	struct num x, y;

	if (str_eq(a, b))
		return true;
	if (json_kind(a) != JSON_NUMBER || json_kind(b) != JSON_NUMBER)
		return false; /* strings are escaped in one way only */
	return num_parse(a, &x, NULL) && num_parse(b, &y, NULL) && num_compare(&x, &y) == 0;
}

static bool is_container(struct str v) { return json_kind(v) >= JSON_ARRAY; }

static bool contains(struct str a, struct str b);

/* Whether the array a has an element that is, or contains, v. */
static bool array_has(struct str a, struct str v)
{
	struct json_member m;

	for (size_t at = 0; json_next(a, &at, &m);)
		if (is_container(v) ? json_kind(m.value) == json_kind(v) && contains(m.value, v) : same_scalar(m.value, v))
			return true;
	return false;
}

/* As deep as the smaller of two values that were both read with JSON_DEPTH. */
static bool contains(struct str a, struct str b)
{
	struct json_member m;

	if (json_kind(a) == JSON_OBJECT && json_kind(b) == JSON_OBJECT) {
		for (size_t at = 0; json_next(b, &at, &m);) {
			struct json_member other;
			bool found = false;
			for (size_t k = 0; !found && json_next(a, &k, &other);)
				found = str_eq(other.key, m.key) && json_kind(other.value) == json_kind(m.value) && contains(other.value, m.value);
			if (!found)
				return false;
		}
		return true;
	}
	if (json_kind(a) == JSON_ARRAY && json_kind(b) == JSON_ARRAY) {
		for (size_t at = 0; json_next(b, &at, &m);)
			if (!array_has(a, m.value))
				return false;
		return true;
	}
	return !is_container(a) && !is_container(b) && same_scalar(a, b);
}

/* At the top an array contains a bare scalar among its elements too. */
static bool contains_top(struct str a, struct str b)
{
	return json_kind(a) == JSON_ARRAY && !is_container(b) ? array_has(a, json_trim(b)) : contains(json_trim(a), json_trim(b));
}
static bool contains_row(struct row *r) { return row_set_bool(r, contains_top(row_str(r, 0), row_str(r, 1))); }
static bool contained_row(struct row *r) { return row_set_bool(r, contains_top(row_str(r, 1), row_str(r, 0))); }
ROWS(contains_fn, contains_row, ROWS_PLAIN)
ROWS(contained_fn, contained_row, ROWS_PLAIN)

/* ---- rewriting: one pass over the text ---- */

/* Object members that are null are left out, at every depth. jsonb keeps its spaces, json gets none. */
static void strip_nulls(struct str v, const char *comma, const char *colon, struct strbuf *out)
{
	enum json_kind kind = json_kind(v);
	struct json_member m;
	bool first = true;

	if (kind < JSON_ARRAY) {
		strbuf_add(out, v.data, v.len);
		return;
	}
	strbuf_addc(out, kind == JSON_OBJECT ? '{' : '[');
	for (size_t at = 0; json_next(v, &at, &m);) {
		if (kind == JSON_OBJECT && json_kind(m.value) == JSON_NULL)
			continue;
		if (!first)
			strbuf_adds(out, comma);
		first = false;
		if (kind == JSON_OBJECT) {
			strbuf_add(out, m.key.data, m.key.len);
			strbuf_adds(out, colon);
		}
		strip_nulls(m.value, comma, colon, out);
	}
	strbuf_addc(out, kind == JSON_OBJECT ? '}' : ']');
}
static bool strip_json_row(struct row *r) { return strip_nulls(json_trim(row_str(r, 0)), ",", ":", r->buf), true; }
static bool strip_jsonb_row(struct row *r) { return strip_nulls(json_trim(row_str(r, 0)), ", ", ": ", r->buf), true; }
ROWS(strip_json_fn, strip_json_row, ROWS_BUILD)
ROWS(strip_jsonb_fn, strip_jsonb_row, ROWS_BUILD)

static void new_line(struct strbuf *out, int depth)
{
	strbuf_addc(out, '\n');
	for (int i = 0; i < depth * 4; i++)
		strbuf_addc(out, ' ');
}

static void pretty(struct str v, int depth, struct strbuf *out)
{
	enum json_kind kind = json_kind(v);
	struct json_member m;
	bool first = true;

	if (kind < JSON_ARRAY) {
		strbuf_add(out, v.data, v.len);
		return;
	}
	strbuf_addc(out, kind == JSON_OBJECT ? '{' : '[');
	for (size_t at = 0; json_next(v, &at, &m) && !out->overflow; first = false) {
		if (!first)
			strbuf_addc(out, ',');
		new_line(out, depth + 1);
		if (kind == JSON_OBJECT) {
			strbuf_add(out, m.key.data, m.key.len);
			strbuf_adds(out, ": ");
		}
		pretty(m.value, depth + 1, out);
	}
	new_line(out, depth);
	strbuf_addc(out, kind == JSON_OBJECT ? '}' : ']');
}
static bool pretty_row(struct row *r) { return pretty(json_trim(row_str(r, 0)), 0, r->buf), true; }
ROWS(pretty_fn, pretty_row, ROWS_BUILD)

#define OP(symbol, left, right, result_type, f, fl, h)                                             \
	{.name = symbol, .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(left), T(right)}, .result = T(result_type), .fn = f, .flags = (fl), .help = h}
#define ACCESS(type)                                                                               \
	OP("->", type, TEXT, type, key_json_fn, SOME_NULL | FAIL, "member of an object"),              \
	OP("->", type, INT4, type, index_json_fn, SOME_NULL | FAIL, "element of an array; negative counts from the end"), \
	OP("->>", type, TEXT, TEXT, key_text_fn, SOME_NULL | FAIL, "member of an object as text"),    \
	OP("->>", type, INT4, TEXT, index_text_fn, SOME_NULL | FAIL, "element of an array as text")

const struct func functions_json_access[] = {
	ACCESS(JSON),
	ACCESS(JSONB),
	OP("?", JSONB, TEXT, BOOL, exists_fn, SURE, "whether the text is a key or an array's element"),
	OP("@>", JSONB, JSONB, BOOL, contains_fn, SURE, "whether the first value contains the second"),
	OP("<@", JSONB, JSONB, BOOL, contained_fn, SURE, "whether the second value contains the first"),
	FN("json_object_field", JSON, key_json_fn, SOME_NULL | FAIL, "member of an object", T(JSON), T(TEXT)),
	FN("jsonb_exists", BOOL, exists_fn, SURE, "whether the text is a key or an array's element", T(JSONB), T(TEXT)),
	FN("jsonb_contains", BOOL, contains_fn, SURE, "whether the first value contains the second", T(JSONB), T(JSONB)),
	FN("json_extract_path", JSON, path_json_fn, SOME_NULL | FUNC_VARIADIC | FAIL, "the part at a path of keys and indexes", T(JSON), T(TEXT)),
	FN("json_extract_path_text", TEXT, path_text_fn, SOME_NULL | FUNC_VARIADIC | FAIL, "the part at a path, as text", T(JSON), T(TEXT)),
	FN("jsonb_extract_path", JSONB, path_json_fn, SOME_NULL | FUNC_VARIADIC | FAIL, "the part at a path of keys and indexes", T(JSONB), T(TEXT)),
	FN("jsonb_extract_path_text", TEXT, path_text_fn, SOME_NULL | FUNC_VARIADIC | FAIL, "the part at a path, as text", T(JSONB), T(TEXT)),
	FN("json_typeof", TEXT, typeof_fn, SURE, "object, array, string, number, boolean or null", T(JSON)),
	FN("jsonb_typeof", TEXT, typeof_fn, SURE, "object, array, string, number, boolean or null", T(JSONB)),
	FN("json_array_length", INT4, array_length_fn, FAIL, "number of elements", T(JSON)),
	FN("jsonb_array_length", INT4, array_length_fn, FAIL, "number of elements", T(JSONB)),
	FN("json_strip_nulls", JSON, strip_json_fn, FAIL, "without object members that are null", T(JSON)),
	FN("jsonb_strip_nulls", JSONB, strip_jsonb_fn, FAIL, "without object members that are null", T(JSONB)),
	FN("jsonb_pretty", TEXT, pretty_fn, FAIL, "indented text", T(JSONB)),
	FN_END,
};
