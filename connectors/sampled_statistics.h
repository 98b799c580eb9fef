/*
 * Statistics of a table at a source that keeps none of its own: aggregates over a sample, by plain SQL
 * that every source understands, through the connector's own streams.
 */
#ifndef HOPLUU_CONNECTORS_SAMPLED_STATISTICS_H
#define HOPLUU_CONNECTORS_SAMPLED_STATISTICS_H

#include "connectors/connector.h"

struct sample {
	double rows;          /* of the whole table; < 0: count them */
	double sampled;       /* rows that `from` gives, about; >= rows = all */
	const char *table;    /* quoted name for FROM */
	const char *from;     /* FROM item with the sample: the table or "(SELECT …) AS s"; NULL = the table */
	char quote;           /* of identifiers */
	const char *length;   /* function of a text's bytes or characters: "length" */
};
/* One integer by SQL text. */
MUST_CHECK bool query_int(struct conn *c, struct mem *m, const char *sql, int64_t *out, struct err *e);
/* name in quotes, with those inside doubled. */
const char *quote_name(struct mem *m, char quote, const char *name);
MUST_CHECK bool sampled_statistics(struct conn *c, struct mem *m, const struct source_table *table,
								   const struct sample *sample, struct source_statistics *out, struct err *e);

#endif
