/*
 * The bytes of record values: writing, reading, comparing, printing.
 */
#include "engine/types/record.h"

#include <stdio.h>

struct field_head {
	struct type type;
	uint32_t len; /* UINT32_MAX: NULL */
};

#define HEAD 8

static uint32_t names_length(struct str s)
{
	uint32_t len;

	memcpy(&len, s.data + 4, 4);
	return len;
}

void record_open(struct str s, struct record_reader *r)
{
	*r = (struct record_reader){.s = s};
	if (s.len < HEAD)
		return;
	memcpy(&r->n, s.data, 4);
	r->at = HEAD + names_length(s);
	r->end = s.data + r->at;
}

struct str record_name(const struct record_reader *r, char made[RECORD_NAME_MAX])
{
	if (r->name)
		return str_of(r->name);
	snprintf(made, RECORD_NAME_MAX, "f%u", r->i);
	return str_of(made);
}

struct str record_fields(struct str s)
{
	size_t at = s.len < HEAD ? s.len : HEAD + names_length(s);

	return str_make(s.data + at, s.len - at);
}

bool record_next(struct record_reader *r, struct value *out)
{
	_Alignas(16) char slot[sizeof(struct num)];
	struct field_head h;
	const char *data;

	if (r->i >= r->n)
		return false;
	if (r->end > r->s.data + HEAD)
		r->name = r->i ? r->name + strlen(r->name) + 1 : r->s.data + HEAD;
	r->i++;
	memcpy(&h, r->s.data + r->at, sizeof h);
	r->at += sizeof h;
	*out = value_null(h.type);
	if (h.len == UINT32_MAX)
		return true;
	data = r->s.data + r->at;
	r->at += h.len;
	if (type_phys(h.type) == PHYS_STR) {
		out->is_null = false;
		out->text = text_make(data, h.len);
	} else {
		memcpy(slot, data, h.len);
		*out = value_load(h.type, slot);
	}
	return true;
}

void record_begin(struct strbuf *out, uint32_t n, struct str names)
{
	uint32_t len = (uint32_t)names.len;

	strbuf_add(out, (const char *)&n, 4);
	strbuf_add(out, (const char *)&len, 4);
	strbuf_add(out, names.data, names.len);
}

void record_add(struct strbuf *out, const struct value *v)
{
	_Alignas(16) char slot[sizeof(struct num)] = {0};
	struct field_head h;
	struct str s;

	memset(&h, 0, sizeof h);
	h.type = v->type;
	h.len = UINT32_MAX;
	if (v->is_null) {
		strbuf_add(out, (const char *)&h, sizeof h);
		return;
	}
	if (type_phys(v->type) == PHYS_STR) {
		s = text_str(&v->text);
	} else {
		value_store(v, slot);
		s = str_make(slot, phys_size(type_phys(v->type)));
	}
	h.len = (uint32_t)s.len;
	strbuf_add(out, (const char *)&h, sizeof h);
	strbuf_add(out, s.data, s.len);
}

static bool needs_quotes(struct str s)
{
	if (!s.len)
		return true;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];
		if (c == '"' || c == '\\' || c == '(' || c == ')' || c == ',' || c == ' ' || (c >= '\t' && c <= '\r'))
			return true;
	}
	return false;
}

static void print_field(const struct value *v, const struct text_context *tc, struct strbuf *out)
{
	struct strbuf item;
	struct str s;

	strbuf_init(&item, 0);
	value_print(v, tc, &item);
	s = strbuf_str(&item);
	if (needs_quotes(s)) {
		strbuf_addc(out, '"');
		for (size_t i = 0; i < s.len; i++) {
			if (s.data[i] == '"' || s.data[i] == '\\')
				strbuf_addc(out, s.data[i]);
			strbuf_addc(out, s.data[i]);
		}
		strbuf_addc(out, '"');
	} else {
		strbuf_add(out, s.data, s.len);
	}
	strbuf_release(&item);
}

void record_print(struct str s, const struct text_context *tc, struct strbuf *out)
{
	struct record_reader r;
	struct value v;

	record_open(s, &r);
	strbuf_addc(out, '(');
	for (bool first = true; record_next(&r, &v); first = false) {
		if (!first)
			strbuf_addc(out, ',');
		if (!v.is_null)
			print_field(&v, tc, out);
	}
	strbuf_addc(out, ')');
}

int record_compare(struct str s, struct str t)
{
	struct record_reader a, b;
	struct value x, y;
	int c;

	record_open(s, &a);
	record_open(t, &b);
	while (record_next(&a, &x)) {
		if (!record_next(&b, &y))
			return 1;
		if (x.type.id != y.type.id || x.type.array != y.type.array)
			return x.type.id < y.type.id ? -1 : 1;
		if (x.is_null || y.is_null) {
			c = x.is_null - y.is_null;
			if (c)
				return c;
			continue;
		}
		c = value_compare(&x, &y);
		if (c)
			return c;
	}
	return b.i < b.n ? -1 : 0;
}
