/*
 * The sink that fills a temporary table: each task has a builder of its own, so chunks are made in parallel.
 * Columns that must not be NULL are checked here. The table itself is the statement's matter, which takes the
 * rows from the column sink when all went well.
 */
#include "engine/base/utf8.h"
#include "engine/execute/faces.h"
#include "engine/vector/colstore.h"

struct store_sink {
	const struct execute_into *into;
	uint32_t ncols;
};

static bool store_open_local(struct task *t, void *global, void **local)
{
	(void)t;
	*local = colbuilder_new(((struct store_sink *)global)->into->sink);
	return true;
}

static void store_close_local(void *global, void *local)
{
	(void)global;
	colbuilder_free(local);
}

static bool has_null(const struct vec *v, uint32_t rows)
{
	struct view w = vec_view(v);

	for (uint32_t i = 0; w.valid && i < rows; i++)
		if (view_is_null(&w, i))
			return true;
	return false;
}

/* Characters that a text of this type may have; 0 = any number. */
static uint32_t length_limit(struct type t)
{
	return !t.array && (t.id == TYPE_VARCHAR || t.id == TYPE_BPCHAR) && t.mod > 4 ? (uint32_t)t.mod - 4 : 0;
}

/* Texts that are too long by blanks alone lose those; others are an error. */
static bool fit_column(struct task *t, struct vec *v, uint32_t rows, struct type type)
{
	uint32_t limit = length_limit(type);
	struct view w = vec_view(v);
	const struct text *x = w.data;
	struct vec flat = {0};

	for (uint32_t i = 0; i < rows; i++) {
		const struct text *in = &x[view_index(&w, i)];
		struct str s = text_str(in);
		size_t end;

		if (in->len <= limit || view_is_null(&w, i) || utf8_length(s.data, s.len) <= limit)
			continue;
		end = utf8_offset(s.data, s.len, limit);
		for (size_t k = end; k < s.len; k++)
			if (s.data[k] != ' ')
				return err_set(&t->err, ERR_STRING_TRUNCATION, "value too long for type %s", type_name(type, t->mem));
		if (!flat.data && (!vec_init_flat(&flat, v->type, rows, task_data(t), &t->err) ||
						   !vec_append(&flat, 0, v, 0, rows, task_data(t), &t->err)))
			return false;
		((struct text *)flat.data)[i] = text_make(s.data, end);
	}
	if (flat.data) {
		vec_release(v);
		*v = flat;
	}
	return true;
}

static bool fit(struct task *t, const struct store_sink *g, struct batch *in)
{
	for (uint32_t c = 0; c < g->ncols; c++)
		if (length_limit(g->into->types[c]) && !fit_column(t, &in->cols[c], in->rows, g->into->types[c]))
			return false;
	return true;
}

static enum flow store_consume(struct task *t, void *global, void *local, struct batch *in)
{
	const struct store_sink *g = global;
	const struct execute_into *into = g->into;

	for (uint32_t c = 0; into->not_null && c < g->ncols; c++)
		if (into->not_null[c] && has_null(&in->cols[c], in->rows)) {
			(void)err_set(&t->err, ERR_NOT_NULL_VIOLATION,
						  "null value in column \"%s\" of relation \"%s\" violates not-null constraint", into->columns[c],
						  into->table);
			return FLOW_FAIL;
		}
	if (into->types && !fit(t, g, in))
		return FLOW_FAIL;
	return colbuilder_append(local, in, &t->err) ? FLOW_MORE : FLOW_FAIL;
}

static enum flow store_combine(struct task *t, void *global, void *local)
{
	(void)global;
	return colbuilder_finish(local, &t->err) ? FLOW_DONE : FLOW_FAIL;
}

static const struct sink_ops sink_store = {
	.name = "fill table",
	.consume = store_consume,
	.combine = store_combine,
	.life = {store_open_local, store_close_local, NULL},
};

struct op *sink_store_new(struct execution *x, const struct execute_into *into)
{
	struct op *op = op_new_sink(x, &sink_store, NULL);
	struct store_sink *g = mem_new_object(x->mem, struct store_sink);

	g->into = into;
	g->ncols = x->plan->ncols;
	op->global = g;
	return op;
}
