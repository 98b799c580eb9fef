/*
 * Arrays and rows as values: ARRAY[…], ARRAY (query), subscripts and slices, op ANY/ALL over an array, casts of
 * arrays, ROW(…). A call has few arguments (FUNC_MAX_ARGS), so long lists are made in pieces that are joined.
 */
#include "engine/bind/bind_int.h"
#include "engine/function/array_call.h"
#include "engine/types/record.h"

#define PIECE FUNC_MAX_ARGS
#define MAX_SUBSCRIPTS 6

/* ---- casts ---- */

static bool parse_array(struct binder *b, struct expr *e, struct type to, struct expr **out)
{
	struct value v;
	struct err inner;

	if (e->value.is_null) {
		*out = expr_const(b->m, value_null(to), e->pos);
		return true;
	}
	to.mod = -1; /* the length is a cast of its own */
	err_clear(&inner);
	if (!value_parse(b->m, to, text_str(&e->value.text), b->c->text, &v, &inner)) {
		if (!inner.position && e->pos >= 0)
			inner.position = e->pos + 1;
		return err_copy(b->e, &inner);
	}
	*out = expr_const(b->m, v, e->pos);
	return true;
}

/* An array's type has no numeric form, only the declared length. */
static struct type array_form(struct type t)
{
	return (struct type){t.id, t.array, t.array ? 0 : t.precision, t.array ? 0 : t.scale, t.mod};
}

bool coerce_array(struct binder *b, struct expr *e, struct type to, enum coercion how, int pos, struct expr **out)
{
	uint32_t need = how == COERCE_EXPLICIT ? 0 : how == COERCE_ASSIGNMENT ? FUNC_ASSIGNMENT | FUNC_IMPLICIT : FUNC_IMPLICIT;
	const struct func *f;
	struct expr *c;

	to = array_form(to);
	if (!to.array && (to.id == TYPE_UNKNOWN || to.id == TYPE_VOID)) {
		*out = e;
		return true;
	}
	if (e->type.id == TYPE_UNKNOWN && !e->type.array) {
		if (e->kind == EXPR_CONST && !parse_array(b, e, to, &e))
			return false;
		if (e->kind == EXPR_PARAM && !coerce_param(b, e, (struct type){to.id, 1, 0, 0, -1}, &e))
			return false;
	}
	if (e->type.id == to.id && e->type.array == to.array && (to.mod < 0 || to.mod == e->type.mod)) {
		*out = e;
		return true;
	}
	if (is_null_const(e)) {
		*out = expr_const(b->m, value_null(to), e->pos);
		return true;
	}
	f = func_cast(e->type, to);
	if (!f || (need && !(f->flags & need)))
		return cannot_cast(b, e, to, pos);
	if (!to.array && to.mod >= 0) { /* to a length of text: the text first */
		struct type text = type_make((enum type_id)to.id);
		return coerce_array(b, e, text, how, pos, &c) && coerce(b, c, to, how, pos, out);
	}
	c = expr_new(b->m, EXPR_CAST, to, 1, e->pos);
	c->fn = f;
	c->args[0] = e;
	*out = c;
	return true;
}

/* ---- ARRAY[…] ---- */

static bool array_call(struct binder *b, const char *name, struct expr **items, uint32_t n, struct type type, int pos,
					   struct expr **out)
{
	size_t count;
	const struct func *const *found = func_find(name, FUNC_SCALAR, &count);

	if (!count)
		return err_at(b->e, pos, ERR_INTERNAL, "there is no function %s", name);
	*out = expr_call(b->m, found[0], type, mem_dup(b->m, items, n * sizeof *items), n, pos);
	return true;
}

/* name over pieces of the items, joined. */
static bool in_pieces(struct binder *b, const char *name, struct expr **items, uint32_t n, struct type type, int pos,
					  struct expr **out)
{
	struct expr **pieces = mem_new_array(b->m, struct expr *, n / PIECE + 1);
	uint32_t np = 0;

	for (uint32_t i = 0; i < n; i += PIECE)
		if (!array_call(b, name, items + i, n - i < PIECE ? n - i : PIECE, type, pos, &pieces[np++]))
			return false;
	if (np > 1)
		return in_pieces(b, "$array_join", pieces, np, type, pos, out);
	*out = pieces[0];
	return true;
}

/* Elements stand in an array as general numerics; what the pieces of a list are made of must be of one form. */
static bool plain_items(struct binder *b, struct expr **items, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (items[i]->type.id == TYPE_NUMERIC && !items[i]->type.array && items[i]->type.precision &&
			!coerce_form(b, items[i], type_make(TYPE_NUMERIC), &items[i]))
			return false;
	return true;
}

bool array_of_items(struct binder *b, struct expr **items, uint32_t n, int pos, struct expr **out)
{
	struct type type = items[0]->type;
	int32_t mod = type.id == TYPE_BPCHAR || type.id == TYPE_VARCHAR ? type.mod : -1;
	bool stack = type.array;

	if (!stack && !plain_items(b, items, n))
		return false;
	type = (struct type){type.id, 1, 0, 0, mod};
	return in_pieces(b, stack ? "$array_stack" : "$array", items, n, type, pos, out);
}

static bool array_items_of(struct binder *b, struct scope *s, const struct ast_array *a, const struct type *want,
						   struct expr **items);

static bool empty_array(struct binder *b, struct type type, int pos, struct expr **out)
{
	struct value v;

	if (!value_parse(b->m, type, STR("{}"), NULL, &v, b->e))
		return false;
	*out = expr_const(b->m, v, pos);
	return true;
}

/* want: the array type that a cast around it asks for, or NULL. */
static bool bind_array_as(struct binder *b, struct scope *s, const struct ast *node, const struct type *want, struct expr **out)
{
	const struct ast_array *a = AST_AS(ARRAY, array, node);
	uint32_t n = a->items.count;
	struct expr **items = mem_new_array(b->m, struct expr *, n + 1);
	struct type elem, common;

	if (n == 0 && want)
		return empty_array(b, *want, at(b, node), out);
	if (n == 0) {
		err_at(b->e, at(b, node), ERR_INDETERMINATE_DATATYPE, "cannot determine type of empty array");
		return err_hint(b->e, "Explicitly cast to the desired type, for example ARRAY[]::integer[].");
	}
	if (!array_items_of(b, s, a, want, items))
		return false;
	if (want) {
		elem = *want;
		elem.array = items[0]->type.array;
		if (!elem.array)
			elem = type_with_mod((enum type_id)want->id, want->mod);
		for (uint32_t i = 0; i < n; i++)
			if (!coerce(b, items[i], elem, COERCE_EXPLICIT, items[i]->pos, &items[i]))
				return false;
	} else if (!unify(b, items, n, "ARRAY", false, &common)) {
		return false;
	}
	if (!array_of_items(b, items, n, at(b, node), out))
		return false;
	if (want)
		(*out)->type.mod = want->mod;
	return true;
}

static bool array_items_of(struct binder *b, struct scope *s, const struct ast_array *a, const struct type *want,
						   struct expr **items)
{
	bool nested = false;

	for (uint32_t i = 0; i < a->items.count; i++)
		nested |= a->items.items[i]->kind == AST_ARRAY;
	for (uint32_t i = 0; i < a->items.count; i++) {
		const struct ast *item = a->items.items[i];
		if (item->kind == AST_ARRAY ? !bind_array_as(b, s, item, want, &items[i]) : !bind_expr(b, s, item, &items[i]))
			return false;
		/* beside an inner list everything is an array */
		if (nested && want && !items[i]->type.array && !coerce(b, items[i], *want, COERCE_EXPLICIT, items[i]->pos, &items[i]))
			return false;
	}
	return true;
}

bool bind_array(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	return bind_array_as(b, s, node, NULL, out);
}

bool bind_array_cast(struct binder *b, struct scope *s, const struct ast *node, struct type to, struct expr **out)
{
	return bind_array_as(b, s, node, &to, out);
}

/* ---- ARRAY (query) ---- */

/* A scalar query over it: array_agg in the query's order, or an empty array. */
bool array_of_query(struct binder *b, struct rel *rel, int pos, struct expr **out)
{
	struct expr *column = column_of(b, &rel->cols[0]), *agg, *value, *coalesce;
	struct rel *r = rel_new(b->m, REL_AGGREGATE, 1);
	struct resolved f;

	if (resolve_call(b, "array_agg", FUNC_AGGREGATE, &column, 1, &f) != RESOLVED)
		return err_at(b->e, pos, ERR_UNDEFINED_OBJECT, "could not find array type for data type %s",
					  type_name(column->type, b->m));
	agg = expr_new(b->m, EXPR_AGG, f.type, 1, pos);
	agg->agg.fn = f.fn;
	agg->args = f.args;
	if (rel->kind == REL_SORT) {
		agg->agg.order = rel->sort.keys;
		agg->agg.norder = rel->sort.nkeys;
	}
	r->in[0] = rel;
	r->ncols = 1;
	r->cols = mem_new_array(b->m, struct column, 1);
	r->cols[0] = (struct column){.id = plan_new_id(b->p), .name = "array", .type = f.type};
	r->agg.naggs = 1;
	r->agg.aggs = mem_dup(b->m, &agg, sizeof agg);
	coalesce = expr_new(b->m, EXPR_COALESCE, f.type, 2, pos);
	coalesce->args[0] = column_of(b, &r->cols[0]);
	if (!empty_array(b, f.type, pos, &coalesce->args[1]))
		return false;
	r = new_project(b, r, &coalesce, NULL, 1);
	value = expr_new(b->m, EXPR_SUBQUERY, f.type, 0, pos);
	value->sub.kind = SUB_SCALAR;
	value->sub.rel = r;
	*out = value;
	return true;
}

/* ---- subscripts ---- */

struct subscripts {
	const struct ast_subscript *list[MAX_SUBSCRIPTS];
	uint32_t n;
	bool slice;
};

static bool collect_subscripts(struct binder *b, const struct ast *node, struct subscripts *out, const struct ast **array)
{
	const struct ast_subscript *s;
	uint32_t n = 0;

	for (const struct ast *x = node; x->kind == AST_SUBSCRIPT; x = s->arg) {
		s = AST_AS(SUBSCRIPT, subscript, x);
		n++;
		*array = s->arg;
		out->slice |= s->slice;
	}
	if (n > MAX_SUBSCRIPTS)
		return err_at(b->e, at(b, node), ERR_PROGRAM_LIMIT, "number of array dimensions (%u) exceeds the maximum allowed (%d)",
					  n, MAX_SUBSCRIPTS);
	out->n = n;
	for (const struct ast *x = node; x->kind == AST_SUBSCRIPT; x = AST_AS(SUBSCRIPT, subscript, x)->arg)
		out->list[--n] = AST_AS(SUBSCRIPT, subscript, x);
	return true;
}

static bool bind_bound(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	const struct func *f;

	if (!bind_expr(b, s, node, out))
		return false;
	f = (*out)->type.id == TYPE_INT4 || (*out)->type.id == TYPE_UNKNOWN ? NULL : func_cast((*out)->type, type_make(TYPE_INT4));
	if ((*out)->type.array || ((*out)->type.id != TYPE_INT4 && (*out)->type.id != TYPE_UNKNOWN &&
							   (!f || !(f->flags & (FUNC_ASSIGNMENT | FUNC_IMPLICIT)))))
		return err_at(b->e, (*out)->pos, ERR_DATATYPE_MISMATCH, "array subscript must have type integer");
	return coerce(b, *out, type_make(TYPE_INT4), COERCE_ASSIGNMENT, (*out)->pos, out);
}

static bool bind_slice(struct binder *b, struct scope *s, const struct subscripts *list, struct expr *array, int pos,
					   struct expr **out)
{
	struct expr *low[MAX_SUBSCRIPTS], *high[MAX_SUBSCRIPTS], *args[4];
	struct type ints = {TYPE_INT4, 1, 0, 0, -1};
	int32_t given = 0;

	for (uint32_t i = 0; i < list->n; i++) {
		const struct ast_subscript *x = list->list[i];
		const struct ast *lower = x->slice ? x->lower : NULL, *upper = x->slice || x->upper ? x->upper : x->lower;
		low[i] = high[i] = expr_const(b->m, value_int4(1), -1);
		if (lower && !bind_bound(b, s, lower, &low[i]))
			return false;
		if (upper && !bind_bound(b, s, upper, &high[i]))
			return false;
		if (lower || !x->slice) /* a plain subscript stands for 1:itself */
			given |= 1 << (2 * i);
		if (upper)
			given |= 2 << (2 * i);
	}
	args[0] = array;
	if (!array_call(b, "$array", low, list->n, ints, pos, &args[1]) || !array_call(b, "$array", high, list->n, ints, pos, &args[2]))
		return false;
	args[3] = expr_const(b->m, value_int4(given), -1);
	return array_call(b, "$slice", args, 4, array->type, pos, out);
}

bool bind_subscript(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	struct subscripts list = {.n = 0};
	const struct ast *inner = node;
	struct expr *array, *args[MAX_SUBSCRIPTS + 1];
	struct type elem;

	if (!collect_subscripts(b, node, &list, &inner) || !bind_expr(b, s, inner, &array))
		return false;
	if (array->type.id == TYPE_JSONB && !array->type.array && !list.slice) {
		for (uint32_t i = 0; i < list.n; i++) {
			const struct ast_subscript *x = list.list[i];
			if (!bind_expr(b, s, x->upper ? x->upper : x->lower, &args[0]) || !coerce_unknown(b, &args[0]) ||
				!call_operator(b, "->", array, args[0], at(b, node), &array))
				return false;
		}
		*out = array;
		return true;
	}
	if (!array->type.array)
		return err_at(b->e, at(b, inner), ERR_DATATYPE_MISMATCH, "cannot subscript type %s because it does not support subscripting",
					  type_name(array->type, b->m));
	if (list.slice)
		return bind_slice(b, s, &list, array, at(b, node), out);
	args[0] = array;
	for (uint32_t i = 0; i < list.n; i++)
		if (!bind_bound(b, s, list.list[i]->upper ? list.list[i]->upper : list.list[i]->lower, &args[i + 1]))
			return false;
	elem = (struct type){array->type.id, 0, 0, 0, array->type.mod};
	if (elem.id == TYPE_NUMERIC)
		elem.mod = -1;
	return array_call(b, "$element", args, list.n + 1, elem, at(b, node), out);
}

/* ---- ANY, ALL ---- */

bool quantified_array(struct binder *b, const char *op, bool all, struct expr *left, struct expr *array, int pos,
					  struct expr **out)
{
	struct expr *probe, *call, *args[2];
	struct type elem, want;

	if (array->type.id == TYPE_UNKNOWN && !array->type.array) { /* a parameter: an array of what stands on the left */
		elem = left->type.id == TYPE_UNKNOWN ? type_make(TYPE_TEXT) : left->type;
		elem = (struct type){elem.id, 1, 0, 0, -1};
		if (!coerce(b, array, elem, COERCE_IMPLICIT, pos, &array))
			return false;
	}
	if (!array->type.array)
		return err_at(b->e, pos, ERR_WRONG_OBJECT_TYPE, "op ANY/ALL (array) requires array on right side");
	elem = (struct type){array->type.id, 0, 0, 0, -1};
	probe = expr_column(b->m, UINT32_MAX, elem, pos);
	if (!call_operator(b, op, left, probe, pos, &call))
		return false;
	if (call->type.id != TYPE_BOOL || call->kind != EXPR_CALL || call->nargs != 2)
		return err_at(b->e, pos, ERR_WRONG_OBJECT_TYPE, "op ANY/ALL (array) requires operator to yield boolean");
	args[0] = call->args[0];
	args[1] = array;
	want = call->args[1]->type;
	if (want.id == TYPE_NUMERIC && want.precision) {
		/* the elements are general numerics: so is the left side */
		if (!coerce_form(b, args[0], type_make(TYPE_NUMERIC), &args[0]))
			return false;
		want = type_make(TYPE_NUMERIC);
	}
	want = (struct type){want.id, 1, 0, 0, -1};
	if (want.id != array->type.id && !coerce(b, array, want, COERCE_IMPLICIT, pos, &args[1]))
		return false;
	*out = expr_call(b->m, func_quantified(call->fn, all), type_make(TYPE_BOOL), mem_dup(b->m, args, sizeof args), 2, pos);
	return true;
}

/* ---- VARIADIC ---- */

void constant_items(struct binder *b, const struct expr *e, struct expr ***items, uint32_t *n)
{
	struct array a;

	array_open(text_str(&e->value.text), &a);
	*n = a.n;
	*items = mem_new_array(b->m, struct expr *, a.n + 1);
	for (uint32_t i = 0; i < a.n; i++) {
		struct value v = array_get(&a, i);
		(*items)[i] = v.type.id == TYPE_NUMERIC && !v.is_null ? literal_numeric(b, &v.num, e->pos) : expr_const(b->m, v, e->pos);
	}
}

static bool add_items(struct binder *b, struct expr *e, struct expr **list, uint32_t *n)
{
	struct expr **items;
	uint32_t count;

	if (e->kind == EXPR_CONST && e->type.array && !e->value.is_null) {
		constant_items(b, e, &items, &count);
	} else if (e->kind == EXPR_CALL && strcmp(e->fn->name, "$array") == 0) {
		items = e->args;
		count = e->nargs;
	} else if (e->kind == EXPR_CALL && strcmp(e->fn->name, "$array_join") == 0) {
		for (uint32_t i = 0; i < e->nargs; i++)
			if (!add_items(b, e->args[i], list, n))
				return false;
		return true;
	} else {
		return not_supported(b, e->pos, "VARIADIC with an array that is not written out");
	}
	if (*n + count > FUNC_MAX_CALL)
		return err_at(b->e, e->pos, ERR_TOO_MANY_ARGUMENTS, "cannot pass more than %d arguments to a function", FUNC_MAX_CALL);
	memcpy(list + *n, items, count * sizeof *items);
	*n += count;
	return true;
}

bool spread_array(struct binder *b, struct expr ***args, uint32_t *n, int pos)
{
	struct expr **list = mem_new_array(b->m, struct expr *, *n + FUNC_MAX_CALL), *last;

	if (!*n)
		return true;
	last = (*args)[--*n];
	if (!last->type.array && last->type.id != TYPE_UNKNOWN)
		return err_at(b->e, pos, ERR_DATATYPE_MISMATCH, "VARIADIC argument must be an array");
	if (*n)
		memcpy(list, *args, *n * sizeof *list);
	*args = list;
	return add_items(b, last, list, n);
}

/* ---- ROW(…) ---- */

bool bind_row_value(struct binder *b, struct expr **items, uint32_t n, int pos, struct expr **out)
{
	struct type type = type_make(TYPE_RECORD);

	for (uint32_t i = 0; i < n; i++)
		if (!coerce_unknown(b, &items[i]))
			return false;
	if (n <= PIECE)
		return array_call(b, "$row", items, n, type, pos, out);
	{
		struct expr **pieces = mem_new_array(b->m, struct expr *, n / PIECE + 1);
		uint32_t np = 0;
		for (uint32_t i = 0; i < n; i += PIECE)
			if (!array_call(b, "$row", items + i, n - i < PIECE ? n - i : PIECE, type, pos, &pieces[np++]))
				return false;
		while (np > 1) {
			uint32_t k = 0;
			for (uint32_t i = 0; i < np; i += PIECE)
				if (!array_call(b, "$row_join", pieces + i, np - i < PIECE ? np - i : PIECE, type, pos, &pieces[k++]))
					return false;
			np = k;
		}
		*out = pieces[0];
	}
	return true;
}
