/*
 * The mock source evaluates no SQL: it gives columns of tables. Nothing is proved, so nothing but names is sent.
 */
#include "connectors/dialect.h"

static const char *exact_text(const char *collation, const struct source_facts *facts)
{
	(void)collation;
	(void)facts;
	return NULL;
}

static const char *cast_type(struct type t, char *buffer, size_t size)
{
	(void)t;
	(void)buffer;
	(void)size;
	return NULL;
}

static void no_column(const char *remote_type, struct type t, bool view, struct mem *m, struct column_form *out)
{
	(void)remote_type;
	(void)t;
	(void)view;
	(void)m;
	memset(out, 0, sizeof *out); /* comparable with nothing */
}

const struct dialect dialect_mock = {
	.name = "mock",
	.quote_open = '"',
	.quote_close = '"',
	.schema_in_names = true,
	.limit = LIMIT_NONE,
	.national_prefix = "",
	.cast_to_text = "$1",
	.exact_text = exact_text,
	.column = no_column,
	.cast_type = cast_type,
};
