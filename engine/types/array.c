/*
 * The bytes of array values: reading, building, comparing, printing. Text input stands in array_parse.c.
 */
#include "engine/types/array.h"
#include "engine/types/decimal.h"

static uint32_t slot_size(struct type elem)
{
	enum phys p = type_phys(elem);

	return p == PHYS_STR ? 0 : (uint32_t)phys_size(p);
}

/* ---- reading ---- */

void array_open(struct str s, struct array *a)
{
	const char *p = s.data;

	memset(a, 0, sizeof *a);
	a->elem = type_make(TYPE_TEXT);
	if (s.len < 4)
		return;
	a->elem = type_make((enum type_id)(uint8_t)p[0]);
	a->ndim = p[1];
	a->size = slot_size(a->elem);
	if (!a->ndim)
		return;
	a->n = 1;
	memcpy(a->dims, p + 4, (size_t)a->ndim * 4);
	memcpy(a->lower, p + 4 + a->ndim * 4, (size_t)a->ndim * 4);
	for (int i = 0; i < a->ndim; i++)
		a->n *= (uint32_t)a->dims[i];
	a->slots = p + 4 + a->ndim * 8;
	if (p[2]) {
		a->nulls = (const uint8_t *)a->slots;
		a->slots += (a->n + 7) / 8;
	}
	a->bytes = a->size ? NULL : a->slots + (size_t)a->n * 4;
}

bool array_is_null(const struct array *a, uint32_t i)
{
	return a->nulls && (a->nulls[i >> 3] >> (i & 7) & 1);
}

static struct str text_at(const struct array *a, uint32_t i)
{
	uint32_t from = 0, to;

	if (i)
		memcpy(&from, a->slots + (size_t)(i - 1) * 4, 4);
	memcpy(&to, a->slots + (size_t)i * 4, 4);
	return str_make(a->bytes + from, to - from);
}

struct value array_get(const struct array *a, uint32_t i)
{
	_Alignas(16) char slot[sizeof(struct num)];
	struct value v;
	struct str s;

	if (array_is_null(a, i))
		return value_null(a->elem);
	if (!a->size) {
		s = text_at(a, i);
		v = value_null(a->elem);
		v.is_null = false;
		v.text = text_make(s.data, s.len);
		return v;
	}
	memcpy(slot, a->slots + (size_t)i * a->size, a->size);
	return value_load(a->elem, slot);
}

static int compare_i32(const struct array *a, const struct array *b, uint32_t i)
{
	int32_t x, y;

	memcpy(&x, a->slots + (size_t)i * 4, 4);
	memcpy(&y, b->slots + (size_t)i * 4, 4);
	return (x > y) - (x < y);
}

static int compare_item(const struct array *a, const struct array *b, uint32_t i)
{
	bool an = array_is_null(a, i), bn = array_is_null(b, i);
	struct value x, y;

	if (an || bn)
		return an - bn;
	if (a->size == 4 && b->size == 4)
		return compare_i32(a, b, i);
	x = array_get(a, i);
	y = array_get(b, i);
	return value_compare(&x, &y);
}

int array_compare(struct str s, struct str t)
{
	struct array a, b;
	uint32_t n;

	if (s.len == t.len && memcmp(s.data, t.data, s.len) == 0)
		return 0;
	array_open(s, &a);
	array_open(t, &b);
	n = a.n < b.n ? a.n : b.n;
	for (uint32_t i = 0; i < n; i++) {
		int c = compare_item(&a, &b, i);
		if (c)
			return c;
	}
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	if (a.ndim != b.ndim)
		return a.ndim < b.ndim ? -1 : 1;
	for (int i = 0; i < a.ndim; i++)
		if (a.dims[i] != b.dims[i])
			return a.dims[i] < b.dims[i] ? -1 : 1;
	for (int i = 0; i < a.ndim; i++)
		if (a.lower[i] != b.lower[i])
			return a.lower[i] < b.lower[i] ? -1 : 1;
	return 0;
}

bool array_same_shape(const struct array *a, const struct array *b)
{
	return a->ndim == b->ndim && memcmp(a->dims, b->dims, (size_t)a->ndim * sizeof *a->dims) == 0 &&
		   memcmp(a->lower, b->lower, (size_t)a->ndim * sizeof *a->lower) == 0;
}

/* ---- building ---- */

void array_builder_init(struct array_builder *b, struct type elem)
{
	memset(b, 0, sizeof *b);
	b->elem = type_make((enum type_id)elem.id);
	b->size = slot_size(b->elem);
	strbuf_init(&b->slots, 0);
	strbuf_init(&b->bytes, 0);
	strbuf_init(&b->nulls, 0);
}

void array_builder_reset(struct array_builder *b)
{
	strbuf_reset(&b->slots);
	strbuf_reset(&b->bytes);
	strbuf_reset(&b->nulls);
	b->n = 0;
	b->has_nulls = false;
}

void array_builder_release(struct array_builder *b)
{
	strbuf_release(&b->slots);
	strbuf_release(&b->bytes);
	strbuf_release(&b->nulls);
}

static void add_slot(struct array_builder *b, const void *slot, bool null)
{
	uint32_t end;

	if (b->size) {
		strbuf_add(&b->slots, slot, b->size);
	} else {
		end = (uint32_t)b->bytes.len;
		strbuf_add(&b->slots, (const char *)&end, 4);
	}
	strbuf_addc(&b->nulls, (char)null);
	b->has_nulls |= null;
	b->n++;
}

void array_builder_null(struct array_builder *b)
{
	static const char zero[sizeof(struct num)];

	add_slot(b, zero, true);
}

void array_builder_add(struct array_builder *b, const struct value *v)
{
	_Alignas(16) char slot[sizeof(struct num)] = {0};
	struct num n;

	if (v->is_null) {
		array_builder_null(b);
		return;
	}
	if (!b->size) {
		struct str s = text_str(&v->text);
		strbuf_add(&b->bytes, s.data, s.len);
		add_slot(b, NULL, false);
		return;
	}
	if (v->type.id == TYPE_NUMERIC && v->type.precision) {
		n = num_from_scaled(type_phys(v->type) == PHYS_I64 ? v->i64 : v->i128, v->type.scale);
		memcpy(slot, &n, sizeof n);
	} else {
		value_store(v, slot);
	}
	add_slot(b, slot, false);
}

void array_builder_copy(struct array_builder *b, const struct array *a, uint32_t from, uint32_t n)
{
	for (uint32_t i = from; i < from + n; i++) {
		struct value v = array_get(a, i);
		array_builder_add(b, &v);
	}
}

static void add_null_bits(const struct array_builder *b, struct strbuf *out)
{
	for (uint32_t i = 0; i < b->n; i += 8) {
		unsigned bits = 0;
		for (uint32_t k = 0; k < 8 && i + k < b->n; k++)
			bits |= (unsigned)(b->nulls.data[i + k] != 0) << k;
		strbuf_addc(out, (char)bits);
	}
}

bool array_builder_finish(const struct array_builder *b, int ndim, const int32_t *dims, const int32_t *lower,
						  struct strbuf *out, struct err *e)
{
	char head[4] = {(char)b->elem.id, (char)(b->n ? ndim : 0), (char)(b->n && b->has_nulls), 0};
	int64_t end;

	if (ndim > ARRAY_DIMS)
		return err_set(e, ERR_PROGRAM_LIMIT, "number of array dimensions (%d) exceeds the maximum allowed (%d)", ndim,
					   ARRAY_DIMS);
	if (b->n > ARRAY_MAX_ITEMS || b->slots.overflow || b->bytes.overflow || b->bytes.len > INT32_MAX / 2)
		return err_set(e, ERR_PROGRAM_LIMIT, "array size exceeds the maximum allowed (%d)", ARRAY_MAX_ITEMS);
	strbuf_add(out, head, 4);
	if (!head[1])
		return true;
	for (int i = 0; i < ndim; i++) {
		end = (int64_t)lower[i] + dims[i];
		if (end > INT32_MAX)
			return err_set(e, ERR_PROGRAM_LIMIT, "array lower bound is too large: %d", (int)lower[i]);
	}
	strbuf_add(out, (const char *)dims, (size_t)ndim * 4);
	strbuf_add(out, (const char *)lower, (size_t)ndim * 4);
	if (head[2])
		add_null_bits(b, out);
	strbuf_add(out, b->slots.data, b->slots.len);
	if (b->bytes.len)
		strbuf_add(out, b->bytes.data, b->bytes.len);
	return !out->overflow || err_set(e, ERR_PROGRAM_LIMIT, "array size exceeds the maximum allowed (%d)", ARRAY_MAX_ITEMS);
}

bool array_builder_list(const struct array_builder *b, struct strbuf *out, struct err *e)
{
	int32_t dims = (int32_t)b->n, lower = 1;

	return array_builder_finish(b, 1, &dims, &lower, out, e);
}

/* ---- output ---- */

static bool needs_quotes(struct str s)
{
	if (!s.len || str_eq_nocase(s, STR("null")))
		return true;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];
		if (c == '"' || c == '\\' || c == '{' || c == '}' || c == ',' || c == ' ' || (c >= '\t' && c <= '\r'))
			return true;
	}
	return false;
}

static void print_quoted(struct str s, struct strbuf *out)
{
	strbuf_addc(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] == '"' || s.data[i] == '\\')
			strbuf_addc(out, '\\');
		strbuf_addc(out, s.data[i]);
	}
	strbuf_addc(out, '"');
}

static void print_item(const struct array *a, struct type t, uint32_t i, const struct text_context *tc, struct strbuf *out)
{
	struct value v = array_get(a, i);
	struct strbuf item;

	if (v.is_null) {
		strbuf_adds(out, "NULL");
		return;
	}
	v.type.mod = t.mod;
	if (v.type.id == TYPE_NUMERIC)
		v.type.mod = -1;
	strbuf_init(&item, 0);
	value_print(&v, tc, &item);
	if (needs_quotes(strbuf_str(&item)))
		print_quoted(strbuf_str(&item), out);
	else
		strbuf_add(out, strbuf_str(&item).data, item.len);
	strbuf_release(&item);
}

void array_print(struct type t, struct str s, const struct text_context *tc, struct strbuf *out)
{
	struct array a;
	uint32_t block[ARRAY_DIMS + 1];
	bool bounds = false;

	array_open(s, &a);
	if (!a.n) {
		strbuf_adds(out, "{}");
		return;
	}
	for (int i = 0; i < a.ndim; i++)
		bounds |= a.lower[i] != 1;
	for (int i = 0; bounds && i < a.ndim; i++)
		strbuf_addf(out, "[%d:%d]", (int)a.lower[i], (int)(a.lower[i] + a.dims[i] - 1));
	if (bounds)
		strbuf_addc(out, '=');
	block[a.ndim] = 1;
	for (int i = a.ndim; i-- > 0;)
		block[i] = block[i + 1] * (uint32_t)a.dims[i];
	for (uint32_t i = 0; i < a.n; i++) {
		if (i)
			strbuf_addc(out, ',');
		for (int d = 0; d < a.ndim; d++)
			if (i % block[d] == 0)
				strbuf_addc(out, '{');
		print_item(&a, t, i, tc, out);
		for (int d = 0; d < a.ndim; d++)
			if ((i + 1) % block[d] == 0)
				strbuf_addc(out, '}');
	}
}
