/*
 * Prefixes, comparison, and a stable merge sort of entries: runs by insertion, then merges between two
 * arrays. See sort_rows.h.
 */
#include "engine/execute/sort_rows.h"
#include "engine/kernel/compare.h"
#include "engine/kernel/order.h"

#include <math.h>

#define RUN 12

static uint64_t signed_key(int64_t x) { return (uint64_t)x ^ (UINT64_C(1) << 63); }

/* Order-preserving bits of a double, NaN largest, -0 = 0. */
static uint64_t double_key(double d)
{
	uint64_t bits;

	if (isnan(d))
		return UINT64_MAX;
	d += 0.0;
	memcpy(&bits, &d, sizeof bits);
	return bits >> 63 ? ~bits : bits | (UINT64_C(1) << 63);
}

static uint64_t text_key(const struct text *t)
{
	const char *data = text_data(t);
	uint8_t bytes[8] = {0};
	uint64_t key;

	memcpy(bytes, data, t->len < 8 ? t->len : 8);
	memcpy(&key, bytes, 8);
	return __builtin_bswap64(key);
}

/* 64 bits whose order never contradicts the values'; equal bits decide nothing. */
static uint64_t value_key(struct type t, const void *slot)
{
	switch (type_phys(t)) {
	case PHYS_BOOL:
		return *(const uint8_t *)slot;
	case PHYS_I32:
		return signed_key(*(const int32_t *)slot);
	case PHYS_I64:
		return signed_key(*(const int64_t *)slot);
	case PHYS_I128: {
		int128 x;
		memcpy(&x, slot, sizeof x);
		if (t.id == TYPE_UUID)
			return signed_key((int64_t)(x >> 64));
		/* decimals are mostly small: saturate */
		return signed_key(x > INT64_MAX ? INT64_MAX : x < INT64_MIN ? INT64_MIN : (int64_t)x);
	}
	case PHYS_F64:
		return double_key(*(const double *)slot);
	case PHYS_STR:
		return order_class(t) == ORDER_STR ? text_key(slot) : 0;
	case PHYS_NUM:
	case PHYS_INTERVAL:
		return 0;
	case PHYS_COUNT:
		break;
	}
	UNREACHABLE();
}

uint64_t sort_prefix(const struct row_order *o, const uint8_t *row)
{
	const struct row_key *k = &o->keys[0];
	uint64_t key;

	if (!o->nkeys)
		return 0;
	if (row_is_null(o->layout, row, k->column))
		return k->nulls_first ? 0 : UINT64_MAX;
	key = value_key(o->layout->types[k->column], row_slot(o->layout, row, k->column));
	if (k->descending)
		key = ~key;
	key >>= 1; /* room for NULLs on either side */
	return k->nulls_first ? key | (UINT64_C(1) << 63) : key;
}

int sort_compare(const struct row_order *o, const struct sort_entry *a, const struct sort_entry *b)
{
	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	for (uint32_t i = 0; i < o->nkeys; i++) {
		const struct row_key *k = &o->keys[i];
		bool x = row_is_null(o->layout, a->row, k->column), y = row_is_null(o->layout, b->row, k->column);
		int c;

		if (x && y)
			continue;
		if (x || y)
			return x == k->nulls_first ? -1 : 1;
		c = kernel_compare_value(o->layout->types[k->column], row_slot(o->layout, a->row, k->column),
								 row_slot(o->layout, b->row, k->column));
		if (c)
			return k->descending ? -c : c;
	}
	return 0;
}

static bool after(const struct row_order *o, const struct sort_entry *a, const struct sort_entry *b)
{
	return a->prefix != b->prefix ? a->prefix > b->prefix : sort_compare(o, a, b) > 0;
}

static void insertion(const struct row_order *o, struct sort_entry *e, uint64_t n)
{
	for (uint64_t i = 1; i < n; i++) {
		struct sort_entry x = e[i];
		uint64_t k = i;
		for (; k > 0 && after(o, &e[k - 1], &x); k--)
			e[k] = e[k - 1];
		e[k] = x;
	}
}

static void merge(const struct row_order *o, const struct sort_entry *a, uint64_t na, const struct sort_entry *b,
				  uint64_t nb, struct sort_entry *out)
{
	while (na && nb) {
		if (after(o, a, b)) {
			*out++ = *b++;
			nb--;
		} else {
			*out++ = *a++;
			na--;
		}
	}
	memcpy(out, na ? a : b, (na + nb) * sizeof *out);
}

void sort_entries(const struct row_order *o, struct sort_entry *entries, struct sort_entry *scratch, uint64_t n)
{
	struct sort_entry *from = entries, *to = scratch;

	for (uint64_t at = 0; at < n; at += RUN)
		insertion(o, entries + at, n - at < RUN ? n - at : RUN);
	for (uint64_t width = RUN; width < n; width *= 2) {
		struct sort_entry *swap = from;
		for (uint64_t at = 0; at < n; at += 2 * width) {
			uint64_t na = n - at < width ? n - at : width;
			uint64_t nb = n - at - na < width ? n - at - na : width;
			if (nb && !after(o, &from[at + na - 1], &from[at + na])) { /* in order already */
				memcpy(&to[at], &from[at], (na + nb) * sizeof *to);
				continue;
			}
			merge(o, from + at, na, from + at + na, nb, to + at);
		}
		from = to;
		to = swap;
	}
	if (from != entries)
		memcpy(entries, from, n * sizeof *entries);
}
