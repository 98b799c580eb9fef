/*
 * PostgreSQL: our own meaning, so whatever we have of it goes there, with two exceptions: texts are compared with
 * COLLATE "C" where the column's collation isn't C, and nothing goes that depends on the session's time zone or
 * on a version (power and logarithm digits, regular expressions, Unicode tables).
 */
#include <stdio.h>
#include <string.h>

#include "connectors/dialect.h"

static const char *exact_text(const char *collation, const struct source_facts *facts)
{
	/* "C" sorts by the bytes of the server's encoding; "POSIX" is the same, but may not meet it */
	if (*facts->encoding && !cstr_eq_nocase(facts->encoding, "UTF8"))
		return "";
	return strcmp(collation, "C") == 0 ? NULL : "($1 COLLATE \"C\")";
}

static const char *cast_type(struct type t, char *buffer, size_t size)
{
	switch ((enum type_id)t.id) {
	case TYPE_NUMERIC:
		if (t.mod < 0)
			return "numeric";
		snprintf(buffer, size, "numeric(%d,%d)", typmod_precision(t.mod), typmod_scale(t.mod));
		return buffer;
	case TYPE_VARCHAR:
	case TYPE_BPCHAR:
		if (t.mod < 4)
			return t.id == TYPE_VARCHAR ? "varchar" : "bpchar";
		snprintf(buffer, size, "%s(%d)", t.id == TYPE_VARCHAR ? "varchar" : "char", t.mod - 4);
		return buffer;
	case TYPE_UNKNOWN:
	case TYPE_TEXT:
		return "text";
	case TYPE_BOOL:
		return "boolean";
	case TYPE_INT2:
		return "smallint";
	case TYPE_INT4:
		return "integer";
	case TYPE_INT8:
		return "bigint";
	case TYPE_FLOAT4:
		return "real";
	case TYPE_FLOAT8:
		return "float8";
	case TYPE_BYTEA:
		return "bytea";
	case TYPE_DATE:
		return "date";
	case TYPE_TIME:
		return t.mod < 0 ? "time" : NULL;
	case TYPE_TIMESTAMP:
		return t.mod < 0 ? "timestamp" : NULL;
	case TYPE_TIMESTAMPTZ:
		return t.mod < 0 ? "timestamptz" : NULL;
	case TYPE_INTERVAL:
		return t.mod < 0 ? "interval" : NULL;
	case TYPE_UUID:
		return "uuid";
	case TYPE_NAME:
	case TYPE_TIMETZ:
	case TYPE_JSON:
	case TYPE_JSONB:
	case TYPE_JSONPATH:
	case TYPE_OID:
	case TYPE_RECORD:
	case TYPE_VOID:
	case TYPE_COUNT:
		return NULL;
	}
	UNREACHABLE();
}

/* Other names are domains and types of users, which came as their base types. */
static void column(const char *remote_type, struct type t, bool view, struct mem *m, struct column_form *out)
{
	(void)view;
	(void)m;
	if (!column_by_name(remote_type, t, out))
		out->comparable = *remote_type != '\0';
	if (t.id == TYPE_OID || t.id == TYPE_NAME)
		out->comparable = true;
}

#define OP(name, args, spelling) {name, FUNC_OPERATOR, args, spelling, SHIP_EXACT, NULL, 0}
#define FN(name, args, spelling) {name, FUNC_SCALAR, args, spelling, SHIP_EXACT, NULL, 0}
#define AGG(name, args, spelling) {name, FUNC_AGGREGATE, args, spelling, SHIP_EXACT, NULL, 0}
static const struct dialect_rule rules[] = {
	OP("=", "**", "($1 = $2)"), OP("<>", "**", "($1 <> $2)"), OP("<", "**", "($1 < $2)"), OP("<=", "**", "($1 <= $2)"),
	OP(">", "**", "($1 > $2)"), OP(">=", "**", "($1 >= $2)"),
	OP("+", "NN", "($1 + $2)"), OP("-", "NN", "($1 - $2)"), OP("*", "NN", "($1 * $2)"), OP("/", "NN", "($1 / $2)"),
	OP("%", "NN", "($1 % $2)"), OP("+", "ff", "($1 + $2)"), OP("-", "ff", "($1 - $2)"), OP("*", "ff", "($1 * $2)"),
	OP("/", "ff", "($1 / $2)"), OP("-", "N", "(- $1)"), OP("-", "f", "(- $1)"), OP("+", "N", "$1"),
	OP("+", "di", "($1 + $2)"), OP("+", "id", "($1 + $2)"), OP("-", "di", "($1 - $2)"), OP("-", "dd", "($1 - $2)"),
	OP("+", "dv", "($1 + $2)"), OP("-", "dv", "($1 - $2)"), OP("+", "sv", "($1 + $2)"), OP("-", "sv", "($1 - $2)"),
	OP("-", "ss", "($1 - $2)"), OP("+", "vv", "($1 + $2)"), OP("-", "vv", "($1 - $2)"), OP("+", "dm", "($1 + $2)"),
	OP("||", "tt", "($1 || $2)"), OP("||", "yy", "($1 || $2)"),
	OP("~~", "tt", "($1 LIKE $2)"), OP("!~~", "tt", "($1 NOT LIKE $2)"), OP("~~*", "tt", "($1 ILIKE $2)"),
	OP("!~~*", "tt", "($1 NOT ILIKE $2)"),
	FN("lower", "t", "lower($1 COLLATE \"C\")"), FN("upper", "t", "upper($1 COLLATE \"C\")"), FN("length", "t", "length($1)"),
	FN("char_length", "t", "char_length($1)"), FN("character_length", "t", "char_length($1)"),
	FN("octet_length", "t", "octet_length($1)"), FN("substring", "tii", "substring($1, $2, $3)"),
	FN("substring", "ti", "substring($1, $2)"), FN("substr", "tii", "substr($1, $2, $3)"), FN("substr", "ti", "substr($1, $2)"),
	FN("left", "ti", "left($1, $2)"), FN("right", "ti", "right($1, $2)"), FN("btrim", "t", "btrim($1)"),
	FN("ltrim", "t", "ltrim($1)"), FN("rtrim", "t", "rtrim($1)"), FN("btrim", "tt", "btrim($1, $2)"),
	FN("ltrim", "tt", "ltrim($1, $2)"), FN("rtrim", "tt", "rtrim($1, $2)"), FN("replace", "ttt", "replace($1, $2, $3)"),
	FN("strpos", "tt", "strpos($1, $2)"), FN("position", "tt", "position($2 in $1)"), FN("reverse", "t", "reverse($1)"),
	FN("repeat", "ti", "repeat($1, $2)"), FN("lpad", "ti", "lpad($1, $2)"), FN("rpad", "ti", "rpad($1, $2)"),
	FN("lpad", "tit", "lpad($1, $2, $3)"), FN("rpad", "tit", "rpad($1, $2, $3)"), FN("md5", "t", "md5($1)"),
	FN("split_part", "tti", "split_part($1, $2, $3)"), FN("starts_with", "tt", "starts_with($1, $2)"),
	FN("translate", "ttt", "translate($1, $2, $3)"), FN("ascii", "t", "ascii($1)"),
	FN("abs", "N", "abs($1)"), FN("abs", "f", "abs($1)"), FN("ceil", "n", "ceil($1)"), FN("floor", "n", "floor($1)"),
	FN("round", "n", "round($1)"), FN("round", "ni", "round($1, $2)"), FN("trunc", "n", "trunc($1)"),
	FN("trunc", "ni", "trunc($1, $2)"), FN("sign", "n", "sign($1)"), FN("mod", "NN", "mod($1, $2)"),
	FN("date_trunc", "ts", "date_trunc($1, $2)"), 
	{"extract", FUNC_SCALAR, "td", "pg_catalog.extract($1, $2)", SHIP_EXACT, NULL, 140000},
	{"extract", FUNC_SCALAR, "ts", "pg_catalog.extract($1, $2)", SHIP_EXACT, NULL, 140000}, FN("date_part", "td", "date_part($1, $2)"),
	FN("date_part", "ts", "date_part($1, $2)"),
	AGG("count", "", "count(*)"), AGG("count", "*", "count($1)"), AGG("sum", "N", "sum($1)"), AGG("sum", "f", "sum($1)"),
	AGG("avg", "N", "avg($1)"), AGG("avg", "f", "avg($1)"), AGG("sum", "v", "sum($1)"), AGG("min", "*", "min($1)"),
	AGG("max", "*", "max($1)"), AGG("bool_and", "b", "bool_and($1)"), AGG("bool_or", "b", "bool_or($1)"),
	AGG("every", "b", "bool_and($1)"), AGG("stddev", "N", "stddev($1)"), AGG("stddev_samp", "N", "stddev_samp($1)"),
	AGG("stddev_pop", "N", "stddev_pop($1)"), AGG("variance", "N", "variance($1)"), AGG("var_samp", "N", "var_samp($1)"),
	AGG("var_pop", "N", "var_pop($1)"),
};

const struct dialect dialect_postgresql = {
	.name = "postgresql",
	.quote_open = '"',
	.quote_close = '"',
	.schema_in_names = true,
	.limit = LIMIT_OFFSET,
	.nulls_syntax = true,
	.boolean_values = true,
	.typed_literals = true,
	.joins = true,
	.aggregates = true,
	.decimal_literals = true,
	.char_as_ours = true,
	.float_compare = true,
	.distinct_form = "($1 IS DISTINCT FROM $2)",
	.setops = ~0u,
	.column = column,
	.param_style = "$",
	.national_prefix = "",
	.min_year = -4712,
	.max_year = 290000,
	.cast_to_text = "($1)::text",
	.exact_text = exact_text,
	.exact_collation = "C",
	.text_equal_is_superset = true,
	.max_in_list = 10000,
	.rules = rules,
	.nrules = ARRAY_LEN(rules),
	.cast_type = cast_type,
};
