/*
 * The oracle's statements and its list of known differences, read from their files.
 *
 * A file of statements: SQL parted by `;`. A comment line that stands outside a statement is the head of the section that
 * follows. A file whose first line is `-- session` is one conversation: its statements run in order in one session
 * (temporary tables, SET); all others stand alone.
 *
 * The list of known differences (known.txt): a line `# reason` opens a group; each line below it is a fragment that a
 * statement must contain (white space as one blank), or `#` and the statement's twelve digits as the report prints them.
 */
#ifndef HOPLUU_TESTS_ORACLE_CORPUS_H
#define HOPLUU_TESTS_ORACLE_CORPUS_H

#include "engine/base/str.h"

struct statement {
	const char *file, *section, *sql;
	int line;
	char hash[13];
	bool ordered;               /* ORDER BY outside of all parentheses */
	uint64_t spread;            /* which spread of the tables it runs on: by its text, or its file's name in a session */
	int known;                  /* index of its entry in the list, or -1 */
};
/* Statements that must run in order in one session: alone, or a whole file. */
struct unit {
	size_t first, count;
	bool session;
};
struct known {
	const char *text, *reason;
	int line;
	size_t matched;             /* statements */
};
struct corpus {
	struct mem *mem;
	struct statement *list;
	size_t count, cap;
	struct unit *units;
	size_t nunits, units_cap;
	struct known *known;
	size_t nknown, known_cap;
};
char *corpus_text(struct mem *m, const char *path);
void corpus_read(struct corpus *c, const char *path);
void corpus_read_known(struct corpus *c, const char *path);
/* Finds each statement's entry; to be called once when all files are read. */
void corpus_match_known(struct corpus *c);

#endif
