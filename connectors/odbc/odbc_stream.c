/*
 * Streams over ODBC: columns bound to arrays of a block of rows, each block decoded column by column. A text that
 * didn't fit its slot is read again with SQLGetData, from its row of the block where the driver can, else blocks are
 * single rows.
 *
 * C types: integers and doubles as such where the driver's conversion checks, everything else as text, whose decoder
 * judges it; bytes as bytes.
 */
#include "connectors/odbc/odbc_int.h"

#include <stdlib.h>

#define SLOT_BYTES 2048             /* longest text that is bound, in bytes */
#define BLOCK_BYTES ((size_t)4 << 20) /* all slots of a block */

struct bound_column {
	SQLSMALLINT c_type, sql_type;
	size_t width;    /* bytes of a slot */
	unsigned char *data;
	SQLLEN *indicators;
};

struct stream {
	struct odbc_conn *conn;
	SQLHSTMT stmt;
	struct stream_request request; /* with ? for marks */
	struct batch_writer w;
	struct stream_progress progress;
	struct bound_column *cols;
	struct buf *block;
	uint32_t block_rows;
	SQLULEN fetched;
	SQLUSMALLINT *status;
	uint32_t at; /* next row of the block */
	struct strbuf text;
	bool done;
};

static bool is_cancelled(const struct odbc_conn *c) { return __atomic_load_n(&c->cancelled, __ATOMIC_RELAXED); }

/* ---- choosing C types ---- */

static bool is_integer(SQLSMALLINT t)
{
	return t == SQL_TINYINT || t == SQL_SMALLINT || t == SQL_INTEGER || t == SQL_BIGINT;
}
static bool is_float(SQLSMALLINT t) { return t == SQL_REAL || t == SQL_FLOAT || t == SQL_DOUBLE; }
static bool is_text(SQLSMALLINT t)
{
	return t == SQL_CHAR || t == SQL_VARCHAR || t == SQL_LONGVARCHAR || t == SQL_WCHAR || t == SQL_WVARCHAR
		   || t == SQL_WLONGVARCHAR;
}
static bool is_binary(SQLSMALLINT t) { return t == SQL_BINARY || t == SQL_VARBINARY || t == SQL_LONGVARBINARY; }

static SQLSMALLINT choose_c_type(const struct odbc_quirk *quirk, SQLSMALLINT remote, bool is_unsigned, struct type to)
{
	if (to.id == TYPE_BYTEA)
		return SQL_C_BINARY;
	if (type_phys(to) == PHYS_STR)
		return quirk->wide_text ? SQL_C_WCHAR : SQL_C_CHAR;
	if (!quirk->values_as_text) {
		if (is_integer(remote) && type_is_number(to) && !is_unsigned)
			return SQL_C_SBIGINT;
		if (is_float(remote) && type_is_number(to))
			return SQL_C_DOUBLE;
		if (remote == SQL_BIT && (to.id == TYPE_BOOL || type_is_number(to)))
			return SQL_C_BIT;
	}
	return SQL_C_CHAR;
}

static size_t slot_width(SQLSMALLINT c_type, SQLULEN size, struct type to)
{
	switch (c_type) {
	case SQL_C_SBIGINT:
	case SQL_C_DOUBLE:
		return 8;
	case SQL_C_BIT:
		return 1;
	case SQL_C_WCHAR:
		return size == 0 || size > SLOT_BYTES / 2 - 1 ? SLOT_BYTES : (size + 1) * 2;
	case SQL_C_BINARY:
		return size == 0 || size > SLOT_BYTES ? SLOT_BYTES : size;
	default: /* text */
		if (type_phys(to) != PHYS_STR)
			return 80;
		return size == 0 || size * 4 + 1 > SLOT_BYTES ? SLOT_BYTES : size * 4 + 1;
	}
}

/* Whether a remote type can be what the catalog says. */
static bool compatible(SQLSMALLINT remote, struct type to, bool dynamic)
{
	if (dynamic || !is_text(remote))
		return dynamic || !is_binary(remote) || type_phys(to) == PHYS_STR;
	return !type_is_number(to);
}

static bool describe_column(struct stream *s, uint32_t i, struct err *e)
{
	const struct stream_column *spec = &s->request.cols[i];
	struct bound_column *b = &s->cols[i];
	SQLWCHAR name[2];
	SQLSMALLINT len, digits, nullable;
	SQLULEN size = 0;
	SQLLEN is_unsigned = SQL_FALSE;

	if (!odbc_ok(SQLDescribeColW(s->stmt, (SQLUSMALLINT)(i + 1), name, 1, &len, &b->sql_type, &size, &digits, &nullable)))
		return odbc_error(s->conn, SQL_HANDLE_STMT, s->stmt, s->request.table, e);
	if (is_integer(b->sql_type))
		SQLColAttributeW(s->stmt, (SQLUSMALLINT)(i + 1), SQL_DESC_UNSIGNED, NULL, 0, NULL, &is_unsigned);
	/* a computed value may have any type there (NULL is a text to MariaDB's driver): the decoder decides */
	if (*spec->name && !compatible(b->sql_type, spec->type, s->conn->quirk->values_as_text)) {
		err_set(e, ERR_FDW_INVALID_DATA_TYPE, "column \"%s\" of table \"%s\" at server \"%s\" no longer has type %s",
				spec->name, s->request.table, s->conn->base.server, type_name(spec->type, s->w.scratch));
		err_hint(e, "Import the table again.");
		return err_source(e, s->conn->base.server);
	}
	b->c_type = choose_c_type(s->conn->quirk, b->sql_type, is_unsigned == SQL_TRUE, spec->type);
	if (s->conn->quirk->values_as_text)
		size = type_phys(spec->type) == PHYS_STR && size < 255 ? 255 : size; /* sizes aren't kept to */
	b->width = slot_width(b->c_type, size, spec->type);
	return true;
}

/* ---- opening ---- */

static bool bind_block(struct stream *s, struct mem *m, struct err *e)
{
	uint32_t n = s->request.ncols;
	size_t row = 0, bytes;
	bool cut = false;
	unsigned char *p;

	for (uint32_t i = 0; i < n; i++) {
		row += s->cols[i].width + sizeof(SQLLEN);
		cut = cut || s->cols[i].width == SLOT_BYTES;
	}
	s->block_rows = s->conn->quirk->block_rows;
	if (cut && !s->conn->getdata_in_block)
		s->block_rows = 1;
	if (row && s->block_rows > BLOCK_BYTES / row)
		s->block_rows = BLOCK_BYTES / row ? (uint32_t)(BLOCK_BYTES / row) : 1;
	bytes = (row + 64 * (size_t)n) * s->block_rows + 64;
	s->block = buf_new(m, bytes, e);
	if (!s->block)
		return false;
	s->status = mem_new_array(m, SQLUSMALLINT, s->block_rows);
	SQLSetStmtAttrW(s->stmt, SQL_ATTR_ROW_BIND_TYPE, (SQLPOINTER)SQL_BIND_BY_COLUMN, 0);
	SQLSetStmtAttrW(s->stmt, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)(uintptr_t)s->block_rows, 0);
	SQLSetStmtAttrW(s->stmt, SQL_ATTR_ROWS_FETCHED_PTR, &s->fetched, 0);
	SQLSetStmtAttrW(s->stmt, SQL_ATTR_ROW_STATUS_PTR, s->status, 0);
	p = s->block->data;
	for (uint32_t i = 0; i < n; i++) {
		struct bound_column *b = &s->cols[i];
		b->indicators = (SQLLEN *)(void *)p;
		p += sizeof(SQLLEN) * s->block_rows;
		b->data = p;
		p += (b->width * s->block_rows + 15) / 16 * 16;
		if (!odbc_ok(SQLBindCol(s->stmt, (SQLUSMALLINT)(i + 1), b->c_type, b->data, (SQLLEN)b->width, b->indicators)))
			return odbc_error(s->conn, SQL_HANDLE_STMT, s->stmt, s->request.table, e);
	}
	return true;
}

static bool run(struct stream *s, struct mem *m, struct err *e)
{
	const struct stream_request *q = &s->request;
	SQLSMALLINT n = 0;
	size_t units;
	SQLWCHAR *wide = odbc_wide(m, q->sql, strlen(q->sql), &units);
	SQLRETURN rc;

	SQLSetStmtAttrW(s->stmt, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)SQL_CURSOR_FORWARD_ONLY, 0);
	SQLSetStmtAttrW(s->stmt, SQL_ATTR_CONCURRENCY, (SQLPOINTER)SQL_CONCUR_READ_ONLY, 0);
	SQLSetStmtAttrW(s->stmt, SQL_ATTR_NOSCAN, (SQLPOINTER)SQL_NOSCAN_ON, 0);
	if (!odbc_bind_params(s->conn, s->stmt, m, q, e))
		return false;
	rc = SQLExecDirectW(s->stmt, wide, (SQLINTEGER)units);
	if (is_cancelled(s->conn) || (!odbc_ok(rc) && rc != SQL_NO_DATA))
		return odbc_error(s->conn, SQL_HANDLE_STMT, s->stmt, q->table, e);
	s->done = false;
	if (!odbc_ok(SQLNumResultCols(s->stmt, &n)) || (uint32_t)n != (q->ncols ? q->ncols : 1))
		return err_set(e, ERR_INTERNAL, "the query for server \"%s\" gives %d columns, not %u", s->conn->base.server, (int)n,
					   q->ncols);
	for (uint32_t i = 0; i < q->ncols; i++)
		if (!describe_column(s, i, e))
			return false;
	return bind_block(s, m, e);
}

static void set_running(struct odbc_conn *c, SQLHSTMT stmt)
{
	pthread_mutex_lock(&c->lock);
	c->running = stmt;
	pthread_mutex_unlock(&c->lock);
}

bool odbc_open(struct conn *conn, struct mem *m, const struct stream_request *request, struct stream **out, struct err *e)
{
	struct odbc_conn *c = (struct odbc_conn *)conn;
	struct stream *s = mem_new_object(m, struct stream);

	__atomic_store_n(&c->cancelled, false, __ATOMIC_RELAXED);
	s->conn = c;
	s->done = true; /* nothing runs yet */
	s->request = *request;
	s->request.sql = odbc_wrap_query(c->quirk, m, request);
	if (c->quirk->number_params && request->nparams)
		odbc_number_params(m, &s->request);
	s->cols = mem_new_array(m, struct bound_column, request->ncols + 1);
	if (!odbc_ok(SQLAllocHandle(SQL_HANDLE_STMT, c->dbc, &s->stmt))) {
		c->base.broken = true;
		return odbc_error(c, SQL_HANDLE_DBC, c->dbc, request->table, e);
	}
	strbuf_init(&s->text, 0);
	writer_open(&s->w, &s->request, m, &s->progress, TRANSPORT_BYTES, false);
	set_running(c, s->stmt);
	if (!run(s, m, e)) {
		odbc_close_stream(s);
		return false;
	}
	*out = s;
	return true;
}

/* ---- decoding ---- */

/* The whole of a value that was cut, into s->text as the driver's bytes. */
static bool read_long(struct stream *s, uint32_t col, uint32_t row, struct err *e)
{
	struct bound_column *b = &s->cols[col];
	size_t unit = b->c_type == SQL_C_WCHAR ? 2 : b->c_type == SQL_C_CHAR ? 1 : 0; /* ends in a zero unit */
	char piece[16384];
	SQLLEN len;
	SQLRETURN rc;

	strbuf_reset(&s->text);
	if (s->block_rows > 1 && !odbc_ok(SQLSetPos(s->stmt, row + 1, SQL_POSITION, SQL_LOCK_NO_CHANGE)))
		return odbc_error(s->conn, SQL_HANDLE_STMT, s->stmt, s->request.table, e);
	for (;;) {
		len = 0;
		rc = SQLGetData(s->stmt, (SQLUSMALLINT)(col + 1), b->c_type, piece, sizeof piece, &len);
		if (rc == SQL_NO_DATA)
			return true;
		if (!odbc_ok(rc))
			return odbc_error(s->conn, SQL_HANDLE_STMT, s->stmt, s->request.table, e);
		if (len == SQL_NULL_DATA)
			return true;
		if (len != SQL_NO_TOTAL && (size_t)len <= sizeof piece - unit) {
			strbuf_add(&s->text, piece, (size_t)len);
			return true;
		}
		strbuf_add(&s->text, piece, sizeof piece - unit);
		if (s->text.overflow)
			return err_set(e, ERR_PROGRAM_LIMIT, "a value of column \"%s\" at server \"%s\" is too long",
						   s->request.cols[col].name, s->conn->base.server);
	}
}

#define ASCII_UNITS 256

/* UTF-16 that is all ASCII into out, four units at a time; false when it isn't. */
static bool narrow_ascii(const SQLWCHAR *s, size_t units, char *out)
{
	size_t i = 0;
	uint64_t x;

	for (; i + 4 <= units; i += 4) {
		memcpy(&x, s + i, 8);
		if (x & UINT64_C(0xff80ff80ff80ff80))
			return false;
		out[i] = (char)x;
		out[i + 1] = (char)(x >> 16);
		out[i + 2] = (char)(x >> 32);
		out[i + 3] = (char)(x >> 48);
	}
	for (; i < units; i++) {
		if (s[i] > 0x7f)
			return false;
		out[i] = (char)s[i];
	}
	return true;
}

static bool put_text(struct stream *s, struct writer_col *c, SQLSMALLINT c_type, const void *p, size_t len)
{
	struct batch_writer *w = &s->w;

	if (c_type == SQL_C_BINARY)
		return writer_bytes(w, c, p, len);
	if (c_type == SQL_C_CHAR)
		return writer_text_quick(w, c, p, len);
	if (len / 2 <= ASCII_UNITS) {
		char ascii[ASCII_UNITS];
		if (narrow_ascii(p, len / 2, ascii))
			return writer_text_quick(w, c, ascii, len / 2);
	}
	strbuf_reset(&w->bytes);
	if (!odbc_narrow(p, len / 2, &w->bytes))
		return writer_bad(w, c, ERR_CHARACTER_NOT_IN_REPERTOIRE, "text that is not valid UTF-16");
	return writer_text_quick(w, c, strbuf_cstr(&w->bytes), w->bytes.len);
}

static bool put_value(struct stream *s, uint32_t col, uint32_t row)
{
	struct bound_column *b = &s->cols[col];
	struct batch_writer *w = &s->w;
	struct writer_col *c = &w->cols[col];
	const unsigned char *p = b->data + b->width * row;
	SQLLEN len = b->indicators[row];
	SQLBIGINT i64;
	double f64;
	size_t zero;

	if (len == SQL_NULL_DATA)
		return writer_null(w, c);
	switch (b->c_type) {
	case SQL_C_SBIGINT:
		memcpy(&i64, p, 8);
		w->nbytes += 8;
		return writer_i64(w, c, i64);
	case SQL_C_DOUBLE:
		memcpy(&f64, p, 8);
		w->nbytes += 8;
		return b->sql_type == SQL_REAL ? writer_f32(w, c, (float)f64) : writer_f64(w, c, f64);
	case SQL_C_BIT:
		w->nbytes++;
		return writer_i64(w, c, *p);
	default: /* text and bytes */
		zero = b->c_type == SQL_C_WCHAR ? 2 : b->c_type == SQL_C_CHAR ? 1 : 0;
		if (len != SQL_NO_TOTAL && (size_t)len + zero <= b->width)
			return put_text(s, c, b->c_type, p, (size_t)len);
		if (!read_long(s, col, row, w->e))
			return false;
		return put_text(s, c, b->c_type, strbuf_cstr(&s->text), s->text.len);
	}
}

/* Rows at … at + n of the block into the batch, column by column. */
static bool decode_rows(struct stream *s, uint32_t n)
{
	uint32_t first = s->w.row;

	for (uint32_t col = 0; col < s->request.ncols; col++)
		for (uint32_t i = 0; i < n; i++) {
			s->w.row = first + i;
			if (!put_value(s, col, s->at + i))
				return false;
		}
	s->w.row = first + n;
	s->at += n;
	return true;
}

static bool fetch_block(struct stream *s, struct err *e)
{
	SQLRETURN rc;

	s->at = 0;
	s->fetched = 0;
	/* MariaDB's driver sets the indicator of a fixed-size value only when it is NULL */
	for (uint32_t i = 0; i < s->request.ncols; i++)
		if (s->cols[i].c_type == SQL_C_BIT || s->cols[i].width == 8)
			memset(s->cols[i].indicators, 0, s->block_rows * sizeof(SQLLEN));
	rc = SQLFetch(s->stmt);
	if (rc == SQL_NO_DATA) {
		s->done = true;
		s->fetched = 0;
		return true;
	}
	if (!odbc_ok(rc) || is_cancelled(s->conn))
		return odbc_error(s->conn, SQL_HANDLE_STMT, s->stmt, s->request.table, e);
	if (s->block_rows == 1)
		s->fetched = 1; /* not every driver counts a single row */
	for (SQLULEN i = 0; s->block_rows > 1 && i < s->fetched; i++)
		if (s->status[i] == SQL_ROW_ERROR)
			return odbc_error(s->conn, SQL_HANDLE_STMT, s->stmt, s->request.table, e);
	return true;
}

bool odbc_next(struct stream *s, struct batch *out, struct err *e)
{
	uint32_t limit = s->request.batch_rows;

	if (!writer_begin(&s->w, out, e))
		return false;
	while (s->w.row < limit && !s->done) {
		uint32_t left = (uint32_t)s->fetched - s->at, room = limit - s->w.row;
		if (left == 0) {
			if (!fetch_block(s, e))
				return writer_fail(&s->w);
			continue;
		}
		if (!decode_rows(s, left < room ? left : room))
			return writer_fail(&s->w);
	}
	if (is_cancelled(s->conn)) {
		writer_fail(&s->w);
		return odbc_error(s->conn, SQL_HANDLE_STMT, s->stmt, s->request.table, e);
	}
	writer_end(&s->w);
	return true;
}

const struct stream_progress *odbc_progress(const struct stream *s) { return &s->progress; }

void odbc_close_stream(struct stream *s)
{
	struct odbc_conn *c = s->conn;

	set_running(c, NULL);
	if (is_cancelled(c))
		c->base.broken = true; /* a late cancel must not hit another query */
	if (!s->done && !c->quirk->buffers_results && !is_cancelled(c) && !c->base.broken && odbc_kill(c))
		c->base.broken = true; /* for the same reason */
	SQLFreeHandle(SQL_HANDLE_STMT, s->stmt);
	strbuf_release(&s->text);
	writer_close(&s->w);
	buf_unref(s->block);
}
