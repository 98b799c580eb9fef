/*
 * Expressions to SQL in a dialect, each with the class in which it may be sent. What is written is right only when the
 * class isn't LOCAL. Values must be EXACT; conditions may be SUPERSET where the caller says so. NOT needs EXACT below:
 * the complement of a superset is a subset.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/deparse.h"

static enum ship_class local(struct writer *w, const char *why)
{
	if (!w->why)
		w->why = why;
	return SHIP_LOCAL;
}

static enum ship_class at_most(struct writer *w, enum ship_class a, enum ship_class limit, const char *why)
{
	if (a > limit) {
		if (!w->why)
			w->why = why;
		return limit;
	}
	return a;
}

static enum ship_class min_class(enum ship_class a, enum ship_class b)
{
	return a < b ? a : b;
}

const struct block_column *block_find(const struct block *b, uint32_t id)
{
	for (uint32_t i = 0; i < b->ncols; i++)
		if (b->cols[i].id == id)
			return &b->cols[i];
	return NULL;
}

/* What holds for constants and for computed values. */
static struct remote_facts constant_facts(void)
{
	return (struct remote_facts){.text_equal_exact = true, .text_order_exact = true, .collation = "C"};
}
static struct remote_facts computed_facts(const struct dialect *d)
{
	/* PostgreSQL's collations are deterministic unless a column says otherwise */
	return (struct remote_facts){.text_equal_exact = d->typed_literals, .text_order_exact = false, .collation = ""};
}

/* `form` with $1 … replaced. */
static void expand(struct strbuf *out, const char *form, const struct strbuf *args, uint32_t n)
{
	for (; *form; form++) {
		if (*form == '$' && form[1] >= '1' && form[1] <= '9' && (uint32_t)(form[1] - '0') <= n) {
			const struct strbuf *a = &args[form[1] - '1'];

			strbuf_add(out, strbuf_cstr(a), a->len);
			form++;
		} else {
			strbuf_addc(out, *form);
		}
	}
}

/* Text a under the form that compares as ours; false when the dialect has none. */
static bool exact_form(struct writer *w, struct strbuf *a, const struct remote_facts *f)
{
	const struct dialect *d = w->block->dialect;
	const char *form = d->exact_text(f->collation, w->block->facts);
	struct strbuf wrapped;

	if (!form)
		return true;
	if (!*form)
		return false;
	strbuf_init(&wrapped, 0);
	expand(&wrapped, form, a, 1);
	strbuf_release(a);
	*a = wrapped;
	return true;
}

static enum ship_class write_column(struct writer *w, const struct expr *e, struct remote_facts *facts)
{
	const struct block_column *c = block_find(w->block, e->column);

	if (!c)
		return local(w, "it needs a column of another source");
	strbuf_adds(w->out, c->text);
	*facts = c->facts;
	if (c->facts.changes)
		return local(w, "the column's text is decoded or normalised here");
	return SHIP_EXACT;
}

static enum ship_class write_param(struct writer *w, const struct expr *e)
{
	const struct dialect *d = w->block->dialect;
	char name[64];
	const char *type = d->cast_type(e->type, name, sizeof name);

	if (!d->param_style)
		return local(w, "parameters are not sent to this source");
	if (*d->param_style == '$')
		strbuf_addf(w->out, "$%u::%s", w->nparams + 1, type ? type : "text");
	else
		strbuf_adds(w->out, d->param_style);
	MEM_PUSH(w->block->mem, w->params, w->nparams, w->cap, (struct expr *)e);
	return SHIP_EXACT;
}

/* All arguments as values, each into its own buffer. */
static enum ship_class write_args(struct writer *w, struct expr *const *args, uint32_t n, struct strbuf *texts,
								  struct remote_facts *facts)
{
	enum ship_class class = SHIP_EXACT;
	struct strbuf *out = w->out;

	for (uint32_t i = 0; i < n; i++) {
		strbuf_init(&texts[i], 0);
		w->out = &texts[i];
		if (class != SHIP_LOCAL)
			class = min_class(class, write_expr(w, args[i], false, &facts[i]));
	}
	w->out = out;
	return class;
}

static void release(struct strbuf *texts, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		strbuf_release(&texts[i]);
}

static bool any_may_be_null(const struct remote_facts *f, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (f[i].may_be_null)
			return true;
	return false;
}

static bool is_comparison(const char *name)
{
	static const char *const names[] = {"=", "<>", "<", "<=", ">", ">="};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* '' is NULL at some sources: a comparison with it means something else there. */
static bool empty_text_trouble(const struct writer *w, struct expr *const *args, uint32_t n)
{
	bool oracle = strcmp(w->block->dialect->name, "oracle") == 0 || w->block->facts->empty_is_null;

	for (uint32_t i = 0; oracle && i < n; i++)
		if (args[i]->kind == EXPR_CONST && !args[i]->value.is_null && type_phys(args[i]->type) == PHYS_STR &&
			args[i]->value.text.len == 0)
			return true;
	return false;
}

/* Two texts compared: bare where that is ours, twice where an exact form exists, else as a superset. */
static enum ship_class write_text_comparison(struct writer *w, const char *op, struct strbuf *t, struct remote_facts *f)
{
	const struct dialect *d = w->block->dialect;
	bool equality = strcmp(op, "=") == 0, inequality = strcmp(op, "<>") == 0;
	bool by_equality = equality || inequality;
	bool left_is_exact = by_equality ? f[0].text_equal_exact : f[0].text_order_exact;
	bool bare_is_exact = left_is_exact && (by_equality ? f[1].text_equal_exact : f[1].text_order_exact);
	int side = left_is_exact ? 1 : 0; /* a constant on the left has no collation to speak of */
	struct strbuf bare;

	if (bare_is_exact) {
		strbuf_addf(w->out, "(%s %s %s)", strbuf_cstr(&t[0]), op, strbuf_cstr(&t[1]));
		return SHIP_EXACT;
	}
	strbuf_init(&bare, 0);
	strbuf_addf(&bare, "(%s %s %s)", strbuf_cstr(&t[0]), op, strbuf_cstr(&t[1]));
	if (exact_form(w, &t[side], &f[side])) {
		/* one exact side decides the comparison; the bare one lets an index serve it */
		if (equality)
			strbuf_addf(w->out, "(%s AND %s = %s)", strbuf_cstr(&bare), strbuf_cstr(&t[0]), strbuf_cstr(&t[1]));
		else
			strbuf_addf(w->out, "(%s %s %s)", strbuf_cstr(&t[0]), op, strbuf_cstr(&t[1]));
		strbuf_release(&bare);
		return SHIP_EXACT;
	}
	if (equality && d->text_equal_is_superset) {
		strbuf_add(w->out, strbuf_cstr(&bare), bare.len);
		strbuf_release(&bare);
		return at_most(w, SHIP_EXACT, SHIP_SUPERSET, "texts are equal there under case, accents or padding");
	}
	strbuf_release(&bare);
	return local(w, "texts are compared by another collation there");
}

/* Functions of char(n) may see its padding or not, there as here: only its comparisons are known to agree. */
static bool padding_trouble(const char *name, enum func_kind kind, const struct type *types, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (types[i].id == TYPE_BPCHAR && !(kind == FUNC_OPERATOR && is_comparison(name)))
			return true;
	return false;
}

/* Text arguments of functions go under the exact form, since case and order follow the collation. */
static bool exact_args(struct writer *w, const char *name, const struct expr *e, struct strbuf *t, struct remote_facts *f)
{
	if (strcmp(name, "~~") == 0 || strcmp(name, "!~~") == 0)
		return true;
	for (uint32_t i = 0; i < e->nargs; i++)
		if (type_is_text(e->args[i]->type) && e->args[i]->kind != EXPR_CONST && !f[i].text_order_exact &&
			!exact_form(w, &t[i], &f[i]))
			return false;
	return true;
}

static enum ship_class write_call(struct writer *w, const struct expr *e, struct remote_facts *facts)
{
	const struct dialect *d = w->block->dialect;
	struct type types[FUNC_MAX_ARGS];
	struct strbuf t[FUNC_MAX_ARGS];
	struct remote_facts f[FUNC_MAX_ARGS] = {{0}};
	const struct dialect_rule *rule;
	enum ship_class class;

	*facts = computed_facts(d);
	if (e->nargs > FUNC_MAX_ARGS)
		return local(w, "it has too many arguments");
	for (uint32_t i = 0; i < e->nargs; i++)
		types[i] = e->args[i]->type;
	rule = dialect_rule(d, w->block->facts, e->fn->name, e->fn->kind, types, e->nargs);
	if (!rule || e->fn->volatility != FUNC_IMMUTABLE)
		return local(w, rule ? "its value changes from call to call" : "this operation isn't proved to mean the same there");
	if (empty_text_trouble(w, e->args, e->nargs))
		return local(w, "an empty text is NULL there");
	if (padding_trouble(rule->name, e->fn->kind, types, e->nargs))
		return local(w, "the padding of char(n) counts in some functions");
	class = write_args(w, e->args, e->nargs, t, f);
	facts->may_be_null = any_may_be_null(f, e->nargs);
	if (class == SHIP_EXACT) {
		if (e->nargs == 2 && is_comparison(rule->name) && type_is_text(types[0]) && e->fn->kind == FUNC_OPERATOR) {
			class = write_text_comparison(w, rule->name, t, f);
		} else if (!exact_args(w, rule->name, e, t, f)) {
			class = local(w, "it follows another collation there");
		} else {
			expand(w->out, rule->spelling, t, e->nargs);
			class = at_most(w, class, rule->class, rule->why);
		}
	}
	release(t, e->nargs);
	return class;
}

/* Casts that change no value (wider integers and decimals, text kinds) vanish; others as the dialect has them. */
static bool cast_keeps_value(struct type from, struct type to)
{
	bool ints = type_infos[from.id].category == 'N' && (from.id == TYPE_INT2 || from.id == TYPE_INT4 || from.id == TYPE_INT8);

	if (from.array || to.array)
		return false;
	if (ints && ((to.id == TYPE_INT4 && from.id == TYPE_INT2) || to.id == TYPE_INT8 || (to.id == TYPE_NUMERIC && to.mod < 0)))
		return true;
	if (from.id == TYPE_NUMERIC && to.id == TYPE_NUMERIC)
		return to.mod < 0 && (to.precision == 0 || (from.precision != 0 && to.scale >= from.scale &&
													to.precision - to.scale >= from.precision - from.scale));
	return (from.id == TYPE_VARCHAR || from.id == TYPE_TEXT) && (to.id == TYPE_TEXT || (to.id == TYPE_VARCHAR && to.mod < 0));
}

static enum ship_class write_cast(struct writer *w, const struct expr *e, struct remote_facts *facts)
{
	const struct dialect *d = w->block->dialect;
	struct type from = e->args[0]->type;
	char name[64];
	const char *type;
	enum ship_class class;

	if (cast_keeps_value(from, e->type)) {
		/* arithmetic of PostgreSQL overflows by type: there the type goes along */
		if (d->typed_literals && e->type.id != from.id && (e->type.id == TYPE_INT8 || e->type.id == TYPE_INT4)) {
			strbuf_adds(w->out, "(");
			class = write_expr(w, e->args[0], false, facts);
			strbuf_addf(w->out, ")::%s", e->type.id == TYPE_INT8 ? "bigint" : "integer");
			return class;
		}
		return write_expr(w, e->args[0], false, facts);
	}
	/* a date at midnight: sources compare the two kinds so */
	if (from.id == TYPE_DATE && e->type.id == TYPE_TIMESTAMP && !d->typed_literals && d->timestamp_literal)
		return write_expr(w, e->args[0], false, facts);
	type = d->cast_type(e->type, name, sizeof name);
	if (!type || !d->typed_literals || from.id == TYPE_TIMESTAMPTZ || e->type.id == TYPE_TIMESTAMPTZ)
		return local(w, "the cast isn't proved to mean the same there");
	strbuf_adds(w->out, "(");
	class = write_expr(w, e->args[0], false, facts);
	strbuf_addf(w->out, ")::%s", type);
	if (type_is_text(e->type) && !type_is_text(from))
		*facts = computed_facts(d);
	return class;
}

static enum ship_class write_bool_list(struct writer *w, const struct expr *e, const char *word, bool need_filter,
									   struct remote_facts *facts)
{
	enum ship_class class = SHIP_EXACT;

	*facts = constant_facts();
	strbuf_addc(w->out, '(');
	for (uint32_t i = 0; i < e->nargs && class != SHIP_LOCAL; i++) {
		struct remote_facts f = constant_facts();

		if (i)
			strbuf_adds(w->out, word);
		class = min_class(class, write_expr(w, e->args[i], need_filter, &f));
		facts->may_be_null |= f.may_be_null;
	}
	strbuf_addc(w->out, ')');
	return class;
}

static enum ship_class write_is_null(struct writer *w, const struct expr *e, struct remote_facts *facts)
{
	enum ship_class class;
	struct remote_facts f = constant_facts();
	const struct block_column *c = e->args[0]->kind == EXPR_COLUMN ? block_find(w->block, e->args[0]->column) : NULL;

	*facts = constant_facts();
	strbuf_addc(w->out, '(');
	/* decoding changes a text, not whether it is NULL */
	if (c && c->facts.changes && !c->facts.may_be_null) {
		strbuf_adds(w->out, c->text);
		class = SHIP_EXACT;
	} else {
		class = write_expr(w, e->args[0], false, &f);
	}
	strbuf_adds(w->out, " IS NULL)");
	if (class != SHIP_LOCAL && (f.may_be_null || w->block->facts->empty_is_null))
		return local(w, "values that don't fit become NULL here only");
	return class;
}

static enum ship_class write_in(struct writer *w, const struct expr *e, struct remote_facts *facts)
{
	const struct dialect *d = w->block->dialect;
	struct strbuf column;
	struct remote_facts f = constant_facts(), item = constant_facts();
	enum ship_class class;
	struct strbuf *out = w->out;
	bool text = type_is_text(e->args[0]->type);
	struct type types[2] = {e->args[0]->type, e->args[0]->type};

	*facts = constant_facts();
	if (e->nargs - 1 > (uint32_t)d->max_in_list)
		return local(w, "the list is longer than this source takes");
	if (!dialect_rule(d, w->block->facts, "=", FUNC_OPERATOR, types, 2))
		return local(w, "equality of this type isn't proved to mean the same there");
	if (empty_text_trouble(w, e->args, e->nargs))
		return local(w, "an empty text is NULL there");
	strbuf_init(&column, 0);
	w->out = &column;
	class = write_expr(w, e->args[0], false, &f);
	w->out = out;
	facts->may_be_null = f.may_be_null;
	if (text && !f.text_equal_exact && class == SHIP_EXACT && !exact_form(w, &column, &f))
		class = d->text_equal_is_superset ? at_most(w, class, SHIP_SUPERSET, "texts are equal there under case, accents or padding")
										  : local(w, "texts are compared by another collation there");
	strbuf_addf(out, "(%s IN (", strbuf_cstr(&column));
	strbuf_release(&column);
	for (uint32_t i = 1; i < e->nargs && class != SHIP_LOCAL; i++) {
		if (i > 1)
			strbuf_adds(out, ", ");
		class = min_class(class, write_expr(w, e->args[i], false, &item));
	}
	strbuf_adds(out, "))");
	return class;
}

static enum ship_class write_case(struct writer *w, const struct expr *e, struct remote_facts *facts)
{
	enum ship_class class = SHIP_EXACT;
	struct remote_facts f = constant_facts();
	uint32_t i = 0;

	*facts = computed_facts(w->block->dialect);
	strbuf_adds(w->out, "(CASE");
	for (; i + 1 < e->nargs && class != SHIP_LOCAL; i += 2) {
		strbuf_adds(w->out, " WHEN ");
		class = min_class(class, write_expr(w, e->args[i], false, &f));
		facts->may_be_null |= f.may_be_null;
		strbuf_adds(w->out, " THEN ");
		if (class != SHIP_LOCAL)
			class = min_class(class, write_expr(w, e->args[i + 1], false, &f));
		facts->may_be_null |= f.may_be_null;
	}
	if (class != SHIP_LOCAL) {
		strbuf_adds(w->out, " ELSE ");
		class = min_class(class, write_expr(w, e->args[i], false, &f));
		facts->may_be_null |= f.may_be_null;
	}
	strbuf_adds(w->out, " END)");
	return class;
}

static enum ship_class write_coalesce(struct writer *w, const struct expr *e, struct remote_facts *facts)
{
	enum ship_class class = SHIP_EXACT;

	*facts = computed_facts(w->block->dialect);
	strbuf_adds(w->out, "COALESCE(");
	for (uint32_t i = 0; i < e->nargs && class != SHIP_LOCAL; i++) {
		struct remote_facts f = constant_facts();

		strbuf_adds(w->out, i ? ", " : "");
		class = min_class(class, write_expr(w, e->args[i], false, &f));
		if (f.may_be_null && class != SHIP_LOCAL)
			class = local(w, "values that don't fit become NULL here only");
	}
	strbuf_addc(w->out, ')');
	return class;
}

static enum ship_class write_distinct(struct writer *w, const struct expr *e, struct remote_facts *facts)
{
	enum ship_class class;
	struct remote_facts a = constant_facts(), b = constant_facts();

	*facts = constant_facts();
	if (!w->block->dialect->null_safe_distinct)
		return local(w, "IS DISTINCT FROM isn't known there");
	strbuf_addc(w->out, '(');
	class = write_expr(w, e->args[0], false, &a);
	strbuf_adds(w->out, " IS DISTINCT FROM ");
	if (class != SHIP_LOCAL)
		class = min_class(class, write_expr(w, e->args[1], false, &b));
	strbuf_addc(w->out, ')');
	if (type_is_text(e->args[0]->type) && !(a.text_equal_exact && b.text_equal_exact))
		return local(w, "texts are compared by another collation there");
	if (a.may_be_null || b.may_be_null)
		return local(w, "values that don't fit become NULL here only");
	return class;
}

static enum ship_class write_kind(struct writer *w, const struct expr *e, bool need_filter, struct remote_facts *facts)
{
	const struct dialect *d = w->block->dialect;
	enum ship_class class;

	switch (e->kind) {
	case EXPR_CONST:
		if (!dialect_literal(d, &e->value, w->out))
			return local(w, "the constant has no exact spelling there");
		return SHIP_EXACT;
	case EXPR_COLUMN:
		class = write_column(w, e, facts);
		if (e->type.id == TYPE_BOOL && need_filter && !d->boolean_values && class != SHIP_LOCAL)
			return local(w, "booleans are no conditions there");
		return class;
	case EXPR_PARAM:
		return write_param(w, e);
	case EXPR_CALL:
		return write_call(w, e, facts);
	case EXPR_CAST:
		return write_cast(w, e, facts);
	case EXPR_AND:
		return write_bool_list(w, e, " AND ", need_filter, facts);
	case EXPR_OR:
		return write_bool_list(w, e, " OR ", need_filter, facts);
	case EXPR_NOT:
		strbuf_adds(w->out, "(NOT ");
		class = write_expr(w, e->args[0], false, facts);
		strbuf_addc(w->out, ')');
		return class;
	case EXPR_IS_NULL:
		return write_is_null(w, e, facts);
	case EXPR_IS_TRUE:
		if (!d->boolean_values)
			return local(w, "IS TRUE isn't known there");
		strbuf_addc(w->out, '(');
		class = write_expr(w, e->args[0], false, facts);
		strbuf_adds(w->out, " IS TRUE)");
		return facts->may_be_null && class != SHIP_LOCAL ? local(w, "values that don't fit become NULL here only") : class;
	case EXPR_DISTINCT:
		return write_distinct(w, e, facts);
	case EXPR_CASE:
		return write_case(w, e, facts);
	case EXPR_COALESCE:
		return write_coalesce(w, e, facts);
	case EXPR_IN:
		return write_in(w, e, facts);
	case EXPR_NULLIF:
	case EXPR_GREATEST:
	case EXPR_LEAST:
		/* GREATEST skips NULLs here and not everywhere */
		return local(w, "this operation isn't proved to mean the same there");
	case EXPR_AGG:
	case EXPR_WINDOW:
	case EXPR_SUBQUERY:
		return local(w, "subqueries are not sent");
	}
	UNREACHABLE();
}

enum ship_class write_expr(struct writer *w, const struct expr *e, bool need_filter, struct remote_facts *facts)
{
	struct remote_facts own = constant_facts();
	enum ship_class class = write_kind(w, e, need_filter, &own);

	if (facts)
		*facts = own;
	/* what may be NULL here only is at most a superset as a condition, and no value at all */
	if (class == SHIP_EXACT && own.may_be_null && e->kind != EXPR_COLUMN && e->type.id == TYPE_BOOL)
		class = at_most(w, class, SHIP_SUPERSET, "values that don't fit become NULL here");
	if (class == SHIP_SUPERSET && !need_filter)
		return local(w, "only a superset could be sent");
	return class;
}
