/*
 * Boxed values: making, copying, moving to and from vector slots, comparing. Text conversion stands
 * in value_text.c. Nothing here fails.
 */
#include <math.h>

#include "engine/types/array.h"
#include "engine/types/datetime.h"
#include "engine/types/decimal.h"
#include "engine/types/json_order.h"
#include "engine/types/record.h"
#include "engine/types/value.h"

static struct value blank(struct type t)
{
	struct value v;
	memset(&v, 0, sizeof v);
	v.type = t;
	return v;
}

struct value value_null(struct type t)
{
	struct value v = blank(t);
	v.is_null = true;
	return v;
}

struct value value_bool(bool b)
{
	struct value v = blank(type_make(TYPE_BOOL));
	v.b = b;
	return v;
}

struct value value_int4(int32_t i)
{
	struct value v = blank(type_make(TYPE_INT4));
	v.i32 = i;
	return v;
}

struct value value_int8(int64_t i)
{
	struct value v = blank(type_make(TYPE_INT8));
	v.i64 = i;
	return v;
}

struct value value_float8(double f)
{
	struct value v = blank(type_make(TYPE_FLOAT8));
	v.f64 = f;
	return v;
}

static struct text text_copy(struct mem *m, struct str s)
{
	return text_make(s.len > TEXT_INLINE ? mem_dup(m, s.data, s.len) : s.data, s.len);
}

struct value value_text(struct mem *m, struct str s)
{
	struct value v = blank(type_make(TYPE_TEXT));
	v.text = text_copy(m, s);
	return v;
}

struct value value_copy(struct mem *m, const struct value *v)
{
	struct value copy = *v;
	if (!v->is_null && type_phys(v->type) == PHYS_STR)
		copy.text = text_copy(m, text_str(&v->text));
	return copy;
}

void value_store(const struct value *v, void *slot)
{
	enum phys p = type_phys(v->type);
	uint8_t byte;

	if (p == PHYS_BOOL) {
		byte = v->b;
		memcpy(slot, &byte, 1);
	} else {
		/* all members start at the union's address */
		memcpy(slot, (const char *)v + offsetof(struct value, i32), phys_size(p));
	}
}

struct value value_load(struct type t, const void *slot)
{
	struct value v = blank(t);
	enum phys p = type_phys(t);
	uint8_t byte;

	if (p == PHYS_BOOL) {
		memcpy(&byte, slot, 1);
		v.b = byte != 0;
	} else {
		memcpy((char *)&v + offsetof(struct value, i32), slot, phys_size(p));
	}
	return v;
}

static int compare_double(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) - isnan(b);
	return (a > b) - (a < b);
}

/* timetz: the same moment first, then the zone further west (the larger number) last. */
static int compare_timetz(const struct interval *a, const struct interval *b)
{
	int64_t x = a->usec + a->days * USEC_PER_SEC, y = b->usec + b->days * USEC_PER_SEC;
	if (x != y)
		return x < y ? -1 : 1;
	return (a->days > b->days) - (a->days < b->days);
}

static struct num as_num(const struct value *v)
{
	switch (type_phys(v->type)) {
	case PHYS_I64:
		return num_from_scaled(v->i64, v->type.scale);
	case PHYS_I128:
		return num_from_scaled(v->i128, v->type.scale);
	case PHYS_NUM:
		return v->num;
	case PHYS_BOOL:
	case PHYS_I32:
	case PHYS_F64:
	case PHYS_INTERVAL:
	case PHYS_STR:
	case PHYS_COUNT:
		break;
	}
	UNREACHABLE();
}

int value_compare(const struct value *a, const struct value *b)
{
	if (a->type.id == TYPE_NUMERIC && !a->type.array && !type_same(a->type, b->type)) {
		struct num x = as_num(a), y = as_num(b);
		return num_compare(&x, &y);
	}
	switch (type_phys(a->type)) {
	case PHYS_BOOL:
		return (int)a->b - (int)b->b;
	case PHYS_I32:
		return (a->i32 > b->i32) - (a->i32 < b->i32);
	case PHYS_I64:
		return (a->i64 > b->i64) - (a->i64 < b->i64);
	case PHYS_I128:
		return (a->i128 > b->i128) - (a->i128 < b->i128);
	case PHYS_F64:
		return compare_double(a->f64, b->f64);
	case PHYS_NUM:
		return num_compare(&a->num, &b->num);
	case PHYS_INTERVAL:
		return a->type.id == TYPE_TIMETZ ? compare_timetz(&a->interval, &b->interval)
										 : interval_compare(&a->interval, &b->interval);
	case PHYS_STR:
		if (a->type.array)
			return array_compare(text_str(&a->text), text_str(&b->text));
		if (a->type.id == TYPE_RECORD)
			return record_compare(text_str(&a->text), text_str(&b->text));
		if (a->type.id == TYPE_JSONB)
			return jsonb_compare(text_str(&a->text), text_str(&b->text));
		return str_compare(text_str(&a->text), text_str(&b->text));
	case PHYS_COUNT:
		break;
	}
	UNREACHABLE();
}

bool value_same(const struct value *a, const struct value *b)
{
	if (!type_same(a->type, b->type) || a->type.mod != b->type.mod || a->is_null != b->is_null)
		return false;
	if (a->is_null)
		return true;
	switch (type_phys(a->type)) {
	case PHYS_BOOL:
		return a->b == b->b;
	case PHYS_I32:
		return a->i32 == b->i32;
	case PHYS_I64:
		return a->i64 == b->i64;
	case PHYS_I128:
		return a->i128 == b->i128;
	case PHYS_F64: /* by bits: -0 prints unlike 0 */
		return a->i64 == b->i64;
	case PHYS_NUM:
		return a->num.kind == b->num.kind && a->num.coef == b->num.coef && a->num.scale == b->num.scale;
	case PHYS_INTERVAL:
		return a->interval.usec == b->interval.usec && a->interval.days == b->interval.days
			   && a->interval.months == b->interval.months;
	case PHYS_STR:
		return str_eq(text_str(&a->text), text_str(&b->text));
	case PHYS_COUNT:
		break;
	}
	UNREACHABLE();
}
