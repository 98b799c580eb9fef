/*
 * What COLLATE becomes: binding turns comparisons and orders by a collation other than C into those of sort keys, and
 * case functions into the collation's (engine/bind/collate.c). The last argument names the collation.
 */
#include "engine/base/err.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"
#include "engine/types/collation.h"

/* A call site's collator; its ICU memory is given back with the scratch arena. */
struct site {
	uint8_t collation;
	struct collator *collator;
};

static void close_site(void *p) { collator_close(((struct site *)p)->collator); }

static struct collator *collator_of(struct row *r)
{
	struct site *s = r->call->state;
	struct str name = row_str(r, r->call->nargs - 1);
	uint8_t id;

	if (s)
		return s->collator; /* the name is a constant of the plan */
	s = mem_new_object(r->call->scratch, struct site);
	if (!collation_find(mem_printf(r->call->scratch, "%.*s", (int)name.len, name.data), &id, r->call->err) ||
		!collator_open(id, r->call->scratch, &s->collator, r->call->err))
		return NULL;
	s->collation = id;
	mem_on_free(r->call->scratch, close_site, s);
	r->call->state = s;
	return s->collator;
}

static bool sort_key_row(struct row *r)
{
	struct collator *c = collator_of(r);

	return c && collator_key(c, row_str(r, 0), true, r->buf, r->call->err);
}
ROWS(sort_key_fn, sort_key_row, ROWS_BUILD)

static bool equal_key_row(struct row *r)
{
	struct collator *c = collator_of(r);

	return c && collator_key(c, row_str(r, 0), false, r->buf, r->call->err);
}
ROWS(equal_key_fn, equal_key_row, ROWS_BUILD)

static bool key_text_row(struct row *r)
{
	struct str s = row_str(r, 0);
	const char *end = memchr(s.data, 0, s.len);

	if (!end)
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "this is no sort key that holds its text");
	end++;
	return row_text(r, end, s.len - (size_t)(end - s.data));
}
ROWS(key_text_fn, key_text_row, ROWS_PLAIN)

static bool lower_row(struct row *r)
{
	struct collator *c = collator_of(r);

	return c && collator_map_case(c, CASE_LOWER, row_str(r, 0), r->buf, r->call->err);
}
ROWS(lower_fn, lower_row, ROWS_BUILD)

static bool upper_row(struct row *r)
{
	struct collator *c = collator_of(r);

	return c && collator_map_case(c, CASE_UPPER, row_str(r, 0), r->buf, r->call->err);
}
ROWS(upper_fn, upper_row, ROWS_BUILD)

static bool initcap_row(struct row *r)
{
	struct collator *c = collator_of(r);

	return c && collator_map_case(c, CASE_TITLE, row_str(r, 0), r->buf, r->call->err);
}
ROWS(initcap_fn, initcap_row, ROWS_BUILD)

const struct func functions_collation[] = {
	FN("collation_sort_key", BYTEA, sort_key_fn, FAIL, "bytes that order as the named collation orders the text", T(TEXT), T(TEXT)),
	FN("collation_equal_key", BYTEA, equal_key_fn, FAIL, "bytes that are the same for texts which the named collation holds equal", T(TEXT), T(TEXT)),
	FN("collation_key_text", TEXT, key_text_fn, FAIL, "the text that a collation_sort_key was made of", T(BYTEA)),
	FN("collation_lower", TEXT, lower_fn, FAIL, "lower case by the language of the named collation", T(TEXT), T(TEXT)),
	FN("collation_upper", TEXT, upper_fn, FAIL, "upper case by the language of the named collation", T(TEXT), T(TEXT)),
	FN("collation_initcap", TEXT, initcap_fn, FAIL, "words capitalised by the language of the named collation", T(TEXT), T(TEXT)),
	FN_END,
};
