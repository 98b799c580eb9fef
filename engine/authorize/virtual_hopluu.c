/* The schema hopluu: what the catalog knows beyond the standard's views: schemas and tables with their sources and sizes,
 * servers with what the probe measured, functions, settings, statistics. */
#include <string.h>

#include "engine/authorize/virtual_rows.h"
#include "engine/base/settings.h"
#include "engine/function/func.h"

static const struct virtual_column schemas_columns[] = {
	{"schema_name", T(TEXT)}, {"server", T(TEXT)}, {"tables", T(INT8)}, {"comment", T(TEXT)},
};

/* A schema's tables mostly come from one server. */
static const char *schema_server(const struct catalog_schema *s)
{
	if (*s->server)
		return s->server;
	return s->ntables && s->tables[0]->server ? s->tables[0]->server->name : NULL;
}

static bool fill_schemas(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	for (size_t i = 0; i < c->snapshot->nschemas; i++) {
		const struct catalog_schema *s = c->snapshot->schemas[i];
		struct row_builder r;
		int64_t n = 0;

		if (!authorize_sees_schema(c->principal, s))
			continue;
		for (size_t k = 0; k < s->ntables; k++)
			n += authorize_sees_table(c->principal, s->tables[k]);
		row_start(&r, &virtual_table_hopluu_schemas, c->mem);
		row_text(&r, s->name);
		row_text_or_null(&r, authorize_sees_server(c->principal, catalog_find_server(c->snapshot, schema_server(s) ? schema_server(s) : "")) ? schema_server(s) : NULL);
		row_int(&r, n);
		row_text(&r, s->comment);
		if (!row_send(&r, sink, e))
			return false;
	}
	return true;
}

const struct virtual_table virtual_table_hopluu_schemas = {
	.schema = "hopluu", .name = "schemas", .comment = "schemas with their servers",
	.ncols = ARRAY_LEN(schemas_columns), .cols = schemas_columns, .fill = fill_schemas,
};

static const struct virtual_column tables_columns[] = {
	{"table_schema", T(TEXT)}, {"table_name", T(TEXT)}, {"kind", T(TEXT)}, {"server", T(TEXT)}, {"remote_schema", T(TEXT)},
	{"remote_name", T(TEXT)}, {"columns", T(INT4)}, {"rows", T(INT8)}, {"comment", T(TEXT)},
};

static int64_t visible_columns(const struct principal *who, const struct catalog_table *t)
{
	int64_t n = 0;

	for (uint32_t i = 0; i < t->ncols; i++)
		n += authorize_sees_column(who, t, i);
	return n;
}

static bool fill_tables(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	/* where a table is kept is for those who see its server */
	static const struct catalog_table nowhere = {.remote_schema = "", .remote_name = ""};
	const struct catalog_table *source;

	for (size_t i = 0; i < c->snapshot->nschemas; i++)
		for (size_t k = 0; k < c->snapshot->schemas[i]->ntables; k++) {
			const struct catalog_table *t = c->snapshot->schemas[i]->tables[k];
			struct row_builder r;

			if (!authorize_sees_table(c->principal, t))
				continue;
			row_start(&r, &virtual_table_hopluu_tables, c->mem);
			row_text(&r, t->schema);
			row_text(&r, t->name);
			row_text(&r, t->kind == TABLE_VIEW ? "view" : t->kind == TABLE_TEMP ? "temporary table" : "foreign table");
			source = authorize_sees_server(c->principal, t->server) ? t : &nowhere;
			row_text(&r, source->server ? source->server->name : NULL);
			row_text_or_null(&r, source->remote_schema);
			row_text_or_null(&r, source->remote_name);
			row_int(&r, visible_columns(c->principal, t));
			row_count(&r, authorize_sees_counts(c->principal, t) ? t->rows : -1);
			row_text(&r, t->comment);
			if (!row_send(&r, sink, e))
				return false;
		}
	return true;
}

const struct virtual_table virtual_table_hopluu_tables = {
	.schema = "hopluu", .name = "tables", .comment = "tables and views with their sources and sizes",
	.ncols = ARRAY_LEN(tables_columns), .cols = tables_columns, .fill = fill_tables,
};

static const struct virtual_column servers_columns[] = {
	{"server", T(TEXT)}, {"type", T(TEXT)}, {"agency", T(TEXT)}, {"comment", T(TEXT)},
};

static bool fill_servers(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	for (size_t i = 0; i < c->snapshot->nservers; i++) {
		const struct catalog_server *s = c->snapshot->servers[i];
		struct row_builder r;

		if (!authorize_sees_server(c->principal, s))
			continue;
		row_start(&r, &virtual_table_hopluu_servers, c->mem);
		row_text(&r, s->name);
		row_text(&r, s->type);
		row_text_or_null(&r, s->agency);
		row_text(&r, s->comment);
		if (!row_send(&r, sink, e))
			return false;
	}
	return true;
}

const struct virtual_table virtual_table_hopluu_servers = {
	.schema = "hopluu", .name = "servers", .comment = "sources",
	.ncols = ARRAY_LEN(servers_columns), .cols = servers_columns, .fill = fill_servers,
};

static const struct virtual_column facts_columns[] = {{"server", T(TEXT)}, {"fact", T(TEXT)}, {"value", T(TEXT)}};

static bool fill_facts(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	for (size_t i = 0; i < c->snapshot->nservers; i++) {
		const struct catalog_server *s = c->snapshot->servers[i];

		for (size_t k = 0; k < s->facts.count && authorize_sees_server(c->principal, s); k++) {
			struct row_builder r;

			row_start(&r, &virtual_table_hopluu_server_facts, c->mem);
			row_text(&r, s->name);
			row_text(&r, s->facts.list[k].name);
			row_text(&r, s->facts.list[k].value);
			if (!row_send(&r, sink, e))
				return false;
		}
	}
	return true;
}

const struct virtual_table virtual_table_hopluu_server_facts = {
	.schema = "hopluu", .name = "server_facts", .comment = "what the probe measured at each source",
	.ncols = ARRAY_LEN(facts_columns), .cols = facts_columns, .fill = fill_facts,
};

static const struct virtual_column functions_columns[] = {
	{"name", T(TEXT)}, {"arguments", T(TEXT)}, {"result", T(TEXT)}, {"kind", T(TEXT)}, {"volatility", T(TEXT)}, {"help", T(TEXT)},
};

static const char *arguments_of(const struct func *f, struct mem *m)
{
	struct strbuf b;
	const char *text;

	strbuf_init(&b, 1000);
	for (uint8_t i = 0; i < f->nargs; i++)
		strbuf_addf(&b, "%s%s", i ? ", " : "", type_name(f->args[i], m));
	if (f->flags & FUNC_VARIADIC)
		strbuf_adds(&b, ", …");
	text = mem_strndup(m, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return text;
}

static bool fill_functions(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	static const char *const kinds[] = {"function", "operator", "cast", "aggregate", "window", "table function"};
	static const char *const volatilities[] = {"immutable", "stable", "volatile"};

	for (size_t i = 0; i < func_count(); i++) {
		const struct func *f = func_at(i);
		struct row_builder r;

		if (f->kind == FUNC_CAST || f->name[0] == '$')
			continue;
		row_start(&r, &virtual_table_hopluu_functions, c->mem);
		row_text(&r, f->name);
		row_text(&r, arguments_of(f, c->mem));
		row_text(&r, type_name(f->result, c->mem));
		row_text(&r, kinds[f->kind]);
		row_text(&r, volatilities[f->volatility]);
		row_text(&r, f->help);
		if (!row_send(&r, sink, e))
			return false;
	}
	return true;
}

const struct virtual_table virtual_table_hopluu_functions = {
	.schema = "hopluu", .name = "functions", .comment = "functions, operators and aggregates",
	.ncols = ARRAY_LEN(functions_columns), .cols = functions_columns, .fill = fill_functions,
};

static const struct virtual_column settings_columns[] = {{"name", T(TEXT)}, {"default_value", T(TEXT)}, {"unit", T(TEXT)}, {"help", T(TEXT)}};

static bool fill_settings(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	for (int i = 0; i < SETTING_COUNT; i++) {
		struct row_builder r;

		row_start(&r, &virtual_table_hopluu_settings, c->mem);
		row_text(&r, setting_infos[i].name);
		row_text(&r, setting_infos[i].value);
		row_text_or_null(&r, setting_infos[i].unit);
		row_text(&r, setting_infos[i].help);
		if (!row_send(&r, sink, e))
			return false;
	}
	return true;
}

const struct virtual_table virtual_table_hopluu_settings = {
	.schema = "hopluu", .name = "settings", .comment = "settings, their defaults and meaning",
	.ncols = ARRAY_LEN(settings_columns), .cols = settings_columns, .fill = fill_settings,
};

static const struct virtual_column statistics_columns[] = {
	{"table_schema", T(TEXT)}, {"table_name", T(TEXT)}, {"column_name", T(TEXT)}, {"null_fraction", T(FLOAT8)},
	{"distinct_values", T(FLOAT8)}, {"width", T(FLOAT8)}, {"minimum", T(TEXT)}, {"maximum", T(TEXT)},
};

static bool table_statistics(const struct virtual_context *c, const struct catalog_table *t, struct virtual_sink *sink, struct err *e)
{
	for (uint32_t i = 0; i < t->ncols; i++) {
		const struct catalog_column *col = &t->columns[i];
		struct row_builder r;

		if (!col->has_statistics || !authorize_sees_values(c->principal, t))
			continue;
		row_start(&r, &virtual_table_hopluu_column_statistics, c->mem);
		row_text(&r, t->schema);
		row_text(&r, t->name);
		row_text(&r, col->name);
		row_float(&r, col->null_fraction, true);
		row_float(&r, col->distinct, col->distinct >= 0);
		row_float(&r, col->width, true);
		row_text(&r, col->min);
		row_text(&r, col->max);
		if (!row_send(&r, sink, e))
			return false;
	}
	return true;
}

static bool fill_statistics(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	for (size_t i = 0; i < c->snapshot->nschemas; i++)
		for (size_t k = 0; k < c->snapshot->schemas[i]->ntables; k++)
			if (authorize_sees_table(c->principal, c->snapshot->schemas[i]->tables[k]) &&
				!table_statistics(c, c->snapshot->schemas[i]->tables[k], sink, e))
				return false;
	return true;
}

const struct virtual_table virtual_table_hopluu_column_statistics = {
	.schema = "hopluu", .name = "column_statistics", .comment = "statistics by ANALYZE",
	.ncols = ARRAY_LEN(statistics_columns), .cols = statistics_columns, .fill = fill_statistics,
};
