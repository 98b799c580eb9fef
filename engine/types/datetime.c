/*
 * The calendar, printing, and arithmetic on timestamps. Days are counted in the proleptic Gregorian
 * calendar from 2000-01-01; reading text is datetime_parse.c's, intervals are interval.c's.
 */
#include <math.h>
#include <stdlib.h>

#include "engine/types/datetime_int.h"

#define MIN_TIMESTAMP INT64_C(-211813488000000000) /* 4714-11-24 BC */
#define END_TIMESTAMP INT64_C(9223371331200000000) /* 294277-01-01 */
#define DAYS_TO_2000 730425						   /* from 0000-03-01 */
#define DAYS_IN_CYCLE 146097					   /* 400 years */

/* Days are counted from March 1st, so that the leap day is a year's last. */
int32_t date_from_civil(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t cycle = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_cycle = y - cycle * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return (int32_t)(cycle * DAYS_IN_CYCLE + year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100
					 + day_of_year - DAYS_TO_2000);
}

void date_to_civil(int32_t days, int *year, int *month, int *day)
{
	int64_t z = (int64_t)days + DAYS_TO_2000;
	int64_t cycle = (z >= 0 ? z : z - (DAYS_IN_CYCLE - 1)) / DAYS_IN_CYCLE;
	int64_t day_of_cycle = z - cycle * DAYS_IN_CYCLE;
	int64_t y = (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36524 - day_of_cycle / 146096) / 365;
	int64_t day_of_year = day_of_cycle - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * day_of_year + 2) / 153;

	*day = (int)(day_of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(y + cycle * 400 + (*month <= 2));
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

bool date_is_valid(int year, int month, int day)
{
	return month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month);
}

/* Whole days and the microseconds of the day. */
static int64_t split_day(int64_t us, int64_t *rest)
{
	int64_t days = us / USEC_PER_DAY;

	*rest = us % USEC_PER_DAY;
	if (*rest < 0) {
		*rest += USEC_PER_DAY;
		days--;
	}
	return days;
}

void timestamp_to_civil(int64_t us, struct civil *out)
{
	int64_t rest, days = split_day(us, &rest);

	date_to_civil((int32_t)days, &out->year, &out->month, &out->day);
	out->hour = (int)(rest / (3600 * USEC_PER_SEC));
	out->minute = (int)(rest / (60 * USEC_PER_SEC) % 60);
	out->second = (int)(rest / USEC_PER_SEC % 60);
	out->usec = (int)(rest % USEC_PER_SEC);
}

int64_t timestamp_from_civil(const struct civil *c)
{
	/* unsigned: nonsense far out of range wraps instead of being undefined */
	return (int64_t)((uint64_t)(int64_t)date_from_civil(c->year, c->month, c->day) * (uint64_t)USEC_PER_DAY
					 + (uint64_t)(((c->hour * INT64_C(60) + c->minute) * 60 + c->second) * USEC_PER_SEC + c->usec));
}

int64_t round_usec(int64_t t, int digits)
{
	static const int64_t units[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
	int64_t unit;

	if (digits < 0 || digits > 6)
		return t;
	unit = units[digits];
	if (t >= 0)
		return t > INT64_MAX - unit / 2 ? t : (t + unit / 2) / unit * unit;
	return t < INT64_MIN + unit / 2 + 1 ? t : -((-t + unit / 2) / unit * unit);
}

int64_t timestamp_round(int64_t t, int digits)
{
	if (t == TIMESTAMP_INFINITY || t == TIMESTAMP_NEG_INFINITY)
		return t;
	return round_usec(t, digits);
}

/* ---- printing ---- */

static void two_digits(int x, struct strbuf *out)
{
	char text[2] = {(char)('0' + x / 10), (char)('0' + x % 10)};
	strbuf_add(out, text, 2);
}

void print_seconds(int seconds, int usec, struct strbuf *out)
{
	two_digits(seconds, out);
	if (usec) {
		char text[7] = ".000000";
		int n = 6;
		for (int i = 6; i > 0; i--, usec /= 10)
			text[i] = (char)('0' + usec % 10);
		while (text[n] == '0')
			n--;
		strbuf_add(out, text, (size_t)n + 1);
	}
}

static void print_date_parts(int year, int month, int day, struct strbuf *out)
{
	strbuf_addf(out, "%04d-", year > 0 ? year : 1 - year);
	two_digits(month, out);
	strbuf_addc(out, '-');
	two_digits(day, out);
}

static void print_time_parts(const struct civil *c, struct strbuf *out)
{
	two_digits(c->hour, out);
	strbuf_addc(out, ':');
	two_digits(c->minute, out);
	strbuf_addc(out, ':');
	print_seconds(c->second, c->usec, out);
}

void date_print(int32_t d, struct strbuf *out)
{
	int year, month, day;

	if (d == DATE_INFINITY || d == DATE_NEG_INFINITY) {
		strbuf_adds(out, d == DATE_INFINITY ? "infinity" : "-infinity");
		return;
	}
	date_to_civil(d, &year, &month, &day);
	print_date_parts(year, month, day, out);
	if (year <= 0)
		strbuf_adds(out, " BC");
}

void time_print(int64_t t, struct strbuf *out)
{
	struct civil c = {.hour = (int)(t / (3600 * USEC_PER_SEC)), .minute = (int)(t / (60 * USEC_PER_SEC) % 60),
					  .second = (int)(t / USEC_PER_SEC % 60), .usec = (int)(t % USEC_PER_SEC)};
	print_time_parts(&c, out);
}

static void print_offset(int east, struct strbuf *out)
{
	int a = abs(east);

	strbuf_addc(out, east < 0 ? '-' : '+');
	two_digits(a / 3600 % 100, out);
	if (a % 3600) {
		strbuf_addc(out, ':');
		two_digits(a / 60 % 60, out);
		if (a % 60) {
			strbuf_addc(out, ':');
			two_digits(a % 60, out);
		}
	}
}

void timetz_print(const struct interval *t, struct strbuf *out)
{
	time_print(t->usec, out);
	print_offset(-t->days, out);
}

static bool print_infinite(int64_t t, struct strbuf *out)
{
	if (t != TIMESTAMP_INFINITY && t != TIMESTAMP_NEG_INFINITY)
		return false;
	strbuf_adds(out, t == TIMESTAMP_INFINITY ? "infinity" : "-infinity");
	return true;
}

void timestamp_print(int64_t t, struct strbuf *out)
{
	struct civil c;

	if (print_infinite(t, out))
		return;
	timestamp_to_civil(t, &c);
	print_date_parts(c.year, c.month, c.day, out);
	strbuf_addc(out, ' ');
	print_time_parts(&c, out);
	if (c.year <= 0)
		strbuf_adds(out, " BC");
}

void timestamptz_print(int64_t t, const char *zone, struct strbuf *out)
{
	struct civil c;
	struct err ignored;
	int east;

	if (print_infinite(t, out))
		return;
	err_clear(&ignored);
	if (!zone_offset_utc(zone, t, &east, &ignored))
		east = 0; /* the session has checked the zone's name */
	timestamp_to_civil(t + east * USEC_PER_SEC, &c);
	print_date_parts(c.year, c.month, c.day, out);
	strbuf_addc(out, ' ');
	print_time_parts(&c, out);
	print_offset(east, out);
	if (c.year <= 0)
		strbuf_adds(out, " BC");
}

/* ---- arithmetic ---- */

static bool is_infinite(int64_t t)
{
	return t == TIMESTAMP_INFINITY || t == TIMESTAMP_NEG_INFINITY;
}

static bool out_of_range(struct err *e)
{
	return err_set(e, ERR_DATETIME_OVERFLOW, "timestamp out of range");
}

static bool in_range(int64_t t)
{
	return t >= MIN_TIMESTAMP && t < END_TIMESTAMP;
}

/* Adds months (the day cut to the new month's length) and days to a wall time. */
static bool add_months_days(int64_t t, int32_t months, int32_t days, int64_t *out)
{
	int64_t rest, day = split_day(t, &rest);

	if (months) {
		int year, month, mday;
		int64_t m;
		date_to_civil((int32_t)day, &year, &month, &mday);
		m = year * INT64_C(12) + month - 1 + months;
		year = (int)((m >= 0 ? m : m - 11) / 12);
		month = (int)(m - year * INT64_C(12)) + 1;
		if (year < -4714 || year > 294277)
			return false;
		if (mday > days_in_month(year, month))
			mday = days_in_month(year, month);
		day = date_from_civil(year, month, mday);
	}
	return !__builtin_mul_overflow(day + days, USEC_PER_DAY, out) && !__builtin_add_overflow(*out, rest, out);
}

bool timestamp_add_interval(int64_t t, const struct interval *i, int64_t *out, struct err *e)
{
	if (is_infinite(t)) {
		*out = t;
		return true;
	}
	if (!in_range(t) || !add_months_days(t, i->months, i->days, &t)
		|| __builtin_add_overflow(t, i->usec, &t) || !in_range(t))
		return out_of_range(e);
	*out = t;
	return true;
}

bool timestamptz_add_interval(int64_t t, const struct interval *i, const char *zone, int64_t *out, struct err *e)
{
	int east;

	if (is_infinite(t)) {
		*out = t;
		return true;
	}
	if (!in_range(t))
		return out_of_range(e);
	/* months first, then days, each in wall time: that is where PostgreSQL looks the offset up again */
	for (int step = 0; step < 2; step++) {
		int64_t local;
		if (step == 0 ? i->months == 0 : i->days == 0)
			continue;
		if (!zone_offset_utc(zone, t, &east, e))
			return false;
		if (!add_months_days(t + east * USEC_PER_SEC, step == 0 ? i->months : 0, step == 1 ? i->days : 0, &local)
			|| !in_range(local))
			return out_of_range(e);
		if (!zone_to_utc(zone, local, &t, e))
			return false;
	}
	if (__builtin_add_overflow(t, i->usec, &t) || !in_range(t))
		return out_of_range(e);
	*out = t;
	return true;
}

struct interval timestamp_age(int64_t a, int64_t b)
{
	struct civil x, y;
	struct interval out = {0, 0, 0};
	int sign = a < b ? -1 : 1;
	int usec, second, minute, hour, day, month, year;

	if (!in_range(a) || !in_range(b))
		return out;
	timestamp_to_civil(a, &x);
	timestamp_to_civil(b, &y);
	usec = sign * (x.usec - y.usec);
	second = sign * (x.second - y.second);
	minute = sign * (x.minute - y.minute);
	hour = sign * (x.hour - y.hour);
	day = sign * (x.day - y.day);
	month = sign * (x.month - y.month);
	year = sign * (x.year - y.year);
	second -= usec < 0;
	usec += usec < 0 ? 1000000 : 0;
	minute -= second < 0;
	second += second < 0 ? 60 : 0;
	hour -= minute < 0;
	minute += minute < 0 ? 60 : 0;
	day -= hour < 0;
	hour += hour < 0 ? 24 : 0;
	while (day < 0) { /* a month of the earlier date's length is borrowed */
		day += sign < 0 ? days_in_month(x.year, x.month) : days_in_month(y.year, y.month);
		month--;
	}
	while (month < 0) {
		month += 12;
		year--;
	}
	out.months = sign * (year * 12 + month);
	out.days = sign * day;
	out.usec = sign * (((hour * INT64_C(60) + minute) * 60 + second) * USEC_PER_SEC + usec);
	return out;
}
