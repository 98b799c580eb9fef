/* Shared by the files of the SQLite connector. */
#ifndef HOPLUU_CONNECTORS_SQLITE_INT_H
#define HOPLUU_CONNECTORS_SQLITE_INT_H

#include <sqlite3.h>

#include "connectors/batch_writer.h"

struct sqlite_conn {
	struct conn_base base;
	sqlite3 *db;
	bool interrupted;       /* atomic; set by cancel, cleared when a stream is opened */
	int64_t busy_until_us;  /* of the busy handler; 0 = not waiting */
	int64_t busy_us;        /* how long a lock is waited for */
	bool unix_dates;        /* integers in date and timestamp columns are seconds since 1970 */
};

/* Translates the code of the last failure into e; always returns false. */
bool sqlite_error(struct sqlite_conn *c, const char *table, int rc, struct err *e);

bool sqlite_describe(struct conn *conn, struct mem *m, const char *schema, const char *const *only, size_t n_only,
					 struct source_table ***out, size_t *count, struct err *e);
bool sqlite_splits(struct conn *conn, struct mem *m, const struct source_table *table, uint32_t want,
				   const char ***conditions, uint32_t *count, struct err *e);
bool sqlite_statistics(struct conn *conn, struct mem *m, const struct source_table *table,
					   struct source_statistics *out, struct err *e);
/* "name" with quotes doubled, in m. */
const char *sqlite_quote(struct mem *m, const char *name);
/* One integer by query; otherwise when it fails. */
int64_t sqlite_get_int(struct sqlite_conn *c, const char *sql, int64_t otherwise);

#endif
