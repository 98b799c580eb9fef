/*
 * What the array functions share: arguments of a row as arrays and values, results built in r->buf (ROWS_BUILD).
 */
#ifndef HOPLUU_FUNCTION_ARRAY_ROWS_H
#define HOPLUU_FUNCTION_ARRAY_ROWS_H

#include "engine/function/rows.h"
#include "engine/types/array.h"

static inline void row_array(const struct row *r, unsigned a, struct array *out)
{
	array_open(row_str(r, a), out);
}

static inline struct value row_value(const struct row *r, unsigned a)
{
	struct type t = r->call->arg_types[a];

	return row_is_null(r, a) ? value_null(t) : value_load(t, row_slot(r, a, phys_size(type_phys(t))));
}

/* The result is argument a as it stands. */
static inline bool row_same_array(struct row *r, unsigned a)
{
	struct str s = row_str(r, a);

	strbuf_add(r->buf, s.data, s.len);
	return true;
}

/* Equal as = says, NULLs equal each other. */
static inline bool array_items_equal(const struct value *a, const struct value *b)
{
	return a->is_null || b->is_null ? a->is_null == b->is_null : value_compare(a, b) == 0;
}

#define ARRAY_FN(n, r, f, fl, h, ...)                                                              \
	{.name = (n), .kind = FUNC_SCALAR, .nargs = sizeof((struct type[]){__VA_ARGS__}) / sizeof(struct type), \
	 .args = {__VA_ARGS__}, .result = r, .fn = (f), .flags = (fl), .volatility = FUNC_IMMUTABLE, .help = (h)}
#define ARRAY_OP(n, r, f, fl, h, x, y)                                                             \
	{.name = (n), .kind = FUNC_OPERATOR, .nargs = 2, .args = {x, y}, .result = r, .fn = (f), .flags = (fl), .help = (h)}
/* Names without commas, so that they pass as one macro argument. */
#define ANYARRAY T_POLY(ANYARRAY)
#define ANYELEMENT T_POLY(ANYELEMENT)
#define ANYNONARRAY T_POLY(ANYNONARRAY)
#define COMPATARRAY T_POLY(COMPATARRAY)
#define COMPAT T_POLY(COMPAT)
#define A_INT4 T(INT4)
#define A_TEXT T(TEXT)
#define A_BOOL T(BOOL)
#define INT4_ARRAY T_ARRAY(INT4)
#define TEXT_ARRAY T_ARRAY(TEXT)

#endif
