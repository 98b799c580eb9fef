/*
 * A generator of the eight tables of TPC-H: our own, deterministic, with the specification's columns, keys, value
 * ranges and dependencies (so that its queries select what they should), not its exact bytes.
 *
 * Rows are pulled one by one; nothing is kept but a pool of comment text. Every row depends on the scale and its
 * number alone, so two cursors over the same table give the same rows.
 */
#ifndef HOPLUU_TOOLS_BENCH_TPCH_H
#define HOPLUU_TOOLS_BENCH_TPCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tpch_table {
	TPCH_REGION, TPCH_NATION, TPCH_SUPPLIER, TPCH_CUSTOMER, TPCH_PART, TPCH_PARTSUPP, TPCH_ORDERS, TPCH_LINEITEM,
	TPCH_TABLES
};
enum tpch_kind { TPCH_INTEGER, TPCH_MONEY, TPCH_DATE, TPCH_CHAR, TPCH_VARCHAR };
struct tpch_column {
	const char *name;
	enum tpch_kind kind;
	int size;               /* characters of CHAR and VARCHAR */
};
#define TPCH_MAX_COLUMNS 16
struct tpch_schema {
	const char *name, *primary_key;
	uint32_t ncols;
	struct tpch_column cols[TPCH_MAX_COLUMNS];
};
extern const struct tpch_schema tpch_schemas[TPCH_TABLES];
/* TPCH_TABLES when there is none of that name. */
enum tpch_table tpch_table_find(const char *name, size_t len);

/* INTEGER: number; MONEY: number is in hundredths; DATE: number is days since 1970-01-01; else text. */
struct tpch_cell {
	int64_t number;
	const char *text;       /* valid until the cursor's next row */
	uint32_t len;
};

struct tpch_line {          /* of one order */
	int64_t part, supplier, quantity, price, discount, tax;
	int32_t ship, commit, receipt;
	uint64_t seed;          /* of its texts */
};
struct tpch_cursor {
	enum tpch_table table;
	double scale;
	int64_t row, rows;      /* of lineitem: orders */
	uint32_t line, nlines;
	struct tpch_line lines[7];
	char text[4][128];      /* of the current row */
};
void tpch_open(struct tpch_cursor *c, enum tpch_table table, double scale);
/* False after the last row. */
bool tpch_next(struct tpch_cursor *c, struct tpch_cell *cells);
/* Rows of a table; of lineitem those of orders, each of which has 1 to 7 lines. */
int64_t tpch_rows(enum tpch_table table, double scale);

/* Fills buf with whole rows as text, values parted by delimiter (which no value holds but for ',': then quoted). 0 = end. */
size_t tpch_text(struct tpch_cursor *c, char *buf, size_t size, char delimiter);
/* "1998-09-02" into at least 10 bytes; returns the end. */
char *tpch_print_date(char *p, int32_t days);

/* ---- tpch_text.c ---- */
struct tpch_random { uint64_t state; };
static inline uint64_t tpch_mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}
static inline uint64_t tpch_draw(struct tpch_random *r) { return tpch_mix(r->state += UINT64_C(0x9e3779b97f4a7c15)); }
/* low … high, both included. */
static inline int64_t tpch_between(struct tpch_random *r, int64_t low, int64_t high)
{
	return low + (int64_t)(((tpch_draw(r) >> 32) * (uint64_t)(high - low + 1)) >> 32);
}
/* Pseudo-English of low … high characters, in static memory. */
void tpch_comment(struct tpch_random *r, int low, int high, struct tpch_cell *out);
extern const char *const tpch_colours[92];
extern const char *const tpch_type1[6], *const tpch_type2[5], *const tpch_type3[5];
extern const char *const tpch_container1[5], *const tpch_container2[8];
extern const char *const tpch_segments[5], *const tpch_priorities[5], *const tpch_instructions[4], *const tpch_modes[7];
extern const char *const tpch_regions[5];
extern const struct tpch_nation { const char *name; int region; } tpch_nations[25];

#endif
