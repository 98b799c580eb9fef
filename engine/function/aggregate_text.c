/*
 * string_agg(text, text) and string_agg(bytea, bytea). A state is a growing buffer of delimiter, value,
 * delimiter, value …; the first delimiter is cut off at the end, so that two states join by
 * concatenation. Rows with a NULL value are skipped, a NULL delimiter is empty.
 */
#include "engine/function/tables.h"

#include <stdlib.h>

struct joined {
	char *data;        /* malloc'ed, capacity bytes reserved */
	size_t len, capacity;
	uint32_t first;    /* bytes of the delimiter at the beginning */
	bool seen;
};

static bool joined_add(struct fncall *c, struct joined *s, const char *data, size_t len)
{
	if (s->len + len > s->capacity) {
		size_t capacity = s->capacity * 2;
		char *grown;
		if (capacity < s->len + len)
			capacity = s->len + len;
		if (capacity < 64)
			capacity = 64;
		if (s->len + len > INT32_MAX / 2)
			return err_set(c->err, ERR_PROGRAM_LIMIT, "text is too long");
		if (!mem_reserve(c->mem, capacity - s->capacity, c->err))
			return false;
		grown = realloc(s->data, capacity);
		ASSERT(grown);
		s->data = grown;
		s->capacity = capacity;
	}
	if (len)
		memcpy(s->data + s->len, data, len);
	s->len += len;
	return true;
}

static void joined_free(struct fncall *c, struct joined *s)
{
	free(s->data);
	if (s->capacity)
		mem_release(c->mem, s->capacity);
	memset(s, 0, sizeof *s);
}

static bool joined_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups)
{
	const struct text *values = args[0].data, *delimiters = args[1].data;

	for (uint32_t i = 0; i < n; i++) {
		struct joined *s = groups[i];
		const struct text *x, *d;
		uint32_t dlen;
		if (view_is_null(&args[0], i))
			continue;
		x = &values[view_index(&args[0], i)];
		d = &delimiters[view_index(&args[1], i)];
		dlen = view_is_null(&args[1], i) ? 0 : d->len;
		if (!joined_add(c, s, text_data(d), dlen) || !joined_add(c, s, text_data(x), x->len))
			return false;
		if (!s->seen) {
			s->first = dlen;
			s->seen = true;
		}
	}
	return true;
}

static bool joined_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	bool ok = true;

	for (uint32_t i = 0; i < n; i++) {
		struct joined *a = into[i], *b = from[i];
		if (!a->seen) {
			struct joined t = *a;
			*a = *b;
			*b = t;
		} else if (b->seen) {
			ok = ok && joined_add(c, a, b->data, b->len);
		}
		joined_free(c, b);
	}
	return ok;
}

static bool joined_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct joined *s = states[i];
		if (!s->seen) {
			if (!vec_want_nulls(out, n, c->mem, c->err))
				return false;
			vec_set_null(out, i);
		} else if (!heap_add(out->heap, s->data + s->first, s->len - s->first, (struct text *)out->data + i, c->err)) {
			return false;
		}
	}
	return true;
}

static void joined_drop(struct fncall *c, void *const *states, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		joined_free(c, states[i]);
}

static const struct agg_ops joined_ops = {sizeof(struct joined), joined_update, NULL, joined_combine,
										  joined_finish, joined_drop};

#define STRING_AGG(type)                                                                           \
	{.name = "string_agg", .kind = FUNC_AGGREGATE, .nargs = 2, .args = {T(type), T(type)},         \
	 .result = T(type), .agg = &joined_ops, .flags = FUNC_NOT_STRICT | FUNC_ORDER_MATTERS,         \
	 .help = "values joined with a delimiter"}

const struct func functions_aggregate_text[] = {
	STRING_AGG(TEXT),
	STRING_AGG(BYTEA),
	{.name = NULL},
};
