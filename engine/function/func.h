/*
 * The function registry: scalar functions, operators, casts and aggregates. One row per overload, at
 * the end of the file that implements it; the registry collects the tables (function_tables.def).
 * Overload resolution (manual 10.2, 10.3) is done by the binder over func_find's candidates.
 *
 * Evaluation contract (scalar): n dense rows; args[i] are views; out is a flat vector of n rows made
 * by the caller, of the result type, with no NULLs and an empty heap for texts. A strict function
 * never sees a NULL: the caller computes the validity, and for functions that can fail it passes only
 * the rows without NULLs. A non-strict one looks at the views' validity and marks NULLs with
 * vec_want_nulls/vec_set_null. On failure: false with err set (no row number).
 */
#ifndef HOPLUU_FUNCTION_FUNC_H
#define HOPLUU_FUNCTION_FUNC_H

#include "engine/vector/vec.h"

#define FUNC_MAX_ARGS 8   /* of a row */
#define FUNC_MAX_CALL 128 /* of a call: variadic ones take more */

struct fncall {
	const struct func *fn;
	uint32_t nargs;
	const struct type *arg_types; /* actual types (precision, scale, mod) */
	struct type result;
	struct mem *mem;              /* query's node: data-sized memory, heaps */
	struct mem *scratch;          /* arena of this call site, lives as long as the expression program */
	const struct text_context *text; /* zone, now … of the statement */
	const struct value *const_args; /* per argument: its value when it is a plan constant, else NULL type-void; may be NULL */
	void *state;                  /* fn's own, per call site and task: compiled patterns …; starts NULL */
	struct err *err;
};
typedef bool scalar_fn(struct fncall *c, const struct view *args, uint32_t n, struct vec *out);

/* Aggregates keep their state in `state_size` bytes per group, zeroed at first, at stable addresses;
 * groups[i] is the state of row i's group. Strict aggregates (all but count(*), string_agg's delimiter
 * rules …) are called with NULL rows already removed. States may own memory through c->mem only by
 * reserving; they link it from the state and give it back in `drop` (NULL = nothing to give back). */
struct agg_ops {
	size_t state_size;
	bool (*update)(struct fncall *c, const struct view *args, uint32_t n, void *const *groups);
	/* All rows go to one state (no GROUP BY): NULL = update with the same pointer n times. */
	bool (*update_one)(struct fncall *c, const struct view *args, uint32_t n, void *state);
	/* into[i] += from[i]; `from` is not used again (nor dropped). */
	bool (*combine)(struct fncall *c, void *const *into, void *const *from, uint32_t n);
	/* Rows 0..n of out (flat, n rows, NULLs allowed) from states. */
	bool (*finish)(struct fncall *c, void *const *states, uint32_t n, struct vec *out);
	void (*drop)(struct fncall *c, void *const *states, uint32_t n);
};

/* Set-returning functions (FUNC_TABLE): one set per row of arguments, made piece by piece, so that it may be
 * as long as it likes. In FROM each column of `cols` is a column; in a SELECT list only functions of one
 * column may stand. `state` (state_size bytes, zeroed before start) is one set's; what it points to lives in
 * c->mem (heaps, given back in stop) or in the arguments, which stay until the set ends. A strict function
 * gives no rows when an argument is NULL and is not called. */
struct table_column {
	const char *name;
	struct type type;
};
struct table_ops {
	size_t state_size;
	uint32_t ncols;                   /* 0: one column of the call's result type, named as the function */
	const struct table_column *cols;  /* 1: the same with a name of its own */
	bool (*start)(struct fncall *c, const struct view *args, uint32_t row, void *state);
	/* Up to max rows into out[column] (flat, room for them; NULLs by vec_want_nulls of at + max rows) at `at`;
	 * *made < max means that there are no more. */
	bool (*next)(struct fncall *c, void *state, struct vec *out, uint32_t at, uint32_t max, uint32_t *made);
	void (*stop)(struct fncall *c, void *state); /* after a start that was tried; NULL = nothing to do */
};

enum func_kind { FUNC_SCALAR, FUNC_OPERATOR, FUNC_CAST, FUNC_AGGREGATE, FUNC_WINDOW, FUNC_TABLE };
enum func_volatility { FUNC_IMMUTABLE, FUNC_STABLE, FUNC_VOLATILE };
enum func_flags {
	FUNC_NOT_STRICT = 1,  /* is called with NULLs */
	FUNC_CAN_FAIL = 2,    /* may raise for some input of the right type */
	FUNC_LEAK_PROOF = 4,  /* neither errors nor anything else tells its arguments */
	FUNC_VARIADIC = 8,    /* the last argument type repeats 1..n times */
	FUNC_COMMUTATIVE = 16,
	FUNC_ORDER_MATTERS = 32, /* aggregate whose result depends on input order (string_agg, array_agg) */
	FUNC_IMPLICIT = 64,   /* cast: used implicitly */
	FUNC_ASSIGNMENT = 128,/* cast: used in assignment */
	FUNC_BINARY = 256,    /* cast that changes the type only, no fn: same physical bytes */
	FUNC_ORDERED_SET = 1024, /* aggregate called with WITHIN GROUP: its last argument is what is ordered by */
	FUNC_IGNORES_DISTINCT = 512, /* min, max, bool_and: DISTINCT changes nothing */
};

struct func {
	const char *name;   /* "lower"; for operators the symbol "+"; casts: "" */
	enum func_kind kind;
	uint8_t nargs;      /* unary operators: 1 */
	struct type args[FUNC_MAX_ARGS]; /* TYPE_NUMERIC matches any form; see infer */
	struct type result;
	scalar_fn *fn;
	const struct agg_ops *agg;
	const struct table_ops *table;
	uint32_t flags;
	enum func_volatility volatility;
	/* Result type from the actual argument types when `result` is not all of it (numeric's precision and
	 * scale, char(n), the polymorphic ones); may also pick another implementation through *pick (e.g. the
	 * I64, I128 or NUM form of numeric +). It may also ask for casts by changing arg_types[i] (same type
	 * id, other numeric form): the binder then inserts them. NULL: result as it stands and, for numeric
	 * arguments, the general form (PHYS_NUM). */
	struct type (*infer)(const struct func *f, struct type *arg_types, uint32_t nargs, const struct func **pick);
	const char *help;   /* one line for documentation and \df */
};

#define T_ARRAY(id) {TYPE_##id, 1, 0, 0, -1}
#define T_POLY(which) {TYPE_VOID, POLY_##which, 0, 0, -1} /* ANYARRAY, ANYELEMENT, COMPAT … (enum poly) */

/* Columns that a set-returning function gives in FROM. */
static inline uint32_t func_table_width(const struct func *f) { return f->table->ncols ? f->table->ncols : 1; }

/* Shorthands for table rows. */
#define T(id) {TYPE_##id, 0, 0, 0, -1}

/* All rows of that name and kind, in a stable order; sets *count. Names are lower case. */
const struct func *const *func_find(const char *name, enum func_kind kind, size_t *count);
/* The cast between two types or NULL: looks at ids; numeric→numeric and text length casts included.
 * Identical types with other mod (varchar(5) → varchar(3)) have a row too (the length coercion).
 * The row is picked for exactly these types (numeric form, mod): it may be FUNC_BINARY or known not to
 * fail where another target of the same id would not be; asked with the same mod on both sides it is the
 * coercion itself. Casts read every numeric form of their argument. */
const struct func *func_cast(struct type from, struct type to);
/* What a cast to `to` makes: a numeric without declared precision gets the form that holds the source as
 * it is (integer → fixed (10,0), fixed numeric → itself); everything else is `to`. Ask before func_cast. */
struct type func_cast_type(struct type from, struct type to);
/* Every row, for listings, documentation and parity tests. */
size_t func_count(void);
const struct func *func_at(size_t i);
/* Nearest registered name for "did you mean", or NULL. */
const char *func_nearest(const char *name);

#endif
