/*
 * Files of rows: blocks written at the end of a nameless file, read back one by one. See spill.h.
 *
 * Leaves deciding when and what to spill to the operators, partitions to spill_parts.c. Invariants: a block is
 * [rows of fixed width][long texts], a long text's slot holds its offset in the block; a space's `used` is what its
 * files hold and never more than the limit; buffers for writing are the space's, one set per task that writes.
 */
#define _GNU_SOURCE /* nameless files, holes */
#include "engine/vector/spill.h"
#include "engine/base/hash.h"
#include "engine/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#define BLOCK_MIN ((size_t)8 << 10)
#define BLOCK_MAX ((size_t)256 << 10)
#define COMPRESS_FROM ((size_t)64 << 20) /* budgets that a compressor's memory means nothing to */
#define COMPRESS_LEVEL (-3)

/* One task's buffers while it writes. */
struct writer {
	struct writer *next;
	uint8_t *data, *packed;
	size_t size, packed_size;
	ZSTD_CCtx *zstd;
};
struct spill_space {
	struct mem *mem;
	const char *directory;
	int64_t limit;
	size_t block;
	bool compress;
	uint64_t used;           /* atomic */
	pthread_mutex_t lock;    /* guards the list of idle writers */
	struct writer *idle;
};
struct spill_file {
	struct spill_space *space;
	pthread_mutex_t lock;    /* guards making the file */
	int fd;                  /* atomic; -1 = not made yet */
	uint64_t end;            /* atomic */
	uint64_t used;           /* atomic: of the space's used */
};

struct spill_space *spill_space_new(struct mem *m, const char *directory, int64_t limit, size_t budget)
{
	struct spill_space *s = calloc(1, sizeof *s);

	ASSERT(s);
	s->mem = m;
	s->directory = directory;
	s->limit = limit;
	s->block = budget / 512 < BLOCK_MIN ? BLOCK_MIN : budget / 512 > BLOCK_MAX ? BLOCK_MAX : budget / 512;
	s->compress = budget >= COMPRESS_FROM;
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void spill_space_free(struct spill_space *s)
{
	if (!s)
		return;
	while (s->idle) {
		struct writer *w = s->idle;
		s->idle = w->next;
		mem_release(s->mem, w->size + w->packed_size);
		free(w->data);
		free(w->packed);
		ZSTD_freeCCtx(w->zstd);
		free(w);
	}
	pthread_mutex_destroy(&s->lock);
	free(s);
}

size_t spill_block_size(const struct spill_space *s) { return s->block; }

struct spill_file *spill_file_new(struct spill_space *s)
{
	struct spill_file *f = calloc(1, sizeof *f);

	ASSERT(f);
	f->space = s;
	f->fd = -1;
	pthread_mutex_init(&f->lock, NULL);
	return f;
}

void spill_file_free(struct spill_file *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		close(f->fd);
	__atomic_fetch_sub(&f->space->used, f->used, __ATOMIC_RELAXED);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

uint64_t spill_file_written(const struct spill_file *f) { return __atomic_load_n(&f->end, __ATOMIC_RELAXED); }
size_t spill_file_block(const struct spill_file *f) { return f->space->block; }
struct mem *spill_file_mem(const struct spill_file *f) { return f->space->mem; }

/* ---- the file ---- */

static bool file_error(const struct spill_file *f, const char *what, int error, struct err *e)
{
	const char *directory = f->space->directory;

	if (error != ENOSPC && error != EDQUOT && error != EFBIG)
		return err_set(e, ERR_IO_ERROR, "could not %s a temporary file in \"%s\": %s", what, directory, strerror(error));
	err_set(e, ERR_DISK_FULL, "could not %s a temporary file in \"%s\": %s", what, directory, strerror(error));
	return err_hint(e, "Free disk space, or choose another directory with SET temp_directory.");
}

static int open_nameless(const char *directory)
{
	char path[512];
	int fd = open(directory, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd;
	snprintf(path, sizeof path, "%s/hopluu.XXXXXX", directory); /* a file system without nameless files */
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

static bool file_make(struct spill_file *f, struct err *e)
{
	int fd, error = 0;

	if (__atomic_load_n(&f->fd, __ATOMIC_ACQUIRE) >= 0)
		return true;
	pthread_mutex_lock(&f->lock);
	fd = f->fd;
	if (fd < 0) {
		fd = open_nameless(f->space->directory);
		error = errno;
		__atomic_store_n(&f->fd, fd, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&f->lock);
	return fd >= 0 || file_error(f, "create", error, e);
}

/* Takes bytes of the space; false when that would be more than the limit. */
static bool space_take(struct spill_file *f, uint64_t bytes, struct err *e)
{
	struct spill_space *s = f->space;
	uint64_t used = __atomic_add_fetch(&s->used, bytes, __ATOMIC_RELAXED);

	if (s->limit >= 0 && used > (uint64_t)s->limit) {
		__atomic_fetch_sub(&s->used, bytes, __ATOMIC_RELAXED);
		return err_set(e, ERR_CONFIGURATION_LIMIT, "temporary file size exceeds temp_file_limit (%lldkB)",
					   (long long)(s->limit / 1024));
	}
	__atomic_fetch_add(&f->used, bytes, __ATOMIC_RELAXED);
	return true;
}

static void space_give(struct spill_file *f, uint64_t bytes)
{
	__atomic_fetch_sub(&f->used, bytes, __ATOMIC_RELAXED);
	__atomic_fetch_sub(&f->space->used, bytes, __ATOMIC_RELAXED);
}

static bool write_at(struct spill_file *f, const uint8_t *data, size_t size, uint64_t offset, struct err *e)
{
	while (size) {
		ssize_t n = pwrite(f->fd, data, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return file_error(f, "write to", n < 0 ? errno : ENOSPC, e);
		data += n;
		offset += (uint64_t)n;
		size -= (size_t)n;
	}
	return true;
}

static bool read_at(struct spill_file *f, uint8_t *data, size_t size, uint64_t offset, struct err *e)
{
	while (size) {
		ssize_t n = pread(f->fd, data, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return file_error(f, "read", n < 0 ? errno : EIO, e);
		data += n;
		offset += (uint64_t)n;
		size -= (size_t)n;
	}
	return true;
}

/* ---- writing ---- */

static struct writer *writer_take(struct spill_space *s)
{
	struct writer *w;

	pthread_mutex_lock(&s->lock);
	w = s->idle;
	if (w)
		s->idle = w->next;
	pthread_mutex_unlock(&s->lock);
	if (!w) {
		w = calloc(1, sizeof *w);
		ASSERT(w);
		if (s->compress)
			w->zstd = ZSTD_createCCtx();
	}
	return w;
}

static void writer_give(struct spill_space *s, struct writer *w)
{
	pthread_mutex_lock(&s->lock);
	w->next = s->idle;
	s->idle = w;
	pthread_mutex_unlock(&s->lock);
}

static bool want_bytes(struct mem *m, uint8_t **data, size_t *size, size_t want, struct err *e)
{
	uint8_t *grown;

	if (want <= *size)
		return true;
	if (!mem_reserve(m, want - *size, e))
		return false;
	grown = aligned_alloc(64, (want + 63) & ~(size_t)63);
	ASSERT(grown);
	free(*data);
	*data = grown;
	*size = want;
	return true;
}

static bool is_long(const struct rowlayout *l, const uint8_t *row, uint32_t col)
{
	return type_phys(l->types[col]) == PHYS_STR && ((const struct text *)row_slot(l, row, col))->len > TEXT_INLINE;
}

static size_t row_bytes(const struct rowlayout *l, const uint8_t *row)
{
	size_t bytes = l->width;

	for (uint32_t c = 0; c < l->ncols; c++)
		if (is_long(l, row, c))
			bytes += ((const struct text *)row_slot(l, row, c))->len;
	return bytes;
}

static void pack_rows(const struct rowlayout *l, uint8_t *const *rows, uint32_t n, uint8_t *data)
{
	size_t at = (size_t)n * l->width;

	for (uint32_t i = 0; i < n; i++)
		memcpy(data + (size_t)i * l->width, rows[i], l->width);
	for (uint32_t c = 0; c < l->ncols; c++) {
		if (type_phys(l->types[c]) != PHYS_STR)
			continue;
		for (uint32_t i = 0; i < n; i++) {
			struct text *t = (struct text *)(void *)(data + (size_t)i * l->width + l->offsets[c]);
			if (t->len <= TEXT_INLINE)
				continue;
			memcpy(data + at, text_data(t), t->len);
			memcpy(t->out.ptr, &at, sizeof t->out.ptr);
			at += t->len;
		}
	}
}

static bool add_block(struct spill_file *f, struct spill_run *run, const struct spill_block *b, struct err *e)
{
	if (run->nblocks == run->capacity) {
		uint64_t capacity = run->capacity ? run->capacity * 2 : 16;
		struct spill_block *grown;

		if (!mem_reserve(f->space->mem, (capacity - run->capacity) * sizeof *grown, e))
			return false;
		grown = realloc(run->blocks, capacity * sizeof *grown);
		ASSERT(grown);
		run->blocks = grown;
		run->capacity = capacity;
	}
	run->blocks[run->nblocks++] = *b;
	run->rows += b->rows;
	run->bytes += b->raw_size;
	return true;
}

static bool write_block(struct spill_file *f, struct spill_run *run, struct writer *w, size_t size, uint32_t rows,
						struct err *e)
{
	struct spill_block b = {.size = (uint32_t)size, .raw_size = (uint32_t)size, .rows = rows};
	const uint8_t *from = w->data;

	if (w->zstd) {
		size_t bound = ZSTD_compressBound(size), packed;
		if (!want_bytes(f->space->mem, &w->packed, &w->packed_size, bound, e))
			return false;
		packed = ZSTD_compressCCtx(w->zstd, w->packed, bound, w->data, size, COMPRESS_LEVEL);
		if (!ZSTD_isError(packed) && packed < size - size / 8) {
			b.size = (uint32_t)packed;
			from = w->packed;
		}
	}
	b.checksum = hash_bytes(from, b.size, b.raw_size);
	if (!space_take(f, b.size, e))
		return false;
	b.offset = __atomic_fetch_add(&f->end, b.size, __ATOMIC_RELAXED);
	if (!write_at(f, from, b.size, b.offset, e) || !add_block(f, run, &b, e)) {
		space_give(f, b.size);
		return false;
	}
	return true;
}

static bool write_rows(struct spill_file *f, struct spill_run *run, struct writer *w, const struct rowlayout *l,
					   uint8_t *const *rows, uint32_t n, struct err *e)
{
	bool texts = false;

	for (uint32_t c = 0; c < l->ncols; c++)
		texts |= type_phys(l->types[c]) == PHYS_STR;
	for (uint32_t at = 0; at < n;) {
		uint32_t k = 0;
		size_t size = 0;

		while (at + k < n) {
			size_t bytes = texts ? row_bytes(l, rows[at + k]) : l->width;
			if (k && size + bytes > f->space->block)
				break;
			size += bytes;
			k++;
		}
		if (size > UINT32_MAX / 2)
			return err_set(e, ERR_PROGRAM_LIMIT, "a row of %zu bytes is too long for a temporary file", size);
		if (!want_bytes(f->space->mem, &w->data, &w->size, size < f->space->block ? f->space->block : size, e))
			return false;
		pack_rows(l, rows + at, k, w->data);
		if (!write_block(f, run, w, size, k, e))
			return false;
		at += k;
	}
	return true;
}

bool spill_write(struct spill_file *f, struct spill_run *run, const struct rowlayout *l, uint8_t *const *rows, uint32_t n,
				 struct err *e)
{
	struct writer *w;
	bool ok;

	if (!n)
		return true;
	if (!file_make(f, e))
		return false;
	w = writer_take(f->space);
	ok = write_rows(f, run, w, l, rows, n, e);
	writer_give(f->space, w);
	return ok;
}

bool spill_write_store(struct spill_file *f, struct spill_run *run, const struct rowlayout *l, const struct rowstore *rs,
					   struct err *e)
{
	struct rowcursor cursor = {0, 0};
	uint8_t *rows[4096];
	uint32_t n;

	while ((n = rowstore_scan(rs, &cursor, rows, ARRAY_LEN(rows))) != 0)
		if (!spill_write(f, run, l, rows, n, e))
			return false;
	return true;
}

bool spill_run_join(struct spill_file *f, struct spill_run *into, struct spill_run *from, struct err *e)
{
	for (uint64_t i = 0; i < from->nblocks; i++)
		if (!add_block(f, into, &from->blocks[i], e)) {
			/* the rest stays from's */
			memmove(from->blocks, from->blocks + i, (from->nblocks - i) * sizeof *from->blocks);
			from->nblocks -= i;
			return false;
		}
	free(from->blocks);
	mem_release(f->space->mem, from->capacity * sizeof *from->blocks);
	*from = (struct spill_run){0};
	return true;
}

static void forget_block(struct spill_file *f, const struct spill_block *b)
{
	(void)fallocate(f->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)b->offset, b->size);
	space_give(f, b->size);
}

void spill_run_clear(struct spill_file *f, struct spill_run *run)
{
	for (uint64_t i = 0; i < run->nblocks; i++)
		forget_block(f, &run->blocks[i]);
	free(run->blocks);
	if (run->capacity)
		mem_release(f->space->mem, run->capacity * sizeof *run->blocks);
	*run = (struct spill_run){0};
}

/* ---- reading ---- */

void spill_reader_open(struct spill_reader *r, struct spill_file *f, const struct spill_run *run,
					   const struct rowlayout *l)
{
	*r = (struct spill_reader){.file = f, .run = run, .layout = l};
}

void spill_reader_close(struct spill_reader *r)
{
	if (r->size + r->packed_size) /* else it may never have been opened */
		mem_release(r->file->space->mem, r->size + r->packed_size);
	free(r->data);
	free(r->packed);
	*r = (struct spill_reader){0};
}

/* Whether every text lies in the block; makes its pointer. */
static bool place_texts(const struct rowlayout *l, uint8_t *data, const struct spill_block *b)
{
	for (uint32_t c = 0; c < l->ncols; c++) {
		if (type_phys(l->types[c]) != PHYS_STR)
			continue;
		for (uint32_t i = 0; i < b->rows; i++) {
			struct text *t = (struct text *)(void *)(data + (size_t)i * l->width + l->offsets[c]);
			const char *text;
			size_t at;
			if (t->len <= TEXT_INLINE)
				continue;
			memcpy(&at, t->out.ptr, sizeof at);
			if (at > b->raw_size || t->len > b->raw_size - at)
				return false;
			text = (const char *)data + at;
			memcpy(t->out.ptr, &text, sizeof text);
		}
	}
	return true;
}

bool spill_read(struct spill_reader *r, uint8_t **rows, uint32_t *n, struct err *e)
{
	const struct spill_block *b = &r->run->blocks[r->at];
	struct mem *m = r->file->space->mem;
	bool packed, ok;
	uint8_t *into;

	*n = 0;
	if (r->at == r->run->nblocks)
		return true;
	r->at++;
	packed = b->size != b->raw_size;
	if (!want_bytes(m, &r->data, &r->size, b->raw_size, e) ||
		(packed && !want_bytes(m, &r->packed, &r->packed_size, b->size, e)))
		return false;
	into = packed ? r->packed : r->data;
	if (!read_at(r->file, into, b->size, b->offset, e))
		return false;
	ok = hash_bytes(into, b->size, b->raw_size) == b->checksum;
	if (ok && packed)
		ok = ZSTD_decompress(r->data, r->size, r->packed, b->size) == b->raw_size;
	if (!ok || (size_t)b->rows * r->layout->width > b->raw_size || !place_texts(r->layout, r->data, b))
		return err_set(e, ERR_DATA_CORRUPTED, "a temporary file in \"%s\" is damaged", r->file->space->directory);
	*rows = r->data;
	*n = b->rows;
	return true;
}
