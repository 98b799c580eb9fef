/*
 * The pool of connections. See pool.h.
 *
 * Each server has a cap, a list of its connections and a queue of waiters, each with a ticket of its own:
 * whoever came first is served first, and a newcomer never overtakes. A taker either takes an idle
 * connection of its own key (checked first), or opens one while the cap allows, closing an idle one of
 * another key if that makes room.
 *
 * Connecting may block for as long as the network likes, so it runs in a thread of its own: a cancelled
 * taker leaves at once, and the connection that still arrives is put among the idle ones.
 *
 * Locks: one for the pool; never held while connecting, checking, closing or waiting on a cancel flag.
 */
#include "connectors/pool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/base/clock.h"
#include "engine/base/str.h"

#define IDLE_SECONDS 300

struct pooled {
	struct pooled *next;
	struct conn *conn;
	struct mem *mem;
	struct pool_server *server;
	char user[128];
	uint64_t version;
	const struct connector *connector;
	int64_t idle_since; /* us; 0 = in use */
};

struct waiter {
	struct waiter *next;
	pthread_cond_t wake;
	struct pool *pool;
};

struct pool_server {
	struct pool_server *next;
	char name[128];
	uint32_t cap;
	uint32_t open; /* connections and openings under way */
	int64_t idle_us;
	struct pooled *conns;
	struct waiter *first, **last;
	uint32_t waiting;
};

struct pool {
	struct mem *mem;
	pthread_mutex_t lock;
	pthread_cond_t jobs_done;
	uint32_t jobs; /* connecting threads under way */
	struct pool_server *servers;
};

/* A connection being opened, by a thread of its own. Freed by whichever of the two sides leaves last. */
struct job {
	struct pool *pool;
	struct pooled *p;
	struct options server_options, user_options; /* copies in p->mem */
	struct source_facts facts;
	struct waiter *waiter; /* the taker, unless abandoned */
	bool done, ok, abandoned; /* guarded by pool->lock */
	struct err err;
};

struct pool *pool_new(struct mem *m)
{
	struct pool *p = calloc(1, sizeof *p);

	ASSERT(p);
	p->mem = mem_new(m, MEM_CONNECTION, "pool", 0);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->jobs_done, NULL);
	return p;
}

static void pooled_close(struct pooled *c)
{
	if (c->conn)
		c->connector->close(c->conn);
	mem_free(c->mem);
	free(c);
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	while (p->jobs)
		pthread_cond_wait(&p->jobs_done, &p->lock);
	pthread_mutex_unlock(&p->lock);
	while (p->servers) {
		struct pool_server *s = p->servers;
		p->servers = s->next;
		while (s->conns) {
			struct pooled *c = s->conns;
			s->conns = c->next;
			pooled_close(c);
		}
		free(s);
	}
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->jobs_done);
	mem_free(p->mem);
	free(p);
}

/* REQUIRES(p->lock). */
static struct pool_server *server_get(struct pool *p, const struct pool_target *t)
{
	struct pool_server *s;
	int64_t cap = options_get_int(&t->server_options, "max_connections", t->connector->default_max_connections);

	for (s = p->servers; s && strcmp(s->name, t->server) != 0; s = s->next)
		;
	if (!s) {
		s = calloc(1, sizeof *s);
		ASSERT(s);
		snprintf(s->name, sizeof s->name, "%s", t->server);
		s->last = &s->first;
		s->next = p->servers;
		p->servers = s;
	}
	s->cap = cap < 1 ? 1 : cap > 10000 ? 10000 : (uint32_t)cap;
	s->idle_us = options_get_int(&t->server_options, "idle_timeout", IDLE_SECONDS) * 1000000;
	return s;
}

/* Unlinks. REQUIRES(pool->lock). */
static void unlink_conn(struct pool_server *s, struct pooled *c)
{
	struct pooled **at = &s->conns;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	s->open--;
}

/* Unlinks idle connections that are too old into *dead. REQUIRES(pool->lock). */
static void reap(struct pool_server *s, struct pooled **dead)
{
	int64_t now = clock_monotonic_us();

	for (struct pooled *c = s->conns, *next; c; c = next) {
		next = c->next;
		if (c->idle_since && now - c->idle_since >= s->idle_us) {
			unlink_conn(s, c);
			c->next = *dead;
			*dead = c;
		}
	}
}

static void close_all(struct pooled *dead)
{
	while (dead) {
		struct pooled *next = dead->next;
		pooled_close(dead);
		dead = next;
	}
}

static bool same_key(const struct pooled *c, const struct pool_target *t)
{
	return c->connector == t->connector && c->version == t->version && strcmp(c->user, t->user ? t->user : "") == 0;
}

/* The idle connection of that key that was used last (its caches are warm). REQUIRES(pool->lock). */
static struct pooled *idle_find(struct pool_server *s, const struct pool_target *t)
{
	struct pooled *best = NULL;

	for (struct pooled *c = s->conns; c; c = c->next)
		if (c->idle_since && same_key(c, t) && (!best || c->idle_since > best->idle_since))
			best = c;
	return best;
}

static struct pooled *idle_other(struct pool_server *s)
{
	struct pooled *oldest = NULL;

	for (struct pooled *c = s->conns; c; c = c->next)
		if (c->idle_since && (!oldest || c->idle_since < oldest->idle_since))
			oldest = c;
	return oldest;
}

static bool has_room(struct pool_server *s, const struct pool_target *t)
{
	return idle_find(s, t) || s->open < s->cap || idle_other(s);
}

/* ---- waiting ---- */

static void waiter_wake(void *arg)
{
	struct waiter *w = arg;

	pthread_mutex_lock(&w->pool->lock);
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->pool->lock);
}

static void wake_first(struct pool_server *s)
{
	if (s->first)
		pthread_cond_signal(&s->first->wake);
}

/* Waits until w is the first in the queue and there is room. REQUIRES(p->lock), also after. False when
 * cancelled. */
static bool wait_turn(struct pool *p, struct pool_server *s, const struct pool_target *t, struct waiter *w,
					  struct cancel *cancel, struct err *e)
{
	struct waiter **at;
	bool ok = true;

	if (!s->first && has_room(s, t))
		return true;
	*s->last = w;
	s->last = &w->next;
	s->waiting++;
	while (ok && (s->first != w || !has_room(s, t))) {
		if (cancel && cancel_state(cancel) != CANCEL_NONE)
			ok = cancel_check(cancel, e);
		else
			pthread_cond_wait(&w->wake, &p->lock);
	}
	for (at = &s->first; *at != w; at = &(*at)->next)
		;
	*at = w->next;
	if (!*at)
		s->last = at;
	w->next = NULL;
	s->waiting--;
	wake_first(s); /* there may be room for more than one */
	return ok;
}

/* ---- opening ---- */

static struct options options_copy(struct mem *m, const struct options *o)
{
	struct option *list = mem_new_array(m, struct option, o->count ? o->count : 1);

	for (size_t i = 0; i < o->count; i++)
		list[i] = (struct option){mem_strdup(m, o->list[i].name), mem_strdup(m, o->list[i].value ? o->list[i].value : "")};
	return (struct options){list, o->count};
}

/* Passwords have served once the connection stands. */
static void options_wipe(struct options *o)
{
	for (size_t i = 0; i < o->count; i++)
		if (strstr(o->list[i].name, "password"))
			explicit_bzero((char *)(uintptr_t)o->list[i].value, strlen(o->list[i].value));
	o->count = 0;
}

/* REQUIRES(p->lock). */
static void job_free(struct job *j)
{
	j->pool->jobs--;
	if (!j->pool->jobs)
		pthread_cond_broadcast(&j->pool->jobs_done);
	free(j);
}

/* Puts a connection that nobody waits for any more among the idle ones, or forgets it. Gives what is to be
 * closed. REQUIRES(pool->lock). */
static struct pooled *job_bury(struct job *j)
{
	struct pool_server *s = j->p->server;
	struct pooled *dead = NULL;

	if (j->ok) {
		j->p->idle_since = clock_monotonic_us();
		j->p->next = s->conns;
		s->conns = j->p;
	} else {
		dead = j->p;
		s->open--;
	}
	wake_first(s);
	return dead;
}

static void *job_main(void *arg)
{
	struct job *j = arg;
	struct pool *pool = j->pool;
	struct pooled *p = j->p, *dead = NULL;
	bool ok;

	ok = p->connector->connect(p->mem, p->server->name, &j->server_options, &j->user_options, &p->conn, &j->err);
	options_wipe(&j->server_options);
	options_wipe(&j->user_options);
	if (ok)
		conn_base(p->conn)->facts = j->facts;
	else
		p->conn = NULL;
	pthread_mutex_lock(&pool->lock);
	j->ok = ok;
	j->done = true;
	if (j->abandoned) {
		dead = job_bury(j);
		pthread_mutex_unlock(&pool->lock);
		if (dead)
			pooled_close(dead);
		pthread_mutex_lock(&pool->lock);
		job_free(j);
	} else {
		pthread_cond_signal(&j->waiter->wake);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

static struct job *job_new(struct pool *pool, struct pool_server *s, const struct pool_target *t, struct waiter *w)
{
	struct job *j = calloc(1, sizeof *j);
	struct pooled *p = calloc(1, sizeof *p);

	ASSERT(j && p);
	p->mem = mem_new(pool->mem, MEM_CONNECTION, t->server, 0);
	p->server = s;
	p->version = t->version;
	p->connector = t->connector;
	snprintf(p->user, sizeof p->user, "%s", t->user ? t->user : "");
	j->pool = pool;
	j->p = p;
	j->waiter = w;
	j->facts = t->facts;
	j->server_options = options_copy(p->mem, &t->server_options);
	j->user_options = options_copy(p->mem, &t->user_options);
	err_clear(&j->err);
	return j;
}

/* Opens a connection, the room for which is claimed (s->open counts it). */
static struct pooled *open_new(struct pool *pool, struct pool_server *s, const struct pool_target *t,
							   struct waiter *w, struct cancel *cancel, struct err *e)
{
	struct job *j = job_new(pool, s, t, w);
	struct pooled *p = j->p;
	pthread_t thread;
	bool ok;

	pthread_mutex_lock(&pool->lock);
	pool->jobs++;
	if (pthread_create(&thread, NULL, job_main, j) != 0) {
		s->open--;
		wake_first(s);
		job_free(j);
		pthread_mutex_unlock(&pool->lock);
		pooled_close(p);
		err_set(e, ERR_INSUFFICIENT_RESOURCES, "no thread for a connection to server \"%s\"", t->server);
		return NULL;
	}
	pthread_detach(thread);
	while (!j->done && !(cancel && cancel_state(cancel) != CANCEL_NONE))
		pthread_cond_wait(&w->wake, &pool->lock);
	if (!j->done) {
		j->abandoned = true;
		pthread_mutex_unlock(&pool->lock);
		(void)!cancel_check(cancel, e);
		return NULL;
	}
	ok = j->ok;
	if (ok) {
		p->next = s->conns;
		s->conns = p;
	} else {
		err_copy(e, &j->err);
		s->open--;
		wake_first(s);
	}
	job_free(j);
	pthread_mutex_unlock(&pool->lock);
	if (ok)
		return p;
	pooled_close(p);
	return NULL;
}

/* ---- taking and giving ---- */

/* One round: the connection, or NULL with *again (an idle one was found dead) or e set. */
static struct pooled *take_once(struct pool *pool, const struct pool_target *t, struct waiter *w,
								struct cancel *cancel, bool *again, struct err *e)
{
	struct pool_server *s;
	struct pooled *c, *dead = NULL;
	struct err why;
	bool ok;

	*again = false;
	pthread_mutex_lock(&pool->lock);
	s = server_get(pool, t);
	reap(s, &dead);
	ok = wait_turn(pool, s, t, w, cancel, e);
	c = ok ? idle_find(s, t) : NULL;
	if (c) {
		c->idle_since = 0;
	} else if (ok) {
		if (s->open >= s->cap) {
			struct pooled *victim = idle_other(s);
			unlink_conn(s, victim);
			victim->next = dead;
			dead = victim;
		}
		s->open++;
	}
	pthread_mutex_unlock(&pool->lock);
	close_all(dead);
	if (!ok)
		return NULL;
	if (!c)
		return open_new(pool, s, t, w, cancel, e);
	err_clear(&why);
	if (c->connector->check(c->conn, &why)) {
		conn_base(c->conn)->facts = t->facts;
		return c;
	}
	conn_base(c->conn)->broken = true;
	pool_give(pool, c->conn);
	*again = true;
	return NULL;
}

struct conn *pool_take(struct pool *p, const struct pool_target *t, struct cancel *cancel, struct err *e)
{
	struct waiter w = {.pool = p};
	struct pooled *c;
	int subscription = 0;
	bool again;

	pthread_cond_init(&w.wake, NULL);
	if (cancel)
		subscription = cancel_subscribe(cancel, waiter_wake, &w);
	do {
		c = take_once(p, t, &w, cancel, &again, e);
	} while (again);
	if (cancel)
		cancel_unsubscribe(cancel, subscription);
	pthread_cond_destroy(&w.wake);
	return c ? c->conn : NULL;
}

static struct pooled *find_in_use(struct pool *p, const struct conn *conn)
{
	for (struct pool_server *s = p->servers; s; s = s->next)
		for (struct pooled *c = s->conns; c; c = c->next)
			if (c->conn == conn)
				return c;
	UNREACHABLE();
}

void pool_give(struct pool *p, struct conn *conn)
{
	struct pooled *dead = NULL, *c;

	pthread_mutex_lock(&p->lock);
	c = find_in_use(p, conn);
	if (conn_base(conn)->broken) {
		unlink_conn(c->server, c);
		c->next = NULL;
		dead = c;
	} else {
		c->idle_since = clock_monotonic_us();
	}
	wake_first(c->server);
	reap(c->server, &dead);
	pthread_mutex_unlock(&p->lock);
	close_all(dead);
}

void pool_close_idle(struct pool *p, const char *server)
{
	struct pooled *dead = NULL;

	pthread_mutex_lock(&p->lock);
	for (struct pool_server *s = p->servers; s; s = s->next) {
		if (server && strcmp(s->name, server) != 0)
			continue;
		for (struct pooled *c = s->conns, *next; c; c = next) {
			next = c->next;
			if (!c->idle_since)
				continue;
			unlink_conn(s, c);
			c->next = dead;
			dead = c;
		}
		wake_first(s);
	}
	pthread_mutex_unlock(&p->lock);
	close_all(dead);
}

size_t pool_stats(struct pool *p, struct mem *m, struct pool_stats **out)
{
	size_t n = 0;

	pthread_mutex_lock(&p->lock);
	for (struct pool_server *s = p->servers; s; s = s->next)
		n++;
	*out = mem_new_array(m, struct pool_stats, n ? n : 1);
	n = 0;
	for (struct pool_server *s = p->servers; s; s = s->next, n++) {
		uint32_t idle = 0;
		for (struct pooled *c = s->conns; c; c = c->next)
			idle += c->idle_since != 0;
		(*out)[n] = (struct pool_stats){mem_strdup(m, s->name), s->open, s->open - idle, s->waiting, s->cap};
	}
	pthread_mutex_unlock(&p->lock);
	return n;
}
