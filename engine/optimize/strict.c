/*
 * Which conditions a row of NULLs cannot pass, and what that makes of outer joins.
 */
#include "engine/optimize/push.h"

/* e is NULL when the columns are. */
static bool is_strict(const struct expr *e, const struct idset *columns)
{
	switch (e->kind) {
	case EXPR_COLUMN:
		return idset_has(columns, e->column);
	case EXPR_CALL:
	case EXPR_CAST:
		if (e->fn && (e->fn->flags & FUNC_NOT_STRICT))
			return false;
		for (uint32_t i = 0; i < e->nargs; i++)
			if (is_strict(e->args[i], columns))
				return true;
		return false;
	case EXPR_NOT:
	case EXPR_IN:
	case EXPR_NULLIF:
		return is_strict(e->args[0], columns);
	case EXPR_AND:
	case EXPR_OR:
	case EXPR_COALESCE:
	case EXPR_GREATEST:
	case EXPR_LEAST:
		for (uint32_t i = 0; i < e->nargs; i++)
			if (!is_strict(e->args[i], columns))
				return false;
		return true;
	case EXPR_CONST:
		return e->value.is_null;
	case EXPR_PARAM:
	case EXPR_IS_NULL:
	case EXPR_IS_TRUE:
	case EXPR_DISTINCT:
	case EXPR_CASE:
	case EXPR_AGG:
	case EXPR_WINDOW:
	case EXPR_SUBQUERY:
		return false;
	}
	UNREACHABLE();
}

bool rejects_nulls(const struct expr *e, const struct idset *columns)
{
	bool value;

	if (is_const_bool(e, &value))
		return !value;
	if (e->kind == EXPR_AND) {
		for (uint32_t i = 0; i < e->nargs; i++)
			if (rejects_nulls(e->args[i], columns))
				return true;
		return false;
	}
	if (e->kind == EXPR_OR) {
		for (uint32_t i = 0; i < e->nargs; i++)
			if (!rejects_nulls(e->args[i], columns))
				return false;
		return true;
	}
	if (e->kind == EXPR_IS_TRUE)
		return rejects_nulls(e->args[0], columns);
	if (e->kind == EXPR_NOT && e->args[0]->kind == EXPR_IS_NULL)
		return is_strict(e->args[0]->args[0], columns);
	return is_strict(e, columns);
}

enum join_kind strengthen_join(struct optimizer *o, enum join_kind kind, const struct idset *left,
							   const struct idset *right, const struct conditions *above)
{
	bool need_left = false, need_right = false;

	(void)o;
	for (size_t i = 0; i < above->n; i++) {
		need_left |= rejects_nulls(above->list[i], left);
		need_right |= rejects_nulls(above->list[i], right);
	}
	switch (kind) {
	case JOIN_LEFT:
		return need_right ? JOIN_INNER : kind;
	case JOIN_RIGHT:
		return need_left ? JOIN_INNER : kind;
	case JOIN_FULL:
		if (need_left && need_right)
			return JOIN_INNER;
		return need_left ? JOIN_LEFT : need_right ? JOIN_RIGHT : kind;
	case JOIN_INNER:
	case JOIN_SEMI:
	case JOIN_ANTI:
	case JOIN_MARK:
	case JOIN_SINGLE:
		return kind;
	}
	UNREACHABLE();
}
