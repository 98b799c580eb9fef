/* Unit tests of the calendar, zones and date arithmetic. Reading and printing: test_types.c. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/types/datetime.h"

#define ZONE "America/New_York"

static const struct text_context context = {ZONE, 1, ORDER_YMD, 0};

static bool stamp(const char *s, int64_t *t, struct err *e)
{
	return timestamp_parse(str_of(s), -1, &context, t, e);
}

static bool stamptz(const char *s, int64_t *t, struct err *e)
{
	return timestamptz_parse(str_of(s), -1, &context, t, e);
}

static bool span(const char *s, struct interval *i, struct err *e)
{
	return interval_parse(str_of(s), -1, i, e);
}

static bool apply(const char *op, const char *a, const char *b, struct strbuf *out, struct err *e)
{
	struct interval i, j;
	int64_t t, u;
	int east;

	if (strcmp(op, "tsadd") == 0) {
		if (!stamp(a, &t, e) || !span(b, &i, e) || !timestamp_add_interval(t, &i, &t, e))
			return false;
		timestamp_print(t, out);
	} else if (strcmp(op, "tzadd") == 0) {
		if (!stamptz(a, &t, e) || !span(b, &i, e) || !timestamptz_add_interval(t, &i, ZONE, &t, e))
			return false;
		timestamptz_print(t, ZONE, out);
	} else if (strcmp(op, "age") == 0) {
		if (!stamp(a, &t, e) || !stamp(b, &u, e))
			return false;
		i = timestamp_age(t, u);
		interval_print(&i, out);
	} else if (strcmp(op, "imul") == 0 || strcmp(op, "idiv") == 0) {
		double f = strtod(b, NULL);
		if (!span(a, &i, e) || !(op[1] == 'm' ? interval_mul(&i, f, &i, e) : interval_div(&i, f, &i, e)))
			return false;
		interval_print(&i, out);
	} else if (strcmp(op, "iadd") == 0) {
		if (!span(a, &i, e) || !span(b, &j, e) || !interval_add(&i, &j, &i, e))
			return false;
		interval_print(&i, out);
	} else if (strcmp(op, "icmp") == 0) {
		if (!span(a, &i, e) || !span(b, &j, e))
			return false;
		strbuf_addf(out, "%d", interval_compare(&i, &j));
	} else if (strcmp(op, "just") == 0) {
		if (!span(a, &i, e))
			return false;
		i = interval_justify_hours(i);
		interval_print(&i, out);
	} else if (strcmp(op, "atz") == 0) {
		if (!stamp(a, &t, e) || !zone_to_utc(b, t, &t, e))
			return false;
		timestamptz_print(t, "UTC", out);
	} else {
		if (!stamptz(a, &t, e) || !zone_offset_utc(b, t, &east, e))
			return false;
		timestamp_print(t + east * USEC_PER_SEC, out);
	}
	return true;
}

static void test_facts(void **state)
{
	static const struct {
		const char *op, *a, *b, *expected;
	} facts[] = {
#define FACT(op, a, b, expected) {op, a, b, expected},
#include "tests/unit/facts_datetime.inc"
#undef FACT
	};
	struct strbuf out;
	int wrong = 0;
	(void)state;

	strbuf_init(&out, 0);
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		struct err e;
		err_clear(&e);
		strbuf_reset(&out);
		if (!apply(facts[i].op, facts[i].a, facts[i].b, &out, &e))
			strbuf_addf(&out, "!%s", errcode_sqlstate(e.code));
		if (strcmp(strbuf_cstr(&out), facts[i].expected) != 0) {
			print_message("%s('%s', '%s'): %s instead of %s\n", facts[i].op, facts[i].a, facts[i].b,
						  strbuf_cstr(&out), facts[i].expected);
			wrong++;
		}
	}
	strbuf_release(&out);
	assert_int_equal(wrong, 0);
}

static void test_calendar(void **state)
{
	int year = 0, month = 0, day = 0, last_day = 31;
	struct civil c = {2020, 2, 29, 23, 59, 59, 999999}, d;
	(void)state;

	assert_int_equal(date_from_civil(2000, 1, 1), 0);
	assert_int_equal(date_from_civil(1970, 1, 1), -EPOCH_SHIFT_DAYS);
	for (int32_t n = -800000; n < 800000; n++) { /* every day follows the one before */
		int y, m, dd;
		date_to_civil(n, &y, &m, &dd);
		assert_int_equal(date_from_civil(y, m, dd), n);
		assert_true(date_is_valid(y, m, dd));
		if (n > -800000)
			assert_true((dd == day + 1 && m == month && y == year) || (dd == 1 && day == last_day));
		year = y;
		month = m;
		day = dd;
		last_day = date_is_valid(y, m, 31) ? 31 : date_is_valid(y, m, 30) ? 30 : date_is_valid(y, m, 29) ? 29 : 28;
	}
	assert_false(date_is_valid(1900, 2, 29));
	assert_true(date_is_valid(0, 2, 29));
	assert_false(date_is_valid(2020, 13, 1));
	timestamp_to_civil(timestamp_from_civil(&c), &d);
	assert_memory_equal(&c, &d, sizeof c);
	timestamp_to_civil(-1, &d);
	assert_int_equal(d.year, 1999);
	assert_int_equal(d.usec, 999999);
	assert_int_equal(timestamp_round(1500000, 0), 2000000);
	assert_int_equal(timestamp_round(-1500000, 0), -2000000);
	assert_int_equal(timestamp_round(1234567, 3), 1235000);
	assert_int_equal(timestamp_round(TIMESTAMP_INFINITY, 0), TIMESTAMP_INFINITY);
	assert_int_equal(timestamp_round(TIMESTAMP_NEG_INFINITY, 0), TIMESTAMP_NEG_INFINITY);
}

static void test_zones(void **state)
{
	static const struct {
		const char *in, *out;
	} names[] = {{"7", "<+07>-07"}, {"+07", "<+07>-07"}, {"-3.5", "<-03:30>+03:30"}, {"asia/ho_chi_minh", "Asia/Ho_Chi_Minh"},
				 {"utc", "UTC"}, {"+07:30", "+07:30"}, {"utc+7", "UTC+7"}, {"est5edt", "EST5EDT"}, {"EST", "EST"},
				 {"ICT", NULL}, {"PST", NULL}, {"VST", NULL}, {"Foo", NULL}, {"", NULL}, {"+", NULL}, {"x+200", NULL}};
	struct strbuf b;
	struct err e;
	int seconds;
	(void)state;

	strbuf_init(&b, 0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		strbuf_reset(&b);
		assert_int_equal(zone_canonical(str_of(names[i].in), &b), names[i].out != NULL);
		if (names[i].out) {
			assert_string_equal(strbuf_cstr(&b), names[i].out);
			assert_true(zone_is_valid(strbuf_cstr(&b)));
		}
	}
	strbuf_release(&b);
	err_clear(&e);
	assert_true(zone_offset_utc("<+07>-07", 0, &seconds, &e) && seconds == 7 * 3600);
	assert_true(zone_offset_utc("+07", 0, &seconds, &e) && seconds == -7 * 3600);
	assert_true(zone_offset_utc("ict", 0, &seconds, &e) && seconds == 7 * 3600);
	assert_true(zone_offset_utc("Asia/Ho_Chi_Minh", 0, &seconds, &e) && seconds == 7 * 3600);
	assert_false(zone_offset_utc("Nowhere/Land", 0, &seconds, &e));
	assert_int_equal(e.code, ERR_INVALID_PARAMETER_VALUE);
	assert_string_equal(e.message, "time zone \"Nowhere/Land\" not recognized");
}

static void *use_zones(void *arg)
{
	static const char *const zones[] = {"Europe/Paris", "Asia/Tokyo", "Africa/Cairo", "America/Lima", "UTC"};
	int seconds;

	for (int i = 0; i < 5000; i++)
		if (!zone_offset_utc(zones[i % 5], i * INT64_C(1000000000000), &seconds, NULL))
			abort();
	return arg;
}

static void test_zone_threads(void **state)
{
	pthread_t t[4];
	(void)state;

	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, use_zones, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
}

static void test_context(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {{"now", "2024-02-29 23:30:00"}, {"today", "2024-02-29 00:00:00"}, {"tomorrow 10:00", "2024-03-01 10:00:00"},
				 {"yesterday", "2024-02-28 00:00:00"}, {"epoch", "1970-01-01 00:00:00"}};
	struct text_context tc = {"Asia/Ho_Chi_Minh", 1, ORDER_DMY, 0};
	struct civil c = {2024, 2, 29, 16, 30, 0, 0};
	struct strbuf b;
	int64_t t;
	int32_t d;
	(void)state;

	tc.now = timestamp_from_civil(&c);
	strbuf_init(&b, 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		strbuf_reset(&b);
		assert_true(timestamp_parse(str_of(cases[i].in), -1, &tc, &t, NULL));
		timestamp_print(t, &b);
		assert_string_equal(strbuf_cstr(&b), cases[i].out);
	}
	assert_true(date_parse(STR("1/2/2003"), &tc, &d, NULL) && d == date_from_civil(2003, 2, 1));
	tc.date_order = ORDER_MDY;
	assert_true(date_parse(STR("1/2/2003"), &tc, &d, NULL) && d == date_from_civil(2003, 1, 2));
	assert_false(date_parse(STR("13/2/2003"), &tc, &d, NULL));
	strbuf_release(&b);
}

static void test_overflow(void **state)
{
	struct interval i = {INT64_MIN, 0, 0}, big = {0, 0, INT32_MAX}, r;
	int64_t t;
	struct err e;
	(void)state;

	err_clear(&e);
	assert_false(interval_neg(&i, &r, &e));
	assert_int_equal(e.code, ERR_DATETIME_OVERFLOW);
	assert_false(interval_add(&big, &big, &r, NULL));
	assert_false(timestamp_add_interval(0, &big, &t, NULL));
	assert_false(timestamp_add_interval(0, &(struct interval){INT64_MAX, INT32_MAX, 0}, &t, NULL));
	assert_false(timestamptz_add_interval(0, &(struct interval){INT64_MAX, 0, 0}, ZONE, &t, NULL));
	assert_true(timestamp_add_interval(TIMESTAMP_INFINITY, &big, &t, NULL) && t == TIMESTAMP_INFINITY);
	assert_false(interval_div(&big, 0, &r, NULL));
	assert_false(interval_mul(&big, 2, &r, NULL));
	r = timestamp_age(TIMESTAMP_INFINITY, 0);
	assert_int_equal(r.usec, 0);
	interval_justify_hours((struct interval){INT64_MIN, INT32_MIN, 0});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts),        cmocka_unit_test(test_calendar), cmocka_unit_test(test_zones),
		cmocka_unit_test(test_zone_threads), cmocka_unit_test(test_context),  cmocka_unit_test(test_overflow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
