/*
 * sqllogictest files, row-wise with tabs, as this project writes them:
 *
 *   # comment
 *   statement ok | statement error SQLSTATE
 *   SQL … (to the next empty line)
 *
 *   query [rowsort] [error SQLSTATE] [types]
 *   SQL …
 *   ----
 *   value<TAB>value …            NULL, (empty) for '', \n \t \\ escaped
 *
 *   onlyif NAME | skipif NAME    before a record: NAME is a source, a setting=value, or `oracle`
 *   halt
 *
 * `query types` also compares "name:type" of the columns as a first row.
 */
#ifndef HOPLUU_TESTS_RUNNER_SLT_H
#define HOPLUU_TESTS_RUNNER_SLT_H

#include "engine/base/str.h"

struct record {
	enum { RECORD_STATEMENT, RECORD_QUERY } kind;
	int line;
	const char *sql;
	const char *error;   /* expected SQLSTATE or NULL */
	bool rowsort, types;
	const char **rows;   /* expected */
	size_t nrows;
	const char *only[4], *skip[8];
	size_t nonly, nskip;
	size_t text_start, text_end;         /* of the record in the file, for rewriting */
	const char *header;
};
struct slt_file {
	const char *path, *text;
	size_t len;
	struct record *records;
	size_t count;
};
MUST_CHECK bool slt_read(struct mem *m, const char *path, struct slt_file *out, struct err *e);

/* A result as rows of text, in the form of the files. */
struct rows {
	struct mem *mem;
	const char **list;
	size_t count, cap;
	bool failed, ordered; /* ordered: not to be sorted for comparing */
	bool mods;            /* the row of types also shows their typmod; a statement without columns gives its tag */
	char sqlstate[6];
	char message[600];
};
void rows_sort(struct rows *r);
/* Escapes one value into b. */
void value_escape(struct strbuf *b, const char *text, size_t len, bool is_null);

/* oracle.c: PostgreSQL itself. */
struct oracle;
struct oracle *oracle_open(const char *conninfo, struct err *e);
void oracle_close(struct oracle *o);
void oracle_run(struct oracle *o, const char *sql, bool types, struct rows *out);

#endif
