/*
 * Texts in pieces as rows: string_to_table, regexp_split_to_table, regexp_matches. A set has a regular expression
 * of its own, so that sets can go on side by side.
 */
#include "engine/base/utf8.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"
#include "engine/function/text_split.h"

static const struct text *text_argument(const struct view *args, uint32_t a, uint32_t row)
{
	return &((const struct text *)args[a].data)[view_index(&args[a], row)];
}

static bool put_text(struct fncall *c, struct vec *out, uint32_t i, struct str s)
{
	return heap_add(out->heap, s.data, s.len, (struct text *)out->data + i, c->err);
}

static bool put_null(struct fncall *c, struct vec *out, uint32_t i, uint32_t rows)
{
	if (!out->valid && !vec_want_nulls(out, rows, c->mem, c->err))
		return false;
	vec_set_null(out, i);
	return true;
}

/* ---- string_to_table ---- */

/* Texts are kept as they stand in the arguments: `splitter` points into these copies of the slots. */
struct split_state {
	struct text text, separator, null_text;
	struct splitter s;
	bool nulls, opened;
	bool has_separator;
};

static bool split_start(struct fncall *c, const struct view *args, uint32_t row, void *state)
{
	struct split_state *s = state;

	if (view_is_null(&args[0], row)) {
		s->opened = true;
		s->s.done = true;
		return true;
	}
	s->text = *text_argument(args, 0, row);
	s->has_separator = !view_is_null(&args[1], row);
	if (s->has_separator)
		s->separator = *text_argument(args, 1, row);
	s->nulls = c->nargs > 2 && !view_is_null(&args[2], row);
	if (s->nulls)
		s->null_text = *text_argument(args, 2, row);
	return true;
}

static bool split_next(struct fncall *c, void *state, struct vec *out, uint32_t at, uint32_t max, uint32_t *made)
{
	struct split_state *s = state;
	struct str part, separator = text_str(&s->separator);

	if (!s->opened)
		splitter_open(&s->s, text_str(&s->text), s->has_separator ? &separator : NULL);
	s->opened = true;
	for (*made = 0; *made < max && splitter_next(&s->s, &part); ++*made)
		if (s->nulls && str_eq(part, text_str(&s->null_text)) ? !put_null(c, out, at + *made, at + max)
															  : !put_text(c, out, at + *made, part))
			return false;
	return true;
}

/* ---- regular expressions ---- */

struct match_state {
	struct text text;
	struct regex_split split; /* its walk alone for regexp_matches */
	bool global, opened;
};

static bool regex_start(struct fncall *c, const struct view *args, uint32_t row, struct match_state *s, bool split)
{
	struct regex_flags flags = {0};

	s->text = *text_argument(args, 0, row);
	if (c->nargs > 2 && !regex_flags_parse(text_str(text_argument(args, 2, row)), &flags, c->err))
		return false;
	if (split && flags.global)
		return err_set(c->err, ERR_INVALID_PARAMETER_VALUE, "regexp_split_to_table() does not support the \"global\" option");
	s->global = flags.global;
	flags.global = false;
	s->split.walk.re = regex_new(text_str(text_argument(args, 1, row)), flags, c->err);
	return s->split.walk.re != NULL;
}

static bool split_table_start(struct fncall *c, const struct view *args, uint32_t row, void *state)
{
	return regex_start(c, args, row, state, true);
}

static bool matches_start(struct fncall *c, const struct view *args, uint32_t row, void *state)
{
	return regex_start(c, args, row, state, false);
}

static void regex_stop(struct fncall *c, void *state)
{
	struct match_state *s = state;

	(void)c;
	if (s->split.walk.re)
		regex_free(s->split.walk.re);
	s->split.walk.re = NULL;
}

static bool split_table_next(struct fncall *c, void *state, struct vec *out, uint32_t at, uint32_t max, uint32_t *made)
{
	struct match_state *s = state;
	struct str part;
	bool found;

	s->split.walk.s = text_str(&s->text);
	for (*made = 0; *made < max; ++*made) {
		if (!regex_split_next(&s->split, &found, &part, c->err))
			return false;
		if (!found)
			break;
		if (!put_text(c, out, at + *made, part))
			return false;
	}
	return true;
}

static bool matches_next(struct fncall *c, void *state, struct vec *out, uint32_t at, uint32_t max, uint32_t *made)
{
	struct match_state *s = state;
	struct regex_walk *w = &s->split.walk;
	struct strbuf b;
	bool found = true, ok = true;

	w->s = text_str(&s->text);
	strbuf_init(&b, ROW_TEXT_MAX);
	for (*made = 0; ok && found && *made < max;) {
		ok = regex_walk_next(w, &found, c->err);
		if (!ok || !found)
			break;
		strbuf_reset(&b);
		ok = regex_match_array(w->re, w->s, regex_spans(w->re), &b, c->err) && put_text(c, out, at + *made, strbuf_str(&b));
		w->ended |= !s->global;
		++*made;
	}
	strbuf_release(&b);
	return ok;
}

static const struct table_ops string_ops = {.state_size = sizeof(struct split_state), .start = split_start, .next = split_next};
static const struct table_ops split_ops = {.state_size = sizeof(struct match_state), .start = split_table_start,
										   .next = split_table_next, .stop = regex_stop};
static const struct table_ops matches_ops = {.state_size = sizeof(struct match_state), .start = matches_start,
											 .next = matches_next, .stop = regex_stop};

#define MATCHES(...)                                                                               \
	{.name = "regexp_matches", .kind = FUNC_TABLE, .nargs = sizeof((struct type[]){__VA_ARGS__}) / sizeof(struct type), \
	 .args = {__VA_ARGS__}, .result = T_ARRAY(TEXT), .table = &matches_ops, .flags = FAIL, .help = "the groups of matches"}

const struct func functions_table_text[] = {
	TABLE_FN("string_to_table", TEXT, string_ops, FUNC_NOT_STRICT | FAIL, "the parts between separators", T(TEXT), T(TEXT)),
	TABLE_FN("string_to_table", TEXT, string_ops, FUNC_NOT_STRICT | FAIL, "the parts between separators, one text being NULL",
			 T(TEXT), T(TEXT), T(TEXT)),
	TABLE_FN("regexp_split_to_table", TEXT, split_ops, FAIL, "the parts between matches", T(TEXT), T(TEXT)),
	TABLE_FN("regexp_split_to_table", TEXT, split_ops, FAIL, "the parts between matches, by flags", T(TEXT), T(TEXT), T(TEXT)),
	MATCHES(T(TEXT), T(TEXT)),
	MATCHES(T(TEXT), T(TEXT), T(TEXT)),
	FN_END,
};
