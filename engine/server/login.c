/*
 * From the first byte to ReadyForQuery: TLS and cancel requests, the startup packet, authentication, what the client is
 * told at the start. An unknown user and a wrong password look the same from outside.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/audit.h"
#include "engine/base/clock.h"
#include "engine/types/datetime.h"
#include "engine/base/log.h"
#include "engine/authorize/scram.h"
#include "engine/server/server_int.h"

static bool refuse(struct conn *c, const struct err *e)
{
	wire_error(&c->out, 'E', "FATAL", e, NULL);
	(void)!conn_flush(c);
	return false;
}

static bool fatal(struct conn *c, enum errcode code, const char *text)
{
	struct err e;

	err_clear(&e);
	err_set(&e, code, "%s", text);
	return refuse(c, &e);
}

static bool read_timed(struct conn *c, void *to, size_t len)
{
	bool late;

	return stream_read(&c->stream, to, len, server_options(c->server)->authentication_timeout_ms, &late);
}

static uint32_t word(const unsigned char *p) { return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]; }

/* SSLRequest and GSSENCRequest are answered here; *code is what follows them. The body has a zero behind it. */
static bool read_startup(struct conn *c, uint32_t *code, char **body, size_t *len)
{
	for (int round = 0; round < 4; round++) {
		unsigned char head[8];
		if (!read_timed(c, head, sizeof head))
			return false;
		*len = word(head);
		*code = word(head + 4);
		if (*len < 8 || *len > WIRE_MAX_STARTUP)
			return fatal(c, ERR_PROTOCOL_VIOLATION, "invalid length of startup packet");
		*len -= 8;
		if (*code != WIRE_SSL && *code != WIRE_GSS) {
			*body = calloc(1, *len + 1);
			ASSERT(*body);
			return read_timed(c, *body, *len);
		}
		if (*len != 0)
			return fatal(c, ERR_PROTOCOL_VIOLATION, "invalid length of startup packet");
		if (*code == WIRE_SSL && server_tls(c->server) && !c->stream.ssl) {
			/* what came before the handshake was not protected by it */
			if (stream_has_input(&c->stream) || !stream_write(&c->stream, "S", 1) ||
				!stream_secure(&c->stream, server_tls(c->server), server_options(c->server)->authentication_timeout_ms))
				return false;
		} else if (!stream_write(&c->stream, "N", 1)) {
			return false;
		}
	}
	return fatal(c, ERR_PROTOCOL_VIOLATION, "too many encryption requests");
}

static void keep(char **slot, const char *value)
{
	free(*slot);
	*slot = strdup(value);
}

/* Newer minor versions and _pq_ options: told which of them are not known. */
static void negotiate(struct conn *c, uint32_t code, const char *const *unknown, int n)
{
	struct err ignored;

	if ((code & 0xffff) == 0 && n == 0)
		return;
	wire_begin(&c->out, 'v');
	wire_i32(&c->out, 0);
	wire_i32(&c->out, n);
	for (int i = 0; i < n; i++)
		wire_text(&c->out, unknown[i]);
	err_clear(&ignored);
	(void)!wire_end(&c->out, &ignored);
}

/* "-c name=value …" of the parameter `options`. */
static bool take_options(struct settings *s, const char *text, struct err *e)
{
	char name[64], value[64];
	size_t n = 0;

	while (*text) {
		while (*text == ' ')
			text++;
		if (!*text)
			break;
		text += strncmp(text, "-c", 2) == 0 || strncmp(text, "--", 2) == 0 ? 2 : 0;
		while (*text == ' ')
			text++;
		for (n = 0; *text && *text != '=' && *text != ' ' && n + 1 < sizeof name; text++)
			name[n++] = *text == '-' ? '_' : *text;
		name[n] = 0;
		text += *text == '=';
		for (n = 0; *text && *text != ' ' && n + 1 < sizeof value; text++) {
			text += *text == '\\' && text[1];
			value[n++] = *text;
		}
		value[n] = 0;
		if (!setting_set(s, name, value, e))
			return false;
	}
	return true;
}

struct startup {
	const char *names[64], *values[64];
	int n;
	const char *unknown[16];
	int nunknown;
};

static bool take_startup(struct conn *c, uint32_t code, const char *body, size_t len, struct startup *s)
{
	struct wire_in in = wire_in_of(body, len);

	for (;;) {
		const char *name = wire_take_text(&in), *value;
		if (in.bad || !*name)
			break;
		value = wire_take_text(&in);
		if (strncmp(name, "_pq_.", 5) == 0 && s->nunknown < 16)
			s->unknown[s->nunknown++] = name;
		else if (s->n < 64) {
			s->names[s->n] = name;
			s->values[s->n++] = value;
		}
		if (strcmp(name, "user") == 0)
			keep(&c->user, value);
		else if (strcmp(name, "database") == 0)
			keep(&c->database, value);
	}
	if (in.bad)
		return fatal(c, ERR_PROTOCOL_VIOLATION, "invalid startup packet layout: expected terminator as last byte");
	if (!c->user || !*c->user)
		return fatal(c, ERR_INVALID_AUTHORIZATION, "no PostgreSQL user name specified in startup packet");
	if (!c->database)
		keep(&c->database, c->user);
	negotiate(c, code, s->unknown, s->nunknown);
	return true;
}

/* ---- authentication ---- */

static bool send_auth(struct conn *c, int code, const char *data, size_t len)
{
	struct err e;

	err_clear(&e);
	wire_begin(&c->out, 'R');
	wire_i32(&c->out, code);
	wire_bytes(&c->out, data, len);
	return wire_end(&c->out, &e) && conn_flush(c);
}

/* A password message: its body, in c->message. */
static bool read_answer(struct conn *c, struct str *body)
{
	unsigned char head[5];
	uint32_t len;

	if (!read_timed(c, head, sizeof head))
		return false;
	len = word(head + 1);
	if (head[0] != 'p' || len < 4 || len > 8192)
		return fatal(c, ERR_PROTOCOL_VIOLATION, "expected a SASL response");
	free(c->message);
	c->message_cap = len;
	c->message = calloc(1, len);
	ASSERT(c->message);
	*body = str_make(c->message, len - 4);
	return read_timed(c, c->message, len - 4);
}

static bool exchange(struct conn *c, struct scram *s, bool *match, struct err *e)
{
	struct wire_in in;
	struct strbuf out;
	struct str body, first;
	int32_t len;
	bool ok;

	if (!send_auth(c, 10, "SCRAM-SHA-256\0", 15) || !read_answer(c, &body))
		return false;
	in = wire_in_of(body.data, body.len);
	if (strcmp(wire_take_text(&in), "SCRAM-SHA-256") != 0)
		return err_set(e, ERR_PROTOCOL_VIOLATION, "client selected an invalid SASL authentication mechanism");
	len = wire_take_i32(&in);
	first = wire_take_bytes(&in, len > 0 ? (size_t)len : 0);
	if (!wire_at_end(&in, e))
		return false;
	strbuf_init(&out, 1 << 16);
	ok = scram_first(s, first, &out, e) && send_auth(c, 11, out.data, out.len) && read_answer(c, &body);
	strbuf_reset(&out);
	ok = ok && scram_final(s, body, &out, match, e);
	if (ok && *match)
		ok = send_auth(c, 12, out.data, out.len);
	strbuf_release(&out);
	return ok;
}

static bool check_password(struct conn *c, const struct catalog_user *u)
{
	struct scram s;
	struct err e;
	bool match = false, ok;

	err_clear(&e);
	ok = scram_begin(&s, u ? u->verifier : NULL, c->user, server_secret(c->server), &e) && exchange(c, &s, &match, &e);
	scram_release(&s);
	if (!ok)
		return err_is_set(&e) ? refuse(c, &e) : false;
	if (match)
		return true;
	log_message(LOG_WARNING, "log-in of \"%s\" from %s failed", c->user, c->peer);
	err_set(&e, ERR_INVALID_PASSWORD, "password authentication failed for user \"%s\"", c->user);
	return refuse(c, &e);
}

/* A log-in without its record isn't one. */
static bool audit_login(struct conn *c, bool let_in)
{
	struct audit *log = engine_audit(server_engine(c->server));
	struct strbuf b, at;
	struct err e;
	bool ok;

	if (!log)
		return true;
	err_clear(&e);
	strbuf_init(&b, 0);
	strbuf_init(&at, 64);
	timestamp_print(clock_wall_us() - (int64_t)EPOCH_SHIFT_DAYS * USEC_PER_DAY, &at);
	strbuf_addc(&at, 'Z');
	audit_text(&b, "kind", STR("login"));
	audit_text(&b, "at", strbuf_str(&at));
	audit_text(&b, "user", str_of(c->user));
	audit_text(&b, "client", str_of(c->peer));
	audit_text(&b, "sqlstate", str_of(let_in ? "00000" : errcode_sqlstate(ERR_INVALID_PASSWORD)));
	ok = audit_append(log, strbuf_str(&b), true, NULL, &e) || !let_in || refuse(c, &e);
	strbuf_release(&b);
	strbuf_release(&at);
	return ok;
}

static bool authenticate(struct conn *c, bool *administrator)
{
	const struct catalog_snapshot *snapshot = catalog_snapshot_get(engine_catalog(server_engine(c->server)));
	const struct catalog_user *u = catalog_find_user(snapshot, c->user);
	bool trusted = server_options(c->server)->trust && c->from_loopback, ok;

	ok = trusted || check_password(c, u);
	ok = audit_login(c, ok) && ok;
	*administrator = trusted || (u && u->is_administrator);
	catalog_snapshot_unref(snapshot);
	return ok && send_auth(c, 0, NULL, 0);
}

/* ---- the session ---- */

/* 'utf-8' in quotes, as some clients send it. */
static bool set_encoding(struct settings *s, const char *value, struct err *e)
{
	char plain[32];
	size_t n = strlen(value);

	if (n > 2 && n < sizeof plain && value[0] == '\'' && value[n - 1] == '\'') {
		snprintf(plain, sizeof plain, "%.*s", (int)n - 2, value + 1);
		value = plain;
	}
	return setting_set(s, "client_encoding", value, e);
}

static bool open_session(struct conn *c, const struct startup *s, bool administrator)
{
	struct principal who = {.user = c->user, .agency = "", .purpose = "", .is_administrator = administrator,
		.is_operator = server_options(c->server)->trust && c->from_loopback};
	struct settings *settings;
	struct err e;
	bool ok = true;

	err_clear(&e);
	who.is_listed = !who.is_operator;
	c->session = session_open(server_engine(c->server), &who, &e);
	if (!c->session)
		return refuse(c, &e);
	session_set_client(c->session, c->peer);
	settings = session_settings(c->session);
	for (int i = 0; i < s->n && ok; i++) {
		if (strcmp(s->names[i], "user") == 0 || strcmp(s->names[i], "database") == 0 || strcmp(s->names[i], "replication") == 0)
			continue;
		ok = strcmp(s->names[i], "client_encoding") == 0 ? set_encoding(settings, s->values[i], &e)
			 : strcmp(s->names[i], "options") == 0 ? take_options(settings, s->values[i], &e)
												 : setting_set(settings, s->names[i], s->values[i], &e);
	}
	return ok || refuse(c, &e);
}

static void greet(struct conn *c, bool administrator)
{
	struct err ignored;

	wire_parameter(&c->out, "server_version", "15.0 (Hop Luu)");
	wire_parameter(&c->out, "server_encoding", "UTF8");
	wire_parameter(&c->out, "integer_datetimes", "on");
	wire_parameter(&c->out, "in_hot_standby", "off");
	wire_parameter(&c->out, "default_transaction_read_only", "off");
	wire_parameter(&c->out, "is_superuser", administrator ? "on" : "off");
	wire_parameter(&c->out, "session_authorization", c->user);
	memset(&c->reported, 0xff, sizeof c->reported); /* all of them */
	conn_report(c);
	wire_begin(&c->out, 'K');
	wire_i32(&c->out, c->pid);
	wire_i32(&c->out, c->key);
	err_clear(&ignored);
	(void)!wire_end(&c->out, &ignored);
	wire_ready(&c->out, 'I');
}

static bool begin_session(struct conn *c, uint32_t code, const char *body, size_t len)
{
	struct startup s = {.n = 0};
	bool administrator;

	if (!take_startup(c, code, body, len, &s) || !authenticate(c, &administrator) || !open_session(c, &s, administrator))
		return false;
	greet(c, administrator);
	return conn_flush(c);
}

bool conn_login(struct conn *c)
{
	uint32_t code;
	char *body = NULL;
	size_t len;
	bool ok = read_startup(c, &code, &body, &len);

	if (ok && code == WIRE_CANCEL) {
		if (len == 8)
			server_cancel(c->server, (int32_t)word((unsigned char *)body), (int32_t)word((unsigned char *)body + 4));
		ok = false;
	} else if (ok && code >> 16 != 3) {
		ok = fatal(c, ERR_PROTOCOL_VIOLATION, "unsupported frontend protocol: the server supports 3.0");
	} else if (ok && server_is_stopping(c->server)) {
		ok = fatal(c, ERR_CANNOT_CONNECT_NOW, "the database system is shutting down");
	} else if (ok) {
		ok = begin_session(c, code, body, len);
	}
	free(body);
	return ok;
}
