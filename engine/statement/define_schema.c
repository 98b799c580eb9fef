/* CREATE SCHEMA and VIEW, DROP, renaming, comments: definitions that need no source. */
#include <string.h>

#include "engine/bind/bind.h"
#include "engine/statement/statement_int.h"
#include "engine/statement/temp_space.h"

bool run_create_schema(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_create_schema *a = AST_AS(CREATE_SCHEMA, create_schema, node);
	struct catalog_edit *x;

	(void)out;
	if (a->if_not_exists && catalog_find_schema(env->snapshot, a->name)) {
		env->warn(env->warn_arg, ERR_DUPLICATE_SCHEMA, mem_printf(env->mem, "schema \"%s\" already exists, skipping", a->name));
		return true;
	}
	x = catalog_begin(env->catalog, e);
	return x && statement_end_edit(x, catalog_create_schema(x, a->name, "", e), e);
}

/* A view's columns may get others behind them; those there are keep their names and types. */
static bool check_replaced(struct statement_env *env, const struct catalog_table *old, const struct catalog_table *t, int pos,
						   struct err *e)
{
	if (old->kind != TABLE_VIEW)
		return err_at(e, pos, ERR_WRONG_OBJECT_TYPE, "\"%s\" is not a view", t->name);
	if (t->ncols < old->ncols)
		return err_at(e, pos, ERR_INVALID_TABLE_DEFINITION, "cannot drop columns from view");
	for (uint32_t i = 0; i < old->ncols; i++) {
		const struct catalog_column *a = &old->columns[i], *b = &t->columns[i];
		struct type was = a->type, is = b->type;

		if (strcmp(a->name, b->name) != 0) {
			err_at(e, pos, ERR_INVALID_TABLE_DEFINITION, "cannot change name of view column \"%s\" to \"%s\"", a->name, b->name);
			return err_hint(e, "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.");
		}
		if (was.id != is.id || was.array != is.array || was.mod != is.mod)
			return err_at(e, pos, ERR_INVALID_TABLE_DEFINITION, "cannot change data type of view column \"%s\" from %s to %s",
						  a->name, type_name(was, env->mem), type_name(is, env->mem));
	}
	return true;
}

static bool view_columns(struct statement_env *env, const struct ast_create_view *a, const struct plan *p,
						 struct catalog_table *t, struct err *e)
{
	struct catalog_column *columns = mem_new_array(env->mem, struct catalog_column, p->ncols + 1);

	if (a->columns.count > p->ncols)
		return err_at(e, a->base.pos, ERR_SYNTAX_ERROR, "CREATE VIEW specifies more column names than columns");
	t->columns = columns;
	for (uint32_t i = 0; i < p->ncols; i++) {
		const char *name = i < a->columns.count ? a->columns.items[i] : p->names[i];

		t->ncols = i;
		if (catalog_find_column(t, name) >= 0)
			return err_at(e, a->base.pos, ERR_DUPLICATE_COLUMN, "column \"%s\" specified more than once", name);
		columns[i] = (struct catalog_column){
			.number = i + 1,
			.name = name,
			.type = p->root->cols[i].type.id == TYPE_UNKNOWN ? type_make(TYPE_TEXT) : p->root->cols[i].type,
			.distinct = -1,
		};
	}
	t->ncols = p->ncols;
	return true;
}

static bool reads_temporary(const struct plan *p)
{
	for (uint32_t i = 0; i < p->nguards; i++)
		if (p->guards[i]->table && p->guards[i]->table->kind == TABLE_TEMP)
			return true;
	return false;
}

/* A view of this session: by TEMP, by its name, or because it reads a temporary table. */
static bool is_temporary_view(struct statement_env *env, const struct ast_create_view *a, const struct plan *p, bool *out,
							  struct err *e)
{
	const char *schema = a->names.count == 2 ? a->names.items[0] : NULL;

	*out = a->temporary || (schema && strcmp(schema, TEMP_SCHEMA) == 0);
	if (a->temporary && schema && strcmp(schema, TEMP_SCHEMA) != 0)
		return err_at(e, a->base.pos, ERR_INVALID_TABLE_DEFINITION, "cannot create temporary relation in non-temporary schema");
	if (*out || !reads_temporary(p))
		return true;
	if (schema)
		return err_at(e, a->base.pos, ERR_INVALID_TABLE_DEFINITION, "cannot create temporary relation in non-temporary schema");
	env->warn(env->warn_arg, ERR_WARNING,
			  mem_printf(env->mem, "view \"%s\" will be a temporary view", a->names.items[a->names.count - 1]));
	*out = true;
	return true;
}

/* security_invoker = false: the view reads its agency's tables for whoever may read the view. agency: whose it is, when not
 * its maker's. */
static bool view_options(struct statement_env *env, const struct ast_list *options, struct catalog_table *t, struct err *e)
{
	for (uint32_t i = 0; i < options->count; i++) {
		const struct ast_option *o = AST_AS(OPTION, option, options->items[i]);

		if (strcmp(o->name, "security_invoker") == 0) {
			t->view_definer = o->value && (cstr_eq_nocase(o->value, "false") || cstr_eq_nocase(o->value, "off"));
		} else if (strcmp(o->name, "agency") == 0) {
			const struct catalog_agency *a = o->value ? catalog_find_agency(env->snapshot, o->value) : NULL;
			if (o->value && !a)
				return err_at(e, o->base.pos, ERR_UNDEFINED_OBJECT, "agency \"%s\" does not exist", o->value);
			t->agency = a ? a->code : "";
		} else if (strcmp(o->name, "security_barrier") != 0) { /* they all are */
			return err_at(e, o->base.pos, ERR_INVALID_PARAMETER_VALUE, "unrecognized parameter \"%s\"", o->name);
		}
	}
	if (t->view_definer && !*t->agency)
		return err_set(e, ERR_INVALID_PARAMETER_VALUE, "a view with security_invoker = false belongs to an agency: WITH (agency = '…')");
	return true;
}

/* The query is bound once, so that a view that can't run is never stored, and its columns are known. */
bool run_create_view(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_create_view *a = AST_AS(CREATE_VIEW, create_view, node);
	struct catalog_table t = {.kind = TABLE_VIEW, .rows = -1, .remote_schema = "", .remote_name = "", .remote_kind = "view"};
	const struct catalog_table *old;
	bool temporary;
	struct plan *p;
	struct catalog_edit *x;
	struct bind_context c = {.snapshot = env->snapshot, .principal = env->principal, .settings = env->settings,
							 .text = env->text, .sql = mem_strndup(env->mem, env->sql.data, env->sql.len)};

	(void)out;
	if (a->recursive || a->check != AST_CHECK_NONE)
		return err_at(e, node->pos, ERR_FEATURE_NOT_SUPPORTED, "%s is not supported",
					  a->recursive ? "CREATE RECURSIVE VIEW" : "WITH CHECK OPTION");
	if (!bind_query(&c, a->query, env->mem, &p, e) || !is_temporary_view(env, a, p, &temporary, e) ||
		(!temporary && !authorize_command(env->principal, COMMAND_DEFINE, "CREATE VIEW", e)) ||
		!statement_object_name(env, &a->names, &t.schema, &t.name, e) || !view_columns(env, a, p, &t, e))
		return false;
	t.agency = env->principal->agency;
	if (!view_options(env, &a->options, &t, e))
		return false;
	t.view_sql = mem_strndup(env->mem, a->query_text.data, a->query_text.len);
	t.view_search_path = env->settings->text[SET_search_path];
	if (temporary)
		t.schema = TEMP_SCHEMA;
	old = catalog_find_table(env->snapshot, t.schema, t.name);
	if (old && a->or_replace && !check_replaced(env, old, &t, node->pos, e))
		return false;
	if (old && !a->or_replace)
		return err_at(e, node->pos, ERR_DUPLICATE_TABLE, "relation \"%s\" already exists", t.name);
	if (temporary) {
		temp_space_put(env->temp, &t, NULL);
		return true;
	}
	x = catalog_begin(env->catalog, e);
	return x && statement_end_edit(x, catalog_create_table(x, &t, a->or_replace, e), e);
}

static const char *object_word(enum ast_object object)
{
	switch (object) {
	case AST_OBJECT_TABLE:
		return "TABLE";
	case AST_OBJECT_FOREIGN_TABLE:
		return "FOREIGN TABLE";
	case AST_OBJECT_VIEW:
		return "VIEW";
	case AST_OBJECT_SCHEMA:
		return "SCHEMA";
	case AST_OBJECT_SERVER:
		return "SERVER";
	case AST_OBJECT_COLUMN:
		return "COLUMN";
	case AST_OBJECT_DATABASE:
		return "DATABASE";
	}
	UNREACHABLE();
}

static bool drop_relation(struct statement_env *env, struct catalog_edit *x, const struct ast_drop *a,
						  const struct ast_names *names, int pos, struct err *e)
{
	const char *schema, *name;
	const struct catalog_table *t;
	bool view = a->object == AST_OBJECT_VIEW;

	if (!statement_object_name(env, names, &schema, &name, e))
		return false;
	t = catalog_find_table(env->snapshot, schema, name);
	if (t && (t->kind == TABLE_VIEW) != view) {
		err_at(e, pos, ERR_WRONG_OBJECT_TYPE, "\"%s.%s\" is not a %s", schema, name, view ? "view" : "foreign table");
		return err_hint(e, "Use DROP %s.", view ? "FOREIGN TABLE" : "VIEW");
	}
	if (!t && a->if_exists) {
		env->warn(env->warn_arg, ERR_WARNING, mem_printf(env->mem, "relation \"%s.%s\" does not exist, skipping", schema, name));
		return true;
	}
	return catalog_drop_table(x, schema, name, a->cascade, e);
}

/* What DROP VIEW or DROP FOREIGN TABLE names: a temporary view first. */
static const struct catalog_table *to_drop(struct statement_env *env, const struct ast_names *names)
{
	const char *schema, *name;
	const struct catalog_table *t;
	struct err ignored;

	err_clear(&ignored);
	if (!statement_object_name(env, names, &schema, &name, &ignored))
		return NULL;
	t = names->count == 1 ? catalog_find_table(env->snapshot, TEMP_SCHEMA, name) : NULL;
	return t && t->kind == TABLE_VIEW ? t : catalog_find_table(env->snapshot, schema, name);
}

/* Nothing that stays may read what goes, unless CASCADE lets it go too: then it goes here. x NULL: only views of the
 * session do. */
static bool drop_readers(struct statement_env *env, const struct ast_drop *a, struct catalog_edit *x, struct err *e)
{
	const struct catalog_table **list = mem_new_array(env->mem, const struct catalog_table *, a->objects.count + 1), **readers;
	size_t n = 0, count;

	for (uint32_t i = 0; i < a->objects.count; i++) {
		const struct catalog_table *t = to_drop(env, &AST_AS(OBJECT_NAME, object_name, a->objects.items[i])->names);
		if (t)
			list[n++] = t;
	}
	if (!a->cascade)
		return statement_check_readers(env, list, n, a->base.pos, e);
	readers = statement_readers(env, list, n, &count);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(readers[i]->schema, TEMP_SCHEMA) == 0)
			temp_space_drop(env->temp, readers[i]->name);
		else if (x && !catalog_drop_table(x, readers[i]->schema, readers[i]->name, true, e))
			return false;
	}
	return true;
}

/* Whether all that is named are views of this session. */
static bool drops_temporary(struct statement_env *env, const struct ast_drop *a)
{
	for (uint32_t i = 0; i < a->objects.count; i++) {
		const struct catalog_table *t = to_drop(env, &AST_AS(OBJECT_NAME, object_name, a->objects.items[i])->names);
		if (!t || t->kind != TABLE_VIEW || strcmp(t->schema, TEMP_SCHEMA) != 0)
			return false;
	}
	return true;
}

static bool drop_temp_views(struct statement_env *env, const struct ast_drop *a, struct statement_result *out, struct err *e)
{
	out->tag = "DROP VIEW";
	if (!drop_readers(env, a, NULL, e))
		return false;
	for (uint32_t i = 0; i < a->objects.count; i++)
		temp_space_drop(env->temp, to_drop(env, &AST_AS(OBJECT_NAME, object_name, a->objects.items[i])->names)->name);
	return true;
}

static bool drop_one(struct statement_env *env, struct catalog_edit *x, const struct ast_drop *a,
					 const struct ast_object_name *o, struct err *e)
{
	const char *name = o->names.items[o->names.count - 1];
	bool exists = true;

	switch (a->object) {
	case AST_OBJECT_SERVER:
		exists = catalog_find_server(env->snapshot, name) != NULL;
		if (exists || !a->if_exists) {
			pool_close_idle(env->pool, name);
			return catalog_drop_server(x, name, a->cascade, e);
		}
		break;
	case AST_OBJECT_SCHEMA:
		exists = catalog_find_schema(env->snapshot, name) != NULL;
		if (exists || !a->if_exists)
			return catalog_drop_schema(x, name, a->cascade, e);
		break;
	case AST_OBJECT_FOREIGN_TABLE:
	case AST_OBJECT_VIEW:
		return drop_relation(env, x, a, &o->names, o->base.pos, e);
	case AST_OBJECT_TABLE:
	case AST_OBJECT_COLUMN:
	case AST_OBJECT_DATABASE:
		return err_at(e, o->base.pos, ERR_FEATURE_NOT_SUPPORTED, "DROP %s is not supported", object_word(a->object));
	}
	env->warn(env->warn_arg, ERR_WARNING, mem_printf(env->mem, "%s \"%s\" does not exist, skipping",
													 a->object == AST_OBJECT_SERVER ? "server" : "schema", name));
	return true;
}

bool run_drop(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_drop *a = AST_AS(DROP, drop, node);
	struct catalog_edit *x;
	bool ok;

	if (a->object == AST_OBJECT_TABLE)
		return drop_temp_tables(env, a, out, e);
	if (a->object == AST_OBJECT_VIEW && drops_temporary(env, a))
		return drop_temp_views(env, a, out, e);
	if (!authorize_command(env->principal, COMMAND_DEFINE, mem_printf(env->mem, "DROP %s", object_word(a->object)), e))
		return false;
	x = catalog_begin(env->catalog, e);
	ok = x != NULL;
	if (ok && (a->object == AST_OBJECT_VIEW || a->object == AST_OBJECT_FOREIGN_TABLE))
		ok = drop_readers(env, a, x, e);

	for (uint32_t i = 0; ok && i < a->objects.count; i++)
		ok = drop_one(env, x, a, AST_AS(OBJECT_NAME, object_name, a->objects.items[i]), e);
	out->tag = mem_printf(env->mem, "DROP %s", object_word(a->object));
	return x && statement_end_edit(x, ok, e);
}

static bool rename_relation(struct statement_env *env, struct catalog_edit *x, const struct ast_names *names,
							const char *column, const char *new_schema, const char *new_name, bool if_exists, struct err *e)
{
	const char *schema, *name;
	const struct catalog_table *old;
	struct catalog_table t;
	struct catalog_column *columns;
	int at;

	if (!statement_object_name(env, names, &schema, &name, e))
		return false;
	old = catalog_find_table(env->snapshot, schema, name);
	if (!old)
		return if_exists || err_set(e, ERR_UNDEFINED_TABLE, "relation \"%s.%s\" does not exist", schema, name);
	t = *old;
	if (new_schema)
		t.schema = new_schema;
	else if (!column)
		t.name = new_name;
	if (column) {
		at = catalog_find_column(old, column);
		if (at < 0)
			return err_set(e, ERR_UNDEFINED_COLUMN, "column \"%s\" of \"%s.%s\" does not exist", column, schema, name);
		columns = mem_new_array(env->mem, struct catalog_column, t.ncols);
		memcpy(columns, old->columns, t.ncols * sizeof *columns);
		columns[at].name = new_name;
		t.columns = columns;
	}
	return catalog_alter_table(x, schema, name, &t, e);
}

bool run_rename(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_rename *a = AST_AS(RENAME, rename, node);
	const char *name = a->names.items[a->names.count - 1];
	struct catalog_edit *x;
	const struct catalog_server *server;
	struct catalog_server s;
	bool ok;

	out->tag = mem_printf(env->mem, "ALTER %s", object_word(a->object));
	if (a->object == AST_OBJECT_SERVER) {
		server = statement_server(env, name, node->pos, e);
		if (!server)
			return false;
		s = *server;
		s.name = a->new_name;
		x = catalog_begin(env->catalog, e);
		return x && statement_end_edit(x, catalog_alter_server(x, name, &s, e), e);
	}
	x = catalog_begin(env->catalog, e);
	if (!x)
		return false;
	if (a->object == AST_OBJECT_SCHEMA)
		ok = catalog_alter_schema(x, name, a->new_name, e);
	else if (a->object == AST_OBJECT_DATABASE)
		ok = err_at(e, node->pos, ERR_FEATURE_NOT_SUPPORTED, "ALTER DATABASE is not supported");
	else
		ok = rename_relation(env, x, &a->names, a->column, NULL, a->new_name, a->if_exists, e);
	return statement_end_edit(x, ok, e);
}

bool run_change_schema(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_change_schema *a = AST_AS(CHANGE_SCHEMA, change_schema, node);
	struct catalog_edit *x = catalog_begin(env->catalog, e);

	out->tag = mem_printf(env->mem, "ALTER %s", object_word(a->object));
	return x && statement_end_edit(x, rename_relation(env, x, &a->names, NULL, a->schema, NULL, a->if_exists, e), e);
}

bool run_change_owner(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	(void)env;
	(void)out;
	err_at(e, node->pos, ERR_FEATURE_NOT_SUPPORTED, "OWNER TO is not supported");
	return err_hint(e, "A server belongs to an agency: ALTER SERVER … OPTIONS (SET agency '…').");
}

bool run_comment(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_comment *a = AST_AS(COMMENT, comment, node);
	const char *last = a->names.items[a->names.count - 1];
	struct ast_names table = a->names;
	const char *schema = NULL, *name = last, *column = NULL, *kind = "table";
	struct catalog_edit *x;

	(void)out;
	switch (a->object) {
	case AST_OBJECT_SERVER:
		kind = "server";
		break;
	case AST_OBJECT_SCHEMA:
		kind = "schema";
		break;
	case AST_OBJECT_COLUMN:
		kind = "column";
		column = last;
		if (table.count < 2)
			return err_at(e, node->pos, ERR_SYNTAX_ERROR, "a column is named as schema.table.column or table.column");
		table.count--;
		FALLTHROUGH;
	case AST_OBJECT_TABLE:
	case AST_OBJECT_FOREIGN_TABLE:
	case AST_OBJECT_VIEW:
		if (!statement_object_name(env, &table, &schema, &name, e))
			return false;
		break;
	case AST_OBJECT_DATABASE:
		return err_at(e, node->pos, ERR_FEATURE_NOT_SUPPORTED, "COMMENT ON DATABASE is not supported");
	}
	x = catalog_begin(env->catalog, e);
	return x && statement_end_edit(x, catalog_comment(x, kind, schema, name, column, a->text, e), e);
}
