/*
 * Build rows that come out of a join after the probe: those without a match (RIGHT, FULL, or LEFT and ANTI
 * with the sides swapped), beside NULLs for the probe's columns; those with one (SEMI swapped). Starts when
 * every pipeline with the probe has ended. Tasks take ranges of rows under the join's lock.
 */
#include "engine/execute/join.h"

static bool fill_columns(struct task *t, struct join *j, uint8_t *const *rows, uint32_t n, struct batch *out)
{
	for (uint32_t c = 0; c < j->ncols; c++) {
		const struct join_column *from = &j->cols[c];
		struct value null = value_null(from->type);

		if (from->from == FROM_BUILD) {
			if (!rowstore_gather(j->store, from->at, rows, n, &out->cols[c], task_data(t), &t->err))
				return false;
			out->cols[c].type = from->type;
		} else if (!vec_init_const(&out->cols[c], &null, task_data(t), &t->err)) {
			return false;
		}
	}
	out->rows = n;
	return true;
}

static enum flow kept_next(struct task *t, void *global, void *local, struct batch *out)
{
	struct join *j = global;
	uint8_t *rows[BATCH_ROWS];
	uint32_t n, kept;

	(void)local;
	do {
		pthread_mutex_lock(&j->lock);
		n = rowstore_scan(j->store, &j->cursor, rows, t->x->batch_rows);
		pthread_mutex_unlock(&j->lock);
		kept = 0;
		for (uint32_t i = 0; i < n; i++) {
			bool matched = __atomic_load_n(&join_row(rows[i])->matched, __ATOMIC_RELAXED);
			rows[kept] = rows[i];
			kept += matched == j->build_emits_matched;
		}
		if (!cancel_check(t->x->env.cancel, &t->err))
			return FLOW_FAIL;
	} while (n && !kept);
	if (!n)
		return FLOW_DONE;
	return fill_columns(t, j, rows, kept, out) ? FLOW_MORE : FLOW_FAIL;
}

static uint32_t kept_parallel(void *global)
{
	struct join *j = global;

	j->cursor = (struct rowcursor){0, 0}; /* the insertion is over; asked once, before any task runs */
	return (uint32_t)(rowstore_rows(j->store) / 8192) + 1;
}

static const struct source_ops source_join_kept = {
	.name = "join kept rows",
	.next = kept_next,
	.parallel = kept_parallel,
};

struct op *source_join_kept_new(struct join *j)
{
	struct op *op = op_new_source(j->x, &source_join_kept, j->node, j->ncols);

	op->global = j;
	return op;
}
