/* Unit tests of source encodings: Vietnamese legacy ones, Windows code pages, NFC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/base/utf8.h"
#include "engine/types/encoding.h"

static void check(enum encoding enc, bool nfc, struct str in, const char *expected)
{
	struct strbuf b;
	struct err e;

	err_clear(&e);
	strbuf_init(&b, 0);
	if (!encoding_to_utf8(enc, nfc, in, &b, &e)) {
		strbuf_reset(&b);
		strbuf_addf(&b, "!%s %s", errcode_sqlstate(e.code), e.message);
	}
	assert_string_equal(strbuf_cstr(&b), expected);
	strbuf_release(&b);
}

static void test_decode(void **state)
{
	(void)state;
	check(ENCODING_UTF8, false, STR("Nguyễn"), "Nguyễn");
	check(ENCODING_UTF8, true, STR("Nguye\xcc\x82\xcc\x83n"), "Nguyễn");
	check(ENCODING_UTF8, false, STR("ab\xe1\xbb"), "!22021 invalid byte sequence for encoding \"UTF8\": 0xe1 0xbb at byte offset 2");
	check(ENCODING_UTF8, true, STR("a\0b"), "!22021 invalid byte sequence for encoding \"UTF8\": 0x00 at byte offset 1");
	check(ENCODING_LATIN1, false, STR("caf\xe9"), "café");
	check(ENCODING_LATIN1, false, STR("a\0\xe9"), "!22021 invalid byte sequence for encoding \"latin1\": 0x00 at byte offset 1");
	check(ENCODING_WINDOWS_1252, false, STR("\x80 \x93\x94"), "€ “”");
	check(ENCODING_WINDOWS_1252, false, STR("x\x81"), "!22021 invalid byte sequence for encoding \"windows-1252\": 0x81 at byte offset 1");
	check(ENCODING_WINDOWS_1258, false, STR("Nguy\xea\xden \xd0\xfd\xec" "c \x80"), "Nguyễn Đức €");
	check(ENCODING_WINDOWS_1258, false, STR("Vi\xea\xf2t"), "Việt");
	check(ENCODING_TCVN3, false, STR("C\xe9ng h\xdf"
									 "a x\xb7 h\xe9i ch\xf1 ngh\xdc"
									 "a Vi\xd6t Nam"),
		  "Cộng hòa xã hội chủ nghĩa Việt Nam");
	check(ENCODING_TCVN3, false, STR("\xa7\xe9"
									 "c l\xcb"
									 "p - T\xf9 do - H\xb9nh ph\xf3"
									 "c"),
		  "Độc lập - Tự do - Hạnh phúc");
	check(ENCODING_TCVN3, false, STR("\xff"), "!22021 invalid byte sequence for encoding \"tcvn3\": 0xff at byte offset 0");
	check(ENCODING_VNI, false, STR("Co\xe4ng ho\xf8"
								   "a xa\xf5 ho\xe4i chu\xfb ngh\xf3"
								   "a Vie\xe4t Nam"),
		  "Cộng hòa xã hội chủ nghĩa Việt Nam");
	check(ENCODING_VNI, false, STR("\xd1o\xe4"
								   "c la\xe4p T\xf6\xef do Ha\xefnh phu\xf9"
								   "c"),
		  "Độc lập Tự do Hạnh phúc");
	check(ENCODING_VNI, true, STR("\xd1\xd6\xd9"
								  "C A\xc4 th\xf4"),
		  "ĐỨC Ậ thơ");
	check(ENCODING_VNI, false, STR("b\xfd"), "!22021 invalid byte sequence for encoding \"vni\": 0xfd at byte offset 1");
}

/* All letters of Vietnamese, to each encoding and back. */
static void test_round_trip(void **state)
{
	static const char small[] = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ";
	static const char capital[] = "AÀẢÃÁẠĂẰẲẴẮẶÂẦẨẪẤẬBCDĐEÈẺẼÉẸÊỀỂỄẾỆGHIÌỈĨÍỊKLMNOÒỎÕÓỌÔỒỔỖỐỘƠỜỞỠỚỢPQRSTUÙỦŨÚỤƯỪỬỮỨỰVXYỲỶỸÝỴ";
	static const enum encoding encodings[] = {ENCODING_TCVN3, ENCODING_VNI, ENCODING_WINDOWS_1258, ENCODING_UTF8};
	struct strbuf bytes, back;
	(void)state;

	strbuf_init(&bytes, 0);
	strbuf_init(&back, 0);
	for (size_t i = 0; i < ARRAY_LEN(encodings); i++)
		for (int k = 0; k < 2; k++) {
			struct str s = k ? STR(capital) : STR(small);
			struct err e;
			err_clear(&e);
			strbuf_reset(&bytes);
			strbuf_reset(&back);
			if (k && encodings[i] == ENCODING_TCVN3) { /* has no toned capitals */
				assert_false(encoding_from_utf8(encodings[i], s, &bytes));
				continue;
			}
			assert_true(encoding_from_utf8(encodings[i], s, &bytes));
			assert_true(encoding_to_utf8(encodings[i], false, strbuf_str(&bytes), &back, &e));
			assert_string_equal(strbuf_cstr(&back), s.data);
		}
	strbuf_reset(&bytes);
	assert_true(encoding_from_utf8(ENCODING_TCVN3, STR("ĂÂÊÔƠƯĐ"), &bytes));
	assert_int_equal(bytes.len, 7);
	strbuf_reset(&bytes);
	assert_false(encoding_from_utf8(ENCODING_LATIN1, STR("ễ"), &bytes));
	assert_false(encoding_from_utf8(ENCODING_VNI, STR("漢"), &bytes));
	assert_false(encoding_from_utf8(ENCODING_WINDOWS_1258, STR("漢"), &bytes));
	strbuf_release(&bytes);
	strbuf_release(&back);
}

static void test_nfc(void **state)
{
	struct strbuf b;
	(void)state;

	strbuf_init(&b, 0);
	assert_true(text_is_nfc(STR("plain")));
	assert_true(text_is_nfc(STR("Nguyễn Thị Hồng Đào")));
	assert_false(text_is_nfc(STR("Nguye\xcc\x82n")));
	assert_false(text_is_nfc(STR("e\xcc\xa3\xcc\x82")));
	assert_true(text_is_nfc(STR("q\xcc\xa3"))); /* no composed form exists */
	assert_true(text_to_nfc(STR("a\xcc\x82\xcc\xa3 \xf0\x9f\x98\x80 \xe2\x84\xab"), &b));
	assert_string_equal(strbuf_cstr(&b), "ậ 😀 Å");
	strbuf_release(&b);
}

static void test_names(void **state)
{
	enum encoding enc;
	(void)state;

	for (int i = 0; i <= ENCODING_VNI; i++) {
		assert_true(encoding_find(encoding_name((enum encoding)i), &enc));
		assert_int_equal(enc, i);
	}
	assert_true(encoding_find("UTF-8", &enc) && enc == ENCODING_UTF8);
	assert_true(encoding_find("TCVN3", &enc) && enc == ENCODING_TCVN3);
	assert_false(encoding_find("ebcdic", &enc));
}

/* Any bytes give valid UTF-8 or an error. */
static void test_random(void **state)
{
	unsigned seed = 5;
	char text[64];
	struct strbuf b;
	(void)state;

	strbuf_init(&b, 0);
	for (int round = 0; round < 20000; round++) {
		size_t n = (size_t)rand_r(&seed) % sizeof text;
		struct err e;
		for (size_t i = 0; i < n; i++)
			text[i] = (char)rand_r(&seed);
		err_clear(&e);
		strbuf_reset(&b);
		if (encoding_to_utf8((enum encoding)(rand_r(&seed) % 6), round & 1, str_make(text, n), &b, &e))
			assert_true(utf8_is_valid(strbuf_cstr(&b), b.len));
		else
			assert_int_equal(e.code, ERR_CHARACTER_NOT_IN_REPERTOIRE);
	}
	strbuf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode), cmocka_unit_test(test_round_trip), cmocka_unit_test(test_nfc),
		cmocka_unit_test(test_names),  cmocka_unit_test(test_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
