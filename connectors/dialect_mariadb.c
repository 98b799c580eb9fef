/*
 * MariaDB and MySQL. Texts compare by collation, mostly without case, accents and trailing spaces: an equality is
 * sent twice, bare (so that an index serves it) and under a binary NO PAD collation (so that it is ours). Integers
 * compute in 64 bits there and would not overflow where ours do, `/` gives decimals, division by zero NULL: none
 * of it is sent. Decimals add, subtract and multiply as ours while the result keeps within 38 digits. Literals of
 * floats don't round-trip: comparisons go as ranges a little wider. Zero dates: see column().
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "connectors/dialect.h"
#include "engine/base/utf8.h"
#include "engine/plan/rel.h"

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

/* Text outside the column's character set is an error when it meets the column. */
static bool bare_text(const char *collation, const char *other, struct str literal)
{
	bool utf8mb4 = strncmp(collation, "utf8mb4", 7) == 0 || strncmp(collation, "uca1400", 7) == 0;
	bool utf8mb3 = strncmp(collation, "utf8mb3", 7) == 0 || strncmp(collation, "utf8_", 5) == 0;

	if (other)
		return *collation != '\0' && strcmp(collation, other) == 0;
	if (utf8mb3)
		for (size_t i = 0; i < literal.len; i++)
			if ((unsigned char)literal.data[i] >= 0xf0)
				return false;
	return utf8mb4 || utf8mb3 || utf8_is_ascii(literal.data, literal.len);
}

/* Dates may be zero or have zero parts; adding nothing gives NULL for just those that we can't read. A boolean may be
 * any TINYINT. Two digits compared with a YEAR become four, so that YEAR is not compared. */
static void column(const char *remote_type, struct type t, bool view, struct mem *m, struct column_form *out)
{
	bool timestamp = strncasecmp(remote_type, "timestamp", 9) == 0;

	(void)view;
	(void)m;
	(void)!column_by_name(remote_type, t, out);
	if (t.id == TYPE_BOOL)
		out->comparable = strcasecmp(remote_type, "tinyint(1)") == 0 || strcasecmp(remote_type, "bit(1)") == 0;
	if (t.id == TYPE_TIMESTAMPTZ || t.id == TYPE_TIMESTAMP) /* their names are the other way round */
		out->comparable = (t.id == TYPE_TIMESTAMPTZ) == timestamp &&
						  (timestamp || strncasecmp(remote_type, "datetime", 8) == 0);
	if (t.id == TYPE_FLOAT4 && strncasecmp(remote_type, "float", 5) == 0)
		out->comparable = true;
	if (t.id == TYPE_BOOL)
		out->clean = "(CASE WHEN $1 IN (0, 1) THEN $1 END)";
	else if (t.id == TYPE_DATE || t.id == TYPE_TIMESTAMP || t.id == TYPE_TIMESTAMPTZ)
		out->clean = "($1 + INTERVAL 0 DAY)";
	else if (t.id == TYPE_TIME) /* a duration of up to 838 hours there */
		out->clean = "(CASE WHEN $1 BETWEEN TIME'00:00:00' AND TIME'24:00:00' THEN $1 END)";
}

static const char *bad_marker(struct type t)
{
	return t.id == TYPE_DATE ? "DATE('0000-00-00')" : t.id == TYPE_TIMESTAMP || t.id == TYPE_TIMESTAMPTZ
															? "CAST('0000-00-00' AS DATETIME(6))" : NULL;
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
	OP("=", "zz", "($1 = $2)"), OP("<>", "zz", "($1 <> $2)"), OP("<", "zz", "($1 < $2)"), OP("<=", "zz", "($1 <= $2)"),
	OP(">", "zz", "($1 > $2)"), OP(">=", "zz", "($1 >= $2)"),
	OP("=", "mm", "($1 = $2)"), OP("<>", "mm", "($1 <> $2)"), OP("<", "mm", "($1 < $2)"), OP("<=", "mm", "($1 <= $2)"),
	OP(">", "mm", "($1 > $2)"), OP(">=", "mm", "($1 >= $2)"),
	OP("=", "bb", "($1 = $2)"), OP("<>", "bb", "($1 <> $2)"), OP("<", "bb", "($1 < $2)"), OP("<=", "bb", "($1 <= $2)"),
	OP(">", "bb", "($1 > $2)"), OP(">=", "bb", "($1 >= $2)"),
	OP("=", "tt", "($1 = $2)"), OP("<>", "tt", "($1 <> $2)"), OP("<", "tt", "($1 < $2)"), OP("<=", "tt", "($1 <= $2)"),
	OP(">", "tt", "($1 > $2)"), OP(">=", "tt", "($1 >= $2)"),
	OP("+", "nn", "($1 + $2)"), OP("-", "nn", "($1 - $2)"), OP("*", "nn", "($1 * $2)"),
	OP("-", "n", "(- $1)"), OP("~~", "tt", "($1 LIKE $2)"), OP("!~~", "tt", "($1 NOT LIKE $2)"),
	{"~~*", FUNC_OPERATOR, "tt", "($1 LIKE $2)", SHIP_SUPERSET, "LIKE there follows the collation", 0},
	AGG("count", "", "count(*)"), AGG("count", "*", "count($1)"), AGG("sum", "N", "sum($1)"), AGG("min", "N", "min($1)"),
	AGG("max", "N", "max($1)"), AGG("min", "d", "min($1)"), AGG("max", "d", "max($1)"), AGG("min", "s", "min($1)"),
	AGG("max", "s", "max($1)"), AGG("min", "z", "min($1)"), AGG("max", "z", "max($1)"), AGG("min", "m", "min($1)"), AGG("max", "m", "max($1)"),
	AGG("min", "t", "min($1)"), AGG("max", "t", "max($1)"),
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
	.boolean_values = true,
	.approximate = true,
	.null_safe_dates = true,
	.wide_integers = true,
	.max_digits = 65,
	.max_scale = 30,
	.integer_as_decimal = "CAST($1 AS DECIMAL(20,0))",
	.distinct_form = "(NOT ($1 <=> $2))",
	.setops = 1u << SETOP_UNION | 1u << SETOP_UNION_ALL,
	.timestamptz_as_timestamp = true,
	.column = column,
	.bare_text = bare_text,
	.bad_marker = bad_marker,
	.strict_group_by = true,
	.param_style = "?",
	.national_prefix = "",
	.date_literal = "DATE'%s'",
	.time_literal = "TIME'%s'",
	.timestamp_literal = "TIMESTAMP'%s'",
	.min_year = 1000,
	.max_year = 9999,
	.cast_to_text = "CAST($1 AS CHAR)",
	.exact_text = exact_text,
	.exact_collation = "utf8mb4_nopad_bin",
	.text_equal_is_superset = true,
	.max_in_list = 10000,
	.rules = rules,
	.nrules = ARRAY_LEN(rules),
	.cast_type = cast_type,
};
