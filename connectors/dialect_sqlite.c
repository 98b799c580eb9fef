/*
 * SQLite. A column's declared type promises nothing: a date is a text or a number, a DECIMAL is a REAL, an INTEGER
 * column may hold a text. So only comparisons of integers and of texts are sent; dates, decimals and every aggregate
 * that reads a value stay here. LIKE there ignores ASCII case and has no escape character unless told.
 */
#include "connectors/dialect.h"

static const char *exact_text(const char *collation, const struct source_facts *facts)
{
	(void)facts;
	return *collation == '\0' || cstr_eq_nocase(collation, "BINARY") ? NULL : "($1 COLLATE BINARY)";
}

static const char *cast_type(struct type t, char *buffer, size_t size)
{
	(void)t;
	(void)buffer;
	(void)size;
	return NULL;
}

#define OP(name, args, spelling) {name, FUNC_OPERATOR, args, spelling, SHIP_EXACT, NULL, 0}
static const struct dialect_rule rules[] = {
	OP("=", "ii", "($1 = $2)"), OP("<>", "ii", "($1 <> $2)"), OP("<", "ii", "($1 < $2)"), OP("<=", "ii", "($1 <= $2)"),
	OP(">", "ii", "($1 > $2)"), OP(">=", "ii", "($1 >= $2)"),
	OP("=", "tt", "($1 = $2)"), OP("<>", "tt", "($1 <> $2)"), OP("<", "tt", "($1 < $2)"), OP("<=", "tt", "($1 <= $2)"),
	OP(">", "tt", "($1 > $2)"), OP(">=", "tt", "($1 >= $2)"),
	{"~~", FUNC_OPERATOR, "tt", "($1 LIKE $2 ESCAPE '\\')", SHIP_SUPERSET, "LIKE there ignores the case of ASCII letters", 0},
	{"count", FUNC_AGGREGATE, "", "count(*)", SHIP_EXACT, NULL, 0},
};

const struct dialect dialect_sqlite = {
	.name = "sqlite",
	.quote_open = '"',
	.quote_close = '"',
	.schema_in_names = false,
	.limit = LIMIT_OFFSET,
	.nulls_syntax = true,
	.nulls_first_ascending = true,
	.joins = true,
	.aggregates = true,
	.param_style = "?",
	.national_prefix = "",
	.max_year = 9999,
	.cast_to_text = "$1",
	.full_double = "CASE WHEN $1 IS NOT NULL THEN printf('%!.17g', $1) END",
	.exact_text = exact_text,
	.text_equal_is_superset = true,
	.max_in_list = 1000,
	.rules = rules,
	.nrules = ARRAY_LEN(rules),
	.cast_type = cast_type,
};
