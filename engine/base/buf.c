/*
 * Shared, counted buffers of data-sized memory: header and bytes in one 64-byte aligned allocation,
 * charged to the owner until the last reference goes. May be unreferenced from any thread.
 */
#include <stdlib.h>

#include "engine/base/log.h"
#include "engine/base/mem.h"

#define BUF_ALIGN ((size_t)64)
_Static_assert(sizeof(struct buf) <= 64, "the header fits before the first aligned byte");

static size_t buf_footprint(size_t size)
{
	return BUF_ALIGN + (size + BUF_ALIGN - 1) / BUF_ALIGN * BUF_ALIGN;
}

struct buf *buf_new(struct mem *m, size_t size, struct err *e)
{
	struct buf *b;

	if (size > SIZE_MAX / 2) {
		err_set(e, ERR_OUT_OF_MEMORY, "out of memory: a buffer of %zu bytes", size);
		return NULL;
	}
	if (!mem_reserve(m, buf_footprint(size), e))
		return NULL;
	b = aligned_alloc(BUF_ALIGN, buf_footprint(size));
	if (!b) {
		log_message(LOG_ERROR, "out of memory: the system refused a buffer of %zu bytes", size);
		abort();
	}
	b->owner = m;
	b->size = size;
	b->data = (unsigned char *)b + BUF_ALIGN;
	__atomic_store_n(&b->refs, 1, __ATOMIC_RELAXED);
	return b;
}

struct buf *buf_ref(struct buf *b)
{
	if (b)
		__atomic_fetch_add(&b->refs, 1, __ATOMIC_RELAXED);
	return b;
}

void buf_unref(struct buf *b)
{
	if (!b || __atomic_fetch_sub(&b->refs, 1, __ATOMIC_ACQ_REL) != 1)
		return;
	mem_release(b->owner, buf_footprint(b->size));
	free(b);
}
