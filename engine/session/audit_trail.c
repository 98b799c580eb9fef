/*
 * Records of statements: who, for what purpose, the text, by which agreements which columns are read, the SQL that goes to each
 * source; then the outcome. Passwords never get in: texts of statements that may hold one, and of those that can't be read, have
 * their literals masked.
 */
#include "engine/session/audit_trail.h"

#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/place/remote.h"
#include "engine/types/datetime.h"

bool audit_trail_is_planned(enum ast_kind kind)
{
	return kind == AST_QUERY || kind == AST_EXPLAIN || kind == AST_CREATE_TABLE_AS;
}

/* Statements about the session alone: their record needn't be on disk before they run. */
static bool is_of_session(enum ast_kind kind)
{
	return kind == AST_SET || kind == AST_RESET || kind == AST_SHOW || kind == AST_TRANSACTION || kind == AST_DEALLOCATE ||
		   kind == AST_DISCARD || kind == AST_DESCRIBE;
}

static bool may_hold_secrets(enum ast_kind kind)
{
	return kind == AST_CREATE_USER || kind == AST_ALTER_USER || kind == AST_CREATE_USER_MAPPING || kind == AST_ALTER_USER_MAPPING ||
		   kind == AST_CREATE_SERVER || kind == AST_ALTER_SERVER || kind == AST_UNSUPPORTED;
}

static void add_time(struct strbuf *b)
{
	struct strbuf at;

	strbuf_init(&at, 64);
	timestamp_print(clock_wall_us() - (int64_t)EPOCH_SHIFT_DAYS * USEC_PER_DAY, &at);
	strbuf_addc(&at, 'Z');
	audit_text(b, "at", strbuf_str(&at));
	strbuf_release(&at);
}

static struct str or_null(const char *s)
{
	return s && *s ? str_of(s) : (struct str){NULL, 0};
}

static void add_who(struct strbuf *b, const struct audit_trail *t)
{
	const struct principal *p = t->who;

	audit_text(b, "user", or_null(p->user));
	audit_text(b, "agency", or_null(p->agency));
	audit_text(b, "purpose", or_null(p->purpose));
	if (p->is_operator)
		audit_text(b, "role", STR("operator"));
	else
		audit_text(b, "role", str_of(p->is_administrator ? "administrator" : catalog_role_name(p->role)));
	audit_text(b, "client", or_null(t->client));
	audit_text(b, "application", or_null(t->application));
}

static void add_statement(struct strbuf *b, const struct audit_trail *t)
{
	struct strbuf masked;

	if (!may_hold_secrets(t->kind)) {
		audit_text(b, "text", t->text);
		return;
	}
	strbuf_init(&masked, 0);
	audit_mask_literals(t->text, &masked);
	audit_text(b, "text", strbuf_str(&masked));
	strbuf_release(&masked);
}

/* ---- what a plan reads ---- */

static void separate(struct strbuf *b, size_t from)
{
	if (b->len > from)
		strbuf_addc(b, ',');
}

/* A JSON text inside a list: the member's form without its name. */
static void list_text(struct strbuf *b, size_t from, struct str s)
{
	struct strbuf one;

	strbuf_init(&one, 0);
	audit_text(&one, "", s);
	separate(b, from);
	strbuf_add(b, strbuf_cstr(&one) + 3, one.len - 3);
	strbuf_release(&one);
}

static void add_agreements(struct strbuf *b, const struct plan *p)
{
	size_t from;

	strbuf_adds(b, ",\"agreements\":[");
	from = b->len;
	for (uint32_t i = 0; i < p->nguards; i++)
		for (size_t k = 0; k < p->guards[i]->ngrants; k++) {
			const struct catalog_agreement *a = p->guards[i]->grants[k]->agreement;
			bool known = false;

			for (uint32_t j = 0; j <= i && !known; j++)
				for (size_t n = 0; n < p->guards[j]->ngrants && (j < i || n < k) && !known; n++)
					known = p->guards[j]->grants[n]->agreement == a;
			if (!known)
				list_text(b, from, str_of(a->name));
		}
	strbuf_addc(b, ']');
}

struct reads {
	struct strbuf *tables, *sent;
};

static void add_scan(struct strbuf *b, const struct rel *scan)
{
	const struct catalog_table *t = scan->scan.table;
	struct strbuf name;
	size_t from;

	if (t->kind == TABLE_TEMP)
		return;
	strbuf_init(&name, 300);
	strbuf_addf(&name, "%s.%s", t->schema, t->name);
	separate(b, 0);
	strbuf_addc(b, '{');
	{
		struct strbuf one;

		strbuf_init(&one, 0);
		audit_text(&one, "table", strbuf_str(&name));
		strbuf_add(b, strbuf_cstr(&one), one.len);
		strbuf_release(&one);
	}
	strbuf_adds(b, ",\"columns\":[");
	from = b->len;
	for (uint32_t i = 0; i < scan->ncols; i++)
		list_text(b, from, str_of(t->columns[scan->scan.columns[i]].name));
	strbuf_adds(b, "]}");
	strbuf_release(&name);
}

static void gather(struct reads *r, const struct rel *rel)
{
	if (rel->kind == REL_SCAN)
		add_scan(r->tables, rel);
	if (rel->kind == REL_REMOTE) {
		struct strbuf one;

		strbuf_init(&one, 0);
		audit_text(&one, "server", str_of(rel->remote->server->name));
		audit_text(&one, "sql", or_null(rel->remote->sql));
		separate(r->sent, 0);
		strbuf_addf(r->sent, "{%s}", strbuf_cstr(&one));
		strbuf_release(&one);
		gather(r, rel->remote->subtree);
	}
	for (uint32_t i = 0; i < rel->nin; i++)
		gather(r, rel->in[i]);
}

static void add_reads(struct strbuf *b, const struct plan *p)
{
	struct strbuf tables, sent;
	struct reads r = {&tables, &sent};

	strbuf_init(&tables, 0);
	strbuf_init(&sent, 0);
	gather(&r, p->root);
	add_agreements(b, p);
	strbuf_adds(b, ",\"tables\":[");
	strbuf_add(b, strbuf_cstr(&tables), tables.len);
	strbuf_adds(b, "],\"sent\":[");
	strbuf_add(b, strbuf_cstr(&sent), sent.len);
	strbuf_addc(b, ']');
	strbuf_release(&tables);
	strbuf_release(&sent);
}

static bool write_statement(struct audit_trail *t, const struct plan *p, bool durable, struct err *e)
{
	struct strbuf b;
	bool ok;

	strbuf_init(&b, 0);
	audit_text(&b, "kind", STR("statement"));
	add_time(&b);
	add_who(&b, t);
	add_statement(&b, t);
	if (p)
		add_reads(&b, p);
	if (t->failure)
		audit_text(&b, "sqlstate", str_of(errcode_sqlstate(t->failure)));
	ok = audit_append(t->log, strbuf_str(&b), durable, &t->number, e);
	strbuf_release(&b);
	return ok;
}

bool audit_trail_admit(struct audit_trail *t, const struct plan *p, struct err *e)
{
	bool reads = false;

	if (!t->log)
		return true;
	for (uint32_t i = 0; p && i < p->nguards; i++)
		reads |= p->guards[i]->table->kind != TABLE_TEMP;
	return write_statement(t, p, p ? reads : !is_of_session(t->kind), e);
}

void audit_trail_end(struct audit_trail *t, int64_t rows)
{
	struct strbuf b;
	struct err e;
	bool ok;

	if (!t->log || !t->text.data)
		return;
	err_clear(&e);
	if (!t->number) {
		ok = write_statement(t, NULL, true, &e);
	} else {
		strbuf_init(&b, 0);
		audit_text(&b, "kind", STR("outcome"));
		add_time(&b);
		audit_number(&b, "of", (int64_t)t->number);
		audit_number(&b, "rows", rows);
		audit_number(&b, "us", clock_monotonic_us() - t->started);
		audit_text(&b, "sqlstate", str_of(t->failure ? errcode_sqlstate(t->failure) : "00000"));
		ok = audit_append(t->log, strbuf_str(&b), false, NULL, &e);
		strbuf_release(&b);
	}
	if (!ok)
		log_message(LOG_ERROR, "audit: %s", e.message);
}
