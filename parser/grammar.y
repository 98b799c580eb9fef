/*
 * The SQL grammar: PostgreSQL 15's language of queries, and of the statements that this engine has.
 * Actions only build the tree (builders in build.c); names are not looked up and settings not read.
 *
 * Adding a statement: its NODE in nodes.def, its rule here under `statement`, new words in keywords.def
 * and in the class lists at the end. lemon must report no conflict: tests/unit/test_parser.c checks every
 * keyword against its class.
 */
%name grammar_
%token_prefix TK_
%token_type {struct token}
%default_type {struct ast *}
%extra_context {struct parser *p}
%stack_size 0
%include {
#define YYNOERRORRECOVERY 1
#include <stdlib.h>
#include "parser/parser_int.h"
#define NO_LIST ((struct ast_list){0})
#define NO_NAMES ((struct ast_names){0})
}
%syntax_error { (void)yymajor; (void)TOKEN; p->failed = true; }
%stack_overflow { parse_error(p, -1, ERR_STATEMENT_TOO_COMPLEX, "statement is nested too deeply"); }
%parse_accept { p->accepted = true; }
%start_symbol input
%token SEMICOLON DOT_DOT.

/* Lowest first. The levels of names (UNBOUNDED, IDENT …) settle where a word could be a name or more. */
%nonassoc SET.
%left UNION EXCEPT.
%left INTERSECT.
%left OR.
%left AND.
%right NOT.
%nonassoc IS ISNULL NOTNULL.
%nonassoc LT GT EQ LE GE NE.
%nonassoc BETWEEN IN LIKE ILIKE SIMILAR NOT_LA.
%nonassoc ESCAPE.
%nonassoc UNBOUNDED.
%nonassoc IDENT PARTITION RANGE ROWS GROUPS PRECEDING FOLLOWING CUBE ROLLUP.
%left OP OPERATOR.
%left PLUS MINUS.
%left STAR SLASH PERCENT.
%left CARET.
%left AT.
%left COLLATE.
%right UMINUS.
%left LB RB.
%left LP RP.
%left TYPECAST.
%left DOT.
%left JOIN CROSS LEFT FULL RIGHT INNER NATURAL.

input ::= statement(S). { p->result = S; }
input ::= START_EXPRESSION expr(E). { p->result = E; }
input ::= START_TYPE type(T). { p->result = T; }

/* ==== names ==== */
%type name {struct token}
%type type_func_name {struct token}
%type word {struct token}
%type label {struct token}
%type bare_label {struct token}
%type word_or_string {struct token}
%type name_list {struct ast_names}
%type opt_name_list {struct ast_names}
%type qualified {struct ast_names}
%type qualified_list {struct ast_list}
name(A) ::= IDENT(A).
name(A) ::= non_reserved(A).
name(A) ::= col_name_word(A).
type_func_name(A) ::= IDENT(A).
type_func_name(A) ::= non_reserved(A).
type_func_name(A) ::= type_func_word(A).
word(A) ::= IDENT(A).
word(A) ::= non_reserved(A).
word(A) ::= col_name_word(A).
word(A) ::= type_func_word(A).
label(A) ::= IDENT(A).
label(A) ::= non_reserved(A).
label(A) ::= col_name_word(A).
label(A) ::= type_func_word(A).
label(A) ::= reserved_word(A).
bare_label(A) ::= IDENT(A).
bare_label(A) ::= bare_word(A).
word_or_string(A) ::= word(A).
word_or_string(A) ::= SCONST(A).
name_list(A) ::= name(N). { A = names_of(p, N.text); }
name_list(A) ::= name_list(A) COMMA name(N). { names_add(p, &A, N.text); }
opt_name_list(A) ::= . { A = NO_NAMES; }
opt_name_list(A) ::= LP name_list(L) RP. { A = L; }
qualified(A) ::= name(N). { A = names_of(p, N.text); }
qualified(A) ::= qualified(A) DOT label(N). { names_add(p, &A, N.text); }
%type object {struct ast *}
object(A) ::= name(N) dotted(D). { struct ast_names names = names_indirect(p, N, D); A = NEW(OBJECT_NAME, object_name, N.pos, .names = names); }
%type dotted {struct ast_list}
dotted(A) ::= . { A = NO_LIST; }
dotted(A) ::= dotted(A) DOT(T) label(N). { list_add(p, &A, NEW(FIELD, field, T.pos, .name = N.text)); }
qualified_list(A) ::= object(O). { A = list_of(p, O); }
qualified_list(A) ::= qualified_list(A) COMMA object(O). { list_add(p, &A, O); }

/* ==== queries ==== */
%type query_tail {struct query_tail *}
%type limits {struct query_tail *}
%type opt_limits {struct query_tail *}
%type limit {struct query_tail *}
%type offset {struct ast *}
query_parens(A) ::= LP query_body(Q) RP. { A = Q; }
query_parens(A) ::= LP query_parens(Q) RP. { A = Q; }
query_any(A) ::= query_body(A).
query_any(A) ::= query_parens(A).
query_body(A) ::= simple_query(B). { A = make_query(p, NULL, B, NULL); }
query_body(A) ::= query_arms(B) query_tail(T). { A = make_query(p, NULL, B, T); }
query_body(A) ::= with(W) query_arms(B). { A = make_query(p, W, B, NULL); }
query_body(A) ::= with(W) query_arms(B) query_tail(T). { A = make_query(p, W, B, T); }
query_arms(A) ::= simple_query(A).
query_arms(A) ::= query_parens(Q). { A = query_arm(Q); }
%type opt_locking {struct ast_list}
%type locking {struct ast_list}
query_tail(A) ::= order_by(O). { A = tail_make(p, O, NULL, NO_LIST); }
query_tail(A) ::= opt_order_by(O) locking(L) opt_limits(M). { A = tail_make(p, O, M, L); }
query_tail(A) ::= opt_order_by(O) limits(M) opt_locking(L). { A = tail_make(p, O, M, L); }
opt_limits(A) ::= . { A = NULL; }
opt_limits(A) ::= limits(A).
limits(A) ::= limit(A).
limits(A) ::= limit(L) offset(O). { A = L; A->offset = O; }
limits(A) ::= offset(O) limit(L). { A = L; A->offset = O; }
limits(A) ::= offset(O). { A = tail_make(p, NO_LIST, NULL, NO_LIST); A->offset = O; }
limit(A) ::= LIMIT expr(E). { A = tail_make(p, NO_LIST, NULL, NO_LIST); A->limit = E; }
limit(A) ::= LIMIT ALL(T). { A = tail_make(p, NO_LIST, NULL, NO_LIST); A->limit = make_literal(p, T, AST_LITERAL_NULL); }
limit(A) ::= LIMIT(T) expr COMMA expr. { parse_error(p, T.pos, ERR_SYNTAX_ERROR, "LIMIT #,# syntax is not supported"); err_hint(p->e, "Use separate LIMIT and OFFSET clauses."); A = tail_make(p, NO_LIST, NULL, NO_LIST); }
limit(A) ::= FETCH first_or_next fetch_count(E) row_or_rows ONLY. { A = tail_make(p, NO_LIST, NULL, NO_LIST); A->limit = E; }
limit(A) ::= FETCH first_or_next fetch_count(E) row_or_rows WITH(T) TIES. { A = tail_make(p, NO_LIST, NULL, NO_LIST); A->limit = E; A->with_ties = true; A->with_ties_pos = T.pos; }
limit(A) ::= FETCH(T) first_or_next row_or_rows ONLY. { A = tail_make(p, NO_LIST, NULL, NO_LIST); A->limit = make_number(p, T.pos, "1"); }
limit(A) ::= FETCH(T) first_or_next row_or_rows WITH TIES. { A = tail_make(p, NO_LIST, NULL, NO_LIST); A->limit = make_number(p, T.pos, "1"); A->with_ties = true; A->with_ties_pos = T.pos; }
offset(A) ::= OFFSET expr(E). { A = E; }
offset(A) ::= OFFSET fetch_count(E) row_or_rows. { A = E; }
fetch_count(A) ::= primary(A).
fetch_count(A) ::= PLUS|MINUS(T) number(N). { A = make_operator(p, T, NULL, N); }
number(A) ::= ICONST(T). { A = make_literal(p, T, AST_LITERAL_INTEGER); }
number(A) ::= FCONST(T). { A = make_literal(p, T, AST_LITERAL_NUMERIC); }
row_or_rows ::= ROW.
row_or_rows ::= ROWS.
first_or_next ::= FIRST.
first_or_next ::= NEXT.
opt_locking(A) ::= . { A = NO_LIST; }
opt_locking(A) ::= locking(A).
locking(A) ::= locking_item(I). { A = list_of(p, I); }
locking(A) ::= locking(A) locking_item(I). { list_add(p, &A, I); }
locking(A) ::= FOR READ ONLY. { A = NO_LIST; }
%type lock_strength {int}
%type lock_tables {struct ast_list}
%type lock_wait {int}
locking_item(A) ::= FOR(T) lock_strength(S) lock_tables(L) lock_wait(W). { A = NEW(LOCKING, locking, T.pos, .strength = S, .tables = L, .wait = W); }
lock_strength(A) ::= UPDATE. { A = AST_LOCK_UPDATE; }
lock_strength(A) ::= NO KEY UPDATE. { A = AST_LOCK_NO_KEY_UPDATE; }
lock_strength(A) ::= SHARE. { A = AST_LOCK_SHARE; }
lock_strength(A) ::= KEY SHARE. { A = AST_LOCK_KEY_SHARE; }
lock_tables(A) ::= . { A = NO_LIST; }
lock_tables(A) ::= OF qualified_list(L). { A = L; }
lock_wait(A) ::= . { A = AST_LOCK_WAIT; }
lock_wait(A) ::= NOWAIT. { A = AST_LOCK_NOWAIT; }
lock_wait(A) ::= SKIP LOCKED. { A = AST_LOCK_SKIP; }

%type set_quantifier {bool}
%type opt_distinct {struct ast *}
simple_query(A) ::= SELECT(T) opt_all targets(L) opt_into(I) from(F) where(W) group_by(G) having(H) windows(V). {
	A = G;
	struct ast_select *s = (struct ast_select *)A;
	s->base.pos = T.pos; s->targets = L; s->into = I; s->from = F; s->where = W; s->having = H; s->windows = V;
	node_changed(p, A);
}
simple_query(A) ::= SELECT(T) distinct(D) target_list(L) opt_into(I) from(F) where(W) group_by(G) having(H) windows(V). {
	A = G;
	struct ast_select *s = (struct ast_select *)A;
	s->base.pos = T.pos; s->distinct = true; s->distinct_on = D; s->targets = L; s->into = I; s->from = F;
	s->where = W; s->having = H; s->windows = V;
	node_changed(p, A);
}
simple_query(A) ::= VALUES(T) values_rows(R). { A = NEW(VALUES, values, T.pos, .rows = R); }
simple_query(A) ::= TABLE(T) relation(R). { A = make_table_query(p, T.pos, R); }
simple_query(A) ::= query_arms(L) UNION(T) set_quantifier(Q) query_arms(R). { A = make_set_op(p, AST_SET_UNION, Q, T.pos, L, R); }
simple_query(A) ::= query_arms(L) INTERSECT(T) set_quantifier(Q) query_arms(R). { A = make_set_op(p, AST_SET_INTERSECT, Q, T.pos, L, R); }
simple_query(A) ::= query_arms(L) EXCEPT(T) set_quantifier(Q) query_arms(R). { A = make_set_op(p, AST_SET_EXCEPT, Q, T.pos, L, R); }
set_quantifier(A) ::= . { A = false; }
set_quantifier(A) ::= ALL. { A = true; }
set_quantifier(A) ::= DISTINCT. { A = false; }
opt_all ::= .
opt_all ::= ALL.
%type distinct {struct ast_list}
distinct(A) ::= DISTINCT. { A = NO_LIST; }
distinct(A) ::= DISTINCT ON LP expr_list(L) RP. { A = L; }
%type targets {struct ast_list}
%type target_list {struct ast_list}
targets(A) ::= . { A = NO_LIST; }
targets(A) ::= target_list(A).
target_list(A) ::= target(T). { A = list_of(p, T); }
target_list(A) ::= target_list(A) COMMA target(T). { list_add(p, &A, T); }
target(A) ::= expr(E) AS label(L). { A = NEW(TARGET, target, E->pos, .value = E, .alias = L.text); }
target(A) ::= expr(E) bare_label(L). { A = NEW(TARGET, target, E->pos, .value = E, .alias = L.text); }
target(A) ::= expr(E). { A = NEW(TARGET, target, E->pos, .value = E); }
target(A) ::= STAR(T). { struct ast *star = NEW(COLUMN_REF, column_ref, T.pos, .star = true); A = NEW(TARGET, target, T.pos, .value = star); }
opt_into(A) ::= . { A = NULL; }
opt_into(A) ::= INTO(T) into_persistence(K) opt_table qualified(N). { A = NEW(INTO, into, T.pos, .persistence = K, .table = N); }
opt_into(A) ::= INTO(T) TABLE qualified(N). { A = NEW(INTO, into, T.pos, .table = N); }
opt_into(A) ::= INTO(T) qualified(N). { A = NEW(INTO, into, T.pos, .table = N); }
%type into_persistence {int}
into_persistence(A) ::= TEMPORARY. { A = AST_TEMPORARY; }
into_persistence(A) ::= TEMP. { A = AST_TEMPORARY; }
into_persistence(A) ::= LOCAL TEMPORARY. { A = AST_TEMPORARY; }
into_persistence(A) ::= LOCAL TEMP. { A = AST_TEMPORARY; }
into_persistence(A) ::= GLOBAL TEMPORARY. { A = AST_TEMPORARY; }
into_persistence(A) ::= GLOBAL TEMP. { A = AST_TEMPORARY; }
into_persistence(A) ::= UNLOGGED. { A = AST_UNLOGGED; }
opt_table ::= .
opt_table ::= TABLE.
%type values_rows {struct ast_list}
values_rows(A) ::= values_row(R). { A = list_of(p, R); }
values_rows(A) ::= values_rows(A) COMMA values_row(R). { list_add(p, &A, R); }
values_row(A) ::= LP(T) expr_list(L) RP. { A = NEW(ROW, row, T.pos, .items = L); }
%type where {struct ast *}
where(A) ::= . { A = NULL; }
where(A) ::= WHERE expr(E). { A = E; }
/* The SELECT node starts here, with its grouping. */
group_by(A) ::= . { A = NEW(SELECT, select, 0, .distinct = false); }
group_by(A) ::= GROUP BY set_quantifier_word(Q) grouping_list(L). { A = NEW(SELECT, select, 0, .group_distinct = Q, .group_by = L); }
%type set_quantifier_word {bool}
set_quantifier_word(A) ::= . { A = false; }
set_quantifier_word(A) ::= ALL. { A = false; }
set_quantifier_word(A) ::= DISTINCT. { A = true; }
%type grouping_list {struct ast_list}
grouping_list(A) ::= grouping_item(I). { A = list_of(p, I); }
grouping_list(A) ::= grouping_list(A) COMMA grouping_item(I). { list_add(p, &A, I); }
grouping_item(A) ::= expr(A).
grouping_item(A) ::= LP(T) RP. { A = NEW(GROUPING, grouping, T.pos, .type = AST_GROUPING_EMPTY); }
grouping_item(A) ::= ROLLUP(T) LP expr_list(L) RP. { A = NEW(GROUPING, grouping, T.pos, .type = AST_GROUPING_ROLLUP, .items = L); }
grouping_item(A) ::= CUBE(T) LP expr_list(L) RP. { A = NEW(GROUPING, grouping, T.pos, .type = AST_GROUPING_CUBE, .items = L); }
grouping_item(A) ::= GROUPING(T) SETS LP grouping_list(L) RP. { A = NEW(GROUPING, grouping, T.pos, .type = AST_GROUPING_SETS, .items = L); }
having(A) ::= . { A = NULL; }
having(A) ::= HAVING expr(E). { A = E; }

/* ---- WITH ---- */
%type cte_list {struct ast_list}
%type materialized {int}
with(A) ::= WITH(T) cte_list(L). { A = NEW(WITH, with, T.pos, .ctes = L); }
with(A) ::= WITH_LA(T) cte_list(L). { A = NEW(WITH, with, T.pos, .ctes = L); }
with(A) ::= WITH(T) RECURSIVE cte_list(L). { A = NEW(WITH, with, T.pos, .recursive = true, .ctes = L); }
cte_list(A) ::= cte(C). { A = list_of(p, C); }
cte_list(A) ::= cte_list(A) COMMA cte(C). { list_add(p, &A, C); }
cte(A) ::= name(N) opt_name_list(C) AS materialized(M) LP query_any(Q) RP search(S) cycle(Y). {
	A = NEW(CTE, cte, N.pos, .name = N.text, .columns = C, .materialized = M, .query = Q, .search = S, .cycle = Y);
}
materialized(A) ::= . { A = AST_MATERIALIZED_DEFAULT; }
materialized(A) ::= MATERIALIZED. { A = AST_MATERIALIZED_ALWAYS; }
materialized(A) ::= NOT MATERIALIZED. { A = AST_MATERIALIZED_NEVER; }
%type breadth {bool}
search(A) ::= . { A = NULL; }
search(A) ::= SEARCH(T) breadth(B) FIRST BY name_list(L) SET name(S). { A = NEW(SEARCH, search, T.pos, .breadth_first = B, .columns = L, .sequence = S.text); }
breadth(A) ::= DEPTH. { A = false; }
breadth(A) ::= BREADTH. { A = true; }
cycle(A) ::= . { A = NULL; }
cycle(A) ::= CYCLE(T) name_list(L) SET name(M) TO constant(V) DEFAULT constant(D) USING name(N). { A = NEW(CYCLE, cycle, T.pos, .columns = L, .mark = M.text, .value = V, .otherwise = D, .path = N.text); }
cycle(A) ::= CYCLE(T) name_list(L) SET name(M) USING name(N). { A = NEW(CYCLE, cycle, T.pos, .columns = L, .mark = M.text, .path = N.text); }

/* ---- ORDER BY, windows ---- */
%type order_by {struct ast_list}
%type opt_order_by {struct ast_list}
%type sort_list {struct ast_list}
%type nulls_order {int}
opt_order_by(A) ::= . { A = NO_LIST; }
opt_order_by(A) ::= order_by(A).
order_by(A) ::= ORDER BY sort_list(L). { A = L; }
sort_list(A) ::= sort(S). { A = list_of(p, S); }
sort_list(A) ::= sort_list(A) COMMA sort(S). { list_add(p, &A, S); }
sort(A) ::= expr(E) USING qualified_op(O) nulls_order(N). {
	struct ast_operator *op = (struct ast_operator *)O;
	A = NEW(SORT, sort, E->pos, .value = E, .direction = AST_SORT_USING, .using_op = op->op, .using_schema = op->schema, .nulls = N);
}
sort(A) ::= expr(E) nulls_order(N). { A = NEW(SORT, sort, E->pos, .value = E, .nulls = N); }
sort(A) ::= expr(E) ASC nulls_order(N). { A = NEW(SORT, sort, E->pos, .value = E, .direction = AST_SORT_ASC, .nulls = N); }
sort(A) ::= expr(E) DESC nulls_order(N). { A = NEW(SORT, sort, E->pos, .value = E, .direction = AST_SORT_DESC, .nulls = N); }
nulls_order(A) ::= . { A = AST_NULLS_DEFAULT; }
nulls_order(A) ::= NULLS_LA FIRST. { A = AST_NULLS_FIRST; }
nulls_order(A) ::= NULLS_LA LAST. { A = AST_NULLS_LAST; }
%type windows {struct ast_list}
%type window_list {struct ast_list}
%type partition_by {struct ast_list}
%type frame_mode {int}
%type frame_bound {struct frame_bound}
%type frame_exclude {int}
%type opt_base_window {struct token}
windows(A) ::= . { A = NO_LIST; }
windows(A) ::= WINDOW window_list(L). { A = L; }
window_list(A) ::= window_item(W). { A = list_of(p, W); }
window_list(A) ::= window_list(A) COMMA window_item(W). { list_add(p, &A, W); }
window_item(A) ::= name(N) AS window_spec(W). { A = W; ((struct ast_window *)A)->name = N.text; A->pos = N.pos; }
window_spec(A) ::= LP(T) opt_base_window(B) partition_by(P) opt_order_by(O) frame(F) RP. { A = make_window(p, T.pos, B.text, P, O, F); }
opt_base_window(A) ::= . [OP] { A = (struct token){0}; }
opt_base_window(A) ::= name(A).
partition_by(A) ::= . { A = NO_LIST; }
partition_by(A) ::= PARTITION BY expr_list(L). { A = L; }
frame(A) ::= . { A = NULL; }
frame(A) ::= frame_mode(M) frame_bound(S) frame_exclude(X). { A = make_frame(p, S.pos, M, S, (struct frame_bound){.kind = AST_BOUND_CURRENT_ROW, .pos = S.pos}, X); }
frame(A) ::= frame_mode(M) BETWEEN frame_bound(S) AND frame_bound(E) frame_exclude(X). { A = make_frame(p, S.pos, M, S, E, X); }
frame_mode(A) ::= RANGE. { A = AST_FRAME_RANGE; }
frame_mode(A) ::= ROWS. { A = AST_FRAME_ROWS; }
frame_mode(A) ::= GROUPS. { A = AST_FRAME_GROUPS; }
frame_bound(A) ::= UNBOUNDED(T) PRECEDING. { A = (struct frame_bound){NULL, AST_BOUND_UNBOUNDED_PRECEDING, T.pos}; }
frame_bound(A) ::= UNBOUNDED(T) FOLLOWING. { A = (struct frame_bound){NULL, AST_BOUND_UNBOUNDED_FOLLOWING, T.pos}; }
frame_bound(A) ::= CURRENT(T) ROW. { A = (struct frame_bound){NULL, AST_BOUND_CURRENT_ROW, T.pos}; }
frame_bound(A) ::= expr(E) PRECEDING. { A = (struct frame_bound){E, AST_BOUND_PRECEDING, E->pos}; }
frame_bound(A) ::= expr(E) FOLLOWING. { A = (struct frame_bound){E, AST_BOUND_FOLLOWING, E->pos}; }
frame_exclude(A) ::= . { A = AST_EXCLUDE_NONE; }
frame_exclude(A) ::= EXCLUDE CURRENT ROW. { A = AST_EXCLUDE_CURRENT_ROW; }
frame_exclude(A) ::= EXCLUDE GROUP. { A = AST_EXCLUDE_GROUP; }
frame_exclude(A) ::= EXCLUDE TIES. { A = AST_EXCLUDE_TIES; }
frame_exclude(A) ::= EXCLUDE NO OTHERS. { A = AST_EXCLUDE_NONE; }

/* ==== FROM ==== */
%type from {struct ast_list}
%type from_list {struct ast_list}
from(A) ::= . { A = NO_LIST; }
from(A) ::= FROM from_list(L). { A = L; }
from_list(A) ::= from_item(I). { A = list_of(p, I); }
from_list(A) ::= from_list(A) COMMA from_item(I). { list_add(p, &A, I); }
from_item(A) ::= relation(R) opt_alias(L). { A = R; ((struct ast_table_ref *)A)->alias = L; node_changed(p, A); }
from_item(A) ::= relation(R) opt_alias(L) table_sample(S). { A = R; ((struct ast_table_ref *)A)->alias = L; ((struct ast_table_ref *)A)->sample = S; node_changed(p, A); }
from_item(A) ::= func_table(F) func_alias(L). { A = L; struct ast_func_ref *r = (struct ast_func_ref *)A; struct ast_func_ref *f = (struct ast_func_ref *)F;
	r->base.pos = F->pos; r->rows_from = f->rows_from; r->functions = f->functions; r->ordinality = f->ordinality; node_changed(p, A); }
from_item(A) ::= LATERAL(T) func_table(F) func_alias(L). { A = L; struct ast_func_ref *r = (struct ast_func_ref *)A; struct ast_func_ref *f = (struct ast_func_ref *)F;
	r->base.pos = T.pos; r->lateral = true; r->rows_from = f->rows_from; r->functions = f->functions; r->ordinality = f->ordinality; node_changed(p, A); }
from_item(A) ::= query_parens(Q) opt_alias(L). { A = make_subquery_ref(p, Q->pos, false, Q, L); }
from_item(A) ::= LATERAL(T) query_parens(Q) opt_alias(L). { A = make_subquery_ref(p, T.pos, true, Q, L); }
from_item(A) ::= joined(A).
from_item(A) ::= LP joined(J) RP alias(L). { A = J; ((struct ast_join *)A)->alias = L; node_changed(p, A); }
relation(A) ::= qualified_name(A).
relation(A) ::= qualified_name(A) STAR.
relation(A) ::= ONLY qualified_name(N). { A = N; ((struct ast_table_ref *)A)->only = true; }
relation(A) ::= ONLY LP qualified_name(N) RP. { A = N; ((struct ast_table_ref *)A)->only = true; }
qualified_name(A) ::= name(N). { struct ast_names names = names_of(p, N.text); A = NEW(TABLE_REF, table_ref, N.pos, .names = names); }
qualified_name(A) ::= name(N) indirection(I). { struct ast_names names = names_indirect(p, N, I); A = NEW(TABLE_REF, table_ref, N.pos, .names = names); }
table_sample(A) ::= TABLESAMPLE(T) func_name(N) LP expr_list(L) RP repeatable(R). { A = NEW(TABLE_SAMPLE, table_sample, T.pos, .method = ((struct ast_object_name *)N)->names, .args = L, .repeatable = R); }
repeatable(A) ::= . { A = NULL; }
repeatable(A) ::= REPEATABLE LP expr(E) RP. { A = E; }
alias(A) ::= AS name(N) LP name_list(L) RP. { A = NEW(ALIAS, alias, N.pos, .name = N.text, .columns = L); }
alias(A) ::= AS name(N). { A = NEW(ALIAS, alias, N.pos, .name = N.text); }
alias(A) ::= name(N) LP name_list(L) RP. { A = NEW(ALIAS, alias, N.pos, .name = N.text, .columns = L); }
alias(A) ::= name(N). { A = NEW(ALIAS, alias, N.pos, .name = N.text); }
opt_alias(A) ::= . { A = NULL; }
opt_alias(A) ::= alias(A).
/* A FUNC_REF that carries only alias and columns. */
func_alias(A) ::= . { A = NEW(FUNC_REF, func_ref, 0, .alias = NULL); }
func_alias(A) ::= alias(L). { A = NEW(FUNC_REF, func_ref, 0, .alias = L); }
func_alias(A) ::= AS(T) LP func_columns(C) RP. { struct ast *alias = NEW(ALIAS, alias, T.pos, .name = NULL); A = NEW(FUNC_REF, func_ref, 0, .alias = alias, .columns = C); }
func_alias(A) ::= AS name(N) LP func_columns(C) RP. { struct ast *alias = NEW(ALIAS, alias, N.pos, .name = N.text); A = NEW(FUNC_REF, func_ref, 0, .alias = alias, .columns = C); }
func_alias(A) ::= name(N) LP func_columns(C) RP. { struct ast *alias = NEW(ALIAS, alias, N.pos, .name = N.text); A = NEW(FUNC_REF, func_ref, 0, .alias = alias, .columns = C); }
%type func_columns {struct ast_list}
func_columns(A) ::= func_column(C). { A = list_of(p, C); }
func_columns(A) ::= func_columns(A) COMMA func_column(C). { list_add(p, &A, C); }
func_column(A) ::= name(N) type(T) collation(C). { A = NEW(COLUMN_DEF, column_def, N.pos, .name = N.text, .type = T, .collation = C); }
%type collation {struct ast_names}
collation(A) ::= . { A = NO_NAMES; }
collation(A) ::= COLLATE qualified(Q). { A = Q; }
%type ordinality {bool}
%type rows_from_list {struct ast_list}
func_table(A) ::= func_windowless(F) ordinality(O). {
	struct ast_list items = list_of(p, NEW(FUNC_ITEM, func_item, F->pos, .call = F));
	A = NEW(FUNC_REF, func_ref, F->pos, .functions = items, .ordinality = O);
}
func_table(A) ::= ROWS(T) FROM LP rows_from_list(L) RP ordinality(O). { A = NEW(FUNC_REF, func_ref, T.pos, .rows_from = true, .functions = L, .ordinality = O); }
ordinality(A) ::= . { A = false; }
ordinality(A) ::= WITH_LA ORDINALITY. { A = true; }
rows_from_list(A) ::= rows_from_item(I). { A = list_of(p, I); }
rows_from_list(A) ::= rows_from_list(A) COMMA rows_from_item(I). { list_add(p, &A, I); }
rows_from_item(A) ::= func_windowless(F). { A = NEW(FUNC_ITEM, func_item, F->pos, .call = F); }
rows_from_item(A) ::= func_windowless(F) AS LP func_columns(C) RP. { A = NEW(FUNC_ITEM, func_item, F->pos, .call = F, .columns = C); }

%type join_kind {int}
%type join_condition {struct join_condition}
%type using_alias {struct token}
joined(A) ::= LP joined(J) RP. { A = J; }
joined(A) ::= from_item(L) CROSS(T) JOIN from_item(R). { A = make_join(p, T.pos, AST_JOIN_CROSS, false, L, R, NULL); }
joined(A) ::= from_item(L) join_kind(K) JOIN(T) from_item(R) join_condition(C). { A = make_join(p, T.pos, K, false, L, R, &C); }
joined(A) ::= from_item(L) JOIN(T) from_item(R) join_condition(C). { A = make_join(p, T.pos, AST_JOIN_INNER, false, L, R, &C); }
joined(A) ::= from_item(L) NATURAL(T) join_kind(K) JOIN from_item(R). { A = make_join(p, T.pos, K, true, L, R, NULL); }
joined(A) ::= from_item(L) NATURAL(T) JOIN from_item(R). { A = make_join(p, T.pos, AST_JOIN_INNER, true, L, R, NULL); }
join_kind(A) ::= FULL outer. { A = AST_JOIN_FULL; }
join_kind(A) ::= LEFT outer. { A = AST_JOIN_LEFT; }
join_kind(A) ::= RIGHT outer. { A = AST_JOIN_RIGHT; }
join_kind(A) ::= INNER. { A = AST_JOIN_INNER; }
outer ::= .
outer ::= OUTER.
join_condition(A) ::= USING LP name_list(L) RP using_alias(N). { A = (struct join_condition){.using = L, .using_alias = N.text}; }
join_condition(A) ::= ON expr(E). { A = (struct join_condition){.on = E}; }
using_alias(A) ::= . { A = (struct token){0}; }
using_alias(A) ::= AS name(N). { A = N; }

/* ==== types ==== */
%type opt_modifiers {struct ast_list}
%type array_bounds {int}
type(A) ::= simple_type(T) array_bounds(B). { A = T; ((struct ast_type_name *)A)->array_dimensions = B; }
type(A) ::= SETOF simple_type(T) array_bounds(B). { A = T; ((struct ast_type_name *)A)->array_dimensions = B; ((struct ast_type_name *)A)->setof = true; }
type(A) ::= simple_type(T) ARRAY array_size. { A = T; ((struct ast_type_name *)A)->array_dimensions = 1; }
type(A) ::= SETOF simple_type(T) ARRAY array_size. { A = T; ((struct ast_type_name *)A)->array_dimensions = 1; ((struct ast_type_name *)A)->setof = true; }
array_size ::= .
array_size ::= LB ICONST(N) RB. { integer_value(p, N); }
array_bounds(A) ::= . { A = 0; }
array_bounds(A) ::= array_bounds(A) LB RB. { A++; }
array_bounds(A) ::= array_bounds(A) LB ICONST(N) RB. { integer_value(p, N); A++; }
simple_type(A) ::= generic_type(A).
simple_type(A) ::= numeric_type(A).
simple_type(A) ::= bit_type(A).
simple_type(A) ::= character_type(A).
simple_type(A) ::= datetime_type(A).
simple_type(A) ::= INTERVAL(T) interval_fields(F). { A = F; A->pos = T.pos; }
simple_type(A) ::= INTERVAL(T) LP ICONST(N) RP. { A = make_interval_type(p, T.pos, AST_INTERVAL_ANY, make_literal(p, N, AST_LITERAL_INTEGER)); }
/* What may stand before '…' of a typed literal. */
constant_type(A) ::= numeric_type(A).
constant_type(A) ::= constant_bit_type(A).
constant_type(A) ::= constant_character_type(A).
constant_type(A) ::= datetime_type(A).
opt_modifiers(A) ::= . { A = NO_LIST; }
opt_modifiers(A) ::= LP expr_list(L) RP. { A = L; }
generic_type(A) ::= type_func_name(N) opt_modifiers(M). { struct ast_names names = names_of(p, N.text); A = NEW(TYPE_NAME, type_name, N.pos, .names = names, .modifiers = M); }
generic_type(A) ::= type_func_name(N) attributes(L) opt_modifiers(M). { struct ast_names names = names_indirect(p, N, L); A = NEW(TYPE_NAME, type_name, N.pos, .names = names, .modifiers = M); }
%type attributes {struct ast_list}
attributes(A) ::= DOT(T) label(N). { A = list_of(p, NEW(FIELD, field, T.pos, .name = N.text)); }
attributes(A) ::= attributes(A) DOT(T) label(N). { list_add(p, &A, NEW(FIELD, field, T.pos, .name = N.text)); }
numeric_type(A) ::= INT(T). { A = make_type(p, T.pos, "int4", NO_LIST); }
numeric_type(A) ::= INTEGER(T). { A = make_type(p, T.pos, "int4", NO_LIST); }
numeric_type(A) ::= SMALLINT(T). { A = make_type(p, T.pos, "int2", NO_LIST); }
numeric_type(A) ::= BIGINT(T). { A = make_type(p, T.pos, "int8", NO_LIST); }
numeric_type(A) ::= REAL(T). { A = make_type(p, T.pos, "float4", NO_LIST); }
numeric_type(A) ::= FLOAT(T). { A = make_type(p, T.pos, "float8", NO_LIST); }
numeric_type(A) ::= FLOAT(T) LP ICONST(N) RP. { A = make_float_type(p, T.pos, N); }
numeric_type(A) ::= DOUBLE(T) PRECISION. { A = make_type(p, T.pos, "float8", NO_LIST); }
numeric_type(A) ::= DECIMAL(T) opt_modifiers(M). { A = make_type(p, T.pos, "numeric", M); }
numeric_type(A) ::= DEC(T) opt_modifiers(M). { A = make_type(p, T.pos, "numeric", M); }
numeric_type(A) ::= NUMERIC(T) opt_modifiers(M). { A = make_type(p, T.pos, "numeric", M); }
numeric_type(A) ::= BOOLEAN(T). { A = make_type(p, T.pos, "bool", NO_LIST); }
bit_type(A) ::= bit_with_length(A).
bit_type(A) ::= BIT(T). { A = make_type(p, T.pos, "bit", list_of(p, make_number(p, T.pos, "1"))); }
bit_type(A) ::= BIT(T) VARYING. { A = make_type(p, T.pos, "varbit", NO_LIST); }
constant_bit_type(A) ::= bit_with_length(A).
constant_bit_type(A) ::= BIT(T). { A = make_type(p, T.pos, "bit", NO_LIST); }
constant_bit_type(A) ::= BIT(T) VARYING. { A = make_type(p, T.pos, "varbit", NO_LIST); }
bit_with_length(A) ::= BIT(T) LP expr_list(L) RP. { A = make_type(p, T.pos, "bit", L); }
bit_with_length(A) ::= BIT(T) VARYING LP expr_list(L) RP. { A = make_type(p, T.pos, "varbit", L); }
%type character {struct token}
/* len tells whether the type is VARYING. */
character(A) ::= CHARACTER(T) varying(V). { A = T; A.len = V; }
character(A) ::= CHAR(T) varying(V). { A = T; A.len = V; }
character(A) ::= VARCHAR(T). { A = T; A.len = true; }
character(A) ::= NATIONAL(T) CHARACTER varying(V). { A = T; A.len = V; }
character(A) ::= NATIONAL(T) CHAR varying(V). { A = T; A.len = V; }
character(A) ::= NCHAR(T) varying(V). { A = T; A.len = V; }
%type varying {bool}
varying(A) ::= . { A = false; }
varying(A) ::= VARYING. { A = true; }
character_with_length(A) ::= character(C) LP ICONST(N) RP. { A = make_character_type(p, C.pos, C.len, list_of(p, make_literal(p, N, AST_LITERAL_INTEGER)), false); }
character_type(A) ::= character_with_length(A).
character_type(A) ::= character(C). { A = make_character_type(p, C.pos, C.len, NO_LIST, false); }
constant_character_type(A) ::= character_with_length(A).
constant_character_type(A) ::= character(C). { A = make_character_type(p, C.pos, C.len, NO_LIST, true); }
%type time_zone {bool}
datetime_type(A) ::= TIMESTAMP(T) LP ICONST(N) RP time_zone(Z). { A = make_type(p, T.pos, Z ? "timestamptz" : "timestamp", list_of(p, make_literal(p, N, AST_LITERAL_INTEGER))); }
datetime_type(A) ::= TIMESTAMP(T) time_zone(Z). { A = make_type(p, T.pos, Z ? "timestamptz" : "timestamp", NO_LIST); }
datetime_type(A) ::= TIME(T) LP ICONST(N) RP time_zone(Z). { A = make_type(p, T.pos, Z ? "timetz" : "time", list_of(p, make_literal(p, N, AST_LITERAL_INTEGER))); }
datetime_type(A) ::= TIME(T) time_zone(Z). { A = make_type(p, T.pos, Z ? "timetz" : "time", NO_LIST); }
time_zone(A) ::= . { A = false; }
time_zone(A) ::= WITH_LA TIME ZONE. { A = true; }
time_zone(A) ::= WITHOUT TIME ZONE. { A = false; }
interval_fields(A) ::= . { A = make_interval_type(p, 0, AST_INTERVAL_ANY, NULL); }
interval_fields(A) ::= YEAR. { A = make_interval_type(p, 0, AST_INTERVAL_YEAR, NULL); }
interval_fields(A) ::= MONTH. { A = make_interval_type(p, 0, AST_INTERVAL_MONTH, NULL); }
interval_fields(A) ::= DAY. { A = make_interval_type(p, 0, AST_INTERVAL_DAY, NULL); }
interval_fields(A) ::= HOUR. { A = make_interval_type(p, 0, AST_INTERVAL_HOUR, NULL); }
interval_fields(A) ::= MINUTE. { A = make_interval_type(p, 0, AST_INTERVAL_MINUTE, NULL); }
interval_fields(A) ::= interval_second(S). { A = make_interval_type(p, 0, AST_INTERVAL_SECOND, S); }
interval_fields(A) ::= YEAR TO MONTH. { A = make_interval_type(p, 0, AST_INTERVAL_YEAR_TO_MONTH, NULL); }
interval_fields(A) ::= DAY TO HOUR. { A = make_interval_type(p, 0, AST_INTERVAL_DAY_TO_HOUR, NULL); }
interval_fields(A) ::= DAY TO MINUTE. { A = make_interval_type(p, 0, AST_INTERVAL_DAY_TO_MINUTE, NULL); }
interval_fields(A) ::= DAY TO interval_second(S). { A = make_interval_type(p, 0, AST_INTERVAL_DAY_TO_SECOND, S); }
interval_fields(A) ::= HOUR TO MINUTE. { A = make_interval_type(p, 0, AST_INTERVAL_HOUR_TO_MINUTE, NULL); }
interval_fields(A) ::= HOUR TO interval_second(S). { A = make_interval_type(p, 0, AST_INTERVAL_HOUR_TO_SECOND, S); }
interval_fields(A) ::= MINUTE TO interval_second(S). { A = make_interval_type(p, 0, AST_INTERVAL_MINUTE_TO_SECOND, S); }
interval_second(A) ::= SECOND. { A = NULL; }
interval_second(A) ::= SECOND LP ICONST(N) RP. { A = make_literal(p, N, AST_LITERAL_INTEGER); }

/* ==== expressions ==== expr is the whole language; simple leaves out what would clash inside BETWEEN,
 * POSITION and DEFAULT (AND, OR, NOT, IN, LIKE, IS NULL …). */
%type expr_list {struct ast_list}
expr_list(A) ::= expr(E). { A = list_of(p, E); }
expr_list(A) ::= expr_list(A) COMMA expr(E). { list_add(p, &A, E); }

expr(A) ::= primary(A).
expr(A) ::= expr(E) TYPECAST(T) type(Y). { A = NEW(CAST, cast, T.pos, .arg = E, .type = Y, .syntax = AST_CAST_COLONS); }
expr(A) ::= expr(E) COLLATE(T) qualified(N). { A = NEW(COLLATE, collate, T.pos, .arg = E, .collation = N); }
expr(A) ::= expr(E) AT(T) TIME ZONE expr(Z). [AT] { A = make_special(p, T.pos, "timezone", list_of2(p, Z, E)); }
expr(A) ::= PLUS|MINUS(T) expr(E). [UMINUS] { A = make_operator(p, T, NULL, E); }
expr(A) ::= expr(L) PLUS|MINUS(T) expr(R). { A = make_operator(p, T, L, R); }
expr(A) ::= expr(L) STAR|SLASH|PERCENT(T) expr(R). { A = make_operator(p, T, L, R); }
expr(A) ::= expr(L) CARET(T) expr(R). { A = make_operator(p, T, L, R); }
expr(A) ::= expr(L) LT|GT|EQ|LE|GE|NE(T) expr(R). { A = make_operator(p, T, L, R); }
expr(A) ::= expr(L) qualified_symbol(O) expr(R). [OP] { A = fill_operator(p, O, L, R); }
expr(A) ::= qualified_symbol(O) expr(R). [OP] { A = fill_operator(p, O, NULL, R); }
expr(A) ::= expr(L) AND(T) expr(R). { A = make_bool(p, AST_BOOL_AND, T.pos, L, R); }
expr(A) ::= expr(L) OR(T) expr(R). { A = make_bool(p, AST_BOOL_OR, T.pos, L, R); }
expr(A) ::= NOT(T) expr(E). { A = NEW(NOT, not, T.pos, .arg = E); }
expr(A) ::= NOT_LA(T) expr(E). [NOT] { A = NEW(NOT, not, T.pos, .arg = E); }
expr(A) ::= expr(L) LIKE(T) expr(R). [LIKE] { A = make_like(p, T.pos, AST_LIKE_LIKE, false, L, R, NULL); }
expr(A) ::= expr(L) LIKE(T) expr(R) ESCAPE expr(E). [LIKE] { A = make_like(p, T.pos, AST_LIKE_LIKE, false, L, R, E); }
expr(A) ::= expr(L) NOT_LA(T) LIKE expr(R). [NOT_LA] { A = make_like(p, T.pos, AST_LIKE_LIKE, true, L, R, NULL); }
expr(A) ::= expr(L) NOT_LA(T) LIKE expr(R) ESCAPE expr(E). [NOT_LA] { A = make_like(p, T.pos, AST_LIKE_LIKE, true, L, R, E); }
expr(A) ::= expr(L) ILIKE(T) expr(R). [ILIKE] { A = make_like(p, T.pos, AST_LIKE_ILIKE, false, L, R, NULL); }
expr(A) ::= expr(L) ILIKE(T) expr(R) ESCAPE expr(E). [ILIKE] { A = make_like(p, T.pos, AST_LIKE_ILIKE, false, L, R, E); }
expr(A) ::= expr(L) NOT_LA(T) ILIKE expr(R). [NOT_LA] { A = make_like(p, T.pos, AST_LIKE_ILIKE, true, L, R, NULL); }
expr(A) ::= expr(L) NOT_LA(T) ILIKE expr(R) ESCAPE expr(E). [NOT_LA] { A = make_like(p, T.pos, AST_LIKE_ILIKE, true, L, R, E); }
expr(A) ::= expr(L) SIMILAR(T) TO expr(R). [SIMILAR] { A = make_like(p, T.pos, AST_LIKE_SIMILAR, false, L, R, NULL); }
expr(A) ::= expr(L) SIMILAR(T) TO expr(R) ESCAPE expr(E). [SIMILAR] { A = make_like(p, T.pos, AST_LIKE_SIMILAR, false, L, R, E); }
expr(A) ::= expr(L) NOT_LA(T) SIMILAR TO expr(R). [NOT_LA] { A = make_like(p, T.pos, AST_LIKE_SIMILAR, true, L, R, NULL); }
expr(A) ::= expr(L) NOT_LA(T) SIMILAR TO expr(R) ESCAPE expr(E). [NOT_LA] { A = make_like(p, T.pos, AST_LIKE_SIMILAR, true, L, R, E); }
expr(A) ::= expr(E) IS(T) NULL. [IS] { A = make_is(p, T.pos, AST_IS_NULL, false, E); }
expr(A) ::= expr(E) ISNULL(T). [IS] { A = make_is(p, T.pos, AST_IS_NULL, false, E); }
expr(A) ::= expr(E) IS(T) NOT NULL. [IS] { A = make_is(p, T.pos, AST_IS_NULL, true, E); }
expr(A) ::= expr(E) NOTNULL(T). [IS] { A = make_is(p, T.pos, AST_IS_NULL, true, E); }
expr(A) ::= expr(E) IS(T) TRUE. [IS] { A = make_is(p, T.pos, AST_IS_TRUE, false, E); }
expr(A) ::= expr(E) IS(T) NOT TRUE. [IS] { A = make_is(p, T.pos, AST_IS_TRUE, true, E); }
expr(A) ::= expr(E) IS(T) FALSE. [IS] { A = make_is(p, T.pos, AST_IS_FALSE, false, E); }
expr(A) ::= expr(E) IS(T) NOT FALSE. [IS] { A = make_is(p, T.pos, AST_IS_FALSE, true, E); }
expr(A) ::= expr(E) IS(T) UNKNOWN. [IS] { A = make_is(p, T.pos, AST_IS_UNKNOWN, false, E); }
expr(A) ::= expr(E) IS(T) NOT UNKNOWN. [IS] { A = make_is(p, T.pos, AST_IS_UNKNOWN, true, E); }
expr(A) ::= expr(E) IS(T) DOCUMENT. [IS] { A = make_is(p, T.pos, AST_IS_DOCUMENT, false, E); }
expr(A) ::= expr(E) IS(T) NOT DOCUMENT. [IS] { A = make_is(p, T.pos, AST_IS_DOCUMENT, true, E); }
expr(A) ::= expr(L) IS(T) DISTINCT FROM expr(R). [IS] { A = NEW(IS_DISTINCT, is_distinct, T.pos, .left = L, .right = R); }
expr(A) ::= expr(L) IS(T) NOT DISTINCT FROM expr(R). [IS] { A = NEW(IS_DISTINCT, is_distinct, T.pos, .negated = true, .left = L, .right = R); }
expr(A) ::= expr(E) IS(T) NORMALIZED. [IS] { A = NEW(IS_NORMALIZED, is_normalized, T.pos, .arg = E); }
expr(A) ::= expr(E) IS(T) normal_form(F) NORMALIZED. [IS] { A = NEW(IS_NORMALIZED, is_normalized, T.pos, .arg = E, .form = F.text); }
expr(A) ::= expr(E) IS(T) NOT NORMALIZED. [IS] { A = NEW(IS_NORMALIZED, is_normalized, T.pos, .negated = true, .arg = E); }
expr(A) ::= expr(E) IS(T) NOT normal_form(F) NORMALIZED. [IS] { A = NEW(IS_NORMALIZED, is_normalized, T.pos, .negated = true, .arg = E, .form = F.text); }
expr(A) ::= row(L) OVERLAPS(T) row(R). { A = make_overlaps(p, T.pos, L, R); }
expr(A) ::= expr(E) BETWEEN(T) asymmetric simple(L) AND expr(H). [BETWEEN] { A = NEW(BETWEEN, between, T.pos, .arg = E, .low = L, .high = H); }
expr(A) ::= expr(E) NOT_LA(T) BETWEEN asymmetric simple(L) AND expr(H). [NOT_LA] { A = NEW(BETWEEN, between, T.pos, .negated = true, .arg = E, .low = L, .high = H); }
expr(A) ::= expr(E) BETWEEN(T) SYMMETRIC simple(L) AND expr(H). [BETWEEN] { A = NEW(BETWEEN, between, T.pos, .symmetric = true, .arg = E, .low = L, .high = H); }
expr(A) ::= expr(E) NOT_LA(T) BETWEEN SYMMETRIC simple(L) AND expr(H). [NOT_LA] { A = NEW(BETWEEN, between, T.pos, .negated = true, .symmetric = true, .arg = E, .low = L, .high = H); }
expr(A) ::= expr(E) IN(T) in_set(S). [IN] { A = make_in(p, T.pos, false, E, S); }
expr(A) ::= expr(E) NOT_LA(T) IN in_set(S). [NOT_LA] { A = make_in(p, T.pos, true, E, S); }
expr(A) ::= expr(L) subquery_op(O) any_or_all(Q) query_parens(S). [OP] { A = make_sublink_op(p, O, Q, L, S); }
expr(A) ::= expr(L) subquery_op(O) any_or_all(Q) LP expr(R) RP. [OP] { A = make_quantified(p, O, Q, L, R); }
expr(A) ::= DEFAULT(T). { A = make_literal(p, T, AST_LITERAL_DEFAULT); }
asymmetric ::= .
asymmetric ::= ASYMMETRIC.
in_set(A) ::= query_parens(A).
in_set(A) ::= LP(T) expr_list(L) RP. { A = NEW(ROW, row, T.pos, .items = L); }
%type any_or_all {bool}
any_or_all(A) ::= ANY. { A = false; }
any_or_all(A) ::= SOME. { A = false; }
any_or_all(A) ::= ALL. { A = true; }
%type normal_form {struct token}
normal_form(A) ::= NFC(T). { A = T; A.text = "NFC"; }
normal_form(A) ::= NFD(T). { A = T; A.text = "NFD"; }
normal_form(A) ::= NFKC(T). { A = T; A.text = "NFKC"; }
normal_form(A) ::= NFKD(T). { A = T; A.text = "NFKD"; }

simple(A) ::= primary(A).
simple(A) ::= simple(E) TYPECAST(T) type(Y). { A = NEW(CAST, cast, T.pos, .arg = E, .type = Y, .syntax = AST_CAST_COLONS); }
simple(A) ::= PLUS|MINUS(T) simple(E). [UMINUS] { A = make_operator(p, T, NULL, E); }
simple(A) ::= simple(L) PLUS|MINUS(T) simple(R). { A = make_operator(p, T, L, R); }
simple(A) ::= simple(L) STAR|SLASH|PERCENT(T) simple(R). { A = make_operator(p, T, L, R); }
simple(A) ::= simple(L) CARET(T) simple(R). { A = make_operator(p, T, L, R); }
simple(A) ::= simple(L) LT|GT|EQ|LE|GE|NE(T) simple(R). { A = make_operator(p, T, L, R); }
simple(A) ::= simple(L) qualified_symbol(O) simple(R). [OP] { A = fill_operator(p, O, L, R); }
simple(A) ::= qualified_symbol(O) simple(R). [OP] { A = fill_operator(p, O, NULL, R); }
simple(A) ::= simple(L) IS(T) DISTINCT FROM simple(R). [IS] { A = NEW(IS_DISTINCT, is_distinct, T.pos, .left = L, .right = R); }
simple(A) ::= simple(L) IS(T) NOT DISTINCT FROM simple(R). [IS] { A = NEW(IS_DISTINCT, is_distinct, T.pos, .negated = true, .left = L, .right = R); }
simple(A) ::= simple(E) IS(T) DOCUMENT. [IS] { A = make_is(p, T.pos, AST_IS_DOCUMENT, false, E); }
simple(A) ::= simple(E) IS(T) NOT DOCUMENT. [IS] { A = make_is(p, T.pos, AST_IS_DOCUMENT, true, E); }

/* ---- operators: an OPERATOR node without operands ---- */
%type math_op {struct token}
qualified_symbol(A) ::= OP(T). { A = NEW(OPERATOR, operator, T.pos, .op = T.text); }
qualified_symbol(A) ::= OPERATOR LP any_operator(O) RP. { A = O; }
qualified_op(A) ::= all_op(A).
qualified_op(A) ::= OPERATOR LP any_operator(O) RP. { A = O; }
all_op(A) ::= OP(T). { A = NEW(OPERATOR, operator, T.pos, .op = T.text); }
all_op(A) ::= math_op(T). { A = NEW(OPERATOR, operator, T.pos, .op = T.text); }
math_op(A) ::= PLUS|MINUS(A).
math_op(A) ::= STAR|SLASH|PERCENT(A).
math_op(A) ::= CARET(A).
math_op(A) ::= LT|GT|EQ|LE|GE|NE(A).
any_operator(A) ::= all_op(A).
any_operator(A) ::= operator_schema(S) all_op(O). { A = O; ((struct ast_operator *)A)->schema = S; }
%type operator_schema {struct ast_names}
operator_schema(A) ::= name(N) DOT. { A = names_of(p, N.text); }
operator_schema(A) ::= operator_schema(A) name(N) DOT. { names_add(p, &A, N.text); }
subquery_op(A) ::= all_op(A).
subquery_op(A) ::= OPERATOR LP any_operator(O) RP. { A = O; }
subquery_op(A) ::= LIKE(T). { A = NEW(OPERATOR, operator, T.pos, .op = "~~"); }
subquery_op(A) ::= NOT_LA(T) LIKE. { A = NEW(OPERATOR, operator, T.pos, .op = "!~~"); }
subquery_op(A) ::= ILIKE(T). { A = NEW(OPERATOR, operator, T.pos, .op = "~~*"); }
subquery_op(A) ::= NOT_LA(T) ILIKE. { A = NEW(OPERATOR, operator, T.pos, .op = "!~~*"); }

/* ---- primaries ---- */
%type indirection {struct ast_list}
%type opt_indirection {struct ast_list}
primary(A) ::= column_ref(A).
primary(A) ::= constant(A).
primary(A) ::= PARAM(T) opt_indirection(I). { A = apply_indirection(p, make_param(p, T), I); }
primary(A) ::= LP expr(E) RP opt_indirection(I). { A = apply_indirection(p, E, I); }
primary(A) ::= case(A).
primary(A) ::= func(A).
primary(A) ::= query_parens(Q). [UMINUS] { A = NEW(SUBLINK, sublink, Q->pos, .type = AST_SUBLINK_SCALAR, .query = Q); }
primary(A) ::= query_parens(Q) indirection(I). { A = apply_indirection(p, NEW(SUBLINK, sublink, Q->pos, .type = AST_SUBLINK_SCALAR, .query = Q), I); }
primary(A) ::= EXISTS(T) query_parens(Q). { A = NEW(SUBLINK, sublink, T.pos, .type = AST_SUBLINK_EXISTS, .query = Q); }
primary(A) ::= ARRAY(T) query_parens(Q). { A = NEW(SUBLINK, sublink, T.pos, .type = AST_SUBLINK_ARRAY, .query = Q); }
primary(A) ::= ARRAY(T) array_items(L). { A = L; A->pos = T.pos; }
primary(A) ::= explicit_row(A).
primary(A) ::= implicit_row(A).
primary(A) ::= GROUPING(T) LP expr_list(L) RP. { A = NEW(GROUPING_CALL, grouping_call, T.pos, .args = L); }
row(A) ::= explicit_row(A).
row(A) ::= implicit_row(A).
explicit_row(A) ::= ROW(T) LP expr_list(L) RP. { A = NEW(ROW, row, T.pos, .explicit = true, .items = L); }
explicit_row(A) ::= ROW(T) LP RP. { A = NEW(ROW, row, T.pos, .explicit = true); }
implicit_row(A) ::= LP(T) expr_list(L) COMMA expr(E) RP. { list_add(p, &L, E); A = NEW(ROW, row, T.pos, .items = L); }
%type array_list {struct ast_list}
array_items(A) ::= LB(T) expr_list(L) RB. { A = make_array(p, T.pos, L); }
array_items(A) ::= LB(T) array_list(L) RB. { A = make_array(p, T.pos, L); }
array_items(A) ::= LB(T) RB. { A = make_array(p, T.pos, NO_LIST); }
array_list(A) ::= array_items(I). { A = list_of(p, I); }
array_list(A) ::= array_list(A) COMMA array_items(I). { list_add(p, &A, I); }
%type when_list {struct ast_list}
case(A) ::= CASE(T) opt_expr(E) when_list(L) else(D) END. { A = NEW(CASE, case, T.pos, .arg = E, .whens = L, .otherwise = D); }
opt_expr(A) ::= . { A = NULL; }
opt_expr(A) ::= expr(A).
when_list(A) ::= when(W). { A = list_of(p, W); }
when_list(A) ::= when_list(A) when(W). { list_add(p, &A, W); }
when(A) ::= WHEN(T) expr(C) THEN expr(R). { A = NEW(WHEN, when, T.pos, .condition = C, .result = R); }
else(A) ::= . { A = NULL; }
else(A) ::= ELSE expr(E). { A = E; }
column_ref(A) ::= name(N). { A = make_column_ref(p, N, NO_LIST); }
column_ref(A) ::= name(N) indirection(I). { A = make_column_ref(p, N, I); }
indirection(A) ::= indirection_item(I). { A = list_of(p, I); }
indirection(A) ::= indirection(A) indirection_item(I). { list_add(p, &A, I); }
opt_indirection(A) ::= . { A = NO_LIST; }
opt_indirection(A) ::= opt_indirection(A) indirection_item(I). { list_add(p, &A, I); }
indirection_item(A) ::= DOT(T) label(N). { A = NEW(FIELD, field, T.pos, .name = N.text); }
indirection_item(A) ::= DOT(T) STAR. { A = NEW(FIELD, field, T.pos, .name = NULL); }
indirection_item(A) ::= LB(T) expr(E) RB. { A = NEW(SUBSCRIPT, subscript, T.pos, .lower = E); }
indirection_item(A) ::= LB(T) opt_expr(L) COLON opt_expr(U) RB. { A = NEW(SUBSCRIPT, subscript, T.pos, .slice = true, .lower = L, .upper = U); }

constant(A) ::= ICONST(T). { A = make_literal(p, T, AST_LITERAL_INTEGER); }
constant(A) ::= FCONST(T). { A = make_literal(p, T, AST_LITERAL_NUMERIC); }
constant(A) ::= SCONST(T). { A = make_literal(p, T, AST_LITERAL_STRING); }
constant(A) ::= BCONST(T). { A = make_literal(p, T, AST_LITERAL_BIT); }
constant(A) ::= XCONST(T). { A = make_literal(p, T, AST_LITERAL_HEX_BIT); }
constant(A) ::= TRUE(T). { A = make_literal(p, T, AST_LITERAL_TRUE); }
constant(A) ::= FALSE(T). { A = make_literal(p, T, AST_LITERAL_FALSE); }
constant(A) ::= NULL(T). { A = make_literal(p, T, AST_LITERAL_NULL); }
constant(A) ::= func_name(N) SCONST(T). { A = make_generic_literal(p, N->pos, ((struct ast_object_name *)N)->names, NO_LIST, NO_LIST, T); }
constant(A) ::= func_name(N) LP arg_list(L) opt_order_by(O) RP SCONST(T). { A = make_generic_literal(p, N->pos, ((struct ast_object_name *)N)->names, L, O, T); }
constant(A) ::= constant_type(Y) SCONST(T). { A = make_typed_literal(p, Y, T); }
constant(A) ::= INTERVAL(T) SCONST(S) interval_fields(F). { F->pos = T.pos; A = make_typed_literal(p, F, S); }
constant(A) ::= INTERVAL(T) LP ICONST(N) RP SCONST(S). { A = make_typed_literal(p, make_interval_type(p, T.pos, AST_INTERVAL_ANY, make_literal(p, N, AST_LITERAL_INTEGER)), S); }

/* ---- functions ---- */
%type arg_list {struct ast_list}
%type opt_arg_list {struct ast_list}
func_name(A) ::= type_func_name(N). { struct ast_names names = names_of(p, N.text); A = NEW(OBJECT_NAME, object_name, N.pos, .names = names); }
func_name(A) ::= name(N) indirection(I). { struct ast_names names = names_indirect(p, N, I); A = NEW(OBJECT_NAME, object_name, N.pos, .names = names); }
arg_list(A) ::= arg(E). { A = list_of(p, E); }
arg_list(A) ::= arg_list(A) COMMA arg(E). { list_add(p, &A, E); }
opt_arg_list(A) ::= . { A = NO_LIST; }
opt_arg_list(A) ::= arg_list(A).
arg(A) ::= expr(A).
arg(A) ::= type_func_name(N) COLON_EQUALS expr(E). { A = NEW(NAMED_ARG, named_arg, N.pos, .name = N.text, .value = E); }
arg(A) ::= type_func_name(N) EQUALS_GREATER expr(E). { A = NEW(NAMED_ARG, named_arg, N.pos, .name = N.text, .value = E); }
func_application(A) ::= func_name(N) LP RP. { A = make_call(p, N->pos, ((struct ast_object_name *)N)->names, NO_LIST); }
func_application(A) ::= func_name(N) LP arg_list(L) opt_order_by(O) RP. { A = make_call(p, N->pos, ((struct ast_object_name *)N)->names, L); ((struct ast_func_call *)A)->order_by = O; }
func_application(A) ::= func_name(N) LP VARIADIC arg(V) opt_order_by(O) RP. { A = make_call(p, N->pos, ((struct ast_object_name *)N)->names, list_of(p, V)); ((struct ast_func_call *)A)->variadic = true; ((struct ast_func_call *)A)->order_by = O; }
func_application(A) ::= func_name(N) LP arg_list(L) COMMA VARIADIC arg(V) opt_order_by(O) RP. { list_add(p, &L, V); A = make_call(p, N->pos, ((struct ast_object_name *)N)->names, L); ((struct ast_func_call *)A)->variadic = true; ((struct ast_func_call *)A)->order_by = O; }
func_application(A) ::= func_name(N) LP ALL arg_list(L) opt_order_by(O) RP. { A = make_call(p, N->pos, ((struct ast_object_name *)N)->names, L); ((struct ast_func_call *)A)->order_by = O; }
func_application(A) ::= func_name(N) LP DISTINCT arg_list(L) opt_order_by(O) RP. { A = make_call(p, N->pos, ((struct ast_object_name *)N)->names, L); ((struct ast_func_call *)A)->distinct = true; ((struct ast_func_call *)A)->order_by = O; }
func_application(A) ::= func_name(N) LP STAR RP. { A = make_call(p, N->pos, ((struct ast_object_name *)N)->names, NO_LIST); ((struct ast_func_call *)A)->star = true; }
func(A) ::= func_application(F) within_group(G) filter(W) over(V). {
	A = F;
	struct ast_func_call *f = (struct ast_func_call *)A;
	if (G.count > 0) {
		if (f->order_by.count > 0)
			parse_error(p, G.items[0]->pos, ERR_SYNTAX_ERROR, "cannot use multiple ORDER BY clauses with WITHIN GROUP");
		else if (f->distinct)
			parse_error(p, G.items[0]->pos, ERR_SYNTAX_ERROR, "cannot use DISTINCT with WITHIN GROUP");
		else if (f->variadic)
			parse_error(p, G.items[0]->pos, ERR_SYNTAX_ERROR, "cannot use VARIADIC with WITHIN GROUP");
		f->order_by = G;
		f->within_group = true;
	}
	f->filter = W;
	f->over = V;
	node_changed(p, A);
}
func(A) ::= func_special(A).
func_windowless(A) ::= func_application(F). { A = F; node_changed(p, A); }
func_windowless(A) ::= func_special(A).
%type within_group {struct ast_list}
within_group(A) ::= . { A = NO_LIST; }
within_group(A) ::= WITHIN GROUP LP order_by(O) RP. { A = O; }
filter(A) ::= . { A = NULL; }
filter(A) ::= FILTER LP WHERE expr(E) RP. { A = E; }
over(A) ::= . { A = NULL; }
over(A) ::= OVER window_spec(W). { A = W; }
over(A) ::= OVER name(N). { A = NEW(WINDOW, window, N.pos, .base_name = N.text, .bare = true); }

func_special(A) ::= COLLATION(T) FOR LP expr(E) RP. { A = make_special(p, T.pos, "pg_collation_for", list_of(p, E)); }
func_special(A) ::= CURRENT_DATE(T). { A = make_sql_value(p, T, AST_VALUE_CURRENT_DATE, NULL); }
func_special(A) ::= CURRENT_TIME(T). { A = make_sql_value(p, T, AST_VALUE_CURRENT_TIME, NULL); }
func_special(A) ::= CURRENT_TIME(T) LP ICONST(N) RP. { A = make_sql_value(p, T, AST_VALUE_CURRENT_TIME, &N); }
func_special(A) ::= CURRENT_TIMESTAMP(T). { A = make_sql_value(p, T, AST_VALUE_CURRENT_TIMESTAMP, NULL); }
func_special(A) ::= CURRENT_TIMESTAMP(T) LP ICONST(N) RP. { A = make_sql_value(p, T, AST_VALUE_CURRENT_TIMESTAMP, &N); }
func_special(A) ::= LOCALTIME(T). { A = make_sql_value(p, T, AST_VALUE_LOCALTIME, NULL); }
func_special(A) ::= LOCALTIME(T) LP ICONST(N) RP. { A = make_sql_value(p, T, AST_VALUE_LOCALTIME, &N); }
func_special(A) ::= LOCALTIMESTAMP(T). { A = make_sql_value(p, T, AST_VALUE_LOCALTIMESTAMP, NULL); }
func_special(A) ::= LOCALTIMESTAMP(T) LP ICONST(N) RP. { A = make_sql_value(p, T, AST_VALUE_LOCALTIMESTAMP, &N); }
func_special(A) ::= CURRENT_ROLE(T). { A = make_sql_value(p, T, AST_VALUE_CURRENT_ROLE, NULL); }
func_special(A) ::= CURRENT_USER(T). { A = make_sql_value(p, T, AST_VALUE_CURRENT_USER, NULL); }
func_special(A) ::= SESSION_USER(T). { A = make_sql_value(p, T, AST_VALUE_SESSION_USER, NULL); }
func_special(A) ::= USER(T). { A = make_sql_value(p, T, AST_VALUE_USER, NULL); }
func_special(A) ::= CURRENT_CATALOG(T). { A = make_sql_value(p, T, AST_VALUE_CURRENT_CATALOG, NULL); }
func_special(A) ::= CURRENT_SCHEMA(T). { A = make_sql_value(p, T, AST_VALUE_CURRENT_SCHEMA, NULL); }
func_special(A) ::= CAST(T) LP expr(E) AS type(Y) RP. { A = NEW(CAST, cast, T.pos, .arg = E, .type = Y, .syntax = AST_CAST_CALL); }
func_special(A) ::= EXTRACT(T) LP extract_field(F) FROM expr(E) RP. { A = make_special(p, T.pos, "extract", list_of2(p, make_text(p, F.pos, F.text), E)); }
%type extract_field {struct token}
extract_field(A) ::= IDENT(A).
extract_field(A) ::= YEAR(A).
extract_field(A) ::= MONTH(A).
extract_field(A) ::= DAY(A).
extract_field(A) ::= HOUR(A).
extract_field(A) ::= MINUTE(A).
extract_field(A) ::= SECOND(A).
extract_field(A) ::= SCONST(A).
func_special(A) ::= NORMALIZE(T) LP expr(E) RP. { A = make_special(p, T.pos, "normalize", list_of(p, E)); }
func_special(A) ::= NORMALIZE(T) LP expr(E) COMMA normal_form(F) RP. { A = make_special(p, T.pos, "normalize", list_of2(p, E, make_text(p, F.pos, F.text))); }
func_special(A) ::= OVERLAY(T) LP expr(E) PLACING expr(B) FROM expr(C) FOR expr(D) RP. { struct ast_list l = list_of3(p, E, B, C); list_add(p, &l, D); A = make_special(p, T.pos, "overlay", l); }
func_special(A) ::= OVERLAY(T) LP expr(E) PLACING expr(B) FROM expr(C) RP. { A = make_special(p, T.pos, "overlay", list_of3(p, E, B, C)); }
func_special(A) ::= OVERLAY(T) LP opt_arg_list(L) RP. { A = make_call(p, T.pos, names_of(p, "overlay"), L); }
func_special(A) ::= POSITION(T) LP simple(L) IN simple(R) RP. { A = make_special(p, T.pos, "position", list_of2(p, R, L)); }
func_special(A) ::= SUBSTRING(T) LP expr(E) FROM expr(B) FOR expr(C) RP. { A = make_special(p, T.pos, "substring", list_of3(p, E, B, C)); }
func_special(A) ::= SUBSTRING(T) LP expr(E) FOR expr(C) FROM expr(B) RP. { A = make_special(p, T.pos, "substring", list_of3(p, E, B, C)); }
func_special(A) ::= SUBSTRING(T) LP expr(E) FROM expr(B) RP. { A = make_special(p, T.pos, "substring", list_of2(p, E, B)); }
func_special(A) ::= SUBSTRING(T) LP expr(E) FOR expr(C) RP. { A = make_special(p, T.pos, "substring", list_of3(p, E, make_number(p, C->pos, "1"), C)); }
func_special(A) ::= SUBSTRING(T) LP expr(E) SIMILAR expr(B) ESCAPE expr(C) RP. { A = make_special(p, T.pos, "substring_similar", list_of3(p, E, B, C)); }
func_special(A) ::= SUBSTRING(T) LP opt_arg_list(L) RP. { A = make_call(p, T.pos, names_of(p, "substring"), L); }
func_special(A) ::= TREAT(T) LP expr AS type RP. { parse_unsupported(p, T.pos, "TREAT"); A = make_literal(p, T, AST_LITERAL_NULL); }
func_special(A) ::= TRIM(T) LP BOTH trim_list(L) RP. { A = make_special(p, T.pos, "btrim", L); }
func_special(A) ::= TRIM(T) LP LEADING trim_list(L) RP. { A = make_special(p, T.pos, "ltrim", L); }
func_special(A) ::= TRIM(T) LP TRAILING trim_list(L) RP. { A = make_special(p, T.pos, "rtrim", L); }
func_special(A) ::= TRIM(T) LP trim_list(L) RP. { A = make_special(p, T.pos, "btrim", L); }
%type trim_list {struct ast_list}
trim_list(A) ::= expr(E) FROM expr_list(L). { A = L; list_add(p, &A, E); }
trim_list(A) ::= FROM expr_list(L). { A = L; }
trim_list(A) ::= expr_list(A).
func_special(A) ::= NULLIF(T) LP expr(L) COMMA expr(R) RP. { A = NEW(NULLIF, nullif, T.pos, .left = L, .right = R); }
func_special(A) ::= COALESCE(T) LP expr_list(L) RP. { A = NEW(COALESCE, coalesce, T.pos, .args = L); }
func_special(A) ::= GREATEST(T) LP expr_list(L) RP. { A = NEW(MIN_MAX, min_max, T.pos, .greatest = true, .args = L); }
func_special(A) ::= LEAST(T) LP expr_list(L) RP. { A = NEW(MIN_MAX, min_max, T.pos, .args = L); }
func_special(A) ::= XML_WORD(T) LP xml_refused. { A = make_literal(p, T, AST_LITERAL_NULL); }
xml_refused ::= . { parse_unsupported(p, p->last_end - 1, "XML syntax"); }

/* ==== statements ==== */
statement(A) ::= query_any(A).
statement(A) ::= create_table_as(A).
statement(A) ::= execute(A).
statement(A) ::= declare(A).

/* ---- pieces ---- */
/* A name with a flag in front of it: IF NOT EXISTS or IF EXISTS. */
%type new_name {struct flagged_name}
%type new_object {struct flagged_name}
%type old_object {struct flagged_name}
%type option_value {struct token}
%type signed_number {struct token}
%type opt_or_replace {bool}
new_name(A) ::= name(N). { A = (struct flagged_name){N.text, NO_NAMES, N.pos, false}; }
new_name(A) ::= IF NOT EXISTS name(N). { A = (struct flagged_name){N.text, NO_NAMES, N.pos, true}; }
new_object(A) ::= object(O). { A = (struct flagged_name){NULL, ((struct ast_object_name *)O)->names, O->pos, false}; }
new_object(A) ::= IF NOT EXISTS object(O). { A = (struct flagged_name){NULL, ((struct ast_object_name *)O)->names, O->pos, true}; }
old_object(A) ::= object(O). { A = (struct flagged_name){NULL, ((struct ast_object_name *)O)->names, O->pos, false}; }
old_object(A) ::= IF EXISTS object(O). { A = (struct flagged_name){NULL, ((struct ast_object_name *)O)->names, O->pos, true}; }
role(A) ::= word(N). { A = NEW(ROLE, role, N.pos, .type = strcmp(N.text, "public") == 0 ? AST_ROLE_PUBLIC : AST_ROLE_NAME, .name = N.text); }
role(A) ::= CURRENT_ROLE(T). { A = NEW(ROLE, role, T.pos, .type = AST_ROLE_CURRENT_ROLE); }
role(A) ::= CURRENT_USER(T). { A = NEW(ROLE, role, T.pos, .type = AST_ROLE_CURRENT_USER); }
role(A) ::= SESSION_USER(T). { A = NEW(ROLE, role, T.pos, .type = AST_ROLE_SESSION_USER); }
mapped_role(A) ::= role(A).
mapped_role(A) ::= USER(T). { A = NEW(ROLE, role, T.pos, .type = AST_ROLE_CURRENT_USER); }
%type cascade {bool}
cascade(A) ::= . { A = false; }
cascade(A) ::= CASCADE. { A = true; }
cascade(A) ::= RESTRICT. { A = false; }
%type options {struct ast_list}
%type option_list {struct ast_list}
%type alter_options {struct ast_list}
%type alter_option_list {struct ast_list}
options(A) ::= . { A = NO_LIST; }
options(A) ::= OPTIONS LP option_list(L) RP. { A = L; }
option_list(A) ::= option(O). { A = list_of(p, O); }
option_list(A) ::= option_list(A) COMMA option(O). { list_add(p, &A, O); }
option(A) ::= label(N) SCONST(V). { A = make_option(p, N.pos, AST_OPTION_PLAIN, N.text, V.text); }
alter_options(A) ::= OPTIONS LP alter_option_list(L) RP. { A = L; }
alter_option_list(A) ::= alter_option(O). { A = list_of(p, O); }
alter_option_list(A) ::= alter_option_list(A) COMMA alter_option(O). { list_add(p, &A, O); }
alter_option(A) ::= option(A).
alter_option(A) ::= ADD(T) label(N) SCONST(V). { A = make_option(p, T.pos, AST_OPTION_ADD, N.text, V.text); }
alter_option(A) ::= SET(T) label(N) SCONST(V). { A = make_option(p, T.pos, AST_OPTION_SET, N.text, V.text); }
alter_option(A) ::= DROP(T) label(N). { A = make_option(p, T.pos, AST_OPTION_DROP, N.text, NULL); }
signed_number(A) ::= ICONST(A).
signed_number(A) ::= FCONST(A).
signed_number(A) ::= PLUS ICONST|FCONST(T). { A = T; }
signed_number(A) ::= MINUS(M) ICONST|FCONST(T). { A = T; A.text = mem_printf(p->m, "-%s", T.text); A.len++; A.pos = M.pos; }
option_value(A) ::= word_or_string(A).
option_value(A) ::= signed_number(A).
option_value(A) ::= TRUE(A).
option_value(A) ::= FALSE(A).
option_value(A) ::= ON(A).

/* ---- servers, mappings, schemas ---- */
%type opt_type_text {struct token}
%type opt_version {struct token}
%type version {struct token}
%type opt_wrapper {struct token}
statement(A) ::= CREATE(T) opt_or_replace(R) SERVER new_name(N) opt_type_text(Y) opt_version(V) opt_wrapper(W) options(L). {
	A = NEW(CREATE_SERVER, create_server, T.pos, .name = N.name, .or_replace = R, .if_not_exists = N.flag, .type = Y.text, .version = V.text, .wrapper = W.text, .options = L);
}
opt_or_replace(A) ::= . { A = false; }
opt_or_replace(A) ::= OR REPLACE. { A = true; }
opt_wrapper(A) ::= . { A = (struct token){0}; }
opt_wrapper(A) ::= FOREIGN DATA WRAPPER name(W). { A = W; }
opt_type_text(A) ::= . { A = (struct token){0}; }
opt_type_text(A) ::= TYPE SCONST(S). { A = S; }
opt_version(A) ::= . { A = (struct token){0}; }
opt_version(A) ::= version(A).
version(A) ::= VERSION SCONST(S). { A = S; }
version(A) ::= VERSION NULL. { A = (struct token){0}; }
statement(A) ::= ALTER(T) SERVER name(N) version(V) alter_options(L). { A = NEW(ALTER_SERVER, alter_server, T.pos, .name = N.text, .has_version = true, .version = V.text, .options = L); }
statement(A) ::= ALTER(T) SERVER name(N) version(V). { A = NEW(ALTER_SERVER, alter_server, T.pos, .name = N.text, .has_version = true, .version = V.text); }
statement(A) ::= ALTER(T) SERVER name(N) alter_options(L). { A = NEW(ALTER_SERVER, alter_server, T.pos, .name = N.text, .options = L); }
statement(A) ::= ALTER(T) SERVER name(N) RENAME TO name(M). { struct ast_names names = names_of(p, N.text); A = NEW(RENAME, rename, T.pos, .object = AST_OBJECT_SERVER, .names = names, .new_name = M.text); }
statement(A) ::= ALTER(T) SERVER name(N) OWNER TO role(R). { struct ast_names names = names_of(p, N.text); A = NEW(CHANGE_OWNER, change_owner, T.pos, .object = AST_OBJECT_SERVER, .names = names, .role = R); }
statement(A) ::= CREATE(T) opt_or_replace(P) USER MAPPING FOR mapped_role(R) SERVER name(S) options(L). { A = NEW(CREATE_USER_MAPPING, create_user_mapping, T.pos, .or_replace = P, .role = R, .server = S.text, .options = L); }
statement(A) ::= CREATE(T) opt_or_replace(P) USER MAPPING IF NOT EXISTS FOR mapped_role(R) SERVER name(S) options(L). { A = NEW(CREATE_USER_MAPPING, create_user_mapping, T.pos, .or_replace = P, .if_not_exists = true, .role = R, .server = S.text, .options = L); }
statement(A) ::= ALTER(T) USER MAPPING FOR mapped_role(R) SERVER name(S) alter_options(L). { A = NEW(ALTER_USER_MAPPING, alter_user_mapping, T.pos, .role = R, .server = S.text, .options = L); }
statement(A) ::= DROP(T) USER MAPPING FOR mapped_role(R) SERVER name(S). { A = NEW(DROP_USER_MAPPING, drop_user_mapping, T.pos, .role = R, .server = S.text); }
statement(A) ::= DROP(T) USER MAPPING IF EXISTS FOR mapped_role(R) SERVER name(S). { A = NEW(DROP_USER_MAPPING, drop_user_mapping, T.pos, .if_exists = true, .role = R, .server = S.text); }
statement(A) ::= CREATE(T) SCHEMA new_name(N). { A = NEW(CREATE_SCHEMA, create_schema, T.pos, .name = N.name, .if_not_exists = N.flag); }
statement(A) ::= CREATE(T) opt_or_replace(P) USER word(N) user_options(L). { A = NEW(CREATE_USER, create_user, T.pos, .or_replace = P, .name = N.text, .options = L); }
statement(A) ::= ALTER(T) USER word(N) user_options(L). { A = NEW(ALTER_USER, alter_user, T.pos, .name = N.text, .options = L); }
statement(A) ::= ALTER(T) USER word(N) RENAME TO word(M). { A = NEW(ALTER_USER, alter_user, T.pos, .name = N.text, .new_name = M.text); }
statement(A) ::= DROP(T) USER user_names(L). { A = NEW(DROP_USER, drop_user, T.pos, .names = L); }
statement(A) ::= DROP(T) USER IF EXISTS user_names(L). { A = NEW(DROP_USER, drop_user, T.pos, .if_exists = true, .names = L); }
%type user_names {struct ast_names}
user_names(A) ::= word(N). { A = names_of(p, N.text); }
user_names(A) ::= user_names(L) COMMA word(N). { A = L; MEM_PUSH(p->m, A.items, A.count, A.cap, N.text); }
%type user_options {struct ast_list}
user_options(A) ::= . { A = NO_LIST; }
user_options(A) ::= user_options(A) user_option(O). { list_add(p, &A, O); }
%type user_term {struct token}
user_term(A) ::= AGENCY|PURPOSE|UNIT|PROVINCE(A).
user_option(A) ::= ROLE(N) word_or_string(V). { A = make_option(p, N.pos, AST_OPTION_SET, N.text, V.text); }
user_option(A) ::= user_term(N) word_or_string(V). { A = make_option(p, N.pos, AST_OPTION_SET, N.text, V.text); }
user_option(A) ::= user_term(N) NULL. { A = make_option(p, N.pos, AST_OPTION_DROP, N.text, NULL); }
user_option(A) ::= WITH(T). { A = make_option(p, T.pos, AST_OPTION_PLAIN, "with", NULL); }
user_option(A) ::= IDENT(N). { A = make_option(p, N.pos, AST_OPTION_PLAIN, N.text, NULL); }
user_option(A) ::= IDENT(N) SCONST(V). { A = make_option(p, N.pos, AST_OPTION_PLAIN, N.text, V.text); }
user_option(A) ::= IDENT(N) NULL(T). { (void)T; A = make_option(p, N.pos, AST_OPTION_DROP, N.text, NULL); }
statement(A) ::= CREATE(T) SCHEMA new_name(N) AUTHORIZATION role(R). { A = NEW(CREATE_SCHEMA, create_schema, T.pos, .name = N.name, .if_not_exists = N.flag, .owner = R); }
statement(A) ::= CREATE(T) SCHEMA AUTHORIZATION role(R). { A = NEW(CREATE_SCHEMA, create_schema, T.pos, .name = ((struct ast_role *)R)->name, .owner = R); }
statement(A) ::= ALTER(T) SCHEMA name(N) RENAME TO name(M). { struct ast_names names = names_of(p, N.text); A = NEW(RENAME, rename, T.pos, .object = AST_OBJECT_SCHEMA, .names = names, .new_name = M.text); }
statement(A) ::= ALTER(T) SCHEMA name(N) OWNER TO role(R). { struct ast_names names = names_of(p, N.text); A = NEW(CHANGE_OWNER, change_owner, T.pos, .object = AST_OBJECT_SCHEMA, .names = names, .role = R); }
%type object_kind {int}
statement(A) ::= DROP(T) object_kind(K) qualified_list(L) cascade(C). { A = make_drop(p, T.pos, K, false, L, C); }
statement(A) ::= DROP(T) object_kind(K) IF EXISTS qualified_list(L) cascade(C). { A = make_drop(p, T.pos, K, true, L, C); }
object_kind(A) ::= TABLE. { A = AST_OBJECT_TABLE; }
object_kind(A) ::= VIEW. { A = AST_OBJECT_VIEW; }
object_kind(A) ::= FOREIGN TABLE. { A = AST_OBJECT_FOREIGN_TABLE; }
object_kind(A) ::= SCHEMA. { A = AST_OBJECT_SCHEMA; }
object_kind(A) ::= SERVER. { A = AST_OBJECT_SERVER; }

/* ---- sharing: agencies, purposes, elements, agreements, grants ---- words that begin none of PostgreSQL's
 * statements come with tokens of their own here, see sharing_words in parser.c. */
%type term {int}
%type term_options {struct ast_list}
%type agreement_options {struct ast_list}
%type grant_tables {struct ast_list}
%type opt_table_word {int}
statement(A) ::= CREATE(T) term(K) new_name(N) term_options(L). { A = NEW(DEFINE_TERM, define_term, T.pos, .term = K, .if_not_exists = N.flag, .name = N.name, .options = L); }
statement(A) ::= ALTER(T) term(K) name(N) term_options(L). { A = NEW(DEFINE_TERM, define_term, T.pos, .term = K, .alter = true, .name = N.text, .options = L); }
statement(A) ::= ALTER(T) term(K) name(N) RENAME TO name(M). { A = NEW(DEFINE_TERM, define_term, T.pos, .term = K, .alter = true, .name = N.text, .new_name = M.text); }
statement(A) ::= DROP(T) term(K) user_names(L) cascade(C). { A = NEW(DROP_TERM, drop_term, T.pos, .term = K, .names = L, .cascade = C); }
statement(A) ::= DROP(T) term(K) IF EXISTS user_names(L) cascade(C). { A = NEW(DROP_TERM, drop_term, T.pos, .term = K, .if_exists = true, .names = L, .cascade = C); }
statement(A) ::= DROP(T) AGREEMENT user_names(L) cascade(C). { A = NEW(DROP_TERM, drop_term, T.pos, .term = AST_TERM_AGREEMENT, .names = L, .cascade = C); }
statement(A) ::= DROP(T) AGREEMENT IF EXISTS user_names(L) cascade(C). { A = NEW(DROP_TERM, drop_term, T.pos, .term = AST_TERM_AGREEMENT, .if_exists = true, .names = L, .cascade = C); }
term(A) ::= AGENCY. { A = AST_TERM_AGENCY; }
term(A) ::= PURPOSE. { A = AST_TERM_PURPOSE; }
term(A) ::= ELEMENT. { A = AST_TERM_ELEMENT; }
term_options(A) ::= . { A = NO_LIST; }
term_options(A) ::= term_options(A) term_option(O). { list_add(p, &A, O); }
term_option(A) ::= IDENT|COMMENT(N) SCONST(V). { A = make_option(p, N.pos, AST_OPTION_SET, N.text, V.text); }
term_option(A) ::= IDENT|COMMENT(N) NULL. { A = make_option(p, N.pos, AST_OPTION_DROP, N.text, NULL); }
term_option(A) ::= SENSITIVITY(N) word_or_string(V). { A = make_option(p, N.pos, AST_OPTION_SET, N.text, V.text); }
sharing(A) ::= CREATE(T) AGREEMENT new_name(N) FROM AGENCY name(B) TO AGENCY name(C) FOR PURPOSE name(U) agreement_options(L). {
	A = NEW(CREATE_AGREEMENT, create_agreement, T.pos, .if_not_exists = N.flag, .name = N.name, .provider = B.text, .consumer = C.text, .purpose = U.text, .options = L);
}
sharing(A) ::= ALTER(T) AGREEMENT name(N) agreement_options(L). { A = NEW(ALTER_AGREEMENT, alter_agreement, T.pos, .action = AST_AGREEMENT_SET, .name = N.text, .options = L); }
sharing(A) ::= ALTER(T) AGREEMENT name(N) RENAME TO name(M). { A = NEW(ALTER_AGREEMENT, alter_agreement, T.pos, .action = AST_AGREEMENT_RENAME, .name = N.text, .new_name = M.text); }
sharing(A) ::= SUSPEND(T) AGREEMENT name(N). { A = NEW(ALTER_AGREEMENT, alter_agreement, T.pos, .action = AST_AGREEMENT_SUSPEND, .name = N.text); }
sharing(A) ::= RESUME(T) AGREEMENT name(N). { A = NEW(ALTER_AGREEMENT, alter_agreement, T.pos, .action = AST_AGREEMENT_RESUME, .name = N.text); }
agreement_options(A) ::= . { A = NO_LIST; }
agreement_options(A) ::= agreement_options(A) VALID agreement_time(O). { list_add(p, &A, O); }
agreement_options(A) ::= agreement_options(A) VALID agreement_time(O) agreement_time(U). { list_add(p, &A, O); list_add(p, &A, U); }
agreement_options(A) ::= agreement_options(A) IDENT|COMMENT(N) SCONST(V). { list_add(p, &A, make_option(p, N.pos, AST_OPTION_SET, N.text, V.text)); }
agreement_options(A) ::= agreement_options(A) IDENT|COMMENT(N) NULL. { list_add(p, &A, make_option(p, N.pos, AST_OPTION_DROP, N.text, NULL)); }
agreement_time(A) ::= FROM|UNTIL(N) SCONST(V). { A = make_option(p, N.pos, AST_OPTION_SET, N.text, V.text); }
agreement_time(A) ::= FROM|UNTIL(N) NULL. { A = make_option(p, N.pos, AST_OPTION_DROP, N.text, NULL); }
sharing(A) ::= grant(A).
grant(A) ::= GRANT(T) SELECT opt_name_list(C) ON opt_table_word grant_tables(L) UNDER name(N). { A = NEW(GRANT, grant, T.pos, .columns = C, .tables = L, .agreement = N.text, .max_rows = -1); }
grant(A) ::= GRANT(T) SELECT opt_name_list(C) ON ALL TABLES IN SCHEMA name(S) UNDER name(N). { A = NEW(GRANT, grant, T.pos, .columns = C, .schema = S.text, .agreement = N.text, .max_rows = -1); }
grant(A) ::= grant(A) WHERE(T) expr(E). { grant_condition(p, A, T, E); }
grant(A) ::= grant(A) MASK name(C) WITH(T) expr(E). { grant_mask(p, A, C, T, E); }
grant(A) ::= grant(A) AGGREGATE ONLY. { ((struct ast_grant *)A)->aggregate_only = true; }
grant(A) ::= grant(A) AGGREGATE ONLY MINIMUM ICONST(I). { ((struct ast_grant *)A)->aggregate_only = true; grant_count(p, A, I, true); }
grant(A) ::= grant(A) MAX ROWS ICONST(I). { grant_count(p, A, I, false); }
grant(A) ::= grant(A) WITHIN_LA HOURS SCONST(F) TO SCONST(U). { struct ast_grant *g = (struct ast_grant *)A; g->hours_from = F.text; g->hours_until = U.text; }
grant(A) ::= grant(A) COMPARE RAW. { ((struct ast_grant *)A)->compare_raw = true; }
grant(A) ::= grant(A) COMPARE MASKED. { ((struct ast_grant *)A)->compare_raw = false; }
opt_table_word(A) ::= . { A = 0; }
opt_table_word(A) ::= TABLE. { A = 0; }
grant_tables(A) ::= object(O). { A = list_of(p, O); }
grant_tables(A) ::= grant_tables(A) COMMA object(O). { list_add(p, &A, O); }
sharing(A) ::= REVOKE(T) SELECT opt_name_list(C) ON opt_table_word grant_tables(L) UNDER name(N). { A = NEW(REVOKE, revoke, T.pos, .columns = C, .tables = L, .agreement = N.text); }
sharing(A) ::= REVOKE(T) SELECT opt_name_list(C) ON ALL TABLES IN SCHEMA name(S) UNDER name(N). { A = NEW(REVOKE, revoke, T.pos, .columns = C, .schema = S.text, .agreement = N.text); }
statement(A) ::= sharing(A).
statement(A) ::= PREVIEW(T) sharing(S). { A = NEW(PREVIEW, preview, T.pos, .statement = S); }
statement(A) ::= PREVIEW(T) AGREEMENT name(N). { A = NEW(PREVIEW, preview, T.pos, .agreement = N.text); }
statement(A) ::= SHOW(T) GRANTS. { A = NEW(SHOW_GRANTS, show_grants, T.pos, .agreement = NULL); }
statement(A) ::= SHOW(T) GRANTS UNDER name(N). { A = NEW(SHOW_GRANTS, show_grants, T.pos, .agreement = N.text); }
statement(A) ::= SHOW(T) ACCESS FOR USER name(N). { A = NEW(SHOW_ACCESS, show_access, T.pos, .user = N.text); }
statement(A) ::= ALTER(T) TABLE object(O) opt_alter COLUMN name(C) ELEMENT name(N). { A = NEW(SET_ELEMENT, set_element, T.pos, .names = ((struct ast_object_name *)O)->names, .column = C.text, .element = N.text); }
statement(A) ::= ALTER(T) TABLE object(O) opt_alter COLUMN name(C) ELEMENT NULL. { A = NEW(SET_ELEMENT, set_element, T.pos, .names = ((struct ast_object_name *)O)->names, .column = C.text); }
opt_alter ::= .
opt_alter ::= ALTER.

/* ---- foreign tables ---- */
%type opt_columns {struct ast_list}
%type column_list {struct ast_list}
%type action_list {struct ast_list}
statement(A) ::= CREATE(T) FOREIGN TABLE new_object(N) LP opt_columns(C) RP SERVER name(S) options(L). {
	A = NEW(CREATE_FOREIGN_TABLE, create_foreign_table, T.pos, .names = N.names, .if_not_exists = N.flag, .columns = C, .server = S.text, .options = L);
}
opt_columns(A) ::= . { A = NO_LIST; }
opt_columns(A) ::= column_list(A).
column_list(A) ::= column(C). { A = list_of(p, C); }
column_list(A) ::= column_list(A) COMMA column(C). { list_add(p, &A, C); }
column(A) ::= column_start(A).
column_start(A) ::= name(N) type(T). { A = NEW(COLUMN_DEF, column_def, N.pos, .name = N.text, .type = T); }
column_start(A) ::= column_start(A) NOT NULL. { ((struct ast_column_def *)A)->not_null = true; }
column_start(A) ::= column_start(A) NULL.
column_start(A) ::= column_start(A) COLLATE qualified(Q). { ((struct ast_column_def *)A)->collation = Q; }
column_start(A) ::= column_start(A) OPTIONS LP option_list(L) RP. { ((struct ast_column_def *)A)->options = L; node_changed(p, A); }
column_start(A) ::= column_start(A) DEFAULT(T) simple(E). { struct ast_column_def *d = (struct ast_column_def *)A; d->default_value = E; d->default_text = query_text(p, T.pos + T.len, p->last_end); node_changed(p, A); }
column_start(A) ::= column_start(A) CHECK(T) LP expr RP. { parse_unsupported(p, T.pos, "CHECK"); }
column_start(A) ::= column_start(A) PRIMARY(T) KEY. { parse_unsupported(p, T.pos, "PRIMARY KEY on a foreign table"); }
column_start(A) ::= column_start(A) UNIQUE(T). { parse_unsupported(p, T.pos, "UNIQUE on a foreign table"); }
column_start(A) ::= column_start(A) REFERENCES(T) qualified_name. { parse_unsupported(p, T.pos, "REFERENCES on a foreign table"); }
statement(A) ::= ALTER(T) FOREIGN TABLE old_object(N) action_list(L). { A = NEW(ALTER_FOREIGN_TABLE, alter_foreign_table, T.pos, .names = N.names, .if_exists = N.flag, .actions = L); }
statement(A) ::= ALTER(T) FOREIGN TABLE old_object(N) RENAME TO name(M). { A = NEW(RENAME, rename, T.pos, .object = AST_OBJECT_FOREIGN_TABLE, .if_exists = N.flag, .names = N.names, .new_name = M.text); }
statement(A) ::= ALTER(T) FOREIGN TABLE old_object(N) RENAME opt_column name(C) TO name(M). { A = NEW(RENAME, rename, T.pos, .object = AST_OBJECT_FOREIGN_TABLE, .if_exists = N.flag, .names = N.names, .column = C.text, .new_name = M.text); }
statement(A) ::= ALTER(T) FOREIGN TABLE old_object(N) SET SCHEMA name(M). { A = NEW(CHANGE_SCHEMA, change_schema, T.pos, .object = AST_OBJECT_FOREIGN_TABLE, .if_exists = N.flag, .names = N.names, .schema = M.text); }
opt_column ::= .
opt_column ::= COLUMN.
action_list(A) ::= action(C). { A = list_of(p, C); }
action_list(A) ::= action_list(A) COMMA action(C). { list_add(p, &A, C); }
action(A) ::= ADD(T) opt_column column(C). { A = NEW(ALTER_ACTION, alter_action, T.pos, .action = AST_ALTER_ADD_COLUMN, .column = ((struct ast_column_def *)C)->name, .definition = C); }
action(A) ::= ADD(T) opt_column IF NOT EXISTS column(C). { A = NEW(ALTER_ACTION, alter_action, T.pos, .action = AST_ALTER_ADD_COLUMN, .if_exists = true, .column = ((struct ast_column_def *)C)->name, .definition = C); }
action(A) ::= DROP(T) opt_column name(N) cascade(C). { A = NEW(ALTER_ACTION, alter_action, T.pos, .action = AST_ALTER_DROP_COLUMN, .column = N.text, .cascade = C); }
action(A) ::= DROP(T) opt_column IF EXISTS name(N) cascade(C). { A = NEW(ALTER_ACTION, alter_action, T.pos, .action = AST_ALTER_DROP_COLUMN, .if_exists = true, .column = N.text, .cascade = C); }
action(A) ::= ALTER(T) opt_column name(N) TYPE type(Y). { A = NEW(ALTER_ACTION, alter_action, T.pos, .action = AST_ALTER_COLUMN_TYPE, .column = N.text, .type = Y); }
action(A) ::= ALTER(T) opt_column name(N) SET DATA TYPE type(Y). { A = NEW(ALTER_ACTION, alter_action, T.pos, .action = AST_ALTER_COLUMN_TYPE, .column = N.text, .type = Y); }
action(A) ::= ALTER(T) opt_column name(N) SET NOT NULL. { A = NEW(ALTER_ACTION, alter_action, T.pos, .action = AST_ALTER_SET_NOT_NULL, .column = N.text); }
action(A) ::= ALTER(T) opt_column name(N) DROP NOT NULL. { A = NEW(ALTER_ACTION, alter_action, T.pos, .action = AST_ALTER_DROP_NOT_NULL, .column = N.text); }
action(A) ::= ALTER(T) opt_column name(N) alter_options(L). { A = NEW(ALTER_ACTION, alter_action, T.pos, .action = AST_ALTER_COLUMN_OPTIONS, .column = N.text, .options = L); }
action(A) ::= alter_options(L). { A = NEW(ALTER_ACTION, alter_action, L.items ? L.items[0]->pos : 0, .action = AST_ALTER_OPTIONS, .options = L); }
action(A) ::= OWNER(T) TO role(R). { A = NEW(ALTER_ACTION, alter_action, T.pos, .action = AST_ALTER_OWNER, .role = R); }
%type import_filter {int}
statement(A) ::= IMPORT(T) FOREIGN SCHEMA name(N) FROM SERVER name(S) INTO name(I) options(L). { A = NEW(IMPORT_FOREIGN_SCHEMA, import_foreign_schema, T.pos, .remote_schema = N.text, .server = S.text, .into = I.text, .options = L); }
statement(A) ::= IMPORT(T) FOREIGN SCHEMA name(N) import_filter(F) LP name_list(M) RP FROM SERVER name(S) INTO name(I) options(L). { A = NEW(IMPORT_FOREIGN_SCHEMA, import_foreign_schema, T.pos, .remote_schema = N.text, .filter = F, .tables = M, .server = S.text, .into = I.text, .options = L); }
import_filter(A) ::= LIMIT TO. { A = AST_IMPORT_LIMIT; }
import_filter(A) ::= EXCEPT. { A = AST_IMPORT_EXCEPT; }

/* ---- views, tables from queries ---- */
%type persistence {int}
%type with_options {struct ast_list}
%type storage_list {struct ast_list}
%type check_option {struct check_option}
persistence(A) ::= . { A = AST_PERMANENT; }
persistence(A) ::= into_persistence(A).
statement(A) ::= CREATE(T) persistence(K) view(V). { A = view_finish(p, V, T.pos, K, false); }
statement(A) ::= CREATE(T) OR REPLACE persistence(K) view(V). { A = view_finish(p, V, T.pos, K, true); }
view(A) ::= VIEW object(N) opt_name_list(C) with_options(W) AS(T) query_any(Q) check_option(K). {
	A = NEW(CREATE_VIEW, create_view, 0, .names = ((struct ast_object_name *)N)->names, .columns = C, .options = W, .query = Q, .check = K.kind,
		.query_text = query_text(p, T.pos + 2, K.pos));
}
view(A) ::= RECURSIVE VIEW object(N) LP name_list(C) RP with_options(W) AS(T) query_any(Q) check_option(K). {
	A = NEW(CREATE_VIEW, create_view, 0, .names = ((struct ast_object_name *)N)->names, .recursive = true, .columns = C, .options = W, .query = Q, .check = K.kind,
		.query_text = query_text(p, T.pos + 2, K.pos));
}
check_option(A) ::= . { A = (struct check_option){AST_CHECK_NONE, p->last_end}; }
check_option(A) ::= WITH(T) CHECK OPTION. { A = (struct check_option){AST_CHECK_CASCADED, T.pos}; }
check_option(A) ::= WITH(T) CASCADED CHECK OPTION. { A = (struct check_option){AST_CHECK_CASCADED, T.pos}; }
check_option(A) ::= WITH(T) LOCAL CHECK OPTION. { A = (struct check_option){AST_CHECK_LOCAL, T.pos}; }
with_options(A) ::= . { A = NO_LIST; }
with_options(A) ::= WITH LP storage_list(L) RP. { A = L; }
storage_list(A) ::= storage_option(O). { A = list_of(p, O); }
storage_list(A) ::= storage_list(A) COMMA storage_option(O). { list_add(p, &A, O); }
storage_option(A) ::= label(N). { A = make_option(p, N.pos, AST_OPTION_PLAIN, N.text, NULL); }
storage_option(A) ::= label(N) EQ option_value(V). { A = make_option(p, N.pos, AST_OPTION_PLAIN, N.text, V.text); }
storage_option(A) ::= label(N) DOT label(M). { A = make_option(p, N.pos, AST_OPTION_PLAIN, name_joined(p, N.text, M.text), NULL); }
storage_option(A) ::= label(N) DOT label(M) EQ option_value(V). { A = make_option(p, N.pos, AST_OPTION_PLAIN, name_joined(p, N.text, M.text), V.text); }
statement(A) ::= ALTER(T) VIEW old_object(N) RENAME TO name(M). { A = NEW(RENAME, rename, T.pos, .object = AST_OBJECT_VIEW, .if_exists = N.flag, .names = N.names, .new_name = M.text); }
statement(A) ::= ALTER(T) VIEW old_object(N) RENAME opt_column name(C) TO name(M). { A = NEW(RENAME, rename, T.pos, .object = AST_OBJECT_VIEW, .if_exists = N.flag, .names = N.names, .column = C.text, .new_name = M.text); }
statement(A) ::= ALTER(T) VIEW old_object(N) OWNER TO role(R). { A = NEW(CHANGE_OWNER, change_owner, T.pos, .object = AST_OBJECT_VIEW, .if_exists = N.flag, .names = N.names, .role = R); }
statement(A) ::= ALTER(T) VIEW old_object(N) SET SCHEMA name(M). { A = NEW(CHANGE_SCHEMA, change_schema, T.pos, .object = AST_OBJECT_VIEW, .if_exists = N.flag, .names = N.names, .schema = M.text); }
%type on_commit {int}
%type no_data {bool}
create_table_as(A) ::= CREATE(T) persistence(K) TABLE new_object(N) opt_name_list(C) with_options(W) on_commit(O) AS query_any(Q) no_data(D). {
	A = NEW(CREATE_TABLE_AS, create_table_as, T.pos, .names = N.names, .if_not_exists = N.flag, .persistence = K, .columns = C, .options = W, .on_commit = O, .query = Q, .no_data = D);
}
create_table_as(A) ::= CREATE(T) persistence(K) TABLE new_object(N) opt_name_list(C) with_options(W) on_commit(O) AS execute(Q) no_data(D). {
	A = NEW(CREATE_TABLE_AS, create_table_as, T.pos, .names = N.names, .if_not_exists = N.flag, .persistence = K, .columns = C, .options = W, .on_commit = O, .query = Q, .no_data = D);
}
statement(A) ::= CREATE(T) persistence(K) TABLE new_object(N) LP opt_columns(C) RP with_options(W) on_commit(O). {
	A = NEW(CREATE_TABLE, create_table, T.pos, .names = N.names, .if_not_exists = N.flag, .persistence = K, .columns = C, .options = W, .on_commit = O);
}
%type insert_target {struct insert_target}
statement(A) ::= INSERT(T) insert_target(N) query_any(Q). { A = NEW(INSERT, insert, T.pos, .table = N.names, .alias = N.alias, .query = Q); }
statement(A) ::= INSERT(T) insert_target(N) LP name_list(C) RP query_any(Q). { A = NEW(INSERT, insert, T.pos, .table = N.names, .alias = N.alias, .columns = C, .query = Q); }
statement(A) ::= INSERT(T) insert_target(N) DEFAULT VALUES. { A = NEW(INSERT, insert, T.pos, .table = N.names, .alias = N.alias); }
insert_target(A) ::= INTO qualified(N). { A = (struct insert_target){N, NULL}; }
insert_target(A) ::= INTO qualified(N) AS name(M). { A = (struct insert_target){N, M.text}; }
on_commit(A) ::= . { A = AST_ON_COMMIT_DEFAULT; }
on_commit(A) ::= ON COMMIT PRESERVE ROWS. { A = AST_ON_COMMIT_PRESERVE; }
on_commit(A) ::= ON COMMIT DELETE ROWS. { A = AST_ON_COMMIT_DELETE; }
on_commit(A) ::= ON COMMIT DROP. { A = AST_ON_COMMIT_DROP; }
no_data(A) ::= . { A = false; }
no_data(A) ::= WITH DATA. { A = false; }
no_data(A) ::= WITH NO DATA. { A = true; }
%type comment_text {struct token}
statement(A) ::= COMMENT(T) ON object_kind(K) object(N) IS comment_text(C). { A = NEW(COMMENT, comment, T.pos, .object = K, .names = ((struct ast_object_name *)N)->names, .text = C.text); }
statement(A) ::= COMMENT(T) ON COLUMN object(N) IS comment_text(C). { A = NEW(COMMENT, comment, T.pos, .object = AST_OBJECT_COLUMN, .names = ((struct ast_object_name *)N)->names, .text = C.text); }
statement(A) ::= COMMENT(T) ON DATABASE object(N) IS comment_text(C). { A = NEW(COMMENT, comment, T.pos, .object = AST_OBJECT_DATABASE, .names = ((struct ast_object_name *)N)->names, .text = C.text); }
comment_text(A) ::= SCONST(A).
comment_text(A) ::= NULL. { A = (struct token){0}; }

/* ---- ANALYZE, EXPLAIN ---- */
%type analyze_list {struct ast_list}
%type opt_analyze_list {struct ast_list}
%type opt_verbose {bool}
%type utility_options {struct ast_list}
analyze_word ::= ANALYZE.
analyze_word ::= ANALYSE.
opt_verbose(A) ::= . { A = false; }
opt_verbose(A) ::= VERBOSE. { A = true; }
statement(A) ::= ANALYZE|ANALYSE(T) opt_verbose(V) opt_analyze_list(L). { A = NEW(ANALYZE, analyze, T.pos, .verbose = V, .targets = L); }
statement(A) ::= ANALYZE|ANALYSE(T) LP utility_options(O) RP opt_analyze_list(L). { bool verbose = option_is_on(p, O, "verbose"); A = NEW(ANALYZE, analyze, T.pos, .verbose = verbose, .targets = L); }
opt_analyze_list(A) ::= . { A = NO_LIST; }
opt_analyze_list(A) ::= analyze_list(A).
analyze_list(A) ::= analyze_target(T). { A = list_of(p, T); }
analyze_list(A) ::= analyze_list(A) COMMA analyze_target(T). { list_add(p, &A, T); }
analyze_target(A) ::= object(O) opt_name_list(C). { A = NEW(ANALYZE_TARGET, analyze_target, O->pos, .names = ((struct ast_object_name *)O)->names, .columns = C); }
explainable(A) ::= query_any(A).
explainable(A) ::= create_table_as(A).
explainable(A) ::= execute(A).
explainable(A) ::= declare(A).
statement(A) ::= EXPLAIN(T) explainable(S). { A = NEW(EXPLAIN, explain, T.pos, .statement = S); }
statement(A) ::= EXPLAIN(T) analyze_word opt_verbose(V) explainable(S). {
	struct ast_list options = list_of(p, make_option(p, T.pos, AST_OPTION_PLAIN, "analyze", NULL));
	if (V)
		list_add(p, &options, make_option(p, T.pos, AST_OPTION_PLAIN, "verbose", NULL));
	A = NEW(EXPLAIN, explain, T.pos, .options = options, .statement = S);
}
statement(A) ::= EXPLAIN(T) VERBOSE explainable(S). { struct ast_list options = list_of(p, make_option(p, T.pos, AST_OPTION_PLAIN, "verbose", NULL)); A = NEW(EXPLAIN, explain, T.pos, .options = options, .statement = S); }
statement(A) ::= EXPLAIN(T) LP utility_options(O) RP explainable(S). { A = NEW(EXPLAIN, explain, T.pos, .options = O, .statement = S); }
utility_options(A) ::= utility_option(O). { A = list_of(p, O); }
utility_options(A) ::= utility_options(A) COMMA utility_option(O). { list_add(p, &A, O); }
utility_option(A) ::= utility_name(N). { A = make_option(p, N.pos, AST_OPTION_PLAIN, N.text, NULL); }
utility_option(A) ::= utility_name(N) option_value(V). { A = make_option(p, N.pos, AST_OPTION_PLAIN, N.text, V.text); }
%type utility_name {struct token}
utility_name(A) ::= word(A).
utility_name(A) ::= ANALYZE|ANALYSE(T). { A = T; A.text = "analyze"; }

/* ---- settings ---- */
%type variable {struct token}
%type set_values {struct ast_list}
%type zone_name {struct token}
statement(A) ::= SET(T) set_rest(S). { A = S; A->pos = T.pos; }
statement(A) ::= SET(T) LOCAL set_rest(S). { A = S; A->pos = T.pos; if (A->kind == AST_SET) ((struct ast_set *)A)->scope = AST_SCOPE_LOCAL; }
statement(A) ::= SET(T) SESSION set_rest(S). { A = S; A->pos = T.pos; }
variable(A) ::= name(A).
variable(A) ::= variable(V) DOT name(N). { A = V; A.text = name_joined(p, V.text, N.text); }
set_rest(A) ::= variable(V) to set_values(L). { A = NEW(SET, set, V.pos, .name = V.text, .values = L); }
set_rest(A) ::= variable(V) to DEFAULT. { A = NEW(SET, set, V.pos, .name = V.text, .source = AST_SET_DEFAULT); }
set_rest(A) ::= variable(V) FROM CURRENT. { A = NEW(SET, set, V.pos, .name = V.text, .source = AST_SET_CURRENT); }
set_rest(A) ::= TIME(T) ZONE set_zone(Z). { A = Z; A->pos = T.pos; }
set_rest(A) ::= CATALOG(T) SCONST. { parse_unsupported(p, T.pos, "SET CATALOG"); A = NULL; A = NEW(SET, set, T.pos, .name = "catalog"); }
set_rest(A) ::= SCHEMA(T) SCONST(V). { struct ast_list values = list_of(p, make_text(p, V.pos, V.text)); A = NEW(SET, set, T.pos, .name = "search_path", .values = values); }
set_rest(A) ::= NAMES(T) SCONST(V). { struct ast_list values = list_of(p, make_text(p, V.pos, V.text)); A = NEW(SET, set, T.pos, .name = "client_encoding", .values = values); }
set_rest(A) ::= NAMES(T) DEFAULT. { A = NEW(SET, set, T.pos, .name = "client_encoding", .source = AST_SET_DEFAULT); }
set_rest(A) ::= NAMES(T). { A = NEW(SET, set, T.pos, .name = "client_encoding", .source = AST_SET_DEFAULT); }
set_rest(A) ::= ROLE(T) word_or_string(V). { struct ast_list values = list_of(p, make_text(p, V.pos, V.text)); A = NEW(SET, set, T.pos, .name = "role", .values = values); }
set_rest(A) ::= SESSION(T) AUTHORIZATION word_or_string(V). { struct ast_list values = list_of(p, make_text(p, V.pos, V.text)); A = NEW(SET, set, T.pos, .name = "session_authorization", .values = values); }
set_rest(A) ::= SESSION(T) AUTHORIZATION DEFAULT. { A = NEW(SET, set, T.pos, .name = "session_authorization", .source = AST_SET_DEFAULT); }
set_rest(A) ::= TRANSACTION(T) mode_list(L). { A = NEW(SET_TRANSACTION, set_transaction, T.pos, .modes = L); }
set_rest(A) ::= SESSION(T) CHARACTERISTICS AS TRANSACTION mode_list(L). { A = NEW(SET_TRANSACTION, set_transaction, T.pos, .session = true, .modes = L); }
to ::= TO.
to ::= EQ.
set_values(A) ::= set_value(V). { A = list_of(p, V); }
set_values(A) ::= set_values(A) COMMA set_value(V). { list_add(p, &A, V); }
set_value(A) ::= word_or_string(V). { A = make_text(p, V.pos, V.text); }
set_value(A) ::= TRUE(V). { A = make_text(p, V.pos, V.text); }
set_value(A) ::= FALSE(V). { A = make_text(p, V.pos, V.text); }
set_value(A) ::= ON(V). { A = make_text(p, V.pos, V.text); }
set_value(A) ::= signed_number(V). { A = make_literal(p, V, AST_LITERAL_NUMERIC); }
set_zone(A) ::= zone_name(V). { struct ast_list values = list_of(p, make_text(p, V.pos, V.text)); A = NEW(SET, set, V.pos, .name = "timezone", .values = values); }
set_zone(A) ::= signed_number(V). { struct ast_list values = list_of(p, make_literal(p, V, AST_LITERAL_NUMERIC)); A = NEW(SET, set, V.pos, .name = "timezone", .values = values); }
set_zone(A) ::= DEFAULT(T). { A = NEW(SET, set, T.pos, .name = "timezone", .source = AST_SET_DEFAULT); }
set_zone(A) ::= LOCAL(T). { A = NEW(SET, set, T.pos, .name = "timezone", .source = AST_SET_DEFAULT); }
set_zone(A) ::= INTERVAL(T) SCONST(S) interval_fields(F). { F->pos = T.pos; struct ast_list values = list_of(p, make_typed_literal(p, F, S)); A = NEW(SET, set, T.pos, .name = "timezone", .values = values); }
zone_name(A) ::= SCONST(A).
zone_name(A) ::= IDENT(A).
%type show_name {struct token}
show_name(A) ::= variable(A).
show_name(A) ::= TIME(T) ZONE. { A = T; A.text = "timezone"; }
show_name(A) ::= TRANSACTION(T) ISOLATION LEVEL. { A = T; A.text = "transaction_isolation"; }
show_name(A) ::= SESSION(T) AUTHORIZATION. { A = T; A.text = "session_authorization"; }
statement(A) ::= SHOW(T) show_name(N). { A = make_show(p, T.pos, N.text, NULL); }
statement(A) ::= SHOW(T) show_name(N) FROM name(S). { A = make_show(p, T.pos, N.text, S.text); }
statement(A) ::= SHOW(T) ALL. { A = NEW(SHOW, show, T.pos, .type = AST_SHOW_ALL); }
statement(A) ::= RESET(T) show_name(N). { A = NEW(RESET, reset, T.pos, .name = N.text); }
statement(A) ::= RESET(T) ALL. { A = NEW(RESET, reset, T.pos, .name = NULL); }
statement(A) ::= DESCRIBE|DESC(T) object(N). { A = NEW(DESCRIBE, describe, T.pos, .names = ((struct ast_object_name *)N)->names); }
statement(A) ::= DISCARD(T) ALL. { A = NEW(DISCARD, discard, T.pos, .type = AST_DISCARD_ALL); }
statement(A) ::= DISCARD(T) PLANS. { A = NEW(DISCARD, discard, T.pos, .type = AST_DISCARD_PLANS); }
statement(A) ::= DISCARD(T) SEQUENCES. { A = NEW(DISCARD, discard, T.pos, .type = AST_DISCARD_SEQUENCES); }
statement(A) ::= DISCARD(T) TEMP. { A = NEW(DISCARD, discard, T.pos, .type = AST_DISCARD_TEMP); }
statement(A) ::= DISCARD(T) TEMPORARY. { A = NEW(DISCARD, discard, T.pos, .type = AST_DISCARD_TEMP); }

/* ---- transactions ---- */
%type mode_list {struct ast_list}
%type opt_mode_list {struct ast_list}
%type chain {bool}
opt_mode_list(A) ::= . { A = NO_LIST; }
opt_mode_list(A) ::= mode_list(A).
mode_list(A) ::= mode(M). { A = list_of(p, M); }
mode_list(A) ::= mode_list(A) COMMA mode(M). { list_add(p, &A, M); }
mode_list(A) ::= mode_list(A) mode(M). { list_add(p, &A, M); }
mode(A) ::= ISOLATION(T) LEVEL READ UNCOMMITTED. { A = make_option(p, T.pos, AST_OPTION_PLAIN, "isolation level", "read uncommitted"); }
mode(A) ::= ISOLATION(T) LEVEL READ COMMITTED. { A = make_option(p, T.pos, AST_OPTION_PLAIN, "isolation level", "read committed"); }
mode(A) ::= ISOLATION(T) LEVEL REPEATABLE READ. { A = make_option(p, T.pos, AST_OPTION_PLAIN, "isolation level", "repeatable read"); }
mode(A) ::= ISOLATION(T) LEVEL SERIALIZABLE. { A = make_option(p, T.pos, AST_OPTION_PLAIN, "isolation level", "serializable"); }
mode(A) ::= READ(T) ONLY. { A = make_option(p, T.pos, AST_OPTION_PLAIN, "access mode", "read only"); }
mode(A) ::= READ(T) WRITE. { A = make_option(p, T.pos, AST_OPTION_PLAIN, "access mode", "read write"); }
mode(A) ::= DEFERRABLE(T). { A = make_option(p, T.pos, AST_OPTION_PLAIN, "deferrable", "on"); }
mode(A) ::= NOT(T) DEFERRABLE. { A = make_option(p, T.pos, AST_OPTION_PLAIN, "deferrable", "off"); }
transaction ::= .
transaction ::= WORK.
transaction ::= TRANSACTION.
chain(A) ::= . { A = false; }
chain(A) ::= AND CHAIN. { A = true; }
chain(A) ::= AND NO CHAIN. { A = false; }
statement(A) ::= BEGIN(T) transaction opt_mode_list(L). { A = NEW(TRANSACTION, transaction, T.pos, .type = AST_TRANSACTION_BEGIN, .modes = L); }
statement(A) ::= START(T) TRANSACTION opt_mode_list(L). { A = NEW(TRANSACTION, transaction, T.pos, .type = AST_TRANSACTION_START, .modes = L); }
statement(A) ::= COMMIT|END(T) transaction chain(C). { A = NEW(TRANSACTION, transaction, T.pos, .type = AST_TRANSACTION_COMMIT, .chain = C); }
statement(A) ::= ROLLBACK(T) transaction chain(C). { A = NEW(TRANSACTION, transaction, T.pos, .type = AST_TRANSACTION_ROLLBACK, .chain = C); }
statement(A) ::= ABORT(T) transaction chain(C). { A = NEW(TRANSACTION, transaction, T.pos, .type = AST_TRANSACTION_ROLLBACK, .chain = C); }
statement(A) ::= SAVEPOINT(T) name(N). { A = NEW(TRANSACTION, transaction, T.pos, .type = AST_TRANSACTION_SAVEPOINT, .name = N.text); }
statement(A) ::= RELEASE(T) name(N). { A = NEW(TRANSACTION, transaction, T.pos, .type = AST_TRANSACTION_RELEASE, .name = N.text); }
statement(A) ::= RELEASE(T) SAVEPOINT name(N). { A = NEW(TRANSACTION, transaction, T.pos, .type = AST_TRANSACTION_RELEASE, .name = N.text); }
statement(A) ::= ROLLBACK(T) transaction TO name(N). { A = NEW(TRANSACTION, transaction, T.pos, .type = AST_TRANSACTION_ROLLBACK_TO, .name = N.text); }
statement(A) ::= ROLLBACK(T) transaction TO SAVEPOINT name(N). { A = NEW(TRANSACTION, transaction, T.pos, .type = AST_TRANSACTION_ROLLBACK_TO, .name = N.text); }
statement(A) ::= PREPARE(T) TRANSACTION SCONST(S). { A = NEW(TRANSACTION, transaction, T.pos, .type = AST_TRANSACTION_PREPARE, .name = S.text); }
statement(A) ::= COMMIT|END(T) PREPARED SCONST(S). { A = NEW(TRANSACTION, transaction, T.pos, .type = AST_TRANSACTION_COMMIT_PREPARED, .name = S.text); }
statement(A) ::= ROLLBACK(T) PREPARED SCONST(S). { A = NEW(TRANSACTION, transaction, T.pos, .type = AST_TRANSACTION_ROLLBACK_PREPARED, .name = S.text); }

/* ---- prepared statements, cursors ---- */
%type opt_type_list {struct ast_list}
%type type_list {struct ast_list}
statement(A) ::= PREPARE(T) name(N) opt_type_list(L) AS query_any(Q). { A = NEW(PREPARE, prepare, T.pos, .name = N.text, .types = L, .statement = Q); }
opt_type_list(A) ::= . { A = NO_LIST; }
opt_type_list(A) ::= LP type_list(L) RP. { A = L; }
type_list(A) ::= type(T). { A = list_of(p, T); }
type_list(A) ::= type_list(A) COMMA type(T). { list_add(p, &A, T); }
execute(A) ::= EXECUTE(T) name(N). { A = NEW(EXECUTE, execute, T.pos, .name = N.text); }
execute(A) ::= EXECUTE(T) name(N) LP expr_list(L) RP. { A = NEW(EXECUTE, execute, T.pos, .name = N.text, .args = L); }
statement(A) ::= DEALLOCATE(T) name(N). { A = NEW(DEALLOCATE, deallocate, T.pos, .name = N.text); }
statement(A) ::= DEALLOCATE(T) PREPARE name(N). { A = NEW(DEALLOCATE, deallocate, T.pos, .name = N.text); }
statement(A) ::= DEALLOCATE(T) ALL. { A = NEW(DEALLOCATE, deallocate, T.pos, .name = NULL); }
statement(A) ::= DEALLOCATE(T) PREPARE ALL. { A = NEW(DEALLOCATE, deallocate, T.pos, .name = NULL); }
%type hold {bool}
declare(A) ::= DECLARE(T) name(N) cursor_options(O) CURSOR hold(H) FOR query_any(Q). {
	A = O;
	struct ast_declare_cursor *d = (struct ast_declare_cursor *)A;
	d->base.pos = T.pos; d->name = N.text; d->hold = H; d->query = Q;
	node_changed(p, A);
}
cursor_options(A) ::= . { A = NEW(DECLARE_CURSOR, declare_cursor, 0, .name = NULL); }
cursor_options(A) ::= cursor_options(A) BINARY. { ((struct ast_declare_cursor *)A)->binary = true; }
cursor_options(A) ::= cursor_options(A) INSENSITIVE. { ((struct ast_declare_cursor *)A)->insensitive = true; }
cursor_options(A) ::= cursor_options(A) ASENSITIVE.
cursor_options(A) ::= cursor_options(A) SCROLL. { ((struct ast_declare_cursor *)A)->scroll = AST_SCROLL_YES; }
cursor_options(A) ::= cursor_options(A) NO SCROLL. { ((struct ast_declare_cursor *)A)->scroll = AST_SCROLL_NO; }
hold(A) ::= . { A = false; }
hold(A) ::= WITH HOLD. { A = true; }
hold(A) ::= WITHOUT HOLD. { A = false; }
%type direction {struct fetch_direction}
%type signed_integer {int64_t}
statement(A) ::= FETCH(T) fetch_args(F). { A = F; A->pos = T.pos; }
statement(A) ::= MOVE(T) fetch_args(F). { A = F; A->pos = T.pos; ((struct ast_fetch *)A)->move = true; }
fetch_args(A) ::= name(N). { A = NEW(FETCH, fetch, N.pos, .cursor = N.text, .count = 1); }
fetch_args(A) ::= from_or_in name(N). { A = NEW(FETCH, fetch, N.pos, .cursor = N.text, .count = 1); }
fetch_args(A) ::= direction(D) name(N). { A = NEW(FETCH, fetch, N.pos, .cursor = N.text, .direction = D.direction, .all = D.all, .count = D.count); }
fetch_args(A) ::= direction(D) from_or_in name(N). { A = NEW(FETCH, fetch, N.pos, .cursor = N.text, .direction = D.direction, .all = D.all, .count = D.count); }
from_or_in ::= FROM.
from_or_in ::= IN.
direction(A) ::= NEXT. { A = (struct fetch_direction){AST_FETCH_FORWARD, false, 1}; }
direction(A) ::= PRIOR. { A = (struct fetch_direction){AST_FETCH_BACKWARD, false, 1}; }
direction(A) ::= FIRST. { A = (struct fetch_direction){AST_FETCH_ABSOLUTE, false, 1}; }
direction(A) ::= LAST. { A = (struct fetch_direction){AST_FETCH_ABSOLUTE, false, -1}; }
direction(A) ::= ABSOLUTE signed_integer(N). { A = (struct fetch_direction){AST_FETCH_ABSOLUTE, false, N}; }
direction(A) ::= RELATIVE signed_integer(N). { A = (struct fetch_direction){AST_FETCH_RELATIVE, false, N}; }
direction(A) ::= signed_integer(N). { A = (struct fetch_direction){AST_FETCH_FORWARD, false, N}; }
direction(A) ::= ALL. { A = (struct fetch_direction){AST_FETCH_FORWARD, true, 0}; }
direction(A) ::= FORWARD. { A = (struct fetch_direction){AST_FETCH_FORWARD, false, 1}; }
direction(A) ::= FORWARD signed_integer(N). { A = (struct fetch_direction){AST_FETCH_FORWARD, false, N}; }
direction(A) ::= FORWARD ALL. { A = (struct fetch_direction){AST_FETCH_FORWARD, true, 0}; }
direction(A) ::= BACKWARD. { A = (struct fetch_direction){AST_FETCH_BACKWARD, false, 1}; }
direction(A) ::= BACKWARD signed_integer(N). { A = (struct fetch_direction){AST_FETCH_BACKWARD, false, N}; }
direction(A) ::= BACKWARD ALL. { A = (struct fetch_direction){AST_FETCH_BACKWARD, true, 0}; }
signed_integer(A) ::= ICONST(N). { A = integer_value(p, N); }
signed_integer(A) ::= PLUS ICONST(N). { A = integer_value(p, N); }
signed_integer(A) ::= MINUS ICONST(N). { A = -integer_value(p, N); }
statement(A) ::= CLOSE(T) name(N). { A = NEW(CLOSE, close, T.pos, .name = N.text); }
statement(A) ::= CLOSE(T) ALL. { A = NEW(CLOSE, close, T.pos, .name = NULL); }

/* ==== keywords by class ==== each word stands in one of these four, and in bare_word when it can be a
 * column label without AS; words that no rule above names come as IDENT or as the _WORD tokens. */
%type non_reserved {struct token}
%type col_name_word {struct token}
%type type_func_word {struct token}
%type reserved_word {struct token}
%type bare_word {struct token}
/* words of statements about agreements */
non_reserved(A) ::= TABLES(A). non_reserved(A) ::= ACCESS(A). non_reserved(A) ::= AGENCY(A). non_reserved(A) ::= AGGREGATE(A).
non_reserved(A) ::= AGREEMENT(A). non_reserved(A) ::= COMPARE(A). non_reserved(A) ::= ELEMENT(A).
non_reserved(A) ::= HOURS(A). non_reserved(A) ::= MASK(A).
non_reserved(A) ::= MASKED(A). non_reserved(A) ::= MAX(A). non_reserved(A) ::= MINIMUM(A).
non_reserved(A) ::= PREVIEW(A). non_reserved(A) ::= PROVINCE(A). non_reserved(A) ::= PURPOSE(A).
non_reserved(A) ::= RAW(A). non_reserved(A) ::= RESUME(A). non_reserved(A) ::= SENSITIVITY(A).
non_reserved(A) ::= SUSPEND(A). non_reserved(A) ::= UNDER(A). non_reserved(A) ::= UNIT(A).
non_reserved(A) ::= UNTIL(A). non_reserved(A) ::= VALID(A). non_reserved(A) ::= REVOKE(A).
non_reserved(A) ::= ABORT(A). non_reserved(A) ::= ABSOLUTE(A). non_reserved(A) ::= ADD(A).
non_reserved(A) ::= ALTER(A). non_reserved(A) ::= ASENSITIVE(A). non_reserved(A) ::= AT(A).
non_reserved(A) ::= BACKWARD(A). non_reserved(A) ::= BEGIN(A). non_reserved(A) ::= BREADTH(A).
non_reserved(A) ::= BY(A). non_reserved(A) ::= CASCADE(A). non_reserved(A) ::= CASCADED(A).
non_reserved(A) ::= CATALOG(A). non_reserved(A) ::= CHAIN(A). non_reserved(A) ::= CHARACTERISTICS(A).
non_reserved(A) ::= CLOSE(A). non_reserved(A) ::= COMMENT(A). non_reserved(A) ::= COMMIT(A).
non_reserved(A) ::= COMMITTED(A). non_reserved(A) ::= CUBE(A). non_reserved(A) ::= CURRENT(A).
non_reserved(A) ::= CURSOR(A). non_reserved(A) ::= CYCLE(A). non_reserved(A) ::= DATA(A).
non_reserved(A) ::= DATABASE(A). non_reserved(A) ::= DAY(A). non_reserved(A) ::= DEALLOCATE(A).
non_reserved(A) ::= DECLARE(A). non_reserved(A) ::= DELETE(A). non_reserved(A) ::= DEPTH(A).
non_reserved(A) ::= DISCARD(A). non_reserved(A) ::= DOCUMENT(A). non_reserved(A) ::= DOUBLE(A).
non_reserved(A) ::= DROP(A). non_reserved(A) ::= ESCAPE(A). non_reserved(A) ::= EXCLUDE(A).
non_reserved(A) ::= EXECUTE(A). non_reserved(A) ::= EXPLAIN(A). non_reserved(A) ::= FILTER(A).
non_reserved(A) ::= FIRST(A). non_reserved(A) ::= FOLLOWING(A). non_reserved(A) ::= FORWARD(A).
non_reserved(A) ::= GLOBAL(A). non_reserved(A) ::= GROUPS(A). non_reserved(A) ::= HOLD(A).
non_reserved(A) ::= HOUR(A). non_reserved(A) ::= IF(A). non_reserved(A) ::= IMPORT(A).
non_reserved(A) ::= INSENSITIVE(A). non_reserved(A) ::= INSERT(A). non_reserved(A) ::= ISOLATION(A). non_reserved(A) ::= KEY(A).
non_reserved(A) ::= LAST(A). non_reserved(A) ::= LEVEL(A). non_reserved(A) ::= LOCAL(A).
non_reserved(A) ::= LOCKED(A). non_reserved(A) ::= MAPPING(A). non_reserved(A) ::= MATERIALIZED(A).
non_reserved(A) ::= MINUTE(A). non_reserved(A) ::= MONTH(A). non_reserved(A) ::= MOVE(A).
non_reserved(A) ::= NAMES(A). non_reserved(A) ::= NEXT(A). non_reserved(A) ::= NFC(A).
non_reserved(A) ::= NFD(A). non_reserved(A) ::= NFKC(A). non_reserved(A) ::= NFKD(A).
non_reserved(A) ::= NO(A). non_reserved(A) ::= NORMALIZED(A). non_reserved(A) ::= NOWAIT(A).
non_reserved(A) ::= OF(A). non_reserved(A) ::= OPERATOR(A). non_reserved(A) ::= OPTION(A).
non_reserved(A) ::= OPTIONS(A). non_reserved(A) ::= ORDINALITY(A). non_reserved(A) ::= OTHERS(A).
non_reserved(A) ::= OVER(A). non_reserved(A) ::= OWNER(A). non_reserved(A) ::= PARTITION(A).
non_reserved(A) ::= PLANS(A). non_reserved(A) ::= PRECEDING(A). non_reserved(A) ::= PREPARE(A).
non_reserved(A) ::= PREPARED(A). non_reserved(A) ::= PRESERVE(A). non_reserved(A) ::= PRIOR(A).
non_reserved(A) ::= RANGE(A). non_reserved(A) ::= READ(A). non_reserved(A) ::= RECURSIVE(A).
non_reserved(A) ::= RELATIVE(A). non_reserved(A) ::= RELEASE(A). non_reserved(A) ::= RENAME(A).
non_reserved(A) ::= REPEATABLE(A). non_reserved(A) ::= REPLACE(A). non_reserved(A) ::= RESET(A).
non_reserved(A) ::= RESTRICT(A). non_reserved(A) ::= ROLE(A). non_reserved(A) ::= ROLLBACK(A).
non_reserved(A) ::= ROLLUP(A). non_reserved(A) ::= ROWS(A). non_reserved(A) ::= SAVEPOINT(A).
non_reserved(A) ::= SCHEMA(A). non_reserved(A) ::= SCROLL(A). non_reserved(A) ::= SEARCH(A).
non_reserved(A) ::= SECOND(A). non_reserved(A) ::= SEQUENCES(A). non_reserved(A) ::= SERIALIZABLE(A).
non_reserved(A) ::= SERVER(A). non_reserved(A) ::= SESSION(A). non_reserved(A) ::= SET(A).
non_reserved(A) ::= SETS(A). non_reserved(A) ::= SHARE(A). non_reserved(A) ::= SHOW(A).
non_reserved(A) ::= SKIP(A). non_reserved(A) ::= START(A). non_reserved(A) ::= TEMP(A).
non_reserved(A) ::= TEMPORARY(A). non_reserved(A) ::= TIES(A). non_reserved(A) ::= TRANSACTION(A).
non_reserved(A) ::= TYPE(A). non_reserved(A) ::= UNBOUNDED(A). non_reserved(A) ::= UNCOMMITTED(A).
non_reserved(A) ::= UNKNOWN(A). non_reserved(A) ::= UNLOGGED(A). non_reserved(A) ::= UPDATE(A).
non_reserved(A) ::= VARYING(A). non_reserved(A) ::= VERSION(A). non_reserved(A) ::= VIEW(A).
non_reserved(A) ::= WITHIN(A). non_reserved(A) ::= WITHOUT(A). non_reserved(A) ::= WORK(A).
non_reserved(A) ::= WRAPPER(A). non_reserved(A) ::= WRITE(A). non_reserved(A) ::= YEAR(A).
non_reserved(A) ::= ZONE(A).
col_name_word(A) ::= BETWEEN(A). col_name_word(A) ::= BIGINT(A). col_name_word(A) ::= BIT(A).
col_name_word(A) ::= BOOLEAN(A). col_name_word(A) ::= CHAR(A). col_name_word(A) ::= CHARACTER(A).
col_name_word(A) ::= COALESCE(A). col_name_word(A) ::= DEC(A). col_name_word(A) ::= DECIMAL(A).
col_name_word(A) ::= EXISTS(A). col_name_word(A) ::= EXTRACT(A). col_name_word(A) ::= FLOAT(A).
col_name_word(A) ::= GREATEST(A). col_name_word(A) ::= GROUPING(A). col_name_word(A) ::= COL_NAME_WORD(A).
col_name_word(A) ::= INT(A). col_name_word(A) ::= INTEGER(A). col_name_word(A) ::= INTERVAL(A).
col_name_word(A) ::= LEAST(A). col_name_word(A) ::= NATIONAL(A). col_name_word(A) ::= NCHAR(A).
col_name_word(A) ::= NORMALIZE(A). col_name_word(A) ::= NULLIF(A). col_name_word(A) ::= NUMERIC(A).
col_name_word(A) ::= OVERLAY(A). col_name_word(A) ::= POSITION(A). col_name_word(A) ::= PRECISION(A).
col_name_word(A) ::= REAL(A). col_name_word(A) ::= ROW(A). col_name_word(A) ::= SETOF(A).
col_name_word(A) ::= SMALLINT(A). col_name_word(A) ::= SUBSTRING(A). col_name_word(A) ::= TIME(A).
col_name_word(A) ::= TIMESTAMP(A). col_name_word(A) ::= TREAT(A). col_name_word(A) ::= TRIM(A).
col_name_word(A) ::= VALUES(A). col_name_word(A) ::= VARCHAR(A). col_name_word(A) ::= XML_WORD(A).
type_func_word(A) ::= AUTHORIZATION(A). type_func_word(A) ::= BINARY(A). type_func_word(A) ::= COLLATION(A).
type_func_word(A) ::= TYPE_FUNC_WORD(A). type_func_word(A) ::= CROSS(A).
type_func_word(A) ::= CURRENT_SCHEMA(A). type_func_word(A) ::= FULL(A). type_func_word(A) ::= ILIKE(A).
type_func_word(A) ::= INNER(A). type_func_word(A) ::= IS(A). type_func_word(A) ::= ISNULL(A).
type_func_word(A) ::= JOIN(A). type_func_word(A) ::= LEFT(A). type_func_word(A) ::= LIKE(A).
type_func_word(A) ::= NATURAL(A). type_func_word(A) ::= NOTNULL(A). type_func_word(A) ::= OUTER(A).
type_func_word(A) ::= OVERLAPS(A). type_func_word(A) ::= RIGHT(A). type_func_word(A) ::= SIMILAR(A).
type_func_word(A) ::= TABLESAMPLE(A). type_func_word(A) ::= VERBOSE(A).
reserved_word(A) ::= ALL(A). reserved_word(A) ::= ANALYSE(A). reserved_word(A) ::= ANALYZE(A).
reserved_word(A) ::= AND(A). reserved_word(A) ::= ANY(A). reserved_word(A) ::= ARRAY(A).
reserved_word(A) ::= AS(A). reserved_word(A) ::= ASC(A). reserved_word(A) ::= ASYMMETRIC(A).
reserved_word(A) ::= BOTH(A). reserved_word(A) ::= CASE(A). reserved_word(A) ::= CAST(A).
reserved_word(A) ::= CHECK(A). reserved_word(A) ::= COLLATE(A). reserved_word(A) ::= COLUMN(A).
reserved_word(A) ::= RESERVED_WORD(A). reserved_word(A) ::= GRANT(A). reserved_word(A) ::= CREATE(A).
reserved_word(A) ::= CURRENT_CATALOG(A). reserved_word(A) ::= CURRENT_DATE(A).
reserved_word(A) ::= CURRENT_ROLE(A). reserved_word(A) ::= CURRENT_TIME(A).
reserved_word(A) ::= CURRENT_TIMESTAMP(A). reserved_word(A) ::= CURRENT_USER(A).
reserved_word(A) ::= DEFAULT(A). reserved_word(A) ::= DEFERRABLE(A). reserved_word(A) ::= DESC(A).
reserved_word(A) ::= DISTINCT(A). reserved_word(A) ::= ELSE(A). reserved_word(A) ::= END(A).
reserved_word(A) ::= EXCEPT(A). reserved_word(A) ::= FALSE(A). reserved_word(A) ::= FETCH(A).
reserved_word(A) ::= FOR(A). reserved_word(A) ::= FOREIGN(A). reserved_word(A) ::= FROM(A).
reserved_word(A) ::= RESERVED_WORD_AS(A). reserved_word(A) ::= GROUP(A). reserved_word(A) ::= HAVING(A).
reserved_word(A) ::= IN(A). reserved_word(A) ::= INTERSECT(A). reserved_word(A) ::= INTO(A).
reserved_word(A) ::= LATERAL(A). reserved_word(A) ::= LEADING(A). reserved_word(A) ::= LIMIT(A).
reserved_word(A) ::= LOCALTIME(A). reserved_word(A) ::= LOCALTIMESTAMP(A). reserved_word(A) ::= NOT(A).
reserved_word(A) ::= NULL(A). reserved_word(A) ::= OFFSET(A). reserved_word(A) ::= ON(A).
reserved_word(A) ::= ONLY(A). reserved_word(A) ::= OR(A). reserved_word(A) ::= ORDER(A).
reserved_word(A) ::= PLACING(A). reserved_word(A) ::= PRIMARY(A). reserved_word(A) ::= REFERENCES(A).
reserved_word(A) ::= SELECT(A). reserved_word(A) ::= SESSION_USER(A). reserved_word(A) ::= SOME(A).
reserved_word(A) ::= SYMMETRIC(A). reserved_word(A) ::= TABLE(A). reserved_word(A) ::= THEN(A).
reserved_word(A) ::= TO(A). reserved_word(A) ::= TRAILING(A). reserved_word(A) ::= TRUE(A).
reserved_word(A) ::= UNION(A). reserved_word(A) ::= UNIQUE(A). reserved_word(A) ::= USER(A).
reserved_word(A) ::= USING(A). reserved_word(A) ::= VARIADIC(A). reserved_word(A) ::= WHEN(A).
reserved_word(A) ::= WHERE(A). reserved_word(A) ::= WINDOW(A). reserved_word(A) ::= WITH(A).
bare_word(A) ::= TABLES(A). bare_word(A) ::= ACCESS(A). bare_word(A) ::= AGENCY(A). bare_word(A) ::= AGGREGATE(A).
bare_word(A) ::= AGREEMENT(A). bare_word(A) ::= COMPARE(A). bare_word(A) ::= ELEMENT(A).
bare_word(A) ::= HOURS(A). bare_word(A) ::= MASK(A).
bare_word(A) ::= MASKED(A). bare_word(A) ::= MAX(A). bare_word(A) ::= MINIMUM(A).
bare_word(A) ::= PREVIEW(A). bare_word(A) ::= PROVINCE(A). bare_word(A) ::= PURPOSE(A).
bare_word(A) ::= RAW(A). bare_word(A) ::= RESUME(A). bare_word(A) ::= SENSITIVITY(A).
bare_word(A) ::= SUSPEND(A). bare_word(A) ::= UNDER(A). bare_word(A) ::= UNIT(A).
bare_word(A) ::= UNTIL(A). bare_word(A) ::= VALID(A). bare_word(A) ::= REVOKE(A).
bare_word(A) ::= ABORT(A). bare_word(A) ::= ABSOLUTE(A). bare_word(A) ::= ADD(A). bare_word(A) ::= ALL(A).
bare_word(A) ::= ALTER(A). bare_word(A) ::= ANALYSE(A). bare_word(A) ::= ANALYZE(A).
bare_word(A) ::= AND(A). bare_word(A) ::= ANY(A). bare_word(A) ::= ASC(A). bare_word(A) ::= ASENSITIVE(A).
bare_word(A) ::= ASYMMETRIC(A). bare_word(A) ::= AT(A). bare_word(A) ::= AUTHORIZATION(A).
bare_word(A) ::= BACKWARD(A). bare_word(A) ::= BEGIN(A). bare_word(A) ::= BETWEEN(A).
bare_word(A) ::= BIGINT(A). bare_word(A) ::= BINARY(A). bare_word(A) ::= BIT(A).
bare_word(A) ::= BOOLEAN(A). bare_word(A) ::= BOTH(A). bare_word(A) ::= BREADTH(A). bare_word(A) ::= BY(A).
bare_word(A) ::= CASCADE(A). bare_word(A) ::= CASCADED(A). bare_word(A) ::= CASE(A).
bare_word(A) ::= CAST(A). bare_word(A) ::= CATALOG(A). bare_word(A) ::= CHAIN(A).
bare_word(A) ::= CHARACTERISTICS(A). bare_word(A) ::= CHECK(A). bare_word(A) ::= CLOSE(A).
bare_word(A) ::= COALESCE(A). bare_word(A) ::= COLLATE(A). bare_word(A) ::= COLLATION(A).
bare_word(A) ::= COLUMN(A). bare_word(A) ::= COMMENT(A). bare_word(A) ::= COMMIT(A).
bare_word(A) ::= COMMITTED(A). bare_word(A) ::= TYPE_FUNC_WORD(A). bare_word(A) ::= RESERVED_WORD(A).
bare_word(A) ::= CROSS(A). bare_word(A) ::= CUBE(A). bare_word(A) ::= CURRENT(A).
bare_word(A) ::= CURRENT_CATALOG(A). bare_word(A) ::= CURRENT_DATE(A). bare_word(A) ::= CURRENT_ROLE(A).
bare_word(A) ::= CURRENT_SCHEMA(A). bare_word(A) ::= CURRENT_TIME(A). bare_word(A) ::= CURRENT_TIMESTAMP(A).
bare_word(A) ::= CURRENT_USER(A). bare_word(A) ::= CURSOR(A). bare_word(A) ::= CYCLE(A).
bare_word(A) ::= DATA(A). bare_word(A) ::= DATABASE(A). bare_word(A) ::= DEALLOCATE(A).
bare_word(A) ::= DEC(A). bare_word(A) ::= DECIMAL(A). bare_word(A) ::= DECLARE(A).
bare_word(A) ::= DEFAULT(A). bare_word(A) ::= DEFERRABLE(A). bare_word(A) ::= DELETE(A).
bare_word(A) ::= DEPTH(A). bare_word(A) ::= DESC(A). bare_word(A) ::= DISCARD(A).
bare_word(A) ::= DISTINCT(A). bare_word(A) ::= DOCUMENT(A). bare_word(A) ::= DOUBLE(A).
bare_word(A) ::= DROP(A). bare_word(A) ::= ELSE(A). bare_word(A) ::= END(A). bare_word(A) ::= ESCAPE(A).
bare_word(A) ::= EXCLUDE(A). bare_word(A) ::= EXECUTE(A). bare_word(A) ::= EXISTS(A).
bare_word(A) ::= EXPLAIN(A). bare_word(A) ::= EXTRACT(A). bare_word(A) ::= FALSE(A).
bare_word(A) ::= FIRST(A). bare_word(A) ::= FLOAT(A). bare_word(A) ::= FOLLOWING(A).
bare_word(A) ::= FOREIGN(A). bare_word(A) ::= FORWARD(A). bare_word(A) ::= FULL(A).
bare_word(A) ::= GLOBAL(A). bare_word(A) ::= GREATEST(A). bare_word(A) ::= GROUPING(A).
bare_word(A) ::= GROUPS(A). bare_word(A) ::= HOLD(A). bare_word(A) ::= IF(A). bare_word(A) ::= ILIKE(A).
bare_word(A) ::= IMPORT(A). bare_word(A) ::= IN(A). bare_word(A) ::= INNER(A).
bare_word(A) ::= COL_NAME_WORD(A). bare_word(A) ::= INSENSITIVE(A). bare_word(A) ::= INSERT(A). bare_word(A) ::= INT(A).
bare_word(A) ::= INTEGER(A). bare_word(A) ::= INTERVAL(A). bare_word(A) ::= IS(A).
bare_word(A) ::= ISOLATION(A). bare_word(A) ::= JOIN(A). bare_word(A) ::= KEY(A). bare_word(A) ::= LAST(A).
bare_word(A) ::= LATERAL(A). bare_word(A) ::= LEADING(A). bare_word(A) ::= LEAST(A).
bare_word(A) ::= LEFT(A). bare_word(A) ::= LEVEL(A). bare_word(A) ::= LIKE(A). bare_word(A) ::= LOCAL(A).
bare_word(A) ::= LOCALTIME(A). bare_word(A) ::= LOCALTIMESTAMP(A). bare_word(A) ::= LOCKED(A).
bare_word(A) ::= MAPPING(A). bare_word(A) ::= MATERIALIZED(A). bare_word(A) ::= MOVE(A).
bare_word(A) ::= NAMES(A). bare_word(A) ::= NATIONAL(A). bare_word(A) ::= NATURAL(A).
bare_word(A) ::= NCHAR(A). bare_word(A) ::= NEXT(A). bare_word(A) ::= NFC(A). bare_word(A) ::= NFD(A).
bare_word(A) ::= NFKC(A). bare_word(A) ::= NFKD(A). bare_word(A) ::= NO(A). bare_word(A) ::= NORMALIZE(A).
bare_word(A) ::= NORMALIZED(A). bare_word(A) ::= NOT(A). bare_word(A) ::= NOWAIT(A).
bare_word(A) ::= NULL(A). bare_word(A) ::= NULLIF(A). bare_word(A) ::= NUMERIC(A). bare_word(A) ::= OF(A).
bare_word(A) ::= ONLY(A). bare_word(A) ::= OPERATOR(A). bare_word(A) ::= OPTION(A).
bare_word(A) ::= OPTIONS(A). bare_word(A) ::= OR(A). bare_word(A) ::= ORDINALITY(A).
bare_word(A) ::= OTHERS(A). bare_word(A) ::= OUTER(A). bare_word(A) ::= OVERLAY(A).
bare_word(A) ::= OWNER(A). bare_word(A) ::= PARTITION(A). bare_word(A) ::= PLACING(A).
bare_word(A) ::= PLANS(A). bare_word(A) ::= POSITION(A). bare_word(A) ::= PRECEDING(A).
bare_word(A) ::= PREPARE(A). bare_word(A) ::= PREPARED(A). bare_word(A) ::= PRESERVE(A).
bare_word(A) ::= PRIMARY(A). bare_word(A) ::= PRIOR(A). bare_word(A) ::= RANGE(A). bare_word(A) ::= READ(A).
bare_word(A) ::= REAL(A). bare_word(A) ::= RECURSIVE(A). bare_word(A) ::= REFERENCES(A).
bare_word(A) ::= RELATIVE(A). bare_word(A) ::= RELEASE(A). bare_word(A) ::= RENAME(A).
bare_word(A) ::= REPEATABLE(A). bare_word(A) ::= REPLACE(A). bare_word(A) ::= RESET(A).
bare_word(A) ::= RESTRICT(A). bare_word(A) ::= RIGHT(A). bare_word(A) ::= ROLE(A).
bare_word(A) ::= ROLLBACK(A). bare_word(A) ::= ROLLUP(A). bare_word(A) ::= ROW(A). bare_word(A) ::= ROWS(A).
bare_word(A) ::= SAVEPOINT(A). bare_word(A) ::= SCHEMA(A). bare_word(A) ::= SCROLL(A).
bare_word(A) ::= SEARCH(A). bare_word(A) ::= SELECT(A). bare_word(A) ::= SEQUENCES(A).
bare_word(A) ::= SERIALIZABLE(A). bare_word(A) ::= SERVER(A). bare_word(A) ::= SESSION(A).
bare_word(A) ::= SESSION_USER(A). bare_word(A) ::= SET(A). bare_word(A) ::= SETOF(A).
bare_word(A) ::= SETS(A). bare_word(A) ::= SHARE(A). bare_word(A) ::= SHOW(A). bare_word(A) ::= SIMILAR(A).
bare_word(A) ::= SKIP(A). bare_word(A) ::= SMALLINT(A). bare_word(A) ::= SOME(A). bare_word(A) ::= START(A).
bare_word(A) ::= SUBSTRING(A). bare_word(A) ::= SYMMETRIC(A). bare_word(A) ::= TABLE(A).
bare_word(A) ::= TABLESAMPLE(A). bare_word(A) ::= TEMP(A). bare_word(A) ::= TEMPORARY(A).
bare_word(A) ::= THEN(A). bare_word(A) ::= TIES(A). bare_word(A) ::= TIME(A). bare_word(A) ::= TIMESTAMP(A).
bare_word(A) ::= TRAILING(A). bare_word(A) ::= TRANSACTION(A). bare_word(A) ::= TREAT(A).
bare_word(A) ::= TRIM(A). bare_word(A) ::= TRUE(A). bare_word(A) ::= TYPE(A). bare_word(A) ::= UNBOUNDED(A).
bare_word(A) ::= UNCOMMITTED(A). bare_word(A) ::= UNIQUE(A). bare_word(A) ::= UNKNOWN(A).
bare_word(A) ::= UNLOGGED(A). bare_word(A) ::= UPDATE(A). bare_word(A) ::= USER(A).
bare_word(A) ::= USING(A). bare_word(A) ::= VALUES(A). bare_word(A) ::= VARCHAR(A).
bare_word(A) ::= VARIADIC(A). bare_word(A) ::= VERBOSE(A). bare_word(A) ::= VERSION(A).
bare_word(A) ::= VIEW(A). bare_word(A) ::= WHEN(A). bare_word(A) ::= WORK(A). bare_word(A) ::= WRAPPER(A).
bare_word(A) ::= WRITE(A). bare_word(A) ::= XML_WORD(A). bare_word(A) ::= ZONE(A).

%code {
/* ==== driving the automaton; the second half runs it without values, to learn what could come ==== */
struct grammar_machine *grammar_open(struct parser *p)
{
	return grammar_Alloc(malloc, p);
}

void grammar_close(struct grammar_machine *g)
{
	grammar_Free(g, free);
}

void grammar_token(struct grammar_machine *g, int type, struct token t)
{
	grammar_(g, type, t);
}

size_t grammar_stack_height(const struct grammar_machine *g)
{
	const yyParser *y = (const yyParser *)g;
	return (size_t)(y->yytos - y->yystack);
}

int grammar_token_count(void)
{
	return YYNTOKEN;
}

void grammar_trace_init(struct grammar_trace *t)
{
	t->cap = 256;
	t->states = malloc(t->cap * sizeof(t->states[0]));
	ASSERT(t->states);
	t->states[0] = 0;
	t->count = 1;
}

void grammar_trace_release(struct grammar_trace *t)
{
	free(t->states);
	t->states = NULL;
}

static void trace_push(struct grammar_trace *t, uint16_t state)
{
	if (t->count == t->cap) {
		t->cap *= 2;
		t->states = realloc(t->states, t->cap * sizeof(t->states[0]));
		ASSERT(t->states);
	}
	t->states[t->count++] = state;
}

/* Plays one token on a virtual stack: the first *kept states of t, then over[0..*extra). */
static bool trace_play(const struct grammar_trace *t, int type, size_t *kept, uint16_t over[64], size_t *extra)
{
	size_t base = t->count, n = 0;
	YYACTIONTYPE state = t->states[base - 1];
	for (;;) {
		YYACTIONTYPE action = yy_find_shift_action((YYCODETYPE)type, state);
		if (action >= YY_MIN_REDUCE) {
			unsigned rule = action - YY_MIN_REDUCE;
			size_t size = (size_t)-yyRuleInfoNRhs[rule];
			if (size > n) {
				base -= size - n;
				n = 0;
			} else {
				n -= size;
			}
			state = yy_find_reduce_action(n ? over[n - 1] : t->states[base - 1], yyRuleInfoLhs[rule]);
			if (n == 63)
				return false;
			over[n++] = state;
			continue;
		}
		if (action == YY_ERROR_ACTION || action == YY_NO_ACTION)
			return false;
		if (action <= YY_MAX_SHIFTREDUCE)
			over[n++] = action > YY_MAX_SHIFT ? action + YY_MIN_REDUCE - YY_MIN_SHIFTREDUCE : action;
		*kept = base;
		*extra = n;
		return true;
	}
}

bool grammar_trace_step(struct grammar_trace *t, int type)
{
	uint16_t over[64];
	size_t kept, extra;
	if (!trace_play(t, type, &kept, over, &extra))
		return false;
	t->count = kept;
	for (size_t i = 0; i < extra; i++)
		trace_push(t, over[i]);
	return true;
}

bool grammar_trace_accepts(const struct grammar_trace *t, int type)
{
	uint16_t over[64];
	size_t kept, extra;
	return trace_play(t, type, &kept, over, &extra);
}
}
