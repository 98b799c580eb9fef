/*
 * What each ODBC driver has to be told and can't do: data only. The first row whose `driver` is part of the driver's
 * name counts; the last one fits all.
 *
 * Buffering: without these keywords libsqliteodbc and psqlODBC keep whole results in memory; MariaDB Connector/ODBC 3.1
 * does so always, so that large tables there are better reached by the mariadb connector.
 */
#include "connectors/odbc/odbc_int.h"

static const char *const session_sqlite[] = {"PRAGMA query_only = 1", "PRAGMA case_sensitive_like = 1", NULL};
static const char *const session_postgresql[] = {
	"SET TimeZone = 'UTC'",
	"SET DateStyle = 'ISO, YMD'",
	"SET IntervalStyle = 'postgres'",
	"SET extra_float_digits = 1",
	"SET standard_conforming_strings = on",
	"SET bytea_output = 'hex'",
	"SET search_path = pg_catalog",
	"SET default_transaction_isolation = 'repeatable read'",
	"SET default_transaction_read_only = on",
	NULL};
static const char *const session_mariadb[] = {
	"SET sql_mode = 'STRICT_ALL_TABLES,PIPES_AS_CONCAT,ONLY_FULL_GROUP_BY,NO_UNSIGNED_SUBTRACTION,NO_ENGINE_SUBSTITUTION',"
	" time_zone = '+00:00', sql_auto_is_null = 0, sql_big_selects = 1, group_concat_max_len = 4294967295,"
	" net_write_timeout = 86400"
	" /*M! , optimizer_switch = 'subquery_cache=off' */", /* it answers by the wrong collation: see connectors/mariadb */
	"SET collation_connection = utf8mb4_bin",
	"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
	"SET SESSION TRANSACTION READ ONLY",
	NULL};

const struct odbc_quirk odbc_quirks[] = {
	{
		.driver = "sqlite",
		.dialect = "sqlite",
		.connect_extra = "StepAPI=1;NoCreat=1;NoTXN=1;BigInt=1;Timeout=10000;",
		.session = session_sqlite,
		.verify = "PRAGMA query_only",
		.block_rows = 1, /* a row array is a loop inside the driver; single rows can be asked again when cut */
		.values_as_text = true,
		.cancel_frees = true,
		.no_getdata_in_block = true,
		.max_params = "32766",
		/* reals come with 15 digits otherwise */
		.floats_as = {"CASE typeof(", ") WHEN 'real' THEN printf('%!.17g', ", ") ELSE "},
		.wrap_by_with = true,
	},
	{
		.driver = "psqlodbc",
		.dialect = "postgresql",
		.connect_extra = "UseDeclareFetch=1;Fetch=4000;UseServerSidePrepare=1;BoolsAsChar=0;TextAsLongVarchar=1;"
						 "UnknownsAsLongVarchar=1;MaxVarcharSize=2000;MaxLongVarcharSize=8000;ByteaAsLongVarBinary=1;"
						 "LFConversion=0;UpdatableCursors=0;Parse=0;ShowSystemTables=0;",
		.session = session_postgresql,
		.verify = "SELECT CASE WHEN current_setting('default_transaction_read_only') = 'on' AND current_setting('TimeZone') ="
				  " 'UTC' AND current_setting('search_path') = 'pg_catalog' THEN '1' ELSE '0' END",
		.block_rows = 1000,
		.wide_text = true,
		.number_params = "$",
		.max_params = "32767",
		/* it drops BC and reads infinity as the year 9999 otherwise */
		.dates_as = {"", "::text"},
	},
	{
		.driver = "maodbc",
		.dialect = "mariadb",
		.connect_extra = "OPTIONS=3145728;FORWARDONLY=1;CHARSET=utf8mb4;",
		.session = session_mariadb,
		.verify = "SELECT CASE WHEN @@session.tx_read_only = 1 AND @@session.time_zone = '+00:00' THEN '1' ELSE '0' END",
		.block_rows = 1000,
		.no_getdata_in_block = true,
		/* 3.1.15 calls mysql_stmt_store_result for every query: there is no option against it */
		.buffers_results = true,
		.session_id = "SELECT CONNECTION_ID()",
		.kill = "KILL QUERY ",
		.max_params = "65535",
	},
	{
		.driver = "", /* any other: trust nothing, one row at a time */
		.dialect = "odbc",
		.connect_extra = "",
		.block_rows = 100,
		.wide_text = true,
		.max_params = "2000",
	},
};

/* Other words by which a driver is registered in odbcinst.ini. */
static const struct { const char *word, *driver; } aliases[] = {
	{"postgres", "psqlodbc"},
	{"mariadb", "maodbc"},
};

const struct odbc_quirk *odbc_quirk_find(const char *driver)
{
	char lower[256];
	size_t n = 0;
	const struct odbc_quirk *q = odbc_quirks;

	for (; driver && *driver && n + 1 < sizeof lower; driver++)
		lower[n++] = *driver >= 'A' && *driver <= 'Z' ? (char)(*driver + 32) : *driver;
	lower[n] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
		if (strstr(lower, aliases[i].word))
			return odbc_quirk_find(aliases[i].driver);
	while (!strstr(lower, q->driver))
		q++;
	return q;
}
