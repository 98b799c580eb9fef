/*
 * The worker pool, the run queue and the life of tasks and pipelines.
 *
 * A fixed set of threads serves all queries: a worker takes the next query of a ring (fair round robin),
 * the first task of its queue, and runs it for a slice of batches. A task that is blocked parks and is
 * queued again by task_wake. When the last task of the last pipeline that feeds a sink has ended, that
 * worker finishes the sink and starts the pipelines which waited for it.
 *
 * Invariants: all scheduling state (queues, task states, counters, feeders, started pipelines) is guarded
 * by the pool's one lock, held only for a few instructions, never while an operator runs. A query's tasks
 * are gone when live is 0 and nobody is inside them when running is 0: execution_stop waits for both.
 * Moving batches through a pipeline is task.c's.
 */
#include "engine/execute/recursive.h"
#include "engine/execute/task.h"

#include <stdlib.h>
#include <unistd.h>

struct workers {
	pthread_mutex_t lock;
	pthread_cond_t work;
	uint32_t nthreads;
	pthread_t *threads;
	bool stop;
	struct execution *ring; /* queries with queued tasks, singly linked, first = next to be served */
	struct execution *ring_tail;
};

uint32_t workers_threads(const struct workers *w) { return w->nthreads; }

static void ring_add(struct workers *w, struct execution *x)
{
	if (x->in_ring)
		return;
	x->in_ring = true;
	x->ring_next = NULL;
	if (w->ring_tail)
		w->ring_tail->ring_next = x;
	else
		w->ring = x;
	w->ring_tail = x;
}

static void ring_remove(struct workers *w, struct execution *x, struct execution *before)
{
	if (before)
		before->ring_next = x->ring_next;
	else
		w->ring = x->ring_next;
	if (w->ring_tail == x)
		w->ring_tail = before;
	x->in_ring = false;
	x->ring_next = NULL;
}

static void queue_task(struct workers *w, struct task *t)
{
	struct execution *x = t->x;

	t->state = TASK_QUEUED;
	t->woken = false;
	t->next = NULL;
	if (x->queue_tail)
		x->queue_tail->next = t;
	else
		x->queue_head = t;
	x->queue_tail = t;
	ring_add(w, x);
	pthread_cond_signal(&w->work);
}

/* The next task of the next query that may run one more; the query goes to the ring's end. */
static struct task *pick_task(struct workers *w)
{
	struct execution *before = NULL;

	for (struct execution *x = w->ring; x; before = x, x = x->ring_next) {
		struct task *t = x->queue_head;

		if (x->running >= x->threads)
			continue;
		x->queue_head = t->next;
		if (!x->queue_head)
			x->queue_tail = NULL;
		ring_remove(w, x, before);
		if (x->queue_head)
			ring_add(w, x);
		t->next = NULL;
		return t;
	}
	return NULL;
}

/* With the lock held: makes the pipeline's tasks. */
static void start_pipeline(struct workers *w, struct pipeline *p)
{
	struct execution *x = p->x;
	uint32_t n = p->source->source->parallel ? p->source->source->parallel(p->source->global) : 1;

	bool empty = n == 0;

	if (n > x->threads)
		n = x->threads;
	if (n == 0 || p->ordered || p->sink->serial)
		n = 1;
	p->state = PIPELINE_RUNNING;
	p->tasks = calloc(n, sizeof *p->tasks);
	if (!p->tasks)
		abort();
	p->ntasks = p->live = n;
	x->live += n;
	for (uint32_t i = 0; i < n; i++) {
		p->tasks[i].x = x;
		p->tasks[i].pipeline = p;
		p->tasks[i].at = -1;
		p->tasks[i].draining = empty; /* ends before it opens anything */
		queue_task(w, &p->tasks[i]);
	}
}

static bool pipeline_has(const struct pipeline *p, const struct op *op)
{
	if (p->sink == op)
		return true;
	for (uint32_t i = 0; i < p->ntransforms; i++)
		if (p->transforms[i] == op)
			return true;
	return false;
}

/* Whether every pipeline with that transform is over. */
static bool is_past(const struct op *transform)
{
	struct execution *x = transform->x;

	for (size_t i = 0; i < x->npipelines; i++)
		if (x->pipelines[i]->state != PIPELINE_ENDED && pipeline_has(x->pipelines[i], transform))
			return false;
	return true;
}

static bool deps_done(const struct op *op)
{
	for (uint32_t i = 0; i < op->ndeps; i++)
		if (!op->deps[i]->finished)
			return false;
	return !op->after || is_past(op->after);
}

static bool pipeline_ready(const struct pipeline *p)
{
	if (!deps_done(p->source) || !deps_done(p->sink))
		return false;
	for (uint32_t i = 0; i < p->ntransforms; i++)
		if (!deps_done(p->transforms[i]))
			return false;
	return true;
}

static void start_ready(struct workers *w, struct execution *x)
{
	if (x->failed)
		return;
	for (size_t i = 0; i < x->npipelines; i++) {
		struct pipeline *p = x->pipelines[i];
		if (p->state == PIPELINE_WAITING && pipeline_ready(p))
			start_pipeline(w, p);
	}
}

void execution_start(struct execution *x)
{
	pthread_mutex_lock(&x->workers->lock);
	start_ready(x->workers, x);
	pthread_mutex_unlock(&x->workers->lock);
}

bool execution_is_over(struct execution *x)
{
	bool over;

	pthread_mutex_lock(&x->workers->lock);
	over = !x->live && !x->running;
	pthread_mutex_unlock(&x->workers->lock);
	return over;
}

bool execution_failed(const struct execution *x) { return __atomic_load_n(&x->failed, __ATOMIC_ACQUIRE); }

void execution_fail(struct execution *x, const struct err *e)
{
	bool first;

	pthread_mutex_lock(&x->workers->lock);
	first = !x->failed;
	if (first && e && err_is_set(e))
		x->err = *e;
	__atomic_store_n(&x->failed, true, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&x->workers->lock);
	if (first) {
		cancel_raise(x->env.cancel, CANCEL_FAILED);
		execution_wake_all(x);
	}
}

void execution_error(struct execution *x, struct err *e)
{
	pthread_mutex_lock(&x->workers->lock);
	if (err_is_set(&x->err))
		(void)err_copy(e, &x->err);
	pthread_mutex_unlock(&x->workers->lock);
}

static void wake_locked(struct task *t)
{
	switch (t->state) {
	case TASK_PARKED:
		queue_task(t->x->workers, t);
		break;
	case TASK_RUNNING:
		t->woken = true;
		break;
	case TASK_QUEUED:
	case TASK_ENDED:
		break;
	}
}

void task_wake(struct task *t)
{
	struct workers *w = t->x->workers;

	pthread_mutex_lock(&w->lock);
	wake_locked(t);
	pthread_mutex_unlock(&w->lock);
}

static void wake_pipeline(struct pipeline *p)
{
	for (uint32_t i = 0; i < p->ntasks; i++)
		wake_locked(&p->tasks[i]);
}

void execution_wake_all(struct execution *x)
{
	pthread_mutex_lock(&x->workers->lock);
	for (size_t i = 0; i < x->npipelines; i++)
		wake_pipeline(x->pipelines[i]);
	pthread_mutex_unlock(&x->workers->lock);
	sink_result_notify(x);
}

void op_satisfied(struct op *op)
{
	struct execution *x = op->x;

	pthread_mutex_lock(&x->workers->lock);
	for (size_t i = 0; i < x->npipelines; i++) {
		struct pipeline *p = x->pipelines[i];
		if (p->satisfied || !pipeline_has(p, op))
			continue;
		__atomic_store_n(&p->satisfied, true, __ATOMIC_RELEASE);
		wake_pipeline(p);
	}
	pthread_mutex_unlock(&x->workers->lock);
}

/* The worker that ended a pipeline's last task: finishes the sink when this was its last feeder. */
static void end_pipeline(struct workers *w, struct pipeline *p, struct task *t)
{
	struct execution *x = p->x;
	struct op *sink = p->sink;
	bool last, ok = true;

	op_close(p->source); /* ends a remote stream early */
	pthread_mutex_lock(&w->lock);
	p->state = PIPELINE_ENDED;
	last = --sink->feeders == 0 && !x->failed;
	if (!last)
		start_ready(w, x);
	pthread_mutex_unlock(&w->lock);
	if (last && sink->sink->finish) {
		int64_t from = x->env.profile ? clock_monotonic_us() : 0;

		if (!t->mem)
			t->mem = mem_new(x->mem, MEM_EXECUTE, "task", 0);
		ok = sink->sink->finish(t, sink->global) != FLOW_FAIL;
		if (x->env.profile)
			__atomic_fetch_add(&sink->stats.time_us, clock_monotonic_us() - from, __ATOMIC_RELAXED);
		if (!ok)
			execution_fail(x, &t->err);
	}
	if (!last || !ok)
		return;
	pthread_mutex_lock(&w->lock);
	sink->finished = true;
	start_ready(w, x);
	pthread_mutex_unlock(&w->lock);
}

/* One slice of a task, from dequeued to queued, parked or ended; called and returns with the lock held. */
static void run_slice(struct workers *w, struct task *t)
{
	struct execution *x = t->x;
	enum slice how;

	t->state = TASK_RUNNING;
	x->running++;
	pthread_mutex_unlock(&w->lock);
	how = task_run(t);
	if (how == SLICE_END) {
		bool last;

		task_close(t, !execution_failed(x));
		pthread_mutex_lock(&w->lock);
		last = --t->pipeline->live == 0;
		pthread_mutex_unlock(&w->lock);
		if (last)
			end_pipeline(w, t->pipeline, t);
		task_free(t);
	}
	pthread_mutex_lock(&w->lock);
	x->running--;
	switch (how) {
	case SLICE_AGAIN:
		queue_task(w, t);
		break;
	case SLICE_BLOCKED:
		if (t->woken)
			queue_task(w, t);
		else
			t->state = TASK_PARKED;
		break;
	case SLICE_END:
		t->state = TASK_ENDED;
		x->live--;
		break;
	}
	if (x->in_ring && w->nthreads > 1)
		pthread_cond_signal(&w->work); /* a place of this query is free again */
	if (!x->live && !x->running)
		pthread_cond_broadcast(&x->idle);
}

static void *worker_main(void *arg)
{
	struct workers *w = arg;

	pthread_mutex_lock(&w->lock);
	while (!w->stop) {
		struct task *t = pick_task(w);
		if (t)
			run_slice(w, t);
		else
			pthread_cond_wait(&w->work, &w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

void execution_stop(struct execution *x)
{
	struct workers *w = x->workers;
	bool alive;

	pthread_mutex_lock(&w->lock);
	alive = x->live != 0;
	__atomic_store_n(&x->failed, true, __ATOMIC_RELEASE); /* nothing new starts */
	pthread_mutex_unlock(&w->lock);
	if (alive) {
		cancel_raise(x->env.cancel, CANCEL_DONE);
		execution_wake_all(x);
	}
	pthread_mutex_lock(&w->lock);
	while (x->live || x->running)
		pthread_cond_wait(&x->idle, &w->lock);
	pthread_mutex_unlock(&w->lock);
}

#define WORKER_STACK ((size_t)64 << 20) /* address space only: deeply nested CASEs run recursively */

struct workers *workers_new(struct mem *m, unsigned threads)
{
	struct workers *w = mem_new_object(m, struct workers);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_attr_t attr;

	w->nthreads = threads ? threads : cores > 0 ? (uint32_t)cores : 1;
	w->threads = mem_new_array(m, pthread_t, w->nthreads);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, NULL);
	pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, WORKER_STACK);
	for (uint32_t i = 0; i < w->nthreads; i++)
		if (pthread_create(&w->threads[i], &attr, worker_main, w) != 0) {
			ASSERT(i > 0); /* a process that can't have one thread can't run */
			w->nthreads = i;
			break;
		}
	pthread_attr_destroy(&attr);
	return w;
}

void workers_free(struct workers *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_broadcast(&w->work);
	pthread_mutex_unlock(&w->lock);
	for (uint32_t i = 0; i < w->nthreads; i++)
		pthread_join(w->threads[i], NULL);
	pthread_cond_destroy(&w->work);
	pthread_mutex_destroy(&w->lock);
}
