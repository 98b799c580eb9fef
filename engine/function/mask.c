/*
 * Built-in masks of agreements: functions that keep part of a value. None fails, and each gives the type of what it
 * masks, so that a masked column keeps its type. mask_hash's key is the agreement's salt, put in by the binder.
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "engine/base/utf8.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"
#include "engine/types/datetime.h"

/* 32 hex digits of HMAC-SHA-256: with the same salt equal values stay equal, without it nothing can be tried out. */
static bool hash_row(struct row *r)
{
	struct str salt = row_str(r, 0), s = row_str(r, 1);
	unsigned char out[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (!HMAC(EVP_sha256(), salt.data, (int)salt.len, (const unsigned char *)s.data, s.len, out, &len))
		return row_error(r, ERR_INTERNAL, "could not compute the digest");
	for (unsigned i = 0; i < 16; i++)
		strbuf_addf(r->buf, "%02x", out[i]);
	return true;
}
ROWS(hash_fn, hash_row, ROWS_BUILD)

/* Characters of s, and where the last n of them begin. */
static size_t last_characters(struct str s, size_t n, size_t *count)
{
	size_t starts[4] = {0, 0, 0, 0}, total = 0;

	for (size_t i = 0; i < s.len; i++)
		if (((unsigned char)s.data[i] & 0xc0) != 0x80)
			starts[total++ % 4] = i;
	*count = total;
	return total <= n ? 0 : starts[total % 4];
}

/* A text of four characters or fewer is hidden whole. */
static bool last_four_row(struct row *r)
{
	struct str s = row_str(r, 0);
	size_t n, from = last_characters(s, 4, &n);

	for (size_t i = 0; i < (n > 4 ? n - 4 : n); i++)
		strbuf_addc(r->buf, '*');
	if (n > 4)
		strbuf_add(r->buf, s.data + from, s.len - from);
	return true;
}
ROWS(last_four_fn, last_four_row, ROWS_BUILD)

static bool year_row(struct row *r)
{
	int32_t d = row_i32(r, 0);
	int year, month, day;

	if (d == DATE_INFINITY || d == DATE_NEG_INFINITY)
		return row_set_i32(r, d);
	date_to_civil(d, &year, &month, &day);
	return row_set_i32(r, date_from_civil(year, 1, 1));
}
ROWS(year_fn, year_row, ROWS_PLAIN)

/* The first three of a personal number's twelve digits: where the birth was registered. Anything else is hidden whole. */
static bool province_row(struct row *r)
{
	struct str s = row_str(r, 0);
	bool digits = s.len == 12;

	for (size_t i = 0; i < s.len && digits; i++)
		digits = s.data[i] >= '0' && s.data[i] <= '9';
	if (digits)
		strbuf_add(r->buf, s.data, 3);
	strbuf_adds(r->buf, digits ? "*********" : "***");
	return true;
}
ROWS(province_fn, province_row, ROWS_BUILD)

/* Down to a multiple of the step: no noise, so the same value always looks the same. */
TEMPLATE bool round_down(struct row *r, int64_t v, int64_t step, bool wide)
{
	int64_t rest;

	if (step <= 0)
		return row_set_null(r);
	rest = v % step;
	v -= rest < 0 && v - rest < INT64_MIN + step ? rest : rest < 0 ? rest + step : rest;
	if (!wide && v < INT32_MIN)
		v = INT32_MIN;
	return wide ? row_set_i64(r, v) : row_set_i32(r, (int32_t)v);
}
static bool round_i4_row(struct row *r) { return round_down(r, row_i32(r, 0), row_i32(r, 1), false); }
ROWS(round_i4_fn, round_i4_row, ROWS_NULLABLE)
static bool round_i8_row(struct row *r) { return round_down(r, row_i64(r, 0), row_i64(r, 1), true); }
ROWS(round_i8_fn, round_i8_row, ROWS_NULLABLE)

const struct func functions_mask[] = {
	FN("mask_hash", TEXT, hash_fn, SURE, "pseudonym: 32 hex digits of a keyed hash; mask_hash(x) takes the agreement's key", T(TEXT), T(TEXT)),
	FN("mask_last_four", TEXT, last_four_fn, SURE, "all but the last four characters as *", T(TEXT)),
	FN("mask_year", DATE, year_fn, SURE, "1 January of the year", T(DATE)),
	FN("mask_province", TEXT, province_fn, SURE, "province code of a personal identification number, the rest as *", T(TEXT)),
	FN("mask_round", INT4, round_i4_fn, SOME_NULL | SURE, "down to a multiple of the step", T(INT4), T(INT4)),
	FN("mask_round", INT8, round_i8_fn, SOME_NULL | SURE, "down to a multiple of the step", T(INT8), T(INT8)),
	FN_END,
};
