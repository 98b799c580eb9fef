/* What people and enterprises hold: land, vehicles, driving licences. */
#include <stdio.h>
#include <string.h>

#include "tools/demo/fill.h"
#include "tools/demo/names.h"

bool household_parcel(const struct nation *n, uint32_t h, unsigned which, struct parcel *p)
{
	struct draw d = nation_draw(n, STREAM_LAND, (uint64_t)h * 2 + which);
	const struct household *x = &n->households[h];
	const struct commune *c = &n->communes[x->commune];
	bool rural = strcmp(c->kind, "ward") != 0;
	if (!draw_chance(&d, which == 0 ? 7800 : rural ? 4500 : 300))
		return false;
	static const char *const farm[] = {"LUC", "HNK", "CLN", "NTS", "RSX"};
	p->land_type = which == 0 ? (rural ? "ONT" : "ODT") : farm[draw_skewed(&d, 5)];
	p->sheet = 1 + h % 150;
	p->number = 1 + h / 150 * 2 + which;
	p->area_tenths = which == 0 ? (rural ? 1000 : 350) + (int64_t)draw_skewed(&d, rural ? 4000 : 1200) : 3000 + (int64_t)draw_skewed(&d, 60000);
	p->issued = DEMO_TODAY - 50 - (int32_t)draw_skewed(&d, 10000);
	snprintf(p->id, sizeof(p->id), "%s_%u_%u", c->code, p->sheet, p->number);
	snprintf(p->serial, sizeof(p->serial), "%c%c%08u", 'A' + (int)(h % 23), 'A' + (int)(h / 23 % 23), (unsigned)draw_permute((uint64_t)h * 2 + which, 100000000, 4711) % 100000000);
	return true;
}

static bool parcels(struct fill *f)
{
	const struct nation *n = f->nation;
	struct parcel p;
	char address[256];
	for (uint32_t h = 0; h < n->nhouseholds; h++)
		for (unsigned k = 0; k < 2; k++) {
			if (!household_parcel(n, h, k, &p))
				continue;
			cell_text(f, p.id);
			cell_text(f, n->provinces[n->households[h].province].code);
			cell_text(f, n->communes[n->households[h].commune].code);
			cell_int(f, p.sheet);
			cell_int(f, p.number);
			cell_decimal(f, p.area_tenths, 1);
			cell_text(f, p.land_type);
			household_address(n, h, address, sizeof(address));
			cell_text(f, k == 0 ? address : NULL);
			if (!row_end(f))
				return false;
		}
	return fill_end(f);
}

static bool certificates(struct fill *f)
{
	const struct nation *n = f->nation;
	struct parcel p;
	for (uint32_t h = 0; h < n->nhouseholds; h++)
		for (unsigned k = 0; k < 2; k++) {
			if (!household_parcel(n, h, k, &p))
				continue;
			struct draw d = nation_draw(n, STREAM_LAND, (uint64_t)h * 2 + k + (1ull << 40));
			uint32_t spouse = n->people[n->households[h].first].spouse;
			cell_text(f, p.serial);
			cell_text(f, p.id);
			cell_format(f, "CH%07u", (unsigned)(h * 2 + k) % 10000000);
			cell_date(f, p.issued);
			cell_text(f, spouse != NOBODY ? "shared" : "private");
			cell_date(f, k == 1 ? p.issued + 18262 : 0);
			cell_text(f, draw_chance(&d, 1100) ? "mortgaged" : draw_chance(&d, 9850) ? "valid" : "revoked");
			if (!row_end(f))
				return false;
		}
	return fill_end(f);
}

static bool holder_row(struct fill *f, const struct parcel *p, unsigned number, uint32_t who, int64_t share)
{
	char id[13], old[10];
	uint64_t key = (uint64_t)who * 4 + number;
	person_id(f->nation, who, id);
	cell_text(f, p->serial);
	cell_int(f, number);
	/* only someone who had an old number can be left with it */
	bool stale = person_old_id(f->nation, who, old) && p->issued < DEMO_TODAY - 2000 && dirt_hits(f, DIRT_LAND_OLD_ID, key);
	cell_text(f, stale ? old : id);
	cell_name_dirty(f, who, DIRT_LAND_NFD_NAME, key);
	cell_text(f, "individual");
	cell_decimal(f, share, 2);
	return row_end(f);
}

static bool holders(struct fill *f)
{
	const struct nation *n = f->nation;
	struct parcel p;
	for (uint32_t h = 0; h < n->nhouseholds; h++)
		for (unsigned k = 0; k < 2; k++) {
			if (!household_parcel(n, h, k, &p))
				continue;
			uint32_t first = n->households[h].first, spouse = n->people[first].spouse;
			if (!holder_row(f, &p, 1, first, spouse != NOBODY ? 5000 : 10000) ||
				(spouse != NOBODY && !holder_row(f, &p, 2, spouse, 5000)))
				return false;
		}
	return fill_end(f);
}

bool fill_land(struct fill *f)
{
	return fill_begin(f, "parcel") && parcels(f) && fill_begin(f, "certificate") && certificates(f) &&
		   fill_begin(f, "holder") && holders(f);
}

static const char series[] = "ABEFGHKLMNPSTUVXYZ"; /* not C, D: lorries and company vehicles here */

bool person_vehicle(const struct nation *n, uint32_t p, bool car, struct vehicle *v)
{
	struct draw d = nation_draw(n, STREAM_VEHICLE, (uint64_t)p * 2 + car);
	const struct person *x = &n->people[p];
	const struct household *h = &n->households[x->household];
	int age = person_age(x);
	bool city = strcmp(n->communes[h->commune].kind, "ward") == 0;
	if (x->death || age < 18 || !draw_chance(&d, car ? (age < 25 ? 200 : city ? 1500 : 700) : age > 75 ? 1200 : 8200))
		return false;
	const struct province *at = &n->provinces[h->province];
	const char *prefix = n->formers[at->former[draw_below(&d, at->nformer)]].plate_prefix;
	unsigned block = p / 100000, number = (unsigned)draw_permute(p, 100000, 31337 + block);
	char first = series[block % (sizeof(series) - 1)];
	unsigned more = block / (unsigned)(sizeof(series) - 1);
	if (car)
		snprintf(v->plate, sizeof(v->plate), "%s%c%.*s-%05u", prefix, first, more ? 1 : 0, &series[more % (sizeof(series) - 1)], number);
	else
		snprintf(v->plate, sizeof(v->plate), "%s%c%u-%05u", prefix, first, 1 + more % 9, number);
	v->car = car;
	int32_t adult = x->birth + 6575, since = adult > DEMO_TODAY - 7000 ? adult : DEMO_TODAY - 7000;
	v->registered = (int32_t)draw_between(&d, since > DEMO_TODAY - 5 ? DEMO_TODAY - 5 : since, DEMO_TODAY - 2);
	return true;
}

bool enterprise_vehicle(const struct nation *n, uint32_t e, unsigned which, struct vehicle *v)
{
	struct draw d = nation_draw(n, STREAM_VEHICLE, (uint64_t)e * 4 + which + (1ull << 40));
	const struct enterprise *x = &n->enterprises[e];
	if (!draw_chance(&d, 4500))
		return false;
	const struct province *at = &n->provinces[x->province];
	uint32_t serial = e * 4 + which;
	snprintf(v->plate, sizeof(v->plate), "%s%c%c-%05u", n->formers[at->former[0]].plate_prefix, "CD"[which % 2], "HKLMN"[serial / 100000 % 5], (unsigned)draw_permute(serial, 100000, 99) % 100000);
	v->car = which % 2;
	v->registered = x->founded + (int32_t)draw_below(&d, (uint64_t)(DEMO_TODAY - x->founded));
	return true;
}

static void vehicle_body(struct fill *f, const struct vehicle *v, const char *kind, uint64_t key)
{
	static const char *const motorcycles[] = {"Honda", "Yamaha", "VinFast", "Piaggio", "Suzuki", "SYM"};
	static const char *const cars[] = {"Toyota", "VinFast", "Hyundai", "Kia", "Mazda", "Ford", "Mitsubishi", "Honda"};
	static const char *const lorries[] = {"Thaco", "Hyundai", "Isuzu", "Hino", "Dongfeng"};
	static const char *const colours[] = {"đen", "trắng", "đỏ", "xanh", "bạc", "xám", "nâu"};
	struct draw d = nation_draw(f->nation, STREAM_VEHICLE, key + (2ull << 40));
	cell_text(f, v->plate);
	cell_text(f, kind);
	cell_text(f, kind[0] == 'm' ? motorcycles[draw_skewed(&d, 6)] : kind[0] == 'c' ? cars[draw_skewed(&d, 8)] : lorries[draw_skewed(&d, 5)]);
	cell_int(f, day_year(v->registered) - (int)draw_skewed(&d, 4));
	cell_format(f, "RL%c%014llu", 'A' + (int)draw_below(&d, 26), (unsigned long long)(draw_next(&d) % 100000000000000ull));
	cell_format(f, "E%010llu", (unsigned long long)(draw_next(&d) % 10000000000ull));
	cell_text(f, colours[draw_skewed(&d, ARRAY_LEN(colours))]);
}

static bool person_vehicle_row(struct fill *f, uint32_t p, const struct vehicle *v)
{
	const struct nation *n = f->nation;
	uint64_t key = (uint64_t)p * 2 + v->car;
	struct draw d = nation_draw(n, STREAM_VEHICLE, key + (3ull << 40));
	char id[13];
	vehicle_body(f, v, v->car ? "car" : "motorcycle", key);
	cell_text(f, "individual");
	person_id(n, p, id);
	if (dirt_hits(f, DIRT_VEHICLE_UNKNOWN_OWNER, key)) /* a serial that nobody has: the years 1900-1909 are empty */
		cell_format(f, "%.3s%d0%u%06u", id, n->people[p].female, (unsigned)draw_below(&d, 10), (unsigned)draw_below(&d, 1000000));
	else if (dirt_hits(f, DIRT_VEHICLE_SHORT_ID, key))
		cell_format(f, "%.11s", id);
	else
		cell_text(f, id);
	cell_name(f, p);
	cell_text(f, n->provinces[n->households[n->people[p].household].province].code);
	cell_date(f, v->registered);
	cell_text(f, draw_chance(&d, 9300) ? "in_use" : draw_chance(&d, 8000) ? "transferred" : "revoked");
	return row_end(f);
}

static bool vehicles(struct fill *f)
{
	const struct nation *n = f->nation;
	struct vehicle v;
	char name[200];
	for (uint32_t p = 0; p < n->npeople; p++)
		for (int car = 0; car < 2; car++)
			if (person_vehicle(n, p, car, &v) && !person_vehicle_row(f, p, &v))
				return false;
	for (uint32_t e = 0; e < n->nenterprises; e++)
		for (unsigned k = 0; k < 4; k++) {
			if (!enterprise_vehicle(n, e, k, &v))
				continue;
			vehicle_body(f, &v, k == 0 ? "truck" : k == 2 ? "bus" : "car", (uint64_t)e * 4 + k + (1ull << 36));
			cell_text(f, "organisation");
			cell_text(f, n->enterprises[e].code);
			enterprise_name(n, e, name, sizeof(name));
			cell_text(f, name);
			cell_text(f, n->provinces[n->enterprises[e].province].code);
			cell_date(f, v.registered);
			cell_text(f, "in_use");
			if (!row_end(f))
				return false;
		}
	return fill_end(f);
}

static bool transfers(struct fill *f)
{
	const struct nation *n = f->nation;
	struct vehicle v;
	int64_t id = 0;
	for (uint32_t p = 0; p < n->npeople; p++) {
		struct draw d = nation_draw(n, STREAM_VEHICLE, (uint64_t)p + (4ull << 40));
		if (!draw_chance(&d, 700) || !person_vehicle(n, p, false, &v))
			continue;
		cell_int(f, ++id);
		cell_text(f, v.plate);
		cell_person(f, nation_pick_person(n, &d, true));
		cell_person(f, p);
		cell_date(f, v.registered);
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

bool fill_vehicle_registration(struct fill *f)
{
	return fill_begin(f, "vehicle") && vehicles(f) && fill_begin(f, "transfer") && transfers(f);
}

bool fill_driver_licence(struct fill *f)
{
	const struct nation *n = f->nation;
	if (!fill_begin(f, "licence"))
		return false;
	for (uint32_t p = 0; p < n->npeople; p++) {
		const struct person *x = &n->people[p];
		struct draw d = nation_draw(n, STREAM_LICENCE, p);
		struct vehicle v;
		bool motorcycle = person_vehicle(n, p, false, &v), car = person_vehicle(n, p, true, &v);
		int age = person_age(x);
		if (x->death || age < 18 || !draw_chance(&d, car ? 9700 : motorcycle ? 7800 : 1500))
			continue;
		const char *class = car || draw_chance(&d, 800) ? (draw_chance(&d, 900) ? "C" : draw_chance(&d, 500) ? "D" : "B") : draw_chance(&d, 600) ? "A" : "A1";
		int32_t first = x->birth + 6600, issued;
		if (first > DEMO_TODAY - 10)
			first = DEMO_TODAY - 10;
		bool lasting = class[0] == 'A'; /* without expiry */
		if (!lasting && first < DEMO_TODAY - 3800)
			first = DEMO_TODAY - 3800;
		issued = (int32_t)draw_between(&d, first, DEMO_TODAY - 5);
		int32_t expires = lasting ? 0 : issued + 3652;
		char id[13];
		person_id(n, p, id);
		if (dirt_hits(f, DIRT_LICENCE_WRONG_SEX_DIGIT, p))
			id[3] = (char)('6' + x->female); /* the 23rd century */
		cell_format(f, "%s%c%09u", n->provinces[n->households[x->household].province].code, class[0], (unsigned)draw_permute(p, 1000000000, 5) % 1000000000);
		cell_text(f, id);
		cell_name(f, p);
		cell_date(f, x->birth);
		cell_text(f, class);
		cell_date(f, issued);
		cell_date(f, expires);
		cell_int(f, 12 - (int64_t)(draw_chance(&d, 900) ? draw_below(&d, 9) : 0));
		cell_text(f, expires && expires < DEMO_TODAY ? "expired" : draw_chance(&d, 120) ? "suspended" : "valid");
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}
