/*
 * CREATE/ALTER SERVER and USER MAPPING. A server is probed as soon as it can be reached: a file-based one when it
 * is created, others with their first user mapping. A source that is down is a warning, not an error: nothing in
 * the catalog needs a source to be up.
 */
#include <stdio.h>
#include <string.h>

#include "engine/statement/statement_int.h"

/* Options that every server understands beside its connector's own. */
static const char *const common_options[] = {"agency", "max_connections", "idle_timeout", "connect_timeout", "encoding",
											 "nfc", "bad_value", "dialect", NULL};

static const char *const *with_common(struct mem *m, const char *const *own)
{
	const char **all;
	size_t n = 0;

	while (own && own[n])
		n++;
	all = mem_new_array(m, const char *, n + ARRAY_LEN(common_options));
	for (size_t i = 0; i < n; i++)
		all[i] = own[i];
	for (size_t i = 0, at = n; i < ARRAY_LEN(common_options); i++) {
		bool own_too = false;

		for (size_t k = 0; k < n && common_options[i]; k++)
			own_too |= strcmp(own[k], common_options[i]) == 0;
		if (!own_too)
			all[at++] = common_options[i];
	}
	return all;
}

/* Facts as the source shows them now; on failure false with e. */
static bool probe(struct statement_env *env, const struct catalog_server *server, struct options *facts, struct err *e)
{
	struct conn *c = statement_connect(env, server, e);
	struct source_facts f;
	bool ok;

	if (!c)
		return false;
	memset(&f, 0, sizeof f);
	ok = conn_base(c)->connector->probe(c, &f, e);
	statement_disconnect(env, c);
	if (ok)
		*facts = facts_to_options(&f, env->mem);
	return ok;
}

static void warn_unprobed(struct statement_env *env, const struct catalog_server *server, const struct err *why)
{
	env->warn(env->warn_arg, ERR_WARNING,
			  mem_printf(env->mem, "server \"%s\" could not be probed, so less is sent to it: %s%s%s", server->name,
						 why->message, *why->detail ? ": " : "", why->detail));
}

static bool can_probe_now(const struct catalog_server *s, const struct connector *c)
{
	return c->file_based || s->nmappings > 0 || options_get(&s->options, "user") || options_get(&s->options, "dsn");
}

/* The connector of TYPE 'x' (or FOREIGN DATA WRAPPER x). */
static const struct connector *connector_of(struct statement_env *env, const char *type, int pos, struct err *e)
{
	const struct connector *c = type ? connector_find(type) : NULL;
	struct strbuf names;

	if (c)
		return c;
	strbuf_init(&names, 300);
	for (size_t i = 0; connectors[i]; i++)
		strbuf_addf(&names, "%s'%s'", i ? ", " : "", connectors[i]->name);
	if (type)
		err_at(e, pos, ERR_UNDEFINED_OBJECT, "there is no server type \"%s\"", type);
	else
		err_at(e, pos, ERR_SYNTAX_ERROR, "CREATE SERVER needs a TYPE");
	err_hint(e, "Types are %s.", strbuf_cstr(&names));
	strbuf_release(&names);
	(void)env;
	return NULL;
}

/* The agency's code as the catalog has it; one that isn't there yet is kept with a warning: nobody but the operator will
 * see the server's data until it is. */
static const char *known_agency(struct statement_env *env, const char *code)
{
	const struct catalog_agency *a = code && *code ? catalog_find_agency(env->snapshot, code) : NULL;

	if (code && *code && !a)
		env->warn(env->warn_arg, ERR_UNDEFINED_OBJECT, mem_printf(env->mem, "agency \"%s\" does not exist (yet)", code));
	return a ? a->code : code;
}

bool run_create_server(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_create_server *a = AST_AS(CREATE_SERVER, create_server, node);
	const struct connector *c = connector_of(env, a->type ? a->type : a->wrapper, node->pos, e);
	struct catalog_server s = {.name = a->name, .type_version = a->version};
	struct options none = {NULL, 0};
	struct catalog_edit *x;

	(void)out;
	if (!c)
		return false;
	if (a->if_not_exists && catalog_find_server(env->snapshot, a->name)) {
		env->warn(env->warn_arg, ERR_DUPLICATE_OBJECT, mem_printf(env->mem, "server \"%s\" already exists, skipping", a->name));
		return true;
	}
	s.type = c->name;
	if (!statement_options(env, &none, &a->options, with_common(env->mem, c->server_options),
						   mem_printf(env->mem, "server type \"%s\"", c->name), &s.options, e))
		return false;
	s.agency = known_agency(env, options_get(&s.options, "agency"));
	if (!catalog_find_server(env->snapshot, a->name) && can_probe_now(&s, c)) {
		struct err why;

		err_clear(&why);
		if (!probe(env, &s, &s.facts, &why)) {
			if (!cancel_check(env->cancel, e))
				return false;
			warn_unprobed(env, &s, &why);
		}
	}
	x = catalog_begin(env->catalog, e);
	return x && statement_end_edit(x, catalog_create_server(x, &s, e), e);
}

/* Administrators manage servers without seeing data, so they can't take a server from its agency either. */
static bool may_hand_over(const struct principal *who, const struct catalog_server *old, const struct catalog_server *new,
						  struct err *e)
{
	const char *agency = new->agency ? new->agency : "";

	if (who->is_operator || !*old->agency || strcmp(old->agency, agency) == 0)
		return true;
	err_set(e, ERR_INSUFFICIENT_PRIVILEGE, "permission denied: server \"%s\" belongs to agency \"%s\"", old->name, old->agency);
	return err_hint(e, "It is handed over by the local operator, with the shell on the catalog's directory.");
}

bool run_alter_server(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_alter_server *a = AST_AS(ALTER_SERVER, alter_server, node);
	const struct catalog_server *old = statement_server(env, a->name, node->pos, e);
	const struct connector *c = old ? connector_find(old->type) : NULL;
	struct catalog_server s;
	struct err why;
	struct catalog_edit *x;

	(void)out;
	if (!old)
		return false;
	s = *old;
	s.version++;
	if (a->has_version)
		s.type_version = a->version;
	if (!statement_options(env, &old->options, &a->options, c ? with_common(env->mem, c->server_options) : NULL,
						   mem_printf(env->mem, "server type \"%s\"", old->type), &s.options, e))
		return false;
	s.agency = known_agency(env, options_get(&s.options, "agency"));
	if (!may_hand_over(env->principal, old, &s, e))
		return false;
	err_clear(&why);
	if (c && can_probe_now(&s, c) && !probe(env, &s, &s.facts, &why)) {
		if (!cancel_check(env->cancel, e))
			return false;
		warn_unprobed(env, &s, &why);
	}
	pool_close_idle(env->pool, old->name);
	x = catalog_begin(env->catalog, e);
	return x && statement_end_edit(x, catalog_alter_server(x, a->name, &s, e), e);
}

/* The catalog's key for the role: PUBLIC is "". */
static const char *mapping_user(struct statement_env *env, const struct ast *node)
{
	const struct ast_role *r = AST_AS(ROLE, role, node);

	switch (r->type) {
	case AST_ROLE_NAME:
		return r->name;
	case AST_ROLE_PUBLIC:
		return "";
	case AST_ROLE_CURRENT_USER:
	case AST_ROLE_SESSION_USER:
	case AST_ROLE_CURRENT_ROLE:
		return env->principal->user;
	}
	UNREACHABLE();
}

/* With a mapping there the server can be asked what it is. */
static bool probe_after_mapping(struct statement_env *env, const char *name, struct err *e)
{
	const struct catalog_snapshot *now = catalog_snapshot_get(env->catalog);
	const struct catalog_server *server = catalog_find_server(now, name);
	struct catalog_server s;
	struct err why;
	struct catalog_edit *x;
	bool ok = true;

	err_clear(&why);
	if (server) {
		s = *server;
		if (!probe(env, server, &s.facts, &why)) {
			ok = cancel_check(env->cancel, e);
			if (ok)
				warn_unprobed(env, server, &why);
		} else {
			x = catalog_begin(env->catalog, e);
			ok = x && statement_end_edit(x, catalog_alter_server(x, name, &s, e), e);
		}
	}
	catalog_snapshot_unref(now);
	return ok;
}

static bool put_mapping(struct statement_env *env, const char *server, const char *user, const struct options *old,
						const struct ast_list *changes, bool replace, struct err *e)
{
	const struct catalog_server *s = catalog_find_server(env->snapshot, server);
	const struct connector *c = connector_find(s->type);
	struct options options;
	struct catalog_edit *x;

	if (!statement_options(env, old, changes, c ? c->user_options : NULL,
						   mem_printf(env->mem, "a user mapping of server type \"%s\"", s->type), &options, e))
		return false;
	x = catalog_begin(env->catalog, e);
	if (!x || !statement_end_edit(x, catalog_put_mapping(x, server, user, &options, replace, e), e))
		return false;
	pool_close_idle(env->pool, server);
	return probe_after_mapping(env, server, e);
}

bool run_create_user_mapping(struct statement_env *env, const struct ast *node, struct statement_result *out,
							 struct err *e)
{
	const struct ast_create_user_mapping *a = AST_AS(CREATE_USER_MAPPING, create_user_mapping, node);
	const struct catalog_server *s = statement_server(env, a->server, node->pos, e);
	const char *user = mapping_user(env, a->role);
	struct options none = {NULL, 0};

	(void)out;
	if (!s)
		return false;
	if (a->if_not_exists && catalog_find_mapping(s, user)) {
		env->warn(env->warn_arg, ERR_DUPLICATE_OBJECT,
				  mem_printf(env->mem, "user mapping for \"%s\" already exists for server \"%s\", skipping",
							 *user ? user : "public", a->server));
		return true;
	}
	return put_mapping(env, a->server, user, &none, &a->options, false, e);
}

bool run_alter_user_mapping(struct statement_env *env, const struct ast *node, struct statement_result *out,
							struct err *e)
{
	const struct ast_alter_user_mapping *a = AST_AS(ALTER_USER_MAPPING, alter_user_mapping, node);
	const struct catalog_server *s = statement_server(env, a->server, node->pos, e);
	const char *user = mapping_user(env, a->role);
	const struct catalog_mapping *old = s ? catalog_find_mapping(s, user) : NULL;
	struct mem *m;
	struct options opened;
	bool ok;

	(void)out;
	if (!s)
		return false;
	if (!old)
		return err_set(e, ERR_UNDEFINED_OBJECT, "user mapping for \"%s\" does not exist for server \"%s\"",
					   *user ? user : "public", a->server);
	m = mem_new(env->mem, MEM_OTHER, "mapping", 0);
	/* a lost key must not keep the password from being given again */
	if (!catalog_open_secrets(env->catalog, old, m, &opened, NULL))
		opened = old->options;
	ok = put_mapping(env, a->server, user, &opened, &a->options, true, e);
	mem_free(m);
	return ok;
}

bool run_drop_user_mapping(struct statement_env *env, const struct ast *node, struct statement_result *out,
						   struct err *e)
{
	const struct ast_drop_user_mapping *a = AST_AS(DROP_USER_MAPPING, drop_user_mapping, node);
	const struct catalog_server *s = statement_server(env, a->server, node->pos, e);
	const char *user = mapping_user(env, a->role);
	struct catalog_edit *x;

	(void)out;
	if (!s)
		return false;
	if (a->if_exists && !catalog_find_mapping(s, user)) {
		env->warn(env->warn_arg, ERR_WARNING,
				  mem_printf(env->mem, "user mapping for \"%s\" does not exist, skipping", *user ? user : "public"));
		return true;
	}
	x = catalog_begin(env->catalog, e);
	pool_close_idle(env->pool, a->server);
	return x && statement_end_edit(x, catalog_drop_mapping(x, a->server, user, e), e);
}
