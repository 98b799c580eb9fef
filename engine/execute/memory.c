/*
 * Memory of a query and its operators: when one writes what it holds to temporary files, and how much it may take
 * to go on with them.
 *
 * Operators that can spill look at every batch: when less than the headroom is left of the query's memory, each that
 * holds more than a little writes it out, in its own task, and goes on. So nobody waits for anybody. The headroom is
 * what batches on their way, fetch queues and the reading of spilled data need, and a piece for every spillable
 * operator, so that one that starts late has something to work with.
 */
#include "engine/execute/op.h"

#include <stdlib.h>

void execution_budget(struct execution *x)
{
	const struct settings *s = x->env.settings;
	size_t budget = (size_t)s->number[SET_memory_limit] * 1024;
	int64_t limit = s->number[SET_temp_file_limit];
	const char *directory = s->text[SET_temp_directory];

	for (const struct mem *m = x->env.mem; m; m = mem_parent(m)) {
		struct mem_stats room;
		mem_stats(m, &room);
		budget = room.limit && room.limit < budget ? room.limit : budget;
	}
	if (!*directory)
		directory = getenv("TMPDIR");
	if (!directory || !*directory)
		directory = "/tmp";
	x->budget = budget;
	x->verify_spill = s->number[SET_verify_spill] != 0;
	x->space = spill_space_new(x->env.mem, mem_strdup(x->mem, directory), limit < 0 ? -1 : limit * 1024,
							   x->verify_spill ? 0 : budget);
}

void op_can_spill(struct op *op)
{
	op->file = spill_file_new(op->x->space);
	op->x->nspillable++;
}

bool op_pressed(const struct op *op, size_t held)
{
	const struct execution *x = op->x;
	size_t pieces = x->nspillable * (x->budget / 64);

	if (x->verify_spill)
		return true;
	if (held < x->budget / 64 / x->threads)
		return false;
	return mem_available(x->env.mem) < x->budget / 3 + (pieces < x->budget / 6 ? pieces : x->budget / 6);
}

size_t execution_share(const struct execution *x)
{
	size_t room = mem_available(x->env.mem), least = x->budget / 32 / x->threads;

	if (x->verify_spill)
		return 4 * spill_block_size(x->space);
	room = (room < x->budget ? room : x->budget) / 3 / x->threads;
	return room > least ? room : least;
}
