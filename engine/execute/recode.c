/*
 * SET verify_vectors: recodes batches between operators, so that every operator meets dictionary and
 * constant vectors in tests. Leaves values unchanged; also runs vec_verify. Not for production use.
 */
#include "engine/execute/recode.h"
#include "engine/kernel/compare.h"

static bool recode_dict(struct vec *v, uint32_t rows, struct mem *m, struct err *e)
{
	uint32_t sel[BATCH_ROWS];
	struct vec reversed, flat;
	bool ok;

	for (uint32_t i = 0; i < rows; i++)
		sel[i] = rows - 1 - i;
	if (!vec_slice(&reversed, v, sel, rows, m, e))
		return false;
	ok = vec_flatten(&flat, &reversed, rows, m, e);
	vec_release(&reversed);
	if (!ok)
		return false;
	ok = vec_slice(&reversed, &flat, sel, rows, m, e);
	vec_release(&flat);
	if (!ok)
		return false;
	vec_release(v);
	*v = reversed;
	return true;
}

static bool recode_const(struct vec *v, uint32_t rows, struct mem *m, struct err *e)
{
	size_t size = phys_size(type_phys(v->type));
	struct view view = vec_view(v);
	bool null = view_is_null(&view, 0);
	struct value value;
	struct vec constant;

	for (uint32_t i = 1; i < rows; i++) {
		if (view_is_null(&view, i) != null)
			return true;
		if (!null && !kernel_equal_value(v->type, (const char *)view.data + size * view_index(&view, 0),
										 (const char *)view.data + size * view_index(&view, i)))
			return true;
	}
	value = vec_get(v, 0);
	for (uint32_t i = 1; i < rows && !null; i++) {
		struct value other = vec_get(v, i);
		if (!value_same(&value, &other)) /* equal but not the same: 1.0 and 1.00 */
			return true;
	}
	value.type = v->type;
	if (!vec_init_const(&constant, &value, m, e))
		return false;
	vec_release(v);
	*v = constant;
	return true;
}

bool batch_recode(struct batch *b, int mode, struct mem *m, struct err *e)
{
	for (uint32_t c = 0; c < b->ncols; c++) {
		struct vec *v = &b->cols[c];
		if (!vec_verify(v, b->rows, e))
			return err_context(e, "in column %u of an operator's output", (unsigned)c + 1);
		if (mode == RECODE_DICT && !recode_dict(v, b->rows, m, e))
			return false;
		if (mode == RECODE_CONST && !recode_const(v, b->rows, m, e))
			return false;
	}
	return true;
}
