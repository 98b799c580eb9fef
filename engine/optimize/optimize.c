/*
 * The runner: each pass of passes.def in order, with a cancel check before it, its off-switch, its time for
 * EXPLAIN, and plan_verify after it in debug builds. At the end every node has its estimates.
 */
#include "engine/optimize/optimize_int.h"

#include "engine/base/clock.h"

struct pass {
	const char *name;
	bool (*run)(struct optimizer *o);
};
static const struct pass passes[] = {
#define PASS(name, function, help) {name, function},
#include "engine/optimize/passes.def"
#undef PASS
};

size_t optimize_pass_count(void)
{
	return ARRAY_LEN(passes);
}

const char *optimize_pass_name(size_t i)
{
	ASSERT(i < ARRAY_LEN(passes));
	return passes[i].name;
}

/* Whether name stands in the comma list. */
static bool is_listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = list; *p;) {
		const char *end;
		while (*p == ' ' || *p == ',')
			p++;
		end = p + strcspn(p, ", ");
		if ((size_t)(end - p) == len && strncmp(p, name, len) == 0)
			return true;
		p = end;
	}
	return false;
}

/* ---- roots ---- */

struct root_map {
	struct optimizer *o;
	struct rel *(*fn)(struct optimizer *o, struct rel *r, bool is_main);
	struct rel **from, **to;
	size_t n, cap, to_cap;
};

static struct expr *root_expr(struct expr *e, void *arg)
{
	struct root_map *w = arg;
	struct expr *c;
	size_t i = 0;

	if (e->kind != EXPR_SUBQUERY)
		return e;
	while (i < w->n && w->from[i] != e->sub.rel)
		i++;
	if (i == w->n) {
		size_t n = w->n;
		MEM_PUSH(w->o->m, w->from, w->n, w->cap, e->sub.rel);
		MEM_PUSH(w->o->m, w->to, n, w->to_cap, w->fn(w->o, e->sub.rel, false));
	}
	if (w->to[i] == e->sub.rel)
		return e;
	c = mem_dup(w->o->m, e, sizeof *e);
	c->sub.rel = w->to[i];
	return c;
}

static void root_slot(struct expr **e, void *arg)
{
	struct root_map *w = arg;

	if (expr_has_subquery(*e))
		*e = expr_rewrite(w->o->m, *e, root_expr, w);
}

static enum walk has_slot_step(const struct expr *e, void *arg)
{
	if (e->kind == EXPR_SUBQUERY)
		*(bool *)arg = true;
	return WALK_ON;
}

bool expr_has_subquery(const struct expr *e)
{
	bool has = false;

	expr_walk(e, has_slot_step, &has);
	return has;
}

static void has_slot(struct expr **e, void *arg)
{
	expr_walk(*e, has_slot_step, arg);
}

/* Not rel_rewrite: that would go into the subqueries by itself. */
static struct rel *root_rel(struct root_map *w, struct rel *r)
{
	struct rel *c = r;
	bool has = false;

	rel_each_expr(r, has_slot, &has);
	for (uint32_t i = 0; i < r->nin; i++) {
		struct rel *x = root_rel(w, r->in[i]);
		if (x != r->in[i] && c == r)
			c = rel_copy_node(w->o->m, r);
		if (x != r->in[i])
			c->in[i] = x;
	}
	if (has) {
		if (c == r)
			c = rel_copy_node(w->o->m, r);
		rel_each_expr(c, root_slot, w);
	}
	return c;
}

void each_root(struct optimizer *o, struct rel *(*fn)(struct optimizer *o, struct rel *r, bool is_main))
{
	struct root_map w = {.o = o, .fn = fn};

	o->p->root = fn(o, o->p->root, true);
	/* subqueries inside subqueries: root_rel on what fn returned, until no new root turns up */
	o->p->root = root_rel(&w, o->p->root);
	for (size_t i = 0; i < w.n; i++) {
		struct rel *deeper = root_rel(&w, w.to[i]);
		if (deeper != w.to[i])
			*w.to[i] = *deeper; /* expressions hold this pointer already */
	}
}

/* ---- columns ---- */

void refresh_cols(struct mem *m, struct rel *r)
{
	uint32_t n, own;

	switch (r->kind) {
	case REL_FILTER:
	case REL_SORT:
	case REL_LIMIT:
	case REL_SINGLE:
	case REL_CTE:
		r->cols = r->in[0]->cols;
		r->ncols = r->in[0]->ncols;
		return;
	case REL_WINDOW:
	case REL_JOIN:
	case REL_TABLE_FN:
		break;
	case REL_SCAN:
	case REL_VIRTUAL:
	case REL_VALUES:
	case REL_PROJECT:
	case REL_AGGREGATE:
	case REL_SETOP:
	case REL_CTE_SCAN:
	case REL_REMOTE:
	case REL_EMPTY:
		return;
	}
	own = r->kind == REL_WINDOW		? r->window.ncalls
		  : r->kind == REL_TABLE_FN ? rel_table_columns(r)
									: (uint32_t)(r->join.kind == JOIN_MARK);
	n = r->in[0]->ncols;
	if (r->kind == REL_JOIN && r->join.kind != JOIN_SEMI && r->join.kind != JOIN_ANTI && r->join.kind != JOIN_MARK)
		n += r->in[1]->ncols;
	{
		struct column *cols = mem_new_array(m, struct column, n + own + 1);
		bool left_nulls = r->kind == REL_JOIN && (r->join.kind == JOIN_RIGHT || r->join.kind == JOIN_FULL);
		bool right_nulls = r->kind == REL_JOIN && r->join.kind != JOIN_INNER && r->join.kind != JOIN_RIGHT;
		for (uint32_t i = 0; i < n; i++) {
			bool left = i < r->in[0]->ncols;
			cols[i] = left ? r->in[0]->cols[i] : r->in[1]->cols[i - r->in[0]->ncols];
			cols[i].not_null &= left ? !left_nulls : !right_nulls;
		}
		if (own)
			memcpy(cols + n, r->cols + (r->ncols - own), own * sizeof *cols);
		r->cols = cols;
		r->ncols = n + own;
	}
}

struct rel *refresh_tree(struct optimizer *o, struct rel *r)
{
	for (uint32_t i = 0; i < r->nin; i++)
		r->in[i] = refresh_tree(o, r->in[i]);
	refresh_cols(o->m, r);
	return r;
}

/* ---- running ---- */

static bool run_pass(struct optimizer *o, const struct pass *pass, const struct optimize_trace *trace)
{
	int64_t start = clock_monotonic_us();

	if (!pass->run(o) || !mem_check(o->m, o->e))
		return false;
#ifndef NDEBUG
	if (!plan_verify(o->p, o->e))
		return err_context(o->e, "after the pass %s", pass->name);
#endif
	if (trace && trace->after)
		trace->after(pass->name, o->p, clock_monotonic_us() - start, trace->arg);
	return true;
}

static enum walk estimate_expr(const struct expr *e, void *arg)
{
	if (e->kind == EXPR_SUBQUERY)
		optimize_estimate(arg, e->sub.rel);
	return WALK_ON;
}

static void estimate_slot(struct expr **e, void *arg)
{
	expr_walk(*e, estimate_expr, arg);
}

static enum walk estimate_subqueries(const struct rel *r, void *arg)
{
	rel_each_expr((struct rel *)r, estimate_slot, arg);
	return WALK_ON;
}

bool optimize_plan(struct plan *p, const struct settings *settings, const struct text_context *text,
				   const struct cancel *cancel, const struct optimize_trace *trace, struct err *e)
{
	struct optimizer o = {p, p->mem, settings, text, e};
	bool on = !settings || settings->number[SET_optimizer];

	for (size_t i = 0; on && i < ARRAY_LEN(passes); i++) {
		if (cancel && !cancel_check(cancel, e))
			return false;
		if (settings && is_listed(settings->text[SET_disabled_passes], passes[i].name))
			continue;
		if (!run_pass(&o, &passes[i], trace))
			return false;
	}
	optimize_estimate(p, p->root);
	rel_walk(p->root, estimate_subqueries, p);
	return true;
}
