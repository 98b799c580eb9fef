/*
 * Fills all databases: worker threads take one database after the other, the largest first; each has a
 * sink of its own. The first error stops the others at their next database. The main thread draws the
 * progress bar. Afterwards the notes (README.txt, dirt.tsv, databases.tsv) are written beside the data.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "tools/demo/demo.h"
#include "tools/demo/sink.h"

struct load {
	const struct demo_options *o;
	const struct nation *nation;
	struct demo_database **order;
	size_t n;
	uint64_t *dirty;
	atomic_size_t next, running;
	atomic_ulong rows;
	atomic_bool failed;
	pthread_mutex_t lock;
	struct err err; /* guarded by lock */
};

/* What follows "database=" in a connection string; NULL when it is not there. */
static const char *odbc_database(const char *connection)
{
	for (const char *p = connection; p && *p; p++)
		if (strncasecmp(p, "database=", 9) == 0)
			return p + 9;
	return NULL;
}

const char *demo_file(const struct demo_options *o, const struct demo_database *d, struct mem *m)
{
	const char *given = o->odbc && d->place == PLACE_ODBC ? odbc_database(o->odbc) : NULL;
	if (given) /* the connection string names the file */
		return mem_strndup(m, given, strcspn(given, ";"));
	return mem_printf(m, "%s/data/%s.db", o->directory, d->code);
}

static struct sink *open_sink(const struct load *l, const struct demo_database *d, struct err *e)
{
	if (l->o->dry)
		return sink_null_open();
	switch (d->place) {
	case PLACE_SQLITE:
	case PLACE_ODBC:
	{
		struct mem *m = mem_new(NULL, MEM_OTHER, "path", 0);
		struct sink *s = sink_sqlite_open(demo_file(l->o, d, m), e);
		mem_free(m);
		return s;
	}
	case PLACE_POSTGRESQL:
		return sink_postgresql_open(l->o->postgresql, d->code, l->o->force, e);
	case PLACE_MARIADB:
		return sink_mariadb_open(l->o->mariadb, d->code, l->o->force, e);
	}
	UNREACHABLE();
}

static bool load_database(struct load *l, struct demo_database *d, struct err *e)
{
	int64_t start = clock_monotonic_us();
	struct sink *s = open_sink(l, d, e);
	if (!s)
		return err_context(e, "while creating database %s", d->code);
	struct fill *f = calloc(1, sizeof(*f));
	if (!f) {
		s->ops->close(s);
		return err_set(e, ERR_OUT_OF_MEMORY, "out of memory");
	}
	f->nation = l->nation;
	f->tables = d->tables;
	f->ntables = d->ntables;
	f->sink = s;
	f->err = e;
	f->progress = &l->rows;
	f->dirty = l->dirty;
	bool ok = d->fill(f) && s->ops->finish(s, e);
	s->ops->close(s);
	d->rows = f->rows;
	d->checksum = f->checksum;
	d->seconds = (double)(clock_monotonic_us() - start) / 1e6;
	free(f);
	return ok || err_context(e, "while filling database %s", d->code);
}

static void *load_worker(void *arg)
{
	struct load *l = arg;
	for (size_t i; !atomic_load(&l->failed) && (i = atomic_fetch_add(&l->next, 1)) < l->n;) {
		struct err e;
		err_clear(&e);
		if (load_database(l, l->order[i], &e))
			continue;
		pthread_mutex_lock(&l->lock);
		err_copy(&l->err, &e);
		pthread_mutex_unlock(&l->lock);
		atomic_store(&l->failed, true);
	}
	atomic_fetch_sub(&l->running, 1);
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	const struct demo_database *x = *(struct demo_database *const *)a, *y = *(struct demo_database *const *)b;
	if (x->rows_per_person != y->rows_per_person)
		return x->rows_per_person < y->rows_per_person ? 1 : -1;
	return x < y ? -1 : 1;
}

static void show_progress(const struct load *l, double expected, bool end)
{
	unsigned long rows = atomic_load(&l->rows);
	size_t done = atomic_load(&l->next);
	double part = end ? 1 : (double)rows / expected;
	int width = (int)(part * 32);
	width = width > 32 ? 32 : width;
	fprintf(stderr, "\r  [%.*s%.*s] %3d%%  %zu/%zu databases, %.2f million rows ", width, "################################", 32 - width,
			"................................", (int)(part > 1 ? 100 : part * 100), done > l->n ? l->n : done, l->n, (double)rows / 1e6);
	if (end)
		fputs("\n", stderr);
	fflush(stderr);
}

bool demo_load(const struct demo_options *o, struct demo_set *set, const struct nation *n, uint64_t dirty[DIRT_COUNT], struct err *e)
{
	struct load l = {.o = o, .nation = n, .n = set->n, .dirty = dirty, .lock = PTHREAD_MUTEX_INITIALIZER};
	pthread_t threads[64];
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned wanted = o->threads ? o->threads : cores > 0 ? (unsigned)cores : 1, started = 0;
	double expected = 1;
	bool bar = !o->no_progress && !o->dry && isatty(STDERR_FILENO);
	l.order = mem_new_array(set->mem, struct demo_database *, set->n + 1);
	for (size_t i = 0; i < set->n; i++) {
		l.order[i] = &set->items[i];
		expected += set->items[i].rows_per_person * n->npeople;
	}
	qsort(l.order, l.n, sizeof(*l.order), by_size);
	err_clear(&l.err);
	wanted = wanted > ARRAY_LEN(threads) ? ARRAY_LEN(threads) : wanted;
	for (; started < wanted; started++) {
		atomic_fetch_add(&l.running, 1);
		if (pthread_create(&threads[started], NULL, load_worker, &l) != 0) {
			atomic_fetch_sub(&l.running, 1);
			break;
		}
	}
	if (!started) { /* no thread to be had: do it here */
		atomic_fetch_add(&l.running, 1);
		load_worker(&l);
	}
	while (bar && atomic_load(&l.running)) {
		show_progress(&l, expected, false);
		usleep(100000);
	}
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	if (bar)
		show_progress(&l, expected, true);
	return !err_is_set(&l.err) || err_copy(e, &l.err);
}

static FILE *note_open(const struct demo_options *o, const char *name, struct err *e)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", o->directory, name);
	FILE *f = fopen(path, "w");
	if (!f)
		err_set(e, ERR_IO_ERROR, "cannot write %s", path);
	return f;
}

static bool note_close(FILE *f, struct err *e)
{
	bool bad = ferror(f) != 0;
	return (fclose(f) == 0 && !bad) || err_set(e, ERR_IO_ERROR, "cannot write the notes beside the data");
}

bool demo_write_notes(const struct demo_options *o, const struct demo_set *set, const uint64_t dirty[DIRT_COUNT], struct err *e)
{
	FILE *f = note_open(o, "dirt.tsv", e);
	if (!f)
		return false;
	fputs("name\tdatabase\ttable\tcolumn\tshare_percent\trows\tdescription_vi\tdescription_en\tcheck\n", f);
	for (size_t i = 0; i < DIRT_COUNT; i++) {
		const struct dirt_info *d = &dirt_infos[i];
		fprintf(f, "%s\t%s\t%s\t%s\t%.2f\t%llu\t%s\t%s\t%s\n", d->name, d->database, d->table, d->column, d->share / 100.0, (unsigned long long)dirty[i], d->vi, d->en, d->check);
	}
	if (!note_close(f, e) || !(f = note_open(o, "databases.tsv", e)))
		return false;
	fputs("code\tplace\ttables\trows\tseconds\tname_vi\n", f);
	for (size_t i = 0; i < set->n; i++) {
		const struct demo_database *d = &set->items[i];
		fprintf(f, "%s\t%s\t%zu\t%llu\t%.2f\t%s\n", d->code, place_name(d->place), d->ntables, (unsigned long long)d->rows, d->seconds, d->name_vi);
	}
	if (!note_close(f, e) || !(f = note_open(o, "README.txt", e)))
		return false;
	fprintf(f,
			"A synthetic nation of %u people, made by `hopluu demo create` with seed %llu.\n"
			"Nobody in it exists. The same number and seed give the same rows everywhere.\n\n"
			"data/          one SQLite file per database (those that are not on a server)\n"
			"catalog/       the catalog: hopluu shell --catalog %s/catalog\n"
			"databases.tsv  which database is where, with its number of rows\n"
			"dirt.tsv       the mistakes made on purpose: share, number of rows, SQL that finds them\n\n"
			"The day on which the nation is looked at is 2026-06-30.\n",
			o->people, (unsigned long long)o->seed, o->directory);
	return note_close(f, e);
}
