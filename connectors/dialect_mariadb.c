/*
 * MariaDB and MySQL. Texts compare by collation, mostly without case, accents and trailing spaces: an equality is
 * sent twice, bare (so that an index serves it) and under a binary NO PAD collation (so that it is ours). Integers
 * compute in 64 bits there and would not overflow where ours do, `/` gives decimals, division by zero NULL: none
 * of it is sent. Decimals up to 65 digits add, subtract and multiply as ours. Floats are compared in text forms
 * that don't round-trip: not sent.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/dialect.h"

static const char *exact_text(const char *collation, const struct source_facts *facts)
{
	bool mysql = strncmp(facts->product, "MySQL", 5) == 0;
	bool utf8mb4 = strncmp(collation, "utf8mb4", 7) == 0 || strncmp(collation, "uca1400", 7) == 0;

	if (strcmp(collation, "utf8mb4_nopad_bin") == 0 || strcmp(collation, "utf8mb4_0900_bin") == 0)
		return NULL;
	if (mysql)
		return utf8mb4 ? "($1 COLLATE utf8mb4_0900_bin)" : "(CONVERT($1 USING utf8mb4) COLLATE utf8mb4_0900_bin)";
	return utf8mb4 ? "($1 COLLATE utf8mb4_nopad_bin)" : "(CONVERT($1 USING utf8mb4) COLLATE utf8mb4_nopad_bin)";
}

static const char *cast_type(struct type t, char *buffer, size_t size)
{
	(void)t;
	(void)buffer;
	(void)size;
	return NULL; /* casts there clip and warn where ours fail */
}

#define OP(name, args, spelling) {name, FUNC_OPERATOR, args, spelling, SHIP_EXACT, NULL, 0}
#define AGG(name, args, spelling) {name, FUNC_AGGREGATE, args, spelling, SHIP_EXACT, NULL, 0}
static const struct dialect_rule rules[] = {
	OP("=", "NN", "($1 = $2)"), OP("<>", "NN", "($1 <> $2)"), OP("<", "NN", "($1 < $2)"), OP("<=", "NN", "($1 <= $2)"),
	OP(">", "NN", "($1 > $2)"), OP(">=", "NN", "($1 >= $2)"),
	OP("=", "dd", "($1 = $2)"), OP("<>", "dd", "($1 <> $2)"), OP("<", "dd", "($1 < $2)"), OP("<=", "dd", "($1 <= $2)"),
	OP(">", "dd", "($1 > $2)"), OP(">=", "dd", "($1 >= $2)"),
	OP("=", "ss", "($1 = $2)"), OP("<>", "ss", "($1 <> $2)"), OP("<", "ss", "($1 < $2)"), OP("<=", "ss", "($1 <= $2)"),
	OP(">", "ss", "($1 > $2)"), OP(">=", "ss", "($1 >= $2)"),
	OP("=", "tt", "($1 = $2)"), OP("<>", "tt", "($1 <> $2)"), OP("<", "tt", "($1 < $2)"), OP("<=", "tt", "($1 <= $2)"),
	OP(">", "tt", "($1 > $2)"), OP(">=", "tt", "($1 >= $2)"),
	OP("+", "nn", "($1 + $2)"), OP("-", "nn", "($1 - $2)"), OP("*", "nn", "($1 * $2)"),
	{"~~", FUNC_OPERATOR, "tt", "($1 LIKE $2)", SHIP_SUPERSET, "LIKE there follows the collation", 0},
	AGG("count", "", "count(*)"), AGG("count", "*", "count($1)"), AGG("sum", "N", "sum($1)"), AGG("min", "N", "min($1)"),
	AGG("max", "N", "max($1)"), AGG("min", "t", "min($1)"), AGG("max", "t", "max($1)"),
};

const struct dialect dialect_mariadb = {
	.name = "mariadb",
	.quote_open = '`',
	.quote_close = '`',
	.schema_in_names = true,
	.limit = LIMIT_OFFSET,
	.nulls_first_ascending = true,
	.backslash_in_literals = true,
	.joins = true,
	.aggregates = true,
	.decimal_literals = true,
	.char_as_ours = true,
	.strict_group_by = true,
	.param_style = "?",
	.national_prefix = "",
	.date_literal = "DATE'%s'",
	.timestamp_literal = "TIMESTAMP'%s'",
	.min_year = 1000,
	.max_year = 9999,
	.cast_to_text = "CAST($1 AS CHAR)",
	.exact_text = exact_text,
	.text_equal_is_superset = true,
	.max_in_list = 10000,
	.rules = rules,
	.nrules = ARRAY_LEN(rules),
	.cast_type = cast_type,
};
