/*
 * Looking tables up for a principal, and what of the catalog a principal sees. Everything here, error texts and "did you
 * mean" hints too, goes through the authorize_sees_* answers, so that nothing which a user may not see leaves a
 * trace. What agreements let through is agreement.c's. Pure functions over an immutable snapshot; any thread.
 */
#include "engine/authorize/guard.h"

#include <ctype.h>

/* Sees all definitions: the operator, and administrators, who manage servers (without seeing data). */
static bool sees_definitions(const struct principal *who)
{
	return (who->is_operator || who->is_administrator) && !who->is_owner;
}

bool authorize_sees_table(const struct principal *who, const struct catalog_table *t)
{
	return t && (sees_definitions(who) || authorize_access(who, t) != ACCESS_NONE);
}

static bool grants_column(const struct catalog_grant *g, const char *name)
{
	for (size_t i = 0; i < g->ncols; i++)
		if (strcmp(g->cols[i].name, name) == 0)
			return true;
	return false;
}

bool authorize_sees_column(const struct principal *who, const struct catalog_table *t, uint32_t column)
{
	if (column >= t->ncols)
		return false;
	if (sees_definitions(who))
		return true;
	switch (authorize_access(who, t)) {
	case ACCESS_NONE:
		return false;
	case ACCESS_FULL:
		return true;
	case ACCESS_SHARED:
		for (size_t i = 0; i < t->ngrants; i++)
			if (authorize_grant_in_force(t->grants[i], who) && grants_column(t->grants[i], t->columns[column].name))
				return true;
		return false;
	}
	UNREACHABLE();
}

bool authorize_sees_counts(const struct principal *who, const struct catalog_table *t)
{
	return sees_definitions(who) || authorize_access(who, t) == ACCESS_FULL;
}

bool authorize_sees_values(const struct principal *who, const struct catalog_table *t)
{
	return authorize_access(who, t) == ACCESS_FULL;
}

/* A schema is there when something in it is; the one of no source in particular always. */
bool authorize_sees_schema(const struct principal *who, const struct catalog_schema *s)
{
	if (!s || sees_definitions(who) || (!*s->server && s->ntables == 0) || strcmp(s->name, "public") == 0)
		return s != NULL;
	for (size_t i = 0; i < s->ntables; i++)
		if (authorize_access(who, s->tables[i]) != ACCESS_NONE)
			return true;
	return false;
}

bool authorize_sees_server(const struct principal *who, const struct catalog_server *s)
{
	return s && (sees_definitions(who) || (*who->agency && strcmp(s->agency, who->agency) == 0 && who->role != ROLE_AUDITOR));
}

bool authorize_command(const struct principal *who, enum command_class what, const char *tag, struct err *e)
{
	switch (what) {
	case COMMAND_QUERY:
	case COMMAND_SETTING:
	case COMMAND_SHOW:
		return true;
	case COMMAND_SHARE:
		if (who->is_administrator || who->is_operator || (who->role == ROLE_STEWARD && *who->agency))
			return true;
		return err_set(e, ERR_INSUFFICIENT_PRIVILEGE, "permission denied: %s is for administrators and for the stewards of an agency",
					   tag);
	case COMMAND_DEFINE:
		if (who->is_administrator || who->is_operator)
			return true;
		return err_set(e, ERR_INSUFFICIENT_PRIVILEGE, "permission denied: %s is for administrators", tag);
	}
	UNREACHABLE();
}

/* ---- the search path ---- */

/* Takes the next schema name off a comma list; false at its end. */
static bool path_next(const char **path, char *name, size_t size)
{
	const char *p = *path;
	size_t n = 0;

	while (*p == ' ' || *p == ',')
		p++;
	if (!*p)
		return false;
	if (*p == '"') {
		for (p++; *p && (*p != '"' || p[1] == '"'); p++) {
			if (*p == '"')
				p++;
			if (n + 1 < size)
				name[n++] = *p;
		}
		if (*p)
			p++;
	} else {
		for (; *p && *p != ',' && *p != ' '; p++)
			if (n + 1 < size)
				name[n++] = (char)((unsigned char)*p < 0x80 ? tolower((unsigned char)*p) : *p);
	}
	name[n] = 0;
	*path = p;
	return true;
}

static bool path_names(const char *path, const char *schema)
{
	char name[256];

	while (path_next(&path, name, sizeof name))
		if (strcmp(name, schema) == 0)
			return true;
	return false;
}

struct lookup {
	const struct catalog_snapshot *snapshot;
	const struct principal *who;
	struct mem *m;
};

static bool lookup_in(const struct lookup *l, const char *schema, const char *name, struct guard *g)
{
	const struct catalog_schema *s;

	g->virtual_table = virtual_table_find(schema, name);
	if (g->virtual_table)
		return true;
	s = catalog_find_schema(l->snapshot, schema);
	if (!s || !authorize_sees_schema(l->who, s))
		return false;
	g->table = catalog_find_table(l->snapshot, schema, name);
	if (g->table && !authorize_sees_table(l->who, g->table))
		g->table = NULL;
	return g->table != NULL;
}

/* ---- hints ---- */

/* The nearest of the names offered so far. */
struct nearest {
	const char *wanted, *schema, *name;
	int limit;
};

static void nearest_init(struct nearest *n, const char *wanted)
{
	size_t len = strlen(wanted);

	*n = (struct nearest){wanted, NULL, NULL, len <= 3 ? 1 : len <= 6 ? 2 : 3};
}

static void nearest_offer(struct nearest *n, const char *schema, const char *name)
{
	int d = n->limit < 0 ? 1 : str_distance(n->wanted, name, n->limit);

	if (d > n->limit)
		return;
	n->schema = schema;
	n->name = name;
	n->limit = d - 1;
}

static bool is_virtual_schema(const char *name)
{
	for (size_t i = 0; i < virtual_table_count(); i++)
		if (strcmp(virtual_table_at(i)->schema, name) == 0)
			return true;
	return false;
}

static void offer_tables(const struct lookup *l, const char *schema, struct nearest *n)
{
	const struct catalog_schema *s = catalog_find_schema(l->snapshot, schema);

	for (size_t i = 0; i < virtual_table_count(); i++)
		if (strcmp(virtual_table_at(i)->schema, schema) == 0)
			nearest_offer(n, schema, virtual_table_at(i)->name);
	if (!s || !authorize_sees_schema(l->who, s))
		return;
	for (size_t i = 0; i < s->ntables; i++)
		if (authorize_sees_table(l->who, s->tables[i]))
			nearest_offer(n, s->name, s->tables[i]->name);
}

static bool missing_qualified(const struct lookup *l, const char *schema, const char *name, int pos, struct err *e)
{
	const struct catalog_schema *s = catalog_find_schema(l->snapshot, schema);
	struct nearest n;

	err_at(e, pos, ERR_UNDEFINED_TABLE, "relation \"%s.%s\" does not exist", schema, name);
	if ((s && authorize_sees_schema(l->who, s)) || is_virtual_schema(schema)) {
		nearest_init(&n, name);
		offer_tables(l, schema, &n);
		return n.name ? err_hint(e, "Did you mean \"%s.%s\"?", schema, n.name) : false;
	}
	nearest_init(&n, schema);
	for (size_t i = 0; i < l->snapshot->nschemas; i++)
		if (authorize_sees_schema(l->who, l->snapshot->schemas[i]))
			nearest_offer(&n, NULL, l->snapshot->schemas[i]->name);
	for (size_t i = 0; i < virtual_table_count(); i++)
		nearest_offer(&n, NULL, virtual_table_at(i)->schema);
	if (n.name)
		return err_hint(e, "There is no schema \"%s\". Did you mean \"%s\"?", schema, n.name);
	return err_hint(e, "There is no schema \"%s\".", schema);
}

static bool missing_plain(const struct lookup *l, const char *name, const char *search_path, int pos, struct err *e)
{
	char schema[256];
	struct nearest n;

	err_at(e, pos, ERR_UNDEFINED_TABLE, "relation \"%s\" does not exist", name);
	nearest_init(&n, name);
	/* the same name elsewhere is the likeliest slip, then a near one in the path, then a near one anywhere */
	for (size_t i = 0; i < l->snapshot->nschemas; i++) {
		const struct catalog_schema *s = l->snapshot->schemas[i];
		const struct catalog_table *t = catalog_find_table(l->snapshot, s->name, name);
		if (t && authorize_sees_schema(l->who, s) && authorize_sees_table(l->who, t))
			nearest_offer(&n, s->name, name);
	}
	for (const char *p = search_path; !n.name && path_next(&p, schema, sizeof schema);)
		offer_tables(l, schema, &n);
	for (size_t i = 0; !n.name && i < virtual_table_count(); i++)
		nearest_offer(&n, virtual_table_at(i)->schema, virtual_table_at(i)->name);
	if (!n.name)
		for (size_t i = 0; i < l->snapshot->nschemas; i++)
			offer_tables(l, l->snapshot->schemas[i]->name, &n);
	if (n.name)
		return err_hint(e, "Did you mean \"%s.%s\"?", n.schema, n.name);
	return false;
}

static bool has_sensitive(const struct catalog_table *t)
{
	for (uint32_t i = 0; i < t->ncols; i++)
		if (t->columns[i].element && t->columns[i].element->sensitivity == SENSITIVITY_SENSITIVE)
			return true;
	return false;
}

/* The table may be seen: fills its guard, or says what stands against reading it. */
static bool let_in(const struct principal *who, int pos, struct mem *m, struct guard *g, struct err *e)
{
	const struct catalog_table *t = g->table;

	g->max_rows = -1;
	switch (authorize_access(who, t)) {
	case ACCESS_NONE: /* an administrator's view of it */
		err_at(e, pos, ERR_INSUFFICIENT_PRIVILEGE, "permission denied for table \"%s.%s\"", t->schema, t->name);
		return err_hint(e, "Administrators manage servers; the data is read by users of its agency, or under an agreement.");
	case ACCESS_SHARED:
		authorize_share(who, m, g);
		return true;
	case ACCESS_FULL:
		if (!who->is_owner && !*who->purpose && has_sensitive(t)) {
			err_at(e, pos, ERR_INSUFFICIENT_PRIVILEGE, "table \"%s.%s\" has sensitive elements: a purpose must be declared", t->schema,
				   t->name);
			return err_hint(e, "SET hopluu.purpose = '…' names it; SELECT * FROM hopluu.purposes lists them.");
		}
		return true;
	}
	UNREACHABLE();
}

bool authorize_table(const struct catalog_snapshot *snapshot, const struct principal *who, const char *schema,
					 const char *name, const char *search_path, int pos, struct mem *m, const struct guard **out,
					 struct err *e)
{
	struct lookup l = {snapshot, who, m};
	struct guard *g = mem_new_object(m, struct guard);
	char at[256];
	bool found = false;

	if (!search_path)
		search_path = "";
	if (schema)
		found = lookup_in(&l, schema, name, g);
	else {
		/* the session's temporary tables come first unless the path says where */
		found = !path_names(search_path, "pg_temp") && lookup_in(&l, "pg_temp", name, g);
		for (const char *p = search_path; !found && path_next(&p, at, sizeof at);)
			found = lookup_in(&l, at, name, g);
	}
	if (found)
		return g->virtual_table || let_in(who, pos, m, g, e) ? (*out = g, true) : false;
	return schema ? missing_qualified(&l, schema, name, pos, e) : missing_plain(&l, name, search_path, pos, e);
}
