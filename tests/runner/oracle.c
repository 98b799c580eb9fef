/* The oracle: PostgreSQL 15 over libpq, with the session settings that our output assumes. */
#include <libpq-fe.h>
#include <stdio.h>

#include "engine/types/type.h"
#include "tests/runner/slt.h"

struct oracle {
	PGconn *conn;
};

static void ignore_notice(void *arg, const PGresult *r)
{
	(void)arg;
	(void)r;
}

struct oracle *oracle_open(const char *conninfo, struct err *e)
{
	static struct oracle o;
	PGresult *r;

	o.conn = PQconnectdb(conninfo);
	if (PQstatus(o.conn) != CONNECTION_OK) {
		err_set(e, ERR_CANNOT_CONNECT, "the oracle can't be reached: %s", PQerrorMessage(o.conn));
		PQfinish(o.conn);
		return NULL;
	}
	PQsetNoticeReceiver(o.conn, ignore_notice, NULL);
	r = PQexec(o.conn, "SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET statement_timeout = '60s'");
	PQclear(r);
	return &o;
}

void oracle_close(struct oracle *o)
{
	if (o)
		PQfinish(o->conn);
}

static const char *oid_name(struct mem *m, Oid oid, int mod)
{
	struct type t;

	if (!type_find_oid(oid, &t))
		return mem_printf(m, "oid %u", oid);
	t.mod = mod;
	return type_name(t, m);
}

void oracle_run(struct oracle *o, const char *sql, bool types, struct rows *out)
{
	PGresult *r = PQexec(o->conn, sql);
	struct strbuf b;

	strbuf_init(&b, 0);
	if (PQresultStatus(r) != PGRES_TUPLES_OK && PQresultStatus(r) != PGRES_COMMAND_OK) {
		const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

		out->failed = true;
		snprintf(out->sqlstate, sizeof out->sqlstate, "%s", state ? state : "?????");
		snprintf(out->message, sizeof out->message, "%s", PQresultErrorMessage(r));
	}
	for (int i = 0; types && !out->failed && i < PQnfields(r); i++)
		strbuf_addf(&b, "%s%s:%s", i ? "\t" : "", PQfname(r, i),
					oid_name(out->mem, PQftype(r, i), out->mods ? PQfmod(r, i) : -1));
	if (types && !out->failed)
		MEM_PUSH(out->mem, out->list, out->count, out->cap, mem_strndup(out->mem, strbuf_cstr(&b), b.len));
	if (out->mods && PQnfields(r) == 0 && !out->failed)
		MEM_PUSH(out->mem, out->list, out->count, out->cap, mem_strdup(out->mem, PQcmdStatus(r)));
	for (int i = 0; i < PQntuples(r); i++) {
		strbuf_reset(&b);
		for (int k = 0; k < PQnfields(r); k++) {
			if (k)
				strbuf_addc(&b, '\t');
			value_escape(&b, PQgetvalue(r, i, k), (size_t)PQgetlength(r, i, k), PQgetisnull(r, i, k));
		}
		MEM_PUSH(out->mem, out->list, out->count, out->cap, mem_strndup(out->mem, strbuf_cstr(&b), b.len));
	}
	strbuf_release(&b);
	PQclear(r);
}
