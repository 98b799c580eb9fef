/*
 * Statistics and key ranges of a MariaDB table: the server's row estimate, its engine-independent column statistics
 * when it keeps them (mysql.column_stats), else a sample of ranges spread over an integer primary key, else of the first
 * rows.
 */
#include "connectors/mariadb/my_int.h"

#include <stdlib.h>

#include "connectors/sampled_statistics.h"

#define SAMPLE_ROWS 30000
#define SAMPLE_RANGES 30

static const char *table_name(struct mem *m, const struct source_table *t)
{
	return mem_printf(m, "%s.%s", quote_name(m, '`', t->schema), quote_name(m, '`', t->name));
}

/* The single integer column of the primary key; NULL when there is none. */
static const struct source_column *integer_key(const struct source_table *t)
{
	const struct source_column *key = NULL;

	for (uint32_t i = 0; i < t->ncols; i++) {
		const struct source_column *c = &t->cols[i];
		if (!c->key_position)
			continue;
		if (c->key_position == 1 && (c->type.id == TYPE_INT2 || c->type.id == TYPE_INT4 || c->type.id == TYPE_INT8))
			key = c;
	}
	return key;
}

/* Smallest and largest key: two reads of the index. */
static bool key_bounds(struct my_conn *c, struct mem *m, const struct source_table *t, const struct source_column *key,
					   int64_t *min, int64_t *max, struct err *e)
{
	const char *q = quote_name(m, '`', key->name);
	MYSQL_RES *r = my_query(c, mem_printf(m, "SELECT min(%s), max(%s) FROM %s", q, q, table_name(m, t)), e);
	MYSQL_ROW row;

	if (!r)
		return false;
	row = mysql_fetch_row(r);
	*min = row && row[0] ? strtoll(row[0], NULL, 10) : 0;
	*max = row && row[1] ? strtoll(row[1], NULL, 10) : -1;
	mysql_free_result(r);
	return true;
}

/* The server's estimate; < 0 = none (views). */
static bool row_estimate(struct my_conn *c, struct mem *m, const struct source_table *t, double *rows, double *bytes,
						 struct err *e)
{
	MYSQL_RES *r = my_query(c,
							mem_printf(m, "SELECT TABLE_ROWS, DATA_LENGTH FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s"
										  " AND TABLE_NAME = %s", my_literal(m, t->schema), my_literal(m, t->name)), e);
	MYSQL_ROW row;

	if (!r)
		return false;
	row = mysql_fetch_row(r);
	if (!row) {
		mysql_free_result(r);
		return err_set(e, ERR_FDW_TABLE_NOT_FOUND, "table \"%s.%s\" at server \"%s\" no longer exists", t->schema, t->name,
					   c->base.server);
	}
	*rows = row[0] ? strtod(row[0], NULL) : -1;
	*bytes = row[1] ? strtod(row[1], NULL) : 0;
	mysql_free_result(r);
	return true;
}

/* mysql.column_stats, where the server keeps it and we may read it; the count of columns found. */
static uint32_t read_column_stats(struct my_conn *c, struct mem *m, const struct source_table *t,
								  struct source_statistics *out)
{
	struct err ignored;
	MYSQL_RES *r;
	MYSQL_ROW row;
	uint32_t found = 0;

	err_clear(&ignored);
	if (!c->is_mariadb)
		return 0;
	r = my_query(c,
				 mem_printf(m, "SELECT column_name, min_value, max_value, nulls_ratio, avg_length, avg_frequency"
							   " FROM mysql.column_stats WHERE db_name = %s AND table_name = %s", my_literal(m, t->schema),
							my_literal(m, t->name)), &ignored);
	if (!r)
		return 0;
	while ((row = mysql_fetch_row(r)))
		for (uint32_t i = 0; i < t->ncols; i++) {
			struct source_column_statistics *s = &out->cols[i];
			if (!cstr_eq_nocase(t->cols[i].name, row[0]))
				continue;
			s->known = true;
			s->null_fraction = row[3] ? strtod(row[3], NULL) : 0;
			s->width = row[4] ? strtod(row[4], NULL) : 8;
			if (row[5] && strtod(row[5], NULL) > 0)
				s->distinct = out->rows * (1 - s->null_fraction) / strtod(row[5], NULL);
			s->min = row[1] ? mem_strdup(m, row[1]) : NULL;
			s->max = row[2] ? mem_strdup(m, row[2]) : NULL;
			found++;
		}
	mysql_free_result(r);
	return found;
}

/* A FROM item of ranges of the key that hold about SAMPLE_ROWS rows. */
static const char *range_sample(struct mem *m, const struct source_table *t, const struct source_column *key, int64_t min,
								int64_t max, double rows)
{
	struct strbuf b;
	const char *out, *q = quote_name(m, '`', key->name);
	double span = (double)max - (double)min + 1, width = span * SAMPLE_ROWS / rows / SAMPLE_RANGES;

	strbuf_init(&b, 0);
	strbuf_addf(&b, "(SELECT * FROM %s WHERE ", table_name(m, t));
	for (int i = 0; i < SAMPLE_RANGES; i++) {
		int64_t from = min + (int64_t)(span / SAMPLE_RANGES * i);
		strbuf_addf(&b, "%s%s BETWEEN %lld AND %lld", i ? " OR " : "", q, (long long)from, (long long)(from + (int64_t)width));
	}
	strbuf_addf(&b, " LIMIT %d) AS s", SAMPLE_ROWS * 2);
	out = mem_strndup(m, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return out;
}

bool my_statistics(struct conn *conn, struct mem *m, const struct source_table *table, struct source_statistics *out,
				   struct err *e)
{
	struct my_conn *c = (struct my_conn *)conn;
	const struct source_column *key = integer_key(table);
	struct sample s = {.quote = '`', .length = "octet_length", .sampled = SAMPLE_ROWS};
	double rows, bytes;
	int64_t min, max;

	if (!row_estimate(c, m, table, &rows, &bytes, e))
		return false;
	memset(out, 0, sizeof *out);
	out->cols = mem_new_array(m, struct source_column_statistics, table->ncols + 1);
	for (uint32_t i = 0; i < table->ncols; i++)
		out->cols[i].distinct = -1;
	out->rows = rows;
	out->bytes = bytes;
	out->method = "source statistics";
	if (rows >= 0 && read_column_stats(c, m, table, out) > 0)
		return true;
	s.table = table_name(m, table);
	s.rows = rows > SAMPLE_ROWS * 2 ? rows : -1; /* few: count them */
	if (rows > SAMPLE_ROWS * 2) {
		if (key && !key_bounds(c, m, table, key, &min, &max, e))
			return false;
		s.from = key && max > min ? range_sample(m, table, key, min, max, rows)
								  : mem_printf(m, "(SELECT * FROM %s LIMIT %d) AS s", s.table, SAMPLE_ROWS);
	}
	if (!sampled_statistics(conn, m, table, &s, out, e))
		return false;
	if (bytes > 0)
		out->bytes = bytes;
	return true;
}

bool my_splits(struct conn *conn, struct mem *m, const struct source_table *table, uint32_t want,
			   const char ***conditions, uint32_t *count, struct err *e)
{
	const struct source_column *key = integer_key(table);
	int64_t min, max;
	const char *q;
	double step;

	*count = 0;
	if (want < 2 || !key || strcmp(table->kind, "table") != 0)
		return true;
	if (!key_bounds((struct my_conn *)conn, m, table, key, &min, &max, e))
		return false;
	if ((double)max - (double)min < 100000)
		return true;
	q = quote_name(m, '`', key->name);
	step = ((double)max - (double)min) / want;
	*conditions = mem_new_array(m, const char *, want);
	for (uint32_t i = 0; i < want; i++) {
		long long from = min + (int64_t)(step * i), to = min + (int64_t)(step * (i + 1));
		(*conditions)[i] = i == 0		   ? mem_printf(m, "%s < %lld", q, to)
						   : i == want - 1 ? mem_printf(m, "%s >= %lld", q, from)
										   : mem_printf(m, "%s >= %lld AND %s < %lld", q, from, q, to);
	}
	*count = want;
	return true;
}
