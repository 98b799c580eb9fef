/*
 * What comes out of a join after the probe: build rows that the join kind keeps, and all of a join that went to disk.
 *
 * Kept rows are those without a match (RIGHT, FULL, or LEFT and ANTI with the sides swapped), beside NULLs for the
 * probe's columns; those with one (SEMI swapped). Tasks take ranges of rows under the join's lock.
 *
 * A join on disk is done piece by piece: a partition of both sides, split by further bits of the hash while its build
 * side is more than a task's share of memory. What can't be split any more (many rows of one key, or no keys) is done
 * in blocks: some build rows at a time, all probe rows for each; what is known of a probe row is carried from block to
 * block. A piece is one task's, its rows and directory are a join of their own (`sub`).
 *
 * Starts when every pipeline with the probe has ended, and gives the build side back at its end.
 */
#include "engine/execute/join.h"

#include <stdlib.h>

struct join_piece {
	struct join_piece *next;
	uint32_t level;
	bool whole;                 /* splitting it did not help */
	struct spill_run build, probe;
};
struct rest_local {
	struct task *task;
	struct join sub;
	void *probe;                /* locals of the probe over sub */
	struct join_piece *pieces, *piece; /* waiting; at hand */
	struct spill_reader build_reader, probe_reader;
	uint8_t *block, *probe_block; /* rows of the build side and the probe side that are read but not used */
	uint32_t nblock, block_at, nprobe_block, probe_at;
	bool last;                  /* block of build rows */
	bool probing, keeping;
	uint64_t probe_row;         /* of the piece */
	uint8_t *carry;             /* matched, unknown: a byte for each probe row of the piece; NULL = one block */
	size_t ncarry;
	struct batch in;
	struct rowcursor cursor;
};

/* ---- rows kept ---- */

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

/* The next rows of j's store that are kept; *cursor: guarded by `lock` unless that is NULL. */
static enum flow kept_next(struct task *t, struct join *j, struct rowcursor *cursor, pthread_mutex_t *lock,
						   struct batch *out)
{
	uint8_t *rows[BATCH_ROWS];
	uint32_t n, kept;

	do {
		if (lock)
			pthread_mutex_lock(lock);
		n = rowstore_scan(j->store, cursor, rows, t->x->batch_rows);
		if (lock)
			pthread_mutex_unlock(lock);
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

/* ---- pieces ---- */

static void add_piece(struct rest_local *l, uint32_t level, bool whole, struct spill_run *build, struct spill_run *probe)
{
	struct join_piece *p = calloc(1, sizeof *p);

	ASSERT(p);
	*p = (struct join_piece){l->pieces, level, whole, *build, *probe};
	*build = *probe = (struct spill_run){0};
	l->pieces = p;
}

static void free_piece(struct rest_local *l, struct join_piece *p)
{
	struct spill_file *f = l->sub.build_op->file;

	if (!p)
		return;
	spill_run_clear(f, &p->build);
	spill_run_clear(f, &p->probe);
	free(p);
}

static bool is_too_large(const struct rest_local *l, const struct join_piece *p)
{
	return p->build.bytes + p->build.rows * 32 > execution_share(l->sub.x); /* rows and directory */
}

static bool split_piece(struct rest_local *l, struct join_piece *p)
{
	const struct join *j = &l->sub;
	struct spill_file *f = j->build_op->file;
	struct spill_parts *parts = calloc(2, sizeof *parts);
	struct err *e = &l->task->err;
	uint64_t rows = p->build.rows;
	uint32_t level = p->level + 1;
	bool ok;

	ASSERT(parts);
	ok = spill_split(f, &p->build, j->layout, JOIN_HASH, level, &parts[0], e) &&
		 spill_split(f, &p->probe, j->probe_layout, JOIN_HASH, level, &parts[1], e);
	for (uint32_t i = 0; i < SPILL_PARTS; i++) {
		bool whole = parts[0].runs[i].rows > rows / 2; /* mostly one key */
		if (ok && (parts[0].runs[i].rows || parts[1].runs[i].rows))
			add_piece(l, level, whole, &parts[0].runs[i], &parts[1].runs[i]);
		spill_run_clear(f, &parts[0].runs[i]);
		spill_run_clear(f, &parts[1].runs[i]);
	}
	free(parts);
	free_piece(l, p);
	return ok && cancel_check(l->sub.x->env.cancel, e);
}

/* ---- build rows of a piece ---- */

/* The next block of build rows, up to the task's share; sets `last`. */
static bool load_build(struct rest_local *l)
{
	struct join *j = &l->sub;
	struct err *e = &l->task->err;
	size_t share = execution_share(j->x);
	uint8_t *rows[BATCH_ROWS], *copies[BATCH_ROWS];

	join_clear(j);
	j->store = rowstore_new(j->x->env.mem, j->layout);
	l->last = false;
	for (;;) {
		uint32_t n;

		if (l->block_at == l->nblock) {
			l->block_at = 0;
			if (!spill_read(&l->build_reader, &l->block, &l->nblock, e))
				return false;
			if (!l->nblock) {
				l->last = true;
				break;
			}
			if (rowstore_rows(j->store) && rowstore_bytes(j->store) + rowstore_rows(j->store) * 32 > share)
				break;
		}
		n = l->nblock - l->block_at < BATCH_ROWS ? l->nblock - l->block_at : BATCH_ROWS;
		for (uint32_t i = 0; i < n; i++)
			rows[i] = l->block + (size_t)(l->block_at + i) * j->layout->width;
		if (!rowstore_append_rows(j->store, rows, n, copies, e))
			return false;
		l->block_at += n;
	}
	if (!join_index_new(l->task, j))
		return false;
	l->cursor = (struct rowcursor){0, 0};
	while (j->directory) {
		uint32_t n = rowstore_scan(j->store, &l->cursor, rows, BATCH_ROWS);
		if (!n)
			break;
		join_insert(j, rows, n);
	}
	return true;
}

static bool want_carry(struct rest_local *l)
{
	size_t bytes = 2 * l->piece->probe.rows;

	if (l->last || l->carry)
		return true;
	if (!mem_reserve(l->sub.x->env.mem, bytes, &l->task->err))
		return false;
	l->carry = calloc(bytes + 1, 1);
	ASSERT(l->carry);
	l->ncarry = bytes;
	return true;
}

static void leave_piece(struct rest_local *l)
{
	spill_reader_close(&l->build_reader);
	spill_reader_close(&l->probe_reader);
	join_clear(&l->sub);
	free(l->carry);
	mem_release(l->sub.x->env.mem, l->ncarry);
	l->carry = NULL;
	l->ncarry = 0;
	free_piece(l, l->piece);
	l->piece = NULL;
	l->nblock = l->block_at = 0;
}

/* The next build rows of the piece at hand, and the probe side from its start. */
static bool begin_block(struct rest_local *l)
{
	struct join *j = &l->sub;

	if (!load_build(l) || !want_carry(l))
		return false;
	spill_reader_close(&l->probe_reader);
	spill_reader_open(&l->probe_reader, j->build_op->file, &l->piece->probe, j->probe_layout);
	l->nprobe_block = l->probe_at = 0;
	l->probe_row = 0;
	l->in.rows = 0;
	l->probing = true;
	l->keeping = false;
	return true;
}

static bool next_piece(struct rest_local *l, struct join *j, bool *more)
{
	*more = true;
	leave_piece(l);
	while (!l->pieces) {
		uint32_t p = __atomic_fetch_add(&j->next_part, 1, __ATOMIC_RELAXED);

		*more = p < SPILL_PARTS;
		if (!*more)
			return true;
		if (j->build_parts.runs[p].rows || j->probe_parts.runs[p].rows)
			add_piece(l, 0, j->nkeys == 0, &j->build_parts.runs[p], &j->probe_parts.runs[p]);
	}
	for (;;) {
		struct join_piece *p = l->pieces;

		l->pieces = p->next;
		if (!p->whole && p->level + 1 < SPILL_LEVELS && is_too_large(l, p)) {
			if (!split_piece(l, p))
				return false;
			if (!l->pieces)
				return next_piece(l, j, more);
			continue;
		}
		l->piece = p;
		spill_reader_open(&l->build_reader, j->build_op->file, &p->build, j->layout);
		return begin_block(l);
	}
}

/* ---- probe rows of a piece ---- */

/* The next batch of probe rows, as vectors; 0 rows = the end. */
static bool read_probe(struct rest_local *l)
{
	struct join *j = &l->sub;
	struct err *e = &l->task->err;
	uint8_t *rows[BATCH_ROWS], *copies[BATCH_ROWS];
	struct rowstore *store;
	uint32_t n;
	bool ok;

	batch_release(&l->in);
	if (l->probe_at == l->nprobe_block) {
		l->probe_at = 0;
		if (!spill_read(&l->probe_reader, &l->probe_block, &l->nprobe_block, e) || !l->nprobe_block)
			return !err_is_set(e);
	}
	n = l->nprobe_block - l->probe_at < j->x->batch_rows ? l->nprobe_block - l->probe_at : j->x->batch_rows;
	for (uint32_t i = 0; i < n; i++)
		rows[i] = l->probe_block + (size_t)(l->probe_at + i) * j->probe_layout->width;
	store = rowstore_new(j->x->env.mem, j->probe_layout); /* the vectors' texts live in its heap */
	ok = rowstore_append_rows(store, rows, n, copies, e);
	for (uint32_t c = 0; ok && c < j->nprobe; c++)
		ok = rowstore_gather(store, c, copies, n, &l->in.cols[c], j->x->env.mem, e);
	rowstore_free(store);
	if (!ok)
		return false;
	l->in.rows = n;
	if (l->carry)
		probe_carry(l->probe, l->carry + l->probe_row, l->carry + l->piece->probe.rows + l->probe_row, l->last);
	else
		probe_carry(l->probe, NULL, NULL, true);
	l->probe_at += n;
	l->probe_row += n;
	return true;
}

/* The piece's next output; FLOW_DONE: all build rows at hand are done. */
static enum flow probe_piece(struct task *t, struct rest_local *l, struct batch *out)
{
	while (l->probing) {
		enum flow flow;

		if (!l->in.rows && !read_probe(l))
			return FLOW_FAIL;
		if (!l->in.rows)
			break;
		flow = probe_batch(t, &l->sub, l->probe, &l->in, out);
		if (flow == FLOW_FAIL)
			return FLOW_FAIL;
		if (flow == FLOW_DONE) /* nothing to find */
			break;
		if (flow == FLOW_NEED_INPUT)
			batch_release(&l->in);
		if (out->rows)
			return FLOW_MORE;
		if (!cancel_check(t->x->env.cancel, &t->err))
			return FLOW_FAIL;
	}
	batch_release(&l->in);
	l->probing = false;
	if (!l->keeping) {
		l->keeping = true;
		l->cursor = (struct rowcursor){0, 0};
	}
	return l->sub.mark_build ? kept_next(t, &l->sub, &l->cursor, NULL, out) : FLOW_DONE;
}

static enum flow spilled_next(struct task *t, struct join *j, struct rest_local *l, struct batch *out)
{
	for (;;) {
		bool more = true;

		if (l->piece) {
			enum flow flow = probe_piece(t, l, out);
			if (flow != FLOW_DONE)
				return flow;
		}
		if (l->piece && !l->last) {
			if (!begin_block(l))
				return FLOW_FAIL;
			continue;
		}
		if (!next_piece(l, j, &more))
			return FLOW_FAIL;
		if (!more)
			return FLOW_DONE;
	}
}

/* ---- the source ---- */

static bool rest_open_local(struct task *t, void *global, void **local)
{
	const struct join *j = global;
	struct rest_local *l = mem_new_object(t->mem, struct rest_local);

	*local = l;
	l->task = t;
	l->sub = *j->piece;
	batch_init(&l->in, j->nprobe, t->mem);
	return !j->spilled || probe_open(t, &l->sub, &l->probe);
}

static void rest_close_local(void *global, void *local)
{
	struct rest_local *l = local;

	(void)global;
	batch_release(&l->in);
	leave_piece(l);
	while (l->pieces) {
		struct join_piece *p = l->pieces;
		l->pieces = p->next;
		free_piece(l, p);
	}
	if (l->probe)
		probe_close(&l->sub, l->probe);
}

static enum flow rest_next(struct task *t, void *global, void *local, struct batch *out)
{
	struct join *j = global;

	return j->spilled ? spilled_next(t, j, local, out) : kept_next(t, j, &j->cursor, &j->lock, out);
}

static uint32_t rest_parallel(void *global)
{
	struct join *j = global;

	*j->piece = *j;
	j->piece->store = NULL;
	j->piece->directory = NULL;
	j->piece->all = NULL;
	j->piece->ranges = NULL;
	j->piece->nall = j->piece->reserved = 0;
	j->piece->spilled = false;
	if (j->spilled)
		return SPILL_PARTS;
	if (!j->mark_build)
		return 0;
	j->cursor = (struct rowcursor){0, 0}; /* the insertion is over; asked once, before any task runs */
	return (uint32_t)(rowstore_rows(j->store) / 8192) + 1;
}

static void rest_close(void *global) { join_clear(global); }

static const struct source_ops source_join_rest = {
	.name = "join rest",
	.next = rest_next,
	.parallel = rest_parallel,
	.life = {rest_open_local, rest_close_local, rest_close},
};

struct op *source_join_rest_new(struct join *j)
{
	struct op *op = op_new_source(j->x, &source_join_rest, j->node, j->ncols);

	op->global = j;
	j->piece = mem_new_object(j->x->mem, struct join);
	return op;
}
