/*
 * Constructors of all operators, called by lowering. Each makes an op of the execution with its global
 * state in the execution's mem; what an operator does and how its state is locked stands in its file.
 */
#ifndef HOPLUU_EXECUTE_FACES_H
#define HOPLUU_EXECUTE_FACES_H

#include "engine/execute/program.h"

/* execute.c: registers the op. ncols: of its output. */
struct op *op_new_source(struct execution *x, const struct source_ops *ops, const struct rel *node, uint32_t ncols);
struct op *op_new_transform(struct execution *x, const struct transform_ops *ops, const struct rel *node, uint32_t ncols);
struct op *op_new_sink(struct execution *x, const struct sink_ops *ops, const struct rel *node);
/* A pipeline with op waits until sink has finished. */
void op_depend(struct op *op, struct op *sink);

/* Batches kept for several readers (CTEs), or to look at all of them (at most one row). */
struct batches;
struct op *sink_batches_new(struct execution *x, const struct rel *node);
/* At most one row, 21000 on a second; when empty, one row of NULLs of these columns. */
struct op *sink_single_new(struct execution *x, const struct rel *node);
struct op *source_batches_new(struct execution *x, struct op *sink, const struct rel *node, bool produces);
struct op *sink_scalar_new(struct execution *x, struct init_plan *init);
struct op *sink_result_new(struct execution *x, uint32_t ncols);

bool source_values_new(struct lowering *l, const struct rel *r, struct op **out, struct err *e);
struct op *source_empty_new(struct execution *x, const struct rel *r);
/* A temporary table, without its predicate. */
bool source_store_new(struct lowering *l, const struct rel *r, struct op **out, struct err *e);
struct op *sink_store_new(struct execution *x, const struct execute_into *into);
bool source_virtual_new(struct lowering *l, const struct rel *r, struct op **out, struct err *e);
bool source_remote_new(struct lowering *l, const struct rel *r, struct op **out, struct err *e);
bool source_is_remote(const struct op *op);
void source_remote_stats(const struct op *op, struct fetcher_stats *out);
bool source_remote_progress(const struct op *op, struct source_progress *out);

bool transform_filter_new(struct lowering *l, const struct rel *node, const struct rel *in, struct expr *predicate,
						  struct op **out, struct err *e);
bool transform_project_new(struct lowering *l, const struct rel *node, const struct rel *in, struct expr *const *exprs,
						   uint32_t n, struct op **out, struct err *e);
/* REL_TABLE_FN over its input. */
bool transform_expand_new(struct lowering *l, const struct rel *r, struct op **out, struct err *e);
/* Columns picked by position; from NULL: all as they are. */
struct op *transform_map_new(struct execution *x, const uint32_t *from, uint32_t n);
/* The rows offset … end of the input pass. The counts may need an init plan's value, so they are computed when
 * rows come. */
bool limit_compile(struct lowering *l, struct op *op, const struct rel *r, struct program **out, struct err *e);
bool limit_bounds(struct task *t, const struct rel *r, const struct program *p, int64_t *offset, int64_t *end);
bool transform_limit_ties_new(struct lowering *l, const struct rel *r, struct op **out, struct err *e);
bool transform_limit_new(struct lowering *l, const struct rel *r, struct op **out, struct err *e);

#endif
