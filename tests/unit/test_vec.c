/* Vectors, heaps and batches: kinds, slices that share, flattening, NULLs, verification, accounting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "engine/vector/vec.h"

static struct mem *mem;
static struct err err;

static int setup(void **state)
{
	(void)state;
	mem = mem_new(NULL, MEM_QUERY, "test", 0);
	err_clear(&err);
	return 0;
}

/* Everything was given back. */
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

static size_t used(void)
{
	struct mem_stats s;
	mem_stats(mem, &s);
	return s.used;
}

static struct vec ints(uint32_t n)
{
	struct vec v;
	assert_true(vec_init_flat(&v, type_make(TYPE_INT4), n, mem, &err));
	for (uint32_t i = 0; i < n; i++)
		((int32_t *)v.data)[i] = (int32_t)i * 10;
	return v;
}

static struct vec texts(uint32_t n)
{
	struct vec v;
	assert_true(vec_init_flat(&v, type_make(TYPE_TEXT), n, mem, &err));
	for (uint32_t i = 0; i < n; i++) {
		struct value x = value_text(mem, str_of(i % 2 ? "ngắn" : "một đoạn văn bản dài hơn mười hai byte"));
		assert_true(vec_put(&v, i, &x, mem, &err));
	}
	return v;
}

static void test_flat_and_nulls(void **state)
{
	struct vec v = ints(100);
	(void)state;
	assert_true(vec_verify(&v, 100, &err));
	assert_int_equal(vec_get(&v, 7).i32, 70);
	assert_true(vec_want_nulls(&v, 100, mem, &err));
	vec_set_null(&v, 7);
	assert_true(vec_get(&v, 7).is_null);
	assert_false(vec_get(&v, 8).is_null);
	assert_true(vec_verify(&v, 100, &err));
	((int32_t *)v.data)[7] = 3;
	assert_false(vec_verify(&v, 100, &err));
	assert_int_equal(err.code, ERR_INTERNAL);
	vec_release(&v);
}

static void test_const(void **state)
{
	struct vec v;
	struct value x = value_int4(42), null = value_null(type_make(TYPE_TEXT));
	(void)state;
	assert_true(vec_init_const(&v, &x, mem, &err));
	assert_int_equal(vec_get(&v, 1999).i32, 42);
	vec_release(&v);
	assert_true(vec_init_const(&v, &null, mem, &err));
	assert_true(vec_get(&v, 5).is_null);
	assert_true(vec_verify(&v, 2048, &err));
	vec_release(&v);
}

static void test_slices_compose(void **state)
{
	struct vec v = ints(10), once, twice, flat;
	uint32_t first[] = {9, 7, 5, 3}, second[] = {3, 0, 0};
	(void)state;
	assert_true(vec_slice(&once, &v, first, 4, mem, &err));
	assert_int_equal(once.kind, VEC_DICT);
	assert_ptr_equal(once.data, v.data);
	assert_true(vec_slice(&twice, &once, second, 3, mem, &err));
	assert_ptr_equal(twice.data, v.data);
	vec_release(&v);
	vec_release(&once);
	assert_int_equal(vec_get(&twice, 0).i32, 30);
	assert_int_equal(vec_get(&twice, 1).i32, 90);
	assert_true(vec_flatten(&flat, &twice, 3, mem, &err));
	vec_release(&twice);
	assert_int_equal(flat.kind, VEC_FLAT);
	assert_int_equal(vec_get(&flat, 2).i32, 90);
	assert_true(vec_verify(&flat, 3, &err));
	vec_release(&flat);
}

static void test_texts_outlive_their_vector(void **state)
{
	struct vec v = texts(6), slice, joined;
	uint32_t sel[] = {0, 1, 4};
	(void)state;
	assert_true(vec_slice(&slice, &v, sel, 3, mem, &err));
	assert_true(vec_init_flat(&joined, type_make(TYPE_TEXT), 5, mem, &err));
	assert_true(vec_append(&joined, 0, &slice, 1, 2, mem, &err));
	assert_true(vec_append(&joined, 2, &v, 3, 3, mem, &err));
	vec_release(&v);
	vec_release(&slice);
	assert_true(vec_verify(&joined, 5, &err));
	assert_int_equal(vec_get(&joined, 0).text.len, 6);
	assert_true(str_eq(text_str(&(struct text){0}), STR("")));
	struct value x = vec_get(&joined, 1);
	assert_true(str_eq(text_str(&x.text), STR("một đoạn văn bản dài hơn mười hai byte")));
	vec_release(&joined);
}

static void test_append_carries_nulls(void **state)
{
	struct vec v = ints(70), out;
	(void)state;
	assert_true(vec_want_nulls(&v, 70, mem, &err));
	vec_set_null(&v, 65);
	assert_true(vec_init_flat(&out, v.type, 200, mem, &err));
	assert_true(vec_append(&out, 0, &v, 0, 64, mem, &err));
	assert_true(vec_append(&out, 64, &v, 60, 10, mem, &err));
	for (uint32_t i = 0; i < 74; i++)
		assert_int_equal(vec_get(&out, i).is_null, i == 69);
	assert_true(vec_verify(&out, 74, &err));
	vec_release(&v);
	vec_release(&out);
}

static void test_batch_slice_shares_one_selection(void **state)
{
	struct batch b, s, again;
	uint32_t sel[] = {8, 6, 4, 2}, sel2[] = {1, 3};
	struct value x = value_int4(5);
	(void)state;
	batch_init(&b, 3, mem);
	batch_init(&s, 3, mem);
	batch_init(&again, 3, mem);
	b.rows = 10;
	b.cols[0] = ints(10);
	b.cols[1] = texts(10);
	assert_true(vec_init_const(&b.cols[2], &x, mem, &err));
	assert_true(batch_slice(&s, &b, sel, 4, mem, &err));
	assert_ptr_equal(s.cols[0].sel_buf, s.cols[1].sel_buf);
	assert_int_equal(s.cols[2].kind, VEC_CONST);
	assert_true(batch_slice(&again, &s, sel2, 2, mem, &err));
	assert_ptr_equal(again.cols[0].sel_buf, again.cols[1].sel_buf);
	batch_release(&b);
	batch_release(&s);
	assert_int_equal(again.rows, 2);
	assert_int_equal(vec_get(&again.cols[0], 0).i32, 60);
	assert_int_equal(vec_get(&again.cols[0], 1).i32, 20);
	assert_true(batch_bytes(&again) > 0);
	batch_release(&again);
}

static void test_memory_limit(void **state)
{
	struct vec v;
	size_t before;
	(void)state;
	mem_set_limit(mem, 100000);
	before = used();
	assert_false(vec_init_flat(&v, type_make(TYPE_NUMERIC), 100000, mem, &err));
	assert_int_equal(err.code, ERR_OUT_OF_MEMORY);
	assert_int_equal(used(), before);
	err_clear(&err);
	assert_true(vec_init_flat(&v, type_make(TYPE_TEXT), 10, mem, &err));
	assert_null(heap_alloc(v.heap, 1000000, &err));
	assert_int_equal(err.code, ERR_OUT_OF_MEMORY);
	vec_release(&v);
	assert_int_equal(used(), before);
}

static void test_heap_places_are_stable(void **state)
{
	struct heap *h = heap_new(mem);
	char *p[2000];
	(void)state;
	for (int i = 0; i < 2000; i++) {
		p[i] = heap_alloc(h, (size_t)(i % 700) + 1, &err);
		assert_non_null(p[i]);
		memset(p[i], i & 0xff, (size_t)(i % 700) + 1);
	}
	p[0] = heap_alloc(h, 600000, &err);
	memset(p[0], 0, 600000);
	for (int i = 1; i < 2000; i++)
		for (int k = 0; k <= i % 700; k++)
			assert_int_equal((unsigned char)p[i][k], i & 0xff);
	heap_unref(h);
}

static void test_long_chain_of_heaps(void **state)
{
	struct heap *h = heap_new(mem);
	(void)state;
	assert_non_null(heap_alloc(h, 20, &err));
	for (int i = 0; i < 100000; i++) {
		struct heap *next = heap_new(mem);
		heap_adopt(next, h);
		heap_adopt(next, h);
		heap_unref(h);
		h = next;
	}
	heap_unref(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_flat_and_nulls, setup, teardown),
		cmocka_unit_test_setup_teardown(test_const, setup, teardown),
		cmocka_unit_test_setup_teardown(test_slices_compose, setup, teardown),
		cmocka_unit_test_setup_teardown(test_texts_outlive_their_vector, setup, teardown),
		cmocka_unit_test_setup_teardown(test_append_carries_nulls, setup, teardown),
		cmocka_unit_test_setup_teardown(test_batch_slice_shares_one_selection, setup, teardown),
		cmocka_unit_test_setup_teardown(test_memory_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_heap_places_are_stable, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_chain_of_heaps, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
