/* Names of date and time units as extract, date_part and date_trunc take them: PostgreSQL's
 * abbreviations, of which only the first ten characters count. */
#ifndef HOPLUU_FUNCTION_DATETIME_FIELDS_H
#define HOPLUU_FUNCTION_DATETIME_FIELDS_H

#include "engine/types/datetime.h"

enum datetime_field {
	FIELD_UNKNOWN, /* no such name */
	FIELD_SPECIAL, /* a word like "now" that is no unit anywhere */
	FIELD_MICROSECONDS, FIELD_MILLISECONDS, FIELD_SECOND, FIELD_MINUTE, FIELD_HOUR, FIELD_DAY, FIELD_WEEK,
	FIELD_MONTH, FIELD_QUARTER, FIELD_YEAR, FIELD_DECADE, FIELD_CENTURY, FIELD_MILLENNIUM,
	FIELD_TIMEZONE, FIELD_TIMEZONE_HOUR, FIELD_TIMEZONE_MINUTE,
	FIELD_DOW, FIELD_DOY, FIELD_ISODOW, FIELD_ISOYEAR, FIELD_EPOCH, FIELD_JULIAN,
};
enum datetime_field datetime_field_find(struct str name);

/* "unit … not recognized/supported for type …": 22023 for unknown ones, else 0A000. Returns false. */
bool datetime_field_refuse(struct str name, enum datetime_field f, enum type_id type, struct err *e);

/* Calendar facts on days since 2000-01-01. */
static inline int date_isodow(int64_t days) { return (int)(((days + 5) % 7 + 7) % 7) + 1; } /* Monday 1 … Sunday 7 */
/* ISO 8601 week and its year (astronomical). */
void date_iso_week(int32_t days, int *year, int *week);
/* Monday of week 1 of that ISO year. */
int32_t date_iso_year_start(int year);
/* Julian day number of a day. */
static inline int64_t date_julian(int32_t days) { return (int64_t)days + 2451545; }

#endif
