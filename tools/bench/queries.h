/* The queries of the federation benchmark; the last has no name. */
#ifndef HOPLUU_TOOLS_BENCH_QUERIES_H
#define HOPLUU_TOOLS_BENCH_QUERIES_H

struct bench_query {
	const char *name, *sources, *sql;
};
extern const struct bench_query bench_queries[];

#endif
