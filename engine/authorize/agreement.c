/*
 * From agreements to guards: which grants are in force for a principal, and what they let through together: the union of
 * their rows; of each value the least masked form that a grant gives for its row. Grants of rows win over those of
 * aggregates. Pure functions over an immutable snapshot; any thread.
 */
#include <stdlib.h>

#include "engine/authorize/guard.h"
#include "engine/base/clock.h"
#include "engine/base/hash.h"

/* The hours of grants count in the national time zone, UTC+7 all the year; a session's TimeZone doesn't move them. */
#define NATIONAL_OFFSET_MINUTES (7 * 60)

struct principal principal_now(const struct catalog_snapshot *s, const struct principal *login, const char *purpose)
{
	struct principal p = *login;
	const struct catalog_user *u = login->is_listed ? catalog_find_user(s, login->user) : NULL;

	if (u) {
		p.agency = u->agency;
		p.unit = u->unit;
		p.province = u->province;
		p.role = u->role;
		p.is_administrator = u->is_administrator;
		p.purpose = u->purpose;
	}
	p.is_gone = login->is_listed && !u;
	if (purpose && *purpose)
		p.purpose = purpose;
	p.now = clock_wall_us();
	return p;
}

static int64_t now_of(const struct principal *who)
{
	return who->now ? who->now : clock_wall_us();
}

/* until < from runs over midnight. */
static bool hour_is_in(const struct catalog_grant *g, int64_t now)
{
	int minute = (int)((now / 60000000 + NATIONAL_OFFSET_MINUTES) % (24 * 60));

	if (g->hours_from < 0)
		return true;
	if (g->hours_from <= g->hours_until)
		return minute >= g->hours_from && minute < g->hours_until;
	return minute >= g->hours_from || minute < g->hours_until;
}

bool authorize_grant_in_force(const struct catalog_grant *g, const struct principal *who)
{
	const struct catalog_agreement *a = g->agreement;
	int64_t now = now_of(who);

	return !who->is_owner && who->role != ROLE_AUDITOR && !a->suspended && *who->agency &&
		   strcmp(a->consumer, who->agency) == 0 && strcmp(a->purpose, who->purpose) == 0 && now >= a->valid_from &&
		   now < a->valid_until && hour_is_in(g, now);
}

enum access authorize_access(const struct principal *who, const struct catalog_table *t)
{
	const char *agency = catalog_table_agency(t);

	if (t->kind == TABLE_TEMP)
		return ACCESS_FULL;
	if (t->kind == TABLE_VIEW && strncmp(t->schema, "pg_temp", 7) == 0)
		return ACCESS_FULL;
	if (who->is_owner)
		return *agency && strcmp(agency, who->agency) == 0 ? ACCESS_FULL : ACCESS_NONE;
	if (who->is_operator)
		return ACCESS_FULL;
	if (!*agency)
		return who->is_administrator ? ACCESS_FULL : ACCESS_NONE;
	if (who->is_administrator || who->role == ROLE_AUDITOR)
		return ACCESS_NONE;
	if (strcmp(agency, who->agency) == 0)
		return ACCESS_FULL;
	for (size_t i = 0; i < t->ngrants; i++)
		if (authorize_grant_in_force(t->grants[i], who))
			return ACCESS_SHARED;
	return ACCESS_NONE;
}

/* ---- from grants to a guard ---- */

struct sharing {
	const struct catalog_table *t;
	const struct catalog_grant **grants; /* in force, in order of agreement and grant */
	size_t n;
	struct mem *m;
};

static const struct catalog_grant_column *grant_column(const struct catalog_grant *g, const char *name)
{
	for (size_t i = 0; i < g->ncols; i++)
		if (strcmp(g->cols[i].name, name) == 0)
			return &g->cols[i];
	return NULL;
}

static void take_grants(struct sharing *s, const struct principal *who)
{
	bool rows = false;
	size_t n = 0;

	s->grants = mem_new_array(s->m, const struct catalog_grant *, s->t->ngrants);
	for (size_t i = 0; i < s->t->ngrants; i++)
		if (authorize_grant_in_force(s->t->grants[i], who)) {
			rows |= s->t->grants[i]->minimum == 0;
			s->grants[s->n++] = s->t->grants[i];
		}
	for (size_t i = 0; i < s->n; i++)
		if (!rows || s->grants[i]->minimum == 0)
			s->grants[n++] = s->grants[i];
	s->n = n;
}

static const char *row_condition(const struct sharing *s)
{
	struct strbuf b;
	const char *text;

	for (size_t i = 0; i < s->n; i++)
		if (!s->grants[i]->row_condition)
			return NULL;
	strbuf_init(&b, 0);
	for (size_t i = 0; i < s->n; i++)
		strbuf_addf(&b, "%s(%s\n)", i ? " OR " : "", s->grants[i]->row_condition);
	text = mem_strdup(s->m, strbuf_cstr(&b));
	strbuf_release(&b);
	return text;
}

/* 0 the value itself, 1 some of it, 2 nothing of it. */
static int mask_rank(const struct catalog_grant_column *c)
{
	if (!c->mask)
		return 0;
	for (const char *p = c->mask; ; p++)
		if (*p != ' ' && *p != '(')
			return strncasecmp(p, "null", 4) == 0 ? 2 : 1;
}

/* The type that forms of one column come to: its own, texts without their length. */
static const char *form_type(const struct sharing *s, const char *column)
{
	int at = catalog_find_column(s->t, column);
	struct type t = at >= 0 ? s->t->columns[at].type : type_make(TYPE_TEXT);

	return type_is_text(t) && !t.array ? "text" : type_name(t, s->m);
}

static void add_form(const struct sharing *s, struct strbuf *b, const struct catalog_grant *g, const struct catalog_grant_column *c)
{
	if (!c->mask) {
		strbuf_addc(b, '"');
		for (const char *p = c->name; *p; p++)
			strbuf_addf(b, *p == '"' ? "\"\"" : "%c", *p);
		strbuf_addc(b, '"');
	} else {
		/* the salt is known here alone: a mask says mask_hash(x) */
		strbuf_addf(b, "CAST(\"$salted\"('%s', %s\n) AS %s)", g->agreement->salt, c->mask, form_type(s, c->name));
	}
}

/* The column's forms, the least masked first, each where its grant has the row. NULL: the value as it is. */
static const char *mask_of(const struct sharing *s, const char *column)
{
	struct strbuf b;
	const char *text;
	size_t cases = 0;
	bool all = true, closed = false;

	for (size_t i = 0; i < s->n && all; i++) {
		const struct catalog_grant_column *c = grant_column(s->grants[i], column);
		all = c && !c->mask;
		if (all && !s->grants[i]->row_condition)
			return NULL;
	}
	if (all)
		return NULL;
	strbuf_init(&b, 0);
	for (int rank = 0; rank < 3 && !closed; rank++)
		for (size_t i = 0; i < s->n && !closed; i++) {
			const struct catalog_grant_column *c = grant_column(s->grants[i], column);
			const char *condition = s->n > 1 ? s->grants[i]->row_condition : NULL; /* of one grant, all rows have passed it */

			if (!c || mask_rank(c) != rank)
				continue;
			closed = !condition;
			if (closed && cases == 0 && !c->mask) {
				strbuf_release(&b);
				return NULL;
			}
			strbuf_adds(&b, cases == 0 && !closed ? "CASE " : "");
			if (closed)
				strbuf_adds(&b, cases ? " ELSE " : "");
			else
				strbuf_addf(&b, "%sWHEN (%s\n) THEN ", cases ? " " : "", condition);
			add_form(s, &b, s->grants[i], c);
			cases++;
		}
	if (cases > 1 || !closed)
		strbuf_adds(&b, " END");
	text = mem_strdup(s->m, strbuf_cstr(&b));
	strbuf_release(&b);
	return text;
}

static void set_limits(const struct sharing *s, struct guard *g)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct catalog_grant *x = s->grants[i];

		if (x->minimum > g->minimum)
			g->minimum = x->minimum;
		if (x->max_rows >= 0 && (g->max_rows < 0 || x->max_rows < g->max_rows))
			g->max_rows = x->max_rows;
	}
}

static uint64_t hash_text(const char *s, uint64_t h)
{
	return s ? hash_bytes(s, strlen(s) + 1, h) : hash_bytes("", 0, h + 1);
}

static uint64_t rules_hash(const struct guard *g)
{
	uint64_t h = hash_text(g->table->schema, hash_text(g->table->name, 1));

	h = hash_text(g->row_condition, h);
	for (uint32_t i = 0; i < g->table->ncols; i++) {
		h = hash_text(g->table->columns[i].name, h);
		h = hash_text(g->readable && !g->readable[i] ? "-" : "+", h);
		h = hash_text(g->masks ? g->masks[i] : NULL, h);
	}
	h = hash_bytes(&g->minimum, sizeof g->minimum, h);
	return hash_bytes(&g->max_rows, sizeof g->max_rows, h);
}

void authorize_share(const struct principal *who, struct mem *m, struct guard *g)
{
	struct sharing s = {.t = g->table, .m = m};
	uint32_t n = g->table->ncols;
	bool *readable = mem_new_array(m, bool, n), masked = false;
	const char **masks = mem_new_array(m, const char *, n);

	take_grants(&s, who);
	g->grants = s.grants;
	g->ngrants = s.n;
	g->row_condition = row_condition(&s);
	for (uint32_t i = 0; i < n; i++) {
		readable[i] = false;
		masks[i] = NULL;
		for (size_t k = 0; k < s.n && !readable[i]; k++)
			readable[i] = grant_column(s.grants[k], g->table->columns[i].name) != NULL;
		if (readable[i])
			masks[i] = mask_of(&s, g->table->columns[i].name);
		masked |= masks[i] != NULL;
	}
	g->readable = readable;
	g->masks = masked ? masks : NULL;
	g->max_rows = -1;
	set_limits(&s, g);
	g->hash = rules_hash(g);
}

bool authorize_still(const struct catalog_snapshot *s, const struct principal *who, const struct guard *g, struct err *e)
{
	struct guard now = {.max_rows = -1};
	struct mem *m;
	bool same;

	if (!g->table || g->table->kind == TABLE_TEMP)
		return true;
	now.table = catalog_find_table(s, g->table->schema, g->table->name);
	m = mem_new(NULL, MEM_CATALOG, "rules", 0);
	same = now.table && now.table->id == g->table->id && !who->is_gone;
	if (same) {
		switch (authorize_access(who, now.table)) {
		case ACCESS_NONE:
			same = false;
			break;
		case ACCESS_FULL:
			same = g->ngrants == 0;
			break;
		case ACCESS_SHARED:
			authorize_share(who, m, &now);
			same = g->ngrants && now.hash == g->hash;
			break;
		}
	}
	mem_free(m);
	if (same)
		return true;
	err_set(e, ERR_INSUFFICIENT_PRIVILEGE, "what this statement may read has changed since it began");
	return err_hint(e, "Run it again: the agreement, the user or the time of day is another now.");
}

bool authorize_share_definition(const struct principal *who, const char *provider, const char *consumer, const char *tag,
								struct err *e)
{
	if (who->is_operator)
		return true;
	if (who->role == ROLE_STEWARD && *who->agency && strcmp(who->agency, provider) == 0)
		return true;
	if (!who->is_administrator) {
		err_set(e, ERR_INSUFFICIENT_PRIVILEGE, "permission denied: %s", tag);
		return err_hint(e, "What an agency shares is said by its own stewards.");
	}
	if (*who->agency && strcmp(who->agency, consumer) == 0) {
		err_set(e, ERR_INSUFFICIENT_PRIVILEGE, "permission denied: %s for the benefit of one's own agency", tag);
		return err_hint(e, "A steward of agency \"%s\" can do it.", provider);
	}
	return true;
}

bool authorize_sees_agreement(const struct principal *who, const struct catalog_agreement *a)
{
	return who->is_operator || who->is_administrator || (*who->agency && strcmp(who->agency, a->consumer) == 0) ||
		   authorize_sees_rules(who, a);
}

bool authorize_sees_rules(const struct principal *who, const struct catalog_agreement *a)
{
	return who->is_operator || who->is_administrator || (*who->agency && strcmp(who->agency, a->provider) == 0);
}
