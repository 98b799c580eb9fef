/*
 * json and jsonb with text[]: paths (#> #>> #-), keys (?| ?& and jsonb - text[]).
 *
 * A path's step is a key in an object and an index, counted from the end when negative, in an array.
 */
#include "engine/types/json_scan.h"
#include "engine/function/json_value.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"
#include "engine/types/array.h"


static struct str step_text(const struct array *a, uint32_t i)
{
	struct value v = array_get(a, i);
	struct str s = text_str(&v.text);

	/* a short text stands in the value: give a lasting view of it */
	return s.len <= TEXT_INLINE ? str_make(a->bytes + (i ? ((const uint32_t *)(const void *)a->slots)[i - 1] : 0), s.len) : s;
}

static bool open_path(struct row *r, unsigned arg, struct array *a)
{
	array_open(row_str(r, arg), a);
	return a->ndim <= 1 || row_error(r, ERR_ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
}

static bool to_index(struct str s, int64_t *out)
{
	struct value v;

	if (!value_parse(NULL, type_make(TYPE_INT4), s, &text_context_default, &v, NULL))
		return false;
	*out = v.i32;
	return true;
}

static int64_t members(struct str v)
{
	struct json_member m;
	int64_t n = 0;

	for (size_t at = 0; json_next(v, &at, &m);)
		n++;
	return n;
}

/* The member that a step names; the last of equal keys. */
static bool take_step(struct str v, struct str step, struct str *out)
{
	struct json_member m;
	int64_t index, i = 0;
	bool found = false;

	if (json_kind(v) == JSON_OBJECT) {
		for (size_t at = 0; json_next(v, &at, &m);)
			if (json_string_is(m.key, step)) {
				*out = m.value;
				found = true;
			}
		return found;
	}
	if (json_kind(v) != JSON_ARRAY || !to_index(step, &index))
		return false;
	index += index < 0 ? members(v) : 0;
	for (size_t at = 0; json_next(v, &at, &m); i++)
		if (i == index) {
			*out = m.value;
			return true;
		}
	return false;
}

TEMPLATE bool get_row(struct row *r, bool as_text)
{
	struct str part = json_trim(row_str(r, 0));
	struct array a;

	array_open(row_str(r, 1), &a);
	for (uint32_t i = 0; i < a.n; i++)
		if (array_is_null(&a, i) || !take_step(part, step_text(&a, i), &part))
			return row_set_null(r);
	if (as_text && json_kind(part) == JSON_NULL)
		return row_set_null(r);
	if (as_text && json_kind(part) == JSON_STRING)
		return json_unescape(part, r->buf, r->call->err);
	strbuf_add(r->buf, part.data, part.len);
	return true;
}
static bool get_json_row(struct row *r) { return get_row(r, false); }
static bool get_text_row(struct row *r) { return get_row(r, true); }
ROWS(get_json_fn, get_json_row, ROWS_BUILD | ROWS_NULLABLE)
ROWS(get_text_fn, get_text_row, ROWS_BUILD | ROWS_NULLABLE)

/* ---- keys ---- */

static bool has_key(struct str v, struct str key)
{
	enum json_kind kind = json_kind(v);
	struct json_member m;

	if (kind == JSON_STRING)
		return json_string_is(v, key);
	if (kind < JSON_ARRAY)
		return false;
	for (size_t at = 0; json_next(v, &at, &m);) {
		struct str s = kind == JSON_OBJECT ? m.key : m.value;
		if (json_kind(s) == JSON_STRING && json_string_is(s, key))
			return true;
	}
	return false;
}

TEMPLATE bool keys_row(struct row *r, bool all)
{
	struct str v = json_trim(row_str(r, 0));
	struct array a;

	array_open(row_str(r, 1), &a);
	for (uint32_t i = 0; i < a.n; i++)
		if (!array_is_null(&a, i) && has_key(v, step_text(&a, i)) != all)
			return row_set_bool(r, !all);
	return row_set_bool(r, all);
}
static bool any_key_row(struct row *r) { return keys_row(r, false); }
static bool all_keys_row(struct row *r) { return keys_row(r, true); }
ROWS(any_key_fn, any_key_row, ROWS_PLAIN)
ROWS(all_keys_fn, all_keys_row, ROWS_PLAIN)

static void put_member(struct strbuf *out, bool object, const struct json_member *m, bool *any)
{
	strbuf_adds(out, *any ? ", " : "");
	*any = true;
	if (object) {
		strbuf_add(out, m->key.data, m->key.len);
		strbuf_adds(out, ": ");
	}
	strbuf_add(out, m->value.data, m->value.len);
}

static bool delete_keys_row(struct row *r)
{
	struct str v = json_trim(row_str(r, 0));
	bool object = json_kind(v) == JSON_OBJECT, any = false;
	struct json_member m;
	struct array a;

	if (!open_path(r, 1, &a))
		return false;
	if (json_kind(v) < JSON_ARRAY)
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "cannot delete from scalar");
	strbuf_addc(r->buf, object ? '{' : '[');
	for (size_t at = 0; json_next(v, &at, &m);) {
		struct str s = object ? m.key : m.value;
		bool drop = false;
		for (uint32_t i = 0; i < a.n && !drop && json_kind(s) == JSON_STRING; i++)
			drop = !array_is_null(&a, i) && json_string_is(s, step_text(&a, i));
		if (!drop)
			put_member(r->buf, object, &m, &any);
	}
	strbuf_addc(r->buf, object ? '}' : ']');
	return true;
}
ROWS(delete_keys_fn, delete_keys_row, ROWS_BUILD)

static bool delete_path(struct row *r, struct str v, const struct array *a, uint32_t level)
{
	bool object = json_kind(v) == JSON_OBJECT, any = false;
	struct json_member m;
	struct str step;
	int64_t index = 0, i = 0;

	if (json_kind(v) < JSON_ARRAY || array_is_null(a, level)) {
		strbuf_add(r->buf, v.data, v.len);
		return array_is_null(a, level) ? row_error(r, ERR_NULL_NOT_ALLOWED, "path element at position %u is null", level + 1) : true;
	}
	step = step_text(a, level);
	if (!object && !to_index(step, &index))
		return row_error(r, ERR_INVALID_TEXT_REPRESENTATION, "path element at position %u is not an integer", level + 1);
	index += !object && index < 0 ? members(v) : 0;
	strbuf_addc(r->buf, object ? '{' : '[');
	for (size_t at = 0; json_next(v, &at, &m); i++) {
		bool here = object ? json_string_is(m.key, step) : i == index;
		if (here && level + 1 == a->n)
			continue;
		if (!here) {
			put_member(r->buf, object, &m, &any);
			continue;
		}
		put_member(r->buf, object, &(struct json_member){m.key, str_make("", 0)}, &any);
		if (!delete_path(r, m.value, a, level + 1))
			return false;
	}
	strbuf_addc(r->buf, object ? '}' : ']');
	return true;
}

bool json_delete_path(struct row *r)
{
	struct str v = json_trim(row_str(r, 0));
	struct array a;

	if (!open_path(r, 1, &a))
		return false;
	if (json_kind(v) < JSON_ARRAY)
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "cannot delete path in scalar");
	if (a.n == 0) {
		strbuf_add(r->buf, v.data, v.len);
		return true;
	}
	return delete_path(r, v, &a, 0);
}
ROWS(delete_path_fn, json_delete_path, ROWS_BUILD)

#define TEXTS {TYPE_TEXT, 1, 0, 0, -1}
#define OP(symbol, left, result_type, f, fl, h)                                                    \
	{.name = symbol, .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(left), TEXTS}, .result = T(result_type), .fn = f, .flags = (fl), .help = h}

const struct func functions_json_path_text[] = {
	OP("#>", JSON, JSON, get_json_fn, SOME_NULL | FAIL, "the part at a path"),
	OP("#>", JSONB, JSONB, get_json_fn, SOME_NULL | FAIL, "the part at a path"),
	OP("#>>", JSON, TEXT, get_text_fn, SOME_NULL | FAIL, "the part at a path, as text"),
	OP("#>>", JSONB, TEXT, get_text_fn, SOME_NULL | FAIL, "the part at a path, as text"),
	OP("?|", JSONB, BOOL, any_key_fn, 0, "whether any of the texts is a key or an element"),
	OP("?&", JSONB, BOOL, all_keys_fn, 0, "whether all of the texts are keys or elements"),
	OP("-", JSONB, JSONB, delete_keys_fn, FAIL, "without these keys or texts"),
	OP("#-", JSONB, JSONB, delete_path_fn, FAIL, "without the part at a path"),
	FN_END,
};
