/*
 * The sink that a client reads: a bounded queue of batches. Tasks park when it is full, so that a slow
 * client slows its sources; execute_next waits here in the client's thread.
 *
 * The queue and its list of waiters are guarded by `lock`; it is never held while operators run.
 */
#include "engine/execute/faces.h"
#include "engine/execute/recursive.h"
#include "engine/execute/task.h"

#define RESULT_BATCHES 16

struct result {
	pthread_mutex_t lock;
	pthread_cond_t some;
	struct batch slots[RESULT_BATCHES];
	uint32_t first, count;
	bool done;
	struct waiters waiters;   /* tasks of this execution: for a place */
	struct waiters readers;   /* tasks of the execution around: for a batch, see result_poll */
};

static bool result_open_local(struct task *t, void *global, void **local)
{
	(void)global;
	*local = mem_new_object(t->mem, struct wait_node);
	return true;
}

static void result_close_local(void *global, void *local)
{
	struct result *r = global;

	pthread_mutex_lock(&r->lock);
	waiters_remove(&r->waiters, local);
	pthread_mutex_unlock(&r->lock);
}

static enum flow result_consume(struct task *t, void *global, void *local, struct batch *in)
{
	struct result *r = global;
	struct batch *slot;

	pthread_mutex_lock(&r->lock);
	if (r->count == RESULT_BATCHES) {
		waiters_add(&r->waiters, local, t);
		pthread_mutex_unlock(&r->lock);
		return FLOW_BLOCKED;
	}
	slot = &r->slots[(r->first + r->count++) % RESULT_BATCHES];
	slot->rows = in->rows;
	for (uint32_t c = 0; c < slot->ncols; c++)
		vec_share(&slot->cols[c], &in->cols[c]);
	pthread_cond_signal(&r->some);
	waiters_wake(&r->readers);
	pthread_mutex_unlock(&r->lock);
	return FLOW_MORE;
}

static enum flow result_finish(struct task *t, void *global)
{
	struct result *r = global;

	(void)t;
	pthread_mutex_lock(&r->lock);
	r->done = true;
	pthread_cond_broadcast(&r->some);
	waiters_wake(&r->readers);
	pthread_mutex_unlock(&r->lock);
	return FLOW_DONE;
}

static void result_close(void *global)
{
	struct result *r = global;

	for (uint32_t i = 0; i < RESULT_BATCHES; i++)
		batch_release(&r->slots[i]);
	pthread_cond_destroy(&r->some);
	pthread_mutex_destroy(&r->lock);
}

static const struct sink_ops sink_result = {
	.name = "result",
	.consume = result_consume,
	.finish = result_finish,
	.life = {result_open_local, result_close_local, result_close},
};

struct op *sink_result_new(struct execution *x, uint32_t ncols)
{
	struct op *op = op_new_sink(x, &sink_result, NULL);
	struct result *r = mem_new_object(x->mem, struct result);

	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->some, NULL);
	for (uint32_t i = 0; i < RESULT_BATCHES; i++)
		batch_init(&r->slots[i], ncols, x->mem);
	op->global = r;
	return op;
}

void sink_result_notify(struct execution *x)
{
	struct result *r = x->result ? x->result->global : NULL;

	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	pthread_cond_broadcast(&r->some);
	waiters_wake(&r->readers);
	pthread_mutex_unlock(&r->lock);
}

/* Moves the first batch out and wakes who waits for a place. */
static void take_slot(struct result *r, struct batch *out)
{
	struct batch *slot = &r->slots[r->first];

	out->rows = slot->rows;
	for (uint32_t c = 0; c < slot->ncols; c++) {
		out->cols[c] = slot->cols[c];
		memset(&slot->cols[c], 0, sizeof slot->cols[c]);
	}
	slot->rows = 0;
	r->first = (r->first + 1) % RESULT_BATCHES;
	r->count--;
	waiters_wake(&r->waiters);
}

static bool fail_out(struct execution *x, struct err *e)
{
	execution_error(x, e);
	if (!err_is_set(e) && cancel_check(x->env.cancel, e))
		return err_set(e, ERR_INTERNAL, "execution stopped without a reason");
	return err_is_set(e) ? false : err_set(e, ERR_QUERY_CANCELED, "canceling statement");
}

bool sink_result_take(struct execution *x, struct batch *out, struct err *e)
{
	struct result *r = x->result->global;
	bool failed;

	out->rows = 0;
	pthread_mutex_lock(&r->lock);
	while (!(failed = execution_failed(x)) && !r->count && !r->done)
		pthread_cond_wait(&r->some, &r->lock);
	if (!failed && r->count)
		take_slot(r, out);
	pthread_mutex_unlock(&r->lock);
	return failed ? fail_out(x, e) : true;
}

enum flow result_poll(struct execution *x, struct batch *out, struct task *t, struct wait_node *node)
{
	struct result *r = x->result->global;
	enum flow flow = FLOW_MORE;

	pthread_mutex_lock(&r->lock);
	if (execution_failed(x)) {
		flow = FLOW_FAIL;
	} else if (r->count) {
		take_slot(r, out);
	} else if (r->done) {
		flow = FLOW_DONE;
	} else {
		waiters_add(&r->readers, node, t);
		flow = FLOW_BLOCKED;
	}
	pthread_mutex_unlock(&r->lock);
	if (flow == FLOW_FAIL && fail_out(x, &t->err))
		UNREACHABLE();
	return flow;
}

void result_forget(struct execution *x, struct wait_node *node)
{
	struct result *r = x->result->global;

	pthread_mutex_lock(&r->lock);
	waiters_remove(&r->readers, node);
	pthread_mutex_unlock(&r->lock);
}
