/*
 * Tables that an agreement lets out only as aggregates over at least n people (GRANT … AGGREGATE ONLY MINIMUM n). After
 * binding, whatever SQL was written, the rows of such a table are followed upwards: they may be filtered, computed with and
 * joined as long as nothing that could fail runs on them and nothing repeats them, and must end in an aggregation. That
 * gets a hidden count of people for each group and for each argument; groups of fewer vanish, aggregates over fewer
 * values are NULL. Above it everything is allowed: it sees such groups only. What else is tried is refused (42501).
 *
 * People are counted by the column whose element identifies a person; in a table without one, rows are.
 * Not prevented, as no limit on single results can: subtracting the answers of two statements from each other.
 */
#include "engine/bind/bind_int.h"

/* Rows of a restricted table on their way up; minimum 0 = none, free. */
struct rows {
	int64_t minimum;
	uint32_t person;        /* id of the column that tells people apart, 0 = rows are counted */
	struct type person_type;
	struct idset own;       /* ids that are the table's columns as the guard shows them */
	const struct catalog_table *table;
};

static bool refuse(struct binder *b, const struct rows *rows, const char *why)
{
	err_set(b->e, ERR_INSUFFICIENT_PRIVILEGE, "table \"%s.%s\" may be read only as aggregates over at least %lld people",
			rows->table->schema, rows->table->name, (long long)rows->minimum);
	return err_hint(b->e, "%s", why);
}

static bool follow(struct binder *b, struct rel **r, struct rows *out);

static bool has_column(const struct rel *r, uint32_t id)
{
	for (uint32_t i = 0; i < r->ncols; i++)
		if (r->cols[i].id == id)
			return true;
	return false;
}

static bool is_safe(struct binder *b, const struct rows *rows, const struct expr *e)
{
	return !e || expr_is_leak_proof(e) || refuse(b, rows, "An expression that could fail, or tell of its arguments otherwise, may not run on its rows.");
}

/* The guard's end over a restricted table. NULL = r is none. */
static const struct rel *restricted_scan(const struct rel *r)
{
	if (r->kind != REL_PROJECT || !r->is_barrier)
		return NULL;
	while (r->nin)
		r = r->in[0];
	return r->kind == REL_SCAN && r->scan.guard->minimum > 0 ? r : NULL;
}

static void begin_rows(struct binder *b, const struct rel *project, const struct rel *scan, struct rows *out)
{
	const struct guard *g = scan->scan.guard;
	uint32_t at = 0;

	out->minimum = g->minimum;
	out->table = g->table;
	for (uint32_t k = 0; k < g->table->ncols && at < project->ncols; k++) {
		const struct catalog_column *c = &g->table->columns[k];

		if (g->readable && !g->readable[k])
			continue;
		idset_add(&out->own, project->cols[at].id, b->m);
		if (c->element && c->element->is_person) {
			out->person = project->cols[at].id;
			out->person_type = project->cols[at].type;
		}
		at++;
	}
}

/* The person's column goes along, at the end, when the projection left it out. */
static struct rel *carry_person(struct binder *b, struct rel *r, const struct rows *in)
{
	struct rel *c = mem_dup(b->m, r, sizeof *c);

	c->ncols = r->ncols + 1;
	c->cols = mem_new_array(b->m, struct column, c->ncols);
	c->project.exprs = mem_new_array(b->m, struct expr *, c->ncols);
	memcpy(c->cols, r->cols, r->ncols * sizeof *c->cols);
	memcpy(c->project.exprs, r->project.exprs, r->ncols * sizeof *c->project.exprs);
	c->cols[r->ncols] = (struct column){.id = plan_new_id(b->p), .name = "person", .type = in->person_type};
	c->project.exprs[r->ncols] = expr_column(b->m, in->person, in->person_type, -1);
	return c;
}

static bool follow_project(struct binder *b, struct rel **r, struct rows *out)
{
	const struct rel *scan = restricted_scan(*r);
	struct rows in = {0};
	struct rel *c;

	if (scan) {
		begin_rows(b, *r, scan, out);
		return true;
	}
	c = mem_dup(b->m, *r, sizeof *c);
	c->in = mem_dup(b->m, c->in, sizeof *c->in);
	if (!follow(b, &c->in[0], &in))
		return false;
	*r = c;
	if (!in.minimum)
		return true;
	*out = in;
	out->own = (struct idset){0, NULL};
	out->person = 0;
	for (uint32_t i = 0; i < c->ncols; i++) {
		const struct expr *e = c->project.exprs[i];

		if (!is_safe(b, &in, e))
			return false;
		if (e->kind == EXPR_COLUMN && idset_has(&in.own, e->column))
			idset_add(&out->own, c->cols[i].id, b->m);
		if (e->kind == EXPR_COLUMN && in.person && e->column == in.person)
			out->person = c->cols[i].id;
	}
	if (in.person && !out->person) {
		*r = c = carry_person(b, c, &in);
		out->person = c->cols[c->ncols - 1].id;
	}
	return true;
}

static bool follow_filter(struct binder *b, struct rel **r, struct rows *out)
{
	struct rel *c = mem_dup(b->m, *r, sizeof *c);

	c->in = mem_dup(b->m, c->in, sizeof *c->in);
	if (!follow(b, &c->in[0], out))
		return false;
	c->ncols = c->in[0]->ncols;
	c->cols = c->in[0]->cols;
	*r = c;
	return !out->minimum || is_safe(b, out, c->filter.predicate);
}

/* ---- joins ---- */

static bool is_key(const struct rel *scan, const struct catalog_key *k, const struct idset *equated)
{
	if (k->kind != KEY_PRIMARY && k->kind != KEY_UNIQUE)
		return false;
	for (uint32_t i = 0; i < k->ncols; i++) {
		bool found = false;

		for (uint32_t j = 0; j < scan->ncols; j++)
			found |= scan->scan.columns[j] == k->cols[i] && idset_has(equated, scan->cols[j].id);
		if (!found)
			return false;
	}
	return k->ncols > 0;
}

/* At most one of r's rows has given values in the equated columns. */
static bool is_unique(struct binder *b, const struct rel *r, const struct idset *equated)
{
	struct idset below = {0, NULL};
	bool all = true;

	switch (r->kind) {
	case REL_FILTER:
		return is_unique(b, r->in[0], equated);
	case REL_PROJECT:
		for (uint32_t i = 0; i < r->ncols; i++)
			if (idset_has(equated, r->cols[i].id) && r->project.exprs[i]->kind == EXPR_COLUMN)
				idset_add(&below, r->project.exprs[i]->column, b->m);
		return is_unique(b, r->in[0], &below);
	case REL_SCAN:
		for (uint32_t i = 0; i < r->scan.table->nkeys; i++)
			if (is_key(r, &r->scan.table->keys[i], equated))
				return true;
		return false;
	case REL_AGGREGATE:
		for (uint32_t i = 0; i < r->agg.ngroups; i++)
			all &= idset_has(equated, r->cols[i].id);
		return all && r->agg.nsets == 0;
	case REL_VALUES:
		return r->values.nrows <= 1;
	case REL_SINGLE:
	case REL_EMPTY:
		return true;
	case REL_VIRTUAL:
	case REL_JOIN:
	case REL_WINDOW:
	case REL_SORT:
	case REL_LIMIT:
	case REL_SETOP:
	case REL_CTE:
	case REL_CTE_SCAN:
	case REL_TABLE_FN:
	case REL_REMOTE:
		return false;
	}
	UNREACHABLE();
}

/* Columns of `side` that the condition equates with columns of the other. */
static void equated_columns(struct binder *b, struct expr *condition, const struct rel *side, const struct rel *other,
							struct idset *out)
{
	struct expr **list;
	uint32_t n = condition ? expr_conjuncts(b->m, condition, &list) : 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct expr *e = list[i];

		if (e->kind != EXPR_CALL || e->nargs != 2 || strcmp(e->fn->name, "=") != 0 || e->args[0]->kind != EXPR_COLUMN ||
			e->args[1]->kind != EXPR_COLUMN)
			continue;
		for (int k = 0; k < 2; k++)
			if (has_column(side, e->args[k]->column) && has_column(other, e->args[1 - k]->column))
				idset_add(out, e->args[k]->column, b->m);
	}
}

static bool may_join(struct binder *b, const struct rel *r, const struct rows *rows, bool left)
{
	const struct rel *own = r->in[left ? 0 : 1], *other = r->in[left ? 1 : 0];
	struct idset equated = {0, NULL};

	if (!is_safe(b, rows, r->join.condition))
		return false;
	if (left && (r->join.kind == JOIN_SEMI || r->join.kind == JOIN_ANTI || r->join.kind == JOIN_MARK))
		return true;
	if (r->join.kind == JOIN_FULL || r->join.kind == (left ? JOIN_RIGHT : JOIN_LEFT) ||
		(!left && r->join.kind != JOIN_INNER && r->join.kind != JOIN_RIGHT))
		return refuse(b, rows, "This join shows which of the other side's rows have none among its rows: aggregate it before it is joined.");
	equated_columns(b, r->join.condition, other, own, &equated);
	return is_unique(b, other, &equated) ||
		   refuse(b, rows, "A join that could repeat its rows is not allowed: join by a key of the other table, or aggregate before.");
}

static void join_columns(struct binder *b, struct rel *c)
{
	bool both = c->join.kind != JOIN_SEMI && c->join.kind != JOIN_ANTI && c->join.kind != JOIN_MARK;
	uint32_t left = c->in[0]->ncols, n = left + (both ? c->in[1]->ncols : c->join.kind == JOIN_MARK ? 1 : 0);
	struct column *cols = mem_new_array(b->m, struct column, n + 1);

	memcpy(cols, c->in[0]->cols, left * sizeof *cols);
	if (both)
		memcpy(cols + left, c->in[1]->cols, c->in[1]->ncols * sizeof *cols);
	else if (n > left)
		cols[left] = c->cols[c->ncols - 1];
	for (uint32_t i = 0; i < n; i++) { /* what the join makes NULL */
		bool nulls = i < left ? c->join.kind == JOIN_RIGHT || c->join.kind == JOIN_FULL
							  : c->join.kind == JOIN_LEFT || c->join.kind == JOIN_FULL || c->join.kind == JOIN_SINGLE;
		cols[i].not_null &= !nulls;
	}
	c->cols = cols;
	c->ncols = n;
}

static bool follow_join(struct binder *b, struct rel **r, struct rows *out)
{
	struct rel *c = mem_dup(b->m, *r, sizeof *c);
	struct rows left = {0}, right = {0};

	c->in = mem_new_array(b->m, struct rel *, 2);
	memcpy(c->in, (*r)->in, 2 * sizeof *c->in);
	if (!follow(b, &c->in[0], &left) || !follow(b, &c->in[1], &right))
		return false;
	if (left.minimum && right.minimum)
		return refuse(b, &left, "It may not be joined with another table of this kind.");
	if ((left.minimum || right.minimum) && !may_join(b, c, left.minimum ? &left : &right, left.minimum != 0))
		return false;
	*out = left.minimum ? left : right;
	join_columns(b, c);
	*r = c;
	return true;
}

/* ---- aggregation ---- */

static bool is_allowed(const char *name)
{
	static const char *const names[] = {"count", "sum", "avg", "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* A column of the table, perhaps cast. */
static bool is_own(const struct rows *rows, const struct expr *e)
{
	while (e->kind == EXPR_CAST && expr_is_leak_proof(e))
		e = e->args[0];
	return e->kind == EXPR_COLUMN && idset_has(&rows->own, e->column);
}

static bool check_aggregate(struct binder *b, const struct rows *rows, const struct expr *a)
{
	if (!is_allowed(a->agg.fn->name) || (a->agg.distinct && strcmp(a->agg.fn->name, "count") != 0))
		return refuse(b, rows, "Its aggregates are count, sum, avg, stddev and variance.");
	if (a->agg.filter || a->agg.norder)
		return refuse(b, rows, "Its aggregates take no FILTER and no ORDER BY: use WHERE.");
	return a->agg.star || a->nargs == 0 || (a->nargs == 1 && is_own(rows, a->args[0])) ||
		   refuse(b, rows, "Its aggregates take plain columns of the table.");
}

/* count(DISTINCT person) or count(*), where value is not NULL. */
static bool people(struct binder *b, const struct rows *rows, struct expr *value, struct expr **out)
{
	struct expr *person = rows->person ? expr_column(b->m, rows->person, rows->person_type, -1) : NULL, *agg, *is_null;
	struct resolved f;

	if (resolve_call(b, "count", FUNC_AGGREGATE, person ? &person : NULL, person ? 1 : 0, &f) != RESOLVED)
		return err_set(b->e, ERR_INTERNAL, "count is not there");
	agg = expr_new(b->m, EXPR_AGG, f.type, f.nargs, -1);
	agg->agg.fn = f.fn;
	agg->args = f.args;
	agg->agg.star = !person;
	agg->agg.distinct = person != NULL;
	if (value) {
		is_null = expr_new(b->m, EXPR_IS_NULL, type_make(TYPE_BOOL), 1, -1);
		is_null->args[0] = value;
		agg->agg.filter = expr_new(b->m, EXPR_NOT, type_make(TYPE_BOOL), 1, -1);
		agg->agg.filter->args[0] = is_null;
	}
	*out = agg;
	return true;
}

static bool enough(struct binder *b, const struct rows *rows, const struct column *count, struct expr **out)
{
	return call_operator(b, ">=", column_of(b, count), expr_const(b->m, value_int8(rows->minimum), -1), -1, out);
}

/* The value where enough people stand behind it, else NULL. */
static bool suppressed(struct binder *b, const struct rows *rows, const struct column *value, const struct column *count,
					   struct expr **out)
{
	struct expr *c = expr_new(b->m, EXPR_CASE, value->type, 3, -1);

	c->args[1] = column_of(b, value);
	c->args[2] = expr_const(b->m, value_null(value->type), -1);
	*out = c;
	return enough(b, rows, count, &c->args[0]);
}

/* The aggregation under ids of its own with its hidden counts: count 0 of the group, then one of each argument. */
static bool with_counts(struct binder *b, const struct rows *rows, struct rel *r, struct rel **out)
{
	struct rel *c = mem_dup(b->m, r, sizeof *c);
	uint32_t groups = r->agg.ngroups, n = r->agg.naggs, at = n;

	c->is_barrier = false;
	c->agg.aggs = mem_new_array(b->m, struct expr *, 2 * n + 1);
	if (n)
		memcpy(c->agg.aggs, r->agg.aggs, n * sizeof *c->agg.aggs);
	if (!people(b, rows, NULL, &c->agg.aggs[at++]))
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (r->agg.aggs[i]->nargs && !people(b, rows, r->agg.aggs[i]->args[0], &c->agg.aggs[at++]))
			return false;
	c->agg.naggs = at;
	c->ncols = groups + at + (r->agg.has_grouping ? 1 : 0);
	c->cols = mem_new_array(b->m, struct column, c->ncols);
	for (uint32_t i = 0; i < c->ncols; i++) {
		bool old = i < groups + n || i == groups + at;

		if (old)
			c->cols[i] = r->cols[i < groups + n ? i : groups + n];
		else
			c->cols[i] = (struct column){.name = "people", .type = c->agg.aggs[i - groups]->type};
		c->cols[i].id = plan_new_id(b->p);
	}
	*out = c;
	return true;
}

static bool guard_groups(struct binder *b, const struct rows *rows, struct rel **r)
{
	struct rel *old = *r, *agg, *project = rel_new(b->m, REL_PROJECT, 1);
	uint32_t groups = old->agg.ngroups, n = old->agg.naggs, hidden = groups + n + 1;
	struct expr *test;

	if (!with_counts(b, rows, old, &agg) || !enough(b, rows, &agg->cols[groups + n], &test))
		return false;
	project->in[0] = new_filter(b, agg, test);
	project->ncols = old->ncols;
	project->cols = mem_new_array(b->m, struct column, old->ncols + 1);
	memcpy(project->cols, old->cols, old->ncols * sizeof *old->cols);
	project->project.exprs = mem_new_array(b->m, struct expr *, old->ncols + 1);
	project->is_barrier = true;
	for (uint32_t i = 0; i < old->ncols; i++) {
		bool counted = i >= groups && i < groups + n && old->agg.aggs[i - groups]->nargs;

		project->project.exprs[i] = column_of(b, &agg->cols[i < groups + n ? i : agg->ncols - 1]);
		project->cols[i].not_null &= !counted;
		if (counted && !suppressed(b, rows, &agg->cols[i], &agg->cols[hidden++], &project->project.exprs[i]))
			return false;
	}
	*r = project;
	return true;
}

static bool follow_aggregate(struct binder *b, struct rel **r, struct rows *out)
{
	struct rel *c = mem_dup(b->m, *r, sizeof *c);
	struct rows in = {0};

	(void)out; /* above there are groups only */
	c->in = mem_dup(b->m, c->in, sizeof *c->in);
	if (!follow(b, &c->in[0], &in))
		return false;
	*r = c;
	if (!in.minimum)
		return true;
	if (c->agg.nsets > 1) /* a total less the groups that are shown is a group that isn't */
		return refuse(b, &in, "GROUPING SETS, ROLLUP and CUBE would tell the groups that are too small: ask for one grouping at a time.");
	for (uint32_t i = 0; i < c->agg.ngroups; i++)
		if (!is_safe(b, &in, c->agg.groups[i]))
			return false;
	for (uint32_t i = 0; i < c->agg.naggs; i++)
		if (!check_aggregate(b, &in, c->agg.aggs[i]))
			return false;
	return guard_groups(b, &in, r);
}

static bool follow_others(struct binder *b, struct rel **r)
{
	struct rel *c = mem_dup(b->m, *r, sizeof *c);

	if (c->nin) {
		c->in = mem_new_array(b->m, struct rel *, c->nin);
		memcpy(c->in, (*r)->in, c->nin * sizeof *c->in);
	}
	for (uint32_t i = 0; i < c->nin; i++) {
		struct rows in = {0};

		if (!follow(b, &c->in[i], &in))
			return false;
		if (in.minimum)
			return refuse(b, &in, "Window functions, ORDER BY, LIMIT, set operations and WITH see its groups, not its rows: aggregate first.");
	}
	*r = c;
	return true;
}

static bool follow(struct binder *b, struct rel **r, struct rows *out)
{
	switch ((*r)->kind) {
	case REL_PROJECT:
		return follow_project(b, r, out);
	case REL_FILTER:
		return follow_filter(b, r, out);
	case REL_JOIN:
		return follow_join(b, r, out);
	case REL_AGGREGATE:
		return follow_aggregate(b, r, out);
	case REL_SCAN:
	case REL_VIRTUAL:
	case REL_VALUES:
	case REL_WINDOW:
	case REL_SORT:
	case REL_LIMIT:
	case REL_SETOP:
	case REL_CTE:
	case REL_CTE_SCAN:
	case REL_TABLE_FN:
	case REL_SINGLE:
	case REL_REMOTE:
	case REL_EMPTY:
		return follow_others(b, r);
	}
	UNREACHABLE();
}

bool bind_minimum(struct binder *b, struct rel **root)
{
	struct rows rows = {0};
	bool any = false;

	for (uint32_t i = 0; i < b->p->nguards; i++)
		any |= b->p->guards[i]->minimum > 0;
	if (!any)
		return true;
	return follow(b, root, &rows) && (!rows.minimum || refuse(b, &rows, "Its rows themselves may not leave."));
}
