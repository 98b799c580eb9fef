/*
 * ROW(…): $row of values, $row_join of pieces of one row, since a call has few arguments, $row_named with names of the
 * fields; and what is asked of a row: $field, $row_null. The binder gives $field its result type.
 */
#include "engine/function/array_rows.h"
#include "engine/function/tables.h"
#include "engine/types/record.h"

static bool build_row(struct row *r)
{
	record_begin(r->buf, r->call->nargs, STR(""));
	for (uint32_t i = 0; i < r->call->nargs; i++) {
		struct value v = row_value(r, i);
		record_add(r->buf, &v);
	}
	return true;
}
ROWS(build_fn, build_row, ROWS_BUILD)

static bool join_row(struct row *r)
{
	struct record_reader piece;
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->call->nargs; i++) {
		record_open(row_str(r, i), &piece);
		n += piece.n;
	}
	record_begin(r->buf, n, STR(""));
	for (uint32_t i = 0; i < r->call->nargs; i++) {
		struct str s = record_fields(row_str(r, i));
		strbuf_add(r->buf, s.data, s.len);
	}
	return true;
}
ROWS(join_fn, join_row, ROWS_BUILD)

static bool named_row(struct row *r)
{
	struct str s = row_str(r, 0), fields = record_fields(s);
	struct record_reader reader;

	record_open(s, &reader);
	record_begin(r->buf, reader.n, row_str(r, 1));
	strbuf_add(r->buf, fields.data, fields.len);
	return true;
}
ROWS(named_fn, named_row, ROWS_BUILD)

/* $field(row, index): its value has the result's type, or the row has no such field. */
static bool field(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	struct row r = {.call = c, .args = args, .out = out};

	for (r.i = 0; r.i < n; r.i++) {
		struct record_reader reader;
		struct value v = value_null(c->result);
		bool found = false;
		if (!row_is_null(&r, 0)) {
			record_open(row_str(&r, 0), &reader);
			for (int32_t k = row_i32(&r, 1); k >= 0; k--)
				found = record_next(&reader, &v);
		}
		if (!found || v.is_null) {
			if (!rows_mark_null(&r, n))
				return false;
			continue;
		}
		if (!type_same(v.type, c->result))
			return err_set(c->err, ERR_DATATYPE_MISMATCH, "a row has a field of another type than was expected");
		if (!vec_put(out, r.i, &v, c->mem, c->err))
			return false;
	}
	return true;
}

/* Whether all fields are NULL (want true), or none is; a NULL row has only NULLs. */
TEMPLATE bool all_null(struct row *r, bool want)
{
	struct record_reader reader;
	struct value v;

	if (row_is_null(r, 0))
		return row_set_bool(r, want);
	record_open(row_str(r, 0), &reader);
	while (record_next(&reader, &v))
		if (v.is_null != want)
			return row_set_bool(r, false);
	return row_set_bool(r, true);
}
static bool null_row(struct row *r) { return all_null(r, true); }
static bool not_null_row(struct row *r) { return all_null(r, false); }
ROWS(null_fn, null_row, ROWS_PLAIN)
ROWS(not_null_fn, not_null_row, ROWS_PLAIN)

static bool print_row(struct row *r)
{
	record_print(row_str(r, 0), r->call->text, r->buf);
	return true;
}
ROWS(print_fn, print_row, ROWS_BUILD)

const struct func functions_record_build[] = {
	FN("$row", RECORD, build_fn, FUNC_NOT_STRICT | FUNC_VARIADIC, "ROW(…)", T(VOID)),
	FN("$row_join", RECORD, join_fn, FUNC_VARIADIC, "pieces of ROW(…)", T(RECORD)),
	FN("$row_named", RECORD, named_fn, 0, "a row whose fields have names", T(RECORD), T(BYTEA)),
	FN("$field", VOID, field, SOME_NULL | FAIL, "a field of a row", T(RECORD), T(INT4)),
	FN("$row_null", BOOL, null_fn, FUNC_NOT_STRICT, "row IS NULL", T(RECORD)),
	FN("$row_not_null", BOOL, not_null_fn, FUNC_NOT_STRICT, "row IS NOT NULL", T(RECORD)),
	{.name = "", .kind = FUNC_CAST, .nargs = 1, .args = {T(RECORD)}, .result = T(TEXT), .fn = print_fn, .flags = FUNC_ASSIGNMENT,
	 .volatility = FUNC_STABLE, .help = "a row as text"},
	FN_END,
};
