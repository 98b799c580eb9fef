/*
 * The operators ~ ~* !~ !~* and the functions regexp_like, _count, _instr, _substr, _replace,
 * substring(text from pattern), similar_to_escape. What returns arrays or sets of rows
 * (regexp_match, regexp_split_to_*) is not here.
 */
#include "engine/base/utf8.h"
#include "engine/function/regex_compile.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"

/* ---- operators ---- */

/* char(n) takes part with its padding. */
static struct str padded(struct row *r, unsigned a, struct strbuf *buf)
{
	struct str s = row_str(r, a);
	const struct type *t = &r->call->arg_types[a];
	int64_t missing = t->id == TYPE_BPCHAR && t->mod > 4 ? t->mod - 4 - (int64_t)utf8_length(s.data, s.len) : 0;

	if (missing <= 0)
		return s;
	strbuf_reset(buf);
	strbuf_add(buf, s.data, s.len);
	for (; missing > 0; missing--)
		strbuf_addc(buf, ' ');
	return strbuf_str(buf);
}

TEMPLATE bool match_row(struct row *r, bool icase, bool negate)
{
	struct regex_flags flags = {.icase = icase};
	struct regex *re = regex_cached(r->call, row_str(r, 1), flags);
	struct strbuf buf;
	bool found, ok;

	if (!re)
		return false;
	strbuf_init(&buf, 0);
	ok = regex_find(re, padded(r, 0, &buf), 0, &found, NULL, r->call->err);
	strbuf_release(&buf);
	return ok && row_set_bool(r, found != negate);
}
static bool match_plain_row(struct row *r) { return match_row(r, false, false); }
static bool match_icase_row(struct row *r) { return match_row(r, true, false); }
static bool not_match_row(struct row *r) { return match_row(r, false, true); }
static bool not_icase_row(struct row *r) { return match_row(r, true, true); }
ROWS(match_fn, match_plain_row, ROWS_PLAIN)
ROWS(match_icase_fn, match_icase_row, ROWS_PLAIN)
ROWS(not_match_fn, not_match_row, ROWS_PLAIN)
ROWS(not_icase_fn, not_icase_row, ROWS_PLAIN)

/* ---- shared by the functions ---- */

/* The pattern in argument 1 with the flags in argument a (none when there are fewer); `name` of the function
 * that does not take g, or NULL. */
static struct regex *pattern_of(struct row *r, unsigned a, const char *no_global, struct regex_flags *flags)
{
	*flags = (struct regex_flags){0};
	if (a < r->call->nargs && !regex_flags_parse(row_str(r, a), flags, r->call->err))
		return NULL;
	if (flags->global && no_global) {
		(void)row_error(r, ERR_INVALID_PARAMETER_VALUE, "%s() does not support the \"global\" option", no_global);
		return NULL;
	}
	struct regex_flags plain = *flags;
	plain.global = false;
	return regex_cached(r->call, row_str(r, 1), plain);
}

static bool check_at_least(struct row *r, const char *name, int32_t v, int32_t least)
{
	return v >= least || row_error(r, ERR_INVALID_PARAMETER_VALUE, "invalid value for parameter \"%s\": %d", name, v);
}

/* Optional integer argument. */
static int32_t int_arg(struct row *r, unsigned a, int32_t otherwise)
{
	return a < r->call->nargs ? row_i32(r, a) : otherwise;
}

/* Byte offset of character `start` (from 1); REGEX_NONE behind the end. */
static size_t start_offset(struct str s, int32_t start)
{
	size_t at = utf8_offset(s.data, s.len, (size_t)start - 1);

	return at == s.len && (size_t)start - 1 > utf8_length(s.data, s.len) ? REGEX_NONE : at;
}

/* Where to go on behind a match: one character further when it was empty; REGEX_NONE at the end. */
static size_t next_start(struct str s, const struct regex_span *whole)
{
	if (whole->from != whole->to)
		return whole->to;
	return whole->to >= s.len ? REGEX_NONE : whole->to + utf8_size((unsigned char)s.data[whole->to]);
}

/* The n-th match (from 1) at or behind byte `at`. */
static bool find_nth(struct row *r, struct regex *re, struct str s, size_t at, int32_t n, struct regex_span *spans,
					 bool *found)
{
	*found = false;
	for (; at != REGEX_NONE; at = next_start(s, &spans[0])) {
		if (!regex_find(re, s, at, found, spans, r->call->err))
			return false;
		if (!*found || --n == 0)
			return true;
	}
	*found = false;
	return true;
}

/* ---- regexp_like, regexp_count ---- */

static bool regexp_like_row(struct row *r)
{
	struct regex_flags flags;
	struct regex *re = pattern_of(r, 2, "regexp_like", &flags);
	bool found;

	return re && regex_find(re, row_str(r, 0), 0, &found, NULL, r->call->err) && row_set_bool(r, found);
}
ROWS(regexp_like_fn, regexp_like_row, ROWS_PLAIN)

static bool regexp_count_row(struct row *r)
{
	struct str s = row_str(r, 0);
	struct regex_flags flags;
	struct regex_span *spans;
	struct regex *re;
	int32_t start = int_arg(r, 2, 1), count = 0;

	if (!check_at_least(r, "start", start, 1) || !(re = pattern_of(r, 3, "regexp_count", &flags)))
		return false;
	spans = regex_spans(re);
	for (size_t at = start_offset(s, start); at != REGEX_NONE; at = next_start(s, &spans[0])) {
		bool found;
		if (!regex_find(re, s, at, &found, spans, r->call->err))
			return false;
		if (!found)
			break;
		count++;
	}
	return row_set_i32(r, count);
}
ROWS(regexp_count_fn, regexp_count_row, ROWS_PLAIN)

/* ---- regexp_instr, regexp_substr ---- */

static bool regexp_instr_row(struct row *r)
{
	struct str s = row_str(r, 0);
	int32_t start = int_arg(r, 2, 1), n = int_arg(r, 3, 1), after = int_arg(r, 4, 0), group = int_arg(r, 6, 0);
	struct regex_flags flags;
	struct regex_span *spans;
	struct regex *re;
	bool found;

	if (!check_at_least(r, "start", start, 1) || !check_at_least(r, "n", n, 1))
		return false;
	if (after != 0 && after != 1)
		return row_error(r, ERR_INVALID_PARAMETER_VALUE, "invalid value for parameter \"endoption\": %d", after);
	if (!check_at_least(r, "subexpr", group, 0) || !(re = pattern_of(r, 5, "regexp_instr", &flags)))
		return false;
	spans = regex_spans(re);
	if (!find_nth(r, re, s, start_offset(s, start), n, spans, &found))
		return false;
	if (!found || (unsigned)group > regex_groups(re) || spans[group].from == REGEX_NONE)
		return row_set_i32(r, 0);
	return row_set_i32(r, (int32_t)utf8_length(s.data, after ? spans[group].to : spans[group].from) + 1);
}
ROWS(regexp_instr_fn, regexp_instr_row, ROWS_PLAIN)

static bool span_result(struct row *r, struct str s, const struct regex_span *span)
{
	return span->from == REGEX_NONE ? row_set_null(r) : row_text(r, s.data + span->from, span->to - span->from);
}

static bool regexp_substr_row(struct row *r)
{
	struct str s = row_str(r, 0);
	int32_t start = int_arg(r, 2, 1), n = int_arg(r, 3, 1), group = int_arg(r, 5, 0);
	struct regex_flags flags;
	struct regex_span *spans;
	struct regex *re;
	bool found;

	if (!check_at_least(r, "start", start, 1) || !check_at_least(r, "n", n, 1) ||
		!check_at_least(r, "subexpr", group, 0) || !(re = pattern_of(r, 4, "regexp_substr", &flags)))
		return false;
	spans = regex_spans(re);
	if (!find_nth(r, re, s, start_offset(s, start), n, spans, &found))
		return false;
	if (!found || (unsigned)group > regex_groups(re))
		return row_set_null(r);
	return span_result(r, s, &spans[group]);
}
ROWS(regexp_substr_fn, regexp_substr_row, ROWS_NULLABLE)

/* substring(text from pattern): the first group where there is one. */
static bool substring_by(struct row *r, struct regex *re)
{
	struct str s = row_str(r, 0);
	struct regex_span *spans;
	bool found;

	if (!re)
		return false;
	spans = regex_spans(re);
	if (!regex_find(re, s, 0, &found, spans, r->call->err))
		return false;
	return found ? span_result(r, s, &spans[regex_groups(re) > 0]) : row_set_null(r);
}

static bool substring_row(struct row *r)
{
	return substring_by(r, regex_cached(r->call, row_str(r, 1), (struct regex_flags){0}));
}
ROWS(substring_fn, substring_row, ROWS_NULLABLE)

/* ---- regexp_replace ---- */

/* Appends the replacement: \1 … \9, \& and \\ are special. */
static void add_replacement(struct row *r, struct str s, struct str with, const struct regex_span *spans, unsigned groups)
{
	for (size_t i = 0; i < with.len; i++) {
		char ch = with.data[i], next = i + 1 < with.len ? with.data[i + 1] : 0;
		unsigned group;

		if (ch != '\\' || !((next >= '1' && next <= '9') || next == '&' || next == '\\')) {
			strbuf_addc(r->buf, ch);
			continue;
		}
		i++;
		if (next == '\\') {
			strbuf_addc(r->buf, '\\');
			continue;
		}
		group = next == '&' ? 0 : (unsigned)(next - '0');
		if (group <= groups && spans[group].from != REGEX_NONE)
			strbuf_add(r->buf, s.data + spans[group].from, spans[group].to - spans[group].from);
	}
}

/* Replaces the n-th match at or behind `start`, all of them when n is 0. */
static bool replace_matches(struct row *r, struct regex *re, int32_t start, int32_t n)
{
	struct str s = row_str(r, 0), with = row_str(r, 2);
	struct regex_span *spans = regex_spans(re);
	size_t done = 0;
	int32_t seen = 0;

	for (size_t at = start_offset(s, start); at != REGEX_NONE && !r->buf->overflow; at = next_start(s, &spans[0])) {
		bool found;
		if (!regex_find(re, s, at, &found, spans, r->call->err))
			return false;
		if (!found)
			break;
		if (++seen < n)
			continue;
		strbuf_add(r->buf, s.data + done, spans[0].from - done);
		add_replacement(r, s, with, spans, regex_groups(re));
		done = spans[0].to;
		if (n > 0)
			break;
	}
	strbuf_add(r->buf, s.data + done, s.len - done);
	return true;
}

static bool regexp_replace_row(struct row *r)
{
	struct regex_flags flags;
	struct regex *re;

	if (r->call->nargs > 3) {
		struct str f = row_str(r, 3);
		if (f.len && f.data[0] >= '0' && f.data[0] <= '9') {
			row_error(r, ERR_INVALID_PARAMETER_VALUE, "invalid regular expression option: \"%c\"", f.data[0]);
			return err_hint(r->call->err, "To give a start position, cast the fourth argument to integer.");
		}
	}
	re = pattern_of(r, 3, NULL, &flags);
	return re && replace_matches(r, re, 1, flags.global ? 0 : 1);
}
ROWS(regexp_replace_fn, regexp_replace_row, ROWS_BUILD)

static bool regexp_replace_at_row(struct row *r)
{
	int32_t start = row_i32(r, 3), n = int_arg(r, 4, 1);
	struct regex_flags flags;
	struct regex *re;

	if (!check_at_least(r, "start", start, 1) || !check_at_least(r, "n", n, 0))
		return false;
	re = pattern_of(r, 5, NULL, &flags);
	if (!re)
		return false;
	return replace_matches(r, re, start, n);
}
ROWS(regexp_replace_at_fn, regexp_replace_at_row, ROWS_BUILD)

/* ---- SIMILAR TO ---- */

struct similar {
	struct strbuf *out;
	unsigned quotes;   /* escape-double-quotes seen: they divide the pattern in three */
	bool escaped, in_brackets;
};

static bool similar_escaped(struct row *r, struct similar *s, const char *ch, unsigned size)
{
	s->escaped = false;
	if (*ch != '"' || s->in_brackets) {
		strbuf_addc(s->out, '\\');
		strbuf_add(s->out, ch, size);
		return true;
	}
	if (s->quotes == 2)
		return row_error(r, ERR_INVALID_USE_OF_ESCAPE_CHARACTER,
						 "SQL regular expression may not contain more than two escape-double-quote separators");
	strbuf_adds(s->out, s->quotes++ == 0 ? "){1,1}?(" : "){1,1}(?:");
	return true;
}

static void similar_plain(struct similar *s, const char *ch, unsigned size)
{
	if (s->in_brackets) {
		if (*ch == '\\')
			strbuf_addc(s->out, '\\');
		s->in_brackets = *ch != ']';
		strbuf_add(s->out, ch, size);
	} else if (*ch == '%') {
		strbuf_adds(s->out, ".*");
	} else if (*ch == '_') {
		strbuf_addc(s->out, '.');
	} else if (*ch == '(') {
		strbuf_adds(s->out, "(?:");
	} else {
		if (*ch == '\\' || *ch == '.' || *ch == '^' || *ch == '$')
			strbuf_addc(s->out, '\\');
		s->in_brackets = *ch == '[';
		strbuf_add(s->out, ch, size);
	}
}

/* A SIMILAR TO pattern as an advanced regular expression. */
static bool similar_to_regex(struct row *r, struct str pattern, struct str escape, struct strbuf *out)
{
	struct similar s = {.out = out};

	if (escape.len && utf8_size((unsigned char)escape.data[0]) != escape.len) {
		row_error(r, ERR_INVALID_ESCAPE_SEQUENCE, "invalid escape string");
		return err_hint(r->call->err, "Escape string must be empty or one character.");
	}
	strbuf_adds(out, "^(?:");
	for (size_t i = 0; i < pattern.len;) {
		const char *ch = pattern.data + i;
		unsigned size = utf8_size((unsigned char)*ch);
		if (s.escaped) {
			if (!similar_escaped(r, &s, ch, size))
				return false;
		} else if (escape.len == size && memcmp(ch, escape.data, size) == 0) {
			s.escaped = true;
		} else {
			similar_plain(&s, ch, size);
		}
		i += size;
	}
	strbuf_adds(out, ")$");
	return true;
}

static bool similar_to_escape_row(struct row *r)
{
	return similar_to_regex(r, row_str(r, 0), r->call->nargs > 1 ? row_str(r, 1) : STR("\\"), r->buf);
}
ROWS(similar_to_escape_fn, similar_to_escape_row, ROWS_BUILD)

/* substring(text similar pattern escape character). */
static bool substring_similar_row(struct row *r)
{
	struct strbuf pattern;
	bool ok;

	strbuf_init(&pattern, 0);
	ok = similar_to_regex(r, row_str(r, 1), row_str(r, 2), &pattern) &&
		 substring_by(r, regex_cached(r->call, strbuf_str(&pattern), (struct regex_flags){0}));
	strbuf_release(&pattern);
	return ok;
}
ROWS(substring_similar_fn, substring_similar_row, ROWS_NULLABLE)

#define OPERATOR(symbol, type, f, h)                                                               \
	{.name = symbol, .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(type), T(TEXT)}, .result = T(BOOL), .fn = f, .flags = FAIL, .help = h}
#define RF(name, result, fn, flags, help, ...) FN(name, result, fn, (flags) | FAIL, help, T(TEXT), T(TEXT), __VA_ARGS__)

const struct func functions_regex_functions[] = {
	OPERATOR("~", TEXT, match_fn, "matches the regular expression"),
	OPERATOR("~", BPCHAR, match_fn, "matches the regular expression"),
	OPERATOR("~", NAME, match_fn, "matches the regular expression"),
	OPERATOR("~*", TEXT, match_icase_fn, "matches the regular expression, case ignored"),
	OPERATOR("~*", BPCHAR, match_icase_fn, "matches the regular expression, case ignored"),
	OPERATOR("~*", NAME, match_icase_fn, "matches the regular expression, case ignored"),
	OPERATOR("!~", TEXT, not_match_fn, "does not match the regular expression"),
	OPERATOR("!~", BPCHAR, not_match_fn, "does not match the regular expression"),
	OPERATOR("!~", NAME, not_match_fn, "does not match the regular expression"),
	OPERATOR("!~*", TEXT, not_icase_fn, "does not match the regular expression, case ignored"),
	OPERATOR("!~*", BPCHAR, not_icase_fn, "does not match the regular expression, case ignored"),
	OPERATOR("!~*", NAME, not_icase_fn, "does not match the regular expression, case ignored"),
	FN("regexp_like", BOOL, regexp_like_fn, FAIL, "whether the text matches the regular expression", T(TEXT), T(TEXT)),
	RF("regexp_like", BOOL, regexp_like_fn, 0, "whether the text matches the regular expression, with flags", T(TEXT)),
	FN("regexp_count", INT4, regexp_count_fn, FAIL, "number of matches", T(TEXT), T(TEXT)),
	RF("regexp_count", INT4, regexp_count_fn, 0, "number of matches from a position on", T(INT4)),
	RF("regexp_count", INT4, regexp_count_fn, 0, "number of matches from a position on, with flags", T(INT4), T(TEXT)),
	FN("regexp_instr", INT4, regexp_instr_fn, FAIL, "position of the first match, or 0", T(TEXT), T(TEXT)),
	RF("regexp_instr", INT4, regexp_instr_fn, 0, "position of the first match from a position on", T(INT4)),
	RF("regexp_instr", INT4, regexp_instr_fn, 0, "position of the n-th match", T(INT4), T(INT4)),
	RF("regexp_instr", INT4, regexp_instr_fn, 0, "position of the n-th match, or with 1 behind it", T(INT4), T(INT4), T(INT4)),
	RF("regexp_instr", INT4, regexp_instr_fn, 0, "position of the n-th match, with flags", T(INT4), T(INT4), T(INT4), T(TEXT)),
	RF("regexp_instr", INT4, regexp_instr_fn, 0, "position of a group of the n-th match", T(INT4), T(INT4), T(INT4), T(TEXT), T(INT4)),
	FN("regexp_substr", TEXT, regexp_substr_fn, SOME_NULL | FAIL, "text of the first match, or NULL", T(TEXT), T(TEXT)),
	RF("regexp_substr", TEXT, regexp_substr_fn, SOME_NULL, "text of the first match from a position on", T(INT4)),
	RF("regexp_substr", TEXT, regexp_substr_fn, SOME_NULL, "text of the n-th match", T(INT4), T(INT4)),
	RF("regexp_substr", TEXT, regexp_substr_fn, SOME_NULL, "text of the n-th match, with flags", T(INT4), T(INT4), T(TEXT)),
	RF("regexp_substr", TEXT, regexp_substr_fn, SOME_NULL, "text of a group of the n-th match", T(INT4), T(INT4), T(TEXT), T(INT4)),
	RF("regexp_replace", TEXT, regexp_replace_fn, 0, "replaces the first match; \\1 … \\9 and \\& stand for groups and the match", T(TEXT)),
	RF("regexp_replace", TEXT, regexp_replace_fn, 0, "replaces the first match, or with flag g all", T(TEXT), T(TEXT)),
	RF("regexp_replace", TEXT, regexp_replace_at_fn, 0, "replaces the first match from a position on", T(TEXT), T(INT4)),
	RF("regexp_replace", TEXT, regexp_replace_at_fn, 0, "replaces the n-th match, all with 0", T(TEXT), T(INT4), T(INT4)),
	RF("regexp_replace", TEXT, regexp_replace_at_fn, 0, "replaces the n-th match, all with 0, with flags", T(TEXT), T(INT4), T(INT4), T(TEXT)),
	FN("substring", TEXT, substring_fn, SOME_NULL | FAIL, "text (or its first group) that matches a regular expression", T(TEXT), T(TEXT)),
	RF("substring", TEXT, substring_similar_fn, SOME_NULL, "the part of a SIMILAR TO match between the two escape-double-quotes", T(TEXT)),
	FN("similar_to_escape", TEXT, similar_to_escape_fn, FAIL, "a SIMILAR TO pattern as a regular expression", T(TEXT)),
	FN("similar_to_escape", TEXT, similar_to_escape_fn, FAIL, "a SIMILAR TO pattern with its escape character as a regular expression", T(TEXT), T(TEXT)),
	FN_END,
};
