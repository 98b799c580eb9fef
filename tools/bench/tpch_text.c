/*
 * Words of the TPC-H specification (4.2.2.13) and the text that comments are cut from: sentences by its grammar,
 * written once into a pool. Leaves the tables to tpch.c.
 */
#include "tools/bench/tpch.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

const char *const tpch_colours[92] = {
	"almond", "antique", "aquamarine", "azure", "beige", "bisque", "black", "blanched", "blue", "blush", "brown", "burlywood",
	"burnished", "chartreuse", "chiffon", "chocolate", "coral", "cornflower", "cornsilk", "cream", "cyan", "dark", "deep", "dim",
	"dodger", "drab", "firebrick", "floral", "forest", "frosted", "gainsboro", "ghost", "goldenrod", "green", "grey", "honeydew",
	"hot", "indian", "ivory", "khaki", "lace", "lavender", "lawn", "lemon", "light", "lime", "linen", "magenta", "maroon", "medium",
	"metallic", "midnight", "mint", "misty", "moccasin", "navajo", "navy", "olive", "orange", "orchid", "pale", "papaya", "peach",
	"peru", "pink", "plum", "powder", "puff", "purple", "red", "rose", "rosy", "royal", "saddle", "salmon", "sandy", "seashell",
	"sienna", "sky", "slate", "smoke", "snow", "spring", "steel", "tan", "thistle", "tomato", "turquoise", "violet", "wheat",
	"white", "yellow"};
const char *const tpch_type1[6] = {"STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO"};
const char *const tpch_type2[5] = {"ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED"};
const char *const tpch_type3[5] = {"TIN", "NICKEL", "BRASS", "STEEL", "COPPER"};
const char *const tpch_container1[5] = {"SM", "LG", "MED", "JUMBO", "WRAP"};
const char *const tpch_container2[8] = {"CASE", "BOX", "BAG", "JAR", "PKG", "PACK", "CAN", "DRUM"};
const char *const tpch_segments[5] = {"AUTOMOBILE", "BUILDING", "FURNITURE", "MACHINERY", "HOUSEHOLD"};
const char *const tpch_priorities[5] = {"1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"};
const char *const tpch_instructions[4] = {"DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"};
const char *const tpch_modes[7] = {"REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"};
const char *const tpch_regions[5] = {"AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"};
const struct tpch_nation tpch_nations[25] = {
	{"ALGERIA", 0}, {"ARGENTINA", 1}, {"BRAZIL", 1}, {"CANADA", 1}, {"EGYPT", 4}, {"ETHIOPIA", 0}, {"FRANCE", 3},
	{"GERMANY", 3}, {"INDIA", 2}, {"INDONESIA", 2}, {"IRAN", 4}, {"IRAQ", 4}, {"JAPAN", 2}, {"JORDAN", 4}, {"KENYA", 0},
	{"MOROCCO", 0}, {"MOZAMBIQUE", 0}, {"PERU", 1}, {"CHINA", 2}, {"ROMANIA", 3}, {"SAUDI ARABIA", 4}, {"VIETNAM", 2},
	{"RUSSIA", 3}, {"UNITED KINGDOM", 3}, {"UNITED STATES", 1}};

static const char *const nouns[] = {
	"packages", "requests", "accounts", "deposits", "foxes", "ideas", "theodolites", "pinto beans", "instructions",
	"dependencies", "excuses", "platelets", "asymptotes", "courts", "dolphins", "multipliers", "sauternes", "warthogs", "frets",
	"dinos", "attainments", "somas", "Tiresias", "patterns", "forges", "braids", "hockey players", "frays", "warhorses",
	"dugouts", "notornis", "epitaphs", "pearls", "tithes", "waters", "orbits", "gifts", "sheaves", "depths", "sentiments",
	"decoys", "realms", "pains", "grouches", "escapades"};
static const char *const verbs[] = {
	"sleep", "wake", "are", "cajole", "haggle", "nag", "use", "boost", "affix", "detect", "integrate", "maintain", "nod", "was",
	"lose", "sublate", "solve", "thrash", "promise", "engage", "hinder", "print", "x-ray", "breach", "eat", "grow", "impress",
	"mold", "poach", "serve", "run", "dazzle", "snooze", "doze", "unwind", "kindle", "play", "hang", "believe", "doubt"};
static const char *const adjectives[] = {
	"special", "pending", "unusual", "express", "furious", "sly", "careful", "blithe", "quick", "fluffy", "slow", "quiet",
	"ruthless", "thin", "close", "dogged", "daring", "brave", "stealthy", "permanent", "enticing", "idle", "busy", "regular",
	"final", "ironic", "even", "bold", "silent"};
static const char *const adverbs[] = {
	"sometimes", "always", "never", "furiously", "slyly", "carefully", "blithely", "quickly", "fluffily", "slowly", "quietly",
	"ruthlessly", "thinly", "closely", "doggedly", "daringly", "bravely", "stealthily", "permanently", "enticingly", "idly",
	"busily", "regularly", "finally", "ironically", "evenly", "boldly", "silently"};
static const char *const prepositions[] = {
	"about", "above", "according to", "across", "after", "against", "along", "alongside of", "among", "around", "at", "atop",
	"before", "behind", "beneath", "beside", "besides", "between", "beyond", "by", "despite", "during", "except", "for", "from",
	"in place of", "inside", "instead of", "into", "near", "of", "on", "outside", "over", "past", "since", "through",
	"throughout", "to", "toward", "under", "until", "up", "upon", "without", "with", "within"};
static const char *const auxiliaries[] = {
	"do", "may", "might", "shall", "will", "would", "can", "could", "should", "ought to", "must", "will have to",
	"shall have to", "could have to", "should have to", "must have to", "need to", "try to"};
static const char *const ends[] = {".", ".", ".", ";", ":", "?", "!", "--"};

#define POOL (2 << 20)
static char pool[POOL + 512];
static size_t filled;

static void add(const char *s)
{
	size_t n = strlen(s);

	if (filled + n < sizeof pool) {
		memcpy(pool + filled, s, n);
		filled += n;
	}
}

#define ADD_ONE(r, list) add((list)[tpch_between((r), 0, (int64_t)COUNT(list) - 1)])

static void add_noun(struct tpch_random *r)
{
	int64_t form = tpch_between(r, 0, 9);

	/* the common nouns, which the queries look for, are more frequent */
	if (form >= 8) {
		ADD_ONE(r, adverbs);
		add(" ");
	}
	if (form >= 3) {
		ADD_ONE(r, adjectives);
		add(form == 7 ? ", " : " ");
	}
	if (form == 7) {
		ADD_ONE(r, adjectives);
		add(" ");
	}
	if (tpch_between(r, 0, 3) == 0)
		add(nouns[tpch_between(r, 0, 3)]);
	else
		ADD_ONE(r, nouns);
}

static void add_verb(struct tpch_random *r)
{
	int64_t form = tpch_between(r, 0, 3);

	if (form & 1) {
		ADD_ONE(r, auxiliaries);
		add(" ");
	}
	ADD_ONE(r, verbs);
	if (form & 2) {
		add(" ");
		ADD_ONE(r, adverbs);
	}
}

static void add_place(struct tpch_random *r)
{
	ADD_ONE(r, prepositions);
	add(" the ");
	add_noun(r);
}

static void add_sentence(struct tpch_random *r)
{
	int64_t form = tpch_between(r, 0, 4);

	add_noun(r);
	add(" ");
	if (form >= 3) {
		add_place(r);
		add(" ");
	}
	add_verb(r);
	if (form) {
		add(" ");
		if (form & 1)
			add_place(r);
		else
			add_noun(r);
	}
	ADD_ONE(r, ends);
	add(" ");
}

static void fill_pool(void)
{
	struct tpch_random r = {42};

	while (filled < sizeof pool - 400)
		add_sentence(&r);
	memset(pool + filled, 'x', sizeof pool - filled);
}

void tpch_comment(struct tpch_random *r, int low, int high, struct tpch_cell *out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fill_pool);
	out->text = pool + tpch_between(r, 0, POOL - 256);
	out->len = (uint32_t)tpch_between(r, low, high);
	/* as a text, not a byte string: no blanks at the ends */
	while (*out->text == ' ')
		out->text++;
	while (out->text[out->len - 1] == ' ')
		out->len--;
}
