/*
 * Arguments by name (f(x => 1)): put where the function's declaration has them, with zeros for optional ones that are
 * left out. The registry's rows have no argument names, so the functions that are called this way in practice are
 * listed here with PostgreSQL's names.
 */
#include "engine/bind/bind_int.h"

#define MOST_NAMES 7

static const struct {
	const char *function;
	bool optional; /* all arguments: 0 when missing */
	const char *names[MOST_NAMES + 1];
} named_functions[] = {
	{"make_interval", true, {"years", "months", "weeks", "days", "hours", "mins", "secs"}},
	{"make_date", false, {"year", "month", "day"}},
	{"make_time", false, {"hour", "min", "sec"}},
	{"make_timestamp", false, {"year", "month", "mday", "hour", "min", "sec"}},
	{"make_timestamptz", false, {"year", "month", "mday", "hour", "min", "sec", "timezone"}},
};

bool place_named_arguments(struct binder *b, const char *function, const char *const *names, struct expr ***args, uint32_t *n,
						   int pos)
{
	size_t f;
	uint32_t count = 0;
	struct expr **placed = mem_new_array(b->m, struct expr *, MOST_NAMES + 1);

	for (f = 0; f < ARRAY_LEN(named_functions) && strcmp(named_functions[f].function, function) != 0; f++)
		;
	for (uint32_t i = 0; i < *n; i++) {
		uint32_t at = i;
		if (f == ARRAY_LEN(named_functions))
			return no_function(b, function, *args, *n, pos);
		if (names[i])
			for (at = 0; at < MOST_NAMES && named_functions[f].names[at] && strcmp(named_functions[f].names[at], names[i]) != 0; at++)
				;
		if (at >= MOST_NAMES || !named_functions[f].names[at] || placed[at])
			return no_function(b, function, *args, *n, pos);
		placed[at] = (*args)[i];
		count = at + 1 > count ? at + 1 : count;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (!placed[i] && !named_functions[f].optional)
			return no_function(b, function, *args, *n, pos);
		if (!placed[i])
			placed[i] = expr_const(b->m, value_int4(0), -1);
	}
	*args = placed;
	*n = count;
	return true;
}
