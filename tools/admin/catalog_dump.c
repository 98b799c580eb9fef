/*
 * The definitions of a catalog as SQL. Order: what is named before what names it, by name within. Elements are given to
 * columns after the views, since making a view over sensitive columns would want a purpose.
 */
#include "tools/admin/catalog_dump.h"

#include <string.h>

#include "engine/types/datetime.h"
#include "engine/types/value.h"
#include "parser/parser.h"

static void put_options(struct strbuf *b, const struct options *o)
{
	if (o->count == 0)
		return;
	strbuf_adds(b, " OPTIONS (");
	for (size_t i = 0; i < o->count; i++) {
		strbuf_adds(b, i ? ", " : "");
		ident_quote(b, str_of(o->list[i].name));
		strbuf_addc(b, ' ');
		literal_quote(b, str_of(o->list[i].value));
	}
	strbuf_addc(b, ')');
}

static void put_comment(struct strbuf *b, const char *kind, const char *schema, const char *name, const char *column,
						const char *comment)
{
	if (!comment)
		return;
	strbuf_addf(b, "COMMENT ON %s ", kind);
	if (schema) {
		ident_quote(b, str_of(schema));
		strbuf_addc(b, '.');
	}
	ident_quote(b, str_of(name));
	if (column) {
		strbuf_addc(b, '.');
		ident_quote(b, str_of(column));
	}
	strbuf_adds(b, " IS ");
	literal_quote(b, str_of(comment));
	strbuf_adds(b, ";\n");
}

void catalog_dump_server(struct strbuf *b, const struct catalog_server *s)
{
	strbuf_adds(b, "CREATE SERVER ");
	ident_quote(b, str_of(s->name));
	strbuf_adds(b, " TYPE ");
	literal_quote(b, str_of(s->type));
	put_options(b, &s->options);
	strbuf_adds(b, ";\n");
	put_comment(b, "SERVER", NULL, s->name, NULL, s->comment);
	for (size_t i = 0; i < s->nmappings; i++) {
		strbuf_adds(b, "CREATE USER MAPPING FOR ");
		if (*s->mappings[i].user)
			ident_quote(b, str_of(s->mappings[i].user));
		else
			strbuf_adds(b, "PUBLIC");
		strbuf_adds(b, " SERVER ");
		ident_quote(b, str_of(s->name));
		put_options(b, &s->mappings[i].options);
		strbuf_adds(b, ";\n");
	}
}

static void put_view_options(struct strbuf *b, const struct catalog_table *t)
{
	if (!*t->agency)
		return;
	strbuf_adds(b, " WITH (agency = ");
	literal_quote(b, str_of(t->agency));
	strbuf_adds(b, t->view_definer ? ", security_invoker = false)" : ")");
}

void catalog_dump_table(struct strbuf *b, const struct catalog_table *t, struct mem *m)
{
	struct options remote = t->options;

	if (t->kind == TABLE_VIEW && t->view_search_path) {
		strbuf_adds(b, "SET search_path = ");
		strbuf_adds(b, *t->view_search_path ? t->view_search_path : "''");
		strbuf_adds(b, ";\n");
	}
	strbuf_adds(b, t->kind == TABLE_VIEW ? "CREATE VIEW " : "CREATE FOREIGN TABLE ");
	ident_quote(b, str_of(t->schema));
	strbuf_addc(b, '.');
	ident_quote(b, str_of(t->name));
	if (t->kind == TABLE_VIEW) {
		put_view_options(b, t);
		strbuf_addf(b, " AS %s;\n", t->view_sql);
	} else {
		struct option *list = mem_new_array(m, struct option, remote.count + 2);

		strbuf_adds(b, " (");
		for (uint32_t i = 0; i < t->ncols; i++) {
			const struct catalog_column *c = &t->columns[i];
			struct option *own = mem_new_array(m, struct option, c->options.count + 1);
			struct options o = {own, c->options.count};

			strbuf_adds(b, i ? ", " : "");
			ident_quote(b, str_of(c->name));
			strbuf_addf(b, " %s", type_name(c->type, m));
			if (c->options.count)
				memcpy(own, c->options.list, c->options.count * sizeof *own);
			if (strcmp(c->name, c->remote_name) != 0 && !options_get(&c->options, "column_name"))
				own[o.count++] = (struct option){"column_name", c->remote_name};
			put_options(b, &o);
			strbuf_adds(b, c->not_null ? " NOT NULL" : "");
		}
		strbuf_adds(b, ") SERVER ");
		ident_quote(b, str_of(t->server->name));
		if (remote.count)
			memcpy(list, remote.list, remote.count * sizeof *list);
		remote.list = list;
		if (!options_get(&remote, "schema_name") && *t->remote_schema)
			list[remote.count++] = (struct option){"schema_name", t->remote_schema};
		if (!options_get(&remote, "table_name"))
			list[remote.count++] = (struct option){"table_name", t->remote_name};
		put_options(b, &remote);
		strbuf_adds(b, ";\n");
	}
	put_comment(b, t->kind == TABLE_VIEW ? "VIEW" : "FOREIGN TABLE", t->schema, t->name, NULL, t->comment);
	for (uint32_t i = 0; i < t->ncols; i++)
		put_comment(b, "COLUMN", t->schema, t->name, t->columns[i].name, t->columns[i].comment);
}

/* " WORD 'text'"; nothing of NULL or "". */
static void put_text(struct strbuf *b, const char *word, const char *text)
{
	if (!text || !*text)
		return;
	strbuf_addf(b, " %s ", word);
	literal_quote(b, str_of(text));
}

static void put_name(struct strbuf *b, const char *before, const char *name)
{
	strbuf_adds(b, before);
	ident_quote(b, str_of(name));
}

void catalog_dump_agency(struct strbuf *b, const struct catalog_agency *a)
{
	put_name(b, "CREATE AGENCY ", a->code);
	put_text(b, "TITLE", a->name_vi);
	put_text(b, "ENGLISH", a->name_en);
	strbuf_adds(b, ";\n");
}

void catalog_dump_purpose(struct strbuf *b, const struct catalog_purpose *p)
{
	put_name(b, "CREATE PURPOSE ", p->code);
	put_text(b, "TITLE", p->title);
	put_text(b, "COMMENT", p->comment);
	strbuf_adds(b, ";\n");
}

void catalog_dump_element(struct strbuf *b, const struct catalog_element *el)
{
	static const char *const sensitivity[] = {
		[SENSITIVITY_NONE] = "none", [SENSITIVITY_BASIC] = "basic", [SENSITIVITY_SENSITIVE] = "sensitive"};

	put_name(b, "CREATE ELEMENT ", el->name);
	put_text(b, "TITLE", el->title);
	put_text(b, "FORMAT", el->format);
	strbuf_addf(b, " SENSITIVITY %s", sensitivity[el->sensitivity]);
	put_text(b, "PERSON", el->is_person ? "yes" : NULL);
	put_text(b, "COMMENT", el->comment);
	strbuf_adds(b, ";\n");
}

void catalog_dump_user(struct strbuf *b, const struct catalog_user *u)
{
	put_name(b, "CREATE USER ", u->name);
	if (*u->agency)
		put_name(b, " AGENCY ", u->agency);
	if (u->role != ROLE_ANALYST)
		strbuf_addf(b, " ROLE %s", catalog_role_name(u->role));
	if (*u->purpose)
		put_name(b, " PURPOSE ", u->purpose);
	put_text(b, "UNIT", u->unit);
	put_text(b, "PROVINCE", u->province);
	strbuf_adds(b, u->is_administrator ? " ADMINISTRATOR;\n" : ";\n");
}

void catalog_dump_elements(struct strbuf *b, const struct catalog_table *t)
{
	for (uint32_t i = 0; i < t->ncols; i++) {
		if (!t->columns[i].element)
			continue;
		put_name(b, "ALTER TABLE ", t->schema);
		put_name(b, ".", t->name);
		put_name(b, " COLUMN ", t->columns[i].name);
		put_name(b, " ELEMENT ", t->columns[i].element->name);
		strbuf_adds(b, ";\n");
	}
}

static void put_bound(struct strbuf *b, const char *word, int64_t us, int64_t none)
{
	if (us == none)
		return;
	strbuf_addf(b, " %s '", word);
	timestamp_print(us - (int64_t)EPOCH_SHIFT_DAYS * USEC_PER_DAY, b);
	strbuf_adds(b, "+00'");
}

static void dump_grant(struct strbuf *b, const struct catalog_grant *g)
{
	strbuf_adds(b, "GRANT SELECT (");
	for (size_t i = 0; i < g->ncols; i++)
		put_name(b, i ? ", " : "", g->cols[i].name);
	put_name(b, ") ON ", g->schema);
	put_name(b, ".", g->table);
	put_name(b, " UNDER ", g->agreement->name);
	if (g->row_condition)
		strbuf_addf(b, "\n\tWHERE %s", g->row_condition);
	for (size_t i = 0; i < g->ncols; i++)
		if (g->cols[i].mask) {
			put_name(b, "\n\tMASK ", g->cols[i].name);
			strbuf_addf(b, " WITH %s", g->cols[i].mask);
		}
	if (g->minimum)
		strbuf_addf(b, "\n\tAGGREGATE ONLY MINIMUM %lld", (long long)g->minimum);
	if (g->max_rows >= 0)
		strbuf_addf(b, "\n\tMAX ROWS %lld", (long long)g->max_rows);
	if (g->hours_from >= 0)
		strbuf_addf(b, "\n\tWITHIN HOURS '%02d:%02d' TO '%02d:%02d'", g->hours_from / 60, g->hours_from % 60, g->hours_until / 60,
					g->hours_until % 60);
	strbuf_adds(b, ";\n");
}

void catalog_dump_agreement(struct strbuf *b, const struct catalog_agreement *a)
{
	put_name(b, "CREATE AGREEMENT ", a->name);
	put_name(b, " FROM AGENCY ", a->provider);
	put_name(b, " TO AGENCY ", a->consumer);
	put_name(b, " FOR PURPOSE ", a->purpose);
	put_bound(b, "VALID FROM", a->valid_from, INT64_MIN);
	put_bound(b, "VALID UNTIL", a->valid_until, INT64_MAX);
	put_text(b, "REFERENCE", a->reference);
	put_text(b, "COMMENT", a->comment);
	strbuf_adds(b, ";\n");
	for (size_t i = 0; i < a->ngrants; i++)
		dump_grant(b, a->grants[i]);
	if (a->suspended) {
		put_name(b, "SUSPEND AGREEMENT ", a->name);
		strbuf_adds(b, ";\n");
	}
}

static void dump_schemas(struct strbuf *b, const struct catalog_snapshot *s, struct mem *m)
{
	for (size_t i = 0; i < s->nschemas; i++) {
		if (strcmp(s->schemas[i]->name, "public") != 0) { /* that one is always there */
			put_name(b, "CREATE SCHEMA IF NOT EXISTS ", s->schemas[i]->name);
			strbuf_adds(b, ";\n");
		}
		put_comment(b, "SCHEMA", NULL, s->schemas[i]->name, NULL, s->schemas[i]->comment);
	}
	/* views last: they read tables of any schema */
	for (int views = 0; views < 2; views++)
		for (size_t i = 0; i < s->nschemas; i++)
			for (size_t k = 0; k < s->schemas[i]->ntables; k++)
				if ((s->schemas[i]->tables[k]->kind == TABLE_VIEW) == (views == 1))
					catalog_dump_table(b, s->schemas[i]->tables[k], m);
	for (size_t i = 0; i < s->nschemas; i++)
		for (size_t k = 0; k < s->schemas[i]->ntables; k++)
			catalog_dump_elements(b, s->schemas[i]->tables[k]);
}

bool catalog_dump(const struct catalog_snapshot *s, FILE *out)
{
	struct mem *m = mem_new(NULL, MEM_OTHER, "dump", 0);
	struct strbuf b;
	bool ok;

	strbuf_init(&b, 0);
	for (size_t i = 0; i < s->nagencies; i++)
		catalog_dump_agency(&b, &s->agencies[i]);
	for (size_t i = 0; i < s->npurposes; i++)
		catalog_dump_purpose(&b, &s->purposes[i]);
	for (size_t i = 0; i < s->nelements; i++)
		catalog_dump_element(&b, &s->elements[i]);
	for (size_t i = 0; i < s->nservers; i++) {
		catalog_dump_server(&b, s->servers[i]);
		for (size_t k = 0; k < s->servers[i]->nmappings; k++)
			if (s->servers[i]->mappings[k].sealed.count)
				strbuf_addf(&b, "-- the secrets of the mapping for %s must be given again\n",
							*s->servers[i]->mappings[k].user ? s->servers[i]->mappings[k].user : "PUBLIC");
	}
	dump_schemas(&b, s, m);
	for (size_t i = 0; i < s->nusers; i++) {
		catalog_dump_user(&b, &s->users[i]);
		if (s->users[i].verifier)
			strbuf_adds(&b, "-- the password of this user must be given again\n");
	}
	for (size_t i = 0; i < s->nagreements; i++)
		catalog_dump_agreement(&b, s->agreements[i]);
	ok = fwrite(strbuf_cstr(&b), 1, b.len, out) == b.len && fflush(out) == 0;
	strbuf_release(&b);
	mem_free(m);
	return ok;
}
