/* SET, RESET, SHOW, DESCRIBE: settings, and the listings that people type. */
#include <stdio.h>
#include <string.h>

#include "engine/statement/statement_int.h"
#include "engine/types/datetime.h"

/* What base can't check: names of zones, which are kept in their canonical form ('+07' means east to SET, and west to
 * the functions that read zones). */
static bool canonical_value(struct statement_env *env, const char *name, const char **value, struct err *e)
{
	struct strbuf b;
	bool ok;

	if (!cstr_eq_nocase(name, "timezone") || cstr_eq_nocase(*value, "default") || cstr_eq_nocase(*value, "local"))
		return true;
	strbuf_init(&b, 256);
	ok = zone_canonical(str_of(*value), &b);
	if (ok)
		*value = mem_strndup(env->mem, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return ok || err_set(e, ERR_INVALID_PARAMETER_VALUE, "there is no time zone \"%s\"", *value);
}

static bool value_text_of(struct statement_env *env, const struct ast_list *values, const char **out, struct err *e)
{
	struct strbuf b;

	strbuf_init(&b, 4096);
	for (uint32_t i = 0; i < values->count; i++) {
		const struct ast *v = values->items[i];

		if (v->kind != AST_LITERAL) {
			strbuf_release(&b);
			return err_at(e, v->pos, ERR_FEATURE_NOT_SUPPORTED, "SET takes plain values here");
		}
		if (i)
			strbuf_adds(&b, ", ");
		switch (AST_AS(LITERAL, literal, v)->type) {
		case AST_LITERAL_TRUE:
			strbuf_adds(&b, "on");
			break;
		case AST_LITERAL_FALSE:
			strbuf_adds(&b, "off");
			break;
		case AST_LITERAL_NULL:
		case AST_LITERAL_DEFAULT:
			strbuf_adds(&b, "default");
			break;
		case AST_LITERAL_INTEGER:
		case AST_LITERAL_NUMERIC:
		case AST_LITERAL_STRING:
		case AST_LITERAL_BIT:
		case AST_LITERAL_HEX_BIT:
			strbuf_add(&b, AST_AS(LITERAL, literal, v)->value.data, AST_AS(LITERAL, literal, v)->value.len);
			break;
		}
	}
	*out = mem_strndup(env->mem, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return true;
}

bool run_set(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_set *a = AST_AS(SET, set, node);
	const char *value = "default";

	(void)out;
	if (a->source == AST_SET_CURRENT)
		return true;
	if (a->source == AST_SET_VALUES && !value_text_of(env, &a->values, &value, e))
		return false;
	if (!canonical_value(env, a->name, &value, e))
		return false;
	if (setting_find(a->name) == SET_purpose && *value && strcmp(value, "default") != 0 &&
		!catalog_find_purpose(env->snapshot, value)) {
		err_set(e, ERR_INVALID_PARAMETER_VALUE, "there is no purpose \"%s\"", value);
		return err_hint(e, "SELECT * FROM hopluu.purposes lists them.");
	}
	return setting_set(env->settings, a->name, value, e);
}

bool run_reset(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_reset *a = AST_AS(RESET, reset, node);

	(void)out;
	if (a->name)
		return setting_set(env->settings, a->name, "default", e);
	settings_init(env->settings);
	return true;
}

static void columns(struct statement_env *env, struct statement_result *out, uint32_t n, const char *const *names)
{
	struct statement_column *cols = mem_new_array(env->mem, struct statement_column, n);

	for (uint32_t i = 0; i < n; i++)
		cols[i] = (struct statement_column){names[i], type_make(TYPE_TEXT)};
	out->cols = cols;
	out->ncols = n;
}

static bool show_setting(struct statement_env *env, const char *name, struct statement_result *out, struct err *e)
{
	int id = setting_find(name);
	const char *texts[1];

	if (id < 0) {
		/* setting_set has the wording and the hint for unknown names */
		struct settings scratch = *env->settings;

		return setting_set(&scratch, name, "default", e);
	}
	columns(env, out, 1, (const char *const[]){setting_infos[id].name});
	texts[0] = setting_text(env->settings, (enum setting_id)id, env->mem);
	statement_add_texts(env, out, texts);
	return true;
}

static void show_all(struct statement_env *env, struct statement_result *out)
{
	columns(env, out, 3, (const char *const[]){"name", "setting", "description"});
	for (int i = 0; i < SETTING_COUNT; i++) {
		const char *texts[] = {setting_infos[i].name, setting_text(env->settings, (enum setting_id)i, env->mem),
							   setting_infos[i].help};

		statement_add_texts(env, out, texts);
	}
}

static const char *number(struct statement_env *env, double d)
{
	return d < 0 ? NULL : mem_printf(env->mem, "%.0f", d);
}

static void show_servers(struct statement_env *env, struct statement_result *out)
{
	columns(env, out, 7, (const char *const[]){"server", "type", "agency", "product", "collation", "text_compare", "options"});
	for (size_t i = 0; i < env->snapshot->nservers; i++) {
		const struct catalog_server *s = env->snapshot->servers[i];
		struct source_facts f;
		struct strbuf options;
		const char *texts[7];

		if (!authorize_sees_server(env->principal, s))
			continue;
		facts_from_options(&f, &s->facts);
		strbuf_init(&options, 4096);
		for (size_t k = 0; k < s->options.count; k++)
			strbuf_addf(&options, "%s%s=%s", k ? ", " : "", s->options.list[k].name, s->options.list[k].value);
		texts[0] = s->name;
		texts[1] = s->type;
		texts[2] = *s->agency ? s->agency : NULL;
		texts[3] = s->facts.count ? mem_printf(env->mem, "%s %s", f.product, f.version) : NULL;
		texts[4] = s->facts.count && *f.collation ? mem_strdup(env->mem, f.collation) : NULL;
		texts[5] = !s->facts.count ? "not probed" : f.text_equal_exact ? (f.text_order_exact ? "exact" : "equality exact") : "inexact";
		texts[6] = mem_strndup(env->mem, strbuf_cstr(&options), options.len);
		strbuf_release(&options);
		statement_add_texts(env, out, texts);
	}
}

static void show_tables(struct statement_env *env, const char *schema, struct statement_result *out)
{
	columns(env, out, 6, (const char *const[]){"schema", "table", "kind", "server", "rows", "comment"});
	for (size_t i = 0; i < env->snapshot->nschemas; i++) {
		const struct catalog_schema *s = env->snapshot->schemas[i];

		if ((schema && strcmp(schema, s->name) != 0) || !authorize_sees_schema(env->principal, s))
			continue;
		for (size_t k = 0; k < s->ntables; k++) {
			const struct catalog_table *t = s->tables[k];
			const char *texts[] = {t->schema, t->name, t->kind == TABLE_VIEW ? "view" : t->kind == TABLE_TEMP ? "temporary table" : "foreign table",
								   authorize_sees_server(env->principal, t->server) ? t->server->name : NULL, number(env, authorize_sees_counts(env->principal, t) ? t->rows : -1), t->comment};

			if (authorize_sees_table(env->principal, t))
				statement_add_texts(env, out, texts);
		}
	}
}

static void show_memory(struct statement_env *env, struct statement_result *out)
{
	columns(env, out, 4, (const char *const[]){"node", "used", "peak", "limit"});
	for (struct mem *m = env->mem; m; m = mem_parent(m)) {
		struct mem_stats s;
		const char *texts[4];

		mem_stats(m, &s);
		texts[0] = mem_strdup(env->mem, s.label);
		texts[1] = mem_printf(env->mem, "%zu", s.used);
		texts[2] = mem_printf(env->mem, "%zu", s.peak);
		texts[3] = s.limit ? mem_printf(env->mem, "%zu", s.limit) : NULL;
		statement_add_texts(env, out, texts);
	}
}

bool run_show(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_show *a = AST_AS(SHOW, show, node);

	switch (a->type) {
	case AST_SHOW_SETTING:
		return show_setting(env, a->name, out, e);
	case AST_SHOW_ALL:
		show_all(env, out);
		return true;
	case AST_SHOW_SERVERS:
		show_servers(env, out);
		return true;
	case AST_SHOW_TABLES: {
		const struct catalog_schema *s = a->schema ? catalog_find_schema(env->snapshot, a->schema) : NULL;

		if (a->schema && (!s || !authorize_sees_schema(env->principal, s)))
			return err_at(e, node->pos, ERR_UNDEFINED_SCHEMA, "schema \"%s\" does not exist", a->schema);
		show_tables(env, a->schema, out);
		return true;
	}
	case AST_SHOW_MEMORY:
		show_memory(env, out);
		return true;
	}
	UNREACHABLE();
}

static const char *key_text(const struct catalog_table *t, uint32_t column)
{
	for (uint32_t i = 0; i < t->nkeys; i++)
		for (uint32_t k = 0; k < t->keys[i].ncols; k++)
			if (t->keys[i].cols[k] == column)
				return t->keys[i].kind == KEY_PRIMARY ? "primary" : t->keys[i].kind == KEY_UNIQUE ? "unique"
					   : t->keys[i].kind == KEY_FOREIGN								  ? "foreign"
																					  : "index";
	return t->columns[column].key_position > 0 ? "primary" : NULL;
}

static void describe_virtual(struct statement_env *env, const struct virtual_table *t, struct statement_result *out)
{
	for (uint32_t i = 0; i < t->ncols; i++) {
		const char *texts[] = {t->cols[i].name, type_name(t->cols[i].type, env->mem), NULL, NULL, NULL, NULL};

		statement_add_texts(env, out, texts);
	}
}

bool run_describe(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_describe *a = AST_AS(DESCRIBE, describe, node);
	const struct guard *g;
	const struct catalog_table *t;
	uint32_t n = a->names.count;

	if (n > 2)
		return err_at(e, node->pos, ERR_SYNTAX_ERROR, "a relation is named as schema.relation here");
	if (!authorize_table(env->snapshot, env->principal, n == 2 ? a->names.items[0] : NULL, a->names.items[n - 1],
						 env->settings->text[SET_search_path], node->pos, env->mem, &g, e))
		return false;
	columns(env, out, 6, (const char *const[]){"column", "type", "nullable", "key", "remote_type", "comment"});
	if (g->virtual_table) {
		describe_virtual(env, g->virtual_table, out);
		return true;
	}
	t = g->table;
	for (uint32_t i = 0; i < t->ncols; i++) {
		const struct catalog_column *c = &t->columns[i];
		const char *texts[] = {c->name, type_name(c->type, env->mem), c->not_null ? "not null" : "", key_text(t, i),
							   c->remote_type && *c->remote_type ? c->remote_type : NULL, c->comment};

		if (authorize_sees_column(env->principal, t, i))
			statement_add_texts(env, out, texts);
	}
	return true;
}
