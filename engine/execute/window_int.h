/*
 * State of one task that puts out a unit of a window stage. Rows of the unit are numbered from 0 in sort
 * order; a partition is [lo, hi). Rows are visited in order, and all bounds of frames only move forward
 * within a partition: each file's algorithms rest on that.
 */
#ifndef HOPLUU_EXECUTE_WINDOW_INT_H
#define HOPLUU_EXECUTE_WINDOW_INT_H

#include "engine/execute/window.h"

/* A malloc'ed array that grows by reservation. */
struct window_array {
	void *data;
	size_t size;        /* bytes, reserved */
};
/* Peer groups of the partition: starts[0 … count], the last one is hi. */
struct peer_state {
	struct window_array starts;
	uint32_t count, at; /* at: the current row's group */
	uint32_t fresh;     /* the group at window_local.fresh */
	int64_t before;     /* groups of the partition before that */
};
struct piece { uint32_t from, to; };
struct frame_state {
	struct value start_offset, end_offset;
	uint32_t start, end;         /* before exclusion; empty when start >= end */
	uint32_t values_lo, values_hi; /* rows of the partition whose order key is not NULL */
	uint32_t group;              /* of which start and end are known (RANGE with offsets) */
	struct piece pieces[3];      /* what is left after exclusion, in order: before, the row itself, after */
};
/* A window [s, e) of rows that only moves forward, in two parts: states of all suffixes of [first, middle),
 * and one state of [middle, end). */
struct slide {
	uint32_t first, middle, end;
	struct window_array suffixes;
	uint8_t *back;
};
struct call_state {
	const struct window_call *call;
	struct fncall fncall;
	uint32_t size;               /* of a state */
	struct vec *args;            /* of all rows of the unit */
	bool nulls;                  /* of a strict aggregate's arguments */
	struct slide slides[2];      /* of pieces 0 and 2 */
	uint8_t *result, *copy;      /* states */
	uint8_t *kept;               /* states of the batch's rows */
	struct piece known[3];       /* the frame of `result` */
	bool is_known;
	struct vec last;             /* WINDOW_REPEAT: the value for `known` */
	uint8_t **rows;              /* of the batch: where the value comes from, NULL = nowhere */
	bool *defaulted;             /* lag, lead */
	int64_t buckets, bucket, in_bucket, bucket_size, larger; /* ntile; buckets 0 = not begun */
};
struct window_local {
	struct task *t;
	struct window *w;
	bool active;                 /* has a unit */
	struct window_array rows;    /* uint8_t * in order */
	uint32_t nrows, at, stop;    /* rows of the unit (or segment), next one to put out, end of those put out */
	uint32_t lo, hi;             /* the partition of the row at hand */
	uint32_t fresh;              /* its first row that no segment before this put out */
	int64_t before;              /* rows of the partition before that */
	struct window_segments *segments; /* of a unit on disk */
	struct rowstore *own;        /* a segment's rows */
	struct peer_state *peers;
	struct frame_state *frames;
	struct call_state *calls;
	uint32_t sel[BATCH_ROWS];
	void *states[BATCH_ROWS];
};

static inline uint8_t **window_rows(const struct window_local *l) { return l->rows.data; }
static inline const uint32_t *peer_starts(const struct peer_state *p) { return p->starts.data; }
static inline struct rowstore *window_store(const struct window_local *l) { return l->own ? l->own : l->w->store; }
/* source_window.c: the partition that starts at row i; resumed: of which segments before have put out rows. */
MUST_CHECK bool window_partition_enter(struct window_local *l, uint32_t i, bool resumed);
/* source_window.c: rows are in place. */
MUST_CHECK bool window_rows_open(struct window_local *l);

/* window_sorted.c: a unit on disk. */
MUST_CHECK bool window_segments_open(struct window_local *l, uint32_t unit);
void window_segments_close(struct window_local *l);
/* The next segment, from l->at to l->stop; *some: whether there is one. */
MUST_CHECK bool window_segments_next(struct window_local *l, bool *some);

/* source_window.c: room for that many bytes; contents are kept. */
MUST_CHECK bool window_array_want(struct window_local *l, struct window_array *a, size_t bytes);
void window_array_free(struct window_local *l, struct window_array *a);

/* window_frame.c: offsets read and checked (the unit has rows); at the start of a partition; for row i. */
MUST_CHECK bool window_frames_open(struct window_local *l);
void window_frames_enter(struct window_local *l);
MUST_CHECK bool window_frames_move(struct window_local *l, uint32_t i);

/* window_value.c: ranking functions, lag, lead and values of the frame. k: row of the batch. */
MUST_CHECK bool window_value_row(struct window_local *l, struct call_state *s, uint32_t i, uint32_t k, struct vec *out);
MUST_CHECK bool window_value_finish(struct window_local *l, struct call_state *s, uint32_t n, struct vec *out);

/* window_aggregate.c */
bool window_call_aggregates(const struct window_call *c);
MUST_CHECK bool window_aggregate_open(struct window_local *l, struct call_state *s);  /* of a unit */
void window_aggregate_close(struct window_local *l, struct call_state *s);
void window_aggregate_enter(struct window_local *l, struct call_state *s);            /* a partition */
/* From one segment of a partition to the next, whose row 0 was row `shift`. */
void window_aggregate_carry(struct window_local *l, struct call_state *s, uint32_t shift);
MUST_CHECK bool window_aggregate_row(struct window_local *l, struct call_state *s, uint32_t i, uint32_t k, struct vec *out);
MUST_CHECK bool window_aggregate_finish(struct window_local *l, struct call_state *s, uint32_t n, struct vec *out);

#endif
