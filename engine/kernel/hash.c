/*
 * Hash kernels: values that order.h calls equal hash alike, within one type. No state; any thread.
 */
#include "engine/base/hash.h"
#include "engine/kernel/compare.h"
#include "engine/kernel/order.h"

#define HASH_OF_NULL UINT64_C(0x6b8b4567327b23c6)

TEMPLATE uint64_t hash_boolean(const uint8_t *x) { return hash_u64(*x + 1u); }
TEMPLATE uint64_t hash_i32(const int32_t *x) { return hash_u64((uint64_t)(int64_t)*x + 0x9e3779b97f4a7c15ull); }
TEMPLATE uint64_t hash_i64(const int64_t *x) { return hash_u64((uint64_t)*x + 0x9e3779b97f4a7c15ull); }
TEMPLATE uint64_t hash_i128(const int128 *x)
{
	return hash_combine((uint64_t)((uint128)*x >> 64), (uint64_t)*x);
}
TEMPLATE uint64_t hash_f64(const double *x)
{
	double d = *x == 0 ? 0 : *x; /* -0 equals 0 */
	uint64_t bits;
	memcpy(&bits, &d, sizeof bits);
	if (d != d)
		bits = UINT64_C(0x7ff8000000000000);
	return hash_u64(bits + 0x9e3779b97f4a7c15ull);
}
static uint64_t hash_interval(const struct interval *x)
{
	int128 span = ((int128)x->months * 30 + x->days) * USEC_PER_DAY + x->usec;
	return hash_i128(&span);
}
static uint64_t hash_timetz(const struct interval *x)
{
	return hash_combine((uint64_t)(x->usec + x->days * USEC_PER_SEC), (uint64_t)(int64_t)x->days);
}
static uint64_t hash_str(const struct text *x)
{
	uint64_t words[2];
	if (x->len > TEXT_INLINE)
		return hash_bytes(text_data(x), x->len, 0);
	memcpy(words, x, sizeof words);
	return hash_combine(words[0], words[1]);
}

#define NAME hash_rows_boolean
#define IN uint8_t
#define HASH hash_boolean
#include "engine/kernel/hash.inc"

#define NAME hash_rows_i32
#define IN int32_t
#define HASH hash_i32
#include "engine/kernel/hash.inc"

#define NAME hash_rows_i64
#define IN int64_t
#define HASH hash_i64
#include "engine/kernel/hash.inc"

#define NAME hash_rows_i128
#define IN int128
#define HASH hash_i128
#include "engine/kernel/hash.inc"

#define NAME hash_rows_f64
#define IN double
#define HASH hash_f64
#include "engine/kernel/hash.inc"

#define NAME hash_rows_num
#define IN struct num
#define HASH num_hash
#include "engine/kernel/hash.inc"

#define NAME hash_rows_interval
#define IN struct interval
#define HASH hash_interval
#include "engine/kernel/hash.inc"

#define NAME hash_rows_timetz
#define IN struct interval
#define HASH hash_timetz
#include "engine/kernel/hash.inc"

static uint64_t hash_jsonb(const struct text *x) { return jsonb_hash(text_str(x)); }
static uint64_t hash_value(const struct value *v);

static uint64_t hash_array(const struct text *x)
{
	struct array a;
	uint64_t hash = 1;

	array_open(text_str(x), &a);
	for (uint32_t i = 0; i < a.n; i++) {
		struct value v = array_get(&a, i);
		hash = hash_combine(hash, v.is_null ? HASH_OF_NULL : hash_value(&v));
	}
	return hash;
}

static uint64_t hash_record(const struct text *x)
{
	struct record_reader r;
	struct value v;
	uint64_t hash = 2;

	record_open(text_str(x), &r);
	while (record_next(&r, &v))
		hash = hash_combine(hash, v.is_null ? HASH_OF_NULL : hash_value(&v));
	return hash;
}

static uint64_t hash_value(const struct value *v)
{
	uint8_t byte;
	struct num n;

	switch (order_class(v->type)) {
	case ORDER_BOOL:
		byte = v->b;
		return hash_boolean(&byte);
	case ORDER_I32:
		return hash_i32(&v->i32);
	case ORDER_I64:
	case ORDER_I128:
		if (v->type.id == TYPE_NUMERIC) { /* of a record: any form */
			n = num_from_scaled(type_phys(v->type) == PHYS_I64 ? v->i64 : v->i128, v->type.scale);
			return num_hash(&n);
		}
		return order_class(v->type) == ORDER_I64 ? hash_i64(&v->i64) : hash_i128(&v->i128);
	case ORDER_F64:
		return hash_f64(&v->f64);
	case ORDER_NUM:
		return num_hash(&v->num);
	case ORDER_INTERVAL:
		return hash_interval(&v->interval);
	case ORDER_TIMETZ:
		return hash_timetz(&v->interval);
	case ORDER_STR:
		return hash_str(&v->text);
	case ORDER_ARRAY:
		return hash_array(&v->text);
	case ORDER_RECORD:
		return hash_record(&v->text);
	case ORDER_JSONB:
		return hash_jsonb(&v->text);
	}
	UNREACHABLE();
}

#define NAME hash_rows_array
#define IN struct text
#define HASH hash_array
#include "engine/kernel/hash.inc"

#define NAME hash_rows_record
#define IN struct text
#define HASH hash_record
#include "engine/kernel/hash.inc"

#define NAME hash_rows_jsonb
#define IN struct text
#define HASH hash_jsonb
#include "engine/kernel/hash.inc"

#define NAME hash_rows_str
#define IN struct text
#define HASH hash_str
#include "engine/kernel/hash.inc"

void kernel_hash(struct type t, const struct view *v, uint32_t n, bool combine, uint64_t *hash)
{
	switch (order_class(t)) {
	case ORDER_BOOL:
		hash_rows_boolean(v, n, combine, hash);
		return;
	case ORDER_I32:
		hash_rows_i32(v, n, combine, hash);
		return;
	case ORDER_I64:
		hash_rows_i64(v, n, combine, hash);
		return;
	case ORDER_I128:
		hash_rows_i128(v, n, combine, hash);
		return;
	case ORDER_F64:
		hash_rows_f64(v, n, combine, hash);
		return;
	case ORDER_NUM:
		hash_rows_num(v, n, combine, hash);
		return;
	case ORDER_INTERVAL:
		hash_rows_interval(v, n, combine, hash);
		return;
	case ORDER_TIMETZ:
		hash_rows_timetz(v, n, combine, hash);
		return;
	case ORDER_STR:
		hash_rows_str(v, n, combine, hash);
		return;
	case ORDER_ARRAY:
		hash_rows_array(v, n, combine, hash);
		return;
	case ORDER_RECORD:
		hash_rows_record(v, n, combine, hash);
		return;
	case ORDER_JSONB:
		hash_rows_jsonb(v, n, combine, hash);
		return;
	}
	UNREACHABLE();
}
