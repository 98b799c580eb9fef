/*
 * EXPLAIN: the placed plan as an indented tree, with the text sent to each source and, per conjunct, whether it
 * went (exact, superset) or stayed (local) and why. ANALYZE runs it and adds rows, time, bytes and memory.
 * Options: analyze, verbose, passes (the plan after each pass that changed it), permissions (per table, what may be read and
 * by what right), format text. Of tables under an agreement the reader sees the shape of the plan alone: conditions and
 * masks are the providing agency's, and counts would tell of rows that aren't shared.
 */
#include <stdio.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/optimize/optimize.h"
#include "engine/place/remote.h"
#include "engine/statement/statement_int.h"

struct explain {
	struct statement_env *env;
	const struct plan *plan;
	struct execution *execution; /* ANALYZE */
	bool verbose;
	bool shared;                 /* reads what another agency shares: conditions, masks, counts aren't the reader's */
	struct strbuf text;          /* lines */
};

static const char *column_names(uint32_t id, void *arg)
{
	return plan_column_name(((struct explain *)arg)->plan, id);
}

static void print_expr(struct explain *x, const struct expr *e)
{
	expr_print(e, column_names, x, &x->text);
}

static void print_exprs(struct explain *x, struct expr *const *list, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			strbuf_adds(&x->text, ", ");
		print_expr(x, list[i]);
	}
}

static void print_keys(struct explain *x, const struct sort_key *keys, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			strbuf_adds(&x->text, ", ");
		print_expr(x, keys[i].expr);
		if (keys[i].descending)
			strbuf_adds(&x->text, " DESC");
		if (keys[i].nulls_first != keys[i].descending)
			strbuf_adds(&x->text, keys[i].nulls_first ? " NULLS FIRST" : " NULLS LAST");
	}
}

static void indent(struct explain *x, int depth)
{
	for (int i = 0; i < depth; i++)
		strbuf_adds(&x->text, "  ");
}

static void print_bytes(struct strbuf *b, int64_t n)
{
	if (n < 10240)
		strbuf_addf(b, "%lld B", (long long)n);
	else if (n < 10240 * 1024)
		strbuf_addf(b, "%.1f kB", (double)n / 1024);
	else
		strbuf_addf(b, "%.1f MB", (double)n / 1048576);
}

static void print_fragment(struct explain *x, const struct remote_fragment *f, const struct node_stats *s, int depth)
{
	static const char *const sent[] = {"exact", "superset, checked again here", "local"};

	indent(x, depth);
	if (x->shared) {
		strbuf_adds(&x->text, "(read under an agreement)\n");
		return;
	}
	strbuf_addf(&x->text, "sent: %s\n", f->sql);
	for (uint32_t i = 0; i < f->nparams; i++) {
		indent(x, depth);
		strbuf_addf(&x->text, "parameter %u: ", i + 1);
		print_expr(x, f->params[i]);
		strbuf_addc(&x->text, '\n');
	}
	for (uint32_t i = 0; i < f->nnotes; i++) {
		indent(x, depth);
		strbuf_addf(&x->text, "%s: %s%s%s\n", f->notes[i].text, sent[f->notes[i].sent], f->notes[i].why ? ": " : "",
					f->notes[i].why ? f->notes[i].why : "");
	}
	if (!s)
		return;
	indent(x, depth);
	strbuf_addf(&x->text, "source: %lld rows, ", (long long)s->fetch.rows);
	print_bytes(&x->text, s->fetch.bytes);
	strbuf_addf(&x->text, ", connected after %.1f ms, first row after %.1f ms, all after %.1f ms",
				(double)s->fetch.connect_us / 1000, (double)s->fetch.first_row_us / 1000, (double)s->fetch.total_us / 1000);
	if (s->fetch.values_replaced)
		strbuf_addf(&x->text, ", %lld values replaced by NULL", (long long)s->fetch.values_replaced);
	strbuf_addc(&x->text, '\n');
}

/* What is particular to the kind, behind its name. */
static void print_details(struct explain *x, const struct rel *r)
{
	switch (r->kind) {
	case REL_SCAN:
		strbuf_addf(&x->text, " %s.%s", r->scan.table->schema, r->scan.table->name);
		if (r->scan.predicate) {
			strbuf_adds(&x->text, " where ");
			print_expr(x, r->scan.predicate);
		}
		break;
	case REL_VIRTUAL:
		strbuf_addf(&x->text, " %s.%s", r->virtual_scan.table->schema, r->virtual_scan.table->name);
		break;
	case REL_REMOTE:
		strbuf_addf(&x->text, " %s", r->remote->server->name);
		if (r->remote->table && *r->remote->table)
			strbuf_addf(&x->text, " (%s)", r->remote->table);
		break;
	case REL_FILTER:
		strbuf_adds(&x->text, " ");
		print_expr(x, r->filter.predicate);
		break;
	case REL_PROJECT:
		if (x->verbose) {
			strbuf_adds(&x->text, " ");
			print_exprs(x, r->project.exprs, r->ncols);
		}
		break;
	case REL_JOIN:
		strbuf_addf(&x->text, " %s", join_kind_name(r->join.kind));
		if (r->join.condition) {
			strbuf_adds(&x->text, " on ");
			print_expr(x, r->join.condition);
		}
		if (r->join.build_left)
			strbuf_adds(&x->text, " (hash table from the first input)");
		break;
	case REL_AGGREGATE:
		if (r->agg.ngroups) {
			strbuf_adds(&x->text, " by ");
			print_exprs(x, r->agg.groups, r->agg.ngroups);
		}
		if (r->agg.naggs) {
			strbuf_adds(&x->text, ": ");
			print_exprs(x, r->agg.aggs, r->agg.naggs);
		}
		break;
	case REL_SORT:
		strbuf_adds(&x->text, " by ");
		print_keys(x, r->sort.keys, r->sort.nkeys);
		if (r->sort.limit >= 0)
			strbuf_addf(&x->text, ", first %lld", (long long)r->sort.limit);
		break;
	case REL_LIMIT:
		if (r->limit.limit) {
			strbuf_adds(&x->text, " ");
			print_expr(x, r->limit.limit);
		}
		if (r->limit.offset) {
			strbuf_adds(&x->text, " offset ");
			print_expr(x, r->limit.offset);
		}
		break;
	case REL_CTE:
	case REL_CTE_SCAN:
		strbuf_addf(&x->text, " %s", r->cte.name ? r->cte.name : "");
		break;
	case REL_VALUES:
		strbuf_addf(&x->text, " %u rows", r->values.nrows);
		break;
	case REL_TABLE_FN:
		for (uint32_t i = 0; i < r->table_fn.ncalls; i++) {
			strbuf_adds(&x->text, i ? ", " : " ");
			print_expr(x, r->table_fn.calls[i]);
		}
		strbuf_adds(&x->text, r->table_fn.ordinality ? " with ordinality" : "");
		break;
	case REL_WINDOW:
	case REL_SETOP:
	case REL_SINGLE:
	case REL_EMPTY:
		break;
	}
}

static void print_node(struct explain *x, const struct rel *r, int depth);

/* Subqueries that stayed in a node's expressions have plans of their own. */
struct subplans {
	struct explain *x;
	int depth;
};
static enum walk print_subplan(const struct expr *e, void *arg)
{
	struct subplans *s = arg;

	if (e->kind != EXPR_SUBQUERY)
		return WALK_ON;
	indent(s->x, s->depth);
	strbuf_adds(&s->x->text, "subquery:\n");
	print_node(s->x, e->sub.rel, s->depth + 1);
	return WALK_SKIP;
}
static void print_subplans(struct expr **e, void *arg)
{
	expr_walk(*e, print_subplan, arg);
}

static void print_node(struct explain *x, const struct rel *r, int depth)
{
	struct subplans subplans = {x, depth + 1};
	struct node_stats s;
	bool has_stats = x->execution && !x->shared && execute_stats(x->execution, r, &s);

	indent(x, depth);
	strbuf_addf(&x->text, "%s%s", depth ? "-> " : "", rel_kind_name(r->kind));
	if (!x->shared)
		print_details(x, r);
	if (r->est.rows >= 0 && !x->shared)
		strbuf_addf(&x->text, "  (about %.0f rows)", r->est.rows);
	if (has_stats) {
		strbuf_addf(&x->text, "  [%lld rows, %.1f ms", (long long)s.rows, (double)s.time_us / 1000);
		if (s.memory_peak > 0) {
			strbuf_adds(&x->text, ", ");
			print_bytes(&x->text, s.memory_peak);
		}
		if (s.spilled > 0) {
			strbuf_adds(&x->text, ", spilled ");
			print_bytes(&x->text, s.spilled);
		}
		strbuf_adds(&x->text, "]");
	}
	strbuf_addc(&x->text, '\n');
	if (r->kind == REL_REMOTE)
		print_fragment(x, r->remote, has_stats ? &s : NULL, depth + 2);
	rel_each_expr((struct rel *)r, print_subplans, &subplans);
	for (uint32_t i = 0; i < r->nin; i++)
		print_node(x, r->in[i], depth + 1);
}

static void print_pass(const char *pass, const struct plan *p, int64_t us, void *arg)
{
	struct explain *x = arg;

	strbuf_addf(&x->text, "after %s (%lld us):\n", pass, (long long)us);
	plan_print(p, p->root, &x->text);
}

static void finish_lines(struct explain *x, struct statement_result *out)
{
	struct statement_column *col = mem_new_object(x->env->mem, struct statement_column);
	const char *p = strbuf_cstr(&x->text);

	*col = (struct statement_column){"QUERY PLAN", type_make(TYPE_TEXT)};
	out->cols = col;
	out->ncols = 1;
	while (*p) {
		size_t len = strcspn(p, "\n");
		const char *line = mem_strndup(x->env->mem, p, len);

		statement_add_texts(x->env, out, &line);
		p += len + (p[len] == '\n');
	}
	if (x->text.overflow) {
		const char *line = "… (cut: the plan is too long)";

		statement_add_texts(x->env, out, &line);
	}
	strbuf_release(&x->text);
}

/* Runs the plan to its end, counting; the rows themselves go nowhere. */
static bool run_plan(struct explain *x, int64_t *rows, int64_t *us, struct err *e)
{
	struct execute_env env;
	struct batch b = {0};
	int64_t start = clock_monotonic_us();

	statement_execute_env(x->env, &env);
	env.profile = true;
	if (!execute_open(x->plan, &env, &x->execution, e))
		return false;
	*rows = 0;
	for (;;) {
		if (!execute_next(x->execution, &b, e))
			return false;
		if (b.rows == 0)
			break;
		*rows += b.rows;
		batch_release(&b);
	}
	*us = clock_monotonic_us() - start;
	return true;
}

static bool flag(const struct ast_explain *a, const char *name, bool *out, struct err *e)
{
	for (uint32_t i = 0; i < a->options.count; i++) {
		const struct ast_option *o = AST_AS(OPTION, option, a->options.items[i]);

		if (strcmp(o->name, name) != 0)
			continue;
		if (!o->value || cstr_eq_nocase(o->value, "on") || cstr_eq_nocase(o->value, "true") || strcmp(o->value, "1") == 0)
			*out = true;
		else if (cstr_eq_nocase(o->value, "off") || cstr_eq_nocase(o->value, "false") || strcmp(o->value, "0") == 0)
			*out = false;
		else
			return err_at(e, o->base.pos, ERR_SYNTAX_ERROR, "EXPLAIN option %s takes on or off", name);
	}
	return true;
}

static bool check_options(const struct ast_explain *a, struct err *e)
{
	static const char *const known[] = {"analyze", "verbose", "passes", "costs", "timing", "summary", "buffers", "permissions"};

	for (uint32_t i = 0; i < a->options.count; i++) {
		const struct ast_option *o = AST_AS(OPTION, option, a->options.items[i]);
		bool ok = strcmp(o->name, "format") == 0 && o->value && cstr_eq_nocase(o->value, "text");

		for (size_t k = 0; k < ARRAY_LEN(known) && !ok; k++)
			ok = strcmp(o->name, known[k]) == 0;
		if (!ok) {
			err_at(e, o->base.pos, ERR_SYNTAX_ERROR, "unknown EXPLAIN option \"%s\"", o->name);
			return err_hint(e, "Options are analyze, verbose, passes, permissions, format text.");
		}
	}
	return true;
}

static bool is_shared(const struct principal *who, const struct plan *p)
{
	for (uint32_t i = 0; i < p->nguards && !who->is_operator; i++)
		if (p->guards[i]->ngrants)
			return true;
	return false;
}

/* Columns that may be read; rules: masks as they are written. */
static void print_columns(struct explain *x, const struct guard *g, const struct catalog_grant *grant, bool rules)
{
	strbuf_adds(&x->text, "    columns: ");
	for (size_t i = 0; i < grant->ncols; i++) {
		strbuf_addf(&x->text, "%s%s", i ? ", " : "", grant->cols[i].name);
		if (grant->cols[i].mask && rules)
			strbuf_addf(&x->text, " masked (%s)", grant->cols[i].mask);
		else if (grant->cols[i].mask)
			strbuf_adds(&x->text, " masked");
	}
	strbuf_addc(&x->text, '\n');
	for (uint32_t i = 0; i < g->table->ncols && rules; i++)
		if (!g->readable[i])
			strbuf_addf(&x->text, "    refused: %s\n", g->table->columns[i].name);
}

static void print_grant(struct explain *x, const struct guard *g, const struct catalog_grant *grant)
{
	const struct catalog_agreement *a = grant->agreement;
	bool rules = x->env->principal->is_operator || strcmp(x->env->principal->agency, a->provider) == 0;

	strbuf_addf(&x->text, "  agreement %s%s%s, purpose %s\n", a->name, a->reference ? ", " : "", a->reference ? a->reference : "",
				a->purpose);
	print_columns(x, g, grant, rules);
	if (grant->row_condition)
		strbuf_addf(&x->text, "    rows: %s\n", rules ? grant->row_condition : "some");
	if (grant->minimum)
		strbuf_addf(&x->text, "    only aggregates over at least %lld people\n", (long long)grant->minimum);
	if (grant->max_rows >= 0)
		strbuf_addf(&x->text, "    at most %lld rows of a result\n", (long long)grant->max_rows);
}

/* By what right each table of the statement is read. */
static void print_permissions(struct explain *x)
{
	for (uint32_t i = 0; i < x->plan->nguards; i++) {
		const struct guard *g = x->plan->guards[i];
		const char *agency = catalog_table_agency(g->table);

		strbuf_addf(&x->text, "%s.%s%s%s\n", g->table->schema, g->table->name, *agency ? " of agency " : "", agency);
		for (size_t k = 0; k < g->ngrants; k++)
			print_grant(x, g, g->grants[k]);
		if (!g->ngrants)
			strbuf_addf(&x->text, "  all rows and columns: %s\n", g->table->kind == TABLE_TEMP ? "the session's own table"
							: x->env->principal->is_operator ? "the local operator"
							: *agency ? "its own agency" : "a server of no agency");
	}
}

bool run_explain(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_explain *a = AST_AS(EXPLAIN, explain, node);
	const struct ast *query = a->statement;
	struct explain x = {.env = env};
	struct optimize_trace trace = {print_pass, &x};
	bool analyze = false, passes = false, permissions = false, ok;
	int64_t rows = 0, us = 0, planning = clock_monotonic_us();
	struct plan *p;

	if (query->kind == AST_CREATE_TABLE_AS) /* the plan is its query's */
		query = AST_AS(CREATE_TABLE_AS, create_table_as, query)->query;
	if (query->kind != AST_QUERY)
		return err_at(e, a->statement->pos, ERR_FEATURE_NOT_SUPPORTED, "EXPLAIN of %s is not supported", statement_tag(a->statement));
	if (!check_options(a, e) || !flag(a, "analyze", &analyze, e) || !flag(a, "verbose", &x.verbose, e) ||
		!flag(a, "passes", &passes, e) || !flag(a, "permissions", &permissions, e))
		return false;
	if (passes && !env->principal->is_operator && !env->principal->is_administrator)
		return err_at(e, node->pos, ERR_INSUFFICIENT_PRIVILEGE, "permission denied: EXPLAIN (PASSES) is for administrators");
	if (analyze && query != a->statement)
		return err_at(e, a->statement->pos, ERR_FEATURE_NOT_SUPPORTED, "EXPLAIN ANALYZE of CREATE TABLE AS is not supported");
	strbuf_init(&x.text, 4 << 20);
	ok = statement_plan(env, query, passes ? &trace : NULL, &p, e);
	planning = clock_monotonic_us() - planning;
	x.plan = p;
	x.shared = ok && is_shared(env->principal, p);
	if (ok && analyze)
		ok = run_plan(&x, &rows, &us, e);
	if (ok) {
		if (passes)
			strbuf_adds(&x.text, "placed:\n");
		if (permissions)
			print_permissions(&x);
		else
			print_node(&x, p->root, 0);
		if (analyze)
			strbuf_addf(&x.text, "planned in %.1f ms, %lld rows in %.1f ms\n", (double)planning / 1000, (long long)rows,
						(double)us / 1000);
	}
	execute_close(x.execution);
	if (!ok) {
		strbuf_release(&x.text);
		return false;
	}
	finish_lines(&x, out);
	return true;
}
