/*
 * Types as written in SQL, and the types of literals.
 */
#include "engine/bind/bind_int.h"
#include "engine/types/decimal.h"

static bool modifier(const struct ast *node, long *out)
{
	const struct ast_literal *l;

	if (node->kind != AST_LITERAL)
		return false;
	l = AST_AS(LITERAL, literal, node);
	if (l->type != AST_LITERAL_INTEGER || l->value.len > 9)
		return false;
	*out = 0;
	for (size_t i = 0; i < l->value.len; i++)
		*out = *out * 10 + (l->value.data[i] - '0');
	return true;
}

/* PostgreSQL's typmod of interval fields: bits of the fields, all for none. */
static int32_t interval_mod(enum ast_interval_fields fields, long precision)
{
	enum { MONTH = 1 << 1, YEAR = 1 << 2, DAY = 1 << 3, HOUR = 1 << 10, MINUTE = 1 << 11, SECOND = 1 << 12 };
	static const int32_t masks[] = {
		[AST_INTERVAL_ANY] = 0x7fff,
		[AST_INTERVAL_YEAR] = YEAR,
		[AST_INTERVAL_MONTH] = MONTH,
		[AST_INTERVAL_DAY] = DAY,
		[AST_INTERVAL_HOUR] = HOUR,
		[AST_INTERVAL_MINUTE] = MINUTE,
		[AST_INTERVAL_SECOND] = SECOND,
		[AST_INTERVAL_YEAR_TO_MONTH] = YEAR | MONTH,
		[AST_INTERVAL_DAY_TO_HOUR] = DAY | HOUR,
		[AST_INTERVAL_DAY_TO_MINUTE] = DAY | HOUR | MINUTE,
		[AST_INTERVAL_DAY_TO_SECOND] = DAY | HOUR | MINUTE | SECOND,
		[AST_INTERVAL_HOUR_TO_MINUTE] = HOUR | MINUTE,
		[AST_INTERVAL_HOUR_TO_SECOND] = HOUR | MINUTE | SECOND,
		[AST_INTERVAL_MINUTE_TO_SECOND] = MINUTE | SECOND,
	};

	if (fields == AST_INTERVAL_ANY && precision < 0)
		return -1;
	return (masks[fields] << 16) | (int32_t)(precision < 0 ? 0xffff : precision);
}

static bool numeric_mod(const struct ast *n, const long *mods, uint32_t count, int32_t *out, struct err *e)
{
	long p = mods[0], s = count > 1 ? mods[1] : 0;

	if (p < 1 || p > 1000)
		return err_at(e, n->pos, ERR_INVALID_PARAMETER_VALUE, "NUMERIC precision %ld must be between 1 and 1000", p);
	if (s > 1000)
		return err_at(e, n->pos, ERR_INVALID_PARAMETER_VALUE, "NUMERIC scale %ld must be between -1000 and 1000", s);
	*out = typmod_numeric((int)p, (int)s);
	return true;
}

static bool type_mod(const struct ast_type_name *n, enum type_id id, int32_t *out, struct err *e)
{
	long mods[2] = {0, 0};
	int pos = n->base.pos;

	*out = id == TYPE_INTERVAL ? interval_mod(n->fields, -1) : -1;
	if (!n->modifiers.count)
		return true;
	if (n->modifiers.count > (id == TYPE_NUMERIC ? 2 : 1))
		return err_at(e, pos, ERR_INVALID_PARAMETER_VALUE, "invalid type modifier");
	for (uint32_t i = 0; i < n->modifiers.count; i++)
		if (!modifier(n->modifiers.items[i], &mods[i]))
			return err_at(e, pos, ERR_SYNTAX_ERROR, "type modifiers must be simple constants");
	switch (id) {
	case TYPE_NUMERIC:
		return numeric_mod(&n->base, mods, n->modifiers.count, out, e);
	case TYPE_VARCHAR:
	case TYPE_BPCHAR:
		if (mods[0] < 1)
			return err_at(e, pos, ERR_INVALID_PARAMETER_VALUE, "length for type %s must be at least 1",
						  id == TYPE_VARCHAR ? "varchar" : "char");
		if (mods[0] > 10485760)
			return err_at(e, pos, ERR_INVALID_PARAMETER_VALUE, "length for type %s cannot exceed 10485760",
						  id == TYPE_VARCHAR ? "varchar" : "char");
		*out = (int32_t)mods[0] + 4;
		return true;
	case TYPE_TIME:
	case TYPE_TIMETZ:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
		*out = mods[0] > 6 ? 6 : (int32_t)mods[0];
		return true;
	case TYPE_INTERVAL:
		*out = interval_mod(n->fields, mods[0] > 6 ? 6 : mods[0]);
		return true;
	case TYPE_FLOAT8:
		return true; /* float(n): the parser has chosen */
	case TYPE_UNKNOWN: case TYPE_BOOL: case TYPE_INT2: case TYPE_INT4: case TYPE_INT8: case TYPE_FLOAT4:
	case TYPE_TEXT: case TYPE_NAME: case TYPE_BYTEA: case TYPE_DATE: case TYPE_UUID: case TYPE_JSON:
	case TYPE_JSONB: case TYPE_JSONPATH: case TYPE_OID: case TYPE_RECORD: case TYPE_VOID: case TYPE_COUNT:
		break;
	}
	return err_at(e, pos, ERR_SYNTAX_ERROR, "type modifier is not allowed for type \"%s\"", type_infos[id].name);
}

bool bind_type(const struct ast *node, struct type *out, struct err *e)
{
	const struct ast_type_name *n = AST_AS(TYPE_NAME, type_name, node);
	const char *name = n->names.count ? n->names.items[n->names.count - 1] : "";
	enum type_id id;
	int32_t mod;

	if (n->setof)
		return err_at(e, n->base.pos, ERR_SYNTAX_ERROR, "SETOF is not allowed here");
	if (!type_find(name, &id) || (n->names.count > 1 && strcmp(n->names.items[0], "pg_catalog") != 0))
		return err_at(e, n->base.pos, ERR_UNDEFINED_OBJECT, "type \"%s\" does not exist", name);
	if (!type_mod(n, id, &mod, e))
		return false;
	*out = type_with_mod(id, mod);
	out->array = n->array_dimensions > 0;
	return true;
}

static bool integer_literal(struct str s, int64_t *out)
{
	int64_t v = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] < '0' || s.data[i] > '9' || __builtin_mul_overflow(v, 10, &v) ||
			__builtin_add_overflow(v, s.data[i] - '0', &v))
			return false;
	}
	*out = v;
	return true;
}

static bool number_literal(struct binder *b, const struct ast_literal *l, bool negative, struct expr **out)
{
	int pos = at(b, &l->base);
	struct num n;
	int64_t v;

	if (l->type == AST_LITERAL_INTEGER) {
		if (integer_literal(l->value, &v)) {
			v = negative ? -v : v;
			*out = expr_const(b->m, v == (int32_t)v ? value_int4((int32_t)v) : value_int8(v), pos);
			return true;
		}
		if (negative && str_eq(l->value, STR("9223372036854775808"))) {
			*out = expr_const(b->m, value_int8(INT64_MIN), pos);
			return true;
		}
	}
	if (!num_parse(l->value, &n, b->e)) { /* more digits than numeric holds: double precision, if that holds it */
		struct value d;
		struct err inner;
		err_clear(&inner);
		if (b->e->code != ERR_NUMERIC_OUT_OF_RANGE || !value_parse(b->m, type_make(TYPE_FLOAT8), l->value, b->c->text, &d, &inner))
			return false;
		err_clear(b->e);
		d.f64 = negative ? -d.f64 : d.f64;
		*out = expr_const(b->m, d, pos);
		return true;
	}
	if (negative)
		n.coef = -n.coef;
	*out = literal_numeric(b, &n, pos);
	return true;
}

bool bind_literal(struct binder *b, const struct ast *node, bool negative, struct expr **out)
{
	const struct ast_literal *l = AST_AS(LITERAL, literal, node);
	struct value v;

	switch (l->type) {
	case AST_LITERAL_NULL:
		*out = expr_const(b->m, value_null(type_make(TYPE_UNKNOWN)), at(b, node));
		return true;
	case AST_LITERAL_TRUE:
	case AST_LITERAL_FALSE:
		*out = expr_const(b->m, value_bool(l->type == AST_LITERAL_TRUE), at(b, node));
		return true;
	case AST_LITERAL_INTEGER:
	case AST_LITERAL_NUMERIC:
		return number_literal(b, l, negative, out);
	case AST_LITERAL_STRING:
		v = value_text(b->m, l->value);
		v.type = type_make(TYPE_UNKNOWN);
		*out = expr_const(b->m, v, at(b, node));
		return true;
	case AST_LITERAL_BIT:
	case AST_LITERAL_HEX_BIT:
		return not_supported(b, at(b, node), "a bit string");
	case AST_LITERAL_DEFAULT:
		return err_at(b->e, at(b, node), ERR_SYNTAX_ERROR, "DEFAULT is not allowed in this context");
	}
	UNREACHABLE();
}
