/*
 * x op ANY (array) and x op ALL (array) for every operator that gives a boolean. With one array for all rows the
 * operator runs over the rows, an element at a time; else over the elements, a row at a time.
 */
#include "engine/function/array_call.h"
#include "engine/function/rows.h"

#include <pthread.h>
#include <stdlib.h>

struct quantified {
	struct func func; /* first: what the call holds */
	const struct func *op;
	bool all;
	struct quantified *next;
};
static struct quantified *known; /* guarded by known_lock */
static pthread_mutex_t known_lock = PTHREAD_MUTEX_INITIALIZER;

enum truth { TRUTH_FALSE, TRUTH_TRUE, TRUTH_UNKNOWN };

static bool call_op(struct fncall *c, const struct func *op, const struct type *types, const struct view *args, uint32_t n,
					struct vec *out)
{
	struct fncall inner = *c;

	inner.fn = op;
	inner.arg_types = types;
	inner.result = type_make(TYPE_BOOL);
	inner.const_args = NULL;
	inner.state = NULL;
	/* patterns and the like are made anew for every call: they may belong to another element */
	inner.scratch = mem_new(c->mem, MEM_EXPRESSION, "array comparison", 0);
	if (!vec_init_flat(out, inner.result, n, c->mem, c->err)) {
		mem_free(inner.scratch);
		return false;
	}
	if (!op->fn(&inner, args, n, out)) {
		vec_release(out);
		mem_free(inner.scratch);
		return false;
	}
	mem_free(inner.scratch);
	return true;
}

static enum truth found_in(const struct vec *v, uint32_t i)
{
	struct view w = vec_view(v);

	return view_is_null(&w, i) ? TRUTH_UNKNOWN : ((const uint8_t *)v->data)[i] ? TRUTH_TRUE : TRUTH_FALSE;
}

/* One row's x against the array; *truth as OR (AND) of all. */
static bool quantify_row(struct fncall *c, const struct quantified *q, const struct view *args, uint32_t row,
						 const struct array *a, enum truth *truth)
{
	uint32_t rows[BATCH_ROWS], at = 0;
	uint32_t x = view_index(&args[0], row);
	enum truth stop = q->all ? TRUTH_FALSE : TRUTH_TRUE;
	size_t size = phys_size(type_phys(c->arg_types[0]));
	struct type types[2] = {c->arg_types[0], type_elem(c->arg_types[1])};

	types[1].mod = -1;
	while (at < a->n && *truth != stop) {
		struct vec items, out;
		struct view views[2] = {{(const char *)args[0].data + x * size, NULL, NULL, true}, {0}};
		uint32_t n = 0;
		bool ok;
		for (; at < a->n && n < BATCH_ROWS; at++) {
			if (array_is_null(a, at))
				*truth = TRUTH_UNKNOWN;
			else
				rows[n++] = at;
		}
		if (!n)
			break;
		if (!array_elements(a, types[1], rows, n, c->mem, &items, c->err))
			return false;
		views[1] = vec_view(&items);
		ok = call_op(c, q->op, types, views, n, &out);
		for (uint32_t i = 0; ok && i < n && *truth != stop; i++) {
			enum truth t = found_in(&out, i);
			if (t == stop || t == TRUTH_UNKNOWN)
				*truth = t;
		}
		vec_release(&items);
		if (!ok)
			return false;
		vec_release(&out);
	}
	return true;
}

static bool set_truth(struct fncall *c, struct vec *out, uint32_t i, uint32_t n, enum truth t)
{
	((uint8_t *)out->data)[i] = t == TRUTH_TRUE;
	if (t != TRUTH_UNKNOWN)
		return true;
	if (!out->valid && !vec_want_nulls(out, n, c->mem, c->err))
		return false;
	vec_set_null(out, i);
	return true;
}

/* The same array for all rows, none of whose x is NULL. */
static bool quantify_const(struct fncall *c, const struct quantified *q, const struct view *args, uint32_t n,
						   const struct array *a, struct vec *out)
{
	struct type types[2] = {c->arg_types[0], type_elem(c->arg_types[1])};
	enum truth stop = q->all ? TRUTH_FALSE : TRUTH_TRUE;
	uint8_t truth[BATCH_ROWS];

	types[1].mod = -1;
	memset(truth, q->all ? TRUTH_TRUE : TRUTH_FALSE, n);
	for (uint32_t k = 0; k < a->n; k++) {
		struct vec item, result;
		struct view views[2] = {args[0], {0}};
		bool ok;
		if (array_is_null(a, k)) {
			for (uint32_t i = 0; i < n; i++)
				truth[i] = truth[i] == stop ? stop : TRUTH_UNKNOWN;
			continue;
		}
		if (!array_elements(a, types[1], &k, 1, c->mem, &item, c->err))
			return false;
		views[1] = vec_view(&item);
		views[1].is_const = true;
		ok = call_op(c, q->op, types, views, n, &result);
		vec_release(&item);
		if (!ok)
			return false;
		for (uint32_t i = 0; i < n; i++) {
			enum truth t = found_in(&result, i);
			if (truth[i] != stop && (t == stop || t == TRUTH_UNKNOWN))
				truth[i] = (uint8_t)t;
		}
		vec_release(&result);
	}
	for (uint32_t i = 0; i < n; i++)
		if (!set_truth(c, out, i, n, truth[i]))
			return false;
	return true;
}

static bool quantified_fn(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	const struct quantified *q = (const struct quantified *)c->fn;
	const struct text *arrays = args[1].data;
	struct array a;

	if (args[1].is_const && !args[0].valid && n > 1 && n <= BATCH_ROWS && !view_is_null(&args[1], 0) &&
		!(q->op->flags & FUNC_CAN_FAIL)) {
		array_open(text_str(&arrays[0]), &a);
		if (a.n < n)
			return quantify_const(c, q, args, n, &a, out);
	}
	for (uint32_t i = 0; i < n; i++) {
		enum truth t = q->all ? TRUTH_TRUE : TRUTH_FALSE;
		if (view_is_null(&args[1], i)) {
			t = TRUTH_UNKNOWN;
		} else {
			array_open(text_str(&arrays[view_index(&args[1], i)]), &a);
			if (a.n && view_is_null(&args[0], i))
				t = TRUTH_UNKNOWN; /* every operator is strict */
			else if (!quantify_row(c, q, args, i, &a, &t))
				return false;
		}
		if (!set_truth(c, out, i, n, t))
			return false;
	}
	return true;
}

const struct func *func_quantified(const struct func *op, bool all)
{
	struct quantified *q;

	pthread_mutex_lock(&known_lock);
	for (q = known; q && (q->op != op || q->all != all); q = q->next)
		;
	if (!q) {
		q = calloc(1, sizeof *q);
		ASSERT(q);
		q->func = (struct func){.name = all ? "$all" : "$any", .kind = FUNC_SCALAR, .nargs = 2, .args = {op->args[0], op->args[1]},
			.result = T(BOOL), .fn = quantified_fn, .volatility = op->volatility,
			.flags = FUNC_NOT_STRICT | (op->flags & (FUNC_CAN_FAIL | FUNC_LEAK_PROOF)), .help = "op ANY (array)"};
		q->op = op;
		q->all = all;
		q->next = known;
		known = q;
	}
	pthread_mutex_unlock(&known_lock);
	return &q->func;
}
