/*
 * Writes the demo's catalog: the SQL of catalog_sql.c through a session, as an administrator would type
 * it; agencies, schemas and the more than a thousand comments in one edit of the catalog instead of one
 * commit each. IMPORT FOREIGN SCHEMA takes the sources' statistics along, so there is nothing to ANALYZE.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/session/session.h"
#include "tools/demo/demo.h"

static const struct principal administrator = {.user = "admin", .agency = "", .purpose = "demo", .is_administrator = true, .is_operator = true};

/* A receiver of nothing. */
static bool ignore_begin(void *arg, const struct result_column *cols, uint32_t ncols, struct err *e)
{
	(void)arg, (void)cols, (void)ncols, (void)e;
	return true;
}
static bool ignore_rows(void *arg, const struct batch *b, struct err *e)
{
	(void)arg, (void)b, (void)e;
	return true;
}
static bool ignore_end(void *arg, const char *tag, struct err *e)
{
	(void)arg, (void)tag, (void)e;
	return true;
}
static const struct receiver ignore = {ignore_begin, ignore_rows, ignore_end, NULL};

static bool put_agencies_and_schemas(struct catalog_edit *x, const struct demo_set *set, struct err *e)
{
	const struct vietnam_agency *rows;
	size_t n = vietnam_agencies(&rows);
	for (size_t i = 0; i < n; i++) {
		struct catalog_agency a = {.code = rows[i].code, .name_vi = rows[i].name_vi, .name_en = rows[i].name_en};
		if (!catalog_put_agency(x, &a, e))
			return false;
	}
	for (size_t i = 0; i < set->n; i++)
		if (!catalog_create_schema(x, set->items[i].code, "", e))
			return false;
	return true;
}

/* The comments of demo_comment_sql, in one edit. */
static bool put_comments(struct catalog_edit *x, const struct demo_set *set, struct err *e)
{
	char text[1024];
	for (size_t i = 0; i < set->n; i++) {
		const struct demo_database *d = &set->items[i];
		snprintf(text, sizeof(text), "%s (%s)", d->name_vi, d->name_en);
		if (!catalog_comment(x, "server", NULL, d->code, NULL, text, e) || !catalog_comment(x, "schema", NULL, d->code, NULL, text, e))
			return false;
		for (size_t t = 0; t < d->ntables; t++) {
			const struct demo_table *table = &d->tables[t];
			snprintf(text, sizeof(text), "%s (%s)", table->title_vi, table->title_en);
			if (!catalog_comment(x, "table", d->code, table->name, NULL, text, e))
				return false;
			for (size_t k = 0; k < table->ncols; k++) {
				snprintf(text, sizeof(text), "%s (%s)", table->columns[k].comment_vi, table->columns[k].comment_en);
				if (!catalog_comment(x, "column", d->code, table->name, table->columns[k].name, text, e))
					return false;
			}
		}
	}
	return true;
}

static bool edit(struct catalog *c, const struct demo_set *set, bool comments, struct err *e)
{
	struct catalog_edit *x = catalog_begin(c, e);
	if (!x)
		return false;
	if (comments ? put_comments(x, set, e) : put_agencies_and_schemas(x, set, e))
		return catalog_commit(x, e);
	catalog_rollback(x);
	return false;
}

/* Every statement commits and reads the catalog back, so what is small comes first: all servers,
 * then the tables. */
static bool describe(const struct demo_options *o, const struct demo_set *set, struct engine *g, struct session *s, struct err *e)
{
	struct strbuf sql;
	bool ok = edit(engine_catalog(g), set, false, e);
	strbuf_init(&sql, 0);
	for (int import = 0; import < 2; import++)
		for (size_t i = 0; ok && i < set->n; i++) {
			strbuf_reset(&sql);
			if (import)
				demo_import_sql(&set->items[i], &sql);
			else
				ok = demo_catalog_sql(o, &set->items[i], &sql, e);
			ok = ok && session_run(s, strbuf_str(&sql), &ignore, e);
			if (!ok)
				err_context(e, "while describing database %s to the catalog", set->items[i].code);
		}
	strbuf_release(&sql);
	return ok && edit(engine_catalog(g), set, true, e);
}

/* Takes away what an earlier run wrote: the catalog's own files, nothing else. */
static bool remove_old(const char *directory, struct err *e)
{
	static const char *const files[] = {"catalog.db", "catalog.db-wal", "catalog.db-shm", "catalog.key"};
	char path[4096];
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, files[i]);
		if (access(path, F_OK) == 0 && unlink(path) != 0)
			return err_set(e, ERR_IO_ERROR, "cannot remove the old %s", path);
	}
	return true;
}

bool demo_catalog_create(const struct demo_options *o, const struct demo_set *set, struct err *e)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/catalog", o->directory);
	if (!remove_old(path, e))
		return false;
	struct engine *g = engine_open(path, o->threads, e);
	if (!g)
		return false;
	struct session *s = session_open(g, &administrator, e);
	bool ok = s && describe(o, set, g, s, e);
	if (s)
		session_close(s);
	engine_close(g);
	return ok;
}
