/*
 * Which of PostgreSQL 15's functions, operators, aggregates and casts the registry lacks.
 *
 * parity.inc is what a server has (made by parity_ask.py); parity_absent.def names what is deliberately not here, with
 * the reason. The test fails for a row that is in neither, for a name that stands as absent but is here whole, and for
 * a volatility or strictness that differs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "engine/function/func.h"

struct known {
	char kind; /* f, a, w, s (set-returning), o, c (cast: name is its context) */
	const char *name, *args, *result;
	char volatility;
	int strict, leak_proof;
};

static const struct known known[] = {
#include "tests/unit/parity.inc"
};

static const struct {
	char kind;
	const char *name, *args; /* args "*": every overload; else the list must begin so or hold the type after a "*" */
	const char *why;
} absent[] = {
#define ABSENT(kind, name, args, why) {kind, name, args, why},
#include "tests/unit/parity_absent.def"
#undef ABSENT
};

static bool is_absent(const struct known *k)
{
	for (size_t i = 0; i < ARRAY_LEN(absent); i++) {
		if (absent[i].kind != k->kind || (strcmp(absent[i].name, "*") != 0 && strcmp(absent[i].name, k->name) != 0))
			continue;
		if (absent[i].args[0] == '*' ? strstr(k->args, absent[i].args + 1) != NULL : strcmp(absent[i].args, k->args) == 0)
			return true;
	}
	return false;
}

struct arg {
	bool any;      /* any type at all */
	struct type type;
};

static bool parse_args(const char *list, struct arg *args, uint32_t *n)
{
	*n = 0;
	while (*list) {
		size_t len = strcspn(list, ",");
		char name[64];
		enum type_id id;
		bool array = *list == '_';
		snprintf(name, sizeof name, "%.*s", (int)(len - array), list + array);
		args[*n] = (struct arg){strncmp(name, "any", 3) == 0, type_make(TYPE_UNKNOWN)};
		if (!args[*n].any) {
			if (!type_find(name, &id))
				return false;
			args[*n].type = type_make(id);
			args[*n].type.array = array;
		}
		(*n)++;
		list += len + (list[len] == ',');
	}
	return true;
}

static bool is_text(uint8_t id) { return id == TYPE_TEXT || id == TYPE_VARCHAR || id == TYPE_BPCHAR; }

static bool arg_fits(struct type row, const struct arg *a)
{
	if (a->any || row.id == TYPE_VOID || row.id == TYPE_UNKNOWN)
		return true;
	return row.array == a->type.array && (row.id == a->type.id || (is_text(row.id) && is_text(a->type.id)));
}

static const struct func *find(const struct known *k, const struct arg *args, uint32_t n)
{
	enum func_kind kind = k->kind == 'f'   ? FUNC_SCALAR
						  : k->kind == 'a' ? FUNC_AGGREGATE
						  : k->kind == 'w' ? FUNC_WINDOW
						  : k->kind == 's' ? FUNC_TABLE
										   : FUNC_OPERATOR;
	size_t count;
	const struct func *const *list = func_find(k->name, kind, &count);

	for (size_t i = 0; i < count; i++) {
		bool fits = list[i]->nargs == n;
		for (uint32_t a = 0; a < n && fits; a++)
			fits = arg_fits(list[i]->args[a], &args[a]);
		if (fits)
			return list[i];
	}
	return NULL;
}

/* 0 = here, 1 = missing, 2 = flags differ */
static int judge(const struct known *k, char *why, size_t size)
{
	struct arg args[32];
	uint32_t n;
	const struct func *f;

	if (!parse_args(k->args, args, &n))
		return snprintf(why, size, "a type is not known"), 1;
	if (k->kind == 'c') {
		uint32_t want = k->name[0] == 'i' ? FUNC_IMPLICIT | FUNC_ASSIGNMENT : k->name[0] == 'a' ? FUNC_ASSIGNMENT : 0;
		f = func_cast(args[0].type, args[1].type);
		if (!f)
			return snprintf(why, size, "missing"), 1;
		if ((f->flags & (FUNC_IMPLICIT | FUNC_ASSIGNMENT) & want) != want || (!want && f->flags & (FUNC_IMPLICIT | FUNC_ASSIGNMENT)) ||
			(want == FUNC_ASSIGNMENT && f->flags & FUNC_IMPLICIT))
			return snprintf(why, size, "context differs: flags %u", f->flags), 2;
		return 0;
	}
	f = find(k, args, n);
	if (!f)
		return snprintf(why, size, "missing"), 1;
	if (k->kind != 'a' && k->kind != 's' && k->kind != 'w' && (int)f->volatility != (k->volatility == 'i' ? 0 : k->volatility == 's' ? 1 : 2))
		return snprintf(why, size, "volatility is %c there", k->volatility), 2;
	if (k->kind == 'f' && k->strict && f->flags & FUNC_NOT_STRICT && f->volatility == FUNC_VOLATILE)
		return snprintf(why, size, "strict there"), 2;
	return 0;
}

static void test_parity(void **state)
{
	size_t bad = 0, here = 0, left_out = 0;
	char why[80];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		int verdict = judge(&known[i], why, sizeof why);
		if (verdict && is_absent(&known[i])) {
			left_out++;
			continue;
		}
		here += !verdict;
		if (!verdict)
			continue;
		bad++;
		fprintf(stderr, "%c %s(%s) -> %s: %s\n", known[i].kind, known[i].name, known[i].args, known[i].result, why);
	}
	fprintf(stderr, "%zu here, %zu deliberately absent, %zu to explain\n", here, left_out, bad);
	assert_int_equal(bad, 0);
}

static void test_absent_is_explained(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(absent); i++)
		assert_true(absent[i].why[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parity),
		cmocka_unit_test(test_absent_is_explained),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
