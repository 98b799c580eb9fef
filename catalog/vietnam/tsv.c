/*
 * Splits the compiled-in .tsv files. One copy of the text, cut in place; cells point into it. Leaves
 * meaning of the columns to vietnam.c and the demo.
 */
#include "catalog/vietnam/tsv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must_alloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);
	if (!p) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

/* Cuts one line at its tabs; returns how many cells it has, at most max are stored. */
static size_t line_split(char *line, const char **cells, size_t max)
{
	size_t n = 0;
	for (char *p = line;;) {
		char *tab = strchr(p, '\t');
		if (n < max)
			cells[n] = p;
		n++;
		if (!tab)
			return n;
		*tab = '\0';
		p = tab + 1;
	}
}

static size_t count_char(const char *s, char c)
{
	size_t n = 0;
	for (; *s && *s != '\n'; s++)
		n += *s == c;
	return n;
}

void tsv_parse(struct tsv *t, const char *text)
{
	size_t len = strlen(text), lines = 0;
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	t->ncols = count_char(text, '\t') + 1;
	t->nrows = 0;
	t->columns = must_alloc(t->ncols * sizeof(*t->columns));
	t->cells = must_alloc((lines + 1) * t->ncols * sizeof(*t->cells));
	t->text = must_alloc(len + 1);
	memcpy(t->text, text, len + 1);

	bool header = true;
	for (char *p = t->text; *p;) {
		char *end = strchr(p, '\n'), *next = end ? end + 1 : p + strlen(p);
		if (end)
			*end = '\0';
		if (*p) {
			const char **to = header ? t->columns : t->cells + t->nrows * t->ncols;
			if (line_split(p, to, t->ncols) != t->ncols) {
				fprintf(stderr, "compiled-in table: row %zu has another width: %s\n", t->nrows + 1, p);
				abort();
			}
			t->nrows += !header;
			header = false;
		}
		p = next;
	}
}

void tsv_release(struct tsv *t)
{
	free(t->columns);
	free(t->cells);
	free(t->text);
	*t = (struct tsv){0};
}
