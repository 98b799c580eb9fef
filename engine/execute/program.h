/*
 * Expression programs. A list of expressions compiles once per operator into a read-only program: blocks
 * of flat steps over vector registers. Each task runs it with its own evaluator. Parts that SQL may not
 * reach (AND, OR, CASE, COALESCE) are blocks of their own, run on a sub-selection of the rows only.
 */
#ifndef HOPLUU_EXECUTE_PROGRAM_H
#define HOPLUU_EXECUTE_PROGRAM_H

#include "engine/execute/op.h"

struct lowering;
struct program;
struct evaluator;

/* exprs over the columns of a batch laid out as cols. op: who runs it (it waits for init plans that the
 * expressions use). The program lives in the execution's mem. */
MUST_CHECK bool program_compile(struct lowering *l, struct op *op, const struct column *cols, uint32_t ncols,
								struct expr *const *exprs, uint32_t n, struct program **out, struct err *e);
/* A predicate, for evaluator_select: its conjuncts become selections one after the other. */
MUST_CHECK bool program_compile_filter(struct lowering *l, struct op *op, const struct column *cols, uint32_t ncols,
									   struct expr *predicate, struct program **out, struct err *e);

/* In the task's mem. */
MUST_CHECK bool evaluator_open(struct task *t, const struct program *p, struct evaluator **out);
void evaluator_close(struct evaluator *ev); /* NULL is fine */
/* out: one vector per expression (released or zero before), rows as in the input. */
MUST_CHECK bool evaluator_run(struct evaluator *ev, const struct vec *in, uint32_t rows, struct vec *out);
/* sel (room for rows) gets the rows for which the predicate is true. */
MUST_CHECK bool evaluator_select(struct evaluator *ev, const struct vec *in, uint32_t rows, uint32_t *sel, uint32_t *n);

/* Whether e is a comparison that kernel_select computes, of arguments of one type. */
bool expr_is_comparison(const struct expr *e, int *compare_op);
/* dst = the constant vector of row i of src, sharing its buffers. */
void vec_pick(struct vec *dst, const struct vec *src, uint32_t i);
/* dst.data[rows[j]] = src[j], j < n, with NULLs; dst is flat, of dst_rows rows, same type. rows NULL: 0…n. */
MUST_CHECK bool vec_scatter(struct vec *dst, uint32_t dst_rows, const uint32_t *rows, const struct vec *src,
							const uint32_t *src_rows, uint32_t n, struct mem *m, struct err *e);

#endif
