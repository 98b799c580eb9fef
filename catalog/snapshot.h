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
/* What data may be asked for: named by agreements, declared by sessions. */
struct catalog_purpose {
	uint32_t id;
	const char *code, *title, *comment; /* title, comment or NULL */
};
/* An entry of the data dictionary: what a column means, wherever it stands. */
struct catalog_element {
	uint32_t id;
	const char *name, *format, *title, *comment; /* all but name or NULL; format is a regular expression (PostgreSQL's) */
	enum { SENSITIVITY_NONE, SENSITIVITY_BASIC, SENSITIVITY_SENSITIVE } sensitivity;
	bool is_person; /* identifies a person: what MINIMUM counts, what the audit tracks */
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
	const struct catalog_element *element; /* NULL = unclassified */
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
/* "from may let to read, for purpose": an agreement and what is granted under it. */
struct catalog_agreement {
	uint32_t id;
	const char *name, *provider, *consumer; /* codes of agencies */
	const char *purpose;
	int64_t valid_from, valid_until;        /* us since 1970; [from, until); INT64_MIN, INT64_MAX = without bound */
	const char *reference, *comment;        /* or NULL */
	const char *salt;                       /* hex, of its own: pseudonyms join within the agreement alone */
	bool suspended;
	size_t ngrants;
	const struct catalog_grant *const *grants;
};
struct catalog_grant_column {
	const char *name;
	const char *mask; /* SQL over the table's columns, NULL = as it is */
};
struct catalog_grant {
	uint32_t id;
	const struct catalog_agreement *agreement;
	const char *schema, *table;
	size_t ncols;
	const struct catalog_grant_column *cols; /* sorted by name */
	const char *row_condition; /* SQL over the table's columns, NULL = all rows */
	int64_t minimum;           /* 0 = rows may be read; else only aggregates over so many people (rows) */
	int64_t max_rows;          /* of a statement's result; -1 = any number */
	int hours_from, hours_until; /* minutes of the day in the national time zone, [from, until); -1 = always */
	bool compare_raw;          /* WHERE, JOIN, GROUP BY, ORDER BY see the unmasked values */
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
	const char *agency;                    /* views: their maker's, "" = none; foreign tables: see server */
	bool view_definer;                     /* reads with the rights of its agency on its own tables; else the reader's */
	size_t ngrants;
	const struct catalog_grant *const *grants; /* on this table, under whatever agreement */
};
struct catalog_schema {
	uint32_t id;
	const char *name, *comment, *server;   /* server "" = none in particular */
	size_t ntables;
	const struct catalog_table *const *tables; /* sorted by name */
};
/* What a user does within the agency. Administrator is a right beside it (is_administrator). */
enum user_role { ROLE_ANALYST, ROLE_APPLICATION, ROLE_STEWARD, ROLE_AUDITOR };
/* Who may log in to the server. */
struct catalog_user {
	uint32_t id;
	const char *name;
	const char *verifier;      /* SCRAM-SHA-256$…; NULL = no password: no log-in by one */
	bool is_administrator;
	const char *agency;        /* code, "" = none */
	enum user_role role;
	const char *purpose;       /* declared when a session declares none; "" = none */
	const char *unit, *province; /* session values of row conditions; "" = none */
};
struct catalog_snapshot {
	uint64_t version;
	size_t nusers;
	const struct catalog_user *users; /* sorted by name */
	size_t nagencies;
	const struct catalog_agency *agencies;
	size_t npurposes;
	const struct catalog_purpose *purposes; /* sorted by code */
	size_t nelements;
	const struct catalog_element *elements; /* sorted by name */
	size_t nagreements;
	const struct catalog_agreement *const *agreements; /* sorted by name */
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
/* Codes are abbreviations: without an exact match, one in other case is meant. */
const struct catalog_agency *catalog_find_agency(const struct catalog_snapshot *s, const char *code);
const struct catalog_purpose *catalog_find_purpose(const struct catalog_snapshot *s, const char *code);
const struct catalog_element *catalog_find_element(const struct catalog_snapshot *s, const char *name);
const struct catalog_agreement *catalog_find_agreement(const struct catalog_snapshot *s, const char *name);
/* Code of the agency that a table belongs to, by its server or as a view's maker; "" = none. */
const char *catalog_table_agency(const struct catalog_table *t);
/* "analyst" … both ways; false = no such role. */
const char *catalog_role_name(enum user_role role);
bool catalog_role_find(const char *name, enum user_role *out);
/* -1 = none */
int catalog_find_column(const struct catalog_table *t, const char *name);
const struct catalog_mapping *catalog_find_mapping(const struct catalog_server *s, const char *user);
void catalog_snapshot_ref(const struct catalog_snapshot *s);
void catalog_snapshot_unref(const struct catalog_snapshot *s);

#endif
