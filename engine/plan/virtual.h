/*
 * Tables that the engine makes itself: information_schema, hopluu.databases, later pg_catalog. A virtual
 * table is a name, columns, and a function that fills a collector from the catalog snapshot, seen through
 * the user's permissions.
 */
#ifndef HOPLUU_PLAN_VIRTUAL_H
#define HOPLUU_PLAN_VIRTUAL_H

#include "engine/types/value.h"

struct catalog_snapshot;

struct virtual_column {
	const char *name;
	struct type type;
};
/* Row sink: values are copied at once. */
struct virtual_sink {
	bool (*row)(struct virtual_sink *s, const struct value *values, struct err *e);
};
/* May this user see that table / schema / server? Filled by authorize. */
struct virtual_context {
	const struct catalog_snapshot *snapshot;
	const struct principal *principal; /* engine/authorize/guard.h */
	struct mem *mem;                   /* scratch for building values */
};
struct virtual_table {
	const char *schema, *name, *comment;
	uint32_t ncols;
	const struct virtual_column *cols;
	bool (*fill)(const struct virtual_context *c, struct virtual_sink *sink, struct err *e);
};

#endif
