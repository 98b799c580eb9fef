/*
 * Vietnamese helpers of our own on text and names: vi_unaccent, vi_normalize, vi_name_key,
 * vi_name_similarity. PostgreSQL has none of them.
 *
 * Case here is Unicode's (lower case of names), unlike lower() in the C collation.
 */
#include "engine/base/utf8.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"
#include "engine/types/encoding.h"

#include <pthread.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>

/* ---- base letters ---- */

#define LATIN_END 0x250
#define LATIN_MORE 0x1e00
#define LATIN_MORE_END 0x1f00

/* Base letters of U+00C0…024F and U+1E00…1EFF: the first code point of the full decomposition. */
static struct {
	pthread_once_t once;
	uint16_t low[LATIN_END], more[LATIN_MORE_END - LATIN_MORE];
} bases = {.once = PTHREAD_ONCE_INIT};

static uint16_t decomposed_base(const UNormalizer2 *nfd, uint32_t c)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar out[32];
	int32_t len = nfd ? unorm2_getDecomposition(nfd, (UChar32)c, out, 32, &status) : -1;

	if (c == 0x110 || c == 0x111) /* Đ, đ: no decomposition */
		return c == 0x110 ? 'D' : 'd';
	return U_SUCCESS(status) && len > 0 ? out[0] : (uint16_t)c;
}

static void bases_build(void)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *nfd = unorm2_getNFDInstance(&status);

	if (U_FAILURE(status))
		nfd = NULL;
	for (uint32_t c = 0; c < LATIN_END; c++)
		bases.low[c] = decomposed_base(nfd, c);
	for (uint32_t c = LATIN_MORE; c < LATIN_MORE_END; c++)
		bases.more[c - LATIN_MORE] = decomposed_base(nfd, c);
}

/* The letter without marks; 0 for a combining mark. */
static uint32_t base_letter(uint32_t c)
{
	if (c < LATIN_END)
		return bases.low[c];
	if (c >= LATIN_MORE && c < LATIN_MORE_END)
		return bases.more[c - LATIN_MORE];
	return c >= 0x300 && c <= 0x36f ? 0 : c;
}

static void add_code(struct strbuf *out, uint32_t c)
{
	char bytes[4];

	strbuf_add(out, bytes, utf8_encode(c, bytes));
}

static bool unaccent_row(struct row *r)
{
	struct str s = row_str(r, 0);

	if (utf8_is_ascii(s.data, s.len)) {
		strbuf_add(r->buf, s.data, s.len);
		return true;
	}
	pthread_once(&bases.once, bases_build);
	for (size_t i = 0; i < s.len;) {
		unsigned size;
		uint32_t c = base_letter(utf8_decode(s.data + i, &size));
		if (c)
			add_code(r->buf, c);
		i += size;
	}
	return true;
}
ROWS(unaccent_fn, unaccent_row, ROWS_BUILD)

/* ---- tone placement ---- */

/* Vowels without tone, then with grave, acute, hook, tilde, dot. */
static const uint16_t toned[10][6] = {
	{'a', 0xe0, 0xe1, 0x1ea3, 0xe3, 0x1ea1}, {'e', 0xe8, 0xe9, 0x1ebb, 0x1ebd, 0x1eb9},
	{'y', 0x1ef3, 0xfd, 0x1ef7, 0x1ef9, 0x1ef5}, {'o', 0xf2, 0xf3, 0x1ecf, 0xf5, 0x1ecd},
	{'u', 0xf9, 0xfa, 0x1ee7, 0x169, 0x1ee5}, {'A', 0xc0, 0xc1, 0x1ea2, 0xc3, 0x1ea0},
	{'E', 0xc8, 0xc9, 0x1eba, 0x1ebc, 0x1eb8}, {'Y', 0x1ef2, 0xdd, 0x1ef6, 0x1ef8, 0x1ef4},
	{'O', 0xd2, 0xd3, 0x1ece, 0xd5, 0x1ecc}, {'U', 0xd9, 0xda, 0x1ee6, 0x168, 0x1ee4},
};

static int row_of_vowel(uint32_t c)
{
	for (int i = 0; i < 10; i++)
		if (toned[i][0] == c)
			return i;
	return -1;
}

/* Finds c among the toned vowels; false when it carries no tone. */
static bool split_tone(uint32_t c, uint32_t *vowel, int *tone)
{
	for (int i = 0; i < 10; i++)
		for (int t = 1; t < 6; t++)
			if (toned[i][t] == c) {
				*vowel = toned[i][0];
				*tone = t;
				return true;
			}
	return false;
}

/* oà, oè, uỳ at the end of a syllable carry their tone on the first vowel: hoà is hòa. Not behind q,
 * where u is part of the consonant (quý). */
static bool moves_tone(uint32_t before, uint32_t first, uint32_t second, uint32_t behind, uint32_t out[2])
{
	uint32_t vowel, f = first | 32, v;
	int tone;

	if ((f != 'o' && f != 'u') || first > 'z' || u_isalpha((UChar32)behind) || (before | 32) == 'q')
		return false;
	if (!split_tone(second, &vowel, &tone))
		return false;
	v = vowel | 32;
	if (f == 'o' ? v != 'a' && v != 'e' : v != 'y')
		return false;
	out[0] = toned[row_of_vowel(first)][tone];
	out[1] = vowel;
	return true;
}

static uint32_t code_at(struct str s, size_t at)
{
	unsigned size;

	return at < s.len ? utf8_decode(s.data + at, &size) : 0;
}

static void place_tones(struct str s, struct strbuf *out)
{
	uint32_t before = 0;

	for (size_t i = 0; i < s.len;) {
		unsigned size, size2 = 0;
		uint32_t c = utf8_decode(s.data + i, &size), pair[2];
		uint32_t second = i + size < s.len ? utf8_decode(s.data + i + size, &size2) : 0;
		if (second && moves_tone(before, c, second, code_at(s, i + size + size2), pair)) {
			add_code(out, pair[0]);
			add_code(out, pair[1]);
			before = pair[1];
			i += size + size2;
			continue;
		}
		strbuf_add(out, s.data + i, size);
		before = c;
		i += size;
	}
}

/* NFC with tones in their traditional place; scratch is for the first step. */
static bool normalize(struct str s, struct strbuf *scratch, struct strbuf *out)
{
	if (!utf8_is_ascii(s.data, s.len) && !text_is_nfc(s)) {
		strbuf_reset(scratch);
		if (!text_to_nfc(s, scratch))
			return false;
		s = strbuf_str(scratch);
	}
	place_tones(s, out);
	return true;
}

static bool normalize_row(struct row *r)
{
	struct strbuf scratch;
	bool ok;

	strbuf_init(&scratch, 0);
	ok = normalize(row_str(r, 0), &scratch, r->buf);
	strbuf_release(&scratch);
	return ok || row_error(r, ERR_INTERNAL, "could not normalize text");
}
ROWS(normalize_fn, normalize_row, ROWS_BUILD)

/* ---- names ---- */

/* Lower case letters without marks and digits, single spaces between words. */
static void name_key(struct str s, struct strbuf *out)
{
	bool gap = false;

	pthread_once(&bases.once, bases_build);
	for (size_t i = 0; i < s.len;) {
		unsigned size;
		uint32_t c = base_letter(utf8_decode(s.data + i, &size));
		i += size;
		if (!c)
			continue;
		c = base_letter((uint32_t)u_tolower((UChar32)c));
		if (!u_isalnum((UChar32)c)) {
			gap = c != '\'' && c != 0x2019; /* an apostrophe joins */
			continue;
		}
		if (gap && out->len)
			strbuf_addc(out, ' ');
		gap = false;
		add_code(out, c);
	}
}

static bool name_key_row(struct row *r)
{
	name_key(row_str(r, 0), r->buf);
	return true;
}
ROWS(name_key_fn, name_key_row, ROWS_BUILD)

#define NAME_MAX 256 /* code points compared; names are far shorter */

static size_t codes_of(struct str s, uint32_t *out, bool lower)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len && n < NAME_MAX;) {
		unsigned size;
		uint32_t c = utf8_decode(s.data + i, &size);
		out[n++] = lower ? (uint32_t)u_tolower((UChar32)c) : c;
		i += size;
	}
	return n;
}

/* 1 - edits / longer length; swapping neighbours is one edit. */
static double closeness(const uint32_t *a, size_t na, const uint32_t *b, size_t nb)
{
	uint16_t rows[3][NAME_MAX + 1];
	uint16_t *before = rows[0], *last = rows[1], *now = rows[2];

	if (na == 0 && nb == 0)
		return 1;
	for (size_t j = 0; j <= nb; j++)
		last[j] = (uint16_t)j;
	for (size_t i = 1; i <= na; i++) {
		uint16_t *spare = before;
		now[0] = (uint16_t)i;
		for (size_t j = 1; j <= nb; j++) {
			uint16_t best = (uint16_t)(last[j - 1] + (a[i - 1] != b[j - 1]));
			if (last[j] + 1 < best)
				best = (uint16_t)(last[j] + 1);
			if (now[j - 1] + 1 < best)
				best = (uint16_t)(now[j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
				best = (uint16_t)(before[j - 2] + 1);
			now[j] = best;
		}
		before = last;
		last = now;
		now = spare;
	}
	return 1 - (double)last[nb] / (double)(na > nb ? na : nb);
}

/* Nine parts for the letters without marks, one for the marks: a name typed without diacritics stays close. */
static bool similarity(struct str a, struct str b, struct strbuf buf[3], double *out)
{
	uint32_t x[NAME_MAX], y[NAME_MAX];
	size_t nx, ny;
	double letters;

	name_key(a, &buf[0]);
	name_key(b, &buf[1]);
	nx = codes_of(strbuf_str(&buf[0]), x, false);
	ny = codes_of(strbuf_str(&buf[1]), y, false);
	letters = closeness(x, nx, y, ny);
	strbuf_reset(&buf[0]);
	strbuf_reset(&buf[1]);
	if (!normalize(a, &buf[2], &buf[0]) || !normalize(b, &buf[2], &buf[1]))
		return false;
	nx = codes_of(strbuf_str(&buf[0]), x, true);
	ny = codes_of(strbuf_str(&buf[1]), y, true);
	*out = letters == 1 && nx == ny && memcmp(x, y, nx * sizeof *x) == 0 ? 1 : 0.9 * letters + 0.1 * closeness(x, nx, y, ny);
	return true;
}

static bool similarity_row(struct row *r)
{
	struct strbuf buf[3];
	double result = 0;
	bool ok;

	for (int i = 0; i < 3; i++)
		strbuf_init(&buf[i], 0);
	ok = similarity(row_str(r, 0), row_str(r, 1), buf, &result);
	for (int i = 0; i < 3; i++)
		strbuf_release(&buf[i]);
	return ok ? row_set_f64(r, result) : row_error(r, ERR_INTERNAL, "could not normalize text");
}
ROWS(similarity_fn, similarity_row, ROWS_PLAIN)

const struct func functions_vietnam_text[] = {
	FN("vi_unaccent", TEXT, unaccent_fn, FAIL, "the text without tone marks and diacritics; đ becomes d", T(TEXT)),
	FN("vi_normalize", TEXT, normalize_fn, FAIL, "NFC with tone marks in one place: hoà becomes hòa", T(TEXT)),
	FN("vi_name_key", TEXT, name_key_fn, FAIL, "key for matching names: lower case, no marks, single spaces", T(TEXT)),
	FN("vi_name_similarity", FLOAT8, similarity_fn, FAIL, "likeness of two names from 0 to 1, marks counting little", T(TEXT), T(TEXT)),
	FN_END,
};
