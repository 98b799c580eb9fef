/*
 * Texts with few different values: columns of temporary tables that stand as codes into a dictionary. What a
 * function or comparison says of such a column and constants, it says once for each value that is there, and
 * rows are told by their codes. The result of a function is codes again, so that the next function gains too.
 *
 * Only values that some row has are looked at: others must not raise errors, and slots of a buffer behind the values
 * may hold anything.
 */
#include "engine/execute/program_int.h"

#define VALUES_MOST 1024 /* of a dictionary that is looked at */

/* Slots of the vector's base; 0 = it is not codes, or of too many. */
static uint32_t dictionary_size(const struct vec *v, uint32_t rows)
{
	size_t size;

	if (v->kind != VEC_DICT || type_phys(v->type) != PHYS_STR || !v->data_buf || v->data != v->data_buf->data)
		return 0;
	size = v->data_buf->size / sizeof(struct text);
	return size <= VALUES_MOST && size <= rows / 2 ? (uint32_t)size : 0;
}

int dictionary_argument(const struct evaluator *ev, const struct step *s, uint32_t n)
{
	int arg = -1;

	if (s->kind == STEP_CALL && s->fn->volatility == FUNC_VOLATILE)
		return -1;
	for (uint32_t i = 0; i < s->nargs; i++) {
		const struct vec *v = &ev->regs[s->args[i]];
		if (v->kind == VEC_CONST || (int)s->args[i] == arg)
			continue;
		if (arg >= 0 || !dictionary_size(v, n))
			return -1;
		arg = (int)s->args[i];
	}
	return arg;
}

bool dictionary_run(struct evaluator *ev, const struct step *s, uint32_t arg, uint32_t n,
					bool (*run)(struct evaluator *ev, const struct step *s, uint32_t n))
{
	struct vec whole = ev->regs[arg], few, out;
	uint32_t first[VALUES_MOST], count = 0, *at;
	uint16_t seen[VALUES_MOST]; /* number of the value among those that are there, + 1 */
	struct buf *sel = buf_new(ev->data, n * sizeof *at, &ev->task->err);
	bool ok;

	if (!sel)
		return false;
	at = (uint32_t *)(void *)sel->data;
	memset(seen, 0, dictionary_size(&whole, n) * sizeof *seen);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t code = whole.sel[i];
		if (!seen[code]) {
			first[count++] = i;
			seen[code] = (uint16_t)count;
		}
		at[i] = seen[code] - 1u;
	}
	ok = vec_slice(&few, &whole, first, count, ev->data, &ev->task->err);
	if (ok) {
		ev->regs[arg] = few;
		ok = run(ev, s, count);
		vec_release(&ev->regs[arg]);
	}
	ev->regs[arg] = whole;
	if (ok && ev->regs[s->dst].kind != VEC_CONST) {
		ok = vec_slice_shared(&out, &ev->regs[s->dst], sel, n, ev->data, &ev->task->err);
		if (ok)
			reg_set(ev, s->dst, &out);
	}
	buf_unref(sel);
	return ok;
}

bool dictionary_select(enum compare_op op, const struct vec *a, const struct vec *b, const uint32_t *sel_in, uint32_t n,
					   uint32_t *sel_out, uint32_t *count)
{
	enum { UNKNOWN, PASSES, FAILS };
	uint32_t size = dictionary_size(a, n), kept = 0;
	struct view value = vec_view(a), constant = vec_view(b);
	uint8_t verdict[VALUES_MOST];

	if (!size || b->kind != VEC_CONST)
		return false;
	memset(verdict, UNKNOWN, size);
	for (uint32_t k = 0; k < n; k++) {
		uint32_t i = sel_in ? sel_in[k] : k, code = a->sel[i];
		if (verdict[code] == UNKNOWN) {
			uint32_t one;
			verdict[code] = kernel_select(op, a->type, &value, &constant, &i, 1, &one) ? PASSES : FAILS;
		}
		sel_out[kept] = i;
		kept += verdict[code] == PASSES;
	}
	*count = kept;
	return true;
}
