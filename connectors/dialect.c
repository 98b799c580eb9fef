/* Registry of dialects, choice of rules, and the writing of names and literals. Quoting happens here only. */
#include "connectors/dialect.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/types/datetime.h"

#define DIALECT(name) extern const struct dialect dialect_##name;
#include "connectors/dialects.def"
#undef DIALECT

static const struct dialect *const dialects[] = {
#define DIALECT(name) &dialect_##name,
#include "connectors/dialects.def"
#undef DIALECT
};

size_t dialect_count(void)
{
	return ARRAY_LEN(dialects);
}
const struct dialect *dialect_at(size_t i)
{
	return dialects[i];
}

const struct dialect *dialect_find(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_LEN(dialects); i++)
		if (cstr_eq_nocase(dialects[i]->name, name))
			return dialects[i];
	return NULL;
}

const struct dialect *dialect_for(const char *connector, const char *option, const struct source_facts *facts)
{
	const struct dialect *d = dialect_find(option);

	if (!d)
		d = dialect_find(facts->dialect);
	if (!d && strcmp(connector, "mock") != 0)
		d = dialect_find(connector);
	return d ? d : &dialect_odbc;
}

static bool letter_fits(char letter, struct type t)
{
	bool is_int = t.id == TYPE_INT2 || t.id == TYPE_INT4 || t.id == TYPE_INT8;
	bool is_text = t.id == TYPE_TEXT || t.id == TYPE_VARCHAR || t.id == TYPE_BPCHAR || t.id == TYPE_NAME || t.id == TYPE_UNKNOWN;

	if (t.array)
		return false;
	switch (letter) {
	case '*':
		return true;
	case 'A':
		return !is_text;
	case 'i':
		return is_int;
	case 'n':
		return t.id == TYPE_NUMERIC;
	case 'N':
		return is_int || t.id == TYPE_NUMERIC;
	case 'f':
		return t.id == TYPE_FLOAT4 || t.id == TYPE_FLOAT8;
	case 't':
		return is_text;
	case 'd':
		return t.id == TYPE_DATE;
	case 'm':
		return t.id == TYPE_TIME;
	case 's':
		return t.id == TYPE_TIMESTAMP;
	case 'z':
		return t.id == TYPE_TIMESTAMPTZ;
	case 'v':
		return t.id == TYPE_INTERVAL;
	case 'b':
		return t.id == TYPE_BOOL;
	case 'y':
		return t.id == TYPE_BYTEA;
	case 'u':
		return t.id == TYPE_UUID;
	}
	UNREACHABLE();
}

const struct dialect_rule *dialect_rule(const struct dialect *d, const struct source_facts *facts, const char *name,
										enum func_kind kind, const struct type *types, uint32_t ntypes)
{
	for (size_t i = 0; i < d->nrules; i++) {
		const struct dialect_rule *r = &d->rules[i];
		uint32_t k = 0;

		if (r->kind != kind || strcmp(r->name, name) != 0 || strlen(r->args) != ntypes)
			continue;
		if (facts->version_number && facts->version_number < r->min_version)
			continue;
		while (k < ntypes && letter_fits(r->args[k], types[k]))
			k++;
		if (k == ntypes)
			return r;
	}
	return NULL;
}

void dialect_name(const struct dialect *d, const char *name, struct strbuf *out)
{
	strbuf_addc(out, d->quote_open);
	for (; *name; name++) {
		if (*name == d->quote_close)
			strbuf_addc(out, d->quote_close);
		strbuf_addc(out, *name);
	}
	strbuf_addc(out, d->quote_close);
}

static bool text_literal(const struct dialect *d, struct str s, struct strbuf *out)
{
	if (memchr(s.data, 0, s.len))
		return false;
	strbuf_adds(out, d->national_prefix);
	strbuf_addc(out, '\'');
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] == '\'' || (s.data[i] == '\\' && d->backslash_in_literals))
			strbuf_addc(out, s.data[i]);
		strbuf_addc(out, s.data[i]);
	}
	strbuf_addc(out, '\'');
	return true;
}

/* Whether the dialect's calendar holds the day. */
static bool day_fits(const struct dialect *d, int32_t days)
{
	int year, month, day;

	date_to_civil(days, &year, &month, &day);
	return year >= d->min_year && year <= d->max_year;
}

static void formatted(const char *form, const char *text, struct strbuf *out)
{
	const char *at = strstr(form, "%s");

	strbuf_add(out, form, (size_t)(at - form));
	strbuf_adds(out, text);
	strbuf_adds(out, at + 2);
}

static bool date_literal(const struct dialect *d, const struct value *v, struct strbuf *out)
{
	struct strbuf text;
	const char *form = v->type.id == TYPE_DATE ? d->date_literal : d->timestamp_literal;
	bool infinite = v->type.id == TYPE_DATE ? v->i32 == DATE_INFINITY || v->i32 == DATE_NEG_INFINITY
											: v->i64 == TIMESTAMP_INFINITY || v->i64 == TIMESTAMP_NEG_INFINITY;
	int64_t floor_day = v->i64 / USEC_PER_DAY - (v->i64 % USEC_PER_DAY < 0);
	int32_t days = v->type.id == TYPE_DATE ? v->i32 : (int32_t)floor_day;

	if (!form || infinite || !day_fits(d, days))
		return false;
	strbuf_init(&text, 128);
	value_print(v, &text_context_default, &text);
	formatted(form, strbuf_cstr(&text), out);
	strbuf_release(&text);
	return true;
}

/* PostgreSQL takes any type as '…'::type. */
static bool typed_literal(const struct dialect *d, const struct value *v, struct strbuf *out)
{
	char name[64];
	const char *type = d->cast_type(v->type, name, sizeof name);
	struct strbuf text;
	bool ok;

	if (!type)
		return false;
	if (v->is_null) {
		strbuf_addf(out, "NULL::%s", type);
		return true;
	}
	strbuf_init(&text, 0);
	value_print(v, &text_context_default, &text);
	ok = text_literal(d, strbuf_str(&text), out);
	strbuf_addf(out, "::%s", type);
	strbuf_release(&text);
	return ok;
}

static bool number_literal(const struct value *v, struct strbuf *out)
{
	struct strbuf text;
	bool negative;

	strbuf_init(&text, 128);
	value_print(v, &text_context_default, &text);
	negative = text.len && text.data[0] == '-';
	/* a bare minus could meet another one and start a comment */
	strbuf_addf(out, negative ? "(%s)" : "%s", strbuf_cstr(&text));
	strbuf_release(&text);
	return true;
}

bool dialect_literal(const struct dialect *d, const struct value *v, struct strbuf *out)
{
	if (v->type.array)
		return false;
	if (v->is_null && !d->typed_literals) {
		strbuf_adds(out, "NULL");
		return true;
	}
	if (d->typed_literals && (v->is_null || (v->type.id != TYPE_INT4 && v->type.id != TYPE_BOOL)))
		return typed_literal(d, v, out);
	switch ((enum type_id)v->type.id) {
	case TYPE_BOOL:
		strbuf_adds(out, d->boolean_values ? (v->b ? "TRUE" : "FALSE") : (v->b ? "1" : "0"));
		return true;
	case TYPE_INT2:
	case TYPE_INT4:
	case TYPE_INT8:
		return number_literal(v, out);
	case TYPE_NUMERIC:
		if (!d->decimal_literals || (type_phys(v->type) == PHYS_NUM && v->num.kind != NUM_FINITE))
			return false;
		return number_literal(v, out);
	case TYPE_TEXT:
	case TYPE_VARCHAR:
	case TYPE_BPCHAR:
	case TYPE_NAME:
	case TYPE_UNKNOWN:
		return text_literal(d, text_str(&v->text), out);
	case TYPE_DATE:
	case TYPE_TIMESTAMP:
		return date_literal(d, v, out);
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
	case TYPE_BYTEA:
	case TYPE_TIME:
	case TYPE_TIMETZ:
	case TYPE_TIMESTAMPTZ:
	case TYPE_INTERVAL:
	case TYPE_UUID:
	case TYPE_JSON:
	case TYPE_JSONB:
	case TYPE_OID:
	case TYPE_RECORD:
	case TYPE_VOID:
	case TYPE_COUNT:
		return false;
	}
	UNREACHABLE();
}
