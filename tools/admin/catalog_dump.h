/* The whole catalog as SQL: hopluu catalog dump. */
#ifndef HOPLUU_TOOLS_ADMIN_CATALOG_DUMP_H
#define HOPLUU_TOOLS_ADMIN_CATALOG_DUMP_H

#include <stdio.h>

#include "catalog/snapshot.h"

/* Statements that make the same catalog of an empty one, in an order that depends on nothing but what they define. Without
 * secrets: passwords and the agreements' salts (pseudonyms come out anew). false: it could not be written. */
MUST_CHECK bool catalog_dump(const struct catalog_snapshot *s, FILE *out);

#endif
