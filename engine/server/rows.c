/* RowDescription and DataRow. */
#include "engine/server/server_int.h"

void rows_describe(struct conn *c, const struct result_column *cols, uint32_t n, const enum wire_format *formats)
{
	struct err ignored;

	wire_begin(&c->out, 'T');
	wire_i16(&c->out, (int)n);
	for (uint32_t i = 0; i < n; i++) {
		wire_text(&c->out, cols[i].name);
		wire_i32(&c->out, 0); /* table and column: with pg_class */
		wire_i16(&c->out, 0);
		wire_i32(&c->out, format_oid(cols[i].type));
		wire_i16(&c->out, format_length(cols[i].type));
		wire_i32(&c->out, cols[i].type.mod);
		wire_i16(&c->out, formats ? (int)formats[i] : 0);
	}
	err_clear(&ignored);
	(void)!wire_end(&c->out, &ignored);
}

static bool send_row(struct conn *c, const struct batch *b, uint32_t row, const enum wire_format *formats,
					 const struct text_context *tc, struct err *e)
{
	wire_begin(&c->out, 'D');
	wire_i16(&c->out, (int)b->ncols);
	for (uint32_t i = 0; i < b->ncols; i++)
		if (!format_value(&c->out, &b->cols[i], row, formats ? formats[i] : FORMAT_TEXT, tc, e)) {
			wire_drop(&c->out);
			return false;
		}
	return wire_end(&c->out, e);
}

bool rows_send(struct conn *c, const struct batch *b, uint32_t *from, int64_t max, const enum wire_format *formats,
			   struct err *e)
{
	const struct text_context *tc = session_text_context(c->session);

	for (; *from < b->rows && max != 0; (*from)++, max -= max > 0) {
		if (!send_row(c, b, *from, formats, tc, e))
			return false;
		if (c->out.buf.len >= CONN_FLUSH && !conn_flush(c))
			return err_set(e, ERR_CONNECTION_FAILURE, "the client is gone");
	}
	return true;
}
