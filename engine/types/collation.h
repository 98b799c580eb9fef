/*
 * Collations by PostgreSQL's names (manual, 24.2). 0 is the database's: C, by bytes. All others are ICU's:
 * "und-x-icu", "vi-x-icu" and so on for every locale that ICU knows, and the nondeterministic vi_ci (case does not
 * count) and vi_ci_ai (nor do diacritics). A collation is a small number for the life of the process, so that a
 * struct type can carry it (type_collation).
 */
#ifndef HOPLUU_TYPES_COLLATION_H
#define HOPLUU_TYPES_COLLATION_H

#include "engine/types/type.h"

#define COLLATION_DEFAULT 0
#define COLLATION_C 1          /* also POSIX, ucs_basic */
#define COLLATION_MAX 250
#define COLLATION_CONFLICT 255 /* implicit ones that differ: an error where it matters (42P22) */

/* The collation of a text type; COLLATION_DEFAULT for all other types. */
static inline uint8_t type_collation(struct type t) { return type_is_text(t) ? (uint8_t)t.scale : 0; }
static inline struct type type_collated(struct type t, uint8_t collation)
{
	if (type_is_text(t))
		t.scale = (int8_t)collation;
	return t;
}

/* By name, as written in COLLATE (case counts). False: 42704 when there is none, 54000 past COLLATION_MAX in use.
 * Thread-safe. */
MUST_CHECK bool collation_find(const char *name, uint8_t *out, struct err *e);
const char *collation_name(uint8_t collation);
/* Compares by bytes: the default and C. */
static inline bool collation_is_c(uint8_t c) { return c <= COLLATION_C; }
/* Whether texts that compare equal are the same bytes. */
bool collation_is_deterministic(uint8_t collation);

/* A collator of one thread. */
struct collator;
MUST_CHECK bool collator_open(uint8_t collation, struct mem *m, struct collator **out, struct err *e);
/* Appends bytes whose order (by memcmp, shorter first) is the collation's order of the texts. With ties, texts that are
 * equal to the collation are ordered by their own bytes, which follow the first zero byte. */
MUST_CHECK bool collator_key(struct collator *c, struct str s, bool ties, struct strbuf *out, struct err *e);
/* Case by the collation's language: Unicode's full mappings. */
enum case_map { CASE_LOWER, CASE_UPPER, CASE_TITLE };
MUST_CHECK bool collator_map_case(struct collator *c, enum case_map how, struct str s, struct strbuf *out, struct err *e);
void collator_close(struct collator *c);

#endif
