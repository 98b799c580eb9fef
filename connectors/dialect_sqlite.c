/*
 * SQLite. A column's declared type promises nothing: a date is a text or a number, a DECIMAL is a REAL, an INTEGER column
 * may hold a text, a CHAR(3) a text of ten. Integers and texts compare exactly by forms that give NULL for a value of
 * another kind; decimals, reals and dates as wider ranges; booleans not at all. In a view an expression has no affinity,
 * so that nothing is known of its values. LIKE: the session makes it keep case apart.
 *
 * SUM over 64-bit integers overflows there: not sent, nor are averages.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/dialect.h"
#include "engine/plan/rel.h"

static const char *exact_text(const char *collation, const struct source_facts *facts)
{
	/* a UTF-16 file sorts by code units; and a file that wasn't probed may be one */
	if (!facts->text_order_exact)
		return "";
	return cstr_eq_nocase(collation, "BINARY") ? NULL : "($1 COLLATE BINARY)";
}

static const char *cast_type(struct type t, char *buffer, size_t size)
{
	(void)t;
	(void)buffer;
	(void)size;
	return NULL;
}

enum affinity { AFFINITY_INTEGER, AFFINITY_TEXT, AFFINITY_NONE, AFFINITY_REAL, AFFINITY_NUMERIC };

/* sqlite.org/datatype3.html, 3.1, in its order. */
static enum affinity affinity_of(const char *type)
{
	char lower[64];
	size_t n = 0;

	for (; *type && n + 1 < sizeof lower; type++)
		lower[n++] = *type >= 'A' && *type <= 'Z' ? (char)(*type + 32) : *type;
	lower[n] = '\0';
	if (strstr(lower, "int"))
		return AFFINITY_INTEGER;
	if (strstr(lower, "char") || strstr(lower, "clob") || strstr(lower, "text"))
		return AFFINITY_TEXT;
	if (n == 0 || strstr(lower, "blob"))
		return AFFINITY_NONE;
	if (strstr(lower, "real") || strstr(lower, "floa") || strstr(lower, "doub"))
		return AFFINITY_REAL;
	return AFFINITY_NUMERIC;
}

/* The affinity has made numbers of all texts that look like one, and texts of all numbers: what kind is left says
 * whether we can read the value. */
static void column(const char *remote_type, struct type t, bool view, struct mem *m, struct column_form *out)
{
	enum affinity a = affinity_of(remote_type);

	memset(out, 0, sizeof *out);
	if (view || t.array || !*remote_type)
		return;
	switch ((enum type_id)t.id) {
	case TYPE_INT2:
	case TYPE_INT4:
	case TYPE_INT8:
		out->comparable = a == AFFINITY_INTEGER || a == AFFINITY_NUMERIC;
		out->clean = t.id == TYPE_INT8 ? "(CASE WHEN typeof($1) = 'integer' THEN $1 END)"
					 : t.id == TYPE_INT4
						 ? "(CASE WHEN typeof($1) = 'integer' AND $1 BETWEEN -2147483648 AND 2147483647 THEN $1 END)"
						 : "(CASE WHEN typeof($1) = 'integer' AND $1 BETWEEN -32768 AND 32767 THEN $1 END)";
		break;
	case TYPE_TEXT:
	case TYPE_VARCHAR:
		out->comparable = a == AFFINITY_TEXT;
		out->clean = t.mod < 4 ? "(CASE WHEN typeof($1) = 'text' THEN $1 END)"
							   : mem_printf(m, "(CASE WHEN typeof($1) = 'text' AND length($1) <= %d THEN $1 END)", t.mod - 4);
		break;
	case TYPE_BPCHAR:
		out->comparable = a == AFFINITY_TEXT;
		out->raw_differs = true;
		out->clean = t.mod < 4 ? "(CASE WHEN typeof($1) = 'text' THEN rtrim($1) END)"
							   : mem_printf(m, "(CASE WHEN typeof($1) = 'text' AND length(rtrim($1)) <= %d THEN rtrim($1) END)",
											t.mod - 4);
		break;
	case TYPE_NUMERIC:
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
		out->comparable = a == AFFINITY_INTEGER || a == AFFINITY_NUMERIC || a == AFFINITY_REAL;
		out->doubtful = true;
		break;
	case TYPE_DATE:
	case TYPE_TIMESTAMP:
		out->comparable = a == AFFINITY_NUMERIC || a == AFFINITY_TEXT || a == AFFINITY_NONE;
		out->doubtful = true;
		break;
	case TYPE_BOOL:
	case TYPE_BYTEA:
	case TYPE_TIME:
	case TYPE_TIMETZ:
	case TYPE_TIMESTAMPTZ:
	case TYPE_INTERVAL:
	case TYPE_UUID:
	case TYPE_NAME:
	case TYPE_UNKNOWN:
	case TYPE_JSON:
	case TYPE_JSONB:
	case TYPE_JSONPATH:
	case TYPE_OID:
	case TYPE_RECORD:
	case TYPE_VOID:
	case TYPE_COUNT:
		break;
	}
}

/* A text is no integer, a blob no text. */
static const char *bad_marker(struct type t)
{
	return type_is_text(t) ? "x'00'" : type_is_number(t) ? "'unreadable'" : NULL;
}

#define OP(name, args, spelling) {name, FUNC_OPERATOR, args, spelling, SHIP_EXACT, NULL, 0}
#define AGG(name, args, spelling) {name, FUNC_AGGREGATE, args, spelling, SHIP_EXACT, NULL, 0}
static const struct dialect_rule rules[] = {
	OP("=", "ii", "($1 = $2)"), OP("<>", "ii", "($1 <> $2)"), OP("<", "ii", "($1 < $2)"), OP("<=", "ii", "($1 <= $2)"),
	OP(">", "ii", "($1 > $2)"), OP(">=", "ii", "($1 >= $2)"),
	OP("=", "tt", "($1 = $2)"), OP("<>", "tt", "($1 <> $2)"), OP("<", "tt", "($1 < $2)"), OP("<=", "tt", "($1 <= $2)"),
	OP(">", "tt", "($1 > $2)"), OP(">=", "tt", "($1 >= $2)"),
	OP("~~", "tt", "($1 LIKE $2 ESCAPE '\\')"), OP("!~~", "tt", "($1 NOT LIKE $2 ESCAPE '\\')"),
	AGG("count", "", "count(*)"), AGG("count", "*", "count($1)"), AGG("min", "i", "min($1)"), AGG("max", "i", "max($1)"),
	AGG("min", "t", "min($1)"), AGG("max", "t", "max($1)"),
};

const struct dialect dialect_sqlite = {
	.name = "sqlite",
	.quote_open = '"',
	.quote_close = '"',
	.schema_in_names = false,
	.limit = LIMIT_OFFSET,
	.nulls_syntax = true,
	.nulls_first_ascending = true,
	.boolean_values = true,
	.joins = true,
	.aggregates = true,
	.setops = 1u << SETOP_UNION | 1u << SETOP_UNION_ALL | 1u << SETOP_INTERSECT | 1u << SETOP_EXCEPT,
	.char_as_ours = true,
	.like_measured = true,
	.distinct_form = "($1 IS NOT $2)",
	.approximate = true,
	.text_dates = true,
	.param_style = "?",
	.national_prefix = "",
	.max_year = 9999,
	.cast_to_text = "$1",
	.full_double = "CASE WHEN $1 IS NOT NULL THEN printf('%!.17g', $1) END",
	.exact_text = exact_text,
	.far_character = "char(%u)", /* its ODBC driver reads no surrogates in a statement */
	.exact_collation = "BINARY",
	.text_equal_is_superset = true,
	.column = column,
	.bad_marker = bad_marker,
	.max_in_list = 1000,
	.rules = rules,
	.nrules = ARRAY_LEN(rules),
	.cast_type = cast_type,
};
