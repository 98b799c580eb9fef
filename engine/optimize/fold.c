/*
 * Constant folding and the simplification of boolean expressions. Rules hold for three-valued logic; an
 * error that folding would raise is left to run time. Comparisons of a widened column with a constant are
 * turned back to the column's own type, so that sources and statistics can use them.
 */
#include "engine/optimize/optimize_int.h"
#include "engine/types/datetime.h"

static bool all_constant(const struct expr *e)
{
	for (uint32_t i = 0; i < e->nargs; i++)
		if (e->args[i]->kind != EXPR_CONST)
			return false;
	return true;
}

static struct expr *null_of(struct optimizer *o, const struct expr *e)
{
	return expr_const(o->m, value_null(e->type), e->pos);
}

/* AND, OR: `stop` decides the whole, the other constant drops out. */
static struct expr *fold_junction(struct optimizer *o, struct expr *e)
{
	bool stop = e->kind == EXPR_OR, value, changed = false;
	struct expr **keep = mem_new_array(o->m, struct expr *, e->nargs), *c;
	uint32_t n = 0;

	for (uint32_t i = 0; i < e->nargs; i++) {
		if (is_const_bool(e->args[i], &value)) {
			if (value == stop)
				return expr_const(o->m, value_bool(stop), e->pos);
			changed = true;
			continue;
		}
		keep[n++] = e->args[i];
		changed |= e->args[i]->kind == e->kind;
	}
	if (!changed)
		return e;
	if (n == 0)
		return expr_const(o->m, value_bool(!stop), e->pos);
	if (n == 1)
		return keep[0];
	if (e->kind == EXPR_AND)
		return expr_and(o->m, keep, n);
	c = expr_new(o->m, EXPR_OR, e->type, n, e->pos);
	memcpy(c->args, keep, n * sizeof *keep);
	return c;
}

static bool has_conjunct(struct optimizer *o, struct expr *arm, const struct expr *wanted)
{
	struct expr **list;
	uint32_t n = expr_conjuncts(o->m, arm, &list);

	for (uint32_t i = 0; i < n; i++)
		if (expr_equal(list[i], wanted))
			return true;
	return false;
}

/* (a AND b) OR (a AND c) = a AND (b OR c): equal in three-valued logic, and a can be a join's condition. */
static struct expr *factor_or(struct optimizer *o, struct expr *e)
{
	struct expr **first, **common, **arms, *rest;
	uint32_t n, ncommon = 0;

	if (e->kind != EXPR_OR || e->nargs > 100 || e->args[0]->kind != EXPR_AND)
		return e;
	n = expr_conjuncts(o->m, e->args[0], &first);
	common = mem_new_array(o->m, struct expr *, n + 1);
	for (uint32_t i = 0; i < n; i++) {
		bool in_all = expr_volatility(first[i]) != FUNC_VOLATILE;
		for (uint32_t k = 1; k < e->nargs && in_all; k++)
			in_all = has_conjunct(o, e->args[k], first[i]);
		if (in_all)
			common[ncommon++] = first[i];
	}
	if (!ncommon)
		return e;
	arms = mem_new_array(o->m, struct expr *, e->nargs);
	for (uint32_t k = 0; k < e->nargs; k++) {
		struct expr **list, **keep;
		uint32_t total = expr_conjuncts(o->m, e->args[k], &list), nkeep = 0;
		keep = mem_new_array(o->m, struct expr *, total + 1);
		for (uint32_t i = 0; i < total; i++) {
			bool is_common = false;
			for (uint32_t c = 0; c < ncommon; c++)
				is_common |= expr_equal(common[c], list[i]);
			if (!is_common)
				keep[nkeep++] = list[i];
		}
		if (!nkeep) /* this arm is the common part alone: it decides */
			return expr_and(o->m, common, ncommon);
		arms[k] = expr_and(o->m, keep, nkeep);
	}
	rest = expr_new(o->m, EXPR_OR, e->type, e->nargs, e->pos);
	memcpy(rest->args, arms, e->nargs * sizeof *arms);
	common[ncommon++] = rest;
	return expr_and(o->m, common, ncommon);
}

static struct expr *fold_not(struct optimizer *o, struct expr *e)
{
	struct expr *x = e->args[0];
	bool value;

	if (is_const_bool(x, &value))
		return expr_const(o->m, value_bool(!value), e->pos);
	if (is_constant_null(x))
		return x;
	return x->kind == EXPR_NOT ? x->args[0] : e;
}

static struct expr *fold_case(struct optimizer *o, struct expr *e)
{
	struct expr **keep = mem_new_array(o->m, struct expr *, e->nargs), *c;
	uint32_t n = 0, i;
	bool value;

	for (i = 0; i + 1 < e->nargs; i += 2) {
		if (is_constant_null(e->args[i]) || (is_const_bool(e->args[i], &value) && !value))
			continue;
		if (is_const_bool(e->args[i], &value))
			break; /* always: this is the ELSE now */
		keep[n++] = e->args[i];
		keep[n++] = e->args[i + 1];
	}
	keep[n++] = i + 1 < e->nargs ? e->args[i + 1] : e->args[e->nargs - 1];
	if (n == e->nargs)
		return e;
	if (n == 1)
		return keep[0];
	c = expr_new(o->m, EXPR_CASE, e->type, n, e->pos);
	memcpy(c->args, keep, n * sizeof *keep);
	return c;
}

static struct expr *fold_coalesce(struct optimizer *o, struct expr *e)
{
	struct expr **keep = mem_new_array(o->m, struct expr *, e->nargs), *c;
	uint32_t n = 0;

	for (uint32_t i = 0; i < e->nargs; i++) {
		if (is_constant_null(e->args[i]))
			continue;
		keep[n++] = e->args[i];
		if (e->args[i]->kind == EXPR_CONST)
			break;
	}
	if (n == e->nargs && n > 1)
		return e;
	if (n == 0)
		return null_of(o, e);
	if (n == 1)
		return keep[0];
	c = expr_new(o->m, EXPR_COALESCE, e->type, n, e->pos);
	memcpy(c->args, keep, n * sizeof *keep);
	return c;
}

static struct expr *fold_in(struct optimizer *o, struct expr *e)
{
	bool unknown = false;

	if (is_constant_null(e->args[0]))
		return null_of(o, e);
	if (!all_constant(e))
		return e;
	for (uint32_t i = 1; i < e->nargs; i++) {
		if (e->args[i]->value.is_null)
			unknown = true;
		else if (value_compare(&e->args[0]->value, &e->args[i]->value) == 0)
			return expr_const(o->m, value_bool(true), e->pos);
	}
	return unknown ? null_of(o, e) : expr_const(o->m, value_bool(false), e->pos);
}

static struct expr *fold_extreme(struct optimizer *o, struct expr *e)
{
	const struct expr *best = NULL;

	if (!all_constant(e))
		return e;
	for (uint32_t i = 0; i < e->nargs; i++) {
		int c;
		if (e->args[i]->value.is_null)
			continue;
		c = best ? value_compare(&e->args[i]->value, &best->value) : 0;
		if (!best || (e->kind == EXPR_GREATEST ? c > 0 : c < 0))
			best = e->args[i];
	}
	return best ? expr_const(o->m, best->value, e->pos) : null_of(o, e);
}

static struct expr *fold_pair(struct optimizer *o, struct expr *e)
{
	const struct value *a = &e->args[0]->value, *b = &e->args[1]->value;
	bool same;

	if (!all_constant(e))
		return e;
	same = a->is_null || b->is_null ? a->is_null && b->is_null : value_compare(a, b) == 0;
	if (e->kind == EXPR_DISTINCT)
		return expr_const(o->m, value_bool(!same), e->pos);
	/* NULLIF */
	return same && !a->is_null ? null_of(o, e) : e->args[0];
}

/* ---- comparisons of a cast column with a constant ---- */

static const struct func *comparison(const char *name, enum type_id id)
{
	size_t n;
	const struct func *const *list = func_find(name, FUNC_OPERATOR, &n);

	for (size_t i = 0; i < n; i++)
		if (list[i]->nargs == 2 && list[i]->args[0].id == id && list[i]->args[1].id == id &&
			list[i]->result.id == TYPE_BOOL)
			return list[i];
	return NULL;
}

static bool is_comparison_name(const char *n)
{
	return strcmp(n, "=") == 0 || strcmp(n, "<>") == 0 || strcmp(n, "<") == 0 || strcmp(n, "<=") == 0 ||
		   strcmp(n, ">") == 0 || strcmp(n, ">=") == 0;
}

/* The constant in the narrower type, when that loses nothing. */
static bool narrow(const struct value *v, struct type to, struct value *out)
{
	*out = (struct value){.type = to};
	if (v->is_null)
		return false;
	if (v->type.id == TYPE_TIMESTAMP && to.id == TYPE_DATE) {
		if (v->i64 == TIMESTAMP_INFINITY || v->i64 == TIMESTAMP_NEG_INFINITY || v->i64 % USEC_PER_DAY != 0)
			return false;
		out->i32 = (int32_t)(v->i64 / USEC_PER_DAY);
		return true;
	}
	if (v->type.id == TYPE_INT8 && (to.id == TYPE_INT4 || to.id == TYPE_INT2)) {
		if (v->i64 != (int32_t)v->i64 || (to.id == TYPE_INT2 && v->i64 != (int16_t)v->i64))
			return false;
		out->i32 = (int32_t)v->i64;
		return true;
	}
	if (v->type.id == TYPE_INT4 && to.id == TYPE_INT2) {
		out->i32 = v->i32;
		return v->i32 == (int16_t)v->i32;
	}
	return false;
}

/* column::wide op constant → column op constant::narrow */
static struct expr *fold_widened(struct optimizer *o, struct expr *e)
{
	const struct expr *cast, *constant;
	const struct func *fn;
	struct expr *args[2];
	struct value v;
	uint32_t wide;

	if (e->nargs != 2 || e->fn->kind != FUNC_OPERATOR || !is_comparison_name(e->fn->name))
		return e;
	wide = e->args[0]->kind == EXPR_CAST ? 0 : 1;
	cast = e->args[wide];
	constant = e->args[1 - wide];
	if (cast->kind != EXPR_CAST || constant->kind != EXPR_CONST || cast->args[0]->kind != EXPR_COLUMN ||
		!narrow(&constant->value, cast->args[0]->type, &v))
		return e;
	fn = comparison(e->fn->name, (enum type_id)cast->args[0]->type.id);
	if (!fn)
		return e;
	args[wide] = cast->args[0];
	args[1 - wide] = expr_const(o->m, v, constant->pos);
	return expr_call(o->m, fn, e->type, args, 2, e->pos);
}

static struct expr *fold_call(struct optimizer *o, struct expr *e)
{
	struct expr *x;

	if (e->fn && e->fn->kind == FUNC_TABLE)
		return e;
	if (e->fn && !(e->fn->flags & FUNC_NOT_STRICT))
		for (uint32_t i = 0; i < e->nargs; i++)
			if (is_constant_null(e->args[i]))
				return null_of(o, e);
	/* a plan is made for one execution, so what is stable in a statement (now(), current_date) is a constant in it */
	if (all_constant(e) && (!e->fn || e->fn->volatility != FUNC_VOLATILE)) {
		x = fold_evaluate(o, e);
		return x ? x : e;
	}
	return e->kind == EXPR_CALL ? fold_widened(o, e) : e;
}

static struct expr *fold_step(struct expr *e, void *arg)
{
	struct optimizer *o = arg;
	bool value;

	switch (e->kind) {
	case EXPR_AND:
	case EXPR_OR:
		return factor_or(o, fold_junction(o, e));
	case EXPR_NOT:
		return fold_not(o, e);
	case EXPR_IS_NULL:
		return e->args[0]->kind == EXPR_CONST ? expr_const(o->m, value_bool(e->args[0]->value.is_null), e->pos) : e;
	case EXPR_IS_TRUE:
		if (is_constant_null(e->args[0]))
			return expr_const(o->m, value_bool(false), e->pos);
		return is_const_bool(e->args[0], &value) ? e->args[0] : e;
	case EXPR_CASE:
		return fold_case(o, e);
	case EXPR_COALESCE:
		return fold_coalesce(o, e);
	case EXPR_IN:
		return fold_in(o, e);
	case EXPR_GREATEST:
	case EXPR_LEAST:
		return fold_extreme(o, e);
	case EXPR_DISTINCT:
	case EXPR_NULLIF:
		return fold_pair(o, e);
	case EXPR_CALL:
	case EXPR_CAST:
		return fold_call(o, e);
	case EXPR_CONST:
	case EXPR_COLUMN:
	case EXPR_PARAM:
	case EXPR_AGG:
	case EXPR_WINDOW:
	case EXPR_SUBQUERY:
		return e;
	}
	UNREACHABLE();
}

struct expr *fold_expr(struct optimizer *o, struct expr *e)
{
	return expr_rewrite(o->m, e, fold_step, o);
}

static void fold_slot(struct expr **e, void *arg)
{
	*e = fold_expr(arg, *e);
}

static struct rel *fold_rel(struct rel *r, void *arg)
{
	struct optimizer *o = arg;
	struct rel *c = rel_copy_node(o->m, r);
	bool value;

	rel_each_expr(c, fold_slot, o);
	if (c->kind == REL_FILTER) {
		if (is_constant_null(c->filter.predicate))
			return make_empty(o, c);
		if (is_const_bool(c->filter.predicate, &value))
			return value ? c->in[0] : make_empty(o, c);
	}
	if (c->kind == REL_SCAN && c->scan.predicate) {
		if (is_constant_null(c->scan.predicate))
			return make_empty(o, c);
		if (is_const_bool(c->scan.predicate, &value)) {
			c->scan.predicate = NULL;
			return value ? c : make_empty(o, c);
		}
	}
	if (c->kind == REL_JOIN && c->join.condition) {
		if (is_const_bool(c->join.condition, &value) && value)
			c->join.condition = NULL;
		else if (c->join.kind == JOIN_INNER &&
				 (is_constant_null(c->join.condition) || is_const_bool(c->join.condition, &value)))
			return make_empty(o, c);
	}
	return c;
}

bool pass_fold_constants(struct optimizer *o)
{
	o->p->root = refresh_tree(o, rel_rewrite(o->m, o->p->root, fold_rel, o));
	return true;
}
