/*
 * Any DBMS behind ODBC of which nothing better is known: SQL-92 in its plainest form. Numbers compare exactly, texts
 * are equal at least where ours are; nothing else is proved.
 */
#include "connectors/dialect.h"
#include "engine/base/utf8.h"

static const char *exact_text(const char *collation, const struct source_facts *facts)
{
	(void)collation;
	(void)facts;
	return "";
}

static const char *cast_type(struct type t, char *buffer, size_t size)
{
	(void)t;
	(void)buffer;
	(void)size;
	return NULL;
}

/* An unknown source may not know the letters of a literal; ASCII it does. */
static bool bare_text(const char *collation, const char *other, struct str literal)
{
	(void)collation;
	return !other && utf8_is_ascii(literal.data, literal.len);
}

static void column(const char *remote_type, struct type t, bool view, struct mem *m, struct column_form *out)
{
	(void)view;
	(void)m;
	(void)!column_by_name(remote_type, t, out);
}

#define OP(name, args, spelling) {name, FUNC_OPERATOR, args, spelling, SHIP_EXACT, NULL, 0}
static const struct dialect_rule rules[] = {
	OP("=", "NN", "($1 = $2)"), OP("<>", "NN", "($1 <> $2)"), OP("<", "NN", "($1 < $2)"), OP("<=", "NN", "($1 <= $2)"),
	OP(">", "NN", "($1 > $2)"), OP(">=", "NN", "($1 >= $2)"), OP("=", "tt", "($1 = $2)"),
	OP("<>", "tt", "($1 <> $2)"), OP("<", "tt", "($1 < $2)"), OP("<=", "tt", "($1 <= $2)"), OP(">", "tt", "($1 > $2)"),
	OP(">=", "tt", "($1 >= $2)"),
	{"count", FUNC_AGGREGATE, "", "count(*)", SHIP_EXACT, NULL, 0},
};

const struct dialect dialect_odbc = {
	.name = "odbc",
	.quote_open = '"',
	.quote_close = '"',
	.schema_in_names = true,
	.limit = LIMIT_NONE,
	.nulls_first_ascending = true,
	.aggregates = true,
	.decimal_literals = true,
	.national_prefix = "",
	.max_literal = 4000,
	.date_literal = "{d '%s'}",
	.timestamp_literal = "{ts '%s'}",
	.min_year = 1800,
	.max_year = 9999,
	.cast_to_text = "$1",
	.exact_text = exact_text,
	.exact_collation = "",
	.column = column,
	.bare_text = bare_text,
	.text_equal_is_superset = true,
	.max_in_list = 200,
	.rules = rules,
	.nrules = ARRAY_LEN(rules),
	.cast_type = cast_type,
};
