/* What a fetch benchmark reads from, and the bare loops that ours is measured against. */
#ifndef HOPLUU_TOOLS_BENCH_FETCH_H
#define HOPLUU_TOOLS_BENCH_FETCH_H

#include <stdbool.h>
#include <stdint.h>

struct fetch_source {
	const char *prefix;       /* of the command line's argument */
	const char *connector;
	const char *driver;       /* ODBC */
	const char *odbc_keywords;/* what keeps the driver from buffering the whole result; the same for both sides */
	uint32_t odbc_rows;       /* of a block */
	bool odbc_wide;           /* texts as UTF-16: what a program has to ask this driver for to get all characters */
	double goal;              /* ratio */
	/* Reads all of lineitem and throws the bytes away; the rows. */
	int64_t (*bare)(const struct fetch_source *s, const char *target);
};
extern const struct fetch_source fetch_sources[];

/* SELECT of lineitem's columns, in static memory. */
const char *fetch_query(const struct fetch_source *s);
/* When the statement was sent: after connecting. Called once by each loop. */
void fetch_clock_start(void);

int64_t bare_postgresql(const struct fetch_source *s, const char *target);
int64_t bare_mariadb(const struct fetch_source *s, const char *target);
int64_t bare_sqlite(const struct fetch_source *s, const char *target);
int64_t bare_odbc(const struct fetch_source *s, const char *target);

#endif
