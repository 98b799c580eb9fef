/* Reading of statements and known differences, see corpus.h. Errors of files end the program: they are the project's own. */
#include "tests/oracle/corpus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

char *corpus_text(struct mem *m, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct strbuf b;
	char chunk[65536], *text;
	size_t n;

	if (!f) {
		fprintf(stderr, "oracle: %s: %s\n", path, strerror(errno));
		exit(2);
	}
	strbuf_init(&b, 0);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		strbuf_add(&b, chunk, n);
	fclose(f);
	text = mem_strndup(m, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return text;
}

/* FNV-1a: stable for ever, unlike hash.h's. */
static uint64_t stable_hash(const char *s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return h ^ h >> 29;
}

static bool is_name_char(char c)
{
	return c == '_' || c == '$' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 128;
}

static const char *skip_quoted(const char *p, bool backslashes)
{
	char quote = *p++;

	while (*p && (*p != quote || p[1] == quote))
		p += (backslashes && *p == '\\' && p[1]) || *p == quote ? 2 : 1;
	return *p ? p + 1 : p;
}

static const char *skip_block_comment(const char *p)
{
	int depth = 0;

	do {
		if (p[0] == '/' && p[1] == '*') {
			depth++;
			p += 2;
		} else if (p[0] == '*' && p[1] == '/') {
			depth--;
			p += 2;
		} else {
			p++;
		}
	} while (*p && depth);
	return p;
}

/* $tag$ … $tag$; p stands at the first dollar. NULL when this is no such quote. */
static const char *skip_dollars(const char *p)
{
	const char *q = p + 1, *end;
	char tag[64];
	size_t n;

	while (is_name_char(*q) && *q != '$')
		q++;
	n = (size_t)(q + 1 - p);
	if (*q != '$' || n >= sizeof tag || (p[1] >= '0' && p[1] <= '9'))
		return NULL;
	memcpy(tag, p, n);
	tag[n] = 0;
	end = strstr(q + 1, tag);
	return end ? end + n : p + strlen(p);
}

/* The next piece of SQL text from p: a quoted thing, a comment, a name, or one character. */
static const char *skip_token(const char *p)
{
	const char *end;

	if (*p == '\'')
		return skip_quoted(p, false);
	if ((*p == 'E' || *p == 'e') && p[1] == '\'')
		return skip_quoted(p + 1, true);
	if (*p == '"')
		return skip_quoted(p, false);
	if (p[0] == '-' && p[1] == '-')
		return p + strcspn(p, "\n");
	if (p[0] == '/' && p[1] == '*')
		return skip_block_comment(p);
	if (*p == '$' && (end = skip_dollars(p)))
		return end;
	if (is_name_char(*p)) {
		while (is_name_char(*p))
			p++;
		return p;
	}
	return p + 1;
}

/* ORDER BY outside of parentheses. */
static bool is_ordered(const char *sql)
{
	int depth = 0;

	for (const char *p = sql, *end; *p; p = end) {
		end = skip_token(p);
		depth += *p == '(' || *p == '[';
		depth -= *p == ')' || *p == ']';
		if (depth == 0 && end - p == 5 && strncasecmp(p, "ORDER", 5) == 0)
			return true;
	}
	return false;
}

static void add_statement(struct corpus *c, const char *path, const char *section, const char *start, const char *end, int line, bool session)
{
	struct statement s = {.file = path, .section = section, .line = line, .known = -1};

	while (end > start && (end[-1] == ' ' || end[-1] == '\n'))
		end--;
	s.sql = mem_strndup(c->mem, start, (size_t)(end - start));
	snprintf(s.hash, sizeof s.hash, "%012llx", (unsigned long long)(stable_hash(s.sql) & UINT64_C(0xffffffffffff)));
	s.ordered = is_ordered(s.sql);
	s.spread = stable_hash(session ? path : s.sql) >> 8;
	if (!session || c->nunits == 0 || c->list[c->units[c->nunits - 1].first].file != path)
		MEM_PUSH(c->mem, c->units, c->nunits, c->units_cap, ((struct unit){c->count, 0, session}));
	c->units[c->nunits - 1].count++;
	MEM_PUSH(c->mem, c->list, c->count, c->cap, s);
}

void corpus_read(struct corpus *c, const char *path)
{
	char *text = corpus_text(c->mem, path);
	bool session = strncmp(text, "-- session\n", 11) == 0;
	const char *section = "", *start = NULL, *name = mem_strdup(c->mem, path);
	int line = 1, start_line = 1;

	for (const char *p = text, *end; *p; p = end) {
		end = skip_token(p);
		if (!start && p[0] == '-' && p[1] == '-') {
			section = mem_strndup(c->mem, p + 2, (size_t)(end - p - 2));
		} else if (*p == ';') {
			if (start)
				add_statement(c, name, section, start, p, start_line, session);
			start = NULL;
		} else if (!start && *p != ' ' && *p != '\n' && *p != '\t') {
			start = p;
			start_line = line;
		}
		for (const char *q = p; q < end; q++)
			line += *q == '\n';
	}
	if (start) {
		fprintf(stderr, "oracle: %s:%d: a statement without its semicolon\n", path, start_line);
		exit(2);
	}
}

void corpus_read_known(struct corpus *c, const char *path)
{
	char *text = corpus_text(c->mem, path);
	const char *reason = NULL;
	int line = 0;

	for (char *p = text, *next; *p; p = next) {
		size_t n = strcspn(p, "\n");
		char *l = mem_strndup(c->mem, p, n);

		next = p[n] ? p + n + 1 : p + n;
		line++;
		if (l[0] == '#' && l[1] == ' ') {
			reason = l + 2;
		} else if (*l) {
			if (!reason) {
				fprintf(stderr, "oracle: %s:%d: no reason above it\n", path, line);
				exit(2);
			}
			MEM_PUSH(c->mem, c->known, c->nknown, c->known_cap, ((struct known){.text = l, .reason = reason, .line = line}));
		}
	}
}

static const char *one_blank(struct mem *m, const char *sql)
{
	struct strbuf b;
	const char *out;

	strbuf_init(&b, 0);
	for (; *sql; sql++)
		if (*sql != ' ' && *sql != '\n' && *sql != '\t')
			strbuf_addc(&b, *sql);
		else if (b.len && b.data[b.len - 1] != ' ')
			strbuf_addc(&b, ' ');
	out = mem_strndup(m, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return out;
}

void corpus_match_known(struct corpus *c)
{
	for (size_t i = 0; i < c->count && c->nknown; i++) {
		struct statement *s = &c->list[i];
		const char *text = one_blank(c->mem, s->sql);

		for (size_t k = 0; k < c->nknown && s->known < 0; k++) {
			struct known *known = &c->known[k];

			if (*known->text == '#' ? strncmp(known->text + 1, s->hash, 12) == 0 : strstr(text, known->text) != NULL) {
				s->known = (int)k;
				known->matched++;
			}
		}
	}
}
