/*
 * The sharing part of the catalog as tables of the schema hopluu: purposes, the data dictionary and which columns it
 * classifies, agreements and what is granted under them. Agreements show to the two agencies and to those who manage
 * the catalog; texts of row conditions and masks to the providing side alone.
 */
#include <string.h>

#include "engine/authorize/virtual_rows.h"
#include "engine/types/datetime.h"

static const struct virtual_column purposes_columns[] = {{"code", T(TEXT)}, {"title", T(TEXT)}, {"comment", T(TEXT)}};

static bool fill_purposes(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	for (size_t i = 0; i < c->snapshot->npurposes; i++) {
		struct row_builder r;

		row_start(&r, &virtual_table_hopluu_purposes, c->mem);
		row_text(&r, c->snapshot->purposes[i].code);
		row_text(&r, c->snapshot->purposes[i].title);
		row_text(&r, c->snapshot->purposes[i].comment);
		if (!row_send(&r, sink, e))
			return false;
	}
	return true;
}

const struct virtual_table virtual_table_hopluu_purposes = {
	.schema = "hopluu", .name = "purposes", .comment = "what data may be asked for",
	.ncols = ARRAY_LEN(purposes_columns), .cols = purposes_columns, .fill = fill_purposes,
};

static const char *sensitivity_name(const struct catalog_element *el)
{
	return el->sensitivity == SENSITIVITY_SENSITIVE ? "sensitive" : el->sensitivity == SENSITIVITY_BASIC ? "basic" : "none";
}

static const struct virtual_column elements_columns[] = {{"name", T(TEXT)}, {"title", T(TEXT)}, {"format", T(TEXT)},
	{"sensitivity", T(TEXT)}, {"identifies_person", T(BOOL)}, {"comment", T(TEXT)}};

static bool fill_elements(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	for (size_t i = 0; i < c->snapshot->nelements; i++) {
		const struct catalog_element *el = &c->snapshot->elements[i];
		struct row_builder r;

		row_start(&r, &virtual_table_hopluu_elements, c->mem);
		row_text(&r, el->name);
		row_text(&r, el->title);
		row_text(&r, el->format);
		row_text(&r, sensitivity_name(el));
		row_bool(&r, el->is_person);
		row_text(&r, el->comment);
		if (!row_send(&r, sink, e))
			return false;
	}
	return true;
}

const struct virtual_table virtual_table_hopluu_elements = {
	.schema = "hopluu", .name = "elements", .comment = "the data dictionary",
	.ncols = ARRAY_LEN(elements_columns), .cols = elements_columns, .fill = fill_elements,
};

static const struct virtual_column classified_columns[] = {{"table_schema", T(TEXT)}, {"table_name", T(TEXT)},
	{"column_name", T(TEXT)}, {"element", T(TEXT)}, {"sensitivity", T(TEXT)}};

static bool table_elements(const struct virtual_context *c, const struct catalog_table *t, struct virtual_sink *sink, struct err *e)
{
	for (uint32_t i = 0; i < t->ncols; i++) {
		struct row_builder r;

		if (!t->columns[i].element || !authorize_sees_column(c->principal, t, i))
			continue;
		row_start(&r, &virtual_table_hopluu_column_elements, c->mem);
		row_text(&r, t->schema);
		row_text(&r, t->name);
		row_text(&r, t->columns[i].name);
		row_text(&r, t->columns[i].element->name);
		row_text(&r, sensitivity_name(t->columns[i].element));
		if (!row_send(&r, sink, e))
			return false;
	}
	return true;
}

static bool fill_column_elements(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	for (size_t i = 0; i < c->snapshot->nschemas; i++)
		for (size_t k = 0; k < c->snapshot->schemas[i]->ntables; k++)
			if (!table_elements(c, c->snapshot->schemas[i]->tables[k], sink, e))
				return false;
	return true;
}

const struct virtual_table virtual_table_hopluu_column_elements = {
	.schema = "hopluu", .name = "column_elements", .comment = "columns by the element that they hold",
	.ncols = ARRAY_LEN(classified_columns), .cols = classified_columns, .fill = fill_column_elements,
};

/* ---- agreements ---- */

static const struct virtual_column agreements_columns[] = {{"name", T(TEXT)}, {"provider", T(TEXT)}, {"consumer", T(TEXT)},
	{"purpose", T(TEXT)}, {"valid_from", T(TEXT)}, {"valid_until", T(TEXT)}, {"suspended", T(BOOL)}, {"reference", T(TEXT)},
	{"comment", T(TEXT)}};

/* UTC; NULL without bound. */
static void row_bound(struct row_builder *r, int64_t us, int64_t none)
{
	struct strbuf b;

	if (us == none) {
		row_text(r, NULL);
		return;
	}
	strbuf_init(&b, 64);
	timestamp_print(us - (int64_t)EPOCH_SHIFT_DAYS * USEC_PER_DAY, &b);
	strbuf_adds(&b, "+00");
	row_text(r, mem_strdup(r->mem, strbuf_cstr(&b)));
	strbuf_release(&b);
}

static bool fill_agreements(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	for (size_t i = 0; i < c->snapshot->nagreements; i++) {
		const struct catalog_agreement *a = c->snapshot->agreements[i];
		struct row_builder r;

		if (!authorize_sees_agreement(c->principal, a))
			continue;
		row_start(&r, &virtual_table_hopluu_agreements, c->mem);
		row_text(&r, a->name);
		row_text(&r, a->provider);
		row_text(&r, a->consumer);
		row_text(&r, a->purpose);
		row_bound(&r, a->valid_from, INT64_MIN);
		row_bound(&r, a->valid_until, INT64_MAX);
		row_bool(&r, a->suspended);
		row_text(&r, a->reference);
		row_text(&r, a->comment);
		if (!row_send(&r, sink, e))
			return false;
	}
	return true;
}

const struct virtual_table virtual_table_hopluu_agreements = {
	.schema = "hopluu", .name = "agreements", .comment = "who shares with whom, for what purpose",
	.ncols = ARRAY_LEN(agreements_columns), .cols = agreements_columns, .fill = fill_agreements,
};

static const struct virtual_column grants_columns[] = {{"agreement", T(TEXT)}, {"table_schema", T(TEXT)}, {"table_name", T(TEXT)},
	{"column_name", T(TEXT)}, {"is_masked", T(BOOL)}, {"mask", T(TEXT)}, {"has_row_condition", T(BOOL)}, {"row_condition", T(TEXT)},
	{"minimum", T(INT8)}, {"max_rows", T(INT8)}};

static bool grant_rows(const struct virtual_context *c, const struct catalog_grant *g, struct virtual_sink *sink, struct err *e)
{
	bool rules = authorize_sees_rules(c->principal, g->agreement);

	for (size_t i = 0; i < g->ncols; i++) {
		struct row_builder r;

		row_start(&r, &virtual_table_hopluu_grants, c->mem);
		row_text(&r, g->agreement->name);
		row_text(&r, g->schema);
		row_text(&r, g->table);
		row_text(&r, g->cols[i].name);
		row_bool(&r, g->cols[i].mask != NULL);
		row_text(&r, rules ? g->cols[i].mask : NULL);
		row_bool(&r, g->row_condition != NULL);
		row_text(&r, rules ? g->row_condition : NULL);
		row_count(&r, g->minimum ? (double)g->minimum : -1);
		row_count(&r, (double)g->max_rows);
		if (!row_send(&r, sink, e))
			return false;
	}
	return true;
}

static bool fill_grants(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	for (size_t i = 0; i < c->snapshot->nagreements; i++) {
		const struct catalog_agreement *a = c->snapshot->agreements[i];

		for (size_t k = 0; k < a->ngrants && authorize_sees_agreement(c->principal, a); k++)
			if (!grant_rows(c, a->grants[k], sink, e))
				return false;
	}
	return true;
}

const struct virtual_table virtual_table_hopluu_grants = {
	.schema = "hopluu", .name = "grants", .comment = "columns that agreements let read",
	.ncols = ARRAY_LEN(grants_columns), .cols = grants_columns, .fill = fill_grants,
};

static const struct virtual_column users_columns[] = {{"name", T(TEXT)}, {"agency", T(TEXT)}, {"role", T(TEXT)},
	{"is_administrator", T(BOOL)}, {"purpose", T(TEXT)}, {"unit", T(TEXT)}, {"province", T(TEXT)}};

/* Oneself; a steward sees those of the own agency too; whoever manages the catalog, all. */
static bool sees_user(const struct principal *who, const struct catalog_user *u)
{
	return who->is_operator || who->is_administrator || strcmp(who->user, u->name) == 0 ||
		   (who->role == ROLE_STEWARD && *who->agency && strcmp(who->agency, u->agency) == 0);
}

static bool fill_users(const struct virtual_context *c, struct virtual_sink *sink, struct err *e)
{
	for (size_t i = 0; i < c->snapshot->nusers; i++) {
		const struct catalog_user *u = &c->snapshot->users[i];
		struct row_builder r;

		if (!sees_user(c->principal, u))
			continue;
		row_start(&r, &virtual_table_hopluu_users, c->mem);
		row_text(&r, u->name);
		row_text_or_null(&r, u->agency);
		row_text(&r, catalog_role_name(u->role));
		row_bool(&r, u->is_administrator);
		row_text_or_null(&r, u->purpose);
		row_text_or_null(&r, u->unit);
		row_text_or_null(&r, u->province);
		if (!row_send(&r, sink, e))
			return false;
	}
	return true;
}

const struct virtual_table virtual_table_hopluu_users = {
	.schema = "hopluu", .name = "users", .comment = "who may log in",
	.ncols = ARRAY_LEN(users_columns), .cols = users_columns, .fill = fill_users,
};
