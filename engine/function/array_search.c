/*
 * Looking into arrays: array_position(s), @>, <@, &&, width_bucket over thresholds, and the comparison operators.
 */
#include "engine/function/array_rows.h"
#include "engine/function/tables.h"
#include "engine/kernel/compare.h"

static bool search_start(struct row *r, struct array *a)
{
	row_array(r, 0, a);
	if (a->ndim > 1)
		return row_error(r, ERR_FEATURE_NOT_SUPPORTED, "searching for elements in multidimensional arrays is not supported");
	return true;
}

static bool position_row(struct row *r)
{
	struct array a;
	struct value v = row_value(r, 1);
	int64_t start = INT32_MIN;

	if (row_is_null(r, 0))
		return row_set_null(r);
	if (!search_start(r, &a))
		return false;
	if (r->call->nargs > 2) {
		if (row_is_null(r, 2))
			return row_error(r, ERR_NULL_NOT_ALLOWED, "initial position must not be null");
		start = row_i32(r, 2);
	}
	for (uint32_t i = 0; i < a.n; i++) {
		struct value x = array_get(&a, i);
		if ((int64_t)a.lower[0] + i >= start && array_items_equal(&x, &v))
			return row_set_i32(r, (int32_t)(a.lower[0] + (int64_t)i));
	}
	return row_set_null(r);
}
ROWS(position_fn, position_row, ROWS_NULL_OUT)

static bool positions_row(struct row *r)
{
	struct array a;
	struct array_builder b;
	struct value v = row_value(r, 1);
	bool ok;

	if (row_is_null(r, 0))
		return row_set_null(r);
	if (!search_start(r, &a))
		return false;
	array_builder_init(&b, type_make(TYPE_INT4));
	for (uint32_t i = 0; i < a.n; i++) {
		struct value x = array_get(&a, i), at = value_int4((int32_t)(a.lower[0] + (int64_t)i));
		if (array_items_equal(&x, &v))
			array_builder_add(&b, &at);
	}
	ok = array_builder_list(&b, r->buf, r->call->err);
	array_builder_release(&b);
	return ok;
}
ROWS(positions_fn, positions_row, ROWS_BUILD | ROWS_NULL_OUT)

/* Whether all (or some) of part's elements are in whole; NULLs are nowhere. */
static bool contains(const struct array *whole, const struct array *part, bool all)
{
	for (uint32_t i = 0; i < part->n; i++) {
		struct value x = array_get(part, i);
		bool found = false;
		for (uint32_t k = 0; !x.is_null && !found && k < whole->n; k++) {
			struct value y = array_get(whole, k);
			found = !y.is_null && value_compare(&x, &y) == 0;
		}
		if (found != all)
			return !all;
	}
	return all;
}

static bool contains_rows(struct row *r, unsigned whole, bool all)
{
	struct array a, b;

	row_array(r, whole, &a);
	row_array(r, 1 - whole, &b);
	return row_set_bool(r, contains(&a, &b, all));
}
static bool contains_row(struct row *r) { return contains_rows(r, 0, true); }
static bool contained_row(struct row *r) { return contains_rows(r, 1, true); }
static bool overlaps_row(struct row *r) { return contains_rows(r, 0, false); }
ROWS(contains_fn, contains_row, ROWS_PLAIN)
ROWS(contained_fn, contained_row, ROWS_PLAIN)
ROWS(overlaps_fn, overlaps_row, ROWS_PLAIN)

static bool bucket_row(struct row *r)
{
	struct array a;
	struct value v = row_value(r, 0);
	uint32_t low = 0, high;

	row_array(r, 1, &a);
	if (a.ndim > 1)
		return row_error(r, ERR_ARRAY_SUBSCRIPT_ERROR, "thresholds must be one-dimensional array");
	for (uint32_t i = 0; i < a.n; i++)
		if (array_is_null(&a, i))
			return row_error(r, ERR_NULL_NOT_ALLOWED, "thresholds array must not contain NULLs");
	high = a.n;
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		struct value x = array_get(&a, middle);
		if (value_compare(&v, &x) < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return row_set_i32(r, (int32_t)low);
}
ROWS(bucket_fn, bucket_row, ROWS_PLAIN)

/* ---- comparison ---- */

#define COMPARE_FN(name, op)                                                                       \
	static bool name(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)       \
	{                                                                                              \
		kernel_compare(op, c->arg_types[0], &args[0], &args[1], n, out->data);                     \
		return true;                                                                               \
	}
COMPARE_FN(compare_eq, CMP_EQ)
COMPARE_FN(compare_ne, CMP_NE)
COMPARE_FN(compare_lt, CMP_LT)
COMPARE_FN(compare_le, CMP_LE)
COMPARE_FN(compare_gt, CMP_GT)
COMPARE_FN(compare_ge, CMP_GE)

#define COMPARE(symbol, impl, more, text, ...)                                                     \
	{.name = symbol, .kind = FUNC_OPERATOR, .nargs = 2, .args = {__VA_ARGS__, __VA_ARGS__}, .result = T(BOOL), .fn = impl, \
	 .flags = SURE | (more), .help = text}
#define COMPARES(...)                                                                              \
	COMPARE("=", compare_eq, FUNC_COMMUTATIVE, "equal", __VA_ARGS__),                              \
	COMPARE("<>", compare_ne, FUNC_COMMUTATIVE, "not equal", __VA_ARGS__),                         \
	COMPARE("<", compare_lt, 0, "less than", __VA_ARGS__),                                         \
	COMPARE("<=", compare_le, 0, "less than or equal", __VA_ARGS__),                               \
	COMPARE(">", compare_gt, 0, "greater than", __VA_ARGS__),                                      \
	COMPARE(">=", compare_ge, 0, "greater than or equal", __VA_ARGS__)

const struct func functions_array_search[] = {
	ARRAY_FN("array_position", A_INT4, position_fn, FUNC_NOT_STRICT | FAIL, "subscript of the first element that equals a value",
			 COMPATARRAY, COMPAT),
	ARRAY_FN("array_position", A_INT4, position_fn, FUNC_NOT_STRICT | FAIL,
			 "subscript of the first element from a place on that equals a value", COMPATARRAY, COMPAT, A_INT4),
	ARRAY_FN("array_positions", INT4_ARRAY, positions_fn, FUNC_NOT_STRICT | FAIL,
			 "subscripts of all elements that equal a value", COMPATARRAY, COMPAT),
	ARRAY_FN("width_bucket", A_INT4, bucket_fn, FAIL, "which of the intervals between thresholds a value is in", COMPAT,
			 COMPATARRAY),
	ARRAY_OP("@>", A_BOOL, contains_fn, SURE, "contains all elements", ANYARRAY, ANYARRAY),
	ARRAY_OP("<@", A_BOOL, contained_fn, SURE, "all its elements are contained", ANYARRAY, ANYARRAY),
	ARRAY_OP("&&", A_BOOL, overlaps_fn, SURE | FUNC_COMMUTATIVE, "has elements in common", ANYARRAY, ANYARRAY),
	COMPARES(T_POLY(ANYARRAY)),
	COMPARES(T(RECORD)),
	FN_END,
};
