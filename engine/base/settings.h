/*
 * Settings in force: one row per setting in settings.def (SET, SHOW, help and tests follow from it).
 * A struct settings is plain data, copied per session and again per query; not locked.
 */
#ifndef HOPLUU_BASE_SETTINGS_H
#define HOPLUU_BASE_SETTINGS_H

#include "engine/base/mem.h"

enum setting_kind { SETTING_BOOL, SETTING_INT, SETTING_ENUM, SETTING_TEXT };
enum setting_id {
#define SETTING(name, text, kind, value, min, max, unit, choices, help) SET_##name,
#include "engine/base/settings.def"
#undef SETTING
	SETTING_COUNT
};

struct setting_info {
	const char *name;    /* as in SET: "batch_size" */
	enum setting_kind kind;
	const char *value;   /* the default as text */
	int64_t min, max;    /* SETTING_INT */
	const char *unit;    /* "", "ms", "kB": bare numbers are in it; '1s', '64MB' are understood */
	const char *choices; /* SETTING_ENUM: "off|filter|full"; the index is the value */
	const char *help;
};

struct settings {
	int64_t number[SETTING_COUNT]; /* bool 0/1, int, enum index; unused for text */
	char text[SETTING_COUNT][64];  /* SETTING_TEXT */
};

extern const struct setting_info setting_infos[SETTING_COUNT];

void settings_init(struct settings *s); /* the defaults */
/* -1 when there is no setting of that name (case does not matter). */
int setting_find(const char *name);
/* 42704 unknown name (with the nearest one as hint), 22023 bad value. "default" resets. */
MUST_CHECK bool setting_set(struct settings *s, const char *name, const char *value, struct err *e);
/* The value as SHOW prints it, in m's memory. */
const char *setting_text(const struct settings *s, enum setting_id id, struct mem *m);

/* Values of the SETTING_ENUM pushdown. */
enum pushdown { PUSHDOWN_OFF, PUSHDOWN_FILTER, PUSHDOWN_FULL };

#endif
