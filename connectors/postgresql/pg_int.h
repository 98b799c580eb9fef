/* Shared by the files of the PostgreSQL connector. */
#ifndef HOPLUU_CONNECTORS_PG_INT_H
#define HOPLUU_CONNECTORS_PG_INT_H

#include <libpq-fe.h>

#include "connectors/batch_writer.h"

enum pg_fetch { PG_FETCH_AUTO, PG_FETCH_COPY, PG_FETCH_ROWS };

struct pg_conn {
	struct conn_base base;
	PGconn *pg;
	int wake_fd;          /* eventfd: readable once cancelled */
	bool cancelled;       /* atomic; cleared when a stream is opened */
	int64_t used_us;      /* end of the last use */
	enum pg_fetch fetch;
	enum transport transport;
};

extern const struct connector connector_postgresql;

/* ---- postgresql.c ---- */
/* Translates a failure (of result r, or of the connection when r is NULL) into e; returns false. table "" = none. */
bool pg_error(struct pg_conn *c, const PGresult *r, const char *table, struct err *e);
/* Runs one statement with text parameters and gives its rows as text; NULL with e set. */
PGresult *pg_query(struct pg_conn *c, const char *sql, int nparams, const char *const *params, struct err *e);
/* Waits until the socket has input (true) or the cancel flag, the limit (us since now; < 0 = none) came first. */
enum pg_wait { PG_INPUT, PG_CANCELLED, PG_LATE };
enum pg_wait pg_wait(struct pg_conn *c, int64_t limit_us, bool heed_cancel);

/* ---- pg_decode.c ---- */
/* Stores one binary field (len >= 0) as the column's type. */
typedef bool (*pg_decoder)(struct batch_writer *w, struct writer_col *c, const unsigned char *p, int32_t len);
/* The decoder from a remote type (oid) into our type; NULL when there is none. *as_text: the column has to be
 * cast to text in the query first. */
pg_decoder pg_decoder_find(uint32_t oid, struct type to, bool *as_text);

/* ---- pg_stream.c ---- */
bool pg_open(struct conn *conn, struct mem *m, const struct stream_request *request, struct stream **out, struct err *e);
bool pg_next(struct stream *s, struct batch *out, struct err *e);
const struct stream_progress *pg_progress(const struct stream *s);
void pg_close_stream(struct stream *s);
void pg_cancel(struct conn *conn);

/* ---- pg_params.c ---- */
/* sql with $1… replaced by literals, in m. */
const char *pg_inline_params(struct mem *m, const char *sql, uint32_t nparams, const struct value *params);
/* A parameter's text form in m; NULL for NULL. */
const char *pg_param_text(struct mem *m, const struct value *v);

/* ---- pg_describe.c ---- */
bool pg_describe(struct conn *conn, struct mem *m, const char *schema, const char *const *only, size_t n_only,
				 struct source_table ***out, size_t *count, struct err *e);
bool pg_statistics(struct conn *conn, struct mem *m, const struct source_table *table, struct source_statistics *out,
				   struct err *e);
bool pg_splits(struct conn *conn, struct mem *m, const struct source_table *table, uint32_t want,
			   const char ***conditions, uint32_t *count, struct err *e);

#endif
