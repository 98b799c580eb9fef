/*
 * Evaluating one call of constants: the function's own implementation over vectors of one row, so that
 * folding and execution can't differ. What fails is left for run time, where it may never be reached.
 */
#include "engine/optimize/optimize_int.h"
#include "engine/vector/vec.h"

struct one_call {
	struct fncall call;
	struct vec args[FUNC_MAX_ARGS], out;
	struct view views[FUNC_MAX_ARGS];
	struct type types[FUNC_MAX_ARGS];
	struct value values[FUNC_MAX_ARGS];
	uint32_t nargs;
};

static bool prepare(struct one_call *c, const struct expr *e, struct mem *m, struct err *err)
{
	c->nargs = e->nargs;
	for (uint32_t i = 0; i < e->nargs; i++) {
		c->types[i] = e->args[i]->type;
		c->values[i] = e->args[i]->value;
		if (!vec_init_const(&c->args[i], &c->values[i], m, err))
			return false;
		c->views[i] = vec_view(&c->args[i]);
	}
	return vec_init_flat(&c->out, e->type, 1, m, err);
}

static struct expr *retype(struct optimizer *o, const struct expr *e)
{
	struct value v = e->args[0]->value;

	v.type = e->type;
	return expr_const(o->m, v, e->pos);
}

struct expr *fold_evaluate(struct optimizer *o, struct expr *e)
{
	struct one_call *c;
	struct mem *m, *scratch;
	struct expr *result = NULL;
	struct err err;

	if (!e->fn || !e->fn->fn) {
		/* a cast that changes the type only */
		if (e->kind == EXPR_CAST && (!e->fn || (e->fn->flags & FUNC_BINARY)) &&
			type_phys(e->type) == type_phys(e->args[0]->type))
			return retype(o, e);
		return NULL;
	}
	if (e->nargs > FUNC_MAX_ARGS)
		return NULL;
	err_clear(&err);
	m = mem_new(NULL, MEM_EXPRESSION, "constant folding", (size_t)64 << 20);
	scratch = mem_new(m, MEM_EXPRESSION, "constant folding", 0);
	c = mem_new_object(m, struct one_call);
	c->call = (struct fncall){.fn = e->fn, .nargs = e->nargs, .arg_types = c->types, .result = e->type, .mem = m,
							  .scratch = scratch, .text = o->text, .const_args = c->values, .err = &err};
	if (prepare(c, e, m, &err) && e->fn->fn(&c->call, c->views, 1, &c->out) && !err_is_set(&err)) {
		struct value v = vec_get(&c->out, 0);
		v.type = e->type;
		result = expr_const(o->m, v, e->pos);
	}
	for (uint32_t i = 0; i < c->nargs; i++)
		vec_release(&c->args[i]);
	vec_release(&c->out);
	mem_free(m);
	return result;
}
