/*
 * What is said about a person, a household or an enterprise beyond the model: computed from it, the same
 * at each call, so that every database tells the same story. Read-only; any thread.
 */
#include <stdio.h>
#include <string.h>

#include "tools/demo/names.h"
#include "tools/demo/nation.h"

int32_t day_from_civil(int year, int month, int day)
{
	/* Howard Hinnant's algorithm: years begin in March */
	int y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400;
	int yoe = y - era * 400, doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void day_to_civil(int32_t days, int *year, int *month, int *day)
{
	int z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;
	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = yoe + era * 400 + (*month <= 2);
}

void day_text(int32_t days, char out[11])
{
	int y, m, d;
	day_to_civil(days, &y, &m, &d);
	snprintf(out, 11, "%04u-%02u-%02u", (unsigned)y % 10000, (unsigned)m % 100, (unsigned)d % 100);
}

int age_on(int32_t birth, int32_t day)
{
	int y1, m1, d1, y2, m2, d2;
	day_to_civil(birth, &y1, &m1, &d1);
	day_to_civil(day, &y2, &m2, &d2);
	return y2 - y1 - (m2 < m1 || (m2 == m1 && d2 < d1));
}

void person_id(const struct nation *n, uint32_t p, char out[13])
{
	const struct person *x = &n->people[p];
	unsigned year = (unsigned)day_year(x->birth);
	unsigned century = (year / 100 - 19) * 2 + x->female;
	snprintf(out, 13, "%s%u%02u%06u", n->formers[x->former].code, century % 10, year % 100, x->serial % 1000000);
}

/* The family name comes from the oldest known male line. */
static uint32_t family_root(const struct nation *n, uint32_t p)
{
	for (int depth = 0; depth < 8 && n->people[p].father != NOBODY; depth++)
		p = n->people[p].father;
	return p;
}

/* A child without a known father bears the mother's name. */
static const char *person_family(const struct nation *n, uint32_t p)
{
	uint32_t root = family_root(n, p);
	if (n->people[root].mother != NOBODY)
		root = family_root(n, n->people[root].mother);
	struct draw d = nation_draw(n, STREAM_NAME, root);
	return name_family(&d, n->people[root].ethnicity);
}

size_t person_name(const struct nation *n, uint32_t p, char *out, size_t cap)
{
	struct draw d = nation_draw(n, STREAM_NAME, (uint64_t)p + (1ull << 40));
	return name_full(&d, person_family(n, p), n->people[p].female, day_year(n->people[p].birth), out, cap);
}

bool person_old_id(const struct nation *n, uint32_t p, char out[10])
{
	struct draw d = nation_draw(n, STREAM_CONTACT, (uint64_t)p + (1ull << 40));
	if (day_year(n->people[p].birth) > 2000 || draw_chance(&d, 2000))
		return false;
	uint64_t serial = draw_permute(p, 1000000000, n->seed % 1000000000);
	snprintf(out, 10, "%09u", (unsigned)(serial % 1000000000));
	return true;
}

bool person_phone(const struct nation *n, uint32_t p, char out[13])
{
	static const char *const prefixes[] = {"090", "091", "093", "094", "096", "097", "098", "086", "088", "089", "032", "033", "035", "038", "070", "077", "081", "083"};
	struct draw d = nation_draw(n, STREAM_CONTACT, p);
	if (person_age(&n->people[p]) < 12 || draw_chance(&d, 800))
		return false;
	const char *prefix = prefixes[draw_below(&d, ARRAY_LEN(prefixes))];
	snprintf(out, 13, "%s%07u", prefix, (unsigned)draw_below(&d, 10000000));
	return true;
}

void person_insurance_no(const struct nation *n, uint32_t p, char out[11])
{
	const char *province = n->provinces[n->households[n->people[p].household].province].code;
	snprintf(out, 11, "%s%08u", province, (unsigned)(draw_permute(p, 80000000, 20250701) % 100000000));
}

void household_no(uint32_t h, char out[13])
{
	snprintf(out, 13, "HK%09u", (unsigned)(h + 1) % 1000000000);
}

size_t household_address(const struct nation *n, uint32_t h, char *out, size_t cap)
{
	static const char *const streets[] = {"Trần Hưng Đạo", "Lê Lợi", "Nguyễn Huệ", "Hai Bà Trưng", "Lý Thường Kiệt", "Quang Trung",
		"Phan Bội Châu", "Nguyễn Trãi", "Lê Duẩn", "Hoàng Văn Thụ", "Ngô Quyền", "Điện Biên Phủ", "Cách Mạng Tháng Tám", "Võ Thị Sáu"};
	struct draw d = nation_draw(n, STREAM_CONTACT, (uint64_t)h + (2ull << 40));
	const struct commune *c = &n->communes[n->households[h].commune];
	unsigned number = (unsigned)draw_skewed(&d, 400) + 1;
	const char *unit = strcmp(c->kind, "ward") == 0 ? "phường" : strcmp(c->kind, "commune") == 0 ? "xã" : "đặc khu";
	int k = strcmp(c->kind, "ward") == 0
				? snprintf(out, cap, "%u đường %s, %s %s", number, streets[draw_below(&d, ARRAY_LEN(streets))], unit, c->name)
				: snprintf(out, cap, "Thôn %u, %s %s", number % 20 + 1, unit, c->name);
	return k < 0 ? 0 : (size_t)k;
}

uint32_t household_head(const struct nation *n, uint32_t h)
{
	const struct household *x = &n->households[h];
	for (uint32_t p = x->first; p < x->first + x->count; p++)
		if (!n->people[p].death)
			return p;
	return x->first;
}

size_t enterprise_name(const struct nation *n, uint32_t e, char *out, size_t cap)
{
	static const char *const shorts[] = {"Thương mại", "Xây dựng", "Sản xuất", "Vận tải", "Dịch vụ", "Công nghệ", "Thực phẩm", "Du lịch", "May mặc", "Xuất nhập khẩu"};
	struct draw d = nation_draw(n, STREAM_ENTERPRISE, (uint64_t)e + (1ull << 40));
	const struct enterprise *x = &n->enterprises[e];
	return name_enterprise(&d, enterprise_forms[x->form], shorts[x->industry % ARRAY_LEN(shorts)], out, cap);
}

enum job person_job(const struct nation *n, uint32_t p)
{
	const struct person *x = &n->people[p];
	struct draw d = nation_draw(n, STREAM_JOB, p);
	int age = person_age(x), retired = x->female ? 57 : 61;
	uint64_t roll = draw_below(&d, 1000);
	if (age < 18)
		return JOB_CHILD;
	if (x->death)
		return JOB_NONE;
	if (age >= retired)
		return roll < 300 ? JOB_PENSIONER : JOB_NONE;
	if (age >= 23 && roll < 34)
		return JOB_SERVANT;
	if (age >= 23 && roll < 52)
		return JOB_TEACHER;
	if (age >= 23 && roll < 62)
		return JOB_HEALTH;
	return roll < 480 ? JOB_WORKER : JOB_INFORMAL;
}

uint32_t person_employer(const struct nation *n, uint32_t p)
{
	struct draw d = nation_draw(n, STREAM_JOB, (uint64_t)p + (1ull << 40));
	const struct province *at = &n->provinces[n->households[n->people[p].household].province];
	return at->enterprises[draw_skewed(&d, at->nenterprises)];
}

uint32_t nation_pick_person(const struct nation *n, struct draw *d, bool adult)
{
	uint32_t p = 0;
	for (int try = 0; try < 60; try++) {
		p = (uint32_t)draw_below(d, n->npeople);
		if (!n->people[p].death && (person_age(&n->people[p]) >= 18) == adult)
			break;
	}
	return p;
}

uint32_t nation_pick_facility(const struct nation *n, struct draw *d, unsigned province)
{
	uint32_t first = n->first_facility[province];
	return first + (uint32_t)draw_skewed(d, n->first_facility[province + 1] - first);
}
