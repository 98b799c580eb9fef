/*
 * plan_verify: what every plan must hold between passes. A broken rule is a programmer's mistake, reported
 * as XX000 with the node's kind, so that a test run shows which pass broke what.
 *
 * The rules, node by node, children first:
 *  - an id is made by one node only, and used only above its maker; its type is the maker's
 *  - filter, sort, limit, single pass their input's columns on, in order; joins those of both inputs
 *    (semi, anti: the left's; mark: the left's and one boolean); the others make theirs
 *  - conditions are boolean; set operations have equal types by position
 *  - a scan's guard stands in the access proof, and shows each column that the scan reads
 */
#include <stdlib.h>

#include "catalog/snapshot.h"
#include "engine/plan/rel.h"

struct verifier {
	const struct plan *p;
	struct type *types;     /* by id */
	bool *made;             /* by id: some node has made it */
	struct err *e;
	const struct rel *node; /* under test, for messages */
	struct idset visible;   /* ids that the node's inputs offer */
	bool ok;
};

static bool fail(struct verifier *v, const char *what, uint32_t id)
{
	v->ok = false;
	return err_set(v->e, ERR_INTERNAL, "bad plan: %s node %s (column id %u)", rel_kind_name(v->node->kind), what, id);
}

static bool verify_node(struct verifier *v, const struct rel *r);

static bool make_columns(struct verifier *v, const struct rel *r, uint32_t from)
{
	for (uint32_t i = from; i < r->ncols; i++) {
		uint32_t id = r->cols[i].id;
		if (id >= v->p->next_id)
			return fail(v, "makes an id that was never given out", id);
		if (v->made[id])
			return fail(v, "makes an id that another node has made", id);
		v->made[id] = true;
		v->types[id] = r->cols[i].type;
	}
	return true;
}

/* r's columns at..at+n are in's, in order. */
static bool passes_columns(struct verifier *v, const struct rel *r, uint32_t at, const struct rel *in)
{
	if (at + in->ncols > r->ncols)
		return fail(v, "lacks columns of its input", 0);
	for (uint32_t i = 0; i < in->ncols; i++)
		if (r->cols[at + i].id != in->cols[i].id || !type_same(r->cols[at + i].type, in->cols[i].type))
			return fail(v, "does not pass on a column of its input", in->cols[i].id);
	return true;
}

/* ---- expressions ---- */

static bool verify_shape(struct verifier *v, const struct expr *e)
{
	switch (e->kind) {
	case EXPR_AND:
	case EXPR_OR:
		for (uint32_t i = 0; i < e->nargs; i++)
			if (e->args[i]->type.id != TYPE_BOOL)
				return fail(v, "has AND/OR over something not boolean", 0);
		return e->nargs >= 2 || fail(v, "has AND/OR with less than two arguments", 0);
	case EXPR_NOT:
	case EXPR_IS_TRUE:
		return (e->nargs == 1 && e->args[0]->type.id == TYPE_BOOL) || fail(v, "has NOT over something not boolean", 0);
	case EXPR_IS_NULL:
		return e->nargs == 1 || fail(v, "has IS NULL without an argument", 0);
	case EXPR_CASE:
		for (uint32_t i = 0; i < e->nargs; i++) {
			bool is_when = i % 2 == 0 && i + 1 < e->nargs;
			if (is_when ? e->args[i]->type.id != TYPE_BOOL : !type_same(e->args[i]->type, e->type))
				return fail(v, "has CASE with differing types", i);
		}
		return true;
	case EXPR_COALESCE:
	case EXPR_GREATEST:
	case EXPR_LEAST:
		for (uint32_t i = 0; i < e->nargs; i++)
			if (!type_same(e->args[i]->type, e->type))
				return fail(v, "has COALESCE or so with differing types", i);
		return true;
	case EXPR_IN:
	case EXPR_DISTINCT:
	case EXPR_NULLIF:
		for (uint32_t i = 1; i < e->nargs; i++)
			if (!type_same(e->args[i]->type, e->args[0]->type))
				return fail(v, "has a comparison of differing types", i);
		return true;
	case EXPR_CALL:
		return (e->fn && e->fn->kind != FUNC_AGGREGATE) || fail(v, "has a call without a scalar function", 0);
	case EXPR_CAST:
		return e->nargs == 1 || fail(v, "has a cast without an argument", 0);
	case EXPR_CONST:
	case EXPR_COLUMN:
	case EXPR_PARAM:
	case EXPR_AGG:
	case EXPR_WINDOW:
	case EXPR_SUBQUERY:
		return true;
	}
	UNREACHABLE();
}

static enum walk verify_expr_step(const struct expr *e, void *arg)
{
	struct verifier *v = arg;

	if (!verify_shape(v, e))
		return WALK_STOP;
	if (e->kind == EXPR_COLUMN) {
		if (!idset_has(&v->visible, e->column))
			fail(v, "uses a column that no input makes", e->column);
		else if (!type_same(v->types[e->column], e->type))
			fail(v, "uses a column with another type", e->column);
	} else if (e->kind == EXPR_SUBQUERY) {
		/* several expressions may share one subquery: its ids are its own */
		struct verifier inner = *v;
		inner.made = calloc(v->p->next_id + 1, sizeof *inner.made);
		if (inner.made)
			memcpy(inner.made, v->made, (v->p->next_id) * sizeof *inner.made);
		if (!inner.made || !verify_node(&inner, e->sub.rel))
			v->ok = false;
		free(inner.made);
	}
	return v->ok ? WALK_ON : WALK_STOP;
}

static void verify_slot(struct expr **e, void *arg)
{
	struct verifier *v = arg;

	if (v->ok)
		expr_walk(*e, verify_expr_step, v);
}

/* ---- nodes ---- */

static bool is_boolean(const struct expr *e)
{
	return !e || e->type.id == TYPE_BOOL;
}

static bool verify_scan(struct verifier *v, const struct rel *r)
{
	const struct guard *g = r->scan.guard;
	bool listed = false;

	if (!g || !r->scan.table)
		return fail(v, "has no guard", 0);
	for (uint32_t i = 0; i < v->p->nguards; i++)
		listed |= v->p->guards[i] == g;
	if (!listed)
		return fail(v, "has a guard outside the access proof", 0);
	for (uint32_t i = 0; i < r->ncols; i++)
		if (r->scan.columns[i] >= r->scan.table->ncols)
			return fail(v, "reads a column that the table does not have", r->cols[i].id);
	return is_boolean(r->scan.predicate) || fail(v, "has a predicate that is not boolean", 0);
}

static bool verify_join(struct verifier *v, const struct rel *r)
{
	bool both = r->join.kind != JOIN_SEMI && r->join.kind != JOIN_ANTI && r->join.kind != JOIN_MARK;
	uint32_t n = r->in[0]->ncols;

	if (!passes_columns(v, r, 0, r->in[0]))
		return false;
	if (both) {
		if (!passes_columns(v, r, n, r->in[1]))
			return false;
		n += r->in[1]->ncols;
	} else if (r->join.kind == JOIN_MARK) {
		if (r->ncols != n + 1 || r->cols[n].type.id != TYPE_BOOL)
			return fail(v, "of kind mark has no boolean at its end", 0);
		if (!make_columns(v, r, n))
			return false;
		n++;
	}
	if (r->ncols != n)
		return fail(v, "has a wrong number of columns", r->ncols);
	return is_boolean(r->join.condition) || fail(v, "has a condition that is not boolean", 0);
}

static bool verify_aggregate(struct verifier *v, const struct rel *r)
{
	uint32_t n = r->agg.ngroups + r->agg.naggs + (r->agg.has_grouping ? 1 : 0);

	if (r->ncols != n)
		return fail(v, "has a wrong number of columns", r->ncols);
	for (uint32_t i = 0; i < r->agg.ngroups; i++)
		if (!type_same(r->cols[i].type, r->agg.groups[i]->type))
			return fail(v, "has a group of another type", r->cols[i].id);
	for (uint32_t i = 0; i < r->agg.naggs; i++) {
		const struct expr *a = r->agg.aggs[i];
		if (a->kind != EXPR_AGG || !type_same(r->cols[r->agg.ngroups + i].type, a->type))
			return fail(v, "has an aggregate of another kind or type", r->cols[r->agg.ngroups + i].id);
		if (!is_boolean(a->agg.filter))
			return fail(v, "has a FILTER that is not boolean", 0);
	}
	return make_columns(v, r, 0);
}

static bool verify_window(struct verifier *v, const struct rel *r)
{
	uint32_t n = r->in[0]->ncols;

	if (!passes_columns(v, r, 0, r->in[0]))
		return false;
	if (r->ncols != n + r->window.ncalls)
		return fail(v, "has a wrong number of columns", r->ncols);
	for (uint32_t i = 0; i < r->window.ncalls; i++)
		if (r->window.calls[i]->kind != EXPR_WINDOW || !type_same(r->cols[n + i].type, r->window.calls[i]->type))
			return fail(v, "has a call of another kind or type", r->cols[n + i].id);
	return make_columns(v, r, n);
}

static bool verify_project(struct verifier *v, const struct rel *r)
{
	for (uint32_t i = 0; i < r->ncols; i++) {
		const struct expr *x = r->project.exprs[i];
		if (x->kind == EXPR_AGG || x->kind == EXPR_WINDOW)
			return fail(v, "has an aggregate or window call", r->cols[i].id);
		if (!type_same(r->cols[i].type, x->type))
			return fail(v, "has an expression of another type", r->cols[i].id);
	}
	return make_columns(v, r, 0);
}

static bool verify_values(struct verifier *v, const struct rel *r)
{
	for (uint32_t i = 0; i < r->values.nrows; i++)
		for (uint32_t c = 0; c < r->ncols; c++)
			if (!type_same(r->values.rows[i][c]->type, r->cols[c].type))
				return fail(v, "has a value of another type", r->cols[c].id);
	return make_columns(v, r, 0);
}

static bool verify_setop(struct verifier *v, const struct rel *r)
{
	for (uint32_t i = 0; i < r->nin; i++) {
		if (r->in[i]->ncols != r->ncols)
			return fail(v, "has an input with another number of columns", i);
		for (uint32_t c = 0; c < r->ncols; c++)
			if (!type_same(r->in[i]->cols[c].type, r->cols[c].type))
				return fail(v, "has an input with another type", r->cols[c].id);
	}
	return make_columns(v, r, 0);
}

static bool verify_table_fn(struct verifier *v, const struct rel *r)
{
	uint32_t own = rel_table_columns(r), at = r->in[0]->ncols;

	if (!passes_columns(v, r, 0, r->in[0]))
		return false;
	if (r->ncols != at + own)
		return fail(v, "has a wrong number of columns", r->ncols);
	for (uint32_t i = 0; i < r->table_fn.ncalls; at += r->table_fn.widths[i++])
		if (r->table_fn.widths[i] == 1 && !type_same(r->cols[at].type, r->table_fn.calls[i]->type))
			return fail(v, "has a call of another type", r->cols[at].id);
	return make_columns(v, r, r->in[0]->ncols);
}

static bool verify_kind(struct verifier *v, const struct rel *r)
{
	switch (r->kind) {
	case REL_SCAN:
		return verify_scan(v, r);
	case REL_VIRTUAL:
	case REL_CTE_SCAN:
	case REL_REMOTE:
	case REL_EMPTY:
		return true;
	case REL_VALUES:
		return verify_values(v, r);
	case REL_FILTER:
		if (!r->filter.predicate || r->filter.predicate->type.id != TYPE_BOOL)
			return fail(v, "has a predicate that is not boolean", 0);
		FALLTHROUGH;
	case REL_SORT:
	case REL_LIMIT:
	case REL_SINGLE:
	case REL_CTE:
		if (r->ncols != r->in[0]->ncols)
			return fail(v, "has a wrong number of columns", r->ncols);
		return passes_columns(v, r, 0, r->in[0]);
	case REL_PROJECT:
		return verify_project(v, r);
	case REL_JOIN:
		return verify_join(v, r);
	case REL_AGGREGATE:
		return verify_aggregate(v, r);
	case REL_WINDOW:
		return verify_window(v, r);
	case REL_TABLE_FN:
		return verify_table_fn(v, r);
	case REL_SETOP:
		return verify_setop(v, r);
	}
	UNREACHABLE();
}

static uint32_t wanted_inputs(const struct rel *r)
{
	switch (r->kind) {
	case REL_SCAN:
	case REL_VIRTUAL:
	case REL_VALUES:
	case REL_CTE_SCAN:
	case REL_REMOTE:
	case REL_EMPTY:
		return 0;
	case REL_FILTER:
	case REL_PROJECT:
	case REL_AGGREGATE:
	case REL_WINDOW:
	case REL_SORT:
	case REL_LIMIT:
	case REL_TABLE_FN:
	case REL_SINGLE:
		return 1;
	case REL_JOIN:
	case REL_CTE:
		return 2;
	case REL_SETOP:
		return r->nin;
	}
	UNREACHABLE();
}

static bool verify_node(struct verifier *v, const struct rel *r)
{
	bool is_leaf = r->nin == 0;

	v->node = r;
	if (r->nin != wanted_inputs(r))
		return fail(v, "has a wrong number of inputs", r->nin);
	for (uint32_t i = 0; i < r->nin; i++)
		if (!verify_node(v, r->in[i]))
			return false;
	v->node = r;
	if (is_leaf && r->kind != REL_VALUES && !make_columns(v, r, 0))
		return false;
	v->visible = (struct idset){0, NULL};
	for (uint32_t i = 0; i < r->nin; i++)
		if (r->kind != REL_CTE || i == 0)
			rel_out_ids(r->in[i], &v->visible, v->p->mem);
	if (r->kind == REL_SCAN)
		rel_out_ids(r, &v->visible, v->p->mem);
	rel_each_expr((struct rel *)r, verify_slot, v);
	return v->ok && verify_kind(v, r);
}

bool plan_verify(const struct plan *p, struct err *e)
{
	struct verifier v = {.p = p, .e = e, .ok = true};

	v.types = mem_new_array(p->mem, struct type, p->next_id + 1);
	v.made = mem_new_array(p->mem, bool, p->next_id + 1);
	if (!verify_node(&v, p->root))
		return false;
	v.node = p->root;
	if (p->root->ncols < p->ncols)
		return fail(&v, "has fewer columns than the result", p->ncols);
	return true;
}
