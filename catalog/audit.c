/*
 * The writer of the audit log. `lock` guards everything here; the lock file does the same between processes, and under it the
 * writer first reads what others have added. Group commit: whoever waits for the disk first syncs for all that wrote before
 * (a leader), signs the head once, and wakes them.
 */
#include "catalog/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "catalog/audit_int.h"
#include "engine/base/clock.h"

#define SEGMENT_BYTES ((int64_t)64 << 20)

struct audit {
	char directory[4096];
	pthread_mutex_t lock;
	pthread_cond_t synced;
	bool open, leading;      /* leading: somebody syncs */
	int lock_fd, fd, head_fd;
	uint32_t segment;
	int64_t size;            /* of the segment, all of whose records we know */
	struct audit_link last;  /* record written */
	uint64_t durable;        /* number of the last record on disk */
	int64_t synced_at;
	bool every_statement;
	EVP_PKEY *key;
};

struct audit *audit_new(const char *directory)
{
	struct audit *a = calloc(1, sizeof *a);
	const char *sync = getenv("HOPLUU_AUDIT_SYNC");

	if (!a)
		return NULL;
	snprintf(a->directory, sizeof a->directory, "%s", directory);
	a->lock_fd = a->fd = a->head_fd = -1;
	a->every_statement = !sync || strcmp(sync, "interval") != 0;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->synced, NULL);
	return a;
}

static bool failed(const struct audit *a, const char *what, struct err *e)
{
	int error = errno;

	if (error == ENOSPC || error == EDQUOT || error == EFBIG)
		err_set(e, ERR_DISK_FULL, "no space left for the audit log in \"%s/audit\"", a->directory);
	else
		err_set(e, ERR_IO_ERROR, "the audit log in \"%s/audit\" can't be written (%s): %s", a->directory, what, strerror(error));
	return err_hint(e, "No statement is run without its record. Make room or mend the disk, then run it again.");
}

/* ---- the key ---- */

static EVP_PKEY *read_key(const char *path)
{
	unsigned char raw[32];
	char hex[65] = "";
	FILE *f = fopen(path, "r");
	bool ok;

	if (!f)
		return NULL;
	ok = fread(hex, 1, 64, f) == 64 && audit_unhex(hex, 32, raw);
	fclose(f);
	return ok ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, raw, sizeof raw) : NULL;
}

static bool write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool open_key(struct audit *a, struct err *e)
{
	const char *elsewhere = getenv("HOPLUU_AUDIT_KEY");
	char path[4200], pub[4200], hex[66];
	unsigned char raw[32];
	size_t n = sizeof raw;

	snprintf(path, sizeof path, "%s/audit/key", a->directory);
	snprintf(pub, sizeof pub, "%s/audit/key.pub", a->directory);
	if (elsewhere)
		snprintf(path, sizeof path, "%s", elsewhere);
	a->key = read_key(path);
	if (!a->key && access(path, F_OK) == 0)
		return err_set(e, ERR_DATA_CORRUPTED, "\"%s\" holds no signing key", path);
	if (!a->key) {
		a->key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		if (!a->key || EVP_PKEY_get_raw_private_key(a->key, raw, &n) != 1)
			return err_set(e, ERR_INTERNAL, "no signing key could be made");
		audit_hex(raw, sizeof raw, hex);
		explicit_bzero(raw, sizeof raw);
		hex[64] = '\n';
		hex[65] = 0;
		if (!write_file(path, hex, 0600))
			return failed(a, "the signing key", e);
	}
	n = sizeof raw;
	if (access(pub, F_OK) != 0) {
		if (EVP_PKEY_get_raw_public_key(a->key, raw, &n) != 1)
			return err_set(e, ERR_INTERNAL, "the signing key has no public part");
		audit_hex(raw, sizeof raw, hex);
		if (!write_file(pub, hex, 0644))
			return failed(a, "the public key", e);
	}
	return true;
}

static bool sign(const struct audit *a, const struct audit_link *l, char out[2 * AUDIT_SIGNATURE + 1])
{
	unsigned char signature[AUDIT_SIGNATURE];
	char text[128];
	size_t n = sizeof signature, len = audit_statement(l, text);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool ok = c && EVP_DigestSignInit(c, NULL, NULL, NULL, a->key) == 1 &&
			  EVP_DigestSign(c, signature, &n, (unsigned char *)text, len) == 1;

	EVP_MD_CTX_free(c);
	if (ok)
		audit_hex(signature, sizeof signature, out);
	return ok;
}

/* ---- the end of the log ---- */

static bool open_segment(struct audit *a, uint32_t number, bool create, struct err *e)
{
	char path[4200];
	int fd;

	audit_segment_path(a->directory, number, path, sizeof path);
	fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC | (create ? O_CREAT : 0), 0600);
	if (fd < 0)
		return failed(a, path, e);
	if (a->fd >= 0)
		close(a->fd);
	a->fd = fd;
	a->segment = number;
	a->size = 0;
	return true;
}

static bool segment_exists(const struct audit *a, uint32_t number)
{
	char path[4200];

	audit_segment_path(a->directory, number, path, sizeof path);
	return access(path, F_OK) == 0;
}

/* Takes the records from a->size to the end of the segment; *torn: bytes of an unfinished one there. */
static bool read_new(struct audit *a, int64_t *torn, struct err *e)
{
	struct stat st;
	char *text;
	int64_t at = 0, n;
	bool ok = true;

	*torn = 0;
	if (fstat(a->fd, &st) != 0)
		return failed(a, "looking at it", e);
	n = st.st_size - a->size;
	if (n <= 0)
		return n == 0 || err_set(e, ERR_DATA_CORRUPTED, "the audit log in \"%s/audit\" has become shorter", a->directory);
	text = malloc((size_t)n);
	if (!text)
		return err_set(e, ERR_OUT_OF_MEMORY, "out of memory");
	ok = pread(a->fd, text, (size_t)n, a->size) == n || failed(a, "reading it", e);
	while (ok && at < n) {
		const char *end = memchr(text + at, '\n', (size_t)(n - at));
		unsigned char prev[AUDIT_HASH], hash[AUDIT_HASH];
		uint64_t number;

		if (!end)
			break;
		if (audit_read_line(str_make(text + at, (size_t)(end - text - at)), &number, prev, hash)) {
			ok = err_set(e, ERR_DATA_CORRUPTED, "the audit log in \"%s/audit\" is damaged", a->directory) ||
				 err_hint(e, "hopluu audit verify says where.");
			break;
		}
		a->last.number = number;
		memcpy(a->last.hash, hash, AUDIT_HASH);
		at = end - text + 1;
	}
	free(text);
	a->size += at;
	*torn = n - at;
	return ok;
}

/* What other processes have written since; under the lock file. */
static bool catch_up(struct audit *a, int64_t *torn, struct err *e)
{
	if (!read_new(a, torn, e))
		return false;
	while (segment_exists(a, a->segment + 1))
		if (!open_segment(a, a->segment + 1, false, e) || !read_new(a, torn, e))
			return false;
	return true;
}

static bool open_log(struct audit *a, struct err *e)
{
	char path[4200];
	uint32_t last = 1;

	snprintf(path, sizeof path, "%s/audit", a->directory);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return failed(a, "making the directory", e);
	snprintf(path, sizeof path, "%s/audit/lock", a->directory);
	if (a->lock_fd < 0)
		a->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	snprintf(path, sizeof path, "%s/audit/head", a->directory);
	if (a->head_fd < 0)
		a->head_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (a->lock_fd < 0 || a->head_fd < 0)
		return failed(a, path, e);
	while (segment_exists(a, last + 1))
		last++;
	/* the last segment may be empty yet: its predecessor's seal is the chain's end then */
	if (!open_segment(a, last > 1 ? last - 1 : last, true, e))
		return false;
	a->open = true;
	return true;
}

/* ---- writing ---- */

static bool write_record(struct audit *a, struct str fields, struct err *e)
{
	struct strbuf b;
	char hex[AUDIT_HEX + 1];
	struct audit_link next = {.number = a->last.number + 1};
	ssize_t n;
	bool ok;

	strbuf_init(&b, 0);
	audit_hex(a->last.hash, AUDIT_HASH, hex);
	strbuf_addf(&b, "{\"seq\":%llu,\"prev\":\"%s\",", (unsigned long long)next.number, hex);
	strbuf_add(&b, fields.data, fields.len);
	ok = audit_hash(strbuf_cstr(&b), b.len, next.hash) || err_set(e, ERR_INTERNAL, "could not compute the digest");
	audit_hex(next.hash, AUDIT_HASH, hex);
	strbuf_addf(&b, ",\"hash\":\"%s\"}\n", hex);
	if (ok && (n = write(a->fd, strbuf_cstr(&b), b.len)) != (ssize_t)b.len) {
		errno = n >= 0 ? ENOSPC : errno; /* a part: there was no room for the rest */
		ok = failed(a, "writing", e);
		if (ftruncate(a->fd, a->size) != 0)
			a->open = false; /* opened anew, and cut there, next time */
	}
	if (ok) {
		a->size += (int64_t)b.len;
		a->last = next;
	}
	strbuf_release(&b);
	return ok;
}

/* The head is written over in place: 20 + 1 + 64 + 1 + 128 characters and a newline, one sector. */
static bool write_head(struct audit *a, const struct audit_link *l, struct err *e)
{
	char line[320], signature[2 * AUDIT_SIGNATURE + 1], known[21] = "";
	size_t n = audit_statement(l, line);

	if (pread(a->head_fd, known, 20, 0) == 20 && strtoull(known, NULL, 10) >= l->number)
		return true; /* another process was faster */
	if (!sign(a, l, signature))
		return err_set(e, ERR_INTERNAL, "the audit log could not be signed");
	n += (size_t)snprintf(line + n, sizeof line - n, " %s\n", signature);
	return pwrite(a->head_fd, line, n, 0) == (ssize_t)n || failed(a, "its head", e);
}

static bool rotate(struct audit *a, struct err *e)
{
	char signature[2 * AUDIT_SIGNATURE + 1];
	struct strbuf b;
	bool ok;

	if (!sign(a, &a->last, signature))
		return err_set(e, ERR_INTERNAL, "the audit log could not be signed");
	strbuf_init(&b, 0);
	audit_text(&b, "kind", STR("seal"));
	audit_text(&b, "signature", str_of(signature));
	ok = write_record(a, strbuf_str(&b), e) && (fsync(a->fd) == 0 || failed(a, "syncing", e)) &&
		 open_segment(a, a->segment + 1, true, e);
	strbuf_release(&b);
	return ok;
}

/* A torn end is nobody's acknowledged record. */
static bool cut_torn(struct audit *a, int64_t torn, struct err *e)
{
	struct strbuf b;
	bool ok;

	if (!torn)
		return true;
	if (ftruncate(a->fd, a->size) != 0)
		return failed(a, "cutting a torn end", e);
	strbuf_init(&b, 0);
	audit_text(&b, "kind", STR("recovered"));
	audit_number(&b, "torn_bytes", torn);
	ok = write_record(a, strbuf_str(&b), e);
	strbuf_release(&b);
	return ok;
}

static bool append_locked(struct audit *a, struct str fields, struct err *e)
{
	int64_t torn;

	if (!a->key && !open_key(a, e))
		return false;
	if (!catch_up(a, &torn, e) || !cut_torn(a, torn, e))
		return false;
	if (a->size > SEGMENT_BYTES && !rotate(a, e))
		return false;
	return write_record(a, fields, e);
}

/* Until record `number` is on disk; lock is held, and let go while the disk works. */
static bool wait_for_disk(struct audit *a, uint64_t number, struct err *e)
{
	while (a->durable < number) {
		struct audit_link upto = a->last;
		int fd;
		bool ok;

		if (a->leading) {
			pthread_cond_wait(&a->synced, &a->lock);
			continue;
		}
		a->leading = true;
		fd = dup(a->fd);
		pthread_mutex_unlock(&a->lock);
		ok = fd >= 0 && fdatasync(fd) == 0;
		if (!ok)
			failed(a, "syncing", e);
		if (fd >= 0)
			close(fd);
		ok = ok && flock(a->lock_fd, LOCK_EX) == 0 && write_head(a, &upto, e);
		flock(a->lock_fd, LOCK_UN);
		pthread_mutex_lock(&a->lock);
		a->leading = false;
		if (ok && upto.number > a->durable)
			a->durable = upto.number;
		a->synced_at = clock_monotonic_us();
		pthread_cond_broadcast(&a->synced);
		if (!ok)
			return false;
	}
	return true;
}

bool audit_append(struct audit *a, struct str fields, bool durable, uint64_t *number, struct err *e)
{
	bool ok;

	pthread_mutex_lock(&a->lock);
	ok = a->open || open_log(a, e);
	if (ok && flock(a->lock_fd, LOCK_EX) != 0)
		ok = failed(a, "locking", e);
	ok = ok && append_locked(a, fields, e);
	if (a->lock_fd >= 0)
		flock(a->lock_fd, LOCK_UN);
	if (ok && number)
		*number = a->last.number;
	if (ok && (a->every_statement ? durable : clock_monotonic_us() - a->synced_at > 1000000))
		ok = wait_for_disk(a, a->last.number, e);
	pthread_mutex_unlock(&a->lock);
	return ok;
}

void audit_free(struct audit *a)
{
	struct err e;

	if (!a)
		return;
	err_clear(&e);
	pthread_mutex_lock(&a->lock);
	if (a->open && a->durable < a->last.number && a->key && !wait_for_disk(a, a->last.number, &e))
		err_clear(&e); /* nobody is left to be told */
	pthread_mutex_unlock(&a->lock);
	if (a->fd >= 0)
		close(a->fd);
	if (a->head_fd >= 0)
		close(a->head_fd);
	if (a->lock_fd >= 0)
		close(a->lock_fd);
	EVP_PKEY_free(a->key);
	pthread_cond_destroy(&a->synced);
	pthread_mutex_destroy(&a->lock);
	free(a);
}
