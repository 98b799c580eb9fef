/*
 * A remote stream beside the workers: one thread per open stream takes a connection from the pool, runs the
 * request and fills a bounded queue of batches. The consumer never blocks: it takes a batch or learns that
 * there is none yet, and is woken. Back-pressure is the bound.
 */
#ifndef HOPLUU_CONNECTORS_FETCHER_H
#define HOPLUU_CONNECTORS_FETCHER_H

#include "connectors/pool.h"

struct fetcher;

struct fetcher_spec {
	struct pool *pool;
	struct pool_target target;   /* copied */
	struct stream_request request; /* copied */
	uint32_t queue_batches;
	struct mem *mem;             /* query's node */
	struct cancel *cancel;
	/* Called (from the fetcher's thread, no locks held) when a queue that was found empty has something, has
	 * ended or failed. */
	void (*wake)(void *arg);
	void *wake_arg;
};
enum fetch { FETCH_BATCH, FETCH_WAIT, FETCH_END, FETCH_FAILED };

/* Starts the thread. */
MUST_CHECK bool fetcher_start(const struct fetcher_spec *spec, struct mem *m, struct fetcher **out, struct err *e);
/* Any thread. out: an empty batch of the request's ncols (batch_init). BATCH: what is in it is the caller's. WAIT: wake will be called once. FAILED: e is set. */
enum fetch fetcher_take(struct fetcher *f, struct batch *out, struct err *e);
/* Cancels what runs, joins the thread, gives the connection back. */
void fetcher_close(struct fetcher *f);

struct fetcher_stats {
	int64_t rows, bytes, values_replaced;
	int64_t connect_us, first_row_us, total_us, wait_us; /* wait: blocked on a full queue */
	bool waiting_for_source; /* right now */
};
void fetcher_stats(const struct fetcher *f, struct fetcher_stats *out);

#endif
