/* SCRAM-SHA-256: arithmetic and messages; OpenSSL does the hashing. */
#include "engine/authorize/scram.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

static void hmac(const unsigned char *key, size_t len, const void *data, size_t n, unsigned char out[SCRAM_KEY])
{
	unsigned size = SCRAM_KEY;

	HMAC(EVP_sha256(), key, (int)len, data, n, out, &size);
}

static void add_base64(struct strbuf *out, const unsigned char *data, size_t len)
{
	char text[256];

	EVP_EncodeBlock((unsigned char *)text, data, (int)len);
	strbuf_adds(out, text);
}

/* Bytes of standard base64; -1 when it is none or too long. */
static int take_base64(struct str s, unsigned char *out, size_t cap)
{
	unsigned char raw[256];
	int n, pad = 0;

	if (s.len == 0 || s.len % 4 || s.len > 300 || s.len / 4 * 3 > sizeof raw)
		return -1;
	while (pad < 2 && s.data[s.len - 1 - (size_t)pad] == '=')
		pad++;
	n = EVP_DecodeBlock(raw, (const unsigned char *)s.data, (int)s.len) - pad;
	if (n < 0 || (size_t)n > cap)
		return -1;
	memcpy(out, raw, (size_t)n);
	return n;
}

static void derive_keys(struct str password, const unsigned char *salt, size_t salt_len, int iterations,
						unsigned char stored[SCRAM_KEY], unsigned char server[SCRAM_KEY])
{
	unsigned char salted[SCRAM_KEY], client[SCRAM_KEY];

	PKCS5_PBKDF2_HMAC(password.data, (int)password.len, salt, (int)salt_len, iterations, EVP_sha256(), SCRAM_KEY, salted);
	hmac(salted, sizeof salted, "Client Key", 10, client);
	SHA256(client, sizeof client, stored);
	hmac(salted, sizeof salted, "Server Key", 10, server);
	OPENSSL_cleanse(salted, sizeof salted);
	OPENSSL_cleanse(client, sizeof client);
}

bool scram_verifier(struct str password, struct strbuf *out, struct err *e)
{
	unsigned char salt[16], stored[SCRAM_KEY], server[SCRAM_KEY];

	if (RAND_bytes(salt, sizeof salt) != 1)
		return err_set(e, ERR_INTERNAL, "no random bytes for a salt");
	derive_keys(password, salt, sizeof salt, SCRAM_ITERATIONS, stored, server);
	strbuf_addf(out, "SCRAM-SHA-256$%d:", SCRAM_ITERATIONS);
	add_base64(out, salt, sizeof salt);
	strbuf_addc(out, '$');
	add_base64(out, stored, sizeof stored);
	strbuf_addc(out, ':');
	add_base64(out, server, sizeof server);
	OPENSSL_cleanse(server, sizeof server);
	return true;
}

/* The part up to the delimiter; moves *rest behind it. */
static struct str cut(struct str *rest, char delimiter)
{
	const char *at = memchr(rest->data, delimiter, rest->len);
	struct str part = {rest->data, at ? (size_t)(at - rest->data) : rest->len};

	rest->data += part.len + (at != NULL);
	rest->len -= part.len + (at != NULL);
	return part;
}

static bool parse_verifier(struct str text, struct scram *s)
{
	struct str scheme = cut(&text, '$'), iterations = cut(&text, ':'), salt = cut(&text, '$'), stored = cut(&text, ':');
	char number[12] = "";
	int n;

	if (!str_eq(scheme, STR("SCRAM-SHA-256")) || iterations.len == 0 || iterations.len >= sizeof number)
		return false;
	memcpy(number, iterations.data, iterations.len);
	s->iterations = atoi(number);
	n = take_base64(salt, s->salt, sizeof s->salt);
	s->salt_len = n > 0 ? (size_t)n : 0;
	return s->iterations > 0 && n > 0 && take_base64(stored, s->stored_key, SCRAM_KEY) == SCRAM_KEY &&
		   take_base64(text, s->server_key, SCRAM_KEY) == SCRAM_KEY;
}

bool scram_is_verifier(struct str text)
{
	struct scram s;

	return parse_verifier(text, &s);
}

bool scram_begin(struct scram *s, const char *verifier, const char *user, const unsigned char secret[SCRAM_KEY], struct err *e)
{
	unsigned char random[18];
	struct strbuf nonce;

	memset(s, 0, sizeof *s);
	strbuf_init(&s->messages, 1 << 16);
	if (!verifier || !parse_verifier(str_of(verifier), s)) {
		unsigned char fake[SCRAM_KEY];
		hmac(secret, SCRAM_KEY, user, strlen(user), fake);
		memcpy(s->salt, fake, 16);
		s->salt_len = 16;
		s->iterations = SCRAM_ITERATIONS;
		s->doomed = true;
	}
	if (RAND_bytes(random, sizeof random) != 1)
		return err_set(e, ERR_INTERNAL, "no random bytes for a nonce");
	strbuf_init(&nonce, 0);
	add_base64(&nonce, random, sizeof random);
	snprintf(s->nonce, sizeof s->nonce, "%s", strbuf_cstr(&nonce));
	strbuf_release(&nonce);
	return true;
}

static bool malformed(struct err *e) { return err_set(e, ERR_PROTOCOL_VIOLATION, "malformed SCRAM message"); }

bool scram_first(struct scram *s, struct str message, struct strbuf *out, struct err *e)
{
	struct str rest = message, flag = cut(&rest, ','), authzid = cut(&rest, ','), bare = rest, name, nonce;
	char both[sizeof s->nonce];

	if (flag.len == 0 || (flag.data[0] != 'n' && flag.data[0] != 'y'))
		return err_set(e, ERR_PROTOCOL_VIOLATION, "SCRAM channel binding was not offered");
	if (authzid.len)
		return err_set(e, ERR_FEATURE_NOT_SUPPORTED, "client uses authorization identity, but it is not supported");
	name = cut(&rest, ',');
	nonce = cut(&rest, ',');
	if (name.len < 2 || memcmp(name.data, "n=", 2) != 0 || nonce.len < 3 || memcmp(nonce.data, "r=", 2) != 0 ||
		nonce.len - 2 + strlen(s->nonce) >= sizeof both)
		return malformed(e);
	snprintf(both, sizeof both, "%.*s%s", (int)nonce.len - 2, nonce.data + 2, s->nonce);
	memcpy(s->nonce, both, sizeof both);
	snprintf(s->gs2, sizeof s->gs2, "%c,,", flag.data[0]);
	strbuf_addf(out, "r=%s,s=", s->nonce);
	add_base64(out, s->salt, s->salt_len);
	strbuf_addf(out, ",i=%d", s->iterations);
	strbuf_add(&s->messages, bare.data, bare.len);
	strbuf_addc(&s->messages, ',');
	strbuf_add(&s->messages, strbuf_cstr(out), out->len);
	return true;
}

static bool proof_matches(struct scram *s, const unsigned char *proof)
{
	unsigned char signature[SCRAM_KEY], key[SCRAM_KEY], stored[SCRAM_KEY];

	hmac(s->stored_key, SCRAM_KEY, s->messages.data, s->messages.len, signature);
	for (int i = 0; i < SCRAM_KEY; i++)
		key[i] = proof[i] ^ signature[i];
	SHA256(key, sizeof key, stored);
	OPENSSL_cleanse(key, sizeof key);
	return CRYPTO_memcmp(stored, s->stored_key, SCRAM_KEY) == 0 && !s->doomed;
}

bool scram_final(struct scram *s, struct str message, struct strbuf *out, bool *match, struct err *e)
{
	struct str rest = message, channel = cut(&rest, ','), nonce = cut(&rest, ','), proof = {NULL, 0};
	unsigned char bytes[SCRAM_KEY], signature[SCRAM_KEY];
	char gs2[128] = "";
	int n;

	while (rest.len)
		proof = cut(&rest, ',');
	if (channel.len < 2 || memcmp(channel.data, "c=", 2) != 0 || nonce.len < 2 || !proof.data || proof.len < 2 ||
		memcmp(proof.data, "p=", 2) != 0)
		return malformed(e);
	n = take_base64(str_make(channel.data + 2, channel.len - 2), (unsigned char *)gs2, sizeof gs2 - 1);
	if (n < 0 || strcmp(gs2, s->gs2) != 0)
		return err_set(e, ERR_PROTOCOL_VIOLATION, "SCRAM channel binding check failed");
	if (!str_eq(str_make(nonce.data + 2, nonce.len - 2), str_of(s->nonce)) ||
		take_base64(str_make(proof.data + 2, proof.len - 2), bytes, sizeof bytes) != SCRAM_KEY)
		return malformed(e);
	strbuf_addc(&s->messages, ',');
	strbuf_add(&s->messages, message.data, (size_t)(proof.data - message.data) - 1);
	*match = proof_matches(s, bytes);
	hmac(s->server_key, SCRAM_KEY, s->messages.data, s->messages.len, signature);
	strbuf_adds(out, "v=");
	add_base64(out, signature, sizeof signature);
	return true;
}

void scram_release(struct scram *s)
{
	strbuf_release(&s->messages);
	OPENSSL_cleanse(s->server_key, sizeof s->server_key);
}
