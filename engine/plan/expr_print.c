/*
 * Bound expressions as text, close to SQL, for EXPLAIN and tests. Not meant to be parsed again: deparsing
 * for a source is connectors/deparse.
 */
#include "engine/plan/rel.h"

struct printer {
	const char *(*names)(uint32_t id, void *arg);
	void *arg;
	struct strbuf *out;
};

static void print(const struct printer *p, const struct expr *e);

static void print_list(const struct printer *p, struct expr *const *list, uint32_t n, const char *separator)
{
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			strbuf_adds(p->out, separator);
		if (i == 20 && n > 24 && strcmp(separator, ", ") == 0) {
			strbuf_addf(p->out, "… %u more", n - i);
			return;
		}
		print(p, list[i]);
	}
}

static void print_keys(const struct printer *p, const struct sort_key *keys, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			strbuf_adds(p->out, ", ");
		print(p, keys[i].expr);
		if (keys[i].descending)
			strbuf_adds(p->out, " DESC");
		if (keys[i].nulls_first != keys[i].descending)
			strbuf_adds(p->out, keys[i].nulls_first ? " NULLS FIRST" : " NULLS LAST");
	}
}

static void print_const(const struct printer *p, const struct value *v)
{
	struct strbuf text;
	bool quoted = !type_is_number(v->type) && v->type.id != TYPE_BOOL;

	if (v->is_null) {
		strbuf_adds(p->out, "NULL");
		return;
	}
	strbuf_init(&text, 0);
	value_print(v, &text_context_default, &text);
	if (!quoted) {
		strbuf_add(p->out, strbuf_cstr(&text), text.len);
	} else {
		strbuf_addc(p->out, '\'');
		for (size_t i = 0; i < text.len; i++) {
			if (text.data[i] == '\'')
				strbuf_addc(p->out, '\'');
			strbuf_addc(p->out, text.data[i]);
		}
		strbuf_addc(p->out, '\'');
		if (!type_is_text(v->type))
			strbuf_addf(p->out, "::%s", type_infos[v->type.id].name);
	}
	strbuf_release(&text);
}

static void print_function(const struct printer *p, const char *name, const struct expr *e)
{
	strbuf_adds(p->out, name);
	strbuf_addc(p->out, '(');
	print_list(p, e->args, e->nargs, ", ");
	strbuf_addc(p->out, ')');
}

static void print_call(const struct printer *p, const struct expr *e)
{
	if (e->fn->kind != FUNC_OPERATOR) {
		print_function(p, e->fn->name, e);
		return;
	}
	strbuf_addc(p->out, '(');
	if (e->nargs == 1) {
		strbuf_adds(p->out, e->fn->name);
		strbuf_addc(p->out, ' ');
		print(p, e->args[0]);
	} else {
		print(p, e->args[0]);
		strbuf_addf(p->out, " %s ", e->fn->name);
		print(p, e->args[1]);
	}
	strbuf_addc(p->out, ')');
}

/* The type of a cast with its modifier, without an arena. */
static void print_type(const struct printer *p, struct type t)
{
	strbuf_adds(p->out, type_infos[t.id].name);
	if (t.id == TYPE_NUMERIC && t.precision)
		strbuf_addf(p->out, "(%d,%d)", t.precision, t.scale);
	else if ((t.id == TYPE_VARCHAR || t.id == TYPE_BPCHAR) && t.mod >= 4)
		strbuf_addf(p->out, "(%d)", t.mod - 4);
	if (t.array)
		strbuf_adds(p->out, "[]");
}

static void print_case(const struct printer *p, const struct expr *e)
{
	strbuf_adds(p->out, "CASE");
	for (uint32_t i = 0; i + 1 < e->nargs; i += 2) {
		strbuf_adds(p->out, " WHEN ");
		print(p, e->args[i]);
		strbuf_adds(p->out, " THEN ");
		print(p, e->args[i + 1]);
	}
	if (e->nargs % 2) {
		strbuf_adds(p->out, " ELSE ");
		print(p, e->args[e->nargs - 1]);
	}
	strbuf_adds(p->out, " END");
}

static void print_agg(const struct printer *p, const struct expr *e)
{
	strbuf_addf(p->out, "%s(%s", e->agg.fn->name, e->agg.distinct ? "DISTINCT " : "");
	if (e->agg.star)
		strbuf_addc(p->out, '*');
	print_list(p, e->args, e->nargs, ", ");
	if (e->agg.norder) {
		strbuf_adds(p->out, " ORDER BY ");
		print_keys(p, e->agg.order, e->agg.norder);
	}
	strbuf_addc(p->out, ')');
	if (e->agg.filter) {
		strbuf_adds(p->out, " FILTER (WHERE ");
		print(p, e->agg.filter);
		strbuf_addc(p->out, ')');
	}
}

static void print_window(const struct printer *p, const struct expr *e)
{
	const struct window_spec *w = e->window.spec;

	print_function(p, e->window.fn->name, e);
	strbuf_adds(p->out, " OVER (");
	if (w->npartition) {
		strbuf_adds(p->out, "PARTITION BY ");
		print_list(p, w->partition, w->npartition, ", ");
	}
	if (w->norder) {
		strbuf_adds(p->out, w->npartition ? " ORDER BY " : "ORDER BY ");
		print_keys(p, w->order, w->norder);
	}
	strbuf_addc(p->out, ')');
}

static void print_subquery(const struct printer *p, const struct expr *e)
{
	switch (e->sub.kind) {
	case SUB_SCALAR:
		strbuf_adds(p->out, "(subquery)");
		return;
	case SUB_EXISTS:
		strbuf_adds(p->out, "EXISTS (subquery)");
		return;
	case SUB_ANY:
	case SUB_ALL:
		print_list(p, e->args, e->nargs, ", ");
		strbuf_addf(p->out, " %s %s (subquery)", e->sub.ops[0]->name, e->sub.kind == SUB_ANY ? "ANY" : "ALL");
		return;
	}
	UNREACHABLE();
}

static void print_in(const struct printer *p, const struct expr *e)
{
	strbuf_addc(p->out, '(');
	print(p, e->args[0]);
	strbuf_adds(p->out, " IN (");
	print_list(p, e->args + 1, e->nargs - 1, ", ");
	strbuf_adds(p->out, "))");
}

static void print_infix(const struct printer *p, const struct expr *e, const char *word)
{
	strbuf_addc(p->out, '(');
	print_list(p, e->args, e->nargs, word);
	strbuf_addc(p->out, ')');
}

static void print_around(const struct printer *p, const char *before, const struct expr *e, const char *after)
{
	strbuf_addc(p->out, '(');
	strbuf_adds(p->out, before);
	print(p, e->args[0]);
	strbuf_adds(p->out, after);
	strbuf_addc(p->out, ')');
}

static void print(const struct printer *p, const struct expr *e)
{
	switch (e->kind) {
	case EXPR_CONST:
		print_const(p, &e->value);
		return;
	case EXPR_COLUMN:
		strbuf_adds(p->out, p->names(e->column, p->arg));
		return;
	case EXPR_PARAM:
		strbuf_addf(p->out, "$%u", e->param);
		return;
	case EXPR_CALL:
		print_call(p, e);
		return;
	case EXPR_CAST:
		print(p, e->args[0]);
		strbuf_adds(p->out, "::");
		print_type(p, e->type);
		return;
	case EXPR_AND:
		print_infix(p, e, " AND ");
		return;
	case EXPR_OR:
		print_infix(p, e, " OR ");
		return;
	case EXPR_NOT:
		print_around(p, "NOT ", e, "");
		return;
	case EXPR_IS_NULL:
		print_around(p, "", e, " IS NULL");
		return;
	case EXPR_IS_TRUE:
		print_around(p, "", e, " IS TRUE");
		return;
	case EXPR_DISTINCT:
		print_infix(p, e, " IS DISTINCT FROM ");
		return;
	case EXPR_CASE:
		print_case(p, e);
		return;
	case EXPR_COALESCE:
		print_function(p, "COALESCE", e);
		return;
	case EXPR_NULLIF:
		print_function(p, "NULLIF", e);
		return;
	case EXPR_GREATEST:
		print_function(p, "GREATEST", e);
		return;
	case EXPR_LEAST:
		print_function(p, "LEAST", e);
		return;
	case EXPR_IN:
		print_in(p, e);
		return;
	case EXPR_AGG:
		print_agg(p, e);
		return;
	case EXPR_WINDOW:
		print_window(p, e);
		return;
	case EXPR_SUBQUERY:
		print_subquery(p, e);
		return;
	}
	UNREACHABLE();
}

void expr_print(const struct expr *e, const char *(*names)(uint32_t id, void *arg), void *arg, struct strbuf *out)
{
	struct printer p = {names, arg, out};

	print(&p, e);
}
