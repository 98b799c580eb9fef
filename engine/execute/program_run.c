/*
 * Runs expression programs: registers, blocks on sub-selections, function calls with their NULL rules.
 *
 * A register that a step makes is flat, or constant when all the step's arguments are; its buffer is used
 * again for the next batch when nobody else holds it. Rows that are NULL in an argument of a strict
 * function are computed on harmless zeros when the function can't fail, else left out and put back. What
 * single step kinds compute is in program_branch.c and program_compare.c. An evaluator is one task's.
 */
#include "engine/execute/program_int.h"

bool evaluator_open(struct task *t, const struct program *p, struct evaluator **out)
{
	struct evaluator *ev = mem_new_object(t->mem, struct evaluator);

	ev->p = p;
	ev->task = t;
	ev->data = task_data(t);
	ev->regs = mem_new_array(t->mem, struct vec, p->nregs + 1);
	ev->ready = mem_new_array(t->mem, bool, p->nregs + 1);
	ev->frames = mem_new_array(t->mem, struct frame, p->nblocks + 1);
	ev->sites = mem_new_array(t->mem, struct fncall, p->nsites + 1);
	*out = ev; /* so that close gives back what was made */
	for (uint32_t i = 0; i < p->nregs; i++) {
		const struct reg *r = &p->regs[i];
		struct value v = r->value;
		if (r->kind == REG_INIT)
			v = t->x->inits[r->index]->value;
		else if (r->kind != REG_CONST)
			continue;
		v.type = r->type;
		if (!vec_init_const(&ev->regs[i], &v, ev->data, &t->err))
			return false;
	}
	return true;
}

void evaluator_close(struct evaluator *ev)
{
	if (!ev)
		return;
	for (uint32_t i = 0; i < ev->p->nregs; i++)
		vec_release(&ev->regs[i]);
	for (uint32_t i = 0; i < ev->p->nblocks; i++)
		buf_unref(ev->frames[i].sel);
}

void reg_set(struct evaluator *ev, uint32_t reg, struct vec *v)
{
	vec_release(&ev->regs[reg]);
	ev->regs[reg] = *v;
	memset(v, 0, sizeof *v);
}

bool reg_null(struct evaluator *ev, uint32_t reg)
{
	struct value null = value_null(ev->p->regs[reg].type);
	struct vec v;

	if (!vec_init_const(&v, &null, ev->data, &ev->task->err))
		return false;
	reg_set(ev, reg, &v);
	return true;
}

bool reg_flat(struct evaluator *ev, uint32_t reg, uint32_t n, struct vec **out)
{
	struct vec *v = &ev->regs[reg];
	struct type type = ev->p->regs[reg].type;
	enum phys phys = type_phys(type);

	*out = v;
	if (v->data_buf && v->kind != VEC_DICT && phys != PHYS_STR && v->data_buf->size >= n * phys_size(phys) &&
		v->data == v->data_buf->data && __atomic_load_n(&v->data_buf->refs, __ATOMIC_ACQUIRE) == 1) {
		buf_unref(v->valid_buf);
		v->valid_buf = NULL;
		v->valid = NULL;
		v->kind = VEC_FLAT;
		return true;
	}
	vec_release(v);
	return vec_init_flat(v, type, n, ev->data, &ev->task->err);
}

void vec_pick(struct vec *dst, const struct vec *src, uint32_t i)
{
	static const uint64_t none; /* bit 0 clear: NULL */
	struct view view = vec_view(src);
	uint32_t at = view_index(&view, i);
	bool null = view.valid && !bit_get(view.valid, at);

	vec_share(dst, src);
	dst->kind = VEC_CONST;
	dst->data = (char *)src->data + at * phys_size(type_phys(src->type));
	buf_unref(dst->sel_buf);
	buf_unref(dst->valid_buf);
	dst->sel_buf = dst->valid_buf = NULL;
	dst->sel = NULL;
	dst->valid = null ? (uint64_t *)&none : NULL;
}

#define SCATTER(T)                                                                                 \
	for (uint32_t j = 0; j < n; j++)                                                               \
	((T *)dst->data)[rows ? rows[j] : j] = ((const T *)v.data)[view_index(&v, src_rows ? src_rows[j] : j)]
struct bytes32 {
	int128 a, b;
};

bool vec_scatter(struct vec *dst, uint32_t dst_rows, const uint32_t *rows, const struct vec *src,
				 const uint32_t *src_rows, uint32_t n, struct mem *m, struct err *e)
{
	struct view v = vec_view(src);

	switch (type_phys(dst->type)) {
	case PHYS_BOOL:
		SCATTER(uint8_t);
		break;
	case PHYS_I32:
		SCATTER(int32_t);
		break;
	case PHYS_I64:
	case PHYS_F64:
		SCATTER(int64_t);
		break;
	case PHYS_I128:
	case PHYS_INTERVAL:
	case PHYS_STR:
		SCATTER(int128);
		break;
	case PHYS_NUM:
		_Static_assert(sizeof(struct num) == sizeof(struct bytes32), "num is 32 bytes");
		SCATTER(struct bytes32);
		break;
	case PHYS_COUNT:
		UNREACHABLE();
	}
	if (src->heap && dst->heap)
		heap_adopt(dst->heap, src->heap);
	if (!v.valid)
		return true;
	if (!dst->valid && !vec_want_nulls(dst, dst_rows, m, e))
		return false;
	for (uint32_t j = 0; j < n; j++)
		if (view_is_null(&v, src_rows ? src_rows[j] : j))
			vec_set_null(dst, rows ? rows[j] : j);
	return true;
}

/* ---- function calls ---- */

/* valid (of n rows, all ones before) gets zeros where v is NULL. */
static void and_validity(uint64_t *valid, const struct view *v, uint32_t n)
{
	if (!v->valid)
		return;
	if (v->is_const) {
		if (!(v->valid[0] & 1))
			memset(valid, 0, bitmap_words(n) * sizeof *valid);
	} else if (!v->sel) {
		for (size_t w = 0; w < bitmap_words(n); w++)
			valid[w] &= v->valid[w];
	} else {
		for (uint32_t i = 0; i < n; i++)
			if (!bit_get(v->valid, v->sel[i]))
				bit_clear(valid, i);
	}
}

static uint32_t rows_set(const uint64_t *valid, uint32_t n, uint32_t *rows)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < n; i++) {
		rows[count] = i;
		count += bit_get(valid, i);
	}
	return count;
}

/* The result of a strict function that computed rows which are NULL: marks them and zeroes their slots. */
static bool mark_nulls(struct evaluator *ev, struct vec *v, const uint64_t *valid, uint32_t n)
{
	if (!v->valid && !vec_want_nulls(v, n, ev->data, &ev->task->err))
		return false;
	for (size_t w = 0; w < bitmap_words(n); w++) {
		uint64_t nulls = ~valid[w];
		if (w == n / 64 && n % 64)
			nulls &= (UINT64_C(1) << (n % 64)) - 1;
		for (; nulls; nulls &= nulls - 1)
			vec_set_null(v, (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(nulls));
	}
	return true;
}

/* Only rows[0..m) have no NULL argument: computes those densely and puts them in place. */
static bool call_compressed(struct evaluator *ev, const struct step *s, struct fncall *call, uint32_t n,
							const uint32_t *rows, uint32_t m, const uint64_t *valid)
{
	struct vec dense, *out;
	struct view views[FUNC_MAX_CALL];
	struct vec sliced[FUNC_MAX_CALL];
	uint32_t done = 0;
	bool ok = vec_init_flat(&dense, ev->p->regs[s->dst].type, m, ev->data, &ev->task->err);

	memset(sliced, 0, s->nargs * sizeof *sliced);
	if (!ok)
		return false;
	for (; ok && done < s->nargs; done++) {
		ok = vec_slice(&sliced[done], &ev->regs[s->args[done]], rows, m, ev->data, &ev->task->err);
		if (ok)
			views[done] = vec_view(&sliced[done]);
	}
	for (uint32_t i = 0; ok && i < s->nargs; i++)
		views[i].valid = NULL; /* these rows have none */
	ok = ok && s->fn->fn(call, views, m, &dense) && reg_flat(ev, s->dst, n, &out);
	if (ok) {
		memset(out->data, 0, n * phys_size(type_phys(out->type)));
		ok = vec_scatter(out, n, rows, &dense, NULL, m, ev->data, &ev->task->err) && mark_nulls(ev, out, valid, n);
	}
	for (uint32_t i = 0; i < done; i++)
		vec_release(&sliced[i]);
	vec_release(&dense);
	return ok;
}

static struct fncall *call_site(struct evaluator *ev, const struct step *s)
{
	struct fncall *call = &ev->sites[s->site];

	if (!call->fn)
		*call = (struct fncall){
			.fn = s->fn, .nargs = s->nargs, .arg_types = s->arg_types, .result = ev->p->regs[s->dst].type,
			.mem = ev->data, .scratch = ev->task->mem, .text = ev->task->x->env.text, .const_args = s->const_args,
			.err = &ev->task->err};
	return call;
}

static bool call_rows(struct evaluator *ev, const struct step *s, uint32_t n)
{
	struct fncall *call = call_site(ev, s);
	struct view views[FUNC_MAX_CALL];
	uint64_t valid[BATCH_ROWS / 64];
	bool strict = !(s->fn->flags & FUNC_NOT_STRICT), nulls = false;
	struct vec *out;

	for (uint32_t i = 0; i < s->nargs; i++) {
		views[i] = vec_view(&ev->regs[s->args[i]]);
		nulls |= views[i].valid != NULL;
	}
	if (strict && nulls) {
		uint32_t rows[BATCH_ROWS], m = 0;

		memset(valid, 0xff, sizeof valid);
		for (uint32_t i = 0; i < s->nargs; i++)
			and_validity(valid, &views[i], n);
		m = rows_set(valid, n, rows);
		if (m == 0)
			return reg_null(ev, s->dst);
		if (m < n && (s->fn->flags & FUNC_CAN_FAIL))
			return call_compressed(ev, s, call, n, rows, m, valid);
		nulls = m < n;
		for (uint32_t i = 0; i < s->nargs; i++)
			views[i].valid = NULL;
	}
	if (!reg_flat(ev, s->dst, n, &out) || !s->fn->fn(call, views, n, out))
		return false;
	return !strict || !nulls || mark_nulls(ev, out, valid, n);
}

static bool step_each(struct evaluator *ev, const struct step *s, uint32_t n)
{
	bool constant = s->fn->volatility != FUNC_VOLATILE;

	for (uint32_t i = 0; i < s->nargs; i++)
		constant &= ev->regs[s->args[i]].kind == VEC_CONST;
	if (!call_rows(ev, s, constant ? 1 : n))
		return false;
	if (constant)
		ev->regs[s->dst].kind = VEC_CONST;
	return true;
}

static bool step_in_set(struct evaluator *ev, const struct step *s, uint32_t n)
{
	const struct vec *arg = &ev->regs[s->args[0]];
	uint32_t m = arg->kind == VEC_CONST ? 1 : n;
	struct vec *out;

	if (!reg_flat(ev, s->dst, m, &out) || !constset_probe(s->set, ev, arg, m, out))
		return false;
	if (arg->kind == VEC_CONST)
		out->kind = VEC_CONST;
	return true;
}

static bool step_call(struct evaluator *ev, const struct step *s, uint32_t n)
{
	bool (*run)(struct evaluator *, const struct step *, uint32_t) = s->kind == STEP_CALL ? step_each : step_in_set;
	int arg = dictionary_argument(ev, s, n);

	return arg < 0 ? run(ev, s, n) : dictionary_run(ev, s, (uint32_t)arg, n, run);
}

/* ---- blocks ---- */

static bool step_import(struct evaluator *ev, const struct step *s, const struct frame *f)
{
	const struct vec *src = &ev->regs[s->args[0]];
	struct vec v;

	if (!f->sel)
		vec_share(&v, src);
	else if (!vec_slice_shared(&v, src, f->sel, f->n, ev->data, &ev->task->err))
		return false;
	reg_set(ev, s->dst, &v);
	return true;
}

static bool step_retype(struct evaluator *ev, const struct step *s)
{
	struct vec v;

	vec_share(&v, &ev->regs[s->args[0]]);
	v.type = ev->p->regs[s->dst].type;
	reg_set(ev, s->dst, &v);
	return true;
}

static bool step_run(struct evaluator *ev, const struct step *s, const struct frame *f)
{
	switch (s->kind) {
	case STEP_IMPORT:
		return step_import(ev, s, f);
	case STEP_CALL:
	case STEP_IN_SET:
		return step_call(ev, s, f->n);
	case STEP_RETYPE:
		return step_retype(ev, s);
	case STEP_AND:
	case STEP_OR:
		return step_and_or(ev, s, f->n);
	case STEP_NOT:
		return step_not(ev, s, f->n);
	case STEP_IS_NULL:
		return step_is_null(ev, s, f->n);
	case STEP_IS_TRUE:
		return step_is_true(ev, s, f->n);
	case STEP_DISTINCT:
		return step_distinct(ev, s, f->n);
	case STEP_CASE:
		return step_case(ev, s, f->n);
	case STEP_COALESCE:
		return step_coalesce(ev, s, f->n);
	case STEP_NULLIF:
		return step_nullif(ev, s, f->n);
	case STEP_GREATEST:
	case STEP_LEAST:
		return step_extreme(ev, s, f->n);
	case STEP_IN:
		return step_in(ev, s, f->n);
	}
	UNREACHABLE();
}

bool block_run(struct evaluator *ev, const struct block *b)
{
	const struct frame *f = &ev->frames[b->number];

	for (uint32_t i = 0; i < b->nsteps; i++) {
		const struct step *s = &b->steps[i];
		if (s->invariant) {
			if (ev->ready[s->dst])
				continue;
			ev->ready[s->dst] = true;
		}
		if (!step_run(ev, s, f))
			return false;
	}
	return true;
}

bool arm_run(struct evaluator *ev, const struct arm *arm, const uint32_t *rows, uint32_t n, uint32_t all,
			 const struct vec **v, bool *dense)
{
	struct frame *f;

	*v = &ev->regs[arm->reg];
	*dense = false;
	if (!arm->block)
		return true;
	*dense = true;
	f = &ev->frames[arm->block->number];
	f->n = n;
	buf_unref(f->sel);
	f->sel = NULL;
	if (rows && n < all) {
		f->sel = buf_new(ev->data, n * sizeof *rows, &ev->task->err);
		if (!f->sel)
			return false;
		memcpy(f->sel->data, rows, n * sizeof *rows);
	}
	return block_run(ev, arm->block);
}

static void set_input(struct evaluator *ev, const struct vec *in, uint32_t rows)
{
	for (uint32_t i = 0; i < ev->p->ninput; i++) {
		vec_release(&ev->regs[i]);
		vec_share(&ev->regs[i], &in[i]);
	}
	ev->frames[0].n = rows;
}

/* References to the input are given back, so that its maker can use the buffers again. */
static void drop_input(struct evaluator *ev)
{
	for (uint32_t i = 0; i < ev->p->ninput; i++)
		vec_release(&ev->regs[i]);
}

bool evaluator_run(struct evaluator *ev, const struct vec *in, uint32_t rows, struct vec *out)
{
	set_input(ev, in, rows);
	if (!block_run(ev, ev->p->root))
		return false;
	for (uint32_t i = 0; i < ev->p->nout; i++) {
		vec_release(&out[i]);
		vec_share(&out[i], &ev->regs[ev->p->out[i]]);
	}
	drop_input(ev);
	return true;
}

/* Keeps those of rows[0..n) where v (see arm_run) is true. */
static uint32_t keep_true(const struct vec *v, bool dense, uint32_t *rows, uint32_t n)
{
	struct view view = vec_view(v);
	const uint8_t *data = view.data;
	uint32_t kept = 0;

	for (uint32_t j = 0; j < n; j++) {
		uint32_t r = rows[j], i = view_index(&view, dense ? j : r);
		rows[kept] = r;
		kept += data[i] && (!view.valid || bit_get(view.valid, i));
	}
	return kept;
}

bool evaluator_select(struct evaluator *ev, const struct vec *in, uint32_t rows, uint32_t *sel, uint32_t *n)
{
	bool whole = true;

	set_input(ev, in, rows);
	*n = rows;
	if (!block_run(ev, ev->p->root))
		return false;
	for (uint32_t i = 0; i < ev->p->nconjuncts && *n; i++) {
		const struct conjunct *c = &ev->p->conjuncts[i];
		const struct vec *v;
		bool dense;

		if (c->compare) {
			struct view a = vec_view(&ev->regs[c->a]), b = vec_view(&ev->regs[c->b]);
			if (!dictionary_select(c->op, &ev->regs[c->a], &ev->regs[c->b], whole ? NULL : sel, *n, sel, n))
				*n = kernel_select(c->op, ev->p->regs[c->a].type, &a, &b, whole ? NULL : sel, *n, sel);
			whole = false;
			continue;
		}
		if (whole)
			for (uint32_t r = 0; r < rows; r++)
				sel[r] = r;
		whole = false;
		if (!arm_run(ev, &c->arm, sel, *n, rows, &v, &dense))
			return false;
		*n = keep_true(v, dense, sel, *n);
	}
	if (whole)
		for (uint32_t r = 0; r < rows; r++)
			sel[r] = r;
	drop_input(ev);
	return true;
}
