/*
 * Inside the writer of SQL: what the deparse files share. Not for other rooms.
 *
 * An expression is written for one of three uses. AS_VALUE: the very value, NULL included. AS_CONDITION: true exactly where
 * ours is true; false and NULL may stand for each other (WHERE, ON, CASE WHEN; not under NOT). AS_FILTER: as a condition,
 * and a superset will do.
 */
#ifndef HOPLUU_CONNECTORS_DEPARSE_INT_H
#define HOPLUU_CONNECTORS_DEPARSE_INT_H

#include "connectors/deparse.h"

enum write_as { AS_VALUE, AS_CONDITION, AS_FILTER };

struct writer {
	const struct block *block;
	struct strbuf *out;
	const char *why;           /* first reason for not EXACT */
	bool where;                /* in a condition on rows: bad values are unknown, whatever their policy */
	unsigned depth;            /* of the expression being written */
	bool may_take_params;      /* what is written stands last in the statement: "?" go by position */
	struct expr **params;
	uint32_t nparams;
	size_t cap;
};

/* An argument of a comparison: the column as it stands, for indexes, and the form that has only good values. */
struct operand {
	const struct expr *expr;   /* without casts that keep the value */
	const char *raw, *clean;   /* the same text where all values are good */
	bool constant;
	struct remote_facts facts;
};

/* deparse_block.c */
struct block *block_copy(const struct block *b);
struct writer block_writer(const struct block *b, struct strbuf *out); /* out is made anew */
const char *block_take_text(const struct block *b, struct strbuf *s);  /* into the arena; releases s */
void block_take_read(struct block *to, const struct block *from);
void block_take_params(struct block *to, const struct writer *w);
const char *block_alias(const struct block *b, const char *prefix);
struct block *block_wrap(const struct block *b); /* as a derived table */
const char *block_select(const struct block *b); /* all columns, as part of another statement */
bool block_is_plain(const struct block *b);
bool block_is_constant(const struct block *b, const struct expr *e);
/* What messages about the value of e call it: the one column that it is computed from; NULL = several or none. */
const struct stream_column *block_named_after(const struct block *b, const struct expr *e);

/* deparse_group.c */
struct key {
	const char *text;
	struct remote_facts facts;
	const struct stream_column *stream; /* of a plain column, or its name alone */
	bool must_deliver;
};
/* A key to group (ordered: to order) by, as it compares here; false when it can't be. */
bool write_key(struct writer *w, const struct expr *e, bool ordered, struct key *out);

/* deparse_expr.c */
enum ship_class write_expr(struct writer *w, const struct expr *e, enum write_as as, struct remote_facts *facts);
/* Exactly as a value, in the arena; NULL when it can't be sent. */
const char *write_text(struct writer *w, const struct expr *e, enum write_as as, struct remote_facts *facts);
enum ship_class write_local(struct writer *w, const char *why);
enum ship_class write_at_most(struct writer *w, enum ship_class limit, const char *why);
struct remote_facts facts_of_constant(void);
/* `form` with $1 replaced, in the arena. */
const char *write_form(const struct writer *w, const char *form, const char *text);
/* Casts that change no value: wider integers and decimals, text kinds. */
bool cast_keeps_value(struct type from, struct type to);
bool empty_text_trouble(const struct writer *w, struct expr *const *args, uint32_t n);

/* deparse_compare.c */
bool is_comparison(const char *name);
bool take_operand(struct writer *w, const struct expr *e, struct operand *o);
/* o->clean under the form that compares (ordered: and sorts) as ours does; NULL when the dialect has none. */
const char *exact_operand(struct writer *w, const struct operand *o, bool ordered);
enum ship_class write_comparison(struct writer *w, const struct expr *e, enum write_as as, struct remote_facts *facts);
enum ship_class write_in(struct writer *w, const struct expr *e, enum write_as as, struct remote_facts *facts);
enum ship_class write_like(struct writer *w, const struct dialect_rule *rule, const struct expr *e, enum write_as as,
						   struct remote_facts *facts);
enum ship_class write_distinct_from(struct writer *w, const struct expr *e, struct remote_facts *facts);

/* deparse_range.c: comparisons that go as wider ranges. LOCAL when they are none of these. */
enum ship_class write_range(struct writer *w, const struct expr *e, enum write_as as);

#endif
