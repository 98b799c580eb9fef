/*
 * REL_TABLE_FN: each input row as often as its set-returning calls give rows. Arguments are computed for a
 * whole input batch by a program; then the rows are taken one by one, each call goes on from where it stands,
 * and the batch that leaves is full whatever the sets' sizes are, so memory does not grow with them. The calls
 * of a row go on side by side: the shorter ones are filled up with NULLs. A call of anything that is no set is
 * its value, once.
 *
 * Global state is read-only; all else is the task's. The input batch stays the task's until it is used up, so
 * states may point into the arguments.
 */
#include "engine/execute/lower.h"

struct expand_call {
	const struct func *fn;     /* NULL: a value, the argument itself */
	struct type type;
	uint32_t first_arg, nargs; /* in the program's output */
	uint32_t first, width;     /* of the columns that are made */
	struct type *arg_types;
	struct value *const_args;
};
struct expand {
	const struct rel *node;
	struct program *program;   /* NULL: no arguments at all */
	uint32_t nargs, ncalls, nin, nmade; /* nmade: without ordinality */
	struct expand_call *calls;
};

struct set {
	struct fncall call;
	void *state;
	bool started, done;
};
struct expand_local {
	struct evaluator *ev;
	struct vec *args;
	struct view *views;
	struct set *sets;
	uint32_t sel[BATCH_ROWS];
	uint32_t *filled;          /* per call: rows of this round */
	uint32_t row;              /* of the input */
	int64_t number;            /* rows given for it */
	bool running;              /* the row's sets are started */
	bool fresh;                /* the arguments of this input are computed */
};

static bool expand_open_local(struct task *t, void *global, void **local)
{
	const struct expand *g = global;
	struct expand_local *l = mem_new_object(t->mem, struct expand_local);

	*local = l;
	l->args = mem_new_array(t->mem, struct vec, g->nargs + 1);
	l->views = mem_new_array(t->mem, struct view, g->nargs + 1);
	l->sets = mem_new_array(t->mem, struct set, g->ncalls + 1);
	l->filled = mem_new_array(t->mem, uint32_t, g->ncalls + 1);
	for (uint32_t i = 0; i < g->ncalls; i++) {
		const struct expand_call *c = &g->calls[i];
		if (!c->fn)
			continue;
		l->sets[i].state = mem_alloc(t->mem, c->fn->table->state_size + 1);
		l->sets[i].call = (struct fncall){
			.fn = c->fn, .nargs = c->nargs, .arg_types = c->arg_types, .result = c->type, .mem = task_data(t),
			.scratch = t->mem, .text = t->x->env.text, .const_args = c->const_args, .err = &t->err};
	}
	return !g->program || evaluator_open(t, g->program, &l->ev);
}

static void stop_sets(const struct expand *g, struct expand_local *l)
{
	for (uint32_t i = 0; i < g->ncalls; i++) {
		struct set *s = &l->sets[i];
		if (s->started && g->calls[i].fn && g->calls[i].fn->table->stop)
			g->calls[i].fn->table->stop(&s->call, s->state);
		s->started = false;
	}
}

static void expand_close_local(void *global, void *local)
{
	const struct expand *g = global;
	struct expand_local *l = local;

	if (l->sets)
		stop_sets(g, l);
	for (uint32_t i = 0; l->args && i < g->nargs; i++)
		vec_release(&l->args[i]);
	evaluator_close(l->ev);
}

static bool start_set(const struct expand_call *c, struct set *s, const struct view *views, uint32_t row)
{
	s->done = false;
	s->started = false;
	if (!c->fn)
		return true;
	for (uint32_t a = 0; a < c->nargs && !(c->fn->flags & FUNC_NOT_STRICT); a++)
		if (view_is_null(&views[a], row)) {
			s->done = true;
			return true;
		}
	memset(s->state, 0, c->fn->table->state_size);
	s->started = true;
	return c->fn->table->start(&s->call, views, row, s->state);
}

static bool null_row(struct task *t, struct vec *v, uint32_t row)
{
	if (!v->valid && !vec_want_nulls(v, t->x->batch_rows, task_data(t), &t->err))
		return false;
	vec_set_null(v, row);
	return true;
}

static bool value_once(struct task *t, const struct vec *arg, uint32_t row, struct vec *out, uint32_t at)
{
	struct value v = vec_get(arg, row);

	v.type = out->type;
	return v.is_null ? null_row(t, out, at) : vec_put(out, at, &v, task_data(t), &t->err);
}

/* One round: up to `room` rows of each call at `at`; *made = the most that one gave. */
static bool round_of(struct task *t, const struct expand *g, struct expand_local *l, struct vec *cols, uint32_t at,
					 uint32_t room, uint32_t *made)
{
	*made = 0;
	for (uint32_t i = 0; i < g->ncalls; i++) {
		const struct expand_call *c = &g->calls[i];
		struct set *s = &l->sets[i];
		l->filled[i] = 0;
		if (s->done)
			continue;
		if (!c->fn) {
			if (!value_once(t, &l->args[c->first_arg], l->row, &cols[c->first], at))
				return false;
			l->filled[i] = 1;
			s->done = true;
		} else {
			if (!c->fn->table->next(&s->call, s->state, cols + c->first, at, room, &l->filled[i]))
				return false;
			s->done = l->filled[i] < room;
		}
		*made = l->filled[i] > *made ? l->filled[i] : *made;
	}
	for (uint32_t i = 0; i < g->ncalls; i++)
		for (uint32_t k = l->filled[i]; k < *made; k++)
			for (uint32_t c = 0; c < g->calls[i].width; c++)
				if (!null_row(t, &cols[g->calls[i].first + c], at + k))
					return false;
	return true;
}

static bool start_row(const struct expand *g, struct expand_local *l)
{
	for (uint32_t i = 0; i < g->ncalls; i++)
		if (!start_set(&g->calls[i], &l->sets[i], l->views + g->calls[i].first_arg, l->row))
			return false;
	l->running = true;
	l->number = 0;
	return true;
}

static bool all_done(const struct expand *g, const struct expand_local *l)
{
	for (uint32_t i = 0; i < g->ncalls; i++)
		if (!l->sets[i].done)
			return false;
	return true;
}

/* The row that has no rows of its own, kept. */
static bool empty_row(struct task *t, const struct expand *g, struct vec *cols, uint32_t at)
{
	for (uint32_t c = 0; c < g->nmade + g->node->table_fn.ordinality; c++)
		if (!null_row(t, &cols[c], at))
			return false;
	return true;
}

/* Fills cols from the rows that are left; l->sel says whose rows they are. */
static bool fill(struct task *t, const struct expand *g, struct expand_local *l, uint32_t in_rows, struct vec *cols,
				 uint32_t *rows)
{
	uint32_t n = 0, made, cap = t->x->batch_rows;

	while (l->row < in_rows && n < cap) {
		if (!l->running && !start_row(g, l))
			return false;
		if (!round_of(t, g, l, cols, n, cap - n, &made))
			return false;
		if (g->node->table_fn.outer && !made && !l->number && all_done(g, l)) {
			if (!empty_row(t, g, cols, n))
				return false;
			l->sel[n++] = l->row;
		}
		for (uint32_t k = 0; k < made; k++) {
			l->sel[n + k] = l->row;
			l->number++;
			if (g->node->table_fn.ordinality)
				((int64_t *)cols[g->nmade].data)[n + k] = l->number;
		}
		n += made;
		if (all_done(g, l)) {
			stop_sets(g, l);
			l->running = false;
			l->row++;
		}
	}
	*rows = n;
	return true;
}

static bool compute_args(const struct expand *g, struct expand_local *l, const struct batch *in)
{
	if (g->program && !evaluator_run(l->ev, in->cols, in->rows, l->args))
		return false;
	for (uint32_t i = 0; i < g->nargs; i++)
		l->views[i] = vec_view(&l->args[i]);
	l->fresh = true;
	l->row = 0;
	return true;
}

static enum flow expand_push(struct task *t, void *global, void *local, struct batch *in, struct batch *out)
{
	const struct expand *g = global;
	struct expand_local *l = local;
	uint32_t rows, own = g->nmade + g->node->table_fn.ordinality;
	struct buf *sel;
	bool ok = true;

	if (!l->fresh && !compute_args(g, l, in))
		return FLOW_FAIL;
	for (uint32_t c = 0; c < own; c++)
		if (!vec_init_flat(&out->cols[g->nin + c], g->node->cols[g->nin + c].type, t->x->batch_rows, task_data(t),
						   &t->err))
			return FLOW_FAIL;
	if (!fill(t, g, l, in->rows, out->cols + g->nin, &rows))
		return FLOW_FAIL;
	if (rows && g->nin) {
		sel = buf_new(task_data(t), rows * sizeof *l->sel, &t->err);
		if (!sel)
			return FLOW_FAIL;
		memcpy(sel->data, l->sel, rows * sizeof *l->sel);
		for (uint32_t c = 0; ok && c < g->nin; c++)
			ok = vec_slice_shared(&out->cols[c], &in->cols[c], sel, rows, task_data(t), &t->err);
		buf_unref(sel);
		if (!ok)
			return FLOW_FAIL;
	}
	if (!rows)
		for (uint32_t c = 0; c < own; c++)
			vec_release(&out->cols[g->nin + c]);
	out->rows = rows;
	if (l->row < in->rows)
		return FLOW_MORE;
	l->fresh = false;
	return FLOW_NEED_INPUT;
}

static const struct transform_ops transform_expand = {
	.name = "expand",
	.push = expand_push,
	.life = {expand_open_local, expand_close_local, NULL},
};

static void describe_call(struct mem *m, const struct expr *e, struct expand_call *c)
{
	c->type = e->type;
	c->nargs = 1;
	if (e->kind != EXPR_CALL || e->fn->kind != FUNC_TABLE)
		return;
	c->fn = e->fn;
	c->nargs = e->nargs;
	c->arg_types = mem_new_array(m, struct type, e->nargs + 1);
	c->const_args = mem_new_array(m, struct value, e->nargs + 1);
	for (uint32_t i = 0; i < e->nargs; i++) {
		c->arg_types[i] = e->args[i]->type;
		c->const_args[i] = (struct value){.type = type_make(TYPE_VOID)};
		if (e->args[i]->kind == EXPR_CONST)
			c->const_args[i] = e->args[i]->value;
	}
}

bool transform_expand_new(struct lowering *l, const struct rel *r, struct op **out, struct err *e)
{
	struct mem *m = l->x->mem;
	struct expand *g = mem_new_object(m, struct expand);
	struct expr **args = NULL;
	size_t n = 0, cap = 0;

	g->node = r;
	g->ncalls = r->table_fn.ncalls;
	g->nin = r->in[0]->ncols;
	g->calls = mem_new_array(m, struct expand_call, g->ncalls + 1);
	for (uint32_t i = 0; i < g->ncalls; i++) {
		struct expr *call = r->table_fn.calls[i];
		struct expand_call *c = &g->calls[i];
		describe_call(m, call, c);
		c->first_arg = (uint32_t)n;
		c->first = g->nmade;
		c->width = r->table_fn.widths[i];
		g->nmade += c->width;
		if (!c->fn)
			MEM_PUSH(m, args, n, cap, call);
		else
			for (uint32_t a = 0; a < c->nargs; a++)
				MEM_PUSH(m, args, n, cap, call->args[a]);
	}
	g->nargs = (uint32_t)n;
	*out = op_new_transform(l->x, &transform_expand, r, r->ncols);
	(*out)->global = g;
	return n == 0 || program_compile(l, *out, r->in[0]->cols, g->nin, args, g->nargs, &g->program, e);
}
