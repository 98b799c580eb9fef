/*
 * Overload resolution for functions and operators: manual 10.2 and 10.3, as PostgreSQL's
 * func_select_candidate does it, then casts of the arguments and the row's own `infer`.
 *
 * Two differences in the candidates, not in the answers: PostgreSQL has operators across integer widths
 * and between real and double; here the operands are made equal first (real with any other number becomes
 * double). A row argument declared VOID or UNKNOWN stands for PostgreSQL's "any".
 */
#include "engine/bind/bind_int.h"

#define MAX_ARGS 128

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
	return t.id == TYPE_VOID || t.id == TYPE_UNKNOWN;
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
	for (uint32_t i = 0; i < r->n; i++)
		if (!can_coerce_implicit(r->types[i], wanted(f, i)) && !takes_any_text(f, i))
			return false;
	return true;
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
	return r->types[i].id != TYPE_UNKNOWN && wanted(f, i).id == r->types[i].id;
}

static bool is_preferred_match(const struct resolver *r, const struct func *f, uint32_t i)
{
	struct type w = wanted(f, i);

	if (r->types[i].id == TYPE_UNKNOWN)
		return false;
	return is_exact(r, f, i) ||
		   (type_infos[w.id].preferred && type_infos[w.id].category == type_infos[r->types[i].id].category);
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
		const struct type_info *t;
		if (!r->list[c].alive)
			continue;
		t = &type_infos[wanted(r->list[c].fn, i).id];
		if (!category) {
			category = t->category;
			*has_preferred = t->preferred;
		} else if (t->category == category) {
			*has_preferred |= t->preferred;
		} else if (t->category == 'S') {
			category = 'S';
			conflict = false;
			*has_preferred = t->preferred;
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
		if (r->types[i].id != TYPE_UNKNOWN)
			continue;
		category[i] = unknown_category(r, i, &preferred[i]);
		if (!category[i])
			return;
	}
	for (int pass = 0; pass < 2; pass++)
		for (size_t c = 0; c < r->count; c++) {
			bool keep = r->list[c].alive;
			for (uint32_t i = 0; keep && i < r->n; i++) {
				const struct type_info *t = &type_infos[wanted(r->list[c].fn, i).id];
				if (r->types[i].id == TYPE_UNKNOWN)
					keep = t->category == category[i] && (!preferred[i] || t->preferred);
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
		if (r->types[i].id == TYPE_UNKNOWN)
			any_unknown = true;
		else if (known.id == TYPE_UNKNOWN)
			known = r->types[i];
		else if (known.id != r->types[i].id)
			return;
	}
	if (!any_unknown || known.id == TYPE_UNKNOWN)
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
	if (binary && types[0].id == TYPE_UNKNOWN)
		types[0] = types[1];
	else if (binary && types[1].id == TYPE_UNKNOWN)
		types[1] = types[0];
	for (size_t c = 0; c < r->count; c++) {
		const struct func *f = r->list[c].fn;
		bool same = !(f->flags & FUNC_VARIADIC) || f->nargs == r->n;
		for (uint32_t i = 0; same && i < r->n; i++)
			same = types[i].id != TYPE_UNKNOWN && wanted(f, i).id == types[i].id;
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
		if (r->types[i].id == TYPE_UNKNOWN)
			return true;
	return false;
}

static enum resolution choose(struct resolver *r, bool is_operator)
{
	for (uint32_t i = 0; i < r->n; i++)
		if (r->types[i].array)
			return RESOLVE_NONE;
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

static bool cast_args(struct binder *b, const struct func *f, struct expr **args, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct type to = wanted(f, i);
		bool output = takes_any_text(f, i) && !can_coerce_implicit(args[i]->type, to);
		if (is_any(to)) {
			if (!coerce_unknown(b, &args[i]))
				return false;
			continue;
		}
		if (takes_any_text(f, i) && !as_shown(b, &args[i]))
			return false;
		/* the declared modifier is for the row's own use */
		if (!coerce(b, args[i], type_make(to.id), output ? COERCE_EXPLICIT : COERCE_IMPLICIT, args[i]->pos, &args[i]))
			return false;
	}
	return true;
}

static bool finish(struct binder *b, const struct func *f, struct expr **args, uint32_t n, struct resolved *out)
{
	struct type types[MAX_ARGS];
	const struct func *pick = NULL;

	if (!cast_args(b, f, args, n))
		return false;
	for (uint32_t i = 0; i < n; i++)
		types[i] = args[i]->type;
	out->type = f->result;
	if (f->infer) {
		out->type = f->infer(f, types, n, &pick);
	} else {
		for (uint32_t i = 0; i < n; i++)
			if (types[i].id == TYPE_NUMERIC && wanted(f, i).id == TYPE_NUMERIC) {
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
	bool left = r->types[0].id == TYPE_FLOAT4, right = r->types[1].id == TYPE_FLOAT4;
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
			same = g->args[i].id == f->args[i].id;
		if (same)
			return true;
	}
	return false;
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
