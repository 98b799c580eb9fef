/*
 * A session's temporary tables and views: a schema pg_temp that only this session sees. Versions of it are
 * immutable and counted: a statement holds the one that was in force when it started, so a table that is dropped or
 * filled meanwhile stays as it was for who reads it. Statements see a version through an overlay: the catalog's
 * snapshot with one more schema.
 */
#ifndef HOPLUU_STATEMENT_TEMP_SPACE_H
#define HOPLUU_STATEMENT_TEMP_SPACE_H

#include "catalog/catalog.h"
#include "engine/base/settings.h"
#include "engine/vector/colstore.h"

#define TEMP_SCHEMA "pg_temp"

struct temp_space;
struct temp_space *temp_space_new(struct mem *session);
void temp_space_free(struct temp_space *s); /* when no version is held any more; NULL is fine */
/* Where the tables' bytes go, with the limits as the settings say now. */
struct colspace *temp_space_bytes(struct temp_space *s, const struct settings *settings);

struct temp_version;
const struct temp_version *temp_space_hold(struct temp_space *s);
void temp_version_release(const struct temp_version *v); /* NULL is fine */
/* base with the version's schema; in m, for as long as both are held. */
const struct catalog_snapshot *temp_version_overlay(const struct temp_version *v, const struct catalog_snapshot *base,
													struct mem *m);

/* Makes a table or view, or puts another in the place of the one of this name. t is copied; its store's reference is
 * taken over, and its statistics are filled in from there. */
void temp_space_put(struct temp_space *s, const struct catalog_table *t, struct colstore *store);
void temp_space_drop(struct temp_space *s, const char *name);
void temp_space_clear(struct temp_space *s);

#endif
