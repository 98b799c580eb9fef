/*
 * A recursion as a source: it runs the non-recursive term, then the recursive term over the rows of the round
 * before, until a round gives none. Rows are handed on as they come, so whoever wants only a few ends it.
 *
 * A round is a nested execution on the same workers, with a cancel flag of its own below the statement's. This
 * source has one task; it never waits for a nested execution but parks until its result has a batch. Nested
 * executions that still have tasks when they are done with are kept and closed later, at the latest when the
 * execution around is closed: closing waits for tasks, which a worker must not do.
 *
 * Rows are copied, since vectors of a nested execution do not outlive it. With UNION a table keeps all rows seen,
 * and a row that is there already is dropped.
 */
#include "engine/execute/source_recursive.h"
#include "engine/execute/group_table.h"

#include <stdlib.h>

/* The rows of one round. Counted: the source holds it, and the nested execution whose working table it is. */
struct work_rows {
	int refs; /* atomic */
	struct batch *batches;
	size_t n, cap;
};

/* A nested execution and what it needs as long as it has tasks. Of the recursion's list: made by the source's task,
 * read by the closing thread when that task is gone. */
struct nested {
	struct execution *x;          /* NULL: closed */
	struct cancel *cancel, *outer;
	int subscription;
	struct plan plan;
	struct outer_rows work;
	struct work_rows *rows;       /* held; NULL in the first round */
	struct nested *next;
};

struct recursive_local {
	struct nested *run;           /* the round under way */
	struct work_rows *now, *coming;
	struct group_table seen;      /* UNION */
	struct wait_node wait;
	struct batch in;
	uint64_t hashes[BATCH_ROWS];
	uint8_t *rows[BATCH_ROWS];
	uint32_t sel[BATCH_ROWS];
	bool started, done;
};

/* ---- rows ---- */

static struct work_rows *work_new(void)
{
	struct work_rows *w = calloc(1, sizeof *w);

	ASSERT(w);
	w->refs = 1;
	return w;
}

static void work_unref(struct work_rows *w)
{
	if (!w || __atomic_sub_fetch(&w->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	for (size_t i = 0; i < w->n; i++) {
		batch_release(&w->batches[i]);
		free(w->batches[i].cols);
	}
	free(w->batches);
	free(w);
}

/* Rows sel of a vector (NULL: all) in buffers and a heap of its own. */
static bool copy_column(struct task *t, struct vec *to, const struct vec *from, const uint32_t *sel, uint32_t n)
{
	struct mem *data = task_data(t);
	struct vec picked;
	bool ok;

	if (!vec_slice(&picked, from, sel, n, data, &t->err))
		return false;
	ok = vec_init_flat(to, from->type, n, data, &t->err);
	if (ok && type_phys(from->type) == PHYS_STR) {
		struct view v = vec_view(&picked);
		const struct text *texts = v.data;
		for (uint32_t i = 0; ok && i < n; i++) {
			const struct text *x = &texts[view_index(&v, i)];
			if (view_is_null(&v, i)) {
				ok = vec_want_nulls(to, n, data, &t->err);
				if (ok)
					vec_set_null(to, i);
			} else {
				ok = heap_add(to->heap, text_data(x), x->len, &((struct text *)to->data)[i], &t->err);
			}
		}
	} else if (ok) {
		ok = vec_append(to, 0, &picked, 0, n, data, &t->err);
	}
	vec_release(&picked);
	return ok;
}

static bool work_add(struct task *t, struct work_rows *w, const struct batch *in, const uint32_t *sel, uint32_t n)
{
	struct batch *b;

	if (w->n == w->cap) {
		w->cap = w->cap ? 2 * w->cap : 4;
		w->batches = realloc(w->batches, w->cap * sizeof *w->batches);
		ASSERT(w->batches);
	}
	b = &w->batches[w->n++];
	*b = (struct batch){.rows = n, .ncols = in->ncols, .cols = calloc(in->ncols + 1, sizeof *b->cols)};
	ASSERT(b->cols);
	for (uint32_t c = 0; c < in->ncols; c++)
		if (!copy_column(t, &b->cols[c], &in->cols[c], sel, n))
			return false;
	return true;
}

static void share_batch(const struct batch *b, struct batch *out)
{
	for (uint32_t c = 0; c < out->ncols; c++)
		vec_share(&out->cols[c], &b->cols[c]);
	out->rows = b->rows;
}

/* ---- nested executions ---- */

static void pass_on(void *arg)
{
	struct nested *n = arg;

	cancel_raise(n->cancel, cancel_state(n->outer));
}

static void nested_close(struct nested *n)
{
	execute_close(n->x);
	cancel_unsubscribe(n->outer, n->subscription);
	cancel_free(n->cancel);
	work_unref(n->rows);
	n->x = NULL;
	n->rows = NULL;
}

void nested_close_all(struct execution *x)
{
	for (struct recursion *g = x->recursions; g; g = g->next)
		for (struct nested *n = g->nested; n; n = n->next)
			if (n->x)
				nested_close(n);
}

/* A place on the list: one whose tasks are all gone by now is closed and taken, else a new one. */
static struct nested *nested_new(struct task *t, struct recursion *g)
{
	struct nested *n;

	for (n = g->nested; n; n = n->next)
		if (!n->x || execution_is_over(n->x))
			break;
	if (n && n->x)
		nested_close(n);
	if (!n) {
		n = calloc(1, sizeof *n);
		ASSERT(n);
		n->next = g->nested;
		g->nested = n;
	}
	n->outer = t->x->env.cancel;
	n->cancel = cancel_new();
	n->subscription = cancel_subscribe(n->outer, pass_on, n);
	return n;
}

static bool start_round(struct task *t, struct recursion *g, struct recursive_local *l)
{
	struct execution *x = t->x;
	struct execute_env env = x->env;
	struct nested *n = nested_new(t, g);

	n->plan = *x->plan;
	n->plan.root = (struct rel *)g->terms[l->started];
	n->plan.ncols = g->node->ncols;
	n->rows = l->now;
	if (n->rows)
		__atomic_add_fetch(&n->rows->refs, 1, __ATOMIC_RELAXED);
	n->work = (struct outer_rows){.number = g->node->setop.recursion, .definition = g->node, .work = n->rows, .up = g->outer};
	env.outer = l->started ? &n->work : g->outer;
	env.into = NULL;
	env.cancel = n->cancel;
	l->started = true;
	l->coming = work_new();
	if (!execute_open(&n->plan, &env, &n->x, &t->err)) {
		n->x = NULL;
		nested_close(n);
		return false;
	}
	l->run = n;
	return true;
}

/* ---- the source ---- */

static bool recursive_open_local(struct task *t, void *global, void **local)
{
	struct recursion *g = global;
	struct recursive_local *l = mem_new_object(t->mem, struct recursive_local);

	*local = l;
	batch_init(&l->in, g->node->ncols, t->mem);
	if (g->distinct)
		group_table_init(&l->seen, task_data(t), g->layout, g->layout->ncols, rowstore_new(task_data(t), g->layout));
	return true;
}

static void recursive_close_local(void *global, void *local)
{
	struct recursion *g = global;
	struct recursive_local *l = local;

	if (l->run) {
		result_forget(l->run->x, &l->wait);
		cancel_raise(l->run->cancel, CANCEL_DONE); /* closed with the execution around */
	}
	batch_release(&l->in);
	work_unref(l->now);
	work_unref(l->coming);
	if (g->distinct) {
		rowstore_free(l->seen.store);
		group_table_clear(&l->seen);
	}
}

static void recursive_close(void *global)
{
	struct recursion *g = global;

	/* the execution has closed them all by now, unless its pipeline ended early: then it still will */
	for (struct nested *n = g->nested; n; n = n->next)
		if (n->x)
			cancel_raise(n->cancel, CANCEL_DONE);
}

/* With UNION those of the batch's rows that are new; sel NULL: all. */
static bool fresh_rows(struct task *t, struct recursion *g, struct recursive_local *l, const uint32_t **sel, uint32_t *n)
{
	*n = l->in.rows;
	*sel = NULL;
	if (!g->distinct)
		return true;
	hash_columns(l->in.cols, g->layout->ncols, l->in.rows, l->hashes);
	if (!group_table_find(&l->seen, l->in.cols, l->hashes, NULL, l->in.rows, l->rows, &t->err))
		return false;
	*n = 0;
	for (uint32_t i = 0; i < l->in.rows; i++) {
		struct group_row *row = group_row(l->rows[i]);
		if (!row->partition)
			l->sel[(*n)++] = i;
		row->partition = 1; /* given out */
	}
	if (*n < l->in.rows)
		*sel = l->sel;
	return true;
}

/* The round is over: its rows are the next one's working table. */
static bool next_round(struct recursive_local *l)
{
	cancel_raise(l->run->cancel, CANCEL_DONE);
	l->run = NULL;
	work_unref(l->now);
	l->now = l->coming;
	l->coming = NULL;
	l->done = l->now->n == 0;
	return !l->done;
}

static enum flow recursive_next(struct task *t, void *global, void *local, struct batch *out)
{
	struct recursion *g = global;
	struct recursive_local *l = local;
	const uint32_t *sel;
	uint32_t n;

	for (;;) {
		if (l->done)
			return FLOW_DONE;
		if (!l->run && !start_round(t, g, l))
			return FLOW_FAIL;
		batch_release(&l->in);
		switch (result_poll(l->run->x, &l->in, t, &l->wait)) {
		case FLOW_MORE:
			break;
		case FLOW_BLOCKED:
			return FLOW_BLOCKED;
		case FLOW_DONE:
			if (!next_round(l))
				return FLOW_DONE;
			if (!cancel_check(t->x->env.cancel, &t->err)) /* rounds without rows to hand on */
				return FLOW_FAIL;
			continue;
		case FLOW_NEED_INPUT:
		case FLOW_FAIL:
			return FLOW_FAIL;
		}
		if (!fresh_rows(t, g, l, &sel, &n) || (n && !work_add(t, l->coming, &l->in, sel, n)))
			return FLOW_FAIL;
		if (n) {
			share_batch(&l->coming->batches[l->coming->n - 1], out);
			return FLOW_MORE;
		}
	}
}

static const struct source_ops source_recursive = {
	.name = "recursion",
	.next = recursive_next,
	.life = {recursive_open_local, recursive_close_local, recursive_close},
};

static void free_places(void *arg)
{
	struct recursion *g = arg;

	while (g->nested) {
		struct nested *n = g->nested;
		g->nested = n->next;
		free(n);
	}
}

struct recursion *source_recursive_new(struct execution *x, const struct rel *r)
{
	struct recursion *g = mem_new_object(x->mem, struct recursion);
	struct type *types = mem_new_array(x->mem, struct type, r->ncols + 1);

	for (uint32_t i = 0; i < r->ncols; i++)
		types[i] = r->cols[i].type;
	g->node = r;
	g->distinct = r->setop.kind == SETOP_UNION;
	g->layout = rowlayout_new(x->mem, GROUP_HEADER, types, r->ncols);
	g->op = op_new_source(x, &source_recursive, r, r->ncols);
	g->op->global = g;
	g->next = x->recursions;
	x->recursions = g;
	mem_on_free(x->mem, free_places, g);
	return g;
}

/* ---- the working table ---- */

struct work_source {
	const struct work_rows *from;
	uint64_t next; /* atomic */
};

static enum flow work_next(struct task *t, void *global, void *local, struct batch *out)
{
	struct work_source *g = global;
	uint64_t i = __atomic_fetch_add(&g->next, 1, __ATOMIC_RELAXED);

	(void)t;
	(void)local;
	if (i >= g->from->n)
		return FLOW_DONE;
	share_batch(&g->from->batches[i], out);
	return FLOW_MORE;
}

static uint32_t work_parallel(void *global)
{
	const struct work_source *g = global;

	return g->from->n > 64 ? 64 : (uint32_t)g->from->n;
}

static const struct source_ops source_work = {.name = "working table", .next = work_next, .parallel = work_parallel};

struct op *source_work_new(struct execution *x, const struct rel *r, const struct work_rows *w)
{
	struct op *op = op_new_source(x, &source_work, r, r->ncols);
	struct work_source *g = mem_new_object(x->mem, struct work_source);

	g->from = w;
	op->global = g;
	return op;
}
