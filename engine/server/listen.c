/*
 * Sockets that listen, the accept loop, the list of connections: limits, cancel requests, shutting down. `lock` guards the
 * list; a connection's thread takes itself out of it as its last act.
 */
#define _GNU_SOURCE /* accept4, pipe2 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "engine/base/log.h"
#include "engine/server/server_int.h"

#define MAX_SOCKETS 16
#define CONN_STACK (512u << 10) /* bytes: binding recurses, executing does not */

struct server {
	struct engine *engine;
	struct server_options options;
	struct tls *tls;
	int sockets[MAX_SOCKETS];
	size_t nsockets;
	int wake[2];               /* a pipe: server_stop writes, the accept loop reads */
	atomic_int stopping;       /* 0, 1 = after the running statements, 2 = now */
	unsigned char secret[32];
	pthread_mutex_t lock;
	pthread_cond_t empty;
	struct conn *conns;
	int count;
	int32_t next_pid;
};

bool server_is_stopping(const struct server *s) { return atomic_load(&((struct server *)s)->stopping) != 0; }
const struct server_options *server_options(const struct server *s) { return &s->options; }
struct engine *server_engine(struct server *s) { return s->engine; }
const struct tls *server_tls(const struct server *s) { return s->tls; }
const unsigned char *server_secret(const struct server *s) { return s->secret; }

/* ---- listening ---- */

/* "host:port", "[v6]:port" or "port". */
static bool split_address(const char *text, char *host, size_t size, char *port, size_t port_size)
{
	const char *colon = strrchr(text, ':'), *end;

	snprintf(host, size, "127.0.0.1");
	if (!colon) {
		snprintf(port, port_size, "%s", text);
		return *text != 0;
	}
	end = colon;
	if (*text == '[' && colon[-1] == ']') {
		text++;
		end--;
	}
	if (end > text)
		snprintf(host, size, "%.*s", (int)(end - text), text);
	snprintf(port, port_size, "%s", colon + 1);
	return colon[1] != 0;
}

static bool is_loopback(const struct sockaddr *a)
{
	if (a->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr) >> 24 == 127;
	if (a->sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr);
	return a->sa_family == AF_UNIX;
}

static bool open_socket(struct server *s, const struct addrinfo *a, const char *address, struct err *e)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	if (!is_loopback(a->ai_addr) && !s->tls && !s->options.allow_plain) {
		if (fd >= 0)
			close(fd);
		err_set(e, ERR_INSUFFICIENT_PRIVILEGE, "not listening at %s: it is beyond loopback, and there is no TLS", address);
		return err_hint(e, "Give --tls-cert and --tls-key, or --allow-plain to accept passwords and data in the open.");
	}
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (fd < 0 || bind(fd, a->ai_addr, a->ai_addrlen) != 0 || listen(fd, 1024) != 0) {
		err_set(e, ERR_CONNECTION_FAILURE, "could not listen at %s: %s", address, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	s->sockets[s->nsockets++] = fd;
	return true;
}

static bool listen_at(struct server *s, const char *address, struct err *e)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *list;
	char host[256], port[32];
	bool ok = true;
	int rc;

	if (!split_address(address, host, sizeof host, port, sizeof port))
		return err_set(e, ERR_INVALID_PARAMETER_VALUE, "\"%s\" is no address to listen at: HOST:PORT or PORT", address);
	rc = getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, port, &hints, &list);
	if (rc != 0)
		return err_set(e, ERR_CONNECTION_FAILURE, "could not listen at %s: %s", address, gai_strerror(rc));
	for (const struct addrinfo *a = list; a && ok && s->nsockets < MAX_SOCKETS; a = a->ai_next)
		ok = open_socket(s, a, address, e);
	freeaddrinfo(list);
	return ok;
}

int server_port(const struct server *s)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof a;

	if (!s->nsockets || getsockname(s->sockets[0], (struct sockaddr *)&a, &len) != 0)
		return -1;
	return ntohs(a.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&a)->sin6_port : ((struct sockaddr_in *)&a)->sin_port);
}

struct server *server_new(struct engine *g, const struct server_options *o, struct err *e)
{
	struct server *s = calloc(1, sizeof *s);
	bool ok = true;

	ASSERT(s);
	s->engine = g;
	s->options = *o;
	s->wake[0] = s->wake[1] = -1;
	s->next_pid = 1000;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->empty, NULL);
	if (RAND_bytes(s->secret, sizeof s->secret) != 1 || pipe2(s->wake, O_CLOEXEC | O_NONBLOCK) != 0)
		ok = err_set(e, ERR_INTERNAL, "the server can't start: %s", strerror(errno));
	if (ok && o->certificate)
		ok = (s->tls = tls_new(o->certificate, o->key ? o->key : o->certificate, e)) != NULL;
	if (ok && !o->nlisten)
		ok = listen_at(s, "127.0.0.1:5433", e);
	for (size_t i = 0; i < o->nlisten && ok; i++)
		ok = listen_at(s, o->listen[i], e);
	if (ok)
		return s;
	server_free(s);
	return NULL;
}

/* ---- connections ---- */

void server_gone(struct conn *c)
{
	struct server *s = c->server;

	pthread_mutex_lock(&s->lock);
	for (struct conn **at = &s->conns; *at; at = &(*at)->next)
		if (*at == c) {
			*at = c->next;
			break;
		}
	s->count--;
	pthread_cond_broadcast(&s->empty);
	pthread_mutex_unlock(&s->lock);
	free(c);
}

void server_cancel(struct server *s, int32_t pid, int32_t key)
{
	pthread_mutex_lock(&s->lock);
	for (struct conn *c = s->conns; c; c = c->next)
		if (c->pid == pid && c->key == key && c->session)
			session_cancel(c->session);
	pthread_mutex_unlock(&s->lock);
}

static void refuse_client(int fd)
{
	struct wire_out out;
	struct err e;

	wire_init(&out);
	err_clear(&e);
	err_set(&e, ERR_TOO_MANY_CONNECTIONS, "sorry, too many clients already");
	wire_error(&out, 'E', "FATAL", &e, NULL);
	(void)!send(fd, out.buf.data, out.buf.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	wire_release(&out);
	close(fd);
}

static void describe_peer(struct conn *c, const struct sockaddr *a, socklen_t len)
{
	char host[48] = "?", port[8] = "";

	getnameinfo(a, len, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(c->peer, sizeof c->peer, "%s:%s", host, port);
	c->from_loopback = is_loopback(a);
}

static bool start_conn(struct server *s, struct conn *c)
{
	pthread_attr_t attributes;
	bool ok;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, CONN_STACK);
	pthread_mutex_lock(&s->lock);
	c->pid = s->next_pid++;
	c->next = s->conns;
	s->conns = c;
	s->count++;
	ok = pthread_create(&c->thread, &attributes, conn_main, c) == 0;
	pthread_mutex_unlock(&s->lock);
	pthread_attr_destroy(&attributes);
	return ok;
}

static void accept_client(struct server *s, int listening)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof a;
	int fd = accept4(listening, (struct sockaddr *)&a, &len, SOCK_CLOEXEC | SOCK_NONBLOCK), on = 1;
	struct conn *c;
	bool full;

	if (fd < 0)
		return;
	pthread_mutex_lock(&s->lock);
	full = s->count >= s->options.max_connections;
	pthread_mutex_unlock(&s->lock);
	c = full ? NULL : calloc(1, sizeof *c);
	if (!c || RAND_bytes((unsigned char *)&c->key, sizeof c->key) != 1) {
		free(c);
		refuse_client(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	c->server = s;
	c->stream.fd = fd;
	describe_peer(c, (struct sockaddr *)&a, len);
	if (!start_conn(s, c)) {
		refuse_client(dup(fd));
		close(fd);
		server_gone(c);
	}
}

/* Those that wait for a message end at once; those that work, after their statement (now: it is cancelled). */
static void end_conns(struct server *s)
{
	pthread_mutex_lock(&s->lock);
	while (s->count) {
		struct timespec until;
		for (struct conn *c = s->conns; c; c = c->next) {
			if (atomic_load(&c->idle) || !c->session)
				shutdown(c->stream.fd, SHUT_RD);
			if (c->session && atomic_load(&s->stopping) > 1)
				session_cancel(c->session);
		}
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 100 * 1000 * 1000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&s->empty, &s->lock, &until);
	}
	pthread_mutex_unlock(&s->lock);
}

void server_run(struct server *s)
{
	struct pollfd p[MAX_SOCKETS + 1];

	while (!server_is_stopping(s)) {
		for (size_t i = 0; i < s->nsockets; i++)
			p[i] = (struct pollfd){.fd = s->sockets[i], .events = POLLIN};
		p[s->nsockets] = (struct pollfd){.fd = s->wake[0], .events = POLLIN};
		if (poll(p, s->nsockets + 1, -1) < 0 && errno != EINTR)
			break;
		for (size_t i = 0; i < s->nsockets; i++)
			if (p[i].revents & POLLIN)
				accept_client(s, s->sockets[i]);
	}
	for (size_t i = 0; i < s->nsockets; i++)
		close(s->sockets[i]);
	s->nsockets = 0;
	end_conns(s);
}

void server_stop(struct server *s, bool now)
{
	if (atomic_load(&s->stopping) < 1 + now)
		atomic_store(&s->stopping, 1 + now);
	(void)!write(s->wake[1], "", 1);
}

void server_free(struct server *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->nsockets; i++)
		close(s->sockets[i]);
	for (int i = 0; i < 2; i++)
		if (s->wake[i] >= 0)
			close(s->wake[i]);
	tls_free(s->tls);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->empty);
	free(s);
}
