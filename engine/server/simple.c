/* The simple query protocol: all statements of a text, one after the other, up to the first error. */
#include "engine/server/server_int.h"

static void empty_query(struct conn *c)
{
	struct err ignored;

	wire_begin(&c->out, 'I');
	err_clear(&ignored);
	(void)!wire_end(&c->out, &ignored);
}

static void complete(struct conn *c, const char *tag)
{
	struct err ignored;

	wire_begin(&c->out, 'C');
	wire_text(&c->out, tag);
	err_clear(&ignored);
	(void)!wire_end(&c->out, &ignored);
}

static bool send_result(struct conn *c, struct run *r, struct err *e)
{
	const struct result_column *cols;
	uint32_t n = run_columns(r, &cols);
	struct batch b = {0};

	if (n)
		rows_describe(c, cols, n, NULL);
	while (n) {
		uint32_t from = 0;
		bool ok;
		if (!run_next(r, &b, e))
			return false;
		if (b.rows == 0)
			break;
		ok = rows_send(c, &b, &from, -1, NULL, e);
		batch_release(&b);
		if (!ok)
			return false;
	}
	conn_warnings(c, r);
	complete(c, run_tag(r));
	return true;
}

void simple_query(struct conn *c, struct str sql)
{
	uint32_t count = 1;

	extended_close_portals(c);
	for (uint32_t i = 0; i < count && !c->broken; i++) {
		struct run *r;
		struct err e;
		bool ok;

		err_clear(&e);
		ok = session_start(c->session, sql, i, NULL, 0, &count, &r, &e);
		if (ok && count == 0)
			empty_query(c);
		if (ok && r)
			ok = send_result(c, r, &e);
		if (!ok)
			conn_error(c, &e, sql.data);
		if (r)
			run_finish(r);
		conn_report(c);
		if (!ok)
			break;
	}
}
