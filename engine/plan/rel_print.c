/*
 * A plan as an indented tree, one line a node, as EXPLAIN shows a stage; subqueries that still stand in
 * expressions follow their node. Column names are found by searching the plan: for people, not hot paths.
 */
#include "catalog/snapshot.h"
#include "engine/plan/rel.h"
#include "engine/plan/virtual.h"

const char *rel_kind_name(enum rel_kind kind)
{
	switch (kind) {
	case REL_SCAN:
		return "Scan";
	case REL_VIRTUAL:
		return "Virtual Scan";
	case REL_VALUES:
		return "Values";
	case REL_FILTER:
		return "Filter";
	case REL_PROJECT:
		return "Project";
	case REL_JOIN:
		return "Join";
	case REL_AGGREGATE:
		return "Aggregate";
	case REL_WINDOW:
		return "Window";
	case REL_SORT:
		return "Sort";
	case REL_LIMIT:
		return "Limit";
	case REL_SETOP:
		return "Set Operation";
	case REL_CTE:
		return "CTE";
	case REL_CTE_SCAN:
		return "CTE Scan";
	case REL_TABLE_FN:
		return "Table Function";
	case REL_SINGLE:
		return "Single Row";
	case REL_REMOTE:
		return "Remote";
	case REL_EMPTY:
		return "Empty";
	}
	UNREACHABLE();
}

const char *join_kind_name(enum join_kind kind)
{
	switch (kind) {
	case JOIN_INNER:
		return "Inner";
	case JOIN_LEFT:
		return "Left";
	case JOIN_RIGHT:
		return "Right";
	case JOIN_FULL:
		return "Full";
	case JOIN_SEMI:
		return "Semi";
	case JOIN_ANTI:
		return "Anti";
	case JOIN_MARK:
		return "Mark";
	case JOIN_SINGLE:
		return "Single";
	}
	UNREACHABLE();
}

static const char *setop_name(enum setop_kind kind)
{
	switch (kind) {
	case SETOP_UNION:
		return "Union";
	case SETOP_UNION_ALL:
		return "Union All";
	case SETOP_INTERSECT:
		return "Intersect";
	case SETOP_INTERSECT_ALL:
		return "Intersect All";
	case SETOP_EXCEPT:
		return "Except";
	case SETOP_EXCEPT_ALL:
		return "Except All";
	}
	UNREACHABLE();
}

/* ---- names ---- */

struct name_search {
	uint32_t id;
	const char *alias, *name;
};

static enum walk name_step(const struct rel *r, void *arg)
{
	struct name_search *s = arg;

	for (uint32_t i = 0; i < r->ncols; i++) {
		if (r->cols[i].id != s->id)
			continue;
		s->name = r->cols[i].name;
		if (r->kind == REL_SCAN)
			s->alias = r->scan.alias;
		else if (r->kind == REL_VIRTUAL)
			s->alias = r->virtual_scan.alias;
		else if (r->kind == REL_CTE_SCAN)
			s->alias = r->cte.name;
		/* the maker is deepest: go on looking below */
	}
	return WALK_ON;
}

/* Along the inputs only: predicates may be long, and are looked through only for subqueries' columns. */
static void search_inputs(const struct rel *r, struct name_search *s)
{
	name_step(r, s);
	for (uint32_t i = 0; i < r->nin; i++)
		search_inputs(r->in[i], s);
}

const char *plan_column_name(const struct plan *p, uint32_t id)
{
	struct name_search s = {id, NULL, NULL};

	if (p->root)
		search_inputs(p->root, &s);
	if (p->root && !s.name)
		rel_walk(p->root, name_step, &s);
	if (!s.name)
		return mem_printf(p->mem, "#%u", id);
	return s.alias ? mem_printf(p->mem, "%s.%s", s.alias, s.name) : s.name;
}

static const char *names(uint32_t id, void *arg)
{
	return plan_column_name(arg, id);
}

/* ---- nodes ---- */

struct tree_printer {
	const struct plan *p;
	struct strbuf *out;
	int indent;
};

static void put(const struct tree_printer *t, const struct expr *e)
{
	expr_print(e, names, (void *)t->p, t->out);
}

static void put_list(const struct tree_printer *t, struct expr *const *list, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			strbuf_adds(t->out, ", ");
		put(t, list[i]);
	}
}

static void put_keys(const struct tree_printer *t, const struct sort_key *keys, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			strbuf_adds(t->out, ", ");
		put(t, keys[i].expr);
		strbuf_adds(t->out, keys[i].descending ? " DESC" : "");
		if (keys[i].nulls_first != keys[i].descending)
			strbuf_adds(t->out, keys[i].nulls_first ? " NULLS FIRST" : " NULLS LAST");
	}
}

static void put_scan(const struct tree_printer *t, const struct rel *r)
{
	strbuf_addf(t->out, " %s.%s", r->scan.table->schema, r->scan.table->name);
	if (r->scan.alias && strcmp(r->scan.alias, r->scan.table->name) != 0)
		strbuf_addf(t->out, " AS %s", r->scan.alias);
	strbuf_adds(t->out, " (");
	for (uint32_t i = 0; i < r->ncols; i++)
		strbuf_addf(t->out, "%s%s", i ? ", " : "", r->cols[i].name);
	strbuf_addc(t->out, ')');
	if (r->scan.predicate) {
		strbuf_adds(t->out, " where ");
		put(t, r->scan.predicate);
	}
}

static void put_aggregate(const struct tree_printer *t, const struct rel *r)
{
	if (r->agg.ngroups) {
		strbuf_adds(t->out, " by ");
		put_list(t, r->agg.groups, r->agg.ngroups);
	}
	if (r->agg.nsets) {
		strbuf_adds(t->out, " sets");
		for (uint32_t s = 0; s < r->agg.nsets; s++) {
			bool first = true;
			strbuf_adds(t->out, " (");
			for (uint32_t g = 0; g < r->agg.ngroups; g++) {
				if (!idset_has(&r->agg.sets[s], g))
					continue;
				strbuf_addf(t->out, "%s%u", first ? "" : ", ", g + 1);
				first = false;
			}
			strbuf_addc(t->out, ')');
		}
	}
	if (r->agg.naggs) {
		strbuf_adds(t->out, ": ");
		put_list(t, r->agg.aggs, r->agg.naggs);
	}
}

static void put_join(const struct tree_printer *t, const struct rel *r)
{
	if (r->join.null_aware)
		strbuf_adds(t->out, " null-aware");
	if (r->join.condition) {
		strbuf_adds(t->out, " on ");
		put(t, r->join.condition);
	}
	if (r->join.build_left)
		strbuf_adds(t->out, " (build left)");
}

static void put_limit(const struct tree_printer *t, const struct rel *r)
{
	if (r->limit.limit) {
		strbuf_addc(t->out, ' ');
		put(t, r->limit.limit);
	}
	if (r->limit.with_ties)
		strbuf_adds(t->out, " with ties");
	if (r->limit.offset) {
		strbuf_adds(t->out, " offset ");
		put(t, r->limit.offset);
	}
}

static void put_details(const struct tree_printer *t, const struct rel *r)
{
	switch (r->kind) {
	case REL_SCAN:
		put_scan(t, r);
		return;
	case REL_VIRTUAL:
		strbuf_addf(t->out, " %s.%s", r->virtual_scan.table->schema, r->virtual_scan.table->name);
		return;
	case REL_VALUES:
		strbuf_addf(t->out, " %u row%s", r->values.nrows, r->values.nrows == 1 ? "" : "s");
		return;
	case REL_FILTER:
		strbuf_addc(t->out, ' ');
		put(t, r->filter.predicate);
		return;
	case REL_PROJECT:
		strbuf_addc(t->out, ' ');
		put_list(t, r->project.exprs, r->ncols);
		return;
	case REL_JOIN:
		put_join(t, r);
		return;
	case REL_AGGREGATE:
		put_aggregate(t, r);
		return;
	case REL_WINDOW:
		strbuf_addc(t->out, ' ');
		put_list(t, r->window.calls, r->window.ncalls);
		return;
	case REL_SORT:
		strbuf_addc(t->out, ' ');
		put_keys(t, r->sort.keys, r->sort.nkeys);
		if (r->sort.limit >= 0)
			strbuf_addf(t->out, " top %lld", (long long)r->sort.limit);
		return;
	case REL_LIMIT:
		put_limit(t, r);
		return;
	case REL_CTE:
	case REL_CTE_SCAN:
		strbuf_addf(t->out, " %s", r->cte.name);
		return;
	case REL_TABLE_FN:
		strbuf_addc(t->out, ' ');
		put_list(t, r->table_fn.calls, r->table_fn.ncalls);
		if (r->table_fn.ordinality)
			strbuf_adds(t->out, " with ordinality");
		if (r->table_fn.outer)
			strbuf_adds(t->out, " outer");
		return;
	case REL_SETOP:
	case REL_SINGLE:
	case REL_REMOTE:
	case REL_EMPTY:
		return;
	}
	UNREACHABLE();
}

static void put_node(struct tree_printer *t, const struct rel *r);

static enum walk put_subquery(const struct expr *e, void *arg)
{
	struct tree_printer *t = arg;

	if (e->kind == EXPR_SUBQUERY) {
		strbuf_addf(t->out, "%*sSubquery\n", t->indent * 2, "");
		t->indent++;
		put_node(t, e->sub.rel);
		t->indent--;
	}
	return WALK_ON;
}

static void put_subqueries(struct expr **e, void *arg)
{
	expr_walk(*e, put_subquery, arg);
}

static void put_node(struct tree_printer *t, const struct rel *r)
{
	strbuf_addf(t->out, "%*s", t->indent * 2, "");
	if (r->kind == REL_JOIN)
		strbuf_addf(t->out, "%s ", join_kind_name(r->join.kind));
	strbuf_adds(t->out, r->kind == REL_SETOP ? setop_name(r->setop.kind) : rel_kind_name(r->kind));
	put_details(t, r);
	if (r->est.rows >= 0)
		strbuf_addf(t->out, "  [rows %.0f]", r->est.rows);
	strbuf_addc(t->out, '\n');
	t->indent++;
	rel_each_expr((struct rel *)r, put_subqueries, t);
	for (uint32_t i = 0; i < r->nin; i++)
		put_node(t, r->in[i]);
	t->indent--;
}

void plan_print(const struct plan *p, const struct rel *r, struct strbuf *out)
{
	struct tree_printer t = {p, out, 0};

	put_node(&t, r);
}
