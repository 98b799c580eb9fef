/*
 * Changes of the store: purposes, elements, agreements and what is granted under them. Whether whoever asks may do so,
 * and whether conditions and masks make sense, was looked at before.
 */
#include <string.h>

#include <openssl/rand.h>

#include "catalog/edit_int.h"

static const struct {
	const char *noun, *table, *key;
} terms[] = {
	[TERM_AGENCY] = {"agency", "agency", "code"},
	[TERM_PURPOSE] = {"purpose", "purpose", "code"},
	[TERM_ELEMENT] = {"element", "element", "name"},
};

static int64_t term_id(struct catalog_edit *x, enum catalog_term what, const char *name, struct err *e)
{
	char sql[120];

	sqlite3_snprintf(sizeof sql, sql, "SELECT id FROM %s WHERE %s = ?", terms[what].table, terms[what].key);
	return edit_id(x, sql, name, NULL, e);
}

/* -1 with e set when there is none. */
static int64_t known_term(struct catalog_edit *x, enum catalog_term what, const char *name, struct err *e)
{
	int64_t id = term_id(x, what, name, e);

	if (id == 0)
		err_set(e, ERR_UNDEFINED_OBJECT, "%s \"%s\" does not exist", terms[what].noun, name);
	return id > 0 ? id : -1;
}

bool catalog_put_purpose(struct catalog_edit *x, const struct catalog_purpose *p, struct err *e)
{
	sqlite3_stmt *q = store_prepare(x->catalog, "INSERT INTO purpose (code, title, comment) VALUES (?, ?, ?) ON CONFLICT (code) DO"
												" UPDATE SET title = excluded.title, comment = excluded.comment", e);

	if (!q)
		return false;
	store_bind_text(q, 1, p->code);
	store_bind_text(q, 2, p->title);
	store_bind_text(q, 3, p->comment);
	return store_run(x->catalog, q, e);
}

bool catalog_put_element(struct catalog_edit *x, const struct catalog_element *el, struct err *e)
{
	sqlite3_stmt *q = store_prepare(x->catalog,
									"INSERT INTO element (name, format, title, comment, sensitivity, is_person) VALUES (?, ?, ?, ?, ?, ?)"
									" ON CONFLICT (name) DO UPDATE SET format = excluded.format, title = excluded.title, comment ="
									" excluded.comment, sensitivity = excluded.sensitivity, is_person = excluded.is_person", e);

	if (!q)
		return false;
	store_bind_text(q, 1, el->name);
	store_bind_text(q, 2, el->format);
	store_bind_text(q, 3, el->title);
	store_bind_text(q, 4, el->comment);
	sqlite3_bind_int(q, 5, (int)el->sensitivity);
	sqlite3_bind_int(q, 6, el->is_person);
	return store_run(x->catalog, q, e);
}

bool catalog_rename_term(struct catalog_edit *x, enum catalog_term what, const char *name, const char *new_name, struct err *e)
{
	int64_t id = known_term(x, what, name, e), other = id < 0 ? -1 : term_id(x, what, new_name, e);
	char sql[160];

	if (other != 0)
		return other < 0 ? false : err_set(e, ERR_DUPLICATE_OBJECT, "%s \"%s\" already exists", terms[what].noun, new_name);
	sqlite3_snprintf(sizeof sql, sql, "UPDATE %s SET %s = ?2 WHERE id = ?1", terms[what].table, terms[what].key);
	if (!edit_execute(x, e, sql, id, new_name, NULL))
		return false;
	switch (what) {
	case TERM_AGENCY: /* named in servers (as an option too), users, views */
		return edit_execute(x, e, "UPDATE server SET version = version + 1, agency = ?2 WHERE ?1 AND agency = ?3", 1, new_name, name) &&
			   edit_execute(x, e, "UPDATE server_option SET value = ?2 WHERE ?1 AND name = 'agency' AND value = ?3", 1, new_name, name) &&
			   edit_execute(x, e, "UPDATE login SET agency = ?2 WHERE ?1 AND agency = ?3", 1, new_name, name) &&
			   edit_execute(x, e, "UPDATE relation SET agency = ?2 WHERE ?1 AND agency = ?3", 1, new_name, name);
	case TERM_PURPOSE:
		return edit_execute(x, e, "UPDATE login SET purpose = ?2 WHERE ?1 AND purpose = ?3", 1, new_name, name);
	case TERM_ELEMENT:
		return true;
	}
	UNREACHABLE();
}

static bool in_use(struct catalog_edit *x, enum catalog_term what, const char *name, struct err *e)
{
	static const struct {
		enum catalog_term what;
		const char *sql, *by;
	} uses[] = {
		{TERM_AGENCY, "SELECT count(*) FROM server WHERE agency = ?", "servers"},
		{TERM_AGENCY, "SELECT count(*) FROM login WHERE agency = ?", "users"},
		{TERM_AGENCY, "SELECT count(*) FROM relation WHERE agency = ?", "views"},
		{TERM_AGENCY, "SELECT count(*) FROM agreement WHERE ? IN (provider, consumer)", "agreements"},
		{TERM_PURPOSE, "SELECT count(*) FROM agreement WHERE purpose = ?", "agreements"},
		{TERM_PURPOSE, "SELECT count(*) FROM login WHERE purpose = ?", "users"},
	};

	for (size_t i = 0; i < ARRAY_LEN(uses); i++) {
		int64_t n = uses[i].what == what ? edit_id(x, uses[i].sql, name, NULL, e) : 0;

		if (n < 0)
			return true;
		if (n > 0) {
			err_set(e, ERR_DEPENDENT_OBJECTS, "%s \"%s\" is used by %lld %s", terms[what].noun, name, (long long)n, uses[i].by);
			return true;
		}
	}
	return false;
}

bool catalog_drop_term(struct catalog_edit *x, enum catalog_term what, const char *name, struct err *e)
{
	int64_t id = known_term(x, what, name, e);
	char sql[80];

	if (id < 0 || in_use(x, what, name, e))
		return false;
	sqlite3_snprintf(sizeof sql, sql, "DELETE FROM %s WHERE id = ?", terms[what].table);
	return edit_execute(x, e, sql, id, NULL, NULL);
}

bool catalog_set_element(struct catalog_edit *x, const char *schema, const char *table, const char *column,
						 const char *element, struct err *e)
{
	int64_t id = edit_relation_id(x, schema, table, e);

	if (id < 0 || (element && known_term(x, TERM_ELEMENT, element, e) < 0) ||
		!edit_execute(x, e, "UPDATE attribute SET element = ?3 WHERE relation = ?1 AND name = ?2", id, column, element))
		return false;
	if (sqlite3_changes(x->catalog->db) == 0)
		return err_set(e, ERR_UNDEFINED_COLUMN, "column \"%s\" of \"%s.%s\" does not exist", column, schema, table);
	return true;
}

static int64_t agreement_id(struct catalog_edit *x, const char *name, struct err *e)
{
	int64_t id = edit_id(x, "SELECT id FROM agreement WHERE name = ?", name, NULL, e);

	if (id == 0)
		err_set(e, ERR_UNDEFINED_OBJECT, "agreement \"%s\" does not exist", name);
	return id > 0 ? id : -1;
}

static void bind_bound(sqlite3_stmt *q, int i, int64_t at, int64_t none)
{
	if (at == none)
		sqlite3_bind_null(q, i);
	else
		sqlite3_bind_int64(q, i, at);
}

static bool put_agreement(struct catalog_edit *x, int64_t id, const struct catalog_agreement *a, struct err *e)
{
	sqlite3_stmt *q = store_prepare(x->catalog,
									"UPDATE agreement SET name = ?2, provider = ?3, consumer = ?4, purpose = ?5, valid_from = ?6,"
									" valid_until = ?7, reference = ?8, comment = ?9, suspended = ?10 WHERE id = ?1", e);

	if (!q)
		return false;
	sqlite3_bind_int64(q, 1, id);
	store_bind_text(q, 2, a->name);
	store_bind_text(q, 3, a->provider);
	store_bind_text(q, 4, a->consumer);
	store_bind_text(q, 5, a->purpose);
	bind_bound(q, 6, a->valid_from, INT64_MIN);
	bind_bound(q, 7, a->valid_until, INT64_MAX);
	store_bind_text(q, 8, a->reference);
	store_bind_text(q, 9, a->comment);
	sqlite3_bind_int(q, 10, a->suspended);
	return store_run(x->catalog, q, e);
}

/* 128 random bits in hex. */
static bool new_salt(char out[33], struct err *e)
{
	unsigned char bytes[16];

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		return err_set(e, ERR_INTERNAL, "no random numbers for the agreement's salt");
	for (size_t i = 0; i < sizeof bytes; i++)
		sqlite3_snprintf(3, out + 2 * i, "%02x", bytes[i]);
	return true;
}

bool catalog_create_agreement(struct catalog_edit *x, const struct catalog_agreement *a, struct err *e)
{
	int64_t id = edit_id(x, "SELECT id FROM agreement WHERE name = ?", a->name, NULL, e);
	char salt[33];
	sqlite3_stmt *q;

	if (id != 0)
		return id < 0 ? false : err_set(e, ERR_DUPLICATE_OBJECT, "agreement \"%s\" already exists", a->name);
	if (known_term(x, TERM_AGENCY, a->provider, e) < 0 || known_term(x, TERM_AGENCY, a->consumer, e) < 0 ||
		known_term(x, TERM_PURPOSE, a->purpose, e) < 0 || (!a->salt && !new_salt(salt, e)))
		return false;
	q = store_prepare(x->catalog, "INSERT INTO agreement (name, provider, consumer, purpose, salt) VALUES (?, ?, ?, ?, ?)", e);
	if (!q)
		return false;
	store_bind_text(q, 1, a->name);
	store_bind_text(q, 2, a->provider);
	store_bind_text(q, 3, a->consumer);
	store_bind_text(q, 4, a->purpose);
	store_bind_text(q, 5, a->salt ? a->salt : salt);
	return store_run(x->catalog, q, e) && put_agreement(x, sqlite3_last_insert_rowid(x->catalog->db), a, e);
}

bool catalog_alter_agreement(struct catalog_edit *x, const char *name, const struct catalog_agreement *a, struct err *e)
{
	int64_t id = agreement_id(x, name, e);

	if (id < 0)
		return false;
	if (strcmp(name, a->name) != 0) {
		int64_t other = edit_id(x, "SELECT id FROM agreement WHERE name = ?", a->name, NULL, e);

		if (other != 0)
			return other < 0 ? false : err_set(e, ERR_DUPLICATE_OBJECT, "agreement \"%s\" already exists", a->name);
	}
	return put_agreement(x, id, a, e);
}

bool catalog_drop_agreement(struct catalog_edit *x, const char *name, struct err *e)
{
	int64_t id = agreement_id(x, name, e);

	return id > 0 && edit_execute(x, e, "DELETE FROM agreement WHERE id = ?", id, NULL, NULL);
}

/* An earlier grant of the same terms, which new columns join; 0 = none. */
static int64_t same_terms(struct catalog_edit *x, int64_t agreement, int64_t relation, const struct catalog_grant *g,
						  struct err *e)
{
	sqlite3_stmt *q = store_prepare(x->catalog,
									"SELECT id FROM share WHERE agreement = ?1 AND relation = ?2 AND row_condition IS ?3 AND minimum = ?4"
									" AND max_rows = ?5 AND hours_from = ?6 AND hours_until = ?7 AND compare_raw = ?8", e);
	int64_t id = 0;
	int rc;

	if (!q)
		return -1;
	sqlite3_bind_int64(q, 1, agreement);
	sqlite3_bind_int64(q, 2, relation);
	store_bind_text(q, 3, g->row_condition);
	sqlite3_bind_int64(q, 4, g->minimum);
	sqlite3_bind_int64(q, 5, g->max_rows);
	sqlite3_bind_int(q, 6, g->hours_from);
	sqlite3_bind_int(q, 7, g->hours_until);
	sqlite3_bind_int(q, 8, g->compare_raw);
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

static int64_t new_share(struct catalog_edit *x, int64_t agreement, int64_t relation, const struct catalog_grant *g,
						 struct err *e)
{
	sqlite3_stmt *q = store_prepare(x->catalog,
									"INSERT INTO share (agreement, relation, row_condition, minimum, max_rows, hours_from, hours_until,"
									" compare_raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", e);

	if (!q)
		return -1;
	sqlite3_bind_int64(q, 1, agreement);
	sqlite3_bind_int64(q, 2, relation);
	store_bind_text(q, 3, g->row_condition);
	sqlite3_bind_int64(q, 4, g->minimum);
	sqlite3_bind_int64(q, 5, g->max_rows);
	sqlite3_bind_int(q, 6, g->hours_from);
	sqlite3_bind_int(q, 7, g->hours_until);
	sqlite3_bind_int(q, 8, g->compare_raw);
	return store_run(x->catalog, q, e) ? sqlite3_last_insert_rowid(x->catalog->db) : -1;
}

bool catalog_add_grant(struct catalog_edit *x, const char *agreement, const struct catalog_grant *g, struct err *e)
{
	int64_t a = agreement_id(x, agreement, e), r = a < 0 ? -1 : edit_relation_id(x, g->schema, g->table, e);
	int64_t id = r < 0 ? -1 : same_terms(x, a, r, g, e);

	if (id == 0)
		id = new_share(x, a, r, g, e);
	for (size_t i = 0; id > 0 && i < g->ncols; i++)
		if (!edit_execute(x, e, "INSERT INTO share_column (owner, name, mask) VALUES (?, ?, ?) ON CONFLICT (owner, name) DO UPDATE"
								" SET mask = excluded.mask", id, g->cols[i].name, g->cols[i].mask))
			return false;
	return id > 0;
}

bool catalog_drop_grants(struct catalog_edit *x, const char *agreement, const char *schema, const char *table,
						 const char *const *columns, size_t ncols, size_t *dropped, struct err *e)
{
	int64_t a = agreement_id(x, agreement, e), r = a < 0 ? -1 : edit_relation_id(x, schema, table, e);

	*dropped = 0;
	if (r < 0)
		return false;
	for (size_t i = 0; i < (ncols ? ncols : 1); i++) {
		sqlite3_stmt *q = store_prepare(x->catalog,
										"DELETE FROM share_column WHERE owner IN (SELECT id FROM share WHERE agreement = ?1 AND relation"
										" = ?2) AND (?3 IS NULL OR name = ?3)", e);

		if (!q)
			return false;
		sqlite3_bind_int64(q, 1, a);
		sqlite3_bind_int64(q, 2, r);
		store_bind_text(q, 3, ncols ? columns[i] : NULL);
		if (!store_run(x->catalog, q, e))
			return false;
		*dropped += (size_t)sqlite3_changes(x->catalog->db);
	}
	return edit_execute(x, e, "DELETE FROM share WHERE agreement = ?1 AND NOT EXISTS (SELECT 1 FROM share_column c WHERE c.owner ="
							  " share.id)", a, NULL, NULL);
}
