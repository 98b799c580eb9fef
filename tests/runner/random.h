/*
 * Random queries as trees, so that one that fails can be made smaller: random_query.c makes them, random.c runs,
 * compares and shrinks them.
 */
#ifndef HOPLUU_TESTS_RUNNER_RANDOM_H
#define HOPLUU_TESTS_RUNNER_RANDOM_H

#include "engine/base/str.h"

enum kind { INT, BIGINT, NUMERIC, FLOAT, TEXT, DATE, TIMESTAMP, TIME, INTERVAL, BOOL, KINDS, PART = KINDS, QUERY };
extern const char *const kind_types[KINDS];

/*
 * A piece of SQL. text with $0 … $9 for the kids; or a list (text NULL): lead, then the kids that are left, sep
 * between them. $Sn. is the schema of source n; $N in a text stands for the positions of the live items of `counted`.
 */
struct node {
	enum kind kind;         /* of a value; PART and QUERY are no values */
	const char *text;
	struct node **kids;
	size_t nkids, cap;
	const char *sep, *lead;
	bool optional, gone;    /* optional: may be left out */
	struct node *counted;
	uint32_t choices;       /* of directions for $N */
};

struct random_query {
	struct node *root;
	bool ordered;           /* the order of the rows is total: compared as it is */
};
/* The same for the same seed. */
void random_query_make(struct mem *m, uint64_t seed, struct random_query *out);
/* sources: schema per source number (modulo n); NULL = without schemas. */
const char *node_sql(struct mem *m, const struct node *root, const char *const *sources, int n);

#endif
