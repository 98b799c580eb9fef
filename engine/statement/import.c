/* IMPORT FOREIGN SCHEMA and ANALYZE: what sources tell about their tables comes into the catalog. */
#include <string.h>

#include "engine/base/clock.h"
#include "engine/statement/statement_int.h"
#include "engine/statement/temp_space.h"

static bool listed(const struct ast_names *names, const char *name)
{
	for (uint32_t i = 0; i < names->count; i++)
		if (cstr_eq_nocase(names->items[i], name))
			return true;
	return false;
}

/* LIMIT TO names that the source hasn't. */
static bool all_found(const struct ast_import_foreign_schema *a, struct source_table *const *tables, size_t n, struct err *e)
{
	for (uint32_t i = 0; i < a->tables.count; i++) {
		bool found = false;

		for (size_t k = 0; k < n && !found; k++)
			found = cstr_eq_nocase(tables[k]->name, a->tables.items[i]);
		if (!found)
			return err_at(e, a->base.pos, ERR_FDW_TABLE_NOT_FOUND, "server \"%s\" has no table \"%s\" in schema \"%s\"", a->server,
						  a->tables.items[i], a->remote_schema);
	}
	return true;
}

/* What the source says (or a sample shows) of the table's size and its columns' values. */
static bool take_statistics(struct statement_env *env, struct conn *c, const struct source_table *source,
							struct catalog_table *t, struct err *e)
{
	struct source_statistics s;

	memset(&s, 0, sizeof s);
	if (!conn_base(c)->connector->statistics(c, env->mem, source, &s, e))
		return false;
	t->rows = s.rows;
	t->analyzed_at = clock_wall_us();
	for (uint32_t i = 0; i < source->ncols && s.cols; i++)
		for (uint32_t k = 0; k < t->ncols; k++) {
			struct catalog_column *col = (struct catalog_column *)&t->columns[k];

			if (strcmp(col->remote_name, source->cols[i].name) != 0 || !s.cols[i].known)
				continue;
			col->has_statistics = true;
			col->null_fraction = s.cols[i].null_fraction;
			col->distinct = s.cols[i].distinct;
			col->width = s.cols[i].width;
			col->min = s.cols[i].min;
			col->max = s.cols[i].max;
		}
	return true;
}

static bool describe(struct statement_env *env, const struct catalog_server *server,
					 const struct ast_import_foreign_schema *a, struct catalog_table **tables, size_t *count, struct err *e)
{
	struct conn *c = statement_connect(env, server, e);
	struct source_table **found = NULL;
	size_t n = 0, kept = 0;
	bool ok;

	if (!c)
		return false;
	ok = conn_base(c)->connector->describe(c, env->mem, a->remote_schema, NULL, 0, &found, &n, e) &&
		 (a->filter != AST_IMPORT_LIMIT || all_found(a, found, n, e));
	*tables = mem_new_array(env->mem, struct catalog_table, n + 1);
	for (size_t i = 0; ok && i < n; i++) {
		struct err why;
		struct catalog_table *t = &(*tables)[kept];

		if ((a->filter == AST_IMPORT_LIMIT && !listed(&a->tables, found[i]->name)) ||
			(a->filter == AST_IMPORT_EXCEPT && listed(&a->tables, found[i]->name)))
			continue;
		err_clear(&why);
		if (strlen(found[i]->name) > PARSE_MAX_NAME || !statement_table_from_source(env, server, found[i], a->into, t, &why)) {
			env->warn(env->warn_arg, ERR_WARNING,
					  mem_printf(env->mem, "table \"%.80s\" is left out: %s", found[i]->name,
								 err_is_set(&why) ? why.message : "its name is longer than 63 bytes"));
			continue;
		}
		/* a view may take for ever to read: only ANALYZE does. Missing statistics are no reason to leave a table out. */
		err_clear(&why);
		if (strcmp(found[i]->kind, "view") == 0 || !take_statistics(env, c, found[i], t, &why))
			t->rows = -1;
		kept++;
		ok = cancel_check(env->cancel, e) && mem_check(env->mem, e);
	}
	statement_disconnect(env, c);
	*count = kept;
	return ok;
}

bool run_import(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_import_foreign_schema *a = AST_AS(IMPORT_FOREIGN_SCHEMA, import_foreign_schema, node);
	const struct catalog_server *server = statement_server(env, a->server, node->pos, e);
	struct catalog_table *tables;
	struct catalog_edit *x;
	size_t n;
	bool ok = true;

	if (!server)
		return false;
	if (!catalog_find_schema(env->snapshot, a->into))
		return err_at(e, node->pos, ERR_UNDEFINED_SCHEMA, "schema \"%s\" does not exist", a->into);
	if (!describe(env, server, a, &tables, &n, e))
		return false;
	if (n == 0)
		env->warn(env->warn_arg, ERR_FDW_SCHEMA_NOT_FOUND,
				  mem_printf(env->mem, "server \"%s\" shows no tables in schema \"%s\"", a->server, a->remote_schema));
	x = catalog_begin(env->catalog, e);
	for (size_t i = 0; x && ok && i < n; i++)
		ok = catalog_create_table(x, &tables[i], false, e);
	out->tag = "IMPORT FOREIGN SCHEMA";
	return x && statement_end_edit(x, ok, e);
}

/* The catalog's table as the connectors name it. */
static struct source_table *as_source_table(struct mem *m, const struct catalog_table *t)
{
	struct source_table *s = mem_new_object(m, struct source_table);

	s->schema = *t->remote_schema ? t->remote_schema : NULL;
	s->name = t->remote_name;
	s->kind = t->remote_kind;
	s->ncols = t->ncols;
	s->cols = mem_new_array(m, struct source_column, t->ncols);
	for (uint32_t i = 0; i < t->ncols; i++) {
		const struct catalog_column *c = &t->columns[i];

		s->cols[i] = (struct source_column){
			.name = c->remote_name,
			.remote_type = c->remote_type,
			.supported = true,
			.cast_to_text = c->cast_to_text,
			.type = c->type,
			.not_null = c->not_null,
			.collation = c->collation,
			.text_equal_exact = c->text_equal_exact,
			.text_order_exact = c->text_order_exact,
			.is_unsigned = c->is_unsigned,
			.key_position = c->key_position,
		};
	}
	return s;
}

static bool analyze_table(struct statement_env *env, const struct catalog_table *old, struct err *e)
{
	struct conn *c = statement_connect(env, old->server, e);
	struct catalog_table t = *old;
	struct catalog_column *columns = mem_new_array(env->mem, struct catalog_column, old->ncols);
	struct source_table *source = as_source_table(env->mem, old);
	struct catalog_edit *x;
	bool ok;

	if (!c)
		return false;
	memcpy(columns, old->columns, old->ncols * sizeof *columns);
	t.columns = columns;
	ok = take_statistics(env, c, source, &t, e);
	statement_disconnect(env, c);
	if (!ok)
		return false;
	x = catalog_begin(env->catalog, e);
	return x && statement_end_edit(x, catalog_alter_table(x, t.schema, t.name, &t, e), e);
}

/* One table that fails among many is a warning; one that was named is an error. */
static bool analyze_or_warn(struct statement_env *env, const struct catalog_table *t, struct err *e)
{
	struct err why;

	if (t->kind != TABLE_FOREIGN || !authorize_sees_table(env->principal, t))
		return true;
	err_clear(&why);
	if (!analyze_table(env, t, &why)) {
		if (!cancel_check(env->cancel, e))
			return false;
		env->warn(env->warn_arg, why.code, mem_printf(env->mem, "\"%s.%s\" was not analyzed: %s", t->schema, t->name, why.message));
	}
	return true;
}

static bool analyze_schema(struct statement_env *env, const struct catalog_schema *s, struct err *e)
{
	for (size_t i = 0; i < s->ntables; i++)
		if (!analyze_or_warn(env, s->tables[i], e))
			return false;
	return true;
}

bool run_analyze(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_analyze *a = AST_AS(ANALYZE, analyze, node);

	(void)out;
	for (uint32_t i = 0; i < a->targets.count; i++) {
		const struct ast_analyze_target *target = AST_AS(ANALYZE_TARGET, analyze_target, a->targets.items[i]);
		const struct catalog_table *t;
		const char *schema, *name;

		if (target->names.count == 1 || strcmp(target->names.items[0], TEMP_SCHEMA) == 0) {
			t = catalog_find_table(env->snapshot, TEMP_SCHEMA, target->names.items[target->names.count - 1]);
			if (t && t->kind == TABLE_TEMP)
				continue; /* known exactly, always */
		}
		if (!authorize_command(env->principal, COMMAND_DEFINE, "ANALYZE", e) ||
			!statement_object_name(env, &target->names, &schema, &name, e))
			return false;
		t = catalog_find_table(env->snapshot, schema, name);
		if (!t || !authorize_sees_table(env->principal, t))
			return err_at(e, target->base.pos, ERR_UNDEFINED_TABLE, "relation \"%s.%s\" does not exist", schema, name);
		if (t->kind != TABLE_FOREIGN)
			return err_at(e, target->base.pos, ERR_WRONG_OBJECT_TYPE, "\"%s.%s\" is a view: only tables are analyzed", schema, name);
		if (!analyze_table(env, t, e))
			return false;
	}
	if (a->targets.count == 0 && !authorize_command(env->principal, COMMAND_DEFINE, "ANALYZE", e))
		return false;
	for (size_t i = 0; a->targets.count == 0 && i < env->snapshot->nschemas; i++)
		if (!analyze_schema(env, env->snapshot->schemas[i], e))
			return false;
	return true;
}
