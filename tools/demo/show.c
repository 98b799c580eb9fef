/*
 * `hopluu demo show`: the showcase queries (the files of showcase/, compiled in), each with its plan and what it
 * took, through a session as any client would run them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/utf8.h"
#include "engine/session/session.h"
#include "tools/demo/demo.h"

extern const char embed_residents_without_insurance_sql[], embed_provinces_business_tax_sql[], embed_vehicles_without_owner_sql[];
static const char *const showcase[] = {embed_residents_without_insurance_sql, embed_provinces_business_tax_sql, embed_vehicles_without_owner_sql};

#define MAX_ROWS 200
#define MAX_COLUMNS 16

/* The rows of one answer as texts, printed when it is complete. */
struct answer {
	struct session *session;
	struct mem *mem;
	uint32_t ncols, nrows;
	const char *names[MAX_COLUMNS];
	bool numeric[MAX_COLUMNS];
	const char *cells[MAX_ROWS][MAX_COLUMNS];
};

static bool answer_begin(void *arg, const struct result_column *cols, uint32_t ncols, struct err *e)
{
	struct answer *a = arg;
	(void)e;
	a->ncols = ncols < MAX_COLUMNS ? ncols : MAX_COLUMNS;
	for (uint32_t i = 0; i < a->ncols; i++) {
		a->names[i] = mem_strdup(a->mem, cols[i].name);
		a->numeric[i] = type_is_number(cols[i].type);
	}
	return true;
}

static bool answer_rows(void *arg, const struct batch *b, struct err *e)
{
	struct answer *a = arg;
	struct strbuf text;
	(void)e;
	strbuf_init(&text, 0);
	for (uint32_t r = 0; r < b->rows && a->nrows < MAX_ROWS; r++, a->nrows++)
		for (uint32_t c = 0; c < a->ncols; c++) {
			struct value v = vec_get(&b->cols[c], r);
			strbuf_reset(&text);
			if (!v.is_null)
				value_print(&v, session_text_context(a->session), &text);
			a->cells[a->nrows][c] = mem_strdup(a->mem, strbuf_cstr(&text));
		}
	strbuf_release(&text);
	return true;
}

static bool answer_end(void *arg, const char *tag, struct err *e)
{
	(void)arg, (void)tag, (void)e;
	return true;
}

static void print_cell(const char *text, size_t width, bool right)
{
	size_t own = utf8_width(text, strlen(text)), pad = own < width ? width - own : 0;
	printf("%*s%s%*s  ", right ? (int)pad : 0, "", text, right ? 0 : (int)pad, "");
}

static void answer_print(const struct answer *a)
{
	size_t widths[MAX_COLUMNS];
	for (uint32_t c = 0; c < a->ncols; c++) {
		widths[c] = utf8_width(a->names[c], strlen(a->names[c]));
		for (uint32_t r = 0; r < a->nrows; r++) {
			size_t w = utf8_width(a->cells[r][c], strlen(a->cells[r][c]));
			widths[c] = w > widths[c] ? w : widths[c];
		}
	}
	/* a plan has one column and speaks for itself */
	bool plan = a->ncols == 1 && strcmp(a->names[0], "QUERY PLAN") == 0;
	for (uint32_t c = 0; c < a->ncols && !plan; c++)
		print_cell(a->names[c], widths[c], a->numeric[c]);
	if (!plan)
		putchar('\n');
	for (uint32_t c = 0; c < a->ncols && !plan; c++) {
		for (size_t i = 0; i < widths[c]; i++)
			putchar('-');
		fputs("  ", stdout);
	}
	if (!plan)
		putchar('\n');
	for (uint32_t r = 0; r < a->nrows; r++) {
		for (uint32_t c = 0; c < a->ncols; c++)
			if (plan)
				fputs(a->cells[r][c], stdout);
			else
				print_cell(a->cells[r][c], widths[c], a->numeric[c]);
		putchar('\n');
	}
}

static bool run_and_print(struct session *s, const char *prefix, const char *sql, struct err *e)
{
	struct mem *m = mem_new(NULL, MEM_OTHER, "answer", 0);
	struct answer *a = mem_new_object(m, struct answer);
	struct receiver to = {answer_begin, answer_rows, answer_end, a};
	struct strbuf text;
	strbuf_init(&text, 0);
	strbuf_adds(&text, prefix);
	strbuf_adds(&text, sql);
	a->session = s;
	a->mem = m;
	bool ok = session_run(s, strbuf_str(&text), &to, e);
	if (ok)
		answer_print(a);
	strbuf_release(&text);
	mem_free(m);
	return ok;
}

bool demo_show(const char *directory, struct err *e)
{
	static const struct principal analyst = {.user = "admin", .agency = "", .purpose = "demo", .is_administrator = true, .is_operator = true};
	char path[4096];
	snprintf(path, sizeof(path), "%s/catalog", directory);
	struct engine *g = engine_open(path, 0, e);
	if (!g)
		return false;
	struct session *s = session_open(g, &analyst, e);
	bool ok = s != NULL;
	for (size_t i = 0; ok && i < ARRAY_LEN(showcase); i++) {
		printf("%s%s\n", i ? "\n" : "", showcase[i]);
		int64_t start = clock_monotonic_us();
		ok = run_and_print(s, "", showcase[i], e);
		if (ok) {
			printf("(%.0f ms)\n\n", (double)(clock_monotonic_us() - start) / 1e3);
			ok = run_and_print(s, "EXPLAIN ANALYZE ", showcase[i], e);
		}
		if (!ok)
			err_context(e, "in showcase query %zu", i + 1);
	}
	if (s)
		session_close(s);
	engine_close(g);
	return ok;
}
