/*
 * What rowwise.inc is made of: reading one argument of each kind, writing one result of each kind.
 * For functions whose work per row outweighs a call; loops over numbers use engine/kernel instead.
 */
#ifndef HOPLUU_FUNCTION_ROWWISE_H
#define HOPLUU_FUNCTION_ROWWISE_H

#include "engine/function/func.h"

/* What a row function sees besides its arguments. */
struct rowcall {
	struct fncall *fn;  /* types, text context, state, err */
	struct vec *out;
	uint32_t rows;
	uint32_t row;       /* index of this row */
	bool is_null;       /* row_null sets it: the result is NULL (needs FUNC_NOT_STRICT) */
	struct strbuf buf;  /* emptied before each row: a place to build a text result */
};

static inline void rowcall_begin(struct rowcall *rc, struct fncall *c, uint32_t n, struct vec *out)
{
	rc->fn = c;
	rc->out = out;
	rc->rows = n;
	rc->row = 0;
	rc->is_null = false;
	strbuf_init(&rc->buf, 0);
}
static inline void rowcall_end(struct rowcall *rc) { strbuf_release(&rc->buf); }

/* `return row_null(c);`: the result of this row is NULL. */
static inline bool row_null(struct rowcall *rc)
{
	rc->is_null = true;
	return true;
}
/* `return row_text(c, out);`: the result is what stands in c->buf. */
static inline bool row_text(struct rowcall *rc, struct str *out)
{
	*out = strbuf_str(&rc->buf);
	return true;
}

/* Whether the argument is NULL in the current row (functions that define NULLS_SEEN). */
static inline bool row_arg_null(const struct rowcall *rc, const struct view *arg)
{
	return view_is_null(arg, rc->row);
}

static inline struct str row_get_str(const struct view *v, uint32_t i)
{
	return text_str((const struct text *)v->data + view_index(v, i));
}
static inline bool row_get_boolean(const struct view *v, uint32_t i)
{
	return ((const uint8_t *)v->data)[view_index(v, i)];
}
static inline int32_t row_get_i32(const struct view *v, uint32_t i)
{
	return ((const int32_t *)v->data)[view_index(v, i)];
}
static inline int64_t row_get_i64(const struct view *v, uint32_t i)
{
	return ((const int64_t *)v->data)[view_index(v, i)];
}
static inline int128 row_get_i128(const struct view *v, uint32_t i)
{
	return ((const int128 *)v->data)[view_index(v, i)];
}
static inline double row_get_f64(const struct view *v, uint32_t i)
{
	return ((const double *)v->data)[view_index(v, i)];
}
static inline const struct num *row_get_num(const struct view *v, uint32_t i)
{
	return (const struct num *)v->data + view_index(v, i);
}
static inline const struct interval *row_get_interval(const struct view *v, uint32_t i)
{
	return (const struct interval *)v->data + view_index(v, i);
}

#define ROW_TYPE_str struct str
#define ROW_TYPE_boolean bool
#define ROW_TYPE_i32 int32_t
#define ROW_TYPE_i64 int64_t
#define ROW_TYPE_i128 int128
#define ROW_TYPE_f64 double
#define ROW_TYPE_num struct num
#define ROW_TYPE_interval struct interval

MUST_CHECK static inline bool row_put_str(struct rowcall *rc, const struct str *s)
{
	if (rc->buf.overflow || s->len > INT32_MAX / 2)
		return err_set(rc->fn->err, ERR_PROGRAM_LIMIT, "text is too long");
	return heap_add(rc->out->heap, s->data, s->len, (struct text *)rc->out->data + rc->row, rc->fn->err);
}
MUST_CHECK static inline bool row_put_boolean(struct rowcall *rc, const bool *x)
{
	((uint8_t *)rc->out->data)[rc->row] = *x;
	return true;
}
MUST_CHECK static inline bool row_put_i32(struct rowcall *rc, const int32_t *x)
{
	((int32_t *)rc->out->data)[rc->row] = *x;
	return true;
}
MUST_CHECK static inline bool row_put_i64(struct rowcall *rc, const int64_t *x)
{
	((int64_t *)rc->out->data)[rc->row] = *x;
	return true;
}
MUST_CHECK static inline bool row_put_i128(struct rowcall *rc, const int128 *x)
{
	((int128 *)rc->out->data)[rc->row] = *x;
	return true;
}
MUST_CHECK static inline bool row_put_f64(struct rowcall *rc, const double *x)
{
	((double *)rc->out->data)[rc->row] = *x;
	return true;
}
MUST_CHECK static inline bool row_put_num(struct rowcall *rc, const struct num *x)
{
	((struct num *)rc->out->data)[rc->row] = *x;
	return true;
}
MUST_CHECK static inline bool row_put_interval(struct rowcall *rc, const struct interval *x)
{
	((struct interval *)rc->out->data)[rc->row] = *x;
	return true;
}
/* The row's result is NULL: zero slot, validity bit off. */
MUST_CHECK static inline bool row_put_null(struct rowcall *rc)
{
	if (!vec_want_nulls(rc->out, rc->rows, rc->fn->mem, rc->fn->err))
		return false;
	vec_set_null(rc->out, rc->row);
	return true;
}
/* A NULL argument in a function that does not see NULLs: NULL result where that is ours to say (not
 * strict), else only a harmless slot (the caller computes the validity). */
MUST_CHECK static inline bool row_skip(struct rowcall *rc)
{
	size_t size = phys_size(type_phys(rc->out->type));
	if (rc->fn->fn && (rc->fn->fn->flags & FUNC_NOT_STRICT))
		return row_put_null(rc);
	memset((char *)rc->out->data + rc->row * size, 0, size);
	return true;
}

#define ROW_PASTE_(a, b) a##b
#define ROW_PASTE(a, b) ROW_PASTE_(a, b)

#endif
