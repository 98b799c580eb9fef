/*
 * Insurance and health: participants with twelve months of contributions, health insurance cards,
 * benefits; facilities, practitioners, diseases; visits with prescriptions.
 */
#include <stdio.h>
#include <string.h>

#include "tools/demo/fill.h"
#include "tools/demo/names.h"

static int64_t round_to(int64_t v, int64_t unit) { return v / unit * unit; }

/* Insured monthly salary of a person in work. */
static int64_t person_salary(const struct nation *n, uint32_t p)
{
	struct draw d = nation_draw(n, STREAM_CONTRIBUTION, p);
	int age = person_age(&n->people[p]);
	int64_t base = 4960000 + (int64_t)draw_skewed(&d, 14000000) + (age > 30 ? 1500000 : 0);
	if (draw_chance(&d, 500))
		base *= 3;
	return round_to(base, 10000);
}

struct participant {
	const char *kind, *status;
	const char *employer; /* tax code or NULL */
	int32_t joined;
};

static bool person_participates(const struct nation *n, uint32_t p, struct participant *x)
{
	struct draw d = nation_draw(n, STREAM_INSURANCE, p);
	enum job job = person_job(n, p);
	int32_t adult = n->people[p].birth + 6700 + (int32_t)draw_below(&d, 2500);
	*x = (struct participant){.status = "active", .joined = adult > DEMO_TODAY - 40 ? DEMO_TODAY - 40 : adult};
	switch (job) {
	case JOB_WORKER:
	{
		const struct enterprise *e = &n->enterprises[person_employer(n, p)];
		x->kind = "compulsory";
		x->employer = e->code;
		if (x->joined < e->founded)
			x->joined = e->founded;
		if (draw_chance(&d, 600))
			x->status = "suspended";
		return true;
	}
	case JOB_SERVANT: case JOB_TEACHER: case JOB_HEALTH:
		x->kind = "compulsory";
		return true;
	case JOB_PENSIONER:
		x->kind = "pension";
		return true;
	case JOB_INFORMAL:
		x->kind = "voluntary";
		return draw_chance(&d, 1100);
	case JOB_NONE:
		x->kind = "compulsory"; /* left the scheme, or died */
		x->status = "closed";
		return draw_chance(&d, 1200);
	case JOB_CHILD:
		return false;
	}
	return false;
}

/* Whoever is entered twice has the right id both times: that is how it can be found. */
static bool participant_row(struct fill *f, uint32_t p, const struct participant *x, bool twice, bool second)
{
	const struct nation *n = f->nation;
	struct draw d = nation_draw(n, STREAM_INSURANCE, (uint64_t)p + (1ull << 40));
	char no[11], id[13];
	person_insurance_no(n, p, no);
	if (second) /* serials are below 80,000,000: nobody's first number has a 9 there */
		no[2] = '9';
	person_id(n, p, id);
	cell_text(f, no);
	if (!twice && dirt_hits(f, DIRT_INSURANCE_MISSING_ID, p))
		cell_null(f);
	else
		cell_text(f, !twice && dirt_hits(f, DIRT_INSURANCE_SHORT_ID, p) ? id + strspn(id, "0") : id);
	cell_name_dirty(f, p, DIRT_INSURANCE_NFD_NAME, second ? p + (1ull << 40) : p);
	cell_text(f, n->people[p].female ? "Nữ" : "Nam");
	cell_date(f, n->people[p].birth);
	cell_text(f, x->employer);
	cell_text(f, x->kind);
	cell_date(f, x->joined);
	cell_text(f, second ? "suspended" : x->status);
	cell_text(f, n->provinces[n->households[n->people[p].household].province].code);
	cell_date(f, DEMO_TODAY - (int32_t)draw_skewed(&d, 700));
	return row_end(f);
}

static bool participants(struct fill *f)
{
	struct participant x;
	for (uint32_t p = 0; p < f->nation->npeople; p++) {
		if (!person_participates(f->nation, p, &x))
			continue;
		bool twice = dirt_hits(f, DIRT_INSURANCE_DUPLICATE, p);
		if (!participant_row(f, p, &x, twice, false) || (twice && !participant_row(f, p, &x, twice, true)))
			return false;
	}
	return fill_end(f);
}

/* Twelve months up to June 2026. */
static bool contributions(struct fill *f)
{
	const struct nation *n = f->nation;
	struct participant x;
	char no[11];
	for (uint32_t p = 0; p < n->npeople; p++) {
		if (!person_participates(n, p, &x) || strcmp(x.kind, "compulsory") != 0 || strcmp(x.status, "closed") == 0)
			continue;
		struct draw d = nation_draw(n, STREAM_CONTRIBUTION, (uint64_t)p + (1ull << 40));
		int64_t salary = person_salary(n, p);
		person_insurance_no(n, p, no);
		for (int m = 0; m < 12; m++) {
			int32_t month = day_from_civil(m < 6 ? 2025 : 2026, m < 6 ? m + 7 : m - 5, 1);
			if (month < x.joined || (x.status[0] == 's' && m > 7) || draw_chance(&d, 250))
				continue;
			int64_t pay = m >= 6 ? round_to(salary * 106 / 100, 1000) : salary; /* raised in January */
			cell_text(f, no);
			cell_date(f, month);
			cell_text(f, x.employer);
			cell_int(f, pay);
			cell_int(f, pay * 255 / 1000);
			cell_int(f, pay * 45 / 1000);
			cell_int(f, pay * 20 / 1000);
			cell_date(f, m == 11 && draw_chance(&d, 1500) ? 0 : month + 24 + (int32_t)draw_skewed(&d, 5));
			if (!row_end(f))
				return false;
		}
	}
	return fill_end(f);
}

bool person_health_card(const struct nation *n, uint32_t p, struct health_card *c)
{
	struct draw d = nation_draw(n, STREAM_HEALTH_CARD, p);
	const struct person *x = &n->people[p];
	int age = person_age(x);
	if (x->death || draw_chance(&d, 650))
		return false;
	enum job job = person_job(n, p);
	uint64_t roll = draw_below(&d, 100);
	c->group = age < 6 ? "TE" : age < 18 ? "HS" : job == JOB_WORKER || job == JOB_SERVANT || job == JOB_TEACHER || job == JOB_HEALTH ? "DN"
			   : job == JOB_PENSIONER ? "HT" : age >= 80 || roll < 3 ? "BT" : roll < 8 ? "HN" : "GD";
	c->percent = age < 6 || c->group[0] == 'B' || (c->group[0] == 'H' && c->group[1] == 'N') ? 100 : c->group[0] == 'H' && c->group[1] == 'T' ? 95 : 80;
	unsigned province = n->households[x->household].province;
	c->facility = nation_pick_facility(n, &d, province);
	int32_t year = day_from_civil(2026, 1, 1);
	c->from = strcmp(c->group, "GD") == 0 ? year - 180 + (int32_t)draw_below(&d, 330) : x->birth > year ? x->birth : year;
	if (c->from > DEMO_TODAY)
		c->from = DEMO_TODAY;
	c->until = strcmp(c->group, "TE") == 0 ? x->birth + 2191 : strcmp(c->group, "GD") == 0 ? c->from + 364 : day_from_civil(2026, 12, 31);
	char no[11];
	person_insurance_no(n, p, no);
	snprintf(c->number, sizeof(c->number), "%.2s%c%.2s%.10s", c->group, c->percent == 100 ? '1' : c->percent == 95 ? '3' : '4', n->provinces[province].code, no);
	return true;
}

static bool health_cards(struct fill *f)
{
	const struct nation *n = f->nation;
	struct health_card c;
	char no[11];
	for (uint32_t p = 0; p < n->npeople; p++) {
		if (!person_health_card(n, p, &c))
			continue;
		person_insurance_no(n, p, no);
		cell_text(f, c.number);
		cell_text(f, no);
		cell_person(f, dirt_hits(f, DIRT_HEALTH_CARD_MISSING_ID, p) ? NOBODY : p);
		cell_text(f, c.group);
		cell_int(f, c.percent);
		cell_text(f, n->facilities[c.facility].code);
		cell_date(f, c.from);
		cell_date(f, c.until);
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

static bool benefits(struct fill *f)
{
	const struct nation *n = f->nation;
	struct participant x;
	int64_t claim = 0;
	char no[11];
	for (uint32_t p = 0; p < n->npeople; p++) {
		if (!person_participates(n, p, &x))
			continue;
		struct draw d = nation_draw(n, STREAM_BENEFIT, p);
		bool pension = strcmp(x.kind, "pension") == 0, dead = n->people[p].death != 0;
		if (!pension && !dead && !draw_chance(&d, 1600))
			continue;
		int age = person_age(&n->people[p]);
		const char *kind = pension ? "pension" : dead ? "survivor" : n->people[p].female && age < 40 && draw_chance(&d, 4500) ? "maternity"
						   : draw_chance(&d, 7000) ? "sickness" : "unemployment";
		int64_t amount = pension ? 3500000 + (int64_t)draw_skewed(&d, 9000000) : kind[0] == 'm' ? person_salary(n, p) * 6
						 : kind[0] == 's' && !dead ? person_salary(n, p) / 26 * (int64_t)draw_between(&d, 1, 20) : person_salary(n, p) * 3;
		person_insurance_no(n, p, no);
		for (int m = 0; m < (pension ? 6 : 1); m++) {
			cell_int(f, ++claim);
			cell_text(f, no);
			cell_text(f, kind);
			cell_int(f, round_to(amount, 1000));
			cell_date(f, pension ? day_from_civil(2026, m + 1, 5) : DEMO_TODAY - (int32_t)draw_below(&d, 360) - 1);
			if (!row_end(f))
				return false;
		}
	}
	return fill_end(f);
}

bool fill_insurance(struct fill *f)
{
	return fill_begin(f, "participant") && participants(f) && fill_begin(f, "contribution") && contributions(f) &&
		   fill_begin(f, "health_card") && health_cards(f) && fill_begin(f, "benefit") && benefits(f);
}

static bool facilities(struct fill *f)
{
	static const char *const levels[] = {"commune", "basic", "specialised"};
	const struct nation *n = f->nation;
	for (uint32_t i = 0; i < n->nfacilities; i++) {
		const struct facility *x = &n->facilities[i];
		struct draw d = nation_draw(n, STREAM_FACILITY, i + (1ull << 40));
		const char *commune = n->communes[x->commune].name, *province = n->provinces[x->province].name;
		bool private = x->level == 1 && i != n->first_facility[x->province] && draw_chance(&d, 3000);
		cell_text(f, x->code);
		if (x->level == 0)
			cell_format(f, "Trạm y tế %s", commune);
		else if (x->level == 2)
			cell_format(f, "Bệnh viện chuyên khoa %s", province);
		else if (i == n->first_facility[x->province])
			cell_format(f, "Bệnh viện đa khoa %s", province);
		else
			cell_format(f, private ? "Bệnh viện tư nhân %s" : "Trung tâm y tế %s", commune);
		cell_text(f, levels[x->level]);
		cell_text(f, private ? "private" : "public");
		cell_text(f, n->provinces[x->province].code);
		cell_text(f, n->communes[x->commune].code);
		cell_int(f, x->level == 0 ? 5 : 60 + (int64_t)draw_skewed(&d, 1500));
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

static bool diseases(struct fill *f)
{
	const struct nation *n = f->nation;
	for (size_t i = 0; i < n->ndiseases; i++) {
		const struct vietnam_code *x = &n->diseases[i];
		const char *slash = strchr(x->extra, '/');
		cell_text(f, x->code);
		cell_text(f, x->label_vi);
		cell_text(f, x->label_en);
		cell_format(f, "%.*s", (int)(slash ? slash - x->extra : (ptrdiff_t)strlen(x->extra)), x->extra);
		cell_text(f, slash ? slash + 1 : NULL);
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

static bool practitioners(struct fill *f)
{
	static const char *const professions[] = {"nurse", "doctor", "technician", "midwife"};
	const struct nation *n = f->nation;
	for (uint32_t p = 0; p < n->npeople; p++) {
		if (person_job(n, p) != JOB_HEALTH)
			continue;
		struct draw d = nation_draw(n, STREAM_FACILITY, p + (2ull << 40));
		unsigned province = n->households[n->people[p].household].province;
		int32_t issued = n->people[p].birth + 8700 + (int32_t)draw_below(&d, 2000);
		cell_format(f, "%07u/%s-GPHN", (unsigned)(p + 1) % 10000000, n->provinces[province].code);
		cell_person(f, p);
		cell_name(f, p);
		cell_text(f, n->facilities[nation_pick_facility(n, &d, province)].code);
		cell_text(f, professions[draw_skewed(&d, ARRAY_LEN(professions))]);
		cell_date(f, issued > DEMO_TODAY ? DEMO_TODAY - 20 : issued);
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

bool fill_health_national(struct fill *f)
{
	return fill_begin(f, "facility") && facilities(f) && fill_begin(f, "disease") && diseases(f) &&
		   fill_begin(f, "practitioner") && practitioners(f);
}

static unsigned visit_count(struct draw *d, int age)
{
	unsigned mean = age < 6 ? 20 : age < 18 ? 7 : age < 45 ? 8 : age < 65 ? 14 : 26; /* tenths */
	unsigned count = 0;
	for (unsigned i = 0; i < 8; i++)
		count += draw_chance(d, mean * 125);
	return count;
}

/* Some diagnoses belong to an age or a sex. */
static const char *draw_disease(const struct nation *n, struct draw *d, int age, bool female)
{
	for (;;) {
		const char *code = n->diseases[draw_skewed(d, draw_chance(d, 7000) ? n->ndiseases / 2 : n->ndiseases)].code;
		bool old = strchr("IECMN", code[0]) || strcmp(code, "H25.9") == 0, birth = code[0] == 'O', infant = code[0] == 'P';
		if (!(old && age < 35 && code[1] != '6') && !(birth && (!female || age < 18 || age > 45)) && !(infant && age > 0) &&
			!(strcmp(code, "B08.4") == 0 && age > 8) && !(strcmp(code, "C50.9") == 0 && !female) && strcmp(code, "A00") != 0)
			return code;
	}
}

/* One loop for both tables: the visit's rows are the same in each pass. */
static bool visits(struct fill *f, bool prescriptions)
{
	static const struct {
		const char *code, *name, *unit;
		int price;
	} drugs[] = {{"PARA500", "Paracetamol 500 mg", "viên", 600}, {"AMOX500", "Amoxicillin 500 mg", "viên", 1500}, {"OMEP20", "Omeprazol 20 mg", "viên", 1900},
		{"AMLO5", "Amlodipin 5 mg", "viên", 800}, {"METF850", "Metformin 850 mg", "viên", 1100}, {"ATOR20", "Atorvastatin 20 mg", "viên", 2600},
		{"IBUP400", "Ibuprofen 400 mg", "viên", 1300}, {"CETI10", "Cetirizin 10 mg", "viên", 900}, {"SALB", "Salbutamol khí dung", "ống", 9500},
		{"ORS", "Oresol", "gói", 2200}, {"VITC", "Vitamin C 500 mg", "viên", 500}, {"INSU", "Insulin 100 IU/ml", "lọ", 152000}};
	static const char *const outcomes[] = {"recovered", "improved", "unchanged", "transferred"};
	const struct nation *n = f->nation;
	int64_t visit = 0;
	for (uint32_t p = 0; p < n->npeople; p++) {
		const struct person *x = &n->people[p];
		struct draw d = nation_draw(n, STREAM_VISIT, p);
		struct health_card card;
		bool insured = person_health_card(n, p, &card);
		int age = person_age(x);
		unsigned count = visit_count(&d, age);
		for (unsigned i = 0; i < count; i++) {
			struct draw v = nation_draw(n, STREAM_VISIT, (uint64_t)p * 16 + i + (1ull << 44));
			bool inpatient = draw_chance(&v, age > 60 ? 2200 : 1200);
			int32_t last = x->death ? x->death : DEMO_TODAY - 1, day = last - (int32_t)draw_below(&v, 365), stay = inpatient ? 1 + (int32_t)draw_skewed(&v, 15) : 0;
			unsigned minute = 25200 + (unsigned)draw_below(&v, 33000);
			if (day < x->birth)
				day = x->birth;
			unsigned lines = 1 + (unsigned)draw_below(&v, 3);
			visit++;
			if (prescriptions) {
				for (unsigned k = 0; k < lines; k++) {
					const size_t drug = draw_skewed(&v, ARRAY_LEN(drugs));
					int64_t quantity = drugs[drug].price > 5000 ? 1 + (int64_t)draw_below(&v, 3) : 10 + 10 * (int64_t)draw_below(&v, 5);
					cell_int(f, visit);
					cell_int(f, k + 1);
					cell_text(f, drugs[drug].code);
					cell_text(f, drugs[drug].name);
					cell_int(f, quantity);
					cell_text(f, drugs[drug].unit);
					cell_int(f, quantity * drugs[drug].price);
					if (!row_end(f))
						return false;
				}
				continue;
			}
			bool by_card = insured && !draw_chance(&v, 1200);
			int64_t cost = round_to(inpatient ? 900000 + (int64_t)draw_skewed(&v, 2500000) * stay : 90000 + (int64_t)draw_skewed(&v, 900000), 1000);
			uint32_t at = insured && !draw_chance(&v, 2500) ? card.facility : nation_pick_facility(n, &v, n->households[x->household].province);
			cell_int(f, visit);
			cell_person(f, p);
			cell_text(f, by_card ? card.number : NULL);
			cell_text(f, n->facilities[at].code);
			cell_text(f, inpatient ? "inpatient" : "outpatient");
			cell_timestamp(f, day, minute);
			if (day + stay > last && !x->death)
				cell_null(f);
			else
				cell_timestamp(f, day + stay > last ? last : day + stay, minute + 5400);
			cell_text(f, dirt_hits(f, DIRT_VISIT_BAD_DISEASE, (uint64_t)visit) ? "Z99.X" : draw_disease(n, &v, age, x->female));
			cell_text(f, draw_chance(&v, 2200) ? draw_disease(n, &v, age, x->female) : NULL);
			cell_text(f, x->death && day + stay >= last ? "died" : outcomes[draw_skewed(&v, ARRAY_LEN(outcomes))]);
			cell_int(f, cost);
			cell_int(f, by_card ? cost * card.percent / 100 : 0);
			if (!row_end(f))
				return false;
		}
	}
	return fill_end(f);
}

bool fill_medical_examination(struct fill *f)
{
	return fill_begin(f, "visit") && visits(f, false) && fill_begin(f, "prescription") && visits(f, true);
}
