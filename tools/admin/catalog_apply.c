/*
 * The wanted state is made by running the file on a catalog in memory; then both states are compared definition by definition,
 * by their dumped text, and the differences are carried over inside one edit. Nothing is dropped and made again that keeps
 * its name, so that ids, grants, secrets and statistics stay.
 */
#include "tools/admin/catalog_apply.h"

#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "tools/admin/catalog_dump.h"

struct change {
	const struct catalog_snapshot *have, *want;
	struct catalog *catalog;
	struct catalog_edit *x; /* NULL: only print */
	struct mem *mem;
	struct err *e;
	size_t count;
};

/* Prints a definition's two texts (either may be empty) when they differ. */
static bool differs(struct change *c, struct strbuf *have, struct strbuf *want)
{
	bool same = have->len == want->len && memcmp(strbuf_cstr(have), strbuf_cstr(want), have->len) == 0;
	const struct strbuf *texts[2] = {have, want};

	for (int i = 0; i < 2 && !same; i++)
		for (const char *p = strbuf_cstr((struct strbuf *)texts[i]); *p;) {
			size_t len = strcspn(p, "\n");

			printf("%c %.*s\n", i ? '+' : '-', (int)len, p);
			p += len + (p[len] == '\n');
		}
	c->count += !same;
	strbuf_release(have);
	strbuf_release(want);
	return !same;
}

#define TEXTS(dump_have, dump_want)                                                                                  \
	struct strbuf a, b;                                                                                              \
	strbuf_init(&a, 0);                                                                                              \
	strbuf_init(&b, 0);                                                                                              \
	if (old)                                                                                                         \
		dump_have;                                                                                                   \
	if (new)                                                                                                         \
		dump_want;

static bool change_agency(struct change *c, const struct catalog_agency *old, const struct catalog_agency *new)
{
	TEXTS(catalog_dump_agency(&a, old), catalog_dump_agency(&b, new))
	if (!differs(c, &a, &b) || !c->x)
		return true;
	return new ? catalog_put_agency(c->x, new, c->e) : catalog_drop_term(c->x, TERM_AGENCY, old->code, c->e);
}

static bool change_purpose(struct change *c, const struct catalog_purpose *old, const struct catalog_purpose *new)
{
	TEXTS(catalog_dump_purpose(&a, old), catalog_dump_purpose(&b, new))
	if (!differs(c, &a, &b) || !c->x)
		return true;
	return new ? catalog_put_purpose(c->x, new, c->e) : catalog_drop_term(c->x, TERM_PURPOSE, old->code, c->e);
}

static bool change_element(struct change *c, const struct catalog_element *old, const struct catalog_element *new)
{
	TEXTS(catalog_dump_element(&a, old), catalog_dump_element(&b, new))
	if (!differs(c, &a, &b) || !c->x)
		return true;
	return new ? catalog_put_element(c->x, new, c->e) : catalog_drop_term(c->x, TERM_ELEMENT, old->name, c->e);
}

/* New options beside the secrets that the mapping has. */
static bool put_mapping(struct change *c, const struct catalog_server *old, const char *server, const struct catalog_mapping *m)
{
	const struct catalog_mapping *had = old ? catalog_find_mapping(old, m->user) : NULL;
	struct option *list;
	struct options all = {NULL, 0}, opened;
	size_t n = m->options.count;

	list = mem_new_array(c->mem, struct option, n + (had ? had->options.count + had->sealed.count : 0) + 1);
	if (n)
		memcpy(list, m->options.list, n * sizeof *list);
	if (had) {
		if (!catalog_open_secrets(c->catalog, had, c->mem, &opened, c->e))
			return false;
		for (size_t i = 0; i < opened.count; i++)
			if (catalog_option_is_secret(opened.list[i].name))
				list[n++] = opened.list[i];
	}
	all = (struct options){list, n};
	return catalog_put_mapping(c->x, server, m->user, &all, had != NULL, c->e);
}

static bool change_server(struct change *c, const struct catalog_server *old, const struct catalog_server *new)
{
	struct catalog_server s;
	TEXTS(catalog_dump_server(&a, old), catalog_dump_server(&b, new))

	if (!differs(c, &a, &b) || !c->x)
		return true;
	if (!new)
		return catalog_drop_server(c->x, old->name, false, c->e);
	s = *new;
	if (old)
		s.facts = old->facts;
	if (!(old ? catalog_alter_server(c->x, old->name, &s, c->e) : catalog_create_server(c->x, &s, c->e)))
		return false;
	for (size_t i = 0; i < new->nmappings; i++)
		if (!put_mapping(c, old, new->name, &new->mappings[i]))
			return false;
	for (size_t i = 0; old && i < old->nmappings; i++)
		if (!catalog_find_mapping(new, old->mappings[i].user) &&
			!catalog_drop_mapping(c->x, new->name, old->mappings[i].user, c->e))
			return false;
	return true;
}

/* What was measured of a column that stays what it was. */
static void keep_measured(struct catalog_column *n, const struct catalog_column *o)
{
	struct catalog_column merged = *o;

	if (!type_same(n->type, o->type) || strcmp(n->remote_name ? n->remote_name : n->name, o->remote_name ? o->remote_name : o->name) != 0)
		return;
	merged.comment = n->comment;
	merged.not_null = n->not_null;
	merged.options = n->options;
	merged.element = n->element;
	*n = merged;
}

static bool put_table(struct change *c, const struct catalog_table *old, const struct catalog_table *new)
{
	struct catalog_table t = *new;
	struct catalog_column *cols = mem_new_array(c->mem, struct catalog_column, t.ncols + 1);
	bool same_columns = old && old->ncols == t.ncols;

	if (!old)
		return catalog_create_table(c->x, &t, false, c->e);
	for (uint32_t i = 0; i < t.ncols; i++) {
		int at = catalog_find_column(old, t.columns[i].name);

		cols[i] = t.columns[i];
		if (at >= 0)
			keep_measured(&cols[i], &old->columns[at]);
		same_columns &= at == (int)i;
	}
	t.columns = cols;
	t.rows = old->rows;
	t.analyzed_at = old->analyzed_at;
	t.remote_kind = old->remote_kind;
	if (same_columns) { /* keys name columns by place */
		t.keys = old->keys;
		t.nkeys = old->nkeys;
	}
	return catalog_alter_table(c->x, old->schema, old->name, &t, c->e);
}

static bool change_table(struct change *c, const struct catalog_table *old, const struct catalog_table *new)
{
	TEXTS((catalog_dump_table(&a, old, c->mem), catalog_dump_elements(&a, old)),
		  (catalog_dump_table(&b, new, c->mem), catalog_dump_elements(&b, new)))
	if (!differs(c, &a, &b) || !c->x)
		return true;
	if (!new)
		return catalog_drop_table(c->x, old->schema, old->name, false, c->e);
	if (old && old->kind != new->kind)
		return catalog_drop_table(c->x, old->schema, old->name, false, c->e) && catalog_create_table(c->x, new, false, c->e);
	return put_table(c, old, new);
}

static bool change_user(struct change *c, const struct catalog_user *old, const struct catalog_user *new)
{
	struct catalog_user u;
	TEXTS(catalog_dump_user(&a, old), catalog_dump_user(&b, new))

	if (!differs(c, &a, &b) || !c->x)
		return true;
	if (!new)
		return catalog_drop_user(c->x, old->name, c->e);
	u = *new;
	if (old && !u.verifier)
		u.verifier = old->verifier;
	return old ? catalog_alter_user(c->x, old->name, &u, c->e) : catalog_create_user(c->x, &u, c->e);
}

static bool change_agreement(struct change *c, const struct catalog_agreement *old, const struct catalog_agreement *new)
{
	struct catalog_agreement g;
	TEXTS(catalog_dump_agreement(&a, old), catalog_dump_agreement(&b, new))

	if (!differs(c, &a, &b) || !c->x)
		return true;
	if (old && !catalog_drop_agreement(c->x, old->name, c->e))
		return false;
	if (!new)
		return true;
	g = *new;
	g.salt = old ? old->salt : NULL;
	if (!catalog_create_agreement(c->x, &g, c->e))
		return false;
	for (size_t i = 0; i < new->ngrants; i++)
		if (!catalog_add_grant(c->x, new->name, new->grants[i], c->e))
			return false;
	return true;
}

static bool change_schema(struct change *c, const struct catalog_schema *old, const struct catalog_schema *new)
{
	const char *name = old ? old->name : new->name;
	bool comment = new && strcmp(old && old->comment ? old->comment : "", new->comment ? new->comment : "") != 0;

	if (old && new && !comment)
		return true;
	printf("%c SCHEMA %s%s\n", new ? '+' : '-', name, old && new ? " (comment)" : "");
	c->count++;
	if (!c->x)
		return true;
	if (!new)
		return catalog_drop_schema(c->x, name, false, c->e);
	return (old || catalog_create_schema(c->x, name, new->server, c->e)) &&
		   (!comment || catalog_comment(c->x, "schema", NULL, name, NULL, new->comment, c->e));
}

/* ---- the order of changes: what is named before what names it, drops the other way round ---- */

static bool put_first(struct change *c)
{
	bool ok = true;

	for (size_t i = 0; ok && i < c->want->nagencies; i++)
		ok = change_agency(c, catalog_find_agency(c->have, c->want->agencies[i].code), &c->want->agencies[i]);
	for (size_t i = 0; ok && i < c->want->npurposes; i++)
		ok = change_purpose(c, catalog_find_purpose(c->have, c->want->purposes[i].code), &c->want->purposes[i]);
	for (size_t i = 0; ok && i < c->want->nelements; i++)
		ok = change_element(c, catalog_find_element(c->have, c->want->elements[i].name), &c->want->elements[i]);
	for (size_t i = 0; ok && i < c->want->nservers; i++)
		ok = change_server(c, catalog_find_server(c->have, c->want->servers[i]->name), c->want->servers[i]);
	for (size_t i = 0; ok && i < c->want->nschemas; i++)
		ok = change_schema(c, catalog_find_schema(c->have, c->want->schemas[i]->name), c->want->schemas[i]);
	return ok;
}

static bool change_tables(struct change *c)
{
	bool ok = true;

	for (size_t i = 0; ok && i < c->have->nschemas; i++)
		for (size_t k = 0; ok && k < c->have->schemas[i]->ntables; k++) {
			const struct catalog_table *t = c->have->schemas[i]->tables[k];

			if (!catalog_find_table(c->want, t->schema, t->name))
				ok = change_table(c, t, NULL);
		}
	for (size_t i = 0; ok && i < c->want->nschemas; i++)
		for (size_t k = 0; ok && k < c->want->schemas[i]->ntables; k++) {
			const struct catalog_table *t = c->want->schemas[i]->tables[k];

			ok = change_table(c, catalog_find_table(c->have, t->schema, t->name), t);
		}
	return ok;
}

static bool change_people(struct change *c)
{
	bool ok = true;

	for (size_t i = 0; ok && i < c->want->nusers; i++)
		ok = change_user(c, catalog_find_user(c->have, c->want->users[i].name), &c->want->users[i]);
	for (size_t i = 0; ok && i < c->want->nagreements; i++)
		ok = change_agreement(c, catalog_find_agreement(c->have, c->want->agreements[i]->name), c->want->agreements[i]);
	for (size_t i = 0; ok && i < c->have->nagreements; i++)
		if (!catalog_find_agreement(c->want, c->have->agreements[i]->name))
			ok = change_agreement(c, c->have->agreements[i], NULL);
	for (size_t i = 0; ok && i < c->have->nusers; i++)
		if (!catalog_find_user(c->want, c->have->users[i].name))
			ok = change_user(c, &c->have->users[i], NULL);
	return ok;
}

static bool drop_last(struct change *c)
{
	bool ok = true;

	for (size_t i = 0; ok && i < c->have->nservers; i++)
		if (!catalog_find_server(c->want, c->have->servers[i]->name))
			ok = change_server(c, c->have->servers[i], NULL);
	for (size_t i = 0; ok && i < c->have->nschemas; i++)
		if (!catalog_find_schema(c->want, c->have->schemas[i]->name))
			ok = change_schema(c, c->have->schemas[i], NULL);
	for (size_t i = 0; ok && i < c->have->nelements; i++)
		if (!catalog_find_element(c->want, c->have->elements[i].name))
			ok = change_element(c, &c->have->elements[i], NULL);
	for (size_t i = 0; ok && i < c->have->npurposes; i++)
		if (!catalog_find_purpose(c->want, c->have->purposes[i].code))
			ok = change_purpose(c, &c->have->purposes[i], NULL);
	for (size_t i = 0; ok && i < c->have->nagencies; i++)
		if (!catalog_find_agency(c->want, c->have->agencies[i].code))
			ok = change_agency(c, &c->have->agencies[i], NULL);
	return ok;
}

static bool carry_over(struct engine *g, const struct catalog_snapshot *want, bool dry_run, struct err *e)
{
	struct mem *m = mem_new(NULL, MEM_OTHER, "apply", 0);
	struct change c = {.have = catalog_snapshot_get(engine_catalog(g)), .want = want, .catalog = engine_catalog(g), .mem = m, .e = e};
	bool ok = dry_run || (c.x = catalog_begin(c.catalog, e));

	ok = ok && put_first(&c) && change_tables(&c) && change_people(&c) && drop_last(&c);
	if (ok && c.x)
		ok = catalog_commit(c.x, e);
	else
		catalog_rollback(c.x);
	if (ok)
		printf("%zu differences%s\n", c.count, c.count == 0 ? "" : dry_run ? "; nothing was changed" : ", applied");
	catalog_snapshot_unref(c.have);
	mem_free(m);
	return ok;
}

bool catalog_apply(struct engine *g, struct str sql, bool dry_run, struct err *e)
{
	struct principal who = {.user = "operator", .agency = "", .purpose = "", .is_administrator = true, .is_operator = true};
	struct engine *scratch = engine_open(NULL, 1, e);
	struct session *session = scratch ? session_open(scratch, &who, e) : NULL;
	struct receiver none = {0};
	const struct catalog_snapshot *want;
	bool ok = session && session_run(session, sql, &none, e);

	if (ok) {
		want = catalog_snapshot_get(engine_catalog(scratch));
		ok = carry_over(g, want, dry_run, e);
		catalog_snapshot_unref(want);
	}
	if (session)
		session_close(session);
	engine_close(scratch);
	return ok;
}
