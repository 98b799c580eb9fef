/*
 * GRANT and REVOKE … UNDER an agreement. The columns of a grant are written out when it is made, so that none which comes
 * later is in it; a sensitive column is in it only when it is named. Row conditions and masks are bound before they
 * are kept.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/bind/bind.h"
#include "engine/statement/sharing.h"
#include "engine/statement/statement_int.h"

struct targets {
	const struct catalog_table **tables;
	size_t n, cap;
};

static bool add_target(struct statement_env *env, const struct catalog_agreement *a, const struct ast *node, struct targets *out,
					   struct err *e)
{
	const struct ast_object_name *o = AST_AS(OBJECT_NAME, object_name, node);
	const struct catalog_table *t;
	const char *schema, *name;

	if (!statement_object_name(env, &o->names, &schema, &name, e))
		return false;
	t = catalog_find_table(env->snapshot, schema, name);
	if (!t || !authorize_sees_table(env->principal, t))
		return err_at(e, node->pos, ERR_UNDEFINED_TABLE, "relation \"%s.%s\" does not exist", schema, name);
	if (strcmp(catalog_table_agency(t), a->provider) != 0) {
		err_at(e, node->pos, ERR_INSUFFICIENT_PRIVILEGE, "\"%s.%s\" is not of agency \"%s\"", schema, name, a->provider);
		return err_hint(e, "An agreement shares what its provider owns: the tables of its servers, and its views.");
	}
	MEM_PUSH(env->mem, out->tables, out->n, out->cap, t);
	return true;
}

/* The tables named, or those of the schema that the provider owns. */
static bool find_targets(struct statement_env *env, const struct catalog_agreement *a, const struct ast_list *tables,
						 const char *schema, int pos, struct targets *out, struct err *e)
{
	const struct catalog_schema *s = schema ? catalog_find_schema(env->snapshot, schema) : NULL;

	memset(out, 0, sizeof *out);
	for (uint32_t i = 0; i < tables->count; i++)
		if (!add_target(env, a, tables->items[i], out, e))
			return false;
	if (!schema)
		return true;
	if (!s || !authorize_sees_schema(env->principal, s))
		return err_at(e, pos, ERR_UNDEFINED_SCHEMA, "schema \"%s\" does not exist", schema);
	for (size_t i = 0; i < s->ntables; i++)
		if (strcmp(catalog_table_agency(s->tables[i]), a->provider) == 0)
			MEM_PUSH(env->mem, out->tables, out->n, out->cap, s->tables[i]);
	return out->n || err_at(e, pos, ERR_UNDEFINED_TABLE, "schema \"%s\" has no tables of agency \"%s\"", schema, a->provider);
}

static bool is_named(const struct ast_names *names, const char *name)
{
	for (uint32_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], name) == 0)
			return true;
	return false;
}

static const struct ast_grant_mask *find_mask(const struct ast_grant *a, const char *column)
{
	for (uint32_t i = 0; i < a->masks.count; i++)
		if (strcmp(AST_AS(GRANT_MASK, grant_mask, a->masks.items[i])->column, column) == 0)
			return AST_AS(GRANT_MASK, grant_mask, a->masks.items[i]);
	return NULL;
}

static bool is_sensitive(const struct catalog_column *c)
{
	return c->element && c->element->sensitivity == SENSITIVITY_SENSITIVE;
}

static bool check_names(const struct catalog_table *t, const struct ast_grant *a, int pos, struct err *e)
{
	for (uint32_t i = 0; i < a->columns.count; i++)
		if (catalog_find_column(t, a->columns.items[i]) < 0)
			return err_at(e, pos, ERR_UNDEFINED_COLUMN, "column \"%s\" of \"%s.%s\" does not exist", a->columns.items[i], t->schema,
						  t->name);
	for (uint32_t i = 0; i < a->masks.count; i++) {
		const struct ast_grant_mask *m = AST_AS(GRANT_MASK, grant_mask, a->masks.items[i]);

		if (catalog_find_column(t, m->column) < 0 || (a->columns.count && !is_named(&a->columns, m->column)))
			return err_at(e, m->base.pos, ERR_UNDEFINED_COLUMN, "the masked column \"%s\" is not among those granted of \"%s.%s\"",
						  m->column, t->schema, t->name);
	}
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct catalog_grant_column *)a)->name, ((const struct catalog_grant_column *)b)->name);
}

static const char *text_of(struct statement_env *env, struct str s)
{
	return s.data ? mem_strndup(env->mem, s.data, s.len) : NULL;
}

/* Names the sensitive columns that a grant of all columns leaves out. */
static void tell_left_out(struct statement_env *env, const struct catalog_table *t, const char *names)
{
	if (names)
		env->warn(env->warn_arg, ERR_WARNING, mem_printf(env->mem, "sensitive columns of \"%s.%s\" are in the grant only when they are named: %s",
														t->schema, t->name, names));
}

static bool columns_of(struct statement_env *env, const struct catalog_table *t, const struct ast_grant *a,
					   struct catalog_grant *g, int pos, struct err *e)
{
	struct catalog_grant_column *cols = mem_new_array(env->mem, struct catalog_grant_column, t->ncols + 1);
	const char *left_out = NULL;

	if (!check_names(t, a, pos, e))
		return false;
	for (uint32_t i = 0; i < t->ncols; i++) {
		const struct catalog_column *c = &t->columns[i];
		const struct ast_grant_mask *m = find_mask(a, c->name);

		if (a->columns.count && !is_named(&a->columns, c->name))
			continue;
		if (!a->columns.count && !m && is_sensitive(c)) {
			left_out = left_out ? mem_printf(env->mem, "%s, %s", left_out, c->name) : c->name;
			continue;
		}
		cols[g->ncols++] = (struct catalog_grant_column){c->name, m ? text_of(env, m->text) : NULL};
	}
	tell_left_out(env, t, left_out);
	qsort(cols, g->ncols, sizeof *cols, by_name);
	g->cols = cols;
	return g->ncols || err_at(e, pos, ERR_UNDEFINED_COLUMN, "nothing of \"%s.%s\" is left to grant", t->schema, t->name);
}

/* '08:00' → minutes of the day; '24:00' is the day's end. */
static bool read_hour(const char *s, int *out)
{
	int h = 0, m = 0, n = 0;

	if (sscanf(s, "%2d:%2d%n", &h, &m, &n) != 2 || s[n] || h < 0 || h > 24 || m < 0 || m > 59 || (h == 24 && m))
		return false;
	*out = h * 60 + m;
	return true;
}

static bool limits_of(const struct ast_grant *a, struct catalog_grant *g, int pos, struct err *e)
{
	g->minimum = a->minimum ? a->minimum : a->aggregate_only ? 1 : 0;
	g->max_rows = a->max_rows;
	g->hours_from = g->hours_until = -1;
	if (a->compare_raw)
		return err_at(e, pos, ERR_FEATURE_NOT_SUPPORTED, "COMPARE RAW is not supported: comparisons see what the masks leave");
	if (!a->hours_from)
		return true;
	if (read_hour(a->hours_from, &g->hours_from) && read_hour(a->hours_until, &g->hours_until) && g->hours_from != g->hours_until)
		return true;
	err_at(e, pos, ERR_INVALID_PARAMETER_VALUE, "WITHIN HOURS takes two different times of the day");
	return err_hint(e, "For example WITHIN HOURS '07:30' TO '17:00'; they count in the national time zone, UTC+7.");
}

/* MINIMUM counts people, so the column that tells them apart is in the grant (there it is counted, not shown). */
static bool counts_people(const struct catalog_table *t, const struct catalog_grant *g, int pos, struct err *e)
{
	for (uint32_t i = 0; i < t->ncols && g->minimum; i++) {
		bool granted = !t->columns[i].element || !t->columns[i].element->is_person;

		for (size_t k = 0; k < g->ncols && !granted; k++)
			granted = strcmp(g->cols[k].name, t->columns[i].name) == 0;
		if (!granted) {
			err_at(e, pos, ERR_INVALID_PARAMETER_VALUE, "column \"%s\" of \"%s.%s\" identifies people and is not granted", t->columns[i].name,
				   t->schema, t->name);
			return err_hint(e, "AGGREGATE ONLY counts people by it; no row of it leaves. It can be masked WITH mask_hash(%s).", t->columns[i].name);
		}
	}
	return true;
}

/* Row condition and masks as the guard will bind them. */
static bool check_rules(struct statement_env *env, const struct catalog_table *t, const struct catalog_grant *g, struct err *e)
{
	struct bind_context *c = statement_bind_context(env);
	const char **masks = mem_new_array(env->mem, const char *, t->ncols + 1);
	struct guard guard = {.table = t, .row_condition = g->row_condition, .max_rows = -1};

	for (uint32_t i = 0; i < t->ncols; i++)
		masks[i] = NULL;
	for (size_t i = 0; i < g->ncols; i++)
		if (g->cols[i].mask) {
			masks[catalog_find_column(t, g->cols[i].name)] = g->cols[i].mask;
			guard.masks = masks;
		}
	c->shows_rules = true;
	c->nparams = 0;
	if (bind_guard(c, &guard, env->mem, e))
		return true;
	return err_context(e, "in the row condition or a mask on %s.%s", t->schema, t->name);
}

bool grant_apply(struct statement_env *env, struct catalog_edit *x, const struct ast *node, struct err *e)
{
	const struct ast_grant *a = AST_AS(GRANT, grant, node);
	const struct catalog_agreement *agreement = sharing_agreement(env, a->agreement, "GRANT", node->pos, e);
	struct targets targets;

	if (!agreement || !find_targets(env, agreement, &a->tables, a->schema, node->pos, &targets, e))
		return false;
	for (size_t i = 0; i < targets.n; i++) {
		const struct catalog_table *t = targets.tables[i];
		struct catalog_grant g = {.schema = t->schema, .table = t->name, .row_condition = text_of(env, a->condition_text)};

		if (t->kind == TABLE_VIEW && !t->view_definer)
			return err_at(e, node->pos, ERR_WRONG_OBJECT_TYPE, "the view \"%s.%s\" reads with the rights of whoever asks", t->schema,
						  t->name) || err_hint(e, "Grant the tables that it reads, or create it WITH (security_invoker = false).");
		if (!limits_of(a, &g, node->pos, e) || !columns_of(env, t, a, &g, node->pos, e) || !counts_people(t, &g, node->pos, e) ||
			!check_rules(env, t, &g, e) ||
			!catalog_add_grant(x, a->agreement, &g, e))
			return false;
	}
	return true;
}

bool revoke_apply(struct statement_env *env, struct catalog_edit *x, const struct ast *node, struct err *e)
{
	const struct ast_revoke *a = AST_AS(REVOKE, revoke, node);
	const struct catalog_agreement *agreement = sharing_agreement(env, a->agreement, "REVOKE", node->pos, e);
	struct targets targets;
	size_t total = 0, n;

	if (!agreement || !find_targets(env, agreement, &a->tables, a->schema, node->pos, &targets, e))
		return false;
	for (size_t i = 0; i < targets.n; i++) {
		if (!catalog_drop_grants(x, a->agreement, targets.tables[i]->schema, targets.tables[i]->name, a->columns.items,
								 a->columns.count, &n, e))
			return false;
		total += n;
	}
	if (!total)
		env->warn(env->warn_arg, ERR_WARNING, "nothing was granted there");
	return true;
}

bool run_grant(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	struct catalog_edit *x = catalog_begin(env->catalog, e);

	(void)out;
	return x && statement_end_edit(x, sharing_apply(env, x, node, e), e);
}

bool run_revoke(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	struct catalog_edit *x = catalog_begin(env->catalog, e);

	(void)out;
	return x && statement_end_edit(x, sharing_apply(env, x, node, e), e);
}
