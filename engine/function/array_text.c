/*
 * Between texts and arrays: array_to_string, string_to_array, regexp_match, regexp_split_to_array. The set-returning
 * ones of the same kind are in table_text.c.
 */
#define _GNU_SOURCE /* memmem */
#include "engine/base/utf8.h"
#include "engine/function/array_rows.h"
#include "engine/function/regex_compile.h"
#include "engine/function/tables.h"
#include "engine/function/text_split.h"

static bool to_string_row(struct row *r)
{
	struct array a;
	struct str separator, shown_null = {0};
	bool nulls = r->call->nargs > 2 && !row_is_null(r, 2), first = true;
	struct type elem = type_elem(r->call->arg_types[0]);

	if (row_is_null(r, 0) || row_is_null(r, 1))
		return row_set_null(r);
	row_array(r, 0, &a);
	separator = row_str(r, 1);
	if (nulls)
		shown_null = row_str(r, 2);
	for (uint32_t i = 0; i < a.n; i++) {
		struct value v = array_get(&a, i);
		if (v.is_null && !nulls)
			continue;
		if (!first)
			strbuf_add(r->buf, separator.data, separator.len);
		first = false;
		if (v.is_null) {
			strbuf_add(r->buf, shown_null.data, shown_null.len);
			continue;
		}
		if (v.type.id == TYPE_BPCHAR)
			v.type.mod = elem.mod;
		value_print(&v, r->call->text, r->buf);
	}
	return true;
}
ROWS(to_string_fn, to_string_row, ROWS_BUILD | ROWS_NULL_OUT)

/* ---- texts apart ---- */

bool splitter_next(struct splitter *s, struct str *out)
{
	const char *hit = NULL;
	size_t n;

	if (s->done)
		return false;
	if (!s->has_separator) {
		n = utf8_size((unsigned char)s->rest.data[0]);
		*out = str_make(s->rest.data, n);
		s->rest = str_make(s->rest.data + n, s->rest.len - n);
		s->done = s->rest.len == 0;
		return true;
	}
	if (s->separator.len)
		hit = memmem(s->rest.data, s->rest.len, s->separator.data, s->separator.len);
	if (!hit) {
		*out = s->rest;
		s->done = true;
		return true;
	}
	n = (size_t)(hit - s->rest.data);
	*out = str_make(s->rest.data, n);
	s->rest = str_make(hit + s->separator.len, s->rest.len - n - s->separator.len);
	return true;
}

void splitter_open(struct splitter *s, struct str text, const struct str *separator)
{
	*s = (struct splitter){.rest = text, .has_separator = separator != NULL, .done = text.len == 0};
	if (separator)
		s->separator = *separator;
}

static void add_text(struct array_builder *b, struct str s)
{
	struct value v = value_null(type_make(TYPE_TEXT));

	v.is_null = false;
	v.text = text_make(s.data, s.len);
	array_builder_add(b, &v);
}

static bool finish_list(struct row *r, struct array_builder *b, bool ok)
{
	ok = ok && array_builder_list(b, r->buf, r->call->err);
	array_builder_release(b);
	return ok;
}

static bool to_array_row(struct row *r)
{
	struct splitter s;
	struct str separator, part, null_text = {0};
	struct array_builder b;
	bool nulls = r->call->nargs > 2 && !row_is_null(r, 2);

	if (row_is_null(r, 0))
		return row_set_null(r);
	if (!row_is_null(r, 1))
		separator = row_str(r, 1);
	if (nulls)
		null_text = row_str(r, 2);
	splitter_open(&s, row_str(r, 0), row_is_null(r, 1) ? NULL : &separator);
	array_builder_init(&b, type_make(TYPE_TEXT));
	while (splitter_next(&s, &part)) {
		if (nulls && str_eq(part, null_text))
			array_builder_null(&b);
		else
			add_text(&b, part);
	}
	return finish_list(r, &b, true);
}
ROWS(to_array_fn, to_array_row, ROWS_BUILD | ROWS_NULL_OUT)

/* ---- regular expressions ---- */

static struct regex *row_regex(struct row *r, const char *name, bool global_allowed, bool *global)
{
	struct regex_flags flags = {0};

	if (r->call->nargs > 2 && !regex_flags_parse(row_str(r, 2), &flags, r->call->err))
		return NULL;
	*global = flags.global;
	if (flags.global && !global_allowed) {
		(void)row_error(r, ERR_INVALID_PARAMETER_VALUE, "%s() does not support the \"global\" option", name);
		return NULL;
	}
	flags.global = false;
	return regex_cached(r->call, row_str(r, 1), flags);
}

bool regex_match_array(struct regex *re, struct str s, const struct regex_span *spans, struct strbuf *out, struct err *e)
{
	unsigned groups = regex_groups(re);
	struct array_builder b;
	bool ok;

	array_builder_init(&b, type_make(TYPE_TEXT));
	for (unsigned i = groups ? 1 : 0; i <= groups; i++) {
		if (spans[i].from == REGEX_NONE)
			array_builder_null(&b);
		else
			add_text(&b, str_make(s.data + spans[i].from, spans[i].to - spans[i].from));
	}
	ok = array_builder_list(&b, out, e);
	array_builder_release(&b);
	return ok;
}

static bool match_row(struct row *r)
{
	struct str s = row_str(r, 0);
	struct regex_span *spans;
	struct regex *re;
	bool found, global;

	re = row_regex(r, "regexp_match", false, &global);
	if (!re)
		return false;
	spans = regex_spans(re);
	if (!regex_find(re, s, 0, &found, spans, r->call->err))
		return false;
	return found ? regex_match_array(re, s, spans, r->buf, r->call->err) : row_set_null(r);
}
ROWS(match_fn, match_row, ROWS_BUILD | ROWS_NULLABLE)

bool regex_walk_next(struct regex_walk *w, bool *found, struct err *e)
{
	struct regex_span *spans = regex_spans(w->re);

	*found = false;
	if (w->ended)
		return true;
	if (!regex_find(w->re, w->s, w->at, found, spans, e))
		return false;
	if (!*found) {
		w->ended = true;
		return true;
	}
	w->match = spans[0];
	/* after an empty match the next one begins a character further */
	w->at = w->match.to;
	if (w->match.to == w->match.from) {
		if (w->at >= w->s.len)
			w->ended = true;
		else
			w->at += utf8_size((unsigned char)w->s.data[w->at]);
	}
	return true;
}

/* Pieces between matches; an empty match right behind the last one, or at the end, cuts nothing. */
bool regex_split_next(struct regex_split *p, bool *found, struct str *out, struct err *e)
{
	bool hit;

	*found = false;
	if (p->done)
		return true;
	for (;;) {
		if (!regex_walk_next(&p->walk, &hit, e))
			return false;
		*found = true;
		if (!hit) {
			*out = str_make(p->walk.s.data + p->from, p->walk.s.len - p->from);
			p->done = true;
			return true;
		}
		if (p->walk.match.to == p->walk.match.from && (p->walk.match.from >= p->walk.s.len || p->walk.match.from == p->from))
			continue;
		*out = str_make(p->walk.s.data + p->from, p->walk.match.from - p->from);
		p->from = p->walk.match.to;
		return true;
	}
}

static bool split_row(struct row *r)
{
	struct regex_split p = {.walk = {.s = row_str(r, 0)}};
	struct array_builder b;
	struct str part;
	bool found, global, ok;

	p.walk.re = row_regex(r, "regexp_split_to_array", false, &global);
	if (!p.walk.re)
		return false;
	array_builder_init(&b, type_make(TYPE_TEXT));
	while ((ok = regex_split_next(&p, &found, &part, r->call->err)) && found)
		add_text(&b, part);
	return finish_list(r, &b, ok);
}
ROWS(split_fn, split_row, ROWS_BUILD)

const struct func functions_array_text[] = {
	ARRAY_FN("array_to_string", A_TEXT, to_string_fn, FUNC_NOT_STRICT, "the elements with a separator", ANYARRAY, A_TEXT),
	ARRAY_FN("array_to_string", A_TEXT, to_string_fn, FUNC_NOT_STRICT, "the elements with a separator, and a text for NULL",
			 ANYARRAY, A_TEXT, A_TEXT),
	ARRAY_FN("string_to_array", TEXT_ARRAY, to_array_fn, FUNC_NOT_STRICT | FAIL, "the parts between separators", A_TEXT, A_TEXT),
	ARRAY_FN("string_to_array", TEXT_ARRAY, to_array_fn, FUNC_NOT_STRICT | FAIL,
			 "the parts between separators, one text being NULL", A_TEXT, A_TEXT, A_TEXT),
	ARRAY_FN("regexp_match", TEXT_ARRAY, match_fn, SOME_NULL | FAIL, "the groups of the first match", A_TEXT, A_TEXT),
	ARRAY_FN("regexp_match", TEXT_ARRAY, match_fn, SOME_NULL | FAIL, "the groups of the first match, by flags", A_TEXT, A_TEXT,
			 A_TEXT),
	ARRAY_FN("regexp_split_to_array", TEXT_ARRAY, split_fn, FAIL, "the parts between matches", A_TEXT, A_TEXT),
	ARRAY_FN("regexp_split_to_array", TEXT_ARRAY, split_fn, FAIL, "the parts between matches, by flags", A_TEXT, A_TEXT, A_TEXT),
	FN_END,
};
