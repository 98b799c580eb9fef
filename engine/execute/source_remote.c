/*
 * REL_REMOTE: the rows of a fragment, from a fetcher's queue. Started when the pipeline first asks, so that
 * a query never holds connections for streams that nobody is ready to read (several scans of one server
 * under its cap could wait for each other for ever). A task that finds the queue empty parks and is woken.
 *
 * Several tasks may read; `lock` guards starting, the list of waiters and the pairing of "queue is empty"
 * with "am on the list". Decoding is the connector's, in the fetcher's thread.
 */
#include <stdio.h>

#include "engine/execute/lower.h"
#include "engine/place/remote.h"
#include "catalog/snapshot.h"

struct remote {
	struct op *op;
	const struct rel *node;
	const struct remote_fragment *fragment;
	struct program *params;    /* NULL: none */
	pthread_mutex_t lock;
	struct mem *mem;           /* arena of the fetcher and the request */
	struct fetcher *fetcher;
	struct waiters waiters;
	bool started, ended;
	struct fetcher_stats last; /* when the fetcher is gone; guarded by lock */
};

static void on_wake(void *arg)
{
	struct remote *g = arg;

	pthread_mutex_lock(&g->lock);
	waiters_wake(&g->waiters);
	pthread_mutex_unlock(&g->lock);
}

/* The values of the statement's parameters. */
static bool eval_params(struct task *t, struct remote *g, struct value **out)
{
	const struct remote_fragment *f = g->fragment;
	struct evaluator *ev = NULL;
	struct vec *vecs;
	bool ok;

	*out = mem_new_array(g->mem, struct value, f->nparams + 1);
	if (!g->params)
		return true;
	vecs = mem_new_array(g->mem, struct vec, f->nparams);
	ok = evaluator_open(t, g->params, &ev) && evaluator_run(ev, NULL, 1, vecs);
	for (uint32_t i = 0; i < f->nparams; i++) {
		if (ok) {
			struct value v = vec_get(&vecs[i], 0);
			(*out)[i] = value_copy(g->mem, &v);
		}
		vec_release(&vecs[i]);
	}
	evaluator_close(ev);
	return ok;
}

static bool start(struct task *t, struct remote *g)
{
	const struct execute_env *env = &t->x->env;
	const struct remote_fragment *f = g->fragment;
	struct fetcher_spec spec = {
		.pool = env->pool,
		.queue_batches = (uint32_t)env->settings->number[SET_fetch_queue],
		.mem = env->mem,
		.cancel = env->cancel,
		.wake = on_wake,
		.wake_arg = g,
	};
	struct value *params;

	g->started = true;
	if (!eval_params(t, g, &params) || !env->target(env->target_arg, f->server, g->mem, &spec.target, &t->err))
		return false;
	spec.request = (struct stream_request){
		.server = f->server->name,
		.table = f->table,
		.sql = f->sql,
		.nparams = f->nparams,
		.params = params,
		.ncols = g->node->ncols,
		.cols = f->columns,
		.batch_rows = t->x->batch_rows,
		.rows_hint = g->node->est.rows >= 0 && g->node->est.rows < 1e15 ? (int64_t)g->node->est.rows : -1,
	};
	return fetcher_start(&spec, g->mem, &g->fetcher, &t->err);
}

static bool remote_open_local(struct task *t, void *global, void **local)
{
	(void)global;
	*local = mem_new_object(t->mem, struct wait_node);
	return true;
}

static void remote_close_local(void *global, void *local)
{
	struct remote *g = global;

	pthread_mutex_lock(&g->lock);
	waiters_remove(&g->waiters, local);
	pthread_mutex_unlock(&g->lock);
}

static enum flow remote_next(struct task *t, void *global, void *local, struct batch *out)
{
	struct remote *g = global;
	enum flow flow = FLOW_FAIL;

	pthread_mutex_lock(&g->lock);
	if (g->ended) {
		flow = FLOW_DONE;
	} else if (g->started || start(t, g)) {
		switch (g->fetcher ? fetcher_take(g->fetcher, out, &t->err) : FETCH_FAILED) {
		case FETCH_BATCH:
			flow = FLOW_MORE;
			break;
		case FETCH_WAIT:
			waiters_add(&g->waiters, local, t);
			flow = FLOW_BLOCKED;
			break;
		case FETCH_END:
			g->ended = true;
			waiters_wake(&g->waiters);
			flow = FLOW_DONE;
			break;
		case FETCH_FAILED:
			break;
		}
	}
	pthread_mutex_unlock(&g->lock);
	return flow;
}

static uint32_t remote_parallel(void *global)
{
	(void)global;
	return UINT32_MAX;
}

static void warn_replaced(struct remote *g, const struct fetcher_stats *s)
{
	const struct execute_env *env = &g->op->x->env;
	char text[512];

	if (!s->values_replaced || !env->warn)
		return;
	(void)snprintf(text, sizeof text, "%lld value%s of server \"%s\"%s%s did not fit their type and became NULL",
				   (long long)s->values_replaced, s->values_replaced == 1 ? "" : "s", g->fragment->server->name,
				   g->fragment->table && *g->fragment->table ? ", table " : "",
				   g->fragment->table ? g->fragment->table : "");
	env->warn(env->warn_arg, ERR_WARNING_VALUE_REPLACED, text);
}

static void remote_close(void *global)
{
	struct remote *g = global;
	struct fetcher *f;

	pthread_mutex_lock(&g->lock);
	f = g->fetcher;
	pthread_mutex_unlock(&g->lock);
	if (f) {
		struct fetcher_stats last;

		fetcher_stats(f, &last);
		warn_replaced(g, &last);
		pthread_mutex_lock(&g->lock);
		g->last = last;
		g->ended = true;
		g->fetcher = NULL;
		pthread_mutex_unlock(&g->lock);
		fetcher_close(f); /* without the lock: its thread may be in on_wake */
	}
	/* The lock stays: execute_progress may still look. It goes with the execution. */
}

static const struct source_ops source_remote = {
	.name = "remote scan",
	.next = remote_next,
	.parallel = remote_parallel,
	.life = {remote_open_local, remote_close_local, remote_close},
};

static void destroy_lock(void *arg) { pthread_mutex_destroy(&((struct remote *)arg)->lock); }

bool source_remote_new(struct lowering *l, const struct rel *r, struct op **out, struct err *e)
{
	struct execution *x = l->x;
	struct remote *g = mem_new_object(x->mem, struct remote);

	g->node = r;
	g->fragment = r->remote;
	g->mem = mem_new(x->mem, MEM_FETCH, "remote scan", 0);
	pthread_mutex_init(&g->lock, NULL);
	mem_on_free(x->mem, destroy_lock, g);
	*out = g->op = op_new_source(x, &source_remote, r, r->ncols);
	g->op->global = g;
	return !g->fragment->nparams ||
		   program_compile(l, *out, NULL, 0, g->fragment->params, g->fragment->nparams, &g->params, e);
}

bool source_is_remote(const struct op *op) { return op->face == OP_SOURCE && op->source == &source_remote; }

void source_remote_stats(const struct op *op, struct fetcher_stats *out)
{
	struct remote *g = op->global;

	pthread_mutex_lock(&g->lock);
	if (g->fetcher)
		fetcher_stats(g->fetcher, out);
	else
		*out = g->last;
	pthread_mutex_unlock(&g->lock);
}

bool source_remote_progress(const struct op *op, struct source_progress *out)
{
	struct remote *g = op->global;
	struct fetcher_stats s;
	bool started, ended;

	source_remote_stats(op, &s);
	pthread_mutex_lock(&g->lock);
	started = g->started;
	ended = g->ended;
	pthread_mutex_unlock(&g->lock);
	*out = (struct source_progress){
		.server = g->fragment->server->name,
		.rows = s.rows,
		.bytes = s.bytes,
		.waiting = started && !ended && s.waiting_for_source,
		.done = ended,
	};
	return true;
}
