/*
 * Reading column stores: chunks as vectors, zone maps, the summaries that the optimizer estimates by. Also the
 * counting of stores and chunks. Leaves filling chunks to colstore_build.c and their bytes to colspace.c.
 *
 * Invariants: a chunk and a store never change once they are made; a NULL slot is all zero bytes; a dictionary has
 * each value once, and at most one NULL entry.
 */
#include "engine/vector/colstore_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- chunks ---- */

struct chunk *chunk_new(struct colspace *s, uint32_t ncols)
{
	struct chunk *c = calloc(1, sizeof *c + ncols * sizeof *c->cols);

	ASSERT(c);
	c->refs = 1;
	c->space = s;
	c->ncols = ncols;
	return c;
}

void chunk_unref(struct chunk *c)
{
	if (!c || __atomic_sub_fetch(&c->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	for (uint32_t i = 0; i < c->ncols; i++) {
		for (size_t k = 0; k < c->cols[i].nregions; k++)
			region_free(c->space, &c->cols[i].regions[k]);
		free(c->cols[i].regions);
	}
	free(c);
}

void chunk_column_keep(struct chunk_column *c, struct region *r)
{
	if (!r->at)
		return;
	c->regions = realloc(c->regions, (c->nregions + 1) * sizeof *c->regions);
	ASSERT(c->regions);
	c->regions[c->nregions++] = *r;
	memset(r, 0, sizeof *r);
}

size_t chunk_bytes(const struct chunk *c)
{
	size_t n = 0;

	for (uint32_t i = 0; i < c->ncols; i++)
		for (size_t k = 0; k < c->cols[i].nregions; k++)
			n += c->cols[i].regions[k].size;
	return n;
}

/* The bits from `from` on in words of their own. */
static bool shift_bits(const uint64_t *bits, uint32_t from, uint32_t n, struct vec *out, struct mem *m, struct err *e)
{
	uint64_t *to;

	out->valid_buf = buf_new(m, bitmap_words(n ? n : 1) * sizeof *to, e);
	if (!out->valid_buf)
		return false;
	to = (uint64_t *)out->valid_buf->data;
	memset(to, 0, bitmap_words(n ? n : 1) * sizeof *to);
	for (uint32_t i = 0; i < n; i++)
		if (bit_get(bits, from + i))
			bit_set(to, i);
	out->valid = to;
	return true;
}

bool chunk_read(const struct chunk *c, struct type t, uint32_t column, uint32_t from, uint32_t n, struct vec *out,
				struct mem *m, struct err *e)
{
	const struct chunk_column *col = &c->cols[column];

	memset(out, 0, sizeof *out);
	out->type = t;
	out->kind = col->kind;
	switch (col->kind) {
	case VEC_FLAT:
		out->data = (char *)col->data + (size_t)from * phys_size(type_phys(t));
		if (!col->valid)
			return true;
		if (from % 64)
			return shift_bits(col->valid, from, n, out, m, e);
		out->valid = col->valid + from / 64;
		return true;
	case VEC_DICT:
		out->data = col->data;
		out->valid = col->valid;
		out->sel = col->codes + from;
		out->data_buf = buf_ref((struct buf *)&col->values);
		return true;
	case VEC_CONST:
		out->data = col->data;
		out->valid = col->valid;
		return true;
	}
	UNREACHABLE();
}

/* ---- summaries ---- */

void colrange_add(struct colrange *to, const struct colrange *from)
{
	to->nulls += from->nulls;
	if (!from->known)
		return;
	if (!to->known || value_compare(&from->least, &to->least) < 0)
		to->least = from->least;
	if (!to->known || value_compare(&from->greatest, &to->greatest) > 0)
		to->greatest = from->greatest;
	to->known = true;
}

void sketch_add(uint8_t *sketch, const uint64_t *hash, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t bucket = (uint32_t)(hash[i] % SKETCH_BYTES);
		uint64_t rest = hash[i] / SKETCH_BYTES;
		uint8_t rank = (uint8_t)(rest ? __builtin_ctzll(rest) + 1 : 54);

		if (rank > sketch[bucket])
			sketch[bucket] = rank;
	}
}

double sketch_count(const uint8_t *sketch)
{
	const double m = SKETCH_BYTES;
	double sum = 0, estimate;
	uint32_t zeros = 0;

	for (uint32_t i = 0; i < SKETCH_BYTES; i++) {
		sum += 1.0 / (double)(UINT64_C(1) << sketch[i]);
		zeros += sketch[i] == 0;
	}
	estimate = 0.7213 / (1 + 1.079 / m) * m * m / sum;
	if (estimate < 2.5 * m && zeros)
		estimate = m * log(m / zeros);
	return estimate;
}

void sketch_merge(uint8_t *to, const uint8_t *from)
{
	for (uint32_t i = 0; i < SKETCH_BYTES; i++)
		if (from[i] > to[i])
			to[i] = from[i];
}

/* ---- stores ---- */

struct colstore *colstore_new(struct colspace *s, const struct type *types, uint32_t ncols, uint32_t nchunks)
{
	struct colstore *c = calloc(1, sizeof *c);

	ASSERT(c);
	c->refs = 1;
	c->space = s;
	c->ncols = ncols;
	c->nchunks = nchunks;
	c->types = calloc(ncols + 1, sizeof *c->types);
	c->chunks = calloc(nchunks + 1, sizeof(struct chunk *));
	c->summaries = calloc(ncols + 1, sizeof *c->summaries);
	ASSERT(c->types && c->chunks && c->summaries);
	if (ncols)
		memcpy(c->types, types, ncols * sizeof *types);
	return c;
}

void colstore_sum_up(struct colstore *s)
{
	s->rows = 0;
	for (uint32_t i = 0; i < s->nchunks; i++) {
		s->rows += s->chunks[i]->rows;
		for (uint32_t c = 0; c < s->ncols; c++) {
			colrange_add(&s->summaries[c].range, &s->chunks[i]->cols[c].range);
			s->summaries[c].text_bytes += s->chunks[i]->cols[c].text_bytes;
		}
	}
}

struct colstore *colstore_ref(struct colstore *s)
{
	if (s)
		__atomic_add_fetch(&s->refs, 1, __ATOMIC_RELAXED);
	return s;
}

void colstore_unref(struct colstore *s)
{
	if (!s || __atomic_sub_fetch(&s->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	for (uint32_t i = 0; i < s->nchunks; i++)
		chunk_unref(s->chunks[i]);
	free(s->chunks);
	free(s->types);
	free(s->summaries);
	free(s);
}

uint64_t colstore_rows(const struct colstore *s) { return s->rows; }
uint32_t colstore_columns(const struct colstore *s) { return s->ncols; }
struct type colstore_type(const struct colstore *s, uint32_t column) { return s->types[column]; }
uint32_t colstore_chunks(const struct colstore *s) { return s->nchunks; }
uint32_t colstore_chunk_rows(const struct colstore *s, uint32_t chunk) { return s->chunks[chunk]->rows; }

const struct colrange *colstore_chunk_range(const struct colstore *s, uint32_t chunk, uint32_t column)
{
	return &s->chunks[chunk]->cols[column].range;
}

const struct colrange *colstore_range(const struct colstore *s, uint32_t column) { return &s->summaries[column].range; }

double colstore_distinct(const struct colstore *s, uint32_t column)
{
	double n = sketch_count(s->summaries[column].sketch), most = (double)(s->rows - s->summaries[column].range.nulls);

	return n > most ? most : n;
}

double colstore_width(const struct colstore *s, uint32_t column)
{
	enum phys p = type_phys(s->types[column]);

	if (p != PHYS_STR)
		return (double)phys_size(p);
	return s->rows ? s->summaries[column].text_bytes / (double)s->rows : 0;
}

size_t colstore_bytes(const struct colstore *s)
{
	size_t n = 0;

	for (uint32_t i = 0; i < s->nchunks; i++)
		n += chunk_bytes(s->chunks[i]);
	return n;
}

bool colstore_read(const struct colstore *s, uint32_t chunk, uint32_t column, uint32_t from, uint32_t n,
				   struct vec *out, struct mem *m, struct err *e)
{
	ASSERT(from + n <= s->chunks[chunk]->rows);
	return chunk_read(s->chunks[chunk], s->types[column], column, from, n, out, m, e);
}
