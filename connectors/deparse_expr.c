/*
 * Expressions to SQL in a dialect, each with the class in which it may be sent. What is written is right only when the
 * class isn't LOCAL. Comparisons stand in deparse_compare.c. NOT needs values below: the complement of a superset is a
 * subset, and NOT unknown is not true.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/deparse_int.h"

#define LONG_LIST 100 /* terms of AND and OR that are written side by side */
#define MAX_DEPTH 100 /* levels of an expression: sources have limits from some hundreds on */

enum ship_class write_local(struct writer *w, const char *why)
{
	if (!w->why)
		w->why = why;
	return SHIP_LOCAL;
}

enum ship_class write_at_most(struct writer *w, enum ship_class limit, const char *why)
{
	if (limit != SHIP_EXACT && !w->why)
		w->why = why;
	return limit;
}

const struct block_column *block_find(const struct block *b, uint32_t id)
{
	for (uint32_t i = 0; i < b->ncols; i++)
		if (b->cols[i].id == id)
			return &b->cols[i];
	return NULL;
}

struct remote_facts facts_of_constant(void)
{
	return (struct remote_facts){.text_equal_exact = true, .text_order_exact = true, .collation = "C"};
}

/* Of a value computed from texts with these facts: equality stays what it was, order is some collation's. */
static struct remote_facts computed_facts(const struct dialect *d, bool equal_exact)
{
	return (struct remote_facts){.text_equal_exact = equal_exact && d->typed_literals, .collation = ""};
}

const char *write_form(const struct writer *w, const char *form, const char *text)
{
	struct strbuf s;
	const char *out;

	strbuf_init(&s, 0);
	for (const char *at; (at = strstr(form, "$1")); form = at + 2)
		strbuf_addf(&s, "%.*s%s", (int)(at - form), form, text);
	strbuf_adds(&s, form);
	out = mem_strndup(w->block->mem, strbuf_cstr(&s), s.len);
	strbuf_release(&s);
	return out;
}

/* `form` with $1 … $n replaced, appended. */
static void expand(struct strbuf *out, const char *form, const char *const *args, uint32_t n)
{
	for (; *form; form++) {
		if (*form == '$' && form[1] >= '1' && form[1] <= '9' && (uint32_t)(form[1] - '0') <= n) {
			strbuf_adds(out, args[form[1] - '1']);
			form++;
		} else {
			strbuf_addc(out, *form);
		}
	}
}

const char *write_text(struct writer *w, const struct expr *e, enum write_as as, struct remote_facts *facts)
{
	struct strbuf s, *out = w->out;
	enum ship_class class;
	const char *text = NULL;

	strbuf_init(&s, 0);
	w->out = &s;
	class = write_expr(w, e, as, facts);
	w->out = out;
	if (class == SHIP_EXACT)
		text = mem_strndup(w->block->mem, strbuf_cstr(&s), s.len);
	strbuf_release(&s);
	return text;
}

bool empty_text_trouble(const struct writer *w, struct expr *const *args, uint32_t n)
{
	bool trouble = strcmp(w->block->dialect->name, "oracle") == 0 || w->block->facts->empty_is_null;

	for (uint32_t i = 0; trouble && i < n; i++)
		if (args[i]->kind == EXPR_CONST && !args[i]->value.is_null && type_phys(args[i]->type) == PHYS_STR &&
			args[i]->value.text.len == 0)
			return true;
	return false;
}

static enum ship_class write_column(struct writer *w, const struct expr *e, struct remote_facts *facts)
{
	const struct block_column *c = block_find(w->block, e->column);

	if (!c)
		return write_local(w, "it needs a column of another source");
	*facts = c->facts;
	if (c->facts.changes) {
		strbuf_adds(w->out, c->text);
		return write_local(w, c->facts.why ? c->facts.why : "the column's text is decoded or normalised here");
	}
	if (!c->facts.clean) {
		strbuf_adds(w->out, c->text);
		return SHIP_EXACT;
	}
	if (!w->where && !c->facts.bad_is_null)
		return write_local(w, "values that can't be read must be reported, so they are read here");
	strbuf_adds(w->out, write_form(w, c->facts.clean, c->text));
	facts->clean = NULL;
	facts->raw_differs = false;
	return SHIP_EXACT;
}

static enum ship_class write_param(struct writer *w, const struct expr *e)
{
	const struct dialect *d = w->block->dialect;
	char name[64];
	const char *type = d->cast_type(e->type, name, sizeof name);

	if (!d->param_style)
		return write_local(w, "parameters are not sent to this source");
	if (*d->param_style == '$') {
		if (!type)
			return write_local(w, "a parameter of this type is not sent");
		strbuf_addf(w->out, "$%u::%s", w->nparams + 1, type);
	} else {
		if (!w->may_take_params)
			return write_local(w, "parameters go in conditions only");
		/* what else a driver binds may be compared as another type */
		if (!type_is_text(e->type) && e->type.id != TYPE_INT2 && e->type.id != TYPE_INT4 && e->type.id != TYPE_INT8)
			return write_local(w, "a parameter of this type is not sent");
		strbuf_adds(w->out, d->param_style);
	}
	MEM_PUSH(w->block->mem, w->params, w->nparams, w->cap, (struct expr *)e);
	return SHIP_EXACT;
}

/* ---- functions and operators ---- */

/* Digits before and behind the point that values of e may have; false = unknown. */
static bool decimal_digits(const struct expr *e, int *whole, int *scale)
{
	struct strbuf s;
	const char *point;

	if (e->type.id == TYPE_NUMERIC && e->type.precision) {
		*whole = e->type.precision - e->type.scale;
		*scale = e->type.scale;
		return true;
	}
	if (e->kind == EXPR_CAST && e->args[0]->type.id != TYPE_NUMERIC)
		return decimal_digits(e->args[0], whole, scale);
	*scale = 0;
	if (e->type.id == TYPE_INT2 || e->type.id == TYPE_INT4 || e->type.id == TYPE_INT8) {
		*whole = e->type.id == TYPE_INT2 ? 5 : e->type.id == TYPE_INT4 ? 10 : 19;
		return true;
	}
	if (e->kind != EXPR_CONST || e->value.is_null || e->value.num.kind != NUM_FINITE)
		return false;
	strbuf_init(&s, 0);
	value_print(&e->value, &text_context_default, &s);
	point = strchr(strbuf_cstr(&s), '.');
	*scale = point ? (int)strlen(point + 1) : 0;
	*whole = (int)s.len - *scale;
	strbuf_release(&s);
	return true;
}

/* Whether a sum or product of decimals stays within what both sides compute exactly. */
static bool decimals_fit(const struct dialect *d, const struct expr *e)
{
	int whole[2] = {0, 0}, scale[2] = {0, 0};

	for (uint32_t i = 0; i < e->nargs; i++)
		if (!decimal_digits(e->args[i], &whole[i], &scale[i]))
			return false;
	if (strcmp(e->fn->name, "*") == 0)
		return whole[0] + whole[1] + scale[0] + scale[1] <= 38 && scale[0] + scale[1] <= d->max_scale;
	return (whole[0] > whole[1] ? whole[0] : whole[1]) + (scale[0] > scale[1] ? scale[0] : scale[1]) + 1 <= 38;
}

/* Functions of char(n) may see its padding or not, there as here: only its comparisons are known to agree. */
static bool padding_trouble(const struct type *types, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (types[i].id == TYPE_BPCHAR)
			return true;
	return false;
}

/* Text arguments of functions go under the exact form, since case and order follow the collation; beside others even
 * where the column by itself is right: PostgreSQL knows no collation for "C" with "POSIX". */
static const char *write_argument(struct writer *w, const struct expr *e, bool alone, struct remote_facts *f)
{
	const char *text = write_text(w, e, AS_VALUE, f), *form;
	bool force = !alone && w->block->dialect->typed_literals;

	if (!text || !type_is_text(e->type) || e->kind == EXPR_CONST || (f->text_order_exact && !force))
		return text;
	form = w->block->dialect->exact_text(force ? "" : f->collation, w->block->facts);
	if (form && !*form) {
		write_local(w, "it follows another collation there");
		return NULL;
	}
	return form ? write_form(w, form, text) : text;
}

static enum ship_class write_function(struct writer *w, const struct dialect_rule *rule, const struct expr *e,
									  struct remote_facts *facts)
{
	const struct dialect *d = w->block->dialect;
	const char *args[FUNC_MAX_ARGS];
	struct remote_facts f;
	bool may_be_null = false;
	uint32_t ntexts = 0;

	for (uint32_t i = 0; i < e->nargs; i++)
		ntexts += type_is_text(e->args[i]->type) && e->args[i]->kind != EXPR_CONST;
	for (uint32_t i = 0; i < e->nargs; i++) {
		args[i] = write_argument(w, e->args[i], ntexts < 2, &f);
		if (!args[i])
			return SHIP_LOCAL;
		may_be_null |= f.may_be_null;
	}
	/* texts went under one collation, which is deterministic */
	*facts = computed_facts(d, true);
	facts->may_be_null = may_be_null;
	if (d->wide_integers && e->fn->kind == FUNC_OPERATOR && e->type.id == TYPE_NUMERIC && !decimals_fit(d, e))
		return write_local(w, "the result may have more digits than both sides compute alike");
	expand(w->out, rule->spelling, args, e->nargs);
	return write_at_most(w, rule->class, rule->why);
}

static enum ship_class write_call(struct writer *w, const struct expr *e, enum write_as as, struct remote_facts *facts)
{
	const struct dialect *d = w->block->dialect;
	struct type types[FUNC_MAX_ARGS];
	const struct dialect_rule *rule;
	bool operator = e->fn->kind == FUNC_OPERATOR;

	*facts = computed_facts(d, false);
	if (e->nargs > FUNC_MAX_ARGS)
		return write_local(w, "it has too many arguments");
	for (uint32_t i = 0; i < e->nargs; i++)
		types[i] = e->args[i]->type;
	if (empty_text_trouble(w, e->args, e->nargs))
		return write_local(w, "an empty text is NULL there");
	rule = dialect_rule(d, w->block->facts, e->fn->name, e->fn->kind, types, e->nargs);
	if (!rule && operator && e->nargs == 2 && is_comparison(e->fn->name))
		return write_range(w, e, as);
	if (!rule)
		return write_local(w, "this operation isn't proved to mean the same there");
	if (e->fn->volatility != FUNC_IMMUTABLE)
		return write_local(w, "its value changes from call to call");
	if (operator && e->nargs == 2 && is_comparison(rule->name))
		return write_comparison(w, e, as, facts);
	if (padding_trouble(types, e->nargs))
		return write_local(w, "the padding of char(n) counts in some functions");
	if (operator && strstr(rule->name, "~~"))
		return write_like(w, rule, e, as, facts);
	return write_function(w, rule, e, facts);
}

/* ---- casts ---- */

static bool is_integer(struct type t)
{
	return !t.array && (t.id == TYPE_INT2 || t.id == TYPE_INT4 || t.id == TYPE_INT8);
}

bool cast_keeps_value(struct type from, struct type to)
{
	if (from.array || to.array)
		return false;
	if (is_integer(from) && ((to.id == TYPE_INT4 && from.id == TYPE_INT2) || to.id == TYPE_INT8 ||
							 (to.id == TYPE_NUMERIC && to.mod < 0)))
		return true;
	if (from.id == TYPE_NUMERIC && to.id == TYPE_NUMERIC)
		return to.mod < 0 && (to.precision == 0 || (from.precision != 0 && to.scale >= from.scale &&
													to.precision - to.scale >= from.precision - from.scale));
	if (from.id == TYPE_FLOAT4 && to.id == TYPE_FLOAT8)
		return true;
	return (from.id == TYPE_VARCHAR || from.id == TYPE_TEXT) && (to.id == TYPE_TEXT || (to.id == TYPE_VARCHAR && to.mod < 0));
}

/* A cast that keeps the value still says in which type to compute. */
static enum ship_class write_kept(struct writer *w, const struct expr *e, struct remote_facts *facts)
{
	const struct dialect *d = w->block->dialect;
	struct type from = e->args[0]->type;
	const char *text = write_text(w, e->args[0], AS_VALUE, facts);
	char name[64];

	if (!text)
		return SHIP_LOCAL;
	if (from.id == e->type.id || type_is_text(from)) {
		strbuf_adds(w->out, text);
		return SHIP_EXACT;
	}
	if (d->typed_literals) {
		strbuf_addf(w->out, "(%s)::%s", text, d->cast_type(type_make((enum type_id)e->type.id), name, sizeof name));
		return SHIP_EXACT;
	}
	if (e->type.id != TYPE_NUMERIC) {
		strbuf_adds(w->out, text);
		return SHIP_EXACT;
	}
	if (!d->integer_as_decimal)
		return write_local(w, "the cast isn't proved to mean the same there");
	strbuf_adds(w->out, write_form(w, d->integer_as_decimal, text));
	return SHIP_EXACT;
}

static enum ship_class write_cast(struct writer *w, const struct expr *e, struct remote_facts *facts)
{
	const struct dialect *d = w->block->dialect;
	struct type from = e->args[0]->type;
	char name[64];
	const char *type, *text;

	if (cast_keeps_value(from, e->type))
		return write_kept(w, e, facts);
	type = d->cast_type(e->type, name, sizeof name);
	if (!type || !d->typed_literals || from.id == TYPE_TIMESTAMPTZ || e->type.id == TYPE_TIMESTAMPTZ || from.array ||
		e->type.array)
		return write_local(w, "the cast isn't proved to mean the same there");
	text = write_text(w, e->args[0], AS_VALUE, facts);
	if (!text)
		return SHIP_LOCAL;
	strbuf_addf(w->out, "(%s)::%s", text, type);
	if (type_is_text(e->type) && !type_is_text(from))
		*facts = computed_facts(d, true);
	return SHIP_EXACT;
}

/* ---- the other kinds ---- */

/* Terms from to end: a long list as a tree of parentheses, since SQLite counts each AND and OR as a level of depth. */
static enum ship_class write_terms(struct writer *w, const struct expr *e, uint32_t from, uint32_t end, const char *word,
								   enum write_as as, struct remote_facts *facts)
{
	enum ship_class class = SHIP_EXACT;
	uint32_t step = end - from > LONG_LIST ? (end - from + 1) / 2 : 1;

	strbuf_addc(w->out, '(');
	for (uint32_t i = from; i < end && class != SHIP_LOCAL; i += step) {
		struct remote_facts f = facts_of_constant();
		enum ship_class one;

		if (i > from)
			strbuf_adds(w->out, word);
		one = step == 1 ? write_expr(w, e->args[i], as, &f)
						: write_terms(w, e, i, i + step < end ? i + step : end, word, as, &f);
		class = one < class ? one : class;
		facts->may_be_null |= f.may_be_null;
	}
	strbuf_addc(w->out, ')');
	return class;
}

static enum ship_class write_bool_list(struct writer *w, const struct expr *e, const char *word, enum write_as as,
									   struct remote_facts *facts)
{
	*facts = facts_of_constant();
	return write_terms(w, e, 0, e->nargs, word, as, facts);
}

static enum ship_class write_is_null(struct writer *w, const struct expr *e, struct remote_facts *facts)
{
	const struct dialect *d = w->block->dialect;
	struct remote_facts f = facts_of_constant();
	struct type t = e->args[0]->type;
	const struct block_column *c = e->args[0]->kind == EXPR_COLUMN ? block_find(w->block, e->args[0]->column) : NULL;
	bool date = t.id == TYPE_DATE || t.id == TYPE_TIMESTAMP || t.id == TYPE_TIMESTAMPTZ;
	const char *text;

	*facts = facts_of_constant();
	if (w->block->facts->empty_is_null && type_is_text(t))
		return write_local(w, "an empty text is NULL there");
	/* a bad value that is an error is no NULL; and decoding changes a text, not whether it is NULL */
	if (c && !c->facts.may_be_null && (c->facts.clean || c->facts.changes) && !c->facts.bad_is_null)
		text = c->text;
	else
		text = write_text(w, e->args[0], AS_VALUE, &f);
	if (!text)
		return SHIP_LOCAL;
	if (f.may_be_null)
		return write_local(w, "values that can't be read become NULL here only");
	strbuf_addf(w->out, date && d->null_safe_dates ? "(%s <=> NULL)" : "(%s IS NULL)", text);
	return SHIP_EXACT;
}

/* A text among others: under one form, since the source would look for a collation of all of them. */
static const char *united_text(struct writer *w, const char *text, struct remote_facts *f)
{
	const struct dialect *d = w->block->dialect;
	const char *form = d->exact_text(d->typed_literals ? "" : f->collation, w->block->facts);

	if (form && !*form) {
		write_local(w, "texts of several collations are united there");
		return NULL;
	}
	f->text_equal_exact |= d->typed_literals; /* the form is deterministic */
	return form ? write_form(w, form, text) : text;
}

/* A result of CASE or COALESCE: where the source unites the branches' types by itself, they must be alike. */
static const char *write_branch(struct writer *w, const struct expr *e, int *scale, struct remote_facts *f)
{
	const struct dialect *d = w->block->dialect;
	const char *text;
	bool is_null = e->kind == EXPR_CONST && e->value.is_null;
	int whole, own;

	while (!d->typed_literals && e->kind == EXPR_CAST && e->type.id == TYPE_NUMERIC &&
		   cast_keeps_value(e->args[0]->type, e->type))
		e = e->args[0];
	text = write_text(w, e, AS_VALUE, f);
	if (!text || is_null)
		return text;
	if (e->type.id == TYPE_NUMERIC && !d->typed_literals) {
		if (!decimal_digits(e, &whole, &own) || (*scale >= 0 && *scale != own)) {
			write_local(w, "decimals of several scales are united there");
			return NULL;
		}
		*scale = own;
	}
	return type_is_text(e->type) && e->kind != EXPR_CONST ? united_text(w, text, f) : text;
}

static enum ship_class write_case(struct writer *w, const struct expr *e, struct remote_facts *facts)
{
	bool equal = true, may_be_null = false;
	int scale = -1;

	strbuf_adds(w->out, "(CASE");
	for (uint32_t i = 0; i < e->nargs; i++) {
		struct remote_facts f = facts_of_constant();
		bool is_when = i % 2 == 0 && i + 1 < e->nargs;
		const char *text = is_when ? write_text(w, e->args[i], AS_CONDITION, &f) : write_branch(w, e->args[i], &scale, &f);

		if (!text)
			return SHIP_LOCAL;
		strbuf_addf(w->out, " %s %s", is_when ? "WHEN" : i + 1 == e->nargs ? "ELSE" : "THEN", text);
		may_be_null |= f.may_be_null;
		equal &= is_when || f.text_equal_exact;
	}
	strbuf_adds(w->out, " END)");
	*facts = computed_facts(w->block->dialect, equal);
	facts->may_be_null = may_be_null;
	return SHIP_EXACT;
}

static enum ship_class write_coalesce(struct writer *w, const struct expr *e, struct remote_facts *facts)
{
	bool equal = true;
	int scale = -1;

	strbuf_adds(w->out, "COALESCE(");
	for (uint32_t i = 0; i < e->nargs; i++) {
		struct remote_facts f = facts_of_constant();
		const char *text = write_branch(w, e->args[i], &scale, &f);

		if (!text)
			return SHIP_LOCAL;
		if (f.may_be_null || (w->block->facts->empty_is_null && type_is_text(e->type)))
			return write_local(w, "values that can't be read become NULL here only");
		strbuf_addf(w->out, "%s%s", i ? ", " : "", text);
		equal &= f.text_equal_exact;
	}
	strbuf_addc(w->out, ')');
	*facts = computed_facts(w->block->dialect, equal);
	return SHIP_EXACT;
}

static enum ship_class write_around(struct writer *w, const char *before, const struct expr *e, enum write_as as,
									const char *after, struct remote_facts *facts)
{
	const char *text = write_text(w, e, as, facts);

	if (!text)
		return SHIP_LOCAL;
	strbuf_addf(w->out, "(%s%s%s)", before, text, after);
	return SHIP_EXACT;
}

static enum ship_class write_kind(struct writer *w, const struct expr *e, enum write_as as, struct remote_facts *facts)
{
	const struct dialect *d = w->block->dialect;
	enum ship_class class;

	switch (e->kind) {
	case EXPR_CONST:
		if (!dialect_literal(d, &e->value, w->out))
			return write_local(w, "the constant has no exact spelling there");
		return SHIP_EXACT;
	case EXPR_COLUMN:
		class = write_column(w, e, facts);
		if (e->type.id == TYPE_BOOL && as != AS_VALUE && !d->boolean_values && class != SHIP_LOCAL)
			return write_local(w, "booleans are no conditions there");
		return class;
	case EXPR_PARAM:
		return write_param(w, e);
	case EXPR_CALL:
		return write_call(w, e, as, facts);
	case EXPR_CAST:
		return write_cast(w, e, facts);
	case EXPR_AND:
		return write_bool_list(w, e, " AND ", as, facts);
	case EXPR_OR:
		return write_bool_list(w, e, " OR ", as, facts);
	case EXPR_NOT:
		return write_around(w, "NOT ", e->args[0], AS_VALUE, "", facts);
	case EXPR_IS_NULL:
		return write_is_null(w, e, facts);
	case EXPR_IS_TRUE:
		if (!d->boolean_values)
			return write_local(w, "IS TRUE isn't known there");
		class = write_around(w, "", e->args[0], AS_CONDITION, " IS TRUE", facts);
		return facts->may_be_null ? write_local(w, "values that can't be read become NULL here only") : class;
	case EXPR_DISTINCT:
		return write_distinct_from(w, e, facts);
	case EXPR_CASE:
		return write_case(w, e, facts);
	case EXPR_COALESCE:
		return write_coalesce(w, e, facts);
	case EXPR_IN:
		return write_in(w, e, as, facts);
	case EXPR_NULLIF:
	case EXPR_GREATEST:
	case EXPR_LEAST:
		/* GREATEST skips NULLs here and not everywhere */
		return write_local(w, "this operation isn't proved to mean the same there");
	case EXPR_AGG:
	case EXPR_WINDOW:
	case EXPR_SUBQUERY:
		return write_local(w, "subqueries are not sent");
	}
	UNREACHABLE();
}

static bool is_predicate(const struct expr *e)
{
	switch (e->kind) {
	case EXPR_CALL:
	case EXPR_AND:
	case EXPR_OR:
	case EXPR_NOT:
	case EXPR_IS_NULL:
	case EXPR_IS_TRUE:
	case EXPR_DISTINCT:
	case EXPR_IN:
		return e->type.id == TYPE_BOOL;
	case EXPR_CONST:
	case EXPR_COLUMN:
	case EXPR_PARAM:
	case EXPR_CAST:
	case EXPR_CASE:
	case EXPR_COALESCE:
	case EXPR_NULLIF:
	case EXPR_GREATEST:
	case EXPR_LEAST:
	case EXPR_AGG:
	case EXPR_WINDOW:
	case EXPR_SUBQUERY:
		return false;
	}
	UNREACHABLE();
}

/* Where conditions are no values and booleans no conditions, each must stand in its own place. */
static bool stands_right(const struct expr *e, bool condition, uint32_t depth)
{
	bool logic = e->kind == EXPR_AND || e->kind == EXPR_OR || e->kind == EXPR_NOT;

	if (condition != is_predicate(e) || depth > MAX_DEPTH)
		return false;
	for (uint32_t i = 0; i < e->nargs; i++)
		if (!stands_right(e->args[i], logic || (e->kind == EXPR_CASE && i % 2 == 0 && i + 1 < e->nargs), depth + 1))
			return false;
	return true;
}

enum ship_class write_expr(struct writer *w, const struct expr *e, enum write_as as, struct remote_facts *facts)
{
	struct remote_facts own = facts_of_constant();
	enum ship_class class = SHIP_LOCAL;

	if (w->depth == 0 && !w->block->dialect->boolean_values && !stands_right(e, as != AS_VALUE, 0)) {
		(void)write_local(w, as == AS_VALUE ? "conditions are no values there" : "booleans are no conditions there");
	} else if (w->depth < MAX_DEPTH) {
		w->depth++;
		class = write_kind(w, e, as, &own);
		w->depth--;
	} else {
		(void)write_local(w, "it is nested too deep for a source");
	}
	if (facts)
		*facts = own;
	/* what may be NULL here only is at most a superset as a condition, and no value at all */
	if (class == SHIP_EXACT && own.may_be_null && e->kind != EXPR_COLUMN && e->type.id == TYPE_BOOL)
		class = write_at_most(w, SHIP_SUPERSET, "values that can't be read become NULL here");
	if (class == SHIP_SUPERSET && as != AS_FILTER)
		return write_local(w, "only a superset could be sent");
	return class;
}
