/*
 * Secrets at rest: values of options such as `password` are sealed with AES-256-GCM (NIST SP 800-38D) under
 * one key of 32 bytes, kept in the file that HOPLUU_KEY_FILE names or DIRECTORY/catalog.key, mode 0600.
 * A sealed value is base64 text of 1 version byte, 12 nonce bytes, the cipher text, 16 tag bytes; the
 * place it belongs to (mapping, option) is authenticated too, so that a sealed value copied to
 * another mapping doesn't open. Nothing here prints or logs a secret.
 */
#ifndef HOPLUU_CATALOG_SECRET_H
#define HOPLUU_CATALOG_SECRET_H

#include "engine/base/str.h"

#define SECRET_KEY_BYTES 32
struct secret_key {
	unsigned char bytes[SECRET_KEY_BYTES];
};

/* Reads the key, or makes one (file mode 0600) when there is none. directory NULL: a random key that is
 * never stored. F0000 for a file others can read, of the wrong size or unreadable. */
MUST_CHECK bool secret_key_load(const char *directory, struct secret_key *out, struct err *e);
/* place: "user mapping 7, option password". Result in m. */
MUST_CHECK bool secret_seal(const struct secret_key *key, const char *place, const char *clear, struct mem *m,
							const char **sealed, struct err *e);
/* The clear text in m, wiped when m is freed. XX001 when it was altered or sealed with another key. */
MUST_CHECK bool secret_open(const struct secret_key *key, const char *place, const char *sealed, struct mem *m,
							const char **clear, struct err *e);

#endif
