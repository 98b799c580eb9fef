/*
 * Partitions of spilled rows: a block of rows is distributed by bits of their hashes, each partition's part is
 * written as blocks of its run. See spill.h.
 */
#include "engine/vector/spill.h"

#include <stdlib.h>

#define PIECE 16384 /* rows distributed at a time */

static uint64_t row_hash(const uint8_t *row, uint32_t at)
{
	uint64_t hash;

	memcpy(&hash, row + at, sizeof hash);
	return hash;
}

/* out: rows by partition; offsets[p] … offsets[p + 1]. */
static void distribute(uint32_t hash_at, uint32_t level, uint8_t *const *rows, uint32_t n, uint8_t **out,
					   uint32_t *offsets)
{
	uint32_t at[SPILL_PARTS];

	memset(offsets, 0, (SPILL_PARTS + 1) * sizeof *offsets);
	for (uint32_t i = 0; i < n; i++)
		offsets[spill_partition(row_hash(rows[i], hash_at), level) + 1]++;
	for (uint32_t p = 0; p < SPILL_PARTS; p++) {
		offsets[p + 1] += offsets[p];
		at[p] = offsets[p];
	}
	for (uint32_t i = 0; i < n; i++)
		out[at[spill_partition(row_hash(rows[i], hash_at), level)]++] = rows[i];
}

bool spill_write_parts(struct spill_file *f, struct spill_parts *p, const struct rowlayout *l, uint32_t hash_at,
					   uint32_t level, uint8_t *const *rows, uint32_t n, struct err *e)
{
	uint8_t **sorted = malloc((n < PIECE ? n : PIECE) * sizeof *sorted + 8); /* of bounded size: not accounted */
	uint32_t offsets[SPILL_PARTS + 1];
	bool ok = true;

	ASSERT(sorted);
	for (uint32_t at = 0; ok && at < n; at += PIECE) {
		distribute(hash_at, level, rows + at, n - at < PIECE ? n - at : PIECE, sorted, offsets);
		for (uint32_t i = 0; ok && i < SPILL_PARTS; i++)
			ok = spill_write(f, &p->runs[i], l, sorted + offsets[i], offsets[i + 1] - offsets[i], e);
	}
	free(sorted);
	return ok;
}

bool spill_store_parts(struct spill_file *f, struct spill_parts *p, const struct rowlayout *l, uint32_t hash_at,
					   uint32_t level, const struct rowstore *rs, struct err *e)
{
	struct rowcursor cursor = {0, 0};
	uint64_t left = rowstore_rows(rs);
	uint32_t max = left < PIECE ? (uint32_t)left : PIECE, n;
	uint8_t **rows = malloc(max * sizeof *rows + 8);
	bool ok = true;

	ASSERT(rows);
	while (ok && (n = rowstore_scan(rs, &cursor, rows, max)) != 0)
		ok = spill_write_parts(f, p, l, hash_at, level, rows, n, e);
	free(rows);
	return ok;
}

bool spill_parts_join(struct spill_file *f, struct spill_parts *into, struct spill_parts *from, struct err *e)
{
	bool ok = true;

	for (uint32_t i = 0; ok && i < SPILL_PARTS; i++)
		ok = spill_run_join(f, &into->runs[i], &from->runs[i], e);
	return ok;
}

void spill_parts_clear(struct spill_file *f, struct spill_parts *p)
{
	for (uint32_t i = 0; i < SPILL_PARTS; i++)
		spill_run_clear(f, &p->runs[i]);
}

bool spill_split(struct spill_file *f, struct spill_run *run, const struct rowlayout *l, uint32_t hash_at, uint32_t level,
				 struct spill_parts *out, struct err *e)
{
	struct rowstore *store = rowstore_new(spill_file_mem(f), l);
	struct spill_reader r;
	uint8_t *base, *rows[1024], *copies[1024];
	uint32_t n;
	bool ok = true;

	/* rows gather in a store first: blocks of a partition would be tiny otherwise */
	spill_reader_open(&r, f, run, l);
	while (ok && (ok = spill_read(&r, &base, &n, e)) && n) {
		for (uint32_t at = 0; ok && at < n; at += ARRAY_LEN(rows)) {
			uint32_t k = n - at < ARRAY_LEN(rows) ? n - at : ARRAY_LEN(rows);
			for (uint32_t i = 0; i < k; i++)
				rows[i] = base + (size_t)(at + i) * l->width;
			ok = rowstore_append_rows(store, rows, k, copies, e);
		}
		if (ok && rowstore_bytes(store) > 8 * spill_file_block(f)) {
			ok = spill_store_parts(f, out, l, hash_at, level, store, e);
			rowstore_free(store);
			store = rowstore_new(spill_file_mem(f), l);
		}
	}
	ok = ok && spill_store_parts(f, out, l, hash_at, level, store, e);
	rowstore_free(store);
	spill_reader_close(&r);
	spill_run_clear(f, run);
	return ok;
}
