/*
 * An immutable picture of the catalog: agencies, servers, schemas, tables, columns, views, statistics. A
 * query holds one (counted) from binding to its end and reads it without locks. Lists are sorted by name
 * (strcmp); lookup is by binary search. Names are as folded by the parser.
 */
#ifndef HOPLUU_CATALOG_SNAPSHOT_H
#define HOPLUU_CATALOG_SNAPSHOT_H

#include "engine/base/options.h"
#include "engine/types/value.h"

struct colstore;

struct catalog_agency {
	uint32_t id;
	const char *code, *name_vi, *name_en;
};
struct catalog_mapping { /* USER MAPPING */
	uint32_t id;         /* stable; what sealed secrets are bound to */
	const char *user;    /* "" = PUBLIC */
	struct options options;   /* without secrets: see sealed */
	struct options sealed;    /* secret options, encrypted: see catalog/secret.h */
	uint64_t version;
};
struct catalog_server {
	uint32_t id;
	uint64_t version;    /* changes with any ALTER */
	const char *name, *type, *type_version, *comment;
	const char *agency;  /* code of the owner, "" = none */
	struct options options;
	struct options facts;     /* as the probe measured: connectors/connector.h facts_from_options */
	size_t nmappings;
	const struct catalog_mapping *mappings;
};
struct catalog_column {
	uint32_t number;          /* 1… stable attribute number; dropped ones leave gaps */
	const char *name, *remote_name, *comment;
	struct type type;
	bool not_null;
	int key_position;
	const char *remote_type, *collation;
	bool text_equal_exact, text_order_exact, is_unsigned, cast_to_text;
	struct options options;   /* column_name, encoding, nfc, bad_value … */
	const char *default_sql;  /* temporary tables: DEFAULT as written; NULL = none */
	/* statistics, by ANALYZE */
	bool has_statistics;
	double null_fraction, distinct, width;
	const char *min, *max;            /* text form or NULL */
};
struct catalog_key { /* primary, unique or foreign */
	const char *name;
	enum { KEY_PRIMARY, KEY_UNIQUE, KEY_FOREIGN, KEY_INDEX } kind;
	uint32_t ncols;
	const uint32_t *cols;             /* indexes in columns */
	const char *ref_schema, *ref_table;
	const char *const *ref_cols;
};
struct catalog_table {
	uint32_t id;
	const char *schema, *name, *comment;
	enum { TABLE_FOREIGN, TABLE_VIEW, TABLE_TEMP } kind;
	const struct catalog_server *server;   /* foreign tables */
	const char *remote_schema, *remote_name, *remote_kind;
	struct options options;
	uint32_t ncols;
	const struct catalog_column *columns;
	uint32_t nkeys;
	const struct catalog_key *keys;
	double rows;                           /* by ANALYZE; < 0 = unknown */
	int64_t analyzed_at;                   /* us since 1970, 0 = never */
	const struct colstore *store;          /* temporary tables: their rows (engine/vector/colstore.h) */
	const char *view_sql;                  /* views: text of the query, names qualified as written */
	const char *view_search_path;          /* in force when it was created */
};
struct catalog_schema {
	uint32_t id;
	const char *name, *comment, *server;   /* server "" = none in particular */
	size_t ntables;
	const struct catalog_table *const *tables; /* sorted by name */
};
/* Who may log in to the server. */
struct catalog_user {
	uint32_t id;
	const char *name;
	const char *verifier;      /* SCRAM-SHA-256$…; NULL = no password: no log-in by one */
	bool is_administrator;
	const char *agency;        /* code, "" = none */
};
struct catalog_snapshot {
	uint64_t version;
	size_t nusers;
	const struct catalog_user *users; /* sorted by name */
	size_t nagencies;
	const struct catalog_agency *agencies;
	size_t nservers;
	const struct catalog_server *const *servers;
	size_t nschemas;
	const struct catalog_schema *const *schemas;
	struct mem *mem;
	int refs; /* atomic */
};

const struct catalog_server *catalog_find_server(const struct catalog_snapshot *s, const char *name);
const struct catalog_schema *catalog_find_schema(const struct catalog_snapshot *s, const char *name);
const struct catalog_table *catalog_find_table(const struct catalog_snapshot *s, const char *schema, const char *name);
const struct catalog_user *catalog_find_user(const struct catalog_snapshot *s, const char *name);
/* -1 = none */
int catalog_find_column(const struct catalog_table *t, const char *name);
const struct catalog_mapping *catalog_find_mapping(const struct catalog_server *s, const char *user);
void catalog_snapshot_ref(const struct catalog_snapshot *s);
void catalog_snapshot_unref(const struct catalog_snapshot *s);

#endif
