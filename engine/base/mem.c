/*
 * The memory tree: nodes, their arenas, accounts, cleanups and children. Shared buffers stand in buf.c.
 *
 * Account of a node: `used` counts the bytes asked of it, by its own users and as grants to its
 * children. A node below the root has `granted` bytes from its parent, taken in steps (STEP), so that
 * the nodes near the root, which all threads share, are touched rarely. Invariant at rest:
 * used <= granted, and the parent's used includes granted. A step that the parent refuses is retried
 * with the exact need, so a limit smaller than a step works too.
 *
 * Arena memory is charged even beyond a limit; that sets the sticky `over` of every node from the one
 * that allocated up to the one whose limit was passed, except sessions and the process, which live
 * on after the query that was too greedy.
 */
#include <stdatomic.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/log.h"
#include "engine/base/mem.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#define RED_ZONE ((size_t)16) /* unusable bytes behind each arena object */
#else
#define POISON(p, n) ((void)0)
#define UNPOISON(p, n) ((void)0)
#define RED_ZONE ((size_t)0)
#endif

#define STEP_SMALL ((size_t)64 << 10) /* grants while a node is small */
#define STEP ((size_t)1 << 20)
#define BLOCK_FIRST ((size_t)1 << 10)
#define BLOCK_MAX ((size_t)64 << 10)
#define ALIGNMENT ((size_t)16)

struct block {
	struct block *next;
	size_t size; /* with this header; what was charged */
};
_Static_assert(sizeof(struct block) % 16 == 0, "arena objects are 16-byte aligned");

struct cleanup {
	struct cleanup *next;
	void (*fn)(void *);
	void *arg;
};

struct mem {
	struct mem *parent;
	struct mem *newer, *older; /* siblings; guarded by parent->lock */
	struct mem *newest;        /* children; guarded by lock */
	pthread_mutex_t lock;
	enum memtag tag;
	char *label;
	_Atomic size_t limit; /* SIZE_MAX: none */
	_Atomic size_t used, granted, peak;
	_Atomic bool over;
	/* the arena and the cleanups: one thread at a time */
	struct block *blocks;
	char *next, *end; /* free room in the newest ordinary block */
	size_t block_size;
	struct cleanup *cleanups; /* newest first */
};

static const char *const tag_texts[MEMTAG_COUNT] = {
#define MEMTAG(name, text) [MEM_##name] = text,
#include "engine/base/memtags.def"
#undef MEMTAG
};

const char *memtag_text(enum memtag tag)
{
	return tag_texts[tag];
}

static void *must_malloc(size_t size)
{
	void *p = malloc(size);
	if (!p) {
		log_message(LOG_ERROR, "out of memory: the system refused %zu bytes", size);
		abort();
	}
	return p;
}

struct mem *mem_new(struct mem *parent, enum memtag tag, const char *label, size_t limit)
{
	struct mem *m = must_malloc(sizeof *m);
	size_t len = strlen(label) + 1;

	memset(m, 0, sizeof *m);
	m->parent = parent;
	m->tag = tag;
	m->label = memcpy(must_malloc(len), label, len);
	atomic_init(&m->limit, limit ? limit : SIZE_MAX);
	m->block_size = BLOCK_FIRST;
	pthread_mutex_init(&m->lock, NULL);
	if (parent) {
		pthread_mutex_lock(&parent->lock);
		m->older = parent->newest;
		if (parent->newest)
			parent->newest->newer = m;
		parent->newest = m;
		pthread_mutex_unlock(&parent->lock);
	}
	return m;
}

/* ---- accounts ---- */

static void raise_peak(struct mem *m, size_t now)
{
	size_t peak = atomic_load_explicit(&m->peak, memory_order_relaxed);
	while (now > peak
		   && !atomic_compare_exchange_weak_explicit(&m->peak, &peak, now, memory_order_relaxed,
													 memory_order_relaxed))
		;
}

static size_t round_up(size_t n, size_t step)
{
	return n > SIZE_MAX - step ? n : (n + step - 1) / step * step;
}

static size_t grant_step(size_t size)
{
	return size < STEP ? STEP_SMALL : STEP;
}

/* Marks the nodes from m up to `limited` as gone over their limit. */
static void set_over(struct mem *m, const struct mem *limited)
{
	for (;; m = m->parent) {
		if (m->tag != MEM_PROCESS && m->tag != MEM_SESSION)
			atomic_store_explicit(&m->over, true, memory_order_relaxed);
		if (m == limited)
			return;
	}
}

/*
 * Adds bytes to m's account and takes what is missing from its parent. Returns the node whose limit
 * stands against it, else NULL. With force it is charged all the same, and `limited` returned.
 */
static struct mem *charge(struct mem *m, size_t bytes, bool force)
{
	struct mem *limited = NULL, *above;
	size_t used = atomic_load_explicit(&m->used, memory_order_relaxed), now, granted, want;

	do {
		size_t limit = atomic_load_explicit(&m->limit, memory_order_relaxed);
		if (bytes > limit || used > limit - bytes) {
			if (!force || bytes > SIZE_MAX - used)
				return m;
			limited = m;
		}
		now = used + bytes;
	} while (!atomic_compare_exchange_weak_explicit(&m->used, &used, now, memory_order_relaxed,
													memory_order_relaxed));
	granted = atomic_load_explicit(&m->granted, memory_order_relaxed);
	while (m->parent && now > granted) {
		want = round_up(now, grant_step(now)) - granted;
		above = charge(m->parent, want, false);
		if (above && want > now - granted) {
			want = now - granted;
			above = charge(m->parent, want, false);
		}
		if (above && force) {
			limited = above;
			charge(m->parent, want, true);
		} else if (above) {
			atomic_fetch_sub_explicit(&m->used, bytes, memory_order_relaxed);
			return above;
		}
		/* another thread may have fetched a grant meanwhile: both are kept, as both were charged */
		granted = atomic_fetch_add_explicit(&m->granted, want, memory_order_relaxed) + want;
	}
	raise_peak(m, now);
	return limited;
}

/* Gives grants back to the parent when there is clearly more than needed. */
static void shrink(struct mem *m, bool all)
{
	size_t granted = atomic_load_explicit(&m->granted, memory_order_relaxed), used, keep;

	if (!m->parent)
		return;
	do {
		used = atomic_load_explicit(&m->used, memory_order_relaxed);
		keep = all ? used : round_up(used, grant_step(used));
		if (keep >= granted || (!all && granted - keep < grant_step(granted)))
			return;
	} while (!atomic_compare_exchange_weak_explicit(&m->granted, &granted, keep, memory_order_relaxed,
													memory_order_relaxed));
	mem_release(m->parent, granted - keep);
	/* a reservation that slipped in between counted on the old grant */
	used = atomic_load_explicit(&m->used, memory_order_relaxed);
	granted = atomic_load_explicit(&m->granted, memory_order_relaxed);
	if (used > granted) {
		size_t missing = used - granted;
		charge(m->parent, missing, true);
		atomic_fetch_add_explicit(&m->granted, missing, memory_order_relaxed);
	}
}

void mem_release(struct mem *m, size_t bytes)
{
	size_t before = atomic_fetch_sub_explicit(&m->used, bytes, memory_order_relaxed);
	ASSERT(before >= bytes);
	(void)before;
	shrink(m, false);
}

static bool over_limit(struct mem *limited, struct err *e)
{
	size_t limit = atomic_load_explicit(&limited->limit, memory_order_relaxed);

	err_set(e, ERR_OUT_OF_MEMORY, "out of memory: the limit of %zu kB for %s \"%s\" is reached",
			limit >> 10, tag_texts[limited->tag], limited->label);
	if (limited->tag == MEM_QUERY)
		err_hint(e, "Raise it with SET memory_limit, or ask for less data.");
	return false;
}

bool mem_reserve(struct mem *m, size_t bytes, struct err *e)
{
	struct mem *limited = charge(m, bytes, false);
	return !limited || over_limit(limited, e);
}

bool mem_check(struct mem *m, struct err *e)
{
	for (; m; m = m->parent) {
		struct mem *limited = m;
		if (!atomic_load_explicit(&m->over, memory_order_relaxed))
			continue;
		/* name the node that has the limit rather than one that merely is below it */
		while (atomic_load_explicit(&limited->limit, memory_order_relaxed) == SIZE_MAX
			   && limited->parent)
			limited = limited->parent;
		return over_limit(limited, e);
	}
	return true;
}

size_t mem_available(const struct mem *m)
{
	size_t room = SIZE_MAX, slack = 0; /* slack: granted to the nodes below, but not used */

	for (; m; m = m->parent) {
		size_t limit = atomic_load_explicit(&m->limit, memory_order_relaxed);
		size_t used = atomic_load_explicit(&m->used, memory_order_relaxed);
		size_t granted = atomic_load_explicit(&m->granted, memory_order_relaxed);
		if (limit != SIZE_MAX) {
			size_t here = (limit > used ? limit - used : 0) + slack;
			room = here < room ? here : room;
		}
		slack += granted > used ? granted - used : 0;
	}
	return room;
}

/* Bytes in use by m and its children without the unused parts of grants. */
static size_t exact_used(struct mem *m)
{
	size_t used = atomic_load_explicit(&m->used, memory_order_relaxed);

	pthread_mutex_lock(&m->lock);
	for (struct mem *c = m->newest; c; c = c->older) {
		size_t granted = atomic_load_explicit(&c->granted, memory_order_relaxed);
		size_t exact = exact_used(c);
		size_t slack = granted > exact ? granted - exact : 0;
		used -= slack < used ? slack : used;
	}
	pthread_mutex_unlock(&m->lock);
	return used;
}

void mem_stats(const struct mem *m, struct mem_stats *out)
{
	size_t limit = atomic_load_explicit(&m->limit, memory_order_relaxed);

	out->used = exact_used((struct mem *)m);
	out->peak = atomic_load_explicit(&m->peak, memory_order_relaxed);
	out->limit = limit == SIZE_MAX ? 0 : limit;
	out->tag = m->tag;
	out->label = m->label;
}

void mem_set_limit(struct mem *m, size_t limit)
{
	atomic_store_explicit(&m->limit, limit ? limit : SIZE_MAX, memory_order_relaxed);
}

struct mem *mem_parent(const struct mem *m)
{
	return m->parent;
}

/* ---- the arena ---- */

static struct block *new_block(struct mem *m, size_t size)
{
	struct block *b = must_malloc(size);
	struct mem *limited = charge(m, size, true);

	if (UNLIKELY(limited != NULL))
		set_over(m, limited);
	b->size = size;
	b->next = m->blocks;
	m->blocks = b;
	return b;
}

void *mem_alloc(struct mem *m, size_t size)
{
	char *p;

	if (size > SIZE_MAX / 2) {
		log_message(LOG_ERROR, "out of memory: %zu bytes of plan memory asked for", size);
		abort();
	}
	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	if ((size_t)(m->end - m->next) < size + RED_ZONE) {
		size_t need = sizeof(struct block) + size + RED_ZONE;
		if (need > m->block_size / 2 && m->blocks)
			/* a block of its own; the room left in the ordinary one stays in use */
			return memset((char *)new_block(m, need) + sizeof(struct block), 0, size);
		while (m->block_size < need)
			m->block_size *= 2;
		p = (char *)new_block(m, m->block_size);
		m->next = p + sizeof(struct block);
		m->end = p + m->block_size;
		POISON(m->next, (size_t)(m->end - m->next));
		if (m->block_size < BLOCK_MAX)
			m->block_size *= 2;
		else
			m->block_size = BLOCK_MAX;
	}
	p = m->next;
	m->next += size + RED_ZONE;
	UNPOISON(p, size);
	return memset(p, 0, size);
}

char *mem_strdup(struct mem *m, const char *s)
{
	return s ? mem_strndup(m, s, strlen(s)) : NULL;
}

char *mem_strndup(struct mem *m, const char *s, size_t len)
{
	char *p = mem_alloc(m, len + 1);
	if (len)
		memcpy(p, s, len);
	return p;
}

void *mem_dup(struct mem *m, const void *data, size_t len)
{
	void *p = mem_alloc(m, len);
	if (len)
		memcpy(p, data, len);
	return p;
}

char *mem_printf(struct mem *m, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return mem_strdup(m, "");
	p = mem_alloc(m, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void *mem_grow(struct mem *m, void *array, size_t elem_size, size_t count, size_t *cap)
{
	void *p;

	if (count < *cap)
		return array;
	*cap = *cap ? *cap * 2 : 4;
	if (*cap <= count)
		*cap = count + 1;
	p = mem_alloc(m, *cap * elem_size);
	if (count)
		memcpy(p, array, count * elem_size);
	return p;
}

/* ---- the end ---- */

void mem_on_free(struct mem *m, void (*fn)(void *), void *arg)
{
	struct cleanup *c = mem_new_object(m, struct cleanup);
	c->fn = fn;
	c->arg = arg;
	c->next = m->cleanups;
	m->cleanups = c;
}

static void free_contents(struct mem *m)
{
	struct mem *child;

	for (;;) {
		pthread_mutex_lock(&m->lock);
		child = m->newest;
		pthread_mutex_unlock(&m->lock);
		if (!child)
			break;
		mem_free(child);
	}
	while (m->cleanups) {
		struct cleanup *c = m->cleanups;
		m->cleanups = c->next;
		c->fn(c->arg);
	}
	while (m->blocks) {
		struct block *b = m->blocks;
		m->blocks = b->next;
		UNPOISON(b, b->size);
		free(b);
	}
	m->next = m->end = NULL;
	m->block_size = BLOCK_FIRST;
	atomic_store_explicit(&m->used, 0, memory_order_relaxed);
	atomic_store_explicit(&m->over, false, memory_order_relaxed);
	shrink(m, true);
}

void mem_reset(struct mem *m)
{
	free_contents(m);
	atomic_store_explicit(&m->peak, 0, memory_order_relaxed);
}

void mem_free(struct mem *m)
{
	struct mem *parent;

	if (!m)
		return;
	free_contents(m);
	parent = m->parent;
	if (parent) {
		pthread_mutex_lock(&parent->lock);
		if (m->newer)
			m->newer->older = m->older;
		else
			parent->newest = m->older;
		if (m->older)
			m->older->newer = m->newer;
		pthread_mutex_unlock(&parent->lock);
	}
	pthread_mutex_destroy(&m->lock);
	free(m->label);
	free(m);
}
