/* A catalog snapshot by hand for tests of binder and optimizer: TPC-H's tables on three servers, with row
 * counts and keys, a view, and a table with odd types. Included by the tests that need it. */
#ifndef HOPLUU_TESTS_TPCH_CATALOG_H
#define HOPLUU_TESTS_TPCH_CATALOG_H

#include "catalog/snapshot.h"

#define DEC(p, s) {TYPE_NUMERIC, 0, (p), (s), (((p) << 16) | (s)) + 4}
#define TY(id) {TYPE_##id, 0, 0, 0, -1}
#define VC(n) {TYPE_VARCHAR, 0, 0, 0, (n) + 4}
#define CH(n) {TYPE_BPCHAR, 0, 0, 0, (n) + 4}
#define COL(n, ty, nn, dist) {.name = #n, .remote_name = #n, .type = ty, .not_null = nn, .has_statistics = (dist) != 0, .distinct = (dist), .width = 8, .text_equal_exact = true, .text_order_exact = true}

static const struct catalog_server server_pg = {.id = 1, .name = "pg", .type = "postgresql"};
static const struct catalog_server server_my = {.id = 2, .name = "my", .type = "mariadb"};
static const struct catalog_server server_lite = {.id = 3, .name = "lite", .type = "sqlite"};

static const struct catalog_column region_cols[] = {COL(r_regionkey, TY(INT4), true, 5), COL(r_name, CH(25), true, 5), COL(r_comment, VC(152), true, 5)};
static const struct catalog_column nation_cols[] = {COL(n_nationkey, TY(INT4), true, 25), COL(n_name, CH(25), true, 25), COL(n_regionkey, TY(INT4), true, 5), COL(n_comment, VC(152), true, 25)};
static const struct catalog_column supplier_cols[] = {COL(s_suppkey, TY(INT4), true, 10000), COL(s_name, CH(25), true, 10000), COL(s_address, VC(40), true, 0), COL(s_nationkey, TY(INT4), true, 25), COL(s_phone, CH(15), true, 0), COL(s_acctbal, DEC(15, 2), true, 0), COL(s_comment, VC(101), true, 0)};
static const struct catalog_column customer_cols[] = {COL(c_custkey, TY(INT4), true, 150000), COL(c_name, VC(25), true, 0), COL(c_address, VC(40), true, 0), COL(c_nationkey, TY(INT4), true, 25), COL(c_phone, CH(15), true, 0), COL(c_acctbal, DEC(15, 2), true, 0), COL(c_mktsegment, CH(10), true, 5), COL(c_comment, VC(117), true, 0)};
static const struct catalog_column part_cols[] = {COL(p_partkey, TY(INT4), true, 200000), COL(p_name, VC(55), true, 0), COL(p_mfgr, CH(25), true, 5), COL(p_brand, CH(10), true, 25), COL(p_type, VC(25), true, 150), COL(p_size, TY(INT4), true, 50), COL(p_container, CH(10), true, 40), COL(p_retailprice, DEC(15, 2), true, 0), COL(p_comment, VC(23), true, 0)};
static const struct catalog_column partsupp_cols[] = {COL(ps_partkey, TY(INT4), true, 200000), COL(ps_suppkey, TY(INT4), true, 10000), COL(ps_availqty, TY(INT4), true, 10000), COL(ps_supplycost, DEC(15, 2), true, 0), COL(ps_comment, VC(199), true, 0)};
static const struct catalog_column orders_cols[] = {COL(o_orderkey, TY(INT8), true, 1500000), COL(o_custkey, TY(INT4), true, 100000), COL(o_orderstatus, CH(1), true, 3), COL(o_totalprice, DEC(15, 2), true, 0), COL(o_orderdate, TY(DATE), true, 2406), COL(o_orderpriority, CH(15), true, 5), COL(o_clerk, CH(15), true, 1000), COL(o_shippriority, TY(INT4), true, 1), COL(o_comment, VC(79), true, 0)};
static const struct catalog_column lineitem_cols[] = {COL(l_orderkey, TY(INT8), true, 1500000), COL(l_partkey, TY(INT4), true, 200000), COL(l_suppkey, TY(INT4), true, 10000), COL(l_linenumber, TY(INT4), true, 7), COL(l_quantity, DEC(15, 2), true, 50), COL(l_extendedprice, DEC(15, 2), true, 0), COL(l_discount, DEC(15, 2), true, 11), COL(l_tax, DEC(15, 2), true, 9), COL(l_returnflag, CH(1), true, 3), COL(l_linestatus, CH(1), true, 2), COL(l_shipdate, TY(DATE), true, 2526), COL(l_commitdate, TY(DATE), true, 2466), COL(l_receiptdate, TY(DATE), true, 2554), COL(l_shipinstruct, CH(25), true, 4), COL(l_shipmode, CH(10), true, 7), COL(l_comment, VC(44), true, 0)};
static const struct catalog_column odd_cols[] = {COL(id, TY(INT4), true, 0), COL(a, TY(INT4), false, 0), COL(b, TY(INT8), false, 0), COL(s, TY(INT2), false, 0), COL(n, TY(NUMERIC), false, 0), COL(d, DEC(12, 2), false, 0), COL(f, TY(FLOAT8), false, 0), COL(r, TY(FLOAT4), false, 0), COL(t, TY(TEXT), false, 0), COL(v, VC(10), false, 0), COL(c, CH(4), false, 0), COL(ok, TY(BOOL), false, 0), COL(dt, TY(DATE), false, 0), COL(ts, TY(TIMESTAMP), false, 0), COL(tz, TY(TIMESTAMPTZ), false, 0), COL(iv, TY(INTERVAL), false, 0), COL(j, TY(JSON), false, 0)};
static const struct catalog_column view_cols[] = {{.name = "okey", .type = TY(INT8)}, {.name = "total", .type = DEC(15, 2)}};

static const uint32_t key_first[] = {0}, key_two[] = {0, 1};
static const struct catalog_key pk_first[] = {{.name = "pk", .kind = KEY_PRIMARY, .ncols = 1, .cols = key_first}};
static const struct catalog_key pk_two[] = {{.name = "pk", .kind = KEY_PRIMARY, .ncols = 2, .cols = key_two}};

#define TABLE(n, sch, srv, nrows, k) static const struct catalog_table table_##n = {.schema = sch, .name = #n, .kind = TABLE_FOREIGN, .server = &srv, .remote_schema = "public", .remote_name = #n, .ncols = ARRAY_LEN(n##_cols), .columns = n##_cols, .nkeys = 1, .keys = k, .rows = nrows}
TABLE(region, "tpch", server_my, 5, pk_first);
TABLE(nation, "tpch", server_my, 25, pk_first);
TABLE(supplier, "tpch", server_my, 10000, pk_first);
TABLE(customer, "tpch", server_my, 150000, pk_first);
TABLE(part, "tpch", server_lite, 200000, pk_first);
TABLE(partsupp, "tpch", server_lite, 800000, pk_two);
TABLE(orders, "tpch", server_pg, 1500000, pk_first);
TABLE(lineitem, "tpch", server_pg, 6000000, pk_two);
TABLE(odd, "misc", server_pg, -1, pk_first);
static const struct catalog_table table_big_orders = {.schema = "misc", .name = "big_orders", .kind = TABLE_VIEW, .ncols = 2, .columns = view_cols,
	.view_sql = "SELECT o_orderkey, o_totalprice FROM orders WHERE o_totalprice > 100000", .view_search_path = "tpch", .rows = -1};
static const struct catalog_table table_broken = {.schema = "misc", .name = "broken", .kind = TABLE_VIEW, .ncols = 1, .columns = view_cols,
	.view_sql = "SELECT nothing FROM orders", .view_search_path = "tpch", .rows = -1};
static const struct catalog_table table_loop = {.schema = "misc", .name = "loop", .kind = TABLE_VIEW, .ncols = 1, .columns = view_cols,
	.view_sql = "SELECT okey FROM misc.loop", .view_search_path = "", .rows = -1};

static const struct catalog_table *const misc_tables[] = {&table_big_orders, &table_broken, &table_loop, &table_odd};
static const struct catalog_table *const tpch_tables[] = {&table_customer, &table_lineitem, &table_nation, &table_orders, &table_part, &table_partsupp, &table_region, &table_supplier};
static const struct catalog_schema schema_misc = {.name = "misc", .ntables = ARRAY_LEN(misc_tables), .tables = misc_tables};
static const struct catalog_schema schema_tpch = {.name = "tpch", .ntables = ARRAY_LEN(tpch_tables), .tables = tpch_tables};
static const struct catalog_schema *const test_schemas[] = {&schema_misc, &schema_tpch};
static const struct catalog_server *const test_servers[] = {&server_lite, &server_my, &server_pg};
static const struct catalog_snapshot test_snapshot = {.version = 1, .nservers = 3, .servers = test_servers, .nschemas = 2, .schemas = test_schemas, .refs = 1};

#endif
