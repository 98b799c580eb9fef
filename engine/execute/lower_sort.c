/* Lowering of sorts: which columns are stored, which keys need a column of their own. */
#include "engine/execute/sort.h"

#define PRUNE_LIMIT 100000 /* larger LIMITs sort everything */

bool lower_sort(struct lowering *l, const struct rel *r, const struct chain *up)
{
	struct mem *m = l->x->mem;
	const struct rel *in = r->in[0];
	uint32_t max = r->ncols + r->sort.nkeys, n = r->ncols;
	struct sort *s = mem_new_object(m, struct sort);
	struct expr **exprs = mem_new_array(m, struct expr *, max + 1);
	struct type *types = mem_new_array(m, struct type, max + 1);
	struct row_key *keys = mem_new_array(m, struct row_key, r->sort.nkeys + 1);
	uint32_t *out = mem_new_array(m, uint32_t, r->ncols + 1);
	struct chain end;

	s->x = l->x;
	s->node = r;
	s->limit = r->sort.limit > 0 ? r->sort.limit : -1;
	s->prune = s->limit > 0 && s->limit <= PRUNE_LIMIT && r->sort.nkeys;
	for (uint32_t c = 0; c < r->ncols; c++) {
		exprs[c] = expr_column(m, r->cols[c].id, r->cols[c].type, -1);
		types[c] = r->cols[c].type;
		out[c] = c;
	}
	for (uint32_t k = 0; k < r->sort.nkeys; k++) {
		const struct sort_key *key = &r->sort.keys[k];
		int at = key->expr->kind == EXPR_COLUMN ? column_index(r->cols, r->ncols, key->expr->column) : -1;

		if (at < 0) {
			at = (int)n;
			exprs[n] = key->expr;
			types[n++] = key->expr->type;
		}
		keys[k] = (struct row_key){(uint32_t)at, key->descending, key->nulls_first};
	}
	s->nstored = n;
	s->out = out;
	s->order = (struct row_order){rowlayout_new(m, 0, types, n), r->sort.nkeys, keys};
	(void)sink_sort_new(s);
	if (!program_compile(l, s->sink, in->cols, in->ncols, exprs, n, &s->program, l->err))
		return false;
	end = (struct chain){s->sink, NULL};
	if (!lower_rel(l, in, &end))
		return false;
	lower_source(l, source_sort_new(s), true, up);
	return true;
}
