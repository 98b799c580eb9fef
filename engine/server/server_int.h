/* What the files of the server room offer each other. */
#ifndef HOPLUU_SERVER_SERVER_INT_H
#define HOPLUU_SERVER_SERVER_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "engine/server/codec.h"
#include "engine/server/format.h"
#include "engine/server/server.h"

#define CONN_FLUSH 65536 /* bytes gathered before they are written */

struct portal {
	struct portal *next;
	char *name;
	struct mem *mem;
	struct prepared *prepared;
	struct value *params;
	enum wire_format *formats; /* per column */
	struct run *run;           /* NULL before the first Execute */
	struct batch batch;        /* rows not yet sent: [at, batch.rows) */
	uint32_t at;
	int64_t sent;
	bool done;
};

/* One client. */
struct conn {
	struct conn *next;         /* of the server's list */
	struct server *server;
	struct stream stream;
	pthread_t thread;
	int32_t pid, key;          /* what a CancelRequest has to know */
	char peer[64];
	bool from_loopback;
	struct session *session;
	struct wire_out out;
	char *message;             /* body of the message under work */
	size_t message_cap;
	bool failed;               /* skipping to Sync */
	bool broken;               /* the socket is gone */
	struct portal *portals;
	char *user, *database, *application;
	struct settings reported;  /* as ParameterStatus last told */
	atomic_bool idle;          /* waits for a message: may be closed by a shutdown */
};

/* ---- conn.c ---- */
void *conn_main(void *conn);
MUST_CHECK bool conn_flush(struct conn *c);
/* Sends an error (severity ERROR), and fails the transaction. */
void conn_error(struct conn *c, const struct err *e, const char *sql);
void conn_warnings(struct conn *c, struct run *r);
/* ParameterStatus for settings that changed. */
void conn_report(struct conn *c);

/* ---- login.c ---- startup packet to ReadyForQuery; false = the connection ends. */
MUST_CHECK bool conn_login(struct conn *c);

/* ---- rows.c ---- */
void rows_describe(struct conn *c, const struct result_column *cols, uint32_t n, const enum wire_format *formats);
/* Rows [from, b->rows) until max are sent (max < 0: all); *from moves. False: an error is in e, or the client is gone. */
MUST_CHECK bool rows_send(struct conn *c, const struct batch *b, uint32_t *from, int64_t max, const enum wire_format *formats,
						  struct err *e);

/* ---- simple.c, extended.c ---- */
void simple_query(struct conn *c, struct str sql);
void extended_message(struct conn *c, char type, struct str body);
void extended_close_portals(struct conn *c);  /* at the end of a transaction */

/* ---- listen.c ---- */
bool server_is_stopping(const struct server *s);
const struct server_options *server_options(const struct server *s);
struct engine *server_engine(struct server *s);
const struct tls *server_tls(const struct server *s);
const unsigned char *server_secret(const struct server *s); /* 32 random bytes of this process */
void server_cancel(struct server *s, int32_t pid, int32_t key);
void server_gone(struct conn *c); /* the thread's last act */

#endif
