/*
 * The demo nation: that the same seed gives the same rows whatever the number of threads, that ids and
 * tax codes follow their rules, that people's relations are plausible, that the dirt is what dirt.def
 * says and nothing else is dirty. Rows are made without being written (dry), or into a recording sink.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/types/encoding.h"
#include "tools/demo/demo.h"
#include "tools/demo/names.h"
#include "tools/demo/sink.h"

#define PEOPLE 5000

static struct nation nation;

static int make_nation(void **state)
{
	(void)state;
	nation_build(&nation, PEOPLE, DEMO_SEED);
	return 0;
}

static int drop_nation(void **state)
{
	(void)state;
	nation_release(&nation);
	return 0;
}

/* Loads everything without writing; gives one checksum over all databases. */
static uint64_t load_dry(unsigned threads, uint64_t seed, uint64_t dirty[DIRT_COUNT], uint64_t *rows)
{
	struct demo_options o = {.directory = "/nowhere", .people = 1500, .seed = seed, .threads = threads, .dry = true};
	struct demo_set set;
	struct nation n;
	struct err e;
	uint64_t sum = 0;
	err_clear(&e);
	assert_true(demo_set_make(&set, &o, &e));
	nation_build(&n, o.people, seed);
	bool ok = demo_load(&o, &set, &n, dirty, &e);
	if (!ok)
		print_error("%s\n%s\n", e.message, e.context);
	assert_true(ok);
	*rows = 0;
	for (size_t i = 0; i < set.n; i++) {
		sum = draw_mix(sum + set.items[i].checksum);
		*rows += set.items[i].rows;
		assert_true(set.items[i].rows > 0);
	}
	nation_release(&n);
	demo_set_release(&set);
	return sum;
}

static void test_same_seed_same_nation(void **state)
{
	uint64_t dirty1[DIRT_COUNT] = {0}, dirty2[DIRT_COUNT] = {0}, dirty3[DIRT_COUNT] = {0}, rows1, rows2, rows3;
	(void)state;
	uint64_t one = load_dry(1, DEMO_SEED, dirty1, &rows1), two = load_dry(3, DEMO_SEED, dirty2, &rows2);
	assert_true(one == two);
	assert_true(rows1 == rows2);
	assert_memory_equal(dirty1, dirty2, sizeof(dirty1));
	assert_true(load_dry(2, DEMO_SEED + 1, dirty3, &rows3) != one);
}

/* Every database of the national list that is valid on the demo's day, and the provincial one. */
static void test_all_databases(void **state)
{
	const struct vietnam_database *rows;
	size_t n = vietnam_databases(&rows), valid = 0;
	struct demo_options o = {0};
	struct demo_set set;
	struct err e;
	(void)state;
	for (size_t i = 0; i < n; i++) {
		valid += vietnam_valid_on("", rows[i].valid_until, "2026-06-30");
		assert_non_null(vietnam_agency_find(rows[i].agency_code));
		assert_true(strcmp(rows[i].status, "documented") == 0 || strcmp(rows[i].status, "representative") == 0);
	}
	err_clear(&e);
	assert_true(demo_set_make(&set, &o, &e));
	assert_int_equal(set.n, valid + 1);
	for (size_t i = 0; i < set.n; i++) {
		assert_true(set.items[i].ntables > 0);
		for (size_t t = 0; t < set.items[i].ntables; t++) {
			const struct demo_table *table = &set.items[i].tables[t];
			bool key = false;
			assert_in_range(table->ncols, 2, FILL_COLUMNS);
			for (size_t c = 0; c < table->ncols; c++) {
				key |= strstr(table->columns[c].key, "primary") != NULL;
				assert_true(*table->columns[c].comment_vi && *table->columns[c].comment_en);
				assert_true(strcmp(table->columns[c].nullable, "yes") == 0 || !strstr(table->columns[c].key, "primary") || strcmp(table->columns[c].nullable, "no") == 0);
			}
			assert_true(key);
		}
	}
	demo_set_release(&set);
}

static void test_only_and_place_are_checked(void **state)
{
	struct demo_options wrong = {.only = "land,nowhere"}, move = {.moves = {"land=postgresql"}, .nmoves = 1};
	struct demo_set set;
	struct err e;
	(void)state;
	err_clear(&e);
	assert_false(demo_set_make(&set, &wrong, &e));
	assert_int_equal(e.code, ERR_UNDEFINED_OBJECT);
	err_clear(&e);
	assert_false(demo_set_make(&set, &move, &e));
	assert_int_equal(e.code, ERR_INVALID_PARAMETER_VALUE);
}

static int compare_ids(const void *a, const void *b) { return strcmp(a, b); }

static void test_personal_ids(void **state)
{
	char(*ids)[13] = calloc(PEOPLE, sizeof(*ids));
	(void)state;
	for (uint32_t p = 0; p < PEOPLE; p++) {
		const struct person *x = &nation.people[p];
		int year = day_year(x->birth);
		person_id(&nation, p, ids[p]);
		assert_int_equal(strlen(ids[p]), 12);
		assert_int_equal(strspn(ids[p], "0123456789"), 12);
		assert_memory_equal(ids[p], nation.formers[x->former].code, 3);
		assert_int_equal(ids[p][3] - '0', (year >= 2000 ? 2 : 0) + x->female);
		assert_int_equal((ids[p][4] - '0') * 10 + ids[p][5] - '0', year % 100);
		assert_true(x->birth <= DEMO_TODAY);
	}
	qsort(ids, PEOPLE, sizeof(*ids), compare_ids);
	for (uint32_t p = 1; p < PEOPLE; p++)
		assert_true(strcmp(ids[p - 1], ids[p]) != 0);
	free(ids);
}

static void test_families(void **state)
{
	uint32_t linked = 0;
	(void)state;
	for (uint32_t p = 0; p < PEOPLE; p++) {
		const struct person *x = &nation.people[p];
		if (x->spouse != NOBODY) {
			assert_int_equal(nation.people[x->spouse].spouse, p);
			assert_int_not_equal(nation.people[x->spouse].female, x->female);
			assert_true(x->married >= x->birth + 6550);
		}
		if (x->mother != NOBODY) {
			int years = (x->birth - nation.people[x->mother].birth) / 365;
			assert_in_range(years, 18, 46);
			assert_true(nation.people[x->mother].female);
			linked++;
		}
		if (x->father != NOBODY) {
			char own[160], his[160];
			assert_true(nation.people[x->father].birth < x->birth - 6500);
			person_name(&nation, p, own, sizeof(own));
			person_name(&nation, x->father, his, sizeof(his));
			/* the family name comes from the father */
			assert_memory_equal(own, his, strcspn(his, " "));
		}
		assert_in_range(p, nation.households[x->household].first, nation.households[x->household].first + nation.households[x->household].count - 1);
	}
	assert_true(linked > PEOPLE / 4);
}

static void test_names_are_nfc(void **state)
{
	char name[160], split[400];
	struct strbuf back;
	uint32_t marked = 0;
	(void)state;
	strbuf_init(&back, 0);
	for (uint32_t p = 0; p < PEOPLE; p++) {
		size_t len = person_name(&nation, p, name, sizeof(name));
		assert_true(text_is_nfc(str_make(name, len)));
		assert_in_range(len, 4, 99);
		size_t longer = name_decompose(name, split, sizeof(split));
		strbuf_reset(&back);
		assert_true(text_to_nfc(str_make(split, longer), &back));
		assert_true(str_eq(strbuf_str(&back), str_make(name, len)));
		marked += longer > len;
	}
	assert_true(marked > PEOPLE * 9 / 10);
	strbuf_release(&back);
}

static void test_tax_codes(void **state)
{
	(void)state;
	assert_int_equal(tax_check_digit("010010910"), 6); /* the example of mission-context 2.4 */
	for (uint32_t i = 0; i < nation.nenterprises; i++) {
		const struct enterprise *x = &nation.enterprises[i];
		assert_int_equal(strlen(x->code), 10);
		assert_int_equal(tax_check_digit(x->code), x->code[9] - '0');
		assert_memory_equal(x->code, nation.provinces[x->province].code, 2);
		assert_true(nation.people[x->owner].birth < x->founded);
		if (i)
			assert_true(strcmp(nation.enterprises[i - 1].code, x->code) != 0);
	}
}

static void test_days(void **state)
{
	char text[11];
	(void)state;
	for (int32_t day = -40000; day < 40000; day += 13) {
		int y, m, d;
		day_to_civil(day, &y, &m, &d);
		assert_int_equal(day_from_civil(y, m, d), day);
	}
	day_text(DEMO_TODAY, text);
	assert_string_equal(text, "2026-06-30");
	assert_int_equal(age_on(day_from_civil(2000, 7, 1), DEMO_TODAY), 25);
	assert_int_equal(age_on(day_from_civil(2000, 6, 30), DEMO_TODAY), 26);
}

/* ---- a sink that looks at every row ---- */

struct watch {
	struct sink base;
	const struct demo_table *table;
	uint64_t rows, not_nfc[DIRT_COUNT], short_ids, missing, unknown;
	char (*ids)[13]; /* sorted: all people */
};

static bool watch_begin(struct sink *s, const struct demo_table *t, struct err *e)
{
	(void)e;
	((struct watch *)s)->table = t;
	return true;
}

static bool watch_row(struct sink *s, const struct cell *cells, size_t n, struct err *e)
{
	struct watch *w = (struct watch *)s;
	(void)e;
	w->rows++;
	for (size_t i = 0; i < n; i++) {
		const struct vietnam_column *c = &w->table->columns[i];
		int width;
		if (cells[i].kind == CELL_TEXT) {
			bool nfc = text_is_nfc(str_make(cells[i].text, cells[i].len));
			w->not_nfc[0] += !nfc;
			/* decomposed names count their marks, as the servers do */
			if (nfc && sscanf(c->type, "varchar(%d)", &width) == 1) {
				size_t points = 0;
				for (size_t k = 0; k < cells[i].len; k++)
					points += (cells[i].text[k] & 0xc0) != 0x80;
				assert_in_range(points, 1, width);
			}
		}
		if (strcmp(c->references, "population.person.personal_id") != 0 || strcmp(w->table->name, "holder") == 0)
			continue;
		if (cells[i].kind == CELL_NULL)
			w->missing++;
		else if (cells[i].len == 12)
			w->unknown += bsearch(cells[i].text, w->ids, PEOPLE, sizeof(*w->ids), compare_ids) == NULL;
		else
			w->short_ids += cells[i].len != 10; /* 10: an enterprise */
	}
	return true;
}

static bool watch_end(struct sink *s, struct err *e)
{
	(void)s, (void)e;
	return true;
}
static void watch_close(struct sink *s) { (void)s; }

static void watch_database(const char *code, struct watch *w, uint64_t dirty[DIRT_COUNT])
{
	static const struct sink_ops ops = {watch_begin, watch_row, watch_end, watch_end, watch_close};
	struct demo_options o = {.only = code};
	struct demo_set set;
	struct err e;
	err_clear(&e);
	char(*ids)[13] = w->ids;
	*w = (struct watch){.base = {&ops}, .ids = ids};
	assert_true(demo_set_make(&set, &o, &e));
	struct fill *f = calloc(1, sizeof(*f));
	f->nation = &nation;
	f->tables = set.items[0].tables;
	f->ntables = set.items[0].ntables;
	f->sink = &w->base;
	f->err = &e;
	f->dirty = dirty;
	bool ok = set.items[0].fill(f);
	if (!ok)
		print_error("%s: %s\n", code, e.message);
	assert_true(ok);
	free(f);
	demo_set_release(&set);
}

/* Outside the declared dirt everything is NFC, refers to people who exist, and is complete. */
static void test_dirt_is_what_is_declared(void **state)
{
	struct watch w = {.ids = calloc(PEOPLE, 13)};
	uint64_t dirty[DIRT_COUNT] = {0};
	(void)state;
	for (uint32_t p = 0; p < PEOPLE; p++)
		person_id(&nation, p, w.ids[p]);
	qsort(w.ids, PEOPLE, sizeof(*w.ids), compare_ids);

	watch_database("vehicle_registration", &w, dirty);
	assert_int_equal(w.unknown, dirty[DIRT_VEHICLE_UNKNOWN_OWNER]);
	assert_int_equal(w.short_ids, dirty[DIRT_VEHICLE_SHORT_ID]);
	assert_int_equal(w.not_nfc[0], 0);
	assert_true(dirty[DIRT_VEHICLE_UNKNOWN_OWNER] > 0);

	watch_database("insurance", &w, dirty);
	assert_int_equal(w.missing, dirty[DIRT_INSURANCE_MISSING_ID] + dirty[DIRT_HEALTH_CARD_MISSING_ID]);
	/* an id without leading zeros has 10 or 11 digits; ten look like an enterprise's code to the watch */
	assert_true(w.short_ids <= dirty[DIRT_INSURANCE_SHORT_ID]);
	assert_int_equal(w.unknown, 0);
	assert_int_equal(w.not_nfc[0], dirty[DIRT_INSURANCE_NFD_NAME]);

	watch_database("driver_licence", &w, dirty);
	assert_int_equal(w.unknown, dirty[DIRT_LICENCE_WRONG_SEX_DIGIT]);

	watch_database("general_education", &w, dirty);
	assert_int_equal(w.missing, dirty[DIRT_PUPIL_MISSING_ID]);
	assert_int_equal(w.unknown + w.short_ids + w.not_nfc[0], 0);

	watch_database("population", &w, dirty);
	assert_int_equal(w.unknown + w.short_ids, 0);
	assert_int_equal(w.not_nfc[0], dirty[DIRT_POPULATION_NFD_NAME]);

	watch_database("hai_phong", &w, dirty);
	assert_int_equal(w.unknown, 0);
	assert_int_equal(w.not_nfc[0], dirty[DIRT_PROVINCIAL_NFD_NAME]);
	watch_database("land", &w, dirty);
	assert_int_equal(w.not_nfc[0], dirty[DIRT_LAND_NFD_NAME]);
	free(w.ids);
}

/* The shares hold within what chance allows. */
static void test_dirt_shares(void **state)
{
	struct watch w = {.ids = calloc(PEOPLE, 13)};
	uint64_t dirty[DIRT_COUNT] = {0};
	(void)state;
	watch_database("population", &w, dirty);
	double expected = PEOPLE * dirt_infos[DIRT_POPULATION_MISSING_ETHNICITY].share / 10000.0;
	assert_true((double)dirty[DIRT_POPULATION_MISSING_ETHNICITY] > expected * 0.6 && (double)dirty[DIRT_POPULATION_MISSING_ETHNICITY] < expected * 1.5);
	free(w.ids);
}

static void test_urls(void **state)
{
	struct url_parts u;
	struct err e;
	(void)state;
	err_clear(&e);
	assert_true(url_parse("mariadb://root:p%40ss@db.example:3307/x?socket=/tmp/a%20b", &u, &e));
	assert_string_equal(u.user, "root");
	assert_string_equal(u.password, "p@ss");
	assert_string_equal(u.host, "db.example");
	assert_string_equal(u.port, "3307");
	assert_string_equal(u.database, "x");
	assert_string_equal(u.socket, "/tmp/a b");
	assert_true(url_parse("mysql://127.0.0.1/", &u, &e));
	assert_string_equal(u.host, "127.0.0.1");
	assert_string_equal(u.user, "");
	assert_false(url_parse("postgresql://x/", &u, &e));
	err_clear(&e);
	assert_false(url_parse("mariadb://a%zz@x/", &u, &e));
}

/* Statements and definitions quote what they are given. */
static void test_catalog_sql(void **state)
{
	struct demo_options o = {.directory = "/tmp/it's", .postgresql = "postgresql://u:p'w@h:5433/nation", .mariadb = "mariadb://m:x@h2/", .odbc = "SQLite3"};
	struct demo_set set;
	struct strbuf sql;
	struct err e;
	(void)state;
	err_clear(&e);
	strbuf_init(&sql, 0);
	assert_true(demo_set_make(&set, &o, &e));
	for (size_t i = 0; i < set.n; i++) {
		assert_true(demo_catalog_sql(&o, &set.items[i], &sql, &e));
		demo_import_sql(&set.items[i], &sql);
	}
	const char *text = strbuf_cstr(&sql);
	assert_non_null(strstr(text, "password 'p''w'"));
	assert_non_null(strstr(text, "port '5433'"));
	assert_non_null(strstr(text, "IMPORT FOREIGN SCHEMA \"insurance\" FROM SERVER \"insurance\" INTO \"insurance\""));
	assert_non_null(strstr(text, "database 'insurance'"));
	assert_non_null(strstr(text, "/tmp/it''s/data/prices.db"));
	strbuf_release(&sql);
	demo_set_release(&set);
}

static int run_demo(const char *line)
{
	char copy[200], *argv[12];
	int argc = 0;
	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok(copy, " "); word && argc < 11; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	return demo_main(argc, argv);
}

static void test_usage_errors(void **state)
{
	(void)state;
	assert_int_equal(run_demo("demo create /tmp/x --peopel 5"), 2);
	assert_int_equal(run_demo("demo create"), 2);
	assert_int_equal(run_demo("demo create /tmp/x --people many"), 2);
	assert_int_equal(run_demo("demo create /tmp/x --people"), 2);
	assert_int_equal(run_demo("demo destroy"), 2);
	assert_int_equal(run_demo("demo"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_seed_same_nation), cmocka_unit_test(test_all_databases),
		cmocka_unit_test(test_only_and_place_are_checked), cmocka_unit_test(test_personal_ids),
		cmocka_unit_test(test_families), cmocka_unit_test(test_names_are_nfc), cmocka_unit_test(test_tax_codes),
		cmocka_unit_test(test_days), cmocka_unit_test(test_dirt_is_what_is_declared), cmocka_unit_test(test_dirt_shares),
		cmocka_unit_test(test_urls), cmocka_unit_test(test_catalog_sql), cmocka_unit_test(test_usage_errors),
	};
	return cmocka_run_group_tests(tests, make_nation, drop_nation);
}
