/*
 * The virtual tables that virtual_tables.def lists, found by name. Contents are made by the files that
 * define them. Read-only data; any thread.
 */
#include "engine/authorize/guard.h"

#define VIRTUAL_TABLE(symbol) extern const struct virtual_table virtual_table_##symbol;
#include "engine/authorize/virtual_tables.def"
#undef VIRTUAL_TABLE

static const struct virtual_table *const tables[] = {
#define VIRTUAL_TABLE(symbol) &virtual_table_##symbol,
#include "engine/authorize/virtual_tables.def"
#undef VIRTUAL_TABLE
	NULL,
};

const struct virtual_table *virtual_table_find(const char *schema, const char *name)
{
	for (size_t i = 0; tables[i]; i++)
		if (strcmp(tables[i]->schema, schema) == 0 && strcmp(tables[i]->name, name) == 0)
			return tables[i];
	return NULL;
}

size_t virtual_table_count(void)
{
	return ARRAY_LEN(tables) - 1;
}

const struct virtual_table *virtual_table_at(size_t i)
{
	ASSERT(i < virtual_table_count());
	return tables[i];
}
