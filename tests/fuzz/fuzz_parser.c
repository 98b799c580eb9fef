/*
 * Fuzz target of the lexer, the parser and what works on any text beside them. With clang's
 * -fsanitize=fuzzer it is driven by libFuzzer; with -DREPLAY it gets a main that runs the files (or
 * the lines of the corpus files) named on the command line once each.
 *
 *   make CC=clang KIND=asan B=build/fuzz LIB_DIRS="engine/base parser" \
 *       CFLAGS="-fsanitize=fuzzer-no-link -Wno-error -w" build/fuzz/libhopluu.a
 *   clang -g -I. -Ibuild/fuzz -fsanitize=fuzzer,address,undefined tests/fuzz/fuzz_parser.c \
 *       build/fuzz/libhopluu.a $(pkg-config --libs icu-uc icu-i18n libxxhash) -lm -pthread -o
 * build/fuzz/fuzz_parser build/fuzz/fuzz_parser -dict=tests/fuzz/parser.dict build/fuzz/corpus
 * tests/fuzz/corpus
 */
#include <stdio.h>
#include <stdlib.h>
#include "parser/diagnose.h"
#include "parser/lexer.h"
#include "parser/parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) ((x) ? (void)0 : abort())

static bool check_node(struct ast *node, void *arg)
{
	const size_t *len = arg;
	CHECK(node->kind < AST_KIND_COUNT);
	CHECK(node->pos >= 0 && (size_t)node->pos <= *len);
	CHECK(node->depth >= 1 && node->depth <= AST_MAX_DEPTH);
	return ast_children(node, check_node, arg);
}

static void check_tree(struct mem *m, struct ast *node, size_t len)
{
	struct strbuf a, b;
	strbuf_init(&a, 0);
	strbuf_init(&b, 0);
	check_node(node, &len);
	struct ast *copy = ast_copy(m, node);
	CHECK(ast_equal(copy, node));
	ast_print(node, &a);
	ast_print(copy, &b);
	CHECK(str_eq(strbuf_str(&a), strbuf_str(&b)));
	strbuf_release(&a);
	strbuf_release(&b);
}

static void check_error(struct str text, const struct err *e)
{
	struct strbuf out;
	strbuf_init(&out, 0);
	CHECK(err_is_set(e) && e->message[0] != '\0' && e->code != ERR_INTERNAL);
	CHECK(e->position >= 0 && (size_t)e->position <= text.len + 1);
	err_render_caret(&out, text, e, 40);
	strbuf_release(&out);
}

static void check_pieces(struct str text)
{
	size_t pos = 0, offset = 0;
	struct split_part part;
	for (;;) {
		struct piece p = piece_at(text, pos);
		CHECK(p.start == pos && p.end <= text.len);
		if (p.kind == PIECE_END)
			break;
		CHECK(p.end > p.start);
		pos = p.end;
	}
	CHECK(pos == text.len);
	while (split_next(text, &offset, &part))
		CHECK(part.offset + part.len <= offset && offset <= text.len);
	split_end(text);
}

/* A quoted name and a quoted literal read back as they were. */
static void check_quotes(struct mem *m, struct str text)
{
	if (memchr(text.data, '\0', text.len) || text.len == 0)
		return;
	struct strbuf out;
	struct parse_result r;
	strbuf_init(&out, 0);
	strbuf_adds(&out, "select ");
	literal_quote(&out, text);
	strbuf_adds(&out, " as ");
	ident_quote(&out, text);
	struct err e;
	err_clear(&e);
	if (parse_sql(m, strbuf_str(&out), &r, &e)) {
		CHECK(r.count == 1);
		const struct ast_select *s =
			AST_AS(SELECT, select, AST_AS(QUERY, query, r.statements[0].node)->body);
		const struct ast_target *target = AST_AS(TARGET, target, s->targets.items[0]);
		CHECK(str_eq(AST_AS(LITERAL, literal, target->value)->value, text));
		CHECK(str_eq(str_of(target->alias), text));
	} else {
		CHECK(e.code == ERR_NAME_TOO_LONG || e.code == ERR_CHARACTER_NOT_IN_REPERTOIRE);
	}
	strbuf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_make((const char *)data, size);
	struct mem *m = mem_new(NULL, MEM_PARSE, "fuzz", 0);
	struct parse_result r;
	struct ast *node;
	struct err e;
	err_clear(&e);
	if (!parse_sql(m, text, &r, &e))
		check_error(text, &e);
	for (uint32_t i = 0; i < r.count; i++) {
		CHECK(r.statements[i].offset + r.statements[i].len <= size);
		check_tree(m, r.statements[i].node, size);
	}
	err_clear(&e);
	if (parse_expression(m, text, &node, &e))
		check_tree(m, node, size);
	else
		check_error(text, &e);
	err_clear(&e);
	if (parse_type_name(m, text, &node, &e))
		check_tree(m, node, size);
	else
		check_error(text, &e);
	if (size > 0) {
		struct next_words next;
		parse_next_words(m, text, &next);
		CHECK(next.count <= keyword_count);
		check_pieces(text);
		check_quotes(m, text);
	}
	mem_free(m);
	return 0;
}

#ifdef REPLAY
static void replay_lines(const char *data, size_t size)
{
	size_t start = 0;
	for (size_t i = 0; i <= size; i++) {
		if (i < size && data[i] != '\n')
			continue;
		LLVMFuzzerTestOneInput((const uint8_t *)data + start, i - start);
		start = i + 1;
	}
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		if (!f) {
			perror(argv[i]);
			return 1;
		}
		static char data[1 << 20];
		size_t size = fread(data, 1, sizeof(data), f);
		fclose(f);
		LLVMFuzzerTestOneInput((const uint8_t *)data, size);
		replay_lines(data, size);
	}
	printf("%d passed, 0 failed\n", argc - 1); /* a failed check aborts */
	return 0;
}
#endif
