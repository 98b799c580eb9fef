/*
 * Streams from MariaDB: prepared statements in the binary protocol, unbuffered, without a cursor. Each field is decoded
 * straight from Connector/C's network buffer: its result callback gives the row's bytes, so nothing is bound,
 * converted or copied by it.
 *
 * Invariant of the callback: it advances over every field, also after one has failed, since Connector/C goes on with
 * the row; what failed is found in `failed` afterwards.
 */
#include "connectors/mariadb/my_int.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "engine/base/clock.h"
#include "engine/types/datetime.h"

#define DRAIN_ROWS 1000 /* read to the end rather than connecting anew */

struct stream {
	struct my_conn *conn;
	MYSQL_STMT *stmt;
	struct batch_writer w;
	struct stream_progress progress;
	struct my_field *fields;
	bool *plain; /* per column: no encoding or normalisation asked */
	bool failed, done;
};

static bool is_cancelled(const struct my_conn *c) { return __atomic_load_n(&c->cancelled, __ATOMIC_RELAXED); }

/* The length prefix of a string. */
static size_t length_prefix(const unsigned char **p)
{
	const unsigned char *q = *p;
	size_t n = 0;

	if (*q < 251) {
		*p = q + 1;
		return *q;
	}
	switch (*q) {
	case 252:
		*p = q + 3;
		return (size_t)q[1] | (size_t)q[2] << 8;
	case 253:
		*p = q + 4;
		return (size_t)q[1] | (size_t)q[2] << 8 | (size_t)q[3] << 16;
	default:
		memcpy(&n, q + 1, 8);
		*p = q + 9;
		return n;
	}
}

static void on_field(void *data, unsigned column, unsigned char **row)
{
	struct stream *s = data;
	struct my_field *f = &s->fields[column];
	struct writer_col *c = &s->w.cols[column];
	const unsigned char *p;
	size_t len;

	if (!row) {
		if (!s->failed && !writer_null(&s->w, c))
			s->failed = true;
		return;
	}
	p = *row;
	switch (f->wire) {
	case MY_FIXED:
		len = f->size;
		break;
	case MY_SHORT_LENGTH:
		len = *p++;
		break;
	case MY_LENGTH_ENCODED:
		len = length_prefix(&p);
		break;
	}
	if (!s->failed && !f->decode(&s->w, c, p, len))
		s->failed = true;
	*row = (unsigned char *)(uintptr_t)p + len;
}

/* ---- parameters ---- */

struct param {
	int64_t i64;
	double f64;
	MYSQL_TIME time;
	unsigned long length;
	const char *text;
};

static void set_text(struct mem *m, const struct value *v, struct param *p, MYSQL_BIND *b, enum enum_field_types type)
{
	struct strbuf out;

	strbuf_init(&out, 0);
	if (type_phys(v->type) == PHYS_STR)
		strbuf_add(&out, text_data(&v->text), v->text.len);
	else
		value_print(v, &text_context_default, &out);
	p->text = mem_strndup(m, strbuf_cstr(&out), out.len);
	p->length = out.len;
	strbuf_release(&out);
	b->buffer_type = type;
	b->buffer = (void *)(uintptr_t)p->text;
	b->buffer_length = p->length;
	b->length = &p->length;
}

static void set_timestamp(int64_t us, struct param *p, MYSQL_BIND *b)
{
	struct civil t;

	timestamp_to_civil(us, &t);
	p->time = (MYSQL_TIME){.year = (unsigned)t.year, .month = (unsigned)t.month, .day = (unsigned)t.day,
						   .hour = (unsigned)t.hour, .minute = (unsigned)t.minute, .second = (unsigned)t.second,
						   .second_part = (unsigned long)t.usec, .time_type = MYSQL_TIMESTAMP_DATETIME};
	b->buffer_type = MYSQL_TYPE_DATETIME;
	b->buffer = &p->time;
}

static void set_i64(int64_t v, struct param *p, MYSQL_BIND *b)
{
	p->i64 = v;
	b->buffer_type = MYSQL_TYPE_LONGLONG;
	b->buffer = &p->i64;
}

static void set_param(struct mem *m, const struct value *v, struct param *p, MYSQL_BIND *b)
{
	if (v->is_null) {
		b->buffer_type = MYSQL_TYPE_NULL;
		return;
	}
	switch ((enum type_id)v->type.id) {
	case TYPE_BOOL:
		set_i64(v->b, p, b);
		return;
	case TYPE_INT2:
	case TYPE_INT4:
		set_i64(v->i32, p, b);
		return;
	case TYPE_INT8:
	case TYPE_OID:
		set_i64(v->i64, p, b);
		return;
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
		p->f64 = v->f64;
		b->buffer_type = MYSQL_TYPE_DOUBLE;
		b->buffer = &p->f64;
		return;
	case TYPE_NUMERIC:
		set_text(m, v, p, b, MYSQL_TYPE_NEWDECIMAL);
		return;
	case TYPE_DATE:
		set_timestamp((int64_t)v->i32 * USEC_PER_DAY, p, b);
		p->time.time_type = MYSQL_TIMESTAMP_DATE;
		b->buffer_type = MYSQL_TYPE_DATE;
		return;
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ: /* the session is in UTC */
		set_timestamp(v->i64, p, b);
		return;
	case TYPE_BYTEA:
		set_text(m, v, p, b, MYSQL_TYPE_BLOB);
		return;
	case TYPE_UNKNOWN:
	case TYPE_TEXT:
	case TYPE_VARCHAR:
	case TYPE_BPCHAR:
	case TYPE_NAME:
	case TYPE_TIME:
	case TYPE_TIMETZ:
	case TYPE_INTERVAL:
	case TYPE_UUID:
	case TYPE_JSON:
	case TYPE_JSONB:
	case TYPE_JSONPATH:
	case TYPE_RECORD:
	case TYPE_VOID:
	case TYPE_COUNT:
		set_text(m, v, p, b, MYSQL_TYPE_STRING);
		return;
	}
}

static bool bind_params(struct stream *s, struct mem *m, struct err *e)
{
	const struct stream_request *q = s->w.request;
	MYSQL_BIND *binds = mem_new_array(m, MYSQL_BIND, q->nparams + 1);
	struct param *params = mem_new_array(m, struct param, q->nparams + 1);

	if (mysql_stmt_param_count(s->stmt) != q->nparams)
		return err_set(e, ERR_INTERNAL, "the query for server \"%s\" takes %lu parameters, not %u", s->conn->base.server,
					   mysql_stmt_param_count(s->stmt), q->nparams);
	for (uint32_t i = 0; i < q->nparams; i++)
		set_param(m, &q->params[i], &params[i], &binds[i]);
	return q->nparams == 0 || mysql_stmt_bind_param(s->stmt, binds) == 0 || my_error(s->conn, s->stmt, q->table, e);
}

/* ---- opening ---- */

static bool choose_decoders(struct stream *s, struct mem *m, struct err *e)
{
	const struct stream_request *q = s->w.request;
	MYSQL_RES *meta = mysql_stmt_result_metadata(s->stmt);
	const char *server = s->conn->base.server;
	MYSQL_FIELD *f;
	bool ok = true;

	if (!meta || mysql_num_fields(meta) != (q->ncols ? q->ncols : 1)) {
		if (meta)
			mysql_free_result(meta);
		return err_set(e, ERR_INTERNAL, "the query for server \"%s\" does not give %u columns", server, q->ncols);
	}
	s->fields = mem_new_array(m, struct my_field, mysql_num_fields(meta));
	f = mysql_fetch_fields(meta);
	for (uint32_t i = 0; ok && i < q->ncols; i++) {
		ok = my_field_find(&f[i], q->cols[i].type, &s->fields[i]);
		if (!ok) {
			err_set(e, ERR_FDW_INVALID_DATA_TYPE, "column \"%s\" of table \"%s\" at server \"%s\" no longer has type %s",
					q->cols[i].name, q->table, server, type_name(q->cols[i].type, s->w.scratch));
			err_hint(e, "Import the table again.");
			err_source(e, server);
		}
	}
	mysql_free_result(meta);
	return ok;
}

static void abandon(struct stream *s)
{
	mysql_stmt_close(s->stmt);
	writer_close(&s->w);
}

bool my_open(struct conn *conn, struct mem *m, const struct stream_request *request, struct stream **out, struct err *e)
{
	struct my_conn *c = (struct my_conn *)conn;
	struct stream *s = mem_new_object(m, struct stream);

	__atomic_store_n(&c->cancelled, false, __ATOMIC_RELAXED);
	s->conn = c;
	s->stmt = mysql_stmt_init(c->my);
	if (!s->stmt)
		return my_error(c, NULL, request->table, e);
	writer_open(&s->w, request, m, &s->progress, TRANSPORT_CP1252, false);
	if (mysql_stmt_prepare(s->stmt, request->sql, strlen(request->sql)) != 0) {
		my_error(c, s->stmt, request->table, e);
		abandon(s);
		return false;
	}
	if (!bind_params(s, m, e) || !choose_decoders(s, m, e)) {
		abandon(s);
		return false;
	}
	mysql_stmt_attr_set(s->stmt, STMT_ATTR_CB_USER_DATA, s);
	mysql_stmt_attr_set(s->stmt, STMT_ATTR_CB_RESULT, (const void *)(uintptr_t)on_field);
	if (is_cancelled(c) || mysql_stmt_execute(s->stmt) != 0) {
		my_error(c, s->stmt, request->table, e);
		abandon(s);
		return false;
	}
	*out = s;
	return true;
}

/* ---- reading ---- */

bool my_next(struct stream *s, struct batch *out, struct err *e)
{
	uint32_t limit = s->w.request->batch_rows;
	int rc;

	if (s->done) {
		out->rows = 0;
		return true;
	}
	if (!writer_begin(&s->w, out, e))
		return false;
	while (s->w.row < limit) {
		rc = mysql_stmt_fetch(s->stmt);
		if (rc == MYSQL_NO_DATA) {
			s->done = true;
			break;
		}
		if (s->failed)
			return writer_fail(&s->w);
		if (rc != 0 && rc != MYSQL_DATA_TRUNCATED) {
			writer_fail(&s->w);
			s->done = true;
			return my_error(s->conn, s->stmt, s->w.request->table, e);
		}
		s->w.row++;
	}
	if (is_cancelled(s->conn)) {
		writer_fail(&s->w);
		return my_error(s->conn, s->stmt, s->w.request->table, e);
	}
	writer_end(&s->w);
	return true;
}

const struct stream_progress *my_progress(const struct stream *s) { return &s->progress; }

/* Closes the socket hard: after an orderly close a server that is blocked in a write would sit there for its whole
 * net_write_timeout, holding the query, killed or not. */
static void cut_off(const struct my_conn *c)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};

	setsockopt(mysql_get_socket(c->my), SOL_SOCKET, SO_LINGER, &now, sizeof now);
	shutdown(mysql_get_socket(c->my), SHUT_RDWR);
}

void my_close_stream(struct stream *s)
{
	struct my_conn *c = s->conn;

	/* what is left is often little */
	s->failed = true;
	for (int i = 0; i < DRAIN_ROWS && !s->done && !is_cancelled(c) && !c->base.broken; i++) {
		int rc = mysql_stmt_fetch(s->stmt);
		s->done = rc == MYSQL_NO_DATA;
		if (rc != 0 && rc != MYSQL_DATA_TRUNCATED)
			break;
	}
	if (!s->done || is_cancelled(c)) {
		/* the rest would have to be read to the end: cheaper to stop the server and connect anew */
		if (!s->done && !c->base.broken && !is_cancelled(c))
			my_cancel((struct conn *)c);
		c->base.broken = true;
		cut_off(c);
	}
	c->used_us = clock_monotonic_us();
	abandon(s);
}
