/*
 * CREATE, ALTER, DROP USER: who may log in to the server. Passwords are kept as SCRAM verifiers only; a text that is one
 * already is taken as it stands, as PostgreSQL does.
 */
#include <string.h>

#include "engine/authorize/scram.h"
#include "engine/statement/statement_int.h"

static bool set_password(struct statement_env *env, const char *password, struct catalog_user *u, struct err *e)
{
	struct strbuf b;
	bool ok = true;

	if (!*password)
		return err_set(e, ERR_INVALID_PARAMETER_VALUE, "a password must not be empty");
	if (scram_is_verifier(str_of(password))) {
		u->verifier = password;
		return true;
	}
	strbuf_init(&b, 4096);
	ok = scram_verifier(str_of(password), &b, e);
	if (ok)
		u->verifier = mem_strndup(env->mem, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return ok;
}

/* Where the user stands: agency and role there, default purpose, values for row conditions. */
static bool is_place(const char *name)
{
	return strcmp(name, "agency") == 0 || strcmp(name, "role") == 0 || strcmp(name, "purpose") == 0 || strcmp(name, "unit") == 0 ||
		   strcmp(name, "province") == 0;
}

static bool set_place(struct statement_env *env, const struct ast_option *o, struct catalog_user *u, struct err *e)
{
	const char *value = o->value ? o->value : "";

	if (strcmp(o->name, "role") == 0) {
		if (cstr_eq_nocase(value, "administrator")) {
			u->is_administrator = true;
			return true;
		}
		u->is_administrator = false;
		if (catalog_role_find(value, &u->role))
			return true;
		err_at(e, o->base.pos, ERR_INVALID_PARAMETER_VALUE, "there is no role \"%s\"", value);
		return err_hint(e, "Roles are analyst, application, steward, administrator, auditor.");
	}
	if (strcmp(o->name, "agency") == 0 && *value && !catalog_find_agency(env->snapshot, value))
		return err_at(e, o->base.pos, ERR_UNDEFINED_OBJECT, "agency \"%s\" does not exist", value);
	if (strcmp(o->name, "purpose") == 0 && *value && !catalog_find_purpose(env->snapshot, value))
		return err_at(e, o->base.pos, ERR_UNDEFINED_OBJECT, "purpose \"%s\" does not exist", value);
	if (strcmp(o->name, "agency") == 0)
		u->agency = *value ? catalog_find_agency(env->snapshot, value)->code : "";
	else if (strcmp(o->name, "purpose") == 0)
		u->purpose = value;
	else if (strcmp(o->name, "unit") == 0)
		u->unit = value;
	else
		u->province = value;
	return true;
}

static bool apply_options(struct statement_env *env, const struct ast_list *options, struct catalog_user *u, struct err *e)
{
	for (uint32_t i = 0; i < options->count; i++) {
		const struct ast_option *o = AST_AS(OPTION, option, options->items[i]);
		bool administrator = strcmp(o->name, "administrator") == 0 || strcmp(o->name, "superuser") == 0;

		if (strcmp(o->name, "password") == 0 && (o->value || o->action == AST_OPTION_DROP)) {
			u->verifier = NULL;
			if (o->value && !set_password(env, o->value, u, e))
				return false;
		} else if (is_place(o->name)) {
			if (!set_place(env, o, u, e))
				return false;
		} else if (o->value) {
			return err_at(e, o->base.pos, ERR_SYNTAX_ERROR, "unrecognized user option \"%s\"", o->name);
		} else if (administrator || strcmp(o->name, "noadministrator") == 0 || strcmp(o->name, "nosuperuser") == 0) {
			u->is_administrator = administrator;
		} else if (strcmp(o->name, "with") != 0 && strcmp(o->name, "encrypted") != 0 && strcmp(o->name, "login") != 0) {
			err_at(e, o->base.pos, ERR_SYNTAX_ERROR, "unrecognized user option \"%s\"", o->name);
			return err_hint(e, "Options are PASSWORD, AGENCY, ROLE, PURPOSE, UNIT, PROVINCE, ADMINISTRATOR, NOADMINISTRATOR.");
		}
	}
	return true;
}

bool run_create_user(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_create_user *a = AST_AS(CREATE_USER, create_user, node);
	struct catalog_user u = {.name = a->name, .agency = ""};
	struct catalog_edit *x;

	(void)out;
	if (a->or_replace)
		return err_at(e, node->pos, ERR_SYNTAX_ERROR, "CREATE USER takes no OR REPLACE: use ALTER USER");
	if (strcmp(a->name, "public") == 0 || strncmp(a->name, "pg_", 3) == 0)
		return err_at(e, node->pos, ERR_RESERVED_NAME, "the user name \"%s\" is reserved", a->name);
	if (!apply_options(env, &a->options, &u, e))
		return false;
	x = catalog_begin(env->catalog, e);
	return x && statement_end_edit(x, catalog_create_user(x, &u, e), e);
}

static bool only_password(const struct ast_list *options)
{
	for (uint32_t i = 0; i < options->count; i++) {
		const char *name = AST_AS(OPTION, option, options->items[i])->name;
		if (strcmp(name, "password") != 0 && strcmp(name, "with") != 0 && strcmp(name, "encrypted") != 0)
			return false;
	}
	return true;
}

bool run_alter_user(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_alter_user *a = AST_AS(ALTER_USER, alter_user, node);
	const struct catalog_user *old = catalog_find_user(env->snapshot, a->name);
	struct catalog_user u;
	struct catalog_edit *x;

	(void)out;
	if (strcmp(a->name, env->principal->user) != 0 || a->new_name || !only_password(&a->options))
		if (!authorize_command(env->principal, COMMAND_DEFINE, "ALTER USER", e))
			return false;
	if (!old)
		return err_at(e, node->pos, ERR_UNDEFINED_OBJECT, "user \"%s\" does not exist", a->name);
	if (a->new_name && catalog_find_user(env->snapshot, a->new_name))
		return err_at(e, node->pos, ERR_DUPLICATE_OBJECT, "user \"%s\" already exists", a->new_name);
	u = *old;
	if (a->new_name)
		u.name = a->new_name;
	if (!apply_options(env, &a->options, &u, e))
		return false;
	x = catalog_begin(env->catalog, e);
	return x && statement_end_edit(x, catalog_alter_user(x, a->name, &u, e), e);
}

bool run_drop_user(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_drop_user *a = AST_AS(DROP_USER, drop_user, node);
	struct catalog_edit *x;
	bool ok = true;

	(void)out;
	for (uint32_t i = 0; i < a->names.count; i++)
		if (strcmp(a->names.items[i], env->principal->user) == 0)
			return err_at(e, node->pos, ERR_OBJECT_IN_USE, "current user cannot be dropped");
	x = catalog_begin(env->catalog, e);
	if (!x)
		return false;
	for (uint32_t i = 0; i < a->names.count && ok; i++) {
		if (a->if_exists && !catalog_find_user(env->snapshot, a->names.items[i]))
			env->warn(env->warn_arg, ERR_UNDEFINED_OBJECT,
					  mem_printf(env->mem, "user \"%s\" does not exist, skipping", a->names.items[i]));
		else
			ok = catalog_drop_user(x, a->names.items[i], e);
	}
	return statement_end_edit(x, ok, e);
}
