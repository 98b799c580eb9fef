/*
 * Operators of texts: || with its overloads for every other type, LIKE and ILIKE (~~, ~~*, negated with
 * !), starts-with (^@), and like_escape, which turns a pattern with another escape character into one
 * with backslashes. Patterns that are plan constants are compiled once per call site (fncall.state).
 */
#include "engine/base/utf8.h"
#include "engine/function/like.h"
#include "engine/function/numeric_form.h"
#include "engine/function/rowwise.h"
#include "engine/function/tables.h"

/* ---- concatenation ---- */

static bool concat_texts(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	const struct text *x = args[0].data, *y = args[1].data;
	struct text *o = out->data;

	for (uint32_t i = 0; i < n; i++) {
		const struct text *a = &x[view_index(&args[0], i)], *b = &y[view_index(&args[1], i)];
		size_t len = (size_t)a->len + b->len;
		char inlined[TEXT_INLINE], *to = inlined;
		if (len > TEXT_INLINE) {
			if (len > INT32_MAX / 2)
				return err_set(c->err, ERR_PROGRAM_LIMIT, "text is too long");
			to = heap_alloc(out->heap, len, c->err);
			if (!to)
				return false;
		}
		memcpy(to, text_data(a), a->len);
		memcpy(to + a->len, text_data(b), b->len);
		o[i] = text_make(to, len);
	}
	return true;
}

/* One side is no text: it is printed as its output function does. */
static bool concat_any(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	const struct text_context *tc = c->text ? c->text : &text_context_default;
	struct strbuf buf;
	bool ok = true;

	strbuf_init(&buf, 0);
	for (uint32_t i = 0; ok && i < n; i++) {
		strbuf_reset(&buf);
		for (uint32_t a = 0; a < 2; a++) {
			struct type t = c->arg_types[a];
			size_t size = phys_size(type_phys(t));
			struct value v = value_load(t, (const char *)args[a].data + view_index(&args[a], i) * size);
			if (t.id == TYPE_BOOL)
				strbuf_adds(&buf, v.b ? "true" : "false");
			else
				value_print(&v, tc, &buf);
		}
		ok = !buf.overflow || err_set(c->err, ERR_PROGRAM_LIMIT, "text is too long");
		ok = ok && heap_add(out->heap, buf.data ? buf.data : "", buf.len, (struct text *)out->data + i, c->err);
	}
	strbuf_release(&buf);
	return ok;
}

/* ---- LIKE ---- */

/* char(n) is matched with its padding. */
static struct str padded(struct rowcall *c, struct str s)
{
	int32_t mod = c->fn->arg_types[0].mod;
	size_t chars;

	if (c->fn->arg_types[0].id != TYPE_BPCHAR || mod <= 4)
		return s;
	chars = utf8_length(s.data, s.len);
	if (chars >= (size_t)(mod - 4))
		return s;
	strbuf_add(&c->buf, s.data, s.len);
	for (; chars < (size_t)(mod - 4); chars++)
		strbuf_addc(&c->buf, ' ');
	return strbuf_str(&c->buf);
}

static bool pattern_is_constant(const struct fncall *c)
{
	return c->const_args && c->const_args[1].type.id != TYPE_VOID && !c->const_args[1].is_null;
}

static bool like_once(struct rowcall *c, struct str s, struct str pattern, bool nocase, bool *matches)
{
	struct mem *m;
	bool ok;

	if (pattern_is_constant(c->fn)) {
		if (!c->fn->state)
			c->fn->state = like_compile(c->fn->scratch, pattern, nocase);
		return like_match(c->fn->state, padded(c, s), matches, c->fn->err);
	}
	m = mem_new(c->fn->scratch, MEM_EXPRESSION, "like", 0);
	ok = like_match(like_compile(m, pattern, nocase), padded(c, s), matches, c->fn->err);
	mem_free(m);
	return ok;
}

static bool like_row(struct rowcall *c, struct str s, struct str pattern, bool *out)
{
	return like_once(c, s, pattern, false, out);
}
#define NAME like_texts
#define ROW like_row
#define ARG1 str
#define ARG2 str
#define RESULT boolean
#include "engine/function/rowwise.inc"

static bool not_like_row(struct rowcall *c, struct str s, struct str pattern, bool *out)
{
	bool ok = like_once(c, s, pattern, false, out);
	*out = !*out;
	return ok;
}
#define NAME not_like_texts
#define ROW not_like_row
#define ARG1 str
#define ARG2 str
#define RESULT boolean
#include "engine/function/rowwise.inc"

static bool ilike_row(struct rowcall *c, struct str s, struct str pattern, bool *out)
{
	return like_once(c, s, pattern, true, out);
}
#define NAME ilike_texts
#define ROW ilike_row
#define ARG1 str
#define ARG2 str
#define RESULT boolean
#include "engine/function/rowwise.inc"

static bool not_ilike_row(struct rowcall *c, struct str s, struct str pattern, bool *out)
{
	bool ok = like_once(c, s, pattern, true, out);
	*out = !*out;
	return ok;
}
#define NAME not_ilike_texts
#define ROW not_ilike_row
#define ARG1 str
#define ARG2 str
#define RESULT boolean
#include "engine/function/rowwise.inc"

static bool starts_with_row(struct rowcall *c, struct str s, struct str prefix, bool *out)
{
	(void)c;
	*out = s.len >= prefix.len && memcmp(s.data, prefix.data, prefix.len) == 0;
	return true;
}
#define NAME starts_with
#define ROW starts_with_row
#define ARG1 str
#define ARG2 str
#define RESULT boolean
#include "engine/function/rowwise.inc"

/* An empty escape means that there is none; an escaped escape character stands for itself. */
static bool like_escape_row(struct rowcall *c, struct str pattern, struct str escape, struct str *out)
{
	size_t i = 0;

	if (utf8_length(escape.data, escape.len) > 1) {
		err_set(c->fn->err, ERR_INVALID_ESCAPE_SEQUENCE, "invalid escape string");
		return err_hint(c->fn->err, "Escape string must be empty or one character.");
	}
	while (i < pattern.len) {
		size_t n = utf8_size((unsigned char)pattern.data[i]);
		bool is_escape = escape.len == n && memcmp(pattern.data + i, escape.data, n) == 0;
		if (is_escape) {
			strbuf_addc(&c->buf, '\\');
			i += n;
			if (i == pattern.len)
				break;
			n = utf8_size((unsigned char)pattern.data[i]);
		} else if (pattern.data[i] == '\\') {
			strbuf_addc(&c->buf, '\\');
		}
		strbuf_add(&c->buf, pattern.data + i, n);
		i += n;
	}
	return row_text(c, out);
}
#define NAME like_escape_texts
#define ROW like_escape_row
#define ARG1 str
#define ARG2 str
#define RESULT str
#include "engine/function/rowwise.inc"

#define CONCAT_ANY(type)                                                                           \
	{.name = "||", .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(TEXT), T(type)},                  \
	 .result = T(TEXT), .fn = concat_any, .flags = FUNC_CAN_FAIL, .volatility = FUNC_STABLE,       \
	 .infer = infer_any_form, .help = "concatenate"},                                              \
	{.name = "||", .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(type), T(TEXT)},                  \
	 .result = T(TEXT), .fn = concat_any, .flags = FUNC_CAN_FAIL, .volatility = FUNC_STABLE,       \
	 .infer = infer_any_form, .help = "concatenate"}
#define MATCH(symbol, type, impl, text)                                                            \
	{.name = symbol, .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(type), T(TEXT)},                \
	 .result = T(BOOL), .fn = impl, .flags = FUNC_CAN_FAIL, .help = text}
#define MATCH_ALL(symbol, impl, text)                                                              \
	MATCH(symbol, TEXT, impl, text),                                                               \
	MATCH(symbol, BPCHAR, impl, text),                                                             \
	MATCH(symbol, NAME, impl, text)

const struct func functions_operators_text[] = {
	{.name = "||", .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(TEXT), T(TEXT)}, .result = T(TEXT),
	 .fn = concat_texts, .flags = FUNC_CAN_FAIL, .help = "concatenate"},
	{.name = "||", .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(BYTEA), T(BYTEA)}, .result = T(BYTEA),
	 .fn = concat_texts, .flags = FUNC_CAN_FAIL, .help = "concatenate"},
	CONCAT_ANY(BOOL),
	CONCAT_ANY(INT2),
	CONCAT_ANY(INT4),
	CONCAT_ANY(INT8),
	CONCAT_ANY(NUMERIC),
	CONCAT_ANY(FLOAT4),
	CONCAT_ANY(FLOAT8),
	CONCAT_ANY(DATE),
	CONCAT_ANY(TIME),
	CONCAT_ANY(TIMETZ),
	CONCAT_ANY(TIMESTAMP),
	CONCAT_ANY(TIMESTAMPTZ),
	CONCAT_ANY(INTERVAL),
	CONCAT_ANY(UUID),
	CONCAT_ANY(JSON),
	CONCAT_ANY(JSONB),
	CONCAT_ANY(OID),
	MATCH_ALL("~~", like_texts, "LIKE"),
	MATCH_ALL("!~~", not_like_texts, "NOT LIKE"),
	MATCH_ALL("~~*", ilike_texts, "ILIKE"),
	MATCH_ALL("!~~*", not_ilike_texts, "NOT ILIKE"),
	{.name = "^@", .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(TEXT), T(TEXT)}, .result = T(BOOL),
	 .fn = starts_with, .flags = FUNC_LEAK_PROOF, .help = "starts with"},
	{.name = "like_escape", .kind = FUNC_SCALAR, .nargs = 2, .args = {T(TEXT), T(TEXT)}, .result = T(TEXT),
	 .fn = like_escape_texts, .flags = FUNC_CAN_FAIL, .help = "a LIKE pattern with another escape character as one with \\"},
	{.name = NULL},
};
