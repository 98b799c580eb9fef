/* Changes of foreign tables and views: the relation's row, its columns with their options and statistics, its
 * keys. An alteration writes the whole definition anew; ids stay, so that comments and order survive. */
#include <string.h>

#include "catalog/edit_int.h"

int64_t edit_relation_id(struct catalog_edit *x, const char *schema, const char *name, struct err *e)
{
	int64_t id = edit_id(x, "SELECT r.id FROM relation r JOIN schema s ON s.id = r.schema WHERE s.name = ? AND r.name = ?",
						 schema, name, e);

	if (id == 0)
		err_set(e, ERR_UNDEFINED_TABLE, "relation \"%s.%s\" does not exist", schema, name);
	return id > 0 ? id : -1;
}

static bool put_column(struct catalog_edit *x, int64_t relation, uint32_t position, const struct catalog_column *c,
					   struct err *e)
{
	sqlite3_stmt *q = store_prepare(x->catalog,
									"INSERT INTO attribute (relation, position, number, name, remote_name, comment, type, is_array,"
									" mod, not_null, key_position, remote_type, collation, text_equal_exact, text_order_exact,"
									" is_unsigned, cast_to_text, has_statistics, null_fraction, distinct_values, width, min, max,"
									" element) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", e);
	int i = 1;

	if (!q)
		return false;
	sqlite3_bind_int64(q, i++, relation);
	sqlite3_bind_int64(q, i++, position);
	sqlite3_bind_int64(q, i++, c->number ? c->number : position + 1);
	store_bind_text(q, i++, c->name);
	store_bind_text(q, i++, c->remote_name);
	store_bind_text(q, i++, c->comment);
	sqlite3_bind_int64(q, i++, type_infos[c->type.id].oid);
	sqlite3_bind_int(q, i++, c->type.array);
	sqlite3_bind_int(q, i++, c->type.mod);
	sqlite3_bind_int(q, i++, c->not_null);
	sqlite3_bind_int(q, i++, c->key_position);
	store_bind_text(q, i++, c->remote_type ? c->remote_type : "");
	store_bind_text(q, i++, c->collation ? c->collation : "");
	sqlite3_bind_int(q, i++, c->text_equal_exact);
	sqlite3_bind_int(q, i++, c->text_order_exact);
	sqlite3_bind_int(q, i++, c->is_unsigned);
	sqlite3_bind_int(q, i++, c->cast_to_text);
	sqlite3_bind_int(q, i++, c->has_statistics);
	sqlite3_bind_double(q, i++, c->null_fraction);
	sqlite3_bind_double(q, i++, c->distinct);
	sqlite3_bind_double(q, i++, c->width);
	store_bind_text(q, i++, c->min);
	store_bind_text(q, i++, c->max);
	store_bind_text(q, i++, c->element ? c->element->name : NULL);
	return store_run(x->catalog, q, e) &&
		   edit_options(x, "attribute_option", sqlite3_last_insert_rowid(x->catalog->db), &c->options, e);
}

static bool put_key(struct catalog_edit *x, int64_t relation, uint32_t position, const struct catalog_key *k,
					struct err *e)
{
	sqlite3_stmt *q = store_prepare(x->catalog, "INSERT INTO relation_key (relation, position, name, kind, ref_schema, ref_table)"
												" VALUES (?,?,?,?,?,?)", e);
	int64_t id;

	if (!q)
		return false;
	sqlite3_bind_int64(q, 1, relation);
	sqlite3_bind_int64(q, 2, position);
	store_bind_text(q, 3, k->name ? k->name : "");
	sqlite3_bind_int(q, 4, (int)k->kind);
	store_bind_text(q, 5, k->ref_schema);
	store_bind_text(q, 6, k->ref_table);
	if (!store_run(x->catalog, q, e))
		return false;
	id = sqlite3_last_insert_rowid(x->catalog->db);
	for (uint32_t i = 0; i < k->ncols; i++) {
		q = store_prepare(x->catalog, "INSERT INTO relation_key_column VALUES (?,?,?,?)", e);
		if (!q)
			return false;
		sqlite3_bind_int64(q, 1, id);
		sqlite3_bind_int64(q, 2, i);
		sqlite3_bind_int64(q, 3, k->cols[i]);
		store_bind_text(q, 4, k->ref_cols ? k->ref_cols[i] : NULL);
		if (!store_run(x->catalog, q, e))
			return false;
	}
	return true;
}

/* Everything that hangs on the relation's row, which exists. */
static bool put_parts(struct catalog_edit *x, int64_t id, const struct catalog_table *t, struct err *e)
{
	if (!edit_options(x, "relation_option", id, &t->options, e))
		return false;
	for (uint32_t i = 0; i < t->ncols; i++) {
		for (uint32_t j = 0; j < i; j++)
			if (strcmp(t->columns[i].name, t->columns[j].name) == 0)
				return err_set(e, ERR_DUPLICATE_COLUMN, "column \"%s\" of \"%s.%s\" is given twice", t->columns[i].name,
							   t->schema, t->name);
		if (!put_column(x, id, i, &t->columns[i], e))
			return false;
	}
	for (uint32_t i = 0; i < t->nkeys; i++)
		if (!put_key(x, id, i, &t->keys[i], e))
			return false;
	return true;
}

static bool put_row(struct catalog_edit *x, int64_t id, const struct catalog_table *t, struct err *e)
{
	int64_t schema = edit_schema_id(x, t->schema, e);
	int64_t server = schema < 0 || !t->server ? 0 : edit_server_id(x, t->server->name, e);
	sqlite3_stmt *q;

	if (schema < 0 || server < 0)
		return false;
	q = store_prepare(x->catalog,
					  "UPDATE relation SET schema = ?2, name = ?3, kind = ?4, server = ?5, remote_schema = ?6, remote_name = ?7,"
					  " remote_kind = ?8, rows = ?9, analyzed_at = ?10, view_sql = ?11, view_search_path = ?12, comment = ?13, agency = ?14,"
					  " view_definer = ?15"
					  " WHERE id = ?1", e);
	if (!q)
		return false;
	sqlite3_bind_int64(q, 1, id);
	sqlite3_bind_int64(q, 2, schema);
	store_bind_text(q, 3, t->name);
	sqlite3_bind_int(q, 4, (int)t->kind);
	if (server)
		sqlite3_bind_int64(q, 5, server);
	store_bind_text(q, 6, t->remote_schema);
	store_bind_text(q, 7, t->remote_name);
	store_bind_text(q, 8, t->remote_kind);
	sqlite3_bind_double(q, 9, t->rows);
	sqlite3_bind_int64(q, 10, t->analyzed_at);
	store_bind_text(q, 11, t->view_sql);
	store_bind_text(q, 12, t->view_search_path);
	store_bind_text(q, 13, t->comment);
	store_bind_text(q, 14, t->agency ? t->agency : "");
	sqlite3_bind_int(q, 15, t->view_definer);
	return store_run(x->catalog, q, e);
}

static bool drop_parts(struct catalog_edit *x, int64_t id, struct err *e)
{
	return edit_execute(x, e, "DELETE FROM relation_option WHERE owner = ?", id, NULL, NULL) &&
		   edit_execute(x, e, "DELETE FROM attribute WHERE relation = ?", id, NULL, NULL) &&
		   edit_execute(x, e, "DELETE FROM relation_key WHERE relation = ?", id, NULL, NULL);
}

/* Grants name columns: a renamed column (the same number of the same remote column) keeps its grants. */
static bool keep_shares(struct catalog_edit *x, int64_t id, const struct catalog_table *t, struct err *e)
{
	for (uint32_t i = 0; i < t->ncols; i++) {
		const struct catalog_column *c = &t->columns[i];
		sqlite3_stmt *q = store_prepare(x->catalog,
										"UPDATE share_column SET name = ?2 WHERE owner IN (SELECT id FROM share WHERE relation = ?1)"
										" AND name <> ?2 AND name = (SELECT name FROM attribute WHERE relation = ?1 AND number = ?3"
										" AND COALESCE(remote_name, name) = ?4)", e);

		if (!q)
			return false;
		sqlite3_bind_int64(q, 1, id);
		store_bind_text(q, 2, c->name);
		sqlite3_bind_int64(q, 3, c->number);
		store_bind_text(q, 4, c->remote_name ? c->remote_name : c->name);
		if (!store_run(x->catalog, q, e))
			return false;
	}
	return true;
}

/* A dropped column leaves all grants, so that a later one of its name is in none. */
static bool trim_shares(struct catalog_edit *x, int64_t id, struct err *e)
{
	return edit_execute(x, e, "DELETE FROM share_column WHERE owner IN (SELECT id FROM share WHERE relation = ?1) AND name NOT"
							  " IN (SELECT name FROM attribute WHERE relation = ?1)", id, NULL, NULL);
}

bool catalog_create_table(struct catalog_edit *x, const struct catalog_table *t, bool replace, struct err *e)
{
	int64_t schema = edit_schema_id(x, t->schema, e);
	int64_t id = schema < 0 ? -1
							: edit_id(x, "SELECT r.id FROM relation r JOIN schema s ON s.id = r.schema WHERE s.name = ? AND r.name = ?",
									  t->schema, t->name, e);
	sqlite3_stmt *q;

	if (id < 0)
		return false;
	if (id > 0 && !replace)
		return err_set(e, ERR_DUPLICATE_TABLE, "relation \"%s.%s\" already exists", t->schema, t->name);
	if (id > 0)
		return drop_parts(x, id, e) && put_row(x, id, t, e) && put_parts(x, id, t, e) && trim_shares(x, id, e);
	q = store_prepare(x->catalog, "INSERT INTO relation (schema, name, kind) VALUES (?, ?, 0)", e);
	if (!q)
		return false;
	sqlite3_bind_int64(q, 1, schema);
	store_bind_text(q, 2, t->name);
	if (!store_run(x->catalog, q, e))
		return false;
	id = sqlite3_last_insert_rowid(x->catalog->db);
	return put_row(x, id, t, e) && put_parts(x, id, t, e);
}

bool catalog_alter_table(struct catalog_edit *x, const char *schema, const char *name, const struct catalog_table *t,
						 struct err *e)
{
	int64_t id = edit_relation_id(x, schema, name, e);

	if (id < 0)
		return false;
	if (strcmp(schema, t->schema) != 0 || strcmp(name, t->name) != 0) {
		int64_t other = edit_id(x, "SELECT r.id FROM relation r JOIN schema s ON s.id = r.schema WHERE s.name = ? AND r.name = ?",
								t->schema, t->name, e);

		if (other != 0)
			return other < 0 ? false
							 : err_set(e, ERR_DUPLICATE_TABLE, "relation \"%s.%s\" already exists", t->schema, t->name);
	}
	return put_row(x, id, t, e) && keep_shares(x, id, t, e) && drop_parts(x, id, e) && put_parts(x, id, t, e) &&
		   trim_shares(x, id, e);
}

bool catalog_drop_table(struct catalog_edit *x, const char *schema, const char *name, bool cascade, struct err *e)
{
	int64_t id = edit_relation_id(x, schema, name, e);

	/* Views keep their text, not their parents: a view over a dropped table answers 42P01 when it is used, so
	 * there is nothing that cascade would have to find. */
	(void)cascade;
	return id > 0 && edit_execute(x, e, "DELETE FROM relation WHERE id = ?", id, NULL, NULL);
}
