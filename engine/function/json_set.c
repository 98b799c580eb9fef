/*
 * jsonb_set, jsonb_set_lax and jsonb_insert: a jsonb with another value at a path.
 *
 * A path's step is a key in an object and an index, counted from the end when negative, in an array; a step that leads
 * into a scalar changes nothing. Results are brought into jsonb's form at the end, since a new key has a place of its own.
 */
#include "engine/function/json_value.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"
#include "engine/types/array.h"
#include "engine/types/json_scan.h"

#include <stdlib.h>

/* What is done where the path ends. */
enum change { REPLACE, CREATE, INSERT_BEFORE, INSERT_AFTER };

struct edit {
	struct row *row;
	struct array path;
	enum change change;
	struct str value;      /* the new one */
	struct strbuf *out;    /* the JSON text so far */
	bool any;              /* the container that is being written has members */
};

static bool inserts(const struct edit *e) { return e->change == INSERT_BEFORE || e->change == INSERT_AFTER; }
static bool creates(const struct edit *e) { return e->change == CREATE || inserts(e); }

static void put_separator(struct edit *e)
{
	strbuf_adds(e->out, e->any ? ", " : "");
	e->any = true;
}

static void put_value(struct edit *e, struct str v)
{
	put_separator(e);
	strbuf_add(e->out, v.data, v.len);
}

static void put_pair(struct edit *e, struct str key, struct str v)
{
	put_separator(e);
	strbuf_add(e->out, key.data, key.len);
	strbuf_addc(e->out, ':');
	strbuf_add(e->out, v.data, v.len);
}

static bool change_at(struct edit *e, struct str v, uint32_t level);

static bool change_object(struct edit *e, struct str v, uint32_t level)
{
	bool last = level + 1 == e->path.n, done = false;
	struct value step = array_get(&e->path, level);
	struct json_member m;

	for (size_t at = 0; json_next(v, &at, &m);) {
		if (done || !json_string_is(m.key, text_str(&step.text))) {
			put_pair(e, m.key, m.value);
			continue;
		}
		done = true;
		if (last && inserts(e)) {
			row_error(e->row, ERR_INVALID_PARAMETER_VALUE, "cannot replace existing key");
			return err_hint(e->row->call->err, "Try using the function jsonb_set to replace key value.");
		}
		put_pair(e, m.key, last ? e->value : str_make("", 0));
		if (!last && !change_at(e, m.value, level + 1))
			return false;
	}
	if (done || !last || !creates(e))
		return true;
	put_separator(e);
	json_quote(text_str(&step.text), e->out);
	strbuf_addc(e->out, ':');
	strbuf_add(e->out, e->value.data, e->value.len);
	return true;
}

/* As strtol reads it: blanks before, nothing behind. */
static bool index_of(struct edit *e, uint32_t level, int64_t *out)
{
	struct value step = array_get(&e->path, level);
	struct str s = text_str(&step.text);
	struct value v;
	bool ok = s.len && s.data[s.len - 1] >= '0' && s.data[s.len - 1] <= '9' &&
			  value_parse(NULL, type_make(TYPE_INT4), s, &text_context_default, &v, NULL);

	*out = ok ? v.i32 : 0;
	return ok || row_error(e->row, ERR_INVALID_TEXT_REPRESENTATION, "path element at position %u is not an integer: \"%.*s\"",
						   level + 1, (int)s.len, s.data);
}

static bool change_array(struct edit *e, struct str v, uint32_t level)
{
	bool last = level + 1 == e->path.n, done = false;
	int64_t index, n = 0, i = 0;
	struct json_member m;

	for (size_t at = 0; json_next(v, &at, &m);)
		n++;
	if (!index_of(e, level, &index))
		return false;
	index = index >= 0 ? index : -index > n ? -1 : n + index;
	if (last && creates(e) && (index < 0 || n == 0)) {
		put_value(e, e->value);
		done = true;
	}
	for (size_t at = 0; json_next(v, &at, &m); i++) {
		if (i != index) {
			put_value(e, m.value);
			continue;
		}
		done = true;
		if (!last) {
			put_value(e, str_make("", 0));
			if (!change_at(e, m.value, level + 1))
				return false;
			continue;
		}
		if (e->change == INSERT_AFTER)
			put_value(e, m.value);
		put_value(e, e->value);
		if (e->change == INSERT_BEFORE)
			put_value(e, m.value);
	}
	if (last && creates(e) && !done)
		put_value(e, e->value);
	return true;
}

static bool change_at(struct edit *e, struct str v, uint32_t level)
{
	enum json_kind kind = json_kind(v);
	bool outer = e->any, ok;

	if (array_is_null(&e->path, level))
		return row_error(e->row, ERR_NULL_NOT_ALLOWED, "path element at position %u is null", level + 1);
	if (kind < JSON_ARRAY) {
		strbuf_add(e->out, v.data, v.len);
		return true;
	}
	e->any = false;
	strbuf_addc(e->out, kind == JSON_OBJECT ? '{' : '[');
	ok = kind == JSON_OBJECT ? change_object(e, v, level) : change_array(e, v, level);
	strbuf_addc(e->out, kind == JSON_OBJECT ? '}' : ']');
	e->any = outer;
	return ok;
}

static bool change_row(struct row *r, enum change change, struct str value)
{
	struct str v = json_trim(row_str(r, 0));
	struct edit e = {.row = r, .change = change, .value = value};
	struct strbuf made;
	bool ok;

	array_open(row_str(r, 1), &e.path);
	if (e.path.ndim > 1)
		return row_error(r, ERR_ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
	if (json_kind(v) < JSON_ARRAY)
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "cannot set path in scalar");
	if (e.path.n == 0) {
		strbuf_add(r->buf, v.data, v.len);
		return true;
	}
	strbuf_init(&made, ROW_TEXT_MAX);
	e.out = &made;
	ok = change_at(&e, v, 0) && (!made.overflow || row_error(r, ERR_PROGRAM_LIMIT, "jsonb value is too large")) &&
		 json_put_normal(r->call, strbuf_str(&made), r->buf);
	strbuf_release(&made);
	return ok;
}

static bool flag(const struct row *r, unsigned arg, bool otherwise) { return r->call->nargs > arg ? row_bool(r, arg) : otherwise; }

static bool set_row(struct row *r) { return change_row(r, flag(r, 3, true) ? CREATE : REPLACE, row_str(r, 2)); }
ROWS(set_fn, set_row, ROWS_BUILD)

static bool insert_row(struct row *r) { return change_row(r, flag(r, 3, false) ? INSERT_AFTER : INSERT_BEFORE, row_str(r, 2)); }
ROWS(insert_fn, insert_row, ROWS_BUILD)

/* What a NULL as the new value means. */
static bool set_null_row(struct row *r, struct str treatment)
{
	if (str_eq(treatment, STR("use_json_null")))
		return change_row(r, flag(r, 3, true) ? CREATE : REPLACE, STR("null"));
	if (str_eq(treatment, STR("return_target"))) {
		struct str v = row_str(r, 0);
		strbuf_add(r->buf, v.data, v.len);
		return true;
	}
	if (str_eq(treatment, STR("delete_key")))
		return json_delete_path(r);
	if (str_eq(treatment, STR("raise_exception"))) {
		row_error(r, ERR_NULL_NOT_ALLOWED, "JSON value must not be null");
		err_detail(r->call->err, "Exception was raised because null_value_treatment is \"raise_exception\".");
		return err_hint(r->call->err, "To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.");
	}
	return row_error(r, ERR_INVALID_PARAMETER_VALUE,
					 "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"");
}

static bool set_lax_row(struct row *r)
{
	uint32_t n = r->call->nargs;

	if (row_is_null(r, 0) || row_is_null(r, 1) || (n > 3 && row_is_null(r, 3)))
		return row_set_null(r);
	if (n > 4 && row_is_null(r, 4))
		return set_null_row(r, STR(""));
	if (!row_is_null(r, 2))
		return set_row(r);
	return set_null_row(r, n > 4 ? row_str(r, 4) : STR("use_json_null"));
}
ROWS(set_lax_fn, set_lax_row, ROWS_BUILD | ROWS_NULL_OUT)

#define TEXTS {TYPE_TEXT, 1, 0, 0, -1}

const struct func functions_json_set[] = {
	FN("jsonb_set", JSONB, set_fn, FAIL, "with another value at a path, made if need be", T(JSONB), TEXTS, T(JSONB)),
	FN("jsonb_set", JSONB, set_fn, FAIL, "with another value at a path, made or not", T(JSONB), TEXTS, T(JSONB), T(BOOL)),
	FN("jsonb_insert", JSONB, insert_fn, FAIL, "with a value more, before what is at a path", T(JSONB), TEXTS, T(JSONB)),
	FN("jsonb_insert", JSONB, insert_fn, FAIL, "with a value more, before or after what is at a path", T(JSONB), TEXTS, T(JSONB), T(BOOL)),
	FN("jsonb_set_lax", JSONB, set_lax_fn, SOME_NULL | FAIL, "jsonb_set; NULL sets null", T(JSONB), TEXTS, T(JSONB)),
	FN("jsonb_set_lax", JSONB, set_lax_fn, SOME_NULL | FAIL, "jsonb_set; NULL sets null", T(JSONB), TEXTS, T(JSONB), T(BOOL)),
	FN("jsonb_set_lax", JSONB, set_lax_fn, SOME_NULL | FAIL, "jsonb_set; NULL does what the last argument says", T(JSONB), TEXTS, T(JSONB),
	   T(BOOL), T(TEXT)),
	FN_END,
};
