/*
 * COLLATE. An expression's collation is derived as manual 24.2.1 says; where it matters (comparison, order, case,
 * grouping) and is not C, the texts are replaced by sort keys (engine/function/collation.c), so that nothing after
 * binding knows collations: executor, placement and sources see calls over bytes.
 *
 * COLLATE itself stands as a cast without function whose type carries the collation: the mark of an explicit one.
 */
#include "engine/bind/bind_int.h"
#include "engine/types/collation.h"

enum strength { IMPLICIT, EXPLICIT };

struct derived {
	enum strength strength;
	uint8_t collation;
	bool clash; /* two explicit ones that differ: 42P21 */
};

static bool is_mark(const struct expr *e)
{
	return e->kind == EXPR_CAST && !e->fn && type_is_text(e->type) && type_same(e->type, e->args[0]->type);
}

static struct derived merge(struct derived a, struct derived b)
{
	if (a.strength != b.strength)
		return a.strength == EXPLICIT ? a : b;
	if (a.collation == b.collation || b.clash)
		return b;
	if (a.strength == EXPLICIT) {
		a.clash = true;
		return a;
	}
	if (a.collation == COLLATION_DEFAULT || b.collation == COLLATION_DEFAULT)
		return a.collation == COLLATION_DEFAULT ? b : a;
	a.collation = COLLATION_CONFLICT;
	return a;
}

static struct derived derive(const struct expr *e)
{
	struct derived d = {IMPLICIT, type_collation(e->type), false};
	uint32_t first = 0, step = 1;

	if (is_mark(e)) {
		d.strength = EXPLICIT;
		return d;
	}
	switch (e->kind) {
	case EXPR_CASE: /* the results only */
		first = 1;
		step = 2;
		break;
	case EXPR_CALL:
	case EXPR_CAST:
	case EXPR_COALESCE:
	case EXPR_NULLIF:
	case EXPR_GREATEST:
	case EXPR_LEAST:
	case EXPR_AGG:
	case EXPR_WINDOW:
		break;
	case EXPR_CONST:
	case EXPR_COLUMN:
	case EXPR_PARAM:
	case EXPR_AND:
	case EXPR_OR:
	case EXPR_NOT:
	case EXPR_IS_NULL:
	case EXPR_IS_TRUE:
	case EXPR_DISTINCT:
	case EXPR_IN:
	case EXPR_SUBQUERY:
		return d;
	}
	for (uint32_t i = first; i < e->nargs; i += step)
		if (type_is_text(e->args[i]->type))
			d = merge(d, derive(e->args[i]));
	if (e->kind == EXPR_CASE && e->nargs % 2 && type_is_text(e->args[e->nargs - 1]->type))
		d = merge(d, derive(e->args[e->nargs - 1]));
	return d;
}

struct type collated_type(const struct expr *e) { return type_collated(e->type, type_is_text(e->type) ? derive(e).collation : 0); }

/* The one collation of texts that meet; 0 when none is a text. */
static bool common_collation(struct binder *b, struct expr *const *list, uint32_t n, int pos, uint8_t *out)
{
	struct derived d = {IMPLICIT, COLLATION_DEFAULT, false};

	for (uint32_t i = 0; i < n; i++)
		if (type_is_text(list[i]->type))
			d = merge(d, derive(list[i]));
	*out = d.collation;
	if (d.clash)
		return err_at(b->e, pos, ERR_COLLATION_MISMATCH, "explicit collations of the operands differ");
	if (d.collation != COLLATION_CONFLICT)
		return true;
	err_at(b->e, pos, ERR_INDETERMINATE_COLLATION, "could not determine which collation to use");
	return err_hint(b->e, "Use the COLLATE clause to set the collation explicitly.");
}

struct expr *collate_unmarked(struct expr *e)
{
	while (is_mark(e))
		e = e->args[0];
	return e;
}

static bool call_internal(struct binder *b, const char *name, struct expr *x, uint8_t collation, struct expr **out)
{
	struct expr *args[2] = {collate_unmarked(x), expr_const(b->m, value_text(b->m, str_of(collation_name(collation))), -1)};

	return call_function(b, name, args, 2, x->pos, out);
}

static bool make_key(struct binder *b, struct expr *x, uint8_t collation, bool ties, struct expr **out)
{
	return call_internal(b, ties ? "collation_sort_key" : "collation_equal_key", x, collation, out);
}

static bool text_of_key(struct binder *b, struct expr *key, struct type type, struct expr **out)
{
	return call_function(b, "collation_key_text", &key, 1, key->pos, out) &&
		   coerce(b, *out, type_make(type.id), COERCE_EXPLICIT, key->pos, out);
}

/* ---- COLLATE, COLLATION FOR ---- */

bool bind_collate(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	const struct ast_collate *c = AST_AS(COLLATE, collate, node);
	uint32_t n = c->collation.count;
	struct expr *x, *mark;
	uint8_t id;

	if (n > 1 && strcmp(c->collation.items[n - 2], "pg_catalog") != 0 && strcmp(c->collation.items[n - 2], "public") != 0)
		return err_at(b->e, at(b, node), ERR_UNDEFINED_SCHEMA, "schema \"%s\" does not exist", c->collation.items[n - 2]);
	if (!bind_expr(b, s, c->arg, &x) || !coerce_unknown(b, &x))
		return false;
	if (!type_is_text(x->type))
		return err_at(b->e, at(b, node), ERR_DATATYPE_MISMATCH, "collations are not supported by type %s",
					  type_name(x->type, b->m));
	if (!collation_find(c->collation.items[n - 1], &id, b->e)) {
		b->e->position = at(b, node) + 1;
		return false;
	}
	mark = expr_new(b->m, EXPR_CAST, type_collated(x->type, id), 1, at(b, node));
	mark->args[0] = collate_unmarked(x);
	*out = mark;
	return true;
}

bool bind_collation_for(struct binder *b, struct expr *x, int pos, struct expr **out)
{
	uint8_t id;

	if (x->type.id != TYPE_UNKNOWN && !type_is_text(x->type))
		return err_at(b->e, pos, ERR_DATATYPE_MISMATCH, "collations are not supported by type %s", type_name(x->type, b->m));
	if (!common_collation(b, &x, 1, pos, &id))
		return false;
	*out = expr_const(b->m, value_text(b->m, str_of(mem_printf(b->m, "\"%s\"", collation_name(id)))), pos);
	return true;
}

/* ---- operators and functions ---- */

static bool is_one_of(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}

static bool refuse_nondeterministic(struct binder *b, uint8_t collation, const char *what, int pos)
{
	if (collation_is_deterministic(collation))
		return true;
	return err_at(b->e, pos, ERR_FEATURE_NOT_SUPPORTED, "nondeterministic collations are not supported for %s", what);
}

/* ILIKE folds case as the collation does. */
static bool fold_like(struct binder *b, bool negated, struct expr **args, uint8_t collation, int pos, struct expr **out)
{
	struct expr *pair[2];

	return call_internal(b, "collation_lower", args[0], collation, &pair[0]) &&
		   call_internal(b, "collation_lower", args[1], collation, &pair[1]) &&
		   call_operator(b, negated ? "!~~" : "~~", pair[0], pair[1], pos, out);
}

bool collate_operator(struct binder *b, struct expr *call, struct expr **out)
{
	static const char *const comparisons[] = {"=", "<>", "<", "<=", ">", ">="};
	static const char *const likes[] = {"~~", "!~~", "~~*", "!~~*"}, *const regexes[] = {"~", "!~", "~*", "!~*"};
	const char *op = call->fn->name;
	struct expr *pair[2];
	uint8_t c;

	*out = call;
	if (call->nargs != 2 || call->type.id != TYPE_BOOL || !type_is_text(call->args[0]->type) ||
		!type_is_text(call->args[1]->type))
		return true;
	if (!common_collation(b, call->args, 2, call->pos, &c))
		return false;
	call->args[0] = collate_unmarked(call->args[0]);
	call->args[1] = collate_unmarked(call->args[1]);
	if (collation_is_c(c))
		return true;
	if (is_one_of(op, likes, ARRAY_LEN(likes))) {
		if (!refuse_nondeterministic(b, c, op[strlen(op) - 1] == '*' ? "ILIKE" : "LIKE", call->pos))
			return false;
		return op[strlen(op) - 1] != '*' || fold_like(b, op[0] == '!', call->args, c, call->pos, out);
	}
	if (is_one_of(op, regexes, ARRAY_LEN(regexes)))
		return refuse_nondeterministic(b, c, "regular expressions", call->pos);
	if (!is_one_of(op, comparisons, ARRAY_LEN(comparisons)))
		return true;
	if (collation_is_deterministic(c) && (strcmp(op, "=") == 0 || strcmp(op, "<>") == 0))
		return true;
	return make_key(b, call->args[0], c, collation_is_deterministic(c), &pair[0]) &&
		   make_key(b, call->args[1], c, collation_is_deterministic(c), &pair[1]) &&
		   call_operator(b, op, pair[0], pair[1], call->pos, out);
}

bool collate_function(struct binder *b, struct expr *call, struct expr **out)
{
	static const char *const cases[] = {"lower", "upper", "initcap"};
	static const char *const searches[] = {"position", "strpos", "replace", "split_part", "string_to_array", "starts_with"};
	static const char *const regexes[] = {"regexp_match", "regexp_matches", "regexp_replace", "regexp_split_to_array",
		"regexp_split_to_table", "regexp_count", "regexp_instr", "regexp_like", "regexp_substr", "substring"};
	const char *name = call->fn->name;
	bool any = false;
	uint8_t c;

	*out = call;
	for (uint32_t i = 0; i < call->nargs; i++)
		any |= is_mark(call->args[i]) || (type_is_text(call->args[i]->type) && derive(call->args[i]).collation != COLLATION_DEFAULT);
	if (!any)
		return true;
	for (uint32_t i = 0; i < call->nargs && !type_is_text(call->type); i++)
		if (collation_is_c(derive(call->args[i]).collation))
			call->args[i] = collate_unmarked(call->args[i]);
	if (is_one_of(name, cases, ARRAY_LEN(cases)) && call->nargs == 1) {
		if (!common_collation(b, call->args, 1, call->pos, &c))
			return false;
		if (!collation_is_c(c)) {
			if (!call_internal(b, mem_printf(b->m, "collation_%s", name), call->args[0], c, out))
				return false;
			(*out)->type = type_collated((*out)->type, c);
		}
		return true;
	}
	if (is_one_of(name, searches, ARRAY_LEN(searches)))
		return common_collation(b, call->args, call->nargs, call->pos, &c) &&
			   refuse_nondeterministic(b, c, "substring searches", call->pos);
	if (is_one_of(name, regexes, ARRAY_LEN(regexes)) && call->nargs > 1 && type_is_text(call->args[1]->type))
		return common_collation(b, call->args, call->nargs, call->pos, &c) &&
			   refuse_nondeterministic(b, c, "regular expressions", call->pos);
	return true;
}

bool collate_extreme(struct binder *b, struct expr *agg, struct expr **out)
{
	struct resolved r;
	struct expr *key;
	struct type type = agg->type;
	const struct func **fn = agg->kind == EXPR_AGG ? &agg->agg.fn : &agg->window.fn;
	const char *name = (*fn)->name;
	uint8_t c;

	*out = agg;
	agg->type = collated_type(agg);
	if ((strcmp(name, "min") != 0 && strcmp(name, "max") != 0) || agg->nargs != 1 || !type_is_text(type))
		return true;
	if (!common_collation(b, agg->args, 1, agg->pos, &c))
		return false;
	agg->args[0] = collate_unmarked(agg->args[0]);
	if (collation_is_c(c))
		return true;
	if (!make_key(b, agg->args[0], c, true, &key) ||
		resolve_call(b, strcmp(name, "min") == 0 ? "collation_min" : "collation_max", FUNC_AGGREGATE, &key, 1, &r) != RESOLVED)
		return not_supported(b, agg->pos, "min or max by this collation");
	*fn = r.fn;
	agg->args = r.args;
	agg->type = r.type;
	if (!text_of_key(b, agg, type, out))
		return false;
	(*out)->type = type_collated((*out)->type, c);
	return true;
}

bool collate_min_max(struct binder *b, struct expr *e, struct expr **out)
{
	struct type type = e->type;
	uint8_t c;

	*out = e;
	if (!type_is_text(type))
		return true;
	if (!common_collation(b, e->args, e->nargs, e->pos, &c))
		return false;
	if (collation_is_c(c))
		return true;
	for (uint32_t i = 0; i < e->nargs; i++)
		if (!make_key(b, e->args[i], c, true, &e->args[i]))
			return false;
	e->type = e->args[0]->type;
	if (!text_of_key(b, e, type, out))
		return false;
	(*out)->type = type_collated((*out)->type, c);
	return true;
}

bool collate_distinct(struct binder *b, struct expr *agg)
{
	bool changed;

	if (!agg->agg.distinct)
		return true;
	for (uint32_t i = 0; i < agg->nargs; i++) {
		if (!collate_equality(b, &agg->args[i], &changed))
			return false;
		if (changed && strcmp(agg->agg.fn->name, "count") != 0)
			return not_supported(b, agg->pos, "DISTINCT by a nondeterministic collation in this aggregate");
	}
	return true;
}

/* ---- order and equality ---- */

bool collate_order(struct binder *b, struct expr **e)
{
	uint8_t c;

	if (!type_is_text((*e)->type))
		return true;
	if (!common_collation(b, e, 1, (*e)->pos, &c))
		return false;
	*e = collate_unmarked(*e);
	return collation_is_c(c) || make_key(b, *e, c, collation_is_deterministic(c), e);
}

bool collate_equality(struct binder *b, struct expr **e, bool *changed)
{
	uint8_t c;

	*changed = false;
	if (!type_is_text((*e)->type))
		return true;
	if (!common_collation(b, e, 1, (*e)->pos, &c))
		return false;
	if (collation_is_deterministic(c))
		return true;
	*changed = true;
	return make_key(b, *e, c, false, e);
}

bool collate_list(struct binder *b, struct expr **items, uint32_t n, int pos)
{
	uint8_t c;

	if (!common_collation(b, items, n, pos, &c))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (type_is_text(items[i]->type))
			items[i] = collate_unmarked(items[i]);
		if (!collation_is_deterministic(c) && !make_key(b, items[i], c, false, &items[i]))
			return false;
	}
	return true;
}

bool collated_representative(struct binder *b, struct expr *e, struct expr **agg, struct expr **value, struct expr *slot)
{
	struct resolved r;
	struct expr *key;
	uint8_t c;

	if (!slot) {
		if (!common_collation(b, &e, 1, e->pos, &c) || !make_key(b, e, c, true, &key) ||
			resolve_call(b, "collation_min", FUNC_AGGREGATE, &key, 1, &r) != RESOLVED)
			return false;
		*agg = expr_new(b->m, EXPR_AGG, r.type, 1, e->pos);
		(*agg)->agg.fn = r.fn;
		(*agg)->args = r.args;
		return true;
	}
	if (!text_of_key(b, slot, e->type, value))
		return false;
	(*value)->type = type_collated((*value)->type, derive(e).collation);
	return true;
}
