/*
 * Reads the whole store into a new snapshot: every definition once, in name order, into one arena. Runs
 * under catalog->lock. A catalog of some thousand tables takes some ten milliseconds, so that a change is
 * simply a reload; nothing is patched in place.
 */
#include <string.h>

#include "catalog/load_int.h"

sqlite3_stmt *load_prepare(struct loader *l, const char *sql)
{
	sqlite3_stmt *q = store_prepare(l->c, sql, l->err);

	if (!q)
		l->failed = true;
	return q;
}

bool load_row(struct loader *l, sqlite3_stmt *q)
{
	int rc = q ? sqlite3_step(q) : SQLITE_DONE;

	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE) {
		store_error(l->c, l->err, "reading it");
		l->failed = true;
	}
	return false;
}

const char *load_text(struct loader *l, sqlite3_stmt *q, int i)
{
	return mem_strdup(l->mem, (const char *)sqlite3_column_text(q, i));
}
static const char *text_or_empty(struct loader *l, sqlite3_stmt *q, int i)
{
	const char *t = load_text(l, q, i);

	return t ? t : "";
}

/* Options of one owner by a statement (reused) with the owner's id as its parameter. */
static struct options options_of(struct loader *l, sqlite3_stmt *q, int64_t owner)
{
	struct option *list = NULL;
	size_t n = 0, cap = 0;

	sqlite3_reset(q);
	sqlite3_bind_int64(q, 1, owner);
	while (load_row(l, q)) {
		struct option o = {load_text(l, q, 0), load_text(l, q, 1)};

		MEM_PUSH(l->mem, list, n, cap, o);
	}
	return (struct options){list, n};
}

static void load_agencies(struct loader *l)
{
	sqlite3_stmt *q = load_prepare(l, "SELECT id, code, name_vi, name_en FROM agency ORDER BY code");
	struct catalog_agency *list = NULL;
	size_t n = 0, cap = 0;

	while (load_row(l, q)) {
		struct catalog_agency a = {(uint32_t)sqlite3_column_int64(q, 0), load_text(l, q, 1), load_text(l, q, 2), load_text(l, q, 3)};

		MEM_PUSH(l->mem, list, n, cap, a);
	}
	sqlite3_finalize(q);
	l->s->agencies = list;
	l->s->nagencies = n;
}

static void load_users(struct loader *l)
{
	sqlite3_stmt *q = load_prepare(l, "SELECT id, name, verifier, is_administrator, agency, role, purpose, unit, province FROM login"
								 " ORDER BY name");
	struct catalog_user *list = NULL;
	size_t n = 0, cap = 0;

	while (load_row(l, q)) {
		struct catalog_user u = {(uint32_t)sqlite3_column_int64(q, 0), load_text(l, q, 1), load_text(l, q, 2),
			sqlite3_column_int(q, 3) != 0, text_or_empty(l, q, 4), ROLE_ANALYST, text_or_empty(l, q, 6),
			text_or_empty(l, q, 7), text_or_empty(l, q, 8)};

		if (!catalog_role_find(text_or_empty(l, q, 5), &u.role)) {
			err_set(l->err, ERR_DATA_CORRUPTED, "the catalog holds a user of unknown role");
			l->failed = true;
		}
		MEM_PUSH(l->mem, list, n, cap, u);
	}
	sqlite3_finalize(q);
	l->s->users = list;
	l->s->nusers = n;
}

static void load_mappings(struct loader *l, struct catalog_server *s)
{
	sqlite3_stmt *q = load_prepare(l, "SELECT id, user, version FROM mapping WHERE server = ? ORDER BY user");
	sqlite3_stmt *clear = load_prepare(l, "SELECT name, value FROM mapping_option WHERE owner = ? AND NOT sealed ORDER BY position");
	sqlite3_stmt *sealed = load_prepare(l, "SELECT name, value FROM mapping_option WHERE owner = ? AND sealed ORDER BY position");
	struct catalog_mapping *list = NULL;
	size_t n = 0, cap = 0;

	if (q)
		sqlite3_bind_int64(q, 1, s->id);
	while (clear && sealed && load_row(l, q)) {
		int64_t id = sqlite3_column_int64(q, 0);
		struct catalog_mapping m = {.id = (uint32_t)id, .user = load_text(l, q, 1), .version = (uint64_t)sqlite3_column_int64(q, 2)};

		m.options = options_of(l, clear, id);
		m.sealed = options_of(l, sealed, id);
		MEM_PUSH(l->mem, list, n, cap, m);
	}
	sqlite3_finalize(q);
	sqlite3_finalize(clear);
	sqlite3_finalize(sealed);
	s->mappings = list;
	s->nmappings = n;
}

static void load_servers(struct loader *l)
{
	sqlite3_stmt *q = load_prepare(l, "SELECT id, version, name, type, type_version, agency, comment FROM server ORDER BY name");
	sqlite3_stmt *opt = load_prepare(l, "SELECT name, value FROM server_option WHERE owner = ? ORDER BY position");
	sqlite3_stmt *fact = load_prepare(l, "SELECT name, value FROM server_fact WHERE owner = ? ORDER BY position");
	const struct catalog_server **list = NULL;
	size_t n = 0, cap = 0;

	while (opt && fact && load_row(l, q)) {
		struct catalog_server *s = mem_new_object(l->mem, struct catalog_server);

		s->id = (uint32_t)sqlite3_column_int64(q, 0);
		s->version = (uint64_t)sqlite3_column_int64(q, 1);
		s->name = load_text(l, q, 2);
		s->type = load_text(l, q, 3);
		s->type_version = load_text(l, q, 4);
		s->agency = text_or_empty(l, q, 5);
		s->comment = load_text(l, q, 6);
		s->options = options_of(l, opt, s->id);
		s->facts = options_of(l, fact, s->id);
		load_mappings(l, s);
		MEM_PUSH(l->mem, list, n, cap, s);
	}
	sqlite3_finalize(q);
	sqlite3_finalize(opt);
	sqlite3_finalize(fact);
	l->s->servers = list;
	l->s->nservers = n;
}

static bool column_type(struct loader *l, sqlite3_stmt *q, int at, struct type *out)
{
	if (!type_find_oid((uint32_t)sqlite3_column_int64(q, at), out)) {
		l->failed = true;
		return err_set(l->err, ERR_DATA_CORRUPTED, "the catalog holds a column of unknown type %lld",
					   (long long)sqlite3_column_int64(q, at));
	}
	*out = type_with_mod((enum type_id)out->id, (int32_t)sqlite3_column_int(q, at + 2));
	out->array = (uint8_t)sqlite3_column_int(q, at + 1);
	return true;
}

static void load_columns(struct loader *l, struct catalog_table *t, sqlite3_stmt *q, sqlite3_stmt *opt)
{
	struct catalog_column *list = NULL;
	size_t n = 0, cap = 0;

	sqlite3_reset(q);
	sqlite3_bind_int64(q, 1, t->id);
	while (load_row(l, q)) {
		struct catalog_column c = {.number = (uint32_t)sqlite3_column_int64(q, 1)};

		c.name = load_text(l, q, 2);
		c.remote_name = load_text(l, q, 3);
		c.comment = load_text(l, q, 4);
		if (!column_type(l, q, 5, &c.type))
			break;
		c.not_null = sqlite3_column_int(q, 8);
		c.key_position = sqlite3_column_int(q, 9);
		c.remote_type = text_or_empty(l, q, 10);
		c.collation = text_or_empty(l, q, 11);
		c.text_equal_exact = sqlite3_column_int(q, 12);
		c.text_order_exact = sqlite3_column_int(q, 13);
		c.is_unsigned = sqlite3_column_int(q, 14);
		c.cast_to_text = sqlite3_column_int(q, 15);
		c.has_statistics = sqlite3_column_int(q, 16);
		c.null_fraction = sqlite3_column_double(q, 17);
		c.distinct = sqlite3_column_double(q, 18);
		c.width = sqlite3_column_double(q, 19);
		c.min = load_text(l, q, 20);
		c.max = load_text(l, q, 21);
		if (sqlite3_column_type(q, 22) != SQLITE_NULL)
			c.element = catalog_find_element(l->s, (const char *)sqlite3_column_text(q, 22));
		c.options = options_of(l, opt, sqlite3_column_int64(q, 0));
		MEM_PUSH(l->mem, list, n, cap, c);
	}
	t->columns = list;
	t->ncols = (uint32_t)n;
}

static void load_keys(struct loader *l, struct catalog_table *t, sqlite3_stmt *q, sqlite3_stmt *part)
{
	struct catalog_key *list = NULL;
	size_t n = 0, cap = 0;

	sqlite3_reset(q);
	sqlite3_bind_int64(q, 1, t->id);
	while (load_row(l, q)) {
		struct catalog_key k = {.name = load_text(l, q, 1), .kind = sqlite3_column_int(q, 2)};
		uint32_t *cols = NULL;
		const char **refs = NULL;
		size_t ncols = 0, ccap = 0, nrefs = 0, rcap = 0;

		k.ref_schema = load_text(l, q, 3);
		k.ref_table = load_text(l, q, 4);
		sqlite3_reset(part);
		sqlite3_bind_int64(part, 1, sqlite3_column_int64(q, 0));
		while (load_row(l, part)) {
			MEM_PUSH(l->mem, cols, ncols, ccap, (uint32_t)sqlite3_column_int64(part, 0));
			MEM_PUSH(l->mem, refs, nrefs, rcap, load_text(l, part, 1));
		}
		k.ncols = (uint32_t)ncols;
		k.cols = cols;
		k.ref_cols = refs;
		MEM_PUSH(l->mem, list, n, cap, k);
	}
	t->keys = list;
	t->nkeys = (uint32_t)n;
}

static const struct catalog_server *server_by_id(const struct loader *l, uint32_t id)
{
	for (size_t i = 0; i < l->s->nservers; i++)
		if (l->s->servers[i]->id == id)
			return l->s->servers[i];
	return NULL;
}

static void load_table(struct loader *l, sqlite3_stmt *q, struct catalog_table *t)
{
	t->id = (uint32_t)sqlite3_column_int64(q, 0);
	t->schema = load_text(l, q, 1);
	t->name = load_text(l, q, 2);
	t->kind = sqlite3_column_int(q, 3);
	t->server = server_by_id(l, (uint32_t)sqlite3_column_int64(q, 4));
	t->remote_schema = text_or_empty(l, q, 5);
	t->remote_name = text_or_empty(l, q, 6);
	t->remote_kind = text_or_empty(l, q, 7);
	t->rows = sqlite3_column_double(q, 8);
	t->analyzed_at = sqlite3_column_int64(q, 9);
	t->view_sql = load_text(l, q, 10);
	t->view_search_path = load_text(l, q, 11);
	t->comment = load_text(l, q, 12);
	t->agency = text_or_empty(l, q, 13);
	t->view_definer = sqlite3_column_int(q, 14) != 0;
}

static void load_tables(struct loader *l)
{
	sqlite3_stmt *q = load_prepare(l, "SELECT r.id, s.name, r.name, r.kind, r.server, r.remote_schema, r.remote_name, r.remote_kind,"
								 " r.rows, r.analyzed_at, r.view_sql, r.view_search_path, r.comment,"
								 " r.agency, r.view_definer"
								 " FROM relation r JOIN schema s ON s.id = r.schema ORDER BY s.name, r.name");
	sqlite3_stmt *opt = load_prepare(l, "SELECT name, value FROM relation_option WHERE owner = ? ORDER BY position");
	sqlite3_stmt *col = load_prepare(l, "SELECT id, number, name, remote_name, comment, type, is_array, mod, not_null, key_position,"
								   " remote_type, collation, text_equal_exact, text_order_exact, is_unsigned, cast_to_text,"
								   " has_statistics, null_fraction, distinct_values, width, min, max, element FROM attribute"
								   " WHERE relation = ? ORDER BY position");
	sqlite3_stmt *copt = load_prepare(l, "SELECT name, value FROM attribute_option WHERE owner = ? ORDER BY position");
	sqlite3_stmt *key = load_prepare(l, "SELECT id, name, kind, ref_schema, ref_table FROM relation_key WHERE relation = ? ORDER BY position");
	sqlite3_stmt *part = load_prepare(l, "SELECT column_index, ref_column FROM relation_key_column WHERE owner = ? ORDER BY position");
	size_t cap = 0;

	while (!l->failed && load_row(l, q)) {
		struct catalog_table *t = mem_new_object(l->mem, struct catalog_table);

		load_table(l, q, t);
		t->options = options_of(l, opt, t->id);
		load_columns(l, t, col, copt);
		load_keys(l, t, key, part);
		MEM_PUSH(l->mem, l->tables, l->ntables, cap, t);
	}
	sqlite3_finalize(q);
	sqlite3_finalize(opt);
	sqlite3_finalize(col);
	sqlite3_finalize(copt);
	sqlite3_finalize(key);
	sqlite3_finalize(part);
}

/* After load_tables: each schema's tables are a run of the list, which is in the same order. */
static void load_schemas(struct loader *l)
{
	sqlite3_stmt *q = load_prepare(l, "SELECT id, name, server, comment FROM schema ORDER BY name");
	const struct catalog_schema **list = NULL;
	size_t n = 0, cap = 0, at = 0;

	while (load_row(l, q)) {
		struct catalog_schema *s = mem_new_object(l->mem, struct catalog_schema);

		s->id = (uint32_t)sqlite3_column_int64(q, 0);
		s->name = load_text(l, q, 1);
		s->server = text_or_empty(l, q, 2);
		s->comment = load_text(l, q, 3);
		s->tables = (const struct catalog_table *const *)(l->tables + at);
		while (at < l->ntables && strcmp(l->tables[at]->schema, s->name) == 0) {
			at++;
			s->ntables++;
		}
		MEM_PUSH(l->mem, list, n, cap, s);
	}
	sqlite3_finalize(q);
	l->s->schemas = list;
	l->s->nschemas = n;
}

static void load_version(struct loader *l)
{
	sqlite3_stmt *q = load_prepare(l, "SELECT version FROM meta");

	if (load_row(l, q))
		l->s->version = (uint64_t)sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
}

bool catalog_load(struct catalog *c, struct catalog_snapshot **out, struct err *e)
{
	struct mem *m = mem_new(NULL, MEM_CATALOG, "snapshot", 0);
	struct err own;
	struct loader l = {.c = c, .mem = m, .err = e ? e : &own};

	err_clear(&own);
	l.s = mem_new_object(m, struct catalog_snapshot);
	l.s->mem = m;
	l.s->refs = 1;
	load_version(&l);
	load_agencies(&l);
	load_users(&l);
	load_servers(&l);
	load_terms(&l);
	load_tables(&l);
	load_agreements(&l);
	load_schemas(&l);
	if (l.failed) {
		mem_free(m);
		return false;
	}
	*out = l.s;
	return true;
}
