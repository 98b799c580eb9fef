/* Unit names (see the header) and ISO weeks. */
#include "engine/function/datetime_fields.h"

#define NAME_MAX_LEN 10

/* Sorted by name. */
static const struct {
	char name[NAME_MAX_LEN + 1];
	enum datetime_field field;
} names[] = {
	{"allballs", FIELD_SPECIAL}, {"c", FIELD_CENTURY}, {"cent", FIELD_CENTURY}, {"centuries", FIELD_CENTURY},
	{"century", FIELD_CENTURY}, {"d", FIELD_DAY}, {"day", FIELD_DAY}, {"days", FIELD_DAY},
	{"dec", FIELD_DECADE}, {"decade", FIELD_DECADE}, {"decades", FIELD_DECADE}, {"decs", FIELD_DECADE},
	{"dow", FIELD_DOW}, {"doy", FIELD_DOY}, {"epoch", FIELD_EPOCH}, {"h", FIELD_HOUR},
	{"hour", FIELD_HOUR}, {"hours", FIELD_HOUR}, {"hr", FIELD_HOUR}, {"hrs", FIELD_HOUR},
	{"infinity", FIELD_SPECIAL}, {"isodow", FIELD_ISODOW}, {"isoyear", FIELD_ISOYEAR}, {"j", FIELD_JULIAN},
	{"jd", FIELD_JULIAN}, {"julian", FIELD_JULIAN}, {"m", FIELD_MINUTE}, {"microsecon", FIELD_MICROSECONDS},
	{"mil", FIELD_MILLENNIUM}, {"millennia", FIELD_MILLENNIUM}, {"millennium", FIELD_MILLENNIUM},
	{"millisecon", FIELD_MILLISECONDS}, {"mils", FIELD_MILLENNIUM}, {"min", FIELD_MINUTE},
	{"mins", FIELD_MINUTE}, {"minute", FIELD_MINUTE}, {"minutes", FIELD_MINUTE}, {"mon", FIELD_MONTH},
	{"mons", FIELD_MONTH}, {"month", FIELD_MONTH}, {"months", FIELD_MONTH}, {"ms", FIELD_MILLISECONDS},
	{"msec", FIELD_MILLISECONDS}, {"msecond", FIELD_MILLISECONDS}, {"mseconds", FIELD_MILLISECONDS},
	{"msecs", FIELD_MILLISECONDS}, {"now", FIELD_SPECIAL}, {"qtr", FIELD_QUARTER}, {"quarter", FIELD_QUARTER},
	{"s", FIELD_SECOND}, {"sec", FIELD_SECOND}, {"second", FIELD_SECOND}, {"seconds", FIELD_SECOND},
	{"secs", FIELD_SECOND}, {"timezone", FIELD_TIMEZONE}, {"timezone_h", FIELD_TIMEZONE_HOUR},
	{"timezone_m", FIELD_TIMEZONE_MINUTE}, {"today", FIELD_SPECIAL}, {"tomorrow", FIELD_SPECIAL},
	{"us", FIELD_MICROSECONDS}, {"usec", FIELD_MICROSECONDS}, {"usecond", FIELD_MICROSECONDS},
	{"useconds", FIELD_MICROSECONDS}, {"usecs", FIELD_MICROSECONDS}, {"w", FIELD_WEEK}, {"week", FIELD_WEEK},
	{"weeks", FIELD_WEEK}, {"y", FIELD_YEAR}, {"year", FIELD_YEAR}, {"years", FIELD_YEAR},
	{"yesterday", FIELD_SPECIAL}, {"yr", FIELD_YEAR}, {"yrs", FIELD_YEAR},
};

enum datetime_field datetime_field_find(struct str name)
{
	char key[NAME_MAX_LEN + 1];
	size_t len = name.len < NAME_MAX_LEN ? name.len : NAME_MAX_LEN, low = 0, high = ARRAY_LEN(names);

	for (size_t i = 0; i < len; i++)
		key[i] = name.data[i] >= 'A' && name.data[i] <= 'Z' ? (char)(name.data[i] + 32) : name.data[i];
	key[len] = 0;
	while (low < high) {
		size_t mid = (low + high) / 2;
		int c = strcmp(key, names[mid].name);
		if (c == 0)
			return names[mid].field;
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return FIELD_UNKNOWN;
}

bool datetime_field_refuse(struct str name, enum datetime_field f, enum type_id type, struct err *e)
{
	bool unknown = f == FIELD_UNKNOWN;

	return err_set(e, unknown ? ERR_INVALID_PARAMETER_VALUE : ERR_FEATURE_NOT_SUPPORTED, "unit \"%.*s\" not %s for type %s",
				   (int)(name.len < 100 ? name.len : 100), name.data, unknown ? "recognized" : "supported",
				   type_infos[type].name);
}

int32_t date_iso_year_start(int year)
{
	int32_t fourth = date_from_civil(year, 1, 4); /* 4 January is always in week 1 */

	return fourth - (date_isodow(fourth) - 1);
}

void date_iso_week(int32_t days, int *year, int *week)
{
	int month, day;
	/* The week belongs to the year of its Thursday. */
	date_to_civil(days - (date_isodow(days) - 1) + 3, year, &month, &day);
	*week = (days - date_iso_year_start(*year)) / 7 + 1;
}
