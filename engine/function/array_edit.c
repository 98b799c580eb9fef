/*
 * array_append, array_prepend, array_cat and || , array_remove, array_replace.
 */
#include "engine/function/array_rows.h"
#include "engine/function/tables.h"

static bool incompatible(struct row *r)
{
	return row_error(r, ERR_ARRAY_SUBSCRIPT_ERROR, "cannot concatenate incompatible arrays");
}

/* One more element in front or behind; a NULL array is an empty one. */
static bool add_element(struct row *r, unsigned array_arg, bool front)
{
	struct array a = {.ndim = 0};
	struct array_builder b;
	struct value v = row_value(r, 1 - array_arg);
	int32_t dims, lower;
	bool ok;

	if (!row_is_null(r, array_arg))
		row_array(r, array_arg, &a);
	if (a.ndim > 1)
		return row_error(r, ERR_DATA_EXCEPTION, "argument must be empty or one-dimensional array");
	array_builder_init(&b, r->call->result);
	if (front)
		array_builder_add(&b, &v);
	if (a.n)
		array_builder_copy(&b, &a, 0, a.n);
	if (!front)
		array_builder_add(&b, &v);
	dims = (int32_t)b.n;
	lower = a.n ? a.lower[0] : 1;
	if ((int64_t)lower + dims - 1 >= INT32_MAX)
		ok = row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "integer out of range");
	else
		ok = array_builder_finish(&b, 1, &dims, &lower, r->buf, r->call->err);
	array_builder_release(&b);
	return ok;
}

static bool append_row(struct row *r) { return add_element(r, 0, false); }
static bool prepend_row(struct row *r) { return add_element(r, 1, true); }
ROWS(append_fn, append_row, ROWS_BUILD)
ROWS(prepend_fn, prepend_row, ROWS_BUILD)

/* The shape of x || y; outer: the one that has the first dimension, which grows by `more`. */
static bool joined_shape(struct row *r, const struct array *outer, const struct array *other, int skip_outer, int skip_other,
						 int32_t more, int32_t *dims)
{
	for (int i = 0; i + skip_outer < outer->ndim; i++)
		if (outer->dims[i + skip_outer] != other->dims[i + skip_other] ||
			outer->lower[i + skip_outer] != other->lower[i + skip_other])
			return incompatible(r);
	memcpy(dims, outer->dims, sizeof outer->dims);
	dims[0] += more;
	return true;
}

static bool cat_arrays(struct row *r, const struct array *x, const struct array *y)
{
	struct array_builder b;
	const struct array *outer = y->ndim > x->ndim ? y : x;
	int32_t dims[ARRAY_DIMS];
	bool ok;

	if (x->ndim == y->ndim ? !joined_shape(r, x, y, 1, 1, y->dims[0], dims)
		: x->ndim == y->ndim - 1 ? !joined_shape(r, y, x, 1, 0, 1, dims)
		: x->ndim == y->ndim + 1 ? !joined_shape(r, x, y, 1, 0, 1, dims)
								 : !incompatible(r))
		return false;
	array_builder_init(&b, r->call->result);
	array_builder_copy(&b, x, 0, x->n);
	array_builder_copy(&b, y, 0, y->n);
	ok = array_builder_finish(&b, outer->ndim, dims, outer->lower, r->buf, r->call->err);
	array_builder_release(&b);
	return ok;
}

static bool cat_row(struct row *r)
{
	struct array x, y;

	if (row_is_null(r, 0) && row_is_null(r, 1))
		return row_set_null(r);
	if (row_is_null(r, 0))
		return row_same_array(r, 1);
	if (row_is_null(r, 1))
		return row_same_array(r, 0);
	row_array(r, 0, &x);
	row_array(r, 1, &y);
	if (!x.n)
		return row_same_array(r, 1);
	if (!y.n)
		return row_same_array(r, 0);
	return cat_arrays(r, &x, &y);
}
ROWS(cat_fn, cat_row, ROWS_BUILD | ROWS_NULL_OUT)

/* Elements that equal argument 1 are left out, or replaced by argument 2. */
static bool change_row(struct row *r, bool replace)
{
	struct array a;
	struct array_builder b;
	struct value from = row_value(r, 1), to = replace ? row_value(r, 2) : from;
	int32_t dims[ARRAY_DIMS];
	bool ok, changed = false;

	if (row_is_null(r, 0))
		return row_set_null(r);
	row_array(r, 0, &a);
	if (!a.n)
		return row_same_array(r, 0);
	if (!replace && a.ndim > 1)
		return row_error(r, ERR_FEATURE_NOT_SUPPORTED, "removing elements from multidimensional arrays is not supported");
	array_builder_init(&b, r->call->result);
	for (uint32_t i = 0; i < a.n; i++) {
		struct value v = array_get(&a, i);
		bool hit = array_items_equal(&v, &from);
		changed |= hit;
		if (!hit)
			array_builder_add(&b, &v);
		else if (replace)
			array_builder_add(&b, &to);
	}
	memcpy(dims, a.dims, sizeof dims);
	if (!replace)
		dims[0] = (int32_t)b.n;
	ok = changed ? array_builder_finish(&b, a.ndim, dims, a.lower, r->buf, r->call->err) : row_same_array(r, 0);
	array_builder_release(&b);
	return ok;
}
static bool remove_row(struct row *r) { return change_row(r, false); }
static bool replace_row(struct row *r) { return change_row(r, true); }
ROWS(remove_fn, remove_row, ROWS_BUILD | ROWS_NULL_OUT)
ROWS(replace_fn, replace_row, ROWS_BUILD | ROWS_NULL_OUT)

#define LOOSE (FUNC_NOT_STRICT | FAIL)
const struct func functions_array_edit[] = {
	ARRAY_FN("array_append", COMPATARRAY, append_fn, LOOSE, "one element behind", COMPATARRAY, COMPAT),
	ARRAY_FN("array_prepend", COMPATARRAY, prepend_fn, LOOSE, "one element in front", COMPAT, COMPATARRAY),
	ARRAY_FN("array_cat", COMPATARRAY, cat_fn, LOOSE, "both arrays", COMPATARRAY, COMPATARRAY),
	ARRAY_FN("array_remove", COMPATARRAY, remove_fn, LOOSE, "without the elements that equal a value", COMPATARRAY, COMPAT),
	ARRAY_FN("array_replace", COMPATARRAY, replace_fn, LOOSE, "elements that equal a value replaced", COMPATARRAY, COMPAT,
			 COMPAT),
	ARRAY_OP("||", COMPATARRAY, cat_fn, LOOSE, "both arrays", COMPATARRAY, COMPATARRAY),
	ARRAY_OP("||", COMPATARRAY, append_fn, LOOSE, "one element behind", COMPATARRAY, COMPAT),
	ARRAY_OP("||", COMPATARRAY, prepend_fn, LOOSE, "one element in front", COMPAT, COMPATARRAY),
	FN_END,
};
