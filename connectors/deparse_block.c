/* Query blocks: how filters, projections, joins, aggregates, order and limit add to one SELECT, and when the block so far
 * must become a derived table first. See deparse.h. */
#include <stdio.h>
#include <string.h>

#include "connectors/deparse_int.h"

#define MAX_CONDITIONS 300 /* side by side: SQLite counts each AND as a level of depth, and takes 1,000 */

struct block *block_copy(const struct block *b)
{
	struct block *n = mem_new_object(b->mem, struct block);

	*n = *b;
	return n;
}

const char *block_alias(const struct block *b, const char *prefix)
{
	return mem_printf(b->mem, "%s%u", prefix, (*b->next_alias)++);
}

struct writer block_writer(const struct block *b, struct strbuf *out)
{
	strbuf_init(out, 0);
	return (struct writer){.block = b, .out = out, .params = b->params, .nparams = b->nparams, .cap = b->nparams};
}

const char *block_take_text(const struct block *b, struct strbuf *s)
{
	const char *t = mem_strndup(b->mem, strbuf_cstr(s), s->len);

	strbuf_release(s);
	return t;
}

void block_take_params(struct block *to, const struct writer *w)
{
	to->params = w->params;
	to->nparams = w->nparams;
}

struct block *block_table(struct mem *m, const struct dialect *d, const struct source_facts *facts, const char *schema,
						  const char *table, uint32_t ncols, const struct block_column *cols, const char *const *remote,
						  const bool *cast, uint32_t *aliases, const void *read)
{
	struct block *b = mem_new_object(m, struct block);
	struct strbuf s;
	const char *name;

	b->dialect = d;
	b->facts = facts;
	b->mem = m;
	b->limit = -1;
	b->next_alias = aliases;
	b->read = mem_dup(m, &read, sizeof read);
	b->nread = 1;
	b->ncols = ncols;
	b->cols = mem_dup(m, cols, ncols * sizeof *cols);
	name = block_alias(b, "t");
	strbuf_init(&s, 0);
	if (d->schema_in_names && *schema) {
		dialect_name(d, schema, &s);
		strbuf_addc(&s, '.');
	}
	dialect_name(d, table, &s);
	strbuf_addf(&s, " %s", name);
	b->from = block_take_text(b, &s);
	for (uint32_t i = 0; i < ncols; i++) {
		strbuf_init(&s, 0);
		strbuf_addf(&s, "%s.", name);
		dialect_name(d, remote[i], &s);
		b->cols[i].text = block_take_text(b, &s);
		if (cast[i] && strcmp(d->cast_to_text, "$1") != 0) {
			const char *at = strstr(d->cast_to_text, "$1");

			b->cols[i].text = mem_printf(m, "%.*s%s%s", (int)(at - d->cast_to_text), d->cast_to_text, b->cols[i].text, at + 2);
		}
	}
	return b;
}

/* Before more can be said about the rows: SELECT … becomes a derived table. */
struct block *block_wrap(const struct block *b)
{
	struct block *n = block_copy(b);
	const char *name = block_alias(b, "q");

	n->cols = mem_dup(b->mem, b->cols, b->ncols * sizeof *b->cols);
	for (uint32_t i = 0; i < b->ncols; i++) {
		n->cols[i].text = mem_printf(b->mem, "%s.c%u", name, i + 1);
		n->cols[i].constant = false;
	}
	n->from = mem_printf(b->mem, "(%s) %s", block_select(b), name);
	n->where = n->group_by = n->having = n->order_by = NULL;
	n->distinct = n->computed = n->joins = false;
	n->limit = -1;
	return n;
}

bool block_is_plain(const struct block *b)
{
	return !b->group_by && !b->order_by && b->limit < 0 && !b->distinct;
}

static const char *conjunction(const struct block *b, const char *a, const char *more)
{
	return a && more ? mem_printf(b->mem, "%s AND %s", a, more) : a ? a : more;
}

/* Inside another expression such a key may not be found again: PostgreSQL casts a varchar below its COLLATE. */
static bool has_computed_key(const struct block *b)
{
	return b->group_by && strchr(b->group_by, '(');
}

enum ship_class block_filter(const struct block *b, const struct expr *condition, struct block **out, const char **why)
{
	/* HAVING without GROUP BY isn't known everywhere */
	bool no_having = b->group_by && (!*b->group_by || has_computed_key(b));
	const struct block *base = b->limit >= 0 || b->distinct || no_having ? block_wrap(b) : b;
	struct strbuf s;
	struct writer w = block_writer(base, &s);
	enum ship_class class;
	struct block *n;

	w.where = true;
	w.may_take_params = !base->group_by;
	if (base->nconditions >= MAX_CONDITIONS)
		class = write_local(&w, "there are more conditions than sources take");
	else
		class = write_expr(&w, condition, AS_FILTER, NULL);
	*why = w.why;
	if (class == SHIP_LOCAL || s.overflow) {
		strbuf_release(&s);
		return SHIP_LOCAL;
	}
	n = block_copy(base);
	block_take_params(n, &w);
	n->nconditions++;
	if (base->group_by)
		n->having = conjunction(base, base->having, block_take_text(base, &s));
	else
		n->where = conjunction(base, base->where, block_take_text(base, &s));
	*out = n;
	return class;
}

/* Without any column: as a key it would be read as a position in the SELECT list. */
bool block_is_constant(const struct block *b, const struct expr *e)
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

const struct stream_column *block_named_after(const struct block *b, const struct expr *e)
{
	const struct stream_column *from = NULL;
	struct stream_column *s;
	struct idset ids = {0};

	expr_columns(e, &ids, b->mem);
	for (uint32_t i = 0; i < b->ncols; i++) {
		if (!idset_has(&ids, b->cols[i].id))
			continue;
		if (from || !b->cols[i].stream)
			return NULL;
		from = b->cols[i].stream;
	}
	if (!from)
		return NULL;
	s = mem_new_object(b->mem, struct stream_column);
	*s = (struct stream_column){.name = from->name, .table = from->table, .encoding = ENCODING_UTF8};
	return s;
}

static bool all_columns(struct expr *const *exprs, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (exprs[i]->kind != EXPR_COLUMN)
			return false;
	return true;
}

/* A key whose bad values are found on arrival must arrive. */
static bool drops_report(const struct block *b, struct expr *const *exprs, uint32_t n)
{
	for (uint32_t i = 0; i < b->ncols; i++) {
		bool kept = !b->cols[i].must_deliver;

		for (uint32_t k = 0; k < n && !kept; k++)
			kept = exprs[k]->kind == EXPR_COLUMN && exprs[k]->column == b->cols[i].id;
		if (!kept)
			return true;
	}
	return false;
}

struct block *block_project(const struct block *b, const struct column *cols, struct expr *const *exprs, uint32_t n,
							const char **why)
{
	const struct block *base = b->distinct || (has_computed_key(b) && !all_columns(exprs, n)) ? block_wrap(b) : b;
	struct block *r = block_copy(base);
	struct writer w = {.block = base, .params = base->params, .nparams = base->nparams, .cap = base->nparams};

	if (drops_report(b, exprs, n)) {
		*why = "values that can't be read must be reported, so they are read here";
		return NULL;
	}
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
			r->cols[i].stream = c->stream;
			r->cols[i].constant = c->constant;
			r->cols[i].must_deliver = c->must_deliver;
		} else if (write_expr(&w, exprs[i], AS_VALUE, &r->cols[i].facts) != SHIP_EXACT ||
				   (exprs[i]->type.id == TYPE_BOOL && !b->dialect->boolean_values)) {
			*why = w.why ? w.why : "conditions are no values there";
			strbuf_release(&s);
			return NULL;
		} else {
			r->computed = true;
			r->cols[i].constant = block_is_constant(base, exprs[i]);
			r->cols[i].stream = block_named_after(base, exprs[i]);
		}
		r->cols[i].text = block_take_text(b, &s);
	}
	block_take_params(r, &w);
	return r;
}

struct block *block_keep(const struct block *b, const struct idset *ids)
{
	struct block *n = block_copy(b);

	n->cols = mem_new_array(b->mem, struct block_column, b->ncols);
	n->ncols = 0;
	for (uint32_t i = 0; i < b->ncols; i++)
		if (idset_has(ids, b->cols[i].id))
			n->cols[n->ncols++] = b->cols[i];
	return n;
}

void block_take_read(struct block *to, const struct block *from)
{
	const void **read = mem_new_array(to->mem, const void *, to->nread + from->nread);

	memcpy(read, to->read, to->nread * sizeof *read);
	memcpy(read + to->nread, from->read, from->nread * sizeof *read);
	to->read = read;
	to->nread += from->nread;
}

/* Aliases can't be renumbered once written, so blocks that meet must have drawn theirs from one counter. */
static bool share_counter(const struct block *a, const struct block *b)
{
	return a->next_alias == b->next_alias;
}

static struct block *joined(const struct block *l, const struct block *r)
{
	struct block *n = block_copy(l);

	block_take_read(n, r);
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
	l = block_is_plain(l) ? l : block_wrap(l);
	r = block_is_plain(r) && !(kind == JOIN_LEFT && r->computed) ? r : block_wrap(r);
	/* a nullable side that already computes something must not be computed after the join */
	n = joined(l, r);
	for (uint32_t i = l->ncols; kind == JOIN_LEFT && i < n->ncols; i++)
		n->cols[i].constant = false;
	if (condition) {
		w = block_writer(n, &s);
		w.where = true;
		if (write_expr(&w, condition, AS_CONDITION, NULL) != SHIP_EXACT) {
			*why = w.why;
			strbuf_release(&s);
			return NULL;
		}
		block_take_params(n, &w);
		on = block_take_text(l, &s);
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

static bool write_sort_key(struct writer *w, const struct sort_key *k)
{
	const struct dialect *d = w->block->dialect;
	bool natural_first = k->descending ? !d->nulls_first_ascending : d->nulls_first_ascending;
	struct key key;

	if (!write_key(w, k->expr, true, &key))
		return false;
	if (!d->nulls_syntax && natural_first != k->nulls_first)
		strbuf_addf(w->out, "CASE WHEN %s IS NULL THEN %d ELSE %d END, ", key.text, k->nulls_first ? 0 : 1,
					k->nulls_first ? 1 : 0);
	strbuf_addf(w->out, "%s%s", key.text, k->descending ? " DESC" : "");
	if (d->nulls_syntax)
		strbuf_adds(w->out, k->nulls_first ? " NULLS FIRST" : " NULLS LAST");
	return true;
}

struct block *block_sort_limit(const struct block *b, const struct sort_key *keys, uint32_t nkeys, int64_t limit,
							   const char **why)
{
	const struct block *base = b->limit >= 0 || b->order_by || has_computed_key(b) ? block_wrap(b) : b;
	struct block *n;
	struct strbuf s;
	struct writer w;

	if (b->dialect->limit == LIMIT_NONE || (b->distinct && nkeys)) {
		*why = "LIMIT is not sent to this source";
		return NULL;
	}
	w = block_writer(base, &s);
	for (uint32_t i = 0; i < nkeys; i++) {
		if (block_is_constant(base, keys[i].expr))
			continue;
		if (s.len)
			strbuf_adds(&s, ", ");
		if (!write_sort_key(&w, &keys[i])) {
			*why = w.why ? w.why : "this order isn't proved to be the same there";
			strbuf_release(&s);
			return NULL;
		}
	}
	n = block_copy(base);
	block_take_params(n, &w);
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
	return block_take_text(b, &s);
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

const char *block_select(const struct block *b)
{
	uint32_t *ids = mem_new_array(b->mem, uint32_t, b->ncols + 1);

	for (uint32_t i = 0; i < b->ncols; i++)
		ids[i] = b->cols[i].id;
	return write_select(b, ids, b->ncols, false);
}
