/*
 * Prepared statements: parsed once, described by binding once, bound again at each run. A statement whose columns only its
 * running tells (SHOW, EXPLAIN) is described by what it is.
 */
#include <string.h>

#include "engine/bind/bind.h"
#include "engine/session/session_int.h"
#include "engine/session/transaction.h"

struct prepared {
	struct mem *mem;
	int refs;
	struct str sql;
	struct parse_result parsed;
	struct type *params;
	uint32_t nparams;
	struct result_column *cols;
	uint32_t ncols;
};

static void take_columns(struct prepared *p, const struct plan *plan)
{
	p->ncols = plan->ncols;
	p->cols = mem_new_array(p->mem, struct result_column, p->ncols + 1);
	for (uint32_t i = 0; i < p->ncols; i++)
		p->cols[i] = (struct result_column){.name = mem_strdup(p->mem, plan->names[i]), .type = plan->root->cols[i].type};
}

/* Types of all parameters, the declared ones as they were. */
static bool take_params(struct prepared *p, const struct plan *plan, const struct type *declared, uint32_t n, struct err *e)
{
	uint32_t most = n > plan->nparams ? n : plan->nparams;

	p->nparams = most;
	p->params = mem_new_array(p->mem, struct type, most + 1);
	for (uint32_t i = 0; i < most; i++) {
		p->params[i] = i < n ? declared[i] : type_make(TYPE_UNKNOWN);
		if (p->params[i].id == TYPE_UNKNOWN && i < plan->nparams)
			p->params[i] = plan->param_types[i];
		if (p->params[i].id == TYPE_UNKNOWN)
			return err_set(e, ERR_INDETERMINATE_DATATYPE, "could not determine data type of parameter $%u", i + 1);
	}
	return true;
}

static bool is_row_statement(enum ast_kind k) { return k == AST_SHOW || k == AST_DESCRIBE || k == AST_EXPLAIN; }

/* SHOW and DESCRIBE change nothing: running them tells their columns. EXPLAIN has one. */
static bool describe_rows(struct session *s, struct prepared *p, const struct parse_statement *statement, struct err *e)
{
	const struct result_column *cols;
	struct run *r;

	if (statement->node->kind == AST_EXPLAIN) {
		p->ncols = 1;
		p->cols = mem_new_object(p->mem, struct result_column);
		*p->cols = (struct result_column){.name = "QUERY PLAN", .type = type_make(TYPE_TEXT)};
		return true;
	}
	r = session_run_new(s, p->sql, NULL, 0);
	if (!session_run_start(r, statement, e))
		return false;
	p->ncols = run_columns(r, &cols);
	p->cols = mem_new_array(p->mem, struct result_column, p->ncols + 1);
	for (uint32_t i = 0; i < p->ncols; i++)
		p->cols[i] = (struct result_column){.name = mem_strdup(p->mem, cols[i].name), .type = cols[i].type};
	run_finish(r);
	return true;
}

static bool describe_query(struct session *s, struct prepared *p, const struct parse_statement *statement,
						   const struct type *types, uint32_t ntypes, struct err *e)
{
	struct run *r = session_run_new(s, p->sql, NULL, 0);
	struct statement_env *env = session_run_env(r);
	struct bind_context *c = statement_bind_context(env);
	struct plan *plan;
	bool ok;

	c->nparams = ntypes;
	c->param_types = types;
	ok = bind_query(c, statement->node, env->mem, &plan, e) && take_params(p, plan, types, ntypes, e);
	if (ok)
		take_columns(p, plan);
	else
		session_fail_transaction(s);
	run_finish(r);
	return ok;
}

static bool describe(struct session *s, struct prepared *p, const struct type *types, uint32_t ntypes, struct err *e)
{
	const struct parse_statement *statement;

	p->nparams = ntypes;
	p->params = ntypes ? mem_dup(p->mem, types, ntypes * sizeof *types) : NULL;
	if (p->parsed.count == 0)
		return true;
	statement = &p->parsed.statements[0];
	if (statement->node->kind == AST_QUERY || statement->node->kind == AST_SELECT || statement->node->kind == AST_SET_OP ||
		statement->node->kind == AST_VALUES)
		return describe_query(s, p, statement, types, ntypes, e);
	if (is_row_statement(statement->node->kind))
		return describe_rows(s, p, statement, e);
	return true;
}

bool session_prepare(struct session *s, struct str sql, const struct type *types, uint32_t ntypes, struct prepared **out,
					 struct err *e)
{
	struct mem *m = mem_new(session_mem(s), MEM_PARSE, "prepared statement", 0);
	struct prepared *p = mem_new_object(m, struct prepared);
	bool ok;

	p->mem = m;
	p->refs = 1;
	p->sql = str_make(mem_strndup(m, sql.data, sql.len), sql.len);
	ok = parse_sql(m, p->sql, &p->parsed, e);
	if (ok && p->parsed.count > 1)
		ok = err_set(e, ERR_SYNTAX_ERROR, "cannot insert multiple commands into a prepared statement");
	if (!ok)
		session_fail_transaction(s);
	if (ok && describe(s, p, types, ntypes, e)) {
		*out = p;
		return true;
	}
	mem_free(m);
	return false;
}

struct prepared *prepared_ref(struct prepared *p)
{
	p->refs++;
	return p;
}

void prepared_unref(struct prepared *p)
{
	if (p && --p->refs == 0)
		mem_free(p->mem);
}

bool prepared_is_empty(const struct prepared *p) { return p->parsed.count == 0; }
bool prepared_ends_transaction(const struct prepared *p)
{
	struct transaction failed = {.state = TRANSACTION_FAILED};
	struct err ignored;

	err_clear(&ignored);
	return p->parsed.count == 0 || transaction_admits(&failed, p->parsed.statements[0].node, &ignored);
}
struct str prepared_text(const struct prepared *p) { return p->sql; }

uint32_t prepared_params(const struct prepared *p, const struct type **types)
{
	*types = p->params;
	return p->nparams;
}

uint32_t prepared_columns(const struct prepared *p, const struct result_column **cols)
{
	*cols = p->cols;
	return p->ncols;
}

bool session_start_prepared(struct session *s, const struct prepared *p, const struct value *params, struct run **out,
							struct err *e)
{
	struct run *r = session_run_new(s, p->sql, params, p->nparams);

	ASSERT(p->parsed.count == 1);
	*out = NULL;
	if (!session_run_start(r, &p->parsed.statements[0], e))
		return false;
	*out = r;
	return true;
}
