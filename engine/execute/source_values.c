/*
 * REL_VALUES: rows of expressions, and REL_EMPTY. Constant cells are stored as they are; the others are
 * evaluated together, once, on the first call. One task; the state is that task's.
 */
#include "engine/execute/lower.h"

struct values {
	const struct rel *node;
	struct program *program;  /* computed cells, row by row; NULL when there are none */
	uint32_t ncomputed;
};
struct values_local {
	struct evaluator *ev;
	struct vec *computed;
	bool evaluated;
	uint32_t row, cell;       /* next row; computed cells before it */
};

static bool values_open_local(struct task *t, void *global, void **local)
{
	const struct values *g = global;
	struct values_local *v = mem_new_object(t->mem, struct values_local);

	*local = v;
	if (!g->program)
		return true;
	v->computed = mem_new_array(t->mem, struct vec, g->ncomputed);
	return evaluator_open(t, g->program, &v->ev);
}

static void values_close_local(void *global, void *local)
{
	const struct values *g = global;
	struct values_local *v = local;

	if (v->computed)
		for (uint32_t i = 0; i < g->ncomputed; i++)
			vec_release(&v->computed[i]);
	evaluator_close(v->ev);
}

static bool put_cell(struct task *t, struct values_local *v, const struct expr *e, struct vec *col, uint32_t i)
{
	struct value value = e->kind == EXPR_CONST ? e->value : vec_get(&v->computed[v->cell++], 0);

	if (value.is_null) {
		if (!col->valid && !vec_want_nulls(col, t->x->batch_rows, task_data(t), &t->err))
			return false;
		vec_set_null(col, i);
		return true;
	}
	value.type = col->type;
	return vec_put(col, i, &value, task_data(t), &t->err);
}

static enum flow values_next(struct task *t, void *global, void *local, struct batch *out)
{
	const struct values *g = global;
	struct values_local *v = local;
	const struct rel *r = g->node;
	uint32_t n = r->values.nrows - v->row;

	if (n == 0)
		return FLOW_DONE;
	if (n > t->x->batch_rows)
		n = t->x->batch_rows;
	if (v->ev && !v->evaluated) {
		v->evaluated = true;
		if (!evaluator_run(v->ev, NULL, 1, v->computed))
			return FLOW_FAIL;
	}
	for (uint32_t c = 0; c < r->ncols; c++)
		if (!vec_init_flat(&out->cols[c], r->cols[c].type, t->x->batch_rows, task_data(t), &t->err))
			return FLOW_FAIL;
	for (uint32_t i = 0; i < n; i++, v->row++)
		for (uint32_t c = 0; c < r->ncols; c++)
			if (!put_cell(t, v, r->values.rows[v->row][c], &out->cols[c], i))
				return FLOW_FAIL;
	out->rows = n;
	return FLOW_MORE;
}

static const struct source_ops source_values = {
	.name = "values",
	.next = values_next,
	.life = {values_open_local, values_close_local, NULL},
};

bool source_values_new(struct lowering *l, const struct rel *r, struct op **out, struct err *e)
{
	struct execution *x = l->x;
	struct values *g = mem_new_object(x->mem, struct values);
	struct expr **computed = NULL;
	size_t n = 0, cap = 0;

	g->node = r;
	*out = op_new_source(x, &source_values, r, r->ncols);
	(*out)->global = g;
	for (uint32_t i = 0; i < r->values.nrows; i++)
		for (uint32_t c = 0; c < r->ncols; c++)
			if (r->values.rows[i][c]->kind != EXPR_CONST)
				MEM_PUSH(x->mem, computed, n, cap, r->values.rows[i][c]);
	g->ncomputed = (uint32_t)n;
	return n == 0 || program_compile(l, *out, NULL, 0, computed, (uint32_t)n, &g->program, e);
}

static enum flow empty_next(struct task *t, void *global, void *local, struct batch *out)
{
	(void)t;
	(void)global;
	(void)local;
	(void)out;
	return FLOW_DONE;
}

static const struct source_ops source_empty = {.name = "empty", .next = empty_next};

struct op *source_empty_new(struct execution *x, const struct rel *r)
{
	return op_new_source(x, &source_empty, r, r->ncols);
}
