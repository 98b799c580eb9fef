/* The tables of the catalog file, format 2, and what makes it of a format 1 (which had no users). */
#ifndef HOPLUU_CATALOG_SCHEMA_SQL_H
#define HOPLUU_CATALOG_SCHEMA_SQL_H

#define CATALOG_APPLICATION_ID 0x486c7501
#define CATALOG_FORMAT 2

#define CATALOG_USER_TABLE                                                                                          \
	"CREATE TABLE login (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, verifier TEXT,"           \
	" is_administrator INTEGER NOT NULL DEFAULT 0, agency TEXT NOT NULL DEFAULT '', comment TEXT);"

static const char catalog_upgrade_1_sql[] = CATALOG_USER_TABLE "PRAGMA user_version = 2; UPDATE meta SET version = version + 1;";

static const char catalog_schema_sql[] =
	"PRAGMA application_id = 0x486c7501; PRAGMA user_version = 2;"
	CATALOG_USER_TABLE
	"CREATE TABLE meta (version INTEGER NOT NULL);"
	"INSERT INTO meta VALUES (1);"
	"CREATE TABLE agency (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL UNIQUE, name_vi TEXT NOT NULL,"
	" name_en TEXT NOT NULL);"
	"CREATE TABLE server (id INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL DEFAULT 1,"
	" name TEXT NOT NULL UNIQUE, type TEXT NOT NULL, type_version TEXT, agency TEXT NOT NULL DEFAULT '', comment TEXT);"
	"CREATE TABLE server_option (owner INTEGER NOT NULL REFERENCES server(id) ON DELETE CASCADE, position INTEGER,"
	" name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, name)) WITHOUT ROWID;"
	"CREATE TABLE server_fact (owner INTEGER NOT NULL REFERENCES server(id) ON DELETE CASCADE, position INTEGER,"
	" name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, name)) WITHOUT ROWID;"
	"CREATE TABLE mapping (id INTEGER PRIMARY KEY AUTOINCREMENT, server INTEGER NOT NULL REFERENCES server(id) ON DELETE"
	" CASCADE, user TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 1, UNIQUE (server, user));"
	"CREATE TABLE mapping_option (owner INTEGER NOT NULL REFERENCES mapping(id) ON DELETE CASCADE, position INTEGER,"
	" name TEXT NOT NULL, value TEXT NOT NULL, sealed INTEGER NOT NULL, PRIMARY KEY (owner, name)) WITHOUT ROWID;"
	"CREATE TABLE schema (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, server TEXT NOT NULL DEFAULT"
	" '', comment TEXT);"
	"INSERT INTO schema (name, comment) VALUES ('public', 'views and tables of no one source');"
	"CREATE TABLE relation (id INTEGER PRIMARY KEY AUTOINCREMENT, schema INTEGER NOT NULL REFERENCES schema(id),"
	" name TEXT NOT NULL, kind INTEGER NOT NULL, server INTEGER REFERENCES server(id), remote_schema TEXT,"
	" remote_name TEXT, remote_kind TEXT, rows REAL NOT NULL DEFAULT -1, analyzed_at INTEGER NOT NULL DEFAULT 0,"
	" view_sql TEXT, view_search_path TEXT, comment TEXT, UNIQUE (schema, name));"
	"CREATE TABLE relation_option (owner INTEGER NOT NULL REFERENCES relation(id) ON DELETE CASCADE, position INTEGER,"
	" name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, name)) WITHOUT ROWID;"
	"CREATE TABLE attribute (id INTEGER PRIMARY KEY AUTOINCREMENT, relation INTEGER NOT NULL REFERENCES relation(id) ON"
	" DELETE CASCADE, position INTEGER NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, remote_name TEXT,"
	" comment TEXT, type INTEGER NOT NULL, is_array INTEGER NOT NULL, mod INTEGER NOT NULL, not_null INTEGER NOT NULL,"
	" key_position INTEGER NOT NULL, remote_type TEXT, collation TEXT, text_equal_exact INTEGER NOT NULL,"
	" text_order_exact INTEGER NOT NULL, is_unsigned INTEGER NOT NULL, cast_to_text INTEGER NOT NULL,"
	" has_statistics INTEGER NOT NULL, null_fraction REAL, distinct_values REAL, width REAL, min TEXT, max TEXT,"
	" UNIQUE (relation, position), UNIQUE (relation, name));"
	"CREATE TABLE attribute_option (owner INTEGER NOT NULL REFERENCES attribute(id) ON DELETE CASCADE, position INTEGER,"
	" name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, name)) WITHOUT ROWID;"
	"CREATE TABLE relation_key (id INTEGER PRIMARY KEY AUTOINCREMENT, relation INTEGER NOT NULL REFERENCES relation(id)"
	" ON DELETE CASCADE, position INTEGER NOT NULL, name TEXT NOT NULL, kind INTEGER NOT NULL, ref_schema TEXT,"
	" ref_table TEXT);"
	"CREATE INDEX relation_key_of ON relation_key (relation, position);"
	"CREATE TABLE relation_key_column (owner INTEGER NOT NULL REFERENCES relation_key(id) ON DELETE CASCADE, position"
	" INTEGER NOT NULL, column_index INTEGER NOT NULL, ref_column TEXT, PRIMARY KEY (owner, position)) WITHOUT ROWID;";

#endif
