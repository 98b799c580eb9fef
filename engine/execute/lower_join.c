/*
 * Lowering of joins: which side is built, which conjuncts are hash keys, or bounds of a range, and which stay as a condition on
 * pairs, where each output column comes from, and the pipelines: build → insert → probe → the rest.
 */
#include "engine/execute/join.h"
#include "engine/execute/runtime_filter.h"

struct join_plan {
	struct lowering *l;
	const struct rel *r, *probe, *build;
	bool swapped;                  /* the build side is in[0] */
	struct idset probe_ids, build_ids;
	struct expr **probe_keys, **build_keys, **rest;
	uint32_t nkeys, nrest;
	bool nulls_equal;
	struct range_plan *range;      /* without keys; its expressions stand in probe_keys, build_keys */
	uint32_t nprobe_range, nbuild_range;
	struct join *j;
	struct column *stored;         /* stored columns after the keys: ids of the build side */
	uint32_t nstored;              /* incl. keys */
};

/* a = b (or NOT a IS DISTINCT FROM b) between the sides: *left, *right are its operands. */
static bool is_equality(const struct expr *e, bool *null_safe, struct expr **a, struct expr **b)
{
	int op;

	*null_safe = false;
	if (e->kind == EXPR_NOT && e->args[0]->kind == EXPR_DISTINCT) {
		*null_safe = true;
		e = e->args[0];
	} else if (!expr_is_comparison(e, &op) || op != CMP_EQ) {
		return false;
	}
	*a = e->args[0];
	*b = e->args[1];
	return true;
}

static bool on_side(const struct expr *e, const struct idset *side, struct mem *m)
{
	struct idset ids = {0, NULL};

	expr_columns(e, &ids, m);
	return !idset_is_empty(&ids) && idset_covers(side, &ids) && expr_volatility(e) != FUNC_VOLATILE;
}

/* Makes the conjunct a pair of keys if it can be one. */
static bool take_key(struct join_plan *p, const struct expr *e, bool null_safe_wanted)
{
	struct mem *m = p->l->x->mem;
	struct expr *a, *b;
	bool null_safe;

	if (!is_equality(e, &null_safe, &a, &b) || null_safe != null_safe_wanted)
		return false;
	if (on_side(a, &p->build_ids, m) && on_side(b, &p->probe_ids, m)) {
		struct expr *swap = a;
		a = b;
		b = swap;
	} else if (!on_side(a, &p->probe_ids, m) || !on_side(b, &p->build_ids, m)) {
		return false;
	}
	p->probe_keys[p->nkeys] = a;
	p->build_keys[p->nkeys++] = b;
	return true;
}

static bool is_sure(const struct join_plan *p, const struct expr *e)
{
	int at;

	if (e->kind != EXPR_COLUMN)
		return false;
	at = column_index(p->probe->cols, p->probe->ncols, e->column);
	if (at >= 0)
		return p->probe->cols[at].not_null;
	at = column_index(p->build->cols, p->build->ncols, e->column);
	return at >= 0 && p->build->cols[at].not_null;
}

/* NOT IN and its kin beyond x = y: equalities that are never unknown are keys, since a pair that fails one is false
 * whatever the rest says; the rest is looked at for each pair, with three-valued truth. */
static void split_three_valued(struct join_plan *p, struct expr **list, uint32_t n)
{
	p->nkeys = p->nrest = 0;
	for (uint32_t i = 0; i < n; i++) {
		bool null_safe, is_key = false;
		struct expr *a, *b;
		if (is_equality(list[i], &null_safe, &a, &b) && (null_safe || (is_sure(p, a) && is_sure(p, b))))
			is_key = take_key(p, list[i], null_safe);
		if (!is_key)
			p->rest[p->nrest++] = list[i];
	}
	p->nulls_equal = p->nkeys > 0;
	if (!p->nrest)
		p->j->null_aware = false; /* nothing is unknown */
}

static void split_condition(struct join_plan *p)
{
	struct mem *m = p->l->x->mem;
	struct expr **list;
	uint32_t n = p->r->join.condition ? expr_conjuncts(m, p->r->join.condition, &list) : 0;
	bool *taken = mem_new_array(m, bool, n + 1);

	p->probe_keys = mem_new_array(m, struct expr *, n + 1);
	p->build_keys = mem_new_array(m, struct expr *, n + 1);
	p->rest = mem_new_array(m, struct expr *, n + 1);
	for (uint32_t i = 0; i < n; i++)
		taken[i] = take_key(p, list[i], false);
	/* only null-safe equalities: then they are the keys; NULLs are values there */
	if (!p->nkeys)
		for (uint32_t i = 0; i < n; i++)
			p->nulls_equal |= taken[i] = take_key(p, list[i], true);
	for (uint32_t i = 0; i < n; i++)
		if (!taken[i])
			p->rest[p->nrest++] = list[i];
	if (p->r->join.null_aware && (p->nkeys != 1 || p->nrest || p->nulls_equal))
		split_three_valued(p, list, n);
}

/* ---- inequalities ---- */

struct inequality {
	struct expr *probe, *build;
	enum compare_op op;            /* probe OP build */
	uint32_t at;                   /* in rest */
};

/* Whether values of both types compare as they are stored. */
static bool same_form(struct type a, struct type b)
{
	return a.id == b.id && a.scale == b.scale && type_phys(a) == type_phys(b);
}

static bool is_inequality(struct join_plan *p, const struct expr *e, struct inequality *out)
{
	static const enum compare_op turned[] = {[CMP_LT] = CMP_GT, [CMP_LE] = CMP_GE, [CMP_GT] = CMP_LT, [CMP_GE] = CMP_LE};
	struct mem *m = p->l->x->mem;
	int op;

	if (!expr_is_comparison(e, &op) || op == CMP_EQ || op == CMP_NE || type_phys(e->args[0]->type) == PHYS_STR ||
		!same_form(e->args[0]->type, e->args[1]->type))
		return false; /* texts may have a collation */
	*out = (struct inequality){e->args[0], e->args[1], (enum compare_op)op, 0};
	if (on_side(out->build, &p->probe_ids, m) && on_side(out->probe, &p->build_ids, m))
		*out = (struct inequality){e->args[1], e->args[0], turned[op], 0};
	return on_side(out->probe, &p->probe_ids, m) && on_side(out->build, &p->build_ids, m);
}

static bool is_lower(enum compare_op op) { return op == CMP_LT || op == CMP_LE; }

static struct range_bound take_bound(struct join_plan *p, const struct inequality *q)
{
	p->probe_keys[p->nprobe_range] = q->probe;
	p->rest[q->at] = NULL;
	return (struct range_bound){q->op, p->nprobe_range++};
}

/* The inequality among those that bounds the same build expression as list[i] from the other side; n = none. */
static uint32_t other_bound(const struct inequality *list, uint32_t n, uint32_t i)
{
	for (uint32_t k = 0; k < n; k++)
		if (k != i && is_lower(list[k].op) != is_lower(list[i].op) && expr_equal(list[k].build, list[i].build))
			return k;
	return n;
}

/* Without equalities: what the rows are sorted by, and the bounds, leave the rest. */
static void choose_ranges(struct join_plan *p)
{
	struct mem *m = p->l->x->mem;
	struct inequality *list = mem_new_array(m, struct inequality, p->nrest + 1);
	uint32_t n = 0, first = 0, kept = 0, other;
	struct range_plan *r;

	if (p->nkeys || p->j->null_aware)
		return;
	for (uint32_t i = 0; i < p->nrest; i++)
		if (is_inequality(p, p->rest[i], &list[n]))
			list[n++].at = i;
	if (!n)
		return;
	for (uint32_t i = n; i-- > 0;) /* bounds on both sides of one expression are best */
		if (other_bound(list, n, i) < n)
			first = i;
	p->range = r = mem_new_object(m, struct range_plan);
	p->build_keys[p->nbuild_range++] = list[first].build;
	r->bounds[r->nbounds++] = take_bound(p, &list[first]);
	other = other_bound(list, n, first);
	if (other < n)
		r->bounds[r->nbounds++] = take_bound(p, &list[other]);
	for (uint32_t i = 0; i < n && !r->two; i++) {
		if (expr_equal(list[i].build, list[first].build))
			continue;
		r->two = true;
		r->column2 = p->nbuild_range;
		p->build_keys[p->nbuild_range++] = list[i].build;
		r->bound2 = take_bound(p, &list[i]);
	}
	r->nkeys = p->nprobe_range;
	for (uint32_t i = 0; i < p->nrest; i++)
		if (p->rest[i])
			p->rest[kept++] = p->rest[i];
	p->nrest = kept;
	p->j->range = r;
}

static void choose_behaviour(struct join_plan *p)
{
	struct join *j = p->j;

	j->null_aware = p->r->join.null_aware;
	switch (p->r->join.kind) {
	case JOIN_INNER:
		break;
	case JOIN_LEFT:
		j->keep_probe = !p->swapped;
		j->mark_build = p->swapped;
		break;
	case JOIN_RIGHT:
		j->keep_probe = p->swapped;
		j->mark_build = !p->swapped;
		break;
	case JOIN_FULL:
		j->keep_probe = j->mark_build = true;
		break;
	case JOIN_SEMI:
	case JOIN_ANTI:
		j->result = p->r->join.kind == JOIN_SEMI ? PROBE_SEMI : PROBE_ANTI;
		if (p->swapped) {
			j->mark_build = true;
			j->build_emits_matched = j->result == PROBE_SEMI;
			j->result = PROBE_NOTHING;
		}
		break;
	case JOIN_MARK:
		j->result = PROBE_MARK;
		break;
	case JOIN_SINGLE:
		j->keep_probe = j->single = true;
		break;
	}
}

/* Of probe rows on disk: all columns. */
static const struct rowlayout *probe_layout(const struct join_plan *p)
{
	struct mem *m = p->l->x->mem;
	struct type *types = mem_new_array(m, struct type, p->probe->ncols + 1);

	for (uint32_t c = 0; c < p->probe->ncols; c++)
		types[c] = p->probe->cols[c].type;
	return rowlayout_new(m, JOIN_HEADER, types, p->probe->ncols);
}

/* The stored columns: keys, then what the output and the condition need of the build side. */
static bool store_columns(struct join_plan *p, const struct idset *needed)
{
	struct mem *m = p->l->x->mem;
	uint32_t nkeys = p->nkeys + p->nbuild_range, n = nkeys + p->build->ncols;
	struct expr **exprs = mem_new_array(m, struct expr *, n + 1);
	struct type *types = mem_new_array(m, struct type, n + 1);
	struct join *j = p->j;

	p->stored = mem_new_array(m, struct column, n + 1);
	for (uint32_t i = 0; i < nkeys; i++) {
		exprs[i] = p->build_keys[i];
		/* a key that is a plain column also serves as that column */
		p->stored[i].id = exprs[i]->kind == EXPR_COLUMN ? exprs[i]->column : UINT32_MAX;
		p->stored[i].type = exprs[i]->type;
	}
	p->nstored = nkeys;
	for (uint32_t c = 0; c < p->build->ncols; c++) {
		const struct column *col = &p->build->cols[c];
		if (!idset_has(needed, col->id) || column_index(p->stored, p->nstored, col->id) >= 0)
			continue;
		exprs[p->nstored] = expr_column(m, col->id, col->type, -1);
		p->stored[p->nstored++] = *col;
	}
	for (uint32_t i = 0; i < p->nstored; i++)
		types[i] = p->stored[i].type;
	j->nstored = p->nstored;
	j->nkeys = p->nkeys;
	j->nulls_equal = p->nulls_equal;
	j->probe_layout = probe_layout(p);
	j->layout = rowlayout_new(m, j->mark_build ? JOIN_HEADER_MARKS : JOIN_HEADER, types, p->nstored);
	return program_compile(p->l, j->build_op, p->build->cols, p->build->ncols, exprs, p->nstored, &j->build_program,
						   p->l->err);
}

static bool compile_residual(struct join_plan *p, struct op *probe)
{
	struct mem *m = p->l->x->mem;
	struct join *j = p->j;
	struct expr *rest = expr_and(m, p->rest, p->nrest);
	uint32_t n = j->nprobe + j->nstored;
	struct column *cols = mem_new_array(m, struct column, n + 1);
	bool *needs = mem_new_array(m, bool, n + 1);
	struct idset ids = {0, NULL};

	if (!rest)
		return true;
	if (j->nprobe)
		memcpy(cols, p->probe->cols, j->nprobe * sizeof *cols);
	if (j->nstored)
		memcpy(cols + j->nprobe, p->stored, j->nstored * sizeof *cols);
	expr_columns(rest, &ids, m);
	for (uint32_t i = 0; i < n; i++)
		needs[i] = cols[i].id != UINT32_MAX && idset_has(&ids, cols[i].id);
	j->residual_needs = needs;
	if (j->null_aware)
		return program_compile(p->l, probe, cols, n, &rest, 1, &j->truth, p->l->err);
	return program_compile_filter(p->l, probe, cols, n, rest, &j->residual, p->l->err);
}

static bool map_output(struct join_plan *p)
{
	struct join_column *cols = mem_new_array(p->l->x->mem, struct join_column, p->r->ncols + 1);

	p->j->ncols = p->r->ncols;
	p->j->cols = cols;
	for (uint32_t c = 0; c < p->r->ncols; c++) {
		const struct column *col = &p->r->cols[c];
		int at = column_index(p->probe->cols, p->probe->ncols, col->id);

		cols[c] = (struct join_column){FROM_PROBE, (uint32_t)at, col->type};
		if (at >= 0)
			continue;
		at = column_index(p->stored, p->nstored, col->id);
		cols[c].from = at >= 0 ? FROM_BUILD : FROM_MARK;
		cols[c].at = (uint32_t)at;
		if (at < 0 && p->r->join.kind != JOIN_MARK)
			return err_set(p->l->err, ERR_INTERNAL, "join column %u comes from neither side", (unsigned)col->id);
	}
	return true;
}

static struct join_plan begin(struct lowering *l, const struct rel *r)
{
	struct join_plan p = {.l = l, .r = r};
	struct mem *m = l->x->mem;

	p.swapped = r->join.build_left && !r->join.null_aware && r->join.kind != JOIN_MARK && r->join.kind != JOIN_SINGLE;
	p.build = r->in[p.swapped ? 0 : 1];
	p.probe = r->in[p.swapped ? 1 : 0];
	rel_out_ids(p.probe, &p.probe_ids, m);
	rel_out_ids(p.build, &p.build_ids, m);
	p.j = mem_new_object(m, struct join);
	p.j->x = l->x;
	p.j->node = r;
	p.j->nprobe = p.probe->ncols;
	choose_behaviour(&p);
	split_condition(&p);
	choose_ranges(&p);
	return p;
}

/* ---- runtime filters ---- */

/* Which inputs may lose rows when rows of the join are not looked at for the value of a column of that input. */
static void kept_sides(const struct rel *r, bool *left, bool *right)
{
	enum join_kind k = r->join.kind;

	*left = k != JOIN_RIGHT && k != JOIN_FULL;
	*right = k == JOIN_INNER || k == JOIN_RIGHT;
}

/* What joins above want of this join's columns goes on to the side that the column comes from and, over the join's own
 * equalities, to the other side: a row there could only match rows that are not looked at. */
static void pass_filters(struct join_plan *p)
{
	struct wanted_mark above = wanted_hide(p->l);
	bool left, right;

	kept_sides(p->r, &left, &right);
	for (size_t i = 0; i < above.n; i++) {
		bool in_left = column_index(p->r->in[0]->cols, p->r->in[0]->ncols, above.list[i].column) >= 0;
		bool in_right = column_index(p->r->in[1]->cols, p->r->in[1]->ncols, above.list[i].column) >= 0;
		if (in_left != in_right && (in_left ? left : right))
			wanted_add(p->l, above.list[i].column, above.list[i].filter);
	}
	for (uint32_t k = 0; k < p->nkeys && !p->nulls_equal && !p->j->null_aware && p->r->join.kind != JOIN_FULL; k++) {
		if (p->probe_keys[k]->kind != EXPR_COLUMN || p->build_keys[k]->kind != EXPR_COLUMN)
			continue;
		wanted_also(p->l, p->probe_keys[k]->column, p->build_keys[k]->column);
		wanted_also(p->l, p->build_keys[k]->column, p->probe_keys[k]->column);
	}
}

/* Probe rows without a match are not wanted: their keys are what the scans below may look for. */
static void want_filters(struct join_plan *p, struct op *ready)
{
	struct join *j = p->j;

	if (p->nulls_equal || j->null_aware || j->keep_probe || j->result == PROBE_ANTI || j->result == PROBE_MARK)
		return;
	for (uint32_t k = 0; k < p->nkeys; k++) {
		struct runtime_filter *f;
		if (p->probe_keys[k]->kind != EXPR_COLUMN)
			continue;
		f = mem_new_object(p->l->x->mem, struct runtime_filter);
		*f = (struct runtime_filter){.next = j->filters, .key = k, .type = j->layout->types[k], .ready = ready};
		j->filters = f;
		wanted_add(p->l, p->probe_keys[k]->column, f);
	}
}

/* build → (insert →) and the probe's dependency */
static bool lower_build(struct join_plan *p, struct op *probe)
{
	struct join *j = p->j;
	struct chain build = {j->build_op, NULL};
	struct op *ready = j->build_op;

	if (j->nkeys) {
		struct chain end = {sink_nothing_new(p->l->x), NULL};
		lower_source(p->l, source_join_insert_new(j), false, &end);
		ready = end.op;
	}
	op_depend(probe, ready);
	if (!lower_rel(p->l, p->build, &build))
		return false;
	want_filters(p, ready);
	return true;
}

bool lower_join(struct lowering *l, const struct rel *r, const struct chain *up)
{
	struct join_plan p = begin(l, r);
	struct join *j = p.j;
	struct mem *m = l->x->mem;
	struct idset needed = {0, NULL};
	struct op *probe, *rest;
	struct chain link = {NULL, up}, nothing;
	struct wanted_mark above = {l->wanted, l->nwanted, l->wanted_cap};

	j->ncols = r->ncols;
	(void)sink_join_build_new(j);
	link.op = probe = transform_join_probe_new(j);
	for (uint32_t c = 0; c < r->ncols; c++)
		idset_add(&needed, r->cols[c].id, m);
	for (uint32_t i = 0; i < p.nrest; i++)
		expr_columns(p.rest[i], &needed, m);
	if (!store_columns(&p, &needed) || !compile_residual(&p, probe) || !map_output(&p))
		return false;
	if (p.nkeys + p.nprobe_range && !program_compile(l, probe, p.probe->cols, p.probe->ncols, p.probe_keys,
													 p.nkeys + p.nprobe_range, &j->probe_program, l->err))
		return false;
	pass_filters(&p);
	if (!lower_build(&p, probe))
		return false;
	if (j->result == PROBE_NOTHING) {
		nothing = (struct chain){sink_nothing_new(l->x), NULL};
		link.up = &nothing;
	}
	if (!lower_rel(l, p.probe, &link))
		return false;
	wanted_restore(l, above);
	rest = source_join_rest_new(j);
	rest->after = probe;
	lower_source(l, rest, false, up);
	return true;
}
