/*
 * The text of a statement and its parameters. Columns whose values the driver would spoil are cast in a query around
 * the one asked for. Parameters are bound by value, texts wide; marks numbered $1 … (PostgreSQL's dialect) become ?,
 * as ODBC has them, with the values in order of appearance.
 */
#include "connectors/odbc/odbc_int.h"

#include <stdlib.h>

/* How column i is to be read; NULL = as it is. */
static const char *const *column_form(const struct odbc_quirk *quirk, struct type t)
{
	if (t.id == TYPE_DATE || t.id == TYPE_TIMESTAMP || t.id == TYPE_TIMESTAMPTZ)
		return quirk->dates_as[0] ? quirk->dates_as : NULL;
	if (t.id == TYPE_FLOAT4 || t.id == TYPE_FLOAT8)
		return quirk->floats_as[0] ? quirk->floats_as : NULL;
	return NULL;
}

static void add_column(struct strbuf *b, const char *const *form, uint32_t i)
{
	if (!form)
		strbuf_addf(b, "c%u", i + 1);
	else if (!form[2])
		strbuf_addf(b, "%sc%u%s", form[0], i + 1, form[1]);
	else
		strbuf_addf(b, "%sc%u%sc%u%sc%u END", form[0], i + 1, form[1], i + 1, form[2], i + 1);
}

const char *odbc_wrap_query(const struct odbc_quirk *quirk, struct mem *m, const struct stream_request *q)
{
	struct strbuf list, names, all;
	bool any = false;
	const char *out = q->sql;

	for (uint32_t i = 0; i < q->ncols; i++)
		any = any || column_form(quirk, q->cols[i].type);
	if (!any)
		return out;
	strbuf_init(&list, 0);
	strbuf_init(&names, 0);
	strbuf_init(&all, 0);
	for (uint32_t i = 0; i < q->ncols; i++) {
		strbuf_adds(&list, i ? ", " : "");
		add_column(&list, column_form(quirk, q->cols[i].type), i);
		strbuf_addf(&names, "%sc%u", i ? ", " : "", i + 1);
	}
	if (quirk->wrap_by_with)
		strbuf_addf(&all, "WITH q(%s) AS (%s) SELECT %s FROM q", strbuf_cstr(&names), q->sql, strbuf_cstr(&list));
	else
		strbuf_addf(&all, "SELECT %s FROM (%s) AS q(%s)", strbuf_cstr(&list), q->sql, strbuf_cstr(&names));
	out = mem_strndup(m, strbuf_cstr(&all), all.len);
	strbuf_release(&list);
	strbuf_release(&names);
	strbuf_release(&all);
	return out;
}

struct bound {
	SQLBIGINT i64;
	SQLDOUBLE f64;
	SQLLEN indicator;
	unsigned char bit;
};

static const char *quoted_end(const char *s)
{
	char quote = *s++;

	for (; *s; s++)
		if (*s == quote) {
			if (s[1] != quote)
				return s + 1;
			s++;
		}
	return s;
}

void odbc_number_params(struct mem *m, struct stream_request *q)
{
	struct strbuf b;
	struct value *params = NULL;
	uint32_t n = 0;
	size_t cap = 0;
	const char *p = q->sql;

	strbuf_init(&b, 0);
	while (*p) {
		if (*p == '\'' || *p == '"') {
			const char *end = quoted_end(p);
			strbuf_add(&b, p, (size_t)(end - p));
			p = end;
		} else if (*p == '$' && p[1] >= '1' && p[1] <= '9') {
			char *end;
			unsigned long k = strtoul(p + 1, &end, 10);
			if (k <= q->nparams)
				MEM_PUSH(m, params, n, cap, q->params[k - 1]);
			strbuf_addc(&b, '?');
			p = end;
		} else {
			strbuf_addc(&b, *p++);
		}
	}
	q->sql = mem_strndup(m, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	if (n) { /* marks were ? already otherwise */
		q->params = params;
		q->nparams = n;
	}
}

static SQLRETURN bind_i64(SQLHSTMT stmt, SQLUSMALLINT at, int64_t v, struct bound *b)
{
	b->i64 = v;
	return SQLBindParameter(stmt, at, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0, &b->i64, 0, &b->indicator);
}

static SQLRETURN bind_text(SQLHSTMT stmt, SQLUSMALLINT at, struct mem *m, const struct value *v, SQLSMALLINT sql_type,
						   struct bound *b)
{
	struct strbuf t;
	SQLWCHAR *wide;
	size_t units;
	SQLULEN size;

	strbuf_init(&t, 0);
	if (type_phys(v->type) == PHYS_STR)
		strbuf_add(&t, text_data(&v->text), v->text.len);
	else
		value_print(v, &text_context_default, &t);
	wide = odbc_wide(m, strbuf_cstr(&t), t.len, &units);
	strbuf_release(&t);
	b->indicator = (SQLLEN)(units * sizeof *wide);
	size = units ? units : 1;
	return SQLBindParameter(stmt, at, SQL_PARAM_INPUT, SQL_C_WCHAR, sql_type, size, 0, wide, b->indicator, &b->indicator);
}

static SQLRETURN bind_bytes(SQLHSTMT stmt, SQLUSMALLINT at, struct mem *m, const struct value *v, struct bound *b)
{
	b->indicator = (SQLLEN)v->text.len;
	return SQLBindParameter(stmt, at, SQL_PARAM_INPUT, SQL_C_BINARY, SQL_VARBINARY, v->text.len ? v->text.len : 1, 0,
							mem_strndup(m, text_data(&v->text), v->text.len), b->indicator, &b->indicator);
}

static SQLRETURN bind_one(SQLHSTMT stmt, SQLUSMALLINT at, struct mem *m, const struct value *v, struct bound *b)
{
	if (v->is_null) {
		b->indicator = SQL_NULL_DATA;
		return SQLBindParameter(stmt, at, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 1, 0, NULL, 0, &b->indicator);
	}
	switch (type_phys(v->type)) {
	case PHYS_BOOL:
		b->bit = v->b;
		return SQLBindParameter(stmt, at, SQL_PARAM_INPUT, SQL_C_BIT, SQL_BIT, 1, 0, &b->bit, 1, &b->indicator);
	case PHYS_I32:
		if (v->type.id != TYPE_DATE)
			return bind_i64(stmt, at, v->i32, b);
		break;
	case PHYS_I64:
		if (v->type.id == TYPE_INT8 || v->type.id == TYPE_OID)
			return bind_i64(stmt, at, v->i64, b);
		break;
	case PHYS_F64:
		b->f64 = v->f64;
		return SQLBindParameter(stmt, at, SQL_PARAM_INPUT, SQL_C_DOUBLE, SQL_DOUBLE, 15, 0, &b->f64, 0, &b->indicator);
	case PHYS_STR:
		if (v->type.id == TYPE_BYTEA)
			return bind_bytes(stmt, at, m, v, b);
		break;
	case PHYS_I128:
	case PHYS_NUM:
	case PHYS_INTERVAL:
	case PHYS_COUNT:
		break;
	}
	return bind_text(stmt, at, m, v, SQL_WVARCHAR, b);
}

bool odbc_bind_params(struct odbc_conn *c, SQLHSTMT stmt, struct mem *m, const struct stream_request *q, struct err *e)
{
	struct bound *b = mem_new_array(m, struct bound, q->nparams + 1);

	for (uint32_t i = 0; i < q->nparams; i++)
		if (!odbc_ok(bind_one(stmt, (SQLUSMALLINT)(i + 1), m, &q->params[i], &b[i])))
			return odbc_error(c, SQL_HANDLE_STMT, stmt, q->table, e);
	return true;
}
