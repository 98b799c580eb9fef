/*
 * The last step of placement, from the root down: which columns each fragment must deliver (a column that only a sent
 * condition used need not travel), then the fragments' statements; on the way back up the nodes that pass columns
 * through take their inputs' new lists.
 */
#include <string.h>

#include "engine/place/place_int.h"

static struct placed *open_of(struct placer *p, const struct rel *r)
{
	for (size_t i = 0; i < p->nremotes; i++)
		if (p->remotes[i].rel == r)
			return p->remotes[i].from;
	return NULL;
}

/* Where the value comes from, for decoding: a base column's rules, or a computed value's. */
static struct stream_column decoding(const struct placed *from, const struct column *c)
{
	struct stream_column s = {.encoding = ENCODING_UTF8};
	const struct block_column *b = block_find(from->block, c->id);

	if (b && b->stream)
		s = *b->stream;
	if (!s.name)
		s.name = ""; /* computed */
	s.type = c->type;
	/* outer joins add NULLs */
	s.not_null = s.not_null && c->not_null && from->plain_scan;
	return s;
}

static bool is_needed(const struct placed *from, const struct column *c, const struct idset *needed)
{
	const struct block_column *b = block_find(from->block, c->id);

	return idset_has(needed, c->id) || (b && b->must_deliver);
}

static bool is_listed(const void *guard, const struct guard *const *list, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (list[i] == guard)
			return true;
	return false;
}

/* Every table that the statement reads came by a guard of the fragment, and each of these by binding. */
static bool prove_access(struct placer *p, const struct remote_fragment *f, const struct block *b)
{
	for (uint32_t i = 0; i < b->nread; i++)
		if (!is_listed(b->read[i], f->guards, f->nguards) || !is_listed(b->read[i], p->plan->guards, p->plan->nguards))
			return err_set(p->err, ERR_INTERNAL, "a statement for server \"%s\" would read a table outside the access proof",
						   f->server->name);
	return true;
}

static bool write_fragment(struct placer *p, struct rel *r, struct placed *from, const struct idset *needed)
{
	struct mem *m = p->plan->mem;
	struct remote_fragment *f = r->remote;
	uint32_t *ids = mem_new_array(m, uint32_t, r->ncols + 1), n = 0;
	struct column *cols = mem_new_array(m, struct column, r->ncols + 1);

	for (uint32_t i = 0; i < r->ncols; i++)
		if (is_needed(from, &r->cols[i], needed))
			cols[n++] = r->cols[i];
	/* rows without columns can't be counted on their way */
	if (n == 0 && r->ncols)
		cols[n++] = r->cols[0];
	r->cols = cols;
	r->ncols = n;
	f->columns = mem_new_array(m, struct stream_column, n + 1);
	for (uint32_t i = 0; i < n; i++) {
		ids[i] = cols[i].id;
		f->columns[i] = decoding(from, &cols[i]);
	}
	if (!prove_access(p, f, from->block))
		return false;
	f->sql = block_sql(from->block, ids, n);
	f->nparams = from->block->nparams;
	f->params = from->block->params;
	if (from->block->facts->max_statement_bytes > 0 && (int64_t)strlen(f->sql) > from->block->facts->max_statement_bytes)
		return err_set(p->err, ERR_PROGRAM_LIMIT, "the statement for server \"%s\" would have %zu bytes; it takes %lld",
					   f->server->name, strlen(f->sql), (long long)from->block->facts->max_statement_bytes);
	return true;
}

struct need {
	struct placer *placer;
	struct idset *ids;
};
static void add_expr_columns(struct expr **e, void *arg)
{
	struct need *n = arg;

	expr_columns(*e, n->ids, n->placer->plan->mem);
}

static void take_columns(struct mem *m, struct rel *r, uint32_t ninputs, uint32_t extra)
{
	uint32_t n = extra, at = 0;
	struct column *cols;

	for (uint32_t i = 0; i < ninputs; i++)
		n += r->in[i]->ncols;
	cols = mem_new_array(m, struct column, n + 1);
	for (uint32_t i = 0; i < ninputs; i++) {
		if (r->in[i]->ncols)
			memcpy(cols + at, r->in[i]->cols, r->in[i]->ncols * sizeof *cols);
		at += r->in[i]->ncols;
	}
	/* what the node adds stands last */
	if (extra)
		memcpy(cols + at, r->cols + (r->ncols - extra), extra * sizeof *cols);
	/* names and NOT NULL of the node's own view of a column (outer joins) stay */
	for (uint32_t i = 0; i < at; i++)
		for (uint32_t k = 0; k < r->ncols; k++)
			if (r->cols[k].id == cols[i].id)
				cols[i] = r->cols[k];
	r->cols = cols;
	r->ncols = n;
}

static void pass_through(struct mem *m, struct rel *r)
{
	switch (r->kind) {
	case REL_FILTER:
	case REL_SORT:
	case REL_LIMIT:
	case REL_SINGLE:
		take_columns(m, r, 1, 0);
		break;
	case REL_CTE:
		take_columns(m, r, 1, 0);
		break;
	case REL_WINDOW:
		take_columns(m, r, 1, r->window.ncalls);
		break;
	case REL_TABLE_FN:
		take_columns(m, r, 1, rel_table_columns(r));
		break;
	case REL_JOIN:
		if (r->join.kind == JOIN_SEMI || r->join.kind == JOIN_ANTI)
			take_columns(m, r, 1, 0);
		else if (r->join.kind == JOIN_MARK)
			take_columns(m, r, 1, 1);
		else
			take_columns(m, r, 2, 0);
		break;
	case REL_SCAN:
	case REL_VIRTUAL:
	case REL_VALUES:
	case REL_PROJECT:
	case REL_AGGREGATE:
	case REL_SETOP:
	case REL_CTE_SCAN:
	case REL_REMOTE:
	case REL_EMPTY:
		break;
	}
}

static bool passes_columns(const struct rel *r)
{
	return r->kind == REL_FILTER || r->kind == REL_SORT || r->kind == REL_LIMIT || r->kind == REL_SINGLE ||
		   r->kind == REL_WINDOW || r->kind == REL_JOIN || r->kind == REL_TABLE_FN;
}

static bool narrow(struct placer *p, struct rel *r, const struct idset *needed)
{
	struct mem *m = p->plan->mem;
	struct idset below = {0};
	struct need n = {p, &below};
	struct placed *from = r->kind == REL_REMOTE ? open_of(p, r) : NULL;

	if (from)
		return write_fragment(p, r, from, needed);
	if (passes_columns(r))
		idset_add_all(&below, needed, m);
	rel_each_expr(r, add_expr_columns, &n);
	for (uint32_t i = 0; i < r->nin; i++) {
		struct idset all = {0};

		/* set operations go by position, CTEs are read by others: their inputs stay whole */
		if (r->kind == REL_SETOP || r->kind == REL_CTE) {
			rel_out_ids(r->in[i], &all, m);
			if (!narrow(p, r->in[i], &all))
				return false;
		} else if (!narrow(p, r->in[i], &below)) {
			return false;
		}
	}
	pass_through(m, r);
	return true;
}

struct subqueries {
	struct placer *placer;
	bool ok;
};
static enum walk narrow_subquery(const struct expr *e, void *arg)
{
	struct subqueries *s = arg;
	struct idset all = {0};

	if (e->kind == EXPR_SUBQUERY && s->ok) {
		rel_out_ids(e->sub.rel, &all, s->placer->plan->mem);
		s->ok = narrow(s->placer, e->sub.rel, &all);
	}
	return WALK_ON;
}
static void each_expr(struct expr **e, void *arg)
{
	expr_walk(*e, narrow_subquery, arg);
}
static enum walk each_rel(const struct rel *r, void *arg)
{
	rel_each_expr((struct rel *)r, each_expr, arg);
	return WALK_ON;
}

bool place_columns(struct placer *p)
{
	struct idset all = {0};
	struct subqueries s = {p, true};

	rel_out_ids(p->plan->root, &all, p->plan->mem);
	if (!narrow(p, p->plan->root, &all))
		return false;
	rel_walk(p->plan->root, each_rel, &s);
	return s.ok;
}
