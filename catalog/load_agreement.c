/*
 * The sharing part of a snapshot: purposes, elements, agreements with their grants. Grants hang on the agreement and,
 * for the look-up of every query, on their table; both lists are in order of agreement and grant.
 */
#include <stdlib.h>
#include <string.h>

#include "catalog/load_int.h"

static void load_purposes(struct loader *l)
{
	sqlite3_stmt *q = load_prepare(l, "SELECT id, code, title, comment FROM purpose ORDER BY code");
	struct catalog_purpose *list = NULL;
	size_t n = 0, cap = 0;

	while (load_row(l, q)) {
		struct catalog_purpose p = {(uint32_t)sqlite3_column_int64(q, 0), load_text(l, q, 1), load_text(l, q, 2),
			load_text(l, q, 3)};

		MEM_PUSH(l->mem, list, n, cap, p);
	}
	sqlite3_finalize(q);
	l->s->purposes = list;
	l->s->npurposes = n;
}

static void load_elements(struct loader *l)
{
	sqlite3_stmt *q = load_prepare(l, "SELECT id, name, format, title, comment, sensitivity, is_person FROM element ORDER BY name");
	struct catalog_element *list = NULL;
	size_t n = 0, cap = 0;

	while (load_row(l, q)) {
		struct catalog_element el = {.id = (uint32_t)sqlite3_column_int64(q, 0), .name = load_text(l, q, 1),
			.format = load_text(l, q, 2), .title = load_text(l, q, 3), .comment = load_text(l, q, 4),
			.sensitivity = sqlite3_column_int(q, 5), .is_person = sqlite3_column_int(q, 6) != 0};

		MEM_PUSH(l->mem, list, n, cap, el);
	}
	sqlite3_finalize(q);
	l->s->elements = list;
	l->s->nelements = n;
}

void load_terms(struct loader *l)
{
	load_purposes(l);
	load_elements(l);
}

static int by_id(const void *a, const void *b)
{
	uint32_t x = (*(struct catalog_table *const *)a)->id, y = (*(struct catalog_table *const *)b)->id;

	return (x > y) - (x < y);
}

/* All tables in order of id. */
static struct catalog_table **tables_by_id(struct loader *l)
{
	struct catalog_table **list = mem_new_array(l->mem, struct catalog_table *, l->ntables + 1);

	if (l->ntables)
		memcpy(list, l->tables, l->ntables * sizeof *list);
	qsort(list, l->ntables, sizeof *list, by_id);
	return list;
}

static struct catalog_table *table_of(struct loader *l, struct catalog_table **list, int64_t id)
{
	struct catalog_table key = {.id = (uint32_t)id}, *wanted = &key;
	struct catalog_table **hit = bsearch(&wanted, list, l->ntables, sizeof *list, by_id);

	return hit ? *hit : NULL;
}

static void load_grant_columns(struct loader *l, sqlite3_stmt *q, struct catalog_grant *g)
{
	struct catalog_grant_column *list = NULL;
	size_t n = 0, cap = 0;

	sqlite3_reset(q);
	sqlite3_bind_int64(q, 1, g->id);
	while (load_row(l, q)) {
		struct catalog_grant_column c = {load_text(l, q, 0), load_text(l, q, 1)};

		MEM_PUSH(l->mem, list, n, cap, c);
	}
	g->cols = list;
	g->ncols = n;
}

static struct catalog_grant *load_grant(struct loader *l, sqlite3_stmt *q, const struct catalog_agreement *a,
										const struct catalog_table *t)
{
	struct catalog_grant *g = mem_new_object(l->mem, struct catalog_grant);

	g->id = (uint32_t)sqlite3_column_int64(q, 0);
	g->agreement = a;
	g->schema = t->schema;
	g->table = t->name;
	g->row_condition = load_text(l, q, 2);
	g->minimum = sqlite3_column_int64(q, 3);
	g->max_rows = sqlite3_column_int64(q, 4);
	g->hours_from = sqlite3_column_int(q, 5);
	g->hours_until = sqlite3_column_int(q, 6);
	g->compare_raw = sqlite3_column_int(q, 7) != 0;
	return g;
}

/* Adds to a table's list, which is grown by doubling at powers of two. */
static void hang(struct loader *l, struct catalog_table *t, const struct catalog_grant *g)
{
	size_t n = t->ngrants;

	if ((n & (n - 1)) == 0) { /* n is 0 or a power of two: the room is used up */
		const struct catalog_grant **grown = mem_new_array(l->mem, const struct catalog_grant *, n ? n * 2 : 1);

		if (n)
			memcpy(grown, t->grants, n * sizeof *grown);
		t->grants = grown;
	}
	((const struct catalog_grant **)t->grants)[t->ngrants++] = g;
}

static void load_grants(struct loader *l, struct catalog_agreement *a, struct catalog_table **tables, sqlite3_stmt *q,
						sqlite3_stmt *cols)
{
	const struct catalog_grant **list = NULL;
	size_t n = 0, cap = 0;

	sqlite3_reset(q);
	sqlite3_bind_int64(q, 1, a->id);
	while (load_row(l, q)) {
		struct catalog_table *t = table_of(l, tables, sqlite3_column_int64(q, 1));
		struct catalog_grant *g;

		if (!t)
			continue; /* the store's foreign keys leave none */
		g = load_grant(l, q, a, t);
		load_grant_columns(l, cols, g);
		MEM_PUSH(l->mem, list, n, cap, g);
		hang(l, t, g);
	}
	a->grants = list;
	a->ngrants = n;
}

static int64_t bound(sqlite3_stmt *q, int i, int64_t none)
{
	return sqlite3_column_type(q, i) == SQLITE_NULL ? none : sqlite3_column_int64(q, i);
}

void load_agreements(struct loader *l)
{
	sqlite3_stmt *q = load_prepare(l, "SELECT id, name, provider, consumer, purpose, valid_from, valid_until, reference, comment,"
									  " salt, suspended FROM agreement ORDER BY name");
	sqlite3_stmt *grants = load_prepare(l, "SELECT id, relation, row_condition, minimum, max_rows, hours_from, hours_until,"
										   " compare_raw FROM share WHERE agreement = ? ORDER BY id");
	sqlite3_stmt *cols = load_prepare(l, "SELECT name, mask FROM share_column WHERE owner = ? ORDER BY name");
	const struct catalog_agreement **list = NULL;
	struct catalog_table **tables = NULL;
	size_t n = 0, cap = 0;

	while (grants && cols && load_row(l, q)) {
		struct catalog_agreement *a = mem_new_object(l->mem, struct catalog_agreement);

		if (!tables)
			tables = tables_by_id(l);
		a->id = (uint32_t)sqlite3_column_int64(q, 0);
		a->name = load_text(l, q, 1);
		a->provider = load_text(l, q, 2);
		a->consumer = load_text(l, q, 3);
		a->purpose = load_text(l, q, 4);
		a->valid_from = bound(q, 5, INT64_MIN);
		a->valid_until = bound(q, 6, INT64_MAX);
		a->reference = load_text(l, q, 7);
		a->comment = load_text(l, q, 8);
		a->salt = load_text(l, q, 9);
		a->suspended = sqlite3_column_int(q, 10) != 0;
		load_grants(l, a, tables, grants, cols);
		MEM_PUSH(l->mem, list, n, cap, a);
	}
	sqlite3_finalize(q);
	sqlite3_finalize(grants);
	sqlite3_finalize(cols);
	l->s->agreements = list;
	l->s->nagreements = n;
}
