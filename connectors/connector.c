/*
 * The registry of connectors (connectors.def), and the probe's facts as option rows and back.
 *
 * Leaves everything about a kind of source to its folder. Invariant: a fact that is zero or empty is
 * not written, and a missing row reads as zero, so that facts survive a version that knows fewer.
 */
#include "connectors/connector.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTOR(symbol) extern const struct connector connector_##symbol;
#include "connectors/connectors.def"
#undef CONNECTOR

const struct connector *const connectors[] = {
#define CONNECTOR(symbol) &connector_##symbol,
#include "connectors/connectors.def"
#undef CONNECTOR
	NULL,
};

const struct connector *connector_find(const char *type_name)
{
	for (size_t i = 0; connectors[i]; i++)
		if (cstr_eq_nocase(connectors[i]->name, type_name))
			return connectors[i];
	return NULL;
}

enum fact_kind { FACT_TEXT, FACT_BOOL, FACT_INT, FACT_INT64 };

static const struct fact_row {
	const char *name;
	enum fact_kind kind;
	size_t offset, size;
} fact_rows[] = {
#define ROW(field, kind) {#field, kind, offsetof(struct source_facts, field), sizeof(((struct source_facts *)0)->field)}
	ROW(product, FACT_TEXT),
	ROW(version, FACT_TEXT),
	ROW(version_number, FACT_INT),
	ROW(dialect, FACT_TEXT),
	ROW(encoding, FACT_TEXT),
	ROW(collation, FACT_TEXT),
	ROW(text_equal_exact, FACT_BOOL),
	ROW(text_order_exact, FACT_BOOL),
	ROW(pads_spaces, FACT_BOOL),
	ROW(like_exact, FACT_BOOL),
	ROW(null_order_syntax, FACT_BOOL),
	ROW(zero_dates, FACT_BOOL),
	ROW(strict_mode, FACT_BOOL),
	ROW(empty_is_null, FACT_BOOL),
	ROW(cuts_doubles, FACT_BOOL),
	ROW(timezone, FACT_TEXT),
	ROW(sql_mode, FACT_TEXT),
	ROW(max_statement_bytes, FACT_INT64),
	ROW(max_parameters, FACT_INT64),
	ROW(max_in_list, FACT_INT64),
	ROW(max_identifier, FACT_INT),
#undef ROW
};

/* The value as text in m; NULL when it is zero. */
static const char *fact_text(const struct fact_row *r, const char *at, struct mem *m)
{
	int i;
	int64_t l;

	switch (r->kind) {
	case FACT_TEXT:
		return *at ? mem_strdup(m, at) : NULL;
	case FACT_BOOL:
		return *(const bool *)at ? "on" : NULL;
	case FACT_INT:
		memcpy(&i, at, sizeof i);
		return i ? mem_printf(m, "%d", i) : NULL;
	case FACT_INT64:
		memcpy(&l, at, sizeof l);
		return l ? mem_printf(m, "%lld", (long long)l) : NULL;
	}
	UNREACHABLE();
}

struct options facts_to_options(const struct source_facts *f, struct mem *m)
{
	struct option *list = mem_new_array(m, struct option, ARRAY_LEN(fact_rows));
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(fact_rows); i++) {
		const char *v = fact_text(&fact_rows[i], (const char *)f + fact_rows[i].offset, m);
		if (v)
			list[n++] = (struct option){fact_rows[i].name, v};
	}
	return (struct options){list, n};
}

void facts_from_options(struct source_facts *f, const struct options *o)
{
	memset(f, 0, sizeof *f);
	for (size_t i = 0; i < ARRAY_LEN(fact_rows); i++) {
		const struct fact_row *r = &fact_rows[i];
		char *at = (char *)f + r->offset;
		const char *v = options_get(o, r->name);
		int64_t l = options_get_int(o, r->name, 0);
		int n = (int)l;

		if (!v)
			continue;
		switch (r->kind) {
		case FACT_TEXT:
			snprintf(at, r->size, "%s", v);
			break;
		case FACT_BOOL:
			*(bool *)at = options_get_bool(o, r->name, false);
			break;
		case FACT_INT:
			memcpy(at, &n, sizeof n);
			break;
		case FACT_INT64:
			memcpy(at, &l, sizeof l);
			break;
		}
	}
}
