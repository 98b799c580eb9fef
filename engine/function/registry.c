/*
 * The function registry: collects the tables named in function_tables.def into one list and indexes it
 * by name and kind, and casts by their two type ids.
 *
 * Leaves overload resolution to the binder and evaluation to the expression programs.
 * Invariants: built once, by the first caller in any thread, and read-only from then on; a row's place
 * in the list follows from the order of the tables, so listings are stable. The index is never freed.
 */
#include "engine/function/array_call.h"
#include "engine/function/tables.h"

#include <pthread.h>
#include <stdlib.h>

static const struct func *const tables[] = {
#define FUNCTIONS(name) functions_##name,
#include "engine/function/function_tables.def"
#undef FUNCTIONS
	NULL,
};

/* One run of rows with the same name and kind in `sorted`. */
struct group {
	const char *name;
	enum func_kind kind;
	uint32_t first, count;
};

static struct {
	size_t count;
	const struct func **rows;   /* in table order */
	const struct func **sorted; /* by name, kind, then table order; casts left out */
	size_t ngroups;
	struct group *groups;       /* in the order of sorted: searched by bisection */
	const struct func *casts[TYPE_COUNT][TYPE_COUNT];
} registry;
static pthread_once_t registry_once = PTHREAD_ONCE_INIT;

struct entry {
	const struct func *f;
	size_t at;
};

static int entry_order(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = strcmp(x->f->name, y->f->name);
	if (c)
		return c;
	if (x->f->kind != y->f->kind)
		return x->f->kind < y->f->kind ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static void *new_array(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);
	ASSERT(p);
	return p;
}

static void add_cast(const struct func *f)
{
	const struct func **slot = &registry.casts[f->args[0].id][f->result.id];
	ASSERT(!*slot); /* two rows for one cast */
	*slot = f;
}

static void build_groups(const struct entry *entries, size_t n)
{
	registry.sorted = new_array(n, sizeof *registry.sorted);
	registry.groups = new_array(n, sizeof *registry.groups);
	for (size_t i = 0; i < n; i++) {
		const struct func *f = entries[i].f;
		struct group *g = registry.ngroups ? &registry.groups[registry.ngroups - 1] : NULL;
		registry.sorted[i] = f;
		if (!g || g->kind != f->kind || strcmp(g->name, f->name) != 0) {
			g = &registry.groups[registry.ngroups++];
			*g = (struct group){f->name, f->kind, (uint32_t)i, 0};
		}
		g->count++;
	}
}

static void registry_build(void)
{
	struct entry *entries;
	size_t n = 0;

	for (size_t t = 0; tables[t]; t++)
		for (const struct func *f = tables[t]; f->name; f++)
			registry.count++;
	registry.rows = new_array(registry.count, sizeof *registry.rows);
	entries = new_array(registry.count, sizeof *entries);
	registry.count = 0;
	for (size_t t = 0; tables[t]; t++)
		for (const struct func *f = tables[t]; f->name; f++) {
			registry.rows[registry.count] = f;
			if (f->kind == FUNC_CAST)
				add_cast(f);
			else
				entries[n++] = (struct entry){f, registry.count};
			registry.count++;
		}
	qsort(entries, n, sizeof *entries, entry_order);
	build_groups(entries, n);
	free(entries);
}

const struct func *const *func_find(const char *name, enum func_kind kind, size_t *count)
{
	size_t low = 0, high;

	pthread_once(&registry_once, registry_build);
	high = registry.ngroups;
	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct group *g = &registry.groups[mid];
		int c = strcmp(name, g->name);
		if (c == 0 && g->kind == kind) {
			*count = g->count;
			return registry.sorted + g->first;
		}
		if (c < 0 || (c == 0 && kind < g->kind))
			high = mid;
		else
			low = mid + 1;
	}
	*count = 0;
	return NULL;
}

static const struct func *cast_row(struct type from, struct type to)
{
	pthread_once(&registry_once, registry_build);
	if (from.array || to.array)
		return func_array_cast(from, to);
	if (from.id >= TYPE_COUNT || to.id >= TYPE_COUNT)
		return NULL;
	return registry.casts[from.id][to.id];
}

const struct func *func_cast(struct type from, struct type to)
{
	const struct func *f = cast_row(from, to), *pick = f;
	struct type types[2] = {from, to};

	if (f && f->infer)
		f->infer(f, types, 2, &pick);
	return pick;
}

struct type func_cast_type(struct type from, struct type to)
{
	const struct func *f = cast_row(from, to), *pick = f;

	if (!f || !f->infer || to.array || to.id != TYPE_NUMERIC || to.mod >= 0 || to.precision)
		return to;
	return f->infer(f, &from, 1, &pick);
}

size_t func_count(void)
{
	pthread_once(&registry_once, registry_build);
	return registry.count;
}

const struct func *func_at(size_t i)
{
	pthread_once(&registry_once, registry_build);
	ASSERT(i < registry.count);
	return registry.rows[i];
}

const char *func_nearest(const char *name)
{
	const char *best = NULL;
	int limit = strlen(name) <= 3 ? 1 : strlen(name) <= 6 ? 2 : 3;

	pthread_once(&registry_once, registry_build);
	for (size_t i = 0; i < registry.ngroups && limit >= 0; i++) {
		const struct group *g = &registry.groups[i];
		int d;
		if (g->kind == FUNC_OPERATOR || g->name[0] == '$')
			continue;
		d = str_distance(name, g->name, limit);
		if (d <= limit) {
			best = g->name;
			limit = d - 1;
		}
	}
	return best;
}
