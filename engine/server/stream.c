/* Sockets with and without TLS (OpenSSL). Non-blocking below, so that a deadline can end any wait. */
#include "engine/server/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "engine/base/clock.h"

struct tls {
	SSL_CTX *ctx;
};

struct tls *tls_new(const char *certificate_file, const char *key_file, struct err *e)
{
	struct tls *t = calloc(1, sizeof *t);

	ASSERT(t);
	t->ctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);
	SSL_CTX_set_mode(t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (SSL_CTX_use_certificate_chain_file(t->ctx, certificate_file) != 1)
		err_set(e, ERR_CONFIG_FILE_ERROR, "certificate file \"%s\" can't be used: %s", certificate_file,
				ERR_reason_error_string(ERR_get_error()));
	else if (SSL_CTX_use_PrivateKey_file(t->ctx, key_file, SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(t->ctx) != 1)
		err_set(e, ERR_CONFIG_FILE_ERROR, "key file \"%s\" can't be used or does not belong to the certificate: %s", key_file,
				ERR_reason_error_string(ERR_get_error()));
	else
		return t;
	tls_free(t);
	return NULL;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	SSL_CTX_free(t->ctx);
	free(t);
}

/* False when the time is up. */
static bool wait_for(int fd, short events, int64_t deadline)
{
	struct pollfd p = {.fd = fd, .events = events};

	for (;;) {
		int64_t left = deadline < 0 ? -1 : (deadline - clock_monotonic_us() + 999) / 1000;
		int rc;
		if (deadline >= 0 && left <= 0)
			return false;
		rc = poll(&p, 1, left < 0 ? -1 : left > 60000 ? 60000 : (int)left);
		if (rc > 0)
			return true;
		if (rc < 0 && errno != EINTR)
			return false;
	}
}

static int64_t deadline_of(int timeout_ms) { return timeout_ms < 0 ? -1 : clock_monotonic_us() + (int64_t)timeout_ms * 1000; }

/* What a TLS call that could not go on waits for; 0 = it is broken. */
static short tls_wants(const struct stream *s, int rc)
{
	int reason = SSL_get_error(s->ssl, rc);

	return reason == SSL_ERROR_WANT_READ ? POLLIN : reason == SSL_ERROR_WANT_WRITE ? POLLOUT : 0;
}

bool stream_secure(struct stream *s, const struct tls *t, int timeout_ms)
{
	int64_t deadline = deadline_of(timeout_ms);
	int rc;

	s->ssl = SSL_new(t->ctx);
	if (!s->ssl || SSL_set_fd(s->ssl, s->fd) != 1)
		return false;
	while ((rc = SSL_accept(s->ssl)) != 1) {
		short events = tls_wants(s, rc);
		if (!events || !wait_for(s->fd, events, deadline)) {
			ERR_clear_error();
			return false;
		}
	}
	return true;
}

bool stream_read(struct stream *s, void *to, size_t len, int timeout_ms, bool *late)
{
	int64_t deadline = deadline_of(timeout_ms);
	char *at = to;

	*late = false;
	while (len) {
		short events = POLLIN;
		ssize_t n;
		if (s->ssl) {
			n = SSL_read(s->ssl, at, len > INT32_MAX ? INT32_MAX : (int)len);
			if (n <= 0 && !(events = tls_wants(s, (int)n))) {
				ERR_clear_error();
				return false;
			}
		} else {
			n = recv(s->fd, at, len, 0);
			if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
				return false;
		}
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		} else if (!wait_for(s->fd, events, deadline)) {
			*late = true;
			return false;
		}
	}
	return true;
}

bool stream_write(struct stream *s, const void *from, size_t len)
{
	const char *at = from;

	while (len) {
		short events = POLLOUT;
		ssize_t n;
		if (s->ssl) {
			n = SSL_write(s->ssl, at, len > INT32_MAX ? INT32_MAX : (int)len);
			if (n <= 0 && !(events = tls_wants(s, (int)n))) {
				ERR_clear_error();
				return false;
			}
		} else {
			n = send(s->fd, at, len, MSG_NOSIGNAL);
			if (n < 0 && errno != EAGAIN && errno != EINTR)
				return false;
		}
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		} else if (!wait_for(s->fd, events, -1)) {
			return false;
		}
	}
	return true;
}

bool stream_has_input(struct stream *s)
{
	struct pollfd p = {.fd = s->fd, .events = POLLIN};

	return (s->ssl && SSL_pending(s->ssl) > 0) || poll(&p, 1, 0) > 0;
}

void stream_close(struct stream *s)
{
	if (s->ssl) {
		SSL_shutdown(s->ssl);
		SSL_free(s->ssl);
		ERR_clear_error();
	}
	if (s->fd >= 0)
		close(s->fd);
	s->ssl = NULL;
	s->fd = -1;
}
