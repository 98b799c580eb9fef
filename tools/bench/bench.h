/* The subcommands of the benchmark program, and what they share. */
#ifndef HOPLUU_TOOLS_BENCH_BENCH_H
#define HOPLUU_TOOLS_BENCH_BENCH_H

#include <mysql.h>

#include "engine/base/compiler.h"

/* Each gets argv[0] = its own name; returns the exit status. */
int generate_main(int argc, char **argv);
int fetch_main(int argc, char **argv);
int federation_main(int argc, char **argv);

NORETURN void bench_die(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* The value of `name` in "name=value name=value", in static memory (a few are kept); "" when absent. */
const char *bench_setting(const char *conninfo, const char *name);
/* Connects by a text like the one for libpq: host, port, user, password, database. */
MYSQL *bench_mariadb(const char *conninfo);

#endif
