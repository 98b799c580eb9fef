/*
 * Numbering rows by keys that are small numbers. See group_codes.h. No state; a group_codes is one task's.
 */
#include "engine/execute/group_codes.h"

#define PRODUCT_MOST 4096  /* combinations that could be */
#define ROWS_LEAST 64      /* fewer are quicker hashed */
#define RUN_LEAST 16       /* rows a key, on average, that make sorting them worthwhile */

/* How a key's values become numbers from 0 to size - 1. */
struct coding {
	struct view view;
	enum { CODE_NOTHING, CODE_INDEX, CODE_BOOL, CODE_I32, CODE_I64 } by;
	int64_t least;
	uint64_t size;
};

#define RANGE(T)                                                                                   \
	do {                                                                                           \
		const T *x = v->data;                                                                      \
		T low = x[view_index(v, 0)], high = low;                                                   \
		for (uint32_t i = 1; i < n; i++) {                                                         \
			T y = x[v->sel ? v->sel[i] : i];                                                       \
			low = y < low ? y : low;                                                               \
			high = y > high ? y : high;                                                            \
		}                                                                                          \
		c->least = low;                                                                            \
		c->size = (uint64_t)high - (uint64_t)low + 1;                                              \
	} while (0)

/* False when the key is not of that kind. */
static bool coding_of(const struct vec *key, uint32_t n, struct coding *c)
{
	enum phys p = type_phys(key->type);
	const struct view *v = &c->view;

	c->view = vec_view(key);
	c->size = 1;
	if (v->is_const) {
		c->by = CODE_NOTHING;
		return true;
	}
	if (v->sel && key->data_buf && key->data == key->data_buf->data && key->data_buf->size / phys_size(p) <= n / 4) {
		c->by = CODE_INDEX; /* NULL has a code of its own, or several */
		c->size = key->data_buf->size / phys_size(p);
		return true;
	}
	if (v->valid)
		return false;
	if (p == PHYS_BOOL) {
		c->by = CODE_BOOL;
		c->size = 2;
	} else if (p == PHYS_I32) {
		c->by = CODE_I32;
		RANGE(int32_t);
	} else if (p == PHYS_I64) {
		c->by = CODE_I64;
		RANGE(int64_t);
	} else {
		return false;
	}
	return c->size != 0 && c->size <= PRODUCT_MOST;
}

#define NUMBER(EXPRESSION)                                                                         \
	for (uint32_t i = 0; i < n; i++)                                                               \
	number[i] = (uint16_t)(number[i] * size + (EXPRESSION))

static void add_key(const struct coding *c, uint32_t n, uint16_t *number)
{
	const struct view *v = &c->view;
	uint32_t size = (uint32_t)c->size;

	switch (c->by) {
	case CODE_NOTHING:
		return;
	case CODE_INDEX:
		NUMBER(v->sel[i]);
		return;
	case CODE_BOOL:
		NUMBER(((const uint8_t *)v->data)[view_index(v, i)]);
		return;
	case CODE_I32:
		NUMBER((uint32_t)(((const int32_t *)v->data)[view_index(v, i)] - (int32_t)c->least));
		return;
	case CODE_I64:
		NUMBER((uint64_t)((const int64_t *)v->data)[view_index(v, i)] - (uint64_t)c->least);
		return;
	}
	UNREACHABLE();
}

static void sort_rows(struct group_codes *g, uint32_t n)
{
	uint32_t at[GROUP_CODES_MOST];

	memset(g->start, 0, (g->count + 1) * sizeof *g->start);
	for (uint32_t i = 0; i < n; i++)
		g->start[g->code[i] + 1]++;
	for (uint32_t k = 0; k < g->count; k++) {
		g->start[k + 1] += g->start[k];
		at[k] = g->start[k];
	}
	for (uint32_t i = 0; i < n; i++)
		g->rows[at[g->code[i]]++] = i;
}

void group_codes_find(struct group_codes *g, const struct vec *keys, uint32_t nkeys, uint32_t n)
{
	struct coding coding[8];
	uint16_t number[BATCH_ROWS], seen[PRODUCT_MOST]; /* seen: code + 1 */
	uint64_t product = 1;
	uint32_t count = 0;

	g->count = 0;
	g->runs = false;
	if (n < ROWS_LEAST || nkeys == 0 || nkeys > ARRAY_LEN(coding))
		return;
	for (uint32_t k = 0; k < nkeys; k++) {
		if (!coding_of(&keys[k], n, &coding[k]))
			return;
		product *= coding[k].size;
		if (product > PRODUCT_MOST)
			return;
	}
	memset(number, 0, n * sizeof *number);
	for (uint32_t k = 0; k < nkeys; k++)
		add_key(&coding[k], n, number);
	memset(seen, 0, product * sizeof *seen);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t code = seen[number[i]];
		if (!code) {
			if (count == GROUP_CODES_MOST || count > n / 4)
				return;
			g->first[count++] = i;
			code = seen[number[i]] = (uint16_t)count;
		}
		g->code[i] = (uint8_t)(code - 1);
	}
	g->count = count;
	g->runs = n / count >= RUN_LEAST;
	if (g->runs)
		sort_rows(g, n);
}
