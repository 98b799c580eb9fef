/*
 * Casts between texts and everything else, and among the text types.
 *
 * To text: the type's output function; from text: its input function (engine/types/value.h), with short
 * ways for integers. Casts to varchar(n), char(n) and name cut what is too long, as explicit casts do in
 * PostgreSQL; char(n) is kept without trailing spaces. unknown (a literal without type) converts
 * implicitly to everything.
 */
#include "engine/base/utf8.h"
#include "engine/function/cast_int.h"
#include "engine/function/numeric_form.h"
#include "engine/function/tables.h"

#define NAME_BYTES 63

static const struct text_context *context_of(const struct fncall *c)
{
	return c->text ? c->text : &text_context_default;
}

/* ---- among texts ---- */

/* What of s a text of type t keeps. */
static struct str fit_text(struct type t, struct str s)
{
	if ((t.id == TYPE_VARCHAR || t.id == TYPE_BPCHAR) && t.mod >= 4 && s.len > (size_t)(t.mod - 4))
		s.len = utf8_offset(s.data, s.len, (size_t)(t.mod - 4));
	if (t.id == TYPE_BPCHAR)
		while (s.len && s.data[s.len - 1] == ' ')
			s.len--;
	if (t.id == TYPE_NAME && s.len > NAME_BYTES) {
		s.len = NAME_BYTES;
		while (s.len && ((unsigned char)s.data[s.len] & 0xc0) == 0x80)
			s.len--;
	}
	return s;
}

static bool text_to_text(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	const struct text *x = args[0].data;

	for (uint32_t i = 0; i < n; i++) {
		struct str s = fit_text(c->result, text_str(&x[view_index(&args[0], i)]));
		if (!heap_add(out->heap, s.data, s.len, (struct text *)out->data + i, c->err))
			return false;
	}
	return true;
}

/* ---- to text ---- */

static bool put_text(struct fncall *c, struct str s, struct vec *out, uint32_t i)
{
	s = fit_text(c->result, s);
	return heap_add(out->heap, s.data, s.len, (struct text *)out->data + i, c->err);
}

static void put_null_slot(struct vec *out, uint32_t i)
{
	memset((struct text *)out->data + i, 0, sizeof(struct text));
}

/* Digits into the end of buffer; returns where they begin. */
static char *print_int(int64_t x, char *end)
{
	uint64_t u = x < 0 ? 0 - (uint64_t)x : (uint64_t)x;

	do {
		*--end = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (x < 0)
		*--end = '-';
	return end;
}

static bool int_to_text(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	bool wide = type_phys(c->arg_types[0]) == PHYS_I64;
	char buffer[24], *end = buffer + sizeof buffer;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = view_index(&args[0], i);
		int64_t x = wide ? ((const int64_t *)args[0].data)[at] : ((const int32_t *)args[0].data)[at];
		char *from = print_int(x, end);
		if (!put_text(c, str_make(from, (size_t)(end - from)), out, i))
			return false;
	}
	return true;
}

static bool bool_to_text(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	bool brief = c->result.id == TYPE_NAME; /* that cast goes by the output function */

	for (uint32_t i = 0; i < n; i++) {
		bool x = ((const uint8_t *)args[0].data)[view_index(&args[0], i)];
		struct str s = x ? STR("true") : STR("false");
		if (!put_text(c, brief ? str_make(s.data, 1) : s, out, i))
			return false;
	}
	return true;
}

static bool any_to_text(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	struct type t = c->arg_types[0];
	size_t size = phys_size(type_phys(t));
	struct strbuf buf;
	bool ok = true;

	strbuf_init(&buf, 0);
	for (uint32_t i = 0; ok && i < n; i++) {
		struct value v;
		if (view_is_null(&args[0], i)) {
			put_null_slot(out, i);
			continue;
		}
		v = value_load(t, (const char *)args[0].data + view_index(&args[0], i) * size);
		strbuf_reset(&buf);
		value_print(&v, context_of(c), &buf);
		ok = buf.overflow ? err_set(c->err, ERR_PROGRAM_LIMIT, "text is too long") : put_text(c, strbuf_str(&buf), out, i);
	}
	strbuf_release(&buf);
	return ok;
}

/* ---- from text ---- */

/* A plain short integer, without signs of anything unusual; false = the slow way. */
static bool quick_int(struct str s, int64_t *out)
{
	int64_t x = 0;
	bool minus = s.len && s.data[0] == '-';

	if (s.len == (size_t)minus || s.len > 18)
		return false;
	for (size_t i = minus; i < s.len; i++) {
		unsigned digit = (unsigned)(unsigned char)s.data[i] - '0';
		if (digit > 9)
			return false;
		x = x * 10 + digit;
	}
	*out = minus ? -x : x;
	return true;
}

static bool parse_slot(struct fncall *c, struct mem *m, struct str s, struct vec *out, uint32_t i)
{
	size_t size = phys_size(type_phys(c->result));
	struct value v;

	if (!value_parse(m, c->result, s, context_of(c), &v, c->err))
		return false;
	if (type_phys(c->result) == PHYS_STR)
		return heap_add(out->heap, text_data(&v.text), v.text.len, (struct text *)out->data + i, c->err);
	value_store(&v, (char *)out->data + i * size);
	return true;
}

static bool text_to_any(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	const struct text *x = args[0].data;
	struct mem *m = mem_new(c->scratch, MEM_EXPRESSION, "cast", 0);
	bool ok = true;

	for (uint32_t i = 0; ok && i < n; i++)
		ok = parse_slot(c, m, text_str(&x[view_index(&args[0], i)]), out, i);
	ok = ok && mem_check(m, c->err);
	mem_free(m);
	return ok;
}

static bool text_to_int(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	const struct text *x = args[0].data;
	int64_t most = c->result.id == TYPE_INT2 ? INT16_MAX : c->result.id == TYPE_INT4 ? INT32_MAX : INT64_MAX;

	for (uint32_t i = 0; i < n; i++) {
		struct str s = text_str(&x[view_index(&args[0], i)]);
		int64_t v;
		if (!quick_int(s, &v) || v > most || v < -most - 1) {
			if (!parse_slot(c, c->scratch, s, out, i))
				return false;
		} else if (c->result.id == TYPE_INT8) {
			((int64_t *)out->data)[i] = v;
		} else {
			((int32_t *)out->data)[i] = (int32_t)v;
		}
	}
	return true;
}

/* json to jsonb and back: through the text. */
static bool json_to_json(struct fncall *c, const struct view *args, uint32_t n, struct vec *out)
{
	return text_to_any(c, args, n, out);
}

/* ---- the table ---- */

#define TEXT_ROW(a, b, impl, flag_bits, rule)                                                      \
	{.name = "", .kind = FUNC_CAST, .nargs = 1, .args = {T(a)}, .result = T(b), .fn = impl,        \
	 .flags = (flag_bits), .infer = rule, .help = "convert"}
#define TEXT_SAME(a, b, flag_bits) TEXT_ROW(a, b, NULL, (flag_bits) | FUNC_BINARY | FUNC_LEAK_PROOF, NULL)

static const struct func same_bytes = TEXT_SAME(TEXT, VARCHAR, CAST_IMPLICIT);
static const struct func same_bytes_assigned = TEXT_SAME(NAME, VARCHAR, FUNC_ASSIGNMENT);

/* Texts that the target cannot cut keep their bytes. Asked for a type from itself, the coercion is wanted. */
static struct type infer_length(const struct func *f, struct type *types, uint32_t n, const struct func **pick)
{
	struct type from = types[0], to;
	bool counted;

	if (n < 2)
		return f->result;
	to = types[1];
	counted = (from.id == TYPE_VARCHAR || from.id == TYPE_BPCHAR) && from.mod >= 4;
	if ((to.id == TYPE_VARCHAR || from.id == TYPE_BPCHAR) && (to.mod < 4 || (counted && from.mod < to.mod)))
		*pick = from.id == TYPE_NAME ? &same_bytes_assigned : &same_bytes;
	return to;
}

static struct type infer_keep(const struct func *f, struct type *types, uint32_t n, const struct func **pick)
{
	(void)pick;
	return n < 2 ? f->result : types[1];
}

#define EXPLICIT 0
/* X to the text types by assignment, from them explicitly, from unknown implicitly. */
#define WITH_TEXTS(type, print, parse, print_volatility, parse_volatility)                         \
	PRINTED(type, TEXT, print, print_volatility),                                                  \
	PRINTED(type, VARCHAR, print, print_volatility),                                               \
	PRINTED(type, BPCHAR, print, print_volatility),                                                \
	PRINTED(type, NAME, print, print_volatility),                                                  \
	PARSED(TEXT, type, parse, EXPLICIT, parse_volatility),                                         \
	PARSED(VARCHAR, type, parse, EXPLICIT, parse_volatility),                                      \
	PARSED(BPCHAR, type, parse, EXPLICIT, parse_volatility),                                       \
	PARSED(NAME, type, parse, EXPLICIT, parse_volatility),                                         \
	PARSED(UNKNOWN, type, parse, CAST_IMPLICIT, parse_volatility)
#define PRINTED(a, b, impl, when)                                                                  \
	{.name = "", .kind = FUNC_CAST, .nargs = 1, .args = {T(a)}, .result = T(b), .fn = impl,        \
	 .flags = FUNC_ASSIGNMENT, .volatility = when, .infer = infer_keep, .help = "to text"}
#define PARSED(a, b, impl, flag_bits, when)                                                        \
	{.name = "", .kind = FUNC_CAST, .nargs = 1, .args = {T(a)}, .result = T(b), .fn = impl,        \
	 .flags = (flag_bits) | FUNC_CAN_FAIL, .volatility = when, .infer = infer_keep, .help = "from text"}
#define ALWAYS FUNC_IMMUTABLE
#define SESSION FUNC_STABLE

const struct func functions_cast_text[] = {
	TEXT_SAME(UNKNOWN, TEXT, CAST_IMPLICIT),
	TEXT_SAME(VARCHAR, TEXT, CAST_IMPLICIT),
	TEXT_SAME(BPCHAR, TEXT, CAST_IMPLICIT),
	TEXT_SAME(NAME, TEXT, CAST_IMPLICIT),
	TEXT_ROW(UNKNOWN, VARCHAR, text_to_text, CAST_IMPLICIT | FUNC_LEAK_PROOF, infer_length),
	TEXT_ROW(TEXT, VARCHAR, text_to_text, CAST_IMPLICIT | FUNC_LEAK_PROOF, infer_length),
	TEXT_ROW(VARCHAR, VARCHAR, text_to_text, CAST_IMPLICIT | FUNC_LEAK_PROOF, infer_length),
	TEXT_ROW(BPCHAR, VARCHAR, text_to_text, CAST_IMPLICIT | FUNC_LEAK_PROOF, infer_length),
	TEXT_ROW(NAME, VARCHAR, text_to_text, FUNC_ASSIGNMENT | FUNC_LEAK_PROOF, infer_length),
	TEXT_ROW(UNKNOWN, BPCHAR, text_to_text, CAST_IMPLICIT | FUNC_LEAK_PROOF, infer_length),
	TEXT_ROW(TEXT, BPCHAR, text_to_text, CAST_IMPLICIT | FUNC_LEAK_PROOF, infer_length),
	TEXT_ROW(VARCHAR, BPCHAR, text_to_text, CAST_IMPLICIT | FUNC_LEAK_PROOF, infer_length),
	TEXT_ROW(BPCHAR, BPCHAR, text_to_text, CAST_IMPLICIT | FUNC_LEAK_PROOF, infer_length),
	TEXT_ROW(NAME, BPCHAR, text_to_text, FUNC_ASSIGNMENT | FUNC_LEAK_PROOF, infer_length),
	TEXT_ROW(UNKNOWN, NAME, text_to_text, CAST_IMPLICIT | FUNC_LEAK_PROOF, NULL),
	TEXT_ROW(TEXT, NAME, text_to_text, CAST_IMPLICIT | FUNC_LEAK_PROOF, NULL),
	TEXT_ROW(VARCHAR, NAME, text_to_text, CAST_IMPLICIT | FUNC_LEAK_PROOF, NULL),
	TEXT_ROW(BPCHAR, NAME, text_to_text, CAST_IMPLICIT | FUNC_LEAK_PROOF, NULL),
	WITH_TEXTS(BOOL, bool_to_text, text_to_any, ALWAYS, ALWAYS),
	WITH_TEXTS(INT2, int_to_text, text_to_int, ALWAYS, ALWAYS),
	WITH_TEXTS(INT4, int_to_text, text_to_int, ALWAYS, ALWAYS),
	WITH_TEXTS(INT8, int_to_text, text_to_int, ALWAYS, ALWAYS),
	WITH_TEXTS(OID, int_to_text, text_to_any, ALWAYS, ALWAYS),
	WITH_TEXTS(NUMERIC, any_to_text, text_to_any, ALWAYS, ALWAYS),
	WITH_TEXTS(FLOAT4, any_to_text, text_to_any, ALWAYS, ALWAYS),
	WITH_TEXTS(FLOAT8, any_to_text, text_to_any, ALWAYS, ALWAYS),
	WITH_TEXTS(BYTEA, any_to_text, text_to_any, ALWAYS, ALWAYS),
	/* 'now', 'today' … and the session's zone */
	WITH_TEXTS(DATE, any_to_text, text_to_any, ALWAYS, SESSION),
	WITH_TEXTS(TIME, any_to_text, text_to_any, ALWAYS, SESSION),
	WITH_TEXTS(TIMETZ, any_to_text, text_to_any, ALWAYS, SESSION),
	WITH_TEXTS(TIMESTAMP, any_to_text, text_to_any, ALWAYS, SESSION),
	WITH_TEXTS(TIMESTAMPTZ, any_to_text, text_to_any, SESSION, SESSION),
	WITH_TEXTS(INTERVAL, any_to_text, text_to_any, ALWAYS, ALWAYS),
	WITH_TEXTS(UUID, any_to_text, text_to_any, ALWAYS, ALWAYS),
	WITH_TEXTS(JSON, any_to_text, text_to_any, ALWAYS, ALWAYS),
	WITH_TEXTS(JSONPATH, any_to_text, text_to_any, ALWAYS, ALWAYS),
	WITH_TEXTS(JSONB, any_to_text, text_to_any, ALWAYS, ALWAYS),
	TEXT_ROW(JSON, JSONB, json_to_json, FUNC_ASSIGNMENT | FUNC_CAN_FAIL, NULL),
	TEXT_ROW(JSONB, JSON, json_to_json, FUNC_ASSIGNMENT | FUNC_CAN_FAIL, NULL),
	{.name = NULL},
};
