/* Command lines: a table of options per subcommand. An unknown option is one line that names the nearest, and exit
 * status 2. Long options take their value as --name VALUE or --name=VALUE. */
#ifndef HOPLUU_TOOLS_CLI_OPTIONS_H
#define HOPLUU_TOOLS_CLI_OPTIONS_H

#include "engine/base/compiler.h"

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_LIST };
struct option_row {
	const char *name;   /* "format" */
	char letter;        /* 'x' or 0 */
	enum option_kind kind;
	const char *value;  /* how the value is called: "FILE" */
	const char *help;
};
#define OPTIONS_MAX 64
/* Called for each option in order (value NULL for flags) and for each other argument (row NULL); false = stop, 2. */
typedef bool options_fn(void *arg, const struct option_row *row, const char *value);

/* 0 = go on; 1 = --help was printed (exit 0); 2 = bad (a line on stderr). argv[0] is the subcommand's name. */
int options_parse(int argc, char **argv, const struct option_row *rows, size_t nrows, const char *usage, options_fn *fn,
				  void *arg);
extern const char *options_program; /* argv[0] of the process */

#endif
