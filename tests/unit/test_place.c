/*
 * Placement: which condition goes where, and why, at each dialect (place.inc holds the notes); and that no statement is
 * made from a plan whose access proof was lost on the way. HOPLUU_GOLDEN=1 prints the rows anew: read them against
 * reference/pushdown-semantics.md before they go into the file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/authorize/guard.h"
#include "engine/bind/bind.h"
#include "engine/optimize/optimize.h"
#include "engine/place/place.h"
#include "engine/place/place_int.h"
#include "parser/parser.h"
#include "tests/unit/dialect_catalog.h"

static struct err last;

static struct plan *planned(const char *sql, const char *dialect, enum pushdown pushdown, struct settings *settings, struct mem *m)
{
	static const struct principal who = {.user = "tester", .agency = "", .purpose = "", .is_administrator = true};
	struct bind_context c = {.snapshot = &snapshot, .principal = &who, .text = &text_context_default, .sql = sql};
	struct parse_result parsed;
	struct plan *p;

	err_clear(&last);
	settings_init(settings);
	snprintf(settings->text[SET_search_path], sizeof settings->text[SET_search_path], "%s", dialect);
	settings->number[SET_pushdown] = (int64_t)pushdown;
	c.settings = settings;
	assert_true(parse_sql(m, str_of(sql), &parsed, &last));
	if (!bind_query(&c, parsed.statements[0].node, m, &p, &last) ||
		!optimize_plan(p, settings, &text_context_default, NULL, NULL, &last)) {
		print_error("%s: %s\n", sql, last.message);
		fail();
	}
	return p;
}

/* ---- classes and reasons ---- */

static const struct golden {
	const char *sql;
	const char *notes[DIALECTS];
} goldens[] = {
#include "tests/unit/place.inc"
};

static enum walk add_notes(const struct rel *r, void *arg)
{
	static const char *const words[] = {[NOTE_EXACT] = "exact", [NOTE_SUPERSET] = "superset", [NOTE_LOCAL] = "local"};
	struct strbuf *out = arg;

	if (r->kind != REL_REMOTE)
		return WALK_ON;
	for (uint32_t i = 0; i < r->remote->nnotes; i++) {
		const struct remote_note *n = &r->remote->notes[i];

		strbuf_addf(out, "%s%s: %s%s%s", out->len ? "\n" : "", n->text, words[n->sent], n->why ? ", " : "", n->why ? n->why : "");
		/* whatever isn't exact says why, and nothing else does */
		assert_true((n->sent == NOTE_EXACT) == (n->why == NULL));
	}
	return WALK_SKIP;
}

static const char *notes_of(const char *sql, const char *dialect, enum pushdown pushdown, struct mem *m)
{
	struct settings settings;
	struct plan *p = planned(sql, dialect, pushdown, &settings, m);
	struct strbuf out;
	const char *text;

	assert_true(place_plan(p, &settings, &last));
	strbuf_init(&out, 0);
	rel_walk(p->root, add_notes, &out);
	text = mem_strdup(m, strbuf_cstr(&out));
	strbuf_release(&out);
	return text;
}

static void print_c(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '\n') {
			fputs("\\n\"\n\t\"", stdout);
			continue;
		}
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('"');
}

static void test_notes(void **state)
{
	bool print = getenv("HOPLUU_GOLDEN") != NULL;
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(goldens); i++) {
		struct mem *m = mem_new(NULL, MEM_PLAN, "test", 0);

		if (print) {
			fputs("{", stdout);
			print_c(goldens[i].sql);
			fputs(", {\n", stdout);
		}
		for (size_t d = 0; d < DIALECTS; d++) {
			const char *got = notes_of(goldens[i].sql, dialect_names[d], PUSHDOWN_FULL, m);

			if (print) {
				fputs("\t", stdout);
				print_c(got);
				fputs(",\n", stdout);
			} else if (!goldens[i].notes[d] || strcmp(got, goldens[i].notes[d]) != 0) {
				print_error("%s, %s\n  expected: %s\n  actual:   %s\n", dialect_names[d], goldens[i].sql,
							goldens[i].notes[d] ? goldens[i].notes[d] : "", got);
				wrong++;
			}
		}
		if (print)
			puts("}},");
		mem_free(m);
	}
	assert_int_equal(wrong, 0);
}

/* off sends no condition, filter sends conditions alone. */
static void test_modes(void **state)
{
	static const char sql[] = "SELECT k, count(*) FROM t WHERE k > 1 AND b = 2 GROUP BY k ORDER BY k LIMIT 3";
	(void)state;
	for (size_t d = 0; d < DIALECTS; d++) {
		struct mem *m = mem_new(NULL, MEM_PLAN, "test", 0);

		assert_string_equal(notes_of(sql, dialect_names[d], PUSHDOWN_OFF, m),
							"(t.k > 1): local, pushdown is off\n(t.b = 2): local, pushdown is off");
		assert_string_equal(notes_of(sql, dialect_names[d], PUSHDOWN_FILTER, m), "(t.k > 1): exact\n(t.b = 2): exact");
		mem_free(m);
	}
}

/* ---- the access proof ---- */

static enum walk find_scan(const struct rel *r, void *arg)
{
	if (r->kind == REL_SCAN)
		*(struct rel **)arg = (struct rel *)r;
	return WALK_ON;
}

static struct rel *a_scan(struct plan *p)
{
	struct rel *scan = NULL;

	rel_walk(p->root, find_scan, &scan);
	assert_non_null(scan);
	return scan;
}

/* The plan as a pass with a fault would leave it. */
enum fault { PROOF_EMPTY, PROOF_OF_ANOTHER, SCAN_WITHOUT_GUARD, GUARD_OF_ANOTHER_TABLE, GUARD_COPIED, COLUMN_NOT_READABLE, FAULTS };

static void break_plan(struct plan *p, enum fault fault, struct mem *m)
{
	struct rel *scan = a_scan(p);
	struct guard *g = mem_dup(m, scan->scan.guard, sizeof *g);
	bool *readable = mem_new_array(m, bool, 20);

	switch (fault) {
	case PROOF_EMPTY:
		p->nguards = 0;
		break;
	case PROOF_OF_ANOTHER:
		p->guards = mem_dup(m, p->guards, p->nguards * sizeof *p->guards);
		for (uint32_t i = 0; i < p->nguards; i++)
			p->guards[i] = g;
		break;
	case SCAN_WITHOUT_GUARD:
		scan->scan.guard = NULL;
		break;
	case GUARD_OF_ANOTHER_TABLE:
		g->table = &tables[0][0];
		scan->scan.guard = g;
		break;
	case GUARD_COPIED:
		scan->scan.guard = g;
		break;
	case COLUMN_NOT_READABLE:
		g->readable = readable; /* the same guard, which says no */
		p->guards = mem_dup(m, &g, sizeof(void *));
		p->nguards = 1;
		scan->scan.guard = g;
		break;
	case FAULTS:
		break;
	}
}

static void test_proof(void **state)
{
	static const char *const statements[] = {
		"SELECT id FROM t WHERE k = 1", "SELECT k, count(*) FROM t GROUP BY k", "SELECT t.id FROM t JOIN u ON u.t_id = t.id",
		"SELECT k FROM t UNION ALL SELECT t_id FROM u", "SELECT id FROM t WHERE id IN (SELECT t_id FROM u)",
		"SELECT 1 WHERE EXISTS (SELECT 1 FROM u)", "SELECT avg(k) FROM t", "SELECT k FROM t ORDER BY k LIMIT 1",
		"WITH q AS MATERIALIZED (SELECT k FROM t) SELECT * FROM q, q r", "SELECT id FROM t WHERE k = (SELECT max(id) FROM u)",
	};
	static const enum pushdown modes[] = {PUSHDOWN_OFF, PUSHDOWN_FILTER, PUSHDOWN_FULL};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(statements); i++)
		for (size_t k = 0; k < ARRAY_LEN(modes); k++)
			for (size_t d = 0; d < DIALECTS; d++)
				for (enum fault f = 0; f <= FAULTS; f++) {
					struct mem *m = mem_new(NULL, MEM_PLAN, "test", 0);
					struct settings settings;
					struct plan *p = planned(statements[i], dialect_names[d], modes[k], &settings, m);
					bool placed;

					if (f == FAULTS || i != 5) /* 5: its scan stands in an expression, which the walk doesn't see */
						break_plan(p, f, m);
					else
						p->nguards = 0;
					placed = place_plan(p, &settings, &last);
					if (placed != (f == FAULTS) || (!placed && last.code != ERR_INTERNAL)) {
						print_error("%s, %s, fault %d: %s\n", statements[i], dialect_names[d], (int)f,
									placed ? "placed" : last.message);
						fail();
					}
					mem_free(m);
				}
}

/* A fragment that lost the guard of a table that its statement reads. */
static void test_fragment_without_guard(void **state)
{
	(void)state;
	for (int lose = 0; lose < 2; lose++) {
		struct mem *m = mem_new(NULL, MEM_PLAN, "test", 0);
		struct settings settings;
		struct plan *p = planned("SELECT id FROM t", "postgresql", PUSHDOWN_FULL, &settings, m);
		struct placer placer = {.plan = p, .settings = &settings, .pushdown = PUSHDOWN_FULL, .err = &last};
		struct rel *scan = a_scan(p), *remote = rel_new(m, REL_REMOTE, 0);
		struct placed *from = mem_new_object(m, struct placed);

		assert_true(place_scan(&placer, scan, from));
		remote->cols = scan->cols;
		remote->ncols = scan->ncols;
		remote->remote = mem_new_object(m, struct remote_fragment);
		*remote->remote = (struct remote_fragment){.server = from->server, .subtree = scan, .table = from->table,
												   .guards = from->guards.list, .nguards = lose ? 0 : (uint32_t)from->guards.count};
		placer.remotes = mem_grow(m, NULL, sizeof *placer.remotes, 0, &placer.remotes_cap);
		placer.remotes[0].rel = remote;
		placer.remotes[0].from = from;
		placer.nremotes = 1;
		p->root = remote;
		assert_int_equal(place_columns(&placer), !lose);
		if (lose) {
			assert_int_equal(last.code, ERR_INTERNAL);
			assert_null(remote->remote->sql);
		} else {
			assert_non_null(strstr(remote->remote->sql, "FROM \"s\".\"t\""));
		}
		mem_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_proof),
		cmocka_unit_test(test_fragment_without_guard),
		cmocka_unit_test(test_notes),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
