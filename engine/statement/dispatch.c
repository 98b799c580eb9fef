/*
 * From a parsed statement to its handler: the table of statements.def, the permission of its class, and what
 * several statement files share (result rows, option lists, object names).
 */
#include <stdio.h>
#include <string.h>

#include "engine/statement/statement_int.h"

typedef bool handler(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e);

static const struct {
	enum ast_kind kind;
	const char *tag;
	enum command_class class;
	handler *run;
} statements[] = {
#define STATEMENT(kind, tag, class, run) {AST_##kind, tag, class, run},
#include "engine/statement/statements.def"
#undef STATEMENT
};

static int find(enum ast_kind kind)
{
	for (size_t i = 0; i < ARRAY_LEN(statements); i++)
		if (statements[i].kind == kind)
			return (int)i;
	return -1;
}

const char *statement_tag(const struct ast *node)
{
	int i = find(node->kind);

	if (node->kind == AST_UNSUPPORTED)
		return AST_AS(UNSUPPORTED, unsupported, node)->name;
	return i >= 0 ? statements[i].tag : ast_kind_name(node->kind);
}

/* "create_table_as" → "CREATE TABLE AS" */
static const char *spelled(const char *name, struct mem *m)
{
	char *s = mem_strdup(m, name);

	for (char *p = s; *p; p++)
		*p = *p == '_' ? ' ' : (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
	return s;
}

bool statement_run(struct statement_env *env, const struct parse_statement *s, struct statement_result *out,
				   struct err *e)
{
	int i = find(s->node->kind);

	memset(out, 0, sizeof *out);
	if (i < 0) {
		err_at(e, s->node->pos, ERR_FEATURE_NOT_SUPPORTED, "%s is not supported",
			   s->node->kind == AST_UNSUPPORTED ? statement_tag(s->node) : spelled(ast_kind_name(s->node->kind), env->mem));
		return err_detail(e, "Sources are read only: queries, definitions of the catalog and settings can be run.");
	}
	if (!authorize_command(env->principal, statements[i].class, statements[i].tag, e))
		return false;
	out->tag = statements[i].kind == AST_QUERY ? NULL : statements[i].tag;
	return statements[i].run(env, s->node, out, e);
}

void statement_add_row(struct statement_env *env, struct statement_result *r, const struct value *values)
{
	struct value *row = mem_new_array(env->mem, struct value, r->ncols);

	for (uint32_t i = 0; i < r->ncols; i++)
		row[i] = value_copy(env->mem, &values[i]);
	MEM_PUSH(env->mem, r->rows, r->nrows, r->cap, row);
}

void statement_add_texts(struct statement_env *env, struct statement_result *r, const char *const *texts)
{
	struct value *row = mem_new_array(env->mem, struct value, r->ncols);

	for (uint32_t i = 0; i < r->ncols; i++)
		row[i] = texts[i] ? value_text(env->mem, str_of(texts[i])) : value_null(type_make(TYPE_TEXT));
	MEM_PUSH(env->mem, r->rows, r->nrows, r->cap, row);
}

static int find_option(const struct option *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return (int)i;
	return -1;
}

static bool option_is_known(struct statement_env *env, const char *const *known, const char *name, const char *owner,
							int pos, struct err *e)
{
	struct strbuf names;
	const char *nearest = NULL;
	int best = 4;

	if (!known)
		return true;
	strbuf_init(&names, 400);
	for (size_t i = 0; known[i]; i++) {
		int d = str_distance(known[i], name, 3);

		if (strcmp(known[i], name) == 0) {
			strbuf_release(&names);
			return true;
		}
		if (d < best) {
			best = d;
			nearest = known[i];
		}
		strbuf_addf(&names, "%s%s", i ? ", " : "", known[i]);
	}
	err_at(e, pos, ERR_FDW_INVALID_OPTION, "%s has no option \"%s\"", owner, name);
	if (nearest)
		err_hint(e, "Perhaps you meant \"%s\". Valid options: %s.", nearest, strbuf_cstr(&names));
	else
		err_hint(e, "Valid options: %s.", names.len ? strbuf_cstr(&names) : "none");
	strbuf_release(&names);
	(void)env;
	return false;
}

bool statement_options(struct statement_env *env, const struct options *old, const struct ast_list *changes,
					   const char *const *known, const char *owner, struct options *out, struct err *e)
{
	struct option *list = mem_new_array(env->mem, struct option, old->count + changes->count);
	size_t n = old->count;

	if (n)
		memcpy(list, old->list, n * sizeof *list);
	for (uint32_t i = 0; i < changes->count; i++) {
		const struct ast_option *o = AST_AS(OPTION, option, changes->items[i]);
		int at = find_option(list, n, o->name);

		if (o->action == AST_OPTION_DROP || o->action == AST_OPTION_SET) {
			if (at < 0)
				return err_at(e, o->base.pos, ERR_UNDEFINED_OBJECT, "option \"%s\" is not set", o->name);
			if (o->action == AST_OPTION_SET) {
				list[at].value = mem_strdup(env->mem, o->value ? o->value : "");
			} else {
				memmove(list + at, list + at + 1, (n - (size_t)at - 1) * sizeof *list);
				n--;
			}
			continue;
		}
		if (at >= 0)
			return err_at(e, o->base.pos, ERR_DUPLICATE_OBJECT, "option \"%s\" is already set", o->name);
		if (!option_is_known(env, known, o->name, owner, o->base.pos, e))
			return false;
		list[n].name = mem_strdup(env->mem, o->name);
		list[n++].value = mem_strdup(env->mem, o->value ? o->value : "");
	}
	*out = (struct options){list, n};
	return true;
}

/* The first schema of the search path that exists. */
static const char *default_schema(struct statement_env *env)
{
	const char *p = env->settings->text[SET_search_path];

	while (*p) {
		size_t len = strcspn(p, ",");
		struct str s = {p, len};
		char name[128];

		while (s.len && (*s.data == ' ' || *s.data == '"'))
			s.data++, s.len--;
		while (s.len && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '"'))
			s.len--;
		snprintf(name, sizeof name, "%.*s", (int)s.len, s.data);
		if (catalog_find_schema(env->snapshot, name))
			return mem_strdup(env->mem, name);
		p += len + (p[len] == ',');
	}
	return "public";
}

bool statement_object_name(struct statement_env *env, const struct ast_names *names, const char **schema,
						   const char **name, struct err *e)
{
	if (names->count > 2)
		return err_set(e, ERR_SYNTAX_ERROR, "a relation is named as schema.relation here");
	*name = names->items[names->count - 1];
	*schema = names->count == 2 ? names->items[0] : default_schema(env);
	return true;
}
