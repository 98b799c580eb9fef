/* Form of a record, shared by the writer and the checker of the audit log. Not for other rooms. */
#ifndef HOPLUU_CATALOG_AUDIT_INT_H
#define HOPLUU_CATALOG_AUDIT_INT_H

#include <openssl/evp.h>

#include "catalog/audit.h"

#define AUDIT_HASH 32
#define AUDIT_HEX 64
#define AUDIT_SIGNATURE 64
/* {"seq":1,"prev":"…64…",…,"hash":"…64…"}\n */
#define AUDIT_TAIL (sizeof ",\"hash\":\"\"}" - 1 + AUDIT_HEX)

struct audit_link { /* a place in the chain */
	uint64_t number;
	unsigned char hash[AUDIT_HASH];
};

void audit_hex(const unsigned char *bytes, size_t n, char *out); /* 2n + 1 characters */
bool audit_unhex(const char *s, size_t n, unsigned char *out);
bool audit_hash(const char *text, size_t len, unsigned char out[AUDIT_HASH]);
/* A line without its newline: number, prev, hash; checks that the hash is the line's. NULL = whole, else what is wrong. */
const char *audit_read_line(struct str line, uint64_t *number, unsigned char prev[AUDIT_HASH], unsigned char hash[AUDIT_HASH]);
/* What seals and heads sign: "number hex". */
size_t audit_statement(const struct audit_link *l, char out[128]);
/* The segment's path; number from 1. */
void audit_segment_path(const char *directory, uint32_t number, char *out, size_t size);
/* Public key of audit/key.pub; NULL when there is none. */
EVP_PKEY *audit_public_key(const char *directory);

#endif
