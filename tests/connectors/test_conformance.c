/*
 * One conformance suite for all connectors: the same tables at every source, the same questions, the same answers, but
 * for the quirks that sources.inc declares. Sources whose servers the environment doesn't name are left out
 * (tests/servers.sh starts them).
 */
#define _GNU_SOURCE
#include "tests/connectors/sources.inc"

#include <pthread.h>

#include "connectors/fetcher.h"
#include "engine/base/clock.h"

static struct mem *root;
static const struct source_case *at; /* the source under test */

#define OK(call)                                                                                   \
	do {                                                                                           \
		struct err *e_ = &e;                                                                       \
		if (!(call))                                                                               \
			fail_msg("%s: %s: %s (%s; %s)", at->name, #call, e_->message, e_->detail, errcode_sqlstate(e_->code)); \
	} while (0)

/* ---- reaching the source ---- */

struct session {
	struct mem *mem;
	const struct connector *connector;
	struct conn *conn;
};

static void session_open(struct session *s)
{
	struct err e;

	err_clear(&e);
	s->mem = mem_new(root, MEM_QUERY, "test", 0);
	s->connector = connector_find(at->type);
	assert_non_null(s->connector);
	OK(s->connector->connect(s->mem, "src", &at->server, &at->user, &s->conn, &e));
}

static void session_close(struct session *s)
{
	s->connector->close(s->conn);
	mem_free(s->mem);
}

static const char *q(const char *name)
{
	return mem_printf(root, "%c%s%c", at->quote, name, at->quote);
}
static const char *table(const char *name) { return mem_printf(root, "%s.%s", q(at->schema), q(name)); }

static struct stream_column column(const char *name, struct type t)
{
	return (struct stream_column){.name = name, .type = t};
}

static struct stream_request request(const char *sql, uint32_t ncols, const struct stream_column *cols, uint32_t batch_rows)
{
	return (struct stream_request){.server = "src", .table = "s.t", .sql = sql, .ncols = ncols, .cols = cols,
								   .batch_rows = batch_rows, .rows_hint = -1};
}

/* All rows as lines of text, values separated by |, NULL as ~. NULL with e set. */
static char *read_all(struct session *s, const struct stream_request *r, struct err *e, int64_t *replaced)
{
	struct strbuf out;
	struct stream *st;
	struct batch b;
	char *text;
	bool ok = true;

	strbuf_init(&out, 0);
	if (!s->connector->open(s->conn, s->mem, r, &st, e))
		return NULL;
	batch_init(&b, r->ncols, s->mem);
	while ((ok = s->connector->next(st, &b, e)) && b.rows) {
		assert_true(b.rows <= r->batch_rows);
		for (uint32_t c = 0; c < b.ncols; c++) {
			struct err v;
			err_clear(&v);
			if (!vec_verify(&b.cols[c], b.rows, &v))
				fail_msg("%s: column %u: %s", at->name, c, v.message);
		}
		for (uint32_t i = 0; i < b.rows; i++) {
			for (uint32_t c = 0; c < b.ncols; c++) {
				struct value v = vec_get(&b.cols[c], i);
				strbuf_adds(&out, c ? "|" : "");
				if (v.is_null)
					strbuf_addc(&out, '~');
				else
					value_print(&v, &text_context_default, &out);
			}
			strbuf_addc(&out, '\n');
		}
		batch_release(&b);
	}
	if (replaced)
		*replaced = s->connector->progress(st)->values_replaced;
	s->connector->close_stream(st);
	if (conn_base(s->conn)->broken) { /* allowed after an early end: it costs a connection */
		struct err again;
		err_clear(&again);
		s->connector->close(s->conn);
		if (!s->connector->connect(s->mem, "src", &at->server, &at->user, &s->conn, &again))
			fail_msg("%s: %s (%s)", at->name, again.message, again.detail);
	}
	text = ok ? mem_strndup(s->mem, strbuf_cstr(&out), out.len) : NULL;
	strbuf_release(&out);
	return text;
}

static void expect_rows(struct session *s, const struct stream_request *r, const char *want)
{
	struct err e;
	char *got;

	err_clear(&e);
	got = read_all(s, r, &e, NULL);
	if (!got)
		fail_msg("%s: %s: %s (%s; %s)", at->name, r->sql, e.message, e.detail, errcode_sqlstate(e.code));
	if (strcmp(got, want) != 0)
		fail_msg("%s: %s\n--- got\n%s--- want\n%s", at->name, r->sql, got, want);
}

static void expect_error(struct session *s, const struct stream_request *r, const char *state, const char *mentions)
{
	struct err e;
	char *got;

	err_clear(&e);
	got = read_all(s, r, &e, NULL);
	if (got)
		fail_msg("%s: %s should fail with %s, gave %s", at->name, r->sql, state, got);
	if (strcmp(errcode_sqlstate(e.code), state) != 0)
		fail_msg("%s: %s: want %s, got %s: %s (%s)", at->name, r->sql, state, errcode_sqlstate(e.code), e.message, e.detail);
	if (mentions && !strstr(e.message, mentions) && !strstr(e.detail, mentions))
		fail_msg("%s: \"%s\" not in: %s (%s)", at->name, mentions, e.message, e.detail);
}

/* ---- tables ---- */

/* The types that every source has, in its own spelling. */
static void make_tables(void)
{
	const char *columns[] = {
		[BACKEND_SQLITE] = "id integer primary key, b boolean, i2 smallint, i4 int4, i8 bigint, n decimal(12,2), w text, r float4,"
						   " d double, c char(5), v varchar(60), t text, y blob, dt date, tm time, ts timestamp",
		[BACKEND_POSTGRESQL] = "id bigint primary key, b boolean, i2 smallint, i4 int4, i8 bigint, n decimal(12,2), w text,"
							   " r real, d double precision, c char(5), v varchar(60), t text, y bytea, dt date, tm time,"
							   " ts timestamp",
		[BACKEND_MARIADB] = "id bigint primary key, b bit(1), i2 smallint, i4 int, i8 bigint, n decimal(12,2), w longtext,"
							" r float, d double, c char(5), v varchar(60), t text, y blob, dt date, tm time(6),"
							" ts datetime(6)",
	};
	bool pg = at->backend == BACKEND_POSTGRESQL;
	const char *bytes = pg ? "'\\x00ff41'" : "X'00ff41'", *no_bytes = pg ? "''" : "X''";
	const char *yes = pg ? "true" : "1", *no = pg ? "false" : "0";

	source_exec(at, mem_printf(root,
							   "DROP TABLE IF EXISTS t1; CREATE TABLE t1 (%s);"
							   "INSERT INTO t1 VALUES"
							   " (1, %s, 1, 2, 3, 1234.56, 'w', 1.5, 2.25, 'ab', 'Việt Nam', 'x', %s, '2024-02-29', '12:34:56.789012',"
							   "  '2024-02-29 23:59:59.999999'),"
							   " (2, %s, -32768, -2147483648, -9223372036854775808, -9999999999.99, '', -0.1, -1e-300, '', '',"
							   "  'Đường Trần Hưng Đạo, quận 1, thành phố Hồ Chí Minh', %s, '1000-01-01', '00:00:00', '1000-01-01 00:00:00'),"
							   " (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),"
							   " (4, %s, 32767, 2147483647, 9223372036854775807, 0.01, 'a''b\"c', 3.25, 1e300, 'abcde', '12 bytes txt',"
							   "  '13 bytes text', %s, '9999-12-31', '23:59:59', '1970-01-01 00:00:00')",
							   columns[at->backend], yes, bytes, no, no_bytes, yes, bytes));
}

/* n numbered rows in t2(id, s). */
static void make_many(int n)
{
	const char *types = at->backend == BACKEND_SQLITE ? "id integer primary key, s text" : "id bigint primary key, s varchar(40)";
	const char *source = at->backend == BACKEND_POSTGRESQL ? "SELECT i, 'row ' || i FROM generate_series(1, %d) AS g(i)"
						 : at->backend == BACKEND_MARIADB  ? "SELECT seq, CONCAT('row ', seq) FROM seq_1_to_%d"
														   : "WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE"
															 " i < %d) SELECT i, 'row ' || i FROM g";
	char select[256];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(select, sizeof select, source, n);
#pragma GCC diagnostic pop
	source_exec(at, mem_printf(root, "DROP TABLE IF EXISTS t2; CREATE TABLE t2 (%s); INSERT INTO t2 %s", types, select));
}

static const char want_t1[] =
	"1|t|1|2|3|1234.56|w|1.5|2.25|ab   |Việt Nam|x|\\x00ff41|2024-02-29|12:34:56.789012|2024-02-29 23:59:59.999999\n"
	"2|f|-32768|-2147483648|-9223372036854775808|-9999999999.99||-0.1|-1e-300|     ||Đường Trần Hưng Đạo, quận 1, thành phố Hồ "
	"Chí Minh|\\x|1000-01-01|00:00:00|1000-01-01 00:00:00\n"
	"3|~|~|~|~|~|~|~|~|~|~|~|~|~|~|~\n"
	"4|t|32767|2147483647|9223372036854775807|0.01|a'b\"c|3.25|1e+300|abcde|12 bytes txt|13 bytes text|\\x00ff41|9999-12-31|"
	"23:59:59|1970-01-01 00:00:00\n";

static const char *const names_t1[] = {"id", "b", "i2", "i4", "i8", "n", "w", "r", "d", "c", "v", "t", "y", "dt", "tm", "ts"};

static void columns_t1(struct stream_column cols[16])
{
	const struct type types[] = {
		type_make(TYPE_INT8), type_make(TYPE_BOOL), type_make(TYPE_INT2), type_make(TYPE_INT4), type_make(TYPE_INT8),
		type_with_mod(TYPE_NUMERIC, typmod_numeric(12, 2)), type_make(TYPE_TEXT), type_make(TYPE_FLOAT4), type_make(TYPE_FLOAT8),
		type_with_mod(TYPE_BPCHAR, 9), type_with_mod(TYPE_VARCHAR, 64), type_make(TYPE_TEXT), type_make(TYPE_BYTEA),
		type_make(TYPE_DATE), type_make(TYPE_TIME), type_make(TYPE_TIMESTAMP)};

	for (int i = 0; i < 16; i++)
		cols[i] = column(names_t1[i], types[i]);
}

static const char *select_t1(void)
{
	struct strbuf b;
	const char *out;

	strbuf_init(&b, 0);
	for (int i = 0; i < 16; i++)
		strbuf_addf(&b, "%s%s", i ? ", " : "SELECT ", q(names_t1[i]));
	strbuf_addf(&b, " FROM %s ORDER BY %s", table("t1"), q("id"));
	out = mem_strndup(root, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return out;
}

/* ---- tests ---- */

static void test_probe(void **state)
{
	struct session s;
	struct source_facts f, back;
	struct options o;
	struct err e;

	(void)state;
	err_clear(&e);
	make_many(1);
	session_open(&s);
	OK(s.connector->probe(s.conn, &f, &e));
	assert_true(*f.product && *f.version && *f.dialect);
	assert_true(f.max_parameters > 100);
	if (at->pads_text) {
		assert_false(f.text_equal_exact);
		assert_true(f.pads_spaces);
	} else {
		assert_true(f.text_equal_exact);
		assert_true(f.text_order_exact);
		assert_true(f.like_exact);
	}
	o = facts_to_options(&f, s.mem);
	facts_from_options(&back, &o);
	assert_memory_equal(&f, &back, sizeof f);
	session_close(&s);
}

static void test_describe(void **state)
{
	struct session s;
	struct source_table **t;
	const char *only[] = {"t1"}, *none[] = {"no such table"};
	struct stream_column cols[16];
	size_t n;
	struct err e;

	(void)state;
	err_clear(&e);
	make_tables();
	make_many(10);
	columns_t1(cols);
	session_open(&s);
	OK(s.connector->describe(s.conn, s.mem, at->schema, NULL, 0, &t, &n, &e));
	assert_true(n >= 2);
	OK(s.connector->describe(s.conn, s.mem, at->schema, none, 1, &t, &n, &e));
	assert_int_equal(n, 0);
	OK(s.connector->describe(s.conn, s.mem, at->schema, only, 1, &t, &n, &e));
	assert_int_equal(n, 1);
	assert_string_equal(t[0]->name, "t1");
	assert_int_equal(t[0]->ncols, 16);
	for (uint32_t i = 0; i < 16; i++) {
		const struct source_column *c = &t[0]->cols[i];
		assert_string_equal(c->name, names_t1[i]);
		if (!c->supported || strcmp(type_name(c->type, s.mem), type_name(cols[i].type, s.mem)) != 0) {
			const char *got = type_name(c->type, s.mem), *want = type_name(cols[i].type, s.mem);
			/* precisions that are the source's own way of saying "all" */
			if (strncmp(got, want, 4) != 0 && !(strcmp(want, "character varying(60)") == 0 && strcmp(got, "text") == 0))
				fail_msg("%s: column %s (%s) is %s, not %s", at->name, c->name, c->remote_type, got, want);
		}
	}
	assert_int_equal(t[0]->cols[0].key_position, 1);
	assert_true(t[0]->cols[0].not_null);
	assert_false(t[0]->cols[1].not_null);
	assert_true(t[0]->nindexes >= 1 && t[0]->indexes[0].is_primary);
	session_close(&s);
}

static void test_all_types(void **state)
{
	struct session s;
	struct stream_column cols[16];
	const uint32_t sizes[] = {1, 3, 2048};

	(void)state;
	make_tables();
	columns_t1(cols);
	session_open(&s);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct stream_request r = request(select_t1(), 16, cols, sizes[i]);
		expect_rows(&s, &r, want_t1);
		r.rows_hint = 10; /* the way of small results */
		expect_rows(&s, &r, want_t1);
	}
	session_close(&s);
}

static void test_params(void **state)
{
	struct session s;
	struct stream_column cols[] = {column("id", type_make(TYPE_INT8))};
	struct value p[4];
	bool dollar = at->backend == BACKEND_POSTGRESQL && !at->odbc;
	struct stream_request r;

	(void)state;
	make_tables();
	session_open(&s);
	r = request(dollar ? mem_printf(root, "SELECT id FROM %s WHERE i4 = $1 AND t = $2 OR v = $3 OR i8 = $4 ORDER BY id", table("t1"))
					   : mem_printf(root, "SELECT id FROM %s WHERE i4 = ? AND t = ? OR v = ? OR i8 = ? ORDER BY id", table("t1")),
				1, cols, 100);
	p[0] = value_int4(2);
	p[1] = value_text(s.mem, STR("x"));
	p[2] = value_text(s.mem, STR("12 bytes txt"));
	p[3] = value_int8(INT64_MIN);
	r.params = p;
	r.nparams = 4;
	expect_rows(&s, &r, "1\n2\n4\n");
	r.rows_hint = 5;
	expect_rows(&s, &r, "1\n2\n4\n");
	p[1] = value_text(s.mem, STR("it's a \\ 'quote'; -- \"x\" $1 ?"));
	p[2] = value_null(type_make(TYPE_TEXT));
	expect_rows(&s, &r, "2\n");
	session_close(&s);
}

static void test_long_texts(void **state)
{
	struct session s;
	struct stream_column cols[] = {column("id", type_make(TYPE_INT8)), column("s", type_make(TYPE_TEXT))};
	struct stream_request r;
	struct strbuf b;
	char *got;
	struct err e;
	const char *text = at->backend == BACKEND_MARIADB ? "longtext" : "text";
	const char *big = at->backend == BACKEND_SQLITE ? "replace(hex(zeroblob(%d)), '00', 'ệ')" : "repeat('ệ', %d)";

	(void)state;
	err_clear(&e);
	strbuf_init(&b, 0);
	strbuf_addf(&b, "DROP TABLE IF EXISTS t3; CREATE TABLE t3 (id bigint primary key, s %s);", text);
	for (int i = 1; i <= 6; i++) {
		const char *lengths[] = {"", "1", "4", "1000", "5000", "70000", "1000000"};
		const char *pct = strstr(big, "%d");
		strbuf_addf(&b, "INSERT INTO t3 SELECT %d, %.*s%s%s;", i, (int)(pct - big), big, lengths[i], pct + 2);
	}
	source_exec(at, strbuf_cstr(&b));
	strbuf_release(&b);
	session_open(&s);
	r = request(mem_printf(root, "SELECT id, s FROM %s ORDER BY id", table("t3")), 2, cols, 4);
	got = read_all(&s, &r, &e, NULL);
	if (!got)
		fail_msg("%s: %s (%s)", at->name, e.message, e.detail);
	assert_int_equal(strlen(got), 6 * 3 + (1 + 4 + 1000 + 5000 + 70000 + 1000000) * 3);
	session_close(&s);
}

static void test_many_rows(void **state)
{
	struct session s;
	struct stream_column cols[] = {column("id", type_make(TYPE_INT8)), column("s", type_make(TYPE_TEXT))};
	struct stream_request r;
	struct strbuf want;

	(void)state;
	make_many(5000);
	strbuf_init(&want, 0);
	for (int i = 1; i <= 5000; i++)
		strbuf_addf(&want, "%d|row %d\n", i, i);
	session_open(&s);
	r = request(mem_printf(root, "SELECT id, s FROM %s ORDER BY id", table("t2")), 2, cols, 2048);
	expect_rows(&s, &r, strbuf_cstr(&want));
	r = request(mem_printf(root, "SELECT id, s FROM %s WHERE id < 0", table("t2")), 2, cols, 2048);
	expect_rows(&s, &r, "");
	session_close(&s);
	strbuf_release(&want);
}

/* Values that the column's type can't hold: the error names the place, the policy NULL replaces and counts. */
static void test_bad_values(void **state)
{
	struct session s;
	struct stream_column cols[] = {column("id", type_make(TYPE_INT8)), column("x", type_make(TYPE_INT2))};
	struct stream_request r;
	char *got;
	int64_t replaced = 0;
	struct err e;

	(void)state;
	err_clear(&e);
	source_exec(at, "DROP TABLE IF EXISTS t4; CREATE TABLE t4 (id bigint primary key, x bigint);"
					"INSERT INTO t4 VALUES (1, 5), (2, 40000), (3, NULL)");
	session_open(&s);
	cols[0].is_key = true;
	r = request(mem_printf(root, "SELECT id, x FROM %s ORDER BY id", table("t4")), 2, cols, 100);
	expect_error(&s, &r, "22003", "column \"x\" of table \"s.t\" at server \"src\"");
	expect_error(&s, &r, "22003", "key id = 2");
	expect_error(&s, &r, "22003", "row 2 of the result");
	cols[1].bad_value = BAD_VALUE_NULL;
	got = read_all(&s, &r, &e, &replaced);
	assert_string_equal(got, "1|5\n2|~\n3|~\n");
	assert_int_equal(replaced, 1);
	cols[1] = column("x", type_make(TYPE_INT8));
	cols[1].not_null = true;
	expect_error(&s, &r, "23502", "column \"x\"");
	session_close(&s);
}

/* Text in a number's column and bytes that are no UTF-8, where a source lets them in. */
static void test_dynamic_values(void **state)
{
	struct session s;
	struct stream_column cols[] = {column("x", type_make(TYPE_INT8))};
	struct stream_request r;

	(void)state;
	if (!at->dynamic_types)
		return;
	source_exec(at, "DROP TABLE IF EXISTS t5; CREATE TABLE t5 (i integer, n decimal(8,2), dt date, t text, b boolean);"
					"INSERT INTO t5 VALUES ('seven', 1.234, '2024-02-30', CAST(X'61ff62' AS text), 7)");
	session_open(&s);
	r = request(mem_printf(root, "SELECT i FROM %s", table("t5")), 1, cols, 10);
	expect_error(&s, &r, "22P02", "row 1");
	r.sql = mem_printf(root, "SELECT n FROM %s", table("t5"));
	cols[0].type = type_with_mod(TYPE_NUMERIC, typmod_numeric(8, 2));
	expect_error(&s, &r, "22003", "\"x\"");
	r.sql = mem_printf(root, "SELECT dt FROM %s", table("t5"));
	cols[0].type = type_make(TYPE_DATE);
	expect_error(&s, &r, "22007", "\"x\"");
	r.sql = mem_printf(root, "SELECT t FROM %s", table("t5"));
	cols[0].type = type_make(TYPE_TEXT);
	expect_error(&s, &r, "22021", "\"x\"");
	cols[0].bad_value = BAD_VALUE_NULL;
	expect_rows(&s, &r, "~\n");
	cols[0].bad_value = BAD_VALUE_ERROR;
	r.sql = mem_printf(root, "SELECT b FROM %s", table("t5"));
	cols[0].type = type_make(TYPE_BOOL);
	expect_error(&s, &r, "22P02", "\"x\"");
	session_close(&s);
}

static void test_dropped(void **state)
{
	struct session s;
	struct stream_column cols[] = {column("id", type_make(TYPE_INT8))};
	struct stream_request r;

	(void)state;
	make_many(3);
	session_open(&s);
	r = request(mem_printf(root, "SELECT id FROM %s", table("gone")), 1, cols, 10);
	expect_error(&s, &r, "HV00R", "\"s.t\" at server \"src\" no longer exists");
	r.sql = mem_printf(root, "SELECT t2.%s FROM %s", q("gone"), table("t2")); /* SQLite takes a lone "name" for a text */
	expect_error(&s, &r, "HV005", "src");
	/* and the connection is fine afterwards */
	r.sql = mem_printf(root, "SELECT id FROM %s ORDER BY id", table("t2"));
	expect_rows(&s, &r, "1\n2\n3\n");
	if (!at->dynamic_types) {
		cols[0] = column("s", type_make(TYPE_INT8));
		r.sql = mem_printf(root, "SELECT s FROM %s", table("t2"));
		expect_error(&s, &r, "HV004", "src");
	}
	session_close(&s);
}

static void test_read_only(void **state)
{
	struct session s;
	struct stream_column cols[] = {column("id", type_make(TYPE_INT8))};
	struct stream_request r;
	struct err e;

	(void)state;
	err_clear(&e);
	make_many(3);
	session_open(&s);
	r = request(mem_printf(root, "INSERT INTO %s VALUES (9, 'x')", table("t2")), 1, cols, 10);
	assert_null(read_all(&s, &r, &e, NULL));
	s.connector->close(s.conn);
	err_clear(&e);
	OK(s.connector->connect(s.mem, "src", &at->server, &at->user, &s.conn, &e));
	r.sql = mem_printf(root, "SELECT id FROM %s ORDER BY id", table("t2"));
	expect_rows(&s, &r, "1\n2\n3\n");
	session_close(&s);
}

static void test_early_close(void **state)
{
	struct session s;
	struct stream_column cols[] = {column("id", type_make(TYPE_INT8)), column("s", type_make(TYPE_TEXT))};
	struct stream_request r;
	struct stream *st;
	struct batch b;
	struct err e;

	(void)state;
	err_clear(&e);
	make_many(at->buffers_results ? 300 : 20000);
	session_open(&s);
	r = request(mem_printf(root, "SELECT a.id, b.s FROM %s a CROSS JOIN %s b", table("t2"), table("t2")), 2, cols, 100);
	batch_init(&b, 2, s.mem);
	OK(s.connector->open(s.conn, s.mem, &r, &st, &e));
	OK(s.connector->next(st, &b, &e));
	assert_int_equal(b.rows, 100);
	batch_release(&b);
	s.connector->close_stream(st);
	if (conn_base(s.conn)->broken) { /* allowed: it costs a connection */
		s.connector->close(s.conn);
		OK(s.connector->connect(s.mem, "src", &at->server, &at->user, &s.conn, &e));
	}
	OK(s.connector->check(s.conn, &e));
	r = request(mem_printf(root, "SELECT id, s FROM %s WHERE id = 7", table("t2")), 2, cols, 100);
	expect_rows(&s, &r, "7|row 7\n");
	session_close(&s);
}

static void test_bad_login(void **state)
{
	struct mem *m = mem_new(root, MEM_QUERY, "test", 0);
	const struct connector *k = connector_find(at->type);
	struct options wrong;
	struct conn *c;
	struct err e;

	(void)state;
	err_clear(&e);
	if (!at->no_password) {
		wrong = add_option(m, (struct options){NULL, 0}, "user", "hopluu");
		wrong = add_option(m, wrong, "password", "wr'ong \\ secret");
		assert_false(k->connect(m, "src", &at->server, &wrong, &c, &e));
		if (strcmp(errcode_sqlstate(e.code), "28P01") != 0 || !strstr(e.message, "src"))
			fail_msg("%s: %s %s (%s)", at->name, errcode_sqlstate(e.code), e.message, e.detail);
		assert_null(strstr(e.message, "secret"));
		assert_null(strstr(e.detail, "secret"));
	}
	if (!at->no_network) {
		struct option *list = mem_new_array(m, struct option, at->server.count + 1);
		memcpy(list, at->server.list, at->server.count * sizeof *list);
		for (size_t i = 0; i < at->server.count; i++)
			if (strcmp(list[i].name, "port") == 0)
				list[i].value = "1";
		err_clear(&e);
		assert_false(k->connect(m, "src", &(struct options){list, at->server.count}, &at->user, &c, &e));
		if (strcmp(errcode_sqlstate(e.code), "08001") != 0 || !strstr(e.message, "src"))
			fail_msg("%s: %s %s (%s)", at->name, errcode_sqlstate(e.code), e.message, e.detail);
	}
	mem_free(m);
}

static void test_statistics(void **state)
{
	struct session s;
	struct source_table **t;
	struct source_statistics st;
	const char *only[] = {"t2"};
	size_t n;
	struct err e;

	(void)state;
	err_clear(&e);
	make_many(3000);
	if (at->backend == BACKEND_POSTGRESQL)
		source_exec(at, "ANALYZE t2");
	session_open(&s);
	OK(s.connector->describe(s.conn, s.mem, at->schema, only, 1, &t, &n, &e));
	assert_int_equal(n, 1);
	OK(s.connector->statistics(s.conn, s.mem, t[0], &st, &e));
	if (st.rows < 2700 || st.rows > 3300)
		fail_msg("%s: %g rows by %s", at->name, st.rows, st.method);
	assert_true(st.cols[0].known && st.cols[0].null_fraction == 0);
	if (st.cols[0].distinct < 2700 || st.cols[0].distinct > 3300)
		fail_msg("%s: %g distinct by %s", at->name, st.cols[0].distinct, st.method);
	assert_string_equal(st.cols[0].min, "1");
	assert_string_equal(st.cols[0].max, "3000");
	assert_true(st.cols[1].width >= 4 && st.cols[1].width < 20);
	session_close(&s);
}

/* Keys beside the primary one. */
static void test_keys(void **state)
{
	struct session s;
	struct source_table **t;
	const char *only[] = {"k2"};
	bool unique = false;
	size_t n;
	struct err e;

	(void)state;
	err_clear(&e);
	source_exec(at, "DROP TABLE IF EXISTS k2; DROP TABLE IF EXISTS k1; CREATE TABLE k1 (a bigint, b bigint, PRIMARY KEY (b, a));"
					"CREATE TABLE k2 (id bigint primary key, x bigint, y bigint, u bigint, UNIQUE (u, x),"
					" FOREIGN KEY (x, y) REFERENCES k1 (b, a))");
	session_open(&s);
	OK(s.connector->describe(s.conn, s.mem, at->schema, only, 1, &t, &n, &e));
	assert_int_equal(n, 1);
	for (uint32_t i = 0; i < t[0]->nindexes; i++) {
		const struct source_index *x = &t[0]->indexes[i];
		unique = unique || (x->is_unique && !x->is_primary && x->ncols == 2 && strcmp(x->cols[0], "u") == 0);
	}
	assert_true(unique);
	assert_int_equal(t[0]->nforeign_keys, 1);
	assert_string_equal(t[0]->foreign_keys[0].ref_table, "k1");
	assert_int_equal(t[0]->foreign_keys[0].ncols, 2);
	assert_string_equal(t[0]->foreign_keys[0].cols[0], "x");
	assert_string_equal(t[0]->foreign_keys[0].ref_cols[0], "b");
	only[0] = "k1";
	OK(s.connector->describe(s.conn, s.mem, at->schema, only, 1, &t, &n, &e));
	if (at->odbc) { /* some drivers number a key's columns in the table's order */
		assert_int_equal(t[0]->cols[0].key_position + t[0]->cols[1].key_position, 3);
	} else {
		assert_int_equal(t[0]->cols[0].key_position, 2);
		assert_int_equal(t[0]->cols[1].key_position, 1);
	}
	session_close(&s);
}

/* The ranges of a table together give each row once. */
static void test_splits(void **state)
{
	struct session s;
	struct source_table **t;
	struct stream_column cols[] = {column("n", type_make(TYPE_INT8))};
	const char *only[] = {"t2"}, **conditions = NULL;
	struct stream_request r;
	uint32_t n = 0;
	size_t tables;
	int64_t sum = 0;
	struct err e;

	(void)state;
	err_clear(&e);
	if (!connector_find(at->type)->splits)
		return;
	make_many(250000);
	session_open(&s);
	OK(s.connector->describe(s.conn, s.mem, at->schema, only, 1, &t, &tables, &e));
	OK(s.connector->splits(s.conn, s.mem, t[0], 3, &conditions, &n, &e));
	assert_int_equal(n, 3);
	for (uint32_t i = 0; i < n; i++) {
		char *got;
		r = request(mem_printf(root, "SELECT count(*) FROM %s WHERE %s", table("t2"), conditions[i]), 1, cols, 10);
		got = read_all(&s, &r, &e, NULL);
		assert_non_null(got);
		assert_true(atoll(got) > 50000);
		sum += atoll(got);
	}
	assert_int_equal(sum, 250000);
	session_close(&s);
}

/* ---- pool and fetcher ---- */

struct waker {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool woken;
};
static void wake(void *arg)
{
	struct waker *w = arg;

	pthread_mutex_lock(&w->lock);
	w->woken = true;
	pthread_cond_signal(&w->cond);
	pthread_mutex_unlock(&w->lock);
}
static void wait_woken(struct waker *w)
{
	pthread_mutex_lock(&w->lock);
	while (!w->woken)
		pthread_cond_wait(&w->cond, &w->lock);
	w->woken = false;
	pthread_mutex_unlock(&w->lock);
}

struct fetch_test {
	struct mem *mem, *query;
	struct pool *pool;
	struct cancel *cancel;
	struct waker waker;
	struct fetcher_spec spec;
	struct batch batch;
};

static void fetch_open(struct fetch_test *t, const struct stream_request *r, uint32_t queue)
{
	memset(t, 0, sizeof *t);
	t->mem = mem_new(root, MEM_SESSION, "test", 0);
	t->query = mem_new(t->mem, MEM_QUERY, "test", 0);
	t->pool = pool_new(t->mem);
	t->cancel = cancel_new();
	pthread_mutex_init(&t->waker.lock, NULL);
	pthread_cond_init(&t->waker.cond, NULL);
	t->spec = (struct fetcher_spec){.pool = t->pool, .request = *r, .queue_batches = queue, .mem = t->query, .cancel = t->cancel,
									.wake = wake, .wake_arg = &t->waker};
	t->spec.target = (struct pool_target){.server = "src", .version = 1, .user = "", .connector = connector_find(at->type),
										  .server_options = at->server, .user_options = at->user};
	batch_init(&t->batch, r->ncols, t->query);
}

static void fetch_close(struct fetch_test *t)
{
	pool_free(t->pool);
	cancel_free(t->cancel);
	mem_free(t->mem);
}

/* Takes until the end or a failure; the rows. */
static int64_t fetch_all(struct fetch_test *t, struct fetcher *f, enum fetch *how, struct err *e)
{
	int64_t rows = 0;

	for (;;) {
		*how = fetcher_take(f, &t->batch, e);
		if (*how == FETCH_WAIT)
			wait_woken(&t->waker);
		else if (*how != FETCH_BATCH)
			return rows;
		else
			rows += t->batch.rows;
		batch_release(&t->batch);
	}
}

static void test_fetcher(void **state)
{
	struct stream_column cols[] = {column("id", type_make(TYPE_INT8)), column("s", type_make(TYPE_TEXT))};
	struct stream_request r;
	struct fetch_test t;
	struct fetcher *f, *g;
	struct fetcher_stats stats;
	enum fetch how;
	struct err e;

	(void)state;
	err_clear(&e);
	make_many(5000);
	r = request(mem_printf(root, "SELECT id, s FROM %s", table("t2")), 2, cols, 100);
	fetch_open(&t, &r, 2);
	for (int i = 0; i < 3; i++) {
		OK(fetcher_start(&t.spec, t.query, &f, &e));
		OK(fetcher_start(&t.spec, t.query, &g, &e));
		if (fetch_all(&t, f, &how, &e) != 5000 || how != FETCH_END)
			fail_msg("%s: %s (%s)", at->name, e.message, e.detail);
		fetcher_stats(f, &stats);
		assert_int_equal(stats.rows, 5000);
		assert_true(stats.bytes > 5000);
		fetcher_close(f);
		fetcher_close(g); /* blocked on its full queue */
	}
	t.spec.request.sql = mem_printf(root, "SELECT id, s FROM %s", table("gone"));
	OK(fetcher_start(&t.spec, t.query, &f, &e));
	assert_int_equal(fetch_all(&t, f, &how, &e), 0);
	assert_int_equal(how, FETCH_FAILED);
	assert_string_equal(errcode_sqlstate(e.code), "HV00R");
	assert_string_equal(e.source, "src");
	fetcher_close(f);
	fetch_close(&t);
}

/* A query that runs for very long before its first row. */
static const char *slow_sql(void)
{
	return mem_printf(root, "SELECT count(*) FROM %s a CROSS JOIN %s b CROSS JOIN %s c WHERE a.id + b.id + c.id = 1", table("t2"),
					  table("t2"), table("t2"));
}

static void *raise_soon(void *arg)
{
	usleep(300000);
	cancel_raise(arg, CANCEL_USER);
	return NULL;
}

static void test_cancel(void **state)
{
	struct stream_column cols[] = {column("n", type_make(TYPE_INT8))};
	struct stream_request r;
	struct fetch_test t;
	struct fetcher *f;
	enum fetch how;
	pthread_t thread;
	struct err e;
	int64_t since;

	(void)state;
	make_many(20000);
	r = request(slow_sql(), 1, cols, 100);
	for (int round = 0; round < 2; round++) {
		err_clear(&e);
		r.rows_hint = round ? 1 : -1;
		fetch_open(&t, &r, 2);
		OK(fetcher_start(&t.spec, t.query, &f, &e));
		pthread_create(&thread, NULL, raise_soon, t.cancel);
		since = clock_monotonic_us();
		fetch_all(&t, f, &how, &e);
		assert_int_equal(how, FETCH_FAILED);
		assert_string_equal(errcode_sqlstate(e.code), "57014");
		fetcher_close(f);
		if (clock_monotonic_us() - since > 1500000)
			fail_msg("%s: cancelling took %d ms", at->name, (int)((clock_monotonic_us() - since) / 1000));
		pthread_join(thread, NULL);
		fetch_close(&t);
	}
}

static void test_killed(void **state)
{
	struct stream_column cols[] = {column("id", type_make(TYPE_INT8)), column("s", type_make(TYPE_TEXT))};
	struct stream_request r;
	struct fetch_test t;
	struct fetcher *f;
	enum fetch how;
	struct err e;

	(void)state;
	err_clear(&e);
	if (at->no_network || at->buffers_results)
		return;
	make_many(20000);
	r = request(mem_printf(root, "SELECT a.id, b.s FROM %s a CROSS JOIN %s b", table("t2"), table("t2")), 2, cols, 2048);
	fetch_open(&t, &r, 2);
	OK(fetcher_start(&t.spec, t.query, &f, &e));
	while ((how = fetcher_take(f, &t.batch, &e)) == FETCH_WAIT)
		wait_woken(&t.waker);
	if (how != FETCH_BATCH)
		fail_msg("%s: %s (%s)", at->name, e.message, e.detail);
	batch_release(&t.batch);
	source_kill(at);
	fetch_all(&t, f, &how, &e);
	if (how != FETCH_FAILED || strcmp(errcode_sqlstate(e.code), "08006") != 0 || !strstr(e.message, "src"))
		fail_msg("%s: %s %s (%s)", at->name, errcode_sqlstate(e.code), e.message, e.detail);
	fetcher_close(f);
	/* the pool notices idle ones that are dead, too */
	t.spec.request = request(mem_printf(root, "SELECT id, s FROM %s WHERE id = 1", table("t2")), 2, cols, 10);
	for (int i = 0; i < 2; i++) {
		err_clear(&e);
		OK(fetcher_start(&t.spec, t.query, &f, &e));
		if (fetch_all(&t, f, &how, &e) != 1)
			fail_msg("%s: %s (%s)", at->name, e.message, e.detail);
		fetcher_close(f);
		source_kill(at);
		usleep(100000);
	}
	fetch_close(&t);
}

/* More takers than the cap: each gets its turn, none more than the cap at once. */
struct taker {
	struct pool *pool;
	struct pool_target target;
	int *now, *most;
	pthread_t thread;
	bool ok;
};
static void *take_and_give(void *arg)
{
	struct taker *t = arg;
	struct err e;
	struct conn *c;
	int n;

	for (int i = 0; i < 5; i++) {
		err_clear(&e);
		c = pool_take(t->pool, &t->target, NULL, &e);
		if (!c)
			return NULL;
		n = __atomic_add_fetch(t->now, 1, __ATOMIC_RELAXED);
		if (n > __atomic_load_n(t->most, __ATOMIC_RELAXED))
			__atomic_store_n(t->most, n, __ATOMIC_RELAXED);
		usleep(2000);
		__atomic_sub_fetch(t->now, 1, __ATOMIC_RELAXED);
		pool_give(t->pool, c);
	}
	t->ok = true;
	return NULL;
}

static void test_pool(void **state)
{
	struct mem *m = mem_new(root, MEM_SESSION, "test", 0);
	struct pool *pool = pool_new(m);
	struct taker t[6];
	struct pool_stats *stats;
	struct cancel *cancel = cancel_new();
	struct conn *a, *b;
	pthread_t thread;
	int now = 0, most = 0;
	struct err e;
	struct pool_target target = {.server = "src", .version = 1, .user = "", .connector = connector_find(at->type),
								 .server_options = add_option(m, at->server, "max_connections", "2"), .user_options = at->user};

	(void)state;
	err_clear(&e);
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		t[i] = (struct taker){.pool = pool, .target = target, .now = &now, .most = &most};
		pthread_create(&t[i].thread, NULL, take_and_give, &t[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		pthread_join(t[i].thread, NULL);
		assert_true(t[i].ok);
	}
	assert_true(most <= 2);
	assert_int_equal(pool_stats(pool, m, &stats), 1);
	assert_true(stats[0].open <= 2 && stats[0].in_use == 0 && stats[0].waiting == 0 && stats[0].cap == 2);
	/* the cap holds and waiting can be cancelled */
	a = pool_take(pool, &target, NULL, &e);
	target.version = 2; /* a changed definition gets a connection of its own */
	b = pool_take(pool, &target, NULL, &e);
	assert_true(a && b && a != b);
	pthread_create(&thread, NULL, raise_soon, cancel);
	assert_null(pool_take(pool, &target, cancel, &e));
	assert_string_equal(errcode_sqlstate(e.code), "57014");
	pthread_join(thread, NULL);
	pool_give(pool, a);
	pool_give(pool, b);
	pool_close_idle(pool, "src");
	pool_stats(pool, m, &stats);
	assert_int_equal(stats[0].open, 0);
	cancel_free(cancel);
	pool_free(pool);
	mem_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_probe),		 cmocka_unit_test(test_describe),	cmocka_unit_test(test_all_types),
		cmocka_unit_test(test_params),		 cmocka_unit_test(test_long_texts), cmocka_unit_test(test_many_rows),
		cmocka_unit_test(test_bad_values),	 cmocka_unit_test(test_dynamic_values), cmocka_unit_test(test_dropped),
		cmocka_unit_test(test_read_only),	 cmocka_unit_test(test_early_close), cmocka_unit_test(test_bad_login),
		cmocka_unit_test(test_keys),		 cmocka_unit_test(test_splits),
		cmocka_unit_test(test_statistics),	 cmocka_unit_test(test_fetcher),	cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_killed),		 cmocka_unit_test(test_pool),
	};
	struct source_case *list;
	size_t n;
	int failed = 0;
	const char *only = getenv("HOPLUU_TEST_ONLY");

	root = mem_new(NULL, MEM_PROCESS, "test", 0);
	list = sources_open(root, &n);
	for (size_t i = 0; i < n; i++) {
		if (only && strcmp(only, list[i].name) != 0)
			continue;
		at = &list[i];
		failed += cmocka_run_group_tests_name(at->name, tests, NULL, NULL);
	}
	unlink(sqlite_path);
	mem_free(root);
	return failed;
}
