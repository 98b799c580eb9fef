/*
 * What the date/time files of engine/types share: zones by reference, the split of a text into fields,
 * reading of numbers, reporting of bad input. Private to engine/types.
 */
#ifndef HOPLUU_TYPES_DATETIME_INT_H
#define HOPLUU_TYPES_DATETIME_INT_H

#include "engine/types/datetime.h"

/* ---- zones (zone.c) ---- */

struct zone; /* transitions of a named zone; lives as long as the process */
struct zone_ref {
	const struct zone *zone; /* NULL: a fixed offset */
	int east;				 /* seconds, when fixed */
	enum { CLOCK_ZONE, CLOCK_STANDARD, CLOCK_SUMMER } clock; /* an abbreviation's: one kind of time all year */
};
/* A zone's name or a POSIX specification ("UTC", "Asia/Ho_Chi_Minh", "+07", "<+07>-07"). */
bool zone_find(struct str name, struct zone_ref *out);
/* An abbreviation of the default set ("ICT", "EST"). */
bool zone_find_abbreviation(struct str name, struct zone_ref *out);
int zone_offset_at(struct zone_ref z, int64_t utc_us);	 /* seconds east */
int zone_offset_local(struct zone_ref z, int64_t local_us); /* the offset that this wall time has */

/* ---- fields of a text (datetime_parse.c) ---- */

#define FIELDS_MAX 25
enum field_kind { FIELD_NUMBER, FIELD_STRING, FIELD_DATE, FIELD_TIME, FIELD_TZ, FIELD_SPECIAL };
struct fields {
	int n;
	enum field_kind kind[FIELDS_MAX];
	char *text[FIELDS_MAX]; /* lower case, NUL-terminated */
	char buffer[256];
};
enum read_result {
	READ_OK,
	READ_BAD,			   /* 22007 */
	READ_OVERFLOW,		   /* 22008 */
	READ_FIELD_ORDER,	   /* 22008 with a hint on datestyle */
	READ_INTERVAL_OVERFLOW, /* 22015 */
	READ_ZONE_OVERFLOW,	   /* 22009 */
	READ_ZONE_UNKNOWN,	   /* 22023 */
};
enum read_result fields_split(struct str s, struct fields *out);
bool read_report(enum read_result r, struct str s, const char *type, const char *zone, struct err *e);
/* hours:minutes[:seconds[.fraction]]; mm_ss: two numbers mean minutes and seconds. *usec is the sum. */
enum read_result read_clock(const char *p, bool mm_ss, int64_t *hours, int *minutes, int *seconds, int *usec);
/* Digits with an optional sign: false when out of int's range. *end as strtol's. */
bool read_int(const char *p, const char **end, int *out);
bool read_int64(const char *p, const char **end, int64_t *out);

/* ---- printing (datetime.c) ---- */

void print_seconds(int seconds, int usec, struct strbuf *out); /* "05", "05.25" */
/* (t + half a unit) cut to `digits` fraction digits, half away. */
int64_t round_usec(int64_t t, int digits);

#endif
