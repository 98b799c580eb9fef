/*
 * Aggregates over a sample of a table, one query per column, so that a column whose type can't be counted
 * costs its own statistics only. See sampled_statistics.h.
 */
#include "connectors/sampled_statistics.h"

#include <math.h>
#include <stdlib.h>

const char *quote_name(struct mem *m, char quote, const char *name)
{
	char *out = mem_alloc(m, strlen(name) * 2 + 3), *o = out;

	*o++ = quote;
	for (; *name; name++) {
		if (*name == quote)
			*o++ = quote;
		*o++ = *name;
	}
	*o = quote;
	return out;
}

/* The first row of sql as n texts in m (NULL = NULL). */
static bool query_row(struct conn *c, struct mem *m, const char *sql, uint32_t n, const char **out, struct err *e)
{
	const struct connector *k = conn_base(c)->connector;
	struct stream_column *cols = mem_new_array(m, struct stream_column, n);
	struct stream_request r = {.server = conn_base(c)->server, .table = "", .sql = sql, .ncols = n, .cols = cols,
							   .batch_rows = 1, .rows_hint = 1};
	struct mem *own = mem_new(m, MEM_FETCH, "statistics", 0);
	struct stream *s;
	struct batch b;
	bool ok;

	for (uint32_t i = 0; i < n; i++)
		cols[i] = (struct stream_column){.name = "", .type = type_make(TYPE_TEXT)};
	if (!k->open(c, own, &r, &s, e)) {
		mem_free(own);
		return false;
	}
	batch_init(&b, n, own);
	ok = k->next(s, &b, e);
	if (ok && b.rows == 0)
		ok = err_set(e, ERR_FDW_CANNOT_EXECUTE, "server \"%s\" gave no row of statistics", r.server);
	for (uint32_t i = 0; ok && i < n; i++) {
		struct value v = vec_get(&b.cols[i], 0);
		out[i] = v.is_null ? NULL : mem_strndup(m, text_data(&v.text), v.text.len);
	}
	batch_release(&b);
	if (ok) { /* to the end, so that nothing has to be cut off */
		ok = k->next(s, &b, e);
		batch_release(&b);
	}
	k->close_stream(s);
	mem_free(own);
	return ok;
}

bool query_int(struct conn *c, struct mem *m, const char *sql, int64_t *out, struct err *e)
{
	const char *text;

	if (!query_row(c, m, sql, 1, &text, e))
		return false;
	*out = text ? strtoll(text, NULL, 10) : 0;
	return true;
}

static bool can_order(struct type t)
{
	return t.id != TYPE_JSON && t.id != TYPE_JSONB && t.id != TYPE_BYTEA && t.id != TYPE_UUID && t.id != TYPE_BOOL;
}

/* Distinct values of the table from those of a sample: few values are all there are; many grow with the table. */
static double scale_distinct(double distinct, double counted, double all)
{
	if (counted <= 0 || counted >= all || distinct < counted * 0.1)
		return distinct;
	return distinct > counted * 0.9 ? distinct * all / counted : distinct * sqrt(all / counted);
}

static double number(const char *text) { return text ? strtod(text, NULL) : 0; }

static bool column_statistics(struct conn *c, struct mem *m, const struct source_column *col, const struct sample *s,
							  double rows, struct source_column_statistics *out, struct err *e)
{
	const char *q = quote_name(m, s->quote, col->name), *from = s->from ? s->from : s->table;
	const char *v[6], *sql;
	bool text = type_is_text(col->type), order = can_order(col->type);

	sql = mem_printf(m, "SELECT count(*), count(%s), %s%s%s, %s%s%s, %s%s%s, %s%s%s%s%s FROM %s", q, order ? "count(DISTINCT " : "",
					 order ? q : "NULL", order ? ")" : "", order ? "min(" : "", order ? q : "NULL", order ? ")" : "",
					 order ? "max(" : "", order ? q : "NULL", order ? ")" : "", text ? "avg(" : "", text ? s->length : "",
					 text ? "(" : "", text ? q : "NULL", text ? "))" : "", from);
	if (!query_row(c, m, sql, 6, v, e))
		return false;
	out->known = true;
	out->null_fraction = number(v[0]) > 0 ? 1 - number(v[1]) / number(v[0]) : 0;
	out->distinct = v[2] ? scale_distinct(number(v[2]), number(v[1]), rows * (1 - out->null_fraction)) : -1;
	out->min = v[3];
	out->max = v[4];
	out->width = v[5] ? number(v[5]) : text ? 16 : (double)phys_size(type_phys(col->type));
	return true;
}

bool sampled_statistics(struct conn *c, struct mem *m, const struct source_table *table, const struct sample *sample,
						struct source_statistics *out, struct err *e)
{
	struct sample s = *sample;
	bool all;

	memset(out, 0, sizeof *out);
	out->cols = mem_new_array(m, struct source_column_statistics, table->ncols ? table->ncols : 1);
	if (s.rows < 0) {
		int64_t n;
		if (!query_int(c, m, mem_printf(m, "SELECT count(*) FROM %s", s.table), &n, e))
			return false;
		s.rows = (double)n;
	}
	all = !s.from || s.sampled >= s.rows;
	out->rows = s.rows;
	out->method = all ? "counted" : "sampled";
	for (uint32_t i = 0; i < table->ncols; i++) {
		struct err why;
		err_clear(&why);
		out->cols[i].distinct = -1;
		if (!table->cols[i].supported || column_statistics(c, m, &table->cols[i], &s, s.rows, &out->cols[i], &why)) {
			out->bytes += out->cols[i].width * s.rows;
			continue;
		}
		if (conn_base(c)->broken || why.code == ERR_QUERY_CANCELED)
			return err_copy(e, &why);
	}
	return true;
}
