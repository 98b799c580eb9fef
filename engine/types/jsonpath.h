/*
 * SQL/JSON path expressions as PostgreSQL 15 reads them: text to a tree, and the tree to the canonical text that a
 * value of type jsonpath shows. Execution is in engine/function/json_path_exec.c.
 */
#ifndef HOPLUU_TYPES_JSONPATH_H
#define HOPLUU_TYPES_JSONPATH_H

#include "engine/base/str.h"

enum jp_kind {
	/* values and starting points */
	JP_NULL, JP_BOOL, JP_NUMBER, JP_STRING, JP_VARIABLE, JP_ROOT, JP_CURRENT, JP_LAST,
	/* operators; those before JP_ADD and EXISTS … UNKNOWN are predicates */
	JP_OR, JP_AND, JP_NOT, JP_EQ, JP_NE, JP_LT, JP_GT, JP_LE, JP_GE, JP_STARTS, JP_REGEX, JP_EXISTS, JP_UNKNOWN,
	JP_ADD, JP_SUB, JP_MUL, JP_DIV, JP_MOD, JP_PLUS, JP_MINUS,
	/* accessors */
	JP_KEY, JP_ANY_KEY, JP_ANY_ELEMENT, JP_INDEX, JP_ANY, JP_FILTER,
	/* methods */
	JP_TYPE, JP_SIZE, JP_ABS, JP_FLOOR, JP_CEILING, JP_DOUBLE, JP_DATETIME, JP_KEYVALUE,
};

#define JP_TO_LAST UINT32_MAX

struct jp_range {
	struct jp_item *from, *to; /* to NULL: one subscript */
};
struct jp_item {
	enum jp_kind kind;
	bool flag;                  /* JP_BOOL's value */
	struct str text;            /* number, string, name; JP_REGEX: the pattern, as said */
	struct str flags;           /* JP_REGEX */
	struct jp_item *left, *right; /* operands; left alone for filters, unary operators, datetime's template */
	struct jp_range *ranges;    /* JP_INDEX */
	uint32_t nranges;
	uint32_t first, last;       /* JP_ANY: levels, JP_TO_LAST for "last" */
	struct jp_item *next;       /* the accessor that follows */
};
struct jsonpath {
	bool lax;
	struct jp_item *top;
};

static inline bool jp_is_predicate(enum jp_kind k) { return k >= JP_OR && k <= JP_UNKNOWN; }

/* The tree is in m; texts too. 42601 for what is no path, 54001 when it is nested too deep. */
MUST_CHECK bool jsonpath_parse(struct mem *m, struct str s, struct jsonpath *out, struct err *e);
void jsonpath_print(const struct jsonpath *p, struct strbuf *out);

#endif
