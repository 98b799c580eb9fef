/*
 * array_agg of elements and of arrays, min and max of arrays. A state of array_agg keeps the values one behind the
 * other, each with its length (UINT32_MAX: NULL), and is put together at the end; states join by concatenation.
 */
#include "engine/function/array_rows.h"
#include "engine/function/tables.h"

#include <stdlib.h>

struct collected {
	char *data; /* malloc'ed, capacity bytes reserved */
	size_t len, capacity;
	uint64_t n;
};

static bool collected_room(struct fncall *c, struct collected *s, size_t len)
{
	size_t capacity = s->capacity * 2;
	char *grown;

	if (s->len + len <= s->capacity)
		return true;
	if (capacity < s->len + len)
		capacity = s->len + len;
	if (capacity < 64)
		capacity = 64;
	if (s->len + len > INT32_MAX / 2)
		return err_set(c->err, ERR_PROGRAM_LIMIT, "array size exceeds the maximum allowed (%d)", ARRAY_MAX_ITEMS);
	if (!mem_reserve(c->mem, capacity - s->capacity, c->err))
		return false;
	grown = realloc(s->data, capacity);
	ASSERT(grown);
	s->data = grown;
	s->capacity = capacity;
	return true;
}

static bool collected_add(struct fncall *c, struct collected *s, const void *data, uint32_t len)
{
	uint32_t n = len == UINT32_MAX ? 0 : len;

	if (!collected_room(c, s, sizeof len + n))
		return false;
	memcpy(s->data + s->len, &len, sizeof len);
	if (n)
		memcpy(s->data + s->len + sizeof len, data, n);
	s->len += sizeof len + n;
	s->n++;
	return true;
}

static void collected_free(struct fncall *c, struct collected *s)
{
	free(s->data);
	if (s->capacity)
		mem_release(c->mem, s->capacity);
	memset(s, 0, sizeof *s);
}

static bool collect_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups)
{
	enum phys p = type_phys(c->arg_types[0]);
	size_t size = phys_size(p);

	for (uint32_t i = 0; i < n; i++) {
		const char *slot = (const char *)args[0].data + size * view_index(&args[0], i);
		bool ok;
		if (view_is_null(&args[0], i))
			ok = collected_add(c, groups[i], NULL, UINT32_MAX);
		else if (p == PHYS_STR)
			ok = collected_add(c, groups[i], text_data((const struct text *)slot), ((const struct text *)slot)->len);
		else
			ok = collected_add(c, groups[i], slot, (uint32_t)size);
		if (!ok)
			return false;
	}
	return true;
}

static bool collect_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct collected *a = into[i], *b = from[i];
		if (!a->n) {
			struct collected t = *a;
			*a = *b;
			*b = t;
		} else if (b->n) {
			if (!collected_room(c, a, b->len))
				return false;
			memcpy(a->data + a->len, b->data, b->len);
			a->len += b->len;
			a->n += b->n;
		}
		collected_free(c, b);
	}
	return true;
}

static void collect_drop(struct fncall *c, void *const *states, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		collected_free(c, states[i]);
}

/* The next value of a state; false at its end. */
static bool collected_next(const struct collected *s, size_t *at, struct str *out, bool *null)
{
	uint32_t len;

	if (*at >= s->len)
		return false;
	memcpy(&len, s->data + *at, sizeof len);
	*at += sizeof len;
	*null = len == UINT32_MAX;
	*out = str_make(s->data + *at, *null ? 0 : len);
	*at += out->len;
	return true;
}

static bool build_elements(struct fncall *c, const struct collected *s, struct strbuf *out)
{
	_Alignas(16) char slot[sizeof(struct num)];
	struct type t = c->arg_types[0];
	struct array_builder b;
	struct value v;
	struct str item;
	bool null, ok;

	array_builder_init(&b, t);
	for (size_t at = 0; collected_next(s, &at, &item, &null);) {
		if (null) {
			array_builder_null(&b);
			continue;
		}
		if (type_phys(t) == PHYS_STR) {
			v = value_null(t);
			v.is_null = false;
			v.text = text_make(item.data, item.len);
		} else {
			memcpy(slot, item.data, item.len);
			v = value_load(t, slot);
		}
		array_builder_add(&b, &v);
	}
	ok = array_builder_list(&b, out, c->err);
	array_builder_release(&b);
	return ok;
}

static bool build_arrays(struct fncall *c, const struct collected *s, struct strbuf *out)
{
	struct array first = {0}, a;
	struct array_builder b;
	int32_t dims[ARRAY_DIMS + 1] = {(int32_t)s->n}, lower[ARRAY_DIMS + 1] = {1};
	struct str item;
	bool null, ok = true;

	array_builder_init(&b, type_elem(c->arg_types[0]));
	for (size_t at = 0; ok && collected_next(s, &at, &item, &null);) {
		if (null) {
			ok = err_set(c->err, ERR_NULL_NOT_ALLOWED, "cannot accumulate null arrays");
			break;
		}
		array_open(item, &a);
		if (!a.n)
			ok = err_set(c->err, ERR_ARRAY_SUBSCRIPT_ERROR, "cannot accumulate empty arrays");
		else if (first.n && !array_same_shape(&first, &a))
			ok = err_set(c->err, ERR_ARRAY_SUBSCRIPT_ERROR, "cannot accumulate arrays of different dimensionality");
		if (!first.n)
			first = a;
		if (ok)
			array_builder_copy(&b, &a, 0, a.n);
	}
	memcpy(dims + 1, first.dims, (size_t)first.ndim * sizeof *dims);
	memcpy(lower + 1, first.lower, (size_t)first.ndim * sizeof *lower);
	ok = ok && array_builder_finish(&b, first.ndim + 1, dims, lower, out, c->err);
	array_builder_release(&b);
	return ok;
}

static bool collect_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	struct strbuf b;
	bool ok = true;

	strbuf_init(&b, ROW_TEXT_MAX);
	for (uint32_t i = 0; ok && i < n; i++) {
		const struct collected *s = states[i];
		if (!s->n) {
			ok = out->valid || vec_want_nulls(out, n, c->mem, c->err);
			if (ok)
				vec_set_null(out, i);
			continue;
		}
		strbuf_reset(&b);
		ok = (c->arg_types[0].array ? build_arrays : build_elements)(c, s, &b) &&
			 heap_add(out->heap, strbuf_str(&b).data, b.len, (struct text *)out->data + i, c->err);
	}
	strbuf_release(&b);
	return ok;
}

static const struct agg_ops collect_ops = {sizeof(struct collected), collect_update, NULL, collect_combine,
										   collect_finish, collect_drop};

/* array_agg(array) gives an array of the same type. */
static struct type infer_array(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick)
{
	(void)f;
	(void)nargs;
	(void)pick;
	if (arg_types[0].id == TYPE_NUMERIC && !arg_types[0].array) {
		arg_types[0].precision = 0;
		arg_types[0].scale = 0;
	}
	return (struct type){arg_types[0].id, 1, 0, 0, arg_types[0].id == TYPE_BPCHAR ? arg_types[0].mod : -1};
}

/* ---- min and max ---- */

static bool keep_better(struct fncall *c, struct collected *s, struct str item, bool max)
{
	struct str have = {0};
	size_t at = 0;
	bool null;
	int order;

	if (s->n && collected_next(s, &at, &have, &null)) {
		order = array_compare(item, have);
		if (max ? order <= 0 : order >= 0)
			return true;
	}
	s->len = 0;
	s->n = 0;
	return collected_add(c, s, item.data, (uint32_t)item.len);
}

static bool best_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups)
{
	bool max = c->fn->name[1] == 'a';

	for (uint32_t i = 0; i < n; i++)
		if (!view_is_null(&args[0], i) &&
			!keep_better(c, groups[i], text_str(&((const struct text *)args[0].data)[view_index(&args[0], i)]), max))
			return false;
	return true;
}

static bool best_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	bool max = c->fn->name[1] == 'a', ok = true;

	for (uint32_t i = 0; i < n; i++) {
		struct collected *b = from[i];
		struct str item;
		size_t at = 0;
		bool null;
		if (b->n && collected_next(b, &at, &item, &null))
			ok = ok && keep_better(c, into[i], item, max);
		collected_free(c, b);
	}
	return ok;
}

static bool best_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct collected *s = states[i];
		struct str item;
		size_t at = 0;
		bool null;
		if (s->n && collected_next(s, &at, &item, &null)) {
			if (!heap_add(out->heap, item.data, item.len, (struct text *)out->data + i, c->err))
				return false;
			continue;
		}
		if (!out->valid && !vec_want_nulls(out, n, c->mem, c->err))
			return false;
		vec_set_null(out, i);
	}
	return true;
}

static const struct agg_ops best_ops = {sizeof(struct collected), best_update, NULL, best_combine, best_finish, collect_drop};

#define EXTREME(fname, text)                                                                       \
	{.name = fname, .kind = FUNC_AGGREGATE, .nargs = 1, .args = {T_POLY(ANYARRAY)}, .result = T_POLY(ANYARRAY), \
	 .agg = &best_ops, .flags = FUNC_IGNORES_DISTINCT, .help = text}

const struct func functions_aggregate_array[] = {
	{.name = "array_agg", .kind = FUNC_AGGREGATE, .nargs = 1, .args = {T_POLY(ANYNONARRAY)}, .result = T_POLY(ANYARRAY),
	 .agg = &collect_ops, .flags = FUNC_NOT_STRICT | FUNC_ORDER_MATTERS, .infer = infer_array, .help = "the values as an array"},
	{.name = "array_agg", .kind = FUNC_AGGREGATE, .nargs = 1, .args = {T_POLY(ANYARRAY)}, .result = T_POLY(ANYARRAY),
	 .agg = &collect_ops, .flags = FUNC_NOT_STRICT | FUNC_ORDER_MATTERS, .infer = infer_array, .help = "the arrays as one array"},
	EXTREME("min", "smallest value"),
	EXTREME("max", "largest value"),
	FN_END,
};
