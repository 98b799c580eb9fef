/*
 * ROW(…): $row of values, $row_join of pieces of one row, since a call has few arguments.
 */
#include "engine/function/array_rows.h"
#include "engine/function/tables.h"
#include "engine/types/record.h"

static bool build_row(struct row *r)
{
	record_begin(r->buf, r->call->nargs);
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
	record_begin(r->buf, n);
	for (uint32_t i = 0; i < r->call->nargs; i++) {
		struct str s = row_str(r, i);
		strbuf_add(r->buf, s.data + 4, s.len - 4);
	}
	return true;
}
ROWS(join_fn, join_row, ROWS_BUILD)

static bool print_row(struct row *r)
{
	record_print(row_str(r, 0), r->call->text, r->buf);
	return true;
}
ROWS(print_fn, print_row, ROWS_BUILD)

const struct func functions_record_build[] = {
	FN("$row", RECORD, build_fn, FUNC_NOT_STRICT | FUNC_VARIADIC, "ROW(…)", T(VOID)),
	FN("$row_join", RECORD, join_fn, FUNC_VARIADIC, "pieces of ROW(…)", T(RECORD)),
	{.name = "", .kind = FUNC_CAST, .nargs = 1, .args = {T(RECORD)}, .result = T(TEXT), .fn = print_fn, .flags = FUNC_ASSIGNMENT,
	 .volatility = FUNC_STABLE, .help = "a row as text"},
	FN_END,
};
