/*
 * The synthetic nation: who lives where with whom, who owns and who employs whom. A compact model in
 * memory (about 48 bytes a person), made once, then read-only and shared by the threads that write the
 * databases. Everything else about a person (name, phone, cars …) is computed from it by the functions
 * here and in the fill_*.c files, each time the same.
 */
#ifndef HOPLUU_TOOLS_DEMO_NATION_H
#define HOPLUU_TOOLS_DEMO_NATION_H

#include "catalog/vietnam/vietnam.h"
#include "tools/demo/draw.h"

/* The day on which the nation is looked at: 2026-06-30 as days since 1970-01-01. Fixed, so that the
 * data never depends on the clock. */
#define DEMO_TODAY 20634
#define DEMO_YEAR 2026
#define DEMO_SEED 20250701
#define NOBODY UINT32_MAX

enum relation { RELATION_HEAD, RELATION_SPOUSE, RELATION_CHILD, RELATION_PARENT, RELATION_OTHER };
enum marital { MARITAL_SINGLE, MARITAL_MARRIED, MARITAL_WIDOWED, MARITAL_DIVORCED };

struct person {
	int32_t birth, death;         /* days since 1970; death 0 = alive */
	uint32_t father, mother, spouse; /* index of a person or NOBODY */
	uint32_t household;
	uint32_t serial;              /* the six last digits of the personal id */
	int32_t married;              /* day of marriage, 0 = never */
	uint8_t former;               /* index of the former province of birth registration */
	uint8_t ethnicity;            /* code as a number */
	uint8_t religion;             /* code as a number, 0 = none */
	uint8_t female, relation, marital;
};
struct household {
	uint32_t first, count;        /* persons first … first+count-1 */
	uint16_t commune;             /* index in communes */
	uint8_t province;             /* index in provinces */
};
struct commune {
	const char *code, *name, *kind;
	uint8_t province;
};
struct province {
	const char *code, *name;
	unsigned weight;              /* population in thousands */
	uint32_t first_commune, ncommunes;
	uint8_t former[4];            /* indexes of its former provinces */
	uint8_t nformer;
	uint32_t *enterprises;        /* indexes of those seated here */
	uint32_t nenterprises;
};
struct enterprise {
	char code[11];
	uint32_t owner;               /* person */
	uint16_t commune;
	uint8_t province;
	uint8_t form;                 /* enterprise_forms */
	uint16_t industry;            /* index in the code list "industry" */
	int32_t founded;
};
struct facility {                 /* hospital, clinic, health station */
	char code[6];
	uint16_t commune;
	uint8_t province, level;      /* level 0 commune, 1 basic, 2 specialised */
};

struct nation {
	uint64_t seed;
	uint32_t npeople, nhouseholds, nenterprises, nfacilities;
	struct person *people;
	struct household *households;
	struct enterprise *enterprises;
	struct facility *facilities;
	struct province *provinces;
	struct commune *communes;
	const struct vietnam_former_province *formers;
	size_t nprovinces, ncommunes, nformers;
	const struct vietnam_code *industries, *diseases;
	size_t nindustries, ndiseases;
	uint32_t *first_facility;     /* nprovinces + 1: facilities sorted by province */
};

extern const char *const enterprise_forms[5];
extern const char *const relation_names[5]; /* "chủ hộ", "vợ/chồng" … */

/* The same seed and number give the same nation. people >= 1. */
void nation_build(struct nation *n, uint32_t people, uint64_t seed);
void nation_release(struct nation *n);

static inline struct draw nation_draw(const struct nation *n, uint64_t stream, uint64_t index)
{
	return draw_start(n->seed, stream, index);
}
/* Age in full years on a day. */
int age_on(int32_t birth, int32_t day);
static inline int person_age(const struct person *p)
{
	return age_on(p->birth, p->death ? p->death : DEMO_TODAY);
}

/* Texts about a person, into out; all are NUL-terminated and NFC. */
void person_id(const struct nation *n, uint32_t p, char out[13]);
size_t person_name(const struct nation *n, uint32_t p, char *out, size_t cap);
bool person_old_id(const struct nation *n, uint32_t p, char out[10]); /* false = never had one */
bool person_phone(const struct nation *n, uint32_t p, char out[13]);
void person_insurance_no(const struct nation *n, uint32_t p, char out[11]);
void household_no(uint32_t h, char out[13]);
size_t household_address(const struct nation *n, uint32_t h, char *out, size_t cap);
/* The first living member, else the first. */
uint32_t household_head(const struct nation *n, uint32_t h);
size_t enterprise_name(const struct nation *n, uint32_t e, char *out, size_t cap);
/* The check digit of the first nine digits; -1 where the rule gives none. */
int tax_check_digit(const char *nine);

enum job { JOB_NONE, JOB_CHILD, JOB_INFORMAL, JOB_WORKER, JOB_SERVANT, JOB_TEACHER, JOB_HEALTH, JOB_PENSIONER };
enum job person_job(const struct nation *n, uint32_t p);
/* The employer of a JOB_WORKER. */
uint32_t person_employer(const struct nation *n, uint32_t p);
/* Someone drawn: adult = 18 and older, alive; else a child of 0 to 17. */
uint32_t nation_pick_person(const struct nation *n, struct draw *d, bool adult);
/* A health facility in the province. */
uint32_t nation_pick_facility(const struct nation *n, struct draw *d, unsigned province);

/* Calendar: days since 1970 <-> civil date. */
int32_t day_from_civil(int year, int month, int day);
void day_to_civil(int32_t days, int *year, int *month, int *day);
void day_text(int32_t days, char out[11]);
static inline int day_year(int32_t days)
{
	int y, m, d;
	day_to_civil(days, &y, &m, &d);
	return y;
}

#endif
