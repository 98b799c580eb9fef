/*
 * Intervals: reading (PostgreSQL's words, SQL's "1-2", clock times, ISO 8601 durations), the fields and
 * precision of a declared interval, printing, comparison, arithmetic. All parts are added up with
 * overflow checks; fractions of a larger unit move down: of months into days (30 a month), of days
 * into microseconds.
 */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "engine/types/datetime_int.h"

#define DAYS_PER_MONTH 30
#define USEC_PER_HOUR (3600 * USEC_PER_SEC)
#define USEC_PER_MINUTE (60 * USEC_PER_SEC)

enum unit {
	UNIT_NONE,
	UNIT_MICROSECOND,
	UNIT_MILLISECOND,
	UNIT_SECOND,
	UNIT_MINUTE,
	UNIT_HOUR,
	UNIT_DAY,
	UNIT_WEEK,
	UNIT_MONTH,
	UNIT_YEAR,
	UNIT_DECADE,
	UNIT_CENTURY,
	UNIT_MILLENNIUM,
	UNIT_AGO,
	UNIT_IGNORED,
};

/* Only the first ten bytes of a word count. */
static const struct {
	const char *text;
	enum unit unit;
} unit_words[] = {
	{"ago", UNIT_AGO}, {"c", UNIT_CENTURY}, {"cent", UNIT_CENTURY}, {"centuries", UNIT_CENTURY},
	{"century", UNIT_CENTURY}, {"d", UNIT_DAY}, {"day", UNIT_DAY}, {"days", UNIT_DAY}, {"dec", UNIT_DECADE},
	{"decade", UNIT_DECADE}, {"decades", UNIT_DECADE}, {"decs", UNIT_DECADE}, {"h", UNIT_HOUR},
	{"hour", UNIT_HOUR}, {"hours", UNIT_HOUR}, {"hr", UNIT_HOUR}, {"hrs", UNIT_HOUR}, {"m", UNIT_MINUTE},
	{"microsecon", UNIT_MICROSECOND}, {"mil", UNIT_MILLENNIUM}, {"millennia", UNIT_MILLENNIUM},
	{"millennium", UNIT_MILLENNIUM}, {"millisecon", UNIT_MILLISECOND}, {"mils", UNIT_MILLENNIUM},
	{"min", UNIT_MINUTE}, {"mins", UNIT_MINUTE}, {"minute", UNIT_MINUTE}, {"minutes", UNIT_MINUTE},
	{"mon", UNIT_MONTH}, {"mons", UNIT_MONTH}, {"month", UNIT_MONTH}, {"months", UNIT_MONTH},
	{"ms", UNIT_MILLISECOND}, {"msec", UNIT_MILLISECOND}, {"msecs", UNIT_MILLISECOND},
	{"msecond", UNIT_MILLISECOND}, {"mseconds", UNIT_MILLISECOND}, {"s", UNIT_SECOND}, {"sec", UNIT_SECOND},
	{"second", UNIT_SECOND}, {"seconds", UNIT_SECOND}, {"secs", UNIT_SECOND}, {"us", UNIT_MICROSECOND},
	{"usec", UNIT_MICROSECOND}, {"usecond", UNIT_MICROSECOND}, {"useconds", UNIT_MICROSECOND},
	{"usecs", UNIT_MICROSECOND}, {"w", UNIT_WEEK}, {"week", UNIT_WEEK}, {"weeks", UNIT_WEEK},
	{"y", UNIT_YEAR}, {"year", UNIT_YEAR}, {"years", UNIT_YEAR}, {"yr", UNIT_YEAR}, {"yrs", UNIT_YEAR},
};

/* Bits of a declared interval's fields: the high 16 bits of its modifier. */
enum { F_MONTH = 1 << 1, F_YEAR = 1 << 2, F_DAY = 1 << 3, F_HOUR = 1 << 10, F_MINUTE = 1 << 11, F_SECOND = 1 << 12 };
#define ALL_FIELDS 0x7fff
#define FULL_PRECISION 0xffff

struct sum { /* what has been read */
	int64_t usec;
	int32_t days, months, years;
};

/* ---- adding parts; false on overflow ---- */

/* |fraction| < 1 */
static bool add_fraction_usec(struct sum *s, double fraction, int64_t unit)
{
	int64_t usec;

	if (fraction == 0)
		return true;
	fraction *= (double)unit;
	usec = (int64_t)fraction;
	fraction -= (double)usec;
	if (fraction > 0.5)
		usec++;
	else if (fraction < -0.5)
		usec--;
	return !__builtin_add_overflow(s->usec, usec, &s->usec);
}

static bool add_usec(struct sum *s, int64_t n, double fraction, int64_t unit)
{
	int64_t x;

	return !__builtin_mul_overflow(n, unit, &x) && !__builtin_add_overflow(s->usec, x, &s->usec)
		   && add_fraction_usec(s, fraction, unit);
}

static bool add_int(int32_t *to, int64_t n, int64_t scale)
{
	int64_t x;

	return n >= INT32_MIN && n <= INT32_MAX && !__builtin_mul_overflow(n, scale, &x)
		   && !__builtin_add_overflow(*to, x, to);
}

static bool add_fraction_days(struct sum *s, double fraction, int scale)
{
	int32_t days;

	if (fraction == 0)
		return true;
	fraction *= scale;
	days = (int32_t)fraction;
	if (__builtin_add_overflow(s->days, days, &s->days))
		return false;
	return add_fraction_usec(s, fraction - days, USEC_PER_DAY);
}

static bool add_years(struct sum *s, int64_t n, double fraction, int scale)
{
	return add_int(&s->years, n, scale)
		   && !__builtin_add_overflow(s->months, (int32_t)rint(fraction * scale * 12), &s->months);
}

static bool add_unit(struct sum *s, enum unit unit, int64_t n, double fraction)
{
	switch (unit) {
	case UNIT_MICROSECOND:
		return add_usec(s, n, fraction, 1);
	case UNIT_MILLISECOND:
		return add_usec(s, n, fraction, 1000);
	case UNIT_SECOND:
		return add_usec(s, n, fraction, USEC_PER_SEC);
	case UNIT_MINUTE:
		return add_usec(s, n, fraction, USEC_PER_MINUTE);
	case UNIT_HOUR:
		return add_usec(s, n, fraction, USEC_PER_HOUR);
	case UNIT_DAY:
		return add_int(&s->days, n, 1) && add_fraction_usec(s, fraction, USEC_PER_DAY);
	case UNIT_WEEK:
		return add_int(&s->days, n, 7) && add_fraction_days(s, fraction, 7);
	case UNIT_MONTH:
		return add_int(&s->months, n, 1) && add_fraction_days(s, fraction, DAYS_PER_MONTH);
	case UNIT_YEAR:
		return add_years(s, n, fraction, 1);
	case UNIT_DECADE:
		return add_years(s, n, fraction, 10);
	case UNIT_CENTURY:
		return add_years(s, n, fraction, 100);
	case UNIT_MILLENNIUM:
		return add_years(s, n, fraction, 1000);
	case UNIT_NONE:
	case UNIT_AGO:
	case UNIT_IGNORED:
		break;
	}
	UNREACHABLE();
}

/* ---- PostgreSQL's and SQL's forms ---- */

struct reader {
	struct fields f;
	struct sum sum;
	int range;		/* declared fields */
	unsigned seen;	/* units read, one bit each */
	enum unit unit; /* of the next number to the left */
	bool ago;
};

#define BIT(unit) (1u << (unit))
#define CLOCK_BITS (BIT(UNIT_HOUR) | BIT(UNIT_MINUTE) | BIT(UNIT_SECOND) | BIT(UNIT_MILLISECOND) | BIT(UNIT_MICROSECOND))
#define SECOND_BITS (BIT(UNIT_SECOND) | BIT(UNIT_MILLISECOND) | BIT(UNIT_MICROSECOND))

static enum unit find_unit(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(unit_words); i++)
		if (strncmp(unit_words[i].text, text, 10) == 0)
			return unit_words[i].unit;
	return UNIT_NONE;
}

/* The unit of a last number without one, from the declared fields. */
static enum unit default_unit(int range)
{
	if (range == ALL_FIELDS || (range & F_SECOND))
		return UNIT_SECOND;
	if (range & F_MINUTE)
		return UNIT_MINUTE;
	if (range & F_HOUR)
		return UNIT_HOUR;
	if (range & F_DAY)
		return UNIT_DAY;
	if (range & F_MONTH)
		return UNIT_MONTH;
	return range & F_YEAR ? UNIT_YEAR : UNIT_SECOND;
}

static enum read_result on_clock(struct reader *r, const char *text, unsigned *bits)
{
	int64_t hours, usec;
	int minutes, seconds, fraction;
	enum read_result result = read_clock(text, r->range == (F_MINUTE | F_SECOND), &hours, &minutes, &seconds, &fraction);

	if (result != READ_OK)
		return result;
	if (__builtin_mul_overflow(hours, USEC_PER_HOUR, &usec)
		|| __builtin_add_overflow(usec, minutes * USEC_PER_MINUTE + seconds * USEC_PER_SEC + fraction, &usec))
		return READ_OVERFLOW;
	r->sum.usec = usec;
	*bits = BIT(UNIT_HOUR) | BIT(UNIT_MINUTE) | SECOND_BITS;
	r->unit = UNIT_DAY; /* a bare number to the left is days */
	return READ_OK;
}

static enum read_result on_number(struct reader *r, const char *text, unsigned *bits)
{
	const char *end;
	int64_t n;
	double fraction = 0;

	if (r->unit == UNIT_NONE)
		r->unit = default_unit(r->range);
	if (!read_int64(text, &end, &n))
		return READ_OVERFLOW;
	if (*end == '-') { /* SQL's years-months */
		int months;
		if (!read_int(end + 1, &end, &months) || months < 0 || months >= 12)
			return READ_OVERFLOW;
		if (*end)
			return READ_BAD;
		r->unit = UNIT_MONTH;
		if (__builtin_mul_overflow(n, (int64_t)12, &n)
			|| __builtin_add_overflow(n, (int64_t)(*text == '-' ? -months : months), &n))
			return READ_OVERFLOW;
	} else if (*end == '.') {
		char *stop;
		fraction = end[1] ? strtod(end, &stop) : 0;
		if (end[1] && *stop)
			return READ_BAD;
		if (*text == '-')
			fraction = -fraction;
	} else if (*end) {
		return READ_BAD;
	}
	if (r->unit == UNIT_AGO)
		return READ_BAD;
	if (!add_unit(&r->sum, r->unit, n, fraction))
		return READ_OVERFLOW;
	*bits = r->unit == UNIT_SECOND && fraction != 0 ? SECOND_BITS : BIT(r->unit);
	if (r->unit == UNIT_HOUR)
		r->unit = UNIT_DAY; /* for the next number */
	return READ_OK;
}

static enum read_result on_field(struct reader *r, int i, unsigned *bits)
{
	const char *text = r->f.text[i];
	enum unit unit;

	switch (r->f.kind[i]) {
	case FIELD_TIME:
		return on_clock(r, text, bits);
	case FIELD_TZ: /* a sign and digits: a clock time, or a signed number */
		if (strchr(text + 1, ':') && on_clock(r, text + 1, bits) == READ_OK) {
			if (*text == '-')
				r->sum.usec = -r->sum.usec;
			return READ_OK;
		}
		return on_number(r, text, bits);
	case FIELD_DATE:
	case FIELD_NUMBER:
		return on_number(r, text, bits);
	case FIELD_STRING:
	case FIELD_SPECIAL:
		unit = find_unit(text);
		if (unit == UNIT_NONE)
			return READ_BAD;
		if (unit == UNIT_AGO)
			r->ago = true;
		r->unit = unit;
		return READ_OK;
	}
	UNREACHABLE();
}

static bool negate(struct sum *s)
{
	if (s->usec == INT64_MIN || s->days == INT32_MIN || s->months == INT32_MIN || s->years == INT32_MIN)
		return false;
	s->usec = -s->usec;
	s->days = -s->days;
	s->months = -s->months;
	s->years = -s->years;
	return true;
}

/* From right to left, so that a unit is known before its number. */
static enum read_result read_words(struct str s, int range, struct sum *out)
{
	struct reader r;
	enum read_result result;

	memset(&r, 0, sizeof r);
	r.range = range;
	result = fields_split(s, &r.f);
	for (int i = r.f.n - 1; result == READ_OK && i >= 0; i--) {
		unsigned bits = 0;
		result = on_field(&r, i, &bits);
		if (result == READ_OK && (bits & r.seen))
			result = READ_BAD;
		r.seen |= bits;
	}
	if (result != READ_OK)
		return result;
	if (r.seen == 0)
		return READ_BAD;
	if (r.ago && !negate(&r.sum))
		return READ_OVERFLOW;
	*out = r.sum;
	return READ_OK;
}

/* ---- ISO 8601 ---- */

struct iso {
	const char *p;
	int64_t n; /* the number just read */
	double fraction;
	int width; /* digits before the point */
};

static enum read_result iso_number(struct iso *i)
{
	char *end;
	const char *start = i->p;
	double value;

	if (!((*i->p >= '0' && *i->p <= '9') || *i->p == '-' || *i->p == '.'))
		return READ_BAD;
	for (i->width = 0, start += *start == '-'; start[i->width] >= '0' && start[i->width] <= '9';)
		i->width++;
	value = strtod(i->p, &end);
	if (end == i->p)
		return READ_BAD;
	i->p = end;
	/* more than fits is an overflow, reported as of the field */
	if (!(value >= -1e15 && value <= 1e15))
		return READ_OVERFLOW;
	i->n = (int64_t)value;
	i->fraction = value - (double)i->n;
	return READ_OK;
}

/* "0001-02-03" or "00010203" behind P; *p then stands at T or the end. */
static enum read_result iso_date(struct iso *i, struct sum *s)
{
	static const enum unit units[] = {UNIT_YEAR, UNIT_MONTH, UNIT_DAY};
	enum read_result r;

	if (i->width == 8 && *i->p != '-') {
		if (!add_unit(s, UNIT_YEAR, i->n / 10000, 0) || !add_unit(s, UNIT_MONTH, i->n / 100 % 100, 0)
			|| !add_unit(s, UNIT_DAY, i->n % 100, i->fraction))
			return READ_OVERFLOW;
		return READ_OK;
	}
	for (int k = 0;; k++) {
		if (!add_unit(s, units[k], i->n, i->fraction))
			return READ_OVERFLOW;
		if (*i->p == 'T' || *i->p == '\0')
			return READ_OK;
		if (k == 2 || *i->p != '-')
			return READ_BAD;
		i->p++;
		r = iso_number(i);
		if (r != READ_OK)
			return r;
	}
}

/* "04:05:06" or "040506" behind T. */
static enum read_result iso_clock(struct iso *i, struct sum *s)
{
	static const enum unit units[] = {UNIT_HOUR, UNIT_MINUTE, UNIT_SECOND};
	enum read_result r;

	if (i->width == 6 && *i->p == '\0') {
		if (!add_unit(s, UNIT_HOUR, i->n / 10000, 0) || !add_unit(s, UNIT_MINUTE, i->n / 100 % 100, 0)
			|| !add_unit(s, UNIT_SECOND, i->n % 100, 0) || !add_fraction_usec(s, i->fraction, 1))
			return READ_OVERFLOW;
		return READ_OK;
	}
	for (int k = 0;; k++) {
		if (!add_unit(s, units[k], i->n, i->fraction))
			return READ_OVERFLOW;
		if (*i->p == '\0')
			return READ_OK;
		if (k == 2 || *i->p != ':')
			return READ_BAD;
		i->p++;
		r = iso_number(i);
		if (r != READ_OK)
			return r;
	}
}

static enum read_result read_iso(struct str in, struct sum *s)
{
	char text[256];
	struct iso i = {.p = text};
	bool date_part = true, have_field = false;
	enum read_result r;

	memset(s, 0, sizeof *s);
	if (in.len < 2 || in.len >= sizeof text || in.data[0] != 'P')
		return READ_BAD;
	memcpy(text, in.data + 1, in.len - 1);
	text[in.len - 1] = '\0';
	while (*i.p) {
		enum unit unit;
		if (*i.p == 'T') {
			date_part = false;
			have_field = false;
			i.p++;
			continue;
		}
		r = iso_number(&i);
		if (r != READ_OK)
			return r;
		switch (*i.p) {
		case 'Y':
			unit = UNIT_YEAR;
			break;
		case 'M':
			unit = date_part ? UNIT_MONTH : UNIT_MINUTE;
			break;
		case 'W':
			unit = UNIT_WEEK;
			break;
		case 'D':
			unit = UNIT_DAY;
			break;
		case 'H':
			unit = UNIT_HOUR;
			break;
		case 'S':
			unit = UNIT_SECOND;
			break;
		default: /* the alternative forms */
			if (have_field)
				return READ_BAD;
			r = date_part ? iso_date(&i, s) : iso_clock(&i, s);
			if (r != READ_OK)
				return r;
			have_field = true;
			continue;
		}
		if ((unit >= UNIT_DAY && !date_part) || (unit <= UNIT_HOUR && date_part))
			return READ_BAD;
		if (!add_unit(s, unit, i.n, i.fraction))
			return READ_OVERFLOW;
		i.p++;
		have_field = true;
	}
	return READ_OK;
}

/* ---- declared fields and precision ---- */

static void apply_mod(struct interval *i, int32_t mod)
{
	int range = (mod >> 16) & ALL_FIELDS, precision = mod & FULL_PRECISION;
	int64_t unit = 0;

	if (range == ALL_FIELDS || (range & F_SECOND))
		unit = 0;
	else if (range & F_MINUTE)
		unit = USEC_PER_MINUTE;
	else if (range & F_HOUR)
		unit = USEC_PER_HOUR;
	else if (range & (F_DAY | F_MONTH | F_YEAR))
		unit = -1; /* no time at all */
	if (unit < 0)
		i->usec = 0;
	else if (unit > 0)
		i->usec = i->usec / unit * unit;
	if (range == F_YEAR || range == F_MONTH || range == (F_YEAR | F_MONTH))
		i->days = 0;
	if (range == F_YEAR)
		i->months = i->months / 12 * 12;
	if (precision != FULL_PRECISION)
		i->usec = round_usec(i->usec, precision);
}

bool interval_parse(struct str s, int32_t mod, struct interval *out, struct err *e)
{
	int range = mod < 0 ? ALL_FIELDS : (mod >> 16) & ALL_FIELDS;
	struct sum sum;
	enum read_result r = read_words(s, range, &sum);
	int64_t months;

	if (r == READ_BAD)
		r = read_iso(s, &sum);
	if (r == READ_OVERFLOW)
		r = READ_INTERVAL_OVERFLOW;
	if (r != READ_OK)
		return read_report(r, s, "interval", NULL, e);
	months = sum.years * INT64_C(12) + sum.months;
	if (months > INT32_MAX || months < INT32_MIN)
		return err_set(e, ERR_DATETIME_OVERFLOW, "interval out of range");
	*out = (struct interval){sum.usec, sum.days, (int32_t)months};
	if (mod >= 0)
		apply_mod(out, mod);
	return true;
}

/* ---- printing ---- */

static void print_part(int64_t n, const char *unit, bool *any, bool *before, struct strbuf *out)
{
	if (n == 0)
		return;
	strbuf_addf(out, "%s%s%lld %s%s", *any ? " " : "", *before && n > 0 ? "+" : "", (long long)n, unit,
				n != 1 ? "s" : "");
	*before = n < 0; /* a positive part behind a negative one shows its sign */
	*any = true;
}

void interval_print(const struct interval *i, struct strbuf *out)
{
	bool any = false, before = false;
	uint64_t t;

	print_part(i->months / 12, "year", &any, &before, out);
	print_part(i->months % 12, "mon", &any, &before, out);
	print_part(i->days, "day", &any, &before, out);
	if (any && i->usec == 0)
		return;
	t = i->usec < 0 ? -(uint64_t)i->usec : (uint64_t)i->usec;
	strbuf_addf(out, "%s%s%02llu:%02u:", any ? " " : "", i->usec < 0 ? "-" : before ? "+" : "",
				(unsigned long long)(t / (uint64_t)USEC_PER_HOUR), (unsigned)(t / (uint64_t)USEC_PER_MINUTE % 60));
	print_seconds((int)(t / (uint64_t)USEC_PER_SEC % 60), (int)(t % (uint64_t)USEC_PER_SEC), out);
}

/* ---- comparison and arithmetic ---- */

int interval_compare(const struct interval *a, const struct interval *b)
{
	int128 x = (int128)a->usec + (int128)(a->months * INT64_C(30) + a->days) * USEC_PER_DAY;
	int128 y = (int128)b->usec + (int128)(b->months * INT64_C(30) + b->days) * USEC_PER_DAY;

	return (x > y) - (x < y);
}

static bool out_of_range(struct err *e)
{
	return err_set(e, ERR_DATETIME_OVERFLOW, "interval out of range");
}

bool interval_add(const struct interval *a, const struct interval *b, struct interval *out, struct err *e)
{
	struct interval r;

	if (__builtin_add_overflow(a->months, b->months, &r.months) || __builtin_add_overflow(a->days, b->days, &r.days)
		|| __builtin_add_overflow(a->usec, b->usec, &r.usec))
		return out_of_range(e);
	*out = r;
	return true;
}

bool interval_neg(const struct interval *a, struct interval *out, struct err *e)
{
	if (a->usec == INT64_MIN || a->days == INT32_MIN || a->months == INT32_MIN)
		return out_of_range(e);
	*out = (struct interval){-a->usec, -a->days, -a->months};
	return true;
}

/* To microseconds of a second, as fractions that cascade down are cut. */
static double round_micro(double x)
{
	return rint(x * 1e6) / 1e6;
}

static bool scale(const struct interval *a, double f, bool divide, struct interval *out, struct err *e)
{
	double months = divide ? a->months / f : a->months * f, days = divide ? a->days / f : a->days * f;
	double rest_days, seconds, usec;
	struct interval r;

	if (!(months <= INT_MAX && months >= INT_MIN) || !(days <= INT_MAX && days >= INT_MIN))
		return out_of_range(e); /* also for NaN */
	r.months = (int32_t)months;
	r.days = (int32_t)days;
	rest_days = round_micro((months - r.months) * DAYS_PER_MONTH);
	seconds = round_micro((days - r.days + rest_days - (int)rest_days) * 86400);
	if (fabs(seconds) >= 86400) { /* by rounding, or by the sum of both fractions */
		if (__builtin_add_overflow(r.days, (int)(seconds / 86400), &r.days))
			return out_of_range(e);
		seconds -= (int)(seconds / 86400) * 86400.0;
	}
	if (__builtin_add_overflow(r.days, (int32_t)rest_days, &r.days))
		return out_of_range(e);
	usec = rint((divide ? (double)a->usec / f : (double)a->usec * f) + seconds * 1e6);
	if (!(usec >= -0x1p63 && usec < 0x1p63))
		return out_of_range(e);
	r.usec = (int64_t)usec;
	*out = r;
	return true;
}

bool interval_mul(const struct interval *a, double f, struct interval *out, struct err *e)
{
	return scale(a, f, false, out, e);
}

bool interval_div(const struct interval *a, double f, struct interval *out, struct err *e)
{
	if (f == 0)
		return err_set(e, ERR_DIVISION_BY_ZERO, "division by zero");
	return scale(a, f, true, out, e);
}

struct interval interval_justify_hours(struct interval i)
{
	int64_t days = i.usec / USEC_PER_DAY;

	i.usec -= days * USEC_PER_DAY;
	i.days = (int32_t)(i.days + days);
	if (i.days > 0 && i.usec < 0) {
		i.usec += USEC_PER_DAY;
		i.days--;
	} else if (i.days < 0 && i.usec > 0) {
		i.usec -= USEC_PER_DAY;
		i.days++;
	}
	return i;
}
