/*
 * Where the bytes of column stores live: memory that is charged to a node with a limit and, when that says no,
 * pieces of a file without a name, mapped. The file's blocks are reserved before a piece is mapped, so that a full
 * disk is an error here and no signal later; a piece that is freed gives its blocks back.
 *
 * Leaves what stands in the pieces to colstore.c and colstore_build.c. Any thread; `lock` guards the file.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "engine/vector/colstore_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE ((size_t)4096)

struct colspace {
	struct mem *mem;
	pthread_mutex_t lock;
	char directory[1024];
	int fd;           /* -1 = none yet */
	size_t end;       /* of the file; grows only */
	size_t in_file;   /* bytes of live pieces; atomic */
};

struct colspace *colspace_new(struct mem *m, size_t limit, const char *directory)
{
	struct colspace *s = calloc(1, sizeof *s);

	ASSERT(s);
	s->mem = mem_new(m, MEM_TEMP, "temporary tables", limit);
	s->fd = -1;
	pthread_mutex_init(&s->lock, NULL);
	colspace_configure(s, limit, directory);
	return s;
}

void colspace_configure(struct colspace *s, size_t limit, const char *directory)
{
	const char *tmpdir = getenv("TMPDIR");

	pthread_mutex_lock(&s->lock);
	mem_set_limit(s->mem, limit);
	snprintf(s->directory, sizeof s->directory, "%s", directory && *directory ? directory : tmpdir && *tmpdir ? tmpdir : "/tmp");
	pthread_mutex_unlock(&s->lock);
}

void colspace_free(struct colspace *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	pthread_mutex_destroy(&s->lock);
	mem_free(s->mem);
	free(s);
}

size_t colspace_file_bytes(const struct colspace *s)
{
	return __atomic_load_n(&s->in_file, __ATOMIC_RELAXED);
}

size_t colspace_memory_bytes(const struct colspace *s)
{
	struct mem_stats stats;

	mem_stats(s->mem, &stats);
	return stats.used;
}

/* A file that is gone from its directory as soon as it is open. */
static bool open_file(struct colspace *s, struct err *e)
{
	char path[1100];

	if (s->fd >= 0)
		return true;
	s->fd = open(s->directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (s->fd >= 0)
		return true;
	snprintf(path, sizeof path, "%s/hopluu-temp-XXXXXX", s->directory);
	s->fd = mkostemp(path, O_CLOEXEC);
	if (s->fd < 0)
		return err_set(e, ERR_IO_ERROR, "no file for temporary tables can be made in \"%s\": %s", s->directory, strerror(errno));
	(void)unlink(path);
	return true;
}

static bool map_piece(struct colspace *s, size_t size, struct region *out, struct err *e)
{
	size_t bytes = (size + PAGE - 1) / PAGE * PAGE;
	int why;

	pthread_mutex_lock(&s->lock);
	if (!open_file(s, e)) {
		pthread_mutex_unlock(&s->lock);
		return false;
	}
	out->offset = s->end;
	why = posix_fallocate(s->fd, (off_t)s->end, (off_t)bytes);
	if (why == 0)
		s->end += bytes;
	pthread_mutex_unlock(&s->lock);
	if (why)
		return err_set(e, why == ENOSPC ? ERR_DISK_FULL : ERR_IO_ERROR,
					   "the file for temporary tables in \"%s\" cannot grow: %s", s->directory, strerror(why));
	out->at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, (off_t)out->offset);
	if (out->at == MAP_FAILED) {
		out->at = NULL;
		return err_set(e, ERR_IO_ERROR, "the file for temporary tables cannot be mapped: %s", strerror(errno));
	}
	out->size = bytes;
	out->mapped = true;
	__atomic_fetch_add(&s->in_file, bytes, __ATOMIC_RELAXED);
	return true;
}

bool region_new(struct colspace *s, size_t size, struct region *out, struct err *e)
{
	struct err no;
	void *at = NULL;

	memset(out, 0, sizeof *out);
	if (size == 0)
		size = 1;
	err_clear(&no);
	if (!mem_reserve(s->mem, size, &no))
		return map_piece(s, size, out, e);
	if (posix_memalign(&at, 64, size) != 0)
		abort();
	out->at = at;
	out->size = size;
	return true;
}

void region_free(struct colspace *s, struct region *r)
{
	if (!r->at)
		return;
	if (r->mapped) {
		munmap(r->at, r->size);
		(void)fallocate(s->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)r->offset, (off_t)r->size);
		__atomic_fetch_sub(&s->in_file, r->size, __ATOMIC_RELAXED);
	} else {
		free(r->at);
		mem_release(s->mem, r->size);
	}
	memset(r, 0, sizeof *r);
}
