/*
 * Aggregates against what PostgreSQL 15 answered (aggregates.inc, made by aggregates_ask.py): through
 * update_one, through update with several groups, and through two partial states that are combined; over
 * flat and dictionary vectors. Memory of states must be given back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "engine/function/func.h"
#include "engine/types/datetime.h"

#define MAX_ROWS 100

struct aggregate_case {
	const char *name;
	const char *type; /* of the result; "" when PostgreSQL failed */
	const char *want; /* NULL = NULL, "!22003" = that error */
	const char *args[2];
	const char *rows;
	uint32_t nrows;
};

static const struct aggregate_case cases[] = {
#include "tests/unit/aggregates.inc"
};

static struct mem *mem;
static int failures;

enum way { WAY_ONE, WAY_GROUPS, WAY_COMBINED, WAY_DICT, WAY_COUNT };

struct run {
	const struct aggregate_case *c;
	const struct func *f;
	uint32_t nargs, nrows; /* rows left after NULLs were dropped for strict ones */
	struct type types[2], result;
	struct value values[MAX_ROWS][2];
	struct err err;
};

static bool type_of_word(const char *name, struct type *out)
{
	enum type_id id;
	int p, s;

	if (sscanf(name, "numeric(%d,%d)", &p, &s) == 2) {
		*out = type_with_mod(TYPE_NUMERIC, typmod_numeric(p, s));
		return true;
	}
	if (sscanf(name, "char(%d)", &p) == 1) {
		*out = type_with_mod(TYPE_BPCHAR, p + 4);
		return true;
	}
	if (!type_find(name, &id))
		return false;
	*out = type_make(id);
	return true;
}

static const struct func *find_aggregate(const char *name, const struct type *types, uint32_t nargs)
{
	size_t count;
	const struct func *const *list = func_find(name, FUNC_AGGREGATE, &count);

	for (size_t i = 0; i < count; i++)
		if (list[i]->nargs == nargs && list[i]->args[0].id == types[0].id && list[i]->args[nargs - 1].id == types[nargs - 1].id)
			return list[i];
	return NULL;
}

/* The rows' values, without those that a strict aggregate does not see. */
static bool parse_rows(struct run *r)
{
	const char *p = r->c->rows;

	for (uint32_t i = 0; i < r->c->nrows; i++) {
		bool null = false;
		for (uint32_t a = 0; a < r->nargs; a++) {
			size_t len = strcspn(p, "\t\n");
			struct value *v = &r->values[r->nrows][a];
			if (len == 2 && memcmp(p, "\\N", 2) == 0) {
				*v = value_null(r->types[a]);
				null = true;
			} else if (!value_parse(mem, r->types[a], str_make(p, len), &text_context_default, v, &r->err)) {
				return false;
			}
			p += len + (p[len] != 0);
		}
		r->nrows += !null || (r->f->flags & FUNC_NOT_STRICT);
	}
	return true;
}

static bool prepare(struct run *r, const struct aggregate_case *c)
{
	memset(r, 0, sizeof *r);
	r->c = c;
	for (; r->nargs < 2 && c->args[r->nargs]; r->nargs++)
		if (!type_of_word(c->args[r->nargs], &r->types[r->nargs]))
			return err_set(&r->err, ERR_INTERNAL, "no type %s", c->args[r->nargs]);
	r->f = find_aggregate(c->name, r->types, r->nargs);
	if (!r->f)
		return err_set(&r->err, ERR_UNDEFINED_FUNCTION, "no aggregate");
	r->result = r->f->result;
	if (r->f->infer)
		r->result = r->f->infer(r->f, r->types, r->nargs, &r->f);
	else if (r->types[0].id == TYPE_NUMERIC)
		r->types[0] = type_make(TYPE_NUMERIC);
	return parse_rows(r);
}

static void make_args(struct run *r, struct vec *vecs, struct view *views, bool dict)
{
	uint32_t sel[MAX_ROWS];

	for (uint32_t a = 0; a < r->nargs; a++) {
		struct vec flat;
		assert_true(vec_init_flat(&flat, r->types[a], MAX_ROWS, mem, &r->err));
		for (uint32_t i = 0; i < r->nrows; i++) {
			uint32_t at = dict ? r->nrows - 1 - i : i;
			sel[i] = at;
			assert_true(vec_put(&flat, at, &r->values[i][a], mem, &r->err));
		}
		if (dict) {
			assert_true(vec_slice(&vecs[a], &flat, sel, r->nrows, mem, &r->err));
			vec_release(&flat);
		} else {
			vecs[a] = flat;
		}
		views[a] = vec_view(&vecs[a]);
	}
}

/* views of rows from … on. */
static void skip_rows(const struct view *views, struct view *rest, uint32_t nargs, uint32_t from, uint32_t *sel)
{
	for (uint32_t i = 0; i < MAX_ROWS; i++)
		sel[i] = from + i;
	for (uint32_t a = 0; a < nargs; a++) {
		rest[a] = views[a];
		rest[a].sel = sel;
	}
}

static bool accumulate(struct run *r, struct fncall *call, const struct view *views, enum way way, void **states)
{
	const struct agg_ops *agg = r->f->agg;
	void *groups[2 * MAX_ROWS];
	struct view rest[2];
	uint32_t sel[MAX_ROWS], half = r->nrows / 2;

	for (uint32_t i = 0; i < MAX_ROWS; i++)
		groups[i] = states[0];
	switch (way) {
	case WAY_ONE:
	case WAY_DICT:
		return agg->update_one ? agg->update_one(call, views, r->nrows, states[0])
							   : agg->update(call, views, r->nrows, groups);
	case WAY_GROUPS:
		/* the same rows into two groups, in two calls */
		if (!agg->update(call, views, r->nrows, groups))
			return false;
		for (uint32_t i = 0; i < MAX_ROWS; i++)
			groups[i] = states[1];
		return agg->update(call, views, r->nrows, groups);
	case WAY_COMBINED:
		if (!agg->update(call, views, half, groups))
			return false;
		for (uint32_t i = 0; i < MAX_ROWS; i++)
			groups[i] = states[1];
		skip_rows(views, rest, r->nargs, half, sel);
		if (!agg->update(call, rest, r->nrows - half, groups))
			return false;
		if (!agg->combine(call, &states[0], &states[1], 1))
			return false;
		memset(states[1], 0, agg->state_size); /* not to be dropped */
		return true;
	case WAY_COUNT:
		break;
	}
	return false;
}

/* Partial sums of floats may end in another digit. */
static bool nearly(const char *got, const char *want)
{
	char *end;
	double a = strtod(got, &end), b;
	if (*end)
		return false;
	b = strtod(want, &end);
	return !*end && (a == b || fabs(a - b) <= 1e-12 * fabs(b));
}

static void check_result(struct run *r, const struct vec *out, uint32_t n, enum way way)
{
	struct strbuf shown;

	strbuf_init(&shown, 0);
	for (uint32_t i = 0; i < n; i++) {
		struct value v = vec_get(out, i);
		bool same;
		strbuf_reset(&shown);
		if (v.is_null) {
			same = !r->c->want;
			strbuf_adds(&shown, "NULL");
		} else {
			value_print(&v, &text_context_default, &shown);
			same = r->c->want && (str_eq(strbuf_str(&shown), str_of(r->c->want)) ||
								  (way == WAY_COMBINED && type_phys(out->type) == PHYS_F64 && nearly(strbuf_cstr(&shown), r->c->want)));
		}
		if (!same || strcmp(r->c->type, type_infos[out->type.id].name) != 0) {
			if (failures++ < 40)
				print_error("%s(%s) of {%.80s} way %d: got %s, want %s\n", r->c->name, r->c->args[0], r->c->rows, (int)way,
							strbuf_cstr(&shown), r->c->want ? r->c->want : "NULL");
		}
	}
	strbuf_release(&shown);
}

static void check(const struct aggregate_case *c, enum way way)
{
	static struct run r;
	struct vec vecs[2], out;
	struct view views[2];
	struct fncall call;
	void *states[2];
	bool ok = prepare(&r, c);

	if (!ok) {
		failures++;
		print_error("%s(%s): %s\n", c->name, c->args[0], r.err.message);
		return;
	}
	call = (struct fncall){.fn = r.f, .nargs = r.nargs, .arg_types = r.types, .result = r.result, .mem = mem, .scratch = mem,
						   .text = &text_context_default, .err = &r.err};
	for (int i = 0; i < 2; i++)
		states[i] = mem_alloc(mem, r.f->agg->state_size);
	make_args(&r, vecs, views, way == WAY_DICT);
	ok = accumulate(&r, &call, views, way, states);
	if (ok) {
		uint32_t n = way == WAY_GROUPS ? 2 : 1;
		assert_true(vec_init_flat(&out, r.result, n, mem, &r.err));
		ok = r.f->agg->finish(&call, states, n, &out);
		if (ok) {
			assert_true(vec_verify(&out, n, &r.err));
			check_result(&r, &out, n, way);
		}
		vec_release(&out);
	}
	/* a partial sum may be in range where the whole passes through what is not, and the other way round */
	if (!ok && !(c->want && c->want[0] == '!' && strcmp(errcode_sqlstate(r.err.code), c->want + 1) == 0) &&
		!(r.err.code == ERR_NUMERIC_OUT_OF_RANGE && strcmp(c->type, "numeric") == 0 && c->want && strlen(c->want) > 38)) {
		if (failures++ < 40)
			print_error("%s(%s) of {%.80s} way %d: %s, want %s\n", c->name, c->args[0], c->rows, (int)way, r.err.message,
						c->want ? c->want : "NULL");
	}
	if (r.f->agg->drop)
		r.f->agg->drop(&call, states, 2);
	for (uint32_t a = 0; a < r.nargs; a++)
		vec_release(&vecs[a]);
}

static void test_aggregates(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (enum way way = WAY_ONE; way < WAY_COUNT; way++) {
			struct mem_stats s;
			mem = mem_new(NULL, MEM_QUERY, "test", 0);
			check(&cases[i], way);
			mem_reset(mem);
			mem_stats(mem, &s);
			assert_int_equal(s.used, 0);
			mem_free(mem);
		}
	assert_int_equal(failures, 0);
}

static void test_count_star(void **state)
{
	size_t n;
	const struct func *const *list = func_find("count", FUNC_AGGREGATE, &n);
	const struct func *star = NULL;
	int64_t count = 0, more = 5;
	void *into[1] = {&count}, *from[1] = {&more};
	(void)state;
	for (size_t i = 0; i < n; i++)
		if (list[i]->nargs == 0)
			star = list[i];
	assert_non_null(star);
	assert_true(star->agg->update_one(NULL, NULL, 2048, &count));
	assert_true(star->agg->combine(NULL, into, from, 1));
	assert_int_equal(count, 2053);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_aggregates), cmocka_unit_test(test_count_star)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
