/*
 * Microsoft SQL Server (from its documentation: no server of it is in the tests). Texts ignore trailing spaces always and
 * case mostly; a binary Unicode collation orders by UTF-16 units, not code points, and still pads: equality goes as
 * a superset, order stays. SUM(int) overflows there and COUNT is int: SUM goes over a widened argument, COUNT as
 * COUNT_BIG. BIT is no predicate. OFFSET needs ORDER BY, so LIMIT goes as TOP.
 */
#include <stdio.h>

#include "connectors/dialect.h"

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
	OP(">", "NN", "($1 > $2)"), OP(">=", "NN", "($1 >= $2)"), OP("=", "dd", "($1 = $2)"), OP("<>", "dd", "($1 <> $2)"),
	OP("<", "dd", "($1 < $2)"), OP("<=", "dd", "($1 <= $2)"), OP(">", "dd", "($1 > $2)"), OP(">=", "dd", "($1 >= $2)"),
	OP("=", "tt", "($1 = $2)"), OP("<>", "tt", "($1 <> $2)"), OP("<", "tt", "($1 < $2)"), OP("<=", "tt", "($1 <= $2)"),
	OP(">", "tt", "($1 > $2)"), OP(">=", "tt", "($1 >= $2)"),
	AGG("count", "", "COUNT_BIG(*)"), AGG("count", "*", "COUNT_BIG($1)"), AGG("sum", "i", "SUM(CAST($1 AS decimal(38,0)))"),
	AGG("min", "N", "MIN($1)"), AGG("max", "N", "MAX($1)"),
};

const struct dialect dialect_mssql = {
	.name = "mssql",
	.quote_open = '[',
	.quote_close = ']',
	.schema_in_names = true,
	.limit = LIMIT_TOP,
	.nulls_first_ascending = true,
	.joins = true,
	.aggregates = true,
	.decimal_literals = true,
	.national_prefix = "N",
	.date_literal = "CAST('%s' AS date)",
	.timestamp_literal = "CAST('%s' AS datetime2(6))",
	.min_year = 1,
	.max_year = 9999,
	.cast_to_text = "CAST($1 AS nvarchar(max))",
	.exact_text = exact_text,
	.exact_collation = "",
	.column = column,
	.text_equal_is_superset = true,
	.max_in_list = 2000,
	.rules = rules,
	.nrules = ARRAY_LEN(rules),
	.cast_type = cast_type,
};
