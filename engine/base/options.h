/* Name/value options of servers, user mappings, tables and columns (SQL/MED's OPTIONS), in declaration order. */
#ifndef HOPLUU_BASE_OPTIONS_H
#define HOPLUU_BASE_OPTIONS_H

#include "engine/base/mem.h"

struct option {
	const char *name, *value;
};
struct options {
	const struct option *list;
	size_t count;
};
const char *options_get(const struct options *o, const char *name); /* NULL when absent */
bool options_get_bool(const struct options *o, const char *name, bool otherwise); /* on/true/yes/1 */
int64_t options_get_int(const struct options *o, const char *name, int64_t otherwise);

#endif
