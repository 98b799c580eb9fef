/*
 * The demo nation: `hopluu demo create DIR …` and `hopluu demo show DIR`. This header is what the
 * program and the tests need; the parts behind it are nation.h (the model), fill.h (rows) and sink.h
 * (places).
 */
#ifndef HOPLUU_TOOLS_DEMO_DEMO_H
#define HOPLUU_TOOLS_DEMO_DEMO_H

#include "engine/base/str.h"
#include "tools/demo/fill.h"

/* argv[0] is "demo". 0 = done, 1 = failed, 2 = wrong usage. */
int demo_main(int argc, char **argv);

enum place { PLACE_SQLITE, PLACE_POSTGRESQL, PLACE_MARIADB, PLACE_ODBC };

struct demo_options {
	const char *directory, *program; /* program: as it was called, for the line that opens the shell */
	uint32_t people;
	uint64_t seed;
	unsigned threads;                /* 0 = one a core */
	const char *postgresql, *mariadb, *odbc;
	const char *only;                /* "a,b,c": these databases; NULL = all */
	const char *moves[32];           /* "database=place" */
	size_t nmoves;
	bool force, no_catalog, no_progress, quiet;
	/* tests: nothing is written, rows are only made */
	bool dry;
};

/* A database of the demo: its description, how to fill it, where it goes. */
struct demo_database {
	const char *code, *name_vi, *name_en, *agency; /* agency "" = none of the national ones */
	struct demo_table *tables;
	size_t ntables;
	fill_fn *fill;
	double rows_per_person;  /* about; for the order of work and the progress bar */
	enum place place;
	uint64_t rows, checksum; /* results */
	double seconds;
};
struct demo_set {
	struct demo_database *items;
	size_t n;
	struct mem *mem;         /* owns everything */
};

/* The national databases that are valid on the demo's day, and the provincial register. */
MUST_CHECK bool demo_set_make(struct demo_set *set, const struct demo_options *o, struct err *e);
void demo_set_release(struct demo_set *set);
const char *place_name(enum place p);
/* The path of a database's SQLite file, also behind ODBC. */
const char *demo_file(const struct demo_options *o, const struct demo_database *d, struct mem *m);

/* Makes all rows of all databases. dirty gets the number of dirty rows of each kind. */
MUST_CHECK bool demo_load(const struct demo_options *o, struct demo_set *set, const struct nation *n, uint64_t dirty[DIRT_COUNT], struct err *e);
MUST_CHECK bool demo_write_notes(const struct demo_options *o, const struct demo_set *set, const uint64_t dirty[DIRT_COUNT], struct err *e);

/* The SQL text that describes database d to the catalog: server, user mapping; and that imports its tables into
 * the schema of the same name with the source's statistics. Statements end with ";\n". */
MUST_CHECK bool demo_catalog_sql(const struct demo_options *o, const struct demo_database *d, struct strbuf *out, struct err *e);
void demo_import_sql(const struct demo_database *d, struct strbuf *out);
/* COMMENT ON for tables and columns, in Vietnamese with the English behind it. */
void demo_comment_sql(const struct demo_database *d, struct strbuf *out);
/* Runs these against DIR/catalog and adds the agencies, schemas and comments. */
MUST_CHECK bool demo_catalog_create(const struct demo_options *o, const struct demo_set *set, struct err *e);
/* The showcase queries with their plans, to stdout. */
MUST_CHECK bool demo_show(const char *directory, struct err *e);

#endif
