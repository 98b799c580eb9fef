/*
 * One thread per remote stream, filling a bounded queue of batches. See fetcher.h.
 *
 * The thread takes a connection, opens the stream, and pushes batches until the end, a failure or a stop. It
 * waits while the queue is full. Whoever wants it to stop (a raised cancel flag, fetcher_close) interrupts
 * the source through the connector, so a thread blocked in a driver's call comes back soon.
 *
 * Locks: `lock` guards queue and state, held for moments; `conn_lock` guards `conn` between the thread and
 * whoever cancels it, and is held during a connector's cancel, so that the connection can't go meanwhile.
 * Batches are charged to the query's node and may outlive the fetcher; the stream's own arena is a child of
 * it, which goes with the query.
 */
#include "connectors/fetcher.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "engine/base/clock.h"

#define INTERRUPT_AGAIN_NS 200000000

struct fetcher {
	struct pool *pool;
	struct pool_target target;
	struct stream_request request;
	struct cancel *cancel;
	void (*wake)(void *arg);
	void *wake_arg;
	struct mem *mem; /* arena of the thread */
	pthread_t thread;
	int subscription;

	pthread_mutex_t lock;
	pthread_cond_t room, done;
	struct batch *queue; /* ring; guarded by lock, as all below */
	uint32_t cap, head, count;
	bool consumer_waits, ended, failed, stop;
	uint32_t interrupts;
	struct err err;

	pthread_mutex_t conn_lock;
	struct conn *conn; /* guarded by conn_lock */

	/* relaxed atomics */
	int64_t rows, bytes, values_replaced, connect_us, first_row_us, total_us, wait_us;
	int64_t started_us;
	bool at_source;
};

#define PUT(field, v) __atomic_store_n(&f->field, (v), __ATOMIC_RELAXED)
#define GET(field) __atomic_load_n(&f->field, __ATOMIC_RELAXED)

/* ---- the request's copy ---- */

static struct options copy_options(struct mem *m, const struct options *o)
{
	struct option *list = mem_new_array(m, struct option, o->count ? o->count : 1);

	for (size_t i = 0; i < o->count; i++)
		list[i] = (struct option){mem_strdup(m, o->list[i].name), mem_strdup(m, o->list[i].value)};
	return (struct options){list, o->count};
}

static void copy_spec(struct fetcher *f, const struct fetcher_spec *spec)
{
	struct mem *m = f->mem;
	const struct stream_request *r = &spec->request;
	struct stream_column *cols = mem_new_array(m, struct stream_column, r->ncols ? r->ncols : 1);
	struct value *params = mem_new_array(m, struct value, r->nparams ? r->nparams : 1);

	f->target = spec->target;
	f->target.server = mem_strdup(m, spec->target.server);
	f->target.user = mem_strdup(m, spec->target.user ? spec->target.user : "");
	f->target.server_options = copy_options(m, &spec->target.server_options);
	f->target.user_options = copy_options(m, &spec->target.user_options);
	f->request = *r;
	f->request.server = mem_strdup(m, r->server ? r->server : spec->target.server);
	f->request.table = mem_strdup(m, r->table ? r->table : "");
	f->request.sql = mem_strdup(m, r->sql);
	for (uint32_t i = 0; i < r->ncols; i++) {
		cols[i] = r->cols[i];
		cols[i].name = mem_strdup(m, cols[i].name ? cols[i].name : "");
	}
	for (uint32_t i = 0; i < r->nparams; i++)
		params[i] = value_copy(m, &r->params[i]);
	f->request.cols = cols;
	f->request.params = params;
	if (!f->request.batch_rows)
		f->request.batch_rows = BATCH_ROWS;
}

static void wipe_secrets(const struct options *o)
{
	for (size_t i = 0; i < o->count; i++)
		if (strstr(o->list[i].name, "password") && o->list[i].value)
			explicit_bzero((char *)(uintptr_t)o->list[i].value, strlen(o->list[i].value));
}

/* ---- the thread's side ---- */

static bool should_stop(struct fetcher *f)
{
	return __atomic_load_n(&f->stop, __ATOMIC_RELAXED) || (f->cancel && cancel_state(f->cancel) != CANCEL_NONE);
}

/* Moves the columns of one batch into another of as many. */
static void move_columns(struct batch *to, struct batch *from)
{
	to->rows = from->rows;
	to->ncols = from->ncols;
	memcpy(to->cols, from->cols, from->ncols * sizeof(struct vec));
	memset(from->cols, 0, from->ncols * sizeof(struct vec));
	from->rows = 0;
}

/* Puts a batch into the queue, waiting for room; false when told to stop (the batch is then released). */
static bool push(struct fetcher *f, struct batch *b)
{
	bool wake, ok;
	int64_t since = 0;

	pthread_mutex_lock(&f->lock);
	while (f->count == f->cap && !should_stop(f)) {
		if (!since)
			since = clock_monotonic_us();
		pthread_cond_wait(&f->room, &f->lock);
	}
	if (since)
		PUT(wait_us, GET(wait_us) + clock_monotonic_us() - since);
	ok = !should_stop(f);
	if (ok) {
		move_columns(&f->queue[(f->head + f->count) % f->cap], b);
		f->count++;
	}
	wake = ok && f->consumer_waits;
	f->consumer_waits = f->consumer_waits && !wake;
	pthread_mutex_unlock(&f->lock);
	if (!ok)
		batch_release(b);
	if (wake)
		f->wake(f->wake_arg);
	return ok;
}

static void publish_progress(struct fetcher *f, const struct connector *c, struct stream *s)
{
	const struct stream_progress *p = c->progress(s);

	PUT(rows, __atomic_load_n(&p->rows, __ATOMIC_RELAXED));
	PUT(bytes, __atomic_load_n(&p->bytes, __ATOMIC_RELAXED));
	PUT(values_replaced, __atomic_load_n(&p->values_replaced, __ATOMIC_RELAXED));
}

static bool run_stream(struct fetcher *f, const struct connector *c, struct stream *s, struct err *e)
{
	struct batch b;
	bool first = true, ok;

	batch_init(&b, f->request.ncols, f->mem);
	for (;;) {
		if (should_stop(f))
			return false;
		PUT(at_source, true);
		ok = c->next(s, &b, e);
		PUT(at_source, false);
		publish_progress(f, c, s);
		if (!ok)
			return false;
		if (first)
			PUT(first_row_us, clock_monotonic_us() - f->started_us);
		first = false;
		if (b.rows == 0)
			return true;
		if (!push(f, &b))
			return false;
	}
}

/* Lets cancellers see the connection; when the stop came earlier they have missed it. */
static void show_conn(struct fetcher *f, struct conn *conn)
{
	pthread_mutex_lock(&f->conn_lock);
	f->conn = conn;
	pthread_mutex_unlock(&f->conn_lock);
}

static bool run(struct fetcher *f, struct err *e)
{
	const struct connector *c = f->target.connector;
	struct conn *conn;
	struct stream *s = NULL;
	bool ok;

	PUT(at_source, true);
	conn = pool_take(f->pool, &f->target, f->cancel, e);
	wipe_secrets(&f->target.server_options);
	wipe_secrets(&f->target.user_options);
	PUT(connect_us, clock_monotonic_us() - f->started_us);
	if (!conn) {
		PUT(at_source, false);
		return false;
	}
	show_conn(f, conn);
	ok = !should_stop(f) && c->open(conn, f->mem, &f->request, &s, e);
	PUT(at_source, false);
	if (ok) {
		ok = run_stream(f, c, s, e);
		c->close_stream(s);
	}
	show_conn(f, NULL);
	pool_give(f->pool, conn);
	return ok;
}

/* What the consumer is told: the user's cancel rather than how the source put it. */
static void settle_error(struct fetcher *f, struct err *e)
{
	enum cancel_reason why = f->cancel ? cancel_state(f->cancel) : CANCEL_NONE;

	if (why == CANCEL_USER || why == CANCEL_TIMEOUT) {
		err_clear(e);
		(void)!cancel_check(f->cancel, e);
	}
	if (!err_is_set(e)) /* stopped by fetcher_close or a failure elsewhere: nobody will show this */
		err_set(e, ERR_QUERY_CANCELED, "canceling the query at server \"%s\"", f->target.server);
	else if (why == CANCEL_NONE && !*e->source)
		err_source(e, f->target.server);
}

static void *fetcher_main(void *arg)
{
	struct fetcher *f = arg;
	struct err e;
	bool ok, wake;

	err_clear(&e);
	ok = run(f, &e);
	if (!ok)
		settle_error(f, &e);
	PUT(total_us, clock_monotonic_us() - f->started_us);
	pthread_mutex_lock(&f->lock);
	f->ended = true;
	pthread_cond_signal(&f->done);
	f->failed = !ok;
	f->err = e;
	wake = f->consumer_waits;
	f->consumer_waits = false;
	pthread_mutex_unlock(&f->lock);
	if (wake)
		f->wake(f->wake_arg);
	return NULL;
}

/* ---- the consumer's side ---- */

/* Interrupts the source and wakes the thread if it waits for room. */
static void interrupt(void *arg)
{
	struct fetcher *f = arg;

	pthread_mutex_lock(&f->lock);
	pthread_cond_signal(&f->room);
	pthread_mutex_unlock(&f->lock);
	pthread_mutex_lock(&f->conn_lock);
	if (f->conn)
		f->target.connector->cancel(f->conn);
	pthread_mutex_unlock(&f->conn_lock);
}

bool fetcher_start(const struct fetcher_spec *spec, struct mem *m, struct fetcher **out, struct err *e)
{
	struct fetcher *f = mem_new_object(m, struct fetcher);

	f->pool = spec->pool;
	f->cancel = spec->cancel;
	f->wake = spec->wake;
	f->wake_arg = spec->wake_arg;
	f->mem = mem_new(spec->mem, MEM_FETCH, spec->target.server, 0);
	f->cap = spec->queue_batches ? spec->queue_batches : 1;
	f->queue = mem_new_array(m, struct batch, f->cap);
	for (uint32_t i = 0; i < f->cap; i++)
		batch_init(&f->queue[i], spec->request.ncols, m);
	f->started_us = clock_monotonic_us();
	copy_spec(f, spec);
	err_clear(&f->err);
	pthread_mutex_init(&f->lock, NULL);
	pthread_mutex_init(&f->conn_lock, NULL);
	pthread_cond_init(&f->room, NULL);
	pthread_cond_init(&f->done, NULL);
	if (pthread_create(&f->thread, NULL, fetcher_main, f) != 0) {
		pthread_mutex_destroy(&f->lock);
		pthread_mutex_destroy(&f->conn_lock);
		pthread_cond_destroy(&f->room);
		pthread_cond_destroy(&f->done);
		return err_set(e, ERR_INSUFFICIENT_RESOURCES, "no thread for a stream from server \"%s\"", spec->target.server);
	}
	if (f->cancel)
		f->subscription = cancel_subscribe(f->cancel, interrupt, f);
	*out = f;
	return true;
}

enum fetch fetcher_take(struct fetcher *f, struct batch *out, struct err *e)
{
	enum fetch r;

	ASSERT(out->cols && out->ncols == f->request.ncols);
	pthread_mutex_lock(&f->lock);
	if (f->count) {
		move_columns(out, &f->queue[f->head]);
		f->head = (f->head + 1) % f->cap;
		f->count--;
		pthread_cond_signal(&f->room);
		r = FETCH_BATCH;
	} else if (!f->ended) {
		f->consumer_waits = true;
		r = FETCH_WAIT;
	} else if (f->failed) {
		err_copy(e, &f->err);
		r = FETCH_FAILED;
	} else {
		r = FETCH_END;
	}
	pthread_mutex_unlock(&f->lock);
	return r;
}

/* Whether the thread has ended; waits a little, but not the first time. */
static bool wait_done(struct fetcher *f)
{
	struct timespec until;
	bool done;

	pthread_mutex_lock(&f->lock);
	if (f->interrupts++ && !f->ended) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += INTERRUPT_AGAIN_NS;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&f->done, &f->lock, &until);
	}
	done = f->ended;
	pthread_mutex_unlock(&f->lock);
	return done;
}

void fetcher_close(struct fetcher *f)
{
	if (!f)
		return;
	__atomic_store_n(&f->stop, true, __ATOMIC_RELAXED);
	while (!wait_done(f))
		interrupt(f); /* again and again: one may come just before the source gets the query */
	pthread_join(f->thread, NULL);
	if (f->cancel)
		cancel_unsubscribe(f->cancel, f->subscription);
	for (; f->count; f->count--) {
		batch_release(&f->queue[f->head]);
		f->head = (f->head + 1) % f->cap;
	}
	pthread_mutex_destroy(&f->lock);
	pthread_mutex_destroy(&f->conn_lock);
	pthread_cond_destroy(&f->room);
	pthread_cond_destroy(&f->done);
}

void fetcher_stats(const struct fetcher *f, struct fetcher_stats *out)
{
	*out = (struct fetcher_stats){
		.rows = GET(rows),
		.bytes = GET(bytes),
		.values_replaced = GET(values_replaced),
		.connect_us = GET(connect_us),
		.first_row_us = GET(first_row_us),
		.total_us = GET(total_us),
		.wait_us = GET(wait_us),
		.waiting_for_source = GET(at_source),
	};
}
