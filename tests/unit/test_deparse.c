/*
 * The six dialects: how each spells a statement, and what it leaves to us. The same tables stand at one server per
 * dialect; deparse.inc holds, per statement, what each of them is asked. SQL Server and Oracle are tested here only.
 * HOPLUU_GOLDEN=1 prints the rows anew: read them against reference/pushdown-semantics.md before they go into the file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "connectors/dialect.h"
#include "engine/authorize/guard.h"
#include "engine/bind/bind.h"
#include "engine/optimize/optimize.h"
#include "engine/place/place.h"
#include "engine/types/datetime.h"
#include "parser/parser.h"
#include "tests/unit/dialect_catalog.h"

static const struct golden {
	const char *sql;
	const char *asked[DIALECTS];
} goldens[] = {
#include "tests/unit/deparse.inc"
};

/* ---- a statement at one dialect, as text ---- */

static enum walk add_remote(const struct rel *r, void *arg)
{
	struct strbuf *out = arg;

	if (r->kind != REL_REMOTE)
		return WALK_ON;
	strbuf_addf(out, "%s%s", out->len ? " ;; " : "", r->remote->sql);
	for (uint32_t i = 0; i < r->remote->nnotes; i++)
		if (r->remote->notes[i].sent == NOTE_SUPERSET)
			strbuf_addf(out, " | checked again: %s", r->remote->notes[i].why);
	return WALK_SKIP;
}

/* What is done here: nodes above the remote ones, but for projections, which only rename. */
static enum walk add_local(const struct rel *r, void *arg)
{
	if (r->kind == REL_REMOTE)
		return WALK_SKIP;
	if (r->kind != REL_PROJECT && r->kind != REL_FILTER)
		strbuf_addf(arg, " | here: %s", rel_kind_name(r->kind));
	return WALK_ON;
}

static const char *asked(const char *sql, const char *dialect, struct mem *m)
{
	static const struct principal who = {.user = "tester", .agency = "", .purpose = "", .is_administrator = true};
	struct bind_context c = {.snapshot = &snapshot, .principal = &who, .text = &text_context_default, .sql = sql};
	struct parse_result parsed;
	struct settings settings;
	struct strbuf out;
	struct plan *p;
	struct err e;
	const char *text;

	err_clear(&e);
	settings_init(&settings);
	snprintf(settings.text[SET_search_path], sizeof settings.text[SET_search_path], "%s", dialect);
	c.settings = &settings;
	if (!parse_sql(m, str_of(sql), &parsed, &e) || !bind_query(&c, parsed.statements[0].node, m, &p, &e) ||
		!optimize_plan(p, &settings, &text_context_default, NULL, NULL, &e) || !place_plan(p, &settings, &e))
		return mem_printf(m, "%s: %s", errcode_sqlstate(e.code), e.message);
	strbuf_init(&out, 0);
	rel_walk(p->root, add_remote, &out);
	rel_walk(p->root, add_local, &out);
	text = mem_strdup(m, strbuf_cstr(&out));
	strbuf_release(&out);
	return text;
}

static void print_c(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		if (*text == '\n')
			fputs("\\n", stdout);
		else
			putchar(*text);
	}
	putchar('"');
}

static void test_statements(void **state)
{
	bool print = getenv("HOPLUU_GOLDEN") != NULL;
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(goldens); i++) {
		struct mem *m = mem_new(NULL, MEM_PLAN, "test", 0);

		if (print) {
			fputs("{", stdout);
			print_c(goldens[i].sql);
			fputs(", {\n", stdout);
		}
		for (size_t d = 0; d < DIALECTS; d++) {
			const char *got = asked(goldens[i].sql, dialect_names[d], m);

			if (print) {
				fputs("\t", stdout);
				print_c(got);
				fputs(",\n", stdout);
			} else if (!goldens[i].asked[d] || strcmp(got, goldens[i].asked[d]) != 0) {
				print_error("%s, %s\n  expected: %s\n  actual:   %s\n", dialect_names[d], goldens[i].sql,
							goldens[i].asked[d] ? goldens[i].asked[d] : "", got);
				wrong++;
			}
		}
		if (print)
			puts("}},");
		mem_free(m);
	}
	assert_int_equal(wrong, 0);
}

/* ---- names and literals ---- */

static void check_name(const char *dialect, const char *name, const char *want)
{
	struct strbuf out;

	strbuf_init(&out, 0);
	dialect_name(dialect_find(dialect), name, &out);
	assert_string_equal(strbuf_cstr(&out), want);
	strbuf_release(&out);
}

static void test_names(void **state)
{
	(void)state;
	check_name("postgresql", "a\"b", "\"a\"\"b\"");
	check_name("mariadb", "a`b\"", "`a``b\"`");
	check_name("sqlite", "a\"b", "\"a\"\"b\"");
	check_name("odbc", "a\"b", "\"a\"\"b\"");
	check_name("mssql", "a]b[c", "[a]]b[c]");
	check_name("oracle", "họ\"tên", "\"họ\"\"tên\"");
}

/* want NULL: has no exact spelling there. */
static void check_literal(const char *dialect, enum type_id type, const char *text, const char *want)
{
	struct mem *m = mem_new(NULL, MEM_OTHER, "test", 0);
	struct value v;
	struct strbuf out;
	struct err e;
	bool ok;

	err_clear(&e);
	assert_true(value_parse(m, type_make(type), str_of(text), &text_context_default, &v, &e));
	strbuf_init(&out, 0);
	ok = dialect_literal(dialect_find(dialect), &v, &out);
	if (want ? !ok || strcmp(strbuf_cstr(&out), want) != 0 : ok) {
		print_error("%s: %s as %s\n  expected: %s\n  actual:   %s\n", dialect, text, type_name(v.type, m), want ? want : "none",
					ok ? strbuf_cstr(&out) : "none");
		fail();
	}
	strbuf_release(&out);
	mem_free(m);
}

static void test_text_literals(void **state)
{
	static const char hostile[] = "a'b\\c\"d;--\n$1%s'';";
	(void)state;
	check_literal("postgresql", TYPE_TEXT, hostile, "'a''b\\c\"d;--\n$1%s'''';'::text");
	check_literal("mssql", TYPE_TEXT, hostile, "N'a''b\\c\"d;--\n$1%s'''';'");
	check_literal("oracle", TYPE_TEXT, hostile, "N'a''b\\c\"d;--\n$1%s'''';'");
	check_literal("sqlite", TYPE_TEXT, hostile, "'a''b\\c\"d;--\n$1%s'''';'");
	check_literal("odbc", TYPE_TEXT, "'", "''''");
	check_literal("mssql", TYPE_TEXT, "", "N''");
	check_literal("mssql", TYPE_TEXT, "Nguyễn 😀", "N'Nguyễn 😀'");
}

static void test_long_literals(void **state)
{
	static char text[5001], want[5100];
	static const struct {
		const char *dialect, *form;
		int most;
	} rows[] = {{"oracle", "N'%s'", 1000}, {"odbc", "'%s'", 4000}, {"mssql", "N'%s'", 5000}, {"sqlite", "'%s'", 5000}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (int n = rows[i].most; n <= rows[i].most + 1 && n <= 5000; n++) {
			memset(text, 'x', sizeof text);
			text[n] = '\0';
			snprintf(want, sizeof want, strcmp(rows[i].form, "N'%s'") == 0 ? "N'%s'" : "'%s'", text);
			check_literal(rows[i].dialect, TYPE_TEXT, text, n == rows[i].most ? want : NULL);
		}
}

static void test_number_literals(void **state)
{
	static const char *const all[] = {"mariadb", "sqlite", "odbc", "mssql", "oracle"};
	static const char digits38[] = "12345678901234567890123456789012345678"; /* SQL Server's most, and ours */
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		check_literal(all[i], TYPE_INT4, "-5", "(-5)");
		check_literal(all[i], TYPE_INT8, "9223372036854775807", "9223372036854775807");
		check_literal(all[i], TYPE_NUMERIC, "NaN", NULL);
		check_literal(all[i], TYPE_NUMERIC, "Infinity", NULL);
		check_literal(all[i], TYPE_FLOAT8, "1.5", NULL);
		check_literal(all[i], TYPE_INTERVAL, "1 day", NULL);
		check_literal(all[i], TYPE_BYTEA, "\\x00", NULL);
	}
	check_literal("mssql", TYPE_NUMERIC, "1.50", "1.50");
	check_literal("oracle", TYPE_NUMERIC, "-0.01", "(-0.01)");
	check_literal("mssql", TYPE_NUMERIC, digits38, digits38);
	check_literal("oracle", TYPE_NUMERIC, digits38, digits38);
	check_literal("postgresql", TYPE_NUMERIC, "NaN", "'NaN'::numeric");
	check_literal("postgresql", TYPE_INT4, "5", "5");
	check_literal("postgresql", TYPE_INT8, "5", "'5'::bigint");
}

static void test_date_literals(void **state)
{
	(void)state;
	check_literal("mssql", TYPE_DATE, "2024-02-29", "CAST('2024-02-29' AS date)");
	check_literal("mssql", TYPE_TIMESTAMP, "2024-02-29 12:34:56.789", "CAST('2024-02-29 12:34:56.789' AS datetime2(6))");
	check_literal("oracle", TYPE_DATE, "2024-02-29", "DATE '2024-02-29'");
	check_literal("oracle", TYPE_TIMESTAMP, "2024-02-29 12:34:56", "TIMESTAMP '2024-02-29 12:34:56'");
	check_literal("odbc", TYPE_DATE, "2024-02-29", "{d '2024-02-29'}");
	check_literal("postgresql", TYPE_DATE, "infinity", "'infinity'::date");
	for (size_t i = 1; i < DIALECTS; i++) {
		check_literal(dialect_names[i], TYPE_DATE, "infinity", NULL);
		check_literal(dialect_names[i], TYPE_DATE, "12024-01-01", NULL);
		check_literal(dialect_names[i], TYPE_DATE, "0044-03-15 BC", NULL);
		check_literal(dialect_names[i], TYPE_TIMESTAMP, "-infinity", NULL);
	}
}

static void test_long_lists(void **state)
{
	static const struct {
		const char *dialect;
		uint32_t most;
	} rows[] = {{"odbc", 200}, {"mssql", 2000}, {"oracle", 1000}};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (uint32_t n = rows[i].most; n <= rows[i].most + 1; n++) {
			struct mem *m = mem_new(NULL, MEM_PLAN, "test", 0);
			struct strbuf sql;
			const char *got;

			strbuf_init(&sql, 0);
			strbuf_adds(&sql, "SELECT k FROM t WHERE id IN (");
			for (uint32_t k = 0; k < n; k++)
				strbuf_addf(&sql, "%s%u", k ? "," : "", k * 2);
			strbuf_adds(&sql, ")");
			got = asked(strbuf_cstr(&sql), rows[i].dialect, m);
			assert_int_equal(strstr(got, " IN (") != NULL, n == rows[i].most);
			strbuf_release(&sql);
			mem_free(m);
		}
}

/* What a dialect sends may differ from what the one server refuses: nested too deep, too many conditions. */
static void test_deep(void **state)
{
	(void)state;
	for (size_t d = 0; d < DIALECTS; d++) {
		struct mem *m = mem_new(NULL, MEM_PLAN, "test", 0);
		struct strbuf sql;
		const char *got;
		int depth = 0, deepest = 0;

		strbuf_init(&sql, 0);
		strbuf_adds(&sql, "SELECT k FROM t WHERE id = 0");
		for (int i = 1; i < 3000; i++)
			strbuf_addf(&sql, " OR id = %d OR b = %d", i, i);
		got = asked(strbuf_cstr(&sql), dialect_names[d], m);
		for (const char *p = got; *p; p++) {
			depth += *p == '(' ? 1 : *p == ')' ? -1 : 0;
			deepest = depth > deepest ? depth : deepest;
		}
		assert_int_equal(depth, 0);
		assert_in_range(deepest, 0, 120);
		strbuf_release(&sql);
		mem_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),		 cmocka_unit_test(test_text_literals), cmocka_unit_test(test_long_literals), cmocka_unit_test(test_number_literals),
		cmocka_unit_test(test_date_literals), cmocka_unit_test(test_long_lists),	 cmocka_unit_test(test_deep),
		cmocka_unit_test(test_statements),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
