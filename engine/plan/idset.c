/*
 * Sets of column ids as bit words in an arena. They only grow; a short set reads as zeros past its end,
 * so sets of different lengths compare without care.
 */
#include "engine/plan/expr.h"

bool idset_has(const struct idset *s, uint32_t id)
{
	return id / 64 < s->nwords && (s->words[id / 64] >> (id % 64) & 1);
}

static void idset_reserve(struct idset *s, uint32_t nwords, struct mem *m)
{
	uint64_t *words;
	uint32_t room = 4;

	if (nwords <= s->nwords)
		return;
	while (room < nwords)
		room *= 2;
	words = mem_new_array(m, uint64_t, room);
	if (s->nwords)
		memcpy(words, s->words, s->nwords * sizeof *words);
	s->words = words;
	s->nwords = room;
}

void idset_add(struct idset *s, uint32_t id, struct mem *m)
{
	idset_reserve(s, id / 64 + 1, m);
	s->words[id / 64] |= UINT64_C(1) << (id % 64);
}

bool idset_covers(const struct idset *whole, const struct idset *part)
{
	for (uint32_t i = 0; i < part->nwords; i++)
		if (part->words[i] & ~(i < whole->nwords ? whole->words[i] : 0))
			return false;
	return true;
}

bool idset_meets(const struct idset *a, const struct idset *b)
{
	uint32_t n = a->nwords < b->nwords ? a->nwords : b->nwords;

	for (uint32_t i = 0; i < n; i++)
		if (a->words[i] & b->words[i])
			return true;
	return false;
}

void idset_add_all(struct idset *s, const struct idset *other, struct mem *m)
{
	idset_reserve(s, other->nwords, m);
	for (uint32_t i = 0; i < other->nwords; i++)
		s->words[i] |= other->words[i];
}

bool idset_is_empty(const struct idset *s)
{
	for (uint32_t i = 0; i < s->nwords; i++)
		if (s->words[i])
			return false;
	return true;
}
