/*
 * Making, comparing, copying and classifying bound expressions. Walking is in expr_walk.c, printing in
 * expr_print.c. Expressions are never changed in place here: makers return new nodes.
 */
#include "engine/plan/rel.h"

struct expr *expr_new(struct mem *m, enum expr_kind kind, struct type type, uint32_t nargs, int pos)
{
	struct expr *e = mem_new_object(m, struct expr);

	e->kind = kind;
	e->type = type;
	e->pos = pos;
	e->nargs = nargs;
	if (nargs)
		e->args = mem_new_array(m, struct expr *, nargs);
	return e;
}

struct expr *expr_const(struct mem *m, struct value v, int pos)
{
	struct expr *e = expr_new(m, EXPR_CONST, v.type, 0, pos);

	e->value = value_copy(m, &v);
	return e;
}

struct expr *expr_column(struct mem *m, uint32_t id, struct type type, int pos)
{
	struct expr *e = expr_new(m, EXPR_COLUMN, type, 0, pos);

	e->column = id;
	return e;
}

struct expr *expr_call(struct mem *m, const struct func *fn, struct type type, struct expr **args, uint32_t nargs,
					   int pos)
{
	struct expr *e = expr_new(m, EXPR_CALL, type, nargs, pos);

	e->fn = fn;
	for (uint32_t i = 0; i < nargs; i++)
		e->args[i] = args[i];
	return e;
}

struct expr *expr_bool(struct mem *m, bool b)
{
	return expr_const(m, value_bool(b), -1);
}

struct expr *expr_and(struct mem *m, struct expr **list, uint32_t n)
{
	struct expr *e;
	uint32_t total = 0, k = 0;

	if (n == 0)
		return NULL;
	if (n == 1)
		return list[0];
	for (uint32_t i = 0; i < n; i++)
		total += list[i]->kind == EXPR_AND ? list[i]->nargs : 1;
	e = expr_new(m, EXPR_AND, type_make(TYPE_BOOL), total, list[0]->pos);
	for (uint32_t i = 0; i < n; i++) {
		if (list[i]->kind != EXPR_AND) {
			e->args[k++] = list[i];
			continue;
		}
		for (uint32_t j = 0; j < list[i]->nargs; j++)
			e->args[k++] = list[i]->args[j];
	}
	return e;
}

static uint32_t count_conjuncts(const struct expr *e)
{
	uint32_t n = 0;

	if (e->kind != EXPR_AND)
		return 1;
	for (uint32_t i = 0; i < e->nargs; i++)
		n += count_conjuncts(e->args[i]);
	return n;
}

static uint32_t gather_conjuncts(struct expr *e, struct expr **list)
{
	uint32_t n = 0;

	if (e->kind != EXPR_AND) {
		list[0] = e;
		return 1;
	}
	for (uint32_t i = 0; i < e->nargs; i++)
		n += gather_conjuncts(e->args[i], list + n);
	return n;
}

uint32_t expr_conjuncts(struct mem *m, struct expr *e, struct expr ***list)
{
	*list = NULL;
	if (!e)
		return 0;
	*list = mem_new_array(m, struct expr *, count_conjuncts(e));
	return gather_conjuncts(e, *list);
}

static struct sort_key *copy_keys(struct mem *m, const struct sort_key *keys, uint32_t n)
{
	struct sort_key *out = n ? mem_dup(m, keys, n * sizeof *keys) : NULL;

	for (uint32_t i = 0; i < n; i++)
		out[i].expr = expr_copy(m, keys[i].expr);
	return out;
}

static struct window_spec *copy_spec(struct mem *m, const struct window_spec *spec);

struct expr *expr_copy(struct mem *m, const struct expr *e)
{
	struct expr *c;

	if (!e)
		return NULL;
	c = mem_dup(m, e, sizeof *e);
	if (e->nargs)
		c->args = mem_new_array(m, struct expr *, e->nargs);
	for (uint32_t i = 0; i < e->nargs; i++)
		c->args[i] = expr_copy(m, e->args[i]);
	if (e->kind == EXPR_AGG) {
		c->agg.filter = expr_copy(m, e->agg.filter);
		c->agg.order = copy_keys(m, e->agg.order, e->agg.norder);
	} else if (e->kind == EXPR_WINDOW) {
		c->window.spec = copy_spec(m, e->window.spec);
	} else if (e->kind == EXPR_CONST) {
		c->value = value_copy(m, &e->value);
	}
	return c;
}

static struct window_spec *copy_spec(struct mem *m, const struct window_spec *spec)
{
	struct window_spec *c = mem_dup(m, spec, sizeof *spec);

	c->partition = spec->npartition ? mem_new_array(m, struct expr *, spec->npartition) : NULL;
	for (uint32_t i = 0; i < spec->npartition; i++)
		c->partition[i] = expr_copy(m, spec->partition[i]);
	c->order = copy_keys(m, spec->order, spec->norder);
	c->start_offset = expr_copy(m, spec->start_offset);
	c->end_offset = expr_copy(m, spec->end_offset);
	return c;
}

/* ---- properties ---- */

/* The function that evaluating this very node calls, or NULL. */
static const struct func *called(const struct expr *e)
{
	switch (e->kind) {
	case EXPR_CALL:
	case EXPR_CAST:
	case EXPR_NULLIF:
		return e->fn;
	case EXPR_AGG:
		return e->agg.fn;
	case EXPR_WINDOW:
		return e->window.fn;
	case EXPR_CONST:
	case EXPR_COLUMN:
	case EXPR_PARAM:
	case EXPR_AND:
	case EXPR_OR:
	case EXPR_NOT:
	case EXPR_IS_NULL:
	case EXPR_IS_TRUE:
	case EXPR_DISTINCT:
	case EXPR_CASE:
	case EXPR_COALESCE:
	case EXPR_GREATEST:
	case EXPR_LEAST:
	case EXPR_IN:
	case EXPR_SUBQUERY:
		return NULL;
	}
	UNREACHABLE();
}

static enum walk constant_step(const struct expr *e, void *arg)
{
	const struct func *fn = called(e);
	bool *constant = arg;

	if (e->kind == EXPR_COLUMN || e->kind == EXPR_PARAM || e->kind == EXPR_SUBQUERY || e->kind == EXPR_AGG ||
		e->kind == EXPR_WINDOW || (fn && fn->volatility != FUNC_IMMUTABLE)) {
		*constant = false;
		return WALK_STOP;
	}
	return WALK_ON;
}

bool expr_is_constant(const struct expr *e)
{
	bool constant = true;

	expr_walk(e, constant_step, &constant);
	return constant;
}

static enum walk volatility_step(const struct expr *e, void *arg)
{
	const struct func *fn = called(e);
	enum func_volatility *worst = arg;

	if (fn && fn->volatility > *worst)
		*worst = fn->volatility;
	return WALK_ON;
}

enum func_volatility expr_volatility(const struct expr *e)
{
	enum func_volatility worst = FUNC_IMMUTABLE;

	expr_walk(e, volatility_step, &worst);
	return worst;
}

static enum walk fail_step(const struct expr *e, void *arg)
{
	const struct func *fn = called(e);
	bool *fails = arg;

	if ((fn && (fn->flags & FUNC_CAN_FAIL)) || e->kind == EXPR_SUBQUERY) {
		*fails = true;
		return WALK_STOP;
	}
	return WALK_ON;
}

bool expr_can_fail(const struct expr *e)
{
	bool fails = false;

	expr_walk(e, fail_step, &fails);
	return fails;
}

static enum walk leak_step(const struct expr *e, void *arg)
{
	const struct func *fn = called(e);
	bool *safe = arg;

	if ((fn && (!(fn->flags & FUNC_LEAK_PROOF) || (fn->flags & FUNC_CAN_FAIL))) || e->kind == EXPR_SUBQUERY) {
		*safe = false;
		return WALK_STOP;
	}
	return WALK_ON;
}

bool expr_is_leak_proof(const struct expr *e)
{
	bool safe = true;

	expr_walk(e, leak_step, &safe);
	return safe;
}
