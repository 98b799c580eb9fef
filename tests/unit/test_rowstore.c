/* The row store: append, scan, gather, match, absorb, refusal of memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "engine/kernel/compare.h"
#include "engine/vector/rowstore.h"

#define ROWS 1500

static struct mem *mem;
static struct err err;
static uint8_t *rows[64 * ROWS];

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

static const struct type types[] = {
	{TYPE_INT4, 0, 0, 0, -1}, {TYPE_TEXT, 0, 0, 0, -1},   {TYPE_BOOL, 0, 0, 0, -1},
	{TYPE_UUID, 0, 0, 0, -1}, {TYPE_NUMERIC, 0, 0, 0, -1}, {TYPE_FLOAT8, 0, 0, 0, -1},
};
#define COLS ((uint32_t)(sizeof types / sizeof types[0]))

/* Row i of a stream: text is NULL for each fifth, the number for each seventh. */
static void fill(struct vec *cols, uint32_t from, uint32_t n)
{
	for (uint32_t c = 0; c < COLS; c++)
		assert_true(vec_init_flat(&cols[c], types[c], n, mem, &err));
	assert_true(vec_want_nulls(&cols[1], n, mem, &err));
	assert_true(vec_want_nulls(&cols[0], n, mem, &err));
	for (uint32_t k = 0; k < n; k++) {
		uint32_t i = from + k;
		char name[64];
		((int32_t *)cols[0].data)[k] = (int32_t)i;
		if (i % 7 == 0)
			vec_set_null(&cols[0], k);
		snprintf(name, sizeof name, i % 2 ? "n%u" : "a rather long name, number %u", i);
		assert_true(heap_add(cols[1].heap, name, strlen(name), (struct text *)cols[1].data + k, &err));
		if (i % 5 == 0)
			vec_set_null(&cols[1], k);
		((uint8_t *)cols[2].data)[k] = i & 1;
		((int128 *)cols[3].data)[k] = (int128)i << 70;
		((struct num *)cols[4].data)[k] = (struct num){.coef = i, .scale = 2};
		((double *)cols[5].data)[k] = i / 8.0;
	}
}

static void release(struct vec *cols)
{
	for (uint32_t c = 0; c < COLS; c++)
		vec_release(&cols[c]);
}

static void check_rows(struct rowstore *rs, uint8_t *const *r, uint32_t n, uint32_t first)
{
	struct vec got[COLS], want[COLS];
	fill(want, first, n);
	for (uint32_t c = 0; c < COLS; c++) {
		assert_true(rowstore_gather(rs, c, r, n, &got[c], mem, &err));
		assert_true(vec_verify(&got[c], n, &err));
		for (uint32_t i = 0; i < n; i++) {
			struct value a = vec_get(&got[c], i), b = vec_get(&want[c], i);
			assert_true(value_same(&a, &b));
		}
	}
	release(got);
	release(want);
}

static void test_append_scan_gather(void **state)
{
	struct rowlayout *l = rowlayout_new(mem, 24, types, COLS);
	struct rowstore *rs = rowstore_new(mem, l);
	struct rowcursor cursor = {0, 0};
	struct vec cols[COLS];
	uint32_t n, total = 0;
	uint8_t *some[1000];
	(void)state;
	assert_int_equal(l->width % 16, 0);
	for (uint32_t b = 0; b < 40; b++) {
		fill(cols, b * ROWS, ROWS);
		assert_true(rowstore_append(rs, cols, NULL, ROWS, rows + b * ROWS, &err));
		release(cols);
	}
	assert_int_equal(rowstore_rows(rs), 40 * ROWS);
	assert_true(rowstore_bytes(rs) >= (size_t)40 * ROWS * l->width);
	while ((n = rowstore_scan(rs, &cursor, some, 1000)) > 0) {
		for (uint32_t i = 0; i < n; i++) {
			assert_ptr_equal(some[i], rows[total + i]);
			assert_int_equal((uintptr_t)some[i] % 16, 0);
			for (uint32_t k = 0; k < 24; k++)
				assert_int_equal(some[i][k], 0);
		}
		check_rows(rs, some, n, total);
		total += n;
	}
	assert_int_equal(total, 40 * ROWS);
	rowstore_free(rs);
}

static void test_selected_rows_and_missing_ones(void **state)
{
	struct rowlayout *l = rowlayout_new(mem, 0, types, COLS);
	struct rowstore *rs = rowstore_new(mem, l);
	uint32_t sel[] = {3, 8, 1};
	struct vec cols[COLS], got;
	(void)state;
	fill(cols, 0, 10);
	assert_true(rowstore_append(rs, cols, sel, 3, rows, &err));
	release(cols);
	rows[3] = NULL;
	assert_true(rowstore_gather(rs, 0, rows, 4, &got, mem, &err));
	assert_int_equal(vec_get(&got, 1).i32, 8);
	assert_true(vec_get(&got, 3).is_null);
	vec_release(&got);
	assert_true(rowstore_gather(rs, 1, rows, 4, &got, mem, &err));
	rowstore_free(rs); /* the texts live on */
	assert_int_equal(vec_get(&got, 1).text.len, strlen("a rather long name, number 8"));
	assert_true(vec_verify(&got, 4, &err));
	vec_release(&got);
}

static void test_match(void **state)
{
	struct rowlayout *l = rowlayout_new(mem, 8, types, COLS);
	struct rowstore *rs = rowstore_new(mem, l);
	struct vec cols[COLS];
	struct view keys[COLS];
	uint8_t eq[ROWS];
	uint32_t shifted[ROWS];
	(void)state;
	fill(cols, 0, ROWS);
	assert_true(rowstore_append(rs, cols, NULL, ROWS, rows, &err));
	for (uint32_t c = 0; c < COLS; c++)
		keys[c] = vec_view(&cols[c]);
	rowstore_match(l, rows, keys, COLS, NULL, ROWS, true, eq);
	for (uint32_t i = 0; i < ROWS; i++)
		assert_int_equal(eq[i], 1);
	rowstore_match(l, rows, keys, COLS, NULL, ROWS, false, eq);
	for (uint32_t i = 0; i < ROWS; i++)
		assert_int_equal(eq[i], i % 5 != 0 && i % 7 != 0);
	for (uint32_t i = 0; i < ROWS; i++)
		shifted[i] = (i + 2) % ROWS;
	rowstore_match(l, rows, keys, 1, shifted, ROWS, true, eq);
	for (uint32_t i = 0; i < ROWS; i++)
		assert_int_equal(eq[i], i % 7 == 0 && shifted[i] % 7 == 0);
	rowstore_match(l, rows, keys + 2, 0, NULL, ROWS, true, eq);
	for (uint32_t i = 0; i < ROWS; i++)
		assert_int_equal(eq[i], 1);
	release(cols);
	rowstore_free(rs);
}

static void test_absorb(void **state)
{
	struct rowlayout *l = rowlayout_new(mem, 8, types, COLS);
	struct rowstore *rs = rowstore_new(mem, l), *other = rowstore_new(mem, l);
	struct rowcursor cursor = {0, 0};
	struct vec cols[COLS];
	(void)state;
	fill(cols, 0, ROWS);
	assert_true(rowstore_append(rs, cols, NULL, ROWS, rows, &err));
	release(cols);
	fill(cols, ROWS, ROWS);
	assert_true(rowstore_append(other, cols, NULL, ROWS, rows + ROWS, &err));
	release(cols);
	rowstore_absorb(rs, other);
	assert_int_equal(rowstore_rows(rs), 2 * ROWS);
	check_rows(rs, rows, 2 * ROWS, 0);
	assert_int_equal(rowstore_scan(rs, &cursor, rows, 64 * ROWS), 2 * ROWS);
	check_rows(rs, rows, 2 * ROWS, 0);
	rowstore_free(rs);
}

static void test_refused_append_leaves_no_trace(void **state)
{
	struct rowlayout *l = rowlayout_new(mem, 8, types, COLS);
	struct rowstore *rs = rowstore_new(mem, l);
	struct vec cols[COLS];
	uint32_t n = 0;
	struct mem_stats s;
	(void)state;
	fill(cols, 0, ROWS);
	mem_stats(mem, &s);
	mem_set_limit(mem, s.used + 3000000);
	while (rowstore_append(rs, cols, NULL, ROWS, rows + n, &err)) {
		n += ROWS;
		assert_true(n < 60 * ROWS);
	}
	assert_int_equal(err.code, ERR_OUT_OF_MEMORY);
	assert_true(n > 0);
	assert_int_equal(rowstore_rows(rs), n);
	mem_set_limit(mem, 0);
	struct rowcursor cursor = {0, 0};
	assert_int_equal(rowstore_scan(rs, &cursor, rows, 64 * ROWS), n);
	for (uint32_t at = 0; at < n; at += ROWS)
		check_rows(rs, rows + at, ROWS, 0);
	release(cols);
	rowstore_free(rs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_append_scan_gather, setup, teardown),
		cmocka_unit_test_setup_teardown(test_selected_rows_and_missing_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(test_match, setup, teardown),
		cmocka_unit_test_setup_teardown(test_absorb, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused_append_leaves_no_trace, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
