/*
 * Debug check of a vector's invariants: what test builds run between operators. Explains the first
 * thing that is wrong; reads only.
 */
#include "engine/vector/vec_int.h"

#include "engine/base/utf8.h"
#include "engine/types/decimal.h"

#include <math.h>

static bool all_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static bool verify_shape(const struct vec *v, uint32_t rows, size_t size, struct err *e)
{
	size_t have = v->data_buf ? v->data_buf->size / size : SIZE_MAX;

	if (!v->data)
		return err_set(e, ERR_INTERNAL, "vector without data");
	switch (v->kind) {
	case VEC_CONST:
		return true;
	case VEC_FLAT:
		if (rows > have)
			return err_set(e, ERR_INTERNAL, "flat vector of %zu values for %u rows", have, rows);
		if (v->valid_buf && rows > v->valid_buf->size * 8)
			return err_set(e, ERR_INTERNAL, "validity bitmap too short for %u rows", rows);
		return true;
	case VEC_DICT:
		if (!v->sel)
			return err_set(e, ERR_INTERNAL, "dict vector without selection");
		if (v->sel_buf && rows > v->sel_buf->size / sizeof(uint32_t))
			return err_set(e, ERR_INTERNAL, "selection too short for %u rows", rows);
		for (uint32_t i = 0; i < rows; i++)
			if (v->sel[i] >= have)
				return err_set(e, ERR_INTERNAL, "row %u selects value %u of %zu", i, v->sel[i], have);
		return true;
	}
	return err_set(e, ERR_INTERNAL, "vector of kind %d", (int)v->kind);
}

static bool verify_text(struct type t, const struct text *x, uint32_t row, struct err *e)
{
	const char *data = text_data(x);

	if (x->len <= TEXT_INLINE) {
		if (!all_zero((const unsigned char *)x->inlined + x->len, TEXT_INLINE - x->len))
			return err_set(e, ERR_INTERNAL, "row %u: bytes behind an inline text are not zero", row);
	} else if (memcmp(x->out.prefix, data, 4) != 0) {
		return err_set(e, ERR_INTERNAL, "row %u: the text's prefix is wrong", row);
	}
	if (t.id != TYPE_BYTEA && t.id != TYPE_RECORD && !t.array && !utf8_is_valid(data, x->len))
		return err_set(e, ERR_INTERNAL, "row %u: invalid UTF-8", row);
	return true;
}

static bool verify_decimal(struct type t, int128 x, uint32_t row, struct err *e)
{
	int128 limit = decimal_limit(t.precision);
	if (x <= -limit || x >= limit)
		return err_set(e, ERR_INTERNAL, "row %u: more than %d digits", row, t.precision);
	return true;
}

static bool verify_value(struct type t, const void *slot, uint32_t row, struct err *e)
{
	switch (type_phys(t)) {
	case PHYS_BOOL:
		if (*(const uint8_t *)slot > 1)
			return err_set(e, ERR_INTERNAL, "row %u: boolean is neither 0 nor 1", row);
		return true;
	case PHYS_I32: {
		int32_t x = *(const int32_t *)slot;
		if (t.id == TYPE_INT2 && (x < INT16_MIN || x > INT16_MAX))
			return err_set(e, ERR_INTERNAL, "row %u: %d is no smallint", row, x);
		return true;
	}
	case PHYS_I64:
		return t.id != TYPE_NUMERIC || verify_decimal(t, *(const int64_t *)slot, row, e);
	case PHYS_I128:
		return t.id != TYPE_NUMERIC || verify_decimal(t, *(const int128 *)slot, row, e);
	case PHYS_F64: {
		double x = *(const double *)slot;
		if (t.id == TYPE_FLOAT4 && !isnan(x) && (double)(float)x != x)
			return err_set(e, ERR_INTERNAL, "row %u: %g is no float4", row, x);
		return true;
	}
	case PHYS_NUM: {
		const struct num *x = slot;
		if (x->kind > NUM_NEG_INFINITY || x->scale < 0 || x->scale > DECIMAL_DIGITS ||
			(x->kind != NUM_FINITE && (x->coef || x->scale)))
			return err_set(e, ERR_INTERNAL, "row %u: malformed numeric", row);
		return verify_decimal(type_decimal(DECIMAL_DIGITS, 0), x->coef, row, e);
	}
	case PHYS_INTERVAL:
		return true;
	case PHYS_STR:
		return verify_text(t, slot, row, e);
	case PHYS_COUNT:
		break;
	}
	return err_set(e, ERR_INTERNAL, "unknown physical type");
}

bool vec_verify(const struct vec *v, uint32_t rows, struct err *e)
{
	size_t size = phys_size(type_phys(v->type));
	struct view w = vec_view(v);

	if (v->type.id >= TYPE_COUNT)
		return err_set(e, ERR_INTERNAL, "unknown type %d", v->type.id);
	if (!verify_shape(v, rows, size, e))
		return false;
	if (v->kind == VEC_CONST && rows)
		rows = 1;
	for (uint32_t i = 0; i < rows; i++) {
		const unsigned char *slot = (const unsigned char *)v->data + view_index(&w, i) * size;
		if (view_is_null(&w, i)) {
			if (!all_zero(slot, size))
				return err_set(e, ERR_INTERNAL, "row %u: NULL over a value that is not zero", i);
		} else if (!verify_value(v->type, slot, i, e)) {
			return false;
		}
	}
	return true;
}
