/*
 * What the state does for and with people: schools, civil servants, social assistance; and the
 * reference registers: administrative units and shared code lists.
 */
#include <stdio.h>
#include <string.h>

#include "tools/demo/fill.h"
#include "tools/demo/names.h"

#define SCHOOL_SECTIONS 3

/* Grade in the school year 2025-2026: 0 = kindergarten, 1 … 12; -1 = not at school. */
static int person_grade(const struct nation *n, uint32_t p)
{
	struct draw d = nation_draw(n, STREAM_PUPIL, p);
	int age = 2025 - day_year(n->people[p].birth);
	unsigned share = age < 3 ? 0 : age < 6 ? 8000 : age < 15 ? 9850 : age < 18 ? 8300 : 0;
	if (n->people[p].death || !draw_chance(&d, share))
		return -1;
	return age < 6 ? 0 : age - 5;
}

static unsigned grade_level(int grade) { return grade == 0 ? 0 : grade <= 5 ? 1 : grade <= 9 ? 2 : 3; }

/* Schools of a level in a province: as many as its share of the people asks for, at least one. */
static unsigned school_count(const struct nation *n, unsigned province)
{
	return 1 + (unsigned)((uint64_t)n->npeople * n->provinces[province].weight / 101000 / 4500);
}

static void school_code(const struct nation *n, unsigned province, unsigned level, unsigned number, char out[16])
{
	snprintf(out, 16, "%s%02u%05u", n->provinces[province].code, level + 1, number + 1);
}

static struct draw school_draw(const struct nation *n, unsigned province, unsigned level, unsigned number)
{
	return nation_draw(n, STREAM_SCHOOL, ((uint64_t)province * 4 + level) * 100000 + number);
}

static int64_t class_id(unsigned province, unsigned level, unsigned number, int grade, unsigned section)
{
	return (((int64_t)province * 4 + level) * 100000 + number) * 100 + grade * (int64_t)(SCHOOL_SECTIONS + 1) + section + 1;
}

static bool schools(struct fill *f)
{
	static const char *const kinds[] = {"Trường Mầm non", "Trường Tiểu học", "Trường THCS", "Trường THPT"};
	static const char *const honours[] = {"Kim Đồng", "Nguyễn Du", "Lê Quý Đôn", "Chu Văn An", "Nguyễn Trãi", "Trần Phú", "Hoa Sen", "Lý Tự Trọng"};
	const struct nation *n = f->nation;
	char code[16];
	for (unsigned k = 0; k < n->nprovinces; k++)
		for (unsigned level = 0; level < 4; level++)
			for (unsigned i = 0; i < school_count(n, k); i++) {
				struct draw d = school_draw(n, k, level, i);
				const struct province *at = &n->provinces[k];
				const struct commune *c = &n->communes[at->first_commune + draw_below(&d, at->ncommunes)];
				school_code(n, k, level, i, code);
				cell_text(f, code);
				if (draw_chance(&d, 5000))
					cell_format(f, "%s %s", kinds[level], c->name);
				else
					cell_format(f, "%s %s", kinds[level], honours[draw_below(&d, ARRAY_LEN(honours))]);
				cell_format(f, "%02u", level + 1);
				cell_int(f, draw_chance(&d, 8800) ? 1 : draw_chance(&d, 2000) ? 2 : 3);
				cell_text(f, at->code);
				cell_text(f, c->code);
				if (!row_end(f))
					return false;
			}
	return fill_end(f);
}

static bool classes(struct fill *f)
{
	static const int first[] = {0, 1, 6, 10}, last[] = {0, 5, 9, 12};
	const struct nation *n = f->nation;
	char code[16];
	for (unsigned k = 0; k < n->nprovinces; k++)
		for (unsigned level = 0; level < 4; level++)
			for (unsigned i = 0; i < school_count(n, k); i++)
				for (int grade = first[level]; grade <= last[level]; grade++)
					for (unsigned section = 0; section < SCHOOL_SECTIONS; section++) {
						school_code(n, k, level, i, code);
						cell_int(f, class_id(k, level, i, grade, section));
						cell_text(f, code);
						cell_int(f, grade);
						if (grade)
							cell_format(f, "%d%c", grade, 'A' + (int)section);
						else
							cell_format(f, "Lá %u", section + 1);
						cell_text(f, "2025-2026");
						if (!row_end(f))
							return false;
					}
	return fill_end(f);
}

static bool teachers(struct fill *f)
{
	static const char *const subjects[] = {"Toán", "Ngữ văn", "Tiếng Anh", "Vật lí", "Hóa học", "Sinh học", "Lịch sử", "Địa lí", "Tin học", "Giáo dục thể chất"};
	static const char *const degrees[] = {"bachelor", "college", "master"};
	const struct nation *n = f->nation;
	char code[16];
	for (uint32_t p = 0; p < n->npeople; p++) {
		if (person_job(n, p) != JOB_TEACHER)
			continue;
		struct draw d = nation_draw(n, STREAM_SCHOOL, p + (1ull << 40));
		unsigned province = n->households[n->people[p].household].province, level = (unsigned)draw_below(&d, 4);
		school_code(n, province, level, (unsigned)draw_below(&d, school_count(n, province)), code);
		cell_format(f, "GV%09u", p + 1);
		cell_person(f, p);
		cell_name(f, p);
		cell_text(f, code);
		cell_text(f, level == 0 ? "Mầm non" : subjects[draw_skewed(&d, ARRAY_LEN(subjects))]);
		cell_text(f, degrees[draw_skewed(&d, 3)]);
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

static bool pupils(struct fill *f)
{
	const struct nation *n = f->nation;
	char code[16];
	for (uint32_t p = 0; p < n->npeople; p++) {
		int grade = person_grade(n, p);
		if (grade < 0)
			continue;
		struct draw d = nation_draw(n, STREAM_PUPIL, p + (1ull << 40));
		const struct person *x = &n->people[p];
		unsigned province = n->households[x->household].province, level = grade_level(grade);
		unsigned number = (unsigned)draw_below(&d, school_count(n, province)), section = (unsigned)draw_below(&d, SCHOOL_SECTIONS);
		int age = person_age(x);
		school_code(n, province, level, number, code);
		bool no_id = dirt_hits(f, DIRT_PUPIL_MISSING_ID, p);
		bool wrong = !no_id && dirt_hits(f, DIRT_PUPIL_WRONG_BIRTH, p);
		cell_format(f, "HS%010u", p + 1);
		cell_person(f, no_id ? NOBODY : p);
		cell_name(f, p);
		cell_text(f, x->female ? "Nữ" : "Nam");
		cell_date(f, wrong ? x->birth + (draw_chance(&d, 5000) ? 30 : -1) : x->birth);
		if (x->ethnicity)
			cell_format(f, "%02u", (unsigned)x->ethnicity);
		else
			cell_null(f);
		cell_text(f, code);
		cell_int(f, class_id(province, level, number, grade, section));
		cell_int(f, grade);
		int64_t height = 750 + age * 58 + (int64_t)draw_below(&d, 140) - (age > 15 ? (age - 15) * 40 : 0);
		bool measured = !draw_chance(&d, 600);
		if (measured) {
			cell_decimal(f, height, 1);
			cell_decimal(f, 80 + age * 28 + (int64_t)draw_skewed(&d, 180), 1);
			cell_text(f, draw_chance(&d, 900 + (unsigned)age * 200) ? "myopia" : draw_chance(&d, 200) ? "other" : "normal");
		} else {
			cell_null(f);
			cell_null(f);
			cell_null(f);
		}
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

bool fill_general_education(struct fill *f)
{
	return fill_begin(f, "school") && schools(f) && fill_begin(f, "class") && classes(f) && fill_begin(f, "teacher") && teachers(f) &&
		   fill_begin(f, "pupil") && pupils(f);
}

struct servant {
	char file_code[15];
	const char *kind, *education;
	int32_t recruited;
	unsigned step, coefficient; /* hundredths */
};

static bool person_servant(const struct nation *n, uint32_t p, struct servant *s)
{
	enum job job = person_job(n, p);
	struct draw d = nation_draw(n, STREAM_SERVANT, p);
	if (job != JOB_SERVANT && job != JOB_TEACHER && (job != JOB_HEALTH || draw_chance(&d, 2500)))
		return false;
	static const char *const degrees[] = {"bachelor", "college", "master", "secondary", "doctor"};
	int32_t since = n->people[p].birth + 8100 + (int32_t)draw_below(&d, 2200);
	s->recruited = since > DEMO_TODAY - 30 ? DEMO_TODAY - 30 : since;
	s->kind = job != JOB_SERVANT ? "employee" : draw_chance(&d, 1500) ? "cadre" : draw_chance(&d, 6500) ? "servant" : "employee";
	s->education = degrees[draw_skewed(&d, 5)];
	s->step = 1 + (unsigned)((DEMO_TODAY - s->recruited) / 1096);
	if (s->step > 9)
		s->step = 9;
	s->coefficient = 234 + (s->step - 1) * 33;
	snprintf(s->file_code, sizeof(s->file_code), "CB%010u", p + 1);
	return true;
}

static bool employees(struct fill *f)
{
	static const char *const positions[] = {"Chuyên viên", "Chuyên viên chính", "Phó Trưởng phòng", "Trưởng phòng", "Cán sự", "Phó Giám đốc Sở", "Giám đốc Sở"};
	static const char *const ranks[] = {"01.003", "01.002", "01.003", "01.002", "01.004", "01.002", "01.001"};
	static const char *const agencies[] = {"moha", "mof", "mps", "moj", "mae", "moc", "moit", "most", "mocst", "mera"};
	const struct nation *n = f->nation;
	struct servant s;
	for (uint32_t p = 0; p < n->npeople; p++) {
		if (!person_servant(n, p, &s))
			continue;
		struct draw d = nation_draw(n, STREAM_SERVANT, p + (1ull << 40));
		enum job job = person_job(n, p);
		size_t position = draw_skewed(&d, ARRAY_LEN(positions));
		cell_text(f, s.file_code);
		cell_person(f, p);
		cell_name(f, p);
		cell_text(f, n->people[p].female ? "Nữ" : "Nam");
		cell_date(f, n->people[p].birth);
		cell_text(f, s.kind);
		cell_text(f, job == JOB_TEACHER ? "moet" : job == JOB_HEALTH ? "moh" : agencies[draw_skewed(&d, ARRAY_LEN(agencies))]);
		cell_text(f, n->provinces[n->households[n->people[p].household].province].code);
		cell_text(f, job == JOB_TEACHER ? "Giáo viên" : job == JOB_HEALTH ? "Viên chức y tế" : positions[position]);
		cell_text(f, job == JOB_TEACHER ? "V.07.02.26" : job == JOB_HEALTH ? "V.08.05.12" : ranks[position]);
		cell_date(f, s.recruited);
		cell_text(f, s.education);
		cell_text(f, "working");
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

static bool salaries(struct fill *f)
{
	const struct nation *n = f->nation;
	struct servant s;
	int64_t id = 0;
	for (uint32_t p = 0; p < n->npeople; p++) {
		if (!person_servant(n, p, &s))
			continue;
		for (unsigned step = s.step > 2 ? s.step - 2 : 1; step <= s.step; step++) {
			unsigned coefficient = 234 + (step - 1) * 33;
			cell_int(f, ++id);
			cell_text(f, s.file_code);
			cell_date(f, s.recruited + (int32_t)(step - 1) * 1096);
			cell_int(f, step);
			cell_decimal(f, coefficient, 2);
			cell_int(f, (int64_t)coefficient * 2340000 / 100);
			if (!row_end(f))
				return false;
		}
	}
	return fill_end(f);
}

static bool appraisals(struct fill *f)
{
	static const char *const results[] = {"good", "excellent", "satisfied", "failed"};
	const struct nation *n = f->nation;
	struct servant s;
	for (uint32_t p = 0; p < n->npeople; p++) {
		if (!person_servant(n, p, &s))
			continue;
		for (int year = 2023; year <= 2025; year++) {
			struct draw d = nation_draw(n, STREAM_SERVANT, (uint64_t)p * 4 + (unsigned)(year - 2023) + (2ull << 40));
			if (s.recruited > day_from_civil(year, 7, 1))
				continue;
			cell_text(f, s.file_code);
			cell_int(f, year);
			cell_text(f, draw_chance(&d, 60) ? results[3] : results[draw_skewed(&d, 3)]);
			if (!row_end(f))
				return false;
		}
	}
	return fill_end(f);
}

bool fill_civil_servants(struct fill *f)
{
	return fill_begin(f, "employee") && employees(f) && fill_begin(f, "salary") && salaries(f) &&
		   fill_begin(f, "appraisal") && appraisals(f);
}

struct beneficiary {
	const char *category, *level;
	int64_t allowance;
	int32_t decided, ended;
};

static bool person_beneficiary(const struct nation *n, uint32_t p, struct beneficiary *b)
{
	const struct person *x = &n->people[p];
	struct draw d = nation_draw(n, STREAM_ASSISTANCE, p);
	int age = person_age(x);
	*b = (struct beneficiary){0};
	if (age >= 75 && person_job(n, p) != JOB_PENSIONER && draw_chance(&d, 7800)) {
		b->category = draw_chance(&d, 1200) ? "poor_elderly" : "elderly";
		b->allowance = 500000;
	} else if (draw_chance(&d, 130)) {
		b->category = "disabled";
		b->level = draw_chance(&d, 3500) ? "very_severe" : "severe";
		b->allowance = b->level[0] == 'v' ? 1000000 : 750000;
	} else if (age < 16 && x->father == NOBODY && draw_chance(&d, 900)) {
		b->category = "orphan";
		b->allowance = 750000;
	} else if (x->relation == RELATION_HEAD && x->spouse == NOBODY && x->female && age < 50 && draw_chance(&d, 1500)) {
		b->category = "single_parent";
		b->allowance = 500000;
	} else {
		return false;
	}
	b->decided = DEMO_TODAY - 200 - (int32_t)draw_skewed(&d, 3500);
	if (x->death && b->decided >= x->death)
		b->decided = x->death - 400;
	if (b->decided < x->birth)
		b->decided = x->birth + 1 > DEMO_TODAY ? DEMO_TODAY : x->birth + 1;
	b->ended = x->death;
	return true;
}

static bool beneficiaries(struct fill *f)
{
	const struct nation *n = f->nation;
	struct beneficiary b;
	for (uint32_t p = 0; p < n->npeople; p++) {
		if (!person_beneficiary(n, p, &b))
			continue;
		const struct household *h = &n->households[n->people[p].household];
		bool unnoticed = b.ended && dirt_hits(f, DIRT_ASSISTANCE_PAID_AFTER_DEATH, p);
		cell_format(f, "BT%09u", p + 1);
		cell_person(f, p);
		cell_name(f, p);
		cell_date(f, n->people[p].birth);
		cell_text(f, b.category);
		cell_text(f, b.level);
		cell_int(f, b.allowance);
		cell_date(f, b.decided);
		cell_date(f, unnoticed ? 0 : b.ended);
		cell_text(f, n->provinces[h->province].code);
		cell_text(f, n->communes[h->commune].code);
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

static bool assistance_payments(struct fill *f)
{
	const struct nation *n = f->nation;
	struct beneficiary b;
	int64_t id = 0;
	for (uint32_t p = 0; p < n->npeople; p++) {
		if (!person_beneficiary(n, p, &b))
			continue;
		struct draw d = nation_draw(n, STREAM_ASSISTANCE, p + (1ull << 40));
		/* the same decision as in beneficiaries, without counting it again */
		uint64_t counted = f->dirty[DIRT_ASSISTANCE_PAID_AFTER_DEATH];
		bool unnoticed = b.ended && dirt_hits(f, DIRT_ASSISTANCE_PAID_AFTER_DEATH, p);
		f->dirty[DIRT_ASSISTANCE_PAID_AFTER_DEATH] = counted;
		const char *channel = draw_chance(&d, 4500) ? "bank" : draw_chance(&d, 4000) ? "e-id" : "cash";
		for (int m = 0; m < 12; m++) {
			int32_t month = day_from_civil(m < 6 ? 2025 : 2026, m < 6 ? m + 7 : m - 5, 1);
			if (month < b.decided || (b.ended && !unnoticed && month > b.ended))
				continue;
			cell_int(f, ++id);
			cell_format(f, "BT%09u", p + 1);
			cell_date(f, month);
			cell_int(f, b.allowance);
			cell_text(f, channel);
			if (!row_end(f))
				return false;
		}
	}
	return fill_end(f);
}

bool fill_social_assistance(struct fill *f)
{
	return fill_begin(f, "beneficiary") && beneficiaries(f) && fill_begin(f, "payment") && assistance_payments(f);
}

static int32_t day_of_text(const char *s)
{
	int y, m, d;
	return sscanf(s, "%d-%d-%d", &y, &m, &d) == 3 ? day_from_civil(y, m, d) : 0;
}

bool fill_local_government_boundaries(struct fill *f)
{
	const struct vietnam_unit *units;
	const struct vietnam_former_province *formers;
	size_t n = vietnam_units(&units), nformers = vietnam_former_provinces(&formers);
	if (!fill_begin(f, "administrative_unit"))
		return false;
	for (size_t i = 0; i < n; i++) {
		cell_text(f, units[i].code);
		cell_text(f, units[i].name);
		cell_text(f, units[i].kind);
		cell_int(f, *units[i].parent_code ? 2 : 1);
		cell_text(f, units[i].parent_code);
		cell_date(f, day_of_text(units[i].valid_from));
		cell_date(f, day_of_text(units[i].valid_until));
		if (!row_end(f))
			return false;
	}
	if (!fill_end(f) || !fill_begin(f, "former_province"))
		return false;
	for (size_t i = 0; i < nformers; i++) {
		cell_text(f, formers[i].code);
		cell_text(f, formers[i].name);
		cell_text(f, formers[i].successor_code);
		cell_date(f, day_of_text(formers[i].valid_until));
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

bool fill_shared_code_catalog(struct fill *f)
{
	const struct vietnam_code *codes;
	size_t n = vietnam_codes(&codes);
	if (!fill_begin(f, "code_value"))
		return false;
	for (size_t i = 0; i < n; i++) {
		cell_text(f, codes[i].list_code);
		cell_text(f, codes[i].code);
		cell_text(f, codes[i].label_vi);
		cell_text(f, codes[i].label_en);
		cell_date(f, day_of_text(codes[i].valid_from));
		cell_date(f, day_of_text(codes[i].valid_until));
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}
