/*
 * The SQL test runner: each file of tests/sql runs once per source and configuration, against its expected rows and,
 * where given, against PostgreSQL itself (the oracle) over the same data. The engine is in this process.
 *
 *   runner --setup FILE --foreign FILE --oracle CONNINFO --sources a,b --configs FILE [--generate] [--verbose] slt…
 *
 * --setup runs once (servers, user mappings); --foreign once per source with ${source} replaced (tables in a schema named
 * like the source). ${NAME} is taken from the environment. --generate rewrites the expected rows with the oracle's.
 * A configuration is a line "name setting=value …". Ends with "N passed, N failed"; exit status 1 when any failed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/session/session.h"
#include "tests/runner/slt.h"

struct config {
	const char *name;
	const char *settings[16]; /* "name=value" */
	size_t nsettings;
};
struct runner {
	struct mem *mem;
	struct engine *engine;
	struct oracle *oracle;
	const char *sources[16];
	size_t nsources;
	struct config configs[16];
	size_t nconfigs;
	bool generate, verbose;
	size_t passed, failed, skipped;
};

static NORETURN void die(const char *what, const struct err *e)
{
	fprintf(stderr, "runner: %s: %s %s %s %s\n", what, errcode_sqlstate(e->code), e->message, e->detail, e->hint);
	exit(1);
}

static char *read_file(struct mem *m, const char *path)
{
	FILE *f = fopen(path, "r");
	struct strbuf b;
	int c;
	char *text;

	if (!f) {
		fprintf(stderr, "runner: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	strbuf_init(&b, 0);
	while ((c = getc(f)) != EOF)
		strbuf_addc(&b, (char)c);
	fclose(f);
	text = mem_strndup(m, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return text;
}

/* ${source} and ${ENVIRONMENT}. */
static const char *substitute(struct mem *m, const char *text, const char *source)
{
	struct strbuf b;
	const char *out;

	strbuf_init(&b, 0);
	while (*text) {
		if (text[0] == '$' && text[1] == '{') {
			size_t n = strcspn(text + 2, "}");
			char *name = mem_strndup(m, text + 2, n);
			const char *value = strcmp(name, "source") == 0 ? source : getenv(name);

			if (!value) {
				fprintf(stderr, "runner: ${%s} is not set\n", name);
				exit(1);
			}
			strbuf_adds(&b, value);
			text += n + 3;
		} else {
			strbuf_addc(&b, *text++);
		}
	}
	out = mem_strndup(m, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return out;
}

struct collect {
	struct rows *rows;
	const struct text_context *text;
	bool types;
	uint32_t ncols;
};

static bool on_begin(void *arg, const struct result_column *cols, uint32_t ncols, struct err *e)
{
	struct collect *c = arg;
	struct strbuf b;

	(void)e;
	c->ncols = ncols;
	if (!c->types || ncols == 0)
		return true;
	strbuf_init(&b, 0);
	for (uint32_t i = 0; i < ncols; i++) {
		struct type bare = cols[i].type;

		bare.mod = -1;
		strbuf_addf(&b, "%s%s:%s", i ? "\t" : "", cols[i].name, type_name(bare, c->rows->mem));
	}
	MEM_PUSH(c->rows->mem, c->rows->list, c->rows->count, c->rows->cap, mem_strndup(c->rows->mem, strbuf_cstr(&b), b.len));
	strbuf_release(&b);
	return true;
}

static bool on_rows(void *arg, const struct batch *batch, struct err *e)
{
	struct collect *c = arg;
	struct strbuf line, value;

	for (uint32_t k = 0; k < c->ncols; k++)
		if (!vec_verify(&batch->cols[k], batch->rows, e))
			return false;
	strbuf_init(&line, 0);
	strbuf_init(&value, 0);
	for (uint32_t i = 0; i < batch->rows; i++) {
		strbuf_reset(&line);
		for (uint32_t k = 0; k < c->ncols; k++) {
			struct value v = vec_get(&batch->cols[k], i);

			strbuf_reset(&value);
			if (!v.is_null)
				value_print(&v, c->text, &value);
			if (k)
				strbuf_addc(&line, '\t');
			value_escape(&line, strbuf_cstr(&value), value.len, v.is_null);
		}
		MEM_PUSH(c->rows->mem, c->rows->list, c->rows->count, c->rows->cap,
				 mem_strndup(c->rows->mem, strbuf_cstr(&line), line.len));
	}
	strbuf_release(&line);
	strbuf_release(&value);
	return true;
}

static void run_ours(struct session *s, const char *sql, bool types, struct rows *out)
{
	struct collect c = {out, session_text_context(s), types, 0};
	struct receiver r = {on_begin, on_rows, NULL, &c};
	struct err e;

	err_clear(&e);
	if (!session_run(s, str_of(sql), &r, &e)) {
		out->failed = true;
		snprintf(out->sqlstate, sizeof out->sqlstate, "%s", errcode_sqlstate(e.code));
		snprintf(out->message, sizeof out->message, "%s | %s", e.message, e.detail);
	}
}

static bool same_rows(const char *const *a, size_t na, const char *const *b, size_t nb)
{
	if (na != nb)
		return false;
	for (size_t i = 0; i < na; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return true;
}

static void print_rows(const char *title, const char *const *list, size_t n)
{
	printf("  %s (%zu rows)\n", title, n);
	for (size_t i = 0; i < n && i < 12; i++)
		printf("    %s\n", list[i]);
}

static bool applies(const struct record *r, const char *source, const struct config *config)
{
	bool ok = r->nonly == 0;

	for (size_t i = 0; i < r->nonly; i++)
		ok |= strcmp(r->only[i], source) == 0 || strcmp(r->only[i], config->name) == 0;
	for (size_t i = 0; i < r->nskip; i++)
		ok &= strcmp(r->skip[i], source) != 0 && strcmp(r->skip[i], config->name) != 0;
	return ok;
}

static bool names_oracle(const struct record *r)
{
	for (size_t i = 0; i < r->nskip; i++)
		if (strcmp(r->skip[i], "oracle") == 0)
			return true;
	return false;
}

/* The verdict on one record; prints what differs. */
static void judge(struct runner *x, const struct slt_file *f, const struct record *r, const char *source,
				  const struct config *config, const struct rows *got)
{
	const char *problem = NULL;
	struct rows want = {.mem = got->mem};

	for (size_t i = 0; i < r->nrows; i++)
		MEM_PUSH(want.mem, want.list, want.count, want.cap, r->rows[i]);
	if (r->rowsort)
		rows_sort(&want);
	if (r->error && !got->failed)
		problem = "succeeded where an error was expected";
	else if (r->error && strcmp(r->error, got->sqlstate) != 0)
		problem = "failed with another SQLSTATE";
	else if (!r->error && got->failed)
		problem = "failed";
	else if (r->kind == RECORD_QUERY && !r->error && !same_rows(got->list, got->count, want.list, want.count))
		problem = "gave other rows";
	if (!problem) {
		x->passed++;
		return;
	}
	x->failed++;
	printf("FAILED %s:%d [%s, %s] %s\n  %s\n", f->path, r->line, source, config->name, problem, r->sql);
	if (got->failed)
		printf("  error %s: %s\n", got->sqlstate, got->message);
	if (r->error)
		printf("  expected error %s\n", r->error);
	if (r->kind == RECORD_QUERY && !r->error && !got->failed) {
		print_rows("expected", want.list, want.count);
		print_rows("got", got->list, got->count);
	}
}

static void run_record(struct runner *x, struct session *s, const struct slt_file *f, const struct record *r,
					   const char *source, const struct config *config)
{
	struct mem *m = mem_new(NULL, MEM_OTHER, "record", 0);
	struct rows got = {.mem = m};

	run_ours(s, r->sql, r->types, &got);
	if (r->rowsort)
		rows_sort(&got);
	judge(x, f, r, source, config, &got);
	mem_free(m);
}

static struct session *open_session(struct runner *x, const char *source, const struct config *config)
{
	struct principal who = {.user = "tester", .agency = "", .purpose = "", .is_administrator = true};
	struct err e;
	struct session *s;

	err_clear(&e);
	s = session_open(x->engine, &who, &e);
	if (!s)
		die("session", &e);
	if (!setting_set(session_settings(s), "search_path", source, &e))
		die("search_path", &e);
	for (size_t i = 0; i < config->nsettings; i++) {
		char name[64];
		const char *eq = strchr(config->settings[i], '=');

		snprintf(name, sizeof name, "%.*s", (int)(eq - config->settings[i]), config->settings[i]);
		if (!setting_set(session_settings(s), name, eq + 1, &e))
			die("configuration", &e);
	}
	return s;
}

static void run_file(struct runner *x, const struct slt_file *f)
{
	size_t before = x->failed;

	for (size_t i = 0; i < x->nsources; i++)
		for (size_t k = 0; k < x->nconfigs; k++) {
			struct session *s = open_session(x, x->sources[i], &x->configs[k]);

			for (size_t n = 0; n < f->count; n++)
				if (applies(&f->records[n], x->sources[i], &x->configs[k]))
					run_record(x, s, f, &f->records[n], x->sources[i], &x->configs[k]);
			session_close(s);
		}
	if (x->verbose)
		printf("%s: %zu records, %zu failures\n", f->path, f->count, x->failed - before);
}

/* The expected rows of the file against PostgreSQL's, so that no file drifts from the oracle. */
static void check_oracle(struct runner *x, const struct slt_file *f)
{
	for (size_t n = 0; n < f->count; n++) {
		const struct record *r = &f->records[n];
		struct mem *m = mem_new(NULL, MEM_OTHER, "oracle", 0);
		struct rows want = {.mem = m};
		struct config config = {.name = "oracle"};

		if (!names_oracle(r)) {
			oracle_run(x->oracle, r->sql, r->types, &want);
			if (r->rowsort)
				rows_sort(&want);
			judge(x, f, r, "oracle", &config, &want);
		}
		mem_free(m);
	}
}

static void generate(struct runner *x, const struct slt_file *f)
{
	struct strbuf out;
	size_t at = 0;
	FILE *file;

	strbuf_init(&out, 0);
	for (size_t n = 0; n < f->count; n++) {
		const struct record *r = &f->records[n];
		struct rows got = {.mem = x->mem};

		strbuf_add(&out, f->text + at, r->text_start - at);
		at = r->text_end;
		if (names_oracle(r)) {
			strbuf_add(&out, f->text + r->text_start, r->text_end - r->text_start);
			continue;
		}
		oracle_run(x->oracle, r->sql, r->types, &got);
		if (r->rowsort)
			rows_sort(&got);
		if (r->kind == RECORD_STATEMENT) {
			strbuf_addf(&out, "statement %s%s\n%s\n\n", got.failed ? "error " : "ok", got.failed ? got.sqlstate : "", r->sql);
			continue;
		}
		strbuf_addf(&out, "query%s%s%s%s\n%s\n", r->rowsort ? " rowsort" : "", r->types ? " types" : "", got.failed ? " error " : "",
					got.failed ? got.sqlstate : "", r->sql);
		if (!got.failed)
			strbuf_adds(&out, "----\n");
		for (size_t i = 0; !got.failed && i < got.count; i++)
			strbuf_addf(&out, "%s\n", got.list[i]);
		strbuf_addc(&out, '\n');
	}
	strbuf_add(&out, f->text + at, f->len - at);
	while (out.len > 1 && out.data[out.len - 1] == '\n' && out.data[out.len - 2] == '\n')
		out.len--;
	file = fopen(f->path, "w");
	if (!file || fwrite(out.data, 1, out.len, file) != out.len || fclose(file) != 0)
		fprintf(stderr, "runner: could not write %s\n", f->path);
	strbuf_release(&out);
}

static void run_setup(struct runner *x, const char *path, const char *source)
{
	struct config none = {.name = "setup"};
	struct session *s = open_session(x, source, &none);
	struct receiver nobody = {0};
	struct err e;

	err_clear(&e);
	if (!session_run(s, str_of(substitute(x->mem, read_file(x->mem, path), source)), &nobody, &e))
		die(path, &e);
	session_close(s);
}

static void split_sources(struct runner *x, const char *list)
{
	char *copy = mem_strdup(x->mem, list), *save = NULL;

	for (char *w = strtok_r(copy, ",", &save); w && x->nsources < ARRAY_LEN(x->sources); w = strtok_r(NULL, ",", &save))
		x->sources[x->nsources++] = w;
}

static void read_configs(struct runner *x, const char *path, const char *only)
{
	char *text = read_file(x->mem, path), *line_save = NULL;

	for (char *line = strtok_r(text, "\n", &line_save); line; line = strtok_r(NULL, "\n", &line_save)) {
		char *save = NULL, *name = strtok_r(line, " ", &save);
		struct config *c = &x->configs[x->nconfigs];

		if (!name || *name == '#' || (only && strcmp(only, name) != 0) || x->nconfigs == ARRAY_LEN(x->configs))
			continue;
		*c = (struct config){.name = name};
		for (char *w = strtok_r(NULL, " ", &save); w && c->nsettings < ARRAY_LEN(c->settings); w = strtok_r(NULL, " ", &save))
			c->settings[c->nsettings++] = w;
		x->nconfigs++;
	}
}

int main(int argc, char **argv)
{
	struct runner x = {.mem = mem_new(NULL, MEM_OTHER, "runner", 0)};
	const char *setup = NULL, *foreign = NULL, *configs = NULL, *only = NULL, *files[2048];
	size_t nfiles = 0;
	struct err e;

	err_clear(&e);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--generate") == 0)
			x.generate = true;
		else if (strcmp(argv[i], "--verbose") == 0)
			x.verbose = true;
		else if (strcmp(argv[i], "--setup") == 0 && i + 1 < argc)
			setup = argv[++i];
		else if (strcmp(argv[i], "--foreign") == 0 && i + 1 < argc)
			foreign = argv[++i];
		else if (strcmp(argv[i], "--configs") == 0 && i + 1 < argc)
			configs = argv[++i];
		else if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
			only = argv[++i];
		else if (strcmp(argv[i], "--sources") == 0 && i + 1 < argc)
			split_sources(&x, argv[++i]);
		else if (strcmp(argv[i], "--oracle") == 0 && i + 1 < argc) {
			if (!(x.oracle = oracle_open(argv[++i], &e)))
				die("oracle", &e);
		} else if (nfiles < ARRAY_LEN(files))
			files[nfiles++] = argv[i];
	}
	if (x.nsources == 0)
		x.sources[x.nsources++] = "public";
	if (configs)
		read_configs(&x, configs, only);
	if (x.nconfigs == 0)
		x.configs[x.nconfigs++] = (struct config){.name = "plain"};
	if (!x.generate && !(x.engine = engine_open(NULL, 4, &e)))
		die("engine", &e);
	if (x.engine && setup)
		run_setup(&x, setup, "public");
	for (size_t i = 0; x.engine && foreign && i < x.nsources; i++)
		run_setup(&x, foreign, x.sources[i]);
	for (size_t i = 0; i < nfiles; i++) {
		struct mem *m = mem_new(NULL, MEM_OTHER, "file", 0);
		struct slt_file f;

		if (!slt_read(m, files[i], &f, &e)) {
			printf("FAILED %s: %s\n", files[i], e.message);
			err_clear(&e);
			x.failed++;
		} else if (x.generate) {
			generate(&x, &f);
		} else {
			run_file(&x, &f);
			if (x.oracle)
				check_oracle(&x, &f);
		}
		mem_free(m);
	}
	engine_close(x.engine);
	oracle_close(x.oracle);
	printf("%zu passed, %zu failed\n", x.passed, x.failed);
	mem_free(x.mem);
	return x.failed ? 1 : 0;
}
