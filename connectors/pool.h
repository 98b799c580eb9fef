/*
 * Connections to each server: a hard cap with a fair (first come, first served) queue, idle timeout, a
 * check when an idle one is taken. Keyed by server, its options' version and the user mapping, so that a
 * changed definition never meets an old connection. Thread-safe.
 */
#ifndef HOPLUU_CONNECTORS_POOL_H
#define HOPLUU_CONNECTORS_POOL_H

#include "connectors/connector.h"

struct pool; /* all servers' connections of a process */

struct pool_target {
	const char *server;              /* our name */
	uint64_t version;                /* changes whenever server or mapping options change */
	const char *user;                /* mapping's key: "" = public */
	const struct connector *connector;
	struct options server_options, user_options; /* borrowed for the call */
	struct source_facts facts;       /* given to the connection */
};

struct pool *pool_new(struct mem *m);
void pool_free(struct pool *p); /* closes all; none may be out */
/* Waits in the queue until cancelled; the option `max_connections` of the server sets its cap (default:
 * the connector's), `connect_timeout` seconds. NULL with e set: 08001 …, 57014. */
MUST_CHECK struct conn *pool_take(struct pool *p, const struct pool_target *t, struct cancel *cancel, struct err *e);
void pool_give(struct pool *p, struct conn *c); /* broken ones are closed */
void pool_close_idle(struct pool *p, const char *server); /* NULL = all */

struct pool_stats {
	const char *server;
	uint32_t open, in_use, waiting, cap;
};
size_t pool_stats(struct pool *p, struct mem *m, struct pool_stats **out);

#endif
