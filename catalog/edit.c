/*
 * Changes of the store inside one transaction: agencies, servers, mappings, schemas, comments. Relations are
 * edit_relation.c's. Each edit checks names and existence first, so that the answer names the object rather
 * than a constraint of the store.
 */
#include <string.h>

#include "catalog/edit_int.h"

static const char *const secret_names[] = {"password", "passfile_content", "sslpassword", "pwd", "secret", "key_password", "token"};

bool catalog_option_is_secret(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(secret_names); i++)
		if (cstr_eq_nocase(name, secret_names[i]))
			return true;
	return false;
}

int64_t edit_id(struct catalog_edit *x, const char *sql, const char *a, const char *b, struct err *e)
{
	sqlite3_stmt *q = store_prepare(x->catalog, sql, e);
	int64_t id = 0;
	int rc;

	if (!q)
		return -1;
	store_bind_text(q, 1, a);
	if (b)
		store_bind_text(q, 2, b);
	rc = sqlite3_step(q);
	if (rc == SQLITE_ROW) {
		id = sqlite3_column_int64(q, 0);
	} else if (rc != SQLITE_DONE) {
		store_error(x->catalog, e, "reading it");
		id = -1;
	}
	sqlite3_finalize(q);
	return id;
}

int64_t edit_server_id(struct catalog_edit *x, const char *name, struct err *e)
{
	int64_t id = edit_id(x, "SELECT id FROM server WHERE name = ?", name, NULL, e);

	if (id == 0)
		err_set(e, ERR_UNDEFINED_OBJECT, "server \"%s\" does not exist", name);
	return id > 0 ? id : -1;
}

int64_t edit_schema_id(struct catalog_edit *x, const char *name, struct err *e)
{
	int64_t id = edit_id(x, "SELECT id FROM schema WHERE name = ?", name, NULL, e);

	if (id == 0)
		err_set(e, ERR_UNDEFINED_SCHEMA, "schema \"%s\" does not exist", name);
	return id > 0 ? id : -1;
}

bool edit_options(struct catalog_edit *x, const char *table, int64_t owner, const struct options *o, struct err *e)
{
	char sql[160];

	sqlite3_snprintf(sizeof sql, sql, "INSERT INTO %s (owner, position, name, value) VALUES (?, ?, ?, ?)", table);
	for (size_t i = 0; i < o->count; i++) {
		sqlite3_stmt *q = store_prepare(x->catalog, sql, e);

		if (!q)
			return false;
		sqlite3_bind_int64(q, 1, owner);
		sqlite3_bind_int64(q, 2, (int64_t)i);
		store_bind_text(q, 3, o->list[i].name);
		store_bind_text(q, 4, o->list[i].value);
		if (!store_run(x->catalog, q, e))
			return false;
	}
	return true;
}

bool edit_execute(struct catalog_edit *x, struct err *e, const char *sql, int64_t id, const char *a, const char *b)
{
	sqlite3_stmt *q = store_prepare(x->catalog, sql, e);
	int n;

	if (!q)
		return false;
	n = sqlite3_bind_parameter_count(q);
	sqlite3_bind_int64(q, 1, id);
	if (n > 1)
		store_bind_text(q, 2, a);
	if (n > 2)
		store_bind_text(q, 3, b);
	return store_run(x->catalog, q, e);
}

bool catalog_put_agency(struct catalog_edit *x, const struct catalog_agency *a, struct err *e)
{
	sqlite3_stmt *q = store_prepare(x->catalog,
									"INSERT INTO agency (code, name_vi, name_en) VALUES (?, ?, ?) ON CONFLICT (code) DO UPDATE"
									" SET name_vi = excluded.name_vi, name_en = excluded.name_en", e);

	if (!q)
		return false;
	store_bind_text(q, 1, a->code);
	store_bind_text(q, 2, a->name_vi);
	store_bind_text(q, 3, a->name_en);
	return store_run(x->catalog, q, e);
}

static bool put_server(struct catalog_edit *x, int64_t id, const struct catalog_server *s, struct err *e)
{
	sqlite3_stmt *q;

	for (size_t i = 0; i < s->options.count; i++)
		if (catalog_option_is_secret(s->options.list[i].name)) {
			err_set(e, ERR_FDW_INVALID_OPTION, "option \"%s\" may not stand at a server", s->options.list[i].name);
			return err_hint(e, "Put it into a user mapping: CREATE USER MAPPING FOR … SERVER %s OPTIONS (…), where it is "
							   "kept encrypted.", s->name);
		}
	q = store_prepare(x->catalog,
					  "UPDATE server SET version = version + 1, name = ?2, type = ?3, type_version = ?4, agency = ?5, comment = ?6"
					  " WHERE id = ?1", e);
	if (!q)
		return false;
	sqlite3_bind_int64(q, 1, id);
	store_bind_text(q, 2, s->name);
	store_bind_text(q, 3, s->type);
	store_bind_text(q, 4, s->type_version);
	store_bind_text(q, 5, s->agency ? s->agency : "");
	store_bind_text(q, 6, s->comment);
	return store_run(x->catalog, q, e) &&
		   edit_execute(x, e, "DELETE FROM server_option WHERE owner = ?", id, NULL, NULL) &&
		   edit_execute(x, e, "DELETE FROM server_fact WHERE owner = ?", id, NULL, NULL) &&
		   edit_options(x, "server_option", id, &s->options, e) && edit_options(x, "server_fact", id, &s->facts, e);
}

bool catalog_create_server(struct catalog_edit *x, const struct catalog_server *s, struct err *e)
{
	int64_t id = edit_id(x, "SELECT id FROM server WHERE name = ?", s->name, NULL, e);
	sqlite3_stmt *q;

	if (id < 0)
		return false;
	if (id > 0)
		return err_set(e, ERR_DUPLICATE_OBJECT, "server \"%s\" already exists", s->name);
	q = store_prepare(x->catalog, "INSERT INTO server (name, type) VALUES (?, ?)", e);
	if (!q)
		return false;
	store_bind_text(q, 1, s->name);
	store_bind_text(q, 2, s->type);
	return store_run(x->catalog, q, e) && put_server(x, sqlite3_last_insert_rowid(x->catalog->db), s, e);
}

bool catalog_alter_server(struct catalog_edit *x, const char *name, const struct catalog_server *s, struct err *e)
{
	int64_t id = edit_server_id(x, name, e);

	if (id < 0)
		return false;
	if (strcmp(name, s->name) != 0) {
		int64_t other = edit_id(x, "SELECT id FROM server WHERE name = ?", s->name, NULL, e);

		if (other != 0)
			return other < 0 ? false : err_set(e, ERR_DUPLICATE_OBJECT, "server \"%s\" already exists", s->name);
		if (!edit_execute(x, e, "UPDATE schema SET server = ?2 WHERE server = (SELECT name FROM server WHERE id = ?1)", id,
						  s->name, NULL))
			return false;
	}
	return put_server(x, id, s, e);
}

bool catalog_drop_server(struct catalog_edit *x, const char *name, bool cascade, struct err *e)
{
	int64_t id = edit_server_id(x, name, e);
	int64_t used;

	if (id < 0)
		return false;
	used = edit_id(x, "SELECT count(*) FROM relation WHERE server = (SELECT id FROM server WHERE name = ?)", name, NULL, e);
	if (used < 0)
		return false;
	if (used > 0 && !cascade) {
		err_set(e, ERR_DEPENDENT_OBJECTS, "server \"%s\" has %lld foreign tables", name, (long long)used);
		return err_hint(e, "Drop them first, or use DROP SERVER %s CASCADE.", name);
	}
	return edit_execute(x, e, "DELETE FROM relation WHERE server = ?", id, NULL, NULL) &&
		   edit_execute(x, e, "UPDATE schema SET server = '' WHERE server = (SELECT name FROM server WHERE id = ?)", id, NULL,
						NULL) &&
		   edit_execute(x, e, "DELETE FROM server WHERE id = ?", id, NULL, NULL);
}

/* What a sealed value is bound to; ids are never reused and survive a rename of the server. */
static const char *secret_place(struct mem *m, int64_t mapping, const char *option)
{
	return mem_printf(m, "user mapping %lld, option %s", (long long)mapping, option);
}

static bool put_mapping_options(struct catalog_edit *x, int64_t id, const struct options *o, struct err *e)
{
	for (size_t i = 0; i < o->count; i++) {
		bool sealed = catalog_option_is_secret(o->list[i].name);
		const char *value = o->list[i].value, *place;
		sqlite3_stmt *q;

		if (sealed) {
			place = secret_place(x->mem, id, o->list[i].name);
			if (!secret_seal(&x->catalog->key, place, value, x->mem, &value, e))
				return false;
		}
		q = store_prepare(x->catalog, "INSERT INTO mapping_option VALUES (?, ?, ?, ?, ?)", e);
		if (!q)
			return false;
		sqlite3_bind_int64(q, 1, id);
		sqlite3_bind_int64(q, 2, (int64_t)i);
		store_bind_text(q, 3, o->list[i].name);
		store_bind_text(q, 4, value);
		sqlite3_bind_int(q, 5, sealed);
		if (!store_run(x->catalog, q, e))
			return false;
	}
	return true;
}

static int64_t mapping_id(struct catalog_edit *x, const char *server, const char *user, struct err *e)
{
	return edit_id(x, "SELECT m.id FROM mapping m JOIN server s ON s.id = m.server WHERE s.name = ? AND m.user = ?", server,
				   user, e);
}

bool catalog_put_mapping(struct catalog_edit *x, const char *server, const char *user, const struct options *options,
						 bool replace, struct err *e)
{
	int64_t owner = edit_server_id(x, server, e);
	int64_t id = owner < 0 ? -1 : mapping_id(x, server, user, e);
	sqlite3_stmt *q;

	if (id < 0)
		return false;
	if (id > 0 && !replace)
		return err_set(e, ERR_DUPLICATE_OBJECT, "user mapping for \"%s\" already exists for server \"%s\"",
					   *user ? user : "public", server);
	if (id == 0 && replace)
		return err_set(e, ERR_UNDEFINED_OBJECT, "user mapping for \"%s\" does not exist for server \"%s\"",
					   *user ? user : "public", server);
	if (id == 0) {
		q = store_prepare(x->catalog, "INSERT INTO mapping (server, user) VALUES (?, ?)", e);
		if (!q)
			return false;
		sqlite3_bind_int64(q, 1, owner);
		store_bind_text(q, 2, user);
		if (!store_run(x->catalog, q, e))
			return false;
		id = sqlite3_last_insert_rowid(x->catalog->db);
	}
	return edit_execute(x, e, "UPDATE mapping SET version = version + 1 WHERE id = ?", id, NULL, NULL) &&
		   edit_execute(x, e, "DELETE FROM mapping_option WHERE owner = ?", id, NULL, NULL) &&
		   put_mapping_options(x, id, options, e);
}

bool catalog_drop_mapping(struct catalog_edit *x, const char *server, const char *user, struct err *e)
{
	int64_t id = edit_server_id(x, server, e) < 0 ? -1 : mapping_id(x, server, user, e);

	if (id < 0)
		return false;
	if (id == 0)
		return err_set(e, ERR_UNDEFINED_OBJECT, "user mapping for \"%s\" does not exist for server \"%s\"",
					   *user ? user : "public", server);
	return edit_execute(x, e, "DELETE FROM mapping WHERE id = ?", id, NULL, NULL);
}

bool catalog_open_secrets(struct catalog *c, const struct catalog_mapping *mapping, struct mem *m,
						  struct options *out, struct err *e)
{
	size_t n = mapping->options.count + mapping->sealed.count, at = 0;
	struct option *list = mem_new_array(m, struct option, n);

	for (size_t i = 0; i < mapping->options.count; i++)
		list[at++] = mapping->options.list[i];
	for (size_t i = 0; i < mapping->sealed.count; i++) {
		const struct option *o = &mapping->sealed.list[i];

		list[at].name = o->name;
		if (!secret_open(&c->key, secret_place(m, mapping->id, o->name), o->value, m, &list[at].value, e))
			return false;
		at++;
	}
	*out = (struct options){list, at};
	return true;
}

bool catalog_create_schema(struct catalog_edit *x, const char *name, const char *server, struct err *e)
{
	int64_t id = edit_id(x, "SELECT id FROM schema WHERE name = ?", name, NULL, e);
	sqlite3_stmt *q;

	if (id < 0)
		return false;
	if (id > 0)
		return err_set(e, ERR_DUPLICATE_SCHEMA, "schema \"%s\" already exists", name);
	if (strncmp(name, "pg_", 3) == 0 || strcmp(name, "information_schema") == 0 || strcmp(name, "hopluu") == 0)
		return err_set(e, ERR_RESERVED_NAME, "schema name \"%s\" is reserved", name);
	q = store_prepare(x->catalog, "INSERT INTO schema (name, server) VALUES (?, ?)", e);
	if (!q)
		return false;
	store_bind_text(q, 1, name);
	store_bind_text(q, 2, server ? server : "");
	return store_run(x->catalog, q, e);
}

bool catalog_alter_schema(struct catalog_edit *x, const char *name, const char *new_name, struct err *e)
{
	int64_t id = edit_schema_id(x, name, e), other;

	if (id < 0)
		return false;
	other = edit_id(x, "SELECT id FROM schema WHERE name = ?", new_name, NULL, e);
	if (other != 0)
		return other < 0 ? false : err_set(e, ERR_DUPLICATE_SCHEMA, "schema \"%s\" already exists", new_name);
	return edit_execute(x, e, "UPDATE schema SET name = ?2 WHERE id = ?1", id, new_name, NULL);
}

bool catalog_drop_schema(struct catalog_edit *x, const char *name, bool cascade, struct err *e)
{
	int64_t id = edit_schema_id(x, name, e), used;

	if (id < 0)
		return false;
	used = edit_id(x, "SELECT count(*) FROM relation WHERE schema = (SELECT id FROM schema WHERE name = ?)", name, NULL, e);
	if (used < 0)
		return false;
	if (used > 0 && !cascade) {
		err_set(e, ERR_DEPENDENT_OBJECTS, "schema \"%s\" has %lld tables or views", name, (long long)used);
		return err_hint(e, "Drop them first, or use DROP SCHEMA %s CASCADE.", name);
	}
	return edit_execute(x, e, "DELETE FROM relation WHERE schema = ?", id, NULL, NULL) &&
		   edit_execute(x, e, "DELETE FROM schema WHERE id = ?", id, NULL, NULL);
}

bool catalog_comment(struct catalog_edit *x, const char *kind, const char *schema, const char *name, const char *column,
					 const char *comment, struct err *e)
{
	int64_t id;

	if (strcmp(kind, "server") == 0)
		return (id = edit_server_id(x, name, e)) > 0 &&
			   edit_execute(x, e, "UPDATE server SET comment = ?2 WHERE id = ?1", id, comment, NULL);
	if (strcmp(kind, "schema") == 0)
		return (id = edit_schema_id(x, name, e)) > 0 &&
			   edit_execute(x, e, "UPDATE schema SET comment = ?2 WHERE id = ?1", id, comment, NULL);
	if ((id = edit_relation_id(x, schema, name, e)) < 0)
		return false;
	if (strcmp(kind, "table") == 0)
		return edit_execute(x, e, "UPDATE relation SET comment = ?2 WHERE id = ?1", id, comment, NULL);
	if (!edit_execute(x, e, "UPDATE attribute SET comment = ?3 WHERE relation = ?1 AND name = ?2", id, column, comment))
		return false;
	if (sqlite3_changes(x->catalog->db) == 0)
		return err_set(e, ERR_UNDEFINED_COLUMN, "column \"%s\" of \"%s.%s\" does not exist", column, schema, name);
	return true;
}
