/*
 * Moving batches through a pipeline: one task's loop over source, transforms and sink.
 *
 * The loop is flat: `at` says which stage runs next, `pending` which transforms want to be called again
 * with the input they have. Cancel is polled once a batch. With SET verify_vectors every batch is recoded
 * between operators, so that tests see all vector kinds. A task is used by one worker at a time.
 */
#include "engine/execute/task.h"
#include "engine/execute/recode.h"

#include <stdlib.h>

#define SLICE_BATCHES 32

static uint32_t op_out_cols(const struct pipeline *p, uint32_t stage)
{
	return stage == 0 ? p->source->ncols : p->transforms[stage - 1]->ncols;
}

static struct op *face_at(const struct pipeline *p, uint32_t i)
{
	return i == 0 ? p->source : i <= p->ntransforms ? p->transforms[i - 1] : p->sink;
}

static const struct op_life *life_of(const struct op *op)
{
	switch (op->face) {
	case OP_SOURCE:
		return &op->source->life;
	case OP_TRANSFORM:
		return &op->transform->life;
	case OP_SINK:
		return &op->sink->life;
	}
	UNREACHABLE();
}

static bool task_open(struct task *t)
{
	struct pipeline *p = t->pipeline;
	uint32_t n = p->ntransforms;

	t->opened = true;
	t->mem = mem_new(t->x->mem, MEM_EXECUTE, "task", 0);
	t->locals = mem_new_array(t->mem, void *, n + 2);
	t->batches = mem_new_array(t->mem, struct batch, n + 1);
	t->pending = mem_new_array(t->mem, bool, n + 1);
	for (uint32_t i = 0; i <= n; i++)
		batch_init(&t->batches[i], op_out_cols(p, i), t->mem);
	for (uint32_t i = 0; i < n + 2; i++) {
		struct op *op = face_at(p, i);
		const struct op_life *life = life_of(op);
		t->nopened = i + 1;
		if (life->open_local && !life->open_local(t, op->global, &t->locals[i]))
			return false;
	}
	return mem_check(t->mem, &t->err);
}

/* After a stage has put rows into batches[stage]. */
static bool passed(struct task *t, struct op *op, uint32_t stage, int64_t from)
{
	struct batch *b = &t->batches[stage];

	if (b->rows) {
		if (op->produces)
			op_count(op, b->rows);
		if (t->x->verify && !batch_recode(b, t->x->verify, task_data(t), &t->err))
			return false;
	}
	if (from)
		__atomic_fetch_add(&op->stats.time_us, clock_monotonic_us() - from, __ATOMIC_RELAXED);
	return true;
}

/* Where to go on after stage k gave nothing: the nearest transform below that has more, else the source. */
static int step_back(const struct task *t, int k)
{
	for (int i = k - 1; i >= 0; i--)
		if (t->pending[i])
			return i;
	return -1;
}

enum step { STEP_ON, STEP_BLOCK, STEP_STOP };

/* Which operator memory ran out in, even after everything that can wait was written to disk. */
static enum step failed(struct task *t, const struct op *op)
{
	const char *name = op->face == OP_SOURCE ? op->source->name : op->face == OP_SINK ? op->sink->name : op->transform->name;

	if (t->err.code == ERR_OUT_OF_MEMORY)
		(void)err_context(&t->err, "while running operator \"%s\"", name);
	return STEP_STOP;
}

static enum step run_source(struct task *t)
{
	struct op *op = t->pipeline->source;
	int64_t from = t->x->env.profile ? clock_monotonic_us() : 0;

	/* Rows that are already past a limit go on to the sink; only the source is not asked again. */
	if (t->draining || __atomic_load_n(&t->pipeline->satisfied, __ATOMIC_ACQUIRE))
		return STEP_STOP;
	batch_release(&t->batches[0]);
	switch (op->source->next(t, op->global, t->locals[0], &t->batches[0])) {
	case FLOW_MORE:
		t->at = 0;
		return passed(t, op, 0, from) ? STEP_ON : STEP_STOP;
	case FLOW_BLOCKED:
		return STEP_BLOCK;
	case FLOW_NEED_INPUT:
	case FLOW_DONE:
		return STEP_STOP;
	case FLOW_FAIL:
		return failed(t, op);
	}
	UNREACHABLE();
}

static enum step run_transform(struct task *t, uint32_t k)
{
	struct op *op = t->pipeline->transforms[k];
	struct batch *out = &t->batches[k + 1];
	int64_t from = t->x->env.profile ? clock_monotonic_us() : 0;
	enum flow flow;

	batch_release(out);
	flow = op->transform->push(t, op->global, t->locals[k + 1], &t->batches[k], out);
	t->pending[k] = flow == FLOW_MORE;
	switch (flow) {
	case FLOW_BLOCKED:
		return STEP_BLOCK;
	case FLOW_FAIL:
		return failed(t, op);
	case FLOW_DONE: /* nothing below is asked again */
		t->draining = true;
		for (uint32_t i = 0; i < k; i++)
			t->pending[i] = false;
		op_satisfied(op);
		break;
	case FLOW_MORE:
	case FLOW_NEED_INPUT:
		break;
	}
	t->at = out->rows ? (int)k + 1 : flow == FLOW_MORE ? (int)k : step_back(t, (int)k);
	return passed(t, op, k + 1, from) ? STEP_ON : STEP_STOP;
}

static enum step run_sink(struct task *t)
{
	struct pipeline *p = t->pipeline;
	struct op *op = p->sink;
	int64_t from = t->x->env.profile ? clock_monotonic_us() : 0;
	enum flow flow = op->sink->consume(t, op->global, t->locals[p->ntransforms + 1], &t->batches[p->ntransforms]);

	if (from)
		__atomic_fetch_add(&op->stats.time_us, clock_monotonic_us() - from, __ATOMIC_RELAXED);
	switch (flow) {
	case FLOW_MORE:
	case FLOW_NEED_INPUT:
		t->at = step_back(t, (int)p->ntransforms);
		return STEP_ON;
	case FLOW_BLOCKED:
		return STEP_BLOCK;
	case FLOW_DONE:
		op_satisfied(op);
		return STEP_STOP;
	case FLOW_FAIL:
		return failed(t, op);
	}
	UNREACHABLE();
}

static bool may_go_on(struct task *t)
{
	return cancel_check(t->x->env.cancel, &t->err) && !execution_failed(t->x);
}

static enum slice run_batches(struct task *t)
{
	uint32_t sources = 0;

	if (!may_go_on(t) || (!t->opened && (t->draining || !task_open(t))))
		return SLICE_END;
	for (;;) {
		enum step s;

		if (t->at < 0) {
			if (sources++ == SLICE_BATCHES)
				return SLICE_AGAIN;
			s = run_source(t);
		} else if ((uint32_t)t->at < t->pipeline->ntransforms) {
			s = run_transform(t, (uint32_t)t->at);
		} else {
			s = run_sink(t);
		}
		if (s == STEP_BLOCK)
			return SLICE_BLOCKED;
		if (s == STEP_STOP || !may_go_on(t))
			return SLICE_END;
	}
}

enum slice task_run(struct task *t)
{
	enum slice how = run_batches(t);

	if (err_is_set(&t->err)) {
		execution_fail(t->x, &t->err);
		return SLICE_END;
	}
	return how;
}

void task_close(struct task *t, bool well)
{
	struct pipeline *p = t->pipeline;
	struct op *sink = p->sink;

	/* A task that was never opened (satisfied before it began) has nothing to combine. */
	if (well && t->nopened == p->ntransforms + 2 && sink->sink->combine) {
		int64_t from = t->x->env.profile ? clock_monotonic_us() : 0;
		if (sink->sink->combine(t, sink->global, t->locals[p->ntransforms + 1]) == FLOW_FAIL)
			execution_fail(t->x, &t->err);
		if (from)
			__atomic_fetch_add(&sink->stats.time_us, clock_monotonic_us() - from, __ATOMIC_RELAXED);
	}
	if (t->batches)
		for (uint32_t i = 0; i <= p->ntransforms; i++)
			batch_release(&t->batches[i]);
	for (uint32_t i = t->nopened; i-- > 0;) {
		struct op *op = face_at(p, i);
		const struct op_life *life = life_of(op);
		if (life->close_local && t->locals[i])
			life->close_local(op->global, t->locals[i]);
	}
	t->nopened = 0;
}

void task_free(struct task *t)
{
	mem_free(t->mem);
	t->mem = NULL;
	t->batches = NULL;
}

void op_close(struct op *op)
{
	const struct op_life *life = life_of(op);

	if (op->closed)
		return;
	op->closed = true;
	if (life->close_global && op->global)
		life->close_global(op->global);
	if (op->file)
		op->stats.spilled = (int64_t)spill_file_written(op->file);
	spill_file_free(op->file);
	op->file = NULL;
}

void waiters_add(struct waiters *w, struct wait_node *n, struct task *t)
{
	if (n->linked)
		return;
	*n = (struct wait_node){.task = t, .next = w->first, .linked = true};
	w->first = n;
}

void waiters_remove(struct waiters *w, struct wait_node *n)
{
	if (!n->linked)
		return;
	for (struct wait_node **p = &w->first; *p; p = &(*p)->next)
		if (*p == n) {
			*p = n->next;
			break;
		}
	n->linked = false;
}

void waiters_wake(struct waiters *w)
{
	struct wait_node *n = w->first;

	w->first = NULL;
	while (n) {
		struct wait_node *next = n->next;
		n->linked = false;
		task_wake(n->task);
		n = next;
	}
}
