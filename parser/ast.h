/*
 * The syntax tree: what was written, nothing looked up. Nodes are arena memory of the parse call and
 * read-only afterwards; they live as long as that memory node.
 *
 * Every node starts with struct ast, so `(const struct ast_select *)node` is right when
 * node->kind == AST_SELECT (AST_AS checks that). A tree is at most AST_MAX_DEPTH nodes deep by
 * construction, so recursion over it is safe; lists may be long (IN, VALUES, AND, OR, UNION).
 * Names are folded to lower case (ASCII letters only) unless they were quoted.
 */
#ifndef HOPLUU_PARSER_AST_H
#define HOPLUU_PARSER_AST_H

#include "engine/base/str.h"

#define AST_MAX_DEPTH 1000

enum ast_kind {
#define NODE(KIND, name, fields) AST_##KIND,
#include "parser/nodes.def"
#undef NODE
	AST_KIND_COUNT
};

#define E(id, text) id,
#define AST_ENUM(name, values) enum name { values };
#include "parser/enums.def"
#undef AST_ENUM
#undef E

struct ast {
	enum ast_kind kind;
	int pos;   /* byte offset in the parsed text where the construct starts (an operator: where the operator stands) */
	int depth; /* nodes on the longest way down, itself included */
};

struct ast_list {
	struct ast **items;
	uint32_t count, cap;
};

struct ast_names {
	const char **items;
	uint32_t count, cap;
};

#define CHILD(f) struct ast *f;
#define LIST(f) struct ast_list f;
#define TEXT(f) const char *f;
#define STRING(f) struct str f;
#define NAMES(f) struct ast_names f;
#define BOOL(f) bool f;
#define INT(f) int64_t f;
#define ENUM(type, f) enum type f;
#define NODE(KIND, name, fields) \
	struct ast_##name {          \
		struct ast base;         \
		fields                   \
	};
#include "parser/nodes.def"
#undef NODE
#undef CHILD
#undef LIST
#undef TEXT
#undef STRING
#undef NAMES
#undef BOOL
#undef INT
#undef ENUM

/* The node as its own struct: AST_AS(SELECT, select, node)->targets. */
#define AST_AS(KIND, name, node) \
	(ASSERT((node)->kind == AST_##KIND), (const struct ast_##name *)(node))

/* "select", "column_ref" …: the name in nodes.def. */
const char *ast_kind_name(enum ast_kind kind);

/* Calls fn for each direct child (list items included, NULLs left out) in the order of the fields;
 * stops and returns false as soon as fn does. For a whole tree, fn calls ast_children again. */
typedef bool ast_visit_fn(struct ast *child, void *arg);
bool ast_children(const struct ast *node, ast_visit_fn *fn, void *arg);
/* A deep copy in m's memory, names and texts included. NULL gives NULL. */
struct ast *ast_copy(struct mem *m, const struct ast *node);
/* Same tree; positions do not count, so two spellings of one expression are equal. NULLs are equal. */
bool ast_equal(const struct ast *a, const struct ast *b);
/* The tree as an s-expression on one line: (operator op=+ left=(…) right=(…)); fields that are NULL,
 * empty, false, 0 or the first enumerator are left out. For tests and debugging. */
void ast_print(const struct ast *node, struct strbuf *out);

#endif
