/*
 * What every node can do: walk, copy, equal, print. All of it is derived from nodes.def by including
 * that list with different meanings of its field words; no node is named here. Recursion is bounded
 * by AST_MAX_DEPTH.
 */
#include "parser/ast.h"

#define E(id, text) text,
#define AST_ENUM(name, values) static const char *const name##_texts[] = {values};
#include "parser/enums.def"
#undef AST_ENUM
#undef E

const char *ast_kind_name(enum ast_kind kind)
{
#define NODE(KIND, name, fields) #name,
	static const char *const names[] = {
#include "parser/nodes.def"
	};
#undef NODE
	_Static_assert(ARRAY_LEN(names) == AST_KIND_COUNT, "one name per kind");
	return kind < AST_KIND_COUNT ? names[kind] : "?";
}

/* ---- walk ---- */

static bool visit_list(const struct ast_list *list, ast_visit_fn *fn, void *arg)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (list->items[i] && !fn(list->items[i], arg))
			return false;
	return true;
}

#define CHILD(f)                 \
	if (n->f && !fn(n->f, arg)) \
		return false;
#define LIST(f)                          \
	if (!visit_list(&n->f, fn, arg)) \
		return false;
#define TEXT(f)
#define STRING(f)
#define NAMES(f)
#define BOOL(f)
#define INT(f)
#define ENUM(type, f)
#define NODE(KIND, name, fields)                                        \
	case AST_##KIND: {                                              \
		const struct ast_##name *n = (const struct ast_##name *)node; \
		(void)n;                                                \
		fields                                                  \
		return true;                                            \
	}
bool ast_children(const struct ast *node, ast_visit_fn *fn, void *arg)
{
	switch (node->kind) {
#include "parser/nodes.def"
	case AST_KIND_COUNT:
		break;
	}
	UNREACHABLE();
}
#undef NODE
#undef CHILD
#undef LIST
#undef TEXT
#undef STRING
#undef NAMES
#undef BOOL
#undef INT
#undef ENUM

/* ---- copy ---- */

static void copy_list(struct mem *m, struct ast_list *list)
{
	struct ast **old = list->items;
	list->cap = list->count;
	list->items = list->count ? mem_new_array(m, struct ast *, list->count) : NULL;
	for (uint32_t i = 0; i < list->count; i++)
		list->items[i] = ast_copy(m, old[i]);
}

static void copy_names(struct mem *m, struct ast_names *names)
{
	const char **old = names->items;
	names->cap = names->count;
	names->items = names->count ? mem_new_array(m, const char *, names->count) : NULL;
	for (uint32_t i = 0; i < names->count; i++)
		names->items[i] = mem_strdup(m, old[i]);
}

#define CHILD(f) n->f = ast_copy(m, n->f);
#define LIST(f) copy_list(m, &n->f);
#define TEXT(f) n->f = mem_strdup(m, n->f);
#define STRING(f) n->f.data = n->f.data ? mem_strndup(m, n->f.data, n->f.len) : NULL;
#define NAMES(f) copy_names(m, &n->f);
#define BOOL(f)
#define INT(f)
#define ENUM(type, f)
#define NODE(KIND, name, fields)                                                         \
	case AST_##KIND: {                                                               \
		struct ast_##name *n = mem_dup(m, node, sizeof(struct ast_##name));      \
		fields                                                                   \
		return &n->base;                                                         \
	}
struct ast *ast_copy(struct mem *m, const struct ast *node)
{
	if (!node)
		return NULL;
	switch (node->kind) {
#include "parser/nodes.def"
	case AST_KIND_COUNT:
		break;
	}
	UNREACHABLE();
}
#undef NODE
#undef CHILD
#undef LIST
#undef TEXT
#undef STRING
#undef NAMES
#undef BOOL
#undef INT
#undef ENUM

/* ---- equal ---- */

static bool equal_list(const struct ast_list *a, const struct ast_list *b)
{
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (!ast_equal(a->items[i], b->items[i]))
			return false;
	return true;
}

static bool equal_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool equal_names(const struct ast_names *a, const struct ast_names *b)
{
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (!equal_text(a->items[i], b->items[i]))
			return false;
	return true;
}

#define CHILD(f) &&ast_equal(x->f, y->f)
#define LIST(f) &&equal_list(&x->f, &y->f)
#define TEXT(f) &&equal_text(x->f, y->f)
#define STRING(f) &&!x->f.data == !y->f.data && str_eq(x->f, y->f)
#define NAMES(f) &&equal_names(&x->f, &y->f)
#define BOOL(f) &&x->f == y->f
#define INT(f) &&x->f == y->f
#define ENUM(type, f) &&x->f == y->f
#define NODE(KIND, name, fields)                                     \
	case AST_##KIND: {                                           \
		const struct ast_##name *x = (const struct ast_##name *)a; \
		const struct ast_##name *y = (const struct ast_##name *)b; \
		return x->base.kind == y->base.kind fields;          \
	}
bool ast_equal(const struct ast *a, const struct ast *b)
{
	if (!a || !b)
		return a == b;
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
#include "parser/nodes.def"
	case AST_KIND_COUNT:
		break;
	}
	UNREACHABLE();
}
#undef NODE
#undef CHILD
#undef LIST
#undef TEXT
#undef STRING
#undef NAMES
#undef BOOL
#undef INT
#undef ENUM

/* ---- print ---- */

/* Plain when it is a simple word, else in quotes with \ before " and \. */
static void print_text(struct strbuf *out, struct str s)
{
	bool plain = s.len > 0;
	for (size_t i = 0; i < s.len && plain; i++)
		plain = (unsigned char)s.data[i] > ' ' && !strchr("()[]\"\\=,", s.data[i]);
	if (plain) {
		strbuf_add(out, s.data, s.len);
		return;
	}
	strbuf_addc(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] == '\n') {
			strbuf_adds(out, "\\n");
			continue;
		}
		if (s.data[i] == '"' || s.data[i] == '\\')
			strbuf_addc(out, '\\');
		strbuf_addc(out, s.data[i]);
	}
	strbuf_addc(out, '"');
}

static void print_child(struct strbuf *out, const char *field, const struct ast *child)
{
	if (!child)
		return;
	strbuf_addf(out, " %s=", field);
	ast_print(child, out);
}

static void print_list(struct strbuf *out, const char *field, const struct ast_list *list)
{
	if (list->count == 0)
		return;
	strbuf_addf(out, " %s=[", field);
	for (uint32_t i = 0; i < list->count; i++) {
		if (i > 0)
			strbuf_addc(out, ' ');
		if (list->items[i])
			ast_print(list->items[i], out);
	}
	strbuf_addc(out, ']');
}

static void print_string(struct strbuf *out, const char *field, struct str s)
{
	if (!s.data)
		return;
	strbuf_addf(out, " %s=", field);
	print_text(out, s);
}

static void print_names(struct strbuf *out, const char *field, const struct ast_names *names)
{
	for (uint32_t i = 0; i < names->count; i++) {
		if (i == 0)
			strbuf_addf(out, " %s=", field);
		else
			strbuf_addc(out, '.');
		print_text(out, str_of(names->items[i]));
	}
}

#define CHILD(f) print_child(out, #f, n->f);
#define LIST(f) print_list(out, #f, &n->f);
#define TEXT(f)   \
	if (n->f) \
		print_string(out, #f, str_of(n->f));
#define STRING(f) print_string(out, #f, n->f);
#define NAMES(f) print_names(out, #f, &n->f);
#define BOOL(f)   \
	if (n->f) \
		strbuf_adds(out, " " #f);
#define INT(f)    \
	if (n->f) \
		strbuf_addf(out, " " #f "=%lld", (long long)n->f);
#define ENUM(type, f)    \
	if ((int)n->f != 0) \
		print_string(out, #f, str_of(type##_texts[n->f]));
#define NODE(KIND, name, fields)                                              \
	case AST_##KIND: {                                                    \
		const struct ast_##name *n = (const struct ast_##name *)node; \
		(void)n;                                                      \
		fields                                                        \
		break;                                                        \
	}
void ast_print(const struct ast *node, struct strbuf *out)
{
	strbuf_addf(out, "(%s", ast_kind_name(node->kind));
	switch (node->kind) {
#include "parser/nodes.def"
	case AST_KIND_COUNT:
		UNREACHABLE();
	}
	strbuf_addc(out, ')');
}
