/*
 * The parser: golden trees and errors for every construct (parser_golden.def), keywords in every
 * place against their class, positions, limits on size and depth, linear time, and the operations
 * on trees.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "engine/base/clock.h"
#include "parser/parser.h"

/* The trees of a text, or "SQLSTATE@offset message | hint". In m's memory. */
static const char *parsed(struct mem *m, struct str text)
{
	struct parse_result r;
	struct err e;
	struct strbuf b;
	err_clear(&e);
	strbuf_init(&b, 0);
	if (parse_sql(m, text, &r, &e)) {
		for (uint32_t i = 0; i < r.count; i++) {
			if (i > 0)
				strbuf_addc(&b, ' ');
			ast_print(r.statements[i].node, &b);
		}
	} else {
		strbuf_addf(&b, "%s@%d %s%s%s", errcode_sqlstate(e.code), e.position - 1, e.message,
			e.hint[0] ? " | " : "", e.hint);
	}
	const char *copy = mem_strndup(m, b.data ? b.data : "", b.len);
	strbuf_release(&b);
	return copy;
}

static const struct {
	const char *text, *expected;
} golden[] = {
#define GOLDEN(text, expected) {text, expected},
#include "tests/unit/parser_golden.def"
#undef GOLDEN
};

static void test_golden(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(golden); i++) {
		struct mem *m = mem_new(NULL, MEM_PARSE, "test", 0);
		const char *found = parsed(m, str_of(golden[i].text));
		if (strcmp(found, golden[i].expected) != 0)
			print_error("%s\n", golden[i].text);
		assert_string_equal(found, golden[i].expected);
		mem_free(m);
	}
}

static const char *printed(struct mem *m, const struct ast *node)
{
	struct strbuf b;
	strbuf_init(&b, 0);
	ast_print(node, &b);
	const char *copy = mem_strndup(m, b.data, b.len);
	strbuf_release(&b);
	return copy;
}

/* Copies are equal, with memory of their own; other trees are not. */
static void test_copy_equal(void **state)
{
	(void)state;
	struct mem *m = mem_new(NULL, MEM_PARSE, "test", 0),
			   *other = mem_new(NULL, MEM_PARSE, "copy", 0);
	struct ast *before = NULL;
	for (size_t i = 0; i < ARRAY_LEN(golden); i++) {
		struct parse_result r;
		if (!parse_sql(m, str_of(golden[i].text), &r, NULL) || r.count != 1)
			continue;
		struct ast *copy = ast_copy(other, r.statements[0].node);
		assert_true(ast_equal(copy, r.statements[0].node));
		/* corpus neighbours differ in text, mostly in tree: equal trees must print alike */
		if (before && ast_equal(before, copy))
			assert_string_equal(printed(other, before), printed(other, copy));
		before = copy;
	}
	struct parse_result a, b;
	assert_true(parse_sql(m, STR("select a+1, 'x' from t where b in (1,2)"), &a, NULL));
	assert_true(
		parse_sql(m, STR("SELECT  A + 1 , /* c */ 'x'\nFROM T WHERE (b) IN (1, 2)"), &b, NULL));
	assert_true(ast_equal(a.statements[0].node, b.statements[0].node));
	assert_true(parse_sql(m, STR("select a+1, 'y' from t where b in (1,2)"), &b, NULL));
	assert_false(ast_equal(a.statements[0].node, b.statements[0].node));
	assert_true(ast_equal(NULL, NULL));
	assert_false(ast_equal(NULL, a.statements[0].node));
	mem_free(m);
	struct ast *kept = ast_copy(other, NULL);
	assert_null(kept);
	mem_free(other);
}

static bool accepted(struct mem *m, const char *before, const char *word, const char *after)
{
	struct parse_result r;
	struct err e;
	char text[200];
	err_clear(&e);
	snprintf(text, sizeof(text), "%s%s%s", before, word, after);
	return parse_sql(m, str_of(text), &r, &e);
}

/* Each keyword where its class says it may stand; the table and the grammar can't drift apart. */
static void test_keyword_classes(void **state)
{
	(void)state;
	struct mem *m = mem_new(NULL, MEM_PARSE, "test", 0);
	for (size_t i = 0; i < keyword_count; i++) {
		const struct keyword *k = &keywords[i];
		bool name = k->class == KEYWORD_NON_RESERVED || k->class == KEYWORD_COL_NAME;
		bool function = k->class == KEYWORD_NON_RESERVED || k->class == KEYWORD_TYPE_FUNC_NAME;
		assert_true(accepted(m, "select 1 as ", k->word, ""));
		assert_true(accepted(m, "select a.", k->word, " from a"));
		bool operator_word = strcmp(k->word, "isnull") == 0 || strcmp(k->word, "notnull") == 0;
		assert_int_equal(accepted(m, "select 1 ", k->word, ""), k->bare_label || operator_word);
		assert_int_equal(accepted(m, "select 1 from s as ", k->word, ""), name);
		assert_int_equal(accepted(m, "create schema ", k->word, ""), name);
		assert_int_equal(accepted(m, "with ", k->word, " as (select 1) select 2"), name);
		/* no call: CURRENT_SCHEMA stands alone, OPERATOR(…) is an operator */
		function =
			function && strcmp(k->word, "current_schema") != 0 && strcmp(k->word, "operator") != 0;
		if (function)
			assert_true(accepted(m, "select ", k->word, "(1)"));
		if (k->class == KEYWORD_NON_RESERVED)
			assert_true(accepted(m, "select 1::", k->word, ""));
		if (function)
			assert_true(accepted(m, "select 1::s.", k->word, "(3)"));
	}
	mem_free(m);
}

static void test_statements(void **state)
{
	(void)state;
	struct mem *m = mem_new(NULL, MEM_PARSE, "test", 0);
	struct parse_result r;
	struct err e;
	struct str text =
		STR(" -- first\n select $2, $1 /* x */ ; ;\n insert into t values (';') ; begin");
	err_clear(&e);
	assert_true(parse_sql(m, text, &r, &e));
	assert_int_equal(r.count, 3);
	static const char *const parts[] = {"select $2, $1", "insert into t values (';')", "begin"};
	for (uint32_t i = 0; i < 3; i++)
		assert_true(str_eq(
			str_make(text.data + r.statements[i].offset, r.statements[i].len), str_of(parts[i])));
	assert_int_equal(r.statements[0].params, 2);
	assert_int_equal(r.statements[1].node->kind, AST_INSERT);
	assert_int_equal(r.statements[2].params, 0);
	/* positions are those of the whole text */
	const struct ast_query *q = AST_AS(QUERY, query, r.statements[0].node);
	const struct ast_select *s = AST_AS(SELECT, select, q->body);
	assert_int_equal(s->base.pos, 11);
	assert_int_equal(s->targets.items[1]->pos, 22);
	/* what stands before a bad statement is kept */
	assert_false(parse_sql(m, STR("select 1; select from from;"), &r, &e));
	assert_int_equal(r.count, 1);
	assert_true(parse_sql(m, STR("  ;; -- nothing\n"), &r, NULL));
	assert_int_equal(r.count, 0);
	mem_free(m);
}

static void test_alone(void **state)
{
	(void)state;
	struct mem *m = mem_new(NULL, MEM_PARSE, "test", 0);
	struct ast *node;
	struct err e;
	err_clear(&e);
	assert_true(parse_expression(m, STR(" a + 1 -- x"), &node, &e));
	assert_int_equal(node->kind, AST_OPERATOR);
	assert_true(parse_type_name(m, STR("timestamp (3) with time zone[]"), &node, &e));
	assert_string_equal(AST_AS(TYPE_NAME, type_name, node)->names.items[0], "timestamptz");
	assert_false(parse_expression(m, STR("a from"), &node, &e));
	assert_string_equal(
		e.message, "syntax error at \"from\": expected an operator or the end of the statement");
	err_clear(&e);
	assert_false(parse_expression(m, STR("1; 2"), &node, &e));
	err_clear(&e);
	assert_false(parse_type_name(m, STR(""), &node, &e));
	assert_string_equal(e.message, "syntax error at the end of the text: expected a type name");
	err_clear(&e);
	assert_false(parse_type_name(m, STR("int, text"), &node, &e));
	mem_free(m);
}

static const char *next_words(struct mem *m, const char *text)
{
	struct next_words next;
	struct strbuf b;
	strbuf_init(&b, 0);
	parse_next_words(m, str_of(text), &next);
	for (uint32_t i = 0; i < next.count; i++)
		strbuf_addf(&b, "%s ", next.items[i]->word);
	strbuf_adds(&b, next.name ? "+" : "");
	const char *copy = mem_strndup(m, b.data ? b.data : "", b.len);
	strbuf_release(&b);
	return copy;
}

static void test_next_words(void **state)
{
	(void)state;
	struct mem *m = mem_new(NULL, MEM_PARSE, "test", 0);
	assert_string_equal(next_words(m, "select 1; drop"), "foreign schema server table user view ");
	assert_string_equal(next_words(m, "import foreign schema s limit to (a) "), "from ");
	assert_string_equal(next_words(m, "select a from t group "), "by ");
	assert_string_equal(next_words(m, "select a from t where a is "),
		"distinct document false nfc nfd nfkc nfkd normalized not null true unknown ");
	assert_non_null(strstr(next_words(m, "select a from t "), "where "));
	assert_non_null(strstr(next_words(m, ""), "select "));
	assert_non_null(strstr(next_words(m, "select a;"), "explain "));
	assert_string_equal(next_words(m, "select 'abc"), "");
	assert_string_equal(next_words(m, "select ) from "), "");
	assert_string_equal(next_words(m, "alter server "), "+");
	mem_free(m);
}

static void test_bad_text(void **state)
{
	(void)state;
	struct mem *m = mem_new(NULL, MEM_PARSE, "test", 0);
	assert_string_equal(parsed(m, str_make("select '\xc3', 1", 13)),
		"22021@8 invalid UTF-8 byte 0xc3 in the SQL text at byte 8");
	assert_string_equal(
		parsed(m, str_make("select \0 1", 10)), "22021@7 zero byte in the SQL text at byte 7");
	assert_string_equal(parsed(m, str_make("select '\xed\xa0\x80'", 12)),
		"22021@8 invalid UTF-8 byte 0xed in the SQL text at byte 8");
	assert_string_equal(parsed(m, str_make("", 0)), "");
	assert_string_equal(parsed(m, str_make(NULL, 0)), "");
	mem_free(m);
}

/* `repeat` copies of middle between head and tail. */
static struct str build(
	struct strbuf *b, const char *head, const char *middle, int repeat, const char *tail)
{
	strbuf_reset(b);
	strbuf_adds(b, head);
	for (int i = 0; i < repeat; i++)
		strbuf_adds(b, middle);
	strbuf_adds(b, tail);
	return strbuf_str(b);
}

static enum errcode outcome(struct str text)
{
	struct mem *m = mem_new(NULL, MEM_PARSE, "test", 0);
	struct parse_result r;
	struct err e;
	err_clear(&e);
	if (parse_sql(m, text, &r, &e))
		for (uint32_t i = 0; i < r.count; i++) {
			assert_true(r.statements[i].node->depth <= AST_MAX_DEPTH);
			assert_true(ast_equal(r.statements[i].node, ast_copy(m, r.statements[i].node)));
		}
	mem_free(m);
	return e.code;
}

static void test_limits(void **state)
{
	static const struct {
		const char *head, *middle, *tail;
		int fine; /* copies that parse; 0: none tried */
		int many; /* copies with the outcome below */
		enum errcode outcome;
	} cases[] = {
		{"select ", "(", "", 0, 100000, ERR_STATEMENT_TOO_COMPLEX},
		{"select 1", "+1", "", 900, 100000, ERR_STATEMENT_TOO_COMPLEX},
		{"select ", "-", " 1", 0, 3, ERR_NONE},
		{"select ", "- ", "1", 900, 100000, ERR_STATEMENT_TOO_COMPLEX},
		{"select ", "not ", "a", 900, 100000, ERR_STATEMENT_TOO_COMPLEX},
		{"select a", " and a", "", 900, 50000, ERR_NONE},
		{"select a", " or a = 1", "", 900, 50000, ERR_NONE},
		{"select a", "::int", "", 900, 50000, ERR_STATEMENT_TOO_COMPLEX},
		{"select a", ".a", "", 900, 50000, ERR_NONE},
		{"select a", "[1]", "", 900, 50000, ERR_STATEMENT_TOO_COMPLEX},
		{"select (a)", ".b", "", 900, 50000, ERR_STATEMENT_TOO_COMPLEX},
		{"select 1", " union all select 1", "", 900, 20000, ERR_NONE},
		{"select 1", " except select 1", "", 900, 20000, ERR_NONE},
		{"select * from t", " join t on true", "", 900, 20000, ERR_STATEMENT_TOO_COMPLEX},
		{"select * from t", ", t", "", 900, 50000, ERR_NONE},
		{"select a in (1", ",1", ")", 900, 100000, ERR_NONE},
		{"select a", ", a", "", 900, 100000, ERR_NONE},
		{"values (1)", ",(1)", "", 900, 100000, ERR_NONE},
		{"select ", "case when a then b else ", "", 0, 100000, ERR_STATEMENT_TOO_COMPLEX},
		{"select ", "f(", "", 0, 100000, ERR_STATEMENT_TOO_COMPLEX},
		{"select ", "array[", "", 0, 100000, ERR_STATEMENT_TOO_COMPLEX},
		{"select ", "(select ", "", 0, 100000, ERR_STATEMENT_TOO_COMPLEX},
		{"", "select * from (", "", 0, 100000, ERR_STATEMENT_TOO_COMPLEX},
		{"", "with a as (", "", 0, 100000, ERR_STATEMENT_TOO_COMPLEX},
		{"select a", " is null is null", "", 400, 50000, ERR_STATEMENT_TOO_COMPLEX},
		{"select ", "a ^ ", "a", 900, 50000, ERR_STATEMENT_TOO_COMPLEX},
		{"select ", "/*", "", 0, 100000, ERR_SYNTAX_ERROR},
		{"", "select 1;", "", 900, 50000, ERR_NONE},
		{"", ";", "", 900, 50000, ERR_NONE},
		{"select 'a'", "\n'a'", "", 900, 50000, ERR_NONE},
		{"select ", "'a' ", "from", 0, 50000, ERR_SYNTAX_ERROR},
		{"select ", "$a$ ", "", 0, 50001, ERR_SYNTAX_ERROR},
		{"select 1 -- ", "'a\n--", "", 900, 50000, ERR_NONE},
	};
	struct strbuf b;
	(void)state;
	strbuf_init(&b, 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (cases[i].fine)
			assert_int_equal(
				outcome(build(&b, cases[i].head, cases[i].middle, cases[i].fine, cases[i].tail)),
				ERR_NONE);
		assert_int_equal(
			outcome(build(&b, cases[i].head, cases[i].middle, cases[i].many, cases[i].tail)),
			cases[i].outcome);
	}
	/* too long a text: the limit itself is tried before anything is read */
	char *big = calloc(1, PARSE_MAX_TEXT + 1);
	assert_int_equal(outcome(str_make(big, PARSE_MAX_TEXT + 1)), ERR_STATEMENT_TOO_COMPLEX);
	free(big);
	/* a memory limit stops the tree */
	struct mem *m = mem_new(NULL, MEM_PARSE, "test", 1 << 20);
	struct parse_result r;
	struct err e;
	err_clear(&e);
	assert_false(parse_sql(m, build(&b, "select 1", ",1", 200000, ""), &r, &e));
	assert_int_equal(e.code, ERR_OUT_OF_MEMORY);
	mem_free(m);
	strbuf_release(&b);
}

/* Ten times the text takes about ten times as long; a quadratic step would take a hundred. */
static void test_linear(void **state)
{
	static const struct {
		const char *head, *middle, *tail;
	} cases[] = {
		{"select a in (1", ",'abc'", ")"},
		{"select a", " and b = 1", ""},
		{"select 1", " union all select 1", ""},
		{"values (1, 'x')", ", (2, E'\\n')", ""},
		{"select 1", ";select 1", ""},
		{"select 'a'", " 'a'", ""},
		{"select 'x'", "\n\n\n\n", "from"},
		{"select ", "$a", ""},
		{"select * from t ", "/* */ ", "x y z"},
		{"select 1 where ", "x.y.z.", "a"},
		{"create table t (a int", ", b int", ") as x"},
	};
	struct strbuf b;
	(void)state;
	strbuf_init(&b, 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t took[2];
		for (int big = 0; big < 2; big++) {
			struct str text =
				build(&b, cases[i].head, cases[i].middle, big ? 50000 : 5000, cases[i].tail);
			int64_t start = clock_thread_cpu_us();
			outcome(text);
			took[big] = clock_thread_cpu_us() - start;
		}
		if (took[1] >= 40 * took[0] + 200000)
			print_error("%s%s…: %lld us, then %lld us\n", cases[i].head, cases[i].middle,
				(long long)took[0], (long long)took[1]);
		assert_true(took[1] < 40 * took[0] + 200000);
	}
	strbuf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_copy_equal),
		cmocka_unit_test(test_keyword_classes),
		cmocka_unit_test(test_statements),
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_next_words),
		cmocka_unit_test(test_bad_text),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_linear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
