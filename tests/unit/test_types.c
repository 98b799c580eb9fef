/* Unit tests of engine/types: the type table, boxed values, input and output of every type. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/base/err.h"
#include "engine/types/json.h"
#include "engine/types/value.h"

static struct mem *mem;
static struct text_context context;

static int setup(void **state)
{
	(void)state;
	mem = mem_new(NULL, MEM_OTHER, "test", 256 << 20);
	context = text_context_default;
	context.timezone = "Asia/Ho_Chi_Minh";
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mem_free(mem);
	return 0;
}

/* What value_parse and value_print make of s (or "!SQLSTATE"); s gets a copy of its exact size, so that
 * a read past its end is seen by the sanitizers. */
static const char *convert(struct type t, struct str s, struct err *e)
{
	char *exact = malloc(s.len ? s.len : 1);
	struct value v;
	struct strbuf b;
	const char *result;

	memcpy(exact, s.data, s.len);
	err_clear(e);
	strbuf_init(&b, 0);
	if (value_parse(mem, t, str_make(exact, s.len), &context, &v, e)) {
		value_print(&v, &context, &b);
		result = mem_strndup(mem, strbuf_cstr(&b), b.len);
	} else {
		result = mem_printf(mem, "!%s", errcode_sqlstate(e->code));
	}
	strbuf_release(&b);
	free(exact);
	return result;
}

static void test_facts(void **state)
{
	static const struct {
		const char *type;
		int mod;
		const char *text, *expected;
	} facts[] = {
#define FACT(type, mod, text, expected) {type, mod, text, expected},
#include "tests/unit/facts_values.inc"
#undef FACT
	};
	struct err e;
	int wrong = 0;
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		enum type_id id;
		const char *got;
		assert_true(type_find(facts[i].type, &id));
		got = convert(type_with_mod(id, facts[i].mod), str_of(facts[i].text), &e);
		if (strcmp(got, facts[i].expected) != 0) {
			print_message("%s mod %d '%s': %s instead of %s\n", facts[i].type, facts[i].mod, facts[i].text,
						  got, facts[i].expected);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

static void check(enum type_id id, int32_t mod, const char *text, const char *expected)
{
	struct err e;
	assert_string_equal(convert(type_with_mod(id, mod), str_of(text), &e), expected);
}

static void test_text_lengths(void **state)
{
	char name[80];
	(void)state;

	check(TYPE_VARCHAR, 9, "hello   ", "hello");
	check(TYPE_VARCHAR, 9, "Nguyễ ", "Nguyễ");
	check(TYPE_VARCHAR, 9, "Nguyễn", "!22001");
	check(TYPE_VARCHAR, 4 + 8, "hello   ", "hello   ");
	check(TYPE_BPCHAR, 9, "ab", "ab   ");
	check(TYPE_BPCHAR, 9, "Đức", "Đức  ");
	check(TYPE_BPCHAR, 9, "Đứcabc", "!22001");
	check(TYPE_TEXT, -1, " a ", " a ");
	memset(name, 'x', 62);
	memcpy(name + 62, "Đ", 3);
	name[62 + 2] = '\0';
	assert_int_equal(strlen(convert(type_make(TYPE_NAME), str_of(name), &(struct err){0})), 62);
	check(TYPE_RECORD, -1, "(1)", "!0A000");
}

static void test_messages(void **state)
{
	struct err e;
	(void)state;

	convert(type_make(TYPE_INT4), STR("12a"), &e);
	assert_string_equal(e.message, "invalid input syntax for type integer: \"12a\"");
	convert(type_make(TYPE_INT2), STR("40000"), &e);
	assert_string_equal(e.message, "value \"40000\" is out of range for type smallint");
	convert(type_with_mod(TYPE_NUMERIC, typmod_numeric(5, 2)), STR("1000"), &e);
	assert_string_equal(e.message, "numeric field overflow");
	assert_string_equal(e.detail, "A field with precision 5, scale 2 must round to an absolute value less than 10^3.");
	convert(type_with_mod(TYPE_VARCHAR, 9), STR("abcdef"), &e);
	assert_string_equal(e.message, "value too long for type character varying(5)");
	convert(type_make(TYPE_DATE), STR("2020-13-01"), &e);
	assert_string_equal(e.hint, "Perhaps you need a different \"datestyle\" setting.");
	convert(type_make(TYPE_TIMESTAMPTZ), STR("2020-01-01 00:00 Foo/Bar"), &e);
	assert_string_equal(e.message, "time zone \"foo/bar\" not recognized");
	convert(type_make(TYPE_FLOAT8), STR("1e999"), &e);
	assert_string_equal(e.message, "\"1e999\" is out of range for type double precision");
}

/* Long and deep inputs end in an error or a value, never in a crash. */
static void test_hostile(void **state)
{
	size_t n = 1 << 20;
	char *big = malloc(n);
	struct err e;
	static const char fills[] = "[{1-.+:/ e\\\"'\xff\xc4PnT,";
	(void)state;

	for (const char *f = fills; *f; f++) {
		memset(big, *f, n);
		for (int id = 0; id < TYPE_COUNT; id++)
			convert(type_make((enum type_id)id), str_make(big, n), &e);
	}
	memset(big, '[', n);
	memset(big + n / 2, ']', n / 2);
	convert(type_make(TYPE_JSONB), str_make(big, n), &e);
	assert_int_equal(e.code, ERR_STATEMENT_TOO_COMPLEX);
	convert(type_make(TYPE_JSON), str_make(big + n / 2 - JSON_DEPTH, 2 * JSON_DEPTH), &e);
	assert_int_equal(e.code, ERR_NONE);
	assert_int_equal(strlen(convert(type_make(TYPE_JSONB), str_make(big + n / 2 - JSON_DEPTH, 2 * JSON_DEPTH), &e)),
					 2 * JSON_DEPTH);
	/* few bytes that want much memory run into the limit */
	big[0] = '[';
	for (size_t i = 1; i + 10 <= n; i += 9)
		memcpy(big + i, "1e130000,", 9);
	convert(type_make(TYPE_JSONB), str_make(big, n), &e);
	assert_int_equal(e.code, ERR_OUT_OF_MEMORY);
	mem_reset(mem);
	free(big);
}

static void test_random_bytes(void **state)
{
	static const char alphabet[] = "0123456789-+.:/ eETZPYMDHSW{}[]\",\\ujanfebpmacdoyskh\xc3\xa9";
	unsigned seed = 42;
	char text[40];
	struct err e;
	(void)state;

	for (int round = 0; round < 20000; round++) {
		size_t n = (size_t)rand_r(&seed) % sizeof text;
		for (size_t i = 0; i < n; i++)
			text[i] = alphabet[(size_t)rand_r(&seed) % (sizeof alphabet - 1)];
		convert(type_make((enum type_id)(rand_r(&seed) % TYPE_COUNT)), str_make(text, n), &e);
		if (round % 1000 == 0)
			mem_reset(mem);
	}
}

static void test_type_table(void **state)
{
	enum type_id id;
	struct type t;
	(void)state;

	assert_true(type_find("timestamptz", &id));
	assert_int_equal(id, TYPE_TIMESTAMPTZ);
	assert_true(type_find("double precision", &id) && id == TYPE_FLOAT8);
	assert_true(type_find("char", &id) && id == TYPE_BPCHAR);
	assert_false(type_find("blob", &id));
	assert_true(type_find_oid(1231, &t) && t.id == TYPE_NUMERIC && t.array);
	assert_true(type_find_oid(23, &t) && t.id == TYPE_INT4 && !t.array);
	assert_false(type_find_oid(0, &t));
	t = type_with_mod(TYPE_NUMERIC, typmod_numeric(12, 2));
	assert_int_equal(t.precision, 12);
	assert_int_equal(type_phys(t), PHYS_I64);
	assert_string_equal(type_name(t, mem), "numeric(12,2)");
	assert_string_equal(type_name(type_decimal(24, 4), mem), "numeric");
	t = type_with_mod(TYPE_NUMERIC, typmod_numeric(3, -2));
	assert_int_equal(t.precision, 0);
	assert_string_equal(type_name(t, mem), "numeric(3,-2)");
	assert_string_equal(type_name(type_with_mod(TYPE_VARCHAR, 24), mem), "character varying(20)");
	assert_string_equal(type_name(type_with_mod(TYPE_TIMESTAMPTZ, 3), mem), "timestamp(3) with time zone");
	assert_string_equal(type_name(type_with_mod(TYPE_INTERVAL, (0x1c08 << 16) | 3), mem),
						"interval day to second(3)");
	assert_string_equal(type_name(type_with_mod(TYPE_INTERVAL, (6 << 16) | 0xffff), mem), "interval year to month");
	t = type_make(TYPE_INT4);
	t.array = 1;
	assert_string_equal(type_name(t, mem), "integer[]");
	assert_true(type_same(type_decimal(10, 2), type_decimal(18, 2)));
	assert_false(type_same(type_decimal(10, 2), type_decimal(20, 2)));
	assert_false(type_same(type_decimal(10, 2), type_make(TYPE_NUMERIC)));
}

static struct value parsed(enum type_id id, const char *text)
{
	struct value v;
	assert_true(value_parse(mem, type_make(id), str_of(text), &context, &v, NULL));
	return v;
}

static void test_values(void **state)
{
	/* each list ascends */
	static const struct {
		enum type_id id;
		const char *texts[6];
	} orders[] = {
		{TYPE_BOOL, {"f", "t"}},
		{TYPE_INT4, {"-5", "0", "7"}},
		{TYPE_NUMERIC, {"-Infinity", "-1.5", "0", "1.25", "Infinity", "NaN"}},
		{TYPE_FLOAT8, {"-Infinity", "-1", "0", "1e300", "Infinity", "NaN"}},
		{TYPE_TEXT, {"", "B", "a", "abcdefghijklm", "abcdefghijklmn", "đ"}},
		{TYPE_UUID, {"00000000-0000-0000-0000-000000000001", "7fffffff-0000-0000-0000-000000000000",
					 "80000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"}},
		{TYPE_INTERVAL, {"-1 day", "23:59:59", "1 day 00:00:01", "1 mon", "31 days"}},
		{TYPE_TIMETZ, {"10:00+08", "10:00+07", "11:00+07"}},
		{TYPE_DATE, {"-infinity", "0044-03-15 BC", "2000-01-01", "infinity"}},
	};
	char slot[16];
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(orders); i++)
		for (int a = 0; a < 6 && orders[i].texts[a]; a++)
			for (int b = 0; b < 6 && orders[i].texts[b]; b++) {
				struct value x = parsed(orders[i].id, orders[i].texts[a]);
				struct value y = parsed(orders[i].id, orders[i].texts[b]), z;
				int c = value_compare(&x, &y);
				assert_int_equal((c > 0) - (c < 0), (a > b) - (a < b));
				assert_int_equal(value_same(&x, &y), a == b);
				if (phys_size(type_phys(x.type)) <= sizeof slot) {
					value_store(&x, slot);
					z = value_load(x.type, slot);
					assert_true(value_same(&x, &z));
				}
				z = value_copy(mem, &x);
				assert_true(value_same(&x, &z));
			}
	assert_int_equal(value_compare(&(struct value){.type = type_decimal(10, 2), .i64 = 150},
								   &(struct value){.type = type_make(TYPE_NUMERIC), .num = {15, 1, 0}}),
					 0);
	assert_true(value_null(type_make(TYPE_TEXT)).is_null);
	assert_int_equal(value_int8(7).i64, 7);
	assert_true(value_bool(true).b);
	assert_true(value_float8(0.5).f64 == 0.5);
	assert_int_equal(value_int4(-1).i32, -1);
}

static void test_json(void **state)
{
	struct err e;
	(void)state;

	check(TYPE_JSONB, -1, "{\"bb\":1,\"a\":[1 ,{}],\"a\":{\"z\":null,\"y\":1e2}}", "{\"a\": {\"y\": 100, \"z\": null}, \"bb\": 1}");
	convert(type_make(TYPE_JSON), STR("{\"a\" 1}"), &e);
	assert_string_equal(e.detail, "Expected \":\", but found \"1\" at byte 6.");
	convert(type_make(TYPE_JSON), STR("[1,"), &e);
	assert_string_equal(e.detail, "The input string ended unexpectedly.");
}

static void test_floats(void **state)
{
	struct strbuf b;
	uint64_t bits = 88172645463325252u;
	(void)state;

	strbuf_init(&b, 0);
	for (int i = 0; i < 20000; i++) { /* whatever the bits, the text reads back */
		double d, back;
		float f;
		bits ^= bits << 13;
		bits ^= bits >> 7;
		bits ^= bits << 17;
		memcpy(&d, &bits, sizeof d);
		memcpy(&f, &bits, sizeof f);
		strbuf_reset(&b);
		float_print(d, false, 1, &b);
		assert_true(float_parse(strbuf_str(&b), false, &back, NULL));
		assert_true(isnan(d) ? isnan(back) : back == d);
		strbuf_reset(&b);
		float_print((double)f, true, 1, &b);
		assert_true(float_parse(strbuf_str(&b), true, &back, NULL));
		assert_true(isnan(f) ? isnan(back) : back == (double)f);
	}
	strbuf_reset(&b);
	float_print(1.0 / 3, false, 0, &b);
	strbuf_addc(&b, ' ');
	float_print(1.0 / 3, false, -3, &b);
	strbuf_addc(&b, ' ');
	float_print(0.1f, true, 0, &b);
	assert_string_equal(strbuf_cstr(&b), "0.333333333333333 0.333333333333 0.1");
	strbuf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts),   cmocka_unit_test(test_text_lengths), cmocka_unit_test(test_messages),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_random_bytes), cmocka_unit_test(test_type_table),
		cmocka_unit_test(test_values),  cmocka_unit_test(test_json),         cmocka_unit_test(test_floats),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
