/* hopluu catalog apply: from a file of definitions to the catalog's state. */
#ifndef HOPLUU_TOOLS_ADMIN_CATALOG_APPLY_H
#define HOPLUU_TOOLS_ADMIN_CATALOG_APPLY_H

#include "engine/session/session.h"

/* Brings g's catalog to the state that the SQL (a dump, or written by hand) makes of an empty catalog, in one change;
 * prints what differs first, lines with - and +. Secrets, passwords, salts, statistics and what was measured at sources
 * stay with what keeps its name. dry_run: prints alone. Returns whether it could be done. */
MUST_CHECK bool catalog_apply(struct engine *g, struct str sql, bool dry_run, struct err *e);

#endif
