/* One server per dialect with the same tables t, u, w and odd, in a schema of the dialect's name. */
#ifndef HOPLUU_TESTS_UNIT_DIALECT_CATALOG_H
#define HOPLUU_TESTS_UNIT_DIALECT_CATALOG_H

#include <string.h>

#include "catalog/snapshot.h"
#include "connectors/dialect.h"

static const char *const dialect_names[] = {"postgresql", "mariadb", "sqlite", "odbc", "mssql", "oracle"};
#define DIALECTS ARRAY_LEN(dialect_names)

#define TY(id) {TYPE_##id, 0, 0, 0, -1}
#define DEC(p, s) {TYPE_NUMERIC, 0, (p), (s), (((p) << 16) | (s)) + 4}
#define VC(n) {TYPE_VARCHAR, 0, 0, 0, (n) + 4}
#define CH(n) {TYPE_BPCHAR, 0, 0, 0, (n) + 4}
#define COL(n, remote, ty, rt) {.name = n, .remote_name = remote, .type = ty, .remote_type = rt, .collation = ""}
#define EXACT(n, ty, rt) {.name = n, .remote_name = n, .type = ty, .remote_type = rt, .collation = "C", \
	.text_equal_exact = true, .text_order_exact = true}

static const struct catalog_column t_columns[] = {
	COL("id", "id", TY(INT4), "integer"), COL("k", "k", TY(INT4), "integer"), COL("b", "b", TY(INT8), "bigint"),
	COL("n", "n", DEC(12, 2), "numeric(12,2)"), COL("x", "x", TY(TEXT), "text"), EXACT("xe", TY(TEXT), "text"),
	COL("v", "v", VC(20), "varchar(20)"), COL("d", "d", TY(DATE), "date"), COL("ts", "ts", TY(TIMESTAMP), "timestamp"),
	COL("f", "f", TY(FLOAT8), "double precision"), COL("ok", "ok", TY(BOOL), "boolean"), COL("c", "c", CH(4), "char(4)"),
};
/* The other types. */
static const struct catalog_column w_columns[] = {
	COL("id", "id", TY(INT4), "integer"), COL("s", "s", TY(INT2), "smallint"), COL("r", "r", TY(FLOAT4), "real"),
	COL("tm", "tm", TY(TIME), "time"), COL("tz", "tz", TY(TIMESTAMPTZ), "timestamptz"), COL("iv", "iv", TY(INTERVAL), "interval"),
	COL("uu", "uu", TY(UUID), "uuid"), COL("by", "by", TY(BYTEA), "bytea"), COL("js", "js", TY(JSONB), "jsonb"),
	COL("big", "big", DEC(38, 10), "numeric(38,10)"), COL("free", "free", TY(NUMERIC), "numeric"),
};
static const struct catalog_column u_columns[] = {
	COL("id", "id", TY(INT4), "integer"), COL("t_id", "t_id", TY(INT4), "integer"), EXACT("name", TY(TEXT), "text"),
};
static const struct catalog_column odd_columns[] = {
	COL("a", "a\"b]c`d;--'\\", TY(INT4), "integer"), COL("select", "select", TY(INT4), "integer"),
};

static struct catalog_server servers[DIALECTS];
static struct catalog_table tables[DIALECTS][4];
static const struct catalog_table *table_lists[DIALECTS][4];
static struct catalog_schema schemas[DIALECTS];
static const struct catalog_schema *schema_list[DIALECTS];
static const struct catalog_server *server_list[DIALECTS];
static struct option dialect_options[DIALECTS];
static struct catalog_snapshot snapshot = {.version = 1, .nservers = DIALECTS, .servers = server_list, .nschemas = DIALECTS,
										   .schemas = schema_list, .refs = 1};
static struct mem *catalog_mem;

static struct catalog_table make_table(size_t i, const char *name, const char *remote, const struct catalog_column *cols,
									   uint32_t ncols)
{
	return (struct catalog_table){.schema = dialect_names[i], .name = name, .kind = TABLE_FOREIGN, .server = &servers[i],
								  .remote_schema = "s", .remote_name = remote, .remote_kind = "table", .ncols = ncols,
								  .columns = cols, .rows = 1000};
}

static int set_up(void **state)
{
	(void)state;
	catalog_mem = mem_new(NULL, MEM_OTHER, "test", 0);
	for (size_t i = 0; i < DIALECTS; i++) {
		struct source_facts f = {.empty_is_null = strcmp(dialect_names[i], "oracle") == 0, .version_number = 990000};

		dialect_options[i] = (struct option){"dialect", dialect_names[i]};
		servers[i] = (struct catalog_server){.id = (uint32_t)i + 1, .name = dialect_names[i], .type = "odbc",
											 .options = {&dialect_options[i], 1}, .facts = facts_to_options(&f, catalog_mem)};
		tables[i][0] = make_table(i, "odd", "o]d\"d`", odd_columns, ARRAY_LEN(odd_columns));
		tables[i][1] = make_table(i, "t", "t", t_columns, ARRAY_LEN(t_columns));
		tables[i][2] = make_table(i, "u", "u", u_columns, ARRAY_LEN(u_columns));
		tables[i][3] = make_table(i, "w", "w", w_columns, ARRAY_LEN(w_columns));
		for (size_t k = 0; k < 4; k++)
			table_lists[i][k] = &tables[i][k];
		schemas[i] = (struct catalog_schema){.id = (uint32_t)i + 1, .name = dialect_names[i], .ntables = 4, .tables = table_lists[i]};
		server_list[i] = &servers[i];
	}
	/* sorted by name, as lookups expect */
	for (size_t i = 0; i < DIALECTS; i++) {
		size_t at = 0;

		for (size_t k = 0; k < DIALECTS; k++)
			at += strcmp(dialect_names[k], dialect_names[i]) < 0;
		schema_list[at] = &schemas[i];
		server_list[at] = &servers[i];
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	mem_free(catalog_mem);
	return 0;
}

#endif
