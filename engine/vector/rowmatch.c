/*
 * Comparing stored rows with rows of a batch: the inner loop of hash join and grouping. One loop per
 * physical type over all candidates, a column at a time; a row that has lost stays lost.
 */
#include "engine/kernel/compare.h"
#include "engine/kernel/order.h"
#include "engine/vector/rowstore.h"

/* A key column of the batch against the store's, for all candidates. */
struct match {
	uint8_t *const *rows;
	const struct view *key;
	const uint32_t *sel;
	uint32_t n;
	uint32_t offset;
};

static inline uint32_t key_index(const struct match *m, uint32_t i)
{
	return view_index(m->key, m->sel ? m->sel[i] : i);
}

#define MATCH_EACH(ctype, equal)                                                                   \
	do {                                                                                           \
		const ctype *y = m->key->data;                                                             \
		for (uint32_t i = 0; i < m->n; i++) {                                                      \
			if (eq[i]) {                                                                           \
				const ctype *x = (const ctype *)(m->rows[i] + m->offset);                          \
				eq[i] = equal(x, &y[key_index(m, i)]);                                             \
			}                                                                                      \
		}                                                                                          \
	} while (0)

static void match_values(struct type t, const struct match *m, uint8_t *eq)
{
	switch (order_class(t)) {
	case ORDER_BOOL:
		MATCH_EACH(uint8_t, equal_boolean);
		return;
	case ORDER_I32:
		MATCH_EACH(int32_t, equal_i32);
		return;
	case ORDER_I64:
		MATCH_EACH(int64_t, equal_i64);
		return;
	case ORDER_I128:
		MATCH_EACH(int128, equal_i128);
		return;
	case ORDER_F64:
		MATCH_EACH(double, equal_f64);
		return;
	case ORDER_NUM:
		MATCH_EACH(struct num, equal_num);
		return;
	case ORDER_INTERVAL:
		MATCH_EACH(struct interval, equal_interval);
		return;
	case ORDER_TIMETZ:
		MATCH_EACH(struct interval, equal_timetz);
		return;
	case ORDER_ARRAY:
		MATCH_EACH(struct text, equal_array);
		return;
	case ORDER_RECORD:
		MATCH_EACH(struct text, equal_record);
		return;
	case ORDER_JSONB:
		MATCH_EACH(struct text, equal_jsonb);
		return;
	case ORDER_STR:
		MATCH_EACH(struct text, equal_str);
		return;
	}
	UNREACHABLE();
}

void rowstore_match(const struct rowlayout *l, uint8_t *const *rows, const struct view *keys, uint32_t n_keys,
					const uint32_t *sel, uint32_t n, bool nulls_equal, uint8_t *eq)
{
	memset(eq, 1, n);
	for (uint32_t k = 0; k < n_keys; k++) {
		struct match m = {rows, &keys[k], sel, n, l->offsets[k]};
		for (uint32_t i = 0; i < n; i++) {
			bool stored = row_is_null(l, rows[i], k);
			bool given = keys[k].valid && view_is_null(&keys[k], sel ? sel[i] : i);
			/* two NULLs compare as the zero values beneath them: equal */
			if (stored != given || (stored && !nulls_equal))
				eq[i] = 0;
		}
		match_values(l->types[k], &m, eq);
	}
}
