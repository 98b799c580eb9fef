/* The tables of the catalog file, format 3, and what makes it of a format 1 (which had no users) and a
 * format 2 (which had no agreements). */
#ifndef HOPLUU_CATALOG_SCHEMA_SQL_H
#define HOPLUU_CATALOG_SCHEMA_SQL_H

#define CATALOG_APPLICATION_ID 0x486c7501
#define CATALOG_FORMAT 3

#define CATALOG_USER_TABLE                                                                                          \
	"CREATE TABLE login (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, verifier TEXT,"           \
	" is_administrator INTEGER NOT NULL DEFAULT 0, agency TEXT NOT NULL DEFAULT '', comment TEXT);"

/* Columns that came with agreements: of users, columns and views. */
#define CATALOG_SHARING_COLUMNS                                                                                     \
	"ALTER TABLE login ADD COLUMN role TEXT NOT NULL DEFAULT 'analyst';"                                           \
	"ALTER TABLE login ADD COLUMN purpose TEXT NOT NULL DEFAULT '';"                                               \
	"ALTER TABLE login ADD COLUMN unit TEXT NOT NULL DEFAULT '';"                                                  \
	"ALTER TABLE login ADD COLUMN province TEXT NOT NULL DEFAULT '';"                                              \
	"ALTER TABLE attribute ADD COLUMN element TEXT REFERENCES element(name) ON UPDATE CASCADE ON DELETE SET NULL;"  \
	"ALTER TABLE relation ADD COLUMN agency TEXT NOT NULL DEFAULT '';"                                             \
	"ALTER TABLE relation ADD COLUMN view_definer INTEGER NOT NULL DEFAULT 0;"

/* from, until in us since 1970; NULL = without bound. Grants name their table by id, so that a rename keeps them and a
 * drop takes them along. */
#define CATALOG_SHARING_TABLES                                                                                      \
	"CREATE TABLE purpose (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL UNIQUE, title TEXT, comment TEXT);" \
	"CREATE TABLE element (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, format TEXT, title TEXT,"  \
	" comment TEXT, sensitivity INTEGER NOT NULL, is_person INTEGER NOT NULL);"                                      \
	"CREATE TABLE agreement (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"                       \
	" provider TEXT NOT NULL REFERENCES agency(code) ON UPDATE CASCADE, consumer TEXT NOT NULL REFERENCES agency(code)" \
	" ON UPDATE CASCADE, purpose TEXT NOT NULL REFERENCES purpose(code) ON UPDATE CASCADE, valid_from INTEGER,"       \
	" valid_until INTEGER, reference TEXT, comment TEXT, salt TEXT NOT NULL, suspended INTEGER NOT NULL DEFAULT 0);"   \
	"CREATE TABLE share (id INTEGER PRIMARY KEY AUTOINCREMENT, agreement INTEGER NOT NULL REFERENCES agreement(id) ON" \
	" DELETE CASCADE, relation INTEGER NOT NULL REFERENCES relation(id) ON DELETE CASCADE, row_condition TEXT,"      \
	" minimum INTEGER NOT NULL, max_rows INTEGER NOT NULL, hours_from INTEGER NOT NULL, hours_until INTEGER NOT NULL," \
	" compare_raw INTEGER NOT NULL);"                                                                               \
	"CREATE INDEX share_of_agreement ON share (agreement); CREATE INDEX share_of_relation ON share (relation);"        \
	"CREATE TABLE share_column (owner INTEGER NOT NULL REFERENCES share(id) ON DELETE CASCADE, name TEXT NOT NULL,"    \
	" mask TEXT, PRIMARY KEY (owner, name)) WITHOUT ROWID;"

#define CATALOG_FORMAT_3 CATALOG_SHARING_TABLES CATALOG_SHARING_COLUMNS "PRAGMA user_version = 3;"

static const char catalog_upgrade_1_sql[] = CATALOG_USER_TABLE CATALOG_FORMAT_3 "UPDATE meta SET version = version + 1;";
static const char catalog_upgrade_2_sql[] = CATALOG_FORMAT_3 "UPDATE meta SET version = version + 1;";

static const char catalog_schema_sql[] =
	"PRAGMA application_id = 0x486c7501; "
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
	" INTEGER NOT NULL, column_index INTEGER NOT NULL, ref_column TEXT, PRIMARY KEY (owner, position)) WITHOUT ROWID;"
	CATALOG_FORMAT_3;

#endif
