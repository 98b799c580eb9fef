/*
 * Who computes what. From the leaves up: each scan opens a query block at its source; filters, projections, joins,
 * aggregates, order and limit extend it while the dialect can say them exactly; what can't be said closes the block into
 * a REL_REMOTE and stays here. LIMIT and ORDER BY … LIMIT are sent and done again here: a source may send more than was
 * asked, and streams may arrive interleaved.
 */
#include <stdio.h>
#include <string.h>

#include "engine/place/place_int.h"

static bool place(struct placer *p, struct rel *r, struct placed *out);

static const char *names(uint32_t id, void *arg)
{
	return plan_column_name(arg, id);
}

static void note(struct placer *p, struct placed *at, const struct expr *e, const char *what, enum ship_class class,
				 const char *why)
{
	struct remote_note n = {.why = why};
	struct strbuf s;

	if (e) {
		strbuf_init(&s, 2000);
		expr_print(e, names, p->plan, &s);
		n.text = mem_strndup(p->plan->mem, strbuf_cstr(&s), s.len);
		strbuf_release(&s);
	} else {
		n.text = what;
	}
	n.sent = class == SHIP_EXACT ? NOTE_EXACT : class == SHIP_SUPERSET ? NOTE_SUPERSET : NOTE_LOCAL;
	MEM_PUSH(p->plan->mem, at->notes.list, at->notes.count, at->notes.cap, n);
}

/* A closed subtree. */
static void done(struct placed *out, struct rel *r)
{
	memset(out, 0, sizeof *out);
	out->rel = r;
}

static struct rel *filter_over(struct placer *p, struct rel *in, struct expr **list, size_t n)
{
	struct rel *f = rel_new(p->plan->mem, REL_FILTER, 1);

	f->in[0] = in;
	f->cols = in->cols;
	f->ncols = in->ncols;
	f->est = in->est;
	f->filter.predicate = expr_and(p->plan->mem, list, (uint32_t)n);
	return f;
}

/* The subtree as a local node: an open block becomes a REL_REMOTE with what must be checked again above. */
static struct rel *finish(struct placer *p, struct placed *x)
{
	struct mem *m = p->plan->mem;
	struct remote_fragment *f;
	struct rel *r;

	if (x->rel)
		return x->rel;
	if (x->pending) {
		for (uint32_t i = 0; i < x->nbefore; i++)
			x->pending->in[i] = finish(p, &x->before[i]);
		return x->pending;
	}
	r = rel_new(m, REL_REMOTE, 0);
	f = mem_new_object(m, struct remote_fragment);
	/* the scans won't be in the placed plan: columns keep the names that the statement has for them */
	r->cols = mem_dup(m, x->cols, x->ncols * sizeof *x->cols);
	r->ncols = x->ncols;
	for (uint32_t i = 0; i < x->ncols; i++)
		r->cols[i].name = plan_column_name(p->plan, x->cols[i].id);
	r->est = x->subtree->est;
	r->remote = f;
	f->server = x->server;
	f->subtree = x->subtree;
	f->table = x->table;
	f->notes = x->notes.list;
	f->nnotes = (uint32_t)x->notes.count;
	f->guards = x->guards.list;
	f->nguards = (uint32_t)x->guards.count;
	f->splittable = x->plain_scan && x->block->limit < 0;
	{
		struct placed *kept = mem_dup(m, x, sizeof *x);

		p->remotes = mem_grow(m, p->remotes, sizeof *p->remotes, p->nremotes, &p->remotes_cap);
		p->remotes[p->nremotes].rel = r;
		p->remotes[p->nremotes++].from = kept;
	}
	return x->nleft ? filter_over(p, r, x->left, x->nleft) : r;
}

static bool is_open(const struct placed *x)
{
	return x->block && x->nleft == 0;
}

static void keep_here(struct placer *p, struct placed *x, struct expr *e)
{
	MEM_PUSH(p->plan->mem, x->left, x->nleft, x->left_cap, e);
}

/* own: the guard's condition itself, and what the optimizer let join it. */
static void send_condition(struct placer *p, struct placed *x, struct expr *predicate, bool own)
{
	struct expr **list;
	uint32_t n = expr_conjuncts(p->plan->mem, predicate, &list);

	for (uint32_t i = 0; i < n; i++) {
		struct block *b = NULL;
		const char *why = NULL;
		enum ship_class class = SHIP_LOCAL;

		if (p->pushdown == PUSHDOWN_OFF)
			why = "pushdown is off";
		else if (expr_volatility(list[i]) == FUNC_VOLATILE)
			why = "its value changes from call to call";
		else if (x->restricted && !own && !expr_is_leak_proof(list[i]))
			why = "a row condition is tested first";
		else
			class = block_filter(x->block, list[i], &b, &why);
		note(p, x, list[i], NULL, class, class == SHIP_EXACT ? NULL : why);
		if (class != SHIP_LOCAL)
			x->block = b;
		if (class != SHIP_EXACT)
			keep_here(p, x, list[i]);
	}
}

/* The guard's condition as binding left it, before any pass moved it into the scan. */
static bool is_guards_own(const struct rel *r)
{
	return r->in[0]->kind == REL_SCAN && r->in[0]->scan.guard->row_condition && !r->in[0]->scan.predicate;
}

static bool place_filter(struct placer *p, struct rel *r, struct placed *out)
{
	bool own = is_guards_own(r);

	if (!place(p, r->in[0], out))
		return false;
	/* a block with its projection pending takes conditions too: they may be what makes sending it worth it, but not
	 * when the projection then stays here */
	if (!out->block || out->pending || (out->block->limit >= 0 && out->nleft)) {
		r->in[0] = finish(p, out);
		done(out, r);
		return true;
	}
	send_condition(p, out, r->filter.predicate, own);
	out->subtree = r;
	return true;
}

static bool all_columns(const struct rel *r)
{
	for (uint32_t i = 0; i < r->ncols; i++)
		if (r->project.exprs[i]->kind != EXPR_COLUMN)
			return false;
	return true;
}

static bool place_project(struct placer *p, struct rel *r, struct placed *out)
{
	struct placed *before;
	struct block *b = NULL;
	const char *why = NULL;

	if (!place(p, r->in[0], out))
		return false;
	if (is_open(out) && !out->pending && p->pushdown == PUSHDOWN_FULL)
		b = block_project(out->block, r->cols, r->project.exprs, r->ncols, &why);
	if (!b) {
		r->in[0] = finish(p, out);
		done(out, r);
		return true;
	}
	before = mem_dup(p->plan->mem, out, sizeof *out);
	out->block = b;
	out->cols = r->cols;
	out->ncols = r->ncols;
	out->subtree = r;
	if (!all_columns(r)) {
		out->pending = r;
		out->before = before;
		out->nbefore = 1;
		out->plain_scan = false;
	}
	return true;
}

static void merge_notes(struct placer *p, struct placed *to, const struct placed *from)
{
	for (size_t i = 0; i < from->notes.count; i++)
		MEM_PUSH(p->plan->mem, to->notes.list, to->notes.count, to->notes.cap, from->notes.list[i]);
	for (size_t i = 0; i < from->guards.count; i++)
		MEM_PUSH(p->plan->mem, to->guards.list, to->guards.count, to->guards.cap, from->guards.list[i]);
}

static bool place_join(struct placer *p, struct rel *r, struct placed *out)
{
	struct placed left, right;
	struct block *b = NULL;
	const char *why = NULL;

	if (!place(p, r->in[0], &left) || !place(p, r->in[1], &right))
		return false;
	if (is_open(&left) && is_open(&right) && left.server == right.server && p->pushdown == PUSHDOWN_FULL && r->join.condition &&
		!r->join.null_aware) {
		if ((left.restricted || right.restricted) && !expr_is_leak_proof(r->join.condition))
			why = "a row condition is tested first";
		else
			b = block_join(left.block, right.block, r->join.kind, r->join.condition, &why);
		if (!b)
			note(p, &left, r->join.condition, NULL, SHIP_LOCAL, why);
	} else if (is_open(&left) && is_open(&right) && left.server == right.server && p->pushdown == PUSHDOWN_FULL &&
			   r->join.null_aware) {
		note(p, &left, r->join.condition, NULL, SHIP_LOCAL, "NOT IN also asks whether a match is unknown, which joins don't say");
	}
	if (!b) {
		r->in[0] = finish(p, &left);
		r->in[1] = finish(p, &right);
		done(out, r);
		return true;
	}
	*out = left;
	out->pending = NULL;
	merge_notes(p, out, &right);
	out->restricted |= right.restricted;
	out->block = b;
	out->cols = r->cols;
	out->ncols = r->ncols;
	out->table = "";
	out->plain_scan = false;
	out->subtree = r;
	note(p, out, r->join.condition, NULL, SHIP_EXACT, NULL);
	return true;
}

/* Sums and counts come from there, averages are made of them here. */
static bool place_with_averages(struct placer *p, struct rel *r, struct placed *out)
{
	struct averages a;
	struct block *b;
	const char *why = NULL;

	if (!place_split_averages(p, r, &a))
		return false;
	b = block_aggregate(out->block, a.parts->cols, a.parts->agg.groups, a.parts->agg.ngroups, a.parts->agg.aggs,
						a.parts->agg.naggs, &why);
	if (!b)
		return false;
	out->block = b;
	out->pending = NULL;
	out->cols = a.parts->cols;
	out->ncols = a.parts->ncols;
	out->plain_scan = false;
	out->subtree = r;
	note(p, out, NULL, "aggregation, averages as sums and counts", SHIP_EXACT, NULL);
	a.project->in[0] = finish(p, out);
	done(out, a.project);
	return true;
}

static bool place_aggregate(struct placer *p, struct rel *r, struct placed *out)
{
	struct block *b = NULL;
	const char *why = NULL;

	if (!place(p, r->in[0], out))
		return false;
	if (is_open(out) && p->pushdown == PUSHDOWN_FULL && r->agg.nsets == 0 && !r->agg.has_grouping) {
		b = block_aggregate(out->block, r->cols, r->agg.groups, r->agg.ngroups, r->agg.aggs, r->agg.naggs, &why);
		if (!b && place_with_averages(p, r, out))
			return true;
		if (!b && !out->pending)
			note(p, out, NULL, "aggregation", SHIP_LOCAL, why);
	}
	if (!b) {
		r->in[0] = finish(p, out);
		done(out, r);
		return true;
	}
	out->block = b;
	out->pending = NULL;
	out->cols = r->cols;
	out->ncols = r->ncols;
	out->plain_scan = false;
	out->subtree = r;
	note(p, out, NULL, "aggregation", SHIP_EXACT, NULL);
	return true;
}

/* One server's inputs under one statement. UNION ALL alone is as well done here, by streams side by side. */
static bool place_setop(struct placer *p, struct rel *r, struct placed *out)
{
	struct mem *m = p->plan->mem;
	struct placed *in = mem_new_array(m, struct placed, r->nin);
	const struct block **blocks = mem_new_array(m, const struct block *, r->nin);
	const uint32_t **ids = mem_new_array(m, const uint32_t *, r->nin);
	struct block *b = NULL;
	const char *why = NULL;
	bool open = p->pushdown == PUSHDOWN_FULL;

	for (uint32_t i = 0; i < r->nin; i++) {
		uint32_t *list;

		if (!place(p, r->in[i], &in[i]))
			return false;
		open = open && is_open(&in[i]) && in[i].server == in[0].server && in[i].ncols == r->ncols;
		list = mem_new_array(m, uint32_t, r->ncols + 1);
		for (uint32_t k = 0; open && k < r->ncols; k++)
			list[k] = in[i].cols[k].id;
		ids[i] = list;
		blocks[i] = in[i].block;
	}
	if (open)
		b = block_setop(blocks, r->nin, r->setop.kind, ids, r->cols, r->ncols, &why);
	if (!b) {
		for (uint32_t i = 0; i < r->nin; i++) {
			if (open)
				note(p, &in[i], NULL, "set operation", SHIP_LOCAL, why);
			r->in[i] = finish(p, &in[i]);
		}
		done(out, r);
		return true;
	}
	*out = in[0];
	for (uint32_t i = 1; i < r->nin; i++) {
		merge_notes(p, out, &in[i]);
		out->restricted |= in[i].restricted;
	}
	out->block = b;
	out->cols = r->cols;
	out->ncols = r->ncols;
	out->table = "";
	out->plain_scan = false;
	out->subtree = r;
	out->pending = r->setop.kind == SETOP_UNION_ALL ? r : NULL;
	out->before = in;
	out->nbefore = r->nin;
	note(p, out, NULL, "set operation", SHIP_EXACT, NULL);
	return true;
}

/* Sends how many rows are wanted (and in which order), keeping the node itself. */
static void send_limit(struct placer *p, struct placed *x, const struct sort_key *keys, uint32_t nkeys, int64_t limit)
{
	const char *why = NULL;
	struct block *b = NULL;

	if (!is_open(x) || p->pushdown != PUSHDOWN_FULL || limit < 0)
		return;
	/* keys over a pending projection are read from it, so it goes along */
	b = block_sort_limit(x->block, keys, nkeys, limit, &why);
	if (b) {
		x->block = b;
		x->pending = NULL;
	}
	if (!x->pending || b)
		note(p, x, NULL, nkeys ? mem_printf(p->plan->mem, "order and the first %lld rows", (long long)limit)
							   : mem_printf(p->plan->mem, "the first %lld rows", (long long)limit),
			 b ? SHIP_EXACT : SHIP_LOCAL, b ? NULL : why);
}

static bool constant_count(const struct expr *e, int64_t *out)
{
	if (!e) {
		*out = 0;
		return true;
	}
	if (e->kind != EXPR_CONST || e->value.is_null || type_phys(e->type) != PHYS_I64 || e->value.i64 < 0 ||
		e->value.i64 > INT64_MAX / 4)
		return false;
	*out = e->value.i64;
	return true;
}

static bool place_sort_limit(struct placer *p, struct rel *r, struct placed *out)
{
	int64_t limit, offset;

	if (!place(p, r->in[0], out))
		return false;
	if (r->kind == REL_SORT) {
		send_limit(p, out, r->sort.keys, r->sort.nkeys, r->sort.limit);
	} else if (r->limit.limit && !r->limit.with_ties && constant_count(r->limit.limit, &limit) &&
			   constant_count(r->limit.offset, &offset)) {
		send_limit(p, out, NULL, 0, limit + offset);
	}
	r->in[0] = finish(p, out);
	done(out, r);
	return true;
}

/* Subqueries inside expressions have plans of their own. */
struct in_expr {
	struct placer *placer;
	bool ok;
};
static enum walk place_subquery(const struct expr *e, void *arg)
{
	struct in_expr *x = arg;
	struct placed sub;

	if (e->kind == EXPR_SUBQUERY && x->ok) {
		x->ok = place(x->placer, e->sub.rel, &sub);
		if (x->ok)
			((struct expr *)e)->sub.rel = finish(x->placer, &sub);
	}
	return WALK_ON;
}
static void place_in_expr(struct expr **e, void *arg)
{
	expr_walk(*e, place_subquery, arg);
}

static bool place_scan_with_predicate(struct placer *p, struct rel *r, struct placed *out)
{
	if (!place_scan(p, r, out))
		return false;
	out->restricted = r->scan.guard->row_condition != NULL;
	if (r->scan.predicate)
		send_condition(p, out, r->scan.predicate, true);
	return true;
}

static bool place(struct placer *p, struct rel *r, struct placed *out)
{
	struct in_expr x = {p, true};

	rel_each_expr(r, place_in_expr, &x);
	if (!x.ok)
		return false;
	switch (r->kind) {
	case REL_SCAN:
		if (r->scan.table->kind == TABLE_TEMP) /* its rows are here */
			break;
		return place_scan_with_predicate(p, r, out);
	case REL_FILTER:
		return place_filter(p, r, out);
	case REL_PROJECT:
		return place_project(p, r, out);
	case REL_JOIN:
		return place_join(p, r, out);
	case REL_AGGREGATE:
		return place_aggregate(p, r, out);
	case REL_SETOP:
		return place_setop(p, r, out);
	case REL_SORT:
	case REL_LIMIT:
		return place_sort_limit(p, r, out);
	case REL_VIRTUAL:
	case REL_VALUES:
	case REL_WINDOW:
	case REL_CTE:
	case REL_CTE_SCAN:
	case REL_TABLE_FN:
	case REL_SINGLE:
	case REL_REMOTE:
	case REL_EMPTY:
		break;
	}
	for (uint32_t i = 0; i < r->nin; i++) {
		struct placed in;

		if (!place(p, r->in[i], &in))
			return false;
		r->in[i] = finish(p, &in);
	}
	done(out, r);
	return true;
}

bool place_plan(struct plan *plan, const struct settings *settings, struct err *e)
{
	struct placer p = {.plan = plan, .settings = settings, .pushdown = (enum pushdown)settings->number[SET_pushdown], .err = e};
	struct placed root;

	if (!place(&p, plan->root, &root))
		return false;
	plan->root = finish(&p, &root);
	return place_columns(&p);
}
