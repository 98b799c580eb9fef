/* Look-ups in option lists: linear, since lists are short. */
#include "engine/base/options.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/str.h"

const char *options_get(const struct options *o, const char *name)
{
	for (size_t i = 0; i < o->count; i++)
		if (strcmp(o->list[i].name, name) == 0)
			return o->list[i].value;
	return NULL;
}

bool options_get_bool(const struct options *o, const char *name, bool otherwise)
{
	const char *v = options_get(o, name);

	if (!v)
		return otherwise;
	return cstr_eq_nocase(v, "on") || cstr_eq_nocase(v, "true") || cstr_eq_nocase(v, "yes") ||
		   strcmp(v, "1") == 0;
}

int64_t options_get_int(const struct options *o, const char *name, int64_t otherwise)
{
	const char *v = options_get(o, name);
	char *end;
	long long n;

	if (!v || !*v)
		return otherwise;
	n = strtoll(v, &end, 10);
	return *end ? otherwise : n;
}
