/*
 * Set operations. UNION ALL: the inputs' pipelines end in the same sink. The others are groupings by all
 * columns (NULLs equal): UNION keeps the groups; INTERSECT and EXCEPT count each side's rows per group, and
 * a transform puts a group out as many times as the operation says.
 */
#include "engine/execute/lower.h"
#include "engine/execute/recursive.h"

#define SIDE_ID UINT32_MAX /* of columns that only exist here; no plan uses it */

/* ---- counting ---- */

struct sides {
	int64_t left, right;
};

static bool sides_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups)
{
	const int32_t *side = args[0].data;

	(void)c;
	for (uint32_t i = 0; i < n; i++) {
		struct sides *s = groups[i];
		if (side[view_index(&args[0], i)])
			s->right++;
		else
			s->left++;
	}
	return true;
}

static bool sides_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	(void)c;
	for (uint32_t i = 0; i < n; i++) {
		struct sides *a = into[i];
		const struct sides *b = from[i];
		a->left += b->left;
		a->right += b->right;
	}
	return true;
}

TEMPLATE bool put_copies(void *const *states, uint32_t n, struct vec *out, enum setop_kind kind)
{
	int64_t *copies = out->data;

	for (uint32_t i = 0; i < n; i++) {
		const struct sides *s = states[i];
		int64_t less = s->left < s->right ? s->left : s->right;

		copies[i] = kind == SETOP_INTERSECT		  ? less > 0
					: kind == SETOP_INTERSECT_ALL ? less
					: kind == SETOP_EXCEPT		  ? s->left > 0 && !s->right
												  : s->left - less;
	}
	return true;
}

#define SIDES(id, what)                                                                          \
	static bool id##_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)  \
	{                                                                                              \
		(void)c;                                                                                   \
		return put_copies(states, n, out, what);                                                   \
	}                                                                                              \
	static const struct agg_ops id##_ops = {                                                     \
		.state_size = sizeof(struct sides), .update = sides_update, .combine = sides_combine, .finish = id##_finish}; \
	static const struct func id##_fn = {                                                         \
		.name = #id, .kind = FUNC_AGGREGATE, .nargs = 1, .args = {T(INT4)}, .result = T(INT8), .agg = &id##_ops};
SIDES(intersect, SETOP_INTERSECT)
SIDES(intersect_all, SETOP_INTERSECT_ALL)
SIDES(except, SETOP_EXCEPT)
SIDES(except_all, SETOP_EXCEPT_ALL)

/* ---- repeating ---- */

struct repeat_local {
	uint32_t row;
	int64_t given;       /* copies of that row so far */
	struct batch in;     /* lent columns without the count */
};

static bool repeat_open_local(struct task *t, void *global, void **local)
{
	const struct op *op = global;
	struct repeat_local *l = mem_new_object(t->mem, struct repeat_local);

	batch_init(&l->in, op->ncols, t->mem);
	*local = l;
	return true;
}

static enum flow repeat_push(struct task *t, void *global, void *local, struct batch *in, struct batch *out)
{
	struct repeat_local *l = local;
	uint32_t sel[BATCH_ROWS], n = 0, ncols = out->ncols;
	struct view v = vec_view(&in->cols[ncols]);
	const int64_t *copies = v.data;

	(void)global;
	while (l->row < in->rows && n < t->x->batch_rows) {
		if (l->given < copies[view_index(&v, l->row)]) {
			sel[n++] = l->row;
			l->given++;
		} else {
			l->row++;
			l->given = 0;
		}
	}
	memcpy(l->in.cols, in->cols, ncols * sizeof *in->cols);
	if (n && !batch_slice(out, &l->in, sel, n, task_data(t), &t->err))
		return FLOW_FAIL;
	if (l->row < in->rows)
		return FLOW_MORE;
	l->row = 0;
	return FLOW_NEED_INPUT;
}

static const struct transform_ops transform_repeat = {
	.name = "set operation",
	.push = repeat_push,
	.life = {repeat_open_local, NULL, NULL},
};

/* ---- lowering ---- */

static const struct func *counter_of(enum setop_kind kind)
{
	switch (kind) {
	case SETOP_INTERSECT:
		return &intersect_fn;
	case SETOP_INTERSECT_ALL:
		return &intersect_all_fn;
	case SETOP_EXCEPT:
		return &except_fn;
	case SETOP_EXCEPT_ALL:
		return &except_all_fn;
	case SETOP_UNION:
	case SETOP_UNION_ALL:
		break;
	}
	UNREACHABLE();
}

static struct rel *copy_node(struct mem *m, const struct rel *r)
{
	return mem_dup(m, r, sizeof *r);
}

/* An aggregation of r (columns as in r->cols) by all of its first n columns. */
static struct rel *group_all(struct mem *m, struct rel *r, uint32_t n)
{
	struct rel *a = rel_new(m, REL_AGGREGATE, 1);

	a->in[0] = r;
	a->ncols = n;
	a->cols = r->cols;
	a->agg.ngroups = n;
	a->agg.groups = mem_new_array(m, struct expr *, n + 1);
	for (uint32_t i = 0; i < n; i++)
		a->agg.groups[i] = expr_column(m, r->cols[i].id, r->cols[i].type, -1);
	return a;
}

/* r's rows with the number of the side behind them. */
static struct rel *with_side(struct mem *m, struct rel *r, int32_t side)
{
	struct rel *p = rel_new(m, REL_PROJECT, 1);

	p->in[0] = r;
	p->ncols = r->ncols + 1;
	p->cols = mem_new_array(m, struct column, p->ncols);
	memcpy(p->cols, r->cols, r->ncols * sizeof *r->cols);
	p->cols[r->ncols] = (struct column){.id = SIDE_ID, .type = type_make(TYPE_INT4)};
	p->project.exprs = mem_new_array(m, struct expr *, p->ncols);
	for (uint32_t i = 0; i < r->ncols; i++)
		p->project.exprs[i] = expr_column(m, r->cols[i].id, r->cols[i].type, -1);
	p->project.exprs[r->ncols] = expr_const(m, value_int4(side), -1);
	return p;
}

static bool lower_counted(struct lowering *l, const struct rel *r, const struct chain *up)
{
	struct mem *m = l->x->mem;
	uint32_t n = r->ncols;
	struct rel *both = rel_new(m, REL_SETOP, 2), *a;
	struct expr *call = expr_new(m, EXPR_AGG, type_make(TYPE_INT8), 1, -1);
	struct op *repeat = op_new_transform(l->x, &transform_repeat, r, n);
	struct chain link = {repeat, up};

	repeat->global = repeat;
	both->setop.kind = SETOP_UNION_ALL;
	both->in[0] = with_side(m, r->in[0], 0);
	both->in[1] = with_side(m, r->in[1], 1);
	both->ncols = n + 1;
	both->cols = mem_new_array(m, struct column, n + 1);
	memcpy(both->cols, r->cols, n * sizeof *r->cols);
	both->cols[n] = both->in[0]->cols[n];
	call->args[0] = expr_column(m, SIDE_ID, type_make(TYPE_INT4), -1);
	call->agg.fn = counter_of(r->setop.kind);
	a = group_all(m, both, n);
	a->ncols = n + 1;
	a->cols = mem_dup(m, both->cols, (n + 1) * sizeof *both->cols);
	a->cols[n].type = type_make(TYPE_INT8);
	a->agg.naggs = 1;
	a->agg.aggs = mem_dup(m, &call, sizeof call);
	return lower_grouping(l, a, r, false, &link);
}

bool lower_setop(struct lowering *l, const struct rel *r, const struct chain *up)
{
	struct mem *m = l->x->mem;

	if (r->setop.recursion)
		return lower_recursive(l, r, up);
	if (r->setop.kind == SETOP_UNION_ALL) {
		struct chain counter;
		if (l->x->env.profile && r->ncols) { /* nobody else would count the rows */
			counter = (struct chain){transform_map_new(l->x, NULL, r->ncols), up};
			counter.op->node = r;
			counter.op->produces = true;
			up = &counter;
		}
		for (uint32_t i = 0; i < r->nin; i++)
			if (!lower_rel(l, r->in[i], up)) /* columns go by position */
				return false;
		return true;
	}
	if (r->setop.kind == SETOP_UNION) {
		struct rel *all = copy_node(m, r);
		all->setop.kind = SETOP_UNION_ALL;
		return lower_grouping(l, group_all(m, all, r->ncols), r, true, up);
	}
	if (r->nin > 2) { /* a op b op c: from the left */
		struct rel *left = copy_node(m, r), *top = copy_node(m, r);
		left->nin--;
		top->nin = 2;
		top->in = mem_new_array(m, struct rel *, 2);
		top->in[0] = left;
		top->in[1] = r->in[r->nin - 1];
		return lower_setop(l, top, up);
	}
	return lower_counted(l, r, up);
}
