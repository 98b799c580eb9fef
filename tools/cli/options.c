/* Parsing of command lines by table, see options.h. */
#include "tools/cli/options.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/str.h"

const char *options_program = "hopluu";

static void print_help(const struct option_row *rows, size_t n, const char *usage)
{
	puts(usage);
	for (size_t i = 0; i < n; i++) {
		char left[64];

		snprintf(left, sizeof left, "%s%c%s --%s%s%s", rows[i].letter ? "-" : " ", rows[i].letter ? rows[i].letter : ' ',
				 rows[i].letter ? "," : " ", rows[i].name, rows[i].value ? " " : "", rows[i].value ? rows[i].value : "");
		printf("  %-26s %s\n", left, rows[i].help);
	}
}

static int unknown(const char *command, const char *given, const struct option_row *rows, size_t n)
{
	const char *nearest = "help";
	char name[128];
	int best;

	snprintf(name, sizeof name, "%.*s", (int)strcspn(given, "="), given);
	best = str_distance(nearest, name + strspn(name, "-"), 30);
	for (size_t i = 0; i < n; i++) {
		int d = str_distance(rows[i].name, name + strspn(name, "-"), 30);

		if (d < best) {
			best = d;
			nearest = rows[i].name;
		}
	}
	fprintf(stderr, "hopluu %s: there is no option '%s'; the nearest is '--%s'\n", command, name, nearest);
	return 2;
}

static const struct option_row *find(const char *arg, const struct option_row *rows, size_t n, const char **inline_value)
{
	*inline_value = NULL;
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(rows[i].name);

		if (arg[1] != '-') {
			if (rows[i].letter && arg[1] == rows[i].letter) {
				*inline_value = arg[2] ? arg + 2 : NULL;
				return &rows[i];
			}
		} else if (strncmp(arg + 2, rows[i].name, len) == 0 && (arg[2 + len] == '\0' || arg[2 + len] == '=')) {
			*inline_value = arg[2 + len] ? arg + 3 + len : NULL;
			return &rows[i];
		}
	}
	return NULL;
}

int options_parse(int argc, char **argv, const struct option_row *rows, size_t nrows, const char *usage, options_fn *fn,
				  void *arg)
{
	bool only_arguments = false;

	for (int i = 1; i < argc; i++) {
		const char *a = argv[i], *value;
		const struct option_row *row;

		if (only_arguments || a[0] != '-' || a[1] == '\0') {
			if (!fn(arg, NULL, a))
				return 2;
			continue;
		}
		if (strcmp(a, "--") == 0) {
			only_arguments = true;
			continue;
		}
		if (strcmp(a, "--help") == 0 || strcmp(a, "-h") == 0) {
			print_help(rows, nrows, usage);
			return 1;
		}
		row = find(a, rows, nrows, &value);
		if (!row)
			return unknown(argv[0], a, rows, nrows);
		if (row->kind == OPTION_FLAG && value) {
			fprintf(stderr, "hopluu %s: option '--%s' takes no value\n", argv[0], row->name);
			return 2;
		}
		if (row->kind != OPTION_FLAG && !value) {
			if (i + 1 >= argc) {
				fprintf(stderr, "hopluu %s: option '--%s' needs a value\n", argv[0], row->name);
				return 2;
			}
			value = argv[++i];
		}
		if (!fn(arg, row, value))
			return 2;
	}
	return 0;
}
