/*
 * Comparison kernels: compare.h's entry points over loops that compare.inc makes for each type. What
 * is equal and what is less stands in order.h. No state; any thread.
 */
#include "engine/kernel/compare.h"
#include "engine/kernel/order.h"

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)

/* Indexed by the first four of enum loop. */
enum loop { LOOP_EQ, LOOP_NE, LOOP_LT, LOOP_LE, LOOP_COUNT };
typedef uint32_t select_fn(const struct view *a, const struct view *b, const uint32_t *sel, uint32_t n, uint32_t *out);
typedef void compare_fn(const struct view *a, const struct view *b, uint32_t n, uint8_t *restrict out);
struct compare_loops {
	select_fn *select[LOOP_COUNT];
	compare_fn *compare[LOOP_COUNT];
	int (*order)(const void *a, const void *b);
};

#define S boolean
#define VALUE uint8_t
#include "engine/kernel/compare_type.inc"
#define S i32
#define VALUE int32_t
#include "engine/kernel/compare_type.inc"
#define S i64
#define VALUE int64_t
#include "engine/kernel/compare_type.inc"
#define S i128
#define VALUE int128
#include "engine/kernel/compare_type.inc"
#define S f64
#define VALUE double
#include "engine/kernel/compare_type.inc"
#define S num
#define VALUE struct num
#include "engine/kernel/compare_type.inc"
#define S interval
#define VALUE struct interval
#include "engine/kernel/compare_type.inc"
#define S timetz
#define VALUE struct interval
#include "engine/kernel/compare_type.inc"
#define S str
#define VALUE struct text
#include "engine/kernel/compare_type.inc"
#define S array
#define VALUE struct text
#include "engine/kernel/compare_type.inc"
#define S record
#define VALUE struct text
#include "engine/kernel/compare_type.inc"
#define S jsonb
#define VALUE struct text
#include "engine/kernel/compare_type.inc"

static const struct compare_loops *loops_of(struct type t)
{
	switch (order_class(t)) {
	case ORDER_BOOL:
		return &loops_boolean;
	case ORDER_I32:
		return &loops_i32;
	case ORDER_I64:
		return &loops_i64;
	case ORDER_I128:
		return &loops_i128;
	case ORDER_F64:
		return &loops_f64;
	case ORDER_NUM:
		return &loops_num;
	case ORDER_INTERVAL:
		return &loops_interval;
	case ORDER_TIMETZ:
		return &loops_timetz;
	case ORDER_STR:
		return &loops_str;
	case ORDER_ARRAY:
		return &loops_array;
	case ORDER_RECORD:
		return &loops_record;
	case ORDER_JSONB:
		return &loops_jsonb;
	}
	UNREACHABLE();
}

/* The loop for op; *swap = with the sides exchanged. */
static enum loop loop_of(enum compare_op op, bool *swap)
{
	*swap = false;
	switch (op) {
	case CMP_EQ:
		return LOOP_EQ;
	case CMP_NE:
		return LOOP_NE;
	case CMP_LT:
		return LOOP_LT;
	case CMP_LE:
		return LOOP_LE;
	case CMP_GT:
		*swap = true;
		return LOOP_LT;
	case CMP_GE:
		*swap = true;
		return LOOP_LE;
	}
	UNREACHABLE();
}

uint32_t kernel_select(enum compare_op op, struct type t, const struct view *a, const struct view *b,
					   const uint32_t *sel_in, uint32_t n, uint32_t *sel_out)
{
	bool swap;
	enum loop loop = loop_of(op, &swap);
	return loops_of(t)->select[loop](swap ? b : a, swap ? a : b, sel_in, n, sel_out);
}

void kernel_compare(enum compare_op op, struct type t, const struct view *a, const struct view *b, uint32_t n,
					uint8_t *out)
{
	bool swap;
	enum loop loop = loop_of(op, &swap);
	loops_of(t)->compare[loop](swap ? b : a, swap ? a : b, n, out);
}

int kernel_compare_value(struct type t, const void *a, const void *b)
{
	return loops_of(t)->order(a, b);
}

bool kernel_equal_value(struct type t, const void *a, const void *b)
{
	if (order_class(t) == ORDER_STR)
		return equal_str(a, b);
	return loops_of(t)->order(a, b) == 0;
}
