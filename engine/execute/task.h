/* Running one task's slices, between scheduler.c and task.c; and what execute.c shares with them. */
#ifndef HOPLUU_EXECUTE_TASK_H
#define HOPLUU_EXECUTE_TASK_H

#include "engine/base/clock.h"
#include "engine/execute/op.h"

enum slice {
	SLICE_AGAIN,   /* has more to do */
	SLICE_BLOCKED, /* on somebody's list of waiters */
	SLICE_END,     /* done, failed or cancelled: task_close comes next */
};
enum slice task_run(struct task *t);
/* Combines into the sink (when all is well) and closes the locals. */
void task_close(struct task *t, bool well);
void task_free(struct task *t);
/* Closes an operator's global state, once. */
void op_close(struct op *op);

/* sink_result.c: execute_next's end of the queue. */
bool sink_result_take(struct execution *x, struct batch *out, struct err *e);
void sink_result_notify(struct execution *x);

#endif
