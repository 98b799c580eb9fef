/*
 * SCRAM-SHA-256 (RFC 5802, 7677) as PostgreSQL speaks it: verifiers, and the server's side of one log-in. Without channel
 * binding so far: the client's gs2 header may be "n" or "y".
 */
#ifndef HOPLUU_AUTHORIZE_SCRAM_H
#define HOPLUU_AUTHORIZE_SCRAM_H

#include "engine/base/err.h"
#include "engine/base/str.h"

#define SCRAM_ITERATIONS 4096
#define SCRAM_KEY 32

/* "SCRAM-SHA-256$4096:salt$StoredKey:ServerKey" for a password, with a new salt; out is initialised. */
MUST_CHECK bool scram_verifier(struct str password, struct strbuf *out, struct err *e);
/* Whether the text has a verifier's form. */
bool scram_is_verifier(struct str text);

struct scram {
	int iterations;
	unsigned char salt[64], stored_key[SCRAM_KEY], server_key[SCRAM_KEY];
	size_t salt_len;
	bool doomed;                 /* no such user: goes all the way, then fails */
	struct strbuf messages;      /* client-first-bare "," server-first */
	char nonce[160], gs2[128];
};
/* verifier NULL: a user that does not exist; the exchange looks the same, from a salt made of the name and the secret. */
MUST_CHECK bool scram_begin(struct scram *s, const char *verifier, const char *user, const unsigned char secret[SCRAM_KEY],
							struct err *e);
/* client-first → server-first into out. 08P01 when it is malformed. */
MUST_CHECK bool scram_first(struct scram *s, struct str message, struct strbuf *out, struct err *e);
/* client-final → server-final into out; *match tells whether the proof is right. */
MUST_CHECK bool scram_final(struct scram *s, struct str message, struct strbuf *out, bool *match, struct err *e);
void scram_release(struct scram *s);

#endif
