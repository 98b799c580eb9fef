/*
 * Changing jsonb: || and - with a key or an index. (What takes text[] paths is in json_path_text.c.)
 *
 * Values stand in jsonb's printed form; results are written with its separators and are normal again, since removing
 * keeps the order of keys and joining is followed by a normalisation.
 */
#include "engine/types/json_scan.h"
#include "engine/function/json_value.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"

static bool is_scalar(struct str v) { return json_kind(v) < JSON_ARRAY; }

/* The inside of a container, without its brackets. */
static struct str inside(struct str v)
{
	return json_trim(str_make(v.data + 1, v.len - 2));
}

static bool concat_row(struct row *r)
{
	struct str a = json_trim(row_str(r, 0)), b = json_trim(row_str(r, 1)), x, y;
	bool objects = json_kind(a) == JSON_OBJECT && json_kind(b) == JSON_OBJECT;
	struct strbuf joined;
	bool ok;

	/* an object joins with an array as one element of it; a scalar is an array of one */
	x = objects || json_kind(a) == JSON_ARRAY ? inside(a) : a;
	y = objects || json_kind(b) == JSON_ARRAY ? inside(b) : b;
	strbuf_init(&joined, ROW_TEXT_MAX);
	strbuf_addc(&joined, objects ? '{' : '[');
	strbuf_add(&joined, x.data, x.len);
	strbuf_adds(&joined, x.len && y.len ? ", " : "");
	strbuf_add(&joined, y.data, y.len);
	strbuf_addc(&joined, objects ? '}' : ']');
	ok = joined.overflow ? row_error(r, ERR_PROGRAM_LIMIT, "jsonb value is too large")
						 : json_put_normal(r->call, strbuf_str(&joined), r->buf);
	strbuf_release(&joined);
	return ok;
}
ROWS(concat_fn, concat_row, ROWS_BUILD)

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

static bool delete_key_row(struct row *r)
{
	struct str v = json_trim(row_str(r, 0)), key = row_str(r, 1);
	bool object = json_kind(v) == JSON_OBJECT, any = false;
	struct json_member m;

	if (is_scalar(v))
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "cannot delete from scalar");
	strbuf_addc(r->buf, object ? '{' : '[');
	for (size_t at = 0; json_next(v, &at, &m);) {
		struct str s = object ? m.key : m.value;
		if (json_kind(s) != JSON_STRING || !json_string_is(s, key))
			put_member(r->buf, object, &m, &any);
	}
	strbuf_addc(r->buf, object ? '}' : ']');
	return true;
}
ROWS(delete_key_fn, delete_key_row, ROWS_BUILD)

static bool delete_index_row(struct row *r)
{
	struct str v = json_trim(row_str(r, 0));
	int64_t index = row_i32(r, 1), n = 0;
	struct json_member m;
	bool any = false;

	if (is_scalar(v))
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "cannot delete from scalar");
	if (json_kind(v) == JSON_OBJECT)
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "cannot delete from object using integer index");
	for (size_t at = 0; json_next(v, &at, &m);)
		n++;
	index += index < 0 ? n : 0;
	n = 0;
	strbuf_addc(r->buf, '[');
	for (size_t at = 0; json_next(v, &at, &m); n++)
		if (n != index)
			put_member(r->buf, false, &m, &any);
	strbuf_addc(r->buf, ']');
	return true;
}
ROWS(delete_index_fn, delete_index_row, ROWS_BUILD)

#define OP(symbol, right, f, h)                                                                    \
	{.name = symbol, .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(JSONB), T(right)}, .result = T(JSONB), .fn = f, .flags = FUNC_CAN_FAIL, .help = h}

const struct func functions_json_edit[] = {
	OP("||", JSONB, concat_fn, "two objects or arrays joined"),
	OP("-", TEXT, delete_key_fn, "without the key, or the text among the elements"),
	OP("-", INT4, delete_index_fn, "without the element; negative counts from the end"),
	FN_END,
};
