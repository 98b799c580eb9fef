/*
 * The national list: cuts the compiled-in .tsv files once, at first use, and hands out their rows.
 * A row struct is a sequence of `const char *` in the order of the file's columns, so an array of
 * cells is an array of rows; static assertions keep the widths equal, parsing checks them again.
 */
#include "catalog/vietnam/vietnam.h"

#include <pthread.h>
#include <string.h>

#include "catalog/vietnam/tsv.h"

/* FILE(name, row type, number of columns) */
#define VIETNAM_FILES(FILE)                                                                            \
	FILE(agencies, agency, 7)                                                                          \
	FILE(databases, database, 10)                                                                      \
	FILE(owners, owner, 4)                                                                             \
	FILE(tables, table, 7)                                                                             \
	FILE(columns, column, 11)                                                                          \
	FILE(codes, code, 7)                                                                               \
	FILE(units, unit, 6)                                                                               \
	FILE(former_provinces, former_province, 6)

#define DECLARE(name, row, width)                                                                      \
	extern const char embed_##name##_tsv[];                                                            \
	_Static_assert(sizeof(struct vietnam_##row) == (width) * sizeof(char *), "width of " #name ".tsv");
VIETNAM_FILES(DECLARE)
#undef DECLARE

enum file_id {
#define ID(name, row, width) FILE_##name,
	VIETNAM_FILES(ID)
#undef ID
	FILE_COUNT
};

static struct vietnam_file files[FILE_COUNT];
static pthread_once_t loaded = PTHREAD_ONCE_INIT;

static void file_load(enum file_id id, const char *name, const char *text, size_t width)
{
	struct tsv t;
	tsv_parse(&t, text);
	ASSERT(t.ncols == width);
	files[id] = (struct vietnam_file){name, t.ncols, t.nrows, t.columns, t.cells};
}

static void load_all(void)
{
#define LOAD(name, row, width) file_load(FILE_##name, #name, embed_##name##_tsv, width);
	VIETNAM_FILES(LOAD)
#undef LOAD
}

size_t vietnam_files(const struct vietnam_file **out)
{
	pthread_once(&loaded, load_all);
	*out = files;
	return FILE_COUNT;
}

#define ROWS(name, row, width)                                                                         \
	size_t vietnam_##name(const struct vietnam_##row **rows)                                           \
	{                                                                                                  \
		pthread_once(&loaded, load_all);                                                               \
		*rows = (const struct vietnam_##row *)(const void *)files[FILE_##name].cells;                  \
		return files[FILE_##name].nrows;                                                               \
	}
VIETNAM_FILES(ROWS)
#undef ROWS

const struct vietnam_agency *vietnam_agency_find(const char *code)
{
	const struct vietnam_agency *rows;
	size_t n = vietnam_agencies(&rows);
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].code, code) == 0)
			return &rows[i];
	return NULL;
}

const struct vietnam_database *vietnam_database_find(const char *code)
{
	const struct vietnam_database *rows;
	size_t n = vietnam_databases(&rows);
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].code, code) == 0)
			return &rows[i];
	return NULL;
}

size_t vietnam_table_columns(const char *database, const char *table, const struct vietnam_column **first)
{
	const struct vietnam_column *rows;
	size_t n = vietnam_columns(&rows), count = 0;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i].database_code, database) != 0 || strcmp(rows[i].table_name, table) != 0) {
			if (count)
				break;
			continue;
		}
		if (!count++)
			*first = &rows[i];
	}
	return count;
}

bool vietnam_valid_on(const char *valid_from, const char *valid_until, const char *day)
{
	return !*day || ((!*valid_from || strcmp(valid_from, day) <= 0) && (!*valid_until || strcmp(day, valid_until) <= 0));
}
