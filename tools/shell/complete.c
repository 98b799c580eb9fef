/*
 * What Tab offers: backslash commands and their arguments, settings and their values, schemas, tables behind "schema.",
 * columns of the tables that the statement names (also by alias), functions, and the keywords that the grammar allows at
 * that place. From the catalog snapshot, as far as the user sees it; no source is asked.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/base/settings.h"
#include "engine/function/func.h"
#include "parser/lexer.h"
#include "tools/shell/shell_int.h"

#define MAX_RELATIONS 64
#define MANY_COLUMNS 2 /* typed letters from which columns of all tables are offered when the statement names no table yet */

struct found {
	struct str prefix;
	char **words;
	size_t n, cap;
};

/* A table that the statement names. */
struct relation {
	const struct catalog_table *table;           /* one of the two */
	const struct virtual_table *virtual_table;
	struct str alias;
};

struct completion {
	struct found found;
	const struct catalog_snapshot *snapshot;
	const struct principal *who;
	const char *search_path;
	struct mem *mem;
	struct relation relations[MAX_RELATIONS];
	size_t nrelations;
};

/* `before` and name, when that begins with what was typed, in any case. */
static void offer_raw(struct found *f, const char *word)
{
	if (strncasecmp(word, f->prefix.data, f->prefix.len) != 0)
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
	f->words[f->n] = strdup(word);
	if (!f->words[f->n++])
		abort();
}

static void offer_name(struct found *f, const char *before, const char *name, const char *after)
{
	struct strbuf b;

	strbuf_init(&b, 4096);
	strbuf_adds(&b, before);
	ident_quote(&b, str_of(name));
	strbuf_adds(&b, after);
	offer_raw(f, strbuf_cstr(&b));
	strbuf_release(&b);
}

/* ---- the tables of the statement ---- */

/* The name that a piece spells: unquoted, lower case as SQL folds it. */
static const char *piece_name(struct mem *m, struct str text, struct piece p)
{
	char *name;

	if (p.kind == PIECE_WORD) {
		name = mem_strndup(m, text.data + p.start, p.end - p.start);
		for (char *c = name; *c; c++)
			*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
		return name;
	}
	if (p.kind != PIECE_QUOTED_NAME || p.open)
		return NULL;
	name = mem_strndup(m, text.data + p.start + 1, p.end - p.start - 2);
	for (char *in = name, *out = name;; in++) {
		*out++ = *in;
		if (!*in)
			return name;
		if (in[0] == '"' && in[1] == '"')
			in++;
	}
}

static bool find_relation(const struct completion *c, const char *schema, const char *name, struct relation *out)
{
	char one[256];
	const char *path = c->search_path;

	*out = (struct relation){0};
	if (schema) {
		out->table = catalog_find_table(c->snapshot, schema, name);
		out->virtual_table = out->table ? NULL : virtual_table_find(schema, name);
	}
	while (!schema && *path && !out->table) {
		size_t n = strcspn(path, ",");

		snprintf(one, sizeof one, "%.*s", (int)n, path);
		out->table = catalog_find_table(c->snapshot, one, name);
		path += n;
		path += strspn(path, ", ");
	}
	if (out->table && !authorize_sees_table(c->who, out->table))
		out->table = NULL;
	return out->table || out->virtual_table;
}

static struct piece next_piece(struct str text, size_t *at)
{
	struct piece p;

	do {
		p = piece_at(text, *at);
		*at = p.end;
	} while (p.kind == PIECE_BLANK || p.kind == PIECE_LINE_COMMENT || p.kind == PIECE_BLOCK_COMMENT);
	return p;
}

static bool is_dot(struct str text, struct piece p)
{
	return p.kind == PIECE_PUNCTUATION && text.data[p.start] == '.';
}

/* Every `name` or `schema.name` that is a table, with the word behind it as its alias. */
static void find_relations(struct completion *c, struct str text)
{
	size_t at = 0;
	struct piece p = next_piece(text, &at);

	while (p.kind != PIECE_END && c->nrelations < MAX_RELATIONS) {
		const char *name = piece_name(c->mem, text, p), *schema = NULL;
		struct relation r;

		p = next_piece(text, &at);
		if (!name)
			continue;
		if (is_dot(text, p)) {
			p = next_piece(text, &at);
			schema = name;
			name = piece_name(c->mem, text, p);
			if (!name)
				continue;
			p = next_piece(text, &at);
		}
		if (!find_relation(c, schema, name, &r))
			continue;
		r.alias = str_of(name);
		if (p.kind == PIECE_WORD && p.end - p.start == 2 && strncasecmp(text.data + p.start, "as", 2) == 0)
			p = next_piece(text, &at);
		if (piece_name(c->mem, text, p) && (p.kind != PIECE_WORD || !keyword_find(text.data + p.start, p.end - p.start)))
			r.alias = str_of(piece_name(c->mem, text, p));
		c->relations[c->nrelations++] = r;
	}
}

static void offer_columns_of(struct completion *c, const struct relation *r, const char *before)
{
	for (uint32_t i = 0; r->table && i < r->table->ncols; i++)
		if (authorize_sees_column(c->who, r->table, i))
			offer_name(&c->found, before, r->table->columns[i].name, "");
	for (uint32_t i = 0; r->virtual_table && i < r->virtual_table->ncols; i++)
		offer_name(&c->found, before, r->virtual_table->cols[i].name, "");
}

static void offer_columns(struct completion *c)
{
	for (size_t i = 0; i < c->nrelations; i++)
		offer_columns_of(c, &c->relations[i], "");
	/* "fr" is more likely FROM than one of thousands of columns */
	for (size_t i = 0; c->nrelations == 0 && c->found.n == 0 && c->found.prefix.len >= MANY_COLUMNS && i < c->snapshot->nschemas; i++)
		for (size_t k = 0; k < c->snapshot->schemas[i]->ntables; k++) {
			struct relation r = {.table = c->snapshot->schemas[i]->tables[k]};

			if (authorize_sees_table(c->who, r.table))
				offer_columns_of(c, &r, "");
		}
}

/* Behind "a.": tables of the schema a, columns of the relation called a. */
static void offer_behind_dot(struct completion *c, const char *typed, size_t dot)
{
	char before[300];
	struct piece p = piece_at(str_make(typed, dot), 0);
	const char *name = p.end == dot ? piece_name(c->mem, str_make(typed, dot), p) : NULL;
	const struct catalog_schema *in = name ? catalog_find_schema(c->snapshot, name) : NULL;

	if (!name)
		return;
	snprintf(before, sizeof before, "%.*s.", (int)dot, typed);
	for (size_t i = 0; i < c->nrelations; i++)
		if (str_eq(c->relations[i].alias, str_of(name)))
			offer_columns_of(c, &c->relations[i], before);
	for (size_t k = 0; in && k < in->ntables; k++)
		if (authorize_sees_table(c->who, in->tables[k]))
			offer_name(&c->found, before, in->tables[k]->name, "");
	for (size_t k = 0; k < virtual_table_count(); k++)
		if (strcmp(virtual_table_at(k)->schema, name) == 0)
			offer_name(&c->found, before, virtual_table_at(k)->name, "");
}

static void offer_schemas(struct completion *c)
{
	for (size_t i = 0; i < c->snapshot->nschemas; i++)
		if (authorize_sees_schema(c->who, c->snapshot->schemas[i]))
			offer_name(&c->found, "", c->snapshot->schemas[i]->name, ".");
	offer_raw(&c->found, "information_schema.");
	offer_raw(&c->found, "hopluu.");
	for (const char *path = c->search_path; *path;) {
		char one[256];
		size_t n = strcspn(path, ",");
		const struct catalog_schema *in;

		snprintf(one, sizeof one, "%.*s", (int)n, path);
		in = catalog_find_schema(c->snapshot, one);
		for (size_t k = 0; in && k < in->ntables; k++)
			if (authorize_sees_table(c->who, in->tables[k]))
				offer_name(&c->found, "", in->tables[k]->name, "");
		path += n;
		path += strspn(path, ", ");
	}
}

/* ---- other words ---- */

static void offer_keyword(struct found *f, const char *keyword)
{
	bool upper = f->prefix.len && f->prefix.data[0] >= 'A' && f->prefix.data[0] <= 'Z';
	char word[64];

	snprintf(word, sizeof word, "%s", keyword);
	for (char *p = word; upper && *p; p++)
		*p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
	offer_raw(f, word);
}

static void offer_functions(struct found *f)
{
	for (size_t i = 0; i < func_count(); i++)
		if (func_at(i)->kind != FUNC_OPERATOR && func_at(i)->kind != FUNC_CAST && func_at(i)->name[0] != '$')
			offer_raw(f, func_at(i)->name);
}

static void offer_values(struct found *f, const char *setting)
{
	int id = setting_find(setting);
	const char *choices = id < 0									   ? ""
						  : setting_infos[id].kind == SETTING_BOOL ? "on|off"
						  : setting_infos[id].kind == SETTING_ENUM ? setting_infos[id].choices
																	   : "";

	while (*choices) {
		char word[64];
		size_t n = strcspn(choices, "|");

		snprintf(word, sizeof word, "%.*s", (int)n, choices);
		offer_raw(f, word);
		choices += n + (choices[n] == '|');
	}
	offer_raw(f, "default");
}

static void offer_files(struct found *f)
{
	char directory[1024], path[2048];
	size_t slash = f->prefix.len;
	struct dirent *entry;
	DIR *d;

	while (slash > 0 && f->prefix.data[slash - 1] != '/')
		slash--;
	snprintf(directory, sizeof directory, "%.*s", (int)slash, f->prefix.data);
	d = opendir(slash ? directory : ".");
	while (d && (entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.' && f->prefix.data[slash] != '.')
			continue;
		snprintf(path, sizeof path, "%s%s%s", directory, entry->d_name, entry->d_type == DT_DIR ? "/" : "");
		offer_raw(f, path);
	}
	if (d)
		closedir(d);
}

/* The last words before the one being typed, lower case, latest first; "" = there is none. */
static void words_before(struct str text, size_t end, char out[3][64])
{
	for (int i = 0; i < 3; i++) {
		size_t start, n;

		while (end > 0 && strchr(" \t\n=", text.data[end - 1]))
			end--;
		start = end;
		while (start > 0 && !strchr(" \t\n=,()", text.data[start - 1]))
			start--;
		n = end - start < 63 ? end - start : 63;
		for (size_t k = 0; k < n; k++)
			out[i][k] = (char)(text.data[start + k] >= 'A' && text.data[start + k] <= 'Z' ? text.data[start + k] + 32
																						   : text.data[start + k]);
		out[i][n] = '\0';
		end = start;
	}
}

static bool is_one_of(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, list[i]) == 0)
			return true;
	return false;
}

static const char *const commands[] = {"\\d", "\\dn", "\\dt",	 "\\dv",   "\\des",		"\\df", "\\e", "\\echo", "\\format", "\\i",
									   "\\o", "\\p",  "\\q", "\\r", "\\timing", "\\x",	"\\?", "\\null"};
static const char *const formats[] = {"table", "expanded", "csv", "tsv", "json", "jsonl", "markdown"};
static const char *const before_setting[] = {"set", "show", "reset", "local", "session"};
static const char *const before_table[] = {"from", "join", "describe", "desc", "analyze", "\\d", "\\dt", "\\dn", "\\dv"};

/* Arguments of backslash commands and words behind SET: true when nothing else may be offered. */
static bool offer_by_words(struct completion *c, char words[3][64])
{
	struct found *f = &c->found;

	if (f->prefix.len && f->prefix.data[0] == '\\') {
		for (size_t i = 0; i < ARRAY_LEN(commands); i++)
			offer_raw(f, commands[i]);
		return true;
	}
	if (strcmp(words[0], "\\format") == 0) {
		for (size_t i = 0; i < ARRAY_LEN(formats); i++)
			offer_raw(f, formats[i]);
		return true;
	}
	if (is_one_of(words[0], before_setting, ARRAY_LEN(before_setting)) && setting_find(words[0]) < 0) {
		for (int i = 0; i < SETTING_COUNT; i++)
			offer_raw(f, setting_infos[i].name);
		if (strcmp(words[0], "show") == 0 && !*words[1]) {
			offer_keyword(f, "all");
			offer_keyword(f, "servers");
			offer_keyword(f, "tables");
		}
		return true;
	}
	if (words[0][0] == '\\' || words[1][0] == '\\')
		return !is_one_of(words[0], before_table, ARRAY_LEN(before_table));
	if (strcmp(words[1], "set") == 0 || (strcmp(words[2], "set") == 0 && strcmp(words[0], "to") == 0)) {
		offer_values(f, strcmp(words[0], "to") == 0 ? words[1] : words[0]);
		return true;
	}
	return false;
}

static void offer_sql(struct completion *c, struct str before, size_t start)
{
	struct next_words next;

	parse_next_words(c->mem, str_make(before.data, start), &next);
	for (uint32_t i = 0; i < next.count; i++)
		offer_keyword(&c->found, next.items[i]->word);
	if (next.count == 0 && !next.name && c->found.prefix.len)
		/* the text is wrong already, or merely unfinished further up */
		for (size_t i = 0; i < keyword_count; i++)
			offer_keyword(&c->found, keywords[i].word);
	if (!c->found.prefix.len && !c->nrelations)
		return;
	if (next.name || next.count == 0) {
		offer_columns(c);
		if (c->found.prefix.len) {
			offer_schemas(c);
			offer_functions(&c->found);
		}
	}
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '"' ||
		   (c & 0x80);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

size_t complete_words(struct shell *s, struct str text, size_t cursor, size_t *word_start, char ***out)
{
	struct completion *c = calloc(1, sizeof *c);
	struct str before = str_make(text.data, cursor);
	size_t start = cursor, dot, n;
	char words[3][64];

	if (!c)
		abort();
	words_before(before, cursor, words);
	if (strcmp(words[0], "\\i") == 0 || strcmp(words[1], "\\i") == 0 || strcmp(words[1], "\\o") == 0)
		while (start > 0 && !strchr(" \t", text.data[start - 1]))
			start--;
	else
		while (start > 0 && (is_word(text.data[start - 1]) || (text.data[start - 1] == '\\' && cursor - start < 8)))
			start--;
	words_before(before, start, words);
	c->snapshot = catalog_snapshot_get(engine_catalog(s->engine));
	c->who = session_principal(s->session);
	c->search_path = session_settings(s->session)->text[SET_search_path];
	c->mem = mem_new(NULL, MEM_OTHER, "completion", 0);
	c->found.prefix = str_make(mem_strndup(c->mem, text.data + start, cursor - start), cursor - start);
	for (dot = c->found.prefix.len; dot > 0 && c->found.prefix.data[dot - 1] != '.'; dot--)
		;
	find_relations(c, text);
	if (strcmp(words[0], "\\i") == 0 || strcmp(words[0], "\\o") == 0)
		offer_files(&c->found);
	else if (dot)
		offer_behind_dot(c, c->found.prefix.data, dot - 1);
	else if (offer_by_words(c, words))
		;
	else if (is_one_of(words[0], before_table, ARRAY_LEN(before_table)))
		offer_schemas(c);
	else
		offer_sql(c, before, start);
	catalog_snapshot_unref(c->snapshot);
	mem_free(c->mem);
	if (c->found.n)
		qsort(c->found.words, c->found.n, sizeof *c->found.words, by_text);
	*word_start = start;
	*out = c->found.words;
	n = c->found.n;
	free(c);
	return n;
}
