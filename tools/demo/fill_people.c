/*
 * The registers of people: population, identity cards, residence, civil status, and the provincial
 * register of Hải Phòng, which is not one of the national databases but what a province keeps for itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/demo/fill.h"
#include "tools/demo/names.h"

static void cell_code(struct fill *f, unsigned code)
{
	if (code)
		cell_format(f, "%02u", code);
	else
		cell_null(f);
}

static const char *const marital_names[] = {"single", "married", "widowed", "divorced"};

static void cell_native_place(struct fill *f, uint32_t p)
{
	const struct nation *n = f->nation;
	for (int depth = 0; depth < 4 && n->people[p].father != NOBODY; depth++)
		p = n->people[p].father;
	cell_text(f, n->formers[n->people[p].former].name);
}

/* The commune where someone lives now who is registered elsewhere. */
static bool lives_elsewhere(const struct nation *n, uint32_t p, uint16_t *commune)
{
	struct draw d = nation_draw(n, STREAM_RESIDENCE, p);
	int age = person_age(&n->people[p]);
	if (n->people[p].death || age < 18 || age > 45 || !draw_chance(&d, 900))
		return false;
	/* mostly to the big cities */
	static const char *const cities[] = {"01", "79", "75", "24", "31", "48"};
	const char *to = cities[draw_skewed(&d, ARRAY_LEN(cities))];
	for (size_t k = 0; k < n->nprovinces; k++)
		if (strcmp(n->provinces[k].code, to) == 0)
			*commune = (uint16_t)(n->provinces[k].first_commune + draw_below(&d, n->provinces[k].ncommunes));
	return true;
}

static bool population_row(struct fill *f, uint32_t p)
{
	const struct nation *n = f->nation;
	const struct person *x = &n->people[p];
	const struct household *h = &n->households[x->household];
	struct draw d = nation_draw(n, STREAM_POPULATION, p);
	char text[256];
	uint16_t current = h->commune;
	bool moved = lives_elsewhere(n, p, &current), stale = x->death && dirt_hits(f, DIRT_POPULATION_STALE_DEATH, p);
	cell_person(f, p);
	cell_name_dirty(f, p, DIRT_POPULATION_NFD_NAME, p);
	if (draw_chance(&d, 200))
		cell_name(f, (uint32_t)draw_below(&d, n->npeople));
	else
		cell_null(f);
	cell_text(f, x->female ? "Nữ" : "Nam");
	cell_date(f, x->birth);
	cell_text(f, n->formers[x->former].code);
	cell_native_place(f, p);
	if (dirt_hits(f, DIRT_POPULATION_MISSING_ETHNICITY, p))
		cell_null(f);
	else
		cell_code(f, x->ethnicity);
	cell_code(f, x->religion);
	cell_text(f, "VN");
	uint64_t blood = draw_below(&d, 100);
	cell_text(f, draw_chance(&d, 5500) ? NULL : blood < 43 ? "O" : blood < 73 ? "B" : blood < 94 ? "A" : "AB");
	cell_text(f, marital_names[x->marital]);
	cell_person(f, x->father);
	cell_name(f, x->father);
	cell_person(f, x->mother);
	cell_name(f, x->mother);
	cell_person(f, x->spouse);
	cell_text(f, person_old_id(n, p, text) ? text : NULL);
	cell_text(f, n->provinces[h->province].code);
	cell_text(f, n->communes[h->commune].code);
	household_address(n, x->household, text, sizeof(text));
	cell_text(f, text);
	cell_text(f, n->provinces[n->communes[current].province].code);
	cell_text(f, n->communes[current].code);
	household_no(x->household, text);
	cell_text(f, text);
	cell_text(f, relation_names[x->relation]);
	cell_text(f, x->death && !stale ? "deceased" : draw_chance(&d, 3) && !x->death ? "missing" : "alive");
	cell_date(f, stale ? 0 : x->death);
	cell_text(f, person_phone(n, p, text) ? text : NULL);
	int32_t updated = moved ? DEMO_TODAY - (int32_t)draw_below(&d, 400) : DEMO_TODAY - 30 - (int32_t)draw_skewed(&d, 1500);
	if (x->birth > updated)
		updated = x->birth;
	cell_int(f, 1 + (int64_t)draw_skewed(&d, 6));
	cell_timestamp(f, updated, (unsigned)draw_below(&d, 36000) + 28800);
	return row_end(f);
}

bool fill_population(struct fill *f)
{
	if (!fill_begin(f, "person"))
		return false;
	for (uint32_t p = 0; p < f->nation->npeople; p++)
		if (!population_row(f, p))
			return false;
	return fill_end(f);
}

bool fill_citizen_identity(struct fill *f)
{
	const struct nation *n = f->nation;
	if (!fill_begin(f, "card"))
		return false;
	for (uint32_t p = 0; p < n->npeople; p++) {
		const struct person *x = &n->people[p];
		struct draw d = nation_draw(n, STREAM_CARD, p);
		int age = person_age(x);
		char old[10];
		if (x->death || (age < 14 && !draw_chance(&d, 2500)) || draw_chance(&d, 200))
			continue;
		int32_t earliest = age < 14 ? day_from_civil(2024, 7, 1) : day_from_civil(2021, 1, 1);
		if (x->birth + 5120 > earliest && age >= 14)
			earliest = x->birth + 5120;
		if (x->birth > earliest)
			earliest = x->birth;
		if (earliest > DEMO_TODAY - 5)
			earliest = DEMO_TODAY - 5;
		int32_t issued = (int32_t)draw_between(&d, earliest, DEMO_TODAY - 2);
		int y, m, day, at = age_on(x->birth, issued), until = at < 14 ? 14 : at < 23 ? 25 : at < 38 ? 40 : at < 58 ? 60 : 0;
		day_to_civil(x->birth, &y, &m, &day);
		int32_t expires = until ? day_from_civil(y + until, m, m == 2 && day == 29 ? 28 : day) : 0;
		cell_format(f, "%s%09u", issued >= day_from_civil(2024, 7, 1) ? "CC" : "VN", (unsigned)draw_permute(p, 1000000000, 77) % 1000000000);
		cell_person(f, p);
		cell_name_dirty(f, p, DIRT_IDENTITY_NFD_NAME, p);
		cell_text(f, issued >= day_from_civil(2024, 7, 1) ? "CC" : "CCCD");
		cell_date(f, issued);
		cell_date(f, expires);
		cell_text(f, issued >= day_from_civil(2024, 7, 1) ? "Bộ Công an" : "Cục Cảnh sát quản lý hành chính về trật tự xã hội");
		cell_text(f, person_old_id(n, p, old) ? old : NULL);
		cell_bool(f, at >= 6);
		cell_bool(f, at >= 6 && issued >= day_from_civil(2024, 7, 1));
		cell_text(f, expires && expires < DEMO_TODAY ? "expired" : draw_chance(&d, 60) ? "lost" : "valid");
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

static bool residence_households(struct fill *f)
{
	const struct nation *n = f->nation;
	char text[256];
	for (uint32_t h = 0; h < n->nhouseholds; h++) {
		const struct household *x = &n->households[h];
		struct draw d = nation_draw(n, STREAM_RESIDENCE, (uint64_t)h + (1ull << 40));
		uint32_t living = 0;
		for (uint32_t p = x->first; p < x->first + x->count; p++)
			living += !n->people[p].death;
		household_no(h, text);
		cell_text(f, text);
		cell_person(f, household_head(n, h));
		cell_name(f, household_head(n, h));
		cell_text(f, n->provinces[x->province].code);
		cell_text(f, n->communes[x->commune].code);
		household_address(n, h, text, sizeof(text));
		cell_text(f, text);
		cell_int(f, living);
		int32_t registered = DEMO_TODAY - 100 - (int32_t)draw_skewed(&d, 9000);
		cell_date(f, registered);
		cell_date(f, (int32_t)draw_between(&d, registered, DEMO_TODAY - 1));
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

static bool residence_members(struct fill *f)
{
	const struct nation *n = f->nation;
	char text[16];
	for (uint32_t p = 0; p < n->npeople; p++) {
		const struct person *x = &n->people[p];
		struct draw d = nation_draw(n, STREAM_RESIDENCE, (uint64_t)p + (2ull << 40));
		if (x->death && !dirt_hits(f, DIRT_RESIDENCE_STALE_MEMBER, p))
			continue;
		cell_int(f, (int64_t)p + 1);
		household_no(x->household, text);
		cell_text(f, text);
		cell_person(f, p);
		cell_text(f, p == household_head(n, x->household) ? relation_names[RELATION_HEAD] : relation_names[x->relation == RELATION_HEAD ? RELATION_OTHER : x->relation]);
		cell_text(f, x->relation == RELATION_OTHER ? "temporary" : "permanent");
		int32_t from = x->birth > DEMO_TODAY - 9000 ? x->birth : DEMO_TODAY - 9000 + (int32_t)draw_below(&d, 8000);
		cell_date(f, from);
		cell_null(f);
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

static bool residence_temporary(struct fill *f)
{
	static const char *const reasons[] = {"work", "study", "family", "treatment"};
	const struct nation *n = f->nation;
	int64_t record = 0;
	for (uint32_t p = 0; p < n->npeople; p++) {
		uint16_t commune;
		if (!lives_elsewhere(n, p, &commune))
			continue;
		struct draw d = nation_draw(n, STREAM_RESIDENCE, (uint64_t)p + (3ull << 40));
		int32_t from = DEMO_TODAY - 10 - (int32_t)draw_below(&d, 720);
		cell_int(f, ++record);
		cell_person(f, p);
		cell_text(f, n->provinces[n->communes[commune].province].code);
		cell_text(f, n->communes[commune].code);
		cell_format(f, "Nhà trọ số %u, %s", (unsigned)draw_below(&d, 300) + 1, n->communes[commune].name);
		cell_text(f, reasons[draw_skewed(&d, ARRAY_LEN(reasons))]);
		cell_date(f, from);
		cell_date(f, from + 730);
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

bool fill_residence(struct fill *f)
{
	return fill_begin(f, "household") && residence_households(f) && fill_begin(f, "member") && residence_members(f) &&
		   fill_begin(f, "temporary_residence") && residence_temporary(f);
}

/* The electronic register began in 2016. */
static bool civil_births(struct fill *f)
{
	const struct nation *n = f->nation;
	int32_t since = day_from_civil(2016, 1, 1);
	for (uint32_t p = 0; p < n->npeople; p++) {
		const struct person *x = &n->people[p];
		if (x->birth < since)
			continue;
		struct draw d = nation_draw(n, STREAM_CIVIL, p);
		uint16_t commune = n->households[x->household].commune;
		int32_t registered = x->birth + 3 + (int32_t)draw_skewed(&d, 90);
		cell_format(f, "KS%d-%07u", day_year(x->birth), p % 10000000);
		cell_person(f, p);
		cell_name(f, p);
		cell_text(f, x->female ? "Nữ" : "Nam");
		cell_date(f, x->birth);
		cell_format(f, "Bệnh viện đa khoa %s", n->formers[x->former].name);
		cell_native_place(f, p);
		cell_code(f, x->ethnicity);
		cell_person(f, x->father);
		cell_name(f, x->father);
		cell_person(f, x->mother);
		cell_name(f, x->mother);
		cell_date(f, registered > DEMO_TODAY ? DEMO_TODAY : registered);
		cell_text(f, n->communes[commune].code);
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

static bool civil_marriages(struct fill *f)
{
	const struct nation *n = f->nation;
	int32_t since = day_from_civil(1990, 1, 1);
	for (uint32_t p = 0; p < n->npeople; p++) {
		const struct person *x = &n->people[p];
		if (x->female || x->spouse == NOBODY || x->married < since)
			continue;
		cell_format(f, "KH%d-%07u", day_year(x->married), p % 10000000);
		cell_person(f, p);
		cell_name(f, p);
		cell_person(f, x->spouse);
		cell_name(f, x->spouse);
		cell_date(f, x->married);
		cell_text(f, n->communes[n->households[x->household].commune].code);
		cell_text(f, "valid");
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

static bool civil_deaths(struct fill *f)
{
	static const char *const causes[] = {"I63.9", "I21.9", "J44.9", "C34.9", "C22.0", "I50.9", "E11.9", "J18.9", "N18.9", "X59"};
	const struct nation *n = f->nation;
	for (uint32_t p = 0; p < n->npeople; p++) {
		const struct person *x = &n->people[p];
		if (!x->death)
			continue;
		struct draw d = nation_draw(n, STREAM_CIVIL, (uint64_t)p + (1ull << 40));
		int32_t registered = x->death + 1 + (int32_t)draw_skewed(&d, 30);
		cell_format(f, "KT%d-%07u", day_year(x->death), p % 10000000);
		cell_person(f, p);
		cell_name(f, p);
		cell_date(f, x->death);
		cell_text(f, draw_chance(&d, 4500) ? NULL : causes[draw_skewed(&d, ARRAY_LEN(causes))]);
		cell_date(f, registered > DEMO_TODAY ? DEMO_TODAY : registered);
		cell_text(f, n->communes[n->households[x->household].commune].code);
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

bool fill_civil_status(struct fill *f)
{
	return fill_begin(f, "birth") && civil_births(f) && fill_begin(f, "marriage") && civil_marriages(f) &&
		   fill_begin(f, "death") && civil_deaths(f);
}

static bool provincial_resident(struct fill *f, uint32_t p, int64_t record, bool twice)
{
	const struct nation *n = f->nation;
	const struct person *x = &n->people[p];
	const struct household *h = &n->households[x->household];
	struct draw d = nation_draw(n, STREAM_PROVINCIAL, (uint64_t)record), of_household = nation_draw(n, STREAM_PROVINCIAL, (uint64_t)x->household + (1ull << 40));
	char id[13], text[256];
	uint64_t class = draw_below(&of_household, 1000);
	person_id(n, p, id);
	cell_int(f, record);
	/* a second entry of a person keeps the id: that is how it can be found */
	if (!twice && dirt_hits(f, DIRT_PROVINCIAL_SHORT_ID, (uint64_t)record))
		cell_text(f, id + strspn(id, "0"));
	else
		cell_text(f, id);
	cell_name_dirty(f, p, DIRT_PROVINCIAL_NFD_NAME, (uint64_t)record);
	cell_text(f, x->female ? "Nữ" : "Nam");
	cell_date(f, x->birth);
	cell_text(f, n->communes[h->commune].code);
	household_address(n, x->household, text, sizeof(text));
	cell_text(f, text);
	cell_text(f, person_phone(n, p, text) ? text : NULL);
	cell_text(f, class < 18 ? "poor" : class < 50 ? "near_poor" : "normal");
	bool stale = dirt_hits(f, DIRT_PROVINCIAL_STALE, (uint64_t)record);
	int32_t merger = day_from_civil(2025, 7, 1), updated = stale ? merger - 1 - (int32_t)draw_below(&d, 1400) : merger + (int32_t)draw_below(&d, (uint64_t)(DEMO_TODAY - merger));
	cell_date(f, updated);
	return row_end(f);
}

bool fill_hai_phong(struct fill *f)
{
	static const char *const kinds[] = {"tết", "nhà ở", "học phí", "bảo hiểm y tế", "tiền điện"};
	const struct nation *n = f->nation;
	int64_t record = 0, support = 0;
	if (!fill_begin(f, "resident"))
		return false;
	for (uint32_t p = 0; p < n->npeople; p++) {
		if (n->people[p].death || strcmp(n->provinces[n->households[n->people[p].household].province].code, "31") != 0)
			continue;
		bool twice = dirt_hits(f, DIRT_PROVINCIAL_DUPLICATE, p);
		if (!provincial_resident(f, p, ++record, twice) || (twice && !provincial_resident(f, p, ++record, twice)))
			return false;
	}
	if (!fill_end(f) || !fill_begin(f, "household_support"))
		return false;
	for (uint32_t h = 0; h < n->nhouseholds; h++) {
		struct draw d = nation_draw(n, STREAM_PROVINCIAL, (uint64_t)h + (1ull << 40));
		if (strcmp(n->provinces[n->households[h].province].code, "31") != 0 || draw_below(&d, 1000) >= 50)
			continue;
		for (unsigned i = 0, count = 1 + (unsigned)draw_below(&d, 4); i < count; i++) {
			cell_int(f, ++support);
			cell_person(f, household_head(n, h));
			cell_int(f, 2025 + (int64_t)draw_below(&d, 2));
			cell_text(f, kinds[draw_below(&d, ARRAY_LEN(kinds))]);
			cell_int(f, (int64_t)draw_between(&d, 2, 60) * 100000);
			if (!row_end(f))
				return false;
		}
	}
	return fill_end(f);
}
