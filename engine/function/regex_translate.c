/*
 * Parses an advanced regular expression (PostgreSQL 15 manual, 9.7.3) and writes it for PCRE2.
 *
 * Recursive descent over the text, writing as it goes: expression = branches, branch = quantified
 * atoms and constraints. Bracket expressions become lists of code point ranges, so that case folding and
 * newline rules are ours and not the library's. While parsing, the preference of each part (longest or
 * shortest) is computed by the manual's rules (9.7.3.5).
 */
#define _GNU_SOURCE /* memmem */
#include "engine/base/utf8.h"
#include "engine/function/regex_compile.h"

#include <stdlib.h>

#define MAX_DEPTH 200
#define MAX_REPEAT 255
#define MAX_RANGES 2048

enum preference { PREFER_NONE, PREFER_LONGEST, PREFER_SHORTEST };

struct parse {
	const char *p, *end;
	struct regex_flags flags;
	struct regex_translation *out;
	unsigned depth;
	unsigned look;      /* depth of lookarounds: no groups are counted inside */
	unsigned closed;    /* groups closed so far */
	unsigned variable;  /* parts whose length varies */
	enum preference force; /* of all quantifiers inside an atom{1,1} or atom{1,1}? */
	struct err *err;
};

static bool parse_expression(struct parse *ps, enum preference *pref);

static bool invalid(struct parse *ps, const char *why)
{
	return err_set(ps->err, ERR_INVALID_REGULAR_EXPRESSION, "invalid regular expression: %s", why);
}

static bool is_digit(char ch) { return ch >= '0' && ch <= '9'; }
static bool is_alpha(uint32_t c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }
static bool more(const struct parse *ps) { return ps->p < ps->end; }
static bool next_is(const struct parse *ps, const char *s)
{
	size_t len = strlen(s);
	return (size_t)(ps->end - ps->p) >= len && memcmp(ps->p, s, len) == 0;
}
static bool accept(struct parse *ps, const char *s) { return next_is(ps, s) && (ps->p += strlen(s), true); }

/* ---- writing ---- */

static void write_char(struct parse *ps, uint32_t c)
{
	char bytes[4];

	if (ps->flags.icase && is_alpha(c))
		strbuf_addf(&ps->out->text, "[%c%c]", (int)(c & ~32u), (int)(c | 32));
	else if (c < 0x80 && !is_alpha(c) && !is_digit((char)c))
		strbuf_addf(&ps->out->text, c > ' ' && c < 0x7f ? "\\%c" : "\\x{%x}", (unsigned)c);
	else
		strbuf_add(&ps->out->text, bytes, utf8_encode(c, bytes));
}
static void write(struct parse *ps, const char *s) { strbuf_adds(&ps->out->text, s); }

/* ---- escapes ---- */

static int hex_digit(char ch)
{
	return is_digit(ch) ? ch - '0' : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : 99;
}

/* Between least and most digits of a base; false on too few or no character. */
static bool number(struct parse *ps, int base, int least, int most, uint32_t *out)
{
	int n = 0;
	uint64_t v = 0;

	for (; n < most && more(ps) && hex_digit(*ps->p) < base; n++, ps->p++)
		if (v <= 0x10ffff)
			v = v * (unsigned)base + (unsigned)hex_digit(*ps->p);
	*out = (uint32_t)v;
	return (n >= least && v <= 0x10ffff) || invalid(ps, "invalid escape \\ sequence");
}

enum escape { ESCAPE_CHAR, ESCAPE_CLASS, ESCAPE_CONSTRAINT, ESCAPE_BACKREF };

/* A digit behind the backslash: back reference, else octal. */
static bool digit_escape(struct parse *ps, enum escape *kind, uint32_t *out)
{
	const char *from = ps->p;

	*kind = ESCAPE_CHAR;
	if (*from == '0')
		return number(ps, 8, 1, 3, out);
	if (!number(ps, 10, 1, 255, out))
		return false;
	if (ps->p - from == 1 || (*out > 0 && *out <= ps->closed)) {
		*kind = ESCAPE_BACKREF;
		return true;
	}
	ps->p = from;
	return number(ps, 8, 1, 3, out);
}

/* Behind the backslash. *out is the character, the class or constraint letter, or the group number. */
static bool parse_escape(struct parse *ps, enum escape *kind, uint32_t *out)
{
	unsigned size;
	char ch;

	if (!more(ps))
		return invalid(ps, "invalid escape \\ sequence");
	ch = *ps->p;
	*kind = ESCAPE_CHAR;
	if (is_digit(ch))
		return digit_escape(ps, kind, out);
	*out = utf8_decode(ps->p, &size);
	ps->p += size;
	if (!is_alpha(*out))
		return true;
	switch (ch) {
	case 'a': *out = 7; return true;
	case 'b': *out = 8; return true;
	case 'B': *out = '\\'; return true;
	case 'e': *out = 27; return true;
	case 'f': *out = 12; return true;
	case 'n': *out = 10; return true;
	case 'r': *out = 13; return true;
	case 't': *out = 9; return true;
	case 'v': *out = 11; return true;
	case 'c':
		if (!more(ps))
			return invalid(ps, "invalid escape \\ sequence");
		*out = utf8_decode(ps->p, &size) & 31;
		ps->p += size;
		return true;
	case 'u': return number(ps, 16, 4, 4, out);
	case 'U': return number(ps, 16, 8, 8, out);
	case 'x': return number(ps, 16, 1, 255, out);
	case 'd': case 's': case 'w': case 'D': case 'S': case 'W':
		*kind = ESCAPE_CLASS;
		return true;
	case 'A': case 'm': case 'M': case 'y': case 'Y': case 'Z':
		*kind = ESCAPE_CONSTRAINT;
		return true;
	}
	return invalid(ps, "invalid escape \\ sequence");
}

/* ---- bracket expressions ---- */

struct ranges {
	struct { uint32_t from, to; } *r; /* malloc'ed */
	size_t count;
};

static bool add_range(struct parse *ps, struct ranges *set, uint32_t from, uint32_t to)
{
	if (set->count >= MAX_RANGES)
		return invalid(ps, "regular expression is too complex");
	set->r[set->count].from = from;
	set->r[set->count++].to = to;
	return true;
}

/* With the other case of ASCII letters where case does not matter. */
static bool add_folded(struct parse *ps, struct ranges *set, uint32_t from, uint32_t to)
{
	static const uint32_t halves[2][2] = {{'a', 'z'}, {'A', 'Z'}};

	if (!add_range(ps, set, from, to))
		return false;
	for (int i = 0; i < 2 && ps->flags.icase; i++) {
		uint32_t a = from > halves[i][0] ? from : halves[i][0], b = to < halves[i][1] ? to : halves[i][1];
		if (a <= b && !add_range(ps, set, a ^ 32, b ^ 32))
			return false;
	}
	return true;
}

/* ASCII ranges of each class, as text: pairs of bytes. */
static const struct {
	const char *name, *ranges;
} classes[] = {
	{"alnum", "09AZaz"}, {"alpha", "AZaz"}, {"ascii", "\1\x7f"}, {"blank", "\t\t  "}, {"cntrl", "\1\x1f\x7f\x7f"},
	{"digit", "09"}, {"graph", "!~"}, {"lower", "az"}, {"print", " ~"}, {"punct", "!/:@[`{~"},
	{"space", "\t\r  "}, {"upper", "AZ"}, {"word", "09AZ__az"}, {"xdigit", "09AFaf"},
};

static bool add_class(struct parse *ps, struct ranges *set, struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (str_eq(name, str_of(classes[i].name))) {
			for (const char *r = classes[i].ranges; *r; r += 2)
				if (!add_folded(ps, set, (unsigned char)r[0], (unsigned char)r[1]))
					return false;
			return true;
		}
	return invalid(ps, "invalid character class");
}

static bool add_complement(struct parse *ps, struct ranges *set, const char *ranges)
{
	uint32_t from = 1;

	for (const char *r = ranges; *r; r += 2) {
		if ((uint32_t)r[0] > from && !add_range(ps, set, from, (uint32_t)r[0] - 1))
			return false;
		from = (uint32_t)r[1] + 1;
	}
	return add_range(ps, set, from, 0x10ffff);
}

/* \d \s \w and their complements. */
static bool add_class_letter(struct parse *ps, struct ranges *set, uint32_t letter)
{
	switch (letter) {
	case 'd': return add_class(ps, set, STR("digit"));
	case 's': return add_class(ps, set, STR("space"));
	case 'w': return add_class(ps, set, STR("word"));
	case 'D': return add_complement(ps, set, "09");
	case 'S': return add_complement(ps, set, "\t\r  ");
	}
	return add_complement(ps, set, "09AZ__az");
}

/* [.x.] and [=x=]: one character, or a name such as "hyphen" (only the common ones are known). */
static bool collating_element(struct parse *ps, const char *close, uint32_t *out)
{
	static const struct { const char *name; char c; } names[] = {
		{"space", ' '}, {"tab", '\t'}, {"newline", '\n'}, {"hyphen", '-'}, {"hyphen-minus", '-'}, {"period", '.'},
		{"comma", ','}, {"slash", '/'}, {"underscore", '_'}, {"circumflex", '^'}, {"left-square-bracket", '['},
		{"right-square-bracket", ']'}, {"backslash", '\\'}, {"dollar-sign", '$'}, {"asterisk", '*'},
	};
	const char *to = memmem(ps->p, (size_t)(ps->end - ps->p), close, 2);
	struct str name;
	unsigned size;

	if (!to)
		return invalid(ps, "brackets [] not balanced");
	name = str_make(ps->p, (size_t)(to - ps->p));
	ps->p = to + 2;
	if (name.len) {
		*out = utf8_decode(name.data, &size);
		if (size == name.len)
			return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq(name, str_of(names[i].name))) {
			*out = (uint32_t)names[i].c;
			return true;
		}
	return invalid(ps, "invalid collating element");
}

/* One end of a range or a class. *single tells that *out is a character. */
static bool bracket_item(struct parse *ps, struct ranges *set, bool *single, uint32_t *out)
{
	enum escape kind;
	unsigned size;

	*single = true;
	if (accept(ps, "[:")) {
		const char *to = memmem(ps->p, (size_t)(ps->end - ps->p), ":]", 2);
		struct str name;
		if (!to)
			return invalid(ps, "brackets [] not balanced");
		name = str_make(ps->p, (size_t)(to - ps->p));
		ps->p = to + 2;
		*single = false;
		return add_class(ps, set, name);
	}
	if (accept(ps, "[."))
		return collating_element(ps, ".]", out);
	if (accept(ps, "[=")) {
		*single = false;
		return collating_element(ps, "=]", out) && add_folded(ps, set, *out, *out);
	}
	if (!accept(ps, "\\")) {
		*out = utf8_decode(ps->p, &size);
		ps->p += size;
		return true;
	}
	if (!parse_escape(ps, &kind, out))
		return false;
	if (kind == ESCAPE_CLASS) {
		*single = false;
		return add_class_letter(ps, set, *out);
	}
	return kind == ESCAPE_CHAR || invalid(ps, "invalid escape \\ sequence");
}

static bool bracket_items(struct parse *ps, struct ranges *set)
{
	for (bool first = true; more(ps); first = false) {
		uint32_t from = 0, to = 0;
		bool single, single_to;

		if (!first && accept(ps, "]"))
			return true;
		if (!first && *ps->p == '-' && ps->end - ps->p > 1 && ps->p[1] != ']')
			return invalid(ps, "invalid character range"); /* a-c-e */
		if (!bracket_item(ps, set, &single, &from))
			return false;
		if (!single)
			continue;
		to = from;
		if (ps->end - ps->p > 1 && ps->p[0] == '-' && ps->p[1] != ']') {
			ps->p++;
			if (!bracket_item(ps, set, &single_to, &to))
				return false;
			if (!single_to || from > to)
				return invalid(ps, "invalid character range");
		}
		if (!add_folded(ps, set, from, to))
			return false;
	}
	return invalid(ps, "brackets [] not balanced");
}

static bool parse_bracket(struct parse *ps)
{
	struct ranges set = {.r = malloc(MAX_RANGES * sizeof *set.r)};
	bool negative = accept(ps, "^"), ok;

	ok = set.r ? bracket_items(ps, &set) : err_set(ps->err, ERR_OUT_OF_MEMORY, "out of memory");
	if (ok) {
		write(ps, negative ? "[^" : "[");
		for (size_t i = 0; i < set.count; i++)
			strbuf_addf(&ps->out->text, "\\x{%x}-\\x{%x}", set.r[i].from, set.r[i].to);
		write(ps, negative && ps->flags.dot_stops ? "\\n]" : "]");
	}
	free(set.r);
	return ok;
}

/* ---- atoms ---- */

/* Skips what the expanded syntax ignores, and (?# … ) comments. */
static bool skip_ignored(struct parse *ps)
{
	for (;;) {
		if (accept(ps, "(?#")) {
			const char *to = memchr(ps->p, ')', (size_t)(ps->end - ps->p));
			if (!to)
				return invalid(ps, "parentheses () not balanced");
			ps->p = to + 1;
		} else if (ps->flags.expanded && more(ps) && (*ps->p == ' ' || (*ps->p >= '\t' && *ps->p <= '\r'))) {
			ps->p++;
		} else if (ps->flags.expanded && more(ps) && *ps->p == '#') {
			while (more(ps) && *ps->p != '\n')
				ps->p++;
		} else {
			return true;
		}
	}
}

static bool parse_group(struct parse *ps, enum preference *pref, bool *constraint)
{
	static const char *const looks[] = {"?=", "?!", "?<=", "?<!"};
	bool look = false, captures = false;
	unsigned variable = ps->variable;

	*constraint = false;
	for (size_t i = 0; i < ARRAY_LEN(looks) && !look; i++)
		if ((look = accept(ps, looks[i]))) {
			write(ps, "(");
			write(ps, looks[i]);
		}
	if (!look) {
		bool plain = !accept(ps, "?:");
		if (plain && next_is(ps, "?"))
			return invalid(ps, "quantifier operand invalid");
		captures = plain && !ps->look;
		write(ps, captures ? "(" : "(?:");
	}
	if (captures)
		ps->out->groups++;
	ps->look += look;
	if (++ps->depth > MAX_DEPTH)
		return invalid(ps, "regular expression is too complex");
	if (!parse_expression(ps, pref))
		return false;
	if (!accept(ps, ")"))
		return invalid(ps, "parentheses () not balanced");
	ps->depth--;
	ps->look -= look;
	ps->closed += captures;
	if (look) {
		ps->variable = variable; /* takes no part in the length */
		*pref = PREFER_NONE;
		*constraint = true;
	}
	write(ps, ")");
	return true;
}

static void write_constraint(struct parse *ps, uint32_t letter)
{
	switch (letter) {
	case 'A': write(ps, "\\A"); return;
	case 'Z': write(ps, "\\z"); return;
	case 'm': write(ps, "(?<![0-9A-Za-z_])(?=[0-9A-Za-z_])"); return;
	case 'M': write(ps, "(?<=[0-9A-Za-z_])(?![0-9A-Za-z_])"); return;
	case 'y': write(ps, "\\b"); return;
	case 'Y': write(ps, "\\B"); return;
	}
}

static bool parse_escape_atom(struct parse *ps, bool *constraint)
{
	enum escape kind;
	uint32_t c;

	if (!parse_escape(ps, &kind, &c))
		return false;
	*constraint = kind == ESCAPE_CONSTRAINT;
	switch (kind) {
	case ESCAPE_CHAR:
		write_char(ps, c);
		return true;
	case ESCAPE_CLASS:
		strbuf_addf(&ps->out->text, "\\%c", (int)c);
		return true;
	case ESCAPE_CONSTRAINT:
		write_constraint(ps, c);
		return true;
	case ESCAPE_BACKREF:
		if (c == 0 || c > ps->out->groups || ps->look)
			return invalid(ps, "invalid backreference number");
		ps->out->backrefs = true;
		/* A group that took no part matches nothing, in both. */
		strbuf_addf(&ps->out->text, ps->flags.icase ? "(?i:\\g{%u})" : "\\g{%u}", c);
		return true;
	}
	UNREACHABLE();
}

/* One atom or constraint. */
static bool parse_atom(struct parse *ps, enum preference *pref, bool *constraint)
{
	unsigned size;
	uint32_t c;

	*pref = PREFER_NONE;
	*constraint = false;
	if (accept(ps, "("))
		return parse_group(ps, pref, constraint);
	if (accept(ps, "[[:<:]]") || accept(ps, "[[:>:]]")) {
		write_constraint(ps, ps->p[-4] == '<' ? 'm' : 'M');
		*constraint = true;
		return true;
	}
	if (accept(ps, "["))
		return parse_bracket(ps);
	if (accept(ps, "\\"))
		return parse_escape_atom(ps, constraint);
	if (accept(ps, "."))
		return write(ps, ps->flags.dot_stops ? "[^\\n]" : "."), true;
	if (accept(ps, "^")) {
		*constraint = true;
		return write(ps, ps->flags.line_anchors ? "(?<![^\\n])" : "\\A"), true;
	}
	if (accept(ps, "$")) {
		*constraint = true;
		return write(ps, ps->flags.line_anchors ? "(?![^\\n])" : "\\z"), true;
	}
	if (*ps->p == '*' || *ps->p == '+' || *ps->p == '?' || (*ps->p == '{' && ps->end - ps->p > 1 && is_digit(ps->p[1])))
		return invalid(ps, "quantifier operand invalid");
	c = utf8_decode(ps->p, &size);
	ps->p += size;
	write_char(ps, c);
	return true;
}

/* ---- quantifiers ---- */

static bool repeat_count(struct parse *ps, int *out)
{
	int v = 0;

	if (!more(ps) || !is_digit(*ps->p))
		return invalid(ps, "invalid repetition count(s)");
	for (; more(ps) && is_digit(*ps->p); ps->p++)
		if (v <= MAX_REPEAT)
			v = v * 10 + (*ps->p - '0');
	*out = v;
	return v <= MAX_REPEAT || invalid(ps, "invalid repetition count(s)");
}

/* {m}, {m,}, {m,n} behind the brace; most = -1: no limit. */
static bool parse_bound(struct parse *ps, int *least, int *most, bool *exact)
{
	if (!repeat_count(ps, least))
		return false;
	*most = *least;
	*exact = true;
	if (accept(ps, ",")) {
		*exact = false;
		*most = -1;
		if (!next_is(ps, "}") && !repeat_count(ps, most))
			return false;
	}
	if (!accept(ps, "}") || (*most >= 0 && *most < *least))
		return invalid(ps, "invalid repetition count(s)");
	return true;
}

static bool no_second_quantifier(struct parse *ps)
{
	if (!skip_ignored(ps))
		return false;
	if (more(ps) && (*ps->p == '*' || *ps->p == '+' || *ps->p == '?' ||
					 (*ps->p == '{' && ps->end - ps->p > 1 && is_digit(ps->p[1]))))
		return invalid(ps, "quantifier operand invalid");
	return true;
}

/* A quantifier, if there is one, behind the atom just written. *forced: see parse_piece. */
static bool parse_quantifier(struct parse *ps, enum preference *pref, bool constraint, bool *forced)
{
	int least, most;
	bool exact = false, lazy;

	if (!skip_ignored(ps))
		return false;
	if (accept(ps, "*"))
		least = 0, most = -1;
	else if (accept(ps, "+"))
		least = 1, most = -1;
	else if (accept(ps, "?"))
		least = 0, most = 1;
	else if (ps->end - ps->p > 1 && ps->p[0] == '{' && is_digit(ps->p[1])) {
		ps->p++;
		if (!parse_bound(ps, &least, &most, &exact))
			return false;
	} else {
		return true;
	}
	if (constraint)
		return invalid(ps, "quantifier operand invalid");
	lazy = accept(ps, "?");
	if (least == 1 && most == 1 && !exact) { /* says only what the atom's inside should prefer */
		*pref = lazy ? PREFER_SHORTEST : PREFER_LONGEST;
		*forced = ps->force == PREFER_NONE;
		ps->variable++;
		return no_second_quantifier(ps);
	}
	if (most < 0)
		strbuf_addf(&ps->out->text, "{%d,}", least);
	else
		strbuf_addf(&ps->out->text, "{%d,%d}", least, most);
	if (ps->force != PREFER_NONE ? ps->force == PREFER_SHORTEST : lazy)
		write(ps, "?");
	if (!exact)
		*pref = lazy ? PREFER_SHORTEST : PREFER_LONGEST;
	if (least != most)
		ps->variable++;
	return no_second_quantifier(ps);
}

/* An atom or constraint with its quantifier. The inside of atom{1,1} and atom{1,1}? is written again
 * with every quantifier made greedy, or lazy: that is what these two are for. */
static bool parse_piece(struct parse *ps, enum preference *pref)
{
	struct parse before = *ps;
	struct regex_translation out = *ps->out;
	bool constraint, forced = false;

	if (!parse_atom(ps, pref, &constraint) || !parse_quantifier(ps, pref, constraint, &forced))
		return false;
	if (!forced)
		return true;
	before.force = *pref;
	ps->out->text.len = out.text.len;
	ps->out->groups = out.groups;
	*ps = before;
	if (!parse_atom(ps, pref, &constraint) || !parse_quantifier(ps, pref, constraint, &forced))
		return false;
	ps->force = PREFER_NONE;
	return true;
}

static bool parse_branch(struct parse *ps, enum preference *pref)
{
	*pref = PREFER_NONE;
	for (;;) {
		enum preference part;

		if (!skip_ignored(ps))
			return false;
		if (!more(ps) || *ps->p == '|' || *ps->p == ')')
			return true;
		if (!parse_piece(ps, &part))
			return false;
		if (*pref == PREFER_NONE)
			*pref = part;
	}
}

static bool parse_expression(struct parse *ps, enum preference *pref)
{
	if (!parse_branch(ps, pref))
		return false;
	while (accept(ps, "|")) {
		enum preference other;
		write(ps, "|");
		ps->variable += 2;
		if (!parse_branch(ps, &other))
			return false;
		*pref = PREFER_LONGEST;
	}
	return true;
}

/* Director and embedded options at the start: ***= ***: (?letters). */
static bool parse_prefix(struct parse *ps)
{
	if (accept(ps, "***=")) {
		ps->flags.literal = true;
		return true;
	}
	if (accept(ps, "***:"))
		ps->flags.literal = false;
	else if (next_is(ps, "***"))
		return invalid(ps, "quantifier operand invalid");
	if (!ps->flags.literal && ps->end - ps->p > 2 && ps->p[0] == '(' && ps->p[1] == '?' && is_alpha((unsigned char)ps->p[2])) {
		const char *from = ps->p + 2, *to = from;
		while (to < ps->end && is_alpha((unsigned char)*to))
			to++;
		if (to >= ps->end || *to != ')' || memchr(from, 'g', (size_t)(to - from)))
			return invalid(ps, "invalid embedded option");
		if (!regex_flags_parse(str_make(from, (size_t)(to - from)), &ps->flags, NULL))
			return invalid(ps, "invalid embedded option");
		ps->p = to + 1;
	}
	return true;
}

bool regex_translate(struct str pattern, struct regex_flags flags, struct regex_translation *t, struct err *e)
{
	struct parse ps = {.p = pattern.data, .end = pattern.data + pattern.len, .flags = flags, .out = t, .err = e};
	enum preference pref = PREFER_NONE;

	t->groups = 0;
	t->backrefs = false;
	if (!(flags.literal && !next_is(&ps, "***")) && !parse_prefix(&ps))
		return false;
	if (ps.flags.basic)
		return err_set(e, ERR_FEATURE_NOT_SUPPORTED, "regular expression flags \"b\" and \"e\" are not supported");
	if (ps.flags.literal) {
		while (more(&ps)) {
			unsigned size;
			uint32_t c = utf8_decode(ps.p, &size);
			ps.p += size;
			write_char(&ps, c);
		}
	} else if (!parse_expression(&ps, &pref)) {
		return false;
	} else if (more(&ps)) {
		return invalid(&ps, "parentheses () not balanced");
	}
	if (t->text.overflow)
		return invalid(&ps, "regular expression is too complex");
	t->shortest = pref == PREFER_SHORTEST;
	t->plain = ps.variable <= 1 || t->backrefs;
	return true;
}

bool regex_flags_parse(struct str letters, struct regex_flags *f, struct err *e)
{
	for (size_t i = 0; i < letters.len; i++)
		switch (letters.data[i]) {
		case 'g': f->global = true; break;
		case 'b': case 'e': f->basic = true; f->literal = false; break;
		case 'c': f->icase = false; break;
		case 'i': f->icase = true; break;
		case 'm': case 'n': f->dot_stops = f->line_anchors = true; break;
		case 'p': f->dot_stops = true; f->line_anchors = false; break;
		case 'q': f->literal = true; f->basic = false; break;
		case 's': f->dot_stops = f->line_anchors = false; break;
		case 't': f->expanded = false; break;
		case 'w': f->dot_stops = false; f->line_anchors = true; break;
		case 'x': f->expanded = true; break;
		default:
			return err_set(e, ERR_INVALID_PARAMETER_VALUE, "invalid regular expression option: \"%.*s\"",
						   (int)utf8_size((unsigned char)letters.data[i]), letters.data + i);
		}
	return true;
}
