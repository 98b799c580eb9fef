/* The national list of databases as tables: agencies, databases with status and source, their tables and columns, and the
 * administrative units, all with validity dates. Public reference data: everyone sees it. */
#include "catalog/vietnam/vietnam.h"
#include "engine/authorize/virtual_rows.h"

static const struct virtual_column agencies_columns[] = {
	{"code", T(TEXT)}, {"name_vi", T(TEXT)}, {"name_en", T(TEXT)}, {"kind", T(TEXT)}, {"successor_code", T(TEXT)},
	{"valid_from", T(DATE)}, {"valid_until", T(DATE)},
};

static bool fill_agencies(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	const struct vietnam_agency *a;
	size_t n = vietnam_agencies(&a);

	for (size_t i = 0; i < n; i++) {
		struct row_builder r;

		row_start(&r, &virtual_table_hopluu_agencies, c->mem);
		row_text(&r, a[i].code);
		row_text(&r, a[i].name_vi);
		row_text(&r, a[i].name_en);
		row_text_or_null(&r, a[i].kind);
		row_text_or_null(&r, a[i].successor_code);
		row_date(&r, a[i].valid_from);
		row_date(&r, a[i].valid_until);
		if (!row_send(&r, sink, e))
			return false;
	}
	return true;
}

const struct virtual_table virtual_table_hopluu_agencies = {
	.schema = "hopluu", .name = "agencies", .comment = "agencies that answer for databases",
	.ncols = ARRAY_LEN(agencies_columns), .cols = agencies_columns, .fill = fill_agencies,
};

static const struct virtual_column databases_columns[] = {
	{"code", T(TEXT)}, {"name_vi", T(TEXT)}, {"name_en", T(TEXT)}, {"agency_code", T(TEXT)}, {"level", T(TEXT)},
	{"status", T(TEXT)}, {"source", T(TEXT)}, {"key_entities", T(TEXT)}, {"valid_from", T(DATE)}, {"valid_until", T(DATE)},
};

static bool fill_databases(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	const struct vietnam_database *d;
	size_t n = vietnam_databases(&d);

	for (size_t i = 0; i < n; i++) {
		struct row_builder r;

		row_start(&r, &virtual_table_hopluu_databases, c->mem);
		row_text(&r, d[i].code);
		row_text(&r, d[i].name_vi);
		row_text(&r, d[i].name_en);
		row_text(&r, d[i].agency_code);
		row_text(&r, d[i].level);
		row_text(&r, d[i].status);
		row_text(&r, d[i].source);
		row_text(&r, d[i].key_entities);
		row_date(&r, d[i].valid_from);
		row_date(&r, d[i].valid_until);
		if (!row_send(&r, sink, e))
			return false;
	}
	return true;
}

const struct virtual_table virtual_table_hopluu_databases = {
	.schema = "hopluu", .name = "databases", .comment = "the national and specialised databases",
	.ncols = ARRAY_LEN(databases_columns), .cols = databases_columns, .fill = fill_databases,
};

static const struct virtual_column dbtables_columns[] = {
	{"database_code", T(TEXT)}, {"name", T(TEXT)}, {"title_vi", T(TEXT)}, {"title_en", T(TEXT)}, {"kind", T(TEXT)},
	{"valid_from", T(DATE)}, {"valid_until", T(DATE)},
};

static bool fill_dbtables(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	const struct vietnam_table *t;
	size_t n = vietnam_tables(&t);

	for (size_t i = 0; i < n; i++) {
		struct row_builder r;

		row_start(&r, &virtual_table_hopluu_database_tables, c->mem);
		row_text(&r, t[i].database_code);
		row_text(&r, t[i].name);
		row_text(&r, t[i].title_vi);
		row_text(&r, t[i].title_en);
		row_text_or_null(&r, t[i].kind);
		row_date(&r, t[i].valid_from);
		row_date(&r, t[i].valid_until);
		if (!row_send(&r, sink, e))
			return false;
	}
	return true;
}

const struct virtual_table virtual_table_hopluu_database_tables = {
	.schema = "hopluu", .name = "database_tables", .comment = "tables of the described databases",
	.ncols = ARRAY_LEN(dbtables_columns), .cols = dbtables_columns, .fill = fill_dbtables,
};

static const struct virtual_column dbcolumns_columns[] = {
	{"database_code", T(TEXT)}, {"table_name", T(TEXT)}, {"name", T(TEXT)}, {"type", T(TEXT)}, {"is_nullable", T(BOOL)},
	{"key", T(TEXT)}, {"refers_to", T(TEXT)}, {"sensitivity", T(TEXT)}, {"domain", T(TEXT)}, {"comment_vi", T(TEXT)},
	{"comment_en", T(TEXT)},
};

static bool fill_dbcolumns(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	const struct vietnam_column *k;
	size_t n = vietnam_columns(&k);

	for (size_t i = 0; i < n; i++) {
		struct row_builder r;

		row_start(&r, &virtual_table_hopluu_database_columns, c->mem);
		row_text(&r, k[i].database_code);
		row_text(&r, k[i].table_name);
		row_text(&r, k[i].name);
		row_text(&r, k[i].type);
		row_bool(&r, k[i].nullable[0] == 'y');
		row_text_or_null(&r, k[i].key);
		row_text_or_null(&r, k[i].references);
		row_text_or_null(&r, k[i].sensitivity);
		row_text_or_null(&r, k[i].domain);
		row_text_or_null(&r, k[i].comment_vi);
		row_text_or_null(&r, k[i].comment_en);
		if (!row_send(&r, sink, e))
			return false;
	}
	return true;
}

const struct virtual_table virtual_table_hopluu_database_columns = {
	.schema = "hopluu", .name = "database_columns", .comment = "fields of the described databases",
	.ncols = ARRAY_LEN(dbcolumns_columns), .cols = dbcolumns_columns, .fill = fill_dbcolumns,
};

static const struct virtual_column units_columns[] = {
	{"code", T(TEXT)}, {"name", T(TEXT)}, {"kind", T(TEXT)}, {"parent_code", T(TEXT)}, {"valid_from", T(DATE)},
	{"valid_until", T(DATE)},
};

static bool fill_units(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	const struct vietnam_unit *u;
	size_t n = vietnam_units(&u);

	for (size_t i = 0; i < n; i++) {
		struct row_builder r;

		row_start(&r, &virtual_table_hopluu_units, c->mem);
		row_text(&r, u[i].code);
		row_text(&r, u[i].name);
		row_text(&r, u[i].kind);
		row_text_or_null(&r, u[i].parent_code);
		row_date(&r, u[i].valid_from);
		row_date(&r, u[i].valid_until);
		if (!row_send(&r, sink, e))
			return false;
	}
	return true;
}

const struct virtual_table virtual_table_hopluu_units = {
	.schema = "hopluu", .name = "units", .comment = "provinces and communes",
	.ncols = ARRAY_LEN(units_columns), .cols = units_columns, .fill = fill_units,
};
