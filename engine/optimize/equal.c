/*
 * What equalities imply: with a = b, a condition of a alone with constants holds for b too. Only between
 * columns of one type, where = means the same value to every operator; char, general numeric and floats,
 * whose equal values can look different, take part in comparisons alone.
 */
#include "engine/optimize/push.h"

static bool is_equality(const struct expr *e)
{
	return e->kind == EXPR_CALL && e->nargs == 2 && e->fn->kind == FUNC_OPERATOR && strcmp(e->fn->name, "=") == 0 &&
		   e->args[0]->kind == EXPR_COLUMN && e->args[1]->kind == EXPR_COLUMN &&
		   type_same(e->args[0]->type, e->args[1]->type);
}

/* Conditions on one column that depend on its value alone: comparisons with constants, IN lists. */
static const struct expr *single_column(const struct expr *e)
{
	if (e->kind == EXPR_IN) {
		if (e->args[0]->kind != EXPR_COLUMN)
			return NULL;
		for (uint32_t i = 1; i < e->nargs; i++)
			if (e->args[i]->kind != EXPR_CONST && e->args[i]->kind != EXPR_PARAM)
				return NULL;
		return e->args[0];
	}
	if (e->kind != EXPR_CALL || e->nargs != 2 || e->fn->kind != FUNC_OPERATOR || !strchr("=<>", e->fn->name[0]) ||
		strlen(e->fn->name) > 2)
		return NULL;
	for (uint32_t i = 0; i < 2; i++) {
		enum expr_kind other = e->args[1 - i]->kind;
		if (e->args[i]->kind == EXPR_COLUMN && (other == EXPR_CONST || other == EXPR_PARAM))
			return e->args[i];
	}
	return NULL;
}

struct swap {
	struct optimizer *o;
	uint32_t from;
	const struct expr *to;
};

static struct expr *swap_step(struct expr *e, void *arg)
{
	struct swap *s = arg;

	return e->kind == EXPR_COLUMN && e->column == s->from ? (struct expr *)s->to : e;
}

void imply_constants(struct optimizer *o, struct conditions *c)
{
	/* the list grows while it is read: chains a = b = c are followed; conditions_add drops what is there */
	for (size_t i = 0; i < c->n && c->n < 500; i++) {
		const struct expr *column = single_column(c->list[i]);
		if (!column)
			continue;
		for (size_t k = 0; k < c->n; k++) {
			const struct expr *q = c->list[k], *other;
			struct swap s;
			if (!is_equality(q))
				continue;
			if (q->args[0]->column == column->column)
				other = q->args[1];
			else if (q->args[1]->column == column->column)
				other = q->args[0];
			else
				continue;
			s = (struct swap){o, column->column, other};
			conditions_add(o, c, expr_rewrite(o->m, c->list[i], swap_step, &s));
		}
	}
}
