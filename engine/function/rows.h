/*
 * Row by row scalar functions: typed reading of one row's arguments, storing of its result, and the
 * driver loop. An author writes `static bool lower_row(struct row *r)` and one ROWS line, which
 * instantiates the driver with that row inlined.
 *
 * Modes of the driver:
 *   ROWS_PLAIN  the row stores its own result (row_set_*, row_text, row_room)
 *   ROWS_BUILD  the row appends its text result to r->buf; the driver stores it
 *   ROWS_NULL_IN   with FUNC_NOT_STRICT: any NULL argument gives NULL without calling the row. For
 *                  functions that are strict but may give NULL for other reasons
 *   ROWS_NULL_OUT  the row may set r->null to make its result NULL
 */
#ifndef HOPLUU_FUNCTION_ROWS_H
#define HOPLUU_FUNCTION_ROWS_H

#include "engine/function/func.h"

enum rows_mode { ROWS_PLAIN = 0, ROWS_BUILD = 1, ROWS_NULL_IN = 2, ROWS_NULL_OUT = 4, ROWS_NULLABLE = 6 };

/* The longest value PostgreSQL stores (1 GiB less the header). */
#define ROW_TEXT_MAX 0x3ffffffb

struct row {
	struct fncall *call;
	const struct view *args;
	struct vec *out;
	struct strbuf *buf; /* ROWS_BUILD only; empty when the row is called */
	uint32_t i;
	bool null;
};
typedef bool row_fn(struct row *r);

static inline bool row_is_null(const struct row *r, unsigned a) { return view_is_null(&r->args[a], r->i); }
static inline const void *row_slot(const struct row *r, unsigned a, size_t size)
{
	const struct view *v = &r->args[a];

	return (const char *)v->data + size * view_index(v, r->i);
}
static inline struct str row_str(const struct row *r, unsigned a)
{
	return text_str((const struct text *)row_slot(r, a, sizeof(struct text)));
}
static inline bool row_bool(const struct row *r, unsigned a) { return *(const uint8_t *)row_slot(r, a, 1) != 0; }
static inline int32_t row_i32(const struct row *r, unsigned a) { return *(const int32_t *)row_slot(r, a, 4); }
static inline int64_t row_i64(const struct row *r, unsigned a) { return *(const int64_t *)row_slot(r, a, 8); }
static inline int128 row_i128(const struct row *r, unsigned a) { return *(const int128 *)row_slot(r, a, 16); }
static inline double row_f64(const struct row *r, unsigned a) { return *(const double *)row_slot(r, a, 8); }
static inline const struct num *row_num(const struct row *r, unsigned a)
{
	return (const struct num *)row_slot(r, a, sizeof(struct num));
}
static inline const struct interval *row_interval(const struct row *r, unsigned a)
{
	return (const struct interval *)row_slot(r, a, sizeof(struct interval));
}

/* Each stores the result and returns true, so that a row may end with it. */
static inline bool row_set_bool(struct row *r, bool v) { return ((uint8_t *)r->out->data)[r->i] = v, true; }
static inline bool row_set_i32(struct row *r, int32_t v) { return ((int32_t *)r->out->data)[r->i] = v, true; }
static inline bool row_set_i64(struct row *r, int64_t v) { return ((int64_t *)r->out->data)[r->i] = v, true; }
static inline bool row_set_i128(struct row *r, int128 v) { return ((int128 *)r->out->data)[r->i] = v, true; }
static inline bool row_set_f64(struct row *r, double v) { return ((double *)r->out->data)[r->i] = v, true; }
static inline bool row_set_interval(struct row *r, struct interval v)
{
	return ((struct interval *)r->out->data)[r->i] = v, true;
}
static inline bool row_set_null(struct row *r) { return r->null = true; }
static inline struct num *row_out_num(struct row *r) { return (struct num *)r->out->data + r->i; }
/* Copies the bytes. */
static inline bool row_text(struct row *r, const char *data, size_t len)
{
	return heap_add(r->out->heap, data, len, (struct text *)r->out->data + r->i, r->call->err);
}
/* Room for a text result of known length: fill it, then row_room_done. NULL with the error set. */
static inline char *row_room(struct row *r, size_t len)
{
	struct text *slot = (struct text *)r->out->data + r->i;

	if (len > ROW_TEXT_MAX) {
		(void)err_set(r->call->err, ERR_PROGRAM_LIMIT, "requested length too large");
		return NULL;
	}
	memset(slot, 0, sizeof *slot);
	slot->len = (uint32_t)len;
	return len <= TEXT_INLINE ? slot->inlined : heap_alloc(r->out->heap, len, r->call->err);
}
static inline bool row_room_done(struct row *r, const char *room)
{
	struct text *slot = (struct text *)r->out->data + r->i;

	if (slot->len > TEXT_INLINE)
		*slot = text_make(room, slot->len);
	return true;
}
#define row_error(r, code, ...) err_set((r)->call->err, (code), __VA_ARGS__)

static inline bool row_any_null(const struct row *r)
{
	for (uint32_t a = 0; a < r->call->nargs; a++)
		if (row_is_null(r, a))
			return true;
	return false;
}

/* Stores what a row of ROWS_BUILD has built. */
static inline bool rows_store_built(struct row *r)
{
	if (r->buf->overflow)
		return err_set(r->call->err, ERR_PROGRAM_LIMIT, "requested length too large");
	return row_text(r, strbuf_str(r->buf).data, r->buf->len);
}

/* Marks row i NULL in a result that may have no bitmap yet. */
static inline bool rows_mark_null(struct row *r, uint32_t rows)
{
	if (!r->out->valid && !vec_want_nulls(r->out, rows, r->call->mem, r->call->err))
		return false;
	vec_set_null(r->out, r->i);
	return true;
}

TEMPLATE bool rows_loop(struct row *r, uint32_t n, row_fn *fn, unsigned mode)
{
	for (r->i = 0; r->i < n; r->i++) {
		r->null = (mode & ROWS_NULL_IN) && row_any_null(r);
		if (mode & ROWS_BUILD)
			strbuf_reset(r->buf);
		if (!r->null && !fn(r))
			return false;
		if ((mode & (ROWS_NULL_IN | ROWS_NULL_OUT)) && r->null) {
			if (!rows_mark_null(r, n))
				return false;
		} else if ((mode & ROWS_BUILD) && !rows_store_built(r)) {
			return false;
		}
	}
	return true;
}

TEMPLATE bool rows_run(struct fncall *c, const struct view *args, uint32_t n, struct vec *out, row_fn *fn,
					   unsigned mode)
{
	struct strbuf buf;
	struct row r = {.call = c, .args = args, .out = out, .buf = &buf};
	bool ok;

	if (!(mode & ROWS_BUILD))
		return rows_loop(&r, n, fn, mode);
	strbuf_init(&buf, ROW_TEXT_MAX);
	ok = rows_loop(&r, n, fn, mode);
	strbuf_release(&buf);
	return ok;
}

#define ROWS(name, row, mode)                                                                      \
	static bool name(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)      \
	{                                                                                             \
		return rows_run(c, args, n, out, row, mode);                                              \
	}

/* A table row: FN("lower", TEXT, fn_lower, flags, "help", argument types …); the volatility is
 * IMMUTABLE unless FNV says otherwise. */
#define FNV(n, r, f, fl, vol, h, ...)                                                              \
	{.name = (n), .kind = FUNC_SCALAR, .nargs = sizeof((struct type[]){__VA_ARGS__}) / sizeof(struct type), \
	 .args = {__VA_ARGS__}, .result = T(r), .fn = (f), .flags = (fl), .volatility = FUNC_##vol, .help = (h)}
#define FN(n, r, f, fl, h, ...) FNV(n, r, f, fl, IMMUTABLE, h, __VA_ARGS__)
#define FN0(n, r, f, fl, vol, h)                                                                   \
	{.name = (n), .kind = FUNC_SCALAR, .nargs = 0, .result = T(r), .fn = (f), .flags = (fl),      \
	 .volatility = FUNC_##vol, .help = (h)}
/* A set-returning function: TABLE_FN(name, result, struct table_ops, flags, help, argument types …). */
#define TABLE_FN(n, r, ops, fl, h, ...)                                                            \
	{.name = (n), .kind = FUNC_TABLE, .nargs = sizeof((struct type[]){__VA_ARGS__}) / sizeof(struct type), \
	 .args = {__VA_ARGS__}, .result = T(r), .table = &(ops), .flags = (fl), .volatility = FUNC_IMMUTABLE, .help = (h)}
#define FN_END {.name = NULL}
#define SURE FUNC_LEAK_PROOF /* never fails, tells nothing */
#define FAIL FUNC_CAN_FAIL
/* Strict, but NULL also comes from other inputs: with ROWS_NULLABLE. */
#define SOME_NULL FUNC_NOT_STRICT

#endif
