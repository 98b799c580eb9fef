/*
 * Comparisons of a column with a constant that no rule calls exact, sent as a wider condition and checked again here.
 *
 * Floats, and decimals that a source keeps as floats: literals and stored values may differ in their last digits, so the
 * bound moves outwards by more than that. Dates that a source keeps as texts of any form: a text in ISO form sorts as its
 * date does; whatever has another form is kept.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/deparse_int.h"
#include "engine/types/datetime.h"

struct range {
	const struct block_column *column;
	const struct expr *bound;
	char op;          /* of `column op bound`: '<' '>' '=' or '!' */
	bool or_equal;
};

static const struct expr *bare(const struct expr *e)
{
	while (e->kind == EXPR_CAST && (cast_keeps_value(e->args[0]->type, e->type) ||
									(e->args[0]->type.id == TYPE_DATE && e->type.id == TYPE_TIMESTAMP && !e->type.array)))
		e = e->args[0];
	return e;
}

static bool find_range(const struct writer *w, const struct expr *e, struct range *r)
{
	const struct expr *a = bare(e->args[0]), *b = bare(e->args[1]);
	const char *name = e->fn->name;
	bool flip = a->kind == EXPR_CONST;
	const struct expr *column = flip ? b : a;

	r->bound = flip ? a : b;
	if (column->kind != EXPR_COLUMN || r->bound->kind != EXPR_CONST || r->bound->value.is_null)
		return false;
	r->column = block_find(w->block, column->column);
	if (!r->column || r->column->facts.changes)
		return false;
	r->op = strcmp(name, "<>") == 0 ? '!' : name[0];
	if (flip && (r->op == '<' || r->op == '>'))
		r->op = r->op == '<' ? '>' : '<';
	r->or_equal = name[0] != '=' && r->op != '!' && name[1] == '=';
	return true;
}

/* ---- floats ---- */

static bool bound_as_double(const struct value *v, double *out)
{
	struct strbuf s;
	char *end;

	strbuf_init(&s, 0);
	value_print(v, &text_context_default, &s);
	*out = strtod(strbuf_cstr(&s), &end);
	strbuf_release(&s);
	return isfinite(*out);
}

static void add_double(struct strbuf *out, double v)
{
	strbuf_addf(out, signbit(v) ? "(%.17e)" : "%.17e", v);
}

static enum ship_class write_float_range(struct writer *w, const struct range *r)
{
	struct type t = r->column->type;
	/* a real is rounded when it is read */
	double c, slack, relative = t.id == TYPE_FLOAT4 ? 1e-6 : 1e-14, least = t.id == TYPE_FLOAT4 ? 1e-44 : DBL_MIN;
	bool maybe_text = w->block->dialect->text_dates && t.id != TYPE_NUMERIC && r->op == '<';

	if (!bound_as_double(&r->bound->value, &c) || r->op == '!')
		return write_local(w, "this operation isn't proved to mean the same there");
	slack = fabs(c) * relative + least;
	if (!isfinite(c - slack) || !isfinite(c + slack))
		return write_local(w, "the constant has no exact spelling there");
	strbuf_addc(w->out, '(');
	if (r->op != '<') {
		strbuf_addf(w->out, "%s >= ", r->column->text);
		add_double(w->out, c - slack);
	}
	if (r->op == '=')
		strbuf_adds(w->out, " AND ");
	if (r->op != '>') {
		strbuf_addf(w->out, "%s <= ", r->column->text);
		add_double(w->out, c + slack);
	}
	if (maybe_text) /* '-Infinity' */
		strbuf_addf(w->out, " OR typeof(%s) = 'text'", r->column->text);
	strbuf_addc(w->out, ')');
	return write_at_most(w, SHIP_SUPERSET, "floats are compared there with another last digit");
}

/* ---- dates kept as texts ---- */

#define DIGITS2 "[0-9][0-9]"
#define ISO_DATE DIGITS2 DIGITS2 "-" DIGITS2 "-" DIGITS2
#define ISO_TIMESTAMP ISO_DATE "[ T]" DIGITS2 ":" DIGITS2 ":" DIGITS2

static bool bound_day(const struct value *v, int *year, int *month, int *day)
{
	int64_t days = v->i32;

	if (v->type.id == TYPE_TIMESTAMP) {
		if (v->i64 == TIMESTAMP_INFINITY || v->i64 == TIMESTAMP_NEG_INFINITY)
			return false;
		days = v->i64 / USEC_PER_DAY - (v->i64 % USEC_PER_DAY < 0);
	} else if (v->i32 == DATE_INFINITY || v->i32 == DATE_NEG_INFINITY) {
		return false;
	}
	date_to_civil((int32_t)days, year, month, day);
	return *year >= 1 && *year <= 9999;
}

static enum ship_class write_date_range(struct writer *w, const struct range *r)
{
	bool whole_days = r->column->type.id == TYPE_DATE && r->bound->type.id == TYPE_DATE;
	const char *x = r->column->text;
	int year, month, day;
	char op[3] = {r->op, '=', '\0'};

	if (r->op == '!' || !bound_day(&r->bound->value, &year, &month, &day))
		return write_local(w, "the constant has no exact spelling there");
	if (r->op == '=' || (whole_days && !r->or_equal))
		op[1] = '\0';
	/* 24:00:00, a leap second and rounding up make another day of a timestamp's last second */
	if (r->column->type.id == TYPE_DATE)
		strbuf_addf(w->out, "(CASE WHEN typeof(%s) = 'text' AND %s GLOB '" ISO_DATE "' THEN %s", x, x, x);
	else
		strbuf_addf(w->out, "(CASE WHEN typeof(%s) = 'text' AND %s GLOB '" ISO_TIMESTAMP "*' AND NOT substr(%s, 20) GLOB"
					" '*[^.0-9]*' AND substr(%s, 12, 8) < '23:59:59' THEN substr(%s, 1, 10)", x, x, x, x, x);
	strbuf_addf(w->out, " %s '%04d-%02d-%02d' ELSE %s IS NOT NULL END)", op, year, month, day, x);
	return write_at_most(w, SHIP_SUPERSET, "dates are texts there: only those in ISO form are compared");
}

enum ship_class write_range(struct writer *w, const struct expr *e, enum write_as as)
{
	const struct dialect *d = w->block->dialect;
	struct range r;
	struct type t;

	if (as != AS_FILTER || !(d->approximate || d->text_dates) || !find_range(w, e, &r))
		return write_local(w, "this operation isn't proved to mean the same there");
	t = r.column->type;
	if (d->approximate && (t.id == TYPE_FLOAT4 || t.id == TYPE_FLOAT8 || (t.id == TYPE_NUMERIC && t.precision)) &&
		type_is_number(r.bound->type))
		return write_float_range(w, &r);
	if (d->text_dates && (t.id == TYPE_DATE || t.id == TYPE_TIMESTAMP) &&
		(r.bound->type.id == TYPE_DATE || r.bound->type.id == TYPE_TIMESTAMP))
		return write_date_range(w, &r);
	return write_local(w, "this operation isn't proved to mean the same there");
}
