/* What the loading files of the catalog share. Not for other rooms. */
#ifndef HOPLUU_CATALOG_LOAD_INT_H
#define HOPLUU_CATALOG_LOAD_INT_H

#include "catalog/catalog_int.h"

struct loader {
	struct catalog *c;
	struct mem *mem;
	struct err *err;
	struct catalog_snapshot *s;
	struct catalog_table **tables; /* all, in order of schema and name */
	size_t ntables;
	bool failed;
};

/* NULL marks the loader failed. */
sqlite3_stmt *load_prepare(struct loader *l, const char *sql);
/* The next row, or the end: errors mark the loader. */
bool load_row(struct loader *l, sqlite3_stmt *q);
/* A column's text in the snapshot's arena; NULL of SQL NULL. */
const char *load_text(struct loader *l, sqlite3_stmt *q, int i);

/* load_agreement.c: purposes and elements, before the tables; agreements and their grants, after them. */
void load_terms(struct loader *l);
void load_agreements(struct loader *l);

#endif
