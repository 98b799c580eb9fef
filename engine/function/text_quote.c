/*
 * Texts put together from others: concat, concat_ws, quoting as SQL, format().
 *
 * The VARIADIC "any" of PostgreSQL is VARIADIC text here: the binder casts each argument to text.
 * Identifier quoting knows PostgreSQL 15's keywords that are not unreserved (pg_get_keywords).
 */
#include "engine/base/utf8.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"

#include <stdlib.h>

/* Sorted: searched by bisection. */
static const char *const quoted_keywords[] = {
	"all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "between", "bigint",
	"binary", "bit", "boolean", "both", "case", "cast", "char", "character", "check", "coalesce", "collate",
	"collation", "column", "concurrently", "constraint", "create", "cross", "current_catalog", "current_date",
	"current_role", "current_schema", "current_time", "current_timestamp", "current_user", "dec", "decimal",
	"default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "exists", "extract", "false",
	"fetch", "float", "for", "foreign", "freeze", "from", "full", "grant", "greatest", "group", "grouping",
	"having", "ilike", "in", "initially", "inner", "inout", "int", "integer", "intersect", "interval", "into",
	"is", "isnull", "join", "lateral", "leading", "least", "left", "like", "limit", "localtime",
	"localtimestamp", "national", "natural", "nchar", "none", "normalize", "not", "notnull", "null", "nullif",
	"numeric", "offset", "on", "only", "or", "order", "out", "outer", "overlaps", "overlay", "placing",
	"position", "precision", "primary", "real", "references", "returning", "right", "row", "select",
	"session_user", "setof", "similar", "smallint", "some", "substring", "symmetric", "table", "tablesample",
	"then", "time", "timestamp", "to", "trailing", "treat", "trim", "true", "union", "unique", "user", "using",
	"values", "varchar", "variadic", "verbose", "when", "where", "window", "with", "xmlattributes",
	"xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot",
	"xmlserialize", "xmltable",
};

static bool is_quoted_keyword(struct str s)
{
	size_t low = 0, high = ARRAY_LEN(quoted_keywords);

	while (low < high) {
		size_t mid = (low + high) / 2;
		int c = str_compare(s, str_of(quoted_keywords[mid]));
		if (c == 0)
			return true;
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return false;
}

static void quote_ident(struct strbuf *out, struct str s)
{
	bool bare = s.len > 0 && !(s.data[0] >= '0' && s.data[0] <= '9') && !is_quoted_keyword(s);

	for (size_t i = 0; i < s.len && bare; i++)
		bare = (s.data[i] >= 'a' && s.data[i] <= 'z') || (s.data[i] >= '0' && s.data[i] <= '9') || s.data[i] == '_';
	if (bare) {
		strbuf_add(out, s.data, s.len);
		return;
	}
	strbuf_addc(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] == '"')
			strbuf_addc(out, '"');
		strbuf_addc(out, s.data[i]);
	}
	strbuf_addc(out, '"');
}

static void quote_literal(struct strbuf *out, struct str s)
{
	if (s.len && memchr(s.data, '\\', s.len))
		strbuf_addc(out, 'E');
	strbuf_addc(out, '\'');
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] == '\'' || s.data[i] == '\\')
			strbuf_addc(out, s.data[i]);
		strbuf_addc(out, s.data[i]);
	}
	strbuf_addc(out, '\'');
}

static bool quote_ident_row(struct row *r) { return quote_ident(r->buf, row_str(r, 0)), true; }
ROWS(quote_ident_fn, quote_ident_row, ROWS_BUILD)
static bool quote_literal_row(struct row *r) { return quote_literal(r->buf, row_str(r, 0)), true; }
ROWS(quote_literal_fn, quote_literal_row, ROWS_BUILD)

static bool quote_nullable_row(struct row *r)
{
	if (row_is_null(r, 0))
		strbuf_adds(r->buf, "NULL");
	else
		quote_literal(r->buf, row_str(r, 0));
	return true;
}
ROWS(quote_nullable_fn, quote_nullable_row, ROWS_BUILD)

static bool concat_row(struct row *r)
{
	for (uint32_t a = 0; a < r->call->nargs; a++)
		if (!row_is_null(r, a)) {
			struct str s = row_str(r, a);
			strbuf_add(r->buf, s.data, s.len);
		}
	return true;
}
ROWS(concat_fn, concat_row, ROWS_BUILD)

static bool concat_ws_row(struct row *r)
{
	struct str sep;
	bool first = true;

	if (row_is_null(r, 0))
		return row_set_null(r);
	sep = row_str(r, 0);
	for (uint32_t a = 1; a < r->call->nargs; a++)
		if (!row_is_null(r, a)) {
			struct str s = row_str(r, a);
			if (!first)
				strbuf_add(r->buf, sep.data, sep.len);
			strbuf_add(r->buf, s.data, s.len);
			first = false;
		}
	return true;
}
ROWS(concat_ws_fn, concat_ws_row, ROWS_BUILD | ROWS_NULL_OUT)

/* ---- format ---- */

struct format_spec {
	int arg;       /* n$; 0 = next */
	int width_arg; /* *n$; 0 = *; -1 = none */
	int width;
	bool left;
};

static bool format_end(struct row *r)
{
	err_set(r->call->err, ERR_INVALID_PARAMETER_VALUE, "unterminated format() type specifier");
	return err_hint(r->call->err, "For a single \"%%\" use \"%%%%\".");
}

/* Digits at *p; false with *out -1 when there are none. */
static bool format_number(struct row *r, const char **p, const char *end, int *out)
{
	int64_t v = 0;

	*out = -1;
	if (*p < end && !(**p >= '0' && **p <= '9'))
		return true;
	for (; *p < end && **p >= '0' && **p <= '9'; ++*p) {
		v = v * 10 + (**p - '0');
		if (v > INT32_MAX)
			return row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "number is out of range");
	}
	*out = (int)v;
	return *p < end ? true : format_end(r);
}

static bool format_argument_zero(struct row *r)
{
	return row_error(r, ERR_INVALID_PARAMETER_VALUE, "format specifies argument 0, but arguments are numbered from 1");
}

/* Behind the percent sign: [n$][-][width | *[n$]]. */
static bool format_parse(struct row *r, const char **p, const char *end, struct format_spec *spec)
{
	int n;

	*spec = (struct format_spec){.width_arg = -1};
	if (!format_number(r, p, end, &n))
		return false;
	if (n >= 0 && **p == '$') {
		if (n == 0)
			return format_argument_zero(r);
		spec->arg = n;
		if (++*p >= end)
			return format_end(r);
	} else if (n >= 0) {
		spec->width = n;
		return true;
	}
	for (; **p == '-'; spec->left = true)
		if (++*p >= end)
			return format_end(r);
	if (**p != '*') {
		if (!format_number(r, p, end, &n))
			return false;
		spec->width = n < 0 ? 0 : n;
		return true;
	}
	if (++*p >= end)
		return format_end(r);
	if (!format_number(r, p, end, &n))
		return false;
	spec->width_arg = n < 0 ? 0 : n;
	if (n < 0)
		return true;
	if (**p != '$')
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "width argument position must be ended by \"$\"");
	if (n == 0)
		return format_argument_zero(r);
	return ++*p < end ? true : format_end(r);
}

static bool format_width(struct row *r, unsigned a, struct format_spec *spec)
{
	struct value v;
	int64_t w;

	if (row_is_null(r, a))
		return true;
	if (!value_parse(r->call->scratch, type_make(TYPE_INT4), row_str(r, a), r->call->text, &v, r->call->err))
		return false;
	w = v.i32;
	if (w < 0) {
		spec->left = true;
		w = -w;
	}
	if (w > INT32_MAX)
		return row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "number is out of range");
	spec->width = (int)w;
	return true;
}

static bool format_value(struct row *r, const struct format_spec *spec, char conversion, unsigned a)
{
	size_t from = r->buf->len, have;
	bool null = row_is_null(r, a);

	if (null && conversion == 'I')
		return row_error(r, ERR_NULL_NOT_ALLOWED, "null values cannot be formatted as an SQL identifier");
	if (null && conversion == 'L')
		strbuf_adds(r->buf, "NULL");
	else if (!null && conversion == 'I')
		quote_ident(r->buf, row_str(r, a));
	else if (!null && conversion == 'L')
		quote_literal(r->buf, row_str(r, a));
	else if (!null)
		strbuf_add(r->buf, row_str(r, a).data, row_str(r, a).len);
	if (spec->width == 0 || r->buf->overflow)
		return true;
	have = utf8_length(strbuf_cstr(r->buf) + from, r->buf->len - from);
	if (have >= (size_t)spec->width)
		return true;
	for (size_t k = have; k < (size_t)spec->width && !r->buf->overflow; k++)
		strbuf_addc(r->buf, ' ');
	if (!spec->left && !r->buf->overflow) {
		size_t pad = (size_t)spec->width - have;
		memmove(r->buf->data + from + pad, r->buf->data + from, r->buf->len - from - pad);
		memset(r->buf->data + from, ' ', pad);
	}
	return true;
}

static bool format_row(struct row *r)
{
	struct str f;
	unsigned next = 0;

	if (row_is_null(r, 0))
		return row_set_null(r);
	f = row_str(r, 0);
	for (const char *p = f.data, *end = f.data + f.len; p < end; p++) {
		struct format_spec spec;

		if (*p != '%') {
			strbuf_addc(r->buf, *p);
			continue;
		}
		if (++p >= end)
			return format_end(r);
		if (*p == '%') {
			strbuf_addc(r->buf, '%');
			continue;
		}
		if (!format_parse(r, &p, end, &spec))
			return false;
		if (*p != 's' && *p != 'I' && *p != 'L') {
			row_error(r, ERR_INVALID_PARAMETER_VALUE, "unrecognized format() type specifier \"%.*s\"",
					  (int)utf8_size((unsigned char)*p), p);
			return err_hint(r->call->err, "For a single \"%%\" use \"%%%%\".");
		}
		if (spec.width_arg >= 0) {
			next = spec.width_arg > 0 ? (unsigned)spec.width_arg : next + 1;
			if (next >= r->call->nargs)
				return row_error(r, ERR_INVALID_PARAMETER_VALUE, "too few arguments for format()");
			if (!format_width(r, next, &spec))
				return false;
		}
		next = spec.arg > 0 ? (unsigned)spec.arg : next + 1;
		if (next >= r->call->nargs)
			return row_error(r, ERR_INVALID_PARAMETER_VALUE, "too few arguments for format()");
		if (!format_value(r, &spec, *p, next))
			return false;
	}
	return true;
}
ROWS(format_fn, format_row, ROWS_BUILD | ROWS_NULL_OUT)

const struct func functions_text_quote[] = {
	FN("concat", TEXT, concat_fn, FUNC_NOT_STRICT | FUNC_VARIADIC | FAIL, "the arguments' texts one after the other; NULLs are left out", T(TEXT)),
	FN("concat_ws", TEXT, concat_ws_fn, FUNC_NOT_STRICT | FUNC_VARIADIC | FAIL, "the arguments' texts with a separator (the first) between them; NULLs are left out", T(TEXT), T(TEXT)),
	FN("quote_ident", TEXT, quote_ident_fn, FAIL, "the text as an SQL identifier, quoted where needed", T(TEXT)),
	FN("quote_literal", TEXT, quote_literal_fn, FAIL, "the text as an SQL string literal", T(TEXT)),
	FN("quote_nullable", TEXT, quote_nullable_fn, FUNC_NOT_STRICT | FAIL, "the text as an SQL string literal, NULL for NULL", T(TEXT)),
	FN("format", TEXT, format_fn, FUNC_NOT_STRICT | FAIL, "fills %s, %I, %L of a format text", T(TEXT)),
	FN("format", TEXT, format_fn, FUNC_NOT_STRICT | FUNC_VARIADIC | FAIL, "fills %s, %I, %L of a format text with the other arguments", T(TEXT), T(TEXT)),
	FN_END,
};
