/*
 * REL_SCAN of a temporary table: vectors that point into its chunks. Tasks take morsels, runs of rows inside one
 * chunk; a morsel whose chunk can hold no row that the predicate wants, by its zone maps, is passed over. The
 * predicate itself is checked by the filter above.
 *
 * Global: the tests of the zone maps, read-only, and an atomic counter of morsels. The statement holds the table,
 * so nothing here is counted.
 */
#include "engine/execute/lower.h"
#include "engine/vector/colstore.h"

#define MORSEL_ROWS 16384u
#define CHUNK_MORSELS (CHUNK_ROWS / MORSEL_ROWS)

enum zone_op { ZONE_EQ, ZONE_LT, ZONE_LE, ZONE_GT, ZONE_GE, ZONE_IN, ZONE_NULL, ZONE_NOT_NULL };

/* Rows of a chunk can only pass when … */
struct zone_test {
	enum zone_op op;
	uint32_t column;           /* of the table */
	uint32_t nvalues;
	const struct value *values; /* not NULL, of the column's type */
};

struct store_scan {
	const struct rel *node;
	const struct colstore *store;
	uint32_t ntests;
	struct zone_test *tests;
	uint32_t morsels;          /* numbers of morsels: CHUNK_MORSELS a chunk */
	uint32_t next;             /* atomic */
	uint32_t skipped;          /* chunks; atomic */
};

struct store_local {
	uint32_t chunk, at, end;
	uint32_t looked;           /* chunk + 1 whose verdict this is: */
	bool wanted;
};

/* ---- zone maps ---- */

static bool range_may_be(const struct colrange *r, enum zone_op op, const struct value *v)
{
	switch (op) {
	case ZONE_EQ:
	case ZONE_IN:
		return value_compare(&r->least, v) <= 0 && value_compare(&r->greatest, v) >= 0;
	case ZONE_LT:
		return value_compare(&r->least, v) < 0;
	case ZONE_LE:
		return value_compare(&r->least, v) <= 0;
	case ZONE_GT:
		return value_compare(&r->greatest, v) > 0;
	case ZONE_GE:
		return value_compare(&r->greatest, v) >= 0;
	case ZONE_NULL:
	case ZONE_NOT_NULL:
		break;
	}
	UNREACHABLE();
}

static bool chunk_may_pass(const struct store_scan *g, uint32_t chunk, const struct zone_test *t)
{
	const struct colrange *r = colstore_chunk_range(g->store, chunk, t->column);
	bool all_null = r->nulls == colstore_chunk_rows(g->store, chunk);

	if (t->op == ZONE_NULL)
		return r->nulls > 0;
	if (t->op == ZONE_NOT_NULL || all_null || !r->known)
		return !all_null;
	for (uint32_t i = 0; i < t->nvalues; i++)
		if (range_may_be(r, t->op, &t->values[i]))
			return true;
	return false;
}

static bool chunk_wanted(struct store_scan *g, uint32_t chunk)
{
	for (uint32_t i = 0; i < g->ntests; i++)
		if (!chunk_may_pass(g, chunk, &g->tests[i]))
			return false;
	return true;
}

/* The value of a constant or parameter of the column's type. */
static bool known_value(const struct execution *x, const struct expr *e, struct type type, struct value *out)
{
	if (!type_same(e->type, type))
		return false;
	if (e->kind == EXPR_CONST)
		*out = e->value;
	else if (e->kind == EXPR_PARAM && e->param >= 1 && e->param <= x->env.nparams)
		*out = x->env.params[e->param - 1];
	else
		return false;
	return !out->is_null && type_same(out->type, type);
}

static bool zone_op_of(const struct expr *e, bool swapped, enum zone_op *out)
{
	static const struct {
		const char *name;
		enum zone_op op, swapped;
	} ops[] = {{"=", ZONE_EQ, ZONE_EQ}, {"<", ZONE_LT, ZONE_GT}, {"<=", ZONE_LE, ZONE_GE}, {">", ZONE_GT, ZONE_LT},
			   {">=", ZONE_GE, ZONE_LE}};

	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		if (strcmp(e->fn->name, ops[i].name) == 0) {
			*out = swapped ? ops[i].swapped : ops[i].op;
			return true;
		}
	return false;
}

static int scan_column(const struct rel *r, const struct expr *e)
{
	return e->kind == EXPR_COLUMN ? column_index(r->cols, r->ncols, e->column) : -1;
}

/* A conjunct that the zone maps can say no to. */
static bool test_of(struct lowering *l, const struct rel *r, const struct expr *e, struct zone_test *out)
{
	struct value *values = mem_new_array(l->x->mem, struct value, e->nargs + 1);
	bool negated = e->kind == EXPR_NOT;
	int op, at;

	out->values = values;
	if (negated && e->args[0]->kind == EXPR_IS_NULL)
		e = e->args[0];
	else if (negated)
		return false;
	if (e->kind == EXPR_IS_NULL) {
		at = scan_column(r, e->args[0]);
		out->op = negated ? ZONE_NOT_NULL : ZONE_NULL;
	} else if (e->kind == EXPR_IN) {
		at = scan_column(r, e->args[0]);
		out->op = ZONE_IN;
		for (uint32_t i = 1; at >= 0 && i < e->nargs; i++)
			if (known_value(l->x, e->args[i], r->cols[at].type, &values[out->nvalues]))
				out->nvalues++;
			else if (e->args[i]->kind != EXPR_CONST || !e->args[i]->value.is_null)
				return false;
	} else if (expr_is_comparison(e, &op)) {
		bool swapped = scan_column(r, e->args[0]) < 0;
		at = scan_column(r, e->args[swapped]);
		if (at < 0 || !zone_op_of(e, swapped, &out->op) || !known_value(l->x, e->args[!swapped], r->cols[at].type, values))
			return false;
		out->nvalues = 1;
	} else {
		return false;
	}
	if (at < 0)
		return false;
	out->column = r->scan.columns[at];
	return true;
}

static void make_tests(struct lowering *l, const struct rel *r, struct store_scan *g)
{
	struct expr **list;
	uint32_t n = expr_conjuncts(l->x->mem, r->scan.predicate, &list);

	g->tests = mem_new_array(l->x->mem, struct zone_test, n + 1);
	for (uint32_t i = 0; i < n; i++) {
		struct zone_test t = {0};

		if (test_of(l, r, list[i], &t))
			g->tests[g->ntests++] = t;
	}
}

/* ---- the source ---- */

static bool store_open_local(struct task *t, void *global, void **local)
{
	(void)global;
	*local = mem_new_object(t->mem, struct store_local);
	return true;
}

/* The next run of rows that is worth looking at. */
static bool next_morsel(struct store_scan *g, struct store_local *s)
{
	for (;;) {
		uint32_t m = __atomic_fetch_add(&g->next, 1, __ATOMIC_RELAXED), rows;

		if (m >= g->morsels)
			return false;
		s->chunk = m / CHUNK_MORSELS;
		rows = colstore_chunk_rows(g->store, s->chunk);
		s->at = m % CHUNK_MORSELS * MORSEL_ROWS;
		if (s->at >= rows)
			continue;
		s->end = s->at + MORSEL_ROWS < rows ? s->at + MORSEL_ROWS : rows;
		if (s->looked != s->chunk + 1) {
			s->looked = s->chunk + 1;
			s->wanted = chunk_wanted(g, s->chunk);
		}
		if (s->wanted)
			return true;
		if (s->at == 0)
			__atomic_fetch_add(&g->skipped, 1, __ATOMIC_RELAXED);
	}
}

static enum flow store_next(struct task *t, void *global, void *local, struct batch *out)
{
	struct store_scan *g = global;
	struct store_local *s = local;
	uint32_t n;

	if (s->at >= s->end && !next_morsel(g, s))
		return FLOW_DONE;
	n = s->end - s->at < t->x->batch_rows ? s->end - s->at : t->x->batch_rows;
	for (uint32_t c = 0; c < out->ncols; c++)
		if (!colstore_read(g->store, s->chunk, g->node->scan.columns[c], s->at, n, &out->cols[c], task_data(t), &t->err))
			return FLOW_FAIL;
	out->rows = n;
	s->at += n;
	return FLOW_MORE;
}

static uint32_t store_parallel(void *global)
{
	const struct store_scan *g = global;
	uint64_t rows = colstore_rows(g->store);

	return rows <= MORSEL_ROWS ? 1 : rows / MORSEL_ROWS > 1024 ? 1024 : (uint32_t)(rows / MORSEL_ROWS);
}

static const struct source_ops source_store = {
	.name = "temporary table",
	.next = store_next,
	.parallel = store_parallel,
	.life = {store_open_local, NULL, NULL},
};

bool source_store_new(struct lowering *l, const struct rel *r, struct op **out, struct err *e)
{
	struct store_scan *g = mem_new_object(l->x->mem, struct store_scan);

	if (!r->scan.table->store)
		return err_set(e, ERR_INTERNAL, "temporary table \"%s\" has no rows", r->scan.table->name);
	g->node = r;
	g->store = r->scan.table->store;
	g->morsels = colstore_chunks(g->store) * CHUNK_MORSELS;
	make_tests(l, r, g);
	*out = op_new_source(l->x, &source_store, r, r->ncols);
	(*out)->global = g;
	return true;
}
