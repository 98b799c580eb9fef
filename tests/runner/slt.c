/* Reading of sqllogictest files and the text form of results, see slt.h. */
#include "tests/runner/slt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static char *read_whole(struct mem *m, const char *path, size_t *len, struct err *e)
{
	FILE *f = fopen(path, "rb");
	struct strbuf b;
	char chunk[65536], *text;
	size_t n;

	if (!f) {
		err_set(e, ERR_UNDEFINED_FILE, "%s: %s", path, strerror(errno));
		return NULL;
	}
	strbuf_init(&b, 0);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		strbuf_add(&b, chunk, n);
	fclose(f);
	*len = b.len;
	text = mem_strndup(m, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return text;
}

struct lines {
	const char *text;
	size_t len, at;
	int number;
};

static bool next_line(struct lines *l, struct str *out)
{
	size_t start = l->at;

	if (l->at >= l->len)
		return false;
	while (l->at < l->len && l->text[l->at] != '\n')
		l->at++;
	*out = str_make(l->text + start, l->at - start);
	l->at++;
	l->number++;
	return true;
}

static bool starts(struct str s, const char *word)
{
	size_t n = strlen(word);

	return s.len >= n && memcmp(s.data, word, n) == 0 && (s.len == n || s.data[n] == ' ');
}

static void parse_header(struct mem *m, struct record *r, struct str line)
{
	char *copy = mem_strndup(m, line.data, line.len), *save = NULL;
	char *word = strtok_r(copy, " ", &save);

	r->header = mem_strndup(m, line.data, line.len);
	r->kind = strcmp(word, "query") == 0 ? RECORD_QUERY : RECORD_STATEMENT;
	while ((word = strtok_r(NULL, " ", &save))) {
		if (strcmp(word, "rowsort") == 0)
			r->rowsort = true;
		else if (strcmp(word, "types") == 0)
			r->types = true;
		else if (strcmp(word, "error") == 0)
			r->error = (word = strtok_r(NULL, " ", &save)) ? word : "?";
	}
}

static void parse_body(struct mem *m, struct record *r, struct lines *l)
{
	struct strbuf sql;
	struct str line;
	size_t cap = 0;
	bool results = false;

	strbuf_init(&sql, 0);
	while (next_line(l, &line) && line.len > 0) {
		if (!results && starts(line, "----")) {
			results = true;
		} else if (results) {
			MEM_PUSH(m, r->rows, r->nrows, cap, mem_strndup(m, line.data, line.len));
		} else {
			if (sql.len)
				strbuf_addc(&sql, '\n');
			strbuf_add(&sql, line.data, line.len);
		}
	}
	r->sql = mem_strndup(m, strbuf_cstr(&sql), sql.len);
	r->text_end = l->at > l->len ? l->len : l->at;
	strbuf_release(&sql);
}

bool slt_read(struct mem *m, const char *path, struct slt_file *out, struct err *e)
{
	struct lines l = {0};
	struct record next = {0};
	struct str line;
	size_t cap = 0;

	memset(out, 0, sizeof *out);
	out->path = mem_strdup(m, path);
	out->text = read_whole(m, path, &out->len, e);
	if (!out->text)
		return false;
	l.text = out->text;
	l.len = out->len;
	while (true) {
		size_t start = l.at;

		if (!next_line(&l, &line) || starts(line, "halt"))
			return true;
		if (line.len == 0 || line.data[0] == '#')
			continue;
		if (starts(line, "onlyif") && next.nonly < ARRAY_LEN(next.only)) {
			next.only[next.nonly++] = mem_strndup(m, line.data + 7, line.len - 7);
		} else if (starts(line, "skipif") && next.nskip < ARRAY_LEN(next.skip)) {
			next.skip[next.nskip++] = mem_strndup(m, line.data + 7, line.len - 7);
		} else if (starts(line, "query") || starts(line, "statement")) {
			next.line = l.number;
			next.text_start = start;
			parse_header(m, &next, line);
			parse_body(m, &next, &l);
			MEM_PUSH(m, out->records, out->count, cap, next);
			memset(&next, 0, sizeof next);
		} else {
			return err_set(e, ERR_SYNTAX_ERROR, "%s:%d: not understood: %.*s", path, l.number, (int)line.len, line.data);
		}
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void rows_sort(struct rows *r)
{
	if (r->count)
		qsort(r->list, r->count, sizeof *r->list, by_text);
}

void value_escape(struct strbuf *b, const char *text, size_t len, bool is_null)
{
	if (is_null || len == 0) {
		strbuf_adds(b, is_null ? "NULL" : "(empty)");
		return;
	}
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\n')
			strbuf_adds(b, "\\n");
		else if (text[i] == '\t')
			strbuf_adds(b, "\\t");
		else if (text[i] == '\\')
			strbuf_adds(b, "\\\\");
		else
			strbuf_addc(b, text[i]);
}
