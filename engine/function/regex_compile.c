/*
 * Compiling and running what regex_translate.c writes: PCRE2 with JIT, the DFA matcher for POSIX match
 * ends, a forced end for the groups; and the cache of compiled patterns of a call site.
 *
 * Phases of regex_find: 1. Perl match: is there one, and where does the leftmost start? 2. where more
 * than one length is possible, the DFA matcher says how long it is at that start; 3. when that is not
 * the length of phase 1, the groups come from a match whose end a callout insists on.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "engine/function/regex_compile.h"

#include <pcre2.h>
#include <stdlib.h>

#define MATCH_LIMIT 10000000
#define DFA_WORKSPACE 20000

struct regex {
	pcre2_code *code;
	pcre2_code *dfa;    /* without automatic possession, which hides shorter ends; made when first needed */
	pcre2_code *forced; /* with the callout at its end; made when first needed */
	pcre2_match_data *data;
	pcre2_match_context *context;
	int *workspace;     /* of the DFA matcher */
	struct str pattern; /* PCRE2's, malloc'ed, for `forced` */
	struct regex_span *spans; /* for the caller: groups + 1 */
	unsigned groups;
	bool shortest, plain;
	bool dfa_refused;   /* the DFA matcher cannot run this pattern */
	size_t forced_end;
};

static bool pcre_failed(int code, struct err *e)
{
	PCRE2_UCHAR text[200];

	pcre2_get_error_message(code, text, sizeof text);
	if (code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_DEPTHLIMIT || code == PCRE2_ERROR_HEAPLIMIT ||
		code == PCRE2_ERROR_JIT_STACKLIMIT)
		return err_set(e, ERR_PROGRAM_LIMIT, "regular expression takes too many steps: %s", (const char *)text);
	return err_set(e, ERR_INTERNAL, "regular expression failed: %s", (const char *)text);
}

static pcre2_code *compile(struct str pattern, uint32_t options, bool no_jit, struct err *e)
{
	int error;
	PCRE2_SIZE at;
	/* The subject is valid UTF-8 always; unset groups match nothing. */
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern.data, pattern.len,
									 options | PCRE2_UTF | PCRE2_DOTALL | PCRE2_NO_UTF_CHECK, &error, &at, NULL);

	if (code) {
		if (!no_jit)
			(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* without it the interpreter runs */
		return code;
	}
	if (error == PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH || error == PCRE2_ERROR_LOOKBEHIND_TOO_COMPLICATED)
		(void)err_set(e, ERR_FEATURE_NOT_SUPPORTED, "look-behind of variable length is not supported in regular expressions");
	else {
		PCRE2_UCHAR text[200];
		pcre2_get_error_message(error, text, sizeof text);
		(void)err_set(e, ERR_INVALID_REGULAR_EXPRESSION, "invalid regular expression: %s", (const char *)text);
	}
	return NULL;
}

/* 1 = this end will not do: look on. */
static int end_callout(pcre2_callout_block *block, void *arg)
{
	const struct regex *re = arg;

	return block->current_position == re->forced_end ? 0 : 1;
}

struct regex *regex_new(struct str pattern, struct regex_flags flags, struct err *e)
{
	struct regex_translation t = {0};
	struct regex *re = calloc(1, sizeof *re);

	strbuf_init(&t.text, 1 << 20);
	if (!re) {
		(void)err_set(e, ERR_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	if (!regex_translate(pattern, flags, &t, e) || !(re->code = compile(strbuf_str(&t.text), 0, false, e))) {
		strbuf_release(&t.text);
		regex_free(re);
		return NULL;
	}
	re->pattern = strbuf_str(&t.text);
	if (!t.text.data)
		re->pattern.data = NULL;
	re->groups = t.groups;
	re->shortest = t.shortest;
	re->plain = t.plain;
	re->data = pcre2_match_data_create_from_pattern(re->code, NULL);
	re->context = pcre2_match_context_create(NULL);
	re->spans = calloc(t.groups + 1u, sizeof *re->spans);
	if (!re->data || !re->context || !re->spans) {
		(void)err_set(e, ERR_OUT_OF_MEMORY, "out of memory");
		regex_free(re);
		return NULL;
	}
	pcre2_set_match_limit(re->context, MATCH_LIMIT);
	pcre2_set_depth_limit(re->context, MATCH_LIMIT);
	pcre2_set_heap_limit(re->context, 64 * 1024); /* kibibytes */
	pcre2_set_callout(re->context, end_callout, re);
	return re;
}

void regex_free(struct regex *re)
{
	if (!re)
		return;
	pcre2_code_free(re->code);
	pcre2_code_free(re->dfa);
	pcre2_code_free(re->forced);
	pcre2_match_data_free(re->data);
	pcre2_match_context_free(re->context);
	free(re->workspace);
	free(re->spans);
	free((void *)(uintptr_t)re->pattern.data);
	free(re);
}

unsigned regex_groups(const struct regex *re) { return re->groups; }
struct regex_span *regex_spans(struct regex *re) { return re->spans; }

/* Match, by the interpreter when the JIT's stack is too small. */
static int match(struct regex *re, const pcre2_code *code, struct str s, size_t start, uint32_t options)
{
	PCRE2_SPTR subject = (PCRE2_SPTR)(s.data ? s.data : "");
	int rc = pcre2_match(code, subject, s.len, start, options | PCRE2_NO_UTF_CHECK, re->data, re->context);

	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = pcre2_match(code, subject, s.len, start, options | PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, re->data, re->context);
	return rc;
}

/* The POSIX end of the match that starts at `start`; REGEX_NONE when the DFA matcher can't tell. */
static size_t dfa_end(struct regex *re, struct str s, size_t start)
{
	int rc;

	if (!re->workspace && !(re->workspace = malloc(DFA_WORKSPACE * sizeof(int))))
		return REGEX_NONE;
	if (!re->dfa && !(re->dfa = compile(re->pattern, PCRE2_NO_AUTO_POSSESS, true, NULL)))
		return REGEX_NONE;
	rc = pcre2_dfa_match(re->dfa, (PCRE2_SPTR)(s.data ? s.data : ""), s.len, start,
						 PCRE2_ANCHORED | PCRE2_NO_UTF_CHECK | (re->shortest ? PCRE2_DFA_SHORTEST : 0), re->data, re->context,
						 re->workspace, DFA_WORKSPACE);
	if (rc < 0) {
		re->dfa_refused = rc != PCRE2_ERROR_NOMATCH;
		return REGEX_NONE;
	}
	return pcre2_get_ovector_pointer(re->data)[1];
}

/* Groups of the match [start, end). */
static bool match_forced(struct regex *re, struct str s, size_t start, size_t end, struct err *e)
{
	int rc;

	if (!re->forced) {
		struct strbuf text;
		strbuf_init(&text, 0);
		strbuf_adds(&text, "(?:");
		strbuf_add(&text, re->pattern.data, re->pattern.len);
		strbuf_adds(&text, ")(?C1)");
		re->forced = compile(strbuf_str(&text), PCRE2_NO_AUTO_POSSESS, false, e);
		strbuf_release(&text);
		if (!re->forced)
			return false;
	}
	re->forced_end = end;
	rc = match(re, re->forced, s, start, PCRE2_ANCHORED);
	return rc >= 0 || pcre_failed(rc, e);
}

static void store_spans(const struct regex *re, struct regex_span *spans)
{
	const PCRE2_SIZE *o = pcre2_get_ovector_pointer(re->data);

	for (unsigned g = 0; g <= re->groups; g++)
		spans[g] = (struct regex_span){o[2 * g], o[2 * g + 1]};
}

bool regex_find(struct regex *re, struct str s, size_t start, bool *found, struct regex_span *spans, struct err *e)
{
	size_t from, to, end;
	int rc = match(re, re->code, s, start, 0);

	*found = rc >= 0;
	if (rc == PCRE2_ERROR_NOMATCH)
		return true;
	if (rc < 0)
		return pcre_failed(rc, e);
	if (!spans)
		return true;
	store_spans(re, spans);
	if (re->plain || re->dfa_refused)
		return true;
	from = spans[0].from;
	to = spans[0].to;
	end = dfa_end(re, s, from);
	if (end == REGEX_NONE || end == to)
		return true;
	spans[0].to = end;
	if (re->groups == 0)
		return true;
	if (!match_forced(re, s, from, end, e))
		return false;
	store_spans(re, spans);
	return true;
}

/* ---- cache ---- */

#define CACHE_SIZE 8

struct regex_cache {
	struct {
		struct strbuf pattern;
		struct regex_flags flags;
		struct regex *re;
	} entry[CACHE_SIZE];
	unsigned next; /* is replaced next */
};

static void cache_free(void *arg)
{
	struct regex_cache *cache = arg;

	for (unsigned i = 0; i < CACHE_SIZE; i++) {
		regex_free(cache->entry[i].re);
		strbuf_release(&cache->entry[i].pattern);
	}
}

struct regex *regex_cached(struct fncall *c, struct str pattern, struct regex_flags flags)
{
	struct regex_cache *cache = c->state;
	unsigned slot;

	if (!cache) {
		c->state = cache = mem_new_object(c->scratch, struct regex_cache);
		for (unsigned i = 0; i < CACHE_SIZE; i++)
			strbuf_init(&cache->entry[i].pattern, 0);
		mem_on_free(c->scratch, cache_free, cache);
	}
	for (unsigned i = 0; i < CACHE_SIZE; i++)
		if (cache->entry[i].re && str_eq(strbuf_str(&cache->entry[i].pattern), pattern) &&
			memcmp(&cache->entry[i].flags, &flags, sizeof flags) == 0)
			return cache->entry[i].re;
	slot = cache->next++ % CACHE_SIZE;
	regex_free(cache->entry[slot].re);
	if (!(cache->entry[slot].re = regex_new(pattern, flags, c->err)))
		return NULL;
	strbuf_reset(&cache->entry[slot].pattern);
	strbuf_add(&cache->entry[slot].pattern, pattern.data, pattern.len);
	cache->entry[slot].flags = flags;
	return cache->entry[slot].re;
}
