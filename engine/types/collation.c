/*
 * Collations: names to numbers (a table that only grows, behind a lock), and ICU's collators. ICU's sort keys hold no
 * zero byte before the one that ends them: what follows it can tell equal texts apart without disturbing the order.
 */
#include "engine/types/collation.h"
#include "engine/base/utf8.h"

#include <unicode/ucol.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct entry {
	char name[64], locale[64];
	bool nondeterministic;
};

/* Names that are not <locale>-x-icu. Level 2 leaves case out; level 1 of the root collation all that is not the letter. */
static const struct entry own[] = {
	{"default", "", false},
	{"C", "", false},
	{"unicode", "und", false},
	{"vi_ci", "vi-u-ks-level2", true},
	{"vi_ci_ai", "und-u-ks-level1", true},
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry entries[COLLATION_MAX]; /* [0, count) never change */
static unsigned count;

static void start(void)
{
	for (; count < ARRAY_LEN(own); count++)
		entries[count] = own[count];
}

/* "vi-VN-x-icu" gives "vi-VN", where ICU has such a locale. */
static bool icu_locale(const char *name, char *locale, size_t size)
{
	size_t len = strlen(name);
	char id[64], tag[64];
	UErrorCode status = U_ZERO_ERROR;
	bool found = false;

	if (len <= 6 || len - 6 >= size || strcmp(name + len - 6, "-x-icu") != 0)
		return false;
	memcpy(locale, name, len - 6);
	locale[len - 6] = 0;
	if (strcmp(locale, "und") == 0)
		return true;
	for (int32_t i = 0; i < uloc_countAvailable() && !found; i++) {
		snprintf(id, sizeof id, "%s", uloc_getAvailable(i));
		status = U_ZERO_ERROR;
		uloc_toLanguageTag(id, tag, sizeof tag, true, &status);
		found = U_SUCCESS(status) && strcmp(tag, locale) == 0;
	}
	return found;
}

static bool find_known(const char *name, uint8_t *out)
{
	for (unsigned i = 0; i < count; i++)
		if (strcmp(entries[i].name, name) == 0) {
			*out = (uint8_t)i;
			return true;
		}
	return false;
}

bool collation_find(const char *name, uint8_t *out, struct err *e)
{
	struct entry add = {.nondeterministic = false};
	bool ok;

	if (strcmp(name, "POSIX") == 0 || strcmp(name, "ucs_basic") == 0)
		name = "C";
	pthread_mutex_lock(&lock);
	start();
	ok = find_known(name, out);
	if (!ok && icu_locale(name, add.locale, sizeof add.locale)) {
		ok = count < COLLATION_MAX;
		if (ok) {
			snprintf(add.name, sizeof add.name, "%s", name);
			entries[count] = add;
			*out = (uint8_t)count++;
		} else {
			(void)err_set(e, ERR_PROGRAM_LIMIT, "more than %d collations are in use", COLLATION_MAX);
		}
	}
	pthread_mutex_unlock(&lock);
	if (ok || err_is_set(e))
		return ok;
	err_set(e, ERR_UNDEFINED_OBJECT, "collation \"%s\" does not exist", name);
	return err_hint(e, "There are \"C\", \"und-x-icu\", \"vi-x-icu\" and so on for each language, \"vi_ci\" and \"vi_ci_ai\".");
}

static const struct entry *entry_of(uint8_t collation)
{
	const struct entry *x;

	pthread_mutex_lock(&lock);
	start();
	x = collation < count ? &entries[collation] : &entries[0];
	pthread_mutex_unlock(&lock);
	return x;
}

const char *collation_name(uint8_t collation) { return entry_of(collation)->name; }

bool collation_is_deterministic(uint8_t collation) { return !entry_of(collation)->nondeterministic; }

/* ---- collators ---- */

struct collator {
	UCollator *icu;
	const char *locale;
	UChar *from, *to; /* UTF-16 */
	uint8_t *key;
	int32_t from_cap, to_cap, key_cap;
};

bool collator_open(uint8_t collation, struct mem *m, struct collator **out, struct err *e)
{
	const struct entry *x = entry_of(collation);
	UErrorCode status = U_ZERO_ERROR;
	struct collator *c = mem_new_object(m, struct collator);

	c->locale = strcmp(x->locale, "und") == 0 ? "" : x->locale;
	c->icu = ucol_open(strncmp(x->locale, "und-u-", 6) == 0 ? "" : c->locale, &status);
	if (U_FAILURE(status))
		return err_set(e, ERR_INTERNAL, "ICU does not open collation \"%s\": %s", x->name, u_errorName(status));
	if (strstr(x->locale, "ks-level1"))
		ucol_setStrength(c->icu, UCOL_PRIMARY);
	*out = c;
	return true;
}

void collator_close(struct collator *c)
{
	if (!c)
		return;
	ucol_close(c->icu);
	free(c->from);
	free(c->to);
	free(c->key);
}

static bool no_memory(struct err *e) { return err_set(e, ERR_OUT_OF_MEMORY, "out of memory while collating a text"); }

static bool grow(void **data, int32_t *cap, int64_t want, size_t size, struct err *e)
{
	void *more;

	if (want <= *cap)
		return true;
	if (want > INT32_MAX / 4)
		return err_set(e, ERR_PROGRAM_LIMIT, "a text is too long to be collated");
	more = realloc(*data, (size_t)want * size);
	if (!more)
		return no_memory(e);
	*data = more;
	*cap = (int32_t)want;
	return true;
}

static bool load_utf16(struct collator *c, struct str s, int32_t *len, struct err *e)
{
	UErrorCode status = U_ZERO_ERROR;

	if (!grow((void **)&c->from, &c->from_cap, (int64_t)s.len + 1, sizeof(UChar), e))
		return false;
	u_strFromUTF8(c->from, c->from_cap, len, s.data, (int32_t)s.len, &status);
	return U_SUCCESS(status) || no_memory(e);
}

bool collator_key(struct collator *c, struct str s, bool ties, struct strbuf *out, struct err *e)
{
	int32_t len, need;

	if (!load_utf16(c, s, &len, e))
		return false;
	need = ucol_getSortKey(c->icu, c->from, len, c->key, c->key_cap);
	if (need > c->key_cap) {
		if (!grow((void **)&c->key, &c->key_cap, need, 1, e))
			return false;
		need = ucol_getSortKey(c->icu, c->from, len, c->key, c->key_cap);
	}
	if (need == 0)
		return no_memory(e);
	strbuf_add(out, (const char *)c->key, (size_t)need);
	if (ties)
		strbuf_add(out, s.data, s.len);
	return true;
}

static int32_t map_into(struct collator *c, enum case_map how, int32_t len, UErrorCode *status)
{
	switch (how) {
	case CASE_LOWER:
		return u_strToLower(c->to, c->to_cap, c->from, len, c->locale, status);
	case CASE_UPPER:
		return u_strToUpper(c->to, c->to_cap, c->from, len, c->locale, status);
	case CASE_TITLE:
		return u_strToTitle(c->to, c->to_cap, c->from, len, NULL, c->locale, status);
	}
	UNREACHABLE();
}

bool collator_map_case(struct collator *c, enum case_map how, struct str s, struct strbuf *out, struct err *e)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t len, n, i = 0;

	if (!load_utf16(c, s, &len, e))
		return false;
	n = map_into(c, how, len, &status);
	if (status == U_BUFFER_OVERFLOW_ERROR) {
		if (!grow((void **)&c->to, &c->to_cap, (int64_t)n + 1, sizeof(UChar), e))
			return false;
		status = U_ZERO_ERROR;
		n = map_into(c, how, len, &status);
	}
	if (U_FAILURE(status))
		return no_memory(e);
	while (i < n) {
		UChar32 ch;
		char bytes[4];
		U16_NEXT(c->to, i, n, ch);
		strbuf_add(out, bytes, utf8_encode((uint32_t)ch, bytes));
	}
	return true;
}
