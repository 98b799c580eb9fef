/*
 * The benchmark program: `bench generate | fetch | federation`, run by tools/bench/run.sh. Never part of hopluu.
 */
#include "tools/bench/bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bench_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("bench: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

const char *bench_setting(const char *conninfo, const char *name)
{
	static char kept[16][256];
	static unsigned next;
	size_t n = strlen(name), len;

	for (const char *p = conninfo; *p; p += len + (p[len] == ' ')) {
		len = strcspn(p, " ");
		if (len > n && strncmp(p, name, n) == 0 && p[n] == '=') {
			char *out = kept[next++ % 16];
			snprintf(out, sizeof kept[0], "%.*s", (int)(len - n - 1), p + n + 1);
			return out;
		}
	}
	return "";
}

MYSQL *bench_mariadb(const char *conninfo)
{
	MYSQL *my = mysql_init(NULL);
	unsigned on = 1;

	mysql_options(my, MYSQL_OPT_LOCAL_INFILE, &on);
	if (!mysql_real_connect(my, bench_setting(conninfo, "host"), bench_setting(conninfo, "user"),
							bench_setting(conninfo, "password"), bench_setting(conninfo, "database"),
							(unsigned)atoi(bench_setting(conninfo, "port")), NULL, 0))
		bench_die("MariaDB: %s", mysql_error(my));
	mysql_set_character_set(my, "utf8mb4");
	return my;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "generate") == 0)
		return generate_main(argc - 1, argv + 1);
	if (strcmp(what, "fetch") == 0)
		return fetch_main(argc - 1, argv + 1);
	if (strcmp(what, "federation") == 0)
		return federation_main(argc - 1, argv + 1);
	fprintf(stderr, "usage: bench generate|fetch|federation …\n");
	return 2;
}
