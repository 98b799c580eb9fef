/* From a server's definition to a connection: user mapping, secrets, facts, pool. */
#include <string.h>

#include "engine/statement/statement_int.h"

static bool has_mapping_need(const struct connector *c)
{
	return !c->file_based && !c->user_optional;
}

bool statement_target(void *arg, const struct catalog_server *server, struct mem *m, struct pool_target *out,
					  struct err *e)
{
	struct statement_env *env = arg;
	const struct connector *c = connector_find(server->type);
	const struct catalog_mapping *mapping = catalog_find_mapping(server, env->principal->user);
	struct options user = {NULL, 0};

	memset(out, 0, sizeof *out);
	if (!c)
		return err_set(e, ERR_UNDEFINED_OBJECT, "server \"%s\" has type \"%s\", which this program has no connector for",
					   server->name, server->type);
	if (!mapping)
		mapping = catalog_find_mapping(server, "");
	if (!mapping && has_mapping_need(c) && !options_get(&server->options, "user")) {
		err_set(e, ERR_UNDEFINED_OBJECT, "no user mapping for \"%s\" at server \"%s\"", env->principal->user, server->name);
		return err_hint(e, "CREATE USER MAPPING FOR %s SERVER %s OPTIONS (user '…', password '…').",
						env->principal->user, server->name);
	}
	if (mapping && !catalog_open_secrets(env->catalog, mapping, m, &user, e))
		return false;
	out->server = server->name;
	out->version = server->version * 1000003u + (mapping ? mapping->id * 65537u + mapping->version : 0);
	out->user = mapping ? mapping->user : "";
	out->connector = c;
	out->server_options = server->options;
	out->user_options = user;
	facts_from_options(&out->facts, &server->facts);
	return true;
}

static void interrupt(void *arg)
{
	struct conn *c = arg;

	conn_base(c)->connector->cancel(c);
}

struct conn *statement_connect(struct statement_env *env, const struct catalog_server *server, struct err *e)
{
	struct mem *m = mem_new(env->mem, MEM_CONNECTION, "connect", 0);
	struct pool_target target;
	struct conn *c = NULL;

	if (statement_target(env, server, m, &target, e))
		c = pool_take(env->pool, &target, env->cancel, e);
	mem_free(m);
	if (c)
		env->connected = cancel_subscribe(env->cancel, interrupt, c);
	return c;
}

void statement_disconnect(struct statement_env *env, struct conn *c)
{
	cancel_unsubscribe(env->cancel, env->connected);
	/* the interruption may still be on its way to the source */
	if (cancel_state(env->cancel) != CANCEL_NONE)
		conn_base(c)->broken = true;
	pool_give(env->pool, c);
}

const struct catalog_server *statement_server(struct statement_env *env, const char *name, int pos, struct err *e)
{
	const struct catalog_server *s = catalog_find_server(env->snapshot, name);
	const char *nearest = NULL;
	int best = 4;

	if (s && authorize_sees_server(env->principal, s))
		return s;
	err_at(e, pos, ERR_UNDEFINED_OBJECT, "server \"%s\" does not exist", name);
	for (size_t i = 0; i < env->snapshot->nservers; i++) {
		const struct catalog_server *other = env->snapshot->servers[i];
		int d = str_distance(other->name, name, 3);

		if (d < best && authorize_sees_server(env->principal, other)) {
			best = d;
			nearest = other->name;
		}
	}
	if (nearest)
		err_hint(e, "Perhaps you meant \"%s\".", nearest);
	return NULL;
}

bool statement_end_edit(struct catalog_edit *x, bool ok, struct err *e)
{
	if (ok)
		return catalog_commit(x, e);
	catalog_rollback(x);
	return false;
}
