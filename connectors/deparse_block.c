/* Query blocks: how filters, projections, joins, aggregates, order and limit add to one SELECT, and when the block so far
 * must become a derived table first. See deparse.h. */
#include <stdio.h>
#include <string.h>

#include "connectors/deparse.h"

static struct block *copy(const struct block *b)
{
	struct block *n = mem_new_object(b->mem, struct block);

	*n = *b;
	return n;
}

static const char *alias(const struct block *b, const char *prefix)
{
	return mem_printf(b->mem, "%s%u", prefix, (*b->next_alias)++);
}

static struct writer writer_for(const struct block *b, struct strbuf *out)
{
	strbuf_init(out, 0);
	return (struct writer){.block = b, .out = out, .params = b->params, .nparams = b->nparams, .cap = b->nparams};
}

static const char *take_text(const struct block *b, struct strbuf *s)
{
	const char *t = mem_strndup(b->mem, strbuf_cstr(s), s->len);

	strbuf_release(s);
	return t;
}

static void take_params(struct block *to, const struct writer *w)
{
	to->params = w->params;
	to->nparams = w->nparams;
}

struct block *block_table(struct mem *m, const struct dialect *d, const struct source_facts *facts, const char *schema,
						  const char *table, uint32_t ncols, const struct block_column *cols, const char *const *remote,
						  const bool *cast, uint32_t *aliases)
{
	struct block *b = mem_new_object(m, struct block);
	struct strbuf s;
	const char *name;

	b->dialect = d;
	b->facts = facts;
	b->mem = m;
	b->limit = -1;
	b->next_alias = aliases;
	b->ncols = ncols;
	b->cols = mem_dup(m, cols, ncols * sizeof *cols);
	name = alias(b, "t");
	strbuf_init(&s, 0);
	if (d->schema_in_names && *schema) {
		dialect_name(d, schema, &s);
		strbuf_addc(&s, '.');
	}
	dialect_name(d, table, &s);
	strbuf_addf(&s, " %s", name);
	b->from = take_text(b, &s);
	for (uint32_t i = 0; i < ncols; i++) {
		strbuf_init(&s, 0);
		strbuf_addf(&s, "%s.", name);
		dialect_name(d, remote[i], &s);
		b->cols[i].text = take_text(b, &s);
		if (cast[i] && strcmp(d->cast_to_text, "$1") != 0) {
			const char *at = strstr(d->cast_to_text, "$1");

			b->cols[i].text = mem_printf(m, "%.*s%s%s", (int)(at - d->cast_to_text), d->cast_to_text, b->cols[i].text, at + 2);
		}
	}
	return b;
}

/* Before more can be said about the rows: SELECT … becomes a derived table. */
static const char *write_select(const struct block *b, const uint32_t *ids, uint32_t n, bool final);

static struct block *wrap(const struct block *b)
{
	struct block *n = copy(b);
	const char *name = alias(b, "q");
	uint32_t *ids = mem_new_array(b->mem, uint32_t, b->ncols);

	n->cols = mem_dup(b->mem, b->cols, b->ncols * sizeof *b->cols);
	for (uint32_t i = 0; i < b->ncols; i++) {
		ids[i] = b->cols[i].id;
		n->cols[i].text = mem_printf(b->mem, "%s.c%u", name, i + 1);
	}
	n->from = mem_printf(b->mem, "(%s) %s", write_select(b, ids, b->ncols, false), name);
	n->where = n->group_by = n->having = n->order_by = NULL;
	n->distinct = n->computed = n->joins = false;
	n->limit = -1;
	return n;
}

static bool is_plain(const struct block *b)
{
	return !b->group_by && !b->order_by && b->limit < 0 && !b->distinct;
}

static const char *conjunction(const struct block *b, const char *a, const char *more)
{
	return a && more ? mem_printf(b->mem, "%s AND %s", a, more) : a ? a : more;
}

enum ship_class block_filter(const struct block *b, const struct expr *condition, struct block **out, const char **why)
{
	const struct block *base = b->limit >= 0 || b->distinct ? wrap(b) : b;
	struct strbuf s;
	struct writer w = writer_for(base, &s);
	enum ship_class class = write_expr(&w, condition, true, NULL);
	struct block *n;

	*why = w.why;
	if (class == SHIP_LOCAL || s.overflow) {
		strbuf_release(&s);
		return SHIP_LOCAL;
	}
	n = copy(base);
	take_params(n, &w);
	if (base->group_by)
		n->having = conjunction(base, base->having, take_text(base, &s));
	else
		n->where = conjunction(base, base->where, take_text(base, &s));
	*out = n;
	return class;
}

/* Without any column: as a key it would be read as a position in the SELECT list. */
static bool is_constant(const struct block *b, const struct expr *e)
{
	struct idset ids = {0};
	const struct block_column *c = e->kind == EXPR_COLUMN ? block_find(b, e->column) : NULL;

	if (c)
		return c->constant;
	expr_columns(e, &ids, b->mem);
	if (idset_is_empty(&ids))
		return true;
	for (uint32_t i = 0; i < b->ncols; i++)
		if (!b->cols[i].constant && idset_has(&ids, b->cols[i].id))
			return false;
	return true;
}

struct block *block_project(const struct block *b, const struct column *cols, struct expr *const *exprs, uint32_t n,
							const char **why)
{
	const struct block *base = b->distinct ? wrap(b) : b;
	struct block *r = copy(base);
	struct writer w = {.block = base, .params = base->params, .nparams = base->nparams, .cap = base->nparams};

	r->ncols = n;
	r->cols = mem_new_array(b->mem, struct block_column, n);
	for (uint32_t i = 0; i < n; i++) {
		struct strbuf s;

		strbuf_init(&s, 0);
		w.out = &s;
		r->cols[i] = (struct block_column){.id = cols[i].id, .type = cols[i].type};
		if (exprs[i]->kind == EXPR_COLUMN && block_find(base, exprs[i]->column)) {
			/* a plain column goes whatever its text means there: it is only handed through */
			const struct block_column *c = block_find(base, exprs[i]->column);

			strbuf_adds(&s, c->text);
			r->cols[i].facts = c->facts;
			r->cols[i].constant = c->constant;
		} else if (write_expr(&w, exprs[i], false, &r->cols[i].facts) != SHIP_EXACT ||
				   (exprs[i]->type.id == TYPE_BOOL && !b->dialect->boolean_values)) {
			*why = w.why ? w.why : "conditions are no values there";
			strbuf_release(&s);
			return NULL;
		} else {
			r->computed = true;
			r->cols[i].constant = is_constant(base, exprs[i]);
		}
		r->cols[i].text = take_text(b, &s);
	}
	take_params(r, &w);
	return r;
}

struct block *block_keep(const struct block *b, const struct idset *ids)
{
	struct block *n = copy(b);

	n->cols = mem_new_array(b->mem, struct block_column, b->ncols);
	n->ncols = 0;
	for (uint32_t i = 0; i < b->ncols; i++)
		if (idset_has(ids, b->cols[i].id))
			n->cols[n->ncols++] = b->cols[i];
	return n;
}

/* Aliases can't be renumbered once written, so blocks that meet must have drawn theirs from one counter. */
static bool share_counter(const struct block *a, const struct block *b)
{
	return a->next_alias == b->next_alias;
}

static struct block *joined(const struct block *l, const struct block *r)
{
	struct block *n = copy(l);

	n->ncols = l->ncols + r->ncols;
	n->cols = mem_new_array(l->mem, struct block_column, n->ncols);
	memcpy(n->cols, l->cols, l->ncols * sizeof *l->cols);
	memcpy(n->cols + l->ncols, r->cols, r->ncols * sizeof *r->cols);
	return n;
}

/* EXISTS (…) for semi and anti joins. */
static void add_exists(struct block *n, const struct block *l, const struct block *r, const char *on, bool negated)
{
	const char *where = conjunction(l, r->where, on);
	const char *test = mem_printf(l->mem, "%sEXISTS (SELECT 1 FROM %s%s%s)", negated ? "NOT " : "", r->from,
								  where ? " WHERE " : "", where ? where : "");

	n->where = conjunction(l, l->where, test);
	n->ncols = l->ncols;
}

struct block *block_join(const struct block *left, const struct block *right, enum join_kind kind,
						 const struct expr *condition, const char **why)
{
	const struct block *l = left, *r = right;
	struct block *n;
	struct strbuf s;
	struct writer w;
	const char *on = NULL, *word;

	if (!left->dialect->joins || !share_counter(left, right) || left->nparams || right->nparams ||
		(kind != JOIN_INNER && kind != JOIN_LEFT && kind != JOIN_SEMI && kind != JOIN_ANTI)) {
		*why = "this join is not sent";
		return NULL;
	}
	l = is_plain(l) ? l : wrap(l);
	r = is_plain(r) && !(kind == JOIN_LEFT && r->computed) ? r : wrap(r);
	/* a nullable side that already computes something must not be computed after the join */
	n = joined(l, r);
	if (condition) {
		w = writer_for(n, &s);
		if (write_expr(&w, condition, false, NULL) != SHIP_EXACT) {
			*why = w.why;
			strbuf_release(&s);
			return NULL;
		}
		take_params(n, &w);
		on = take_text(l, &s);
	}
	if (kind == JOIN_SEMI || kind == JOIN_ANTI) {
		add_exists(n, l, r, on, kind == JOIN_ANTI);
		return n;
	}
	if (kind == JOIN_LEFT) {
		on = conjunction(l, on, r->where);
		word = " LEFT JOIN ";
	} else {
		n->where = conjunction(l, l->where, r->where);
		word = " JOIN ";
	}
	n->joins = true;
	n->from = r->joins ? mem_printf(l->mem, "%s%s(%s) ON %s", l->from, word, r->from, on ? on : "1 = 1")
					   : mem_printf(l->mem, "%s%s%s ON %s", l->from, word, r->from, on ? on : "1 = 1");
	return n;
}

/* A grouping key or a MIN/MAX argument: texts under the form that is ours. */
static bool write_key(struct writer *w, const struct expr *e, bool ordered, struct remote_facts *f)
{
	struct strbuf s, *out = w->out;
	const char *form;
	bool ok;

	strbuf_init(&s, 0);
	w->out = &s;
	ok = write_expr(w, e, false, f) == SHIP_EXACT;
	w->out = out;
	if (ok && type_is_text(e->type) && !(ordered ? f->text_order_exact : f->text_equal_exact)) {
		form = w->block->dialect->exact_text(f->collation, w->block->facts);
		if (form && !*form) {
			w->why = "texts are grouped and ordered by another collation there";
			ok = false;
		} else if (form) {
			const char *at = strstr(form, "$1");

			strbuf_addf(out, "%.*s%s%s", (int)(at - form), form, strbuf_cstr(&s), at + 2);
			strbuf_release(&s);
			return true;
		}
	}
	strbuf_add(out, strbuf_cstr(&s), s.len);
	strbuf_release(&s);
	return ok;
}

static bool write_aggregate(struct writer *w, const struct expr *a)
{
	const struct dialect *d = w->block->dialect;
	struct type types[FUNC_MAX_ARGS];
	const struct dialect_rule *rule;
	struct remote_facts f = {0};
	struct strbuf arg, *out = w->out;
	const char *at;
	bool ok = true, ordered;

	if (a->agg.filter || a->agg.norder || a->nargs > 1) {
		w->why = "FILTER and ORDER BY in aggregates are not sent";
		return false;
	}
	for (uint32_t i = 0; i < a->nargs; i++)
		types[i] = a->args[i]->type;
	rule = dialect_rule(d, w->block->facts, a->agg.fn->name, FUNC_AGGREGATE, types, a->agg.star ? 0 : a->nargs);
	if (!rule) {
		w->why = "this aggregate isn't proved to mean the same there";
		return false;
	}
	strbuf_init(&arg, 0);
	if (a->nargs && !a->agg.star) {
		ordered = strcmp(rule->name, "min") == 0 || strcmp(rule->name, "max") == 0;
		w->out = &arg;
		if (a->agg.distinct)
			strbuf_adds(&arg, "DISTINCT ");
		/* counting needs no comparison, unless DISTINCT */
		if (ordered || a->agg.distinct)
			ok = write_key(w, a->args[0], ordered, &f);
		else
			ok = write_expr(w, a->args[0], false, &f) == SHIP_EXACT;
		w->out = out;
		if (ok && f.may_be_null) {
			w->why = "values that don't fit become NULL here only";
			ok = false;
		}
	}
	at = strstr(rule->spelling, "$1");
	if (at)
		strbuf_addf(out, "%.*s%s%s", (int)(at - rule->spelling), rule->spelling, strbuf_cstr(&arg), at + 2);
	else
		strbuf_adds(out, rule->spelling);
	strbuf_release(&arg);
	return ok;
}

struct block *block_aggregate(const struct block *b, const struct column *cols, struct expr *const *groups, uint32_t ngroups,
							  struct expr *const *aggs, uint32_t naggs, const char **why)
{
	const struct block *base = is_plain(b) ? b : wrap(b);
	struct block *n = copy(base);
	struct writer w = {.block = base, .params = base->params, .nparams = base->nparams, .cap = base->nparams};
	struct strbuf list;

	if (!b->dialect->aggregates) {
		*why = "aggregates are not sent to this source";
		return NULL;
	}
	n->ncols = ngroups + naggs;
	n->cols = mem_new_array(b->mem, struct block_column, n->ncols);
	strbuf_init(&list, 0);
	for (uint32_t i = 0; i < n->ncols; i++) {
		struct strbuf s;
		struct block_column *c = &n->cols[i];
		bool ok;

		*c = (struct block_column){.id = cols[i].id, .type = cols[i].type};
		strbuf_init(&s, 0);
		w.out = &s;
		ok = i < ngroups ? write_key(&w, groups[i], false, &c->facts) && !c->facts.may_be_null &&
							   (b->dialect->boolean_values || groups[i]->type.id != TYPE_BOOL)
						 : write_aggregate(&w, aggs[i - ngroups]);
		if (!ok || (i < ngroups && is_constant(base, groups[i]))) {
			*why = w.why ? w.why : "the grouping is not sent";
			strbuf_release(&s);
			strbuf_release(&list);
			return NULL;
		}
		if (i < ngroups)
			strbuf_addf(&list, "%s%s", i ? ", " : "", strbuf_cstr(&s));
		else
			c->facts.collation = "";
		/* ONLY_FULL_GROUP_BY there knows columns only; all values of a group are the same, so MIN is the value */
		if (i < ngroups && b->dialect->strict_group_by && strchr(strbuf_cstr(&s), '('))
			c->text = mem_printf(b->mem, "MIN(%s)", strbuf_cstr(&s));
		if (c->text)
			strbuf_release(&s);
		else
			c->text = take_text(b, &s);
	}
	n->group_by = take_text(b, &list);
	take_params(n, &w);
	return n;
}

static bool write_sort_key(struct writer *w, const struct sort_key *k)
{
	const struct dialect *d = w->block->dialect;
	struct remote_facts f = {0};
	struct strbuf s, *out = w->out;
	bool natural_first = k->descending ? !d->nulls_first_ascending : d->nulls_first_ascending;
	bool ok;

	strbuf_init(&s, 0);
	w->out = &s;
	ok = write_key(w, k->expr, true, &f) && !f.may_be_null;
	w->out = out;
	if (ok && !d->nulls_syntax && natural_first != k->nulls_first)
		strbuf_addf(out, "CASE WHEN %s IS NULL THEN %d ELSE %d END, ", strbuf_cstr(&s), k->nulls_first ? 0 : 1,
					k->nulls_first ? 1 : 0);
	strbuf_addf(out, "%s%s", strbuf_cstr(&s), k->descending ? " DESC" : "");
	if (d->nulls_syntax)
		strbuf_adds(out, k->nulls_first ? " NULLS FIRST" : " NULLS LAST");
	strbuf_release(&s);
	return ok;
}

/* Orders that the source is proved to share with us: what has a `<` rule there. */
static bool order_is_known(const struct block *b, struct type t)
{
	struct type types[2] = {t, t};

	return dialect_rule(b->dialect, b->facts, "<", FUNC_OPERATOR, types, 2) != NULL;
}

struct block *block_sort_limit(const struct block *b, const struct sort_key *keys, uint32_t nkeys, int64_t limit,
							   const char **why)
{
	const struct block *base = b->limit >= 0 || b->order_by ? wrap(b) : b;
	struct block *n;
	struct strbuf s;
	struct writer w;

	if (b->dialect->limit == LIMIT_NONE || (b->distinct && nkeys)) {
		*why = "LIMIT is not sent to this source";
		return NULL;
	}
	w = writer_for(base, &s);
	for (uint32_t i = 0; i < nkeys; i++) {
		if (is_constant(base, keys[i].expr))
			continue;
		if (s.len)
			strbuf_adds(&s, ", ");
		if (!order_is_known(base, keys[i].expr->type) || !write_sort_key(&w, &keys[i])) {
			*why = w.why ? w.why : "this order isn't proved to be the same there";
			strbuf_release(&s);
			return NULL;
		}
	}
	n = copy(base);
	take_params(n, &w);
	n->order_by = s.len ? mem_strndup(base->mem, strbuf_cstr(&s), s.len) : NULL;
	strbuf_release(&s);
	n->limit = limit;
	return n;
}

/* One item of the SELECT list; final = of the statement whose rows we read. */
static const char *item_sql(const struct block *b, const struct block_column *c, bool final)
{
	const char *form = b->dialect->full_double;
	struct strbuf s;

	if (!final || !form || !b->facts || !b->facts->cuts_doubles || type_phys(c->type) != PHYS_F64)
		return c->text;
	strbuf_init(&s, 0);
	for (const char *at; (at = strstr(form, "$1")); form = at + 2)
		strbuf_addf(&s, "%.*s%s", (int)(at - form), form, c->text);
	strbuf_adds(&s, form);
	return take_text(b, &s);
}

static const char *write_select(const struct block *b, const uint32_t *ids, uint32_t n, bool final)
{
	struct strbuf s;

	strbuf_init(&s, 0);
	strbuf_adds(&s, b->distinct ? "SELECT DISTINCT " : "SELECT ");
	if (b->limit >= 0 && b->dialect->limit == LIMIT_TOP)
		strbuf_addf(&s, "TOP %lld ", (long long)b->limit);
	for (uint32_t i = 0; i < n; i++)
		strbuf_addf(&s, "%s%s AS c%u", i ? ", " : "", item_sql(b, block_find(b, ids[i]), final), i + 1);
	if (n == 0)
		strbuf_adds(&s, "1 AS c1");
	strbuf_addf(&s, " FROM %s", b->from);
	if (b->where)
		strbuf_addf(&s, " WHERE %s", b->where);
	if (b->group_by && *b->group_by)
		strbuf_addf(&s, " GROUP BY %s", b->group_by);
	if (b->having)
		strbuf_addf(&s, " HAVING %s", b->having);
	if (b->order_by)
		strbuf_addf(&s, " ORDER BY %s", b->order_by);
	if (b->limit >= 0 && b->dialect->limit == LIMIT_OFFSET)
		strbuf_addf(&s, " LIMIT %lld", (long long)b->limit);
	else if (b->limit >= 0 && b->dialect->limit == LIMIT_FETCH)
		strbuf_addf(&s, " FETCH FIRST %lld ROWS ONLY", (long long)b->limit);
	{
		const char *sql = mem_strndup(b->mem, strbuf_cstr(&s), s.len);

		strbuf_release(&s);
		return sql;
	}
}

const char *block_sql(const struct block *b, const uint32_t *ids, uint32_t n)
{
	return write_select(b, ids, n, true);
}
