/* Sealing of secret options: key file handling and AES-256-GCM by OpenSSL's EVP. See secret.h. */
#include "catalog/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT_VERSION 1
#define NONCE_BYTES 12
#define TAG_BYTES 16

static bool write_new_key(const char *path, struct secret_key *out, struct err *e)
{
	int fd;
	ssize_t n;

	if (RAND_bytes(out->bytes, SECRET_KEY_BYTES) != 1)
		return err_set(e, ERR_INTERNAL, "the system gave no random bytes for a catalog key");
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(e, ERR_IO_ERROR, "could not create key file \"%s\": %s", path, strerror(errno));
	n = write(fd, out->bytes, SECRET_KEY_BYTES);
	if (n != SECRET_KEY_BYTES || fsync(fd) != 0) {
		err_set(e, errno == ENOSPC ? ERR_DISK_FULL : ERR_IO_ERROR, "could not write key file \"%s\": %s",
				path, strerror(errno));
		close(fd);
		unlink(path);
		return false;
	}
	close(fd);
	return true;
}

static bool read_key(int fd, const char *path, struct secret_key *out, struct err *e)
{
	struct stat st;
	unsigned char extra;

	if (fstat(fd, &st) != 0)
		return err_set(e, ERR_IO_ERROR, "could not examine key file \"%s\": %s", path, strerror(errno));
	if (st.st_mode & 077) {
		err_set(e, ERR_CONFIG_FILE_ERROR, "key file \"%s\" can be read by others", path);
		return err_hint(e, "Its mode must be 0600: chmod 600 \"%s\".", path);
	}
	if (read(fd, out->bytes, SECRET_KEY_BYTES) != SECRET_KEY_BYTES || read(fd, &extra, 1) != 0) {
		err_set(e, ERR_CONFIG_FILE_ERROR, "key file \"%s\" is not a key of %d bytes", path, SECRET_KEY_BYTES);
		return err_hint(e, "Restore it from a backup; passwords sealed with a lost key must be given again with "
						   "ALTER USER MAPPING.");
	}
	return true;
}

bool secret_key_load(const char *directory, struct secret_key *out, struct err *e)
{
	const char *path = getenv("HOPLUU_KEY_FILE");
	char in_directory[4096];
	int fd;
	bool ok;

	if ((!path || !*path) && !directory) {
		if (RAND_bytes(out->bytes, SECRET_KEY_BYTES) != 1)
			return err_set(e, ERR_INTERNAL, "the system gave no random bytes for a catalog key");
		return true;
	}
	if (!path || !*path) {
		snprintf(in_directory, sizeof in_directory, "%s/catalog.key", directory);
		path = in_directory;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		if (write_new_key(path, out, e))
			return true;
		/* another process may have made it a moment ago */
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return false;
		err_clear(e);
	}
	if (fd < 0)
		return err_set(e, ERR_CONFIG_FILE_ERROR, "could not open key file \"%s\": %s", path, strerror(errno));
	ok = read_key(fd, path, out, e);
	close(fd);
	return ok;
}

static bool encrypt(const struct secret_key *key, const char *place, const unsigned char *clear, int len,
					unsigned char *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, last = 0;
	bool ok;

	out[0] = FORMAT_VERSION;
	ok = ctx && RAND_bytes(out + 1, NONCE_BYTES) == 1 &&
		 EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes, out + 1) == 1 &&
		 EVP_EncryptUpdate(ctx, NULL, &n, (const unsigned char *)place, (int)strlen(place)) == 1 &&
		 EVP_EncryptUpdate(ctx, out + 1 + NONCE_BYTES, &n, clear, len) == 1 &&
		 EVP_EncryptFinal_ex(ctx, out + 1 + NONCE_BYTES + n, &last) == 1 &&
		 EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, out + 1 + NONCE_BYTES + len) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

static bool decrypt(const struct secret_key *key, const char *place, unsigned char *in, int len, unsigned char *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, last = 0;
	bool ok;

	ok = ctx && EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes, in + 1) == 1 &&
		 EVP_DecryptUpdate(ctx, NULL, &n, (const unsigned char *)place, (int)strlen(place)) == 1 &&
		 EVP_DecryptUpdate(ctx, out, &n, in + 1 + NONCE_BYTES, len) == 1 &&
		 EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, in + 1 + NONCE_BYTES + len) == 1 &&
		 EVP_DecryptFinal_ex(ctx, out + n, &last) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

bool secret_seal(const struct secret_key *key, const char *place, const char *clear, struct mem *m,
				 const char **sealed, struct err *e)
{
	size_t len = strlen(clear), total = 1 + NONCE_BYTES + len + TAG_BYTES;
	unsigned char *raw;
	char *text;

	if (len > 1 << 20)
		return err_set(e, ERR_PROGRAM_LIMIT, "a secret option is longer than 1 MiB");
	raw = mem_alloc(m, total);
	if (!encrypt(key, place, (const unsigned char *)clear, (int)len, raw))
		return err_set(e, ERR_INTERNAL, "could not encrypt a secret option");
	text = mem_alloc(m, (total + 2) / 3 * 4 + 1);
	EVP_EncodeBlock((unsigned char *)text, raw, (int)total);
	*sealed = text;
	return true;
}

struct wiped {
	void *data;
	size_t len;
};
static void wipe(void *arg)
{
	struct wiped *w = arg;

	OPENSSL_cleanse(w->data, w->len);
}

bool secret_open(const struct secret_key *key, const char *place, const char *sealed, struct mem *m,
				 const char **clear, struct err *e)
{
	size_t len = strlen(sealed);
	unsigned char *raw = mem_alloc(m, len / 4 * 3 + 4);
	struct wiped *w = mem_new_object(m, struct wiped);
	int n = len % 4 ? -1 : EVP_DecodeBlock(raw, (const unsigned char *)sealed, (int)len);

	while (n > 0 && len > 0 && sealed[len - 1] == '=') {
		n--;
		len--;
	}
	n -= 1 + NONCE_BYTES + TAG_BYTES;
	w->len = n > 0 ? (size_t)n + 1 : 1;
	w->data = mem_alloc(m, w->len);
	mem_on_free(m, wipe, w);
	if (n < 0 || raw[0] != FORMAT_VERSION || !decrypt(key, place, raw, n, w->data)) {
		err_set(e, ERR_DATA_CORRUPTED, "the stored secret of %s can't be opened with this key file", place);
		return err_hint(e, "Give it again with ALTER USER MAPPING … OPTIONS (SET password '…').");
	}
	*clear = w->data;
	return true;
}
