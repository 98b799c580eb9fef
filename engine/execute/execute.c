/*
 * Opening, reading and closing an execution; statistics for EXPLAIN ANALYZE and the progress line. The
 * pipelines are made by lowering and run by the scheduler; the caller's thread only waits at the result.
 */
#include "engine/execute/lower.h"
#include "engine/execute/recursive.h"
#include "engine/execute/task.h"

#include <stdlib.h>

static struct op *op_new(struct execution *x, enum op_face face, const struct rel *node, uint32_t ncols)
{
	struct op *op = mem_new_object(x->mem, struct op);

	op->face = face;
	op->x = x;
	op->node = node;
	op->ncols = ncols;
	op->produces = face != OP_SINK && node;
	MEM_PUSH(x->mem, x->ops, x->nops, x->ops_cap, op);
	return op;
}

struct op *op_new_source(struct execution *x, const struct source_ops *ops, const struct rel *node, uint32_t ncols)
{
	struct op *op = op_new(x, OP_SOURCE, node, ncols);
	op->source = ops;
	return op;
}

struct op *op_new_transform(struct execution *x, const struct transform_ops *ops, const struct rel *node, uint32_t ncols)
{
	struct op *op = op_new(x, OP_TRANSFORM, node, ncols);
	op->transform = ops;
	return op;
}

struct op *op_new_sink(struct execution *x, const struct sink_ops *ops, const struct rel *node)
{
	struct op *op = op_new(x, OP_SINK, node, 0);
	op->sink = ops;
	return op;
}

void op_depend(struct op *op, struct op *sink)
{
	size_t n = op->ndeps;

	for (uint32_t i = 0; i < op->ndeps; i++)
		if (op->deps[i] == sink)
			return;
	MEM_PUSH(op->x->mem, op->deps, n, op->deps_cap, sink);
	op->ndeps = (uint32_t)n;
}

static void on_cancel(void *arg) { execution_wake_all(arg); }

/* Rows that go into a table: the result waits for their sink and gets none. */
static bool lower_root(struct lowering *l, const struct rel *root, struct chain result)
{
	struct chain into;
	struct op *nothing;

	if (!l->x->env.into)
		return lower_rel(l, root, &result);
	into = (struct chain){sink_store_new(l->x, l->x->env.into), NULL};
	into.op->serial = rel_is_ordered(l, root);
	nothing = source_empty_new(l->x, root);
	nothing->node = NULL;
	nothing->produces = false;
	op_depend(nothing, into.op);
	lower_source(l, nothing, true, &result);
	return lower_rel(l, root, &into);
}

bool execute_open(const struct plan *p, const struct execute_env *env, struct execution **out, struct err *e)
{
	struct mem *m = mem_new(env->mem, MEM_EXECUTE, "execution", 0);
	struct execution *x = mem_new_object(m, struct execution);
	struct lowering l = {.x = x, .err = e};
	struct chain end;
	int64_t threads = env->settings->number[SET_threads];

	ASSERT(p->ncols <= p->root->ncols);
	*out = NULL;
	if (env->admit && !env->outer && !env->admit(env->admit_arg, p, e)) {
		mem_free(m);
		return false;
	}
	x->env = *env;
	x->plan = p;
	x->workers = env->workers;
	x->mem = m;
	x->batch_rows = (uint32_t)env->settings->number[SET_batch_size];
	x->threads = threads > 0 ? (uint32_t)threads : workers_threads(env->workers);
	x->verify = (int)env->settings->number[SET_verify_vectors];
	execution_budget(x);
	pthread_cond_init(&x->idle, NULL);
	x->result = sink_result_new(x, p->ncols);
	end = (struct chain){x->result, NULL};
	if (!lower_root(&l, p->root, end) || !mem_check(m, e)) {
		execute_close(x);
		return false;
	}
	x->cancel_id = cancel_subscribe(env->cancel, on_cancel, x);
	x->subscribed = true;
	execution_start(x);
	*out = x;
	return true;
}

bool execute_next(struct execution *x, struct batch *out, struct err *e)
{
	uint32_t n = x->plan->ncols;

	if (!out->cols || out->ncols != n)
		batch_init(out, n, x->mem);
	else
		batch_release(out);
	return sink_result_take(x, out, e);
}

void execute_close(struct execution *x)
{
	if (!x)
		return;
	execution_stop(x);
	nested_close_all(x); /* they read what x's operators hold */
	if (x->subscribed)
		cancel_unsubscribe(x->env.cancel, x->cancel_id);
	for (size_t i = x->nops; i-- > 0;)
		op_close(x->ops[i]);
	for (size_t i = 0; i < x->npipelines; i++)
		free(x->pipelines[i]->tasks);
	pthread_cond_destroy(&x->idle);
	spill_space_free(x->space);
	mem_free(x->mem);
}

bool execute_stats(const struct execution *x, const struct rel *node, struct node_stats *out)
{
	bool found = false;

	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < x->nops; i++) {
		const struct op *op = x->ops[i];
		if (op->node != node)
			continue;
		found = true;
		if (op->produces) {
			out->rows += __atomic_load_n(&op->stats.rows, __ATOMIC_RELAXED);
			out->batches += __atomic_load_n(&op->stats.batches, __ATOMIC_RELAXED);
		}
		out->time_us += __atomic_load_n(&op->stats.time_us, __ATOMIC_RELAXED);
		out->memory_peak += __atomic_load_n(&op->stats.memory, __ATOMIC_RELAXED);
		out->spilled += op->file ? (int64_t)spill_file_written(op->file) : op->stats.spilled;
		if (source_is_remote(op))
			source_remote_stats(op, &out->fetch);
	}
	return found;
}

size_t execute_progress(const struct execution *x, struct source_progress *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < x->nops && n < max; i++)
		if (source_is_remote(x->ops[i]) && source_remote_progress(x->ops[i], &out[n]))
			n++;
	return n;
}
