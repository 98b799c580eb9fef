/*
 * Order and equality of two values of each physical type, as inline functions that loops instantiate.
 * They are PostgreSQL's: NaN equals NaN and is larger than all numbers, -0 equals 0, intervals compare
 * by 30-day months, time with zone by the moment and then the zone, texts by bytes.
 * less and less_or_equal compute without branches where the type allows it.
 */
#ifndef HOPLUU_KERNEL_ORDER_H
#define HOPLUU_KERNEL_ORDER_H

#include "engine/types/array.h"
#include "engine/types/datetime.h"
#include "engine/types/decimal.h"
#include "engine/types/json_order.h"
#include "engine/types/record.h"

#include <string.h>

/* How values of a type compare: the physical type, but timetz is not an interval. */
enum order_class {
	ORDER_BOOL, ORDER_I32, ORDER_I64, ORDER_I128, ORDER_F64, ORDER_NUM, ORDER_INTERVAL, ORDER_TIMETZ, ORDER_STR,
	ORDER_ARRAY, ORDER_RECORD, ORDER_JSONB
};
static inline enum order_class order_class(struct type t)
{
	switch (type_phys(t)) {
	case PHYS_BOOL:
		return ORDER_BOOL;
	case PHYS_I32:
		return ORDER_I32;
	case PHYS_I64:
		return ORDER_I64;
	case PHYS_I128:
		return ORDER_I128;
	case PHYS_F64:
		return ORDER_F64;
	case PHYS_NUM:
		return ORDER_NUM;
	case PHYS_INTERVAL:
		return t.id == TYPE_TIMETZ ? ORDER_TIMETZ : ORDER_INTERVAL;
	case PHYS_STR:
		return t.array ? ORDER_ARRAY : t.id == TYPE_RECORD ? ORDER_RECORD : t.id == TYPE_JSONB ? ORDER_JSONB : ORDER_STR;
	case PHYS_COUNT:
		break;
	}
	UNREACHABLE();
}

#define ORDER_OF_NUMBERS(suffix, ctype)                                                            \
	TEMPLATE uint8_t equal_##suffix(const ctype *a, const ctype *b) { return *a == *b; }           \
	TEMPLATE uint8_t less_##suffix(const ctype *a, const ctype *b) { return *a < *b; }             \
	TEMPLATE uint8_t less_or_equal_##suffix(const ctype *a, const ctype *b) { return *a <= *b; }   \
	TEMPLATE int order_##suffix(const ctype *a, const ctype *b) { return (*a > *b) - (*a < *b); }
ORDER_OF_NUMBERS(boolean, uint8_t)
ORDER_OF_NUMBERS(i32, int32_t)
ORDER_OF_NUMBERS(i64, int64_t)
ORDER_OF_NUMBERS(i128, int128)
#undef ORDER_OF_NUMBERS

TEMPLATE uint8_t equal_f64(const double *a, const double *b)
{
	return (*a == *b) | ((*a != *a) & (*b != *b));
}
TEMPLATE uint8_t less_f64(const double *a, const double *b)
{
	return (*a < *b) | ((*a == *a) & (*b != *b));
}
TEMPLATE uint8_t less_or_equal_f64(const double *a, const double *b)
{
	return (*a <= *b) | (*b != *b);
}
TEMPLATE int order_f64(const double *a, const double *b) { return less_f64(b, a) - less_f64(a, b); }

#define ORDER_BY(suffix, ctype, compare)                                                           \
	TEMPLATE uint8_t equal_##suffix(const ctype *a, const ctype *b) { return compare(a, b) == 0; } \
	TEMPLATE uint8_t less_##suffix(const ctype *a, const ctype *b) { return compare(a, b) < 0; }   \
	TEMPLATE uint8_t less_or_equal_##suffix(const ctype *a, const ctype *b) { return compare(a, b) <= 0; } \
	TEMPLATE int order_##suffix(const ctype *a, const ctype *b) { return compare(a, b); }

TEMPLATE int timetz_compare(const struct interval *a, const struct interval *b)
{
	int64_t x = a->usec + a->days * USEC_PER_SEC, y = b->usec + b->days * USEC_PER_SEC;
	if (x != y)
		return x < y ? -1 : 1;
	return (a->days > b->days) - (a->days < b->days);
}
static inline int array_text_compare(const struct text *a, const struct text *b)
{
	return array_compare(text_str(a), text_str(b));
}
static inline int record_text_compare(const struct text *a, const struct text *b)
{
	return record_compare(text_str(a), text_str(b));
}
static inline int jsonb_text_compare(const struct text *a, const struct text *b)
{
	return jsonb_compare(text_str(a), text_str(b));
}
ORDER_BY(array, struct text, array_text_compare)
ORDER_BY(record, struct text, record_text_compare)
ORDER_BY(jsonb, struct text, jsonb_text_compare)
ORDER_BY(num, struct num, num_compare)
ORDER_BY(interval, struct interval, interval_compare)
ORDER_BY(timetz, struct interval, timetz_compare)
#undef ORDER_BY

/* Length and prefix, then the rest: mostly two comparisons of 64-bit words. */
TEMPLATE uint8_t equal_str(const struct text *a, const struct text *b)
{
	uint64_t x[2], y[2];
	memcpy(x, a, sizeof x);
	memcpy(y, b, sizeof y);
	if (x[0] != y[0])
		return 0;
	if (x[1] == y[1])
		return 1; /* the same inline text, or the same place */
	if (a->len <= TEXT_INLINE)
		return 0;
	return memcmp(text_data(a) + 4, text_data(b) + 4, a->len - 4) == 0;
}
TEMPLATE int order_str(const struct text *a, const struct text *b)
{
	uint32_t x, y, common = a->len < b->len ? a->len : b->len;
	int c;
	memcpy(&x, a->inlined, 4); /* the prefix, zero-padded */
	memcpy(&y, b->inlined, 4);
	if (x != y)
		return __builtin_bswap32(x) < __builtin_bswap32(y) ? -1 : 1;
	c = memcmp(text_data(a), text_data(b), common);
	return c ? c : (a->len > b->len) - (a->len < b->len);
}
TEMPLATE uint8_t less_str(const struct text *a, const struct text *b) { return order_str(a, b) < 0; }
TEMPLATE uint8_t less_or_equal_str(const struct text *a, const struct text *b) { return order_str(a, b) <= 0; }

#endif
