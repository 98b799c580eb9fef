/* Column stores: what is read is what was written, zone maps, snapshots, small chunks melted, the file beyond memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/vector/colstore.h"

static const struct type types[3] = {{TYPE_INT4, 0, 0, 0, -1}, {TYPE_TEXT, 0, 0, 0, -1}, {TYPE_TEXT, 0, 0, 0, -1}};

/* Row i: its number (NULL every 7th), one of five texts, a text of its own that is too long to stand in place. */
static void fill(struct colsink *k, struct mem *m, uint32_t first, uint32_t n)
{
	struct colbuilder *b = colbuilder_new(k);
	struct err e;

	err_clear(&e);
	for (uint32_t at = 0; at < n; at += BATCH_ROWS) {
		uint32_t rows = n - at < BATCH_ROWS ? n - at : BATCH_ROWS;
		struct batch in;

		batch_init(&in, 3, m);
		in.rows = rows;
		for (uint32_t c = 0; c < 3; c++)
			assert_true(vec_init_flat(&in.cols[c], types[c], rows, m, &e));
		for (uint32_t i = 0; i < rows; i++) {
			uint32_t row = first + at + i;
			char few[16], own[64];
			struct value v = row % 7 ? value_int4((int32_t)row) : value_null(types[0]);

			assert_true(vec_put(&in.cols[0], i, &v, m, &e));
			snprintf(few, sizeof few, "kind %u", row % 5);
			snprintf(own, sizeof own, "a text of row number %u", row);
			v = value_text(m, str_of(few));
			assert_true(vec_put(&in.cols[1], i, &v, m, &e));
			v = value_text(m, str_of(own));
			assert_true(vec_put(&in.cols[2], i, &v, m, &e));
		}
		assert_true(colbuilder_append(b, &in, &e));
		batch_release(&in);
	}
	assert_true(colbuilder_finish(b, &e));
	colbuilder_free(b);
}

static struct colstore *add(struct colspace *s, struct mem *m, struct colstore *before, uint32_t first, uint32_t n)
{
	struct colsink *k = colsink_new(s, types, 3, before);
	struct colstore *out;

	fill(k, m, first, n);
	assert_int_equal(colsink_rows(k), n);
	out = colsink_finish(k);
	colsink_free(k);
	return out;
}

/* All rows, read in steps that do not end on words of the NULL bits. */
static void check(const struct colstore *s, struct mem *m, uint64_t rows)
{
	uint32_t row = 0;
	struct err e;

	err_clear(&e);
	assert_int_equal(colstore_rows(s), rows);
	for (uint32_t k = 0; k < colstore_chunks(s); k++)
		for (uint32_t from = 0, n; from < colstore_chunk_rows(s, k); from += n) {
			struct vec v[3];

			n = colstore_chunk_rows(s, k) - from < 1000 ? colstore_chunk_rows(s, k) - from : 1000;
			for (uint32_t c = 0; c < 3; c++) {
				assert_true(colstore_read(s, k, c, from, n, &v[c], m, &e));
				assert_true(vec_verify(&v[c], n, &e));
			}
			for (uint32_t i = 0; i < n; i++, row++) {
				struct value a = vec_get(&v[0], i), b = vec_get(&v[1], i), c = vec_get(&v[2], i);
				char few[16], own[64];

				assert_int_equal(a.is_null, row % 7 == 0);
				assert_true(a.is_null || a.i32 == (int32_t)row);
				snprintf(few, sizeof few, "kind %u", row % 5);
				snprintf(own, sizeof own, "a text of row number %u", row);
				assert_true(str_eq(text_str(&b.text), str_of(few)));
				assert_true(str_eq(text_str(&c.text), str_of(own)));
			}
			for (uint32_t c = 0; c < 3; c++)
				vec_release(&v[c]);
		}
	assert_int_equal(row, rows);
}

static void run_with_limit(size_t limit, bool in_file)
{
	struct mem *m = mem_new(NULL, MEM_OTHER, "test", 0);
	struct colspace *s = colspace_new(m, limit, "/tmp");
	struct colstore *first = add(s, m, NULL, 0, 100000), *second;
	const struct colrange *r;

	check(first, m, 100000);
	assert_int_equal(colstore_chunks(first), 2);
	r = colstore_chunk_range(first, 1, 0);
	assert_true(r->known);
	assert_int_equal(r->least.i32, 65536 + (65536 % 7 == 0));
	assert_int_equal(r->greatest.i32, 99999);
	r = colstore_range(first, 0);
	assert_int_equal(r->least.i32, 1);
	assert_int_equal(r->nulls, 14286);
	assert_true(colstore_distinct(first, 0) > 75000 && colstore_distinct(first, 0) < 97000);
	assert_true(colstore_distinct(first, 1) > 4.5 && colstore_distinct(first, 1) < 5.5);
	assert_true((colspace_file_bytes(s) > 0) == in_file);
	/* adding leaves the old one as it was, and it may go first */
	second = add(s, m, first, 100000, 50000);
	check(first, m, 100000);
	colstore_unref(first);
	check(second, m, 150000);
	colstore_unref(second);
	assert_int_equal(colspace_file_bytes(s), 0);
	assert_int_equal(colspace_memory_bytes(s), 0);
	colspace_free(s);
	mem_free(m);
}

static void test_in_memory(void **state)
{
	(void)state;
	run_with_limit(0, false);
}

static void test_in_file(void **state)
{
	(void)state;
	run_with_limit(1 << 20, true);
}

static void test_row_by_row(void **state)
{
	struct mem *m = mem_new(NULL, MEM_OTHER, "test", 0);
	struct colspace *s = colspace_new(m, 0, "/tmp");
	struct colstore *store = NULL;

	(void)state;
	for (uint32_t i = 0; i < 300; i++) {
		struct colstore *next = add(s, m, store, i, 1);
		colstore_unref(store);
		store = next;
	}
	check(store, m, 300);
	assert_true(colstore_chunks(store) <= 12);
	colstore_unref(store);
	colspace_free(s);
	mem_free(m);
}

static void test_empty(void **state)
{
	struct mem *m = mem_new(NULL, MEM_OTHER, "test", 0);
	struct colspace *s = colspace_new(m, 0, "/tmp");
	struct colstore *store = add(s, m, NULL, 0, 0);

	(void)state;
	check(store, m, 0);
	assert_false(colstore_range(store, 0)->known);
	colstore_unref(store);
	colspace_free(s);
	mem_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_memory),
		cmocka_unit_test(test_in_file),
		cmocka_unit_test(test_row_by_row),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
