/*
 * The probe side of a join, for every join kind and for joins without equality keys.
 *
 * Per input batch: hash the keys, look up the directory (prefetched), walk all chains in step: one round
 * compares the candidate of every open row and moves each to its chain's next. Matches collect as pairs
 * (probe row, build row); a block of pairs passes the residual condition and becomes output or marks. When
 * no candidate is left, rows without a match come out as the join kind says. Without keys the pairs are
 * simply all rows × all rows. Local state remembers where in the batch we are, since one input can
 * give many outputs.
 */
#include "engine/execute/join.h"

struct probe_local {
	struct evaluator *keys, *residual;
	struct vec *key_vecs;
	struct vec *pair_cols;     /* residual's input: probe columns, stored columns */
	struct vec truth;
	struct batch slice_in, slice_out;
	bool begun;
	uint8_t *carry_matched, *carry_unknown; /* see probe_carry */
	bool carry_last;
	struct task *task;
	struct rowstore *kept;     /* of a join on disk: rows on their way to its partitions */
	struct spill_parts parts;
	uint32_t ncand, npairs;
	uint32_t at_row;           /* nested loop: the next pair */
	uint64_t at_build;
	struct range_walk walk;    /* of at_row, when it has begun */
	bool walking;
	struct view *views;
	uint64_t hashes[BATCH_ROWS];
	uint32_t cand[BATCH_ROWS];
	uint8_t *cand_row[BATCH_ROWS];
	uint32_t pair[2 * BATCH_ROWS];
	uint8_t *pair_row[2 * BATCH_ROWS];
	uint32_t hit[BATCH_ROWS];  /* scratch of a round, selection of a block */
	uint8_t *hit_row[BATCH_ROWS];
	uint8_t equal[BATCH_ROWS];
	uint8_t matched[BATCH_ROWS], unknown[BATCH_ROWS];
};

/* Of the probe program. */
static uint32_t key_count(const struct join *j) { return j->range ? j->range->nkeys : j->nkeys; }

bool probe_open(struct task *t, struct join *j, void **local)
{
	struct probe_local *l = mem_new_object(t->mem, struct probe_local);
	const struct program *condition = j->residual ? j->residual : j->truth;

	*local = l;
	l->task = t;
	l->key_vecs = mem_new_array(t->mem, struct vec, key_count(j) + 1);
	l->views = mem_new_array(t->mem, struct view, key_count(j) + 1);
	l->pair_cols = mem_new_array(t->mem, struct vec, j->nprobe + j->nstored + 1);
	batch_init(&l->slice_in, j->nprobe, t->mem);
	batch_init(&l->slice_out, j->nprobe, t->mem);
	return (!key_count(j) || evaluator_open(t, j->probe_program, &l->keys)) &&
		   (!condition || evaluator_open(t, condition, &l->residual));
}

static void release_pair_cols(const struct join *j, struct probe_local *l)
{
	for (uint32_t i = 0; i < j->nprobe + j->nstored; i++)
		vec_release(&l->pair_cols[i]);
}

void probe_close(struct join *j, void *local)
{
	struct probe_local *l = local;

	for (uint32_t i = 0; i < key_count(j); i++)
		vec_release(&l->key_vecs[i]);
	release_pair_cols(j, l);
	vec_release(&l->truth);
	evaluator_close(l->keys);
	evaluator_close(l->residual);
	rowstore_free(l->kept);
	spill_parts_clear(j->build_op->file, &l->parts);
}

void probe_carry(void *local, uint8_t *matched, uint8_t *unknown, bool last)
{
	struct probe_local *l = local;

	l->carry_matched = matched;
	l->carry_unknown = unknown;
	l->carry_last = last;
}

/* ---- candidates ---- */

static bool begin_ranges(struct join *j, struct probe_local *l, const struct batch *in)
{
	l->walking = false;
	if (!evaluator_run(l->keys, in->cols, in->rows, l->key_vecs))
		return false;
	for (uint32_t k = 0; k < j->range->nkeys; k++)
		l->views[k] = vec_view(&l->key_vecs[k]);
	return true;
}

static bool begin_batch(struct join *j, struct probe_local *l, const struct batch *in)
{
	uint32_t n = in->rows;

	l->begun = true;
	l->ncand = l->npairs = l->at_row = 0;
	l->at_build = 0;
	if (l->carry_matched) {
		memcpy(l->matched, l->carry_matched, n);
		memcpy(l->unknown, l->carry_unknown, n);
	} else {
		memset(l->matched, 0, n);
		memset(l->unknown, 0, n);
	}
	if (j->range)
		return begin_ranges(j, l, in);
	if (!j->nkeys)
		return true;
	if (!evaluator_run(l->keys, in->cols, n, l->key_vecs))
		return false;
	for (uint32_t k = 0; k < j->nkeys; k++) {
		l->views[k] = vec_view(&l->key_vecs[k]);
		kernel_hash(j->layout->types[k], &l->views[k], n, k > 0, l->hashes);
	}
	if (j->null_aware && !j->truth && j->seen)
		for (uint32_t i = 0; i < n; i++)
			l->unknown[i] |= j->build_has_null || view_is_null(&l->views[0], i);
	if (!j->directory)
		return true;
	for (uint32_t i = 0; i < n; i++)
		__builtin_prefetch(&j->directory[l->hashes[i] & j->mask]);
	for (uint32_t i = 0; i < n; i++) {
		uint64_t slot = j->directory[l->hashes[i] & j->mask];
		uint8_t *row = (uint8_t *)(uintptr_t)(slot & JOIN_POINTER);

		l->cand[l->ncand] = i;
		l->cand_row[l->ncand] = row;
		l->ncand += (slot & join_tag(l->hashes[i])) != 0;
		__builtin_prefetch(row);
	}
	return true;
}

/* Compares every candidate, adds the equal ones to the pairs, moves all on to their chain's next. */
static void walk_round(struct join *j, struct probe_local *l)
{
	uint32_t m = 0, kept = 0;
	bool first_only = j->result != PROBE_PAIRS && j->result != PROBE_NOTHING;

	for (uint32_t i = 0; i < l->ncand; i++) {
		uint32_t p = l->cand[i];
		l->hit[m] = p;
		l->hit_row[m] = l->cand_row[i];
		m += join_row(l->cand_row[i])->hash == l->hashes[p];
	}
	if (m)
		rowstore_match(j->layout, l->hit_row, l->views, j->nkeys, l->hit, m, j->nulls_equal, l->equal);
	for (uint32_t i = 0; i < m; i++) {
		l->pair[l->npairs] = l->hit[i];
		l->pair_row[l->npairs] = l->hit_row[i];
		l->npairs += l->equal[i];
		if (first_only && !l->residual && l->equal[i])
			l->matched[l->hit[i]] = 1; /* its chain need not be walked on */
	}
	for (uint32_t i = 0; i < l->ncand; i++) {
		uint8_t *next = join_row(l->cand_row[i])->next;
		uint32_t p = l->cand[i];
		__builtin_prefetch(next);
		l->cand[kept] = p;
		l->cand_row[kept] = next;
		kept += next && !(first_only && l->matched[p]);
	}
	l->ncand = kept;
}

/* Nested loop: the next pairs, in order of the probe rows. */
static void all_pairs(struct join *j, struct probe_local *l, const struct batch *in, uint32_t max)
{
	bool first_only = j->result != PROBE_PAIRS && j->result != PROBE_NOTHING;

	while (l->npairs < max && l->at_row < in->rows) {
		if (l->at_build == j->nall || (first_only && l->matched[l->at_row])) {
			l->at_row++;
			l->at_build = 0;
			continue;
		}
		l->pair[l->npairs] = l->at_row;
		l->pair_row[l->npairs++] = j->all[l->at_build++];
	}
}

/* By inequalities: the next pairs, in order of the probe rows. */
static void range_pairs(struct join *j, struct probe_local *l, const struct batch *in, uint32_t max)
{
	bool first_only = j->result != PROBE_PAIRS && j->result != PROBE_NOTHING;

	while (l->npairs < max && l->at_row < in->rows) {
		uint32_t want = max - l->npairs, n = 0;

		if (!l->walking)
			range_begin(j, l->views, l->at_row, &l->walk);
		l->walking = true;
		if (first_only && !l->residual)
			want = 1;
		if (!first_only || !l->matched[l->at_row])
			n = range_next(j, &l->walk, l->pair_row + l->npairs, want);
		for (uint32_t i = 0; i < n; i++)
			l->pair[l->npairs++] = l->at_row;
		if (n < want || (first_only && !l->residual)) {
			l->at_row++;
			l->walking = false;
		}
	}
}

static void find_pairs(struct join *j, struct probe_local *l, const struct batch *in, uint32_t max)
{
	if (j->range)
		range_pairs(j, l, in, max);
	else if (!j->nkeys)
		all_pairs(j, l, in, max);
	while (l->npairs < max && l->ncand)
		walk_round(j, l);
}

/* ---- conditions ---- */

/* The columns that the condition needs, for the first k pairs. */
static bool gather_pair_cols(struct task *t, struct join *j, struct probe_local *l, const struct batch *in, uint32_t k)
{
	struct buf *sel = buf_new(task_data(t), k * sizeof(uint32_t), &t->err);
	bool ok = sel != NULL;

	release_pair_cols(j, l);
	if (ok)
		memcpy(sel->data, l->pair, k * sizeof(uint32_t));
	for (uint32_t c = 0; ok && c < j->nprobe; c++)
		if (j->residual_needs[c])
			ok = vec_slice_shared(&l->pair_cols[c], &in->cols[c], sel, k, task_data(t), &t->err);
	for (uint32_t c = 0; ok && c < j->nstored; c++)
		if (j->residual_needs[j->nprobe + c])
			ok = rowstore_gather(j->store, c, l->pair_row, k, &l->pair_cols[j->nprobe + c], task_data(t), &t->err);
	buf_unref(sel);
	return ok;
}

/* l->hit gets those of the first k pairs that pass. */
static bool check_pairs(struct task *t, struct join *j, struct probe_local *l, const struct batch *in, uint32_t k,
						uint32_t *n)
{
	bool ok;

	if (!l->residual) {
		for (uint32_t i = 0; i < k; i++)
			l->hit[i] = i;
		*n = k;
		return true;
	}
	if (!gather_pair_cols(t, j, l, in, k))
		return false;
	*n = 0;
	if (j->residual) {
		ok = evaluator_select(l->residual, l->pair_cols, k, l->hit, n);
	} else {
		ok = evaluator_run(l->residual, l->pair_cols, k, &l->truth);
		if (ok) {
			struct view v = vec_view(&l->truth);
			for (uint32_t i = 0; i < k; i++) {
				bool null = view_is_null(&v, i);
				l->unknown[l->pair[i]] |= null;
				l->hit[*n] = i;
				*n += !null && ((const uint8_t *)v.data)[view_index(&v, i)];
			}
		}
	}
	release_pair_cols(j, l);
	return ok;
}

/* ---- output ---- */

/* Output of n rows: probe rows idx (NULL: all of in) beside build rows (NULL: columns of NULLs). */
static bool emit(struct task *t, struct join *j, struct probe_local *l, const struct batch *in, const uint32_t *idx,
				 uint8_t *const *rows, uint32_t n, struct batch *out)
{
	bool ok;

	for (uint32_t c = 0; c < j->nprobe; c++)
		memset(&l->slice_in.cols[c], 0, sizeof(struct vec));
	for (uint32_t c = 0; c < j->ncols; c++)
		if (j->cols[c].from == FROM_PROBE)
			l->slice_in.cols[j->cols[c].at] = in->cols[j->cols[c].at]; /* lent, not counted */
	ok = batch_slice(&l->slice_out, &l->slice_in, idx, n, task_data(t), &t->err);
	for (uint32_t c = 0; ok && c < j->ncols; c++) {
		const struct join_column *from = &j->cols[c];
		struct value null = value_null(from->type);

		if (from->from == FROM_PROBE)
			vec_share(&out->cols[c], &l->slice_out.cols[from->at]);
		else if (from->from == FROM_BUILD && rows)
			ok = rowstore_gather(j->store, from->at, rows, n, &out->cols[c], task_data(t), &t->err);
		else if (from->from == FROM_BUILD)
			ok = vec_init_const(&out->cols[c], &null, task_data(t), &t->err);
		if (ok && from->from == FROM_BUILD)
			out->cols[c].type = from->type;
	}
	batch_release(&l->slice_out);
	out->rows = n;
	return ok;
}

/* Takes a block off the pairs; output only for PROBE_PAIRS. */
static bool use_pairs(struct task *t, struct join *j, struct probe_local *l, const struct batch *in, struct batch *out)
{
	uint32_t k = l->npairs < t->x->batch_rows ? l->npairs : t->x->batch_rows, n;
	bool whole = true;

	if (!check_pairs(t, j, l, in, k, &n))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t p = l->pair[l->hit[i]];
		if (j->single && l->matched[p])
			return err_set(&t->err, ERR_CARDINALITY_VIOLATION,
						   "more than one row returned by a subquery used as an expression");
		l->matched[p] = 1;
		if (j->mark_build)
			__atomic_store_n(&join_row(l->pair_row[l->hit[i]])->matched, 1, __ATOMIC_RELAXED);
	}
	if (j->result == PROBE_PAIRS && n) {
		for (uint32_t i = 0; i < n; i++) {
			l->hit_row[i] = l->pair_row[l->hit[i]];
			l->hit[i] = l->pair[l->hit[i]];
			whole &= l->hit[i] == i;
		}
		if (!emit(t, j, l, in, whole && n == in->rows ? NULL : l->hit, l->hit_row, n, out))
			return false;
	}
	l->npairs -= k;
	memmove(l->pair, l->pair + k, l->npairs * sizeof *l->pair);
	memmove(l->pair_row, l->pair_row + k, l->npairs * sizeof *l->pair_row);
	return true;
}

static bool emit_marks(struct task *t, struct join *j, struct probe_local *l, const struct batch *in, struct batch *out)
{
	struct vec *v = &out->cols[0];

	if (!emit(t, j, l, in, NULL, NULL, in->rows, out))
		return false;
	for (uint32_t c = 0; c < j->ncols; c++) {
		if (j->cols[c].from != FROM_MARK)
			continue;
		v = &out->cols[c];
		if (!vec_init_flat(v, j->cols[c].type, in->rows, task_data(t), &t->err))
			return false;
		memcpy(v->data, l->matched, in->rows);
		for (uint32_t i = 0; i < in->rows && j->null_aware; i++) {
			if (!l->unknown[i] || l->matched[i])
				continue;
			if (!vec_want_nulls(v, in->rows, task_data(t), &t->err))
				return false;
			vec_set_null(v, i);
		}
	}
	return true;
}

/* All pairs of the batch are through: what comes out for the rows themselves. */
static bool end_batch(struct task *t, struct join *j, struct probe_local *l, const struct batch *in, struct batch *out)
{
	uint32_t n = 0;

	l->begun = false;
	if (l->carry_matched && !l->carry_last) {
		memcpy(l->carry_matched, l->matched, in->rows);
		memcpy(l->carry_unknown, l->unknown, in->rows);
		return true;
	}
	switch (j->result) {
	case PROBE_NOTHING:
		return true;
	case PROBE_MARK:
		return emit_marks(t, j, l, in, out);
	case PROBE_PAIRS:
		if (!j->keep_probe)
			return true;
		FALLTHROUGH;
	case PROBE_ANTI:
		for (uint32_t i = 0; i < in->rows; i++) {
			l->hit[n] = i;
			n += !l->matched[i] && !l->unknown[i];
		}
		break;
	case PROBE_SEMI:
		for (uint32_t i = 0; i < in->rows; i++) {
			l->hit[n] = i;
			n += l->matched[i];
		}
		break;
	}
	return n == 0 || emit(t, j, l, in, n == in->rows ? NULL : l->hit, NULL, n, out);
}

enum flow probe_batch(struct task *t, struct join *j, void *local, struct batch *in, struct batch *out)
{
	struct probe_local *l = local;

	if (!l->begun) {
		/* nothing to find, and rows without a match are not wanted */
		bool pairs_only = j->result == PROBE_PAIRS && !j->keep_probe;
		if (!rowstore_rows(j->store) && (pairs_only || j->result == PROBE_SEMI || j->result == PROBE_NOTHING))
			return FLOW_DONE;
		if (!begin_batch(j, l, in))
			return FLOW_FAIL;
	}
	for (;;) {
		find_pairs(j, l, in, t->x->batch_rows);
		if (!l->npairs)
			return end_batch(t, j, l, in, out) ? FLOW_NEED_INPUT : FLOW_FAIL;
		if (!use_pairs(t, j, l, in, out))
			return FLOW_FAIL;
		if (out->rows)
			return FLOW_MORE;
		if (!cancel_check(t->x->env.cancel, &t->err))
			return FLOW_FAIL;
	}
}

/* ---- a build side on disk ---- */

static bool write_kept(struct task *t, struct join *j, struct probe_local *l)
{
	if (!spill_store_parts(j->build_op->file, &l->parts, j->probe_layout, JOIN_HASH, 0, l->kept, &t->err))
		return false;
	rowstore_free(l->kept);
	l->kept = NULL;
	return true;
}

static enum flow keep_batch(struct task *t, struct join *j, struct probe_local *l, const struct batch *in)
{
	memset(l->hashes, 0, in->rows * sizeof *l->hashes);
	if (j->nkeys && !evaluator_run(l->keys, in->cols, in->rows, l->key_vecs))
		return FLOW_FAIL;
	for (uint32_t k = 0; k < j->nkeys; k++) {
		struct view v = vec_view(&l->key_vecs[k]);
		kernel_hash(j->layout->types[k], &v, in->rows, k > 0, l->hashes);
	}
	if (!l->kept)
		l->kept = rowstore_new(task_data(t), j->probe_layout);
	if (!rowstore_append(l->kept, in->cols, NULL, in->rows, l->cand_row, &t->err))
		return FLOW_FAIL;
	for (uint32_t i = 0; i < in->rows; i++)
		join_row(l->cand_row[i])->hash = l->hashes[i];
	if ((op_pressed(j->build_op, rowstore_bytes(l->kept)) || rowstore_bytes(l->kept) > execution_share(t->x)) &&
		!write_kept(t, j, l))
		return FLOW_FAIL;
	return FLOW_NEED_INPUT;
}

/* The task ends: its rows become the common ones. */
static bool hand_over(struct join *j, struct probe_local *l)
{
	bool ok;

	if (l->kept && !write_kept(l->task, j, l))
		return false;
	pthread_mutex_lock(&j->lock);
	ok = spill_parts_join(j->build_op->file, &j->probe_parts, &l->parts, &l->task->err);
	pthread_mutex_unlock(&j->lock);
	return ok;
}

static bool probe_open_local(struct task *t, void *global, void **local) { return probe_open(t, global, local); }

static void probe_close_local(void *global, void *local)
{
	struct join *j = global;
	struct probe_local *l = local;

	if (j->spilled && !execution_failed(j->x) && !hand_over(j, l))
		execution_fail(j->x, &l->task->err);
	probe_close(j, l);
}

static enum flow probe_push(struct task *t, void *global, void *local, struct batch *in, struct batch *out)
{
	struct join *j = global;

	return j->spilled ? keep_batch(t, j, local, in) : probe_batch(t, j, local, in, out);
}

static const struct transform_ops transform_join_probe = {
	.name = "join probe",
	.push = probe_push,
	.life = {probe_open_local, probe_close_local, NULL},
};

struct op *transform_join_probe_new(struct join *j)
{
	struct op *op = op_new_transform(j->x, &transform_join_probe, j->node, j->ncols);

	op->global = j;
	return op;
}
