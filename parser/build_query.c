/*
 * Builders of queries, joins, windows and statements for the grammar's actions; see build.c for the
 * rules that hold for all of them.
 */
#include "parser/parser_int.h"

struct query_tail *tail_make(
	struct parser *p, struct ast_list order_by, struct query_tail *limits, struct ast_list locking)
{
	struct query_tail *tail = limits ? limits : mem_new_object(p->m, struct query_tail);
	tail->order_by = order_by;
	tail->locking = locking;
	return tail;
}

static void refuse_second(struct parser *p, bool both, int pos, const char *what)
{
	if (both)
		parse_error(p, pos, ERR_SYNTAX_ERROR, "multiple %s clauses are not allowed", what);
}

/* (SELECT … LIMIT 1) ORDER BY a: to PostgreSQL the outer clauses belong to the same query, so this
 * sorts before it limits; a clause on both levels is an error. */
static struct ast *extend_query(
	struct parser *p, struct ast *node, struct ast *with, const struct query_tail *tail)
{
	struct ast_query *q = (struct ast_query *)node;
	refuse_second(p, q->with && with, with ? with->pos : 0, "WITH");
	refuse_second(p, q->limit && tail->limit, tail->limit ? tail->limit->pos : 0, "LIMIT");
	refuse_second(p, q->offset && tail->offset, tail->offset ? tail->offset->pos : 0, "OFFSET");
	if (tail->order_by.count > 0)
		refuse_second(p, q->order_by.count > 0, tail->order_by.items[0]->pos, "ORDER BY");
	if (with)
		q->with = with;
	if (tail->limit) {
		q->limit = tail->limit;
		q->with_ties = tail->with_ties;
	}
	if (tail->offset)
		q->offset = tail->offset;
	if (tail->order_by.count > 0)
		q->order_by = tail->order_by;
	for (uint32_t i = 0; i < tail->locking.count; i++)
		list_add(p, &q->locking, tail->locking.items[i]);
	node_changed(p, node);
	return node;
}

static void check_with_ties(struct parser *p, const struct ast_query *q, int pos)
{
	if (!q->with_ties)
		return;
	if (q->order_by.count == 0)
		parse_error(p, pos, ERR_SYNTAX_ERROR, "WITH TIES needs an ORDER BY clause");
	for (uint32_t i = 0; i < q->locking.count; i++)
		if (((const struct ast_locking *)q->locking.items[i])->wait == AST_LOCK_SKIP)
			parse_error(
				p, pos, ERR_SYNTAX_ERROR, "SKIP LOCKED and WITH TIES cannot be used together");
}

struct ast *make_query(
	struct parser *p, struct ast *with, struct ast *body, const struct query_tail *tail)
{
	static const struct query_tail none;
	if (!tail)
		tail = &none;
	struct ast *query = body;
	if (body->kind == AST_QUERY)
		extend_query(p, query, with, tail);
	else
		query = NEW(QUERY, query, with ? with->pos : body->pos, .with = with, .body = body,
			.order_by = tail->order_by, .limit = tail->limit, .with_ties = tail->with_ties,
			.offset = tail->offset, .locking = tail->locking);
	check_with_ties(p, (struct ast_query *)query, tail->with_ties_pos);
	return query;
}

struct ast *make_subquery_ref(
	struct parser *p, int pos, bool lateral, struct ast *query, struct ast *alias)
{
	if (!alias) {
		bool values = ((const struct ast_query *)query)->body->kind == AST_VALUES;
		parse_error(p, query->pos, ERR_SYNTAX_ERROR, "%s in FROM must have an alias",
			values ? "VALUES" : "subquery");
		err_hint(p->e, "For example, FROM (%s ...) [AS] foo.", values ? "VALUES" : "SELECT");
	}
	return NEW(SUBQUERY_REF, subquery_ref, pos, .lateral = lateral, .query = query, .alias = alias);
}

struct ast *query_arm(struct ast *query)
{
	const struct ast_query *q = (const struct ast_query *)query;
	bool plain =
		!q->with && q->order_by.count == 0 && !q->limit && !q->offset && q->locking.count == 0;
	return plain ? q->body : query;
}

/* A UNION B UNION C is one node with three arms: the same as folding from the left. */
struct ast *make_set_op(struct parser *p, enum ast_set_op_kind op, bool all, int pos,
	struct ast *left, struct ast *right)
{
	struct ast_set_op *chain = (struct ast_set_op *)left;
	if (left->kind != AST_SET_OP || chain->op != op || chain->all != all)
		return NEW(SET_OP, set_op, pos, .op = op, .all = all, .arms = list_of2(p, left, right));
	list_add(p, &chain->arms, right);
	if (right->depth >= left->depth)
		left->depth = right->depth + 1;
	if (left->depth > AST_MAX_DEPTH && !p->failed)
		parse_error(p, pos, ERR_STATEMENT_TOO_COMPLEX, "statement is nested too deeply");
	return left;
}

struct ast *make_table_query(struct parser *p, int pos, struct ast *table)
{
	struct ast *star = NEW(COLUMN_REF, column_ref, pos, .star = true);
	struct ast_list targets = list_of(p, NEW(TARGET, target, pos, .value = star));
	struct ast_list from = list_of(p, table);
	return NEW(SELECT, select, pos, .targets = targets, .from = from);
}

/* ---- windows ---- */

static void check_frame(struct parser *p, struct frame_bound start, struct frame_bound end)
{
	if (start.kind == AST_BOUND_UNBOUNDED_FOLLOWING)
		parse_error(p, start.pos, ERR_WINDOWING_ERROR, "frame start cannot be UNBOUNDED FOLLOWING");
	else if (end.kind == AST_BOUND_UNBOUNDED_PRECEDING)
		parse_error(p, end.pos, ERR_WINDOWING_ERROR, "frame end cannot be UNBOUNDED PRECEDING");
	else if (start.kind == AST_BOUND_CURRENT_ROW && end.kind == AST_BOUND_PRECEDING)
		parse_error(p, end.pos, ERR_WINDOWING_ERROR,
			"frame starting from current row cannot have preceding rows");
	else if (start.kind == AST_BOUND_FOLLOWING &&
			 (end.kind == AST_BOUND_PRECEDING || end.kind == AST_BOUND_CURRENT_ROW))
		parse_error(p, end.pos, ERR_WINDOWING_ERROR,
			"frame starting from following row cannot have preceding rows");
}

struct ast *make_frame(struct parser *p, int pos, enum ast_frame_mode mode,
	struct frame_bound start, struct frame_bound end, enum ast_frame_exclude exclude)
{
	check_frame(p, start, end);
	return NEW(WINDOW, window, pos, .mode = mode, .start = start.kind, .start_offset = start.offset,
		.end = end.kind, .end_offset = end.offset, .exclude = exclude);
}

/* frame: a WINDOW node with only its frame set, or NULL. */
struct ast *make_window(struct parser *p, int pos, const char *base, struct ast_list partition_by,
	struct ast_list order_by, struct ast *frame)
{
	struct ast *node = frame ? frame : NEW(WINDOW, window, pos, .name = NULL);
	struct ast_window *w = (struct ast_window *)node;
	w->base.pos = pos;
	w->base_name = base;
	w->partition_by = partition_by;
	w->order_by = order_by;
	node_changed(p, node);
	return node;
}

/* ---- joins ---- */

struct ast *make_join(struct parser *p, int pos, enum ast_join_kind kind, bool natural,
	struct ast *left, struct ast *right, struct join_condition *condition)
{
	struct join_condition none = {0};
	if (!condition)
		condition = &none;
	return NEW(JOIN, join, pos, .type = kind, .natural = natural, .left = left, .right = right,
		.using = condition->using, .using_alias = condition->using_alias, .on = condition->on);
}

/* ---- statements ---- */

struct ast *make_option(
	struct parser *p, int pos, enum ast_option_action action, const char *name, const char *value)
{
	return NEW(OPTION, option, pos, .action = action, .name = name, .value = value);
}

bool option_is_on(struct parser *p, struct ast_list options, const char *name)
{
	bool on = false;
	(void)p;
	for (uint32_t i = 0; i < options.count; i++) {
		const struct ast_option *o = (const struct ast_option *)options.items[i];
		if (strcmp(o->name, name) == 0)
			on = !o->value || cstr_eq_nocase(o->value, "on") || cstr_eq_nocase(o->value, "true") ||
				 strcmp(o->value, "1") == 0;
	}
	return on;
}

const char *name_joined(struct parser *p, const char *a, const char *b)
{
	return mem_printf(p->m, "%s.%s", a, b);
}

/* SHOW SERVERS, TABLES and MEMORY are ours: the words stay free as names. */
struct ast *make_show(struct parser *p, int pos, const char *name, const char *schema)
{
	enum ast_show_kind kind = AST_SHOW_SETTING;
	if (strcmp(name, "tables") == 0)
		kind = AST_SHOW_TABLES;
	else if (!schema && strcmp(name, "servers") == 0)
		kind = AST_SHOW_SERVERS;
	else if (!schema && strcmp(name, "memory") == 0)
		kind = AST_SHOW_MEMORY;
	if (schema && kind != AST_SHOW_TABLES)
		parse_error(p, pos, ERR_SYNTAX_ERROR, "FROM goes with SHOW TABLES only");
	return NEW(SHOW, show, pos, .type = kind, .name = kind == AST_SHOW_SETTING ? name : NULL,
		.schema = schema);
}

struct ast *make_drop(struct parser *p, int pos, enum ast_object object, bool if_exists,
	struct ast_list objects, bool cascade)
{
	bool plain_names = object == AST_OBJECT_SCHEMA || object == AST_OBJECT_SERVER;
	for (uint32_t i = 0; i < objects.count && plain_names; i++)
		if (((const struct ast_object_name *)objects.items[i])->names.count > 1)
			parse_error(p, objects.items[i]->pos, ERR_SYNTAX_ERROR,
				"the name of a %s cannot be qualified",
				object == AST_OBJECT_SCHEMA ? "schema" : "server");
	return NEW(DROP, drop, pos, .object = object, .if_exists = if_exists, .objects = objects,
		.cascade = cascade);
}

struct ast *view_finish(
	struct parser *p, struct ast *view, int pos, enum ast_persistence persistence, bool or_replace)
{
	struct ast_create_view *v = (struct ast_create_view *)view;
	if (persistence == AST_UNLOGGED)
		parse_error(p, pos, ERR_SYNTAX_ERROR, "a view cannot be UNLOGGED");
	v->base.pos = pos;
	v->temporary = persistence == AST_TEMPORARY;
	v->or_replace = or_replace;
	return view;
}

struct str query_text(struct parser *p, int from, int to)
{
	size_t start = (size_t)from, end = start, i = start;
	bool seen = false;
	while (i < (size_t)to) {
		struct piece piece = piece_at(p->text, i);
		bool nothing = piece.kind == PIECE_BLANK || piece.kind == PIECE_LINE_COMMENT ||
					   piece.kind == PIECE_BLOCK_COMMENT;
		if (!nothing && !seen)
			start = piece.start;
		if (!nothing) {
			seen = true;
			end = piece.end;
		}
		i = piece.end;
		if (piece.kind == PIECE_END)
			break;
	}
	return str_make(mem_strndup(p->m, p->text.data + start, end - start), end - start);
}
