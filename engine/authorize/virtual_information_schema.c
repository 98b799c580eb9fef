/*
 * information_schema (SQL:2016 part 11, with PostgreSQL's columns and values): schemata, tables, columns, views. What the
 * user may not see isn't there.
 */
#include <string.h>

#include "engine/authorize/virtual_rows.h"

#define CATALOG_NAME "hopluu"

static const struct virtual_column schemata_columns[] = {
	{"catalog_name", T(NAME)}, {"schema_name", T(NAME)}, {"schema_owner", T(NAME)},
};

static bool schemata_row(const struct virtual_context *c, const char *name, const char *owner, struct virtual_sink *sink,
						 struct err *e)
{
	struct row_builder r;

	row_start(&r, &virtual_table_information_schemata, c->mem);
	row_text(&r, CATALOG_NAME);
	row_text(&r, name);
	row_text(&r, owner);
	return row_send(&r, sink, e);
}

static bool fill_schemata(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	for (size_t i = 0; i < c->snapshot->nschemas; i++)
		if (authorize_sees_schema(c->principal, c->snapshot->schemas[i]) &&
			!schemata_row(c, c->snapshot->schemas[i]->name, "hopluu", sink, e))
			return false;
	return schemata_row(c, "information_schema", "hopluu", sink, e) && schemata_row(c, "hopluu", "hopluu", sink, e);
}

const struct virtual_table virtual_table_information_schemata = {
	.schema = "information_schema", .name = "schemata", .comment = "schemas that you may see",
	.ncols = ARRAY_LEN(schemata_columns), .cols = schemata_columns, .fill = fill_schemata,
};

static const struct virtual_column tables_columns[] = {
	{"table_catalog", T(NAME)}, {"table_schema", T(NAME)}, {"table_name", T(NAME)}, {"table_type", T(VARCHAR)},
	{"is_insertable_into", T(VARCHAR)}, {"is_typed", T(VARCHAR)},
};

static bool tables_row(const struct virtual_context *c, const char *schema, const char *name, const char *type,
					   struct virtual_sink *sink, struct err *e)
{
	struct row_builder r;

	row_start(&r, &virtual_table_information_tables, c->mem);
	row_text(&r, CATALOG_NAME);
	row_text(&r, schema);
	row_text(&r, name);
	row_text(&r, type);
	row_text(&r, "NO");
	row_text(&r, "NO");
	return row_send(&r, sink, e);
}

/* Calls fn for each table or view that the principal sees, in order of schema and name. */
typedef bool table_fn(const struct virtual_context *c, const struct catalog_table *t, struct virtual_sink *sink, struct err *e);
static bool each_table(const struct virtual_context *c, table_fn *fn, struct virtual_sink *sink, struct err *e)
{
	for (size_t i = 0; i < c->snapshot->nschemas; i++) {
		const struct catalog_schema *s = c->snapshot->schemas[i];

		for (size_t k = 0; k < s->ntables; k++)
			if (authorize_sees_table(c->principal, s->tables[k]) && !fn(c, s->tables[k], sink, e))
				return false;
	}
	return true;
}

static bool one_table(const struct virtual_context *c, const struct catalog_table *t, struct virtual_sink *sink, struct err *e)
{
	return tables_row(c, t->schema, t->name, t->kind == TABLE_VIEW ? "VIEW" : t->kind == TABLE_TEMP ? "LOCAL TEMPORARY" : "FOREIGN", sink, e);
}

static bool fill_tables(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	if (!each_table(c, one_table, sink, e))
		return false;
	for (size_t i = 0; i < virtual_table_count(); i++)
		if (!tables_row(c, virtual_table_at(i)->schema, virtual_table_at(i)->name, "VIEW", sink, e))
			return false;
	return true;
}

const struct virtual_table virtual_table_information_tables = {
	.schema = "information_schema", .name = "tables", .comment = "tables and views that you may see",
	.ncols = ARRAY_LEN(tables_columns), .cols = tables_columns, .fill = fill_tables,
};

static const struct virtual_column columns_columns[] = {
	{"table_catalog", T(NAME)}, {"table_schema", T(NAME)}, {"table_name", T(NAME)}, {"column_name", T(NAME)},
	{"ordinal_position", T(INT4)}, {"column_default", T(VARCHAR)}, {"is_nullable", T(VARCHAR)}, {"data_type", T(VARCHAR)},
	{"character_maximum_length", T(INT4)}, {"numeric_precision", T(INT4)}, {"numeric_scale", T(INT4)},
	{"datetime_precision", T(INT4)}, {"udt_name", T(NAME)}, {"is_updatable", T(VARCHAR)},
};

/* data_type is the type without its modifiers; they have columns of their own. */
static void type_columns(struct row_builder *r, struct type t)
{
	bool text = (t.id == TYPE_VARCHAR || t.id == TYPE_BPCHAR) && t.mod >= 4;
	struct type bare = t;

	bare.mod = -1;
	row_text(r, t.array ? "ARRAY" : type_name(bare, r->mem));
	if (text)
		row_int(r, t.mod - 4);
	else
		row_text(r, NULL);
	if (t.id == TYPE_INT2 || t.id == TYPE_INT4 || t.id == TYPE_INT8)
		row_int(r, t.id == TYPE_INT2 ? 16 : t.id == TYPE_INT4 ? 32 : 64);
	else if (t.id == TYPE_FLOAT4 || t.id == TYPE_FLOAT8)
		row_int(r, t.id == TYPE_FLOAT4 ? 24 : 53);
	else if (t.id == TYPE_NUMERIC && t.mod >= 4)
		row_int(r, typmod_precision(t.mod));
	else
		row_text(r, NULL);
	if (t.id == TYPE_INT2 || t.id == TYPE_INT4 || t.id == TYPE_INT8)
		row_int(r, 0);
	else if (t.id == TYPE_NUMERIC && t.mod >= 4)
		row_int(r, typmod_scale(t.mod));
	else
		row_text(r, NULL);
	if (t.id == TYPE_DATE)
		row_int(r, 0);
	else if (type_infos[t.id].category == 'D' || t.id == TYPE_INTERVAL)
		row_int(r, t.mod >= 0 ? t.mod & 0xffff : 6);
	else
		row_text(r, NULL);
}

static bool columns_row(const struct virtual_context *c, const char *schema, const char *table, const char *name,
						uint32_t position, struct type type, bool not_null, struct virtual_sink *sink, struct err *e)
{
	struct row_builder r;

	row_start(&r, &virtual_table_information_columns, c->mem);
	row_text(&r, CATALOG_NAME);
	row_text(&r, schema);
	row_text(&r, table);
	row_text(&r, name);
	row_int(&r, position);
	row_text(&r, NULL);
	row_text(&r, not_null ? "NO" : "YES");
	type_columns(&r, type);
	row_text(&r, type_infos[type.id].name);
	row_text(&r, "NO");
	return row_send(&r, sink, e);
}

static bool table_columns(const struct virtual_context *c, const struct catalog_table *t, struct virtual_sink *sink, struct err *e)
{
	for (uint32_t i = 0; i < t->ncols; i++)
		if (authorize_sees_column(c->principal, t, i) &&
			!columns_row(c, t->schema, t->name, t->columns[i].name, t->columns[i].number, t->columns[i].type,
						 t->columns[i].not_null, sink, e))
			return false;
	return true;
}

static bool fill_columns(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	if (!each_table(c, table_columns, sink, e))
		return false;
	for (size_t i = 0; i < virtual_table_count(); i++) {
		const struct virtual_table *t = virtual_table_at(i);

		for (uint32_t k = 0; k < t->ncols; k++)
			if (!columns_row(c, t->schema, t->name, t->cols[k].name, k + 1, t->cols[k].type, false, sink, e))
				return false;
	}
	return true;
}

const struct virtual_table virtual_table_information_columns = {
	.schema = "information_schema", .name = "columns", .comment = "columns that you may see",
	.ncols = ARRAY_LEN(columns_columns), .cols = columns_columns, .fill = fill_columns,
};

static const struct virtual_column views_columns[] = {
	{"table_catalog", T(NAME)}, {"table_schema", T(NAME)}, {"table_name", T(NAME)}, {"view_definition", T(VARCHAR)},
	{"check_option", T(VARCHAR)}, {"is_updatable", T(VARCHAR)}, {"is_insertable_into", T(VARCHAR)},
};

static bool one_view(const struct virtual_context *c, const struct catalog_table *t, struct virtual_sink *sink, struct err *e)
{
	struct row_builder r;

	if (t->kind != TABLE_VIEW)
		return true;
	row_start(&r, &virtual_table_information_views, c->mem);
	row_text(&r, CATALOG_NAME);
	row_text(&r, t->schema);
	row_text(&r, t->name);
	row_text(&r, t->view_sql);
	row_text(&r, "NONE");
	row_text(&r, "NO");
	row_text(&r, "NO");
	return row_send(&r, sink, e);
}

static bool fill_views(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	return each_table(c, one_view, sink, e);
}

const struct virtual_table virtual_table_information_views = {
	.schema = "information_schema", .name = "views", .comment = "views that you may see",
	.ncols = ARRAY_LEN(views_columns), .cols = views_columns, .fill = fill_views,
};
