/*
 * A source made of a script, for tests: scripted rows, delays and failures.
 *
 * The server's option `script` (or `file`, a path to the same) holds lines, separated by newlines or by ';':
 *     connect delay MS | connect fail SQLSTATE TEXT
 *     fact NAME VALUE                 of struct source_facts
 *     table NAME                      what follows belongs to it
 *     column NAME TYPE [not null] [key]
 *     row V|V|…                       \N is NULL; \\ \| \; \n \xHH as usual
 *     rows N V|V|…                    N times, {i} is 1 … N
 *     delay MS                        before the next row
 *     fail SQLSTATE TEXT              instead of the next row
 *     break                           the connection is lost there
 * It evaluates no SQL but `SELECT column, … FROM table` with tests for NULL: its dialect sends nothing else.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "connectors/batch_writer.h"

enum event_kind { EVENT_ROWS, EVENT_DELAY, EVENT_FAIL, EVENT_BREAK };

struct event {
	enum event_kind kind;
	int64_t n;                   /* rows, or ms */
	const char *text;            /* of the row, or the failure's message */
	char state[6];
};

struct mock_column {
	const char *name, *type_text;
	struct type type;
	bool not_null;
	int key;
};

struct mock_table {
	const char *name;
	struct mock_column *cols;
	uint32_t ncols;
	struct event *events;
	size_t nevents, col_cap, event_cap;
};

struct mock_conn {
	struct conn_base base;
	struct mock_table *tables;
	size_t ntables;
	struct options facts;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool cancelled; /* guarded by lock */
};

struct null_test {
	int column;
	bool is_null;
};

struct stream {
	struct mock_conn *conn;
	struct null_test *tests; /* all must hold */
	size_t ntests;
	struct batch_writer w;
	struct stream_progress progress;
	const struct mock_table *table;
	int *source; /* per output column: index in the table; -1 = NULL, -2 = the number 1 */
	size_t event;
	int64_t repeat;
	struct strbuf row, *fields;
	bool *is_null;
};

extern const struct connector connector_mock;

static const char *const server_options[] = {"script",		 "file", "max_connections", "idle_timeout", "connect_timeout",
											 "encoding", "nfc",	 "bad_value",		NULL};
static const char *const user_options[] = {"user", "password", NULL};
static const char *const table_options[] = {"schema_name", "table_name", "encoding", "nfc", "bad_value", NULL};

/* ---- the script ---- */

/* Cuts the next word off *p. */
static char *word(char **p)
{
	char *start;

	while (**p == ' ' || **p == '\t')
		++*p;
	start = *p;
	while (**p && **p != ' ' && **p != '\t')
		++*p;
	if (**p)
		*(*p)++ = '\0';
	return start;
}

static bool bad_script(struct err *e, const char *server, int line, const char *what)
{
	return err_set(e, ERR_INVALID_PARAMETER_VALUE, "script of mock server \"%s\", line %d: %s", server, line, what);
}

static bool nap(struct mock_conn *c, int64_t ms)
{
	struct timespec until;
	bool cancelled;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&c->lock);
	while (!c->cancelled && pthread_cond_timedwait(&c->wake, &c->lock, &until) != ETIMEDOUT)
		;
	cancelled = c->cancelled;
	pthread_mutex_unlock(&c->lock);
	return !cancelled;
}

/* "name type [not null] [key]", the type may have several words and a size. */
static bool parse_column(struct mem *m, struct mock_table *t, char *p)
{
	struct mock_column c = {.name = word(&p)};
	char *end = p + strlen(p), *open;
	enum type_id id;
	int a = 0, b = 0, n = 0;

	for (;;) {
		size_t len = (size_t)(end - p);
		if (len > 9 && strcmp(end - 9, " not null") == 0) {
			c.not_null = true;
			end -= 9;
		} else if (len > 4 && strcmp(end - 4, " key") == 0) {
			c.key = 1;
			end -= 4;
		} else {
			break;
		}
		*end = '\0';
	}
	c.type_text = mem_strdup(m, p);
	open = strchr(p, '(');
	if (open) {
		n = sscanf(open, "(%d,%d)", &a, &b);
		*open = '\0';
	}
	if (!type_find(p, &id))
		return false;
	c.type = id == TYPE_NUMERIC && n > 0 ? type_with_mod(id, typmod_numeric(a, b))
			 : n > 0					 ? type_with_mod(id, a + 4)
										 : type_make(id);
	if (c.key)
		for (uint32_t i = 0; i < t->ncols; i++)
			c.key += t->cols[i].key > 0;
	MEM_PUSH(m, t->cols, t->ncols, t->col_cap, c);
	return true;
}

static bool parse_event(struct mem *m, struct mock_table *t, const char *verb, char *p)
{
	struct event v = {.kind = EVENT_ROWS, .n = 1};

	if (strcmp(verb, "rows") == 0)
		v.n = atoll(word(&p));
	else if (strcmp(verb, "delay") == 0)
		v = (struct event){.kind = EVENT_DELAY, .n = atoll(word(&p))};
	else if (strcmp(verb, "break") == 0)
		v.kind = EVENT_BREAK;
	else if (strcmp(verb, "fail") == 0) {
		v.kind = EVENT_FAIL;
		snprintf(v.state, sizeof v.state, "%s", word(&p));
	} else if (strcmp(verb, "row") != 0)
		return false;
	v.text = p;
	MEM_PUSH(m, t->events, t->nevents, t->event_cap, v);
	return true;
}

static bool parse_connect(struct mock_conn *c, char *p, struct err *e)
{
	const char *what = word(&p);

	if (strcmp(what, "delay") == 0) {
		nap(c, atoll(p));
		return true;
	}
	what = word(&p);
	err_set(e, errcode_from_sqlstate(what), "%s", p);
	return err_source(e, c->base.server);
}

struct script {
	struct mock_conn *conn;
	struct mem *mem;
	size_t cap;
	struct option *facts;
	size_t nfacts, facts_cap;
};

static bool parse_line(struct script *s, char *p, int number, struct err *e)
{
	struct mock_conn *c = s->conn;
	const char *verb = word(&p);
	struct mock_table *t = c->ntables ? &c->tables[c->ntables - 1] : NULL;

	if (!*verb || *verb == '#')
		return true;
	if (strcmp(verb, "connect") == 0)
		return parse_connect(c, p, e);
	if (strcmp(verb, "fact") == 0) {
		const char *name = word(&p);
		MEM_PUSH(s->mem, s->facts, s->nfacts, s->facts_cap, ((struct option){name, p}));
		return true;
	}
	if (strcmp(verb, "table") == 0) {
		MEM_PUSH(s->mem, c->tables, c->ntables, s->cap, ((struct mock_table){.name = word(&p)}));
		return true;
	}
	if (!t)
		return bad_script(e, c->base.server, number, "no table yet");
	if (strcmp(verb, "column") == 0)
		return parse_column(s->mem, t, p) || bad_script(e, c->base.server, number, "unknown type");
	return parse_event(s->mem, t, verb, p) || bad_script(e, c->base.server, number, "unknown word");
}

static bool parse_script(struct mock_conn *c, struct mem *m, char *text, struct err *e)
{
	struct script s = {.conn = c, .mem = m};
	int number = 1;
	char *line = text;

	for (char *p = text;; p++) {
		char was = *p;
		if (was == '\\' && p[1]) {
			p++;
			continue;
		}
		if (was && was != '\n' && was != ';')
			continue;
		*p = '\0';
		if (!parse_line(&s, line, number, e))
			return false;
		line = p + 1;
		number++;
		if (!was)
			break;
	}
	c->facts = (struct options){s.facts, s.nfacts};
	return true;
}

static char *read_file(struct mem *m, const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text;
	size_t n;

	if (!f)
		return NULL;
	text = mem_alloc(m, (1 << 20) + 1);
	n = fread(text, 1, 1 << 20, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static bool mock_connect(struct mem *m, const char *server_name, const struct options *server, const struct options *user,
						 struct conn **out, struct err *e)
{
	struct mock_conn *c = mem_new_object(m, struct mock_conn);
	const char *script = options_get(server, "script"), *file = options_get(server, "file");
	char *text = script ? mem_strdup(m, script) : file ? read_file(m, file) : NULL;

	(void)user;
	if (!text)
		return err_set(e, ERR_FDW_INVALID_OPTION, "server \"%s\" needs the option \"script\" or \"file\"", server_name);
	c->base.connector = &connector_mock;
	snprintf(c->base.server, sizeof c->base.server, "%s", server_name);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->wake, NULL);
	if (!parse_script(c, m, text, e))
		return false;
	*out = (struct conn *)c;
	return true;
}

static void mock_close(struct conn *conn)
{
	struct mock_conn *c = (struct mock_conn *)conn;

	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->wake);
}

static bool mock_check(struct conn *conn, struct err *e)
{
	(void)conn;
	(void)e;
	return true;
}

static bool mock_probe(struct conn *conn, struct source_facts *f, struct err *e)
{
	struct mock_conn *c = (struct mock_conn *)conn;

	(void)e;
	facts_from_options(f, &c->facts);
	if (!*f->product)
		snprintf(f->product, sizeof f->product, "Mock");
	if (!*f->dialect)
		snprintf(f->dialect, sizeof f->dialect, "mock");
	return true;
}

/* ---- describing ---- */

static struct source_table *describe_table(struct mem *m, const struct mock_table *t)
{
	struct source_table *out = mem_new_object(m, struct source_table);
	struct source_index *x = mem_new_object(m, struct source_index);

	*out = (struct source_table){.schema = "mock", .name = t->name, .kind = "table", .comment = "", .ncols = t->ncols};
	out->cols = mem_new_array(m, struct source_column, t->ncols ? t->ncols : 1);
	x->cols = mem_new_array(m, const char *, t->ncols ? t->ncols : 1);
	for (uint32_t i = 0; i < t->ncols; i++) {
		const struct mock_column *c = &t->cols[i];
		out->cols[i] = (struct source_column){.name = c->name, .remote_type = c->type_text, .supported = true, .type = c->type,
											  .not_null = c->not_null, .collation = "", .key_position = c->key, .comment = ""};
		if (c->key)
			x->cols[x->ncols++] = c->name;
	}
	if (x->ncols) {
		x->name = "primary key";
		x->is_unique = x->is_primary = true;
		out->indexes = x;
		out->nindexes = 1;
	}
	return out;
}

static bool mock_describe(struct conn *conn, struct mem *m, const char *schema, const char *const *only, size_t n_only,
						  struct source_table ***out, size_t *count, struct err *e)
{
	struct mock_conn *c = (struct mock_conn *)conn;
	size_t cap = 0;

	*out = NULL;
	*count = 0;
	if (schema && *schema && strcmp(schema, "mock") != 0 && strcmp(schema, "public") != 0)
		return err_set(e, ERR_FDW_SCHEMA_NOT_FOUND, "server \"%s\" has no schema \"%s\"", c->base.server, schema);
	for (size_t i = 0; i < c->ntables; i++) {
		bool wanted = n_only == 0;
		for (size_t k = 0; k < n_only; k++)
			wanted = wanted || strcmp(only[k], c->tables[i].name) == 0;
		if (wanted)
			MEM_PUSH(m, *out, *count, cap, describe_table(m, &c->tables[i]));
	}
	return true;
}

static bool mock_statistics(struct conn *conn, struct mem *m, const struct source_table *table,
							struct source_statistics *out, struct err *e)
{
	struct mock_conn *c = (struct mock_conn *)conn;

	(void)e;
	memset(out, 0, sizeof *out);
	out->cols = mem_new_array(m, struct source_column_statistics, table->ncols ? table->ncols : 1);
	for (uint32_t i = 0; i < table->ncols; i++)
		out->cols[i].distinct = -1;
	out->method = "counted";
	for (size_t i = 0; i < c->ntables; i++)
		for (size_t k = 0; strcmp(c->tables[i].name, table->name) == 0 && k < c->tables[i].nevents; k++)
			if (c->tables[i].events[k].kind == EVENT_ROWS)
				out->rows += (double)c->tables[i].events[k].n;
	return true;
}

/* ---- streams ---- */

/* The next name, number or sign of the query into out. */
static const char *token(const char *p, char *out, size_t size)
{
	size_t n = 0;

	while (*p == ' ' || *p == '\n' || *p == '\t')
		p++;
	if (*p == '"') {
		for (p++; *p && (*p != '"' || p[1] == '"'); p++) {
			if (*p == '"')
				p++;
			if (n + 1 < size)
				out[n++] = *p;
		}
		p += *p == '"';
	} else if (*p == ',' || *p == '.' || *p == '(' || *p == ')') {
		out[n++] = *p++;
	} else {
		for (; *p && !strchr(" ,.()\n\t", *p); p++)
			if (n + 1 < size)
				out[n++] = *p;
	}
	out[n] = '\0';
	return p;
}

static const struct mock_table *table_find(const struct mock_conn *c, const char *name)
{
	for (size_t i = 0; i < c->ntables; i++)
		if (strcmp(c->tables[i].name, name) == 0)
			return &c->tables[i];
	return NULL;
}

static int column_find(const struct mock_table *t, const char *name)
{
	if (cstr_eq_nocase(name, "NULL"))
		return -1;
	if (strcmp(name, "1") == 0)
		return -2;
	for (uint32_t i = 0; i < t->ncols; i++)
		if (strcmp(t->cols[i].name, name) == 0)
			return (int)i;
	return -3;
}

/* [NOT] [q.]a IS [NOT] NULL [AND …], in any parentheses: what every source understands. */
static bool parse_where(struct stream *s, struct mem *m, const char *p)
{
	char t[256], name[256] = "";
	struct null_test test = {.column = -1, .is_null = true};
	size_t cap = 0;

	for (;;) {
		p = token(p, t, sizeof t);
		if (!*t || cstr_eq_nocase(t, "AND")) {
			if (test.column < 0)
				return false;
			MEM_PUSH(m, s->tests, s->ntests, cap, test);
			test = (struct null_test){.column = -1, .is_null = true};
			if (!*t)
				return true;
		} else if (cstr_eq_nocase(t, "NOT")) {
			test.is_null = !test.is_null;
		} else if (cstr_eq_nocase(t, "NULL")) {
			test.column = column_find(s->table, name);
		} else if (!strchr("().", *t) && !cstr_eq_nocase(t, "IS")) {
			if (cstr_eq_nocase(t, "OR"))
				return false;
			snprintf(name, sizeof name, "%s", t);
		}
	}
}

/* SELECT [q.]a [AS x], … FROM [s.]t [[AS] q] [WHERE …] */
static bool parse_query(struct stream *s, struct mem *m, struct err *e)
{
	const struct stream_request *q = s->w.request;
	const char *server = s->conn->base.server, *p;
	char t[256], (*names)[256] = mem_alloc(m, (q->ncols + 1) * sizeof *names);
	uint32_t n = 0;

	p = token(q->sql, t, sizeof t);
	if (!cstr_eq_nocase(t, "SELECT") || q->nparams)
		return err_set(e, ERR_FEATURE_NOT_SUPPORTED, "mock server \"%s\" knows only SELECT columns FROM table", server);
	do {
		p = token(p, t, sizeof t);
		if (n < q->ncols)
			snprintf(names[n], sizeof *names, "%s", t);
		n++;
		p = token(p, t, sizeof t);
		if (strcmp(t, ".") == 0) {
			p = token(p, t, sizeof t);
			if (n <= q->ncols)
				snprintf(names[n - 1], sizeof *names, "%s", t);
			p = token(p, t, sizeof t);
		}
		if (cstr_eq_nocase(t, "AS")) {
			p = token(p, t, sizeof t);
			p = token(p, t, sizeof t);
		}
	} while (strcmp(t, ",") == 0);
	if (!cstr_eq_nocase(t, "FROM") || n != (q->ncols ? q->ncols : 1))
		return err_set(e, ERR_FEATURE_NOT_SUPPORTED, "mock server \"%s\" can't run: %.200s", server, q->sql);
	p = token(p, t, sizeof t);
	snprintf(names[q->ncols], sizeof *names, "%s", t);
	p = token(p, t, sizeof t);
	if (strcmp(t, ".") == 0) {
		p = token(p, names[q->ncols], sizeof *names);
		p = token(p, t, sizeof t);
	}
	if (cstr_eq_nocase(t, "AS"))
		p = token(p, t, sizeof t);
	if (*t && !cstr_eq_nocase(t, "WHERE"))
		p = token(p, t, sizeof t);
	s->table = table_find(s->conn, names[q->ncols]);
	if (!s->table) {
		err_set(e, ERR_FDW_TABLE_NOT_FOUND, "table \"%s\" at server \"%s\" no longer exists", names[q->ncols], server);
		return err_hint(e, "Import it again.");
	}
	for (uint32_t i = 0; i < q->ncols; i++) {
		s->source[i] = column_find(s->table, names[i]);
		if (s->source[i] == -3)
			return err_set(e, ERR_FDW_COLUMN_NOT_FOUND, "column \"%s\" of table \"%s\" at server \"%s\" no longer exists",
						   names[i], s->table->name, server);
	}
	if (*t && !(cstr_eq_nocase(t, "WHERE") && parse_where(s, m, p)))
		return err_set(e, ERR_FEATURE_NOT_SUPPORTED, "mock server \"%s\" can't run: %.200s", server, q->sql);
	return true;
}

static bool mock_open(struct conn *conn, struct mem *m, const struct stream_request *request, struct stream **out,
					  struct err *e)
{
	struct mock_conn *c = (struct mock_conn *)conn;
	struct stream *s = mem_new_object(m, struct stream);

	pthread_mutex_lock(&c->lock);
	c->cancelled = false;
	pthread_mutex_unlock(&c->lock);
	s->conn = c;
	s->source = mem_new_array(m, int, request->ncols + 1);
	writer_open(&s->w, request, m, &s->progress, TRANSPORT_BYTES, false);
	if (!parse_query(s, m, e)) {
		writer_close(&s->w);
		err_source(e, c->base.server);
		return false;
	}
	s->fields = mem_new_array(m, struct strbuf, s->table->ncols + 1);
	s->is_null = mem_new_array(m, bool, s->table->ncols + 1);
	for (uint32_t i = 0; i < s->table->ncols; i++)
		strbuf_init(&s->fields[i], 0);
	*out = s;
	return true;
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 0;
}

/* One escape at p (behind the backslash); gives what is behind it. */
static const char *unescape(const char *p, struct strbuf *out, bool *is_null)
{
	switch (*p) {
	case 'N':
		*is_null = true;
		return p + 1;
	case 'n':
		strbuf_addc(out, '\n');
		return p + 1;
	case 'x':
		if (!p[1] || !p[2])
			return p + 1;
		strbuf_addc(out, (char)(hex(p[1]) << 4 | hex(p[2])));
		return p + 3;
	default:
		strbuf_addc(out, *p);
		return p + 1;
	}
}

/* Cuts the row's text into s->fields. */
static void split_row(struct stream *s, const char *p, int64_t i)
{
	uint32_t at = 0, ncols = s->table->ncols;

	for (uint32_t k = 0; k < ncols; k++) {
		strbuf_reset(&s->fields[k]);
		s->is_null[k] = false;
	}
	while (*p && at < ncols) {
		if (*p == '|') {
			at++;
			p++;
		} else if (*p == '\\' && p[1]) {
			p = unescape(p + 1, &s->fields[at], &s->is_null[at]);
		} else if (strncmp(p, "{i}", 3) == 0) {
			strbuf_addf(&s->fields[at], "%lld", (long long)i);
			p += 3;
		} else {
			strbuf_addc(&s->fields[at], *p++);
		}
	}
	for (at++; at < ncols; at++)
		s->is_null[at] = true;
}

static bool put_row(struct stream *s, const char *text)
{
	struct batch_writer *w = &s->w;

	split_row(s, text, s->repeat);
	for (size_t i = 0; i < s->ntests; i++)
		if (s->is_null[s->tests[i].column] != s->tests[i].is_null)
			return true;
	for (uint32_t i = 0; i < w->request->ncols; i++) {
		struct writer_col *c = &w->cols[i];
		int at = s->source[i];
		bool ok = at == -1 || (at >= 0 && s->is_null[at]) ? writer_null(w, c)
				  : at == -2							  ? writer_i64(w, c, 1)
														  : writer_text(w, c, strbuf_cstr(&s->fields[at]), s->fields[at].len);
		if (!ok)
			return false;
	}
	w->row++;
	return true;
}

static bool cancelled(struct stream *s, struct err *e)
{
	err_set(e, ERR_QUERY_CANCELED, "the query at server \"%s\" was canceled", s->conn->base.server);
	return err_source(e, s->conn->base.server);
}

/* Plays events until the batch is full or the script ends. */
static bool play(struct stream *s, struct err *e)
{
	const char *server = s->conn->base.server;

	while (s->event < s->table->nevents && s->w.row < s->w.request->batch_rows) {
		const struct event *v = &s->table->events[s->event];
		switch (v->kind) {
		case EVENT_ROWS:
			if (s->repeat++ < v->n) {
				if (!put_row(s, v->text))
					return false;
				continue;
			}
			break;
		case EVENT_DELAY:
			if (s->w.row) /* hand over what is there first */
				return true;
			if (!nap(s->conn, v->n))
				return cancelled(s, e);
			break;
		case EVENT_FAIL:
			err_set(e, errcode_from_sqlstate(v->state), "%s", v->text);
			return err_source(e, server);
		case EVENT_BREAK:
			s->conn->base.broken = true;
			err_set(e, ERR_CONNECTION_FAILURE, "the connection to server \"%s\" was lost", server);
			return err_source(e, server);
		}
		s->event++;
		s->repeat = 0;
	}
	return nap(s->conn, 0) || cancelled(s, e);
}

static bool mock_next(struct stream *s, struct batch *out, struct err *e)
{
	if (!writer_begin(&s->w, out, e))
		return false;
	if (!play(s, e))
		return writer_fail(&s->w);
	writer_end(&s->w);
	return true;
}

static const struct stream_progress *mock_progress(const struct stream *s) { return &s->progress; }

static void mock_close_stream(struct stream *s)
{
	for (uint32_t i = 0; i < s->table->ncols; i++)
		strbuf_release(&s->fields[i]);
	writer_close(&s->w);
}

static void mock_cancel(struct conn *conn)
{
	struct mock_conn *c = (struct mock_conn *)conn;

	pthread_mutex_lock(&c->lock);
	c->cancelled = true;
	pthread_cond_broadcast(&c->wake);
	pthread_mutex_unlock(&c->lock);
}

const struct connector connector_mock = {
	.name = "mock",
	.help = "Scripted rows, delays and failures, for tests (option script or file)",
	.server_options = server_options,
	.user_options = user_options,
	.table_options = table_options,
	.file_based = true,
	.default_max_connections = 4,
	.connect = mock_connect,
	.close = mock_close,
	.check = mock_check,
	.probe = mock_probe,
	.describe = mock_describe,
	.statistics = mock_statistics,
	.open = mock_open,
	.next = mock_next,
	.progress = mock_progress,
	.close_stream = mock_close_stream,
	.cancel = mock_cancel,
};
