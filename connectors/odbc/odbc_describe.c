/*
 * What an ODBC source holds, by the catalog functions: tables, columns, keys; statistics by sample. Whether a column's
 * collation compares as we do can't be known this way: its text is taken to compare otherwise.
 */
#include "connectors/odbc/odbc_int.h"

#include <stdio.h>
#include <stdlib.h>

#include "connectors/sampled_statistics.h"
#include "engine/types/decimal.h"

/* A result set of a catalog function, read row by row. */
struct rows {
	struct odbc_conn *conn;
	struct mem *mem;
	SQLHSTMT stmt;
};

static bool rows_open(struct rows *r, struct odbc_conn *c, struct mem *m, struct err *e)
{
	r->conn = c;
	r->mem = m;
	return odbc_ok(SQLAllocHandle(SQL_HANDLE_STMT, c->dbc, &r->stmt)) || odbc_error(c, SQL_HANDLE_DBC, c->dbc, "", e);
}

static void rows_close(struct rows *r) { SQLFreeHandle(SQL_HANDLE_STMT, r->stmt); }

/* A column of the row at hand, in the arena; NULL when it is. */
static const char *get(struct rows *r, int col)
{
	SQLWCHAR text[4000];
	SQLLEN len = 0;
	struct strbuf b;
	const char *out;
	size_t units;

	if (!odbc_ok(SQLGetData(r->stmt, (SQLUSMALLINT)col, SQL_C_WCHAR, text, sizeof text, &len)) || len == SQL_NULL_DATA)
		return NULL;
	units = len < 0 ? ARRAY_LEN(text) - 1 : (size_t)len / sizeof *text;
	strbuf_init(&b, 0);
	(void)!odbc_narrow(text, units < ARRAY_LEN(text) ? units : ARRAY_LEN(text) - 1, &b);
	out = mem_strndup(r->mem, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return out;
}
static const char *get_or_empty(struct rows *r, int col)
{
	const char *v = get(r, col);
	return v ? v : "";
}
static int get_int(struct rows *r, int col)
{
	const char *v = get(r, col);
	return v ? atoi(v) : 0;
}

/* ---- types ---- */

static struct type decimal_type(int precision, int scale)
{
	if (precision >= 1 && precision <= DECIMAL_DIGITS && scale >= 0 && scale <= precision)
		return type_with_mod(TYPE_NUMERIC, typmod_numeric(precision, scale));
	return type_make(TYPE_NUMERIC);
}

/* Names that say more than the SQL type number. */
static const struct { const char *name; enum type_id id; } named[] = {
	{"bool", TYPE_BOOL}, {"boolean", TYPE_BOOL}, {"timestamptz", TYPE_TIMESTAMPTZ}, {"timestamp with time zone", TYPE_TIMESTAMPTZ},
	{"uuid", TYPE_UUID}, {"uniqueidentifier", TYPE_UUID}, {"interval", TYPE_INTERVAL}, {"json", TYPE_JSON}, {"jsonb", TYPE_JSONB},
	{"text", TYPE_TEXT}, {"bytea", TYPE_BYTEA}, {"blob", TYPE_BYTEA}, {"float4", TYPE_FLOAT4}, {"float8", TYPE_FLOAT8},
	{"double", TYPE_FLOAT8}, {"double precision", TYPE_FLOAT8}, {"date", TYPE_DATE}, {"int8", TYPE_INT8}, {"int4", TYPE_INT4},
	{"int2", TYPE_INT2}, {"clob", TYPE_TEXT},
};

static bool sized_text(enum type_id id, int size, struct type *t)
{
	*t = size > 0 && size < 10000000 ? type_with_mod(id, size + 4) : type_make(TYPE_TEXT);
	return true;
}

static bool type_by_number(int sql_type, int size, int digits, bool is_unsigned, struct type *t)
{
	switch (sql_type) {
	case SQL_BIT:
		*t = type_make(TYPE_BOOL);
		return true;
	case SQL_TINYINT:
		*t = type_make(TYPE_INT2);
		return true;
	case SQL_SMALLINT:
		*t = type_make(is_unsigned ? TYPE_INT4 : TYPE_INT2);
		return true;
	case SQL_INTEGER:
		*t = type_make(is_unsigned ? TYPE_INT8 : TYPE_INT4);
		return true;
	case SQL_BIGINT:
		*t = is_unsigned ? decimal_type(20, 0) : type_make(TYPE_INT8);
		return true;
	case SQL_NUMERIC:
	case SQL_DECIMAL:
		*t = decimal_type(size, digits);
		return true;
	case SQL_REAL:
		*t = type_make(TYPE_FLOAT4);
		return true;
	case SQL_FLOAT:
	case SQL_DOUBLE:
		*t = type_make(TYPE_FLOAT8);
		return true;
	case SQL_CHAR:
	case SQL_WCHAR:
		return sized_text(TYPE_BPCHAR, size, t);
	case SQL_VARCHAR:
	case SQL_WVARCHAR:
		return sized_text(TYPE_VARCHAR, size, t);
	case SQL_LONGVARCHAR:
	case SQL_WLONGVARCHAR:
		*t = type_make(TYPE_TEXT);
		return true;
	case SQL_BINARY:
	case SQL_VARBINARY:
	case SQL_LONGVARBINARY:
		*t = type_make(TYPE_BYTEA);
		return true;
	case SQL_TYPE_DATE:
	case SQL_DATE:
		*t = type_make(TYPE_DATE);
		return true;
	case SQL_TYPE_TIME:
	case SQL_TIME:
		*t = type_make(TYPE_TIME);
		return true;
	case SQL_TYPE_TIMESTAMP:
	case SQL_TIMESTAMP:
		*t = type_make(TYPE_TIMESTAMP);
		return true;
	case SQL_GUID:
		*t = type_make(TYPE_UUID);
		return true;
	default: /* drivers' own numbers, an open set */
		return false;
	}
}

/* "DECIMAL(12,2) UNSIGNED" without size and attributes, lower case. */
static void bare_name(const char *type, char *out, size_t size)
{
	size_t n = 0;

	for (; *type && *type != '(' && n + 1 < size; type++)
		out[n++] = *type >= 'A' && *type <= 'Z' ? (char)(*type + 32) : *type;
	while (n && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	if (n > 9 && strcmp(out + n - 9, " unsigned") == 0)
		out[n - 9] = '\0';
}

/* SQLite's declarations, as the driver passes them on: their own sizes count, not the driver's. */
static bool declared_type(const char *decl, int sql_type, struct type *t)
{
	char name[64];
	int a = 0, b = 0, n = 0;
	const char *open = strchr(decl, '(');
	enum type_id id;

	bare_name(decl, name, sizeof name);
	if (open)
		n = sscanf(open, "( %d , %d )", &a, &b);
	if (strcmp(name, "integer") == 0 || strcmp(name, "int") == 0) {
		*t = type_make(TYPE_INT8);
		return true;
	}
	if (strcmp(name, "real") == 0 || strcmp(name, "float") == 0) {
		*t = type_make(TYPE_FLOAT8);
		return true;
	}
	if (strcmp(name, "blob") == 0) {
		*t = type_make(TYPE_BYTEA);
		return true;
	}
	if (strcmp(name, "datetime") == 0)
		snprintf(name, sizeof name, "timestamp");
	if (!type_find(name, &id))
		return type_by_number(sql_type, a, b, false, t);
	*t = id == TYPE_NUMERIC && n > 0							  ? decimal_type(a, b)
		 : (id == TYPE_VARCHAR || id == TYPE_BPCHAR) && n > 0 ? type_with_mod(id, a + 4)
															  : type_make(id);
	return true;
}

static bool column_type(struct odbc_conn *c, int sql_type, const char *name, int size, int digits, struct type *t)
{
	char bare[64];
	bool is_unsigned = strstr(name, "unsigned") || strstr(name, "UNSIGNED");

	if (c->quirk->values_as_text)
		return declared_type(name, sql_type, t);
	bare_name(name, bare, sizeof bare);
	for (size_t i = 0; i < ARRAY_LEN(named); i++)
		if (strcmp(named[i].name, bare) == 0) {
			*t = type_make(named[i].id);
			return true;
		}
	return type_by_number(sql_type, size, digits, is_unsigned, t);
}

/* ---- tables ---- */

/* The connection's catalogs are schemas for MySQL's kin. */
static bool schema_is_catalog(const struct odbc_conn *c) { return strcmp(c->quirk->dialect, "mariadb") == 0; }

struct scope {
	SQLWCHAR *catalog, *schema; /* NULL = any */
};

static struct scope make_scope(struct odbc_conn *c, struct mem *m, const char *schema)
{
	struct scope s = {NULL, NULL};
	size_t units;

	if (!schema || !*schema || strcmp(c->quirk->dialect, "sqlite") == 0)
		return s;
	if (schema_is_catalog(c))
		s.catalog = odbc_wide(m, schema, strlen(schema), &units);
	else
		s.schema = odbc_wide(m, schema, strlen(schema), &units);
	return s;
}

static bool is_wanted(const char *name, const char *const *only, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(only[i], name) == 0)
			return true;
	return n == 0;
}

static bool read_tables(struct odbc_conn *c, struct mem *m, const char *schema, const char *const *only, size_t n_only,
						struct source_table ***out, size_t *count, struct err *e)
{
	struct scope at = make_scope(c, m, schema);
	size_t units, cap = 0;
	struct rows r;

	if (!rows_open(&r, c, m, e))
		return false;
	if (!odbc_ok(SQLTablesW(r.stmt, at.catalog, SQL_NTS, at.schema, SQL_NTS, NULL, 0,
							odbc_wide(m, "TABLE,VIEW", 10, &units), SQL_NTS))) {
		odbc_error(c, SQL_HANDLE_STMT, r.stmt, "", e);
		rows_close(&r);
		return false;
	}
	while (odbc_ok(SQLFetch(r.stmt))) {
		struct source_table *t = mem_new_object(m, struct source_table);
		const char *catalog = get_or_empty(&r, 1), *own = get_or_empty(&r, 2), *kind;
		t->name = get_or_empty(&r, 3);
		kind = get_or_empty(&r, 4);
		t->comment = get_or_empty(&r, 5);
		t->schema = strcmp(c->quirk->dialect, "sqlite") == 0 ? "main" : schema_is_catalog(c) ? catalog : own;
		t->kind = strstr(kind, "VIEW") ? "view" : "table";
		if (schema_is_catalog(c) || strcmp(t->kind, "view") == 0)
			t->comment = "";
		if (is_wanted(t->name, only, n_only))
			MEM_PUSH(m, *out, *count, cap, t);
	}
	rows_close(&r);
	return true;
}

static SQLWCHAR *wide_name(struct mem *m, const char *s)
{
	size_t units;
	return odbc_wide(m, s, strlen(s), &units);
}

/* A name where a pattern is expected. A driver that doesn't heed the escape finds nothing: then the bare name is
 * tried, whose matches are compared anyway. */
static SQLWCHAR *wide_pattern(struct mem *m, const char *s)
{
	char *out = mem_alloc(m, strlen(s) * 2 + 1), *o = out;

	for (; *s; s++) {
		if (*s == '_' || *s == '%' || *s == '\\')
			*o++ = '\\';
		*o++ = *s;
	}
	return wide_name(m, out);
}

/* "DECIMAL" and its like with their digits or characters, which drivers keep apart from the name. */
static const char *sized_name(struct mem *m, const char *name, struct type t, int size, int digits)
{
	if (t.id == TYPE_NUMERIC && t.precision)
		return mem_printf(m, "%s(%d,%d)", name, size, digits);
	if ((t.id == TYPE_VARCHAR || t.id == TYPE_BPCHAR) && t.mod > 4)
		return mem_printf(m, "%s(%d)", name, size);
	return name;
}

static bool read_columns_by(struct odbc_conn *c, struct mem *m, struct source_table *t, SQLWCHAR *pattern, struct err *e)
{
	struct scope at = make_scope(c, m, t->schema);
	struct rows r;
	size_t cap = 0;

	if (!rows_open(&r, c, m, e))
		return false;
	SQLSetStmtAttrW(r.stmt, SQL_ATTR_METADATA_ID, (SQLPOINTER)(uintptr_t)SQL_FALSE, 0);
	if (!odbc_ok(SQLColumnsW(r.stmt, at.catalog, SQL_NTS, at.schema, SQL_NTS, pattern, SQL_NTS, NULL, 0))) {
		odbc_error(c, SQL_HANDLE_STMT, r.stmt, t->name, e);
		rows_close(&r);
		return false;
	}
	while (odbc_ok(SQLFetch(r.stmt))) {
		struct source_column col = {.comment = "", .collation = ""};
		const char *table = get_or_empty(&r, 3);
		int sql_type, size, digits;
		col.name = get_or_empty(&r, 4);
		sql_type = get_int(&r, 5);
		col.remote_type = get_or_empty(&r, 6);
		size = get_int(&r, 7);
		digits = get_int(&r, 9);
		col.not_null = get_int(&r, 11) == SQL_NO_NULLS;
		col.comment = get_or_empty(&r, 12);
		col.default_text = get(&r, 13);
		col.is_unsigned = strstr(col.remote_type, "nsigned") || strstr(col.remote_type, "NSIGNED");
		if (strcmp(table, t->name) != 0) /* the name was taken for a pattern */
			continue;
		col.supported = column_type(c, sql_type, col.remote_type, size, digits, &col.type);
		if (!strchr(col.remote_type, '(') && size > 0) /* what comparing at the source depends on */
			col.remote_type = sized_name(m, col.remote_type, col.type, size, digits);
		t->cols = mem_grow(m, t->cols, sizeof *t->cols, t->ncols, &cap);
		t->cols[t->ncols++] = col;
	}
	rows_close(&r);
	return true;
}

static bool read_columns(struct odbc_conn *c, struct mem *m, struct source_table *t, struct err *e)
{
	bool plain = !strpbrk(t->name, "_%\\");

	if (!plain && !read_columns_by(c, m, t, wide_pattern(m, t->name), e))
		return false;
	return t->ncols > 0 || read_columns_by(c, m, t, wide_name(m, t->name), e);
}

static void read_primary_key(struct odbc_conn *c, struct mem *m, struct source_table *t)
{
	struct scope at = make_scope(c, m, t->schema);
	struct err ignored;
	struct rows r;
	struct source_index *x = mem_new_object(m, struct source_index);

	err_clear(&ignored);
	if (!rows_open(&r, c, m, &ignored))
		return;
	x->cols = mem_new_array(m, const char *, t->ncols + 1);
	if (odbc_ok(SQLPrimaryKeysW(r.stmt, at.catalog, SQL_NTS, at.schema, SQL_NTS, wide_name(m, t->name), SQL_NTS)))
		while (odbc_ok(SQLFetch(r.stmt))) {
			const char *col = get_or_empty(&r, 4);
			int seq = get_int(&r, 5);
			for (uint32_t i = 0; i < t->ncols; i++)
				if (strcmp(t->cols[i].name, col) == 0 && seq >= 1 && (uint32_t)seq <= t->ncols) {
					t->cols[i].key_position = seq;
					/* SQLite alone lets keys be NULL, other than an integer one */
					t->cols[i].not_null = t->cols[i].not_null || strcmp(c->quirk->dialect, "sqlite") != 0
										  || t->cols[i].type.id == TYPE_INT8;
					x->cols[seq - 1] = t->cols[i].name;
					x->ncols++;
				}
		}
	rows_close(&r);
	if (!x->ncols)
		return;
	x->name = "primary key";
	x->is_unique = x->is_primary = true;
	t->indexes = x;
	t->nindexes = 1;
}

/* Unique indexes beside the primary key. */
static void read_unique_indexes(struct odbc_conn *c, struct mem *m, struct source_table *t)
{
	struct scope at = make_scope(c, m, t->schema);
	struct err ignored;
	struct rows r;
	size_t cap = t->nindexes, col_cap = 0;
	struct source_index *x = NULL;

	err_clear(&ignored);
	if (strcmp(t->kind, "table") != 0 || !rows_open(&r, c, m, &ignored))
		return;
	if (odbc_ok(SQLStatisticsW(r.stmt, at.catalog, SQL_NTS, at.schema, SQL_NTS, wide_name(m, t->name), SQL_NTS, SQL_INDEX_UNIQUE,
							   SQL_QUICK)))
		while (odbc_ok(SQLFetch(r.stmt))) {
			int non_unique = get_int(&r, 4), kind, seq;
			const char *name = get_or_empty(&r, 6), *col, *filter;
			kind = get_int(&r, 7);
			seq = get_int(&r, 8);
			col = get_or_empty(&r, 9);
			filter = get_or_empty(&r, 13);
			if (kind == SQL_TABLE_STAT || non_unique || *filter || !*col || strcmp(name, "PRIMARY") == 0)
				continue;
			if (seq == 1) {
				t->indexes = mem_grow(m, t->indexes, sizeof *x, t->nindexes, &cap);
				x = &t->indexes[t->nindexes++];
				*x = (struct source_index){.name = name, .is_unique = true};
				col_cap = 0;
			}
			if (!x || strcmp(x->name, name) != 0)
				continue;
			x->cols = mem_grow(m, x->cols, sizeof *x->cols, x->ncols, &col_cap);
			x->cols[x->ncols++] = col;
		}
	rows_close(&r);
}

static void read_foreign_keys(struct odbc_conn *c, struct mem *m, struct source_table *t)
{
	struct scope at = make_scope(c, m, t->schema);
	struct err ignored;
	struct rows r;
	size_t cap = 0, col_cap = 0, ref_cap = 0;
	struct source_foreign_key *k = NULL;

	err_clear(&ignored);
	if (strcmp(t->kind, "table") != 0 || !rows_open(&r, c, m, &ignored))
		return;
	if (odbc_ok(SQLForeignKeysW(r.stmt, NULL, 0, NULL, 0, NULL, 0, at.catalog, SQL_NTS, at.schema, SQL_NTS,
								wide_name(m, t->name), SQL_NTS)))
		while (odbc_ok(SQLFetch(r.stmt))) {
			const char *catalog = get_or_empty(&r, 1), *schema = get_or_empty(&r, 2), *table = get_or_empty(&r, 3);
			const char *ref = get_or_empty(&r, 4), *col = get_or_empty(&r, 8);
			int seq = get_int(&r, 9);
			const char *name = get_or_empty(&r, 12);
			if (!*col || !*table)
				continue;
			if (seq <= 1 || !k) {
				t->foreign_keys = mem_grow(m, t->foreign_keys, sizeof *k, t->nforeign_keys, &cap);
				k = &t->foreign_keys[t->nforeign_keys++];
				*k = (struct source_foreign_key){.name = *name ? name : mem_printf(m, "fk%u", t->nforeign_keys), .ref_table = table,
												 .ref_schema = schema_is_catalog(c) ? catalog : *schema ? schema : t->schema};
				col_cap = ref_cap = 0;
			}
			k->cols = mem_grow(m, k->cols, sizeof *k->cols, k->ncols, &col_cap);
			k->ref_cols = mem_grow(m, k->ref_cols, sizeof *k->ref_cols, k->ncols, &ref_cap);
			k->cols[k->ncols] = col;
			k->ref_cols[k->ncols++] = ref;
		}
	rows_close(&r);
}

bool odbc_describe(struct conn *conn, struct mem *m, const char *schema, const char *const *only, size_t n_only,
				   struct source_table ***out, size_t *count, struct err *e)
{
	struct odbc_conn *c = (struct odbc_conn *)conn;

	*out = NULL;
	*count = 0;
	if (!read_tables(c, m, schema, only, n_only, out, count, e))
		return false;
	for (size_t i = 0; i < *count; i++) {
		if (!read_columns(c, m, (*out)[i], e))
			return false;
		read_primary_key(c, m, (*out)[i]);
		read_unique_indexes(c, m, (*out)[i]);
		read_foreign_keys(c, m, (*out)[i]);
	}
	return true;
}

bool odbc_statistics(struct conn *conn, struct mem *m, const struct source_table *table, struct source_statistics *out,
					 struct err *e)
{
	struct odbc_conn *c = (struct odbc_conn *)conn;
	struct sample s = {.rows = -1, .quote = c->quote, .length = "length"};

	s.table = *table->schema ? mem_printf(m, "%s.%s", quote_name(m, c->quote, table->schema), quote_name(m, c->quote, table->name))
							 : quote_name(m, c->quote, table->name);
	return sampled_statistics(conn, m, table, &s, out, e);
}
