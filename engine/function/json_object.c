/*
 * json_object and jsonb_object (of texts), array_to_json and row_to_json.
 */
#include "engine/function/json_value.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"
#include "engine/types/array.h"
#include "engine/types/json_scan.h"

/* One member; keys and values are texts or NULL. */
static bool put_member(struct row *r, struct strbuf *out, bool first, const struct array *keys, uint32_t k,
					   const struct array *values, uint32_t v)
{
	struct value key = array_get(keys, k), value = array_get(values, v);

	if (key.is_null)
		return row_error(r, ERR_NULL_NOT_ALLOWED, "null value not allowed for object key");
	strbuf_adds(out, first ? "" : ", ");
	json_quote(text_str(&key.text), out);
	strbuf_adds(out, " : ");
	if (value.is_null)
		strbuf_adds(out, "null");
	else
		json_quote(text_str(&value.text), out);
	return true;
}

static bool of_pairs(struct row *r, struct strbuf *out)
{
	struct array a;

	array_open(row_str(r, 0), &a);
	if (a.ndim > 2)
		return row_error(r, ERR_ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
	if (a.ndim == 2 && a.dims[1] != 2)
		return row_error(r, ERR_ARRAY_SUBSCRIPT_ERROR, "array must have two columns");
	if (a.ndim == 1 && a.n % 2)
		return row_error(r, ERR_ARRAY_SUBSCRIPT_ERROR, "array must have even number of elements");
	for (uint32_t i = 0; i + 1 < a.n; i += 2)
		if (!put_member(r, out, i == 0, &a, i, &a, i + 1))
			return false;
	return true;
}

static bool of_two(struct row *r, struct strbuf *out)
{
	struct array keys, values;

	array_open(row_str(r, 0), &keys);
	array_open(row_str(r, 1), &values);
	if (keys.ndim > 1 || keys.ndim != values.ndim)
		return row_error(r, ERR_ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
	if (keys.n != values.n)
		return row_error(r, ERR_ARRAY_SUBSCRIPT_ERROR, "mismatched array dimensions");
	for (uint32_t i = 0; i < keys.n; i++)
		if (!put_member(r, out, i == 0, &keys, i, &values, i))
			return false;
	return true;
}

static bool object_row(struct row *r)
{
	bool normal = r->call->result.id == TYPE_JSONB, ok;
	struct strbuf made;

	strbuf_init(&made, ROW_TEXT_MAX);
	strbuf_addc(&made, '{');
	ok = r->call->nargs == 1 ? of_pairs(r, &made) : of_two(r, &made);
	strbuf_addc(&made, '}');
	if (ok && made.overflow)
		ok = row_error(r, ERR_PROGRAM_LIMIT, "JSON is too long");
	if (ok && normal)
		ok = json_put_normal(r->call, strbuf_str(&made), r->buf);
	else if (ok)
		strbuf_add(r->buf, made.data, made.len);
	strbuf_release(&made);
	return ok;
}
ROWS(object_fn, object_row, ROWS_BUILD)

/* array_to_json, row_to_json: with true as second argument the outermost members stand on lines of their own. */
static bool lines_row(struct row *r)
{
	struct value v = json_argument(r->call, r->args, 0, r->i);
	bool lines = r->call->nargs > 1 && row_bool(r, 1);

	return json_put_lines(&v, lines, r->call->text, r->buf, r->call->err);
}
ROWS(lines_fn, lines_row, ROWS_BUILD)

#define TEXTS {TYPE_TEXT, 1, 0, 0, -1}
#define OBJECT(kind, type)                                                                         \
	FN(kind "_object", type, object_fn, FAIL, "an object of keys and values in turn", TEXTS),      \
	FN(kind "_object", type, object_fn, FAIL, "an object of keys and their values", TEXTS, TEXTS)

const struct func functions_json_object[] = {
	OBJECT("json", JSON),
	OBJECT("jsonb", JSONB),
	FNV("array_to_json", JSON, lines_fn, FAIL, STABLE, "an array as JSON", T_POLY(ANYARRAY)),
	FNV("array_to_json", JSON, lines_fn, FAIL, STABLE, "an array as JSON, maybe on several lines", T_POLY(ANYARRAY), T(BOOL)),
	FNV("row_to_json", JSON, lines_fn, FAIL, STABLE, "a row as a JSON object", T(RECORD)),
	FNV("row_to_json", JSON, lines_fn, FAIL, STABLE, "a row as a JSON object, maybe on several lines", T(RECORD), T(BOOL)),
	FN_END,
};
