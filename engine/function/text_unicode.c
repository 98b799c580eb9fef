/*
 * Unicode: the four normal forms (ICU) and unistr().
 * Full case mapping is not here: see text_basic.c for why.
 */
#include "engine/base/utf8.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"

#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include <stdlib.h>

/* The normaliser of the form named by argument 1 (NFC without it); NULL with the error set. */
static const UNormalizer2 *normalizer_of(struct row *r)
{
	struct str form = r->call->nargs > 1 ? row_str(r, 1) : STR("NFC");
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *norm = NULL;

	if (str_eq_nocase(form, STR("NFC")))
		norm = unorm2_getNFCInstance(&status);
	else if (str_eq_nocase(form, STR("NFD")))
		norm = unorm2_getNFDInstance(&status);
	else if (str_eq_nocase(form, STR("NFKC")))
		norm = unorm2_getNFKCInstance(&status);
	else if (str_eq_nocase(form, STR("NFKD")))
		norm = unorm2_getNFKDInstance(&status);
	else {
		(void)row_error(r, ERR_INVALID_PARAMETER_VALUE, "invalid normalization form: %.*s", (int)form.len, form.data);
		return NULL;
	}
	if (U_FAILURE(status)) {
		(void)row_error(r, ERR_INTERNAL, "Unicode normalization data is missing: %s", u_errorName(status));
		return NULL;
	}
	return norm;
}

/* s as UTF-16 in malloc'ed memory; NULL with 53200. */
static UChar *to_utf16(struct row *r, struct str s, int32_t *len)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar *u = s.len < INT32_MAX / 4 ? malloc((s.len + 1) * sizeof(UChar)) : NULL;

	if (u)
		u_strFromUTF8(u, (int32_t)s.len + 1, len, s.data, (int32_t)s.len, &status);
	if (!u || U_FAILURE(status)) {
		free(u);
		(void)row_error(r, ERR_OUT_OF_MEMORY, "out of memory while converting text");
		return NULL;
	}
	return u;
}

static bool add_utf16(struct row *r, const UChar *u, int32_t len)
{
	int32_t i = 0;

	while (i < len) {
		UChar32 ch;
		char out[4];
		U16_NEXT(u, i, len, ch);
		strbuf_add(r->buf, out, utf8_encode((uint32_t)ch, out));
	}
	return true;
}

static bool normalize_row(struct row *r)
{
	const UNormalizer2 *norm = normalizer_of(r);
	struct str s = row_str(r, 0);
	UErrorCode status = U_ZERO_ERROR;
	int32_t len, out_len;
	UChar *in, *out;
	bool ok;

	if (!norm)
		return false;
	if (utf8_is_ascii(s.data, s.len)) {
		strbuf_add(r->buf, s.data, s.len);
		return true;
	}
	if (!(in = to_utf16(r, s, &len)))
		return false;
	out_len = unorm2_normalize(norm, in, len, NULL, 0, &status);
	out = malloc(((size_t)out_len + 1) * sizeof(UChar));
	status = U_ZERO_ERROR;
	if (out)
		unorm2_normalize(norm, in, len, out, out_len + 1, &status);
	ok = out && U_SUCCESS(status) ? add_utf16(r, out, out_len)
								  : row_error(r, ERR_OUT_OF_MEMORY, "out of memory while normalizing text");
	free(in);
	free(out);
	return ok;
}
ROWS(normalize_fn, normalize_row, ROWS_BUILD)

static bool is_normalized_row(struct row *r)
{
	const UNormalizer2 *norm = normalizer_of(r);
	struct str s = row_str(r, 0);
	UErrorCode status = U_ZERO_ERROR;
	int32_t len;
	UChar *in;
	bool is;

	if (!norm)
		return false;
	if (utf8_is_ascii(s.data, s.len))
		return row_set_bool(r, true);
	if (!(in = to_utf16(r, s, &len)))
		return false;
	is = unorm2_isNormalized(norm, in, len, &status);
	free(in);
	if (U_FAILURE(status))
		return row_error(r, ERR_INTERNAL, "could not check normalization: %s", u_errorName(status));
	return row_set_bool(r, is);
}
ROWS(is_normalized_fn, is_normalized_row, ROWS_PLAIN)

/* ---- unistr ---- */

static int hex_digit(char ch)
{
	return ch >= '0' && ch <= '9' ? ch - '0' : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : -1;
}

/* Exactly `digits` hexadecimal digits at p, or -1. */
static int64_t hex_value(const char *p, const char *end, int digits)
{
	int64_t v = 0;

	if (end - p < digits)
		return -1;
	for (int i = 0; i < digits; i++) {
		if (hex_digit(p[i]) < 0)
			return -1;
		v = v * 16 + hex_digit(p[i]);
	}
	return v;
}

/* One escape behind the backslash: XXXX, uXXXX, +XXXXXX, UXXXXXXXX; its length or 0. */
static int unistr_escape(const char *p, const char *end, int64_t *code)
{
	if ((*code = hex_value(p, end, 4)) >= 0)
		return 4;
	if (p < end && *p == 'u' && (*code = hex_value(p + 1, end, 4)) >= 0)
		return 5;
	if (p < end && *p == '+' && (*code = hex_value(p + 1, end, 6)) >= 0)
		return 7;
	if (p < end && *p == 'U' && (*code = hex_value(p + 1, end, 8)) >= 0)
		return 9;
	return 0;
}

static bool unistr_row(struct row *r)
{
	struct str s = row_str(r, 0);
	const char *p = s.data, *end = s.data + s.len;
	int64_t high = 0;

	while (p < end) {
		int64_t code;
		int used;
		char out[4];

		if (*p != '\\' || (p + 1 < end && p[1] == '\\')) {
			if (high)
				break;
			strbuf_addc(r->buf, *p);
			p += *p == '\\' ? 2 : 1;
			continue;
		}
		if (!(used = unistr_escape(p + 1, end, &code))) {
			row_error(r, ERR_SYNTAX_ERROR, "invalid Unicode escape");
			return err_hint(r->call->err, "Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.");
		}
		p += used + 1;
		if (code == 0 || code > 0x10ffff)
			return row_error(r, ERR_INVALID_PARAMETER_VALUE, "invalid Unicode code point: %04llX", (long long)code);
		if (high) {
			if (code < 0xdc00 || code > 0xdfff)
				return row_error(r, ERR_SYNTAX_ERROR, "invalid Unicode surrogate pair");
			code = ((high - 0xd800) << 10) + (code - 0xdc00) + 0x10000;
			high = 0;
		} else if (code >= 0xd800 && code <= 0xdbff) {
			high = code;
			continue;
		} else if (code >= 0xdc00 && code <= 0xdfff) {
			return row_error(r, ERR_SYNTAX_ERROR, "invalid Unicode surrogate pair");
		}
		strbuf_add(r->buf, out, utf8_encode((uint32_t)code, out));
	}
	return !high || row_error(r, ERR_SYNTAX_ERROR, "invalid Unicode surrogate pair");
}
ROWS(unistr_fn, unistr_row, ROWS_BUILD)

const struct func functions_text_unicode[] = {
	FN("normalize", TEXT, normalize_fn, FAIL, "Unicode normal form NFC", T(TEXT)),
	FN("normalize", TEXT, normalize_fn, FAIL, "Unicode normal form NFC, NFD, NFKC or NFKD", T(TEXT), T(TEXT)),
	FN("is_normalized", BOOL, is_normalized_fn, FAIL, "whether the text is in Unicode normal form NFC", T(TEXT)),
	FN("is_normalized", BOOL, is_normalized_fn, FAIL, "whether the text is in a Unicode normal form", T(TEXT), T(TEXT)),
	FN("unistr", TEXT, unistr_fn, FAIL, "evaluates Unicode escapes: \\XXXX, \\uXXXX, \\+XXXXXX, \\UXXXXXXXX", T(TEXT)),
	FN_END,
};
