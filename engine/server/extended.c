/*
 * The extended query protocol: named and unnamed statements and portals, rows in portions. After an error everything up to
 * the next Sync is skipped (conn.c). Named statements are the session's; a portal holds its own.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/server/server_int.h"

static void plain(struct conn *c, char type)
{
	struct err ignored;

	wire_begin(&c->out, type);
	err_clear(&ignored);
	(void)!wire_end(&c->out, &ignored);
}

/* ---- portals and statements ---- */

static void portal_free(struct portal *p)
{
	batch_release(&p->batch);
	if (p->run)
		run_finish(p->run);
	prepared_unref(p->prepared);
	free(p->name);
	mem_free(p->mem);
	free(p);
}

static struct portal **find_portal(struct conn *c, const char *name)
{
	struct portal **at = &c->portals;

	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

static void close_portal(struct conn *c, const char *name)
{
	struct portal **at = find_portal(c, name), *p = *at;

	if (!p)
		return;
	*at = p->next;
	portal_free(p);
}

void extended_close_portals(struct conn *c)
{
	while (c->portals)
		close_portal(c, c->portals->name);
}

static bool parse(struct conn *c, struct wire_in *in, struct err *e, const char **sql)
{
	const char *name = wire_take_text(in), *text = wire_take_text(in);
	int n = wire_take_i16(in);
	struct type types[256];
	struct prepared *p;

	*sql = text;
	if (n < 0 || n > 256)
		return err_set(e, ERR_PROGRAM_LIMIT, "at most 256 parameter types may be given");
	for (int i = 0; i < n; i++) {
		uint32_t oid = (uint32_t)wire_take_i32(in);
		if (oid == 0 || oid == type_infos[TYPE_UNKNOWN].oid)
			types[i] = type_make(TYPE_UNKNOWN);
		else if (!type_find_oid(oid, &types[i]))
			return err_set(e, ERR_UNDEFINED_OBJECT, "parameter $%d has a type (oid %u) that there is not", i + 1, oid);
	}
	if (!wire_at_end(in, e))
		return false;
	if (*name && session_named(c->session, name))
		return err_set(e, ERR_DUPLICATE_STATEMENT, "prepared statement \"%s\" already exists", name);
	session_deallocate(c->session, name);
	if (!session_prepare(c->session, str_of(text), types, (uint32_t)n, &p, e))
		return false;
	session_add_named(c->session, name, p);
	prepared_unref(p);
	plain(c, '1');
	return true;
}

/* ---- Bind ---- */

/* Format codes: none = text, one = for all. */
static bool take_formats(struct wire_in *in, enum wire_format **out, uint32_t n, struct mem *m, struct err *e)
{
	int count = wire_take_i16(in);
	enum wire_format *f = mem_new_array(m, enum wire_format, n + 1);

	for (int i = 0; i < count && !in->bad; i++) {
		int code = wire_take_i16(in);
		if (code != 0 && code != 1)
			return err_set(e, ERR_INVALID_PARAMETER_VALUE, "unsupported format code: %d", code);
		if (count == 1)
			for (uint32_t k = 0; k < n; k++)
				f[k] = (enum wire_format)code;
		else if ((uint32_t)i < n)
			f[i] = (enum wire_format)code;
	}
	if (count > 1 && (uint32_t)count != n)
		return err_set(e, ERR_PROTOCOL_VIOLATION, "%d format codes for %u values", count, n);
	*out = f;
	return true;
}

static bool take_parameters(struct conn *c, struct portal *p, struct wire_in *in, struct err *e)
{
	const struct type *types;
	uint32_t n = prepared_params(p->prepared, &types);
	enum wire_format *formats;
	int count;

	/* the codes come before the count, which has to be n */
	if (!take_formats(in, &formats, n, p->mem, e))
		return false;
	count = wire_take_i16(in);
	if ((uint32_t)count != n)
		return err_set(e, ERR_PROTOCOL_VIOLATION, "bind message supplies %d parameters, but the statement requires %u", count, n);
	p->params = mem_new_array(p->mem, struct value, n + 1);
	for (uint32_t i = 0; i < n; i++) {
		int32_t len = wire_take_i32(in);
		struct str bytes = wire_take_bytes(in, len > 0 ? (size_t)len : 0);
		if (len < 0) {
			p->params[i] = value_null(types[i]);
		} else if (!in->bad && !format_parameter(p->mem, types[i], bytes, formats[i], session_text_context(c->session),
												 &p->params[i], e)) {
			err_context(e, "parameter $%u", i + 1);
			return false;
		}
	}
	return true;
}

static bool bind(struct conn *c, struct wire_in *in, struct err *e)
{
	const char *name = wire_take_text(in), *of = wire_take_text(in);
	struct prepared *s = session_named(c->session, of);
	const struct result_column *cols;
	struct portal *p;

	if (!s)
		return *of ? err_set(e, ERR_UNDEFINED_STATEMENT, "prepared statement \"%s\" does not exist", of)
				   : err_set(e, ERR_UNDEFINED_STATEMENT, "unnamed prepared statement does not exist");
	if (*name && *find_portal(c, name))
		return err_set(e, ERR_DUPLICATE_CURSOR, "cursor \"%s\" already exists", name);
	if (session_transaction(c->session) == TRANSACTION_FAILED && !prepared_ends_transaction(s))
		return err_set(e, ERR_IN_FAILED_TRANSACTION,
					   "current transaction is aborted, commands ignored until end of transaction block");
	close_portal(c, name);
	p = calloc(1, sizeof *p);
	ASSERT(p);
	p->mem = mem_new(NULL, MEM_SESSION, "portal", 0);
	p->name = strdup(name);
	p->prepared = prepared_ref(s);
	if (!take_parameters(c, p, in, e) || !take_formats(in, &p->formats, prepared_columns(s, &cols), p->mem, e) ||
		!wire_at_end(in, e)) {
		portal_free(p);
		return false;
	}
	p->next = c->portals;
	c->portals = p;
	plain(c, '2');
	return true;
}

/* ---- Describe, Execute, Close ---- */

static void describe_rows(struct conn *c, const struct prepared *p, const enum wire_format *formats)
{
	const struct result_column *cols;
	uint32_t n = prepared_columns(p, &cols);

	if (n)
		rows_describe(c, cols, n, formats);
	else
		plain(c, 'n');
}

static bool describe(struct conn *c, struct wire_in *in, struct err *e)
{
	char kind = (char)wire_take_byte(in);
	const char *name = wire_take_text(in);
	const struct type *types;
	uint32_t n;

	if (!wire_at_end(in, e))
		return false;
	if (kind == 'P') {
		const struct portal *p = *find_portal(c, name);
		if (!p)
			return err_set(e, ERR_UNDEFINED_CURSOR, "portal \"%s\" does not exist", name);
		describe_rows(c, p->prepared, p->formats);
		return true;
	}
	if (kind == 'S') {
		const struct prepared *s = session_named(c->session, name);
		if (!s)
			return err_set(e, ERR_UNDEFINED_STATEMENT, "prepared statement \"%s\" does not exist", name);
		n = prepared_params(s, &types);
		wire_begin(&c->out, 't');
		wire_i16(&c->out, (int)n);
		for (uint32_t i = 0; i < n; i++)
			wire_i32(&c->out, format_oid(types[i]));
		if (!wire_end(&c->out, e))
			return false;
		describe_rows(c, s, NULL);
		return true;
	}
	return err_set(e, ERR_PROTOCOL_VIOLATION, "invalid DESCRIBE message subtype %d", kind);
}

static bool complete(struct conn *c, const struct portal *p, struct err *e)
{
	conn_warnings(c, p->run);
	wire_begin(&c->out, 'C');
	wire_text(&c->out, run_tag(p->run));
	return wire_end(&c->out, e);
}

/* Rows up to max (0: all); *more: the portal has others. */
static bool send_portion(struct conn *c, struct portal *p, int64_t max, bool *more, struct err *e)
{
	int64_t left = max > 0 ? max : -1;

	for (;;) {
		uint32_t from = p->at;
		if (p->at >= p->batch.rows) {
			batch_release(&p->batch);
			p->at = from = 0;
			if (!run_next(p->run, &p->batch, e))
				return false;
			if (p->batch.rows == 0) {
				*more = false;
				return true;
			}
		}
		if (left == 0) {
			*more = true;
			return true;
		}
		if (!rows_send(c, &p->batch, &p->at, left, p->formats, e))
			return false;
		p->sent += p->at - from;
		left -= left > 0 ? p->at - from : 0;
	}
}

static bool execute(struct conn *c, struct wire_in *in, struct err *e, const char **sql)
{
	const char *name = wire_take_text(in);
	int32_t max = wire_take_i32(in);
	struct portal *p = *find_portal(c, name);
	const struct result_column *cols;
	bool more = false;

	if (!wire_at_end(in, e))
		return false;
	if (!p)
		return err_set(e, ERR_UNDEFINED_CURSOR, "portal \"%s\" does not exist", name);
	*sql = prepared_text(p->prepared).data;
	if (prepared_is_empty(p->prepared)) {
		plain(c, 'I');
		return true;
	}
	if (!p->run && !p->done && !session_start_prepared(c->session, p->prepared, p->params, &p->run, e))
		return false;
	if (!p->done && run_columns(p->run, &cols) && !send_portion(c, p, max, &more, e))
		return false;
	conn_report(c);
	if (more) {
		plain(c, 's');
		return true;
	}
	p->done = true;
	return complete(c, p, e);
}

static bool close_named(struct conn *c, struct wire_in *in, struct err *e)
{
	char kind = (char)wire_take_byte(in);
	const char *name = wire_take_text(in);

	if (!wire_at_end(in, e))
		return false;
	if (kind == 'S')
		session_deallocate(c->session, name);
	else if (kind == 'P')
		close_portal(c, name);
	else
		return err_set(e, ERR_PROTOCOL_VIOLATION, "invalid CLOSE message subtype %d", kind);
	plain(c, '3');
	return true;
}

void extended_message(struct conn *c, char type, struct str body)
{
	struct wire_in in = wire_in_of(body.data, body.len);
	const char *sql = NULL;
	struct err e;
	bool ok = false;

	err_clear(&e);
	if (type == 'P')
		ok = parse(c, &in, &e, &sql);
	else if (type == 'B')
		ok = bind(c, &in, &e);
	else if (type == 'D')
		ok = describe(c, &in, &e);
	else if (type == 'E')
		ok = execute(c, &in, &e, &sql);
	else
		ok = close_named(c, &in, &e);
	if (ok)
		return;
	c->failed = true;
	conn_error(c, &e, sql);
}
