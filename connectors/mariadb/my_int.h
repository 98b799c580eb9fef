/* Shared by the files of the MariaDB/MySQL connector. */
#ifndef HOPLUU_CONNECTORS_MY_INT_H
#define HOPLUU_CONNECTORS_MY_INT_H

#include <mysql.h>

#include "connectors/batch_writer.h"

struct my_conn {
	struct conn_base base;
	MYSQL *my;
	struct options server, user; /* own copies: cancelling needs a second connection */
	unsigned long thread_id;
	bool is_mariadb;
	bool cancelled;              /* atomic; cleared when a stream is opened */
	bool tinyint1_is_boolean, time_is_interval;
	int64_t used_us;
};

extern const struct connector connector_mariadb;

/* ---- mariadb.c ---- */
/* Translates a failure (of the statement, or of the connection when it is NULL); returns false. */
bool my_error(struct my_conn *c, MYSQL_STMT *stmt, const char *table, struct err *e);
/* All rows of a small query as text; NULL with e set. */
MYSQL_RES *my_query(struct my_conn *c, const char *sql, struct err *e);
/* 'text' as a literal of the session (quotes and backslashes doubled), in m. */
const char *my_literal(struct mem *m, const char *text);
/* Sends KILL QUERY over a second connection; where that fails the socket is shut. */
void my_cancel(struct conn *conn);

/* ---- my_decode.c ---- */
/* How a field stands in a row of the binary protocol. */
enum my_wire { MY_FIXED, MY_SHORT_LENGTH, MY_LENGTH_ENCODED };
/* Stores a field whose bytes are p[0..len). */
typedef bool (*my_decoder)(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len);
struct my_field {
	my_decoder decode;
	enum my_wire wire;
	uint8_t size; /* MY_FIXED */
};
/* false when a remote field of that kind can't become our type. */
bool my_field_find(const MYSQL_FIELD *f, struct type to, struct my_field *out);

/* ---- my_stream.c ---- */
bool my_open(struct conn *conn, struct mem *m, const struct stream_request *request, struct stream **out, struct err *e);
bool my_next(struct stream *s, struct batch *out, struct err *e);
const struct stream_progress *my_progress(const struct stream *s);
void my_close_stream(struct stream *s);

/* ---- my_describe.c ---- */
bool my_describe(struct conn *conn, struct mem *m, const char *schema, const char *const *only, size_t n_only,
				 struct source_table ***out, size_t *count, struct err *e);

/* ---- my_statistics.c ---- */
bool my_statistics(struct conn *conn, struct mem *m, const struct source_table *table, struct source_statistics *out,
				   struct err *e);
bool my_splits(struct conn *conn, struct mem *m, const struct source_table *table, uint32_t want,
			   const char ***conditions, uint32_t *count, struct err *e);

#endif
