/*
 * Functions on bytea, digests, and conversions between bytes and text: encode/decode, md5, sha2,
 * convert_from/convert_to, slices and search by byte, single bytes and bits.
 */
#define _GNU_SOURCE /* memmem */
#include "engine/base/utf8.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"
#include "engine/types/encoding.h"

#include <openssl/evp.h>

/* ---- digests ---- */

static bool digest(struct row *r, const EVP_MD *kind, unsigned char out[EVP_MAX_MD_SIZE], unsigned *len)
{
	struct str s = row_str(r, 0);

	if (!kind || EVP_Digest(s.data, s.len, out, len, kind, NULL) != 1)
		return row_error(r, ERR_INTERNAL, "could not compute the digest");
	return true;
}

static bool md5_row(struct row *r)
{
	unsigned char out[EVP_MAX_MD_SIZE];
	unsigned len;

	if (!digest(r, EVP_md5(), out, &len))
		return false;
	for (unsigned i = 0; i < len; i++)
		strbuf_addf(r->buf, "%02x", out[i]);
	return true;
}
ROWS(md5_fn, md5_row, ROWS_BUILD)

TEMPLATE bool sha_row(struct row *r, const EVP_MD *kind)
{
	unsigned char out[EVP_MAX_MD_SIZE];
	unsigned len;

	return digest(r, kind, out, &len) && row_text(r, (const char *)out, len);
}
static bool sha224_row(struct row *r) { return sha_row(r, EVP_sha224()); }
static bool sha256_row(struct row *r) { return sha_row(r, EVP_sha256()); }
static bool sha384_row(struct row *r) { return sha_row(r, EVP_sha384()); }
static bool sha512_row(struct row *r) { return sha_row(r, EVP_sha512()); }
ROWS(sha224_fn, sha224_row, ROWS_PLAIN)
ROWS(sha256_fn, sha256_row, ROWS_PLAIN)
ROWS(sha384_fn, sha384_row, ROWS_PLAIN)
ROWS(sha512_fn, sha512_row, ROWS_PLAIN)

/* ---- encode, decode ---- */

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool encode_hex(struct row *r, struct str s)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < s.len; i++) {
		strbuf_addc(r->buf, digits[(unsigned char)s.data[i] >> 4]);
		strbuf_addc(r->buf, digits[(unsigned char)s.data[i] & 15]);
	}
	return true;
}

static bool decode_hex(struct row *r, struct str s)
{
	int high = -1;

	for (size_t i = 0; i < s.len; i++) {
		char ch = s.data[i];
		int d = ch >= '0' && ch <= '9' ? ch - '0'
			  : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10
			  : ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : -1;
		if (high < 0 && (ch == ' ' || ch == '\n' || ch == '\t' || ch == '\r'))
			continue;
		if (d < 0)
			return row_error(r, ERR_INVALID_PARAMETER_VALUE, "invalid hexadecimal digit: \"%.*s\"",
							 (int)utf8_size((unsigned char)ch), s.data + i);
		if (high < 0) {
			high = d;
		} else {
			strbuf_addc(r->buf, (char)(high << 4 | d));
			high = -1;
		}
	}
	return high < 0 || row_error(r, ERR_INVALID_PARAMETER_VALUE, "invalid hexadecimal data: odd number of digits");
}

/* Lines of 76 digits, as MIME has them. */
static bool encode_base64(struct row *r, struct str s)
{
	for (size_t i = 0; i < s.len; i += 3) {
		size_t left = s.len - i;
		uint32_t v = (uint32_t)(unsigned char)s.data[i] << 16;
		if (left > 1)
			v |= (uint32_t)(unsigned char)s.data[i + 1] << 8;
		if (left > 2)
			v |= (unsigned char)s.data[i + 2];
		if (i && i % 57 == 0)
			strbuf_addc(r->buf, '\n');
		strbuf_addc(r->buf, base64_digits[v >> 18]);
		strbuf_addc(r->buf, base64_digits[v >> 12 & 63]);
		strbuf_addc(r->buf, left > 1 ? base64_digits[v >> 6 & 63] : '=');
		strbuf_addc(r->buf, left > 2 ? base64_digits[v & 63] : '=');
	}
	return true;
}

static bool decode_base64(struct row *r, struct str s)
{
	uint32_t v = 0;
	int pos = 0, end = 0;

	for (size_t i = 0; i < s.len; i++) {
		char ch = s.data[i];
		const char *d;
		if (ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r')
			continue;
		if (ch == '=') {
			if (!end) {
				if (pos != 2 && pos != 3)
					return row_error(r, ERR_INVALID_PARAMETER_VALUE, "unexpected \"=\" while decoding base64 sequence");
				end = pos == 2 ? 1 : 2;
			}
			v <<= 6;
		} else {
			if (!ch || !(d = strchr(base64_digits, ch)))
				return row_error(r, ERR_INVALID_PARAMETER_VALUE,
								 "invalid symbol \"%.*s\" found while decoding base64 sequence",
								 (int)utf8_size((unsigned char)ch), s.data + i);
			v = v << 6 | (uint32_t)(d - base64_digits);
		}
		if (++pos < 4)
			continue;
		strbuf_addc(r->buf, (char)(v >> 16));
		if (end == 0 || end > 1)
			strbuf_addc(r->buf, (char)(v >> 8));
		if (end == 0 || end > 2)
			strbuf_addc(r->buf, (char)v);
		pos = 0;
		v = 0;
	}
	if (pos == 0)
		return true;
	row_error(r, ERR_INVALID_PARAMETER_VALUE, "invalid base64 end sequence");
	return err_hint(r->call->err, "Input data is missing padding, is truncated, or is otherwise corrupted.");
}

static bool encode_escape(struct row *r, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char ch = (unsigned char)s.data[i];
		if (ch == 0 || ch >= 0x80)
			strbuf_addf(r->buf, "\\%03o", ch);
		else if (ch == '\\')
			strbuf_adds(r->buf, "\\\\");
		else
			strbuf_addc(r->buf, (char)ch);
	}
	return true;
}

static bool is_octal(char ch, char max) { return ch >= '0' && ch <= max; }

static bool decode_escape(struct row *r, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		const char *p = s.data + i;
		size_t left = s.len - i;
		if (*p != '\\') {
			strbuf_addc(r->buf, *p);
		} else if (left > 3 && is_octal(p[1], '3') && is_octal(p[2], '7') && is_octal(p[3], '7')) {
			strbuf_addc(r->buf, (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0')));
			i += 3;
		} else if (left > 1 && p[1] == '\\') {
			strbuf_addc(r->buf, '\\');
			i++;
		} else {
			return row_error(r, ERR_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type bytea");
		}
	}
	return true;
}

struct byte_encoding {
	const char *name;
	bool (*encode)(struct row *, struct str);
	bool (*decode)(struct row *, struct str);
};
static const struct byte_encoding byte_encodings[] = {
	{"hex", encode_hex, decode_hex},
	{"base64", encode_base64, decode_base64},
	{"escape", encode_escape, decode_escape},
};

static const struct byte_encoding *byte_encoding_find(struct row *r)
{
	struct str name = row_str(r, 1);

	for (size_t i = 0; i < ARRAY_LEN(byte_encodings); i++)
		if (str_eq_nocase(name, str_of(byte_encodings[i].name)))
			return &byte_encodings[i];
	(void)row_error(r, ERR_INVALID_PARAMETER_VALUE, "unrecognized encoding: \"%.*s\"", (int)name.len, name.data);
	return NULL;
}

static bool encode_row(struct row *r)
{
	const struct byte_encoding *e = byte_encoding_find(r);

	return e && e->encode(r, row_str(r, 0));
}
ROWS(encode_fn, encode_row, ROWS_BUILD)

static bool decode_row(struct row *r)
{
	const struct byte_encoding *e = byte_encoding_find(r);

	return e && e->decode(r, row_str(r, 0));
}
ROWS(decode_fn, decode_row, ROWS_BUILD)

/* ---- character sets ---- */

static bool convert_encoding(struct row *r, struct str name, enum encoding *out)
{
	char plain[32];
	size_t n = 0;

	/* PostgreSQL ignores everything but letters and digits in these names. */
	for (size_t i = 0; i < name.len && n < sizeof plain - 1; i++) {
		char ch = name.data[i];
		if (ch >= 'A' && ch <= 'Z')
			ch = (char)(ch + 32);
		if ((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9'))
			plain[n++] = ch;
	}
	plain[n] = 0;
	if (strcmp(plain, "utf8") == 0 || strcmp(plain, "unicode") == 0)
		*out = ENCODING_UTF8;
	else if (strcmp(plain, "latin1") == 0 || strcmp(plain, "iso88591") == 0)
		*out = ENCODING_LATIN1;
	else if (strcmp(plain, "win1252") == 0 || strcmp(plain, "windows1252") == 0)
		*out = ENCODING_WINDOWS_1252;
	else if (strcmp(plain, "win1258") == 0 || strcmp(plain, "windows1258") == 0 || strcmp(plain, "vscii") == 0)
		*out = ENCODING_WINDOWS_1258;
	else if (!encoding_find(plain, out))
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "invalid encoding name \"%.*s\"", (int)name.len, name.data);
	return true;
}

static bool convert_from_row(struct row *r)
{
	enum encoding enc;

	return convert_encoding(r, row_str(r, 1), &enc) &&
		   encoding_to_utf8(enc, false, row_str(r, 0), r->buf, r->call->err);
}
ROWS(convert_from_fn, convert_from_row, ROWS_BUILD)

static bool convert_to_row(struct row *r)
{
	enum encoding enc;

	if (!convert_encoding(r, row_str(r, 1), &enc))
		return false;
	return encoding_from_utf8(enc, row_str(r, 0), r->buf) ||
		   row_error(r, ERR_UNTRANSLATABLE_CHARACTER, "the text has a character without counterpart in encoding \"%s\"",
					 encoding_name(enc));
}
ROWS(convert_to_fn, convert_to_row, ROWS_BUILD)

/* ---- slices and search ---- */

static bool slice_bytes(struct row *r, struct str s, int32_t start, bool has_len, int32_t len, struct str *out)
{
	int64_t end = (int64_t)start + len, from = start < 1 ? 1 : start;

	if (has_len && len < 0)
		return row_error(r, ERR_SUBSTRING_ERROR, "negative substring length not allowed");
	if (!has_len || end > (int64_t)s.len + 1)
		end = (int64_t)s.len + 1;
	*out = from >= end ? str_make(s.data, 0) : str_make(s.data + from - 1, (size_t)(end - from));
	return true;
}

static bool substring_row(struct row *r)
{
	struct str s;
	bool has_len = r->call->nargs > 2;

	return slice_bytes(r, row_str(r, 0), row_i32(r, 1), has_len, has_len ? row_i32(r, 2) : 0, &s) &&
		   row_text(r, s.data, s.len);
}
ROWS(substring_fn, substring_row, ROWS_PLAIN)

static bool overlay_row(struct row *r)
{
	struct str s = row_str(r, 0), with = row_str(r, 1), head, tail;
	int32_t at = row_i32(r, 2);
	int64_t after = (int64_t)at + (r->call->nargs > 3 ? row_i32(r, 3) : (int64_t)with.len);

	if (at <= 0)
		return row_error(r, ERR_SUBSTRING_ERROR, "negative substring length not allowed");
	if (after > INT32_MAX)
		return row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "integer out of range");
	if (!slice_bytes(r, s, 1, true, at - 1, &head) || !slice_bytes(r, s, (int32_t)after, false, 0, &tail))
		return false;
	strbuf_add(r->buf, head.data, head.len);
	strbuf_add(r->buf, with.data, with.len);
	strbuf_add(r->buf, tail.data, tail.len);
	return true;
}
ROWS(overlay_fn, overlay_row, ROWS_BUILD)

static bool position_row(struct row *r)
{
	struct str s = row_str(r, 0), what = row_str(r, 1);
	const char *p = what.len ? memmem(s.data, s.len, what.data, what.len) : s.data;

	return row_set_i32(r, p ? (int32_t)(p - s.data) + 1 : 0);
}
ROWS(position_fn, position_row, ROWS_PLAIN)

TEMPLATE bool trim_row(struct row *r, bool left, bool right)
{
	struct str s = row_str(r, 0), set = row_str(r, 1);

	while (left && s.len && set.len && memchr(set.data, s.data[0], set.len)) {
		s.data++;
		s.len--;
	}
	while (right && s.len && set.len && memchr(set.data, s.data[s.len - 1], set.len))
		s.len--;
	return row_text(r, s.data, s.len);
}
static bool btrim_row(struct row *r) { return trim_row(r, true, true); }
static bool ltrim_row(struct row *r) { return trim_row(r, true, false); }
static bool rtrim_row(struct row *r) { return trim_row(r, false, true); }
ROWS(btrim_fn, btrim_row, ROWS_PLAIN)
ROWS(ltrim_fn, ltrim_row, ROWS_PLAIN)
ROWS(rtrim_fn, rtrim_row, ROWS_PLAIN)

/* ---- single bytes and bits ---- */

static bool index_check(struct row *r, int64_t i, int64_t count)
{
	return (i >= 0 && i < count) || row_error(r, ERR_ARRAY_SUBSCRIPT_ERROR, "index %lld out of valid range, 0..%lld",
											  (long long)i, (long long)count - 1);
}

static bool get_byte_row(struct row *r)
{
	struct str s = row_str(r, 0);
	int32_t i = row_i32(r, 1);

	return index_check(r, i, (int64_t)s.len) && row_set_i32(r, (unsigned char)s.data[i]);
}
ROWS(get_byte_fn, get_byte_row, ROWS_PLAIN)

static bool set_byte_row(struct row *r)
{
	struct str s = row_str(r, 0);
	int32_t i = row_i32(r, 1);

	if (!index_check(r, i, (int64_t)s.len))
		return false;
	strbuf_add(r->buf, s.data, s.len);
	if (!r->buf->overflow)
		r->buf->data[i] = (char)row_i32(r, 2);
	return true;
}
ROWS(set_byte_fn, set_byte_row, ROWS_BUILD)

static bool get_bit_row(struct row *r)
{
	struct str s = row_str(r, 0);
	int64_t i = row_i64(r, 1);

	return index_check(r, i, (int64_t)s.len * 8) && row_set_i32(r, (unsigned char)s.data[i / 8] >> (i % 8) & 1);
}
ROWS(get_bit_fn, get_bit_row, ROWS_PLAIN)

static bool set_bit_row(struct row *r)
{
	struct str s = row_str(r, 0);
	int64_t i = row_i64(r, 1);
	int32_t bit = row_i32(r, 2);

	if (!index_check(r, i, (int64_t)s.len * 8))
		return false;
	if (bit != 0 && bit != 1)
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "new bit must be 0 or 1");
	strbuf_add(r->buf, s.data, s.len);
	if (!r->buf->overflow) {
		unsigned byte = (unsigned char)r->buf->data[i / 8] & ~(1u << (i % 8));
		r->buf->data[i / 8] = (char)(byte | (unsigned)bit << (i % 8));
	}
	return true;
}
ROWS(set_bit_fn, set_bit_row, ROWS_BUILD)

static bool bit_count_row(struct row *r)
{
	struct str s = row_str(r, 0);
	int64_t bits = 0;

	for (size_t i = 0; i < s.len; i++)
		bits += __builtin_popcount((unsigned char)s.data[i]);
	return row_set_i64(r, bits);
}
ROWS(bit_count_fn, bit_count_row, ROWS_PLAIN)

const struct func functions_text_bytes[] = {
	FN("md5", TEXT, md5_fn, SURE, "MD5 digest in hexadecimal", T(TEXT)),
	FN("md5", TEXT, md5_fn, SURE, "MD5 digest in hexadecimal", T(BYTEA)),
	FN("sha224", BYTEA, sha224_fn, SURE, "SHA-224 digest", T(BYTEA)),
	FN("sha256", BYTEA, sha256_fn, SURE, "SHA-256 digest", T(BYTEA)),
	FN("sha384", BYTEA, sha384_fn, SURE, "SHA-384 digest", T(BYTEA)),
	FN("sha512", BYTEA, sha512_fn, SURE, "SHA-512 digest", T(BYTEA)),
	FN("encode", TEXT, encode_fn, FAIL, "bytes as text: hex, base64 or escape", T(BYTEA), T(TEXT)),
	FN("decode", BYTEA, decode_fn, FAIL, "bytes from text: hex, base64 or escape", T(TEXT), T(TEXT)),
	FN("convert_from", TEXT, convert_from_fn, FAIL, "text from bytes in an encoding", T(BYTEA), T(NAME)),
	FN("convert_to", BYTEA, convert_to_fn, FAIL, "bytes of a text in an encoding", T(TEXT), T(NAME)),
	FN("substring", BYTEA, substring_fn, SURE, "bytes from a position on, counted from 1", T(BYTEA), T(INT4)),
	FN("substring", BYTEA, substring_fn, FAIL, "that many bytes from a position on", T(BYTEA), T(INT4), T(INT4)),
	FN("substr", BYTEA, substring_fn, SURE, "bytes from a position on, counted from 1", T(BYTEA), T(INT4)),
	FN("substr", BYTEA, substring_fn, FAIL, "that many bytes from a position on", T(BYTEA), T(INT4), T(INT4)),
	FN("overlay", BYTEA, overlay_fn, FAIL, "replaces bytes from a position on by others", T(BYTEA), T(BYTEA), T(INT4)),
	FN("overlay", BYTEA, overlay_fn, FAIL, "replaces that many bytes from a position on", T(BYTEA), T(BYTEA), T(INT4), T(INT4)),
	FN("position", INT4, position_fn, SURE, "position of the first occurrence of the second value in the first, or 0", T(BYTEA), T(BYTEA)),
	FN("btrim", BYTEA, btrim_fn, SURE, "removes the bytes of the second value at both ends", T(BYTEA), T(BYTEA)),
	FN("ltrim", BYTEA, ltrim_fn, SURE, "removes the bytes of the second value at the start", T(BYTEA), T(BYTEA)),
	FN("rtrim", BYTEA, rtrim_fn, SURE, "removes the bytes of the second value at the end", T(BYTEA), T(BYTEA)),
	FN("get_byte", INT4, get_byte_fn, FAIL, "byte n, counted from 0", T(BYTEA), T(INT4)),
	FN("set_byte", BYTEA, set_byte_fn, FAIL, "the bytes with byte n replaced", T(BYTEA), T(INT4), T(INT4)),
	FN("get_bit", INT4, get_bit_fn, FAIL, "bit n, counted from 0", T(BYTEA), T(INT8)),
	FN("set_bit", BYTEA, set_bit_fn, FAIL, "the bytes with bit n replaced", T(BYTEA), T(INT8), T(INT4)),
	FN("bit_count", INT8, bit_count_fn, SURE, "number of bits that are set", T(BYTEA)),
	FN_END,
};
