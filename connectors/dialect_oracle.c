/*
 * Oracle (from its documentation: no server of it is in the tests). '' is NULL there, so an empty text is never sent;
 * DATE has a time of day, so a date's equality is not; NUMBER is exact. IN takes 1,000 items. Rows are limited with
 * FETCH FIRST (12c and later).
 */
#include "connectors/dialect.h"

static const char *exact_text(const char *collation, const struct source_facts *facts)
{
	(void)collation;
	return facts->text_order_exact ? NULL : "";
}

static const char *cast_type(struct type t, char *buffer, size_t size)
{
	(void)t;
	(void)buffer;
	(void)size;
	return NULL;
}

static void column(const char *remote_type, struct type t, bool view, struct mem *m, struct column_form *out)
{
	(void)view;
	(void)m;
	(void)!column_by_name(remote_type, t, out);
}

#define OP(name, args, spelling) {name, FUNC_OPERATOR, args, spelling, SHIP_EXACT, NULL, 0}
#define AGG(name, args, spelling) {name, FUNC_AGGREGATE, args, spelling, SHIP_EXACT, NULL, 0}
static const struct dialect_rule rules[] = {
	OP("=", "NN", "($1 = $2)"), OP("<>", "NN", "($1 <> $2)"), OP("<", "NN", "($1 < $2)"), OP("<=", "NN", "($1 <= $2)"),
	OP(">", "NN", "($1 > $2)"), OP(">=", "NN", "($1 >= $2)"), OP("=", "tt", "($1 = $2)"), OP("<>", "tt", "($1 <> $2)"),
	OP("<", "tt", "($1 < $2)"), OP("<=", "tt", "($1 <= $2)"), OP(">", "tt", "($1 > $2)"), OP(">=", "tt", "($1 >= $2)"),
	OP("<", "ss", "($1 < $2)"), OP("<=", "ss", "($1 <= $2)"), OP(">", "ss", "($1 > $2)"), OP(">=", "ss", "($1 >= $2)"),
	AGG("count", "", "COUNT(*)"), AGG("count", "*", "COUNT($1)"), AGG("sum", "N", "SUM($1)"), AGG("min", "N", "MIN($1)"),
	AGG("max", "N", "MAX($1)"),
};

const struct dialect dialect_oracle = {
	.name = "oracle",
	.quote_open = '"',
	.quote_close = '"',
	.schema_in_names = true,
	.limit = LIMIT_FETCH,
	.nulls_syntax = true,
	.joins = true,
	.aggregates = true,
	.decimal_literals = true,
	.national_prefix = "N",
	.max_literal = 1000, /* 4,000 bytes of whatever encoding the server turns it into */
	.date_literal = "DATE '%s'",
	.timestamp_literal = "TIMESTAMP '%s'",
	.min_year = 1,
	.max_year = 9999,
	.cast_to_text = "TO_CHAR($1)",
	.exact_text = exact_text,
	.exact_collation = "",
	.column = column,
	.text_equal_is_superset = false,
	.max_in_list = 1000,
	.rules = rules,
	.nrules = ARRAY_LEN(rules),
	.cast_type = cast_type,
};
