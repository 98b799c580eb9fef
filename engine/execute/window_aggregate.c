/*
 * Aggregates over frames, without going through a big frame again for each row. Both ends of a frame only
 * move forward (so do those of the two pieces that EXCLUDE leaves), so it is a queue: states of all suffixes
 * of its older part, one state of its younger part, and a row's result is one combination of the two. When
 * the older part is used up, the younger one becomes it. Each row is fed twice and combined twice at most.
 * A frame that starts at the partition's start only ever grows its younger part. Small frames that move are
 * fed anew, in order, as PostgreSQL does it: floating point sums come out the same.
 *
 * min and max of texts keep the best row instead of the value; states that own memory are fed anew.
 */
#include "engine/execute/window_int.h"
#include "engine/kernel/compare.h"

#define SMALL_FRAME 64

struct best {
	uint32_t row; /* number + 1; 0 = none */
};

bool window_call_aggregates(const struct window_call *c) { return c->kind >= WINDOW_AGGREGATE; }

static bool has_drop(const struct call_state *s) { return s->call->kind == WINDOW_REPEAT && s->call->ops->drop; }

static void drop_state(struct call_state *s, void *state)
{
	if (has_drop(s))
		s->call->ops->drop(&s->fncall, &state, 1);
	memset(state, 0, s->size);
}

bool window_aggregate_open(struct window_local *l, struct call_state *s)
{
	struct task *t = l->t;

	s->nulls = false;
	for (uint32_t a = 0; a < s->call->nargs; a++) {
		if (!rowstore_gather(window_store(l), s->call->args[a], window_rows(l), l->nrows, &s->args[a], task_data(t), &t->err))
			return false;
		s->nulls |= s->call->strict && s->args[a].valid;
	}
	return true;
}

static void forget_last(struct call_state *s)
{
	vec_release(&s->last);
	s->is_known = false;
}

void window_aggregate_close(struct window_local *l, struct call_state *s)
{
	if (!window_call_aggregates(s->call))
		return;
	for (uint32_t a = 0; a < s->call->nargs; a++)
		vec_release(&s->args[a]);
	for (int i = 0; i < 2; i++) {
		drop_state(s, s->slides[i].back);
		window_array_free(l, &s->slides[i].suffixes);
	}
	drop_state(s, s->result);
	forget_last(s);
}

void window_aggregate_enter(struct window_local *l, struct call_state *s)
{
	for (int i = 0; i < 2; i++) {
		struct slide *q = &s->slides[i];
		q->first = q->middle = q->end = l->lo;
		drop_state(s, q->back);
	}
	forget_last(s);
}

void window_aggregate_carry(struct window_local *l, struct call_state *s, uint32_t shift)
{
	struct slide *q = &s->slides[0];

	for (uint32_t a = 0; a < s->call->nargs; a++)
		vec_release(&s->args[a]);
	drop_state(s, s->result);
	forget_last(s);
	l->lo = 0;
	if (l->w->frames[s->call->frame].spec->start != BOUND_UNBOUNDED_PRECEDING) {
		window_aggregate_enter(l, s);
		return;
	}
	q->first = q->middle = 0; /* a growing frame: its state goes on */
	q->end -= shift;
}

/* ---- states ---- */

static bool is_better(const struct call_state *s, uint32_t a, uint32_t b)
{
	const struct text *x = s->args[0].data;
	int c = kernel_compare_value(s->args[0].type, &x[a], &x[b]);

	return s->call->highest ? c > 0 : c < 0;
}

static void keep_best(const struct call_state *s, struct best *best, uint32_t row)
{
	if (!best->row || is_better(s, row, best->row - 1))
		best->row = row + 1;
}

static bool is_seen(const struct call_state *s, uint32_t i)
{
	for (uint32_t a = 0; s->nulls && a < s->call->nargs; a++)
		if (s->args[a].valid && !bit_get(s->args[a].valid, i))
			return false;
	return true;
}

/* Rows [from, to) into the state. */
static bool feed(struct window_local *l, struct call_state *s, uint32_t from, uint32_t to, void *state)
{
	struct view views[FUNC_MAX_ARGS];

	if (s->call->kind == WINDOW_BEST) {
		for (uint32_t i = from; i < to; i++)
			if (is_seen(s, i))
				keep_best(s, state, i);
		return true;
	}
	for (uint32_t a = 0; a < s->call->nargs; a++) {
		views[a] = vec_view(&s->args[a]);
		views[a].sel = l->sel;
		if (s->call->strict)
			views[a].valid = NULL;
	}
	while (from < to) {
		uint32_t n = 0;
		bool ok = true;
		for (; from < to && n < BATCH_ROWS; from++) {
			l->sel[n] = from;
			n += is_seen(s, from);
		}
		if (!n)
			continue;
		if (s->call->ops->update_one) {
			ok = s->call->ops->update_one(&s->fncall, views, n, state);
		} else {
			for (uint32_t i = 0; i < n; i++)
				l->states[i] = state;
			ok = s->call->ops->update(&s->fncall, views, n, l->states);
		}
		if (!ok)
			return false;
	}
	return true;
}

/* into += from, which stays as it is. */
static bool join(struct call_state *s, void *into, const void *from)
{
	void *copy = s->copy;

	if (s->call->kind == WINDOW_BEST) {
		const struct best *b = from;
		if (b->row)
			keep_best(s, into, b->row - 1);
		return true;
	}
	memcpy(copy, from, s->size);
	return s->call->ops->combine(&s->fncall, &into, &copy, 1);
}

/* ---- the queue ---- */

static uint8_t *suffix(const struct call_state *s, const struct slide *q, uint32_t i)
{
	return (uint8_t *)q->suffixes.data + (size_t)(i - q->first) * s->size;
}

/* [from, to) becomes the older part. */
static bool turn(struct window_local *l, struct call_state *s, struct slide *q, uint32_t from, uint32_t to)
{
	if (!window_array_want(l, &q->suffixes, (size_t)(to - from) * s->size))
		return false;
	q->first = from;
	q->middle = q->end = to;
	memset(q->back, 0, s->size);
	for (uint32_t i = to; i-- > from;) {
		uint8_t *state = suffix(s, q, i);
		memset(state, 0, s->size);
		if (!feed(l, s, i, i + 1, state) || (i + 1 < to && !join(s, state, suffix(s, q, i + 1))))
			return false;
	}
	return true;
}

static bool extend(struct window_local *l, struct call_state *s, struct slide *q, uint32_t to)
{
	uint32_t from = q->end;

	if (to <= from)
		return true;
	q->end = to;
	return feed(l, s, from, to, q->back);
}

/* The rows of p, added to the result. */
static bool add_piece(struct window_local *l, struct call_state *s, struct slide *q, struct piece p)
{
	if (p.from >= p.to)
		return true;
	if (p.from == q->middle && p.to >= q->end)
		return extend(l, s, q, p.to) && join(s, s->result, q->back);
	if (p.to - p.from <= SMALL_FRAME)
		return feed(l, s, p.from, p.to, s->result);
	if (p.from >= q->middle || p.from < q->first || p.to < q->end)
		return turn(l, s, q, p.from, p.to) && join(s, s->result, suffix(s, q, p.from));
	return join(s, s->result, suffix(s, q, p.from)) && extend(l, s, q, p.to) &&
		   (q->end == q->middle || join(s, s->result, q->back));
}

static bool finish_one(struct window_local *l, struct call_state *s, void *state)
{
	struct task *t = l->t;

	vec_release(&s->last);
	return vec_init_flat(&s->last, s->call->expr->type, 1, task_data(t), &t->err) &&
		   s->call->ops->finish(&s->fncall, &state, 1, &s->last);
}

/* States that own memory: a growing frame keeps its state, others are fed anew. */
static bool repeat(struct window_local *l, struct call_state *s, const struct piece *pieces)
{
	struct slide *q = &s->slides[0];
	bool ok = true;

	if (pieces[0].from == q->middle && pieces[0].to >= q->end && pieces[1].from >= pieces[1].to &&
		pieces[2].from >= pieces[2].to)
		return extend(l, s, q, pieces[0].to) && finish_one(l, s, q->back);
	for (int i = 0; ok && i < 3; i++)
		ok = feed(l, s, pieces[i].from, pieces[i].to, s->result);
	ok = ok && finish_one(l, s, s->result);
	drop_state(s, s->result);
	return ok;
}

static bool compute(struct window_local *l, struct call_state *s, const struct piece *pieces)
{
	if (s->call->kind == WINDOW_REPEAT)
		return repeat(l, s, pieces);
	memset(s->result, 0, s->size);
	return add_piece(l, s, &s->slides[0], pieces[0]) &&
		   (pieces[1].from >= pieces[1].to || feed(l, s, pieces[1].from, pieces[1].to, s->result)) &&
		   add_piece(l, s, &s->slides[1], pieces[2]);
}

bool window_aggregate_row(struct window_local *l, struct call_state *s, uint32_t i, uint32_t k, struct vec *out)
{
	const struct piece *pieces = l->frames[s->call->frame].pieces;
	struct task *t = l->t;

	(void)i;
	if (!s->is_known || memcmp(pieces, s->known, sizeof s->known) != 0) {
		if (!compute(l, s, pieces))
			return false;
		memcpy(s->known, pieces, sizeof s->known);
		s->is_known = true;
	}
	switch (s->call->kind) {
	case WINDOW_AGGREGATE:
		memcpy(s->kept + (size_t)k * s->size, s->result, s->size);
		return true;
	case WINDOW_BEST: {
		const struct best *best = (const void *)s->result;
		s->rows[k] = best->row ? window_rows(l)[best->row - 1] : NULL;
		return true;
	}
	case WINDOW_REPEAT:
		return vec_append(out, k, &s->last, 0, 1, task_data(t), &t->err);
	case WINDOW_ROW_NUMBER:
	case WINDOW_RANK:
	case WINDOW_DENSE_RANK:
	case WINDOW_PERCENT_RANK:
	case WINDOW_CUME_DIST:
	case WINDOW_NTILE:
	case WINDOW_LAG:
	case WINDOW_LEAD:
	case WINDOW_FIRST_VALUE:
	case WINDOW_LAST_VALUE:
	case WINDOW_NTH_VALUE:
		break;
	}
	UNREACHABLE();
}

bool window_aggregate_finish(struct window_local *l, struct call_state *s, uint32_t n, struct vec *out)
{
	if (s->call->kind == WINDOW_BEST)
		return rowstore_gather(window_store(l), s->call->args[0], s->rows, n, out, task_data(l->t), &l->t->err);
	if (s->call->kind == WINDOW_REPEAT)
		return true;
	for (uint32_t k = 0; k < n; k++)
		l->states[k] = s->kept + (size_t)k * s->size;
	return s->call->ops->finish(&s->fncall, l->states, n, out);
}
