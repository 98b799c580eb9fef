/*
 * Subscripts and slices, and what an array's shape is: array_length, array_dims and their kin.
 */
#include "engine/function/array_rows.h"
#include "engine/function/tables.h"

/* Stores one element as the row's result. */
static bool row_item(struct row *r, const struct array *a, uint32_t i)
{
	struct value v = array_get(a, i);
	enum phys p;

	if (v.is_null)
		return row_set_null(r);
	p = type_phys(r->call->result);
	if (p == PHYS_STR)
		return row_text(r, text_str(&v.text).data, v.text.len);
	value_store(&v, (char *)r->out->data + (size_t)r->i * phys_size(p));
	return true;
}

static bool element_row(struct row *r)
{
	struct array a;
	uint32_t at = 0;

	row_array(r, 0, &a);
	if (!a.n || (uint32_t)a.ndim != r->call->nargs - 1)
		return row_set_null(r);
	for (int d = 0; d < a.ndim; d++) {
		int64_t i = (int64_t)row_i32(r, (unsigned)d + 1) - a.lower[d];
		if (i < 0 || i >= a.dims[d])
			return row_set_null(r);
		at = at * (uint32_t)a.dims[d] + (uint32_t)i;
	}
	return row_item(r, &a, at);
}
ROWS(element_fn, element_row, ROWS_NULLABLE)

/* ---- slices ---- */

struct slice {
	const struct array *a;
	int64_t from[ARRAY_DIMS], size[ARRAY_DIMS];
	struct array_builder b;
};

static void slice_copy(struct slice *s, int d, uint32_t at)
{
	if (d == s->a->ndim - 1) {
		array_builder_copy(&s->b, s->a, at * (uint32_t)s->a->dims[d] + (uint32_t)s->from[d], (uint32_t)s->size[d]);
		return;
	}
	for (int64_t i = 0; i < s->size[d]; i++)
		slice_copy(s, d + 1, at * (uint32_t)s->a->dims[d] + (uint32_t)(s->from[d] + i));
}

/* The part of a between the bounds, with bounds from 1. */
static bool slice_of(struct row *r, const struct array *a, const int64_t *low, const int64_t *high, int n)
{
	struct slice s = {.a = a};
	int32_t dims[ARRAY_DIMS], ones[ARRAY_DIMS] = {1, 1, 1, 1, 1, 1};
	bool some = a->n > 0 && n <= a->ndim, ok;

	for (int d = 0; some && d < a->ndim; d++) {
		int64_t from = a->lower[d], to = from + a->dims[d] - 1;
		if (d < n && low[d] > from)
			from = low[d];
		if (d < n && high[d] < to)
			to = high[d];
		some = from <= to;
		s.from[d] = from - a->lower[d];
		s.size[d] = to - from + 1;
		dims[d] = (int32_t)s.size[d];
	}
	array_builder_init(&s.b, r->call->result);
	if (some)
		slice_copy(&s, 0, 0);
	ok = array_builder_finish(&s.b, some ? a->ndim : 0, dims, ones, r->buf, r->call->err);
	array_builder_release(&s.b);
	return ok;
}

/* $slice(array, lower bounds, upper bounds, which are given: bit 2d lower, 2d+1 upper); a NULL one makes NULL. */
static bool slice_row(struct row *r)
{
	struct array a, low, high;
	int64_t from[ARRAY_DIMS], to[ARRAY_DIMS];
	int32_t given = row_i32(r, 3);

	row_array(r, 0, &a);
	row_array(r, 1, &low);
	row_array(r, 2, &high);
	for (uint32_t d = 0; d < low.n && d < ARRAY_DIMS; d++) {
		bool has_low = given >> (2 * d) & 1, has_high = given >> (2 * d + 1) & 1;
		if ((has_low && array_is_null(&low, d)) || (has_high && array_is_null(&high, d)))
			return row_set_null(r);
		from[d] = has_low ? array_get(&low, d).i32 : INT32_MIN;
		to[d] = has_high ? array_get(&high, d).i32 : INT32_MAX;
	}
	return slice_of(r, &a, from, to, (int)low.n);
}
ROWS(slice_fn, slice_row, ROWS_BUILD | ROWS_NULLABLE)

static bool trim_row(struct row *r)
{
	struct array a;
	int32_t n = row_i32(r, 1);
	int64_t low, high;

	row_array(r, 0, &a);
	if (n < 0 || n > (a.n ? a.dims[0] : 0))
		return row_error(r, ERR_ARRAY_SUBSCRIPT_ERROR, "number of elements to trim must be between 0 and %d",
						 (int)(a.n ? a.dims[0] : 0));
	low = a.n ? a.lower[0] : 1;
	high = low + (a.n ? a.dims[0] : 0) - n - 1;
	return slice_of(r, &a, &low, &high, a.n ? 1 : 0);
}
ROWS(trim_fn, trim_row, ROWS_BUILD)

/* ---- shape ---- */

static bool dims_row(struct row *r)
{
	struct array a;

	row_array(r, 0, &a);
	if (!a.n)
		return row_set_null(r);
	for (int d = 0; d < a.ndim; d++)
		strbuf_addf(r->buf, "[%d:%d]", (int)a.lower[d], (int)(a.lower[d] + a.dims[d] - 1));
	return true;
}
ROWS(dims_fn, dims_row, ROWS_BUILD | ROWS_NULLABLE)

static bool ndims_row(struct row *r)
{
	struct array a;

	row_array(r, 0, &a);
	return a.n ? row_set_i32(r, a.ndim) : row_set_null(r);
}
ROWS(ndims_fn, ndims_row, ROWS_NULLABLE)

static bool cardinality_row(struct row *r)
{
	struct array a;

	row_array(r, 0, &a);
	return row_set_i32(r, (int32_t)a.n);
}
ROWS(cardinality_fn, cardinality_row, ROWS_PLAIN)

enum bound { BOUND_LENGTH, BOUND_LOWER, BOUND_UPPER };

static bool bound_row(struct row *r, enum bound which)
{
	struct array a;
	int32_t d = row_i32(r, 1);

	row_array(r, 0, &a);
	if (!a.n || d < 1 || d > a.ndim)
		return row_set_null(r);
	d--;
	return row_set_i32(r, which == BOUND_LENGTH	 ? a.dims[d]
						  : which == BOUND_LOWER ? a.lower[d]
												 : a.lower[d] + a.dims[d] - 1);
}
static bool length_row(struct row *r) { return bound_row(r, BOUND_LENGTH); }
static bool lower_row(struct row *r) { return bound_row(r, BOUND_LOWER); }
static bool upper_row(struct row *r) { return bound_row(r, BOUND_UPPER); }
ROWS(length_fn, length_row, ROWS_NULLABLE)
ROWS(lower_fn, lower_row, ROWS_NULLABLE)
ROWS(upper_fn, upper_row, ROWS_NULLABLE)

const struct func functions_array_access[] = {
	ARRAY_FN("$element", ANYELEMENT, element_fn, SOME_NULL | FUNC_VARIADIC, "array[subscript …]", ANYARRAY, A_INT4),
	ARRAY_FN("$slice", ANYARRAY, slice_fn, SOME_NULL, "array[lower:upper …]", ANYARRAY, INT4_ARRAY, INT4_ARRAY, A_INT4),
	ARRAY_FN("trim_array", ANYARRAY, trim_fn, FAIL, "the array without its last elements", ANYARRAY, A_INT4),
	ARRAY_FN("array_dims", A_TEXT, dims_fn, SOME_NULL, "the bounds of all dimensions", ANYARRAY),
	ARRAY_FN("array_ndims", A_INT4, ndims_fn, SOME_NULL, "number of dimensions", ANYARRAY),
	ARRAY_FN("cardinality", A_INT4, cardinality_fn, SURE, "number of elements", ANYARRAY),
	ARRAY_FN("array_length", A_INT4, length_fn, SOME_NULL, "length of a dimension", ANYARRAY, A_INT4),
	ARRAY_FN("array_lower", A_INT4, lower_fn, SOME_NULL, "lower bound of a dimension", ANYARRAY, A_INT4),
	ARRAY_FN("array_upper", A_INT4, upper_fn, SOME_NULL, "upper bound of a dimension", ANYARRAY, A_INT4),
	FN_END,
};
