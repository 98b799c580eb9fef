/* Registry of dialects, choice of rules, and the writing of names and literals. Quoting happens here only. */
#include "connectors/dialect.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/utf8.h"
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

static void quoted(const struct dialect *d, struct str s, struct strbuf *out)
{
	strbuf_adds(out, d->national_prefix);
	strbuf_addc(out, '\'');
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] == '\'' || (s.data[i] == '\\' && d->backslash_in_literals))
			strbuf_addc(out, s.data[i]);
		strbuf_addc(out, s.data[i]);
	}
	strbuf_addc(out, '\'');
}

/* 'a' || char(128512) || 'b' */
static void quoted_in_parts(const struct dialect *d, struct str s, struct strbuf *out)
{
	size_t at = 0, end;

	strbuf_addc(out, '(');
	while (at < s.len) {
		for (end = at; end < s.len && (unsigned char)s.data[end] < 0xf0; end++)
			;
		strbuf_adds(out, at ? " || " : "");
		quoted(d, str_make(s.data + at, end - at), out);
		if (end < s.len) {
			unsigned size;
			uint32_t c = utf8_decode(s.data + end, &size);

			strbuf_adds(out, " || ");
			for (const char *f = d->far_character; *f; f++) {
				if (f[0] == '%' && f[1] == 'u') {
					strbuf_addf(out, "%u", c);
					f++;
				} else {
					strbuf_addc(out, *f);
				}
			}
			end += size;
		}
		at = end;
	}
	strbuf_addc(out, ')');
}

static bool text_literal(const struct dialect *d, struct str s, struct strbuf *out)
{
	bool far = false;

	if (memchr(s.data, 0, s.len) || (d->max_literal && s.len > d->max_literal))
		return false;
	for (size_t i = 0; d->far_character && i < s.len && !far; i++)
		far = (unsigned char)s.data[i] >= 0xf0;
	if (far)
		quoted_in_parts(d, s, out);
	else
		quoted(d, s, out);
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

static void plain_literal(const char *form, const struct value *v, struct strbuf *out)
{
	struct strbuf text;

	strbuf_init(&text, 128);
	value_print(v, &text_context_default, &text);
	formatted(form, strbuf_cstr(&text), out);
	strbuf_release(&text);
}

static bool date_literal(const struct dialect *d, const struct value *v, struct strbuf *out)
{
	const char *form = v->type.id == TYPE_DATE ? d->date_literal : d->timestamp_literal;
	bool infinite = v->type.id == TYPE_DATE ? v->i32 == DATE_INFINITY || v->i32 == DATE_NEG_INFINITY
											: v->i64 == TIMESTAMP_INFINITY || v->i64 == TIMESTAMP_NEG_INFINITY;
	int64_t floor_day = v->i64 / USEC_PER_DAY - (v->i64 % USEC_PER_DAY < 0);
	int32_t days = v->type.id == TYPE_DATE ? v->i32 : (int32_t)floor_day;

	if (!form || infinite || !day_fits(d, days))
		return false;
	plain_literal(form, v, out);
	return true;
}

/* PostgreSQL takes any type as '…'::type. */
static bool typed_literal(const struct dialect *d, const struct value *v, struct strbuf *out)
{
	char name[64];
	/* the value has its length and digits already */
	const char *type = d->cast_type(v->type.id == TYPE_NUMERIC ? type_make(TYPE_NUMERIC)
									: v->type.id == TYPE_BPCHAR ? v->type : type_make((enum type_id)v->type.id), name, sizeof name);
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

static bool number_literal(const struct dialect *d, const struct value *v, struct strbuf *out)
{
	struct strbuf text;
	const char *point;
	bool negative, fits;

	strbuf_init(&text, 128);
	value_print(v, &text_context_default, &text);
	negative = text.len && text.data[0] == '-';
	point = strchr(strbuf_cstr(&text), '.');
	fits = v->type.id != TYPE_NUMERIC || !d->max_digits ||
		   (text.len <= (size_t)d->max_digits && (!point || strlen(point + 1) <= (size_t)d->max_scale));
	/* a bare minus could meet another one and start a comment */
	strbuf_addf(out, negative ? "(%s)" : "%s", strbuf_cstr(&text));
	strbuf_release(&text);
	return fits;
}

bool dialect_literal(const struct dialect *d, const struct value *v, struct strbuf *out)
{
	if (v->type.array)
		return false;
	if (v->is_null && !d->typed_literals) {
		strbuf_adds(out, "NULL");
		return true;
	}
	/* 2147483648 is no integer there, whatever its sign */
	if (d->typed_literals && (v->is_null || (v->type.id != TYPE_INT4 && v->type.id != TYPE_BOOL) ||
							  (v->type.id == TYPE_INT4 && v->i32 == INT32_MIN)))
		return typed_literal(d, v, out);
	switch ((enum type_id)v->type.id) {
	case TYPE_BOOL:
		strbuf_adds(out, d->boolean_values ? (v->b ? "TRUE" : "FALSE") : (v->b ? "1" : "0"));
		return true;
	case TYPE_INT2:
	case TYPE_INT4:
	case TYPE_INT8:
		return number_literal(d, v, out);
	case TYPE_NUMERIC:
		if (!d->decimal_literals || (type_phys(v->type) == PHYS_NUM && v->num.kind != NUM_FINITE))
			return false;
		return number_literal(d, v, out);
	case TYPE_TEXT:
	case TYPE_VARCHAR:
	case TYPE_BPCHAR:
	case TYPE_NAME:
	case TYPE_UNKNOWN:
		return text_literal(d, text_str(&v->text), out);
	case TYPE_DATE:
	case TYPE_TIMESTAMP:
		return date_literal(d, v, out);
	case TYPE_TIMESTAMPTZ: /* sessions are in UTC */
		if (!d->timestamptz_as_timestamp)
			return false;
		{
			struct value utc = *v;

			utc.type = type_make(TYPE_TIMESTAMP);
			return date_literal(d, &utc, out);
		}
	case TYPE_TIME:
		if (!d->time_literal)
			return false;
		plain_literal(d->time_literal, v, out);
		return true;
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
	case TYPE_BYTEA:
	case TYPE_TIMETZ:
	case TYPE_INTERVAL:
	case TYPE_UUID:
	case TYPE_JSON:
	case TYPE_JSONB:
	case TYPE_JSONPATH:
	case TYPE_OID:
	case TYPE_RECORD:
	case TYPE_VOID:
	case TYPE_COUNT:
		return false;
	}
	UNREACHABLE();
}

/* ---- names of types ---- */

/* Kinds of remote types, as far as they matter for comparing. */
enum kind { KIND_INT, KIND_DECIMAL, KIND_FLOAT, KIND_TEXT, KIND_CHAR, KIND_DATE, KIND_TIMESTAMP, KIND_TIMESTAMPTZ, KIND_TIME,
			KIND_BOOL, KIND_BYTES, KIND_UUID, KIND_INTERVAL, KIND_UNLIKE };
static const struct named_type {
	const char *name;
	enum kind kind;
	int bytes;     /* of integers and floats */
} named_types[] = {
	{"tinyint", KIND_INT, 1}, {"smallint", KIND_INT, 2}, {"int2", KIND_INT, 2}, {"mediumint", KIND_INT, 3},
	{"int", KIND_INT, 4}, {"integer", KIND_INT, 4}, {"int4", KIND_INT, 4}, {"serial", KIND_INT, 4}, {"bigint", KIND_INT, 8},
	{"int8", KIND_INT, 8}, {"bigserial", KIND_INT, 8}, {"bit", KIND_INT, 8}, {"numeric", KIND_DECIMAL, 0},
	{"decimal", KIND_DECIMAL, 0}, {"number", KIND_DECIMAL, 0}, {"real", KIND_FLOAT, 4}, {"float4", KIND_FLOAT, 4},
	{"double", KIND_FLOAT, 8}, {"double precision", KIND_FLOAT, 8}, {"float8", KIND_FLOAT, 8}, {"float", KIND_FLOAT, 8},
	{"text", KIND_TEXT, 0}, {"varchar", KIND_TEXT, 0}, {"character varying", KIND_TEXT, 0}, {"nvarchar", KIND_TEXT, 0},
	{"varchar2", KIND_TEXT, 0}, {"nvarchar2", KIND_TEXT, 0}, {"tinytext", KIND_TEXT, 0}, {"mediumtext", KIND_TEXT, 0},
	{"longtext", KIND_TEXT, 0}, {"long varchar", KIND_TEXT, 0}, {"enum", KIND_TEXT, 0}, {"set", KIND_TEXT, 0},
	{"clob", KIND_TEXT, 0}, {"nclob", KIND_TEXT, 0}, {"name", KIND_TEXT, 0}, {"char", KIND_CHAR, 0},
	{"character", KIND_CHAR, 0}, {"bpchar", KIND_CHAR, 0}, {"nchar", KIND_CHAR, 0}, {"date", KIND_DATE, 0},
	{"timestamp", KIND_TIMESTAMP, 0}, {"timestamp without time zone", KIND_TIMESTAMP, 0}, {"datetime", KIND_TIMESTAMP, 0},
	{"datetime2", KIND_TIMESTAMP, 0}, {"timestamptz", KIND_TIMESTAMPTZ, 0}, {"timestamp with time zone", KIND_TIMESTAMPTZ, 0},
	{"time", KIND_TIME, 0}, {"time without time zone", KIND_TIME, 0}, {"bool", KIND_BOOL, 0}, {"boolean", KIND_BOOL, 0},
	{"bytea", KIND_BYTES, 0}, {"blob", KIND_BYTES, 0}, {"varbinary", KIND_BYTES, 0}, {"uuid", KIND_UUID, 0},
	{"interval", KIND_INTERVAL, 0}, {"year", KIND_UNLIKE, 0}, {"money", KIND_UNLIKE, 0}, {"citext", KIND_UNLIKE, 0},
};

/* "DECIMAL(12,2) unsigned" → "decimal", 12, 2, true; "timestamp(3) without time zone" keeps its end. */
static void split_type(const char *type, char *name, size_t size, int *a, int *b, bool *is_unsigned)
{
	size_t n = 0;
	char *at;

	*a = *b = -1;
	for (; *type && n + 1 < size; type++) {
		if (*type == '(') {
			(void)!sscanf(type, "( %d , %d )", a, b);
			while (*type && *type != ')')
				type++;
			if (!*type)
				break;
			continue;
		}
		name[n++] = *type >= 'A' && *type <= 'Z' ? (char)(*type + 32) : *type;
	}
	name[n] = '\0';
	at = strstr(name, " unsigned");
	*is_unsigned = at != NULL;
	if (at)
		*at = '\0';
	at = strstr(name, " zerofill");
	if (at)
		*at = '\0';
	for (n = strlen(name); n && name[n - 1] == ' ';)
		name[--n] = '\0';
}

static bool holds_decimals(struct type t, int precision, int scale)
{
	if (!t.precision) /* general: what fits 38 digits, and what doesn't fails wherever it is computed */
		return t.mod < 0;
	return precision >= 0 && t.scale >= (scale < 0 ? 0 : scale) && t.precision - t.scale >= precision - (scale < 0 ? 0 : scale);
}

bool column_by_name(const char *remote_type, struct type t, struct column_form *out)
{
	const struct named_type *k = NULL;
	char name[64];
	int a, b, bytes = t.id == TYPE_INT2 ? 2 : t.id == TYPE_INT4 || t.id == TYPE_FLOAT4 ? 4 : 8;
	bool is_unsigned;

	memset(out, 0, sizeof *out);
	split_type(remote_type, name, sizeof name, &a, &b, &is_unsigned);
	for (size_t i = 0; i < ARRAY_LEN(named_types) && !k; i++)
		if (strcmp(named_types[i].name, name) == 0)
			k = &named_types[i];
	if (!k || t.array)
		return k != NULL;
	switch ((enum type_id)t.id) {
	case TYPE_INT2:
	case TYPE_INT4:
	case TYPE_INT8:
		out->comparable = k->kind == KIND_INT && (strcmp(name, "bit") != 0 || (a >= 0 && a < 64)) &&
						  (k->bytes < bytes || (k->bytes == bytes && !is_unsigned));
		break;
	case TYPE_NUMERIC:
		out->comparable = k->kind == KIND_INT ? !t.precision || t.precision - t.scale >= (k->bytes <= 2 ? 5 : k->bytes <= 4 ? 10 : 20)
											  : k->kind == KIND_DECIMAL && holds_decimals(t, a, b);
		break;
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
		out->comparable = k->kind == KIND_FLOAT && (k->bytes <= bytes || strcmp(name, "float") == 0);
		break;
	case TYPE_TEXT:
		out->comparable = k->kind == KIND_TEXT;
		break;
	case TYPE_VARCHAR:
		out->comparable = k->kind == KIND_TEXT && (t.mod < 4 || (a >= 0 && a <= t.mod - 4));
		break;
	case TYPE_BPCHAR:
		out->comparable = k->kind == KIND_CHAR && (t.mod < 4 || (a < 0 ? 1 : a) <= t.mod - 4);
		break;
	case TYPE_DATE:
		out->comparable = k->kind == KIND_DATE;
		break;
	case TYPE_TIMESTAMP:
		out->comparable = k->kind == KIND_TIMESTAMP && t.mod < 0 ? true : k->kind == KIND_TIMESTAMP && a >= 0 && a <= t.mod;
		break;
	case TYPE_TIMESTAMPTZ:
		out->comparable = k->kind == KIND_TIMESTAMPTZ && (t.mod < 0 || (a >= 0 && a <= t.mod));
		break;
	case TYPE_TIME:
		out->comparable = k->kind == KIND_TIME && (t.mod < 0 || (a >= 0 && a <= t.mod));
		break;
	case TYPE_BOOL:
		out->comparable = k->kind == KIND_BOOL;
		break;
	case TYPE_BYTEA:
		out->comparable = k->kind == KIND_BYTES;
		break;
	case TYPE_UUID:
		out->comparable = k->kind == KIND_UUID;
		break;
	case TYPE_INTERVAL:
		out->comparable = k->kind == KIND_INTERVAL && t.mod < 0;
		break;
	case TYPE_UNKNOWN:
	case TYPE_NAME:
	case TYPE_TIMETZ:
	case TYPE_JSON:
	case TYPE_JSONB:
	case TYPE_JSONPATH:
	case TYPE_OID:
	case TYPE_RECORD:
	case TYPE_VOID:
	case TYPE_COUNT:
		break;
	}
	return true;
}
