/*
 * Casts, constants read from text, common types (manual 10.4, 10.5), and the forms of numeric: a numeric
 * expression is fixed (precision, scale known) or general (scale per value). Fixed forms are kept as long as
 * every value keeps its digits, since PostgreSQL shows a numeric with its own scale.
 */
#include "engine/bind/bind_int.h"
#include "engine/types/collation.h"
#include "engine/types/decimal.h"

bool is_null_const(const struct expr *e)
{
	return e->kind == EXPR_CONST && e->value.is_null;
}

bool can_coerce_implicit(struct type from, struct type to)
{
	const struct func *f;

	if ((from.id == TYPE_UNKNOWN && !from.array) || (!to.array && (to.id == TYPE_VOID || to.id == TYPE_UNKNOWN)))
		return true;
	if (from.id == to.id && from.array == to.array)
		return true;
	f = func_cast(from, to);
	return f && (f->flags & FUNC_IMPLICIT);
}

/* ---- numeric forms ---- */

static struct num num_of_value(const struct value *v)
{
	switch (type_phys(v->type)) {
	case PHYS_I32:
		return num_from_i64(v->i32);
	case PHYS_I64:
		return v->type.id == TYPE_NUMERIC ? num_from_scaled(v->i64, v->type.scale) : num_from_i64(v->i64);
	case PHYS_I128:
		return num_from_scaled(v->i128, v->type.scale);
	case PHYS_NUM:
	case PHYS_BOOL:
	case PHYS_F64:
	case PHYS_INTERVAL:
	case PHYS_STR:
	case PHYS_COUNT:
		break;
	}
	return v->num;
}

/* A numeric constant in its tightest fixed form; general when it has none. */
static struct expr *numeric_const(struct binder *b, struct num n, int pos)
{
	struct value v = {.type = type_make(TYPE_NUMERIC), .num = n};

	if (n.kind == NUM_FINITE) {
		int digits = decimal_digits(n.coef);
		if (digits < n.scale)
			digits = n.scale;
		if (digits < 1)
			digits = 1;
		if (digits <= DECIMAL_DIGITS) {
			v = (struct value){.type = type_decimal(digits, n.scale)};
			if (digits <= 18)
				v.i64 = (int64_t)n.coef;
			else
				v.i128 = n.coef;
		}
	}
	return expr_const(b->m, v, pos);
}

/* A constant in another form when no digit is lost; NULL when it is. */
static struct expr *const_to_form(struct binder *b, const struct expr *e, struct type form)
{
	struct num n = num_of_value(&e->value);
	struct value v = {.type = form};
	int128 scaled;

	if (!form.precision) {
		v.num = n;
		return expr_const(b->m, v, e->pos);
	}
	if (n.kind != NUM_FINITE || n.scale > form.scale || !num_to_scaled(&n, form.precision, form.scale, &scaled, NULL))
		return NULL;
	if (form.precision <= 18)
		v.i64 = (int64_t)scaled;
	else
		v.i128 = scaled;
	return expr_const(b->m, v, e->pos);
}

struct type common_numeric(struct type a, struct type b, bool compare)
{
	int scale = a.scale > b.scale ? a.scale : b.scale;
	int whole = a.precision - a.scale > b.precision - b.scale ? a.precision - a.scale : b.precision - b.scale;

	if (!a.precision || !b.precision || (a.scale != b.scale && !compare) || whole + scale > DECIMAL_DIGITS)
		return type_make(TYPE_NUMERIC);
	return type_decimal(whole + scale, scale);
}

/* e, numeric already, in that form. */
static bool cast_numeric(struct binder *b, struct expr *e, struct type form, struct expr **out)
{
	struct expr *c;

	form.mod = e->type.mod == form.mod ? form.mod : -1;
	if (type_same(e->type, form)) {
		*out = e;
		return true;
	}
	if (e->kind == EXPR_CONST) {
		if (e->value.is_null) {
			*out = expr_const(b->m, value_null(form), e->pos);
			return true;
		}
		c = const_to_form(b, e, form);
		if (c) {
			*out = c;
			return true;
		}
	}
	c = expr_new(b->m, EXPR_CAST, form, 1, e->pos);
	c->fn = func_cast(e->type, form);
	if (!c->fn)
		return err_at(b->e, e->pos, ERR_INTERNAL, "no cast between forms of numeric");
	c->args[0] = e;
	*out = c;
	return true;
}

/* ---- one cast ---- */

bool cannot_cast(struct binder *b, const struct expr *e, struct type to, int pos)
{
	return err_at(b->e, pos, ERR_CANNOT_COERCE, "cannot cast type %s to %s", type_name(e->type, b->m),
				  type_name(to, b->m));
}

bool coerce_param(struct binder *b, struct expr *e, struct type to, struct expr **out)
{
	struct expr *c = mem_dup(b->m, e, sizeof *e);
	struct type *known = &b->params[e->param - 1];

	if (known->id == TYPE_UNKNOWN) {
		*known = to;
		known->mod = -1;
		if (to.id == TYPE_NUMERIC)
			known->precision = 0, known->scale = 0;
	}
	c->type = *known;
	*out = c;
	return true;
}

static bool parse_const(struct binder *b, struct expr *e, struct type to, struct expr **out)
{
	struct type base = to.id == TYPE_INTERVAL ? to : type_make(to.id);
	struct value v;
	struct err inner;

	if (e->value.is_null) {
		*out = expr_const(b->m, value_null(base), e->pos);
		return true;
	}
	err_clear(&inner);
	if (!value_parse(b->m, base, text_str(&e->value.text), b->c->text, &v, &inner)) {
		if (!inner.position && e->pos >= 0)
			inner.position = e->pos + 1;
		return err_copy(b->e, &inner);
	}
	*out = base.id == TYPE_NUMERIC ? numeric_const(b, num_of_value(&v), e->pos) : expr_const(b->m, v, e->pos);
	return true;
}

/* To the type's id, whatever the modifier. */
static bool coerce_id(struct binder *b, struct expr *e, struct type to, enum coercion how, int pos, struct expr **out)
{
	const struct func *f, *pick = NULL;
	struct type from = e->type, result = type_make(to.id);
	uint32_t need = how == COERCE_EXPLICIT ? 0 : how == COERCE_ASSIGNMENT ? FUNC_ASSIGNMENT | FUNC_IMPLICIT : FUNC_IMPLICIT;

	if (from.id == to.id) {
		*out = e;
		return true;
	}
	if (is_null_const(e)) {
		*out = expr_const(b->m, value_null(result), e->pos);
		return true;
	}
	if (e->kind == EXPR_CONST && to.id == TYPE_NUMERIC &&
		(from.id == TYPE_INT2 || from.id == TYPE_INT4 || from.id == TYPE_INT8)) {
		*out = numeric_const(b, num_of_value(&e->value), e->pos);
		return true;
	}
	f = func_cast(from, to);
	if (!f || (need && !(f->flags & need)))
		return cannot_cast(b, e, to, pos);
	if (f->infer) {
		struct type arg = from;
		result = f->infer(f, &arg, 1, &pick);
	}
	*out = expr_new(b->m, EXPR_CAST, result, 1, e->pos);
	(*out)->fn = pick ? pick : f;
	(*out)->args[0] = e;
	return true;
}

/* The length or precision of an explicit or declared type. */
static bool coerce_mod(struct binder *b, struct expr *e, struct type to, int pos, struct expr **out)
{
	struct expr *c;

	if (to.mod == -1 && !to.precision) {
		*out = e;
		return true;
	}
	if (e->type.mod == to.mod && type_same(e->type, to)) {
		*out = e;
		return true;
	}
	if (is_null_const(e)) {
		*out = expr_const(b->m, value_null(to), e->pos);
		return true;
	}
	c = expr_new(b->m, EXPR_CAST, to, 1, e->pos);
	c->fn = func_cast(to, to);
	c->args[0] = e;
	if (!c->fn)
		return cannot_cast(b, e, to, pos);
	*out = c;
	return true;
}

bool coerce(struct binder *b, struct expr *e, struct type to, enum coercion how, int pos, struct expr **out)
{
	if (to.array || e->type.array)
		return coerce_array(b, e, to, how, pos, out);
	if (to.id == TYPE_UNKNOWN || to.id == TYPE_VOID) {
		*out = e;
		return true;
	}
	if (e->type.id == TYPE_UNKNOWN) {
		if (e->kind == EXPR_CONST) {
			if (!parse_const(b, e, to, &e))
				return false;
			return to.id == TYPE_INTERVAL ? (*out = e, true) : coerce_mod(b, e, to, pos, out);
		}
		if (e->kind == EXPR_PARAM && !coerce_param(b, e, to, &e))
			return false;
	}
	return coerce_id(b, e, to, how, pos, &e) && coerce_mod(b, e, to, pos, out);
}

bool coerce_unknown(struct binder *b, struct expr **e)
{
	if ((*e)->type.id != TYPE_UNKNOWN || (*e)->type.array)
		return true;
	return coerce(b, *e, type_make(TYPE_TEXT), COERCE_IMPLICIT, (*e)->pos, e);
}

/* ---- common types ---- */

bool common_type(const struct type *types, uint32_t n, struct type *out, uint32_t *culprit)
{
	struct type best = type_make(TYPE_UNKNOWN);
	bool same_mod = true;
	uint8_t merged = COLLATION_DEFAULT;

	for (uint32_t i = 0; i < n; i++) {
		struct type t = types[i];
		uint8_t c = type_collation(t);
		if (c && merged && c != merged)
			merged = COLLATION_CONFLICT;
		else if (c)
			merged = c;
		if (t.id == TYPE_UNKNOWN && !t.array) {
			same_mod = false;
			continue;
		}
		if (best.id == TYPE_UNKNOWN) {
			best = t;
			continue;
		}
		same_mod &= t.mod == best.mod;
		if (t.id == best.id && t.array == best.array)
			continue;
		*culprit = i;
		if (t.array != best.array || (!t.array && type_infos[t.id].category != type_infos[best.id].category)) {
			*out = best;
			return false;
		}
		if ((best.array || !type_infos[best.id].preferred) && can_coerce_implicit(best, t) && !can_coerce_implicit(t, best))
			best = t;
		same_mod = false;
	}
	if (best.id == TYPE_UNKNOWN)
		best = type_make(TYPE_TEXT);
	if (!same_mod) {
		uint8_t array = best.array;
		best = type_make(best.id);
		best.array = array;
	}
	*out = type_collated(best, merged);
	return true;
}

static bool unify_numeric(struct binder *b, struct expr **items, uint32_t n, bool compare, struct type *type)
{
	struct type form = {0};
	bool any = false;

	for (uint32_t i = 0; i < n; i++) {
		if (is_null_const(items[i]))
			continue;
		form = any ? common_numeric(form, items[i]->type, compare) : items[i]->type;
		any = true;
	}
	if (!any)
		form = type_make(TYPE_NUMERIC);
	for (uint32_t i = 0; i < n; i++)
		if (!cast_numeric(b, items[i], form, &items[i]))
			return false;
	*type = form;
	return true;
}

bool unify(struct binder *b, struct expr **items, uint32_t n, const char *what, bool compare, struct type *type)
{
	struct type *types = mem_new_array(b->m, struct type, n ? n : 1);
	uint32_t culprit = 0;

	for (uint32_t i = 0; i < n; i++)
		types[i] = items[i]->type;
	if (!common_type(types, n, type, &culprit))
		return err_at(b->e, items[culprit]->pos, ERR_DATATYPE_MISMATCH, "%s types %s and %s cannot be matched", what,
					  type_name(*type, b->m), type_name(types[culprit], b->m));
	for (uint32_t i = 0; i < n; i++) {
		struct type plain = type_make(type->id);
		plain.array = type->array;
		if (!can_coerce_implicit(items[i]->type, plain))
			return err_at(b->e, items[i]->pos, ERR_CANNOT_COERCE, "%s could not convert type %s to %s", what,
						  type_name(types[i], b->m), type_name(*type, b->m));
		if (!coerce(b, items[i], plain, COERCE_IMPLICIT, items[i]->pos, &items[i]))
			return false;
	}
	if (type->id == TYPE_NUMERIC && !type->array)
		return unify_numeric(b, items, n, compare, type);
	return true;
}

/* e, numeric already, in that form: what infer of a function asks for. */
bool coerce_form(struct binder *b, struct expr *e, struct type form, struct expr **out)
{
	return cast_numeric(b, e, form, out);
}

struct expr *literal_numeric(struct binder *b, const struct num *n, int pos)
{
	return numeric_const(b, *n, pos);
}
