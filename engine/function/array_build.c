/*
 * ARRAY[…] in pieces: $array of elements, $array_stack of arrays that become the elements of one more dimension,
 * $array_join of pieces of either, since a call has few arguments. The binder makes the calls; array_append and its
 * kin are in array_edit.c.
 */
#include "engine/function/array_rows.h"
#include "engine/function/tables.h"

static bool elements_row(struct row *r)
{
	struct array_builder b;
	bool ok;

	array_builder_init(&b, r->call->result);
	for (uint32_t i = 0; i < r->call->nargs; i++) {
		struct value v = row_value(r, i);
		array_builder_add(&b, &v);
	}
	ok = array_builder_list(&b, r->buf, r->call->err);
	array_builder_release(&b);
	return ok;
}
ROWS(elements_fn, elements_row, ROWS_BUILD)

/* Arrays beside each other: they must have the same shape; join: their first dimension goes on instead of a new one.
 * NULL ones count as empty. */
static bool put_together(struct row *r, bool join)
{
	struct array_builder b;
	struct array first = {0}, a;
	int32_t dims[ARRAY_DIMS + 1], lower[ARRAY_DIMS + 1];
	bool ok = true, empty = false;
	int32_t count = 0;
	int skip = join ? 1 : 0;

	array_builder_init(&b, r->call->result);
	for (uint32_t i = 0; ok && i < r->call->nargs; i++) {
		if (row_is_null(r, i)) {
			empty = true;
			continue;
		}
		row_array(r, i, &a);
		if (!a.n) {
			empty = true;
			continue;
		}
		if (!count)
			first = a;
		ok = a.ndim == first.ndim &&
			 memcmp(a.dims + skip, first.dims + skip, (size_t)(a.ndim - skip) * sizeof *a.dims) == 0 &&
			 memcmp(a.lower + skip, first.lower + skip, (size_t)(a.ndim - skip) * sizeof *a.lower) == 0;
		if (ok)
			array_builder_copy(&b, &a, 0, a.n);
		count += join ? a.dims[0] : 1;
	}
	if (!ok || (empty && count && !join)) {
		ok = row_error(r, ERR_ARRAY_SUBSCRIPT_ERROR,
					   "multidimensional arrays must have array expressions with matching dimensions");
	} else {
		dims[0] = count;
		lower[0] = 1;
		for (int i = skip; i < first.ndim; i++) {
			dims[i + 1 - skip] = first.dims[i];
			lower[i + 1 - skip] = first.lower[i];
		}
		ok = array_builder_finish(&b, count ? first.ndim + 1 - skip : 0, dims, lower, r->buf, r->call->err);
	}
	array_builder_release(&b);
	return ok;
}

static bool stack_row(struct row *r) { return put_together(r, false); }
static bool join_row(struct row *r) { return put_together(r, true); }
ROWS(stack_fn, stack_row, ROWS_BUILD)
ROWS(join_fn, join_row, ROWS_BUILD)

static bool subscript_arrays(struct row *r, struct array *dims, struct array *lower)
{
	if (row_is_null(r, 1) || (r->call->nargs > 2 && row_is_null(r, 2)))
		return row_error(r, ERR_NULL_NOT_ALLOWED, "dimension array or low bound array cannot be null");
	row_array(r, 1, dims);
	memset(lower, 0, sizeof *lower);
	if (r->call->nargs > 2)
		row_array(r, 2, lower);
	if (dims->ndim > 1 || lower->ndim > 1 || (dims->n && dims->lower[0] != 1) || (lower->n && lower->lower[0] != 1))
		return row_error(r, ERR_ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
	for (uint32_t i = 0; i < dims->n; i++)
		if (array_is_null(dims, i))
			return row_error(r, ERR_NULL_NOT_ALLOWED, "dimension values cannot be null");
	for (uint32_t i = 0; i < lower->n; i++)
		if (array_is_null(lower, i))
			return row_error(r, ERR_NULL_NOT_ALLOWED, "dimension values cannot be null");
	if (dims->n > ARRAY_DIMS)
		return row_error(r, ERR_PROGRAM_LIMIT, "number of array dimensions (%u) exceeds the maximum allowed (%d)", dims->n,
						 ARRAY_DIMS);
	if (r->call->nargs > 2 && lower->n != dims->n)
		return row_error(r, ERR_ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts");
	return true;
}

static bool fill_row(struct row *r)
{
	struct array dims, lower;
	int32_t d[ARRAY_DIMS], l[ARRAY_DIMS];
	struct array_builder b;
	struct value v = row_value(r, 0);
	int64_t n = 1;
	bool ok;

	if (!subscript_arrays(r, &dims, &lower))
		return false;
	for (uint32_t i = 0; i < dims.n; i++) {
		d[i] = array_get(&dims, i).i32;
		l[i] = lower.n ? array_get(&lower, i).i32 : 1;
		if (d[i] < 0 || (d[i] && n > ARRAY_MAX_ITEMS / d[i]))
			return row_error(r, ERR_PROGRAM_LIMIT, "array size exceeds the maximum allowed (%d)", ARRAY_MAX_ITEMS);
		n *= d[i];
	}
	array_builder_init(&b, r->call->result);
	for (int64_t i = 0; dims.n && i < n; i++)
		array_builder_add(&b, &v);
	ok = array_builder_finish(&b, (int)dims.n, d, l, r->buf, r->call->err);
	array_builder_release(&b);
	return ok;
}
ROWS(fill_fn, fill_row, ROWS_BUILD)

const struct func functions_array_build[] = {
	ARRAY_FN("$array", ANYARRAY, elements_fn, FUNC_NOT_STRICT | FAIL | FUNC_VARIADIC, "ARRAY[…]", ANYELEMENT),
	ARRAY_FN("$array_stack", ANYARRAY, stack_fn, FUNC_NOT_STRICT | FAIL | FUNC_VARIADIC, "ARRAY[…] of arrays", ANYARRAY),
	ARRAY_FN("$array_join", ANYARRAY, join_fn, FUNC_NOT_STRICT | FAIL | FUNC_VARIADIC, "pieces of ARRAY[…]", ANYARRAY),
	ARRAY_FN("array_fill", ANYARRAY, fill_fn, FUNC_NOT_STRICT | FAIL, "an array of one value", ANYELEMENT, INT4_ARRAY),
	ARRAY_FN("array_fill", ANYARRAY, fill_fn, FUNC_NOT_STRICT | FAIL, "an array of one value with lower bounds", ANYELEMENT,
			 INT4_ARRAY, INT4_ARRAY),
	FN_END,
};
