/* A client's socket, plain or TLS, blocking with deadlines. One thread per stream, but stream_shut may come from any. */
#ifndef HOPLUU_SERVER_STREAM_H
#define HOPLUU_SERVER_STREAM_H

#include "engine/base/err.h"

struct tls; /* a server's certificate and key */
/* 58030-like errors name the file at fault. */
MUST_CHECK struct tls *tls_new(const char *certificate_file, const char *key_file, struct err *e);
void tls_free(struct tls *t);

struct stream {
	int fd;
	void *ssl; /* SSL *, NULL = plain */
};
/* The server's side of a handshake. */
MUST_CHECK bool stream_secure(struct stream *s, const struct tls *t, int timeout_ms);
/* Exactly len bytes. timeout_ms < 0: waits for ever. False: closed, broken or late (*late). */
MUST_CHECK bool stream_read(struct stream *s, void *to, size_t len, int timeout_ms, bool *late);
MUST_CHECK bool stream_write(struct stream *s, const void *from, size_t len);
/* Bytes can be read at once. */
bool stream_has_input(struct stream *s);
void stream_close(struct stream *s);

#endif
