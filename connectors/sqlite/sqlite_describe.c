/*
 * What a SQLite file holds: tables, columns with the types that their declarations mean to us, keys; and
 * statistics and ranges for parallel scans.
 *
 * Types: a declaration that PostgreSQL knows means what it means there, except that SQLite's INTEGER and
 * INT hold 64 bits and its REAL 8 bytes. Everything else goes by SQLite's affinity rules
 * (sqlite.org/datatype3.html, 3.1); no type at all is text.
 */
#include "connectors/sqlite/sqlite_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/sampled_statistics.h"

#define SAMPLE_ROWS 50000

const char *sqlite_quote(struct mem *m, const char *name) { return quote_name(m, '"', name); }

/* ---- types ---- */

static const struct decl {
	const char *name;
	enum type_id id;
} decls[] = {
	{"bool", TYPE_BOOL}, {"boolean", TYPE_BOOL},
	{"tinyint", TYPE_INT2}, {"smallint", TYPE_INT2}, {"int2", TYPE_INT2},
	{"mediumint", TYPE_INT4}, {"int4", TYPE_INT4}, {"serial", TYPE_INT4},
	{"int", TYPE_INT8}, {"integer", TYPE_INT8}, {"bigint", TYPE_INT8}, {"int8", TYPE_INT8}, {"bigserial", TYPE_INT8},
	{"unsigned big int", TYPE_INT8},
	{"numeric", TYPE_NUMERIC}, {"decimal", TYPE_NUMERIC}, {"dec", TYPE_NUMERIC}, {"number", TYPE_NUMERIC},
	{"real", TYPE_FLOAT8}, {"float", TYPE_FLOAT8}, {"double", TYPE_FLOAT8}, {"double precision", TYPE_FLOAT8},
	{"float8", TYPE_FLOAT8}, {"float4", TYPE_FLOAT4},
	{"text", TYPE_TEXT}, {"clob", TYPE_TEXT},
	{"varchar", TYPE_VARCHAR}, {"character varying", TYPE_VARCHAR}, {"nvarchar", TYPE_VARCHAR},
	{"varying character", TYPE_VARCHAR}, {"varchar2", TYPE_VARCHAR},
	{"char", TYPE_BPCHAR}, {"character", TYPE_BPCHAR}, {"nchar", TYPE_BPCHAR}, {"native character", TYPE_BPCHAR},
	{"bpchar", TYPE_BPCHAR},
	{"blob", TYPE_BYTEA}, {"bytea", TYPE_BYTEA}, {"binary", TYPE_BYTEA}, {"varbinary", TYPE_BYTEA},
	{"date", TYPE_DATE}, {"time", TYPE_TIME}, {"time without time zone", TYPE_TIME},
	{"datetime", TYPE_TIMESTAMP}, {"timestamp", TYPE_TIMESTAMP}, {"timestamp without time zone", TYPE_TIMESTAMP},
	{"timestamptz", TYPE_TIMESTAMPTZ}, {"timestamp with time zone", TYPE_TIMESTAMPTZ},
	{"interval", TYPE_INTERVAL}, {"uuid", TYPE_UUID}, {"json", TYPE_JSON}, {"jsonb", TYPE_JSONB},
};

/* By affinity, for declarations of people's own making. */
static enum type_id affinity_type(const char *lower)
{
	if (strstr(lower, "int"))
		return TYPE_INT8;
	if (strstr(lower, "char") || strstr(lower, "clob") || strstr(lower, "text"))
		return TYPE_TEXT;
	if (strstr(lower, "blob"))
		return TYPE_BYTEA;
	if (strstr(lower, "real") || strstr(lower, "floa") || strstr(lower, "doub"))
		return TYPE_FLOAT8;
	return *lower ? TYPE_NUMERIC : TYPE_TEXT;
}

static struct type sized(enum type_id id, int nargs, int a, int b)
{
	if (id == TYPE_NUMERIC && nargs >= 1 && a >= 1 && a <= 1000 && b >= 0 && b <= a)
		return type_with_mod(id, typmod_numeric(a, b));
	if ((id == TYPE_VARCHAR || id == TYPE_BPCHAR) && nargs == 1 && a >= 1)
		return type_with_mod(id, a + 4);
	if (id == TYPE_BPCHAR && nargs == 0)
		return type_with_mod(id, 5);
	return type_make(id);
}

/* "DECIMAL(12, 2)" and its like. */
static struct type declared_type(const char *decl)
{
	char name[64];
	size_t n = 0;
	int a = 0, b = 0, nargs = 0;
	const char *open = strchr(decl, '('), *behind = open ? strchr(open, ')') : NULL;

	for (const char *p = decl; *p && n + 1 < sizeof name; p++) {
		if (open && p == open) {
			nargs = sscanf(open, "( %d , %d )", &a, &b);
			if (!behind)
				break;
			p = behind;
			continue;
		}
		if (*p == ' ' && (n == 0 || name[n - 1] == ' '))
			continue;
		name[n++] = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
	}
	while (n && name[n - 1] == ' ')
		n--;
	name[n] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(decls); i++)
		if (strcmp(decls[i].name, name) == 0)
			return sized(decls[i].id, nargs, a, b);
	return type_make(affinity_type(name));
}

/* ---- tables ---- */

static const char *text_at(struct mem *m, sqlite3_stmt *s, int col)
{
	const unsigned char *t = sqlite3_column_text(s, col);
	return t ? mem_strdup(m, (const char *)t) : NULL;
}

static sqlite3_stmt *prepare(struct sqlite_conn *c, const char *sql, struct err *e)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(c->db, sql, -1, &s, NULL);

	if (rc != SQLITE_OK) {
		sqlite_error(c, NULL, rc, e);
		return NULL;
	}
	return s;
}

static void describe_column(struct sqlite_conn *c, struct mem *m, const struct source_table *t, sqlite3_stmt *s,
							bool without_rowid, struct source_column *out)
{
	const char *collation = NULL, *decl = NULL;
	int not_null = 0, key = 0, autoinc = 0;

	out->name = text_at(m, s, 1);
	out->remote_type = text_at(m, s, 2);
	if (!out->remote_type)
		out->remote_type = "";
	out->type = declared_type(out->remote_type);
	out->supported = true;
	out->key_position = sqlite3_column_int(s, 5);
	out->default_text = text_at(m, s, 4);
	out->comment = "";
	out->collation = "";
	/* a primary key doesn't mean NOT NULL in SQLite, but the rowid's alias and WITHOUT ROWID do */
	out->not_null = sqlite3_column_int(s, 3) != 0
					|| (out->key_position && (without_rowid || cstr_eq_nocase(out->remote_type, "INTEGER")));
	if (sqlite3_table_column_metadata(c->db, NULL, t->name, out->name, &decl, &collation, &not_null, &key, &autoinc)
			== SQLITE_OK
		&& collation) {
		out->collation = mem_strdup(m, collation);
		out->text_equal_exact = out->text_order_exact = cstr_eq_nocase(collation, "BINARY");
	}
	/* char(n) is compared here without its trailing spaces, there with them */
	if (out->type.id == TYPE_BPCHAR)
		out->text_equal_exact = out->text_order_exact = false;
}

static bool describe_columns(struct sqlite_conn *c, struct mem *m, struct source_table *t, struct err *e)
{
	sqlite3_stmt *s;
	size_t cap = 0;
	uint32_t keys = 0;
	bool without_rowid = false;

	/* the last column of table_list says so */
	s = prepare(c, "SELECT wr FROM pragma_table_list WHERE name = ? AND schema = 'main'", e);
	if (!s)
		return false;
	sqlite3_bind_text(s, 1, t->name, -1, SQLITE_STATIC);
	if (sqlite3_step(s) == SQLITE_ROW)
		without_rowid = sqlite3_column_int(s, 0) != 0;
	sqlite3_finalize(s);
	s = prepare(c, mem_printf(m, "PRAGMA table_xinfo(%s)", sqlite_quote(m, t->name)), e);
	if (!s)
		return false;
	while (sqlite3_step(s) == SQLITE_ROW) {
		if (sqlite3_column_int(s, 6) == 1) /* hidden column of a virtual table */
			continue;
		t->cols = mem_grow(m, t->cols, sizeof *t->cols, t->ncols, &cap);
		memset(&t->cols[t->ncols], 0, sizeof *t->cols);
		describe_column(c, m, t, s, without_rowid, &t->cols[t->ncols]);
		keys += t->cols[t->ncols].key_position > 0;
		t->ncols++;
	}
	sqlite3_finalize(s);
	if (keys > 1 && !without_rowid) /* INTEGER is the rowid's alias only when it is the whole key */
		for (uint32_t i = 0; i < t->ncols; i++)
			if (t->cols[i].key_position && cstr_eq_nocase(t->cols[i].remote_type, "INTEGER")) {
				const char *decl, *collation;
				int not_null = 0, key, autoinc;
				sqlite3_table_column_metadata(c->db, NULL, t->name, t->cols[i].name, &decl, &collation, &not_null, &key,
											  &autoinc);
				t->cols[i].not_null = not_null != 0;
			}
	return true;
}

static void add_primary(struct mem *m, struct source_table *t, struct source_index *out)
{
	uint32_t n = 0;

	out->name = "primary key";
	out->is_unique = out->is_primary = true;
	out->cols = mem_new_array(m, const char *, t->ncols ? t->ncols : 1);
	for (uint32_t i = 0; i < t->ncols; i++)
		if (t->cols[i].key_position) {
			out->cols[t->cols[i].key_position - 1] = t->cols[i].name;
			n++;
		}
	out->ncols = n;
}

static bool describe_indexes(struct sqlite_conn *c, struct mem *m, struct source_table *t, struct err *e)
{
	sqlite3_stmt *s, *k;
	size_t cap = 0;

	for (uint32_t i = 0; i < t->ncols; i++)
		if (t->cols[i].key_position) {
			t->indexes = mem_grow(m, t->indexes, sizeof *t->indexes, 0, &cap);
			memset(t->indexes, 0, sizeof *t->indexes);
			add_primary(m, t, &t->indexes[t->nindexes++]);
			break;
		}
	s = prepare(c, mem_printf(m, "PRAGMA index_list(%s)", sqlite_quote(m, t->name)), e);
	if (!s)
		return false;
	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *origin = (const char *)sqlite3_column_text(s, 3);
		struct source_index x = {.name = text_at(m, s, 1), .is_unique = sqlite3_column_int(s, 2) != 0};
		size_t col_cap = 0;
		bool whole = true;
		if ((origin && strcmp(origin, "pk") == 0) || sqlite3_column_int(s, 4)) /* known already, or partial */
			continue;
		k = prepare(c, mem_printf(m, "PRAGMA index_info(%s)", sqlite_quote(m, x.name)), e);
		if (!k) {
			sqlite3_finalize(s);
			return false;
		}
		while (sqlite3_step(k) == SQLITE_ROW) {
			const char *name = text_at(m, k, 2);
			whole = whole && name; /* not on expressions */
			x.cols = mem_grow(m, x.cols, sizeof *x.cols, x.ncols, &col_cap);
			x.cols[x.ncols++] = name;
		}
		sqlite3_finalize(k);
		if (!whole)
			continue;
		t->indexes = mem_grow(m, t->indexes, sizeof *t->indexes, t->nindexes, &cap);
		t->indexes[t->nindexes++] = x;
	}
	sqlite3_finalize(s);
	return true;
}

static bool describe_foreign_keys(struct sqlite_conn *c, struct mem *m, struct source_table *t, struct err *e)
{
	sqlite3_stmt *s = prepare(c, mem_printf(m, "PRAGMA foreign_key_list(%s)", sqlite_quote(m, t->name)), e);
	size_t cap = 0, col_cap = 0, ref_cap = 0;
	struct source_foreign_key *k = NULL;

	if (!s)
		return false;
	while (sqlite3_step(s) == SQLITE_ROW) {
		if (sqlite3_column_int(s, 1) == 0) {
			t->foreign_keys = mem_grow(m, t->foreign_keys, sizeof *k, t->nforeign_keys, &cap);
			k = &t->foreign_keys[t->nforeign_keys++];
			*k = (struct source_foreign_key){.name = mem_printf(m, "fk%d", sqlite3_column_int(s, 0)), .ref_schema = "main",
											 .ref_table = text_at(m, s, 2)};
			col_cap = ref_cap = 0;
		}
		if (!k)
			continue;
		k->cols = mem_grow(m, k->cols, sizeof *k->cols, k->ncols, &col_cap);
		k->ref_cols = mem_grow(m, k->ref_cols, sizeof *k->ref_cols, k->ncols, &ref_cap);
		k->cols[k->ncols] = text_at(m, s, 3);
		k->ref_cols[k->ncols] = text_at(m, s, 4) ? text_at(m, s, 4) : text_at(m, s, 3);
		k->ncols++;
	}
	sqlite3_finalize(s);
	return true;
}

static bool is_wanted(const char *name, const char *const *only, size_t n_only)
{
	for (size_t i = 0; i < n_only; i++)
		if (cstr_eq_nocase(only[i], name)) /* as SQLite compares names */
			return true;
	return n_only == 0;
}

bool sqlite_describe(struct conn *conn, struct mem *m, const char *schema, const char *const *only, size_t n_only,
					 struct source_table ***out, size_t *count, struct err *e)
{
	struct sqlite_conn *c = (struct sqlite_conn *)conn;
	sqlite3_stmt *s;
	size_t cap = 0;

	*out = NULL;
	*count = 0;
	if (schema && *schema && !cstr_eq_nocase(schema, "main") && !cstr_eq_nocase(schema, "public"))
		return err_set(e, ERR_FDW_SCHEMA_NOT_FOUND, "server \"%s\" has no schema \"%s\"", c->base.server, schema);
	s = prepare(c, "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' "
				   "ESCAPE '\\' ORDER BY name", e);
	if (!s)
		return false;
	while (sqlite3_step(s) == SQLITE_ROW) {
		struct source_table *t;
		if (!is_wanted((const char *)sqlite3_column_text(s, 0), only, n_only))
			continue;
		t = mem_new_object(m, struct source_table);
		t->schema = "main";
		t->name = text_at(m, s, 0);
		t->kind = text_at(m, s, 1);
		t->comment = "";
		if (!describe_columns(c, m, t, e) || !describe_indexes(c, m, t, e) || !describe_foreign_keys(c, m, t, e)) {
			sqlite3_finalize(s);
			return false;
		}
		MEM_PUSH(m, *out, *count, cap, t);
	}
	sqlite3_finalize(s);
	return true;
}

/* ---- statistics and splits ---- */

/* The largest rowid; 0 when there is none to be had. */
static int64_t max_rowid(struct sqlite_conn *c, struct mem *m, const struct source_table *t)
{
	return sqlite_get_int(c, mem_printf(m, "SELECT max(rowid) FROM %s", sqlite_quote(m, t->name)), 0);
}

bool sqlite_statistics(struct conn *conn, struct mem *m, const struct source_table *table, struct source_statistics *out,
					   struct err *e)
{
	struct sqlite_conn *c = (struct sqlite_conn *)conn;
	struct sample s = {.table = sqlite_quote(m, table->name), .quote = '"', .length = "length"};
	int64_t rows, last;

	if (!query_int(conn, m, mem_printf(m, "SELECT count(*) FROM %s", s.table), &rows, e))
		return false;
	s.rows = (double)rows;
	if (rows > SAMPLE_ROWS * 2) {
		last = strcmp(table->kind, "table") == 0 ? max_rowid(c, m, table) : 0;
		s.sampled = SAMPLE_ROWS;
		if (last > 0) /* each k-th row by number, found through the table's tree */
			s.from = mem_printf(m,
								"(SELECT t.* FROM (WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + %lld FROM n WHERE i < "
								"%lld) SELECT i FROM n) AS k CROSS JOIN %s AS t ON t.rowid = k.i) AS s",
								(long long)(last / SAMPLE_ROWS), (long long)last, s.table);
		else
			s.from = mem_printf(m, "(SELECT * FROM %s LIMIT %d) AS s", s.table, SAMPLE_ROWS);
	}
	return sampled_statistics(conn, m, table, &s, out, e);
}

bool sqlite_splits(struct conn *conn, struct mem *m, const struct source_table *table, uint32_t want,
				   const char ***conditions, uint32_t *count, struct err *e)
{
	struct sqlite_conn *c = (struct sqlite_conn *)conn;
	int64_t last, step;

	(void)e;
	*count = 0;
	last = strcmp(table->kind, "table") == 0 ? max_rowid(c, m, table) : 0;
	if (want < 2 || last < 100000)
		return true;
	step = last / want + 1;
	*conditions = mem_new_array(m, const char *, want);
	for (uint32_t i = 0; i < want; i++) {
		int64_t from = step * i, to = step * (i + 1);
		if (i == 0)
			(*conditions)[i] = mem_printf(m, "rowid < %lld", (long long)to);
		else if (i == want - 1)
			(*conditions)[i] = mem_printf(m, "rowid >= %lld", (long long)from);
		else
			(*conditions)[i] = mem_printf(m, "rowid >= %lld AND rowid < %lld", (long long)from, (long long)to);
	}
	*count = want;
	return true;
}
