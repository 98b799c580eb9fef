/*
 * Settings from settings.def: defaults, SET's text to value (PostgreSQL's spellings of booleans and
 * units), SHOW's value to text. What a text setting means (a time zone, a date order) is checked by
 * the floor that knows; here any text that fits is accepted.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/settings.h"
#include "engine/base/str.h"

const struct setting_info setting_infos[SETTING_COUNT] = {
#define SETTING(name, text, kind, value, min, max, unit, choices, help)                            \
	[SET_##name] = {text, kind, value, min, max, unit, choices, help},
#include "engine/base/settings.def"
#undef SETTING
};

struct unit {
	const char *base; /* the setting's unit */
	const char *name;
	double factor; /* of the base unit */
	int64_t whole; /* the same for printing; 0: not used in print */
};

/* Largest first within a base: SHOW takes the first that divides. */
static const struct unit units[] = {
	{"kB", "TB", 1073741824, 1073741824},
	{"kB", "GB", 1048576, 1048576},
	{"kB", "MB", 1024, 1024},
	{"kB", "kB", 1, 1},
	{"kB", "B", 1.0 / 1024, 0},
	{"ms", "d", 86400000, 86400000},
	{"ms", "h", 3600000, 3600000},
	{"ms", "min", 60000, 60000},
	{"ms", "s", 1000, 1000},
	{"ms", "ms", 1, 1},
	{"ms", "us", 1.0 / 1000, 0},
};

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The choice with that index in "off|filter|full"; false when there are fewer. */
static bool choice_at(const char *choices, int64_t index, struct str *out)
{
	const char *p = choices, *end;

	for (;; index--, p = end + 1) {
		end = strchr(p, '|');
		if (!end)
			end = p + strlen(p);
		if (index == 0) {
			*out = str_make(p, (size_t)(end - p));
			return true;
		}
		if (!*end)
			return false;
	}
}

/* Unambiguous prefixes of true, false, yes, no; on, off; 1, 0. */
static bool parse_bool(struct str s, int64_t *out)
{
	static const struct {
		const char *word;
		size_t least;
		int64_t value;
	} words[] = {{"true", 1, 1}, {"false", 1, 0}, {"yes", 1, 1}, {"no", 1, 0},
				 {"on", 2, 1},   {"off", 2, 0},   {"1", 1, 1},   {"0", 1, 0}};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (s.len >= words[i].least && s.len <= strlen(words[i].word)
			&& str_eq_nocase(s, str_make(words[i].word, s.len))) {
			*out = words[i].value;
			return true;
		}
	return false;
}

static bool bad_value(const struct setting_info *info, const char *value, struct err *e)
{
	return err_set(e, ERR_INVALID_PARAMETER_VALUE, "invalid value for parameter \"%s\": \"%s\"",
				   info->name, value);
}

static bool parse_int(const struct setting_info *info, const char *value, int64_t *out, struct err *e)
{
	const char *p = value;
	char *end;
	double number, factor = 1;

	while (is_space(*p))
		p++;
	/* strtod also takes words such as "infinity" and hexadecimal floats with a sign: no number here */
	if (!((*p >= '0' && *p <= '9') || *p == '-' || *p == '+' || *p == '.'))
		return bad_value(info, value, e);
	number = strtod(p, &end);
	if (end == p || !isfinite(number))
		return bad_value(info, value, e);
	while (is_space(*end))
		end++;
	if (*end) {
		size_t len = strlen(end), i;
		while (len && is_space(end[len - 1]))
			len--;
		for (i = 0; i < ARRAY_LEN(units); i++)
			if (strcmp(units[i].base, info->unit) == 0
				&& str_eq(str_of(units[i].name), str_make(end, len)))
				break;
		if (i == ARRAY_LEN(units)) {
			bad_value(info, value, e);
			if (info->unit[0] == 'k')
				err_hint(e, "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and "
							"\"TB\".");
			else if (info->unit[0])
				err_hint(e, "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", "
							"\"h\", and \"d\".");
			return false;
		}
		factor = units[i].factor;
	}
	number = rint(number * factor);
	if (!(number >= (double)info->min && number <= (double)info->max))
		return err_set(e, ERR_INVALID_PARAMETER_VALUE,
					   "%.0f%s%s is outside the valid range for parameter \"%s\" (%lld .. %lld)",
					   number, info->unit[0] ? " " : "", info->unit, info->name,
					   (long long)info->min, (long long)info->max);
	*out = (int64_t)number;
	return true;
}

static bool parse_enum(const struct setting_info *info, const char *value, int64_t *out, struct err *e)
{
	struct str choice;
	char list[256];
	size_t len = 0;

	for (int64_t i = 0; choice_at(info->choices, i, &choice); i++)
		if (str_eq_nocase(choice, str_of(value))) {
			*out = i;
			return true;
		}
	list[0] = '\0';
	for (int64_t i = 0; choice_at(info->choices, i, &choice) && len < sizeof list; i++)
		len += (size_t)snprintf(list + len, sizeof list - len, "%s%.*s", i ? ", " : "",
								(int)choice.len, choice.data);
	bad_value(info, value, e);
	return err_hint(e, "Available values: %s.", list);
}

static bool set_one(struct settings *s, int id, const char *value, struct err *e)
{
	const struct setting_info *info = &setting_infos[id];

	switch (info->kind) {
	case SETTING_BOOL:
		if (!parse_bool(str_of(value), &s->number[id]))
			return err_set(e, ERR_INVALID_PARAMETER_VALUE,
						   "parameter \"%s\" requires a Boolean value", info->name);
		return true;
	case SETTING_INT:
		return parse_int(info, value, &s->number[id], e);
	case SETTING_ENUM:
		return parse_enum(info, value, &s->number[id], e);
	case SETTING_TEXT:
		if (strlen(value) >= sizeof s->text[id]) {
			err_set(e, ERR_INVALID_PARAMETER_VALUE, "value for parameter \"%s\" is too long", info->name);
			return err_detail(e, "It may have up to %zu bytes.", sizeof s->text[id] - 1);
		}
		memcpy(s->text[id], value, strlen(value) + 1);
		return true;
	}
	UNREACHABLE();
}

void settings_init(struct settings *s)
{
	memset(s, 0, sizeof *s);
	for (int i = 0; i < SETTING_COUNT; i++) {
		struct err e;
		err_clear(&e);
		if (!set_one(s, i, setting_infos[i].value, &e))
			assert_failed(__FILE__, __LINE__, e.message);
	}
}

int setting_find(const char *name)
{
	for (int i = 0; i < SETTING_COUNT; i++)
		if (cstr_eq_nocase(setting_infos[i].name, name))
			return i;
	return -1;
}

bool setting_set(struct settings *s, const char *name, const char *value, struct err *e)
{
	int id = setting_find(name), best = 4, near = -1;

	if (id >= 0)
		return set_one(s, id, cstr_eq_nocase(value, "default") ? setting_infos[id].value : value, e);
	for (int i = 0; i < SETTING_COUNT; i++) {
		int d = str_distance(name, setting_infos[i].name, best);
		if (d < best) {
			best = d;
			near = i;
		}
	}
	err_set(e, ERR_UNDEFINED_OBJECT, "unrecognized configuration parameter \"%s\"", name);
	if (near >= 0)
		err_hint(e, "Perhaps you meant \"%s\".", setting_infos[near].name);
	return false;
}

const char *setting_text(const struct settings *s, enum setting_id id, struct mem *m)
{
	const struct setting_info *info = &setting_infos[id];
	int64_t n = s->number[id];
	struct str choice;

	switch (info->kind) {
	case SETTING_BOOL:
		return n ? "on" : "off";
	case SETTING_INT:
		if (n > 0)
			for (size_t i = 0; i < ARRAY_LEN(units); i++)
				if (strcmp(units[i].base, info->unit) == 0 && units[i].whole && n % units[i].whole == 0)
					return mem_printf(m, "%lld%s", (long long)(n / units[i].whole), units[i].name);
		return mem_printf(m, "%lld", (long long)n);
	case SETTING_ENUM:
		if (!choice_at(info->choices, n, &choice))
			UNREACHABLE();
		return mem_strndup(m, choice.data, choice.len);
	case SETTING_TEXT:
		return mem_strdup(m, s->text[id]);
	}
	UNREACHABLE();
}
