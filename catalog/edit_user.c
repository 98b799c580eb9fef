/* Changes of the store: who may log in. */
#include "catalog/edit_int.h"

static bool put_user(struct catalog_edit *x, int64_t id, const struct catalog_user *u, struct err *e)
{
	sqlite3_stmt *q = store_prepare(x->catalog,
									id ? "UPDATE login SET name = ?2, verifier = ?3, is_administrator = ?4, agency = ?5, role = ?6,"
									  " purpose = ?7, unit = ?8, province = ?9 WHERE id = ?1"
									   : "INSERT INTO login (id, name, verifier, is_administrator, agency, role, purpose, unit, province)"
										 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
									e);

	if (!q)
		return false;
	if (id)
		sqlite3_bind_int64(q, 1, id);
	store_bind_text(q, 2, u->name);
	store_bind_text(q, 3, u->verifier);
	sqlite3_bind_int(q, 4, u->is_administrator);
	store_bind_text(q, 5, u->agency ? u->agency : "");
	store_bind_text(q, 6, catalog_role_name(u->role));
	store_bind_text(q, 7, u->purpose ? u->purpose : "");
	store_bind_text(q, 8, u->unit ? u->unit : "");
	store_bind_text(q, 9, u->province ? u->province : "");
	return store_run(x->catalog, q, e);
}

static int64_t user_id(struct catalog_edit *x, const char *name, struct err *e)
{
	int64_t id = edit_id(x, "SELECT id FROM login WHERE name = ?", name, NULL, e);

	if (id == 0)
		err_set(e, ERR_UNDEFINED_OBJECT, "user \"%s\" does not exist", name);
	return id > 0 ? id : -1;
}

bool catalog_create_user(struct catalog_edit *x, const struct catalog_user *u, struct err *e)
{
	int64_t id = edit_id(x, "SELECT id FROM login WHERE name = ?", u->name, NULL, e);

	if (id > 0)
		return err_set(e, ERR_DUPLICATE_OBJECT, "user \"%s\" already exists", u->name);
	return id == 0 && put_user(x, 0, u, e);
}

bool catalog_alter_user(struct catalog_edit *x, const char *name, const struct catalog_user *u, struct err *e)
{
	int64_t id = user_id(x, name, e);

	return id > 0 && put_user(x, id, u, e);
}

bool catalog_drop_user(struct catalog_edit *x, const char *name, struct err *e)
{
	sqlite3_stmt *q;
	int64_t id = user_id(x, name, e);

	q = id > 0 ? store_prepare(x->catalog, "DELETE FROM login WHERE id = ?", e) : NULL;
	if (!q)
		return false;
	sqlite3_bind_int64(q, 1, id);
	return store_run(x->catalog, q, e);
}
