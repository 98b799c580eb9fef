/*
 * The one writer of SQL for sources. A fragment is built bottom-up as a query block: FROM, WHERE, GROUP BY, HAVING,
 * ORDER BY, LIMIT and, per output column id, the text that computes it. Each extension says whether it could be
 * written in the dialect with our meaning: "can be sent" is the writer itself on scratch, never a second list.
 *
 * Blocks are immutable: an extension gives a new one (arena memory) and leaves the old, so that placement can try.
 */
#ifndef HOPLUU_CONNECTORS_DEPARSE_H
#define HOPLUU_CONNECTORS_DEPARSE_H

#include "connectors/dialect.h"
#include "engine/plan/rel.h"

/* What is known of a remote value beside its type. A value is bad when it can't be read as our type (a zero date, a
 * text in an integer column): reading it is an error or gives NULL, as the column's policy says. A condition takes a bad
 * value for unknown: its row is neither counted nor kept there; an aggregate over bad values reports them. */
struct remote_facts {
	bool text_equal_exact, text_order_exact;
	bool changes;      /* what we see is not what the source compares: nothing but the column itself goes */
	const char *why;   /* of changes */
	bool may_be_null;  /* may be bad where no form finds it: conditions are supersets at most, no IS NULL */
	const char *clean; /* with $1, the raw text: the value, NULL where it is bad; NULL = never bad */
	bool raw_differs;  /* only the clean form compares */
	bool bad_is_null;  /* the column's policy */
	const char *collation;
};
struct block_column {
	uint32_t id;
	struct type type;
	const char *text;  /* expression in the block's FROM scope */
	struct remote_facts facts;
	const struct stream_column *stream; /* decoding of a plain column, else what messages call it; NULL = nothing */
	bool constant;     /* computed without a column: no key to group or order by ("ORDER BY 1" is a position) */
	bool must_deliver; /* a key whose bad values are found when they arrive: always in the SELECT list */
};
struct block {
	const struct dialect *dialect;
	const struct source_facts *facts;
	struct mem *mem;
	const char *from;          /* FROM clause's text */
	const char *where;         /* conjunction or NULL */
	uint32_t nconditions;      /* that block_filter took, with HAVING's */
	const char *group_by;      /* list; "" = one group; NULL = none */
	const char *having;
	const char *order_by;
	bool distinct;
	bool joins;                /* `from` is a join: parentheses where it stands inside another */
	bool computed;             /* a column is an expression: not to be moved over an outer join */
	int64_t limit;             /* -1 = none */
	uint32_t ncols;
	struct block_column *cols;
	uint32_t *next_alias;      /* shared counter of the fragment's aliases */
	uint32_t nread;
	const void **read;         /* what was given for each table in it, for the proof that it may be read */
	uint32_t nparams;
	struct expr **params;      /* EXPR_PARAM's in order of appearance */
};

/* FROM one table. cols: of the scan, text unset: remote[i] is the remote name, cast[i] the text-cast wish. aliases is the
 * plan's counter of alias numbers: blocks that may meet in a join share it. */
struct block *block_table(struct mem *m, const struct dialect *d, const struct source_facts *facts, const char *schema,
						  const char *table, uint32_t ncols, const struct block_column *cols,
						  const char *const *remote, const bool *cast, uint32_t *aliases, const void *read);
/* A condition: the class in which it went (LOCAL: *out is not set). why, when not EXACT: the reason, static or arena. */
enum ship_class block_filter(const struct block *b, const struct expr *condition, struct block **out, const char **why);
/* Output columns replaced by expressions; NULL when one can't be sent. */
struct block *block_project(const struct block *b, const struct column *cols, struct expr *const *exprs, uint32_t n,
							const char **why);
/* Keeps only these columns. */
struct block *block_keep(const struct block *b, const struct idset *ids);
struct block *block_join(const struct block *left, const struct block *right, enum join_kind kind,
						 const struct expr *condition, const char **why);
/* groups, aggs → cols (ngroups + naggs). */
struct block *block_aggregate(const struct block *b, const struct column *cols, struct expr *const *groups, uint32_t ngroups,
							  struct expr *const *aggs, uint32_t naggs, const char **why);
struct block *block_sort_limit(const struct block *b, const struct sort_key *keys, uint32_t nkeys, int64_t limit,
							   const char **why);
/* Set operation over blocks of one server: cols by position. */
struct block *block_setop(const struct block *const *in, uint32_t nin, enum setop_kind kind, const uint32_t *const *ids,
						  const struct column *cols, uint32_t ncols, const char **why);
/* The finished statement; columns in this order of ids. */
const char *block_sql(const struct block *b, const uint32_t *ids, uint32_t n);

const struct block_column *block_find(const struct block *b, uint32_t id);

#endif
