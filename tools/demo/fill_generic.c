/*
 * Fills the representative tables from their descriptions alone: the column's reference says what it
 * points at (people, enterprises, communes, vehicles …), its domain what the values look like
 * (catalog/vietnam/README.md). A description that cannot be read is an error, so that a new row of
 * columns.tsv either works or says why not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/demo/fill.h"
#include "tools/demo/names.h"

/* What the row is about; every cell of the row that asks for it gets the same one. */
struct row_context {
	uint64_t number;    /* from 1 */
	uint64_t rows;      /* of this table */
	uint32_t person, child, enterprise;
	uint16_t commune;
	struct draw d;
};

static uint64_t table_rows(const struct nation *n, const char *kind)
{
	uint64_t rows = kind[0] == 't' ? n->npeople / 100 : kind[0] == 'm' ? n->npeople / 200 : n->npeople / 500;
	return rows < 20 ? 20 : rows > 200000 ? 200000 : rows;
}

static uint64_t text_hash(const char *a, const char *b)
{
	uint64_t h = 0xcbf29ce484222325ull;
	for (; *a; a++)
		h = (h ^ (unsigned char)*a) * 0x100000001b3ull;
	for (; *b; b++)
		h = (h ^ (unsigned char)*b) * 0x100000001b3ull;
	return h;
}

/* The k-th of the alternatives a|b|c. */
static size_t choice_of(const char *domain, uint64_t k, const char **start)
{
	const char *p = domain;
	while (k-- && (p = strchr(p, '|')))
		p++;
	*start = p ? p : domain;
	const char *end = strchr(*start, '|');
	return end ? (size_t)(end - *start) : strlen(*start);
}

static uint64_t choice_count(const char *domain)
{
	uint64_t n = 1;
	for (; *domain; domain++)
		n += *domain == '|';
	return n;
}

static void pattern_piece(const struct nation *n, struct row_context *r, uint64_t number, char what, char *out, size_t cap)
{
	char name[160];
	switch (what) {
	case 'n':
		snprintf(out, cap, "%06llu", (unsigned long long)number);
		break;
	case 'y': /* by number, so that a reference finds the same year */
		snprintf(out, cap, "%u", 2021 + (unsigned)(draw_mix(number) % 6));
		break;
	case 'c':
		snprintf(out, cap, "%s", n->communes[r->commune].name);
		break;
	case 'p':
		snprintf(out, cap, "%s", n->provinces[n->communes[r->commune].province].name);
		break;
	case 's':
		person_name(n, r->person, name, sizeof(name));
		snprintf(out, cap, "%s", name);
		break;
	default:
		snprintf(out, cap, "{%c}", what);
	}
}

/* Replaces # and {x} in pattern[0..len). */
static void cell_pattern(struct fill *f, struct row_context *r, const char *pattern, size_t len, uint64_t number)
{
	char out[256], piece[200];
	size_t used = 0;
	for (size_t i = 0; i < len; i++) {
		if (pattern[i] == '#')
			snprintf(piece, sizeof(piece), "%u", (unsigned)draw_below(&r->d, 10));
		else if (pattern[i] == '{' && i + 2 < len && pattern[i + 2] == '}') {
			pattern_piece(f->nation, r, number, pattern[i + 1], piece, sizeof(piece));
			i += 2;
		} else
			snprintf(piece, sizeof(piece), "%c", pattern[i]);
		size_t n = strlen(piece);
		if (used + n >= sizeof(out))
			break;
		memcpy(out + used, piece, n);
		used += n;
	}
	out[used] = '\0';
	cell_text(f, out);
}

static void cell_range(struct fill *f, struct row_context *r, const struct vietnam_column *c, long long low, long long high)
{
	const char *type = c->type;
	if (strcmp(type, "date") == 0 || strcmp(type, "timestamp") == 0) {
		int32_t from = day_from_civil((int)low, 1, 1), until = day_from_civil((int)high, 12, 31);
		if (high <= DEMO_YEAR && until > DEMO_TODAY)
			until = DEMO_TODAY;
		int32_t day = (int32_t)draw_between(&r->d, from, until);
		if (type[0] == 'd')
			cell_date(f, day);
		else
			cell_timestamp(f, day, (unsigned)draw_below(&r->d, 86400));
	} else if (strncmp(type, "numeric", 7) == 0 || strcmp(type, "double") == 0) {
		const char *comma = strchr(type, ',');
		int scale = comma ? atoi(comma + 1) : 2;
		int64_t unit = 1;
		for (int i = 0; i < scale; i++)
			unit *= 10;
		cell_decimal(f, draw_between(&r->d, low * unit, high * unit), scale);
	} else {
		int64_t v = draw_between(&r->d, low, high);
		cell_int(f, high >= 1000000 ? v / 1000 * 1000 : v);
	}
}

static void cell_point(struct fill *f, struct row_context *r, bool latitude)
{
	/* province codes run from north to south */
	const struct province *p = &f->nation->provinces[f->nation->communes[r->commune].province];
	int64_t south = atoi(p->code), jitter = (int64_t)draw_below(&r->d, 60000) - 30000;
	cell_decimal(f, latitude ? 2250000 - south * 13500 + jitter : 10560000 + (south % 7) * 25000 + jitter, 5);
}

/* Columns that point at something; false when the reference says nothing about how to fill. */
static bool cell_reference(struct fill *f, struct row_context *r, const struct vietnam_column *c)
{
	const struct nation *n = f->nation;
	struct vehicle v;
	char text[16];
	if (strcmp(c->references, "population.person.personal_id") == 0) {
		cell_person(f, strcmp(c->domain, "child") == 0 ? r->child : r->person);
	} else if (strcmp(c->references, "business_registration.enterprise.enterprise_code") == 0) {
		cell_text(f, n->enterprises[r->enterprise].code);
	} else if (strcmp(c->references, "province") == 0) {
		cell_text(f, n->provinces[n->communes[r->commune].province].code);
	} else if (strcmp(c->references, "commune") == 0) {
		cell_text(f, n->communes[r->commune].code);
	} else if (strcmp(c->references, "health_national.facility.facility_code") == 0) {
		cell_text(f, n->facilities[nation_pick_facility(n, &r->d, n->communes[r->commune].province)].code);
	} else if (strcmp(c->references, "residence.household.household_no") == 0) {
		household_no(n->people[r->person].household, text);
		cell_text(f, text);
	} else if (strcmp(c->references, "vehicle_registration.vehicle.plate") == 0) {
		for (int try = 0; !person_vehicle(n, r->person, try % 2, &v) && try < 200; try++)
			r->person = nation_pick_person(n, &r->d, true);
		cell_text(f, v.plate);
	} else {
		return false;
	}
	return true;
}

/* A reference into another representative table: the same pattern with one of that table's numbers. */
static uint64_t referenced_number(struct fill *f, struct row_context *r, const struct vietnam_column *c)
{
	char database[64];
	const char *dot = strchr(c->references, '.');
	if (!dot)
		return r->number;
	snprintf(database, sizeof(database), "%.*s", (int)(dot - c->references), c->references);
	const struct vietnam_table *tables;
	size_t n = vietnam_tables(&tables);
	for (size_t i = 0; i < n; i++)
		if (strcmp(tables[i].database_code, database) == 0)
			return 1 + draw_below(&r->d, table_rows(f->nation, tables[i].kind));
	return r->number;
}

static bool cell_generic(struct fill *f, struct row_context *r, const struct vietnam_column *c)
{
	long long low, high;
	int end = 0;
	const char *start, *domain = c->domain;
	if (strcmp(c->nullable, "yes") == 0 && draw_chance(&r->d, 2500)) {
		cell_null(f);
	} else if (cell_reference(f, r, c)) {
		return true;
	} else if (strcmp(domain, "full_name") == 0) {
		cell_name(f, r->person);
	} else if (strcmp(domain, "lat") == 0 || strcmp(domain, "lon") == 0) {
		cell_point(f, r, domain[1] == 'a');
	} else if (sscanf(domain, "%lld..%lld%n", &low, &high, &end) == 2 && !domain[end]) {
		cell_range(f, r, c, low, high);
	} else if (*domain) {
		size_t len = choice_of(domain, draw_below(&r->d, choice_count(domain)), &start);
		if (strcmp(c->type, "boolean") == 0)
			cell_bool(f, start[0] == 't');
		else if (strcmp(c->type, "bigint") == 0 || strcmp(c->type, "integer") == 0 || strcmp(c->type, "smallint") == 0)
			cell_int(f, strncmp(start, "{n}", 3) == 0 ? (int64_t)r->number : atoll(start));
		else
			cell_pattern(f, r, start, len, referenced_number(f, r, c));
	} else {
		return err_set(f->err, ERR_INTERNAL, "columns.tsv does not say how to fill %s.%s.%s", c->database_code, c->table_name, c->name);
	}
	return true;
}

bool fill_generic(struct fill *f)
{
	const struct nation *n = f->nation;
	for (size_t t = 0; t < f->ntables; t++) {
		const struct demo_table *table = &f->tables[t];
		uint64_t rows = table_rows(n, table->kind), salt = text_hash(table->database, table->name);
		if (!fill_begin(f, table->name))
			return false;
		for (uint64_t i = 0; i < rows; i++) {
			struct row_context r = {.number = i + 1, .rows = rows, .d = nation_draw(n, STREAM_GENERIC ^ salt, i)};
			r.person = nation_pick_person(n, &r.d, true);
			r.child = nation_pick_person(n, &r.d, false);
			r.enterprise = (uint32_t)draw_below(&r.d, n->nenterprises);
			r.commune = n->households[n->people[r.person].household].commune;
			for (size_t c = 0; c < table->ncols; c++)
				if (!cell_generic(f, &r, &table->columns[c]))
					return false;
			if (!row_end(f))
				return false;
		}
		if (!fill_end(f))
			return false;
	}
	return true;
}
