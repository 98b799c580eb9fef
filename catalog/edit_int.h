/* What the editing files of the catalog share. Not for other rooms. */
#ifndef HOPLUU_CATALOG_EDIT_INT_H
#define HOPLUU_CATALOG_EDIT_INT_H

#include "catalog/catalog_int.h"

/* The first column of the first row; 0 = no row, -1 = failed with e set. b may be NULL. */
int64_t edit_id(struct catalog_edit *x, const char *sql, const char *a, const char *b, struct err *e);
/* Ids by name: -1 with e set when there is none. */
int64_t edit_server_id(struct catalog_edit *x, const char *name, struct err *e);
int64_t edit_schema_id(struct catalog_edit *x, const char *name, struct err *e);
int64_t edit_relation_id(struct catalog_edit *x, const char *schema, const char *name, struct err *e);
/* One statement with ?1 = id and, where it has them, ?2 = a, ?3 = b. */
MUST_CHECK bool edit_execute(struct catalog_edit *x, struct err *e, const char *sql, int64_t id, const char *a,
							 const char *b);
/* Adds the options to one of the option tables. */
MUST_CHECK bool edit_options(struct catalog_edit *x, const char *table, int64_t owner, const struct options *o,
							 struct err *e);

#endif
