/*
 * The driver: cuts a text into statements, feeds their tokens to the grammar, keeps the limits and
 * turns a refusal of the grammar into a syntax error (expect.c says what was expected). Trees are
 * built by the grammar's actions. Everything of a call lives in the caller's memory node and on the
 * stack: calls don't share anything.
 */
#include "parser/grammar.h"
#include "parser/parser_int.h"
#include "engine/base/utf8.h"

/* ---- tokens with one token of look-ahead ---- */

void stream_init(struct token_stream *s, struct mem *m, struct str text, size_t pos)
{
	lexer_init(&s->lexer, m, text, pos);
	s->has_next = false;
	s->shares = false;
}

/* Looks at the token after; NULL when it can't be read (the error comes when it is its turn). */
static const struct lexed *stream_peek(struct token_stream *s)
{
	if (!s->has_next) {
		size_t pos = s->lexer.pos;
		s->has_next = lexer_next(&s->lexer, &s->next, NULL);
		if (!s->has_next) {
			s->lexer.pos = pos;
			return NULL;
		}
	}
	return &s->next;
}

/* Some words mean two things, told apart by the next word; an LALR(1) grammar wants two tokens. */
static int looked_ahead(int type, const struct keyword *word, const struct lexed *next)
{
	int after = next->type;
	if (type == TK_NOT && (after == TK_BETWEEN || after == TK_IN || after == TK_LIKE ||
							  after == TK_ILIKE || after == TK_SIMILAR))
		return TK_NOT_LA;
	if (type == TK_WITH && (after == TK_TIME || after == TK_ORDINALITY))
		return TK_WITH_LA;
	if (type == TK_IDENT && strcmp(word->word, "nulls") == 0 &&
		(after == TK_FIRST || after == TK_LAST))
		return TK_NULLS_LA;
	return type;
}

/* The words of statements about agreements. They have tokens in these statements alone, so that they reserve
 * nothing in queries; begins: 1 = opens such a statement, 2 = makes one of CREATE, ALTER, DROP, SHOW. */
static const struct sharing_word {
	const char *word;
	int type, begins;
} sharing_words[] = {
	{"access", TK_ACCESS, 2},	{"agency", TK_AGENCY, 2},		  {"aggregate", TK_AGGREGATE, 0}, {"agreement", TK_AGREEMENT, 2},
	{"compare", TK_COMPARE, 0}, {"element", TK_ELEMENT, 2},		  {"grants", TK_GRANTS, 2},		  {"hours", TK_HOURS, 0},
	{"mask", TK_MASK, 0},		{"masked", TK_MASKED, 0},		  {"max", TK_MAX, 0},			  {"minimum", TK_MINIMUM, 0},
	{"preview", TK_PREVIEW, 1}, {"province", TK_PROVINCE, 0},	  {"purpose", TK_PURPOSE, 2},	  {"raw", TK_RAW, 0},
	{"resume", TK_RESUME, 1},	{"sensitivity", TK_SENSITIVITY, 0}, {"suspend", TK_SUSPEND, 1},	  {"under", TK_UNDER, 0},
	{"unit", TK_UNIT, 0},		{"until", TK_UNTIL, 0},			  {"valid", TK_VALID, 0},
};

static const struct sharing_word *sharing_word(const struct token_stream *s, const struct lexed *t)
{
	if (t->type != TK_IDENT || s->lexer.text.data[t->value.pos] == '"')
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(sharing_words); i++)
		if (strcmp(sharing_words[i].word, t->value.text) == 0)
			return &sharing_words[i];
	return NULL;
}

/* Does the statement that begins with t speak of agreements? */
static bool begins_sharing(struct token_stream *s, const struct lexed *t)
{
	const struct sharing_word *w = sharing_word(s, t);
	const struct lexed *next;

	if (t->type == TK_GRANT || t->type == TK_REVOKE || (w && w->begins == 1))
		return true;
	if (t->type != TK_CREATE && t->type != TK_ALTER && t->type != TK_DROP && t->type != TK_SHOW)
		return false;
	next = stream_peek(s);
	w = next ? sharing_word(s, next) : NULL;
	return (w && w->begins == 2) || (next && t->type != TK_SHOW && next->type == TK_USER) ||
		   (next && t->type == TK_ALTER && (next->type == TK_FOREIGN || next->type == TK_TABLE));
}

bool stream_next(struct token_stream *s, bool first, struct lexed *out, struct err *e)
{
	if (s->has_next) {
		*out = s->next;
		s->has_next = false;
	} else if (!lexer_next(&s->lexer, out, e)) {
		return false;
	}
	if (first)
		s->shares = begins_sharing(s, out);
	const struct sharing_word *w = s->shares ? sharing_word(s, out) : NULL;
	if (w)
		out->type = w->type;
	if (s->shares && out->type == TK_WITHIN) {
		const struct lexed *next = stream_peek(s);
		if (next && next->type == TK_IDENT && strcmp(next->value.text, "hours") == 0)
			out->type = TK_WITHIN_LA;
	}
	bool describe = first && !out->keyword && out->type == TK_IDENT &&
					s->lexer.text.data[out->value.pos] != '"';
	if (describe && strcmp(out->value.text, "describe") == 0)
		out->type = TK_DESCRIBE;
	if (out->keyword &&
		(out->type == TK_NOT || out->type == TK_WITH || out->keyword->word[0] == 'n')) {
		const struct lexed *next = stream_peek(s);
		if (next)
			out->type = looked_ahead(out->type, out->keyword, next);
	}
	return true;
}

/* ---- one statement ---- */

/* The first words in lower case, and whether AS stands outside parentheses in a CREATE. */
static void read_leading_words(
	struct parser *p, size_t pos, const char *words[LEADING_WORDS], bool *has_as)
{
	int count = 0;
	long depth = 0;
	bool leading = true;
	for (;;) {
		struct piece piece = piece_at(p->text, pos);
		pos = piece.end;
		if (piece.kind == PIECE_BLANK || piece.kind == PIECE_LINE_COMMENT ||
			piece.kind == PIECE_BLOCK_COMMENT)
			continue;
		char c = piece.kind == PIECE_PUNCTUATION ? p->text.data[piece.start] : '\0';
		if (piece.kind == PIECE_END || piece.open || (c == ';' && depth <= 0))
			return;
		depth += (c == '(') - (c == ')');
		leading = leading && piece.kind == PIECE_WORD && count < LEADING_WORDS &&
				  piece.end - piece.start <= PARSE_MAX_NAME;
		if (leading) {
			char *word = mem_strndup(p->m, p->text.data + piece.start, piece.end - piece.start);
			for (char *w = word; *w; w++)
				if (*w >= 'A' && *w <= 'Z')
					*w = (char)(*w + 32);
			words[count++] = word;
		} else if (strcmp(words[0] ? words[0] : "", "create") != 0) {
			return;
		}
		struct str text = str_make(p->text.data + piece.start, piece.end - piece.start);
		if (depth == 0 && piece.kind == PIECE_WORD && str_eq_nocase(text, STR("as"))) {
			*has_as = true;
			return;
		}
	}
}

/* Feeds the tokens up to `;` or the end. start_token stands before the first one, 0 for a
 * statement. */
static bool run_grammar(
	struct parser *p, struct grammar_machine *g, size_t start, int start_token, size_t *end)
{
	struct token_stream stream;
	struct lexed t;
	stream_init(&stream, p->m, p->text, start);
	if (start_token)
		grammar_token(g, start_token, (struct token){"", 0, (int)start});
	p->last_end = (int)start;
	for (unsigned long n = 0;; n++) {
		if (!stream_next(&stream, n == 0 && !start_token, &t, p->e))
			return false;
		bool last = t.type == 0 || (t.type == TK_SEMICOLON && !start_token);
		grammar_token(g, last ? 0 : t.type, t.value);
		if (p->failed && !err_is_set(p->e))
			report_syntax_error(p, start, start_token, &t);
		if (p->failed)
			return false;
		if (grammar_stack_height(g) > PARSE_MAX_STACK)
			return parse_error(
				p, t.value.pos, ERR_STATEMENT_TOO_COMPLEX, "statement is nested too deeply");
		if (n % 1024 == 1023 && !mem_check(p->m, p->e))
			return false;
		if (last)
			break;
		p->last_end = t.end;
	}
	*end = (size_t)p->last_end;
	return true;
}

static bool parse_one(struct parser *p, size_t start, int start_token, size_t *end)
{
	p->accepted = false;
	p->result = NULL;
	p->params = 0;
	struct grammar_machine *g = grammar_open(p);
	bool ok = run_grammar(p, g, start, start_token, end);
	grammar_close(g);
	if (!ok)
		return false;
	ASSERT(p->accepted && p->result);
	return mem_check(p->m, p->e);
}

/* ---- the text ---- */

static bool check_text(struct str text, struct err *e)
{
	if (text.len > PARSE_MAX_TEXT)
		return err_set(e, ERR_STATEMENT_TOO_COMPLEX,
			"SQL text of %zu bytes is too long; at most %zu MiB are allowed", text.len,
			PARSE_MAX_TEXT >> 20);
	size_t bad = utf8_valid_prefix(text.data, text.len);
	if (bad == text.len)
		return true;
	if (text.data[bad] == '\0')
		return err_at(e, (int)bad, ERR_CHARACTER_NOT_IN_REPERTOIRE,
			"zero byte in the SQL text at byte %zu", bad);
	return err_at(e, (int)bad, ERR_CHARACTER_NOT_IN_REPERTOIRE,
		"invalid UTF-8 byte 0x%02x in the SQL text at byte %zu", (unsigned char)text.data[bad],
		bad);
}

static struct ast *refuse_statement(struct parser *p, size_t start)
{
	const char *words[LEADING_WORDS] = {0};
	bool has_as = false;
	read_leading_words(p, start, words, &has_as);
	const char *name = words[0] ? unsupported_statement(p->m, words, has_as) : NULL;
	return name ? NEW(UNSUPPORTED, unsupported, (int)start, .name = name) : NULL;
}

static bool parse_statements(struct parser *p, struct parse_result *out)
{
	size_t offset = 0, cap = 0;
	struct split_part part;
	while (offset <= p->text.len) {
		/* A statement of the grammar may end earlier than the part does when its parentheses don't
		 * balance, but then it fails; so splitting by parts is exact. */
		size_t from = offset;
		if (!split_next(p->text, &offset, &part)) {
			/* nothing but blanks, or an open comment */
			struct lexer l;
			struct lexed t;
			lexer_init(&l, p->m, p->text, from);
			do {
				if (!lexer_next(&l, &t, p->e))
					return false;
			} while (t.type != 0);
			return true;
		}
		size_t end = part.offset + part.len;
		struct ast *node = refuse_statement(p, part.offset);
		bool tried = node && strcmp(((struct ast_unsupported *)node)->name, "ALTER TABLE") == 0;
		if (tried && parse_one(p, part.offset, 0, &end)) /* of its many forms the grammar has few */
			node = NULL;
		else if (tried)
			err_clear(p->e), p->failed = false;
		else if (!node && !parse_one(p, part.offset, 0, &end))
			return false;
		struct parse_statement s = {
			node ? node : p->result, part.offset, end - part.offset, node ? 0 : p->params};
		MEM_PUSH(p->m, out->statements, out->count, cap, s);
	}
	return true;
}

bool parse_sql(struct mem *m, struct str text, struct parse_result *out, struct err *e)
{
	struct err reason;
	err_clear(&reason);
	*out = (struct parse_result){0};
	struct parser p = {.m = m, .text = text, .e = &reason};
	if (check_text(text, &reason) && parse_statements(&p, out))
		return true;
	return err_copy(e, &reason);
}

static bool parse_alone(
	struct mem *m, struct str text, int start_token, struct ast **out, struct err *e)
{
	struct err reason;
	size_t end;
	err_clear(&reason);
	*out = NULL;
	struct parser p = {.m = m, .text = text, .e = &reason};
	if (!check_text(text, &reason) || !parse_one(&p, 0, start_token, &end))
		return err_copy(e, &reason);
	*out = p.result;
	return true;
}

bool parse_expression(struct mem *m, struct str text, struct ast **out, struct err *e)
{
	return parse_alone(m, text, TK_START_EXPRESSION, out, e);
}

bool parse_type_name(struct mem *m, struct str text, struct ast **out, struct err *e)
{
	return parse_alone(m, text, TK_START_TYPE, out, e);
}
