/*
 * Operators, pipelines, tasks: what the scheduler runs.
 *
 * A pipeline is a source, transforms and a sink. Every physical operator has one face (one of the three
 * vtables): a hash join is a build sink, a probe transform and maybe a source of unmatched rows. State is
 * global (one per operator and query; its comment says how it is locked) or local (one per task, no locks).
 * A batch on its way belongs to the task; an operator shares vectors of `in` (vec_share, vec_slice) but
 * never changes or keeps the batch itself.
 */
#ifndef HOPLUU_EXECUTE_OP_H
#define HOPLUU_EXECUTE_OP_H

#include <pthread.h>

#include "engine/execute/execute.h"
#include "engine/vector/spill.h"

enum flow {
	FLOW_MORE,       /* source: out has rows; transform: out has rows and the same input gives more;
	                    sink: took the batch */
	FLOW_NEED_INPUT, /* transform: done with this input; out may have rows */
	FLOW_DONE,       /* source: no more rows, out is empty; transform, sink: wants no more input at all
	                    (a transform's out may have rows) */
	FLOW_BLOCKED,    /* the task was put on a list of waiters and is called again after being woken */
	FLOW_FAIL,       /* task->err is set */
};

struct task;
struct pipeline;

/* Each may be NULL. Locals live in task->mem; close_local also gets those of tasks that failed. */
struct op_life {
	bool (*open_local)(struct task *t, void *global, void **local);
	void (*close_local)(void *global, void *local);
	/* No task uses it any more. */
	void (*close_global)(void *global);
};

struct source_ops {
	const char *name;
	/* Fills out (empty, all columns zero). Never an empty batch with FLOW_MORE. */
	enum flow (*next)(struct task *t, void *global, void *local, struct batch *out);
	/* How many tasks may read at once, asked when the pipeline starts; NULL = one; 0 = there is nothing to read. */
	uint32_t (*parallel)(void *global);
	struct op_life life;
};
struct transform_ops {
	const char *name;
	enum flow (*push)(struct task *t, void *global, void *local, struct batch *in, struct batch *out);
	struct op_life life;
};
struct sink_ops {
	const char *name;
	enum flow (*consume)(struct task *t, void *global, void *local, struct batch *in); /* parallel */
	enum flow (*combine)(struct task *t, void *global, void *local); /* once per task, parallel; may be NULL */
	enum flow (*finish)(struct task *t, void *global);               /* once, after all combines; may be NULL */
	struct op_life life;
};

/* Counters of a plan node: relaxed atomics, written once a batch. */
struct op_stats {
	int64_t rows, batches, time_us, memory;
	int64_t spilled; /* bytes written to temporary files; set when the operator is closed */
};

enum op_face { OP_SOURCE, OP_TRANSFORM, OP_SINK };

/* An operator of a query. Made by lowering, read-only afterwards but for `global` and what is marked. */
struct op {
	enum op_face face;
	union {
		const struct source_ops *source;
		const struct transform_ops *transform;
		const struct sink_ops *sink;
	};
	void *global;
	struct execution *x;
	const struct rel *node;    /* whose time this is; NULL = none */
	bool produces;             /* its output batches are the node's rows */
	uint32_t ncols;            /* columns of its output batches (sources, transforms) */
	uint32_t ndeps;
	struct op **deps;          /* sinks that must be finished before a pipeline with this operator starts */
	size_t deps_cap;
	struct op *after;          /* source: starts when all pipelines with this transform have ended */
	struct op_stats stats;
	struct spill_file *file;   /* of one that can spill (op_can_spill); freed after close_global */
	/* sinks; guarded by the workers' lock */
	uint32_t feeders;          /* pipelines still to end */
	bool finished;
	bool serial;               /* sink: wants rows in the source's order, so one task only */
	bool closed;
};

struct pipeline {
	struct execution *x;
	struct op *source, *sink;
	uint32_t ntransforms;
	struct op **transforms;
	bool ordered;              /* the source's order means something: one task */
	/* guarded by the workers' lock */
	enum { PIPELINE_WAITING, PIPELINE_RUNNING, PIPELINE_ENDED } state;
	uint32_t ntasks, live;
	struct task *tasks;
	bool satisfied;            /* atomic: nobody wants more of it */
};

struct task {
	struct execution *x;
	struct pipeline *pipeline;
	struct mem *mem;           /* arena of this task's local states */
	struct err err;
	bool opened;
	uint32_t nopened;          /* faces whose locals are open: source, transforms, sink */
	void **locals;
	struct batch *batches;     /* [ntransforms + 1]: input of transform i, last = of the sink */
	bool *pending;             /* per transform: the input in batches[i] gives more */
	int at;                    /* stage to go on with: -1 source, i transform, ntransforms sink */
	bool draining;             /* the source is not asked any more */
	/* guarded by the workers' lock */
	enum { TASK_QUEUED, TASK_RUNNING, TASK_PARKED, TASK_ENDED } state;
	bool woken;
	struct task *next;         /* run queue */
};

/* A list of parked tasks, guarded by the owner's lock. A node stands in the local state of the operator
 * that waits; waiters_remove in its close_local. */
struct wait_node {
	struct task *task;
	struct wait_node *next;
	bool linked;
};
struct waiters {
	struct wait_node *first;
};
void waiters_add(struct waiters *w, struct wait_node *n, struct task *t);
void waiters_remove(struct waiters *w, struct wait_node *n);
/* Wakes and empties. */
void waiters_wake(struct waiters *w);

/* An init plan: the value of an uncorrelated subquery, known once its sink has finished. */
struct init_plan {
	const struct expr *expr;
	struct op *sink;
	struct value value;
	struct mem *mem;           /* of the value's text */
};

struct execution {
	struct execute_env env;
	const struct plan *plan;
	struct workers *workers;
	struct mem *mem;           /* plan-sized state: child of env.mem, used by the opening thread only */
	uint32_t batch_rows;
	uint32_t threads;          /* tasks of this query that run at once, and tasks of a pipeline */
	int verify;                /* SET_verify_vectors */
	/* memory.c: read-only once the plan is lowered */
	struct spill_space *space;
	size_t budget;             /* bytes that the query may use */
	uint32_t nspillable;
	bool verify_spill;         /* SET_verify_spill */
	size_t nops, ops_cap;
	struct op **ops;
	size_t npipelines, pipelines_cap;
	struct pipeline **pipelines;
	size_t ninits, inits_cap;
	struct init_plan **inits;
	struct op *result;         /* the sink that execute_next reads */
	struct recursion *recursions; /* source_recursive.h */
	int cancel_id;
	bool subscribed;
	/* guarded by the workers' lock */
	struct task *queue_head, *queue_tail;
	uint32_t running;          /* workers that are inside a task of this query */
	uint32_t live;             /* tasks not ended */
	struct execution *ring_next;
	bool in_ring;
	pthread_cond_t idle;
	bool failed;               /* atomic reads */
	struct err err;            /* the first one */
};

/* Data-sized memory of a query is charged to its node, which outlives every batch. */
static inline struct mem *task_data(const struct task *t) { return t->x->env.mem; }

/* scheduler.c */
void execution_start(struct execution *x);            /* starts every pipeline that waits for nothing */
void execution_stop(struct execution *x);             /* cancels, waits until no task lives */
void execution_fail(struct execution *x, const struct err *e); /* first error wins; any thread */
void execution_error(struct execution *x, struct err *e); /* copies the first one */
bool execution_failed(const struct execution *x);
void execution_wake_all(struct execution *x);         /* parked tasks look at cancel again */
void task_wake(struct task *t);                       /* any thread; harmless when it is not parked */
/* The limit is reached: every pipeline with this operator ends. */
void op_satisfied(struct op *op);
uint32_t workers_threads(const struct workers *w);

/* memory.c: when operators write what they hold to temporary files. */
void execution_budget(struct execution *x);           /* once, before lowering */
void op_can_spill(struct op *op);                     /* while lowering: makes op->file */
/* Whether an operator's task that holds so many bytes shall write them out now. */
bool op_pressed(const struct op *op, size_t held);
/* Bytes that one task may take to go on with what was spilled. */
size_t execution_share(const struct execution *x);

static inline void op_count(struct op *op, uint32_t rows)
{
	__atomic_fetch_add(&op->stats.rows, rows, __ATOMIC_RELAXED);
	__atomic_fetch_add(&op->stats.batches, 1, __ATOMIC_RELAXED);
}
static inline void op_memory(struct op *op, int64_t bytes)
{
	__atomic_fetch_add(&op->stats.memory, bytes, __ATOMIC_RELAXED);
}

#endif
