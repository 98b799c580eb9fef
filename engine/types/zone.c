/*
 * Time zones. Named zones come from ICU: at first use all transitions up to the year 2437 are read
 * into a table, which is published in a list that lives as long as the process and is read without
 * locks. Later instants use the table 400 years earlier, since the calendar repeats after 400 years.
 * POSIX specifications are fixed offsets, positive west of Greenwich; their daylight-saving rules are
 * not understood, except for the names that the zone database itself has (EST5EDT).
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unicode/ucal.h>
#include <unicode/uenum.h>
#include <unicode/ustring.h>

#include "engine/base/log.h"
#include "engine/types/datetime_int.h"

#define EPOCH_SHIFT_SECONDS (INT64_C(86400) * EPOCH_SHIFT_DAYS)
#define CYCLE_SECONDS INT64_C(12622780800) /* 400 Gregorian years */
#define TABLE_START (-1e14)				   /* ms since 1970: before all zone rules */
#define TABLE_END INT64_C(14736600000)	   /* s since 1970: within 2436, 400 years behind 2036 */
#define NAME_MAX_BYTES 64

struct transition {
	int64_t at; /* seconds since 1970 UTC; the offset holds from then on */
	int32_t east, standard; /* seconds; standard without daylight saving */
};

struct zone {
	struct zone *next;
	char name[NAME_MAX_BYTES]; /* as the database spells it */
	size_t count;			   /* at least 1: the first starts before all others */
	struct transition *transitions;
};

static _Atomic(struct zone *) zones;
static pthread_mutex_t zones_lock = PTHREAD_MUTEX_INITIALIZER; /* held to add one */

/* ---- reading from ICU ---- */

/* ICU also knows Java's three-letter names, some of which PostgreSQL gives other meanings. */
static bool is_java_name(const char *name)
{
	static const char *const real[] = {"CET", "EET", "MET", "WET", "EST", "MST", "HST", "GMT",
									   "UTC", "UCT", "PRC", "ROC", "ROK"};

	if (strlen(name) != 3)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(real); i++)
		if (strcmp(real[i], name) == 0)
			return false;
	return true;
}

/* The database's spelling of a name given in any case; false when it has none. */
static bool official_name(struct str name, char *out)
{
	UErrorCode status = U_ZERO_ERROR;
	UEnumeration *all = ucal_openTimeZones(&status);
	const char *id;
	int32_t len;
	bool found = false;

	if (U_FAILURE(status))
		return false;
	while (!found && (id = uenum_next(all, &len, &status)) && U_SUCCESS(status))
		if (str_eq_nocase(str_make(id, (size_t)len), name) && len < NAME_MAX_BYTES && !is_java_name(id)
			&& strcmp(id, "Etc/Unknown") != 0 && strncmp(id, "SystemV/", 8) != 0) {
			memcpy(out, id, (size_t)len + 1);
			found = true;
		}
	uenum_close(all);
	return found;
}

/* Appends what holds at the calendar's time, from `at` on. */
static void add_transition(struct zone *z, size_t *cap, int64_t at, UCalendar *cal, UErrorCode *status)
{
	int32_t standard = ucal_get(cal, UCAL_ZONE_OFFSET, status) / 1000;
	int32_t east = standard + ucal_get(cal, UCAL_DST_OFFSET, status) / 1000;

	if (z->count && z->transitions[z->count - 1].east == east
		&& z->transitions[z->count - 1].standard == standard)
		return; /* only the name changed */
	if (z->count == *cap) {
		*cap = *cap ? *cap * 2 : 16;
		z->transitions = realloc(z->transitions, *cap * sizeof *z->transitions);
		if (!z->transitions) {
			log_message(LOG_ERROR, "out of memory reading time zone %s", z->name);
			abort();
		}
	}
	z->transitions[z->count++] = (struct transition){at, east, standard};
}

static struct zone *load(const char *name)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar id[NAME_MAX_BYTES];
	struct zone *z = calloc(1, sizeof *z);
	size_t cap = 0;
	UCalendar *cal;
	UDate at;

	if (!z) {
		log_message(LOG_ERROR, "out of memory reading time zone %s", name);
		abort();
	}
	memcpy(z->name, name, strlen(name) + 1);
	u_uastrcpy(id, name);
	cal = ucal_open(id, -1, "en_US", UCAL_GREGORIAN, &status);
	ucal_setMillis(cal, TABLE_START, &status);
	if (U_SUCCESS(status))
		add_transition(z, &cap, INT64_MIN, cal, &status);
	while (U_SUCCESS(status) && ucal_getTimeZoneTransitionDate(cal, UCAL_TZ_TRANSITION_NEXT, &at, &status)
		   && (int64_t)(at / 1000) <= TABLE_END) {
		ucal_setMillis(cal, at, &status);
		add_transition(z, &cap, (int64_t)(at / 1000), cal, &status);
	}
	ucal_close(cal);
	if (U_FAILURE(status) || z->count == 0) {
		log_message(LOG_WARNING, "time zone %s can't be read: %s", name, u_errorName(status));
		free(z->transitions);
		free(z);
		return NULL;
	}
	return z;
}

static const struct zone *zone_named(struct str name)
{
	char official[NAME_MAX_BYTES];
	struct zone *z;

	for (z = atomic_load_explicit(&zones, memory_order_acquire); z; z = z->next)
		if (str_eq_nocase(str_of(z->name), name))
			return z;
	if (name.len >= NAME_MAX_BYTES || !official_name(name, official))
		return NULL;
	pthread_mutex_lock(&zones_lock);
	for (z = atomic_load_explicit(&zones, memory_order_acquire); z; z = z->next)
		if (strcmp(z->name, official) == 0)
			break;
	if (!z) {
		z = load(official);
		if (z) {
			z->next = atomic_load_explicit(&zones, memory_order_relaxed);
			atomic_store_explicit(&zones, z, memory_order_release);
		}
	}
	pthread_mutex_unlock(&zones_lock);
	return z;
}

/* ---- names ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One or more digits, at most `max`. */
static bool take_number(const char **p, const char *end, int max, int *out)
{
	int x = 0;

	if (*p == end || !is_digit(**p))
		return false;
	for (; *p < end && is_digit(**p); (*p)++) {
		x = x * 10 + (**p - '0');
		if (x > max)
			return false;
	}
	*out = x;
	return true;
}

/* "UTC+7", "+07:30", "<+07>-07", "foo3": a name that is not looked at and an offset west of UTC. */
static bool parse_posix(struct str s, int *east)
{
	const char *p = s.data, *end = s.data + s.len;
	int sign = -1, hours, minutes = 0, seconds = 0;

	if (p < end && *p == '<') {
		while (p < end && *p != '>')
			p++;
		if (p == end)
			return false;
		p++;
	} else {
		while (p < end && !is_digit(*p) && *p != ',' && *p != '-' && *p != '+')
			p++;
	}
	if (p < end && (*p == '+' || *p == '-'))
		sign = *p++ == '-' ? 1 : -1;
	if (!take_number(&p, end, 167, &hours))
		return false;
	if (p < end && *p == ':') {
		p++;
		if (!take_number(&p, end, 59, &minutes))
			return false;
		if (p < end && *p == ':') {
			p++;
			if (!take_number(&p, end, 60, &seconds))
				return false;
		}
	}
	*east = sign * (hours * 3600 + minutes * 60 + seconds);
	return p == end;
}

bool zone_find(struct str name, struct zone_ref *out)
{
	*out = (struct zone_ref){NULL, 0, CLOCK_ZONE};
	if (str_eq_nocase(name, STR("utc")) || str_eq_nocase(name, STR("gmt")))
		return true;
	if (memchr(name.data, '\0', name.len))
		return false;
	out->zone = zone_named(name);
	if (out->zone && out->zone->count == 1) { /* it never had another offset */
		out->east = out->zone->transitions[0].east;
		out->zone = NULL;
		return true;
	}
	return out->zone || (name.len && parse_posix(name, &out->east));
}

bool zone_find_abbreviation(struct str name, struct zone_ref *out)
{
	static const struct {
		const char *name, *zone;
		int east;
		bool summer;
	} abbreviations[] = {
#define ABBREVIATION(name, seconds) {name, NULL, seconds, false},
#define ABBREVIATION_OF(name, zone, summer) {name, zone, 0, summer},
#include "engine/types/zone_abbreviations.def"
#undef ABBREVIATION
#undef ABBREVIATION_OF
	};

	for (size_t i = 0; i < ARRAY_LEN(abbreviations); i++)
		if (str_eq_nocase(str_of(abbreviations[i].name), name)) {
			*out = (struct zone_ref){NULL, abbreviations[i].east, CLOCK_ZONE};
			if (!abbreviations[i].zone)
				return true;
			if (!zone_find(str_of(abbreviations[i].zone), out))
				return false;
			out->clock = abbreviations[i].summer ? CLOCK_SUMMER : CLOCK_STANDARD;
			return true;
		}
	return false;
}

/* The zone of a C string, remembering the last one of each thread. */
static bool zone_get(const char *name, struct zone_ref *out, struct err *e)
{
	static _Thread_local struct {
		char name[NAME_MAX_BYTES];
		struct zone_ref ref;
	} last;
	size_t len = strlen(name);

	if (last.name[0] && strcmp(last.name, name) == 0) {
		*out = last.ref;
		return true;
	}
	if (!zone_find(str_make(name, len), out) && !zone_find_abbreviation(str_make(name, len), out))
		return err_set(e, ERR_INVALID_PARAMETER_VALUE, "time zone \"%s\" not recognized", name);
	if (len && len < sizeof last.name) {
		memcpy(last.name, name, len + 1);
		last.ref = *out;
	}
	return true;
}

bool zone_is_valid(const char *zone)
{
	struct zone_ref z;
	return zone_find(str_of(zone), &z);
}

bool zone_canonical(struct str value, struct strbuf *out)
{
	char text[32], *end;
	const struct zone *named;
	struct zone_ref z;

	if (value.len && value.len < sizeof text) {
		double hours;
		memcpy(text, value.data, value.len);
		text[value.len] = '\0';
		hours = (text[0] >= '+' && text[0] <= '9') ? strtod(text, &end) : (end = text, 0);
		if (end != text && *end == '\0' && hours > -168 && hours < 168) {
			int east = (int)(hours * 3600), a = abs(east);
			char rest[16] = "";
			if (a % 3600)
				snprintf(rest, sizeof rest, a % 60 ? ":%02d:%02d" : ":%02d", a / 60 % 60, a % 60);
			strbuf_addf(out, "<%c%02d%s>%c%02d%s", east < 0 ? '-' : '+', a / 3600, rest, east < 0 ? '+' : '-',
						a / 3600, rest);
			return true;
		}
	}
	named = zone_named(value);
	if (!zone_find(value, &z))
		return false;
	if (named)
		strbuf_adds(out, named->name);
	else
		for (size_t i = 0; i < value.len; i++)
			strbuf_addc(out, value.data[i] >= 'a' && value.data[i] <= 'z' ? (char)(value.data[i] - 32) : value.data[i]);
	return true;
}

/* ---- offsets ---- */

static int64_t floor_seconds(int64_t us)
{
	return us / USEC_PER_SEC - (us % USEC_PER_SEC < 0) + EPOCH_SHIFT_SECONDS;
}

/* Index of the transition in force at t (seconds since 1970 UTC). */
static size_t find_transition(const struct zone *z, int64_t t)
{
	size_t low = 0, high = z->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (z->transitions[middle].at <= t)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static int64_t into_table(int64_t t)
{
	return t <= TABLE_END ? t : t - ((t - TABLE_END - 1) / CYCLE_SECONDS + 1) * CYCLE_SECONDS;
}

/* An abbreviation's offset at about t; before the abbreviations came up, the first that they meant. */
static int abbreviation_offset(struct zone_ref z, int64_t t)
{
	size_t i = find_transition(z.zone, into_table(t < 0 ? 0 : t));
	return z.zone->transitions[i].standard + (z.clock == CLOCK_SUMMER ? 3600 : 0);
}

int zone_offset_at(struct zone_ref z, int64_t utc_us)
{
	if (!z.zone)
		return z.east;
	if (z.clock != CLOCK_ZONE)
		return abbreviation_offset(z, floor_seconds(utc_us));
	return z.zone->transitions[find_transition(z.zone, into_table(floor_seconds(utc_us)))].east;
}

/*
 * In a gap (spring) the offset before it, in an overlap (autumn) the one after it: standard time in
 * both cases. The transition nearest to the wall time is within a day of it in UTC.
 */
int zone_offset_local(struct zone_ref z, int64_t local_us)
{
	const struct transition *t;
	int64_t local, boundary;
	size_t i;

	if (!z.zone)
		return z.east;
	if (z.clock != CLOCK_ZONE)
		return abbreviation_offset(z, floor_seconds(local_us) - z.zone->transitions[0].standard);
	local = into_table(floor_seconds(local_us));
	t = z.zone->transitions;
	i = find_transition(z.zone, local - 86400);
	/* step over the transitions that have passed for certain */
	for (; i + 1 < z.zone->count; i++) {
		int64_t before = local - t[i].east, after = local - t[i + 1].east;
		boundary = t[i + 1].at;
		if (before < boundary && after < boundary)
			break;
		if (before >= boundary && after >= boundary)
			continue;
		if (before > after) /* a gap: stay with the offset before it */
			break;
		/* an overlap: on to the offset after it */
	}
	return t[i].east;
}

bool zone_offset_utc(const char *zone, int64_t utc_us, int *seconds, struct err *e)
{
	struct zone_ref z;

	if (!zone_get(zone, &z, e))
		return false;
	*seconds = zone_offset_at(z, utc_us);
	return true;
}

bool zone_to_utc(const char *zone, int64_t local_us, int64_t *utc_us, struct err *e)
{
	struct zone_ref z;

	if (local_us == TIMESTAMP_INFINITY || local_us == TIMESTAMP_NEG_INFINITY) {
		*utc_us = local_us;
		return true;
	}
	if (!zone_get(zone, &z, e))
		return false;
	*utc_us = local_us - zone_offset_local(z, local_us) * USEC_PER_SEC;
	return true;
}
