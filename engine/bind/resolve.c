/*
 * Overload resolution for functions and operators: manual 10.2 and 10.3, as PostgreSQL's
 * func_select_candidate does it, then casts of the arguments and the row's own `infer`.
 *
 * Two differences in the candidates, not in the answers: PostgreSQL has operators across integer widths
 * and between real and double; here the operands are made equal first (real with any other number becomes
 * double). A row argument declared VOID or UNKNOWN stands for PostgreSQL's "any".
 */
#include "engine/bind/bind_int.h"

#define MAX_ARGS FUNC_MAX_CALL

struct candidate {
	const struct func *fn;
	bool alive;
};

struct resolver {
	struct binder *b;
	struct expr **args;
	uint32_t n;
	struct type types[MAX_ARGS];
	struct candidate *list;
	size_t count;
};

static bool is_any(struct type t)
{
	return !t.array && (t.id == TYPE_VOID || t.id == TYPE_UNKNOWN);
}

static bool is_unknown(struct type t)
{
	return !t.array && t.id == TYPE_UNKNOWN;
}

static bool same_id(struct type a, struct type b)
{
	return a.id == b.id && a.array == b.array;
}

static char category_of(struct type t)
{
	return type_is_poly(t) ? 'P' : t.array ? 'A' : type_infos[t.id].category;
}

static bool is_preferred(struct type t)
{
	return !t.array && type_infos[t.id].preferred;
}

static struct type wanted(const struct func *f, uint32_t i)
{
	return f->args[i < f->nargs ? i : f->nargs - 1u];
}

static bool takes_count(const struct func *f, uint32_t n)
{
	if (f->flags & FUNC_VARIADIC)
		return n >= f->nargs;
	return f->nargs == n;
}

/* ---- polymorphic arguments ---- */

/* What the polymorphic arguments of f stand for: the type that those of the first family share, the common one of the
 * second. False when they don't agree, or nothing says what they are. */
static bool poly_types(const struct func *f, const struct type *types, uint32_t n, struct type *elem, struct type *common)
{
	struct type list[MAX_ARGS];
	bool any = false, plain = false;
	uint32_t ncommon = 0, culprit;

	*elem = *common = type_make(TYPE_UNKNOWN);
	for (uint32_t i = 0; i < n; i++) {
		struct type w = wanted(f, i), t = types[i];
		if (!type_is_poly(w))
			continue;
		if (type_is_poly_array(w)) {
			if (!t.array && !is_unknown(t))
				return false;
			t.array = 0;
		} else if (t.array && (w.array == POLY_ANYNONARRAY || w.array == POLY_COMPATNONARRAY)) {
			return false;
		}
		t.mod = -1;
		t.precision = 0;
		t.scale = 0;
		if (type_is_poly_common(w)) {
			list[ncommon++] = t;
			continue;
		}
		any = true;
		if (is_unknown(t))
			continue;
		if (plain && !same_id(*elem, t))
			return false;
		*elem = t;
		plain = true;
	}
	if (any && !plain)
		return false;
	return !ncommon || (common_type(list, ncommon, common, &culprit));
}

static struct type poly_actual(struct type poly, const struct type *elem, const struct type *common)
{
	struct type t = type_is_poly_common(poly) ? *common : *elem;

	if (type_is_poly_array(poly))
		t.array = 1;
	return t;
}

/* A value as its output function shows it, where that is not what the cast to text gives: t and f, char(n) padded. */
static bool as_shown(struct binder *b, struct expr **e)
{
	struct expr *args[2] = {*e, expr_const(b->m, value_int4(1), -1)};
	struct resolved r;

	if ((*e)->type.array || !((*e)->type.id == TYPE_BOOL || ((*e)->type.id == TYPE_BPCHAR && (*e)->type.mod > 4)))
		return true;
	if ((*e)->type.id == TYPE_BPCHAR)
		args[1] = expr_const(b->m, value_int4((*e)->type.mod - 4), -1);
	if (!coerce(b, *e, type_make(TYPE_TEXT), COERCE_EXPLICIT, (*e)->pos, &args[0]) ||
		resolve_call(b, (*e)->type.id == TYPE_BOOL ? "left" : "rpad", FUNC_SCALAR, args, 2, &r) != RESOLVED)
		return false;
	*e = expr_call(b->m, r.fn, r.type, r.args, r.nargs, (*e)->pos);
	return true;
}

/* A variadic text list takes any type by its output function (PostgreSQL's VARIADIC "any" of concat). */
static bool takes_any_text(const struct func *f, uint32_t i)
{
	return (f->flags & FUNC_VARIADIC) && i + 1 >= f->nargs && f->args[f->nargs - 1].id == TYPE_TEXT;
}

static bool accepts(const struct resolver *r, const struct func *f)
{
	struct type elem, common;

	for (uint32_t i = 0; i < r->n; i++)
		if (!type_is_poly(wanted(f, i)) && !can_coerce_implicit(r->types[i], wanted(f, i)) && !takes_any_text(f, i))
			return false;
	return poly_types(f, r->types, r->n, &elem, &common);
}

static size_t alive(const struct resolver *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->count; i++)
		n += r->list[i].alive;
	return n;
}

static const struct func *first_alive(const struct resolver *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->list[i].alive)
			return r->list[i].fn;
	return NULL;
}

static bool is_exact(const struct resolver *r, const struct func *f, uint32_t i)
{
	return !is_unknown(r->types[i]) && same_id(wanted(f, i), r->types[i]);
}

static bool is_preferred_match(const struct resolver *r, const struct func *f, uint32_t i)
{
	struct type w = wanted(f, i);

	if (is_unknown(r->types[i]))
		return false;
	return is_exact(r, f, i) || (is_preferred(w) && category_of(w) == category_of(r->types[i]));
}

/* Keeps the candidates with the highest count of matching arguments. */
static void keep_best(struct resolver *r, bool (*matches)(const struct resolver *, const struct func *, uint32_t))
{
	uint32_t best = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t c = 0; c < r->count; c++) {
			uint32_t hits = 0;
			if (!r->list[c].alive)
				continue;
			for (uint32_t i = 0; i < r->n; i++)
				hits += matches(r, r->list[c].fn, i);
			if (pass == 0)
				best = hits > best ? hits : best;
			else if (hits < best)
				r->list[c].alive = false;
		}
}

/* The category which an unknown argument is taken for; 0 when the candidates don't agree. */
static char unknown_category(const struct resolver *r, uint32_t i, bool *has_preferred)
{
	char category = 0;
	bool conflict = false;

	*has_preferred = false;
	for (size_t c = 0; c < r->count; c++) {
		struct type t;
		if (!r->list[c].alive)
			continue;
		t = wanted(r->list[c].fn, i);
		if (!category) {
			category = category_of(t);
			*has_preferred = is_preferred(t);
		} else if (category_of(t) == category) {
			*has_preferred |= is_preferred(t);
		} else if (category_of(t) == 'S') {
			category = 'S';
			conflict = false;
			*has_preferred = is_preferred(t);
		} else if (category != 'S') {
			conflict = true;
		}
	}
	return conflict ? 0 : category;
}

static void resolve_unknowns(struct resolver *r)
{
	char category[MAX_ARGS];
	bool preferred[MAX_ARGS];
	size_t left = 0;

	for (uint32_t i = 0; i < r->n; i++) {
		if (!is_unknown(r->types[i]))
			continue;
		category[i] = unknown_category(r, i, &preferred[i]);
		if (!category[i])
			return;
	}
	for (int pass = 0; pass < 2; pass++)
		for (size_t c = 0; c < r->count; c++) {
			bool keep = r->list[c].alive;
			for (uint32_t i = 0; keep && i < r->n; i++) {
				struct type t = wanted(r->list[c].fn, i);
				if (is_unknown(r->types[i]))
					keep = category_of(t) == category[i] && (!preferred[i] || is_preferred(t));
			}
			if (pass == 0)
				left += keep;
			else if (left)
				r->list[c].alive = keep;
		}
}

/* Last resort: all known arguments are of one type, so the unknown ones are too. */
static void assume_same(struct resolver *r)
{
	struct type known = type_make(TYPE_UNKNOWN), saved[MAX_ARGS];
	size_t fits = 0, last = 0;
	bool any_unknown = false;

	for (uint32_t i = 0; i < r->n; i++) {
		saved[i] = r->types[i];
		if (is_unknown(r->types[i]))
			any_unknown = true;
		else if (is_unknown(known))
			known = r->types[i];
		else if (!same_id(known, r->types[i]))
			return;
	}
	if (!any_unknown || is_unknown(known))
		return;
	for (uint32_t i = 0; i < r->n; i++)
		r->types[i] = known;
	for (size_t c = 0; c < r->count; c++)
		if (r->list[c].alive && accepts(r, r->list[c].fn)) {
			fits++;
			last = c;
		}
	memcpy(r->types, saved, r->n * sizeof *saved);
	if (fits == 1)
		for (size_t c = 0; c < r->count; c++)
			r->list[c].alive = c == last;
}

static bool select_exact(struct resolver *r, bool binary)
{
	struct type types[MAX_ARGS];

	memcpy(types, r->types, r->n * sizeof *types);
	if (binary && is_unknown(types[0]))
		types[0] = types[1];
	else if (binary && is_unknown(types[1]))
		types[1] = types[0];
	for (size_t c = 0; c < r->count; c++) {
		const struct func *f = r->list[c].fn;
		bool same = !(f->flags & FUNC_VARIADIC) || f->nargs == r->n;
		for (uint32_t i = 0; same && i < r->n; i++)
			same = !is_unknown(types[i]) && same_id(wanted(f, i), types[i]);
		if (!same)
			continue;
		for (size_t k = 0; k < r->count; k++)
			r->list[k].alive = k == c;
		return true;
	}
	return false;
}

static bool has_unknown(const struct resolver *r)
{
	for (uint32_t i = 0; i < r->n; i++)
		if (is_unknown(r->types[i]))
			return true;
	return false;
}

static enum resolution choose(struct resolver *r, bool is_operator)
{
	if (select_exact(r, is_operator && r->n == 2))
		return RESOLVED;
	for (size_t c = 0; c < r->count; c++)
		r->list[c].alive = accepts(r, r->list[c].fn);
	if (alive(r) == 0)
		return RESOLVE_NONE;
	if (alive(r) > 1)
		keep_best(r, is_exact);
	if (alive(r) > 1)
		keep_best(r, is_preferred_match);
	if (alive(r) > 1 && has_unknown(r)) {
		resolve_unknowns(r);
		if (alive(r) > 1)
			assume_same(r);
	}
	return alive(r) == 1 ? RESOLVED : RESOLVE_MANY;
}

/* ---- arguments ---- */

static bool cast_args(struct binder *b, const struct func *f, struct expr **args, uint32_t n, const struct type *elem,
					  const struct type *common)
{
	for (uint32_t i = 0; i < n; i++) {
		struct type to = wanted(f, i);
		bool output = takes_any_text(f, i) && !can_coerce_implicit(args[i]->type, to);
		if (type_is_poly(to)) {
			if (!coerce(b, args[i], poly_actual(to, elem, common), COERCE_IMPLICIT, args[i]->pos, &args[i]))
				return false;
			continue;
		}
		if (is_any(to)) {
			if (!coerce_unknown(b, &args[i]))
				return false;
			continue;
		}
		if (takes_any_text(f, i) && !as_shown(b, &args[i]))
			return false;
		/* the declared modifier is for the row's own use */
		to = (struct type){to.id, to.array, 0, 0, -1};
		if (!coerce(b, args[i], to, output ? COERCE_EXPLICIT : COERCE_IMPLICIT, args[i]->pos, &args[i]))
			return false;
	}
	return true;
}

static bool finish(struct binder *b, const struct func *f, struct expr **args, uint32_t n, struct resolved *out)
{
	struct type types[MAX_ARGS];
	struct type elem, common;
	const struct func *pick = NULL;

	for (uint32_t i = 0; i < n; i++)
		types[i] = args[i]->type;
	if (!poly_types(f, types, n, &elem, &common) || !cast_args(b, f, args, n, &elem, &common))
		return false;
	for (uint32_t i = 0; i < n; i++)
		types[i] = args[i]->type;
	out->type = type_is_poly(f->result) ? poly_actual(f->result, &elem, &common) : f->result;
	if (f->infer) {
		out->type = f->infer(f, types, n, &pick);
	} else {
		for (uint32_t i = 0; i < n; i++)
			if (types[i].id == TYPE_NUMERIC && !types[i].array && (same_id(wanted(f, i), types[i]) || type_is_poly(wanted(f, i)))) {
				types[i].precision = wanted(f, i).precision;
				types[i].scale = wanted(f, i).scale;
			}
	}
	for (uint32_t i = 0; i < n; i++)
		if (!type_same(types[i], args[i]->type) && !coerce_form(b, args[i], types[i], &args[i]))
			return false;
	out->fn = pick ? pick : f;
	out->args = args;
	out->nargs = n;
	return true;
}

/* real with another number is computed as double (PostgreSQL's cross-type operators). */
static void widen_real(struct resolver *r)
{
	bool left = same_id(r->types[0], type_make(TYPE_FLOAT4)), right = same_id(r->types[1], type_make(TYPE_FLOAT4));
	int other = left ? 1 : 0;

	if (left == right || !type_is_number(r->types[other]))
		return;
	r->types[left ? 0 : 1] = type_make(TYPE_FLOAT8);
}

/* Two rows of one signature count as one: the first. */
static bool is_listed(const struct resolver *r, const struct func *f)
{
	for (size_t c = 0; c < r->count; c++) {
		const struct func *g = r->list[c].fn;
		bool same = g->nargs == f->nargs && ((g->flags ^ f->flags) & FUNC_VARIADIC) == 0;
		for (uint32_t i = 0; same && i < f->nargs; i++)
			same = same_id(g->args[i], f->args[i]);
		if (same)
			return true;
	}
	return false;
}

/* Whether f fails only because all its polymorphic arguments are of unknown type. */
static bool is_undetermined(const struct resolver *r, const struct func *f)
{
	bool poly = false;

	for (uint32_t i = 0; i < r->n; i++) {
		struct type w = wanted(f, i);
		poly |= type_is_poly(w);
		if (type_is_poly(w) ? !is_unknown(r->types[i]) : !can_coerce_implicit(r->types[i], w))
			return false;
	}
	return poly;
}

enum resolution resolve_call(struct binder *b, const char *name, enum func_kind kind, struct expr **args, uint32_t n,
							 struct resolved *out)
{
	struct resolver r = {.b = b, .args = args, .n = n};
	size_t count;
	const struct func *const *found = func_find(name, kind, &count);
	enum resolution how;
	struct expr **cast;

	if (n > MAX_ARGS) {
		err_at(b->e, n ? args[0]->pos : -1, ERR_TOO_MANY_ARGUMENTS, "cannot pass more than %d arguments to a function",
			   MAX_ARGS);
		return RESOLVE_FAILED;
	}
	r.list = mem_new_array(b->m, struct candidate, count ? count : 1);
	for (size_t i = 0; i < count; i++)
		if (takes_count(found[i], n) && !is_listed(&r, found[i]))
			r.list[r.count++] = (struct candidate){found[i], true};
	for (uint32_t i = 0; i < n; i++)
		r.types[i] = args[i]->type;
	if (kind == FUNC_OPERATOR && n == 2)
		widen_real(&r);
	how = r.count ? choose(&r, kind == FUNC_OPERATOR) : RESOLVE_NONE;
	for (size_t c = 0; how == RESOLVE_NONE && kind != FUNC_OPERATOR && c < r.count; c++)
		if (is_undetermined(&r, r.list[c].fn)) {
			err_at(b->e, n ? args[0]->pos : -1, ERR_DATATYPE_MISMATCH,
				   "could not determine polymorphic type because input has type unknown");
			return RESOLVE_FAILED;
		}
	if (how != RESOLVED)
		return how;
	cast = n ? mem_dup(b->m, args, n * sizeof *args) : NULL;
	return finish(b, first_alive(&r), cast, n, out) ? RESOLVED : RESOLVE_FAILED;
}

const char *type_list(struct binder *b, struct expr *const *args, uint32_t n)
{
	struct strbuf s;
	const char *text;

	strbuf_init(&s, 0);
	for (uint32_t i = 0; i < n; i++)
		strbuf_addf(&s, "%s%s", i ? ", " : "",
					type_name((struct type){args[i]->type.id, args[i]->type.array, 0, 0, -1}, b->m));
	text = mem_strdup(b->m, strbuf_cstr(&s));
	strbuf_release(&s);
	return text;
}
