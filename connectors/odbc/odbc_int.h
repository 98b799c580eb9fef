/* Shared by the files of the ODBC connector. */
#ifndef HOPLUU_CONNECTORS_ODBC_INT_H
#define HOPLUU_CONNECTORS_ODBC_INT_H

#include <pthread.h>
#include <sql.h>
#include <sqlext.h>

#include "connectors/batch_writer.h"

/* What a driver or the database behind it needs to be told, as data: one row in odbc_quirks.c. */
struct odbc_quirk {
	const char *driver;           /* part of SQL_DRIVER_NAME or of the option `driver`, lower case */
	const char *dialect;
	const char *connect_extra;    /* keywords for the connection string: what stops it from buffering whole results */
	const char *const *session;   /* statements that make the session deterministic and read-only */
	const char *verify;           /* gives one row with '1' when they have worked */
	uint32_t block_rows;          /* of a row array */
	bool wide_text;               /* texts as SQL_C_WCHAR; else SQL_C_CHAR is UTF-8 */
	bool values_as_text;          /* the driver converts without checking: take every value as text */
	bool no_getdata_in_block;     /* the rest of a cut text can be had for single rows only */
	bool buffers_results;         /* keeps whole results in memory, whatever it is told */
	bool cancel_frees;            /* SQLCancel interrupts the whole connection and then frees what its statement holds, from under
	                               * a thread that runs it: an idle statement of the connection is cancelled instead */
	const char *session_id, *kill; /* query for the session's number; statement that interrupts it, the number follows, from another one */
	const char *number_params;    /* "$": marks are $1 …, to be turned into ? */
	const char *max_params;
	/* Where the driver's conversion loses something: the query is wrapped, and such a column c becomes this (parts
	 * before, between and behind its name, twice). */
	const char *dates_as[3], *floats_as[3];
	bool wrap_by_with;            /* WITH q(…) AS (query) SELECT …; else SELECT … FROM (query) AS q(…) */
};
extern const struct odbc_quirk odbc_quirks[];
/* By the driver's file or registered name; never NULL: the last row fits all. */
const struct odbc_quirk *odbc_quirk_find(const char *driver);

struct odbc_conn {
	struct conn_base base;
	SQLHENV env;
	SQLHDBC dbc;
	const struct odbc_quirk *quirk;
	pthread_mutex_t lock;
	SQLHSTMT running; /* guarded by lock: what cancel interrupts */
	SQLHSTMT idle;    /* with cancel_frees: never runs anything */
	bool cancelled;   /* atomic; cleared when a stream is opened */
	bool getdata_in_block;
	char quote;
	struct options server, user; /* own copies, where killing needs a second connection */
	const char *session_id;
};

extern const struct connector connector_odbc;

/* ---- odbc.c ---- */
/* Translates the first diagnostic of the handle; returns false. */
bool odbc_error(struct odbc_conn *c, SQLSMALLINT kind, SQLHANDLE handle, const char *table, struct err *e);
static inline bool odbc_ok(SQLRETURN rc) { return rc == SQL_SUCCESS || rc == SQL_SUCCESS_WITH_INFO; }
/* A statement that gives one row with one text; NULL with e set when it fails, "" for no row. In m. */
const char *odbc_query_text(struct odbc_conn *c, struct mem *m, const char *sql, struct err *e);
bool odbc_exec(struct odbc_conn *c, const char *sql, struct err *e);
void odbc_cancel(struct conn *conn);
/* Stops what runs on the connection by its quirk's kill statement; false when there is none or it fails. */
bool odbc_kill(struct odbc_conn *c);

/* ---- odbc_text.c ---- */
/* UTF-8 to UTF-16, ended by a zero unit, in m. */
SQLWCHAR *odbc_wide(struct mem *m, const char *s, size_t len, size_t *units);
/* UTF-16 appended as UTF-8; false at a lone surrogate. */
bool odbc_narrow(const SQLWCHAR *s, size_t units, struct strbuf *out);

/* ---- odbc_stream.c ---- */
bool odbc_open(struct conn *conn, struct mem *m, const struct stream_request *request, struct stream **out, struct err *e);
bool odbc_next(struct stream *s, struct batch *out, struct err *e);
const struct stream_progress *odbc_progress(const struct stream *s);
void odbc_close_stream(struct stream *s);

/* ---- odbc_query.c ---- */
bool odbc_bind_params(struct odbc_conn *c, SQLHSTMT stmt, struct mem *m, const struct stream_request *q, struct err *e);
/* The query with the columns that the quirk wants cast: sql itself when none is. */
const char *odbc_wrap_query(const struct odbc_quirk *quirk, struct mem *m, const struct stream_request *q);
/* $n to ? in q, with the parameters in order of appearance. */
void odbc_number_params(struct mem *m, struct stream_request *q);

/* ---- odbc_describe.c ---- */
bool odbc_describe(struct conn *conn, struct mem *m, const char *schema, const char *const *only, size_t n_only,
				   struct source_table ***out, size_t *count, struct err *e);
bool odbc_statistics(struct conn *conn, struct mem *m, const struct source_table *table, struct source_statistics *out,
					 struct err *e);

#endif
