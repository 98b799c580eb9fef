/*
 * When two bound expressions or relations are the same: equal in structure, types and values. Subqueries that were written
 * twice have ids of their own each, so inside them a column is the same when it is made at the same place of the two trees.
 * Positions in the text, names and estimates don't count; table aliases do, as in PostgreSQL's equal().
 */
#include "engine/plan/rel.h"

/* The pairs of relations whose insides are being compared, innermost first. */
struct inside {
	const struct inside *outer;
	const struct rel *a, *b;
};

static bool same_expr(const struct inside *in, const struct expr *a, const struct expr *b);
static bool same_rel(const struct inside *in, const struct rel *a, const struct rel *b);

struct seeking {
	uint32_t a, b;      /* ids, or numbers of CTEs */
	bool cte, is_found, is_same;
};

static void seek(struct seeking *s, const struct rel *a, const struct rel *b)
{
	if (a->kind != b->kind || a->nin != b->nin || s->is_found)
		return;
	if (s->cte && a->kind == REL_CTE && a->cte.number == s->a) {
		s->is_found = true;
		s->is_same = b->cte.number == s->b;
		return;
	}
	for (uint32_t i = 0; !s->cte && i < a->ncols && i < b->ncols; i++)
		if (a->cols[i].id == s->a) {
			s->is_found = true;
			s->is_same = b->cols[i].id == s->b;
			return;
		}
	for (uint32_t i = 0; i < a->nin; i++)
		seek(s, a->in[i], b->in[i]);
}

/* The same id (number), or made at the same place of the trees. */
static bool same_maker(const struct inside *in, uint32_t a, uint32_t b, bool cte)
{
	for (; in; in = in->outer) {
		struct seeking s = {a, b, cte, false, false};
		seek(&s, in->a, in->b);
		if (s.is_found)
			return s.is_same;
	}
	return a == b;
}

static bool same_or_null(const struct inside *in, const struct expr *a, const struct expr *b)
{
	return a == b || (a && b && same_expr(in, a, b));
}

static bool same_keys(const struct inside *in, const struct sort_key *a, uint32_t na, const struct sort_key *b, uint32_t nb)
{
	if (na != nb)
		return false;
	for (uint32_t i = 0; i < na; i++)
		if (a[i].descending != b[i].descending || a[i].nulls_first != b[i].nulls_first ||
			!same_expr(in, a[i].expr, b[i].expr))
			return false;
	return true;
}

static bool same_specs(const struct inside *in, const struct window_spec *a, const struct window_spec *b)
{
	if (a == b)
		return true;
	if (a->npartition != b->npartition || a->mode != b->mode || a->start != b->start || a->end != b->end ||
		a->exclude != b->exclude)
		return false;
	for (uint32_t i = 0; i < a->npartition; i++)
		if (!same_expr(in, a->partition[i], b->partition[i]))
			return false;
	return same_keys(in, a->order, a->norder, b->order, b->norder) &&
		   same_or_null(in, a->start_offset, b->start_offset) && same_or_null(in, a->end_offset, b->end_offset);
}

static bool same_ops(const struct expr *a, const struct expr *b)
{
	if (a->sub.test || b->sub.test)
		return a == b;
	for (uint32_t i = 0; i < a->nargs; i++)
		if (a->sub.ops[i] != b->sub.ops[i])
			return false;
	return true;
}

static bool same_payload(const struct inside *in, const struct expr *a, const struct expr *b)
{
	switch (a->kind) {
	case EXPR_CONST:
		return value_same(&a->value, &b->value);
	case EXPR_COLUMN:
		return same_maker(in, a->column, b->column, false);
	case EXPR_PARAM:
		return a->param == b->param;
	case EXPR_CALL:
	case EXPR_CAST:
	case EXPR_NULLIF:
		return a->fn == b->fn;
	case EXPR_AGG:
		return a->agg.fn == b->agg.fn && a->agg.distinct == b->agg.distinct && a->agg.star == b->agg.star &&
			   same_or_null(in, a->agg.filter, b->agg.filter) &&
			   same_keys(in, a->agg.order, a->agg.norder, b->agg.order, b->agg.norder);
	case EXPR_WINDOW:
		return a->window.fn == b->window.fn && same_specs(in, a->window.spec, b->window.spec);
	case EXPR_SUBQUERY:
		return a->sub.kind == b->sub.kind && same_ops(a, b) && same_rel(in, a->sub.rel, b->sub.rel);
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
		return true;
	}
	UNREACHABLE();
}

static bool same_expr(const struct inside *in, const struct expr *a, const struct expr *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind || a->nargs != b->nargs || !type_same(a->type, b->type) || a->type.mod != b->type.mod)
		return false;
	if (!same_payload(in, a, b))
		return false;
	for (uint32_t i = 0; i < a->nargs; i++)
		if (!same_expr(in, a->args[i], b->args[i]))
			return false;
	return true;
}

bool expr_equal(const struct expr *a, const struct expr *b)
{
	return same_expr(NULL, a, b);
}

static bool same_list(const struct inside *in, struct expr *const *a, struct expr *const *b, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (!same_expr(in, a[i], b[i]))
			return false;
	return true;
}

static bool same_aggregate(const struct inside *in, const struct rel *a, const struct rel *b)
{
	if (a->agg.ngroups != b->agg.ngroups || a->agg.naggs != b->agg.naggs || a->agg.nsets != b->agg.nsets ||
		a->agg.has_grouping != b->agg.has_grouping)
		return false;
	for (uint32_t i = 0; i < a->agg.nsets; i++)
		if (!idset_covers(&a->agg.sets[i], &b->agg.sets[i]) || !idset_covers(&b->agg.sets[i], &a->agg.sets[i]))
			return false;
	return same_list(in, a->agg.groups, b->agg.groups, a->agg.ngroups) && same_list(in, a->agg.aggs, b->agg.aggs, a->agg.naggs);
}

static bool same_scan(const struct inside *in, const struct rel *a, const struct rel *b)
{
	if (a->scan.table != b->scan.table || strcmp(a->scan.alias ? a->scan.alias : "", b->scan.alias ? b->scan.alias : "") != 0)
		return false;
	for (uint32_t i = 0; i < a->ncols; i++)
		if (a->scan.columns[i] != b->scan.columns[i])
			return false;
	return same_or_null(in, a->scan.predicate, b->scan.predicate);
}

static bool same_node(const struct inside *in, const struct rel *a, const struct rel *b)
{
	switch (a->kind) {
	case REL_SCAN:
		return same_scan(in, a, b);
	case REL_VALUES:
		for (uint32_t i = 0; i < a->values.nrows && i < b->values.nrows; i++)
			if (!same_list(in, a->values.rows[i], b->values.rows[i], a->ncols))
				return false;
		return a->values.nrows == b->values.nrows;
	case REL_FILTER:
		return same_expr(in, a->filter.predicate, b->filter.predicate);
	case REL_PROJECT:
		return same_list(in, a->project.exprs, b->project.exprs, a->ncols);
	case REL_JOIN:
		return a->join.kind == b->join.kind && a->join.null_aware == b->join.null_aware &&
			   same_or_null(in, a->join.condition, b->join.condition);
	case REL_AGGREGATE:
		return same_aggregate(in, a, b);
	case REL_WINDOW:
		return a->window.ncalls == b->window.ncalls && same_list(in, a->window.calls, b->window.calls, a->window.ncalls);
	case REL_SORT:
		return a->sort.limit == b->sort.limit && same_keys(in, a->sort.keys, a->sort.nkeys, b->sort.keys, b->sort.nkeys);
	case REL_LIMIT:
		return a->limit.with_ties == b->limit.with_ties && same_or_null(in, a->limit.limit, b->limit.limit) &&
			   same_or_null(in, a->limit.offset, b->limit.offset) &&
			   same_keys(in, a->limit.keys, a->limit.nkeys, b->limit.keys, b->limit.nkeys);
	case REL_SETOP:
		return a->setop.kind == b->setop.kind && !a->setop.recursion && !b->setop.recursion;
	case REL_CTE:
		return a->cte.recursive == b->cte.recursive;
	case REL_CTE_SCAN:
		return same_maker(in, a->cte.number, b->cte.number, true);
	case REL_SINGLE:
	case REL_EMPTY:
		return true;
	case REL_VIRTUAL:
	case REL_TABLE_FN:
	case REL_REMOTE:
		return false; /* only when they are one */
	}
	UNREACHABLE();
}

static bool same_tree(const struct inside *in, const struct rel *a, const struct rel *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind || a->nin != b->nin || a->ncols != b->ncols)
		return false;
	for (uint32_t i = 0; i < a->ncols; i++)
		if (!type_same(a->cols[i].type, b->cols[i].type))
			return false;
	for (uint32_t i = 0; i < a->nin; i++)
		if (!same_tree(in, a->in[i], b->in[i]))
			return false;
	return same_node(in, a, b);
}

static bool same_rel(const struct inside *in, const struct rel *a, const struct rel *b)
{
	struct inside here = {in, a, b};

	return same_tree(&here, a, b);
}
