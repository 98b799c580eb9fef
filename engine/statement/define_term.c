/*
 * What agreements are made of: CREATE, ALTER, DROP of agencies, purposes, elements (and DROP AGREEMENT), and ALTER TABLE …
 * COLUMN … ELEMENT.
 */
#include <string.h>

#include "engine/statement/statement_int.h"
#include "engine/statement/sharing.h"

static const char *term_word(enum ast_term term)
{
	switch (term) {
	case AST_TERM_AGENCY:
		return "agency";
	case AST_TERM_PURPOSE:
		return "purpose";
	case AST_TERM_ELEMENT:
		return "element";
	case AST_TERM_AGREEMENT:
		return "agreement";
	}
	UNREACHABLE();
}

static enum catalog_term catalog_term_of(enum ast_term term)
{
	return term == AST_TERM_AGENCY ? TERM_AGENCY : term == AST_TERM_PURPOSE ? TERM_PURPOSE : TERM_ELEMENT;
}

static bool term_exists(struct statement_env *env, enum ast_term term, const char *name)
{
	switch (term) {
	case AST_TERM_AGENCY:
		return catalog_find_agency(env->snapshot, name) != NULL;
	case AST_TERM_PURPOSE:
		return catalog_find_purpose(env->snapshot, name) != NULL;
	case AST_TERM_ELEMENT:
		return catalog_find_element(env->snapshot, name) != NULL;
	case AST_TERM_AGREEMENT:
		return catalog_find_agreement(env->snapshot, name) != NULL;
	}
	UNREACHABLE();
}

/* Each term has options of its own. */
static bool unknown_option(const struct ast_option *o, const char *term, const char *valid, struct err *e)
{
	err_at(e, o->base.pos, ERR_SYNTAX_ERROR, "%s has no option \"%s\"", term, o->name);
	return err_hint(e, "Options are %s.", valid);
}

static bool put_agency(struct statement_env *env, struct catalog_edit *x, const struct ast_define_term *a, struct err *e)
{
	const struct catalog_agency *old = catalog_find_agency(env->snapshot, a->name);
	struct catalog_agency g = {.code = a->name, .name_vi = old ? old->name_vi : a->name, .name_en = old ? old->name_en : ""};

	for (uint32_t i = 0; i < a->options.count; i++) {
		const struct ast_option *o = AST_AS(OPTION, option, a->options.items[i]);
		const char *value = o->value ? o->value : "";

		if (strcmp(o->name, "title") == 0)
			g.name_vi = value;
		else if (strcmp(o->name, "english") == 0)
			g.name_en = value;
		else
			return unknown_option(o, "an agency", "TITLE, ENGLISH", e);
	}
	return catalog_put_agency(x, &g, e);
}

static bool put_purpose(struct statement_env *env, struct catalog_edit *x, const struct ast_define_term *a, struct err *e)
{
	const struct catalog_purpose *old = catalog_find_purpose(env->snapshot, a->name);
	struct catalog_purpose p = {.code = a->name, .title = old ? old->title : NULL, .comment = old ? old->comment : NULL};

	for (uint32_t i = 0; i < a->options.count; i++) {
		const struct ast_option *o = AST_AS(OPTION, option, a->options.items[i]);

		if (strcmp(o->name, "title") == 0)
			p.title = o->value;
		else if (strcmp(o->name, "comment") == 0)
			p.comment = o->value;
		else
			return unknown_option(o, "a purpose", "TITLE, COMMENT", e);
	}
	return catalog_put_purpose(x, &p, e);
}

static bool set_sensitivity(const struct ast_option *o, struct catalog_element *el, struct err *e)
{
	static const char *const words[] = {
		[SENSITIVITY_NONE] = "none", [SENSITIVITY_BASIC] = "basic", [SENSITIVITY_SENSITIVE] = "sensitive"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (o->value && cstr_eq_nocase(o->value, words[i])) {
			el->sensitivity = i;
			return true;
		}
	return err_at(e, o->base.pos, ERR_INVALID_PARAMETER_VALUE, "SENSITIVITY is basic, sensitive or none");
}

static bool set_person(const struct ast_option *o, struct catalog_element *el, struct err *e)
{
	el->is_person = o->value && (cstr_eq_nocase(o->value, "true") || cstr_eq_nocase(o->value, "yes"));
	if (el->is_person || !o->value || cstr_eq_nocase(o->value, "false") || cstr_eq_nocase(o->value, "no"))
		return true;
	return err_at(e, o->base.pos, ERR_INVALID_PARAMETER_VALUE, "PERSON is 'yes' or 'no'");
}

static bool put_element(struct statement_env *env, struct catalog_edit *x, const struct ast_define_term *a, struct err *e)
{
	const struct catalog_element *old = catalog_find_element(env->snapshot, a->name);
	struct catalog_element el = {.sensitivity = SENSITIVITY_NONE};

	if (old)
		el = *old;
	el.name = a->name;
	for (uint32_t i = 0; i < a->options.count; i++) {
		const struct ast_option *o = AST_AS(OPTION, option, a->options.items[i]);

		if (strcmp(o->name, "title") == 0)
			el.title = o->value;
		else if (strcmp(o->name, "comment") == 0)
			el.comment = o->value;
		else if (strcmp(o->name, "format") == 0)
			el.format = o->value;
		else if (strcmp(o->name, "sensitivity") == 0) {
			if (!set_sensitivity(o, &el, e))
				return false;
		} else if (strcmp(o->name, "person") == 0) {
			if (!set_person(o, &el, e))
				return false;
		} else {
			return unknown_option(o, "an element", "FORMAT, SENSITIVITY, PERSON, TITLE, COMMENT", e);
		}
	}
	return catalog_put_element(x, &el, e);
}

bool run_define_term(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_define_term *a = AST_AS(DEFINE_TERM, define_term, node);
	bool exists = term_exists(env, a->term, a->name), ok = true;
	struct catalog_edit *x;

	out->tag = mem_printf(env->mem, "%s %s", a->alter ? "ALTER" : "CREATE",
						  a->term == AST_TERM_AGENCY ? "AGENCY" : a->term == AST_TERM_PURPOSE ? "PURPOSE" : "ELEMENT");
	if (!a->alter && exists && a->if_not_exists) {
		env->warn(env->warn_arg, ERR_DUPLICATE_OBJECT,
				  mem_printf(env->mem, "%s \"%s\" already exists, skipping", term_word(a->term), a->name));
		return true;
	}
	if (a->alter != exists)
		return err_at(e, node->pos, exists ? ERR_DUPLICATE_OBJECT : ERR_UNDEFINED_OBJECT, "%s \"%s\" %s", term_word(a->term), a->name,
					  exists ? "already exists" : "does not exist");
	x = catalog_begin(env->catalog, e);
	if (!x)
		return false;
	if (a->new_name)
		ok = catalog_rename_term(x, catalog_term_of(a->term), a->name, a->new_name, e);
	else if (a->term == AST_TERM_AGENCY)
		ok = put_agency(env, x, a, e);
	else
		ok = a->term == AST_TERM_PURPOSE ? put_purpose(env, x, a, e) : put_element(env, x, a, e);
	return statement_end_edit(x, ok, e);
}

bool run_drop_term(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_drop_term *a = AST_AS(DROP_TERM, drop_term, node);
	struct catalog_edit *x;
	bool ok = true;

	out->tag = mem_printf(env->mem, "DROP %s", a->term == AST_TERM_AGENCY ? "AGENCY"
											   : a->term == AST_TERM_PURPOSE ? "PURPOSE"
											   : a->term == AST_TERM_ELEMENT ? "ELEMENT"
																			 : "AGREEMENT");
	if (a->term != AST_TERM_AGREEMENT && !authorize_command(env->principal, COMMAND_DEFINE, out->tag, e))
		return false;
	x = catalog_begin(env->catalog, e);
	for (uint32_t i = 0; x && i < a->names.count && ok; i++) {
		const char *name = a->names.items[i];

		if (a->if_exists && !term_exists(env, a->term, name))
			env->warn(env->warn_arg, ERR_UNDEFINED_OBJECT,
					  mem_printf(env->mem, "%s \"%s\" does not exist, skipping", term_word(a->term), name));
		else if (a->term == AST_TERM_AGREEMENT)
			ok = sharing_agreement(env, name, out->tag, node->pos, e) && catalog_drop_agreement(x, name, e);
		else
			ok = catalog_drop_term(x, catalog_term_of(a->term), name, e);
	}
	return x && statement_end_edit(x, ok, e);
}

bool run_set_element(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_set_element *a = AST_AS(SET_ELEMENT, set_element, node);
	const struct catalog_table *t;
	const char *schema, *name;
	struct catalog_edit *x;

	(void)out;
	if (!statement_object_name(env, &a->names, &schema, &name, e))
		return false;
	t = catalog_find_table(env->snapshot, schema, name);
	if (!t || !authorize_sees_table(env->principal, t))
		return err_at(e, node->pos, ERR_UNDEFINED_TABLE, "relation \"%s.%s\" does not exist", schema, name);
	if (!authorize_share_definition(env->principal, catalog_table_agency(t), "", "ALTER TABLE … ELEMENT", e))
		return false;
	x = catalog_begin(env->catalog, e);
	return x && statement_end_edit(x, catalog_set_element(x, schema, name, a->column, a->element, e), e);
}
