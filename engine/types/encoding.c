/*
 * Encodings of sources. Single-byte ones are a table of 256 code points: latin1 and TCVN3 from here,
 * windows-1252 and -1258 from ICU at first use. VNI writes a letter as base and mark byte and has its
 * own decoder. Vietnamese encodings that build letters from parts always come out composed (NFC).
 * Back to bytes: the reverse tables; windows-1258 splits off the tone mark where it must.
 *
 * TCVN3 (TCVN 5712:1993, VN3) has no capitals with tones of their own: fonts with capital shapes use
 * the codes of the small letters. So they come out small, and toned capitals can't be written.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unicode/ucnv.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "engine/base/log.h"
#include "engine/base/utf8.h"
#include "engine/types/encoding.h"

static const struct {
	const char *name;
	enum encoding encoding;
} names[] = {
	{"utf8", ENCODING_UTF8}, {"latin1", ENCODING_LATIN1}, {"windows-1252", ENCODING_WINDOWS_1252},
	{"windows-1258", ENCODING_WINDOWS_1258}, {"tcvn3", ENCODING_TCVN3}, {"vni", ENCODING_VNI},
	/* further spellings */
	{"utf-8", ENCODING_UTF8}, {"unicode", ENCODING_UTF8}, {"utf8mb4", ENCODING_UTF8},
	{"iso-8859-1", ENCODING_LATIN1}, {"iso8859-1", ENCODING_LATIN1}, {"win1252", ENCODING_WINDOWS_1252},
	{"cp1252", ENCODING_WINDOWS_1252}, {"windows1252", ENCODING_WINDOWS_1252}, {"win1258", ENCODING_WINDOWS_1258},
	{"cp1258", ENCODING_WINDOWS_1258}, {"windows1258", ENCODING_WINDOWS_1258}, {"tcvn", ENCODING_TCVN3},
	{"abc", ENCODING_TCVN3}, {"tcvn5712", ENCODING_TCVN3}, {"vni-windows", ENCODING_VNI},
};

/* Code points of the bytes from 0x80 on; 0 = undefined. */
static const uint16_t tcvn3[128] = {
	[0xa0 - 128] = 0xa0,   [0xa1 - 128] = 0x102,  [0xa2 - 128] = 0xc2,   [0xa3 - 128] = 0xca,
	[0xa4 - 128] = 0xd4,   [0xa5 - 128] = 0x1a0,  [0xa6 - 128] = 0x1af,  [0xa7 - 128] = 0x110,
	[0xa8 - 128] = 0x103,  [0xa9 - 128] = 0xe2,   [0xaa - 128] = 0xea,   [0xab - 128] = 0xf4,
	[0xac - 128] = 0x1a1,  [0xad - 128] = 0x1b0,  [0xae - 128] = 0x111,  [0xb0 - 128] = 0x300,
	[0xb1 - 128] = 0x309,  [0xb2 - 128] = 0x303,  [0xb3 - 128] = 0x301,  [0xb4 - 128] = 0x323,
	[0xb5 - 128] = 0xe0,   [0xb6 - 128] = 0x1ea3, [0xb7 - 128] = 0xe3,   [0xb8 - 128] = 0xe1,
	[0xb9 - 128] = 0x1ea1, [0xbb - 128] = 0x1eb1, [0xbc - 128] = 0x1eb3, [0xbd - 128] = 0x1eb5,
	[0xbe - 128] = 0x1eaf, [0xc6 - 128] = 0x1eb7, [0xc7 - 128] = 0x1ea7, [0xc8 - 128] = 0x1ea9,
	[0xc9 - 128] = 0x1eab, [0xca - 128] = 0x1ea5, [0xcb - 128] = 0x1ead, [0xcc - 128] = 0xe8,
	[0xce - 128] = 0x1ebb, [0xcf - 128] = 0x1ebd, [0xd0 - 128] = 0xe9,   [0xd1 - 128] = 0x1eb9,
	[0xd2 - 128] = 0x1ec1, [0xd3 - 128] = 0x1ec3, [0xd4 - 128] = 0x1ec5, [0xd5 - 128] = 0x1ebf,
	[0xd6 - 128] = 0x1ec7, [0xd7 - 128] = 0xec,   [0xd8 - 128] = 0x1ec9, [0xdc - 128] = 0x129,
	[0xdd - 128] = 0xed,   [0xde - 128] = 0x1ecb, [0xdf - 128] = 0xf2,   [0xe1 - 128] = 0x1ecf,
	[0xe2 - 128] = 0xf5,   [0xe3 - 128] = 0xf3,   [0xe4 - 128] = 0x1ecd, [0xe5 - 128] = 0x1ed3,
	[0xe6 - 128] = 0x1ed5, [0xe7 - 128] = 0x1ed7, [0xe8 - 128] = 0x1ed1, [0xe9 - 128] = 0x1ed9,
	[0xea - 128] = 0x1edd, [0xeb - 128] = 0x1edf, [0xec - 128] = 0x1ee1, [0xed - 128] = 0x1edb,
	[0xee - 128] = 0x1ee3, [0xef - 128] = 0xf9,   [0xf1 - 128] = 0x1ee7, [0xf2 - 128] = 0x169,
	[0xf3 - 128] = 0xfa,   [0xf4 - 128] = 0x1ee5, [0xf5 - 128] = 0x1eeb, [0xf6 - 128] = 0x1eed,
	[0xf7 - 128] = 0x1eef, [0xf8 - 128] = 0x1ee9, [0xf9 - 128] = 0x1ef1, [0xfa - 128] = 0x1ef3,
	[0xfb - 128] = 0x1ef7, [0xfc - 128] = 0x1ef9, [0xfd - 128] = 0xfd,   [0xfe - 128] = 0x1ef5,
};

/* VNI bytes that are letters by themselves; 0xf4, 0xf6 (ơ, ư) may take a tone behind them. */
static const struct {
	unsigned char byte;
	uint16_t code;
} vni_letters[] = {
	{0xf1, 0x111}, {0xd1, 0x110},  {0xf4, 0x1a1}, {0xd4, 0x1a0}, {0xf6, 0x1b0}, {0xd6, 0x1af},
	{0xed, 0xed},  {0xcd, 0xcd},   {0xec, 0xec},  {0xcc, 0xcc},  {0xe6, 0x1ec9}, {0xc6, 0x1ec8},
	{0xf3, 0x129}, {0xd3, 0x128},  {0xf2, 0x1ecb}, {0xd2, 0x1eca}, {0xee, 0x1ef5}, {0xce, 0x1ef4},
};

/* VNI marks (small; the capital is 0x20 below): up to two combining marks. */
static const struct {
	unsigned char byte;
	uint16_t shape, tone;
} vni_marks[] = {
	{0xf9, 0, 0x301},	  {0xf8, 0, 0x300},		{0xfb, 0, 0x309},	  {0xf5, 0, 0x303},
	{0xef, 0, 0x323},	  {0xe2, 0x302, 0},		{0xe1, 0x302, 0x301}, {0xe0, 0x302, 0x300},
	{0xe5, 0x302, 0x309}, {0xe3, 0x302, 0x303}, {0xe4, 0x302, 0x323}, {0xea, 0x306, 0},
	{0xe9, 0x306, 0x301}, {0xe8, 0x306, 0x300}, {0xfa, 0x306, 0x309}, {0xfc, 0x306, 0x303},
	{0xeb, 0x306, 0x323},
};

struct vni_pair { /* what a letter is written as */
	uint16_t code;
	unsigned char base, mark; /* mark 0: one byte */
};

static uint16_t windows[2][128]; /* 1252, 1258 */
static struct vni_pair vni_pairs[256];
static size_t vni_count;
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static const UNormalizer2 *nfc_normalizer(void)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *n = unorm2_getNFCInstance(&status);

	if (U_FAILURE(status)) {
		log_message(LOG_ERROR, "ICU has no NFC data: %s", u_errorName(status));
		abort();
	}
	return n;
}

static void load_windows(const char *name, uint16_t *table)
{
	UErrorCode status = U_ZERO_ERROR;
	UConverter *c = ucnv_open(name, &status);

	for (int i = 0; U_SUCCESS(status) && i < 128; i++) {
		char byte = (char)(128 + i);
		UChar out[4];
		UErrorCode one = U_ZERO_ERROR;
		int32_t n = ucnv_toUChars(c, out, 4, &byte, 1, &one);
		/* undefined bytes come as controls or as the replacement character */
		if (U_SUCCESS(one) && n == 1 && out[0] >= 0xa0 && out[0] != 0xfffd)
			table[i] = out[0];
	}
	if (U_SUCCESS(status))
		ucnv_close(c);
	else
		log_message(LOG_ERROR, "ICU has no converter %s", name);
}

/* The composed form of base and marks, 0 when there is none in one character. */
static uint32_t compose(uint32_t base, uint32_t shape, uint32_t tone)
{
	const UNormalizer2 *n = nfc_normalizer();
	UChar32 c = (UChar32)base;

	if (shape)
		c = unorm2_composePair(n, c, (UChar32)shape);
	if (c > 0 && tone)
		c = unorm2_composePair(n, c, (UChar32)tone);
	if (c <= 0 && shape && tone == 0x323) { /* ậ is ạ and circumflex in Unicode */
		c = unorm2_composePair(n, (UChar32)base, 0x323);
		c = c > 0 ? unorm2_composePair(n, c, (UChar32)shape) : c;
	}
	return c > 0 ? (uint32_t)c : 0;
}

/* Whether a VNI mark can stand behind that base: its shape must fit the letter. */
static uint32_t vni_compose(uint32_t base, uint16_t shape, uint16_t tone)
{
	uint32_t small = base | 0x20;

	if (shape == 0x302 && small != 'a' && small != 'e' && small != 'o')
		return 0;
	if (shape == 0x306 && small != 'a')
		return 0;
	return compose(base, shape, tone);
}

static void add_vni(uint32_t code, unsigned char base, unsigned char mark)
{
	for (size_t i = 0; i < vni_count; i++)
		if (vni_pairs[i].code == code)
			return; /* the first way counts */
	if (code && vni_count < ARRAY_LEN(vni_pairs))
		vni_pairs[vni_count++] = (struct vni_pair){(uint16_t)code, base, mark};
}

static void tables_init(void)
{
	static const char bases[] = "aeouyAEOUY";

	load_windows("windows-1252", windows[0]);
	load_windows("windows-1258", windows[1]);
	for (size_t i = 0; i < ARRAY_LEN(vni_letters); i++)
		add_vni(vni_letters[i].code, vni_letters[i].byte, 0);
	for (size_t m = 0; m < ARRAY_LEN(vni_marks); m++) {
		for (const char *b = bases; *b; b++)
			add_vni(vni_compose((unsigned char)*b, vni_marks[m].shape, vni_marks[m].tone), (unsigned char)*b,
					(unsigned char)(vni_marks[m].byte - (*b < 'a' ? 0x20 : 0)));
		for (size_t i = 2; i < 6; i++) /* ơ Ơ ư Ư with tones */
			if (!vni_marks[m].shape)
				add_vni(compose(vni_letters[i].code, 0, vni_marks[m].tone), vni_letters[i].byte,
						(unsigned char)(vni_marks[m].byte - (i % 2 ? 0x20 : 0)));
	}
}

/* ---- names ---- */

bool encoding_find(const char *name, enum encoding *out)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (cstr_eq_nocase(names[i].name, name)) {
			*out = names[i].encoding;
			return true;
		}
	return false;
}

const char *encoding_name(enum encoding enc)
{
	return names[enc].name; /* the first rows stand in the enum's order */
}

/* ---- NFC ---- */

/* Nothing here can be combined or is a composition that NFC excludes. */
static bool surely_nfc(uint32_t c)
{
	return c < 0x300 || (c >= 0x1ea0 && c <= 0x1ef9) || (c >= 0x2010 && c <= 0x2027) || c == 0x20ab
		   || (c >= 0x4e00 && c <= 0x9fff);
}

/* Valid UTF-8 as malloc'ed UTF-16; a text never gets more units than it has bytes. */
static UChar *to_utf16(struct str s, int32_t *len)
{
	UChar *u = malloc((s.len + 1) * sizeof *u);
	int32_t n = 0;

	if (!u) {
		log_message(LOG_ERROR, "out of memory normalising a text of %zu bytes", s.len);
		abort();
	}
	for (size_t i = 0; i < s.len;) {
		unsigned size;
		uint32_t c = utf8_decode(s.data + i, &size);
		i += size;
		if (c >= 0x10000) {
			u[n++] = (UChar)(0xd7c0 + (c >> 10));
			u[n++] = (UChar)(0xdc00 + (c & 0x3ff));
		} else {
			u[n++] = (UChar)c;
		}
	}
	*len = n;
	return u;
}

static void add_code(uint32_t c, struct strbuf *out)
{
	char text[4];
	strbuf_add(out, text, utf8_encode(c, text));
}

static void add_utf16(const UChar *u, int32_t len, struct strbuf *out)
{
	for (int32_t i = 0; i < len; i++) {
		uint32_t c = u[i];
		if (c >= 0xd800 && c < 0xdc00 && i + 1 < len)
			c = ((c - 0xd7c0) << 10) + (u[++i] - 0xdc00u);
		add_code(c, out);
	}
}

bool text_is_nfc(struct str s)
{
	UErrorCode status = U_ZERO_ERROR;
	size_t i = 0;
	int32_t len;
	UChar *u;
	bool ok;

	if (utf8_is_ascii(s.data, s.len))
		return true;
	while (i < s.len) {
		unsigned size;
		if (!surely_nfc(utf8_decode(s.data + i, &size)))
			break;
		i += size;
	}
	if (i == s.len)
		return true;
	if (s.len > INT32_MAX / 4)
		return false;
	u = to_utf16(s, &len);
	ok = unorm2_isNormalized(nfc_normalizer(), u, len, &status) && U_SUCCESS(status);
	free(u);
	return ok;
}

bool text_to_nfc(struct str s, struct strbuf *out)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar *u, *v;
	int32_t len, cap, n;
	bool ok;

	if (text_is_nfc(s)) {
		strbuf_add(out, s.data, s.len);
		return !out->overflow;
	}
	if (s.len > INT32_MAX / 8)
		return false;
	u = to_utf16(s, &len);
	cap = len * 3 + 16; /* the most that NFC grows (Unicode annex 15) */
	v = malloc((size_t)cap * sizeof *v);
	if (!v) {
		log_message(LOG_ERROR, "out of memory normalising a text of %zu bytes", s.len);
		abort();
	}
	n = unorm2_normalize(nfc_normalizer(), u, len, v, cap, &status);
	ok = U_SUCCESS(status);
	if (ok)
		add_utf16(v, n, out);
	free(u);
	free(v);
	return ok && !out->overflow;
}

/* ---- to UTF-8 ---- */

static bool bad_byte(enum encoding enc, struct str s, size_t at, struct err *e)
{
	char bytes[32];
	size_t n = 0;

	for (size_t i = at; i < s.len && i < at + 4; i++) {
		if (i > at && ((unsigned char)s.data[i] & 0xc0) != 0x80)
			break;
		n += (size_t)snprintf(bytes + n, sizeof bytes - n, "%s0x%02x", i > at ? " " : "", (unsigned char)s.data[i]);
		if (enc != ENCODING_UTF8)
			break;
	}
	return err_set(e, ERR_CHARACTER_NOT_IN_REPERTOIRE,
				   "invalid byte sequence for encoding \"%s\": %s at byte offset %zu",
				   enc == ENCODING_UTF8 ? "UTF8" : encoding_name(enc), bytes, at);
}

static uint32_t single_byte(enum encoding enc, unsigned char c)
{
	if (c < 0x80)
		return c;
	switch (enc) {
	case ENCODING_LATIN1:
		return c;
	case ENCODING_WINDOWS_1252:
		return windows[0][c - 128];
	case ENCODING_WINDOWS_1258:
		return windows[1][c - 128];
	case ENCODING_TCVN3:
		return tcvn3[c - 128];
	case ENCODING_VNI: /* signs and punctuation are as in windows-1252 */
		return c < 0xc0 ? windows[0][c - 128] : 0;
	case ENCODING_UTF8:
		break;
	}
	UNREACHABLE();
}

/* One VNI letter at s[*i]; 0 when the byte is undefined there. */
static uint32_t vni_letter(struct str s, size_t *i)
{
	unsigned char byte = (unsigned char)s.data[(*i)++], next;
	uint32_t c = single_byte(ENCODING_VNI, byte), composed;
	bool takes_tone = c && strchr("aeouyiAEOUYI", (int)c);

	for (size_t k = 0; !c && k < ARRAY_LEN(vni_letters); k++)
		if (vni_letters[k].byte == byte) {
			c = vni_letters[k].code;
			takes_tone = k >= 2 && k < 6;
		}
	if (!takes_tone || *i == s.len)
		return c;
	next = (unsigned char)s.data[*i];
	for (size_t k = 0; k < ARRAY_LEN(vni_marks); k++) {
		if (next != vni_marks[k].byte && next != vni_marks[k].byte - 0x20)
			continue;
		composed = vni_compose(c, vni_marks[k].shape, vni_marks[k].tone);
		if (composed) {
			(*i)++;
			return composed;
		}
	}
	return c;
}

static bool decode(enum encoding enc, struct str s, struct strbuf *out, struct err *e)
{
	for (size_t i = 0; i < s.len;) {
		size_t at = i;
		uint32_t c = enc == ENCODING_VNI ? vni_letter(s, &i) : single_byte(enc, (unsigned char)s.data[i++]);
		if (c == 0)
			return bad_byte(enc, s, at, e);
		add_code(c, out);
	}
	return true;
}

static bool too_long(struct err *e)
{
	return err_set(e, ERR_PROGRAM_LIMIT, "text is too long after conversion to UTF-8");
}

bool encoding_to_utf8(enum encoding enc, bool nfc, struct str s, struct strbuf *out, struct err *e)
{
	struct strbuf parts;
	size_t valid;
	bool ok;

	if (enc == ENCODING_UTF8) {
		valid = utf8_valid_prefix(s.data, s.len);
		if (valid < s.len)
			return bad_byte(enc, s, valid, e);
		if (nfc)
			return text_to_nfc(s, out) || too_long(e);
		strbuf_add(out, s.data, s.len);
		return !out->overflow || too_long(e);
	}
	if (utf8_is_ascii(s.data, s.len) && !memchr(s.data, '\0', s.len)) {
		strbuf_add(out, s.data, s.len);
		return !out->overflow || too_long(e);
	}
	pthread_once(&tables_once, tables_init);
	if (enc != ENCODING_WINDOWS_1258 && enc != ENCODING_TCVN3 && !nfc)
		return decode(enc, s, out, e) && (!out->overflow || too_long(e));
	strbuf_init(&parts, 0);
	ok = decode(enc, s, &parts, e);
	ok = ok && (text_to_nfc(strbuf_str(&parts), out) || too_long(e));
	strbuf_release(&parts);
	return ok;
}

/* ---- from UTF-8 ---- */

/* The byte of a code point in a single-byte encoding, 0 when it has none. */
static unsigned char byte_of(enum encoding enc, uint32_t c)
{
	if (c < 0x80)
		return (unsigned char)c;
	for (unsigned b = 0x80; b < 0x100; b++)
		if (single_byte(enc, (unsigned char)b) == c)
			return (unsigned char)b;
	return 0;
}

static bool is_tone(uint32_t c)
{
	return c == 0x300 || c == 0x301 || c == 0x303 || c == 0x309 || c == 0x323;
}

/* A letter as windows-1258 writes it when it has no byte: the letter without its tone, and the tone. */
static bool add_split(uint32_t c, struct strbuf *out)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *nfd = unorm2_getNFDInstance(&status);
	UChar parts[16];
	uint32_t rest = 0, tone = 0;
	int32_t n = U_SUCCESS(status) ? unorm2_getDecomposition(nfd, (UChar32)c, parts, 16, &status) : -1;
	unsigned char letter, mark;

	for (int32_t i = 0; i < n; i++) {
		if (!tone && is_tone(parts[i]))
			tone = parts[i];
		else
			rest = rest ? compose(rest, parts[i], 0) : parts[i];
		if (i == 0 ? !rest : i > 0 && !rest)
			return false;
	}
	letter = rest ? byte_of(ENCODING_WINDOWS_1258, rest) : 0;
	mark = tone ? byte_of(ENCODING_WINDOWS_1258, tone) : 0;
	if (!letter || !mark)
		return false;
	strbuf_addc(out, (char)letter);
	strbuf_addc(out, (char)mark);
	return true;
}

static bool encode(enum encoding enc, uint32_t c, struct strbuf *out)
{
	unsigned char b = byte_of(enc, c);

	if (b) {
		strbuf_addc(out, (char)b);
		return true;
	}
	if (enc == ENCODING_WINDOWS_1258)
		return add_split(c, out);
	if (enc != ENCODING_VNI)
		return false;
	for (size_t i = 0; i < vni_count; i++)
		if (vni_pairs[i].code == c) {
			strbuf_addc(out, (char)vni_pairs[i].base);
			if (vni_pairs[i].mark)
				strbuf_addc(out, (char)vni_pairs[i].mark);
			return true;
		}
	return false;
}

bool encoding_from_utf8(enum encoding enc, struct str s, struct strbuf *out)
{
	struct strbuf composed;
	bool ok = true;

	if (enc == ENCODING_UTF8 || utf8_is_ascii(s.data, s.len)) {
		strbuf_add(out, s.data, s.len);
		return !out->overflow;
	}
	pthread_once(&tables_once, tables_init);
	strbuf_init(&composed, 0);
	ok = text_to_nfc(s, &composed);
	for (size_t i = 0; ok && i < composed.len;) {
		unsigned size;
		uint32_t c = utf8_decode(composed.data + i, &size);
		i += size;
		ok = encode(enc, c, out);
	}
	strbuf_release(&composed);
	return ok && !out->overflow;
}
