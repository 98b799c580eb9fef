/*
 * The lexer: pieces, tokens with their values, every error form, keyword classes, statement
 * splitting, quoting, and the picture of an error's place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>
#include "parser/diagnose.h"
#include "parser/grammar.h"
#include "parser/lexer.h"

/* All tokens as "TYPE:value …" with the token's number spelled for a few; on error the SQLSTATE,
 * the place and the message. */
static const char *lex_all(struct mem *m, struct str text)
{
	struct lexer l;
	struct lexed t;
	struct err e;
	struct strbuf out;
	strbuf_init(&out, 0);
	err_clear(&e);
	lexer_init(&l, m, text, 0);
	for (;;) {
		if (!lexer_next(&l, &t, &e)) {
			strbuf_addf(&out, "%s%s@%d %s", out.len ? " " : "", errcode_sqlstate(e.code),
				e.position - 1, e.message);
			break;
		}
		if (t.type == 0)
			break;
		const char *kind = t.keyword			 ? "k"
						   : t.type == TK_IDENT	 ? "i"
						   : t.type == TK_SCONST ? "s"
						   : t.type == TK_ICONST ? "n"
						   : t.type == TK_FCONST ? "f"
						   : t.type == TK_PARAM	 ? "p"
						   : t.type == TK_BCONST ? "b"
						   : t.type == TK_XCONST ? "x"
												 : "o";
		strbuf_addf(&out, "%s%s:%s", out.len ? " " : "", kind, t.value.text);
		assert_int_equal(strlen(t.value.text), t.value.len);
	}
	const char *copy = mem_strndup(m, out.data ? out.data : "", out.len);
	strbuf_release(&out);
	return copy;
}

struct example {
	const char *text, *expected;
};

static void check(const struct example *examples, size_t count)
{
	struct mem *m = mem_new(NULL, MEM_PARSE, "test", 0);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(lex_all(m, str_of(examples[i].text)), examples[i].expected);
	mem_free(m);
}

static void test_words(void **state)
{
	static const struct example examples[] = {
		{"", ""},
		{"select Foo BAR", "k:select i:foo i:bar"},
		{"a$1 _x việt_NAM ĐẾN", "i:a$1 i:_x i:việt_nam i:ĐẾn"},
		{"\"Foo\" \"a\"\"b\" \"select\" \" \"", "i:Foo i:a\"b i:select i: "},
		{"\"\"", "42601@0 zero-length quoted identifier"},
		{"a.b,c", "i:a o:. i:b o:, i:c"},
		{"x \"open", "i:x 42601@2 unterminated quoted identifier"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", /* 63 */
			"i:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			"42622@0 identifier \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…\" "
			"is 64 bytes long; at most 63 are "
			"allowed"},
		{"u&\"d\\0061t\\+000061\" U&\"a!\"\"b\" uescape '!'",
			"i:data 42601@24 invalid Unicode escape"},
		{"U&\"d!0061\" UESCAPE '!'", "i:da"},
	};
	(void)state;
	check(examples, ARRAY_LEN(examples));
}

static void test_strings(void **state)
{
	static const struct example examples[] = {
		{"'a' 'it''s' ''", "s:a s:it's s:"},
		{"'a'\n  'b' -- c'd\n 'e'", "s:abe"},
		{"'a' 'b'", "s:a s:b"},
		{"'a' -- x\n 'b'", "s:ab"},
		{"'a' /* \n */ 'b'", "s:a s:b"},
		{"'a\\'", "s:a\\"},
		{"e'a\\n\\t\\b\\f\\r\\\\\\'''\\q'", "s:a\n\t\b\f\r\\''q"},
		{"E'\\101\\x41\\x4a1\\u0041\\U00000041\\7'", "s:AAJ1AA\a"},
		{"E'\\ud83d\\ude00'", "s:\xf0\x9f\x98\x80"},
		{"E'\\ud83d'", "42601@0 invalid Unicode surrogate pair"},
		{"E'\\ud83dx'", "42601@8 invalid Unicode surrogate pair"},
		{"E'\\ude00'", "42601@2 invalid Unicode surrogate pair"},
		{"E'\\u12'", "22025@2 invalid Unicode escape"},
		{"E'\\U00110000'", "42601@2 invalid Unicode escape value"},
		{"E'\\u0000'", "22021@2 text cannot hold the character U+0000"},
		{"E'a\\0'", "22021@0 escapes in the string make an invalid UTF-8 byte 0x00"},
		{"E'\\xff'", "22021@0 escapes in the string make an invalid UTF-8 byte 0xff"},
		{"E'\\xc3\\xa9'", "s:é"},
		{"E'a'\n'\\n'", "s:a\n"},
		{"U&'d\\0061t\\+000061\\\\'", "s:data\\"},
		{"U&'d!0061!!' uescape '!' x", "s:da! i:x"},
		{"U&'d\\0061' uescape x", "42601@19 UESCAPE must be followed by a simple string literal"},
		{"U&'x' uescape 'a'", "42601@14 invalid Unicode escape character"},
		{"U&'x' uescape '''x'", "42601@14 invalid Unicode escape character"},
		{"U&'\\00g0'", "42601@3 invalid Unicode escape"},
		{"U&'\\d83d\\de00'", "s:\xf0\x9f\x98\x80"},
		{"U&'\\d83d'", "42601@0 invalid Unicode surrogate pair"},
		{"b'0101' X'1fAB' B''", "b:0101 x:1fAB b:"},
		{"b'012'", "22P02@0 \"2\" is not a valid binary digit"},
		{"x'fg'", "22P02@0 \"g\" is not a valid hexadecimal digit"},
		{"n'abc'", "k:nchar s:abc"},
		{"$$a'b$$ $x$a$$b$x$ $việt$y$việt$ $a$$a$", "s:a'b s:a$$b s:y s:"},
		{"$$abc", "42601@0 unterminated dollar-quoted string"},
		{"'abc", "42601@0 unterminated quoted string"},
		{"b'01", "42601@0 unterminated bit string literal"},
		{"x'01", "42601@0 unterminated hexadecimal string literal"},
		{"e'a\\'", "42601@0 unterminated quoted string"},
	};
	(void)state;
	check(examples, ARRAY_LEN(examples));
}

static void test_numbers(void **state)
{
	static const struct example examples[] = {
		{"1 007 12345678901234567890", "n:1 n:007 n:12345678901234567890"},
		{"1. .5 1.5 1e10 1E-5 .5e+3 1.e2", "f:1. f:.5 f:1.5 f:1e10 f:1E-5 f:.5e+3 f:1.e2"},
		{"1..2", "n:1 o:.. n:2"},
		{"1a", "42601@0 trailing junk after numeric literal: \"1a\""},
		{"1e", "42601@0 trailing junk after numeric literal: \"1e\""},
		{"1e+", "42601@0 trailing junk after numeric literal: \"1e+\""},
		{"0x1F", "42601@0 trailing junk after numeric literal: \"0x1F\""},
		{"1.5.2", "f:1.5 f:.2"},
		{"$1 $23", "p:1 p:23"},
		{"$1a", "42601@0 trailing junk after parameter: \"$1a\""},
		{"$ x", "42601@0 unexpected character \"$\""},
	};
	(void)state;
	check(examples, ARRAY_LEN(examples));
}

static void test_symbols(void **state)
{
	static const struct example examples[] = {
		{"a+b a<=b a<>b a!=b a>=b",
			"i:a o:+ i:b i:a o:<= i:b i:a o:<> i:b i:a o:<> i:b i:a o:>= i:b"},
		{"a*-b a<>-b a@-b a!=-b", "i:a o:* o:- i:b i:a o:<> o:- i:b i:a o:@- i:b i:a o:!=- i:b"},
		{"a||b ->> #> @> ~* !~~* <-> ?|", "i:a o:|| i:b o:->> o:#> o:@> o:~* o:!~~* o:<-> o:?|"},
		{"a::b := => . .. :", "i:a o::: i:b o::= o:=> o:. o:.. o::"},
		{"+--x\n1", "o:+ n:1"},
		{"*/*x*/1", "o:* n:1"},
		{"1 /* a /* b */ c */ 2", "n:1 n:2"},
		{"1 /* a /* b */ c", "n:1 42601@2 unterminated /* comment"},
		{"1 -- x", "n:1"},
		{"{a}", "42601@0 unexpected character \"{\""},
		{"a \\ b", "i:a 42601@2 unexpected character \"\\\""},
		{"a \x01", "i:a 42601@2 unexpected control character 0x01"},
		{"+++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++@",
			"42622@0 operator of 66 symbols is too long"},
	};
	(void)state;
	check(examples, ARRAY_LEN(examples));
}

/* Pieces cover any bytes without gaps. */
static void test_pieces(void **state)
{
	static const char *const texts[] = {
		"select 'a' /* x */ -- y\n$$z$$ 1.5e3 \"q\" U&\"x\" <> ; \\ \xff\xfe", "'open", "/* open",
		"$a$ open", ""};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct str text = str_of(texts[i]);
		size_t pos = 0;
		for (;;) {
			struct piece p = piece_at(text, pos);
			assert_int_equal(p.start, pos);
			if (p.kind == PIECE_END)
				break;
			assert_true(p.end > p.start && p.end <= text.len);
			pos = p.end;
		}
		assert_int_equal(pos, text.len);
	}
}

static void test_keywords(void **state)
{
	(void)state;
	assert_int_equal(keyword_count, 460); /* pg_get_keywords() of PostgreSQL 15 */
	for (size_t i = 0; i < keyword_count; i++) {
		assert_true(i == 0 || strcmp(keywords[i - 1].word, keywords[i].word) < 0);
		assert_ptr_equal(keyword_find(keywords[i].word, strlen(keywords[i].word)), &keywords[i]);
	}
	assert_non_null(keyword_find("SeLeCt", 6));
	assert_null(keyword_find("selec", 5));
	assert_null(keyword_find("", 0));
	assert_null(keyword_find("current_timestampx", 18));
}

static void test_split(void **state)
{
	struct str text = STR(" ; select ';' ; -- x;\n select (1;2), $$;$$ /* ; */; \"a;b\" 'x");
	static const char *const parts[] = {"select ';'", "select (1;2), $$;$$", "\"a;b\" 'x"};
	struct split_part part;
	size_t offset = 0, n = 0;
	(void)state;
	while (split_next(text, &offset, &part)) {
		assert_true(str_eq(str_make(text.data + part.offset, part.len), str_of(parts[n])));
		assert_int_equal(part.terminated, n < 2);
		n++;
	}
	assert_int_equal(n, 3);
	assert_int_equal(split_end(STR("")), SPLIT_COMPLETE);
	assert_int_equal(split_end(STR("select 1;")), SPLIT_COMPLETE);
	assert_int_equal(split_end(STR("select 1; -- x")), SPLIT_COMPLETE);
	assert_int_equal(split_end(STR("select 1")), SPLIT_STATEMENT);
	assert_int_equal(split_end(STR("select (1;")), SPLIT_PARENS);
	assert_int_equal(split_end(STR("select 'a;")), SPLIT_STRING);
	assert_int_equal(split_end(STR("select \"a;")), SPLIT_NAME);
	assert_int_equal(split_end(STR("select $x$;$$")), SPLIT_DOLLAR);
	assert_int_equal(split_end(STR("select 1; /* x")), SPLIT_COMMENT);
	assert_int_equal(split_end(STR("select 1; select")), SPLIT_STATEMENT);
}

static const char *quoted(struct strbuf *b, const char *name)
{
	strbuf_reset(b);
	ident_quote(b, str_of(name));
	return strbuf_cstr(b);
}

static void test_quote(void **state)
{
	struct strbuf b;
	(void)state;
	strbuf_init(&b, 0);
	assert_string_equal(quoted(&b, "abc_1"), "abc_1");
	assert_string_equal(quoted(&b, "tỉnh"), "tỉnh");
	assert_string_equal(quoted(&b, "Abc"), "\"Abc\"");
	assert_string_equal(quoted(&b, "a b"), "\"a b\"");
	assert_string_equal(quoted(&b, "1a"), "\"1a\"");
	assert_string_equal(quoted(&b, "a\"b"), "\"a\"\"b\"");
	assert_string_equal(quoted(&b, ""), "\"\"");
	assert_string_equal(quoted(&b, "select"), "\"select\"");
	assert_string_equal(quoted(&b, "left"), "\"left\"");
	assert_string_equal(quoted(&b, "char"), "\"char\"");
	assert_string_equal(quoted(&b, "server"), "server");
	strbuf_reset(&b);
	literal_quote(&b, STR("it's"));
	literal_quote(&b, STR("a\\b'"));
	literal_quote(&b, STR(""));
	assert_string_equal(strbuf_cstr(&b), "'it''s'E'a\\\\b'''''");
	strbuf_release(&b);
}

static const char *drawn(struct strbuf *b, const char *text, int offset, size_t width)
{
	struct err e;
	err_clear(&e);
	err_at(&e, offset, ERR_SYNTAX_ERROR, "x");
	strbuf_reset(b);
	err_render_caret(b, str_of(text), &e, width);
	return strbuf_cstr(b);
}

static void test_caret(void **state)
{
	struct strbuf b;
	(void)state;
	strbuf_init(&b, 0);
	assert_string_equal(drawn(&b, "select x", 7, 0), "line 1, column 8\nselect x\n       ^\n");
	assert_string_equal(drawn(&b, "select\r\n\tx y\nz", 11, 0), "line 2, column 4\n x y\n   ^\n");
	assert_string_equal(drawn(&b, "a\n\nb", 3, 0), "line 3, column 1\nb\n^\n");
	assert_string_equal(drawn(&b, "abc", 99, 0), "line 1, column 4\nabc\n   ^\n");
	assert_string_equal(
		drawn(&b, "'Nguyễn' x", 12, 0), "line 1, column 11\n'Nguyễn' x\n          ^\n");
	/* decomposed: the combining mark takes no column; wide: two columns each */
	assert_string_equal(drawn(&b, "e\xcc\x81 x", 4, 0), "line 1, column 4\ne\xcc\x81 x\n  ^\n");
	assert_string_equal(drawn(&b, "漢字 x", 7, 0), "line 1, column 4\n漢字 x\n     ^\n");
	assert_string_equal(drawn(&b,
							"ab\xff"
							"cd",
							2, 0),
		"line 1, column 3\nab?cd\n  ^\n");
	assert_string_equal(drawn(&b, "0123456789012345678901234567890123456789", 20, 20),
		"line 1, column 21\n…01234567890123456789…\n           ^\n");
	strbuf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_keywords),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_quote),
		cmocka_unit_test(test_caret),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
