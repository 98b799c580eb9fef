/*
 * TABLESAMPLE as a filter over the scan. BERNOULLI keeps each row by chance; with REPEATABLE the choice is made by
 * a digest of the seed and the row's values, so that it doesn't depend on the order in which a source sends its rows
 * (equal rows then stay or go together). SYSTEM may choose by whole blocks, as it says; here it chooses rows.
 * Which rows PostgreSQL would choose is not promised by either.
 */
#include "engine/bind/bind_int.h"

#include <math.h>
#include <stdio.h>

static bool constant_float(struct binder *b, struct scope *outer, const struct ast *node, const char *what,
						   enum errcode null_code, double *out)
{
	struct scope s = {.parent = outer ? outer->parent : NULL, .ctes = outer ? outer->ctes : NULL, .clause = CLAUSE_SCALAR};
	struct rel *none = NULL;
	struct expr *e;

	if (!bind_expr(b, &s, node, &e) || !coerce(b, e, type_make(TYPE_FLOAT8), COERCE_ASSIGNMENT, e->pos, &e) ||
		!unnest(b, &none, &e))
		return false;
	if (is_null_const(e))
		return err_at(b->e, at(b, node), null_code, "TABLESAMPLE %s cannot be null", what);
	if (e->kind == EXPR_CAST && e->args[0]->kind == EXPR_CONST && !e->args[0]->value.is_null) {
		const struct value *v = &e->args[0]->value;
		struct strbuf text;
		struct value number;
		bool ok;

		strbuf_init(&text, 200);
		value_print(v, b->c->text, &text);
		ok = value_parse(b->m, type_make(TYPE_FLOAT8), str_make(strbuf_cstr(&text), text.len), b->c->text, &number, b->e);
		strbuf_release(&text);
		*out = ok ? number.f64 : 0;
		return ok;
	}
	if (e->kind != EXPR_CONST)
		return not_supported(b, at(b, node), "TABLESAMPLE with a computed argument");
	*out = e->value.f64;
	return true;
}

/* random() * 100 < percent */
static bool by_chance(struct binder *b, double percent, int pos, struct expr **out)
{
	struct expr *x;

	return call_function(b, "random", NULL, 0, pos, &x) &&
		   call_operator(b, "<", x, expr_const(b->m, value_float8(percent / 100), pos), pos, out);
}

/* md5 of seed and row, below that part of all digests. Functions take few arguments, so columns join one by one. */
static bool by_digest(struct binder *b, const struct rel *r, double percent, double seed, int pos, struct expr **out)
{
	struct expr *args[3], *x;
	char bound[16];

	if (!coerce(b, expr_const(b->m, value_float8(seed), pos), type_make(TYPE_TEXT), COERCE_EXPLICIT, pos, &x))
		return false;
	args[0] = expr_const(b->m, value_text(b->m, STR("\x1f")), pos);
	for (uint32_t i = 0; i < r->ncols; i++) {
		args[1] = x;
		args[2] = column_of(b, &r->cols[i]);
		if (!call_function(b, "concat_ws", args, 3, pos, &x))
			return false;
	}
	snprintf(bound, sizeof bound, "%08x", (unsigned)floor(percent / 100 * 4294967295.0));
	return call_function(b, "md5", &x, 1, pos, &x) &&
		   call_operator(b, "<", x, expr_const(b->m, value_text(b->m, str_of(bound)), pos), pos, out);
}

bool bind_sample(struct binder *b, struct scope *s, const struct ast *node, bool is_table, struct rel **rel)
{
	const struct ast_table_sample *n = AST_AS(TABLE_SAMPLE, table_sample, node);
	const char *method = n->method.items[n->method.count - 1];
	double percent, seed = 0;
	struct expr *keep;

	if (!is_table)
		return err_at(b->e, at(b, node), ERR_FEATURE_NOT_SUPPORTED,
					  "TABLESAMPLE clause can only be applied to tables and materialized views");
	if (strcmp(method, "bernoulli") != 0 && strcmp(method, "system") != 0)
		return err_at(b->e, at(b, node), ERR_UNDEFINED_OBJECT, "tablesample method %s does not exist", method);
	if (n->args.count != 1)
		return err_at(b->e, at(b, node), ERR_INVALID_TABLESAMPLE_ARGUMENT,
					  "tablesample method %s requires 1 argument, not %u", method, n->args.count);
	if (!constant_float(b, s, n->args.items[0], "parameter", ERR_INVALID_TABLESAMPLE_ARGUMENT, &percent) ||
		(n->repeatable &&
		 !constant_float(b, s, n->repeatable, "REPEATABLE parameter", ERR_INVALID_TABLESAMPLE_REPEAT, &seed)))
		return false;
	if (!(percent >= 0 && percent <= 100))
		return err_at(b->e, at(b, node), ERR_INVALID_TABLESAMPLE_ARGUMENT, "sample percentage must be between 0 and 100");
	if (percent == 100)
		return true;
	if (percent == 0)
		keep = expr_const(b->m, value_bool(false), -1);
	else if (!(n->repeatable ? by_digest(b, *rel, percent, seed, -1, &keep) : by_chance(b, percent, -1, &keep)))
		return false;
	*rel = new_filter(b, *rel, keep);
	return true;
}
