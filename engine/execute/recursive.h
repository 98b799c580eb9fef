/*
 * WITH RECURSIVE: what the rounds of a recursion see of each other and of the execution around them. Each round is
 * an execution of its own on the same workers, opened over one term of the set operation.
 */
#ifndef HOPLUU_EXECUTE_RECURSIVE_H
#define HOPLUU_EXECUTE_RECURSIVE_H

#include "engine/execute/lower.h"

/* Rows that a REL_CTE_SCAN of that number reads and that no REL_CTE of the plan at hand makes. */
struct outer_rows {
	uint32_t number;
	const struct rel *definition;
	struct op *sink;                 /* batches of the execution around, finished … */
	const struct work_rows *work;    /* … or the rows of the round before */
	const struct outer_rows *up;
};
const struct outer_rows *outer_rows_find(const struct execution *x, uint32_t number);

/* A set operation with recursion. */
MUST_CHECK bool lower_recursive(struct lowering *l, const struct rel *r, const struct chain *up);
/* Reads the working table. */
struct op *source_work_new(struct execution *x, const struct rel *r, const struct work_rows *w);
/* Closes the executions that x's recursions have opened; for x's own closing, when its tasks are gone. */
void nested_close_all(struct execution *x);

/* lower.c: the sink that holds a common table expression's rows, made now if it isn't there. */
MUST_CHECK bool cte_sink(struct lowering *l, uint32_t number, struct op **out, const struct rel **definition);
/* sink_result.c: the next batch of x for a task of another execution. BLOCKED: node is on the list of those that
 * are woken when there is one; result_forget takes it off. DONE and FAIL as they say. */
enum flow result_poll(struct execution *x, struct batch *out, struct task *t, struct wait_node *node);
void result_forget(struct execution *x, struct wait_node *node);
/* scheduler.c: no task is left, so that closing waits for nobody. */
bool execution_is_over(struct execution *x);

#endif
