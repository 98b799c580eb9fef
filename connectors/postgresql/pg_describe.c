/*
 * What a PostgreSQL database holds: tables, columns, keys from its catalog; statistics from pg_class and pg_stats, else
 * by a sample; ranges of pages for parallel scans.
 *
 * A type that engine/types knows is itself (a domain is its base type, as its binary form is); any other is
 * imported as text, since every PostgreSQL type has an exact text form by cast.
 */
#include "connectors/postgresql/pg_int.h"

#include <stdio.h>
#include <stdlib.h>

#include "connectors/sampled_statistics.h"

#define SAMPLE_ROWS 30000

static const char *get(struct mem *m, const PGresult *r, int row, int col)
{
	return PQgetisnull(r, row, col) ? NULL : mem_strdup(m, PQgetvalue(r, row, col));
}
static const char *get_or_empty(struct mem *m, const PGresult *r, int row, int col)
{
	return mem_strdup(m, PQgetvalue(r, row, col));
}
static bool is_true(const PGresult *r, int row, int col) { return *PQgetvalue(r, row, col) == 't'; }

/* Names as a text[] literal, in m; NULL when there are none. */
static const char *name_array(struct mem *m, const char *const *names, size_t n)
{
	struct strbuf b;
	const char *out;

	if (n == 0)
		return NULL;
	strbuf_init(&b, 0);
	for (size_t i = 0; i < n; i++) {
		strbuf_adds(&b, i ? ",\"" : "{\"");
		for (const char *p = names[i]; *p; p++) {
			if (*p == '"' || *p == '\\')
				strbuf_addc(&b, '\\');
			strbuf_addc(&b, *p);
		}
		strbuf_addc(&b, '"');
	}
	strbuf_addc(&b, '}');
	out = mem_strndup(m, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return out;
}

/* Tables wanted: $1 = schema, $2 = names or NULL. */
#define WANTED                                                                                     \
	" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1"         \
	" AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition"                        \
	" AND ($2::text[] IS NULL OR c.relname = ANY ($2))"

static const char sql_tables[] =
	"SELECT c.relname, CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'"
	" WHEN 'p' THEN 'partitioned table' ELSE 'table' END, obj_description(c.oid, 'pg_class')" WANTED " ORDER BY c.relname";

static const char sql_columns[] =
	"SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),"
	" coalesce(nullif(t.typbasetype, 0), a.atttypid), coalesce(nullif(t.typtypmod, -1), a.atttypmod), a.attnotnull OR t.typnotnull,"
	/* users may have a "C" of their own; upper() follows LC_CTYPE, which may be another than LC_COLLATE */
	" coalesce(CASE WHEN l.collnamespace <> 'pg_catalog'::regnamespace THEN l.collnamespace::regnamespace::text || '.' ELSE '' END"
	"  || l.collname, ''), coalesce(l.collisdeterministic, true),"
	" l.collnamespace = 'pg_catalog'::regnamespace AND (l.collname IN ('C', 'POSIX', 'ucs_basic') OR (l.collname = 'default'"
	"  AND (SELECT datcollate IN ('C', 'POSIX') AND datctype IN ('C', 'POSIX')"
	"  AND coalesce(to_jsonb(d)->>'datlocprovider', 'c') = 'c' FROM pg_database d WHERE datname = current_database()))),"
	" col_description(c.oid, a.attnum), pg_get_expr(f.adbin, f.adrelid), current_setting('server_encoding') = 'UTF8',"
	" (SELECT b.typtype FROM pg_type b WHERE b.oid = coalesce(nullif(t.typbasetype, 0), a.atttypid))"
	" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid"
	" JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_collation l ON l.oid = a.attcollation"
	" LEFT JOIN pg_attrdef f ON f.adrelid = c.oid AND f.adnum = a.attnum"
	" WHERE n.nspname = $1 AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition"
	" AND ($2::text[] IS NULL OR c.relname = ANY ($2)) AND a.attnum > 0 AND NOT a.attisdropped"
	" ORDER BY c.relname, a.attnum";

static const char sql_indexes[] =
	"SELECT c.relname, i.relname, x.indisunique, x.indisprimary,"
	" (SELECT string_agg(a.attname, E'\\x01' ORDER BY k.ord) FROM unnest(x.indkey) WITH ORDINALITY AS k(num, ord)"
	"  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.num WHERE k.ord <= x.indnkeyatts)"
	" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_index x ON x.indrelid = c.oid"
	" JOIN pg_class i ON i.oid = x.indexrelid WHERE n.nspname = $1 AND ($2::text[] IS NULL OR c.relname = ANY ($2))"
	" AND NOT c.relispartition AND x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL"
	" ORDER BY c.relname, x.indisprimary DESC, i.relname";

static const char sql_foreign[] =
	"SELECT c.relname, k.conname, rn.nspname, r.relname,"
	" (SELECT string_agg(a.attname, E'\\x01' ORDER BY u.ord) FROM unnest(k.conkey) WITH ORDINALITY AS u(num, ord)"
	"  JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num),"
	" (SELECT string_agg(a.attname, E'\\x01' ORDER BY u.ord) FROM unnest(k.confkey) WITH ORDINALITY AS u(num, ord)"
	"  JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num)"
	" FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
	" JOIN pg_class r ON r.oid = k.confrelid JOIN pg_namespace rn ON rn.oid = r.relnamespace"
	" WHERE k.contype = 'f' AND k.convalidated AND n.nspname = $1 AND ($2::text[] IS NULL OR c.relname = ANY ($2))"
	" AND NOT c.relispartition ORDER BY c.relname, k.conname";

static bool has_text_form_only(uint32_t oid, struct type *t)
{
	bool as_text;

	if (!type_find_oid(oid, t) || t->array)
		return true;
	if (t->id == TYPE_UNKNOWN || t->id == TYPE_RECORD || t->id == TYPE_VOID)
		return true;
	return !pg_decoder_find(oid, *t, &as_text);
}

static void describe_column(struct mem *m, const PGresult *r, int row, struct source_column *out)
{
	uint32_t oid = (uint32_t)strtoul(PQgetvalue(r, row, 3), NULL, 10);
	int32_t mod = atoi(PQgetvalue(r, row, 4));
	struct type t;
	bool utf8 = is_true(r, row, 11), exact = utf8 && is_true(r, row, 7);

	out->name = get(m, r, row, 1);
	out->remote_type = get(m, r, row, 2);
	out->not_null = is_true(r, row, 5);
	out->collation = get_or_empty(m, r, row, 6);
	out->comment = get_or_empty(m, r, row, 9);
	out->default_text = get(m, r, row, 10);
	out->supported = *PQgetvalue(r, row, 12) != 'p'; /* pseudo-types aren't values */
	if (has_text_form_only(oid, &t)) {
		out->cast_to_text = true;
		out->type = type_make(TYPE_TEXT);
		return; /* its own comparison isn't that of its text */
	}
	out->type = type_with_mod((enum type_id)t.id, mod);
	if (type_is_text(out->type)) {
		out->text_equal_exact = exact;
		out->text_order_exact = exact && is_true(r, row, 8);
	}
}

static struct source_table *table_find(struct source_table **tables, size_t n, const char *name)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int d = strcmp(tables[mid]->name, name);
		if (d == 0)
			return tables[mid];
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* "a\1b" to an array of names. */
static uint32_t split_names(struct mem *m, const char *joined, const char ***out)
{
	char *copy = mem_strdup(m, joined), *save = NULL;
	uint32_t n = 0;
	size_t cap = 0;

	*out = NULL;
	for (char *p = strtok_r(copy, "\x01", &save); p; p = strtok_r(NULL, "\x01", &save))
		MEM_PUSH(m, *out, n, cap, (const char *)p);
	return n;
}

static bool add_columns(struct pg_conn *c, struct mem *m, const char *const params[2], struct source_table **tables,
						size_t count, struct err *e)
{
	PGresult *r = pg_query(c, sql_columns, 2, params, e);
	size_t cap = 0;
	struct source_table *last = NULL;

	if (!r)
		return false;
	for (int i = 0; i < PQntuples(r); i++) {
		struct source_table *t = table_find(tables, count, PQgetvalue(r, i, 0));
		if (!t)
			continue;
		if (t != last)
			cap = 0;
		last = t;
		t->cols = mem_grow(m, t->cols, sizeof *t->cols, t->ncols, &cap);
		memset(&t->cols[t->ncols], 0, sizeof *t->cols);
		describe_column(m, r, i, &t->cols[t->ncols++]);
	}
	PQclear(r);
	return true;
}

static void set_key_positions(struct source_table *t, const struct source_index *x)
{
	for (uint32_t k = 0; k < x->ncols; k++)
		for (uint32_t i = 0; i < t->ncols; i++)
			if (strcmp(t->cols[i].name, x->cols[k]) == 0)
				t->cols[i].key_position = (int)k + 1;
}

static bool add_indexes(struct pg_conn *c, struct mem *m, const char *const params[2], struct source_table **tables,
						size_t count, struct err *e)
{
	PGresult *r = pg_query(c, sql_indexes, 2, params, e);
	size_t cap = 0;
	struct source_table *last = NULL;

	if (!r)
		return false;
	for (int i = 0; i < PQntuples(r); i++) {
		struct source_table *t = table_find(tables, count, PQgetvalue(r, i, 0));
		struct source_index x = {.name = get(m, r, i, 1), .is_unique = is_true(r, i, 2), .is_primary = is_true(r, i, 3)};
		if (!t || PQgetisnull(r, i, 4))
			continue;
		if (t != last)
			cap = 0;
		last = t;
		x.ncols = split_names(m, PQgetvalue(r, i, 4), &x.cols);
		if (x.is_primary)
			set_key_positions(t, &x);
		t->indexes = mem_grow(m, t->indexes, sizeof *t->indexes, t->nindexes, &cap);
		t->indexes[t->nindexes++] = x;
	}
	PQclear(r);
	return true;
}

static bool add_foreign_keys(struct pg_conn *c, struct mem *m, const char *const params[2], struct source_table **tables,
							 size_t count, struct err *e)
{
	PGresult *r = pg_query(c, sql_foreign, 2, params, e);
	size_t cap = 0;
	struct source_table *last = NULL;

	if (!r)
		return false;
	for (int i = 0; i < PQntuples(r); i++) {
		struct source_table *t = table_find(tables, count, PQgetvalue(r, i, 0));
		struct source_foreign_key k = {.name = get(m, r, i, 1), .ref_schema = get(m, r, i, 2), .ref_table = get(m, r, i, 3)};
		if (!t || PQgetisnull(r, i, 4) || PQgetisnull(r, i, 5))
			continue;
		if (t != last)
			cap = 0;
		last = t;
		k.ncols = split_names(m, PQgetvalue(r, i, 4), &k.cols);
		if (split_names(m, PQgetvalue(r, i, 5), &k.ref_cols) != k.ncols)
			continue;
		t->foreign_keys = mem_grow(m, t->foreign_keys, sizeof *t->foreign_keys, t->nforeign_keys, &cap);
		t->foreign_keys[t->nforeign_keys++] = k;
	}
	PQclear(r);
	return true;
}

/* strcmp's order, which table_find relies on; relname sorts by "C" already, but that is the server's word. */
static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct source_table *const *)a)->name, (*(struct source_table *const *)b)->name);
}

bool pg_describe(struct conn *conn, struct mem *m, const char *schema, const char *const *only, size_t n_only,
				 struct source_table ***out, size_t *count, struct err *e)
{
	struct pg_conn *c = (struct pg_conn *)conn;
	const char *params[2] = {schema && *schema ? schema : "public", name_array(m, only, n_only)};
	size_t cap = 0;
	PGresult *r;

	*out = NULL;
	*count = 0;
	r = pg_query(c, "SELECT 1 FROM pg_namespace WHERE nspname = $1", 1, params, e);
	if (!r)
		return false;
	if (PQntuples(r) == 0) {
		PQclear(r);
		err_set(e, ERR_FDW_SCHEMA_NOT_FOUND, "server \"%s\" has no schema \"%s\"", c->base.server, params[0]);
		return err_source(e, c->base.server);
	}
	PQclear(r);
	r = pg_query(c, sql_tables, 2, params, e);
	if (!r)
		return false;
	for (int i = 0; i < PQntuples(r); i++) {
		struct source_table *t = mem_new_object(m, struct source_table);
		t->schema = mem_strdup(m, params[0]);
		t->name = get(m, r, i, 0);
		t->kind = get(m, r, i, 1);
		t->comment = get_or_empty(m, r, i, 2);
		MEM_PUSH(m, *out, *count, cap, t);
	}
	PQclear(r);
	if (*count)
		qsort(*out, *count, sizeof **out, by_name);
	return add_columns(c, m, params, *out, *count, e) && add_indexes(c, m, params, *out, *count, e)
		   && add_foreign_keys(c, m, params, *out, *count, e);
}

/* ---- statistics ---- */

/* Widens [min, max] of the column by one text value. */
static void widen(struct mem *m, struct type t, const char *text, struct source_column_statistics *s)
{
	struct value v, w;
	struct err e;

	err_clear(&e);
	if (!value_parse(m, t, str_of(text), &text_context_default, &v, &e))
		return;
	if (!s->min || (value_parse(m, t, str_of(s->min), &text_context_default, &w, &e) && value_compare(&v, &w) < 0))
		s->min = text;
	if (!s->max || (value_parse(m, t, str_of(s->max), &text_context_default, &w, &e) && value_compare(&v, &w) > 0))
		s->max = text;
}

static void one_column(struct mem *m, const PGresult *r, int row, const struct source_column *col, double rows,
					   struct source_column_statistics *s)
{
	const char **bounds;
	uint32_t n;
	double distinct = strtod(PQgetvalue(r, row, 3), NULL);

	s->known = true;
	s->null_fraction = strtod(PQgetvalue(r, row, 1), NULL);
	s->width = strtod(PQgetvalue(r, row, 2), NULL);
	s->distinct = distinct >= 0 ? distinct : -distinct * rows;
	if (distinct == 0)
		s->distinct = -1;
	if (PQgetisnull(r, row, 4) || col->cast_to_text)
		return;
	n = split_names(m, PQgetvalue(r, row, 4), &bounds);
	for (uint32_t i = 0; i < n; i++)
		widen(m, col->type, bounds[i], s);
}

/* pg_stats of the table into out; *found counts columns. */
static bool read_pg_stats(struct pg_conn *c, struct mem *m, const struct source_table *t, struct source_statistics *out,
						  uint32_t *found, struct err *e)
{
	const char *params[2] = {t->schema, t->name};
	PGresult *r = pg_query(c,
						   "SELECT attname, null_frac, avg_width, n_distinct, array_to_string(ARRAY["
						   "(histogram_bounds::text::text[])[1], (histogram_bounds::text::text[])"
						   "[array_upper(histogram_bounds::text::text[], 1)]] || most_common_vals::text::text[], E'\\x01')"
						   " FROM pg_stats WHERE schemaname = $1 AND tablename = $2 ORDER BY inherited",
						   2, params, e);

	*found = 0;
	if (!r)
		return false;
	for (int i = 0; i < PQntuples(r); i++)
		for (uint32_t k = 0; k < t->ncols; k++)
			if (strcmp(t->cols[k].name, PQgetvalue(r, i, 0)) == 0) {
				one_column(m, r, i, &t->cols[k], out->rows, &out->cols[k]);
				++*found;
			}
	PQclear(r);
	return true;
}

static bool read_sample(struct conn *conn, struct mem *m, const struct source_table *t, double rows,
						struct source_statistics *out, struct err *e)
{
	struct sample s = {.rows = rows, .quote = '"', .length = "octet_length"};

	s.table = mem_printf(m, "%s.%s", quote_name(m, '"', t->schema), quote_name(m, '"', t->name));
	if (rows > SAMPLE_ROWS * 2) {
		s.sampled = SAMPLE_ROWS;
		s.from = strcmp(t->kind, "table") == 0
					 ? mem_printf(m, "%s TABLESAMPLE SYSTEM (%.4f) REPEATABLE (1)", s.table, 100.0 * SAMPLE_ROWS / rows)
					 : mem_printf(m, "(SELECT * FROM %s LIMIT %d) AS s", s.table, SAMPLE_ROWS);
	}
	return sampled_statistics(conn, m, t, &s, out, e);
}

bool pg_statistics(struct conn *conn, struct mem *m, const struct source_table *table, struct source_statistics *out,
				   struct err *e)
{
	struct pg_conn *c = (struct pg_conn *)conn;
	const char *params[2] = {table->schema, table->name};
	double rows = -1, bytes = 0;
	uint32_t found = 0;
	PGresult *r = pg_query(c,
						   "SELECT CASE WHEN c.relkind IN ('r', 'm', 'p') THEN c.reltuples ELSE -1 END,"
						   " pg_relation_size(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
						   " WHERE n.nspname = $1 AND c.relname = $2",
						   2, params, e);

	if (!r)
		return false;
	if (PQntuples(r) == 0) {
		PQclear(r);
		return err_set(e, ERR_FDW_TABLE_NOT_FOUND, "table \"%s.%s\" at server \"%s\" no longer exists", table->schema,
					   table->name, c->base.server);
	}
	rows = strtod(PQgetvalue(r, 0, 0), NULL);
	bytes = strtod(PQgetvalue(r, 0, 1), NULL);
	PQclear(r);
	memset(out, 0, sizeof *out);
	out->cols = mem_new_array(m, struct source_column_statistics, table->ncols ? table->ncols : 1);
	for (uint32_t i = 0; i < table->ncols; i++)
		out->cols[i].distinct = -1;
	out->rows = rows;
	if (rows >= 0 && !read_pg_stats(c, m, table, out, &found, e))
		return false;
	/* 0 rows may mean never analysed before version 14 */
	if (rows < 0 || (found == 0 && rows <= 0) || (found == 0 && table->ncols))
		return read_sample(conn, m, table, rows > 0 ? rows : -1, out, e);
	out->bytes = bytes;
	out->method = "source statistics";
	return true;
}

bool pg_splits(struct conn *conn, struct mem *m, const struct source_table *table, uint32_t want,
			   const char ***conditions, uint32_t *count, struct err *e)
{
	struct pg_conn *c = (struct pg_conn *)conn;
	const char *params[2] = {table->schema, table->name};
	PGresult *r;
	int64_t pages = 0;

	*count = 0;
	if (want < 2 || strcmp(table->kind, "table") != 0)
		return true;
	r = pg_query(c,
				 "SELECT pg_relation_size(c.oid) / current_setting('block_size')::int8 FROM pg_class c"
				 " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2"
				 " AND c.relkind = 'r' AND current_setting('server_version_num')::int >= 140000",
				 2, params, e);
	if (!r)
		return false;
	if (PQntuples(r))
		pages = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
	PQclear(r);
	if (pages < 1000) /* ranges of ctid need version 14; small tables need no second connection */
		return true;
	*conditions = mem_new_array(m, const char *, want);
	for (uint32_t i = 0; i < want; i++) {
		long long from = pages * i / want, to = pages * (i + 1) / want;
		(*conditions)[i] = i == 0 ? mem_printf(m, "ctid < '(%lld,0)'::tid", to)
						   : i == want - 1
							   ? mem_printf(m, "ctid >= '(%lld,0)'::tid", from)
							   : mem_printf(m, "ctid >= '(%lld,0)'::tid AND ctid < '(%lld,0)'::tid", from, to);
	}
	*count = want;
	return true;
}
