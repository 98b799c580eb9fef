/*
 * Streams from PostgreSQL: COPY (…) TO STDOUT in binary for what may be large, single rows in binary for what is
 * surely small.
 *
 * The query is prepared first, which costs one round trip and tells the columns' types as they are now: the decoders
 * are chosen by these, and a column retyped since its import is noticed. libpq is only read when its socket
 * has input, so that waiting can be interrupted; a cancelled server gets GRACE_US to react, else the connection is
 * given up.
 */
#include "connectors/postgresql/pg_int.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine/base/clock.h"

#define SMALL_ROWS 1000  /* up to here single rows are cheaper than COPY's second planning */
#define GRACE_US 800000

struct stream {
	struct pg_conn *conn;
	struct batch_writer w;
	struct stream_progress progress;
	pg_decoder *decoders;
	bool copying, done;
	bool header_read;
	/* of the CopyData message being decoded */
	char *message;
	const unsigned char *at, *end;
};

/* ---- cancelling ---- */

/* A cancel request on its way, by a thread of its own: a host that is gone may block it for minutes. Freed by
 * whoever of the two sides leaves last. */
struct canceller {
	PGcancel *key;
	int refs;      /* atomic */
	bool finished; /* atomic: the server has got it, it can't hit a later query */
};

static void canceller_unref(struct canceller *k)
{
	if (__atomic_sub_fetch(&k->refs, 1, __ATOMIC_ACQ_REL) == 0) {
		PQfreeCancel(k->key);
		free(k);
	}
}

static void *send_cancel(void *arg)
{
	struct canceller *k = arg;
	char why[256];

	PQcancel(k->key, why, sizeof why);
	__atomic_store_n(&k->finished, true, __ATOMIC_RELEASE);
	canceller_unref(k);
	return NULL;
}

static struct canceller *tell_server(struct pg_conn *c)
{
	struct canceller *k = calloc(1, sizeof *k);
	pthread_t t;

	ASSERT(k);
	k->refs = 2;
	k->key = PQgetCancel(c->pg);
	if (k->key && pthread_create(&t, NULL, send_cancel, k) == 0) {
		pthread_detach(t);
	} else {
		k->refs = 1;
		k->finished = true;
	}
	return k;
}

void pg_cancel(struct conn *conn)
{
	struct pg_conn *c = (struct pg_conn *)conn;
	uint64_t one = 1;

	__atomic_store_n(&c->cancelled, true, __ATOMIC_RELEASE);
	if (write(c->wake_fd, &one, sizeof one) < 0) {
		/* its counter is full: it is readable already */
	}
}

static bool was_cancelled(struct pg_conn *c, struct err *e)
{
	err_set(e, ERR_QUERY_CANCELED, "the query at server \"%s\" was canceled", c->base.server);
	return err_source(e, c->base.server);
}

/* Reads and drops what is left of the running statement, within `limit` us. */
static void drain(struct pg_conn *c, int64_t limit)
{
	int64_t until = clock_monotonic_us() + limit;
	PGresult *r;
	char *buf;

	for (;;) {
		int64_t left = until - clock_monotonic_us();
		if (left <= 0 || PQstatus(c->pg) != CONNECTION_OK)
			break;
		int n = PQgetCopyData(c->pg, &buf, 1);
		if (n > 0) {
			PQfreemem(buf);
			continue;
		}
		if (n == 0 || PQisBusy(c->pg)) {
			if (pg_wait(c, left, false) != PG_INPUT || !PQconsumeInput(c->pg))
				break;
			continue;
		}
		r = PQgetResult(c->pg);
		if (!r)
			return;
		PQclear(r);
	}
	c->base.broken = true;
}

/* Ends the running statement early. The connection is good afterwards or marked broken. */
static void stop_statement(struct pg_conn *c, int64_t limit)
{
	int64_t until = clock_monotonic_us() + limit;
	struct canceller *k = tell_server(c);

	drain(c, limit);
	while (!__atomic_load_n(&k->finished, __ATOMIC_ACQUIRE) && clock_monotonic_us() < until)
		usleep(500);
	if (!__atomic_load_n(&k->finished, __ATOMIC_ACQUIRE))
		c->base.broken = true;
	canceller_unref(k);
}

/* The next result, waiting for it as long as nobody cancels; *r may be NULL = no more. */
static bool next_result(struct pg_conn *c, PGresult **r, struct err *e)
{
	while (PQisBusy(c->pg)) {
		switch (pg_wait(c, -1, true)) {
		case PG_INPUT:
			if (!PQconsumeInput(c->pg))
				return pg_error(c, NULL, "", e);
			break;
		case PG_CANCELLED:
		case PG_LATE:
			stop_statement(c, GRACE_US);
			return was_cancelled(c, e);
		}
	}
	*r = PQgetResult(c->pg);
	return true;
}

/* Runs what was sent up to its first result, and for all but COPY and rows to the end. */
static bool finish_command(struct pg_conn *c, const char *table, PGresult **out, struct err *e)
{
	PGresult *r, *more;
	ExecStatusType st;

	if (!next_result(c, &r, e))
		return false;
	st = PQresultStatus(r);
	if (!r || (st != PGRES_COMMAND_OK && st != PGRES_COPY_OUT)) {
		pg_error(c, r, table, e);
		PQclear(r);
		drain(c, GRACE_US);
		return false;
	}
	if (st == PGRES_COMMAND_OK && next_result(c, &more, e))
		PQclear(more);
	*out = r;
	return true;
}

/* ---- opening ---- */

static bool send_failed(struct pg_conn *c, int sent, struct err *e)
{
	return sent ? true : pg_error(c, NULL, "", e);
}

/* Parses and describes the query; *out holds the columns. */
static bool describe_query(struct pg_conn *c, const struct stream_request *q, PGresult **out, struct err *e)
{
	Oid *types = q->nparams ? calloc(q->nparams, sizeof *types) : NULL;
	PGresult *r;
	bool ok;

	for (uint32_t i = 0; i < q->nparams; i++)
		types[i] = q->params[i].type.array ? type_infos[q->params[i].type.id].array_oid
										   : type_infos[q->params[i].type.id].oid;
	ok = send_failed(c, PQsendPrepare(c->pg, "", q->sql, (int)q->nparams, types), e)
		 && finish_command(c, q->table, &r, e);
	free(types);
	if (!ok)
		return false;
	PQclear(r);
	return send_failed(c, PQsendDescribePrepared(c->pg, ""), e) && finish_command(c, q->table, out, e);
}

/* Chooses the decoders; as_text[i] says which columns have to be cast first. */
static bool choose_decoders(struct stream *s, const PGresult *r, bool *as_text, bool *wrap, struct err *e)
{
	const struct stream_request *q = s->w.request;

	*wrap = false;
	if ((uint32_t)PQnfields(r) != q->ncols)
		return err_set(e, ERR_INTERNAL, "the query for server \"%s\" gives %d columns, not %u", s->conn->base.server,
					   PQnfields(r), q->ncols);
	for (uint32_t i = 0; i < q->ncols; i++) {
		struct type now;
		s->decoders[i] = pg_decoder_find(PQftype(r, (int)i), q->cols[i].type, &as_text[i]);
		*wrap = *wrap || as_text[i];
		if (s->decoders[i])
			continue;
		err_set(e, ERR_FDW_INVALID_DATA_TYPE, "column \"%s\" of table \"%s\" at server \"%s\" no longer has type %s",
				q->cols[i].name, q->table, s->conn->base.server, type_name(q->cols[i].type, s->w.scratch));
		if (type_find_oid(PQftype(r, (int)i), &now))
			err_detail(e, "its type there is now %s", type_name(now, s->w.scratch));
		err_hint(e, "Import the table again.");
		return err_source(e, s->conn->base.server);
	}
	return true;
}

/* SELECT c1, c2::text … FROM (sql) AS q(c1, c2 …) */
static const char *wrap_query(struct mem *m, const char *sql, uint32_t ncols, const bool *as_text)
{
	struct strbuf b;
	const char *out;

	strbuf_init(&b, 0);
	strbuf_adds(&b, "SELECT ");
	for (uint32_t i = 0; i < ncols; i++)
		strbuf_addf(&b, "%sc%u%s", i ? ", " : "", i + 1, as_text[i] ? "::text" : "");
	strbuf_addf(&b, " FROM (%s) AS q(", sql);
	for (uint32_t i = 0; i < ncols; i++)
		strbuf_addf(&b, "%sc%u", i ? ", " : "", i + 1);
	strbuf_addc(&b, ')');
	out = mem_strndup(m, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return out;
}

static bool start_copy(struct stream *s, const char *sql, struct mem *m, struct err *e)
{
	const struct stream_request *q = s->w.request;
	PGresult *r;

	if (q->nparams)
		sql = pg_inline_params(m, sql, q->nparams, q->params);
	sql = mem_printf(m, "COPY (%s) TO STDOUT (FORMAT binary)", sql);
	if (!send_failed(s->conn, PQsendQuery(s->conn->pg, sql), e) || !finish_command(s->conn, q->table, &r, e))
		return false;
	if (PQresultStatus(r) != PGRES_COPY_OUT || PQbinaryTuples(r) != 1) {
		PQclear(r);
		s->conn->base.broken = true;
		return err_set(e, ERR_PROTOCOL_VIOLATION, "server \"%s\" did not start a binary copy", s->conn->base.server);
	}
	PQclear(r);
	s->copying = true;
	return true;
}

static bool start_rows(struct stream *s, const char *sql, bool wrapped, struct mem *m, struct err *e)
{
	const struct stream_request *q = s->w.request;
	const char **values = mem_new_array(m, const char *, q->nparams ? q->nparams : 1);
	Oid *types = mem_new_array(m, Oid, q->nparams ? q->nparams : 1);
	int sent;

	for (uint32_t i = 0; i < q->nparams; i++) {
		values[i] = pg_param_text(m, &q->params[i]);
		types[i] = type_infos[q->params[i].type.id].oid;
	}
	sent = wrapped ? PQsendQueryParams(s->conn->pg, sql, (int)q->nparams, types, values, NULL, NULL, 1)
				   : PQsendQueryPrepared(s->conn->pg, "", (int)q->nparams, values, NULL, NULL, 1);
	if (!send_failed(s->conn, sent, e))
		return false;
	PQsetSingleRowMode(s->conn->pg);
	return true;
}

static void forget_cancel(struct pg_conn *c)
{
	uint64_t n;

	__atomic_store_n(&c->cancelled, false, __ATOMIC_RELEASE);
	if (read(c->wake_fd, &n, sizeof n) < 0) {
		/* it was not readable */
	}
}

bool pg_open(struct conn *conn, struct mem *m, const struct stream_request *request, struct stream **out, struct err *e)
{
	struct pg_conn *c = (struct pg_conn *)conn;
	struct stream *s = mem_new_object(m, struct stream);
	bool *as_text = mem_new_array(m, bool, request->ncols + 1), wrap, ok;
	const char *sql = request->sql;
	PGresult *r = NULL;

	forget_cancel(c);
	s->conn = c;
	s->decoders = mem_new_array(m, pg_decoder, request->ncols + 1);
	if (!describe_query(c, request, &r, e))
		return false;
	writer_open(&s->w, request, m, &s->progress, c->transport, true);
	ok = choose_decoders(s, r, as_text, &wrap, e);
	PQclear(r);
	if (ok && wrap)
		sql = wrap_query(m, sql, request->ncols, as_text);
	if (ok) {
		bool small = request->rows_hint >= 0 && request->rows_hint <= SMALL_ROWS;
		bool rows = c->fetch == PG_FETCH_ROWS || (c->fetch == PG_FETCH_AUTO && small) || request->ncols == 0;
		ok = rows ? start_rows(s, sql, wrap, m, e) : start_copy(s, sql, m, e);
	}
	if (!ok) {
		writer_close(&s->w);
		return false;
	}
	*out = s;
	return true;
}

/* ---- reading ---- */

static bool bad_message(struct stream *s, struct err *e)
{
	s->conn->base.broken = true;
	return err_set(e, ERR_PROTOCOL_VIOLATION, "server \"%s\" sent a malformed row", s->conn->base.server);
}

static inline int32_t get32(const unsigned char *p)
{
	uint32_t v;
	memcpy(&v, p, 4);
	return (int32_t)__builtin_bswap32(v);
}

/* Decodes the row at s->at; *end when it was the trailer. */
static bool copy_row(struct stream *s, bool *end, struct err *e)
{
	struct batch_writer *w = &s->w;
	const unsigned char *p = s->at, *limit = s->end;
	uint32_t ncols = w->request->ncols;
	int16_t n;

	if (limit - p < 2)
		return bad_message(s, e);
	n = (int16_t)(p[0] << 8 | p[1]);
	p += 2;
	if (n == -1) {
		*end = true;
		s->at = limit;
		return true;
	}
	if ((uint32_t)n != ncols)
		return bad_message(s, e);
	for (uint32_t i = 0; i < ncols; i++) {
		int32_t len;
		if (limit - p < 4)
			return bad_message(s, e);
		len = get32(p);
		p += 4;
		if (len < 0) {
			if (!writer_null(w, &w->cols[i]))
				return false;
			continue;
		}
		if (limit - p < len)
			return bad_message(s, e);
		if (!s->decoders[i](w, &w->cols[i], p, len))
			return false;
		p += len;
	}
	s->at = p;
	return true;
}

/* The signature, flags and header extension before the first row. */
static bool copy_header(struct stream *s, struct err *e)
{
	int32_t extension;

	if (s->end - s->at < 19 || memcmp(s->at, "PGCOPY\n\377\r\n", 11) != 0)
		return bad_message(s, e);
	extension = get32(s->at + 15);
	if (extension < 0 || s->end - s->at - 19 < extension)
		return bad_message(s, e);
	s->at += 19 + extension;
	s->header_read = true;
	return true;
}

/* The end of the COPY: its command result. */
static bool copy_end(struct stream *s, struct err *e)
{
	PGresult *r, *more;
	bool ok;

	if (!next_result(s->conn, &r, e))
		return false;
	ok = PQresultStatus(r) == PGRES_COMMAND_OK;
	if (!ok)
		pg_error(s->conn, r, s->w.request->table, e);
	PQclear(r);
	if (s->conn->base.broken)
		return false;
	while (next_result(s->conn, &more, e) && more)
		PQclear(more);
	return ok;
}

/* Puts the next message at s->at; *end when there is none. */
static bool copy_message(struct stream *s, bool *end, struct err *e)
{
	struct pg_conn *c = s->conn;
	int n;

	if (s->message)
		PQfreemem(s->message);
	s->message = NULL;
	while ((n = PQgetCopyData(c->pg, &s->message, 1)) == 0) {
		switch (pg_wait(c, -1, true)) {
		case PG_INPUT:
			if (!PQconsumeInput(c->pg))
				return pg_error(c, NULL, "", e);
			break;
		case PG_CANCELLED:
		case PG_LATE:
			stop_statement(c, GRACE_US);
			s->done = true;
			return was_cancelled(c, e);
		}
	}
	if (n < 0) {
		s->done = *end = true;
		return n == -1 ? copy_end(s, e) : pg_error(c, NULL, "", e);
	}
	s->at = (const unsigned char *)s->message;
	s->end = s->at + n;
	return s->header_read || copy_header(s, e);
}

static bool next_copied(struct stream *s, struct err *e)
{
	uint32_t limit = s->w.request->batch_rows;
	bool end = false;

	while (s->w.row < limit) {
		if (s->at == s->end) {
			if (!copy_message(s, &end, e))
				return false;
			if (end)
				return true;
			continue;
		}
		end = false;
		if (!copy_row(s, &end, e))
			return false;
		s->w.row += !end;
	}
	return !__atomic_load_n(&s->conn->cancelled, __ATOMIC_ACQUIRE) || was_cancelled(s->conn, e);
}

static bool decode_result_row(struct stream *s, const PGresult *r)
{
	struct batch_writer *w = &s->w;

	for (uint32_t i = 0; i < w->request->ncols; i++) {
		struct writer_col *c = &w->cols[i];
		bool ok = PQgetisnull(r, 0, (int)i)
					  ? writer_null(w, c)
					  : s->decoders[i](w, c, (const unsigned char *)PQgetvalue(r, 0, (int)i), PQgetlength(r, 0, (int)i));
		if (!ok)
			return false;
	}
	w->row++;
	return true;
}

static bool next_rows(struct stream *s, struct err *e)
{
	uint32_t limit = s->w.request->batch_rows;
	PGresult *r;
	ExecStatusType st;
	bool ok;

	while (s->w.row < limit) {
		if (!next_result(s->conn, &r, e)) {
			s->done = true;
			return false;
		}
		if (!r) {
			s->done = true;
			return true;
		}
		st = PQresultStatus(r);
		ok = st == PGRES_SINGLE_TUPLE ? decode_result_row(s, r)
			 : st == PGRES_TUPLES_OK  ? true
									  : pg_error(s->conn, r, s->w.request->table, e);
		PQclear(r);
		if (!ok)
			return false;
	}
	return true;
}

bool pg_next(struct stream *s, struct batch *out, struct err *e)
{
	bool ok;

	if (s->done) {
		out->rows = 0;
		return true;
	}
	if (!writer_begin(&s->w, out, e))
		return false;
	ok = s->copying ? next_copied(s, e) : next_rows(s, e);
	if (!ok)
		return writer_fail(&s->w);
	writer_end(&s->w);
	return true;
}

const struct stream_progress *pg_progress(const struct stream *s) { return &s->progress; }

void pg_close_stream(struct stream *s)
{
	struct pg_conn *c = s->conn;

	if (s->message)
		PQfreemem(s->message);
	if (PQtransactionStatus(c->pg) == PQTRANS_ACTIVE && !c->base.broken) {
		stop_statement(c, GRACE_US * 4);
	}
	c->used_us = clock_monotonic_us();
	writer_close(&s->w);
}
