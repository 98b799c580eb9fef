/* Unit tests of engine/base: errors, memory tree, buffers, text, UTF-8, cancel flags, settings. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/base/cancel.h"
#include "engine/base/clock.h"
#include "engine/base/hash.h"
#include "engine/base/log.h"
#include "engine/base/settings.h"
#include "engine/base/str.h"
#include "engine/base/utf8.h"

static void test_err(void **state)
{
	struct err e, f;
	char longtext[3000];
	(void)state;

	err_clear(&e);
	assert_false(err_set(&e, ERR_DIVISION_BY_ZERO, "division by %s", "zero"));
	assert_false(err_set(&e, ERR_INTERNAL, "second"));
	assert_int_equal(e.code, ERR_DIVISION_BY_ZERO);
	assert_string_equal(e.message, "division by zero");
	err_context(&e, "while a");
	err_context(&e, "while b");
	assert_string_equal(e.context, "while a\nwhile b");
	err_source(&e, "srv");
	assert_string_equal(e.source, "srv");
	assert_string_equal(errcode_sqlstate(e.code), "22012");
	assert_string_equal(errcode_name(e.code), "division_by_zero");
	assert_int_equal(errcode_from_sqlstate("22012"), ERR_DIVISION_BY_ZERO);
	assert_int_equal(errcode_from_sqlstate("zzzzz"), ERR_INTERNAL);
	err_clear(&f);
	err_copy(&f, &e);
	assert_int_equal(f.code, ERR_DIVISION_BY_ZERO);
	err_clear(&e);
	for (size_t i = 0; i + 2 < sizeof longtext; i += 2)
		memcpy(longtext + i, "\xc4\x91", 3);
	err_at(&e, 4, ERR_SYNTAX_ERROR, "x%s", longtext);
	assert_int_equal(e.position, 5);
	assert_true(utf8_is_valid(e.message, strlen(e.message)));
	assert_true(strlen(e.message) > 1000);
	err_clear(&e);
	err_at(&e, 4, ERR_SYNTAX_ERROR, "%s", longtext);
	assert_true(utf8_is_valid(e.message, strlen(e.message)));
	assert_false(err_set(NULL, ERR_INTERNAL, "nobody listens"));
	assert_false(err_detail(NULL, "x"));
}

static int order[8], order_count;
static void note(void *arg)
{
	order[order_count++] = (int)(intptr_t)arg;
}

static void test_mem_tree(void **state)
{
	struct mem *root = mem_new(NULL, MEM_PROCESS, "process", 0);
	struct mem *q = mem_new(root, MEM_QUERY, "query 1", 8 << 20);
	struct mem *a = mem_new(q, MEM_SORT, "sort", 0);
	struct mem *b = mem_new(q, MEM_SORT, "sort 2", 0);
	struct mem_stats st;
	struct err e;
	int *array = NULL;
	size_t count = 0, cap = 0;
	(void)state;

	err_clear(&e);
	assert_true(mem_available(root) == SIZE_MAX);
	assert_true(mem_reserve(a, 5 << 20, &e));
	assert_true(mem_available(b) <= 3 << 20);
	assert_false(mem_reserve(b, 4 << 20, &e));
	assert_int_equal(e.code, ERR_OUT_OF_MEMORY);
	assert_non_null(strstr(e.message, "query 1"));
	assert_true(mem_reserve(b, 3 << 20, &e)); /* exactly what is left */
	assert_int_equal(mem_available(a), 0);
	mem_release(b, 3 << 20);
	mem_stats(q, &st);
	assert_int_equal(st.used, 5 << 20);
	assert_int_equal(st.peak, 8 << 20);
	assert_int_equal(st.limit, 8 << 20);
	mem_release(a, 5 << 20);
	mem_stats(root, &st);
	assert_int_equal(st.used, 0);

	for (int i = 0; i < 1000; i++)
		MEM_PUSH(a, array, count, cap, i);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(array[i], i);
	for (int i = 0; i < 2000; i++) {
		char *p = mem_alloc(a, (size_t)i);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (int k = 0; k < i; k++)
			assert_int_equal(p[k], 0);
		memset(p, 0xff, (size_t)i);
	}
	assert_string_equal(mem_printf(a, "%d-%s", 7, "x"), "7-x");
	assert_null(mem_strdup(a, NULL));
	assert_true(mem_check(a, &(struct err){0}));
	mem_alloc(a, 9 << 20);
	err_clear(&e);
	assert_false(mem_check(a, &e));
	assert_int_equal(e.code, ERR_OUT_OF_MEMORY);
	assert_false(mem_check(q, &(struct err){0}));
	assert_true(mem_check(root, &(struct err){0}));
	mem_reset(q);
	assert_true(mem_check(q, &(struct err){0}));
	mem_stats(root, &st);
	assert_int_equal(st.used, 0);

	order_count = 0;
	a = mem_new(q, MEM_SORT, "a", 0);
	mem_on_free(q, note, (void *)1);
	mem_on_free(q, note, (void *)2);
	mem_on_free(a, note, (void *)3);
	b = mem_new(q, MEM_SORT, "b", 0);
	mem_on_free(b, note, (void *)4);
	mem_free(q);
	assert_int_equal(order_count, 4);
	assert_int_equal(order[0], 4);
	assert_int_equal(order[1], 3);
	assert_int_equal(order[2], 2);
	assert_int_equal(order[3], 1);
	mem_free(root);
	mem_free(NULL);
}

static void *hammer(void *arg)
{
	struct mem *m = mem_new(arg, MEM_OTHER, "t", 0);
	struct err e;
	unsigned seed = 1;

	err_clear(&e);
	for (int i = 0; i < 20000; i++) {
		size_t n = (size_t)(rand_r(&seed) % 300000);
		if (!mem_reserve(m, n, &e))
			abort();
		mem_release(m, n);
	}
	mem_free(m);
	return NULL;
}

static void test_mem_threads(void **state)
{
	struct mem *root = mem_new(NULL, MEM_PROCESS, "process", 0);
	struct mem *q = mem_new(root, MEM_QUERY, "q", 64 << 20);
	struct mem_stats st;
	pthread_t t[4];
	(void)state;

	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, hammer, q);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	mem_stats(q, &st);
	assert_int_equal(st.used, 0);
	mem_free(root);
}

static void test_buf(void **state)
{
	struct mem *root = mem_new(NULL, MEM_QUERY, "q", 1 << 20);
	struct err e;
	struct buf *b, *c;
	struct mem_stats st;
	(void)state;

	err_clear(&e);
	b = buf_new(root, 1000, &e);
	assert_int_equal((uintptr_t)b->data % 64, 0);
	memset(b->data, 1, 1000);
	c = buf_ref(b);
	buf_unref(b);
	assert_int_equal(c->data[999], 1);
	assert_null(buf_new(root, 1 << 20, &e));
	assert_int_equal(e.code, ERR_OUT_OF_MEMORY);
	assert_null(buf_new(root, SIZE_MAX - 8, &e));
	buf_unref(c);
	buf_unref(NULL);
	assert_null(buf_ref(NULL));
	mem_stats(root, &st);
	assert_int_equal(st.used, 0);
	mem_free(root);
}

static void test_str(void **state)
{
	struct strbuf b;
	(void)state;

	assert_true(str_compare(STR("ab"), STR("abc")) < 0);
	assert_true(str_compare(STR("b"), STR("abc")) > 0);
	assert_int_equal(str_compare(STR(""), STR("")), 0);
	assert_true(str_eq_nocase(STR("AbZ"), STR("aBz")));
	assert_false(str_eq_nocase(STR("@"), STR("`")));
	assert_true(cstr_eq_nocase("Select", "SELECT"));
	assert_false(cstr_eq_nocase("Select", "SELECTS"));
	strbuf_init(&b, 10);
	assert_string_equal(strbuf_cstr(&b), "");
	strbuf_addf(&b, "%d", 12345);
	strbuf_adds(&b, "abcde");
	assert_false(b.overflow);
	strbuf_addc(&b, 'x');
	assert_true(b.overflow);
	assert_string_equal(strbuf_cstr(&b), "12345abcde");
	strbuf_release(&b);
	strbuf_init(&b, 0);
	for (int i = 0; i < 1000; i++)
		strbuf_addf(&b, "%300d", i);
	assert_int_equal(b.len, 300000);
	strbuf_reset(&b);
	assert_int_equal(b.len, 0);
	strbuf_release(&b);
	assert_int_equal(str_distance("selct", "select", 3), 1);
	assert_int_equal(str_distance("sleect", "SELECT", 3), 1);
	assert_int_equal(str_distance("abc", "xyz", 2), 3);
	assert_int_equal(str_distance("", "ab", 3), 2);
}

static void test_utf8(void **state)
{
	static const struct {
		const char *text;
		size_t len, valid;
	} cases[] = {
		{"Nguyễn Văn Đức", 20, 20}, {"abcdefgh\0x", 10, 8}, {"\xc0\x80", 2, 0},
		{"\xed\xa0\x80", 3, 0},     {"\xf4\x90\x80\x80", 4, 0}, {"\xf4\x8f\xbf\xbf", 4, 4},
		{"a\xe1\xbb", 3, 1},        {"\xe0\x9f\xbf", 3, 0},     {"\xf0\x8f\xbf\xbf", 4, 0},
		{"12345678\xff", 9, 8},     {"\xef\xbf\xbf", 3, 3},     {"", 0, 0},
	};
	unsigned size;
	char out[4];
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *exact = malloc(cases[i].len + 1); /* so that reading past the end is seen */
		memcpy(exact, cases[i].text, cases[i].len);
		exact = realloc(exact, cases[i].len ? cases[i].len : 1);
		assert_int_equal(utf8_valid_prefix(exact, cases[i].len), cases[i].valid);
		free(exact);
	}
	assert_int_equal(utf8_length("Nguyễn", 8), 6);
	assert_int_equal(utf8_offset("Nguyễn", 8, 5), 7);
	assert_int_equal(utf8_offset("Nguyễn", 8, 9), 8);
	for (uint32_t c = 1; c < 0x110000; c += 7) {
		unsigned n = utf8_encode(c, out);
		if (c >= 0xd800 && c < 0xe000)
			continue;
		assert_true(utf8_is_valid(out, n));
		assert_int_equal(utf8_decode(out, &size), c);
		assert_int_equal(size, n);
	}
	assert_int_equal(utf8_width("abc", 3), 3);
	assert_int_equal(utf8_width("Nguyễn", 8), 6);
	assert_int_equal(utf8_width("e\xcc\x82\xcc\x83", 5), 1); /* decomposed */
	assert_int_equal(utf8_width("漢字", 6), 4);
	assert_true(utf8_is_ascii("0123456789", 10));
	assert_false(utf8_is_ascii("012345678\xc3", 10));
}

static _Atomic int calls;
static void on_cancel(void *arg)
{
	(void)arg;
	calls++;
}

struct self {
	struct cancel *c;
	int id;
};
static void leave(void *arg)
{
	struct self *s = arg;
	calls++;
	cancel_unsubscribe(s->c, s->id);
}

static void test_cancel(void **state)
{
	struct cancel *c = cancel_new();
	struct err e;
	struct self self;
	int gone;
	(void)state;

	err_clear(&e);
	assert_true(cancel_check(c, &e));
	cancel_subscribe(c, on_cancel, NULL);
	self.c = c;
	self.id = cancel_subscribe(c, leave, &self);
	gone = cancel_subscribe(c, on_cancel, NULL);
	cancel_unsubscribe(c, gone);
	calls = 0;
	cancel_raise(c, CANCEL_USER);
	cancel_raise(c, CANCEL_TIMEOUT);
	assert_int_equal(calls, 2);
	assert_int_equal(cancel_state(c), CANCEL_USER);
	assert_false(cancel_check(c, &e));
	assert_int_equal(e.code, ERR_QUERY_CANCELED);
	cancel_subscribe(c, on_cancel, NULL);
	assert_int_equal(calls, 3);
	cancel_free(c);

	c = cancel_new();
	calls = 0;
	cancel_subscribe(c, on_cancel, NULL);
	cancel_set_deadline(c, clock_monotonic_us() + 3600000000);
	cancel_set_deadline(c, clock_monotonic_us() + 20000);
	for (int i = 0; i < 200 && !calls; i++)
		usleep(10000);
	assert_int_equal(calls, 1);
	assert_int_equal(cancel_state(c), CANCEL_TIMEOUT);
	cancel_free(c);

	c = cancel_new();
	cancel_set_deadline(c, clock_monotonic_us() + 3600000000);
	cancel_set_deadline(c, 0);
	cancel_set_deadline(c, clock_monotonic_us() + 3600000000);
	cancel_raise(c, CANCEL_FAILED);
	err_clear(&e);
	assert_false(cancel_check(c, &e));
	assert_false(err_is_set(&e));
	cancel_free(c);
	cancel_free(NULL);
}

static void test_settings(void **state)
{
	struct settings s;
	struct err e;
	struct mem *m = mem_new(NULL, MEM_SESSION, "s", 0);
	(void)state;

	settings_init(&s);
	assert_int_equal(s.number[SET_memory_limit], 4 << 20);
	assert_string_equal(setting_text(&s, SET_memory_limit, m), "4GB");
	assert_string_equal(setting_text(&s, SET_pushdown, m), "full");
	assert_string_equal(setting_text(&s, SET_optimizer, m), "on");
	assert_string_equal(setting_text(&s, SET_timezone, m), "UTC");
	err_clear(&e);
	assert_true(setting_set(&s, "Memory_Limit", " 64 MB ", &e));
	assert_int_equal(s.number[SET_memory_limit], 65536);
	assert_true(setting_set(&s, "memory_limit", "2048", &e));
	assert_string_equal(setting_text(&s, SET_memory_limit, m), "2MB");
	assert_true(setting_set(&s, "statement_timeout", "1.5min", &e));
	assert_int_equal(s.number[SET_statement_timeout], 90000);
	assert_string_equal(setting_text(&s, SET_statement_timeout, m), "90s");
	assert_true(setting_set(&s, "statement_timeout", "0", &e));
	assert_string_equal(setting_text(&s, SET_statement_timeout, m), "0");
	assert_true(setting_set(&s, "optimizer", "FALSE", &e));
	assert_int_equal(s.number[SET_optimizer], 0);
	assert_true(setting_set(&s, "pushdown", "Filter", &e));
	assert_int_equal(s.number[SET_pushdown], PUSHDOWN_FILTER);
	assert_true(setting_set(&s, "pushdown", "DEFAULT", &e));
	assert_int_equal(s.number[SET_pushdown], PUSHDOWN_FULL);
	assert_true(setting_set(&s, "extra_float_digits", "-3", &e));
	assert_false(setting_set(&s, "extra_float_digits", "4", &e));
	assert_int_equal(e.code, ERR_INVALID_PARAMETER_VALUE);
	err_clear(&e);
	assert_false(setting_set(&s, "optimiser", "on", &e));
	assert_int_equal(e.code, ERR_UNDEFINED_OBJECT);
	assert_string_equal(e.hint, "Perhaps you meant \"optimizer\".");
	for (const char *const *bad = (const char *const[]){"", "x", "64mb", "1e999", "inf", "12 apples", "-1", NULL}; *bad; bad++) {
		err_clear(&e);
		assert_false(setting_set(&s, "memory_limit", *bad, &e));
		assert_int_equal(e.code, ERR_INVALID_PARAMETER_VALUE);
	}
	mem_free(m);
}

static void test_log(void **state)
{
	char path[] = "/tmp/hopluu_log_XXXXXX", text[256];
	int fd = mkstemp(path);
	ssize_t n;
	(void)state;

	assert_true(log_open(path));
	log_message(LOG_DEBUG, "not shown");
	log_message(LOG_ERROR, "one\ntwo %d", 3);
	log_open(NULL);
	n = read(fd, text, sizeof text - 1);
	assert_true(n > 0);
	text[n] = '\0';
	assert_non_null(strstr(text, " ERROR one two 3\n"));
	assert_null(strstr(text, "not shown"));
	close(fd);
	unlink(path);
	assert_false(log_open("/nonexistent/dir/log"));
	assert_true(hash_bytes("a", 1, 0) != hash_bytes("b", 1, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_err),    cmocka_unit_test(test_mem_tree), cmocka_unit_test(test_mem_threads),
		cmocka_unit_test(test_buf),    cmocka_unit_test(test_str),      cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_cancel), cmocka_unit_test(test_settings), cmocka_unit_test(test_log),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
