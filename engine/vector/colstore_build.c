/*
 * Filling column stores. A builder gathers rows column by column in open arrays that grow to CHUNK_ROWS, then
 * seals them to a chunk: values of one kind become a constant, texts with few distinct values stay codes into the
 * dictionary that was made on the way (given up as soon as it doesn't pay), all else is kept as it stands. Zone
 * maps are computed at sealing, sketches of distinct values on the way.
 *
 * A sink gathers the chunks of its builders (guarded by `lock`) and makes the new store. Small chunks at the end
 * are melted together when they are about the same size, so that a table filled row by row has few chunks and each
 * row is copied a logarithmic number of times.
 */
#include "engine/kernel/compare.h"
#include "engine/kernel/order.h"
#include "engine/vector/colstore_int.h"
#include "engine/vector/vec_int.h"

#include <stdlib.h>

#define FIRST_ROWS 2048u
#define DICT_MOST 4096u         /* distinct values of a dictionary */
#define DICT_SLOTS (2 * DICT_MOST)
#define DICT_PATIENCE 2048u     /* rows after which values must repeat */
#define ARENA_FIRST ((size_t)4096)
#define ARENA_MOST ((size_t)1 << 20)

struct dictionary {
	uint32_t count;
	int32_t null_code;          /* -1 = none */
	struct text values[DICT_MOST + 1];
	uint64_t hashes[DICT_MOST + 1];
	uint16_t slots[DICT_SLOTS]; /* code + 1; 0 = free */
};

/* A column under construction. */
struct building {
	struct type type;
	size_t size;                /* of a value */
	struct region data;         /* values; unless there is a dictionary */
	struct region codes;        /* with dictionary: uint32_t a row */
	struct region valid;        /* without dictionary: bits, when there are NULLs */
	uint64_t nulls;
	struct dictionary *dict;    /* texts only; NULL = plain values */
	struct region *arena;       /* of long texts; the last one has room; malloc'ed list */
	size_t narena, used;
	double text_bytes;
};

struct colbuilder {
	struct colsink *sink;
	struct colspace *space;
	uint32_t ncols, rows, room; /* room: rows that the arrays have space for */
	struct building *cols;
	uint8_t (*sketches)[SKETCH_BYTES];
	uint64_t hash[BATCH_ROWS], picked[BATCH_ROWS];
};

struct colsink {
	struct colspace *space;
	struct colstore *before;    /* counted */
	uint32_t ncols;
	struct type *types;
	pthread_mutex_t lock;       /* what follows */
	struct chunk **chunks;
	uint32_t nchunks, cap;
	uint64_t rows;
	uint8_t (*sketches)[SKETCH_BYTES];
};

/* ---- sinks ---- */

struct colsink *colsink_new(struct colspace *s, const struct type *types, uint32_t ncols, struct colstore *before)
{
	struct colsink *k = calloc(1, sizeof *k);

	ASSERT(k);
	k->space = s;
	k->before = colstore_ref(before);
	k->ncols = ncols;
	k->types = calloc(ncols + 1, sizeof *k->types);
	k->sketches = calloc(ncols + 1, sizeof *k->sketches);
	ASSERT(k->types && k->sketches);
	if (ncols)
		memcpy(k->types, types, ncols * sizeof *types);
	pthread_mutex_init(&k->lock, NULL);
	return k;
}

void colsink_free(struct colsink *k)
{
	if (!k)
		return;
	for (uint32_t i = 0; i < k->nchunks; i++)
		chunk_unref(k->chunks[i]);
	free(k->chunks);
	free(k->types);
	free(k->sketches);
	colstore_unref(k->before);
	pthread_mutex_destroy(&k->lock);
	free(k);
}

uint64_t colsink_rows(const struct colsink *k) { return k->rows; }

static void push_chunk(struct colsink *k, struct chunk *c)
{
	if (k->nchunks == k->cap) {
		k->cap = k->cap ? 2 * k->cap : 16;
		k->chunks = realloc(k->chunks, k->cap * sizeof(struct chunk *));
		ASSERT(k->chunks);
	}
	k->chunks[k->nchunks++] = c;
}

static void hand_over(struct colbuilder *b, struct chunk *c)
{
	struct colsink *k = b->sink;

	pthread_mutex_lock(&k->lock);
	push_chunk(k, c);
	k->rows += c->rows;
	for (uint32_t i = 0; i < b->ncols; i++)
		sketch_merge(k->sketches[i], b->sketches[i]);
	pthread_mutex_unlock(&k->lock);
	memset(b->sketches, 0, b->ncols * sizeof *b->sketches);
}

/* ---- growing ---- */

static bool region_grow(struct colspace *s, struct region *r, size_t used, size_t size, struct err *e)
{
	struct region more;

	if (!region_new(s, size, &more, e))
		return false;
	if (used)
		memcpy(more.at, r->at, used);
	region_free(s, r);
	*r = more;
	return true;
}

static bool valid_grow(struct colbuilder *b, struct building *c, uint32_t used_rows, uint32_t room, struct err *e)
{
	size_t old = c->valid.at ? bitmap_words(used_rows) * sizeof(uint64_t) : 0, size = bitmap_words(room) * sizeof(uint64_t);

	if (!region_grow(b->space, &c->valid, old, size, e))
		return false;
	memset(c->valid.at + old, 0xff, size - old);
	return true;
}

static bool make_room(struct colbuilder *b, uint32_t rows, struct err *e)
{
	uint32_t room = b->room ? b->room : FIRST_ROWS;

	while (room < rows)
		room *= 2;
	if (room == b->room)
		return true;
	for (uint32_t i = 0; i < b->ncols; i++) {
		struct building *c = &b->cols[i];
		bool ok = c->dict ? region_grow(b->space, &c->codes, b->rows * sizeof(uint32_t), room * sizeof(uint32_t), e)
						  : region_grow(b->space, &c->data, b->rows * c->size, room * c->size, e);

		if (!ok || (c->valid.at && !valid_grow(b, c, b->rows, room, e)))
			return false;
	}
	b->room = room;
	return true;
}

/* ---- texts ---- */

static bool arena_add(struct colspace *s, struct building *c, const struct text *in, struct text *out, struct err *e)
{
	struct region *last = c->narena ? &c->arena[c->narena - 1] : NULL;

	if (in->len <= TEXT_INLINE) {
		*out = *in;
		return true;
	}
	if (!last || last->size - c->used < in->len) {
		size_t size = last ? 2 * last->size : ARENA_FIRST;

		size = size > ARENA_MOST ? ARENA_MOST : size;
		c->arena = realloc(c->arena, (c->narena + 1) * sizeof *c->arena);
		ASSERT(c->arena);
		if (!region_new(s, size < in->len ? in->len : size, &c->arena[c->narena], e))
			return false;
		last = &c->arena[c->narena++];
		c->used = 0;
	}
	memcpy(last->at + c->used, text_data(in), in->len);
	*out = text_make(last->at + c->used, in->len);
	c->used += in->len;
	return true;
}

static void mark_null(struct building *c, uint32_t row)
{
	bit_clear((uint64_t *)c->valid.at, row);
	c->nulls++;
}

/* The codes so far become plain values. */
static bool give_up_dictionary(struct colbuilder *b, struct building *c, uint32_t rows, struct err *e)
{
	const uint32_t *codes = (const uint32_t *)c->codes.at;
	struct dictionary *d = c->dict;
	struct text *to;

	if (!region_new(b->space, b->room * sizeof *to, &c->data, e) || (c->nulls && !valid_grow(b, c, 0, b->room, e)))
		return false;
	to = (struct text *)c->data.at;
	c->nulls = 0;
	for (uint32_t i = 0; i < rows; i++) {
		to[i] = d->values[codes[i]];
		if ((int32_t)codes[i] == d->null_code)
			mark_null(c, i);
	}
	region_free(b->space, &c->codes);
	free(d);
	c->dict = NULL;
	return true;
}

/* The code of a text; a new one when it isn't there. -1: the dictionary is full; -2: failed. */
static int32_t dictionary_code(struct colbuilder *b, struct building *c, const struct text *t, uint64_t hash,
							   struct err *e)
{
	struct dictionary *d = c->dict;
	uint32_t at = (uint32_t)(hash >> 20) % DICT_SLOTS;

	for (; d->slots[at]; at = (at + 1) % DICT_SLOTS) {
		uint32_t code = d->slots[at] - 1u;

		if (d->hashes[code] == hash && equal_str(&d->values[code], t))
			return (int32_t)code;
	}
	if (d->count >= DICT_MOST)
		return -1;
	if (!arena_add(b->space, c, t, &d->values[d->count], e))
		return -2;
	d->hashes[d->count] = hash;
	d->slots[at] = (uint16_t)(d->count + 1);
	return (int32_t)d->count++;
}

static int32_t dictionary_null(struct dictionary *d)
{
	if (d->null_code < 0) {
		if (d->count > DICT_MOST)
			return -1;
		d->null_code = (int32_t)d->count;
		memset(&d->values[d->count], 0, sizeof *d->values);
		d->hashes[d->count++] = 0;
	}
	return d->null_code;
}

static bool append_plain_texts(struct colbuilder *b, struct building *c, const struct view *v, uint32_t from, uint32_t n,
							   uint32_t row, struct err *e)
{
	const struct text *in = v->data;
	struct text *to = (struct text *)c->data.at;

	if (v->valid && !c->valid.at && !valid_grow(b, c, 0, b->room, e))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		const struct text *t = &in[view_index(v, from + i)];

		if (view_is_null(v, from + i)) {
			memset(&to[row + i], 0, sizeof *to);
			mark_null(c, row + i);
			continue;
		}
		c->text_bytes += t->len;
		if (!arena_add(b->space, c, t, &to[row + i], e))
			return false;
	}
	return true;
}

static bool append_texts(struct colbuilder *b, struct building *c, const struct view *v, uint32_t from, uint32_t n,
						 struct err *e)
{
	const struct text *in = v->data;
	uint32_t *codes = (uint32_t *)c->codes.at;
	uint32_t i = 0;

	for (; c->dict && i < n; i++) {
		const struct text *t = &in[view_index(v, from + i)];
		bool null = view_is_null(v, from + i);
		int32_t code = null ? dictionary_null(c->dict) : dictionary_code(b, c, t, b->hash[from + i], e);

		if (code == -2)
			return false;
		if (code == -1) {
			if (!give_up_dictionary(b, c, b->rows + i, e))
				return false;
			break;
		}
		c->nulls += null;
		c->text_bytes += null ? 0 : t->len;
		codes[b->rows + i] = (uint32_t)code;
	}
	if (i < n)
		return append_plain_texts(b, c, v, from + i, n - i, b->rows + i, e);
	if (c->dict && b->rows < DICT_PATIENCE && b->rows + n >= DICT_PATIENCE && c->dict->count > (b->rows + n) / 2)
		return give_up_dictionary(b, c, b->rows + n, e);
	return true;
}

/* ---- all other values ---- */

static bool append_values(struct colbuilder *b, struct building *c, const struct view *v, uint32_t from, uint32_t n,
						  struct err *e)
{
	unsigned char *to = (unsigned char *)c->data.at + b->rows * c->size;
	const unsigned char *data = v->data;

	if (v->valid && !c->valid.at && !valid_grow(b, c, 0, b->room, e))
		return false;
	if (!v->is_const && !v->sel)
		memcpy(to, data + from * c->size, n * c->size);
	else {
#define COPY_EACH(bytes)                                                                           \
	for (uint32_t i = 0; i < n; i++)                                                               \
		memcpy(to + (size_t)i * (bytes), data + (size_t)view_index(v, from + i) * (bytes), (bytes))
		EACH_VALUE_SIZE(c->size, COPY_EACH)
#undef COPY_EACH
	}
	for (uint32_t i = 0; v->valid && i < n; i++)
		if (view_is_null(v, from + i))
			mark_null(c, b->rows + i);
	return true;
}

/* Hashes of the whole batch's column into b->hash, and those of values into the sketch. */
static void look_at(struct colbuilder *b, uint32_t column, const struct view *v, uint32_t rows)
{
	uint32_t n = 0;

	kernel_hash(b->cols[column].type, v, rows, false, b->hash);
	if (v->is_const) {
		if (!view_is_null(v, 0))
			sketch_add(b->sketches[column], b->hash, 1);
		return;
	}
	if (!v->valid) {
		sketch_add(b->sketches[column], b->hash, rows);
		return;
	}
	for (uint32_t i = 0; i < rows; i++)
		if (!view_is_null(v, i))
			b->picked[n++] = b->hash[i];
	sketch_add(b->sketches[column], b->picked, n);
}

/* ---- sealing ---- */

static bool type_has_range(struct type t)
{
	return !t.array && (type_phys(t) != PHYS_STR || type_is_text(t) || t.id == TYPE_BYTEA) && t.id != TYPE_UNKNOWN;
}

#define RANGE_OF(name, ctype, less)                                                                \
	static bool name(const ctype *x, const uint64_t *valid, uint32_t n, uint32_t *low, uint32_t *high) \
	{                                                                                              \
		bool seen = false;                                                                         \
		for (uint32_t i = 0; i < n; i++) {                                                         \
			if (valid && !bit_get(valid, i))                                                       \
				continue;                                                                          \
			if (!seen)                                                                             \
				*low = *high = i;                                                                  \
			seen = true;                                                                           \
			*low = less(&x[i], &x[*low]) ? i : *low;                                               \
			*high = less(&x[*high], &x[i]) ? i : *high;                                            \
		}                                                                                          \
		return seen;                                                                               \
	}
RANGE_OF(range_boolean, uint8_t, less_boolean)
RANGE_OF(range_i32, int32_t, less_i32)
RANGE_OF(range_i64, int64_t, less_i64)
RANGE_OF(range_i128, int128, less_i128)
RANGE_OF(range_f64, double, less_f64)
RANGE_OF(range_num, struct num, less_num)
RANGE_OF(range_interval, struct interval, less_interval)
RANGE_OF(range_timetz, struct interval, less_timetz)
RANGE_OF(range_str, struct text, less_str)

static bool range_rows(struct type t, const void *x, const uint64_t *valid, uint32_t n, uint32_t *low, uint32_t *high)
{
	switch (order_class(t)) {
	case ORDER_BOOL:
		return range_boolean(x, valid, n, low, high);
	case ORDER_I32:
		return range_i32(x, valid, n, low, high);
	case ORDER_I64:
		return range_i64(x, valid, n, low, high);
	case ORDER_I128:
		return range_i128(x, valid, n, low, high);
	case ORDER_F64:
		return range_f64(x, valid, n, low, high);
	case ORDER_NUM:
		return range_num(x, valid, n, low, high);
	case ORDER_INTERVAL:
		return range_interval(x, valid, n, low, high);
	case ORDER_TIMETZ:
		return range_timetz(x, valid, n, low, high);
	case ORDER_STR:
		return range_str(x, valid, n, low, high);
	case ORDER_ARRAY:
	case ORDER_RECORD:
	case ORDER_JSONB:
		return false;
	}
	UNREACHABLE();
}

static void find_range(const struct building *c, struct chunk_column *to, const void *data, const uint64_t *valid, uint32_t n)
{
	uint32_t low = 0, high = 0;

	to->range.nulls = c->nulls;
	to->range.known = type_has_range(c->type) && range_rows(c->type, data, valid, n, &low, &high);
	if (!to->range.known)
		return;
	to->range.least = value_load(c->type, (const char *)data + low * c->size);
	to->range.greatest = value_load(c->type, (const char *)data + high * c->size);
}

static bool all_same(const char *data, size_t size, uint32_t n)
{
	return n < 2 || memcmp(data, data + size, (n - 1) * size) == 0;
}

/* What is too long for the rows there are is cut to size. */
static bool trim(struct colspace *s, struct region *r, size_t size, struct err *e)
{
	return r->mapped || r->size <= size + size / 8 + 64 || region_grow(s, r, size, size, e);
}

static bool seal_dictionary(struct colbuilder *b, struct building *c, struct chunk_column *to, struct err *e)
{
	struct dictionary *d = c->dict;
	struct region values, valid = {0};
	bool null = d->null_code >= 0;

	if (!region_new(b->space, d->count * sizeof *d->values, &values, e))
		return false;
	memcpy(values.at, d->values, d->count * sizeof *d->values);
	if (null && !region_new(b->space, bitmap_words(d->count) * sizeof(uint64_t), &valid, e)) {
		region_free(b->space, &values);
		return false;
	}
	to->data = values.at;
	if (null) {
		memset(valid.at, 0xff, valid.size);
		bit_clear((uint64_t *)valid.at, (uint32_t)d->null_code);
		to->valid = (uint64_t *)valid.at;
	}
	to->nvalues = d->count;
	to->kind = d->count == 1 ? VEC_CONST : VEC_DICT;
	to->values = (struct buf){.size = d->count * sizeof *d->values, .refs = 1, .data = (unsigned char *)values.at};
	find_range(c, to, values.at, to->valid, d->count);
	chunk_column_keep(to, &values);
	chunk_column_keep(to, &valid);
	if (to->kind == VEC_CONST)
		return true;
	if (!trim(b->space, &c->codes, b->rows * sizeof(uint32_t), e))
		return false;
	to->codes = (uint32_t *)c->codes.at;
	chunk_column_keep(to, &c->codes);
	return true;
}

static bool seal_values(struct colbuilder *b, struct building *c, struct chunk_column *to, struct err *e)
{
	find_range(c, to, c->data.at, (const uint64_t *)c->valid.at, b->rows);
	to->nvalues = b->rows;
	if (c->nulls == b->rows || (c->nulls == 0 && all_same(c->data.at, c->size, b->rows))) {
		to->kind = VEC_CONST;
		to->nvalues = 1;
	}
	if (!trim(b->space, &c->data, to->nvalues * c->size, e))
		return false;
	to->data = c->data.at;
	if (c->nulls)
		to->valid = (uint64_t *)c->valid.at;
	chunk_column_keep(to, &c->data);
	if (c->nulls)
		chunk_column_keep(to, &c->valid);
	return true;
}

static bool seal_column(struct colbuilder *b, struct building *c, struct chunk_column *to, struct err *e)
{
	if (c->dict && c->dict->count > b->rows / 4 && c->dict->count > 1 && !give_up_dictionary(b, c, b->rows, e))
		return false;
	if (!(c->dict ? seal_dictionary(b, c, to, e) : seal_values(b, c, to, e)))
		return false;
	for (size_t i = 0; i < c->narena; i++)
		chunk_column_keep(to, &c->arena[i]);
	to->text_bytes = c->text_bytes;
	return true;
}

static void building_clear(struct colbuilder *b, struct building *c)
{
	region_free(b->space, &c->data);
	region_free(b->space, &c->codes);
	region_free(b->space, &c->valid);
	for (size_t i = 0; i < c->narena; i++)
		region_free(b->space, &c->arena[i]);
	free(c->arena);
	free(c->dict);
	c->arena = NULL;
	c->dict = NULL;
	c->narena = c->used = 0;
	c->nulls = 0;
	c->text_bytes = 0;
}

static void building_start(struct building *c)
{
	if (type_phys(c->type) != PHYS_STR)
		return;
	c->dict = calloc(1, sizeof *c->dict);
	ASSERT(c->dict);
	c->dict->null_code = -1;
}

static void start_chunk(struct colbuilder *b)
{
	b->rows = b->room = 0;
	for (uint32_t i = 0; i < b->ncols; i++)
		building_start(&b->cols[i]);
}

static bool seal(struct colbuilder *b, struct err *e)
{
	struct chunk *k = chunk_new(b->space, b->ncols);

	k->rows = b->rows;
	for (uint32_t i = 0; i < b->ncols; i++) {
		if (!seal_column(b, &b->cols[i], &k->cols[i], e)) {
			chunk_unref(k);
			return false;
		}
		building_clear(b, &b->cols[i]);
	}
	hand_over(b, k);
	start_chunk(b);
	return true;
}

/* ---- builders ---- */

struct colbuilder *colbuilder_new(struct colsink *k)
{
	struct colbuilder *b = calloc(1, sizeof *b);

	ASSERT(b);
	b->sink = k;
	b->space = k->space;
	b->ncols = k->ncols;
	b->cols = calloc(b->ncols + 1, sizeof *b->cols);
	b->sketches = calloc(b->ncols + 1, sizeof *b->sketches);
	ASSERT(b->cols && b->sketches);
	for (uint32_t i = 0; i < b->ncols; i++) {
		b->cols[i].type = k->types[i];
		b->cols[i].size = phys_size(type_phys(k->types[i]));
	}
	start_chunk(b);
	return b;
}

void colbuilder_free(struct colbuilder *b)
{
	if (!b)
		return;
	for (uint32_t i = 0; i < b->ncols; i++)
		building_clear(b, &b->cols[i]);
	free(b->cols);
	free(b->sketches);
	free(b);
}

static bool append_window(struct colbuilder *b, const struct batch *in, uint32_t from, uint32_t n, struct err *e)
{
	if (!make_room(b, b->rows + n, e))
		return false;
	for (uint32_t i = 0; i < b->ncols; i++) {
		struct building *c = &b->cols[i];
		struct view v = vec_view(&in->cols[i]);
		bool is_text = type_phys(c->type) == PHYS_STR;

		ASSERT(type_phys(in->cols[i].type) == type_phys(c->type));
		if (from == 0 || c->dict)
			look_at(b, i, &v, in->rows);
		if (!(is_text && c->dict ? append_texts(b, c, &v, from, n, e)
			  : is_text			 ? append_plain_texts(b, c, &v, from, n, b->rows, e)
								 : append_values(b, c, &v, from, n, e)))
			return false;
	}
	b->rows += n;
	return true;
}

bool colbuilder_append(struct colbuilder *b, const struct batch *in, struct err *e)
{
	ASSERT(in->ncols >= b->ncols && in->rows <= BATCH_ROWS);
	for (uint32_t from = 0; from < in->rows;) {
		uint32_t n = in->rows - from, left = CHUNK_ROWS - b->rows;

		n = n > left ? left : n;
		if (!append_window(b, in, from, n, e))
			return false;
		from += n;
		if (b->rows == CHUNK_ROWS && !seal(b, e))
			return false;
	}
	return true;
}

bool colbuilder_finish(struct colbuilder *b, struct err *e)
{
	return b->rows == 0 || seal(b, e);
}

/* ---- the new store ---- */

static bool copy_chunk(struct colbuilder *b, const struct chunk *c, const struct type *types, struct mem *m, struct err *e)
{
	struct batch in;
	bool ok = true;

	batch_init(&in, c->ncols, m);
	for (uint32_t from = 0; ok && from < c->rows; from += in.rows) {
		in.rows = c->rows - from > BATCH_ROWS ? BATCH_ROWS : c->rows - from;
		for (uint32_t i = 0; ok && i < c->ncols; i++)
			ok = chunk_read(c, types[i], i, from, in.rows, &in.cols[i], m, e);
		ok = ok && colbuilder_append(b, &in, e);
		for (uint32_t i = 0; i < c->ncols; i++)
			vec_release(&in.cols[i]);
	}
	return ok;
}

/* The last two chunks as one; false leaves them as they are. */
static bool melt(struct colsink *k, struct mem *m)
{
	struct chunk *a = k->chunks[k->nchunks - 2], *z = k->chunks[k->nchunks - 1];
	struct colsink *into = colsink_new(k->space, k->types, k->ncols, NULL);
	struct colbuilder *b = colbuilder_new(into);
	struct err ignored;
	bool ok;

	err_clear(&ignored);
	ok = copy_chunk(b, a, k->types, m, &ignored) && copy_chunk(b, z, k->types, m, &ignored) && colbuilder_finish(b, &ignored) &&
		 into->nchunks == 1;
	if (ok) {
		k->nchunks -= 2;
		push_chunk(k, into->chunks[0]);
		into->nchunks = 0;
		chunk_unref(a);
		chunk_unref(z);
	}
	colbuilder_free(b);
	colsink_free(into);
	return ok;
}

struct colstore *colsink_finish(struct colsink *k)
{
	uint32_t before = k->before ? k->before->nchunks : 0;
	struct chunk **fresh = k->chunks;
	uint32_t nfresh = k->nchunks;
	struct mem *m = mem_new(NULL, MEM_TEMP, "melting chunks", 0);
	struct colstore *s;

	k->chunks = NULL;
	k->nchunks = k->cap = 0;
	for (uint32_t i = 0; i < before; i++) {
		__atomic_add_fetch(&k->before->chunks[i]->refs, 1, __ATOMIC_RELAXED);
		push_chunk(k, k->before->chunks[i]);
	}
	for (uint32_t i = 0; i < nfresh; i++) {
		push_chunk(k, fresh[i]);
		while (k->nchunks > 1 && k->chunks[k->nchunks - 2]->rows + k->chunks[k->nchunks - 1]->rows <= CHUNK_ROWS &&
			   k->chunks[k->nchunks - 2]->rows <= 2 * k->chunks[k->nchunks - 1]->rows && melt(k, m))
			;
	}
	free(fresh);
	mem_free(m);
	s = colstore_new(k->space, k->types, k->ncols, k->nchunks);
	if (k->nchunks)
		memcpy(s->chunks, k->chunks, k->nchunks * sizeof(struct chunk *));
	k->nchunks = 0;
	colstore_sum_up(s);
	for (uint32_t i = 0; i < k->ncols; i++) {
		if (k->before)
			sketch_merge(s->summaries[i].sketch, k->before->summaries[i].sketch);
		sketch_merge(s->summaries[i].sketch, k->sketches[i]);
	}
	return s;
}
