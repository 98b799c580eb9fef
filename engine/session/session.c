/*
 * Sessions and the running of statements: one arena per statement, a snapshot held for its time, a cancel flag
 * with the deadline of statement_timeout, warnings gathered from any thread. What a statement does is the
 * statement room's matter; here its rows are handed out batch by batch.
 */
#include "engine/session/audit_trail.h"
#include "engine/session/session.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/session/session_int.h"
#include "engine/session/transaction.h"
#include "engine/statement/statement.h"
#include "engine/statement/temp_space.h"
#include "engine/types/datetime.h"

#define MAX_WARNINGS 100

struct engine {
	struct mem *mem;
	struct catalog *catalog;
	struct workers *workers;
	struct pool *pool;
	struct audit *audit; /* NULL: the catalog is in memory */
};

struct session {
	struct engine *engine;
	struct mem *mem;
	struct settings settings;
	struct principal who;
	struct text_context text;
	struct temp_space *temp;
	struct transaction transaction;
	const char *client;      /* where it comes from, for the audit */
	struct named_prepared *named; /* named.c's */
	pthread_mutex_t lock;    /* running */
	struct cancel *running;  /* of the statement under way; guarded by lock */
};

struct run {
	struct session *session;
	struct mem *mem;         /* the statement's arena and account */
	struct cancel *cancel;
	struct settings settings; /* as they were when it started */
	struct text_context text;
	struct principal who;          /* as of this statement */
	struct audit_trail trail;
	uint64_t allowed_version;      /* of the catalog in which the plan's guards were last looked at */
	int64_t allowed_at;
	struct statement_env env;
	const struct catalog_snapshot *catalog; /* held; env.snapshot shows it with the temporary tables */
	const struct temp_version *temp;        /* held */
	struct statement_result result;
	struct execution *execution;
	struct result_column *cols;
	uint32_t ncols;
	size_t next_row;         /* of result.rows */
	int64_t sent;
	char tag[64];
	struct str statement;
	pthread_mutex_t lock;    /* warnings */
	char *warnings[MAX_WARNINGS];
	size_t nwarnings, dropped;
};

struct engine *engine_open(const char *catalog_directory, unsigned threads, struct err *e)
{
	struct engine *g = calloc(1, sizeof *g);

	if (!g) {
		err_set(e, ERR_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	g->mem = mem_new(NULL, MEM_PROCESS, "process", 0);
	g->catalog = catalog_open(catalog_directory, e);
	if (!g->catalog) {
		engine_close(g);
		return NULL;
	}
	g->audit = catalog_directory ? audit_new(catalog_directory) : NULL;
	g->workers = workers_new(g->mem, threads);
	g->pool = pool_new(g->mem);
	return g;
}

void engine_close(struct engine *g)
{
	if (!g)
		return;
	if (g->workers)
		workers_free(g->workers);
	if (g->pool)
		pool_free(g->pool);
	audit_free(g->audit);
	catalog_close(g->catalog);
	mem_free(g->mem);
	free(g);
}

struct catalog *engine_catalog(struct engine *g)
{
	return g->catalog;
}
struct audit *engine_audit(struct engine *g)
{
	return g->audit;
}
struct pool *engine_pool(struct engine *g)
{
	return g->pool;
}

struct session *session_open(struct engine *g, const struct principal *who, struct err *e)
{
	struct mem *m = mem_new(g->mem, MEM_SESSION, "session", 0);
	struct session *s = mem_new_object(m, struct session);

	(void)e;
	s->engine = g;
	s->mem = m;
	settings_init(&s->settings);
	s->who = (struct principal){
		.user = mem_strdup(m, who->user),
		.agency = mem_strdup(m, who->agency),
		.purpose = mem_strdup(m, who->purpose),
		.unit = mem_strdup(m, who->unit),
		.province = mem_strdup(m, who->province),
		.role = who->role,
		.is_administrator = who->is_administrator,
		.is_operator = who->is_operator,
		.is_listed = who->is_listed,
	};
	s->text = text_context_default;
	s->temp = temp_space_new(m);
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void session_set_client(struct session *s, const char *client)
{
	s->client = mem_strdup(s->mem, client);
}

void session_close(struct session *s)
{
	if (!s)
		return;
	pthread_mutex_destroy(&s->lock);
	transaction_end(&s->transaction);
	session_deallocate(s, NULL);
	session_deallocate(s, "");
	temp_space_free(s->temp);
	mem_free(s->mem);
}

struct settings *session_settings(struct session *s)
{
	return &s->settings;
}
struct engine *session_engine(struct session *s)
{
	return s->engine;
}
const struct principal *session_principal(const struct session *s)
{
	return &s->who;
}

/* Text conversion as the settings say; the zone is borrowed from them. */
static void fill_text_context(struct text_context *t, const struct settings *s)
{
	t->timezone = s->text[SET_timezone];
	t->extra_float_digits = (int)s->number[SET_extra_float_digits];
	t->date_order = strstr(s->text[SET_datestyle], "DMY")	? ORDER_DMY
					: strstr(s->text[SET_datestyle], "MDY") ? ORDER_MDY
															: ORDER_YMD;
	t->now = clock_wall_us() - (int64_t)EPOCH_SHIFT_DAYS * USEC_PER_DAY;
}

const struct text_context *session_text_context(struct session *s)
{
	fill_text_context(&s->text, &s->settings);
	return &s->text;
}

static void gather_warning(void *arg, enum errcode code, const char *message)
{
	struct run *r = arg;
	char *line;

	pthread_mutex_lock(&r->lock);
	if (r->nwarnings < MAX_WARNINGS) {
		size_t len = strlen(message) + 32;

		line = malloc(len);
		if (line) {
			snprintf(line, len, "WARNING %s: %s", errcode_sqlstate(code), message);
			r->warnings[r->nwarnings++] = line;
		}
	} else {
		r->dropped++;
	}
	pthread_mutex_unlock(&r->lock);
}

static void set_running(struct session *s, struct cancel *c)
{
	pthread_mutex_lock(&s->lock);
	s->running = c;
	pthread_mutex_unlock(&s->lock);
}

void session_cancel(struct session *s)
{
	pthread_mutex_lock(&s->lock);
	if (s->running)
		cancel_raise(s->running, CANCEL_USER);
	pthread_mutex_unlock(&s->lock);
}

static bool admit(void *arg, const struct plan *p, struct err *e)
{
	return audit_trail_admit(&((struct run *)arg)->trail, p, e);
}

static struct run *run_new(struct session *s, struct str sql, const struct value *params, uint32_t nparams)
{
	size_t limit = (size_t)s->settings.number[SET_memory_limit] * 1024;
	struct mem *m = mem_new(s->mem, MEM_QUERY, "statement", limit);
	struct run *r = mem_new_object(m, struct run);

	r->session = s;
	r->mem = m;
	r->cancel = cancel_new();
	r->settings = s->settings;
	pthread_mutex_init(&r->lock, NULL);
	fill_text_context(&r->text, &r->settings);
	if (s->settings.number[SET_statement_timeout] > 0)
		cancel_set_deadline(r->cancel, clock_monotonic_us() + s->settings.number[SET_statement_timeout] * 1000);
	r->catalog = catalog_snapshot_get(s->engine->catalog);
	r->allowed_version = r->catalog->version;
	r->allowed_at = clock_wall_us();
	r->who = principal_now(r->catalog, &s->who, s->settings.text[SET_purpose]);
	r->temp = temp_space_hold(s->temp);
	r->env = (struct statement_env){
		.catalog = s->engine->catalog,
		.snapshot = temp_version_overlay(r->temp, r->catalog, m),
		.principal = &r->who,
		.settings = &s->settings,
		.pool = s->engine->pool,
		.workers = s->engine->workers,
		.cancel = r->cancel,
		.text = &r->text,
		.mem = m,
		.session_mem = s->mem,
		.temp = s->temp,
		.sql = sql,
		.params = params,
		.nparams = nparams,
		.warn = gather_warning,
		.warn_arg = r,
	};
	r->trail = (struct audit_trail){.log = s->engine->audit, .who = &r->who, .client = s->client,
		.application = s->settings.text[SET_application_name], .started = clock_monotonic_us()};
	r->env.admit = admit;
	r->env.admit_arg = r;
	set_running(s, r->cancel);
	return r;
}

static void describe_columns(struct run *r)
{
	const struct plan *p = r->result.plan;

	r->ncols = p ? p->ncols : r->result.ncols;
	r->cols = mem_new_array(r->mem, struct result_column, r->ncols);
	for (uint32_t i = 0; i < r->ncols; i++) {
		if (!p) {
			r->cols[i].name = r->result.cols[i].name;
			r->cols[i].type = r->result.cols[i].type;
			continue;
		}
		r->cols[i].name = p->names[i];
		r->cols[i].type = p->root->cols[i].type;
		r->cols[i].table = p->root->cols[i].table;
		r->cols[i].table_column = p->root->cols[i].table_column;
	}
}

/* Statements about the session itself. */
static bool is_own(enum ast_kind k) { return k == AST_TRANSACTION || k == AST_DEALLOCATE || k == AST_DISCARD; }

static bool run_own(struct run *r, const struct ast *node, struct err *e)
{
	struct session *s = r->session;

	if (node->kind == AST_TRANSACTION)
		return transaction_run(&s->transaction, s->mem, AST_AS(TRANSACTION, transaction, node), &r->result.tag, gather_warning, r, e);
	if (node->kind == AST_DEALLOCATE) {
		const char *name = AST_AS(DEALLOCATE, deallocate, node)->name;
		r->result.tag = name ? "DEALLOCATE" : "DEALLOCATE ALL";
		return session_deallocate(s, name) ||
			   err_set(e, ERR_UNDEFINED_STATEMENT, "prepared statement \"%s\" does not exist", name);
	}
	r->result.tag = "DISCARD";
	if (AST_AS(DISCARD, discard, node)->type == AST_DISCARD_TEMP)
		temp_space_clear(s->temp);
	if (AST_AS(DISCARD, discard, node)->type != AST_DISCARD_ALL)
		return true; /* plans, sequences: there are none to keep */
	if (s->transaction.state != TRANSACTION_NONE)
		return err_set(e, ERR_ACTIVE_TRANSACTION, "DISCARD ALL cannot run inside a transaction block");
	r->result.tag = "DISCARD ALL";
	settings_init(&s->settings);
	temp_space_clear(s->temp);
	return session_deallocate(s, NULL);
}

/* Errors about values quote them. Under an agreement the value may be one that the reader was not to see (a row that the
 * condition drops, a masked column), at the source as here: the SQLSTATE alone is told. */
static void withhold_values(const struct run *r, struct err *e)
{
	const struct plan *p = r->result.plan;
	const char *state = errcode_sqlstate(e->code);
	int position = e->position;
	enum errcode code = e->code;
	bool shared = false;

	for (uint32_t i = 0; p && i < p->nguards; i++)
		shared |= p->guards[i]->ngrants > 0;
	if (!shared || r->who.is_operator || (strncmp(state, "22", 2) != 0 && strncmp(state, "HV", 2) != 0 && strncmp(state, "XX", 2) != 0))
		return;
	err_clear(e);
	err_set(e, code, "a value could not be computed");
	err_hint(e, "The statement reads under an agreement: what the value is isn't told.");
	e->position = position;
}

static bool start(struct run *r, const struct parse_statement *statement, struct err *e)
{
	struct execute_env x;

	r->statement = str_make(r->env.sql.data + statement->offset, statement->len);
	r->trail.text = r->statement;
	r->trail.kind = statement->node->kind;
	if (r->who.is_gone)
		return err_set(e, ERR_INVALID_AUTHORIZATION, "user \"%s\" does not exist", r->who.user);
	if (!transaction_admits(&r->session->transaction, statement->node, e) || !cancel_check(r->cancel, e))
		return false;
	if (!audit_trail_is_planned(statement->node->kind) && !audit_trail_admit(&r->trail, NULL, e))
		return false;
	if (is_own(statement->node->kind))
		return run_own(r, statement->node, e);
	if (!statement_run(&r->env, statement, &r->result, e))
		return false;
	describe_columns(r);
	if (!r->result.plan)
		return true;
	/* from here on the settings as they are now, whatever later statements do to the session's */
	r->settings = *r->env.settings;
	statement_execute_env(&r->env, &x);
	x.settings = &r->settings;
	if (execute_open(r->result.plan, &x, &r->execution, e))
		return true;
	withhold_values(r, e);
	return false;
}

/* Starts r; on failure r is gone. */
static bool start_or_finish(struct run *r, const struct parse_statement *statement, struct err *e)
{
	if (start(r, statement, e))
		return true;
	transaction_fail(&r->session->transaction);
	/* a cancelled statement fails in many ways; the reason is one */
	if (cancel_state(r->cancel) == CANCEL_USER || cancel_state(r->cancel) == CANCEL_TIMEOUT) {
		err_clear(e);
		if (cancel_check(r->cancel, e))
			UNREACHABLE();
	}
	r->trail.failure = e->code;
	run_finish(r);
	return false;
}

enum session_transaction session_transaction(const struct session *s)
{
	return s->transaction.state;
}

void session_fail_transaction(struct session *s)
{
	transaction_fail(&s->transaction);
}

struct run *session_run_new(struct session *s, struct str sql, const struct value *params, uint32_t nparams)
{
	return run_new(s, sql, params, nparams);
}

bool session_run_start(struct run *r, const struct parse_statement *statement, struct err *e)
{
	return start_or_finish(r, statement, e);
}

struct statement_env *session_run_env(struct run *r)
{
	return &r->env;
}

struct named_prepared **session_named_list(struct session *s)
{
	return &s->named;
}

struct mem *session_mem(struct session *s)
{
	return s->mem;
}

bool session_start(struct session *s, struct str sql, uint32_t index, const struct value *params, uint32_t nparams,
				   uint32_t *count, struct run **out, struct err *e)
{
	struct run *r = run_new(s, sql, params, nparams);
	struct parse_result parsed;
	bool ok;

	r->env.sql = str_make(mem_strndup(r->mem, sql.data, sql.len), sql.len);
	*count = 0;
	*out = NULL;
	ok = parse_sql(r->mem, r->env.sql, &parsed, e);
	if (!ok) {
		r->trail.text = r->env.sql;
		r->trail.kind = AST_UNSUPPORTED; /* who knows what is in it */
		r->trail.failure = e->code;
	}
	if (!ok || index >= parsed.count) {
		run_finish(r);
		*count = ok ? parsed.count : 0;
		return ok;
	}
	*count = parsed.count;
	if (!start_or_finish(r, &parsed.statements[index], e))
		return false;
	*out = r;
	return true;
}

uint32_t run_columns(const struct run *r, const struct result_column **cols)
{
	*cols = r->cols;
	return r->ncols;
}

/* Rows that the statement made itself, as a batch. */
static bool own_rows(struct run *r, struct batch *out, struct err *e)
{
	size_t left = r->result.nrows - r->next_row;
	uint32_t n = left > BATCH_ROWS ? BATCH_ROWS : (uint32_t)left;

	out->rows = 0;
	if (n == 0)
		return true;
	out->ncols = r->ncols;
	out->cols = mem_new_array(r->mem, struct vec, r->ncols);
	for (uint32_t c = 0; c < r->ncols; c++) {
		if (!vec_init_flat(&out->cols[c], r->cols[c].type, n, r->mem, e) || !vec_want_nulls(&out->cols[c], n, r->mem, e))
			return false;
		for (uint32_t i = 0; i < n; i++)
			if (!vec_put(&out->cols[c], i, &r->result.rows[r->next_row + i][c], r->mem, e))
				return false;
	}
	out->rows = n;
	r->next_row += n;
	return true;
}

/* Rows leave while what let them does: an agreement revoked, suspended or run out, a user dropped or moved ends the
 * statement at its next rows. */
static bool still_allowed(struct run *r, struct err *e)
{
	const struct plan *p = r->result.plan;
	const struct catalog_snapshot *now;
	int64_t at = clock_wall_us();
	bool ok = true;

	if (!p || !p->nguards)
		return true;
	now = catalog_snapshot_get(r->session->engine->catalog);
	if (now->version != r->allowed_version || at - r->allowed_at > 10 * 1000 * 1000) {
		struct principal who = principal_now(now, &r->session->who, r->who.purpose);

		for (uint32_t i = 0; i < p->nguards && ok; i++)
			ok = authorize_still(now, &who, p->guards[i], e);
		r->allowed_version = now->version;
		r->allowed_at = at;
	}
	catalog_snapshot_unref(now);
	return ok;
}

/* What an agreement lets out in one result; more is an error, so that nobody takes a part for the whole. */
static bool is_within_limit(struct run *r, struct batch *out, struct err *e)
{
	const struct plan *p = r->result.plan;

	if (!p || p->max_rows < 0 || r->sent + (int64_t)out->rows <= p->max_rows)
		return true;
	for (uint32_t i = 0; i < out->ncols; i++)
		vec_release(&out->cols[i]);
	out->rows = 0;
	err_set(e, ERR_PROGRAM_LIMIT, "the result has more rows than the agreement allows (%lld)", (long long)p->max_rows);
	return err_hint(e, "Narrow the question, or ask for aggregates.");
}

bool run_next(struct run *r, struct batch *out, struct err *e)
{
	bool ok = still_allowed(r, e) && (r->execution ? execute_next(r->execution, out, e) : own_rows(r, out, e)) &&
			  is_within_limit(r, out, e);

	if (ok)
		r->sent += out->rows;
	else
		withhold_values(r, e);
	if (!ok)
		r->trail.failure = e->code;
	if (!ok)
		transaction_fail(&r->session->transaction);
	/* hidden columns (ORDER BY of what isn't selected) stay here */
	for (uint32_t i = r->ncols; ok && i < out->ncols && out->rows; i++)
		vec_release(&out->cols[i]);
	if (ok && out->rows && out->ncols > r->ncols)
		out->ncols = r->ncols;
	return ok;
}

const char *run_tag(const struct run *r)
{
	if (r->result.tag)
		return r->result.tag;
	snprintf(((struct run *)r)->tag, sizeof r->tag, "SELECT %lld", (long long)r->sent);
	return r->tag;
}

size_t run_progress(struct run *r, struct source_progress *out, size_t max)
{
	return r->execution ? execute_progress(r->execution, out, max) : 0;
}

size_t run_warnings(struct run *r, const char *const **lines)
{
	size_t n;

	pthread_mutex_lock(&r->lock);
	n = r->nwarnings;
	pthread_mutex_unlock(&r->lock);
	*lines = (const char *const *)r->warnings;
	return n;
}

struct str run_text(const struct run *r)
{
	return r->statement;
}

void run_finish(struct run *r)
{
	struct mem *m;

	if (!r)
		return;
	execute_close(r->execution);
	audit_trail_end(&r->trail, r->sent);
	set_running(r->session, NULL);
	temp_version_release(r->temp);
	catalog_snapshot_unref(r->catalog);
	cancel_free(r->cancel);
	for (size_t i = 0; i < r->nwarnings; i++)
		free(r->warnings[i]);
	pthread_mutex_destroy(&r->lock);
	m = r->mem;
	mem_free(m);
}

static bool deliver(struct run *r, const struct receiver *to, struct err *e)
{
	struct batch b = {0};

	if (to->begin && !to->begin(to->arg, r->cols, r->ncols, e))
		return false;
	while (r->ncols) {
		bool ok;

		if (!run_next(r, &b, e))
			return false;
		if (b.rows == 0)
			break;
		ok = !to->rows || to->rows(to->arg, &b, e);
		batch_release(&b);
		if (!ok)
			return false;
	}
	return !to->end || to->end(to->arg, run_tag(r), e);
}

bool session_run(struct session *s, struct str sql, const struct receiver *to, struct err *e)
{
	struct mem *m = mem_new(s->mem, MEM_PARSE, "script", 0);
	struct parse_result parsed;
	bool ok = parse_sql(m, sql, &parsed, e);

	for (uint32_t i = 0; ok && i < parsed.count; i++) {
		struct run *r = run_new(s, sql, NULL, 0);

		ok = start_or_finish(r, &parsed.statements[i], e);
		if (!ok)
			break;
		ok = deliver(r, to, e);
		run_finish(r);
	}
	mem_free(m);
	return ok;
}
