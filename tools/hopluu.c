/* The program: picks a subcommand and hands over. Each subcommand parses its own options with tools/cli/options.h. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/str.h"
#include "tools/admin/audit_command.h"
#include "tools/admin/catalog_command.h"
#include "tools/demo/demo.h"
#include "tools/cli/options.h"
#include "tools/serve/serve.h"
#include "tools/shell/shell.h"

#define HOPLUU_VERSION "0.1.0"

static int version_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("hopluu " HOPLUU_VERSION " (SQL of PostgreSQL 15)");
	return 0;
}

static int help_main(int argc, char **argv);

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{"shell", shell_main, "ask questions: interactive, or -c SQL, -f FILE, or a script on standard input (default)"},
	{"serve", serve_main, "answer clients over PostgreSQL's protocol"},
	{"catalog", catalog_main, "make, check, list, dump or apply a catalog"},
	{"audit", audit_main, "check the audit log, show what stands in it"},
	{"demo", demo_main, "make the synthetic demo nation"},
	{"version", version_main, "print the version"},
	{"help", help_main, "print this"},
};

static int help_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("hopluu: one SQL question to many databases\n\nusage: hopluu [COMMAND] [OPTIONS]\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		printf("  %-9s %s\n", commands[i].name, commands[i].help);
	puts("\nhopluu COMMAND --help tells more.");
	return 0;
}

static int unknown_command(const char *name)
{
	const char *nearest = "help";
	int best = 100;

	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		int d = str_distance(commands[i].name, name, 20);

		if (d < best) {
			best = d;
			nearest = commands[i].name;
		}
	}
	fprintf(stderr, "hopluu: there is no command '%s'; the nearest is '%s' (hopluu help lists them)\n", name, nearest);
	return 2;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "shell";

	signal(SIGXFSZ, SIG_IGN); /* a file size limit is an error of the write, which says which file */

	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
		name = "version";
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	if (argc < 2 || (name[0] == '-' && name == argv[1])) {
		static char shell_name[] = "shell"; /* as messages call the subcommand */

		argv[0] = shell_name;
		return shell_main(argc, argv);
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(commands[i].name, name) == 0) {
			options_program = argv[0];
			return commands[i].run(argc - 1, argv + 1);
		}
	return unknown_command(name);
}
