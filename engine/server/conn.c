/*
 * One client's thread: log-in, then message after message. Which message may come when is decided here; what each does is
 * simple.c's and extended.c's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/log.h"
#include "engine/server/server_int.h"

bool conn_flush(struct conn *c)
{
	if (!c->broken && c->out.buf.len && !stream_write(&c->stream, c->out.buf.data, c->out.buf.len))
		c->broken = true;
	strbuf_reset(&c->out.buf);
	return !c->broken;
}

void conn_error(struct conn *c, const struct err *e, const char *sql)
{
	wire_error(&c->out, 'E', "ERROR", e, sql);
	session_fail_transaction(c->session);
}

/* "WARNING 01H01: text" as the session gathers them. */
void conn_warnings(struct conn *c, struct run *r)
{
	const char *const *lines;
	size_t n = run_warnings(r, &lines);

	for (size_t i = 0; i < n; i++) {
		struct err w;
		char state[6] = "01000";
		err_clear(&w);
		if (strlen(lines[i]) > 15 && strncmp(lines[i], "WARNING ", 8) == 0)
			memcpy(state, lines[i] + 8, 5);
		w.code = errcode_from_sqlstate(state);
		snprintf(w.message, sizeof w.message, "%s", strlen(lines[i]) > 15 ? lines[i] + 15 : lines[i]);
		wire_error(&c->out, 'N', "WARNING", &w, NULL);
	}
}

static const enum setting_id reported[] = {SET_timezone, SET_datestyle, SET_application_name, SET_client_encoding,
	SET_standard_conforming_strings, SET_intervalstyle};

void conn_report(struct conn *c)
{
	const struct settings *now = session_settings(c->session);
	static const char *const names[] = {"TimeZone", "DateStyle", "application_name", "client_encoding",
		"standard_conforming_strings", "IntervalStyle"};
	struct mem *m = NULL;

	for (size_t i = 0; i < ARRAY_LEN(reported); i++) {
		enum setting_id id = reported[i];
		if (now->number[id] == c->reported.number[id] && strcmp(now->text[id], c->reported.text[id]) == 0)
			continue;
		if (!m)
			m = mem_new(NULL, MEM_SESSION, "report", 0);
		wire_parameter(&c->out, names[i], setting_text(now, id, m));
	}
	if (m)
		mem_free(m);
	c->reported = *now;
}

/* ---- messages ---- */

/* The next message; its body in c->message with a zero behind it. False: the connection ends. */
static bool read_message(struct conn *c, char *type, struct str *body)
{
	unsigned char head[5];
	uint32_t len;
	bool late, ok;
	struct err e;

	atomic_store(&c->idle, true);
	ok = !server_is_stopping(c->server) && stream_read(&c->stream, head, sizeof head, -1, &late);
	atomic_store(&c->idle, false);
	if (!ok)
		return false;
	len = (uint32_t)head[1] << 24 | (uint32_t)head[2] << 16 | (uint32_t)head[3] << 8 | head[4];
	err_clear(&e);
	if (len < 4 || len - 4 > WIRE_MAX_MESSAGE) {
		err_set(&e, ERR_PROTOCOL_VIOLATION, "invalid message length");
		wire_error(&c->out, 'E', "FATAL", &e, NULL);
		(void)!conn_flush(c);
		return false;
	}
	len -= 4;
	if (len + 1 > c->message_cap) {
		free(c->message);
		c->message_cap = len + 1 < 8192 ? 8192 : len + 1;
		c->message = malloc(c->message_cap);
		ASSERT(c->message);
	}
	if (!stream_read(&c->stream, c->message, len, 60000, &late))
		return false;
	c->message[len] = 0;
	*type = (char)head[0];
	*body = str_make(c->message, len);
	return true;
}

static char transaction_state(const struct conn *c)
{
	switch (session_transaction(c->session)) {
	case TRANSACTION_NONE:
		return 'I';
	case TRANSACTION_OPEN:
		return 'T';
	case TRANSACTION_FAILED:
		return 'E';
	}
	UNREACHABLE();
}

static bool ready(struct conn *c)
{
	if (session_transaction(c->session) == TRANSACTION_NONE)
		extended_close_portals(c);
	wire_ready(&c->out, transaction_state(c));
	return conn_flush(c);
}

static bool unknown_message(struct conn *c, char type)
{
	struct err e;

	err_clear(&e);
	err_set(&e, ERR_PROTOCOL_VIOLATION, "invalid frontend message type %d", type);
	wire_error(&c->out, 'E', "FATAL", &e, NULL);
	(void)!conn_flush(c);
	return false;
}

static void function_call(struct conn *c)
{
	struct err e;

	err_clear(&e);
	err_set(&e, ERR_FEATURE_NOT_SUPPORTED, "function calls by oid are not supported: use SELECT");
	conn_error(c, &e, NULL);
}

/* False: the connection ends. */
static bool answer(struct conn *c, char type, struct str body)
{
	struct wire_in in = wire_in_of(body.data, body.len);
	struct err e;

	if (type == 'X')
		return false;
	if (type == 'S') {
		c->failed = false;
		return ready(c);
	}
	if (c->failed)
		return true;
	err_clear(&e);
	switch (type) {
	case 'Q':
		(void)wire_take_text(&in);
		if (!wire_at_end(&in, &e))
			conn_error(c, &e, NULL);
		else
			simple_query(c, str_make(body.data, body.len - 1));
		return ready(c);
	case 'P':
	case 'B':
	case 'D':
	case 'E':
	case 'C':
		extended_message(c, type, body);
		return c->out.buf.len < CONN_FLUSH || conn_flush(c);
	case 'H':
		return conn_flush(c);
	case 'F':
		function_call(c);
		return ready(c);
	case 'd':
	case 'c':
	case 'f': /* of a COPY that is over */
		return true;
	default:
		return unknown_message(c, type);
	}
}

static void conn_end(struct conn *c)
{
	if (c->session) {
		extended_close_portals(c);
		session_close(c->session);
	}
	stream_close(&c->stream);
	wire_release(&c->out);
	free(c->message);
	free(c->user);
	free(c->database);
	free(c->application);
}

static void farewell(struct conn *c)
{
	struct err e;

	if (!server_is_stopping(c->server) || c->broken || !c->session)
		return;
	err_clear(&e);
	err_set(&e, ERR_ADMIN_SHUTDOWN, "terminating connection due to administrator command");
	wire_error(&c->out, 'E', "FATAL", &e, NULL);
	(void)!conn_flush(c);
}

void *conn_main(void *arg)
{
	struct conn *c = arg;
	struct str body;
	char type;

	wire_init(&c->out);
	if (conn_login(c)) {
		while (!c->broken && read_message(c, &type, &body) && answer(c, type, body))
			;
		farewell(c);
	}
	conn_end(c);
	server_gone(c);
	return NULL;
}
