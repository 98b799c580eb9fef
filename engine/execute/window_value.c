/*
 * Window functions that are no aggregates: numbers from the row's place in its partition, and values of
 * other rows (picked by address for the whole batch, then gathered).
 */
#include "engine/execute/window_int.h"

static struct value argument(const struct window_local *l, const struct call_state *s, uint32_t arg, uint32_t i)
{
	const struct rowlayout *layout = l->w->layout;
	const uint8_t *row = window_rows(l)[i];
	uint32_t col = s->call->args[arg];

	return row_is_null(layout, row, col) ? value_null(layout->types[col]) : value_load(layout->types[col], row_slot(layout, row, col));
}

/* As PostgreSQL: the count is read until it is not NULL, then the rows are dealt out from there. */
static bool ntile_row(struct window_local *l, struct call_state *s, uint32_t i, uint32_t k, struct vec *out)
{
	struct task *t = l->t;

	if (!s->buckets) {
		struct value v = argument(l, s, 0, i);
		if (v.is_null) {
			if (!out->valid && !vec_want_nulls(out, t->x->batch_rows, task_data(t), &t->err))
				return false;
			vec_set_null(out, k);
			return true;
		}
		if (v.i32 <= 0)
			return err_set(&t->err, ERR_INVALID_NTILE_ARGUMENT, "argument of ntile must be greater than zero");
		s->buckets = v.i32;
		s->bucket = 1;
		s->in_bucket = 0;
		s->bucket_size = (l->hi - l->lo) / s->buckets;
		s->larger = 0;
		if (s->bucket_size <= 0) {
			s->bucket_size = 1;
		} else {
			s->larger = (l->hi - l->lo) % s->buckets;
			s->bucket_size += s->larger != 0;
		}
	}
	if (++s->in_bucket > s->bucket_size) {
		if (s->larger && s->bucket == s->larger) {
			s->larger = 0;
			s->bucket_size--;
		}
		s->bucket++;
		s->in_bucket = 1;
	}
	((int32_t *)out->data)[k] = (int32_t)s->bucket;
	return true;
}

/* The row that is `n` rows before or after. */
static bool neighbour(struct window_local *l, struct call_state *s, uint32_t i, uint32_t k)
{
	int64_t n = 1, at;

	s->rows[k] = NULL;
	s->defaulted[k] = false;
	if (s->call->nargs > 1) {
		struct value v = argument(l, s, 1, i);
		if (v.is_null)
			return true;
		n = v.i32;
	}
	at = s->call->kind == WINDOW_LAG ? (int64_t)i - n : (int64_t)i + n;
	if (at >= l->lo && at < l->hi)
		s->rows[k] = window_rows(l)[at];
	else
		s->defaulted[k] = s->call->nargs > 2;
	return true;
}

/* The n-th row of the frame (0 = first, -1 = last). */
static void frame_row(struct window_local *l, struct call_state *s, int64_t n, uint32_t k)
{
	const struct frame_state *f = &l->frames[s->call->frame];
	int64_t rows = 0;

	for (int p = 0; p < 3; p++)
		rows += f->pieces[p].to - f->pieces[p].from;
	if (n < 0)
		n += rows;
	s->rows[k] = NULL;
	if (n < 0 || n >= rows)
		return;
	for (int p = 0; p < 3; p++) {
		uint32_t size = f->pieces[p].to - f->pieces[p].from;
		if (n < size) {
			s->rows[k] = window_rows(l)[f->pieces[p].from + n];
			return;
		}
		n -= size;
	}
}

static bool nth_row(struct window_local *l, struct call_state *s, uint32_t i, uint32_t k)
{
	struct value v = argument(l, s, 1, i);

	s->rows[k] = NULL;
	if (v.is_null)
		return true;
	if (v.i32 <= 0)
		return err_set(&l->t->err, ERR_INVALID_NTH_VALUE_ARGUMENT, "argument of nth_value must be greater than zero");
	frame_row(l, s, v.i32 - 1, k);
	return true;
}

bool window_value_row(struct window_local *l, struct call_state *s, uint32_t i, uint32_t k, struct vec *out)
{
	const struct peer_state *p = &l->peers[s->call->peers];
	int64_t number = (int64_t)i - l->fresh + l->before, rows = l->hi - l->lo;
	int64_t first = (int64_t)peer_starts(p)[p->at] - l->fresh + l->before;

	switch (s->call->kind) {
	case WINDOW_ROW_NUMBER:
		((int64_t *)out->data)[k] = number + 1;
		return true;
	case WINDOW_RANK:
		((int64_t *)out->data)[k] = first + 1;
		return true;
	case WINDOW_DENSE_RANK:
		((int64_t *)out->data)[k] = (int64_t)p->at - p->fresh + p->before + 1;
		return true;
	case WINDOW_PERCENT_RANK:
		((double *)out->data)[k] = rows <= 1 ? 0 : (double)first / (double)(rows - 1);
		return true;
	case WINDOW_CUME_DIST:
		((double *)out->data)[k] = (double)(peer_starts(p)[p->at + 1] - l->lo) / (double)rows;
		return true;
	case WINDOW_NTILE:
		return ntile_row(l, s, i, k, out);
	case WINDOW_LAG:
	case WINDOW_LEAD:
		return neighbour(l, s, i, k);
	case WINDOW_FIRST_VALUE:
		frame_row(l, s, 0, k);
		return true;
	case WINDOW_LAST_VALUE:
		frame_row(l, s, -1, k);
		return true;
	case WINDOW_NTH_VALUE:
		return nth_row(l, s, i, k);
	case WINDOW_AGGREGATE:
	case WINDOW_BEST:
	case WINDOW_REPEAT:
		break;
	}
	UNREACHABLE();
}

/* Values, and where there is no such row the default of the row itself. */
static bool put_defaults(struct window_local *l, struct call_state *s, uint32_t n, struct vec *out)
{
	struct task *t = l->t;
	struct vec values = {0}, defaults = {0};
	bool ok = rowstore_gather(window_store(l), s->call->args[0], s->rows, n, &values, task_data(t), &t->err) &&
			  rowstore_gather(window_store(l), s->call->args[2], window_rows(l) + l->at, n, &defaults, task_data(t), &t->err) &&
			  vec_init_flat(out, s->call->expr->type, n, task_data(t), &t->err);

	for (uint32_t k = 0; ok && k < n; k++) {
		struct value v = vec_get(s->defaulted[k] ? &defaults : &values, k);
		if (v.is_null) {
			ok = out->valid || vec_want_nulls(out, n, task_data(t), &t->err);
			if (ok)
				vec_set_null(out, k);
			continue;
		}
		v.type = out->type;
		ok = vec_put(out, k, &v, task_data(t), &t->err);
	}
	vec_release(&values);
	vec_release(&defaults);
	return ok;
}

bool window_value_finish(struct window_local *l, struct call_state *s, uint32_t n, struct vec *out)
{
	bool defaults = false;

	if (s->call->kind < WINDOW_LAG)
		return true;
	for (uint32_t k = 0; s->defaulted && k < n; k++)
		defaults |= s->defaulted[k];
	if (defaults)
		return put_defaults(l, s, n, out);
	return rowstore_gather(window_store(l), s->call->args[0], s->rows, n, out, task_data(l->t), &l->t->err);
}
