/* Look-ups in a snapshot, and its counting. Loading is load.c's; nothing here changes a snapshot. */
#include <stdlib.h>
#include <string.h>

#include "catalog/catalog_int.h"

void catalog_snapshot_ref(const struct catalog_snapshot *s)
{
	__atomic_add_fetch(&((struct catalog_snapshot *)s)->refs, 1, __ATOMIC_RELAXED);
}

void catalog_snapshot_unref(const struct catalog_snapshot *s)
{
	if (s && __atomic_sub_fetch(&((struct catalog_snapshot *)s)->refs, 1, __ATOMIC_ACQ_REL) == 0)
		mem_free(s->mem);
}

/* The lists hold pointers to structs with the name at different places: one comparison each. */
static int by_server(const void *name, const void *p)
{
	return strcmp(name, (*(const struct catalog_server *const *)p)->name);
}
static int by_schema(const void *name, const void *p)
{
	return strcmp(name, (*(const struct catalog_schema *const *)p)->name);
}
static int by_table(const void *name, const void *p)
{
	return strcmp(name, (*(const struct catalog_table *const *)p)->name);
}

static const void *find(const char *name, const void *list, size_t n, int (*compare)(const void *, const void *))
{
	const void *const *hit = n ? bsearch(name, list, n, sizeof(void *), compare) : NULL;

	return hit ? *hit : NULL;
}

const struct catalog_server *catalog_find_server(const struct catalog_snapshot *s, const char *name)
{
	return find(name, s->servers, s->nservers, by_server);
}

const struct catalog_schema *catalog_find_schema(const struct catalog_snapshot *s, const char *name)
{
	return find(name, s->schemas, s->nschemas, by_schema);
}

const struct catalog_table *catalog_find_table(const struct catalog_snapshot *s, const char *schema, const char *name)
{
	const struct catalog_schema *in = catalog_find_schema(s, schema);

	return in ? find(name, in->tables, in->ntables, by_table) : NULL;
}

int catalog_find_column(const struct catalog_table *t, const char *name)
{
	for (uint32_t i = 0; i < t->ncols; i++)
		if (strcmp(t->columns[i].name, name) == 0)
			return (int)i;
	return -1;
}

const struct catalog_user *catalog_find_user(const struct catalog_snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->nusers; i++)
		if (strcmp(s->users[i].name, name) == 0)
			return &s->users[i];
	return NULL;
}

const struct catalog_mapping *catalog_find_mapping(const struct catalog_server *s, const char *user)
{
	for (size_t i = 0; i < s->nmappings; i++)
		if (strcmp(s->mappings[i].user, user) == 0)
			return &s->mappings[i];
	return NULL;
}

const struct catalog_agency *catalog_find_agency(const struct catalog_snapshot *s, const char *code)
{
	for (size_t i = 0; i < s->nagencies; i++)
		if (strcmp(s->agencies[i].code, code) == 0)
			return &s->agencies[i];
	for (size_t i = 0; i < s->nagencies; i++)
		if (cstr_eq_nocase(s->agencies[i].code, code))
			return &s->agencies[i];
	return NULL;
}

const struct catalog_purpose *catalog_find_purpose(const struct catalog_snapshot *s, const char *code)
{
	for (size_t i = 0; i < s->npurposes; i++)
		if (strcmp(s->purposes[i].code, code) == 0)
			return &s->purposes[i];
	return NULL;
}

static int by_element(const void *name, const void *p)
{
	return strcmp(name, ((const struct catalog_element *)p)->name);
}

const struct catalog_element *catalog_find_element(const struct catalog_snapshot *s, const char *name)
{
	return s->nelements ? bsearch(name, s->elements, s->nelements, sizeof *s->elements, by_element) : NULL;
}

static int by_agreement(const void *name, const void *p)
{
	return strcmp(name, (*(const struct catalog_agreement *const *)p)->name);
}

const struct catalog_agreement *catalog_find_agreement(const struct catalog_snapshot *s, const char *name)
{
	return find(name, s->agreements, s->nagreements, by_agreement);
}

const char *catalog_table_agency(const struct catalog_table *t)
{
	const char *agency = t->kind == TABLE_FOREIGN && t->server ? t->server->agency : t->agency;

	return agency ? agency : "";
}

static const char *const role_names[] = {
	[ROLE_ANALYST] = "analyst", [ROLE_APPLICATION] = "application", [ROLE_STEWARD] = "steward", [ROLE_AUDITOR] = "auditor"};

const char *catalog_role_name(enum user_role role)
{
	return role_names[role];
}

bool catalog_role_find(const char *name, enum user_role *out)
{
	for (size_t i = 0; i < ARRAY_LEN(role_names); i++)
		if (cstr_eq_nocase(name, role_names[i])) {
			*out = (enum user_role)i;
			return true;
		}
	return false;
}
