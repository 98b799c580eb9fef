/*
 * Comparison operators of every type that has an order, and $distinct. One function per operator: the
 * loops are chosen by the arguments' type (engine/kernel/compare.h).
 *
 * Mixed types (date with timestamp, integer with numeric) come here already cast by the binder; real with
 * double precision needs no cast because both stand as doubles. Nothing here can fail.
 */
#include "engine/function/numeric_form.h"
#include "engine/function/tables.h"
#include "engine/kernel/compare.h"

static bool compare_eq(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	kernel_compare(CMP_EQ, c->arg_types[0], &args[0], &args[1], n, out->data);
	return true;
}

static bool compare_ne(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	kernel_compare(CMP_NE, c->arg_types[0], &args[0], &args[1], n, out->data);
	return true;
}

static bool compare_lt(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	kernel_compare(CMP_LT, c->arg_types[0], &args[0], &args[1], n, out->data);
	return true;
}

static bool compare_le(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	kernel_compare(CMP_LE, c->arg_types[0], &args[0], &args[1], n, out->data);
	return true;
}

static bool compare_gt(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	kernel_compare(CMP_GT, c->arg_types[0], &args[0], &args[1], n, out->data);
	return true;
}

static bool compare_ge(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	kernel_compare(CMP_GE, c->arg_types[0], &args[0], &args[1], n, out->data);
	return true;
}

/* Under NULLs both sides hold zero values, so only one-sided NULLs need a correction. */
static bool compare_distinct(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	uint8_t *o = out->data;

	kernel_compare(CMP_NE, c->arg_types[0], &args[0], &args[1], n, o);
	if (args[0].valid || args[1].valid)
		for (uint32_t i = 0; i < n; i++) {
			bool a = view_is_null(&args[0], i), b = view_is_null(&args[1], i);
			if (a || b)
				o[i] = a != b;
		}
	return true;
}

#define COMPARE(symbol, a, b, impl, more, text)                                                    \
	{.name = symbol, .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(a), T(b)}, .result = T(BOOL),   \
	 .fn = impl, .flags = FUNC_LEAK_PROOF | (more), .infer = infer_aligned, .help = text}
#define COMPARE_ALL(a, b)                                                                          \
	COMPARE("=", a, b, compare_eq, FUNC_COMMUTATIVE, "equal"),                                     \
	COMPARE("<>", a, b, compare_ne, FUNC_COMMUTATIVE, "not equal"),                                \
	COMPARE("<", a, b, compare_lt, 0, "less than"),                                                \
	COMPARE("<=", a, b, compare_le, 0, "less than or equal"),                                      \
	COMPARE(">", a, b, compare_gt, 0, "greater than"),                                             \
	COMPARE(">=", a, b, compare_ge, 0, "greater than or equal"),                                   \
	{.name = "$distinct", .kind = FUNC_SCALAR, .nargs = 2, .args = {T(a), T(b)}, .result = T(BOOL), \
	 .fn = compare_distinct, .flags = FUNC_LEAK_PROOF | FUNC_NOT_STRICT | FUNC_COMMUTATIVE,        \
	 .infer = infer_aligned, .help = "IS DISTINCT FROM"}

const struct func functions_operators_compare[] = {
	COMPARE_ALL(BOOL, BOOL),
	COMPARE_ALL(INT2, INT2),
	COMPARE_ALL(INT4, INT4),
	COMPARE_ALL(INT2, INT4), /* the same int32 slots */
	COMPARE_ALL(INT4, INT2),
	COMPARE_ALL(INT8, INT8),
	COMPARE_ALL(OID, OID),
	COMPARE_ALL(NUMERIC, NUMERIC),
	COMPARE_ALL(FLOAT4, FLOAT4),
	COMPARE_ALL(FLOAT8, FLOAT8),
	COMPARE_ALL(FLOAT4, FLOAT8),
	COMPARE_ALL(FLOAT8, FLOAT4),
	COMPARE_ALL(TEXT, TEXT),
	COMPARE_ALL(BPCHAR, BPCHAR),
	COMPARE_ALL(NAME, NAME),
	COMPARE_ALL(NAME, TEXT),
	COMPARE_ALL(TEXT, NAME),
	COMPARE_ALL(BYTEA, BYTEA),
	COMPARE_ALL(DATE, DATE),
	COMPARE_ALL(TIME, TIME),
	COMPARE_ALL(TIMETZ, TIMETZ),
	COMPARE_ALL(TIMESTAMP, TIMESTAMP),
	COMPARE_ALL(TIMESTAMPTZ, TIMESTAMPTZ),
	COMPARE_ALL(INTERVAL, INTERVAL),
	COMPARE_ALL(UUID, UUID),
	COMPARE_ALL(JSONB, JSONB),
	{.name = NULL},
};
