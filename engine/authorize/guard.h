/*
 * Who sees what. The binder reaches a table only through authorize_table, which hands it a guard or
 * nothing: the only way to a scan, for any statement or tool. A guard is masks over a row condition over a
 * scan; without agreements (so far) it is full access. A table that may not be seen does not exist.
 */
#ifndef HOPLUU_AUTHORIZE_GUARD_H
#define HOPLUU_AUTHORIZE_GUARD_H

#include "catalog/snapshot.h"
#include "engine/plan/virtual.h"

/* Who asks: set at log-in, constant for a statement. */
struct principal {
	const char *user, *agency, *purpose;
	bool is_administrator;
};

struct guard {
	const struct catalog_table *table;
	const struct virtual_table *virtual_table; /* one of the two */
	/* per table column: may it be read at all; NULL = all */
	const bool *readable;
	/* per table column: mask expression as SQL text over the table's columns; NULL = none */
	const char *const *masks;
	/* row condition as SQL text over the table's columns; NULL = all rows */
	const char *row_condition;
	uint32_t number;      /* in the plan's access proof */
};

/* Looks a name up for this principal: 42P01 (or 3F000) when it isn't there or isn't for them, one wording.
 * schema NULL = by search path. Views come back too (guard->table->kind). */
MUST_CHECK bool authorize_table(const struct catalog_snapshot *snapshot, const struct principal *who,
								const char *schema, const char *name, const char *search_path, int pos,
								struct mem *m, const struct guard **out, struct err *e);
/* Filters for listings. */
bool authorize_sees_table(const struct principal *who, const struct catalog_table *t);
bool authorize_sees_column(const struct principal *who, const struct catalog_table *t, uint32_t column);
bool authorize_sees_schema(const struct principal *who, const struct catalog_schema *s);
bool authorize_sees_server(const struct principal *who, const struct catalog_server *s);
/* Statement classes: may this user define servers, tables …? 42501. */
enum command_class { COMMAND_QUERY, COMMAND_DEFINE, COMMAND_SETTING, COMMAND_SHOW };
MUST_CHECK bool authorize_command(const struct principal *who, enum command_class what, const char *tag, struct err *e);

/* Registered virtual tables (engine/authorize/virtual_tables.def). */
const struct virtual_table *virtual_table_find(const char *schema, const char *name);
size_t virtual_table_count(void);
const struct virtual_table *virtual_table_at(size_t i);

#endif
