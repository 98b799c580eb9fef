/*
 * Operators and casts against what PostgreSQL 15 answered (operators.inc, casts.inc, made by
 * operators_ask.py), each on flat, constant and dictionary vectors; and what the tables promise: flags,
 * contexts of casts, lookup.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "engine/function/func.h"
#include "engine/types/datetime.h"

#define ROWS 3

struct operator_case {
	const char *name; /* operator, or the target type of a cast; "@": type[0] of what follows is the zone */
	const char *type; /* of the result; "" when PostgreSQL failed */
	const char *want; /* NULL = NULL, "!22012" = that error */
	const char *left, *right;
};

static const struct operator_case operators[] = {
#include "tests/unit/operators.inc"
};
static const struct operator_case casts[] = {
#include "tests/unit/casts.inc"
};

static struct mem *arena;
static struct text_context context;
static int failures;

static int32_t interval_mod(const char *fields)
{
	static const struct {
		const char *name;
		int32_t bits;
	} known[] = {
		{"year", 4}, {"month", 2}, {"day", 8}, {"hour", 1 << 10}, {"minute", 1 << 11}, {"second(2)", 1 << 12},
		{"year to month", 6}, {"day to minute", 8 | 1 << 10 | 1 << 11},
	};
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(fields, known[i].name) == 0)
			return known[i].bits << 16 | (i == 5 ? 2 : 0xffff);
	return -1;
}

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
	if (sscanf(name, "char(%d)", &p) == 1 || sscanf(name, "varchar(%d)", &p) == 1) {
		*out = type_with_mod(name[0] == 'c' ? TYPE_BPCHAR : TYPE_VARCHAR, p + 4);
		return true;
	}
	if (strncmp(name, "interval ", 9) == 0) {
		*out = type_with_mod(TYPE_INTERVAL, interval_mod(name + 9));
		return true;
	}
	if (strchr(name, '(') && sscanf(strchr(name, '('), "(%d)", &p) == 1) {
		*strchr(name, '(') = 0;
		if (!type_find(name, &id))
			return false;
		*out = type_with_mod(id, id == TYPE_INTERVAL ? 0x7fff << 16 | p : p);
		return true;
	}
	if (!type_find(name, &id))
		return false;
	*out = type_make(id);
	return true;
}

/* Three rows of one value, in one of three shapes. */
static void make_vec(struct vec *v, enum vec_kind shape, const struct value *value)
{
	static const uint32_t sel[ROWS] = {2, 0, 1};
	struct vec flat;
	struct err e;

	err_clear(&e);
	if (shape == VEC_CONST) {
		assert_true(vec_init_const(v, value, arena, &e));
		return;
	}
	assert_true(vec_init_flat(&flat, value->type, ROWS, arena, &e));
	for (uint32_t i = 0; i < ROWS; i++)
		assert_true(vec_put(&flat, i, value, arena, &e));
	if (shape == VEC_FLAT) {
		*v = flat;
		return;
	}
	assert_true(vec_slice(v, &flat, sel, ROWS, arena, &e));
	vec_release(&flat);
}

/* Calls f over ROWS rows. */
static bool call(const struct func *f, const struct vec *args, uint32_t nargs, struct type result, struct vec *out,
				 const struct value *constants, struct err *e)
{
	struct mem *scratch = mem_new(arena, MEM_EXPRESSION, "scratch", 0);
	struct type types[2] = {args[0].type, args[nargs - 1].type};
	struct view views[2] = {vec_view(&args[0]), vec_view(&args[nargs - 1])};
	struct fncall c = {.fn = f, .nargs = nargs, .arg_types = types, .result = result, .mem = arena, .scratch = scratch,
					   .text = &context, .const_args = constants, .err = e};
	bool ok;

	if (!vec_init_flat(out, result, ROWS, arena, e))
		return false;
	ok = f->fn(&c, views, ROWS, out);
	if (!ok)
		vec_release(out);
	mem_free(scratch);
	return ok;
}

/* v (released) as type t. */
static bool cast_vec(struct vec *v, struct type t, struct vec *out, struct err *e)
{
	const struct func *f = func_cast(v->type, t);
	bool ok = true;

	if (!f && type_same(v->type, t)) {
		*out = *v;
		return true;
	}
	if (!f)
		return err_set(e, ERR_UNDEFINED_FUNCTION, "no cast from %s to %s", type_infos[v->type.id].name, type_infos[t.id].name);
	if (f->flags & FUNC_BINARY) {
		if (type_phys(v->type) != type_phys(t) || (t.id == TYPE_NUMERIC && t.scale != v->type.scale))
			return err_set(e, ERR_INTERNAL, "binary cast between different forms");
		vec_share(out, v);
		out->type = t;
	} else {
		ok = call(f, v, 1, t, out, NULL, e);
		if (!ok && !(f->flags & FUNC_CAN_FAIL))
			return err_set(e, ERR_INTERNAL, "a cast that cannot fail did: %s", e->message);
	}
	vec_release(v);
	return ok;
}

static bool parse_side(const char *side, struct value *v, struct err *e)
{
	const char *eq = strchr(side, '=');
	struct type t;

	if (!type_of_word(side, (size_t)(eq - side), &t))
		return err_set(e, ERR_INTERNAL, "no type %s", side);
	if (type_is_text(t) && t.mod >= 0) { /* an explicit cast cuts */
		struct value text = value_text(arena, str_of(eq + 1));
		struct vec flat, cut;
		make_vec(&flat, VEC_CONST, &text);
		if (!cast_vec(&flat, t, &cut, e))
			return false;
		*v = vec_get(&cut, 0);
		*v = value_copy(arena, v);
		vec_release(&cut);
		return true;
	}
	return value_parse(arena, t, str_of(eq + 1), &context, v, e);
}

static const struct func *find_operator(const char *name, const struct type *types, uint32_t nargs)
{
	size_t count;
	const struct func *const *list = func_find(name, FUNC_OPERATOR, &count);

	for (size_t i = 0; i < count; i++)
		if (list[i]->nargs == nargs && list[i]->args[0].id == types[0].id && list[i]->args[nargs - 1].id == types[nargs - 1].id)
			return list[i];
	return NULL;
}

static bool run_operator(const struct operator_case *c, enum vec_kind shape, struct vec *out, struct err *e)
{
	struct value values[2];
	struct type types[2], result;
	struct vec args[2];
	uint32_t nargs = c->right ? 2 : 1;
	const struct func *f;
	bool ok = true;

	if (!parse_side(c->left, &values[0], e) || (nargs == 2 && !parse_side(c->right, &values[1], e)))
		return false;
	for (uint32_t i = 0; i < nargs; i++)
		types[i] = values[i].type;
	f = find_operator(c->name, types, nargs);
	if (!f)
		return err_set(e, ERR_UNDEFINED_FUNCTION, "no operator %s", c->name);
	result = f->result;
	if (f->infer)
		result = f->infer(f, types, nargs, &f);
	else
		for (uint32_t i = 0; i < nargs; i++)
			if (types[i].id == TYPE_NUMERIC)
				types[i] = type_make(TYPE_NUMERIC);
	for (uint32_t i = 0; i < nargs; i++) {
		make_vec(&args[i], shape, &values[i]);
		if (!type_same(types[i], args[i].type)) {
			struct vec converted;
			if (!cast_vec(&args[i], types[i], &converted, e))
				return false;
			args[i] = converted;
		}
	}
	ok = call(f, args, nargs, result, out, shape == VEC_CONST ? values : NULL, e);
	if (!ok && !(f->flags & FUNC_CAN_FAIL))
		err_context(e, "unexpected: the operator is not marked as failing");
	for (uint32_t i = 0; i < nargs; i++)
		vec_release(&args[i]);
	return ok;
}

static bool run_cast(const struct operator_case *c, enum vec_kind shape, struct vec *out, struct err *e)
{
	struct value value;
	struct type t;
	struct vec arg;

	if (!parse_side(c->left, &value, e))
		return false;
	if (!type_of_word(c->name, strlen(c->name), &t))
		return err_set(e, ERR_INTERNAL, "no type %s", c->name);
	make_vec(&arg, shape, &value);
	return cast_vec(&arg, func_cast_type(value.type, t), out, e);
}

/* All rows must print as want. */
static bool rows_print(const struct vec *v, const char *want, struct strbuf *shown, struct err *e)
{
	if (!vec_verify(v, ROWS, e))
		return false;
	for (uint32_t i = 0; i < ROWS; i++) {
		struct value x = vec_get(v, i);
		strbuf_reset(shown);
		if (x.is_null) {
			strbuf_adds(shown, "NULL");
			if (want)
				return false;
			continue;
		}
		value_print(&x, &context, shown);
		if (!want || !str_eq(strbuf_str(shown), str_of(want)))
			return false;
	}
	return true;
}

/* Numerics end at 38 digits here: what needs more is an error, and zeros behind the point go before. And
 * numeric(p,s) holds no NaN. */
static bool beyond_digits(const struct operator_case *c, bool ok, const struct err *e, struct str got)
{
	size_t len;

	if (!c->want || strcmp(c->type, "numeric") != 0)
		return false;
	len = strlen(c->want);
	if (!ok && strcmp(c->want, "NaN") == 0)
		return strncmp(c->name, "numeric(", 8) == 0; /* a fixed form has no NaN */
	if (!ok)
		return e->code == ERR_NUMERIC_OUT_OF_RANGE && len > 38;
	return len > 38 && got.len < len && memcmp(got.data, c->want, got.len) == 0 &&
		   strspn(c->want + got.len, ".0") == len - got.len;
}

static void check(const struct operator_case *c, bool is_cast, enum vec_kind shape)
{
	struct vec out;
	struct err e;
	struct strbuf shown;
	bool good = false, ok;

	err_clear(&e);
	strbuf_init(&shown, 0);
	ok = is_cast ? run_cast(c, shape, &out, &e) : run_operator(c, shape, &out, &e);
	if (!ok) {
		good = c->want && c->want[0] == '!' && strcmp(errcode_sqlstate(e.code), c->want + 1) == 0 && !e.context[0];
		strbuf_addf(&shown, "!%s %s", errcode_sqlstate(e.code), e.message);
	} else {
		good = rows_print(&out, c->want, &shown, &e) && strcmp(c->type, type_infos[out.type.id].name) == 0;
		if (err_is_set(&e))
			strbuf_addf(&shown, " (%s)", e.message);
		vec_release(&out);
	}
	good = good || beyond_digits(c, ok, &e, strbuf_str(&shown));
	if (!good && failures++ < 60)
		print_error("%s %s %s (shape %d, %s): got %s, want %s (%s)\n", c->left, c->name, c->right ? c->right : "", (int)shape,
					context.timezone, strbuf_cstr(&shown), c->want ? c->want : "NULL", c->type);
	strbuf_release(&shown);
}

static void check_all(const struct operator_case *cases, size_t n, bool is_cast)
{
	failures = 0;
	for (size_t i = 0; i < n; i++) {
		if (cases[i].name[0] == '@' && !cases[i].name[1] && !cases[i].type) {
			context.timezone = cases[i].left;
			continue;
		}
		arena = mem_new(NULL, MEM_QUERY, "test", 0);
		check(&cases[i], is_cast, VEC_FLAT);
		check(&cases[i], is_cast, VEC_CONST);
		check(&cases[i], is_cast, VEC_DICT);
		mem_free(arena);
	}
	assert_int_equal(failures, 0);
}

static void test_operators(void **state)
{
	(void)state;
	check_all(operators, ARRAY_LEN(operators), false);
}

static void test_casts(void **state)
{
	(void)state;
	check_all(casts, ARRAY_LEN(casts), true);
}

/* Numbers, dates and texts convert in the contexts of pg_cast: i implicit, a assignment, e explicit, and
 * b when only the type changes. */
static void test_cast_contexts(void **state)
{
	static const struct {
		enum type_id from, to;
		char context;
	} known[] = {
		{TYPE_INT2, TYPE_INT4, 'i'}, {TYPE_INT4, TYPE_INT2, 'a'}, {TYPE_INT4, TYPE_INT8, 'i'}, {TYPE_INT8, TYPE_INT4, 'a'},
		{TYPE_INT4, TYPE_FLOAT8, 'i'}, {TYPE_INT8, TYPE_NUMERIC, 'i'}, {TYPE_NUMERIC, TYPE_FLOAT8, 'i'},
		{TYPE_FLOAT8, TYPE_NUMERIC, 'a'}, {TYPE_NUMERIC, TYPE_INT4, 'a'}, {TYPE_FLOAT4, TYPE_FLOAT8, 'i'},
		{TYPE_FLOAT8, TYPE_FLOAT4, 'a'}, {TYPE_BOOL, TYPE_INT4, 'e'}, {TYPE_INT4, TYPE_BOOL, 'e'}, {TYPE_BOOL, TYPE_TEXT, 'a'},
		{TYPE_DATE, TYPE_TIMESTAMP, 'i'}, {TYPE_TIMESTAMP, TYPE_DATE, 'a'}, {TYPE_TIMESTAMP, TYPE_TIMESTAMPTZ, 'i'},
		{TYPE_TIMESTAMPTZ, TYPE_TIMESTAMP, 'a'}, {TYPE_TIME, TYPE_INTERVAL, 'i'}, {TYPE_INTERVAL, TYPE_TIME, 'a'},
		{TYPE_TEXT, TYPE_INT4, 'e'}, {TYPE_INT4, TYPE_TEXT, 'a'}, {TYPE_UNKNOWN, TYPE_DATE, 'i'}, {TYPE_VARCHAR, TYPE_TEXT, 'i'},
		{TYPE_TEXT, TYPE_VARCHAR, 'i'}, {TYPE_BPCHAR, TYPE_TEXT, 'i'}, {TYPE_NAME, TYPE_VARCHAR, 'a'}, {TYPE_JSON, TYPE_JSONB, 'a'},
		{TYPE_TEXT, TYPE_UUID, 'e'}, {TYPE_DATE, TYPE_INT4, 0}, {TYPE_BOOL, TYPE_INT8, 0}, {TYPE_INTERVAL, TYPE_INT4, 0},
		{TYPE_UUID, TYPE_BYTEA, 0},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		const struct func *f = func_cast(type_make(known[i].from), type_make(known[i].to));
		char got = !f ? 0 : f->flags & FUNC_IMPLICIT ? 'i' : f->flags & FUNC_ASSIGNMENT ? 'a' : 'e';
		if (got != known[i].context)
			print_error("%s to %s\n", type_infos[known[i].from].name, type_infos[known[i].to].name);
		assert_int_equal(got, known[i].context);
	}
}

/* The row is chosen for the exact pair. */
static void test_cast_picks(void **state)
{
	struct type n82 = type_with_mod(TYPE_NUMERIC, typmod_numeric(8, 2)), general = type_make(TYPE_NUMERIC);
	struct type v5 = type_with_mod(TYPE_VARCHAR, 9), v3 = type_with_mod(TYPE_VARCHAR, 7), t;
	(void)state;
	assert_true(func_cast(n82, type_decimal(12, 2))->flags & FUNC_BINARY);
	assert_false(func_cast(n82, type_decimal(12, 3))->flags & (FUNC_BINARY | FUNC_CAN_FAIL));
	assert_false(func_cast(n82, type_decimal(30, 2))->flags & (FUNC_BINARY | FUNC_CAN_FAIL));
	assert_true(func_cast(n82, type_decimal(7, 2))->flags & FUNC_CAN_FAIL);
	assert_true(func_cast(n82, type_decimal(8, 1))->flags & FUNC_CAN_FAIL ? false : true);
	assert_false(func_cast(type_make(TYPE_INT4), type_decimal(10, 0))->flags & FUNC_CAN_FAIL);
	assert_true(func_cast(type_make(TYPE_INT8), type_decimal(18, 0))->flags & FUNC_CAN_FAIL);
	assert_true(func_cast(general, general)->flags & FUNC_BINARY);
	assert_true(func_cast(general, n82)->flags & FUNC_CAN_FAIL);
	assert_true(func_cast(v3, v5)->flags & FUNC_BINARY);
	assert_false(func_cast(v5, v3)->flags & FUNC_BINARY);
	assert_true(func_cast(type_make(TYPE_TEXT), type_make(TYPE_VARCHAR))->flags & FUNC_BINARY);
	assert_false(func_cast(type_make(TYPE_TEXT), v3)->flags & FUNC_BINARY);
	assert_true(func_cast(type_make(TYPE_INT2), type_make(TYPE_INT4))->flags & FUNC_BINARY);
	/* a type from itself: its coercion */
	assert_non_null(func_cast(v3, v3)->fn);
	assert_non_null(func_cast(n82, n82)->fn);
	assert_true(func_cast(n82, n82)->flags & FUNC_CAN_FAIL);
	t = func_cast_type(type_make(TYPE_INT4), general);
	assert_int_equal(t.precision, 10);
	t = func_cast_type(n82, general);
	assert_int_equal(t.precision, 8);
	assert_int_equal(t.mod, -1);
	t = func_cast_type(type_make(TYPE_TEXT), general);
	assert_int_equal(t.precision, 0);
}

static void test_lookup(void **state)
{
	size_t n, operators_seen = 0;
	(void)state;
	assert_null(func_find("no such function", FUNC_SCALAR, &n));
	assert_int_equal(n, 0);
	assert_non_null(func_find("count", FUNC_AGGREGATE, &n));
	assert_true(n > 10);
	assert_null(func_find("count", FUNC_SCALAR, &n));
	assert_string_equal(func_nearest("cuont"), "count");
	assert_string_equal(func_nearest("string_ag"), "string_agg");
	assert_null(func_nearest("zzzzzzzzzzzz"));
	for (size_t i = 0; i < func_count(); i++) {
		const struct func *f = func_at(i);
		operators_seen += f->kind == FUNC_OPERATOR;
		assert_non_null(f->help);
		assert_true(f->fn || f->agg || (f->flags & FUNC_BINARY) || f->kind == FUNC_WINDOW || f->kind == FUNC_TABLE);
		assert_false((f->flags & FUNC_LEAK_PROOF) && (f->flags & FUNC_CAN_FAIL));
	}
	assert_true(operators_seen > 200);
}

/* An operator of two numerics: both sides come in the form asked for, never one that could fail. */
static void test_numeric_alignment(void **state)
{
	(void)state;
	for (int pa = 1; pa <= 38; pa += 3)
		for (int sa = 0; sa <= pa; sa += 2)
			for (int pb = 1; pb <= 38; pb += 3)
				for (int sb = 0; sb <= pb; sb += 2)
					for (const char *op = "+-*%<="; *op; op++) {
						char name[2] = {*op, 0};
						struct type types[2] = {type_decimal(pa, sa), type_decimal(pb, sb)}, r, from[2];
						const struct func *f;
						from[0] = types[0];
						from[1] = types[1];
						f = find_operator(name, types, 2);
						r = f->infer(f, types, 2, &f);
						assert_non_null(f->fn);
						for (int i = 0; i < 2; i++) {
							assert_int_equal(types[i].id, TYPE_NUMERIC);
							assert_false(func_cast(from[i], types[i])->flags & FUNC_CAN_FAIL);
						}
						if (*op != '*')
							assert_int_equal(type_phys(types[0]), type_phys(types[1]));
						if (types[0].precision && *op != '<' && *op != '=')
							assert_int_equal(r.scale, *op == '*' ? sa + sb : sa > sb ? sa : sb);
					}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lookup),		   cmocka_unit_test(test_cast_contexts), cmocka_unit_test(test_cast_picks),
		cmocka_unit_test(test_numeric_alignment), cmocka_unit_test(test_operators),	 cmocka_unit_test(test_casts),
	};
	context = text_context_default;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
