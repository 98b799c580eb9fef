/*
 * Builds the nation in phases:
 *   1. administrative units and code lists from catalog/vietnam,
 *   2. households with their members, one after the other, each from its own random stream,
 *   3. parents in other households for a half of the adults, at plausible ages,
 *   4. deaths, marital status, unique serials of the personal ids,
 *   5. enterprises with owners, health facilities.
 * What is said about a person beyond the model is in person.c. One thread builds; afterwards read-only.
 */
#include "tools/demo/nation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define YEAR_DAYS 365.2425
#define FORMER_MAX 64

const char *const enterprise_forms[5] = {"LLC2", "LLC1", "JSC", "PRIVATE", "PARTNERSHIP"};
const char *const relation_names[5] = {"chủ hộ", "vợ/chồng", "con", "cha/mẹ", "khác"};

/* Population in thousands (2025, rounded), ethnic groups other than Kinh in 1/100, how much denser
 * enterprises are than elsewhere. Guides the draw; not published as data. */
static const struct province_guide {
	const char *code;
	unsigned thousands, enterprise_factor, migrants; /* migrants in 1/100 */
	struct {
		unsigned char ethnicity, percent;
	} groups[5];
} guides[] = {
	{"01", 8807, 26, 24, {{6, 1}}}, {"04", 573, 5, 2, {{2, 41}, {7, 30}, {8, 11}, {9, 10}}},
	{"08", 1865, 5, 2, {{2, 25}, {8, 20}, {9, 15}, {7, 6}, {18, 2}}}, {"11", 673, 5, 2, {{3, 36}, {8, 38}, {29, 3}, {9, 2}}},
	{"12", 512, 5, 2, {{3, 32}, {8, 24}, {9, 13}, {35, 4}, {25, 3}}}, {"14", 1404, 5, 2, {{3, 53}, {8, 15}, {6, 7}, {34, 2}}},
	{"15", 1778, 6, 3, {{2, 17}, {8, 19}, {9, 12}, {3, 4}, {25, 3}}}, {"19", 1799, 8, 8, {{2, 22}, {7, 8}, {9, 6}, {15, 2}}},
	{"20", 881, 6, 2, {{7, 42}, {2, 36}, {9, 4}}}, {"22", 1497, 11, 8, {{9, 6}, {2, 3}, {18, 2}}},
	{"24", 3619, 12, 14, {{7, 4}, {2, 2}, {15, 1}}}, {"25", 4022, 8, 5, {{6, 20}, {9, 1}, {15, 1}}},
	{"31", 4664, 14, 9, {{2, 1}}}, {"33", 3567, 9, 5, {{6, 1}}}, {"37", 4412, 8, 4, {{6, 2}}},
	{"38", 4324, 7, 2, {{6, 10}, {3, 6}, {8, 1}}}, {"40", 3831, 7, 2, {{3, 10}, {24, 2}, {8, 1}, {29, 1}}},
	{"42", 1622, 6, 2, {{39, 1}}}, {"44", 1870, 6, 3, {{23, 6}, {31, 1}}}, {"46", 1433, 8, 4, {{31, 3}, {26, 2}}},
	{"48", 3066, 15, 9, {{26, 2}, {14, 2}}}, {"51", 2161, 6, 3, {{14, 10}, {19, 9}, {13, 4}, {30, 2}}},
	{"52", 3583, 7, 5, {{10, 17}, {13, 8}}}, {"56", 2243, 10, 7, {{21, 6}, {17, 5}}},
	{"66", 3346, 7, 8, {{12, 13}, {7, 3}, {17, 2}, {20, 2}}}, {"68", 3872, 9, 9, {{16, 5}, {20, 4}, {28, 2}, {17, 1}}},
	{"75", 4491, 13, 22, {{22, 3}, {7, 2}, {4, 2}}}, {"79", 14002, 28, 26, {{4, 5}, {5, 1}}},
	{"80", 3254, 10, 12, {{5, 1}, {17, 1}}}, {"82", 4371, 7, 3, {{5, 1}}}, {"86", 4257, 6, 3, {{5, 14}}},
	{"91", 4952, 7, 4, {{5, 9}, {4, 1}, {17, 1}}}, {"92", 4200, 9, 5, {{5, 16}, {4, 3}}}, {"96", 2607, 6, 3, {{5, 5}, {4, 1}}},
};

static void *must_alloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);
	if (!p) {
		fputs("hopluu demo: out of memory\n", stderr);
		abort();
	}
	return p;
}

static const struct province_guide *guide_of(const char *code)
{
	for (size_t i = 0; i < ARRAY_LEN(guides); i++)
		if (strcmp(guides[i].code, code) == 0)
			return &guides[i];
	return &guides[0];
}

static void build_units(struct nation *n)
{
	const struct vietnam_unit *units;
	size_t total = vietnam_units(&units);
	n->provinces = must_alloc(total, sizeof(*n->provinces));
	n->communes = must_alloc(total, sizeof(*n->communes));
	n->nformers = vietnam_former_provinces(&n->formers);
	for (size_t i = 0; i < total; i++)
		if (!*units[i].parent_code && vietnam_valid_on(units[i].valid_from, units[i].valid_until, "2026-06-30"))
			n->provinces[n->nprovinces++] = (struct province){
				.code = units[i].code, .name = units[i].name, .weight = guide_of(units[i].code)->thousands};
	for (size_t k = 0; k < n->nprovinces; k++) {
		struct province *p = &n->provinces[k];
		p->first_commune = (uint32_t)n->ncommunes;
		for (size_t i = 0; i < total; i++)
			if (strcmp(units[i].parent_code, p->code) == 0 &&
				vietnam_valid_on(units[i].valid_from, units[i].valid_until, "2026-06-30"))
				n->communes[n->ncommunes++] =
					(struct commune){units[i].code, units[i].name, units[i].kind, (uint8_t)k};
		p->ncommunes = (uint32_t)n->ncommunes - p->first_commune;
		for (size_t i = 0; i < n->nformers; i++)
			if (strcmp(n->formers[i].successor_code, p->code) == 0 && p->nformer < ARRAY_LEN(p->former))
				p->former[p->nformer++] = (uint8_t)i;
	}
}

static void build_codes(struct nation *n)
{
	const struct vietnam_code *codes;
	size_t total = vietnam_codes(&codes);
	for (size_t i = 0; i < total; i++) {
		if (strcmp(codes[i].list_code, "industry") == 0 && !n->nindustries++)
			n->industries = &codes[i];
		if (strcmp(codes[i].list_code, "icd10") == 0 && !n->ndiseases++)
			n->diseases = &codes[i];
	}
}

static unsigned draw_province(const struct nation *n, struct draw *d, bool by_enterprises)
{
	uint64_t total = 0;
	for (size_t i = 0; i < n->nprovinces; i++)
		total += (uint64_t)n->provinces[i].weight * (by_enterprises ? guide_of(n->provinces[i].code)->enterprise_factor : 1);
	uint64_t at = draw_below(d, total);
	for (size_t i = 0; i < n->nprovinces; i++) {
		uint64_t w = (uint64_t)n->provinces[i].weight * (by_enterprises ? guide_of(n->provinces[i].code)->enterprise_factor : 1);
		if (at < w)
			return (unsigned)i;
		at -= w;
	}
	return 0;
}

/* Wards are about twice as populous as communes. */
static uint16_t draw_commune(const struct nation *n, struct draw *d, unsigned province)
{
	const struct province *p = &n->provinces[province];
	for (;;) {
		uint32_t c = p->first_commune + (uint32_t)draw_below(d, p->ncommunes);
		if (strcmp(n->communes[c].kind, "ward") == 0 || draw_chance(d, 5000))
			return (uint16_t)c;
	}
}

static unsigned draw_ethnicity(const struct nation *n, struct draw *d, unsigned province)
{
	const struct province_guide *g = guide_of(n->provinces[province].code);
	unsigned at = (unsigned)draw_below(d, 100);
	for (size_t i = 0; i < ARRAY_LEN(g->groups) && g->groups[i].percent; i++) {
		if (at < g->groups[i].percent)
			return g->groups[i].ethnicity;
		at -= g->groups[i].percent;
	}
	return 1;
}

static unsigned draw_religion(const struct nation *n, struct draw *d, unsigned province, unsigned ethnicity)
{
	int code = atoi(n->provinces[province].code);
	unsigned at = (unsigned)draw_below(d, 1000);
	bool south = code >= 68;
	if (ethnicity == 17)
		return at < 500 ? 6 : 0;
	if (ethnicity == 5)
		return at < 850 ? 1 : 0;
	if (code == 91 && at < 140)
		return 5;
	return at < 50 ? 1 : at < 115 ? 2 : at < 125 ? 3 : south && at < 150 ? 4 : 0;
}

/* Where a member of this household was born: mostly here, else elsewhere. */
static unsigned draw_former(const struct nation *n, struct draw *d, unsigned province, unsigned migrants)
{
	unsigned from = draw_below(d, 100) < migrants ? draw_province(n, d, false) : province;
	const struct province *p = &n->provinces[from];
	return p->former[draw_below(d, p->nformer)];
}

struct builder {
	struct nation *n;
	struct draw d;
	uint32_t household;
	unsigned province, ethnicity, religion, migrants;
};

static uint32_t add_person(struct builder *b, double age, bool female, enum relation relation)
{
	struct nation *n = b->n;
	if (n->npeople == 0) /* room used up */
		return NOBODY;
	uint32_t at = n->households[b->household].first + n->households[b->household].count;
	n->npeople--;
	n->households[b->household].count++;
	bool mixed = relation == RELATION_SPOUSE && draw_chance(&b->d, 800);
	n->people[at] = (struct person){
		.birth = DEMO_TODAY - (int32_t)(age * YEAR_DAYS) - (int32_t)draw_below(&b->d, 365),
		.father = NOBODY, .mother = NOBODY, .spouse = NOBODY, .household = b->household,
		.former = (uint8_t)draw_former(n, &b->d, b->province, relation == RELATION_CHILD ? 3 : b->migrants),
		.ethnicity = (uint8_t)(mixed ? draw_ethnicity(n, &b->d, b->province) : b->ethnicity),
		.religion = (uint8_t)b->religion, .female = female, .relation = (uint8_t)relation};
	return at;
}

static void marry(struct nation *n, uint32_t husband, uint32_t wife, int32_t day)
{
	if (husband == NOBODY || wife == NOBODY)
		return;
	int32_t his = n->people[husband].birth + (int32_t)(20 * YEAR_DAYS), hers = n->people[wife].birth + (int32_t)(18 * YEAR_DAYS);
	int32_t of_age = his > hers ? his : hers;
	day = day < of_age ? of_age + 30 : day;
	if (day > DEMO_TODAY)
		day = DEMO_TODAY - 10;
	n->people[husband].spouse = wife;
	n->people[wife].spouse = husband;
	n->people[husband].married = n->people[wife].married = day;
	n->people[husband].marital = n->people[wife].marital = MARITAL_MARRIED;
}

/* Children of this mother (and father, or NOBODY) who still live here. */
static void add_children(struct builder *b, uint32_t father, uint32_t mother, unsigned least)
{
	struct nation *n = b->n;
	if (mother == NOBODY)
		return;
	int32_t at = n->people[mother].birth + (int32_t)((20 + (double)draw_skewed(&b->d, 14)) * YEAR_DAYS);
	unsigned wanted = (unsigned)(draw_below(&b->d, 100) < 22 ? 1 : draw_chance(&b->d, 2200) ? 3 : 2);
	if (wanted < least)
		wanted = least;
	int32_t first = 0;
	for (unsigned i = 0; i < wanted; i++) {
		int32_t born = at + (int32_t)draw_below(&b->d, 365);
		at = born + (int32_t)((1.5 + (double)draw_below(&b->d, 5)) * YEAR_DAYS);
		if (born > DEMO_TODAY || (born - n->people[mother].birth) / YEAR_DAYS > 45)
			break;
		first = first ? first : born;
		double age = (DEMO_TODAY - born) / YEAR_DAYS;
		if (age > 23 && !draw_chance(&b->d, 2500)) /* has left */
			continue;
		uint32_t c = add_person(b, 0, draw_chance(&b->d, 4720), RELATION_CHILD);
		if (c == NOBODY)
			return;
		n->people[c].birth = born;
		n->people[c].father = father;
		n->people[c].mother = mother;
		if (father != NOBODY)
			n->people[c].ethnicity = n->people[father].ethnicity;
	}
	marry(n, father, mother, first ? first - 200 - (int32_t)draw_below(&b->d, 700)
								   : n->people[mother].birth + (int32_t)((21 + (double)draw_below(&b->d, 8)) * YEAR_DAYS));
}

static void add_couple(struct builder *b, double age, enum relation husband_as, enum relation wife_as, uint32_t *husband, uint32_t *wife)
{
	*husband = add_person(b, age, false, husband_as);
	double gap = (double)draw_below(&b->d, 7) - 1, young = age - gap < 19 ? 19 : age - gap;
	*wife = add_person(b, young, true, wife_as);
}

static void build_household(struct builder *b)
{
	uint32_t husband, wife;
	unsigned kind = (unsigned)draw_below(&b->d, 100);
	if (kind < 16) { /* a couple, young or old */
		add_couple(b, draw_chance(&b->d, 3500) ? (double)draw_between(&b->d, 22, 32) : (double)draw_between(&b->d, 50, 84),
				   RELATION_HEAD, RELATION_SPOUSE, &husband, &wife);
		marry(b->n, husband, wife, b->n->people[husband].birth + (int32_t)((double)draw_between(&b->d, 21, 29) * YEAR_DAYS));
	} else if (kind < 62) { /* parents and children */
		add_couple(b, 23 + (double)draw_below(&b->d, 35), RELATION_HEAD, RELATION_SPOUSE, &husband, &wife);
		add_children(b, husband, wife, 1);
	} else if (kind < 82) { /* three generations: the husband's parents live here */
		double age = 23 + (double)draw_below(&b->d, 27), older = age + 26 + (double)draw_below(&b->d, 10);
		uint32_t grandfather = NOBODY, grandmother = NOBODY;
		add_couple(b, age, RELATION_HEAD, RELATION_SPOUSE, &husband, &wife);
		add_children(b, husband, wife, 1);
		if (draw_chance(&b->d, 6000))
			add_couple(b, older, RELATION_PARENT, RELATION_PARENT, &grandfather, &grandmother);
		else
			grandmother = add_person(b, older - 2, true, RELATION_PARENT);
		if (husband != NOBODY) {
			b->n->people[husband].father = grandfather;
			b->n->people[husband].mother = grandmother;
			marry(b->n, grandfather, grandmother, b->n->people[husband].birth - 400);
		}
		if (grandmother != NOBODY && grandfather == NOBODY)
			b->n->people[grandmother].marital = MARITAL_WIDOWED;
	} else if (kind < 91) { /* alone */
		bool old = draw_chance(&b->d, 4000);
		uint32_t p = add_person(b, old ? (double)draw_between(&b->d, 60, 92) : (double)draw_between(&b->d, 19, 59),
								draw_chance(&b->d, old ? 7000 : 4600), RELATION_HEAD);
		if (p != NOBODY)
			b->n->people[p].marital = old ? MARITAL_WIDOWED : draw_chance(&b->d, 1500) ? MARITAL_DIVORCED : MARITAL_SINGLE;
	} else if (kind < 97) { /* a mother with children */
		uint32_t mother = add_person(b, 24 + (double)draw_below(&b->d, 30), true, RELATION_HEAD);
		add_children(b, NOBODY, mother, 1);
		if (mother != NOBODY)
			b->n->people[mother].marital = draw_chance(&b->d, 6500) ? MARITAL_DIVORCED : MARITAL_WIDOWED;
	} else { /* young workers share a flat */
		unsigned count = 2 + (unsigned)draw_below(&b->d, 3);
		for (unsigned i = 0; i < count; i++) {
			b->migrants = 60;
			add_person(b, 18 + (double)draw_below(&b->d, 12), draw_chance(&b->d, 5000), i ? RELATION_OTHER : RELATION_HEAD);
		}
	}
}

static void build_households(struct nation *n)
{
	uint32_t people = n->npeople;
	n->people = must_alloc(people, sizeof(*n->people));
	n->households = must_alloc((size_t)people + 1, sizeof(*n->households));
	uint32_t first = 0;
	while (first < people) {
		uint32_t h = n->nhouseholds++;
		struct builder b = {.n = n, .d = nation_draw(n, STREAM_HOUSEHOLD, h), .household = h};
		b.province = draw_province(n, &b.d, false);
		b.ethnicity = draw_ethnicity(n, &b.d, b.province);
		b.religion = draw_religion(n, &b.d, b.province, b.ethnicity);
		b.migrants = guide_of(n->provinces[b.province].code)->migrants;
		n->households[h] = (struct household){first, 0, draw_commune(n, &b.d, b.province), (uint8_t)b.province};
		n->npeople = people - first; /* room left */
		build_household(&b);
		first += n->households[h].count;
	}
	n->npeople = people;
}

/* Half of the adults whose parents don't live with them find them in another household of their province:
 * a couple old enough, of the same ethnic group. */
static void link_parents(struct nation *n)
{
	for (uint32_t i = 0; i < n->npeople; i++) {
		struct person *p = &n->people[i];
		struct draw d = nation_draw(n, STREAM_LINK, i);
		if (p->father != NOBODY || p->mother != NOBODY || person_age(p) < 18 || p->relation == RELATION_PARENT || draw_chance(&d, 5000))
			continue;
		for (int try = 0; try < 40; try++) {
			uint32_t h = (uint32_t)draw_below(&d, n->nhouseholds), f = n->households[h].first;
			const struct person *father = &n->people[f];
			if (n->households[h].province != n->households[p->household].province || father->female || father->spouse == NOBODY ||
				father->ethnicity != p->ethnicity || h == p->household)
				continue;
			const struct person *mother = &n->people[father->spouse];
			double with = (p->birth - mother->birth) / YEAR_DAYS, his = (p->birth - father->birth) / YEAR_DAYS;
			/* not a parent of one's own husband or wife */
			bool shared = p->spouse != NOBODY && n->people[p->spouse].father == f;
			if (with < 19 || with > 40 || his < 20 || his > 55 || shared || father->father == i)
				continue;
			p->father = f;
			p->mother = father->spouse;
			break;
		}
	}
}

static void build_deaths(struct nation *n)
{
	for (uint32_t i = 0; i < n->npeople; i++) {
		struct person *p = &n->people[i];
		struct draw d = nation_draw(n, STREAM_PERSON, i);
		int age = age_on(p->birth, DEMO_TODAY);
		unsigned share = age < 1 ? 60 : age < 40 ? 25 : age < 60 ? 110 : age < 75 ? 500 : 1900;
		/* a household keeps its first member */
		if (!draw_chance(&d, share) || n->households[p->household].count == 1)
			continue;
		int32_t since = p->birth + 1 > DEMO_TODAY - 2000 ? p->birth + 1 : DEMO_TODAY - 2000;
		p->death = (int32_t)draw_between(&d, since, DEMO_TODAY - 3);
		if (p->spouse != NOBODY && !n->people[p->spouse].death)
			n->people[p->spouse].marital = MARITAL_WIDOWED;
	}
}

/* Serials run through a permutation of the six digits within each (province, century and sex, year). */
static void build_serials(struct nation *n)
{
	uint32_t *next = must_alloc((size_t)FORMER_MAX * 400, sizeof(*next));
	for (uint32_t i = 0; i < n->npeople; i++) {
		struct person *p = &n->people[i];
		int year = day_year(p->birth);
		size_t group = ((size_t)p->former * 4 + (size_t)(year >= 2000) * 2 + p->female) * 100 + (size_t)(year % 100);
		p->serial = (uint32_t)draw_permute(next[group]++, 1000000, draw_mix(n->seed + group) % 1000000);
	}
	free(next);
}

int tax_check_digit(const char *nine)
{
	static const int weights[9] = {31, 29, 23, 19, 17, 13, 7, 5, 3};
	int sum = 0;
	for (int i = 0; i < 9; i++)
		sum += (nine[i] - '0') * weights[i];
	int digit = 10 - sum % 11;
	return digit == 10 ? -1 : digit;
}

static void build_enterprises(struct nation *n)
{
	n->nenterprises = n->npeople / 80 + (uint32_t)n->nprovinces;
	n->enterprises = must_alloc(n->nenterprises, sizeof(*n->enterprises));
	uint32_t serial = 0;
	for (uint32_t e = 0; e < n->nenterprises; e++) {
		struct draw d = nation_draw(n, STREAM_ENTERPRISE, e);
		struct enterprise *x = &n->enterprises[e];
		/* one in every province first, so that each has an employer */
		x->province = (uint8_t)(e < n->nprovinces ? e : draw_province(n, &d, true));
		x->commune = draw_commune(n, &d, x->province);
		int digit;
		do {
			snprintf(x->code, sizeof(x->code), "%s%07u", n->provinces[x->province].code, (unsigned)(100000 + serial++) % 10000000);
			digit = tax_check_digit(x->code);
		} while (digit < 0);
		x->code[9] = (char)('0' + digit);
		x->code[10] = '\0';
		x->form = (uint8_t)(draw_chance(&d, 4200) ? 0 : draw_chance(&d, 6500) ? 1 : draw_chance(&d, 7500) ? 2 : draw_chance(&d, 9600) ? 3 : 4);
		x->industry = (uint16_t)draw_skewed(&d, n->nindustries);
		x->founded = (int32_t)(DEMO_TODAY - 60 - (int32_t)draw_skewed(&d, 9000));
		for (int try = 0; try < 200; try++) {
			x->owner = (uint32_t)draw_below(&d, n->npeople);
			int age = age_on(n->people[x->owner].birth, x->founded);
			if (age >= 20 && age < 65 && !n->people[x->owner].death &&
				(n->households[n->people[x->owner].household].province == x->province || try > 120))
				break;
		}
	}
	for (size_t k = 0; k < n->nprovinces; k++) {
		struct province *p = &n->provinces[k];
		for (int pass = 0; pass < 2; pass++) {
			p->nenterprises = 0;
			for (uint32_t e = 0; e < n->nenterprises; e++) {
				if (n->enterprises[e].province != k)
					continue;
				if (pass)
					p->enterprises[p->nenterprises] = e;
				p->nenterprises++;
			}
			if (!pass)
				p->enterprises = must_alloc(p->nenterprises, sizeof(*p->enterprises));
		}
	}
}

static void build_facilities(struct nation *n)
{
	n->first_facility = must_alloc(n->nprovinces + 1, sizeof(*n->first_facility));
	n->facilities = must_alloc(n->npeople / 400 + n->nprovinces * 3 + 1, sizeof(*n->facilities));
	uint64_t total = 0;
	for (size_t k = 0; k < n->nprovinces; k++)
		total += n->provinces[k].weight;
	for (size_t k = 0; k < n->nprovinces; k++) {
		n->first_facility[k] = n->nfacilities;
		uint32_t count = 2 + (uint32_t)((uint64_t)n->npeople / 500 * n->provinces[k].weight / total);
		for (uint32_t i = 0; i < count; i++) {
			struct draw d = nation_draw(n, STREAM_FACILITY, k * 100000 + i);
			struct facility *f = &n->facilities[n->nfacilities++];
			f->province = (uint8_t)k;
			f->commune = draw_commune(n, &d, (unsigned)k);
			f->level = i == 0 ? 1 : i % 12 == 1 ? 2 : i % 3 == 0 ? 1 : 0;
			snprintf(f->code, sizeof(f->code), "%s%03u", n->provinces[k].code, (unsigned)(i + 1) % 1000);
		}
	}
	n->first_facility[n->nprovinces] = n->nfacilities;
}

void nation_build(struct nation *n, uint32_t people, uint64_t seed)
{
	*n = (struct nation){.seed = seed, .npeople = people};
	build_units(n);
	build_codes(n);
	build_households(n);
	link_parents(n);
	build_deaths(n);
	build_serials(n);
	build_enterprises(n);
	build_facilities(n);
}

void nation_release(struct nation *n)
{
	for (size_t k = 0; k < n->nprovinces; k++)
		free(n->provinces[k].enterprises);
	free(n->first_facility);
	free(n->facilities);
	free(n->enterprises);
	free(n->households);
	free(n->people);
	free(n->communes);
	free(n->provinces);
	*n = (struct nation){0};
}
