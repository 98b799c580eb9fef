/*
 * The plumbing between fill functions and sinks: builds rows cell by cell, checks them against the
 * table's definition, folds them into the checksum and counts dirt. Leaves storage to the sinks.
 */
#include "tools/demo/fill.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tools/demo/names.h"

const struct dirt_info dirt_infos[DIRT_COUNT] = {
#define DIRT(name, database, table, column, share, vi, en, check)                                        \
	[DIRT_##name] = {#name, database, table, column, share, vi, en, check},
#include "tools/demo/dirt.def"
#undef DIRT
};

bool fill_begin(struct fill *f, const char *table)
{
	if (err_is_set(f->err))
		return false;
	f->table = NULL;
	for (size_t i = 0; i < f->ntables; i++)
		if (strcmp(f->tables[i].name, table) == 0)
			f->table = &f->tables[i];
	if (!f->table)
		return err_set(f->err, ERR_INTERNAL, "the demo knows no table \"%s\"", table);
	f->ncells = f->used = 0;
	f->table_rows = 0;
	for (size_t i = 0; i < f->table->ncols; i++) {
		f->widths[i] = 0;
		if (sscanf(f->table->columns[i].type, "varchar(%u)", &f->widths[i]) != 1)
			f->widths[i] = 0;
	}
	return f->sink->ops->begin(f->sink, f->table, f->err);
}

bool fill_end(struct fill *f)
{
	return !err_is_set(f->err) && f->sink->ops->end(f->sink, f->err);
}

static struct cell *cell_add(struct fill *f, enum cell_kind kind)
{
	ASSERT(f->ncells < FILL_COLUMNS);
	struct cell *c = &f->cells[f->ncells++];
	*c = (struct cell){.kind = kind};
	return c;
}

static void cell_add_text(struct fill *f, enum cell_kind kind, const char *s, size_t len)
{
	ASSERT(f->used + len + 1 <= sizeof(f->buffer));
	struct cell *c = cell_add(f, kind);
	c->text = f->buffer + f->used;
	c->len = len;
	memcpy(f->buffer + f->used, s, len);
	f->buffer[f->used + len] = '\0';
	f->used += len + 1;
}

void cell_null(struct fill *f) { cell_add(f, CELL_NULL); }
void cell_int(struct fill *f, int64_t v) { cell_add(f, CELL_INT)->number = v; }
void cell_bool(struct fill *f, bool v) { cell_add(f, CELL_BOOL)->number = v; }

void cell_text(struct fill *f, const char *s)
{
	if (!s || !*s)
		cell_null(f);
	else
		cell_add_text(f, CELL_TEXT, s, strlen(s));
}

void cell_format(struct fill *f, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	cell_text(f, text);
}

void cell_decimal(struct fill *f, int64_t unscaled, int scale)
{
	char text[40];
	int64_t unit = 1;
	for (int i = 0; i < scale; i++)
		unit *= 10;
	int64_t size = unscaled < 0 ? -unscaled : unscaled;
	int len = scale ? snprintf(text, sizeof(text), "%s%lld.%0*lld", unscaled < 0 ? "-" : "", (long long)(size / unit), scale, (long long)(size % unit))
					: snprintf(text, sizeof(text), "%lld", (long long)unscaled);
	cell_add_text(f, CELL_DECIMAL, text, (size_t)len);
}

void cell_date(struct fill *f, int32_t day)
{
	char text[11];
	/* 1970-01-01 is somebody's birthday, but never an optional date here */
	if (!day && f->ncells < f->table->ncols && strcmp(f->table->columns[f->ncells].nullable, "yes") == 0) {
		cell_null(f);
		return;
	}
	day_text(day, text);
	cell_add_text(f, CELL_DATE, text, 10);
}

void cell_timestamp(struct fill *f, int32_t day, unsigned second)
{
	char date[11], text[32];
	day_text(day, date);
	int len = snprintf(text, sizeof(text), "%s %02u:%02u:%02u", date, second / 3600 % 24, second / 60 % 60, second % 60);
	cell_add_text(f, CELL_TIMESTAMP, text, (size_t)len);
}

void cell_person(struct fill *f, uint32_t p)
{
	char id[13];
	if (p == NOBODY) {
		cell_null(f);
		return;
	}
	person_id(f->nation, p, id);
	cell_add_text(f, CELL_TEXT, id, 12);
}

void cell_name(struct fill *f, uint32_t p)
{
	char name[160];
	if (p == NOBODY) {
		cell_null(f);
		return;
	}
	size_t len = person_name(f->nation, p, name, sizeof(name));
	cell_add_text(f, CELL_TEXT, name, len);
}

void cell_name_dirty(struct fill *f, uint32_t p, enum dirt what, uint64_t row)
{
	char name[160], split[400];
	uint64_t counted = f->dirty[what];
	size_t len = person_name(f->nation, p, name, sizeof(name)), longer = len;
	if (dirt_hits(f, what, row))
		longer = name_decompose(name, split, sizeof(split));
	if (longer == len) /* no marks, no dirt */
		f->dirty[what] = counted;
	cell_add_text(f, CELL_TEXT, longer == len ? name : split, longer);
}

static void checksum_add(struct fill *f)
{
	uint64_t h = f->checksum;
	for (size_t i = 0; i < f->ncells; i++) {
		const struct cell *c = &f->cells[i];
		h = draw_mix(h ^ ((uint64_t)c->kind << 56) ^ (uint64_t)c->number);
		for (size_t k = 0; k < c->len; k++)
			h = (h ^ (unsigned char)c->text[k]) * 0x100000001b3ull;
	}
	f->checksum = h;
}

static bool text_fits(const struct cell *c, unsigned width)
{
	size_t points = 0;
	if (!width || c->len <= width)
		return true;
	for (size_t i = 0; i < c->len; i++)
		points += (c->text[i] & 0xc0) != 0x80;
	return points <= width;
}

/* Every varchar fits, nothing mandatory is missing: the demo's own mistakes must not hide among the dirt. */
static bool row_check(struct fill *f)
{
	if (f->ncells != f->table->ncols)
		return err_set(f->err, ERR_INTERNAL, "%s.%s: a row of %zu cells for %zu columns", f->table->database, f->table->name, f->ncells, f->table->ncols);
	for (size_t i = 0; i < f->ncells; i++) {
		const struct vietnam_column *c = &f->table->columns[i];
		if (f->cells[i].kind == CELL_NULL && strcmp(c->nullable, "no") == 0)
			return err_set(f->err, ERR_INTERNAL, "%s.%s.%s: row %llu has no value", f->table->database, f->table->name, c->name, (unsigned long long)f->table_rows);
		if (f->cells[i].kind == CELL_TEXT && !text_fits(&f->cells[i], f->widths[i]))
			return err_set(f->err, ERR_INTERNAL, "%s.%s.%s: \"%s\" is too long", f->table->database, f->table->name, c->name, f->cells[i].text);
	}
	return true;
}

bool row_end(struct fill *f)
{
	if (err_is_set(f->err) || !row_check(f))
		return false;
	checksum_add(f);
	bool ok = f->sink->ops->row(f->sink, f->cells, f->ncells, f->err);
	f->rows++;
	f->table_rows++;
	if (f->progress && f->rows % 1024 == 0)
		atomic_fetch_add_explicit(f->progress, 1024, memory_order_relaxed);
	f->ncells = f->used = 0;
	return ok;
}

bool dirt_hits(struct fill *f, enum dirt what, uint64_t row)
{
	struct draw d = nation_draw(f->nation, STREAM_DIRT + (uint64_t)what, row);
	if (!draw_chance(&d, dirt_infos[what].share))
		return false;
	f->dirty[what]++;
	return true;
}
