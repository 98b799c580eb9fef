/* Builders of GRANT's clauses: each may stand once, masks once a column. Called by the grammar's actions. */
#include <stdlib.h>

#include "parser/parser_int.h"

void grant_condition(struct parser *p, struct ast *grant, struct token where, struct ast *e)
{
	struct ast_grant *g = (struct ast_grant *)grant;

	if (g->condition)
		parse_error(p, where.pos, ERR_SYNTAX_ERROR, "WHERE is given twice");
	g->condition = e;
	g->condition_text = query_text(p, where.pos + where.len, p->last_end);
	node_changed(p, grant);
}

void grant_mask(struct parser *p, struct ast *grant, struct token column, struct token with, struct ast *e)
{
	struct ast_grant *g = (struct ast_grant *)grant;

	for (uint32_t i = 0; i < g->masks.count; i++)
		if (strcmp(((struct ast_grant_mask *)g->masks.items[i])->column, column.text) == 0)
			parse_error(p, column.pos, ERR_DUPLICATE_COLUMN, "column \"%s\" is masked twice", column.text);
	list_add(p, &g->masks,
			 NEW(GRANT_MASK, grant_mask, column.pos, .column = column.text, .value = e,
				 .text = query_text(p, with.pos + with.len, p->last_end)));
	node_changed(p, grant);
}

void grant_count(struct parser *p, struct ast *grant, struct token number, bool minimum)
{
	struct ast_grant *g = (struct ast_grant *)grant;
	char *end;
	long long n = strtoll(number.text, &end, 10);

	if (*end || n < 1 || n > 1000000000)
		parse_error(p, number.pos, ERR_INVALID_PARAMETER_VALUE, "a number of %s is from 1 to 1000000000",
					minimum ? "people" : "rows");
	if (minimum)
		g->minimum = (int64_t)n;
	else
		g->max_rows = (int64_t)n;
}
