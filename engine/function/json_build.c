/*
 * Making json and jsonb from SQL values: to_json, json_build_array, json_build_object and the aggregates json_agg and
 * json_object_agg, each with its jsonb twin. The text is json's; jsonb is normalised at the end.
 *
 * The aggregates' state is the text so far, without the opening bracket; two states join by concatenation.
 */
#include "engine/types/json_scan.h"
#include "engine/function/json_value.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"

#include <stdlib.h>

static bool is_jsonb(const struct row *r) { return r->call->result.id == TYPE_JSONB; }

/* What stands in r->buf becomes jsonb when the result is that. */
static bool finish_row(struct row *r)
{
	struct strbuf normal;
	bool ok;

	if (!is_jsonb(r))
		return true;
	strbuf_init(&normal, 0);
	ok = json_put_normal(r->call, strbuf_str(r->buf), &normal);
	strbuf_reset(r->buf);
	strbuf_add(r->buf, strbuf_str(&normal).data, normal.len);
	strbuf_release(&normal);
	return ok;
}

static bool to_json_row(struct row *r)
{
	struct value v = json_argument(r->call, r->args, 0, r->i);

	return json_put_value(&v, r->call->text, r->buf, r->call->err) && finish_row(r);
}
ROWS(to_json_fn, to_json_row, ROWS_BUILD)

static bool build_array_row(struct row *r)
{
	strbuf_addc(r->buf, '[');
	for (uint32_t a = 0; a < r->call->nargs; a++) {
		struct value v = json_argument(r->call, r->args, a, r->i);
		strbuf_adds(r->buf, a ? ", " : "");
		if (!json_put_value(&v, r->call->text, r->buf, r->call->err))
			return false;
	}
	strbuf_addc(r->buf, ']');
	return finish_row(r);
}
ROWS(build_array_fn, build_array_row, ROWS_BUILD)

static bool build_object_row(struct row *r)
{
	if (r->call->nargs % 2)
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "argument list must have even number of elements");
	strbuf_addc(r->buf, '{');
	for (uint32_t a = 0; a < r->call->nargs; a += 2) {
		struct value key = json_argument(r->call, r->args, a, r->i), v = json_argument(r->call, r->args, a + 1, r->i);
		strbuf_adds(r->buf, a ? ", " : "");
		if (key.is_null)
			return row_error(r, ERR_INVALID_PARAMETER_VALUE, "argument %u cannot be null", a + 1);
		if (!json_put_key(&key, r->call->text, r->buf, r->call->err))
			return false;
		strbuf_adds(r->buf, " : ");
		if (!json_put_value(&v, r->call->text, r->buf, r->call->err))
			return false;
	}
	strbuf_addc(r->buf, '}');
	return finish_row(r);
}
ROWS(build_object_fn, build_object_row, ROWS_BUILD)

/* ---- aggregates ---- */

struct growing {
	char *data; /* malloc'ed, capacity bytes reserved */
	size_t len, capacity;
	bool seen;
};

static bool growing_add(struct fncall *c, struct growing *s, struct str t)
{
	if (s->len + t.len > ROW_TEXT_MAX)
		return err_set(c->err, ERR_PROGRAM_LIMIT, "JSON is too long");
	if (s->len + t.len > s->capacity) {
		size_t capacity = s->capacity * 2 > s->len + t.len ? s->capacity * 2 : s->len + t.len + 64;
		char *grown;
		if (!mem_reserve(c->mem, capacity - s->capacity, c->err))
			return false;
		grown = realloc(s->data, capacity);
		ASSERT(grown);
		s->data = grown;
		s->capacity = capacity;
	}
	memcpy(s->data + s->len, t.data, t.len);
	s->len += t.len;
	return true;
}

static void growing_free(struct fncall *c, struct growing *s)
{
	free(s->data);
	if (s->capacity)
		mem_release(c->mem, s->capacity);
	memset(s, 0, sizeof *s);
}

/* Between the elements of json_agg, or the members of json_object_agg. */
static struct str separator(const struct fncall *c)
{
	bool structured = c->nargs == 1 && (c->arg_types[0].array || c->arg_types[0].id == TYPE_RECORD);

	return structured ? STR(", \n ") : STR(", ");
}

static bool growing_combine(struct fncall *c, void *const *into, void *const *from, uint32_t n)
{
	bool ok = true;

	for (uint32_t i = 0; i < n; i++) {
		struct growing *a = into[i], *b = from[i];
		if (!a->seen) {
			struct growing t = *a;
			*a = *b;
			*b = t;
		} else if (b->seen) {
			ok = ok && growing_add(c, a, separator(c)) && growing_add(c, a, str_make(b->data, b->len));
		}
		growing_free(c, b);
	}
	return ok;
}

static void growing_drop(struct fncall *c, void *const *states, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		growing_free(c, states[i]);
}

/* One row's text into its state: an element, or a member. */
static bool put_item(struct fncall *c, const struct view *args, uint32_t i, bool object, struct strbuf *buf)
{
	struct value v = json_argument(c, args, object ? 1 : 0, i);

	strbuf_reset(buf);
	if (object) {
		struct value key = json_argument(c, args, 0, i);
		if (!json_put_key(&key, c->text, buf, c->err))
			return false;
		strbuf_adds(buf, " : ");
	}
	return json_put_value(&v, c->text, buf, c->err);
}

static bool collect(struct fncall *c, const struct view *args, uint32_t n, void *const *groups, bool object)
{
	struct strbuf buf;
	bool ok = true;

	strbuf_init(&buf, ROW_TEXT_MAX);
	for (uint32_t i = 0; ok && i < n; i++) {
		struct growing *s = groups[i];
		ok = put_item(c, args, i, object, &buf) && (!s->seen || growing_add(c, s, separator(c))) &&
			 growing_add(c, s, strbuf_str(&buf));
		s->seen = true;
	}
	strbuf_release(&buf);
	return ok;
}

static bool array_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups)
{
	return collect(c, args, n, groups, false);
}

static bool object_update(struct fncall *c, const struct view *args, uint32_t n, void *const *groups)
{
	return collect(c, args, n, groups, true);
}

static bool close_all(struct fncall *c, void *const *states, uint32_t n, struct vec *out, const char *open, const char *close)
{
	bool normal = c->result.id == TYPE_JSONB, ok = true;
	struct strbuf text, jsonb;

	strbuf_init(&text, 0);
	strbuf_init(&jsonb, 0);
	for (uint32_t i = 0; ok && i < n; i++) {
		const struct growing *s = states[i];
		struct str made;
		if (!s->seen) {
			ok = vec_want_nulls(out, n, c->mem, c->err);
			if (ok)
				vec_set_null(out, i);
			continue;
		}
		strbuf_reset(&text);
		strbuf_reset(&jsonb);
		strbuf_adds(&text, open);
		strbuf_add(&text, s->data, s->len);
		strbuf_adds(&text, close);
		ok = !normal || json_put_normal(c, strbuf_str(&text), &jsonb);
		made = strbuf_str(normal ? &jsonb : &text);
		ok = ok && heap_add(out->heap, made.data, made.len, (struct text *)out->data + i, c->err);
	}
	strbuf_release(&text);
	strbuf_release(&jsonb);
	return ok;
}

static bool array_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	return close_all(c, states, n, out, "[", "]");
}

static bool object_finish(struct fncall *c, void *const *states, uint32_t n, struct vec *out)
{
	return close_all(c, states, n, out, "{ ", " }");
}

static const struct agg_ops array_ops = {sizeof(struct growing), array_update, NULL, growing_combine, array_finish, growing_drop};
static const struct agg_ops object_ops = {sizeof(struct growing), object_update, NULL, growing_combine, object_finish, growing_drop};

#define AGG1(n, r, h)                                                                              \
	{.name = n, .kind = FUNC_AGGREGATE, .nargs = 1, .args = {T(VOID)}, .result = T(r), .agg = &array_ops, \
	 .flags = FUNC_NOT_STRICT | FUNC_ORDER_MATTERS, .volatility = FUNC_STABLE, .help = h}
#define AGG2(n, r, h)                                                                              \
	{.name = n, .kind = FUNC_AGGREGATE, .nargs = 2, .args = {T(VOID), T(VOID)}, .result = T(r), .agg = &object_ops, \
	 .flags = FUNC_NOT_STRICT | FUNC_ORDER_MATTERS, .volatility = FUNC_STABLE, .help = h}
#define BOTH(kind, type)                                                                           \
	FNV("to_" kind, type, to_json_fn, FAIL, STABLE, "the value as JSON", T(VOID)),                 \
	FN0(kind "_build_array", type, build_array_fn, FUNC_NOT_STRICT | FAIL, STABLE, "an empty JSON array"), \
	FNV(kind "_build_array", type, build_array_fn, FUNC_NOT_STRICT | FUNC_VARIADIC | FAIL, STABLE, "a JSON array of the arguments", T(VOID)), \
	FN0(kind "_build_object", type, build_object_fn, FUNC_NOT_STRICT | FAIL, STABLE, "an empty JSON object"), \
	FNV(kind "_build_object", type, build_object_fn, FUNC_NOT_STRICT | FUNC_VARIADIC | FAIL, STABLE, "a JSON object of keys and values in turn", T(VOID)), \
	AGG1(kind "_agg", type, "the values as a JSON array"),                                         \
	AGG2(kind "_object_agg", type, "keys and values as a JSON object")

const struct func functions_json_build[] = {
	BOTH("json", JSON),
	BOTH("jsonb", JSONB),
	FN_END,
};
