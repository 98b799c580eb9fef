/*
 * The memory tree: process → session → query → operator. A node owns
 *  - an arena of plan-sized memory (syntax trees, plans, names, operator state headers), and
 *  - an account of data-sized memory (batches, hash tables, row stores, fetch buffers),
 * both counted against the node's and all its ancestors' limits, and a list of cleanups.
 *
 * Plan-sized memory (mem_alloc) never returns NULL; going over a limit sets a sticky flag that
 * phases test with mem_check. Data-sized memory must be reserved first (mem_reserve), which may say
 * no: then the caller spills or fails with 53200. A real malloc failure logs and aborts.
 *
 * Threads: reserve/release/cancel and creating children are thread-safe. The arena (mem_alloc and
 * friends) of one node is used by one thread at a time. mem_free/mem_reset want no other user of
 * the subtree.
 */
#ifndef HOPLUU_BASE_MEM_H
#define HOPLUU_BASE_MEM_H

#include <stdarg.h>
#include "engine/base/err.h"

enum memtag {
#define MEMTAG(name, text) MEM_##name,
#include "engine/base/memtags.def"
#undef MEMTAG
	MEMTAG_COUNT
};

struct mem;

const char *memtag_text(enum memtag tag); /* "hash table" */

/* A new node under parent (NULL: a root). label is copied. limit in bytes; 0 = only the ancestors'. */
struct mem *mem_new(struct mem *parent, enum memtag tag, const char *label, size_t limit);
/* Frees children (newest first), runs the cleanups newest first, gives back all memory and what is
 * still reserved. NULL is fine. */
void mem_free(struct mem *m);
/* As mem_free, but the node stays usable and keeps its limit. */
void mem_reset(struct mem *m);
void mem_on_free(struct mem *m, void (*fn)(void *), void *arg);

/* Zeroed, aligned to 16, never NULL, valid until the node is reset or freed. */
void *mem_alloc(struct mem *m, size_t size);
#define mem_new_object(m, type) ((type *)mem_alloc((m), sizeof(type)))
#define mem_new_array(m, type, n) ((type *)mem_alloc((m), (size_t)(n) * sizeof(type)))
char *mem_strdup(struct mem *m, const char *s);                  /* NULL gives NULL */
char *mem_strndup(struct mem *m, const char *s, size_t len);     /* adds the final NUL */
void *mem_dup(struct mem *m, const void *data, size_t len);
char *mem_printf(struct mem *m, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Doubles an arena array when *cap is reached: returns the (moved) array; elements are copied. */
void *mem_grow(struct mem *m, void *array, size_t elem_size, size_t count, size_t *cap);
#define MEM_PUSH(m, array, count, cap, value)                                                      \
	((array) = mem_grow((m), (array), sizeof(*(array)), (count), &(cap)), (array)[(count)++] = (value))

/* False with 53200 when plan-sized memory has gone over a limit. */
MUST_CHECK bool mem_check(struct mem *m, struct err *e);

/* Account for data-sized memory that the caller then allocates itself (malloc, buf_new). */
MUST_CHECK bool mem_reserve(struct mem *m, size_t bytes, struct err *e);
void mem_release(struct mem *m, size_t bytes);
/* Room left under the tightest limit among m and its ancestors; SIZE_MAX when there is none. */
size_t mem_available(const struct mem *m);

struct mem_stats {
	size_t used, peak, limit; /* bytes incl. children; limit 0 = none */
	enum memtag tag;
	const char *label; /* borrowed */
};
void mem_stats(const struct mem *m, struct mem_stats *out);
void mem_set_limit(struct mem *m, size_t limit);
struct mem *mem_parent(const struct mem *m);

/* A shared, counted buffer of data-sized memory, 64-byte aligned. The node that it is charged to
 * must outlive it: batches charge the query's node. Counting is atomic. */
struct buf {
	struct mem *owner;
	size_t size;
	int refs; /* atomic */
	unsigned char *data;
};
/* NULL with 53200 when the reservation is refused. Contents are undefined. */
MUST_CHECK struct buf *buf_new(struct mem *m, size_t size, struct err *e);
struct buf *buf_ref(struct buf *b);   /* NULL gives NULL */
void buf_unref(struct buf *b);        /* NULL is fine */

#endif
