/*
 * count(*), count(any), bool_and, bool_or, every, bit_and, bit_or, bit_xor. The state of count never
 * overflows in practice (2^63 rows); the others cannot fail.
 */
#include "engine/function/numeric_form.h"
#include "engine/function/tables.h"

/* ---- count ---- */

static bool count_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups)
{
	(void)c;
	(void)args;
	for (uint32_t i = 0; i < n; i++)
		++*(int64_t *)groups[i];
	return true;
}

static bool count_update_one(struct fncall *c, const struct view *args, uint32_t n, void *state)
{
	(void)c;
	(void)args;
	*(int64_t *)state += n;
	return true;
}

static bool count_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	(void)c;
	for (uint32_t i = 0; i < n; i++)
		*(int64_t *)into[i] += *(const int64_t *)from[i];
	return true;
}

static bool count_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	(void)c;
	for (uint32_t i = 0; i < n; i++)
		((int64_t *)out->data)[i] = *(const int64_t *)states[i];
	return true;
}

static const struct agg_ops count_ops = {
	.state_size = sizeof(int64_t),
	.update = count_update,
	.update_one = count_update_one,
	.combine = count_combine,
	.finish = count_finish,
};

/* ---- one word of bits per group ---- */

struct bits {
	int64_t value;
	bool seen;
};

enum bits_op { BITS_AND, BITS_OR, BITS_XOR };

static inline void bits_add(struct bits *s, int64_t x, enum bits_op op)
{
	if (!s->seen) {
		s->value = x;
		s->seen = true;
		return;
	}
	switch (op) {
	case BITS_AND:
		s->value &= x;
		return;
	case BITS_OR:
		s->value |= x;
		return;
	case BITS_XOR:
		s->value ^= x;
		return;
	}
}

static int64_t load_bits(struct type t, const struct view *v, uint32_t i)
{
	uint32_t at = view_index(v, i);

	if (t.id == TYPE_BOOL)
		return ((const uint8_t *)v->data)[at];
	return type_phys(t) == PHYS_I32 ? ((const int32_t *)v->data)[at] : ((const int64_t *)v->data)[at];
}

static bool bits_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups, enum bits_op op)
{
	for (uint32_t i = 0; i < n; i++)
		bits_add(groups[i], load_bits(c->arg_types[0], &args[0], i), op);
	return true;
}

static bool and_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups)
{
	return bits_update(c, args, n, groups, BITS_AND);
}

static bool or_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups)
{
	return bits_update(c, args, n, groups, BITS_OR);
}

static bool xor_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups)
{
	return bits_update(c, args, n, groups, BITS_XOR);
}

static bool bits_combine(void *const *into, void *const *from, uint32_t n, enum bits_op op)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct bits *s = from[i];
		if (s->seen)
			bits_add(into[i], s->value, op);
	}
	return true;
}

static bool and_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	(void)c;
	return bits_combine(into, from, n, BITS_AND);
}

static bool or_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	(void)c;
	return bits_combine(into, from, n, BITS_OR);
}

static bool xor_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	(void)c;
	return bits_combine(into, from, n, BITS_XOR);
}

static bool bits_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct bits *s = states[i];
		if (!s->seen) {
			if (!vec_want_nulls(out, n, c->mem, c->err))
				return false;
			vec_set_null(out, i);
		} else if (c->result.id == TYPE_BOOL) {
			((uint8_t *)out->data)[i] = (uint8_t)s->value;
		} else if (type_phys(c->result) == PHYS_I32) {
			((int32_t *)out->data)[i] = (int32_t)s->value;
		} else {
			((int64_t *)out->data)[i] = s->value;
		}
	}
	return true;
}

static const struct agg_ops and_ops = {sizeof(struct bits), and_update, NULL, and_combine, bits_finish, NULL};
static const struct agg_ops or_ops = {sizeof(struct bits), or_update, NULL, or_combine, bits_finish, NULL};
static const struct agg_ops xor_ops = {sizeof(struct bits), xor_update, NULL, xor_combine, bits_finish, NULL};

#define COUNT(type)                                                                                \
	{.name = "count", .kind = FUNC_AGGREGATE, .nargs = 1, .args = {T(type)}, .result = T(INT8),    \
	 .agg = &count_ops, .flags = FUNC_LEAK_PROOF, .infer = infer_any_form, .help = "number of rows where it is not NULL"}
#define BITS(fname, type, ops, more, text)                                                         \
	{.name = fname, .kind = FUNC_AGGREGATE, .nargs = 1, .args = {T(type)}, .result = T(type),      \
	 .agg = &ops, .flags = FUNC_LEAK_PROOF | (more), .help = text}

const struct func functions_aggregate_count[] = {
	{.name = "count", .kind = FUNC_AGGREGATE, .nargs = 0, .result = T(INT8), .agg = &count_ops,
	 .flags = FUNC_LEAK_PROOF | FUNC_NOT_STRICT, .help = "number of rows"},
#define TYPE(name, sql, oid, array_oid, physical, category, preferred, typlen) COUNT(name),
#include "engine/types/types.def"
#undef TYPE
	BITS("bool_and", BOOL, and_ops, FUNC_IGNORES_DISTINCT, "whether all are true"),
	BITS("every", BOOL, and_ops, FUNC_IGNORES_DISTINCT, "whether all are true"),
	BITS("bool_or", BOOL, or_ops, FUNC_IGNORES_DISTINCT, "whether any is true"),
	BITS("bit_and", INT2, and_ops, FUNC_IGNORES_DISTINCT, "bitwise and of all"),
	BITS("bit_and", INT4, and_ops, FUNC_IGNORES_DISTINCT, "bitwise and of all"),
	BITS("bit_and", INT8, and_ops, FUNC_IGNORES_DISTINCT, "bitwise and of all"),
	BITS("bit_or", INT2, or_ops, FUNC_IGNORES_DISTINCT, "bitwise or of all"),
	BITS("bit_or", INT4, or_ops, FUNC_IGNORES_DISTINCT, "bitwise or of all"),
	BITS("bit_or", INT8, or_ops, FUNC_IGNORES_DISTINCT, "bitwise or of all"),
	BITS("bit_xor", INT2, xor_ops, 0, "bitwise exclusive or of all"),
	BITS("bit_xor", INT4, xor_ops, 0, "bitwise exclusive or of all"),
	BITS("bit_xor", INT8, xor_ops, 0, "bitwise exclusive or of all"),
	{.name = NULL},
};
