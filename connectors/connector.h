/*
 * The contract that every kind of source fulfils: connect, probe, describe, statistics, open a stream,
 * cancel, close. The engine sees this and nothing behind it. A connector is a folder with one
 * `const struct connector connector_x` and a row in connectors.def.
 *
 * Blocking and threads: every call may block, except cancel. A struct conn and its streams are used by
 * one thread at a time (a fetcher's); conn_cancel alone may come from any thread at any time between
 * connect and close.
 *
 * Secrets: passwords come only in options named `password`; no connector prints options. Text of the
 * source goes into err.detail, never into a format string; each connector translates foreign codes to
 * ours in one function and sets err.source, vendor_code.
 */
#ifndef HOPLUU_CONNECTORS_CONNECTOR_H
#define HOPLUU_CONNECTORS_CONNECTOR_H

#include "engine/base/cancel.h"
#include "engine/base/options.h"
#include "engine/types/encoding.h"
#include "engine/vector/vec.h"

/* Facts that the probe measured at the source; stored in the catalog as name=value rows and read back
 * into this by facts_from_options. */
struct source_facts {
	char product[64];      /* "PostgreSQL", "MariaDB", "SQLite", DBMS name by ODBC */
	char version[64];
	int version_number;    /* 150018, 101114 … */
	char dialect[16];      /* name of the dialect to speak: "postgresql", "mariadb", "sqlite", "odbc", "mssql", "oracle" */
	char encoding[32];
	char collation[64];    /* of texts compared without a COLLATE */
	bool text_equal_exact; /* measured: 'a' <> 'A', 'a' <> 'a ', 'a' <> 'á' by default comparison */
	bool text_order_exact; /* measured: code-point order by default comparison */
	bool pads_spaces;      /* measured: 'a' = 'a ' */
	bool like_exact;       /* measured: LIKE is case- and accent-sensitive */
	bool null_order_syntax;/* NULLS FIRST/LAST is understood */
	bool zero_dates;       /* may hold 0000-00-00 */
	bool strict_mode;
	bool empty_is_null;    /* '' is NULL (Oracle) */
	bool cuts_doubles;     /* results show doubles with 15 digits unless asked for by the dialect's full_double */
	char timezone[64];     /* of the source before we set the session's */
	char sql_mode[256];
	int64_t max_statement_bytes; /* longest SQL text; 0 = unknown */
	int64_t max_parameters;
	int64_t max_in_list;
	int max_identifier;
};
/* As option rows (m's memory), for the catalog; and back (missing = zero). */
struct options facts_to_options(const struct source_facts *f, struct mem *m);
void facts_from_options(struct source_facts *f, const struct options *o);

/* What is to become of values that don't fit their declared type. */
enum bad_value { BAD_VALUE_ERROR, BAD_VALUE_NULL };

/* A remote column as described by the source, and as the catalog keeps it. */
struct source_column {
	const char *name;
	const char *remote_type;   /* as the source spells it: "int(10) unsigned", "character varying(40)" */
	bool supported;            /* false: no exact counterpart; skipped by import with a warning */
	bool cast_to_text;         /* imported as text: the source casts it exactly in the SELECT list */
	struct type type;          /* our type when supported */
	bool not_null;
	const char *collation;     /* of this column, "" = none or default */
	bool text_equal_exact, text_order_exact; /* for texts: by this column's collation */
	bool is_unsigned;
	int key_position;          /* 1… in the primary key; 0 = no */
	const char *comment;
	const char *default_text;
};
struct source_index {
	const char *name;
	bool is_unique, is_primary;
	uint32_t ncols;
	const char **cols;
};
struct source_foreign_key {
	const char *name;
	uint32_t ncols;
	const char **cols;
	const char *ref_schema, *ref_table;
	const char **ref_cols;
};
struct source_table {
	const char *schema, *name; /* as the source spells them */
	const char *kind;          /* "table", "view", "materialized view" … */
	const char *comment;
	uint32_t ncols;
	struct source_column *cols;
	uint32_t nindexes;
	struct source_index *indexes;
	uint32_t nforeign_keys;
	struct source_foreign_key *foreign_keys;
};
struct source_column_statistics {
	bool known;
	double null_fraction, distinct, width; /* distinct: count, < 0 = unknown; width in bytes */
	const char *min, *max;                 /* our text form; NULL = unknown */
};
struct source_statistics {
	double rows;                           /* < 0 = unknown */
	double bytes;
	const char *method;                    /* "source statistics", "sampled", "counted" */
	struct source_column_statistics *cols; /* per column asked for */
};

/* One output column of a stream: how to decode and what to do with bad values. */
struct stream_column {
	const char *name;          /* remote name, for messages; "" = computed of several columns or none */
	const char *table;         /* that it comes from, "schema.table", for messages; NULL = the request's */
	struct type type;          /* what the batch must hold */
	enum encoding encoding;    /* of its text at the source */
	bool nfc;                  /* normalise to NFC */
	enum bad_value bad_value;
	bool not_null;             /* promised by the catalog; a NULL is an error */
	bool is_key;               /* of the primary key: named, when at hand, in messages about bad values */
};
/* Must outlive the stream. */
struct stream_request {
	const char *server;        /* our name, for messages */
	const char *table;         /* "schema.table" for messages, or "" when several */
	const char *sql;           /* finished text in the server's dialect */
	uint32_t nparams;
	const struct value *params;/* $1/? in order */
	uint32_t ncols;
	const struct stream_column *cols;
	uint32_t batch_rows;
	int64_t rows_hint;         /* expected rows, -1 = unknown: small results may take a cheaper path */
};
struct stream_progress { /* written by the stream's thread, read by anyone: relaxed atomics */
	int64_t rows, bytes, values_replaced;
};

struct conn;   /* one connection; each connector has its own struct that starts with struct conn_base */
struct stream;

struct connector {
	const char *name;          /* CREATE SERVER … TYPE 'name' */
	const char *help;
	const char *const *server_options, *const *user_options, *const *table_options; /* NULL-terminated, known names */
	bool file_based;           /* no user needed, no network */
	bool user_optional;        /* some of its sources need no user: those that do say so themselves */
	int default_max_connections;

	/* Connects and makes the session deterministic and read-only, verified. server and user: merged options. */
	bool (*connect)(struct mem *m, const char *server_name, const struct options *server,
					const struct options *user, struct conn **out, struct err *e);
	void (*close)(struct conn *c);
	/* Cheap check of an idle connection, and reset of the session to the state after connect. */
	bool (*check)(struct conn *c, struct err *e);
	/* Measures. */
	bool (*probe)(struct conn *c, struct source_facts *out, struct err *e);
	/* All tables of a remote schema (NULL = the default one), with columns and keys; or only those named. */
	bool (*describe)(struct conn *c, struct mem *m, const char *schema, const char *const *only, size_t n_only,
					 struct source_table ***out, size_t *count, struct err *e);
	/* Statistics of the columns named; sample allowed when the source keeps none. */
	bool (*statistics)(struct conn *c, struct mem *m, const struct source_table *table, struct source_statistics *out,
					   struct err *e);
	/* Starts the query; the stream is closed before the next one is opened on this connection. */
	bool (*open)(struct conn *c, struct mem *m, const struct stream_request *request, struct stream **out,
				 struct err *e);
	/* The next rows into out (an empty batch of request->ncols columns): 1…batch_rows rows; 0 = end. New
	 * buffers each time, charged to m. */
	bool (*next)(struct stream *s, struct batch *out, struct err *e);
	const struct stream_progress *(*progress)(const struct stream *s);
	/* Ends a stream early or late; the connection is usable afterwards or marked broken. */
	void (*close_stream)(struct stream *s);
	/* Interrupts whatever the connection's thread is blocked in, soon; any thread. */
	void (*cancel)(struct conn *c);
	/* Optional (NULL): ranges that together make the table, for parallel scans, as SQL conditions. */
	bool (*splits)(struct conn *c, struct mem *m, const struct source_table *table, uint32_t want,
				   const char ***conditions, uint32_t *count, struct err *e);
};

/* The common head of every connection. */
struct conn_base {
	const struct connector *connector;
	char server[64];
	bool broken;               /* must be closed, not reused */
	struct source_facts facts; /* as known when connected: from the catalog, else zero */
};
static inline struct conn_base *conn_base(struct conn *c) { return (struct conn_base *)c; }

extern const struct connector *const connectors[]; /* from connectors.def, NULL-terminated */
const struct connector *connector_find(const char *type_name);

#endif
