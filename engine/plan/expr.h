/*
 * Bound expressions: typed trees over column ids. Read-only once bound; passes build new ones.
 * A column is named everywhere by one id (struct column), unique in its statement, so an expression
 * means the same wherever in the plan it stands. All live in the statement's plan arena.
 */
#ifndef HOPLUU_PLAN_EXPR_H
#define HOPLUU_PLAN_EXPR_H

#include "engine/function/func.h"

struct rel;

enum expr_kind {
	EXPR_CONST,     /* value */
	EXPR_COLUMN,    /* column id */
	EXPR_PARAM,     /* param: 1-based $n, type inferred or given */
	EXPR_CALL,      /* fn(args): functions and operators */
	EXPR_CAST,      /* fn(args[0]): fn may be NULL when type changes only (FUNC_BINARY) */
	EXPR_AND,       /* args 2…n */
	EXPR_OR,        /* args 2…n */
	EXPR_NOT,       /* args[0] */
	EXPR_IS_NULL,   /* args[0] */
	EXPR_IS_TRUE,   /* args[0] IS TRUE; (IS FALSE, UNKNOWN … are written with NOT and IS NULL) */
	EXPR_DISTINCT,  /* args[0] IS DISTINCT FROM args[1], same types */
	EXPR_CASE,      /* args: when1, then1, when2, then2, …, else (odd count); whens are boolean */
	EXPR_COALESCE,  /* args 1…n, same types */
	EXPR_NULLIF,    /* args[0], args[1] compared with fn (an = operator); result args[0] or NULL */
	EXPR_GREATEST,  /* args, same types */
	EXPR_LEAST,
	EXPR_IN,        /* args[0] IN (args[1] … args[n]): same types; all of 1…n constants or not */
	EXPR_AGG,       /* fn(args) [DISTINCT] [FILTER] [ORDER BY]; only inside REL_AGGREGATE's aggs */
	EXPR_WINDOW,    /* fn(args) OVER; only inside REL_WINDOW */
	EXPR_SUBQUERY,  /* sub: see sub.kind; gone after bind's unnesting except uncorrelated ones */
};

enum subquery_kind {
	SUB_SCALAR, /* value of the only column of the only row; NULL when empty; 21000 when more */
	SUB_EXISTS,
	SUB_ANY,    /* args[i] op column i is true for some row; op per column in ops */
	SUB_ALL,
};

struct sort_key {
	struct expr *expr;
	bool descending, nulls_first;
};

struct expr {
	enum expr_kind kind;
	struct type type;
	int pos;              /* byte offset in the statement, -1 = none */
	uint32_t nargs;
	struct expr **args;
	union {
		struct value value;
		uint32_t column;      /* id */
		uint32_t param;
		const struct func *fn; /* CALL, CAST, NULLIF */
		struct {
			const struct func *fn;
			bool distinct, star;     /* star: count(*) */
			struct expr *filter;     /* or NULL */
			struct sort_key *order;  /* of the input */
			uint32_t norder;
			const void *owner;       /* while binding: the scope whose rows it runs over */
		} agg;
		struct {
			const struct func *fn;
			struct window_spec *spec;
		} window;
		struct {
			enum subquery_kind kind;
			struct rel *rel;
			const struct func **ops;  /* ANY, ALL; or NULL: */
			struct expr *test;        /* ANY: any condition, where columns base + i stand for args[i], and */
			uint32_t base;            /* base + nargs + i for column i of rel */
		} sub;
	};
};

/* A set of column ids, in an arena. */
struct idset {
	uint32_t nwords;
	uint64_t *words;
};
bool idset_has(const struct idset *s, uint32_t id);
void idset_add(struct idset *s, uint32_t id, struct mem *m);
bool idset_covers(const struct idset *whole, const struct idset *part);
bool idset_meets(const struct idset *a, const struct idset *b);
void idset_add_all(struct idset *s, const struct idset *other, struct mem *m);
bool idset_is_empty(const struct idset *s);

struct expr *expr_new(struct mem *m, enum expr_kind kind, struct type type, uint32_t nargs, int pos);
struct expr *expr_const(struct mem *m, struct value v, int pos); /* copies long text */
struct expr *expr_column(struct mem *m, uint32_t id, struct type type, int pos);
struct expr *expr_call(struct mem *m, const struct func *fn, struct type type, struct expr **args, uint32_t nargs, int pos);
struct expr *expr_bool(struct mem *m, bool b);
/* AND of the list; NULL for none; the thing itself for one; nested ANDs are flattened. */
struct expr *expr_and(struct mem *m, struct expr **list, uint32_t n);
/* Splits ANDs into a list (arena). */
uint32_t expr_conjuncts(struct mem *m, struct expr *e, struct expr ***list);
/* Deep copy; subquery rels are shared. */
struct expr *expr_copy(struct mem *m, const struct expr *e);
bool expr_equal(const struct expr *a, const struct expr *b);

/* Pre-order walk over e and its arguments (aggregate filters and orders included, not into subquery
 * rels); the callback's answer: */
enum walk { WALK_ON, WALK_SKIP, WALK_STOP };
enum walk expr_walk(const struct expr *e, enum walk (*fn)(const struct expr *e, void *arg), void *arg);
/* Bottom-up rewrite: fn gets each node with its args already rewritten and returns it or another. Shares
 * what is unchanged. */
struct expr *expr_rewrite(struct mem *m, struct expr *e, struct expr *(*fn)(struct expr *e, void *arg), void *arg);
/* Adds the ids of all columns in e (incl. outer references inside subqueries). */
void expr_columns(const struct expr *e, struct idset *out, struct mem *m);
/* Immutable functions of constants only. */
bool expr_is_constant(const struct expr *e);
enum func_volatility expr_volatility(const struct expr *e);
bool expr_can_fail(const struct expr *e);
bool expr_is_leak_proof(const struct expr *e);
/* Readable text for EXPLAIN: names(id) gives a column's name. */
void expr_print(const struct expr *e, const char *(*names)(uint32_t id, void *arg), void *arg, struct strbuf *out);

#endif
