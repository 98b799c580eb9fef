/* CREATE/ALTER FOREIGN TABLE, and the translation of a source's description of a table into ours. */
#include <string.h>

#include "engine/bind/bind.h"
#include "engine/statement/statement_int.h"

static const char *const column_options[] = {"column_name", "encoding", "nfc", "bad_value", NULL};

/* A name as users write it without quotes: ASCII letters in lower case. */
static const char *folded(struct mem *m, const char *name)
{
	char *s = mem_strdup(m, name);

	for (char *p = s; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	return s;
}

static int column_at(const struct catalog_table *t, const char *name)
{
	return catalog_find_column(t, name);
}

/* The names of unsupported columns go into one warning per table. */
static bool take_column(struct statement_env *env, struct catalog_table *t, struct catalog_column *columns,
						const struct source_column *s, const char *source_name)
{
	struct catalog_column *c = &columns[t->ncols];
	const char *name = folded(env->mem, s->name);

	if (!s->supported && !s->cast_to_text) {
		env->warn(env->warn_arg, ERR_WARNING,
				  mem_printf(env->mem, "column \"%s\" of \"%s\" is left out: its type %s has no exact counterpart", s->name,
							 source_name, s->remote_type));
		return false;
	}
	if (strlen(name) > PARSE_MAX_NAME || !*name) {
		env->warn(env->warn_arg, ERR_WARNING,
				  mem_printf(env->mem, "column \"%.40s…\" of \"%s\" is left out: its name is longer than %d bytes", s->name,
							 source_name, PARSE_MAX_NAME));
		return false;
	}
	if (column_at(t, name) >= 0)
		name = mem_strdup(env->mem, s->name);
	if (column_at(t, name) >= 0)
		return false;
	*c = (struct catalog_column){
		.number = t->ncols + 1,
		.name = name,
		.remote_name = mem_strdup(env->mem, s->name),
		.comment = s->comment && *s->comment ? mem_strdup(env->mem, s->comment) : NULL,
		.type = s->cast_to_text ? type_make(TYPE_TEXT) : s->type,
		.not_null = s->not_null,
		.key_position = s->key_position,
		.remote_type = mem_strdup(env->mem, s->remote_type),
		.collation = mem_strdup(env->mem, s->collation ? s->collation : ""),
		.text_equal_exact = s->text_equal_exact,
		.text_order_exact = s->text_order_exact,
		.is_unsigned = s->is_unsigned,
		.cast_to_text = s->cast_to_text,
		.distinct = -1,
	};
	t->ncols++;
	return true;
}

static int by_remote_name(const struct catalog_table *t, const char *remote)
{
	for (uint32_t i = 0; i < t->ncols; i++)
		if (strcmp(t->columns[i].remote_name, remote) == 0)
			return (int)i;
	return -1;
}

/* Keys over columns that all came along; NULL when one did not. */
static uint32_t *key_columns(struct mem *m, const struct catalog_table *t, const char *const *names, uint32_t n)
{
	uint32_t *cols = mem_new_array(m, uint32_t, n);

	for (uint32_t i = 0; i < n; i++) {
		int at = by_remote_name(t, names[i]);

		if (at < 0)
			return NULL;
		cols[i] = (uint32_t)at;
	}
	return cols;
}

static void take_keys(struct mem *m, struct catalog_table *t, const struct source_table *s)
{
	struct catalog_key *keys = mem_new_array(m, struct catalog_key, s->nindexes + s->nforeign_keys);

	t->nkeys = 0; /* an altered table had some */
	for (uint32_t i = 0; i < s->nindexes; i++) {
		const struct source_index *x = &s->indexes[i];
		uint32_t *cols = key_columns(m, t, x->cols, x->ncols);

		if (cols)
			keys[t->nkeys++] = (struct catalog_key){
				.name = mem_strdup(m, x->name ? x->name : ""),
				.kind = x->is_primary ? KEY_PRIMARY : x->is_unique ? KEY_UNIQUE : KEY_INDEX,
				.ncols = x->ncols,
				.cols = cols,
			};
	}
	for (uint32_t i = 0; i < s->nforeign_keys; i++) {
		const struct source_foreign_key *f = &s->foreign_keys[i];
		uint32_t *cols = key_columns(m, t, f->cols, f->ncols);

		if (cols)
			keys[t->nkeys++] = (struct catalog_key){
				.name = mem_strdup(m, f->name ? f->name : ""),
				.kind = KEY_FOREIGN,
				.ncols = f->ncols,
				.cols = cols,
				.ref_schema = f->ref_schema,
				.ref_table = f->ref_table,
				.ref_cols = f->ref_cols,
			};
	}
	t->keys = keys;
}

bool statement_table_from_source(struct statement_env *env, const struct catalog_server *server,
								 const struct source_table *source, const char *schema, struct catalog_table *out,
								 struct err *e)
{
	struct catalog_column *columns = mem_new_array(env->mem, struct catalog_column, source->ncols + 1);

	*out = (struct catalog_table){
		.schema = schema,
		.name = folded(env->mem, source->name),
		.comment = source->comment && *source->comment ? mem_strdup(env->mem, source->comment) : NULL,
		.kind = TABLE_FOREIGN,
		.server = server,
		.remote_schema = mem_strdup(env->mem, source->schema ? source->schema : ""),
		.remote_name = mem_strdup(env->mem, source->name),
		.remote_kind = mem_strdup(env->mem, source->kind ? source->kind : "table"),
		.rows = -1,
		.columns = columns,
	};
	for (uint32_t i = 0; i < source->ncols; i++)
		take_column(env, out, columns, &source->cols[i], source->name);
	if (out->ncols == 0)
		return err_set(e, ERR_FDW_INVALID_DATA_TYPE, "table \"%s\" of server \"%s\" has no column that can be imported",
					   source->name, server->name);
	take_keys(env->mem, out, source);
	return true;
}

static bool column_from_definition(struct statement_env *env, const struct ast_column_def *d, uint32_t number,
								   struct catalog_column *c, struct err *e)
{
	struct options none = {NULL, 0};

	*c = (struct catalog_column){.number = number, .name = d->name, .not_null = d->not_null, .distinct = -1};
	if (d->default_value)
		return err_at(e, d->base.pos, ERR_FEATURE_NOT_SUPPORTED, "DEFAULT of foreign columns is not supported");
	if (!bind_type(d->type, &c->type, e) ||
		!statement_options(env, &none, &d->options, column_options, "a column", &c->options, e))
		return false;
	c->remote_name = options_get(&c->options, "column_name");
	if (!c->remote_name)
		c->remote_name = d->name;
	c->remote_type = "";
	c->collation = "";
	return true;
}

/* What the source knows of the declared columns (collation, keys, signedness): asked when it answers. */
static void add_remote_facts(struct statement_env *env, struct catalog_table *t, struct catalog_column *columns)
{
	struct err why;
	struct conn *c;
	struct source_table **found = NULL;
	size_t n = 0;
	const char *remote_schema = *t->remote_schema ? t->remote_schema : NULL;
	const char *only[] = {t->remote_name};

	err_clear(&why);
	c = statement_connect(env, t->server, &why);
	if (c && conn_base(c)->connector->describe(c, env->mem, remote_schema, only, 1, &found, &n, &why) && n == 1) {
		for (uint32_t i = 0; i < found[0]->ncols; i++) {
			const struct source_column *s = &found[0]->cols[i];
			int at = by_remote_name(t, s->name);

			if (at < 0)
				continue;
			columns[at].remote_type = mem_strdup(env->mem, s->remote_type);
			columns[at].collation = mem_strdup(env->mem, s->collation ? s->collation : "");
			columns[at].text_equal_exact = s->text_equal_exact;
			columns[at].text_order_exact = s->text_order_exact;
			columns[at].is_unsigned = s->is_unsigned;
			columns[at].key_position = s->key_position;
			if (type_is_text(columns[at].type) && s->cast_to_text)
				columns[at].cast_to_text = true;
		}
		if (!*t->remote_schema && found[0]->schema)
			t->remote_schema = mem_strdup(env->mem, found[0]->schema);
		take_keys(env->mem, t, found[0]);
	} else {
		env->warn(env->warn_arg, ERR_WARNING,
				  mem_printf(env->mem, "table \"%s\" of server \"%s\" could not be examined, so less is sent to it%s%s",
							 t->remote_name, t->server->name, err_is_set(&why) ? ": " : "", why.message));
	}
	if (c)
		statement_disconnect(env, c);
}

bool run_create_foreign_table(struct statement_env *env, const struct ast *node, struct statement_result *out,
							  struct err *e)
{
	const struct ast_create_foreign_table *a = AST_AS(CREATE_FOREIGN_TABLE, create_foreign_table, node);
	const struct catalog_server *server = statement_server(env, a->server, node->pos, e);
	struct catalog_column *columns = mem_new_array(env->mem, struct catalog_column, a->columns.count + 1);
	struct catalog_table t = {.kind = TABLE_FOREIGN, .server = server, .rows = -1, .columns = columns, .remote_kind = "table"};
	struct options none = {NULL, 0};
	struct catalog_edit *x;

	(void)out;
	if (!server || !statement_object_name(env, &a->names, &t.schema, &t.name, e))
		return false;
	if (a->if_not_exists && catalog_find_table(env->snapshot, t.schema, t.name)) {
		env->warn(env->warn_arg, ERR_DUPLICATE_TABLE,
				  mem_printf(env->mem, "relation \"%s.%s\" already exists, skipping", t.schema, t.name));
		return true;
	}
	if (a->columns.count == 0)
		return err_at(e, node->pos, ERR_INVALID_TABLE_DEFINITION, "a foreign table needs a column");
	for (uint32_t i = 0; i < a->columns.count; i++)
		if (!column_from_definition(env, AST_AS(COLUMN_DEF, column_def, a->columns.items[i]), i + 1, &columns[t.ncols++], e))
			return false;
	if (!statement_options(env, &none, &a->options, NULL, "a foreign table", &t.options, e))
		return false;
	t.remote_schema = options_get(&t.options, "schema_name");
	t.remote_name = options_get(&t.options, "table_name");
	if (!t.remote_schema)
		t.remote_schema = "";
	if (!t.remote_name)
		t.remote_name = t.name;
	if (!catalog_find_table(env->snapshot, t.schema, t.name))
		add_remote_facts(env, &t, columns);
	if (!cancel_check(env->cancel, e))
		return false;
	x = catalog_begin(env->catalog, e);
	return x && statement_end_edit(x, catalog_create_table(x, &t, false, e), e);
}

/* The table to alter, with its columns copied so that they can be changed. */
static bool alter_column(struct statement_env *env, struct catalog_table *t, struct catalog_column *columns,
						 const struct ast_alter_action *a, struct err *e)
{
	int at = a->column ? catalog_find_column(t, a->column) : -1;

	if (a->action == AST_ALTER_ADD_COLUMN) {
		const struct ast_column_def *d = AST_AS(COLUMN_DEF, column_def, a->definition);
		uint32_t number = 0;

		if (catalog_find_column(t, d->name) >= 0)
			return err_at(e, a->base.pos, ERR_DUPLICATE_COLUMN, "column \"%s\" already exists", d->name);
		for (uint32_t i = 0; i < t->ncols; i++)
			number = columns[i].number > number ? columns[i].number : number;
		return column_from_definition(env, d, number + 1, &columns[t->ncols++], e);
	}
	if (at < 0) {
		if (a->if_exists)
			return true;
		return err_at(e, a->base.pos, ERR_UNDEFINED_COLUMN, "column \"%s\" of \"%s.%s\" does not exist", a->column, t->schema,
					  t->name);
	}
	switch (a->action) {
	case AST_ALTER_DROP_COLUMN:
		memmove(columns + at, columns + at + 1, (t->ncols - (uint32_t)at - 1) * sizeof *columns);
		t->ncols--;
		t->nkeys = 0; /* their column numbers have moved; ANALYZE or a new import brings them back */
		return true;
	case AST_ALTER_COLUMN_TYPE:
		columns[at].has_statistics = false;
		return bind_type(a->type, &columns[at].type, e);
	case AST_ALTER_SET_NOT_NULL:
		columns[at].not_null = true;
		return true;
	case AST_ALTER_DROP_NOT_NULL:
		columns[at].not_null = false;
		return true;
	case AST_ALTER_COLUMN_OPTIONS:
		if (!statement_options(env, &columns[at].options, &a->options, column_options, "a column", &columns[at].options, e))
			return false;
		if (options_get(&columns[at].options, "column_name"))
			columns[at].remote_name = options_get(&columns[at].options, "column_name");
		return true;
	case AST_ALTER_ADD_COLUMN:
	case AST_ALTER_OPTIONS:
	case AST_ALTER_OWNER:
		break;
	}
	UNREACHABLE();
}

bool run_alter_foreign_table(struct statement_env *env, const struct ast *node, struct statement_result *out,
							 struct err *e)
{
	const struct ast_alter_foreign_table *a = AST_AS(ALTER_FOREIGN_TABLE, alter_foreign_table, node);
	const struct catalog_table *old;
	struct catalog_column *columns;
	struct catalog_table t;
	const char *schema, *name;
	struct catalog_edit *x;

	(void)out;
	if (!statement_object_name(env, &a->names, &schema, &name, e))
		return false;
	old = catalog_find_table(env->snapshot, schema, name);
	if (!old || !authorize_sees_table(env->principal, old)) {
		if (a->if_exists)
			return true;
		return err_at(e, node->pos, ERR_UNDEFINED_TABLE, "relation \"%s.%s\" does not exist", schema, name);
	}
	if (old->kind != TABLE_FOREIGN)
		return err_at(e, node->pos, ERR_WRONG_OBJECT_TYPE, "\"%s.%s\" is not a foreign table", schema, name);
	t = *old;
	columns = mem_new_array(env->mem, struct catalog_column, old->ncols + a->actions.count);
	memcpy(columns, old->columns, old->ncols * sizeof *columns);
	t.columns = columns;
	for (uint32_t i = 0; i < a->actions.count; i++) {
		const struct ast_alter_action *action = AST_AS(ALTER_ACTION, alter_action, a->actions.items[i]);

		if (action->action == AST_ALTER_OWNER)
			return err_at(e, action->base.pos, ERR_FEATURE_NOT_SUPPORTED, "tables belong to their server's agency; OWNER TO is not supported");
		if (action->action == AST_ALTER_OPTIONS) {
			if (!statement_options(env, &t.options, &action->options, NULL, "a foreign table", &t.options, e))
				return false;
			if (options_get(&t.options, "schema_name"))
				t.remote_schema = options_get(&t.options, "schema_name");
			if (options_get(&t.options, "table_name"))
				t.remote_name = options_get(&t.options, "table_name");
		} else if (!alter_column(env, &t, columns, action, e)) {
			return false;
		}
	}
	add_remote_facts(env, &t, columns);
	x = catalog_begin(env->catalog, e);
	return x && statement_end_edit(x, catalog_alter_table(x, schema, name, &t, e), e);
}
