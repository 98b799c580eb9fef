/* Unit tests of exact decimals: PostgreSQL's results, 128-bit edges, hashing, rounding. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/types/decimal.h"
#include "engine/types/wide_int.h"

static bool apply(const char *op, const struct num *a, const struct num *b, struct num *r, struct err *e)
{
	static const struct {
		const char *name;
		bool (*two)(const struct num *, const struct num *, struct num *, struct err *);
		bool (*one)(const struct num *, struct num *, struct err *);
	} ops[] = {
		{"add", num_add, NULL},   {"sub", num_sub, NULL}, {"mul", num_mul, NULL}, {"div", num_div, NULL},
		{"mod", num_mod, NULL},   {"pow", num_power, NULL}, {"log", num_log, NULL}, {"sqrt", NULL, num_sqrt},
		{"exp", NULL, num_exp},   {"ln", NULL, num_ln},   {"ceil", NULL, num_ceil}, {"floor", NULL, num_floor},
	};
	int64_t n;

	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		if (strcmp(ops[i].name, op) == 0)
			return ops[i].two ? ops[i].two(a, b, r, e) : ops[i].one(a, r, e);
	if (strcmp(op, "round") == 0 || strcmp(op, "trunc") == 0)
		return num_to_i64(b, &n, e) && num_round(a, (int)n, op[0] == 't', r, e);
	if (strcmp(op, "cmp") == 0)
		*r = num_from_i64(num_compare(a, b));
	else
		*r = *a;
	return true;
}

static void test_facts(void **state)
{
	static const struct {
		const char *op, *a, *b, *expected;
	} facts[] = {
#define FACT(op, a, b, expected) {op, a, b, expected},
#include "tests/unit/facts_numeric.inc"
#undef FACT
	};
	struct strbuf out;
	int wrong = 0, wide = 0;
	(void)state;

	strbuf_init(&out, 0);
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		struct num a, b, r;
		struct err e;
		err_clear(&e);
		strbuf_reset(&out);
		if (num_parse(str_of(facts[i].a), &a, &e) && (!facts[i].b || num_parse(str_of(facts[i].b), &b, &e))
			&& apply(facts[i].op, &a, &b, &r, &e))
			num_print(&r, &out);
		else
			strbuf_addf(&out, "!%s", errcode_sqlstate(e.code));
		if (strcmp(strbuf_cstr(&out), facts[i].expected) != 0) {
			/* zeros may be dropped where 38 digits don't hold them */
			size_t n = out.len;
			if (n >= 38 && strncmp(facts[i].expected, strbuf_cstr(&out), n) == 0
				&& strspn(facts[i].expected + n, "0.") == strlen(facts[i].expected + n)) {
				wide++;
				continue;
			}
			print_message("%s(%s, %s): %s instead of %s\n", facts[i].op, facts[i].a, facts[i].b ? facts[i].b : "",
						  strbuf_cstr(&out), facts[i].expected);
			wrong++;
		}
	}
	strbuf_release(&out);
	assert_int_equal(wrong, 0);
	assert_true(wide < 10);
}

static struct num num(const char *text)
{
	struct num n;
	assert_true(num_parse(str_of(text), &n, NULL));
	return n;
}

static void test_limits(void **state)
{
	struct num max = num("99999999999999999999999999999999999999"), one = num("1"), r;
	struct num tiny = num("0.00000000000000000000000000000000000001");
	struct err e;
	int128 x;
	(void)state;

	err_clear(&e);
	assert_false(num_add(&max, &one, &r, &e));
	assert_int_equal(e.code, ERR_NUMERIC_OUT_OF_RANGE);
	assert_false(num_mul(&max, &max, &r, NULL));
	assert_false(num_add(&max, &tiny, &r, NULL));
	assert_false(num_mul(&tiny, &tiny, &r, NULL));
	assert_true(num_sub(&max, &max, &r, NULL));
	assert_int_equal(num_sign(&r), 0);
	assert_true(num_compare(&max, &tiny) > 0);
	assert_false(num_parse(STR("100000000000000000000000000000000000000"), &r, NULL));
	assert_false(num_parse(STR("1e-39"), &r, NULL));
	assert_true(num_parse(STR("1.00000000000000000000000000000000000000000000000000"), &r, NULL));
	assert_true(num_compare(&r, &one) == 0);
	/* 20 digits before and 20 behind the point */
	assert_false(num_parse(STR("12345678901234567890.12345678901234567891"), &r, NULL));
	/* long texts round right into a scaled integer */
	assert_true(num_parse_scaled(STR("1.00499999999999999999999999999999999999999999999999"), 10, 2, &x, NULL));
	assert_int_equal((int64_t)x, 100);
	assert_true(num_parse_scaled(STR("-1.005000000000000000000000000000000000000000000000"), 10, 2, &x, NULL));
	assert_int_equal((int64_t)x, -101);
	assert_true(num_parse_scaled(STR("99999999999999999999999999999999999998.5"), 38, 0, &x, NULL));
	assert_true(x == max.coef);
	err_clear(&e);
	assert_false(num_parse_scaled(STR("99999999999999999999999999999999999999.5"), 38, 0, &x, &e));
	assert_int_equal(e.code, ERR_NUMERIC_OUT_OF_RANGE);
	assert_false(decimal_mul_pow10(max.coef, 1, &x));
	assert_true(decimal_mul_pow10(0, 500, &x) && x == 0);
	assert_int_equal(decimal_digits(max.coef), 38);
	assert_int_equal(decimal_digits(0), 0);
	assert_int_equal(decimal_digits(-10), 2);
	for (int i = 0; i <= 38; i++)
		assert_int_equal(decimal_digits(decimal_pow10[i]), i + 1);
	assert_int_equal((int)decimal_div_pow10(-25, 1), -3);
	assert_int_equal((int)decimal_div_pow10(24, 1), 2);
	assert_int_equal((int)decimal_div_pow10(max.coef, 38), 1);
	assert_int_equal((int)decimal_div_pow10(max.coef, 50), 0);
}

static void test_conversions(void **state)
{
	static const char *const texts[] = {"0", "-1.5", "0.1", "123456789012345678.901234567", "1e30", "1e-30",
										"9007199254740993", "0.30000000000000004", "99999999999999999999"};
	struct num n, a = num("1.50"), b = num("1.5"), c = num("-1.5");
	struct err e;
	int64_t i;
	(void)state;

	for (size_t k = 0; k < ARRAY_LEN(texts); k++) {
		n = num(texts[k]);
		assert_true(num_to_double(&n) == strtod(texts[k], NULL));
	}
	assert_true(num_from_double(0.1 + 0.2, 15, &n, NULL));
	assert_true(num_compare(&n, &(struct num){3, 1, NUM_FINITE}) == 0);
	assert_true(num_from_double(INFINITY, 15, &n, NULL) && n.kind == NUM_INFINITY);
	assert_true(isnan(num_to_double(&(struct num){0, 0, NUM_NAN})));
	assert_false(num_from_double(1e40, 15, &n, NULL));
	assert_true(num_to_i64(&c, &i, NULL) && i == -2);
	n = num("9223372036854775807.5");
	err_clear(&e);
	assert_false(num_to_i64(&n, &i, &e));
	assert_string_equal(e.message, "bigint out of range");
	assert_true(num_hash(&a) == num_hash(&b));
	assert_true(num_hash(&a) != num_hash(&c));
	a = num("0.000");
	b = num("0");
	assert_true(num_hash(&a) == num_hash(&b) && num_compare(&a, &b) == 0);
	a = num("100");
	b = num("100.0000000000000000000000");
	assert_true(num_hash(&a) == num_hash(&b));
}

/* Division against multiplication: q * v + r == u, r < v, on random limbs with runs of ones. */
static void test_wide(void **state)
{
	unsigned seed = 3;
	(void)state;

	for (int round = 0; round < 50000; round++) {
		uint64_t u[6], v[4], q[6], r[4], back[10];
		int nv = 1 + rand_r(&seed) % 4;
		for (int i = 0; i < 6; i++)
			u[i] = rand_r(&seed) % 3 == 0 ? UINT64_MAX : (uint64_t)rand_r(&seed) << 33 ^ (uint64_t)rand_r(&seed);
		for (int i = 0; i < 4; i++)
			v[i] = i >= nv ? 0 : rand_r(&seed) % 3 == 0 ? UINT64_MAX << rand_r(&seed) % 64 : (uint64_t)rand_r(&seed) << 20;
		if (wide_len(v, 4) == 0)
			v[0] = 1;
		wide_divmod(q, r, u, 6, v, 4);
		wide_mul(back, q, 6, v, 4);
		assert_true(wide_cmp(r, v, 4) < 0);
		{
			uint64_t rest[10] = {r[0], r[1], r[2], r[3]};
			wide_add(back, rest, 10);
		}
		assert_memory_equal(back, u, sizeof u);
		assert_int_equal(wide_len(back + 6, 4), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_conversions),
		cmocka_unit_test(test_wide),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
