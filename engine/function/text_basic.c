/*
 * The everyday text functions: lengths, case, slices, search, padding, trimming, replacing.
 *
 * Characters are code points. Case follows a UTF-8 database with C collation (PostgreSQL's
 * initdb --locale=C): only ASCII letters have case, every other character is neither letter nor
 * digit. Functions on bytea are in text_bytes.c, quoting and format() in text_quote.c.
 */
#define _GNU_SOURCE /* memmem */
#include "engine/base/utf8.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"

/* ---- lengths ---- */

static bool length_fn(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	const struct text *in = args[0].data;
	int32_t *o = out->data;

	(void)c;
	for (uint32_t i = 0; i < n; i++) {
		const struct text *t = &in[view_index(&args[0], i)];
		o[i] = (int32_t)utf8_length(text_data(t), t->len);
	}
	return true;
}

static bool octet_length_fn(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	const struct text *in = args[0].data;
	int32_t *o = out->data;

	(void)c;
	for (uint32_t i = 0; i < n; i++)
		o[i] = (int32_t)in[view_index(&args[0], i)].len;
	return true;
}

/* char(n) counts the padding that its stored form leaves out. */
static bool octet_length_char_row(struct row *r)
{
	struct str s = row_str(r, 0);
	int64_t width = r->call->arg_types ? r->call->arg_types[0].mod - 4 : -1;
	int64_t chars = (int64_t)utf8_length(s.data, s.len);

	return row_set_i32(r, (int32_t)((int64_t)s.len + (width > chars ? width - chars : 0)));
}
ROWS(octet_length_char_fn, octet_length_char_row, ROWS_PLAIN)

static bool bit_length_fn(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	const struct text *in = args[0].data;
	int32_t *o = out->data;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t len = in[view_index(&args[0], i)].len;
		if (len > INT32_MAX / 8)
			return err_set(c->err, ERR_NUMERIC_OUT_OF_RANGE, "integer out of range");
		o[i] = (int32_t)len * 8;
	}
	return true;
}

/* ---- case ---- */

static inline bool is_upper(char ch) { return ch >= 'A' && ch <= 'Z'; }
static inline bool is_lower(char ch) { return ch >= 'a' && ch <= 'z'; }
static inline bool is_digit(char ch) { return ch >= '0' && ch <= '9'; }

static bool lower_row(struct row *r)
{
	struct str s = row_str(r, 0);
	char *o = row_room(r, s.len);

	if (!o)
		return false;
	for (size_t i = 0; i < s.len; i++)
		o[i] = (char)(s.data[i] + (is_upper(s.data[i]) ? 32 : 0));
	return row_room_done(r, o);
}
ROWS(lower_fn, lower_row, ROWS_PLAIN)

static bool upper_row(struct row *r)
{
	struct str s = row_str(r, 0);
	char *o = row_room(r, s.len);

	if (!o)
		return false;
	for (size_t i = 0; i < s.len; i++)
		o[i] = (char)(s.data[i] - (is_lower(s.data[i]) ? 32 : 0));
	return row_room_done(r, o);
}
ROWS(upper_fn, upper_row, ROWS_PLAIN)

static bool initcap_row(struct row *r)
{
	struct str s = row_str(r, 0);
	char *o = row_room(r, s.len);
	bool inside = false;

	if (!o)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char ch = s.data[i];
		if (inside)
			ch = (char)(ch + (is_upper(ch) ? 32 : 0));
		else
			ch = (char)(ch - (is_lower(ch) ? 32 : 0));
		o[i] = ch;
		inside = is_upper(ch) || is_lower(ch) || is_digit(ch);
	}
	return row_room_done(r, o);
}
ROWS(initcap_fn, initcap_row, ROWS_PLAIN)

/* ---- slices ---- */

/* The characters [from, to) of s, 0-based. */
static struct str slice_chars(struct str s, size_t from, size_t to)
{
	size_t a = utf8_offset(s.data, s.len, from);
	size_t b = to <= from ? a : a + utf8_offset(s.data + a, s.len - a, to - from);

	return str_make(s.data + a, b - a);
}

/* SQL's substring: positions from 1, a window that may begin before the text. */
static bool slice_sql(struct row *r, struct str s, int32_t start, bool has_len, int32_t len, struct str *out)
{
	int64_t end = (int64_t)start + len;

	if (has_len && len < 0)
		return row_error(r, ERR_SUBSTRING_ERROR, "negative substring length not allowed");
	if (!has_len || end > INT32_MAX)
		end = (int64_t)s.len + 1;
	else if (end < 1)
		end = 1;
	if (start < 1)
		start = 1;
	*out = slice_chars(s, (size_t)(start - 1), (size_t)(end - 1));
	return true;
}

static bool substring_row(struct row *r)
{
	struct str s;

	return slice_sql(r, row_str(r, 0), row_i32(r, 1), false, 0, &s) && row_text(r, s.data, s.len);
}
ROWS(substring_fn, substring_row, ROWS_PLAIN)

static bool substring_len_row(struct row *r)
{
	struct str s;

	return slice_sql(r, row_str(r, 0), row_i32(r, 1), true, row_i32(r, 2), &s) && row_text(r, s.data, s.len);
}
ROWS(substring_len_fn, substring_len_row, ROWS_PLAIN)

static bool left_row(struct row *r)
{
	struct str s = row_str(r, 0);
	int64_t n = row_i32(r, 1);

	if (n < 0) {
		n += (int64_t)utf8_length(s.data, s.len);
		n = n < 0 ? 0 : n;
	}
	return row_text(r, s.data, utf8_offset(s.data, s.len, (size_t)n));
}
ROWS(left_fn, left_row, ROWS_PLAIN)

static bool right_row(struct row *r)
{
	struct str s = row_str(r, 0);
	int64_t n = row_i32(r, 1);
	size_t skip;

	n = n < 0 ? -n : (int64_t)utf8_length(s.data, s.len) - n;
	skip = n <= 0 ? 0 : utf8_offset(s.data, s.len, (size_t)n);
	return row_text(r, s.data + skip, s.len - skip);
}
ROWS(right_fn, right_row, ROWS_PLAIN)

static bool overlay(struct row *r, struct str s, struct str with, int32_t at, int32_t len)
{
	struct str head, tail;
	int64_t after = (int64_t)at + len;

	if (at <= 0)
		return row_error(r, ERR_SUBSTRING_ERROR, "negative substring length not allowed");
	if (after > INT32_MAX)
		return row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "integer out of range");
	if (!slice_sql(r, s, 1, true, at - 1, &head) || !slice_sql(r, s, (int32_t)after, false, 0, &tail))
		return false;
	strbuf_add(r->buf, head.data, head.len);
	strbuf_add(r->buf, with.data, with.len);
	strbuf_add(r->buf, tail.data, tail.len);
	return true;
}

static bool overlay_row(struct row *r)
{
	struct str with = row_str(r, 1);

	return overlay(r, row_str(r, 0), with, row_i32(r, 2), (int32_t)utf8_length(with.data, with.len));
}
ROWS(overlay_fn, overlay_row, ROWS_BUILD)

static bool overlay_len_row(struct row *r)
{
	return overlay(r, row_str(r, 0), row_str(r, 1), row_i32(r, 2), row_i32(r, 3));
}
ROWS(overlay_len_fn, overlay_len_row, ROWS_BUILD)

/* ---- search ---- */

/* Byte offset of the first needle in hay from byte `from`, or SIZE_MAX. In valid UTF-8 a match begins at
 * a character. */
static size_t find_bytes(struct str hay, struct str needle, size_t from)
{
	const char *p;

	if (needle.len == 0)
		return from;
	p = from <= hay.len ? memmem(hay.data + from, hay.len - from, needle.data, needle.len) : NULL;
	return p ? (size_t)(p - hay.data) : SIZE_MAX;
}

static bool strpos_row(struct row *r)
{
	struct str s = row_str(r, 0);
	size_t at = find_bytes(s, row_str(r, 1), 0);

	return row_set_i32(r, at == SIZE_MAX ? 0 : (int32_t)utf8_length(s.data, at) + 1);
}
ROWS(strpos_fn, strpos_row, ROWS_PLAIN)

static bool starts_with_row(struct row *r)
{
	struct str s = row_str(r, 0), p = row_str(r, 1);

	return row_set_bool(r, p.len <= s.len && memcmp(s.data, p.data, p.len) == 0);
}
ROWS(starts_with_fn, starts_with_row, ROWS_PLAIN)

/* ---- trimming ---- */

static bool set_has(struct str set, const char *ch, unsigned size)
{
	for (size_t i = 0; i < set.len; i += utf8_size((unsigned char)set.data[i]))
		if (utf8_size((unsigned char)set.data[i]) == size && memcmp(set.data + i, ch, size) == 0)
			return true;
	return false;
}

static struct str trim(struct str s, struct str set, bool left, bool right)
{
	while (left && s.len) {
		unsigned size = utf8_size((unsigned char)s.data[0]);
		if (!set_has(set, s.data, size))
			break;
		s.data += size;
		s.len -= size;
	}
	while (right && s.len) {
		unsigned size = 1;
		while (size < s.len && ((unsigned char)s.data[s.len - size] & 0xc0) == 0x80)
			size++;
		if (!set_has(set, s.data + s.len - size, size))
			break;
		s.len -= size;
	}
	return s;
}

TEMPLATE bool trim_row(struct row *r, bool left, bool right)
{
	struct str s = trim(row_str(r, 0), r->call->nargs > 1 ? row_str(r, 1) : STR(" "), left, right);

	return row_text(r, s.data, s.len);
}
static bool btrim_row(struct row *r) { return trim_row(r, true, true); }
static bool ltrim_row(struct row *r) { return trim_row(r, true, false); }
static bool rtrim_row(struct row *r) { return trim_row(r, false, true); }
ROWS(btrim_fn, btrim_row, ROWS_PLAIN)
ROWS(ltrim_fn, ltrim_row, ROWS_PLAIN)
ROWS(rtrim_fn, rtrim_row, ROWS_PLAIN)

/* ---- padding, repeating ---- */

/* Fills o with pad again and again, the last time in part; done stays a multiple of pad.len. */
static void fill(char *o, size_t bytes, struct str pad)
{
	size_t done = bytes < pad.len ? bytes : pad.len;

	memcpy(o, pad.data, done);
	while (done < bytes) {
		size_t more = bytes - done < done ? bytes - done : done;
		memcpy(o + done, o, more);
		done += more;
	}
}

TEMPLATE bool pad_row(struct row *r, bool left)
{
	struct str s = row_str(r, 0), pad = r->call->nargs > 2 ? row_str(r, 2) : STR(" ");
	int64_t want = row_i32(r, 1) < 0 ? 0 : row_i32(r, 1);
	int64_t have = (int64_t)utf8_length(s.data, s.len);
	int64_t pad_chars = (int64_t)utf8_length(pad.data, pad.len);
	size_t bytes;
	char *o;

	if (have >= want || pad_chars == 0)
		return row_text(r, s.data, have > want ? utf8_offset(s.data, s.len, (size_t)want) : s.len);
	if (want * 4 > ROW_TEXT_MAX)
		return row_error(r, ERR_PROGRAM_LIMIT, "requested length too large");
	bytes = (size_t)((want - have) / pad_chars) * pad.len +
			utf8_offset(pad.data, pad.len, (size_t)((want - have) % pad_chars));
	if (!(o = row_room(r, s.len + bytes)))
		return false;
	if (s.len)
		memcpy(o + (left ? bytes : 0), s.data, s.len);
	fill(o + (left ? 0 : s.len), bytes, pad);
	return row_room_done(r, o);
}
static bool lpad_row(struct row *r) { return pad_row(r, true); }
static bool rpad_row(struct row *r) { return pad_row(r, false); }
ROWS(lpad_fn, lpad_row, ROWS_PLAIN)
ROWS(rpad_fn, rpad_row, ROWS_PLAIN)

static bool repeat_row(struct row *r)
{
	struct str s = row_str(r, 0);
	int64_t times = row_i32(r, 1) < 0 ? 0 : row_i32(r, 1);
	char *o;

	if (s.len == 0 || times == 0)
		return row_text(r, "", 0);
	if ((int64_t)s.len > ROW_TEXT_MAX / times)
		return row_error(r, ERR_PROGRAM_LIMIT, "requested length too large");
	if (!(o = row_room(r, s.len * (size_t)times)))
		return false;
	fill(o, s.len * (size_t)times, s);
	return row_room_done(r, o);
}
ROWS(repeat_fn, repeat_row, ROWS_PLAIN)

static bool reverse_row(struct row *r)
{
	struct str s = row_str(r, 0);
	char *o = row_room(r, s.len);

	if (!o)
		return false;
	for (size_t i = 0; i < s.len;) {
		unsigned size = utf8_size((unsigned char)s.data[i]);
		memcpy(o + s.len - i - size, s.data + i, size);
		i += size;
	}
	return row_room_done(r, o);
}
ROWS(reverse_fn, reverse_row, ROWS_PLAIN)

/* ---- replacing ---- */

static bool replace_row(struct row *r)
{
	struct str s = row_str(r, 0), from = row_str(r, 1), to = row_str(r, 2);
	size_t done = 0, at;

	if (from.len == 0 || s.len < from.len) {
		strbuf_add(r->buf, s.data, s.len);
		return true;
	}
	while ((at = find_bytes(s, from, done)) != SIZE_MAX) {
		strbuf_add(r->buf, s.data + done, at - done);
		strbuf_add(r->buf, to.data, to.len);
		done = at + from.len;
	}
	strbuf_add(r->buf, s.data + done, s.len - done);
	return true;
}
ROWS(replace_fn, replace_row, ROWS_BUILD)

/* The first occurrence in `from` decides, as in PostgreSQL. */
static bool translate_row(struct row *r)
{
	struct str s = row_str(r, 0), from = row_str(r, 1), to = row_str(r, 2);

	for (size_t i = 0; i < s.len;) {
		unsigned size = utf8_size((unsigned char)s.data[i]);
		size_t at = 0, k = 0, o;
		while (k < from.len) {
			unsigned other = utf8_size((unsigned char)from.data[k]);
			if (other == size && memcmp(from.data + k, s.data + i, size) == 0)
				break;
			k += other;
			at++;
		}
		if (k >= from.len)
			strbuf_add(r->buf, s.data + i, size);
		else if ((o = utf8_offset(to.data, to.len, at)) < to.len)
			strbuf_add(r->buf, to.data + o, utf8_size((unsigned char)to.data[o]));
		i += size;
	}
	return true;
}
ROWS(translate_fn, translate_row, ROWS_BUILD)

static bool split_part_row(struct row *r)
{
	struct str s = row_str(r, 0), sep = row_str(r, 1);
	int64_t field = row_i32(r, 2), fields = 1;
	size_t from = 0, at;

	if (field == 0)
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "field position must not be zero");
	if (s.len == 0)
		return row_text(r, "", 0);
	if (sep.len == 0)
		return field == 1 || field == -1 ? row_text(r, s.data, s.len) : row_text(r, "", 0);
	if (field < 0) {
		while ((at = find_bytes(s, sep, from)) != SIZE_MAX) {
			fields++;
			from = at + sep.len;
		}
		field += fields + 1;
		from = 0;
	}
	while (field > 1 && (at = find_bytes(s, sep, from)) != SIZE_MAX) {
		from = at + sep.len;
		field--;
	}
	if (field != 1)
		return row_text(r, "", 0);
	at = find_bytes(s, sep, from);
	return row_text(r, s.data + from, (at == SIZE_MAX ? s.len : at) - from);
}
ROWS(split_part_fn, split_part_row, ROWS_PLAIN)

/* ---- code points ---- */

static bool ascii_row(struct row *r)
{
	struct str s = row_str(r, 0);
	unsigned size;

	return row_set_i32(r, s.len ? (int32_t)utf8_decode(s.data, &size) : 0);
}
ROWS(ascii_fn, ascii_row, ROWS_PLAIN)

static bool chr_row(struct row *r)
{
	int32_t code = row_i32(r, 0);
	char out[4];

	if (code < 0)
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "character number must be positive");
	if (code == 0)
		return row_error(r, ERR_PROGRAM_LIMIT, "null character not permitted");
	if (code > 0x10ffff)
		return row_error(r, ERR_PROGRAM_LIMIT, "requested character too large for encoding: %d", code);
	if (code >= 0xd800 && code <= 0xdfff)
		return row_error(r, ERR_PROGRAM_LIMIT, "requested character not valid for encoding: %d", code);
	return row_text(r, out, utf8_encode((uint32_t)code, out));
}
ROWS(chr_fn, chr_row, ROWS_PLAIN)

static bool to_hex4_row(struct row *r)
{
	strbuf_addf(r->buf, "%x", (unsigned)row_i32(r, 0));
	return true;
}
ROWS(to_hex4_fn, to_hex4_row, ROWS_BUILD)

static bool to_hex8_row(struct row *r)
{
	strbuf_addf(r->buf, "%llx", (unsigned long long)row_i64(r, 0));
	return true;
}
ROWS(to_hex8_fn, to_hex8_row, ROWS_BUILD)

const struct func functions_text_basic[] = {
	FN("length", INT4, length_fn, SURE, "number of characters", T(TEXT)),
	FN("length", INT4, length_fn, SURE, "number of characters without the padding", T(BPCHAR)),
	FN("char_length", INT4, length_fn, SURE, "number of characters", T(TEXT)),
	FN("char_length", INT4, length_fn, SURE, "number of characters without the padding", T(BPCHAR)),
	FN("character_length", INT4, length_fn, SURE, "number of characters", T(TEXT)),
	FN("character_length", INT4, length_fn, SURE, "number of characters without the padding", T(BPCHAR)),
	FN("octet_length", INT4, octet_length_fn, SURE, "number of bytes", T(TEXT)),
	FN("octet_length", INT4, octet_length_char_fn, SURE, "number of bytes with the padding", T(BPCHAR)),
	FN("octet_length", INT4, octet_length_fn, SURE, "number of bytes", T(BYTEA)),
	FN("length", INT4, octet_length_fn, SURE, "number of bytes", T(BYTEA)),
	FN("bit_length", INT4, bit_length_fn, FAIL, "number of bits", T(TEXT)),
	FN("bit_length", INT4, bit_length_fn, FAIL, "number of bits", T(BYTEA)),
	FN("lower", TEXT, lower_fn, SURE, "ASCII letters to lower case (C collation: no others change)", T(TEXT)),
	FN("upper", TEXT, upper_fn, SURE, "ASCII letters to upper case (C collation: no others change)", T(TEXT)),
	FN("initcap", TEXT, initcap_fn, SURE, "first letter of each word to upper case, the rest to lower (ASCII)", T(TEXT)),
	FN("substring", TEXT, substring_fn, SURE, "text from a position on, counted from 1", T(TEXT), T(INT4)),
	FN("substring", TEXT, substring_len_fn, FAIL, "that many characters from a position on", T(TEXT), T(INT4), T(INT4)),
	FN("substr", TEXT, substring_fn, SURE, "text from a position on, counted from 1", T(TEXT), T(INT4)),
	FN("substr", TEXT, substring_len_fn, FAIL, "that many characters from a position on", T(TEXT), T(INT4), T(INT4)),
	FN("left", TEXT, left_fn, SURE, "first n characters; all but the last -n when n is negative", T(TEXT), T(INT4)),
	FN("right", TEXT, right_fn, SURE, "last n characters; all but the first -n when n is negative", T(TEXT), T(INT4)),
	FN("overlay", TEXT, overlay_fn, FAIL, "replaces characters from a position on by another text", T(TEXT), T(TEXT), T(INT4)),
	FN("overlay", TEXT, overlay_len_fn, FAIL, "replaces that many characters from a position on", T(TEXT), T(TEXT), T(INT4), T(INT4)),
	FN("position", INT4, strpos_fn, SURE, "position of the first occurrence of the second text in the first, or 0", T(TEXT), T(TEXT)),
	FN("strpos", INT4, strpos_fn, SURE, "position of the first occurrence of the second text in the first, or 0", T(TEXT), T(TEXT)),
	FN("starts_with", BOOL, starts_with_fn, SURE, "whether the first text starts with the second", T(TEXT), T(TEXT)),
	FN("btrim", TEXT, btrim_fn, SURE, "removes spaces at both ends", T(TEXT)),
	FN("btrim", TEXT, btrim_fn, SURE, "removes the characters of the second text at both ends", T(TEXT), T(TEXT)),
	FN("ltrim", TEXT, ltrim_fn, SURE, "removes spaces at the start", T(TEXT)),
	FN("ltrim", TEXT, ltrim_fn, SURE, "removes the characters of the second text at the start", T(TEXT), T(TEXT)),
	FN("rtrim", TEXT, rtrim_fn, SURE, "removes spaces at the end", T(TEXT)),
	FN("rtrim", TEXT, rtrim_fn, SURE, "removes the characters of the second text at the end", T(TEXT), T(TEXT)),
	FN("lpad", TEXT, lpad_fn, FAIL, "fills with spaces at the start, or cuts, to a length", T(TEXT), T(INT4)),
	FN("lpad", TEXT, lpad_fn, FAIL, "fills with a text at the start, or cuts, to a length", T(TEXT), T(INT4), T(TEXT)),
	FN("rpad", TEXT, rpad_fn, FAIL, "fills with spaces at the end, or cuts, to a length", T(TEXT), T(INT4)),
	FN("rpad", TEXT, rpad_fn, FAIL, "fills with a text at the end, or cuts, to a length", T(TEXT), T(INT4), T(TEXT)),
	FN("repeat", TEXT, repeat_fn, FAIL, "the text that many times", T(TEXT), T(INT4)),
	FN("reverse", TEXT, reverse_fn, SURE, "the characters in reverse order", T(TEXT)),
	FN("replace", TEXT, replace_fn, FAIL, "replaces every occurrence of the second text by the third", T(TEXT), T(TEXT), T(TEXT)),
	FN("translate", TEXT, translate_fn, FAIL, "replaces each character of the second text by its counterpart in the third", T(TEXT), T(TEXT), T(TEXT)),
	FN("split_part", TEXT, split_part_fn, FAIL, "field n of a text split at a separator; negative counts from the end", T(TEXT), T(TEXT), T(INT4)),
	FN("ascii", INT4, ascii_fn, SURE, "code point of the first character, 0 for the empty text", T(TEXT)),
	FN("chr", TEXT, chr_fn, FAIL, "the character of a code point", T(INT4)),
	FN("to_hex", TEXT, to_hex4_fn, SURE, "hexadecimal digits", T(INT4)),
	FN("to_hex", TEXT, to_hex8_fn, SURE, "hexadecimal digits", T(INT8)),
	FN_END,
};
