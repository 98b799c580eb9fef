/*
 * How rows get from the nation into a database: a fill function per database makes rows cell by cell;
 * a sink takes them (SQLite file, PostgreSQL schema, MariaDB database, or a checksum for tests). The
 * definition of each table comes from columns.tsv, so cells must follow its order: row_end checks that.
 *
 * A fill runs in one thread. Errors are sticky: after a failed row_end every further call is a no-op
 * that says false, and the reason is in fill.err.
 */
#ifndef HOPLUU_TOOLS_DEMO_FILL_H
#define HOPLUU_TOOLS_DEMO_FILL_H

#include <stdatomic.h>
#include "engine/base/err.h"
#include "tools/demo/nation.h"

enum dirt {
#define DIRT(name, database, table, column, share, vi, en, check) DIRT_##name,
#include "tools/demo/dirt.def"
#undef DIRT
	DIRT_COUNT
};
struct dirt_info {
	const char *name, *database, *table, *column;
	unsigned share; /* of 10,000 */
	const char *vi, *en, *check;
};
extern const struct dirt_info dirt_infos[DIRT_COUNT];

enum cell_kind { CELL_NULL, CELL_INT, CELL_BOOL, CELL_TEXT, CELL_DECIMAL, CELL_DATE, CELL_TIMESTAMP };
struct cell {
	enum cell_kind kind;
	int64_t number;   /* INT, BOOL: the value. Others: unused */
	const char *text; /* all but NULL, INT, BOOL: NUL-terminated, in the row's buffer */
	size_t len;
};

/* A table as the demo makes it: rows of tables.tsv and columns.tsv (or of provincial.tsv). */
struct demo_table {
	const char *database, *name, *title_vi, *title_en, *kind;
	const struct vietnam_column *columns;
	size_t ncols;
};

/* What takes the rows. One object per database and thread. All but close may fail with err set. */
struct sink;
struct sink_ops {
	bool (*begin)(struct sink *s, const struct demo_table *t, struct err *e);
	bool (*row)(struct sink *s, const struct cell *cells, size_t n, struct err *e);
	bool (*end)(struct sink *s, struct err *e);    /* of the table: keys, indexes */
	bool (*finish)(struct sink *s, struct err *e); /* of the database: commit, statistics */
	void (*close)(struct sink *s);                 /* drops what isn't finished */
};
struct sink {
	const struct sink_ops *ops;
};

#define FILL_COLUMNS 40
struct fill {
	const struct nation *nation;
	const struct demo_table *tables; /* of this database */
	size_t ntables;
	struct sink *sink;
	struct err *err;
	atomic_ulong *progress;          /* rows made so far, shared by the threads */
	uint64_t *dirty;                 /* [DIRT_COUNT]: rows made dirty; each is written by one database only */
	uint64_t rows, table_rows, checksum;
	const struct demo_table *table;  /* being filled */
	unsigned widths[FILL_COLUMNS];   /* of its varchar columns, 0 = none */
	struct cell cells[FILL_COLUMNS];
	size_t ncells, used;
	char buffer[4096];
};

/* Tables in any order; each once. */
MUST_CHECK bool fill_begin(struct fill *f, const char *table);
MUST_CHECK bool fill_end(struct fill *f);
/* Cells of the current row, in the order of the columns. */
void cell_null(struct fill *f);
void cell_int(struct fill *f, int64_t v);
void cell_bool(struct fill *f, bool v);
void cell_text(struct fill *f, const char *s); /* NULL or "" gives NULL; copied */
void cell_format(struct fill *f, const char *fmt, ...) PRINTF_LIKE(2, 3);
void cell_decimal(struct fill *f, int64_t unscaled, int scale);
void cell_date(struct fill *f, int32_t day); /* 0 gives NULL where the column may be */
void cell_timestamp(struct fill *f, int32_t day, unsigned second);
void cell_person(struct fill *f, uint32_t p); /* id, NULL for NOBODY */
void cell_name(struct fill *f, uint32_t p);
/* The name, decomposed where that dirt hits this row (and the name has marks). */
void cell_name_dirty(struct fill *f, uint32_t p, enum dirt what, uint64_t row);
MUST_CHECK bool row_end(struct fill *f);

/* Whether the row with that number is dirty in this way; counts it when it is. */
bool dirt_hits(struct fill *f, enum dirt what, uint64_t row);

typedef bool fill_fn(struct fill *f);
fill_fn fill_population, fill_citizen_identity, fill_residence, fill_civil_status, fill_insurance, fill_health_national,
	fill_medical_examination, fill_business_registration, fill_taxpayers, fill_land, fill_vehicle_registration,
	fill_driver_licence, fill_general_education, fill_civil_servants, fill_social_assistance, fill_credit_information,
	fill_local_government_boundaries, fill_shared_code_catalog, fill_hai_phong;
/* Any database whose columns say by reference and domain how to fill them. */
fill_fn fill_generic;

/* Facts that several fills share. */
struct vehicle {
	char plate[13];
	bool car;
	int32_t registered;
};
/* The person's motorcycle (car = false) or car; false when there is none. */
bool person_vehicle(const struct nation *n, uint32_t p, bool car, struct vehicle *v);
bool enterprise_vehicle(const struct nation *n, uint32_t e, unsigned which, struct vehicle *v);
struct parcel {
	char id[21], serial[13];
	const char *land_type;
	unsigned sheet, number;
	int64_t area_tenths;
	int32_t issued;
};
bool household_parcel(const struct nation *n, uint32_t h, unsigned which, struct parcel *p);
struct health_card {
	char number[16];
	const char *group;
	unsigned percent;
	uint32_t facility;
	int32_t from, until;
};
bool person_health_card(const struct nation *n, uint32_t p, struct health_card *c);

#endif
