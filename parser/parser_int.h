/* What the lexer, the grammar's actions and the driver share. Private to parser/. */
#ifndef HOPLUU_PARSER_PARSER_INT_H
#define HOPLUU_PARSER_PARSER_INT_H

#include "parser/lexer.h"
#include "parser/parser.h"

#define PARSE_MAX_STACK 8000 /* entries of the grammar's stack: about as many open parentheses */

/* One parse call. Actions report through parse_error: the first error stays (sticky form), and the
 * driver stops after the token at hand. */
struct parser {
	struct mem *m;
	struct str text;
	struct err *e;
	bool failed;
	bool accepted;
	struct ast *result;
	int params;	  /* highest $n of the statement so far */
	int last_end; /* offset after the last token that was handed to the grammar before the current
					 one */
};

/* Always sets p->failed; false for callers that return it. */
bool parse_error(struct parser *p, int pos, enum errcode code, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
bool parse_unsupported(struct parser *p, int pos, const char *what);

/* ---- building, build.c ---- */
/* Copies the node to the arena and sets kind, position and depth; over AST_MAX_DEPTH fails with
 * 54001. */
struct ast *node_make(
	struct parser *p, enum ast_kind kind, size_t size, int pos, const void *fields);
#define NEW(KIND, name, at, ...) \
	node_make(p, AST_##KIND, sizeof(struct ast_##name), (at), &(struct ast_##name){__VA_ARGS__})
/* Recomputes the depth after a field was set later. */
void node_changed(struct parser *p, struct ast *node);

void list_add(struct parser *p, struct ast_list *list, struct ast *item);
struct ast_list list_of(struct parser *p, struct ast *item);
struct ast_list list_of2(struct parser *p, struct ast *a, struct ast *b);
struct ast_list list_of3(struct parser *p, struct ast *a, struct ast *b, struct ast *c);
void names_add(struct parser *p, struct ast_names *names, const char *name);
struct ast_names names_of(struct parser *p, const char *name);
struct ast_names names_builtin(struct parser *p, const char *name); /* pg_catalog.name */

struct ast *make_literal(struct parser *p, struct token t, enum ast_literal_kind kind);
/* Clauses of GRANT. */
void grant_condition(struct parser *p, struct ast *grant, struct token where, struct ast *e);
void grant_mask(struct parser *p, struct ast *grant, struct token column, struct token with, struct ast *e);
void grant_count(struct parser *p, struct ast *grant, struct token number, bool minimum);
struct ast *make_text(struct parser *p, int pos, const char *text); /* a string literal */
struct ast *make_number(struct parser *p, int pos, const char *digits);
struct ast *make_operator(struct parser *p, struct token op, struct ast *left, struct ast *right);
/* op: an OPERATOR node without operands, as the qualified forms build it. */
struct ast *fill_operator(struct parser *p, struct ast *op, struct ast *left, struct ast *right);
struct ast *make_bool(
	struct parser *p, enum ast_bool_op op, int pos, struct ast *left, struct ast *right);
struct ast *make_set_op(struct parser *p, enum ast_set_op_kind op, bool all, int pos,
	struct ast *left, struct ast *right);
struct ast *make_call(struct parser *p, int pos, struct ast_names names, struct ast_list args);
struct ast *make_special(struct parser *p, int pos, const char *name, struct ast_list args);
struct ast *make_overlaps(struct parser *p, int pos, struct ast *left, struct ast *right);
struct ast *make_param(struct parser *p, struct token t);
struct ast *make_sql_value(
	struct parser *p, struct token t, enum ast_sql_value_kind kind, struct token *precision);
struct ast *make_is(
	struct parser *p, int pos, enum ast_is_kind kind, bool negated, struct ast *arg);
struct ast *make_like(struct parser *p, int pos, enum ast_like_kind kind, bool negated,
	struct ast *arg, struct ast *pattern, struct ast *escape);
/* op: an OPERATOR node without operands. */
struct ast *make_quantified(
	struct parser *p, struct ast *op, bool all, struct ast *left, struct ast *array);
struct ast *make_sublink_op(
	struct parser *p, struct ast *op, bool all, struct ast *left, struct ast *query);
struct ast *make_in(struct parser *p, int pos, bool negated, struct ast *arg, struct ast *set);
struct ast *make_array(struct parser *p, int pos, struct ast_list items);

/* Column reference or field access from a first name and what follows it (FIELD and SUBSCRIPT nodes
 * without arg, in order). */
struct ast *make_column_ref(struct parser *p, struct token first, struct ast_list indirection);
struct ast *apply_indirection(struct parser *p, struct ast *base, struct ast_list indirection);
/* The dotted names of a function; fails when there is a subscript or a star. */
struct ast_names names_indirect(struct parser *p, struct token first, struct ast_list indirection);

struct ast *make_type(struct parser *p, int pos, const char *name, struct ast_list modifiers);
struct ast *make_float_type(struct parser *p, int pos, struct token bits);
struct ast *make_character_type(
	struct parser *p, int pos, bool varying, struct ast_list length, bool constant);
struct ast *make_interval_type(
	struct parser *p, int pos, enum ast_interval_fields fields, struct ast *precision);
/* type '…' */
struct ast *make_typed_literal(struct parser *p, struct ast *type, struct token value);
struct ast *make_generic_literal(struct parser *p, int pos, struct ast_names names,
	struct ast_list modifiers, struct ast_list order_by, struct token value);

/* A query's clauses after its body. */
struct query_tail {
	struct ast_list order_by, locking;
	struct ast *limit, *offset;
	bool with_ties;
	int with_ties_pos;
};
struct ast *make_query(
	struct parser *p, struct ast *with, struct ast *body, const struct query_tail *tail);
struct ast *make_subquery_ref(
	struct parser *p, int pos, bool lateral, struct ast *query, struct ast *alias);
struct query_tail *tail_make(
	struct parser *p, struct ast_list order_by, struct query_tail *limits, struct ast_list locking);
/* An arm of a set operation or the body of a query: a QUERY without clauses is its body. */
struct ast *query_arm(struct ast *query);
struct ast *make_table_query(struct parser *p, int pos, struct ast *table);
struct frame_bound {
	struct ast *offset;
	enum ast_frame_bound kind;
	int pos;
};
struct ast *make_frame(struct parser *p, int pos, enum ast_frame_mode mode,
	struct frame_bound start, struct frame_bound end, enum ast_frame_exclude exclude);
/* ON or USING of a join. */
struct join_condition {
	struct ast *on;
	struct ast_names using;
	const char *using_alias;
};
struct ast *make_window(struct parser *p, int pos, const char *base, struct ast_list partition_by,
	struct ast_list order_by, struct ast *frame);
struct ast *make_join(struct parser *p, int pos, enum ast_join_kind kind, bool natural,
	struct ast *left, struct ast *right, struct join_condition *condition);
struct ast *make_option(
	struct parser *p, int pos, enum ast_option_action action, const char *name, const char *value);
struct ast *make_show(struct parser *p, int pos, const char *name, const char *schema);
const char *name_joined(struct parser *p, const char *a, const char *b); /* "a.b" */
/* A bounded integer constant (array bounds, FETCH counts, precisions); out of int4: 22003. */
int64_t integer_value(struct parser *p, struct token t);
struct ast *make_drop(struct parser *p, int pos, enum ast_object object, bool if_exists,
	struct ast_list objects, bool cascade);
struct ast *view_finish(
	struct parser *p, struct ast *view, int pos, enum ast_persistence persistence, bool or_replace);
/* The last option of that name: bare or on, true, 1. */
bool option_is_on(struct parser *p, struct ast_list options, const char *name);
struct insert_target {
	struct ast_names names;
	const char *alias;
};
struct flagged_name { /* a name with IF [NOT] EXISTS in front or not */
	const char *name;
	struct ast_names names;
	int pos;
	bool flag;
};
struct check_option {
	enum ast_check_option kind;
	int pos;
};
struct fetch_direction {
	enum ast_fetch_direction direction;
	bool all;
	int64_t count;
};
/* The text between two offsets without the blanks and comments at its ends. */
struct str query_text(struct parser *p, int from, int to);

/* ---- the generated grammar, grammar.y ---- */
struct grammar_machine;
struct grammar_machine *grammar_open(struct parser *p);
void grammar_close(struct grammar_machine *g);
void grammar_token(struct grammar_machine *g, int type, struct token t);
size_t grammar_stack_height(const struct grammar_machine *g);
/* The same automaton without actions: which tokens could come next. States in, states out. */
struct grammar_trace {
	uint16_t *states;
	size_t count, cap;
};
void grammar_trace_init(struct grammar_trace *t);
void grammar_trace_release(struct grammar_trace *t);
/* False when the token can't come here; then nothing changes. */
bool grammar_trace_step(struct grammar_trace *t, int type);
bool grammar_trace_accepts(const struct grammar_trace *t, int type);
int grammar_token_count(void);

/* ---- tokens as the grammar wants them, parser.c ---- one token of look-ahead tells NOT LIKE from
 * NOT … */
struct token_stream {
	struct lexer lexer;
	struct lexed next;
	bool has_next;
	bool shares; /* a statement about agreements: its words have tokens of their own */
};
void stream_init(struct token_stream *s, struct mem *m, struct str text, size_t pos);
/* first: it is the first token of a statement. */
bool stream_next(struct token_stream *s, bool first, struct lexed *out, struct err *e);

/* ---- what a syntax error says, expect.c ---- */
/* Sets 42601 (or 0A000 for data-modifying parts) at the token `found`, which the grammar refused.
 * The statement is read again from `start`, after the token `start_token` (0: none), without
 * actions. */
void report_syntax_error(
	struct parser *p, size_t start, int start_token, const struct lexed *found);

/* ---- statements known by their first words, unsupported.c ---- */
/* The name of the statement (in m or static) when the engine has no grammar for it, else NULL.
 * words: the first words of the statement in lower case (NULL past the end); has_as: AS stands
 * outside parentheses. */
#define LEADING_WORDS 6
const char *unsupported_statement(
	struct mem *m, const char *const words[LEADING_WORDS], bool has_as);

#endif
