/* The catalog store: definitions survive reopening, snapshots are undisturbed by changes, secrets are sealed,
 * damaged files and full disks are refused cleanly. */
#define _GNU_SOURCE /* memmem */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/catalog_int.h"

static char directory[64];
static struct err err;

static int setup(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/hopluu-catalog-XXXXXX");
	err_clear(&err);
	return mkdtemp(directory) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", directory);
	return system(command);
}

static struct catalog *open_catalog(void)
{
	struct catalog *c = catalog_open(directory, &err);

	if (!c)
		fail_msg("%s: %s (%s)", errcode_sqlstate(err.code), err.message, err.detail);
	return c;
}

#define OK(call) do { if (!(call)) fail_msg("%s: %s", errcode_sqlstate(err.code), err.message); } while (0)
#define FAILS(call, want) do { err_clear(&err); assert_false(call); assert_string_equal(errcode_sqlstate(err.code), want); err_clear(&err); } while (0)

static struct catalog_server server_named(const char *name)
{
	static const struct option options[] = {{"host", "127.0.0.1"}, {"port", "5432"}};

	return (struct catalog_server){.name = name, .type = "postgresql", .agency = "mps", .options = {options, 2}};
}

static struct catalog_table person(const struct catalog_server *s)
{
	static struct catalog_column columns[3];
	static const uint32_t key_columns[] = {0};
	static struct catalog_key key;

	columns[0] = (struct catalog_column){.name = "personal_id", .remote_name = "Personal ID", .type = type_with_mod(TYPE_VARCHAR, 16), .not_null = true, .key_position = 1, .text_equal_exact = true};
	columns[1] = (struct catalog_column){.name = "họ_tên", .type = type_make(TYPE_TEXT), .comment = "họ và tên"};
	columns[2] = (struct catalog_column){.name = "income", .type = type_with_mod(TYPE_NUMERIC, typmod_numeric(12, 2)), .has_statistics = true, .null_fraction = 0.25, .distinct = 7, .width = 8, .min = "0.00"};
	key = (struct catalog_key){.name = "person_pkey", .kind = KEY_PRIMARY, .ncols = 1, .cols = key_columns};
	return (struct catalog_table){.schema = "population", .name = "person", .kind = TABLE_FOREIGN, .server = s, .remote_schema = "public", .remote_name = "person", .ncols = 3, .columns = columns, .nkeys = 1, .keys = &key, .rows = 1e8, .comment = "dân cư"};
}

static void define(struct catalog *c)
{
	struct catalog_edit *x = catalog_begin(c, &err);
	struct catalog_server s = server_named("pop");
	struct catalog_table t = person(&s);
	static const struct option secret[] = {{"user", "reader"}, {"password", "s3cr3t-mật-khẩu"}};
	struct options mapping = {secret, 2};

	assert_non_null(x);
	OK(catalog_create_server(x, &s, &err));
	OK(catalog_put_mapping(x, "pop", "", &mapping, false, &err));
	OK(catalog_create_schema(x, "population", "pop", &err));
	OK(catalog_create_table(x, &t, false, &err));
	OK(catalog_commit(x, &err));
}

static void check_person(const struct catalog_snapshot *s)
{
	const struct catalog_table *t = catalog_find_table(s, "population", "person");

	assert_non_null(t);
	assert_string_equal(t->server->name, "pop");
	assert_int_equal(t->ncols, 3);
	assert_string_equal(t->columns[0].remote_name, "Personal ID");
	assert_int_equal(t->columns[0].type.mod, 16);
	assert_int_equal(t->columns[2].type.precision, 12);
	assert_int_equal(t->columns[2].type.scale, 2);
	assert_true(t->columns[2].has_statistics);
	assert_string_equal(t->columns[2].min, "0.00");
	assert_null(t->columns[2].max);
	assert_int_equal(catalog_find_column(t, "họ_tên"), 1);
	assert_int_equal(catalog_find_column(t, "nope"), -1);
	assert_int_equal(t->nkeys, 1);
	assert_int_equal(t->keys[0].cols[0], 0);
	assert_string_equal(t->comment, "dân cư");
}

static void test_survives_reopening(void **state)
{
	struct catalog *c = open_catalog();
	const struct catalog_snapshot *s;

	(void)state;
	define(c);
	s = catalog_snapshot_get(c);
	check_person(s);
	catalog_snapshot_unref(s);
	catalog_close(c);
	c = open_catalog();
	s = catalog_snapshot_get(c);
	check_person(s);
	catalog_snapshot_unref(s);
	catalog_close(c);
}

static void test_snapshot_is_undisturbed(void **state)
{
	struct catalog *c = open_catalog();
	const struct catalog_snapshot *before, *after;
	struct catalog_edit *x;

	(void)state;
	define(c);
	before = catalog_snapshot_get(c);
	x = catalog_begin(c, &err);
	FAILS(catalog_drop_server(x, "pop", false, &err), "2BP01");
	OK(catalog_drop_server(x, "pop", true, &err));
	OK(catalog_commit(x, &err));
	check_person(before);
	after = catalog_snapshot_get(c);
	assert_null(catalog_find_table(after, "population", "person"));
	assert_null(catalog_find_server(after, "pop"));
	assert_true(after->version > before->version);
	catalog_snapshot_unref(before);
	catalog_snapshot_unref(after);
	catalog_close(c);
}

static void test_rollback_and_names(void **state)
{
	struct catalog *c = open_catalog();
	struct catalog_edit *x;
	struct catalog_server s = server_named("pop");
	const struct catalog_snapshot *snapshot;

	(void)state;
	define(c);
	x = catalog_begin(c, &err);
	FAILS(catalog_create_server(x, &s, &err), "42710");
	FAILS(catalog_create_schema(x, "population", "", &err), "42P06");
	FAILS(catalog_create_schema(x, "pg_mine", "", &err), "42939");
	FAILS(catalog_drop_schema(x, "population", false, &err), "2BP01");
	FAILS(catalog_drop_table(x, "population", "nope", false, &err), "42P01");
	FAILS(catalog_comment(x, "column", "population", "person", "nope", "x", &err), "42703");
	OK(catalog_drop_schema(x, "population", true, &err));
	catalog_rollback(x);
	snapshot = catalog_snapshot_get(c);
	check_person(snapshot);
	catalog_snapshot_unref(snapshot);
	catalog_close(c);
}

static bool file_holds(const char *name, const char *needle)
{
	char path[128], *data;
	struct stat st;
	int fd;
	bool found;

	snprintf(path, sizeof path, "%s/%s", directory, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return false;
	fstat(fd, &st);
	data = malloc((size_t)st.st_size + 1);
	assert_int_equal(read(fd, data, (size_t)st.st_size), st.st_size);
	found = memmem(data, (size_t)st.st_size, needle, strlen(needle)) != NULL;
	free(data);
	close(fd);
	return found;
}

static void test_secrets(void **state)
{
	struct catalog *c = open_catalog();
	const struct catalog_snapshot *s;
	const struct catalog_mapping *mapping;
	struct mem *m = mem_new(NULL, MEM_OTHER, "test", 0);
	struct options opened;
	struct catalog_edit *x;
	struct catalog_server bad = server_named("bad");
	static const struct option clear[] = {{"password", "x"}};
	struct stat st;
	char path[128];

	(void)state;
	define(c);
	s = catalog_snapshot_get(c);
	mapping = catalog_find_mapping(catalog_find_server(s, "pop"), "");
	assert_null(options_get(&mapping->options, "password"));
	assert_null(strstr(options_get(&mapping->sealed, "password"), "s3cr3t"));
	OK(catalog_open_secrets(c, mapping, m, &opened, &err));
	assert_string_equal(options_get(&opened, "password"), "s3cr3t-mật-khẩu");
	assert_string_equal(options_get(&opened, "user"), "reader");
	snprintf(path, sizeof path, "%s/catalog.key", directory);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	bad.options = (struct options){clear, 1};
	x = catalog_begin(c, &err);
	FAILS(catalog_create_server(x, &bad, &err), "HV00D");
	catalog_rollback(x);
	catalog_snapshot_unref(s);
	catalog_close(c);
	assert_false(file_holds("catalog.db", "s3cr3t"));
	assert_false(file_holds("catalog.db-wal", "s3cr3t"));
	/* a key that others may read is refused */
	chmod(path, 0644);
	FAILS(catalog_open(directory, &err) != NULL, "F0000");
	mem_free(m);
}

static void test_secret_needs_its_key(void **state)
{
	struct catalog *c = open_catalog();
	const struct catalog_snapshot *s;
	struct mem *m = mem_new(NULL, MEM_OTHER, "test", 0);
	struct options opened;
	char path[128];

	(void)state;
	define(c);
	catalog_close(c);
	snprintf(path, sizeof path, "%s/catalog.key", directory);
	unlink(path);
	c = open_catalog();
	s = catalog_snapshot_get(c);
	FAILS(catalog_open_secrets(c, catalog_find_mapping(catalog_find_server(s, "pop"), ""), m, &opened, &err), "XX001");
	catalog_snapshot_unref(s);
	catalog_close(c);
	mem_free(m);
}

static void damage(long at, const char *with, size_t n)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/catalog.db", directory);
	f = fopen(path, "r+b");
	assert_non_null(f);
	fseek(f, at, SEEK_SET);
	fwrite(with, 1, n, f);
	fclose(f);
}

static void test_damaged_file(void **state)
{
	struct catalog *c = open_catalog();
	static char junk[8192];

	(void)state;
	define(c);
	catalog_close(c);
	memset(junk, 0x5a, sizeof junk);
	damage(4096, junk, sizeof junk);
	FAILS(catalog_open(directory, &err) != NULL, "XX001");
	damage(0, "this is not a database at all......", 32);
	FAILS(catalog_open(directory, &err) != NULL, "XX001");
}

/* A page limit stands for the full disk: SQLite answers both with SQLITE_FULL. */
static void test_full_disk(void **state)
{
	struct catalog *c = open_catalog();
	struct catalog_edit *x;
	const struct catalog_snapshot *s;
	char name[32];
	bool refused = false;

	(void)state;
	define(c);
	sqlite3_exec(c->db, "PRAGMA max_page_count = 60", NULL, NULL, NULL);
	for (int i = 0; i < 3000 && !refused; i++) {
		x = catalog_begin(c, &err);
		assert_non_null(x);
		snprintf(name, sizeof name, "schema_with_a_long_name_%d", i);
		if (catalog_create_schema(x, name, "", &err)) {
			refused = !catalog_commit(x, &err);
		} else {
			catalog_rollback(x);
			refused = true;
		}
	}
	assert_true(refused);
	assert_string_equal(errcode_sqlstate(err.code), "53100");
	err_clear(&err);
	s = catalog_snapshot_get(c);
	check_person(s);
	catalog_snapshot_unref(s);
	catalog_close(c);
	c = open_catalog();
	s = catalog_snapshot_get(c);
	check_person(s);
	catalog_snapshot_unref(s);
	catalog_close(c);
}

static void test_second_process_is_noticed(void **state)
{
	struct catalog *a = open_catalog(), *b = open_catalog();
	const struct catalog_snapshot *s;

	(void)state;
	define(a);
	s = catalog_snapshot_get(b);
	check_person(s);
	catalog_snapshot_unref(s);
	catalog_close(a);
	catalog_close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_survives_reopening, setup, teardown),
		cmocka_unit_test_setup_teardown(test_snapshot_is_undisturbed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rollback_and_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_secrets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_secret_needs_its_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(test_second_process_is_noticed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
