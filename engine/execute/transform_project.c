/*
 * Projection: new columns computed by a program, and the plain picking of columns by position. Global state
 * is read-only.
 */
#include "engine/execute/lower.h"

struct project {
	struct program *program;
};

static bool project_open_local(struct task *t, void *global, void **local)
{
	struct evaluator *ev = NULL;
	bool ok = evaluator_open(t, ((struct project *)global)->program, &ev);

	*local = ev;
	return ok;
}

static void project_close_local(void *global, void *local)
{
	(void)global;
	evaluator_close(local);
}

static enum flow project_push(struct task *t, void *global, void *local, struct batch *in, struct batch *out)
{
	(void)t;
	(void)global;
	if (!evaluator_run(local, in->cols, in->rows, out->cols))
		return FLOW_FAIL;
	out->rows = in->rows;
	return FLOW_NEED_INPUT;
}

static const struct transform_ops transform_project = {
	.name = "project",
	.push = project_push,
	.life = {project_open_local, project_close_local, NULL},
};

bool transform_project_new(struct lowering *l, const struct rel *node, const struct rel *in, struct expr *const *exprs,
						   uint32_t n, struct op **out, struct err *e)
{
	struct project *g = mem_new_object(l->x->mem, struct project);

	*out = op_new_transform(l->x, &transform_project, node, n);
	(*out)->global = g;
	return program_compile(l, *out, in->cols, in->ncols, exprs, n, &g->program, e);
}

static enum flow map_push(struct task *t, void *global, void *local, struct batch *in, struct batch *out)
{
	const uint32_t *from = global;

	(void)t;
	(void)local;
	for (uint32_t c = 0; c < out->ncols; c++)
		vec_share(&out->cols[c], &in->cols[from ? from[c] : c]);
	out->rows = in->rows;
	return FLOW_NEED_INPUT;
}

static const struct transform_ops transform_map = {.name = "columns", .push = map_push};

struct op *transform_map_new(struct execution *x, const uint32_t *from, uint32_t n)
{
	struct op *op = op_new_transform(x, &transform_map, NULL, n);

	op->global = (void *)(uintptr_t)from; /* only read */
	return op;
}
