/*
 * Fields of MariaDB's binary protocol into vector slots: one function per kind of remote field, chosen once per
 * column. Numbers are little-endian; dates and times have a length byte and leave out trailing zeros.
 *
 * Zero dates and dates with zero parts are values there and none here: the column's bad-value policy applies. TIME
 * reaches 838 hours: an interval holds it, a time of day up to 24:00:00 only.
 */
#include "connectors/mariadb/my_int.h"

#include <stdio.h>

#include "engine/types/datetime.h"

#define SLOT(type) (((type *)c->data)[w->row])
#define CHARSET_BINARY 63

static inline uint16_t get16(const unsigned char *p) { uint16_t v; memcpy(&v, p, 2); return v; }
static inline uint32_t get32(const unsigned char *p) { uint32_t v; memcpy(&v, p, 4); return v; }
static inline uint64_t get64(const unsigned char *p) { uint64_t v; memcpy(&v, p, 8); return v; }

static bool tiny_signed(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	(void)len;
	return writer_i64(w, c, (int8_t)*p);
}
static bool tiny_unsigned(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	(void)len;
	return writer_i64(w, c, *p);
}
static bool short_signed(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	(void)len;
	return writer_i64(w, c, (int16_t)get16(p));
}
static bool short_unsigned(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	(void)len;
	return writer_i64(w, c, get16(p));
}
static bool long_signed(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	(void)len;
	if (c->spec->type.id == TYPE_INT4) {
		SLOT(int32_t) = (int32_t)get32(p);
		return true;
	}
	return writer_i64(w, c, (int32_t)get32(p));
}
static bool long_unsigned(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	(void)len;
	return writer_i64(w, c, get32(p));
}
static bool longlong_signed(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	(void)len;
	return writer_i64(w, c, (int64_t)get64(p));
}
static bool longlong_unsigned(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	(void)len;
	return writer_u64(w, c, get64(p));
}
static bool float_field(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	float f;

	(void)len;
	memcpy(&f, p, 4);
	return writer_f32(w, c, f);
}
static bool double_field(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	double d;

	(void)len;
	memcpy(&d, p, 8);
	return writer_f64(w, c, d);
}

/* BIT(n): big-endian bytes. */
static bool bit_field(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	uint64_t v = 0;

	for (size_t i = 0; i < len; i++)
		v = v << 8 | p[i];
	return writer_u64(w, c, v);
}

static bool text_field(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	return writer_text_quick(w, c, (const char *)p, len);
}
static bool bytes_field(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	return writer_bytes(w, c, p, len);
}

/* "12345.67" into numeric(p ≤ 18, s) with as many digits behind the point: how DECIMAL columns always come. */
static bool decimal_small(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	size_t scale = (size_t)c->spec->type.scale, i = 0, whole_end;
	uint64_t v = 0;
	bool negative = len && p[0] == '-';

	i = negative;
	if (len - i > 19 || len < scale + 2)
		return text_field(w, c, p, len);
	whole_end = scale ? len - scale - 1 : len;
	if (scale && (whole_end <= i || p[whole_end] != '.'))
		return text_field(w, c, p, len);
	for (; i < whole_end; i++) {
		if ((unsigned)(p[i] - '0') > 9)
			return text_field(w, c, p, len);
		v = v * 10 + (uint64_t)(p[i] - '0');
	}
	for (i += scale > 0; i < len; i++) {
		if ((unsigned)(p[i] - '0') > 9)
			return text_field(w, c, p, len);
		v = v * 10 + (uint64_t)(p[i] - '0');
	}
	if (len - (size_t)negative - (scale > 0) > c->spec->type.precision) /* may be leading zeros */
		return text_field(w, c, p, len);
	SLOT(int64_t) = negative ? -(int64_t)v : (int64_t)v;
	w->nbytes += (int64_t)len;
	return true;
}

/* ---- dates and times ---- */

struct parts {
	int year, month, day;
	int64_t us; /* of the day */
};

static bool read_parts(const unsigned char *p, size_t len, struct parts *out)
{
	memset(out, 0, sizeof *out);
	if (len >= 4) {
		out->year = get16(p);
		out->month = p[2];
		out->day = p[3];
	}
	if (len >= 7)
		out->us = ((p[4] * 60 + p[5]) * 60 + p[6]) * USEC_PER_SEC;
	if (len >= 11)
		out->us += get32(p + 7);
	return len == 0 || len == 4 || len == 7 || len == 11;
}

static bool malformed(struct batch_writer *w, struct writer_col *c)
{
	return err_set(w->e, ERR_PROTOCOL_VIOLATION, "server \"%s\" sent a field of unexpected length in column \"%s\"",
				   w->request->server, c->spec->name);
}

/* The date's day number; false when the value was bad (*ok = how the policy took it). */
static inline bool day_number(struct batch_writer *w, struct writer_col *c, const struct parts *d, int32_t *day, bool *ok)
{
	if (UNLIKELY(d->month == 0 || d->day == 0)) {
		*ok = writer_bad(w, c, ERR_INVALID_DATETIME_FORMAT, "a zero date or a date with a zero part");
		return false;
	}
	if (UNLIKELY(d->day > 28 && !date_is_valid(d->year, d->month, d->day))) {
		*ok = writer_bad(w, c, ERR_INVALID_DATETIME_FORMAT, "a day that does not exist");
		return false;
	}
	if (UNLIKELY(d->year == 0)) {
		*ok = writer_bad(w, c, ERR_INVALID_DATETIME_FORMAT, "a date in the year 0");
		return false;
	}
	*day = date_from_civil(d->year, d->month, d->day);
	return true;
}

static bool date_field(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	struct parts d;
	bool ok;
	int32_t day;

	if (!read_parts(p, len, &d))
		return malformed(w, c);
	w->nbytes += (int64_t)len;
	if (!day_number(w, c, &d, &day, &ok))
		return ok;
	if (c->phys == PHYS_I32)
		SLOT(int32_t) = day;
	else
		SLOT(int64_t) = day * USEC_PER_DAY;
	return true;
}

static bool timestamp_field(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	struct parts d;
	bool ok;
	int32_t day;

	if (!read_parts(p, len, &d))
		return malformed(w, c);
	w->nbytes += (int64_t)len;
	if (!day_number(w, c, &d, &day, &ok))
		return ok;
	SLOT(int64_t) = day * USEC_PER_DAY + d.us;
	return true;
}

static bool read_time(const unsigned char *p, size_t len, int64_t *us)
{
	*us = 0;
	if (len >= 8)
		*us = ((int64_t)get32(p + 1) * 86400 + (p[5] * 60 + p[6]) * 60 + p[7]) * USEC_PER_SEC;
	if (len >= 12)
		*us += get32(p + 8);
	if (len && p[0])
		*us = -*us;
	return len == 0 || len == 8 || len == 12;
}

static bool time_field(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	int64_t us;

	if (!read_time(p, len, &us))
		return malformed(w, c);
	if (us < 0 || us > USEC_PER_DAY)
		return writer_bad(w, c, ERR_DATETIME_OVERFLOW, "a time beyond one day");
	SLOT(int64_t) = us;
	return true;
}

static bool interval_field(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	int64_t us;

	if (!read_time(p, len, &us))
		return malformed(w, c);
	SLOT(struct interval) = (struct interval){.usec = us};
	return true;
}

static bool date_as_text(struct batch_writer *w, struct writer_col *c, const unsigned char *p, size_t len)
{
	struct parts d;
	char text[48];
	int n;

	if (!read_parts(p, len, &d))
		return malformed(w, c);
	n = snprintf(text, sizeof text, "%04d-%02d-%02d", d.year, d.month, d.day);
	return writer_text(w, c, text, (size_t)n);
}

/* ---- choice ---- */

static bool integer_field(const MYSQL_FIELD *f, struct type to, my_decoder s, my_decoder u, uint8_t size,
						  struct my_field *out)
{
	*out = (struct my_field){f->flags & UNSIGNED_FLAG ? u : s, MY_FIXED, size};
	return type_is_number(to) || to.id == TYPE_BOOL || type_is_text(to);
}

static bool string_field(const MYSQL_FIELD *f, struct type to, struct my_field *out)
{
	bool binary = f->charsetnr == CHARSET_BINARY;

	out->wire = MY_LENGTH_ENCODED;
	if (to.id == TYPE_BYTEA) {
		out->decode = bytes_field;
		return binary;
	}
	out->decode = text_field;
	if (to.id == TYPE_TEXT || to.id == TYPE_VARCHAR)
		out->decode = text_field;
	return !type_is_number(to) && to.id != TYPE_BOOL;
}

static bool dated_field(const MYSQL_FIELD *f, struct type to, struct my_field *out)
{
	out->wire = MY_SHORT_LENGTH;
	if (to.id == TYPE_TIMESTAMP || to.id == TYPE_TIMESTAMPTZ)
		out->decode = timestamp_field;
	else if (to.id == TYPE_DATE && f->type == MYSQL_TYPE_DATE)
		out->decode = date_field;
	else if (type_is_text(to) && f->type == MYSQL_TYPE_DATE)
		out->decode = date_as_text;
	else
		return false;
	return true;
}

static bool decimal_field(struct type to, struct my_field *out)
{
	out->wire = MY_LENGTH_ENCODED;
	out->decode = to.id == TYPE_NUMERIC && type_phys(to) == PHYS_I64 ? decimal_small : text_field;
	return type_is_number(to) || type_is_text(to);
}

bool my_field_find(const MYSQL_FIELD *f, struct type to, struct my_field *out)
{
	memset(out, 0, sizeof *out);
	switch (f->type) {
	case MYSQL_TYPE_TINY:
		return integer_field(f, to, tiny_signed, tiny_unsigned, 1, out);
	case MYSQL_TYPE_SHORT:
	case MYSQL_TYPE_YEAR:
		return integer_field(f, to, short_signed, short_unsigned, 2, out);
	case MYSQL_TYPE_INT24:
	case MYSQL_TYPE_LONG:
		return integer_field(f, to, long_signed, long_unsigned, 4, out);
	case MYSQL_TYPE_LONGLONG:
		return integer_field(f, to, longlong_signed, longlong_unsigned, 8, out);
	case MYSQL_TYPE_FLOAT:
		*out = (struct my_field){float_field, MY_FIXED, 4};
		return type_is_number(to) || type_is_text(to);
	case MYSQL_TYPE_DOUBLE:
		*out = (struct my_field){double_field, MY_FIXED, 8};
		return type_is_number(to) || type_is_text(to);
	case MYSQL_TYPE_DECIMAL:
	case MYSQL_TYPE_NEWDECIMAL:
		return decimal_field(to, out);
	case MYSQL_TYPE_DATE:
	case MYSQL_TYPE_NEWDATE:
	case MYSQL_TYPE_DATETIME:
	case MYSQL_TYPE_DATETIME2:
	case MYSQL_TYPE_TIMESTAMP:
	case MYSQL_TYPE_TIMESTAMP2:
		return dated_field(f, to, out);
	case MYSQL_TYPE_TIME:
	case MYSQL_TYPE_TIME2:
		*out = (struct my_field){to.id == TYPE_INTERVAL ? interval_field : time_field, MY_SHORT_LENGTH, 0};
		return to.id == TYPE_INTERVAL || to.id == TYPE_TIME;
	case MYSQL_TYPE_BIT:
		*out = (struct my_field){bit_field, MY_LENGTH_ENCODED, 0};
		return type_is_number(to) || to.id == TYPE_BOOL;
	case MYSQL_TYPE_NULL:
		*out = (struct my_field){text_field, MY_FIXED, 0};
		return true;
	default: /* strings of all kinds; an open set */
		return string_field(f, to, out);
	}
}
