/*
 * Temporary tables: CREATE TEMP TABLE … AS, SELECT … INTO TEMP, DROP TABLE. The query runs here, in the statement's
 * start, into a column sink; the table appears when all rows are there. Only the session's own tables are
 * touched, so everybody may do it.
 */
#include <string.h>

#include "engine/bind/bind.h"
#include "engine/statement/statement_int.h"
#include "engine/statement/temp_space.h"

/* What is to be made. */
struct new_table {
	const struct ast_names *names;
	enum ast_persistence persistence;
	bool if_not_exists, no_data;
	const struct ast_names *columns;
	enum ast_on_commit on_commit;
	const struct ast *query;
	int pos;
};

static const struct catalog_table *temp_find(const struct statement_env *env, const char *name)
{
	return catalog_find_table(env->snapshot, TEMP_SCHEMA, name);
}

static const char *last_name(const struct ast_names *names) { return names->items[names->count - 1]; }

/* Whether the new table may be made there: temporary, in no other schema than pg_temp. */
static bool check_place(const struct new_table *n, struct err *e)
{
	const char *schema = n->names->count > 1 ? n->names->items[n->names->count - 2] : NULL;
	bool in_temp = schema && strcmp(schema, TEMP_SCHEMA) == 0;

	if (n->names->count > 2)
		return err_at(e, n->pos, ERR_FEATURE_NOT_SUPPORTED, "cross-database references are not implemented");
	if (n->persistence == AST_TEMPORARY && schema && !in_temp)
		return err_at(e, n->pos, ERR_INVALID_TABLE_DEFINITION, "cannot create temporary relation in non-temporary schema");
	if (n->persistence == AST_TEMPORARY || (in_temp && n->persistence == AST_PERMANENT))
		return true;
	err_at(e, n->pos, ERR_FEATURE_NOT_SUPPORTED, "only temporary tables can be created");
	return err_hint(e, "CREATE TEMP TABLE, or SELECT … INTO TEMP: the table lives as long as the session.");
}

/* True when the name is free; *skip when it isn't and IF NOT EXISTS was said. */
static bool check_name(struct statement_env *env, const struct new_table *n, bool *skip, struct err *e)
{
	const char *name = last_name(n->names);

	*skip = false;
	if (!temp_find(env, name))
		return true;
	if (!n->if_not_exists)
		return err_at(e, n->pos, ERR_DUPLICATE_TABLE, "relation \"%s\" already exists", name);
	env->warn(env->warn_arg, ERR_DUPLICATE_TABLE, mem_printf(env->mem, "relation \"%s\" already exists, skipping", name));
	*skip = true;
	return true;
}

static bool define_columns(struct statement_env *env, const struct new_table *n, const struct plan *p,
						   struct catalog_table *t, struct err *e)
{
	struct catalog_column *columns = mem_new_array(env->mem, struct catalog_column, p->ncols + 1);

	if (n->columns && n->columns->count > p->ncols)
		return err_at(e, n->pos, ERR_SYNTAX_ERROR, "too many column names were specified");
	t->columns = columns;
	for (uint32_t i = 0; i < p->ncols; i++) {
		const char *name = n->columns && i < n->columns->count ? n->columns->items[i] : p->names[i];

		t->ncols = i;
		if (catalog_find_column(t, name) >= 0)
			return err_at(e, n->pos, ERR_DUPLICATE_COLUMN, "column \"%s\" specified more than once", name);
		columns[i] = (struct catalog_column){.number = i + 1, .name = name, .type = p->root->cols[i].type, .distinct = -1};
		if (columns[i].type.id == TYPE_UNKNOWN)
			columns[i].type.id = TYPE_TEXT;
		if (columns[i].type.id == TYPE_RECORD || columns[i].type.id == TYPE_VOID)
			return err_at(e, n->pos, ERR_INVALID_TABLE_DEFINITION, "column \"%s\" has pseudo-type %s", name,
						  type_name(columns[i].type, env->mem));
	}
	t->ncols = p->ncols;
	return true;
}

static struct colsink *sink_of(struct statement_env *env, const struct catalog_table *t, struct colstore *before)
{
	struct type *types = mem_new_array(env->mem, struct type, t->ncols + 1);

	for (uint32_t i = 0; i < t->ncols; i++)
		types[i] = t->columns[i].type;
	return colsink_new(temp_space_bytes(env->temp, env->settings), types, t->ncols, before);
}

/* The execution has a flag of its own, since its end raises it; the statement goes on after this. */
struct own_cancel {
	struct cancel *outer, *inner;
};

static void pass_on(void *arg)
{
	struct own_cancel *c = arg;

	cancel_raise(c->inner, cancel_state(c->outer));
}

bool statement_fill(struct statement_env *env, const struct plan *p, const struct catalog_table *t, struct colsink *sink,
					bool checked, struct err *e)
{
	struct own_cancel cancel = {env->cancel, cancel_new()};
	struct type *types = mem_new_array(env->mem, struct type, t->ncols + 1);
	int subscription = cancel_subscribe(env->cancel, pass_on, &cancel);
	struct execute_into into = {.sink = sink, .table = t->name};
	const char **names = mem_new_array(env->mem, const char *, t->ncols + 1);
	bool *not_null = mem_new_array(env->mem, bool, t->ncols + 1);
	struct execute_env x;
	struct execution *run = NULL;
	struct batch none = {0};
	bool ok;

	for (uint32_t i = 0; i < t->ncols; i++) {
		names[i] = t->columns[i].name;
		not_null[i] = t->columns[i].not_null;
		types[i] = t->columns[i].type;
		if (not_null[i])
			into.not_null = not_null;
	}
	into.columns = names;
	into.types = checked ? types : NULL;
	statement_execute_env(env, &x);
	x.cancel = cancel.inner;
	x.into = &into;
	ok = execute_open(p, &x, &run, e) && execute_next(run, &none, e);
	execute_close(run);
	cancel_unsubscribe(env->cancel, subscription);
	cancel_free(cancel.inner);
	return ok && cancel_check(env->cancel, e);
}

static bool create_as(struct statement_env *env, const struct new_table *n, struct statement_result *out, struct err *e)
{
	struct catalog_table t = {.kind = TABLE_TEMP, .name = last_name(n->names), .rows = -1};
	struct plan *p;
	struct colsink *sink;
	bool skip, ok = true;

	out->tag = "CREATE TABLE AS";
	if (n->query->kind != AST_QUERY)
		return err_at(e, n->pos, ERR_FEATURE_NOT_SUPPORTED, "CREATE TABLE … AS EXECUTE is not supported");
	if (!statement_plan(env, n->query, NULL, &p, e) || !check_place(n, e) || !check_name(env, n, &skip, e))
		return false;
	if (skip)
		return true;
	if (!define_columns(env, n, p, &t, e))
		return false;
	sink = sink_of(env, &t, NULL);
	if (!n->no_data)
		ok = statement_fill(env, p, &t, sink, false, e);
	if (ok && !n->no_data)
		out->tag = mem_printf(env->mem, "SELECT %llu", (unsigned long long)colsink_rows(sink));
	if (ok && n->on_commit == AST_ON_COMMIT_DELETE) { /* each statement is a transaction of its own */
		colsink_free(sink);
		sink = sink_of(env, &t, NULL);
	}
	if (ok && n->on_commit != AST_ON_COMMIT_DROP)
		temp_space_put(env->temp, &t, colsink_finish(sink));
	colsink_free(sink);
	return ok;
}

bool run_create_table_as(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_create_table_as *a = AST_AS(CREATE_TABLE_AS, create_table_as, node);
	struct new_table n = {.names = &a->names, .persistence = a->persistence, .if_not_exists = a->if_not_exists,
						  .no_data = a->no_data, .columns = &a->columns, .on_commit = a->on_commit, .query = a->query,
						  .pos = node->pos};

	return create_as(env, &n, out, e);
}

bool run_select_into(struct statement_env *env, const struct ast *query, const struct ast_into *into,
					 struct statement_result *out, struct err *e)
{
	struct new_table n = {.names = &into->table, .persistence = into->persistence, .query = query, .pos = into->base.pos};

	return create_as(env, &n, out, e);
}

/* ---- CREATE TABLE with columns ---- */

static bool column_of_definition(struct statement_env *env, const struct ast_column_def *d, const struct catalog_table *t,
								 struct catalog_column *c, struct err *e)
{
	*c = (struct catalog_column){.number = t->ncols + 1, .name = d->name, .not_null = d->not_null, .distinct = -1};
	if (catalog_find_column(t, d->name) >= 0)
		return err_at(e, d->base.pos, ERR_DUPLICATE_COLUMN, "column \"%s\" specified more than once", d->name);
	if (d->collation.count)
		return err_at(e, d->base.pos, ERR_FEATURE_NOT_SUPPORTED, "COLLATE of a table's column is not supported");
	if (d->options.count)
		return err_at(e, d->base.pos, ERR_SYNTAX_ERROR, "OPTIONS belong to columns of foreign tables");
	if (!bind_type(d->type, &c->type, e))
		return false;
	if (c->type.id == TYPE_UNKNOWN || c->type.id == TYPE_RECORD || c->type.id == TYPE_VOID)
		return err_at(e, d->base.pos, ERR_INVALID_TABLE_DEFINITION, "column \"%s\" has pseudo-type %s", d->name,
					  type_name(c->type, env->mem));
	if (!d->default_value)
		return true;
	c->default_sql = mem_strndup(env->mem, d->default_text.data, d->default_text.len);
	return bind_default(statement_bind_context(env), c->default_sql, c->type, env->mem, e);
}

bool run_create_table(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_create_table *a = AST_AS(CREATE_TABLE, create_table, node);
	struct new_table n = {.names = &a->names, .persistence = a->persistence, .if_not_exists = a->if_not_exists, .pos = node->pos};
	struct catalog_column *columns = mem_new_array(env->mem, struct catalog_column, a->columns.count + 1);
	struct catalog_table t = {.kind = TABLE_TEMP, .name = last_name(&a->names), .columns = columns, .rows = -1};
	struct colsink *sink;
	bool skip;

	(void)out;
	if (!check_place(&n, e) || !check_name(env, &n, &skip, e))
		return false;
	if (skip)
		return true;
	for (uint32_t i = 0; i < a->columns.count; i++) {
		if (!column_of_definition(env, AST_AS(COLUMN_DEF, column_def, a->columns.items[i]), &t, &columns[i], e))
			return false;
		t.ncols++;
	}
	if (a->on_commit == AST_ON_COMMIT_DROP)
		return true;
	sink = sink_of(env, &t, NULL);
	temp_space_put(env->temp, &t, colsink_finish(sink));
	colsink_free(sink);
	return true;
}

/* ---- INSERT ---- */

/* A numeric column that CREATE TABLE AS made has the one scale of its expression; what is inserted may have others. */
static bool widen(struct statement_env *env, const struct guard *g, struct catalog_table *t, struct colstore **store,
				  struct err *e)
{
	struct catalog_column *columns = mem_dup(env->mem, t->columns, t->ncols * sizeof *columns);
	struct type *types = mem_new_array(env->mem, struct type, t->ncols + 1);
	struct colsink *sink;
	struct plan *p;
	bool any = false, ok;

	for (uint32_t i = 0; i < t->ncols; i++) {
		types[i] = columns[i].type;
		if (types[i].id == TYPE_NUMERIC && !types[i].array && types[i].precision && types[i].mod == -1) {
			types[i] = columns[i].type = type_make(TYPE_NUMERIC);
			any = true;
		}
	}
	*store = NULL;
	if (!any)
		return true;
	if (!bind_retyped(statement_bind_context(env), g, types, env->mem, &p, e) || !statement_improve(env, p, NULL, e))
		return false;
	t->columns = columns;
	sink = sink_of(env, t, NULL);
	ok = statement_fill(env, p, t, sink, false, e);
	if (ok)
		*store = colsink_finish(sink);
	colsink_free(sink);
	return ok;
}

/* The session's table of that name. */
static const struct guard *insert_target(struct statement_env *env, const struct ast_insert *a, struct err *e)
{
	const char *schema = a->table.count > 1 ? a->table.items[a->table.count - 2] : NULL, *name = last_name(&a->table);
	const struct guard *g;

	if (a->table.count > 2) {
		err_at(e, a->base.pos, ERR_FEATURE_NOT_SUPPORTED, "cross-database references are not implemented");
		return NULL;
	}
	if (!authorize_table(env->snapshot, env->principal, schema, name, env->settings->text[SET_search_path], a->base.pos,
						 env->mem, &g, e))
		return NULL;
	if (g->table && g->table->kind == TABLE_TEMP)
		return g;
	err_at(e, a->base.pos, ERR_FEATURE_NOT_SUPPORTED, "cannot insert into \"%s\": it is no temporary table", name);
	err_detail(e, "Sources are read only; CREATE TEMP TABLE makes tables that can be filled.");
	return NULL;
}

bool run_insert(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_insert *a = AST_AS(INSERT, insert, node);
	const struct guard *g = insert_target(env, a, e);
	struct catalog_table t;
	struct colstore *wider = NULL;
	struct colsink *sink;
	struct plan *p;
	bool ok;

	if (!g)
		return false;
	t = *g->table;
	if (!widen(env, g, &t, &wider, e))
		return false;
	ok = bind_insert(statement_bind_context(env), &t, &a->columns, a->query, node->pos, env->mem, &p, e) &&
		 statement_improve(env, p, NULL, e);
	if (!ok) {
		colstore_unref(wider);
		return false;
	}
	sink = sink_of(env, &t, wider ? wider : (struct colstore *)t.store);
	colstore_unref(wider);
	ok = statement_fill(env, p, &t, sink, true, e);
	if (ok) {
		out->tag = mem_printf(env->mem, "INSERT 0 %llu", (unsigned long long)colsink_rows(sink));
		temp_space_put(env->temp, &t, colsink_finish(sink));
	}
	colsink_free(sink);
	return ok;
}

/* ---- DROP TABLE ---- */

/* The temporary table of that name; NULL: e is set unless it may be missing. */
static const struct catalog_table *temp_to_drop(struct statement_env *env, const struct ast_object_name *o, bool if_exists,
												struct err *e)
{
	const char *schema = o->names.count > 1 ? o->names.items[o->names.count - 2] : NULL, *name = last_name(&o->names);
	const struct catalog_table *t = !schema || strcmp(schema, TEMP_SCHEMA) == 0 ? temp_find(env, name) : NULL;
	const struct guard *g;
	struct err why;

	if (t && t->kind == TABLE_TEMP)
		return t;
	err_clear(&why);
	if (t || authorize_table(env->snapshot, env->principal, schema, name, env->settings->text[SET_search_path], o->base.pos,
							 env->mem, &g, &why)) {
		bool view = t ? true : g->table && g->table->kind == TABLE_VIEW;

		err_at(e, o->base.pos, ERR_WRONG_OBJECT_TYPE, "\"%s\" is not a table", name);
		err_hint(e, "Use DROP %s to remove %s.", view ? "VIEW" : "FOREIGN TABLE", view ? "a view" : "a foreign table");
		return NULL;
	}
	if (if_exists)
		env->warn(env->warn_arg, ERR_WARNING, mem_printf(env->mem, "table \"%s\" does not exist, skipping", name));
	else
		err_at(e, o->base.pos, ERR_UNDEFINED_TABLE, "table \"%s\" does not exist", name);
	return NULL;
}

bool drop_temp_tables(struct statement_env *env, const struct ast_drop *a, struct statement_result *out, struct err *e)
{
	const struct catalog_table **list = mem_new_array(env->mem, const struct catalog_table *, a->objects.count + 1);
	const struct catalog_table **found = mem_new_array(env->mem, const struct catalog_table *, a->objects.count + 1), **readers;
	size_t n = 0, count;

	out->tag = "DROP TABLE";
	for (uint32_t i = 0; i < a->objects.count; i++) {
		list[i] = temp_to_drop(env, AST_AS(OBJECT_NAME, object_name, a->objects.items[i]), a->if_exists, e);
		if (err_is_set(e))
			return false;
	}
	for (uint32_t i = 0; i < a->objects.count; i++)
		if (list[i])
			found[n++] = list[i];
	if (!a->cascade && !statement_check_readers(env, found, n, a->base.pos, e))
		return false;
	readers = statement_readers(env, found, n, &count);
	for (size_t i = 0; i < count; i++) /* a temporary table is read by temporary views only */
		temp_space_drop(env->temp, readers[i]->name);
	for (size_t i = 0; i < n; i++)
		temp_space_drop(env->temp, found[i]->name);
	return true;
}
