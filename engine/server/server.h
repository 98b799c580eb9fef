/*
 * The PostgreSQL server: listens, and answers each client in a thread of its own; query work is done by the engine's
 * workers. One per process.
 */
#ifndef HOPLUU_SERVER_SERVER_H
#define HOPLUU_SERVER_SERVER_H

#include "engine/server/stream.h"
#include "engine/session/session.h"

struct server_options {
	const char *const *listen;     /* "HOST:PORT" or "PORT"; none = 127.0.0.1:5433 */
	size_t nlisten;
	const char *certificate, *key; /* files; NULL = no TLS */
	bool trust;                    /* log-ins from loopback need no password: for demos */
	bool allow_plain;              /* listen beyond loopback without TLS */
	int max_connections;
	int authentication_timeout_ms;
};

struct server;
/* Binds the sockets. 08006-like errors name the address; a non-loopback address without TLS is refused (42501). */
MUST_CHECK struct server *server_new(struct engine *g, const struct server_options *o, struct err *e);
/* Serves until server_stop; then waits for the connections: those that work finish their statement first. */
void server_run(struct server *s);
/* From a signal handler or any thread. now: statements are cancelled as well. */
void server_stop(struct server *s, bool now);
/* The port that the first address got (for "…:0"). */
int server_port(const struct server *s);
void server_free(struct server *s);

#endif
