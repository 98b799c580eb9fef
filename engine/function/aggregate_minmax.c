/*
 * min and max of every type that PostgreSQL has them for. The state holds the best value so far in its
 * physical form; a long text has its own memory, reserved from the query's node and given back by drop.
 * Order is engine/kernel/order.h's; of equal values that print differently (1.0 and 1.00) the last one
 * stays, as in PostgreSQL.
 */
#include "engine/function/numeric_form.h"
#include "engine/function/tables.h"
#include "engine/kernel/order.h"

#include <stdlib.h>

/* One state per physical type. */
#define BEST(name, ctype)                                                                          \
	struct best_##name {                                                                           \
		ctype value;                                                                               \
		bool seen;                                                                                 \
	}
BEST(i32, int32_t);
BEST(i64, int64_t);
BEST(i128, int128);
BEST(f64, double);
BEST(num, struct num);
BEST(interval, struct interval);

#define KEEP(s, x, worse)                                                                          \
	do {                                                                                           \
		if (!(s)->seen || worse(&(x), &(s)->value)) {                                              \
			(s)->value = (x);                                                                      \
			(s)->seen = true;                                                                      \
		}                                                                                          \
	} while (0)
/* Whether a takes the place of b as the larger one. */
#define GREATER(suffix, ctype)                                                                     \
	TEMPLATE uint8_t greater_##suffix(const ctype *a, const ctype *b)                              \
	{                                                                                              \
		return less_or_equal_##suffix(b, a);                                                       \
	}
GREATER(i32, int32_t)
GREATER(i64, int64_t)
GREATER(i128, int128)
GREATER(f64, double)
GREATER(num, struct num)
GREATER(interval, struct interval)
GREATER(timetz, struct interval)

#define MM_NAME min_i32
#define MM_BEST best_i32
#define MM_IN int32_t
#define MM_BETTER less_or_equal_i32
#include "engine/function/minmax.inc"

#define MM_NAME max_i32
#define MM_BEST best_i32
#define MM_IN int32_t
#define MM_BETTER greater_i32
#include "engine/function/minmax.inc"

#define MM_NAME min_i64
#define MM_BEST best_i64
#define MM_IN int64_t
#define MM_BETTER less_or_equal_i64
#include "engine/function/minmax.inc"

#define MM_NAME max_i64
#define MM_BEST best_i64
#define MM_IN int64_t
#define MM_BETTER greater_i64
#include "engine/function/minmax.inc"

#define MM_NAME min_i128
#define MM_BEST best_i128
#define MM_IN int128
#define MM_BETTER less_or_equal_i128
#include "engine/function/minmax.inc"

#define MM_NAME max_i128
#define MM_BEST best_i128
#define MM_IN int128
#define MM_BETTER greater_i128
#include "engine/function/minmax.inc"

#define MM_NAME min_f64
#define MM_BEST best_f64
#define MM_IN double
#define MM_BETTER less_or_equal_f64
#include "engine/function/minmax.inc"

#define MM_NAME max_f64
#define MM_BEST best_f64
#define MM_IN double
#define MM_BETTER greater_f64
#include "engine/function/minmax.inc"

#define MM_NAME min_num
#define MM_BEST best_num
#define MM_IN struct num
#define MM_BETTER less_or_equal_num
#include "engine/function/minmax.inc"

#define MM_NAME max_num
#define MM_BEST best_num
#define MM_IN struct num
#define MM_BETTER greater_num
#include "engine/function/minmax.inc"

#define MM_NAME min_interval
#define MM_BEST best_interval
#define MM_IN struct interval
#define MM_BETTER less_or_equal_interval
#include "engine/function/minmax.inc"

#define MM_NAME max_interval
#define MM_BEST best_interval
#define MM_IN struct interval
#define MM_BETTER greater_interval
#include "engine/function/minmax.inc"

#define MM_NAME min_timetz
#define MM_BEST best_interval
#define MM_IN struct interval
#define MM_BETTER less_or_equal_timetz
#include "engine/function/minmax.inc"

#define MM_NAME max_timetz
#define MM_BEST best_interval
#define MM_IN struct interval
#define MM_BETTER greater_timetz
#include "engine/function/minmax.inc"

/* ---- texts ---- */

struct best_text {
	struct text value; /* long ones point to own */
	char *own;         /* malloc'ed, capacity bytes reserved */
	uint32_t capacity;
	bool seen;
};

static bool text_keep(struct fncall *c, struct best_text *s, const struct text *x)
{
	if (x->len <= TEXT_INLINE) {
		s->value = *x;
		s->seen = true;
		return true;
	}
	if (x->len > s->capacity) {
		uint32_t capacity = x->len + x->len / 2;
		char *own;
		if (!mem_reserve(c->mem, capacity - s->capacity, c->err))
			return false;
		own = realloc(s->own, capacity);
		ASSERT(own);
		s->own = own;
		s->capacity = capacity;
	}
	memcpy(s->own, text_data(x), x->len);
	s->value = text_make(s->own, x->len);
	s->seen = true;
	return true;
}

static void text_free(struct fncall *c, struct best_text *s)
{
	if (s->capacity) {
		free(s->own);
		mem_release(c->mem, s->capacity);
	}
	memset(s, 0, sizeof *s);
}

static bool text_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups, bool larger)
{
	const struct text *x = args[0].data;

	for (uint32_t i = 0; i < n; i++) {
		struct best_text *s = groups[i];
		const struct text *v = &x[view_index(&args[0], i)];
		if (s->seen && (larger ? order_str(v, &s->value) <= 0 : order_str(v, &s->value) >= 0))
			continue;
		if (!text_keep(c, s, v))
			return false;
	}
	return true;
}

static bool min_text_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups)
{
	return text_update(c, args, n, groups, false);
}

static bool max_text_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups)
{
	return text_update(c, args, n, groups, true);
}

static bool text_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n, bool larger)
{
	for (uint32_t i = 0; i < n; i++) {
		struct best_text *a = into[i], *b = from[i];
		int order = a->seen && b->seen ? order_str(&b->value, &a->value) : 0;
		if (b->seen && (!a->seen || (larger ? order > 0 : order < 0))) {
			struct best_text t = *a;
			*a = *b;
			*b = t;
		}
		text_free(c, b);
	}
	return true;
}

static bool min_text_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	return text_combine(c, into, from, n, false);
}

static bool max_text_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	return text_combine(c, into, from, n, true);
}

static bool text_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct best_text *s = states[i];
		if (!s->seen) {
			if (!vec_want_nulls(out, n, c->mem, c->err))
				return false;
			vec_set_null(out, i);
		} else if (!heap_add(out->heap, text_data(&s->value), s->value.len, (struct text *)out->data + i, c->err)) {
			return false;
		}
	}
	return true;
}

static void text_drop(struct fncall *c, void *const *states, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		text_free(c, states[i]);
}

static const struct agg_ops min_text_ops = {sizeof(struct best_text), min_text_update, NULL, min_text_combine,
											text_finish, text_drop};
static const struct agg_ops max_text_ops = {sizeof(struct best_text), max_text_update, NULL, max_text_combine,
											text_finish, text_drop};

/* ---- the table ---- */

#define EXTREME(fname, type, ops_, rule, text)                                                     \
	{.name = fname, .kind = FUNC_AGGREGATE, .nargs = 1, .args = {T(type)}, .result = T(type),      \
	 .agg = &ops_, .flags = FUNC_IGNORES_DISTINCT, .infer = rule, .help = text}
#define BOTH(type, suffix, rule)                                                                   \
	EXTREME("min", type, min_##suffix##_ops, rule, "smallest value"),                              \
	EXTREME("max", type, max_##suffix##_ops, rule, "largest value")

static const struct func minmax_forms[] = {
	BOTH(NUMERIC, i64, NULL),
	BOTH(NUMERIC, i128, NULL),
};

/* The argument's own type: its numeric form, char's length (which shows as padding). */
static struct type infer_same(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick)
{
	bool max = f->name[1] == 'a';

	(void)nargs;
	if (f->args[0].id != TYPE_NUMERIC)
		return arg_types[0].id == f->args[0].id ? arg_types[0] : f->result;
	arg_types[0] = numeric_form(arg_types[0]);
	if (arg_types[0].precision)
		*pick = &minmax_forms[(arg_types[0].precision > 18) * 2 + max];
	return (struct type){TYPE_NUMERIC, 0, arg_types[0].precision, arg_types[0].scale, -1};
}

const struct func functions_aggregate_minmax[] = {
	BOTH(INT2, i32, NULL),
	BOTH(INT4, i32, NULL),
	BOTH(INT8, i64, NULL),
	BOTH(OID, i64, NULL),
	BOTH(NUMERIC, num, infer_same),
	BOTH(FLOAT4, f64, NULL),
	BOTH(FLOAT8, f64, NULL),
	BOTH(DATE, i32, NULL),
	BOTH(TIME, i64, NULL),
	BOTH(TIMETZ, timetz, NULL),
	BOTH(TIMESTAMP, i64, NULL),
	BOTH(TIMESTAMPTZ, i64, NULL),
	BOTH(INTERVAL, interval, NULL),
	BOTH(TEXT, text, NULL),
	BOTH(BPCHAR, text, infer_same),
	EXTREME("collation_min", BYTEA, min_text_ops, NULL, "smallest collation_sort_key"),
	EXTREME("collation_max", BYTEA, max_text_ops, NULL, "largest collation_sort_key"),
	{.name = NULL},
};
