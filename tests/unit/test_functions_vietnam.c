/* The Vietnamese helpers, which no other database can be asked about; and that volatile functions vary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/function/func.h"
#include "engine/types/datetime.h"

static struct mem *arena;

/* Calls the overload that takes texts (and a date as third way) and prints its result; NULL for NULL. */
static const char *call(const char *name, const char *a, const char *b)
{
	static char text[400];
	struct err e;
	size_t count;
	const struct func *const *list = func_find(name, FUNC_SCALAR, &count);
	const struct func *f = NULL;
	uint32_t nargs = b ? 2 : 1;
	struct vec in[2], out;
	struct view views[2];
	struct type types[2];
	struct value v;
	struct strbuf buf;

	err_clear(&e);
	for (size_t i = 0; i < count; i++)
		if (list[i]->nargs == nargs)
			f = list[i];
	assert_non_null(f);
	for (uint32_t i = 0; i < nargs; i++) {
		types[i] = f->args[i];
		assert_true(value_parse(arena, types[i], str_of(i ? b : a), &text_context_default, &v, &e));
		assert_true(vec_init_const(&in[i], &v, arena, &e));
		views[i] = vec_view(&in[i]);
	}
	struct fncall c = {.fn = f, .nargs = nargs, .arg_types = types, .result = f->result, .mem = arena,
					   .scratch = arena, .text = &text_context_default, .err = &e};
	assert_true(vec_init_flat(&out, f->result, 1, arena, &e));
	assert_true(f->fn(&c, views, 1, &out));
	v = vec_get(&out, 0);
	strbuf_init(&buf, 0);
	value_print(&v, &text_context_default, &buf);
	snprintf(text, sizeof text, "%s", strbuf_cstr(&buf));
	strbuf_release(&buf);
	vec_release(&out);
	for (uint32_t i = 0; i < nargs; i++)
		vec_release(&in[i]);
	return v.is_null ? NULL : text;
}
#define IS(want, ...) assert_string_equal(call(__VA_ARGS__), want)

static void test_text(void **state)
{
	(void)state;
	IS("Da Nang, duong Nguyen Hue", "vi_unaccent", "Đà Nẵng, đường Nguyễn Huệ", NULL);
	IS("Da Nang", "vi_unaccent", "Đa\xcc\x80 Na\xcc\x86\xcc\x83ng", NULL); /* decomposed */
	IS("", "vi_unaccent", "", NULL);
	IS("日本 abc", "vi_unaccent", "日本 abc", NULL);
	IS("hòa", "vi_normalize", "hoà", NULL);
	IS("hòa", "vi_normalize", "hòa", NULL);
	IS("HÒA Hòa", "vi_normalize", "HOÀ Hoà", NULL);
	IS("hoàn toàn", "vi_normalize", "hoàn toàn", NULL);
	IS("thủy, khỏe; quý quỳ", "vi_normalize", "thuỷ, khoẻ; quý quỳ", NULL);
	IS("huỳnh ngoài", "vi_normalize", "huỳnh ngoài", NULL);
	IS("hòa", "vi_normalize", "hoa\xcc\x80", NULL); /* decomposed */
	IS("QUÝ", "vi_normalize", "QUÝ", NULL);
}

static void test_names(void **state)
{
	(void)state;
	IS("nguyen thi hoa", "vi_name_key", "  NGUYỄN  Thị-Hoà. ", NULL);
	IS("", "vi_name_key", " .- ", NULL);
	IS("hblong", "vi_name_key", "H’Blong", NULL);
	IS("1", "vi_name_similarity", "Nguyễn Thị Hoà", "NGUYỄN THỊ HÒA");
	IS("1", "vi_name_similarity", "", "");
	assert_true(atof(call("vi_name_similarity", "Nguyễn Văn An", "Nguyen Van An")) > 0.9);
	assert_true(atof(call("vi_name_similarity", "Nguyễn Văn An", "Nguyen Van An")) < 1);
	assert_true(atof(call("vi_name_similarity", "Nguyễn Văn An", "Nguyễn Văn Anh")) > 0.85);
	assert_true(atof(call("vi_name_similarity", "Nguyễn Văn An", "Trần Thị Bích")) < 0.5);
	IS("0", "vi_name_similarity", "abc", "xyz");
}

static void test_ids(void **state)
{
	(void)state;
	IS("t", "personal_id_valid", "001190123456", NULL);
	IS("f", "personal_id_valid", "00119012345", NULL);
	IS("f", "personal_id_valid", "0011901234567", NULL);
	IS("f", "personal_id_valid", "00119012345x", NULL);
	IS("f", "personal_id_valid", "000190123456", NULL);
	IS("f", "personal_id_valid", "", NULL);
	IS("t", "personal_id_valid", "001190123456", "1990-05-06");
	IS("f", "personal_id_valid", "001190123456", "1991-05-06");
	IS("f", "personal_id_valid", "001190123456", "infinity");
	IS("001", "personal_id_province", "001190123456", NULL);
	IS("Nữ", "personal_id_sex", "001190123456", NULL);
	IS("Nam", "personal_id_sex", "079205123456", NULL);
	IS("1990", "personal_id_birth_year", "001190123456", NULL);
	IS("2005", "personal_id_birth_year", "079205123456", NULL);
	IS("2399", "personal_id_birth_year", "079999123456", NULL);
	assert_null(call("personal_id_sex", "x", NULL));
	assert_null(call("personal_id_province", "", NULL));
	assert_null(call("personal_id_birth_year", "123", NULL));
	IS("t", "tax_code_valid", "0100109106", NULL);
	IS("t", "tax_code_valid", "0100109106-001", NULL);
	IS("f", "tax_code_valid", "0100109107", NULL);
	IS("f", "tax_code_valid", "0100109106-01", NULL);
	IS("f", "tax_code_valid", "0100109106001", NULL);
	IS("f", "tax_code_valid", "010010910x", NULL);
	IS("t", "tax_code_valid", "001190123456", NULL);
	IS("f", "tax_code_valid", "", NULL);
}

static int setup(void **state)
{
	(void)state;
	arena = mem_new(NULL, MEM_QUERY, "test", 0);
	return 0;
}
static int teardown(void **state)
{
	(void)state;
	mem_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ids, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
