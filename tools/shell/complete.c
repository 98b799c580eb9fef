/*
 * What Tab offers: backslash commands, settings after SET and SHOW, schemas, tables behind "schema.", columns of the
 * tables that the statement names, functions and keywords. From the catalog snapshot; no source is asked.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/base/settings.h"
#include "engine/function/func.h"
#include "parser/parser.h"
#include "tools/shell/shell_int.h"

struct found {
	const char *prefix;
	size_t len;
	char **words;
	size_t n, cap;
};

static void offer(struct found *f, const char *word)
{
	if (strncmp(word, f->prefix, f->len) != 0)
		return;
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->words[i], word) == 0)
			return;
	if (f->n == f->cap) {
		f->cap = f->cap ? f->cap * 2 : 32;
		f->words = realloc(f->words, f->cap * sizeof *f->words);
		if (!f->words)
			abort();
	}
	f->words[f->n++] = strdup(word);
}

static void offer_name(struct found *f, const char *before, const char *name)
{
	struct strbuf b;

	strbuf_init(&b, 1024);
	strbuf_adds(&b, before);
	ident_quote(&b, str_of(name));
	offer(f, strbuf_cstr(&b));
	strbuf_release(&b);
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '"' ||
		   (c & 0x80);
}

/* Is `name` a word of the text? Cheap, and good enough to say which tables' columns to offer. */
static bool mentions(struct str text, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i + len <= text.len; i++)
		if (strncasecmp(text.data + i, name, len) == 0 && (i == 0 || !is_word(text.data[i - 1]) || text.data[i - 1] == '.') &&
			(i + len == text.len || !is_word(text.data[i + len])))
			return true;
	return false;
}

static void offer_columns(struct found *f, const struct catalog_snapshot *s, const struct principal *who, struct str text)
{
	for (size_t i = 0; i < s->nschemas; i++)
		for (size_t k = 0; k < s->schemas[i]->ntables; k++) {
			const struct catalog_table *t = s->schemas[i]->tables[k];

			if (!mentions(text, t->name) || !authorize_sees_table(who, t))
				continue;
			for (uint32_t c = 0; c < t->ncols; c++)
				if (authorize_sees_column(who, t, c))
					offer_name(f, "", t->columns[c].name);
		}
}

static void offer_tables(struct found *f, const struct catalog_snapshot *s, const struct principal *who, const char *schema)
{
	char before[300];
	const struct catalog_schema *in = catalog_find_schema(s, schema);

	snprintf(before, sizeof before, "%s.", schema);
	for (size_t k = 0; in && k < in->ntables; k++)
		if (authorize_sees_table(who, in->tables[k]))
			offer_name(f, before, in->tables[k]->name);
	for (size_t i = 0; i < virtual_table_count(); i++)
		if (strcmp(virtual_table_at(i)->schema, schema) == 0)
			offer_name(f, before, virtual_table_at(i)->name);
}

static void offer_schemas(struct found *f, const struct catalog_snapshot *s, const struct principal *who)
{
	char name[300];

	for (size_t i = 0; i < s->nschemas; i++)
		if (authorize_sees_schema(who, s->schemas[i])) {
			snprintf(name, sizeof name, "%s.", s->schemas[i]->name);
			offer(f, name);
		}
	offer(f, "information_schema.");
	offer(f, "hopluu.");
	{
		const struct catalog_schema *in = catalog_find_schema(s, "public");

		for (size_t k = 0; in && k < in->ntables; k++)
			offer_name(f, "", in->tables[k]->name);
	}
}

static bool previous_word_is(struct str before, size_t start, const char *word)
{
	size_t end = start, len = strlen(word);

	while (end > 0 && (before.data[end - 1] == ' ' || before.data[end - 1] == '\n'))
		end--;
	return end >= len && strncasecmp(before.data + end - len, word, len) == 0 && (end == len || !is_word(before.data[end - len - 1]));
}

static void offer_keywords(struct found *f)
{
	bool upper = f->len && f->prefix[0] >= 'A' && f->prefix[0] <= 'Z';
	char lower[128];
	size_t n = f->len < sizeof lower ? f->len : sizeof lower - 1;

	for (size_t i = 0; i < n; i++)
		lower[i] = (char)(f->prefix[i] >= 'A' && f->prefix[i] <= 'Z' ? f->prefix[i] + 32 : f->prefix[i]);
	for (size_t i = 0; i < keyword_count; i++) {
		char word[64];

		if (strncmp(keywords[i].word, lower, n) != 0)
			continue;
		snprintf(word, sizeof word, "%s", keywords[i].word);
		for (char *p = word; upper && *p; p++)
			*p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
		offer(f, word);
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

size_t complete_words(struct shell *s, struct str before, size_t *word_start, char ***out)
{
	static const char *const commands[] = {"\\d",  "\\dn",	  "\\dt", "\\dv", "\\des", "\\df",	   "\\e", "\\echo", "\\format",
										   "\\i",  "\\o",	  "\\q",  "\\timing",	  "\\x", "\\?", "\\null", "\\reset"};
	const struct catalog_snapshot *snapshot = catalog_snapshot_get(engine_catalog(s->engine));
	const struct principal *who = session_principal(s->session);
	struct found f = {0};
	size_t start = before.len;
	char prefix[512];
	const char *dot;

	while (start > 0 && (is_word(before.data[start - 1]) || (before.data[start - 1] == '\\' && start == 1)))
		start--;
	snprintf(prefix, sizeof prefix, "%.*s", (int)(before.len - start), before.data + start);
	f.prefix = prefix;
	f.len = strlen(prefix);
	dot = strrchr(prefix, '.');
	if (prefix[0] == '\\') {
		for (size_t i = 0; i < ARRAY_LEN(commands); i++)
			offer(&f, commands[i]);
	} else if (dot) {
		char schema[300];

		snprintf(schema, sizeof schema, "%.*s", (int)(dot - prefix), prefix);
		offer_tables(&f, snapshot, who, schema);
	} else if (previous_word_is(before, start, "set") || previous_word_is(before, start, "show") ||
			   previous_word_is(before, start, "reset")) {
		for (int i = 0; i < SETTING_COUNT; i++)
			offer(&f, setting_infos[i].name);
		offer_keywords(&f);
	} else if (previous_word_is(before, start, "from") || previous_word_is(before, start, "join") ||
			   previous_word_is(before, start, "describe") || previous_word_is(before, start, "\\d") ||
			   previous_word_is(before, start, "analyze")) {
		offer_schemas(&f, snapshot, who);
	} else if (f.len) {
		offer_columns(&f, snapshot, who, before);
		offer_schemas(&f, snapshot, who);
		for (size_t i = 0; i < func_count(); i++)
			if (func_at(i)->kind != FUNC_OPERATOR && func_at(i)->kind != FUNC_CAST && func_at(i)->name[0] != '$')
				offer(&f, func_at(i)->name);
		offer_keywords(&f);
	}
	catalog_snapshot_unref(snapshot);
	if (f.n)
		qsort(f.words, f.n, sizeof *f.words, by_text);
	*word_start = start;
	*out = f.words;
	return f.n;
}
