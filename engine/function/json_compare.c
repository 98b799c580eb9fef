/*
 * The comparison function of jsonb (the operators are those of all types) and its casts to numbers and boolean.
 */
#include "engine/function/rows.h"
#include "engine/function/tables.h"
#include "engine/types/decimal.h"
#include "engine/types/json_order.h"
#include "engine/types/json_scan.h"

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

#define CAST(to)                                                                                   \
	{.name = "", .kind = FUNC_CAST, .nargs = 1, .args = {T(JSONB)}, .result = T(to), .fn = cast_fn, .flags = FUNC_CAN_FAIL, .help = "jsonb's value as an SQL value"}

const struct func functions_json_compare[] = {
	FN("jsonb_cmp", INT4, cmp_fn, 0, "-1, 0 or 1 in the order of jsonb", T(JSONB), T(JSONB)),
	CAST(BOOL), CAST(INT2), CAST(INT4), CAST(INT8), CAST(NUMERIC), CAST(FLOAT4), CAST(FLOAT8),
	FN_END,
};
