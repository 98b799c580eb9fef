/*
 * The versions of a session's temporary schema. Every change makes a new version that shares the untouched tables;
 * `lock` guards which one is current and nothing else, since versions never change. Statistics are taken from the
 * column stores when a table is put here, so the optimizer reads them as it reads those of the catalog.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "engine/statement/temp_space.h"

/* A table in a memory node of its own. */
struct temp_table {
	int refs; /* atomic */
	struct mem *mem;
	struct colstore *store;
	struct catalog_table table;
};

struct temp_version {
	int refs; /* atomic */
	struct mem *mem;
	size_t count;
	struct temp_table **tables; /* sorted by name */
	struct catalog_schema schema;
};

struct temp_space {
	struct mem *mem;
	struct colspace *bytes;
	pthread_mutex_t lock;
	struct temp_version *current;
	uint32_t next_id;
};

static void table_unref(struct temp_table *t)
{
	if (__atomic_sub_fetch(&t->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	colstore_unref(t->store);
	mem_free(t->mem);
}

static struct temp_version *version_new(struct temp_space *s, size_t room)
{
	struct mem *m = mem_new(s->mem, MEM_TEMP, "temporary schema", 0);
	struct temp_version *v = mem_new_object(m, struct temp_version);

	v->refs = 1;
	v->mem = m;
	v->tables = mem_new_array(m, struct temp_table *, room + 1);
	return v;
}

/* The schema as the catalog's readers want it. */
static void version_finish(struct temp_version *v)
{
	const struct catalog_table **list = mem_new_array(v->mem, const struct catalog_table *, v->count + 1);

	for (size_t i = 0; i < v->count; i++)
		list[i] = &v->tables[i]->table;
	v->schema = (struct catalog_schema){.name = TEMP_SCHEMA, .comment = "temporary tables of this session", .server = "",
										.ntables = v->count, .tables = list};
}

void temp_version_release(const struct temp_version *held)
{
	struct temp_version *v = (struct temp_version *)held;

	if (!v || __atomic_sub_fetch(&v->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	for (size_t i = 0; i < v->count; i++)
		table_unref(v->tables[i]);
	mem_free(v->mem);
}

struct temp_space *temp_space_new(struct mem *session)
{
	struct temp_space *s = calloc(1, sizeof *s);

	ASSERT(s);
	s->mem = session;
	s->next_id = 1;
	pthread_mutex_init(&s->lock, NULL);
	s->current = version_new(s, 0);
	version_finish(s->current);
	return s;
}

void temp_space_free(struct temp_space *s)
{
	if (!s)
		return;
	temp_version_release(s->current);
	colspace_free(s->bytes);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

struct colspace *temp_space_bytes(struct temp_space *s, const struct settings *settings)
{
	/* 0 is nothing in memory; to the column space it would be no limit */
	size_t limit = settings->number[SET_temp_memory] ? (size_t)settings->number[SET_temp_memory] * 1024 : 1;
	const char *directory = settings->text[SET_temp_directory];

	if (!s->bytes)
		s->bytes = colspace_new(s->mem, limit, directory);
	colspace_configure(s->bytes, limit, directory);
	return s->bytes;
}

const struct temp_version *temp_space_hold(struct temp_space *s)
{
	struct temp_version *v;

	pthread_mutex_lock(&s->lock);
	v = s->current;
	__atomic_add_fetch(&v->refs, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&s->lock);
	return v;
}

const struct catalog_snapshot *temp_version_overlay(const struct temp_version *v, const struct catalog_snapshot *base,
													struct mem *m)
{
	struct catalog_snapshot *o;
	const struct catalog_schema **list;
	size_t n = 0;

	if (!v->count)
		return base;
	o = mem_dup(m, base, sizeof *base);
	list = mem_new_array(m, const struct catalog_schema *, base->nschemas + 1);
	for (size_t i = 0; i < base->nschemas; i++) {
		if (n == i && strcmp(TEMP_SCHEMA, base->schemas[i]->name) < 0)
			list[n++] = &v->schema;
		list[n++] = base->schemas[i];
	}
	if (n == base->nschemas)
		list[n++] = &v->schema;
	o->schemas = list;
	o->nschemas = n;
	return o;
}

/* ---- changes ---- */

static const char *range_text(struct mem *m, const struct value *v)
{
	struct strbuf s;
	const char *text;

	strbuf_init(&s, 200);
	value_print(v, &text_context_default, &s);
	text = s.overflow ? NULL : mem_strndup(m, strbuf_cstr(&s), s.len);
	strbuf_release(&s);
	return text;
}

static void take_statistics(struct mem *m, struct catalog_column *c, const struct colstore *store, uint32_t i)
{
	const struct colrange *r = colstore_range(store, i);
	double rows = (double)colstore_rows(store);

	c->has_statistics = true;
	c->null_fraction = rows > 0 ? (double)r->nulls / rows : 0;
	c->distinct = colstore_distinct(store, i);
	c->width = colstore_width(store, i);
	c->min = r->known ? range_text(m, &r->least) : NULL;
	c->max = r->known ? range_text(m, &r->greatest) : NULL;
}

static struct temp_table *table_new(struct temp_space *s, const struct catalog_table *t, struct colstore *store)
{
	struct mem *m = mem_new(s->mem, MEM_TEMP, t->name, 0);
	struct temp_table *n = mem_new_object(m, struct temp_table);
	struct catalog_column *columns = mem_new_array(m, struct catalog_column, t->ncols + 1);

	n->refs = 1;
	n->mem = m;
	n->store = store;
	n->table = *t;
	n->table.id = s->next_id++;
	n->table.schema = TEMP_SCHEMA;
	n->table.name = mem_strdup(m, t->name);
	n->table.comment = mem_strdup(m, t->comment);
	n->table.remote_schema = n->table.remote_name = n->table.remote_kind = "";
	n->table.view_sql = mem_strdup(m, t->view_sql);
	n->table.view_search_path = mem_strdup(m, t->view_search_path);
	n->table.store = store;
	n->table.rows = store ? (double)colstore_rows(store) : -1;
	n->table.columns = columns;
	n->table.nkeys = 0;
	for (uint32_t i = 0; i < t->ncols; i++) {
		columns[i] = (struct catalog_column){
			.number = i + 1,
			.name = mem_strdup(m, t->columns[i].name),
			.remote_name = mem_strdup(m, t->columns[i].name),
			.comment = mem_strdup(m, t->columns[i].comment),
			.type = t->columns[i].type,
			.not_null = t->columns[i].not_null,
			.default_sql = mem_strdup(m, t->columns[i].default_sql),
			.remote_type = "",
			.collation = "",
			.distinct = -1,
		};
		if (store)
			take_statistics(m, &columns[i], store, i);
	}
	return n;
}

/* A version without that name (NULL: keeps none) and with that table (NULL: none more). */
static void change(struct temp_space *s, const char *without, struct temp_table *with)
{
	struct temp_version *old, *v;
	bool placed = with == NULL;

	pthread_mutex_lock(&s->lock);
	old = s->current;
	v = version_new(s, old->count + 1);
	for (size_t i = 0; i < old->count; i++) {
		struct temp_table *t = old->tables[i];

		if (!without || strcmp(t->table.name, without) == 0)
			continue;
		if (!placed && strcmp(with->table.name, t->table.name) < 0) {
			v->tables[v->count++] = with;
			placed = true;
		}
		__atomic_add_fetch(&t->refs, 1, __ATOMIC_RELAXED);
		v->tables[v->count++] = t;
	}
	if (!placed)
		v->tables[v->count++] = with;
	version_finish(v);
	s->current = v;
	pthread_mutex_unlock(&s->lock);
	temp_version_release(old);
}

void temp_space_put(struct temp_space *s, const struct catalog_table *t, struct colstore *store)
{
	struct temp_table *n = table_new(s, t, store);

	change(s, n->table.name, n);
}

void temp_space_drop(struct temp_space *s, const char *name) { change(s, name, NULL); }

void temp_space_clear(struct temp_space *s) { change(s, NULL, NULL); }
