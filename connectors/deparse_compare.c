/*
 * Comparisons: =, <>, <, IN, LIKE, IS DISTINCT FROM. Three texts of an argument matter: the column as it stands, which
 * an index serves; the clean form, NULL where the value can't be read as our type; and for texts the form under which
 * the source compares by code point. As a condition the bare comparison goes along with the exact one; as a value only
 * the exact one does.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/deparse_int.h"
#include "engine/base/utf8.h"

#define OTHER_COLLATION "texts are compared by another collation there"
#define FOLDED_EQUAL "texts are equal there under case, accents or padding"

bool is_comparison(const char *name)
{
	static const char *const names[] = {"=", "<>", "<", "<=", ">", ">="};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Comparing needs no cast that keeps the value: sources compare numbers of all kinds, and dates with timestamps. */
static const struct expr *without_casts(const struct writer *w, const struct expr *e)
{
	const struct dialect *d = w->block->dialect;
	bool dates = d->typed_literals || (d->date_literal && d->timestamp_literal && strcmp(d->name, "oracle") != 0);

	while (e->kind == EXPR_CAST &&
		   (cast_keeps_value(e->args[0]->type, e->type) ||
			(dates && e->args[0]->type.id == TYPE_DATE && e->type.id == TYPE_TIMESTAMP && !e->type.array)))
		e = e->args[0];
	return e;
}

bool take_operand(struct writer *w, const struct expr *e, struct operand *o)
{
	const struct block_column *c;

	*o = (struct operand){.expr = without_casts(w, e), .facts = facts_of_constant()};
	c = o->expr->kind == EXPR_COLUMN ? block_find(w->block, o->expr->column) : NULL;
	if (c && c->facts.clean && !c->facts.changes && (w->where || c->facts.bad_is_null)) {
		o->facts = c->facts;
		o->raw = c->text;
		o->clean = write_form(w, c->facts.clean, c->text);
		return true;
	}
	o->constant = o->expr->kind == EXPR_CONST || o->expr->kind == EXPR_PARAM;
	o->raw = o->clean = write_text(w, o->expr, AS_VALUE, &o->facts);
	return o->raw != NULL;
}

const char *exact_operand(struct writer *w, const struct operand *o, bool ordered)
{
	const char *form;

	if (o->constant || !type_is_text(o->expr->type) || (ordered ? o->facts.text_order_exact : o->facts.text_equal_exact))
		return o->clean;
	form = w->block->dialect->exact_text(o->facts.collation, w->block->facts);
	if (form && !*form)
		return NULL;
	return form ? write_form(w, form, o->clean) : o->clean;
}

/* Under the form even where the column by itself is right: two collations may not meet. */
static const char *forced_operand(struct writer *w, const struct operand *o)
{
	const char *form;

	if (o->constant)
		return o->clean;
	form = w->block->dialect->exact_text(o->facts.collation, w->block->facts);
	if (form && !*form)
		return NULL;
	return form ? write_form(w, form, o->clean) : o->clean;
}

static struct str literal_of(const struct operand *o)
{
	if (o->expr->kind != EXPR_CONST || o->expr->value.is_null || type_phys(o->expr->type) != PHYS_STR)
		return str_make("", 0);
	return text_str(&o->expr->value.text);
}

static bool may_meet(const struct writer *w, const struct operand *a, const struct operand *b)
{
	const struct dialect *d = w->block->dialect;

	if (a->constant && b->constant)
		return true;
	if (a->constant || b->constant) {
		const struct operand *column = a->constant ? b : a, *c = a->constant ? a : b;

		return c->expr->kind == EXPR_CONST && (!d->bare_text || d->bare_text(column->facts.collation, NULL, literal_of(c)));
	}
	return a->facts.collation && b->facts.collation && strcmp(a->facts.collation, b->facts.collation) == 0 &&
		   (!d->bare_text || d->bare_text(a->facts.collation, b->facts.collation, str_make("", 0)));
}

/* A column that equals this constant has a good value: the constant is one of its type. */
static bool implies_clean(const struct operand *column, const struct operand *constant)
{
	const struct value *v = &constant->expr->value;
	struct type t = column->expr->type;

	if (constant->expr->kind != EXPR_CONST || v->is_null || column->facts.raw_differs)
		return false;
	if (!type_is_text(t))
		return t.id == constant->expr->type.id;
	return t.mod < 4 || utf8_length(text_data(&v->text), v->text.len) <= (size_t)(t.mod - 4);
}

static bool is_clean(const struct operand *o)
{
	return o->raw == o->clean;
}

/* `a op b` over values that compare as they stand, if they are good. */
static void write_pair(struct writer *w, const char *op, const struct operand *a, const struct operand *b, enum write_as as)
{
	/* a parameter can't be written twice */
	bool once = a->facts.raw_differs || b->facts.raw_differs || a->expr->kind == EXPR_PARAM || b->expr->kind == EXPR_PARAM;

	if ((is_clean(a) && is_clean(b)) || as == AS_VALUE || once)
		strbuf_addf(w->out, "(%s %s %s)", a->clean, op, b->clean);
	else if (strcmp(op, "=") == 0 && (implies_clean(a, b) || implies_clean(b, a)))
		strbuf_addf(w->out, "(%s = %s)", a->raw, b->raw);
	else
		strbuf_addf(w->out, "((%s %s %s) AND (%s %s %s))", a->raw, op, b->raw, a->clean, op, b->clean);
}

static enum ship_class write_text_comparison(struct writer *w, const char *op, const struct operand *a, const struct operand *b,
											 enum write_as as)
{
	const struct dialect *d = w->block->dialect;
	bool equality = strcmp(op, "=") == 0, ordered = !equality && strcmp(op, "<>") != 0, meet = may_meet(w, a, b);
	bool raw_differs = a->facts.raw_differs || b->facts.raw_differs;
	bool bare = equality && meet && !raw_differs;
	const char *left, *right;

	/* constants in parameters go under the column's form as well as literals do */
	if (meet || a->constant || b->constant) {
		left = exact_operand(w, a, ordered);
		right = exact_operand(w, b, ordered);
		if (left == a->clean && right == b->clean && meet) {
			write_pair(w, op, a, b, as);
			return SHIP_EXACT;
		}
	} else {
		left = forced_operand(w, a);
		right = forced_operand(w, b);
	}
	if (left && right) {
		if (bare && as != AS_VALUE)
			strbuf_addf(w->out, "(%s = %s AND %s = %s)", a->raw, b->raw, left, right);
		else
			strbuf_addf(w->out, "(%s %s %s)", left, op, right);
		return SHIP_EXACT;
	}
	if (bare && d->text_equal_is_superset) {
		strbuf_addf(w->out, "(%s = %s)", a->raw, b->raw);
		return write_at_most(w, SHIP_SUPERSET, FOLDED_EQUAL);
	}
	return write_local(w, OTHER_COLLATION);
}

enum ship_class write_comparison(struct writer *w, const struct expr *e, enum write_as as, struct remote_facts *facts)
{
	struct operand a, b;

	*facts = facts_of_constant();
	if (!take_operand(w, e->args[0], &a) || !take_operand(w, e->args[1], &b))
		return SHIP_LOCAL;
	facts->may_be_null = a.facts.may_be_null || b.facts.may_be_null;
	if (type_is_text(e->args[0]->type))
		return write_text_comparison(w, e->fn->name, &a, &b, as);
	write_pair(w, e->fn->name, &a, &b, as);
	return SHIP_EXACT;
}

/* ---- IN ---- */

struct in_list {
	const char *text;  /* "a, b, c" */
	bool may_meet;     /* each may meet the bare column */
	bool clean;        /* each is a value of the column's type */
};

static bool write_items(struct writer *w, const struct expr *e, const struct operand *column, struct in_list *out)
{
	struct strbuf s;
	bool ok = true;

	*out = (struct in_list){NULL, true, true};
	strbuf_init(&s, 0);
	for (uint32_t i = 1; i < e->nargs && ok; i++) {
		struct operand item;

		ok = take_operand(w, e->args[i], &item);
		if (!ok)
			break;
		/* items that are columns would have forms of their own */
		if (!item.constant && (!is_clean(&item) || type_is_text(e->args[0]->type))) {
			write_local(w, "the list has columns");
			ok = false;
			break;
		}
		out->may_meet &= may_meet(w, column, &item);
		out->clean &= implies_clean(column, &item) || (item.expr->kind == EXPR_CONST && item.expr->value.is_null);
		strbuf_addf(&s, "%s%s", i > 1 ? ", " : "", item.clean);
	}
	out->text = mem_strndup(w->block->mem, strbuf_cstr(&s), s.len);
	strbuf_release(&s);
	return ok;
}

enum ship_class write_in(struct writer *w, const struct expr *e, enum write_as as, struct remote_facts *facts)
{
	const struct dialect *d = w->block->dialect;
	struct type types[2] = {e->args[0]->type, e->args[0]->type};
	struct operand column;
	struct in_list list;
	const char *exact;
	int64_t longest = w->block->facts->max_in_list;
	bool bare;

	*facts = facts_of_constant();
	if (e->nargs - 1 > (uint32_t)d->max_in_list || (longest > 0 && (int64_t)e->nargs - 1 > longest))
		return write_local(w, "the list is longer than this source takes");
	if (!dialect_rule(d, w->block->facts, "=", FUNC_OPERATOR, types, 2))
		return write_local(w, "equality of this type isn't proved to mean the same there");
	if (empty_text_trouble(w, e->args, e->nargs))
		return write_local(w, "an empty text is NULL there");
	if (!take_operand(w, e->args[0], &column) || !write_items(w, e, &column, &list))
		return SHIP_LOCAL;
	facts->may_be_null = column.facts.may_be_null;
	exact = exact_operand(w, &column, false);
	bare = list.may_meet && !column.facts.raw_differs;
	if (exact == column.clean && bare && as != AS_VALUE && list.clean) {
		strbuf_addf(w->out, "(%s IN (%s))", column.raw, list.text);
		return SHIP_EXACT;
	}
	if (exact) {
		if (bare && as != AS_VALUE && exact != column.raw)
			strbuf_addf(w->out, "(%s IN (%s) AND %s IN (%s))", column.raw, list.text, exact, list.text);
		else
			strbuf_addf(w->out, "(%s IN (%s))", exact, list.text);
		return SHIP_EXACT;
	}
	if (!bare || !d->text_equal_is_superset)
		return write_local(w, OTHER_COLLATION);
	strbuf_addf(w->out, "(%s IN (%s))", column.raw, list.text);
	return write_at_most(w, SHIP_SUPERSET, FOLDED_EQUAL);
}

/* ---- LIKE and IS DISTINCT FROM ---- */

/* A pattern with a lone escape at its end is an error here and matches or not elsewhere. */
static bool ends_in_escape(struct str p)
{
	size_t n = 0;

	while (n < p.len && p.data[p.len - 1 - n] == '\\')
		n++;
	return n % 2 == 1;
}

static void spell(struct writer *w, const char *spelling, const char *a, const char *b)
{
	for (; *spelling; spelling++) {
		if (spelling[0] == '$' && (spelling[1] == '1' || spelling[1] == '2')) {
			strbuf_adds(w->out, spelling[1] == '1' ? a : b);
			spelling++;
		} else {
			strbuf_addc(w->out, *spelling);
		}
	}
}

/* LIKE compares character by character under the collation: with the exact form it is ours; bare it keeps at least what
 * ours keeps, since each character equals itself. */
enum ship_class write_like(struct writer *w, const struct dialect_rule *rule, const struct expr *e, enum write_as as,
						   struct remote_facts *facts)
{
	const struct dialect *d = w->block->dialect;
	struct operand a, p;
	const char *exact, *pattern;
	bool negated = rule->name[0] == '!', folds = strstr(rule->name, "~~*") != NULL, bare;
	bool as_ours = rule->class == SHIP_EXACT && (!d->like_measured || w->block->facts->like_exact);

	*facts = facts_of_constant();
	if (!take_operand(w, e->args[0], &a) || !take_operand(w, e->args[1], &p))
		return SHIP_LOCAL;
	facts->may_be_null = a.facts.may_be_null || p.facts.may_be_null;
	if (!d->typed_literals && (p.expr->kind != EXPR_CONST || ends_in_escape(literal_of(&p)) || literal_of(&p).len > 1000))
		return write_local(w, "patterns are sent only when they are simple constants");
	/* letters fold by the collation, so that order matters to ILIKE */
	pattern = p.constant ? p.clean : forced_operand(w, &p);
	exact = p.constant ? exact_operand(w, &a, folds) : forced_operand(w, &a);
	if (!pattern)
		return write_local(w, OTHER_COLLATION);
	bare = may_meet(w, &a, &p) && !a.facts.raw_differs && !negated;
	if (exact && as_ours) {
		if (exact != a.raw && bare && as != AS_VALUE && !d->typed_literals) {
			strbuf_addc(w->out, '(');
			spell(w, rule->spelling, a.raw, pattern);
			strbuf_adds(w->out, " AND ");
			spell(w, rule->spelling, exact, pattern);
			strbuf_addc(w->out, ')');
		} else {
			spell(w, rule->spelling, exact, pattern);
		}
		return SHIP_EXACT;
	}
	if (!bare)
		return write_local(w, OTHER_COLLATION);
	if (folds && !strstr(a.facts.collation, "_ci"))
		return write_local(w, "the column's collation there keeps case apart");
	spell(w, rule->spelling, a.raw, pattern);
	return write_at_most(w, SHIP_SUPERSET, rule->why ? rule->why : "LIKE there follows the collation");
}

enum ship_class write_distinct_from(struct writer *w, const struct expr *e, struct remote_facts *facts)
{
	const struct dialect *d = w->block->dialect;
	struct type types[2] = {e->args[0]->type, e->args[0]->type};
	struct operand a, b;
	const char *left, *right;
	bool text = type_is_text(types[0]);

	*facts = facts_of_constant();
	if (!d->distinct_form || !dialect_rule(d, w->block->facts, "=", FUNC_OPERATOR, types, 2))
		return write_local(w, "IS DISTINCT FROM isn't known there");
	if (!take_operand(w, e->args[0], &a) || !take_operand(w, e->args[1], &b))
		return SHIP_LOCAL;
	if (a.facts.may_be_null || b.facts.may_be_null || w->block->facts->empty_is_null)
		return write_local(w, "values that can't be read become NULL here only");
	left = text && !may_meet(w, &a, &b) ? forced_operand(w, &a) : exact_operand(w, &a, false);
	right = text && !may_meet(w, &a, &b) ? forced_operand(w, &b) : exact_operand(w, &b, false);
	/* a bad value is no NULL, where it is an error */
	if (!left || !right || (!is_clean(&a) && !a.facts.bad_is_null) || (!is_clean(&b) && !b.facts.bad_is_null))
		return write_local(w, OTHER_COLLATION);
	spell(w, d->distinct_form, left, right);
	return SHIP_EXACT;
}
