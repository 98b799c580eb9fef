/*
 * What real sources hold that doesn't fit: zero dates, unsigned numbers, times beyond a day, odd types, legacy
 * encodings, decomposed Unicode; and the mock source's failures and delays.
 */
#define _GNU_SOURCE
#include "tests/connectors/sources.inc"

#include "connectors/fetcher.h"
#include "connectors/sampled_statistics.h"
#include "connectors/text_decode.h"
#include "engine/base/clock.h"

static struct mem *root;

/* One column of SQL at a source as lines of text, "~" for NULL; or "error STATE". */
static const char *ask(const struct source_case *at, const char *sql, struct stream_column col)
{
	const struct connector *k = connector_find(at->type);
	struct mem *m = mem_new(root, MEM_QUERY, "test", 0);
	struct stream_request r = {.server = "src", .table = "s.t", .sql = sql, .ncols = 1, .cols = &col, .batch_rows = 2,
							   .rows_hint = -1};
	struct strbuf out;
	struct conn *c;
	struct stream *s;
	struct batch b;
	struct err e;
	const char *text;
	bool ok;

	err_clear(&e);
	strbuf_init(&out, 0);
	if (!k->connect(m, "src", &at->server, &at->user, &c, &e))
		fail_msg("%s: %s (%s)", at->name, e.message, e.detail);
	ok = k->open(c, m, &r, &s, &e);
	if (ok) {
		batch_init(&b, 1, m);
		while ((ok = k->next(s, &b, &e)) && b.rows) {
			for (uint32_t i = 0; i < b.rows; i++) {
				struct value v = vec_get(&b.cols[0], i);
				if (v.is_null)
					strbuf_addc(&out, '~');
				else
					value_print(&v, &text_context_default, &out);
				strbuf_addc(&out, '\n');
			}
			batch_release(&b);
		}
		k->close_stream(s);
	}
	k->close(c);
	text = ok ? mem_strndup(root, strbuf_cstr(&out), out.len) : mem_printf(root, "error %s", errcode_sqlstate(e.code));
	strbuf_release(&out);
	mem_free(m);
	return text;
}

static struct stream_column col(struct type t)
{
	return (struct stream_column){.name = "x", .type = t};
}
static struct stream_column col_null(struct type t)
{
	return (struct stream_column){.name = "x", .type = t, .bad_value = BAD_VALUE_NULL};
}
#define NUMERIC(p, s) type_with_mod(TYPE_NUMERIC, typmod_numeric(p, s))

static const struct source_case *source(const char *name)
{
	static struct source_case *list;
	static size_t n;

	if (!list)
		list = sources_open(root, &n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

static void test_mariadb(void **state)
{
	const struct source_case *at = source("mariadb");

	(void)state;
	if (!at)
		return;
	source_exec(at, "DROP TABLE IF EXISTS d1; CREATE TABLE d1 (id int primary key, dt date, ts timestamp NULL, dtm datetime(3), tm time,"
					" u bigint unsigned, ui int unsigned, tiny tinyint(1), b1 bit(1), b20 bit(20), y year, n65 decimal(65,0),"
					" e enum('x','ý'), st set('a','b'), u4 uuid, c char(5), j json, f float, bin binary(3), geo point, ip inet6);"
					"INSERT INTO d1 VALUES (1, '0000-00-00', '2024-01-02 03:04:05', '2024-01-02 03:04:05.678', '838:59:59',"
					" 18446744073709551615, 4294967295, 5, b'1', b'11111111111111111111', 2024,"
					" 99999999999999999999999999999999999999999999999999999999999999999, 'ý', 'a,b',"
					" '00112233-4455-6677-8899-aabbccddeeff', 'ab  ', '{\"a\": 1}', 0.1, 'a', ST_GeomFromText('POINT(1 2)'), '::1'),"
					"(2, '2024-00-10', NULL, NULL, '-00:00:01', 0, 0, 0, b'0', b'0', 0, -1, 'x', '', NULL, '', '[]', 16777217, 'abc',"
					" NULL, NULL)");
	assert_string_equal(ask(at, "SELECT dt FROM conformance.d1", col(type_make(TYPE_DATE))), "error 22007");
	assert_string_equal(ask(at, "SELECT dt FROM conformance.d1", col_null(type_make(TYPE_DATE))), "~\n~\n");
	assert_string_equal(ask(at, "SELECT ts FROM conformance.d1", col(type_make(TYPE_TIMESTAMPTZ))), "2024-01-02 03:04:05+00\n~\n");
	assert_string_equal(ask(at, "SELECT dtm FROM conformance.d1", col(type_make(TYPE_TIMESTAMP))), "2024-01-02 03:04:05.678\n~\n");
	assert_string_equal(ask(at, "SELECT tm FROM conformance.d1", col(type_make(TYPE_TIME))), "error 22008");
	assert_string_equal(ask(at, "SELECT tm FROM conformance.d1", col(type_make(TYPE_INTERVAL))), "838:59:59\n-00:00:01\n");
	assert_string_equal(ask(at, "SELECT u FROM conformance.d1", col(NUMERIC(20, 0))), "18446744073709551615\n0\n");
	assert_string_equal(ask(at, "SELECT u FROM conformance.d1", col(type_make(TYPE_INT8))), "error 22003");
	assert_string_equal(ask(at, "SELECT ui FROM conformance.d1", col(type_make(TYPE_INT8))), "4294967295\n0\n");
	assert_string_equal(ask(at, "SELECT tiny FROM conformance.d1", col(type_make(TYPE_INT2))), "5\n0\n");
	assert_string_equal(ask(at, "SELECT tiny FROM conformance.d1", col(type_make(TYPE_BOOL))), "error 22P02");
	assert_string_equal(ask(at, "SELECT b1 FROM conformance.d1", col(type_make(TYPE_BOOL))), "t\nf\n");
	assert_string_equal(ask(at, "SELECT b20 FROM conformance.d1", col(type_make(TYPE_INT8))), "1048575\n0\n");
	assert_string_equal(ask(at, "SELECT y FROM conformance.d1", col(type_make(TYPE_INT2))), "2024\n0\n");
	assert_string_equal(ask(at, "SELECT n65 FROM conformance.d1", col_null(type_make(TYPE_NUMERIC))), "~\n-1\n");
	assert_string_equal(ask(at, "SELECT n65 FROM conformance.d1", col(type_make(TYPE_NUMERIC))), "error 22003");
	assert_string_equal(ask(at, "SELECT e FROM conformance.d1", col(type_make(TYPE_TEXT))), "ý\nx\n");
	assert_string_equal(ask(at, "SELECT st FROM conformance.d1", col(type_make(TYPE_TEXT))), "a,b\n\n");
	assert_string_equal(ask(at, "SELECT u4 FROM conformance.d1", col(type_make(TYPE_UUID))), "00112233-4455-6677-8899-aabbccddeeff\n~\n");
	assert_string_equal(ask(at, "SELECT c FROM conformance.d1", col(type_with_mod(TYPE_BPCHAR, 9))), "ab   \n     \n");
	assert_string_equal(ask(at, "SELECT j FROM conformance.d1", col(type_make(TYPE_JSON))), "{\"a\": 1}\n[]\n");
	assert_string_equal(ask(at, "SELECT f FROM conformance.d1", col(type_make(TYPE_FLOAT4))), "0.1\n1.6777216e+07\n");
	assert_string_equal(ask(at, "SELECT bin FROM conformance.d1", col(type_make(TYPE_BYTEA))), "\\x610000\n\\x616263\n");
	assert_string_equal(ask(at, "SELECT CAST(ip AS CHAR) FROM conformance.d1", col(type_make(TYPE_TEXT))), "::1\n~\n");
	assert_string_equal(ask(at, "SELECT count(*) FROM conformance.d1", col(type_make(TYPE_INT8))), "2\n");
	assert_string_equal(ask(at, "SELECT sum(ui) FROM conformance.d1", col(type_make(TYPE_INT8))), "4294967295\n");
	assert_string_equal(ask(at, "SELECT avg(ui) FROM conformance.d1", col(type_make(TYPE_NUMERIC))), "2147483647.5000\n");
}

static void test_mariadb_types(void **state)
{
	const struct source_case *at = source("mariadb");
	static const struct { const char *name, *type; } want[] = {
		{"id", "integer"}, {"dt", "date"}, {"ts", "timestamp(0) with time zone"}, {"dtm", "timestamp(3) without time zone"},
		{"tm", "time(0) without time zone"}, {"u", "numeric(20,0)"}, {"ui", "bigint"}, {"tiny", "smallint"}, {"b1", "boolean"},
		{"b20", "bigint"}, {"y", "smallint"}, {"n65", "numeric"}, {"e", "text"}, {"st", "text"}, {"u4", "uuid"},
		{"c", "character(5)"}, {"j", "text"}, {"f", "real"}, {"bin", "bytea"}, {"geo", NULL}, {"ip", "text"},
	};
	const char *only[] = {"d1"};
	struct mem *m = mem_new(root, MEM_QUERY, "test", 0);
	struct source_table **t;
	struct conn *c;
	size_t n;
	struct err e;

	(void)state;
	if (!at)
		return;
	err_clear(&e);
	assert_true(connector_find("mariadb")->connect(m, "src", &at->server, &at->user, &c, &e));
	assert_true(connector_find("mariadb")->describe(c, m, "conformance", only, 1, &t, &n, &e));
	assert_int_equal(n, 1);
	assert_int_equal(t[0]->ncols, ARRAY_LEN(want));
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		const struct source_column *k = &t[0]->cols[i];
		assert_string_equal(k->name, want[i].name);
		assert_int_equal(k->supported, want[i].type != NULL);
		if (want[i].type)
			assert_string_equal(type_name(k->type, m), want[i].type);
	}
	assert_true(t[0]->cols[20].cast_to_text);
	connector_find("mariadb")->close(c);
	mem_free(m);
}

static void test_postgresql(void **state)
{
	const struct source_case *at = source("postgresql");
	struct stream_column text = col(type_make(TYPE_TEXT));

	(void)state;
	if (!at)
		return;
	source_exec(at, "DROP TABLE IF EXISTS d2; DROP TYPE IF EXISTS mood; DROP DOMAIN IF EXISTS dom; CREATE TYPE mood AS ENUM ('sad','vui');"
					"CREATE DOMAIN dom AS numeric(6,2);"
					"CREATE TABLE d2 (id int, n numeric, n38 numeric(38,10), n18 numeric(18,4), dt date, ts timestamp, tz timestamptz,"
					" iv interval, ttz timetz, u uuid, j json, jb jsonb, m mood, a int[], d dom, ip inet, f8 float8, f4 real, o oid, ch \"char\");"
					"INSERT INTO d2 VALUES"
					" (1, 123456789012345678901234567890.12345678, -9999999999999999999999999999.9999999999, 99999999999999.9999, 'infinity',"
					"  '-infinity', '2024-06-01 12:00+07', '1 year 2 mons 3 days 04:05:06.789', '01:02:03+07',"
					"  'ffffffff-0000-4000-8000-000000000001', '{\"a\":  1}', '{\"b\": [1,  2]}', 'vui', '{1,NULL,3}', 12.5, '10.0.0.1/8',"
					"  'NaN', '-Infinity', 4294967295, 'q'),"
					" (2, 0.0000000001, 0.0000000001, -0.0001, '0044-03-15 BC', '4713-01-01 BC', '294276-12-31 23:59:59.999999+00', '-1 day',"
					"  '23:59:59.999999-12:30', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1.7976931348623157e308, 1e-45, 0, NULL),"
					" (3, 1e20, 0, 10000, '0001-01-01', '2000-01-01', '2000-01-01', '0', '00:00:00+00', NULL, NULL, NULL, NULL, NULL, NULL,"
					"  NULL, 0, -0.0, 0, NULL)");
	assert_string_equal(ask(at, "SELECT n FROM conformance.d2 ORDER BY id", col(type_make(TYPE_NUMERIC))),
						"123456789012345678901234567890.12345678\n0.0000000001\n100000000000000000000\n");
	assert_string_equal(ask(at, "SELECT n38 FROM conformance.d2 ORDER BY id", col(NUMERIC(38, 10))),
						"-9999999999999999999999999999.9999999999\n0.0000000001\n0.0000000000\n");
	assert_string_equal(ask(at, "SELECT n18 FROM conformance.d2 ORDER BY id", col(NUMERIC(18, 4))),
						"99999999999999.9999\n-0.0001\n10000.0000\n");
	assert_string_equal(ask(at, "SELECT n FROM conformance.d2 ORDER BY id", col(NUMERIC(18, 4))), "error 22003");
	/* digits that numeric(p, s) would lose, wherever they stand */
	assert_string_equal(ask(at, "SELECT x FROM (VALUES (1.005), (0.001), (-3.14159265), (12345.6), (0.00001)) AS v(x)", col_null(NUMERIC(12, 2))),
						"~\n~\n~\n12345.60\n~\n");
	assert_string_equal(ask(at, "SELECT x FROM (VALUES (1.5), (0.5), (7)) AS v(x)", col_null(NUMERIC(9, 0))), "~\n~\n7\n");
	assert_string_equal(ask(at, "SELECT x FROM (VALUES (0.0001), (0.00001), (123456789.1234)) AS v(x)", col_null(NUMERIC(18, 4))),
						"0.0001\n~\n123456789.1234\n");
	assert_string_equal(ask(at, "SELECT 'NaN'::numeric", col(NUMERIC(18, 4))), "error 22003");
	assert_string_equal(ask(at, "SELECT 'NaN'::numeric", col(type_make(TYPE_NUMERIC))), "NaN\n");
	assert_string_equal(ask(at, "SELECT 1e40::numeric", col(type_make(TYPE_NUMERIC))), "error 22003");
	assert_string_equal(ask(at, "SELECT dt FROM conformance.d2 ORDER BY id", col(type_make(TYPE_DATE))),
						"infinity\n0044-03-15 BC\n0001-01-01\n");
	assert_string_equal(ask(at, "SELECT ts FROM conformance.d2 ORDER BY id", col(type_make(TYPE_TIMESTAMP))),
						"-infinity\n4713-01-01 00:00:00 BC\n2000-01-01 00:00:00\n");
	assert_string_equal(ask(at, "SELECT tz FROM conformance.d2 ORDER BY id", col(type_make(TYPE_TIMESTAMPTZ))),
						"2024-06-01 05:00:00+00\n294276-12-31 23:59:59.999999+00\n2000-01-01 00:00:00+00\n");
	assert_string_equal(ask(at, "SELECT iv FROM conformance.d2 ORDER BY id", col(type_make(TYPE_INTERVAL))),
						"1 year 2 mons 3 days 04:05:06.789\n-1 days\n00:00:00\n");
	assert_string_equal(ask(at, "SELECT ttz FROM conformance.d2 ORDER BY id", col(type_make(TYPE_TIMETZ))),
						"01:02:03+07\n23:59:59.999999-12:30\n00:00:00+00\n");
	assert_string_equal(ask(at, "SELECT u FROM conformance.d2 WHERE id = 1", col(type_make(TYPE_UUID))), "ffffffff-0000-4000-8000-000000000001\n");
	assert_string_equal(ask(at, "SELECT j FROM conformance.d2 WHERE id = 1", col(type_make(TYPE_JSON))), "{\"a\":  1}\n");
	assert_string_equal(ask(at, "SELECT jb FROM conformance.d2 WHERE id = 1", col(type_make(TYPE_JSONB))), "{\"b\": [1, 2]}\n");
	assert_string_equal(ask(at, "SELECT m FROM conformance.d2 WHERE id = 1", text), "vui\n");
	assert_string_equal(ask(at, "SELECT a FROM conformance.d2 WHERE id = 1", text), "{1,NULL,3}\n");
	assert_string_equal(ask(at, "SELECT ip FROM conformance.d2 WHERE id = 1", text), "10.0.0.1/8\n");
	assert_string_equal(ask(at, "SELECT d FROM conformance.d2 WHERE id = 1", col(NUMERIC(6, 2))), "12.50\n");
	assert_string_equal(ask(at, "SELECT f8 FROM conformance.d2 ORDER BY id", col(type_make(TYPE_FLOAT8))), "NaN\n1.7976931348623157e+308\n0\n");
	assert_string_equal(ask(at, "SELECT f4 FROM conformance.d2 ORDER BY id", col(type_make(TYPE_FLOAT4))), "-Infinity\n1e-45\n0\n");
	assert_string_equal(ask(at, "SELECT o FROM conformance.d2 WHERE id = 1", col(type_make(TYPE_OID))), "4294967295\n");
	assert_string_equal(ask(at, "SELECT ch FROM conformance.d2 WHERE id = 1", text), "q\n");
	assert_string_equal(ask(at, "SELECT sum(id) FROM conformance.d2", col(type_make(TYPE_INT8))), "6\n");
	assert_string_equal(ask(at, "SELECT sum(id::int8) FROM conformance.d2", col(type_make(TYPE_INT8))), "6\n");
}

/* A table whose name and column are made of what names shouldn't hold. */
static void test_hostile_names(void **state)
{
	const char *all[] = {"sqlite", "postgresql", "mariadb", "odbc/sqlite", "odbc/postgresql", "odbc/mariadb"};
	const char *name = "we\"ird'; DROP_%t -- \\ `ế", *column = "x\"y'z`\\ $1 ?";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		const struct source_case *at = source(all[i]);
		const struct connector *k;
		struct mem *m = mem_new(root, MEM_QUERY, "test", 0);
		struct source_table **t;
		struct source_statistics st;
		struct conn *c;
		size_t n;
		struct err e;

		if (!at) {
			mem_free(m);
			continue;
		}
		err_clear(&e);
		source_exec(at, mem_printf(m, "DROP TABLE IF EXISTS %s; CREATE TABLE %s (%s int); INSERT INTO %s VALUES (1), (2)",
								   quote_name(m, at->quote, name), quote_name(m, at->quote, name), quote_name(m, at->quote, column),
								   quote_name(m, at->quote, name)));
		k = connector_find(at->type);
		if (!k->connect(m, "src", &at->server, &at->user, &c, &e) || !k->describe(c, m, at->schema, &name, 1, &t, &n, &e))
			fail_msg("%s: %s (%s)", at->name, e.message, e.detail);
		if (n != 1 || t[0]->ncols != 1 || strcmp(t[0]->name, name) != 0 || strcmp(t[0]->cols[0].name, column) != 0)
			fail_msg("%s: %zu tables, %u columns", at->name, n, n ? t[0]->ncols : 0);
		if (!k->statistics(c, m, t[0], &st, &e))
			fail_msg("%s: %s (%s)", at->name, e.message, e.detail);
		if (st.rows != 2 || !st.cols[0].known || !st.cols[0].max || strcmp(st.cols[0].max, "2") != 0)
			fail_msg("%s: %g rows, max %s", at->name, st.rows, st.cols[0].max ? st.cols[0].max : "none");
		k->close(c);
		mem_free(m);
	}
}

/* What ODBC drivers spoil unless they are told otherwise. */
static void test_odbc(void **state)
{
	const struct source_case *pg = source("odbc/postgresql"), *my = source("odbc/mariadb"), *lite = source("odbc/sqlite");
	static const struct { const char *sql, *want; enum type_id id; } pg_cases[] = {
		{"SELECT 'infinity'::date", "infinity\n", TYPE_DATE}, {"SELECT '0044-03-15 BC'::date", "0044-03-15 BC\n", TYPE_DATE},
		{"SELECT '12024-03-15'::date", "12024-03-15\n", TYPE_DATE}, {"SELECT '-infinity'::timestamp", "-infinity\n", TYPE_TIMESTAMP},
		{"SELECT '0044-03-15 BC'::timestamp", "0044-03-15 00:00:00 BC\n", TYPE_TIMESTAMP},
		{"SELECT '2024-01-02 03:04:05.123456'::timestamp", "2024-01-02 03:04:05.123456\n", TYPE_TIMESTAMP},
		{"SELECT '2024-01-02 03:04:05.123456+07'::timestamptz", "2024-01-01 20:04:05.123456+00\n", TYPE_TIMESTAMPTZ},
		{"SELECT '12:34:56.123456'::time", "12:34:56.123456\n", TYPE_TIME},
		{"SELECT '1 year 2 mons 3 days 04:05:06.789'::interval", "1 year 2 mons 3 days 04:05:06.789\n", TYPE_INTERVAL},
		{"SELECT 'ffffffff-0000-4000-8000-000000000001'::uuid", "ffffffff-0000-4000-8000-000000000001\n", TYPE_UUID},
		{"SELECT 'NaN'::numeric", "NaN\n", TYPE_NUMERIC}, {"SELECT 'NaN'::float8", "NaN\n", TYPE_FLOAT8},
		{"SELECT 123456789012345678901234567890.12345678", "123456789012345678901234567890.12345678\n", TYPE_NUMERIC},
		{"SELECT '-Infinity'::float8", "-Infinity\n", TYPE_FLOAT8}, {"SELECT 0.1::float4", "0.1\n", TYPE_FLOAT4},
		{"SELECT 1.7976931348623157e308::float8", "1.7976931348623157e+308\n", TYPE_FLOAT8},
		{"SELECT 0.30000000000000004::float8", "0.30000000000000004\n", TYPE_FLOAT8},
		{"SELECT '{\"a\": 1}'::jsonb", "{\"a\": 1}\n", TYPE_JSONB}, {"SELECT E'a\\r\\nb\\U0001F600'", "a\r\nb\xf0\x9f\x98\x80\n", TYPE_TEXT},
		{"SELECT sum(x::int8) FROM (VALUES (1), (2)) AS v(x)", "3\n", TYPE_INT8},
	}, my_cases[] = {
		{"SELECT dtm FROM conformance.d1", "2024-01-02 03:04:05.678\n~\n", TYPE_TIMESTAMP}, {"SELECT dt FROM conformance.d1", "error 22007", TYPE_DATE},
		{"SELECT tm FROM conformance.d1", "838:59:59\n-00:00:01\n", TYPE_INTERVAL}, {"SELECT u FROM conformance.d1", "18446744073709551615\n0\n",
		TYPE_NUMERIC}, {"SELECT f FROM conformance.d1", "0.1\n1.6777216e+07\n", TYPE_FLOAT4}, {"SELECT ui FROM conformance.d1", "4294967295\n0\n", TYPE_INT8},
		{"SELECT 0.30000000000000004e0", "0.30000000000000004\n", TYPE_FLOAT8}, {"SELECT bin FROM conformance.d1", "\\x610000\n\\x616263\n", TYPE_BYTEA},
		{"SELECT CONVERT(X'F09F9880' USING utf8mb4)", "\xf0\x9f\x98\x80\n", TYPE_TEXT}, {"SELECT n65 FROM conformance.d1", "error 22003", TYPE_NUMERIC},
	}, lite_cases[] = {
		{"SELECT 0.30000000000000004", "0.30000000000000004\n", TYPE_FLOAT8}, {"SELECT 1.0/3", "0.3333333333333333\n", TYPE_FLOAT8},
		{"SELECT 1234567890.12", "1234567890.12\n", TYPE_NUMERIC}, {"SELECT 9007199254740993", "9007199254740993\n", TYPE_INT8},
		{"SELECT 'a' || char(128512)", "a\xf0\x9f\x98\x80\n", TYPE_TEXT}, {"SELECT X'610062'", "\\x610062\n", TYPE_BYTEA},
		{"SELECT 'x'", "error 22P02", TYPE_FLOAT8}, {"SELECT 1.5", "error 22P02", TYPE_INT4},
	};

	(void)state;
	if (lite)
		source_exec(lite, "CREATE TABLE IF NOT EXISTS o1 (a)"); /* the file */
	for (size_t i = 0; pg && i < ARRAY_LEN(pg_cases); i++)
		assert_string_equal(ask(pg, pg_cases[i].sql, col(type_make(pg_cases[i].id))), pg_cases[i].want);
	for (size_t i = 0; my && i < ARRAY_LEN(my_cases); i++)
		assert_string_equal(ask(my, my_cases[i].sql, col(type_make(my_cases[i].id))), my_cases[i].want);
	for (size_t i = 0; lite && i < ARRAY_LEN(lite_cases); i++)
		assert_string_equal(ask(lite, lite_cases[i].sql, col(type_make(lite_cases[i].id))), lite_cases[i].want);
}

static void test_encodings(void **state)
{
	const struct source_case *at = source("sqlite"), *my = source("mariadb");
	struct stream_column c = col(type_make(TYPE_TEXT));

	(void)state;
	/* bytes: TCVN3 for "Tiếng Việt", windows-1258 (with combining tones) for the same, a decomposed ệ */
	source_exec(at, "CREATE TABLE e1 (t1, t2, t3); INSERT INTO e1 VALUES (CAST(X'5469D56E6720566987' AS text), CAST(X'5469EAEC6E67' AS text),"
					" CAST(X'65CCA3CC82' AS text))");
	assert_string_equal(ask(at, "SELECT t3 FROM e1", c), "e\xcc\xa3\xcc\x82\n");
	c.nfc = true;
	assert_string_equal(ask(at, "SELECT t3 FROM e1", c), "ệ\n");
	c.encoding = ENCODING_WINDOWS_1258;
	assert_string_equal(ask(at, "SELECT t2 FROM e1", c), "Tiếng\n");
	c.encoding = ENCODING_TCVN3;
	assert_string_equal(ask(at, "SELECT substr(t1, 1, 5) FROM e1", c), "Tiếng\n");
	c.encoding = ENCODING_UTF8;
	assert_string_equal(ask(at, "SELECT t2 FROM e1", c), "error 22021");
	if (!my)
		return;
	/* the same bytes kept in a latin1 column, which the server turns into UTF-8 for us */
	source_exec(my, "DROP TABLE IF EXISTS e1; CREATE TABLE e1 (t varchar(20) CHARACTER SET latin1);"
					"INSERT INTO e1 VALUES (CAST(X'5469D56E67' AS CHAR CHARACTER SET latin1))");
	c.encoding = ENCODING_TCVN3;
	assert_string_equal(ask(my, "SELECT t FROM conformance.e1", c), "Tiếng\n");
}

static void test_sqlite(void **state)
{
	const struct source_case *at = source("sqlite");
	struct source_case dated = *at;

	(void)state;
	source_exec(at, "CREATE TABLE s1 (n decimal(12,2), i, dt date, ts timestamp, f float, bl blob, b boolean);"
					"INSERT INTO s1 VALUES (0.1, 12, '2024-02-29', '2024-02-29T10:00', 1e20, X'00', 't'), (1234567890.12, '12', 86400, 86400,"
					" 3, 'text', 0), (1e15, 1.5, NULL, NULL, NULL, NULL, NULL)");
	assert_string_equal(ask(at, "SELECT n FROM s1", col_null(NUMERIC(12, 2))), "0.10\n1234567890.12\n~\n");
	assert_string_equal(ask(at, "SELECT i FROM s1", col(type_make(TYPE_TEXT))), "12\n12\n1.5\n");
	assert_string_equal(ask(at, "SELECT i FROM s1", col_null(type_make(TYPE_INT8))), "12\n12\n~\n");
	assert_string_equal(ask(at, "SELECT dt FROM s1", col_null(type_make(TYPE_DATE))), "2024-02-29\n~\n~\n");
	assert_string_equal(ask(at, "SELECT ts FROM s1", col_null(type_make(TYPE_TIMESTAMP))), "2024-02-29 10:00:00\n~\n~\n");
	assert_string_equal(ask(at, "SELECT bl FROM s1", col_null(type_make(TYPE_BYTEA))), "\\x00\n~\n~\n");
	assert_string_equal(ask(at, "SELECT b FROM s1", col(type_make(TYPE_BOOL))), "t\nf\n~\n");
	dated.server = add_option(root, at->server, "unix_dates", "on");
	assert_string_equal(ask(&dated, "SELECT dt FROM s1", col(type_make(TYPE_DATE))), "2024-02-29\n1970-01-02\n~\n");
	assert_string_equal(ask(&dated, "SELECT ts FROM s1", col(type_make(TYPE_TIMESTAMP))), "2024-02-29 10:00:00\n1970-01-02 00:00:00\n~\n");
	assert_string_equal(ask(at, "SELECT no_such FROM s1", col(type_make(TYPE_TEXT))), "error HV005");
}

/* ---- mock ---- */

static struct source_case scripted(const char *script)
{
	struct source_case s = {.name = "mock", .type = "mock", .backend = BACKEND_MOCK};

	s.server = conninfo_options(root, "", "script", script);
	return s;
}

static void test_mock(void **state)
{
	struct source_case s = scripted("table t;column a integer not null key;column b text;row 1|x;row 2|\\N;rows 3 {i}|r{i};row 9|a\\|b\\;c");
	struct source_case failing = scripted("table t; column a integer; rows 5 {i}; fail 57P01 the disk is on fire");
	struct source_case bad = scripted("table t; column a integer; row x; row \\xff");
	struct source_case refused = scripted("connect fail 28P01 no entry");
	struct mem *m = mem_new(root, MEM_QUERY, "test", 0);
	struct conn *c;
	struct err e;

	(void)state;
	assert_string_equal(ask(&s, "SELECT a FROM t", col(type_make(TYPE_INT4))), "1\n2\n1\n2\n3\n9\n");
	assert_string_equal(ask(&s, "SELECT t.\"b\" AS x FROM \"mock\".\"t\" AS t", col(type_make(TYPE_TEXT))), "x\n~\nr1\nr2\nr3\na|b;c\n");
	assert_string_equal(ask(&s, "SELECT t0.\"a\" AS c1 FROM \"mock\".\"t\" t0 WHERE (NOT (t0.\"b\" IS NULL)) AND a IS NOT NULL",
							col(type_make(TYPE_INT4))), "1\n1\n2\n3\n9\n");
	assert_string_equal(ask(&s, "SELECT a FROM t WHERE b IS NULL", col(type_make(TYPE_INT4))), "2\n");
	assert_string_equal(ask(&s, "SELECT a FROM t WHERE a = 1", col(type_make(TYPE_INT4))), "error 0A000");
	assert_string_equal(ask(&s, "SELECT a FROM u", col(type_make(TYPE_INT4))), "error HV00R");
	assert_string_equal(ask(&failing, "SELECT a FROM t", col(type_make(TYPE_INT4))), "error 57P01");
	assert_string_equal(ask(&bad, "SELECT a FROM t", col(type_make(TYPE_INT4))), "error 22P02");
	assert_string_equal(ask(&bad, "SELECT a FROM t", col_null(type_make(TYPE_INT4))), "~\n~\n");
	assert_string_equal(ask(&bad, "SELECT a FROM t", col_null(type_make(TYPE_TEXT))), "x\n~\n");
	err_clear(&e);
	assert_false(connector_find("mock")->connect(m, "src", &refused.server, &refused.user, &c, &e));
	assert_int_equal(e.code, ERR_INVALID_PASSWORD);
	mem_free(m);
}

static void no_wake(void *arg) { (void)arg; }

/* Cancelling a slow connect and a slow row: at once. */
static void test_mock_cancel(void **state)
{
	const char *scripts[] = {"connect delay 3000; table t; column a integer; row 1", "table t; column a integer; delay 60000; row 1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		struct source_case s = scripted(scripts[i]);
		struct mem *m = mem_new(root, MEM_SESSION, "test", 0), *query = mem_new(m, MEM_QUERY, "test", 0);
		struct stream_column c = col(type_make(TYPE_INT4));
		struct pool *pool = pool_new(m);
		struct cancel *cancel = cancel_new();
		struct fetcher_spec spec = {.pool = pool, .queue_batches = 1, .mem = query, .cancel = cancel, .wake = no_wake};
		struct fetcher *f;
		struct batch b;
		struct err e;
		int64_t since = clock_monotonic_us();
		enum fetch how;

		err_clear(&e);
		spec.target = (struct pool_target){.server = "src", .connector = connector_find("mock"), .server_options = s.server};
		spec.request = (struct stream_request){.sql = "SELECT a FROM t", .ncols = 1, .cols = &c, .rows_hint = -1};
		batch_init(&b, 1, query);
		assert_true(fetcher_start(&spec, query, &f, &e));
		cancel_set_deadline(cancel, since + 200000);
		while ((how = fetcher_take(f, &b, &e)) == FETCH_WAIT)
			usleep(2000);
		assert_int_equal(how, FETCH_FAILED);
		assert_int_equal(e.code, ERR_QUERY_CANCELED);
		assert_non_null(strstr(e.message, "timeout"));
		fetcher_close(f);
		assert_true(clock_monotonic_us() - since < 1000000);
		pool_free(pool); /* waits for the connection that still arrives */
		cancel_free(cancel);
		mem_free(m);
	}
}

static void test_decoding(void **state)
{
	static const struct { enum type_id id; int mod; const char *text, *want; } cases[] = {
		{TYPE_INT4, -1, "2147483647", "2147483647"}, {TYPE_INT4, -1, "2147483648", NULL}, {TYPE_INT4, -1, "", NULL},
		{TYPE_INT4, -1, "-", NULL}, {TYPE_INT4, -1, "1 ", NULL}, {TYPE_INT8, -1, "-9223372036854775808", "-9223372036854775808"},
		{TYPE_INT8, -1, "9223372036854775808", NULL}, {TYPE_DATE, -1, "2024-02-29", "2024-02-29"}, {TYPE_DATE, -1, "2023-02-29", NULL},
		{TYPE_DATE, -1, "today", NULL}, {TYPE_DATE, -1, "now", NULL}, {TYPE_DATE, -1, "01/02/2003", NULL}, {TYPE_DATE, -1, "infinity", "infinity"},
		{TYPE_DATE, -1, "0044-03-15 BC", "0044-03-15 BC"}, {TYPE_DATE, -1, "12024-01-01", "12024-01-01"}, {TYPE_DATE, -1, "0000-00-00", NULL},
		{TYPE_TIME, -1, "24:00:00", "24:00:00"}, {TYPE_TIME, -1, "24:00:01", NULL}, {TYPE_TIME, -1, "12:34:56.7890125", "12:34:56.789013"},
		{TYPE_TIME, -1, "12:60:00", NULL}, {TYPE_TIMESTAMP, -1, "2024-01-01 10:00", "2024-01-01 10:00:00"},
		{TYPE_TIMESTAMP, -1, "2024-01-01T10:00:00.5", "2024-01-01 10:00:00.5"}, {TYPE_TIMESTAMP, -1, "2024-01-01x", NULL},
		{TYPE_TIMESTAMPTZ, -1, "2024-01-01 10:00:00+07", "2024-01-01 03:00:00+00"}, {TYPE_TIMESTAMPTZ, -1, "2024-01-01 10:00:00.25-05:30",
		"2024-01-01 15:30:00.25+00"}, {TYPE_TIMESTAMPTZ, -1, "2024-01-01T10:00:00Z", "2024-01-01 10:00:00+00"},
		{TYPE_BOOL, -1, "t", "t"}, {TYPE_BOOL, -1, "FALSE", "f"}, {TYPE_BOOL, -1, "2", NULL}, {TYPE_FLOAT8, -1, "1e400", NULL},
		{TYPE_FLOAT8, -1, "-1.5e-3", "-0.0015"}, {TYPE_FLOAT8, -1, "0x10", NULL}, {TYPE_FLOAT8, -1, "NaN", "NaN"},
		{TYPE_NUMERIC, 2, "12.34", "12.34"}, {TYPE_NUMERIC, 2, "12.340", "12.34"}, {TYPE_NUMERIC, 2, "12.345", NULL},
		{TYPE_NUMERIC, 2, "-0.5", "-0.50"}, {TYPE_NUMERIC, 2, "1.2e1", "12.00"}, {TYPE_NUMERIC, 2, "9999999999.99", "9999999999.99"},
		{TYPE_NUMERIC, 2, "10000000000", NULL}, {TYPE_NUMERIC, 2, "000000000000000000001", "1.00"}, {TYPE_NUMERIC, 2, ".", NULL},
		{TYPE_NUMERIC, -1, "123456789012345678901234567890.125", "123456789012345678901234567890.125"},
		{TYPE_UUID, -1, "00112233-4455-6677-8899-aabbccddeeff", "00112233-4455-6677-8899-aabbccddeeff"}, {TYPE_UUID, -1, "xyz", NULL},
		{TYPE_INTERVAL, -1, "01:02:03", "01:02:03"},
	};
	struct mem *m = mem_new(root, MEM_QUERY, "test", 0);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct type t = cases[i].mod >= 0 ? NUMERIC(12, cases[i].mod) : type_make(cases[i].id);
		_Alignas(16) char slot[64] = {0};
		struct strbuf b;
		enum decoded r = text_decode(t, cases[i].text, strlen(cases[i].text), slot, m);
		if ((r == DECODED) != (cases[i].want != NULL))
			fail_msg("%s as %s: %d", cases[i].text, type_name(t, m), (int)r);
		if (r != DECODED)
			continue;
		struct value v = value_load(t, slot);
		strbuf_init(&b, 0);
		value_print(&v, &text_context_default, &b);
		assert_string_equal(strbuf_cstr(&b), cases[i].want);
		strbuf_release(&b);
	}
	mem_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decoding), cmocka_unit_test(test_mariadb),   cmocka_unit_test(test_mariadb_types),
		cmocka_unit_test(test_postgresql), cmocka_unit_test(test_odbc),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_encodings), cmocka_unit_test(test_sqlite),
		cmocka_unit_test(test_mock),	 cmocka_unit_test(test_mock_cancel),
	};
	int failed;

	root = mem_new(NULL, MEM_PROCESS, "test", 0);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(sqlite_path);
	mem_free(root);
	return failed;
}
