/* The places that rows go to. Each constructor makes a sink for one database; close it in any case. */
#ifndef HOPLUU_TOOLS_DEMO_SINK_H
#define HOPLUU_TOOLS_DEMO_SINK_H

#include "engine/base/str.h"
#include "tools/demo/fill.h"

enum ddl_dialect { DDL_SQLITE, DDL_POSTGRESQL, DDL_MARIADB };

/* Replaces the file. */
MUST_CHECK struct sink *sink_sqlite_open(const char *path, struct err *e);
/* A schema of that name in the URL's database. `replace` drops one that is there; else it is an error. */
MUST_CHECK struct sink *sink_postgresql_open(const char *url, const char *schema, bool replace, struct err *e);
/* A database of that name. */
MUST_CHECK struct sink *sink_mariadb_open(const char *url, const char *database, bool replace, struct err *e);
/* Takes everything and keeps nothing: the checksum is fill's. */
MUST_CHECK struct sink *sink_null_open(void);

/* CREATE TABLE and, separately, CREATE INDEX for each indexed column. */
void ddl_create_table(struct strbuf *out, enum ddl_dialect dialect, const struct demo_table *t);
bool ddl_create_index(struct strbuf *out, enum ddl_dialect dialect, const struct demo_table *t, size_t column); /* false: none */

/* Parts of mariadb://user:password@host:port/database, percent-decoded, "" where not given. */
struct url_parts {
	char user[128], password[256], host[256], port[8], database[128], socket[256];
};
MUST_CHECK bool url_parse(const char *url, struct url_parts *out, struct err *e);

#endif
