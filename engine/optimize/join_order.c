/*
 * Join order: each maximal tree of inner joins is taken apart into relations and conditions and put together
 * again, by dynamic programming over subsets up to 10 relations, greedily beyond. The cost of a join is the
 * rows that it makes and the rows that it must hold; relations of one server that are joined by an equality
 * before anything else cost only what comes out, since the server may do the join (placement decides that).
 * Then the smaller side of each hash join becomes the build side.
 */
#include "engine/optimize/optimize_int.h"

#define DP_MAX 10


struct node { /* a partial plan */
	struct rel *rel;
	double rows, cost;
	const struct catalog_server *server; /* all of it could be computed there; NULL = no */
	bool done;
};

struct ordering {
	struct optimizer *o;
	struct estimator *x;
	struct rel **rels;
	struct idset *ids;
	size_t n, cap, ids_n, ids_cap;
	struct expr **conditions;
	size_t nconditions, conditions_cap;
	uint32_t *reads;        /* DP: per condition, bits of relations */
	struct expr **scratch;  /* DP: room for all conditions */
	bool *used;             /* greedy: condition applied already */
};

static struct rel *order_tree(struct ordering *parent, struct rel *r);

/* ---- taking apart ---- */

static void gather(struct ordering *g, struct rel *r)
{
	struct expr **list;
	uint32_t n;

	if (r->kind != REL_JOIN || r->join.kind != JOIN_INNER) {
		struct idset ids = {0, NULL};
		r = order_tree(g, r);
		rel_out_ids(r, &ids, g->o->m);
		MEM_PUSH(g->o->m, g->rels, g->n, g->cap, r);
		MEM_PUSH(g->o->m, g->ids, g->ids_n, g->ids_cap, ids);
		return;
	}
	gather(g, r->in[0]);
	gather(g, r->in[1]);
	n = expr_conjuncts(g->o->m, r->join.condition, &list);
	for (uint32_t i = 0; i < n; i++)
		MEM_PUSH(g->o->m, g->conditions, g->nconditions, g->conditions_cap, list[i]);
}

/* The one server that everything below comes from; NULL when there are several, or local work is needed. */
static const struct catalog_server *only_server(const struct rel *r)
{
	const struct catalog_server *s;

	if (r->kind == REL_SCAN)
		return r->scan.table->server;
	if ((r->kind != REL_FILTER && r->kind != REL_PROJECT && r->kind != REL_JOIN) || !r->nin)
		return NULL;
	s = only_server(r->in[0]);
	for (uint32_t i = 1; i < r->nin; i++)
		if (only_server(r->in[i]) != s)
			return NULL;
	return s;
}

static bool is_equality(const struct expr *e)
{
	return e->kind == EXPR_CALL && e->nargs == 2 && e->fn->kind == FUNC_OPERATOR && strcmp(e->fn->name, "=") == 0;
}

/* ---- putting together ---- */

static struct rel *inner_join(struct optimizer *o, struct rel *left, struct rel *right, struct expr **list, uint32_t n)
{
	struct rel *r = rel_new(o->m, REL_JOIN, 2);

	r->in[0] = left;
	r->in[1] = right;
	r->join.kind = JOIN_INNER;
	r->join.condition = expr_and(o->m, list, n);
	refresh_cols(o->m, r);
	return r;
}

/* What the engine pays for having this plan's rows here. */
static double fetched(const struct node *a)
{
	return a->cost + (a->server ? a->rows : 0);
}

/* Rows and cost of joining a and b on conditions of that selectivity; false when nothing connects them. */
static void join_cost(const struct node *a, const struct node *b, double selectivity, bool equality, struct node *out)
{
	double rows = a->rows * b->rows * selectivity, small = a->rows < b->rows ? a->rows : b->rows;

	out->rows = rows < 1 ? 1 : rows;
	if (a->server && a->server == b->server && equality) {
		out->server = a->server;
		out->cost = a->cost + b->cost + 0.1 * (a->rows + b->rows);
		return;
	}
	out->server = NULL;
	out->cost = fetched(a) + fetched(b) + out->rows + small;
	if (!equality)
		out->cost += a->rows * b->rows; /* a nested loop */
}

static void start_node(struct ordering *g, size_t i, struct node *out)
{
	out->rel = g->rels[i];
	out->rows = estimate_rows(g->x, g->rels[i]);
	out->server = only_server(g->rels[i]);
	out->cost = 0;
	out->done = true;
}

/* ---- up to DP_MAX: all subsets ---- */

static void read_masks(struct ordering *g)
{
	g->reads = mem_new_array(g->o->m, uint32_t, g->nconditions + 1);
	g->scratch = mem_new_array(g->o->m, struct expr *, g->nconditions + 1);
	for (size_t c = 0; c < g->nconditions; c++) {
		struct idset used = {0, NULL};
		expr_columns(g->conditions[c], &used, g->o->m);
		for (size_t i = 0; i < g->n; i++)
			if (idset_meets(&used, &g->ids[i]))
				g->reads[c] |= 1u << i;
	}
}

/* The conditions that become decidable when a and b meet, and their selectivity. */
static double between(struct ordering *g, uint32_t a, uint32_t b, double larger, bool *equality, struct expr **list,
					  uint32_t *n)
{
	*equality = false;
	*n = 0;
	for (size_t c = 0; c < g->nconditions; c++) {
		uint32_t r = g->reads[c];
		if ((r & ~(a | b)) || !(r & a) || !(r & b))
			continue;
		*equality |= is_equality(g->conditions[c]);
		list[(*n)++] = g->conditions[c];
	}
	return estimate_conjuncts(g->x, list, *n, larger);
}

static void try_split(struct ordering *g, struct node *plans, uint32_t *left_of, uint32_t whole, uint32_t a)
{
	uint32_t b = whole & ~a, n;
	double larger = plans[a].rows > plans[b].rows ? plans[a].rows : plans[b].rows, s;
	struct node joined = {0};
	bool equality;

	s = between(g, a, b, larger, &equality, g->scratch, &n);
	join_cost(&plans[a], &plans[b], s, equality, &joined);
	if (plans[whole].done && fetched(&plans[whole]) <= fetched(&joined))
		return;
	joined.done = true;
	plans[whole] = joined;
	left_of[whole] = a;
}

static struct rel *build_subset(struct ordering *g, struct node *plans, const uint32_t *left_of, uint32_t whole)
{
	struct expr **list = mem_new_array(g->o->m, struct expr *, g->nconditions + 1);
	uint32_t a = left_of[whole], b = whole & ~a, n;
	struct rel *left, *right;
	bool equality;

	if (!(whole & (whole - 1)))
		return plans[whole].rel;
	left = build_subset(g, plans, left_of, a);
	right = build_subset(g, plans, left_of, b);
	(void)between(g, a, b, 1, &equality, list, &n);
	return inner_join(g->o, left, right, list, n);
}

static struct rel *order_all(struct ordering *g)
{
	uint32_t full = (1u << g->n) - 1;
	struct node *plans = mem_new_array(g->o->m, struct node, full + 1);
	uint32_t *left_of = mem_new_array(g->o->m, uint32_t, full + 1);

	read_masks(g);
	for (size_t i = 0; i < g->n; i++)
		start_node(g, i, &plans[1u << i]);
	for (uint32_t whole = 1; whole <= full; whole++)
		for (uint32_t a = (whole - 1) & whole; a; a = (a - 1) & whole)
			if (a > (whole & ~a)) /* each split once */
				try_split(g, plans, left_of, whole, a);
	return build_subset(g, plans, left_of, full);
}

/* ---- more: always the cheapest pair next ---- */

static uint32_t decidable(struct ordering *g, const struct idset *a, const struct idset *b, struct expr **list,
						  size_t *which, bool *equality)
{
	struct idset both = {0, NULL};
	uint32_t n = 0;

	*equality = false;
	idset_add_all(&both, a, g->o->m);
	idset_add_all(&both, b, g->o->m);
	for (size_t c = 0; c < g->nconditions; c++) {
		struct idset used = {0, NULL};
		if (g->used[c])
			continue;
		expr_columns(g->conditions[c], &used, g->o->m);
		if (!idset_covers(&both, &used) || !idset_meets(&used, a) || !idset_meets(&used, b))
			continue;
		*equality |= is_equality(g->conditions[c]);
		which[n] = c;
		list[n++] = g->conditions[c];
	}
	return n;
}

static void greedy_step(struct ordering *g, struct node *nodes)
{
	struct expr **list = mem_new_array(g->o->m, struct expr *, g->nconditions + 1);
	size_t *which = mem_new_array(g->o->m, size_t, g->nconditions + 1);
	struct node best = {0};
	size_t at_a = 0, at_b = 1;
	bool equality;
	uint32_t n;

	for (size_t a = 0; a < g->n; a++)
		for (size_t b = a + 1; b < g->n; b++) {
			double larger = nodes[a].rows > nodes[b].rows ? nodes[a].rows : nodes[b].rows, s;
			struct node joined = {0};
			n = decidable(g, &g->ids[a], &g->ids[b], list, which, &equality);
			s = estimate_conjuncts(g->x, list, n, larger);
			join_cost(&nodes[a], &nodes[b], s, equality, &joined);
			joined.cost -= fetched(&nodes[a]) + fetched(&nodes[b]); /* of this step alone */
			if (best.done && best.cost <= joined.cost)
				continue;
			best = joined;
			best.done = true;
			at_a = a;
			at_b = b;
		}
	n = decidable(g, &g->ids[at_a], &g->ids[at_b], list, which, &equality);
	for (uint32_t i = 0; i < n; i++)
		g->used[which[i]] = true;
	best.cost += fetched(&nodes[at_a]) + fetched(&nodes[at_b]);
	best.rel = inner_join(g->o, nodes[at_a].rel, nodes[at_b].rel, list, n);
	nodes[at_a] = best;
	idset_add_all(&g->ids[at_a], &g->ids[at_b], g->o->m);
	nodes[at_b] = nodes[g->n - 1];
	g->ids[at_b] = g->ids[g->n - 1];
	g->n--;
}

static struct rel *order_greedily(struct ordering *g)
{
	struct node *nodes = mem_new_array(g->o->m, struct node, g->n);

	g->used = mem_new_array(g->o->m, bool, g->nconditions + 1);
	for (size_t i = 0; i < g->n; i++)
		start_node(g, i, &nodes[i]);
	while (g->n > 1)
		greedy_step(g, nodes);
	return nodes[0].rel;
}

/* Conditions of one relation or none, which no join of two decides. */
static struct rel *rest_of_conditions(struct ordering *g, struct rel *r)
{
	struct expr **list = mem_new_array(g->o->m, struct expr *, g->nconditions + 1);
	uint32_t n = 0;

	for (size_t c = 0; c < g->nconditions; c++) {
		bool left = g->reads ? !(g->reads[c] & (g->reads[c] - 1)) : !g->used[c];
		if (left)
			list[n++] = g->conditions[c];
	}
	return make_filter(g->o, r, list, n);
}

static bool reads_only(struct ordering *g, const struct idset *used, const struct rel *r)
{
	struct idset ids = {0, NULL};

	rel_out_ids(r, &ids, g->o->m);
	return idset_covers(&ids, used);
}

/* A semi or anti join goes down to the one input of an inner join that it looks at, when that has no more
 * rows than the join. used: the left columns of its condition. */
static struct rel *sink_semi(struct ordering *g, struct rel *semi, struct rel *left, const struct idset *used)
{
	struct rel *c;

	for (uint32_t i = 0; left->kind == REL_JOIN && left->join.kind == JOIN_INNER && i < 2; i++) {
		if (!reads_only(g, used, left->in[i]) || estimate_rows(g->x, left->in[i]) > estimate_rows(g->x, left))
			continue;
		c = rel_copy_node(g->o->m, left);
		c->in[i] = sink_semi(g, semi, left->in[i], used);
		refresh_cols(g->o->m, c);
		return c;
	}
	c = rel_copy_node(g->o->m, semi);
	c->in[0] = left;
	refresh_cols(g->o->m, c);
	return c;
}

static struct rel *place_semi(struct ordering *g, struct rel *r)
{
	struct idset used = {0, NULL}, own = {0, NULL};

	if (!r->join.condition)
		return r;
	expr_columns(r->join.condition, &used, g->o->m);
	for (uint32_t i = 0; i < r->in[0]->ncols; i++)
		if (idset_has(&used, r->in[0]->cols[i].id))
			idset_add(&own, r->in[0]->cols[i].id, g->o->m);
	return idset_is_empty(&own) ? r : sink_semi(g, r, r->in[0], &own);
}

/* Who reads by position (set operations, scans of a CTE) gets the columns as they were in `model`. */
static struct rel *with_columns_of(struct optimizer *o, struct rel *r, const struct rel *model)
{
	struct rel *c;
	bool same = r->ncols == model->ncols;

	for (uint32_t i = 0; same && i < r->ncols; i++)
		same = r->cols[i].id == model->cols[i].id;
	if (same)
		return r;
	c = rel_new(o->m, REL_PROJECT, 1);
	c->in[0] = r;
	c->ncols = model->ncols;
	c->cols = mem_dup(o->m, model->cols, model->ncols * sizeof *c->cols);
	c->project.exprs = mem_new_array(o->m, struct expr *, c->ncols + 1);
	for (uint32_t i = 0; i < c->ncols; i++) {
		c->project.exprs[i] = expr_column(o->m, c->cols[i].id, c->cols[i].type, -1);
		c->cols[i].id = plan_new_id(o->p);
	}
	return c;
}

static struct rel *order_tree(struct ordering *parent, struct rel *r)
{
	struct ordering g = {.o = parent->o, .x = parent->x};
	struct rel *c;

	if (r->kind == REL_JOIN && r->join.kind == JOIN_INNER) {
		gather(&g, r);
		c = g.n <= DP_MAX ? order_all(&g) : order_greedily(&g);
		return rest_of_conditions(&g, c);
	}
	c = rel_copy_node(parent->o->m, r);
	for (uint32_t i = 0; i < c->nin; i++) {
		c->in[i] = order_tree(parent, c->in[i]);
		if (r->kind == REL_SETOP || (r->kind == REL_CTE && i == 1))
			c->in[i] = with_columns_of(parent->o, c->in[i], r->in[i]);
	}
	refresh_cols(parent->o->m, c);
	if (c->kind == REL_JOIN && (c->join.kind == JOIN_SEMI || c->join.kind == JOIN_ANTI))
		return place_semi(parent, c);
	return c;
}

/* ---- build sides ---- */

static void choose_builds(struct rel *r)
{
	for (uint32_t i = 0; i < r->nin; i++)
		choose_builds(r->in[i]);
	if (r->kind != REL_JOIN)
		return;
	switch (r->join.kind) {
	case JOIN_INNER:
		r->join.build_left = r->in[0]->est.rows < r->in[1]->est.rows;
		return;
	case JOIN_LEFT:
	case JOIN_RIGHT:
	case JOIN_FULL:
	case JOIN_SEMI:
	case JOIN_ANTI:
		/* marking what has matched costs something */
		r->join.build_left = !r->join.null_aware && r->in[0]->est.rows * 3 < r->in[1]->est.rows;
		return;
	case JOIN_MARK:
	case JOIN_SINGLE:
		return;
	}
}

static struct rel *order_root(struct optimizer *o, struct rel *r, bool is_main)
{
	struct estimator x;
	struct ordering top = {.o = o, .x = &x};

	(void)is_main;
	estimator_init(&x, o->p);
	if (!is_main) { /* its columns are not among those of the main tree's nodes */
		struct rel *saved = o->p->root;
		o->p->root = r;
		estimator_init(&x, o->p);
		o->p->root = saved;
	}
	(void)estimate_rows(&x, r);
	r = order_tree(&top, r);
	(void)estimate_rows(&x, r);
	choose_builds(r);
	return r;
}

bool pass_join_order(struct optimizer *o)
{
	each_root(o, order_root);
	o->p->root = refresh_tree(o, o->p->root);
	return true;
}
