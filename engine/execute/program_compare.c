/*
 * Steps over fully evaluated arguments that are no function calls: NOT, IS NULL, IS TRUE, IS DISTINCT
 * FROM, NULLIF, GREATEST, LEAST, and IN over a set of constants (a hash set, built once).
 */
#include "engine/execute/program_int.h"

static uint32_t rows_of(const struct evaluator *ev, const struct step *s, uint32_t n)
{
	for (uint32_t i = 0; i < s->nargs; i++)
		if (ev->regs[s->args[i]].kind != VEC_CONST)
			return n;
	return 1;
}

/* After a step over constants alone has computed one row. */
static void as_computed(struct vec *out, uint32_t m, const struct evaluator *ev, const struct step *s)
{
	if (m == 1 && rows_of(ev, s, 2) == 1)
		out->kind = VEC_CONST;
}

bool step_not(struct evaluator *ev, const struct step *s, uint32_t n)
{
	struct view v = vec_view(&ev->regs[s->args[0]]);
	uint32_t m = rows_of(ev, s, n);
	const uint8_t *x = v.data;
	struct vec *out;
	uint8_t *o;

	if (!reg_flat(ev, s->dst, m, &out))
		return false;
	o = out->data;
	for (uint32_t i = 0; i < m; i++)
		o[i] = !x[view_index(&v, i)];
	if (v.valid) {
		if (!vec_want_nulls(out, m, ev->data, &ev->task->err))
			return false;
		for (uint32_t i = 0; i < m; i++)
			if (view_is_null(&v, i))
				vec_set_null(out, i);
	}
	as_computed(out, m, ev, s);
	return true;
}

bool step_is_null(struct evaluator *ev, const struct step *s, uint32_t n)
{
	struct view v = vec_view(&ev->regs[s->args[0]]);
	uint32_t m = rows_of(ev, s, n);
	struct vec *out;

	if (!reg_flat(ev, s->dst, m, &out))
		return false;
	for (uint32_t i = 0; i < m; i++)
		((uint8_t *)out->data)[i] = view_is_null(&v, i);
	as_computed(out, m, ev, s);
	return true;
}

bool step_is_true(struct evaluator *ev, const struct step *s, uint32_t n)
{
	struct view v = vec_view(&ev->regs[s->args[0]]);
	uint32_t m = rows_of(ev, s, n);
	const uint8_t *x = v.data;
	struct vec *out;

	if (!reg_flat(ev, s->dst, m, &out))
		return false;
	for (uint32_t i = 0; i < m; i++)
		((uint8_t *)out->data)[i] = x[view_index(&v, i)] && !view_is_null(&v, i);
	as_computed(out, m, ev, s);
	return true;
}

bool step_distinct(struct evaluator *ev, const struct step *s, uint32_t n)
{
	struct type type = ev->regs[s->args[0]].type;
	struct view a = vec_view(&ev->regs[s->args[0]]), b = vec_view(&ev->regs[s->args[1]]);
	uint32_t m = rows_of(ev, s, n);
	struct vec *out;
	uint8_t *o;

	if (!reg_flat(ev, s->dst, m, &out))
		return false;
	o = out->data;
	kernel_compare(CMP_NE, type, &a, &b, m, o);
	if (a.valid || b.valid)
		for (uint32_t i = 0; i < m; i++) {
			bool x = view_is_null(&a, i), y = view_is_null(&b, i);
			if (x || y)
				o[i] = x != y;
		}
	as_computed(out, m, ev, s);
	return true;
}

bool step_nullif(struct evaluator *ev, const struct step *s, uint32_t n)
{
	const struct vec *value = &ev->regs[s->args[0]];
	struct view equal = vec_view(&ev->regs[s->args[1]]);
	uint32_t m = rows_of(ev, s, n);
	struct vec *out;

	if (!reg_flat(ev, s->dst, m, &out) || !vec_scatter(out, m, NULL, value, NULL, m, ev->data, &ev->task->err))
		return false;
	for (uint32_t i = 0; i < m; i++)
		if (((const uint8_t *)equal.data)[view_index(&equal, i)] && !view_is_null(&equal, i)) {
			if (!out->valid && !vec_want_nulls(out, m, ev->data, &ev->task->err))
				return false;
			vec_set_null(out, i);
		}
	as_computed(out, m, ev, s);
	return true;
}

/* GREATEST, LEAST: NULLs are left out; NULL when all are. */
bool step_extreme(struct evaluator *ev, const struct step *s, uint32_t n)
{
	enum compare_op better = s->kind == STEP_GREATEST ? CMP_GT : CMP_LT;
	uint32_t m = rows_of(ev, s, n), rows[BATCH_ROWS];
	uint32_t best[BATCH_ROWS]; /* which argument leads */
	struct vec *out;

	for (uint32_t i = 0; i < m; i++)
		best[i] = 0;
	for (uint32_t a = 1; a < s->nargs; a++) {
		struct view challenger = vec_view(&ev->regs[s->args[a]]);
		size_t size = phys_size(type_phys(ev->regs[s->args[a]].type));
		for (uint32_t i = 0; i < m; i++) {
			struct view leader = vec_view(&ev->regs[s->args[best[i]]]);
			int c;
			if (view_is_null(&challenger, i))
				continue;
			if (view_is_null(&leader, i)) {
				best[i] = a;
				continue;
			}
			c = kernel_compare_value(ev->p->regs[s->dst].type,
									 (const char *)challenger.data + size * view_index(&challenger, i),
									 (const char *)leader.data + size * view_index(&leader, i));
			if (better == CMP_GT ? c > 0 : c < 0)
				best[i] = a;
		}
	}
	if (!reg_flat(ev, s->dst, m, &out))
		return false;
	for (uint32_t a = 0; a < s->nargs; a++) {
		uint32_t k = 0;
		for (uint32_t i = 0; i < m; i++) {
			rows[k] = i;
			k += best[i] == a;
		}
		if (k && !vec_scatter(out, m, rows, &ev->regs[s->args[a]], rows, k, ev->data, &ev->task->err))
			return false;
	}
	as_computed(out, m, ev, s);
	return true;
}

/* ---- constant sets ---- */

struct constset {
	struct type type;
	struct vec values;    /* flat, no NULLs */
	bool has_null;
	uint32_t count, mask;
	uint64_t *hashes;     /* per value */
	uint32_t *slots;      /* value number + 1; open addressing */
};

static void constset_free(void *arg)
{
	struct constset *s = arg;

	vec_release(&s->values);
}

bool constset_new(struct execution *x, struct expr *const *list, uint32_t n, struct constset **out, struct err *e)
{
	struct constset *s = mem_new_object(x->mem, struct constset);
	struct view v;

	s->type = list[0]->type;
	if (!vec_init_flat(&s->values, s->type, n, x->env.mem, e))
		return false;
	mem_on_free(x->mem, constset_free, s);
	for (uint32_t i = 0; i < n; i++) {
		if (list[i]->value.is_null) {
			s->has_null = true;
			continue;
		}
		if (!vec_put(&s->values, s->count, &list[i]->value, x->env.mem, e))
			return false;
		s->count++;
	}
	s->mask = 15;
	while (s->mask < 2 * s->count)
		s->mask = s->mask * 2 + 1;
	s->hashes = mem_new_array(x->mem, uint64_t, s->count + 1);
	s->slots = mem_new_array(x->mem, uint32_t, s->mask + 1);
	v = vec_view(&s->values);
	kernel_hash(s->type, &v, s->count, false, s->hashes);
	for (uint32_t i = 0; i < s->count; i++) {
		uint32_t at = (uint32_t)s->hashes[i] & s->mask;
		while (s->slots[at])
			at = (at + 1) & s->mask;
		s->slots[at] = i + 1;
	}
	*out = s;
	return true;
}

bool constset_probe(const struct constset *s, struct evaluator *ev, const struct vec *v, uint32_t n, struct vec *out)
{
	uint64_t hashes[BATCH_ROWS];
	struct view x = vec_view(v);
	size_t size = phys_size(type_phys(s->type));
	uint8_t *o = out->data;

	kernel_hash(s->type, &x, n, false, hashes);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = (uint32_t)hashes[i] & s->mask, k;

		o[i] = 0;
		for (; (k = s->slots[at]) != 0; at = (at + 1) & s->mask)
			if (s->hashes[k - 1] == hashes[i] &&
				kernel_equal_value(s->type, (const char *)x.data + size * view_index(&x, i),
								   (const char *)s->values.data + size * (k - 1))) {
				o[i] = 1;
				break;
			}
	}
	if (!x.valid && !s->has_null)
		return true;
	if (!vec_want_nulls(out, n, ev->data, &ev->task->err))
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (view_is_null(&x, i) || (s->has_null && !o[i]))
			vec_set_null(out, i);
	return true;
}
