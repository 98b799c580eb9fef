/* See the header. */
#include "engine/types/json_scan.h"
#include "engine/function/json_value.h"
#include "engine/types/array.h"
#include "engine/types/json.h"
#include "engine/types/record.h"

struct value json_argument(const struct fncall *c, const struct view *args, uint32_t a, uint32_t i)
{
	struct type t = c->arg_types[a];

	if (view_is_null(&args[a], i))
		return value_null(t);
	return value_load(t, (const char *)args[a].data + view_index(&args[a], i) * phys_size(type_phys(t)));
}

bool json_put_normal(struct fncall *c, struct str json, struct strbuf *out)
{
	struct mem *m = mem_new(c->scratch, MEM_EXPRESSION, "json", 0);
	bool ok = jsonb_normalise(m, json, out, c->err);

	mem_free(m);
	return ok;
}

/* "2024-02-29 13:00:00+07" as "2024-02-29T13:00:00+07:00"; words (infinity) stay. */
static void put_iso(struct str s, bool zone, struct strbuf *out)
{
	const char *blank = memchr(s.data, ' ', s.len), *sign;
	size_t time, end;

	strbuf_addc(out, '"');
	if (!blank || !zone) {
		if (blank && s.data[0] >= '0' && s.data[0] <= '9' && blank[1] != 'B') {
			strbuf_add(out, s.data, (size_t)(blank - s.data));
			strbuf_addc(out, 'T');
			strbuf_add(out, blank + 1, s.len - (size_t)(blank + 1 - s.data));
		} else {
			strbuf_add(out, s.data, s.len);
		}
		strbuf_addc(out, '"');
		return;
	}
	time = (size_t)(blank + 1 - s.data);
	strbuf_add(out, s.data, time - 1);
	strbuf_addc(out, 'T');
	for (end = time; end < s.len && s.data[end] != ' '; end++)
		;
	strbuf_add(out, s.data + time, end - time);
	for (sign = s.data + end; sign > s.data + time && *sign != '+' && *sign != '-'; sign--)
		;
	if (sign > s.data + time && s.data + end - sign == 3)
		strbuf_adds(out, ":00");
	strbuf_add(out, s.data + end, s.len - end);
	strbuf_addc(out, '"');
}

/* What a number's output function wrote, when JSON knows it. */
static bool is_json_number(struct str s)
{
	return s.len && (s.data[s.len - 1] >= '0' && s.data[s.len - 1] <= '9');
}

/* The elements of dimension d from `at` on, nested; *at goes on. */
static bool put_items(const struct array *a, int d, uint32_t *at, bool lines, const struct text_context *tc, struct strbuf *out,
					  struct err *e)
{
	struct value v;

	strbuf_addc(out, '[');
	for (int32_t i = 0; i < a->dims[d]; i++) {
		if (i)
			strbuf_adds(out, lines ? ",\n " : ",");
		if (d + 1 < a->ndim) {
			if (!put_items(a, d + 1, at, false, tc, out, e))
				return false;
			continue;
		}
		v = array_get(a, (*at)++);
		if (!json_put_value(&v, tc, out, e))
			return false;
	}
	strbuf_addc(out, ']');
	return true;
}

static bool put_array(const struct value *v, bool lines, const struct text_context *tc, struct strbuf *out, struct err *e)
{
	struct array a;
	uint32_t at = 0;

	array_open(text_str(&v->text), &a);
	if (a.n)
		return put_items(&a, 0, &at, lines, tc, out, e);
	strbuf_adds(out, "[]");
	return true;
}

/* A row's fields as an object's members. */
static bool put_record(const struct value *v, bool lines, const struct text_context *tc, struct strbuf *out, struct err *e)
{
	struct record_reader r;
	struct value field;

	record_open(text_str(&v->text), &r);
	strbuf_addc(out, '{');
	for (bool first = true; record_next(&r, &field); first = false) {
		char made[RECORD_NAME_MAX];
		if (!first)
			strbuf_adds(out, lines ? ",\n " : ",");
		json_quote(record_name(&r, made), out);
		strbuf_addc(out, ':');
		if (!json_put_value(&field, tc, out, e))
			return false;
	}
	strbuf_addc(out, '}');
	return true;
}

bool json_put_lines(const struct value *v, bool lines, const struct text_context *tc, struct strbuf *out, struct err *e)
{
	return v->type.array ? put_array(v, lines, tc, out, e) : put_record(v, lines, tc, out, e);
}

bool json_put_value(const struct value *v, const struct text_context *tc, struct strbuf *out, struct err *e)
{
	struct strbuf shown;
	struct str s;
	bool ok;

	if (v->is_null) {
		strbuf_adds(out, "null");
		return true;
	}
	if (v->type.id == TYPE_BOOL && !v->type.array) {
		strbuf_adds(out, v->b ? "true" : "false");
		return true;
	}
	if (!v->type.array && (v->type.id == TYPE_JSON || v->type.id == TYPE_JSONB)) {
		strbuf_add(out, text_data(&v->text), v->text.len);
		return true;
	}
	if (v->type.array)
		return put_array(v, false, tc, out, e);
	if (v->type.id == TYPE_RECORD)
		return put_record(v, false, tc, out, e);
	strbuf_init(&shown, 0);
	value_print(v, tc ? tc : &text_context_default, &shown);
	s = strbuf_str(&shown);
	if (type_is_number(v->type) && v->type.id != TYPE_OID && is_json_number(s))
		strbuf_add(out, s.data, s.len);
	else if (v->type.id == TYPE_DATE || v->type.id == TYPE_TIMESTAMP)
		put_iso(s, false, out);
	else if (v->type.id == TYPE_TIMESTAMPTZ)
		put_iso(s, true, out);
	else
		json_quote(s, out);
	ok = !shown.overflow || err_set(e, ERR_PROGRAM_LIMIT, "text is too long");
	strbuf_release(&shown);
	return ok;
}

bool json_put_key(const struct value *v, const struct text_context *tc, struct strbuf *out, struct err *e)
{
	struct strbuf text;
	bool ok;

	if (v->is_null)
		return err_set(e, ERR_INVALID_PARAMETER_VALUE, "field name must not be null");
	if (v->type.array || v->type.id == TYPE_JSON || v->type.id == TYPE_JSONB || v->type.id == TYPE_RECORD)
		return err_set(e, ERR_INVALID_PARAMETER_VALUE, "key value must be scalar, not array, composite, or json");
	strbuf_init(&text, 0);
	ok = json_put_value(v, tc, &text, e);
	if (ok && text.len && strbuf_cstr(&text)[0] == '"')
		strbuf_add(out, text.data, text.len);
	else if (ok)
		json_quote(strbuf_str(&text), out);
	strbuf_release(&text);
	return ok;
}
