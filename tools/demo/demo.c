/*
 * `hopluu demo`: reads the command line, makes the nation, loads it, writes the catalog. What the
 * subcommands do is in the other files of this folder.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/clock.h"
#include "tools/demo/demo.h"

static const char usage[] =
	"usage: hopluu demo create DIR [options]   make the synthetic nation in DIR\n"
	"       hopluu demo show DIR               run the showcase queries on it\n"
	"       hopluu demo list                   the databases and where they go\n"
	"\n"
	"options of create:\n"
	"  --people N           how many people (default 100000)\n"
	"  --seed N             another nation (default 20250701)\n"
	"  --postgresql URL     put the registers of people, enterprises and land on this server\n"
	"  --mariadb URL        put insurance, health and vehicles on this server\n"
	"  --odbc DRIVER        reach the provincial register by this ODBC driver (or connection string)\n"
	"  --place DB=KIND      put database DB on sqlite, postgresql, mariadb or odbc; may be repeated\n"
	"  --only DB,DB,…       only these databases\n"
	"  --threads N          writers (default: one a core)\n"
	"  --force              replace schemas and databases that are on the servers already\n"
	"  --no-catalog         data only\n"
	"  --quiet              no progress bar, no summary\n";

static int wrong_usage(const char *what, const char *value)
{
	fprintf(stderr, "hopluu demo: %s%s%s (hopluu demo --help)\n", what, value ? " " : "", value ? value : "");
	return 2;
}

/* The known option nearest to a mistyped one. */
static int unknown_option(const char *given)
{
	static const char *const known[] = {"--people", "--seed", "--postgresql", "--mariadb", "--odbc", "--place", "--only", "--threads", "--force", "--no-catalog", "--quiet", "--help"};
	const char *best = known[0];
	int least = 100;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		int d = str_distance(given, known[i], 20);
		if (d < least) {
			least = d;
			best = known[i];
		}
	}
	fprintf(stderr, "hopluu demo: unknown option %s; did you mean %s?\n", given, best);
	return 2;
}

static bool parse_number(const char *text, uint64_t low, uint64_t high, uint64_t *out)
{
	char *end;
	errno = 0;
	unsigned long long v = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || v < low || v > high)
		return false;
	*out = v;
	return true;
}

/* One option with a value; 0 = taken, 2 = wrong, -1 = not one of these. */
static int parse_valued(struct demo_options *o, const char *name, const char *value)
{
	uint64_t number;
	static const char *const names[] = {"--people", "--seed", "--postgresql", "--mariadb", "--odbc", "--place", "--only", "--threads"};
	size_t which = 0;
	while (which < ARRAY_LEN(names) && strcmp(names[which], name) != 0)
		which++;
	if (which == ARRAY_LEN(names))
		return -1;
	if (!value)
		return wrong_usage("a value is missing after", name);
	switch (which) {
	case 0:
		if (!parse_number(value, 1, 50000000, &number))
			return wrong_usage("--people wants a number from 1 to 50000000, not", value);
		o->people = (uint32_t)number;
		return 0;
	case 1:
		if (!parse_number(value, 0, UINT64_MAX, &o->seed))
			return wrong_usage("--seed wants a number, not", value);
		return 0;
	case 2: o->postgresql = value; return 0;
	case 3: o->mariadb = value; return 0;
	case 4: o->odbc = value; return 0;
	case 5:
		if (o->nmoves == ARRAY_LEN(o->moves))
			return wrong_usage("too many --place", NULL);
		o->moves[o->nmoves++] = value;
		return 0;
	case 6: o->only = value; return 0;
	default:
		if (!parse_number(value, 1, 64, &number))
			return wrong_usage("--threads wants a number from 1 to 64, not", value);
		o->threads = (unsigned)number;
		return 0;
	}
}

static int parse_create(int argc, char **argv, struct demo_options *o)
{
	for (int i = 2; i < argc; i++) {
		char name[32];
		const char *equals = strncmp(argv[i], "--", 2) == 0 ? strchr(argv[i], '=') : NULL;
		snprintf(name, sizeof(name), "%.*s", (int)(equals ? equals - argv[i] : (ptrdiff_t)strlen(argv[i])), argv[i]);
		int rc = parse_valued(o, name, equals ? equals + 1 : i + 1 < argc ? argv[i + 1] : NULL);
		if (rc > 0)
			return rc;
		if (rc == 0)
			i += !equals;
		else if (strcmp(argv[i], "--force") == 0)
			o->force = true;
		else if (strcmp(argv[i], "--no-catalog") == 0)
			o->no_catalog = true;
		else if (strcmp(argv[i], "--quiet") == 0)
			o->quiet = o->no_progress = true;
		else if (argv[i][0] == '-')
			return unknown_option(argv[i]);
		else if (o->directory)
			return wrong_usage("one directory only; what is", argv[i]);
		else
			o->directory = argv[i];
	}
	return o->directory ? 0 : wrong_usage("which directory?", NULL);
}

static bool make_directories(const struct demo_options *o, struct err *e)
{
	char path[4096];
	struct stat st;
	if (mkdir(o->directory, 0777) != 0 && errno != EEXIST)
		return err_set(e, ERR_IO_ERROR, "cannot create %s: %s", o->directory, strerror(errno));
	snprintf(path, sizeof(path), "%s/data", o->directory);
	if (mkdir(path, 0777) != 0 && (errno != EEXIST || stat(path, &st) != 0 || !S_ISDIR(st.st_mode)))
		return err_set(e, ERR_IO_ERROR, "cannot create %s: %s", path, strerror(errno));
	return true;
}

static void print_summary(const struct demo_options *o, const struct demo_set *set, double seconds)
{
	uint64_t rows = 0;
	size_t places[4] = {0};
	for (size_t i = 0; i < set->n; i++) {
		rows += set->items[i].rows;
		places[set->items[i].place]++;
	}
	printf("%u people in %zu databases, %llu rows, %.1f s (", o->people, set->n, (unsigned long long)rows, seconds);
	const char *before = "";
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (places[i]) {
			printf("%s%zu %s", before, places[i], place_name((enum place)i));
			before = ", ";
		}
	printf(")\nwhat is wrong in it on purpose: %s/dirt.tsv\n", o->directory);
	if (!o->no_catalog)
		printf("%s shell --catalog %s/catalog\n", o->program, o->directory);
}

static bool create(const struct demo_options *o, struct err *e)
{
	struct demo_set set;
	struct nation nation;
	uint64_t dirty[DIRT_COUNT] = {0};
	int64_t start = clock_monotonic_us();
	if (!make_directories(o, e) || !demo_set_make(&set, o, e))
		return false;
	nation_build(&nation, o->people, o->seed);
	bool ok = demo_load(o, &set, &nation, dirty, e) && demo_write_notes(o, &set, dirty, e);
	nation_release(&nation);
	ok = ok && (o->no_catalog || demo_catalog_create(o, &set, e));
	if (ok && !o->quiet)
		print_summary(o, &set, (double)(clock_monotonic_us() - start) / 1e6);
	demo_set_release(&set);
	return ok;
}

static bool list(struct err *e)
{
	struct demo_set set;
	/* as if every kind of server were given */
	struct demo_options o = {.postgresql = "", .mariadb = "", .odbc = ""};
	if (!demo_set_make(&set, &o, e))
		return false;
	printf("code\tplace\ttables\tname\n");
	for (size_t i = 0; i < set.n; i++)
		printf("%s\t%s\t%zu\t%s\n", set.items[i].code, place_name(set.items[i].place), set.items[i].ntables, set.items[i].name_vi);
	demo_set_release(&set);
	return true;
}

static int report(const struct err *e)
{
	fprintf(stderr, "hopluu demo: %s: %s\n", errcode_sqlstate(e->code), e->message);
	if (*e->detail)
		fprintf(stderr, "  %s\n", e->detail);
	if (*e->hint)
		fprintf(stderr, "  %s\n", e->hint);
	if (*e->context)
		fprintf(stderr, "  %s\n", e->context);
	return 1;
}

int demo_main(int argc, char **argv)
{
	static char program[4096];
	struct err e;
	const char *what = argc > 1 ? argv[1] : "";
	err_clear(&e);
	/* the name that was typed; the directory of the running file when that can be told */
	FILE *f = fopen("/proc/self/cmdline", "r");
	if (!f || !fgets(program, sizeof(program), f) || !*program)
		snprintf(program, sizeof(program), "hopluu");
	if (f)
		fclose(f);
	if (strcmp(what, "--help") == 0 || strcmp(what, "-h") == 0 || strcmp(what, "help") == 0) {
		fputs(usage, stdout);
		return 0;
	}
	if (strcmp(what, "create") == 0) {
		struct demo_options o = {.people = 100000, .seed = DEMO_SEED, .program = program};
		for (int i = 2; i < argc; i++)
			if (strcmp(argv[i], "--help") == 0)
				return fputs(usage, stdout), 0;
		int rc = parse_create(argc, argv, &o);
		return rc ? rc : create(&o, &e) ? 0 : report(&e);
	}
	if (strcmp(what, "show") == 0) {
		if (argc != 3)
			return wrong_usage("show wants one directory", NULL);
		if (!demo_show(argv[2], &e))
			return report(&e);
		printf("\nask it yourself:\n%s shell --catalog %s/catalog\n", program, argv[2]);
		return 0;
	}
	if (strcmp(what, "list") == 0)
		return list(&e) ? 0 : report(&e);
	return wrong_usage(*what ? "unknown subcommand" : "create, show or list?", *what ? what : NULL);
}
