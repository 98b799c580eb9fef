/* SELECT, VALUES and their kin: bind, optimize, place. The session runs the plan and streams its rows. */
#include "engine/bind/bind.h"
#include "engine/optimize/optimize.h"
#include "engine/place/place.h"
#include "engine/statement/statement_int.h"

/* INTO of the first SELECT; NULL = none. */
static const struct ast *query_into(const struct ast *node)
{
	for (;;) {
		if (node->kind == AST_QUERY)
			node = AST_AS(QUERY, query, node)->body;
		else if (node->kind == AST_SET_OP)
			node = AST_AS(SET_OP, set_op, node)->arms.items[0];
		else
			break;
	}
	if (node->kind != AST_SELECT || !AST_AS(SELECT, select, node)->into)
		return NULL;
	return AST_AS(SELECT, select, node)->into;
}

struct bind_context *statement_bind_context(struct statement_env *env)
{
	struct bind_context *c = mem_new_object(env->mem, struct bind_context);
	struct type *types = mem_new_array(env->mem, struct type, env->nparams);

	for (uint32_t i = 0; i < env->nparams; i++)
		types[i] = env->params[i].type;
	*c = (struct bind_context){
		.snapshot = env->snapshot,
		.principal = env->principal,
		.settings = env->settings,
		.text = env->text,
		.nparams = env->nparams,
		.param_types = types,
		.sql = mem_strndup(env->mem, env->sql.data, env->sql.len),
	};
	return c;
}

bool statement_plan(struct statement_env *env, const struct ast *query, const struct optimize_trace *trace,
					struct plan **out, struct err *e)
{
	struct bind_context *c = statement_bind_context(env);

	c->into = query_into(query);
	return bind_query(c, query, env->mem, out, e) && statement_improve(env, *out, trace, e);
}

bool statement_improve(struct statement_env *env, struct plan *p, const struct optimize_trace *trace, struct err *e)
{
	return mem_check(env->mem, e) && optimize_plan(p, env->settings, env->text, env->cancel, trace, e) &&
		   place_plan(p, env->settings, e) && mem_check(env->mem, e);
}

void statement_execute_env(struct statement_env *env, struct execute_env *out)
{
	struct virtual_context *v = mem_new_object(env->mem, struct virtual_context);

	*v = (struct virtual_context){.snapshot = env->snapshot, .principal = env->principal, .mem = env->mem};
	*out = (struct execute_env){
		.workers = env->workers,
		.pool = env->pool,
		.mem = env->mem,
		.cancel = env->cancel,
		.settings = env->settings,
		.text = env->text,
		.virtual_context = v,
		.params = env->params,
		.nparams = env->nparams,
		.target = statement_target,
		.target_arg = env,
		.warn = env->warn,
		.warn_arg = env->warn_arg,
		.admit = env->admit,
		.admit_arg = env->admit_arg,
	};
}

bool run_query(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast *into = query_into(node);

	if (into)
		return run_select_into(env, node, AST_AS(INTO, into, into), out, e);
	return statement_plan(env, node, NULL, &out->plan, e);
}
