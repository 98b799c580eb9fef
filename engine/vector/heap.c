/*
 * Heaps: where the long texts of vectors and row stores live. A heap is a counted list of chunks that
 * grow from 4 KiB to 256 KiB, plus references to other heaps whose texts its owner's views point into.
 *
 * Invariants: bytes once handed out never move; chunks are charged to the heap's mem and given back
 * when the last reference goes. Counting is atomic; allocating and adopting are for one thread.
 */
#include "engine/vector/vec_int.h"

#include <stdlib.h>

#define CHUNK_FIRST ((size_t)4096)
#define CHUNK_MAX ((size_t)256 * 1024)
/* How many of the newest adopted heaps are looked at before adopting one again. */
#define ADOPT_LOOK 8

struct heap_chunk {
	struct heap_chunk *next;
	size_t size; /* bytes of data */
	char data[];
};

struct heap {
	struct mem *mem;
	int refs;                  /* atomic */
	struct heap_chunk *chunks; /* newest first; the first one is being filled */
	size_t used;               /* of chunks->data */
	size_t bytes;              /* reserved by this heap */
	struct heap **kept;        /* adopted heaps */
	uint32_t nkept, capkept;
	struct heap *next_dead;    /* while being freed */
};

struct heap *heap_new(struct mem *m)
{
	struct heap *h = calloc(1, sizeof *h);
	ASSERT(h);
	h->mem = m;
	h->refs = 1;
	return h;
}

struct heap *heap_ref(struct heap *h)
{
	if (h)
		__atomic_add_fetch(&h->refs, 1, __ATOMIC_RELAXED);
	return h;
}

static bool was_last_ref(struct heap *h)
{
	return __atomic_sub_fetch(&h->refs, 1, __ATOMIC_ACQ_REL) == 0;
}

/* Without recursion: adopting may have made a long chain. */
void heap_unref(struct heap *h)
{
	struct heap *dead = NULL;

	if (h && was_last_ref(h)) {
		h->next_dead = NULL;
		dead = h;
	}
	while (dead) {
		h = dead;
		dead = h->next_dead;
		for (uint32_t i = 0; i < h->nkept; i++)
			if (was_last_ref(h->kept[i])) {
				h->kept[i]->next_dead = dead;
				dead = h->kept[i];
			}
		while (h->chunks) {
			struct heap_chunk *next = h->chunks->next;
			free(h->chunks);
			h->chunks = next;
		}
		if (h->bytes)
			mem_release(h->mem, h->bytes);
		free(h->kept);
		free(h);
	}
}

static size_t next_chunk_size(const struct heap *h, size_t len)
{
	size_t size = h->chunks ? h->chunks->size * 2 : CHUNK_FIRST;
	if (size > CHUNK_MAX)
		size = CHUNK_MAX;
	return size < len ? len : size;
}

char *heap_alloc(struct heap *h, size_t len, struct err *e)
{
	struct heap_chunk *c = h->chunks;
	size_t size, total;
	char *p;

	if (c && c->size - h->used >= len) {
		p = c->data + h->used;
		h->used += len;
		return p;
	}
	size = next_chunk_size(h, len);
	total = sizeof *c + size;
	if (!mem_reserve(h->mem, total, e))
		return NULL;
	c = malloc(total);
	ASSERT(c);
	h->bytes += total;
	c->size = size;
	if (h->chunks && len >= CHUNK_MAX && h->chunks->size - h->used > CHUNK_FIRST) {
		/* a text with a chunk of its own goes behind the one that still has room */
		c->next = h->chunks->next;
		h->chunks->next = c;
		return c->data;
	}
	c->next = h->chunks;
	h->chunks = c;
	h->used = len;
	return c->data;
}

void heap_adopt(struct heap *h, struct heap *other)
{
	if (!other || other == h || (!other->chunks && !other->nkept))
		return;
	for (uint32_t i = 0; i < h->nkept && i < ADOPT_LOOK; i++)
		if (h->kept[h->nkept - 1 - i] == other)
			return;
	if (h->nkept == h->capkept) {
		h->capkept = h->capkept ? h->capkept * 2 : 4;
		h->kept = realloc(h->kept, h->capkept * sizeof(struct heap *));
		ASSERT(h->kept);
	}
	h->kept[h->nkept++] = heap_ref(other);
}

bool heap_add(struct heap *h, const char *data, size_t len, struct text *out, struct err *e)
{
	char *copy;

	if (len <= TEXT_INLINE) {
		*out = text_make(data, len);
		return true;
	}
	if (len > UINT32_MAX / 4)
		return err_set(e, ERR_PROGRAM_LIMIT, "text of %zu bytes is too long", len);
	copy = heap_alloc(h, len, e);
	if (!copy)
		return false;
	memcpy(copy, data, len);
	*out = text_make(copy, len);
	return true;
}

size_t heap_bytes(const struct heap *h)
{
	size_t bytes = h->bytes;
	for (uint32_t i = 0; i < h->nkept; i++)
		bytes += h->kept[i]->bytes;
	return bytes;
}
