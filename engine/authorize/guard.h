/*
 * Who sees what. The binder reaches a table only through authorize_table, which hands it a guard or
 * nothing: the only way to a scan, for any statement or tool. A guard is masks over a row condition over a
 * scan; without agreements (so far) it is full access. A table that may not be seen does not exist.
 */
#ifndef HOPLUU_AUTHORIZE_GUARD_H
#define HOPLUU_AUTHORIZE_GUARD_H

#include "catalog/snapshot.h"
#include "engine/plan/virtual.h"

/* Who asks, as of one statement. unit, province may be NULL (= ""). */
struct principal {
	const char *user, *agency, *purpose;
	const char *unit, *province;
	enum user_role role;
	bool is_administrator; /* defines servers and users; of data, sees that of servers without an agency */
	bool is_operator;      /* has the catalog's files in hand (the local shell): sees and may do everything */
	bool is_listed;        /* stands in the catalog's users, to be looked up anew for every statement */
	bool is_gone;          /* is_listed, and the user was dropped */
	bool is_owner;         /* what an agency lets its views and row conditions read: its own tables, nothing else */
	const struct principal *reader; /* is_owner: who reads by them; session values are theirs */
	int64_t now;           /* us since 1970; 0 = the clock's */
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
	/* the grants in force that all this comes from; none: full access */
	size_t ngrants;
	const struct catalog_grant *const *grants;
	int64_t minimum;      /* 0 = rows; else only aggregates over so many people */
	int64_t max_rows;     /* of the statement's result; -1 = any number */
	uint64_t hash;        /* of everything above: the same rules, the same hash */
	uint32_t number;      /* in the plan's access proof */
};

/* A log-in as it stands in the catalog now, with the purpose that its session declares ("" = the user's default). Texts
 * are borrowed from the snapshot and from the arguments. */
struct principal principal_now(const struct catalog_snapshot *s, const struct principal *login, const char *purpose);
/* Is the grant one that this principal's agency has now, for the declared purpose, at this hour? */
bool authorize_grant_in_force(const struct catalog_grant *g, const struct principal *who);
/* FULL: all rows and columns. SHARED: what grants in force let through. */
enum access { ACCESS_NONE, ACCESS_SHARED, ACCESS_FULL };
enum access authorize_access(const struct principal *who, const struct catalog_table *t);
/* Fills g (whose table is set) from the grants in force for who: SHARED. Texts in m. */
void authorize_share(const struct principal *who, struct mem *m, struct guard *g);
/* May who say what the agency shares: its stewards, the operator; administrators too, but not for their own agency's
 * benefit. 42501. */
MUST_CHECK bool authorize_share_definition(const struct principal *who, const char *provider, const char *consumer,
										   const char *tag, struct err *e);
/* Do rules made for a statement still hold in this snapshot? 42501 when they have changed. */
MUST_CHECK bool authorize_still(const struct catalog_snapshot *s, const struct principal *who, const struct guard *g,
								struct err *e);

/* Looks a name up for this principal: 42P01 (or 3F000) when it isn't there or isn't for them, one wording.
 * schema NULL = by search path. Views come back too (guard->table->kind). */
MUST_CHECK bool authorize_table(const struct catalog_snapshot *snapshot, const struct principal *who,
								const char *schema, const char *name, const char *search_path, int pos,
								struct mem *m, const struct guard **out, struct err *e);
/* Filters for listings. */
bool authorize_sees_table(const struct principal *who, const struct catalog_table *t);
bool authorize_sees_column(const struct principal *who, const struct catalog_table *t, uint32_t column);
/* How many rows it has, and what its values are like: not of tables that are shared in part. */
bool authorize_sees_counts(const struct principal *who, const struct catalog_table *t);
bool authorize_sees_values(const struct principal *who, const struct catalog_table *t);
bool authorize_sees_schema(const struct principal *who, const struct catalog_schema *s);
bool authorize_sees_server(const struct principal *who, const struct catalog_server *s);
/* That there is such an agreement; and the texts of its row conditions and masks. */
bool authorize_sees_agreement(const struct principal *who, const struct catalog_agreement *a);
bool authorize_sees_rules(const struct principal *who, const struct catalog_agreement *a);
/* Statement classes: may this user define servers, tables …? 42501. COMMAND_SHARE: what stewards say, looked at again by
 * authorize_share_definition. */
enum command_class { COMMAND_QUERY, COMMAND_DEFINE, COMMAND_SHARE, COMMAND_SETTING, COMMAND_SHOW };
MUST_CHECK bool authorize_command(const struct principal *who, enum command_class what, const char *tag, struct err *e);

/* Registered virtual tables (engine/authorize/virtual_tables.def). */
const struct virtual_table *virtual_table_find(const char *schema, const char *name);
size_t virtual_table_count(void);
const struct virtual_table *virtual_table_at(size_t i);

#endif
