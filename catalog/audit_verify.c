/* Reading the audit log: every record in order, and the check that none was removed, changed, moved, added or cut off. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/audit_int.h"

struct reader {
	const char *directory;
	FILE *out;               /* NULL: only records are wanted */
	bool (*fn)(void *arg, struct str line);
	void *arg;
	EVP_PKEY *key;
	struct audit_link last, head; /* head: what audit/head says */
	bool has_head, met_head;
	size_t faults;
	uint64_t records;
	bool sealed;             /* the record before was a seal */
};

static void fault(struct reader *r, const char *where, unsigned long long line, const char *what)
{
	r->faults++;
	if (r->out && line)
		fprintf(r->out, "%s line %llu: the record %s\n", where, line, what);
	else if (r->out)
		fprintf(r->out, "%s: %s\n", where, what);
}

static bool signed_by(EVP_PKEY *key, const struct audit_link *l, const char *hex)
{
	unsigned char signature[AUDIT_SIGNATURE];
	char text[128];
	size_t n = audit_statement(l, text);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool ok = c && key && audit_unhex(hex, sizeof signature, signature) &&
			  EVP_DigestVerifyInit(c, NULL, NULL, NULL, key) == 1 &&
			  EVP_DigestVerify(c, signature, sizeof signature, (unsigned char *)text, n) == 1;

	EVP_MD_CTX_free(c);
	return ok;
}

static void read_head(struct reader *r)
{
	char path[4200], line[320] = "";
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, "%s/audit/head", r->directory);
	f = fopen(path, "r");
	n = f ? fread(line, 1, sizeof line - 1, f) : 0;
	if (f)
		fclose(f);
	if (n != 20 + 1 + AUDIT_HEX + 1 + 2 * AUDIT_SIGNATURE + 1 || line[20] != ' ' || line[n - 1] != '\n' ||
		!audit_unhex(line + 21, AUDIT_HASH, r->head.hash)) {
		fault(r, "head", 0, "the signed head is missing or is none");
		return;
	}
	r->head.number = strtoull(line, NULL, 10);
	r->has_head = signed_by(r->key, &r->head, line + 22 + AUDIT_HEX);
	if (!r->has_head)
		fault(r, "head", 0, "the head's signature is not the key's");
}

/* A seal signs the record before it. */
static void check_seal(struct reader *r, const char *where, unsigned long long n, struct str line)
{
	static const char mark[] = "\"kind\":\"seal\",\"signature\":\"";
	const char *at = strstr(line.data, mark); /* in a value its quotes would be escaped */

	r->sealed = at != NULL;
	if (at && (line.data + line.len - at < (long)(sizeof mark + 2 * AUDIT_SIGNATURE) || !signed_by(r->key, &r->last, at + sizeof mark - 1)))
		fault(r, where, n, "is a seal whose signature is not the key's");
}

static void check_record(struct reader *r, const char *where, unsigned long long n, struct str line)
{
	unsigned char prev[AUDIT_HASH], hash[AUDIT_HASH];
	uint64_t number;
	const char *wrong = audit_read_line(line, &number, prev, hash);

	r->records++;
	if (wrong) {
		fault(r, where, n, wrong);
		r->last.number++;
		return;
	}
	if (number != r->last.number + 1)
		fault(r, where, n, number > r->last.number ? "follows a gap: records before it are missing" : "is out of order or stands twice");
	else if (memcmp(prev, r->last.hash, AUDIT_HASH) != 0)
		fault(r, where, n, "doesn't follow the one before: one was put in another's place");
	check_seal(r, where, n, line);
	r->last.number = number;
	memcpy(r->last.hash, hash, AUDIT_HASH);
	if (r->has_head && number == r->head.number) {
		r->met_head = true;
		if (memcmp(hash, r->head.hash, AUDIT_HASH) != 0)
			fault(r, where, n, "is not the one that the signed head names");
	}
}

static bool read_segment(struct reader *r, uint32_t segment, bool last)
{
	char path[4200], name[32];
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	unsigned long long at = 0;
	FILE *f;
	bool go = true;

	audit_segment_path(r->directory, segment, path, sizeof path);
	snprintf(name, sizeof name, "%06u.jsonl", segment);
	f = fopen(path, "r");
	if (!f) {
		fault(r, name, 0, "the segment is missing");
		return true;
	}
	r->sealed = false;
	while (go && (n = getline(&line, &cap, f)) > 0) {
		bool whole = line[n - 1] == '\n';

		at++;
		if (!whole && r->out)
			fault(r, name, at, "is cut off");
		else if (r->out)
			check_record(r, name, at, str_make(line, (size_t)n - 1));
		else if (whole)
			go = r->fn(r->arg, str_make(line, (size_t)n - 1));
	}
	if (r->out && !last && !r->sealed)
		fault(r, name, 0, "the segment doesn't end with a seal: its end is missing");
	free(line);
	fclose(f);
	return go;
}

/* The highest number of a segment that is there; gaps count. */
static uint32_t last_segment(const char *directory)
{
	char path[4200];
	uint32_t last = 0, missing = 0;

	for (uint32_t i = 1; missing < 1000; i++) {
		audit_segment_path(directory, i, path, sizeof path);
		if (access(path, F_OK) == 0) {
			last = i;
			missing = 0;
		} else {
			missing++;
		}
	}
	return last;
}

size_t audit_verify(const char *directory, FILE *out, uint64_t *records)
{
	struct reader r = {.directory = directory, .out = out, .key = audit_public_key(directory)};
	uint32_t n = last_segment(directory);

	*records = 0;
	if (n == 0) {
		char path[4200];

		snprintf(path, sizeof path, "%s/audit/head", directory);
		if (access(path, F_OK) == 0)
			fault(&r, "audit", 0, "there are no segments");
		EVP_PKEY_free(r.key);
		return r.faults;
	}
	if (!r.key)
		fault(&r, "key.pub", 0, "the public key is missing or is none");
	read_head(&r);
	for (uint32_t i = 1; i <= n; i++)
		read_segment(&r, i, i == n);
	if (r.has_head && !r.met_head && r.head.number > 0)
		fault(&r, "end", 0, r.head.number > r.last.number ? "records that the signed head names are missing: the end was cut off"
															: "the record that the signed head names is missing");
	EVP_PKEY_free(r.key);
	*records = r.records;
	return r.faults;
}

bool audit_each(const char *directory, bool (*fn)(void *arg, struct str line), void *arg, struct err *e)
{
	struct reader r = {.directory = directory, .fn = fn, .arg = arg};
	uint32_t n = last_segment(directory);

	for (uint32_t i = 1; i <= n; i++)
		if (!read_segment(&r, i, i == n))
			break;
	if (r.faults)
		return err_set(e, ERR_DATA_CORRUPTED, "a segment of the audit log in \"%s/audit\" is missing", directory);
	return true;
}
