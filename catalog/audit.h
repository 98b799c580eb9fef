/*
 * The audit log: what was asked, by whom, for what purpose, what was read by it. JSON Lines in segments under the catalog's
 * audit/: audit/000001.jsonl …, appended to and never changed. Each record holds its number, the SHA-256 of the record
 * before it and its own; a full segment ends with a seal signed with Ed25519, and audit/head holds the signed number and
 * hash of the last record known to be on disk, so that a cut end is seen too. Whoever has the signing key can write another
 * history: keep it elsewhere (HOPLUU_AUDIT_KEY names its file) and keep copies of heads where the log's keepers don't reach;
 * a whole audit/ put back to an earlier state can be told by such a copy alone.
 *
 * Several processes may write (a lock file). A record is whole or not there: a torn end is cut off at the next start, with a
 * record that says so. Errors: 53100 disk full, 58030 I/O, XX001 the end of the log can't be read.
 */
#ifndef HOPLUU_CATALOG_AUDIT_H
#define HOPLUU_CATALOG_AUDIT_H

#include <stdio.h>

#include "engine/base/err.h"
#include "engine/base/str.h"

struct audit;

/* directory: the catalog's, copied; nothing is touched before the first record. HOPLUU_AUDIT_SYNC says when records are on
 * disk: statement (default: before audit_append returns, many at once), interval (within a second; what a power cut may
 * take, a crash of the program doesn't). */
struct audit *audit_new(const char *directory);
void audit_free(struct audit *a); /* NULL is fine */
/* fields: the record's JSON members without braces. durable: returns when it is on disk. *number gets the record's (may be
 * NULL). Any thread. */
MUST_CHECK bool audit_append(struct audit *a, struct str fields, bool durable, uint64_t *number, struct err *e);

/* Checks everything; prints what is wrong and where to `out`. Returns the number of faults; *records how many records
 * there are. */
size_t audit_verify(const char *directory, FILE *out, uint64_t *records);
/* Calls fn with every record (a line of JSON) in order until it returns false. false: e says what can't be read. */
MUST_CHECK bool audit_each(const char *directory, bool (*fn)(void *arg, struct str line), void *arg, struct err *e);

/* ,"name":"text" (escaped); NULL is null. The comma is left out at the beginning. */
void audit_text(struct strbuf *b, const char *name, struct str text);
void audit_number(struct strbuf *b, const char *name, int64_t n);
/* The text with the insides of all string literals as ***. */
void audit_mask_literals(struct str sql, struct strbuf *out);

#endif
