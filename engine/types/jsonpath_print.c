/* The canonical text of a jsonpath, as PostgreSQL's jsonpath_out writes it. */
#include "engine/types/decimal.h"
#include "engine/types/json.h"
#include "engine/types/jsonpath.h"

static int priority(enum jp_kind k)
{
	switch (k) {
	case JP_OR: return 0;
	case JP_AND: return 1;
	case JP_EQ: case JP_NE: case JP_LT: case JP_GT: case JP_LE: case JP_GE: case JP_STARTS: return 2;
	case JP_ADD: case JP_SUB: return 3;
	case JP_MUL: case JP_DIV: case JP_MOD: return 4;
	case JP_PLUS: case JP_MINUS: return 5;
	case JP_NULL: case JP_BOOL: case JP_NUMBER: case JP_STRING: case JP_VARIABLE: case JP_ROOT: case JP_CURRENT:
	case JP_LAST: case JP_NOT: case JP_REGEX: case JP_EXISTS: case JP_UNKNOWN: case JP_KEY: case JP_ANY_KEY:
	case JP_ANY_ELEMENT: case JP_INDEX: case JP_ANY: case JP_FILTER: case JP_TYPE: case JP_SIZE: case JP_ABS:
	case JP_FLOOR: case JP_CEILING: case JP_DOUBLE: case JP_DATETIME: case JP_KEYVALUE:
		break;
	}
	return 6;
}

static void print(const struct jp_item *i, bool in_key, bool brackets, struct strbuf *out);

static void operand(const struct jp_item *i, const struct jp_item *of, struct strbuf *out)
{
	print(i, false, priority(i->kind) <= priority(of->kind), out);
}

static void binary(const struct jp_item *i, const char *op, bool brackets, struct strbuf *out)
{
	strbuf_adds(out, brackets ? "(" : "");
	operand(i->left, i, out);
	strbuf_addf(out, " %s ", op);
	operand(i->right, i, out);
	strbuf_adds(out, brackets ? ")" : "");
}

static void around(const char *open, const struct jp_item *i, const char *close, struct strbuf *out)
{
	strbuf_adds(out, open);
	print(i, false, false, out);
	strbuf_adds(out, close);
}

static void print_number(struct str s, struct strbuf *out)
{
	struct num n;

	if (num_parse(s, &n, NULL))
		num_print(&n, out);
	else
		strbuf_add(out, s.data, s.len);
}

static void print_any(const struct jp_item *i, bool in_key, struct strbuf *out)
{
	strbuf_adds(out, in_key ? "." : "");
	if (i->first == 0 && i->last == JP_TO_LAST)
		strbuf_adds(out, "**");
	else if (i->first == i->last && i->first == JP_TO_LAST)
		strbuf_adds(out, "**{last}");
	else if (i->first == i->last)
		strbuf_addf(out, "**{%u}", i->first);
	else if (i->first == JP_TO_LAST)
		strbuf_addf(out, "**{last to %u}", i->last);
	else if (i->last == JP_TO_LAST)
		strbuf_addf(out, "**{%u to last}", i->first);
	else
		strbuf_addf(out, "**{%u to %u}", i->first, i->last);
}

static void print_index(const struct jp_item *i, struct strbuf *out)
{
	strbuf_addc(out, '[');
	for (uint32_t k = 0; k < i->nranges; k++) {
		strbuf_adds(out, k ? "," : "");
		print(i->ranges[k].from, false, false, out);
		if (i->ranges[k].to) {
			strbuf_adds(out, " to ");
			print(i->ranges[k].to, false, false, out);
		}
	}
	strbuf_addc(out, ']');
}

static void print_regex(const struct jp_item *i, bool brackets, struct strbuf *out)
{
	strbuf_adds(out, brackets ? "(" : "");
	operand(i->left, i, out);
	strbuf_adds(out, " like_regex ");
	json_print_string(i->text, out);
	if (i->flags.len) {
		strbuf_adds(out, " flag \"");
		for (const char *f = "ismxq"; *f; f++) /* in this order, each once */
			if (memchr(i->flags.data, *f, i->flags.len))
				strbuf_addc(out, *f);
		strbuf_addc(out, '"');
	}
	strbuf_adds(out, brackets ? ")" : "");
}

static void print_unary(const struct jp_item *i, const char *op, bool brackets, struct strbuf *out)
{
	strbuf_adds(out, brackets ? "(" : "");
	strbuf_adds(out, op);
	operand(i->left, i, out);
	strbuf_adds(out, brackets ? ")" : "");
}

static void print_one(const struct jp_item *i, bool in_key, bool brackets, struct strbuf *out)
{
	switch (i->kind) {
	case JP_NULL: strbuf_adds(out, "null"); return;
	case JP_BOOL: strbuf_adds(out, i->flag ? "true" : "false"); return;
	case JP_NUMBER:
		strbuf_adds(out, i->next ? "(" : "");
		print_number(i->text, out);
		strbuf_adds(out, i->next ? ")" : "");
		return;
	case JP_STRING: json_print_string(i->text, out); return;
	case JP_VARIABLE: strbuf_addc(out, '$'); json_print_string(i->text, out); return;
	case JP_ROOT: strbuf_addc(out, '$'); return;
	case JP_CURRENT: strbuf_addc(out, '@'); return;
	case JP_LAST: strbuf_adds(out, "last"); return;
	case JP_OR: binary(i, "||", brackets, out); return;
	case JP_AND: binary(i, "&&", brackets, out); return;
	case JP_EQ: binary(i, "==", brackets, out); return;
	case JP_NE: binary(i, "!=", brackets, out); return;
	case JP_LT: binary(i, "<", brackets, out); return;
	case JP_GT: binary(i, ">", brackets, out); return;
	case JP_LE: binary(i, "<=", brackets, out); return;
	case JP_GE: binary(i, ">=", brackets, out); return;
	case JP_STARTS: binary(i, "starts with", brackets, out); return;
	case JP_ADD: binary(i, "+", brackets, out); return;
	case JP_SUB: binary(i, "-", brackets, out); return;
	case JP_MUL: binary(i, "*", brackets, out); return;
	case JP_DIV: binary(i, "/", brackets, out); return;
	case JP_MOD: binary(i, "%", brackets, out); return;
	case JP_PLUS: print_unary(i, "+", brackets, out); return;
	case JP_MINUS: print_unary(i, "-", brackets, out); return;
	case JP_REGEX: print_regex(i, brackets, out); return;
	case JP_NOT: around("!(", i->left, ")", out); return;
	case JP_EXISTS: around("exists (", i->left, ")", out); return;
	case JP_UNKNOWN: around("(", i->left, ") is unknown", out); return;
	case JP_FILTER: around("?(", i->left, ")", out); return;
	case JP_KEY:
		strbuf_adds(out, in_key ? "." : "");
		json_print_string(i->text, out);
		return;
	case JP_ANY_KEY: strbuf_adds(out, in_key ? ".*" : "*"); return;
	case JP_ANY_ELEMENT: strbuf_adds(out, "[*]"); return;
	case JP_INDEX: print_index(i, out); return;
	case JP_ANY: print_any(i, in_key, out); return;
	case JP_TYPE: strbuf_adds(out, ".type()"); return;
	case JP_SIZE: strbuf_adds(out, ".size()"); return;
	case JP_ABS: strbuf_adds(out, ".abs()"); return;
	case JP_FLOOR: strbuf_adds(out, ".floor()"); return;
	case JP_CEILING: strbuf_adds(out, ".ceiling()"); return;
	case JP_DOUBLE: strbuf_adds(out, ".double()"); return;
	case JP_KEYVALUE: strbuf_adds(out, ".keyvalue()"); return;
	case JP_DATETIME:
		strbuf_adds(out, ".datetime(");
		if (i->left)
			print(i->left, false, false, out);
		strbuf_addc(out, ')');
		return;
	}
	UNREACHABLE();
}

static void print(const struct jp_item *i, bool in_key, bool brackets, struct strbuf *out)
{
	for (; i; i = i->next) {
		print_one(i, in_key, brackets || (i->next && priority(i->kind) < 6), out);
		in_key = brackets = true;
	}
}

void jsonpath_print(const struct jsonpath *p, struct strbuf *out)
{
	strbuf_adds(out, p->lax ? "" : "strict ");
	print(p->top, false, true, out);
}
