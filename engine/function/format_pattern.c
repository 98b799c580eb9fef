/* Cuts format patterns into nodes (PostgreSQL 15 manual, 9.8): key words, quoted text, other characters. */
#include "engine/function/format_pattern.h"
#include "engine/base/utf8.h"

const char *const month_names[12] = {"January", "February", "March", "April", "May", "June", "July", "August",
									 "September", "October", "November", "December"};
const char *const day_names[7] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

#define KEY(text, id, name_case, digits, mode) {text, sizeof text - 1, id, name_case, digits, mode}
#define BOTH(up, low, id, digits, mode) KEY(up, id, CASE_UPPER, digits, mode), KEY(low, id, CASE_LOWER, digits, mode)

/* A longer key word stands before its own beginning. */
static const struct pattern_key date_keys[] = {
	BOTH("A.D.", "a.d.", P_AD_DOTS, false, MODE_NONE), BOTH("A.M.", "a.m.", P_AM_DOTS, false, MODE_NONE),
	BOTH("AD", "ad", P_AD, false, MODE_NONE), BOTH("AM", "am", P_AM, false, MODE_NONE),
	BOTH("B.C.", "b.c.", P_AD_DOTS, false, MODE_NONE), BOTH("BC", "bc", P_AD, false, MODE_NONE),
	BOTH("CC", "cc", P_CC, true, MODE_NONE), BOTH("DAY", "day", P_DAY, false, MODE_NONE),
	KEY("Day", P_DAY, CASE_TITLE, false, MODE_NONE), BOTH("DDD", "ddd", P_DDD, true, MODE_GREGORIAN),
	BOTH("DD", "dd", P_DD, true, MODE_GREGORIAN), BOTH("DY", "dy", P_DY, false, MODE_NONE),
	KEY("Dy", P_DY, CASE_TITLE, false, MODE_NONE), BOTH("D", "d", P_D, true, MODE_GREGORIAN),
	BOTH("FF1", "ff1", P_FF1, false, MODE_NONE), BOTH("FF2", "ff2", P_FF2, false, MODE_NONE),
	BOTH("FF3", "ff3", P_FF3, false, MODE_NONE), BOTH("FF4", "ff4", P_FF4, false, MODE_NONE),
	BOTH("FF5", "ff5", P_FF5, false, MODE_NONE), BOTH("FF6", "ff6", P_FF6, false, MODE_NONE),
	BOTH("FX", "fx", P_FX, false, MODE_NONE), BOTH("HH24", "hh24", P_HH24, true, MODE_NONE),
	BOTH("HH12", "hh12", P_HH12, true, MODE_NONE), BOTH("HH", "hh", P_HH12, true, MODE_NONE),
	BOTH("IDDD", "iddd", P_IDDD, true, MODE_ISO), BOTH("ID", "id", P_ID, true, MODE_ISO),
	BOTH("IW", "iw", P_IW, true, MODE_ISO), BOTH("IYYY", "iyyy", P_IYYY, true, MODE_ISO),
	BOTH("IYY", "iyy", P_IYY, true, MODE_ISO), BOTH("IY", "iy", P_IY, true, MODE_ISO),
	BOTH("I", "i", P_I, true, MODE_ISO), BOTH("J", "j", P_J, true, MODE_NONE),
	BOTH("MI", "mi", P_MI, true, MODE_NONE), BOTH("MM", "mm", P_MM, true, MODE_GREGORIAN),
	BOTH("MONTH", "month", P_MONTH, false, MODE_GREGORIAN), BOTH("MON", "mon", P_MON, false, MODE_GREGORIAN),
	BOTH("MS", "ms", P_MS, true, MODE_NONE), KEY("Month", P_MONTH, CASE_TITLE, false, MODE_GREGORIAN),
	KEY("Mon", P_MON, CASE_TITLE, false, MODE_GREGORIAN), BOTH("OF", "of", P_OF, false, MODE_NONE),
	BOTH("P.M.", "p.m.", P_AM_DOTS, false, MODE_NONE), BOTH("PM", "pm", P_AM, false, MODE_NONE),
	BOTH("Q", "q", P_Q, true, MODE_NONE), BOTH("RM", "rm", P_RM, false, MODE_GREGORIAN),
	BOTH("SSSSS", "sssss", P_SSSS, true, MODE_NONE), BOTH("SSSS", "ssss", P_SSSS, true, MODE_NONE),
	BOTH("SS", "ss", P_SS, true, MODE_NONE), BOTH("TZH", "tzh", P_TZH, false, MODE_NONE),
	BOTH("TZM", "tzm", P_TZM, true, MODE_NONE), BOTH("TZ", "tz", P_TZ, false, MODE_NONE),
	BOTH("US", "us", P_US, true, MODE_NONE), BOTH("WW", "ww", P_WW, true, MODE_GREGORIAN),
	BOTH("W", "w", P_W, true, MODE_GREGORIAN), BOTH("Y,YYY", "y,yyy", P_Y_YYY, true, MODE_GREGORIAN),
	BOTH("YYYY", "yyyy", P_YYYY, true, MODE_GREGORIAN), BOTH("YYY", "yyy", P_YYY, true, MODE_GREGORIAN),
	BOTH("YY", "yy", P_YY, true, MODE_GREGORIAN), BOTH("Y", "y", P_Y, true, MODE_GREGORIAN),
};

#define NKEY(text, id) KEY(text, id, CASE_UPPER, false, MODE_NONE)
#define NBOTH(up, low, id) BOTH(up, low, id, false, MODE_NONE)
static const struct pattern_key number_keys[] = {
	NKEY(",", N_COMMA), NKEY(".", N_POINT), NKEY("0", N_0), NKEY("9", N_9), NBOTH("B", "b", N_B), NBOTH("C", "c", N_C),
	NBOTH("D", "d", N_D), NBOTH("EEEE", "eeee", N_EEEE), NBOTH("FM", "fm", N_FM), NBOTH("G", "g", N_G),
	NBOTH("L", "l", N_L), NBOTH("MI", "mi", N_MI), NBOTH("PL", "pl", N_PL), NBOTH("PR", "pr", N_PR),
	NBOTH("RN", "rn", N_RN), NBOTH("SG", "sg", N_SG), NBOTH("SP", "sp", N_SP), NBOTH("S", "s", N_S),
	NBOTH("TH", "th", N_TH), NBOTH("V", "v", N_V),
};

static bool starts(const char *p, const char *end, const char *word)
{
	size_t len = strlen(word);
	return (size_t)(end - p) >= len && memcmp(p, word, len) == 0;
}

static const struct pattern_key *find_key(const char *p, const char *end, bool number)
{
	const struct pattern_key *keys = number ? number_keys : date_keys;
	size_t n = number ? ARRAY_LEN(number_keys) : ARRAY_LEN(date_keys);

	for (size_t i = 0; i < n; i++)
		if (*keys[i].text == *p && starts(p, end, keys[i].text))
			return &keys[i];
	return NULL;
}

struct cut {
	struct format_node *nodes;
	size_t count;
};

/* One character, with its kind outside quotes. */
static const char *cut_char(struct cut *cut, const char *p, bool quoted, bool number)
{
	unsigned size = utf8_size((unsigned char)*p);
	struct format_node *n = &cut->nodes[cut->count++];
	bool letter = (*p | 32) >= 'a' && (*p | 32) <= 'z', digit = *p >= '0' && *p <= '9';

	n->kind = NODE_CHAR;
	if (!quoted && !number && *p > ' ' && *p < 0x7f && !letter && !digit)
		n->kind = NODE_SEPARATOR;
	else if (!quoted && (*p == ' ' || (*p >= '\t' && *p <= '\r')))
		n->kind = NODE_SPACE;
	memcpy(n->ch, p, size);
	return p + size;
}

static const char *cut_quoted(struct cut *cut, const char *p, const char *end, bool number)
{
	for (p++; p < end;) {
		if (*p == '"')
			return p + 1;
		if (*p == '\\' && p + 1 < end)
			p++;
		p = cut_char(cut, p, true, number);
	}
	return p;
}

static const char *cut_action(struct cut *cut, const struct format_node *prefix, const struct pattern_key *key,
							  const char *p, const char *end, bool number)
{
	struct format_node *n = &cut->nodes[cut->count++];

	*n = *prefix;
	n->kind = NODE_ACTION;
	n->key = key;
	p += key->len;
	if (number)
		return p;
	if ((n->TH = starts(p, end, "TH")) || (n->th = starts(p, end, "th")) || starts(p, end, "SP"))
		p += 2;
	return p;
}

static void cut_format(struct cut *cut, struct str format, bool number)
{
	const char *p = format.data, *end = format.data + format.len;

	while (p < end) {
		struct format_node prefix = {0};
		const struct pattern_key *key;
		if (!number && (starts(p, end, "FM") || starts(p, end, "fm"))) {
			prefix.fm = true;
			p += 2;
		} else if (!number && (starts(p, end, "TM") || starts(p, end, "tm"))) {
			prefix.tm = true;
			p += 2;
		}
		if (p >= end)
			break;
		if ((key = find_key(p, end, number))) {
			p = cut_action(cut, &prefix, key, p, end, number);
		} else if (*p == '"') {
			p = cut_quoted(cut, p, end, number);
		} else {
			if (*p == '\\' && p + 1 < end && p[1] == '"')
				p++;
			p = cut_char(cut, p, false, number);
		}
	}
	cut->nodes[cut->count].kind = NODE_END;
}

struct format_cache {
	struct strbuf format;
	struct cut cut;
	size_t room;
	bool known;
};

static void cache_free(void *arg)
{
	struct format_cache *cache = arg;

	strbuf_release(&cache->format);
}

const struct format_node *format_nodes(struct fncall *c, struct str format, bool number)
{
	struct format_cache *cache = c->state;

	if (!cache) {
		c->state = cache = mem_new_object(c->scratch, struct format_cache);
		strbuf_init(&cache->format, 0);
		mem_on_free(c->scratch, cache_free, cache);
	}
	if (cache->known && str_eq(strbuf_str(&cache->format), format))
		return cache->cut.nodes;
	if (format.len + 1 > cache->room) {
		cache->room = 2 * (format.len + 1);
		cache->cut.nodes = mem_new_array(c->scratch, struct format_node, cache->room);
	}
	memset(cache->cut.nodes, 0, (format.len + 1) * sizeof(struct format_node));
	cache->cut.count = 0;
	cut_format(&cache->cut, format, number);
	strbuf_reset(&cache->format);
	strbuf_add(&cache->format, format.data, format.len);
	cache->known = true;
	return cache->cut.nodes;
}

const char *ordinal_suffix(struct str s, bool upper, struct err *e)
{
	static const char *const words[2][4] = {{"th", "st", "nd", "rd"}, {"TH", "ST", "ND", "RD"}};
	char last = s.len ? s.data[s.len - 1] : 'x';

	if (last < '0' || last > '9') {
		(void)err_set(e, ERR_INVALID_TEXT_REPRESENTATION, "\"%.*s\" is not a number", (int)s.len, s.data);
		return NULL;
	}
	if (s.len > 1 && s.data[s.len - 2] == '1')
		last = '0';
	return words[upper][last >= '1' && last <= '3' ? last - '0' : 0];
}
