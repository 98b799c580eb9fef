/*
 * The national list as data: agencies, databases, their owners through time, tables and columns, code
 * lists and administrative units. The .tsv files of this folder are compiled into the program; each
 * function below gives the rows of one of them, in file order. All texts are UTF-8 in NFC.
 *
 * Rows have a period of validity: valid_from is the first day, valid_until the last one, both as
 * "2025-03-01"; "" means open. The list changes every few months, so its length appears nowhere.
 *
 * The rows live as long as the process and are read-only. All functions are thread-safe.
 */
#ifndef HOPLUU_CATALOG_VIETNAM_VIETNAM_H
#define HOPLUU_CATALOG_VIETNAM_VIETNAM_H

#include "engine/base/compiler.h"

/* Every row type is a plain sequence of texts in the order of the file's columns; "" = not given. */
struct vietnam_agency {
	const char *code, *name_vi, *name_en, *kind, *valid_from, *valid_until;
	const char *successor_code; /* of an agency that was merged away */
};

struct vietnam_database {
	const char *code, *name_vi, *name_en, *agency_code;
	const char *level;        /* national, specialised */
	const char *status;       /* documented: a source names it; representative: plausible from the remit */
	const char *source;       /* the source, with its kind in brackets */
	const char *key_entities;
	const char *valid_from, *valid_until;
};

/* Who answers for a database, and when. */
struct vietnam_owner {
	const char *database_code, *agency_code, *valid_from, *valid_until;
};

struct vietnam_table {
	const char *database_code, *name, *title_vi, *title_en;
	const char *kind; /* master, reference, transaction */
	const char *valid_from, *valid_until;
};

struct vietnam_column {
	const char *database_code, *table_name, *name;
	const char *type;        /* SQL: varchar(n), smallint, integer, bigint, numeric(p,s), double, date,
								timestamp, boolean */
	const char *nullable;    /* yes, no */
	const char *key;         /* "", primary, index, or "primary,index" */
	const char *references;  /* database.table.column; or a list: province, commune, former_province,
								agency, or a list_code of codes.tsv */
	const char *sensitivity; /* open, internal, basic_personal, sensitive_personal */
	const char *domain;      /* values: a|b|c, low..high, a pattern; see README.md */
	const char *comment_vi, *comment_en;
};

struct vietnam_code {
	const char *list_code, *code, *label_vi, *label_en, *extra, *valid_from, *valid_until;
};

/* A province (2-digit code, no parent) or a commune (5-digit code). A code can have several rows whose
 * periods don't overlap. */
struct vietnam_unit {
	const char *code, *name;
	const char *kind; /* city, province; ward, commune, special_zone */
	const char *parent_code, *valid_from, *valid_until;
};

/* A province before the mergers of 2025: its three digits stay in personal ids already issued. */
struct vietnam_former_province {
	const char *code, *name, *successor_code, *plate_prefix, *valid_from, *valid_until;
};

/* Each sets *rows and returns how many there are. */
size_t vietnam_agencies(const struct vietnam_agency **rows);
size_t vietnam_databases(const struct vietnam_database **rows);
size_t vietnam_owners(const struct vietnam_owner **rows);
size_t vietnam_tables(const struct vietnam_table **rows);
size_t vietnam_columns(const struct vietnam_column **rows);
size_t vietnam_codes(const struct vietnam_code **rows);
size_t vietnam_units(const struct vietnam_unit **rows);
size_t vietnam_former_provinces(const struct vietnam_former_province **rows);

/* NULL when there is none. */
const struct vietnam_agency *vietnam_agency_find(const char *code);
const struct vietnam_database *vietnam_database_find(const char *code);
/* The columns of a table are neighbours: their number, 0 when there is no such table. */
size_t vietnam_table_columns(const char *database, const char *table, const struct vietnam_column **first);

/* The same texts for generic readers (virtual tables): each file as a named table of texts. Names of
 * tables: agencies, databases, owners, tables, columns, codes, units, former_provinces. */
struct vietnam_file {
	const char *name;
	size_t ncols, nrows;
	const char *const *columns; /* ncols names, from the header line */
	const char *const *cells;   /* nrows * ncols texts, row by row */
};
size_t vietnam_files(const struct vietnam_file **files);

/* True when day ("2026-06-30", or "" = any) lies in the period. */
bool vietnam_valid_on(const char *valid_from, const char *valid_until, const char *day);

#endif
