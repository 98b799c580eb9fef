/* Building rows of virtual tables, see virtual_rows.h. */
#include "engine/authorize/virtual_rows.h"

#include <math.h>

static struct type column_type(const struct row_builder *r)
{
	ASSERT(r->n < r->table->ncols && r->n < VIRTUAL_MAX_COLUMNS);
	return r->table->cols[r->n].type;
}

static void add(struct row_builder *r, struct value v)
{
	v.type = column_type(r);
	r->values[r->n++] = v;
}

void row_text(struct row_builder *r, const char *text)
{
	add(r, text ? value_text(r->mem, str_of(text)) : value_null(column_type(r)));
}

void row_text_or_null(struct row_builder *r, const char *text)
{
	row_text(r, text && *text ? text : NULL);
}

void row_bool(struct row_builder *r, bool b)
{
	add(r, value_bool(b));
}

void row_int(struct row_builder *r, int64_t i)
{
	add(r, column_type(r).id == TYPE_INT4 ? value_int4((int32_t)i) : value_int8(i));
}

void row_count(struct row_builder *r, double d)
{
	add(r, d < 0 ? value_null(column_type(r)) : value_int8((int64_t)llround(d)));
}

void row_float(struct row_builder *r, double d, bool known)
{
	add(r, known ? value_float8(d) : value_null(column_type(r)));
}

void row_date(struct row_builder *r, const char *iso)
{
	struct value v = value_null(column_type(r));

	if (iso && *iso && !value_parse(r->mem, type_make(TYPE_DATE), str_of(iso), &text_context_default, &v, NULL))
		v = value_null(column_type(r));
	add(r, v);
}

bool row_send(struct row_builder *r, struct virtual_sink *sink, struct err *e)
{
	ASSERT(r->n == r->table->ncols);
	return sink->row(sink, r->values, e);
}
