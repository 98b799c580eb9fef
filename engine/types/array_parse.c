/*
 * PostgreSQL's array_in: '{1,NULL,"a b"}', nested, with or without '[0:2]=' before it. One pass; the shape is known
 * from the first element of each depth, and the others must agree with it.
 */
#include "engine/types/array.h"

struct array_reader {
	struct mem *m;
	struct type elem;
	const struct text_context *tc;
	struct str s;
	size_t at;
	struct array_builder out;
	int ndim;                    /* -1: not known yet */
	int32_t dims[ARRAY_DIMS + 1];
	bool known[ARRAY_DIMS + 1];
	struct strbuf item;
	struct err *e;
};

static bool malformed(struct array_reader *r, const char *detail)
{
	err_set(r->e, ERR_INVALID_TEXT_REPRESENTATION, "malformed array literal: \"%.*s\"",
			(int)(r->s.len < 512 ? r->s.len : 512), r->s.data);
	return err_detail(r->e, "%s", detail);
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_blanks(struct array_reader *r)
{
	while (r->at < r->s.len && is_blank(r->s.data[r->at]))
		r->at++;
}

static char peek(const struct array_reader *r)
{
	return r->at < r->s.len ? r->s.data[r->at] : '\0';
}

/* The text up to the next delimiter; *plain: without quotes and backslashes. */
static bool read_word(struct array_reader *r, bool *plain)
{
	size_t keep = 0; /* blanks behind it are cut off */
	bool quoted = false, open = false;

	*plain = true;
	strbuf_reset(&r->item);
	for (; r->at < r->s.len; r->at++) {
		char c = r->s.data[r->at];
		if (open) {
			if (c == '"') {
				open = false;
				continue;
			}
			if (c == '\\' && ++r->at >= r->s.len)
				return malformed(r, "Unexpected end of input.");
			strbuf_addc(&r->item, r->s.data[r->at]);
			keep = r->item.len;
			continue;
		}
		if (c == ',' || c == '}')
			break;
		if (c == '{')
			return malformed(r, "Unexpected \"{\" character.");
		if (c == '"') {
			if (quoted || r->item.len)
				return malformed(r, "Incorrectly quoted array element.");
			quoted = open = true;
			*plain = false;
		} else if (c == '\\') {
			if (quoted)
				return malformed(r, "Incorrectly quoted array element.");
			if (++r->at >= r->s.len)
				return malformed(r, "Unexpected end of input.");
			strbuf_addc(&r->item, r->s.data[r->at]);
			keep = r->item.len;
			*plain = false;
		} else if (is_blank(c)) {
			if (!quoted && r->item.len)
				strbuf_addc(&r->item, c);
		} else {
			if (quoted)
				return malformed(r, "Incorrectly quoted array element.");
			strbuf_addc(&r->item, c);
			keep = r->item.len;
		}
	}
	if (open || r->at >= r->s.len)
		return malformed(r, "Unexpected end of input.");
	if (!quoted && !keep)
		return malformed(r, r->s.data[r->at] == ',' ? "Unexpected \",\" character." : "Unexpected \"}\" character.");
	r->item.len = keep;
	return true;
}

static bool read_item(struct array_reader *r)
{
	struct value v;
	bool plain;

	if (!read_word(r, &plain))
		return false;
	if (plain && str_eq_nocase(strbuf_str(&r->item), STR("null"))) {
		array_builder_null(&r->out);
		return true;
	}
	if (!value_parse(r->m, r->elem, strbuf_str(&r->item), r->tc, &v, r->e))
		return false;
	array_builder_add(&r->out, &v);
	return true;
}

/* One braced list at that depth, of which *n elements. */
static bool read_list(struct array_reader *r, int depth)
{
	int32_t n = 0;
	bool nested;

	if (depth >= ARRAY_DIMS)
		return err_set(r->e, ERR_PROGRAM_LIMIT, "number of array dimensions (%d) exceeds the maximum allowed (%d)",
					   depth + 1, ARRAY_DIMS);
	r->at++;
	skip_blanks(r);
	nested = peek(r) == '{';
	if (peek(r) == '}' && r->at < r->s.len) {
		if (depth)
			return malformed(r, "Unexpected \"}\" character.");
		r->at++;
		r->ndim = 1;
		return true;
	}
	if (!nested && r->ndim < 0)
		r->ndim = depth + 1;
	if (nested ? r->ndim >= 0 && depth + 1 >= r->ndim : depth + 1 != r->ndim)
		return malformed(r, "Multidimensional arrays must have sub-arrays with matching dimensions.");
	for (;;) {
		skip_blanks(r);
		if (nested && peek(r) != '{')
			return malformed(r, r->at < r->s.len ? "Unexpected array element." : "Unexpected end of input.");
		if (!(nested ? read_list(r, depth + 1) : read_item(r)))
			return false;
		n++;
		skip_blanks(r);
		if (r->at >= r->s.len)
			return malformed(r, "Unexpected end of input.");
		if (peek(r) == '}')
			break;
		if (peek(r) != ',')
			return malformed(r, "Unexpected array element.");
		r->at++;
	}
	r->at++;
	if (r->known[depth] && r->dims[depth] != n)
		return malformed(r, "Multidimensional arrays must have sub-arrays with matching dimensions.");
	r->known[depth] = true;
	r->dims[depth] = n;
	return true;
}

static bool read_bound(struct array_reader *r, int64_t *out)
{
	bool negative = peek(r) == '-';
	size_t from;

	if (negative || peek(r) == '+')
		r->at++;
	from = r->at;
	*out = 0;
	for (; peek(r) >= '0' && peek(r) <= '9'; r->at++)
		if (*out < INT64_C(10000000000))
			*out = *out * 10 + (peek(r) - '0');
	if (r->at == from)
		return malformed(r, "\"[\" must introduce explicitly-specified array dimensions.");
	*out = negative ? -*out : *out;
	if (*out > INT32_MAX || *out < INT32_MIN)
		return err_set(r->e, ERR_NUMERIC_OUT_OF_RANGE, "array bound is out of integer range");
	return true;
}

static bool read_bounds(struct array_reader *r, int32_t *lower, int32_t *sizes, int *ndim)
{
	int64_t low, high;

	*ndim = 0;
	for (;;) {
		skip_blanks(r);
		if (peek(r) != '[')
			break;
		if (*ndim >= ARRAY_DIMS)
			return err_set(r->e, ERR_PROGRAM_LIMIT, "number of array dimensions (%d) exceeds the maximum allowed (%d)",
						   *ndim + 1, ARRAY_DIMS);
		r->at++;
		if (!read_bound(r, &high))
			return false;
		low = 1;
		if (peek(r) == ':') {
			r->at++;
			low = high;
			if (!read_bound(r, &high))
				return false;
		}
		if (peek(r) != ']')
			return malformed(r, "Missing \"]\" after array dimensions.");
		r->at++;
		if (high < low)
			return err_set(r->e, ERR_ARRAY_SUBSCRIPT_ERROR, "upper bound cannot be less than lower bound");
		if (high - low + 1 > ARRAY_MAX_ITEMS)
			return err_set(r->e, ERR_PROGRAM_LIMIT, "array size exceeds the maximum allowed (%d)", ARRAY_MAX_ITEMS);
		lower[*ndim] = (int32_t)low;
		sizes[(*ndim)++] = (int32_t)(high - low + 1);
	}
	if (!*ndim)
		return true;
	if (peek(r) != '=')
		return malformed(r, "Missing \"=\" after array dimensions.");
	r->at++;
	skip_blanks(r);
	return true;
}

static bool read_array(struct array_reader *r, struct strbuf *out)
{
	int32_t lower[ARRAY_DIMS] = {1, 1, 1, 1, 1, 1}, sizes[ARRAY_DIMS];
	int said;

	skip_blanks(r);
	if (!read_bounds(r, lower, sizes, &said))
		return false;
	if (peek(r) != '{')
		return malformed(r, said ? "Array contents must start with \"{\"."
								 : "Array value must start with \"{\" or dimension information.");
	if (!read_list(r, 0))
		return false;
	skip_blanks(r);
	if (r->at < r->s.len)
		return malformed(r, "Junk after closing right brace.");
	if (said && (said != r->ndim || memcmp(sizes, r->dims, (size_t)said * sizeof *sizes) != 0))
		return malformed(r, "Specified array dimensions do not match array contents.");
	return array_builder_finish(&r->out, r->ndim, r->dims, lower, out, r->e);
}

bool array_parse(struct mem *m, struct type t, struct str s, const struct text_context *tc, struct value *out,
				 struct err *e)
{
	struct array_reader r = {.m = m, .elem = type_elem(t), .tc = tc ? tc : &text_context_default, .s = s, .ndim = -1, .e = e};
	struct strbuf bytes;
	bool ok;

	if (t.id == TYPE_NUMERIC)
		r.elem = type_make(TYPE_NUMERIC);
	if (t.id == TYPE_NUMERIC && t.mod >= 4)
		r.elem = type_with_mod(TYPE_NUMERIC, t.mod);
	array_builder_init(&r.out, r.elem);
	strbuf_init(&r.item, 0);
	strbuf_init(&bytes, 0);
	ok = read_array(&r, &bytes);
	*out = value_null(t);
	out->is_null = false;
	if (ok)
		out->text = text_make(bytes.len > TEXT_INLINE ? mem_dup(m, bytes.data, bytes.len) : bytes.data, bytes.len);
	array_builder_release(&r.out);
	strbuf_release(&r.item);
	strbuf_release(&bytes);
	return ok;
}
