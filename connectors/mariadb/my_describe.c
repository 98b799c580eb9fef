/*
 * What a MariaDB database holds, from information_schema: tables, columns with our types, keys. Whether a collation
 * compares as we do is measured, once per collation met.
 *
 * Types: unsigned integers become the next larger type, bigint unsigned numeric(20, 0); BIT(1) is boolean, wider
 * ones are numbers; TINYINT(1) is boolean only by the server's option; TIME is a time of day or, by option, an interval.
 */
#include "connectors/mariadb/my_int.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/types/decimal.h"

struct measured {
	const char *collation;
	bool equal, order;
};

struct describer {
	struct my_conn *conn;
	struct mem *mem;
	const char *schema, *only; /* as literals; only "" or " AND TABLE_NAME IN (…)" */
	struct source_table **tables;
	size_t count;
	struct measured *measured;
	size_t nmeasured, cap_measured;
	struct err *e;
};

static const char *keep(struct describer *d, const char *text) { return mem_strdup(d->mem, text ? text : ""); }

static struct source_table *table_find(struct describer *d, const char *name)
{
	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->tables[i]->name, name) == 0)
			return d->tables[i];
	return NULL;
}

/* ---- collations ---- */

/* Compares samples by that collation at the server. Text that pads or folds isn't ours; the order is ours only for
 * the binary NO PAD collations of Unicode. */
static struct measured collation_measure(struct describer *d, const char *charset, const char *collation)
{
	struct measured out = {.collation = keep(d, collation)};
	struct err ignored;
	MYSQL_RES *r;
	MYSQL_ROW row;
	const char *sql;

	for (size_t i = 0; i < d->nmeasured; i++)
		if (strcmp(d->measured[i].collation, collation) == 0)
			return d->measured[i];
	err_clear(&ignored);
	sql = mem_printf(d->mem,
					 "SELECT s.a = 'A' OR s.a = 'a ' OR s.e = 'e', 'B' < s.a AND s.z < s.e AND s.a < CONCAT(s.a, '\t')"
					 " FROM (SELECT CONVERT('a' USING %1$s) COLLATE %2$s AS a, CONVERT('\xc3\xa9' USING %1$s) COLLATE %2$s AS e,"
					 " CONVERT('Z' USING %1$s) COLLATE %2$s AS z) AS s",
					 charset, collation);
	r = my_query(d->conn, sql, &ignored);
	if (r) {
		bool exact_name = strstr(collation, "_nopad_bin") != NULL, unicode = strncmp(charset, "utf8", 4) == 0;
		row = mysql_fetch_row(r);
		out.equal = exact_name && row && row[0] && strcmp(row[0], "0") == 0;
		out.order = out.equal && unicode && row[1] && strcmp(row[1], "1") == 0;
		mysql_free_result(r);
	}
	MEM_PUSH(d->mem, d->measured, d->nmeasured, d->cap_measured, out);
	return out;
}

/* ---- types ---- */

enum { COL_TABLE, COL_NAME, COL_DATA_TYPE, COL_COLUMN_TYPE, COL_NULLABLE, COL_CHARS, COL_PRECISION, COL_SCALE, COL_FRACTION,
	   COL_CHARSET, COL_COLLATION, COL_COMMENT, COL_DEFAULT };

static int number(const char *text) { return text ? atoi(text) : 0; }

static const struct {
	const char *name;
	enum type_id plain, is_unsigned;
} integers[] = {
	{"tinyint", TYPE_INT2, TYPE_INT2}, {"smallint", TYPE_INT2, TYPE_INT4}, {"mediumint", TYPE_INT4, TYPE_INT4},
	{"int", TYPE_INT4, TYPE_INT8},	   {"year", TYPE_INT2, TYPE_INT2},
};

static struct type decimal_type(int precision, int scale)
{
	return precision <= DECIMAL_DIGITS ? type_with_mod(TYPE_NUMERIC, typmod_numeric(precision, scale)) : type_make(TYPE_NUMERIC);
}

static bool number_type(const struct my_conn *c, const MYSQL_ROW row, bool is_unsigned, struct type *out)
{
	const char *t = row[COL_DATA_TYPE];

	if (strcmp(t, "tinyint") == 0 && c->tinyint1_is_boolean && strncmp(row[COL_COLUMN_TYPE], "tinyint(1)", 10) == 0) {
		*out = type_make(TYPE_BOOL);
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(integers); i++)
		if (strcmp(t, integers[i].name) == 0) {
			*out = type_make(is_unsigned ? integers[i].is_unsigned : integers[i].plain);
			return true;
		}
	if (strcmp(t, "bigint") == 0)
		*out = is_unsigned ? decimal_type(20, 0) : type_make(TYPE_INT8);
	else if (strcmp(t, "decimal") == 0)
		*out = decimal_type(number(row[COL_PRECISION]), number(row[COL_SCALE]));
	else if (strcmp(t, "float") == 0)
		*out = type_make(TYPE_FLOAT4);
	else if (strcmp(t, "double") == 0)
		*out = type_make(TYPE_FLOAT8);
	else if (strcmp(t, "bit") == 0)
		*out = number(row[COL_PRECISION]) == 1	  ? type_make(TYPE_BOOL)
			   : number(row[COL_PRECISION]) <= 63 ? type_make(TYPE_INT8)
												  : decimal_type(20, 0);
	else
		return false;
	return true;
}

static bool time_type(const struct my_conn *c, const MYSQL_ROW row, struct type *out)
{
	const char *t = row[COL_DATA_TYPE];
	int digits = number(row[COL_FRACTION]);

	if (strcmp(t, "date") == 0)
		*out = type_make(TYPE_DATE);
	else if (strcmp(t, "datetime") == 0)
		*out = type_with_mod(TYPE_TIMESTAMP, digits);
	else if (strcmp(t, "timestamp") == 0)
		*out = type_with_mod(TYPE_TIMESTAMPTZ, digits);
	else if (strcmp(t, "time") == 0)
		*out = c->time_is_interval ? type_make(TYPE_INTERVAL) : type_with_mod(TYPE_TIME, digits);
	else
		return false;
	return true;
}

/* Texts, bytes and the rest; false = no counterpart. */
static bool other_type(const MYSQL_ROW row, struct source_column *out)
{
	static const char *const texts[] = {"tinytext", "text", "mediumtext", "longtext", "enum", "set"};
	static const char *const bytes[] = {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"};
	const char *t = row[COL_DATA_TYPE];
	int chars = number(row[COL_CHARS]);

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (strcmp(t, texts[i]) == 0) {
			out->type = type_make(TYPE_TEXT);
			return true;
		}
	for (size_t i = 0; i < ARRAY_LEN(bytes); i++)
		if (strcmp(t, bytes[i]) == 0) {
			out->type = type_make(TYPE_BYTEA);
			return true;
		}
	if (strcmp(t, "char") == 0)
		out->type = type_with_mod(TYPE_BPCHAR, (chars > 0 ? chars : 1) + 4);
	else if (strcmp(t, "varchar") == 0)
		out->type = chars > 0 ? type_with_mod(TYPE_VARCHAR, chars + 4) : type_make(TYPE_TEXT);
	else if (strcmp(t, "json") == 0)
		out->type = type_make(TYPE_JSON);
	else if (strcmp(t, "uuid") == 0)
		out->type = type_make(TYPE_UUID);
	else if (strcmp(t, "inet4") == 0 || strcmp(t, "inet6") == 0) {
		out->type = type_make(TYPE_TEXT);
		out->cast_to_text = true;
	} else
		return false;
	return true;
}

static void describe_column(struct describer *d, const MYSQL_ROW row, struct source_column *out)
{
	struct measured k;

	out->name = keep(d, row[COL_NAME]);
	out->remote_type = keep(d, row[COL_COLUMN_TYPE]);
	out->not_null = strcmp(row[COL_NULLABLE], "NO") == 0;
	out->collation = keep(d, row[COL_COLLATION]);
	out->comment = keep(d, row[COL_COMMENT]);
	out->default_text = row[COL_DEFAULT] ? keep(d, row[COL_DEFAULT]) : NULL;
	out->is_unsigned = strstr(row[COL_COLUMN_TYPE], "unsigned") != NULL;
	out->supported = number_type(d->conn, row, out->is_unsigned, &out->type) || time_type(d->conn, row, &out->type)
					 || other_type(row, out);
	if (!out->supported)
		out->type = type_make(TYPE_UNKNOWN);
	if (!row[COL_COLLATION] || !row[COL_CHARSET] || !type_is_text(out->type) || out->cast_to_text)
		return;
	k = collation_measure(d, row[COL_CHARSET], row[COL_COLLATION]);
	out->text_equal_exact = k.equal;
	out->text_order_exact = k.order;
	/* enum and set compare with numbers and sort by them */
	if (strcmp(row[COL_DATA_TYPE], "enum") == 0 || strcmp(row[COL_DATA_TYPE], "set") == 0)
		out->text_order_exact = out->text_equal_exact = false;
	/* char(n) is without trailing spaces here and there: padding can't show */
	if (out->type.id == TYPE_BPCHAR && strstr(row[COL_COLLATION], "_bin"))
		out->text_equal_exact = true;
}

/* ---- reading information_schema ---- */

static bool read_tables(struct describer *d)
{
	MYSQL_RES *r = my_query(d->conn,
							mem_printf(d->mem,
									   "SELECT TABLE_NAME, TABLE_TYPE, TABLE_COMMENT FROM information_schema.TABLES"
									   " WHERE TABLE_SCHEMA = %s AND TABLE_TYPE IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')%s"
									   " ORDER BY BINARY TABLE_NAME",
									   d->schema, d->only),
							d->e);
	MYSQL_ROW row;
	size_t cap = 0;

	if (!r)
		return false;
	while ((row = mysql_fetch_row(r))) {
		struct source_table *t = mem_new_object(d->mem, struct source_table);
		bool view = strcmp(row[1], "VIEW") == 0;
		t->name = keep(d, row[0]);
		t->kind = view ? "view" : "table";
		t->comment = view ? "" : keep(d, row[2]);
		MEM_PUSH(d->mem, d->tables, d->count, cap, t);
	}
	mysql_free_result(r);
	return true;
}

static bool read_columns(struct describer *d)
{
	MYSQL_RES *r = my_query(d->conn,
							mem_printf(d->mem,
									   "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE,"
									   " CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION,"
									   " CHARACTER_SET_NAME, COLLATION_NAME, COLUMN_COMMENT, COLUMN_DEFAULT"
									   " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = %s%s"
									   " ORDER BY TABLE_NAME, ORDINAL_POSITION",
									   d->schema, d->only),
							d->e);
	MYSQL_ROW row;
	struct source_table *last = NULL, *t;
	size_t cap = 0;

	if (!r)
		return false;
	while ((row = mysql_fetch_row(r))) {
		t = table_find(d, row[COL_TABLE]);
		if (!t)
			continue;
		if (t != last)
			cap = 0;
		last = t;
		t->cols = mem_grow(d->mem, t->cols, sizeof *t->cols, t->ncols, &cap);
		memset(&t->cols[t->ncols], 0, sizeof *t->cols);
		describe_column(d, row, &t->cols[t->ncols++]);
	}
	mysql_free_result(r);
	return true;
}

static void set_key(struct source_table *t, const char *col, int position)
{
	for (uint32_t i = 0; i < t->ncols; i++)
		if (strcmp(t->cols[i].name, col) == 0)
			t->cols[i].key_position = position;
}

static bool read_indexes(struct describer *d)
{
	MYSQL_RES *r = my_query(d->conn,
							mem_printf(d->mem,
									   "SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, SEQ_IN_INDEX, SUB_PART IS NOT NULL"
									   " FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = %s%s AND INDEX_TYPE IN"
									   " ('BTREE', 'HASH') ORDER BY TABLE_NAME, INDEX_NAME <> 'PRIMARY', INDEX_NAME, SEQ_IN_INDEX",
									   d->schema, d->only),
							d->e);
	MYSQL_ROW row;
	struct source_index *x = NULL;
	size_t cap = 0, col_cap = 0;
	struct source_table *last = NULL, *t;

	if (!r)
		return false;
	while ((row = mysql_fetch_row(r))) {
		t = table_find(d, row[0]);
		if (!t || !row[3])
			continue;
		if (t != last)
			cap = 0;
		if (strcmp(row[4], "1") == 0) {
			t->indexes = mem_grow(d->mem, t->indexes, sizeof *x, t->nindexes, &cap);
			x = &t->indexes[t->nindexes++];
			*x = (struct source_index){.name = keep(d, row[1]), .is_unique = strcmp(row[2], "0") == 0,
									   .is_primary = strcmp(row[1], "PRIMARY") == 0};
			col_cap = 0;
		}
		last = t;
		if (!x)
			continue;
		x->cols = mem_grow(d->mem, x->cols, sizeof *x->cols, x->ncols, &col_cap);
		x->cols[x->ncols++] = keep(d, row[3]);
		if (strcmp(row[5], "1") == 0) /* unique in a prefix, or folding: of no use to a planner that compares whole texts */
			x->is_unique = x->is_unique && strcmp(row[5], "0") == 0;
		if (x->is_primary)
			set_key(t, row[3], (int)x->ncols);
	}
	mysql_free_result(r);
	return true;
}

static bool read_foreign_keys(struct describer *d)
{
	MYSQL_RES *r = my_query(d->conn,
							mem_printf(d->mem,
									   "SELECT TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_SCHEMA,"
									   " REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME, ORDINAL_POSITION"
									   " FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = %s%s"
									   " AND REFERENCED_TABLE_NAME IS NOT NULL ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION",
									   d->schema, d->only),
							d->e);
	MYSQL_ROW row;
	struct source_foreign_key *k = NULL;
	size_t cap = 0, col_cap = 0, ref_cap = 0;
	struct source_table *last = NULL, *t;

	if (!r)
		return false;
	while ((row = mysql_fetch_row(r))) {
		t = table_find(d, row[0]);
		if (!t)
			continue;
		if (t != last)
			cap = 0;
		if (strcmp(row[6], "1") == 0) {
			t->foreign_keys = mem_grow(d->mem, t->foreign_keys, sizeof *k, t->nforeign_keys, &cap);
			k = &t->foreign_keys[t->nforeign_keys++];
			*k = (struct source_foreign_key){.name = keep(d, row[1]), .ref_schema = keep(d, row[3]),
											 .ref_table = keep(d, row[4])};
			col_cap = ref_cap = 0;
		}
		last = t;
		if (!k)
			continue;
		k->cols = mem_grow(d->mem, k->cols, sizeof *k->cols, k->ncols, &col_cap);
		k->ref_cols = mem_grow(d->mem, k->ref_cols, sizeof *k->ref_cols, k->ncols, &ref_cap);
		k->cols[k->ncols] = keep(d, row[2]);
		k->ref_cols[k->ncols++] = keep(d, row[5]);
	}
	mysql_free_result(r);
	return true;
}

static const char *only_condition(struct mem *m, const char *const *only, size_t n)
{
	struct strbuf b;
	const char *out;

	if (n == 0)
		return "";
	strbuf_init(&b, 0);
	for (size_t i = 0; i < n; i++)
		strbuf_addf(&b, "%s%s", i ? ", " : " AND TABLE_NAME IN (", my_literal(m, only[i]));
	strbuf_addc(&b, ')');
	out = mem_strndup(m, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return out;
}

/* The schema's name: the one asked for, else the connection's database. */
static bool find_schema(struct my_conn *c, struct mem *m, const char **schema, struct err *e)
{
	MYSQL_RES *r;
	MYSQL_ROW row;

	r = my_query(c, *schema && **schema ? mem_printf(m, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = %s",
													 my_literal(m, *schema))
										: "SELECT DATABASE()",
				 e);
	if (!r)
		return false;
	row = mysql_fetch_row(r);
	if (row && row[0]) {
		*schema = mem_strdup(m, row[0]);
		mysql_free_result(r);
		return true;
	}
	mysql_free_result(r);
	if (*schema && **schema)
		err_set(e, ERR_FDW_SCHEMA_NOT_FOUND, "server \"%s\" has no schema \"%s\"", c->base.server, *schema);
	else
		err_set(e, ERR_FDW_SCHEMA_NOT_FOUND, "server \"%s\" has no option \"database\": name a schema", c->base.server);
	return err_source(e, c->base.server);
}

bool my_describe(struct conn *conn, struct mem *m, const char *schema, const char *const *only, size_t n_only,
				 struct source_table ***out, size_t *count, struct err *e)
{
	struct describer d = {.conn = (struct my_conn *)conn, .mem = m, .e = e};

	*out = NULL;
	*count = 0;
	if (!find_schema(d.conn, m, &schema, e))
		return false;
	d.schema = my_literal(m, schema);
	d.only = only_condition(m, only, n_only);
	if (!read_tables(&d) || !read_columns(&d) || !read_indexes(&d) || !read_foreign_keys(&d))
		return false;
	for (size_t i = 0; i < d.count; i++)
		d.tables[i]->schema = schema;
	*out = d.tables;
	*count = d.count;
	return true;
}
