/*
 * Ordered-set aggregates: percentile_cont, percentile_disc, mode. The executor delivers the rows in the order of WITHIN
 * GROUP (the flag FUNC_ORDERED_SET makes the binder ask for it); a state keeps the values as they come. Rows with a NULL
 * value or fraction do not come at all.
 *
 * The hypothetical-set aggregates (rank …) are rewritten to counts by the binder.
 */
#include "engine/function/tables.h"
#include "engine/types/datetime.h"

#include <math.h>
#include <stdlib.h>

struct kept {
	char *slots;        /* malloc'ed, reserved bytes */
	size_t count, reserved;
	struct heap *heap;  /* of long texts */
	double fraction;
};

static size_t slot_size(const struct fncall *c)
{
	return phys_size(type_phys(c->arg_types[c->nargs - 1]));
}

static bool kept_room(struct fncall *c, struct kept *s, size_t more)
{
	size_t need = (s->count + more) * slot_size(c), bytes;
	char *grown;

	if (need <= s->reserved)
		return true;
	bytes = s->reserved * 2 > need ? s->reserved * 2 : need < 64 ? 64 : need;
	if (!mem_reserve(c->mem, bytes - s->reserved, c->err))
		return false;
	grown = realloc(s->slots, bytes);
	ASSERT(grown);
	s->slots = grown;
	s->reserved = bytes;
	return true;
}

static bool kept_add(struct fncall *c, struct kept *s, const struct view *v, uint32_t i)
{
	size_t size = slot_size(c);
	const char *from = (const char *)v->data + size * view_index(v, i);
	char *to;

	if (!kept_room(c, s, 1))
		return false;
	to = s->slots + size * s->count++;
	if (type_phys(c->arg_types[c->nargs - 1]) == PHYS_STR && ((const struct text *)from)->len > TEXT_INLINE) {
		const struct text *t = (const struct text *)from;
		if (!s->heap)
			s->heap = heap_new(c->mem);
		return heap_add(s->heap, text_data(t), t->len, (struct text *)to, c->err);
	}
	memcpy(to, from, size);
	return true;
}

static bool kept_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups)
{
	for (uint32_t i = 0; i < n; i++) {
		struct kept *s = groups[i];
		if (c->nargs > 1) {
			s->fraction = ((const double *)args[0].data)[view_index(&args[0], i)];
			if (!(s->fraction >= 0 && s->fraction <= 1))
				return err_set(c->err, ERR_NUMERIC_OUT_OF_RANGE, "percentile value %g is not between 0 and 1", s->fraction);
		}
		if (!kept_add(c, s, &args[c->nargs - 1], i))
			return false;
	}
	return true;
}

static void kept_free(struct fncall *c, struct kept *s)
{
	free(s->slots);
	if (s->reserved)
		mem_release(c->mem, s->reserved);
	if (s->heap)
		heap_unref(s->heap);
	memset(s, 0, sizeof *s);
}

static bool kept_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	size_t size = slot_size(c);
	bool ok = true;

	for (uint32_t i = 0; i < n; i++) {
		struct kept *a = into[i], *b = from[i];
		if (!a->count) {
			struct kept t = *a;
			*a = *b;
			*b = t;
		} else if (b->count && (ok = ok && kept_room(c, a, b->count))) {
			memcpy(a->slots + size * a->count, b->slots, size * b->count);
			a->count += b->count;
			if (b->heap && !a->heap)
				a->heap = heap_new(c->mem);
			if (b->heap)
				heap_adopt(a->heap, b->heap);
		}
		kept_free(c, b);
	}
	return ok;
}

static void kept_drop(struct fncall *c, void *const *states, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		kept_free(c, states[i]);
}

static bool give_null(struct fncall *c, struct vec *out, uint32_t i, uint32_t n)
{
	if (!vec_want_nulls(out, n, c->mem, c->err))
		return false;
	vec_set_null(out, i);
	return true;
}

/* The value's bytes into row i. */
static bool give(struct fncall *c, const struct kept *s, size_t at, struct vec *out, uint32_t i)
{
	size_t size = slot_size(c);
	const char *from = s->slots + at * size;

	if (type_phys(c->arg_types[c->nargs - 1]) == PHYS_STR)
		return heap_add(out->heap, text_data((const struct text *)from), ((const struct text *)from)->len,
						(struct text *)out->data + i, c->err);
	memcpy((char *)out->data + i * size, from, size);
	return true;
}

static bool disc_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct kept *s = states[i];
		double at = s->count ? ceil(s->fraction * (double)s->count) : 0;
		if (!(s->count ? give(c, s, at >= 1 ? (size_t)at - 1 : 0, out, i) : give_null(c, out, i, n)))
			return false;
	}
	return true;
}

/* The first of the most frequent values. */
static bool mode_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	struct type t = c->arg_types[0];
	size_t size = slot_size(c);

	for (uint32_t i = 0; i < n; i++) {
		const struct kept *s = states[i];
		size_t best = 0, longest = 0, from = 0;
		for (size_t k = 0; k < s->count; k++) {
			struct value first = value_load(t, s->slots + from * size), v = value_load(t, s->slots + k * size);
			if (value_compare(&first, &v) != 0)
				from = k;
			if (k - from + 1 > longest) {
				longest = k - from + 1;
				best = from;
			}
		}
		if (!(s->count ? give(c, s, best, out, i) : give_null(c, out, i, n)))
			return false;
	}
	return true;
}

static bool lerp_interval(const struct interval *low, const struct interval *high, double part, struct interval *out, struct err *e)
{
	struct interval minus, diff, scaled;

	return interval_neg(low, &minus, e) && interval_add(high, &minus, &diff, e) && interval_mul(&diff, part, &scaled, e) && interval_add(&scaled, low, out, e);
}

static bool cont_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	bool interval = c->arg_types[1].id == TYPE_INTERVAL;

	for (uint32_t i = 0; i < n; i++) {
		const struct kept *s = states[i];
		double place, part;
		size_t low, high;
		if (!s->count) {
			if (!give_null(c, out, i, n))
				return false;
			continue;
		}
		place = s->fraction * (double)(s->count - 1);
		low = (size_t)floor(place);
		high = (size_t)ceil(place);
		part = place - (double)low;
		if (low == high) {
			if (!give(c, s, low, out, i))
				return false;
		} else if (interval) {
			const struct interval *x = (const struct interval *)s->slots;
			if (!lerp_interval(&x[low], &x[high], part, (struct interval *)out->data + i, c->err))
				return false;
		} else {
			const double *x = (const double *)s->slots;
			((double *)out->data)[i] = x[low] + part * (x[high] - x[low]);
		}
	}
	return true;
}

static const struct agg_ops cont_ops = {sizeof(struct kept), kept_update, NULL, kept_combine, cont_finish, kept_drop};
static const struct agg_ops disc_ops = {sizeof(struct kept), kept_update, NULL, kept_combine, disc_finish, kept_drop};
static const struct agg_ops mode_ops = {sizeof(struct kept), kept_update, NULL, kept_combine, mode_finish, kept_drop};

/* The type of the values, in its own form. */
static struct type infer_last(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick)
{
	(void)f;
	(void)pick;
	return arg_types[nargs - 1];
}

#define FLAGS (FUNC_ORDER_MATTERS | FUNC_ORDERED_SET | FUNC_CAN_FAIL)

const struct func functions_aggregate_ordered[] = {
	{.name = "percentile_cont", .kind = FUNC_AGGREGATE, .nargs = 2, .args = {T(FLOAT8), T(FLOAT8)}, .result = T(FLOAT8),
	 .agg = &cont_ops, .flags = FLAGS, .help = "value at a fraction of the order, between two values where it falls so"},
	{.name = "percentile_cont", .kind = FUNC_AGGREGATE, .nargs = 2, .args = {T(FLOAT8), T(INTERVAL)}, .result = T(INTERVAL),
	 .agg = &cont_ops, .flags = FLAGS, .help = "value at a fraction of the order, between two values where it falls so"},
	{.name = "percentile_disc", .kind = FUNC_AGGREGATE, .nargs = 2, .args = {T(FLOAT8), T(VOID)}, .result = T(VOID),
	 .agg = &disc_ops, .flags = FLAGS, .infer = infer_last, .help = "first value at or behind a fraction of the order"},
	{.name = "mode", .kind = FUNC_AGGREGATE, .nargs = 1, .args = {T(VOID)}, .result = T(VOID), .agg = &mode_ops,
	 .flags = FLAGS, .infer = infer_last, .help = "most frequent value"},
	{.name = NULL},
};
