/*
 * Which views read a relation: found in their texts, by the names in FROM as the view's search path resolves them.
 * DROP asks here; nothing is stored.
 */
#include <stdio.h>
#include <string.h>

#include "engine/statement/statement_int.h"
#include "engine/statement/temp_space.h"

struct search {
	struct statement_env *env;
	const struct catalog_table *view, *target;
	bool found;
};

static bool cte_named(struct ast *node, void *arg)
{
	const char *name = arg;

	if (node->kind == AST_CTE && strcmp(AST_AS(CTE, cte, node)->name, name) == 0)
		return false;
	return ast_children(node, cte_named, arg);
}

/* What a plain name stands for in the view. */
static const struct catalog_table *by_path(const struct search *s, const char *name)
{
	const char *p = s->view->view_search_path ? s->view->view_search_path : "";
	const struct catalog_table *t = catalog_find_table(s->env->snapshot, TEMP_SCHEMA, name);

	while (!t && *p) {
		size_t len = strcspn(p, ",");
		struct str one = {p, len};
		char schema[128];

		while (one.len && (*one.data == ' ' || *one.data == '"'))
			one.data++, one.len--;
		while (one.len && (one.data[one.len - 1] == ' ' || one.data[one.len - 1] == '"'))
			one.len--;
		snprintf(schema, sizeof schema, "%.*s", (int)one.len, one.data);
		t = catalog_find_table(s->env->snapshot, schema, name);
		p += len + (p[len] == ',');
	}
	return t;
}

static bool look(struct ast *node, void *arg)
{
	struct search *s = arg;

	if (node->kind == AST_TABLE_REF) {
		const struct ast_names *n = &AST_AS(TABLE_REF, table_ref, node)->names;
		const char *name = n->items[n->count - 1];

		if (strcmp(name, s->target->name) == 0 &&
			(n->count > 1 ? strcmp(n->items[n->count - 2], s->target->schema) == 0 : by_path(s, name) == s->target))
			s->found = true;
	}
	return !s->found && ast_children(node, look, arg);
}

static bool view_reads(struct statement_env *env, const struct catalog_table *view, const struct catalog_table *target)
{
	struct search s = {env, view, target, false};
	struct parse_result parsed;
	struct err ignored;

	err_clear(&ignored);
	if (!parse_sql(env->mem, str_of(view->view_sql), &parsed, &ignored) || parsed.count != 1)
		return false;
	if (!cte_named(parsed.statements[0].node, (void *)target->name))
		return false; /* the name is most likely the query's own */
	(void)look(parsed.statements[0].node, &s);
	return s.found;
}

static bool in_list(const struct catalog_table *const *list, size_t n, const struct catalog_table *t)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == t)
			return true;
	return false;
}

const struct catalog_table **statement_readers(struct statement_env *env, const struct catalog_table *const *targets,
											   size_t ntargets, size_t *count)
{
	const struct catalog_table **list = mem_new_array(env->mem, const struct catalog_table *, ntargets + 1);
	size_t n = ntargets, cap = ntargets + 1;

	if (ntargets)
		memcpy(list, targets, ntargets * sizeof *targets);
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < env->snapshot->nschemas; i++)
			for (size_t j = 0; j < env->snapshot->schemas[i]->ntables; j++) {
				const struct catalog_table *v = env->snapshot->schemas[i]->tables[j];
				if (v->kind == TABLE_VIEW && !in_list(list, n, v) && view_reads(env, v, list[k]))
					MEM_PUSH(env->mem, list, n, cap, v);
			}
	*count = n - ntargets;
	return list + ntargets;
}

bool statement_check_readers(struct statement_env *env, const struct catalog_table *const *targets, size_t ntargets,
							 int pos, struct err *e)
{
	size_t n;
	const struct catalog_table **readers = statement_readers(env, targets, ntargets, &n);

	if (!n)
		return true;
	err_at(e, pos, ERR_DEPENDENT_OBJECTS, "cannot drop %s %s because other objects depend on it",
		   targets[0]->kind == TABLE_VIEW ? "view" : targets[0]->kind == TABLE_TEMP ? "table" : "foreign table", targets[0]->name);
	err_detail(e, "view %s depends on it", readers[0]->name);
	return err_hint(e, "Use DROP ... CASCADE to drop the dependent objects too.");
}
