/*
 * Kernels: every comparison of every physical type against a plain comparison of two values, over all
 * shapes, with and without NULLs and selections; hashing; arithmetic at the edges of the ranges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/kernel/arith.h"
#include "engine/kernel/compare.h"
#include "engine/kernel/convert.h"
#include "engine/types/decimal.h"

#define ROWS 300

static struct mem *mem;
static struct err err;
static uint32_t seed = 12345;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static int setup(void **state)
{
	(void)state;
	mem = mem_new(NULL, MEM_QUERY, "test", 0);
	err_clear(&err);
	return 0;
}

static int teardown(void **state)
{
	struct mem_stats s;
	(void)state;
	mem_reset(mem);
	mem_stats(mem, &s);
	assert_int_equal(s.used, 0);
	mem_free(mem);
	return 0;
}

static const enum type_id ids[] = {TYPE_BOOL, TYPE_INT4, TYPE_INT8, TYPE_UUID, TYPE_FLOAT8, TYPE_NUMERIC, TYPE_INTERVAL,
								   TYPE_TIMETZ, TYPE_TEXT, TYPE_BYTEA};

/* Few distinct values, so that equal ones are common. */
static struct value random_value(enum type_id id)
{
	static const double doubles[] = {0.0, -0.0, 1.5, -1.5, 1e300, NAN, INFINITY, -INFINITY};
	static const char *const texts[] = {"", "a", "ab", "abc", "abcd", "abcde", "exactly12byt", "exactly12bytX", "a long text A",
										"a long text B", "a long text", "đường", "đườn"};
	struct value v = {.type = type_make(id)};
	uint32_t k = draw(6);

	switch (id) {
	case TYPE_BOOL:
		v.b = k & 1;
		break;
	case TYPE_INT4:
		v.i32 = (int32_t)k - 3;
		break;
	case TYPE_INT8:
		v.i64 = ((int64_t)k - 3) * (INT64_C(1) << 40);
		break;
	case TYPE_UUID:
		v.i128 = ((int128)k - 3) * ((int128)1 << 100);
		break;
	case TYPE_FLOAT8:
		v.f64 = doubles[draw(8)];
		break;
	case TYPE_NUMERIC:
		v.num = (struct num){.coef = k < 2 ? 15 : k < 4 ? 150 : -7, .scale = k < 2 ? 1 : k < 4 ? 2 : 0};
		if (draw(5) == 0)
			v.num = (struct num){.kind = (uint8_t)(1 + draw(3))};
		break;
	case TYPE_INTERVAL: {
		static const struct interval known[] = {{.months = 1}, {.days = 30}, {.usec = 30 * INT64_C(86400000000)}, {.days = -1},
												{.usec = 1}, {.usec = 0}};
		v.interval = known[k];
		break;
	}
	case TYPE_TIMETZ:
		v.interval = (struct interval){.usec = (int64_t)(k % 3) * 3600000000, .days = (int32_t)(k / 2) * 3600 - 3600};
		break;
	default:
		k = draw(ARRAY_LEN(texts));
		v.text = text_make(texts[k], strlen(texts[k]));
		break;
	}
	return v;
}

/* A vector of that many rows in some shape. */
static struct vec random_vec(enum type_id id, enum vec_kind kind, bool nulls)
{
	struct vec flat, out;
	uint32_t sel[ROWS];
	struct value v = random_value(id);

	if (kind == VEC_CONST) {
		if (nulls && draw(2))
			v = value_null(type_make(id));
		assert_true(vec_init_const(&out, &v, mem, &err));
		return out;
	}
	assert_true(vec_init_flat(&flat, type_make(id), ROWS, mem, &err));
	for (uint32_t i = 0; i < ROWS; i++) {
		v = nulls && draw(4) == 0 ? value_null(type_make(id)) : random_value(id);
		assert_true(vec_put(&flat, i, &v, mem, &err));
		sel[i] = draw(ROWS);
	}
	if (kind == VEC_FLAT)
		return flat;
	assert_true(vec_slice(&out, &flat, sel, ROWS, mem, &err));
	vec_release(&flat);
	return out;
}

static bool holds(enum compare_op op, int c)
{
	switch (op) {
	case CMP_EQ:
		return c == 0;
	case CMP_NE:
		return c != 0;
	case CMP_LT:
		return c < 0;
	case CMP_LE:
		return c <= 0;
	case CMP_GT:
		return c > 0;
	case CMP_GE:
		return c >= 0;
	}
	return false;
}

static void check_pair(const struct vec *a, const struct vec *b)
{
	struct view x = vec_view(a), y = vec_view(b);
	uint32_t picked[ROWS], sel_in[ROWS], n_in = 0;
	uint8_t bytes[ROWS];

	for (uint32_t i = 0; i < ROWS; i++)
		if (draw(3))
			sel_in[n_in++] = i;
	for (enum compare_op op = CMP_EQ; op <= CMP_GE; op++) {
		uint32_t n = kernel_select(op, a->type, &x, &y, NULL, ROWS, picked), at = 0;
		kernel_compare(op, a->type, &x, &y, ROWS, bytes);
		for (uint32_t i = 0; i < ROWS; i++) {
			struct value p = vec_get(a, i), q = vec_get(b, i);
			bool want;
			if (p.is_null || q.is_null)
				continue;
			want = holds(op, value_compare(&p, &q));
			assert_int_equal(bytes[i], want);
			if (want) {
				assert_true(at < n);
				assert_int_equal(picked[at++], i);
			}
		}
		assert_int_equal(at, n);
		n = kernel_select(op, a->type, &x, &y, sel_in, n_in, picked);
		at = 0;
		for (uint32_t k = 0; k < n_in; k++) {
			struct value p = vec_get(a, sel_in[k]), q = vec_get(b, sel_in[k]);
			if (!p.is_null && !q.is_null && holds(op, value_compare(&p, &q)))
				assert_int_equal(picked[at++], sel_in[k]);
		}
		assert_int_equal(at, n);
	}
}

static void test_compare_everything(void **state)
{
	(void)state;
	for (size_t t = 0; t < ARRAY_LEN(ids); t++)
		for (int ka = VEC_FLAT; ka <= VEC_DICT; ka++)
			for (int kb = VEC_FLAT; kb <= VEC_DICT; kb++)
				for (int nulls = 0; nulls < 2; nulls++) {
					struct vec a = random_vec(ids[t], (enum vec_kind)ka, nulls), b = random_vec(ids[t], (enum vec_kind)kb, nulls);
					check_pair(&a, &b);
					vec_release(&a);
					vec_release(&b);
				}
}

static void test_equal_values_hash_alike(void **state)
{
	(void)state;
	for (size_t t = 0; t < ARRAY_LEN(ids); t++)
		for (int kind = VEC_FLAT; kind <= VEC_DICT; kind++) {
			struct vec a = random_vec(ids[t], (enum vec_kind)kind, true);
			struct view v = vec_view(&a);
			uint64_t h[ROWS], twice[ROWS];
			kernel_hash(a.type, &v, ROWS, false, h);
			kernel_hash(a.type, &v, ROWS, false, twice);
			kernel_hash(a.type, &v, ROWS, true, twice);
			for (uint32_t i = 0; i < ROWS; i++)
				for (uint32_t k = 0; k < i; k++) {
					struct value p = vec_get(&a, i), q = vec_get(&a, k);
					bool equal = p.is_null == q.is_null && (p.is_null || value_compare(&p, &q) == 0);
					assert_int_equal(equal, h[i] == h[k]);
					assert_int_equal(equal, twice[i] == twice[k]);
				}
			vec_release(&a);
		}
}

static void test_single_values(void **state)
{
	(void)state;
	for (size_t t = 0; t < ARRAY_LEN(ids); t++)
		for (int i = 0; i < 500; i++) {
			struct value a = random_value(ids[t]), b = random_value(ids[t]);
			_Alignas(16) unsigned char x[32], y[32];
			int c = value_compare(&a, &b), k;
			value_store(&a, x);
			value_store(&b, y);
			k = kernel_compare_value(a.type, x, y);
			assert_int_equal((k > 0) - (k < 0), (c > 0) - (c < 0));
			assert_int_equal(kernel_equal_value(a.type, x, y), c == 0);
		}
}

/* One value on each side, through the flat, constant and selected loops; bad must agree. */
static int64_t binary_i64(binary_fn *f, int64_t a, int64_t b, int64_t *out)
{
	int64_t x[2] = {a, a}, y[2] = {b, b}, o[2], constant[2];
	uint32_t sel[2] = {1, 0};
	struct view p = {.data = x}, q = {.data = y}, c = {.data = y, .is_const = true}, s = {.data = y, .sel = sel};
	struct view pc = {.data = x, .is_const = true};
	int64_t bad = f(&p, &q, 2, o);

	assert_int_equal(f(&p, &c, 2, constant) < 0, bad < 0);
	assert_memory_equal(o, constant, sizeof o);
	assert_int_equal(f(&pc, &q, 2, constant) < 0, bad < 0);
	assert_memory_equal(o, constant, sizeof o);
	assert_int_equal(f(&pc, &c, 2, constant) < 0, bad < 0);
	assert_memory_equal(o, constant, sizeof o);
	assert_int_equal(f(&p, &s, 2, constant) < 0, bad < 0);
	assert_memory_equal(o, constant, sizeof o);
	*out = o[0];
	return bad;
}

static void test_bigint_arithmetic(void **state)
{
	static const int64_t edges[] = {0, 1, -1, 2, -2, 3037000499, 3037000500, -3037000500, INT64_MAX, INT64_MIN, INT64_MAX - 1,
									INT64_MIN + 1, INT64_MAX / 2, 1000000007};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(edges); i++)
		for (size_t k = 0; k < ARRAY_LEN(edges); k++) {
			int64_t a = edges[i], b = edges[k], r, want;
			bool over = __builtin_add_overflow(a, b, &want);
			assert_int_equal(binary_i64(k_add_i64, a, b, &r) < 0, over);
			assert_true(over || r == want);
			over = __builtin_sub_overflow(a, b, &want);
			assert_int_equal(binary_i64(k_sub_i64, a, b, &r) < 0, over);
			assert_true(over || r == want);
			over = __builtin_mul_overflow(a, b, &want);
			assert_int_equal(binary_i64(k_mul_i64, a, b, &r) < 0, over);
			assert_true(over || r == want);
			over = a == INT64_MIN && b == -1;
			{
				int64_t bad = binary_i64(k_div_i64, a, b, &r);
				assert_int_equal(bad < 0, over);
				assert_int_equal((bad & ARITH_ZERO_DIVISOR) != 0, b == 0);
				assert_true(over || b == 0 || r == a / b);
				bad = binary_i64(k_mod_i64, a, b, &r);
				assert_int_equal((bad & ARITH_ZERO_DIVISOR) != 0, b == 0);
				assert_true(b == 0 || r == (b == -1 ? 0 : a % b));
			}
		}
}

static void test_decimal_arithmetic(void **state)
{
	int128 most = decimal_pow10[38] - 1, x[1], y[1], o[1];
	struct view a = {.data = x}, b = {.data = y};
	(void)state;
	x[0] = most;
	y[0] = 0;
	assert_true(k_add_i128(&a, &b, 1, o) >= 0);
	assert_true(o[0] == most);
	y[0] = 1;
	assert_true(k_add_i128(&a, &b, 1, o) < 0);
	y[0] = most;
	assert_true(k_add_i128(&a, &b, 1, o) < 0);
	assert_true(k_sub_i128(&a, &b, 1, o) >= 0);
	assert_true(o[0] == 0);
	x[0] = -most;
	assert_true(k_sub_i128(&a, &b, 1, o) < 0);
	assert_true(k_mul_i128(&a, &b, 1, o) < 0);
	x[0] = decimal_pow10[19];
	y[0] = decimal_pow10[18];
	assert_true(k_mul_i128(&a, &b, 1, o) >= 0);
	assert_true(o[0] == decimal_pow10[37]);
	y[0] = decimal_pow10[19];
	assert_true(k_mul_i128(&a, &b, 1, o) < 0);
}

static void test_rescaling(void **state)
{
	int64_t x[4] = {15, -15, 14, 99}, o[4];
	int128 wide[4];
	struct view a = {.data = x};
	(void)state;
	assert_true(k_scale_i64_i64(&a, 4, o, -1, 0) >= 0);
	assert_int_equal(o[0], 2);
	assert_int_equal(o[1], -2);
	assert_int_equal(o[2], 1);
	assert_int_equal(o[3], 10);
	assert_true(k_scale_i64_i64(&a, 4, o, -1, 10) < 0);
	assert_true(k_scale_i64_i64(&a, 4, o, 2, 10000) >= 0);
	assert_int_equal(o[3], 9900);
	assert_true(k_scale_i64_i64(&a, 4, o, 2, 9900) < 0);
	assert_true(k_scale_i64_i128(&a, 4, wide, 30, 0) >= 0);
	assert_true(wide[1] == -15 * decimal_pow10[30]);
}

static void test_float_rounding(void **state)
{
	double x[] = {0.5, 1.5, 2.5, -0.5, -1.5, 2147483647.4999, -2147483648.5}, nan[] = {NAN}, over[] = {2147483647.5};
	int32_t o[7];
	struct view a = {.data = x}, n = {.data = nan}, v = {.data = over};
	(void)state;
	assert_true(k_f64_to_i32(&a, 7, o) >= 0);
	assert_int_equal(o[0], 0);
	assert_int_equal(o[1], 2);
	assert_int_equal(o[2], 2);
	assert_int_equal(o[3], 0);
	assert_int_equal(o[4], -2);
	assert_int_equal(o[5], INT32_MAX);
	assert_int_equal(o[6], INT32_MIN);
	assert_true(k_f64_to_i32(&n, 1, o) < 0);
	assert_true(k_f64_to_i32(&v, 1, o) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_compare_everything, setup, teardown),
		cmocka_unit_test_setup_teardown(test_equal_values_hash_alike, setup, teardown),
		cmocka_unit_test_setup_teardown(test_single_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bigint_arithmetic, setup, teardown),
		cmocka_unit_test_setup_teardown(test_decimal_arithmetic, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rescaling, setup, teardown),
		cmocka_unit_test_setup_teardown(test_float_rounding, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
