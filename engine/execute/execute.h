/*
 * Execution: a placed plan runs as pipelines over batches on the process's worker threads.
 *
 * execute_open starts it; the caller takes batches in its own thread with execute_next, which blocks until
 * there is one (bounded: a slow caller slows its sources). execute_close may come at any time: it cancels
 * what runs, waits for the tasks and gives all back.
 */
#ifndef HOPLUU_EXECUTE_EXECUTE_H
#define HOPLUU_EXECUTE_EXECUTE_H

#include "connectors/fetcher.h"
#include "engine/base/settings.h"
#include "engine/authorize/guard.h"
#include "engine/plan/rel.h"

/* Where a statement's rows go instead of to the caller. */
struct execute_into {
	struct colsink *sink;              /* engine/vector/colstore.h */
	const char *table;                 /* for messages, as the next two: */
	const char *const *columns;
	const bool *not_null;              /* per column: 23502 on NULL; NULL = none */
	const struct type *types;          /* declared: longer texts are 22001, but for blanks; NULL = all fit */
};

struct workers; /* the process's pool of worker threads */
struct workers *workers_new(struct mem *m, unsigned threads); /* 0 = one a core */
void workers_free(struct workers *w);

/* What execution asks of the session: how to reach a server. */
struct execute_env {
	struct workers *workers;
	struct pool *pool;
	struct mem *mem;                   /* query's node; plan and batches outlive execute_close? no: released by it */
	struct cancel *cancel;
	const struct settings *settings;
	const struct text_context *text;
	const struct virtual_context *virtual_context;
	const struct value *params;        /* $1 … */
	uint32_t nparams;
	/* Fills target for that server: connector, options with secrets opened (in m), facts. */
	bool (*target)(void *arg, const struct catalog_server *server, struct mem *m, struct pool_target *out, struct err *e);
	void *target_arg;
	/* NULL-replaced values, skipped things: gathered for the client. May be called from any thread. */
	void (*warn)(void *arg, enum errcode code, const char *message);
	void *warn_arg;
	const struct execute_into *into;   /* NULL: rows go to execute_next; else that gives the end when all are there */
	const struct outer_rows *outer;    /* recursive.h: only for executions inside others */
	/* Asked once before any source is contacted; false: the plan doesn't run. NULL: nobody asks. */
	bool (*admit)(void *arg, const struct plan *p, struct err *e);
	void *admit_arg;
	bool profile;                      /* gather times for EXPLAIN ANALYZE */
};

struct execution;
MUST_CHECK bool execute_open(const struct plan *p, const struct execute_env *env, struct execution **out, struct err *e);
/* The next rows into out (any number of columns, released by the caller with batch_release): rows 0 = end. */
MUST_CHECK bool execute_next(struct execution *x, struct batch *out, struct err *e);
void execute_close(struct execution *x); /* NULL is fine */

/* Per node of the plan, after or during the run, for EXPLAIN ANALYZE and the progress line. */
struct node_stats {
	int64_t rows, batches, time_us, memory_peak, spilled;
	struct fetcher_stats fetch;        /* REL_REMOTE only */
};
bool execute_stats(const struct execution *x, const struct rel *node, struct node_stats *out);
struct source_progress {
	const char *server;
	int64_t rows, bytes;
	bool waiting, done;
};
size_t execute_progress(const struct execution *x, struct source_progress *out, size_t max);

#endif
