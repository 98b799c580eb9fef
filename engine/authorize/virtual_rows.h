/* Building rows of virtual tables: a small cursor over a row of values. For the files that define virtual tables. */
#ifndef HOPLUU_AUTHORIZE_VIRTUAL_ROWS_H
#define HOPLUU_AUTHORIZE_VIRTUAL_ROWS_H

#include "engine/authorize/guard.h"
#include "engine/function/func.h" /* T(type) */

#define VIRTUAL_TABLE(symbol) extern const struct virtual_table virtual_table_##symbol;
#include "engine/authorize/virtual_tables.def"
#undef VIRTUAL_TABLE

#define VIRTUAL_MAX_COLUMNS 32
struct row_builder {
	const struct virtual_table *table;
	struct mem *mem;
	uint32_t n;
	struct value values[VIRTUAL_MAX_COLUMNS];
};
static inline void row_start(struct row_builder *r, const struct virtual_table *t, struct mem *m)
{
	r->table = t;
	r->mem = m;
	r->n = 0;
}
/* The next column; NULL texts and "" where empty_is_null are SQL NULL. */
void row_text(struct row_builder *r, const char *text);
void row_text_or_null(struct row_builder *r, const char *text); /* "" is NULL too */
void row_bool(struct row_builder *r, bool b);
void row_int(struct row_builder *r, int64_t i);                 /* int4 or int8 by the column's type */
void row_count(struct row_builder *r, double d);                /* int8; NULL when negative */
void row_float(struct row_builder *r, double d, bool known);
void row_date(struct row_builder *r, const char *iso);          /* "" is NULL */
MUST_CHECK bool row_send(struct row_builder *r, struct virtual_sink *sink, struct err *e);

#endif
