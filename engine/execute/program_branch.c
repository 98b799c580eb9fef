/*
 * The steps that evaluate operands only where SQL reaches them: AND, OR, CASE, COALESCE, IN over
 * expressions. Each keeps the list of rows that are still open and runs the next operand on those.
 */
#include "engine/execute/program_int.h"

/* Value of an arm at the j-th of the open rows. */
static inline uint32_t arm_index(const struct view *v, bool dense, uint32_t j, uint32_t row)
{
	return view_index(v, dense ? j : row);
}

static bool fill_nulls(struct evaluator *ev, struct vec *out, const uint8_t *null, uint32_t n)
{
	bool any = false;

	for (uint32_t i = 0; i < n; i++)
		any |= null[i];
	if (!any)
		return true;
	if (!vec_want_nulls(out, n, ev->data, &ev->task->err))
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (null[i])
			vec_set_null(out, i);
	return true;
}

bool step_and_or(struct evaluator *ev, const struct step *s, uint32_t n)
{
	uint8_t decided = s->kind == STEP_OR, null[BATCH_ROWS];
	uint32_t rows[BATCH_ROWS], open = n;
	struct vec *out;
	uint8_t *o;

	if (!reg_flat(ev, s->dst, n, &out))
		return false;
	o = out->data;
	memset(o, !decided, n);
	memset(null, 0, n);
	for (uint32_t i = 0; i < n; i++)
		rows[i] = i;
	for (uint32_t a = 0; a < s->narms && open; a++) {
		const struct vec *v;
		struct view view;
		uint32_t kept = 0;
		bool dense;

		if (!arm_run(ev, &s->arms[a], rows, open, n, &v, &dense))
			return false;
		view = vec_view(v);
		for (uint32_t j = 0; j < open; j++) {
			uint32_t r = rows[j], i = arm_index(&view, dense, j, r);
			bool is_null = view.valid && !bit_get(view.valid, i);
			bool stop = !is_null && ((const uint8_t *)view.data)[i] == decided;

			null[r] = (null[r] | is_null) & !stop;
			o[r] = stop ? decided : !decided;
			rows[kept] = r;
			kept += !stop;
		}
		open = kept;
	}
	return fill_nulls(ev, out, null, n);
}

/* out[rows[j]] = the arm's value there. */
static bool put_arm(struct evaluator *ev, const struct arm *arm, struct vec *out, const uint32_t *rows, uint32_t n,
					uint32_t all)
{
	const struct vec *v;
	bool dense;

	return arm_run(ev, arm, rows, n, all, &v, &dense) &&
		   vec_scatter(out, all, rows, v, dense ? NULL : rows, n, ev->data, &ev->task->err);
}

bool step_case(struct evaluator *ev, const struct step *s, uint32_t n)
{
	uint32_t rows[BATCH_ROWS], taken[BATCH_ROWS], open = n;
	struct vec *out;

	if (!reg_flat(ev, s->dst, n, &out))
		return false;
	for (uint32_t i = 0; i < n; i++)
		rows[i] = i;
	for (uint32_t a = 0; a + 1 < s->narms && open; a += 2) {
		const struct vec *v;
		struct view view;
		uint32_t kept = 0, ntaken = 0;
		bool dense;

		if (!arm_run(ev, &s->arms[a], rows, open, n, &v, &dense))
			return false;
		view = vec_view(v);
		for (uint32_t j = 0; j < open; j++) {
			uint32_t r = rows[j], i = arm_index(&view, dense, j, r);
			bool yes = ((const uint8_t *)view.data)[i] && (!view.valid || bit_get(view.valid, i));

			taken[ntaken] = r;
			ntaken += yes;
			rows[kept] = r;
			kept += !yes;
		}
		if (ntaken && !put_arm(ev, &s->arms[a + 1], out, taken, ntaken, n))
			return false;
		open = kept;
	}
	return !open || put_arm(ev, &s->arms[s->narms - 1], out, rows, open, n);
}

bool step_coalesce(struct evaluator *ev, const struct step *s, uint32_t n)
{
	uint32_t rows[BATCH_ROWS], found[BATCH_ROWS], from[BATCH_ROWS], open = n;
	const struct vec *first = &ev->regs[s->arms[0].reg];
	struct vec *out;

	if (!first->valid || s->narms == 1) {
		struct vec v;
		vec_share(&v, first);
		v.type = ev->p->regs[s->dst].type;
		reg_set(ev, s->dst, &v);
		return true;
	}
	if (!reg_flat(ev, s->dst, n, &out))
		return false;
	for (uint32_t i = 0; i < n; i++)
		rows[i] = i;
	for (uint32_t a = 0; a < s->narms && open; a++) {
		const struct vec *v;
		struct view view;
		uint32_t kept = 0, nfound = 0;
		bool dense;

		if (!arm_run(ev, &s->arms[a], rows, open, n, &v, &dense))
			return false;
		view = vec_view(v);
		for (uint32_t j = 0; j < open; j++) {
			uint32_t r = rows[j], i = arm_index(&view, dense, j, r);
			bool has = a + 1 == s->narms || !view.valid || bit_get(view.valid, i);

			found[nfound] = r;
			from[nfound] = dense ? j : r;
			nfound += has;
			rows[kept] = r;
			kept += !has;
		}
		if (!vec_scatter(out, n, found, v, from, nfound, ev->data, &ev->task->err))
			return false;
		open = kept;
	}
	return true;
}

/* x IN (a, b, …): as x = a OR x = b …; items after a match are not evaluated. */
bool step_in(struct evaluator *ev, const struct step *s, uint32_t n)
{
	uint32_t rows[BATCH_ROWS], open = 0;
	uint8_t null[BATCH_ROWS];
	const struct vec *left = &ev->regs[s->arms[0].reg];
	struct view x = vec_view(left);
	size_t size = phys_size(type_phys(left->type));
	struct vec *out;

	if (!reg_flat(ev, s->dst, n, &out))
		return false;
	memset(out->data, 0, n);
	memset(null, 0, n);
	for (uint32_t i = 0; i < n; i++) {
		rows[open] = i;
		null[i] = view_is_null(&x, i);
		open += !null[i];
	}
	for (uint32_t a = 1; a < s->narms && open; a++) {
		const struct vec *v;
		struct view view;
		uint32_t kept = 0;
		bool dense;

		if (!arm_run(ev, &s->arms[a], rows, open, n, &v, &dense))
			return false;
		view = vec_view(v);
		for (uint32_t j = 0; j < open; j++) {
			uint32_t r = rows[j], i = arm_index(&view, dense, j, r);
			bool is_null = view.valid && !bit_get(view.valid, i);
			bool same = !is_null && kernel_equal_value(left->type, (const char *)x.data + size * view_index(&x, r),
													   (const char *)view.data + size * i);

			null[r] = (null[r] | is_null) & !same;
			((uint8_t *)out->data)[r] = same;
			rows[kept] = r;
			kept += !same;
		}
		open = kept;
	}
	return fill_nulls(ev, out, null, n);
}
