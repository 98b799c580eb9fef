/*
 * Enterprises, taxpayers and credit: registered enterprises with branches and members, what they and
 * individuals owe and pay, loans with collateral.
 */
#include <stdio.h>
#include <string.h>

#include "tools/demo/fill.h"
#include "tools/demo/names.h"

static const char *enterprise_status(const struct nation *n, uint32_t e)
{
	struct draw d = nation_draw(n, STREAM_OWNER, e);
	return draw_chance(&d, 8300) ? "active" : draw_chance(&d, 5000) ? "suspended" : "dissolved";
}

static int64_t enterprise_capital(const struct nation *n, uint32_t e)
{
	struct draw d = nation_draw(n, STREAM_OWNER, e + (1ull << 40));
	int64_t capital = 100000000 + (int64_t)draw_skewed(&d, 9900000000);
	if (n->enterprises[e].form == 2)
		capital *= 4 + (int64_t)draw_below(&d, 20);
	return capital / 10000000 * 10000000;
}

static unsigned branch_count(const struct nation *n, uint32_t e)
{
	struct draw d = nation_draw(n, STREAM_OWNER, e + (2ull << 40));
	return draw_chance(&d, 1200) ? 1 + (unsigned)draw_skewed(&d, 6) : 0;
}

static bool enterprises(struct fill *f)
{
	const struct nation *n = f->nation;
	char name[200];
	for (uint32_t e = 0; e < n->nenterprises; e++) {
		const struct enterprise *x = &n->enterprises[e];
		struct draw d = nation_draw(n, STREAM_OWNER, e + (3ull << 40));
		cell_text(f, x->code);
		enterprise_name(n, e, name, sizeof(name));
		cell_text(f, name);
		cell_text(f, enterprise_forms[x->form]);
		cell_text(f, enterprise_status(n, e));
		cell_date(f, x->founded);
		cell_text(f, n->provinces[x->province].code);
		cell_text(f, n->communes[x->commune].code);
		cell_format(f, "Số %u, %s, %s", (unsigned)draw_below(&d, 400) + 1, n->communes[x->commune].name, n->provinces[x->province].name);
		cell_int(f, enterprise_capital(n, e));
		cell_text(f, n->industries[x->industry].code);
		cell_person(f, x->owner);
		cell_name(f, x->owner);
		cell_date(f, x->founded + (int32_t)draw_below(&d, (uint64_t)(DEMO_TODAY - x->founded)));
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

/* Calls row() for each branch in order. */
static bool branches(struct fill *f)
{
	const struct nation *n = f->nation;
	char name[200];
	for (uint32_t e = 0; e < n->nenterprises; e++) {
		const struct enterprise *x = &n->enterprises[e];
		for (unsigned i = 1; i <= branch_count(n, e); i++) {
			struct draw d = nation_draw(n, STREAM_OWNER, (uint64_t)e * 8 + i + (4ull << 40));
			const struct commune *at = &n->communes[draw_below(&d, n->ncommunes)];
			cell_format(f, "%s-%03u", x->code, i);
			cell_text(f, x->code);
			enterprise_name(n, e, name, sizeof(name));
			cell_format(f, "Chi nhánh %s - %s", n->provinces[at->province].name, name);
			cell_text(f, n->provinces[at->province].code);
			cell_text(f, at->code);
			cell_date(f, x->founded + (int32_t)draw_below(&d, (uint64_t)(DEMO_TODAY - x->founded)));
			cell_text(f, draw_chance(&d, 8800) ? "active" : "closed");
			if (!row_end(f))
				return false;
		}
	}
	return fill_end(f);
}

static bool members(struct fill *f)
{
	const struct nation *n = f->nation;
	for (uint32_t e = 0; e < n->nenterprises; e++) {
		const struct enterprise *x = &n->enterprises[e];
		struct draw d = nation_draw(n, STREAM_OWNER, e + (5ull << 40));
		bool alone = x->form == 1 || x->form == 3;
		unsigned others = alone ? 0 : 1 + (unsigned)draw_skewed(&d, 3);
		int64_t left = 10000;
		uint32_t seen[4] = {x->owner, NOBODY, NOBODY, NOBODY};
		for (unsigned i = 0; i <= others; i++) {
			uint32_t who = x->owner;
			if (i == 1 && n->people[x->owner].spouse != NOBODY && draw_chance(&d, 4000))
				who = n->people[x->owner].spouse;
			else if (i)
				who = nation_pick_person(n, &d, true);
			bool again = false;
			for (unsigned k = 0; k < i; k++)
				again |= seen[k] == who;
			if (again && i)
				continue;
			seen[i] = who;
			int64_t share = i == others ? left : left * (int64_t)draw_between(&d, 40, 80) / 100;
			left -= share;
			cell_text(f, x->code);
			cell_person(f, who);
			cell_text(f, alone ? "owner" : x->form == 2 ? "founder" : "member");
			cell_decimal(f, share, 2);
			cell_date(f, x->founded);
			if (!row_end(f))
				return false;
		}
	}
	return fill_end(f);
}

static bool industries(struct fill *f)
{
	for (size_t i = 0; i < f->nation->nindustries; i++) {
		cell_text(f, f->nation->industries[i].code);
		cell_text(f, f->nation->industries[i].label_vi);
		cell_text(f, f->nation->industries[i].label_en);
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

bool fill_business_registration(struct fill *f)
{
	return fill_begin(f, "industry") && industries(f) && fill_begin(f, "enterprise") && enterprises(f) &&
		   fill_begin(f, "branch") && branches(f) && fill_begin(f, "member") && members(f);
}

/* The tax register's own copy of the code: a share has a wrong check digit. */
static void tax_code_of(struct fill *f, uint32_t e, bool count, char out[15])
{
	uint64_t before = f->dirty[DIRT_TAX_BAD_CHECK_DIGIT];
	snprintf(out, 15, "%s", f->nation->enterprises[e].code);
	if (dirt_hits(f, DIRT_TAX_BAD_CHECK_DIGIT, e))
		out[9] = out[9] == '9' ? '0' : (char)(out[9] + 1);
	if (!count)
		f->dirty[DIRT_TAX_BAD_CHECK_DIGIT] = before;
}

static bool pays_tax_alone(const struct nation *n, uint32_t p)
{
	struct draw d = nation_draw(n, STREAM_TAX, p);
	enum job job = person_job(n, p);
	return job != JOB_CHILD && job != JOB_NONE && draw_chance(&d, job == JOB_WORKER || job == JOB_SERVANT ? 5200 : 2000);
}

static bool taxpayer_row(struct fill *f, const char *code, const char *kind, const char *name, uint32_t person, const char *enterprise, unsigned province, int32_t since, const char *status)
{
	const struct nation *n = f->nation;
	cell_text(f, code);
	cell_text(f, kind);
	if (name)
		cell_text(f, name);
	else
		cell_name(f, person);
	cell_person(f, person);
	cell_text(f, enterprise);
	cell_format(f, "Thuế %s", n->provinces[province].name);
	cell_text(f, n->provinces[province].code);
	cell_date(f, since);
	cell_text(f, status);
	return row_end(f);
}

static bool taxpayers(struct fill *f)
{
	const struct nation *n = f->nation;
	char code[15], branch[19], name[200], id[13];
	for (uint32_t e = 0; e < n->nenterprises; e++) {
		const struct enterprise *x = &n->enterprises[e];
		const char *status = enterprise_status(n, e);
		tax_code_of(f, e, true, code);
		enterprise_name(n, e, name, sizeof(name));
		status = strcmp(status, "dissolved") == 0 ? "closed" : status;
		if (!taxpayer_row(f, code, "enterprise", name, NOBODY, x->code, x->province, x->founded, status))
			return false;
		for (unsigned i = 1; i <= branch_count(n, e); i++) {
			snprintf(branch, sizeof(branch), "%s-%03u", x->code, i);
			if (!taxpayer_row(f, branch, "branch", name, NOBODY, x->code, x->province, x->founded + 30 > DEMO_TODAY ? DEMO_TODAY : x->founded + 30, status))
				return false;
		}
	}
	for (uint32_t p = 0; p < n->npeople; p++) {
		if (!pays_tax_alone(n, p))
			continue;
		struct draw d = nation_draw(n, STREAM_TAX, p + (1ull << 40));
		person_id(n, p, id);
		int32_t since = n->people[p].birth + 6600 + (int32_t)draw_below(&d, 3000);
		if (!taxpayer_row(f, id, person_job(n, p) == JOB_INFORMAL ? "household" : "individual", NULL, p, NULL,
						  n->households[n->people[p].household].province, since > DEMO_TODAY ? DEMO_TODAY - 15 : since, "active"))
			return false;
	}
	return fill_end(f);
}

struct declaration {
	char code[15], period[8];
	const char *kind;
	int32_t due, filed, paid;
	int64_t amount, paid_amount;
};

/* Enterprises: VAT in four quarters and corporate tax of 2025; individuals: income tax of 2025. */
static bool enterprise_declaration(struct fill *f, uint32_t e, unsigned i, struct declaration *x)
{
	const struct nation *n = f->nation;
	static const char *const periods[] = {"2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2025"};
	struct draw d = nation_draw(n, STREAM_TAX, (uint64_t)e * 8 + i + (2ull << 40));
	tax_code_of(f, e, false, x->code);
	snprintf(x->period, sizeof(x->period), "%s", periods[i]);
	x->kind = i == 4 ? "CIT" : "VAT";
	x->due = i == 0 ? day_from_civil(2025, 10, 31) : i == 1 ? day_from_civil(2026, 1, 31) : i == 2 ? day_from_civil(2026, 4, 30) : i == 3 ? day_from_civil(2026, 7, 31) : day_from_civil(2026, 3, 31);
	int32_t early = x->due - (i == 3 ? 50 : 20);
	x->filed = draw_chance(&d, 9400) ? early + (int32_t)draw_below(&d, i == 3 ? 18 : 24) : 0;
	int64_t scale = enterprise_capital(n, e) / (i == 4 ? 60 : 120);
	x->amount = draw_chance(&d, 1500) ? 0 : (scale / 2 + (int64_t)draw_below(&d, (uint64_t)scale + 1)) / 1000 * 1000;
	x->paid = x->filed && x->amount && draw_chance(&d, 9100) ? x->filed + (int32_t)draw_skewed(&d, 12) : 0;
	x->paid_amount = draw_chance(&d, 500) ? x->amount / 2 : x->amount;
	return strcmp(enterprise_status(n, e), "active") == 0 && n->enterprises[e].founded < x->due - 100;
}

static bool person_declaration(struct fill *f, uint32_t p, struct declaration *x)
{
	const struct nation *n = f->nation;
	struct draw d = nation_draw(n, STREAM_TAX, p + (3ull << 40));
	if (!pays_tax_alone(n, p))
		return false;
	person_id(n, p, x->code);
	snprintf(x->period, sizeof(x->period), "2025");
	x->kind = draw_chance(&d, 8800) ? "PIT" : "LAND";
	x->due = day_from_civil(2026, 4, 30);
	x->filed = draw_chance(&d, 8800) ? x->due - (int32_t)draw_below(&d, 80) : 0;
	x->amount = draw_chance(&d, 4000) ? 0 : (200000 + (int64_t)draw_skewed(&d, 25000000)) / 1000 * 1000;
	x->paid = x->filed && x->amount && draw_chance(&d, 9300) ? x->filed + (int32_t)draw_skewed(&d, 20) : 0;
	x->paid_amount = x->amount;
	return true;
}

static bool declaration_row(struct fill *f, const struct declaration *x, int64_t id, int64_t *payment, bool payments)
{
	if (payments) {
		if (!x->paid)
			return true;
		cell_int(f, ++*payment);
		cell_int(f, id);
		cell_text(f, x->code);
		cell_date(f, x->paid);
		cell_int(f, x->paid_amount);
		return row_end(f);
	}
	cell_int(f, id);
	cell_text(f, x->code);
	cell_text(f, x->kind);
	cell_text(f, x->period);
	cell_date(f, x->due);
	cell_date(f, x->filed);
	cell_int(f, x->amount);
	return row_end(f);
}

static bool declarations(struct fill *f, bool payments)
{
	const struct nation *n = f->nation;
	struct declaration x;
	int64_t id = 0, payment = 0;
	for (uint32_t e = 0; e < n->nenterprises; e++)
		for (unsigned i = 0; i < 5; i++)
			if (enterprise_declaration(f, e, i, &x) && !declaration_row(f, &x, ++id, &payment, payments))
				return false;
	for (uint32_t p = 0; p < n->npeople; p++)
		if (person_declaration(f, p, &x) && !declaration_row(f, &x, ++id, &payment, payments))
			return false;
	return fill_end(f);
}

bool fill_taxpayers(struct fill *f)
{
	return fill_begin(f, "taxpayer") && taxpayers(f) && fill_begin(f, "declaration") && declarations(f, false) &&
		   fill_begin(f, "payment") && declarations(f, true);
}

struct loan {
	const char *kind;
	int64_t principal, outstanding;
	unsigned rate, group;
	int32_t opened, due;
};

static unsigned person_loans(const struct nation *n, uint32_t p)
{
	struct draw d = nation_draw(n, STREAM_CREDIT, p);
	int age = person_age(&n->people[p]);
	if (n->people[p].death || age < 20 || age > 70 || !draw_chance(&d, 2600))
		return 0;
	return 1 + (unsigned)draw_skewed(&d, 3);
}

static unsigned enterprise_loans(const struct nation *n, uint32_t e)
{
	struct draw d = nation_draw(n, STREAM_CREDIT, e + (1ull << 40));
	return draw_chance(&d, 4500) ? 1 + (unsigned)draw_skewed(&d, 4) : 0;
}

static void make_loan(const struct nation *n, uint64_t key, bool business, struct loan *x)
{
	static const char *const kinds[] = {"consumer", "vehicle", "mortgage"};
	struct draw d = nation_draw(n, STREAM_CREDIT, key);
	x->kind = business ? "business" : kinds[draw_skewed(&d, 3)];
	int64_t most = business ? 20000000000 : x->kind[0] == 'm' ? 3000000000 : x->kind[0] == 'v' ? 700000000 : 200000000;
	x->principal = (most / 20 + (int64_t)draw_skewed(&d, (uint64_t)most)) / 1000000 * 1000000;
	x->opened = DEMO_TODAY - 20 - (int32_t)draw_skewed(&d, 2500);
	x->due = x->opened + (x->kind[0] == 'm' ? 5475 : x->kind[0] == 'v' ? 1825 : 730);
	int32_t span = x->due - x->opened, gone = DEMO_TODAY - x->opened;
	x->outstanding = gone >= span ? 0 : x->principal / span * (span - gone);
	x->rate = 600 + (unsigned)draw_below(&d, 700) + (x->kind[0] == 'c' ? 600 : 0);
	uint64_t roll = draw_below(&d, 1000);
	x->group = roll < 935 ? 1 : roll < 958 ? 2 : roll < 972 ? 3 : roll < 985 ? 4 : 5;
}

static bool borrowers(struct fill *f)
{
	const struct nation *n = f->nation;
	char name[200];
	for (uint32_t p = 0; p < n->npeople; p++) {
		if (!person_loans(n, p))
			continue;
		struct draw d = nation_draw(n, STREAM_CREDIT, p + (2ull << 40));
		cell_person(f, p);
		cell_text(f, "individual");
		cell_name(f, p);
		cell_int(f, 400 + (int64_t)draw_below(&d, 250) + (int64_t)draw_below(&d, 200));
		cell_date(f, DEMO_TODAY - 1 - (int32_t)draw_skewed(&d, 60));
		if (!row_end(f))
			return false;
	}
	for (uint32_t e = 0; e < n->nenterprises; e++) {
		if (!enterprise_loans(n, e))
			continue;
		struct draw d = nation_draw(n, STREAM_CREDIT, e + (3ull << 40));
		cell_text(f, n->enterprises[e].code);
		cell_text(f, "organisation");
		enterprise_name(n, e, name, sizeof(name));
		cell_text(f, name);
		cell_int(f, 420 + (int64_t)draw_below(&d, 400));
		cell_date(f, DEMO_TODAY - 1 - (int32_t)draw_skewed(&d, 60));
		if (!row_end(f))
			return false;
	}
	return fill_end(f);
}

static bool loan_row(struct fill *f, const struct loan *x, int64_t id, const char *borrower)
{
	static const char *const banks[] = {"AGRIBANK", "BIDV", "VCB", "CTG", "TCB", "MBB", "ACB", "VPB", "SHB", "HDB"};
	struct draw d = nation_draw(f->nation, STREAM_CREDIT, (uint64_t)id + (6ull << 40));
	cell_int(f, id);
	cell_text(f, borrower);
	cell_text(f, banks[draw_skewed(&d, ARRAY_LEN(banks))]);
	cell_text(f, x->kind);
	cell_int(f, x->principal);
	cell_int(f, x->outstanding);
	cell_decimal(f, x->rate, 2);
	cell_date(f, x->opened);
	cell_date(f, x->due);
	cell_int(f, x->group);
	return row_end(f);
}

/* What secures a loan: the household's land or the borrower's car, when they have one. */
static bool collateral_row(struct fill *f, const struct loan *x, int64_t id, uint32_t p, int64_t *number)
{
	const struct nation *n = f->nation;
	struct parcel parcel;
	struct vehicle car;
	bool land = x->kind[0] == 'm' && household_parcel(n, n->people[p].household, 0, &parcel);
	bool vehicle = x->kind[0] == 'v' && person_vehicle(n, p, true, &car);
	if (!land && !vehicle)
		return true;
	cell_int(f, ++*number);
	cell_int(f, id);
	cell_text(f, land ? "land" : "vehicle");
	cell_text(f, land ? parcel.serial : car.plate);
	cell_int(f, x->principal * 14 / 10);
	return row_end(f);
}

static bool loans(struct fill *f, bool collateral)
{
	const struct nation *n = f->nation;
	struct loan x;
	char id[13];
	int64_t number = 0, secured = 0;
	for (uint32_t p = 0; p < n->npeople; p++) {
		unsigned count = person_loans(n, p);
		person_id(n, p, id);
		for (unsigned i = 0; i < count; i++) {
			make_loan(n, (uint64_t)p * 4 + i + (4ull << 40), false, &x);
			if (!(collateral ? collateral_row(f, &x, ++number, p, &secured) : loan_row(f, &x, ++number, id)))
				return false;
		}
	}
	for (uint32_t e = 0; !collateral && e < n->nenterprises; e++)
		for (unsigned i = 0; i < enterprise_loans(n, e); i++) {
			make_loan(n, (uint64_t)e * 4 + i + (5ull << 40), true, &x);
			if (!loan_row(f, &x, ++number, n->enterprises[e].code))
				return false;
		}
	return fill_end(f);
}

bool fill_credit_information(struct fill *f)
{
	return fill_begin(f, "borrower") && borrowers(f) && fill_begin(f, "loan") && loans(f, false) &&
		   fill_begin(f, "collateral") && loans(f, true);
}
