/*
 * Which databases the demo has: what catalog/vietnam describes, plus the provincial register that is
 * described here (provincial_*.tsv); how each is filled; where each is put.
 */
#include <stdio.h>
#include <string.h>

#include "catalog/vietnam/tsv.h"
#include "tools/demo/demo.h"

extern const char embed_provincial_tables_tsv[], embed_provincial_columns_tsv[];

/* Databases with rows of their own making, and where they go when servers are given. All others are
 * filled from their description and stay in SQLite files. */
static const struct filled {
	const char *code;
	fill_fn *fill;
	double rows_per_person;
	enum place preferred;
} filled[] = {
	{"population", fill_population, 1.0, PLACE_POSTGRESQL},
	{"citizen_identity", fill_citizen_identity, 0.8, PLACE_POSTGRESQL},
	{"residence", fill_residence, 1.35, PLACE_POSTGRESQL},
	{"civil_status", fill_civil_status, 0.4, PLACE_POSTGRESQL},
	{"insurance", fill_insurance, 5.2, PLACE_MARIADB},
	{"health_national", fill_health_national, 0.01, PLACE_MARIADB},
	{"medical_examination", fill_medical_examination, 3.6, PLACE_MARIADB},
	{"business_registration", fill_business_registration, 0.05, PLACE_POSTGRESQL},
	{"taxpayers", fill_taxpayers, 0.9, PLACE_POSTGRESQL},
	{"land", fill_land, 1.3, PLACE_POSTGRESQL},
	{"vehicle_registration", fill_vehicle_registration, 0.75, PLACE_MARIADB},
	{"driver_licence", fill_driver_licence, 0.5, PLACE_MARIADB},
	{"general_education", fill_general_education, 0.3, PLACE_SQLITE},
	{"civil_servants", fill_civil_servants, 0.2, PLACE_SQLITE},
	{"social_assistance", fill_social_assistance, 0.6, PLACE_MARIADB},
	{"credit_information", fill_credit_information, 0.6, PLACE_SQLITE},
	{"local_government_boundaries", fill_local_government_boundaries, 0.0, PLACE_SQLITE},
	{"shared_code_catalog", fill_shared_code_catalog, 0.0, PLACE_SQLITE},
	{"hai_phong", fill_hai_phong, 0.05, PLACE_ODBC},
};

const char *place_name(enum place p)
{
	switch (p) {
	case PLACE_SQLITE: return "sqlite";
	case PLACE_POSTGRESQL: return "postgresql";
	case PLACE_MARIADB: return "mariadb";
	case PLACE_ODBC: return "odbc";
	}
	UNREACHABLE();
}

/* Whether `code` is an element of "a,b,c". */
static bool listed(const char *list, const char *code)
{
	size_t len = strlen(code);
	for (const char *p = list; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
		if (strncmp(p, code, len) == 0 && (p[len] == ',' || p[len] == '\0'))
			return true;
	return false;
}

static void set_add_tables(struct demo_set *set, struct demo_database *d, const struct vietnam_table *tables, size_t n, const struct vietnam_column *columns, size_t ncolumns)
{
	for (size_t i = 0; i < n; i++)
		d->ntables += strcmp(tables[i].database_code, d->code) == 0;
	d->tables = mem_new_array(set->mem, struct demo_table, d->ntables + 1);
	d->ntables = 0;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(tables[i].database_code, d->code) != 0)
			continue;
		struct demo_table *t = &d->tables[d->ntables++];
		*t = (struct demo_table){d->code, tables[i].name, tables[i].title_vi, tables[i].title_en, tables[i].kind, NULL, 0};
		for (size_t k = 0; k < ncolumns; k++) {
			if (strcmp(columns[k].database_code, d->code) != 0 || strcmp(columns[k].table_name, t->name) != 0)
				continue;
			if (!t->ncols++)
				t->columns = &columns[k];
		}
	}
}

static void database_init(struct demo_database *d, const struct demo_options *o)
{
	d->fill = fill_generic;
	d->rows_per_person = 0.008;
	d->place = PLACE_SQLITE;
	for (size_t i = 0; i < ARRAY_LEN(filled); i++) {
		if (strcmp(filled[i].code, d->code) != 0)
			continue;
		enum place p = filled[i].preferred;
		d->fill = filled[i].fill;
		d->rows_per_person = filled[i].rows_per_person;
		if ((p == PLACE_POSTGRESQL && o->postgresql) || (p == PLACE_MARIADB && o->mariadb) || (p == PLACE_ODBC && o->odbc))
			d->place = p;
	}
}

static bool apply_move(struct demo_set *set, const struct demo_options *o, const char *move, struct err *e)
{
	const char *equals = strchr(move, '=');
	static const enum place places[] = {PLACE_SQLITE, PLACE_POSTGRESQL, PLACE_MARIADB, PLACE_ODBC};
	for (size_t i = 0; equals && i < set->n; i++) {
		if (strlen(set->items[i].code) != (size_t)(equals - move) || strncmp(set->items[i].code, move, (size_t)(equals - move)) != 0)
			continue;
		for (size_t k = 0; k < ARRAY_LEN(places); k++) {
			if (strcmp(place_name(places[k]), equals + 1) != 0)
				continue;
			if ((places[k] == PLACE_POSTGRESQL && !o->postgresql) || (places[k] == PLACE_MARIADB && !o->mariadb) || (places[k] == PLACE_ODBC && !o->odbc))
				return err_set(e, ERR_INVALID_PARAMETER_VALUE, "--place %s needs --%s", move, equals + 1);
			set->items[i].place = places[k];
			return true;
		}
	}
	return err_set(e, ERR_INVALID_PARAMETER_VALUE, "--place %s: not DATABASE=sqlite, postgresql, mariadb or odbc", move);
}

static void check_only(const struct demo_set *set, const struct demo_options *o, struct err *e)
{
	char code[64];
	for (const char *p = o->only; p && *p; p += strcspn(p, ","), p += *p == ',') {
		snprintf(code, sizeof(code), "%.*s", (int)strcspn(p, ","), p);
		bool found = false;
		for (size_t i = 0; i < set->n; i++)
			found |= strcmp(set->items[i].code, code) == 0;
		if (!found)
			err_set(e, ERR_UNDEFINED_OBJECT, "--only: there is no database \"%s\"", code);
	}
}

bool demo_set_make(struct demo_set *set, const struct demo_options *o, struct err *e)
{
	const struct vietnam_database *rows;
	const struct vietnam_table *tables;
	const struct vietnam_column *columns;
	size_t n = vietnam_databases(&rows), ntables = vietnam_tables(&tables), ncolumns = vietnam_columns(&columns);
	*set = (struct demo_set){.mem = mem_new(NULL, MEM_OTHER, "demo", 0)};
	set->items = mem_new_array(set->mem, struct demo_database, n + 1);
	for (size_t i = 0; i < n; i++) {
		if ((o->only && !listed(o->only, rows[i].code)) || (*rows[i].valid_until && strcmp(rows[i].valid_until, "2026-06-30") < 0))
			continue;
		struct demo_database *d = &set->items[set->n++];
		*d = (struct demo_database){.code = rows[i].code, .name_vi = rows[i].name_vi, .name_en = rows[i].name_en, .agency = rows[i].agency_code};
		set_add_tables(set, d, tables, ntables, columns, ncolumns);
		database_init(d, o);
	}
	if (!o->only || listed(o->only, "hai_phong")) {
		/* kept for the whole process, like the national files */
		static struct tsv provincial_tables, provincial_columns;
		if (!provincial_tables.text) {
			tsv_parse(&provincial_tables, embed_provincial_tables_tsv);
			tsv_parse(&provincial_columns, embed_provincial_columns_tsv);
		}
		struct demo_database *d = &set->items[set->n++];
		*d = (struct demo_database){.code = "hai_phong", .name_vi = "Cơ sở dữ liệu của thành phố Hải Phòng", .name_en = "Registers of the city of Hải Phòng", .agency = ""};
		set_add_tables(set, d, (const struct vietnam_table *)(const void *)provincial_tables.cells, provincial_tables.nrows,
					   (const struct vietnam_column *)(const void *)provincial_columns.cells, provincial_columns.nrows);
		database_init(d, o);
	}
	check_only(set, o, e);
	for (size_t i = 0; i < o->nmoves && !err_is_set(e); i++)
		if (!apply_move(set, o, o->moves[i], e))
			break;
	if (err_is_set(e))
		demo_set_release(set);
	return !err_is_set(e);
}

void demo_set_release(struct demo_set *set)
{
	mem_free(set->mem);
	*set = (struct demo_set){0};
}
