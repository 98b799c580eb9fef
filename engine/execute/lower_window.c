/*
 * Lowering of windows: calls are sorted into stages by the sort they need, stages stand one behind the other.
 * See window.h.
 */
#include "engine/execute/window.h"

static const struct { const char *name; enum window_fn kind; } functions[] = {
	{"row_number", WINDOW_ROW_NUMBER}, {"rank", WINDOW_RANK}, {"dense_rank", WINDOW_DENSE_RANK},
	{"percent_rank", WINDOW_PERCENT_RANK}, {"cume_dist", WINDOW_CUME_DIST}, {"ntile", WINDOW_NTILE},
	{"lag", WINDOW_LAG}, {"lead", WINDOW_LEAD}, {"first_value", WINDOW_FIRST_VALUE},
	{"last_value", WINDOW_LAST_VALUE}, {"nth_value", WINDOW_NTH_VALUE},
};

struct stage {
	const struct window_spec *longest; /* its order has the others' as prefixes */
	uint32_t ncalls;
	uint32_t *calls;                   /* of the node */
};
struct window_plan {
	struct lowering *l;
	struct window *w;
	const struct column *in;
	size_t nexprs, exprs_cap;
	struct expr **exprs;               /* stored columns */
};

/* ---- stages ---- */

static bool same_keys(const struct window_spec *a, const struct window_spec *b, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (!expr_equal(a->order[i].expr, b->order[i].expr) || a->order[i].descending != b->order[i].descending ||
			a->order[i].nulls_first != b->order[i].nulls_first)
			return false;
	return true;
}

static bool fits(const struct stage *s, const struct window_spec *w)
{
	const struct window_spec *a = s->longest;

	if (a->npartition != w->npartition)
		return false;
	for (uint32_t i = 0; i < w->npartition; i++)
		if (!expr_equal(a->partition[i], w->partition[i]))
			return false;
	return same_keys(a, w, a->norder < w->norder ? a->norder : w->norder);
}

static uint32_t make_stages(struct mem *m, const struct rel *r, struct stage *stages)
{
	uint32_t n = 0;

	for (uint32_t c = 0; c < r->window.ncalls; c++) {
		const struct window_spec *w = r->window.calls[c]->window.spec;
		uint32_t k = 0;

		while (k < n && !fits(&stages[k], w))
			k++;
		if (k == n)
			stages[n++] = (struct stage){w, 0, mem_new_array(m, uint32_t, r->window.ncalls)};
		if (w->norder > stages[k].longest->norder)
			stages[k].longest = w;
		stages[k].calls[stages[k].ncalls++] = c;
	}
	return n;
}

/* ---- one stage ---- */

static uint32_t stored_column(struct window_plan *p, struct expr *e)
{
	if (e->kind == EXPR_COLUMN) {
		int at = column_index(p->in, p->w->nin, e->column);
		if (at >= 0)
			return (uint32_t)at;
	}
	for (size_t i = p->w->nin; i < p->nexprs && expr_volatility(e) != FUNC_VOLATILE; i++)
		if (type_same(p->exprs[i]->type, e->type) && expr_equal(p->exprs[i], e))
			return (uint32_t)i;
	MEM_PUSH(p->l->x->mem, p->exprs, p->nexprs, p->exprs_cap, e);
	return (uint32_t)p->nexprs - 1;
}

static struct window_offset plan_offset(struct window_plan *p, struct expr *e)
{
	if (!e || e->kind == EXPR_CONST)
		return (struct window_offset){e, -1};
	return (struct window_offset){e, (int)stored_column(p, e)};
}

static void plan_keys(struct window_plan *p, const struct window_spec *longest)
{
	struct window *w = p->w;
	struct row_key *keys = mem_new_array(p->l->x->mem, struct row_key, longest->npartition + longest->norder + 1);
	uint32_t n = 0;

	for (uint32_t i = 0; i < longest->npartition; i++)
		keys[n++] = (struct row_key){stored_column(p, longest->partition[i]), false, false};
	for (uint32_t i = 0; i < longest->norder; i++) {
		const struct sort_key *k = &longest->order[i];
		keys[n++] = (struct row_key){stored_column(p, k->expr), k->descending, k->nulls_first};
	}
	w->npartition = longest->npartition;
	w->order = (struct row_order){NULL, n, keys};
}

static uint32_t plan_peers(struct window *w, uint32_t norder)
{
	uint32_t i = 0;

	while (i < w->npeers && w->peers[i].nkeys != norder)
		i++;
	if (i == w->npeers)
		w->peers[w->npeers++] = (struct row_order){NULL, norder, w->order.keys + w->npartition};
	return i;
}

static bool same_offset(const struct expr *a, const struct expr *b) { return a == b || (a && b && expr_equal(a, b)); }

static uint32_t plan_frame(struct window_plan *p, const struct window_spec *spec, uint32_t peers)
{
	struct window *w = p->w;
	struct window_frame *f;

	for (uint32_t i = 0; i < w->nframes; i++) {
		const struct window_spec *o = w->frames[i].spec;
		if (w->frames[i].peers == peers && o->mode == spec->mode && o->start == spec->start && o->end == spec->end &&
			o->exclude == spec->exclude && same_offset(o->start_offset, spec->start_offset) &&
			same_offset(o->end_offset, spec->end_offset))
			return i;
	}
	f = &w->frames[w->nframes++];
	f->spec = spec;
	f->peers = peers;
	if (spec->norder) {
		f->key = w->order.keys[w->npartition].column;
		f->descending = spec->order[0].descending;
	}
	f->start = plan_offset(p, spec->start_offset);
	f->end = plan_offset(p, spec->end_offset);
	return w->nframes - 1;
}

static bool plan_function(struct window_plan *p, struct window_call *c)
{
	const struct func *fn = c->expr->window.fn;

	c->ops = fn->agg;
	c->strict = !(fn->flags & FUNC_NOT_STRICT);
	if (fn->kind == FUNC_AGGREGATE && fn->agg) {
		c->kind = !fn->agg->drop ? WINDOW_AGGREGATE : WINDOW_REPEAT;
		c->highest = strcmp(fn->name, "max") == 0;
		if (fn->agg->drop && (c->highest || strcmp(fn->name, "min") == 0))
			c->kind = WINDOW_BEST;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(functions); i++)
		if (strcmp(functions[i].name, fn->name) == 0) {
			c->kind = functions[i].kind;
			return true;
		}
	return err_at(p->l->err, c->expr->pos, ERR_FEATURE_NOT_SUPPORTED, "window function %s is not supported yet", fn->name);
}

static bool plan_call(struct window_plan *p, struct window_call *c, const struct expr *e)
{
	struct mem *m = p->l->x->mem;

	c->expr = e;
	c->nargs = e->nargs;
	c->args = mem_new_array(m, uint32_t, e->nargs + 1);
	c->arg_types = mem_new_array(m, struct type, e->nargs + 1);
	c->const_args = mem_new_array(m, struct value, e->nargs + 1);
	for (uint32_t i = 0; i < e->nargs; i++) {
		c->args[i] = stored_column(p, e->args[i]);
		c->arg_types[i] = e->args[i]->type;
		c->const_args[i] = e->args[i]->kind == EXPR_CONST ? e->args[i]->value : value_null(type_make(TYPE_VOID));
	}
	c->peers = plan_peers(p->w, e->window.spec->norder);
	c->frame = plan_frame(p, e->window.spec, c->peers);
	return plan_function(p, c);
}

/* in: columns that the stage gets; its output is these and its calls. */
static bool plan_stage(struct lowering *l, const struct rel *r, const struct stage *s, const struct column *in,
					   uint32_t nin, struct window **out)
{
	struct mem *m = l->x->mem;
	struct window *w = mem_new_object(m, struct window);
	struct window_plan p = {.l = l, .w = w, .in = in};
	struct column *cols = mem_new_array(m, struct column, nin + s->ncalls + 1);
	struct type *types;

	*out = w;
	w->x = l->x;
	w->node = r;
	w->nin = nin;
	w->nout = nin + s->ncalls;
	w->cols = cols;
	for (uint32_t i = 0; i < nin; i++) {
		cols[i] = in[i];
		MEM_PUSH(m, p.exprs, p.nexprs, p.exprs_cap, expr_column(m, in[i].id, in[i].type, -1));
	}
	plan_keys(&p, s->longest);
	w->ncalls = s->ncalls;
	w->calls = mem_new_array(m, struct window_call, s->ncalls);
	w->peers = mem_new_array(m, struct row_order, s->ncalls);
	w->frames = mem_new_array(m, struct window_frame, s->ncalls);
	for (uint32_t i = 0; i < s->ncalls; i++) {
		cols[nin + i] = r->cols[r->ncols - r->window.ncalls + s->calls[i]];
		if (!plan_call(&p, &w->calls[i], r->window.calls[s->calls[i]]))
			return false;
	}
	w->nstored = (uint32_t)p.nexprs;
	types = mem_new_array(m, struct type, w->nstored + 1);
	for (uint32_t i = 0; i < w->nstored; i++)
		types[i] = p.exprs[i]->type;
	w->layout = w->order.layout = rowlayout_new(m, WINDOW_HEADER, types, w->nstored);
	for (uint32_t i = 0; i < w->npeers; i++)
		w->peers[i].layout = w->layout;
	window_plan_stream(w);
	(void)sink_window_new(w);
	return program_compile(l, w->sink, in, nin, p.exprs, w->nstored, &w->program, l->err);
}

bool lower_window(struct lowering *l, const struct rel *r, const struct chain *up)
{
	struct mem *m = l->x->mem;
	struct stage *stages = mem_new_array(m, struct stage, r->window.ncalls + 1);
	uint32_t n = make_stages(m, r, stages);
	struct window **windows = mem_new_array(m, struct window *, n + 1);
	const struct column *cols = r->in[0]->cols;
	uint32_t ncols = r->in[0]->ncols;
	struct rel have = {.kind = REL_WINDOW};
	struct chain map, end;

	for (uint32_t i = 0; i < n; i++) {
		if (!plan_stage(l, r, &stages[i], cols, ncols, &windows[i]))
			return false;
		cols = windows[i]->cols;
		ncols = windows[i]->nout;
	}
	have.cols = (struct column *)cols; /* only read */
	have.ncols = ncols;
	if (!lower_map(l, &have, r, &up, &map))
		return false;
	for (uint32_t i = n; i-- > 0;) {
		lower_source(l, source_window_new(windows[i], i + 1 == n), false, up);
		end = (struct chain){windows[i]->sink, NULL};
		up = &end;
	}
	windows[0]->sink->serial = rel_is_ordered(l, r->in[0]);
	return lower_rel(l, r->in[0], up);
}
