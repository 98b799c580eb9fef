/* The inside of expression programs, shared by program*.c. */
#ifndef HOPLUU_EXECUTE_PROGRAM_INT_H
#define HOPLUU_EXECUTE_PROGRAM_INT_H

#include "engine/execute/program.h"
#include "engine/kernel/compare.h"

enum reg_kind {
	REG_INPUT,  /* column `index` of the batch: set for each batch */
	REG_CONST,  /* value: set once */
	REG_INIT,   /* init plan `index`: set once, when the evaluator opens */
	REG_TEMP,   /* made by a step */
};
struct reg {
	enum reg_kind kind;
	struct type type;
	uint32_t index;
	struct value value;
	struct block *home; /* rows of that block; NULL: a constant, usable everywhere */
};

enum step_kind {
	STEP_IMPORT,   /* dst = args[0] (a register of the parent block) at this block's rows */
	STEP_CALL,
	STEP_RETYPE,   /* the same bytes under another type */
	STEP_AND,
	STEP_OR,
	STEP_NOT,
	STEP_IS_NULL,
	STEP_IS_TRUE,
	STEP_DISTINCT,
	STEP_CASE,
	STEP_COALESCE,
	STEP_NULLIF,   /* args: value, comparison */
	STEP_GREATEST,
	STEP_LEAST,
	STEP_IN,       /* arms[0] in the other arms */
	STEP_IN_SET,   /* args[0] in set */
};

/* An operand: a register of the step's own block, or a block run on the rows that need it. */
struct arm {
	struct block *block; /* NULL: reg is valid in the step's block */
	uint32_t reg;        /* with a block: its result there */
};
struct step {
	enum step_kind kind;
	bool invariant;      /* same value for all rows and batches: run once */
	uint32_t dst;
	const struct func *fn;
	uint32_t nargs;
	uint32_t *args;
	struct arm *arms;
	uint32_t narms;
	uint32_t site;       /* CALL: number of the call site */
	const struct value *const_args;
	const struct type *arg_types;
	const struct constset *set;
};
struct known { /* for sharing of common subexpressions */
	const struct expr *expr;
	uint32_t reg;
};
struct import {
	uint32_t from, to;
};
struct block {
	struct block *parent;
	uint32_t number;
	uint32_t nsteps, nknown, nimports;
	size_t steps_cap, known_cap, imports_cap;
	struct step *steps;
	struct known *known;
	struct import *imports;
};
struct conjunct {
	bool compare;        /* kernel_select of a op b, where both are registers of the root block */
	enum compare_op op;
	uint32_t a, b;
	struct arm arm;      /* else: true rows of this */
};
struct program {
	struct execution *x;
	uint32_t ninput;
	uint32_t nregs, nblocks, nsites;
	size_t regs_cap;
	struct reg *regs;
	struct block *root;
	uint32_t nout;
	uint32_t *out;       /* registers of the root block */
	uint32_t nconjuncts;
	struct conjunct *conjuncts;
};
/* Rows of a block while it runs. */
struct frame {
	uint32_t n;
	struct buf *sel;     /* rows of the parent block; NULL = all of them */
};
struct evaluator {
	const struct program *p;
	struct task *task;
	struct mem *data;
	struct vec *regs;
	bool *ready;         /* invariants that have their value */
	struct frame *frames;
	struct fncall *sites;
	struct view *views;  /* scratch: FUNC_MAX_ARGS and more */
	uint32_t *rows;      /* scratch of evaluator_select */
};

/* Constants of an IN list: read-only once built. */
struct constset;
MUST_CHECK bool constset_new(struct execution *x, struct expr *const *list, uint32_t n, struct constset **out,
							 struct err *e);
MUST_CHECK bool constset_probe(const struct constset *s, struct evaluator *ev, const struct vec *v, uint32_t n,
							   struct vec *out);

/* program_run.c */
MUST_CHECK bool block_run(struct evaluator *ev, const struct block *b);
/* Runs the arm for rows[0..n) of the step's block (NULL: all n of it); *v is then the vector and *dense tells
 * whether it is indexed by j (position in rows) or by rows[j]. */
MUST_CHECK bool arm_run(struct evaluator *ev, const struct arm *arm, const uint32_t *rows, uint32_t n, uint32_t all,
						const struct vec **v, bool *dense);
/* The register as a fresh flat vector of n rows. */
MUST_CHECK bool reg_flat(struct evaluator *ev, uint32_t reg, uint32_t n, struct vec **out);
void reg_set(struct evaluator *ev, uint32_t reg, struct vec *v); /* takes v over */
MUST_CHECK bool reg_null(struct evaluator *ev, uint32_t reg);    /* constant NULL */
/* program_dictionary.c: a step over one column of few different texts, computed once for each of them. The column's
 * register; -1 = this is no such step now. */
int dictionary_argument(const struct evaluator *ev, const struct step *s, uint32_t n);
/* A function that runs the step on n rows of its block. */
MUST_CHECK bool dictionary_run(struct evaluator *ev, const struct step *s, uint32_t arg, uint32_t n,
							   bool (*run)(struct evaluator *ev, const struct step *s, uint32_t n));
/* kernel_select of such a column and a constant; false = it is not one. */
bool dictionary_select(enum compare_op op, const struct vec *a, const struct vec *b, const uint32_t *sel_in, uint32_t n,
					   uint32_t *sel_out, uint32_t *count);
/* program_branch.c, program_compare.c: one step each, n rows */
MUST_CHECK bool step_and_or(struct evaluator *ev, const struct step *s, uint32_t n);
MUST_CHECK bool step_case(struct evaluator *ev, const struct step *s, uint32_t n);
MUST_CHECK bool step_coalesce(struct evaluator *ev, const struct step *s, uint32_t n);
MUST_CHECK bool step_in(struct evaluator *ev, const struct step *s, uint32_t n);
MUST_CHECK bool step_not(struct evaluator *ev, const struct step *s, uint32_t n);
MUST_CHECK bool step_is_null(struct evaluator *ev, const struct step *s, uint32_t n);
MUST_CHECK bool step_is_true(struct evaluator *ev, const struct step *s, uint32_t n);
MUST_CHECK bool step_distinct(struct evaluator *ev, const struct step *s, uint32_t n);
MUST_CHECK bool step_nullif(struct evaluator *ev, const struct step *s, uint32_t n);
MUST_CHECK bool step_extreme(struct evaluator *ev, const struct step *s, uint32_t n);


#endif
