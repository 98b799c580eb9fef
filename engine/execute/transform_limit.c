/*
 * LIMIT and OFFSET, exact with several tasks: rows are claimed in ranges of one atomic counter, so that of all
 * batches exactly the rows offset … offset + limit pass. Once they have, every pipeline that feeds the
 * limit is told to stop, remote streams included.
 */
#include "engine/execute/lower.h"

struct limit {
	struct op *op;
	const struct rel *node;
	struct program *program;  /* limit, offset: those there are */
	pthread_mutex_t lock;
	bool known;               /* guarded by lock, as the next two until set */
	int64_t offset, end;      /* rows offset … end of the input pass */
	int64_t seen;             /* atomic */
};

static bool read_count(struct task *t, const struct vec *v, const char *word, enum errcode code, int64_t *out)
{
	struct value value = vec_get(v, 0);

	if (value.is_null)
		return true;
	if (value.i64 < 0)
		return err_set(&t->err, code, "%s must not be negative", word);
	*out = value.i64;
	return true;
}

bool limit_bounds(struct task *t, const struct rel *r, const struct program *p, int64_t *offset, int64_t *end)
{
	struct evaluator *ev = NULL;
	struct vec v[2];
	int64_t limit = INT64_MAX;
	bool ok;

	*offset = 0;
	memset(v, 0, sizeof v);
	ok = evaluator_open(t, p, &ev) && evaluator_run(ev, NULL, 1, v);
	ok = ok && (!r->limit.limit || read_count(t, &v[0], "LIMIT", ERR_INVALID_LIMIT, &limit));
	ok = ok && (!r->limit.offset || read_count(t, &v[r->limit.limit ? 1 : 0], "OFFSET", ERR_INVALID_OFFSET, offset));
	vec_release(&v[0]);
	vec_release(&v[1]);
	evaluator_close(ev);
	*end = limit > INT64_MAX - *offset ? INT64_MAX : *offset + limit;
	return ok;
}

bool limit_compile(struct lowering *l, struct op *op, const struct rel *r, struct program **out, struct err *e)
{
	struct expr *exprs[2];
	uint32_t n = 0;

	if (r->limit.limit)
		exprs[n++] = r->limit.limit;
	if (r->limit.offset)
		exprs[n++] = r->limit.offset;
	return program_compile(l, op, NULL, 0, exprs, n, out, e);
}

static enum flow limit_push(struct task *t, void *global, void *local, struct batch *in, struct batch *out)
{
	struct limit *g = global;
	int64_t from, to, first;
	bool ok;

	(void)local;
	pthread_mutex_lock(&g->lock);
	ok = g->known = g->known || limit_bounds(t, g->node, g->program, &g->offset, &g->end);
	pthread_mutex_unlock(&g->lock);
	if (!ok)
		return FLOW_FAIL;
	first = __atomic_fetch_add(&g->seen, in->rows, __ATOMIC_RELAXED);
	from = first < g->offset ? g->offset - first : 0;
	to = g->end - first < in->rows ? g->end - first : in->rows;
	if (from < to) {
		uint32_t sel[BATCH_ROWS], n = (uint32_t)(to - from);

		for (uint32_t i = 0; i < n; i++)
			sel[i] = (uint32_t)from + i;
		if (!batch_slice(out, in, n == in->rows ? NULL : sel, n, task_data(t), &t->err))
			return FLOW_FAIL;
	}
	return first + in->rows >= g->end ? FLOW_DONE : FLOW_NEED_INPUT;
}

static void limit_close(void *global) { pthread_mutex_destroy(&((struct limit *)global)->lock); }

static const struct transform_ops transform_limit = {
	.name = "limit",
	.push = limit_push,
	.life = {NULL, NULL, limit_close},
};

bool transform_limit_new(struct lowering *l, const struct rel *r, struct op **out, struct err *e)
{
	struct limit *g = mem_new_object(l->x->mem, struct limit);

	g->node = r;
	pthread_mutex_init(&g->lock, NULL);
	*out = g->op = op_new_transform(l->x, &transform_limit, r, r->in[0]->ncols);
	g->op->global = g;
	return limit_compile(l, *out, r, &g->program, e);
}
