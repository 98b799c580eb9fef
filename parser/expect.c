/*
 * What a syntax error says. lemon's parser has already thrown away part of its state when it finds
 * an error (it reduces by default), so the statement is read again on the bare automaton up to the
 * token before, and every token is tried there. The accepted ones are grouped into words for
 * people. Only errors pay for this. Completion asks the same question.
 */
#include "parser/grammar.h"
#include "parser/parser_int.h"
#include "engine/base/utf8.h"

#define MAX_EXPECTED 6
#define MAX_TOKENS 512

/* What could stand at one place. */
struct expected {
	bool accepts[MAX_TOKENS];
	const char *phrases[MAX_EXPECTED + 1]; /* groups, then symbols, then keywords */
	char spelled[MAX_EXPECTED + 1][24];
	int count; /* may be MAX_EXPECTED + 1: there is more */
};

static const struct {
	int type;
	const char *text;
} symbols[] = {{TK_COMMA, "\",\""}, {TK_RP, "\")\""}, {TK_LP, "\"(\""}, {TK_RB, "\"]\""},
	{TK_EQ, "\"=\""}, {TK_DOT, "\".\""}, {TK_STAR, "\"*\""}, {TK_LB, "\"[\""}, {TK_COLON, "\":\""}};

/* Keywords that are named first when there are more than fit. */
static const int preferred[] = {TK_FROM, TK_JOIN, TK_ON, TK_USING, TK_AS, TK_WHERE, TK_GROUP, TK_BY,
	TK_HAVING, TK_ORDER, TK_LIMIT, TK_UNION, TK_WHEN, TK_THEN, TK_ELSE, TK_END, TK_TO, TK_SET,
	TK_SERVER, TK_OPTIONS, TK_SCHEMA, TK_TABLE, TK_VIEW, TK_FOREIGN};

static const int operators[] = {TK_TYPECAST, TK_COLLATE, TK_AT, TK_PLUS, TK_MINUS, TK_STAR,
	TK_SLASH, TK_PERCENT, TK_CARET, TK_LT, TK_GT, TK_EQ, TK_LE, TK_GE, TK_NE, TK_OP, TK_OPERATOR,
	TK_AND, TK_OR, TK_IS, TK_ISNULL, TK_NOTNULL, TK_BETWEEN, TK_IN, TK_LIKE, TK_ILIKE, TK_SIMILAR,
	TK_NOT_LA, TK_LB, TK_DOT, TK_SCONST};

static const int odd_functions[] = {TK_CAST, TK_CURRENT_CATALOG, TK_CURRENT_DATE, TK_CURRENT_ROLE,
	TK_CURRENT_SCHEMA, TK_CURRENT_TIME, TK_CURRENT_TIMESTAMP, TK_CURRENT_USER, TK_LOCALTIME,
	TK_LOCALTIMESTAMP, TK_SESSION_USER, TK_USER, TK_COLLATION};

static void read_accepted(const struct grammar_trace *t, bool accepts[MAX_TOKENS])
{
	int count = grammar_token_count();
	ASSERT(count <= MAX_TOKENS);
	for (int i = 0; i < count; i++)
		accepts[i] = grammar_trace_accepts(t, i);
}

static void remove_all(bool accepts[MAX_TOKENS], const bool remove[MAX_TOKENS])
{
	for (int i = 0; i < grammar_token_count(); i++)
		if (remove[i])
			accepts[i] = false;
}

/* Removes what can stand at the start of an expression or a type. */
static void remove_starts(bool accepts[MAX_TOKENS], int start_token)
{
	struct grammar_trace t;
	bool starts[MAX_TOKENS];
	grammar_trace_init(&t);
	grammar_trace_step(&t, start_token);
	read_accepted(&t, starts);
	grammar_trace_release(&t);
	remove_all(accepts, starts);
}

static void add_phrase(struct expected *x, const char *text)
{
	if (x->count <= MAX_EXPECTED)
		x->phrases[x->count++] = text;
}

static const struct keyword *keyword_of(int type)
{
	type = type == TK_NOT_LA ? TK_NOT : type == TK_WITH_LA ? TK_WITH : type;
	for (size_t i = 0; i < keyword_count; i++)
		if (type != TK_IDENT && keywords[i].token == type)
			return &keywords[i];
	return NULL;
}

static void add_keyword(struct expected *x, int type)
{
	const struct keyword *k = keyword_of(type);
	const char *word = k					 ? k->word
					   : type == TK_NULLS_LA ? "nulls"
					   : type == TK_DESCRIBE ? "describe"
											 : NULL;
	x->accepts[type] = false;
	if (!word || x->count > MAX_EXPECTED)
		return;
	char *to = x->spelled[x->count];
	size_t i = 0;
	for (; word[i] && i < sizeof(x->spelled[0]) - 1; i++)
		to[i] = (char)(word[i] >= 'a' && word[i] <= 'z' ? word[i] - 32 : word[i]);
	to[i] = '\0';
	add_phrase(x, to);
}

/* Any name can stand here: keywords that are names as well need not be listed. */
static void remove_names(bool accepts[MAX_TOKENS])
{
	bool col_names = accepts[TK_COL_NAME_WORD], func_names = accepts[TK_TYPE_FUNC_WORD],
		 labels = accepts[TK_RESERVED_WORD];
	accepts[TK_IDENT] = false;
	for (size_t i = 0; i < keyword_count; i++) {
		enum keyword_class c = keywords[i].class;
		if (c == KEYWORD_NON_RESERVED || (c == KEYWORD_COL_NAME && col_names) ||
			(c == KEYWORD_TYPE_FUNC_NAME && func_names) || (c == KEYWORD_RESERVED && labels))
			accepts[keywords[i].token] = false;
	}
}

static void group_accepted(struct expected *x)
{
	bool *a = x->accepts;
	bool end = a[0];
	a[0] = a[TK_SEMICOLON] = a[TK_START_EXPRESSION] = a[TK_START_TYPE] = false;
	bool labels = a[TK_RESERVED_WORD]; /* after an expression any word but a few can be its label */
	if (!labels && a[TK_CREATE] && a[TK_BEGIN] && a[TK_SELECT]) {
		add_phrase(x, "a statement");
		return;
	}
	bool expression = a[TK_ICONST] && a[TK_CASE] && a[TK_PARAM], operator_next = a[TK_SLASH];
	if (expression)
		add_phrase(x, "an expression");
	if (!labels && a[TK_SELECT] && a[TK_TABLE]) {
		add_phrase(x, "a query");
		a[TK_SELECT] = a[TK_TABLE] = a[TK_WITH] = a[TK_WITH_LA] = a[TK_VALUES] = false;
	}
	if (expression)
		remove_starts(a, TK_START_EXPRESSION);
	if (a[TK_SETOF] && a[TK_INT] && !a[TK_COL_NAME_WORD]) {
		add_phrase(x, "a type name");
		remove_starts(a, TK_START_TYPE);
	}
	if (operator_next) {
		add_phrase(x, "an operator");
		a[TK_LP] = false;
		for (size_t i = 0; i < ARRAY_LEN(operators); i++)
			a[operators[i]] = false;
	}
	if (a[TK_IDENT])
		add_phrase(x, "a name");
	if (a[TK_IDENT])
		remove_names(a);
	/* in FROM: functions without parentheses are too odd there to be named */
	for (size_t i = 0; i < ARRAY_LEN(odd_functions); i++)
		a[odd_functions[i]] = false;
	if (a[TK_SCONST])
		add_phrase(x, "a string");
	if (a[TK_ICONST])
		add_phrase(x, "a number");
	for (size_t i = 0; i < ARRAY_LEN(symbols); i++)
		if (a[symbols[i].type])
			add_phrase(x, symbols[i].text);
	for (size_t i = 0; i < ARRAY_LEN(preferred); i++)
		if (a[preferred[i]])
			add_keyword(x, preferred[i]);
	for (size_t i = 0; i < keyword_count; i++)
		if (a[keywords[i].token])
			add_keyword(x, keywords[i].token);
	if (a[TK_NULLS_LA])
		add_keyword(x, TK_NULLS_LA);
	if (end && x->count < MAX_EXPECTED)
		add_phrase(x, "the end of the statement");
}

static void spell_expected(struct expected *x, struct strbuf *out)
{
	bool more = x->count > MAX_EXPECTED;
	int count = more ? MAX_EXPECTED : x->count;
	for (int i = 0; i < count; i++) {
		if (i > 0)
			strbuf_adds(out, i + 1 == count && !more ? " or " : ", ");
		strbuf_adds(out, x->phrases[i]);
	}
	if (more)
		strbuf_adds(out, " …");
}

/* A keyword accepted here that the word looks like, NULL when there is none. */
static const struct keyword *near_keyword(const bool accepts[MAX_TOKENS], const char *word)
{
	const struct keyword *best = NULL;
	size_t len = strlen(word);
	int best_distance = len < 3 ? 0 : len < 5 ? 1 : 2;
	for (size_t i = 0; i < keyword_count; i++) {
		const struct keyword *k = &keywords[i];
		if (k->token == TK_IDENT || !accepts[k->token] || k->class == KEYWORD_COL_NAME)
			continue;
		int distance = str_distance(word, k->word, best_distance);
		if (distance > 0 && distance <= best_distance && (!best || distance < best_distance)) {
			best = k;
			best_distance = distance;
		}
	}
	return best;
}

/* The place of the error on the bare automaton, and what could have stood in place of the word
 * before. */
struct replay {
	struct grammar_trace trace;
	char previous[PARSE_MAX_NAME + 1]; /* the plain name before the error, or "" */
	bool before[MAX_TOKENS];		   /* accepted in its place */
};

static void replay_until(
	struct parser *p, size_t start, int start_token, int stop, struct replay *r)
{
	struct mem *m = mem_new(p->m, MEM_PARSE, "syntax error", 0);
	struct token_stream s;
	struct lexed t;
	grammar_trace_init(&r->trace);
	stream_init(&s, m, p->text, start);
	r->previous[0] = '\0';
	if (start_token)
		grammar_trace_step(&r->trace, start_token);
	struct grammar_trace *trace = &r->trace;
	for (bool first = !start_token; stream_next(&s, first, &t, NULL) && t.value.pos < stop;
		 first = false) {
		bool plain = t.type == TK_IDENT && !t.keyword && t.value.pos + (int)t.value.len == t.end;
		/* only the last word before the error counts, so look whether the error is next */
		struct piece after = piece_at(p->text, (size_t)t.end);
		while (after.kind == PIECE_BLANK || after.kind == PIECE_LINE_COMMENT)
			after = piece_at(p->text, after.end);
		if (plain && (int)after.start == stop) {
			memcpy(r->previous, t.value.text, t.value.len + 1);
			read_accepted(trace, r->before);
		}
		if (!grammar_trace_step(trace, t.type))
			break;
	}
	mem_free(m);
}

static void add_hints(struct parser *p, const struct replay *r, const bool accepts[MAX_TOKENS],
	const struct lexed *found)
{
	const struct keyword *k = NULL;
	const char *word = found->value.text;
	if (found->type == TK_IDENT && !found->keyword)
		k = near_keyword(accepts, word);
	if (!k && r->previous[0]) {
		word = r->previous;
		k = near_keyword(r->before, word);
	}
	if (k) {
		char upper[24];
		size_t i = 0;
		for (; k->word[i]; i++)
			upper[i] =
				(char)(k->word[i] >= 'a' && k->word[i] <= 'z' ? k->word[i] - 32 : k->word[i]);
		upper[i] = '\0';
		err_hint(p->e, "Perhaps \"%s\" was meant to be %s.", word, upper);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(operators) && accepts[TK_SLASH]; i++)
		if (found->type == operators[i] && found->type != TK_SCONST && found->type != TK_LB &&
			found->type != TK_DOT) {
			err_hint(p->e, "Comparisons do not chain: use parentheses or AND.");
			return;
		}
	/* letters that look like blanks or quotes but are letters to SQL */
	static const char *const lookalikes[] = {"\xc2\xa0", "\xe2\x80\x8b", "\xef\xbb\xbf",
		"\xe2\x80\x98", "\xe2\x80\x99", "\xe2\x80\x9c", "\xe2\x80\x9d", "\xe3\x80\x80"};
	for (size_t i = 0; i < ARRAY_LEN(lookalikes); i++)
		if (found->type == TK_IDENT && strstr(found->value.text, lookalikes[i])) {
			err_hint(
				p->e, "The text holds a typographic blank or quote that SQL takes for a letter.");
			return;
		}
	if (found->type == TK_IDENT && found->value.text[0] != '\0' && found->keyword &&
		found->keyword->class == KEYWORD_RESERVED)
		err_hint(p->e, "A reserved word needs double quotes to be a name.");
}

void report_syntax_error(struct parser *p, size_t start, int start_token, const struct lexed *found)
{
	struct replay *r = mem_new_object(p->m, struct replay);
	struct expected *x = mem_new_object(p->m, struct expected);
	replay_until(p, start, start_token, found->value.pos, r);
	read_accepted(&r->trace, x->accepts);
	grammar_trace_release(&r->trace);
	const char *word = found->keyword ? found->keyword->word : "";
	bool modifies = strcmp(word, "insert") == 0 || strcmp(word, "update") == 0 ||
					strcmp(word, "delete") == 0 || strcmp(word, "merge") == 0;
	if (modifies && x->accepts[TK_SELECT] && x->accepts[TK_TABLE] &&
		!x->accepts[TK_RESERVED_WORD]) {
		parse_error(p, found->value.pos, ERR_FEATURE_NOT_SUPPORTED,
			"%s inside a statement is not supported",
			word[0] == 'i'	 ? "INSERT"
			: word[0] == 'u' ? "UPDATE"
			: word[0] == 'd' ? "DELETE"
							 : "MERGE");
		return;
	}
	bool accepts[MAX_TOKENS];
	memcpy(accepts, x->accepts, sizeof(accepts));
	group_accepted(x);
	struct strbuf list;
	strbuf_init(&list, 400);
	spell_expected(x, &list);
	struct str text =
		str_make(p->text.data + found->value.pos, (size_t)(found->end - found->value.pos));
	size_t shown = text.len;
	if (shown > 60)
		for (shown = 60; shown > 0 && ((unsigned char)text.data[shown] & 0xc0) == 0x80;)
			shown--;
	if (found->type == 0)
		parse_error(p, found->value.pos, ERR_SYNTAX_ERROR,
			"syntax error at the end of the text: expected %s", strbuf_cstr(&list));
	else
		parse_error(p, found->value.pos, ERR_SYNTAX_ERROR,
			"syntax error at \"%.*s%s\": expected %s", (int)shown, text.data,
			shown < text.len ? "…" : "", strbuf_cstr(&list));
	strbuf_release(&list);
	add_hints(p, r, accepts, found);
}

void parse_next_words(struct mem *m, struct str text, struct next_words *out)
{
	struct split_part part = {0};
	size_t offset = 0, start = 0;
	*out = (struct next_words){0};
	if (split_end(text) > SPLIT_PARENS || !utf8_is_valid(text.data, text.len))
		return;
	while (split_next(text, &offset, &part))
		start = part.terminated ? offset : part.offset;
	struct grammar_trace trace;
	struct token_stream s;
	struct lexed t;
	bool fits = true;
	struct mem *scratch = mem_new(m, MEM_PARSE, "completion", 0);
	grammar_trace_init(&trace);
	stream_init(&s, scratch, text, start);
	for (bool first = true; fits && (fits = stream_next(&s, first, &t, NULL)) && t.type != 0;
		 first = false)
		fits = grammar_trace_step(&trace, t.type);
	bool accepts[MAX_TOKENS] = {false};
	if (fits)
		read_accepted(&trace, accepts);
	grammar_trace_release(&trace);
	mem_free(scratch);
	accepts[TK_NOT] |= accepts[TK_NOT_LA];
	accepts[TK_WITH] |= accepts[TK_WITH_LA];
	out->name = accepts[TK_IDENT];
	if (out->name)
		remove_names(accepts);
	out->items = mem_new_array(m, const struct keyword *, keyword_count);
	for (size_t i = 0; i < keyword_count; i++) {
		bool label =
			keywords[i].token == TK_RESERVED_WORD || keywords[i].token == TK_RESERVED_WORD_AS ||
			keywords[i].token == TK_COL_NAME_WORD || keywords[i].token == TK_TYPE_FUNC_WORD;
		if (accepts[keywords[i].token] && !label)
			out->items[out->count++] = &keywords[i];
	}
}
