/*
 * Cancel flags, their subscribers, and the process's one timer thread for deadlines.
 *
 * A subscriber's function runs without the lock, marked `running`, so it may take its time (a network
 * round trip of PQcancel) and may unsubscribe itself; everybody else's unsubscribe waits for it. A
 * deadline that falls due is raised from a thread of its own: one slow source must not delay the
 * timeouts of other statements.
 *
 * Locks: timer_lock before c->lock, never the other way round.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "engine/base/cancel.h"
#include "engine/base/clock.h"
#include "engine/base/log.h"

struct subscriber {
	struct subscriber *next;
	int id;
	bool called, running;
	pthread_t thread; /* that runs it, while running */
	void (*fn)(void *);
	void *arg;
};

struct cancel {
	atomic_int state;
	pthread_mutex_t lock;
	pthread_cond_t idle;            /* a subscriber has returned */
	struct subscriber *subscribers; /* guarded by lock */
	int last_id;                    /* guarded by lock */
	/* guarded by timer_lock: */
	int64_t deadline; /* 0 = none */
	struct cancel *next_timed, **link;
	bool firing;
};

static pthread_mutex_t timer_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t timer_wake; /* a new deadline; on the monotonic clock */
static pthread_cond_t timer_done = PTHREAD_COND_INITIALIZER; /* a firing has ended */
static struct cancel *timed; /* all with a deadline, in no order */
static bool timer_running;

struct cancel *cancel_new(void)
{
	struct cancel *c = calloc(1, sizeof *c);
	if (!c) {
		log_message(LOG_ERROR, "out of memory: no cancel flag");
		abort();
	}
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->idle, NULL);
	return c;
}

static void unlink_timed(struct cancel *c)
{
	if (!c->deadline)
		return;
	*c->link = c->next_timed;
	if (c->next_timed)
		c->next_timed->link = c->link;
	c->deadline = 0;
}

void cancel_free(struct cancel *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&timer_lock);
	unlink_timed(c);
	while (c->firing)
		pthread_cond_wait(&timer_done, &timer_lock);
	pthread_mutex_unlock(&timer_lock);
	while (c->subscribers) {
		struct subscriber *s = c->subscribers;
		c->subscribers = s->next;
		free(s);
	}
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->idle);
	free(c);
}

/* Calls s with the lock let go meanwhile. REQUIRES(c->lock). */
static void call(struct cancel *c, struct subscriber *s)
{
	s->called = s->running = true;
	s->thread = pthread_self();
	pthread_mutex_unlock(&c->lock);
	s->fn(s->arg);
	pthread_mutex_lock(&c->lock);
	s->running = false;
	pthread_cond_broadcast(&c->idle);
}

void cancel_raise(struct cancel *c, enum cancel_reason why)
{
	int none = CANCEL_NONE;
	struct subscriber *s;

	pthread_mutex_lock(&c->lock);
	if (!atomic_compare_exchange_strong(&c->state, &none, (int)why)) {
		pthread_mutex_unlock(&c->lock);
		return;
	}
	do { /* the list may change during a call, so start over after each */
		for (s = c->subscribers; s && s->called; s = s->next)
			;
		if (s) {
			int id = s->id;
			call(c, s);
			/* one that unsubscribed itself during its call was left for us to free */
			for (struct subscriber **p = &c->subscribers; *p; p = &(*p)->next)
				if ((*p)->id == -id) {
					struct subscriber *gone = *p;
					*p = gone->next;
					free(gone);
					break;
				}
		}
	} while (s);
	pthread_mutex_unlock(&c->lock);
}

enum cancel_reason cancel_state(const struct cancel *c)
{
	return (enum cancel_reason)atomic_load_explicit(&c->state, memory_order_relaxed);
}

int cancel_subscribe(struct cancel *c, void (*fn)(void *), void *arg)
{
	struct subscriber *s = calloc(1, sizeof *s);
	int id;

	if (!s) {
		log_message(LOG_ERROR, "out of memory: no cancel subscription");
		abort();
	}
	pthread_mutex_lock(&c->lock);
	s->fn = fn;
	s->arg = arg;
	s->id = id = ++c->last_id;
	s->next = c->subscribers;
	c->subscribers = s;
	if (cancel_state(c) != CANCEL_NONE)
		call(c, s);
	pthread_mutex_unlock(&c->lock);
	return id;
}

void cancel_unsubscribe(struct cancel *c, int id)
{
	struct subscriber **p;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		for (p = &c->subscribers; *p && (*p)->id != id; p = &(*p)->next)
			;
		if (!*p || !(*p)->running)
			break;
		if (pthread_equal((*p)->thread, pthread_self())) {
			(*p)->id = -id; /* from within its own call: cancel_raise frees it afterwards */
			pthread_mutex_unlock(&c->lock);
			return;
		}
		pthread_cond_wait(&c->idle, &c->lock);
	}
	if (*p) {
		struct subscriber *s = *p;
		*p = s->next;
		free(s);
	}
	pthread_mutex_unlock(&c->lock);
}

bool cancel_check(const struct cancel *c, struct err *e)
{
	switch (cancel_state(c)) {
	case CANCEL_NONE:
		return true;
	case CANCEL_USER:
		return err_set(e, ERR_QUERY_CANCELED, "canceling statement due to user request");
	case CANCEL_TIMEOUT:
		return err_set(e, ERR_QUERY_CANCELED, "canceling statement due to statement timeout");
	case CANCEL_FAILED:
	case CANCEL_DONE:
		return false;
	}
	UNREACHABLE();
}

/* ---- deadlines ---- */

static void *fire(void *arg)
{
	struct cancel *c = arg;

	cancel_raise(c, CANCEL_TIMEOUT);
	pthread_mutex_lock(&timer_lock);
	c->firing = false;
	pthread_cond_broadcast(&timer_done);
	pthread_mutex_unlock(&timer_lock);
	return NULL;
}

/* Starts raising the timeout of c. REQUIRES(timer_lock). */
static void start_firing(struct cancel *c)
{
	pthread_t t;

	unlink_timed(c);
	c->firing = true;
	if (pthread_create(&t, NULL, fire, c) == 0) {
		pthread_detach(t);
		return;
	}
	pthread_mutex_unlock(&timer_lock); /* no thread to be had: do it here */
	fire(c);
	pthread_mutex_lock(&timer_lock);
}

static void *timer_main(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&timer_lock);
	for (;;) {
		struct cancel *first = timed;
		struct timespec until;
		for (struct cancel *c = timed; c; c = c->next_timed)
			if (c->deadline < first->deadline)
				first = c;
		if (!first) {
			pthread_cond_wait(&timer_wake, &timer_lock);
		} else if (first->deadline <= clock_monotonic_us()) {
			start_firing(first);
		} else {
			until.tv_sec = (time_t)(first->deadline / 1000000);
			until.tv_nsec = (long)(first->deadline % 1000000 * 1000);
			pthread_cond_timedwait(&timer_wake, &timer_lock, &until);
		}
	}
	return NULL;
}

/* REQUIRES(timer_lock). */
static void start_timer(void)
{
	pthread_condattr_t attr;
	pthread_t t;

	if (timer_running)
		return;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&timer_wake, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&t, NULL, timer_main, NULL) != 0) {
		log_message(LOG_WARNING, "no timer thread: statement_timeout has no effect");
		return;
	}
	pthread_detach(t);
	timer_running = true;
}

void cancel_set_deadline(struct cancel *c, int64_t at_us)
{
	pthread_mutex_lock(&timer_lock);
	unlink_timed(c);
	if (at_us > 0) {
		start_timer();
		c->deadline = at_us;
		c->next_timed = timed;
		c->link = &timed;
		if (timed)
			timed->link = &c->next_timed;
		timed = c;
		if (timer_running)
			pthread_cond_signal(&timer_wake);
	}
	pthread_mutex_unlock(&timer_lock);
}
