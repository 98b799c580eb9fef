/*
 * Frames: which rows of the partition a window call sees at a row. All bounds move forward only, so a RANGE
 * bound with an offset is found by stepping on from where it was. What is in range follows PostgreSQL's
 * in_range functions: sums that leave the type's range are beyond every value, NaN is the largest number.
 */
#include "engine/execute/window_int.h"
#include "engine/function/datetime_range.h"
#include "engine/kernel/compare.h"
#include "engine/types/decimal.h"

#include <math.h>

/* ---- offsets ---- */

static bool is_negative(const struct window_frame *f, const struct value *v)
{
	uint8_t key = f->spec->order ? f->spec->order[0].expr->type.id : TYPE_VOID;
	struct interval zero = {0};

	switch (type_phys(v->type)) {
	case PHYS_I64:
		return v->i64 < 0;
	case PHYS_I32:
		return v->i32 < 0;
	case PHYS_I128:
		return v->i128 < 0;
	case PHYS_F64:
		return !(v->f64 >= 0);
	case PHYS_NUM:
		return v->num.kind == NUM_NAN || num_sign(&v->num) < 0;
	case PHYS_INTERVAL:
		if (key == TYPE_TIME || key == TYPE_TIMETZ)
			return v->interval.usec < 0;
		return interval_compare(&v->interval, &zero) < 0;
	case PHYS_BOOL:
	case PHYS_STR:
	case PHYS_COUNT:
		break;
	}
	return false;
}

static bool open_offset(struct window_local *l, const struct window_frame *f, const struct window_offset *o,
						const char *which, struct value *out)
{
	const struct rowlayout *layout = l->w->layout;
	const uint8_t *row = window_rows(l)[0];
	struct err *e = &l->t->err;

	if (!o->expr)
		return true;
	*out = o->expr->value;
	if (o->column >= 0) {
		struct type t = layout->types[o->column];
		*out = row_is_null(layout, row, (uint32_t)o->column)
				   ? value_null(t)
				   : value_load(t, row_slot(layout, row, (uint32_t)o->column));
	}
	if (out->is_null)
		return err_at(e, o->expr->pos, ERR_NULL_NOT_ALLOWED, "frame %s offset must not be null", which);
	if (!is_negative(f, out))
		return true;
	if (f->spec->mode == FRAME_RANGE)
		return err_at(e, o->expr->pos, ERR_INVALID_FRAME_SIZE, "invalid preceding or following size in window function");
	return err_at(e, o->expr->pos, ERR_INVALID_FRAME_SIZE, "frame %s offset must not be negative", which);
}

bool window_frames_open(struct window_local *l)
{
	for (uint32_t i = 0; i < l->w->nframes; i++) {
		const struct window_frame *f = &l->w->frames[i];
		if (!open_offset(l, f, &f->start, "starting", &l->frames[i].start_offset) ||
			!open_offset(l, f, &f->end, "ending", &l->frames[i].end_offset))
			return false;
	}
	return true;
}

static bool key_is_null(const struct window_local *l, const struct window_frame *f, uint32_t i)
{
	return row_is_null(l->w->layout, window_rows(l)[i], f->key);
}

void window_frames_enter(struct window_local *l)
{
	for (uint32_t i = 0; i < l->w->nframes; i++) {
		const struct window_frame *f = &l->w->frames[i];
		struct frame_state *s = &l->frames[i];
		const struct peer_state *p = &l->peers[f->peers];

		s->start = s->end = l->lo;
		s->group = UINT32_MAX;
		s->values_lo = l->lo;
		s->values_hi = l->hi;
		if (f->spec->mode != FRAME_RANGE || (!f->start.expr && !f->end.expr))
			continue;
		if (key_is_null(l, f, l->lo))
			s->values_lo = peer_starts(p)[1];
		if (key_is_null(l, f, l->hi - 1))
			s->values_hi = peer_starts(p)[p->count - 1];
	}
}

/* ---- RANGE with offsets ---- */

/* The value that a row's key is compared with. */
struct limit {
	enum { LIMIT_I128, LIMIT_F64, LIMIT_NUM, LIMIT_INTERVAL, LIMIT_ANY } kind; /* ANY: every row is in range */
	struct type type;
	int128 i128;
	double f64;
	struct num num;
	struct interval interval;
};

static struct num key_num(struct type t, const void *slot)
{
	struct value v = value_load(t, slot);

	switch (type_phys(t)) {
	case PHYS_I64:
		return num_from_scaled(v.i64, t.scale);
	case PHYS_I128:
		return num_from_scaled(v.i128, t.scale);
	case PHYS_NUM:
		return v.num;
	case PHYS_BOOL:
	case PHYS_I32:
	case PHYS_F64:
	case PHYS_INTERVAL:
	case PHYS_STR:
	case PHYS_COUNT:
		break;
	}
	UNREACHABLE();
}

static int128 key_integer(struct type t, const void *slot)
{
	return type_phys(t) == PHYS_I32 ? *(const int32_t *)slot : *(const int64_t *)slot;
}

/* base + offset, or base - offset when sub. */
static bool moment_limit(struct window_local *l, struct type t, const void *slot, const struct interval *by, int64_t *out)
{
	struct err *e = &l->t->err;
	int64_t base;

	if (t.id == TYPE_DATE) {
		if (!date_to_timestamp(*(const int32_t *)slot, &base, e))
			return false;
	} else {
		base = *(const int64_t *)slot;
	}
	if (t.id == TYPE_TIMESTAMPTZ)
		return timestamptz_add_interval(base, by, l->t->x->env.text->timezone, out, e);
	return timestamp_add_interval(base, by, out, e);
}

static bool span_limit(struct window_local *l, struct type t, const void *slot, const struct value *offset, bool sub,
					   struct limit *out)
{
	struct interval by = offset->interval;
	int64_t moment;

	if (t.id == TYPE_TIME) {
		out->kind = LIMIT_I128;
		out->i128 = *(const int64_t *)slot + (int128)(sub ? -by.usec : by.usec);
		return true;
	}
	out->kind = LIMIT_INTERVAL;
	if (t.id == TYPE_TIMETZ) {
		memcpy(&out->interval, slot, sizeof out->interval);
		if (__builtin_add_overflow(out->interval.usec, sub ? -by.usec : by.usec, &out->interval.usec))
			out->interval.usec = INT64_MAX / 2;
		return true;
	}
	if (sub)
		by = (struct interval){.usec = -by.usec, .days = -by.days, .months = -by.months};
	if (t.id == TYPE_INTERVAL) {
		struct interval base;
		memcpy(&base, slot, sizeof base);
		return interval_add(&base, &by, &out->interval, &l->t->err);
	}
	out->kind = LIMIT_I128;
	if (!moment_limit(l, t, slot, &by, &moment))
		return false;
	out->i128 = moment;
	return true;
}

static bool find_limit(struct window_local *l, const struct window_frame *f, uint32_t i, const struct value *offset,
					   bool preceding, struct limit *out)
{
	struct type t = l->w->layout->types[f->key];
	const void *slot = row_slot(l->w->layout, window_rows(l)[i], f->key);
	bool sub = preceding != f->descending;

	out->type = t;
	if (t.id == TYPE_NUMERIC) {
		struct num base = key_num(t, slot), by = key_num(offset->type, &offset->i64);
		if (by.kind == NUM_INFINITY && base.kind == (sub ? NUM_INFINITY : NUM_NEG_INFINITY)) {
			out->kind = LIMIT_ANY;
			return true;
		}
		out->kind = LIMIT_NUM;
		return (sub ? num_sub : num_add)(&base, &by, &out->num, &l->t->err);
	}
	if (type_phys(t) == PHYS_F64) {
		double base = *(const double *)slot, by = offset->f64;
		out->kind = isinf(by) && isinf(base) && (sub ? base > 0 : base < 0) ? LIMIT_ANY : LIMIT_F64;
		out->f64 = sub ? base - by : base + by;
		return true;
	}
	if (type_phys(offset->type) == PHYS_INTERVAL)
		return span_limit(l, t, slot, offset, sub, out);
	out->kind = LIMIT_I128;
	out->i128 = key_integer(t, slot) + (sub ? -(int128)offset->i64 : (int128)offset->i64);
	return true;
}

/* Row j's key against the limit, in the direction of the sort; 0 also when anything goes. */
static bool compare_limit(struct window_local *l, const struct window_frame *f, uint32_t j, const struct limit *limit, int *out)
{
	const void *slot = row_slot(l->w->layout, window_rows(l)[j], f->key);
	int c = 0;

	switch (limit->kind) {
	case LIMIT_I128: {
		int128 x;
		if (limit->type.id == TYPE_DATE) {
			int64_t moment;
			if (!date_to_timestamp(*(const int32_t *)slot, &moment, &l->t->err))
				return false;
			x = moment;
		} else {
			x = key_integer(limit->type, slot);
		}
		c = (x > limit->i128) - (x < limit->i128);
		break;
	}
	case LIMIT_F64:
		c = kernel_compare_value(type_make(TYPE_FLOAT8), slot, &limit->f64);
		break;
	case LIMIT_NUM: {
		struct num x = key_num(limit->type, slot);
		c = num_compare(&x, &limit->num);
		break;
	}
	case LIMIT_INTERVAL:
		c = kernel_compare_value(limit->type, slot, &limit->interval);
		break;
	case LIMIT_ANY:
		*out = 0;
		return true;
	}
	*out = f->descending ? -c : c;
	return true;
}

/* Steps *at on to the first row in range (start) or behind it (end). */
static bool step_range(struct window_local *l, const struct window_frame *f, const struct frame_state *s, uint32_t i,
					   bool is_end, uint32_t *at)
{
	const struct peer_state *p = &l->peers[f->peers];
	enum frame_bound bound = is_end ? f->spec->end : f->spec->start;
	struct limit limit;
	uint32_t j = *at < s->values_lo ? s->values_lo : *at;

	if (key_is_null(l, f, i)) {
		*at = peer_starts(p)[p->at + is_end];
		return true;
	}
	if (!find_limit(l, f, i, is_end ? &s->end_offset : &s->start_offset, bound == BOUND_PRECEDING, &limit))
		return false;
	for (; j < s->values_hi; j++) {
		int c;
		if (!compare_limit(l, f, j, &limit, &c))
			return false;
		if (is_end ? c > 0 : c >= 0)
			break;
	}
	*at = j;
	return true;
}

/* ---- bounds ---- */

/* `by` steps from `at` in [lo, hi], forward or back. */
static uint32_t stepped(uint32_t at, int64_t by, bool back, uint32_t lo, uint32_t hi)
{
	if (back)
		return by > at - lo ? lo : at - (uint32_t)by;
	return by > hi - at ? hi : at + (uint32_t)by;
}

static uint32_t group_bound(const struct peer_state *p, int64_t by, bool back, bool is_end)
{
	if (back && by > p->at)
		return peer_starts(p)[0];
	if (!back && by > p->count - p->at)
		return peer_starts(p)[p->count];
	{
		uint32_t g = (back ? p->at - (uint32_t)by : p->at + (uint32_t)by) + is_end;
		return peer_starts(p)[g > p->count ? p->count : g];
	}
}

static bool find_bound(struct window_local *l, const struct window_frame *f, struct frame_state *s, uint32_t i,
					   bool is_end, uint32_t *at)
{
	const struct peer_state *p = &l->peers[f->peers];
	enum frame_bound bound = is_end ? f->spec->end : f->spec->start;
	const struct value *offset = is_end ? &s->end_offset : &s->start_offset;
	bool back = bound == BOUND_PRECEDING;

	switch (bound) {
	case BOUND_UNBOUNDED_PRECEDING:
		*at = l->lo;
		return true;
	case BOUND_UNBOUNDED_FOLLOWING:
		*at = l->hi;
		return true;
	case BOUND_CURRENT:
		*at = f->spec->mode == FRAME_ROWS ? i + is_end : peer_starts(p)[p->at + is_end];
		return true;
	case BOUND_PRECEDING:
	case BOUND_FOLLOWING:
		break;
	}
	if (f->spec->mode == FRAME_RANGE)
		return s->group == p->at || step_range(l, f, s, i, is_end, at);
	if (f->spec->mode == FRAME_GROUPS)
		*at = group_bound(p, offset->i64, back, is_end);
	else /* the end is behind the row that it names, and nothing when that is before the partition */
		*at = is_end && back && offset->i64 > i - l->lo ? l->lo : stepped(i + is_end, offset->i64, back, l->lo, l->hi);
	return true;
}

/* The frame without what EXCLUDE takes out. */
static void cut(struct window_local *l, const struct window_frame *f, struct frame_state *s, uint32_t i)
{
	const struct peer_state *p = &l->peers[f->peers];
	uint32_t from = i, to = i + 1, start = s->start, end = s->end > s->start ? s->end : s->start;

	memset(s->pieces, 0, sizeof s->pieces);
	if (f->spec->exclude == EXCLUDE_NONE) {
		s->pieces[0] = (struct piece){start, end};
		s->pieces[1] = s->pieces[2] = (struct piece){end, end};
		return;
	}
	if (f->spec->exclude != EXCLUDE_CURRENT) {
		from = peer_starts(p)[p->at];
		to = peer_starts(p)[p->at + 1];
	}
	from = from < start ? start : from > end ? end : from;
	to = to < start ? start : to > end ? end : to;
	s->pieces[0] = (struct piece){start, from};
	s->pieces[1] = (struct piece){from, from};
	if (f->spec->exclude == EXCLUDE_TIES && start <= i && i < end)
		s->pieces[1] = (struct piece){i, i + 1};
	s->pieces[2] = (struct piece){to, end};
}

bool window_frames_move(struct window_local *l, uint32_t i)
{
	for (uint32_t k = 0; k < l->w->nframes; k++) {
		const struct window_frame *f = &l->w->frames[k];
		struct frame_state *s = &l->frames[k];

		if (!find_bound(l, f, s, i, false, &s->start) || !find_bound(l, f, s, i, true, &s->end))
			return false;
		s->group = l->peers[f->peers].at;
		cut(l, f, s, i);
	}
	return true;
}
