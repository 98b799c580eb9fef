/*
 * The type table from types.def, names and spellings of types, declared type modifiers. What values
 * look like in text is value_text.c's business.
 */
#include <string.h>

#include "engine/types/type.h"

const struct type_info type_infos[TYPE_COUNT] = {
#define TYPE(name, sql, oid, array_oid, physical, category, preferred, typlen)                     \
	[TYPE_##name] = {sql, oid, array_oid, PHYS_##physical, category, preferred, typlen},
#include "engine/types/types.def"
#undef TYPE
};

/* Spellings beside the names of types.def. */
static const struct {
	const char *name;
	enum type_id id;
} spellings[] = {
	{"bool", TYPE_BOOL},
	{"int2", TYPE_INT2},
	{"int", TYPE_INT4},
	{"int4", TYPE_INT4},
	{"int8", TYPE_INT8},
	{"decimal", TYPE_NUMERIC},
	{"dec", TYPE_NUMERIC},
	{"float4", TYPE_FLOAT4},
	{"float8", TYPE_FLOAT8},
	{"float", TYPE_FLOAT8},
	{"varchar", TYPE_VARCHAR},
	{"char varying", TYPE_VARCHAR},
	{"national character varying", TYPE_VARCHAR},
	{"national char varying", TYPE_VARCHAR},
	{"nchar varying", TYPE_VARCHAR},
	{"bpchar", TYPE_BPCHAR},
	{"char", TYPE_BPCHAR},
	{"nchar", TYPE_BPCHAR},
	{"national character", TYPE_BPCHAR},
	{"national char", TYPE_BPCHAR},
	{"time", TYPE_TIME},
	{"timetz", TYPE_TIMETZ},
	{"timestamp", TYPE_TIMESTAMP},
	{"timestamptz", TYPE_TIMESTAMPTZ},
};

struct type type_with_mod(enum type_id id, int32_t mod)
{
	struct type t = type_make(id);

	t.mod = mod;
	if (id == TYPE_NUMERIC && mod >= 4) {
		int p = typmod_precision(mod), s = typmod_scale(mod);
		if (p >= 1 && p <= 38 && s >= 0 && s <= p) {
			t.precision = (uint8_t)p;
			t.scale = (int8_t)s;
		}
	}
	return t;
}

size_t phys_size(enum phys p)
{
	switch (p) {
	case PHYS_BOOL:
		return 1;
	case PHYS_I32:
		return 4;
	case PHYS_I64:
	case PHYS_F64:
		return 8;
	case PHYS_I128:
		return sizeof(int128);
	case PHYS_NUM:
		return sizeof(struct num);
	case PHYS_INTERVAL:
		return sizeof(struct interval);
	case PHYS_STR:
		return sizeof(struct text);
	case PHYS_COUNT:
		break;
	}
	UNREACHABLE();
}

bool type_same(struct type a, struct type b)
{
	if (a.id != b.id || a.array != b.array)
		return false;
	if (a.id != TYPE_NUMERIC || (!a.precision && !b.precision))
		return true;
	return a.precision && b.precision && a.scale == b.scale && type_phys(a) == type_phys(b);
}

bool type_is_text(struct type t)
{
	return !t.array
		   && (t.id == TYPE_TEXT || t.id == TYPE_VARCHAR || t.id == TYPE_BPCHAR || t.id == TYPE_NAME
			   || t.id == TYPE_UNKNOWN);
}

bool type_is_number(struct type t)
{
	return !t.array && type_infos[t.id].category == 'N';
}

/* " year to month" and so on: the fields of an interval's modifier (high 16 bits, one bit a field). */
static const char *interval_fields(int32_t mod)
{
	enum { MONTH = 1 << 1, YEAR = 1 << 2, DAY = 1 << 3, HOUR = 1 << 10, MINUTE = 1 << 11, SECOND = 1 << 12 };

	switch ((mod >> 16) & 0x7fff) {
	case YEAR:
		return " year";
	case MONTH:
		return " month";
	case DAY:
		return " day";
	case HOUR:
		return " hour";
	case MINUTE:
		return " minute";
	case SECOND:
		return " second";
	case YEAR | MONTH:
		return " year to month";
	case DAY | HOUR:
		return " day to hour";
	case DAY | HOUR | MINUTE:
		return " day to minute";
	case DAY | HOUR | MINUTE | SECOND:
		return " day to second";
	case HOUR | MINUTE:
		return " hour to minute";
	case HOUR | MINUTE | SECOND:
		return " hour to second";
	case MINUTE | SECOND:
		return " minute to second";
	default: /* all fields: nothing to say */
		return "";
	}
}

static const char *element_name(struct type t, struct mem *m)
{
	const char *name = type_infos[t.id].name;

	if (t.mod < 0) /* also a numeric whose scale was computed: that is no declared one */
		return mem_strdup(m, name);
	switch ((enum type_id)t.id) {
	case TYPE_NUMERIC:
		return mem_printf(m, "%s(%d,%d)", name, typmod_precision(t.mod), typmod_scale(t.mod));
	case TYPE_VARCHAR:
	case TYPE_BPCHAR:
		return t.mod > 4 ? mem_printf(m, "%s(%d)", name, t.mod - 4) : mem_strdup(m, name);
	case TYPE_TIME:
	case TYPE_TIMESTAMP:
	case TYPE_TIMETZ:
	case TYPE_TIMESTAMPTZ: {
		const char *rest = strchr(name, ' ');
		return mem_printf(m, "%.*s(%d)%s", (int)(rest - name), name, t.mod, rest);
	}
	case TYPE_INTERVAL:
		if ((t.mod & 0xffff) != 0xffff)
			return mem_printf(m, "%s%s(%d)", name, interval_fields(t.mod), t.mod & 0xffff);
		return mem_printf(m, "%s%s", name, interval_fields(t.mod));
	case TYPE_UNKNOWN:
	case TYPE_BOOL:
	case TYPE_INT2:
	case TYPE_INT4:
	case TYPE_INT8:
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
	case TYPE_TEXT:
	case TYPE_NAME:
	case TYPE_BYTEA:
	case TYPE_DATE:
	case TYPE_UUID:
	case TYPE_JSON:
	case TYPE_JSONB:
	case TYPE_JSONPATH:
	case TYPE_OID:
	case TYPE_RECORD:
	case TYPE_VOID:
		return mem_strdup(m, name);
	case TYPE_COUNT:
		break;
	}
	UNREACHABLE();
}

const char *type_name(struct type t, struct mem *m)
{
	static const char *const poly[] = {"anyarray", "anyelement", "anynonarray", "anycompatiblearray", "anycompatible",
									   "anycompatiblenonarray"};
	const char *name;

	if (type_is_poly(t))
		return poly[t.array - POLY_ANYARRAY];
	name = element_name(t, m);
	return t.array ? mem_printf(m, "%s[]", name) : name;
}

bool type_find(const char *name, enum type_id *out)
{
	for (int i = 0; i < TYPE_COUNT; i++)
		if (strcmp(type_infos[i].name, name) == 0) {
			*out = (enum type_id)i;
			return true;
		}
	for (size_t i = 0; i < ARRAY_LEN(spellings); i++)
		if (strcmp(spellings[i].name, name) == 0) {
			*out = spellings[i].id;
			return true;
		}
	return false;
}

bool type_find_oid(uint32_t oid, struct type *out)
{
	for (int i = 0; oid && i < TYPE_COUNT; i++)
		if (type_infos[i].oid == oid || type_infos[i].array_oid == oid) {
			*out = type_make((enum type_id)i);
			out->array = type_infos[i].oid != oid;
			return true;
		}
	return false;
}
