/*
 * What needs values to be equal or ordered at the source as they are here: grouping, DISTINCT, aggregates, set
 * operations, keys of ORDER BY.
 *
 * Bad values (see deparse.h) under the policy `null` are NULLs by the clean form. Under the policy `error` a group of a
 * bad key travels, so that it is reported on arrival, and an aggregate over bad values gives a value that can't be read.
 * COUNT counts them: a value that can't be read is no NULL.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/deparse_int.h"

static bool refuse(struct writer *w, const char *why)
{
	write_local(w, why);
	return false;
}

/* Whether values of t are equal (ordered: sort) there as here: what has the rule. */
static bool compares_alike(const struct writer *w, struct type t, bool ordered)
{
	struct type types[2] = {t, t};

	return dialect_rule(w->block->dialect, w->block->facts, ordered ? "<" : "=", FUNC_OPERATOR, types, 2) != NULL;
}

bool write_key(struct writer *w, const struct expr *e, bool ordered, struct key *out)
{
	const struct block_column *c = e->kind == EXPR_COLUMN ? block_find(w->block, e->column) : NULL;
	struct operand o = {.expr = e};
	bool report = c && c->facts.clean && !c->facts.changes && !c->facts.bad_is_null;

	memset(out, 0, sizeof *out);
	if (!compares_alike(w, e->type, ordered))
		return refuse(w, ordered ? "this order isn't proved to be the same there"
								 : "equality of this type isn't proved to mean the same there");
	if (report && c->facts.raw_differs)
		return refuse(w, "values that can't be read must be reported, so they are read here");
	if (report) {
		o.facts = c->facts;
		o.clean = c->text;
	} else {
		o.clean = write_text(w, e, AS_VALUE, &o.facts);
		if (!o.clean)
			return false;
	}
	if (o.facts.may_be_null)
		return refuse(w, "values that can't be read become NULL here only");
	if (w->block->facts->empty_is_null && type_is_text(e->type))
		return refuse(w, "an empty text is NULL there");
	out->text = exact_operand(w, &o, ordered);
	if (!out->text)
		return refuse(w, "texts are grouped and ordered by another collation there");
	out->facts = o.facts;
	if (out->text != o.clean) {
		out->facts.text_equal_exact = out->facts.text_order_exact = true;
		out->facts.collation = w->block->dialect->exact_collation;
	}
	out->stream = c ? c->stream : block_named_after(w->block, e);
	out->must_deliver = report;
	return true;
}

/* ---- aggregates ---- */

static const char *argument_of(struct writer *w, const struct expr *a, const struct dialect_rule *rule, bool ordered,
							   const char **clean)
{
	const struct expr *e = a->args[0];
	const struct block_column *c = e->kind == EXPR_COLUMN ? block_find(w->block, e->column) : NULL;
	bool report = c && c->facts.clean && !c->facts.changes && !c->facts.bad_is_null;
	bool counts = strcmp(rule->name, "count") == 0;
	struct remote_facts f;
	struct key key;
	const char *text;

	*clean = NULL;
	if (report && (a->agg.distinct || (c->facts.raw_differs && !counts)))
		return refuse(w, "values that can't be read must be reported, so they are read here"), NULL;
	if (ordered || a->agg.distinct) {
		if (!write_key(w, e, ordered, &key))
			return NULL;
		text = key.text;
		f = key.facts;
	} else if (report) {
		text = c->text;
		f = c->facts;
	} else if (counts && c && c->facts.changes && !c->facts.bad_is_null && !a->agg.distinct) {
		return c->text; /* whatever it is, it is counted when it is no NULL */
	} else {
		text = write_text(w, e, AS_VALUE, &f);
	}
	if (text && f.may_be_null)
		return refuse(w, "values that can't be read become NULL here only"), NULL;
	if (text && counts && w->block->facts->empty_is_null && type_is_text(e->type))
		return refuse(w, "an empty text is NULL there"), NULL;
	if (report && !counts)
		*clean = write_form(w, c->facts.clean, c->text);
	return text;
}

/* Rows that FILTER keeps, as values: the others are NULL, which no aggregate but count(*) sees. */
static const char *filtered(struct writer *w, const struct expr *a, const char *text)
{
	const char *condition;
	bool where = w->where;

	w->where = true;
	condition = write_text(w, a->agg.filter, AS_CONDITION, NULL);
	w->where = where;
	return condition ? mem_printf(w->block->mem, "CASE WHEN %s THEN %s END", condition, text) : NULL;
}

static bool write_aggregate(struct writer *w, const struct expr *a)
{
	const struct dialect *d = w->block->dialect;
	struct type types[FUNC_MAX_ARGS];
	const struct dialect_rule *rule;
	const char *arg = "1", *clean = NULL, *call, *marker;
	bool ordered, star = a->agg.star || a->nargs == 0;

	if (a->agg.norder || a->nargs > 1)
		return refuse(w, "ORDER BY in aggregates is not sent");
	for (uint32_t i = 0; i < a->nargs; i++)
		types[i] = a->args[i]->type;
	rule = dialect_rule(d, w->block->facts, a->agg.fn->name, FUNC_AGGREGATE, types, star ? 0 : a->nargs);
	if (star && rule && a->agg.filter) /* counts the ones that are no NULLs */
		rule = dialect_rule(d, w->block->facts, "count", FUNC_AGGREGATE, (struct type[]){type_make(TYPE_INT4)}, 1);
	if (!rule)
		return refuse(w, "this aggregate isn't proved to mean the same there");
	if (star && !a->agg.filter) {
		strbuf_adds(w->out, rule->spelling);
		return true;
	}
	ordered = strcmp(rule->name, "min") == 0 || strcmp(rule->name, "max") == 0;
	if (!star)
		arg = argument_of(w, a, rule, ordered, &clean);
	if (arg && a->agg.filter)
		arg = filtered(w, a, arg);
	if (!arg)
		return false;
	call = write_form(w, rule->spelling, arg);
	if (a->agg.distinct) { /* after the name, whatever the form makes of the argument */
		int name = (int)strcspn(call, "(") + 1;

		call = mem_printf(w->block->mem, "%.*sDISTINCT %s", name, call, call + name);
	}
	if (!clean) {
		strbuf_adds(w->out, call);
		return true;
	}
	marker = d->bad_marker ? d->bad_marker(a->type) : NULL;
	if (!marker || a->agg.filter || a->agg.distinct)
		return refuse(w, "values that can't be read must be reported, so they are read here");
	strbuf_addf(w->out, "CASE WHEN COUNT(%s) = COUNT(%s) THEN %s ELSE %s END", arg, clean, call, marker);
	return true;
}

/* One key in the list of GROUP BY, and as a column. */
static bool add_group(struct writer *w, const struct expr *e, struct strbuf *list, struct block_column *c)
{
	const struct dialect *d = w->block->dialect;
	struct key key;

	if (block_is_constant(w->block, e))
		return refuse(w, "a constant is no key");
	if (e->type.id == TYPE_BOOL && !d->boolean_values)
		return refuse(w, "conditions are no values there");
	if (!write_key(w, e, false, &key))
		return false;
	strbuf_addf(list, "%s%s", list->len ? ", " : "", key.text);
	/* ONLY_FULL_GROUP_BY there knows columns only; all values of a group are the same, so MIN is the value */
	c->text = d->strict_group_by && strchr(key.text, '(') ? mem_printf(w->block->mem, "MIN(%s)", key.text) : key.text;
	c->facts = key.facts;
	c->stream = key.stream;
	c->must_deliver = key.must_deliver;
	return true;
}

struct block *block_aggregate(const struct block *b, const struct column *cols, struct expr *const *groups, uint32_t ngroups,
							  struct expr *const *aggs, uint32_t naggs, const char **why)
{
	const struct block *base = block_is_plain(b) ? b : block_wrap(b);
	struct block *n = block_copy(base);
	struct strbuf list, s;
	struct writer w = block_writer(base, &s);
	bool ok = true;

	for (uint32_t i = 0; i < b->ncols; i++)
		if (b->cols[i].must_deliver)
			ok = refuse(&w, "values that can't be read must be reported, so they are read here");
	if (!b->dialect->aggregates)
		ok = refuse(&w, "aggregates are not sent to this source");
	n->ncols = ngroups + naggs;
	n->cols = mem_new_array(b->mem, struct block_column, n->ncols + 1);
	strbuf_init(&list, 0);
	for (uint32_t i = 0; i < n->ncols && ok; i++) {
		struct block_column *c = &n->cols[i];

		*c = (struct block_column){.id = cols[i].id, .type = cols[i].type, .facts = {.collation = ""}};
		strbuf_reset(&s);
		if (i < ngroups) {
			ok = add_group(&w, groups[i], &list, c);
		} else {
			ok = write_aggregate(&w, aggs[i - ngroups]);
			c->text = mem_strndup(b->mem, strbuf_cstr(&s), s.len);
			c->stream = block_named_after(base, aggs[i - ngroups]);
		}
	}
	strbuf_release(&s);
	n->group_by = block_take_text(b, &list);
	if (!ok) {
		*why = w.why ? w.why : "the grouping is not sent";
		return NULL;
	}
	block_take_params(n, &w);
	return n;
}

/* ---- set operations ---- */

static const char *const setop_words[] = {
	[SETOP_UNION] = "UNION", [SETOP_UNION_ALL] = "UNION ALL", [SETOP_INTERSECT] = "INTERSECT",
	[SETOP_INTERSECT_ALL] = "INTERSECT ALL", [SETOP_EXCEPT] = "EXCEPT", [SETOP_EXCEPT_ALL] = "EXCEPT ALL",
};

/* The column with the text that all inputs share a meaning of; NULL = none. */
static const char *setop_column(struct writer *w, const struct block_column *c, bool distinct, bool first, struct block_column *out)
{
	const struct dialect *d = w->block->dialect;
	const struct expr e = {.kind = EXPR_COLUMN, .type = c->type, .column = c->id};
	struct operand o = {.expr = &e, .facts = c->facts, .clean = c->text};
	const char *form, *text = c->text;
	bool clean = c->facts.clean && c->facts.bad_is_null;

	if (c->facts.changes || c->facts.may_be_null || c->constant || (c->facts.clean && !clean) ||
		(c->type.id == TYPE_BOOL && !d->boolean_values) || (c->type.id == TYPE_NUMERIC && !d->typed_literals && !c->type.precision))
		return refuse(w, "the columns are not united there as here"), NULL;
	if (distinct && !compares_alike(w, c->type, false))
		return refuse(w, "equality of this type isn't proved to mean the same there"), NULL;
	if (clean)
		o.clean = text = write_form(w, c->facts.clean, c->text);
	if (type_is_text(c->type)) {
		/* one collation for all: that of the exact form */
		form = d->exact_text(c->facts.collation, w->block->facts);
		if (form && !*form)
			return refuse(w, "texts are grouped and ordered by another collation there"), NULL;
		text = form ? write_form(w, form, o.clean) : o.clean;
	}
	out->facts.collation = "";
	out->facts.text_equal_exact = d->typed_literals && (first || out->facts.text_equal_exact) && c->facts.text_equal_exact;
	return text;
}

/* Messages name the first input's column: which one a bad value came from isn't known any more. */
static const struct stream_column *setop_name(struct mem *m, const struct block_column *c)
{
	struct stream_column *s;

	if (!c->stream)
		return NULL;
	s = mem_new_object(m, struct stream_column);
	*s = (struct stream_column){.name = c->stream->name, .table = c->stream->table, .encoding = ENCODING_UTF8};
	return s;
}

/* One input's SELECT, its columns in the order asked for; NULL when it can't be united. */
static const char *setop_part(struct writer *w, const struct block *b, const uint32_t *ids, struct block *united, bool distinct,
							  bool first)
{
	struct block *part = block_copy(b->limit >= 0 || b->order_by ? block_wrap(b) : b);
	struct block_column *cols = mem_new_array(b->mem, struct block_column, united->ncols + 1);

	if (b->nparams || b->next_alias != united->next_alias || b->dialect != united->dialect)
		return NULL;
	w->block = part;
	for (uint32_t k = 0; k < united->ncols; k++) {
		const struct block_column *c = block_find(part, ids[k]);

		if (!c || !type_same(c->type, united->cols[k].type))
			return NULL;
		cols[k] = *c;
		cols[k].text = setop_column(w, c, distinct, first, &united->cols[k]);
		if (first)
			united->cols[k].stream = setop_name(b->mem, c);
		if (!cols[k].text)
			return NULL;
	}
	part->cols = cols;
	part->ncols = united->ncols;
	return block_select(part);
}

struct block *block_setop(const struct block *const *in, uint32_t nin, enum setop_kind kind, const uint32_t *const *ids,
						  const struct column *cols, uint32_t ncols, const char **why)
{
	struct block *n = block_copy(in[0]);
	struct strbuf from;
	struct writer w = block_writer(in[0], &from);
	bool ok = (in[0]->dialect->setops & (1u << kind)) != 0 && ncols > 0;
	const char *name;

	n->ncols = ncols;
	n->cols = mem_new_array(n->mem, struct block_column, ncols + 1);
	for (uint32_t k = 0; k < ncols; k++)
		n->cols[k] = (struct block_column){.id = cols[k].id, .type = cols[k].type};
	for (uint32_t i = 0; i < nin && ok; i++) {
		const char *part = setop_part(&w, in[i], ids[i], n, kind != SETOP_UNION_ALL, i == 0);

		ok = part != NULL;
		if (i)
			block_take_read(n, in[i]);
		if (ok)
			strbuf_addf(&from, "%s%s%s%s", i ? " " : "", i ? setop_words[kind] : "", i ? " " : "", part);
	}
	if (!ok) {
		strbuf_release(&from);
		*why = w.why ? w.why : "this set operation is not sent";
		return NULL;
	}
	name = block_alias(in[0], "q");
	n->from = mem_printf(n->mem, "(%s) %s", strbuf_cstr(&from), name);
	strbuf_release(&from);
	for (uint32_t k = 0; k < ncols; k++)
		n->cols[k].text = mem_printf(n->mem, "%s.c%u", name, k + 1);
	n->where = n->group_by = n->having = n->order_by = NULL;
	n->distinct = n->computed = n->joins = false;
	n->limit = -1;
	return n;
}
