/*
 * Parameters of a statement: bound by value, texts wide. Marks numbered $1 … (PostgreSQL's dialect) become ?, as ODBC
 * has them, with the values in order of appearance.
 */
#include "connectors/odbc/odbc_int.h"

#include <stdlib.h>

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

const char *odbc_number_params(struct mem *m, const struct stream_request *q, struct stream_request *out)
{
	struct strbuf b;
	struct value *params = NULL;
	uint32_t n = 0;
	size_t cap = 0;
	const char *p = q->sql;

	*out = *q;
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
	out->sql = mem_strndup(m, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	if (n) { /* marks were ? already otherwise */
		out->params = params;
		out->nparams = n;
	}
	return out->sql;
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
