/*
 * Scalar functions against what PostgreSQL 15 (UTF8, C collation, time zone UTC) answered for the same
 * arguments: the tables functions_*.inc, made by tests/unit/functions_ask.py from functions_*.txt.
 *
 * Each case runs on flat, constant and dictionary vectors, three rows at a time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "engine/function/func.h"
#include "engine/types/datetime.h"

#define ROWS 3

struct function_case {
	const char *name;     /* operators as they are; "@zone" sets the time zone of what follows */
	const char *type;     /* of the result; "" when PostgreSQL failed */
	const char *want;     /* NULL = NULL, "!22012" = that error */
	const char *args[9];  /* "type=text", "type" for NULL */
};

static const struct function_case cases[] = {
#include "tests/unit/functions_text.inc"
#include "tests/unit/functions_math.inc"
#include "tests/unit/functions_datetime.inc"
#include "tests/unit/functions_regex.inc"
#include "tests/unit/functions_format.inc"
#include "tests/unit/functions_json.inc"
};

static struct mem *arena;
static struct text_context context;

static bool type_of_word(const char *word, size_t len, struct type *out)
{
	char name[64];
	enum type_id id;
	int p, s;

	snprintf(name, sizeof name, "%.*s", (int)len, word);
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

static const struct func *find(const char *name, const struct type *types, uint32_t nargs)
{
	static const enum func_kind kinds[] = {FUNC_SCALAR, FUNC_OPERATOR};

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		size_t count;
		const struct func *const *list = func_find(name, kinds[k], &count);
		for (size_t i = 0; i < count; i++) {
			const struct func *f = list[i];
			bool fits = nargs == f->nargs || ((f->flags & FUNC_VARIADIC) && nargs >= f->nargs);
			for (uint32_t a = 0; a < nargs && fits; a++)
				fits = f->args[a < f->nargs ? a : f->nargs - 1u].id == types[a].id || f->args[a < f->nargs ? a : f->nargs - 1u].id == TYPE_VOID;
			if (fits)
				return f;
		}
	}
	return NULL;
}

/* Three rows of one value, in one of three shapes. */
static bool make_vec(struct vec *v, enum vec_kind shape, const struct value *value, struct err *e)
{
	static const uint32_t sel[ROWS] = {2, 0, 1};
	struct vec flat;

	if (shape == VEC_CONST)
		return vec_init_const(v, value, arena, e);
	if (!vec_init_flat(&flat, value->type, ROWS, arena, e) || !vec_want_nulls(&flat, ROWS, arena, e))
		return false;
	for (uint32_t i = 0; i < ROWS; i++) {
		if (value->is_null)
			vec_set_null(&flat, i);
		else if (!vec_put(&flat, i, value, arena, e))
			return false;
	}
	if (shape == VEC_FLAT) {
		*v = flat;
		return true;
	}
	if (!vec_slice(v, &flat, sel, ROWS, arena, e))
		return false;
	vec_release(&flat);
	return true;
}

struct prepared {
	const struct func *f;
	uint32_t nargs;
	struct type types[9], result;
	struct value values[9];
	bool any_null;
};

static bool prepare(const struct function_case *c, struct prepared *p, struct err *e)
{
	memset(p, 0, sizeof *p);
	for (; p->nargs < 9 && c->args[p->nargs]; p->nargs++) {
		const char *arg = c->args[p->nargs], *eq = strchr(arg, '=');
		size_t len = eq ? (size_t)(eq - arg) : strlen(arg);
		if (!type_of_word(arg, len, &p->types[p->nargs]))
			return err_set(e, ERR_INTERNAL, "no type %s", arg);
	}
	if (!(p->f = find(c->name, p->types, p->nargs)))
		return err_set(e, ERR_UNDEFINED_FUNCTION, "no function %s", c->name);
	p->result = p->f->result;
	if (p->f->infer)
		p->result = p->f->infer(p->f, p->types, p->nargs, &p->f);
	else
		for (uint32_t a = 0; a < p->nargs; a++)
			if (p->types[a].id == TYPE_NUMERIC)
				p->types[a] = type_make(TYPE_NUMERIC);
	for (uint32_t a = 0; a < p->nargs; a++) {
		const char *eq = strchr(c->args[a], '=');
		p->values[a] = value_null(p->types[a]);
		p->any_null |= !eq;
		if (eq && !value_parse(arena, p->types[a], str_of(eq + 1), &context, &p->values[a], e))
			return false;
	}
	return true;
}

/* Text of all rows (they must agree) or the error. */
static bool run(const struct prepared *p, enum vec_kind shape, struct strbuf *out, bool *is_null, struct err *e)
{
	struct vec vecs[9], result;
	struct view views[9];
	struct mem *scratch = mem_new(arena, MEM_EXPRESSION, "scratch", 0);
	struct fncall call = {.fn = p->f, .nargs = p->nargs, .arg_types = p->types, .result = p->result, .mem = arena,
						  .scratch = scratch, .text = &context, .err = e};
	bool ok = true;

	for (uint32_t a = 0; a < p->nargs; a++) {
		if (!make_vec(&vecs[a], shape, &p->values[a], e))
			return false;
		views[a] = vec_view(&vecs[a]);
	}
	*is_null = p->any_null && !(p->f->flags & FUNC_NOT_STRICT);
	if (!*is_null) {
		ok = vec_init_flat(&result, p->result, ROWS, arena, e) && p->f->fn(&call, views, ROWS, &result);
		for (uint32_t i = 0; i < ROWS && ok; i++) {
			struct value v = vec_get(&result, i);
			*is_null = v.is_null;
			if (i)
				strbuf_addc(out, '\1');
			if (!v.is_null)
				value_print(&v, &context, out);
		}
		if (ok)
			ok = vec_verify(&result, ROWS, e);
		vec_release(&result);
	}
	for (uint32_t a = 0; a < p->nargs; a++)
		vec_release(&vecs[a]);
	mem_free(scratch);
	return ok;
}

static bool repeats(struct str s, const char *want)
{
	size_t len = strlen(want);
	const char *p = s.data;

	if (s.len != len * ROWS + ROWS - 1)
		return false;
	for (int i = 0; i < ROWS; i++, p += len + 1)
		if (memcmp(p, want, len) != 0)
			return false;
	return true;
}

static bool check(const struct function_case *c, enum vec_kind shape, struct strbuf *out)
{
	struct err e;
	struct prepared p;
	bool null = false, ok;
	char shown[600];

	err_clear(&e);
	strbuf_reset(out);
	ok = prepare(c, &p, &e) && run(&p, shape, out, &null, &e);
	if (c->want && c->want[0] == '!' && strlen(c->want) == 6) {
		if (!ok && strcmp(errcode_sqlstate(e.code), c->want + 1) == 0)
			return true;
	} else if (ok && null == !c->want && (null || repeats(strbuf_str(out), c->want))) {
		if (strcmp(c->type, type_name(type_make((enum type_id)p.result.id), arena)) == 0)
			return true;
		snprintf(shown, sizeof shown, "type %s", type_name(p.result, arena));
		goto differs;
	}
	if (!ok)
		snprintf(shown, sizeof shown, "!%s %.500s", errcode_sqlstate(e.code), e.message);
	else
		snprintf(shown, sizeof shown, "%.500s", null ? "NULL" : strbuf_cstr(out));
differs:
	fprintf(stderr, "%s(", c->name);
	for (int a = 0; a < 9 && c->args[a]; a++)
		fprintf(stderr, "%s%s", a ? ", " : "", c->args[a]);
	fprintf(stderr, "): want %s %s, got %s\n", c->type, c->want ? c->want : "NULL", shown);
	return false;
}

static void test_against_postgresql(void **state)
{
	size_t failed = 0;
	struct strbuf out;

	(void)state;
	context = text_context_default;
	context.now = 12 * USEC_PER_SEC;
	strbuf_init(&out, 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool ok = true;
		if (cases[i].name[0] == '@' && !cases[i].args[0]) {
			context.timezone = cases[i].name + 1;
			continue;
		}
		arena = mem_new(NULL, MEM_QUERY, "functions", 0);
		for (int shape = VEC_FLAT; shape <= VEC_DICT && ok; shape++)
			ok = check(&cases[i], (enum vec_kind)shape, &out);
		failed += !ok;
		mem_free(arena);
	}
	strbuf_release(&out);
	if (failed)
		fprintf(stderr, "%zu of %zu cases differ\n", failed, ARRAY_LEN(cases));
	assert_int_equal(failed, 0);
}

/* Every row that is ours to call has what listings need. */
static void test_rows_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < func_count(); i++) {
		const struct func *f = func_at(i);
		assert_non_null(f->name);
		if (f->kind == FUNC_SCALAR) {
			assert_non_null(f->help);
			assert_non_null(f->fn);
			assert_false((f->flags & FUNC_CAN_FAIL) && (f->flags & FUNC_LEAK_PROOF));
		}
	}
}

/* No overload stands twice: the binder could not choose. */
static void test_no_duplicates(void **state)
{
	(void)state;
	for (size_t i = 0; i < func_count(); i++)
		for (size_t k = i + 1; k < func_count(); k++) {
			const struct func *f = func_at(i), *g = func_at(k);
			bool same = f->kind != FUNC_CAST && f->kind == g->kind && f->nargs == g->nargs && strcmp(f->name, g->name) == 0;
			for (uint32_t a = 0; a < f->nargs && same; a++)
				same = f->args[a].id == g->args[a].id && f->args[a].array == g->args[a].array;
			if (same && ((f->flags ^ g->flags) & FUNC_VARIADIC) == 0)
				fail_msg("two rows for %s/%u", f->name, f->nargs);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_postgresql),
		cmocka_unit_test(test_rows_complete),
		cmocka_unit_test(test_no_duplicates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
