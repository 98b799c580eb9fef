/* Numeric forms: the rules of numeric_form.h. No state. */
#include "engine/function/numeric_form.h"
#include "engine/types/decimal.h"

struct type numeric_form(struct type t)
{
	if (t.id == TYPE_INT2)
		return type_decimal(5, 0);
	if (t.id == TYPE_INT4)
		return type_decimal(10, 0);
	if (t.id == TYPE_INT8 || t.id == TYPE_OID)
		return type_decimal(19, 0);
	return t.id == TYPE_NUMERIC ? t : type_make(TYPE_NUMERIC);
}

/* t with that scale (at least its own), in the physical type of precision at_least or of its own need. */
static struct type with_scale(struct type t, int scale, int at_least)
{
	int p = t.precision + (scale - t.scale);

	if (p <= 18 && at_least > 18)
		p = 19;
	return p == t.precision && scale == t.scale ? t : type_decimal(p, scale);
}

struct type numeric_align(struct type *arg_types, int at_least)
{
	struct type a = numeric_form(arg_types[0]), b = numeric_form(arg_types[1]);
	int scale = a.scale > b.scale ? a.scale : b.scale;
	int digits = a.precision - a.scale > b.precision - b.scale ? a.precision - a.scale : b.precision - b.scale;
	int need = digits + scale;

	if (!a.precision || !b.precision || need > DECIMAL_DIGITS) {
		arg_types[0] = arg_types[1] = type_make(TYPE_NUMERIC);
		return arg_types[0];
	}
	if (at_least < need)
		at_least = need;
	arg_types[0] = with_scale(a, scale, at_least);
	arg_types[1] = with_scale(b, scale, at_least);
	return type_decimal(need, scale);
}

struct type infer_any_form(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick)
{
	(void)arg_types;
	(void)nargs;
	(void)pick;
	return f->result;
}

struct type infer_aligned(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick)
{
	(void)pick;
	if (nargs == 2 && f->args[0].id == TYPE_NUMERIC)
		numeric_align(arg_types, 0);
	return f->result;
}
